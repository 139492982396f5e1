/* A profile from the text of its file, which may be anything: what is computed from the rest is passed over, and the
 * rest is checked. */
#include "base/json.h"
#include "base/number.h"
#include "eval/profile_private.h"
#include "math/sort.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 1000000 };

static int fail(struct weir_error *error, const char *what)
{
    return weir_fail(error, WEIR_BAD_DATA, "'%s' is missing or is not what it should be", what);
}

static bool take_whole(const json_t *object, const char *name, int64_t least, int64_t most, int64_t *out)
{
    const json_t *value = json_object_get(object, name);
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= least && *out <= most;
}

static bool take_number(const json_t *object, const char *name, double *out)
{
    const json_t *value = json_object_get(object, name);
    *out = json_number_value(value);
    return json_is_number(value) && isfinite(*out);
}

/* numbers[count], which are all finite. */
static bool take_numbers(const json_t *object, const char *name, double *numbers, size_t count)
{
    const json_t *array = json_object_get(object, name);
    if (!json_is_array(array) || json_array_size(array) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        numbers[i] = json_number_value(value);
        if (!json_is_number(value) || !isfinite(numbers[i]))
            return false;
    }
    return true;
}

/* counts[count] from 0 to `most`. */
static bool take_counts(const json_t *array, int64_t most, int64_t *counts, size_t count)
{
    if (!json_is_array(array) || json_array_size(array) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        counts[i] = json_integer_value(value);
        if (!json_is_integer(value) || counts[i] < 0 || counts[i] > most)
            return false;
    }
    return true;
}

/* Ascending keys of sixteen digits each: how many, or -1. */
static int take_keys(const json_t *object, const char *name, int most, uint64_t *keys)
{
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);
    size_t length = json_string_length(value), count = length / 16;
    if (!text || length % 16 || count > (size_t)most)
        return -1;
    for (size_t i = 0; i < length; i++) {
        bool letter = text[i] >= 'a' && text[i] <= 'f';
        if (!letter && (text[i] < '0' || text[i] > '9'))
            return -1;
        uint64_t digit = (uint64_t)(letter ? text[i] - 'a' + 10 : text[i] - '0');
        keys[i / 16] = i % 16 ? keys[i / 16] << 4 | digit : digit;
    }
    for (size_t i = 1; i < count; i++)
        if (keys[i] <= keys[i - 1])
            return -1;
    return (int)count;
}

/* ---- Measures -----------------------------------------------------------------------------------------------------
 */

static int read_points(struct profile_measure *measure, const json_t *state, struct weir_error *error)
{
    struct weir_quantile_points *points = &measure->points;
    int64_t count = measure->statistics.count;
    size_t size = count < WEIR_QUANTILE_POINTS ? (size_t)count : WEIR_QUANTILE_POINTS;
    if (count == 0)
        return 0;
    if (!take_whole(state, "error", 0, count, &points->error))
        return fail(error, "error");
    points->values = weir_allocate(size, sizeof *points->values);
    if (!points->values)
        return weir_fail_memory(error);
    bool valid = take_numbers(state, "points", points->values, size);
    for (size_t i = 0; valid && i < size; i++)
        valid = points->values[i] >= (i ? points->values[i - 1] : measure->statistics.minimum) &&
                points->values[i] <= measure->statistics.maximum;
    if (!valid)
        return fail(error, "points");
    points->count = count;
    points->size = size;
    return 0;
}

static bool read_histogram(struct profile_measure *measure, const json_t *json, const json_t *state)
{
    const json_t *bins = json_object_get(json_object_get(json, "histogram"), "bins");
    int64_t counts[WEIR_HISTOGRAM_BINS], exponent;
    double first;
    if (measure->statistics.count == 0)
        return true;
    size_t size = json_array_size(bins);
    return size <= WEIR_HISTOGRAM_BINS && take_counts(bins, measure->statistics.count, counts, size) &&
           take_whole(state, "exponent", -2000, 2000, &exponent) && take_number(state, "first", &first) &&
           weir_histogram_restore(&measure->histogram, measure->histogram.least, (int)exponent, first, counts,
                                  (int)size) &&
           measure->histogram.count == measure->statistics.count;
}

/* The extremes of whole numbers, which a double may not hold. */
static bool read_extremes(struct profile_measure *measure, const json_t *json)
{
    const json_t *least = json_object_get(json, "minimum"), *greatest = json_object_get(json, "maximum");
    struct weir_statistics *statistics = &measure->statistics;
    if (!json_is_number(least) || !json_is_number(greatest))
        return false;
    statistics->minimum = json_number_value(least);
    statistics->maximum = json_number_value(greatest);
    if (!measure->whole)
        return true;
    if (json_is_integer(least))
        measure->least = json_integer_value(least);
    if (json_is_integer(greatest))
        measure->greatest = json_integer_value(greatest);
    return true;
}

static int read_measure(struct profile_measure *measure, const json_t *json, const json_t *state, bool points,
                        bool hidden, struct weir_error *error)
{
    const int64_t most = (int64_t)1 << 53;
    struct weir_statistics *statistics = &measure->statistics;
    int64_t count;
    if (!json || !state)
        return fail(error, json ? "state" : "values");
    measure->hidden = hidden;
    if (!take_whole(json, "count", 0, most, &count) || !take_whole(json, "zeros", 0, count, &measure->zeros))
        return fail(error, "count");
    if (json_object_get(json, "nan") && (!take_whole(json, "nan", 0, most, &measure->nan) ||
                                         !take_whole(json, "infinite", 0, most, &measure->infinite)))
        return fail(error, "nan");
    if (!take_whole(json, "negative", 0, count + measure->infinite, &measure->negative))
        return fail(error, "negative");
    if (count == 0)
        return 0;
    statistics->count = count;
    bool huge = json_is_null(json_object_get(json, "mean")); /* of numbers whose mean no double can tell */
    if (!huge &&
        (!take_number(json, "mean", &statistics->mean) || !take_number(state, "mean_rest", &statistics->mean_rest)))
        return fail(error, "mean");
    if (json_is_null(json_object_get(state, "squares")))
        statistics->squares = (double)INFINITY;
    else if (!take_number(state, "squares", &statistics->squares) || statistics->squares < 0)
        return fail(error, "squares");
    if (hidden) {
        statistics->minimum = -(double)INFINITY;
        statistics->maximum = statistics->maximum_magnitude = (double)INFINITY;
        return 0;
    }
    double numbers[WEIR_STATISTICS_STATE];
    if (!read_extremes(measure, json))
        return fail(error, "minimum");
    statistics->maximum_magnitude = fmax(fabs(statistics->minimum), fabs(statistics->maximum));
    if (huge)
        statistics->mean = statistics->minimum;
    weir_statistics_save(statistics, numbers);
    if (weir_statistics_load(statistics, numbers, WEIR_STATISTICS_STATE, error))
        return -1;
    if (huge)
        statistics->mean = (double)NAN;
    if (!read_histogram(measure, json, state))
        return fail(error, "histogram");
    return points ? read_points(measure, state, error) : 0;
}

/* ---- The most frequent values -------------------------------------------------------------------------------------
 */

static bool read_item(struct weir_frequent_item *item, const json_t *value, const struct weir_type *type)
{
    double number;
    if (type->kind == WEIR_UTF8) {
        item->text = json_string_value(value);
        item->size = (uint32_t)json_string_length(value);
        return item->text && json_string_length(value) <= WEIR_FREQUENT_TEXT;
    }
    if (type->kind == WEIR_BOOL) {
        item->key = weir_profile_whole_key(type->kind, json_is_true(value));
        return json_is_boolean(value);
    }
    if (weir_kind_is_float(type->kind)) {
        const char *text = json_string_value(value);
        number = !text ? json_number_value(value) : *text == '-' ? -(double)INFINITY : (double)INFINITY;
        item->key = weir_key(number);
        return text ? strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0 : json_is_number(value);
    }
    if (type->kind == WEIR_UINT64 && json_is_string(value)) {
        return weir_parse_uint64(json_string_value(value), json_string_length(value), &item->key) &&
               item->key > INT64_MAX;
    }
    item->key = weir_profile_whole_key(type->kind, json_integer_value(value));
    return json_is_integer(value) && (type->kind != WEIR_UINT64 || json_integer_value(value) >= 0);
}

static int read_top(struct profile_column *column, const json_t *json, int64_t rows, struct weir_error *error)
{
    const json_t *values = json_object_get(json, "values");
    struct weir_frequent_list *top = &column->top;
    if (!json_is_array(values) || json_array_size(values) > WEIR_FREQUENT_LIST ||
        !take_whole(json, "slack", 0, rows, &top->slack) || !take_whole(json, "rest", 0, rows, &top->rest) ||
        !take_whole(json, "longer", 0, rows, &top->longer))
        return fail(error, "top");
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *pair = json_array_get(values, i);
        struct weir_frequent_item *item = &top->items[i];
        *item = (struct weir_frequent_item){ .count = json_integer_value(json_array_get(pair, 1)) };
        if (json_array_size(pair) != 2 || !json_is_integer(json_array_get(pair, 1)) || item->count < 1 ||
            item->count > rows || !read_item(item, json_array_get(pair, 0), weir_profile_value_type(&column->type)))
            return fail(error, "top");
        top->count = i + 1;
    }
    return weir_frequent_list_settle(top) ? weir_fail_memory(error) : 0;
}

/* ---- The association with the label --------------------------------------------------------------------------------
 */

static int read_moments(const json_t *json, const char *name, int count, double most, struct profile_moments **moments,
                        struct weir_error *error)
{
    double *numbers = weir_allocate((size_t)count, 3 * sizeof *numbers);
    *moments = weir_allocate((size_t)count, sizeof **moments);
    bool valid = numbers && *moments && take_numbers(json, name, numbers, 3 * (size_t)count);
    for (int i = 0; valid && i < count; i++) {
        const double *of = numbers + 3 * i;
        valid = of[0] >= 0 && of[0] <= most && of[2] >= 0;
        (*moments)[i] = (struct profile_moments){ of[0], of[1], of[2] };
    }
    bool memory = numbers && *moments;
    free(numbers);
    return valid ? 0 : memory ? fail(error, name) : weir_fail_memory(error);
}

static int read_categories(struct profile_association *label, const json_t *json, const struct weir_profile *profile,
                           struct weir_error *error)
{
    label->keys = weir_allocate(PROFILE_CATEGORIES, sizeof *label->keys);
    if (!label->keys)
        return weir_fail_memory(error);
    int count = take_keys(json, "keys", PROFILE_CATEGORIES, label->keys);
    if (count < 0 || (label->too_many && count))
        return fail(error, "keys");
    label->categories = count;
    if (json_object_get(json, "numbers") &&
        read_moments(json, "numbers", count, (double)profile->rows, &label->numbers, error))
        return -1;
    const json_t *counts = json_object_get(json, "counts");
    if (!counts || !profile->classes_known)
        return 0;
    size_t size = (size_t)(count * profile->classes);
    label->counts = weir_allocate(size, sizeof *label->counts);
    if (!label->counts)
        return weir_fail_memory(error);
    return take_counts(counts, profile->rows, label->counts, size) ? 0 : fail(error, "counts");
}

static int read_association(struct profile_column *column, const json_t *json, const struct weir_profile *profile,
                            struct weir_error *error)
{
    struct profile_association *label = &column->label;
    double line[6];
    if (!json_is_object(json))
        return fail(error, "label");
    label->too_many = json_is_true(json_object_get(json, "too_many"));
    if (column->has & PROFILE_CATEGORY)
        return read_categories(label, json, profile, error);
    if (!take_numbers(json, "line", line, 6) || line[0] < 0 || line[0] > (double)profile->rows || line[3] < 0 ||
        line[4] < 0)
        return fail(error, "line");
    label->line = (struct profile_line){ line[0], line[1], line[2], line[3], line[4], line[5] };
    if (!json_object_get(json, "classes") || !profile->classes_known)
        return 0;
    return read_moments(json, "classes", profile->classes, (double)profile->rows, &label->classes, error);
}

/* ---- Columns --------------------------------------------------------------------------------------------------------
 */

static int read_column(struct profile_column *column, const json_t *json, const struct weir_profile *profile,
                       struct weir_error *error)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *type = json_string_value(json_object_get(json, "type"));
    const char *role = json_string_value(json_object_get(json, "role"));
    const json_t *state = json_object_get(json, "state"), *distinct = json_object_get(state, "distinct");
    if (!name || !type || !role || !weir_role_parse(role, &column->role))
        return fail(error, !name ? "name" : !type ? "type" : "role");
    if (!take_whole(json, "missing", 0, profile->rows, &column->missing))
        return fail(error, "missing");
    if (!json_is_string(distinct))
        return fail(error, "distinct");
    column->name = weir_duplicate_string(name);
    if (!column->name)
        return weir_fail_memory(error);
    if (weir_type_parse(type, &column->type, error) ||
        weir_hyperloglog_parse(&column->distinct, json_string_value(distinct), json_string_length(distinct), error))
        return -1;
    unsigned has = column->has = weir_profile_contents(&column->type, column->role);
    struct weir_quantiles *none = NULL;
    weir_profile_measure_begin(&column->values, has & PROFILE_WHOLE, false, &none);
    weir_profile_measure_begin(&column->lengths, true, false, &none);
    if ((has & PROFILE_VALUES) &&
        read_measure(&column->values, json_object_get(json, "values"), json_object_get(state, "values"),
                     has & PROFILE_POINTS, profile->hidden, error))
        return -1;
    if ((has & PROFILE_LENGTHS) && read_measure(&column->lengths, json_object_get(json, "lengths"),
                                                json_object_get(state, "lengths"), true, profile->hidden, error))
        return -1;
    if ((has & PROFILE_TOP) && !profile->hidden && read_top(column, json_object_get(json, "top"), profile->rows, error))
        return -1;
    bool associated =
        profile->label && strcmp(profile->label, name) != 0 && (has & (PROFILE_NUMBER | PROFILE_CATEGORY));
    return associated ? read_association(column, json_object_get(state, "label"), profile, error) : 0;
}

static int read_label(struct weir_profile *profile, const json_t *label, struct weir_error *error)
{
    const char *name = json_string_value(json_object_get(label, "column"));
    if (!label)
        return 0;
    if (!name)
        return fail(error, "label");
    profile->label = weir_duplicate_string(name);
    if (!profile->label)
        return weir_fail_memory(error);
    profile->label_numbers = json_is_true(json_object_get(label, "numbers"));
    if (!json_object_get(label, "classes"))
        return 0;
    profile->classes_known = true;
    profile->classes = take_keys(label, "classes", PROFILE_CLASSES, profile->class_keys);
    if (profile->classes >= 0)
        return 0;
    profile->classes = 0;
    return fail(error, "classes");
}

static int read_all(struct weir_profile *profile, const json_t *json, struct weir_error *error)
{
    const json_t *columns = json_object_get(json, "columns"), *values = json_object_get(json, "values");
    if (!take_whole(json, "rows", 0, (int64_t)1 << 53, &profile->rows))
        return fail(error, "rows");
    if (!json_is_boolean(values))
        return fail(error, "values");
    profile->hidden = json_is_false(values);
    if (read_label(profile, json_object_get(json, "label"), error))
        return -1;
    for (int i = 0; i < profile->count; i++)
        if (read_column(&profile->columns[i], json_array_get(columns, (size_t)i), profile, error))
            return weir_fail_in(error, "column %d", i + 1);
    return 0;
}

int weir_profile_read(struct weir_profile **profile, const char *text, size_t length, struct weir_error *error)
{
    json_t *json = weir_json_parse(text, length, JSON_ALLOW_NUL, error);
    const json_t *columns = json_object_get(json, "columns");
    int result = -1;
    *profile = NULL;
    if (!json)
        return -1;
    if (json_integer_value(json_object_get(json, "weir:profile")) != 1)
        weir_fail(error, WEIR_BAD_DATA, "not a profile of a form that is known here");
    else if (!json_is_array(columns) || json_array_size(columns) > MOST_COLUMNS)
        fail(error, "columns");
    else if (!(*profile = weir_profile_new((int)json_array_size(columns))))
        weir_fail_memory(error);
    else
        result = read_all(*profile, json, error);
    json_decref(json);
    if (result) {
        weir_profile_free(*profile);
        *profile = NULL;
    }
    return result;
}
