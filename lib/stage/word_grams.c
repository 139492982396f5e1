#include "base/utf8.h"
#include "stage/word_vectors.h"

int weir_grams_of(const struct weir_grams *grams, const char *word, size_t length, struct weir_gram_list *list)
{
    list->count = 0;
    if (grams->to == 0)
        return 0;
    weir_buffer_clear(&list->word);
    weir_buffer_byte(&list->word, '<');
    weir_buffer_append(&list->word, word, length);
    weir_buffer_byte(&list->word, '>');
    if (list->word.failed ||
        weir_grow((void **)&list->numbers, &list->capacity, list->word.size * (size_t)(grams->to - grams->from + 1),
                  sizeof *list->numbers) < 0)
        return -1;
    const char *text = list->word.bytes;
    size_t end = list->word.size;
    for (size_t i = 0; i < end; i++) {
        if (weir_utf8_continues((uint8_t)text[i]))
            continue;
        uint32_t hash = 2166136261u;
        size_t j = i;
        for (int n = 1; n <= grams->to && j < end; n++) {
            do
                hash = (hash ^ (uint32_t)(int8_t)text[j++]) * 16777619u;
            while (j < end && weir_utf8_continues((uint8_t)text[j]));
            bool mark = n == 1 && (i == 0 || j == end);
            if (n >= grams->from && !mark)
                list->numbers[list->count++] = hash % grams->buckets;
        }
    }
    return 0;
}

void weir_gram_list_release(struct weir_gram_list *list)
{
    free(list->numbers);
    weir_buffer_release(&list->word);
    *list = (struct weir_gram_list){ 0 };
}
