/* Within lib/format: what reading and writing SQLite share. */
#ifndef WEIR_FORMAT_SQLITE_PRIVATE_H
#define WEIR_FORMAT_SQLITE_PRIVATE_H

#include "format/format.h"
#include <sqlite3.h>

#define WEIR_SQLITE_SCHEME "sqlite:"
enum { WEIR_SQLITE_WAIT = 10000 /* milliseconds for a lock that another program holds */ };

/* Opens the file that "sqlite:FILE" names, with the flags of sqlite3_open_v2 beside those that all want. The database
 * is to be closed also after a failure, when it is not NULL. */
int weir_sqlite_open(sqlite3 **database, const char *source, int flags, struct weir_error *error);
/* "app.db: what SQLite says", with the status that fits it; returns -1. */
int weir_sqlite_fail(sqlite3 *database, const char *source, struct weir_error *error);
/* "app.db: after row 5: what SQLite says"; rows: how many were read, 0 for none. */
int weir_sqlite_fail_after(sqlite3 *database, const char *source, int64_t rows, struct weir_error *error);
int weir_sqlite_execute(sqlite3 *database, const char *source, const char *sql, struct weir_error *error);
/* A name in quotes, its own doubled, appended. */
void weir_sql_quote(struct weir_buffer *out, const char *name);

int weir_sqlite_read_open(struct weir_table *table, struct weir_error *error);
int weir_sqlite_read_start(struct weir_table *table, const int *wanted, struct weir_error *error);
int weir_sqlite_read_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error);
void weir_sqlite_read_close(struct weir_table *table);

int weir_sqlite_create(struct weir_table_out *out, struct weir_error *error);
int weir_sqlite_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error);
int weir_sqlite_commit(struct weir_table_out *out, struct weir_error *error);
void weir_sqlite_destroy(struct weir_table_out *out);

#endif
