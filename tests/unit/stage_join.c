/* Joining by key, and as of a time, beside a plain search through all rows of the table. */
#include "base/random.h"
#include "check.h"
#include "stage/join.h"
#include <stdlib.h>

enum { WHOLE_KEY, TEXT_KEY, TIME, COLUMNS };

/* Keys of few values, so that many rows share one; one value in nine is missing. */
static void make(struct weir_schema *schema, struct weir_batch *batch, enum weir_kind whole, bool coded, int64_t rows,
                 struct weir_random *random)
{
    static const char *const texts[] = { "", "a", "ab", "b", "\xC3\xA9" };
    weir_schema_add(schema, "k", whole);
    struct weir_field *text = weir_schema_add(schema, "s", WEIR_UTF8);
    if (coded) {
        weir_type_release(&text->type);
        weir_type_parse("dictionary<utf8>", &text->type, NULL);
    }
    weir_schema_add(schema, "t", WEIR_INT64);
    weir_batch_init(batch, COLUMNS, rows);
    for (int c = 0; c < COLUMNS; c++) {
        struct weir_builder builder;
        weir_builder_init(&builder, &schema->fields[c].type);
        for (int64_t row = 0; row < rows; row++) {
            uint64_t draw = weir_random_below(random, 5);
            if (weir_random_below(random, 9) == 0)
                weir_builder_null(&builder);
            else if (c == TEXT_KEY)
                weir_builder_text(&builder, texts[draw], strlen(texts[draw]));
            else
                weir_builder_int64(&builder, (int64_t)weir_random_below(random, 40) - 20);
        }
        CHECK(weir_builder_finish(&builder, &batch->columns[c], NULL) == 0);
        weir_builder_release(&builder);
    }
}

static bool same_value(const struct weir_join_side *a, const struct weir_batch *x, int64_t i, int column_a,
                       const struct weir_join_side *b, const struct weir_batch *y, int64_t j, int column_b)
{
    struct weir_buffer left = { 0 }, right = { 0 };
    weir_value_json(&x->columns[column_a], &a->schema->fields[column_a].type, i, &left);
    weir_value_json(&y->columns[column_b], &b->schema->fields[column_b].type, j, &right);
    bool same = strcmp(left.bytes, right.bytes) == 0 && strcmp(left.bytes, "null") != 0;
    weir_buffer_release(&left);
    weir_buffer_release(&right);
    return same;
}

/* The row that counts, by looking at all of them. */
static int64_t search(const struct weir_join_side *table, const struct weir_batch *rows,
                      const struct weir_join_side *stream, const struct weir_batch *batch, int64_t row,
                      enum weir_join_keep keep, const struct weir_join_reach *reach)
{
    int64_t best = -1, now = 0, best_time = 0;
    if (stream->time >= 0) {
        if (!weir_valid(&batch->columns[stream->time], row))
            return -1;
        now = weir_load_i64(batch->columns[stream->time].values.bytes + 8 * row);
    }
    for (int64_t r = 0; r < rows->rows; r++) {
        bool same = true;
        for (int k = 0; k < table->count && same; k++)
            same = same_value(table, rows, r, table->keys[k], stream, batch, row, stream->keys[k]);
        if (!same)
            continue;
        int64_t then = 0;
        if (table->time >= 0) {
            if (!weir_valid(&rows->columns[table->time], r))
                continue;
            then = weir_load_i64(rows->columns[table->time].values.bytes + 8 * r);
            if (then > now || (reach->limited && now - then > reach->units))
                continue;
        }
        if (best < 0 || then > best_time || (then == best_time && keep == WEIR_JOIN_LAST)) {
            best = r;
            best_time = then;
        }
    }
    return best;
}

static void compare(uint64_t seed)
{
    static const enum weir_kind kinds[] = { WEIR_INT64, WEIR_INT8, WEIR_INT16, WEIR_INT32 };
    struct weir_random random;
    weir_random_init(&random, seed, 0);
    struct weir_schema left = { 0 }, right = { 0 };
    struct weir_batch stream = { 0 }, table = { 0 };
    make(&right, &table, kinds[seed % 4], seed % 2, (int64_t)weir_random_below(&random, 80), &random);
    make(&left, &stream, kinds[seed / 4 % 4], seed % 3 == 0, 60, &random);
    static const int columns[][2] = { { WHOLE_KEY }, { TEXT_KEY }, { WHOLE_KEY, TEXT_KEY } };
    int choice = (int)(seed % 3);
    int time = seed % 5 < 3 ? TIME : -1;
    struct weir_join_side stream_side = { &left, columns[choice], choice == 2 ? 2 : 1, time };
    struct weir_join_side table_side = { &right, columns[choice], choice == 2 ? 2 : 1, time };
    struct weir_join_reach reach = { .limited = seed % 7 == 0, .units = 5 };
    struct weir_join_options options = { .keep = seed % 2 ? WEIR_JOIN_FIRST : WEIR_JOIN_LAST };
    struct weir_join *join = NULL;
    int64_t index[60];
    CHECK(weir_join_check_table(&table_side, NULL) == 0 && weir_join_check(&stream_side, &table_side, NULL) == 0);
    if (CHECK(weir_join_new(&join, &table_side, &table, &options, NULL) == 0) &&
        CHECK(weir_join_find(join, &stream_side, &stream, &reach, index, NULL) == 0)) {
        for (int64_t row = 0; row < stream.rows; row++) {
            int64_t expected = search(&table_side, &table, &stream_side, &stream, row, options.keep, &reach);
            CHECK_INT(index[row] < 0 ? -1 : index[row], expected);
        }
    }
    weir_join_free(join);
    weir_batch_release(&stream);
    weir_batch_release(&table);
    weir_schema_release(&left);
    weir_schema_release(&right);
}

static void reaches(void)
{
    static const struct {
        const char *text, *type;
        int64_t units;
    } cases[] = { { "90", "int64", 90 },
                  { "2", "date32", 2 },
                  { "1w", "date32", 7 },
                  { "12h", "date32", 0 },
                  { "15m", "timestamp[us]", 900000000 },
                  { "1.5s", "timestamp[ms]", 1500 },
                  { "1e30", "int64", INT64_MAX } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weir_field time = { .name = "t" };
        struct weir_join_reach reach = { 0 };
        weir_type_parse(cases[i].type, &time.type, NULL);
        if (CHECK(weir_join_reach_parse(&reach, cases[i].text, &time, NULL) == 0))
            CHECK_INT(reach.units, cases[i].units);
        weir_type_release(&time.type);
    }
    static const char *const wrong[] = { "", "d", "-1", "5x", "nan", "inf", "1 d", "5dd" };
    struct weir_field time = { .name = "t", .type = { .kind = WEIR_DATE32 } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct weir_join_reach reach;
        CHECK(weir_join_reach_parse(&reach, wrong[i], &time, NULL) < 0);
    }
}

/* A number whose hash by the mixer alone, without a secret, is `hash`: each step of it undone. */
static uint64_t unmixed(uint64_t hash)
{
    hash = (hash ^ hash >> 31 ^ hash >> 62) * 0x319642B2D24D8EC3u;
    hash = (hash ^ hash >> 27 ^ hash >> 54) * 0x96DE1B173F119089u;
    return hash ^ hash >> 30 ^ hash >> 60;
}

/* Enters the keys and finds them all. */
static void join_keys(const int64_t *keys, int64_t rows)
{
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    struct weir_join *join = NULL;
    const struct weir_join_options options = { .keep = WEIR_JOIN_UNIQUE };
    const struct weir_join_reach reach = { .limited = false };
    static const int column[] = { 0 };
    struct weir_join_side side = { &schema, column, 1, -1 };
    int64_t *index = calloc((size_t)rows, sizeof *index);
    weir_schema_add(&schema, "k", WEIR_INT64);
    weir_batch_init(&batch, 1, rows);
    batch.columns[0].rows = rows;
    memcpy(weir_slice_new(&batch.columns[0].values, (size_t)rows, sizeof *keys), keys, (size_t)rows * sizeof *keys);
    CHECK(weir_join_new(&join, &side, &batch, &options, NULL) == 0);
    CHECK(weir_join_find(join, &side, &batch, &reach, index, NULL) == 0);
    for (int64_t row = 0; row < rows; row++)
        CHECK_INT(index[row], row);
    weir_join_free(join);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
    free(index);
}

/* Keys made to meet in one slot, if there were no secret, are found like others. */
static void crafted(void)
{
    enum { ROWS = 30000 };
    static int64_t made[ROWS];
    for (int64_t row = 0; row < ROWS; row++)
        made[row] = (int64_t)unmixed((uint64_t)row << 40);
    join_keys(made, ROWS);
}

/* One secret, one hash, whatever the column's width; another secret, another hash. */
static void secrets(void)
{
    struct weir_random random;
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    struct weir_join_secret one, two;
    static const int columns[] = { WHOLE_KEY, TEXT_KEY };
    enum { ROWS = 200 };
    uint64_t hash[3][ROWS];
    uint8_t missing[ROWS];
    weir_random_init(&random, 5, 0);
    make(&schema, &batch, WEIR_INT32, true, ROWS, &random);
    CHECK(weir_join_draw(&one, NULL) == 0 && weir_join_draw(&two, NULL) == 0 && one.multiply % 2 == 1);
    for (int c = 0; c < 2; c++) {
        struct weir_join_side side = { &schema, columns + c, 1, -1 };
        int equal = 0;
        weir_join_hash(&side, &batch, &one, hash[0], missing);
        weir_join_hash(&side, &batch, &one, hash[1], missing);
        weir_join_hash(&side, &batch, &two, hash[2], missing);
        for (int row = 0; row < ROWS; row++) {
            CHECK(hash[0][row] == hash[1][row]);
            equal += !missing[row] && hash[0][row] == hash[2][row];
        }
        CHECK_INT(equal, 0);
    }
    weir_batch_release(&batch);
    weir_schema_release(&schema);
}

int main(void)
{
    crafted();
    secrets();
    for (uint64_t seed = 0; seed < 420; seed++)
        compare(seed);
    reaches();
    return check_result();
}
