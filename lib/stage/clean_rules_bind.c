/* clean, its rules: put to the columns of a schema. */
#include "stage/clean_rules_private.h"

/* The column of the name, or -1 with the message. */
static int require(const struct weir_schema_index *index, const char *name, struct weir_error *error)
{
    int at = weir_schema_index_find(index, name);
    return at < 0 ? weir_schema_require(index->schema, name, error) : at;
}

static bool is_label(const struct rules *self, const struct weir_schema_index *index, const char *name)
{
    for (size_t i = 0; i < self->label_count; i++)
        if (strcmp(self->labels[i], name) == 0)
            return true;
    int at = weir_schema_index_find(index, name);
    return at >= 0 && index->schema->fields[at].role == WEIR_LABEL;
}

static int check_required(const struct rules *self, const struct weir_schema_index *index, enum weir_mode mode,
                          struct weir_error *error)
{
    for (size_t i = 0; i < json_array_size(self->required); i++) {
        const char *name = json_string_value(json_array_get(self->required, i));
        bool spared = mode == WEIR_AS_REPLAY && is_label(self, index, name);
        if (!spared && require(index, name, error) < 0)
            return weir_fail_in(error, "the rules require it");
    }
    return 0;
}

/* 1: the check is to be made; 0: it is passed over, because a column is not there and may be absent, or because
 * replayed rows are not judged by their label. */
static int wants(const struct rules_binding *bound, const struct weir_schema_index *index,
                 const struct rules_rule *rule, const char *column, struct weir_error *error)
{
    const char *names[] = { column, rule->right };
    for (size_t i = 0; i < 2 && names[i]; i++) {
        if (bound->mode == WEIR_AS_REPLAY && is_label(bound->self, index, names[i]))
            return 0;
        if (rule->optional && weir_schema_index_find(index, names[i]) < 0)
            return 0;
        if (require(index, names[i], error) < 0)
            return -1;
    }
    return 1;
}

static int find_flag(struct rules_binding *bound, const char *name, struct weir_error *error)
{
    for (size_t i = 0; i < bound->flag_count; i++)
        if (strcmp(bound->flags[i], name) == 0)
            return (int)i;
    if (weir_schema_find(&bound->in, name) >= 0)
        return weir_fail(error, WEIR_BAD_DATA, "its flag would be a column %s, and there is one already",
                         WEIR_SHOW(name));
    bound->flags[bound->flag_count] = name;
    return (int)bound->flag_count++;
}

static int check_role(const struct rules_check *check, const struct weir_field *field, struct weir_error *error)
{
    enum rules_action action = check->rule->action;
    bool changes = action == RULES_NULL || action == RULES_CLIP || action == RULES_SET;
    if (!changes || (field->role != WEIR_ID && field->role != WEIR_PREDICTION))
        return 0;
    return weir_fail(error, WEIR_BAD_DATA,
                     "column %s has the role '%s', which 'clean' never changes: the action may be drop, flag or fail",
                     WEIR_SHOW(field->name), weir_role_name(field->role));
}

static int fill_check(struct rules_binding *bound, struct rules_check *check, struct weir_error *error)
{
    const struct weir_field *field = &bound->in.fields[check->at];
    struct weir_buffer reason = { 0 };
    check->column = field->name;
    check->type = &field->type;
    check->group = weir_clean_rules_group(check->type);
    weir_buffer_format(&reason, "%s breaks %s", WEIR_SHOW(field->name), check->rule->label);
    if (weir_buffer_check(&reason, error) < 0)
        return -1;
    check->reason = reason.bytes;
    if (check_role(check, field, error) < 0 || weir_clean_rules_set_value(check, error) < 0)
        return -1;
    return check->rule->columns ? weir_clean_rules_limit(check, error)
                                : weir_clean_rules_bind_comparison(check, &bound->in, error);
}

static int bind_rule(struct rules_binding *bound, const struct weir_schema_index *index, size_t of,
                     struct weir_error *error)
{
    const struct rules_rule *rule = &bound->self->rules[of];
    int flag = -1;
    if (rule->flag && (flag = find_flag(bound, rule->flag, error)) < 0)
        return -1;
    size_t columns = rule->columns ? weir_option_items(rule->columns) : 1;
    for (size_t i = 0; i < columns; i++) {
        const char *name = weir_clean_rules_column(rule, i);
        int wanted = wants(bound, index, rule, name, error);
        if (wanted < 0)
            return -1;
        if (wanted == 0)
            continue;
        struct rules_check *check = &bound->checks[bound->count++];
        *check = (struct rules_check){ .rule = rule, .of = of, .flag = flag };
        check->at = weir_schema_index_find(index, name);
        if (fill_check(bound, check, error) < 0)
            return -1;
    }
    return 0;
}

static int add_flags(const struct rules_binding *bound, struct weir_schema *out, struct weir_error *error)
{
    for (size_t i = 0; i < bound->flag_count; i++)
        if (!weir_schema_add(out, bound->flags[i], WEIR_BOOL))
            return weir_fail_memory(error);
    return 0;
}

static int bind_rules(struct rules_binding *bound, const struct weir_schema_index *index, struct weir_error *error)
{
    const struct rules *self = bound->self;
    if (check_required(self, index, bound->mode, error) < 0)
        return -1;
    for (size_t i = 0; i < self->count; i++) {
        const struct rules_rule *rule = &self->rules[i];
        if (bind_rule(bound, index, i, error) < 0)
            return rule->name ? weir_fail_in(error, "rule %d (%s)", rule->place, WEIR_SHOW(rule->name))
                              : weir_fail_in(error, "rule %d", rule->place);
    }
    return 0;
}

int weir_clean_rules_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct rules *self = binding->stage->state;
    struct rules_binding *bound = binding->state = weir_allocate_zero(1, sizeof *bound);
    if (!bound || weir_schema_copy(&bound->in, in) < 0 || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    bound->self = self;
    bound->mode = binding->mode;
    size_t checks = 0;
    for (size_t i = 0; i < self->count; i++)
        checks += self->rules[i].columns ? weir_option_items(self->rules[i].columns) : 1;
    bound->checks = weir_allocate_zero(checks, sizeof *bound->checks);
    bound->flags = weir_allocate_zero(self->count, sizeof *bound->flags);
    bound->flag_bits = weir_allocate_zero(self->count, sizeof *bound->flag_bits);
    bound->counts = weir_allocate_zero(self->count, sizeof *bound->counts);
    if (!bound->checks || !bound->flags || !bound->flag_bits || !bound->counts)
        return weir_fail_memory(error);
    struct weir_schema_index index;
    if (weir_schema_index_init(&index, &bound->in) < 0)
        return weir_fail_memory(error);
    int result = bind_rules(bound, &index, error);
    weir_schema_index_release(&index);
    return result < 0 ? -1 : add_flags(bound, &binding->out, error);
}

void weir_clean_rules_unbind(struct weir_binding *binding)
{
    struct rules_binding *bound = binding->state;
    if (!bound)
        return;
    for (size_t i = 0; i < bound->count; i++) {
        weir_clean_rules_release_limit(&bound->checks[i]);
        free(bound->checks[i].reason);
    }
    weir_schema_release(&bound->in);
    free(bound->checks);
    free(bound->flags);
    free(bound->flag_bits);
    free(bound->counts);
    free(bound->mask);
    free(bound->verdicts);
    free(bound);
}
