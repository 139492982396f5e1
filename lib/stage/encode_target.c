/* The mean of the label for each value: sums by value and fold in a second pass, tables from them. */
#include "stage/encode_private.h"
#include "stage/options.h"
#include <math.h>

/* ---- The label ---------------------------------------------------------------------------------------------- */

void weir_encode_release_label(struct weir_encode_label *label)
{
    weir_type_release(&label->type);
    weir_counts_release(&label->classes);
    free(label->values);
    *label = (struct weir_encode_label){ .source = -1 };
}

int weir_encode_find_label(struct weir_encode *self, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_encode_label *label = &self->label;
    int at = weir_schema_role(in, WEIR_LABEL, 0);
    if (at < 0)
        return weir_fail(error, WEIR_USAGE, "--method target needs a label: name its column with --label");
    if (weir_schema_role(in, WEIR_LABEL, at + 1) >= 0)
        return weir_fail(error, WEIR_USAGE, "--method target takes one label, and there are several");
    const struct weir_field *field = &in->fields[at];
    label->numeric = field->type.kind == WEIR_FLOAT32 || field->type.kind == WEIR_FLOAT64;
    if (!label->numeric && !weir_encode_is_category(&field->type)) {
        struct weir_buffer type = { 0 };
        weir_type_describe(&field->type, &type);
        weir_fail(error, WEIR_USAGE, "the label %s is %s, which has neither classes nor a mean", WEIR_SHOW(field->name),
                  type.bytes ? type.bytes : "");
        weir_buffer_release(&type);
        return -1;
    }
    if (weir_type_copy(&label->type, &field->type) < 0)
        return weir_fail_memory(error);
    label->source = at;
    return 0;
}

static int read_numbers(struct weir_encode *self, const struct weir_column *data, struct weir_error *error)
{
    struct weir_encode_label *label = &self->label;
    if (weir_numbers(data, label->type.kind, label->values, error) < 0)
        return -1;
    for (int64_t row = 0; row < data->rows; row++)
        if (isinf(label->values[row]))
            return weir_fail(error, WEIR_BAD_DATA,
                             "the label, row %lld: an infinite number; clean, put in front, takes it as missing",
                             (long long)(self->learned_rows + row + 1));
    return 0;
}

/* Classes are counted exactly, or not at all. */
static int fail_long(struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA,
                     "the label's classes are long texts: one has %d KiB at most, and all together %d KiB",
                     WEIR_COUNTS_LONGEST >> 10, WEIR_COUNTS_BYTES >> 10);
}

static int read_classes(struct weir_encode *self, const struct weir_column *data, struct weir_error *error)
{
    struct weir_encode_label *label = &self->label;
    struct weir_encode_texts texts;
    if (weir_encode_texts_open(&texts, data, &label->type, error) < 0)
        return -1;
    int result = 0;
    for (int64_t row = 0; result == 0 && row < data->rows; row++) {
        size_t length;
        const char *text = weir_encode_text(&texts, row, &length);
        label->values[row] = text ? 0 : (double)NAN;
        if (text && length > WEIR_COUNTS_LONGEST)
            result = fail_long(error);
        else if (text && self->second_pass)
            label->values[row] = (double)weir_counts_find(&label->classes, text, length);
        else if (text && label->classes.count <= WEIR_ENCODE_CLASSES &&
                 weir_counts_add(&label->classes, text, length, 1) < 0)
            result = weir_fail_memory(error);
    }
    weir_encode_texts_close(&texts);
    return result;
}

int weir_encode_read_labels(struct weir_encode *self, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_encode_label *label = &self->label;
    void *values = label->values;
    if (weir_grow(&values, &label->capacity, (size_t)batch->rows, sizeof *label->values) < 0)
        return weir_fail_memory(error);
    label->values = values;
    const struct weir_column *data = &batch->columns[label->source];
    return label->numeric ? read_numbers(self, data, error) : read_classes(self, data, error);
}

static int sort_classes(struct weir_counts *classes, const struct weir_type *type, struct weir_error *error)
{
    struct weir_counts sorted = { 0 };
    uint32_t index[2 * WEIR_ENCODE_CLASSES + 1];
    for (size_t i = 0; i < classes->count; i++)
        index[i] = (uint32_t)i;
    weir_encode_sort(classes, type, index, classes->count);
    for (size_t i = 0; i < classes->count; i++)
        if (weir_counts_add(&sorted, weir_counts_value(classes, index[i]), classes->items[index[i]].size, 1) < 0) {
            weir_counts_release(&sorted);
            return weir_fail_memory(error);
        }
    weir_counts_release(classes);
    *classes = sorted;
    return 0;
}

int weir_encode_settle_label(struct weir_encode *self, struct weir_error *error)
{
    struct weir_encode_label *label = &self->label;
    if (label->classes.count > WEIR_ENCODE_CLASSES && weir_kind_is_integer(label->type.kind)) {
        label->numeric = true; /* as train takes it */
        weir_counts_release(&label->classes);
    }
    if (label->numeric)
        return 0;
    if (label->classes.count > WEIR_ENCODE_CLASSES)
        return weir_fail(error, WEIR_BAD_DATA, "the label has more than %d classes, too many for --method target",
                         WEIR_ENCODE_CLASSES);
    if (label->classes.slack > 0)
        return fail_long(error);
    if (label->classes.count < 2)
        return weir_fail(error, WEIR_BAD_DATA, "the label has %s, and --method target needs two or more",
                         label->classes.count == 1 ? "one class" : "no value");
    return sort_classes(&label->classes, &label->type, error);
}

/* ---- Sums --------------------------------------------------------------------------------------------------- */

static size_t cells_of(const struct weir_encode_sums *sums)
{
    return sums->values * (size_t)(1 + sums->outputs);
}

static int new_sums(struct weir_encode_column *column, int folds, int64_t outputs, struct weir_error *error)
{
    struct weir_encode_sums *sums = &column->sums;
    free(sums->cells);
    *sums = (struct weir_encode_sums){ NULL, column->counts.count + 2, outputs, folds };
    if (cells_of(sums) > (size_t)(WEIR_ENCODE_CELLS / folds))
        return weir_fail(error, WEIR_BAD_DATA,
                         "column %s: %zu values, %lld classes and %d folds are too many for --method target; fewer "
                         "--folds, or --method hash",
                         WEIR_SHOW(column->name), column->counts.count, (long long)outputs, folds);
    sums->cells = weir_allocate_zero(cells_of(sums) * (size_t)folds, sizeof *sums->cells);
    return sums->cells ? 0 : weir_fail_memory(error);
}

int weir_encode_begin_sums(const struct weir_encode *self, struct weir_encode_column *column, struct weir_error *error)
{
    const struct weir_counts *classes = &self->label.classes;
    weir_counts_release(&column->classes);
    column->classes_are_numbers = weir_kind_is_integer(self->label.type.kind);
    for (size_t i = 0; i < classes->count; i++)
        if (weir_counts_add(&column->classes, weir_counts_value(classes, i), classes->items[i].size, 1) < 0)
            return weir_fail_memory(error);
    return new_sums(column, self->folds, self->label.numeric ? 1 : (int64_t)classes->count, error);
}

int weir_encode_learn_target(struct weir_encode *self, struct weir_encode_column *column,
                             const struct weir_column *data, struct weir_error *error)
{
    struct weir_encode_sums *sums = &column->sums;
    struct weir_encode_texts texts;
    if (weir_encode_texts_open(&texts, data, &column->type, error) < 0)
        return -1;
    for (int64_t row = 0; row < data->rows; row++) {
        double label = self->label.values[row];
        size_t length, value = sums->values - 1;
        if (isnan(label))
            continue;
        const char *text = weir_encode_text(&texts, row, &length);
        if (text) {
            int64_t found = weir_counts_find(&column->counts, text, length);
            value = found >= 0 ? (size_t)found : sums->values - 2;
        }
        int64_t fold = (self->learned_rows + row) % sums->folds;
        double *cell = sums->cells + (size_t)fold * cells_of(sums) + value * (size_t)(1 + sums->outputs);
        cell[0]++;
        if (self->label.numeric)
            cell[1] += label;
        else
            cell[1 + (int)label]++;
    }
    weir_encode_texts_close(&texts);
    return 0;
}

/* ---- Tables ------------------------------------------------------------------------------------------------- */

/* What the codes become by the rows of all folds but one (-1: by all). sums[codes][1 + outputs] is scratch. */
static void fill_table(const struct weir_encode *self, const struct weir_encode_column *column, const int32_t *code,
                       int without, double *by_code, double *table)
{
    const struct weir_encode_sums *sums = &column->sums;
    size_t step = (size_t)(1 + sums->outputs), codes = (size_t)weir_encode_codes_of(column);
    memset(by_code, 0, (codes + 1) * step * sizeof *by_code);
    double *all = by_code + codes * step;
    for (int fold = 0; fold < sums->folds; fold++) {
        if (fold == without)
            continue;
        for (size_t value = 0; value < sums->values; value++) {
            const double *cell = sums->cells + (size_t)fold * cells_of(sums) + value * step;
            bool missing = value == sums->values - 1;
            size_t at = value < column->counts.count ? (size_t)code[value] : (size_t)column->other;
            if (missing && column->missing >= 0)
                at = (size_t)column->missing;
            for (size_t i = 0; i < step; i++) {
                by_code[at * step + i] += cell[i];
                all[i] += cell[i];
            }
        }
    }
    int first = sums->outputs == 2 ? 1 : 0; /* of two classes the second says all */
    for (size_t at = 0; at < codes; at++)
        for (int i = 0; i < column->width; i++) {
            const double *cell = by_code + at * step;
            double mean = all[0] > 0 ? all[1 + first + i] / all[0] : 0, weight = cell[0] + self->smoothing;
            double sum = cell[1 + first + i] + self->smoothing * mean;
            table[at * (size_t)column->width + (size_t)i] = weight > 0 ? sum / weight : mean;
        }
}

int weir_encode_settle_target(const struct weir_encode *self, struct weir_encode_column *column, const int32_t *code,
                              struct weir_error *error)
{
    const struct weir_encode_sums *sums = &column->sums;
    column->width = sums->outputs == 2 ? 1 : (int)sums->outputs;
    size_t codes = (size_t)weir_encode_codes_of(column), size = codes * (size_t)column->width;
    free(column->table);
    free(column->fold_tables);
    column->table = weir_allocate(size, sizeof *column->table);
    column->fold_tables = sums->folds > 1 ? weir_allocate(size * (size_t)sums->folds, sizeof(double)) : NULL;
    double *by_code = weir_allocate((codes + 1) * (size_t)(1 + sums->outputs), sizeof *by_code);
    int result = column->table && by_code && (sums->folds == 1 || column->fold_tables) ? 0 : weir_fail_memory(error);
    if (result == 0)
        fill_table(self, column, code, -1, by_code, column->table);
    for (int fold = 0; result == 0 && sums->folds > 1 && fold < sums->folds; fold++)
        fill_table(self, column, code, fold, by_code, column->fold_tables + (size_t)fold * size);
    for (size_t i = 0; result == 0 && i < size; i++)
        if (!isfinite(column->table[i]))
            result = weir_fail(error, WEIR_BAD_DATA, "the label's numbers are too large to be summed up");
    free(by_code);
    return result;
}

/* ---- States that merge: the sums of all folds together, in the order in which the counts are written ------------- */

/* The sums as one fold, value i at index[i] (NULL: in the order in which they are). */
static double *one_fold(const struct weir_encode_column *column, const uint32_t *index)
{
    const struct weir_encode_sums *sums = &column->sums;
    size_t step = (size_t)(1 + sums->outputs);
    double *cells = weir_allocate_zero(cells_of(sums), sizeof *cells);
    for (size_t value = 0; cells && value < sums->values; value++) {
        size_t from = index && value < column->counts.count ? index[value] : value;
        for (int fold = 0; fold < sums->folds; fold++)
            for (size_t i = 0; i < step; i++)
                cells[value * step + i] += sums->cells[(size_t)fold * cells_of(sums) + from * step + i];
    }
    return cells;
}

json_t *weir_encode_save_sums(const struct weir_encode_column *column, struct weir_blobs *blobs)
{
    uint32_t *index = weir_allocate(column->counts.count, sizeof *index);
    if (!index)
        return NULL;
    for (size_t i = 0; i < column->counts.count; i++)
        index[i] = (uint32_t)i;
    weir_counts_sort_by_value(&column->counts, index, column->counts.count);
    double *cells = one_fold(column, index);
    json_t *json = cells ? weir_blobs_add(blobs, cells, cells_of(&column->sums) * sizeof *cells) : NULL;
    free(cells);
    free(index);
    return json;
}

int weir_encode_restore_sums(struct weir_encode_column *column, const json_t *json, const struct weir_blobs *blobs,
                             struct weir_error *error)
{
    const struct weir_buffer *blob = weir_blobs_find(blobs, json, error);
    if (!blob)
        return -1;
    int64_t outputs = column->classes.count ? (int64_t)column->classes.count : 1;
    if (new_sums(column, 1, outputs, error) < 0)
        return -1;
    if (blob->size != cells_of(&column->sums) * sizeof *column->sums.cells)
        return weir_fail(error, WEIR_BAD_DATA, "its 'sums' do not fit its 'counts'");
    memcpy(column->sums.cells, blob->bytes, blob->size);
    for (size_t i = 0; i < cells_of(&column->sums); i++) {
        double cell = column->sums.cells[i];
        bool count = column->classes.count > 0 || i % 2 == 0;
        if (!isfinite(cell) || (count && !(cell >= 0 && cell <= 0x1p60)))
            return weir_fail(error, WEIR_BAD_DATA, "its 'sums' are no sums");
    }
    return 0;
}

/* Adds the sums of `from` into those of `into`, value by value and class by class. */
static int add_sums(struct weir_encode_column *into, const struct weir_encode_column *from, struct weir_error *error)
{
    struct weir_encode_sums *sums = &into->sums;
    const struct weir_encode_sums *more = &from->sums;
    double *cells = one_fold(from, NULL);
    if (!cells)
        return weir_fail_memory(error);
    for (size_t value = 0; value < more->values; value++) {
        size_t at = sums->values - (more->values - value); /* what is not held, or missing */
        if (value < from->counts.count) {
            int64_t found = weir_counts_find(&into->counts, weir_counts_value(&from->counts, value),
                                             from->counts.items[value].size);
            at = found >= 0 ? (size_t)found : sums->values - 2;
        }
        double *to = sums->cells + at * (size_t)(1 + sums->outputs);
        const double *cell = cells + value * (size_t)(1 + more->outputs);
        to[0] += cell[0];
        for (int64_t i = 0; i < more->outputs; i++) {
            int64_t class = i;
            if (from->classes.count > 0)
                class = weir_counts_find(&into->classes, weir_counts_value(&from->classes, (size_t)i),
                                         from->classes.items[i].size);
            to[1 + class] += cell[1 + i];
        }
    }
    free(cells);
    return 0;
}

int weir_encode_merge_sums(struct weir_encode_column *into, const struct weir_encode_column *from,
                           struct weir_error *error)
{
    if ((into->classes.count == 0) != (from->classes.count == 0))
        return weir_fail(error, WEIR_BAD_DATA, "the label has classes in one state and is a number in another");
    struct weir_encode_column old = *into;
    into->counts = into->classes = (struct weir_counts){ 0 };
    into->sums.cells = NULL;
    const struct weir_type label = { .kind = into->classes_are_numbers ? WEIR_INT64 : WEIR_UTF8 };
    int result = weir_counts_merge(&into->counts, &old.counts) < 0 ||
                         weir_counts_merge(&into->counts, &from->counts) < 0 ||
                         weir_counts_merge(&into->classes, &old.classes) < 0 ||
                         weir_counts_merge(&into->classes, &from->classes) < 0
                     ? weir_fail_memory(error)
                     : 0;
    if (result == 0 && into->classes.slack > 0)
        result = fail_long(error);
    if (result == 0 && into->classes.count > WEIR_ENCODE_CLASSES)
        result = weir_fail(error, WEIR_BAD_DATA, "the label has more than %d classes in all", WEIR_ENCODE_CLASSES);
    if (result == 0)
        result = sort_classes(&into->classes, &label, error);
    int64_t outputs = into->classes.count ? (int64_t)into->classes.count : 1;
    if (result == 0)
        result = new_sums(into, 1, outputs, error);
    if (result == 0)
        result = add_sums(into, &old, error);
    if (result == 0)
        result = add_sums(into, from, error);
    weir_counts_release(&old.counts);
    weir_counts_release(&old.classes);
    free(old.sums.cells);
    return result;
}
