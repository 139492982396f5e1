/* The weights of the rows: those of their column, times those of their classes. */
#include "base/memory.h"
#include "base/number.h"
#include "model/train_private.h"
#include <stdlib.h>

static int balanced_weights(const struct weir_choice *c, double *of_class)
{
    const struct weir_training_data *data = c->data;
    int64_t classes = c->model->class_count;
    int64_t *counts = weir_allocate_zero((size_t)classes, sizeof *counts);
    if (!counts)
        return -1;
    for (int64_t i = 0; i < data->train_count; i++)
        counts[c->classes[data->train[i]]]++;
    for (int64_t k = 0; k < classes; k++)
        of_class[k] = counts[k] ? (double)data->train_count / ((double)classes * (double)counts[k]) : 1;
    free(counts);
    return 0;
}

static int64_t find_class(const struct weir_model *model, const char *text, size_t length)
{
    for (int64_t k = 0; k < model->class_count; k++)
        if (strlen(model->classes[k]) == length && memcmp(model->classes[k], text, length) == 0)
            return k;
    return -1;
}

/* "A=2,B=1": classes that are not named have 1. */
static int named_weights(const struct weir_choice *c, double *of_class, struct weir_error *error)
{
    const char *text = c->options->class_weights;
    for (int64_t k = 0; k < c->model->class_count; k++)
        of_class[k] = 1;
    do {
        size_t length = strcspn(text, ",");
        const char *equals = memrchr(text, '=', length);
        double weight;
        if (!equals || !weir_parse_double(equals + 1, length - (size_t)(equals + 1 - text), &weight) ||
            !(weight >= 0 && weight <= 1e30))
            return weir_fail(error, WEIR_USAGE, "--class-weights takes 'balanced' or CLASS=WEIGHT,..., not '%.*s'",
                             (int)(length < 100 ? length : 100), text);
        int64_t k = find_class(c->model, text, (size_t)(equals - text));
        if (k < 0)
            return weir_fail(error, WEIR_USAGE, "--class-weights: '%s' has no class '%.*s'", c->model->label,
                             (int)(equals - text < 100 ? equals - text : 100), text);
        of_class[k] = weight;
        text += length;
        text += *text == ',';
    } while (*text);
    return 0;
}

static bool any_weight(const float *weights, const int64_t *rows, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (weights[rows[i]] > 0)
            return true;
    return false;
}

int weir_choose_weights(struct weir_choice *c, struct weir_error *error)
{
    const struct weir_training_data *data = c->data;
    const char *class_weights = c->options->class_weights;
    if (!data->weights && !class_weights)
        return 0;
    if (class_weights && c->model->task != WEIR_CLASSIFY)
        return weir_fail(error, WEIR_USAGE, "--class-weights needs a label of classes, and '%s' is a number",
                         c->model->label);
    double *of_class = weir_allocate((size_t)c->model->class_count, sizeof *of_class);
    c->weights = weir_allocate((size_t)data->rows, sizeof *c->weights);
    int result = of_class && c->weights ? 0 : weir_fail_memory(error);
    if (result == 0 && weir_is(class_weights, "balanced"))
        result = balanced_weights(c, of_class) ? weir_fail_memory(error) : 0;
    else if (result == 0 && class_weights)
        result = named_weights(c, of_class, error);
    for (int64_t row = 0; result == 0 && row < data->rows; row++)
        c->weights[row] =
            (float)((data->weights ? data->weights[row] : 1) * (class_weights ? of_class[c->classes[row]] : 1));
    if (result == 0 && !any_weight(c->weights, data->train, data->train_count))
        result = weir_fail(error, WEIR_BAD_DATA, "all weights are 0: there is nothing to learn from");
    if (result == 0 && data->validation_count && !any_weight(c->weights, data->validation, data->validation_count))
        result = weir_fail(error, WEIR_BAD_DATA, "all rows for validation have the weight 0");
    free(of_class);
    return result;
}
