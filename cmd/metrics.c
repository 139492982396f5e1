/* metrics: how good the predictions of a scored stream are. */
#include "base/descriptor.h"
#include "base/number.h"
#include "cli/stream_io.h"
#include "eval/page.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool json;
    const char *report;
    struct weir_strings by, fail_under;
    int64_t bootstrap;
    double confidence;
    const char *task;
};
static const struct options defaults = { .confidence = 0.95, .task = "auto" };

static const char *const tasks[] = { "auto", "classify", "regress", NULL };
static const struct weir_option table[] = {
    { .name = "json",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, json),
      .help = "write one JSON object instead of text" },
    { .name = "report",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, report),
      .argument = "FILE",
      .help = "write a page of HTML with tables and plots as well" },
    { .name = "by",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, by),
      .argument = "COLUMN,...",
      .help = "measure the rows with each value of COLUMN as well" },
    { .name = "fail-under",
      .kind = WEIR_OPTION_REPEAT,
      .offset = offsetof(struct options, fail_under),
      .argument = "NAME=VALUE",
      .help = "exit with status 1 when the metric is worse than VALUE; may be repeated" },
    { .name = "bootstrap",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, bootstrap),
      .argument = "N",
      .help = "add confidence intervals from N samples of the rows",
      .minimum = 0,
      .maximum = 1000000 },
    { .name = "confidence",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, confidence),
      .argument = "SHARE",
      .help = "how sure the intervals are",
      .minimum = 0.01,
      .maximum = 0.9999 },
    { .name = "task",
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, task),
      .argument = "TASK",
      .help = "what the predictions are",
      .choices = tasks },
    WEIR_OPTIONS_END
};

/* One --fail-under. */
struct check {
    char *name; /* owned */
    double bound;
};

static int read_checks(const struct weir_strings *texts, struct check *checks, struct weir_error *error)
{
    for (size_t i = 0; i < texts->count; i++) {
        const char *text = texts->items[i], *equals = strchr(text, '=');
        if (!equals || !weir_parse_double(equals + 1, strlen(equals + 1), &checks[i].bound) ||
            checks[i].bound != checks[i].bound)
            return weir_fail(error, WEIR_USAGE, "option '--fail-under' takes NAME=VALUE, not '%s'", text);
        checks[i].name = weir_duplicate_bytes(text, (size_t)(equals - text));
        if (!checks[i].name)
            return weir_fail_memory(error);
        if (!weir_metric_is_known(checks[i].name))
            return weir_fail(error, WEIR_USAGE, "option '--fail-under': '%s' is no metric", checks[i].name);
    }
    return 0;
}

/* Before anything is written: each name must belong to the task. */
static int find_checks(const struct check *checks, size_t count, const struct weir_metrics *metrics,
                       struct weir_error *error)
{
    double value;
    bool less;
    for (size_t i = 0; i < count; i++)
        if (!weir_metrics_find(metrics, checks[i].name, &value, &less))
            return weir_fail(error, WEIR_USAGE, "option '--fail-under': a %s has no '%s'",
                             metrics->numbers ? "regression" : "classification", checks[i].name);
    return 0;
}

/* The number of checks that do not hold; a metric that is not defined holds none. */
static int hold_checks(const struct weir_run *run, const struct check *checks, size_t count,
                       const struct weir_metrics *metrics)
{
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        double value = 0, bound = checks[i].bound;
        bool less_is_better = false;
        weir_metrics_find(metrics, checks[i].name, &value, &less_is_better);
        if (less_is_better ? value <= bound : value >= bound)
            continue;
        failed++;
        if (value != value)
            weir_warn(run, "%s is not defined for these rows and cannot reach %.10g", checks[i].name, bound);
        else
            weir_warn(run, "%s is %.10g, %s %.10g", checks[i].name, value, less_is_better ? "above" : "below", bound);
    }
    return failed;
}

static int read_predictions(struct weir_run *run, struct weir_predictions *predictions, struct weir_error *error)
{
    const struct options *options = run->options;
    enum weir_evaluation_task task = strcmp(options->task, "auto") == 0       ? WEIR_EVALUATE_AS_FOUND
                                     : strcmp(options->task, "classify") == 0 ? WEIR_EVALUATE_CLASSES
                                                                              : WEIR_EVALUATE_NUMBERS;
    struct weir_input *input = NULL;
    struct weir_batch batch = { 0 };
    struct weir_progress *progress = NULL;
    int result = -1, got;
    if (weir_input_open(&input, run, &(struct weir_input_options){ 0 }, error))
        return -1;
    if (weir_predictions_begin(predictions, weir_input_schema(input), task, options->by.items, options->by.count,
                               error))
        goto cleanup;
    progress = weir_progress_new(run, "rows", -1);
    while ((got = weir_input_next(input, &batch, error)) > 0) {
        if (weir_predictions_add(predictions, &batch, error))
            goto cleanup;
        weir_progress_step(progress, predictions->read, NULL);
    }
    if (got == 0)
        result = weir_predictions_end(predictions, error);
cleanup:
    weir_progress_free(progress);
    weir_batch_release(&batch);
    if (weir_input_close(input, result ? NULL : error))
        result = -1;
    return result;
}

static int write_report(struct weir_run *run, const struct weir_report *report, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_buffer text = { 0 };
    if (options->json)
        weir_report_json(report, &text);
    else
        weir_report_text(report, &text);
    int result = weir_buffer_check(&text, error);
    if (result == 0)
        result = weir_bytes_write(run, text.bytes, text.size, error);
    weir_buffer_release(&text);
    return result;
}

/* The page of --report appears when the report itself has been written. */
static int write_page(const struct weir_run *run, const struct weir_report *report,
                      const struct weir_predictions *predictions, struct weir_output *file, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_buffer page = { 0 };
    int result = weir_page_write(report, predictions, run->seed, &page, error);
    if (result == 0 && weir_write_full(file->descriptor, page.bytes, page.size) < 0)
        result = weir_fail_errno(error, WEIR_IO, "cannot write '%s'", options->report);
    weir_buffer_release(&page);
    return result;
}

static void say_summary(const struct weir_run *run, const struct weir_predictions *predictions)
{
    if (predictions->strange)
        weir_warn(run, "%" PRId64 " row%s a label that the model does not know", predictions->strange,
                  predictions->strange == 1 ? " has" : "s have");
    weir_note(
        run, "%" PRId64 " rows in, %" PRId64 " measured, %" PRId64 " without a label, %" PRId64 " without a prediction",
        predictions->read, predictions->rows, predictions->unlabelled, predictions->unpredicted);
}

static int run_metrics(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    const struct weir_bootstrap bootstrap = { options->bootstrap, options->confidence, run->seed };
    struct weir_predictions predictions = { 0 };
    struct weir_report report = { 0 };
    struct weir_output page;
    bool page_open = false;
    size_t count = options->fail_under.count;
    struct check *checks = weir_allocate_zero(count, sizeof *checks);
    int result = -1;
    if (!checks)
        return weir_fail_memory(error);
    if (weir_run_check_files(run, "the metrics", &(struct weir_named_file){ "report", options->report }, 1, error) ||
        (options->report && weir_output_open(&page, options->report, error)))
        goto cleanup;
    page_open = options->report != NULL;
    if (read_checks(&options->fail_under, checks, error) || read_predictions(run, &predictions, error) ||
        weir_report_measure(&report, &predictions, &bootstrap, error) ||
        find_checks(checks, count, &report.whole, error) ||
        (page_open && write_page(run, &report, &predictions, &page, error)) || write_report(run, &report, error))
        goto cleanup;
    if (page_open) {
        page_open = false;
        if (weir_output_commit(&page, error))
            goto cleanup;
    }
    say_summary(run, &predictions);
    result = hold_checks(run, checks, count, &report.whole) ? WEIR_CHECK_FAILED : 0;
cleanup:
    if (page_open)
        weir_output_abandon(&page);
    for (size_t i = 0; i < count; i++)
        free(checks[i].name);
    free(checks);
    weir_report_release(&report);
    weir_predictions_release(&predictions, false);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = { .name = "metrics",
                                                 .purpose = "measure predictions against labels",
                                                 .operands = "[FILE...]",
                                                 .options = table,
                                                 .options_size = sizeof(struct options),
                                                 .defaults = &defaults,
                                                 .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_TAKES_SEED,
                                                 .run = run_metrics };
    return weir_program_main(&program, argc, argv);
}
