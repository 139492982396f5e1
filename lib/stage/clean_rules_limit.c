/* clean, its rules: ranges, lists and values in the terms of a column's type. */
#include "stage/clean_rules_private.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>

enum rules_group weir_clean_rules_group(const struct weir_type *type)
{
    if (weir_kind_is_integer(type->kind) || type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64)
        return RULES_NUMBERS;
    if (weir_clean_is_text(type))
        return RULES_TEXTS;
    switch (type->kind) {
    case WEIR_BOOL:
        return RULES_BOOLS;
    case WEIR_DATE32:
    case WEIR_DATE64:
    case WEIR_TIMESTAMP:
        return RULES_MOMENTS;
    case WEIR_TIME32:
    case WEIR_TIME64:
        return RULES_CLOCKS;
    case WEIR_DURATION:
        return RULES_DURATIONS;
    default:
        return RULES_OTHERS;
    }
}

static int fail_misfit(const struct rules_check *check, const char *what, struct weir_error *error)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(check->type, &type);
    weir_fail(error, WEIR_BAD_DATA, "column %s is %s, for which %s is not possible", WEIR_SHOW(check->column),
              type.bytes ? type.bytes : "", what);
    weir_buffer_release(&type);
    return -1;
}

static bool is_real(enum weir_kind kind)
{
    return kind == WEIR_FLOAT32 || kind == WEIR_FLOAT64;
}

/* ---- Values as the file has them ------------------------------------------------------------------------------- */

static void kind_bounds(enum weir_kind kind, __int128 *low, __int128 *high)
{
    int bits = 8 * weir_kind_width(kind);
    bool is_unsigned = kind >= WEIR_UINT8 && kind <= WEIR_UINT64;
    *high = ((__int128)1 << (is_unsigned ? bits : bits - 1)) - 1;
    *low = is_unsigned ? 0 : -*high - 1;
}

static __int128 whole_number(const json_t *json, bool up)
{
    if (json_is_integer(json))
        return json_integer_value(json);
    double number = up ? ceil(json_real_value(json)) : floor(json_real_value(json));
    return number > 1e30 ? (__int128)1e30 : number < -1e30 ? (__int128)-1e30 : (__int128)number;
}

/* A time or a bool; false: the value is of another kind. */
static bool read_integer(const struct weir_type *type, const json_t *json, bool up, int64_t *out)
{
    if (type->kind == WEIR_BOOL) {
        *out = json_is_true(json);
        return json_is_boolean(json);
    }
    if (type->kind == WEIR_DURATION && json_is_integer(json)) {
        *out = json_integer_value(json);
        return true;
    }
    return json_is_string(json) && weir_kind_width(type->kind) > 0 &&
           weir_clean_read_integer(type, json_string_value(json), json_string_length(json), up, out);
}

/* A value that a column of the type can hold. */
static bool read_value(const struct weir_type *type, const json_t *json, int64_t *integer, double *real)
{
    if (is_real(type->kind)) {
        *real = json_number_value(json);
        return json_is_number(json) && (type->kind == WEIR_FLOAT64 || isfinite((float)*real));
    }
    if (!weir_kind_is_integer(type->kind))
        return read_integer(type, json, false, integer);
    __int128 low, high, value = whole_number(json, false);
    kind_bounds(type->kind, &low, &high);
    *integer = (int64_t)value;
    return json_is_number(json) && value >= low && value <= high && value == whole_number(json, true);
}

/* ---- Ranges ---------------------------------------------------------------------------------------------------- */

/* Of whole numbers, in int64 or, for uint64, in its own bits. A range that holds none of them is turned round. */
static int whole_range(struct rules_check *check, const json_t *low, const json_t *high, struct weir_error *error)
{
    enum weir_kind wide = check->judged.kind == WEIR_UINT64 ? WEIR_UINT64 : WEIR_INT64;
    __int128 least, most, kind_least, kind_most;
    kind_bounds(wide, &least, &most);
    kind_bounds(check->judged.kind, &kind_least, &kind_most);
    __int128 from = json_is_null(low) ? least : whole_number(low, true);
    __int128 to = json_is_null(high) ? most : whole_number(high, false);
    if (check->rule->action == RULES_CLIP && (from > kind_most || to < kind_least || from > to))
        return fail_misfit(check, "clipping to that range", error);
    from = from < least ? least : from;
    to = to > most ? most : to;
    check->low = (int64_t)(from > to ? most : from);
    check->high = (int64_t)(from > to ? least : to);
    return 0;
}

/* The ends of a range of float32 are moved to the next numbers within it that it can hold. */
static int real_range(struct rules_check *check, struct weir_error *error)
{
    double low = weir_clean_end_within(check->judged.kind, check->real_low, true);
    double high = weir_clean_end_within(check->judged.kind, check->real_high, false);
    if (check->rule->action == RULES_CLIP && !(low <= high && low <= DBL_MAX && high >= -DBL_MAX))
        return fail_misfit(check, "clipping to that range", error);
    check->real_low = low;
    check->real_high = high;
    return 0;
}

static int read_range(struct rules_check *check, struct weir_error *error)
{
    const json_t *low = json_array_get(check->rule->range, 0), *high = json_array_get(check->rule->range, 1);
    const struct weir_type *type = &check->judged;
    if (check->group == RULES_TEXTS && type->kind == WEIR_UTF8)
        return fail_misfit(check, "a range without a type to read it as", error);
    if (check->group == RULES_OTHERS || type->kind == WEIR_BOOL)
        return fail_misfit(check, "a range", error);
    check->ranged = true;
    if (check->group == RULES_TEXTS && check->rule->action == RULES_CLIP)
        return fail_misfit(check, "\"clip\"", error);
    if (weir_kind_is_integer(type->kind) || is_real(type->kind)) {
        if (json_is_string(low) || json_is_string(high))
            return weir_fail(error, WEIR_BAD_DATA, "a range of numbers is written without quotes");
        check->real_low = json_is_null(low) ? (double)-INFINITY : json_number_value(low);
        check->real_high = json_is_null(high) ? (double)INFINITY : json_number_value(high);
        return is_real(type->kind) ? real_range(check, error) : whole_range(check, low, high, error);
    }
    check->low = INT64_MIN;
    check->high = INT64_MAX;
    if ((!json_is_null(low) && !read_integer(type, low, true, &check->low)) ||
        (!json_is_null(high) && !read_integer(type, high, false, &check->high)))
        return fail_misfit(check, "the range as it is written", error);
    if (check->low > check->high)
        return weir_fail(error, WEIR_BAD_DATA, "its range begins behind its end");
    return 0;
}

/* ---- Lists ------------------------------------------------------------------------------------------------------ */

static int by_integer(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int read_set(struct rules_check *check, const json_t *list, struct rules_set *set, struct weir_error *error)
{
    size_t count = json_array_size(list);
    bool texts = check->judged.kind == WEIR_UTF8, reals = is_real(check->judged.kind);
    set->given = true;
    if (!texts && !(reals ? (set->reals = weir_allocate(count, sizeof *set->reals)) != NULL
                          : (set->integers = weir_allocate(count, sizeof *set->integers)) != NULL))
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        int64_t integer = 0;
        double real = 0;
        if (texts ? !json_is_string(value) : !read_value(&check->judged, value, &integer, &real))
            return fail_misfit(check, texts ? "a value without quotes" : "one of the values", error);
        if (texts && weir_counts_add(&set->texts, json_string_value(value), json_string_length(value), 1) < 0)
            return weir_fail_memory(error);
        if (reals)
            set->reals[set->count++] = check->judged.kind == WEIR_FLOAT32 ? (double)(float)real : real;
        else if (!texts)
            set->integers[set->count++] = integer;
    }
    if (set->texts.slack > 0)
        return weir_fail(error, WEIR_BAD_DATA, "its values are more than %d bytes", WEIR_COUNTS_BYTES);
    if (reals)
        qsort(set->reals, set->count, sizeof *set->reals, by_number);
    else if (!texts)
        qsort(set->integers, set->count, sizeof *set->integers, by_integer);
    return 0;
}

bool weir_clean_rules_holds(const struct rules_set *set, bool real, int64_t integer, double number)
{
    size_t from = 0;
    for (size_t left = set->count; left > 1;) {
        size_t half = left / 2;
        from += (real ? set->reals[from + half] <= number : set->integers[from + half] <= integer) ? half : 0;
        left -= half;
    }
    return real ? set->reals[from] == number : set->integers[from] == integer;
}

/* ---- The whole -------------------------------------------------------------------------------------------------- */

/* As which type the values are judged, and whether the rule's type can be that of the column. */
static int read_form(struct rules_check *check, struct weir_error *error)
{
    static const struct weir_type as_text[] = {
        [RULES_ANY_FORM] = { .kind = WEIR_UTF8 },
        [RULES_INTEGER] = { .kind = WEIR_INT64 },
        [RULES_NUMBER] = { .kind = WEIR_FLOAT64 },
        [RULES_BOOLEAN] = { .kind = WEIR_BOOL },
        [RULES_TEXT] = { .kind = WEIR_UTF8 },
        [RULES_DATE] = { .kind = WEIR_DATE32 },
        [RULES_TIMESTAMP] = { .kind = WEIR_TIMESTAMP, .unit = WEIR_MICRO },
    };
    enum rules_form form = check->rule->form;
    enum weir_kind kind = check->type->kind;
    check->judged = (struct weir_type){ .kind = kind, .unit = check->type->unit };
    bool fits = form == RULES_ANY_FORM;
    switch (check->group) {
    case RULES_TEXTS:
        check->judged = as_text[form];
        return 0;
    case RULES_NUMBERS:
        fits |= form == RULES_INTEGER || form == RULES_NUMBER;
        break;
    case RULES_BOOLS:
        fits |= form == RULES_BOOLEAN;
        break;
    case RULES_MOMENTS:
        fits |= form == (kind == WEIR_TIMESTAMP ? RULES_TIMESTAMP : RULES_DATE);
        break;
    default:
        break;
    }
    return fits ? 0 : fail_misfit(check, "the type of the rule", error);
}

int weir_clean_rules_limit(struct rules_check *check, struct weir_error *error)
{
    const struct rules_rule *rule = check->rule;
    if (read_form(check, error) < 0)
        return -1;
    if (check->group != RULES_TEXTS && rule->pattern)
        return fail_misfit(check, "a pattern", error);
    if (check->group != RULES_TEXTS && rule->length)
        return fail_misfit(check, "a length", error);
    if (check->group == RULES_OTHERS && (rule->allowed || rule->forbidden))
        return fail_misfit(check, "a list of values", error);
    const json_t *shortest = json_array_get(rule->length, 0), *longest = json_array_get(rule->length, 1);
    check->shortest = json_integer_value(shortest);
    check->longest = json_is_integer(longest) ? json_integer_value(longest) : INT64_MAX;
    if ((rule->range && read_range(check, error) < 0) ||
        (rule->allowed && read_set(check, rule->allowed, &check->allowed, error) < 0) ||
        (rule->forbidden && read_set(check, rule->forbidden, &check->forbidden, error) < 0))
        return -1;
    if (!rule->pattern)
        return 0;
    check->matcher = weir_clean_matcher_new(rule->pattern);
    return check->matcher ? 0 : weir_fail_memory(error);
}

int weir_clean_rules_set_value(struct rules_check *check, struct weir_error *error)
{
    const json_t *value = check->rule->value;
    if (check->rule->action != RULES_SET)
        return 0;
    if (check->group == RULES_TEXTS) {
        if (!json_is_string(value))
            return fail_misfit(check, "to set a value without quotes", error);
        return weir_builder_init(&check->builder, check->type) < 0 ? weir_fail_memory(error) : 0;
    }
    return check->group != RULES_OTHERS && read_value(check->type, value, &check->set_integer, &check->set_real)
               ? 0
               : fail_misfit(check, "the value to set", error);
}

void weir_clean_rules_release_limit(struct rules_check *check)
{
    struct rules_set *sets[] = { &check->allowed, &check->forbidden };
    for (size_t i = 0; i < 2; i++) {
        free(sets[i]->integers);
        free(sets[i]->reals);
        weir_counts_release(&sets[i]->texts);
    }
    weir_clean_matcher_free(check->matcher);
    weir_builder_release(&check->builder);
}
