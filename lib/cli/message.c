/* What is said on standard error: one line a message, one write(2) a line, so that the stages of a pipeline do not cut
 * into each other's lines. */
#include "cli/message.h"
#include "base/descriptor.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool weir_terminal_lines(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

void weir_message(const char *name, const char *text)
{
    struct weir_buffer line = { 0 };
    if (weir_terminal_lines())
        weir_buffer_string(&line, "\r\033[K"); /* over a progress line, whose ever it is */
    weir_buffer_format(&line, "%s: ", name);
    weir_append_safe(&line, text, strlen(text));
    weir_buffer_byte(&line, '\n');
    if (line.failed) /* the text as it is would not be safe */
        weir_write_full(STDERR_FILENO, "out of memory\n", 14);
    else
        weir_write_full(STDERR_FILENO, line.bytes, line.size);
    weir_buffer_release(&line);
}

static void __attribute__((format(printf, 2, 0))) say(const struct weir_run *run, const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    weir_message(run->program->name, text ? text : "out of memory");
    free(text);
}

void weir_note(const struct weir_run *run, const char *format, ...)
{
    if (run->quiet)
        return;
    va_list arguments;
    va_start(arguments, format);
    say(run, format, arguments);
    va_end(arguments);
}

void weir_warn(const struct weir_run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(run, format, arguments);
    va_end(arguments);
}

void weir_run_value(const struct weir_run *run, const char *text, size_t length, struct weir_buffer *out)
{
    if (run->no_values) {
        weir_buffer_string(out, "(a value)");
        return;
    }
    weir_buffer_byte(out, '\'');
    weir_buffer_escaped(out, text, length);
    weir_buffer_byte(out, '\'');
}

void weir_summary(const struct weir_run *run, int64_t rows_in, int64_t rows_out, const char *details)
{
    struct weir_buffer line = { 0 };
    weir_buffer_format(&line, "%lld rows in, %lld out", (long long)rows_in, (long long)rows_out);
    if (rows_out < rows_in)
        weir_buffer_format(&line, ", %lld dropped", (long long)(rows_in - rows_out));
    else if (rows_out > rows_in)
        weir_buffer_format(&line, ", %lld added", (long long)(rows_out - rows_in));
    if (details && *details)
        weir_buffer_format(&line, " (%s)", details);
    weir_note(run, "%s", line.bytes ? line.bytes : "out of memory");
    weir_buffer_release(&line);
}

void weir_tell_failure(const struct weir_run *run, struct weir_writer *writer, const struct weir_error *error)
{
    const char *stage = error->upstream && error->stage[0] ? error->stage : run->program->name;
    weir_writer_fail(writer, STDOUT_FILENO, stage, error->text);
}
