/* Values in PostgreSQL's binary form, as its types' send functions write them: big-endian, times counted from
 * 2000-01-01. All of it is checked before any of it is used. */
#include "base/bytes.h"
#include "base/number.h"
#include "format/postgresql_private.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <string.h>

enum {
    DAYS_TO_2000 = 10957, /* from 1970-01-01 */
    ARRAY_HEADER = 12,    /* dimensions, whether there are nulls, the items' type */
    ARRAY_DIMENSION = 8,  /* how many, the first index */
    NUMERIC_HEADER = 8,   /* digits, weight, sign, decimal places */
    NUMERIC_BASE = 10000,
};
static const int64_t MICROSECONDS_TO_2000 = DAYS_TO_2000 * INT64_C(86400000000);

static const struct weir_pg_type types[] = {
    { 16, 1000, WEIR_PG_BOOL, WEIR_BOOL, false },
    { 17, 1001, WEIR_PG_BYTEA, WEIR_BINARY, false },
    { 18, 1002, WEIR_PG_TEXT, WEIR_UTF8, false }, /* "char" */
    { 19, 1003, WEIR_PG_TEXT, WEIR_UTF8, false }, /* name */
    { 20, 1016, WEIR_PG_INTEGER, WEIR_INT64, false },
    { 21, 1005, WEIR_PG_INTEGER, WEIR_INT16, false },
    { 23, 1007, WEIR_PG_INTEGER, WEIR_INT32, false },
    { 25, 1009, WEIR_PG_TEXT, WEIR_UTF8, false },      /* text */
    { 26, 1028, WEIR_PG_INTEGER, WEIR_UINT32, false }, /* oid */
    { 114, 199, WEIR_PG_TEXT, WEIR_UTF8, false },      /* json */
    { 142, 143, WEIR_PG_TEXT, WEIR_UTF8, false },      /* xml */
    { 700, 1021, WEIR_PG_FLOAT, WEIR_FLOAT32, false },
    { 701, 1022, WEIR_PG_FLOAT, WEIR_FLOAT64, false },
    { 1042, 1014, WEIR_PG_TEXT, WEIR_UTF8, false }, /* char(n) */
    { 1043, 1015, WEIR_PG_TEXT, WEIR_UTF8, false }, /* varchar */
    { 1082, 1182, WEIR_PG_DATE, WEIR_DATE32, false },
    { 1114, 1115, WEIR_PG_TIMESTAMP, WEIR_TIMESTAMP, false },
    { 1184, 1185, WEIR_PG_TIMESTAMP, WEIR_TIMESTAMP, true },
    { 1700, 0, WEIR_PG_NUMERIC, WEIR_UTF8, false },
    { 2950, 2951, WEIR_PG_UUID, WEIR_UTF8, false },
    { 3802, 3807, WEIR_PG_JSONB, WEIR_UTF8, false },
};
const struct weir_pg_type weir_pg_text = { 0, 0, WEIR_PG_TEXT, WEIR_UTF8, false };

const struct weir_pg_type *weir_pg_type_find(Oid oid, bool *array)
{
    for (size_t i = 0; oid && i < sizeof types / sizeof *types; i++)
        if (types[i].oid == oid || types[i].array == oid) {
            *array = types[i].array == oid;
            return &types[i];
        }
    return NULL;
}

int weir_pg_type_native(const struct weir_pg_type *type, bool array, struct weir_type *native)
{
    struct weir_type item = { .kind = type->kind };
    if (type->kind == WEIR_TIMESTAMP)
        item.unit = WEIR_MICRO;
    if (type->zoned && !(item.zone = weir_duplicate_string("UTC")))
        return -1;
    if (!array) {
        *native = item;
        return 0;
    }
    struct weir_schema fields = { 0 }; /* of the one field that a list has */
    struct weir_field *field = weir_schema_add(&fields, "item", WEIR_NULL);
    if (!field) {
        weir_type_release(&item);
        return -1;
    }
    field->type = item;
    *native = (struct weir_type){ .kind = WEIR_LIST, .children = fields.fields, .child_count = 1 };
    return 0;
}

static int32_t load_i32(const char *bytes)
{
    return (int32_t)weir_load_u32_big(bytes);
}
static int64_t load_i64(const char *bytes)
{
    return (int64_t)((uint64_t)weir_load_u32_big(bytes) << 32 | weir_load_u32_big(bytes + 4));
}

static enum weir_pg_verdict check_text(const char *bytes, size_t length)
{
    return memchr(bytes, 0, length) || !weir_is_utf8(bytes, length) ? WEIR_PG_MISFIT : WEIR_PG_FITS;
}

static enum weir_pg_verdict check_numeric(const char *bytes, size_t length)
{
    if (length < NUMERIC_HEADER || length != NUMERIC_HEADER + 2u * weir_load_u16_big(bytes))
        return WEIR_PG_DAMAGED;
    for (size_t i = NUMERIC_HEADER; i < length; i += 2)
        if (weir_load_u16_big(bytes + i) >= NUMERIC_BASE)
            return WEIR_PG_DAMAGED;
    switch (weir_load_u16_big(bytes + 4)) { /* the sign: plus, minus, NaN, infinities */
    case 0x0000:
    case 0x4000:
    case 0xC000:
    case 0xD000:
    case 0xF000:
        return weir_load_u16_big(bytes + 6) < 1 << 14 ? WEIR_PG_FITS : WEIR_PG_DAMAGED;
    default:
        return WEIR_PG_DAMAGED;
    }
}

/* One value, not an array. */
static enum weir_pg_verdict check_item(const struct weir_pg_type *type, const char *bytes, size_t length)
{
    switch (type->form) {
    case WEIR_PG_BOOL:
        return length == 1 ? WEIR_PG_FITS : WEIR_PG_DAMAGED;
    case WEIR_PG_INTEGER:
    case WEIR_PG_FLOAT:
        return length == (size_t)weir_kind_width(type->kind) ? WEIR_PG_FITS : WEIR_PG_DAMAGED;
    case WEIR_PG_TEXT:
        return check_text(bytes, length);
    case WEIR_PG_JSONB: /* behind its version */
        return length < 1 || bytes[0] != 1 ? WEIR_PG_DAMAGED : check_text(bytes + 1, length - 1);
    case WEIR_PG_UUID:
        return length == 16 ? WEIR_PG_FITS : WEIR_PG_DAMAGED;
    case WEIR_PG_DATE:
        if (length != 4)
            return WEIR_PG_DAMAGED;
        return load_i32(bytes) == INT32_MIN || load_i32(bytes) > INT32_MAX - DAYS_TO_2000 ? WEIR_PG_MISFIT
                                                                                          : WEIR_PG_FITS;
    case WEIR_PG_TIMESTAMP:
        if (length != 8)
            return WEIR_PG_DAMAGED;
        return load_i64(bytes) == INT64_MIN || load_i64(bytes) > INT64_MAX - MICROSECONDS_TO_2000 ? WEIR_PG_MISFIT
                                                                                                  : WEIR_PG_FITS;
    case WEIR_PG_NUMERIC:
        return check_numeric(bytes, length);
    case WEIR_PG_BYTEA:
        break;
    }
    return WEIR_PG_FITS;
}

/* Arrays of one dimension; those of several are no list of ours. */
static enum weir_pg_verdict check_array(const struct weir_pg_type *type, const char *bytes, size_t length)
{
    if (length < ARRAY_HEADER)
        return WEIR_PG_DAMAGED;
    int32_t dimensions = load_i32(bytes), count;
    if (dimensions == 0)
        return length == ARRAY_HEADER ? WEIR_PG_FITS : WEIR_PG_DAMAGED;
    if (dimensions != 1)
        return dimensions > 0 ? WEIR_PG_MISFIT : WEIR_PG_DAMAGED;
    if (length < ARRAY_HEADER + ARRAY_DIMENSION || weir_load_u32_big(bytes + 8) != type->oid)
        return WEIR_PG_DAMAGED;
    count = load_i32(bytes + ARRAY_HEADER);
    size_t at = ARRAY_HEADER + ARRAY_DIMENSION;
    enum weir_pg_verdict verdict = WEIR_PG_FITS;
    for (int32_t i = 0; i < count && verdict != WEIR_PG_DAMAGED; i++) {
        if (length - at < 4)
            return WEIR_PG_DAMAGED;
        int32_t size = load_i32(bytes + at);
        at += 4;
        if (size == -1)
            continue;
        if (size < 0 || (size_t)size > length - at)
            return WEIR_PG_DAMAGED;
        enum weir_pg_verdict item = check_item(type, bytes + at, (size_t)size);
        verdict = item > verdict ? item : verdict;
        at += (size_t)size;
    }
    return at == length && count >= 0 ? verdict : WEIR_PG_DAMAGED;
}

enum weir_pg_verdict weir_pg_check(const struct weir_pg_column *column, const char *bytes, size_t length)
{
    return column->array ? check_array(column->type, bytes, length) : check_item(column->type, bytes, length);
}

static void append_uuid(struct weir_builder *builder, const char *bytes)
{
    static const char digits[] = "0123456789abcdef";
    char text[36], *at = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[(uint8_t)bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    weir_builder_text(builder, text, sizeof text);
}

/* Digits of base 10,000, the first of which counts 10,000 to the power of `weight`. */
static void numeric_text(const char *bytes, struct weir_buffer *text)
{
    int count = weir_load_u16_big(bytes), weight = (int16_t)weir_load_u16_big(bytes + 2),
        places = weir_load_u16_big(bytes + 6);
    uint16_t sign = weir_load_u16_big(bytes + 4);
    if (sign >= 0xC000) {
        weir_buffer_string(text, sign == 0xC000 ? "nan" : sign == 0xD000 ? "inf" : "-inf");
        return;
    }
    if (sign)
        weir_buffer_byte(text, '-');
    if (weight < 0)
        weir_buffer_byte(text, '0');
    for (int i = 0; i <= weight; i++)
        weir_buffer_format(text, i ? "%04d" : "%d", i < count ? weir_load_u16_big(bytes + NUMERIC_HEADER + 2 * i) : 0);
    if (places == 0)
        return;
    weir_buffer_byte(text, '.');
    size_t begin = text->size;
    for (int i = weight + 1; text->size - begin < (size_t)places && !text->failed; i++)
        weir_buffer_format(text, "%04d", i >= 0 && i < count ? weir_load_u16_big(bytes + NUMERIC_HEADER + 2 * i) : 0);
    if (!text->failed) {
        text->size = begin + (size_t)places;
        text->bytes[text->size] = 0;
    }
}

/* A value that was found to fit, into a builder of its own type. */
static void append_item(struct weir_builder *builder, const struct weir_pg_type *type, const char *bytes, size_t length,
                        struct weir_buffer *text)
{
    switch (type->form) {
    case WEIR_PG_BOOL:
        weir_builder_int64(builder, bytes[0] != 0);
        break;
    case WEIR_PG_INTEGER:
        weir_builder_int64(builder, length == 8   ? load_i64(bytes)
                                    : length == 4 ? load_i32(bytes)
                                                  : (int16_t)weir_load_u16_big(bytes));
        break;
    case WEIR_PG_FLOAT:
        if (length == 4) {
            uint32_t bits = weir_load_u32_big(bytes);
            weir_builder_fixed(builder, &bits, 1);
        } else {
            int64_t bits = load_i64(bytes);
            weir_builder_fixed(builder, &bits, 1);
        }
        break;
    case WEIR_PG_TEXT:
    case WEIR_PG_BYTEA:
        weir_builder_text(builder, bytes, length);
        break;
    case WEIR_PG_JSONB:
        weir_builder_text(builder, bytes + 1, length - 1);
        break;
    case WEIR_PG_UUID:
        append_uuid(builder, bytes);
        break;
    case WEIR_PG_DATE:
        weir_builder_int64(builder, load_i32(bytes) + DAYS_TO_2000);
        break;
    case WEIR_PG_TIMESTAMP:
        weir_builder_int64(builder, load_i64(bytes) + MICROSECONDS_TO_2000);
        break;
    case WEIR_PG_NUMERIC:
        weir_buffer_clear(text);
        numeric_text(bytes, text);
        builder->values.failed |= text->failed;
        weir_builder_text(builder, text->bytes ? text->bytes : "", text->size);
        break;
    }
}

void weir_pg_append(struct weir_builder *builder, const struct weir_pg_column *column, const char *bytes, size_t length,
                    struct weir_buffer *text)
{
    if (!column->array) {
        append_item(builder, column->type, bytes, length, text);
        return;
    }
    int32_t count = load_i32(bytes) ? load_i32(bytes + ARRAY_HEADER) : 0;
    bytes += ARRAY_HEADER + ARRAY_DIMENSION;
    for (int32_t i = 0; i < count; i++) {
        int32_t size = load_i32(bytes);
        bytes += 4;
        if (size < 0) {
            weir_builder_null(&builder->children[0]);
            continue;
        }
        append_item(&builder->children[0], column->type, bytes, (size_t)size, text);
        bytes += size;
    }
    weir_builder_close(builder);
}
