/* Runs a command and appends its name, its peak memory in KiB and its seconds of CPU to a file.
 *   peak FILE COMMAND [ARGUMENT]... */
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    pid_t child;
    if (argc < 3 || posix_spawnp(&child, argv[2], NULL, NULL, argv + 2, environ) != 0)
        return 64;
    close(0), close(1); /* or the neighbours in the pipe wait for us as well */
    if (wait4(child, &status, 0, &usage) != child)
        return 70;
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    FILE *file = fopen(argv[1], "a");
    if (!file || fprintf(file, "%s\t%ld\t%.2f\n", argv[2], usage.ru_maxrss, cpu) < 0 || fclose(file) != 0)
        return 74;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
