/* A run of the minibatch engine, for the files trainer*.c. */
#ifndef WEIR_MODEL_TRAINER_PRIVATE_H
#define WEIR_MODEL_TRAINER_PRIVATE_H

#include "model/checkpoint.h"
#include "model/trainer.h"

struct weir_trainer {
    struct weir_model *model;
    struct weir_network *network;
    struct weir_loss loss;
    const struct weir_trainer_data *data;
    const struct weir_trainer_options *options;
    const struct weir_trainer_events *events;
    struct weir_pool *pool;
    struct weir_training *training;
    struct weir_optimizer *optimizer;
    struct weir_training_state state;
    int64_t batch;   /* rows of a minibatch, but for an epoch's last */
    int64_t batches; /* minibatches of an epoch */
    int64_t steps;   /* minibatches of the whole run */
    int64_t part;    /* rows that are computed at once: a larger minibatch is summed up from parts */
    double *sums;    /* [parameters], when there are parts */
    int64_t *order;  /* [train_count] rows, as this epoch takes them */
    int64_t outputs;
    double target_offset, target_scale; /* as in struct weir_network_model */
    double loss_scale;                  /* from the network's loss to the label's units */
    int64_t rows_done;                  /* learned from in this run, those of earlier epochs again */
    const int64_t *minibatch;           /* rows of the one that is being filled */
    double validation_loss, validation_accuracy;
};

/* trainer_order.c: the rows in the order of the present epoch, which follows from the seed and the epoch alone. */
int weir_trainer_shuffle(struct weir_trainer *t, struct weir_error *error);

/* trainer_minibatch.c. Gradient (in the training's buffer), mean loss, sum of weights and rows predicted rightly (where
 * the loss counts them) of the minibatch order[first .. first + rows - 1]. */
int weir_trainer_gradient(struct weir_trainer *t, int64_t first, int64_t rows, double *loss, double *weight,
                          int64_t *correct, struct weir_error *error);
/* Loss in the label's units and accuracy (NaN for values) over some rows, without learning. An infinite loss is an
 * error. */
int weir_trainer_measure(struct weir_trainer *t, const int64_t *rows, int64_t count, double *loss, double *accuracy,
                         struct weir_error *error);

/* trainer_accuracy.c: of some rows, those whose likeliest class is theirs. */
int weir_trainer_count_correct(struct weir_trainer *t, const int64_t *rows, int64_t count, int64_t *correct,
                               struct weir_error *error);

#endif
