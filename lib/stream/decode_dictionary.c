/* The dictionaries of a stream: which there are, by the schema, and what has come of each. */
#include "stream/arrow.h"
#include "stream/decode_private.h"
#include <stdlib.h>

static void add(struct weir_decoder *decoder, const struct weir_wire *wire, const struct weir_type *type)
{
    decoder->dictionaries[decoder->dictionary_count++] =
        (struct weir_dictionary){ .id = wire->id, .wire = wire, .type = type };
}

/* Those of a column whose type is refused come too, and are passed over. */
static void collect_refused(struct weir_decoder *decoder, const struct weir_wire *wire)
{
    if (wire->coded)
        add(decoder, wire, NULL);
    for (int i = 0; i < wire->child_count; i++)
        collect_refused(decoder, &wire->children[i]);
}

static void collect(struct weir_decoder *decoder, const struct weir_wire *wire, const struct weir_type *type)
{
    if (type->refused) {
        collect_refused(decoder, wire);
        return;
    }
    if (wire->coded) {
        type = wire->keep_codes ? &type->children[0].type : type;
        add(decoder, wire, type);
    }
    for (int i = 0; i < wire->child_count; i++)
        collect(decoder, &wire->children[i], &type->children[i].type);
}

/* Of one number, those that are read first. */
static int by_id(const void *a, const void *b)
{
    const struct weir_dictionary *x = a, *y = b;
    return x->id != y->id ? (x->id > y->id) - (x->id < y->id) : !x->type - !y->type;
}

static struct weir_dictionary *find(const struct weir_decoder *decoder, int64_t id)
{
    size_t low = 0, high = decoder->dictionary_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (decoder->dictionaries[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < decoder->dictionary_count && decoder->dictionaries[low].id == id;
    return found ? &decoder->dictionaries[low] : NULL;
}

static void number(const struct weir_decoder *decoder, struct weir_wire *wire)
{
    if (wire->coded)
        wire->dictionary = (size_t)(find(decoder, wire->id) - decoder->dictionaries);
    for (int i = 0; i < wire->child_count; i++)
        number(decoder, &wire->children[i]);
}

static bool same_layout(const struct weir_wire *a, const struct weir_wire *b, bool outermost)
{
    bool same = a->form == b->form && a->width == b->width && a->child_count == b->child_count &&
                (outermost || (a->coded == b->coded && a->id == b->id));
    for (int i = 0; same && i < a->child_count; i++)
        same = same_layout(&a->children[i], &b->children[i], false);
    return same;
}

/* Columns may share a dictionary, when their values are of one type. */
static bool agree(const struct weir_dictionary *a, const struct weir_dictionary *b)
{
    return !a->type || !b->type || (weir_type_equal(a->type, b->type) && same_layout(a->wire, b->wire, true));
}

int weir_decoder_find_dictionaries(struct weir_decoder *decoder, size_t most, struct weir_error *error)
{
    decoder->dictionaries = weir_allocate_zero(most, sizeof *decoder->dictionaries);
    if (!decoder->dictionaries)
        return weir_fail_memory(error);
    for (int i = 0; i < decoder->schema.count; i++)
        collect(decoder, &decoder->wires[i], &decoder->schema.fields[i].type);
    struct weir_dictionary *all = decoder->dictionaries;
    if (decoder->dictionary_count)
        qsort(all, decoder->dictionary_count, sizeof *all, by_id);
    size_t kept = 0;
    for (size_t i = 0; i < decoder->dictionary_count; i++) {
        if (kept == 0 || all[kept - 1].id != all[i].id)
            all[kept++] = all[i];
        else if (!agree(&all[kept - 1], &all[i]))
            return weir_fail(error, WEIR_BAD_DATA, "two types of values under dictionary %lld", (long long)all[i].id);
    }
    decoder->dictionary_count = kept;
    for (int i = 0; i < decoder->schema.count; i++)
        number(decoder, &decoder->wires[i]);
    return 0;
}

/* Values after those that are there already. */
static int append_values(struct weir_dictionary *dictionary, struct weir_column *more, struct weir_error *error)
{
    struct weir_field field = { .name = (char[]){ "values" }, .type = *dictionary->type };
    const struct weir_schema schema = { .fields = &field, .count = 1 };
    struct weir_batch joined;
    const struct weir_batch parts[2] = {
        { .rows = dictionary->values.rows, .count = 1, .columns = &dictionary->values },
        { .rows = more->rows, .count = 1, .columns = more },
    };
    if (weir_batch_concatenate(&joined, parts, 2, &schema, error))
        return -1;
    weir_column_release(&dictionary->values);
    dictionary->values = joined.columns[0];
    joined.columns[0] = (struct weir_column){ 0 };
    weir_batch_release(&joined);
    return 0;
}

int weir_decode_dictionary(struct weir_decoder *decoder, struct weir_frame *frame, struct weir_source *source,
                           struct weir_error *error)
{
    struct weir_cursor cursor = {
        .decoder = decoder, .source = source, .flat = &frame->flat, .body = frame->body, .error = error
    };
    int64_t id = weir_flat_integer(&frame->table, DICTIONARY_ID, 8, 0);
    bool delta = weir_flat_bool(&frame->table, DICTIONARY_DELTA);
    struct weir_flat_table data = weir_flat_child(&frame->table, DICTIONARY_DATA);
    struct weir_dictionary *dictionary = find(decoder, id);
    struct weir_column values = { 0 };
    if (!data.flat || frame->flat.damaged || !dictionary)
        return weir_fail(error, WEIR_BAD_DATA, "the stream is damaged: a dictionary that no column has");
    if (!dictionary->type)
        return 0;
    int result = weir_cursor_open(&cursor, &data);
    if (result == 0)
        result = weir_decode_values(&cursor, dictionary->wire, dictionary->type, &values);
    if (result == 0 && values.rows != cursor.rows)
        result = weir_cursor_fail(&cursor);
    if (result == 0)
        result = weir_cursor_close(&cursor);
    if (result == 0 && delta && dictionary->received) {
        result = append_values(dictionary, &values, error);
    } else if (result == 0) {
        weir_column_release(&dictionary->values);
        dictionary->values = values;
        values = (struct weir_column){ 0 };
        dictionary->received = true;
    }
    weir_column_release(&values);
    weir_block_unref(cursor.unpacked);
    return result ? weir_fail_in(error, "dictionary %lld", (long long)id) : 0;
}
