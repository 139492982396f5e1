/* A stream that was cut anywhere, or in which any bit was flipped, is an error, or (where nothing depends on the bit)
 * gives the same values as before. */
#include "stream_sample.h"

static const char *const TYPES[] = { "utf8", "dictionary<utf8>", "list<int64>", "null" };
enum { COLUMNS = sizeof TYPES / sizeof *TYPES };

static struct bytes small_stream(enum weir_compression compression)
{
    struct weir_schema schema;
    struct weir_batch batches[2] = { { 0 } };
    sample_schema(&schema, TYPES, COLUMNS);
    sample_batch(&batches[0], &schema, 1, 3, 2);
    sample_batch(&batches[1], &schema, 9, 2, 0);
    struct bytes stream = write_stream(&schema, batches, 2, compression);
    weir_batch_release(&batches[0]);
    weir_batch_release(&batches[1]);
    weir_schema_release(&schema);
    return stream;
}

static void test_cut(const struct bytes *stream)
{
    struct weir_error error;
    for (size_t size = 0; size < stream->size; size++)
        for (int memory = 0; memory < 2; memory++) {
            char *text = read_stream(stream->data, size, memory, &error);
            if (!CHECK(!text && error.text[0]))
                fprintf(stderr, "    cut after %zu of %zu bytes\n", size, stream->size);
            free(text);
        }
}

static void test_flipped(const struct bytes *stream, size_t step)
{
    struct weir_error error;
    char *expected = read_stream(stream->data, stream->size, true, &error);
    uint8_t *copy = malloc(stream->size);
    for (size_t bit = 0; bit < stream->size * 8; bit += step) {
        memcpy(copy, stream->data, stream->size);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        char *text = read_stream(copy, stream->size, true, &error);
        if (!CHECK(text ? strcmp(text, expected) == 0 : error.text[0] != 0))
            fprintf(stderr, "    bit %zu of byte %zu of %zu\n", bit % 8, bit / 8, stream->size);
        free(text);
    }
    free(copy);
    free(expected);
}

/* Bytes after the end, messages left out, swapped or twice: each message is whole, and yet the stream is not. */
static void test_rearranged(const struct bytes *stream)
{
    size_t at[16], count = 0, place = 0;
    struct weir_error error;
    while (place < stream->size && count < 15) {
        uint32_t metadata = weir_load_u32(stream->data + place + 4);
        at[count++] = place;
        if (metadata == 0)
            break;
        /* The body's length: the one slot of 8 bytes in the message's table, which the writer lays out first. */
        const uint8_t *table = stream->data + place + 8 + weir_load_u32(stream->data + place + 8);
        const uint8_t *vtable = table - weir_load_i32(table);
        place += 8 + metadata + weir_load_u64(table + weir_load_u16(vtable + 10));
    }
    at[count] = stream->size;
    CHECK(count >= 5);
    uint8_t *copy = malloc(stream->size * 2);
    for (size_t left_out = 0; left_out < count; left_out++) {
        size_t head = at[left_out], tail = at[left_out + 1];
        memcpy(copy, stream->data, head);
        memcpy(copy + head, stream->data + tail, stream->size - tail);
        CHECK(!read_stream(copy, stream->size - (tail - head), true, &error));
        memcpy(copy, stream->data, tail);
        memcpy(copy + tail, stream->data + head, stream->size - head);
        CHECK(!read_stream(copy, stream->size + (tail - head), true, &error));
    }
    memcpy(copy, stream->data, stream->size);
    for (int byte = 0; byte < 256; byte += 85) {
        copy[stream->size] = (uint8_t)byte;
        CHECK(!read_stream(copy, stream->size + 1, true, &error));
    }
    free(copy);
}

static void test_no_stream(void)
{
    struct weir_error error;
    CHECK(!read_stream("", 0, false, &error));
    CHECK_TEXT(error.text, "no input at all");
    CHECK_INT(error.status, WEIR_NO_INPUT);
    CHECK(!read_stream("a", 1, false, &error));
    CHECK_TEXT(error.text, "not an Arrow stream");
    CHECK(!read_stream("name,age\nAda,36\n", 16, true, &error));
    CHECK_TEXT(error.text, "not an Arrow stream");
    CHECK(!read_stream("\xff\xff\xff\xff\0\0\0\0", 8, true, &error));
    CHECK_TEXT(error.text, "the stream does not begin with a schema");
    /* A claim of 200 MiB of metadata, and nothing of it. */
    CHECK(!read_stream("\xff\xff\xff\xff\0\0\x80\x0c", 8, false, &error));
    CHECK_TEXT(error.text, "the stream is cut: it ends within a message");
}

int main(void)
{
    for (int compression = WEIR_UNCOMPRESSED; compression <= WEIR_ZSTD; compression++) {
        struct bytes stream = small_stream((enum weir_compression)compression);
        test_cut(&stream);
        test_rearranged(&stream);
        test_flipped(&stream, compression == WEIR_UNCOMPRESSED ? 1 : 29);
        free(stream.data);
    }
    test_no_stream();
    return check_result();
}
