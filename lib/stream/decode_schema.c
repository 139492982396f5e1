#include "stream/arrow.h"
#include "stream/tensor.h"
#include "stream/utf8.h"
#include "stream/wire.h"
#include <stdlib.h>

struct context {
    struct weir_frame *frame;
    size_t fields;      /* seen so far, children counted */
    uint64_t text_left; /* bytes of names and metadata that may still be copied (texts may be shared in a flatbuffer) */
    size_t dictionaries;
    struct weir_error *error;
};

static const char *const REFUSED[ARROW_TYPE_COUNT] = {
    [ARROW_DECIMAL] = "decimal",
    [ARROW_INTERVAL] = "interval",
    [ARROW_UNION] = "union",
    [ARROW_MAP] = "map",
    [ARROW_RUN_END_ENCODED] = "run-end encoded",
    [ARROW_LIST_VIEW] = "list view",
    [ARROW_LARGE_LIST_VIEW] = "large list view",
};

static int fail_damaged(struct context *context)
{
    return weir_fail(context->error, WEIR_BAD_DATA, "the stream is damaged: its schema makes no sense");
}

/* A copy of a text of the schema. 1: made; 0: it is not UTF-8 or holds a NUL; -1: error. */
static int copy_text(struct context *context, const struct weir_flat_table *table, int slot, char **copy)
{
    const char *bytes;
    size_t length;
    weir_flat_text(table, slot, &bytes, &length);
    size_t cost = length + 8; /* with its own length and its place in a table, if it stood there for itself */
    if (cost > context->text_left)
        return weir_fail(context->error, WEIR_BAD_DATA, "the stream is damaged: its schema repeats its texts");
    context->text_left -= cost;
    if (length && (memchr(bytes, 0, length) || !weir_is_utf8(bytes, length)))
        return 0;
    *copy = weir_duplicate_bytes(bytes ? bytes : "", length);
    return *copy ? 1 : weir_fail_memory(context->error);
}

/* Custom metadata; pairs that are no text, which Weir has no use for, are left out. */
static int decode_metadata(struct context *context, const struct weir_flat_table *table, int slot,
                           struct weir_metadata *metadata)
{
    struct weir_flat_vector pairs = weir_flat_vector(table, slot, 4);
    if (pairs.count > WEIR_MAX_FIELDS)
        return fail_damaged(context);
    for (size_t i = 0; i < pairs.count; i++) {
        struct weir_flat_table pair = weir_flat_element(&pairs, i);
        char *key = NULL, *value = NULL;
        int result = copy_text(context, &pair, PAIR_KEY, &key);
        if (result == 1)
            result = copy_text(context, &pair, PAIR_VALUE, &value);
        void *array = metadata->pairs;
        if (result == 1 && weir_grow(&array, &metadata->capacity, metadata->count + 1, sizeof *metadata->pairs))
            result = weir_fail_memory(context->error);
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
    return context->frame->flat.damaged ? fail_damaged(context) : 0;
}

static int decode_integer(const struct weir_flat_table *table, enum weir_kind *kind)
{
    bool is_signed = weir_flat_bool(table, 1);
    switch (weir_flat_integer(table, 0, 4, 0)) {
    case 8:
        *kind = is_signed ? WEIR_INT8 : WEIR_UINT8;
        return 0;
    case 16:
        *kind = is_signed ? WEIR_INT16 : WEIR_UINT16;
        return 0;
    case 32:
        *kind = is_signed ? WEIR_INT32 : WEIR_UINT32;
        return 0;
    case 64:
        *kind = is_signed ? WEIR_INT64 : WEIR_UINT64;
        return 0;
    default:
        return -1;
    }
}

static int decode_unit(const struct weir_flat_table *table, int64_t otherwise, struct weir_type *type)
{
    int64_t unit = weir_flat_integer(table, 0, 2, otherwise);
    type->unit = (enum weir_unit)unit;
    return unit >= WEIR_SECOND && unit <= WEIR_NANO ? 0 : -1;
}

static int decode_time(const struct weir_flat_table *table, struct weir_type *type)
{
    int64_t bits = weir_flat_integer(table, 1, 4, 32);
    type->kind = bits == 64 ? WEIR_TIME64 : WEIR_TIME32;
    if (decode_unit(table, WEIR_MILLI, type))
        return -1;
    return bits == 64 ? (type->unit >= WEIR_MICRO ? 0 : -1) : (bits == 32 && type->unit <= WEIR_MILLI ? 0 : -1);
}

/* A zone is a name or an offset: letters, digits and a few signs. */
static bool plain_zone(const char *zone)
{
    for (const char *p = zone; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("+-_/:.", *p)))
            return false;
    return true;
}

static int decode_timestamp(struct context *context, const struct weir_flat_table *table, struct weir_type *type)
{
    type->kind = WEIR_TIMESTAMP;
    if (decode_unit(table, WEIR_SECOND, type))
        return fail_damaged(context);
    int result = copy_text(context, table, 1, &type->zone);
    if (result < 0)
        return -1;
    if (result == 0 || !plain_zone(type->zone))
        return weir_fail(context->error, WEIR_BAD_DATA, "a time zone that is no name of one");
    if (!*type->zone) {
        free(type->zone);
        type->zone = NULL;
    }
    return 0;
}

/* Everything of a type but its children. */
static int decode_type(struct context *context, int64_t arrow, const struct weir_flat_table *table,
                       struct weir_type *type, struct weir_wire *wire)
{
    static const enum weir_kind FLOATS[] = { WEIR_FLOAT16, WEIR_FLOAT32, WEIR_FLOAT64 };
    int64_t number;
    int failed = 0;
    switch (arrow) {
    case ARROW_NULL:
        type->kind = WEIR_NULL;
        break;
    case ARROW_BOOL:
        type->kind = WEIR_BOOL;
        break;
    case ARROW_INT:
        failed = decode_integer(table, &type->kind);
        break;
    case ARROW_FLOAT:
        number = weir_flat_integer(table, 0, 2, 0);
        failed = number < 0 || number > 2;
        type->kind = failed ? WEIR_NULL : FLOATS[number];
        break;
    case ARROW_LARGE_UTF8:
    case ARROW_UTF8_VIEW:
    case ARROW_UTF8:
        type->kind = WEIR_UTF8;
        break;
    case ARROW_LARGE_BINARY:
    case ARROW_BINARY_VIEW:
    case ARROW_BINARY:
        type->kind = WEIR_BINARY;
        break;
    case ARROW_FIXED_BINARY:
        type->kind = WEIR_BINARY;
        wire->form = WEIR_FORM_FIXED_BINARY;
        wire->width = (int32_t)weir_flat_integer(table, 0, 4, 0);
        failed = wire->width < 0;
        break;
    case ARROW_DATE:
        type->kind = weir_flat_integer(table, 0, 2, 1) == 0 ? WEIR_DATE32 : WEIR_DATE64;
        break;
    case ARROW_TIME:
        failed = decode_time(table, type);
        break;
    case ARROW_TIMESTAMP:
        return decode_timestamp(context, table, type);
    case ARROW_DURATION:
        type->kind = WEIR_DURATION;
        failed = decode_unit(table, WEIR_MILLI, type);
        break;
    case ARROW_LARGE_LIST:
    case ARROW_LIST:
        type->kind = WEIR_LIST;
        break;
    case ARROW_FIXED_LIST:
        type->kind = WEIR_FIXED_LIST;
        type->list_size = (int32_t)weir_flat_integer(table, 0, 4, 0);
        failed = type->list_size < 0;
        break;
    case ARROW_STRUCT:
        type->kind = WEIR_STRUCT;
        break;
    default:
        if (arrow > 0 && arrow < ARROW_TYPE_COUNT)
            return weir_fail(context->error, WEIR_BAD_DATA, "its type is %s, which no program here handles",
                             REFUSED[arrow]);
        return weir_fail(context->error, WEIR_BAD_DATA, "its type (number %d) is not known", (int)arrow);
    }
    if (arrow == ARROW_LARGE_UTF8 || arrow == ARROW_LARGE_BINARY || arrow == ARROW_LARGE_LIST)
        wire->form = WEIR_FORM_LARGE;
    if (arrow == ARROW_UTF8_VIEW || arrow == ARROW_BINARY_VIEW)
        wire->form = WEIR_FORM_VIEW;
    return failed ? fail_damaged(context) : 0;
}

static int decode_field(struct context *context, const struct weir_flat_table *table, struct weir_field *field,
                        struct weir_wire *wire, int depth);

static int decode_children(struct context *context, const struct weir_flat_table *table, struct weir_type *type,
                           struct weir_wire *wire, int depth)
{
    struct weir_flat_vector children = weir_flat_vector(table, FIELD_CHILDREN, 4);
    bool one = type->kind == WEIR_LIST || type->kind == WEIR_FIXED_LIST;
    if (children.count != (one ? 1 : 0) && type->kind != WEIR_STRUCT)
        return fail_damaged(context);
    if (children.count > WEIR_MAX_FIELDS - context->fields)
        return weir_fail(context->error, WEIR_BAD_DATA, "more than %d columns", WEIR_MAX_FIELDS);
    if (children.count == 0)
        return 0;
    type->children = weir_allocate_zero(children.count, sizeof *type->children);
    wire->children = weir_allocate_zero(children.count, sizeof *wire->children);
    if (!type->children || !wire->children)
        return weir_fail_memory(context->error);
    type->child_count = wire->child_count = (int)children.count;
    for (int i = 0; i < type->child_count; i++) {
        struct weir_flat_table child = weir_flat_element(&children, (size_t)i);
        if (decode_field(context, &child, &type->children[i], &wire->children[i], depth + 1))
            return -1;
    }
    return 0;
}

/* Codes in the place of values: text stays a dictionary in memory, other values are put back. */
static int decode_encoding(struct context *context, const struct weir_flat_table *encoding, struct weir_type *type,
                           struct weir_wire *wire)
{
    struct weir_flat_table index = weir_flat_child(encoding, ENCODING_INDEX_TYPE);
    enum weir_kind code = WEIR_INT32;
    if (index.flat && decode_integer(&index, &code))
        return fail_damaged(context);
    wire->coded = true;
    wire->id = weir_flat_integer(encoding, ENCODING_ID, 8, 0);
    wire->code_width = weir_kind_width(code);
    wire->code_signed = code <= WEIR_INT64;
    wire->keep_codes = type->kind == WEIR_UTF8;
    context->dictionaries++;
    if (!wire->keep_codes)
        return 0;
    struct weir_field *values = weir_allocate_zero(1, sizeof *values);
    char *name = weir_duplicate_string("values");
    if (!values || !name) {
        free(values);
        free(name);
        return weir_fail_memory(context->error);
    }
    *values = (struct weir_field){ .name = name, .type = *type, .nullable = true };
    *type = (struct weir_type){ .kind = WEIR_DICTIONARY,
                                .index_width = wire->code_width > 4 ? 4 : wire->code_width,
                                .ordered = weir_flat_bool(encoding, ENCODING_ORDERED),
                                .children = values,
                                .child_count = 1 };
    return 0;
}

/* Takes the role out of a field's metadata. */
static int decode_role(struct context *context, struct weir_field *field)
{
    const char *role = weir_metadata_get(&field->metadata, "weir:role");
    if (!role)
        return 0;
    if (!weir_role_parse(role, &field->role))
        return weir_fail(context->error, WEIR_BAD_DATA, "its role '%.40s' is not known", role);
    return weir_metadata_set(&field->metadata, "weir:role", NULL);
}

static int decode_field(struct context *context, const struct weir_flat_table *table, struct weir_field *field,
                        struct weir_wire *wire, int depth)
{
    if (++context->fields > WEIR_MAX_FIELDS)
        return weir_fail(context->error, WEIR_BAD_DATA, "more than %d columns", WEIR_MAX_FIELDS);
    int named = copy_text(context, table, FIELD_NAME, &field->name);
    if (named < 0)
        return -1;
    if (named == 0) {
        field->name = weir_duplicate_string("?");
        return weir_fail(context->error, WEIR_BAD_DATA, "its name is not UTF-8 or holds a NUL byte");
    }
    if (depth > WEIR_MAX_NESTING)
        return weir_fail(context->error, WEIR_BAD_DATA, "its type is nested more than %d deep", WEIR_MAX_NESTING);
    field->nullable = weir_flat_bool(table, FIELD_NULLABLE);
    if (decode_metadata(context, table, FIELD_METADATA, &field->metadata))
        return -1;
    struct weir_flat_table type = weir_flat_child(table, FIELD_TYPE);
    struct weir_flat_table encoding = weir_flat_child(table, FIELD_DICTIONARY);
    if (decode_type(context, weir_flat_integer(table, FIELD_TYPE_TYPE, 1, 0), &type, &field->type, wire) ||
        decode_children(context, table, &field->type, wire, depth))
        return -1;
    if (encoding.flat && decode_encoding(context, &encoding, &field->type, wire))
        return -1;
    if (context->frame->flat.damaged)
        return fail_damaged(context);
    return weir_tensor_read(field, context->error) || decode_role(context, field) ? -1 : 0;
}

/* ---- dictionaries ---- */

static void collect_dictionaries(struct weir_decoder *decoder, const struct weir_wire *wire,
                                 const struct weir_type *type)
{
    if (wire->coded) {
        type = wire->keep_codes ? &type->children[0].type : type;
        decoder->dictionaries[decoder->dictionary_count++] =
            (struct weir_dictionary){ .id = wire->id, .wire = wire, .type = type };
    }
    for (int i = 0; i < wire->child_count; i++)
        collect_dictionaries(decoder, &wire->children[i], &type->children[i].type);
}

static int by_id(const void *a, const void *b)
{
    const struct weir_dictionary *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static void number_dictionaries(const struct weir_decoder *decoder, struct weir_wire *wire)
{
    if (wire->coded) {
        const struct weir_dictionary key = { .id = wire->id };
        const struct weir_dictionary *found =
            bsearch(&key, decoder->dictionaries, decoder->dictionary_count, sizeof key, by_id);
        wire->dictionary = (size_t)(found - decoder->dictionaries);
    }
    for (int i = 0; i < wire->child_count; i++)
        number_dictionaries(decoder, &wire->children[i]);
}

static bool same_layout(const struct weir_wire *a, const struct weir_wire *b, bool outermost)
{
    bool same = a->form == b->form && a->width == b->width && a->child_count == b->child_count &&
                (outermost || (a->coded == b->coded && a->id == b->id));
    for (int i = 0; same && i < a->child_count; i++)
        same = same_layout(&a->children[i], &b->children[i], false);
    return same;
}

static int make_dictionaries(struct context *context, struct weir_decoder *decoder)
{
    decoder->dictionaries = weir_allocate_zero(context->dictionaries, sizeof *decoder->dictionaries);
    if (!decoder->dictionaries)
        return weir_fail_memory(context->error);
    for (int i = 0; i < decoder->schema.count; i++)
        collect_dictionaries(decoder, &decoder->wires[i], &decoder->schema.fields[i].type);
    struct weir_dictionary *all = decoder->dictionaries;
    if (decoder->dictionary_count)
        qsort(all, decoder->dictionary_count, sizeof *all, by_id);
    size_t kept = 0;
    for (size_t i = 0; i < decoder->dictionary_count; i++) {
        if (kept && all[kept - 1].id == all[i].id) {
            /* Columns may share a dictionary, when their values are of one type. */
            if (!weir_type_equal(all[kept - 1].type, all[i].type) ||
                !same_layout(all[kept - 1].wire, all[i].wire, true))
                return weir_fail(context->error, WEIR_BAD_DATA, "two types of values under dictionary %lld",
                                 (long long)all[i].id);
        } else {
            all[kept++] = all[i];
        }
    }
    decoder->dictionary_count = kept;
    for (int i = 0; i < decoder->schema.count; i++)
        number_dictionaries(decoder, &decoder->wires[i]);
    return 0;
}

/* ---- the schema ---- */

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

int weir_decode_schema(struct weir_decoder *decoder, struct weir_frame *frame, struct weir_error *error)
{
    struct context context = { .frame = frame, .error = error };
    struct weir_flat_table *table = &frame->table;
    struct weir_schema *schema = &decoder->schema;
    context.text_left = (uint64_t)frame->flat.size + (16u << 20);
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
        if (decode_field(&context, &field, to, &decoder->wires[i], 0))
            return weir_fail_in(error, "column '%.200s'", to->name ? to->name : "?");
    }
    if (decode_metadata(&context, table, SCHEMA_METADATA, &schema->metadata) || check_names(decoder, error))
        return -1;
    return make_dictionaries(&context, decoder);
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
