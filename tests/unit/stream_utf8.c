/* weir_is_utf8 beside a plain decoder, over texts of every kind of character, whole, spoilt by a byte, and cut. */
#include "base/random.h"
#include "check.h"
#include "stream/utf8.h"
#include <stdlib.h>

enum { MOST = 3000, TEXTS = 100000 };

/* RFC 3629, one character after the other. */
static bool is_utf8(const unsigned char *text, size_t size)
{
    static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    for (size_t i = 0; i < size;) {
        unsigned lead = text[i];
        size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
        if (length == 0 || length > size - i)
            return false;
        unsigned code = length == 1 ? lead : lead & (0x7fu >> length);
        for (size_t k = 1; k < length; k++) {
            if ((text[i + k] & 0xc0) != 0x80)
                return false;
            code = code << 6 | (text[i + k] & 0x3f);
        }
        if (code < least[length] || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
            return false;
        i += length;
    }
    return true;
}

static size_t make_text(struct weir_random *random, unsigned char *text, size_t wanted)
{
    static const char *const characters[] = { "a",
                                              "\x7f",
                                              "\xc2\x80",
                                              "\xdf\xbf",
                                              "\xe0\xa0\x80",
                                              "\xed\x9f\xbf",
                                              "\xef\xbf\xbf",
                                              "\xf0\x90\x80\x80",
                                              "\xf1\x80\x80\x80",
                                              "\xf4\x8f\xbf\xbf",
                                              "plain text of many letters" };
    size_t size = 0;
    while (size < wanted) {
        const char *next = characters[weir_random_below(random, sizeof characters / sizeof *characters)];
        memcpy(text + size, next, strlen(next));
        size += strlen(next);
    }
    return size;
}

int main(void)
{
    static const unsigned char pool[] = { 'a',  0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2,
                                          0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xf8, 0xff };
    static unsigned char text[MOST + 64];
    struct weir_random random;
    int valid = 0, different = 0;
    weir_random_init(&random, 1, 0);
    for (int i = 0; i < TEXTS; i++) {
        size_t size = make_text(&random, text, weir_random_below(&random, i % 50 ? 200 : MOST));
        if (size && weir_random_below(&random, 3))
            text[weir_random_below(&random, size)] = pool[weir_random_below(&random, sizeof pool)];
        if (size >= 4 && weir_random_below(&random, 3) == 0)
            size -= weir_random_below(&random, 4);
        char *exact = malloc(size ? size : 1); /* so that a sanitizer sees a byte read behind it */
        if (!exact)
            return 1;
        memcpy(exact, text, size);
        bool expected = is_utf8(text, size);
        valid += expected;
        different += weir_is_utf8(exact, size) != expected;
        free(exact);
    }
    CHECK_INT(different, 0);
    CHECK(valid > TEXTS / 4 && valid < TEXTS / 4 * 3);
    return check_result();
}
