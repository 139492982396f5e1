#include "model/training_log.h"
#include "base/buffer.h"
#include "base/descriptor.h"
#include "base/number.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

int weir_training_log_open(struct weir_training_log *log, const char *path, bool append, struct weir_error *error)
{
    *log = (struct weir_training_log){ .descriptor = -1 };
    if (!path)
        return 0;
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC);
    log->descriptor = weir_open_at(AT_FDCWD, path, flags, 0666);
    return log->descriptor < 0 ? weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", path) : 0;
}

void weir_training_log_start(struct weir_training_log *log)
{
    clock_gettime(CLOCK_MONOTONIC, &log->start);
}

static double seconds_since(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) * 1e-9;
}

static void append_line(const struct weir_trainer_report *report, double seconds, struct weir_buffer *out)
{
    double share = report->steps ? (double)report->step / (double)report->steps : 1;
    const struct {
        const char *name;
        double value;
    } figures[] = { { "loss", report->loss },
                    { "accuracy", report->accuracy },
                    { "validation_loss", report->validation_loss },
                    { "validation_accuracy", report->validation_accuracy },
                    { "learning_rate", report->learning_rate },
                    { "seconds", seconds },
                    { "rows_per_second", seconds > 0 ? (double)report->rows / seconds : NAN },
                    { "eta_seconds", share > 0 ? seconds * (1 - share) / share : NAN } };
    weir_buffer_format(out, "{\"epoch\":%lld,\"step\":%lld", (long long)report->epoch, (long long)report->step);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        char number[WEIR_NUMBER_SIZE];
        if (isfinite(figures[i].value))
            weir_buffer_format(out, ",\"%s\":%.*s", figures[i].name, (int)weir_format_double(figures[i].value, number),
                               number);
    }
    weir_buffer_string(out, "}\n");
}

void weir_training_log_add(struct weir_training_log *log, const struct weir_trainer_report *report)
{
    struct weir_buffer line = { 0 };
    if (log->descriptor < 0 || log->reason)
        return;
    append_line(report, seconds_since(&log->start), &line);
    if (line.failed)
        log->reason = ENOMEM;
    else if (weir_write_full(log->descriptor, line.bytes, line.size))
        log->reason = errno;
    weir_buffer_release(&line);
}

int weir_training_log_close(struct weir_training_log *log, const char *path, struct weir_error *error)
{
    if (log->descriptor < 0)
        return 0;
    if (close(log->descriptor) && !log->reason)
        log->reason = errno;
    log->descriptor = -1;
    errno = log->reason;
    return log->reason ? weir_fail_errno(error, WEIR_IO, "'%s'", path) : 0;
}
