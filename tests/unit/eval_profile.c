/* Profiles: against plain sums over the rows; the same for any batches and threads; the profile of parts joined; the
 * file written and read. */
#include "base/hash.h"
#include "base/json.h"
#include "eval/profile.h"
#include "stage_sample.h"
#include <stdlib.h>

enum { ROWS = 20000 };

static struct weir_profile *profile_of(const struct weir_schema *schema, const struct weir_batch *table, int64_t first,
                                       int64_t rows, int64_t size, int threads)
{
    struct weir_profile_pass *pass = NULL;
    struct weir_profile *profile = NULL;
    struct weir_error error = { 0 };
    CHECK(weir_profile_begin(&pass, schema, threads, &error) == 0);
    for (int64_t at = first; at < first + rows; at += size) {
        struct weir_batch batch = { 0 };
        CHECK(weir_batch_slice(&batch, table, schema, at, first + rows - at < size ? first + rows - at : size) == 0);
        CHECK(weir_profile_add(pass, &batch, &error) == 0);
        weir_batch_release(&batch);
    }
    CHECK(weir_profile_end(pass, 1, &profile, &error) == 0);
    CHECK_TEXT(error.text, "");
    weir_profile_pass_free(pass);
    return profile;
}

static char *text_of(const struct weir_profile *profile, bool no_values)
{
    struct weir_buffer out = { 0 };
    weir_profile_write(profile, no_values, &out);
    CHECK(weir_buffer_check(&out, NULL) == 0);
    return out.bytes;
}

static json_t *json_of(const struct weir_profile *profile)
{
    char *text = text_of(profile, false);
    json_t *json = weir_json_parse(text, strlen(text), 0, NULL);
    free(text);
    return json;
}

static const json_t *column_of(const json_t *json, int index)
{
    return json_array_get(json_object_get(json, "columns"), (size_t)index);
}

static double number_at(const json_t *json, const char *group, const char *name)
{
    const json_t *value = json_object_get(group ? json_object_get(json, group) : json, name);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* The correlation ratio of a column of numbers by the classes of the label, by three plain passes. */
static double plain_ratio(const struct weir_batch *table, const struct weir_schema *schema, int index)
{
    const struct weir_column *column = &table->columns[index], *label = &table->columns[7];
    double sums[3] = { 0 }, counts[3] = { 0 }, within = 0, whole = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t row = 0; row < table->rows; row++) {
            size_t length;
            double x = weir_number(column, schema->fields[index].type.kind, row);
            if (!weir_valid(column, row) || !weir_valid(label, row) || isnan(x))
                continue;
            int class = weir_text(label, row, &length)[0] == 'y';
            if (pass == 0) {
                sums[class] += x, sums[2] += x;
                counts[class]++, counts[2]++;
            } else {
                within += pow(x - sums[class] / counts[class], 2);
                whole += pow(x - sums[2] / counts[2], 2);
            }
        }
    return sqrt((whole - within) / whole);
}

static void check_numbers(const json_t *json, const struct weir_schema *schema, const struct weir_batch *table,
                          int index)
{
    const struct weir_column *column = &table->columns[index];
    const json_t *found = column_of(json, index);
    double sum = 0, squares = 0, least = INFINITY, greatest = -INFINITY;
    int64_t count = 0, zeros = 0, negative = 0, nans = 0;
    for (int64_t row = 0; row < table->rows; row++) {
        double x = weir_number(column, schema->fields[index].type.kind, row);
        if (!weir_valid(column, row))
            continue;
        nans += isnan(x);
        if (isnan(x))
            continue;
        count++, sum += x, zeros += x == 0, negative += x < 0;
        least = x < least ? x : least;
        greatest = x > greatest ? x : greatest;
    }
    for (int64_t row = 0; row < table->rows; row++) {
        double x = weir_number(column, schema->fields[index].type.kind, row);
        squares += weir_valid(column, row) && !isnan(x) ? (x - sum / (double)count) * (x - sum / (double)count) : 0;
    }
    CHECK(number_at(found, NULL, "missing") == (double)column->null_count);
    CHECK(number_at(found, "values", "count") == (double)count);
    CHECK(number_at(found, "values", "zeros") == (double)zeros);
    CHECK(number_at(found, "values", "negative") == (double)negative);
    CHECK(index != 2 || number_at(found, "values", "nan") == (double)nans);
    CHECK(number_at(found, "values", "minimum") == least);
    CHECK(number_at(found, "values", "maximum") == greatest);
    CHECK_NEAR(number_at(found, "values", "mean"), sum / (double)count, 1e-12 * (fabs(greatest) + fabs(least)));
    CHECK_NEAR(number_at(found, "values", "deviation"), sqrt(squares / (double)count), 1e-12 * greatest);
    CHECK_NEAR(number_at(found, "label", "correlation_ratio"), plain_ratio(table, schema, index), 1e-9);
}

static void check_city(const json_t *json, const struct weir_batch *table, const struct weir_schema *schema)
{
    const struct weir_column *label = &table->columns[7];
    struct weir_column city = { 0 };
    bool coded = schema->fields[5].type.kind == WEIR_DICTIONARY;
    CHECK(coded ? weir_column_decode(&city, &table->columns[5], &schema->fields[5].type, NULL) == 0
                : weir_column_share(&city, &table->columns[5]) == 0);
    double table_of[SAMPLE_CITIES][2] = { { 0 } }, n = 0, chi = 0;
    int64_t counts[SAMPLE_CITIES] = { 0 };
    for (int64_t row = 0; row < table->rows; row++) {
        size_t length, label_length;
        if (!weir_valid(&city, row))
            continue;
        const char *text = weir_text(&city, row, &length);
        for (int c = 0; c < SAMPLE_CITIES; c++)
            if (strlen(sample_cities[c]) == length && memcmp(sample_cities[c], text, length) == 0) {
                counts[c]++;
                if (weir_valid(label, row))
                    table_of[c][weir_text(label, row, &label_length)[0] == 'y']++, n++;
            }
    }
    for (int c = 0; c < SAMPLE_CITIES; c++)
        for (int y = 0; y < 2; y++) {
            double column = 0, row = table_of[c][0] + table_of[c][1];
            for (int i = 0; i < SAMPLE_CITIES; i++)
                column += table_of[i][y];
            chi += pow(table_of[c][y] - row * column / n, 2) / (row * column / n);
        }
    CHECK_NEAR(number_at(column_of(json, 5), "label", "cramers_v"), sqrt(chi / n), 1e-9);
    const json_t *top = json_object_get(json_object_get(column_of(json, 5), "top"), "values");
    CHECK_INT((long long)json_array_size(top), SAMPLE_CITIES);
    for (size_t i = 0; i < json_array_size(top); i++)
        for (int c = 0; c < SAMPLE_CITIES; c++)
            if (strcmp(json_string_value(json_array_get(json_array_get(top, i), 0)), sample_cities[c]) == 0)
                CHECK_INT(json_integer_value(json_array_get(json_array_get(top, i), 1)), counts[c]);
    weir_column_release(&city);
}

/* a with what may differ by rounding, or by the error of a sketch, taken out: `loose` after joining. */
static void strip(json_t *json)
{
    size_t i;
    json_t *column;
    json_array_foreach(json_object_get(json, "columns"), i, column)
    {
        static const char *const measures[] = { "values", "lengths" };
        for (int m = 0; m < 2; m++) {
            json_t *measure = json_object_get(column, measures[m]);
            json_object_del(measure, "mean");
            json_object_del(measure, "deviation");
            json_object_del(measure, "quantiles");
        }
        json_object_del(column, "label");
        json_object_del(column, "state");
        json_object_del(column, "top");
    }
}

static void check_join(const struct weir_schema *schema, const struct weir_batch *table,
                       const struct weir_profile *whole, int64_t cut)
{
    struct weir_profile *first = profile_of(schema, table, 0, cut, 700, 1);
    struct weir_profile *second = profile_of(schema, table, cut, ROWS - cut, 700, 1);
    struct weir_error error = { 0 };
    CHECK(weir_profile_merge(first, second, &error) == 0);
    json_t *joined = json_of(first), *wanted = json_of(whole);
    for (int i = 0; i < SAMPLE_COLUMNS; i++) {
        const json_t *a = column_of(joined, i), *b = column_of(wanted, i);
        const char *const names[] = { "correlation_ratio", "cramers_v" };
        for (int n = 0; n < 2; n++)
            if (json_object_get(json_object_get(b, "label"), names[n]))
                CHECK_NEAR(number_at(a, "label", names[n]), number_at(b, "label", names[n]), 1e-12);
        if (!isnan(number_at(b, "values", "mean"))) {
            CHECK_NEAR(number_at(a, "values", "mean"), number_at(b, "values", "mean"), 1e-10);
            CHECK_NEAR(number_at(a, "values", "deviation"), number_at(b, "values", "deviation"), 1e-9);
        }
        if (i == 4 || i == 5 || i == 7)
            CHECK(json_equal(json_object_get(a, "top"), json_object_get(b, "top")));
        CHECK(json_equal(json_object_get(json_object_get(a, "state"), "distinct"),
                         json_object_get(json_object_get(b, "state"), "distinct")));
    }
    strip(joined);
    strip(wanted);
    CHECK(json_equal(joined, wanted));
    json_decref(joined);
    json_decref(wanted);
    weir_profile_free(first);
    weir_profile_free(second);
}

static void check_round_trip(const struct weir_profile *profile, bool no_values)
{
    char *text = text_of(profile, no_values);
    struct weir_profile *read = NULL;
    struct weir_error error = { 0 };
    CHECK(weir_profile_read(&read, text, strlen(text), &error) == 0);
    CHECK_TEXT(error.text, "");
    if (!read) {
        free(text);
        return;
    }
    char *again = text_of(read, false);
    CHECK_TEXT(again, text);
    for (int page = 0; page < 2; page++) {
        struct weir_buffer a = { 0 }, b = { 0 };
        if (page) {
            weir_profile_page(profile, 5, false, &a);
            weir_profile_page(read, 5, false, &b);
        } else {
            weir_profile_text(profile, 5, false, &a);
            weir_profile_text(read, 5, false, &b);
        }
        if (!no_values)
            CHECK_TEXT(b.bytes, a.bytes);
        weir_buffer_release(&a);
        weir_buffer_release(&b);
    }
    weir_profile_free(read);
    free(again);
    free(text);
}

static void test_table(bool coded)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    sample_table(&schema, &table, ROWS, 11, coded);
    struct weir_profile *whole = profile_of(&schema, &table, 0, ROWS, ROWS, 1);
    char *text = text_of(whole, false);
    for (int64_t size = 1000; size >= 1; size /= 30)
        for (int threads = 1; threads <= 3; threads += 2) {
            struct weir_profile *other = profile_of(&schema, &table, 0, ROWS, size, threads);
            char *same = text_of(other, false);
            CHECK_TEXT(same, text);
            free(same);
            weir_profile_free(other);
        }
    json_t *json = json_of(whole);
    for (int i = 1; i <= 3; i++)
        check_numbers(json, &schema, &table, i);
    check_city(json, &table, &schema);
    json_decref(json);
    check_join(&schema, &table, whole, 7001);
    check_join(&schema, &table, whole, 0);
    check_join(&schema, &table, whole, ROWS - 3);
    check_round_trip(whole, false);
    check_round_trip(whole, true);
    free(text);
    weir_profile_free(whole);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* Profiles of other columns, types or labels are not joined. */
static void test_refused(void)
{
    const struct {
        const char *name;
        enum weir_kind kind;
        enum weir_role role;
        const char *why;
    } others[] = { { "b", WEIR_INT64, WEIR_FEATURE, "column 'a' is not in the second profile" },
                   { "a", WEIR_FLOAT64, WEIR_FEATURE, "column 'a' has another type or role in the second profile" },
                   { "a", WEIR_INT64, WEIR_LABEL, "the profiles have not the same label" } };
    for (size_t i = 0; i < 3; i++) {
        struct weir_schema schemas[2] = { { 0 }, { 0 } };
        struct weir_batch none[2] = { { 0 }, { 0 } };
        struct weir_profile *profiles[2];
        struct weir_error error = { 0 };
        weir_schema_add(&schemas[0], "a", WEIR_INT64);
        weir_schema_add(&schemas[1], others[i].name, others[i].kind)->role = others[i].role;
        for (int p = 0; p < 2; p++)
            profiles[p] = profile_of(&schemas[p], &none[p], 0, 0, 1, 1);
        CHECK(weir_profile_merge(profiles[0], profiles[1], &error) < 0);
        CHECK_TEXT(error.text, others[i].why);
        for (int p = 0; p < 2; p++) {
            check_round_trip(profiles[p], false);
            weir_profile_free(profiles[p]);
            weir_schema_release(&schemas[p]);
        }
    }
}

int main(void)
{
    test_table(false);
    test_table(true);
    test_refused();
    return check_result();
}
