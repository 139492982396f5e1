/* Sparse rows: a column of type list<struct<index: uint32, value: float32>> whose field has the key weir:width, the
 * number of places a row has. In a row the indices ascend, each below the width; a place that is not named holds 0. */
#ifndef WEIR_STREAM_SPARSE_H
#define WEIR_STREAM_SPARSE_H

#include "stream/batch.h"

#define WEIR_WIDTH_KEY "weir:width"

/* Whether the type is that of sparse rows, whatever the metadata says. */
bool weir_sparse_is(const struct weir_type *type);
/* The width that the field's metadata says, 1 .. 2^32, of a field of that type; -1 with the message (WEIR_BAD_DATA,
 * naming the column): there is none, or it is no width. */
int64_t weir_sparse_width(const struct weir_field *field, struct weir_error *error);
/* Gives `field` the type and the width. -1: out of memory. */
int weir_field_make_sparse(struct weir_field *field, int64_t width);

/* The rows of such a column; borrowed from it. Row r holds entries offsets[r] .. offsets[r + 1] - 1; a null row has
 * none. */
struct weir_sparse {
    int64_t rows;
    const int32_t *offsets; /* [rows + 1] */
    const uint32_t *index;
    const float *value;
};
/* The rows as they stand; -1 with the message when something within is null. */
int weir_sparse_view(struct weir_sparse *sparse, const struct weir_field *field, const struct weir_column *column,
                     struct weir_error *error);
/* Checks that the indices of rows first .. first + rows - 1 ascend below `width` and that their values are finite: -1
 * with the message, which names the field and the row of the batch. */
int weir_sparse_check(const struct weir_sparse *sparse, const struct weir_field *field, int64_t width, int64_t first,
                      int64_t rows, struct weir_error *error);
/* Both, for all rows. */
int weir_sparse_open(struct weir_sparse *sparse, const struct weir_field *field, const struct weir_column *column,
                     int64_t width, struct weir_error *error);

/* Makes a column ({ 0 }) of rows whose entries the caller has laid out: the slices ([rows + 1] int32, from 0, and
 * offsets[rows] uint32 and float32) pass to the column, also on an error. validity may be empty: no null. */
int weir_sparse_column(struct weir_column *column, int64_t rows, struct weir_slice validity, int64_t null_count,
                       struct weir_slice offsets, struct weir_slice index, struct weir_slice value,
                       struct weir_error *error);

#endif
