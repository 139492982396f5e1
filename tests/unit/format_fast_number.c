/* The short cuts for numbers agree with base/number.h, to the bit. */
#include "base/random.h"
#include "check.h"
#include "format/fast_number.h"
#include <stdlib.h>

static void compare(const char *text, size_t length)
{
    char padded[128] = { 0 };
    memset(padded, '7', sizeof padded); /* what stands behind must not matter */
    memcpy(padded, text, length);
    double fast = 0, slow = 0;
    int64_t fast_integer = 0, slow_integer = 0;
    bool was = weir_fast_double(padded, length, &fast), is = weir_parse_double(text, length, &slow);
    if (!CHECK(was == is && (!is || memcmp(&fast, &slow, sizeof fast) == 0 || (fast != fast && slow != slow))))
        fprintf(stderr, "    '%.*s': %.17g, expected %.17g\n", (int)length, text, fast, slow);
    was = weir_fast_int64(padded, length, &fast_integer);
    is = weir_parse_int64(text, length, &slow_integer);
    if (!CHECK(was == is && (!is || fast_integer == slow_integer)))
        fprintf(stderr, "    '%.*s': %lld, expected %lld\n", (int)length, text, (long long)fast_integer,
                (long long)slow_integer);
}

int main(void)
{
    static const char *const texts[] = { "",
                                         "-",
                                         ".",
                                         "-.",
                                         "1",
                                         "-1",
                                         "+1",
                                         "0",
                                         "-0",
                                         "-0.0",
                                         "1.",
                                         ".1",
                                         "1.5",
                                         "1..5",
                                         "1.2.",
                                         "1-2",
                                         "nan",
                                         "inf",
                                         "1e5",
                                         "007",
                                         "9x",
                                         "9007199254740993",
                                         "0.1234567890123456",
                                         "1234567.8",
                                         "12345678",
                                         "123456789",
                                         "1234567890123456",
                                         "12345678901234567",
                                         "-9223372036854775808",
                                         "9223372036854775808",
                                         "1 ",
                                         " 1",
                                         "1/",
                                         "1:" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        compare(texts[i], strlen(texts[i]));
    struct weir_random random;
    weir_random_init(&random, 1, 0);
    static const char signs[] = "0123456789012345678901234567890123456789.-+e/:";
    for (int i = 0; i < 200000; i++) {
        char text[24];
        size_t length = 1 + weir_random_below(&random, 19);
        for (size_t j = 0; j < length; j++)
            text[j] = signs[weir_random_below(&random, sizeof signs - 1)];
        compare(text, length);
        if (length > 2) { /* a plain decimal */
            for (size_t j = 0; j < length; j++)
                text[j] = (char)('0' + weir_random_below(&random, 10));
            text[weir_random_below(&random, length)] = '.';
            if (i & 1)
                text[0] = '-';
            compare(text, length);
        }
    }
    return check_result();
}
