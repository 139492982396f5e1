#include "stream/arrow.h"
#include "stream/decode_private.h"
#include "stream/tensor.h"
#include "stream/utf8.h"
#include <stdlib.h>

int weir_schema_cursor_fail(struct weir_schema_cursor *cursor)
{
    return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: its schema makes no sense");
}

int weir_schema_cursor_text(struct weir_schema_cursor *cursor, const struct weir_flat_table *table, int slot,
                            char **copy)
{
    const char *bytes;
    size_t length;
    weir_flat_text(table, slot, &bytes, &length);
    size_t cost = length + 8; /* with its own length and its place in a table, if it stood there for itself */
    if (cost > cursor->text_left)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "the stream is damaged: its schema repeats its texts");
    cursor->text_left -= cost;
    if (length && (memchr(bytes, 0, length) || !weir_is_utf8(bytes, length)))
        return 0;
    *copy = weir_duplicate_bytes(bytes ? bytes : "", length);
    return *copy ? 1 : weir_fail_memory(cursor->error);
}

/* Custom metadata; pairs that are no text, which Weir has no use for, are left out. */
static int decode_metadata(struct weir_schema_cursor *cursor, const struct weir_flat_table *table, int slot,
                           struct weir_metadata *metadata)
{
    struct weir_flat_vector pairs = weir_flat_vector(table, slot, 4);
    if (pairs.count > WEIR_MAX_FIELDS)
        return weir_schema_cursor_fail(cursor);
    for (size_t i = 0; i < pairs.count; i++) {
        struct weir_flat_table pair = weir_flat_element(&pairs, i);
        char *key = NULL, *value = NULL;
        int result = weir_schema_cursor_text(cursor, &pair, PAIR_KEY, &key);
        if (result == 1)
            result = weir_schema_cursor_text(cursor, &pair, PAIR_VALUE, &value);
        void *array = metadata->pairs;
        if (result == 1 && weir_grow(&array, &metadata->capacity, metadata->count + 1, sizeof *metadata->pairs))
            result = weir_fail_memory(cursor->error);
        if (result != 1) {
            free(key);
            free(value);
            if (result < 0)
                return -1;
            continue;
        }
        metadata->pairs = array;
        metadata->pairs[metadata->count++] = (struct weir_pair){ key, value };
    }
    return cursor->frame->flat.damaged ? weir_schema_cursor_fail(cursor) : 0;
}

static int decode_field(struct weir_schema_cursor *cursor, const struct weir_flat_table *table,
                        struct weir_field *field, struct weir_wire *wire, int depth);

static int decode_children(struct weir_schema_cursor *cursor, const struct weir_flat_table *table,
                           struct weir_type *type, struct weir_wire *wire, int depth)
{
    struct weir_flat_vector children = weir_flat_vector(table, FIELD_CHILDREN, 4);
    int wanted = weir_arrow_children(weir_flat_integer(table, FIELD_TYPE_TYPE, 1, 0));
    if (wanted >= 0 && children.count != (size_t)wanted)
        return weir_schema_cursor_fail(cursor);
    if (children.count > WEIR_MAX_FIELDS - cursor->fields)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "more than %d columns", WEIR_MAX_FIELDS);
    if (children.count == 0)
        return 0;
    type->children = weir_allocate_zero(children.count, sizeof *type->children);
    wire->children = weir_allocate_zero(children.count, sizeof *wire->children);
    if (!type->children || !wire->children)
        return weir_fail_memory(cursor->error);
    type->child_count = wire->child_count = (int)children.count;
    for (int i = 0; i < type->child_count; i++) {
        struct weir_flat_table child = weir_flat_element(&children, (size_t)i);
        if (decode_field(cursor, &child, &type->children[i], &wire->children[i], depth + 1))
            return -1;
    }
    return 0;
}

/* What was of a fixed number of bytes is so no longer: an extension of such a column (arrow.uuid) would not fit it. */
static void drop_extension(struct weir_field *field)
{
    weir_metadata_set(&field->metadata, WEIR_EXTENSION_NAME, NULL); /* taking away needs no memory */
    weir_metadata_set(&field->metadata, WEIR_EXTENSION_METADATA, NULL);
}

/* Takes the role out of a field's metadata. */
static int decode_role(struct weir_schema_cursor *cursor, struct weir_field *field)
{
    const char *role = weir_metadata_get(&field->metadata, "weir:role");
    if (!role)
        return 0;
    if (!weir_role_parse(role, &field->role))
        return weir_fail(cursor->error, WEIR_BAD_DATA, "its role '%.40s' is not known", role);
    return weir_metadata_set(&field->metadata, "weir:role", NULL);
}

static int decode_field(struct weir_schema_cursor *cursor, const struct weir_flat_table *table,
                        struct weir_field *field, struct weir_wire *wire, int depth)
{
    if (++cursor->fields > WEIR_MAX_FIELDS)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "more than %d columns", WEIR_MAX_FIELDS);
    int named = weir_schema_cursor_text(cursor, table, FIELD_NAME, &field->name);
    if (named < 0)
        return -1;
    if (named == 0) {
        field->name = weir_duplicate_string("?");
        return weir_fail(cursor->error, WEIR_BAD_DATA, "its name is not UTF-8 or holds a NUL byte");
    }
    if (depth > WEIR_MAX_NESTING)
        return weir_fail(cursor->error, WEIR_BAD_DATA, "its type is nested more than %d deep", WEIR_MAX_NESTING);
    field->nullable = weir_flat_bool(table, FIELD_NULLABLE);
    if (decode_metadata(cursor, table, FIELD_METADATA, &field->metadata))
        return -1;
    struct weir_flat_table type = weir_flat_child(table, FIELD_TYPE);
    struct weir_flat_table encoding = weir_flat_child(table, FIELD_DICTIONARY);
    if (weir_decode_type(cursor, weir_flat_integer(table, FIELD_TYPE_TYPE, 1, 0), &type, &field->type, wire) ||
        decode_children(cursor, table, &field->type, wire, depth))
        return -1;
    if (encoding.flat && weir_decode_encoding(cursor, &encoding, &field->type, wire))
        return -1;
    if (wire->form == WEIR_FORM_FIXED_BINARY)
        drop_extension(field);
    if (cursor->frame->flat.damaged)
        return weir_schema_cursor_fail(cursor);
    return weir_tensor_read(field, cursor->error) || decode_role(cursor, field) ? -1 : 0;
}

static int check_names(struct weir_decoder *decoder, struct weir_error *error)
{
    struct weir_schema_index index;
    if (weir_schema_index_init(&index, &decoder->schema))
        return weir_fail_memory(error);
    int duplicate = index.duplicate;
    weir_schema_index_release(&index);
    if (duplicate < 0)
        return 0;
    return weir_fail(error, WEIR_BAD_DATA, "two columns are named '%.200s'", decoder->schema.fields[duplicate].name);
}

int weir_decode_schema(struct weir_decoder *decoder, struct weir_frame *frame, bool accept_refused,
                       struct weir_error *error)
{
    struct weir_schema_cursor cursor = { .frame = frame, .error = error };
    struct weir_flat_table *table = &frame->table;
    struct weir_schema *schema = &decoder->schema;
    cursor.text_left = (uint64_t)frame->flat.size + (16u << 20);
    if (weir_flat_integer(table, SCHEMA_ENDIANNESS, 2, 0) != 0)
        return weir_fail(error, WEIR_BAD_DATA, "a stream of a big-endian machine, which is not read here");
    struct weir_flat_vector fields = weir_flat_vector(table, SCHEMA_FIELDS, 4);
    if (fields.count > WEIR_MAX_FIELDS)
        return weir_fail(error, WEIR_BAD_DATA, "more than %d columns", WEIR_MAX_FIELDS);
    schema->fields = weir_allocate_zero(fields.count, sizeof *schema->fields);
    decoder->wires = weir_allocate_zero(fields.count, sizeof *decoder->wires);
    if (!schema->fields || !decoder->wires)
        return weir_fail_memory(error);
    schema->capacity = (int)fields.count;
    for (size_t i = 0; i < fields.count; i++) {
        struct weir_flat_table field = weir_flat_element(&fields, i);
        struct weir_field *to = &schema->fields[schema->count++];
        cursor.refused = NULL;
        if (decode_field(&cursor, &field, to, &decoder->wires[i], 0))
            return weir_fail_in(error, "column '%.200s'", to->name ? to->name : "?");
        if (cursor.refused) {
            weir_type_release(&to->type);
            to->type = (struct weir_type){ .kind = WEIR_NULL, .refused = cursor.refused };
        }
    }
    if (decode_metadata(&cursor, table, SCHEMA_METADATA, &schema->metadata) || check_names(decoder, error))
        return -1;
    if (!accept_refused && weir_schema_check_refused(schema, error))
        return -1;
    return weir_decoder_find_dictionaries(decoder, cursor.dictionaries, error);
}

static void release_wire(struct weir_wire *wire)
{
    for (int i = 0; i < wire->child_count; i++)
        release_wire(&wire->children[i]);
    free(wire->children);
}

void weir_decoder_release(struct weir_decoder *decoder)
{
    for (size_t i = 0; i < decoder->dictionary_count; i++)
        weir_column_release(&decoder->dictionaries[i].values);
    free(decoder->dictionaries);
    for (int i = 0; decoder->wires && i < decoder->schema.count; i++)
        release_wire(&decoder->wires[i]);
    free(decoder->wires);
    weir_schema_release(&decoder->schema);
    weir_block_unref(decoder->zeros);
    weir_decompressor_release(&decoder->decompressor);
    *decoder = (struct weir_decoder){ 0 };
}
