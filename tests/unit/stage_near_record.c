/* Near-duplicate records: similarities beside known values, pairs beside all pairs. */
#include "math/similarity.h"
#include "near_sample.h"

static size_t codes_of(const char *text, uint32_t *codes)
{
    size_t count = 0;
    for (; *text; text++)
        codes[count++] = (unsigned char)*text;
    return count;
}

/* Worked examples of Winkler's papers, and some by hand. */
static void check_similarity(void)
{
    static const struct {
        const char *a, *b;
        double expected;
    } pairs[] = {
        { "MARTHA", "MARHTA", 17 / 18.0 + 3 * (1 - 17 / 18.0) / 10 },
        { "DWAYNE", "DUANE", 0.84 },
        { "DIXON", "DICKSONX", 23 / 30.0 + 2 * (1 - 23 / 30.0) / 10 },
        { "ABC", "XYZ", 0 },
        { "", "", 1 },
        { "", "A", 0 },
        { "A", "A", 1 },
        { "AB", "BA", 0 },
        { "ABCD", "ABXX", 2 / 3.0 }, /* below the bonus */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        uint32_t a[16], b[16];
        size_t na = codes_of(pairs[i].a, a), nb = codes_of(pairs[i].b, b);
        CHECK_NEAR(weir_jaro_winkler(a, na, b, nb), pairs[i].expected, 1e-12);
        CHECK_NEAR(weir_jaro_winkler(b, nb, a, na), pairs[i].expected, 1e-12);
    }
    CHECK_NEAR(weir_relative_similarity(90, 100), 0.9, 1e-15);
    CHECK_NEAR(weir_relative_similarity(-5, 5), 0, 0);
    CHECK_NEAR(weir_relative_similarity(0, 0), 1, 0);
    CHECK(!(weir_relative_similarity((double)NAN, 1) >= 0));
}

/* --- people in three scripts, every third with a slip of the pen --- */
enum { ROWS = 3000, COLUMNS = 4 };
static const int columns[COLUMNS] = { 0, 1, 2, 3 };
static const double thresholds[COLUMNS] = { 0.85, 0.85, 0.9, 1 };

static void make_word(struct weir_random *random, uint32_t first, uint32_t letters, uint32_t *codes, size_t *count)
{
    *count = 5 + weir_random_below(random, 8);
    for (size_t i = 0; i < *count; i++)
        codes[i] = first + (uint32_t)weir_random_below(random, letters);
}

static void slip(struct weir_random *random, uint32_t *codes, size_t *count)
{
    size_t at = weir_random_below(random, *count - 1);
    uint32_t code = codes[at];
    switch (weir_random_below(random, 3)) {
    case 0: /* two letters in each other's place */
        codes[at] = codes[at + 1];
        codes[at + 1] = code;
        break;
    case 1: /* one left out */
        memmove(codes + at, codes + at + 1, (--*count - at) * sizeof *codes);
        break;
    default: /* one too many */
        memmove(codes + at + 1, codes + at, ((*count)++ - at) * sizeof *codes);
    }
}

static void add_text(struct weir_builder *builder, const uint32_t *codes, size_t count)
{
    char bytes[64];
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        int more = codes[i] < 0x80 ? 0 : codes[i] < 0x800 ? 1 : 2;
        bytes[size++] = (char)(more == 0 ? codes[i] : (0xFF00u >> (more + 1) & 0xFF) | codes[i] >> 6 * more);
        for (int k = more; k-- > 0;)
            bytes[size++] = (char)(0x80 | (codes[i] >> 6 * k & 0x3F));
    }
    weir_builder_text(builder, bytes, size);
}

struct person {
    uint32_t codes[2][20];
    size_t counts[2];
    double income;
    int64_t birthday;
    bool missing;
};

static void make_people(struct weir_schema *schema, struct weir_batch *table, struct person *people)
{
    static const uint32_t scripts[][2] = { { 'a', 26 }, { 0x430, 32 }, { 0x4E00, 500 } };
    struct weir_builder builders[COLUMNS];
    weir_schema_add(schema, "name", WEIR_UTF8);
    weir_schema_add(schema, "street", WEIR_UTF8);
    weir_schema_add(schema, "income", WEIR_FLOAT64);
    weir_schema_add(schema, "birthday", WEIR_DATE32);
    weir_batch_init(table, COLUMNS, ROWS);
    for (int c = 0; c < COLUMNS; c++)
        weir_builder_init(&builders[c], &schema->fields[c].type);
    for (int row = 0; row < ROWS; row++) {
        struct weir_random random, changes;
        struct person *person = &people[row];
        weir_random_init(&random, 21, (uint64_t)(row / 3));
        weir_random_init(&changes, 22, (uint64_t)row);
        for (int k = 0; k < 2; k++)
            make_word(&random, scripts[row / 3 % 3][0], scripts[row / 3 % 3][1], person->codes[k], &person->counts[k]);
        person->income = 1000 * weir_random_uniform(&random);
        person->birthday = (int64_t)weir_random_below(&random, 9000);
        if (row % 3 == 2) {
            slip(&changes, person->codes[0], &person->counts[0]);
            slip(&changes, person->codes[1], &person->counts[1]);
            person->income *= 0.85 + 0.2 * weir_random_uniform(&changes);
            person->birthday += weir_random_below(&changes, 4) == 0;
        } else if (row % 3 == 1) {
            person->birthday += 1; /* a twin */
        }
        person->missing = row % 40 == 0;
        for (int k = 0; k < 2; k++)
            add_text(&builders[k], person->codes[k], person->counts[k]);
        weir_builder_double(&builders[2], person->income);
        if (person->missing)
            weir_builder_null(&builders[3]);
        else
            weir_builder_int64(&builders[3], person->birthday);
    }
    for (int c = 0; c < COLUMNS; c++) {
        CHECK(weir_builder_finish(&builders[c], &table->columns[c], NULL) == 0);
        weir_builder_release(&builders[c]);
    }
}

static bool plain_alike(const struct person *a, const struct person *b)
{
    if (a->missing || b->missing || a->birthday != b->birthday)
        return false;
    if (!(1 - fabs(a->income - b->income) / fmax(a->income, b->income) >= thresholds[2]))
        return false;
    for (int k = 0; k < 2; k++)
        if (!(weir_jaro_winkler(a->codes[k], a->counts[k], b->codes[k], b->counts[k]) >= thresholds[k]))
            return false;
    return true;
}

static void check_pairs(void)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, days[2] = { { 0 }, { 0 } };
    struct weir_near_options options = { .kind = WEIR_NEAR_RECORD, .thresholds = thresholds, .memory = 1 << 30 };
    struct person *people = calloc(ROWS, sizeof *people);
    struct memory_file file = { 0 };
    struct weir_error error = { 0 };
    struct weir_buffer said = { 0 };
    struct weir_near *near = NULL;
    enum weir_near_kind kind;
    static int64_t told[ROWS], again[ROWS];
    int truths = 0, missed = 0, wrong = 0;
    make_people(&schema, &table, people);
    CHECK(weir_near_kind_of(&schema, columns, COLUMNS, &kind, &error) == 0 && kind == WEIR_NEAR_RECORD);
    near_all(&schema, &table, columns, COLUMNS, &options, 700, NULL, told);
    for (int row = 0; row < ROWS; row++) {
        bool there = false;
        for (int other = 0; other < row && !there; other++)
            there = told[other] < 0 && plain_alike(&people[row], &people[other]);
        truths += there;
        missed += there && told[row] < 0;
        wrong += told[row] >= 0 &&
                 (told[row] >= row || told[told[row]] >= 0 || !plain_alike(&people[row], &people[told[row]]));
    }
    CHECK_INT(wrong, 0);
    CHECK(truths > ROWS / 10);
    CHECK(missed <= truths / 50);
    /* The same whatever the threads, the batches and the memory. */
    options.pool = weir_pool_new(3);
    options.memory = 0;
    near_all(&schema, &table, columns, COLUMNS, &options, 64, NULL, again);
    CHECK(memcmp(told, again, sizeof told) == 0);
    weir_pool_free(options.pool);
    options.pool = NULL;
    /* The second half beside an index of the first: pairs are true, with the same number of rows or nearly so dropped.
     */
    weir_batch_slice(&days[0], &table, &schema, 0, 1600);
    weir_batch_slice(&days[1], &table, &schema, 1600, ROWS - 1600);
    CHECK(weir_near_new(&near, &schema, columns, COLUMNS, &options, &error) == 0);
    weir_near_describe(near, &said);
    CHECK_TEXT(said.bytes, "6 orders, 10 neighbours on either side, thresholds name=0.85 street=0.85 income=0.9 "
                           "birthday=1");
    CHECK(near_add_all(near, &schema, &days[0], 800, &error) == 0 && weir_near_finish(near, NULL, again, &error) == 0);
    CHECK(weir_near_save(near, memory_write, &file, &error) == 0);
    weir_near_free(near);
    CHECK(weir_near_new(&near, &schema, columns, COLUMNS, &options, &error) == 0);
    CHECK(weir_near_restore(near, 1600, file.bytes.size, memory_read, &file, &error) == 0);
    CHECK(near_add_all(near, &schema, &days[1], 800, &error) == 0);
    CHECK(weir_near_finish(near, NULL, again + 1600, &error) == 0);
    CHECK_TEXT(error.text, "");
    weir_near_free(near);
    int first = 0, second = 0;
    for (int row = 0; row < ROWS; row++) {
        first += told[row] >= 0;
        second += again[row] >= 0;
        wrong += again[row] >= 0 && (again[again[row]] >= 0 || !plain_alike(&people[row], &people[again[row]]));
    }
    CHECK_INT(wrong, 0);
    CHECK(abs(first - second) <= first / 50);
    weir_buffer_release(&said);
    weir_buffer_release(&file.bytes);
    weir_batch_release(&days[0]);
    weir_batch_release(&days[1]);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    free(people);
}

int main(void)
{
    check_similarity();
    check_pairs();
    return check_result();
}
