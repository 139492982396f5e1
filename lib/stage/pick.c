/* The stage `pick`. Its options are patterns; what they chose from the first stream is its state, so that a replay
 * takes the same columns whatever else there is:
 *
 *   {"columns": [{"name": "f1", "as": "f1", "role": "feature"}, ...]}
 *
 * where "name" is the column's name in the input and "as" its name in the output. */
#include "stage/kinds.h"
#include "stage/options.h"
#include "stage/state.h"
#include <fnmatch.h>

struct picked {
    char *name, *as;
    enum weir_role role;
};

struct pick {
    const json_t *patterns, *drops, *renames, *roles; /* borrowed from the options; NULL: not given */
    struct picked *columns;
    size_t count, capacity;
};

/* Which column of the input each column of the output is; one that only training looks at may be absent in a replay. */
struct pick_binding {
    int *source;
    int count;
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "operands", "drop", "rename", "role", NULL };
    struct pick *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    if (weir_option_known(stage, known, error) < 0 ||
        weir_option_list(stage->options, "operands", &self->patterns, error) < 0 ||
        weir_option_list(stage->options, "drop", &self->drops, error) < 0 ||
        weir_option_list(stage->options, "rename", &self->renames, error) < 0 ||
        weir_option_list(stage->options, "role", &self->roles, error) < 0)
        return -1;
    return 0;
}

static void forget_columns(struct pick *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->columns[i].name);
        free(self->columns[i].as);
    }
    free(self->columns);
    self->columns = NULL;
    self->count = self->capacity = 0;
}

static void destroy(struct weir_stage *stage)
{
    struct pick *self = stage->state;
    if (self)
        forget_columns(self);
    free(self);
}

static int add_column(struct pick *self, const char *name, const char *as, enum weir_role role)
{
    void *columns = self->columns;
    if (weir_grow(&columns, &self->capacity, self->count + 1, sizeof *self->columns) < 0)
        return -1;
    self->columns = columns;
    struct picked *column = &self->columns[self->count++];
    *column = (struct picked){ weir_duplicate_string(name), weir_duplicate_string(as), role };
    return column->name && column->as ? 0 : -1;
}

/* Marks the columns that a name or a pattern means, in the stream's order, through `visit`. A name that stands in the
 * stream is that column, whatever signs it holds. */
static int match(const struct weir_schema_index *index, const char *pattern, int *matched, int *count,
                 struct weir_error *error)
{
    const struct weir_schema *schema = index->schema;
    *count = 0;
    int exact = weir_schema_index_find(index, pattern);
    if (exact >= 0) {
        matched[(*count)++] = exact;
        return 0;
    }
    if (!strpbrk(pattern, "*?["))
        return weir_schema_require(schema, pattern, error) < 0 ? -1 : 0;
    for (int i = 0; i < schema->count; i++)
        if (fnmatch(pattern, schema->fields[i].name, 0) == 0)
            matched[(*count)++] = i;
    return *count > 0 ? 0 : weir_fail(error, WEIR_BAD_DATA, "no column matches %s", WEIR_SHOW(pattern));
}

/* chosen[*count]: the columns of the output in their order. used[schema->count]: whether each is among them. */
static int choose(const struct pick *self, const struct weir_schema_index *index, int *matched, int *chosen, bool *used,
                  int *count, struct weir_error *error)
{
    const struct weir_schema *in = index->schema;
    int found;
    *count = 0;
    memset(used, 0, (size_t)in->count * sizeof *used);
    for (size_t p = 0; p < weir_option_items(self->patterns); p++) {
        if (match(index, weir_option_item(self->patterns, p), matched, &found, error) < 0)
            return -1;
        for (int i = 0; i < found; i++) {
            if (!used[matched[i]])
                chosen[(*count)++] = matched[i];
            used[matched[i]] = true;
        }
    }
    if (weir_option_items(self->patterns) == 0)
        for (*count = 0; *count < in->count; (*count)++) {
            chosen[*count] = *count;
            used[*count] = true;
        }
    for (size_t p = 0; p < weir_option_items(self->drops); p++) {
        if (match(index, weir_option_item(self->drops, p), matched, &found, error) < 0)
            return weir_fail_in(error, "--drop");
        for (int i = 0; i < found; i++)
            used[matched[i]] = false;
    }
    int kept = 0;
    for (int i = 0; i < *count; i++)
        if (used[chosen[i]])
            chosen[kept++] = chosen[i];
    *count = kept;
    return 0;
}

static struct picked *find_output(const struct pick *self, const char *as, size_t length)
{
    for (size_t i = 0; i < self->count; i++)
        if (strlen(self->columns[i].as) == length && memcmp(self->columns[i].as, as, length) == 0)
            return &self->columns[i];
    return NULL;
}

/* The column before one of the signs '=' in the text; *after is what follows the sign. Names may hold the sign too. */
static struct picked *split(const struct pick *self, const char *text, const char **after)
{
    for (const char *sign = strchr(text, '='); sign; sign = strchr(sign + 1, '=')) {
        struct picked *column = find_output(self, text, (size_t)(sign - text));
        *after = sign + 1;
        if (column)
            return column;
    }
    return NULL;
}

/* A schema of the output's names alone; released by the caller in any case. -1: out of memory. */
static int list_names(const struct pick *self, struct weir_schema *names)
{
    for (size_t i = 0; i < self->count; i++)
        if (!weir_schema_add(names, self->columns[i].as, WEIR_NULL))
            return -1;
    return 0;
}

static int fail_split(const struct pick *self, const char *option, const char *form, const char *text,
                      struct weir_error *error)
{
    const char *sign = strchr(text, '=');
    if (!sign)
        return weir_fail(error, WEIR_USAGE, "option '--%s' takes %s, not %s", option, form, WEIR_SHOW(text));
    struct weir_schema here = { 0 }; /* for the advice on names that are near */
    char *name = weir_duplicate_bytes(text, (size_t)(sign - text));
    if (!name || list_names(self, &here) < 0)
        weir_fail_memory(error);
    else if (weir_schema_require(&here, name, error) < 0)
        weir_fail_in(error, "--%s", option);
    weir_schema_release(&here);
    free(name);
    return -1;
}

static int rename_columns(struct pick *self, struct weir_error *error)
{
    for (size_t r = 0; r < weir_option_items(self->renames); r++) {
        const char *text = weir_option_item(self->renames, r), *after;
        struct picked *column = split(self, text, &after);
        if (!column)
            return fail_split(self, "rename", "OLD=NEW", text, error);
        struct picked *taken = find_output(self, after, strlen(after));
        if (*after == 0 || (taken && taken != column))
            return weir_fail(error, WEIR_USAGE, "--rename %s: %s", WEIR_SHOW(text),
                             *after ? "a column of the new name is there already" : "the new name is empty");
        char *as = weir_duplicate_string(after);
        if (!as)
            return weir_fail_memory(error);
        free(column->as);
        column->as = as;
    }
    return 0;
}

static int set_roles(struct pick *self, struct weir_error *error)
{
    for (size_t r = 0; r < weir_option_items(self->roles); r++) {
        const char *text = weir_option_item(self->roles, r), *after;
        struct picked *column = split(self, text, &after);
        if (!column)
            return fail_split(self, "role", "COLUMN=ROLE", text, error);
        if (!weir_role_parse(after, &column->role))
            return weir_fail(error, WEIR_USAGE,
                             "--role %s: the roles are feature, label, id, weight, time, group, split, prediction",
                             WEIR_SHOW(text));
    }
    return 0;
}

static int resolve(struct pick *self, const struct weir_schema *in, struct weir_error *error)
{
    size_t columns = (size_t)in->count;
    int *matched = weir_allocate(columns, sizeof *matched), *chosen = weir_allocate(columns, sizeof *chosen);
    bool *used = weir_allocate(columns, sizeof *used);
    struct weir_schema_index index = { 0 };
    int count = 0, result = -1;
    if (!matched || !chosen || !used || weir_schema_index_init(&index, in)) {
        weir_fail_memory(error);
        goto cleanup;
    }
    if (choose(self, &index, matched, chosen, used, &count, error) < 0)
        goto cleanup;
    forget_columns(self);
    for (int i = 0; i < count; i++) {
        const struct weir_field *field = &in->fields[chosen[i]];
        if (add_column(self, field->name, field->name, field->role) < 0) {
            weir_fail_memory(error);
            goto cleanup;
        }
    }
    if (rename_columns(self, error) < 0 || set_roles(self, error) < 0)
        goto cleanup;
    result = 0;
cleanup:
    weir_schema_index_release(&index);
    free(matched);
    free(chosen);
    free(used);
    return result;
}

/* The schema is all there is to learn: 0, no batch is asked for. */
static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    return resolve(stage->state, in, error);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    (void)stage;
    (void)batch;
    return weir_fail(error, WEIR_BUG, "pick learns from no batch");
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    return learn(stage, NULL, error);
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    const struct pick *self = stage->state;
    (void)blobs;
    json_t *columns = json_array();
    bool complete = columns != NULL;
    for (size_t i = 0; complete && i < self->count; i++) {
        const struct picked *column = &self->columns[i];
        json_t *item =
            json_pack("{s:s, s:s, s:s}", "name", column->name, "as", column->as, "role", weir_role_name(column->role));
        complete = item && json_array_append_new(columns, item) == 0;
    }
    *state = complete ? json_pack("{s:O}", "columns", columns) : NULL;
    json_decref(columns);
    return *state ? 0 : weir_fail_memory(error);
}

static int check_names(const struct pick *self, struct weir_error *error)
{
    struct weir_schema names = { 0 };
    struct weir_schema_index index = { 0 };
    int result = 0;
    if (list_names(self, &names) < 0 || weir_schema_index_init(&index, &names) < 0)
        result = weir_fail_memory(error);
    else if (index.duplicate >= 0)
        result =
            weir_fail(error, WEIR_BAD_DATA, "two columns are called %s", WEIR_SHOW(names.fields[index.duplicate].name));
    weir_schema_index_release(&index);
    weir_schema_release(&names);
    return result;
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    struct pick *self = stage->state;
    size_t i;
    json_t *item;
    (void)blobs;
    const json_t *columns = weir_state_columns(state, error);
    if (!columns)
        return -1;
    forget_columns(self);
    json_array_foreach(columns, i, item)
    {
        const char *name, *as, *role_name;
        enum weir_role role;
        if (weir_state_text(item, "name", &name, error) < 0 || weir_state_text(item, "as", &as, error) < 0 ||
            weir_state_text(item, "role", &role_name, error) < 0)
            return -1;
        if (!weir_role_parse(role_name, &role))
            return weir_fail(error, WEIR_BAD_DATA, "%s is no role", WEIR_SHOW(role_name));
        if (add_column(self, name, as, role) < 0)
            return weir_fail_memory(error);
    }
    return check_names(self, error);
}

static bool is_for_training(enum weir_role role)
{
    return role == WEIR_LABEL || role == WEIR_WEIGHT || role == WEIR_GROUP || role == WEIR_SPLIT;
}

static int bind_columns(struct weir_binding *binding, const struct weir_schema_index *index, struct weir_error *error)
{
    const struct pick *self = binding->stage->state;
    struct pick_binding *bound = binding->state;
    const struct weir_schema *in = index->schema;
    for (size_t i = 0; i < self->count; i++) {
        const struct picked *column = &self->columns[i];
        int source = weir_schema_index_find(index, column->name);
        if (source < 0 && binding->mode == WEIR_AS_REPLAY && is_for_training(column->role))
            continue;
        if (source < 0)
            return weir_schema_require(in, column->name, error);
        struct weir_field *field = weir_schema_add_copy(&binding->out, &in->fields[source]);
        if (!field)
            return weir_fail_memory(error);
        char *as = weir_duplicate_string(column->as);
        if (!as)
            return weir_fail_memory(error);
        free(field->name);
        field->name = as;
        field->role = column->role;
        bound->source[bound->count++] = source;
    }
    return 0;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct pick *self = binding->stage->state;
    struct pick_binding *bound = weir_allocate_zero(1, sizeof *bound);
    if (!bound)
        return weir_fail_memory(error);
    binding->state = bound;
    bound->source = weir_allocate(self->count, sizeof *bound->source);
    struct weir_schema metadata = { .metadata = in->metadata }; /* the columns are added one by one */
    struct weir_schema_index index;
    if (!bound->source || weir_schema_copy(&binding->out, &metadata) < 0 || weir_schema_index_init(&index, in) < 0)
        return weir_fail_memory(error);
    int result = bind_columns(binding, &index, error);
    weir_schema_index_release(&index);
    return result;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    const struct pick_binding *bound = binding->state;
    (void)reasons;
    if (weir_batch_init(out, bound->count, in->rows) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < bound->count; i++)
        if (weir_column_share(&out->columns[i], &in->columns[bound->source[i]]) < 0)
            return weir_fail_memory(error);
    return 0;
}

static void unbind(struct weir_binding *binding)
{
    struct pick_binding *bound = binding->state;
    if (bound)
        free(bound->source);
    free(bound);
}

const struct weir_stage_kind weir_pick_kind = {
    .name = "pick",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .chooses_columns = true,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .save = save,
    .restore = restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
};
