/* Runs shell commands in turn, ROUNDS times each (A B A B ...), so that whatever else the machine does falls on all.
 *   race ROUNDS NAME COMMAND [NAME COMMAND]...
 * Prints a line each, parted by tabs: NAME, the least seconds, the median, the least seconds of CPU, and the peak
 * memory of its largest process in KiB. A command's seconds are those of the wall clock from its start to its end; of
 * NAME:told they are the number that the command prints last, for what measures itself. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MAX_ROUNDS = 1000 };
static const char TOLD[] = ":told";

struct racer {
    char *name, *command;
    int told;
    double seconds[MAX_ROUNDS], cpu[MAX_ROUNDS];
    long peak;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what, const char *which)
{
    fprintf(stderr, "race: %s: %s\n", what, which);
    exit(1);
}

static double last_number(FILE *said, const char *name)
{
    char line[4096];
    double number = -1;
    rewind(said);
    while (fgets(line, sizeof line, said)) {
        char *end, *word = strrchr(line, ' ');
        double value = strtod(word ? word : line, &end);
        number = end != (word ? word : line) ? value : -1;
    }
    if (!(number >= 0))
        die("told no seconds", name);
    return number;
}

static void run(struct racer *racer, int round)
{
    FILE *said = racer->told ? tmpfile() : fopen("/dev/null", "w");
    if (!said)
        die("cannot open", "its output");
    char shell[] = "/bin/sh", option[] = "-c";
    char *arguments[] = { shell, option, racer->command, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(said), 1);
    struct rusage usage;
    int status;
    pid_t child;
    double start = now();
    if (posix_spawn(&child, shell, &actions, NULL, arguments, environ) != 0 ||
        wait4(child, &status, 0, &usage) != child)
        die("cannot run", racer->command);
    racer->seconds[round] = now() - start;
    if (status != 0)
        die("failed", racer->command);
    racer->cpu[round] = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    if (usage.ru_maxrss > racer->peak)
        racer->peak = usage.ru_maxrss;
    if (racer->told)
        racer->seconds[round] = last_number(said, racer->name);
    fclose(said);
    posix_spawn_file_actions_destroy(&actions);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0, count = (argc - 2) / 2;
    if (rounds < 1 || rounds > MAX_ROUNDS || argc % 2 != 0 || count < 1) {
        fprintf(stderr, "usage: race ROUNDS NAME COMMAND [NAME COMMAND]...\n");
        return 64;
    }
    struct racer *racers = calloc((size_t)count, sizeof *racers);
    if (!racers)
        die("out of memory", argv[0]);
    for (int i = 0; i < count; i++) {
        char *name = argv[2 + 2 * i];
        size_t length = strlen(name), ending = sizeof TOLD - 1;
        int told = length > ending && strcmp(name + length - ending, TOLD) == 0;
        if (told)
            name[length - ending] = 0;
        racers[i] = (struct racer){ .name = name, .command = argv[3 + 2 * i], .told = told };
    }
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++)
            run(&racers[i], round);
    for (int i = 0; i < count; i++) {
        qsort(racers[i].seconds, (size_t)rounds, sizeof(double), ascending);
        qsort(racers[i].cpu, (size_t)rounds, sizeof(double), ascending);
        double median = (racers[i].seconds[(rounds - 1) / 2] + racers[i].seconds[rounds / 2]) / 2;
        printf("%s\t%.6f\t%.6f\t%.6f\t%ld\n", racers[i].name, racers[i].seconds[0], median, racers[i].cpu[0],
               racers[i].peak);
    }
    free(racers);
    return 0;
}
