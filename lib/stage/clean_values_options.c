#include "stage/clean_values_private.h"

static const char *const rule_names[] = { "drop", "mean", "median", "mode", "constant", "category", "keep" };

const char *weir_clean_values_rule_name(enum clean_rule rule)
{
    return rule_names[rule];
}

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
    return read_pairs(&settings->ranges, options, "range", error) < 0 ? -1
           : read_pairs(&settings->allowed, options, "allow", error) < 0
               ? -1
               : read_pairs(&settings->means_missing, options, "means-missing", error);
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
    release_items(&settings->means_missing);
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
    return names(&settings->missing, name) || names(&settings->ranges, name) || names(&settings->allowed, name) ||
           names(&settings->means_missing, name);
}

static int check_items(const struct clean_items *items, const struct weir_schema *in, struct weir_error *error)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].name && weir_clean_require(in, items->items[i].name, error) < 0)
            return -1;
    return 0;
}

int weir_clean_values_check_names(const struct clean_settings *settings, const struct weir_schema *in,
                                  struct weir_error *error)
{
    for (size_t i = 0; i < weir_option_items(settings->outlier_columns); i++)
        if (weir_clean_require(in, weir_option_item(settings->outlier_columns, i), error) < 0)
            return -1;
    return check_items(&settings->missing, in, error) < 0 || check_items(&settings->ranges, in, error) < 0 ||
                   check_items(&settings->allowed, in, error) < 0 ||
                   check_items(&settings->means_missing, in, error) < 0
               ? -1
               : 0;
}
