/* The inside of training, for the files training*.c. */
#ifndef WEIR_NN_TRAINING_PRIVATE_H
#define WEIR_NN_TRAINING_PRIVATE_H

#include "nn/internal.h"

enum { WEIR_TRAINING_SHARDS = 8 }; /* at most */

/* What the source gives. */
struct weir_given {
    float *x; /* NULL: it goes straight into the network's value 0 */
    int32_t *classes;
    float *targets, *weights;
};

struct weir_training_shard {
    struct weir_pass *pass;
    struct weir_given given;
    float *gradients; /* NULL for the first: it writes into the training's */
    double loss;
    int64_t correct;
    bool failed;
};

struct weir_evaluator { /* of one thread */
    struct weir_pass *pass;
    struct weir_given given;
};

struct weir_training {
    struct weir_network *network;
    struct weir_pool *pool;
    struct weir_training_options options;
    struct weir_compiled *compiled;
    int layers; /* that the loss stands on */
    float *gradients;
    int shards;
    int64_t shard_rows;
    struct weir_training_shard shard[WEIR_TRAINING_SHARDS];
    struct weir_evaluator *evaluators;
    double *partial; /* loss and correct of each task of an evaluation */
    size_t partial_capacity;
    int *packing; /* layers that pack */
    int packings;
    int *stops; /* layers with statistics over the minibatch */
    int stop_count;
};

/* Room for `rows` rows. 0 or -1. */
int weir_given_allocate(struct weir_given *given, int64_t rows, const struct weir_network *network,
                        struct weir_error *error);
/* The pass's rows from the minibatch's source; x into the network's value 0. */
void weir_given_fill(const struct weir_minibatch *minibatch, struct weir_pass *pass, struct weir_given *given);
/* Sum of the weighted losses of a pass's rows; with `gradient` also the gradient of that sum times scale. */
double weir_training_loss(const struct weir_training *training, struct weir_pass *pass, const struct weir_given *given,
                          double scale, bool gradient, int64_t *correct);

#endif
