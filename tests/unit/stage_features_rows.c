/* Principal components, random projections, polynomials and bins beside plain references; the same bytes whatever the
 * batches, from a state as from learning, and merged as from the whole. */
#include "stage_sample.h"
#include "stream/sparse.h"

static void fit(struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table,
                int64_t size)
{
    struct weir_error error = { 0 };
    stage->keep_merge = true;
    if (!CHECK(sample_learn(stage, schema, table, size, &error) == 0))
        fprintf(stderr, "    %s\n", error.text);
}

/* The column `name` of what comes out: floats[rows * width], and the rows that are there. */
static float *outcome(const struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table,
                      int64_t size, const char *name, bool *present)
{
    struct weir_binding binding;
    struct weir_error error = { 0 };
    if (!CHECK(weir_stage_bind(&binding, stage, schema, WEIR_AS_FILTER, &error) == 0)) {
        fprintf(stderr, "    %s\n", error.text);
        exit(1);
    }
    int at = weir_schema_find(&binding.out, name);
    if (!CHECK(at >= 0))
        exit(1);
    const struct weir_type *type = &binding.out.fields[at].type;
    int64_t width = type->kind == WEIR_FIXED_LIST ? type->list_size : 1;
    float *out = calloc((size_t)(table->rows * width), sizeof *out);
    for (int64_t first = 0; first < table->rows; first += size) {
        struct weir_batch batch = { 0 }, done = { 0 };
        int64_t rows = table->rows - first < size ? table->rows - first : size;
        weir_batch_slice(&batch, table, schema, first, rows);
        if (!CHECK(stage->kind->apply(&binding, &batch, &done, NULL, &error) == 0)) {
            fprintf(stderr, "    %s\n", error.text);
            exit(1);
        }
        const struct weir_column *column = &done.columns[at];
        for (int64_t row = 0; row < rows; row++) {
            present[first + row] = weir_valid(column, row);
            for (int64_t i = 0; i < width; i++)
                out[(first + row) * width + i] =
                    (float)(type->kind == WEIR_FIXED_LIST
                                ? weir_number(&column->children[0], WEIR_FLOAT32, row * width + i)
                                : weir_number(column, type->kind, row));
        }
        weir_batch_release(&batch);
        weir_batch_release(&done);
    }
    weir_binding_release(&binding);
    return out;
}

/* Rows x[rows][COLUMNS]: a scalar of float64 far from 0, a list of three float32, a bool, and a constant int16; some
 * rows have a null or a NaN. */
enum { COLUMNS = 6, ROWS = 1500 };

static void make_table(struct weir_schema *schema, struct weir_batch *table, double (*x)[COLUMNS], bool *whole)
{
    struct weir_random random;
    weir_random_init(&random, 5, 6);
    weir_schema_add(schema, "far", WEIR_FLOAT64);
    weir_field_make_tensor(weir_schema_add(schema, "list", WEIR_NULL), WEIR_FLOAT32, 3, 0, NULL);
    weir_schema_add(schema, "flag", WEIR_BOOL);
    weir_schema_add(schema, "same", WEIR_INT16);
    weir_schema_add(schema, "label", WEIR_FLOAT32)->role = WEIR_LABEL;
    weir_batch_init(table, 5, ROWS);
    struct weir_builder builders[5];
    for (int c = 0; c < 5; c++)
        weir_builder_init(&builders[c], &schema->fields[c].type);
    for (int64_t row = 0; row < ROWS; row++) {
        double common = weir_random_normal(&random), *to = x[row];
        to[0] = 1e9 + 3 * common + 2 * weir_random_normal(&random);
        for (int i = 1; i <= 3; i++)
            to[i] = (double)(float)(i * common + (5 - 1.5 * i) * weir_random_normal(&random));
        to[4] = weir_random_below(&random, 2) > 0;
        to[5] = -7;
        whole[row] = row % 13 != 4;
        if (row % 26 == 4)
            weir_builder_null(&builders[0]);
        else
            weir_builder_double(&builders[0], whole[row] ? to[0] : (double)NAN);
        for (int i = 1; i <= 3; i++)
            weir_builder_double(&builders[1].children[0], to[i]);
        weir_builder_close(&builders[1]);
        weir_builder_int64(&builders[2], to[4] > 0);
        weir_builder_int64(&builders[3], -7);
        weir_builder_double(&builders[4], (double)row);
    }
    for (int c = 0; c < 5; c++) {
        CHECK(weir_builder_finish(&builders[c], &table->columns[c], NULL) == 0);
        weir_builder_release(&builders[c]);
    }
}

/* The covariance in two passes, and its eigenvectors by powers of it, one taken off after the other. */
static void plain_components(double (*x)[COLUMNS], const bool *whole, int wanted, double *mean,
                             double (*vectors)[COLUMNS], double *variances)
{
    double c[COLUMNS][COLUMNS] = { { 0 } };
    int64_t count = 0;
    memset(mean, 0, COLUMNS * sizeof *mean);
    for (int64_t row = 0; row < ROWS; row++)
        for (int i = 0; whole[row] && i < COLUMNS; i++) {
            mean[i] += x[row][i] - x[0][i];
            count += i == 0;
        }
    for (int i = 0; i < COLUMNS; i++)
        mean[i] = x[0][i] + mean[i] / (double)count;
    for (int64_t row = 0; row < ROWS; row++)
        for (int i = 0; whole[row] && i < COLUMNS; i++)
            for (int j = 0; j < COLUMNS; j++)
                c[i][j] += (x[row][i] - mean[i]) * (x[row][j] - mean[j]) / (double)(count - 1);
    for (int k = 0; k < wanted; k++) {
        double v[COLUMNS], length = 0;
        for (int i = 0; i < COLUMNS; i++)
            v[i] = 1 + 0.1 * i * (k + 1);
        for (int step = 0; step < 20000; step++) {
            double next[COLUMNS] = { 0 };
            length = 0;
            for (int i = 0; i < COLUMNS; i++)
                for (int j = 0; j < COLUMNS; j++)
                    next[i] += c[i][j] * v[j];
            for (int i = 0; i < COLUMNS; i++)
                length += next[i] * next[i];
            length = sqrt(length);
            for (int i = 0; i < COLUMNS; i++)
                v[i] = next[i] / length;
        }
        int largest = 0;
        for (int i = 0; i < COLUMNS; i++)
            largest = fabs(v[i]) > fabs(v[largest]) ? i : largest;
        variances[k] = length;
        for (int i = 0; i < COLUMNS; i++)
            vectors[k][i] = v[largest] < 0 ? -v[i] : v[i];
        for (int i = 0; i < COLUMNS; i++)
            for (int j = 0; j < COLUMNS; j++)
                c[i][j] -= length * v[i] * v[j];
    }
}

static void test_pca(const char *options, int wanted, bool whiten)
{
    static double x[ROWS][COLUMNS];
    static bool whole[ROWS], present[ROWS];
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    make_table(&schema, &table, x, whole);
    double mean[COLUMNS], vectors[COLUMNS][COLUMNS], variances[COLUMNS];
    plain_components(x, whole, wanted, mean, vectors, variances);
    static const int64_t sizes[] = { ROWS, 1, 7, 600 };
    float *first = NULL;
    for (size_t s = 0; s < 4; s++) {
        struct weir_stage *stage = sample_stage("features", options), *restored = NULL;
        struct weir_buffer text = { 0 }, again = { 0 };
        fit(stage, &schema, &table, sizes[s]);
        float *y = outcome(stage, &schema, &table, sizes[s], "pca", present);
        for (int64_t row = 0; s == 0 && row < ROWS; row++) {
            CHECK(present[row] == whole[row]);
            for (int k = 0; k < wanted; k++) {
                double sum = 0;
                for (int i = 0; whole[row] && i < COLUMNS; i++)
                    sum += vectors[k][i] * (x[row][i] - mean[i]);
                CHECK_NEAR((double)y[row * wanted + k], whiten ? sum / sqrt(variances[k]) : sum, 2e-4);
            }
        }
        CHECK(weir_stage_save_text(stage, &text, NULL) == 0);
        CHECK(weir_stage_restore_text(&restored, "features", text.bytes, text.size, NULL) == 0);
        float *z = outcome(restored, &schema, &table, 50, "pca", present);
        if (!first)
            first = z;
        CHECK(memcmp(first, y, (size_t)(ROWS * wanted) * sizeof *y) == 0);
        CHECK(memcmp(first, z, (size_t)(ROWS * wanted) * sizeof *z) == 0);
        CHECK(weir_stage_save_text(restored, &again, NULL) == 0);
        CHECK(text.size == again.size && memcmp(text.bytes, again.bytes, text.size) == 0);
        weir_buffer_release(&text);
        weir_buffer_release(&again);
        weir_stage_free(stage);
        weir_stage_free(restored);
        free(y);
        if (z != first)
            free(z);
    }
    struct weir_stage *parts[2];
    for (int p = 0; p < 2; p++) {
        struct weir_batch part = { 0 };
        weir_batch_slice(&part, &table, &schema, p ? 400 : 0, p ? ROWS - 400 : 400);
        parts[p] = sample_stage("features", options);
        fit(parts[p], &schema, &part, 100);
        weir_batch_release(&part);
    }
    CHECK(parts[0]->kind->merge(parts[0], parts[1], NULL) == 0);
    float *merged = outcome(parts[0], &schema, &table, ROWS, "pca", present);
    for (int64_t i = 0; i < ROWS * wanted; i++)
        CHECK_NEAR((double)merged[i], (double)first[i], 1e-4);
    weir_stage_free(parts[0]);
    weir_stage_free(parts[1]);
    free(merged), free(first);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* A component without a variance is 0 when whitened, and so is every one of rows that are all the same. */
static void test_no_variance(void)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    weir_schema_add(&schema, "a", WEIR_INT32);
    weir_schema_add(&schema, "b", WEIR_INT32);
    weir_batch_init(&table, 2, 300);
    struct weir_type type = { .kind = WEIR_INT32 };
    for (int same = 0; same < 2; same++) {
        for (int c = 0; c < 2; c++) {
            struct weir_builder builder;
            weir_builder_init(&builder, &type);
            for (int row = 0; row < 300; row++)
                weir_builder_int64(&builder, same ? 5 : (c + 1) * row);
            weir_column_release(&table.columns[c]);
            CHECK(weir_builder_finish(&builder, &table.columns[c], NULL) == 0);
            weir_builder_release(&builder);
        }
        static bool present[300];
        struct weir_stage *stage = sample_stage("features", "{\"method\": \"pca\", \"whiten\": true}");
        fit(stage, &schema, &table, 17);
        float *y = outcome(stage, &schema, &table, 300, "pca", present);
        double squares = 0;
        for (int row = 0; row < 300; row++) {
            CHECK(present[row] && y[2 * row + 1] == 0);
            squares += (double)y[2 * row] * (double)y[2 * row];
        }
        CHECK_NEAR(squares / 299, same ? 0 : 1, 1e-5);
        free(y);
        weir_stage_free(stage);
    }
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* A dense list of WIDTH numbers, most of them 0, and the same as a sparse column. */
enum { WIDTH = 90, POINTS = 400, COMPONENTS = 70 };

static void make_points(struct weir_schema *dense, struct weir_batch *dense_table, struct weir_schema *sparse,
                        struct weir_batch *sparse_table, float (*x)[WIDTH])
{
    struct weir_random random;
    weir_random_init(&random, 7, 8);
    weir_field_make_tensor(weir_schema_add(dense, "x", WEIR_NULL), WEIR_FLOAT32, WIDTH, 0, NULL);
    weir_field_make_sparse(weir_schema_add(sparse, "x", WEIR_NULL), WIDTH);
    weir_batch_init(dense_table, 1, POINTS);
    weir_batch_init(sparse_table, 1, POINTS);
    struct weir_builder list, entries;
    weir_builder_init(&list, &dense->fields[0].type);
    weir_builder_init(&entries, &sparse->fields[0].type);
    for (int row = 0; row < POINTS; row++) {
        for (int i = 0; i < WIDTH; i++) {
            x[row][i] = weir_random_below(&random, 3) ? 0 : (float)weir_random_normal(&random);
            weir_builder_double(&list.children[0], (double)x[row][i]);
            if (x[row][i] == 0)
                continue;
            struct weir_builder *entry = &entries.children[0];
            weir_builder_int64(&entry->children[0], i);
            weir_builder_double(&entry->children[1], (double)x[row][i]);
            weir_builder_close(entry);
        }
        weir_builder_close(&list);
        weir_builder_close(&entries);
    }
    CHECK(weir_builder_finish(&list, &dense_table->columns[0], NULL) == 0);
    CHECK(weir_builder_finish(&entries, &sparse_table->columns[0], NULL) == 0);
    weir_builder_release(&list);
    weir_builder_release(&entries);
}

/* Lengths are kept on average, sparse and dense are the same, another seed gives other numbers. */
static void test_projection(const char *distribution)
{
    static float x[POINTS][WIDTH];
    static bool present[POINTS];
    struct weir_schema dense = { 0 }, sparse = { 0 };
    struct weir_batch dense_table = { 0 }, sparse_table = { 0 };
    make_points(&dense, &dense_table, &sparse, &sparse_table, x);
    float *of_seed[2];
    for (int seed = 0; seed < 2; seed++) {
        char options[200];
        snprintf(options, sizeof options,
                 "{\"method\": \"projection\", \"components\": %d, \"seed\": %d, \"distribution\": \"%s\"}", COMPONENTS,
                 seed, distribution);
        struct weir_stage *stages[2] = { sample_stage("features", options), sample_stage("features", options) };
        fit(stages[0], &dense, &dense_table, 100);
        fit(stages[1], &sparse, &sparse_table, 100);
        float *y = outcome(stages[0], &dense, &dense_table, 100, "projection", present);
        float *alone = outcome(stages[0], &dense, &dense_table, 1, "projection", present);
        float *z = outcome(stages[1], &sparse, &sparse_table, 33, "projection", present);
        CHECK(memcmp(y, alone, sizeof *y * POINTS * COMPONENTS) == 0);
        double before = 0, after = 0;
        for (int row = 0; row < POINTS; row++) {
            for (int i = 0; i < WIDTH; i++)
                before += (double)x[row][i] * (double)x[row][i];
            for (int k = 0; k < COMPONENTS; k++) {
                double here = (double)y[row * COMPONENTS + k];
                after += here * here;
                CHECK_NEAR(here, (double)z[row * COMPONENTS + k], 1e-5);
            }
        }
        CHECK_NEAR(after / before, 1, 0.15);
        of_seed[seed] = y;
        free(alone), free(z);
        weir_stage_free(stages[0]);
        weir_stage_free(stages[1]);
    }
    CHECK(memcmp(of_seed[0], of_seed[1], sizeof(float) * POINTS * COMPONENTS) != 0);
    free(of_seed[0]), free(of_seed[1]);
    weir_batch_release(&dense_table);
    weir_batch_release(&sparse_table);
    weir_schema_release(&dense);
    weir_schema_release(&sparse);
}

/* Sums that leave float32's range are an error that names the row, and where the plan is replayed the row's reason. */
static void test_projection_range(void)
{
    enum { LARGE = 1, COUNT = 3 };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, done = { 0 };
    struct weir_builder entries;
    struct weir_binding binding;
    struct weir_error error = { 0 };
    const char *texts[COUNT] = { NULL };
    struct weir_reasons reasons = { .reasons = texts, .rows = COUNT };
    weir_field_make_sparse(weir_schema_add(&schema, "x", WEIR_NULL), WIDTH);
    weir_batch_init(&table, 1, COUNT);
    weir_builder_init(&entries, &schema.fields[0].type);
    for (int row = 0; row < COUNT; row++) {
        struct weir_builder *entry = &entries.children[0];
        for (int i = 0; i < WIDTH; i++) {
            weir_builder_int64(&entry->children[0], i);
            weir_builder_double(&entry->children[1], row == LARGE ? 3e38 : 1);
            weir_builder_close(entry);
        }
        weir_builder_close(&entries);
    }
    CHECK(weir_builder_finish(&entries, &table.columns[0], NULL) == 0);
    struct weir_stage *stage = sample_stage("features", "{\"method\": \"projection\", \"components\": 100}");
    fit(stage, &schema, &table, COUNT);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_FILTER, &error) == 0);
    CHECK(stage->kind->apply(&binding, &table, &done, NULL, &error) < 0);
    CHECK(strstr(error.text, "column 'x', row 2: its numbers are too large"));
    weir_batch_release(&done);
    weir_binding_release(&binding);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_REPLAY, &error) == 0);
    CHECK(stage->kind->apply(&binding, &table, &done, &reasons, &error) == 0);
    for (int row = 0; row < COUNT; row++)
        CHECK((texts[row] != NULL) == (row == LARGE));
    weir_batch_release(&done);
    weir_binding_release(&binding);
    weir_stage_free(stage);
    weir_builder_release(&entries);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Bins of equally many rows beside sorting all of them, where the rows are more than a sketch keeps as they are. */
static void test_bins(int64_t rows, int bins)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    sample_table(&schema, &table, rows, 9, false);
    double *numbers = malloc((size_t)rows * sizeof *numbers), *sorted = malloc((size_t)rows * sizeof *sorted);
    bool *present = malloc((size_t)rows);
    CHECK(weir_numbers(&table.columns[2], WEIR_FLOAT64, numbers, NULL) == 0);
    size_t count = 0;
    for (int64_t row = 0; row < rows; row++)
        if (!isnan(numbers[row]))
            sorted[count++] = numbers[row];
    qsort(sorted, count, sizeof *sorted, ascending);
    char options[100];
    snprintf(options, sizeof options, "{\"method\": \"bins\", \"column\": [\"real\"], \"bins\": %d}", bins);
    struct weir_stage *stage = sample_stage("features", options);
    fit(stage, &schema, &table, 5000);
    float *y = outcome(stage, &schema, &table, 4096, "real", present);
    int64_t wrong = 0;
    for (int64_t row = 0; row < rows; row++) {
        int bin = 0;
        for (int b = 1; b < bins; b++) {
            double place = (double)b / bins * (double)(count - 1), share = place - floor(place);
            size_t at = (size_t)place;
            double edge = sorted[at] + (at + 1 < count ? share * (sorted[at + 1] - sorted[at]) : 0);
            bin += numbers[row] >= edge;
        }
        wrong += present[row] == isnan(numbers[row]) || (present[row] && (int)y[row] != bin);
    }
    CHECK_INT(wrong, 0);
    weir_stage_free(stage);
    free(y), free(numbers), free(sorted), free(present);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

int main(void)
{
    test_pca("{\"method\": \"pca\", \"components\": 3}", 3, false);
    test_pca("{\"method\": \"pca\", \"components\": 4, \"whiten\": true}", 4, true);
    test_no_variance();
    test_projection("gaussian");
    test_projection("achlioptas");
    test_projection("sparse");
    test_projection_range();
    test_bins(900, 7);
    test_bins(200000, 10);
    return check_result();
}
