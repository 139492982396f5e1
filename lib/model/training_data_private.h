/* What training_data.c (reading) and training_finish.c (the end of it) share. */
#ifndef WEIR_MODEL_TRAINING_DATA_PRIVATE_H
#define WEIR_MODEL_TRAINING_DATA_PRIVATE_H

#include "base/hash.h"
#include "model/training_data.h"

/* How a feature column of the stream is kept in a record. */
enum weir_source_form {
    WEIR_SOURCE_NUMBER, /* floats or bytes */
    WEIR_SOURCE_TEXT,   /* a category: number of its text, later its slot */
    WEIR_SOURCE_TIME    /* whole numbers on their own, later one float in the record */
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
};

struct weir_collector {
    const struct weir_schema *schema;
    struct weir_source *sources;
    size_t source_count;
    int label, weight, group, split; /* columns, -1: none */
    struct weir_stage *encode;       /* NULL: nothing to encode */
    bool learning;
    struct weir_hasher *hasher;
    uint8_t *present;
    size_t present_capacity;
    uint64_t *hashes;
    size_t hash_capacity;
    size_t weight_capacity, group_capacity, split_capacity;
    int64_t stream_rows;
};

void weir_collector_release(struct weir_collector *collector); /* NULL is accepted */

#endif
