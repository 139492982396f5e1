/* Batches that are handed on as they were read become the same bytes again, and those that were changed on the way are
 * summed up anew. */
#include "stream_sample.h"

static const char *const TYPES[] = { "float64", "utf8", "int32", "dictionary<utf8>", "bool" };
enum { COLUMNS = sizeof TYPES / sizeof *TYPES, ROWS = 20000, BATCHES = 3 };

/* What happens to a batch between reader and writer. */
typedef void changer(struct weir_batch *batch, int number, const struct weir_schema *schema);

static void leave(struct weir_batch *batch, int number, const struct weir_schema *schema)
{
    (void)batch, (void)number, (void)schema;
}

static void halve_second(struct weir_batch *batch, int number, const struct weir_schema *schema)
{
    struct weir_batch half;
    if (number != 1)
        return;
    CHECK(weir_batch_slice(&half, batch, schema, 0, batch->rows / 2) == 0);
    weir_batch_release(batch);
    *batch = half;
}

/* The same length, another value, in memory of its own: the message that is tied to the batch is not it any more. */
static void alter_second(struct weir_batch *batch, int number, const struct weir_schema *schema)
{
    (void)schema;
    if (number != 1)
        return;
    struct weir_slice *values = &batch->columns[0].values;
    struct weir_block *block = weir_block_new(values->size);
    if (!CHECK(block != NULL))
        return;
    memcpy(block->bytes, values->bytes, values->size);
    block->bytes[values->size - 1] ^= 1;
    weir_block_unref(values->block);
    *values = (struct weir_slice){ block, block->bytes, values->size };
}

/* Through a reader and a writer, by way of a shared batch. */
static struct bytes pass_on(const struct bytes *in, bool memory, changer *change)
{
    struct weir_error error;
    struct weir_reader *reader;
    struct weir_writer *writer;
    struct weir_batch batch = { 0 };
    int from = memfd_create("in", 0), to = memfd_create("out", 0);
    CHECK(write(from, in->data, in->size) == (ssize_t)in->size && lseek(from, 0, SEEK_SET) == 0);
    CHECK((memory ? weir_reader_open_memory(&reader, in->data, in->size, NULL, &error)
                  : weir_reader_open(&reader, from, NULL, &error)) == 0);
    CHECK(weir_writer_open(&writer, to, weir_reader_schema(reader), NULL, &error) == 0);
    for (int number = 0; weir_reader_next(reader, &batch, &error) == 1; number++) {
        struct weir_batch shared;
        CHECK(batch.message != NULL);
        CHECK(weir_batch_share(&shared, &batch) == 0);
        change(&shared, number, weir_reader_schema(reader));
        CHECK(weir_writer_write(writer, &shared, &error) == 0);
        weir_batch_release(&shared);
    }
    CHECK(weir_writer_finish(writer, &error) == 0);
    weir_reader_free(reader);
    weir_writer_free(writer);
    struct bytes out = { .size = (size_t)lseek(to, 0, SEEK_CUR) };
    out.data = malloc(out.size);
    CHECK(out.data && pread(to, out.data, out.size, 0) == (ssize_t)out.size);
    close(from);
    close(to);
    return out;
}

static bool is_read(const struct bytes *stream)
{
    struct weir_error error = { 0 };
    char *text = read_stream(stream->data, stream->size, true, &error);
    if (!text)
        fprintf(stderr, "    %s\n", error.text);
    free(text);
    return text != NULL;
}

int main(void)
{
    struct weir_schema schema;
    struct weir_batch batches[BATCHES] = { { 0 } };
    sample_schema(&schema, TYPES, COLUMNS);
    for (int i = 0; i < BATCHES; i++)
        sample_batch(&batches[i], &schema, 1000 * i, ROWS, i);
    struct bytes stream = write_stream(&schema, batches, BATCHES, WEIR_UNCOMPRESSED);
    for (int memory = 0; memory < 2; memory++) {
        struct bytes same = pass_on(&stream, memory, leave);
        CHECK(same.size == stream.size && memcmp(same.data, stream.data, stream.size) == 0);
        struct bytes halved = pass_on(&stream, memory, halve_second), altered = pass_on(&stream, memory, alter_second);
        CHECK(halved.size < stream.size && is_read(&halved));
        CHECK(altered.size == stream.size && memcmp(altered.data, stream.data, stream.size) != 0 && is_read(&altered));
        free(same.data);
        free(halved.data);
        free(altered.data);
    }
    free(stream.data);
    for (int i = 0; i < BATCHES; i++)
        weir_batch_release(&batches[i]);
    weir_schema_release(&schema);
    return check_result();
}
