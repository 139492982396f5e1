/* score: predict with a model, from a stream or file by file from a folder. */
#include "base/descriptor.h"
#include "cli/inbox.h"
#include "cli/stream_io.h"
#include "model/model_file.h"
#include "model/scorer.h"
#include "stage/enrich.h"
#include "table_input.h"

#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

struct options {
    const char *in, *out;
    int64_t settle;
    bool row_id;
    struct weir_strings tables;
};

static const struct options defaults = { .settle = 10 };

static const struct weir_option table[] = {
    { "row-id", 0, WEIR_OPTION_FLAG, offsetof(struct options, row_id), NULL,
      "add a column row_id, made from the row's content, when there is no id", 0, 0, NULL, false },
    { "table", 0, WEIR_OPTION_REPEAT, offsetof(struct options, tables), "NAME=FILE",
      "the table NAME of a step `enrich`, which the plan has not within itself", 0, 0, NULL, false },
    { "in", 0, WEIR_OPTION_TEXT, offsetof(struct options, in), "DIR", "score each new file of this folder once", 0, 0,
      NULL, false },
    { "out", 0, WEIR_OPTION_TEXT, offsetof(struct options, out), "DIR", "with --in: where the results appear", 0, 0,
      NULL, false },
    { "settle", 0, WEIR_OPTION_INTEGER, offsetof(struct options, settle), "SECONDS",
      "with --in: leave files that changed less than this long ago", 0, 86400, NULL, false },
    WEIR_OPTIONS_END,
};

struct job {
    struct weir_run *run;
    struct weir_scorer_filter scorer;
};

static int score_stream(struct job *job, struct weir_run *run, struct weir_error *error)
{
    struct weir_filter filter;
    const struct weir_input_options input = { .first_operand = 1, .like = run->operands.items[0] };
    weir_scorer_filter(&filter, &job->scorer);
    int result = weir_filter_run_input(run, &filter, &input, error);
    weir_scorer_filter_release(&job->scorer);
    return result;
}

static int score_file(void *context, const char *input_path, const char *output_path, struct weir_error *error)
{
    struct job *job = context;
    char *operands[] = { job->run->operands.items[0], (char *)input_path };
    struct weir_run run = *job->run;
    run.operands = (struct weir_strings){ operands, 2, 2 };
    run.output = output_path;
    run.quiet = true;
    run.sink = NULL;
    int result = score_stream(job, &run, error);
    if (result != 0)
        weir_sink_fail(run.sink, error);
    return result;
}

/* A first operand that is no model at all may be the rows. A pipe is not asked: its bytes are gone. */
static int advise_order(const char *operand, struct weir_error *error)
{
    unsigned char head[16];
    struct stat status;
    struct weir_error refused = *error;
    if (refused.status != WEIR_BAD_DATA || stat(operand, &status) != 0 || !S_ISREG(status.st_mode))
        return -1;
    int descriptor = weir_operand_open(operand, NULL);
    if (descriptor < 0)
        return -1;
    ssize_t got = weir_read_at(descriptor, head, sizeof head, 0);
    close(descriptor);
    if (got > 0 && !weir_model_file_sniff(head, (size_t)got))
        weir_fail(error, refused.status, "%s; the model comes first: score MODEL [FILE...]", refused.text);
    return -1;
}

/* The columns' types for load, as training had them: "NAME=TYPE" each. */
static int list_types(const struct weir_schema *columns, struct weir_strings *types)
{
    struct weir_buffer text = { 0 };
    int result = 0;
    for (int i = 0; i < columns->count && result == 0; i++) {
        const struct weir_type *type = &columns->fields[i].type;
        weir_buffer_clear(&text);
        weir_buffer_format(&text, "%s=", columns->fields[i].name);
        weir_type_describe(type->kind == WEIR_DICTIONARY ? &type->children[0].type : type, &text);
        result = text.failed ? -1 : weir_strings_add(types, text.bytes, text.size);
    }
    weir_buffer_release(&text);
    return result;
}

/* One --table: its rows as one batch. */
static int read_table(const struct weir_run *run, const struct weir_plan *plan, const char *given,
                      struct weir_named_table *named, struct weir_error *error)
{
    const char *sign = strchr(given, '=');
    struct weir_schema columns = { 0 };
    struct weir_buffer names = { 0 };
    struct weir_strings types = { 0 };
    struct table_input from = { 0 };
    if (!sign || sign == given || !sign[1])
        return weir_fail(error, WEIR_USAGE, "option '--table' takes NAME=FILE, not '%s'", given);
    char *name = weir_duplicate_bytes(given, (size_t)(sign - given));
    named->name = name;
    int result = name ? weir_enrich_wanted(plan, name, &columns, &names, error) : weir_fail_memory(error);
    if (result == 0)
        result = weir_fail(error, WEIR_USAGE, "no step of the plan has a table of the name '%s'%s%s", name,
                           names.size ? "; there is " : "", names.size ? names.bytes : "");
    else if (result > 0)
        result = list_types(&columns, &types) < 0 ? weir_fail_memory(error) : 0;
    if (result == 0)
        result = table_open(&from, run, sign + 1, &types, error);
    if (result == 0 && weir_schema_copy(&named->schema, weir_input_schema(from.input)) < 0)
        result = weir_fail_memory(error);
    if (result == 0)
        result = table_gather(&from, -1, error);
    if (result == 0)
        result = weir_batch_concatenate(&named->rows, from.parts, (int)from.count, &named->schema, error);
    int closed = table_close(&from, result == 0 ? error : NULL);
    weir_strings_release(&types);
    weir_buffer_release(&names);
    weir_schema_release(&columns);
    return result < 0 ? result : closed;
}

static int read_tables(const struct weir_run *run, const struct weir_plan *plan, struct weir_named_tables *tables,
                       struct weir_error *error)
{
    const struct weir_strings *given = &((const struct options *)run->options)->tables;
    tables->no_values = run->no_values;
    tables->items = weir_allocate_zero(given->count, sizeof *tables->items);
    if (!tables->items)
        return weir_fail_memory(error);
    for (size_t i = 0; i < given->count; i++) {
        if (read_table(run, plan, given->items[i], &tables->items[tables->count++], error) < 0)
            return -1;
        for (size_t j = 0; j < i; j++)
            if (strcmp(tables->items[i].name, tables->items[j].name) == 0)
                return weir_fail(error, WEIR_USAGE, "the table '%s' is given twice", tables->items[i].name);
    }
    return 0;
}

static void release_tables(struct weir_named_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++) {
        free((char *)(uintptr_t)tables->items[i].name);
        weir_schema_release(&tables->items[i].schema);
        weir_batch_release(&tables->items[i].rows);
    }
    free(tables->items);
}

static int run_score(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_model model = { 0 };
    struct job job = { .run = run };
    run->sink_opened = options->in != NULL; /* results go to files: no failure is told on standard output */
    if (run->operands.count == 0)
        return weir_fail(error, WEIR_USAGE, "no model given: score MODEL [FILE...]");
    if (!options->in != !options->out)
        return weir_fail(error, WEIR_USAGE, "--in and --out go together");
    if (options->in && (run->operands.count > 1 || run->output))
        return weir_fail(error, WEIR_USAGE, "with --in the only operand is the model, and -o is not used");
    if (weir_model_read(&model, run->operands.items[0], error) != 0)
        return advise_order(run->operands.items[0], error);
    struct weir_named_tables tables = { 0 };
    int result = read_tables(run, &model.plan, &tables, error);
    model.plan.tables = &tables;
    struct weir_pool *pool = result == 0 ? weir_pool_new(0) : NULL;
    job.scorer = (struct weir_scorer_filter){ .model = &model, .options = { options->row_id }, .pool = pool };
    const struct weir_inbox_options inbox = { options->in, options->out, options->settle, &job, score_file };
    if (result == 0)
        result = options->in ? weir_inbox_run(run, &inbox, error) : score_stream(&job, run, error);
    release_tables(&tables);
    weir_pool_free(pool);
    weir_model_release(&model);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "score",
        .purpose = "predict with a model, replaying its plan on raw or prepared rows",
        .operands = "MODEL [FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run_score,
    };
    return weir_program_main(&program, argc, argv);
}
