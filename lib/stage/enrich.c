#include "stage/enrich.h"
#include "stage/enrich_private.h"
#include "stage/kinds.h"
#include "stage/options.h"
#include <inttypes.h>
#include <stdlib.h>

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "on", "how", "as-of", "within", "keep", "prefix", "name", NULL };
    static const char *const hows[] = { "left", "inner", "anti", NULL };
    static const char *const keeps[] = { "first", "last", NULL };
    struct enrich *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    int keep;
    if (weir_option_known(stage, known, error) < 0 || weir_option_list(stage->options, "on", &self->on, error) < 0 ||
        weir_option_choice(stage->options, "how", hows, ENRICH_LEFT, &self->how, error) < 0 ||
        weir_option_choice(stage->options, "keep", keeps, -1, &keep, error) < 0 ||
        weir_option_text(stage->options, "as-of", NULL, &self->as_of, error) < 0 ||
        weir_option_text(stage->options, "within", NULL, &self->within, error) < 0 ||
        weir_option_text(stage->options, "prefix", "", &self->prefix, error) < 0 ||
        weir_option_text(stage->options, "name", "table", &self->name, error) < 0)
        return -1;
    self->keep = (enum weir_join_keep)(keep + 1);
    if (weir_option_items(self->on) == 0)
        return weir_fail(error, WEIR_USAGE, "--on says which columns are the key: enrich TABLE --on id");
    if (self->within && !self->as_of)
        return weir_fail(error, WEIR_USAGE, "--within goes with --as-of");
    return 0;
}

static void destroy(struct weir_stage *stage)
{
    struct enrich *self = stage->state;
    if (self)
        weir_enrich_forget_table(self);
    free(self);
}

/* ---- Binding ------------------------------------------------------------------------------------------------ */

static int bind_keys(struct enrich_binding *bound, const struct enrich *self, struct weir_error *error)
{
    bound->keys = weir_allocate((size_t)self->side.count, sizeof *bound->keys);
    if (!bound->keys)
        return weir_fail_memory(error);
    bound->side = (struct weir_join_side){ &bound->in, bound->keys, self->side.count, -1 };
    for (int i = 0; i < self->side.count; i++) {
        bound->keys[i] = weir_schema_require(&bound->in, self->left[i], error);
        if (bound->keys[i] < 0)
            return weir_fail_in(error, "--on");
    }
    if (self->left_time) {
        bound->side.time = weir_schema_require(&bound->in, self->left_time, error);
        if (bound->side.time < 0)
            return weir_fail_in(error, "--as-of");
    }
    if (weir_join_check(&bound->side, &self->side, error) < 0)
        return -1;
    return self->within ? weir_join_reach_parse(&bound->reach, self->within, &bound->in.fields[bound->side.time], error)
                        : 0;
}

static bool is_key(const struct weir_join_side *side, int column)
{
    for (int i = 0; i < side->count; i++)
        if (side->keys[i] == column)
            return true;
    return false;
}

/* A second label or weight is none: it is a feature. */
static enum weir_role role_of(const struct weir_schema *stream, enum weir_role role)
{
    bool single = role == WEIR_LABEL || role == WEIR_WEIGHT;
    return single && weir_schema_role(stream, role, 0) >= 0 ? WEIR_FEATURE : role;
}

static int add_column(struct weir_binding *binding, const struct enrich *self, int column, struct weir_error *error)
{
    struct enrich_binding *bound = binding->state;
    const struct weir_field *from = &self->schema.fields[column];
    struct weir_buffer name = { 0 };
    weir_buffer_string(&name, self->prefix);
    weir_buffer_string(&name, from->name);
    if (name.failed)
        return weir_fail_memory(error);
    if (column == self->side.time && strcmp(name.bytes, self->left_time) == 0) {
        weir_buffer_release(&name); /* the stream has it */
        return 0;
    }
    if (weir_schema_find(&binding->out, name.bytes) >= 0) {
        weir_fail(error, WEIR_BAD_DATA,
                  "the column %s is in the stream and in the table; --prefix TEXT puts a text before the names that "
                  "come from the table",
                  WEIR_SHOW(name.bytes));
        weir_buffer_release(&name);
        return -1;
    }
    struct weir_field *field = weir_schema_add_copy(&binding->out, from);
    if (!field) {
        weir_buffer_release(&name);
        return weir_fail_memory(error);
    }
    free(field->name);
    field->name = name.bytes;
    field->nullable = true;
    field->role = role_of(&bound->in, from->role);
    bound->added[bound->added_count++] = column;
    return 0;
}

/* Tables that are not within the plan are told apart by their names. */
static int check_name(const struct enrich *self, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_plan plan = { 0 };
    int result = weir_plan_from_schema(&plan, in, error);
    for (size_t i = 0; i < plan.count && result == 0; i++) {
        const struct weir_plan_step *step = &plan.steps[i];
        const char *name = json_string_value(json_object_get(step->options, "name"));
        bool whole = weir_enrich_is_whole(self) && json_is_true(json_object_get(step->state, "whole"));
        if (strcmp(step->name, "enrich") == 0 && strcmp(name ? name : "table", self->name) == 0 && !whole)
            result = weir_fail(error, WEIR_USAGE,
                               "a step before this one has a table of the name %s; --name gives this one another",
                               WEIR_SHOW(self->name));
    }
    weir_plan_release(&plan);
    return result;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct enrich *self = binding->stage->state;
    struct enrich_binding *bound = weir_allocate_zero(1, sizeof *bound);
    if (!bound)
        return weir_fail_memory(error);
    binding->state = bound;
    if (binding->mode == WEIR_AS_REPLAY && !self->present)
        return weir_fail(error, WEIR_USAGE,
                         "the table %s was too large for the plan and has to be given: score --table %s=FILE",
                         WEIR_SHOW(self->name), self->name);
    if (weir_schema_copy(&binding->out, in) < 0 || weir_schema_copy(&bound->in, in) < 0)
        return weir_fail_memory(error);
    bound->added = weir_allocate((size_t)self->schema.count, sizeof *bound->added);
    if (!bound->added)
        return weir_fail_memory(error);
    if (binding->mode == WEIR_AS_FILTER && check_name(self, in, error) < 0)
        return -1;
    if (bind_keys(bound, self, error) < 0)
        return -1;
    for (int i = 0; i < self->schema.count && self->how != ENRICH_ANTI; i++)
        if (!is_key(&self->side, i) && add_column(binding, self, i, error) < 0)
            return -1;
    return 0;
}

static void unbind(struct weir_binding *binding)
{
    struct enrich_binding *bound = binding->state;
    if (!bound)
        return;
    weir_schema_release(&bound->in);
    free(bound->keys);
    free(bound->added);
    free(bound->index);
    free(bound);
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

static void count(struct enrich_binding *bound, const int64_t *index, int64_t rows)
{
    for (int64_t row = 0; row < rows; row++) {
        bound->tally.matched += index[row] >= 0;
        bound->tally.unmatched += index[row] < 0;
        bound->tally.no_key += index[row] == WEIR_JOIN_NO_KEY;
    }
}

/* Leaves the rows that stay, and their places in the table, at the front of chosen and index. */
static int64_t choose(const struct enrich *self, int64_t *index, int64_t rows, int64_t *chosen)
{
    int64_t kept = 0;
    for (int64_t row = 0; row < rows; row++) {
        if ((index[row] >= 0) == (self->how == ENRICH_ANTI))
            continue;
        chosen[kept] = row;
        index[kept++] = index[row];
    }
    return kept;
}

static void explain(const struct enrich *self, const int64_t *index, struct weir_reasons *reasons)
{
    const char *reason = self->how == ENRICH_ANTI ? "the table has its key" : "the table has no row for it";
    for (int64_t row = 0; row < reasons->rows; row++)
        if ((index[row] >= 0) == (self->how == ENRICH_ANTI))
            weir_give_reason(reasons, row, reason);
}

static int add_columns(const struct enrich *self, const struct enrich_binding *bound, const struct weir_batch *rows,
                       const int64_t *index, struct weir_batch *out, struct weir_error *error)
{
    if (weir_batch_init(out, rows->count + bound->added_count, rows->rows) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < rows->count; i++)
        if (weir_column_share(&out->columns[i], &rows->columns[i]) < 0)
            return weir_fail_memory(error);
    for (int i = 0; i < bound->added_count; i++) {
        int column = bound->added[i];
        if (weir_column_take(&out->columns[rows->count + i], &self->rows.columns[column],
                             &self->schema.fields[column].type, index, rows->rows, error) < 0)
            return weir_fail_in(error, "column %s", WEIR_SHOW(self->schema.fields[column].name));
    }
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    const struct enrich *self = binding->stage->state;
    struct enrich_binding *bound = binding->state;
    struct weir_batch kept = { 0 };
    int64_t rows = in->rows, *chosen;
    if (!self->join)
        return weir_fail(error, WEIR_BUG, "the table of 'enrich' is not here");
    /* The places in the table, and the rows that stay. */
    if (weir_grow(&bound->index, &bound->capacity, (size_t)rows, 2 * sizeof *chosen) < 0)
        return weir_fail_memory(error);
    int64_t *index = bound->index;
    chosen = index + rows;
    if (weir_join_find(self->join, &bound->side, in, &bound->reach, index, error) < 0)
        return -1;
    count(bound, index, rows);
    if (self->how != ENRICH_LEFT && reasons)
        explain(self, index, reasons);
    else if (self->how != ENRICH_LEFT)
        rows = choose(self, index, rows, chosen);
    int result = rows < in->rows                   ? weir_batch_take(&kept, in, &bound->in, chosen, rows, error)
                 : weir_batch_share(&kept, in) < 0 ? weir_fail_memory(error)
                                                   : 0;
    if (result == 0)
        result = add_columns(self, bound, &kept, index, out, error);
    weir_batch_release(&kept);
    return result;
}

void weir_enrich_count(const struct weir_binding *binding, struct enrich_tally *tally)
{
    const struct enrich *self = binding->stage->state;
    const struct enrich_binding *bound = binding->state;
    tally->matched += bound->tally.matched;
    tally->unmatched += bound->tally.unmatched;
    tally->no_key += bound->tally.no_key;
    tally->keyless += self->join ? weir_join_keyless(self->join) : 0;
}

void weir_enrich_tell(const struct enrich_tally *tally, struct weir_buffer *out)
{
    weir_buffer_format(out, "%" PRId64 " matched, %" PRId64 " without a match", tally->matched, tally->unmatched);
    if (tally->no_key)
        weir_buffer_format(out, " (%" PRId64 " of them without a key)", tally->no_key);
    if (tally->keyless)
        weir_buffer_format(out, "; %" PRId64 " row%s of the table without a key", tally->keyless,
                           tally->keyless == 1 ? "" : "s");
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    struct enrich_tally tally = { 0 };
    weir_enrich_count(binding, &tally);
    weir_enrich_tell(&tally, out);
}

const struct weir_stage_kind weir_enrich_kind = {
    .name = "enrich",
    .version = 1,
    .replay = WEIR_REPLAY_FLAG,
    .create = create,
    .destroy = destroy,
    .save = weir_enrich_save,
    .restore = weir_enrich_restore,
    .supply = weir_enrich_supply,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
