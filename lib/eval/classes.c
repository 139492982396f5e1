#include "eval/classes.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/number.h"
#include <stdlib.h>
#include <string.h>

void weir_classes_release(struct weir_classes *classes)
{
    for (int i = 0; i < classes->count; i++)
        free(classes->names[i]);
    free(classes->names);
    free(classes->lengths);
    free(classes->slots);
    *classes = (struct weir_classes){ 0 };
}

static size_t first_slot(const struct weir_classes *classes, const char *text, size_t length)
{
    return weir_hash(text, length, 0) & classes->mask;
}

static void put_slot(struct weir_classes *classes, int32_t number)
{
    size_t slot = first_slot(classes, classes->names[number], classes->lengths[number]);
    while (classes->slots[slot] >= 0)
        slot = (slot + 1) & classes->mask;
    classes->slots[slot] = number;
}

/* Makes the table anew, at most half full. */
static int rebuild(struct weir_classes *classes, size_t size)
{
    int32_t *slots = weir_reallocate(classes->slots, size, sizeof *slots);
    if (!slots)
        return -1;
    memset(slots, 0xFF, size * sizeof *slots);
    classes->slots = slots;
    classes->mask = size - 1;
    for (int i = 0; i < classes->count; i++)
        put_slot(classes, i);
    return 0;
}

int32_t weir_classes_add(struct weir_classes *classes, const char *text, size_t length)
{
    if (!classes->slots && rebuild(classes, 64))
        return -1;
    for (size_t slot = first_slot(classes, text, length); classes->slots[slot] >= 0;
         slot = (slot + 1) & classes->mask) {
        int32_t number = classes->slots[slot];
        if (classes->lengths[number] == length && memcmp(classes->names[number], text, length) == 0)
            return number;
    }
    if (classes->count == INT32_MAX)
        return -1;
    size_t needed = (size_t)classes->count + 1;
    if (needed * 2 > classes->mask + 1 && rebuild(classes, (classes->mask + 1) * 2))
        return -1;
    void *names = classes->names, *lengths = classes->lengths;
    int failed = weir_grow(&names, &classes->names_capacity, needed, sizeof *classes->names);
    classes->names = names;
    failed |= weir_grow(&lengths, &classes->lengths_capacity, needed, sizeof *classes->lengths);
    classes->lengths = lengths;
    char *copy = failed ? NULL : weir_duplicate_bytes(text, length);
    if (!copy)
        return -1;
    classes->names[classes->count] = copy;
    classes->lengths[classes->count] = length;
    put_slot(classes, classes->count);
    return classes->count++;
}

/* What `of` needs while it goes through a column. */
struct lookup {
    struct weir_classes *classes;
    const struct weir_column *column;
    const struct weir_type *type;
    struct weir_buffer text;
};

static int32_t number_of_row(struct lookup *lookup, int64_t row)
{
    if (lookup->type->kind == WEIR_UTF8) {
        size_t length;
        const char *text = weir_text(lookup->column, row, &length);
        return weir_classes_add(lookup->classes, text, length);
    }
    weir_buffer_clear(&lookup->text);
    weir_value_text(lookup->column, lookup->type, row, &lookup->text);
    if (lookup->text.failed)
        return -1;
    return weir_classes_add(lookup->classes, lookup->text.bytes ? lookup->text.bytes : "", lookup->text.size);
}

/* Values of a fixed width repeat: a small cache from their bytes to their number spares the text. */
struct remembered {
    uint64_t bits;
    int32_t number; /* -1: nothing here */
};
enum { REMEMBERED = 256 };

static int32_t number_of_fixed(struct lookup *lookup, struct remembered *cache, size_t width, int64_t row)
{
    uint64_t bits = 0;
    memcpy(&bits, lookup->column->values.bytes + (size_t)row * width, width);
    struct remembered *place = &cache[bits * 0x9E3779B97F4A7C15u >> 56];
    if (place->number < 0 || place->bits != bits) {
        place->number = number_of_row(lookup, row);
        place->bits = bits;
    }
    return place->number;
}

/* Codes of a dictionary: each entry's number is looked up once, when a row uses it. */
static int32_t number_of_code(struct lookup *lookup, int32_t *numbers, int64_t row)
{
    int32_t code;
    memcpy(&code, lookup->column->values.bytes + (size_t)row * sizeof code, sizeof code);
    if (numbers[code] < 0)
        numbers[code] = number_of_row(lookup, row);
    return numbers[code];
}

int weir_classes_of(struct weir_classes *classes, const struct weir_column *column, const struct weir_type *type,
                    const bool *wanted, const char *name, int most, int32_t *out, struct weir_error *error)
{
    struct lookup lookup = { .classes = classes, .column = column, .type = type };
    struct remembered cache[REMEMBERED];
    int32_t *numbers = NULL;
    int result = -1;
    size_t width = (size_t)weir_kind_width(type->kind);
    if (type->kind == WEIR_LIST || type->kind == WEIR_FIXED_LIST || type->kind == WEIR_STRUCT) {
        struct weir_buffer words = { 0 };
        weir_type_describe(type, &words);
        weir_fail(error, WEIR_BAD_DATA, "column '%s' (%s) has no single value a row", name,
                  words.bytes ? words.bytes : "");
        weir_buffer_release(&words);
        return -1;
    }
    if (type->kind == WEIR_DICTIONARY) {
        size_t entries = (size_t)column->children[0].rows;
        numbers = weir_allocate(entries, sizeof *numbers);
        if (!numbers)
            return weir_fail_memory(error);
        memset(numbers, 0xFF, entries * sizeof *numbers);
    }
    for (int i = 0; i < REMEMBERED; i++)
        cache[i].number = -1;
    for (int64_t row = 0; row < column->rows; row++) {
        if (!weir_valid(column, row) || (wanted && !wanted[row])) {
            out[row] = -1;
            continue;
        }
        out[row] = numbers ? number_of_code(&lookup, numbers, row)
                   : width ? number_of_fixed(&lookup, cache, width, row)
                           : number_of_row(&lookup, row);
        if (out[row] < 0) {
            weir_fail_memory(error);
            goto cleanup;
        }
        if (classes->count > most) {
            weir_fail(error, WEIR_BAD_DATA, "column '%s' has more than %d different values", name, most);
            goto cleanup;
        }
    }
    result = 0;
cleanup:
    free(numbers);
    weir_buffer_release(&lookup.text);
    return result;
}

struct sortable {
    char *name;
    size_t length;
    double value;
    int32_t old;
};

static int compare(const void *left, const void *right)
{
    const struct sortable *a = left, *b = right;
    if (a->value < b->value || a->value > b->value)
        return a->value < b->value ? -1 : 1;
    size_t shared = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->name, b->name, shared);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

int weir_classes_sort(struct weir_classes *classes, int from, bool numeric, int32_t *order)
{
    size_t count = (size_t)(classes->count - from);
    struct sortable *items = weir_allocate(count, sizeof *items);
    if (!items)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int32_t old = from + (int32_t)i;
        items[i] = (struct sortable){ classes->names[old], classes->lengths[old], 0, old };
        if (numeric &&
            (!weir_parse_double(items[i].name, items[i].length, &items[i].value) || items[i].value != items[i].value))
            items[i].value = 0;
    }
    qsort(items, count, sizeof *items, compare);
    for (int i = 0; i < from; i++)
        order[i] = i;
    for (size_t i = 0; i < count; i++) {
        int32_t new = from + (int32_t)i;
        order[items[i].old] = new;
        classes->names[new] = items[i].name;
        classes->lengths[new] = items[i].length;
    }
    free(items);
    return rebuild(classes, classes->mask + 1);
}

int weir_classes_read(struct weir_classes *classes, const char *json, struct weir_error *error)
{
    json_t *array = weir_json_parse(json, strlen(json), JSON_ALLOW_NUL, error), *item;
    size_t i;
    if (!array)
        return weir_fail_in(error, "the classes");
    if (!json_is_array(array)) {
        json_decref(array);
        return weir_fail(error, WEIR_BAD_DATA, "the classes are no JSON array of texts");
    }
    int result = 0;
    json_array_foreach(array, i, item)
    {
        int32_t number =
            json_is_string(item) ? weir_classes_add(classes, json_string_value(item), json_string_length(item)) : -1;
        if (number == (int32_t)i)
            continue;
        result = number < 0 && json_is_string(item)
                     ? weir_fail_memory(error)
                     : weir_fail(error, WEIR_BAD_DATA, "the classes are no JSON array of different texts");
        break;
    }
    json_decref(array);
    return result;
}
