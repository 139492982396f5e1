#include "base/bytes.h"
#include "stage/state.h"
#include "stage/wordvec_private.h"
#include "stream/utf8.h"

/* The state: "columns"; "width" and "count" of the vectors; "words", a blob of each word's length in two bytes and its
 * bytes; "vectors", a blob of floats; and where n-grams are kept "subwords" [from, to], "buckets", "grams", a blob of
 * their numbers in four bytes each, ascending, and "gram-vectors". */

/* ---- Out -------------------------------------------------------------------------------------------------------- */

/* Sets a new reference, which may be NULL: then it failed. */
static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *words_to_blob(const struct weir_word_vectors *vectors, struct weir_blobs *blobs)
{
    struct weir_buffer bytes = { 0 };
    for (size_t i = 0; i < vectors->words.count; i++) {
        size_t length;
        uint8_t head[2];
        const char *word = weir_word_of(vectors, i, &length);
        weir_store_u16(head, (uint16_t)length);
        weir_buffer_append(&bytes, head, sizeof head);
        weir_buffer_append(&bytes, word, length);
    }
    json_t *json = bytes.failed ? NULL : weir_blobs_add(blobs, bytes.bytes, bytes.size);
    weir_buffer_release(&bytes);
    return json;
}

static bool save_grams(const struct weir_word_vectors *vectors, json_t *json, struct weir_blobs *blobs)
{
    size_t count = vectors->gram_count;
    const struct weir_grams *grams = &vectors->grams;
    if (count == 0)
        return true;
    return set(json, "subwords", json_pack("[i, i]", grams->from, grams->to)) &&
           set(json, "buckets", json_integer(grams->buckets)) &&
           set(json, "grams", weir_blobs_add(blobs, vectors->gram_numbers, count * sizeof(uint32_t))) &&
           set(json, "gram-vectors",
               weir_blobs_add(blobs, vectors->gram_vectors, count * (size_t)vectors->width * sizeof(float)));
}

int weir_wordvec_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                      struct weir_error *error)
{
    const struct weir_wordvec *self = stage->state;
    const struct weir_word_vectors *vectors = &self->vectors;
    if (weir_text_columns_save(&self->columns, state, blobs, error) < 0)
        return -1;
    size_t numbers = vectors->words.count * (size_t)vectors->width;
    if (set(*state, "width", json_integer(vectors->width)) &&
        set(*state, "count", json_integer((json_int_t)vectors->words.count)) &&
        set(*state, "words", words_to_blob(vectors, blobs)) &&
        set(*state, "vectors", weir_blobs_add(blobs, vectors->vectors, numbers * sizeof(float))) &&
        save_grams(vectors, *state, blobs))
        return 0;
    json_decref(*state);
    *state = NULL;
    return weir_fail_memory(error);
}

/* ---- In --------------------------------------------------------------------------------------------------------- */

/* A blob of count * width numbers of four bytes as a copy. */
static int take_numbers(const json_t *state, const char *key, const struct weir_blobs *blobs, size_t count,
                        size_t width, void *out, struct weir_error *error)
{
    const struct weir_buffer *blob = weir_blobs_find(blobs, json_object_get(state, key), error);
    if (!blob)
        return weir_fail_in(error, "its '%s'", key);
    size_t size = count * width * sizeof(float);
    if (blob->size != size)
        return weir_fail(error, WEIR_BAD_DATA, "its '%s' have %zu bytes, not %zu", key, blob->size, size);
    void *numbers = weir_allocate(size, 1);
    if (!numbers)
        return weir_fail_memory(error);
    if (size > 0)
        memcpy(numbers, blob->bytes, size);
    *(void **)out = numbers;
    return 0;
}

static bool is_word(const char *word, size_t length)
{
    return length > 0 && length <= WEIR_WORD_BYTES && weir_is_utf8(word, length);
}

static int take_words(const json_t *state, const struct weir_blobs *blobs, size_t count,
                      struct weir_word_vectors *vectors, struct weir_error *error)
{
    const struct weir_buffer *blob = weir_blobs_find(blobs, json_object_get(state, "words"), error);
    if (!blob)
        return weir_fail_in(error, "its 'words'");
    if (weir_vocabulary_begin(&vectors->words, error) < 0)
        return -1;
    size_t at = 0;
    while (at + 2 <= blob->size) {
        size_t length = weir_load_u16(blob->bytes + at);
        at += 2;
        if (length > blob->size - at || !is_word(blob->bytes + at, length))
            break;
        if (weir_vocabulary_append(&vectors->words, blob->bytes + at, length, 1, 1, error) < 0)
            return -1;
        at += length;
    }
    if (at != blob->size || vectors->words.count != count)
        return weir_fail(error, WEIR_BAD_DATA, "its 'words' are not %zu different ones", count);
    return 0;
}

static int take_grams(const json_t *state, const struct weir_blobs *blobs, struct weir_word_vectors *vectors,
                      struct weir_error *error)
{
    const json_t *range = json_object_get(state, "subwords"), *from = json_array_get(range, 0),
                 *to = json_array_get(range, 1);
    if (!range)
        return 0;
    if (!json_is_integer(from) || !json_is_integer(to) || json_integer_value(from) < 1 ||
        json_integer_value(to) < json_integer_value(from) || json_integer_value(to) > WEIR_MOST_GRAM)
        return weir_fail(error, WEIR_BAD_DATA, "its 'subwords' are no range of lengths");
    int64_t buckets;
    const struct weir_buffer *blob = weir_blobs_find(blobs, json_object_get(state, "grams"), error);
    if (!blob)
        return weir_fail_in(error, "its 'grams'");
    if (weir_state_integer(state, "buckets", 1, WEIR_MOST_BUCKETS, &buckets, error) < 0)
        return -1;
    size_t count = blob->size / sizeof(uint32_t);
    if (take_numbers(state, "grams", blobs, count, 1, &vectors->gram_numbers, error) < 0 ||
        take_numbers(state, "gram-vectors", blobs, count, (size_t)vectors->width, &vectors->gram_vectors, error) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (vectors->gram_numbers[i] >= buckets || (i > 0 && vectors->gram_numbers[i] <= vectors->gram_numbers[i - 1]))
            return weir_fail(error, WEIR_BAD_DATA, "its 'grams' do not ascend below %lld", (long long)buckets);
    vectors->gram_count = count;
    vectors->grams =
        (struct weir_grams){ (int)json_integer_value(from), (int)json_integer_value(to), (uint32_t)buckets };
    return 0;
}

int weir_wordvec_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                         struct weir_error *error)
{
    struct weir_wordvec *self = stage->state;
    struct weir_word_vectors *vectors = &self->vectors;
    int64_t width, count;
    weir_word_vectors_release(vectors);
    if (weir_text_columns_restore(&self->columns, state, blobs, error) < 0 ||
        weir_state_integer(state, "width", 1, WEIR_VECTOR_WIDTH, &width, error) < 0 ||
        weir_state_integer(state, "count", 1, WEIR_MOST_TERMS, &count, error) < 0)
        return -1;
    vectors->width = (int)width;
    if (take_words(state, blobs, (size_t)count, vectors, error) < 0 ||
        take_numbers(state, "vectors", blobs, (size_t)count, (size_t)width, &vectors->vectors, error) < 0 ||
        take_grams(state, blobs, vectors, error) < 0)
        return -1;
    return weir_word_vectors_settle(vectors, error);
}
