/* A value that is not what its column holds, in words. */
#ifndef WEIR_FORMAT_FAULT_H
#define WEIR_FORMAT_FAULT_H

#include "stream/schema.h"

#define WEIR_NOT_UTF8 "is not UTF-8 (`iconv -f windows-1252 -t utf-8` may help)"

struct weir_fault {
    const char *file; /* escaped */
    long long line;
    const char *column; /* its name */
    const struct weir_type *type;
    const char *text; /* the value, as it stands in the file */
    size_t length;
    const char *what;   /* "holds a NUL byte"; NULL: it is not of the type */
    bool fixed;         /* the type comes from --like: --types would be the wrong advice */
    bool no_value;      /* the value is not to be shown */
    bool string;        /* JSON: the value stands in quotes */
    const char *option; /* beside --bad null, what else would let it through; NULL: nothing */
};

/* "users.csv:17: column 'age' (int64): '4:.' is not a whole number; --types age=utf8 or --bad null would let it
 * through". Returns -1. */
int weir_fault_tell(const struct weir_fault *fault, struct weir_error *error);

/* How many newlines stand between two places of a text: for the line that a message names. */
int64_t weir_count_lines(const char *begin, const char *end);

#endif
