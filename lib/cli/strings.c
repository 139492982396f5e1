#include "base/memory.h"
#include "cli/options.h"
#include <stdlib.h>
#include <string.h>

int weir_strings_add(struct weir_strings *strings, const char *text, size_t length)
{
    void *items = strings->items;
    if (weir_grow(&items, &strings->capacity, strings->count + 1, sizeof *strings->items) < 0)
        return -1;
    strings->items = items;
    char *copy = weir_duplicate_bytes(text, length);
    if (!copy)
        return -1;
    strings->items[strings->count++] = copy;
    return 0;
}

bool weir_strings_contain(const struct weir_strings *strings, const char *text)
{
    for (size_t i = 0; i < strings->count; i++)
        if (strcmp(strings->items[i], text) == 0)
            return true;
    return false;
}

void weir_strings_release(struct weir_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->items[i]);
    free(strings->items);
    *strings = (struct weir_strings){ 0 };
}
