/* An audit beside plain searches: every pair of rows, every row of the other folds. */
#include "base/random.h"
#include "check.h"
#include "model/audit_private.h"
#include <stdlib.h>

enum { ID, NUMBER, SMALL, TEXT, TOLD, GROUP, SPLIT, LABEL, COLUMNS };
enum { ROWS = 1200 };
static const double FAR_AWAY = 1.1;

static void make_schema(struct weir_schema *schema, bool numbers)
{
    weir_schema_add(schema, "id", WEIR_INT64)->role = WEIR_ID;
    weir_schema_add(schema, "number", WEIR_FLOAT64);
    weir_schema_add(schema, "small", WEIR_UINT8);
    weir_schema_add(schema, "text", WEIR_UTF8);
    weir_schema_add(schema, "told", WEIR_UTF8);
    weir_schema_add(schema, "group", WEIR_INT32)->role = WEIR_GROUP;
    weir_schema_add(schema, "split", WEIR_UTF8)->role = WEIR_SPLIT;
    weir_schema_add(schema, "label", numbers ? WEIR_FLOAT64 : WEIR_INT64)->role = WEIR_LABEL;
}

/* One in ten rows is an earlier one again, but for its id. */
static void make_rows(struct weir_batch *batch, const struct weir_schema *schema, struct weir_random *random)
{
    static const char *const texts[] = { "a", "b", "c", "d", "e" }, *const sides[] = { "test", "train", "validation" };
    static double cells[ROWS][COLUMNS];
    for (int r = 0; r < ROWS; r++) {
        if (r > 10 && weir_random_below(random, 10) == 0) {
            memcpy(cells[r], cells[weir_random_below(random, (uint64_t)r)], sizeof cells[r]);
        } else {
            cells[r][NUMBER] = weir_random_below(random, 9) ? weir_random_normal(random) : NAN;
            cells[r][SMALL] = (double)weir_random_below(random, 7);
            cells[r][TEXT] = weir_random_below(random, 12) ? (double)weir_random_below(random, 5) : NAN;
            cells[r][LABEL] = (cells[r][SMALL] + (double)weir_random_below(random, 3)) > 4;
            cells[r][TOLD] = cells[r][LABEL];
        }
        cells[r][ID] = r;
        cells[r][GROUP] = weir_random_below(random, 5) ? (double)weir_random_below(random, 400) : NAN;
        cells[r][SPLIT] = (double)weir_random_below(random, 3);
        if (weir_random_below(random, 30) == 0)
            cells[r][LABEL] = NAN;
    }
    weir_batch_init(batch, COLUMNS, ROWS);
    for (int c = 0; c < COLUMNS; c++) {
        struct weir_builder builder;
        weir_builder_init(&builder, &schema->fields[c].type);
        for (int r = 0; r < ROWS; r++) {
            double value = cells[r][c];
            if (isnan(value))
                weir_builder_null(&builder);
            else if (c == TEXT || c == TOLD)
                weir_builder_text(&builder, texts[(int)value], 1);
            else if (c == SPLIT)
                weir_builder_text(&builder, sides[(int)value], strlen(sides[(int)value]));
            else if (weir_kind_is_float(builder.type.kind))
                weir_builder_double(&builder, value);
            else
                weir_builder_int64(&builder, (int64_t)value);
        }
        CHECK_INT(weir_builder_finish(&builder, &batch->columns[c], NULL), 0);
        weir_builder_release(&builder);
    }
}

static struct weir_audit *run(const struct weir_schema *schema, const struct weir_batch *batch, int64_t at_once,
                              size_t memory)
{
    const struct weir_audit_options options = { .folds = 4,
                                                .gives_away = 0.8,
                                                .outlier = 0.6,
                                                .far_away = FAR_AWAY,
                                                .threshold = 0.8,
                                                .memory = (int64_t)memory,
                                                .seed = 3 };
    struct weir_audit *audit = NULL;
    struct weir_error error = { 0 };
    CHECK_INT(weir_audit_new(&audit, schema, &options, &error), 0);
    for (int64_t first = 0; audit && first < batch->rows; first += at_once) {
        struct weir_batch slice = { 0 };
        int64_t rows = batch->rows - first < at_once ? batch->rows - first : at_once;
        CHECK_INT(weir_batch_slice(&slice, batch, schema, first, rows), 0);
        CHECK_INT(weir_audit_add(audit, &slice, &error), 0);
        weir_batch_release(&slice);
    }
    CHECK_INT(weir_audit_finish(audit, &error), 0);
    CHECK_TEXT(error.text, "");
    return audit;
}

/* ---- the split ---- */

static bool same_cell(const struct weir_batch *batch, const struct weir_schema *schema, int column, int64_t a,
                      int64_t b)
{
    const struct weir_type *type = &schema->fields[column].type;
    return weir_value_hash(&batch->columns[column], type, a, 5) == weir_value_hash(&batch->columns[column], type, b, 5);
}

static int side_of(const struct weir_batch *batch, int64_t row)
{
    size_t length;
    const char *text = weir_text(&batch->columns[SPLIT], row, &length);
    return length == 5 ? 0 : text[0] == 't' ? 1 : 2;
}

static void check_split(const struct weir_audit *audit, const struct weir_batch *batch,
                        const struct weir_schema *schema)
{
    int64_t found = 0, in_groups = 0;
    int order[3] = { 0, 1, 2 }; /* train, then the others as they came */
    for (int64_t r = 0; r < ROWS; r++)
        if (side_of(batch, r)) {
            order[side_of(batch, r)] = 1;
            order[3 - side_of(batch, r)] = 2;
            break;
        }
    for (int64_t r = 0; r < ROWS; r++) {
        bool same = false, grouped = false;
        for (int64_t other = 0; other < ROWS; other++) {
            if (order[side_of(batch, other)] >= order[side_of(batch, r)])
                continue;
            same |= same_cell(batch, schema, NUMBER, r, other) && same_cell(batch, schema, SMALL, r, other) &&
                    same_cell(batch, schema, TEXT, r, other) && same_cell(batch, schema, TOLD, r, other);
            grouped |= weir_valid(&batch->columns[GROUP], r) && same_cell(batch, schema, GROUP, r, other);
        }
        CHECK_INT(audit->split.same[r] >= 0, same);
        CHECK_INT(audit->split.grouped[r], grouped);
        if (same && audit->split.same[r] >= 0) {
            CHECK(order[side_of(batch, audit->split.same[r])] < order[side_of(batch, r)]);
            CHECK(same_cell(batch, schema, NUMBER, r, audit->split.same[r]));
        }
        found += same;
        in_groups += grouped;
    }
    CHECK(found > 20 && in_groups > 20);
    CHECK_INT(audit->split.all.same, found);
    CHECK_INT(audit->split.all.grouped, in_groups);
}

/* ---- columns ---- */

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The bin of every row: its value, where the column has few, or which of the runs of equal length, of 20 or more. */
static void find_bins(const struct weir_batch *batch, const struct weir_schema *schema, int column, double *bins)
{
    static double sorted[ROWS];
    int count = 0, different = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        const struct weir_column *values = &batch->columns[column];
        enum weir_kind kind = schema->fields[column].type.kind;
        size_t length;
        bins[r] = !weir_valid(values, r) ? NAN
                  : kind == WEIR_UTF8    ? (double)weir_text(values, r, &length)[0]
                                         : (double)(float)weir_number(values, kind, r);
        if (!isnan(bins[r]))
            sorted[count++] = bins[r];
    }
    qsort(sorted, (size_t)count, sizeof *sorted, compare_doubles);
    for (int i = 0; i < count; i++)
        different += i == 0 || sorted[i] != sorted[i - 1];
    for (int64_t r = 0; different > 63 && r < ROWS; r++) {
        int bin = 1;
        while (!isnan(bins[r]) && bins[r] > sorted[count * bin / (count / 20) - 1])
            bin++;
        bins[r] = isnan(bins[r]) ? NAN : bin;
    }
}

static bool same_bin(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* What the other folds say of each row, one row at a time. */
static double explains_classes(const struct weir_audit *audit, const double *bins, double *accuracy)
{
    double loss = 0, base = 0, right = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        double here[2] = { 0 }, all[2] = { 1, 1 };
        int label = audit->class_of[r];
        if (label < 0)
            continue;
        for (int64_t other = 0; other < ROWS; other++)
            if (audit->class_of[other] >= 0 && audit->fold[other] != audit->fold[r]) {
                all[audit->class_of[other]]++;
                here[audit->class_of[other]] += same_bin(bins[r], bins[other]);
            }
        double prior[2] = { all[0] / (all[0] + all[1]), all[1] / (all[0] + all[1]) };
        double p = (here[label] + prior[label]) / (here[0] + here[1] + 1);
        loss -= log(p);
        base -= log(prior[label]);
        right += p > 0.5;
    }
    *accuracy = right / (double)audit->labelled;
    return 1 - loss / base;
}

static double explains_numbers(const struct weir_audit *audit, const double *bins)
{
    double errors = 0, base = 0;
    for (int64_t r = 0; r < ROWS; r++) {
        double here = 0, count = 0, all = 0, rows = 0, target = audit->target_of[r];
        if (isnan(target))
            continue;
        for (int64_t other = 0; other < ROWS; other++)
            if (!isnan(audit->target_of[other]) && audit->fold[other] != audit->fold[r]) {
                all += audit->target_of[other];
                rows++;
                here += same_bin(bins[r], bins[other]) ? audit->target_of[other] : 0;
                count += same_bin(bins[r], bins[other]);
            }
        double mean = all / rows, says = (here + mean) / (count + 1);
        errors += (target - says) * (target - says);
        base += (target - mean) * (target - mean);
    }
    return 1 - errors / base;
}

static void check_columns(const struct weir_audit *audit, const struct weir_batch *batch,
                          const struct weir_schema *schema)
{
    static double bins[ROWS];
    for (int64_t i = 0; i < audit->columns.count; i++) {
        const struct weir_audit_column *column = &audit->columns.items[i];
        int c = column->source->column;
        double accuracy;
        find_bins(batch, schema, c, bins);
        if (audit->class_of) {
            CHECK_NEAR(column->explains, explains_classes(audit, bins, &accuracy), 1e-9);
            CHECK_NEAR(column->accuracy, accuracy, 0.02); /* ties may go either way */
        } else if (c != ID) {                             /* a line may explain more than the bins do */
            CHECK(column->explains >= explains_numbers(audit, bins) - 1e-9);
            if (c == TEXT || c == TOLD)
                CHECK_NEAR(column->explains, explains_numbers(audit, bins), 1e-9);
        }
        CHECK_INT(column->gives_away, c == TOLD);
        CHECK_INT(column->renamed, c == TOLD && audit->class_of);
        for (int64_t r = 0; r < ROWS; r++)
            bins[r] = isnan(bins[r]);
        if (c == NUMBER && audit->class_of)
            CHECK_NEAR(column->missing_explains, explains_classes(audit, bins, &accuracy), 1e-9);
    }
    CHECK_INT(audit->columns.count, 5);
}

/* ---- folds and outliers ---- */

static void check_folds(const struct weir_audit *audit, const struct weir_batch *batch,
                        const struct weir_schema *schema)
{
    int64_t of_fold[4] = { 0 };
    for (int64_t r = 0; r < ROWS; r++) {
        bool labelled = weir_valid(&batch->columns[LABEL], r);
        CHECK_INT(audit->fold[r] != WEIR_AUDIT_NO_FOLD, labelled);
        if (labelled)
            of_fold[audit->fold[r]]++;
        for (int64_t other = 0; labelled && other < r; other += 7)
            if (weir_valid(&batch->columns[LABEL], other) && same_cell(batch, schema, GROUP, r, other))
                CHECK_INT(audit->fold[r], audit->fold[other]);
    }
    for (int f = 0; f < 4; f++)
        CHECK(of_fold[f] > 100);
}

static void check_outliers(const struct weir_audit *audit, const struct weir_batch *batch)
{
    static double sorted[ROWS];
    int count = 0, found = 0;
    for (int64_t r = 0; r < ROWS; r++)
        if (weir_valid(&batch->columns[NUMBER], r))
            sorted[count++] = weir_number(&batch->columns[NUMBER], WEIR_FLOAT64, r);
    qsort(sorted, (size_t)count, sizeof *sorted, compare_doubles);
    double middle = sorted[(int)(0.5 * (count - 1) + 0.5)];
    double low = sorted[(int)(0.01 * (count - 1) + 0.5)], high = sorted[(int)(0.99 * (count - 1) + 0.5)];
    for (int64_t r = 0; r < ROWS; r++) {
        double value = weir_number(&batch->columns[NUMBER], WEIR_FLOAT64, r);
        bool far = weir_valid(&batch->columns[NUMBER], r) &&
                   (value > middle + FAR_AWAY * (high - middle) || value < middle - FAR_AWAY * (middle - low));
        CHECK_INT(audit->outliers.far[r], far);
        found += far;
    }
    CHECK(found > 5);
}

static void check_same(const struct weir_audit *a, const struct weir_audit *b)
{
    struct weir_buffer x = { 0 }, y = { 0 };
    weir_audit_json(a, &x);
    weir_audit_json(b, &y);
    CHECK_TEXT(y.bytes, x.bytes);
    weir_buffer_release(&x);
    weir_buffer_release(&y);
}

static void check_audit(bool numbers)
{
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    struct weir_random random;
    weir_random_init(&random, 11, numbers);
    make_schema(&schema, numbers);
    make_rows(&batch, &schema, &random);
    double *values = (double *)(uintptr_t)batch.columns[NUMBER].values.bytes;
    values[17] = 50;
    values[18] = -50;
    struct weir_audit *audit = run(&schema, &batch, ROWS, 1 << 26), *pieces = run(&schema, &batch, 37, 1 << 12);
    check_same(audit, pieces);
    check_split(audit, &batch, &schema);
    check_folds(audit, &batch, &schema);
    check_columns(audit, &batch, &schema);
    check_outliers(audit, &batch);
    weir_audit_free(audit);
    weir_audit_free(pieces);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
}

int main(void)
{
    check_audit(false);
    check_audit(true);
    return check_result();
}
