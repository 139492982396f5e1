#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void weir_base64_encode(const void *bytes, size_t size, struct weir_buffer *out)
{
    const uint8_t *from = bytes;
    if (weir_buffer_reserve(out, size / 3 * 4 + 4) < 0)
        return;
    for (size_t i = 0; i < size; i += 3) {
        uint32_t left = (uint32_t)(size - i < 3 ? size - i : 3);
        uint32_t group = (uint32_t)from[i] << 16;
        if (left > 1)
            group |= (uint32_t)from[i + 1] << 8;
        if (left > 2)
            group |= from[i + 2];
        char text[4] = { alphabet[group >> 18], alphabet[group >> 12 & 63], left > 1 ? alphabet[group >> 6 & 63] : '=',
                         left > 2 ? alphabet[group & 63] : '=' };
        weir_buffer_append(out, text, 4);
    }
}

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int weir_base64_decode(const char *text, size_t length, struct weir_buffer *out, struct weir_error *error)
{
    if (length % 4 != 0)
        return weir_fail(error, WEIR_BAD_DATA, "a blob is no base64: its length is not a multiple of four");
    if (weir_buffer_reserve(out, length / 4 * 3) < 0)
        return weir_fail_memory(error);
    for (size_t i = 0; i < length; i += 4) {
        int padding = 0;
        if (i + 4 == length)
            padding = text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
        uint32_t group = 0;
        for (int j = 0; j < 4; j++) {
            int value = j >= 4 - padding ? 0 : digit(text[i + (size_t)j]);
            if (value < 0)
                return weir_fail(error, WEIR_BAD_DATA, "a blob is no base64: byte %zu is none of its digits",
                                 i + (size_t)j);
            group = group << 6 | (uint32_t)value;
        }
        if ((padding == 1 && (group & 0xFF)) || (padding == 2 && (group & 0xFFFF)))
            return weir_fail(error, WEIR_BAD_DATA, "a blob is no base64: stray bits at its end");
        uint8_t bytes[3] = { (uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group };
        weir_buffer_append(out, bytes, (size_t)(3 - padding));
    }
    return weir_buffer_check(out, error);
}
