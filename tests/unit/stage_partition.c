/* Parts by class: shares as exact as whole rows allow, whatever the batches. */
#include "base/random.h"
#include "check.h"
#include "stage/partition.h"
#include <math.h>
#include <stdlib.h>

static const int column[] = { 0 };
static const double shares[] = { 0.5, 0.3 };
enum { PARTS = 2 };

static void make(struct weir_schema *schema, struct weir_batch *batch, const int64_t *values, int64_t rows)
{
    weir_schema_add(schema, "k", WEIR_INT64);
    weir_batch_init(batch, 1, rows);
    batch->columns[0].rows = rows;
    memcpy(weir_slice_new(&batch->columns[0].values, (size_t)rows, sizeof *values), values,
           (size_t)rows * sizeof *values);
}

/* part[rows] in batches of `size`. */
static void divide(const int64_t *values, int64_t rows, int64_t size, uint16_t *part)
{
    const struct weir_partition_options options = { WEIR_BY_CLASS, column, 1, shares, PARTS, 7, NULL };
    struct weir_schema schema = { 0 };
    struct weir_batch whole = { 0 };
    struct weir_partition *partition = NULL;
    make(&schema, &whole, values, rows);
    CHECK(weir_partition_new(&partition, &schema, &options, NULL) == 0);
    for (int64_t first = 0; first < rows; first += size) {
        struct weir_batch batch = { 0 };
        weir_batch_slice(&batch, &whole, &schema, first, rows - first < size ? rows - first : size);
        CHECK(weir_partition_rows(partition, &batch, part + first, NULL) == 0);
        weir_batch_release(&batch);
    }
    weir_partition_free(partition);
    weir_batch_release(&whole);
    weir_schema_release(&schema);
}

/* Each class has its share in each part, to a row. */
static void exact(void)
{
    enum { ROWS = 20000, CLASSES = 300 };
    static int64_t values[ROWS];
    static uint16_t part[ROWS], again[ROWS];
    int64_t count[CLASSES] = { 0 }, of[CLASSES][PARTS + 1] = { { 0 } };
    struct weir_random random;
    weir_random_init(&random, 1, 0);
    for (int row = 0; row < ROWS; row++)
        values[row] = (int64_t)weir_random_below(&random, weir_random_below(&random, CLASSES) + 1);
    divide(values, ROWS, ROWS, part);
    divide(values, ROWS, 77, again);
    CHECK(memcmp(part, again, sizeof part) == 0);
    for (int row = 0; row < ROWS; row++) {
        count[values[row]]++;
        of[values[row]][part[row]]++;
    }
    for (int c = 0; c < CLASSES; c++) {
        CHECK(fabs((double)of[c][0] - shares[0] * (double)count[c]) < 1);
        CHECK(fabs((double)of[c][1] - shares[1] * (double)count[c]) < 2); /* of what the first has left */
    }
}

int main(void)
{
    exact();
    return check_result();
}
