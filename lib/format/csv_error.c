/* What is wrong with a chunk, in words. */
#include "format/csv_private.h"
#include "format/fault.h"
#include <string.h>

/* The error of a chunk, with the line where it stands. */
int weir_csv_tell(struct weir_csv *csv, struct weir_csv_chunk *chunk, struct weir_error *error)
{
    const struct weir_csv_layout *layout = &csv->layout;
    const char *file = weir_feed_name(csv->table->feed);
    if (chunk->wrong == WEIR_CSV_MEMORY)
        return weir_fail_memory(error);
    if (chunk->wrong == WEIR_CSV_RAGGED || chunk->wrong == WEIR_CSV_OPEN) {
        bool open = chunk->wrong == WEIR_CSV_OPEN;
        const char *p = chunk->text.bytes, *end = p + chunk->text.size, *next;
        int64_t fields;
        while ((next = weir_csv_record(p, end, layout->marks, &fields)) < end && (open || fields == layout->columns))
            p = next;
        long long line = csv->line + weir_count_lines(chunk->text.bytes, p);
        if (open)
            return weir_fail(
                error, WEIR_BAD_DATA,
                "%s:%lld: a quote is opened in this record and never closed; with --quote none quotes mean nothing",
                file, line);
        if (*p == '\n' || (*p == '\r' && p[1] == '\n'))
            return weir_fail(error, WEIR_BAD_DATA,
                             "%s:%lld: an empty line with records after it; --bad drop would let it through", file,
                             line);
        int64_t bare; /* fields, if quotes mean nothing */
        weir_csv_record(p, end, (struct weir_csv_marks){ layout->marks.delimiter, 0 }, &bare);
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s:%lld: %lld field%s where the %s has %d; %s--bad null or --bad drop would let it through",
                         file, line, (long long)fields, fields == 1 ? "" : "s",
                         csv->table->header ? "header" : "first record", layout->columns,
                         bare == layout->columns ? "--quote none, " : "");
    }
    const struct weir_csv_column *column = &layout->wanted[chunk->wrong_column];
    const uint32_t *at =
        chunk->index.starts + (size_t)chunk->wrong_row * (size_t)layout->columns + (size_t)column->index;
    const char *begin = chunk->text.bytes + at[0], *end = chunk->text.bytes + at[1] - 1;
    struct weir_csv_field field = weir_csv_field(begin, end, layout->marks, &chunk->scratch);
    long long line = csv->line + weir_count_lines(chunk->text.bytes, begin);
    const char *kind = NULL, *name = csv->names[column->index];
    if (chunk->wrong == WEIR_CSV_QUOTE)
        kind = "has text behind its closing quote";
    else if (chunk->wrong == WEIR_CSV_NUL)
        kind = "holds a NUL byte";
    else if (chunk->wrong == WEIR_CSV_ENCODING)
        kind = WEIR_NOT_UTF8;
    const struct weir_known *known = csv->known[column->index];
    struct weir_fault fault = { .file = file,
                                .line = line,
                                .column = name,
                                .type = &column->type,
                                .text = field.text,
                                .length = field.length,
                                .what = kind,
                                .fixed = known && known->like,
                                .no_value = csv->table->options->no_values,
                                .option = chunk->wrong == WEIR_CSV_QUOTE ? "--quote none" : NULL };
    return weir_fault_tell(&fault, error);
}
