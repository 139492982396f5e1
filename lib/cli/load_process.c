#include "cli/load_process.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

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

int weir_load_start(struct weir_load_process *load, const struct weir_run *run,
                    const struct weir_input_options *options, const struct weir_strings *operands, const int *inherited,
                    size_t count, struct weir_error *error)
{
    struct weir_strings arguments = { 0 };
    posix_spawn_file_actions_t actions;
    bool have_actions = false;
    int ends[2] = { -1, -1 }, result = -1, problem = 0;
    char *path = NULL;

    *load = (struct weir_load_process){ 0, -1 };
    if (make_arguments(&arguments, run, options, operands) < 0) {
        weir_fail_memory(error);
        goto cleanup;
    }
    path = weir_program_beside(run, "load", error);
    if (!path) {
        weir_fail_in(error, "the input is no Arrow stream, and reading it needs load");
        goto cleanup;
    }
    if (pipe2(ends, O_CLOEXEC) < 0) {
        weir_fail_errno(error, WEIR_IO, "a pipe for load");
        goto cleanup;
    }
    problem = posix_spawn_file_actions_init(&actions);
    have_actions = problem == 0;
    if (problem == 0)
        problem = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    for (size_t i = 0; i < count && problem == 0; i++)
        problem = posix_spawn_file_actions_adddup2(&actions, inherited[i], inherited[i]); /* stays open through exec */
    if (problem == 0)
        problem = posix_spawn(&load->process, path, &actions, NULL, arguments.items, environ);
    if (problem) {
        load->process = 0;
        errno = problem;
        weir_fail_errno(error, WEIR_IO, "cannot start '%s'", path);
        goto cleanup;
    }
    load->descriptor = ends[0];
    ends[0] = -1;
    result = 0;
cleanup:
    if (have_actions)
        posix_spawn_file_actions_destroy(&actions);
    if (ends[0] >= 0)
        close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    weir_strings_release(&arguments);
    free(path);
    return result;
}

int weir_load_wait(struct weir_load_process *load, bool ended, struct weir_error *error)
{
    if (load->descriptor >= 0)
        close(load->descriptor);
    load->descriptor = -1;
    if (load->process == 0)
        return 0;
    if (!ended)
        kill(load->process, SIGTERM); /* it may be waiting for its own input, and would not notice the closed pipe */
    int status;
    pid_t waited;
    do
        waited = waitpid(load->process, &status, 0);
    while (waited < 0 && errno == EINTR);
    load->process = 0;
    if (waited < 0 || !ended)
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
