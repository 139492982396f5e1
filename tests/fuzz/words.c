/* Terms of texts, and vocabularies: the first byte chooses the rule and its options, the rest is the text, without what
 * is no UTF-8. Terms are whole characters within what holds them, long enough, and no stop words; what is behind a text
 * of ASCII and is no word changes none of them. With the first byte 0xFF the rest is a vocabulary: what can be restored
 * is saved as it was, and each of its terms found. */
#include "stage/words.h"
#include "stage/vocabulary.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const choices[] = {
    "{}",
    "{\"words\": \"plain\"}",
    "{\"words\": \"icu\"}",
    "{\"keep-case\": true, \"min-length\": 1}",
    "{\"stop-words\": \"english\", \"ngrams\": \"1-3\"}",
    "{\"stem\": \"english\"}",
    "{\"stop-words\": [\"a\", \"\\u00e9t\\u00e9\"], \"min-length\": 1, \"ngrams\": \"2\"}",
    "{\"stem\": \"arabic\", \"ngrams\": \"2-3\"}",
};
enum { CHOICES = sizeof choices / sizeof *choices, ASCII_CHOICES = 2 };

static struct weir_words *make_words(size_t choice)
{
    struct weir_words *words = NULL;
    json_t *options = json_loads(choices[choice], 0, NULL);
    if (weir_words_new(&words, options, NULL) < 0)
        abort();
    json_decref(options);
    return words;
}

/* The terms, a line each. */
static void split(struct weir_splitter *splitter, const char *text, size_t length, struct weir_buffer *out)
{
    struct weir_terms terms;
    if (weir_splitter_split(splitter, text, length, &terms, NULL) < 0)
        abort();
    for (size_t i = 0; i < terms.count; i++) {
        const struct weir_term *term = &terms.items[i];
        if (term->size == 0 || !weir_is_utf8(terms.bytes + term->at, term->size))
            abort();
        weir_buffer_append(out, terms.bytes + term->at, term->size);
        weir_buffer_byte(out, '\n');
    }
}

static void test_text(size_t choice, const uint8_t *data, size_t size)
{
    size_t length;
    char *text = make_text(data, size, &length);
    struct weir_words *words = make_words(choice);
    struct weir_splitter *splitter = NULL;
    struct weir_buffer once = { 0 }, again = { 0 }, longer = { 0 }, behind = { 0 };
    if (weir_splitter_new(&splitter, words, NULL) < 0)
        abort();
    split(splitter, text, length, &once);
    split(splitter, text, length, &again);
    if (once.size != again.size || (once.size > 0 && memcmp(once.bytes, again.bytes, once.size) != 0))
        abort();
    if (choice < ASCII_CHOICES && weir_is_ascii(text, length)) { /* the other way through the same characters */
        weir_buffer_append(&longer, text, length);
        weir_buffer_string(&longer, " \xE2\x82\xAC");
        split(splitter, longer.bytes, longer.size, &behind);
        if (once.size != behind.size || (once.size > 0 && memcmp(once.bytes, behind.bytes, once.size) != 0))
            abort();
    }
    weir_buffer_release(&once);
    weir_buffer_release(&again);
    weir_buffer_release(&longer);
    weir_buffer_release(&behind);
    weir_splitter_free(splitter);
    weir_words_free(words);
    free(text);
}

static void test_vocabulary(const uint8_t *data, size_t size)
{
    struct weir_vocabulary vocabulary = { 0 };
    struct weir_blobs blobs = { 0 };
    json_t *json = weir_blobs_add(&blobs, data, size);
    if (!json)
        abort();
    if (weir_vocabulary_restore(&vocabulary, json, &blobs, 1 << 20, NULL, NULL) == 0) {
        json_t *saved = weir_vocabulary_save(&vocabulary, false, &blobs, NULL);
        if (!saved || blobs.items[1].size != size || memcmp(blobs.items[1].bytes, data, size) != 0)
            abort();
        json_decref(saved);
        for (size_t i = 0; i < vocabulary.kept_count; i++) {
            size_t length;
            const char *term = weir_vocabulary_term(&vocabulary, i, &length);
            uint32_t place;
            struct weir_terms terms = { term, &(struct weir_term){ 0, length }, 1 };
            weir_vocabulary_find(&vocabulary, &terms, &place);
            if (place != i)
                abort();
        }
    }
    json_decref(json);
    weir_blobs_release(&blobs);
    weir_vocabulary_release(&vocabulary);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] == 0xFF)
        test_vocabulary(data + 1, size - 1);
    else
        test_text(data[0] % CHOICES, data + 1, size - 1);
    return 0;
}
