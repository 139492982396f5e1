#include "model/intern.h"
#include "base/hash.h"
#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

const char *weir_intern_text(const struct weir_intern *intern, size_t number, size_t *length)
{
    size_t begin = number ? intern->ends[number - 1] : 0;
    *length = intern->ends[number] - begin;
    return intern->text.bytes ? intern->text.bytes + begin : "";
}

void weir_intern_release(struct weir_intern *intern)
{
    weir_buffer_release(&intern->text);
    free(intern->ends);
    free(intern->table);
    *intern = (struct weir_intern){ 0 };
}

/* Where the text stands in the table, or the free place where it belongs. */
static size_t place(const struct weir_intern *intern, const char *text, size_t length)
{
    size_t mask = intern->table_size - 1;
    size_t i = (size_t)weir_hash(text, length, 0) & mask;
    for (; intern->table[i]; i = (i + 1) & mask) {
        size_t known;
        const char *other = weir_intern_text(intern, intern->table[i] - 1, &known);
        if (known == length && memcmp(other, text, length) == 0)
            break;
    }
    return i;
}

static int grow(struct weir_intern *intern)
{
    size_t size = intern->table_size ? intern->table_size * 2 : 64;
    uint32_t *table = weir_allocate_zero(size, sizeof *table);
    if (!table)
        return -1;
    free(intern->table);
    intern->table = table;
    intern->table_size = size;
    for (size_t i = 0; i < intern->count; i++) {
        size_t length;
        const char *text = weir_intern_text(intern, i, &length);
        intern->table[place(intern, text, length)] = (uint32_t)i + 1;
    }
    return 0;
}

int32_t weir_intern_add(struct weir_intern *intern, const char *text, size_t length)
{
    if (intern->count * 2 >= intern->table_size && grow(intern))
        return -1;
    size_t i = place(intern, text, length);
    if (intern->table[i])
        return (int32_t)(intern->table[i] - 1);
    if (intern->count >= INT32_MAX - 1 ||
        weir_grow((void **)&intern->ends, &intern->ends_capacity, intern->count + 1, sizeof *intern->ends))
        return -1;
    weir_buffer_append(&intern->text, text, length);
    if (intern->text.failed)
        return -1;
    intern->ends[intern->count] = intern->text.size;
    intern->table[i] = (uint32_t)++intern->count;
    return (int32_t)intern->count - 1;
}

int weir_intern_entries(struct weir_intern *intern, const struct weir_column *entries, int32_t **codes,
                        size_t *capacity)
{
    if (weir_grow((void **)codes, capacity, (size_t)entries->rows, sizeof **codes))
        return -1;
    for (int64_t i = 0; i < entries->rows; i++) {
        size_t length;
        (*codes)[i] = -1;
        if (!weir_valid(entries, i))
            continue;
        const char *text = weir_text(entries, i, &length);
        if (((*codes)[i] = weir_intern_add(intern, text, length)) < 0)
            return -1;
    }
    return 0;
}

int32_t weir_intern_find(const struct weir_intern *intern, const char *text, size_t length)
{
    return intern->table_size ? (int32_t)intern->table[place(intern, text, length)] - 1 : -1;
}
