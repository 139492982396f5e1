#include "cli/inbox_private.h"

#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

static int64_t modified_at(const struct stat *status)
{
    return (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

static void warn_about(struct weir_inbox *box, const char *name, const char *text)
{
    struct weir_buffer line = { 0 };
    weir_buffer_escaped(&line, box->options->in, strlen(box->options->in));
    weir_buffer_byte(&line, '/');
    weir_buffer_escaped(&line, name, strlen(name));
    weir_buffer_format(&line, ": %s", text);
    weir_warn(box->run, "%s", line.bytes ? line.bytes : text);
    weir_buffer_release(&line);
}

/* 1: the result stands already (and the input's change since then, if any, was reported); 0: no result yet. */
static int made_before(struct weir_inbox *box, const char *name, const char *result_name, const struct stat *status,
                       struct weir_error *error)
{
    struct stat there;
    struct weir_inbox_identity was, is = { status->st_size, modified_at(status), 0 };
    if (fstatat(box->out, result_name, &there, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : weir_fail_errno(error, WEIR_IO, "'%s/%s'", box->options->out, result_name);
    bool known = weir_inbox_read_record(box, name, &was);
    if (known && was.size == is.size && was.modified == is.modified) {
        box->earlier++;
        return 1;
    }
    if (weir_inbox_hash(box, name, &is.hash, error) != 0)
        return -1;
    if (known && (was.size != is.size || was.hash != is.hash)) {
        box->changed++;
        struct weir_buffer text = { 0 };
        weir_buffer_string(&text, "changed after it was scored; to score it again, move '");
        weir_buffer_escaped(&text, box->options->out, strlen(box->options->out));
        weir_buffer_byte(&text, '/');
        weir_buffer_escaped(&text, result_name, strlen(result_name));
        weir_buffer_string(&text, "' away");
        warn_about(box, name, text.bytes ? text.bytes : "changed after it was scored");
        weir_buffer_release(&text);
        return 1;
    }
    box->earlier++;
    return weir_inbox_write_record(box, name, &is, error) == 0 ? 1 : -1;
}

static bool same_file(struct weir_inbox *box, const char *name, const struct weir_inbox_identity *was)
{
    struct stat now;
    return fstatat(box->in, name, &now, 0) == 0 && now.st_size == was->size && modified_at(&now) == was->modified;
}

static int publish(struct weir_inbox *box, const char *name, const char *result_name,
                   const struct weir_inbox_identity *is, struct weir_error *error)
{
    if (weir_inbox_write_record(box, name, is, error) != 0)
        return -1;
    if (renameat2(box->work, result_name, box->out, result_name, RENAME_NOREPLACE) != 0 &&
        (errno != EINVAL || renameat(box->work, result_name, box->out, result_name) != 0))
        return weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s/%s'", box->options->out, result_name);
    return weir_sync(box->out) == 0 ? 0 : weir_fail_errno(error, WEIR_IO, "folder '%s'", box->options->out);
}

static int make_result(struct weir_inbox *box, const char *name, const char *result_name,
                       const struct weir_inbox_identity *is, struct weir_error *error)
{
    struct weir_buffer input = { 0 }, output = { 0 };
    weir_buffer_format(&input, "%s/%s", box->options->in, name);
    weir_buffer_format(&output, "%s/.work/%s", box->options->out, result_name);
    int result = weir_buffer_check(&input, error);
    if (result == 0)
        result = weir_buffer_check(&output, error);
    if (result == 0)
        result = box->options->work(box->options->context, input.bytes, output.bytes, error);
    weir_buffer_release(&input);
    weir_buffer_release(&output);
    if (!same_file(box, name, is)) {
        unlinkat(box->work, result_name, 0);
        box->waiting++;
        warn_about(box, name, "changed while it was read; left for the next run");
        return 0;
    }
    if (result == 0)
        result = publish(box, name, result_name, is, error);
    if (result == 0)
        box->made++;
    return result;
}

static int take_file(struct weir_inbox *box, const char *name, const struct stat *status, struct weir_error *error)
{
    char result_name[NAME_MAX + 1];
    struct weir_inbox_identity is = { status->st_size, modified_at(status), 0 };
    if (snprintf(result_name, sizeof result_name, "%s.arrows", name) >= (int)sizeof result_name)
        return weir_fail(error, WEIR_CANNOT_CREATE, "the name is too long for a result beside it");
    int before = made_before(box, name, result_name, status, error);
    if (before != 0)
        return before < 0 ? -1 : 0;
    if (weir_inbox_hash(box, name, &is.hash, error) != 0)
        return -1;
    return make_result(box, name, result_name, &is, error);
}

/* A file that waits: hidden, unfinished by its name, or changed a moment ago. */
static bool must_wait(struct weir_inbox *box, const char *name, const struct stat *status)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - modified_at(status);
    return ends_with(name, ".tmp") || ends_with(name, ".part") || age < box->options->settle * 1000000000;
}

static void visit(struct weir_inbox *box, const char *name)
{
    struct stat status;
    struct weir_error error = { 0 }, aside = { 0 };
    if (name[0] == '.' || fstatat(box->in, name, &status, 0) != 0 || !S_ISREG(status.st_mode))
        return;
    if (must_wait(box, name, &status)) {
        box->waiting++;
        return;
    }
    if (take_file(box, name, &status, &error) == 0)
        return;
    warn_about(box, name, error.text);
    if (error.status == WEIR_BAD_DATA && weir_inbox_set_aside(box, name, &error, &aside) == 0) {
        box->set_aside++;
        return;
    }
    if (error.status == WEIR_BAD_DATA) {
        warn_about(box, name, aside.text);
        error = aside;
    }
    box->left++;
    if (box->first.status == WEIR_OK)
        box->first = error;
}

static void summarize(struct weir_inbox *box)
{
    struct weir_buffer line = { 0 };
    const struct {
        int64_t count;
        const char *what;
    } parts[] = {
        { box->earlier, "scored before" },
        { box->waiting, "waiting" },
        { box->changed, "changed since they were scored" },
        { box->set_aside, "set aside in failed" },
        { box->left, "left for the next run" },
    };
    weir_buffer_format(&line, "%" PRId64 " file%s scored", box->made, box->made == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].count > 0)
            weir_buffer_format(&line, ", %" PRId64 " %s", parts[i].count, parts[i].what);
    if (!line.failed)
        weir_note(box->run, "%s", line.bytes);
    weir_buffer_release(&line);
}

int weir_inbox_run(struct weir_run *run, const struct weir_inbox_options *options, struct weir_error *error)
{
    struct weir_inbox box = {
        .run = run, .options = options, .in = -1, .out = -1, .work = -1, .scored = -1, .failed = -1, .lock = -1
    };
    struct weir_strings names = { 0 };
    int result = weir_inbox_open(&box, error);
    if (result == 0)
        result = weir_inbox_list(box.in, options->in, &names, error);
    for (size_t i = 0; i < names.count && result == 0; i++)
        visit(&box, names.items[i]);
    if (result == 0) {
        summarize(&box);
        if (box.first.status != WEIR_OK)
            result = weir_fail(error, box.first.status, "%" PRId64 " file%s could not be scored", box.left,
                               box.left == 1 ? "" : "s");
        else if (box.set_aside > 0)
            result = weir_fail(error, WEIR_BAD_DATA, "%" PRId64 " bad file%s set aside in '%s/failed'", box.set_aside,
                               box.set_aside == 1 ? "" : "s", options->out);
    }
    weir_strings_release(&names);
    weir_inbox_close(&box);
    return result;
}
