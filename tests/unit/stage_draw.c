/* The filter of `sample`: the rows that a plain draw chooses come out whole and in order, whatever the batches and the
 * memory; classes get what they are to get. */
#include "math/apportion.h"
#include "math/reservoir.h"
#include "stage/sample.h"
#include "stage_sample.h"

static void say_row(const struct weir_batch *batch, const struct weir_schema *schema, int64_t row,
                    struct weir_buffer *out)
{
    for (int c = 0; c < schema->count; c++) {
        weir_value_json(&batch->columns[c], &schema->fields[c].type, row, out);
        weir_buffer_byte(out, c + 1 < schema->count ? ' ' : '\n');
    }
}

static int say_more(struct weir_filter *filter, const struct weir_schema *out, bool ended, struct weir_buffer *text,
                    struct weir_error *error)
{
    int got;
    do {
        struct weir_batch batch = { 0 };
        got = filter->more(filter->context, ended, &batch, error);
        for (int64_t r = 0; got > 0 && r < batch.rows; r++)
            say_row(&batch, out, r, text);
        weir_batch_release(&batch);
    } while (got > 0);
    return got;
}

/* All that comes out of the table, a row a line; the batches are of `size` rows and fewer. */
static int run_filter(struct weir_filter *filter, const struct weir_schema *schema, const struct weir_batch *table,
                      int64_t size, struct weir_buffer *text, struct weir_error *error)
{
    struct weir_schema out = { 0 };
    int result = filter->learn_begin ? filter->learn_begin(filter->context, schema, error) : 0;
    for (bool learning = result > 0, begun = false; result >= 0 && !begun; learning = false) {
        begun = !learning;
        result = begun ? filter->begin(filter->context, schema, &out, error) : 0;
        for (int64_t first = 0, rows; result >= 0 && first < table->rows; first += rows) {
            struct weir_batch batch = { 0 }, none = { 0 };
            rows = 1 + first * 7919 % size;
            rows = table->rows - first < rows ? table->rows - first : rows;
            weir_batch_slice(&batch, table, schema, first, rows);
            result = learning ? filter->learn(filter->context, &batch, error)
                              : filter->apply(filter->context, &batch, &none, error);
            if (result >= 0 && !learning)
                result = say_more(filter, &out, false, text, error);
            weir_batch_release(&batch);
        }
        if (result >= 0)
            result = learning ? filter->learn_end(filter->context, error) : say_more(filter, &out, true, text, error);
    }
    if (result >= 0)
        result = filter->end(filter->context, error);
    weir_schema_release(&out);
    return result;
}

static char *sampled(const struct weir_sample_options *options, const struct weir_schema *schema,
                     const struct weir_batch *table, int64_t size)
{
    struct weir_filter filter;
    struct weir_buffer text = { 0 };
    struct weir_error error = { 0 };
    weir_buffer_string(&text, "");
    CHECK_INT(weir_sample_filter(&filter, options, json_object(), &error), 0);
    if (!CHECK_INT(run_filter(&filter, schema, table, size, &text, &error), 0))
        fprintf(stderr, "    %s\n", error.text);
    weir_sample_filter_release(&filter);
    return text.bytes;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* What a reservoir over the whole table chooses. */
static char *plainly(const struct weir_schema *schema, const struct weir_batch *table, int64_t wanted, uint64_t seed)
{
    struct weir_reservoir_change *changes = weir_allocate((size_t)table->rows, sizeof *changes);
    struct weir_reservoir reservoir;
    struct weir_buffer text = { 0 };
    weir_reservoir_init(&reservoir, wanted, seed);
    weir_reservoir_offer(&reservoir, NULL, table->rows, changes);
    int64_t *rows = weir_allocate(reservoir.count, sizeof *rows);
    for (size_t e = 0; e < reservoir.count; e++)
        rows[e] = changes[reservoir.entries[e].number].row;
    qsort(rows, reservoir.count, sizeof *rows, compare);
    weir_buffer_string(&text, "");
    for (size_t e = 0; e < reservoir.count; e++)
        say_row(table, schema, rows[e], &text);
    weir_reservoir_release(&reservoir);
    free(rows);
    free(changes);
    return text.bytes;
}

static void check_draw(const struct weir_schema *schema, const struct weir_batch *table)
{
    const int64_t wanted[] = { 0, 1, 40, 3000, 7999, 50000 }, sizes[] = { 1, 60, 8000 };
    const int64_t memories[] = { 1000, 100000, 1 << 30 };
    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
        struct weir_sample_options options = { .rows = wanted[w], .seed = 3 + w };
        char *expected = plainly(schema, table, wanted[w], options.seed);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
                options.memory = memories[m];
                char *text = sampled(&options, schema, table, sizes[s]);
                CHECK(strcmp(text, expected) == 0);
                free(text);
            }
        }
        free(expected);
    }
}

/* How many lines end with each of the labels "no", "yes" and null, and whether the ids (the first word) ascend. */
static bool count_labels(const char *text, int64_t counts[3])
{
    int64_t last = -1;
    bool ascending = true;
    counts[0] = counts[1] = counts[2] = 0;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        const char *end = strchr(line, '\n');
        counts[end[-2] == 'o' ? 0 : end[-2] == 's' ? 1 : 2]++;
        ascending &= strtoll(line, NULL, 10) > last;
        last = strtoll(line, NULL, 10);
    }
    return ascending;
}

static void check_classes(const struct weir_schema *schema, const struct weir_batch *table)
{
    struct weir_sample_options all = { .rows = table->rows, .memory = 1 << 30 };
    struct weir_sample_options stratified = { .method = WEIR_SAMPLE_STRATIFIED, .rows = 1000, .seed = 2 };
    struct weir_sample_options balanced = { .method = WEIR_SAMPLE_BALANCE, .rows = -1, .seed = 2 };
    struct weir_sample_options fraction = { .rows = -1, .fraction = 0.1, .seed = 2 };
    int64_t sizes[3], counts[3], parts[3];
    const uint64_t ties[3] = { 0 };
    char *text = sampled(&all, schema, table, 1000);
    CHECK(count_labels(text, sizes));
    CHECK_INT(sizes[0] + sizes[1] + sizes[2], table->rows);
    free(text);

    text = sampled(&stratified, schema, table, 1000);
    char *again = sampled(&stratified, schema, table, 77);
    CHECK(count_labels(text, counts) && strcmp(text, again) == 0);
    weir_apportion(1000, 0, sizes, ties, 3, parts);
    CHECK(counts[0] == parts[0] && counts[1] == parts[1] && counts[2] == parts[2]);
    free(text);
    free(again);

    text = sampled(&balanced, schema, table, 1000);
    int64_t smaller = sizes[0] < sizes[1] ? sizes[0] : sizes[1];
    CHECK(count_labels(text, counts) && counts[0] == smaller && counts[1] == smaller && counts[2] == 0);
    free(text);

    text = sampled(&fraction, schema, table, 1000);
    CHECK(count_labels(text, counts) && counts[0] + counts[1] + counts[2] == 800);
    free(text);
}

/* Selection within the classes: every set of two of five rows is as likely. */
static void check_selection(void)
{
    enum { RUNS = 10000 };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    int seen[32] = { 0 };
    double chi = 0;
    sample_table(&schema, &table, 5, 1, false);
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        struct weir_sample_options options = { .rows = -1, .fraction = 0.4, .seed = seed };
        char *text = sampled(&options, &schema, &table, 5);
        unsigned set = 0;
        for (const char *line = text; *line; line = strchr(line, '\n') + 1)
            set |= 1u << (*line - '0');
        seen[set]++;
        free(text);
    }
    for (unsigned set = 0; set < 32; set++) {
        double expected = __builtin_popcount(set) == 2 ? RUNS / 10.0 : 0;
        chi += expected > 0 ? (seen[set] - expected) * (seen[set] - expected) / expected : 1000 * seen[set];
    }
    if (!CHECK(chi < 27.9)) /* 0.999 of 9 degrees */
        fprintf(stderr, "    chi-squared %g\n", chi);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

int main(void)
{
    for (int coded = 0; coded < 2; coded++) {
        struct weir_schema schema = { 0 };
        struct weir_batch table = { 0 };
        sample_table(&schema, &table, 8000, 11, coded);
        check_draw(&schema, &table);
        check_classes(&schema, &table);
        weir_batch_release(&table);
        weir_schema_release(&schema);
    }
    check_selection();
    return check_result();
}
