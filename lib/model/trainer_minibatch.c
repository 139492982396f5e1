#include "model/trainer_private.h"
#include <math.h>
#include <string.h>

static void fill(void *context, int64_t first, int64_t count, float *x, int32_t *classes, float *targets,
                 float *weights)
{
    const struct weir_trainer *t = context;
    const int64_t *rows = t->minibatch + first;
    weir_dataset_gather(t->data->dataset, rows, count, x);
    for (int64_t r = 0; classes && t->data->classes && r < count; r++)
        classes[r] = t->data->classes[rows[r]];
    for (int64_t r = 0; weights && r < count; r++)
        weights[r] = t->data->weights ? t->data->weights[rows[r]] : 1;
    for (int64_t r = 0; targets && !weir_loss_takes_classes(t->loss.kind) && r < count; r++) {
        float *target = targets + r * t->outputs;
        if (!t->data->classes) {
            target[0] = (float)((t->data->targets[rows[r]] - t->target_offset) / t->target_scale);
        } else if (t->outputs == 1) {
            target[0] = (float)t->data->classes[rows[r]];
        } else {
            memset(target, 0, (size_t)t->outputs * sizeof *target);
            target[t->data->classes[rows[r]]] = 1;
        }
    }
}

static struct weir_minibatch minibatch(struct weir_trainer *t, const int64_t *rows, int64_t count)
{
    struct weir_minibatch batch = { .context = t, .fill = fill, .rows = count, .weight_sum = (double)count };
    t->minibatch = rows;
    if (t->data->weights) {
        batch.weight_sum = 0;
        for (int64_t r = 0; r < count; r++)
            batch.weight_sum += t->data->weights[rows[r]];
    }
    return batch;
}

int weir_trainer_check_validation(double loss, int64_t rows, struct weir_error *error)
{
    if (isfinite(loss))
        return 0;
    return weir_fail(error, WEIR_BAD_DATA,
                     "the loss of the %lld rows for validation is %g: their numbers are beyond what this model "
                     "computes with",
                     (long long)rows, loss);
}

int weir_trainer_measure(struct weir_trainer *t, const int64_t *rows, int64_t count, double *loss, double *accuracy,
                         struct weir_error *error)
{
    double sum = 0, weight = 0;
    int64_t correct = 0;
    for (int64_t first = 0; first < count; first += t->part) {
        struct weir_minibatch batch = minibatch(t, rows + first, count - first < t->part ? count - first : t->part);
        double part = 0;
        int64_t part_correct = 0;
        if (!(batch.weight_sum > 0))
            continue;
        if (weir_training_evaluate(t->training, &batch, &part, &part_correct, error))
            return -1;
        sum += part * batch.weight_sum;
        weight += batch.weight_sum;
        correct += part_correct;
    }
    *loss = sum / weight * t->loss_scale;
    *accuracy = NAN;
    if (weir_trainer_check_validation(*loss, count, error))
        return -1;
    if (!t->data->classes)
        return 0;
    if (!weir_loss_takes_classes(t->loss.kind) && weir_trainer_count_correct(t, rows, count, &correct, error))
        return -1;
    *accuracy = (double)correct / (double)count;
    return 0;
}

/* Gradient and loss of the rows order[first .. first + rows - 1]. What does not fit into memory at once (all rows, for
 * gd) is the weighted mean of its parts, summed in double. */
int weir_trainer_gradient(struct weir_trainer *t, int64_t first, int64_t rows, double *loss, double *weight,
                          int64_t *correct, struct weir_error *error)
{
    int64_t parameters = weir_network_parameter_count(t->network);
    float *gradients = weir_training_gradients(t->training);
    if (rows <= t->part) {
        struct weir_minibatch batch = minibatch(t, t->order + first, rows);
        *weight = batch.weight_sum;
        return batch.weight_sum > 0 ? weir_training_gradient(t->training, &batch, t->state.step, loss, correct, error)
                                    : 0;
    }
    double sum = 0;
    int64_t parts = (t->batch + t->part - 1) / t->part;
    *weight = 0;
    memset(t->sums, 0, (size_t)parameters * sizeof *t->sums);
    for (int64_t p = 0; p * t->part < rows; p++) {
        int64_t count = rows - p * t->part < t->part ? rows - p * t->part : t->part;
        struct weir_minibatch batch = minibatch(t, t->order + first + p * t->part, count);
        double part_loss = 0;
        int64_t part_correct = 0;
        if (!(batch.weight_sum > 0))
            continue;
        if (weir_training_gradient(t->training, &batch, t->state.step * parts + p, &part_loss, &part_correct, error))
            return -1;
        for (int64_t i = 0; i < parameters; i++)
            t->sums[i] += gradients[i] * batch.weight_sum;
        sum += part_loss * batch.weight_sum;
        *weight += batch.weight_sum;
        *correct += part_correct;
    }
    for (int64_t i = 0; *weight > 0 && i < parameters; i++)
        gradients[i] = (float)(t->sums[i] / *weight);
    *loss = *weight > 0 ? sum / *weight : 0;
    return 0;
}
