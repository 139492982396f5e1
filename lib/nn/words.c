#include "nn/words.h"
#include "base/number.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool stands_alone(char c)
{
    return c == '|' || c == '(' || c == ')';
}

static void read_word(struct weir_words *words, const char *text)
{
    while (is_blank(*text))
        text++;
    const char *end = text;
    if (stands_alone(*end))
        end++;
    else
        while (*end && !is_blank(*end) && !stands_alone(*end))
            end++;
    words->now = (struct weir_word){ text, (int)(end - text) };
}

void weir_words_begin(struct weir_words *words, const char *notation)
{
    *words = (struct weir_words){ .notation = notation };
    read_word(words, notation);
}

bool weir_word_is(const struct weir_words *words, const char *text)
{
    return (size_t)words->now.length == strlen(text) && memcmp(words->now.text, text, (size_t)words->now.length) == 0;
}

void weir_word_next(struct weir_words *words)
{
    read_word(words, words->now.text + words->now.length);
}

bool weir_word_take(struct weir_words *words, const char *text)
{
    if (!weir_word_is(words, text))
        return false;
    weir_word_next(words);
    return true;
}

int weir_word_fail(const struct weir_words *words, struct weir_error *error, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    long place = words->now.text - words->notation + 1;
    if (words->now.length == 0)
        return weir_fail(error, WEIR_USAGE, "network, at its end (character %ld): %s", place, message);
    struct weir_buffer word = { 0 };
    weir_buffer_escaped(&word, words->now.text, words->now.length < 40 ? (size_t)words->now.length : 40);
    weir_fail(error, WEIR_USAGE, "network, character %ld, '%s': %s", place, word.bytes ? word.bytes : "", message);
    weir_buffer_release(&word);
    return -1;
}

int weir_word_integer(struct weir_words *words, const char *what, int64_t least, int64_t most, int64_t *out,
                      struct weir_error *error)
{
    if (!weir_parse_int64(words->now.text, (size_t)words->now.length, out) || *out < least || *out > most)
        return weir_word_fail(words, error, "%s of '%s' is a whole number from %lld to %lld", what, words->kind->name,
                              (long long)least, (long long)most);
    weir_word_next(words);
    return 0;
}

int weir_word_size(struct weir_words *words, const char *what, int64_t least, int64_t most, int64_t *height,
                   int64_t *width, struct weir_error *error)
{
    const char *text = words->now.text;
    int length = words->now.length;
    const char *times = memchr(text, 'x', (size_t)length);
    int first = times ? (int)(times - text) : length;
    bool good = weir_parse_int64(text, (size_t)first, height);
    *width = *height;
    if (good && times)
        good = weir_parse_int64(times + 1, (size_t)(length - first - 1), width);
    if (!good || *height < least || *height > most || *width < least || *width > most)
        return weir_word_fail(words, error, "%s of '%s' is N or HEIGHTxWIDTH, each from %lld to %lld", what,
                              words->kind->name, (long long)least, (long long)most);
    weir_word_next(words);
    return 0;
}

int weir_word_number(struct weir_words *words, const char *what, double low, double high, double *out,
                     struct weir_error *error)
{
    if (!weir_parse_double(words->now.text, (size_t)words->now.length, out) || !(*out >= low && *out < high))
        return weir_word_fail(words, error, "%s of '%s' is a number from %g to below %g", what, words->kind->name, low,
                              high);
    weir_word_next(words);
    return 0;
}

void weir_describe_number(struct weir_buffer *out, const char *prefix, double number)
{
    char text[WEIR_NUMBER_SIZE];
    weir_buffer_string(out, prefix);
    weir_buffer_append(out, text, weir_format_double(number, text));
}

void weir_describe_size(struct weir_buffer *out, int64_t height, int64_t width)
{
    if (height == width)
        weir_buffer_format(out, "%lld", (long long)height);
    else
        weir_buffer_format(out, "%lldx%lld", (long long)height, (long long)width);
}
