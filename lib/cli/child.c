#include "cli/child.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* As posix_spawn, an error's number or 0. */
static int spawn(pid_t *process, const char *path, char *const *arguments, int output, const int *inherited,
                 size_t count)
{
    posix_spawn_file_actions_t actions;
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem)
        return problem;
    problem = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    for (size_t i = 0; i < count && problem == 0; i++)
        problem = posix_spawn_file_actions_adddup2(&actions, inherited[i], inherited[i]); /* stays open through exec */
    if (problem == 0)
        problem = posix_spawn(process, path, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

int weir_child_start(struct weir_child *child, const char *path, char *const *arguments, const int *inherited,
                     size_t count, struct weir_error *error)
{
    int ends[2];
    *child = (struct weir_child){ 0, -1 };
    if (pipe2(ends, O_CLOEXEC) < 0)
        return weir_fail_errno(error, WEIR_IO, "a pipe for '%s'", path);
    int problem = spawn(&child->process, path, arguments, ends[1], inherited, count);
    close(ends[1]);
    if (problem) {
        close(ends[0]);
        child->process = 0;
        errno = problem;
        return weir_fail_errno(error, WEIR_IO, "cannot start '%s'", path);
    }
    child->descriptor = ends[0];
    return 0;
}

bool weir_child_wait(struct weir_child *child, int *status)
{
    pid_t process = child->process, waited = 0;
    if (child->descriptor >= 0)
        close(child->descriptor);
    *child = (struct weir_child){ 0, -1 };
    if (process)
        do
            waited = waitpid(process, status, 0);
        while (waited < 0 && errno == EINTR);
    return waited > 0;
}
