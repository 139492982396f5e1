/* Words: what each character is. Python's str.isalnum is what its \w is, beside the underscore: the categories L and N
 * of Unicode. */
#include "base/utf8.h"
#include "stage/words_private.h"
#include <utf8proc.h>

struct range {
    uint32_t first, last;
};

static bool is_within(const struct range *ranges, size_t count, uint32_t character)
{
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

/* The scripts that are cut by a dictionary, their letters and marks: Thai, Lao, Burmese, Khmer, kana, Han. */
static bool is_of_dictionary(uint32_t character)
{
    static const struct range ranges[] = {
        { 0x0E00, 0x0EFF }, { 0x1000, 0x109F },   { 0x1780, 0x17FF },   { 0x2E80, 0x2FDF }, { 0x3005, 0x3007 },
        { 0x3021, 0x302D }, { 0x3031, 0x3035 },   { 0x3038, 0x309F },   { 0x30A0, 0x30FF }, { 0x31F0, 0x31FF },
        { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },   { 0xA9E0, 0xA9FF },   { 0xAA60, 0xAA7F }, { 0xF900, 0xFAFF },
        { 0xFF66, 0xFF9F }, { 0x1AFF0, 0x1B16F }, { 0x20000, 0x323AF },
    };
    return is_within(ranges, sizeof ranges / sizeof *ranges, character);
}

/* What has case and is no letter of a category of its own: Other_Uppercase and Other_Lowercase, but modifiers. */
static bool has_case(uint32_t character)
{
    static const struct range ranges[] = {
        { 0xAA, 0xAA },       { 0xBA, 0xBA },       { 0x2160, 0x217F },   { 0x24B6, 0x24E9 },
        { 0x1F130, 0x1F149 }, { 0x1F150, 0x1F169 }, { 0x1F170, 0x1F189 },
    };
    return is_within(ranges, sizeof ranges / sizeof *ranges, character);
}

/* Of Word_Break's MidLetter, MidNumLet and Single_Quote. */
static bool is_within_words(uint32_t character)
{
    static const uint32_t characters[] = { 0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
                                           0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A };
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
        if (characters[i] == character)
            return true;
    return false;
}

static uint32_t find_class(uint32_t character)
{
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)character);
    uint32_t class = (uint32_t)utf8proc_tolower((utf8proc_int32_t)character) | WORDS_KNOWN;
    class |= has_case(character) ? WORDS_CASED : 0;
    switch (property->category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
        return class | WORDS_LETTER | WORDS_CASED | (is_of_dictionary(character) ? WORDS_DICTIONARY : 0);
    case UTF8PROC_CATEGORY_LM:
        class |= WORDS_CASELESS;
        /* fall through */
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
        return class | WORDS_LETTER | (is_of_dictionary(character) ? WORDS_DICTIONARY : 0);
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NO:
        return class | WORDS_LETTER;
    case UTF8PROC_CATEGORY_MN:
        class |= WORDS_CASELESS;
        if (character >= 0xFE00 && character <= 0xFE0F) /* how a picture is to look */
            return class;
        /* fall through */
    case UTF8PROC_CATEGORY_MC:
        return class | WORDS_MARK | (is_of_dictionary(character) ? WORDS_DICTIONARY : 0);
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_SK:
        return class | WORDS_CASELESS;
    default:
        return class | (character == '_' ? WORDS_LETTER : is_within_words(character) ? WORDS_CASELESS : 0);
    }
}

uint32_t weir_words_class(uint32_t character)
{
    uint32_t class = find_class(character);
    bool special = character == WORDS_SIGMA || character == WORDS_DOTTED_I;
    bool plain = (class & (WORDS_LETTER | WORDS_DICTIONARY | WORDS_CASELESS)) == WORDS_LETTER && !special;
    return plain ? class | WORDS_GOES_ON : class;
}
