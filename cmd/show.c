/* show: print a stream, a model or a profile for people, or as JSON. */
#include "base/descriptor.h"
#include "cli/stream_io.h"
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
    weir_survey_text(survey, json, out);
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
    struct weir_buffer text = { 0 };
    json_t *json = NULL;
    char *memory = NULL;
    size_t size = 0;
    int result = -1;
    if (weir_read_whole(descriptor, name, SIZE_MAX - 1, &memory, &size, error) < 0)
        return -1;
    if (weir_model_file_parse(&file, memory, size, error) < 0) {
        weir_fail_in(error, "'%s'", name);
        goto cleanup;
    }
    json = weir_model_file_describe(&file, error);
    if (!json)
        goto cleanup;
    if (!options->json)
        weir_model_file_text(json, &text);
    else if (append_json(&text, json) < 0)
        text.failed = true;
    result = write_out(run, &text, error);
cleanup:
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
