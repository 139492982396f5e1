/* A program: one sentence, one option table, one function. weir_program_main does the rest: parses, answers --help and
 * --version, runs, closes standard output with a check, prints the error and turns the result into an exit status
 * (sysexits.h). */
#ifndef WEIR_CLI_PROGRAM_H
#define WEIR_CLI_PROGRAM_H

#include "cli/options.h"
#include "stream/filter.h"
#include "stream/schema.h"
#include <stdatomic.h>

/* What a program takes beside its own options. */
enum weir_takes {
    WEIR_TAKES_OUTPUT = 1,   /* -o FILE: written beside it, synced and renamed when complete */
    WEIR_TAKES_ROLES = 2,    /* --label --id --weight --drop (of columns); also the options that `load` takes when the
                                input is text: see weir_input_open */
    WEIR_WRITES_STREAM = 4,  /* standard output carries a stream: a failure is told downstream with weir:error, and a
                                terminal gets a preview */
    WEIR_TAKES_SEED = 8,     /* --seed N, 0 when not given */
    WEIR_WRITES_BINARY = 16, /* standard output carries bytes that are no text (a model): a terminal is refused */
};

struct weir_run;

struct weir_program {
    const char *name;     /* "clean" */
    const char *purpose;  /* one sentence for --help: "fill, drop or mark what is missing or out of range" */
    const char *operands; /* "[FILE...]", as in the synopsis */
    const struct weir_option *options; /* the program's own table; may be NULL. An option here takes the place of a
                                          common one of the same name */
    size_t options_size;               /* sizeof(struct options) */
    const void *defaults;              /* a struct options, copied before parsing; NULL: zeros */
    unsigned takes;
    /* 0, -1 with the error, or WEIR_CHECK_FAILED when all was done and a check did not hold. */
    int (*run)(struct weir_run *run, struct weir_error *error);
};

struct weir_run {
    const struct weir_program *program;
    void *options;
    struct weir_strings operands;
    struct weir_strings given;                       /* long names of the options given */
    struct weir_strings labels, ids, weights, drops; /* WEIR_TAKES_ROLES */
    const char *output;                              /* -o, or NULL */
    uint64_t seed;                                   /* WEIR_TAKES_SEED */
    bool quiet;                                      /* -q */
    bool no_values;                                  /* --no-values: cell values stay out of messages */
    struct weir_sink *sink; /* the open output, for telling a failure downstream; set by weir_sink_open */
    bool sink_opened;       /* standard output has become a sink's business */
    bool streams;           /* set by a program that may write a stream or a text, when this run writes a stream: a
                               failure is told downstream as with WEIR_WRITES_STREAM */
};

int weir_program_main(const struct weir_program *program, int argc, char **argv);

/* The first SIGINT from now on only sets *flag to 1; the second ends the program as usual (temporary files removed,
 * death by the signal). NULL: as usual again. A process has one such flag, as it has one handler. */
void weir_program_on_interrupt(atomic_int *flag);

/* The path of another program of Weir, which stands beside this one's file and shares its prefix ("weir-clean" finds
 * "weir-load"): to be freed by the caller. NULL with the message when it is not there. */
char *weir_program_beside(const struct weir_run *run, const char *name, struct weir_error *error);

/* A file that an option names ("save-state") for something to be written beside the output; path NULL: none. */
struct weir_named_file {
    const char *option, *path;
};
/* An error where one of the files is '-', as standard output carries `what` ("the stream"), or where two of them, or
 * one and --output, are the same: the later would take the place of the other. */
int weir_run_check_files(const struct weir_run *run, const char *what, const struct weir_named_file *files,
                         size_t count, struct weir_error *error);

/* Messages to standard error, "clean: ..." with a newline; -q silences notes and summaries, never errors and warnings.
 * Data within must have gone through weir_buffer_escaped (or weir_run_value, which also minds --no-values). */
void weir_note(const struct weir_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
void weir_warn(const struct weir_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends a cell's value in quotes, escaped; with --no-values "(a value)". */
void weir_run_value(const struct weir_run *run, const char *text, size_t length, struct weir_buffer *out);

/* The closing line: "1020000 rows in, 1019873 out, 127 dropped (details)"; details may be NULL or empty. */
void weir_summary(const struct weir_run *run, int64_t rows_in, int64_t rows_out, const char *details);

/* A progress line, ten times a second at most: only when standard error is a terminal, and not when standard output is
 * a pipe (the last stage of a pipeline has the line for itself). */
struct weir_progress;
struct weir_progress *
weir_progress_new(const struct weir_run *run, const char *unit,
                  int64_t total); /* total < 0: unknown; NULL when out of memory (then every call below does nothing) */
void weir_progress_step(struct weir_progress *progress, int64_t done,
                        const char *extra); /* extra: "loss 0.31 accuracy 0.89", may be NULL */
/* The share that is done (0 to 1) where the total is not known in the unit; < 0: not known. */
void weir_progress_share(struct weir_progress *progress, double share);
void weir_progress_free(struct weir_progress *progress); /* clears the line */

#endif
