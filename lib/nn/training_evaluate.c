/* Loss and accuracy without learning: by the predicting form of the network, task by task of fixed size. */
#include "nn/training_private.h"
#include <stdlib.h>

enum { EVALUATE_ROWS = 64 }; /* rows of one task */

struct evaluation {
    struct weir_training *training;
    const struct weir_minibatch *minibatch;
    bool failed;
};

static void evaluate_task(void *context, int index, int thread)
{
    struct evaluation *evaluation = context;
    struct weir_training *training = evaluation->training;
    struct weir_evaluator *evaluator = &training->evaluators[thread];
    struct weir_pass *pass = evaluator->pass;
    double *partial = training->partial + 2 * index;
    partial[0] = partial[1] = 0;
    int64_t end = (int64_t)(index + 1) * EVALUATE_ROWS;
    end = end < evaluation->minibatch->rows ? end : evaluation->minibatch->rows;
    for (int64_t first = (int64_t)index * EVALUATE_ROWS; first < end; first += pass->rows) {
        int64_t correct = 0;
        pass->first_row = first;
        pass->rows = end - first < pass->capacity ? end - first : pass->capacity;
        weir_given_fill(evaluation->minibatch, pass, &evaluator->given);
        if (weir_pass_forward(pass, training->network->predicting, 0, training->layers)) {
            __atomic_store_n(&evaluation->failed, true, __ATOMIC_RELAXED);
            return;
        }
        partial[0] += weir_training_loss(training, pass, &evaluator->given, 0, false, &correct);
        partial[1] += (double)correct;
    }
}

static int prepare_evaluators(struct weir_training *training, int64_t tasks, struct weir_error *error)
{
    if (weir_network_prepare(training->network, error))
        return -1;
    int64_t rows = weir_network_predict_rows(training->network);
    for (int i = 0; i < weir_pool_threads(training->pool); i++) {
        struct weir_evaluator *evaluator = &training->evaluators[i];
        if (evaluator->pass)
            continue;
        if (!evaluator->given.classes && weir_given_allocate(&evaluator->given, rows, training->network, error))
            return -1;
        if (weir_pass_new(&evaluator->pass, training->network->predicting, NULL, error))
            return -1;
    }
    if (weir_grow((void **)&training->partial, &training->partial_capacity, (size_t)tasks * 2,
                  sizeof *training->partial))
        return weir_fail_memory(error);
    return 0;
}

int weir_training_evaluate(struct weir_training *training, const struct weir_minibatch *minibatch, double *loss,
                           int64_t *correct, struct weir_error *error)
{
    int64_t tasks = (minibatch->rows + EVALUATE_ROWS - 1) / EVALUATE_ROWS;
    if (tasks > INT32_MAX)
        return weir_fail(error, WEIR_BUG, "too many rows to evaluate at once");
    if (prepare_evaluators(training, tasks, error))
        return -1;
    struct evaluation evaluation = { .training = training, .minibatch = minibatch };
    weir_pool_run(training->pool, (int)tasks, evaluate_task, &evaluation);
    if (evaluation.failed)
        return weir_fail_memory(error);
    double sum = 0, right = 0;
    for (int64_t i = 0; i < tasks; i++) {
        sum += training->partial[2 * i];
        right += training->partial[2 * i + 1];
    }
    *loss = minibatch->weight_sum > 0 ? sum / minibatch->weight_sum : 0;
    if (weir_loss_takes_classes(training->options.loss.kind))
        *correct = (int64_t)right;
    return 0;
}
