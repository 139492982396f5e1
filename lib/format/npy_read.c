#include "base/bytes.h"
#include "format/npy_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 6, HEADER_MOST = 1 << 20 };

struct header {
    enum weir_kind kind;
    int width; /* bytes of a value */
    bool big_endian, fortran;
    int rank;
    int64_t shape[WEIR_MAX_RANK + 1];
};

struct npy {
    struct header header;
    int64_t rows, done, batch_rows;
    int64_t row_values; /* values of one row */
    size_t row_bytes;
    bool matrix; /* two dimensions: a column each */
    int *wanted;
    uint8_t *scratch; /* a batch as stored */
};

static bool npy_sniff(const uint8_t *head, size_t size)
{
    return size >= MAGIC && memcmp(head, "\x93NUMPY", MAGIC) == 0;
}

/* A look at the header's text: what stands next, blanks left out. */
struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *cursor, char c)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\n' || *cursor->at == '\t'))
        cursor->at++;
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

/* 'text' or "text", without escapes. */
static bool take_text(struct cursor *cursor, const char **text, size_t *length)
{
    char quote = take(cursor, '\'') ? '\'' : take(cursor, '"') ? '"' : 0;
    if (!quote)
        return false;
    const char *close = memchr(cursor->at, quote, (size_t)(cursor->end - cursor->at));
    if (!close)
        return false;
    *text = cursor->at;
    *length = (size_t)(close - cursor->at);
    cursor->at = close + 1;
    return true;
}

static bool take_number(struct cursor *cursor, int64_t *out)
{
    take(cursor, ' ');
    const char *begin = cursor->at;
    int64_t value = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *cursor->at - '0', &value))
            return false;
        cursor->at++;
    }
    *out = value;
    return cursor->at > begin;
}

static bool take_word(struct cursor *cursor, const char *word)
{
    take(cursor, ' ');
    size_t length = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

static bool is_text(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool find_type(struct header *header, const char *text, size_t length)
{
    static const struct {
        const char *name;
        enum weir_kind kind;
        int width;
    } types[] = {
        { "i1", WEIR_INT8, 1 },    { "i2", WEIR_INT16, 2 },   { "i4", WEIR_INT32, 4 },  { "i8", WEIR_INT64, 8 },
        { "u1", WEIR_UINT8, 1 },   { "u2", WEIR_UINT16, 2 },  { "u4", WEIR_UINT32, 4 }, { "u8", WEIR_UINT64, 8 },
        { "f4", WEIR_FLOAT32, 4 }, { "f8", WEIR_FLOAT64, 8 }, { "b1", WEIR_BOOL, 1 },
    };
    if (length != 3 || !memchr("<>|=", text[0], 4))
        return false;
    header->big_endian = text[0] == '>';
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (memcmp(text + 1, types[i].name, 2) == 0) {
            header->kind = types[i].kind;
            header->width = types[i].width;
            return true;
        }
    return false;
}

/* Reads the dictionary's text. -1 with the message (without the file's name). */
static int parse_header(struct header *header, const char *text, size_t length, struct weir_error *error)
{
    struct cursor cursor = { text, text + length };
    bool typed = false, ordered = false, shaped = false;
    const char *key, *value;
    size_t key_length, value_length;
    *header = (struct header){ 0 };
    if (!take(&cursor, '{'))
        goto damaged;
    while (!take(&cursor, '}')) {
        if (!take_text(&cursor, &key, &key_length) || !take(&cursor, ':'))
            goto damaged;
        if (is_text(key, key_length, "descr")) {
            if (take(&cursor, '['))
                return weir_fail(error, WEIR_BAD_DATA, "its values are records; only plain numbers are read");
            if (!take_text(&cursor, &value, &value_length))
                goto damaged;
            typed = find_type(header, value, value_length);
            if (!typed) {
                struct weir_buffer name = { 0 };
                weir_buffer_escaped(&name, value, value_length < 20 ? value_length : 20);
                weir_fail(error, WEIR_BAD_DATA,
                          "its values are of type '%s'; only whole numbers, float32, float64 and "
                          "bool are read",
                          name.failed || !name.bytes ? "" : name.bytes);
                weir_buffer_release(&name);
                return -1;
            }
        } else if (is_text(key, key_length, "fortran_order")) {
            header->fortran = take_word(&cursor, "True");
            ordered = header->fortran || take_word(&cursor, "False");
            if (!ordered)
                goto damaged;
        } else if (is_text(key, key_length, "shape")) {
            if (!take(&cursor, '('))
                goto damaged;
            while (!take(&cursor, ')')) {
                if (header->rank > WEIR_MAX_RANK)
                    return weir_fail(error, WEIR_BAD_DATA, "it has more than %d dimensions", WEIR_MAX_RANK + 1);
                if (!take_number(&cursor, &header->shape[header->rank++]))
                    goto damaged;
                if (!take(&cursor, ',')) {
                    if (!take(&cursor, ')'))
                        goto damaged;
                    break;
                }
            }
            shaped = true;
        } else
            goto damaged;
        if (!take(&cursor, ',')) {
            if (!take(&cursor, '}'))
                goto damaged;
            break;
        }
    }
    if (typed && ordered && shaped)
        return 0;
damaged:
    return weir_fail(error, WEIR_BAD_DATA, "its header is damaged");
}

static int read_header(struct npy *npy, struct weir_feed *feed, struct weir_error *error)
{
    uint8_t begin[MAGIC + 6];
    const char *name = weir_feed_name(feed);
    ssize_t got = weir_feed_read(feed, begin, MAGIC + 4, error);
    if (got < 0)
        return -1;
    if (got < MAGIC + 4 || !npy_sniff(begin, (size_t)got))
        return weir_fail(error, WEIR_BAD_DATA, "%s: it is no npy file, or cut within its header", name);
    size_t length = weir_load_u16(begin + MAGIC + 2);
    if (begin[MAGIC] > 1) { /* versions 2 and 3 have a length of four bytes */
        got = weir_feed_read(feed, begin + MAGIC + 4, 2, error);
        if (got < 0)
            return -1;
        length = got == 2 ? weir_load_u32(begin + MAGIC + 2) : 0;
    }
    if (begin[MAGIC] < 1 || begin[MAGIC] > 3 || length == 0 || length > HEADER_MOST)
        return weir_fail(error, WEIR_BAD_DATA, "%s: its header is damaged, or of a version that is not known", name);
    char *text = weir_allocate(length, 1);
    if (!text)
        return weir_fail_memory(error);
    got = weir_feed_read(feed, text, length, error);
    int code = -1;
    if (got >= 0 && (size_t)got < length)
        weir_fail(error, WEIR_BAD_DATA, "%s: it is cut within its header", name);
    else if (got >= 0 && (code = parse_header(&npy->header, text, length, error)))
        weir_fail_in(error, "%s", name);
    free(text);
    return code;
}

static int fail_cut(const struct npy *npy, int64_t row, const char *name, struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "%s: its header claims %lld rows, and it ends within row %lld", name,
                     (long long)npy->rows, (long long)row);
}

static int npy_open(struct weir_table *table, struct weir_error *error)
{
    struct npy *npy = table->state = weir_allocate_zero(1, sizeof *npy);
    if (!npy)
        return weir_fail_memory(error);
    const char *name = weir_feed_name(table->feed);
    struct header *header = &npy->header;
    if (read_header(npy, table->feed, error))
        return -1;
    if (header->rank == 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it holds a single number, no rows", name);
    if (header->fortran && header->rank > 1)
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s: its values stand column by column (Fortran order); numpy.ascontiguousarray turns them",
                         name);
    npy->rows = header->shape[0];
    size_t values = 1, limit = WEIR_RECORD_LIMIT / (size_t)header->width;
    for (int i = 1; i < header->rank; i++)
        if (header->shape[i] == 0 || !weir_multiply(values, (size_t)header->shape[i], &values) || values > limit)
            return weir_fail(error, WEIR_BAD_DATA, "%s: its header claims a row of no bytes or more than %d", name,
                             WEIR_RECORD_LIMIT);
    npy->row_values = (int64_t)values;
    npy->row_bytes = values * (size_t)header->width;
    npy->matrix = header->rank == 2;
    npy->batch_rows = WEIR_BATCH_BYTES / (int64_t)npy->row_bytes;
    if (npy->batch_rows < 1)
        npy->batch_rows = 1;
    if (npy->matrix && values > WEIR_COLUMN_LIMIT)
        return weir_fail(error, WEIR_BAD_DATA, "%s: more than %d columns", name, WEIR_COLUMN_LIMIT);
    /* Before a million columns are made for a header that lies. */
    if (npy->matrix && npy->rows > 0 && weir_feed_seekable(table->feed) &&
        weir_feed_size(table->feed) < (int64_t)npy->row_bytes)
        return fail_cut(npy, 1, name, error);
    int columns = npy->matrix ? (int)values : 1;
    if (table->options->names.count && table->options->names.count != (size_t)columns)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it has %d columns, --columns names %zu", name, columns,
                         table->options->names.count);
    if (header->rank > 2 && header->kind == WEIR_BOOL)
        return weir_fail(error, WEIR_BAD_DATA, "%s: tensors of bool are not read", name);
    for (int i = 0; i < columns; i++) {
        char given[32];
        snprintf(given, sizeof given, "column%d", i + 1);
        const char *column = table->options->names.count ? table->options->names.items[i]
                             : npy->matrix               ? given
                                                         : "value";
        struct weir_field *field = weir_schema_add(&table->schema, column, header->kind);
        if (!field || (header->rank > 2 && weir_field_make_tensor(field, header->kind, (int32_t)values,
                                                                  header->rank - 1, header->shape + 1)))
            return weir_fail_memory(error);
        field->nullable = false;
    }
    return weir_known_check(table, error);
}

static int npy_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct npy *npy = table->state;
    npy->wanted = weir_allocate((size_t)table->schema.count, sizeof *npy->wanted);
    npy->scratch = weir_allocate((size_t)npy->batch_rows, npy->row_bytes);
    if (!npy->wanted || !npy->scratch)
        return weir_fail_memory(error);
    memcpy(npy->wanted, wanted, (size_t)table->schema.count * sizeof *wanted);
    return 0;
}

/* `count` values, `stride` bytes from one to the next, as little-endian ones side by side; bool as a bitmap. */
static int gather(const struct npy *npy, const uint8_t *from, size_t stride, int64_t count, struct weir_slice *slice)
{
    int width = npy->header.width;
    bool bits = npy->header.kind == WEIR_BOOL;
    size_t size = bits ? (size_t)(count + 7) / 8 : (size_t)count * (size_t)width;
    uint8_t *to = weir_slice_new(slice, size, 1);
    if (!to)
        return -1;
    memset(to, 0, bits ? size : 0);
    for (int64_t i = 0; i < count; i++, from += stride)
        if (bits) {
            if (*from)
                weir_bit_set(to, i);
        } else if (npy->header.big_endian)
            for (int b = 0; b < width; b++)
                *to++ = from[width - 1 - b];
        else {
            memcpy(to, from, (size_t)width);
            to += width;
        }
    return 0;
}

static int make_column(const struct npy *npy, struct weir_column *column, int index, int64_t rows)
{
    size_t width = (size_t)npy->header.width;
    column->rows = rows;
    if (npy->header.rank < 3)
        return gather(npy, npy->scratch + (size_t)index * width, npy->row_bytes, rows, &column->values);
    if (weir_column_add_children(column, 1))
        return -1;
    column->children[0].rows = rows * npy->row_values;
    return gather(npy, npy->scratch, width, rows * npy->row_values, &column->children[0].values);
}

static int npy_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct npy *npy = table->state;
    const char *name = weir_feed_name(table->feed);
    int64_t rows = npy->rows - npy->done;
    if (rows > npy->batch_rows)
        rows = npy->batch_rows;
    size_t wanted = rows ? (size_t)rows * npy->row_bytes : 1;
    ssize_t got = weir_feed_read(table->feed, npy->scratch, wanted, error);
    if (got < 0)
        return -1;
    if (rows == 0)
        return got ? weir_fail(error, WEIR_BAD_DATA, "%s: bytes follow the %lld rows that its header claims", name,
                               (long long)npy->rows)
                   : 0;
    if ((size_t)got < wanted)
        return fail_cut(npy, npy->done + got / (ssize_t)npy->row_bytes + 1, name, error);
    weir_batch_release(batch);
    if (weir_batch_init(batch, table->schema.count, rows))
        return weir_fail_memory(error);
    for (int i = 0; i < batch->count; i++)
        if (make_column(npy, &batch->columns[i], npy->wanted[i], rows))
            return weir_fail_memory(error);
    npy->done += rows;
    table->rows_read += rows;
    return 1;
}

static void npy_close(struct weir_table *table)
{
    struct npy *npy = table->state;
    if (!npy)
        return;
    free(npy->wanted);
    free(npy->scratch);
    free(npy);
}

static const char *const endings[] = { ".npy", NULL };

const struct weir_format weir_format_npy = {
    .name = "npy",
    .endings = endings,
    .sniff = npy_sniff,
    .open = npy_open,
    .start = npy_start,
    .next = npy_next,
    .close = npy_close,
    .create = weir_npy_create,
    .write = weir_npy_write,
    .finish = weir_npy_finish,
    .destroy = weir_npy_destroy,
};
