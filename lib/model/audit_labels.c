/* Labels that the data contradicts: confident learning (math/confident.h) from the probabilities of logistic or softmax
 * regression in folds, so that no row's own label had a part in its probability; or from those that came with the rows.
 */
#include "base/memory.h"
#include "math/confident.h"
#include "model/audit_private.h"
#include "model/regression.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A matrix of classes by classes is held. A fold is learned from about MOST_LEARNED rows, by chance, when there are
 * more: a model of one layer gets no better by more of them. */
enum { MOST_CLASSES = 1000, MOST_ITERATIONS = 100, MOST_LEARNED = 1 << 18 };

void weir_audit_labels_release(struct weir_audit_labels *labels)
{
    free(labels->probability);
    free(labels->thresholds);
    free(labels->joint);
    free(labels->suspect);
    free(labels->label);
    for (int i = 0; labels->given && i < labels->classes; i++)
        free(labels->given[i]);
    free(labels->given);
}

/* ---- Probabilities that came with the rows ------------------------------------------------------------------ */

static int read_classes(struct weir_audit_labels *labels, const struct weir_field *field, struct weir_error *error)
{
    const char *text = weir_metadata_get(&field->metadata, "weir:classes");
    if (!text)
        return weir_fail(error, WEIR_BAD_DATA, "column '%s' does not say which classes its probabilities are of",
                         field->name);
    json_t *names = weir_json_parse(text, strlen(text), 0, error);
    if (!names)
        return weir_fail_in(error, "the classes of column '%s'", field->name);
    labels->classes = field->type.list_size;
    labels->given = weir_allocate_zero((size_t)labels->classes, sizeof *labels->given);
    int result = labels->given ? 0 : weir_fail_memory(error);
    if (result == 0 && json_array_size(names) != (size_t)labels->classes)
        result = weir_fail(error, WEIR_BAD_DATA, "column '%s' has %d probabilities a row and names %zu classes",
                           field->name, labels->classes, json_array_size(names));
    for (int i = 0; result == 0 && i < labels->classes; i++) {
        const json_t *name = json_array_get(names, (size_t)i);
        if (!json_is_string(name))
            result = weir_fail(error, WEIR_BAD_DATA, "a class of column '%s' is no text", field->name);
        else if (!(labels->given[i] = weir_duplicate_string(json_string_value(name))))
            result = weir_fail_memory(error);
    }
    json_decref(names);
    return result;
}

int weir_audit_labels_begin(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_audit_labels *labels = &audit->labels;
    labels->probability_column = weir_schema_find(audit->schema, "probability");
    if (labels->probability_column < 0)
        return 0;
    const struct weir_field *field = &audit->schema->fields[labels->probability_column];
    if (field->role != WEIR_PREDICTION || field->type.kind != WEIR_FIXED_LIST ||
        !weir_kind_is_float(field->type.children[0].type.kind)) {
        labels->probability_column = -1;
        return 0;
    }
    if (field->type.list_size < 2 || field->type.list_size > MOST_CLASSES)
        return weir_fail(error, WEIR_BAD_DATA, "column '%s' has probabilities of %d classes: 2 to %d can be judged",
                         field->name, field->type.list_size, MOST_CLASSES);
    labels->probability_name = field->name;
    return read_classes(labels, field, error);
}

int weir_audit_labels_add(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_audit_labels *labels = &audit->labels;
    if (!labels->probability_name)
        return 0;
    const struct weir_field *field = &audit->schema->fields[labels->probability_column];
    const struct weir_column *column = &batch->columns[labels->probability_column];
    int64_t first = audit->rows.count; /* the batch is not yet among them */
    size_t width = (size_t)labels->classes;
    void *grown = labels->probability;
    if (weir_grow(&grown, &labels->capacity, (size_t)(first + batch->rows) * width, sizeof *labels->probability))
        return weir_fail_memory(error);
    labels->probability = grown;
    for (int64_t r = 0; r < batch->rows; r++) {
        float *p = labels->probability + (size_t)(first + r) * width;
        if (weir_feature_missing(column, &field->type, r)) {
            p[0] = NAN; /* the row is not judged */
            continue;
        }
        weir_feature_floats(column, &field->type, r, 1, p, (int64_t)width);
        for (size_t i = 0; i < width; i++)
            if (!(p[i] >= 0 && p[i] <= 1.001f))
                return weir_fail(error, WEIR_BAD_DATA, "row %lld: column '%s' has %g, which is no probability",
                                 (long long)(first + r + 1), field->name, (double)p[i]);
    }
    return 0;
}

static int follow_classes(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_audit_labels *labels = &audit->labels;
    size_t count = (size_t)audit->classes.class_count;
    int32_t *number = weir_allocate(count, sizeof *number);
    if (!number)
        return weir_fail_memory(error);
    labels->names = labels->given;
    for (size_t i = 0; i < count; i++) {
        number[i] = -1;
        for (int k = 0; k < labels->classes; k++)
            if (strcmp(audit->classes.classes[i], labels->given[k]) == 0)
                number[i] = k;
    }
    for (int64_t row = 0; row < audit->rows.count; row++) {
        bool known = audit->class_of[row] >= 0 && !isnan(labels->probability[row * labels->classes]);
        labels->label[row] = known ? number[audit->class_of[row]] : -1;
    }
    free(number);
    return 0;
}

/* ---- Probabilities by folds --------------------------------------------------------------------------------- */

struct fit {
    struct weir_audit *audit;
    const float *weight, *bias;
    int outputs, fold;
};

static void softmax(const float *x, const struct fit *fit, int64_t width, int classes, float *p)
{
    double z[MOST_CLASSES], most = -INFINITY, sum = 0;
    for (int k = 0; k < fit->outputs; k++) {
        const float *w = fit->weight + k * width;
        z[k] = (double)fit->bias[k];
        for (int64_t i = 0; i < width; i++)
            z[k] += (double)w[i] * (double)x[i];
        most = z[k] > most ? z[k] : most;
    }
    if (fit->outputs == 1) {
        p[1] = (float)(1 / (1 + exp(-z[0])));
        p[0] = (float)(1 / (1 + exp(z[0])));
        return;
    }
    for (int k = 0; k < classes; k++)
        sum += z[k] = exp(z[k] - most);
    for (int k = 0; k < classes; k++)
        p[k] = (float)(z[k] / sum);
}

enum { SHARDS = 16 };

/* The rows of the fold within one sixteenth of all rows. */
static void score_shard(void *context, int index, int thread)
{
    (void)thread;
    const struct fit *fit = context;
    struct weir_audit *audit = fit->audit;
    const struct weir_dataset *dataset = &audit->rows.dataset;
    int classes = audit->labels.classes;
    float *x = weir_allocate((size_t)dataset->width, sizeof *x);
    int64_t end = audit->rows.count * (index + 1) / SHARDS;
    for (int64_t row = audit->rows.count * index / SHARDS; row < end; row++) {
        float *p = audit->labels.probability + row * classes;
        if (audit->fold[row] != fit->fold)
            continue;
        p[0] = NAN;
        if (x) {
            weir_dataset_gather(dataset, &row, 1, x);
            softmax(x, fit, dataset->width, classes, p);
        }
    }
    free(x);
}

static int fit_fold(struct weir_audit *audit, int fold, int64_t *rows, float *weight, float *bias,
                    struct weir_error *error)
{
    struct fit fit = { audit, weight, bias, audit->labels.classes == 2 ? 1 : audit->labels.classes, fold };
    struct weir_regression_result result;
    struct weir_regression regression = { .dataset = &audit->rows.dataset,
                                          .rows = rows,
                                          .classes = audit->class_of,
                                          .loss = fit.outputs == 1 ? WEIR_BINARY_CROSS_ENTROPY : WEIR_CROSS_ENTROPY,
                                          .outputs = fit.outputs,
                                          .l2 = 1,
                                          .max_iterations = MOST_ITERATIONS,
                                          .tolerance = 1e-4 };
    double share = (double)MOST_LEARNED / (double)audit->labelled;
    for (int64_t row = 0; row < audit->rows.count; row++)
        if (audit->fold[row] != WEIR_AUDIT_NO_FOLD && audit->fold[row] != fold &&
            (share >= 1 || (double)(weir_hash(&row, sizeof row, audit->options.seed) >> 11) * 0x1p-53 < share))
            rows[regression.count++] = row;
    memset(weight, 0, (size_t)fit.outputs * (size_t)audit->rows.dataset.width * sizeof *weight);
    memset(bias, 0, (size_t)fit.outputs * sizeof *bias);
    if (weir_regression_fit(&regression, audit->pool, weight, bias, &result, error))
        return -1;
    weir_pool_run(audit->pool, SHARDS, score_shard, &fit);
    return 0;
}

static int score_by_folds(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_audit_labels *labels = &audit->labels;
    if (weir_audit_rows_to_features(&audit->rows, error))
        return -1;
    size_t width = (size_t)audit->rows.dataset.width;
    if (width == 0)
        return weir_fail(
            error, WEIR_BAD_DATA,
            "no feature has values that recur or are numbers to learn from: `score` the rows by another model first");
    labels->classes = (int)audit->classes.class_count;
    labels->names = audit->classes.classes;
    size_t count = (size_t)labels->classes;
    labels->probability = weir_allocate((size_t)audit->rows.count, count * sizeof *labels->probability);
    int64_t *rows = weir_allocate((size_t)audit->labelled, sizeof *rows);
    float *weight = weir_allocate(count, width * sizeof *weight), *bias = weir_allocate(count, sizeof *bias);
    int result = labels->probability && rows && weight && bias ? 0 : weir_fail_memory(error);
    for (int fold = 0; result == 0 && fold < audit->options.folds; fold++)
        result = fit_fold(audit, fold, rows, weight, bias, error);
    for (int64_t row = 0; result == 0 && row < audit->rows.count; row++) {
        labels->label[row] = audit->class_of[row];
        if (audit->present[row] && isnan(labels->probability[row * labels->classes]))
            result = weir_fail_memory(error);
    }
    free(rows);
    free(weight);
    free(bias);
    return result;
}

/* ---- The check ---------------------------------------------------------------------------------------------- */

static void count_findings(struct weir_audit *audit)
{
    struct weir_audit_labels *labels = &audit->labels;
    int64_t right = 0;
    for (int64_t row = 0; row < audit->rows.count; row++) {
        if (labels->label[row] < 0)
            continue;
        const float *p = labels->probability + row * labels->classes;
        int best = 0;
        for (int k = 1; k < labels->classes; k++)
            best = p[k] > p[best] ? k : best;
        right += best == labels->label[row];
        labels->judged++;
        labels->found += labels->suspect[row] >= 0;
    }
    labels->accuracy = labels->judged ? (double)right / (double)labels->judged : NAN;
    for (int64_t i = 0; i < labels->classes; i++)
        for (int64_t j = 0; j < labels->classes; j++)
            labels->wrong += i == j ? 0 : labels->joint[i * labels->classes + j];
}

int weir_audit_labels_find(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_audit_labels *labels = &audit->labels;
    if (audit->classes.class_count > MOST_CLASSES)
        return weir_fail(error, WEIR_BAD_DATA, "the label '%s' has %lld classes: up to %d can be judged",
                         audit->label.name, (long long)audit->classes.class_count, MOST_CLASSES);
    labels->label = weir_allocate((size_t)audit->rows.count, sizeof *labels->label);
    labels->suspect = weir_allocate((size_t)audit->rows.count, sizeof *labels->suspect);
    if (!labels->label || !labels->suspect)
        return weir_fail_memory(error);
    if (labels->probability_name ? follow_classes(audit, error) : score_by_folds(audit, error))
        return -1;
    size_t count = (size_t)labels->classes;
    labels->thresholds = weir_allocate(count, sizeof *labels->thresholds);
    labels->joint = weir_allocate(count, count * sizeof *labels->joint);
    if (!labels->thresholds || !labels->joint)
        return weir_fail_memory(error);
    if (weir_confident_find(labels->label, labels->probability, audit->rows.count, labels->classes, labels->thresholds,
                            labels->joint, labels->suspect, error))
        return -1;
    count_findings(audit);
    return 0;
}
