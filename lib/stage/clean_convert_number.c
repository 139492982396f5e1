/* Numbers as people write them. They are brought to the plain form that weir_parse_double takes. */
#include "base/number.h"
#include "stage/clean_convert_private.h"
#include <math.h>

/* Longer ones are no numbers that people write. */
enum { MOST_CHARACTERS = 400 };

struct plain {
    char text[MOST_CHARACTERS + 1];
    size_t length;
};

static bool put(struct plain *plain, char c)
{
    if (plain->length == MOST_CHARACTERS)
        return false;
    plain->text[plain->length++] = c;
    return true;
}

static bool take_minus(struct clean_reader *reader)
{
    return weir_clean_take(reader, '-') || weir_clean_take(reader, 0x2212) || weir_clean_take(reader, 0xFF0D);
}

/* Digits; how many, or -1 when they are too many. */
static int take_digits(struct clean_reader *reader, struct plain *plain)
{
    int count = 0;
    for (int digit; (digit = weir_clean_take_digit(reader)) >= 0; count++)
        if (!put(plain, (char)('0' + digit)))
            return -1;
    return count;
}

static bool is_decimal_sign(uint32_t c, bool comma)
{
    return c == 0x066B || c == (comma ? 0xFF0C : 0xFF0E) || c == (comma ? ',' : '.');
}

/* A separator of groups as one of few kinds; 0: none. */
static uint32_t separator_kind(uint32_t c, bool comma)
{
    switch (c) {
    case ',':
    case 0xFF0C:
        return comma ? 0 : ',';
    case '.':
        return comma ? '.' : 0;
    case '\'':
    case 0x2019:
        return '\'';
    case ' ':
    case 0xA0:
    case 0x2009:
    case 0x202F:
        return ' ';
    case '_':
    case 0x066C:
        return c;
    default:
        return 0;
    }
}

static bool digit_follows(struct clean_reader reader)
{
    weir_clean_skip(&reader);
    return weir_clean_take_digit(&reader) >= 0;
}

/* The groups behind the first, of `first` digits. No thousands begin with 0: 0,001 is a fraction with another sign. */
static bool take_groups(struct clean_reader *reader, struct plain *plain, bool comma, int first)
{
    uint32_t kind = separator_kind(weir_clean_peek(reader), comma);
    int pairs = 0, last = 0;
    if (kind == 0 || !digit_follows(*reader))
        return true;
    if (plain->text[0] == '0')
        return false;
    while (separator_kind(weir_clean_peek(reader), comma) == kind && digit_follows(*reader)) {
        if (last == 3 && pairs > 0) /* behind pairs one group of three ends the number */
            return false;
        weir_clean_skip(reader);
        last = take_digits(reader, plain);
        if (last == 2)
            pairs++;
        else if (last != 3)
            return false;
    }
    return last == 3 && (pairs == 0 ? first <= 3 : first <= 2);
}

static bool take_exponent(struct clean_reader *reader, struct plain *plain)
{
    struct clean_reader ahead = *reader;
    if (!weir_clean_take(&ahead, 'e') && !weir_clean_take(&ahead, 'E'))
        return true;
    bool negative = take_minus(&ahead);
    if (!negative)
        weir_clean_take(&ahead, '+');
    struct clean_reader digits = ahead;
    if (weir_clean_take_digit(&digits) < 0) /* an e that begins a unit */
        return true;
    if (!put(plain, 'e') || (negative && !put(plain, '-')) || take_digits(&ahead, plain) < 1)
        return false;
    *reader = ahead;
    return true;
}

static bool take_number(struct clean_reader *reader, struct plain *plain, bool comma)
{
    int whole = take_digits(reader, plain), fraction = 0;
    if (whole < 0 || (whole > 0 && !take_groups(reader, plain, comma, whole)))
        return false;
    if (is_decimal_sign(weir_clean_peek(reader), comma) && (whole > 0 || digit_follows(*reader))) {
        struct clean_reader ahead = *reader;
        weir_clean_skip(&ahead);
        if (!put(plain, '.'))
            return false;
        fraction = take_digits(&ahead, plain);
        if (fraction < 0)
            return false;
        *reader = ahead;
    }
    return whole + fraction > 0 && take_exponent(reader, plain);
}

/* What stands before the first digit, but for signs. */
static void take_prefix(struct clean_reader *reader, bool comma, struct clean_number *out)
{
    struct clean_reader at = *reader;
    while (at.at < at.end) {
        struct clean_reader digit = at;
        uint32_t c = weir_clean_peek(&at);
        if (weir_clean_take_digit(&digit) >= 0 || (is_decimal_sign(c, comma) && digit_follows(at)) || c == '-' ||
            c == '+' || c == 0x2212)
            break;
        weir_clean_skip(&at);
    }
    struct clean_reader unit = weir_clean_trimmed(reader->at, (size_t)(at.at - reader->at));
    *out = (struct clean_number){ .unit = unit.at, .unit_length = (size_t)(unit.end - unit.at) };
    reader->at = at.at;
}

static bool take_sign(struct clean_reader *reader, bool *negative)
{
    weir_clean_skip_blanks(reader);
    *negative = take_minus(reader);
    bool found = *negative || weir_clean_take(reader, '+');
    weir_clean_skip_blanks(reader);
    return found;
}

bool weir_clean_parse_number(const char *text, size_t length, bool comma, struct clean_number *out)
{
    struct clean_reader reader = weir_clean_trimmed(text, length);
    struct plain plain = { .length = 0 };
    bool negative, later;
    bool enclosed = weir_clean_take(&reader, '(');
    bool sign = take_sign(&reader, &negative);
    take_prefix(&reader, comma, out);
    if (!sign)
        sign = take_sign(&reader, &negative);
    if (!take_number(&reader, &plain, comma) || !weir_parse_double(plain.text, plain.length, &out->value))
        return false;
    if (!sign && (weir_clean_peek(&reader) == '-' || weir_clean_peek(&reader) == 0x2212)) {
        take_sign(&reader, &later);
        negative = sign = true;
    }
    struct clean_reader rest = weir_clean_trimmed(reader.at, (size_t)(reader.end - reader.at));
    if (enclosed) {
        if (sign || rest.at == rest.end || rest.end[-1] != ')')
            return false;
        rest = weir_clean_trimmed(rest.at, (size_t)(rest.end - rest.at) - 1);
        negative = true;
    }
    if (rest.at < rest.end) {
        if (out->unit_length > 0)
            return false;
        out->unit = rest.at;
        out->unit_length = (size_t)(rest.end - rest.at);
    }
    if (negative)
        out->value = -out->value;
    return isfinite(out->value);
}
