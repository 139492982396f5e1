/* clean, its values: the options put to one column, whose name, type and role are known. */
#include "base/number.h"
#include "stage/clean_values_private.h"
#include <float.h>
#include <math.h>

enum clean_class weir_clean_values_class_of(const struct weir_type *type)
{
    if (weir_kind_is_integer(type->kind) || type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64)
        return CLEAN_NUMBER;
    if (type->kind == WEIR_NULL)
        return CLEAN_NOTHING;
    if (type->kind == WEIR_BOOL)
        return CLEAN_BOOL;
    if (weir_clean_is_text(type))
        return CLEAN_TEXT;
    if (type->kind >= WEIR_DATE32 && type->kind <= WEIR_DURATION)
        return CLEAN_TIME;
    return type->kind == WEIR_FIXED_LIST ? CLEAN_TENSOR : CLEAN_OTHER;
}

static bool rule_fits(enum clean_rule rule, enum clean_class class)
{
    if (rule == CLEAN_DROP || rule == CLEAN_KEEP || class == CLEAN_NOTHING)
        return true;
    switch (class) {
    case CLEAN_NUMBER:
    case CLEAN_TIME:
        return rule != CLEAN_CATEGORY;
    case CLEAN_BOOL:
        return rule == CLEAN_MODE || rule == CLEAN_CONSTANT;
    case CLEAN_TEXT:
        return rule == CLEAN_MODE || rule == CLEAN_CONSTANT || rule == CLEAN_CATEGORY;
    default:
        return false;
    }
}

static int fail_type(struct weir_error *error, const char *option, const char *what, const struct clean_column *column)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(&column->type, &type);
    weir_fail(error, WEIR_USAGE, "option '--%s': column %s is %s, for which %s is not possible", option,
              WEIR_SHOW(column->name), type.bytes ? type.bytes : "", what);
    weir_buffer_release(&type);
    return -1;
}

static bool parse_constant(struct clean_column *column, const char *text)
{
    double low, high;
    switch (column->class) {
    case CLEAN_TEXT:
        return column->fill.text;
    case CLEAN_NUMBER:
        if (weir_kind_is_float(column->type.kind))
            return weir_parse_double(text, strlen(text), &column->fill.real) &&
                   fabs(column->fill.real) <= (column->type.kind == WEIR_FLOAT32 ? (double)FLT_MAX : DBL_MAX);
        weir_clean_values_integer_range(column->type.kind, &low, &high);
        return weir_clean_read_integer(&column->type, text, strlen(text), false, &column->fill.integer) &&
               (double)column->fill.integer >= low && (double)column->fill.integer <= high;
    default:
        return weir_clean_read_integer(&column->type, text, strlen(text), false, &column->fill.integer);
    }
}

static int resolve_missing(const struct clean_settings *settings, struct clean_column *column, struct weir_error *error)
{
    static const enum clean_rule defaults[] = { CLEAN_MEDIAN, CLEAN_MODE,   CLEAN_CATEGORY, CLEAN_MEDIAN,
                                                CLEAN_DROP,   CLEAN_MEDIAN, CLEAN_KEEP };
    const char *constant = NULL;
    bool named = false;
    column->rule = column->label ? settings->keep_unlabelled ? CLEAN_KEEP : CLEAN_DROP : defaults[column->class];
    for (size_t i = 0; i < settings->missing.count; i++) {
        const struct clean_item *item = &settings->missing.items[i];
        bool mine = item->name && strcmp(item->name, column->name) == 0;
        if (!mine && (item->name || named || column->label || !rule_fits(item->rule, column->class)))
            continue;
        named |= mine;
        column->rule = item->rule;
        constant = item->value;
    }
    if (!rule_fits(column->rule, column->class))
        return fail_type(error, "missing", weir_clean_values_rule_name(column->rule), column);
    if (column->class == CLEAN_NOTHING) /* it goes, or stays as it is, whatever the rule would put there */
        return 0;
    if (column->rule == CLEAN_CATEGORY)
        constant = "missing";
    if (column->rule != CLEAN_CATEGORY && column->rule != CLEAN_CONSTANT)
        return 0;
    if (column->class == CLEAN_TEXT) {
        column->fill.text = weir_duplicate_string(constant);
        if (!column->fill.text)
            return weir_fail_memory(error);
        column->fill.length = strlen(constant);
    }
    column->fill.known = parse_constant(column, constant);
    /* a constant for all columns goes to those that can take it, the others keep their own rule */
    if (!column->fill.known && !named) {
        column->rule = defaults[column->class];
        return 0;
    }
    return column->fill.known ? 0 : fail_type(error, "missing", WEIR_SHOW(constant), column);
}

static bool parse_bound(const struct clean_column *column, const char *text, size_t length, double open, double *out)
{
    *out = open;
    if (length == 0)
        return true;
    if (column->class == CLEAN_NUMBER)
        return weir_parse_double(text, length, out) && !isnan(*out);
    int64_t integer;
    if (!weir_clean_read_integer(&column->type, text, length, false, &integer))
        return false;
    *out = (double)integer;
    return true;
}

static int resolve_range(const struct clean_settings *settings, struct clean_column *column, struct weir_error *error)
{
    for (size_t i = 0; i < settings->ranges.count; i++) {
        const struct clean_item *item = &settings->ranges.items[i];
        if (strcmp(item->name, column->name) != 0)
            continue;
        if (column->class != CLEAN_NUMBER && column->class != CLEAN_TIME)
            return fail_type(error, "range", "a range", column);
        const char *dots = strstr(item->value, "..");
        if (!dots || !parse_bound(column, item->value, (size_t)(dots - item->value), (double)-INFINITY, &column->low) ||
            !parse_bound(column, dots + 2, strlen(dots + 2), (double)INFINITY, &column->high) ||
            !(column->low <= column->high))
            return weir_fail(error, WEIR_USAGE, "option '--range': column %s: %s is no range LOW..HIGH",
                             WEIR_SHOW(column->name), WEIR_SHOW(item->value));
        enum weir_kind kind = column->type.kind;
        double low = weir_clean_end_within(kind, column->low, true);
        double high = weir_clean_end_within(kind, column->high, false);
        if (settings->bad_value == CLEAN_TO_CLIP && !(low <= high && low <= DBL_MAX && high >= -DBL_MAX))
            return fail_type(error, "range", "clipping to that range", column);
        column->ranged = true;
    }
    return 0;
}

static int add_value(struct clean_set *set, const struct clean_column *column, const char *option, const char *text,
                     size_t length, struct weir_error *error)
{
    if (column->class == CLEAN_TEXT) {
        if (weir_counts_add(&set->texts, text, length, 1) < 0)
            return weir_fail_memory(error);
        set->count++;
        return 0;
    }
    double number;
    if (length == 0 || !parse_bound(column, text, length, 0, &number))
        return weir_fail(error, WEIR_USAGE, "option '--%s': column %s: %s is no value of its type", option,
                         WEIR_SHOW(column->name), weir_show_text(text, length).text);
    double *numbers = weir_reallocate(set->numbers, set->count + 1, sizeof *numbers);
    if (!numbers)
        return weir_fail_memory(error);
    set->numbers = numbers;
    numbers[set->count++] = number;
    return 0;
}

/* COLUMN=A|B|C */
static int resolve_set(struct clean_set *set, const struct clean_items *items, const struct clean_column *column,
                       const char *option, struct weir_error *error)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct clean_item *item = &items->items[i];
        if (strcmp(item->name, column->name) != 0)
            continue;
        if (column->class != CLEAN_NUMBER && column->class != CLEAN_TIME && column->class != CLEAN_TEXT)
            return fail_type(error, option, "a list of values", column);
        const char *from = item->value;
        for (const char *bar = strchr(from, '|'); bar; from = bar + 1, bar = strchr(from, '|'))
            if (add_value(set, column, option, from, (size_t)(bar - from), error) < 0)
                return -1;
        if (add_value(set, column, option, from, strlen(from), error) < 0)
            return -1;
    }
    if (set->texts.slack > 0)
        return weir_fail(error, WEIR_USAGE, "option '--%s': column %s: more than %d values", option,
                         WEIR_SHOW(column->name), WEIR_COUNTS_VALUES);
    return 0;
}

int weir_clean_values_resolve(const struct clean_settings *settings, struct clean_column *column, enum weir_role role,
                              struct weir_error *error)
{
    column->class = weir_clean_values_class_of(&column->type);
    column->label = role == WEIR_LABEL;
    bool listed = false;
    for (size_t i = 0; i < weir_option_items(settings->outlier_columns); i++)
        listed |= strcmp(weir_option_item(settings->outlier_columns, i), column->name) == 0;
    if (listed && column->class != CLEAN_NUMBER)
        return fail_type(error, "outlier-columns", "an outlier", column);
    column->outliers = settings->outliers != CLEAN_NO_OUTLIERS && column->class == CLEAN_NUMBER &&
                       (settings->outlier_columns ? listed : role == WEIR_FEATURE);
    column->lower = (double)-INFINITY;
    column->upper = (double)INFINITY;
    return resolve_missing(settings, column, error) < 0 || resolve_range(settings, column, error) < 0 ||
                   resolve_set(&column->allowed, &settings->allowed, column, "allow", error) < 0 ||
                   resolve_set(&column->means_missing, &settings->means_missing, column, "means-missing", error) < 0
               ? -1
               : 0;
}

void weir_clean_values_release_column(struct clean_column *column)
{
    free(column->name);
    weir_type_release(&column->type);
    free(column->fill.text);
    weir_counts_release(&column->allowed.texts);
    free(column->allowed.numbers);
    weir_counts_release(&column->means_missing.texts);
    free(column->means_missing.numbers);
    weir_clean_values_learner_free(column->learner);
    *column = (struct clean_column){ 0 };
}
