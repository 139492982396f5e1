/* Options: one table per program drives the parsing, --help, the shell completion and the check of the man page.
 *
 * GNU style: --name VALUE, --name=VALUE, -n VALUE, -nVALUE, flags may be bundled (-qv), `--` ends the options, and
 * options may follow operands (`-` is one, and `-=`, for FILE=SHARE). Long names must be whole (no abbreviations). An
 * option given twice replaces (lists append). */
#ifndef WEIR_CLI_OPTIONS_H
#define WEIR_CLI_OPTIONS_H

#include "base/json.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_strings {
    char **items; /* owned */
    size_t count, capacity;
};
int weir_strings_add(struct weir_strings *strings, const char *text, size_t length); /* -1: out of memory */
bool weir_strings_contain(const struct weir_strings *strings, const char *text);
void weir_strings_release(struct weir_strings *strings);

enum weir_option_kind {
    WEIR_OPTION_FLAG,    /* bool */
    WEIR_OPTION_TEXT,    /* const char *, NULL when not given (or the default) */
    WEIR_OPTION_CHOICE,  /* const char *, one of `choices` */
    WEIR_OPTION_INTEGER, /* int64_t within minimum .. maximum */
    WEIR_OPTION_NUMBER,  /* double within minimum .. maximum */
    WEIR_OPTION_SIZE,    /* int64_t bytes: 64M, 1.5G, 4096 (K, M, G, T are powers of 1,024) */
    WEIR_OPTION_LIST,    /* struct weir_strings: A,B,C ('\,' is a comma and '\\' a backslash within a name); given
                            again, it appends */
    WEIR_OPTION_REPEAT,  /* struct weir_strings: one string each time it is given, commas and all */
};

struct weir_option {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    enum weir_option_kind kind;
    size_t offset;              /* offsetof(struct options, member) */
    const char *argument;       /* "COLUMN,..." in the help; NULL for a flag */
    const char *help;           /* one line, lower case, without the default (the help adds it) */
    double minimum, maximum;    /* both 0: no bounds; a default that lies outside means "not given" */
    const char *const *choices; /* NULL-ended */
    bool plan;                  /* part of what the stage does: recorded in the plan */
};

/* The end of a table. */
#define WEIR_OPTIONS_END                                                                                               \
    {                                                                                                                  \
        NULL, 0, WEIR_OPTION_FLAG, 0, NULL, NULL, 0, 0, NULL, false                                                    \
    }

/* Parses argv[1 ..] into `values` (which holds the defaults already) by several tables: tables[i] writes into
 * values[i]. Operands are moved to `operands`. given (may be NULL): receives the long names of the options that were
 * given. 0, or -1 with WEIR_USAGE: "unknown option '--foo'; did you mean '--food'?", "option '--rows' takes a whole
 * number from 0 to ..., not 'ten'". */
int weir_options_parse(int argc, char **argv, const struct weir_option *const *tables, void *const *values,
                       int table_count, struct weir_strings *operands, struct weir_strings *given,
                       struct weir_error *error);

/* The options of one table as JSON text {"name": "value" | true | ["a", "b"]}, those that are marked `plan` and were
 * given, in the order of the table: what the plan stores, and what weir_stage_new takes. */
int weir_options_json(const struct weir_option *table, const void *values, const struct weir_strings *given,
                      struct weir_buffer *out);

/* The same as a value: a new reference; NULL: out of memory. */
json_t *weir_options_value(const struct weir_option *table, const void *values, const struct weir_strings *given);

/* The same text with the operands as the list "operands" when there are any (pick's columns). */
int weir_options_json_operands(const struct weir_option *table, const void *values, const struct weir_strings *given,
                               const struct weir_strings *operands, struct weir_buffer *out);

/* Frees lists and owned values of a table. */
void weir_options_release(const struct weir_option *table, void *values);

#endif
