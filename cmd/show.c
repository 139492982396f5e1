/* show: print a stream, a model or a profile for people, or as JSON. */
#include "base/descriptor.h"
#include "cli/stream_io.h"
#include "cli/text_table.h"
#include "model/describe.h"
#include "profile_file.h"
#include "stage/survey.h"
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct options {
    int64_t rows;
    bool json;
};

static const struct options defaults = { .rows = 10 };

static const struct weir_option table[] = { { .name = "rows",
                                              .letter = 'n',
                                              .kind = WEIR_OPTION_INTEGER,
                                              .offset = offsetof(struct options, rows),
                                              .argument = "N",
                                              .help = "show the first N rows of a stream",
                                              .maximum = 1e6 },
                                            { .name = "json",
                                              .kind = WEIR_OPTION_FLAG,
                                              .offset = offsetof(struct options, json),
                                              .help = "print one JSON object, for programs" },
                                            WEIR_OPTIONS_END };

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

static int64_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

/* "1.2 MB (1234567 bytes)" */
static void append_size(struct weir_buffer *out, int64_t bytes)
{
    static const char *const units[] = { "kB", "MB", "GB", "TB" };
    double size = (double)bytes / 1000;
    int unit = 0;
    if (bytes < 10000) {
        weir_buffer_format(out, "%lld bytes", (long long)bytes);
        return;
    }
    while (size >= 999.5 && unit < 3)
        size /= 1000, unit++;
    weir_buffer_format(out, "%.*f %s", size < 9.95 ? 1 : 0, size, units[unit]);
}

static void append_pipeline(struct weir_buffer *out, const json_t *json)
{
    const char *pipeline = text_of(json, "pipeline");
    struct weir_text_table line;
    weir_text_table_init(&line, 2, 0);
    weir_text_table_cell(&line, "plan");
    weir_text_table_cell(&line, *pipeline ? pipeline : "none");
    weir_text_table_append(&line, 0, out);
}

static void append_columns(struct weir_buffer *out, const json_t *json)
{
    struct weir_text_table columns;
    size_t i;
    json_t *column;
    weir_text_table_init(&columns, 4, 1 << 3);
    weir_text_table_cell(&columns, "column");
    weir_text_table_cell(&columns, "type");
    weir_text_table_cell(&columns, "role");
    weir_text_table_cell(&columns, "missing");
    json_array_foreach(json_object_get(json, "columns"), i, column)
    {
        weir_text_table_cell(&columns, text_of(column, "name"));
        weir_text_table_cell(&columns, text_of(column, "type"));
        weir_text_table_cell(&columns, text_of(column, "role"));
        weir_text_table_number(&columns, number_of(column, "missing"));
    }
    weir_text_table_append(&columns, 0, out);
}

/* A value of the training record or a list of classes, on one line. */
static void append_value(struct weir_buffer *out, const json_t *value)
{
    if (json_is_string(value))
        weir_buffer_string(out, json_string_value(value));
    else if (value && weir_json_dump(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6), out, NULL) < 0)
        out->failed = true;
}

/* A row for each value; "options.batch" for what lies deeper; of a list of objects (epochs) its length and its last. */
static void add_pairs(struct weir_text_table *pairs, const char *prefix, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        struct weir_buffer name = { 0 }, shown = { 0 };
        size_t length = json_array_size(value);
        weir_buffer_format(&name, "%s%s%s", prefix, *prefix ? "." : "", key);
        if (json_is_object(value) && strlen(prefix) < 64) {
            add_pairs(pairs, name.bytes ? name.bytes : "", value);
        } else {
            if (length)
                weir_buffer_format(&shown, "%zu: ", length);
            append_value(&shown, length ? json_array_get(value, length - 1) : value);
            weir_text_table_cell(pairs, name.bytes ? name.bytes : "");
            weir_text_table_cell(pairs, shown.bytes ? shown.bytes : "");
        }
        pairs->failed |= name.failed || shown.failed;
        weir_buffer_release(&name);
        weir_buffer_release(&shown);
    }
}

static void append_training(struct weir_buffer *out, json_t *training)
{
    struct weir_text_table pairs;
    if (json_object_size(training) == 0)
        return;
    weir_buffer_string(out, "\ntraining\n");
    weir_text_table_init(&pairs, 2, 0);
    add_pairs(&pairs, "", training);
    weir_text_table_append(&pairs, 2, out);
}

static void append_layers(struct weir_buffer *out, const json_t *json)
{
    struct weir_text_table layers;
    size_t i;
    json_t *layer;
    if (json_array_size(json_object_get(json, "layers")) == 0)
        return;
    weir_buffer_byte(out, '\n');
    weir_text_table_init(&layers, 3, 1 << 2);
    weir_text_table_cell(&layers, "layer");
    weir_text_table_cell(&layers, "output");
    weir_text_table_cell(&layers, "parameters");
    json_array_foreach(json_object_get(json, "layers"), i, layer)
    {
        struct weir_buffer output = { 0 };
        append_value(&output, json_object_get(layer, "output"));
        weir_text_table_cell(&layers, text_of(layer, "layer"));
        weir_text_table_cell(&layers, output.bytes ? output.bytes : "");
        weir_text_table_number(&layers, number_of(layer, "parameters"));
        layers.failed |= output.failed;
        weir_buffer_release(&output);
    }
    weir_text_table_append(&layers, 0, out);
}

static void append_weights(struct weir_buffer *out, const json_t *weights)
{
    struct weir_text_table largest;
    const json_t *list = json_object_get(weights, "largest");
    size_t i;
    json_t *weight;
    if (!weights)
        return;
    weir_buffer_format(out, "\n%lld of %lld weights are not 0, %lld wide\n", (long long)number_of(weights, "nonzero"),
                       (long long)(number_of(weights, "outputs") * number_of(weights, "width")),
                       (long long)number_of(weights, "width"));
    if (json_array_size(list) == 0)
        return;
    bool terms = false;
    json_array_foreach(list, i, weight) terms |= json_object_get(weight, "term") != NULL;
    weir_text_table_init(&largest, terms ? 5 : 4, 1 << 1 | 1 << 3);
    weir_text_table_cell(&largest, "column");
    weir_text_table_cell(&largest, "place");
    weir_text_table_cell(&largest, "class");
    weir_text_table_cell(&largest, "weight");
    if (terms)
        weir_text_table_cell(&largest, "term");
    json_array_foreach(list, i, weight)
    {
        struct weir_buffer number = { 0 };
        if (json_is_null(json_object_get(weight, "weight")))
            weir_buffer_string(&number, "not finite");
        else
            weir_buffer_format(&number, "%.5g", json_number_value(json_object_get(weight, "weight")));
        weir_text_table_cell(&largest, text_of(weight, "column"));
        weir_text_table_number(&largest, number_of(weight, "place"));
        weir_text_table_cell(&largest, text_of(weight, "class"));
        weir_text_table_cell(&largest, number.bytes ? number.bytes : "");
        if (terms)
            weir_text_table_cell(&largest, text_of(weight, "term"));
        largest.failed |= number.failed;
        weir_buffer_release(&number);
    }
    weir_text_table_append(&largest, 2, out);
}

static void append_features(struct weir_buffer *out, const json_t *json)
{
    struct weir_text_table features;
    size_t i;
    json_t *feature;
    weir_buffer_byte(out, '\n');
    weir_text_table_init(&features, 3, 1 << 2);
    weir_text_table_cell(&features, "feature");
    weir_text_table_cell(&features, "type");
    weir_text_table_cell(&features, "numbers");
    json_array_foreach(json_object_get(json, "features"), i, feature)
    {
        weir_text_table_cell(&features, text_of(feature, "name"));
        weir_text_table_cell(&features, text_of(feature, "type"));
        weir_text_table_number(&features, number_of(feature, "width"));
    }
    weir_text_table_append(&features, 0, out);
}

static void append_model(struct weir_buffer *out, json_t *json)
{
    struct weir_text_table facts;
    struct weir_buffer text = { 0 };
    const json_t *label = json_object_get(json, "label");
    const json_t *classes = json_object_get(json, "classes");
    weir_text_table_init(&facts, 2, 0);
    weir_text_table_cell(&facts, "model");
    weir_buffer_format(&text, "%s (%s), %s", text_of(json, "form"), text_of(json, "model"), text_of(json, "task"));
    weir_text_table_cell(&facts, text.bytes ? text.bytes : "");
    weir_text_table_cell(&facts, "label");
    weir_buffer_clear(&text);
    weir_buffer_format(&text, "%s (%s)", text_of(label, "name"), text_of(label, "type"));
    weir_text_table_cell(&facts, text.bytes ? text.bytes : "");
    if (classes) {
        weir_buffer_clear(&text);
        append_value(&text, classes);
        weir_text_table_cell(&facts, "classes");
        weir_text_table_cell(&facts, text.bytes ? text.bytes : "");
    }
    if (json_object_get(json, "network")) {
        weir_text_table_cell(&facts, "network");
        weir_text_table_cell(&facts, text_of(json, "network"));
    }
    weir_text_table_cell(&facts, "size");
    weir_buffer_clear(&text);
    append_size(&text, number_of(json, "bytes"));
    weir_buffer_format(&text, ", %lld parameters", (long long)number_of(json, "parameters"));
    weir_text_table_cell(&facts, text.bytes ? text.bytes : "");
    weir_text_table_cell(&facts, "digest");
    weir_text_table_cell(&facts, text_of(json, "digest"));
    weir_text_table_cell(&facts, "plan");
    weir_text_table_cell(&facts, *text_of(json, "pipeline") ? text_of(json, "pipeline") : "none");
    weir_text_table_append(&facts, 0, out);
    out->failed |= text.failed;
    weir_buffer_release(&text);
    append_layers(out, json);
    append_weights(out, json_object_get(json, "weights"));
    append_features(out, json);
    append_training(out, json_object_get(json, "training"));
}

static int append_json(struct weir_buffer *out, const json_t *json)
{
    if (weir_json_dump(json, JSON_INDENT(2) | JSON_REAL_PRECISION(17), out, NULL) < 0)
        return -1;
    weir_buffer_byte(out, '\n');
    return 0;
}

static int append_stream(struct weir_buffer *out, const struct weir_survey *survey, const json_t *json)
{
    struct winsize window;
    int width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : 100;
    if (survey->wanted > 0) {
        if (weir_preview(survey->schema, &survey->first, -1, width, out) < 0)
            return -1;
        weir_buffer_byte(out, '\n');
    }
    append_columns(out, json);
    weir_buffer_format(out, "\n%lld row%s, %d column%s, ", (long long)survey->rows, survey->rows == 1 ? "" : "s",
                       survey->schema->count, survey->schema->count == 1 ? "" : "s");
    append_size(out, survey->bytes);
    weir_buffer_format(out, " in %lld batch%s%s\n", (long long)survey->batches, survey->batches == 1 ? "" : "es",
                       json_is_true(json_object_get(json, "complete")) ? "" : "; the stream is broken off here");
    append_pipeline(out, json);
    return 0;
}

static int write_out(struct weir_run *run, const struct weir_buffer *text, struct weir_error *error)
{
    return weir_buffer_check(text, error) < 0 ? -1 : weir_bytes_write(run, text->bytes, text->size, error);
}

/* A stream that breaks off is shown as far as it came, and is an error all the same. */
static int show_stream(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_input_options input_options = { .accept_broken = true };
    struct weir_error broken = { 0 };
    struct weir_input *input = NULL;
    struct weir_survey survey = { 0 };
    struct weir_batch batch = { 0 };
    struct weir_buffer text = { 0 };
    json_t *json = NULL;
    int got, result = -1;
    if (weir_input_open(&input, run, &input_options, error) < 0)
        return -1;
    if (weir_survey_begin(&survey, weir_input_schema(input), options->rows, error) < 0)
        goto cleanup;
    while ((got = weir_input_next(input, &batch, &broken)) > 0)
        if (weir_survey_add(&survey, &batch, error) < 0)
            goto cleanup;
    if (got < 0 && broken.status != WEIR_BAD_DATA) { /* not the stream's fault */
        *error = broken;
        goto cleanup;
    }
    json = weir_survey_json(&survey, got == 0, error);
    if (!json)
        goto cleanup;
    if (options->json ? append_json(&text, json) < 0 : append_stream(&text, &survey, json) < 0) {
        weir_fail_memory(error);
        goto cleanup;
    }
    result = write_out(run, &text, error);
    if (result == 0 && got < 0) {
        *error = broken;
        result = -1;
    }
cleanup:
    weir_batch_release(&batch);
    weir_survey_release(&survey);
    weir_input_close(input, NULL);
    weir_buffer_release(&text);
    json_decref(json);
    return result;
}

/* Takes the descriptor's bytes. */
static int show_model(struct weir_run *run, int descriptor, const char *name, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_model_file file = { 0 };
    struct weir_buffer bytes = { 0 }, text = { 0 };
    json_t *json = NULL;
    ssize_t got = 0;
    int result = -1;
    do {
        if (weir_buffer_reserve(&bytes, 1 << 16) < 0) {
            weir_fail_memory(error);
            goto cleanup;
        }
        got = weir_read_some(descriptor, bytes.bytes + bytes.size, 1 << 16);
        bytes.size += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    if (got < 0) {
        weir_fail_errno(error, WEIR_IO, "'%s'", name);
        goto cleanup;
    }
    char *memory = bytes.bytes;
    bytes.bytes = NULL;
    if (weir_model_file_parse(&file, memory, bytes.size, error) < 0) {
        weir_fail_in(error, "'%s'", name);
        goto cleanup;
    }
    json = weir_model_file_describe(&file, error);
    if (!json)
        goto cleanup;
    if (!options->json)
        append_model(&text, json);
    else if (append_json(&text, json) < 0)
        text.failed = true;
    result = write_out(run, &text, error);
cleanup:
    weir_buffer_release(&bytes);
    weir_buffer_release(&text);
    weir_model_file_release(&file);
    json_decref(json);
    return result;
}

/* Text, or the file's own JSON. */
static int show_profile(struct weir_run *run, int descriptor, const char *name, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_profile *profile = NULL;
    struct weir_buffer text = { 0 };
    if (profile_file_read(descriptor, name, &profile, error) < 0)
        return -1;
    if (options->json)
        weir_profile_write(profile, run->no_values, &text);
    else
        weir_profile_text(profile, PROFILE_FILE_TOP, run->no_values, &text);
    int result = write_out(run, &text, error);
    weir_buffer_release(&text);
    weir_profile_free(profile);
    return result;
}

static int run(struct weir_run *run, struct weir_error *error)
{
    unsigned char first[16];
    const char *name = run->operands.count ? run->operands.items[0] : "-";
    if (run->operands.count > 1)
        return show_stream(run, error);
    int descriptor = weir_operand_open_any(name, error);
    if (descriptor < 0)
        return -1;
    ssize_t seen = weir_operand_peek(descriptor, first, sizeof first);
    const char *shown = strcmp(name, "-") == 0 ? "standard input" : name;
    int result = -1;
    if (weir_model_file_sniff(first, (size_t)seen))
        result = show_model(run, descriptor, shown, error);
    else if (profile_file_is(descriptor))
        result = show_profile(run, descriptor, shown, error);
    else if (weir_operand_keep(run, 0, descriptor, error) == 0)
        result = show_stream(run, error);
    close(descriptor);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "show",
        .purpose = "print a stream, a model or a profile for people, or as JSON",
        .operands = "[FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
