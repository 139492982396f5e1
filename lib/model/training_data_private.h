/* Rows to learn from while they are read, for the files training_*.c. */
#ifndef WEIR_MODEL_TRAINING_DATA_PRIVATE_H
#define WEIR_MODEL_TRAINING_DATA_PRIVATE_H

#include "base/hash.h"
#include "model/training_data.h"
#include "stream/sparse.h"

/* How a feature column of the stream is kept in a record. */
enum weir_source_form {
    WEIR_SOURCE_NUMBER, /* floats or bytes */
    WEIR_SOURCE_TEXT,   /* a category: number of its text, later its slot */
    WEIR_SOURCE_TIME,   /* whole numbers on their own, later one float in the record */
    WEIR_SOURCE_SPARSE  /* entries beside the record */
};

struct weir_source {
    int column; /* in the schema */
    enum weir_source_form form;
    enum weir_storage storage;
    int64_t width; /* numbers a row */
    size_t offset; /* in the record */
    struct weir_intern texts;
    int32_t *codes; /* a dictionary's entries in `texts`, for the batch at hand */
    size_t code_capacity;
    int64_t *times; /* [rows] */
    size_t time_capacity;
    struct weir_sparse sparse; /* of the batch at hand */
};

struct weir_collector {
    const struct weir_schema *schema;
    struct weir_source *sources;
    size_t source_count;
    int64_t sparse_width;                  /* of all sparse columns together */
    int label, weight, group, split, made; /* columns, -1: none */
    struct weir_stage *encode;             /* NULL: nothing to encode */
    bool learning;
    struct weir_hasher *hasher;
    uint8_t *present;
    size_t present_capacity;
    uint64_t *hashes;
    size_t hash_capacity;
    size_t weight_capacity, group_capacity, split_capacity, made_capacity;
    int64_t stream_rows;
};

void weir_collector_release(struct weir_collector *collector); /* NULL is accepted */

/* "row 17: column 'age' WHAT"; stream_row counts from 0. Returns -1. */
int weir_fail_row(const struct weir_field *field, int64_t stream_row, const char *what, struct weir_error *error);

static inline bool weir_has_nulls(const struct weir_column *column, const struct weir_type *type)
{
    return column->null_count || (type->kind == WEIR_FIXED_LIST && column->children[0].null_count);
}

/* training_columns.c: how each feature column is kept; columns that give no numbers are an error that names them. */
int weir_training_plan_sources(struct weir_collector *collector, struct weir_error *error);
/* The place of each in a record, and the record's size: floats and slots first, bytes behind them, so that all are
 * aligned. */
size_t weir_training_lay_out(struct weir_collector *collector);
/* Rows first .. first + rows - 1 of a column into the records, which are row, row + 1, ... of the dataset. */
int weir_training_put(struct weir_training_data *data, struct weir_source *source, const struct weir_batch *batch,
                      int64_t first, int64_t rows, int64_t row, uint8_t *record, struct weir_error *error);

/* training_entries.c. The sparse columns of a batch are checked; then rows first .. first + rows - 1 of them become
 * rows of data->entries, their places those of the sparse columns side by side. */
int weir_training_open_sparse(struct weir_collector *collector, const struct weir_batch *batch,
                              struct weir_error *error);
int weir_training_put_entries(struct weir_training_data *data, const struct weir_batch *batch, int64_t first,
                              int64_t rows, struct weir_error *error);
/* All rows are there, and the features are known: their places become those of the features, dense ones among them. */
int weir_training_merge_entries(struct weir_training_data *data, struct weir_error *error);

/* training_sides.c: whether a column of weights (-1: none) can be one. */
int weir_training_check_weight(const struct weir_schema *schema, int column, struct weir_error *error);
/* Weights, groups and splits of the rows that have a label; `to` is the first one's number. */
int weir_training_put_sides(struct weir_training_data *data, const struct weir_batch *batch, int64_t to,
                            struct weir_error *error);

/* training_digest.c: every value that is learned from, row by row: the digest does not hang on the batches. */
int weir_training_digest(struct weir_collector *collector, const struct weir_batch *batch, struct weir_error *error);

#endif
