/* Streams for the tests: a schema with a column of every type, batches of it, and streams as bytes in memory. */
#ifndef WEIR_TESTS_UNIT_STREAM_SAMPLE_H
#define WEIR_TESTS_UNIT_STREAM_SAMPLE_H

#include "check.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct bytes {
    uint8_t *data;
    size_t size;
};

static const char *const SAMPLE_TYPES[] = {
    "null",
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "date32",
    "date64",
    "time32[ms]",
    "time32[s]",
    "time64[us]",
    "time64[ns]",
    "timestamp[s]",
    "timestamp[ms]",
    "timestamp[us, UTC]",
    "timestamp[ns, Europe/Berlin]",
    "duration[ms]",
    "utf8",
    "binary",
    "list<int64>",
    "list<list<utf8>>",
    "fixed_list<float32>[3]",
    "tensor<uint8>[2, 2]",
    "struct<a: int64, b: utf8>",
    "struct<>",
    "dictionary<utf8>",
    "dictionary<utf8, ordered>",
    "list<dictionary<utf8>>",
    "list<struct<index: uint32, value: float32>>",
    "fixed_list<list<bool>>[2]",
};
enum { SAMPLE_COLUMNS = sizeof SAMPLE_TYPES / sizeof *SAMPLE_TYPES };

/* One column for each of count types, with a role and a key of its own each now and then. */
static inline void sample_schema(struct weir_schema *schema, const char *const *types, int count)
{
    *schema = (struct weir_schema){ 0 };
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "c\xc3\xb6l %d", i);
        struct weir_field *field = weir_schema_add(schema, name, WEIR_NULL);
        CHECK(field && weir_type_parse(types[i], &field->type, NULL) == 0);
        if (i % 5 == 1)
            field->role = (enum weir_role)(i / 5 % WEIR_ROLE_COUNT);
        if (i % 3 == 1)
            CHECK(weir_metadata_set(&field->metadata, "unit", "m/s") == 0);
    }
    CHECK(weir_metadata_set(&schema->metadata, "weir:plan", "[{\"stage\":\"load\"}]") == 0);
}

/* Appends value number `n` (every `hole`-th is missing; 0: none). */
static inline void sample_value(struct weir_builder *builder, int64_t n, int hole)
{
    const struct weir_type *type = &builder->type;
    char text[64];
    if (type->kind == WEIR_NULL || (hole && n % hole == 0)) {
        weir_builder_null(builder);
        return;
    }
    switch (type->kind) {
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        weir_builder_double(builder, (double)n / 3);
        break;
    case WEIR_UTF8:
    case WEIR_BINARY:
    case WEIR_DICTIONARY:
        snprintf(text, sizeof text, n % 3 ? "caf\xc3\xa9 %d" : "plain %d, longer than twelve bytes", (int)(n % 11));
        weir_builder_text(builder, text, n % 7 ? strlen(text) : 0);
        break;
    case WEIR_LIST:
        for (int64_t i = 0; i < n % 4; i++)
            sample_value(&builder->children[0], n + i, hole);
        weir_builder_close(builder);
        break;
    case WEIR_FIXED_LIST:
        for (int64_t i = 0; i < type->list_size; i++)
            sample_value(&builder->children[0], n + i, hole);
        weir_builder_close(builder);
        break;
    case WEIR_STRUCT:
        for (int i = 0; i < builder->child_count; i++)
            sample_value(&builder->children[i], n + i, hole);
        weir_builder_close(builder);
        break;
    default:
        weir_builder_int64(builder, n * (type->kind == WEIR_DATE64 ? 86400000 : 1));
    }
}

static inline void sample_batch(struct weir_batch *batch, const struct weir_schema *schema, int64_t first, int64_t rows,
                                int hole)
{
    CHECK(weir_batch_init(batch, schema->count, rows) == 0);
    for (int i = 0; i < schema->count; i++) {
        struct weir_builder builder;
        CHECK(weir_builder_init(&builder, &schema->fields[i].type) == 0);
        for (int64_t row = 0; row < rows; row++)
            sample_value(&builder, first + row + i, hole);
        CHECK(weir_builder_finish(&builder, &batch->columns[i], NULL) == 0);
        weir_builder_release(&builder);
    }
}

static inline struct bytes bytes_of(int descriptor)
{
    struct bytes bytes = { NULL, (size_t)lseek(descriptor, 0, SEEK_END) };
    bytes.data = malloc(bytes.size + 1);
    CHECK(pread(descriptor, bytes.data, bytes.size, 0) == (ssize_t)bytes.size);
    close(descriptor);
    return bytes;
}

/* The batches as one stream. */
static inline struct bytes write_stream(const struct weir_schema *schema, const struct weir_batch *batches, int count,
                                        enum weir_compression compression)
{
    struct weir_writer *writer;
    struct weir_error error = { 0 };
    const struct weir_writer_options options = { compression };
    int descriptor = memfd_create("stream", 0);
    CHECK(weir_writer_open(&writer, descriptor, schema, &options, &error) == 0);
    for (int i = 0; i < count; i++)
        if (!CHECK(weir_writer_write(writer, &batches[i], &error) == 0))
            fprintf(stderr, "    %s\n", error.text);
    CHECK(weir_writer_finish(writer, &error) == 0);
    weir_writer_free(writer);
    return bytes_of(descriptor);
}

/* Every value of every batch as one text, a line a row; NULL with the message when the stream cannot be read.
 * from_memory: by weir_reader_open_memory, else from a descriptor. */
static inline char *read_stream(const void *data, size_t size, bool from_memory, struct weir_error *error)
{
    struct weir_reader *reader = NULL;
    struct weir_batch batch = { 0 };
    struct weir_buffer text = { 0 };
    int descriptor = -1, result;
    *error = (struct weir_error){ 0 };
    if (from_memory) {
        result = weir_reader_open_memory(&reader, data, size, NULL, error);
    } else {
        descriptor = memfd_create("stream", 0);
        result = write(descriptor, data, size) == (ssize_t)size && lseek(descriptor, 0, SEEK_SET) == 0 ? 0 : -1;
        CHECK(result == 0);
        result = weir_reader_open(&reader, descriptor, NULL, error);
    }
    if (result == 0) {
        const struct weir_schema *schema = weir_reader_schema(reader);
        for (int i = 0; i < schema->count; i++) {
            weir_buffer_format(&text, "%s %s ", schema->fields[i].name, weir_role_name(schema->fields[i].role));
            weir_type_describe(&schema->fields[i].type, &text);
            weir_buffer_byte(&text, '\n');
        }
        while ((result = weir_reader_next(reader, &batch, error)) > 0)
            for (int64_t row = 0; row < batch.rows; row++) {
                for (int i = 0; i < batch.count; i++) {
                    weir_value_json(&batch.columns[i], &schema->fields[i].type, row, &text);
                    weir_buffer_byte(&text, ' ');
                }
                weir_buffer_byte(&text, '\n');
            }
    }
    weir_batch_release(&batch);
    weir_reader_free(reader);
    if (descriptor >= 0)
        close(descriptor);
    if (result < 0) {
        weir_buffer_release(&text);
        return NULL;
    }
    weir_buffer_byte(&text, 0);
    return text.bytes;
}

#endif
