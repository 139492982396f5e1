#include "stage/vocabulary.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"

enum { FIRST_SLOTS = 1024 };
#define HASH_BITS UINT64_C(0xFFFFFFFF00000000)
#define CODE_BITS UINT64_C(0x00000000FFFFFFFF)

void weir_vocabulary_release(struct weir_vocabulary *vocabulary)
{
    free(vocabulary->terms);
    free(vocabulary->bytes);
    free(vocabulary->slots);
    free(vocabulary->kept);
    free(vocabulary->place);
    *vocabulary = (struct weir_vocabulary){ 0 };
}

static int widen(struct weir_vocabulary *vocabulary, struct weir_error *error)
{
    size_t slots = vocabulary->slots ? (vocabulary->mask + 1) * 2 : FIRST_SLOTS;
    uint64_t *wider = weir_allocate_zero(slots, sizeof *wider);
    if (!wider)
        return weir_fail_memory(error);
    for (size_t i = 0; vocabulary->slots && i <= vocabulary->mask; i++) {
        uint64_t slot = vocabulary->slots[i];
        size_t at = slot >> 32 & (slots - 1);
        if (!slot)
            continue;
        while (wider[at])
            at = (at + 1) & (slots - 1);
        wider[at] = slot;
    }
    free(vocabulary->slots);
    vocabulary->slots = wider;
    vocabulary->mask = slots - 1;
    return 0;
}

int weir_vocabulary_begin(struct weir_vocabulary *vocabulary, struct weir_error *error)
{
    weir_vocabulary_release(vocabulary);
    if (weir_random_secret(vocabulary->secret, sizeof vocabulary->secret, error) < 0)
        return -1;
    return widen(vocabulary, error);
}

static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 uint128;
    uint128 product = (uint128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The first bytes of a term of at most eight as a number. Eight can be read. */
static uint64_t load_short(const char *bytes, size_t size)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return size ? weir_load_u64(&word) << (64 - 8 * size) : 0;
}

/* The upper half, which is what is kept of it, as bits 32 and above. Short terms, which most are, are two products.
 * Eight bytes can be read, however short the term is. */
static uint64_t hash_of(const struct weir_vocabulary *vocabulary, const char *bytes, size_t size)
{
    uint64_t first, last = 0;
    if (size > 16)
        return weir_hash(bytes, size, vocabulary->secret[0]) & HASH_BITS;
    if (size > 8) {
        memcpy(&first, bytes, 8);
        memcpy(&last, bytes + size - 8, 8);
    } else {
        first = load_short(bytes, size);
    }
    first ^= vocabulary->secret[0];
    last ^= vocabulary->secret[1] + size;
    return fold(fold(first, last) ^ vocabulary->secret[1], first ^ UINT64_C(0x9E3779B97F4A7C15)) & HASH_BITS;
}

static bool same_bytes(const char *a, const char *b, size_t size)
{
    uint64_t x, y, z, w;
    if (size <= 8)
        return load_short(a, size) == load_short(b, size);
    if (size > 16)
        return memcmp(a, b, size) == 0;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    memcpy(&z, a + size - 8, 8);
    memcpy(&w, b + size - 8, 8);
    return ((x ^ y) | (z ^ w)) == 0;
}

/* The slot that holds the term, or the free one where it belongs. */
static size_t find_slot(const struct weir_vocabulary *vocabulary, uint64_t hash, const char *bytes, size_t size)
{
    size_t at = hash >> 32 & vocabulary->mask;
    for (;; at = (at + 1) & vocabulary->mask) {
        uint64_t slot = vocabulary->slots[at];
        if (!slot)
            return at;
        if ((slot & HASH_BITS) != hash)
            continue;
        const struct weir_vocabulary_term *term = &vocabulary->terms[(slot & CODE_BITS) - 1];
        if (term->size == size && same_bytes(weir_vocabulary_bytes(vocabulary, term), bytes, size))
            return at;
    }
}

/* One more term, which has no slot yet. */
static int append_term(struct weir_vocabulary *vocabulary, const char *bytes, size_t size, struct weir_error *error)
{
    size_t more = size > WEIR_TERM_HEAD ? size : 0;
    if (vocabulary->count == WEIR_MOST_TERMS || more > WEIR_MOST_TERM_BYTES - vocabulary->size)
        return weir_fail(error, WEIR_BAD_DATA,
                         "more than %d different terms, or %d bytes of long ones: shorter --ngrams, --stem or "
                         "--stop-words make fewer, and features --method hash keeps none",
                         WEIR_MOST_TERMS, WEIR_MOST_TERM_BYTES);
    if (weir_grow((void **)&vocabulary->bytes, &vocabulary->bytes_capacity, vocabulary->size + more, 1) < 0 ||
        weir_grow((void **)&vocabulary->terms, &vocabulary->capacity, vocabulary->count + 1,
                  sizeof *vocabulary->terms) < 0)
        return weir_fail_memory(error);
    struct weir_vocabulary_term *term = &vocabulary->terms[vocabulary->count++];
    *term = (struct weir_vocabulary_term){ .at = (uint32_t)vocabulary->size, .size = (uint32_t)size };
    if (size > 0)
        memcpy(more ? vocabulary->bytes + vocabulary->size : term->head, bytes, size);
    vocabulary->size += more;
    return 0;
}

static int64_t add(struct weir_vocabulary *vocabulary, uint64_t hash, size_t slot, const char *bytes, size_t size,
                   struct weir_error *error)
{
    if (append_term(vocabulary, bytes, size, error) < 0)
        return -1;
    vocabulary->slots[slot] = hash | vocabulary->count;
    if (vocabulary->count * 2 > vocabulary->mask && widen(vocabulary, error) < 0)
        return -1;
    return (int64_t)vocabulary->count - 1;
}

static int64_t intern(struct weir_vocabulary *vocabulary, uint64_t hash, const char *bytes, size_t size,
                      struct weir_error *error)
{
    size_t at = find_slot(vocabulary, hash, bytes, size);
    if (vocabulary->slots[at])
        return (int64_t)(vocabulary->slots[at] & CODE_BITS) - 1;
    return add(vocabulary, hash, at, bytes, size, error);
}

/* ---- The terms of a document: what each will look at is asked for before the first is looked for -------------------
 */

enum { AHEAD = 32 };

static void look_ahead(const struct weir_vocabulary *vocabulary, const struct weir_terms *terms, size_t first,
                       size_t count, uint64_t hashes[AHEAD])
{
    for (size_t i = 0; i < count; i++) {
        const struct weir_term *term = &terms->items[first + i];
        hashes[i] = hash_of(vocabulary, terms->bytes + term->at, term->size);
        __builtin_prefetch(&vocabulary->slots[hashes[i] >> 32 & vocabulary->mask]);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t slot = vocabulary->slots[hashes[i] >> 32 & vocabulary->mask];
        if (slot)
            __builtin_prefetch(&vocabulary->terms[(slot & CODE_BITS) - 1]);
    }
}

int weir_vocabulary_count(struct weir_vocabulary *vocabulary, const struct weir_terms *terms, uint32_t *codes,
                          struct weir_error *error)
{
    uint64_t hashes[AHEAD];
    for (size_t first = 0; first < terms->count; first += AHEAD) {
        size_t count = terms->count - first < AHEAD ? terms->count - first : AHEAD;
        look_ahead(vocabulary, terms, first, count, hashes);
        for (size_t i = 0; i < count; i++) {
            const struct weir_term *term = &terms->items[first + i];
            int64_t code = intern(vocabulary, hashes[i], terms->bytes + term->at, term->size, error);
            if (code < 0)
                return -1;
            struct weir_vocabulary_term *counted = &vocabulary->terms[code];
            counted->documents += counted->last != vocabulary->documents;
            counted->last = vocabulary->documents;
            counted->occurrences++;
            if (codes)
                codes[first + i] = (uint32_t)code;
        }
    }
    return 0;
}

void weir_vocabulary_find(const struct weir_vocabulary *vocabulary, const struct weir_terms *terms, uint32_t *places)
{
    uint64_t hashes[AHEAD];
    for (size_t first = 0; first < terms->count; first += AHEAD) {
        size_t count = terms->count - first < AHEAD ? terms->count - first : AHEAD;
        look_ahead(vocabulary, terms, first, count, hashes);
        for (size_t i = 0; i < count; i++) {
            const struct weir_term *term = &terms->items[first + i];
            size_t at = find_slot(vocabulary, hashes[i], terms->bytes + term->at, term->size);
            uint64_t slot = vocabulary->slots[at];
            places[first + i] = slot ? vocabulary->place[(slot & CODE_BITS) - 1] : WEIR_NO_TERM;
        }
    }
}

/* The term where eight bytes can be read, however short it is. */
static const char *readable(const char *bytes, size_t size, char head[8])
{
    if (size >= 8)
        return bytes;
    memset(head, 0, 8);
    if (size > 0)
        memcpy(head, bytes, size);
    return head;
}

uint32_t weir_vocabulary_code(const struct weir_vocabulary *vocabulary, const char *bytes, size_t size)
{
    char head[8];
    bytes = readable(bytes, size, head);
    size_t at = find_slot(vocabulary, hash_of(vocabulary, bytes, size), bytes, size);
    return vocabulary->slots[at] ? (uint32_t)(vocabulary->slots[at] & CODE_BITS) - 1 : WEIR_NO_TERM;
}

int weir_vocabulary_append(struct weir_vocabulary *vocabulary, const char *bytes, size_t size, int64_t documents,
                           int64_t occurrences, struct weir_error *error)
{
    char head[8];
    bytes = readable(bytes, size, head);
    int64_t code = intern(vocabulary, hash_of(vocabulary, bytes, size), bytes, size, error);
    if (code < 0)
        return -1;
    struct weir_vocabulary_term *term = &vocabulary->terms[code];
    if (__builtin_add_overflow(term->documents, documents, &term->documents) ||
        __builtin_add_overflow(term->occurrences, occurrences, &term->occurrences))
        return weir_fail(error, WEIR_BAD_DATA, "more occurrences of a term than can be counted");
    return 0;
}

int weir_vocabulary_reserve(struct weir_vocabulary *vocabulary, size_t count, struct weir_error *error)
{
    if (weir_grow((void **)&vocabulary->terms, &vocabulary->capacity, count, sizeof *vocabulary->terms) < 0)
        return weir_fail_memory(error);
    return 0;
}

int weir_vocabulary_append_new(struct weir_vocabulary *vocabulary, const char *bytes, size_t size, int64_t documents,
                               int64_t occurrences, struct weir_error *error)
{
    if (append_term(vocabulary, bytes, size, error) < 0)
        return -1;
    struct weir_vocabulary_term *term = &vocabulary->terms[vocabulary->count - 1];
    term->documents = documents;
    term->occurrences = occurrences;
    return 0;
}

int weir_vocabulary_index(struct weir_vocabulary *vocabulary, struct weir_error *error)
{
    size_t count = vocabulary->count, slots = FIRST_SLOTS;
    while (count * 2 > slots - 1)
        slots *= 2;
    uint64_t *made = weir_allocate_zero(slots, sizeof *made), hashes[AHEAD];
    if (!made)
        return weir_fail_memory(error);
    for (size_t first = 0; first < count; first += AHEAD) {
        size_t some = count - first < AHEAD ? count - first : AHEAD;
        for (size_t i = 0; i < some; i++) {
            const struct weir_vocabulary_term *term = &vocabulary->terms[first + i];
            hashes[i] = hash_of(vocabulary, weir_vocabulary_bytes(vocabulary, term), term->size);
            __builtin_prefetch(&made[hashes[i] >> 32 & (slots - 1)], 1);
        }
        for (size_t i = 0; i < some; i++) {
            size_t at = hashes[i] >> 32 & (slots - 1);
            while (made[at])
                at = (at + 1) & (slots - 1);
            made[at] = hashes[i] | (first + i + 1);
        }
    }
    free(vocabulary->slots);
    vocabulary->slots = made;
    vocabulary->mask = slots - 1;
    return 0;
}

int weir_vocabulary_merge(struct weir_vocabulary *vocabulary, const struct weir_vocabulary *other,
                          struct weir_error *error)
{
    for (size_t i = 0; i < other->count; i++) {
        const struct weir_vocabulary_term *from = &other->terms[i];
        if (weir_vocabulary_append(vocabulary, weir_vocabulary_bytes(other, from), from->size, from->documents,
                                   from->occurrences, error) < 0)
            return -1;
    }
    if (__builtin_add_overflow(vocabulary->documents, other->documents, &vocabulary->documents))
        return weir_fail(error, WEIR_BAD_DATA, "more documents than can be counted");
    return 0;
}
