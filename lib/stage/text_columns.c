#include "stage/text_columns.h"
#include "stage/choose.h"
#include "stage/learn.h"
#include "stage/options.h"

int weir_text_columns_create(struct weir_text_columns *columns, const json_t *options, struct weir_error *error)
{
    if (weir_option_list(options, "column", &columns->names, error) < 0 ||
        weir_option_text(options, "into", NULL, &columns->into, error) < 0 ||
        (columns->learns && weir_selection_read(&columns->selection, options, error) < 0))
        return -1;
    return weir_words_new(&columns->words, options, error);
}

void weir_text_columns_forget(struct weir_text_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        struct weir_text_column *column = &columns->items[i];
        free(column->name);
        weir_type_release(&column->type);
        weir_vocabulary_release(&column->vocabulary);
        free(column->remembered.codes);
        free(column->remembered.counts);
    }
    free(columns->items);
    free(columns->source);
    columns->items = NULL;
    columns->source = NULL;
    columns->count = 0;
}

void weir_text_columns_release(struct weir_text_columns *columns)
{
    weir_text_columns_forget(columns);
    weir_splitter_free(columns->splitter);
    weir_words_free(columns->words);
    *columns = (struct weir_text_columns){ 0 };
}

/* ---- Learning ---------------------------------------------------------------------------------------------------- */

/* A dictionary's values are rather categories: they are taken when the column is named. */
static bool fits(const struct weir_field *field, void *context)
{
    const struct weir_text_columns *columns = context;
    if (field->type.kind == WEIR_DICTIONARY && !columns->names)
        return false;
    return weir_is_text(&field->type) || weir_is_term_list(&field->type);
}

static int add_columns(struct weir_text_columns *columns, const json_t *options, const struct weir_schema *in,
                       struct weir_error *error)
{
    size_t count;
    bool text = false;
    if (weir_choose_columns(in, columns->names, columns->stage, fits, columns, &columns->source, &count, error) < 0)
        return -1;
    if (count == 0)
        return weir_fail(error, WEIR_USAGE, "no column of text or of lists of terms is here to take");
    if (columns->into && count > 1)
        return weir_fail(error, WEIR_USAGE, "--into takes one column, and %zu fit: choose it with --column", count);
    columns->items = weir_allocate_zero(count, sizeof *columns->items);
    if (!columns->items)
        return weir_fail_memory(error);
    while (columns->count < count) {
        const struct weir_field *field = &in->fields[columns->source[columns->count]];
        struct weir_text_column *column = &columns->items[columns->count++];
        column->name = weir_duplicate_string(field->name);
        if (!column->name || weir_type_copy(&column->type, &field->type) < 0)
            return weir_fail_memory(error);
        column->merges = true;
        text |= weir_is_text(&field->type);
        if (columns->learns && weir_vocabulary_begin(&column->vocabulary, error) < 0)
            return -1;
    }
    const char *given = text ? NULL : weir_words_given(options);
    return given ? weir_fail(error, WEIR_USAGE, "--%s is for text, and the columns hold terms as they are", given) : 0;
}

int weir_text_columns_learn_begin(struct weir_text_columns *columns, const json_t *options,
                                  const struct weir_schema *in, struct weir_error *error)
{
    weir_text_columns_forget(columns);
    columns->remembered = 0;
    columns->full = false;
    if (add_columns(columns, options, in, error) < 0)
        return -1;
    if (!columns->learns)
        return 0;
    return !columns->splitter && weir_splitter_new(&columns->splitter, columns->words, error) < 0 ? -1 : 1;
}

/* Room for the codes of one more row, unless that is too much: then the columns are `full`, and nothing more is
 * remembered. */
static int remember(struct weir_text_columns *columns, struct weir_remembered *remembered, size_t terms,
                    struct weir_error *error)
{
    columns->full = columns->full || terms > WEIR_REMEMBERED_BYTES / sizeof(uint32_t) ||
                    columns->remembered + (terms + 1) * sizeof(uint32_t) > WEIR_REMEMBERED_BYTES;
    if (columns->full)
        return 0;
    columns->remembered += (terms + 1) * sizeof(uint32_t);
    if (weir_grow((void **)&remembered->codes, &remembered->code_capacity, remembered->code_count + terms,
                  sizeof *remembered->codes) < 0 ||
        weir_grow((void **)&remembered->counts, &remembered->row_capacity, remembered->rows + 1,
                  sizeof *remembered->counts) < 0)
        return weir_fail_memory(error);
    remembered->counts[remembered->rows++] = (uint32_t)terms;
    return 0;
}

static int learn_row(struct weir_text_columns *columns, struct weir_text_column *column, const struct weir_terms *terms,
                     struct weir_error *error)
{
    struct weir_remembered *remembered = &column->remembered;
    if (remember(columns, remembered, terms->count, error) < 0)
        return -1;
    uint32_t *codes = columns->full ? NULL : remembered->codes + remembered->code_count;
    if (weir_vocabulary_count(&column->vocabulary, terms, codes, error) < 0)
        return weir_fail_in(error, "column %s", WEIR_SHOW(column->name));
    if (codes)
        remembered->code_count += terms->count;
    return 0;
}

int weir_text_columns_learn(struct weir_text_columns *columns, const struct weir_batch *batch, struct weir_error *error)
{
    for (size_t i = 0; i < columns->count; i++) {
        struct weir_text_column *column = &columns->items[i];
        const struct weir_column *data = &batch->columns[columns->source[i]];
        for (int64_t row = 0; row < data->rows; row++) {
            struct weir_terms terms = { 0 };
            if (weir_valid(data, row)) {
                column->vocabulary.documents++;
                if (weir_splitter_row(columns->splitter, data, &column->type, row, &terms, error) < 0)
                    return -1;
            }
            if (learn_row(columns, column, &terms, error) < 0)
                return -1;
        }
    }
    return 0;
}

int weir_text_columns_learn_end(struct weir_text_columns *columns, bool to_merge, struct weir_error *error)
{
    weir_splitter_free(columns->splitter);
    columns->splitter = NULL;
    for (size_t i = 0; columns->learns && i < columns->count; i++) {
        struct weir_vocabulary *vocabulary = &columns->items[i].vocabulary;
        if (weir_vocabulary_select(vocabulary, &columns->selection, error) < 0 ||
            (!to_merge && weir_vocabulary_check(vocabulary, columns->items[i].name, error) < 0))
            return -1;
    }
    return 0;
}

/* ---- Binding ----------------------------------------------------------------------------------------------------- */

static int find_column(const struct weir_text_columns *columns, const struct weir_text_column *column,
                       const struct weir_schema_index *index, struct weir_text_place *place, struct weir_absent *absent,
                       struct weir_error *error)
{
    place->from = weir_schema_index_find(index, column->name);
    if (place->from < 0) {
        weir_absent_add(absent, column->name);
        return 0;
    }
    const struct weir_field *field = &index->schema->fields[place->from];
    bool same = weir_is_text(&column->type) ? weir_is_text(&field->type) : weir_is_term_list(&field->type);
    if (!same)
        return weir_fail_type(error, columns->stage, field, &column->type);
    return weir_type_copy(&place->type, &field->type) < 0 ? weir_fail_memory(error) : 0;
}

int weir_text_columns_bind(const struct weir_text_columns *columns, const struct weir_schema *in, enum weir_mode mode,
                           struct weir_schema *out, struct weir_derived *derived, struct weir_text_place **places,
                           struct weir_error *error)
{
    struct weir_absent absent = { 0 };
    for (size_t i = 0; columns->learns && mode != WEIR_AS_LEARNED && i < columns->count; i++)
        if (weir_vocabulary_check(&columns->items[i].vocabulary, columns->items[i].name, error) < 0)
            return -1;
    *places = weir_allocate_zero(columns->count, sizeof **places);
    if (!*places)
        return weir_fail_memory(error);
    struct weir_schema_index index;
    int result = weir_schema_index_init(&index, in) < 0 ? weir_fail_memory(error) : 0;
    for (size_t i = 0; result == 0 && i < columns->count; i++)
        result = find_column(columns, &columns->items[i], &index, &(*places)[i], &absent, error);
    weir_schema_index_release(&index);
    if (result < 0)
        weir_buffer_release(&absent.names);
    if (result < 0 || weir_absent_fail(&absent, columns->stage, error) < 0)
        return -1;
    if (columns->into && columns->count == 1) {
        (*places)[0].to = weir_derive_replace(derived, out, in, (*places)[0].from, columns->into, error);
        return (*places)[0].to < 0 ? -1 : 0;
    }
    if (weir_derive_keep(derived, out, in, error) < 0)
        return -1;
    for (size_t i = 0; i < columns->count; i++) {
        struct weir_text_place *place = &(*places)[i];
        place->to = place->from;
        derived->from[place->to] = -1;
        weir_metadata_release(&out->fields[place->to].metadata);
    }
    return 0;
}

void weir_text_places_free(struct weir_text_place *places, size_t count)
{
    for (size_t i = 0; places && i < count; i++)
        weir_type_release(&places[i].type);
    free(places);
}
