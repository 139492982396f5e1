#include "cli/load_process_private.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static int add(struct weir_strings *arguments, const char *text)
{
    return weir_strings_add(arguments, text, strlen(text));
}

/* --NAME=COLUMN for each, commas and backslashes escaped as the option parser reads them. */
static int add_columns(struct weir_strings *arguments, const char *name, const struct weir_strings *columns)
{
    int result = 0;
    for (size_t i = 0; i < columns->count && result == 0; i++) {
        struct weir_buffer text = { 0 };
        weir_buffer_format(&text, "--%s=", name);
        for (const char *p = columns->items[i]; *p; p++) {
            if (*p == ',' || *p == '\\')
                weir_buffer_byte(&text, '\\');
            weir_buffer_byte(&text, (uint8_t)*p);
        }
        result = text.failed ? -1 : add(arguments, text.bytes);
        weir_buffer_release(&text);
    }
    return result;
}

static int make_arguments(struct weir_strings *arguments, const struct weir_run *run,
                          const struct weir_input_options *options, const struct weir_strings *operands)
{
    int result = add(arguments, "load");
    if (run->quiet)
        result |= add(arguments, "--quiet");
    if (run->no_values)
        result |= add(arguments, "--no-values");
    result |= add_columns(arguments, "label", &run->labels);
    result |= add_columns(arguments, "id", &run->ids);
    result |= add_columns(arguments, "weight", &run->weights);
    result |= add_columns(arguments, "drop", &run->drops);
    if (options->types)
        result |= add_columns(arguments, "types", options->types);
    if (options->like) {
        result |= add(arguments, "--like");
        result |= add(arguments, options->like);
        result |= add(arguments, "--bad=flag");
    }
    result |= add(arguments, "--");
    for (size_t i = 0; i < operands->count; i++)
        result |= add(arguments, operands->items[i]);
    /* The end that exec wants: an item that is no string. */
    result |= add(arguments, "");
    if (result == 0) {
        free(arguments->items[--arguments->count]);
        arguments->items[arguments->count] = NULL;
    }
    return result;
}

int weir_load_start(struct weir_child *load, const struct weir_run *run, const struct weir_input_options *options,
                    const struct weir_strings *operands, const int *inherited, size_t count, struct weir_error *error)
{
    struct weir_strings arguments = { 0 };
    int result = -1;
    char *path = NULL;
    if (make_arguments(&arguments, run, options, operands) < 0)
        weir_fail_memory(error);
    else if (!(path = weir_program_beside(run, "load", error)))
        weir_fail_in(error, "the input is no Arrow stream, and reading it needs load");
    else
        result = weir_child_start(load, path, arguments.items, inherited, count, error);
    weir_strings_release(&arguments);
    free(path);
    return result;
}

int weir_load_wait(struct weir_child *load, bool ended, struct weir_error *error)
{
    int status;
    if (load->process && !ended)
        kill(load->process, SIGTERM); /* it may be waiting for its own input, and would not notice the closed pipe */
    if (!weir_child_wait(load, &status) || !ended)
        return 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
        return 0; /* it missed its reader, us */
    if (WIFSIGNALED(status))
        return weir_fail(error, WEIR_IO, "load, which was reading the input, was ended by signal %d (%s)",
                         WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) == 0)
        return 0;
    /* Its status is ours: not all that fails is the data's fault. */
    bool known = WEXITSTATUS(status) >= WEIR_USAGE && WEXITSTATUS(status) <= WEIR_TRY_AGAIN;
    weir_fail(error, known ? (enum weir_status)WEXITSTATUS(status) : WEIR_IO, "load failed with exit status %d",
              WEXITSTATUS(status));
    if (error) {
        error->upstream = true;
        snprintf(error->stage, sizeof error->stage, "load");
    }
    return -1;
}
