#include "stage/spill_file.h"
#include "base/descriptor.h"
#include <stdlib.h>
#include <unistd.h>

/* The writer does not know what it writes to, and a full disk is not that of the output. */
static int fail_write(struct weir_error *error)
{
    if (error && error->status == WEIR_IO)
        weir_fail_in(error, "a temporary file in '%s' ($TMPDIR names another folder)", weir_temporary_folder());
    return -1;
}

int weir_spill_file_write(struct weir_spill_file *file, const struct weir_schema *schema,
                          const struct weir_batch *batch, struct weir_error *error)
{
    if (!file->open) {
        file->descriptor = weir_temporary_file(error);
        if (file->descriptor < 0)
            return -1;
        file->open = true;
        if (weir_writer_open(&file->writer, file->descriptor, schema, NULL, error) < 0)
            return -1;
    }
    return weir_writer_write(file->writer, batch, error) < 0 ? fail_write(error) : 0;
}

int weir_spill_file_rewind(struct weir_spill_file *file, struct weir_error *error)
{
    static const struct weir_reader_options options = { .name = "a temporary file" };
    if (!file->open)
        return 0;
    if (weir_writer_finish(file->writer, error) < 0)
        return fail_write(error);
    weir_writer_free(file->writer);
    file->writer = NULL;
    if (lseek(file->descriptor, 0, SEEK_SET) < 0)
        return weir_fail_errno(error, WEIR_IO, "a temporary file");
    return weir_reader_open(&file->reader, file->descriptor, &options, error);
}

int weir_spill_file_next(struct weir_spill_file *file, struct weir_batch *batch, struct weir_error *error)
{
    return file->open ? weir_reader_next(file->reader, batch, error) : 0;
}

int weir_spill_file_read_all(struct weir_spill_file *file, const struct weir_schema *schema, struct weir_batch *whole,
                             struct weir_error *error)
{
    struct weir_batch *parts = NULL, batch = { 0 };
    size_t count = 0, capacity = 0;
    int got = weir_spill_file_rewind(file, error) < 0 ? -1 : 1;
    while (got > 0 && (got = weir_spill_file_next(file, &batch, error)) > 0) {
        if (weir_grow((void **)&parts, &capacity, count + 1, sizeof *parts) < 0) {
            got = weir_fail_memory(error);
            break;
        }
        parts[count++] = batch;
        batch = (struct weir_batch){ 0 };
    }
    if (got == 0)
        got = weir_batch_concatenate(whole, parts, (int)count, schema, error);
    weir_batch_release(&batch);
    for (size_t i = 0; i < count; i++)
        weir_batch_release(&parts[i]);
    free(parts);
    return got;
}

void weir_spill_file_release(struct weir_spill_file *file)
{
    weir_writer_free(file->writer);
    weir_reader_free(file->reader);
    if (file->open)
        close(file->descriptor);
    *file = (struct weir_spill_file){ 0 };
}
