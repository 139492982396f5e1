/* Columns of text: rows as places in the vocabularies. */
#include "stage/text_columns.h"

int weir_text_reader_begin(struct weir_text_reader *reader, const struct weir_text_columns *columns,
                           enum weir_mode mode, struct weir_error *error)
{
    reader->learned = mode == WEIR_AS_LEARNED;
    reader->rows = weir_allocate_zero(columns->count, sizeof *reader->rows);
    reader->at = weir_allocate_zero(columns->count, sizeof *reader->at);
    if (!reader->rows || !reader->at)
        return weir_fail_memory(error);
    return weir_splitter_new(&reader->splitter, columns->words, error);
}

void weir_text_reader_release(struct weir_text_reader *reader)
{
    weir_splitter_free(reader->splitter);
    free(reader->codes);
    free(reader->rows);
    free(reader->at);
    *reader = (struct weir_text_reader){ 0 };
}

static int reserve(struct weir_text_reader *reader, size_t count, struct weir_error *error)
{
    if (weir_grow((void **)&reader->codes, &reader->capacity, count + 1, sizeof *reader->codes) < 0)
        return weir_fail_memory(error);
    return 0;
}

int weir_text_reader_codes(struct weir_text_reader *reader, const struct weir_text_columns *columns, size_t i,
                           const struct weir_type *type, const struct weir_column *data, int64_t row, size_t *count,
                           size_t *unknown, struct weir_error *error)
{
    const struct weir_text_column *column = &columns->items[i];
    const struct weir_remembered *remembered = &column->remembered;
    struct weir_terms terms = { 0 };
    size_t kept = 0, all;
    if (reader->learned && reader->rows[i] < remembered->rows) {
        const uint32_t *codes = remembered->codes + reader->at[i];
        all = remembered->counts[reader->rows[i]++];
        reader->at[i] += all;
        if (reserve(reader, all, error) < 0)
            return -1;
        for (size_t t = 0; t < all; t++) {
            reader->codes[kept] = column->vocabulary.place[codes[t]];
            kept += reader->codes[kept] != WEIR_NO_TERM;
        }
    } else {
        if (weir_valid(data, row) && weir_splitter_row(reader->splitter, data, type, row, &terms, error) < 0)
            return -1;
        all = terms.count;
        if (reserve(reader, all, error) < 0)
            return -1;
        weir_vocabulary_find(&column->vocabulary, &terms, reader->codes);
        for (size_t t = 0; t < all; t++) {
            reader->codes[kept] = reader->codes[t];
            kept += reader->codes[t] != WEIR_NO_TERM;
        }
    }
    *count = kept;
    *unknown = all - kept;
    return 0;
}
