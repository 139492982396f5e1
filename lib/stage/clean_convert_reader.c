#include "stage/clean_convert_private.h"

uint32_t weir_clean_peek(const struct clean_reader *reader)
{
    static const unsigned char marks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    if (reader->at == reader->end)
        return 0;
    unsigned char first = (unsigned char)*reader->at;
    size_t size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if ((size_t)(reader->end - reader->at) < size)
        return first;
    uint32_t character = first & marks[size];
    for (size_t i = 1; i < size; i++)
        character = character << 6 | ((unsigned char)reader->at[i] & 0x3F);
    return character;
}

void weir_clean_skip(struct clean_reader *reader)
{
    if (reader->at < reader->end)
        reader->at++;
    while (reader->at < reader->end && ((unsigned char)*reader->at & 0xC0) == 0x80)
        reader->at++;
}

static bool is_blank(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

void weir_clean_skip_blanks(struct clean_reader *reader)
{
    while (reader->at < reader->end && is_blank(weir_clean_peek(reader)))
        weir_clean_skip(reader);
}

bool weir_clean_take(struct clean_reader *reader, uint32_t character)
{
    if (reader->at == reader->end || weir_clean_peek(reader) != character)
        return false;
    weir_clean_skip(reader);
    return true;
}

/* The zeros of the scripts' decimal digits (Unicode, general category Nd, below U+10000); nine more follow each. */
static const uint16_t zeros[] = { 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
                                  0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090,
                                  0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
                                  0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10 };

int weir_clean_take_digit(struct clean_reader *reader)
{
    uint32_t c = weir_clean_peek(reader);
    int digit = c >= '0' && c <= '9' ? (int)(c - '0') : -1;
    for (size_t i = 0; digit < 0 && c >= zeros[0] && i < sizeof zeros / sizeof *zeros; i++)
        if (c >= zeros[i] && c < (uint32_t)zeros[i] + 10)
            digit = (int)(c - zeros[i]);
    if (digit >= 0)
        weir_clean_skip(reader);
    return digit;
}

struct clean_reader weir_clean_trimmed(const char *text, size_t length)
{
    struct clean_reader reader = { text, text + length };
    weir_clean_skip_blanks(&reader);
    while (reader.end > reader.at) {
        const char *last = reader.end - 1;
        while (last > reader.at && ((unsigned char)*last & 0xC0) == 0x80)
            last--;
        if (!is_blank(weir_clean_peek(&(struct clean_reader){ last, reader.end })))
            break;
        reader.end = last;
    }
    return reader;
}
