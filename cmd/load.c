/* load: tables of text, JSON lines, IDX, npy, Arrow, files of folders and archives, and databases become one stream. */
#include "format/load.h"
#include "base/descriptor.h"
#include "base/number.h"
#include "cli/stream_io.h"
#include "model/model_file.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    const char *format, *delimiter, *quote, *bad, *labels, *like, *query, *table, *label_from, *size, *fit;
    bool no_header, unite, gray;
    struct weir_strings columns, missing, types;
};

static const struct options defaults = { .bad = "error", .fit = "stretch" };
static const char *const bad_choices[] = { "error", "null", "drop", "flag", NULL };
static const char *const format_choices[] = { "csv", "tsv", "jsonl", "idx", "npy", "arrow", "files", NULL };
static const char *const fit_choices[] = { "stretch", "crop", "pad", NULL };

#define AT(member) offsetof(struct options, member)
static const struct weir_option table[] = {
    { "format", 0, WEIR_OPTION_CHOICE, AT(format), "FORMAT", "what the input is, instead of by its content", 0, 0,
      format_choices, false },
    { "delimiter", 0, WEIR_OPTION_TEXT, AT(delimiter), "CHARACTER", "what separates fields, instead of by a guess", 0,
      0, NULL, true },
    { "quote", 0, WEIR_OPTION_TEXT, AT(quote), "CHARACTER", "what quotes fields, or 'none' (\")", 0, 0, NULL, true },
    { "no-header", 0, WEIR_OPTION_FLAG, AT(no_header), NULL, "the first record is a row, and names are column1, ...", 0,
      0, NULL, true },
    { "columns", 0, WEIR_OPTION_LIST, AT(columns), "NAME,...", "name all columns, in the place of the header", 0, 0,
      NULL, true },
    { "missing", 0, WEIR_OPTION_LIST, AT(missing), "TEXT,...",
      "texts that mean a missing value, as the empty field does", 0, 0, NULL, true },
    { "types", 0, WEIR_OPTION_LIST, AT(types), "NAME=TYPE,...", "types of columns, instead of by inference", 0, 0, NULL,
      true },
    { "union", 0, WEIR_OPTION_FLAG, AT(unite), NULL,
      "files may have different columns; what one lacks is missing in its rows", 0, 0, NULL, true },
    { "like", 0, WEIR_OPTION_TEXT, AT(like), "REF", "read as the stream or model REF was read", 0, 0, NULL, false },
    { "bad", 0, WEIR_OPTION_CHOICE, AT(bad), "WHAT", "what becomes of a value against its type, or of a ragged row", 0,
      0, bad_choices, true },
    { "table", 0, WEIR_OPTION_TEXT, AT(table), "NAME", "the table to read of a database", 0, 0, NULL, false },
    { "query", 0, WEIR_OPTION_TEXT, AT(query), "SQL", "the query whose rows to read of a database", 0, 0, NULL, false },
    { "labels", 0, WEIR_OPTION_TEXT, AT(labels), "FILE", "labels of IDX images", 0, 0, NULL, false },
    { "label-from", 0, WEIR_OPTION_TEXT, AT(label_from), "WHAT",
      "files: labels from their 'folder', from a pattern as '{label}.*', or from a table", 0, 0, NULL, false },
    { "size", 0, WEIR_OPTION_TEXT, AT(size), "WIDTHxHEIGHT", "make pictures so large", 0, 0, NULL, true },
    { "fit", 0, WEIR_OPTION_CHOICE, AT(fit), "HOW", "how pictures of another shape come to --size", 0, 0, fit_choices,
      true },
    { "gray", 0, WEIR_OPTION_FLAG, AT(gray), NULL, "make pictures gray", 0, 0, NULL, true },
    WEIR_OPTIONS_END
};

static struct weir_texts texts(const struct weir_strings *strings)
{
    return (struct weir_texts){ strings->items, strings->count };
}

static int read_types(const struct weir_strings *types, struct weir_known_list *known, struct weir_error *error)
{
    for (size_t i = 0; i < types->count; i++) {
        char *name = types->items[i], *equals = strrchr(name, '=');
        if (!equals)
            return weir_fail(error, WEIR_USAGE, "option '--types' takes NAME=TYPE, not '%s'", name);
        char *copy = weir_duplicate_bytes(name, (size_t)(equals - name));
        struct weir_known *item = NULL;
        for (size_t j = 0; copy && j < known->count && !item; j++)
            if (strcmp(known->items[j].name, copy) == 0)
                item = &known->items[j];
        if (copy && !item)
            item = weir_known_add(known, copy);
        free(copy);
        if (!item)
            return weir_fail_memory(error);
        weir_type_release(&item->type);
        if (weir_type_parse(equals + 1, &item->type, error)) {
            if (error->status == WEIR_BAD_DATA)
                error->status = WEIR_USAGE;
            return weir_fail_in(error, "option '--types'");
        }
        item->given = item->required = true;
    }
    return 0;
}

static int like_plan(const struct weir_plan *plan, struct weir_load_options *load,
                     struct weir_load_reference *reference, struct weir_error *error)
{
    json_t *state = weir_plan_step_state(plan, 0, error);
    if (!state)
        return -1;
    int code = weir_load_like(reference, state, &load->format, error);
    json_decref(state);
    return code;
}

static bool begins_with_load(const struct weir_plan *plan)
{
    return plan->count && strcmp(plan->steps[0].name, "load") == 0;
}

static int like_stream(int descriptor, const char *name, struct weir_load_options *load,
                       struct weir_load_reference *reference, struct weir_error *error)
{
    struct weir_reader *reader;
    const struct weir_reader_options options = { .name = name };
    if (weir_reader_open(&reader, descriptor, &options, error))
        return -1;
    const struct weir_schema *schema = weir_reader_schema(reader);
    struct weir_plan plan = { 0 };
    int code = weir_plan_from_schema(&plan, schema, error);
    if (code == 0)
        code = begins_with_load(&plan) ? like_plan(&plan, load, reference, error)
                                       : weir_load_like_schema(reference, schema, error);
    weir_plan_release(&plan);
    weir_reader_free(reader);
    return code;
}

static int like_model(const char *path, struct weir_load_options *load, struct weir_load_reference *reference,
                      struct weir_error *error)
{
    struct weir_model_file file = { 0 };
    if (weir_model_file_read(&file, path, error))
        return -1;
    int code = begins_with_load(&file.plan)
                   ? like_plan(&file.plan, load, reference, error)
                   : weir_fail(error, WEIR_BAD_DATA, "'%s' does not say how its training data was read", path);
    weir_model_file_release(&file);
    return code;
}

static int read_like(const char *path, struct weir_load_options *load, struct weir_load_reference *reference,
                     struct weir_error *error)
{
    unsigned char head[16];
    int descriptor = weir_operand_open(path, error);
    if (descriptor < 0)
        return -1;
    ssize_t got = weir_read_at(descriptor, head, sizeof head, 0);
    int code = got > 0 && weir_model_file_sniff(head, (size_t)got)
                   ? like_model(path, load, reference, error)
                   : like_stream(descriptor, path, load, reference, error);
    close(descriptor);
    return code;
}

static int add_names(json_t *options, const char *key, const struct weir_strings *names)
{
    json_t *list = json_array();
    for (size_t i = 0; i < names->count; i++)
        if (json_array_append_new(list, json_string(names->items[i])))
            return json_decref(list), -1;
    if (names->count == 0)
        return json_decref(list), 0;
    return json_object_set_new(options, key, list);
}

/* Step 0 of the plan, unless the stream has been through stages already. */
static int add_step(const struct weir_run *run, const struct weir_load *load, struct weir_schema *schema,
                    struct weir_error *error)
{
    struct weir_plan plan = { 0 };
    if (weir_plan_from_schema(&plan, schema, error))
        return -1;
    int code = 0;
    if (plan.count == 0) {
        json_t *state = weir_load_state(load), *options = weir_options_value(table, run->options, &run->given);
        if (!options || !state || add_names(options, "label", &run->labels) || add_names(options, "id", &run->ids) ||
            add_names(options, "weight", &run->weights) || add_names(options, "drop", &run->drops)) {
            json_decref(options);
            json_decref(state);
            code = weir_fail_memory(error);
        } else
            code = weir_plan_append_step(&plan, "load", 1, WEIR_REPLAY_APPLY, options, state, error);
        if (code == 0)
            code = weir_plan_to_schema(&plan, schema, error);
    }
    weir_plan_release(&plan);
    return code;
}

static int pour(struct weir_run *run, struct weir_load *load, struct weir_sink *sink, struct weir_error *error)
{
    struct weir_batch batch = { 0 };
    struct weir_progress *progress = weir_progress_new(run, "rows", -1);
    int64_t size = weir_load_size(load);
    int code;
    while ((code = weir_load_next(load, &batch, error)) > 0) {
        if ((code = weir_sink_write(sink, &batch, error)))
            break;
        if (size > 0)
            weir_progress_share(progress, (double)weir_load_position(load) / (double)size);
        weir_progress_step(progress, weir_load_rows_read(load), NULL);
    }
    weir_progress_free(progress);
    weir_batch_release(&batch);
    return code;
}

/* A file without a header, read as if it had one, loses its first row: names that are numbers give it away. */
static void doubt_header(const struct weir_run *run, const struct weir_load *load)
{
    const struct weir_schema *schema = weir_load_schema(load);
    if (!weir_load_has_header(load) || weir_strings_contain(&run->given, "like"))
        return;
    double number;
    for (int i = 0; i < schema->count; i++) {
        const char *name = schema->fields[i].name;
        if (!weir_parse_double(name, strlen(name), &number))
            continue;
        struct weir_buffer shown = { 0 };
        weir_run_value(run, name, strlen(name), &shown);
        weir_warn(run, "the header names a column %s: if that is a row of values, --no-header reads it as one",
                  shown.bytes ? shown.bytes : "by a number");
        weir_buffer_release(&shown);
        return;
    }
}

static int load_all(struct weir_run *run, const struct weir_load_options *options, struct weir_error *error)
{
    struct weir_load *load;
    struct weir_schema schema = { 0 };
    struct weir_sink *sink;
    struct weir_buffer summary = { 0 };
    if (weir_load_open(&load, options, error))
        return -1;
    int code = weir_schema_copy(&schema, weir_load_schema(load)) ? weir_fail_memory(error) : 0;
    if (code == 0)
        doubt_header(run, load);
    if (code == 0)
        code = add_step(run, load, &schema, error);
    if (code == 0)
        code = weir_sink_open(&sink, run, &schema, error);
    if (code == 0)
        code = pour(run, load, sink, error);
    if (code == 0)
        code = weir_sink_finish(sink, error);
    if (code == 0) {
        int64_t rows = weir_load_rows_read(load);
        weir_load_summary(load, &summary);
        weir_summary(run, rows, rows - weir_load_rows_dropped(load), summary.bytes);
    }
    weir_buffer_release(&summary);
    weir_schema_release(&schema);
    weir_load_free(load);
    return code;
}

static const char *of_pictures(const struct options *options, bool fit_given)
{
    return options->size ? "--size" : options->gray ? "--gray" : fit_given ? "--fit" : NULL;
}

static int run_load(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_load_reference reference = { 0 };
    const bool fit_given = weir_strings_contain(&run->given, "fit");
    struct weir_load_options load = {
        .format = { .format = options->format,
                    .no_header = options->no_header,
                    .names = texts(&options->columns),
                    .missing = texts(&options->missing),
                    .bad = options->bad[0] == 'n'   ? WEIR_BAD_NULL
                           : options->bad[0] == 'd' ? WEIR_BAD_DROP
                           : options->bad[0] == 'f' ? WEIR_BAD_FLAG
                                                    : WEIR_BAD_ERROR,
                    .known = &reference.known,
                    .query = options->query,
                    .relation = options->table,
                    .image = { .gray = options->gray, .fit_given = fit_given },
                    .of_pictures = of_pictures(options, fit_given),
                    .no_values = run->no_values },
        .operands = texts(&run->operands),
        .labels = options->labels,
        .open_operand = weir_operand_open_any,
        .label = texts(&run->labels),
        .id = texts(&run->ids),
        .weight = texts(&run->weights),
        .drop = texts(&run->drops),
        .unite = options->unite,
    };
    int code = 0;
    if (options->delimiter && weir_delimiter_parse(options->delimiter, &load.format.delimiter))
        code = weir_fail(error, WEIR_USAGE,
                         "option '--delimiter' takes one ASCII character other than a quote or a blank, or 'tab'");
    if (code == 0 && options->quote && weir_quote_parse(options->quote, &load.format))
        code = weir_fail(error, WEIR_USAGE, "option '--quote' takes one ASCII character other than a blank, or 'none'");
    if (code == 0 && options->size && !weir_image_size_parse(options->size, &load.format.image))
        code = weir_fail(error, WEIR_USAGE, "option '--size' takes WIDTHxHEIGHT, as 64x64, of at most %d pixels in all",
                         WEIR_IMAGE_VALUES / 3);
    weir_fit_parse(options->fit, &load.format.image.fit);
    if (code == 0 && options->like)
        code = read_like(options->like, &load, &reference, error);
    load.label_from = options->label_from ? options->label_from : reference.label_from;
    load.format.like_label_from = !options->label_from;
    if (code == 0)
        code = read_types(&options->types, &reference.known, error);
    if (code == 0)
        code = load_all(run, &load, error);
    weir_load_reference_release(&reference);
    return code;
}

static const struct weir_program program = {
    .name = "load",
    .purpose = "read tables, tensors, pictures or texts, compressed or not, or a database as one stream",
    .operands = "[FILE...]",
    .options = table,
    .options_size = sizeof(struct options),
    .defaults = &defaults,
    .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
    .run = run_load,
};

int main(int argc, char **argv)
{
    return weir_program_main(&program, argc, argv);
}
