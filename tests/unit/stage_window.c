/* features --method window over many interleaved series, with threads, beside a plain reference; batches of any size
 * give the same bytes. */
#include "stage_sample.h"

enum { ROWS = 20000, GROUPS = 37, STATISTICS = 8 };
static int64_t group[ROWS], moment[ROWS];
static double x[ROWS];
static bool timed[ROWS];

static void make_table(struct weir_schema *schema, struct weir_batch *table)
{
    struct weir_random random;
    struct weir_builder builders[3];
    weir_random_init(&random, 3, 1);
    weir_schema_add(schema, "g", WEIR_INT64);
    struct weir_field *when = weir_schema_add(schema, "t", WEIR_TIMESTAMP);
    when->type.unit = WEIR_NANO;
    weir_schema_add(schema, "x", WEIR_FLOAT64);
    for (int c = 0; c < 3; c++)
        weir_builder_init(&builders[c], &schema->fields[c].type);
    int64_t now = 1767225600000000000;
    for (int i = 0; i < ROWS; i++) {
        now += (int64_t)weir_random_below(&random, 3) * 1000000001;
        group[i] = i > 15000 ? 5 : (int64_t)weir_random_below(&random, i > 5000 && i < 9000 ? 3 : GROUPS);
        moment[i] = now;
        timed[i] = weir_random_below(&random, 50) != 0;
        x[i] = 1e7 + weir_random_normal(&random);
        uint64_t odd = weir_random_below(&random, 30);
        x[i] = odd == 0 ? (double)NAN : odd == 1 ? (double)INFINITY : odd < 5 ? 1e7 : x[i];
        weir_builder_int64(&builders[0], group[i]);
        if (timed[i])
            weir_builder_int64(&builders[1], moment[i]);
        else
            weir_builder_null(&builders[1]);
        if (isnan(x[i]))
            weir_builder_null(&builders[2]);
        else
            weir_builder_double(&builders[2], x[i]);
    }
    weir_batch_init(table, 3, ROWS);
    for (int c = 0; c < 3; c++) {
        CHECK(weir_builder_finish(&builders[c], &table->columns[c], NULL) == 0);
        weir_builder_release(&builders[c]);
    }
}

static int ascending(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* rows > 0: the last so many rows of the series; 0: the span. count, missing, mean, deviation, median, maximum, lag2,
 * slope. */
static void reference(int i, int rows, int64_t span, double out[STATISTICS])
{
    static double there[ROWS], when[ROWS];
    int count = 0, missing = 0, seen = 0;
    for (int j = 0; j < STATISTICS; j++)
        out[j] = (double)NAN;
    if (rows == 0 && !timed[i])
        return;
    for (int j = i; j >= 0 && (rows == 0 || seen < rows); j--) {
        if (group[j] != group[i] || (rows == 0 && !timed[j]))
            continue;
        if (rows == 0 && moment[i] - moment[j] >= span)
            break;
        when[count] = rows > 0 ? -seen : (double)(moment[j] - moment[i]) * 1e-9;
        there[count] = x[j];
        count += isfinite(x[j]);
        missing += !isfinite(x[j]);
        seen++;
    }
    seen = 0;
    for (int j = i - 1; j >= 0 && seen < 2; j--)
        if (group[j] == group[i] && (rows > 0 || timed[j]) && ++seen == 2)
            out[6] = isfinite(x[j]) ? x[j] : (double)NAN;
    out[0] = count;
    out[1] = missing;
    if (count == 0)
        return;
    long double sum = 0, squares = 0, times = 0, tt = 0, tx = 0;
    for (int j = 0; j < count; j++) {
        sum += there[j] - there[0];
        times += when[j];
    }
    for (int j = 0; j < count; j++) {
        long double d = there[j] - there[0] - sum / count, e = when[j] - times / count;
        squares += d * d;
        tt += e * e;
        tx += e * d;
    }
    out[2] = (double)(there[0] + sum / count);
    out[3] = (double)sqrtl(squares / count);
    out[7] = when[0] != when[count - 1] ? (double)(tx / tt) : (double)NAN;
    qsort(there, (size_t)count, sizeof *there, ascending);
    out[4] = (there[(count - 1) / 2] + there[count / 2]) / 2;
    out[5] = there[count - 1];
}

static void check(const struct weir_schema *schema, const struct weir_batch *table, const char *window, int rows,
                  int64_t span)
{
    static const int64_t sizes[] = { ROWS, 9001, 333, 7 };
    struct weir_buffer options = { 0 }, first = { 0 };
    weir_buffer_format(&options,
                       "{\"method\": \"window\", \"window\": \"%s\", \"by\": \"g\", \"time\": \"t\", \"column\": "
                       "\"x\", \"statistics\": [\"count\", \"missing\", \"mean\", \"deviation\", \"median\", "
                       "\"maximum\", \"lag2\", \"slope\"]}",
                       window);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct weir_stage *stage = sample_stage("features", options.bytes);
        struct weir_error error = { 0 };
        struct weir_binding binding;
        struct weir_buffer out = { 0 };
        CHECK(sample_learn(stage, schema, table, ROWS, &error) == 0);
        CHECK(weir_stage_bind(&binding, stage, schema, WEIR_AS_FILTER, &error) == 0);
        if (s > 0) {
            CHECK(sample_apply(&binding, schema, table, sizes[s], &out, &error) == 0);
            if (s == 1)
                weir_buffer_append(&first, out.bytes, out.size);
            CHECK(out.size == first.size && memcmp(out.bytes, first.bytes, out.size) == 0);
        } else {
            struct weir_batch made = { 0 };
            int wrong = 0;
            CHECK(stage->kind->apply(&binding, table, &made, NULL, &error) == 0);
            for (int i = 0; i < ROWS && made.count > 0; i += i < 300 ? 1 : 13) {
                double wanted[STATISTICS];
                reference(i, rows, span, wanted);
                for (int j = 0; j < STATISTICS; j++) {
                    const struct weir_column *column = &made.columns[3 + j];
                    double found = weir_valid(column, i) ? weir_number(column, binding.out.fields[3 + j].type.kind, i)
                                                         : (double)NAN;
                    double scale = j == 7 ? 1e-3 + fabs(wanted[j]) : fabs(wanted[j]);
                    bool same = isnan(wanted[j]) ? isnan(found) : fabs(found - wanted[j]) <= 1e-9 * scale;
                    if (!same && wrong++ < 5)
                        fprintf(stderr, "    window %s, row %d, '%s': %.17g, wanted %.17g\n", window, i,
                                binding.out.fields[3 + j].name, found, wanted[j]);
                }
            }
            CHECK_INT(wrong, 0);
            weir_batch_release(&made);
        }
        weir_binding_release(&binding);
        weir_buffer_release(&out);
        weir_stage_free(stage);
    }
    weir_buffer_release(&options);
    weir_buffer_release(&first);
}

int main(void)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    make_table(&schema, &table);
    check(&schema, &table, "24", 24, 0);
    check(&schema, &table, "500", 500, 0);
    check(&schema, &table, "90s", 0, 90000000000);
    check(&schema, &table, "3000s", 0, 3000000000000);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    return check_result();
}
