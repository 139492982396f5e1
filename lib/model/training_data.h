/* From a stream to rows to learn from: the features as a dataset, the label, weights, groups, and which rows learn and
 * which validate. The stream is read once; text, category and time columns that nothing has encoded go through the
 * stage `encode`, which is appended to the plan. With a sparse column among the features all of them are entries.
 *
 * A stream that is learned from while it is read holds no more than a batch: weir_training_data_begin_stream, and for
 * each batch weir_training_data_read. */
#ifndef WEIR_MODEL_TRAINING_DATA_H
#define WEIR_MODEL_TRAINING_DATA_H

#include "model/dataset.h"
#include "model/entries.h"
#include "model/label.h"
#include "model/model.h"

struct weir_training_data {
    struct weir_dataset dataset;
    struct weir_entries entries; /* the rows, when features.sparse_count is above 0 */
    struct weir_feature_list features;
    struct weir_label label;
    struct weir_plan plan;
    float *weights;   /* [rows]; NULL: all 1 */
    uint64_t *groups; /* [rows]: hash of the group; NULL: no such column */
    uint8_t *splits;  /* [rows]: enum weir_split; NULL: no such column */
    uint8_t *made;    /* [rows]: 1 of rows that were made of others; NULL: no such column */
    int64_t rows;
    int64_t unlabelled;  /* rows left out for want of a label */
    int64_t *train;      /* [train_count] rows, ascending */
    int64_t *validation; /* [validation_count] rows, ascending */
    int64_t train_count, validation_count;
    int64_t left_out;                 /* made rows on the side of validation, which are on neither */
    char digest[33];                  /* of all values that were read, whatever the batches */
    struct weir_buffer encoded;       /* the columns that train encoded itself, for a person; empty: none */
    struct weir_collector *collector; /* while reading */
};

/* TEST: on neither side. */
enum weir_split { WEIR_SPLIT_TRAIN, WEIR_SPLIT_VALIDATION, WEIR_SPLIT_TEST };

/* memory: bytes of rows to hold before spilling. `data` is overwritten. The schema must live until finish. */
int weir_training_data_begin(struct weir_training_data *data, const struct weir_schema *schema, size_t memory,
                             struct weir_error *error);
int weir_training_data_add(struct weir_training_data *data, const struct weir_batch *batch, struct weir_error *error);
int weir_training_data_finish(struct weir_training_data *data, struct weir_error *error);

/* Rows that are not kept: the features are those of the schema, and nothing is encoded here. */
int weir_training_data_begin_stream(struct weir_training_data *data, const struct weir_schema *schema,
                                    struct weir_error *error);
/* Labels, weights and splits of the batch's rows that have a label, in place of those of the batch before; present[row]
 * (of data->collector) says which those are. first: the batch belongs to the first pass, and is counted and digested.
 */
int weir_training_data_read(struct weir_training_data *data, const struct weir_batch *batch, bool first,
                            struct weir_error *error);
/* The end of the first pass: the digest. */
void weir_training_data_end_stream(struct weir_training_data *data);

/* Chooses the rows for validation: those that the split column names, else share of the rows (all rows of a group on
 * one side). Made rows among them are left out. 0 <= share < 1. */
int weir_training_data_divide(struct weir_training_data *data, double share, uint64_t seed, struct weir_error *error);
void weir_training_data_release(struct weir_training_data *data);

#endif
