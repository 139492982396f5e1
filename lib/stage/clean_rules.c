/* The part `rules` of clean: what weir-rules(5) describes, one rule after the other, each on what those before it left.
 * Its option `rules` holds the rules themselves. It learns which of the columns named are labels, since replayed rows
 * may lack them:
 *
 *   {"labels": ["churned"]} */
#include "stage/clean_rules_private.h"
#include "stage/state.h"

static int create(struct weir_stage *stage, struct weir_error *error)
{
    struct rules *self = stage->state = weir_allocate_zero(1, sizeof *self);
    return self ? weir_clean_rules_read(self, json_object_get(stage->options, "rules"), error)
                : weir_fail_memory(error);
}

static void destroy(struct weir_stage *stage)
{
    struct rules *self = stage->state;
    if (self)
        weir_clean_rules_release(self);
    free(self);
}

/* ---- The state -------------------------------------------------------------------------------------------------- */

static void forget_labels(struct rules *self)
{
    for (size_t i = 0; i < self->label_count; i++)
        free(self->labels[i]);
    free(self->labels);
    self->labels = NULL;
    self->label_count = 0;
}

static int add_label(struct rules *self, const char *name, struct weir_error *error)
{
    char *copy = weir_duplicate_string(name);
    if (!copy)
        return weir_fail_memory(error);
    self->labels[self->label_count++] = copy;
    return 0;
}

static bool names(const struct rules *self, const char *name)
{
    for (size_t i = 0; i < json_array_size(self->required); i++)
        if (strcmp(json_string_value(json_array_get(self->required, i)), name) == 0)
            return true;
    for (size_t i = 0; i < self->count; i++) {
        const char *column;
        for (size_t j = 0; (column = weir_clean_rules_column(&self->rules[i], j)); j++)
            if (strcmp(column, name) == 0)
                return true;
    }
    return false;
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct rules *self = stage->state;
    forget_labels(self);
    self->labels = weir_allocate_zero((size_t)in->count, sizeof *self->labels);
    if (!self->labels)
        return weir_fail_memory(error);
    for (int i = 0; i < in->count; i++)
        if (in->fields[i].role == WEIR_LABEL && names(self, in->fields[i].name) &&
            add_label(self, in->fields[i].name, error) < 0)
            return -1;
    return 0;
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    (void)blobs;
    const struct rules *self = stage->state;
    json_t *labels = json_array();
    for (size_t i = 0; labels && i < self->label_count; i++)
        weir_state_append(&labels, json_string(self->labels[i]));
    *state = labels ? json_pack("{s:o}", "labels", labels) : NULL;
    return *state ? 0 : weir_fail_memory(error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    (void)blobs;
    struct rules *self = stage->state;
    const json_t *labels = json_object_get(state, "labels");
    size_t count = json_array_size(labels);
    if (!json_is_array(labels))
        return weir_fail(error, WEIR_BAD_DATA, "its rules have no 'labels'");
    forget_labels(self);
    self->labels = weir_allocate_zero(count, sizeof *self->labels);
    if (!self->labels)
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(labels, i));
        if (!name)
            return weir_fail(error, WEIR_BAD_DATA, "a label of its rules is no text");
        if (add_label(self, name, error) < 0)
            return -1;
    }
    return 0;
}

/* ---- Applying --------------------------------------------------------------------------------------------------- */

/* What the rule says is done to the rows of the mask, except to values, which are changed behind. Rows that are given
 * up already are taken out of the mask. */
static int act(struct rules_binding *bound, const struct rules_check *check, int64_t rows, struct weir_reasons *reasons,
               int64_t *broken, struct weir_error *error)
{
    enum rules_action action = check->rule->action;
    uint8_t *mask = bound->mask;
    for (int64_t row = 0; row < rows;) {
        if (rows - row >= 8 && weir_load_u64(mask + row) == 0) {
            row += 8;
            continue;
        }
        if (mask[row] && reasons->reasons[row])
            mask[row] = 0;
        if (mask[row]) {
            ++*broken;
            if (action == RULES_FAIL && bound->mode != WEIR_AS_REPLAY)
                return weir_fail(error, WEIR_BAD_DATA, "row %lld: %s", weir_clean_row_number(reasons, bound->rows, row),
                                 check->reason);
            if (action == RULES_DROP || action == RULES_FAIL)
                weir_give_reason(reasons, row, check->reason);
            if (action == RULES_FLAG)
                weir_bit_set(bound->flag_bits[check->flag], row);
        }
        row++;
    }
    return 0;
}

static int apply_check(struct rules_binding *bound, struct rules_check *check, struct weir_batch *batch,
                       struct weir_reasons *reasons, struct weir_error *error)
{
    enum rules_action action = check->rule->action;
    bool coded = action == RULES_SET && check->type->kind == WEIR_DICTIONARY;
    int64_t broken = 0;
    if (!check->rule->columns)
        weir_clean_rules_compare(check, batch, bound->mask);
    else if (weir_clean_rules_judge(bound, check, &batch->columns[check->at], bound->mask, error) < 0)
        return -1;
    if (act(bound, check, batch->rows, reasons, &broken, error) < 0)
        return -1;
    bound->counts[check->of].broken += broken;
    bool changes = action == RULES_NULL || action == RULES_CLIP || action == RULES_SET;
    if (!changes || (broken == 0 && !coded)) /* a dictionary's codes must not change between batches */
        return 0;
    return weir_clean_rules_change(check, &batch->columns[check->at], bound->mask, error);
}

static int begin_batch(struct rules_binding *bound, const struct weir_binding *binding, const struct weir_batch *in,
                       struct weir_batch *out, struct weir_error *error)
{
    void *mask = bound->mask;
    if (weir_grow(&mask, &bound->mask_capacity, (size_t)in->rows, 1) < 0 ||
        weir_batch_init(out, binding->out.count, in->rows) < 0)
        return weir_fail_memory(error);
    bound->mask = mask;
    for (int i = 0; i < in->count; i++)
        if (weir_column_share(&out->columns[i], &in->columns[i]) < 0)
            return weir_fail_memory(error);
    for (size_t i = 0; i < bound->flag_count; i++) {
        struct weir_column *column = &out->columns[in->count + (int)i];
        *column = (struct weir_column){ .rows = in->rows };
        bound->flag_bits[i] = weir_slice_new(&column->values, (size_t)((in->rows + 7) / 8), 1);
        if (!bound->flag_bits[i])
            return weir_fail_memory(error);
        memset(bound->flag_bits[i], 0, column->values.size);
    }
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    struct rules_binding *bound = binding->state;
    if (begin_batch(bound, binding, in, out, error) < 0)
        return -1;
    for (size_t i = 0; i < bound->count; i++)
        if (apply_check(bound, &bound->checks[i], out, reasons, error) < 0)
            return -1;
    bound->rows += in->rows;
    return 0;
}

/* ---- Counts ----------------------------------------------------------------------------------------------------- */

/* "rule 'adult': 12 set to missing, rule 3: 1 dropped", those that nothing broke left out. */
static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    enum { RULES_SHOWN = 20 };
    static const char *const done[] = { "set to missing", "dropped", "clipped", "replaced", "flagged", "refused" };
    const struct rules_binding *bound = binding->state;
    int shown = 0, more = 0;
    for (size_t i = 0; i < bound->self->count; i++) {
        const struct rules_count *count = &bound->counts[i];
        if (count->broken == 0)
            continue;
        if (shown++ >= RULES_SHOWN) {
            more++;
            continue;
        }
        weir_buffer_format(out, "%s%s: %lld %s", out->size > 0 ? ", " : "", bound->self->rules[i].label,
                           (long long)count->broken, done[bound->self->rules[i].action]);
        if (count->stopped > 0)
            weir_buffer_format(out, " (%lld too long or too hard for the pattern)", (long long)count->stopped);
    }
    if (more > 0)
        weir_buffer_format(out, ", and %d more rules were broken", more);
}

static json_t *columns_json(const struct rules_rule *rule)
{
    json_t *columns = json_array();
    const char *column;
    for (size_t i = 0; (column = weir_clean_rules_column(rule, i)); i++)
        weir_state_append(&columns, json_string(column));
    return columns;
}

json_t *weir_clean_rules_counts_json(const struct weir_binding *binding)
{
    const struct rules_binding *bound = binding->state;
    json_t *rules = json_array();
    for (size_t i = 0; rules && i < bound->self->count; i++) {
        const struct rules_rule *rule = &bound->self->rules[i];
        const struct rules_count *count = &bound->counts[i];
        weir_state_append(&rules,
                          json_pack("{s:i, s:s?, s:o, s:s, s:I, s:I}", "rule", rule->place, "name", rule->name,
                                    "columns", columns_json(rule), "action", weir_clean_rules_action_name(rule->action),
                                    "broken", (json_int_t)count->broken, "stopped", (json_int_t)count->stopped));
    }
    return rules ? json_pack("{s:I, s:o}", "rows", (json_int_t)bound->rows, "rules", rules) : NULL;
}

const struct weir_stage_kind weir_clean_rules_kind = {
    .name = "clean",
    .version = 1,
    .replay = WEIR_REPLAY_FLAG,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .save = save,
    .restore = restore,
    .bind = weir_clean_rules_bind,
    .apply = apply,
    .unbind = weir_clean_rules_unbind,
    .summary = summary,
};
