#include "stage/words.h"
#include "base/utf8.h"
#include "math/clones.h"
#include "stage/words_private.h"

enum { FIRST_PLANE = 0x10000, DOT_ABOVE = 0x307, FINAL_SIGMA = 0x3C2 };

int weir_splitter_new(struct weir_splitter **splitter, const struct weir_words *words, struct weir_error *error)
{
    *splitter = weir_allocate_zero(1, sizeof **splitter);
    if (!*splitter)
        return weir_fail_memory(error);
    (*splitter)->words = words;
    return 0;
}

void weir_splitter_free(struct weir_splitter *splitter)
{
    if (!splitter)
        return;
    weir_words_icu_free(splitter->icu);
    weir_words_stemmer_free(splitter->stemmer);
    free(splitter->classes);
    free(splitter->bytes);
    free(splitter->terms);
    free(splitter);
}

int weir_splitter_reserve(struct weir_splitter *splitter, size_t more, struct weir_error *error)
{
    size_t needed;
    if (!weir_add(splitter->size, more, &needed) || !weir_add(needed, WORDS_PADDING, &needed) ||
        weir_grow((void **)&splitter->bytes, &splitter->capacity, needed, 1) < 0)
        return weir_fail_memory(error);
    return 0;
}

int weir_splitter_reserve_terms(struct weir_splitter *splitter, size_t more, struct weir_error *error)
{
    /* one more than wanted: a term is written before it is known to be one */
    if (weir_grow((void **)&splitter->terms, &splitter->terms_capacity, splitter->count + more + 1,
                  sizeof *splitter->terms) < 0)
        return weir_fail_memory(error);
    return 0;
}

/* ---- ASCII: 64 bytes at a time --------------------------------------------------------------------------------- */

enum { BLOCK = 64 };

/* Lower case of bytes[BLOCK] (unless kept), and which of them are word characters, 1 or 0 in flags[BLOCK]; whether all
 * are ASCII. */
WEIR_CLONES static bool classify(const uint8_t *bytes, uint8_t lower, uint8_t *out, uint8_t *flags)
{
    uint8_t high = 0;
    for (int i = 0; i < BLOCK; i++) {
        uint8_t c = bytes[i];
        uint8_t capital = (uint8_t)(c - 'A') < 26;
        out[i] = (uint8_t)(c + (uint8_t)(capital & lower) * 32);
        flags[i] = (uint8_t)((uint8_t)((c | 0x20) - 'a') < 26) | (uint8_t)((uint8_t)(c - '0') < 10) | (c == '_');
        high |= c;
    }
    return high < 0x80;
}

/* Eight flags are gathered by one product: bit i is that of the byte i. */
static uint64_t gather(const uint8_t flags[BLOCK])
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits |= (weir_load_u64(flags + 8 * i) * UINT64_C(0x0102040810204080) >> 56) << 8 * i;
    return bits;
}

/* The runs of word characters in the text. 1: they are the terms; 0: the text is not all of ASCII; -1: no memory. */
static int split_ascii(struct weir_splitter *splitter, const char *text, size_t length, struct weir_error *error)
{
    const struct weir_words *words = splitter->words;
    uint8_t flags[BLOCK], tail[BLOCK];
    uint64_t before = 0; /* whether the character before the block is in a run */
    size_t start = 0, count = 0;
    if (weir_splitter_reserve(splitter, length + BLOCK, error) < 0 ||
        weir_splitter_reserve_terms(splitter, length / 2 + BLOCK, error) < 0)
        return -1;
    struct weir_term *terms = splitter->terms;
    for (size_t at = 0; at <= length; at += BLOCK) {
        const uint8_t *block = (const uint8_t *)text + at;
        if (length - at < BLOCK) { /* a blank behind the text ends its last run */
            memset(tail, ' ', BLOCK);
            memcpy(tail, block, length - at);
            block = tail;
        }
        if (!classify(block, !words->keep_case, (uint8_t *)splitter->bytes + at, flags))
            return 0;
        uint64_t inside = gather(flags), edges = inside ^ (inside << 1 | before);
        for (before = inside >> 63; edges; edges &= edges - 1) {
            size_t edge = at + (size_t)__builtin_ctzll(edges);
            bool end = !(inside >> (edge - at) & 1);
            terms[count] = (struct weir_term){ start, edge - start };
            count += end & (edge - start >= words->min_length);
            start = edge;
        }
    }
    splitter->count = count;
    splitter->size = length;
    return 1;
}

/* ---- Any script ------------------------------------------------------------------------------------------------ */

static uint32_t class_of(struct weir_splitter *splitter, uint32_t character)
{
    if (character >= FIRST_PLANE)
        return weir_words_class(character);
    uint32_t *class = &splitter->classes[character];
    if (!*class)
        *class = weir_words_class(character);
    return *class;
}

/* The run that is being read. */
struct run {
    size_t start, characters;
    bool open, dictionary;
};

static int close_run(struct weir_splitter *splitter, struct run *run, struct weir_error *error)
{
    const struct weir_words *words = splitter->words;
    bool open = run->open;
    run->open = false;
    if (!open)
        return 0;
    if (run->dictionary)
        return weir_words_icu_split(splitter, run->start, splitter->size - run->start, true, error);
    if (run->characters < words->min_length)
        return 0;
    if (weir_splitter_reserve_terms(splitter, 1, error) < 0)
        return -1;
    splitter->terms[splitter->count++] = (struct weir_term){ run->start, splitter->size - run->start };
    return 0;
}

/* As weir_utf8_encode, quick where most of a text is. */
static inline size_t encode(uint32_t character, char *out)
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xC0 | character >> 6);
        out[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    return weir_utf8_encode(character, out);
}

/* Takes one character, in its lower case, to the bytes, and into a run or out of it. */
static inline int take(struct weir_splitter *splitter, struct run *run, uint32_t class, uint32_t character,
                       struct weir_error *error)
{
    enum words_rule rule = splitter->words->rule;
    bool within = class & WORDS_LETTER || (class & WORDS_MARK && rule == WORDS_DEFAULT && run->open);
    bool dictionary = class & WORDS_DICTIONARY && rule == WORDS_DEFAULT;
    if (run->open && (!within || (dictionary != run->dictionary && !(class & WORDS_MARK && !dictionary)))) {
        if (close_run(splitter, run, error) < 0)
            return -1;
        if (!(class & WORDS_LETTER))
            within = false;
    }
    if (within && !run->open)
        *run = (struct run){ .start = splitter->size, .open = true, .dictionary = dictionary };
    run->characters++;
    splitter->size += encode(character, splitter->bytes + splitter->size);
    return 0;
}

/* Whether a letter that has case comes, past what is not seen. */
static bool cased_follows(struct weir_splitter *splitter, const char *text, size_t at, size_t length)
{
    for (size_t width; at < length; at += width) {
        uint32_t class = class_of(splitter, weir_utf8_next(text + at, &width));
        if (!(class & WORDS_CASELESS))
            return class & WORDS_CASED;
    }
    return false;
}

/* The letters that go on an open run, of which most of a text is, with all that changes kept in registers. Returns
 * where they end. */
static size_t go_on(struct weir_splitter *splitter, struct run *run, const char *text, size_t at, size_t length,
                    bool *cased)
{
    const uint32_t *classes = splitter->classes;
    char *out = splitter->bytes + splitter->size;
    size_t characters = 0;
    bool keep_case = splitter->words->keep_case;
    for (size_t width; run->open && !run->dictionary && at < length; at += width, characters++) {
        uint32_t character = weir_utf8_next(text + at, &width);
        uint32_t class = character < FIRST_PLANE ? classes[character] : 0;
        if (!(class & WORDS_GOES_ON))
            break;
        out += encode(keep_case ? character : class & WORDS_LOWER, out);
        *cased = class & WORDS_CASED;
    }
    splitter->size = (size_t)(out - splitter->bytes);
    run->characters += characters;
    return at;
}

/* Lower case as Unicode's chapter 3.13 has it, without a language's own rules: one character becomes one, but I with a
 * dot, and a sigma that ends a word has a form of its own. */
static int split_letters(struct weir_splitter *splitter, const char *text, size_t length, struct weir_error *error)
{
    const struct weir_words *words = splitter->words;
    struct run run = { 0 };
    bool cased = false;
    size_t room;
    if (!splitter->classes)
        splitter->classes = weir_allocate_zero(FIRST_PLANE, sizeof *splitter->classes);
    if (!splitter->classes || !weir_multiply(length, 2, &room)) /* two bytes become three at most */
        return weir_fail_memory(error);
    splitter->count = splitter->size = 0;
    if (weir_splitter_reserve(splitter, room, error) < 0)
        return -1;
    for (size_t at = 0, width; at < length; at += width) {
        at = go_on(splitter, &run, text, at, length, &cased);
        if (at == length)
            break;
        uint32_t character = weir_utf8_next(text + at, &width);
        uint32_t class = class_of(splitter, character);
        uint32_t lower = words->keep_case ? character : class & WORDS_LOWER;
        if (character == WORDS_SIGMA && lower != WORDS_SIGMA && cased &&
            !cased_follows(splitter, text, at + width, length))
            lower = FINAL_SIGMA;
        if (character == WORDS_DOTTED_I && !words->keep_case) {
            if (take(splitter, &run, class, 'i', error) < 0)
                return -1;
            lower = DOT_ABOVE;
            class = class_of(splitter, DOT_ABOVE);
            cased = true;
        }
        if (take(splitter, &run, class, lower, error) < 0)
            return -1;
        if (!(class & WORDS_CASELESS))
            cased = class & WORDS_CASED;
    }
    return close_run(splitter, &run, error);
}

/* ---- Stop words and n-grams -------------------------------------------------------------------------------------- */

static void drop_stop_words(struct weir_splitter *splitter)
{
    size_t kept = 0;
    for (size_t i = 0; i < splitter->count; i++) {
        struct weir_term term = splitter->terms[i];
        if (!weir_words_set_has(&splitter->words->stop, splitter->bytes + term.at, term.size))
            splitter->terms[kept++] = term;
    }
    splitter->count = kept;
}

/* Words with a blank between: first all of one length, then all of the next. */
static int join_ngrams(struct weir_splitter *splitter, struct weir_error *error)
{
    const struct weir_words *words = splitter->words;
    size_t count = splitter->count, single = words->ngram_from == 1 ? count : 0;
    for (size_t n = words->ngram_from > 1 ? words->ngram_from : 2; n <= words->ngram_to && n <= count; n++) {
        if (weir_splitter_reserve_terms(splitter, count, error) < 0)
            return -1;
        for (size_t first = 0; first + n <= count; first++) {
            size_t at = splitter->size, room = n;
            for (size_t i = first; i < first + n; i++)
                room += splitter->terms[i].size;
            if (weir_splitter_reserve(splitter, room, error) < 0)
                return -1;
            for (size_t i = first; i < first + n; i++) {
                if (i > first)
                    splitter->bytes[splitter->size++] = ' ';
                memcpy(splitter->bytes + splitter->size, splitter->bytes + splitter->terms[i].at,
                       splitter->terms[i].size);
                splitter->size += splitter->terms[i].size;
            }
            splitter->terms[splitter->count++] = (struct weir_term){ at, splitter->size - at };
        }
    }
    if (single == 0) {
        splitter->count -= count;
        memmove(splitter->terms, splitter->terms + count, splitter->count * sizeof *splitter->terms);
    }
    return 0;
}

static int split(struct weir_splitter *splitter, const char *text, size_t length, struct weir_error *error)
{
    int ascii = 0;
    splitter->count = splitter->size = 0;
    if (splitter->words->rule != WORDS_ICU && (ascii = split_ascii(splitter, text, length, error)) != 0)
        return ascii;
    if (split_letters(splitter, text, length, error) < 0)
        return -1;
    if (splitter->words->rule != WORDS_ICU)
        return 0;
    splitter->count = 0;
    return weir_words_icu_split(splitter, 0, splitter->size, false, error);
}

int weir_splitter_split(struct weir_splitter *splitter, const char *text, size_t length, struct weir_terms *terms,
                        struct weir_error *error)
{
    const struct weir_words *words = splitter->words;
    if (split(splitter, text, length, error) < 0)
        return -1;
    if (words->stop.count > 0)
        drop_stop_words(splitter);
    if (words->stem && weir_words_stem(splitter, error) < 0)
        return -1;
    if (words->ngram_to > 1 && join_ngrams(splitter, error) < 0)
        return -1;
    *terms = (struct weir_terms){ splitter->bytes, splitter->terms, splitter->count };
    return 0;
}

static bool holds_dictionary(const char *text, size_t length)
{
    enum { FIRST = 0xE00 }; /* below it there is none */
    uint32_t character;
    for (size_t at = 0, size; at < length; at += size)
        if ((character = weir_utf8_next(text + at, &size)) >= FIRST && weir_words_class(character) & WORDS_DICTIONARY)
            return true;
    return false;
}

int weir_splitter_cut(struct weir_splitter *splitter, const char *text, size_t length, struct weir_terms *pieces,
                      struct weir_error *error)
{
    splitter->count = splitter->size = 0;
    if (holds_dictionary(text, length)) {
        if (weir_splitter_reserve(splitter, length, error) < 0)
            return -1;
        memcpy(splitter->bytes, text, length);
        if (weir_words_icu_split(splitter, 0, length, true, error) < 0)
            return -1;
    }
    *pieces = (struct weir_terms){ splitter->bytes, splitter->terms, splitter->count };
    return 0;
}

/* ---- Columns ----------------------------------------------------------------------------------------------------- */

bool weir_is_text(const struct weir_type *type)
{
    return type->kind == WEIR_UTF8 || (type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8);
}

bool weir_is_term_list(const struct weir_type *type)
{
    return type->kind == WEIR_LIST && type->children[0].type.kind == WEIR_UTF8;
}

/* The items are copied, so that terms can be read beyond their ends. */
static int take_list(struct weir_splitter *splitter, const struct weir_column *column, int64_t row,
                     struct weir_terms *terms, struct weir_error *error)
{
    const struct weir_column *items = &column->children[0];
    const int32_t *offsets = weir_offsets(column), *places = weir_offsets(items);
    int32_t first = offsets[row], end = offsets[row + 1];
    splitter->count = splitter->size = 0;
    *terms = (struct weir_terms){ .bytes = (const char *)weir_no_bytes };
    if (first == end)
        return 0;
    size_t size = (size_t)(places[end] - places[first]);
    if (weir_splitter_reserve(splitter, size, error) < 0 ||
        weir_splitter_reserve_terms(splitter, (size_t)(end - first), error) < 0)
        return -1;
    if (size > 0)
        memcpy(splitter->bytes, items->values.bytes + places[first], size);
    for (int32_t i = first; i < end; i++)
        if (weir_valid(items, i))
            splitter->terms[splitter->count++] =
                (struct weir_term){ (size_t)(places[i] - places[first]), (size_t)(places[i + 1] - places[i]) };
    *terms = (struct weir_terms){ splitter->bytes, splitter->terms, splitter->count };
    return 0;
}

int weir_splitter_row(struct weir_splitter *splitter, const struct weir_column *column, const struct weir_type *type,
                      int64_t row, struct weir_terms *terms, struct weir_error *error)
{
    if (type->kind == WEIR_LIST)
        return take_list(splitter, column, row, terms, error);
    if (type->kind == WEIR_DICTIONARY) {
        row = weir_codes(column)[row];
        column = &column->children[0];
        if (!weir_valid(column, row)) {
            *terms = (struct weir_terms){ .bytes = (const char *)weir_no_bytes };
            return 0;
        }
    }
    size_t length;
    const char *text = weir_text(column, row, &length);
    return weir_splitter_split(splitter, text, length, terms, error);
}
