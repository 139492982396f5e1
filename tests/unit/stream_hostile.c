/* Messages that are whole, with the right checksum, and lie: every claim is refused by name before it is believed. */
#include "stream/arrow.h"
#include "stream/encode.h"
#include "stream_sample.h"

enum { BODY = 128, MOST = 8 };

/* One batch of one column: what its metadata claims and what its body holds. */
struct lie {
    const char *type;
    int64_t rows;
    int64_t nodes[MOST];   /* rows and nulls of each */
    int64_t buffers[MOST]; /* offset and length of each */
    int node_count, buffer_count;
    int codec; /* CODEC_NONE: not compressed */
    const char *error;
    int64_t words[BODY / 8]; /* the body */
};

static const struct lie LIES[] = {
    { "null",
      1LL << 40,
      { 1LL << 40, 1LL << 40 },
      { 0 },
      1,
      0,
      CODEC_NONE,
      "a batch of 128 bytes claims 1099511627776 rows",
      { 0 } },
    { "null", -1, { -1, 0 }, { 0 }, 1, 0, CODEC_NONE, "the stream is damaged: a batch does not fit its schema", { 0 } },
    { "list<null>",
      1,
      { 1, 0, 1LL << 31, 1LL << 31 },
      { 0, 0, 0, 8 },
      2,
      2,
      CODEC_NONE,
      "column 'c': a batch of 128 bytes claims 2147483648 rows",
      { 0x4000000000000000 } },
    { "int64",
      2,
      { 2, 3 },
      { 0, 0, 0, 16 },
      1,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a batch does not fit its schema",
      { 0 } },
    { "int64",
      2,
      { 3, 0 },
      { 0, 0, 0, 24 },
      1,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a batch does not fit its schema",
      { 0 } },
    { "int64",
      2,
      { 2, 0 },
      { 0, 0, 0, 16 },
      0,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a batch does not fit its schema",
      { 0 } },
    { "int64",
      2,
      { 2, 0, 2, 0 },
      { 0, 0, 0, 16 },
      2,
      2,
      CODEC_NONE,
      "the stream is damaged: a batch does not fit its schema",
      { 0 } },
    { "int64",
      2,
      { 2, 0 },
      { 0, 0, 0, 16, 16, 16 },
      1,
      3,
      CODEC_NONE,
      "the stream is damaged: a batch does not fit its schema",
      { 0 } },
    { "int64",
      2,
      { 2, 0 },
      { 0, 0 },
      1,
      1,
      CODEC_NONE,
      "column 'c': the stream is damaged: a batch does not fit its schema",
      { 0 } },
    { "int64",
      2,
      { 2, 0 },
      { 0, 0, 0, 15 },
      1,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a buffer is too short for its rows",
      { 0 } },
    { "int64",
      9,
      { 9, 1 },
      { 0, 1, 0, 72 },
      1,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a buffer is too short for its rows",
      { 0 } },
    { "int64",
      2,
      { 2, 0 },
      { 0, 0, 120, 16 },
      1,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a buffer lies outside its message",
      { 0 } },
    { "int64",
      2,
      { 2, 0 },
      { 0, 0, INT64_MAX, 16 },
      1,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a buffer lies outside its message",
      { 0 } },
    { "int64",
      2,
      { 2, 0 },
      { 0, 0, 8, INT64_MAX },
      1,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a buffer lies outside its message",
      { 0 } },
    { "int64",
      2,
      { 2, 0 },
      { 0, 0, -8, 16 },
      1,
      2,
      CODEC_NONE,
      "column 'c': the stream is damaged: a buffer lies outside its message",
      { 0 } },
    { "utf8",
      1,
      { 1, 0 },
      { 0, 0, 0, 8, 8, 8 },
      1,
      3,
      CODEC_NONE,
      "column 'c': the stream is damaged: an offset lies outside its buffer",
      { 0x900000000, 0 } },
    { "utf8",
      1,
      { 1, 0 },
      { 0, 0, 0, 8, 8, 8 },
      1,
      3,
      CODEC_NONE,
      "column 'c': the stream is damaged: offsets that descend",
      { 0x100000002, 0 } },
    { "utf8",
      1,
      { 1, 0 },
      { 0, 0, 0, 8, 8, 8 },
      1,
      3,
      CODEC_NONE,
      "column 'c': the stream is damaged: offsets that descend",
      { 0x1ffffffff, 0 } },
    { "utf8",
      1,
      { 1, 0 },
      { 0, 0, 0, 8, 8, 8 },
      1,
      3,
      CODEC_NONE,
      "column 'c': text that is not UTF-8 in row 1 of a batch",
      { 0x200000000, 0x80c3 ^ 0xff } },
    { "utf8",
      2,
      { 2, 0 },
      { 0, 0, 0, 12, 16, 2 },
      1,
      3,
      CODEC_NONE, /* one character over two rows */
      "column 'c': text that is not UTF-8 in row 1 of a batch",
      { 0x100000000, 2, 0xa9c3 } },
    { "list<int64>",
      1,
      { 1, 0, 2, 0 },
      { 0, 0, 0, 8, 0, 0, 8, 16 },
      2,
      4,
      CODEC_NONE,
      "column 'c': the stream is damaged: a list reaches beyond its items",
      { 0x300000000, 0, 0 } },
    { "fixed_list<int64>[2]",
      2,
      { 2, 0, 3, 0 },
      { 0, 0, 0, 0, 0, 24 },
      2,
      3,
      CODEC_NONE,
      "column 'c': the stream is damaged: a batch does not fit its schema",
      { 0 } },
    { "fixed_list<int64>[2147483647]",
      1 << 20,
      { 1 << 20, 0, 1, 0 },
      { 0, 0, 0, 0, 0, 8 },
      2,
      3,
      CODEC_NONE,
      "column 'c': the stream is damaged: a batch does not fit its schema",
      { 0 } },
    { "dictionary<utf8>",
      2,
      { 2, 0 },
      { 0, 0, 0, 8 },
      1,
      2,
      CODEC_NONE,
      "column 'c': a code without a value in its dictionary of 0",
      { 0x100000000 } },
    { "int64",
      1,
      { 1, 0 },
      { 0, 0, 0, 32 },
      1,
      2,
      CODEC_ZSTD,
      "a batch of 128 bytes claims to be far larger unpacked",
      { 1LL << 50 } },
    { "int64", 1, { 1, 0 }, { 0, 0, 0, 32 }, 1, 2, CODEC_ZSTD, "a compressed buffer is damaged", { -2 } },
    { "int64", 1, { 1, 0 }, { 0, 0, 0, 7 }, 1, 2, CODEC_LZ4_FRAME, "a compressed buffer is damaged", { 8 } },
    { "int64", 1, { 1, 0 }, { 0, 0, 0, 32 }, 1, 2, CODEC_ZSTD, "column 'c': a compressed buffer is damaged", { 8 } },
    { "int64",
      1,
      { 1, 0 },
      { 0, 0, 0, 32 },
      1,
      2,
      CODEC_LZ4_FRAME,
      "column 'c': a compressed buffer is damaged",
      { 8 } },
    { "int64", 1, { 1, 0 }, { 0, 0, 0, 32 }, 1, 2, 7, "a batch is compressed by method 7, which is not known", { 8 } },
};

static void add_vector(struct weir_flat_builder *builder, size_t field, const int64_t *words, int pairs)
{
    size_t vector = weir_flat_add_vector(builder, (size_t)pairs, 16);
    weir_flat_link(builder, field, vector);
    for (size_t i = 0; i < (size_t)pairs * 2; i++)
        weir_flat_put_i64(builder, vector + 4 + 8 * i, words[i]);
}

static size_t add_batch(struct weir_flat_builder *builder, const struct lie *lie)
{
    bool compressed = lie->codec != CODEC_NONE;
    const struct weir_flat_slot slots[BATCH_SLOTS] = { [BATCH_LENGTH] = { 8, lie->rows },
                                                       [BATCH_NODES] = { 4, 0 },
                                                       [BATCH_BUFFERS] = { 4, 0 },
                                                       [BATCH_COMPRESSION] = { compressed ? 4 : 0, 0 } };
    const struct weir_flat_slot codec[COMPRESSION_SLOTS] = { { 1, lie->codec }, { 1, 0 } };
    size_t table = weir_flat_add_table(builder, slots, BATCH_SLOTS);
    add_vector(builder, weir_flat_slot(builder, table, BATCH_NODES), lie->nodes, lie->node_count);
    add_vector(builder, weir_flat_slot(builder, table, BATCH_BUFFERS), lie->buffers, lie->buffer_count);
    if (compressed)
        weir_flat_link(builder, weir_flat_slot(builder, table, BATCH_COMPRESSION),
                       weir_flat_add_table(builder, codec, COMPRESSION_SLOTS));
    return table;
}

static struct bytes stream_of(const struct lie *lie)
{
    struct weir_sender sender;
    struct weir_schema schema = { 0 };
    int descriptor = memfd_create("stream", 0);
    struct weir_field *field = weir_schema_add(&schema, "c", WEIR_NULL);
    CHECK(weir_type_parse(lie->type, &field->type, NULL) == 0);
    CHECK(weir_sender_init(&sender, descriptor) == 0);
    weir_sender_begin(&sender, WEIR_HEADER_SCHEMA, NULL, NULL);
    CHECK(weir_sender_send(&sender, weir_encode_schema(&sender.metadata, &schema), NULL, NULL) == 0);
    weir_sender_begin(&sender, WEIR_HEADER_RECORDS, NULL, NULL);
    weir_body_add(&sender.parts, lie->words, sizeof lie->words);
    CHECK(weir_sender_send(&sender, add_batch(&sender.metadata, lie), NULL, NULL) == 0);
    weir_sender_release(&sender);
    weir_schema_release(&schema);
    return bytes_of(descriptor);
}

static void test_lie(const struct lie *lie)
{
    struct weir_error error;
    struct bytes stream = stream_of(lie);
    for (int memory = 0; memory < 2; memory++) {
        char *text = read_stream(stream.data, stream.size, memory, &error);
        CHECK(!text);
        if (!CHECK_TEXT(error.text, lie->error))
            fprintf(stderr, "    %s, %lld rows\n", lie->type, (long long)lie->rows);
        free(text);
    }
    free(stream.data);
}

/* A damaged message is refused before its batch is handed out, not at the end of the stream. */
static void test_checksum_of_a_message(void)
{
    const char *const type[] = { "int64" };
    struct weir_schema schema;
    struct weir_batch batch = { 0 };
    struct weir_reader *reader;
    struct weir_error error = { 0 };
    sample_schema(&schema, type, 1);
    sample_batch(&batch, &schema, 1, 8, 0);
    struct bytes stream = write_stream(&schema, &batch, 1, WEIR_UNCOMPRESSED);
    weir_batch_release(&batch);
    for (size_t at = 0; at + 8 < stream.size; at++)
        if (weir_load_u64(stream.data + at) == 8 && weir_load_u64(stream.data + at - 8) == 7)
            stream.data[at] = 9; /* the last row */
    CHECK(weir_reader_open_memory(&reader, stream.data, stream.size, NULL, &error) == 0);
    CHECK_INT(weir_reader_next(reader, &batch, &error), -1);
    CHECK_TEXT(error.text, "the stream is damaged: a message does not agree with its checksum");
    CHECK_INT(weir_reader_next(reader, &batch, &error), -1);
    weir_reader_free(reader);
    free(stream.data);
    weir_schema_release(&schema);
}

/* Java writes a buffer of no bytes as its size alone, without a frame. */
static void test_nothing_compressed(void)
{
    struct lie truth = { .type = "utf8",
                         .rows = 1,
                         .nodes = { 1, 0 },
                         .buffers = { 0, 8, 8, 16, 24, 8 },
                         .node_count = 1,
                         .buffer_count = 3,
                         .words = { 0, -1, 0, 0 } };
    for (truth.codec = CODEC_LZ4_FRAME; truth.codec <= CODEC_ZSTD; truth.codec++) {
        struct weir_error error = { 0 };
        struct weir_reader *reader;
        struct weir_batch batch = { 0 };
        struct weir_buffer text = { 0 };
        struct bytes stream = stream_of(&truth);
        CHECK(weir_reader_open_memory(&reader, stream.data, stream.size, NULL, &error) == 0);
        if (CHECK_INT(weir_reader_next(reader, &batch, &error), 1))
            weir_value_json(&batch.columns[0], &weir_reader_schema(reader)->fields[0].type, 0, &text);
        CHECK_TEXT(text.bytes, "\"\"");
        weir_buffer_release(&text);
        weir_batch_release(&batch);
        weir_reader_free(reader);
        free(stream.data);
    }
}

/* Reads and writes again what `from` says of a column: its metadata in the stream that comes out, as KEY=VALUE. */
static char *keys_after_a_hop(const struct weir_schema *from)
{
    struct weir_error error = { 0 };
    struct weir_reader *reader = NULL;
    struct weir_buffer keys = { 0 };
    struct bytes stream = write_stream(from, NULL, 0, WEIR_UNCOMPRESSED);
    for (int hop = 0; hop < 2; hop++) {
        if (!CHECK(weir_reader_open_memory(&reader, stream.data, stream.size, NULL, &error) == 0)) {
            fprintf(stderr, "    %s\n", error.text);
            free(stream.data);
            return keys.bytes;
        }
        const struct weir_field *field = &weir_reader_schema(reader)->fields[0];
        weir_buffer_format(&keys, "%s", weir_role_name(field->role));
        for (size_t i = 0; i < field->metadata.count; i++)
            weir_buffer_format(&keys, " %s=%s", field->metadata.pairs[i].key, field->metadata.pairs[i].value);
        weir_buffer_string(&keys, ";");
        struct bytes next = write_stream(weir_reader_schema(reader), NULL, 0, WEIR_UNCOMPRESSED);
        weir_reader_free(reader);
        free(stream.data);
        stream = next;
    }
    free(stream.data);
    return keys.bytes;
}

/* A key that stands there twice: the first counts, and what is written again says no other thing. */
static void test_keys_twice(void)
{
    static const char shape[] = "{\"shape\":[2],\"dim_names\":[\"x\"]}";
    struct weir_pair roles[] = { { (char[]){ "weir:role" }, (char[]){ "label" } },
                                 { (char[]){ "weir:role" }, (char[]){ "id" } },
                                 { (char[]){ "unit" }, (char[]){ "m" } } };
    struct weir_pair shapes[] = { { (char[]){ "ARROW:extension:metadata" }, (char *)(uintptr_t)shape },
                                  { (char[]){ "ARROW:extension:metadata" }, (char *)(uintptr_t)shape },
                                  { (char[]){ "ARROW:extension:name" }, (char[]){ "arrow.fixed_shape_tensor" } } };
    struct weir_field field = { .name = (char[]){ "c" }, .metadata = { roles, 3, 3 } };
    const struct weir_schema schema = { .fields = &field, .count = 1 };
    field.type.kind = WEIR_INT8;
    char *keys = keys_after_a_hop(&schema);
    CHECK_TEXT(keys, "label unit=m;label unit=m;");
    free(keys);
    CHECK(weir_type_parse("fixed_list<int8>[2]", &field.type, NULL) == 0);
    field.metadata.pairs = shapes;
    keys = keys_after_a_hop(&schema);
    CHECK(keys && strstr(keys, "dim_names"));
    free(keys);
    weir_type_release(&field.type);
}

/* A tensor that cannot be held is refused in words. */
static void test_shapes(void)
{
    static const struct {
        const char *json, *error;
    } cases[] = {
        { "{\"shape\":[1,1,1,1,1,1,1,1,1]}", "column 'c': a tensor of 9 dimensions, where 1 to 8 are handled" },
        { "{\"shape\":[]}", "column 'c': a tensor of 0 dimensions, where 1 to 8 are handled" },
        { "{\"shape\":[3]}", "column 'c': a tensor whose shape does not fit its list" },
        { "{\"shape\":[-1]}", "column 'c': a tensor whose shape does not fit its list" },
        { "{\"shape\":1}", "column 'c': a tensor whose shape does not fit its list" },
        { "{\"shape\":[1]", "column 'c': a tensor whose shape does not fit its list" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weir_error error = { 0 };
        struct weir_pair pairs[] = {
            { (char[]){ "ARROW:extension:name" }, (char[]){ "arrow.fixed_shape_tensor" } },
            { (char[]){ "ARROW:extension:metadata" }, (char *)(uintptr_t)cases[i].json },
        };
        struct weir_field field = { .name = (char[]){ "c" }, .metadata = { pairs, 2, 2 } };
        const struct weir_schema schema = { .fields = &field, .count = 1 };
        CHECK(weir_type_parse("fixed_list<int8>[1]", &field.type, NULL) == 0);
        struct bytes stream = write_stream(&schema, NULL, 0, WEIR_UNCOMPRESSED);
        CHECK(!read_stream(stream.data, stream.size, true, &error));
        CHECK_TEXT(error.text, cases[i].error);
        free(stream.data);
        weir_type_release(&field.type);
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof LIES / sizeof *LIES; i++)
        test_lie(&LIES[i]);
    test_checksum_of_a_message();
    test_keys_twice();
    test_shapes();
    test_nothing_compressed();
    return check_result();
}
