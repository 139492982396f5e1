/* Sparse rows: what is made is what is read, through a stream too, and rows that are none are refused. */
#include "base/random.h"
#include "check.h"
#include "stream/reader.h"
#include "stream/sparse.h"
#include "stream/writer.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROWS = 300, WIDTH = 1000 };

struct rows {
    int32_t offsets[ROWS + 1];
    uint32_t index[ROWS * 8];
    float value[ROWS * 8];
    uint8_t validity[(ROWS + 7) / 8];
    int64_t nulls;
};

static void draw(struct rows *rows, uint64_t seed)
{
    struct weir_random random;
    weir_random_init(&random, seed, 0);
    *rows = (struct rows){ 0 };
    for (int row = 0; row < ROWS; row++) {
        int32_t at = rows->offsets[row];
        bool null = weir_random_below(&random, 10) == 0;
        uint64_t count = null ? 0 : weir_random_below(&random, 8), least = 0;
        for (uint64_t i = 0; i < count; i++, at++) {
            least += weir_random_below(&random, (WIDTH - least) / 4);
            rows->index[at] = (uint32_t)least++;
            rows->value[at] = (float)weir_random_normal(&random);
        }
        rows->offsets[row + 1] = at;
        rows->nulls += null;
        if (!null)
            weir_bit_set(rows->validity, row);
    }
}

static struct weir_slice slice_of(const void *bytes, size_t size)
{
    struct weir_slice slice = { 0 };
    void *to = weir_slice_new(&slice, size, 1);
    if (CHECK(to != NULL) && size > 0)
        memcpy(to, bytes, size);
    return slice;
}

static void make(const struct rows *rows, struct weir_column *column)
{
    size_t entries = (size_t)rows->offsets[ROWS];
    CHECK(weir_sparse_column(column, ROWS, slice_of(rows->validity, sizeof rows->validity), rows->nulls,
                             slice_of(rows->offsets, sizeof rows->offsets),
                             slice_of(rows->index, entries * sizeof *rows->index),
                             slice_of(rows->value, entries * sizeof *rows->value), NULL) == 0);
}

static void same(const struct rows *rows, const struct weir_field *field, const struct weir_column *column)
{
    struct weir_sparse sparse;
    struct weir_error error = { 0 };
    CHECK(weir_sparse_is(&field->type));
    int64_t width = weir_sparse_width(field, &error);
    CHECK_INT(width, WIDTH);
    if (!CHECK(weir_sparse_open(&sparse, field, column, width, &error) == 0)) {
        fprintf(stderr, "    %s\n", error.text);
        return;
    }
    CHECK_INT(sparse.rows, ROWS);
    CHECK_INT(column->null_count, rows->nulls);
    for (int row = 0; row < ROWS; row++) {
        int32_t count = rows->offsets[row + 1] - rows->offsets[row];
        if (!CHECK_INT(sparse.offsets[row + 1] - sparse.offsets[row], count))
            return;
        CHECK(memcmp(sparse.index + sparse.offsets[row], rows->index + rows->offsets[row],
                     (size_t)count * sizeof *sparse.index) == 0);
        CHECK(memcmp(sparse.value + sparse.offsets[row], rows->value + rows->offsets[row],
                     (size_t)count * sizeof *sparse.value) == 0);
        CHECK_INT(weir_valid(column, row), weir_bit(rows->validity, row));
    }
}

static void make_schema(struct weir_schema *schema, int64_t width)
{
    struct weir_field *field = weir_schema_add(schema, "words", WEIR_NULL);
    CHECK(field && weir_field_make_sparse(field, width) == 0);
}

/* Written and read again. */
static void test_stream(const struct weir_schema *schema, const struct weir_column *column, const struct rows *rows)
{
    int descriptor = memfd_create("stream", 0);
    struct weir_batch batch = { 0 }, back = { 0 };
    struct weir_writer *writer = NULL;
    struct weir_reader *reader = NULL;
    struct weir_error error = { 0 };
    CHECK(weir_batch_init(&batch, 1, ROWS) == 0 && weir_column_share(&batch.columns[0], column) == 0);
    CHECK(weir_writer_open(&writer, descriptor, schema, NULL, &error) == 0);
    CHECK(weir_writer_write(writer, &batch, &error) == 0 && weir_writer_finish(writer, &error) == 0);
    lseek(descriptor, 0, SEEK_SET);
    if (CHECK(weir_reader_open(&reader, descriptor, NULL, &error) == 0) &&
        CHECK(weir_reader_next(reader, &back, &error) == 1))
        same(rows, &weir_reader_schema(reader)->fields[0], &back.columns[0]);
    else
        fprintf(stderr, "    %s\n", error.text);
    weir_batch_release(&batch);
    weir_batch_release(&back);
    weir_reader_free(reader);
    weir_writer_free(writer);
    close(descriptor);
}

/* ---- What is none -------------------------------------------------------------------------------------------------
 */

static void refuse(const struct rows *rows, int64_t width, const char *message)
{
    struct weir_schema schema = { 0 };
    struct weir_column column = { 0 };
    struct weir_sparse sparse;
    struct weir_error error = { 0 };
    make_schema(&schema, WIDTH);
    make(rows, &column);
    CHECK(weir_sparse_open(&sparse, &schema.fields[0], &column, width, &error) < 0);
    CHECK_INT(error.status, WEIR_BAD_DATA);
    CHECK_TEXT(error.text, message);
    weir_column_release(&column);
    weir_schema_release(&schema);
}

/* Rows of two entries each. */
static void pairs(struct rows *rows)
{
    *rows = (struct rows){ 0 };
    memset(rows->validity, 0xFF, sizeof rows->validity);
    for (int row = 0; row < ROWS; row++) {
        rows->offsets[row + 1] = 2 * row + 2;
        rows->index[2 * row] = 3;
        rows->index[2 * row + 1] = 8;
        rows->value[2 * row] = rows->value[2 * row + 1] = 1;
    }
}

static void test_hostile_rows(void)
{
    static struct rows rows;
    pairs(&rows);
    rows.index[2 * 7 + 1] = 3;
    refuse(&rows, WIDTH, "column 'words': row 8 of its batch has indices that do not ascend");
    pairs(&rows);
    rows.index[2 * 7 + 1] = 2;
    refuse(&rows, WIDTH, "column 'words': row 8 of its batch has indices that do not ascend");
    pairs(&rows);
    refuse(&rows, 8, "column 'words': row 1 of its batch has an index beyond its weir:width");
    rows.index[2 * ROWS - 1] = UINT32_MAX;
    refuse(&rows, WIDTH, "column 'words': row 300 of its batch has an index beyond its weir:width");
    static const float values[] = { (float)NAN, (float)INFINITY, (float)-INFINITY };
    for (int i = 0; i < 3; i++) {
        pairs(&rows);
        rows.value[2 * 4] = values[i];
        refuse(&rows, WIDTH, "column 'words': row 5 of its batch has a value that is not finite");
    }
}

/* Nulls within the entries, or in one part of them. */
static void test_null_entries(void)
{
    static struct rows rows;
    struct weir_schema schema = { 0 };
    struct weir_sparse sparse;
    pairs(&rows);
    make_schema(&schema, WIDTH);
    for (int part = 0; part < 3; part++) {
        struct weir_column column = { 0 };
        struct weir_error error = { 0 };
        make(&rows, &column);
        struct weir_column *entry = &column.children[0];
        (part == 0 ? entry : &entry->children[part - 1])->null_count = 1;
        CHECK(weir_sparse_open(&sparse, &schema.fields[0], &column, WIDTH, &error) < 0);
        CHECK_TEXT(error.text, "column 'words': an entry of its sparse rows is null");
        weir_column_release(&column);
    }
    weir_schema_release(&schema);
}

static void test_width(const char *text, const char *message)
{
    struct weir_schema schema = { 0 };
    struct weir_error error = { 0 };
    make_schema(&schema, WIDTH);
    CHECK(weir_metadata_set(&schema.fields[0].metadata, WEIR_WIDTH_KEY, text) == 0);
    CHECK(weir_sparse_width(&schema.fields[0], &error) < 0);
    CHECK_TEXT(error.text, message);
    weir_schema_release(&schema);
}

static void test_types(void)
{
    static const struct {
        const char *name;
        bool sparse;
    } types[] = {
        { "list<struct<index: uint32, value: float32>>", true },
        { "list<struct<index: int32, value: float32>>", false },
        { "list<struct<index: uint32, value: float64>>", false },
        { "list<struct<value: float32, index: uint32>>", false },
        { "list<struct<index: uint32>>", false },
        { "list<uint32>", false },
        { "struct<index: uint32, value: float32>", false },
        { "float32", false },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct weir_type type = { 0 };
        CHECK(weir_type_parse(types[i].name, &type, NULL) == 0);
        if (!CHECK(weir_sparse_is(&type) == types[i].sparse))
            fprintf(stderr, "    %s\n", types[i].name);
        weir_type_release(&type);
    }
}

int main(void)
{
    static struct rows rows;
    for (uint64_t seed = 1; seed < 6; seed++) {
        struct weir_schema schema = { 0 };
        struct weir_column column = { 0 };
        draw(&rows, seed);
        make_schema(&schema, WIDTH);
        make(&rows, &column);
        same(&rows, &schema.fields[0], &column);
        test_stream(&schema, &column, &rows);
        weir_column_release(&column);
        weir_schema_release(&schema);
    }
    test_hostile_rows();
    test_null_entries();
    test_width(NULL, "column 'words': its rows are sparse, and no weir:width in its metadata says how wide");
    test_width("0", "column 'words': its sparse rows are 0 wide: no term was left of the texts that they were made of");
    static const char *const none[] = { "", "-1", "4294967297", "12a", "1e3" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        test_width(none[i], "column 'words': its weir:width is no number from 1 to 4294967296");
    test_types();
    return check_result();
}
