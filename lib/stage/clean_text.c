/* The part `text` of clean: the features and labels of text, plain or in a dictionary, through the steps of
 * clean_text_private.h. What it treats is its state:
 *
 *   {"columns": [{"name": "city", "type": "utf8"}, ...]} */
#include "stage/clean_private.h"
#include "stage/clean_text_private.h"
#include "stage/learn.h"
#include "stage/state.h"

struct text_column {
    char *name;
    struct weir_type type;
};

struct text {
    struct clean_text_steps steps;
    struct text_column *columns;
    size_t count;
};

/* One column of a schema. */
struct text_work {
    int at; /* index in the schema */
    bool coded;
    int64_t emptied;
    struct weir_builder builder; /* of a dictionary it grows from batch to batch, so that codes stay */
};
struct text_binding {
    struct text_work *works;
    size_t count;
    struct weir_buffer scratch;
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    struct text *self = stage->state = weir_allocate_zero(1, sizeof *self);
    return self ? weir_clean_text_read(&self->steps, stage->options, error) : weir_fail_memory(error);
}

static void forget_columns(struct text *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->columns[i].name);
        weir_type_release(&self->columns[i].type);
    }
    free(self->columns);
    self->columns = NULL;
    self->count = 0;
}

static void destroy(struct weir_stage *stage)
{
    struct text *self = stage->state;
    if (!self)
        return;
    forget_columns(self);
    weir_clean_text_release(&self->steps);
    free(self);
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct text *self = stage->state;
    forget_columns(self);
    self->columns = weir_allocate_zero((size_t)in->count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    for (int i = 0; i < in->count; i++) {
        const struct weir_field *field = &in->fields[i];
        if (!weir_clean_treats(field) || !weir_clean_is_text(&field->type))
            continue;
        struct text_column *column = &self->columns[self->count++];
        column->name = weir_duplicate_string(field->name);
        if (!column->name || weir_type_copy(&column->type, &field->type) < 0)
            return weir_fail_memory(error);
    }
    return 0;
}

/* ---- The state ---------------------------------------------------------------------------------------------- */

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    (void)blobs;
    const struct text *self = stage->state;
    json_t *columns = json_array();
    for (size_t i = 0; columns && i < self->count; i++)
        weir_state_append(&columns, weir_state_new_column(self->columns[i].name, &self->columns[i].type));
    return weir_state_of_columns(columns, state, error);
}

/* Columns of other types are passed over: in version 1 of clean's state those of text stand among all. */
static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    (void)blobs;
    struct text *self = stage->state;
    const json_t *columns = weir_state_columns(state, error);
    if (!columns)
        return -1;
    forget_columns(self);
    self->columns = weir_allocate_zero(json_array_size(columns), sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    for (size_t i = 0; i < json_array_size(columns); i++) {
        struct text_column *column = &self->columns[self->count++];
        if (weir_state_name_and_type(json_array_get(columns, i), &column->name, &column->type, error) < 0)
            return -1;
        if (!weir_clean_is_text(&column->type)) {
            free(column->name);
            weir_type_release(&column->type);
            *column = (struct text_column){ 0 };
            self->count--;
        }
    }
    return 0;
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    const struct text *into = stage->state, *from = other->state;
    bool same = into->count == from->count;
    for (size_t i = 0; same && i < into->count; i++)
        same = strcmp(into->columns[i].name, from->columns[i].name) == 0;
    return same ? 0 : weir_fail(error, WEIR_BAD_DATA, "the states differ in their columns of text");
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct text *self = binding->stage->state;
    struct text_binding *bound = binding->state = weir_allocate_zero(1, sizeof *bound);
    if (!bound || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    bound->works = weir_allocate_zero(self->count, sizeof *bound->works);
    if (!bound->works)
        return weir_fail_memory(error);
    for (size_t i = 0; i < self->count; i++) {
        const struct text_column *column = &self->columns[i];
        int at = weir_schema_find(in, column->name);
        if (at < 0) /* the part `values` says so, unless it can do without */
            continue;
        if (!weir_clean_is_text(&in->fields[at].type))
            return weir_fail_type(error, "clean", &in->fields[at], &column->type);
        struct text_work *work = &bound->works[bound->count];
        *work = (struct text_work){ .at = at, .coded = in->fields[at].type.kind == WEIR_DICTIONARY };
        if (weir_builder_init(&work->builder, &in->fields[at].type) < 0)
            return weir_fail_memory(error);
        bound->count++;
    }
    return 0;
}

static void unbind(struct weir_binding *binding)
{
    struct text_binding *bound = binding->state;
    if (!bound)
        return;
    for (size_t i = 0; i < bound->count; i++)
        weir_builder_release(&bound->works[i].builder);
    free(bound->works);
    weir_buffer_release(&bound->scratch);
    free(bound);
}

static void apply_plain(const struct text *self, struct text_binding *bound, struct text_work *work,
                        const struct weir_column *in)
{
    for (int64_t row = 0; row < in->rows; row++) {
        size_t length = 0;
        bool present = weir_valid(in, row);
        const char *bytes = present ? weir_text(in, row, &length) : NULL;
        if (present && weir_clean_text_value(&self->steps, &bound->scratch, &bytes, &length)) {
            weir_builder_text(&work->builder, bytes, length);
            continue;
        }
        work->emptied += present;
        weir_builder_null(&work->builder);
    }
}

/* Each value of the dictionary once; the rows take their codes from there. */
static int apply_coded(const struct text *self, struct text_binding *bound, struct text_work *work,
                       const struct weir_column *in, struct weir_error *error)
{
    enum { NO_CODE = -1 };
    const struct weir_column *values = &in->children[0];
    const int32_t *codes = weir_codes(in);
    int32_t *code_of = weir_allocate((size_t)values->rows, sizeof *code_of);
    if (!code_of)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < values->rows; i++) {
        size_t length = 0;
        const char *bytes = weir_valid(values, i) ? weir_text(values, i, &length) : NULL;
        code_of[i] = NO_CODE;
        if (bytes && weir_clean_text_value(&self->steps, &bound->scratch, &bytes, &length))
            code_of[i] = (int32_t)weir_builder_code(&work->builder, bytes, length);
    }
    for (int64_t row = 0; row < in->rows; row++) {
        int32_t code = weir_valid(in, row) ? code_of[codes[row]] : NO_CODE;
        if (code != NO_CODE) {
            weir_builder_int64(&work->builder, code);
            continue;
        }
        work->emptied += weir_valid(in, row) && weir_valid(values, codes[row]);
        weir_builder_null(&work->builder);
    }
    free(code_of);
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    (void)reasons;
    const struct text *self = binding->stage->state;
    struct text_binding *bound = binding->state;
    if (weir_batch_share(out, in) < 0)
        return weir_fail_memory(error);
    for (size_t i = 0; i < bound->count; i++) {
        struct text_work *work = &bound->works[i];
        struct weir_column *column = &out->columns[work->at];
        int result = 0;
        if (work->coded)
            result = apply_coded(self, bound, work, &in->columns[work->at], error);
        else
            apply_plain(self, bound, work, &in->columns[work->at]);
        weir_column_release(column);
        if (result < 0 || weir_builder_finish(&work->builder, column, error) < 0 ||
            weir_buffer_check(&bound->scratch, error) < 0)
            return -1;
    }
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct text_binding *bound = binding->state;
    struct clean_tally tally = { 0 };
    for (size_t i = 0; i < bound->count; i++)
        weir_clean_tally_add(&tally, binding->out.fields[bound->works[i].at].name, bound->works[i].emptied);
    weir_clean_tally_end(&tally, "trimmed to nothing", out);
}

const struct weir_stage_kind weir_clean_text_kind = {
    .name = "clean",
    .version = 1,
    .replay = WEIR_REPLAY_FLAG,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .merge = merge,
    .save = save,
    .restore = restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
