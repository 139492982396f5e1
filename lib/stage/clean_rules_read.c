/* clean, its rules: the JSON that a person wrote, as a table of rules. What a column's type decides is looked at when
 * there is one (clean_rules_limit.c). */
#include "stage/clean_rules_private.h"
#include <math.h>

static const char *const forms[] = { "integer", "number", "boolean", "text", "date", "timestamp", NULL };
static const char *const relations[] = { "=", "!=", "<", "<=", ">", ">=", NULL };
static const char *const actions[] = { "null", "drop", "clip", "set", "flag", "fail" };
static const char *const judging[] = { "type", "range", "length", "pattern", "allowed", "forbidden", NULL };

const char *weir_clean_rules_action_name(enum rules_action action)
{
    return actions[action];
}

const char *weir_clean_rules_column(const struct rules_rule *rule, size_t i)
{
    if (!rule->columns)
        return i == 0 ? rule->left : i == 1 ? rule->right : NULL;
    if (i >= weir_option_items(rule->columns))
        return NULL;
    return weir_option_item(rule->columns, i);
}

static int find(const char *const *names, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static int check_keys(const json_t *object, const char *const *known, const char *advice, struct weir_error *error)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) if (find(known, key) < 0) return weir_fail(
        error, WEIR_USAGE, "there is no key %s (%s)", WEIR_SHOW(key), advice);
    return 0;
}

static int read_flag(const json_t *json, const char *key, bool *out, struct weir_error *error)
{
    const json_t *value = json_object_get(json, key);
    if (value && !json_is_boolean(value))
        return weir_fail(error, WEIR_USAGE, "'%s' takes true or false", key);
    *out = json_is_true(value);
    return 0;
}

static bool is_scalar(const json_t *value)
{
    return json_is_string(value) || json_is_number(value) || json_is_boolean(value);
}

static bool is_name(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0;
}

static int read_form(struct rules_rule *rule, const json_t *json, struct weir_error *error)
{
    const json_t *value = json_object_get(json, "type");
    if (!value)
        return 0;
    int form = json_is_string(value) ? find(forms, json_string_value(value)) : -1;
    if (form < 0)
        return weir_fail(error, WEIR_USAGE, "'type' takes integer, number, boolean, text, date or timestamp");
    rule->form = (enum rules_form)(form + 1);
    return 0;
}

/* [LOW, HIGH], null where it is open. */
static int read_range(const json_t *json, const char *key, bool lengths, const json_t **out, struct weir_error *error)
{
    const json_t *value = *out = json_object_get(json, key);
    if (!value)
        return 0;
    const json_t *low = json_array_get(value, 0), *high = json_array_get(value, 1);
    bool good = json_array_size(value) == 2 && !(json_is_null(low) && json_is_null(high));
    for (size_t i = 0; good && i < 2; i++) {
        const json_t *end = json_array_get(value, i);
        good = json_is_null(end) || (lengths ? json_is_integer(end) && json_integer_value(end) >= 0
                                             : json_is_number(end) || json_is_string(end));
    }
    if (!good)
        return weir_fail(error, WEIR_USAGE, "'%s' takes [LOW, HIGH], %s, or null at one open end", key,
                         lengths ? "whole numbers" : "numbers or the texts of dates and times");
    if (json_is_number(low) && json_is_number(high) && json_number_value(low) > json_number_value(high))
        return weir_fail(error, WEIR_USAGE, "'%s' begins above its end", key);
    return 0;
}

static int read_values(const json_t *json, const char *key, const json_t **out, struct weir_error *error)
{
    const json_t *value = *out = json_object_get(json, key);
    bool good = !value || (json_array_size(value) > 0 && json_array_size(value) <= WEIR_COUNTS_VALUES);
    for (size_t i = 0; good && i < json_array_size(value); i++)
        good = is_scalar(json_array_get(value, i));
    return good ? 0
                : weir_fail(error, WEIR_USAGE, "'%s' takes a list of 1 to %d texts, numbers or bools", key,
                            WEIR_COUNTS_VALUES);
}

static int read_pattern(struct rules_rule *rule, const json_t *json, struct weir_error *error)
{
    const json_t *value = json_object_get(json, "pattern");
    if (!value)
        return 0;
    if (!json_is_string(value))
        return weir_fail(error, WEIR_USAGE, "'pattern' takes a text");
    rule->pattern = weir_clean_pattern_new(json_string_value(value), json_string_length(value), error);
    return rule->pattern ? 0 : -1;
}

static int read_columns(struct rules_rule *rule, const json_t *json, struct weir_error *error)
{
    rule->columns = json_object_get(json, "column");
    bool good = is_name(rule->columns) || json_array_size(rule->columns) > 0;
    for (size_t i = 0; good && i < json_array_size(rule->columns); i++)
        good = is_name(json_array_get(rule->columns, i));
    return good ? 0 : weir_fail(error, WEIR_USAGE, "'column' takes the name of a column, or a list of names");
}

/* ["ended", ">=", "started"], or a constant on the right: a number, a bool, {"value": ...}. */
static int read_comparison(struct rules_rule *rule, const json_t *compare, struct weir_error *error)
{
    const json_t *left = json_array_get(compare, 0), *sign = json_array_get(compare, 1);
    const json_t *right = json_array_get(compare, 2), *value = json_object_get(right, "value");
    int relation = json_is_string(sign) ? find(relations, json_string_value(sign)) : -1;
    bool constant =
        value ? json_object_size(right) == 1 && is_scalar(value) : json_is_number(right) || json_is_boolean(right);
    if (json_array_size(compare) != 3 || !is_name(left) || relation < 0 || !(constant || is_name(right)))
        return weir_fail(error, WEIR_USAGE,
                         "'compare' takes [COLUMN, SIGN, COLUMN], where SIGN is one of = != < <= > >= and the second "
                         "column may be a number, true, false or {\"value\": ...}");
    rule->left = json_string_value(left);
    rule->relation = (enum rules_relation)relation;
    rule->constant = value ? value : constant ? right : NULL;
    rule->right = constant ? NULL : json_string_value(right);
    return 0;
}

static int read_action(struct rules_rule *rule, const json_t *json, struct weir_error *error)
{
    static const enum rules_action plain[] = { RULES_NULL, RULES_DROP, RULES_CLIP, RULES_FAIL };
    const json_t *action = json_object_get(json, "action");
    if (!action)
        return 0;
    for (size_t i = 0; i < sizeof plain / sizeof *plain && json_is_string(action); i++)
        if (strcmp(json_string_value(action), actions[plain[i]]) == 0) {
            rule->action = plain[i];
            return 0;
        }
    const json_t *value = json_object_get(action, "set"), *flag = json_object_get(action, "flag");
    if (json_object_size(action) == 1 && is_scalar(value)) {
        rule->action = RULES_SET;
        rule->value = value;
        return 0;
    }
    if (json_object_size(action) == 1 && is_name(flag)) {
        rule->action = RULES_FLAG;
        rule->flag = json_string_value(flag);
        return 0;
    }
    return weir_fail(error, WEIR_USAGE,
                     "'action' takes \"null\", \"drop\", \"clip\", \"fail\", {\"set\": VALUE} or {\"flag\": COLUMN}");
}

/* What goes together. */
static int check_rule(const struct rules_rule *rule, const json_t *json, struct weir_error *error)
{
    int checks = 0;
    for (int i = 0; judging[i]; i++)
        checks += json_object_get(json, judging[i]) != NULL;
    if (rule->columns && checks == 0 && !rule->present)
        return weir_fail(error, WEIR_USAGE,
                         "it checks nothing: give it type, range, length, pattern, allowed, forbidden or present");
    if (rule->present && (rule->action == RULES_NULL || rule->action == RULES_CLIP))
        return weir_fail(error, WEIR_USAGE,
                         "'present' needs an action for what is missing: \"drop\", \"fail\", {\"set\": VALUE} or "
                         "{\"flag\": COLUMN}");
    if (rule->action == RULES_CLIP && (!rule->range || checks > 1))
        return weir_fail(error, WEIR_USAGE, "\"clip\" is for a rule that has a range and checks nothing else");
    if (rule->range && (rule->form == RULES_TEXT || rule->form == RULES_BOOLEAN))
        return weir_fail(error, WEIR_USAGE, "a range is of numbers, dates and times, not of type %s",
                         forms[rule->form - 1]);
    return 0;
}

static int read_name(struct rules_rule *rule, const json_t *json, struct weir_error *error)
{
    const json_t *name = json_object_get(json, "name"), *note = json_object_get(json, "note");
    struct weir_buffer label = { 0 };
    if (name && !is_name(name))
        return weir_fail(error, WEIR_USAGE, "'name' takes a text");
    if (note && !json_is_string(note))
        return weir_fail(error, WEIR_USAGE, "'note' takes a text");
    rule->name = json_string_value(name);
    if (rule->name)
        weir_buffer_format(&label, "rule %s", WEIR_SHOW(rule->name));
    else
        weir_buffer_format(&label, "rule %d", rule->place);
    if (weir_buffer_check(&label, error) < 0)
        return -1;
    rule->label = label.bytes;
    return 0;
}

static int read_rule(struct rules_rule *rule, const json_t *json, struct weir_error *error)
{
    static const char *const of_column[] = { "name",     "note",    "column",  "type",      "range",
                                             "length",   "pattern", "allowed", "forbidden", "present",
                                             "optional", "action",  NULL };
    static const char *const of_comparison[] = { "name", "note", "compare", "present", "optional", "action", NULL };
    const json_t *compare = json_object_get(json, "compare");
    if (!json_is_object(json))
        return weir_fail(error, WEIR_USAGE, "it is no JSON object");
    if (!compare == !json_object_get(json, "column"))
        return weir_fail(error, WEIR_USAGE, "it has to have either 'column' or 'compare'");
    if (read_name(rule, json, error) < 0 ||
        (compare && check_keys(json, of_comparison, "a comparison has name, note, compare, present, optional, action",
                               error) < 0) ||
        (!compare && check_keys(json, of_column,
                                "a rule has name, note, column or compare, type, range, length, pattern, allowed, "
                                "forbidden, present, optional, action",
                                error) < 0))
        return -1;
    if ((compare ? read_comparison(rule, compare, error) : read_columns(rule, json, error)) < 0 ||
        read_flag(json, "present", &rule->present, error) < 0 ||
        read_flag(json, "optional", &rule->optional, error) < 0 || read_form(rule, json, error) < 0 ||
        read_range(json, "range", false, &rule->range, error) < 0 ||
        read_range(json, "length", true, &rule->length, error) < 0 ||
        read_values(json, "allowed", &rule->allowed, error) < 0 ||
        read_values(json, "forbidden", &rule->forbidden, error) < 0 || read_pattern(rule, json, error) < 0 ||
        read_action(rule, json, error) < 0)
        return -1;
    return check_rule(rule, json, error);
}

static int check_name(const struct rules *self, const struct rules_rule *rule, struct weir_error *error)
{
    for (size_t i = 0; rule->name && i < self->count; i++)
        if (self->rules[i].name && strcmp(self->rules[i].name, rule->name) == 0)
            return weir_fail(error, WEIR_USAGE, "its name is that of rule %d", self->rules[i].place);
    return 0;
}

int weir_clean_rules_read(struct rules *self, const json_t *json, struct weir_error *error)
{
    static const char *const keys[] = { "rules", "required", "note", NULL };
    const json_t *rules = json_object_get(json, "rules");
    if (!json_is_object(json) || !json_is_array(rules))
        return weir_fail(error, WEIR_USAGE, "the rules are a JSON object {\"rules\": [...]}");
    if (check_keys(json, keys, "beside the rules there are required and note", error) < 0)
        return -1;
    if (json_array_size(rules) > RULES_MOST)
        return weir_fail(error, WEIR_USAGE, "there are more than %d rules", RULES_MOST);
    self->required = json_object_get(json, "required");
    bool good = !self->required || json_is_array(self->required);
    for (size_t i = 0; good && i < json_array_size(self->required); i++)
        good = is_name(json_array_get(self->required, i));
    if (!good)
        return weir_fail(error, WEIR_USAGE, "'required' takes a list of columns' names");
    self->rules = weir_allocate_zero(json_array_size(rules), sizeof *self->rules);
    if (!self->rules)
        return weir_fail_memory(error);
    for (size_t i = 0; i < json_array_size(rules); i++) {
        struct rules_rule *rule = &self->rules[i];
        const json_t *one = json_array_get(rules, i);
        const char *name = json_string_value(json_object_get(one, "name"));
        rule->place = (int)i + 1;
        int result = read_rule(rule, one, error);
        if (result == 0)
            result = check_name(self, rule, error);
        self->count++;
        if (result < 0)
            return name ? weir_fail_in(error, "rule %d (%s)", rule->place, WEIR_SHOW(name))
                        : weir_fail_in(error, "rule %d", rule->place);
    }
    return 0;
}

void weir_clean_rules_release(struct rules *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->rules[i].label);
        weir_clean_pattern_free(self->rules[i].pattern);
    }
    free(self->rules);
    for (size_t i = 0; i < self->label_count; i++)
        free(self->labels[i]);
    free(self->labels);
    *self = (struct rules){ 0 };
}
