/* The minibatch engine: epochs over shuffled rows, an optimizer, a schedule, validation, early stopping, checkpoints.
 *
 * All randomness hangs on the seed, the epoch and the step, so that a run that goes on from a checkpoint is the run
 * that was never interrupted, bit for bit. Rows are shuffled as a whole up to 256 MiB of them; beyond that in blocks:
 * the blocks in random order, and rows within each 256 MiB of blocks (so that spilled rows are read nearly in order).
 */
#ifndef WEIR_MODEL_TRAINER_H
#define WEIR_MODEL_TRAINER_H

#include "model/dataset.h"
#include "model/network_model.h"
#include "nn/optimizer.h"

struct weir_trainer_options {
    struct weir_optimizer_options optimizer;
    struct weir_schedule schedule;
    int64_t batch; /* rows a minibatch; for gd all rows are one */
    int64_t epochs;
    int64_t patience; /* epochs without a better validation loss before it ends; 0: never */
    uint64_t seed;
    bool bfloat16;
    const char *checkpoint;   /* file, NULL: none */
    int64_t checkpoint_every; /* epochs, or steps */
    bool checkpoint_steps;
    const char *resume;      /* a checkpoint to go on from; NULL: none */
    const char *fingerprint; /* of data and options: a checkpoint of another run is refused */
};

/* What it learns from. Arrays by row are indexed by the dataset's rows. */
struct weir_trainer_data {
    const struct weir_dataset *dataset;
    const int32_t *classes; /* NULL: targets */
    const double *targets;  /* in the label's units; the network learns (target - offset) / scale */
    const float *weights;   /* NULL: all 1 */
    const int64_t *train, *validation;
    int64_t train_count, validation_count;
};

struct weir_trainer_report {
    int64_t epoch, epochs; /* 1-based */
    int64_t step, steps;   /* minibatches done of all */
    int64_t rows;          /* learned from, in all epochs and this run */
    double loss;           /* of this epoch so far; in the label's units */
    double accuracy;       /* likewise; NaN: none */
    double learning_rate;
    bool epoch_end;
    double validation_loss, validation_accuracy; /* NaN: none */
};

struct weir_trainer_events {
    void *context;
    void (*report)(void *context, const struct weir_trainer_report *report); /* after each step and each epoch */
    bool (*stop)(void *context);                                             /* asked after each step */
};

struct weir_trainer_result {
    bool interrupted;
    bool early;         /* patience ran out */
    int64_t epochs;     /* finished */
    int64_t best_epoch; /* 1-based, whose parameters the model has; 0: the last */
    double loss, accuracy, validation_loss, validation_accuracy; /* of that epoch; NaN: none */
};

/* Trains model->state's network in place and writes its history into model->training ("epochs", "best_epoch",
 * "complete"). An error that names the minibatch when the loss is no number any more or explodes: then the model is of
 * no use, and the last checkpoint stands. */
int weir_train_network(struct weir_model *model, const struct weir_trainer_data *data,
                       const struct weir_trainer_options *options, const struct weir_trainer_events *events,
                       struct weir_pool *pool, struct weir_trainer_result *result, struct weir_error *error);

/* One epoch of the record "epochs", numbers that are NaN left out: a new reference, NULL when out of memory. */
json_t *weir_trainer_epoch(double loss, double accuracy, double validation_loss, double validation_accuracy);

/* 0, or -1 when the loss of the rows for validation is no number that can be told. */
int weir_trainer_check_validation(double loss, int64_t rows, struct weir_error *error);

/* Loss and accuracy (NaN for values) of a model over data->validation, as training would tell them. */
int weir_trainer_evaluate(struct weir_model *model, const struct weir_trainer_data *data, struct weir_pool *pool,
                          double *loss, double *accuracy, struct weir_error *error);

#endif
