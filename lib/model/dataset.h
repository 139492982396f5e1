/* The training rows, in memory in narrow form, row by row, and any of them as floats.
 *
 * A row is a record of fixed size: numbers as float32, small ones (bool, uint8, int8) as bytes, encoded categories as
 * the one slot that is 1. Records lie in chunks of about 1 MiB; past `memory` bytes, chunks go to an unlinked file in
 * $TMPDIR that is mapped again when all rows are there. */
#ifndef WEIR_MODEL_DATASET_H
#define WEIR_MODEL_DATASET_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum weir_storage {
    WEIR_STORE_FLOAT,  /* float32, `count` of them */
    WEIR_STORE_UINT8,  /* bytes 0 .. 255 */
    WEIR_STORE_INT8,   /* bytes -128 .. 127 */
    WEIR_STORE_SLOT,   /* int32: which of the `width` numbers is 1; negative: none */
    WEIR_STORE_NOTHING /* kept in the record, no number of x */
};

/* A run of a record and the numbers of x that it gives. Runs of the same storage that follow one another in both are
 * one. */
struct weir_segment {
    enum weir_storage storage;
    size_t offset; /* bytes from the record's start */
    int64_t x;     /* first number of x */
    int64_t width; /* numbers of x */
};

struct weir_dataset {
    struct weir_segment *segments;
    size_t segment_count, segment_capacity;
    int64_t width; /* numbers a row of x */
    size_t record_size;
    int64_t rows;
    int shift;     /* rows a chunk: 1 << shift */
    size_t memory; /* bytes of chunks to hold before spilling */
    uint8_t **chunks;
    size_t chunk_count, chunk_capacity;
    size_t held;      /* chunks that are in memory of their own: the first ones */
    uint8_t *buffer;  /* the chunk that is being filled for the file */
    int descriptor;   /* of the file, -1: none */
    uint8_t *mapping; /* of the file */
    size_t mapping_size;
};

/* `dataset` is overwritten. */
void weir_dataset_init(struct weir_dataset *dataset, size_t record_size, size_t memory);
/* Appends up to `wanted` records that lie one after the other, all zero, and returns the first, to be filled until the
 * next call; *got (at least 1) says how many. NULL with the message. */
uint8_t *weir_dataset_append(struct weir_dataset *dataset, int64_t wanted, int64_t *got, struct weir_error *error);
/* All rows are there: maps what was spilled. Records may be changed in place until training begins. */
int weir_dataset_finish(struct weir_dataset *dataset, struct weir_error *error);
void weir_dataset_release(struct weir_dataset *dataset);

/* Adds a run to the layout of x, in the order of x. */
int weir_dataset_add_segment(struct weir_dataset *dataset, enum weir_storage storage, size_t offset, int64_t width,
                             struct weir_error *error);

static inline uint8_t *weir_dataset_record(const struct weir_dataset *dataset, int64_t row)
{
    size_t within = (size_t)(row & (((int64_t)1 << dataset->shift) - 1));
    return dataset->chunks[row >> dataset->shift] + within * dataset->record_size;
}

/* x[count][width] of the rows rows[0 .. count - 1]. */
void weir_dataset_gather(const struct weir_dataset *dataset, const int64_t *rows, int64_t count, float *x);

#endif
