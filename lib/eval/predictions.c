#include "eval/predictions.h"
#include "base/number.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 65536, MOST_SLICES = 1000, MOST_INTEGER_CLASSES = 100 };

struct weir_predictions_private {
    const struct weir_schema *schema;
    int label, prediction, probability; /* columns; probability -1: none */
    bool undecided;                     /* integers: kept as numbers until the labels have been counted */
    bool numeric;                       /* classes are numbers, and are ordered as such */
    int64_t capacity;
    /* For one batch. */
    int64_t room, probability_room;
    bool *kept; /* has a label and a prediction */
    int32_t *labels, *predicteds;
    double *actuals, *estimates, *probabilities;
};

void weir_predictions_release(struct weir_predictions *predictions, bool of_slice)
{
    if (!of_slice)
        weir_classes_release(&predictions->classes);
    for (int i = 0; i < predictions->slicing_count; i++) {
        free(predictions->slicings[i].name);
        free(predictions->slicings[i].slices);
        weir_classes_release(&predictions->slicings[i].values);
    }
    free(predictions->slicings);
    free(predictions->label);
    free(predictions->predicted);
    free(predictions->probability);
    free(predictions->actual);
    free(predictions->estimate);
    struct weir_predictions_private *own = predictions->private_part;
    if (own) {
        free(own->kept);
        free(own->labels);
        free(own->predicteds);
        free(own->actuals);
        free(own->estimates);
        free(own->probabilities);
        free(own);
    }
    *predictions = (struct weir_predictions){ 0 };
}

/* Makes room for a number of elements in *array. */
static int resize(void *array, int64_t count, size_t size)
{
    void *old;
    memcpy(&old, array, sizeof old);
    void *bigger = weir_reallocate(old, (size_t)count, size);
    if (!bigger)
        return -1;
    memcpy(array, &bigger, sizeof bigger);
    return 0;
}

static int fail_type(const struct weir_field *field, const char *what, struct weir_error *error)
{
    struct weir_buffer words = { 0 };
    weir_type_describe(&field->type, &words);
    weir_fail(error, WEIR_BAD_DATA, "column '%s' (%s) %s", field->name, words.bytes ? words.bytes : "", what);
    weir_buffer_release(&words);
    return -1;
}

/* The probability column, and the classes that it names. */
static int begin_probability(struct weir_predictions *predictions, const struct weir_field *field,
                             struct weir_error *error)
{
    const struct weir_type *type = &field->type;
    if (type->kind != WEIR_FIXED_LIST || type->list_size < 1 || !weir_kind_is_float(type->children[0].type.kind))
        return fail_type(field, "is no list of a fixed number of probabilities", error);
    if (type->list_size > MOST_CLASSES)
        return weir_fail(error, WEIR_BAD_DATA, "column '%s' has more than %d classes", field->name, MOST_CLASSES);
    predictions->width = type->list_size;
    const char *names = weir_metadata_get(&field->metadata, "weir:classes");
    if (!names)
        return 0; /* another program left them out: they may still follow from the labels */
    if (weir_classes_read(&predictions->classes, names, error))
        return weir_fail_in(error, "column '%s'", field->name);
    predictions->known = predictions->classes.count;
    if (predictions->known != predictions->width)
        return weir_fail(error, WEIR_BAD_DATA, "column '%s' has %d probabilities a row and names %d classes",
                         field->name, predictions->width, predictions->known);
    return 0;
}

static int begin_task(struct weir_predictions *predictions, enum weir_evaluation_task task, struct weir_error *error)
{
    struct weir_predictions_private *own = predictions->private_part;
    const struct weir_field *label = &own->schema->fields[own->label];
    const struct weir_field *prediction = &own->schema->fields[own->prediction];
    bool integers = weir_kind_is_integer(prediction->type.kind) && weir_kind_is_number(label->type.kind);
    if (task == WEIR_EVALUATE_AS_FOUND)
        predictions->numbers = own->probability < 0 && (weir_kind_is_float(prediction->type.kind) || integers);
    else
        predictions->numbers = task == WEIR_EVALUATE_NUMBERS;
    own->undecided = task == WEIR_EVALUATE_AS_FOUND && predictions->numbers && integers;
    own->numeric = weir_kind_is_number(label->type.kind) && label->type.kind != WEIR_BOOL;
    if (predictions->numbers) {
        if (!weir_kind_is_number(label->type.kind))
            return fail_type(label, "is no number to compare predictions with", error);
        if (!weir_kind_is_number(prediction->type.kind))
            return fail_type(prediction, "is no number", error);
        return 0;
    }
    return own->probability < 0 ? 0 : begin_probability(predictions, &own->schema->fields[own->probability], error);
}

static int begin_slicing(struct weir_predictions *predictions, const char *name, struct weir_error *error)
{
    const struct weir_schema *schema = predictions->private_part->schema;
    struct weir_slicing *slicing = &predictions->slicings[predictions->slicing_count++];
    slicing->column = weir_schema_require(schema, name, error);
    if (slicing->column < 0)
        return -1;
    for (int i = 0; i < predictions->slicing_count - 1; i++)
        if (predictions->slicings[i].column == slicing->column)
            return weir_fail(error, WEIR_USAGE, "--by names the column '%s' twice", name);
    slicing->name = weir_duplicate_string(name);
    return slicing->name ? 0 : weir_fail_memory(error);
}

int weir_predictions_begin(struct weir_predictions *predictions, const struct weir_schema *schema,
                           enum weir_evaluation_task task, char *const *slicings, size_t slicing_count,
                           struct weir_error *error)
{
    *predictions = (struct weir_predictions){ 0 };
    struct weir_predictions_private *own = predictions->private_part = weir_allocate_zero(1, sizeof *own);
    predictions->slicings = weir_allocate_zero(slicing_count, sizeof *predictions->slicings);
    if (!own || !predictions->slicings) {
        weir_fail_memory(error);
        goto failed;
    }
    own->schema = schema;
    own->prediction = weir_schema_find(schema, "prediction");
    own->probability = weir_schema_find(schema, "probability");
    own->label = weir_schema_role(schema, WEIR_LABEL, 0);
    if (own->prediction < 0) {
        weir_fail(error, WEIR_BAD_DATA, "no column 'prediction' here: only what `score` writes can be measured");
        goto failed;
    }
    if (own->label < 0 || own->label == own->prediction) {
        weir_fail(error, WEIR_BAD_DATA, "no label column here to compare predictions with (--label names one)");
        goto failed;
    }
    if (begin_task(predictions, task, error))
        goto failed;
    for (size_t i = 0; i < slicing_count; i++)
        if (begin_slicing(predictions, slicings[i], error))
            goto failed;
    return 0;
failed:
    weir_predictions_release(predictions, false);
    return -1;
}

/* Room for `more` rows in the arrays that stay. */
static int reserve_rows(struct weir_predictions *predictions, int64_t more)
{
    struct weir_predictions_private *own = predictions->private_part;
    int64_t needed = predictions->rows + more;
    if (needed <= own->capacity)
        return 0;
    int64_t wanted = own->capacity + own->capacity / 2;
    if (wanted < needed)
        wanted = needed;
    int failed = 0;
    if (predictions->numbers) {
        failed |= resize(&predictions->actual, wanted, sizeof(double));
        failed |= resize(&predictions->estimate, wanted, sizeof(double));
    } else {
        failed |= resize(&predictions->label, wanted, sizeof(int32_t));
        failed |= resize(&predictions->predicted, wanted, sizeof(int32_t));
        if (predictions->width)
            failed |= resize(&predictions->probability, wanted, (size_t)predictions->width * sizeof(double));
    }
    for (int i = 0; i < predictions->slicing_count; i++)
        failed |= resize(&predictions->slicings[i].slices, wanted, sizeof(int32_t));
    if (!failed)
        own->capacity = wanted;
    return failed;
}

static int reserve_batch(struct weir_predictions_private *own, int64_t rows)
{
    if (rows <= own->room)
        return 0;
    int failed = resize(&own->kept, rows, sizeof(bool)) | resize(&own->labels, rows, sizeof(int32_t)) |
                 resize(&own->predicteds, rows, sizeof(int32_t)) | resize(&own->actuals, rows, sizeof(double)) |
                 resize(&own->estimates, rows, sizeof(double));
    if (!failed)
        own->room = rows;
    return failed;
}

/* The probabilities of a batch, as doubles. */
static int read_probabilities(struct weir_predictions *predictions, const struct weir_batch *batch,
                              struct weir_error *error)
{
    struct weir_predictions_private *own = predictions->private_part;
    const struct weir_type *type = &own->schema->fields[own->probability].type;
    const struct weir_column *items = &batch->columns[own->probability].children[0];
    if (items->rows > own->probability_room) {
        if (resize(&own->probabilities, items->rows, sizeof(double)))
            return weir_fail_memory(error);
        own->probability_room = items->rows;
    }
    return weir_numbers(items, type->children[0].type.kind, own->probabilities, error);
}

static int keep_probabilities(struct weir_predictions *predictions, const struct weir_column *column, int64_t row,
                              struct weir_error *error)
{
    struct weir_predictions_private *own = predictions->private_part;
    int64_t number = predictions->read + row + 1;
    if (!weir_valid(column, row))
        return weir_fail(error, WEIR_BAD_DATA, "row %" PRId64 " has a prediction and no probability", number);
    const double *from = own->probabilities + row * predictions->width;
    double *to = predictions->probability + predictions->rows * predictions->width;
    for (int i = 0; i < predictions->width; i++) {
        if (!(from[i] >= 0 && from[i] <= 1 + 1e-6))
            return weir_fail(error, WEIR_BAD_DATA, "row %" PRId64 ": %g is no probability", number, from[i]);
        to[i] = from[i];
    }
    return 0;
}

/* Labels and predictions of a batch, as the task has them. */
static int read_batch(struct weir_predictions *predictions, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_predictions_private *own = predictions->private_part;
    const struct weir_field *label = &own->schema->fields[own->label];
    const struct weir_type *type = &own->schema->fields[own->prediction].type;
    const struct weir_column *labels = &batch->columns[own->label], *values = &batch->columns[own->prediction];
    if (predictions->numbers)
        return weir_numbers(labels, label->type.kind, own->actuals, error) ||
                       weir_numbers(values, type->kind, own->estimates, error)
                   ? -1
                   : 0;
    return weir_classes_of(&predictions->classes, labels, &label->type, own->kept, label->name, MOST_CLASSES,
                           own->labels, error) ||
                   weir_classes_of(&predictions->classes, values, type, own->kept, "prediction", MOST_CLASSES,
                                   own->predicteds, error) ||
                   (predictions->width && read_probabilities(predictions, batch, error))
               ? -1
               : 0;
}

/* One row of the batch that was read, behind those kept. */
static int keep_row(struct weir_predictions *predictions, const struct weir_batch *batch, int64_t row,
                    struct weir_error *error)
{
    struct weir_predictions_private *own = predictions->private_part;
    int64_t place = predictions->rows;
    if (predictions->numbers) {
        predictions->actual[place] = own->actuals[row];
        predictions->estimate[place] = own->estimates[row];
        if (!isfinite(own->actuals[row]) || !isfinite(own->estimates[row]))
            return weir_fail(error, WEIR_BAD_DATA, "row %" PRId64 ": label %g and prediction %g cannot be compared",
                             predictions->read + row + 1, own->actuals[row], own->estimates[row]);
    } else {
        predictions->label[place] = own->labels[row];
        predictions->predicted[place] = own->predicteds[row];
        if (predictions->width && keep_probabilities(predictions, &batch->columns[own->probability], row, error))
            return -1;
    }
    predictions->rows++;
    return 0;
}

/* The slices of the batch's rows that were kept, from number `place` on. */
static int keep_slices(struct weir_predictions *predictions, const struct weir_batch *batch, int64_t place,
                       struct weir_error *error)
{
    struct weir_predictions_private *own = predictions->private_part;
    for (int i = 0; i < predictions->slicing_count; i++) {
        struct weir_slicing *slicing = &predictions->slicings[i];
        if (weir_classes_of(&slicing->values, &batch->columns[slicing->column],
                            &own->schema->fields[slicing->column].type, own->kept, slicing->name, MOST_SLICES,
                            own->labels, error))
            return -1;
        int64_t to = place;
        for (int64_t row = 0; row < batch->rows; row++)
            if (own->kept[row])
                slicing->slices[to++] = own->labels[row];
    }
    return 0;
}

int weir_predictions_add(struct weir_predictions *predictions, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_predictions_private *own = predictions->private_part;
    const struct weir_column *label = &batch->columns[own->label], *prediction = &batch->columns[own->prediction];
    int64_t before = predictions->rows;
    if (before + batch->rows > INT32_MAX)
        return weir_fail(error, WEIR_BAD_DATA, "more than 2^31 rows cannot be measured at once");
    if (reserve_batch(own, batch->rows) || reserve_rows(predictions, batch->rows))
        return weir_fail_memory(error);
    for (int64_t row = 0; row < batch->rows; row++) {
        bool has_label = weir_valid(label, row), has_prediction = weir_valid(prediction, row);
        predictions->unlabelled += !has_label;
        predictions->unpredicted += !has_prediction;
        own->kept[row] = has_label && has_prediction;
    }
    if (read_batch(predictions, batch, error))
        return -1;
    for (int64_t row = 0; row < batch->rows; row++)
        if (own->kept[row] && keep_row(predictions, batch, row, error))
            return -1;
    if (keep_slices(predictions, batch, before, error))
        return -1;
    predictions->read += batch->rows;
    return 0;
}

/* Integers that were kept as numbers: with few different labels they are classes. */
static int decide(struct weir_predictions *predictions, struct weir_error *error)
{
    struct weir_classes *classes = &predictions->classes;
    char text[WEIR_NUMBER_SIZE];
    int64_t i;
    for (i = 0; i < predictions->rows && classes->count <= MOST_INTEGER_CLASSES; i++)
        if (weir_classes_add(classes, text, weir_format_double(predictions->actual[i], text)) < 0)
            return weir_fail_memory(error);
    if (classes->count > MOST_INTEGER_CLASSES) {
        weir_classes_release(classes);
        return 0;
    }
    predictions->label = weir_allocate((size_t)predictions->rows, sizeof *predictions->label);
    predictions->predicted = weir_allocate((size_t)predictions->rows, sizeof *predictions->predicted);
    if (!predictions->label || !predictions->predicted)
        return weir_fail_memory(error);
    for (i = 0; i < predictions->rows; i++) {
        predictions->label[i] = weir_classes_add(classes, text, weir_format_double(predictions->actual[i], text));
        predictions->predicted[i] = weir_classes_add(classes, text, weir_format_double(predictions->estimate[i], text));
        if (predictions->label[i] < 0 || predictions->predicted[i] < 0)
            return weir_fail_memory(error);
        if (fabs(predictions->actual[i]) >= 0x1p53 || fabs(predictions->estimate[i]) >= 0x1p53)
            return weir_fail(error, WEIR_BAD_DATA,
                             "column '%s': integers beyond 2^53 may be classes or numbers, --task says which",
                             predictions->private_part->schema->fields[predictions->private_part->label].name);
    }
    predictions->numbers = false;
    return 0;
}

static int order_classes(struct weir_predictions *predictions)
{
    int32_t *order = weir_allocate((size_t)predictions->classes.count, sizeof *order);
    if (!order ||
        weir_classes_sort(&predictions->classes, predictions->known, predictions->private_part->numeric, order)) {
        free(order);
        return -1;
    }
    for (int64_t i = 0; i < predictions->rows; i++) {
        predictions->label[i] = order[predictions->label[i]];
        predictions->predicted[i] = order[predictions->predicted[i]];
    }
    free(order);
    return 0;
}

/* Slices come in the order of their values as well, so that a shuffled stream gives the same report. */
static int order_slices(struct weir_predictions *predictions)
{
    for (int i = 0; i < predictions->slicing_count; i++) {
        struct weir_slicing *slicing = &predictions->slicings[i];
        enum weir_kind kind = predictions->private_part->schema->fields[slicing->column].type.kind;
        int32_t *order = weir_allocate((size_t)slicing->values.count, sizeof *order);
        if (!order || weir_classes_sort(&slicing->values, 0, weir_kind_is_number(kind) && kind != WEIR_BOOL, order)) {
            free(order);
            return -1;
        }
        for (int64_t row = 0; row < predictions->rows; row++)
            if (slicing->slices[row] >= 0)
                slicing->slices[row] = order[slicing->slices[row]];
        free(order);
    }
    return 0;
}

int weir_predictions_end(struct weir_predictions *predictions, struct weir_error *error)
{
    if (predictions->rows == 0)
        return weir_fail(error, WEIR_BAD_DATA, "no row has both a label and a prediction");
    if (predictions->private_part->undecided && decide(predictions, error))
        return -1;
    if (order_slices(predictions))
        return weir_fail_memory(error);
    if (!predictions->numbers) {
        if (order_classes(predictions))
            return weir_fail_memory(error);
        if (predictions->width == 0 || predictions->known == 0) {
            predictions->known = predictions->classes.count;
            if (predictions->width && predictions->width != predictions->known)
                return weir_fail(error, WEIR_BAD_DATA,
                                 "column 'probability' has %d classes, labels and predictions %d, and its names "
                                 "(weir:classes) are gone",
                                 predictions->width, predictions->known);
        }
        for (int64_t i = 0; i < predictions->rows; i++) {
            predictions->strange += predictions->label[i] >= predictions->known;
            if (predictions->predicted[i] >= predictions->known)
                return weir_fail(error, WEIR_BAD_DATA, "a prediction is none of the classes of 'probability'");
        }
    }
    return 0;
}
