/* Any bytes as a number: weir_parse_double agrees with strtod on what is one, and what was read is written so that it
 * reads back. Integers and times must survive the way through their text. */
#include "base/number.h"
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* The grammar, without the words: sign, digits with a point among or beside them, exponent. */
static bool is_decimal(const char *p)
{
    int digits = 0;
    p += *p == '+' || *p == '-';
    for (; *p >= '0' && *p <= '9'; p++)
        digits++;
    if (*p == '.')
        for (p++; *p >= '0' && *p <= '9'; p++)
            digits++;
    if (digits == 0)
        return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        if (*p < '0' || *p > '9')
            return false;
        while (*p >= '0' && *p <= '9')
            p++;
    }
    return *p == 0;
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static void check_double(const char *text, size_t size)
{
    double value, wanted = strtod(text, NULL), back;
    bool valid = weir_parse_double(text, size, &value);
    if (is_decimal(text))
        require(valid == !isinf(wanted));
    else if (valid)
        require(isnan(value) || isinf(value)); /* the words */
    if (!valid)
        return;
    require(same(value, wanted));
    char out[WEIR_NUMBER_SIZE];
    size_t length = weir_format_double(value, out);
    require(length <= WEIR_NUMBER_SIZE && weir_parse_double(out, length, &back) && same(back, value));
    float single = (float)value;
    length = weir_format_float(single, out);
    require(length <= WEIR_NUMBER_SIZE && weir_parse_double(out, length, &back) && same((float)back, single));
}

static void check_others(const char *text, size_t size)
{
    char out[WEIR_NUMBER_SIZE];
    int64_t whole, again;
    uint64_t natural;
    int32_t days, same_days;
    bool zoned;
    if (weir_parse_int64(text, size, &whole))
        require(weir_parse_int64(out, weir_format_int64(whole, out), &again) && again == whole &&
                whole == strtoll(text, NULL, 10));
    if (weir_parse_uint64(text, size, &natural))
        require(natural == strtoull(text, NULL, 10));
    if (weir_parse_date(text, size, &days))
        require(weir_parse_date(out, weir_format_date(days, out), &same_days) && same_days == days);
    weir_parse_timestamp(text, size, &whole, &zoned);
    if (size >= sizeof whole) {
        double value, back;
        memcpy(&value, text, sizeof value);
        size_t length = weir_format_double(value, out);
        require(length <= WEIR_NUMBER_SIZE && weir_parse_double(out, length, &back) && same(back, value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    if (strlen(text) == size) /* strtod ends at a NUL, a number with one within is none */
        check_double(text, size);
    check_others(text, size);
    free(text);
    return 0;
}
