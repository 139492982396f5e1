#include "stream/arrow.h"
#include "stream/encode.h"
#include "stream/tensor.h"

static size_t add_fields(struct weir_flat_builder *builder, const struct weir_field *fields, int count,
                         int64_t *next_id);

/* Which member of the union a kind is, and the slots of its table: at most two numbers. */
static enum arrow_type describe(const struct weir_type *type, struct weir_flat_slot slots[2], int *count)
{
    int width = weir_kind_width(type->kind);
    *count = 0;
    switch (type->kind) {
    case WEIR_NULL:
        return ARROW_NULL;
    case WEIR_BOOL:
        return ARROW_BOOL;
    case WEIR_FLOAT16:
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        slots[(*count)++] = (struct weir_flat_slot){ 2, type->kind - WEIR_FLOAT16 };
        return ARROW_FLOAT;
    case WEIR_DATE32:
    case WEIR_DATE64:
        slots[(*count)++] = (struct weir_flat_slot){ 2, type->kind == WEIR_DATE64 };
        return ARROW_DATE;
    case WEIR_TIME32:
    case WEIR_TIME64:
        slots[(*count)++] = (struct weir_flat_slot){ 2, type->unit };
        slots[(*count)++] = (struct weir_flat_slot){ 4, width * 8 };
        return ARROW_TIME;
    case WEIR_TIMESTAMP:
        slots[(*count)++] = (struct weir_flat_slot){ 2, type->unit };
        if (type->zone)
            slots[(*count)++] = (struct weir_flat_slot){ 4, 0 };
        return ARROW_TIMESTAMP;
    case WEIR_DURATION:
        slots[(*count)++] = (struct weir_flat_slot){ 2, type->unit };
        return ARROW_DURATION;
    case WEIR_UTF8:
        return ARROW_UTF8;
    case WEIR_BINARY:
        return ARROW_BINARY;
    case WEIR_LIST:
        return ARROW_LIST;
    case WEIR_FIXED_LIST:
        slots[(*count)++] = (struct weir_flat_slot){ 4, type->list_size };
        return ARROW_FIXED_LIST;
    case WEIR_STRUCT:
        return ARROW_STRUCT;
    default:
        slots[(*count)++] = (struct weir_flat_slot){ 4, width * 8 };
        slots[(*count)++] = (struct weir_flat_slot){ 1, type->kind <= WEIR_INT64 };
        return ARROW_INT;
    }
}

/* Whether weir_tensor_write has the say on it. */
static bool is_of_tensor(const struct weir_pair *pair, bool tensor)
{
    return tensor && strcmp(pair->key, WEIR_EXTENSION_METADATA) == 0;
}

/* A field's own metadata with the role and, for a tensor, Arrow's name and JSON of that extension. */
static size_t add_field_metadata(struct weir_flat_builder *builder, const struct weir_field *field)
{
    bool role = field->role != WEIR_FEATURE, tensor = field->type.kind == WEIR_FIXED_LIST && field->type.rank > 0;
    const struct weir_metadata *metadata = &field->metadata;
    size_t count = role + (tensor ? 2 : 0);
    for (size_t i = 0; i < metadata->count; i++)
        count += !is_of_tensor(&metadata->pairs[i], tensor);
    size_t vector = weir_flat_add_vector(builder, count, 4), place = vector + 4;
    for (size_t i = 0; i < metadata->count; i++) {
        const struct weir_pair *pair = &metadata->pairs[i];
        if (is_of_tensor(pair, tensor))
            continue;
        weir_flat_link(builder, place, weir_add_pair(builder, pair->key, pair->value));
        place += 4;
    }
    if (role) {
        weir_flat_link(builder, place, weir_add_pair(builder, "weir:role", weir_role_name(field->role)));
        place += 4;
    }
    if (tensor) {
        struct weir_buffer json = { 0 };
        weir_flat_link(builder, place, weir_add_pair(builder, WEIR_EXTENSION_NAME, WEIR_TENSOR_NAME));
        if (weir_tensor_write(field, &json))
            builder->buffer.failed = true;
        else
            weir_flat_link(builder, place + 4, weir_add_pair(builder, WEIR_EXTENSION_METADATA, json.bytes));
        weir_buffer_release(&json);
    }
    return vector;
}

static size_t add_metadata(struct weir_flat_builder *builder, const struct weir_metadata *metadata)
{
    size_t vector = weir_flat_add_vector(builder, metadata->count, 4);
    for (size_t i = 0; i < metadata->count; i++)
        weir_flat_link(builder, vector + 4 + 4 * i,
                       weir_add_pair(builder, metadata->pairs[i].key, metadata->pairs[i].value));
    return vector;
}

/* Codes are int32, whatever they were when they came: then a dictionary may grow. */
static size_t add_encoding(struct weir_flat_builder *builder, const struct weir_type *type, int64_t id)
{
    const struct weir_flat_slot slots[ENCODING_SLOTS] = {
        [ENCODING_ID] = { 8, id }, [ENCODING_INDEX_TYPE] = { 4, 0 }, [ENCODING_ORDERED] = { 1, type->ordered }
    };
    static const struct weir_flat_slot INT32[2] = { { 4, 32 }, { 1, 1 } };
    size_t encoding = weir_flat_add_table(builder, slots, ENCODING_SLOTS);
    weir_flat_link(builder, weir_flat_slot(builder, encoding, ENCODING_INDEX_TYPE),
                   weir_flat_add_table(builder, INT32, 2));
    return encoding;
}

static size_t add_field(struct weir_flat_builder *builder, const struct weir_field *field, int64_t *next_id)
{
    bool coded = field->type.kind == WEIR_DICTIONARY;
    const struct weir_type *type = coded ? &field->type.children[0].type : &field->type;
    struct weir_flat_slot type_slots[2];
    int type_count;
    enum arrow_type arrow = describe(type, type_slots, &type_count);
    bool described = field->metadata.count || field->role != WEIR_FEATURE || field->type.rank > 0;
    const struct weir_flat_slot slots[FIELD_SLOTS] = {
        [FIELD_NAME] = { 4, 0 },
        [FIELD_NULLABLE] = { 1, field->nullable },
        [FIELD_TYPE_TYPE] = { 1, arrow },
        [FIELD_TYPE] = { 4, 0 },
        [FIELD_CHILDREN] = { 4, 0 },
        [FIELD_DICTIONARY] = { coded ? 4 : 0, 0 },
        [FIELD_METADATA] = { described ? 4 : 0, 0 },
    };
    size_t table = weir_flat_add_table(builder, slots, FIELD_SLOTS);
    weir_flat_link(builder, weir_flat_slot(builder, table, FIELD_NAME),
                   weir_flat_add_text(builder, field->name, strlen(field->name)));
    size_t type_table = weir_flat_add_table(builder, type_slots, type_count);
    weir_flat_link(builder, weir_flat_slot(builder, table, FIELD_TYPE), type_table);
    if (type->kind == WEIR_TIMESTAMP && type->zone)
        weir_flat_link(builder, weir_flat_slot(builder, type_table, 1),
                       weir_flat_add_text(builder, type->zone, strlen(type->zone)));
    if (coded)
        weir_flat_link(builder, weir_flat_slot(builder, table, FIELD_DICTIONARY),
                       add_encoding(builder, &field->type, (*next_id)++));
    weir_flat_link(builder, weir_flat_slot(builder, table, FIELD_CHILDREN),
                   add_fields(builder, type->children, type->child_count, next_id));
    if (described)
        weir_flat_link(builder, weir_flat_slot(builder, table, FIELD_METADATA), add_field_metadata(builder, field));
    return table;
}

static size_t add_fields(struct weir_flat_builder *builder, const struct weir_field *fields, int count,
                         int64_t *next_id)
{
    size_t vector = weir_flat_add_vector(builder, (size_t)count, 4);
    for (int i = 0; i < count; i++)
        weir_flat_link(builder, vector + 4 + 4 * (size_t)i, add_field(builder, &fields[i], next_id));
    return vector;
}

size_t weir_encode_schema(struct weir_flat_builder *builder, const struct weir_schema *schema)
{
    const struct weir_flat_slot slots[SCHEMA_SLOTS] = {
        [SCHEMA_ENDIANNESS] = { 2, 0 },
        [SCHEMA_FIELDS] = { 4, 0 },
        [SCHEMA_METADATA] = { schema->metadata.count ? 4 : 0, 0 },
    };
    int64_t next_id = 0;
    size_t table = weir_flat_add_table(builder, slots, SCHEMA_SLOTS);
    weir_flat_link(builder, weir_flat_slot(builder, table, SCHEMA_FIELDS),
                   add_fields(builder, schema->fields, schema->count, &next_id));
    if (schema->metadata.count)
        weir_flat_link(builder, weir_flat_slot(builder, table, SCHEMA_METADATA),
                       add_metadata(builder, &schema->metadata));
    return table;
}
