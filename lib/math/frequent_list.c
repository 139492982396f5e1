#include "math/frequent_private.h"
#include <stdlib.h>
#include <string.h>

enum { LIST = WEIR_FREQUENT_LIST };

void weir_frequent_list_release(struct weir_frequent_list *list)
{
    free(list->bytes);
    *list = (struct weir_frequent_list){ .count = 0 };
}

static int by_value(const struct weir_frequent_item *x, const struct weir_frequent_item *y)
{
    if (!x->text || !y->text)
        return (x->key > y->key) - (x->key < y->key);
    int order = memcmp(x->text, y->text, x->size < y->size ? x->size : y->size);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static int by_count(const void *a, const void *b)
{
    const struct weir_frequent_item *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) - (x->count > y->count) : by_value(x, y);
}

int weir_frequent_list_settle(struct weir_frequent_list *list)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < list->count; i++)
        size += list->items[i].size;
    char *bytes = weir_allocate(size, 1);
    if (!bytes)
        return -1;
    for (size_t i = 0; i < list->count; i++) {
        struct weir_frequent_item *item = &list->items[i];
        if (!item->text)
            continue;
        memcpy(bytes + at, item->text, item->size);
        item->text = bytes + at;
        at += item->size;
    }
    free(list->bytes);
    list->bytes = bytes;
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, by_count);
    return 0;
}

int weir_frequent_list_take(struct weir_frequent_list *list, const struct weir_frequent *frequent, int64_t least)
{
    struct weir_frequent_item all[WEIR_FREQUENT_COUNTERS];
    size_t count = 0;
    int64_t next = 0;
    *list = (struct weir_frequent_list){ .slack = frequent->slack, .longer = frequent->longer };
    for (uint32_t i = 0; i < frequent->slots; i++) {
        struct weir_frequent_item item = { .key = frequent->keys[i], .count = frequent->counts[i] };
        if (item.count == 0)
            continue;
        if (frequent->texts)
            item.text = weir_frequent_text_at(frequent, frequent->texts[i], &item.size);
        if (item.count >= least)
            all[count++] = item;
        else if (item.count > next)
            next = item.count;
    }
    if (count)
        qsort(all, count, sizeof *all, by_count);
    if (count > LIST && all[LIST].count > next)
        next = all[LIST].count;
    list->count = count < LIST ? count : LIST;
    if (list->count)
        memcpy(list->items, all, list->count * sizeof *all);
    list->rest = list->slack + next;
    return weir_frequent_list_settle(list);
}

static bool is_in(const struct weir_frequent_list *list, const struct weir_frequent_item *item)
{
    for (size_t i = 0; i < list->count; i++)
        if (by_value(&list->items[i], item) == 0)
            return true;
    return false;
}

int weir_frequent_list_merge(struct weir_frequent_list *into, const struct weir_frequent_list *from)
{
    struct weir_frequent_item all[2 * LIST];
    size_t count = into->count;
    int64_t rest = into->rest + from->rest, slack = 0;
    if (count)
        memcpy(all, into->items, count * sizeof *all);
    for (size_t i = 0; i < from->count; i++) {
        size_t at = 0;
        while (at < into->count && by_value(&all[at], &from->items[i]) != 0)
            at++;
        if (at < into->count)
            all[at].count += from->items[i].count;
        else
            all[count++] = from->items[i];
    }
    if (count)
        qsort(all, count, sizeof *all, by_count);
    for (size_t i = 0; i < count; i++) { /* one of a list is low by its slack at most, any other by its rest */
        int64_t low =
            (is_in(into, &all[i]) ? into->slack : into->rest) + (is_in(from, &all[i]) ? from->slack : from->rest);
        if (i < LIST)
            slack = low > slack ? low : slack;
        else if (all[i].count + low > rest)
            rest = all[i].count + low;
    }
    into->count = count < LIST ? count : LIST;
    if (into->count)
        memcpy(into->items, all, into->count * sizeof *all);
    into->slack = slack;
    into->rest = rest;
    into->longer += from->longer;
    return weir_frequent_list_settle(into);
}
