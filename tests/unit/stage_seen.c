/* What was seen, against a plain search; fingerprints, against the comparison of values. */
#include "base/random.h"
#include "stage/fingerprint.h"
#include "stage/seen.h"
#include "stage_sample.h"

/* ---- seen ---- */

enum { DISTINCT = 30000, ROWS = 3 * DISTINCT };

/* Hashes that crowd where the table is weakest: its ends, equal high halves, and the mark of a free place. */
static struct weir_hash128 hash_of(uint64_t i)
{
    uint64_t words[] = { i, 1 };
    struct weir_hash128 hash = weir_hash128(words, sizeof words);
    switch (i % 64) {
    case 0:
        return (struct weir_hash128){ hash.low, UINT64_MAX - i % 3 };
    case 1:
        return (struct weir_hash128){ hash.low, i % 5 };
    case 2:
        return (struct weir_hash128){ hash.low, (uint64_t)1 << 63 };
    default:
        return i == 3 ? (struct weir_hash128){ 0, 0 } : hash;
    }
}

static void check_seen(enum weir_seen_holds holds)
{
    static struct weir_hash128 hashes[ROWS];
    static int64_t which[ROWS], ranks[ROWS], before[ROWS], stands[DISTINCT], best[DISTINCT];
    struct weir_seen seen, replaced;
    struct weir_random random;
    bool same = true;
    weir_random_init(&random, 7, 0);
    for (int r = 0; r < ROWS; r++) {
        which[r] = (int64_t)weir_random_below(&random, DISTINCT);
        ranks[r] = (int64_t)weir_random_below(&random, 20) - 10;
        hashes[r] = hash_of((uint64_t)which[r]);
    }
    for (int i = 0; i < DISTINCT; i++)
        stands[i] = best[i] = -1;
    CHECK_INT(weir_seen_init(&seen, holds, NULL), 0);
    for (int64_t r = 0; r < ROWS; r += 777) {
        int64_t count = r + 777 < ROWS ? 777 : ROWS - r;
        CHECK_INT(weir_seen_add(&seen, hashes + r, count, r, before + r, NULL), 0);
    }
    size_t distinct = 0;
    for (int r = 0; r < ROWS; r++) {
        int64_t expected = stands[which[r]] >= 0 && holds == WEIR_SEEN_ONLY ? 0 : stands[which[r]];
        same &= before[r] == expected;
        if (stands[which[r]] < 0) {
            stands[which[r]] = r;
            distinct++;
        }
    }
    CHECK(same);
    CHECK_INT((long long)seen.count, (long long)distinct);
    size_t place = 0, met = 0;
    struct weir_hash128 hash;
    int64_t row;
    while (weir_seen_next(&seen, &place, &hash, &row)) {
        met++;
        same &= holds == WEIR_SEEN_ONLY ? row == -1 : stands[which[row]] == row;
    }
    CHECK(same);
    CHECK_INT((long long)met, (long long)distinct);
    CHECK(seen.length * seen.stride * 8 <= distinct * 24 * seen.stride / 2);
    if (holds == WEIR_SEEN_ONLY) {
        weir_seen_release(&seen);
        return;
    }
    /* what stands for a hash is replaced, but not the rows below 100 */
    bool ranked = holds == WEIR_SEEN_RANKED;
    CHECK_INT(weir_seen_init(&replaced, holds, NULL), 0);
    CHECK_INT(weir_seen_replace(&replaced, hashes, ranked ? ranks : NULL, ROWS, 0, 100, NULL), 0);
    for (int r = 0; r < ROWS; r++) {
        int64_t *now = &best[which[r]];
        if (*now < 0 || (*now >= 100 && (!ranked || ranks[r] < ranks[*now])))
            *now = r;
    }
    weir_seen_find(&replaced, hashes, ROWS, before);
    for (int r = 0; r < ROWS; r++)
        same &= before[r] == best[which[r]];
    CHECK(same);
    struct weir_hash128 absent = { 12345, 67890 };
    weir_seen_find(&replaced, &absent, 1, before);
    CHECK_INT(before[0], -1);
    weir_seen_release(&replaced);
    weir_seen_release(&seen);
}

/* ---- fingerprints ---- */

static const uint8_t KEY[WEIR_FINGERPRINT_KEY] = "sixteen bytes...";

static bool same_hash(struct weir_hash128 a, struct weir_hash128 b)
{
    return a.low == b.low && a.high == b.high;
}

/* Fingerprints by `count` columns, `step` rows at a time. */
static void fingerprints(const struct weir_schema *schema, const struct weir_batch *batch, const int *columns,
                         int count, int64_t step, struct weir_hash128 *out)
{
    struct weir_fingerprint *fingerprint;
    CHECK_INT(weir_fingerprint_new(&fingerprint, schema, columns, count, KEY, NULL), 0);
    for (int64_t from = 0; from < batch->rows; from += step) {
        struct weir_batch part = { 0 };
        CHECK_INT(weir_batch_slice(&part, batch, schema, from, from + step < batch->rows ? step : batch->rows - from),
                  0);
        CHECK_INT(weir_fingerprint_rows(fingerprint, &part, out + from, NULL), 0);
        weir_batch_release(&part);
    }
    weir_fingerprint_free(fingerprint);
}

/* Equal when, and only when, the values are; whatever the batches; a dictionary as the texts behind it. */
static void check_values(void)
{
    enum { COUNT = 700 };
    static struct weir_hash128 whole[COUNT], parts[COUNT], coded[COUNT];
    struct weir_schema schemas[2] = { { 0 } };
    struct weir_batch tables[2] = { { 0 } };
    struct weir_buffer texts[COUNT] = { { 0 } };
    const int all[] = { 1, 2, 3, 4, 5, 6, 7 };
    for (int i = 0; i < 2; i++)
        sample_table(&schemas[i], &tables[i], COUNT, 5, i == 1);
    for (int c = 0; c <= SAMPLE_COLUMNS; c++) {
        const int *columns = c < SAMPLE_COLUMNS ? &c : all;
        int count = c < SAMPLE_COLUMNS ? 1 : 7;
        bool same = true, right = true;
        fingerprints(&schemas[0], &tables[0], columns, count, COUNT, whole);
        fingerprints(&schemas[0], &tables[0], columns, count, 37, parts);
        fingerprints(&schemas[1], &tables[1], columns, count, 300, coded);
        for (int r = 0; r < COUNT; r++) {
            same &= same_hash(whole[r], parts[r]) && same_hash(whole[r], coded[r]);
            weir_buffer_clear(&texts[r]);
            for (int i = 0; i < count; i++)
                weir_value_json(&tables[0].columns[columns[i]], &schemas[0].fields[columns[i]].type, r, &texts[r]);
        }
        for (int a = 0; a < COUNT; a++)
            for (int b = 0; b < a; b++)
                right &= same_hash(whole[a], whole[b]) == (strcmp(texts[a].bytes, texts[b].bytes) == 0);
        CHECK(same);
        CHECK(right);
    }
    for (int r = 0; r < COUNT; r++)
        weir_buffer_release(&texts[r]);
    for (int i = 0; i < 2; i++) {
        weir_schema_release(&schemas[i]);
        weir_batch_release(&tables[i]);
    }
}

/* The fingerprints of one column built from `text`, a value each, of a type by its name. */
static void of_type(const char *name, const double *values, const char *const *texts, int count,
                    struct weir_hash128 *out)
{
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    struct weir_builder builder;
    const int column = 0;
    struct weir_field *field = weir_schema_add(&schema, "v", WEIR_NULL);
    CHECK_INT(weir_type_parse(name, &field->type, NULL), 0);
    weir_batch_init(&batch, 1, count);
    weir_builder_init(&builder, &field->type);
    for (int i = 0; i < count; i++) {
        if (texts)
            weir_builder_text(&builder, texts[i], strlen(texts[i]));
        else if (weir_kind_is_float(field->type.kind))
            weir_builder_double(&builder, values[i]);
        else
            weir_builder_int64(&builder, (int64_t)values[i]);
    }
    weir_builder_null(&builder);
    batch.rows = count + 1;
    CHECK_INT(weir_builder_finish(&builder, &batch.columns[0], NULL), 0);
    weir_builder_release(&builder);
    fingerprints(&schema, &batch, &column, 1, 3, out);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
}

static void check_types(void)
{
    static const char *const types[] = { "int8",   "int16",  "int32",  "int64",   "uint8",
                                         "uint16", "uint32", "uint64", "float32", "float64" };
    static const double whole[] = { 0, 1, 5, 100 };
    static const double real[] = { -0.0, 1, 5, 100 };
    static const char *const digits[] = { "0", "1", "5", "" };
    struct weir_hash128 expected[5], got[5];
    of_type("int64", whole, NULL, 4, expected);
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        of_type(types[t], strncmp(types[t], "float", 5) == 0 ? real : whole, NULL, 4, got);
        CHECK(memcmp(got, expected, sizeof got) == 0);
    }
    static const double large[] = { 0x1p51, -0x1p51 - 1, 0x1p53, 0x1.8p52 };
    of_type("int64", large, NULL, 4, expected);
    of_type("float64", large, NULL, 4, got);
    CHECK(memcmp(got, expected, sizeof got) == 0);
    of_type("int64", whole, NULL, 4, expected);
    /* texts are no numbers, and neither is a null, which is the same in all types */
    of_type("utf8", NULL, digits, 4, got);
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++)
            CHECK(same_hash(expected[i], got[j]) == (i == 4 && j == 4));
    /* in a dictionary without any value as well */
    of_type("dictionary<utf8>", NULL, digits, 0, got);
    CHECK(same_hash(got[0], expected[4]));
    /* a number is not the bits of another */
    static const double half[] = { 0.5, -0x1p-1074, 0x1p63, 0x1p54 };
    static const double bits[] = { 0x1.ff8p+61, 0, 0, 0 };
    of_type("float64", half, NULL, 4, got);
    of_type("int64", bits, NULL, 1, expected);
    CHECK(!same_hash(got[0], expected[0]));
    CHECK(!same_hash(got[1], expected[0]));
}

int main(void)
{
    check_seen(WEIR_SEEN_ONLY);
    check_seen(WEIR_SEEN_ROWS);
    check_seen(WEIR_SEEN_RANKED);
    check_values();
    check_types();
    return check_result();
}
