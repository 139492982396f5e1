/* A checkpoint: the model as it is (it can be scored with), and all that is needed to go on as if nothing had happened,
 * in the metadata "weir:resume" and the tensors "resume.*". */
#ifndef WEIR_MODEL_CHECKPOINT_H
#define WEIR_MODEL_CHECKPOINT_H

#include "model/network_model.h"
#include "nn/optimizer.h"

/* Where a run stands. */
struct weir_training_state {
    int64_t epoch;   /* being learned, 0-based */
    int64_t batch;   /* minibatches of it that are done */
    int64_t step;    /* minibatches done in all */
    double loss_sum; /* of the epoch so far, weighted */
    double weight_sum;
    int64_t correct, rows;
    double first_loss;  /* of the first minibatch: what an explosion is measured by */
    int64_t best_epoch; /* 1-based, 0: none yet */
    double best_loss;
    int64_t stale;                       /* epochs since the best */
    json_t *history;                     /* one object an epoch; owned */
    float *best_parameters, *best_state; /* NULL: no validation */
};

/* Replaces the file at `path` as a whole, so that the one before stands until this one does. fingerprint: text that
 * runs have in common which may go on from each other's checkpoints. 0 or -1. */
int weir_checkpoint_write(const char *path, const struct weir_model *model, const struct weir_training_state *state,
                          struct weir_optimizer *optimizer, const char *fingerprint, struct weir_error *error);
/* Fills the model's network, the state (best_parameters and best_state: room that the caller made) and the optimizer.
 * 0, or -1: WEIR_NO_INPUT when there is no such file, WEIR_BAD_DATA when it is no checkpoint of a run with this
 * fingerprint. */
int weir_checkpoint_read(const char *path, struct weir_model *model, struct weir_training_state *state,
                         struct weir_optimizer *optimizer, const char *fingerprint, struct weir_error *error);

#endif
