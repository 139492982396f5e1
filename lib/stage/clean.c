/* The stage `clean`: the parts that its options ask for, one behind the other (clean_private.h). */
#include "stage/clean_report_private.h"
#include "stage/kinds.h"
#include "stage/plan.h"

static const char *const text_options[] = { "html",    "unicode", "drop-controls", "urls",         "emails", "repeats",
                                            "squeeze", "case",    "trim",          "text-columns", NULL };
static const char *const convert_options[] = { "numbers", "units", "dates", "times", NULL };
static const char *const rules_options[] = { "rules", NULL };
static const char *const values_options[] = {
    "missing",        "flag-missing",   "keep-unlabelled", "range",         "allow",         "bad-value", "outliers",
    "outlier-factor", "outlier-action", "outlier-columns", "drop-constant", "means-missing", NULL
};
static const char *const smooth_options[] = { "smooth", "smooth-by", NULL };

/* A part is there when one of its options is given, and `values` always. */
static const struct {
    const char *name;
    const struct weir_stage_kind *kind;
    const char *const *options;
} parts[] = {
    { "text", &weir_clean_text_kind, text_options }, /* in the order in which they work */
    { "convert", &weir_clean_convert_kind, convert_options }, { "rules", &weir_clean_rules_kind, rules_options },
    { "values", &weir_clean_values_kind, values_options },    { "smooth", &weir_clean_smooth_kind, smooth_options },
};
enum { PARTS = sizeof parts / sizeof *parts, VALUES = 3 };
_Static_assert((int)PARTS <= (int)CLEAN_MOST_PARTS, "a chain holds all parts");

struct clean {
    struct weir_stage *parts[PARTS];  /* NULL: not asked for */
    struct clean_chain learning;      /* those before `values`, while that learns */
    struct weir_clean_report *report; /* watches the next binding; NULL: nothing does */
};

bool weir_clean_treats(const struct weir_field *field)
{
    return field->role == WEIR_FEATURE || field->role == WEIR_LABEL;
}

bool weir_clean_is_text(const struct weir_type *type)
{
    return type->kind == WEIR_UTF8 || (type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8);
}

int weir_clean_require(const struct weir_schema *in, const char *name, struct weir_error *error)
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
    return at;
}

long long weir_clean_row_number(const struct weir_reasons *reasons, int64_t before, int64_t row)
{
    return (long long)(reasons->numbers ? reasons->numbers[row] : before + row + 1);
}

/* ---- Making ------------------------------------------------------------------------------------------------- */

static bool is_among(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names;
}

static int check_options(const json_t *options, bool wanted[PARTS], struct weir_error *error)
{
    const char *name;
    const json_t *value;
    json_object_foreach((json_t *)options, name, value)
    {
        bool known = false;
        for (int i = 0; i < PARTS; i++)
            if (is_among(parts[i].options, name))
                known = wanted[i] = true;
        if (!known)
            return weir_fail(error, WEIR_USAGE, "'clean' has no option %s", WEIR_SHOW(name));
    }
    return 0;
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    bool wanted[PARTS] = { [VALUES] = true };
    struct clean *self = stage->state = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    if (check_options(stage->options, wanted, error) < 0)
        return -1;
    for (int i = 0; i < PARTS; i++) {
        if (!wanted[i])
            continue;
        struct weir_stage *part = self->parts[i] = weir_allocate_zero(1, sizeof *part);
        if (!part)
            return weir_fail_memory(error);
        part->kind = parts[i].kind;
        part->options = json_incref(stage->options);
        if (part->kind->create(part, error) < 0)
            return -1;
    }
    return 0;
}

static void destroy(struct weir_stage *stage)
{
    struct clean *self = stage->state;
    if (!self)
        return;
    weir_clean_chain_release(&self->learning);
    for (int i = 0; i < PARTS; i++)
        weir_stage_free(self->parts[i]);
    free(self);
}

/* ---- Learning ----------------------------------------------------------------------------------------------- */

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct clean *self = stage->state;
    struct weir_stage *values = self->parts[VALUES];
    weir_clean_chain_release(&self->learning);
    if (weir_clean_chain_begin(&self->learning, in, error) < 0)
        return -1;
    for (int i = 0; i < VALUES; i++) {
        struct weir_stage *part = self->parts[i];
        if (!part)
            continue;
        const struct weir_schema *now = weir_clean_chain_schema(&self->learning);
        if ((part->kind->learn_begin && part->kind->learn_begin(part, now, error) < 0) ||
            weir_clean_chain_add(&self->learning, part, WEIR_AS_FILTER, error) < 0)
            return -1;
    }
    values->keep_merge = stage->keep_merge;
    return values->kind->learn_begin(values, weir_clean_chain_schema(&self->learning), error);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct clean *self = stage->state;
    struct weir_stage *values = self->parts[VALUES];
    struct weir_batch ready = { 0 };
    int result = weir_clean_chain_apply(&self->learning, batch, &ready, NULL, error);
    if (result == 0)
        result = values->kind->learn(values, &ready, error);
    weir_batch_release(&ready);
    return result;
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct clean *self = stage->state;
    int more = self->parts[VALUES]->kind->learn_end(self->parts[VALUES], error);
    if (more == 0)
        weir_clean_chain_release(&self->learning);
    return more;
}

/* ---- The state ---------------------------------------------------------------------------------------------- */

static int save_part(const struct clean *self, int i, json_t *state, struct weir_blobs *blobs, struct weir_error *error)
{
    const struct weir_stage *part = self->parts[i];
    json_t *own = NULL;
    if (part->kind->save(part, &own, blobs, error) < 0)
        return -1;
    return json_object_set_new(state, parts[i].name, own) < 0 ? weir_fail_memory(error) : 0;
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    const struct clean *self = stage->state;
    int result = self->parts[VALUES]->kind->save(self->parts[VALUES], state, blobs, error);
    for (int i = 0; result == 0 && i < PARTS; i++)
        if (i != VALUES && self->parts[i] && self->parts[i]->kind->save)
            result = save_part(self, i, *state, blobs, error);
    return result;
}

static int save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                      struct weir_error *error)
{
    const struct clean *self = stage->state;
    return self->parts[VALUES]->kind->save_merge(self->parts[VALUES], merge, blobs, error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    struct clean *self = stage->state;
    for (int i = 0; i < PARTS; i++) {
        struct weir_stage *part = self->parts[i];
        if (!part || !part->kind->restore)
            continue;
        /* in version 1 all parts had one state */
        const json_t *own = i == VALUES ? NULL : json_object_get(state, parts[i].name);
        if (part->kind->restore(part, own ? own : state, blobs, error) < 0)
            return -1;
    }
    return 0;
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct clean *into = stage->state;
    const struct clean *from = other->state;
    for (int i = 0; i < PARTS; i++)
        if (into->parts[i] && from->parts[i] && parts[i].kind->merge &&
            parts[i].kind->merge(into->parts[i], from->parts[i], error) < 0)
            return -1;
    return 0;
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct clean *self = binding->stage->state;
    struct clean_chain *chain = binding->state = weir_allocate_zero(1, sizeof *chain);
    if (!chain)
        return weir_fail_memory(error);
    if (weir_clean_chain_begin(chain, in, error) < 0)
        return -1;
    for (int i = 0; i < PARTS; i++)
        if (self->parts[i] && weir_clean_chain_add(chain, self->parts[i], binding->mode, error) < 0)
            return -1;
    if (binding->mode != WEIR_AS_REPLAY && self->report && weir_clean_report_bind(self->report, chain, error) < 0)
        return -1;
    return weir_schema_copy(&binding->out, weir_clean_chain_schema(chain)) < 0 ? weir_fail_memory(error) : 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    return weir_clean_chain_apply(binding->state, in, out, reasons, error);
}

static void unbind(struct weir_binding *binding)
{
    if (binding->state)
        weir_clean_chain_release(binding->state);
    free(binding->state);
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct clean_chain *chain = binding->state;
    for (int i = 0; i < chain->count; i++)
        chain->bindings[i].stage->kind->summary(&chain->bindings[i], out);
}

/* ---- What the report asks ------------------------------------------------------------------------------------ */

void weir_clean_watch(struct weir_stage *stage, struct weir_clean_report *report)
{
    ((struct clean *)stage->state)->report = report;
}

static int find_part(const struct weir_stage *part)
{
    int i = 0;
    while (parts[i].kind != part->kind)
        i++;
    return i;
}

const char *weir_clean_part_name(const struct weir_stage *part)
{
    return parts[find_part(part)].name;
}

int weir_clean_part_options(const struct weir_stage *part, struct weir_buffer *out, struct weir_error *error)
{
    const char *const *names = parts[find_part(part)].options;
    json_t *given = json_object();
    int result = given ? 0 : weir_fail_memory(error);
    for (; result == 0 && *names; names++) {
        json_t *value = json_object_get(part->options, *names);
        if (value && json_object_set(given, *names, value) < 0)
            result = weir_fail_memory(error);
    }
    if (result == 0 && json_object_size(given) > 0)
        weir_plan_describe_options(given, out);
    json_decref(given);
    return result;
}

const struct weir_stage_kind weir_clean_kind = {
    .name = "clean",
    .version = 2,
    .replay = WEIR_REPLAY_FLAG,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .merge = merge,
    .save = save,
    .save_merge = save_merge,
    .restore = restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
