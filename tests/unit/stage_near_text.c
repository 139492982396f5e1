/* Near-duplicate texts beside all pairs compared by a plain program, with truth planted in several scripts. */
#include "near_sample.h"

/* --- the reference: texts as code points, their sets of shingles as sorted lists of windows --- */
enum { MOST = 400 };
struct plain {
    uint32_t codes[MOST];
    int count;
    int starts[MOST]; /* of the distinct windows */
    int windows, size;
};

static int plain_compare(const struct plain *a, int i, const struct plain *b, int j)
{
    int left = a->size < a->count ? a->size : a->count, right = b->size < b->count ? b->size : b->count;
    if (left != right)
        return left < right ? -1 : 1;
    for (int k = 0; k < left; k++)
        if (a->codes[i + k] != b->codes[j + k])
            return a->codes[i + k] < b->codes[j + k] ? -1 : 1;
    return 0;
}

static void plain_init(struct plain *plain, const char *text, size_t length, int size)
{
    *plain = (struct plain){ .size = size };
    for (size_t i = 0; i < length && plain->count < MOST;) {
        unsigned char c = (unsigned char)text[i];
        int more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        uint32_t code = more == 0 ? c : c & (0x3Fu >> more);
        for (int k = 1; k <= more; k++)
            code = code << 6 | ((unsigned char)text[i + (size_t)k] & 0x3F);
        plain->codes[plain->count++] = code;
        i += (size_t)more + 1;
    }
    int last = plain->count > size ? plain->count - size : 0;
    for (int i = 0; i <= last; i++) {
        bool there = false;
        for (int k = 0; k < plain->windows && !there; k++)
            there = plain_compare(plain, i, plain, plain->starts[k]) == 0;
        if (!there)
            plain->starts[plain->windows++] = i;
    }
}

static double plain_jaccard(const struct plain *a, const struct plain *b)
{
    int both = 0;
    for (int i = 0; i < a->windows; i++)
        for (int j = 0; j < b->windows; j++)
            both += plain_compare(a, a->starts[i], b, b->starts[j]) == 0;
    return both / (double)(a->windows + b->windows - both);
}

/* --- texts: words of made-up letters, some changed --- */
struct script {
    uint32_t first, letters;
    int least, most;
    bool blanks;
};
static const struct script scripts[] = {
    { 'a', 26, 2, 9, true },       /* Latin */
    { 0x0430, 32, 2, 9, true },    /* Cyrillic */
    { 0x0627, 36, 2, 7, true },    /* Arabic */
    { 0x4E00, 3000, 1, 3, false }, /* Chinese */
    { 0x1F600, 60, 1, 4, true },   /* beyond 16 bits */
};

static void add_code(struct weir_buffer *out, uint32_t code)
{
    if (code < 0x80) {
        weir_buffer_byte(out, (uint8_t)code);
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    weir_buffer_byte(out, (uint8_t)((0xFF00 >> (more + 1) & 0xFF) | code >> 6 * more));
    for (int k = more; k-- > 0;)
        weir_buffer_byte(out, (uint8_t)(0x80 | (code >> 6 * k & 0x3F)));
}

static void add_word(struct weir_buffer *out, const struct script *script, uint64_t word)
{
    struct weir_random random;
    weir_random_init(&random, 77, word);
    int length = script->least + (int)weir_random_below(&random, (uint64_t)(script->most - script->least + 1));
    for (int i = 0; i < length; i++)
        add_code(out, script->first + (uint32_t)weir_random_below(&random, script->letters));
    if (script->blanks)
        weir_buffer_byte(out, ' ');
}

enum { WORDS = 24, VARIANTS = 3 };
static void make_texts(struct weir_schema *schema, struct weir_batch *table, const struct script *script, int64_t rows)
{
    struct weir_builder builder;
    struct weir_buffer text = { 0 };
    weir_schema_add(schema, "text", WEIR_UTF8);
    weir_batch_init(table, 1, rows);
    weir_builder_init(&builder, &schema->fields[0].type);
    for (int64_t row = 0; row < rows; row++) {
        struct weir_random random, changes;
        weir_random_init(&random, 5, (uint64_t)(row / VARIANTS));
        weir_random_init(&changes, 6, (uint64_t)row);
        weir_buffer_clear(&text);
        int changed = row % VARIANTS == 0 ? 0 : (int)weir_random_below(&changes, 4);
        for (int i = 0; i < WORDS; i++) {
            uint64_t word = weir_random_below(&random, 900);
            bool change = changed > 0 && weir_random_below(&changes, 8) == 0;
            changed -= change;
            add_word(&text, script, change ? weir_random_below(&changes, 900) : word);
        }
        if (row % 50 == 49)
            weir_builder_null(&builder);
        else if (row % 50 == 48)
            weir_builder_text(&builder, text.bytes, row % 100 == 48 ? 0 : script->first < 0x80 ? 3 : 0);
        else
            weir_builder_text(&builder, text.bytes, text.size);
    }
    CHECK(weir_builder_finish(&builder, &table->columns[0], NULL) == 0);
    weir_builder_release(&builder);
    weir_buffer_release(&text);
}

static const int column[] = { 0 };

/* Each pair told is a true one with a kept row, and nearly each row that has such a pair is told. */
static void check_script(const struct script *script, double threshold)
{
    enum { ROWS = 120 };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_near_options options = {
        .kind = WEIR_NEAR_TEXT, .thresholds = &threshold, .size = 5, .memory = 1 << 20, .seed = 3
    };
    int64_t told[ROWS];
    struct plain *plain = calloc(ROWS, sizeof *plain);
    make_texts(&schema, &table, script, ROWS);
    near_all(&schema, &table, column, 1, &options, 64, NULL, told);
    int truths = 0, missed = 0, wrong = 0;
    for (int64_t row = 0; row < ROWS; row++) {
        size_t length;
        const char *text = weir_text(&table.columns[0], row, &length);
        plain_init(&plain[row], text, length, 5);
    }
    for (int64_t row = 0; row < ROWS; row++) {
        bool there = false;
        if (!weir_valid(&table.columns[0], row)) {
            CHECK_INT(told[row], -1);
            continue;
        }
        for (int64_t other = 0; other < row; other++)
            there |= told[other] < 0 && weir_valid(&table.columns[0], other) &&
                     plain_jaccard(&plain[row], &plain[other]) >= threshold;
        truths += there;
        missed += there && told[row] < 0;
        wrong += told[row] >= 0 && (told[row] >= row || told[told[row]] >= 0 ||
                                    !(plain_jaccard(&plain[row], &plain[told[row]]) >= threshold));
    }
    CHECK_INT(wrong, 0);
    CHECK(truths > ROWS / 8);
    CHECK(missed <= truths / 20);
    free(plain);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* Neither batches, nor threads, nor a memory of nothing change what comes out; ranks do. */
static void check_same(void)
{
    enum { ROWS = 5000 };
    double threshold = 0.7;
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_near_options options = {
        .kind = WEIR_NEAR_TEXT, .thresholds = &threshold, .size = 5, .memory = 1 << 30, .seed = 3
    };
    static int64_t first[ROWS], second[ROWS], rank[ROWS];
    make_texts(&schema, &table, &scripts[1], ROWS);
    near_all(&schema, &table, column, 1, &options, ROWS, NULL, first);
    options.memory = 0;
    options.pool = weir_pool_new(3);
    near_all(&schema, &table, column, 1, &options, 77, NULL, second);
    CHECK(memcmp(first, second, sizeof first) == 0);
    for (int row = 0; row < ROWS; row++)
        rank[row] = -row;
    near_all(&schema, &table, column, 1, &options, 1000, rank, second);
    int dropped = 0, forward = 0;
    for (int row = 0; row < ROWS; row++) {
        dropped += second[row] >= 0;
        forward += second[row] > row;
    }
    CHECK(dropped > ROWS / 4);
    CHECK_INT(forward, dropped); /* the later row is preferred */
    weir_pool_free(options.pool);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* Two runs with an index between them tell what one run tells. */
static void check_index(void)
{
    enum { ROWS = 1200, DAY = 700 };
    double threshold = 0.8, other = 0.9;
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, days[2] = { { 0 }, { 0 } };
    struct weir_near_options options = {
        .kind = WEIR_NEAR_TEXT, .thresholds = &threshold, .size = 5, .memory = 1 << 30, .seed = 3
    };
    struct weir_error error = { 0 };
    struct memory_file file = { 0 };
    struct weir_near *near = NULL;
    static int64_t whole[ROWS], told[ROWS];
    make_texts(&schema, &table, &scripts[0], ROWS);
    near_all(&schema, &table, column, 1, &options, ROWS, NULL, whole);
    weir_batch_slice(&days[0], &table, &schema, 0, DAY);
    weir_batch_slice(&days[1], &table, &schema, DAY, ROWS - DAY);
    CHECK(weir_near_new(&near, &schema, column, 1, &options, &error) == 0);
    CHECK(near_add_all(near, &schema, &days[0], 100, &error) == 0);
    CHECK(weir_near_finish(near, NULL, told, &error) == 0);
    CHECK(weir_near_save(near, memory_write, &file, &error) == 0);
    weir_near_free(near);
    CHECK(weir_near_new(&near, &schema, column, 1, &options, &error) == 0);
    CHECK(weir_near_restore(near, DAY, file.bytes.size, memory_read, &file, &error) == 0);
    CHECK(near_add_all(near, &schema, &days[1], 100, &error) == 0);
    CHECK(weir_near_finish(near, NULL, told + DAY, &error) == 0);
    CHECK_TEXT(error.text, "");
    CHECK(memcmp(whole, told, sizeof whole) == 0);
    weir_near_free(near);
    /* What was saved with other options, cut, or claims rows that are not there, is refused. */
    options.thresholds = &other;
    file.at = 0;
    CHECK(weir_near_new(&near, &schema, column, 1, &options, &error) == 0);
    CHECK(weir_near_restore(near, DAY, file.bytes.size, memory_read, &file, &error) < 0);
    CHECK_TEXT(error.text, "the index was made with another threshold");
    weir_near_free(near);
    options.thresholds = &threshold;
    for (size_t size = 0; size < file.bytes.size; size += size < 200 ? 1 : 997) {
        struct weir_error cut = { 0 };
        file.at = 0;
        CHECK(weir_near_new(&near, &schema, column, 1, &options, &error) == 0);
        CHECK(weir_near_restore(near, DAY, size, memory_read, &file, &cut) < 0 && cut.status == WEIR_BAD_DATA);
        weir_near_free(near);
    }
    file.at = 0;
    CHECK(weir_near_new(&near, &schema, column, 1, &options, &error) == 0);
    CHECK(weir_near_restore(near, 1, file.bytes.size, memory_read, &file, &error) < 0);
    CHECK_TEXT(error.text, "the index is damaged: row 1");
    weir_near_free(near);
    weir_buffer_release(&file.bytes);
    weir_batch_release(&days[0]);
    weir_batch_release(&days[1]);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* Words: blanks of any kind and number divide them, and the last differs. */
static void check_words(void)
{
    static const char *const texts[] = {
        "one two three four five six seven eight",
        " one  two\tthree\xE3\x80\x80"
        "four five\xC2\xA0six seven eight\n",
        "one two three four five six seven nine",
        "onetwo three four five six seven eight",
        "one",
        " one ",
        "",
        " ",
    };
    static const int64_t expected[] = { -1, 0, 0, 0, -1, 4, -1, 6 };
    enum { ROWS = sizeof texts / sizeof *texts };
    double threshold = 0.6;
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_builder builder;
    struct weir_buffer said = { 0 };
    struct weir_near *near = NULL;
    int64_t told[ROWS];
    struct weir_near_options options = {
        .kind = WEIR_NEAR_TEXT, .thresholds = &threshold, .unit = WEIR_NEAR_WORDS, .size = 2, .memory = 1 << 20
    };
    weir_schema_add(&schema, "text", WEIR_UTF8);
    weir_batch_init(&table, 1, ROWS);
    weir_builder_init(&builder, &schema.fields[0].type);
    for (int i = 0; i < ROWS; i++)
        weir_builder_text(&builder, texts[i], strlen(texts[i]));
    CHECK(weir_builder_finish(&builder, &table.columns[0], NULL) == 0);
    near_all(&schema, &table, column, 1, &options, ROWS, NULL, told);
    for (int i = 0; i < ROWS; i++)
        CHECK_INT(told[i], expected[i]);
    CHECK(weir_near_new(&near, &schema, column, 1, &options, NULL) == 0);
    weir_near_describe(near, &said);
    CHECK_TEXT(said.bytes, "32 bands of 4 rows, threshold 0.6, 2 words");
    weir_near_free(near);
    weir_buffer_release(&said);
    weir_builder_release(&builder);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* --- texts of one template: alike by 0.75, and one in twenty like an earlier one by 0.83 to 0.95 --- */
enum { TEMPLATED = 6000, EVERY = 20 };
static void make_templated(struct weir_schema *schema, struct weir_batch *table, bool alone, int64_t *like)
{
    enum { SLOT = 10, SLOTS = 2, FIXED = 170, LENGTH = FIXED + SLOTS * SLOT };
    struct weir_builder builder;
    char text[LENGTH];
    weir_schema_add(schema, "text", WEIR_UTF8);
    weir_batch_init(table, 1, TEMPLATED);
    weir_builder_init(&builder, &schema->fields[0].type);
    for (int64_t row = 0; row < TEMPLATED; row++) {
        struct weir_random random, own;
        bool planted = row % EVERY == EVERY - 1;
        weir_random_init(&own, 8, (uint64_t)row);
        like[row] = planted ? row - 1 - (int64_t)weir_random_below(&own, (uint64_t)row / EVERY + 1) * EVERY : -1;
        weir_random_init(&random, 9, alone ? (uint64_t)(planted ? like[row] : row) + 1 : 0);
        for (int i = 0; i < LENGTH; i++)
            text[i] = (char)('a' + weir_random_below(&random, 26));
        weir_random_init(&random, 10, (uint64_t)(planted ? like[row] : row));
        for (int slot = 0; slot < SLOTS; slot++)
            for (int i = 0; i < SLOT; i++)
                text[40 + 70 * slot + i] = (char)('a' + weir_random_below(&random, 26));
        for (int i = 0; planted && i < 1 + row % 3; i++)
            text[weir_random_below(&own, LENGTH)] = 'Q';
        weir_builder_text(&builder, text, LENGTH);
    }
    CHECK(weir_builder_finish(&builder, &table->columns[0], NULL) == 0);
    weir_builder_release(&builder);
}

/* *missed of *planted pairs are not told. */
static void search_templated(bool alone, int *missed, int *planted)
{
    double threshold = 0.8;
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_near_options options = {
        .kind = WEIR_NEAR_TEXT, .thresholds = &threshold, .size = 5, .memory = 1 << 30, .seed = 3
    };
    static int64_t told[TEMPLATED], like[TEMPLATED];
    make_templated(&schema, &table, alone, like);
    near_all(&schema, &table, column, 1, &options, 500, NULL, told);
    *missed = *planted = 0;
    for (int row = 0; row < TEMPLATED; row++) {
        *planted += like[row] >= 0;
        *missed += like[row] >= 0 && told[row] < 0;
    }
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* Thousands of texts just below the threshold hide few of those above it. */
static void check_templated(void)
{
    int missed, planted;
    search_templated(true, &missed, &planted);
    CHECK(missed <= planted / 50);
    search_templated(false, &missed, &planted);
    CHECK_INT(planted, TEMPLATED / EVERY);
    CHECK(missed <= planted / 50);
}

int main(void)
{
    check_templated();
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        check_script(&scripts[i], 0.8);
        check_script(&scripts[i], 0.5);
    }
    check_same();
    check_index();
    check_words();
    return check_result();
}
