#include "cli/program.h"
#include "base/descriptor.h"
#include "base/number.h"
#include "cli/message.h"
#include "cli/stream_io.h"
#include "cli/text.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What every program has, in one place for the option tables to write to. */
struct common {
    struct weir_run run;
    int64_t seed;
    bool help, version;
};

#define COMMON(member) offsetof(struct common, member)

static const struct weir_option output_options[] = {
    { .name = "output",
      .letter = 'o',
      .kind = WEIR_OPTION_TEXT,
      .offset = COMMON(run.output),
      .argument = "FILE",
      .help = "write to FILE, which appears when it is complete, instead of standard output" },
    WEIR_OPTIONS_END
};

static const struct weir_option role_options[] = { { .name = "label",
                                                     .kind = WEIR_OPTION_LIST,
                                                     .offset = COMMON(run.labels),
                                                     .argument = "COLUMN,...",
                                                     .help = "the columns to be predicted" },
                                                   { .name = "id",
                                                     .kind = WEIR_OPTION_LIST,
                                                     .offset = COMMON(run.ids),
                                                     .argument = "COLUMN,...",
                                                     .help = "columns that identify a row and are no features" },
                                                   { .name = "weight",
                                                     .kind = WEIR_OPTION_LIST,
                                                     .offset = COMMON(run.weights),
                                                     .argument = "COLUMN,...",
                                                     .help = "the column that holds the weight of a row" },
                                                   { .name = "drop",
                                                     .kind = WEIR_OPTION_LIST,
                                                     .offset = COMMON(run.drops),
                                                     .argument = "COLUMN,...",
                                                     .help = "columns to leave out" },
                                                   WEIR_OPTIONS_END };

static const struct weir_option seed_options[] = {
    { .name = "seed",
      .kind = WEIR_OPTION_INTEGER,
      .offset = COMMON(seed),
      .argument = "N",
      .help = "where the random numbers begin; the same seed gives the same output",
      .minimum = 0,
      .maximum = 9.3e18 },
    WEIR_OPTIONS_END
};

static const struct weir_option common_options[] = {
    { .name = "quiet",
      .letter = 'q',
      .kind = WEIR_OPTION_FLAG,
      .offset = COMMON(run.quiet),
      .help = "no progress, no closing line: only warnings and errors" },
    { .name = "no-values",
      .kind = WEIR_OPTION_FLAG,
      .offset = COMMON(run.no_values),
      .help = "keep cell values out of messages" },
    { .name = "help", .letter = 'h', .kind = WEIR_OPTION_FLAG, .offset = COMMON(help), .help = "print this and exit" },
    { .name = "version",
      .letter = 'V',
      .kind = WEIR_OPTION_FLAG,
      .offset = COMMON(version),
      .help = "print the version and exit" },
    WEIR_OPTIONS_END
};

enum { MOST_TABLES = 5 };

/* The tables of a program, its own first; the number of them. */
static int tables_of(const struct weir_program *program, const struct weir_option *tables[MOST_TABLES])
{
    int count = 0;
    if (program->options)
        tables[count++] = program->options;
    if (program->takes & WEIR_TAKES_ROLES)
        tables[count++] = role_options;
    if (program->takes & WEIR_TAKES_SEED)
        tables[count++] = seed_options;
    if (program->takes & WEIR_TAKES_OUTPUT)
        tables[count++] = output_options;
    tables[count++] = common_options;
    return count;
}

static void append_default(const struct weir_option *option, const void *value, struct weir_buffer *out)
{
    char number[WEIR_NUMBER_SIZE];
    bool bounded = option->minimum != 0 || option->maximum != 0;
    double held = 0;
    switch (option->kind) {
    case WEIR_OPTION_FLAG:
    case WEIR_OPTION_LIST:
    case WEIR_OPTION_REPEAT:
        return;
    case WEIR_OPTION_TEXT:
    case WEIR_OPTION_CHOICE:
        if (*(const char *const *)value)
            weir_buffer_format(out, " (%s)", *(const char *const *)value);
        return;
    case WEIR_OPTION_INTEGER:
    case WEIR_OPTION_SIZE:
        held = (double)*(const int64_t *)value;
        break;
    case WEIR_OPTION_NUMBER:
        held = *(const double *)value;
        break;
    }
    if (bounded ? !(held >= option->minimum && held <= option->maximum) : !(held < 0 || held > 0))
        return;
    if (option->kind == WEIR_OPTION_SIZE && held >= 1 << 20 && (int64_t)held % (1 << 20) == 0)
        weir_buffer_format(out, " (%lldM)", (long long)held >> 20);
    else
        weir_buffer_format(out, " (%.*s)", (int)weir_format_double(held, number), number);
}

static bool replaced(const struct weir_program *program, const struct weir_option *option)
{
    for (const struct weir_option *own = program->options; own && own->name; own++)
        if (own != option && strcmp(own->name, option->name) == 0)
            return true;
    return false;
}

static void append_option(const struct weir_option *option, const void *defaults, struct weir_buffer *out)
{
    enum { HELP_COLUMN = 30 };
    struct weir_buffer line = { 0 };
    if (option->letter)
        weir_buffer_format(&line, "  -%c, --%s", option->letter, option->name);
    else
        weir_buffer_format(&line, "      --%s", option->name);
    if (option->argument)
        weir_buffer_format(&line, " %s", option->argument);
    if (line.size + 2 > HELP_COLUMN)
        weir_buffer_format(&line, "\n%*s", HELP_COLUMN, "");
    else
        weir_buffer_format(&line, "%*s", (int)(HELP_COLUMN - line.size), "");
    weir_buffer_string(&line, option->help);
    for (const char *const *choice = option->choices; choice && *choice; choice++)
        weir_buffer_format(&line, "%s%s%s", choice == option->choices ? " (one of " : ", ", *choice,
                           choice[1] ? "" : ")");
    if (defaults)
        append_default(option, (const char *)defaults + option->offset, &line);
    weir_buffer_byte(&line, '\n');
    if (line.failed)
        out->failed = true;
    weir_buffer_append(out, line.bytes, line.size);
    weir_buffer_release(&line);
}

/* --help's text, which is also what completion and the test of the man page read. */
static void append_help(const struct weir_program *program, struct weir_buffer *out)
{
    static const struct common nothing;
    const struct weir_option *tables[MOST_TABLES];
    int count = tables_of(program, tables);
    weir_buffer_format(out, "usage: %s [OPTION]...%s%s\n%s\n\noptions:\n", program->name, program->operands ? " " : "",
                       program->operands ? program->operands : "", program->purpose);
    for (int t = 0; t < count; t++) {
        const void *defaults = tables[t] == program->options ? program->defaults : &nothing;
        for (const struct weir_option *option = tables[t]; option->name; option++)
            if (!replaced(program, option))
                append_option(option, defaults, out);
    }
}

static int print(const struct weir_buffer *text, struct weir_error *error)
{
    if (weir_buffer_check(text, error) < 0)
        return -1;
    if (weir_write_full(STDOUT_FILENO, text->bytes, text->size) < 0)
        return weir_fail_errno(error, WEIR_IO, "standard output");
    return 0;
}

static int run(struct common *common, int argc, char **argv, struct weir_error *error)
{
    const struct weir_program *program = common->run.program;
    const struct weir_option *tables[MOST_TABLES];
    void *values[MOST_TABLES];
    int count = tables_of(program, tables);
    for (int t = 0; t < count; t++)
        values[t] = tables[t] == program->options ? common->run.options : common;
    if (weir_options_parse(argc, argv, tables, values, count, &common->run.operands, &common->run.given, error) < 0)
        return -1;
    common->run.seed = (uint64_t)common->seed;
    if (common->help || common->version) {
        struct weir_buffer text = { 0 };
        if (common->help)
            append_help(program, &text);
        else
            weir_buffer_format(&text, "%s (Weir) %s\n", program->name, WEIR_VERSION);
        int result = print(&text, error);
        weir_buffer_release(&text);
        return result;
    }
    if ((program->takes & WEIR_WRITES_BINARY) && !common->run.output && isatty(STDOUT_FILENO))
        return weir_fail(error, WEIR_USAGE,
                         "standard output is a terminal, and what %s writes is not for reading: "
                         "name a file with -o",
                         program->name);
    return program->run(&common->run, error);
}

/* Says what failed, here and downstream. */
static void report(struct weir_run *running, const struct weir_error *error)
{
    char stopped[sizeof error->stage + 32];
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves in the middle of the telling must not change our status */
    snprintf(stopped, sizeof stopped, "stopped: %s failed", error->stage[0] ? error->stage : "a stage before");
    weir_message(running->program->name, error->upstream ? stopped : error->text);
    if (running->sink)
        weir_sink_fail(running->sink, error);
    else if (((running->program->takes & WEIR_WRITES_STREAM) || running->streams) && !running->sink_opened &&
             !running->output && !isatty(STDOUT_FILENO))
        weir_tell_failure(running, NULL, error);
}

/* The signals that end a program take its temporary files along. This is the process's own state, as its handlers are:
 * no library function that a server's threads use comes here. */
static _Atomic(atomic_int *) interrupted;

void weir_program_on_interrupt(atomic_int *flag)
{
    atomic_store(&interrupted, flag);
}

static void on_signal(int number)
{
    atomic_int *flag = number == SIGINT ? atomic_load(&interrupted) : NULL;
    if (flag && atomic_exchange(flag, 1) == 0)
        return;
    weir_output_abandon_all();
    signal(number, SIG_DFL);
    raise(number);
}

static void end_with(const char *text, int status)
{
    weir_output_abandon_all();
    weir_write_full(STDERR_FILENO, program_invocation_short_name, strlen(program_invocation_short_name));
    weir_write_full(STDERR_FILENO, text, strlen(text));
    _exit(status);
}

/* No library's leaving by exit may look like a status of ours (OpenMP's, without memory, says why and exits with 1: the
 * status of a check that did not hold). */
static atomic_bool returned;

static void on_exit_of_library(void)
{
    if (!atomic_load(&returned))
        end_with(": a library gave up; no output is left\n", WEIR_BUG);
}

/* A library that knows no other way out (oneDNN throws and crashes where it finds no memory), or a bug here. */
static void on_crash(int number)
{
    end_with(number == SIGABRT ? ": a library gave up; no output is left\n" : ": crashed; no output is left\n",
             WEIR_BUG);
}

/* jansson 2.14 does not look whether all of its allocations succeed: a key fails to be dumped, a character of a string
 * to be read, and the text goes on without it. So here it ends. */
static void *allocate_for_json(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        end_with(": out of memory\n", WEIR_NO_MEMORY);
    return memory;
}

static void handle_signals(void)
{
    static const int ending[] = {
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ
    };
    static const int crashes[] = { SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS };
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, before;
        sigemptyset(&action.sa_mask);
        /* What nohup or the shell has us ignore stays ignored; a closed pipe always ends us. */
        if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN && ending[i] != SIGPIPE)
            continue;
        sigaction(ending[i], &action, NULL);
    }
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
        struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_RESETHAND }, before;
        sigemptyset(&action.sa_mask);
        if (sigaction(crashes[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL) /* else a sanitizer's */
            sigaction(crashes[i], &action, NULL);
    }
}

/* With one of 0, 1, 2 closed the next file opened would take its place. A descriptor that fails is put there. */
static void fill_descriptors(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int weir_program_main(const struct weir_program *program, int argc, char **argv)
{
    struct weir_error error = { 0 };
    struct common common = { .run = { .program = program } };
    int result = -1;

    fill_descriptors();
    handle_signals();
    json_set_alloc_funcs(allocate_for_json, free);
    atexit(on_exit_of_library);
    common.run.options = weir_allocate_zero(1, program->options_size);
    if (common.run.options) {
        if (program->defaults)
            memcpy(common.run.options, program->defaults, program->options_size);
        result = run(&common, argc, argv, &error);
    } else {
        weir_fail_memory(&error);
    }
    if (result < 0)
        report(&common.run, &error);
    weir_output_abandon_all();
    /* Whoever names a file has nothing on standard output that could be lost. */
    if (result >= 0 && !common.run.output && (fflush(stdout) != 0 || (close(STDOUT_FILENO) < 0 && errno != EINTR))) {
        result = weir_fail_errno(&error, WEIR_IO, "standard output");
        weir_message(program->name, error.text);
    }
    const struct weir_option *tables[MOST_TABLES];
    int count = tables_of(program, tables);
    for (int t = 0; t < count && common.run.options; t++)
        weir_options_release(tables[t], tables[t] == program->options ? common.run.options : (void *)&common);
    weir_strings_release(&common.run.operands);
    weir_strings_release(&common.run.given);
    free(common.run.options);
    atomic_store(&returned, true);
    if (result < 0)
        return error.status != WEIR_OK ? (int)error.status : WEIR_BUG;
    return result;
}

int weir_run_check_files(const struct weir_run *run, const char *what, const struct weir_named_file *files,
                         size_t count, struct weir_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!files[i].path)
            continue;
        if (strcmp(files[i].path, "-") == 0)
            return weir_fail(error, WEIR_USAGE, "--%s takes a file: standard output carries %s", files[i].option, what);
        if (run->output && strcmp(files[i].path, run->output) == 0)
            return weir_fail(error, WEIR_USAGE, "--%s and --output name one file, '%s'", files[i].option, run->output);
        for (size_t j = i + 1; j < count; j++)
            if (files[j].path && strcmp(files[i].path, files[j].path) == 0)
                return weir_fail(error, WEIR_USAGE, "--%s and --%s name one file, '%s'", files[i].option,
                                 files[j].option, files[j].path);
    }
    return 0;
}

char *weir_program_beside(const struct weir_run *run, const char *name, struct weir_error *error)
{
    const char *own = run->program->name;
    char *self = realpath("/proc/self/exe", NULL);
    if (!self) {
        weir_fail_errno(error, WEIR_IO, "cannot find the folder of the program '%s'", own);
        return NULL;
    }
    /* /usr/bin/weir-clean: the folder, the prefix (when the file still ends in the program's name), the other name. */
    char *file = strrchr(self, '/') + 1;
    size_t length = strlen(file), tail = strlen(own);
    size_t prefix = length >= tail && strcmp(file + length - tail, own) == 0 ? length - tail : 0;
    struct weir_buffer path = { 0 };
    weir_buffer_append(&path, self, (size_t)(file - self) + prefix);
    weir_buffer_string(&path, name);
    free(self);
    if (weir_buffer_check(&path, error) < 0 || path.size == 0) {
        weir_buffer_release(&path);
        return NULL;
    }
    if (access(path.bytes, X_OK) < 0) {
        weir_fail_errno(error, WEIR_IO, "the program '%s'", path.bytes);
        weir_buffer_release(&path);
        return NULL;
    }
    return path.bytes;
}
