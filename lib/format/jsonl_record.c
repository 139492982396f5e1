/* Where JSON lines and the elements of a JSON array begin and end, and what stands there. */
#include "base/number.h"
#include "format/fault.h"
#include "format/jsonl_private.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

size_t weir_json_whole_elements(const char *text, size_t size, int64_t most, bool *closed)
{
    int depth = 0;
    size_t whole = 0;
    for (size_t i = 0; i < size && most; i++) {
        char c = text[i];
        if (c == '"') {
            for (i++; i < size && text[i] != '"'; i++)
                i += text[i] == '\\';
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || (c == ']' && depth)) {
            depth -= depth > 0;
        } else if (depth == 0 && (c == ',' || c == ']')) {
            whole = i + 1;
            most--;
            if (c == ']') {
                *closed = true;
                break;
            }
        }
    }
    return whole;
}

size_t weir_json_whole_lines(const char *text, size_t size, int64_t most)
{
    const char *last = memrchr(text, '\n', size);
    if (!last)
        return 0;
    size_t whole = (size_t)(last - text) + 1;
    if ((int64_t)(whole / 3) < most) /* no more rows than that fit in */
        return whole;
    const char *p = text;
    for (; most && p <= last; most--)
        p = (const char *)memchr(p, '\n', (size_t)(last - p) + 1) + 1;
    return (size_t)(p - text);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_spaces(struct weir_json_records *records)
{
    while (records->at < records->end && is_space(*records->at))
        records->at++;
}

static int say(char *what, const char *text)
{
    snprintf(what, WEIR_JSON_WHAT, "%s", text);
    return -1;
}

/* To where the next element begins: 1, 0 behind the array, -1. */
static int to_element(struct weir_json_records *records, char *what)
{
    skip_spaces(records);
    bool more = records->at < records->end;
    if (records->closed)
        return more ? say(what, "text stands behind the array's end") : 0;
    if (!more)
        return 0;
    if (*records->at == ']' && records->first) {
        records->at++;
        records->closed = true;
        return to_element(records, what);
    }
    return 1;
}

/* Behind an element: its comma, or the array's end. */
static int behind_element(struct weir_json_records *records, char *what)
{
    skip_spaces(records);
    if (records->at == records->end || (*records->at != ',' && *records->at != ']'))
        return say(what, "a comma or a closing bracket is missing");
    records->closed = *records->at++ == ']';
    records->first = false;
    return 0;
}

static const char *behind_digits(const char *p, const char *end)
{
    while (p < end && (unsigned char)(*p - '0') <= 9)
        p++;
    return p;
}

/* Behind the JSON number that begins at p; p itself when none does. *whole: it has neither fraction nor exponent. */
static const char *behind_number(const char *p, const char *end, bool *whole)
{
    const char *begin = p, *digits = p + (*p == '-');
    p = behind_digits(digits, end);
    *whole = true;
    if (p == digits || (*digits == '0' && p > digits + 1))
        return begin;
    if (p < end && *p == '.') {
        const char *fraction = p + 1;
        *whole = false;
        if ((p = behind_digits(fraction, end)) == fraction)
            return begin;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        const char *exponent = p + (p < end && (*p == '+' || *p == '-'));
        *whole = false;
        if ((p = behind_digits(exponent, end)) == exponent)
            return begin;
    }
    return p;
}

static const char *behind_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++)
        p += *p == '\\' && p + 1 < end;
    return p + (p < end);
}

/* True when a colon follows: what stands before p is a key. */
static bool is_key(const char *p, const char *end)
{
    while (p < end && is_space(*p))
        p++;
    return p < end && *p == ':';
}

/* A key without its NULs: for \u0000 stands \u2400, the sign for it. */
static void append_key(struct weir_buffer *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\' && size - i > 6 && memcmp(text + i + 1, "u0000", 5) == 0) {
            weir_buffer_string(out, "\\u2400");
            i += 5;
        } else {
            weir_buffer_byte(out, (uint8_t)text[i]);
            if (text[i] == '\\' && i + 1 < size)
                weir_buffer_byte(out, (uint8_t)text[++i]);
        }
    }
}

/* Writes a record anew as the parser can hold it: a number that neither an int64 nor a double holds becomes a string of
 * its digits, as it would be text in CSV, and a NUL in a key its sign. All else stays as it is. */
static void mend(struct weir_buffer *out, const char *text, size_t size)
{
    const char *p = text, *end = text + size, *next;
    bool whole;
    int64_t integer;
    double real;
    for (; p < end; p = next) {
        if (*p == '"') {
            next = behind_string(p, end);
            if (is_key(next, end))
                append_key(out, p, (size_t)(next - p));
            else
                weir_buffer_append(out, p, (size_t)(next - p));
        } else if ((*p == '-' || (unsigned char)(*p - '0') <= 9) && (next = behind_number(p, end, &whole)) > p) {
            size_t length = (size_t)(next - p);
            bool held = whole ? weir_parse_int64(p, length, &integer) : weir_parse_double(p, length, &real);
            held |= is_key(next, end); /* which no number may be */
            if (!held)
                weir_buffer_byte(out, '"');
            weir_buffer_append(out, p, length);
            if (!held)
                weir_buffer_byte(out, '"');
        } else {
            next = p + 1;
            weir_buffer_byte(out, (uint8_t)*p);
        }
    }
}

/* The place in the record of a place in what `mend` made of it: without the quotes that were put in. */
static int original_position(const char *text, size_t size, const char *mended, int position)
{
    size_t at = 0;
    for (int i = 0; i < position; i++)
        at += mended[i] != '"' || (at < size && text[at] == '"');
    return (int)at;
}

static json_t *parse(const char *text, size_t size, size_t flags, json_error_t *problem, bool *memory)
{
    errno = 0;
    json_t *value = json_loadb(text, size, flags | JSON_ALLOW_NUL, problem);
    *memory |= !value && errno == ENOMEM;
    return value;
}

/* The value at records->at, which ends before `stop`, and how many bytes it is long. */
static json_t *read_value(struct weir_json_records *records, const char *stop, json_error_t *problem, size_t *length,
                          bool *memory)
{
    const char *text = records->at;
    size_t size = (size_t)(stop - text);
    json_t *value = parse(text, size, records->array ? JSON_DISABLE_EOF_CHECK : 0, problem, memory);
    *length = value && records->array ? (size_t)problem->position : size;
    if (value || *memory)
        return value;
    enum json_error_code code = json_error_code(problem);
    if (code != json_error_numeric_overflow && code != json_error_null_byte_in_key)
        return NULL;
    bool closed = false;
    size_t whole = records->array ? weir_json_whole_elements(text, size, 1, &closed) : 0;
    struct weir_buffer mended = { 0 };
    *length = whole ? whole - 1 : size;
    mend(&mended, text, *length);
    if (mended.failed)
        *memory = true;
    else if (!(value = parse(mended.bytes, mended.size, 0, problem, memory)))
        problem->position = original_position(text, *length, mended.bytes, problem->position);
    weir_buffer_release(&mended);
    return value;
}

static void explain(const struct weir_json_records *records, const json_error_t *problem, char *what)
{
    enum json_error_code code = json_error_code(problem);
    const char *advice = "";
    if (code == json_error_premature_end_of_input && !records->array)
        advice = "; an object stands on one line (`jq -c .` writes it so)";
    else if (code == json_error_invalid_utf8)
        advice = "; the line " WEIR_NOT_UTF8;
    snprintf(what, WEIR_JSON_WHAT, "this is not JSON, at byte %d: %s%s", problem->position, problem->text, advice);
}

int weir_json_record(struct weir_json_records *records, json_t **object, const char **begin, char *what)
{
    json_error_t problem = { .position = 0 };
    size_t length;
    bool memory = false;
    *object = NULL;
    const char *stop = records->end, *next = NULL;
    if (records->array) {
        int code = to_element(records, what);
        *begin = records->at;
        if (code <= 0)
            return code;
    } else {
        skip_spaces(records);
        *begin = records->at;
        if (records->at == records->end)
            return 0;
        const char *newline = memchr(records->at, '\n', (size_t)(records->end - records->at));
        stop = newline ? newline : records->end;
        next = newline ? newline + 1 : stop;
    }
    json_t *value = read_value(records, stop, &problem, &length, &memory);
    const char *nul = value ? memchr(*begin, 0, length) : NULL; /* the parser passes over it behind a number */
    records->at = next ? next : value ? *begin + length : *begin;
    int code = 1;
    if (!value && memory)
        code = -2;
    else if (!value) {
        explain(records, &problem, what);
        code = -1;
    } else if (nul) {
        snprintf(what, WEIR_JSON_WHAT, "this is not JSON, at byte %zu: a NUL byte", (size_t)(nul - *begin) + 1);
        code = -1;
    } else if (records->array && behind_element(records, what))
        code = -1;
    else if (!json_is_object(value))
        code = say(what, "a row is a JSON object ({\"name\": value, ...}), and this is none");
    if (code > 0)
        *object = value;
    else
        json_decref(value);
    return code;
}
