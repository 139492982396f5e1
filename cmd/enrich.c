/* enrich: adds the columns of a table to the rows of a stream, by key, or by key as of a time. */
#include "stage/enrich.h"
#include "table_input.h"

struct options {
    struct weir_strings on;
    const char *how, *as_of, *within, *keep, *prefix, *name;
};

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
    WEIR_OPTIONS_END,
};

static int read_table(struct weir_run *run, struct weir_stage *stage, struct weir_error *error)
{
    struct table_input from = { 0 };
    struct weir_schema schema = { 0 };
    int result = table_open(&from, run, run->operands.items[0], NULL, error);
    if (result == 0 && weir_schema_copy(&schema, weir_input_schema(from.input)) < 0)
        result = weir_fail_memory(error);
    if (result == 0)
        result = table_gather(&from, -1, error);
    if (result == 0)
        result = weir_enrich_give(stage, &schema, from.parts, from.count, run->no_values, error);
    int closed = table_close(&from, result == 0 ? error : NULL);
    weir_schema_release(&schema);
    return result < 0 ? result : closed;
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
    int result = check_operands(run, error);
    if (result == 0 && weir_options_json(table, run->options, &run->given, &json) < 0)
        result = weir_fail_memory(error);
    if (result == 0)
        result = weir_stage_new(&stage, "enrich", json.bytes, error);
    if (result == 0)
        result = read_table(run, stage, error);
    if (result == 0)
        result = weir_stage_filter(&filter, stage, true, error);
    if (result == 0)
        result = weir_filter_run_input(run, &filter, &input, error);
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
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run_enrich,
    };
    return weir_program_main(&program, argc, argv);
}
