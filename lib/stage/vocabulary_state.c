/* A vocabulary into a blob and back. */
#include "stage/blob.h"
#include "stage/vocabulary.h"
#include "stream/utf8.h"

static void put_number(struct weir_buffer *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        weir_buffer_byte(out, (uint8_t)(number | 0x80));
    weir_buffer_byte(out, (uint8_t)number);
}

/* The number at *at; false: it is cut, or longer than it must be, or above `most`. */
static bool get_number(const struct weir_buffer *in, size_t *at, uint64_t most, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; *at < in->size && shift < 63; shift += 7) {
        uint8_t byte = (uint8_t)in->bytes[(*at)++];
        *number |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return *number <= most && (byte > 0 || shift == 0);
    }
    return false;
}

static size_t shared_bytes(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t shared = 0;
    while (shared < a_size && shared < b_size && a[shared] == b[shared])
        shared++;
    return shared;
}

static void put_terms(const struct weir_vocabulary *vocabulary, const uint32_t *codes, size_t count,
                      struct weir_buffer *out)
{
    const char *before = "";
    size_t before_size = 0;
    for (size_t i = 0; i < count; i++) {
        const struct weir_vocabulary_term *term = &vocabulary->terms[codes[i]];
        if (i + WEIR_TERMS_AHEAD < count)
            __builtin_prefetch(&vocabulary->terms[codes[i + WEIR_TERMS_AHEAD]]);
        const char *bytes = weir_vocabulary_bytes(vocabulary, term);
        size_t shared = shared_bytes(before, before_size, bytes, term->size);
        put_number(out, shared);
        put_number(out, term->size - shared);
        weir_buffer_append(out, bytes + shared, term->size - shared);
        put_number(out, (uint64_t)term->documents);
        put_number(out, (uint64_t)term->occurrences);
        before = bytes;
        before_size = term->size;
    }
}

/* All terms in their order, as the kept ones are. */
static int put_all(const struct weir_vocabulary *vocabulary, struct weir_buffer *out, struct weir_error *error)
{
    struct weir_vocabulary copy = *vocabulary;
    static const struct weir_selection all = { .least = 0, .most = 1 };
    copy.kept = copy.place = NULL;
    int result = weir_vocabulary_select(&copy, &all, error);
    if (result == 0)
        put_terms(&copy, copy.kept, copy.kept_count, out);
    free(copy.kept);
    free(copy.place);
    return result;
}

json_t *weir_vocabulary_save(const struct weir_vocabulary *vocabulary, bool all, struct weir_blobs *blobs,
                             struct weir_error *error)
{
    struct weir_buffer out = { 0 };
    json_t *json = NULL;
    int result = 0;
    if (all)
        result = put_all(vocabulary, &out, error);
    else
        put_terms(vocabulary, vocabulary->kept, vocabulary->kept_count, &out);
    if (result == 0)
        result = weir_buffer_check(&out, error);
    if (result == 0 && out.size > WEIR_MOST_VOCABULARY)
        result = weir_fail(error, WEIR_BAD_DATA,
                           "the vocabulary of %zu terms is %zu bytes, and a plan holds %d: raise --min-documents, or "
                           "set --max-features",
                           vocabulary->kept_count, out.size, WEIR_MOST_VOCABULARY);
    if (result == 0) {
        json = weir_blobs_add(blobs, out.bytes, out.size);
        if (!json)
            weir_fail_memory(error);
    }
    weir_buffer_release(&out);
    return json;
}

/* One term behind the one that stands in `term`, which must be smaller. */
static bool get_term(const struct weir_buffer *in, size_t *at, struct weir_buffer *term, bool first)
{
    uint64_t shared, rest;
    if (!get_number(in, at, term->size, &shared) || !get_number(in, at, in->size - *at, &rest))
        return false;
    if (in->size - *at < rest)
        return false;
    const char *bytes = in->bytes + *at;
    bool follows = first || shared == term->size ? first || rest > 0
                                                 : rest > 0 && (uint8_t)bytes[0] > (uint8_t)term->bytes[shared];
    if (!follows)
        return false;
    term->size = shared;
    weir_buffer_append(term, bytes, rest);
    *at += rest;
    return true;
}

/* How many terms there are, as far as the lengths of their pieces can be followed. */
static size_t count_terms(const struct weir_buffer *in)
{
    size_t count = 0;
    uint64_t number, rest;
    for (size_t at = 0; at < in->size; count++) {
        if (!get_number(in, &at, INT64_MAX, &number) || !get_number(in, &at, in->size - at, &rest))
            break;
        at += rest;
        if (!get_number(in, &at, INT64_MAX, &number) || !get_number(in, &at, INT64_MAX, &number))
            break;
    }
    return count;
}

static int get_terms(struct weir_vocabulary *vocabulary, const struct weir_buffer *in, struct weir_error *error)
{
    struct weir_buffer term = { 0 };
    int result = 0;
    for (size_t at = 0; result == 0 && at < in->size;) {
        uint64_t documents, occurrences;
        bool first = vocabulary->count == 0;
        if (!get_term(in, &at, &term, first) || !get_number(in, &at, (uint64_t)vocabulary->documents, &documents) ||
            !get_number(in, &at, INT64_MAX / 2, &occurrences) || documents < 1 || occurrences < documents)
            result = weir_fail(error, WEIR_BAD_DATA, "term %zu of its vocabulary is none", vocabulary->count);
        else if (term.failed)
            result = weir_fail_memory(error);
        else if (!weir_is_utf8(term.bytes ? term.bytes : "", term.size))
            result = weir_fail(error, WEIR_BAD_DATA, "term %zu of its vocabulary is no UTF-8", vocabulary->count);
        else
            result = weir_vocabulary_append_new(vocabulary, term.bytes ? term.bytes : "", term.size, (int64_t)documents,
                                                (int64_t)occurrences, error);
    }
    weir_buffer_release(&term);
    return result;
}

int weir_vocabulary_restore(struct weir_vocabulary *vocabulary, const json_t *json, const struct weir_blobs *blobs,
                            int64_t documents, const struct weir_selection *selection, struct weir_error *error)
{
    const struct weir_buffer *blob = weir_blobs_find(blobs, json, error);
    if (!blob || weir_vocabulary_begin(vocabulary, error) < 0)
        return -1;
    vocabulary->documents = documents;
    if (weir_vocabulary_reserve(vocabulary, count_terms(blob), error) < 0 || get_terms(vocabulary, blob, error) < 0 ||
        weir_vocabulary_index(vocabulary, error) < 0)
        return -1;
    return selection ? weir_vocabulary_select(vocabulary, selection, error)
                     : weir_vocabulary_keep_all(vocabulary, error);
}
