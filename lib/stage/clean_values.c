#include "stage/clean_values_private.h"

static int create(struct weir_stage *stage, struct weir_error *error)
{
    struct clean_values *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    return weir_clean_values_read_settings(&self->settings, stage, error);
}

static void release_columns(struct clean_values *self)
{
    for (size_t i = 0; i < self->count; i++)
        weir_clean_values_release_column(&self->columns[i]);
    free(self->columns);
    free(self->source);
    self->columns = NULL;
    self->source = NULL;
    self->count = 0;
}

static void destroy(struct weir_stage *stage)
{
    struct clean_values *self = stage->state;
    if (!self)
        return;
    release_columns(self);
    weir_clean_values_release_settings(&self->settings);
    weir_scratch_release(&self->scratch);
    free(self);
}

static bool is_treated(const struct clean_settings *settings, const struct weir_field *field)
{
    return field->role == WEIR_FEATURE || field->role == WEIR_LABEL ||
           weir_clean_values_is_named(settings, field->name);
}

static int add_columns(struct clean_values *self, const struct weir_schema *in, struct weir_error *error)
{
    self->columns = weir_allocate_zero((size_t)in->count, sizeof *self->columns);
    self->source = weir_allocate((size_t)in->count, sizeof *self->source);
    if (!self->columns || !self->source)
        return weir_fail_memory(error);
    for (int i = 0; i < in->count; i++) {
        const struct weir_field *field = &in->fields[i];
        if (!is_treated(&self->settings, field))
            continue;
        struct clean_column *column = &self->columns[self->count];
        self->source[self->count++] = i;
        column->name = weir_duplicate_string(field->name);
        if (!column->name || weir_type_copy(&column->type, &field->type) < 0)
            return weir_fail_memory(error);
        if (weir_clean_values_resolve(&self->settings, column, field->role, error) < 0)
            return -1;
        if (column->class == CLEAN_NOTHING && column->rule != CLEAN_KEEP && column->rule != CLEAN_DROP &&
            !column->label)
            column->removal = CLEAN_NO_VALUE;
    }
    return 0;
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct clean_values *self = stage->state;
    release_columns(self);
    if (weir_clean_values_check_names(&self->settings, in, error) < 0 || add_columns(self, in, error) < 0)
        return -1;
    size_t learners = 0;
    for (size_t i = 0; i < self->count; i++)
        learners += weir_clean_values_learns(&self->settings, &self->columns[i]);
    int limit = weir_quantile_limit(learners);
    for (size_t i = 0; i < self->count; i++)
        if (weir_clean_values_learns(&self->settings, &self->columns[i]) &&
            weir_clean_values_learner_begin(&self->settings, &self->columns[i], limit, stage->keep_merge, error) < 0)
            return -1;
    return learners > 0;
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct clean_values *self = stage->state;
    for (size_t i = 0; i < self->count; i++)
        if (self->columns[i].learner &&
            weir_clean_values_learner_add(self, &self->columns[i], &batch->columns[self->source[i]], error) < 0)
            return -1;
    return 0;
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct clean_values *self = stage->state;
    int more = 0;
    for (size_t i = 0; i < self->count; i++) {
        int result =
            self->columns[i].learner ? weir_clean_values_learner_end(&self->settings, &self->columns[i], error) : 0;
        if (result < 0)
            return -1;
        more |= result;
    }
    return more;
}

const struct weir_stage_kind weir_clean_values_kind = {
    .name = "clean",
    .version = 1,
    .replay = WEIR_REPLAY_FLAG,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .merge = weir_clean_values_merge,
    .save = weir_clean_values_save,
    .save_merge = weir_clean_values_save_merge,
    .restore = weir_clean_values_restore,
    .bind = weir_clean_values_bind,
    .apply = weir_clean_values_apply,
    .unbind = weir_clean_values_unbind,
    .summary = weir_clean_values_summary,
};
