#include "base/descriptor.h"
#include "cli/message.h"
#include "cli/stream_io.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PREVIEW_ROWS = 20 };

/* One of three: a stream to standard output, a stream to a file (has_output), or a table on a terminal (no writer). */
struct weir_sink {
    struct weir_run *run;
    struct weir_writer *writer;
    struct weir_output output;
    bool has_output, ended;
    struct weir_schema schema; /* of the table */
    struct weir_batch *parts;  /* its first rows */
    size_t part_count, part_capacity;
    int64_t kept, rows;
    bool shown;
};

static void sink_free(struct weir_sink *sink)
{
    weir_writer_free(sink->writer);
    if (sink->has_output)
        weir_output_abandon(&sink->output);
    for (size_t i = 0; i < sink->part_count; i++)
        weir_batch_release(&sink->parts[i]);
    free(sink->parts);
    weir_schema_release(&sink->schema);
    if (sink->run->sink == sink)
        sink->run->sink = NULL;
    free(sink);
}

/* path NULL: standard output. */
static int open_sink(struct weir_sink **out, struct weir_run *run, const char *path, const struct weir_schema *schema,
                     struct weir_error *error)
{
    int descriptor = STDOUT_FILENO;
    struct weir_sink *sink = weir_allocate_zero(1, sizeof *sink);
    if (!sink)
        return weir_fail_memory(error);
    sink->run = run;
    if (path) {
        if (weir_output_open(&sink->output, path, error) < 0)
            goto failed;
        sink->has_output = true;
        descriptor = sink->output.descriptor;
    }
    if (!path && isatty(STDOUT_FILENO)) {
        if (weir_schema_check_refused(schema, error) < 0)
            goto failed;
        if (weir_schema_copy(&sink->schema, schema) < 0) {
            weir_fail_memory(error);
            goto failed;
        }
    } else {
        if (weir_writer_open(&sink->writer, descriptor, schema, NULL, error) < 0)
            goto failed;
    }
    *out = sink;
    return 0;
failed:
    sink_free(sink);
    return -1;
}

int weir_sink_open(struct weir_sink **out, struct weir_run *run, const struct weir_schema *schema,
                   struct weir_error *error)
{
    if (open_sink(out, run, run->output, schema, error) < 0)
        return -1;
    run->sink = *out;
    run->sink_opened = true;
    return (*out)->writer ? weir_writer_start((*out)->writer, error) : 0;
}

int weir_sink_open_file(struct weir_sink **out, struct weir_run *run, const char *path,
                        const struct weir_schema *schema, struct weir_error *error)
{
    return strcmp(path, "-") == 0 ? weir_sink_open(out, run, schema, error) : open_sink(out, run, path, schema, error);
}

bool weir_sink_same_file(const struct weir_sink *a, const struct weir_sink *b)
{
    return a->has_output && b->has_output && weir_output_same(&a->output, &b->output);
}

/* Prints the first rows and forgets them. total < 0: more may come. */
static int show(struct weir_sink *sink, int64_t total, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    struct weir_batch rows = { 0 };
    struct winsize window;
    int width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : 80;
    int result = weir_batch_concatenate(&rows, sink->parts, (int)sink->part_count, &sink->schema, error);
    if (result == 0 && (weir_preview(&sink->schema, &rows, total, width, &text) < 0 || text.failed))
        result = weir_fail_memory(error);
    if (result == 0 && weir_write_full(STDOUT_FILENO, text.bytes, text.size) < 0)
        result = weir_fail_errno(error, WEIR_IO, "standard output");
    for (size_t i = 0; i < sink->part_count; i++)
        weir_batch_release(&sink->parts[i]);
    sink->part_count = 0;
    sink->shown = true;
    weir_batch_release(&rows);
    weir_buffer_release(&text);
    return result;
}

static int keep_first_rows(struct weir_sink *sink, const struct weir_batch *batch, struct weir_error *error)
{
    int64_t wanted = PREVIEW_ROWS - sink->kept;
    if (wanted > batch->rows)
        wanted = batch->rows;
    if (sink->shown || wanted == 0)
        return 0;
    void *parts = sink->parts;
    if (weir_grow(&parts, &sink->part_capacity, sink->part_count + 1, sizeof *sink->parts) < 0)
        return weir_fail_memory(error);
    sink->parts = parts;
    sink->parts[sink->part_count] = (struct weir_batch){ 0 };
    if (weir_batch_slice(&sink->parts[sink->part_count], batch, &sink->schema, 0, wanted) < 0)
        return weir_fail_memory(error);
    sink->part_count++;
    sink->kept += wanted;
    return sink->kept == PREVIEW_ROWS ? show(sink, -1, error) : 0;
}

int weir_sink_write(struct weir_sink *sink, const struct weir_batch *batch, struct weir_error *error)
{
    sink->rows += batch->rows;
    return sink->writer ? weir_writer_write(sink->writer, batch, error) : keep_first_rows(sink, batch, error);
}

static int finish_table(struct weir_sink *sink, struct weir_error *error)
{
    if (!sink->shown)
        return show(sink, sink->rows, error);
    if (sink->rows == PREVIEW_ROWS)
        return 0;
    struct weir_buffer line = { 0 };
    weir_buffer_format(&line, "... %lld rows in all, %d shown\n", (long long)sink->rows, PREVIEW_ROWS);
    int result = weir_buffer_check(&line, error);
    if (result == 0 && weir_write_full(STDOUT_FILENO, line.bytes, line.size) < 0)
        result = weir_fail_errno(error, WEIR_IO, "standard output");
    weir_buffer_release(&line);
    return result;
}

int weir_sink_end(struct weir_sink *sink, struct weir_error *error)
{
    if (sink->ended)
        return 0;
    if (sink->writer ? weir_writer_finish(sink->writer, error) < 0 : finish_table(sink, error) < 0)
        return -1;
    if (sink->has_output && sink->output.temporary && weir_sync(sink->output.descriptor) < 0)
        return weir_fail_errno(error, WEIR_IO, "'%s'", sink->output.path);
    sink->ended = true;
    return 0;
}

int weir_sink_finish(struct weir_sink *sink, struct weir_error *error)
{
    if (weir_sink_end(sink, error) < 0)
        return -1;
    int result = sink->has_output ? weir_output_commit(&sink->output, error) : 0;
    sink->has_output = false;
    sink_free(sink);
    return result;
}

int64_t weir_sink_rows(const struct weir_sink *sink)
{
    return sink->rows;
}

void weir_sink_fail(struct weir_sink *sink, const struct weir_error *error)
{
    if (!sink)
        return;
    if (sink->writer && !sink->has_output && !sink->ended)
        weir_tell_failure(sink->run, sink->writer, error);
    sink_free(sink);
}
