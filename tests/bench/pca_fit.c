/* Principal components within one process, rows in memory on both sides:
 *   pca_fit make FILE ROWS WIDTH           float32 rows whose variance falls from column to column, mixed
 *   pca_fit FILE WIDTH COMPONENTS [OUT]    the seconds of learning and of applying in all; the output's bytes into OUT
 */
#include "base/random.h"
#include "stage/stage.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void check(int result, const struct weir_error *error)
{
    if (result >= 0)
        return;
    fprintf(stderr, "pca_fit: %s\n", error->text);
    exit(1);
}

/* Each column is a normal number of its own deviation, then pairs are turned by 45 degrees, at all distances. */
static void make(const char *path, int64_t rows, int64_t width)
{
    FILE *file = fopen(path, "wb");
    float *x = malloc((size_t)width * sizeof *x);
    struct weir_random random;
    weir_random_init(&random, 1, 1);
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = 0; i < width; i++)
            x[i] = (float)(weir_random_normal(&random) * 100 / (double)(i + 1));
        for (int64_t step = 1; step < width; step *= 2)
            for (int64_t i = 0; i + step < width; i++)
                if (!(i & step)) {
                    float a = x[i], b = x[i + step];
                    x[i] = (a + b) * 0.70710678f;
                    x[i + step] = (a - b) * 0.70710678f;
                }
        fwrite(x, sizeof *x, (size_t)width, file);
    }
    free(x);
    fclose(file);
}

static void fill(struct weir_batch *batch, FILE *file, int64_t rows, int64_t width)
{
    weir_batch_init(batch, 1, rows);
    struct weir_column *column = &batch->columns[0];
    column->rows = rows;
    weir_column_add_children(column, 1);
    column->children[0].rows = rows * width;
    float *x = weir_slice_new(&column->children[0].values, (size_t)(rows * width), sizeof *x);
    if (fread(x, sizeof *x, (size_t)(rows * width), file) != (size_t)(rows * width))
        exit(66);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "make") == 0) {
        make(argv[2], atoll(argv[3]), atoll(argv[4]));
        return 0;
    }
    int64_t width = atoll(argv[2]), step = WEIR_BATCH_BYTES / 4 / width;
    FILE *file = fopen(argv[1], "rb"), *to = argc > 4 ? fopen(argv[4], "wb") : NULL;
    fseek(file, 0, SEEK_END);
    int64_t rows = ftell(file) / 4 / width, count = (rows + step - 1) / step;
    rewind(file);
    struct weir_batch *batches = calloc((size_t)count, sizeof *batches);
    for (int64_t b = 0; b < count; b++)
        fill(&batches[b], file, rows - b * step < step ? rows - b * step : step, width);

    struct weir_schema schema = { 0 };
    weir_field_make_tensor(weir_schema_add(&schema, "x", WEIR_NULL), WEIR_FLOAT32, (int32_t)width, 0, NULL);
    struct weir_error error = { 0 };
    struct weir_stage *stage;
    struct weir_binding binding;
    char options[100];
    snprintf(options, sizeof options, "{\"method\": \"pca\", \"components\": \"%s\"}", argv[3]);
    double start = now();
    check(weir_stage_new(&stage, "features", options, &error), &error);
    check(stage->kind->learn_begin(stage, &schema, &error), &error);
    for (int64_t b = 0; b < count; b++)
        check(stage->kind->learn(stage, &batches[b], &error), &error);
    check(stage->kind->learn_end(stage, &error), &error);
    check(weir_stage_bind(&binding, stage, &schema, WEIR_AS_LEARNED, &error), &error);
    struct weir_batch *outs = calloc((size_t)count, sizeof *outs);
    for (int64_t b = 0; b < count; b++)
        check(stage->kind->apply(&binding, &batches[b], &outs[b], NULL, &error), &error);
    double end = now();
    for (int64_t b = 0; to && b < count; b++)
        fwrite(outs[b].columns[0].children[0].values.bytes, 1, outs[b].columns[0].children[0].values.size, to);
    if (to)
        fclose(to);
    printf("%.6f\n", end - start);
    return 0;
}
