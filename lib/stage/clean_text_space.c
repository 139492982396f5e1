/* clean, its text: white space, within and at the ends. */
#include "base/utf8.h"
#include "stage/clean_text_private.h"

/* Bytes of the white space at `at`, 0 when there is none. */
static size_t space_at(const char *bytes, size_t at)
{
    uint8_t byte = (uint8_t)bytes[at];
    if (byte < 0x80)
        return weir_is_white_space(byte);
    if (byte != 0xC2 && (byte < 0xE1 || byte > 0xE3)) /* with which no other white space begins */
        return 0;
    size_t size;
    return weir_is_white_space(weir_utf8_next(bytes + at, &size)) ? size : 0;
}

bool weir_clean_squeeze(const char *bytes, size_t length, struct weir_buffer *out)
{
    struct clean_edit edit = { .bytes = bytes, .out = out };
    for (size_t at = 0; at < length;) {
        size_t end = at, size;
        while (end < length && (size = space_at(bytes, end)))
            end += size;
        if (end > at + 1 || (end == at + 1 && bytes[at] != ' '))
            weir_clean_edit(&edit, at, end, " ", 1);
        at = end + 1;
    }
    return weir_clean_edit_end(&edit, length);
}

bool weir_clean_trim(const char **bytes, size_t *length)
{
    size_t before = *length, size;
    while (*length > 0 && (size = space_at(*bytes, 0))) {
        *bytes += size;
        *length -= size;
    }
    while (*length > 0 && weir_is_white_space(weir_utf8_before(*bytes, *length, &size)))
        *length -= size;
    return *length < before;
}
