/* What is written is read back the same: every type, with and without missing values, sliced, compressed, from memory
 * and from a descriptor, several streams one after the other. */
#include "stream_sample.h"

static char *text_of(const struct weir_schema *schema, const struct weir_batch *batches, int count)
{
    struct weir_buffer text = { 0 };
    for (int i = 0; i < schema->count; i++) {
        weir_buffer_format(&text, "%s %s ", schema->fields[i].name, weir_role_name(schema->fields[i].role));
        weir_type_describe(&schema->fields[i].type, &text);
        weir_buffer_byte(&text, '\n');
    }
    for (int b = 0; b < count; b++)
        for (int64_t row = 0; row < batches[b].rows; row++) {
            for (int i = 0; i < schema->count; i++) {
                weir_value_json(&batches[b].columns[i], &schema->fields[i].type, row, &text);
                weir_buffer_byte(&text, ' ');
            }
            weir_buffer_byte(&text, '\n');
        }
    weir_buffer_byte(&text, 0);
    return text.bytes;
}

/* Writes, reads both ways, compares; gives the bytes when they are wanted. */
static void round_trip(const struct weir_schema *schema, const struct weir_batch *batches, int count,
                       enum weir_compression compression, struct bytes *out)
{
    struct weir_error error;
    struct bytes stream = write_stream(schema, batches, count, compression);
    char *expected = text_of(schema, batches, count);
    for (int memory = 0; memory < 2; memory++) {
        char *got = read_stream(stream.data, stream.size, memory, &error);
        if (!CHECK(got && strcmp(got, expected) == 0))
            fprintf(stderr, "    %s\n", got ? got : error.text);
        free(got);
    }
    free(expected);
    if (out)
        *out = stream;
    else
        free(stream.data);
}

static void test_every_type(void)
{
    struct weir_schema schema;
    sample_schema(&schema, SAMPLE_TYPES, SAMPLE_COLUMNS);
    for (int hole = 0; hole < 6; hole++)
        for (int compression = WEIR_UNCOMPRESSED; compression <= WEIR_ZSTD; compression++) {
            struct weir_batch batches[4] = { { 0 } };
            sample_batch(&batches[0], &schema, 1, 20, hole);
            sample_batch(&batches[1], &schema, 50, 0, hole);
            sample_batch(&batches[2], &schema, 7, 77, hole);
            CHECK(weir_batch_slice(&batches[3], &batches[2], &schema, 3, 50) == 0);
            round_trip(&schema, batches, 4, (enum weir_compression)compression, NULL);
            for (int i = 0; i < 4; i++)
                weir_batch_release(&batches[i]);
        }
    weir_schema_release(&schema);
}

/* Both streams' rows come as one; a stream of other columns does not follow. */
static void test_concatenated(void)
{
    struct weir_schema schema, other;
    struct weir_batch batches[2] = { { 0 } };
    struct weir_error error;
    struct bytes first, second, third;
    sample_schema(&schema, SAMPLE_TYPES, SAMPLE_COLUMNS);
    sample_schema(&other, SAMPLE_TYPES, SAMPLE_COLUMNS - 1);
    sample_batch(&batches[0], &schema, 1, 5, 3);
    sample_batch(&batches[1], &schema, 100, 9, 0);
    round_trip(&schema, &batches[0], 1, WEIR_UNCOMPRESSED, &first);
    round_trip(&schema, &batches[1], 1, WEIR_LZ4, &second);
    round_trip(&other, NULL, 0, WEIR_UNCOMPRESSED, &third);

    uint8_t *joined = malloc(first.size + second.size + third.size);
    memcpy(joined, first.data, first.size);
    memcpy(joined + first.size, second.data, second.size);
    memcpy(joined + first.size + second.size, third.data, third.size);
    char *expected = text_of(&schema, batches, 2), *got = read_stream(joined, first.size + second.size, true, &error);
    CHECK_TEXT(got, expected);
    free(got);
    CHECK(!read_stream(joined, first.size + second.size + third.size, false, &error));
    CHECK_TEXT(error.text, "the first stream has 37 columns and the second 36");
    /* The first cut short: what follows it is not taken for its rest. */
    memmove(joined + first.size - 8, joined + first.size, second.size);
    CHECK(!read_stream(joined, first.size - 8 + second.size, true, &error));
    CHECK_TEXT(error.text, "the stream is damaged: a message out of its place");
    free(expected);
    free(joined);
    free(first.data);
    free(second.data);
    free(third.data);
    weir_batch_release(&batches[0]);
    weir_batch_release(&batches[1]);
    weir_schema_release(&schema);
    weir_schema_release(&other);
}

static void test_no_columns_and_no_rows(void)
{
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    CHECK(weir_batch_init(&batch, 0, 12) == 0);
    round_trip(&schema, NULL, 0, WEIR_UNCOMPRESSED, NULL);
    round_trip(&schema, &batch, 1, WEIR_UNCOMPRESSED, NULL);
    weir_batch_release(&batch);
}

/* A dictionary that grows keeps its codes and is sent again whole. */
static void test_growing_dictionary(void)
{
    const char *const type[] = { "dictionary<utf8>" };
    const char *const words[] = { "red", "green", "red", "blue", "green", "black" };
    struct weir_schema schema;
    struct weir_batch batches[3] = { { 0 } };
    struct weir_builder builder;
    sample_schema(&schema, type, 1);
    CHECK(weir_builder_init(&builder, &schema.fields[0].type) == 0);
    for (int b = 0; b < 3; b++) {
        CHECK(weir_batch_init(&batches[b], 1, 2) == 0);
        for (int i = 0; i < 2; i++)
            weir_builder_text(&builder, words[2 * b + i], strlen(words[2 * b + i]));
        CHECK(weir_builder_finish(&builder, &batches[b].columns[0], NULL) == 0);
    }
    CHECK_INT(batches[0].columns[0].children[0].rows, 2);
    CHECK_INT(batches[2].columns[0].children[0].rows, 4);
    CHECK_INT(((const int32_t *)(const void *)batches[1].columns[0].values.bytes)[0], 0);
    CHECK_INT(((const int32_t *)(const void *)batches[2].columns[0].values.bytes)[0], 1);
    round_trip(&schema, batches, 3, WEIR_UNCOMPRESSED, NULL);
    for (int b = 0; b < 3; b++)
        weir_batch_release(&batches[b]);
    weir_builder_release(&builder);
    weir_schema_release(&schema);
}

/* A batch far above the usual size becomes several; nothing else changes. */
static void test_large_batch(void)
{
    const char *const types[] = { "int64", "utf8", "list<float64>", "bool" };
    struct weir_schema schema;
    struct weir_batch batch = { 0 };
    struct bytes stream;
    sample_schema(&schema, types, 4);
    sample_batch(&batch, &schema, 0, 200003, 9);
    round_trip(&schema, &batch, 1, WEIR_UNCOMPRESSED, &stream);
    struct weir_reader *reader;
    struct weir_batch part = { 0 };
    int parts = 0;
    CHECK(weir_reader_open_memory(&reader, stream.data, stream.size, NULL, NULL) == 0);
    while (weir_reader_next(reader, &part, NULL) > 0)
        parts++;
    CHECK(parts > 5);
    CHECK_INT(weir_reader_rows(reader), 200003);
    weir_reader_free(reader);
    free(stream.data);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
}

/* A stage's failure travels with its name, whether or not its schema was out. */
static void test_failure(void)
{
    const char *const type[] = { "dictionary<utf8>" };
    struct weir_error error;
    for (int when = 0; when < 4; when++) {
        struct weir_schema schema;
        struct weir_writer *writer = NULL;
        struct weir_batch batch = { 0 };
        int descriptor = memfd_create("stream", 0);
        sample_schema(&schema, type, 1);
        sample_batch(&batch, &schema, 1, 4, 0);
        if (when > 0)
            CHECK(weir_writer_open(&writer, descriptor, &schema, NULL, NULL) == 0);
        if (when > 1)
            CHECK(weir_writer_start(writer, NULL) == 0);
        if (when > 2)
            CHECK(weir_writer_write(writer, &batch, NULL) == 0);
        weir_writer_fail(writer, descriptor, "load", "users.csv:17: column 'age': '4:.' is not a number");
        weir_writer_free(writer);
        struct bytes stream = bytes_of(descriptor);
        CHECK(!read_stream(stream.data, stream.size, when % 2, &error));
        CHECK(error.upstream);
        CHECK_TEXT(error.stage, "load");
        CHECK_TEXT(error.text, "users.csv:17: column 'age': '4:.' is not a number");
        free(stream.data);
        weir_batch_release(&batch);
        weir_schema_release(&schema);
    }
}

int main(void)
{
    test_every_type();
    test_concatenated();
    test_no_columns_and_no_rows();
    test_growing_dictionary();
    test_large_batch();
    test_failure();
    return check_result();
}
