/* clean, its text: control characters and such format characters as are not seen and say nothing. */
#include "base/utf8.h"
#include "stage/clean_text_private.h"
#include <utf8proc.h>

enum fate { STAYS, GOES, BLANK };
enum {
    ZERO_WIDTH_SPACE = 0x200B,
    ZERO_WIDTH_NON_JOINER = 0x200C,
    ZERO_WIDTH_JOINER = 0x200D,
    MONGOLIAN_VOWEL_SEPARATOR = 0x180E,
    BLACK_FLAG = 0x1F3F4,
    FIRST_TAG = 0xE0020,
    LAST_TAG = 0xE007F,
};

/* Whether a joiner beside the character changes how it is read: letters without case that are not as wide as those of
 * Chinese, Japanese and Korean, marks but for the common accents, emoji. */
static bool is_shaped(uint32_t code)
{
    if (code < 0x80)
        return false;
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)code);
    switch (property->category) {
    case UTF8PROC_CATEGORY_LO:
        return property->charwidth < 2;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return code < 0x300 || code > 0x36F;
    default:
        return property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
               (code >= 0x1F3FB && code <= 0x1F3FF);
    }
}

/* The blocks of scripts that are written without blanks between words, where a zero width space divides them. */
static bool is_written_without_blanks(uint32_t code)
{
    static const uint16_t blocks[][2] = {
        { 0x0E00, 0x0FFF }, /* Thai, Lao, Tibetan */
        { 0x1000, 0x109F }, /* Myanmar */
        { 0x1780, 0x17FF }, /* Khmer */
        { 0x1950, 0x1AAF }, /* Tai Le, New Tai Lue, Khmer symbols, Buginese, Tai Tham */
        { 0x1B00, 0x1B7F }, /* Balinese */
        { 0xA980, 0xAA7F }, /* Javanese, Myanmar, Cham */
        { 0xAA80, 0xAADF }, /* Tai Viet */
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (code >= blocks[i][0] && code <= blocks[i][1])
            return true;
    return false;
}

/* What becomes of a character between the one before it that stayed and the next one; 0: there is none. */
static enum fate fate_of(uint32_t before, uint32_t code, uint32_t next)
{
    if (code < 0xA0) {
        if (code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0x7F))
            return STAYS;
        return code == '\v' || code == '\f' || (code >= 0x1C && code <= 0x1F) || code == 0x85 ? BLANK : GOES;
    }
    switch (code) {
    case ZERO_WIDTH_NON_JOINER:
    case ZERO_WIDTH_JOINER:
    case MONGOLIAN_VOWEL_SEPARATOR:
        return code != before && (is_shaped(before) || is_shaped(next)) ? STAYS : GOES;
    case ZERO_WIDTH_SPACE:
        return is_written_without_blanks(before) && is_written_without_blanks(next) ? STAYS : GOES;
    case 0xAD:
    case 0x061C:
    case 0x200E:
    case 0x200F:
    case 0xFEFF:
    case 0xE0001:
        return GOES;
    default:
        if (code >= FIRST_TAG && code <= LAST_TAG)
            return before == BLACK_FLAG || (before >= FIRST_TAG && before <= LAST_TAG) ? STAYS : GOES;
        return (code >= 0x202A && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
                       (code >= 0xFFF9 && code <= 0xFFFB)
                   ? GOES
                   : STAYS;
    }
}

/* Whether a character that begins with the byte may be one that does not stay. */
static bool is_suspect(uint8_t byte)
{
    if (byte < 0x80)
        return byte < 0x20 || byte == 0x7F;
    return byte == 0xC2 || byte == 0xD8 || byte == 0xE1 || byte == 0xE2 || byte == 0xEF || byte == 0xF3;
}

bool weir_clean_controls(const char *bytes, size_t length, struct weir_buffer *out)
{
    struct clean_edit edit = { .bytes = bytes, .out = out };
    static const uint32_t LOOK_BACK = UINT32_MAX;
    uint32_t stayed = 0; /* the last character that stayed; 0: none; LOOK_BACK: that which stands before */
    for (size_t at = 0, size; at < length; at += size) {
        if (!is_suspect((uint8_t)bytes[at])) {
            size = 1;
            stayed = LOOK_BACK;
            continue;
        }
        uint32_t code = weir_utf8_next(bytes + at, &size);
        uint32_t before = stayed == LOOK_BACK ? weir_utf8_before(bytes, at, &(size_t){ 0 }) : stayed;
        uint32_t next = at + size < length ? weir_utf8_next(bytes + at + size, &(size_t){ 0 }) : 0;
        enum fate fate = fate_of(before, code, next);
        if (fate == STAYS) {
            stayed = code;
            continue;
        }
        weir_clean_edit(&edit, at, at + size, " ", fate == BLANK);
        stayed = fate == BLANK ? ' ' : before;
    }
    return weir_clean_edit_end(&edit, length);
}
