/* profile: what stands in the columns of a stream. */
#include "profile_file.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    bool text, merge;
    const char *report;
    int64_t min_count, top;
};
static const struct options defaults = { .min_count = WEIR_PROFILE_MIN_COUNT, .top = PROFILE_FILE_TOP };

static const struct weir_option table[] = {
    { .name = "text",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, text),
      .help = "write text for people instead of JSON, as is done on a terminal" },
    { .name = "report",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, report),
      .argument = "FILE",
      .help = "write a page with plots to FILE (HTML) as well" },
    { .name = "merge",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, merge),
      .help = "fold the profiles that the operands name into one; read no stream" },
    { .name = "top",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, top),
      .argument = "N",
      .help = "show the N most frequent values in text and page",
      .minimum = 0,
      .maximum = 64 },
    { .name = "min-count",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, min_count),
      .argument = "N",
      .help = "keep no value among the most frequent that occurs less often",
      .minimum = 1,
      .maximum = 1e15 },
    WEIR_OPTIONS_END
};

/* ---- In --------------------------------------------------------------------------------------------------------- */

static int read_stream(struct weir_run *run, struct weir_profile **profile, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_input *input = NULL;
    struct weir_batch batch = { 0 };
    struct weir_profile_pass *pass = NULL;
    struct weir_progress *progress = NULL;
    int result = -1, got;
    if (weir_input_open(&input, run, &(struct weir_input_options){ 0 }, error))
        return -1;
    if (weir_profile_begin(&pass, weir_input_schema(input), 0, error))
        goto cleanup;
    progress = weir_progress_new(run, "rows", -1);
    while ((got = weir_input_next(input, &batch, error)) > 0) {
        if (weir_profile_add(pass, &batch, error))
            goto cleanup;
        weir_input_step(input, progress, NULL);
    }
    if (got == 0)
        result = weir_profile_end(pass, options->min_count, profile, error);
cleanup:
    weir_progress_free(progress);
    weir_batch_release(&batch);
    weir_profile_pass_free(pass);
    if (weir_input_close(input, result ? NULL : error))
        result = -1;
    return result;
}

/* Opens the operand: 1 it is a profile, 0 it is not, -1 error. *descriptor: to be closed; -1 on an error. */
static int open_profile(const char *name, int *descriptor, struct weir_error *error)
{
    *descriptor = weir_operand_open_any(name, error);
    return *descriptor < 0 ? -1 : profile_file_is(*descriptor);
}

static const char *shown_name(const char *operand)
{
    return strcmp(operand, "-") == 0 ? "standard input" : operand;
}

static int merge_operand(const char *operand, struct weir_profile **profile, struct weir_error *error)
{
    struct weir_profile *other = NULL;
    int descriptor, found = open_profile(operand, &descriptor, error), result = -1;
    if (found == 0)
        weir_fail(error, WEIR_BAD_DATA, "'%s' is no profile, and --merge reads nothing else", shown_name(operand));
    else if (found > 0)
        result = profile_file_read(descriptor, shown_name(operand), &other, error);
    if (descriptor >= 0)
        close(descriptor);
    if (result == 0 && !*profile) {
        *profile = other;
        return 0;
    }
    if (result == 0 && (result = weir_profile_merge(*profile, other, error)) < 0)
        weir_fail_in(error, "'%s'", shown_name(operand));
    weir_profile_free(other);
    return result;
}

/* What is said of the rows of a stream would be silently without effect on profiles, which are all that is read. */
static int refuse_options(const struct weir_run *run, struct weir_error *error)
{
    static const char *const names[] = { "min-count", "label", "id", "weight", "drop" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (weir_strings_contain(&run->given, names[i]))
            return weir_fail(error, WEIR_USAGE, "--%s is for a stream: a profile is read as it was made", names[i]);
    return 0;
}

static int read_input(struct weir_run *run, struct weir_profile **profile, struct weir_error *error)
{
    const struct options *options = run->options;
    const char *first = run->operands.count ? run->operands.items[0] : "-";
    if (options->merge) {
        if (run->operands.count == 0)
            return weir_fail(error, WEIR_USAGE, "--merge takes the files of profiles as operands");
        if (refuse_options(run, error))
            return -1;
        for (size_t i = 0; i < run->operands.count; i++)
            if (merge_operand(run->operands.items[i], profile, error))
                return -1;
        return 0;
    }
    int descriptor, found = open_profile(first, &descriptor, error), result = -1;
    if (found > 0 && run->operands.count > 1)
        weir_fail(error, WEIR_USAGE, "'%s' is a profile: --merge folds several into one", shown_name(first));
    else if (found > 0 && refuse_options(run, error) == 0)
        result = profile_file_read(descriptor, shown_name(first), profile, error);
    else if (found == 0 && weir_operand_keep(run, 0, descriptor, error) == 0)
        result = read_stream(run, profile, error);
    if (descriptor >= 0)
        close(descriptor);
    return result;
}

/* ---- Out -------------------------------------------------------------------------------------------------------- */

static int write_profile(struct weir_run *run, const struct weir_profile *profile, struct weir_error *error)
{
    const struct options *options = run->options;
    bool text = options->text || (!run->output && isatty(STDOUT_FILENO));
    struct weir_buffer out = { 0 };
    if (text)
        weir_profile_text(profile, (int)options->top, run->no_values, &out);
    else
        weir_profile_write(profile, run->no_values, &out);
    int result = weir_buffer_check(&out, error);
    if (result == 0)
        result = weir_bytes_write(run, out.bytes, out.size, error);
    weir_buffer_release(&out);
    return result;
}

static int write_page(struct weir_run *run, const struct weir_profile *profile, struct weir_output *output,
                      struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_buffer page = { 0 };
    weir_profile_page(profile, (int)options->top, run->no_values, &page);
    int result = weir_buffer_check(&page, error);
    if (result == 0 && weir_write_full(output->descriptor, page.bytes, page.size) < 0)
        result = weir_fail_errno(error, WEIR_IO, "cannot write '%s'", options->report);
    weir_buffer_release(&page);
    return result;
}

static int run_profile(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_profile *profile = NULL;
    struct weir_output output = { .descriptor = -1 };
    bool open = false;
    int result = -1;
    if (weir_run_check_files(run, "the profile", &(struct weir_named_file){ "report", options->report }, 1, error))
        return -1;
    if (options->report) {
        if (weir_output_open(&output, options->report, error))
            return -1;
        open = true;
    }
    if (read_input(run, &profile, error) || (open && write_page(run, profile, &output, error)) ||
        write_profile(run, profile, error))
        goto cleanup;
    if (open) {
        open = false;
        if (weir_output_commit(&output, error))
            goto cleanup;
    }
    weir_note(run, "%lld rows, %d columns", (long long)weir_profile_rows(profile), weir_profile_columns(profile));
    result = 0;
cleanup:
    if (open)
        weir_output_abandon(&output);
    weir_profile_free(profile);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = { .name = "profile",
                                                 .purpose = "tell what stands in each column of a stream",
                                                 .operands = "[FILE...]",
                                                 .options = table,
                                                 .options_size = sizeof(struct options),
                                                 .defaults = &defaults,
                                                 .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES,
                                                 .run = run_profile };
    return weir_program_main(&program, argc, argv);
}
