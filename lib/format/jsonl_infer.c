/* What the values under each name are: the columns of JSON lines and their types. */
#include "format/jsonl_private.h"
#include <stdlib.h>

enum {
    SEEN_BOOL = 1,
    SEEN_INTEGER = 2,
    SEEN_REAL = 4,
    SEEN_STRING = 8,
    SEEN_ARRAY = 16,
    SEEN_OBJECT = 32,
    SEEN_DEEP = 64,
    LIST_NESTING = 4
};

static int visit(struct weir_json_visitor *visitor, const json_t *object, int depth)
{
    const char *key;
    json_t *value;
    if (depth > WEIR_JSON_NESTING)
        return -1;
    size_t prefix = visitor->name.size;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        weir_buffer_string(&visitor->name, key);
        if (visitor->name.failed)
            return -1;
        int code;
        if (json_is_object(value) && !(visitor->whole && visitor->whole(visitor->context, visitor->name.bytes))) {
            weir_buffer_byte(&visitor->name, '.');
            code = visit(visitor, value, depth + 1);
        } else
            code = visitor->visit(visitor->context, visitor->name.bytes, value);
        if (code)
            return code;
        visitor->name.size = prefix;
        visitor->name.bytes[prefix] = 0;
    }
    return 0;
}

int weir_json_visit(struct weir_json_visitor *visitor, const json_t *object)
{
    weir_buffer_clear(&visitor->name);
    return visit(visitor, object, 1);
}

static int observe(struct weir_json_shape *shape, const json_t *value, int depth)
{
    switch (json_typeof(value)) {
    case JSON_TRUE:
    case JSON_FALSE:
        shape->seen |= SEEN_BOOL;
        return 0;
    case JSON_INTEGER:
        shape->seen |= SEEN_INTEGER;
        return 0;
    case JSON_REAL:
        shape->seen |= SEEN_REAL;
        return 0;
    case JSON_STRING:
        shape->seen |= SEEN_STRING;
        return 0;
    case JSON_OBJECT:
        shape->seen |= SEEN_OBJECT;
        return 0;
    case JSON_NULL:
        return 0;
    case JSON_ARRAY:
        break;
    }
    shape->seen |= SEEN_ARRAY;
    if (depth == LIST_NESTING) {
        shape->seen |= SEEN_DEEP;
        return 0;
    }
    if (!shape->items && !(shape->items = weir_allocate_zero(1, sizeof *shape->items)))
        return -1;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (observe(shape->items, json_array_get(value, i), depth + 1))
            return -1;
    return 0;
}

int weir_json_observe(struct weir_json_shape *shape, const json_t *value)
{
    return observe(shape, value, 0);
}

int weir_json_conclude(const struct weir_json_shape *shape, struct weir_type *type)
{
    type->kind = WEIR_UTF8;
    switch (shape->seen) {
    case 0:
        type->kind = WEIR_NULL;
        return 0;
    case SEEN_BOOL:
        type->kind = WEIR_BOOL;
        return 0;
    case SEEN_INTEGER:
        type->kind = WEIR_INT64;
        return 0;
    case SEEN_REAL:
    case SEEN_REAL | SEEN_INTEGER:
        type->kind = WEIR_FLOAT64;
        return 0;
    case SEEN_ARRAY:
        break;
    default:
        return 0;
    }
    struct weir_field *item = weir_allocate_zero(1, sizeof *item);
    if (!item)
        return -1;
    type->children = item;
    type->child_count = 1;
    type->kind = WEIR_LIST;
    item->nullable = true;
    item->name = weir_duplicate_string("item");
    if (!item->name || weir_json_conclude(shape->items, &item->type))
        return -1;
    if (item->type.kind == WEIR_NULL)
        item->type.kind = WEIR_UTF8;
    return 0;
}

void weir_json_shape_release(struct weir_json_shape *shape)
{
    if (shape->items)
        weir_json_shape_release(shape->items);
    free(shape->items);
    *shape = (struct weir_json_shape){ 0 };
}
