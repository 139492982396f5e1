#include "stream/type.h"

#include "base/memory.h"
#include "base/number.h"
#include "stream/schema.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int width;
} KINDS[WEIR_KIND_COUNT] = {
    [WEIR_NULL] = { "null", 0 },
    [WEIR_BOOL] = { "bool", 0 },
    [WEIR_INT8] = { "int8", 1 },
    [WEIR_INT16] = { "int16", 2 },
    [WEIR_INT32] = { "int32", 4 },
    [WEIR_INT64] = { "int64", 8 },
    [WEIR_UINT8] = { "uint8", 1 },
    [WEIR_UINT16] = { "uint16", 2 },
    [WEIR_UINT32] = { "uint32", 4 },
    [WEIR_UINT64] = { "uint64", 8 },
    [WEIR_FLOAT16] = { "float16", 2 },
    [WEIR_FLOAT32] = { "float32", 4 },
    [WEIR_FLOAT64] = { "float64", 8 },
    [WEIR_DATE32] = { "date32", 4 },
    [WEIR_DATE64] = { "date64", 8 },
    [WEIR_TIME32] = { "time32", 4 },
    [WEIR_TIME64] = { "time64", 8 },
    [WEIR_TIMESTAMP] = { "timestamp", 8 },
    [WEIR_DURATION] = { "duration", 8 },
    [WEIR_UTF8] = { "utf8", 0 },
    [WEIR_BINARY] = { "binary", 0 },
    [WEIR_LIST] = { "list", 0 },
    [WEIR_FIXED_LIST] = { "fixed_list", 0 },
    [WEIR_STRUCT] = { "struct", 0 },
    [WEIR_DICTIONARY] = { "dictionary", 4 },
};

static const char *const UNITS[] = { "s", "ms", "us", "ns" };

static const char *const ROLES[WEIR_ROLE_COUNT] = { "feature", "label", "id",    "weight",
                                                    "time",    "group", "split", "prediction" };

const char *weir_role_name(enum weir_role role)
{
    return role < WEIR_ROLE_COUNT ? ROLES[role] : "unknown";
}

bool weir_role_parse(const char *text, enum weir_role *out)
{
    for (int i = 0; i < WEIR_ROLE_COUNT; i++)
        if (strcmp(text, ROLES[i]) == 0) {
            *out = (enum weir_role)i;
            return true;
        }
    return false;
}

int weir_kind_width(enum weir_kind kind)
{
    return kind < WEIR_KIND_COUNT ? KINDS[kind].width : 0;
}

bool weir_kind_is_integer(enum weir_kind kind)
{
    return kind >= WEIR_INT8 && kind <= WEIR_UINT64;
}

bool weir_kind_is_float(enum weir_kind kind)
{
    return kind >= WEIR_FLOAT16 && kind <= WEIR_FLOAT64;
}

bool weir_kind_is_number(enum weir_kind kind)
{
    return kind == WEIR_BOOL || weir_kind_is_integer(kind) || weir_kind_is_float(kind);
}

static bool has_unit(enum weir_kind kind)
{
    return kind >= WEIR_TIME32 && kind <= WEIR_DURATION;
}

static bool plain_name_byte(unsigned char byte)
{
    return byte > ' ' && byte != 0x7f && !strchr(",:<>[]\"\\", byte);
}

/* A struct field's name: as it is where no reader of the type's name could trip over it, otherwise in double quotes. */
static void describe_name(const char *name, struct weir_buffer *out)
{
    bool plain = *name != 0;
    for (const char *p = name; *p; p++)
        plain = plain && plain_name_byte((unsigned char)*p);
    if (plain) {
        weir_buffer_string(out, name);
        return;
    }
    weir_buffer_byte(out, '"');
    for (const char *p = name; *p; p++) {
        unsigned char byte = (unsigned char)*p;
        if (byte == '"' || byte == '\\')
            weir_buffer_format(out, "\\%c", byte);
        else if (byte < ' ' || byte == 0x7f)
            weir_buffer_format(out, "\\x%02x", byte);
        else
            weir_buffer_byte(out, byte);
    }
    weir_buffer_byte(out, '"');
}

void weir_type_describe(const struct weir_type *type, struct weir_buffer *out)
{
    bool tensor = type->kind == WEIR_FIXED_LIST && type->rank > 0;
    weir_buffer_string(out, type->refused ? type->refused : tensor ? "tensor" : KINDS[type->kind].name);
    if (has_unit(type->kind)) {
        weir_buffer_format(out, "[%s", UNITS[type->unit]);
        if (type->zone)
            weir_buffer_format(out, ", %s", type->zone);
        weir_buffer_byte(out, ']');
    }
    if (type->kind == WEIR_STRUCT || type->child_count) {
        weir_buffer_byte(out, '<');
        for (int i = 0; i < type->child_count; i++) {
            if (i)
                weir_buffer_string(out, ", ");
            if (type->kind == WEIR_STRUCT) {
                describe_name(type->children[i].name, out);
                weir_buffer_string(out, ": ");
            }
            weir_type_describe(&type->children[i].type, out);
        }
        if (type->kind == WEIR_DICTIONARY && type->ordered)
            weir_buffer_string(out, ", ordered");
        weir_buffer_byte(out, '>');
    }
    if (tensor) {
        for (int i = 0; i < type->rank; i++)
            weir_buffer_format(out, "%s%lld", i ? ", " : "[", (long long)type->shape[i]);
        weir_buffer_byte(out, ']');
    } else if (type->kind == WEIR_FIXED_LIST) {
        weir_buffer_format(out, "[%d]", type->list_size);
    }
}

void weir_type_release(struct weir_type *type)
{
    for (int i = 0; i < type->child_count; i++)
        weir_field_release(&type->children[i]);
    free(type->children);
    free(type->zone);
    *type = (struct weir_type){ 0 };
}

int weir_type_copy(struct weir_type *to, const struct weir_type *from)
{
    *to = *from;
    to->zone = NULL;
    to->children = NULL;
    to->child_count = 0;
    if (from->zone && !(to->zone = weir_duplicate_string(from->zone)))
        goto failed;
    if (from->child_count) {
        to->children = weir_allocate_zero((size_t)from->child_count, sizeof *to->children);
        if (!to->children)
            goto failed;
        for (; to->child_count < from->child_count; to->child_count++)
            if (weir_field_copy(&to->children[to->child_count], &from->children[to->child_count]))
                goto failed;
    }
    return 0;
failed:
    weir_type_release(to);
    return -1;
}

bool weir_type_equal(const struct weir_type *a, const struct weir_type *b)
{
    if (a->kind != b->kind || a->child_count != b->child_count)
        return false;
    if (!a->refused != !b->refused || (a->refused && strcmp(a->refused, b->refused) != 0))
        return false;
    if (has_unit(a->kind) && a->unit != b->unit)
        return false;
    if (a->kind == WEIR_TIMESTAMP && (!a->zone != !b->zone || (a->zone && strcmp(a->zone, b->zone) != 0)))
        return false;
    if (a->kind == WEIR_FIXED_LIST) {
        if (a->list_size != b->list_size || a->rank != b->rank)
            return false;
        for (int i = 0; i < a->rank; i++)
            if (a->shape[i] != b->shape[i])
                return false;
    }
    if (a->kind == WEIR_DICTIONARY && a->ordered != b->ordered)
        return false;
    for (int i = 0; i < a->child_count; i++) {
        if (a->kind == WEIR_STRUCT && strcmp(a->children[i].name, b->children[i].name) != 0)
            return false;
        if (!weir_type_equal(&a->children[i].type, &b->children[i].type))
            return false;
    }
    return true;
}

/* ---- reading a type's name ---- */

struct parser {
    const char *at;
    bool no_memory;
};

static void skip_blanks(struct parser *parser)
{
    while (*parser->at == ' ')
        parser->at++;
}

static bool take_byte(struct parser *parser, char byte)
{
    skip_blanks(parser);
    if (*parser->at != byte)
        return false;
    parser->at++;
    return true;
}

static size_t word_length(const char *at)
{
    size_t length = 0;
    while ((at[length] >= 'a' && at[length] <= 'z') || (at[length] >= '0' && at[length] <= '9') || at[length] == '_')
        length++;
    return length;
}

static bool take_word(struct parser *parser, const char *word)
{
    skip_blanks(parser);
    size_t length = strlen(word);
    if (word_length(parser->at) != length || memcmp(parser->at, word, length) != 0)
        return false;
    parser->at += length;
    return true;
}

static bool take_size(struct parser *parser, int64_t *out)
{
    skip_blanks(parser);
    size_t length = 0;
    while (parser->at[length] >= '0' && parser->at[length] <= '9')
        length++;
    if (!weir_parse_int64(parser->at, length, out) || *out > INT32_MAX)
        return false;
    parser->at += length;
    return true;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static char *keep(struct parser *parser, const char *text, size_t length)
{
    char *copy = weir_duplicate_bytes(text, length);
    parser->no_memory |= !copy;
    return copy;
}

/* The inverse of describe_name: NULL when there is none or memory is out. */
static char *take_name(struct parser *parser)
{
    struct weir_buffer name = { 0 };
    skip_blanks(parser);
    if (*parser->at != '"') {
        const char *start = parser->at;
        while (*parser->at && plain_name_byte((unsigned char)*parser->at))
            parser->at++;
        return parser->at == start ? NULL : keep(parser, start, (size_t)(parser->at - start));
    }
    for (parser->at++; *parser->at != '"'; parser->at++) {
        if (!*parser->at)
            goto failed;
        if (*parser->at != '\\') {
            weir_buffer_byte(&name, (uint8_t)*parser->at);
            continue;
        }
        parser->at++;
        if (*parser->at == 'x') {
            int high = hex_digit(parser->at[1]), low = high < 0 ? -1 : hex_digit(parser->at[2]);
            if (low < 0 || (high | low) == 0)
                goto failed;
            weir_buffer_byte(&name, (uint8_t)(high << 4 | low));
            parser->at += 2;
        } else if (*parser->at) {
            weir_buffer_byte(&name, (uint8_t)*parser->at);
        } else {
            goto failed;
        }
    }
    parser->at++;
    char *text = name.failed ? NULL : keep(parser, name.bytes ? name.bytes : "", name.size);
    parser->no_memory |= name.failed;
    weir_buffer_release(&name);
    return text;
failed:
    weir_buffer_release(&name);
    return NULL;
}

static bool parse_type(struct parser *parser, struct weir_type *type, int depth);

static bool parse_unit(struct parser *parser, struct weir_type *type)
{
    type->unit = type->kind == WEIR_TIME32 ? WEIR_MILLI : WEIR_MICRO;
    if (!take_byte(parser, '['))
        return true;
    int unit = 0;
    while (unit < 4 && !take_word(parser, UNITS[unit]))
        unit++;
    if (unit == 4 || (type->kind == WEIR_TIME32 && unit > WEIR_MILLI) ||
        (type->kind == WEIR_TIME64 && unit < WEIR_MICRO))
        return false;
    type->unit = (enum weir_unit)unit;
    if (type->kind == WEIR_TIMESTAMP && take_byte(parser, ',')) {
        skip_blanks(parser);
        size_t length = strcspn(parser->at, "]");
        if (length == 0 || !(type->zone = keep(parser, parser->at, length)))
            return false;
        parser->at += length;
    }
    return take_byte(parser, ']');
}

static bool add_child(struct parser *parser, struct weir_type *type, size_t *capacity, char *name, int depth)
{
    void *children = type->children;
    if (!name || weir_grow(&children, capacity, (size_t)type->child_count + 1, sizeof *type->children)) {
        parser->no_memory = true;
        free(name);
        return false;
    }
    type->children = children;
    struct weir_field *child = &type->children[type->child_count++];
    *child = (struct weir_field){ .name = name, .nullable = true };
    return parse_type(parser, &child->type, depth + 1);
}

static bool parse_children(struct parser *parser, struct weir_type *type, int depth)
{
    size_t capacity = 0;
    if (!take_byte(parser, '<'))
        return false;
    if (type->kind != WEIR_STRUCT) {
        const char *name = type->kind == WEIR_DICTIONARY ? "values" : "item";
        if (!add_child(parser, type, &capacity, keep(parser, name, strlen(name)), depth))
            return false;
        if (type->kind == WEIR_DICTIONARY && take_byte(parser, ',')) {
            if (!take_word(parser, "ordered"))
                return false;
            type->ordered = true;
        }
        return take_byte(parser, '>');
    }
    if (take_byte(parser, '>'))
        return true;
    do {
        char *name = take_name(parser);
        if (!name || !take_byte(parser, ':')) {
            free(name);
            return false;
        }
        if (!add_child(parser, type, &capacity, name, depth))
            return false;
    } while (take_byte(parser, ','));
    return take_byte(parser, '>');
}

static bool parse_shape(struct parser *parser, struct weir_type *type, bool tensor)
{
    int64_t size = 1, length;
    if (!take_byte(parser, '['))
        return false;
    do {
        if (type->rank == (tensor ? WEIR_MAX_RANK : 1) || !take_size(parser, &length))
            return false;
        type->shape[type->rank++] = length;
        if (__builtin_mul_overflow(size, length, &size) || size > INT32_MAX)
            return false;
    } while (take_byte(parser, ','));
    type->list_size = (int32_t)size;
    if (!tensor) {
        type->rank = 0;
        type->shape[0] = 0;
    }
    return take_byte(parser, ']');
}

static bool parse_type(struct parser *parser, struct weir_type *type, int depth)
{
    if (depth >= WEIR_MAX_NESTING)
        return false;
    bool tensor = take_word(parser, "tensor");
    int kind = 0;
    if (tensor)
        kind = WEIR_FIXED_LIST;
    else if (take_word(parser, "string"))
        kind = WEIR_UTF8;
    else if (take_word(parser, "boolean"))
        kind = WEIR_BOOL;
    else
        while (kind < WEIR_KIND_COUNT && !take_word(parser, KINDS[kind].name))
            kind++;
    if (kind == WEIR_KIND_COUNT)
        return false;
    type->kind = (enum weir_kind)kind;
    if (has_unit(type->kind))
        return parse_unit(parser, type);
    if (type->kind < WEIR_LIST)
        return true;
    if (!parse_children(parser, type, depth))
        return false;
    if (type->kind == WEIR_DICTIONARY)
        return type->children[0].type.kind != WEIR_DICTIONARY;
    return type->kind != WEIR_FIXED_LIST || parse_shape(parser, type, tensor);
}

int weir_type_parse(const char *text, struct weir_type *type, struct weir_error *error)
{
    struct parser parser = { .at = text };
    *type = (struct weir_type){ 0 };
    bool good = parse_type(&parser, type, 0);
    skip_blanks(&parser);
    if (good && !*parser.at)
        return 0;
    weir_type_release(type);
    return parser.no_memory ? weir_fail_memory(error) : weir_fail(error, WEIR_BAD_DATA, "'%.100s' is not a type", text);
}
