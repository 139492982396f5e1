#include "stage/clean_convert_private.h"

void weir_clean_skip_blanks(struct clean_reader *reader)
{
    while (reader->at < reader->end && weir_is_white_space(weir_clean_peek(reader)))
        weir_clean_skip(reader);
}

/* The zeros of the scripts' decimal digits (Unicode, general category Nd, below U+10000); nine more follow each. */
static const uint16_t zeros[] = { 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
                                  0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090,
                                  0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
                                  0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10 };

int weir_clean_take_script_digit(struct clean_reader *reader)
{
    uint32_t c = weir_clean_peek(reader);
    int digit = -1;
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
    size_t size;
    weir_clean_skip_blanks(&reader);
    while (reader.end > reader.at &&
           weir_is_white_space(weir_utf8_before(reader.at, (size_t)(reader.end - reader.at), &size)))
        reader.end -= size;
    return reader;
}
