/* lib/base/buffer and lib/base/error: text that grows, escapes, messages that are cut at a character. */
#include "base/buffer.h"
#include "check.h"
#include <errno.h>

static void check_escaped(const char *text, size_t length, const char *expected)
{
    struct weir_buffer buffer = { 0 };
    weir_buffer_escaped(&buffer, text, length);
    CHECK_TEXT(buffer.bytes ? buffer.bytes : "", expected);
    weir_buffer_release(&buffer);
}

static void test_buffer(void)
{
    struct weir_buffer buffer = { 0 };
    CHECK(weir_buffer_check(&buffer, NULL) == 0);
    weir_buffer_string(&buffer, "a");
    weir_buffer_byte(&buffer, 'b');
    weir_buffer_format(&buffer, "%d-%s", 42, "x");
    weir_buffer_append(&buffer, NULL, 0);
    CHECK_TEXT(buffer.bytes, "ab42-x");
    weir_buffer_zero(&buffer, 3);
    CHECK(buffer.size == 9 && memcmp(buffer.bytes, "ab42-x\0\0\0\0", 10) == 0);
    for (int i = 0; i < 10000; i++)
        weir_buffer_byte(&buffer, (uint8_t)i);
    CHECK(buffer.size == 10009 && buffer.bytes[10009] == 0 && (uint8_t)buffer.bytes[9 + 9999] == (uint8_t)9999);
    weir_buffer_clear(&buffer);
    CHECK(buffer.size == 0 && buffer.bytes[0] == 0);

    struct weir_error error = { 0 };
    weir_buffer_string(&buffer, "kept");
    CHECK(weir_buffer_reserve(&buffer, SIZE_MAX) == -1);
    CHECK(weir_buffer_reserve(&buffer, 1) == -1); /* sticky */
    weir_buffer_string(&buffer, "lost");
    weir_buffer_format(&buffer, "%s", "lost");
    CHECK_TEXT(buffer.bytes, "kept");
    CHECK(weir_buffer_check(&buffer, &error) == -1);
    CHECK_INT(error.status, WEIR_NO_MEMORY);
    CHECK_TEXT(error.text, "out of memory");
    weir_buffer_release(&buffer);
    CHECK(buffer.bytes == NULL && !buffer.failed);
}

static void test_escapes(void)
{
    check_escaped("", 0, "");
    check_escaped("plain é 北京 🦆", strlen("plain é 北京 🦆"), "plain é 北京 🦆");
    check_escaped("a\nb\r\t\\", 6, "a\\nb\\r\\t\\\\");
    check_escaped("\x1b[2J\0\x7f", 6, "\\x1b[2J\\x00\\x7f");
    check_escaped("\xff\xc0\xaf\xe2\x82", 5, "\\xff\\xc0\\xaf\\xe2\\x82"); /* no UTF-8: overlong, cut */
    check_escaped("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");                   /* a surrogate */
    check_escaped("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");          /* beyond U+10FFFF */
    check_escaped("\xc2\x85", 2, "\\u0085");                               /* C1 control */
    check_escaped("a\xe2\x80\xae"
                  "b",
                  5, "a\\u202eb"); /* turns the writing direction */
}

static void test_messages(void)
{
    struct weir_error error = { .upstream = true };
    CHECK_INT(weir_fail(&error, WEIR_BAD_DATA, "column '%s'", "age"), -1);
    CHECK_INT(error.status, WEIR_BAD_DATA);
    CHECK(!error.upstream);
    CHECK_INT(weir_fail_in(&error, "%s:%d", "a.csv", 3), -1);
    CHECK_TEXT(error.text, "a.csv:3: column 'age'");
    errno = ENOSPC;
    weir_fail_errno(&error, WEIR_IO, "'%s'", "out");
    CHECK_TEXT(error.text, "'out': No space left on device");
    CHECK_INT(error.status, WEIR_IO);
    CHECK_INT(weir_fail(NULL, WEIR_BUG, "nobody listens"), -1);
    CHECK_INT(weir_fail_errno(NULL, WEIR_BUG, "nobody"), -1);
    CHECK_INT(weir_fail_in(NULL, "nobody"), -1);

    /* Long text is cut, never within a character. */
    char text[2000];
    for (int shift = 0; shift < 4; shift++) {
        memset(text, 'x', (size_t)shift);
        for (size_t i = (size_t)shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "京", 4);
        weir_fail(&error, WEIR_BAD_DATA, "%s", text);
        size_t length = strlen(error.text);
        CHECK(length > 1019 && length < 1024);
        CHECK_INT((int)((length - (size_t)shift) % 3), 0);
        weir_fail_in(&error, "in front");
        CHECK(strlen(error.text) < 1024 && strncmp(error.text, "in front: ", 10) == 0);
    }
}

int main(void)
{
    test_buffer();
    test_escapes();
    test_messages();
    return check_result();
}
