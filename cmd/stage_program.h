/* What every program that is one stage shares: its options in, a filter over the stream, its state in and out. */
#ifndef WEIR_CMD_STAGE_PROGRAM_H
#define WEIR_CMD_STAGE_PROGRAM_H

#include "base/descriptor.h"
#include "cli/stream_io.h"
#include "stage/stage.h"

/* Part of a program's struct options, as `struct stage_options stage;`. */
struct stage_options {
    const char *state, *save_state;
    bool merge;
    const json_t *files; /* options whose value is what a file holds, to take the place of its name; NULL: none */
    /* When the stage is made; NULL: nothing more. */
    int (*begin)(struct weir_run *run, struct weir_stage *stage, struct weir_error *error);
    /* When the output is complete; NULL: nothing more. */
    int (*finish)(struct weir_run *run, const struct weir_binding *binding, struct weir_error *error);
};

/* The rows of a program's option table for it. */
#define STAGE_OPTIONS(type)                                                                                            \
    { .name = "state",                                                                                                 \
      .kind = WEIR_OPTION_TEXT,                                                                                        \
      .offset = offsetof(type, stage.state),                                                                           \
      .argument = "FILE",                                                                                              \
      .help = "use what was learned before and saved in FILE; learn nothing" },                                        \
        { .name = "save-state",                                                                                        \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, stage.save_state),                                                                  \
          .argument = "FILE",                                                                                          \
          .help = "write what was learned to FILE" },                                                                  \
    {                                                                                                                  \
        .name = "merge", .kind = WEIR_OPTION_FLAG, .offset = offsetof(type, stage.merge),                              \
        .help = "fold the states that the operands name into one (--save-state); read no stream"                       \
    }

enum { STAGE_STATE_LIMIT = 1 << 28 };

static inline int stage_read_state(struct weir_stage **stage, const char *name, const char *path,
                                   struct weir_error *error)
{
    char *text = NULL;
    size_t size;
    if (weir_read_file(path, STAGE_STATE_LIMIT, &text, &size, error) < 0)
        return -1;
    int result = weir_stage_restore_text(stage, name, text, size, error);
    if (result < 0)
        weir_fail_in(error, "%s", path);
    free(text);
    return result;
}

/* All that a file is to hold, which is open; it appears. */
static inline int stage_write_output(struct weir_output *output, const char *path, const struct weir_buffer *text,
                                     struct weir_error *error)
{
    if (weir_write_full(output->descriptor, text->bytes, text->size) < 0) {
        weir_fail_errno(error, WEIR_IO, "cannot write '%s'", path);
        weir_output_abandon(output);
        return -1;
    }
    return weir_output_commit(output, error);
}

static inline int stage_write_file(const char *path, const struct weir_buffer *text, struct weir_error *error)
{
    struct weir_output output;
    return weir_output_open(&output, path, error) < 0 ? -1 : stage_write_output(&output, path, text, error);
}

static inline int stage_write_state(const struct weir_stage *stage, const char *path, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    int result = weir_stage_save_text(stage, &text, error);
    if (result == 0)
        result = stage_write_file(path, &text, error);
    weir_buffer_release(&text);
    return result;
}

static inline int stage_merge_states(struct weir_run *run, const struct stage_options *options,
                                     struct weir_error *error)
{
    const char *name = run->program->name;
    if (!options->save_state || run->operands.count == 0)
        return weir_fail(error, WEIR_USAGE, "--merge takes the files of states as operands, and --save-state FILE");
    run->sink_opened = true; /* it goes to a file: no failure is told on standard output */
    struct weir_stage *stage = NULL;
    int result = stage_read_state(&stage, name, run->operands.items[0], error);
    for (size_t i = 1; result == 0 && i < run->operands.count; i++) {
        struct weir_stage *other;
        if ((result = stage_read_state(&other, name, run->operands.items[i], error)) < 0)
            break;
        if ((result = stage->kind->merge(stage, other, error)) < 0)
            weir_fail_in(error, "%s", run->operands.items[i]);
        weir_stage_free(other);
    }
    if (result == 0)
        result = stage_write_state(stage, options->save_state, error);
    weir_stage_free(stage);
    return result;
}

/* Options of the stage itself beside --state (or --merge) would be silently without effect: they are refused. */
static inline int stage_refuse_options(const struct weir_run *run, const struct weir_option *table, const char *with,
                                       struct weir_error *error)
{
    for (const struct weir_option *option = table; option->name; option++)
        if (option->plan && weir_strings_contain(&run->given, option->name))
            return weir_fail(error, WEIR_USAGE,
                             "--%s cannot stand beside --%s: the state holds the options it was "
                             "learned with",
                             option->name, with);
    return 0;
}

static inline int stage_make(struct weir_stage **stage, const char *name, const char *json, const json_t *files,
                             struct weir_error *error)
{
    if (!files)
        return weir_stage_new(stage, name, json, error);
    json_t *options = weir_json_parse(json, strlen(json), 0, error);
    if (!options)
        return -1;
    int result = json_object_update(options, (json_t *)(uintptr_t)files) < 0
                     ? weir_fail_memory(error)
                     : weir_stage_new_json(stage, name, options, error);
    json_decref(options);
    return result;
}

/* The whole program, which bears the name of its stage. */
static inline int stage_program_run(struct weir_run *run, const struct stage_options *options, struct weir_error *error)
{
    const struct weir_option *table = run->program->options;
    const char *name = run->program->name;
    const char *given = options->merge ? "merge" : options->state ? "state" : NULL;
    const struct weir_named_file state = { "save-state", options->save_state };
    if ((given && stage_refuse_options(run, table, given, error) < 0) ||
        weir_run_check_files(run, "the stream", &state, 1, error) < 0)
        return -1;
    if (options->merge && options->state)
        return weir_fail(error, WEIR_USAGE, "--state cannot stand beside --merge: name its file as an operand");
    if (options->merge)
        return stage_merge_states(run, options, error);

    struct weir_stage *stage = NULL;
    struct weir_filter filter = { 0 };
    struct weir_buffer json = { 0 };
    int result;
    if (options->state)
        result = stage_read_state(&stage, name, options->state, error);
    else if (weir_options_json(table, run->options, &run->given, &json) < 0)
        result = weir_fail_memory(error);
    else
        result = stage_make(&stage, name, json.bytes, options->files, error);
    if (result == 0 && options->save_state && !options->state)
        stage->keep_merge = true;
    if (result == 0 && options->begin)
        result = options->begin(run, stage, error);
    if (result == 0)
        result = weir_stage_filter(&filter, stage, options->state != NULL, error);
    if (result == 0)
        result = weir_filter_run(run, &filter, error);
    if (result == 0 && options->save_state)
        result = stage_write_state(stage, options->save_state, error);
    if (result == 0 && options->finish)
        result = options->finish(run, weir_stage_filter_binding(&filter), error);
    weir_stage_filter_release(&filter);
    weir_stage_free(stage);
    weir_buffer_release(&json);
    return result;
}

#endif
