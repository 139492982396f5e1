#include "base/number.h"
#include "stage/clean_values_private.h"
#include <math.h>

void weir_clean_values_learner_free(struct clean_learner *learner)
{
    if (!learner)
        return;
    weir_quantile_learner_release(&learner->quantiles);
    weir_counts_release(&learner->counts);
    weir_buffer_release(&learner->first_text);
    free(learner);
}

static bool fills_by_learning(enum clean_rule rule)
{
    return rule == CLEAN_MEAN || rule == CLEAN_MEDIAN || rule == CLEAN_MODE;
}

bool weir_clean_values_learns(const struct clean_settings *settings, const struct clean_column *column)
{
    if (column->class == CLEAN_TENSOR || column->class == CLEAN_NOTHING || column->class == CLEAN_OTHER)
        return false;
    return fills_by_learning(column->rule) || column->outliers || settings->flag_missing || settings->drop_constant;
}

static const double median_place[] = { 0.5 }, quartile_places[] = { 0.25, 0.75 };

static int enter(const struct clean_settings *settings, struct clean_column *column, enum clean_phase phase,
                 struct weir_error *error)
{
    struct clean_learner *learner = column->learner;
    learner->phase = phase;
    learner->again = false;
    learner->statistics = (struct weir_statistics){ 0 };
    bool quartiles = phase == CLEAN_LEARN_BOUNDS && settings->outliers == CLEAN_IQR;
    bool median = phase == CLEAN_LEARN_DEVIATIONS || (phase == CLEAN_LEARN_BOUNDS && settings->outliers == CLEAN_MAD) ||
                  (phase == CLEAN_LEARN_FILL && column->rule == CLEAN_MEDIAN);
    if (quartiles)
        return weir_quantile_learner_begin(&learner->quantiles, quartile_places, 2, learner->limit, false, error);
    if (median)
        return weir_quantile_learner_begin(&learner->quantiles, median_place, 1, learner->limit,
                                           learner->sketch && phase == CLEAN_LEARN_FILL, error);
    return 0;
}

int weir_clean_values_learner_begin(const struct clean_settings *settings, struct clean_column *column, int limit,
                                    bool sketch, struct weir_error *error)
{
    column->learner = weir_allocate_zero(1, sizeof *column->learner);
    if (!column->learner)
        return weir_fail_memory(error);
    column->learner->limit = limit;
    column->learner->sketch = sketch;
    return enter(settings, column, column->outliers ? CLEAN_LEARN_BOUNDS : CLEAN_LEARN_FILL, error);
}

/* ---- Numbers and times ------------------------------------------------------------------------------------------ */

/* Takes away what means missing, is not allowed, out of range or (once the bounds are known) an outlier; what the rules
 * drop along with its row is not a missing value. Returns how many were dropped so. */
static int64_t apply_rules(const struct clean_settings *settings, const struct clean_column *column, double *numbers,
                           int64_t count)
{
    int64_t dropped = 0;
    for (int64_t i = 0; column->means_missing.count > 0 && i < count; i++)
        if (weir_clean_values_is_among(&column->means_missing, numbers[i]))
            numbers[i] = (double)NAN;
    if (column->ranged || column->allowed.count > 0)
        for (int64_t i = 0; i < count; i++)
            if (!isnan(numbers[i]) &&
                !weir_clean_values_number_fine(column, settings->bad_value, column->type.kind, &numbers[i])) {
                numbers[i] = (double)NAN;
                dropped += settings->bad_value == CLEAN_TO_DROP;
            }
    if (!column->outliers || column->learner->phase != CLEAN_LEARN_FILL)
        return dropped;
    for (int64_t i = 0; i < count; i++) {
        if (!(numbers[i] < column->lower || numbers[i] > column->upper))
            continue;
        double nearest = numbers[i] < column->lower ? column->lower : column->upper;
        numbers[i] = settings->outlier_action == CLEAN_TO_CLIP ? nearest : (double)NAN;
        dropped += settings->outlier_action == CLEAN_TO_DROP;
    }
    return dropped;
}

static int count_numbers(struct clean_learner *learner, const double *numbers, int64_t count, struct weir_error *error)
{
    char text[WEIR_NUMBER_SIZE];
    for (int64_t i = 0; i < count; i++)
        if (!isnan(numbers[i]) &&
            weir_counts_add(&learner->counts, text, weir_format_double(numbers[i] + 0.0, text), 1) < 0)
            return weir_fail_memory(error);
    return 0;
}

static void watch_numbers(struct clean_learner *learner, const double *numbers, int64_t count)
{
    for (int64_t i = 0; i < count && !learner->differs; i++) {
        if (isnan(numbers[i]))
            continue;
        if (!learner->seen)
            learner->first = numbers[i];
        learner->seen = true;
        learner->differs = numbers[i] != learner->first;
    }
}

static int learn_fill(struct clean_column *column, const double *numbers, int64_t count, int64_t dropped,
                      struct weir_error *error)
{
    struct clean_learner *learner = column->learner;
    if (!learner->again) {
        int64_t missing = 0;
        for (int64_t i = 0; i < count; i++)
            missing += isnan(numbers[i]);
        column->rows += count;
        column->missing += missing - dropped;
        watch_numbers(learner, numbers, count);
    }
    if (column->rule == CLEAN_MEAN)
        weir_statistics_add(&learner->statistics, numbers, (size_t)count);
    else if (column->rule == CLEAN_MODE)
        return count_numbers(learner, numbers, count, error);
    else if (column->rule == CLEAN_MEDIAN)
        return weir_quantile_learner_add(&learner->quantiles, numbers, (size_t)count, error);
    return 0;
}

static int learn_numbers(struct clean_values *self, struct clean_column *column, const struct weir_column *data,
                         struct weir_error *error)
{
    struct clean_learner *learner = column->learner;
    int64_t missing;
    if (weir_scratch_numbers(&self->scratch, data, column->type.kind, &missing, error) < 0)
        return -1;
    double *numbers = self->scratch.numbers;
    int64_t dropped = apply_rules(&self->settings, column, numbers, data->rows);
    if (learner->phase == CLEAN_LEARN_FILL)
        return learn_fill(column, numbers, data->rows, dropped, error);
    if (learner->phase == CLEAN_LEARN_DEVIATIONS)
        for (int64_t i = 0; i < data->rows; i++)
            numbers[i] = fabs(numbers[i] - learner->center);
    if (learner->phase == CLEAN_LEARN_BOUNDS && self->settings.outliers == CLEAN_ZSCORE)
        weir_statistics_add(&learner->statistics, numbers, (size_t)data->rows);
    else
        return weir_quantile_learner_add(&learner->quantiles, numbers, (size_t)data->rows, error);
    return 0;
}

/* ---- Text and bool ---------------------------------------------------------------------------------------------- */

static int learn_text_value(struct clean_values *self, struct clean_column *column, const char *bytes, size_t length,
                            int64_t times, struct weir_error *error)
{
    struct clean_learner *learner = column->learner;
    column->rows += times;
    enum clean_outcome outcome = weir_clean_values_judge_text(column, bytes, length);
    if (outcome != CLEAN_STAYS) {
        bool dropped = outcome == CLEAN_NOT_ALLOWED && self->settings.bad_value == CLEAN_TO_DROP;
        column->missing += dropped ? 0 : times;
        return 0;
    }
    if (self->settings.drop_constant) {
        if (!learner->seen)
            weir_buffer_append(&learner->first_text, bytes, length);
        else if (!learner->differs)
            learner->differs = learner->first_text.size != length ||
                               (length > 0 && memcmp(learner->first_text.bytes, bytes, length) != 0);
    }
    learner->seen = true;
    if (column->rule == CLEAN_MODE && weir_counts_add(&learner->counts, bytes, length, times) < 0)
        return weir_fail_memory(error);
    return 0;
}

/* Whether all values of a dictionary can be counted beside those that are, so that none is forgotten and their order
 * does not matter. */
static bool can_count(const struct weir_counts *counts, const struct weir_column *values)
{
    const int32_t *offsets = weir_offsets(values);
    return values->rows <= WEIR_COUNTS_VALUES - (int64_t)counts->count &&
           (values->rows == 0 || offsets[values->rows] - offsets[0] <= WEIR_COUNTS_BYTES - (int64_t)counts->bytes.size);
}

/* The texts one by one, plain or by their codes. */
static int learn_each(struct clean_values *self, struct clean_column *column, const struct weir_column *data,
                      struct weir_error *error)
{
    bool coded = column->type.kind == WEIR_DICTIONARY;
    const struct weir_column *texts = coded ? &data->children[0] : data;
    for (int64_t row = 0; row < data->rows; row++) {
        size_t length;
        int64_t at = !weir_valid(data, row) ? -1 : coded ? weir_codes(data)[row] : row;
        if (at < 0 || !weir_valid(texts, at)) {
            column->rows++;
            column->missing++;
            continue;
        }
        const char *bytes = weir_text(texts, at, &length);
        if (learn_text_value(self, column, bytes, length, 1, error) < 0)
            return -1;
    }
    return weir_buffer_check(&column->learner->first_text, error);
}

static int learn_dictionary(struct clean_values *self, struct clean_column *column, const struct weir_column *data,
                            struct weir_error *error)
{
    const struct weir_column *values = &data->children[0];
    const int32_t *codes = weir_codes(data);
    if (column->rule == CLEAN_MODE && !can_count(&column->learner->counts, values))
        return learn_each(self, column, data, error);
    int64_t *times = weir_allocate_zero((size_t)values->rows, sizeof *times);
    if (!times)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < data->rows; row++) {
        if (weir_valid(data, row) && weir_valid(values, codes[row])) {
            times[codes[row]]++;
        } else {
            column->rows++;
            column->missing++;
        }
    }
    int result = 0;
    for (int64_t i = 0; result == 0 && i < values->rows; i++) {
        size_t length;
        const char *bytes = times[i] > 0 ? weir_text(values, i, &length) : NULL;
        if (bytes)
            result = learn_text_value(self, column, bytes, length, times[i], error);
    }
    free(times);
    return result == 0 ? weir_buffer_check(&column->learner->first_text, error) : -1;
}

static int learn_text(struct clean_values *self, struct clean_column *column, const struct weir_column *data,
                      struct weir_error *error)
{
    bool each = column->rule == CLEAN_MODE || self->settings.drop_constant || column->allowed.count > 0 ||
                column->means_missing.count > 0;
    if (!each) {
        column->rows += data->rows;
        column->missing += data->null_count;
        column->learner->seen |= data->rows > data->null_count;
        return 0;
    }
    return learn_each(self, column, data, error);
}

static void learn_bool(struct clean_column *column, const struct weir_column *data)
{
    struct clean_learner *learner = column->learner;
    for (int64_t row = 0; row < data->rows; row++) {
        bool present = weir_valid(data, row), value = weir_bit(data->values.bytes, row);
        learner->trues += present && value;
        learner->falses += present && !value;
    }
    column->rows += data->rows;
    column->missing += data->null_count;
    learner->seen = learner->trues + learner->falses > 0;
    learner->differs = learner->trues > 0 && learner->falses > 0;
}

int weir_clean_values_learner_add(struct clean_values *self, struct clean_column *column,
                                  const struct weir_column *data, struct weir_error *error)
{
    if (column->learner->phase == CLEAN_LEARN_DONE)
        return 0;
    if (column->class == CLEAN_NUMBER || column->class == CLEAN_TIME)
        return learn_numbers(self, column, data, error);
    if (column->class == CLEAN_BOOL)
        learn_bool(column, data);
    else if (column->type.kind == WEIR_DICTIONARY)
        return learn_dictionary(self, column, data, error);
    else
        return learn_text(self, column, data, error);
    return 0;
}

/* ---- At the end of a pass --------------------------------------------------------------------------------------- */

/* More frequent, or as frequent and smaller. */
static bool beats(const struct weir_counts *counts, bool numbers, size_t a, size_t b)
{
    const struct weir_count *x = &counts->items[a], *y = &counts->items[b];
    if (x->count != y->count)
        return x->count > y->count;
    const char *p = weir_counts_value(counts, a), *q = weir_counts_value(counts, b);
    double left, right;
    if (numbers && weir_parse_double(p, x->size, &left) && weir_parse_double(q, y->size, &right))
        return left < right;
    uint32_t shorter = x->size < y->size ? x->size : y->size;
    int order = shorter > 0 ? memcmp(p, q, shorter) : 0;
    return order != 0 ? order < 0 : x->size < y->size;
}

static int settle_mode(struct clean_column *column, double *number, struct weir_error *error)
{
    const struct clean_learner *learner = column->learner;
    if (column->class == CLEAN_BOOL) {
        column->fill.integer = learner->trues > learner->falses;
        return 0;
    }
    const struct weir_counts *counts = &learner->counts;
    bool numbers = column->class != CLEAN_TEXT;
    size_t best = 0;
    for (size_t i = 1; i < counts->count; i++)
        if (beats(counts, numbers, i, best))
            best = i;
    if (counts->count == 0) { /* every value was too long to be counted */
        column->fill.known = false;
        return 0;
    }
    const char *value = weir_counts_value(counts, best);
    if (numbers)
        return weir_parse_double(value, counts->items[best].size, number)
                   ? 0
                   : weir_fail(error, WEIR_BAD_DATA, "a counted value is no number");
    free(column->fill.text);
    column->fill.length = counts->items[best].size;
    column->fill.text = weir_duplicate_bytes(value, column->fill.length);
    return column->fill.text ? 0 : weir_fail_memory(error);
}

static bool is_constant(const struct clean_column *column)
{
    const struct clean_learner *learner = column->learner;
    if (learner->differs)
        return false;
    if (!learner->seen || column->missing == 0 || column->rule == CLEAN_DROP)
        return true;
    if (column->rule == CLEAN_KEEP || !column->fill.known)
        return false;
    if (column->class == CLEAN_TEXT)
        return column->fill.length == learner->first_text.size &&
               (column->fill.length == 0 ||
                memcmp(column->fill.text, learner->first_text.bytes, column->fill.length) == 0);
    if (column->class == CLEAN_BOOL)
        return (learner->trues > 0) == (column->fill.integer != 0);
    return learner->first == (weir_kind_is_float(column->type.kind) ? column->fill.real : (double)column->fill.integer);
}

/* A date is whole days, in whichever unit it is counted. */
static int64_t nearest(enum weir_kind kind, double number)
{
    const int64_t day = 86400000; /* milliseconds */
    return kind == WEIR_DATE64 ? day * weir_clean_values_nearest(number / (double)day)
                               : weir_clean_values_nearest(number);
}

int weir_clean_values_settle(const struct clean_settings *settings, struct clean_column *column,
                             struct weir_error *error)
{
    struct clean_learner *learner = column->learner;
    double number = 0;
    column->removal = CLEAN_KEPT;
    if (fills_by_learning(column->rule)) {
        column->fill.known = learner->seen;
        if (learner->seen && column->rule == CLEAN_MEAN) {
            weir_statistics_finish(&learner->statistics);
            number = learner->statistics.mean;
        } else if (learner->seen && column->rule == CLEAN_MEDIAN) {
            number = learner->quantiles.values[0];
        } else if (learner->seen && settle_mode(column, &number, error) < 0) {
            return -1;
        }
        if (!isfinite(number))
            return weir_fail(error, WEIR_BAD_DATA, "column %s: its numbers are too large to be summed up",
                             WEIR_SHOW(column->name));
        if (weir_kind_is_float(column->type.kind))
            column->fill.real = number;
        else if (column->class != CLEAN_BOOL)
            column->fill.integer = nearest(column->type.kind, number);
        if (!learner->seen && !column->label)
            column->removal = CLEAN_NO_VALUE;
    }
    if (settings->drop_constant && !column->label && column->removal == CLEAN_KEPT && column->rows > 0 &&
        is_constant(column))
        column->removal = CLEAN_IS_CONSTANT;
    return 0;
}

static void settle_bounds(const struct clean_settings *settings, struct clean_column *column)
{
    struct clean_learner *learner = column->learner;
    const double *values = learner->quantiles.values;
    double factor = settings->outlier_factor, center, reach;
    if (settings->outliers == CLEAN_ZSCORE) {
        weir_statistics_finish(&learner->statistics);
        center = learner->statistics.mean;
        reach = factor * weir_statistics_deviation(&learner->statistics, 0);
        if (learner->statistics.count == 0)
            return;
    } else if (!learner->quantiles.known) {
        return;
    } else if (settings->outliers == CLEAN_IQR) {
        center = values[0] + (values[1] - values[0]) / 2;
        reach = (values[1] - values[0]) * (0.5 + factor);
    } else {
        center = learner->center;
        reach = factor * values[0] / 0.6744897501960817; /* the normal distribution's third quartile */
    }
    /* a column most of whose values are equal has no spread to judge by */
    if (!(reach > 0) || !isfinite(center - reach) || !isfinite(center + reach))
        return;
    column->lower = center - reach;
    column->upper = center + reach;
    if (settings->outliers == CLEAN_IQR) {
        column->lower = values[0] - factor * (values[1] - values[0]);
        column->upper = values[1] + factor * (values[1] - values[0]);
    }
    if (weir_kind_is_integer(column->type.kind)) { /* so that clipped values are whole and lie within */
        column->lower = ceil(column->lower);
        column->upper = floor(column->upper);
    }
}

int weir_clean_values_learner_end(const struct clean_settings *settings, struct clean_column *column,
                                  struct weir_error *error)
{
    struct clean_learner *learner = column->learner;
    if (learner->phase == CLEAN_LEARN_DONE)
        return 0;
    if (learner->quantiles.count > 0 && !learner->quantiles.known) {
        int more = weir_quantile_learner_end(&learner->quantiles, error);
        if (more != 0) {
            learner->again = true;
            return more;
        }
    }
    switch (learner->phase) {
    case CLEAN_LEARN_BOUNDS:
        if (settings->outliers == CLEAN_MAD && learner->quantiles.known) {
            learner->center = learner->quantiles.values[0];
            return enter(settings, column, CLEAN_LEARN_DEVIATIONS, error) < 0 ? -1 : 1;
        }
        /* fall through */
    case CLEAN_LEARN_DEVIATIONS:
        settle_bounds(settings, column);
        weir_quantile_learner_release(&learner->quantiles);
        return enter(settings, column, CLEAN_LEARN_FILL, error) < 0 ? -1 : 1;
    default:
        learner->phase = CLEAN_LEARN_DONE;
        return weir_clean_values_settle(settings, column, error);
    }
}
