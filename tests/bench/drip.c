/* How long a filter takes to answer when rows arrive a few at a time: sends a batch, waits for its answer, sends the
 * next.
 *   drip ROWS COUNT FILE [COMMAND [ARGUMENT]...]
 * COUNT batches of ROWS rows are cut from the stream in FILE. Prints the median seconds from a batch to its answer.
 * Without a command a bare echo answers through the same two pipes. */
#include "stream/reader.h"
#include "stream/writer.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *text)
{
    fprintf(stderr, "drip: %s\n", text);
    exit(70);
}

static void check(int result, const struct weir_error *error)
{
    if (result < 0)
        die(error->text);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void echo(int in, int out)
{
    static char bytes[1 << 16];
    for (ssize_t size; (size = read(in, bytes, sizeof bytes)) > 0;)
        for (ssize_t done = 0, put; done < size; done += put)
            if ((put = write(out, bytes + done, (size_t)(size - done))) < 0)
                _exit(74);
    _exit(0);
}

/* The child between two pipes; *to is where it reads, *from where it writes. */
static pid_t start(char **command, int *to, int *from)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        die("no pipes");
    pid_t child = fork();
    if (child == 0) {
        close(in[1]), close(out[0]);
        if (!*command)
            echo(in[0], out[1]);
        dup2(in[0], 0), dup2(out[1], 1);
        execvp(*command, command);
        _exit(127);
    }
    close(in[0]), close(out[1]);
    *to = in[1], *from = out[0];
    return child;
}

int main(int argc, char **argv)
{
    struct weir_error error = { 0 };
    int64_t rows = argc > 3 ? strtoll(argv[1], NULL, 10) : 0, count = argc > 3 ? strtoll(argv[2], NULL, 10) : 0;
    if (rows < 1 || count < 1) {
        fprintf(stderr, "usage: drip ROWS COUNT FILE [COMMAND [ARGUMENT]...]\n");
        return 64;
    }
    int file = open(argv[3], O_RDONLY);
    struct weir_reader *input, *answers = NULL;
    struct weir_writer *writer;
    struct weir_batch all = { 0 }, answer = { 0 };
    double *seconds = malloc((size_t)count * sizeof *seconds);
    if (file < 0 || !seconds)
        die("cannot open the stream");
    signal(SIGPIPE, SIG_IGN);
    check(weir_reader_open(&input, file, &(struct weir_reader_options){ .name = argv[3] }, &error), &error);
    const struct weir_schema *schema = weir_reader_schema(input);
    check(weir_reader_next(input, &all, &error), &error);
    if (all.rows < rows)
        die("the first batch of the stream has not that many rows");
    int to, from;
    pid_t child = start(argv + 4, &to, &from);
    check(weir_writer_open(&writer, to, schema, NULL, &error), &error);
    for (int64_t i = 0; i < count; i++) {
        struct weir_batch part = { 0 };
        check(weir_batch_slice(&part, &all, schema, i * rows % (all.rows - rows + 1), rows), &error);
        double begun = now();
        check(weir_writer_write(writer, &part, &error), &error);
        if (!answers)
            check(weir_reader_open(&answers, from, &(struct weir_reader_options){ .name = "the answers" }, &error),
                  &error);
        check(weir_reader_next(answers, &answer, &error), &error);
        seconds[i] = now() - begun;
        if (answer.rows != rows)
            die("an answer of other rows than were sent");
        weir_batch_release(&part);
    }
    check(weir_writer_finish(writer, &error), &error);
    close(to);
    if (weir_reader_next(answers, &answer, &error) != 0)
        die("the answers do not end");
    int status;
    waitpid(child, &status, 0);
    qsort(seconds, (size_t)count, sizeof *seconds, ascending);
    printf("%.9f\n", seconds[count / 2]);
    weir_reader_free(answers);
    weir_reader_free(input);
    weir_writer_free(writer);
    weir_batch_release(&all);
    free(seconds);
    return status;
}
