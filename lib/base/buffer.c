#include "base/buffer.h"
#include "base/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void weir_buffer_clear(struct weir_buffer *buffer)
{
    buffer->size = 0;
    if (buffer->bytes)
        buffer->bytes[0] = 0;
}

void weir_buffer_release(struct weir_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct weir_buffer){ 0 };
}

int weir_buffer_reserve(struct weir_buffer *buffer, size_t more)
{
    size_t needed;
    void *bytes = buffer->bytes;
    if (buffer->failed)
        return -1;
    if (more < buffer->capacity - buffer->size) {
        buffer->bytes[buffer->size] = 0;
        return 0;
    }
    if (!weir_add(buffer->size, more, &needed) || !weir_add(needed, 1, &needed) ||
        weir_grow(&bytes, &buffer->capacity, needed, 1)) {
        buffer->failed = true;
        return -1;
    }
    buffer->bytes = bytes;
    buffer->bytes[buffer->size] = 0;
    return 0;
}

void weir_buffer_append(struct weir_buffer *buffer, const void *bytes, size_t size)
{
    if (weir_buffer_reserve(buffer, size) || size == 0)
        return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    buffer->bytes[buffer->size] = 0;
}

void weir_buffer_string(struct weir_buffer *buffer, const char *text)
{
    weir_buffer_append(buffer, text, strlen(text));
}

void weir_buffer_byte(struct weir_buffer *buffer, uint8_t byte)
{
    weir_buffer_append(buffer, &byte, 1);
}

void weir_buffer_zero(struct weir_buffer *buffer, size_t size)
{
    if (weir_buffer_reserve(buffer, size))
        return;
    memset(buffer->bytes + buffer->size, 0, size + 1);
    buffer->size += size;
}

void weir_buffer_format(struct weir_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        buffer->failed = true;
    else if (weir_buffer_reserve(buffer, (size_t)length) == 0) {
        vsnprintf(buffer->bytes + buffer->size, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
}

/* Characters that do not show but move what stands beside them: controls, line separators, writing direction. */
static bool is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == '\\' || (code >= 0x200B && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           code == 0x061C || (code >= 0xE0000 && code <= 0xE007F);
}

static void append_escape(struct weir_buffer *buffer, uint32_t code)
{
    switch (code) {
    case '\n':
        weir_buffer_string(buffer, "\\n");
        break;
    case '\r':
        weir_buffer_string(buffer, "\\r");
        break;
    case '\t':
        weir_buffer_string(buffer, "\\t");
        break;
    case '\\':
        weir_buffer_string(buffer, "\\\\");
        break;
    default:
        if (code < 0x80)
            weir_buffer_format(buffer, "\\x%02x", (unsigned)code);
        else
            weir_buffer_format(buffer, "\\u%04x", (unsigned)code);
    }
}

/* What must not reach a terminal as it is: control characters, line and paragraph separators, marks that turn the
 * direction of the text. Joiners, which the scripts of Persia and India are written with, may. */
static bool is_unsafe_on_terminal(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || (code >= 0x200E && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

static void append_terminal_escape(struct weir_buffer *buffer, uint32_t code)
{
    if (code == '\r')
        weir_buffer_string(buffer, "\\x0d");
    else
        append_escape(buffer, code);
}

static void append_with_escapes(struct weir_buffer *buffer, const char *text, size_t length, bool (*unsafe)(uint32_t),
                                void (*escape)(struct weir_buffer *, uint32_t))
{
    size_t plain = 0; /* start of the run that needs no escape */
    size_t i = 0;
    while (i < length) {
        uint32_t code = 0;
        size_t width = weir_utf8_decode(text + i, length - i, &code);
        if (width && !unsafe(code)) {
            i += width;
            continue;
        }
        weir_buffer_append(buffer, text + plain, i - plain);
        if (width)
            escape(buffer, code);
        else
            weir_buffer_format(buffer, "\\x%02x", (unsigned char)text[i]);
        i += width ? width : 1;
        plain = i;
    }
    weir_buffer_append(buffer, text + plain, length - plain);
}

void weir_buffer_escaped(struct weir_buffer *buffer, const char *text, size_t length)
{
    append_with_escapes(buffer, text, length, is_unsafe, append_escape);
}

void weir_append_safe(struct weir_buffer *out, const char *text, size_t length)
{
    append_with_escapes(out, text, length, is_unsafe_on_terminal, append_terminal_escape);
}

void weir_buffer_json_string(struct weir_buffer *buffer, const char *text, size_t length)
{
    static const char SHORT[32] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
    size_t start = 0;
    weir_buffer_byte(buffer, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= ' ' && byte != '"' && byte != '\\' && byte != 0x7f)
            continue;
        weir_buffer_append(buffer, text + start, i - start);
        start = i + 1;
        if (byte == '"' || byte == '\\')
            weir_buffer_format(buffer, "\\%c", byte);
        else if (byte < ' ' && SHORT[byte])
            weir_buffer_format(buffer, "\\%c", SHORT[byte]);
        else
            weir_buffer_format(buffer, "\\u%04x", byte);
    }
    weir_buffer_append(buffer, text + start, length - start);
    weir_buffer_byte(buffer, '"');
}

int weir_buffer_check(const struct weir_buffer *buffer, struct weir_error *error)
{
    return buffer->failed ? weir_fail_memory(error) : 0;
}
