/* Within lib/format: what reading and writing PostgreSQL share. */
#ifndef WEIR_FORMAT_POSTGRESQL_PRIVATE_H
#define WEIR_FORMAT_POSTGRESQL_PRIVATE_H

#include "format/rows.h"
#include <postgresql/libpq-fe.h>

/* The functions of libpq, looked up when a database is opened: it brings Kerberos and LDAP along, which no other start
 * of a program should pay for. */
#define WEIR_LIBPQ(X)                                                                                                  \
    X(conninfoParse)                                                                                                   \
    X(conninfoFree)                                                                                                    \
    X(connectdbParams)                                                                                                 \
    X(status)                                                                                                          \
    X(connectionNeedsPassword)                                                                                         \
    X(setNoticeProcessor)                                                                                              \
    X(errorMessage)                                                                                                    \
    X(finish)                                                                                                          \
    X(execParams)                                                                                                      \
    X(prepare)                                                                                                         \
    X(describePrepared)                                                                                                \
    X(getResult)                                                                                                       \
    X(resultStatus)                                                                                                    \
    X(resultErrorField)                                                                                                \
    X(cmdStatus)                                                                                                       \
    X(ntuples)                                                                                                         \
    X(nfields)                                                                                                         \
    X(fname)                                                                                                           \
    X(ftype)                                                                                                           \
    X(getvalue)                                                                                                        \
    X(getisnull)                                                                                                       \
    X(clear)                                                                                                           \
    X(getCopyData)                                                                                                     \
    X(putCopyData)                                                                                                     \
    X(putCopyEnd)                                                                                                      \
    X(freemem)

struct weir_libpq {
#define MEMBER(name) __typeof__(PQ##name) *name;
    WEIR_LIBPQ(MEMBER)
#undef MEMBER
};

struct weir_postgresql {
    struct weir_libpq pq;
    PGconn *connection;
    bool no_values; /* cell values stay out of messages */
    int64_t rows;   /* read so far, for messages */
};

/* Connects to what "postgresql://..." names. unreachable: the status when that fails. An address with a password in it
 * is refused. Starts as { 0 }; weir_postgresql_close is due also after a failure. */
int weir_postgresql_open(struct weir_postgresql *database, const char *address, enum weir_status unreachable,
                         struct weir_error *error);
void weir_postgresql_close(struct weir_postgresql *database);
/* One statement with text parameters and results; NULL: an error. To be cleared. */
PGresult *weir_postgresql_ask(struct weir_postgresql *database, const char *sql, int count, const char *const *values,
                              ExecStatusType wanted, struct weir_error *error);
int weir_postgresql_execute(struct weir_postgresql *database, const char *sql, struct weir_error *error);
/* What the server, or libpq when `result` is NULL, says went wrong; returns -1. */
int weir_postgresql_fail(struct weir_postgresql *database, const PGresult *result, struct weir_error *error);
/* A table's name in quotes; a dot stands between a schema and the name. */
void weir_postgresql_relation(struct weir_buffer *out, const char *name);

/* --- values in the binary form of COPY --- */

enum weir_pg_form {
    WEIR_PG_BOOL,
    WEIR_PG_INTEGER, /* int2, int4, int8 */
    WEIR_PG_FLOAT,   /* float4, float8 */
    WEIR_PG_TEXT,
    WEIR_PG_JSONB,
    WEIR_PG_UUID,
    WEIR_PG_BYTEA,
    WEIR_PG_DATE,
    WEIR_PG_TIMESTAMP,
    WEIR_PG_NUMERIC, /* decimal digits, as text */
};

struct weir_pg_type {
    Oid oid, array; /* array: of the type of its arrays, 0 when they are not read */
    enum weir_pg_form form;
    enum weir_kind kind;
    bool zoned;
};

/* One column of what is copied. */
struct weir_pg_column {
    const struct weir_pg_type *type; /* of the items, when it is an array */
    bool array;
    struct weir_builder native; /* of the type that the values have by themselves */
    int target;                 /* the column of the rows, or -1: it is not wanted */
    bool direct;                /* the rows want the type that the values have */
};

/* The data of COPY ... TO STDOUT (FORMAT binary), message by message. */
struct weir_pg_copy {
    struct weir_pg_column *columns;
    int count;
    bool began, ended; /* the signature was seen, the trailer was */
    struct weir_buffer text;
};

enum weir_pg_verdict { WEIR_PG_FITS, WEIR_PG_MISFIT /* no value of our type */, WEIR_PG_DAMAGED };
/* Whether bytes[length] are a value of the column as its send function writes them. */
enum weir_pg_verdict weir_pg_check(const struct weir_pg_column *column, const char *bytes, size_t length);
/* A value that was found to fit, into a builder of the column's own type; text: scratch. */
void weir_pg_append(struct weir_builder *builder, const struct weir_pg_column *column, const char *bytes, size_t length,
                    struct weir_buffer *text);
/* The type by its number (array: whether it is of its arrays), or NULL: it is none that is read. */
const struct weir_pg_type *weir_pg_type_find(Oid oid, bool *array);
extern const struct weir_pg_type weir_pg_text; /* what enumerations are read as */
/* The type that the values have by themselves, into `type`: { 0 }. -1: out of memory. */
int weir_pg_type_native(const struct weir_pg_type *type, bool array, struct weir_type *native);
/* When the rows are ready: wanted[rows->count] as in weir_format.start. */
void weir_pg_copy_start(struct weir_pg_copy *copy, const struct weir_rows *rows, const int *wanted);
/* Appends the rows of one message, of which nothing is believed. */
int weir_pg_copy_message(struct weir_pg_copy *copy, struct weir_rows *rows, const char *bytes, size_t size,
                         struct weir_error *error);
void weir_pg_copy_release(struct weir_pg_copy *copy);

int weir_postgresql_read_open(struct weir_table *table, struct weir_error *error);
int weir_postgresql_read_start(struct weir_table *table, const int *wanted, struct weir_error *error);
int weir_postgresql_read_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error);
void weir_postgresql_read_close(struct weir_table *table);

int weir_postgresql_create(struct weir_table_out *out, struct weir_error *error);
int weir_postgresql_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error);
int weir_postgresql_finish(struct weir_table_out *out, struct weir_error *error);
int weir_postgresql_commit(struct weir_table_out *out, struct weir_error *error);
void weir_postgresql_destroy(struct weir_table_out *out);

#endif
