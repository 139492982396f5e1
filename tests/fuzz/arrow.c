/* The Arrow reader under hostile bytes: once from memory, once from a descriptor, which takes other paths. Whatever
 * could be read is then sliced, taken, joined, shown, hashed and written again. */
#include "format/arrow_private.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct weir_reader_options anything = { .accept_refused = true };

static void use_column(const struct weir_column *column, const struct weir_type *type)
{
    struct weir_buffer text = { 0 };
    uint64_t hash = 0;
    int64_t rows = column->rows < 64 ? column->rows : 64;
    for (int64_t row = 0; row < rows; row++) {
        weir_value_text(column, type, row, &text);
        weir_value_json(column, type, row, &text);
        hash = weir_value_hash(column, type, row, hash);
        if (text.size > 1 << 16)
            break;
    }
    weir_buffer_release(&text);
}

static void use_batch(const struct weir_batch *batch, const struct weir_schema *schema)
{
    struct weir_batch half = { 0 }, taken = { 0 }, joined = { 0 };
    const int64_t index[3] = { batch->rows - 1, -1, 0 };
    for (int i = 0; i < batch->count; i++)
        use_column(&batch->columns[i], &schema->fields[i].type);
    if (weir_batch_bytes(batch) > 1 << 20 || batch->rows > 1 << 20)
        return;
    if (weir_batch_slice(&half, batch, schema, batch->rows / 2, batch->rows - batch->rows / 2) == 0) {
        const struct weir_batch parts[2] = { *batch, half };
        if (weir_batch_concatenate(&joined, parts, 2, schema, NULL) == 0)
            weir_batch_release(&joined);
        weir_batch_release(&half);
    }
    if (batch->rows && weir_batch_take(&taken, batch, schema, index, 3, NULL) == 0)
        weir_batch_release(&taken);
}

static void read_all(struct weir_reader *reader, int out)
{
    struct weir_batch batch = { 0 };
    struct weir_writer *writer = NULL;
    struct weir_error error = { 0 };
    int result, batches = 0;
    if (weir_writer_open(&writer, out, weir_reader_schema(reader), NULL, &error))
        writer = NULL;
    while ((result = weir_reader_next(reader, &batch, &error)) > 0 && batches++ < 16) {
        use_batch(&batch, weir_reader_schema(reader));
        if (writer && weir_batch_bytes(&batch) < 1 << 20 && weir_writer_write(writer, &batch, &error) &&
            error.status == WEIR_BUG)
            abort(); /* what was read must be fit to be written */
    }
    if (writer && result == 0)
        weir_writer_finish(writer, NULL);
    else
        weir_writer_fail(writer, out, "fuzz", error.text);
    weir_writer_free(writer);
    weir_batch_release(&batch);
    weir_reader_free(reader);
}

/* What begins as a file: the stream that its footer makes of it. */
static void read_file(int in, const uint8_t *data, int out)
{
    struct weir_arrow_file file;
    struct weir_reader *reader;
    struct weir_error error = { 0 };
    struct weir_buffer stream = { 0 };
    if (weir_arrow_file_read(&file, in, &error) == 0) {
        weir_buffer_append(&stream, file.schema.bytes, file.schema.size);
        for (size_t i = 0; i < file.count; i++)
            weir_buffer_append(&stream, data + file.pieces[i].at, (size_t)file.pieces[i].size);
        weir_buffer_append(&stream, "\xff\xff\xff\xff\0\0\0", 8);
        if (weir_reader_open_memory(&reader, stream.bytes, stream.size, &anything, &error) == 0)
            read_all(reader, out);
    } else if (!error.text[0]) {
        abort();
    }
    weir_arrow_file_release(&file);
    weir_buffer_release(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_reader *reader;
    struct weir_error error = { 0 };
    int in = memfd_create("in", 0), out = memfd_create("out", 0);
    if (in < 0 || out < 0)
        abort();
    if (weir_reader_open_memory(&reader, data, size, &anything, &error) == 0)
        read_all(reader, out);
    if (write(in, data, size) == (ssize_t)size && lseek(in, 0, SEEK_SET) == 0 &&
        weir_reader_open(&reader, in, &anything, &error) == 0)
        read_all(reader, out);
    if (size > 8 && memcmp(data, "ARROW1", 6) == 0)
        read_file(in, data, out);
    close(in);
    close(out);
    return 0;
}
