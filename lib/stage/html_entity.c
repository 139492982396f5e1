#include "stage/html_entity.h"
#include "base/utf8.h"
#include "stage/html_entities_private.h"

enum { REPLACEMENT = 0xFFFD, LAST_CHARACTER = 0x10FFFF };

/* ---- Numbers ------------------------------------------------------------------------------------------------ */

static int digit_of(char c, int base)
{
    int lower = c | 0x20;
    int digit = c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : base;
    return digit < base ? digit : -1;
}

/* 0x80 to 0x9F mean what they are in windows-1252 (the table in section 13.2.5.80); 0: themselves. */
static uint32_t character_of(uint32_t number)
{
    static const uint16_t windows_1252[] = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
    };
    if (number == 0 || number > LAST_CHARACTER || (number >= 0xD800 && number <= 0xDFFF))
        return REPLACEMENT;
    if (number >= 0x80 && number <= 0x9F && windows_1252[number - 0x80])
        return windows_1252[number - 0x80];
    return number;
}

static size_t read_number(const char *bytes, size_t left, char *out, size_t *size)
{
    size_t at = 2;
    int base = 10, digit;
    if (at < left && (bytes[at] | 0x20) == 'x') {
        base = 16;
        at++;
    }
    size_t first = at;
    uint32_t number = 0;
    for (; at < left && (digit = digit_of(bytes[at], base)) >= 0; at++)
        if (number <= LAST_CHARACTER)
            number = number * (uint32_t)base + (uint32_t)digit;
    if (at == first)
        return 0;
    *size = weir_utf8_encode(character_of(number), out);
    return at < left && bytes[at] == ';' ? at + 1 : at;
}

/* ---- Names -------------------------------------------------------------------------------------------------- */

/* Name `i` at `depth`: -1 behind its end. */
static int letter_at(int i, size_t depth)
{
    size_t at = weir_html_entity_starts[i] + depth;
    return at < weir_html_entity_starts[i + 1] ? weir_html_entity_names[at] : -1;
}

/* The first of the names low .. high - 1, alike up to `depth`, whose letter there is `letter` or a later one. */
static int first_from(int low, int high, size_t depth, int letter)
{
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (letter_at(middle, depth) < letter)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void write_value(uint32_t value, char *out, size_t *size)
{
    uint32_t second = weir_html_entity_seconds[value >> 17 & 15];
    *size = weir_utf8_encode(value & 0x1FFFF, out);
    if (second)
        *size += weir_utf8_encode(second, out + *size);
}

static size_t read_name(const char *bytes, size_t left, char *out, size_t *size)
{
    enum { ALONE = 1 << 21 };
    int low = 0, high = WEIR_HTML_ENTITIES;
    size_t taken = 0;
    for (size_t depth = 0; 1 + depth < left; depth++) {
        char letter = bytes[1 + depth];
        low = first_from(low, high, depth, letter);
        high = first_from(low, high, depth, letter + 1);
        if (letter < '0' || low == high)
            break;
        if (letter_at(low, depth + 1) >= 0) /* goes on; a name that ends here would come first */
            continue;
        size_t behind = depth + 2;
        bool closed = behind < left && bytes[behind] == ';';
        if (closed || weir_html_entity_values[low] & ALONE) {
            write_value(weir_html_entity_values[low], out, size);
            taken = behind + closed;
        }
        if (closed)
            break;
    }
    return taken;
}

size_t weir_html_entity(const char *bytes, size_t left, char out[WEIR_HTML_ENTITY_BYTES], size_t *size)
{
    *size = 0;
    if (left < 2)
        return 0;
    return bytes[1] == '#' ? read_number(bytes, left, out, size) : read_name(bytes, left, out, size);
}
