/* enrich: adds the columns of a table to the rows of a stream, by key, or by key as of a time. */
#include "stage/enrich_spill.h"
#include "stage/spill_file.h"
#include "table_input.h"

struct options {
    struct weir_strings on;
    const char *how, *as_of, *within, *keep, *prefix, *name;
    int64_t memory;
};

static const struct options defaults = { .memory = 1 << 30 };

static const char *const hows[] = { "left", "inner", "anti", NULL };
static const char *const keeps[] = { "first", "last", NULL };

#define AT(member) offsetof(struct options, member)
static const struct weir_option table[] = {
    { "on", 0, WEIR_OPTION_LIST, AT(on), "KEY,...",
      "the columns that are the key: a name on both sides, or STREAM=TABLE", 0, 0, NULL, true },
    { "how", 0, WEIR_OPTION_CHOICE, AT(how), "HOW", "which rows stay: all, those with a match, those without one", 0, 0,
      hows, true },
    { "as-of", 0, WEIR_OPTION_TEXT, AT(as_of), "TIME",
      "match the last row of the table that is not later than the stream's", 0, 0, NULL, true },
    { "within", 0, WEIR_OPTION_TEXT, AT(within), "DURATION", "with --as-of: match no row that is older than this", 0, 0,
      NULL, true },
    { "keep", 0, WEIR_OPTION_CHOICE, AT(keep), "WHICH",
      "of several rows of the table with one key, instead of an error", 0, 0, keeps, true },
    { "prefix", 0, WEIR_OPTION_TEXT, AT(prefix), "TEXT", "put TEXT before the names of the columns added", 0, 0, NULL,
      true },
    { "name", 0, WEIR_OPTION_TEXT, AT(name), "NAME", "the table's name for score --table (table)", 0, 0, NULL, true },
    { "memory", 0, WEIR_OPTION_SIZE, AT(memory), "SIZE", "use about so much memory; what is more goes to $TMPDIR",
      1 << 20, 0x1p50, NULL, false },
    WEIR_OPTIONS_END,
};

/* A table that does not fit into memory, on the disk, and what is gathered of it before. */
struct large {
    struct weir_spill_file file;
    int64_t bytes; /* of its rows */
};

static int keep_large(struct table_input *from, const struct weir_schema *schema, struct large *large,
                      struct weir_error *error)
{
    int more = 1;
    while (more > 0) {
        for (size_t i = 0; i < from->count; i++)
            if (weir_spill_file_write(&large->file, schema, &from->parts[i], error) < 0)
                return -1;
        large->bytes += from->bytes;
        table_drop(from);
        more = table_gather(from, 0, error);
    }
    return more < 0 ? -1 : 0;
}

/* Into the stage, or, when it is too large, its columns into the stage and its rows into `large`. */
static int read_table(struct weir_run *run, struct weir_stage *stage, struct large *large, struct weir_error *error)
{
    const struct options *options = run->options;
    struct table_input from = { 0 };
    struct weir_schema schema = { 0 };
    int result = table_open(&from, run, run->operands.items[0], NULL, error);
    if (result == 0 && weir_schema_copy(&schema, weir_input_schema(from.input)) < 0)
        result = weir_fail_memory(error);
    int more = result == 0 ? table_gather(&from, options->memory / 4, error) : -1;
    if (more == 0)
        result = weir_enrich_give(stage, &schema, from.parts, from.count, run->no_values, error);
    else if (more > 0)
        result = weir_enrich_give_columns(stage, &schema, error) < 0 ? -1 : keep_large(&from, &schema, large, error);
    else
        result = -1;
    int closed = table_close(&from, result == 0 ? error : NULL);
    weir_schema_release(&schema);
    return result < 0 ? result : closed;
}

static int emit(void *sink, const struct weir_batch *batch, struct weir_error *error)
{
    return weir_sink_write(sink, batch, error);
}

static int deal_all(struct weir_run *run, struct weir_enrich_spill *spill, struct large *large,
                    struct weir_input *input, struct weir_error *error)
{
    struct weir_batch batch = { 0 };
    int got = weir_spill_file_rewind(&large->file, error) < 0 ? -1 : 1;
    while (got > 0 && (got = weir_spill_file_next(&large->file, &batch, error)) > 0)
        if (weir_enrich_spill_table(spill, &batch, error) < 0)
            got = -1;
    weir_batch_release(&batch);
    weir_spill_file_release(&large->file);
    struct weir_progress *progress = weir_progress_new(run, "rows", -1);
    while (got >= 0 && (got = weir_input_next(input, &batch, error)) > 0) {
        if (weir_enrich_spill_stream(spill, &batch, error) < 0)
            got = -1;
        weir_input_step(input, progress, NULL);
    }
    weir_batch_release(&batch);
    weir_progress_free(progress);
    return got;
}

/* The table is on the disk: so is the stream before its first row comes out. */
static int run_large(struct weir_run *run, const struct weir_filter *filter, const struct weir_stage *stage,
                     const struct weir_input_options *input_options, struct large *large, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_enrich_spill *spill = NULL;
    struct weir_input *input = NULL;
    struct weir_sink *sink = NULL;
    struct weir_schema schema = { 0 };
    struct weir_buffer details = { 0 };
    int64_t rows;
    int result = -1;
    if (weir_input_open(&input, run, input_options, error) < 0 ||
        filter->begin(filter->context, weir_input_schema(input), &schema, error) < 0 ||
        weir_enrich_spill_new(&spill, stage, weir_input_schema(input), large->bytes, options->memory, run->no_values,
                              error) < 0 ||
        weir_sink_open(&sink, run, &schema, error) < 0 || deal_all(run, spill, large, input, error) < 0 ||
        weir_enrich_spill_finish(spill, emit, sink, error) < 0)
        goto cleanup;
    rows = weir_sink_rows(sink);
    if (weir_sink_finish(sink, error) < 0)
        goto cleanup;
    weir_enrich_spill_summary(spill, &details);
    weir_summary(run, weir_input_rows(input), rows, details.failed ? NULL : details.bytes);
    result = 0;
cleanup:
    weir_enrich_spill_free(spill);
    weir_input_close(input, NULL);
    weir_schema_release(&schema);
    weir_buffer_release(&details);
    return result;
}

static int check_operands(const struct weir_run *run, struct weir_error *error)
{
    if (run->operands.count == 0)
        return weir_fail(error, WEIR_USAGE, "no table given: enrich TABLE --on KEY [FILE...]");
    if (run->operands.count == 1 && strcmp(run->operands.items[0], "-") == 0)
        return weir_fail(error, WEIR_USAGE,
                         "the table and the stream cannot both be standard input: enrich - --on KEY FILE...");
    return 0;
}

static int run_enrich(struct weir_run *run, struct weir_error *error)
{
    const struct weir_input_options input = { .first_operand = 1 };
    struct weir_buffer json = { 0 };
    struct weir_stage *stage = NULL;
    struct weir_filter filter = { 0 };
    struct large large = { .bytes = 0 };
    int result = check_operands(run, error);
    if (result == 0 && weir_options_json(table, run->options, &run->given, &json) < 0)
        result = weir_fail_memory(error);
    if (result == 0)
        result = weir_stage_new(&stage, "enrich", json.bytes, error);
    if (result == 0)
        result = read_table(run, stage, &large, error);
    if (result == 0)
        result = weir_stage_filter(&filter, stage, true, error);
    if (result == 0)
        result = large.bytes ? run_large(run, &filter, stage, &input, &large, error)
                             : weir_filter_run_input(run, &filter, &input, error);
    weir_spill_file_release(&large.file);
    weir_stage_filter_release(&filter);
    weir_stage_free(stage);
    weir_buffer_release(&json);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "enrich",
        .purpose = "add the columns of a table to the rows of a stream, by key",
        .operands = "TABLE [FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run_enrich,
    };
    return weir_program_main(&program, argc, argv);
}
