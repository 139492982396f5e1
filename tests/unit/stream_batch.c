/* Types, schemas and batches in memory: names of types, slices, rows taken, batches joined, values as text, as numbers
 * and as hashes. */
#include "stream_sample.h"

static void test_names_of_types(void)
{
    static const char *const REFUSED[] = {
        "",
        "int9",
        "int64 x",
        "list",
        "list<",
        "list<int64",
        "struct",
        "struct<a>",
        "struct<: int8>",
        "tensor<int8>",
        "tensor<int8>[]",
        "fixed_list<int8>",
        "int64[us]",
        "time32[us]",
        "time64[s]",
        "timestamp[",
        "timestamp[us,]",
        "tensor<int8>[65536, 65536]",
        "fixed_list<int8>[2, 2]",
        "dictionary<dictionary<utf8>>",
        "struct<\"a: int8>",
        "struct<\"\\x00\": int8>",
        "tensor<int8>[1, 1, 1, 1, 1, 1, 1, 1, 1]",
        "fixed_list<int8>[-1]",
        "list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<int8>>>>>>>>>>>>>>>>>",
    };
    for (int i = 0; i < SAMPLE_COLUMNS; i++) {
        struct weir_type type, copy;
        struct weir_buffer text = { 0 };
        CHECK(weir_type_parse(SAMPLE_TYPES[i], &type, NULL) == 0);
        weir_type_describe(&type, &text);
        CHECK_TEXT(text.bytes, SAMPLE_TYPES[i]);
        CHECK(weir_type_copy(&copy, &type) == 0 && weir_type_equal(&copy, &type));
        weir_type_release(&type);
        CHECK(weir_type_parse(SAMPLE_TYPES[(i + 1) % SAMPLE_COLUMNS], &type, NULL) == 0);
        CHECK(!weir_type_equal(&copy, &type));
        weir_type_release(&type);
        weir_type_release(&copy);
        weir_buffer_release(&text);
    }
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
        struct weir_type type;
        struct weir_error error = { 0 };
        if (!CHECK(weir_type_parse(REFUSED[i], &type, &error) == -1))
            fprintf(stderr, "    '%s'\n", REFUSED[i]);
        CHECK(strstr(error.text, "is not a type"));
    }
}

static void test_schema(void)
{
    struct weir_schema schema = { 0 }, copy;
    struct weir_error error = { 0 };
    struct weir_schema_index index;
    CHECK(weir_schema_add(&schema, "age", WEIR_INT64) && weir_schema_add(&schema, "name", WEIR_UTF8));
    schema.fields[1].role = WEIR_LABEL;
    CHECK(weir_schema_copy(&copy, &schema) == 0 && weir_schema_agree(&schema, &copy, &error));
    CHECK_INT(weir_schema_require(&schema, "agee", &error), -1);
    CHECK_TEXT(error.text, "no column 'agee' here; did you mean 'age'?");
    CHECK_INT(weir_schema_require(&schema, "height", &error), -1);
    CHECK_TEXT(error.text, "no column 'height' here");
    CHECK_INT(weir_schema_role(&schema, WEIR_LABEL, 0), 1);
    CHECK_INT(weir_schema_role(&schema, WEIR_LABEL, 2), -1);
    free(copy.fields[0].name);
    copy.fields[0].name = weir_duplicate_string("aeg");
    CHECK(!weir_schema_agree(&schema, &copy, &error));
    CHECK_TEXT(error.text, "column 1 is 'age' (int64) in the first stream and 'aeg' (int64) in the second");
    CHECK(weir_metadata_set(&schema.metadata, "weir:plan", "[]") == 0);
    CHECK_TEXT(weir_metadata_get(&schema.metadata, "weir:plan"), "[]");
    CHECK(weir_metadata_set(&schema.metadata, "weir:plan", NULL) == 0 && schema.metadata.count == 0);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        CHECK(weir_schema_add(&schema, name, WEIR_FLOAT32));
    }
    weir_schema_remove(&schema, 0);
    CHECK(weir_schema_index_init(&index, &schema) == 0);
    CHECK_INT(index.duplicate, -1);
    for (int i = 0; i < schema.count; i++)
        CHECK_INT(weir_schema_index_find(&index, schema.fields[i].name), i);
    CHECK_INT(weir_schema_index_find(&index, "age"), -1);
    weir_schema_index_release(&index);
    CHECK(weir_schema_add(&schema, "x7", WEIR_FLOAT32) && weir_schema_index_init(&index, &schema) == 0);
    CHECK_INT(index.duplicate, schema.count - 1);
    weir_schema_index_release(&index);
    weir_schema_release(&schema);
    weir_schema_release(&copy);
}

static char *json_of(const struct weir_batch *batch, const struct weir_schema *schema, int column, int64_t row)
{
    struct weir_buffer text = { 0 };
    weir_value_json(&batch->columns[column], &schema->fields[column].type, row, &text);
    return text.bytes;
}

/* Row `row` of `batch` is row `other_row` of `other` (NULL: missing in every column), in text and as a hash. */
static void check_row(const struct weir_schema *schema, const struct weir_batch *batch, int64_t row,
                      const struct weir_batch *other, int64_t other_row)
{
    for (int i = 0; i < schema->count; i++) {
        const struct weir_type *type = &schema->fields[i].type;
        char *actual = json_of(batch, schema, i, row);
        char *expected = other ? json_of(other, schema, i, other_row) : weir_duplicate_string("null");
        if (!CHECK_TEXT(actual, expected))
            fprintf(stderr, "    %s\n", SAMPLE_TYPES[i]);
        if (other)
            CHECK(weir_value_hash(&batch->columns[i], type, row, 5) ==
                  weir_value_hash(&other->columns[i], type, other_row, 5));
        free(actual);
        free(expected);
    }
}

static void test_rows(int hole)
{
    enum { ROWS = 45 };
    struct weir_schema schema;
    struct weir_batch batch = { 0 }, other = { 0 }, slice, taken, joined;
    int64_t index[20];
    sample_schema(&schema, SAMPLE_TYPES, SAMPLE_COLUMNS);
    sample_batch(&batch, &schema, 1, ROWS, hole);
    sample_batch(&other, &schema, 500, ROWS, hole ? 0 : 4);
    for (int64_t first = 0; first < 20; first++) {
        CHECK(weir_batch_slice(&slice, &batch, &schema, first, ROWS - 20) == 0);
        for (int64_t row = 0; row < slice.rows; row += 3)
            check_row(&schema, &slice, row, &batch, first + row);
        for (int i = 0; i < 20; i++)
            index[i] = i % 6 == 5 ? -1 : (i * 7 + first) % slice.rows;
        CHECK(weir_batch_take(&taken, &slice, &schema, index, 20, NULL) == 0);
        for (int i = 0; i < 20; i++)
            check_row(&schema, &taken, i, index[i] < 0 ? NULL : &slice, index[i]);
        const struct weir_batch parts[3] = { slice, other, taken };
        CHECK(weir_batch_concatenate(&joined, parts, 3, &schema, NULL) == 0);
        CHECK_INT(joined.rows, slice.rows + ROWS + 20);
        for (int64_t row = 0; row < slice.rows; row += 5)
            check_row(&schema, &joined, row, &slice, row);
        for (int64_t row = 0; row < ROWS; row += 4)
            check_row(&schema, &joined, slice.rows + row, &other, row);
        for (int i = 0; i < 20; i += 3)
            check_row(&schema, &joined, slice.rows + ROWS + i, index[i] < 0 ? NULL : &slice, index[i]);
        weir_batch_release(&slice);
        weir_batch_release(&taken);
        weir_batch_release(&joined);
    }
    CHECK(weir_batch_concatenate(&joined, NULL, 0, &schema, NULL) == 0);
    CHECK_INT(joined.rows, 0);
    weir_batch_release(&joined);
    weir_batch_release(&batch);
    weir_batch_release(&other);
    weir_schema_release(&schema);
}

/* A dictionary's rows are those of its texts. */
static void test_dictionary(void)
{
    const char *const types[] = { "dictionary<utf8>", "utf8" };
    struct weir_schema schema;
    struct weir_batch batch = { 0 };
    struct weir_column decoded;
    sample_schema(&schema, types, 2);
    CHECK(weir_batch_init(&batch, 2, 30) == 0);
    for (int i = 0; i < 2; i++) {
        struct weir_builder builder;
        CHECK(weir_builder_init(&builder, &schema.fields[i].type) == 0);
        for (int64_t row = 0; row < 30; row++)
            sample_value(&builder, row, 4);
        CHECK(weir_builder_finish(&builder, &batch.columns[i], NULL) == 0);
        weir_builder_release(&builder);
    }
    CHECK(weir_column_decode(&decoded, &batch.columns[0], &schema.fields[0].type, NULL) == 0);
    for (int64_t row = 0; row < 30; row++) {
        struct weir_buffer a = { 0 }, b = { 0 };
        weir_value_text(&decoded, &schema.fields[1].type, row, &a);
        weir_value_text(&batch.columns[1], &schema.fields[1].type, row, &b);
        CHECK(a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0));
        CHECK(weir_value_hash(&batch.columns[0], &schema.fields[0].type, row, 1) ==
              weir_value_hash(&batch.columns[1], &schema.fields[1].type, row, 1));
        weir_buffer_release(&a);
        weir_buffer_release(&b);
    }
    weir_column_release(&decoded);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
}

static void check_value(const char *name, int64_t value, const char *text, double number)
{
    struct weir_type type;
    struct weir_builder builder;
    struct weir_column column;
    struct weir_buffer out = { 0 };
    double numbers[2];
    CHECK(weir_type_parse(name, &type, NULL) == 0 && weir_builder_init(&builder, &type) == 0);
    weir_builder_int64(&builder, value);
    weir_builder_null(&builder);
    CHECK(weir_builder_finish(&builder, &column, NULL) == 0);
    weir_value_text(&column, &type, 0, &out);
    if (!CHECK_TEXT(out.bytes, text))
        fprintf(stderr, "    %s\n", name);
    CHECK(weir_number(&column, type.kind, 0) == number);
    CHECK(weir_numbers(&column, type.kind, numbers, NULL) == 0 && numbers[0] == number && isnan(numbers[1]));
    weir_buffer_release(&out);
    weir_column_release(&column);
    weir_builder_release(&builder);
    weir_type_release(&type);
}

static void test_values(void)
{
    check_value("bool", 1, "true", 1);
    check_value("int8", -128, "-128", -128);
    check_value("uint8", 255, "255", 255);
    check_value("int16", -300, "-300", -300);
    check_value("uint16", 65535, "65535", 65535);
    check_value("uint32", 4294967295, "4294967295", 4294967295.0);
    check_value("int64", INT64_MIN, "-9223372036854775808", -0x1p63);
    check_value("uint64", -1, "18446744073709551615", 0x1p64);
    check_value("float16", 0x3e00, "1.5", 1.5);
    check_value("float16", 0x8001, "-5.9604645e-08", -0x1p-24);
    check_value("date32", -719162, "0001-01-01", -719162);
    check_value("date32", 20780, "2026-11-23", 20780);
    check_value("date32", INT32_MAX, "2147483647", INT32_MAX);
    check_value("date64", 20780 * 86400000LL, "2026-11-23", 20780 * 86400000.0);
    check_value("timestamp[s]", -1, "1969-12-31T23:59:59", -1);
    check_value("timestamp[ms, UTC]", 1500, "1970-01-01T00:00:01.500Z", 1500);
    check_value("timestamp[us]", 86399999999, "1970-01-01T23:59:59.999999", 86399999999.0);
    check_value("timestamp[ns]", 1, "1970-01-01T00:00:00.000000001", 1);
    check_value("timestamp[s]", INT64_MAX, "9223372036854775807", 0x1p63);
    check_value("time32[s]", 3661, "01:01:01", 3661);
    check_value("time64[ns]", 1, "00:00:00.000000001", 1);
    check_value("time64[us]", -1, "-1", -1);
    check_value("duration[ms]", -5, "-5", -5);
}

int main(void)
{
    test_names_of_types();
    test_schema();
    for (int hole = 0; hole < 4; hole++)
        test_rows(hole);
    test_dictionary();
    test_values();
    return check_result();
}
