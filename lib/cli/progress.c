#include "base/descriptor.h"
#include "cli/message.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const double first_after = 0.4, again_after = 0.1; /* seconds; a quick run shows nothing */

struct weir_progress {
    const char *name; /* of the program */
    const char *unit;
    int64_t total, done;
    double share;
    double start, drawn; /* seconds; drawn 0: never */
    bool shown;          /* there is a terminal to draw on */
    struct weir_buffer line;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool output_is_pipe(void)
{
    struct stat status;
    return fstat(STDOUT_FILENO, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

struct weir_progress *weir_progress_new(const struct weir_run *run, const char *unit, int64_t total)
{
    struct weir_progress *progress = weir_allocate_zero(1, sizeof *progress);
    if (!progress)
        return NULL;
    progress->name = run->program->name;
    progress->unit = unit;
    progress->total = total;
    progress->share = -1;
    progress->start = now();
    progress->shown = !run->quiet && weir_terminal_lines() && (run->output || !output_is_pipe());
    return progress;
}

/* 950, 12.3k, 4.56M: three digits. */
static void append_count(struct weir_buffer *out, double count)
{
    static const char *const suffixes[] = { "", "k", "M", "G", "T" };
    int i = 0;
    while (count >= 999.5 && i < 4)
        count /= 1000, i++;
    weir_buffer_format(out, "%.*f%s", i == 0 || count >= 99.95 ? 0 : count >= 9.995 ? 1 : 2, count, suffixes[i]);
}

static void append_duration(struct weir_buffer *out, double seconds)
{
    if (seconds > 359999)
        seconds = 359999;
    int s = (int)(seconds + 0.5);
    if (s >= 3600)
        weir_buffer_format(out, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    else
        weir_buffer_format(out, "%d:%02d", s / 60, s % 60);
}

static void draw(struct weir_progress *progress, double time, const char *extra)
{
    struct weir_buffer *line = &progress->line;
    double elapsed = time - progress->start, share = progress->share;
    if (progress->total > 0)
        share = (double)progress->done / (double)progress->total;
    weir_buffer_clear(line);
    weir_buffer_format(line, "%s: ", progress->name);
    append_count(line, (double)progress->done);
    weir_buffer_format(line, " %s", progress->unit);
    if (share >= 0)
        weir_buffer_format(line, ", %.0f%%", 100 * (share < 1 ? share : 1));
    if (elapsed > 0) {
        weir_buffer_string(line, ", ");
        append_count(line, (double)progress->done / elapsed);
        weir_buffer_format(line, " %s/s", progress->unit);
    }
    if (share > 0 && share < 1) {
        weir_buffer_string(line, ", ETA ");
        append_duration(line, elapsed * (1 - share) / share);
    }
    if (extra && *extra) {
        weir_buffer_string(line, ", ");
        weir_append_safe(line, extra, strlen(extra));
    }
    struct winsize window;
    size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1 ? window.ws_col - 1u : 79;
    struct weir_buffer shown = { 0 };
    weir_buffer_format(&shown, "\r%.*s\033[K", (int)width, line->bytes ? line->bytes : "");
    if (!shown.failed)
        weir_write_full(STDERR_FILENO, shown.bytes, shown.size);
    weir_buffer_release(&shown);
    progress->drawn = time;
}

void weir_progress_step(struct weir_progress *progress, int64_t done, const char *extra)
{
    if (!progress)
        return;
    progress->done = done;
    if (!progress->shown)
        return;
    double time = now();
    if (progress->drawn > 0 ? time - progress->drawn >= again_after : time - progress->start >= first_after)
        draw(progress, time, extra);
}

void weir_progress_share(struct weir_progress *progress, double share)
{
    if (progress)
        progress->share = share;
}

void weir_progress_free(struct weir_progress *progress)
{
    if (!progress)
        return;
    if (progress->drawn > 0)
        weir_write_full(STDERR_FILENO, "\r\033[K", 4);
    weir_buffer_release(&progress->line);
    free(progress);
}
