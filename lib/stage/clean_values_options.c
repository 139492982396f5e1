#include "base/number.h"
#include "stage/clean_values_private.h"
#include <math.h>

static const char *const rule_names[] = { "drop", "mean", "median", "mode", "constant", "category", "keep" };

const char *weir_clean_values_rule_name(enum clean_rule rule)
{
    return rule_names[rule];
}

/* ---- The options ---------------------------------------------------------------------------------------------- */

static int add_item(struct clean_items *items, const char *name, size_t name_length, const char *value,
                    struct clean_item **out, struct weir_error *error)
{
    if (weir_grow((void **)&items->items, &items->capacity, items->count + 1, sizeof *items->items) < 0)
        return weir_fail_memory(error);
    struct clean_item *item = &items->items[items->count];
    *item = (struct clean_item){ 0 };
    item->name = name ? weir_duplicate_bytes(name, name_length) : NULL;
    item->value = value ? weir_duplicate_string(value) : NULL;
    items->count++;
    *out = item;
    return (name && !item->name) || (value && !item->value) ? weir_fail_memory(error) : 0;
}

static bool parse_rule(const char *text, enum clean_rule *rule, const char **constant)
{
    static const char prefix[] = "constant=";
    *constant = NULL;
    if (strncmp(text, prefix, sizeof prefix - 1) == 0) {
        *rule = CLEAN_CONSTANT;
        *constant = text + sizeof prefix - 1;
        return true;
    }
    for (int i = 0; i < CLEAN_RULE_COUNT; i++)
        if (i != CLEAN_CONSTANT && strcmp(text, rule_names[i]) == 0) {
            *rule = (enum clean_rule)i;
            return true;
        }
    return false;
}

/* RULE, or COLUMN=RULE (the column's name may hold '=' itself). */
static int read_missing(struct clean_items *items, const char *text, struct weir_error *error)
{
    struct clean_item *item = NULL;
    enum clean_rule rule;
    const char *constant;
    if (parse_rule(text, &rule, &constant)) {
        if (add_item(items, NULL, 0, constant, &item, error) < 0)
            return -1;
        item->rule = rule;
        return 0;
    }
    for (const char *sign = strchr(text, '='); sign; sign = strchr(sign + 1, '=')) {
        if (sign == text || !parse_rule(sign + 1, &rule, &constant))
            continue;
        if (add_item(items, text, (size_t)(sign - text), constant, &item, error) < 0)
            return -1;
        item->rule = rule;
        return 0;
    }
    return weir_fail(error, WEIR_USAGE,
                     "option '--missing': %s is none of drop, mean, median, mode, constant=VALUE, category, keep, nor "
                     "COLUMN= and one of these",
                     WEIR_SHOW(text));
}

static int read_pairs(struct clean_items *items, const json_t *options, const char *option, struct weir_error *error)
{
    const json_t *list;
    if (weir_option_list(options, option, &list, error) < 0)
        return -1;
    for (size_t i = 0; i < weir_option_items(list); i++) {
        const char *text = weir_option_item(list, i), *sign = strrchr(text, '=');
        struct clean_item *item = NULL;
        if (!sign || sign == text)
            return weir_fail(error, WEIR_USAGE, "option '--%s': %s has no COLUMN= in front", option, WEIR_SHOW(text));
        if (add_item(items, text, (size_t)(sign - text), sign + 1, &item, error) < 0)
            return -1;
    }
    return 0;
}

static int read_rules(struct clean_settings *settings, const json_t *options, struct weir_error *error)
{
    const json_t *list;
    if (weir_option_list(options, "missing", &list, error) < 0)
        return -1;
    for (size_t i = 0; i < weir_option_items(list); i++)
        if (read_missing(&settings->missing, weir_option_item(list, i), error) < 0)
            return -1;
    return read_pairs(&settings->ranges, options, "range", error) < 0
               ? -1
               : read_pairs(&settings->allowed, options, "allow", error);
}

int weir_clean_values_read_settings(struct clean_settings *settings, const struct weir_stage *stage,
                                    struct weir_error *error)
{
    static const char *const actions[] = { "null", "drop", "clip", NULL };
    static const char *const outliers[] = { "none", "iqr", "zscore", "mad", NULL };
    static const double factors[] = { 0, 1.5, 3, 3.5 };
    const json_t *options = stage->options;
    int bad_value, outlier_action, method;
    if (read_rules(settings, options, error) < 0 ||
        weir_option_flag(options, "flag-missing", &settings->flag_missing, error) < 0 ||
        weir_option_flag(options, "keep-unlabelled", &settings->keep_unlabelled, error) < 0 ||
        weir_option_flag(options, "drop-constant", &settings->drop_constant, error) < 0 ||
        weir_option_choice(options, "bad-value", actions, CLEAN_TO_NULL, &bad_value, error) < 0 ||
        weir_option_choice(options, "outlier-action", actions, CLEAN_TO_CLIP, &outlier_action, error) < 0 ||
        weir_option_choice(options, "outliers", outliers, CLEAN_NO_OUTLIERS, &method, error) < 0 ||
        weir_option_list(options, "outlier-columns", &settings->outlier_columns, error) < 0)
        return -1;
    settings->bad_value = (enum clean_action)bad_value;
    settings->outlier_action = (enum clean_action)outlier_action;
    settings->outliers = (enum clean_outliers)method;
    settings->outlier_factor = factors[method];
    if (weir_option_number(options, "outlier-factor", 0, 1e6, &settings->outlier_factor, error) < 0)
        return -1;
    if (method == CLEAN_NO_OUTLIERS && (settings->outlier_columns || json_object_get(options, "outlier-factor") ||
                                        json_object_get(options, "outlier-action")))
        return weir_fail(error, WEIR_USAGE, "--outlier-factor, --outlier-action and --outlier-columns need --outliers");
    return 0;
}

static void release_items(struct clean_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        free(items->items[i].name);
        free(items->items[i].value);
    }
    free(items->items);
    *items = (struct clean_items){ 0 };
}

void weir_clean_values_release_settings(struct clean_settings *settings)
{
    release_items(&settings->missing);
    release_items(&settings->ranges);
    release_items(&settings->allowed);
}

/* ---- The options for one column --------------------------------------------------------------------------------- */

enum clean_class weir_clean_values_class_of(const struct weir_type *type)
{
    if (weir_kind_is_integer(type->kind) || type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64)
        return CLEAN_NUMBER;
    if (type->kind == WEIR_NULL)
        return CLEAN_NOTHING;
    if (type->kind == WEIR_BOOL)
        return CLEAN_BOOL;
    if (type->kind == WEIR_UTF8 || (type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8))
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

/* A value that the user wrote for a column of whole numbers, a date, a bool. */
static bool parse_integer(const struct weir_type *type, const char *text, int64_t *out)
{
    static const int64_t per_micro[] = { 1000000, 1000, 1 };
    size_t length = strlen(text);
    int32_t days;
    bool zoned;
    switch (type->kind) {
    case WEIR_BOOL:
        *out = strcmp(text, "true") == 0;
        return *out || strcmp(text, "false") == 0;
    case WEIR_DATE32:
        if (!weir_parse_date(text, length, &days))
            return false;
        *out = days;
        return true;
    case WEIR_DATE64:
        if (!weir_parse_date(text, length, &days))
            return false;
        *out = (int64_t)days * 86400000;
        return true;
    case WEIR_TIMESTAMP:
        if (!weir_parse_timestamp(text, length, out, &zoned)) {
            if (!weir_parse_date(text, length, &days))
                return false;
            *out = (int64_t)days * 86400000000;
        }
        if (type->unit == WEIR_NANO)
            return !__builtin_mul_overflow(*out, 1000, out);
        *out /= per_micro[type->unit];
        return true;
    default:
        return weir_parse_int64(text, length, out);
    }
}

static bool parse_constant(struct clean_column *column, const char *text)
{
    double low, high;
    switch (column->class) {
    case CLEAN_TEXT:
        return column->fill.text;
    case CLEAN_NUMBER:
        if (weir_kind_is_float(column->type.kind))
            return weir_parse_double(text, strlen(text), &column->fill.real) && isfinite(column->fill.real);
        weir_clean_values_integer_range(column->type.kind, &low, &high);
        return parse_integer(&column->type, text, &column->fill.integer) && (double)column->fill.integer >= low &&
               (double)column->fill.integer <= high;
    default:
        return parse_integer(&column->type, text, &column->fill.integer);
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
        return fail_type(error, "missing", rule_names[column->rule], column);
    if (column->rule == CLEAN_CATEGORY)
        constant = "missing";
    if (column->rule != CLEAN_CATEGORY && column->rule != CLEAN_CONSTANT)
        return 0;
    if (column->class == CLEAN_TEXT && !(column->fill.text = weir_duplicate_string(constant)))
        return weir_fail_memory(error);
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
    char copy[64];
    int64_t integer;
    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = 0;
    if (!parse_integer(&column->type, copy, &integer))
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
        column->ranged = true;
    }
    return 0;
}

static int add_allowed(struct clean_column *column, const char *text, size_t length, struct weir_error *error)
{
    if (column->class == CLEAN_TEXT) {
        if (weir_counts_add(&column->allowed_texts, text, length, 1) < 0)
            return weir_fail_memory(error);
        column->allowed_count++;
        return 0;
    }
    double number;
    if (length == 0 || !parse_bound(column, text, length, 0, &number))
        return weir_fail(error, WEIR_USAGE, "option '--allow': column %s: %s is no value of its type",
                         WEIR_SHOW(column->name), weir_show_text(text, length).text);
    double *numbers = weir_reallocate(column->allowed_numbers, column->allowed_count + 1, sizeof *numbers);
    if (!numbers)
        return weir_fail_memory(error);
    column->allowed_numbers = numbers;
    numbers[column->allowed_count++] = number;
    return 0;
}

static int resolve_allowed(const struct clean_settings *settings, struct clean_column *column, struct weir_error *error)
{
    for (size_t i = 0; i < settings->allowed.count; i++) {
        const struct clean_item *item = &settings->allowed.items[i];
        if (strcmp(item->name, column->name) != 0)
            continue;
        if (column->class != CLEAN_NUMBER && column->class != CLEAN_TIME && column->class != CLEAN_TEXT)
            return fail_type(error, "allow", "a list of values", column);
        const char *from = item->value;
        for (const char *bar = strchr(from, '|'); bar; from = bar + 1, bar = strchr(from, '|'))
            if (add_allowed(column, from, (size_t)(bar - from), error) < 0)
                return -1;
        if (add_allowed(column, from, strlen(from), error) < 0)
            return -1;
    }
    if (column->allowed_texts.slack > 0)
        return weir_fail(error, WEIR_USAGE, "option '--allow': column %s: more than %d values", WEIR_SHOW(column->name),
                         WEIR_COUNTS_VALUES);
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
                   resolve_allowed(settings, column, error) < 0
               ? -1
               : 0;
}

static bool names(const struct clean_items *items, const char *name)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].name && strcmp(items->items[i].name, name) == 0)
            return true;
    return false;
}

bool weir_clean_values_is_named(const struct clean_settings *settings, const char *name)
{
    for (size_t i = 0; i < weir_option_items(settings->outlier_columns); i++)
        if (strcmp(weir_option_item(settings->outlier_columns, i), name) == 0)
            return true;
    return names(&settings->missing, name) || names(&settings->ranges, name) || names(&settings->allowed, name);
}

static int check_name(const char *name, const struct weir_schema *in, struct weir_error *error)
{
    int at = weir_schema_require(in, name, error);
    if (at < 0) {
        if (error)
            error->status = WEIR_USAGE;
        return -1;
    }
    if (in->fields[at].role == WEIR_ID || in->fields[at].role == WEIR_PREDICTION)
        return weir_fail(error, WEIR_USAGE, "column %s has the role '%s', which 'clean' never changes", WEIR_SHOW(name),
                         weir_role_name(in->fields[at].role));
    return 0;
}

static int check_items(const struct clean_items *items, const struct weir_schema *in, struct weir_error *error)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].name && check_name(items->items[i].name, in, error) < 0)
            return -1;
    return 0;
}

int weir_clean_values_check_names(const struct clean_settings *settings, const struct weir_schema *in,
                                  struct weir_error *error)
{
    for (size_t i = 0; i < weir_option_items(settings->outlier_columns); i++)
        if (check_name(weir_option_item(settings->outlier_columns, i), in, error) < 0)
            return -1;
    return check_items(&settings->missing, in, error) < 0 || check_items(&settings->ranges, in, error) < 0 ||
                   check_items(&settings->allowed, in, error) < 0
               ? -1
               : 0;
}

void weir_clean_values_release_column(struct clean_column *column)
{
    free(column->name);
    weir_type_release(&column->type);
    free(column->fill.text);
    weir_counts_release(&column->allowed_texts);
    free(column->allowed_numbers);
    weir_clean_values_learner_free(column->learner);
    *column = (struct clean_column){ 0 };
}
