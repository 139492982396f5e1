#include "base/number.h"
#include "format/csv_private.h"
#include "format/drain.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A text is quoted when, bare, it would be read as something else: it is empty or a marker of missing values, begins or
 * ends with a blank, begins with a quote, or holds a separator or a quote. In a file of one column no separator is to
 * be found, and load takes it for a comma. */
static bool needs_quotes(const struct weir_table_out *out, const char *text, size_t length)
{
    if (length == 0)
        return true;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == out->delimiter || c == '"' || c == '\n' || c == '\r' || (c == ',' && out->schema.count == 1))
            return true;
    }
    char first = text[0], last = text[length - 1];
    return first == ' ' || first == '\t' || last == ' ' || last == '\t' || weir_is_missing(&out->missing, text, length);
}

/* A name also when, bare, it would tell load of another separator, or where the file begins, of another format. */
static bool name_needs_quotes(const struct weir_table_out *out, const char *name, bool first)
{
    static const char *const beginnings[] = { "\xef\xbb\xbf", "{", "[" };
    bool quoted = needs_quotes(out, name, strlen(name)) || strpbrk(name, ",;\t|");
    for (size_t i = 0; first && i < sizeof beginnings / sizeof *beginnings; i++)
        quoted |= strncmp(name, beginnings[i], strlen(beginnings[i])) == 0;
    if (first && strlen(name) == 5 && strncasecmp(name, "sep=", 4) == 0)
        quoted |= strpbrk(name + 4, WEIR_CSV_NAMED_SEPARATORS) != NULL;
    return quoted;
}

static void append_quoted(struct weir_buffer *buffer, const char *text, size_t length)
{
    weir_buffer_byte(buffer, '"');
    for (const char *p = text, *end = text + length; p < end;) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        const char *stop = quote ? quote + 1 : end;
        weir_buffer_append(buffer, p, (size_t)(stop - p));
        if (quote)
            weir_buffer_byte(buffer, '"');
        p = stop;
    }
    weir_buffer_byte(buffer, '"');
}

static void append_text(const struct weir_table_out *out, struct weir_buffer *buffer, const char *text, size_t length)
{
    if (needs_quotes(out, text, length))
        append_quoted(buffer, text, length);
    else
        weir_drain_append(buffer, text, length);
}

/* Other types than text and numbers: their text, quoted where it must be (JSON of lists). */
static void append_other(const struct weir_table_out *out, struct weir_buffer *buffer, const struct weir_column *column,
                         const struct weir_type *type, int64_t row, struct weir_buffer *scratch)
{
    weir_buffer_clear(scratch);
    weir_value_text(column, type, row, scratch);
    buffer->failed |= scratch->failed;
    append_text(out, buffer, scratch->bytes ? scratch->bytes : "", scratch->size);
}

int weir_csv_create(struct weir_table_out *out, struct weir_error *error)
{
    if (!out->delimiter)
        out->delimiter = strcmp(out->format->name, "tsv") == 0 ? '\t' : ',';
    struct weir_buffer *scratch = out->state = weir_allocate_zero(1, sizeof *scratch);
    if (!scratch)
        return weir_fail_memory(error);
    struct weir_buffer *buffer = weir_drain_buffer(out->drain);
    for (int i = 0; i < out->schema.count; i++) {
        if (i)
            weir_buffer_byte(buffer, (uint8_t)out->delimiter);
        const char *name = out->schema.fields[i].name;
        if (name_needs_quotes(out, name, i == 0))
            append_quoted(buffer, name, strlen(name));
        else
            weir_drain_append(buffer, name, strlen(name));
    }
    weir_buffer_byte(buffer, '\n');
    return weir_drain_pass(out->drain, error);
}

static void append_value(const struct weir_table_out *out, struct weir_buffer *buffer, const struct weir_column *column,
                         const struct weir_type *type, int64_t row, struct weir_buffer *scratch)
{
    size_t length;
    if (type->kind == WEIR_NULL || !weir_valid(column, row)) {
        if (out->schema.count == 1)
            weir_buffer_byte(buffer, ' '); /* an empty line would say nothing */
        return;
    }
    if (buffer->capacity - buffer->size <= WEIR_NUMBER_SIZE && weir_buffer_reserve(buffer, WEIR_NUMBER_SIZE))
        return;
    char *at = buffer->bytes + buffer->size;
    switch (type->kind) {
    case WEIR_INT64:
        buffer->size += weir_format_int64(((const int64_t *)(const void *)column->values.bytes)[row], at);
        break;
    case WEIR_FLOAT64:
        buffer->size += weir_format_double(((const double *)(const void *)column->values.bytes)[row], at);
        break;
    case WEIR_FLOAT32:
        buffer->size += weir_format_float(((const float *)(const void *)column->values.bytes)[row], at);
        break;
    case WEIR_UTF8: {
        const char *text = weir_text(column, row, &length);
        append_text(out, buffer, text, length);
        break;
    }
    default:
        append_other(out, buffer, column, type, row, scratch);
    }
}

int weir_csv_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_buffer *buffer = weir_drain_buffer(out->drain);
    for (int64_t row = 0; row < batch->rows; row++) {
        for (int i = 0; i < batch->count; i++) {
            if (i)
                weir_drain_byte(buffer, out->delimiter);
            append_value(out, buffer, &batch->columns[i], &out->schema.fields[i].type, row, out->state);
        }
        weir_drain_byte(buffer, '\n');
        if (weir_drain_pass(out->drain, error))
            return -1;
    }
    return 0;
}

void weir_csv_destroy(struct weir_table_out *out)
{
    if (out->state)
        weir_buffer_release(out->state);
    free(out->state);
    out->state = NULL;
}
