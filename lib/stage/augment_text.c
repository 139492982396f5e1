/* Words are what white space separates, which stays as it is between them; and where a script has none, what
 * dictionaries find. */
#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "stage/augment_private.h"
#include "stage/words.h"
#include <stdlib.h>

struct weir_augment_word {
    const char *bytes, *gap; /* gap: the white space before it */
    size_t length, space;
};

bool weir_augment_changes_texts(const struct weir_augment_options *o)
{
    return o->swap > 0 || o->drop_words > 0 || o->typo > 0;
}

void weir_augment_words_release(struct weir_augment_words *words)
{
    free(words->items);
    weir_splitter_free(words->splitter);
    weir_words_free(words->rules);
    weir_buffer_release(&words->text);
    *words = (struct weir_augment_words){ 0 };
}

/* Bytes until a character that is white space (or is not), or until the end. */
static size_t run_of(const char *text, size_t length, bool space)
{
    size_t at = 0, size;
    while (at < length && weir_is_white_space(weir_utf8_next(text + at, &size)) == space)
        at += size;
    return at;
}

static int add_word(struct weir_augment_words *words, const struct weir_augment_word *word, struct weir_error *error)
{
    void *items = words->items;
    if (weir_grow(&items, &words->capacity, words->count + 1, sizeof *words->items) < 0)
        return weir_fail_memory(error);
    words->items = items;
    words->items[words->count++] = *word;
    return 0;
}

static int make_splitter(struct weir_augment_words *words, struct weir_error *error)
{
    json_t *options = words->rules ? NULL : json_pack("{s: s}", "words", "icu");
    if (!words->rules && (!options || weir_words_new(&words->rules, options, error) < 0)) {
        json_decref(options);
        return options ? -1 : weir_fail_memory(error);
    }
    json_decref(options);
    return words->splitter ? 0 : weir_splitter_new(&words->splitter, words->rules, error);
}

/* What stands between white space: a word, or those of a script without spaces. */
static int add_run(struct weir_augment_words *words, const struct weir_augment_word *run, struct weir_error *error)
{
    struct weir_terms pieces;
    if (make_splitter(words, error) < 0 ||
        weir_splitter_cut(words->splitter, run->bytes, run->length, &pieces, error) < 0)
        return -1;
    for (size_t i = 0; i < pieces.count; i++) {
        struct weir_augment_word word = { run->bytes + pieces.items[i].at, run->gap, pieces.items[i].size,
                                          i == 0 ? run->space : 0 };
        if (add_word(words, &word, error) < 0)
            return -1;
    }
    return pieces.count > 0 ? 0 : add_word(words, run, error);
}

/* The words; *rest is the white space behind the last. cut: also where a script has no spaces. */
static int find_words(struct weir_augment_words *words, const char *text, size_t length, bool cut, size_t *rest,
                      struct weir_error *error)
{
    words->count = 0;
    for (;;) {
        size_t space = run_of(text, length, true);
        *rest = space;
        if (space == length)
            return 0;
        struct weir_augment_word run = { text + space, text, run_of(text + space, length - space, false), space };
        if (cut ? add_run(words, &run, error) < 0 : add_word(words, &run, error) < 0)
            return -1;
        text += space + run.length;
        length -= space + run.length;
    }
}

static void swap_words(struct weir_augment_words *words, double probability, struct weir_random *random)
{
    for (size_t i = 0; i + 1 < words->count; i++) {
        if (weir_random_uniform(random) >= probability)
            continue;
        struct weir_augment_word *a = &words->items[i], *b = a + 1, first = *a;
        a->bytes = b->bytes;
        a->length = b->length;
        b->bytes = first.bytes;
        b->length = first.length;
        i++; /* a word moves by one place */
    }
}

/* One word stays; what stood before the first stands before the first that is left. */
static void drop_words(struct weir_augment_words *words, double probability, struct weir_random *random)
{
    size_t kept = 0, last = words->count > 0 ? weir_random_below(random, words->count) : 0;
    if (words->count == 0)
        return;
    struct weir_augment_word first = words->items[0], stays = words->items[last];
    for (size_t i = 0; i < words->count; i++)
        if (weir_random_uniform(random) >= probability)
            words->items[kept++] = words->items[i];
    if (kept == 0)
        words->items[kept++] = stays;
    words->items[0].gap = first.gap;
    words->items[0].space = first.space;
    words->count = kept;
}

/* A character of the text, any that is no white space. */
static size_t any_character(const struct weir_augment_words *words, struct weir_random *random, const char **bytes)
{
    const struct weir_augment_word *word = &words->items[weir_random_below(random, words->count)];
    size_t at = weir_random_below(random, word->length), size;
    while (weir_utf8_continues((uint8_t)word->bytes[at]))
        at--;
    weir_utf8_next(word->bytes + at, &size);
    *bytes = word->bytes + at;
    return size;
}

/* A character is exchanged with the next of its word, left out (unless nothing of the word would be left), doubled, or
 * replaced by another of the text. */
static void mistype(struct weir_augment_words *words, const struct weir_augment_word *word, double probability,
                    struct weir_random *random)
{
    struct weir_buffer *out = &words->text;
    size_t size, next, begin = out->size;
    for (size_t at = 0; at < word->length; at += size) {
        const char *bytes = word->bytes + at;
        weir_utf8_next(bytes, &size);
        if (weir_random_uniform(random) >= probability) {
            weir_buffer_append(out, bytes, size);
            continue;
        }
        switch (weir_random_below(random, 4)) {
        case 0:
            next = 0;
            if (at + size < word->length)
                weir_utf8_next(bytes + size, &next);
            weir_buffer_append(out, bytes + size, next);
            weir_buffer_append(out, bytes, size);
            size += next;
            break;
        case 1:
            if (at + size == word->length && out->size == begin)
                weir_buffer_append(out, bytes, size);
            break;
        case 2:
            weir_buffer_append(out, bytes, size);
            weir_buffer_append(out, bytes, size);
            break;
        default:
            next = any_character(words, random, &bytes);
            weir_buffer_append(out, bytes, next);
        }
    }
}

int weir_augment_text(const struct weir_augment_options *options, const char *text, size_t length,
                      struct weir_random *random, struct weir_augment_words *words, struct weir_error *error)
{
    size_t rest;
    if (find_words(words, text, length, options->swap > 0 || options->drop_words > 0, &rest, error) < 0)
        return -1;
    if (options->swap > 0)
        swap_words(words, options->swap, random);
    if (options->drop_words > 0)
        drop_words(words, options->drop_words, random);
    weir_buffer_clear(&words->text);
    for (size_t i = 0; i < words->count; i++) {
        const struct weir_augment_word *word = &words->items[i];
        weir_buffer_append(&words->text, word->gap, word->space);
        if (options->typo > 0)
            mistype(words, word, options->typo, random);
        else
            weir_buffer_append(&words->text, word->bytes, word->length);
    }
    weir_buffer_append(&words->text, text + length - rest, rest);
    return words->text.failed ? weir_fail_memory(error) : 0;
}
