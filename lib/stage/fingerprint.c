#include "stage/fingerprint.h"
#include "base/random.h"
#include "math/clones.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 wide;

/* Rows are taken by tiles whose sums stay in the nearest cache. */
enum { TILE = 256 };

/* What a cell is. */
enum tag { NOTHING, INTEGER, BIG, REAL, TEXT, NESTED, TAGS };

/* The words of some cells: second[] only where a kind has two. */
struct words {
    uint64_t *first, *second;
    uint8_t *tags;
};

struct key {
    uint64_t first[2], second[2]; /* of the two words, for each of the sums */
    wide tags[TAGS][2];           /* what the tag adds to the sums */
    uint64_t seeds[2];            /* for hashing what is longer than a word */
};

struct part {
    int column;
    bool two; /* words */
    struct key key;
    struct weir_column dictionary; /* held, so that the same memory is the same dictionary */
    struct words values;           /* [dictionary.rows] */
    size_t capacity;
};

struct weir_fingerprint {
    const struct weir_schema *schema;
    struct part *parts;
    int count;
    wide sums[TILE][2];
    uint64_t first[TILE], second[TILE];
    uint8_t tags[TILE];
};

static const struct weir_type *plain_type(const struct weir_type *type)
{
    return type->kind == WEIR_DICTIONARY ? &type->children[0].type : type;
}

static bool is_text(enum weir_kind kind)
{
    return kind == WEIR_UTF8 || kind == WEIR_BINARY;
}

static bool is_nested(enum weir_kind kind)
{
    return kind == WEIR_LIST || kind == WEIR_FIXED_LIST || kind == WEIR_STRUCT;
}

static void make_key(struct key *key, uint64_t seed, uint64_t stream, uint64_t column)
{
    struct weir_random random;
    weir_random_init(&random, seed, stream);
    random.counter = column << 8; /* a column's numbers begin at a place of its own */
    for (int j = 0; j < 2; j++) {
        key->first[j] = weir_random_u64(&random);
        key->second[j] = weir_random_u64(&random);
        key->seeds[j] = weir_random_u64(&random);
        uint64_t tag = weir_random_u64(&random);
        for (int t = 0; t < TAGS; t++)
            key->tags[t][j] = (wide)tag * (uint64_t)t;
    }
}

int weir_fingerprint_new(struct weir_fingerprint **out, const struct weir_schema *schema, const int *columns, int count,
                         const uint8_t key[WEIR_FINGERPRINT_KEY], struct weir_error *error)
{
    struct weir_fingerprint *fingerprint = weir_allocate_zero(1, sizeof *fingerprint);
    if (!fingerprint || !(fingerprint->parts = weir_allocate_zero((size_t)count, sizeof *fingerprint->parts))) {
        free(fingerprint);
        return weir_fail_memory(error);
    }
    fingerprint->schema = schema;
    fingerprint->count = count;
    for (int i = 0; i < count; i++) {
        struct part *part = &fingerprint->parts[i];
        enum weir_kind kind = plain_type(&schema->fields[columns[i]].type)->kind;
        part->column = columns[i];
        part->two = is_text(kind) || is_nested(kind);
        make_key(&part->key, weir_load_u64(key), weir_load_u64(key + 8), (uint64_t)i);
    }
    *out = fingerprint;
    return 0;
}

/* ---- cells to words ---- */

static uint64_t word_of_real(double value, uint8_t *tag)
{
    uint64_t word;
    if (value >= -0x1p53 && value <= 0x1p53 && value == (double)(int64_t)value) {
        *tag = INTEGER;
        return (uint64_t)(int64_t)value;
    }
    *tag = REAL;
    if (value != value)
        value = (double)NAN;
    memcpy(&word, &value, sizeof word);
    return word;
}

/* The same for many at once: below 2^51, adding 3 * 2^51 leaves a whole number in the last bits of the sum. True when
 * there are others, which are to be done one by one. */
WEIR_CLONES static bool words_of_reals(const double *values, int64_t count, uint64_t *words, uint8_t *tags)
{
    const double shift = 0x1.8p52;
    uint64_t of_shift, others = 0;
    memcpy(&of_shift, &shift, sizeof of_shift);
    for (int64_t r = 0; r < count; r++) {
        double value = values[r], shifted = value + shift;
        uint64_t bits, of_shifted;
        memcpy(&bits, &value, sizeof bits);
        memcpy(&of_shifted, &shifted, sizeof of_shifted);
        bool whole = shifted - shift == value;
        words[r] = whole ? of_shifted - of_shift : bits;
        tags[r] = whole ? INTEGER : REAL;
        others |= (uint64_t) !(fabs(value) < 0x1p51);
    }
    return others != 0;
}

static void words_of_text(const struct key *key, const struct weir_column *column, int64_t from, int64_t count,
                          const struct words *out)
{
    for (int64_t r = 0; r < count; r++) {
        size_t length;
        const char *text = weir_text(column, from + r, &length);
        struct weir_hash128 hash = weir_hash128_seeded(text, length, key->seeds[0]);
        out->first[r] = hash.low;
        out->second[r] = hash.high;
    }
}

/* Rows from .. from + count - 1 of a column that is no dictionary; `two` as the part's. */
static void words_of(const struct key *key, const struct weir_column *column, const struct weir_type *type,
                     int64_t from, int64_t count, const struct words *out)
{
    const void *values = column->values.bytes;
    memset(out->tags, is_text(type->kind) ? TEXT : is_nested(type->kind) ? NESTED : INTEGER, (size_t)count);
#define INTEGERS(kind, c_type)                                                                                         \
    case kind:                                                                                                         \
        for (int64_t r = 0; r < count; r++)                                                                            \
            out->first[r] = (uint64_t)(int64_t)((const c_type *)values)[from + r];                                     \
        break;
    switch (type->kind) {
    case WEIR_NULL:
        memset(out->first, 0, (size_t)count * sizeof *out->first);
        memset(out->tags, NOTHING, (size_t)count);
        return;
    case WEIR_BOOL:
        for (int64_t r = 0; r < count; r++)
            out->first[r] = (uint64_t)weir_bit(values, from + r);
        break;
        INTEGERS(WEIR_INT8, int8_t)
        INTEGERS(WEIR_INT16, int16_t)
        INTEGERS(WEIR_INT32, int32_t)
        INTEGERS(WEIR_INT64, int64_t)
        INTEGERS(WEIR_UINT8, uint8_t)
        INTEGERS(WEIR_UINT16, uint16_t)
        INTEGERS(WEIR_UINT32, uint32_t)
        INTEGERS(WEIR_DATE32, int32_t)
        INTEGERS(WEIR_DATE64, int64_t)
        INTEGERS(WEIR_TIME32, int32_t)
        INTEGERS(WEIR_TIME64, int64_t)
        INTEGERS(WEIR_TIMESTAMP, int64_t)
        INTEGERS(WEIR_DURATION, int64_t)
    case WEIR_UINT64:
        for (int64_t r = 0; r < count; r++) {
            out->first[r] = ((const uint64_t *)values)[from + r];
            if (out->first[r] > INT64_MAX)
                out->tags[r] = BIG;
        }
        break;
    case WEIR_FLOAT64:
        if (words_of_reals((const double *)values + from, count, out->first, out->tags))
            for (int64_t r = 0; r < count; r++)
                out->first[r] = word_of_real(((const double *)values)[from + r], &out->tags[r]);
        break;
    case WEIR_FLOAT16:
    case WEIR_FLOAT32:
        for (int64_t r = 0; r < count; r++)
            out->first[r] = word_of_real(weir_number(column, type->kind, from + r), &out->tags[r]);
        break;
    case WEIR_UTF8:
    case WEIR_BINARY:
        words_of_text(key, column, from, count, out);
        break;
    default: /* what is nested hashes itself */
        for (int64_t r = 0; r < count; r++) {
            out->first[r] = weir_value_hash(column, type, from + r, key->seeds[0]);
            out->second[r] = weir_value_hash(column, type, from + r, key->seeds[1]);
        }
    }
#undef INTEGERS
    if (column->null_count == 0)
        return;
    for (int64_t r = 0; r < count; r++)
        if (!weir_valid(column, from + r)) {
            out->tags[r] = NOTHING;
            out->first[r] = 0;
            if (is_text(type->kind) || is_nested(type->kind))
                out->second[r] = 0;
        }
}

/* ---- dictionaries: each value is made into words once ---- */

static bool same_values(const struct weir_column *a, const struct weir_column *b)
{
    return a->rows == b->rows && a->child_count == 0 && b->child_count == 0 && a->values.bytes == b->values.bytes &&
           a->offsets.bytes == b->offsets.bytes && a->validity.bytes == b->validity.bytes && a->rows > 0;
}

static int learn_dictionary(struct part *part, const struct weir_column *values, const struct weir_type *type)
{
    if (same_values(&part->dictionary, values))
        return 0;
    weir_column_release(&part->dictionary);
    if (weir_column_share(&part->dictionary, values) < 0)
        return -1;
    if ((size_t)values->rows > part->capacity) {
        free(part->values.first);
        free(part->values.second);
        free(part->values.tags);
        part->capacity = 0;
        part->values = (struct words){ weir_allocate((size_t)values->rows, sizeof(uint64_t)),
                                       weir_allocate((size_t)values->rows, sizeof(uint64_t)),
                                       weir_allocate((size_t)values->rows, 1) };
        if (!part->values.first || !part->values.second || !part->values.tags) {
            weir_column_release(&part->dictionary);
            return -1;
        }
        part->capacity = (size_t)values->rows;
    }
    if (values->rows > 0)
        words_of(&part->key, values, type, 0, values->rows, &part->values);
    return 0;
}

static void words_of_codes(const struct part *part, const struct weir_column *column, int64_t from, int64_t count,
                           const struct words *out)
{
    const int32_t *codes = weir_codes(column);
    for (int64_t r = 0; r < count; r++) {
        bool present = weir_valid(column, from + r);
        out->tags[r] = present ? part->values.tags[codes[from + r]] : NOTHING;
        out->first[r] = present ? part->values.first[codes[from + r]] : 0;
        out->second[r] = present && part->two ? part->values.second[codes[from + r]] : 0;
    }
}

/* ---- sums ---- */

static void add_words(struct weir_fingerprint *fingerprint, const struct part *part, int64_t count)
{
    const struct key *key = &part->key;
    for (int64_t r = 0; r < count; r++) {
        const wide *tag = key->tags[fingerprint->tags[r]];
        uint64_t word = fingerprint->first[r];
        fingerprint->sums[r][0] += (wide)key->first[0] * word + tag[0];
        fingerprint->sums[r][1] += (wide)key->first[1] * word + tag[1];
    }
    if (!part->two)
        return;
    for (int64_t r = 0; r < count; r++) {
        fingerprint->sums[r][0] += (wide)key->second[0] * fingerprint->second[r];
        fingerprint->sums[r][1] += (wide)key->second[1] * fingerprint->second[r];
    }
}

int weir_fingerprint_rows(struct weir_fingerprint *fingerprint, const struct weir_batch *batch,
                          struct weir_hash128 *out, struct weir_error *error)
{
    const struct words words = { fingerprint->first, fingerprint->second, fingerprint->tags };
    for (int i = 0; i < fingerprint->count; i++) {
        struct part *part = &fingerprint->parts[i];
        const struct weir_type *type = &fingerprint->schema->fields[part->column].type;
        if (type->kind == WEIR_DICTIONARY &&
            learn_dictionary(part, &batch->columns[part->column].children[0], &type->children[0].type) < 0)
            return weir_fail_memory(error);
    }
    for (int64_t from = 0; from < batch->rows; from += TILE) {
        int64_t count = batch->rows - from < TILE ? batch->rows - from : TILE;
        memset(fingerprint->sums, 0, sizeof fingerprint->sums);
        for (int i = 0; i < fingerprint->count; i++) {
            const struct part *part = &fingerprint->parts[i];
            const struct weir_column *column = &batch->columns[part->column];
            const struct weir_type *type = &fingerprint->schema->fields[part->column].type;
            if (type->kind == WEIR_DICTIONARY)
                words_of_codes(part, column, from, count, &words);
            else
                words_of(&part->key, column, type, from, count, &words);
            add_words(fingerprint, part, count);
        }
        for (int64_t r = 0; r < count; r++) {
            uint64_t sums[4];
            for (int j = 0; j < 2; j++) {
                sums[2 * j] = (uint64_t)fingerprint->sums[r][j];
                sums[2 * j + 1] = (uint64_t)(fingerprint->sums[r][j] >> 64);
            }
            out[from + r] = weir_hash128(sums, sizeof sums);
        }
    }
    return 0;
}

void weir_fingerprint_free(struct weir_fingerprint *fingerprint)
{
    if (!fingerprint)
        return;
    for (int i = 0; i < fingerprint->count; i++) {
        struct part *part = &fingerprint->parts[i];
        weir_column_release(&part->dictionary);
        free(part->values.first);
        free(part->values.second);
        free(part->values.tags);
    }
    free(fingerprint->parts);
    free(fingerprint);
}
