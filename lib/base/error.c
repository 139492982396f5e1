#include "base/error.h"
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A message cut by the end of its room must not end within a UTF-8 character. */
static void trim_cut_character(char *text, size_t length)
{
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (lead >= 0xC0 && length - start < wanted)
        text[start - 1] = 0;
}

static void append(char *text, size_t room, const char *more)
{
    size_t used = strlen(text);
    int wanted = snprintf(text + used, room - used, "%s", more);
    if (wanted >= 0 && (size_t)wanted >= room - used)
        trim_cut_character(text, room - 1);
}

static void format_into(char *text, size_t room, const char *format, va_list arguments)
{
    int wanted = vsnprintf(text, room, format, arguments);
    if (wanted < 0)
        text[0] = 0;
    else if ((size_t)wanted >= room)
        trim_cut_character(text, room - 1);
}

int weir_fail(struct weir_error *error, enum weir_status status, const char *format, ...)
{
    if (!error)
        return -1;
    error->status = status;
    error->upstream = false;
    va_list arguments;
    va_start(arguments, format);
    format_into(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return -1;
}

int weir_fail_errno(struct weir_error *error, enum weir_status status, const char *format, ...)
{
    int number = errno;
    if (!error)
        return -1;
    error->status = number == ENOMEM ? WEIR_NO_MEMORY : status;
    error->upstream = false;
    va_list arguments;
    va_start(arguments, format);
    format_into(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    char room[128];
    append(error->text, sizeof error->text, ": ");
    append(error->text, sizeof error->text, strerror_r(number, room, sizeof room));
    return -1;
}

int weir_fail_memory(struct weir_error *error)
{
    return weir_fail(error, WEIR_NO_MEMORY, "out of memory");
}

int weir_fail_in(struct weir_error *error, const char *format, ...)
{
    if (!error)
        return -1;
    char old[sizeof error->text];
    memcpy(old, error->text, sizeof old);
    old[sizeof old - 1] = 0;
    va_list arguments;
    va_start(arguments, format);
    format_into(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    append(error->text, sizeof error->text, ": ");
    append(error->text, sizeof error->text, old);
    return -1;
}
