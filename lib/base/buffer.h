/* A growing run of bytes or text. Starts as { 0 }. `failed` is sticky: after an allocation failure every later append
 * does nothing, and the writer checks once at the end (weir_buffer_check). */
#ifndef WEIR_BASE_BUFFER_H
#define WEIR_BASE_BUFFER_H

#include "base/error.h"
#include "base/memory.h"

struct weir_buffer {
    char *bytes; /* always followed by a NUL when not NULL */
    size_t size;
    size_t capacity;
    bool failed;
};

void weir_buffer_clear(struct weir_buffer *buffer);               /* size 0; memory and `failed` are kept */
void weir_buffer_release(struct weir_buffer *buffer);             /* memory freed, back to { 0 } */
int weir_buffer_reserve(struct weir_buffer *buffer, size_t more); /* room for more bytes: 0, or -1 and failed is set */
void weir_buffer_append(struct weir_buffer *buffer, const void *bytes, size_t size);
void weir_buffer_string(struct weir_buffer *buffer, const char *text);
void weir_buffer_byte(struct weir_buffer *buffer, uint8_t byte);
void weir_buffer_zero(struct weir_buffer *buffer, size_t size);
void weir_buffer_format(struct weir_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Text from data for a person's eyes: control characters, newlines, invalid UTF-8 and backslashes as escapes (\n,
 * \x1b). */
void weir_buffer_escaped(struct weir_buffer *buffer, const char *text, size_t length);
/* Appends text with everything unsafe shown as an escape (\n, \x1b, \u202e) and all else untouched, so that text which
 * has been escaped already stays as it is. */
void weir_append_safe(struct weir_buffer *out, const char *text, size_t length);
/* Text in JSON's quotes. */
void weir_buffer_json_string(struct weir_buffer *buffer, const char *text, size_t length);
/* 0, or -1 with the message when any append failed. */
int weir_buffer_check(const struct weir_buffer *buffer, struct weir_error *error);

#endif
