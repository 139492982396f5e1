/* The report of clean: what it counts against comparing every cell's text; the same page whatever the batches; values
 * that would break out of a page; memory that does not grow with the rows. */
#include "base/number.h"
#include "stage/clean_report_private.h"
#include "stage_sample.h"

enum { ROWS = 700 };

static void value_text(const struct weir_column *column, const struct weir_type *type, int64_t row,
                       struct weir_buffer *out)
{
    weir_buffer_clear(out);
    weir_buffer_string(out, "");
    if (weir_valid(column, row))
        weir_value_text(column, type, row, out);
}

/* One part that drops nothing: each cell's fate by its text. */
static void check_counts(const char *options, bool coded)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, done = { 0 };
    struct weir_binding binding;
    struct weir_error error = { 0 };
    struct weir_clean_report *report = NULL;
    sample_table(&schema, &table, ROWS, 5, coded);
    struct weir_stage *stage = sample_stage("clean", options);
    CHECK(sample_learn(stage, &schema, &table, 100, &error) == 0);
    CHECK(weir_clean_report_begin(&report, stage, false, &error) == 0);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_LEARNED, &error) == 0);
    CHECK(stage->kind->apply(&binding, &table, &done, NULL, &error) == 0);
    CHECK_INT(report->rows_in, ROWS);
    if (!CHECK_INT(report->rows_out, ROWS))
        return;
    struct weir_buffer texts[2] = { { 0 }, { 0 } };
    for (int i = 0; i < table.count; i++) {
        int64_t wanted[CLEAN_FATE_COUNT] = { 0 };
        for (int64_t row = 0; row < ROWS; row++) {
            bool before = weir_valid(&table.columns[i], row), after = weir_valid(&done.columns[i], row);
            value_text(&table.columns[i], &schema.fields[i].type, row, &texts[0]);
            value_text(&done.columns[i], &binding.out.fields[i].type, row, &texts[1]);
            wanted[CLEAN_CHANGED] += before && after && strcmp(texts[0].bytes, texts[1].bytes) != 0;
            wanted[CLEAN_EMPTIED] += before && !after;
            wanted[CLEAN_FILLED] += !before && after;
        }
        for (int fate = 0; fate < CLEAN_FATE_COUNT; fate++) {
            int64_t counted = 0;
            for (int step = 0; step < report->step_count; step++)
                counted += report->steps[step].cells[i] ? report->steps[step].cells[i]->counts[fate] : 0;
            CHECK_INT(counted, wanted[fate]);
        }
    }
    weir_buffer_release(&texts[0]);
    weir_buffer_release(&texts[1]);
    weir_batch_release(&done);
    weir_binding_release(&binding);
    weir_clean_report_free(report);
    weir_stage_free(stage);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

static char *page_of(const char *options, int64_t size, bool no_values)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_binding binding;
    struct weir_error error = { 0 };
    struct weir_clean_report *report = NULL;
    struct weir_buffer rows = { 0 }, page = { 0 };
    sample_table(&schema, &table, ROWS, 6, true);
    struct weir_stage *stage = sample_stage("clean", options);
    CHECK(sample_learn(stage, &schema, &table, 100, &error) == 0);
    CHECK(weir_clean_report_begin(&report, stage, no_values, &error) == 0);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_LEARNED, &error) == 0);
    CHECK(sample_apply(&binding, &schema, &table, size, &rows, &error) == 0);
    CHECK(weir_clean_report_page(report, &page, &error) == 0);
    weir_buffer_release(&rows);
    weir_binding_release(&binding);
    weir_clean_report_free(report);
    weir_stage_free(stage);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    return page.bytes;
}

static void test_batches(void)
{
    const char *options = "{\"trim\": true, \"case\": \"lower\", \"missing\": [\"median\", \"city=drop\"],"
                          "\"range\": [\"real=0..6\"], \"smooth\": [\"real=exponential:0.5\"], \"flag-missing\": true}";
    char *whole = page_of(options, ROWS, false);
    CHECK(strstr(whole, "filled with median"));
    CHECK(strstr(whole, "&#39;city&#39; is missing"));
    CHECK(strstr(whole, "Columns added: "));
    for (int64_t size = 1; size < ROWS; size = size * 3 + 4) {
        char *page = page_of(options, size, false);
        CHECK(strcmp(page, whole) == 0);
        free(page);
    }
    free(whole);
}

static void test_no_values(void)
{
    char *page = page_of("{\"trim\": true, \"missing\": [\"mode\"]}", 50, true);
    CHECK(strstr(page, "filled with mode"));
    for (int i = 0; i < SAMPLE_CITIES; i++)
        CHECK(sample_cities[i][0] == 0 || !strstr(page, sample_cities[i]));
    CHECK(!strstr(page, "Minimum"));
    free(page);
}

/* A shape that is copied in the middle goes on as the one that was not. */
static void test_copy(void)
{
    enum { VALUES = 6000, LIMIT = 256 };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_scratch scratch = { 0 };
    struct weir_error error = { 0 };
    sample_table(&schema, &table, VALUES, 7, false);
    const int columns[] = { 2, 5 }; /* real, city */
    for (int64_t cut = 0; cut <= VALUES; cut += 1536)
        for (int c = 0; c < 2; c++) {
            const struct weir_field *field = &schema.fields[columns[c]];
            struct clean_shape one, two = { .type = &field->type };
            struct weir_column head = { 0 }, tail = { 0 };
            weir_column_slice(&head, &table.columns[columns[c]], &field->type, 0, cut);
            weir_column_slice(&tail, &table.columns[columns[c]], &field->type, cut, VALUES - cut);
            CHECK(weir_clean_shape_begin(&one, field, LIMIT) == 0);
            CHECK(weir_clean_shape_add(&one, &head, &scratch, &error) == 0);
            CHECK(weir_clean_shape_copy(&two, &one, &error) == 0);
            CHECK(weir_clean_shape_add(&one, &tail, &scratch, &error) == 0);
            CHECK(weir_clean_shape_add(&two, &tail, &scratch, &error) == 0);
            CHECK_INT(two.rows, VALUES);
            CHECK_INT(two.missing, one.missing);
            CHECK_INT((long long)two.counts.count, (long long)one.counts.count);
            for (int q = 0; c == 0 && q <= 8; q++) {
                double values[2];
                CHECK(weir_quantiles_value(one.quantiles, q / 8.0, &values[0]) == 0);
                CHECK(weir_quantiles_value(two.quantiles, q / 8.0, &values[1]) == 0);
                CHECK(values[0] == values[1]);
            }
            CHECK(memcmp(one.histogram.counts, two.histogram.counts, sizeof one.histogram.counts) == 0);
            weir_clean_shape_release(&one);
            weir_clean_shape_release(&two);
            weir_column_release(&head);
            weir_column_release(&tail);
        }
    weir_scratch_release(&scratch);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* Every row is offered; six at most are kept, the first three among them, each with the number it came with. */
static void test_examples(void)
{
    struct clean_examples examples = { .count = 0 };
    struct clean_taken taken[64];
    int64_t row = 0;
    uint64_t rows[] = { 1, 0x8000000000000001, UINT64_MAX, 0, UINT64_MAX, 0xF0F0F0F0F0F0F0F0, UINT64_MAX };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++, row += 64) {
        int count = weir_clean_examples_offer(&examples, rows[i], taken);
        for (int t = 0; t < count; t++) {
            CHECK(rows[i] >> taken[t].bit & 1);
            taken[t].example->row = row + taken[t].bit;
        }
    }
    weir_clean_examples_sort(&examples);
    CHECK_INT(examples.count, CLEAN_MOST_EXAMPLES);
    CHECK_INT(examples.items[0].row, 0);
    CHECK_INT(examples.items[1].row, 64);
    CHECK_INT(examples.items[2].row, 127);
    for (int i = 1; i < examples.count; i++)
        CHECK(examples.items[i].row > examples.items[i - 1].row);
    weir_clean_examples_release(&examples);
}

static void excerpts_are(const char *before, const char *after, const char *marked_before, const char *marked_after)
{
    struct weir_buffer texts[2] = { { 0 }, { 0 } };
    struct clean_excerpt pair[2] = { { 0 }, { 0 } };
    const char *const marked[] = { marked_before, marked_after };
    weir_buffer_string(&texts[0], before);
    weir_buffer_string(&texts[1], after);
    CHECK(weir_clean_excerpt_pair(pair, &texts[0], &texts[1], false) == 0);
    for (int i = 0; i < 2; i++) {
        CHECK_INT((long long)(pair[i].last - pair[i].first), (long long)strlen(marked[i]));
        CHECK(memcmp(pair[i].bytes + pair[i].first, marked[i], strlen(marked[i])) == 0);
        free(pair[i].bytes);
        weir_buffer_release(&texts[i]);
    }
}

static void test_excerpts(void)
{
    excerpts_are("Paris ", "Paris", " ", "");
    excerpts_are("aXbc", "aYbc", "X", "Y");
    excerpts_are("aa", "a", "a", "");
    excerpts_are("", "new", "", "new");
    excerpts_are("\xC3\xA4", "\xC3\xB6", "\xC3\xA4", "\xC3\xB6");   /* the first byte alone is no character */
    excerpts_are("\xC3\xA4x", "\xC2\xA4x", "\xC3\xA4", "\xC2\xA4"); /* nor is the last */
    char texts[2][5001];
    memset(texts, 'x', sizeof texts);
    texts[0][5000] = texts[1][5000] = 0;
    memcpy(texts[0] + 4000, "HERE", 4);
    excerpts_are(texts[0], texts[1], "HERE", "xxxx");
}

int main(void)
{
    check_counts("{\"missing\": [\"mode\"], \"keep-unlabelled\": true}", false);
    check_counts("{\"missing\": [\"mode\"], \"keep-unlabelled\": true}", true);
    check_counts("{\"missing\": [\"keep\"], \"trim\": true, \"keep-unlabelled\": true}", false);
    check_counts("{\"missing\": [\"keep\"], \"trim\": true, \"keep-unlabelled\": true}", true);
    check_counts("{\"missing\": [\"keep\"], \"range\": [\"real=0..4\", \"whole=-100..100\", \"day=2000-01-01..\"],"
                 "\"keep-unlabelled\": true, \"allow\": [\"city=Paris|rare\"]}",
                 true);
    test_batches();
    test_no_values();
    test_copy();
    test_examples();
    test_excerpts();
    return check_result();
}
