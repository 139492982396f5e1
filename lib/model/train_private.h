/* What training decides before it begins, for the files train*.c. */
#ifndef WEIR_MODEL_TRAIN_PRIVATE_H
#define WEIR_MODEL_TRAIN_PRIVATE_H

#include "model/regression.h"
#include "model/regression_model.h"
#include "model/train.h"
#include "nn/sparse_optimizer.h"
#include <string.h>

struct weir_choice {
    const struct weir_train_options *options;
    struct weir_training_data *data;
    struct weir_model *model;
    struct weir_network_model *network; /* the model's state, or */
    struct weir_regression_model *regression;
    struct weir_loss *loss;                                /* of either */
    bool exact;                                            /* fitted to the end, not by minibatches */
    bool streamed;                                         /* learned from while it is read */
    struct weir_sparse_optimizer_options sparse_optimizer; /* streamed */
    struct weir_optimizer_options optimizer;
    struct weir_schedule schedule;
    int64_t epochs; /* exact: the most iterations */
    int64_t batch;
    double l2;
    struct weir_shape shape; /* of one row */
    int32_t *classes;        /* by row, or */
    double *targets;         /* by row */
    float *weights;          /* by row, class weights multiplied in; NULL: all 1 */
};

/* NULL, which is no word, is none of them. */
static inline bool weir_is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

static inline bool weir_is_class_loss(const char *name)
{
    enum weir_loss_kind kind;
    return name && weir_loss_parse(name, &kind) && weir_loss_takes_classes(kind);
}

/* train_choose.c: in this order, each 0 or -1. The label's values become classes or targets; then the network with its
 * loss, and the method that fits it. */
int weir_choose_label(struct weir_choice *c, struct weir_error *error);
int weir_choose_network(struct weir_choice *c, struct weir_error *error);

/* train_regression.c: in place of the network, for rows that are entries; fitted to the end, or streamed. The form, and
 * the loss that so many classes have (0: not known yet, or values) with the outputs that it takes. */
int weir_choose_regression(struct weir_choice *c, struct weir_error *error);
int weir_choose_regression_form(struct weir_choice *c, struct weir_error *error);
struct weir_loss weir_regression_loss(const struct weir_train_options *options, enum weir_task task, int64_t classes,
                                      int64_t *outputs);
int weir_fit_sparse(const struct weir_choice *c, const struct weir_trainer_events *events, struct weir_pool *pool,
                    struct weir_train_summary *summary, struct weir_error *error);

/* train.c. The model takes the features and the plan, and gets its record; the summary says what was chosen. */
int weir_train_describe_all(struct weir_choice *c, struct weir_train_summary *summary, struct weir_error *error);

/* train_exact.c: regressions that are fitted to the end, dense ones and (train_regression.c) sparse ones. */
enum { WEIR_DEFAULT_ITERATIONS = 1000 };
struct weir_exact_progress { /* whom a regression tells while it runs */
    const struct weir_trainer_events *events;
    const struct weir_choice *choice;
};
/* All but the rows' numbers and the outputs. */
struct weir_regression weir_exact_regression(const struct weir_choice *c, struct weir_exact_progress *progress);
/* The summary without the validation; then the record of a run that knows no epochs: its one entry, the iterations,
 * whether it came to its end. */
void weir_exact_result(const struct weir_choice *c, const struct weir_regression_result *fitted,
                       struct weir_train_summary *summary);
int weir_exact_record(const struct weir_choice *c, const struct weir_trainer_result *result, struct weir_error *error);
int weir_fit_exactly(const struct weir_choice *c, const struct weir_trainer_events *events, struct weir_pool *pool,
                     struct weir_train_summary *summary, struct weir_error *error);

/* train_weights.c: what each row weighs. */
int weir_choose_weights(struct weir_choice *c, struct weir_error *error);

/* train_record.c: the record that the model keeps, a new reference, NULL when out of memory; 32 hexadecimal digits that
 * are equal for runs which are the same up to where they end; and the choice in words for a person. */
json_t *weir_train_record(const struct weir_choice *c);
int weir_train_fingerprint(const struct weir_choice *c, char out[33], struct weir_error *error);
void weir_train_describe(const struct weir_choice *c, struct weir_buffer *out);

#endif
