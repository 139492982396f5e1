/* A table for the tests of stages, and stages run on it in batches of any size. */
#ifndef WEIR_TESTS_UNIT_STAGE_SAMPLE_H
#define WEIR_TESTS_UNIT_STAGE_SAMPLE_H

#include "base/random.h"
#include "check.h"
#include "stage/plan.h"
#include <stdlib.h>

/* Columns: id, whole (int32), real (float64, some NaN), small (uint8), flag (bool), city (utf8), day (date32), label
 * (utf8); about one value in eight is missing. `coded`: city is a dictionary column. */
static inline void sample_schema(struct weir_schema *schema, bool coded)
{
    weir_schema_add(schema, "id", WEIR_INT64)->role = WEIR_ID;
    weir_schema_add(schema, "whole", WEIR_INT32);
    weir_schema_add(schema, "real", WEIR_FLOAT64);
    weir_schema_add(schema, "small", WEIR_UINT8);
    weir_schema_add(schema, "flag", WEIR_BOOL);
    if (coded) {
        struct weir_field *city = weir_schema_add(schema, "city", WEIR_UTF8);
        weir_type_release(&city->type);
        weir_type_parse("dictionary<utf8>", &city->type, NULL);
    } else {
        weir_schema_add(schema, "city", WEIR_UTF8);
    }
    weir_schema_add(schema, "day", WEIR_DATE32);
    weir_schema_add(schema, "label", WEIR_UTF8)->role = WEIR_LABEL;
}

enum { SAMPLE_COLUMNS = 8, SAMPLE_CITIES = 6 };
static const char *const sample_cities[SAMPLE_CITIES] = { "Paris", " Rome", "Lima ", "\xC3\x84gypten", "", "rare" };

static inline void sample_value(struct weir_builder *builder, int column, int64_t row, struct weir_random *random)
{
    static const char *const labels[] = { "yes", "no" };
    double draw = weir_random_normal(random);
    uint64_t pick = weir_random_below(random, 1000);
    bool missing = column > 0 && weir_random_below(random, 8) == 0;
    size_t city = pick < 2 ? 5 : pick % 5;
    if (missing)
        weir_builder_null(builder);
    else if (column == 0)
        weir_builder_int64(builder, row);
    else if (column == 1)
        weir_builder_int64(builder, (int64_t)(1000 * draw * draw * draw));
    else if (column == 2)
        weir_builder_double(builder, pick == 7 ? (double)NAN : 3 + 2 * draw);
    else if (column == 3)
        weir_builder_int64(builder, (int64_t)(pick % 200));
    else if (column == 4)
        weir_builder_int64(builder, pick % 3 == 0);
    else if (column == 5)
        weir_builder_text(builder, sample_cities[city], strlen(sample_cities[city]));
    else if (column == 6)
        weir_builder_int64(builder, 11000 + (int64_t)(100 * draw));
    else
        weir_builder_text(builder, labels[pick % 2], strlen(labels[pick % 2]));
}

/* A dictionary column of a text column: values in the order in which they come. */
static inline void sample_code(struct weir_column *column)
{
    struct weir_type type = { .kind = WEIR_UTF8 };
    struct weir_builder values;
    struct weir_column coded = { .rows = column->rows, .null_count = column->null_count };
    struct weir_block *codes = weir_block_new((size_t)column->rows * 4);
    weir_builder_init(&values, &type);
    for (size_t i = SAMPLE_CITIES; i-- > 0;)
        weir_builder_text(&values, sample_cities[i], strlen(sample_cities[i]));
    for (int64_t row = 0; row < column->rows; row++) {
        size_t length;
        const char *text = weir_text(column, row, &length);
        int32_t code = 0;
        for (int32_t i = 0; weir_valid(column, row) && i < SAMPLE_CITIES; i++)
            if (strlen(sample_cities[SAMPLE_CITIES - 1 - i]) == length &&
                memcmp(sample_cities[SAMPLE_CITIES - 1 - i], text, length) == 0)
                code = i;
        ((int32_t *)(void *)codes->bytes)[row] = code;
    }
    coded.values = (struct weir_slice){ codes, codes->bytes, (size_t)column->rows * 4 };
    if (column->null_count > 0)
        coded.validity = (struct weir_slice){ weir_block_ref(column->validity.block), column->validity.bytes,
                                              column->validity.size };
    coded.children = weir_allocate_zero(1, sizeof *coded.children);
    coded.child_count = 1;
    weir_builder_finish(&values, &coded.children[0], NULL);
    weir_builder_release(&values);
    weir_column_release(column);
    *column = coded;
}

static inline void sample_table(struct weir_schema *schema, struct weir_batch *table, int64_t rows, uint64_t seed,
                                bool coded)
{
    sample_schema(schema, coded);
    weir_batch_init(table, SAMPLE_COLUMNS, rows);
    for (int i = 0; i < SAMPLE_COLUMNS; i++) {
        struct weir_builder builder;
        struct weir_random random;
        struct weir_type utf8 = { .kind = WEIR_UTF8 };
        weir_random_init(&random, seed, (uint64_t)i);
        weir_builder_init(&builder, coded && i == 5 ? &utf8 : &schema->fields[i].type);
        for (int64_t row = 0; row < rows; row++)
            sample_value(&builder, i, row, &random);
        CHECK(weir_builder_finish(&builder, &table->columns[i], NULL) == 0);
        weir_builder_release(&builder);
        if (coded && i == 5)
            sample_code(&table->columns[i]);
    }
}

/* One pass after the other, in batches of `size` rows. */
static inline int sample_learn(struct weir_stage *stage, const struct weir_schema *schema,
                               const struct weir_batch *table, int64_t size, struct weir_error *error)
{
    int more = stage->kind->learn ? stage->kind->learn_begin(stage, schema, error) : 0;
    while (more > 0) {
        for (int64_t first = 0; first < table->rows; first += size) {
            struct weir_batch batch = { 0 };
            int64_t rows = table->rows - first < size ? table->rows - first : size;
            weir_batch_slice(&batch, table, schema, first, rows);
            int result = stage->kind->learn(stage, &batch, error);
            weir_batch_release(&batch);
            if (result < 0)
                return -1;
        }
        more = stage->kind->learn_end(stage, error);
    }
    return more;
}

/* Each row that comes out as JSON, a line each. */
static inline int sample_apply(struct weir_binding *binding, const struct weir_schema *schema,
                               const struct weir_batch *table, int64_t size, struct weir_buffer *out,
                               struct weir_error *error)
{
    for (int64_t first = 0; first < table->rows; first += size) {
        struct weir_batch batch = { 0 }, done = { 0 };
        int64_t rows = table->rows - first < size ? table->rows - first : size;
        weir_batch_slice(&batch, table, schema, first, rows);
        int result = binding->stage->kind->apply(binding, &batch, &done, NULL, error);
        for (int64_t row = 0; result >= 0 && row < done.rows; row++) {
            for (int i = 0; i < done.count; i++) {
                weir_value_json(&done.columns[i], &binding->out.fields[i].type, row, out);
                weir_buffer_byte(out, i + 1 < done.count ? ' ' : '\n');
            }
        }
        weir_batch_release(&batch);
        weir_batch_release(&done);
        if (result < 0)
            return -1;
    }
    return 0;
}

static inline struct weir_stage *sample_stage(const char *name, const char *options)
{
    struct weir_stage *stage = NULL;
    struct weir_error error = { 0 };
    if (!CHECK(weir_stage_new(&stage, name, options, &error) == 0))
        fprintf(stderr, "    %s\n", error.text);
    return stage;
}

#endif
