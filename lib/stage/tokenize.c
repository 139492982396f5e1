/* tokenize: a column of text becomes lists of its terms, or of their numbers in a vocabulary that is learned: its terms
 * by their bytes, from 0. What the vocabulary has not is left out of a list and counted. */
#include "stage/kinds.h"
#include "stage/options.h"
#include "stage/text_columns.h"
#include "stream/sparse.h"

struct tokenize {
    struct weir_text_columns columns; /* learns: numbers */
};

struct applying {
    struct weir_derived derived;
    struct weir_text_place *places;
    struct weir_text_reader reader;
    struct weir_buffer bytes, ends, numbers; /* of a batch: the terms' bytes and where they end; their numbers */
    int64_t terms, unknown, empty;
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { WEIR_TEXT_OPTIONS, WEIR_SELECTION_OPTIONS, "ids", NULL };
    static const char *const selection[] = { WEIR_SELECTION_OPTIONS, NULL };
    struct tokenize *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->columns.stage = "tokenize";
    if (weir_option_known(stage, known, error) < 0 ||
        weir_option_flag(stage->options, "ids", &self->columns.learns, error) < 0)
        return -1;
    for (size_t i = 0; selection[i] && !self->columns.learns; i++)
        if (json_object_get(stage->options, selection[i]))
            return weir_fail(error, WEIR_USAGE, "--%s chooses what is numbered: it needs --ids", selection[i]);
    return weir_text_columns_create(&self->columns, stage->options, error);
}

static void destroy(struct weir_stage *stage)
{
    struct tokenize *self = stage->state;
    if (!self)
        return;
    weir_text_columns_release(&self->columns);
    free(self);
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    return weir_text_columns_learn_begin(&((struct tokenize *)stage->state)->columns, stage->options, in, error);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    return weir_text_columns_learn(&((struct tokenize *)stage->state)->columns, batch, error);
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    return weir_text_columns_learn_end(&((struct tokenize *)stage->state)->columns, stage->keep_merge, error);
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct tokenize *self = stage->state;
    const struct tokenize *from = other->state;
    return weir_text_columns_merge(&self->columns, stage, &from->columns, other, error);
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    return weir_text_columns_save(&((const struct tokenize *)stage->state)->columns, state, blobs, error);
}

static int save_merge(const struct weir_stage *stage, json_t **merge_part, struct weir_blobs *blobs,
                      struct weir_error *error)
{
    return weir_text_columns_save_merge(&((const struct tokenize *)stage->state)->columns, merge_part, blobs, error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    return weir_text_columns_restore(&((struct tokenize *)stage->state)->columns, state, blobs, error);
}

/* ---- Applying ---------------------------------------------------------------------------------------------------- */

static int set_type(struct weir_field *field, const struct weir_text_column *column, bool numbers,
                    struct weir_error *error)
{
    struct weir_type type = { 0 };
    if (weir_type_parse(numbers ? "list<uint32>" : "list<utf8>", &type, error) < 0)
        return -1;
    weir_type_release(&field->type);
    field->type = type;
    if (!numbers)
        return 0;
    char width[32];
    snprintf(width, sizeof width, "%zu", column->vocabulary.kept_count);
    return weir_metadata_set(&field->metadata, WEIR_WIDTH_KEY, width) < 0 ? weir_fail_memory(error) : 0;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct tokenize *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    if (weir_text_columns_bind(&self->columns, in, binding->mode, &binding->out, &applying->derived, &applying->places,
                               error) < 0)
        return -1;
    for (size_t i = 0; i < self->columns.count; i++)
        if (set_type(&binding->out.fields[applying->places[i].to], &self->columns.items[i], self->columns.learns,
                     error) < 0)
            return -1;
    return weir_text_reader_begin(&applying->reader, &self->columns, binding->mode, error);
}

static void unbind(struct weir_binding *binding)
{
    const struct tokenize *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (!applying)
        return;
    weir_text_places_free(applying->places, self->columns.count);
    weir_derived_release(&applying->derived);
    weir_text_reader_release(&applying->reader);
    weir_buffer_release(&applying->bytes);
    weir_buffer_release(&applying->ends);
    weir_buffer_release(&applying->numbers);
    free(applying);
}

/* The row's terms, or their numbers, behind those of the rows before; *count: how many it has, *items: of all rows. */
static int add_row(const struct weir_binding *binding, size_t i, const struct weir_column *data, int64_t row,
                   size_t *count, size_t *items, struct weir_error *error)
{
    const struct tokenize *self = binding->stage->state;
    struct applying *applying = binding->state;
    const struct weir_type *type = &applying->places[i].type;
    struct weir_text_reader *reader = &applying->reader;
    if (self->columns.learns) {
        size_t unknown;
        if (weir_text_reader_codes(reader, &self->columns, i, type, data, row, count, &unknown, error) < 0)
            return -1;
        weir_buffer_append(&applying->numbers, reader->codes, *count * sizeof *reader->codes);
        applying->unknown += (int64_t)unknown;
        *items = applying->numbers.size / sizeof *reader->codes;
        return 0;
    }
    struct weir_terms terms = { 0 };
    if (weir_valid(data, row) && weir_splitter_row(reader->splitter, data, type, row, &terms, error) < 0)
        return -1;
    for (size_t t = 0; t < terms.count; t++) {
        weir_buffer_append(&applying->bytes, terms.bytes + terms.items[t].at, terms.items[t].size);
        int32_t end = (int32_t)applying->bytes.size;
        weir_buffer_append(&applying->ends, &end, sizeof end);
    }
    *count = terms.count;
    *items = applying->ends.size / sizeof(int32_t) - 1;
    return applying->bytes.size > INT32_MAX ? weir_column_fail_size(error) : 0;
}

/* A slice of its own with what the buffer holds. */
static int take(struct weir_slice *slice, const struct weir_buffer *buffer, struct weir_error *error)
{
    void *bytes = weir_slice_new(slice, buffer->size, 1);
    if (!bytes || buffer->failed)
        return weir_fail_memory(error);
    if (buffer->size > 0)
        memcpy(bytes, buffer->bytes, buffer->size);
    return 0;
}

static int finish_items(const struct applying *applying, bool numbers, struct weir_column *items,
                        struct weir_error *error)
{
    if (numbers) {
        items->rows = (int64_t)(applying->numbers.size / sizeof(uint32_t));
        return take(&items->values, &applying->numbers, error);
    }
    items->rows = (int64_t)(applying->ends.size / sizeof(int32_t)) - 1;
    return take(&items->offsets, &applying->ends, error) < 0 || take(&items->values, &applying->bytes, error) < 0 ? -1
                                                                                                                  : 0;
}

static int apply_column(const struct weir_binding *binding, size_t i, const struct weir_column *data,
                        struct weir_column *out, struct weir_error *error)
{
    const struct tokenize *self = binding->stage->state;
    struct applying *applying = binding->state;
    bool numbers = self->columns.learns;
    int32_t zero = 0;
    weir_buffer_clear(&applying->bytes);
    weir_buffer_clear(&applying->ends);
    weir_buffer_clear(&applying->numbers);
    weir_buffer_append(&applying->ends, &zero, sizeof zero);
    out->rows = data->rows;
    int32_t *ends = weir_slice_new(&out->offsets, (size_t)data->rows + 1, sizeof *ends);
    if (!ends || weir_column_add_children(out, 1) < 0)
        return weir_fail_memory(error);
    ends[0] = 0;
    for (int64_t row = 0; row < data->rows; row++) {
        size_t count, items;
        if (add_row(binding, i, data, row, &count, &items, error) < 0)
            return -1;
        if (items > INT32_MAX)
            return weir_column_fail_size(error);
        ends[row + 1] = (int32_t)items;
        applying->terms += (int64_t)count;
        applying->empty += count == 0 && weir_valid(data, row);
    }
    out->null_count = data->null_count;
    if (data->null_count > 0)
        out->validity = weir_slice_share(&data->validity);
    return finish_items(applying, numbers, &out->children[0], error);
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    (void)reasons;
    const struct tokenize *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    for (size_t i = 0; i < self->columns.count; i++)
        if (apply_column(binding, i, &in->columns[applying->places[i].from], &out->columns[applying->places[i].to],
                         error) < 0)
            return -1;
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct tokenize *self = binding->stage->state;
    const struct applying *applying = binding->state;
    weir_buffer_format(out, "%lld term%s", (long long)applying->terms, applying->terms == 1 ? "" : "s");
    for (size_t i = 0; self->columns.learns && i < self->columns.count; i++)
        weir_buffer_format(out, ", %zu different in %s", self->columns.items[i].vocabulary.kept_count,
                           WEIR_SHOW(self->columns.items[i].name));
    if (applying->unknown > 0)
        weir_buffer_format(out, ", %lld unknown", (long long)applying->unknown);
    if (applying->empty > 0)
        weir_buffer_format(out, ", %lld text%s without a term", (long long)applying->empty,
                           applying->empty == 1 ? "" : "s");
}

const struct weir_stage_kind weir_tokenize_kind = {
    .name = "tokenize",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
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
