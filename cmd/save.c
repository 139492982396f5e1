/* save: a stream becomes CSV, TSV, JSON lines, npy, Arrow or a table of a database. */
#include "cli/stream_io.h"
#include "format/format.h"
#include "stage/plan.h"
#include <string.h>

struct options {
    const char *format, *table;
    bool append, replace;
};

static const char *const format_choices[] = { "csv", "tsv", "jsonl", "npy", "arrow", NULL };

#define AT(member) offsetof(struct options, member)
static const struct weir_option table[] = {
    { "format", 0, WEIR_OPTION_CHOICE, AT(format), "FORMAT", "what to write, instead of by the file's ending", 0, 0,
      format_choices, false },
    { "table", 0, WEIR_OPTION_TEXT, AT(table), "NAME", "the table of a database to write, made if it is not there", 0,
      0, NULL, false },
    { "append", 0, WEIR_OPTION_FLAG, AT(append), NULL, "add the rows to those of a table that is there", 0, 0, NULL,
      false },
    { "replace", 0, WEIR_OPTION_FLAG, AT(replace), NULL, "put the rows in the place of those of a table that is there",
      0, 0, NULL, false },
    WEIR_OPTIONS_END
};

static int choose(const struct options *options, const char *path, const struct weir_format **format,
                  const char **compression, struct weir_error *error)
{
    *compression = NULL;
    *format = weir_format_by_scheme(path);
    if (*format && (options->format || !options->table))
        return weir_fail(error, WEIR_USAGE,
                         options->format ? "--format goes with a file, and a database is none"
                                         : "a database takes --table NAME: where the rows go");
    if (options->table && !*options->table)
        return weir_fail(error, WEIR_USAGE, "option '--table' takes the name of a table, and it is empty");
    if (options->append && options->replace)
        return weir_fail(error, WEIR_USAGE, "--append and --replace contradict each other");
    if (*format)
        return 0;
    if (options->table || options->append || options->replace)
        return weir_fail(error, WEIR_USAGE, "--table, --append and --replace go with a database, and '%s' is a file",
                         path);
    *format = weir_format_by_ending(path, compression);
    if (options->format)
        *format = weir_format_find(options->format);
    if (!*format)
        return weir_fail(error, WEIR_USAGE,
                         strcmp(path, "-") == 0 ? "standard output has no ending: --format says what to write"
                                                : "'%s' ends as no format does: --format says what to write",
                         path);
    return 0;
}

/* The texts that `load` took for missing values, when the plan tells: written bare they would be read so again. */
static int read_missing(const struct weir_schema *schema, struct weir_strings *missing, struct weir_error *error)
{
    struct weir_plan plan = { 0 };
    if (weir_plan_from_schema(&plan, schema, error))
        return -1;
    int code = 0;
    if (plan.count && strcmp(plan.steps[0].name, "load") == 0) {
        json_t *state = weir_plan_step_state(&plan, 0, error), *text;
        size_t i;
        code = state ? 0 : -1;
        json_array_foreach(json_object_get(state, "missing"), i, text)
        {
            if (code == 0 && json_is_string(text) &&
                weir_strings_add(missing, json_string_value(text), json_string_length(text)))
                code = weir_fail_memory(error);
        }
        json_decref(state);
    }
    weir_plan_release(&plan);
    return code;
}

static int write_all(struct weir_run *run, struct weir_input *input, struct weir_table_out *out,
                     struct weir_error *error)
{
    struct weir_batch batch = { 0 };
    struct weir_progress *progress = weir_progress_new(run, "rows", -1);
    int code;
    while ((code = weir_input_next(input, &batch, error)) > 0) {
        if ((code = weir_table_out_write(out, &batch, error)))
            break;
        weir_input_step(input, progress, NULL);
    }
    if (code == 0)
        code = weir_table_out_finish(out, error);
    weir_progress_free(progress);
    weir_batch_release(&batch);
    return code;
}

static int run_save(struct weir_run *run, struct weir_error *error)
{
    if (run->operands.count == 0)
        return weir_fail(error, WEIR_USAGE, "where to? Name a file, or - for standard output");
    const struct options *options = run->options;
    const char *path = run->operands.items[0], *compression;
    struct weir_table_out out = { .target = path,
                                  .relation = options->table,
                                  .existing = options->append    ? WEIR_EXISTING_APPEND
                                              : options->replace ? WEIR_EXISTING_REPLACE
                                                                 : WEIR_EXISTING_ERROR,
                                  .no_values = run->no_values };
    if (choose(options, path, &out.format, &compression, error))
        return -1;
    struct weir_input *input;
    const struct weir_input_options input_options = { .first_operand = 1 };
    if (weir_input_open(&input, run, &input_options, error))
        return -1;
    struct weir_strings missing = { 0 };
    struct weir_bytes_out bytes = { 0 };
    int64_t rows = 0;
    run->output = strcmp(path, "-") == 0 || out.format->schemes ? NULL : path;
    int code = read_missing(weir_input_schema(input), &missing, error);
    if (code == 0)
        code = weir_bytes_open(&bytes, run, error);
    bool opened = code == 0;
    out.descriptor = bytes.descriptor;
    out.missing = (struct weir_texts){ missing.items, missing.count };
    if (code == 0)
        code = weir_table_out_open(&out, weir_input_schema(input), compression, error);
    if (code == 0)
        code = write_all(run, input, &out, error);
    if (code == 0)
        rows = weir_input_rows(input);
    if (weir_input_close(input, code ? NULL : error))
        code = -1;
    if (code == 0)
        code = weir_table_out_commit(&out, error);
    weir_table_out_release(&out);
    if (code == 0)
        code = weir_bytes_finish(&bytes, error);
    else if (opened)
        weir_bytes_abandon(&bytes);
    if (code == 0)
        weir_summary(run, rows, rows, NULL);
    weir_strings_release(&missing);
    return code;
}

static const struct weir_program program = {
    .name = "save",
    .purpose = "write a stream as CSV, TSV, JSON lines, npy or Arrow, or into a database",
    .operands = "FILE [INPUT...]",
    .options = table,
    .options_size = sizeof(struct options),
    .run = run_save,
};

int main(int argc, char **argv)
{
    return weir_program_main(&program, argc, argv);
}
