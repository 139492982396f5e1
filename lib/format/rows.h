/* Rows that come one value at a time, gathered into batches under --bad: what readers of databases share. */
#ifndef WEIR_FORMAT_ROWS_H
#define WEIR_FORMAT_ROWS_H

#include "format/format.h"

struct weir_rows {
    struct weir_table *table;
    struct weir_builder *builders;   /* one for each column of table->schema */
    const struct weir_known **known; /* [count] what is known of them, or NULL */
    int count;
    int64_t rows;            /* that are complete */
    size_t bytes;            /* about so many in them */
    bool drop_row;           /* the row at hand, under --bad drop */
    int32_t row_flag;        /* of the row at hand, as in weir_table.flags */
    struct weir_buffer drop; /* a byte a row, under --bad drop */
    struct weir_buffer flags;
};

/* For a database's `open`, when table->schema has its columns: what is known of them by --types and --like takes the
 * place of their types. */
int weir_rows_settle(struct weir_table *table, struct weir_error *error);

/* For a table whose schema is settled. weir_rows_release is due also after a failure. */
int weir_rows_init(struct weir_rows *rows, struct weir_table *table, struct weir_error *error);
void weir_rows_release(struct weir_rows *rows);

/* In the row at hand every column gets one value, by its builder or by one of these two. The first takes what the text
 * means to the column's type, whatever that is: a marker of --missing is null, and what does not fit is refused. */
int weir_rows_text(struct weir_rows *rows, int column, const char *text, size_t length, struct weir_error *error);
/* A value against its type: null is appended in its place, or it is an error. what: "holds a NUL byte"; NULL: it is
 * not of the type. */
int weir_rows_refuse(struct weir_rows *rows, int column, const char *text, size_t length, const char *what,
                     struct weir_error *error);

/* The row at hand is complete. */
void weir_rows_end(struct weir_rows *rows);
/* Enough for a batch. */
bool weir_rows_full(const struct weir_rows *rows);
/* Moves the rows into a batch, counts them in the table and starts anew: 1, 0 when there was none, -1. */
int weir_rows_finish(struct weir_rows *rows, struct weir_batch *batch, struct weir_error *error);

#endif
