#include "base/descriptor.h"
#include "cli/load_process_private.h"
#include "cli/operand_private.h"
#include "cli/spill_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* One stream of the input: an operand, standard input, or what load writes. */
struct source {
    const char *name; /* for messages; of the operands, or a literal */
    int descriptor;
    bool owned;    /* closed by us */
    bool seekable; /* from `start` on, where it stood when we came */
    off_t start;
    int64_t size; /* bytes from there, or -1 */
    struct weir_spill spill;
    bool spilled; /* read from the spill from now on */
};

struct weir_input {
    struct weir_run *run;
    bool keep, broken, refused; /* accepts a broken stream, columns of types that are refused */
    struct source *sources;
    size_t count, current;
    struct weir_child load;
    struct weir_reader *reader; /* of the current source */
    struct weir_schema raw;     /* as the first source has it */
    struct weir_schema schema;  /* with roles, without what was dropped */
    int *kept;                  /* columns of raw that are handed out */
    int64_t rows, bytes;        /* of the sources before the current one */
    bool ended;                 /* the current source came to its end, or broke off */
    int stop;                   /* an eventfd for weir_input_stop; -1: nothing will have to wait */
};

static int add_source(struct weir_input *input, const char *name, int descriptor, bool owned)
{
    struct source *sources = weir_reallocate(input->sources, input->count + 1, sizeof *sources);
    if (!sources)
        return -1;
    input->sources = sources;
    struct source *source = &sources[input->count++];
    *source = (struct source){ .name = name, .descriptor = descriptor, .owned = owned, .size = -1 };
    weir_spill_init(&source->spill);
    struct stat status;
    if (fstat(descriptor, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))) {
        source->start = lseek(descriptor, 0, SEEK_CUR);
        source->seekable = source->start >= 0;
        if (S_ISREG(status.st_mode) && source->seekable)
            source->size = status.st_size > source->start ? status.st_size - source->start : 0;
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return 0;
}

static void close_sources(struct weir_input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        if (input->sources[i].owned && input->sources[i].descriptor >= 0)
            close(input->sources[i].descriptor);
        weir_spill_release(&input->sources[i].spill);
    }
    free(input->sources);
    input->sources = NULL;
    input->count = 0;
}

/* A thousand files may be named: as many descriptors as the system lets us have. */
static void want_descriptors(size_t count)
{
    struct rlimit limit;
    if (count + 64 > 1024 && getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int open_operands(struct weir_input *input, const struct weir_input_options *options, struct weir_error *error)
{
    const struct weir_strings *operands = &input->run->operands;
    size_t first = options->first_operand;
    if (operands->count <= first)
        return add_source(input, "standard input", STDIN_FILENO, false) < 0 ? weir_fail_memory(error) : 0;
    want_descriptors(operands->count - first);
    bool standard_input = false;
    for (size_t i = first; i < operands->count; i++) {
        const char *operand = operands->items[i];
        bool is_stdin = weir_operand_is_stdin(operand);
        if (is_stdin && standard_input)
            return weir_fail(error, WEIR_USAGE, "standard input ('%s') is named twice", operand);
        standard_input |= is_stdin;
        int descriptor = is_stdin ? STDIN_FILENO : weir_operand_open_any(operand, error);
        if (descriptor < 0)
            return -1;
        if (add_source(input, is_stdin ? "standard input" : operand, descriptor, !is_stdin) < 0) {
            if (!is_stdin)
                close(descriptor);
            return weir_fail_memory(error);
        }
    }
    return 0;
}

/* Hands the sources to load and makes its stream the only one. */
static int start_load(struct weir_input *input, const struct weir_input_options *options, struct weir_error *error)
{
    const struct weir_strings *operands = &input->run->operands;
    struct weir_strings names = { 0 };
    int *inherited = weir_allocate(input->count, sizeof *inherited);
    size_t inherited_count = 0;
    bool standard_input = operands->count <= options->first_operand;
    int result = -1;
    for (size_t i = options->first_operand; inherited && i < operands->count; i++) {
        const struct source *source = &input->sources[i - options->first_operand];
        char numbered[32];
        const char *name = operands->items[i];
        if (!source->owned) {
            standard_input = true;
            name = "-";
        } else if (!source->seekable &&
                   !weir_operand_is_folder(
                       source->descriptor)) { /* a second opening of a FIFO would wait for a second writer */
            inherited[inherited_count++] = source->descriptor;
            snprintf(numbered, sizeof numbered, "/dev/fd/%d", source->descriptor);
            name = numbered;
        }
        if (weir_strings_add(&names, name, strlen(name)) < 0)
            goto out_of_memory;
    }
    if (!inherited)
        goto out_of_memory;
    if (weir_load_start(&input->load, input->run, options, &names, inherited, inherited_count, error) < 0)
        goto cleanup;
    close_sources(input);
    if (standard_input) { /* it is load's now: when load dies, who writes to it must see a closed pipe */
        int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (nothing >= 0) {
            dup2(nothing, STDIN_FILENO);
            close(nothing);
        }
    }
    if (add_source(input, "the stream from load", input->load.descriptor, false) < 0)
        goto out_of_memory;
    result = 0;
    goto cleanup;
out_of_memory:
    weir_fail_memory(error);
cleanup:
    weir_strings_release(&names);
    free(inherited);
    return result;
}

/* The stream broke off. When load was writing it, load knows better why. */
static int fail_source(struct weir_input *input, struct weir_error *error)
{
    struct weir_error why = { 0 };
    input->ended = true;
    if (weir_load_wait(&input->load, true, &why) < 0 && error) {
        if (error->upstream)
            error->status = why.status;
        else
            *error = why;
    }
    return -1;
}

static int open_reader(struct weir_input *input, struct weir_error *error)
{
    struct source *source = &input->sources[input->current];
    struct weir_reader_options options = { .name = source->name,
                                           .accept_unended = input->broken,
                                           .accept_refused = true };
    int descriptor = source->descriptor;
    if (source->spilled) {
        descriptor = source->spill.descriptor;
        options.head = source->spill.head;
        options.head_count = source->spill.head_count;
        options.checked = true;
    } else if (!source->seekable && input->keep) {
        options.copy = weir_spill_copy;
        options.copy_context = &source->spill;
        options.stop = input->stop;
    }
    input->ended = false;
    return weir_reader_open(&input->reader, descriptor, &options, error) < 0 ? fail_source(input, error) : 0;
}

static int set_role(struct weir_schema *schema, enum weir_role role, const struct weir_strings *columns,
                    struct weir_error *error)
{
    if (columns->count == 0)
        return 0;
    for (int i = 0; i < schema->count; i++)
        if (schema->fields[i].role == role)
            schema->fields[i].role = WEIR_FEATURE;
    for (size_t i = 0; i < columns->count; i++) {
        int column = weir_schema_require(schema, columns->items[i], error);
        if (column < 0)
            return weir_fail_in(error, "--%s", weir_role_name(role));
        schema->fields[column].role = role;
    }
    return 0;
}

/* load has seen to the role options already when it was started. */
static int apply_roles(struct weir_input *input, struct weir_error *error)
{
    const struct weir_run *run = input->run;
    struct weir_schema *schema = &input->schema;
    if (input->load.process)
        return 0;
    if (set_role(schema, WEIR_LABEL, &run->labels, error) < 0 || set_role(schema, WEIR_ID, &run->ids, error) < 0 ||
        set_role(schema, WEIR_WEIGHT, &run->weights, error) < 0)
        return -1;
    for (size_t i = 0; i < run->drops.count; i++) {
        int column = weir_schema_find(schema, run->drops.items[i]);
        if (column < 0 && weir_schema_find(&input->raw, run->drops.items[i]) >= 0)
            continue; /* named twice */
        if (column < 0) {
            weir_schema_require(schema, run->drops.items[i], error);
            return weir_fail_in(error, "--drop");
        }
        weir_schema_remove(schema, column);
        memmove(input->kept + column, input->kept + column + 1, (size_t)(schema->count - column) * sizeof *input->kept);
    }
    return 0;
}

/* The schema that the program sees. */
static int make_schema(struct weir_input *input, struct weir_error *error)
{
    const struct weir_schema *from = weir_reader_schema(input->reader);
    if (weir_schema_copy(&input->raw, from) < 0 || weir_schema_copy(&input->schema, from) < 0)
        return weir_fail_memory(error);
    input->kept = weir_allocate((size_t)from->count, sizeof *input->kept);
    if (!input->kept)
        return weir_fail_memory(error);
    for (int i = 0; i < from->count; i++)
        input->kept[i] = i;
    if (apply_roles(input, error) < 0)
        return -1;
    if (!input->refused && weir_schema_check_refused(&input->schema, error) < 0)
        return weir_fail_in(error, "%s", input->sources[0].name);
    return 0;
}

int weir_input_open(struct weir_input **out, struct weir_run *run, const struct weir_input_options *options,
                    struct weir_error *error)
{
    struct weir_input *input = weir_allocate_zero(1, sizeof *input);
    if (!input)
        return weir_fail_memory(error);
    input->run = run;
    input->keep = options->rewindable;
    input->broken = options->accept_broken;
    input->refused = options->accept_refused;
    input->load.descriptor = -1;
    input->stop = -1;
    if (open_operands(input, options, error) < 0)
        goto failed;
    bool all_arrow = true;
    for (size_t i = 0; i < input->count; i++) {
        enum weir_operand_form form;
        if (weir_operand_form(input->sources[i].descriptor, input->sources[i].name, &form, error) < 0)
            goto failed;
        if (form == WEIR_OPERAND_EMPTY) {
            weir_fail(error, WEIR_NO_INPUT, "%s: no input at all", input->sources[i].name);
            goto failed;
        }
        all_arrow &= form == WEIR_OPERAND_ARROW;
    }
    if (!all_arrow && start_load(input, options, error) < 0)
        goto failed;
    if (input->keep && (input->stop = eventfd(0, EFD_CLOEXEC)) < 0) {
        weir_fail_errno(error, WEIR_IO, "an event descriptor");
        goto failed;
    }
    if (open_reader(input, error) < 0 || make_schema(input, error) < 0)
        goto failed;
    *out = input;
    return 0;
failed:
    weir_input_close(input, NULL);
    return -1;
}

const struct weir_schema *weir_input_schema(const struct weir_input *input)
{
    return &input->schema;
}

/* Goes on to the next source. 1: there is one, and its columns agree; 0: that was the last. */
static int next_source(struct weir_input *input, struct weir_error *error)
{
    input->rows += weir_reader_rows(input->reader);
    input->bytes += weir_reader_bytes(input->reader);
    weir_reader_free(input->reader);
    input->reader = NULL;
    input->ended = true;
    if (weir_load_wait(&input->load, true, error) < 0)
        return -1;
    if (++input->current == input->count)
        return 0;
    if (open_reader(input, error) < 0)
        return -1;
    struct weir_error difference = { 0 };
    if (!weir_schema_agree(&input->raw, weir_reader_schema(input->reader), &difference))
        return weir_fail(error, WEIR_BAD_DATA, "%s does not follow on %s: %s", input->sources[input->current].name,
                         input->sources[0].name, difference.text);
    return 1;
}

static void drop_columns(const struct weir_input *input, struct weir_batch *batch)
{
    int kept = 0;
    for (int i = 0; i < batch->count; i++) {
        if (kept < input->schema.count && input->kept[kept] == i) {
            if (kept != i) {
                batch->columns[kept] = batch->columns[i];
                batch->columns[i] = (struct weir_column){ 0 };
            }
            kept++;
        } else {
            weir_column_release(&batch->columns[i]);
        }
    }
    batch->count = kept;
}

int weir_input_next(struct weir_input *input, struct weir_batch *batch, struct weir_error *error)
{
    while (input->reader) {
        int got = weir_reader_next(input->reader, batch, error);
        if (got < 0)
            return fail_source(input, error);
        if (got > 0) {
            struct source *source = &input->sources[input->current];
            if (source->spilled && !input->keep)
                weir_spill_drop(&source->spill, weir_reader_bytes(input->reader));
            if (input->schema.count != input->raw.count)
                drop_columns(input, batch);
            return 1;
        }
        weir_batch_release(batch);
        got = next_source(input, error);
        if (got < 0)
            return -1;
    }
    return 0;
}

int weir_input_rewind(struct weir_input *input, struct weir_error *error)
{
    if (!input->keep || input->reader)
        return weir_fail(error, WEIR_BUG, "the input cannot be read again");
    for (size_t i = 0; i < input->count; i++) {
        struct source *source = &input->sources[i];
        if (!source->seekable) {
            source->spilled = true;
            if (weir_spill_rewind(&source->spill, error) < 0)
                return -1;
        } else if (lseek(source->descriptor, source->start, SEEK_SET) < 0) {
            return weir_fail_errno(error, WEIR_IO, "cannot read '%s' again", source->name);
        }
    }
    input->current = 0;
    input->rows = input->bytes = 0;
    return open_reader(input, error);
}

void weir_input_forget(struct weir_input *input)
{
    input->keep = false;
    for (size_t i = 0; i < input->count; i++)
        if (!input->sources[i].spilled)
            weir_spill_forget(&input->sources[i].spill);
}

int64_t weir_input_rows(const struct weir_input *input)
{
    return input->rows + (input->reader ? weir_reader_rows(input->reader) : 0);
}

int64_t weir_input_size(const struct weir_input *input)
{
    int64_t size = 0;
    for (size_t i = 0; i < input->count; i++) {
        if (input->sources[i].size < 0)
            return -1;
        size += input->sources[i].size;
    }
    return size;
}

int64_t weir_input_bytes(const struct weir_input *input)
{
    return input->bytes + (input->reader ? weir_reader_bytes(input->reader) : 0);
}

void weir_input_step(const struct weir_input *input, struct weir_progress *progress, const char *extra)
{
    weir_input_step_at(input, weir_input_rows(input), weir_input_bytes(input), progress, extra);
}

void weir_input_step_at(const struct weir_input *input, int64_t rows, int64_t bytes, struct weir_progress *progress,
                        const char *extra)
{
    int64_t size = weir_input_size(input);
    weir_progress_share(progress, size > 0 ? (double)bytes / (double)size : -1);
    weir_progress_step(progress, rows, extra);
}

void weir_input_leave(struct weir_input *input)
{
    enum { LEAVE_BYTES = 4 << 20, LEAVE_WAIT = 20, STEP = 1 << 16 }; /* milliseconds */
    const struct source *source = &input->sources[input->current];
    char *bytes = weir_allocate(STEP, 1);
    if (source->seekable || source->spilled || input->load.process)
        goto done;
    for (int64_t left = LEAVE_BYTES; bytes && left > 0;) {
        struct pollfd ready = { .fd = source->descriptor, .events = POLLIN };
        if (poll(&ready, 1, LEAVE_WAIT) <= 0)
            break;
        ssize_t got = read(source->descriptor, bytes, STEP);
        if (got <= 0)
            break;
        left -= got;
    }
done:
    free(bytes);
}

void weir_input_stop(struct weir_input *input)
{
    if (input->stop >= 0)
        eventfd_write(input->stop, 1);
}

int weir_input_close(struct weir_input *input, struct weir_error *error)
{
    if (!input)
        return 0;
    weir_reader_free(input->reader);
    int result = weir_load_wait(&input->load, input->ended, error);
    close_sources(input);
    weir_schema_release(&input->raw);
    weir_schema_release(&input->schema);
    free(input->kept);
    if (input->stop >= 0)
        close(input->stop);
    free(input);
    return result;
}
