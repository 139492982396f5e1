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
    const json_t *chosen; /* --text-columns; NULL: all */
    struct text_column *columns;
    size_t count;
};

/* One column of a schema. */
struct text_work {
    int at; /* index in the schema */
    bool coded;
    int64_t changed[CLEAN_TEXT_STEPS], emptied;
    struct weir_builder builder; /* of a dictionary it grows from batch to batch, so that codes stay */
    /* of a dictionary, as it came last: what has become of each of its values */
    struct weir_column values;
    int32_t *codes; /* NO_CODE: missing */
    uint16_t *changes;
    size_t codes_capacity, changes_capacity;
    bool same; /* every value is what it was, with the code that it had */
};
enum { NO_CODE = -1 };
_Static_assert((int)CLEAN_TEXT_STEPS <= 16, "a bit for each step in `changes`");

struct text_binding {
    struct text_work *works;
    size_t count;
    struct clean_text_scratch scratch;
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    struct text *self = stage->state = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    if (weir_clean_text_read(&self->steps, stage->options, error) < 0 ||
        weir_option_list(stage->options, "text-columns", &self->chosen, error) < 0)
        return -1;
    if (!weir_clean_text_works(&self->steps))
        return weir_fail(error, WEIR_USAGE,
                         "--text-columns says where, and no option what is to be done to text there");
    return 0;
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

/* ---- Choosing the columns ----------------------------------------------------------------------------------- */

static int check_chosen(const struct text *self, const struct weir_schema *in, struct weir_error *error)
{
    for (size_t i = 0; i < weir_option_items(self->chosen); i++) {
        int at = weir_clean_require(in, weir_option_item(self->chosen, i), error);
        if (at < 0)
            return -1;
        if (!weir_clean_is_text(&in->fields[at].type)) {
            struct weir_buffer type = { 0 };
            weir_type_describe(&in->fields[at].type, &type);
            weir_fail(error, WEIR_USAGE, "option '--text-columns': column %s is %s, no text",
                      WEIR_SHOW(in->fields[at].name), type.bytes ? type.bytes : "");
            weir_buffer_release(&type);
            return -1;
        }
    }
    return 0;
}

static bool is_chosen(const struct text *self, const struct weir_field *field)
{
    bool named = false;
    for (size_t i = 0; !named && i < weir_option_items(self->chosen); i++)
        named = strcmp(weir_option_item(self->chosen, i), field->name) == 0;
    return weir_clean_is_text(&field->type) && (self->chosen ? named : weir_clean_treats(field));
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct text *self = stage->state;
    forget_columns(self);
    self->columns = weir_allocate_zero((size_t)in->count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    if (check_chosen(self, in, error) < 0)
        return -1;
    for (int i = 0; i < in->count; i++) {
        const struct weir_field *field = &in->fields[i];
        if (!is_chosen(self, field))
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

static int bind_columns(struct text_binding *bound, const struct text *self, const struct weir_schema_index *index,
                        struct weir_error *error)
{
    const struct weir_schema *in = index->schema;
    for (size_t i = 0; i < self->count; i++) {
        const struct text_column *column = &self->columns[i];
        int at = weir_schema_index_find(index, column->name);
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

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct text *self = binding->stage->state;
    struct text_binding *bound = binding->state = weir_allocate_zero(1, sizeof *bound);
    if (!bound || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    bound->works = weir_allocate_zero(self->count, sizeof *bound->works);
    struct weir_schema_index index;
    if (!bound->works || weir_schema_index_init(&index, in) < 0)
        return weir_fail_memory(error);
    int result = bind_columns(bound, self, &index, error);
    weir_schema_index_release(&index);
    return result;
}

static void unbind(struct weir_binding *binding)
{
    struct text_binding *bound = binding->state;
    if (!bound)
        return;
    for (size_t i = 0; i < bound->count; i++) {
        struct text_work *work = &bound->works[i];
        weir_builder_release(&work->builder);
        weir_column_release(&work->values);
        free(work->codes);
        free(work->changes);
    }
    free(bound->works);
    weir_clean_text_scratch_release(&bound->scratch);
    free(bound);
}

/* What was done to one text; `left`: whether anything of it is. */
static void count_changes(struct text_work *work, unsigned changes, bool left)
{
    for (int step = 0; changes; step++, changes >>= 1)
        work->changed[step] += changes & 1;
    work->emptied += !left;
}

/* Moves what was built to the place of the column. */
static int replace(struct text_work *work, struct weir_column *column, struct weir_error *error)
{
    weir_column_release(column);
    return weir_builder_finish(&work->builder, column, error);
}

/* *out shares the rows of *in, and is built only when a text of them changes. */
static int apply_plain(const struct text *self, struct text_binding *bound, struct text_work *work,
                       const struct weir_column *in, struct weir_column *out, struct weir_error *error)
{
    bool builds = false;
    for (int64_t row = 0; row < in->rows; row++) {
        size_t length = 0;
        unsigned changes = 0;
        bool present = weir_valid(in, row), left = present;
        const char *bytes = present ? weir_text(in, row, &length) : NULL;
        if (present)
            left = weir_clean_text_value(&self->steps, &bound->scratch, &bytes, &length, &changes);
        if (changes || left != present) {
            count_changes(work, changes, left);
            for (int64_t earlier = 0; !builds && earlier < row; earlier++)
                if (weir_builder_copy(&work->builder, in, earlier) < 0)
                    return weir_fail_memory(error);
            builds = true;
        }
        if (builds && left)
            weir_builder_text(&work->builder, bytes, length);
        else if (builds)
            weir_builder_null(&work->builder);
    }
    return builds ? replace(work, out, error) : 0;
}

/* Each value of the dictionary once, and not again when it comes with the next batch. */
static int map_values(const struct text *self, struct text_binding *bound, struct text_work *work,
                      const struct weir_column *values, struct weir_error *error)
{
    void *codes = work->codes, *changes = work->changes;
    if (work->codes && work->values.rows == values->rows && work->values.values.bytes == values->values.bytes &&
        work->values.offsets.bytes == values->offsets.bytes && work->values.validity.bytes == values->validity.bytes)
        return 0;
    weir_column_release(&work->values);
    if (weir_grow(&codes, &work->codes_capacity, (size_t)values->rows + 1, sizeof *work->codes) < 0)
        return weir_fail_memory(error);
    work->codes = codes;
    if (weir_grow(&changes, &work->changes_capacity, (size_t)values->rows + 1, sizeof *work->changes) < 0 ||
        weir_column_share(&work->values, values) < 0)
        return weir_fail_memory(error);
    work->changes = changes;
    work->same = true;
    for (int64_t i = 0; i < values->rows; i++) {
        size_t length = 0;
        unsigned changed = 0;
        const char *bytes = weir_valid(values, i) ? weir_text(values, i, &length) : NULL;
        work->codes[i] = NO_CODE;
        if (bytes && weir_clean_text_value(&self->steps, &bound->scratch, &bytes, &length, &changed))
            work->codes[i] = (int32_t)weir_builder_code(&work->builder, bytes, length);
        work->changes[i] = (uint16_t)changed;
        work->same &= changed == 0 && work->codes[i] == i;
    }
    work->same &= work->builder.children[0].rows == values->rows;
    return 0;
}

static int apply_coded(const struct text *self, struct text_binding *bound, struct text_work *work,
                       const struct weir_column *in, struct weir_column *out, struct weir_error *error)
{
    const struct weir_column *values = &in->children[0];
    const int32_t *codes = weir_codes(in);
    if (map_values(self, bound, work, values, error) < 0)
        return -1;
    if (work->same)
        return 0;
    for (int64_t row = 0; row < in->rows; row++) {
        bool present = weir_valid(in, row) && weir_valid(values, codes[row]);
        int32_t code = present ? work->codes[codes[row]] : NO_CODE;
        if (present)
            count_changes(work, work->changes[codes[row]], code != NO_CODE);
        if (code != NO_CODE)
            weir_builder_int64(&work->builder, code);
        else
            weir_builder_null(&work->builder);
    }
    return replace(work, out, error);
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
        const struct weir_column *from = &in->columns[work->at];
        struct weir_column *to = &out->columns[work->at];
        int result = work->coded ? apply_coded(self, bound, work, from, to, error)
                                 : apply_plain(self, bound, work, from, to, error);
        if (result < 0 || weir_clean_text_check(&bound->scratch, error) < 0)
            return -1;
    }
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    static const char *const names[] = {
        [CLEAN_HTML] = "html",         [CLEAN_UNICODE] = "unicode",
        [CLEAN_CONTROLS] = "controls", [CLEAN_URLS] = "urls",
        [CLEAN_EMAILS] = "emails",     [CLEAN_REPEATS] = "repeats",
        [CLEAN_SQUEEZE] = "squeezed",  [CLEAN_CASE] = "case",
        [CLEAN_TRIM] = "trimmed",      [CLEAN_TEXT_STEPS] = "left empty",
    };
    const struct text_binding *bound = binding->state;
    for (int step = 0; step <= CLEAN_TEXT_STEPS; step++) {
        struct clean_tally tally = { 0 };
        for (size_t i = 0; i < bound->count; i++) {
            const struct text_work *work = &bound->works[i];
            weir_clean_tally_add(&tally, binding->out.fields[work->at].name,
                                 step < CLEAN_TEXT_STEPS ? work->changed[step] : work->emptied);
        }
        weir_clean_tally_end(&tally, names[step], out);
    }
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
