/* Arrow's types as they stand in a schema, brought down to those of type.h. */
#include "stream/arrow.h"
#include "stream/decode_private.h"
#include <stdlib.h>

enum { UNION_SPARSE };

static const char *const REFUSED[ARROW_TYPE_COUNT] = {
    [ARROW_DECIMAL] = "decimal",
    [ARROW_INTERVAL] = "interval",
    [ARROW_UNION] = "union",
    [ARROW_MAP] = "map",
    [ARROW_RUN_END_ENCODED] = "run-end encoded",
    [ARROW_LIST_VIEW] = "list view",
    [ARROW_LARGE_LIST_VIEW] = "large list view",
};

/* What a message has of a column besides its children. Of a union: the types, and what its table and version add. */
static const uint8_t BUFFERS[ARROW_TYPE_COUNT] = {
    [ARROW_INT] = 2,        [ARROW_FLOAT] = 2,        [ARROW_BINARY] = 3,
    [ARROW_UTF8] = 3,       [ARROW_BOOL] = 2,         [ARROW_DECIMAL] = 2,
    [ARROW_DATE] = 2,       [ARROW_TIME] = 2,         [ARROW_TIMESTAMP] = 2,
    [ARROW_INTERVAL] = 2,   [ARROW_LIST] = 2,         [ARROW_STRUCT] = 1,
    [ARROW_UNION] = 1,      [ARROW_FIXED_BINARY] = 2, [ARROW_FIXED_LIST] = 1,
    [ARROW_MAP] = 2,        [ARROW_DURATION] = 2,     [ARROW_LARGE_BINARY] = 3,
    [ARROW_LARGE_UTF8] = 3, [ARROW_LARGE_LIST] = 2,   [ARROW_BINARY_VIEW] = 2, /* and those of the bytes */
    [ARROW_UTF8_VIEW] = 2,  [ARROW_LIST_VIEW] = 3,    [ARROW_LARGE_LIST_VIEW] = 3,
};

int weir_arrow_children(int64_t arrow)
{
    switch (arrow) {
    case ARROW_LIST:
    case ARROW_LARGE_LIST:
    case ARROW_FIXED_LIST:
    case ARROW_LIST_VIEW:
    case ARROW_LARGE_LIST_VIEW:
    case ARROW_MAP:
        return 1;
    case ARROW_RUN_END_ENCODED:
        return 2;
    case ARROW_STRUCT:
    case ARROW_UNION:
        return -1;
    default:
        return 0;
    }
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

static int decode_timestamp(struct weir_schema_cursor *cursor, const struct weir_flat_table *table,
                            struct weir_type *type)
{
    type->kind = WEIR_TIMESTAMP;
    if (decode_unit(table, WEIR_SECOND, type))
        return weir_schema_cursor_fail(cursor);
    int result = weir_schema_cursor_text(cursor, table, 1, &type->zone);
    if (result < 0)
        return -1;
    if (result == 0 || !plain_zone(type->zone))
        return weir_fail(cursor->error, WEIR_BAD_DATA, "a time zone that is no name of one");
    if (!*type->zone) {
        free(type->zone);
        type->zone = NULL;
    }
    return 0;
}

int weir_decode_type(struct weir_schema_cursor *cursor, int64_t arrow, const struct weir_flat_table *table,
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
        return decode_timestamp(cursor, table, type);
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
        if (arrow <= 0 || arrow >= ARROW_TYPE_COUNT)
            return weir_fail(cursor->error, WEIR_BAD_DATA, "its type (number %d) is not known", (int)arrow);
        type->kind = WEIR_NULL;
        cursor->refused = REFUSED[arrow];
    }
    wire->buffers = BUFFERS[arrow];
    if (arrow == ARROW_UNION && weir_flat_integer(table, 0, 2, UNION_SPARSE) != UNION_SPARSE)
        wire->buffers++; /* offsets */
    if ((arrow == ARROW_UNION || arrow == ARROW_RUN_END_ENCODED) && cursor->frame->version < ARROW_V5)
        wire->buffers++; /* presence, which version 5 took from both */
    if (arrow == ARROW_LARGE_UTF8 || arrow == ARROW_LARGE_BINARY || arrow == ARROW_LARGE_LIST)
        wire->form = WEIR_FORM_LARGE;
    if (arrow == ARROW_UTF8_VIEW || arrow == ARROW_BINARY_VIEW)
        wire->form = WEIR_FORM_VIEW;
    return failed ? weir_schema_cursor_fail(cursor) : 0;
}

int weir_decode_encoding(struct weir_schema_cursor *cursor, const struct weir_flat_table *encoding,
                         struct weir_type *type, struct weir_wire *wire)
{
    struct weir_flat_table index = weir_flat_child(encoding, ENCODING_INDEX_TYPE);
    enum weir_kind code = WEIR_INT32;
    if (index.flat && decode_integer(&index, &code))
        return weir_schema_cursor_fail(cursor);
    wire->coded = true;
    wire->buffers = 2; /* presence, codes */
    wire->id = weir_flat_integer(encoding, ENCODING_ID, 8, 0);
    wire->code_width = weir_kind_width(code);
    wire->code_signed = code <= WEIR_INT64;
    wire->keep_codes = type->kind == WEIR_UTF8;
    cursor->dictionaries++;
    if (!wire->keep_codes)
        return 0;
    struct weir_field *values = weir_allocate_zero(1, sizeof *values);
    char *name = weir_duplicate_string("values");
    if (!values || !name) {
        free(values);
        free(name);
        return weir_fail_memory(cursor->error);
    }
    *values = (struct weir_field){ .name = name, .type = *type, .nullable = true };
    *type = (struct weir_type){ .kind = WEIR_DICTIONARY,
                                .ordered = weir_flat_bool(encoding, ENCODING_ORDERED),
                                .children = values,
                                .child_count = 1 };
    return 0;
}
