#include "base/memory.h"
#include "format/csv_private.h"
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Blanks around a field; a tab that separates is none. */
static bool is_blank(char c, struct weir_csv_marks marks)
{
    return c == ' ' || (c == '\t' && marks.delimiter != '\t');
}

static bool is_quote(char c, struct weir_csv_marks marks)
{
    return marks.quote && c == marks.quote;
}

/* Behind the quoted field that begins at `begin`: the closing quote's successor, or NULL when it is not closed before
 * `end`. */
static const char *behind_quoted(const char *begin, const char *end, char quote)
{
    const char *p = begin + 1;
    while (p < end && (p = memchr(p, quote, (size_t)(end - p)))) {
        if (p + 1 == end || p[1] != quote)
            return p + 1;
        p += 2;
    }
    return NULL;
}

/* The first byte of the field that is no blank. */
static const char *skip_blanks(const char *p, const char *end, struct weir_csv_marks marks)
{
    while (p < end && is_blank(*p, marks))
        p++;
    return p;
}

const char *weir_csv_record(const char *text, const char *end, struct weir_csv_marks marks, int64_t *fields)
{
    const char *p = text;
    for (*fields = 1;; ++*fields) {
        const char *q = skip_blanks(p, end, marks);
        if (q < end && is_quote(*q, marks)) {
            p = behind_quoted(q, end, marks.quote);
            if (!p)
                return end;
        }
        while (p < end && *p != marks.delimiter && *p != '\n')
            p++;
        if (p == end)
            return end;
        if (*p++ == '\n')
            return p;
    }
}

/* True when the quote at `quote` begins a field of the text, all before it lying outside quotes. */
static bool opens(const char *text, const char *quote, struct weir_csv_marks marks)
{
    const char *p = quote;
    while (p > text && is_blank(p[-1], marks))
        p--;
    return p == text || p[-1] == marks.delimiter || p[-1] == '\n';
}

size_t weir_csv_whole(const char *text, size_t size, struct weir_csv_marks marks)
{
    const char *end = text + size, *outside = text, *p = text, *whole = text;
    for (;;) {
        const char *quote = marks.quote && p < end ? memchr(p, marks.quote, (size_t)(end - p)) : NULL;
        if (quote && !opens(outside, quote, marks)) {
            p = quote + 1;
            continue;
        }
        /* [outside, stop) lies outside quotes. */
        const char *stop = quote ? quote : end;
        const char *newline = memrchr(outside, '\n', (size_t)(stop - outside));
        if (newline)
            whole = newline + 1;
        if (!quote)
            break;
        p = behind_quoted(quote, end, marks.quote);
        if (!p || p == end) /* at the very end the quote could be the first of two */
            break;
        /* No quote between the closing one and the next separator opens a field. */
        while (p < end && *p != marks.delimiter && *p != '\n')
            p++;
        outside = p;
    }
    return (size_t)(whole - text);
}

static inline int reserve(struct weir_csv_index *index, size_t more)
{
    if (index->fields + more + 1 <= index->capacity)
        return 0;
    return weir_grow((void **)&index->starts, &index->capacity, index->fields + more + 1, sizeof *index->starts);
}

/* The field that begins at starts[fields] ends at `position`, where its separator stands. */
static void close_field(struct weir_csv_index *index, size_t position)
{
    index->starts[++index->fields] = (uint32_t)position + 1;
}

/* Byte by byte, for texts where quotes stand within unquoted fields or blanks before quotes. */
static int index_slowly(struct weir_csv_index *index, const char *text, size_t size, struct weir_csv_marks marks,
                        int columns)
{
    const char *p = text, *end = text + size;
    size_t first = 0;
    index->starts[0] = 0;
    while (p < end) {
        const char *q = skip_blanks(p, end, marks);
        if (q < end && is_quote(*q, marks)) {
            p = behind_quoted(q, end, marks.quote);
            if (!p) {
                index->open = true;
                p = end - 1;
            }
        }
        while (*p != marks.delimiter && *p != '\n')
            p++;
        if (reserve(index, 1))
            return -1;
        close_field(index, (size_t)(p - text));
        if (*p++ == '\n') {
            index->rows++;
            index->ragged |= columns && index->fields - first != (size_t)columns;
            first = index->fields;
        }
    }
    return 0;
}

/* 64 bytes at once: bit i of each mask speaks of byte i. */
struct masks {
    uint64_t delimiter, newline, quote, high, nul;
};

static inline struct masks look(const char *p, struct weir_csv_marks marks)
{
    struct masks masks = { 0 };
#ifdef __SSE2__
    const __m128i d = _mm_set1_epi8(marks.delimiter), n = _mm_set1_epi8('\n'), q = _mm_set1_epi8(marks.quote),
                  zero = _mm_setzero_si128();
    for (int i = 0; i < 4; i++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        masks.delimiter |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, d)) << 16 * i;
        masks.newline |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, n)) << 16 * i;
        masks.quote |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, q)) << 16 * i;
        masks.nul |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, zero)) << 16 * i;
        masks.high |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << 16 * i;
    }
#else
    for (int i = 0; i < 64; i++) {
        masks.delimiter |= (uint64_t)(p[i] == marks.delimiter) << i;
        masks.newline |= (uint64_t)(p[i] == '\n') << i;
        masks.quote |= (uint64_t)(p[i] == marks.quote) << i;
        masks.nul |= (uint64_t)(p[i] == 0) << i;
        masks.high |= (uint64_t)((unsigned char)p[i] >> 7) << i;
    }
#endif
    return masks;
}

/* Bit i: whether the number of bits at or below i is odd. */
static inline uint64_t odd_below(uint64_t bits)
{
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* Where quotes stand as RFC 4180 has them, a byte lies within quotes exactly when an odd number of quotes stands before
 * it (a doubled quote closes and opens again). That is so when each opening quote follows a separator or a quote;
 * otherwise false, and nothing in `index` holds. */
static int index_fast(struct weir_csv_index *index, const char *text, size_t size, struct weir_csv_marks marks,
                      int columns, bool *regular)
{
    uint64_t within = 0;   /* all ones while inside quotes */
    uint64_t may_open = 1; /* bit 0: the byte before was a separator or a quote */
    size_t first = 0;      /* of the record's fields */
    uint64_t high = 0, nul = 0, quoting = marks.quote ? ~(uint64_t)0 : 0;
    *regular = true;
    index->starts[0] = 0;
    for (size_t at = 0; at < size; at += 64) {
        struct masks masks = look(text + at, marks);
        uint64_t valid = size - at < 64 ? ((uint64_t)1 << (size - at)) - 1 : ~(uint64_t)0;
        high |= masks.high & valid;
        nul |= masks.nul & valid;
        uint64_t newline = masks.newline & valid;
        uint64_t ends = (masks.delimiter | masks.newline) & valid;
        uint64_t quote = masks.quote & valid & quoting;
        if (quote | within) {
            uint64_t inside = odd_below(quote) ^ within;
            uint64_t before = (ends | quote) << 1 | may_open;
            if (quote & inside & ~before) {
                *regular = false;
                return 0;
            }
            index->quotes = true;
            index->lines += __builtin_popcountll(newline & inside);
            ends &= ~inside;
            newline &= ~inside;
            within = (uint64_t)((int64_t)inside >> 63);
        }
        may_open = (ends | quote) >> 63;
        if (reserve(index, 64))
            return -1;
        uint32_t *starts = index->starts + index->fields + 1;
        for (uint64_t left = ends; left; left &= left - 1)
            *starts++ = (uint32_t)(at + (size_t)__builtin_ctzll(left) + 1);
        for (; newline; newline &= newline - 1) {
            uint64_t upto = newline ^ (newline - 1); /* the newline's bit and all below */
            size_t next = index->fields + (size_t)__builtin_popcountll(ends & upto);
            index->ragged |= columns && next - first != (size_t)columns;
            first = next;
            index->rows++;
        }
        index->fields = (size_t)(starts - index->starts) - 1;
    }
    index->lines += index->rows;
    index->plain = high == 0;
    index->nul = nul != 0;
    if (within) /* left open: the slow way finds where the text ends */
        *regular = false;
    return 0;
}

int weir_csv_index(struct weir_csv_index *index, const char *text, size_t size, struct weir_csv_marks marks,
                   int columns)
{
    index->fields = 0;
    index->rows = index->lines = 0;
    index->quotes = index->plain = index->nul = index->ragged = index->open = false;
    bool regular;
    if (reserve(index, size / 8) || index_fast(index, text, size, marks, columns, &regular))
        return -1;
    if (regular)
        return 0;
    index->fields = 0;
    index->rows = index->lines = 0;
    index->ragged = false;
    index->quotes = true;
    index->plain = false;
    index->nul = memchr(text, 0, size) != NULL;
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + size - p))); p++)
        index->lines++;
    return index_slowly(index, text, size, marks, columns);
}

void weir_csv_index_release(struct weir_csv_index *index)
{
    free(index->starts);
    *index = (struct weir_csv_index){ 0 };
}

struct weir_csv_field weir_csv_field(const char *begin, const char *end, struct weir_csv_marks marks,
                                     struct weir_buffer *scratch)
{
    if (begin < end && end[-1] == '\r' && *end == '\n')
        end--;
    while (begin < end && is_blank(*begin, marks))
        begin++;
    while (end > begin && is_blank(end[-1], marks))
        end--;
    struct weir_csv_field field = { begin, (size_t)(end - begin), false, false };
    if (begin == end || !is_quote(*begin, marks))
        return field;
    field.quoted = true;
    const char *close = behind_quoted(begin, end, marks.quote);
    if (close != end) {
        field.broken = true;
        return field;
    }
    field.text = begin + 1;
    field.length = (size_t)(end - begin) - 2;
    if (!memchr(field.text, marks.quote, field.length))
        return field;
    weir_buffer_clear(scratch);
    if (weir_buffer_reserve(scratch, field.length)) {
        field.broken = true;
        return field;
    }
    for (const char *p = field.text, *last = p + field.length; p < last;) {
        const char *quote = memchr(p, marks.quote, (size_t)(last - p));
        const char *stop = quote ? quote + 1 : last;
        weir_buffer_append(scratch, p, (size_t)(stop - p));
        p = quote ? quote + 2 : last;
    }
    field.text = scratch->bytes;
    field.length = scratch->size;
    return field;
}
