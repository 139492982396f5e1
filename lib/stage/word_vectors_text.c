#include "base/descriptor.h"
#include "base/number.h"
#include "base/utf8.h"
#include "stage/options.h"
#include "stage/word_vectors.h"
#include "stream/utf8.h"
#include <float.h>

/* ---- Lines ------------------------------------------------------------------------------------------------------ */

enum { FIRST_ROOM = 1 << 16, LONGEST_LINE = 1 << 20, LONGEST_FIRST = 4 };

struct lines {
    int descriptor;
    const char *name;
    char *bytes;
    size_t begin, end, room;
    bool ended;
    int64_t number; /* of the line at hand, from 1 */
};

/* More bytes behind those that are there: -1 error. */
static int fill(struct lines *lines, struct weir_error *error)
{
    memmove(lines->bytes, lines->bytes + lines->begin, lines->end - lines->begin);
    lines->end -= lines->begin;
    lines->begin = 0;
    if (lines->end == lines->room) {
        if (lines->room >= LONGEST_LINE)
            return weir_fail(error, WEIR_BAD_DATA, "%s:%lld: the line is longer than 1 MiB", lines->name,
                             (long long)lines->number + 1);
        char *more = weir_reallocate(lines->bytes, lines->room * 2, 1);
        if (!more)
            return weir_fail_memory(error);
        lines->bytes = more;
        lines->room *= 2;
    }
    ssize_t got = weir_read_some(lines->descriptor, lines->bytes + lines->end, lines->room - lines->end);
    if (got < 0)
        return weir_fail_errno(error, WEIR_IO, "cannot read '%s'", lines->name);
    lines->ended = got == 0;
    lines->end += (size_t)got;
    return 0;
}

/* The next line without its end: 1, 0 there is none, -1. It lives until the next call. */
static int next_line(struct lines *lines, const char **text, size_t *length, struct weir_error *error)
{
    size_t looked = 0;
    const char *found = NULL;
    for (;;) {
        const char *from = lines->bytes + lines->begin;
        size_t size = lines->end - lines->begin;
        found = size > looked ? memchr(from + looked, '\n', size - looked) : NULL;
        if (found || lines->ended)
            break;
        looked = size;
        if (fill(lines, error) < 0)
            return -1;
    }
    if (!found && lines->begin == lines->end)
        return 0;
    *text = lines->bytes + lines->begin;
    *length = found ? (size_t)(found - *text) : lines->end - lines->begin;
    lines->begin += *length + (found != NULL);
    if (*length > 0 && (*text)[*length - 1] == '\r')
        (*length)--;
    lines->number++;
    return 1;
}

/* What is taken for such a file, by its first bytes. */
static int refuse_other(const struct lines *lines, struct weir_error *error)
{
    static const struct {
        const char *first;
        size_t size;
        const char *what;
    } others[] = {
        { "\xBA\x16\x4F\x2F", 4, "a model of fastText, and not the text of its vectors, the .vec file beside it" },
        { "\x1F\x8B", 2, "compressed by gzip: unpack it first" },
        { "PK\x03\x04", 4, "a zip archive: unpack it first" },
        { "\x80", 1, "a pickle of Python: save_word2vec_format of gensim writes vectors as text" },
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (lines->end >= others[i].size && memcmp(lines->bytes, others[i].first, others[i].size) == 0)
            return weir_fail(error, WEIR_BAD_DATA, "%s is %s", lines->name, others[i].what);
    return 0;
}

/* ---- Fields ----------------------------------------------------------------------------------------------------- */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* The next field of text[*at .. length): false, there is none. */
static bool next_field(const char *text, size_t length, size_t *at, const char **field, size_t *size)
{
    while (*at < length && is_blank(text[*at]))
        ++*at;
    *field = text + *at;
    size_t begin = *at;
    while (*at < length && !is_blank(text[*at]))
        ++*at;
    *size = *at - begin;
    return *size > 0;
}

static int64_t count_fields(const char *text, size_t length)
{
    int64_t count = 0;
    const char *field;
    size_t at = 0, size;
    while (next_field(text, length, &at, &field, &size))
        count++;
    return count;
}

/* ---- Words ------------------------------------------------------------------------------------------------------ */

#define REMEDY "--max-features"

struct reading {
    struct weir_word_vectors *out;
    struct lines lines;
    int64_t most;
    int64_t told; /* words, by the first line; -1: it does not say */
    int64_t rows;
    size_t bytes; /* of words */
    size_t capacity;
};

/* The first line says the words' number and width, or is a word's. */
static int read_head(struct reading *self, const char *text, size_t length, bool *is_word, struct weir_error *error)
{
    const char *first, *second;
    size_t at = 0, first_size, second_size;
    int64_t fields = count_fields(text, length), width = fields - 1;
    self->told = -1;
    *is_word = true;
    if (fields == 2 && next_field(text, length, &at, &first, &first_size) &&
        next_field(text, length, &at, &second, &second_size) && weir_parse_int64(first, first_size, &self->told) &&
        weir_parse_int64(second, second_size, &width))
        *is_word = false;
    if (*is_word)
        self->told = -1;
    if (width < 1 || width > WEIR_VECTOR_WIDTH || (!*is_word && self->told < 0))
        return weir_fail(error, WEIR_BAD_DATA,
                         "%s:1: neither the number of words and their width nor a word and up to %d numbers",
                         self->lines.name, WEIR_VECTOR_WIDTH);
    self->out->width = (int)width;
    int64_t words = self->told < 0 ? 1 : self->told;
    if (self->most > 0 && words > self->most)
        words = self->most;
    if (words > INT32_MAX)
        words = INT32_MAX;
    return weir_word_vectors_check((size_t)words, 0, 0, (int)width, REMEDY, error) < 0
               ? weir_fail_in(error, "%s:1", self->lines.name)
               : 0;
}

static int read_numbers(const struct reading *self, const char *text, size_t length, size_t at, float *out,
                        struct weir_error *error)
{
    const char *field;
    size_t size;
    for (int i = 0; i < self->out->width && next_field(text, length, &at, &field, &size); i++) {
        double number;
        if (!weir_parse_double(field, size, &number) || !(number >= (double)-FLT_MAX && number <= (double)FLT_MAX))
            return weir_fail(error, WEIR_BAD_DATA, "%s:%lld: %s is no finite number", self->lines.name,
                             (long long)self->lines.number, weir_show_text(field, size).text);
        out[i] = (float)number;
    }
    return 0;
}

static int read_word(struct reading *self, const char *text, size_t length, struct weir_error *error)
{
    struct weir_word_vectors *out = self->out;
    const char *word;
    size_t at = 0, size;
    int64_t fields = count_fields(text, length), line = self->lines.number;
    next_field(text, length, &at, &word, &size);
    if (fields != out->width + 1)
        return weir_fail(error, WEIR_BAD_DATA, "%s:%lld: %s has %lld numbers, and the first %s %d", self->lines.name,
                         (long long)line, weir_show_text(word, size).text, (long long)(fields > 0 ? fields - 1 : 0),
                         self->told < 0 ? "word's line" : "line says", out->width);
    if (size > WEIR_WORD_BYTES || !weir_is_utf8(word, size))
        return weir_fail(error, WEIR_BAD_DATA, "%s:%lld: %s is no word of UTF-8 of at most %d bytes", self->lines.name,
                         (long long)line, weir_show_text(word, size).text, WEIR_WORD_BYTES);
    size_t width = (size_t)out->width, count = out->words.count;
    if (weir_vocabulary_append(&out->words, word, size, 1, 1, error) < 0 ||
        weir_word_vectors_check(out->words.count, self->bytes += size, 0, out->width, REMEDY, error) < 0)
        return -1;
    if (weir_grow((void **)&out->vectors, &self->capacity, (count + 1) * width, sizeof *out->vectors) < 0)
        return weir_fail_memory(error);
    self->rows++;
    /* Of a word that was there already the line is read too, and the next one takes its place. */
    return read_numbers(self, text, length, at, out->vectors + count * width, error);
}

/* Numbers that stand there as bytes hold control characters, from this line on as far as it is in memory. */
static bool is_binary(const struct lines *lines, const char *text)
{
    static const char plain[] = { '\t', '\n', '\v', '\f', '\r' };
    for (const char *end = lines->bytes + lines->end; text < end; text++)
        if ((uint8_t)*text < ' ' && !memchr(plain, *text, sizeof plain))
            return true;
    return false;
}

static int take_word(struct reading *self, const char *text, size_t length, struct weir_error *error)
{
    if (read_word(self, text, length, error) == 0)
        return 0;
    if (!error || error->status != WEIR_BAD_DATA || !is_binary(&self->lines, text))
        return -1;
    return weir_fail(error, WEIR_BAD_DATA,
                     "%s:%lld: its vectors are binary: word2vec with -binary 0 and save_word2vec_format of gensim with "
                     "binary=False write them as text",
                     self->lines.name, (long long)self->lines.number);
}

static bool is_full(const struct reading *self)
{
    return self->most > 0 && (int64_t)self->out->words.count == self->most;
}

static int read_all(struct reading *self, struct weir_error *error)
{
    const char *text;
    size_t length;
    bool is_word = false;
    while (!self->lines.ended && self->lines.end < LONGEST_FIRST)
        if (fill(&self->lines, error) < 0)
            return -1;
    if (refuse_other(&self->lines, error) < 0)
        return -1;
    int code = next_line(&self->lines, &text, &length, error);
    if (code > 0 && read_head(self, text, length, &is_word, error) < 0)
        return -1;
    if (is_word && take_word(self, text, length, error) < 0)
        return -1;
    while (code > 0 && !is_full(self) && (code = next_line(&self->lines, &text, &length, error)) > 0)
        if (take_word(self, text, length, error) < 0)
            return -1;
    if (code < 0)
        return -1;
    if (!is_full(self) && self->told >= 0 && self->rows != self->told)
        return weir_fail(error, WEIR_BAD_DATA, "%s: the first line says %lld word%s, and %lld stand there",
                         self->lines.name, (long long)self->told, self->told == 1 ? "" : "s", (long long)self->rows);
    if (self->out->words.count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: no word stands in it", self->lines.name);
    return weir_word_vectors_settle(self->out, error);
}

int weir_word_vectors_read(struct weir_word_vectors *out, int descriptor, const char *name, int64_t most,
                           struct weir_error *error)
{
    struct reading self = { .out = out,
                            .lines = { .descriptor = descriptor, .name = name, .room = FIRST_ROOM },
                            .most = most };
    self.lines.bytes = weir_allocate(FIRST_ROOM, 1);
    int result = self.lines.bytes ? weir_vocabulary_begin(&out->words, error) : weir_fail_memory(error);
    if (result == 0)
        result = read_all(&self, error);
    free(self.lines.bytes);
    if (result < 0)
        weir_word_vectors_release(out);
    return result;
}

/* ---- The way out ------------------------------------------------------------------------------------------------ */

static void put_word(const char *word, size_t length, struct weir_buffer *out)
{
    for (size_t at = 0, size; at < length; at += size) {
        uint32_t character = weir_utf8_next(word + at, &size);
        if (weir_is_white_space(character))
            weir_buffer_byte(out, '_');
        else
            weir_buffer_append(out, word + at, size);
    }
}

int weir_word_vectors_write(const struct weir_word_vectors *vectors, int descriptor, struct weir_error *error)
{
    enum { PIECE = 1 << 20 };
    struct weir_buffer out = { 0 };
    size_t width = (size_t)vectors->width, length;
    char number[WEIR_NUMBER_SIZE];
    int result = 0;
    weir_buffer_format(&out, "%zu %zu\n", vectors->words.count, width);
    for (size_t i = 0; result == 0 && i < vectors->words.count; i++) {
        const char *word = weir_word_of(vectors, i, &length);
        put_word(word, length, &out);
        for (size_t j = 0; j < width; j++) {
            weir_buffer_byte(&out, ' ');
            weir_buffer_append(&out, number, weir_format_float(vectors->vectors[i * width + j], number));
        }
        weir_buffer_byte(&out, '\n');
        if (out.failed || out.size < PIECE)
            continue;
        if (weir_write_full(descriptor, out.bytes, out.size) < 0)
            result = weir_fail_errno(error, WEIR_IO, "cannot write the word vectors");
        weir_buffer_clear(&out);
    }
    if (result == 0 && (result = weir_buffer_check(&out, error)) == 0 &&
        weir_write_full(descriptor, out.bytes, out.size) < 0)
        result = weir_fail_errno(error, WEIR_IO, "cannot write the word vectors");
    weir_buffer_release(&out);
    return result;
}
