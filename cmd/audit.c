/* audit: what is wrong with rows before a model learns from them. */
#include "model/audit.h"
#include "table_input.h"
#include <inttypes.h>
#include <string.h>

struct options {
    struct weir_strings checks, near, without, fail_over;
    const char *against;
    double threshold, gives_away, outlier, far_away;
    int64_t folds, memory, top;
    bool json, mark;
};
static const struct options defaults = { .threshold = 0.8,
                                         .gives_away = 0.8,
                                         .outlier = 0.6,
                                         .far_away = 5,
                                         .folds = 5,
                                         .memory = (int64_t)1 << 30,
                                         .top = 10 };

static const struct weir_option table[] = {
    { .name = "checks",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, checks),
      .argument = "CHECK,...",
      .help = "make these: split, columns, labels, outliers (without it: all that can be made)",
      .plan = true },
    { .name = "against",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, against),
      .argument = "FILE",
      .help = "the other side of the split: rows that stand there too are found" },
    { .name = "near",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, near),
      .argument = "COLUMN[=T],...",
      .help = "find rows of both sides that are nearly equal here too: in a text, an image, or several columns",
      .plan = true },
    { .name = "threshold",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, threshold),
      .argument = "T",
      .help = "how alike they are at least, where a column has no threshold of its own",
      .minimum = 0.001,
      .maximum = 1,
      .plan = true },
    { .name = "gives-away",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, gives_away),
      .argument = "SHARE",
      .help = "a column gives the label away when it explains so much of it",
      .minimum = 0.01,
      .maximum = 1,
      .plan = true },
    { .name = "folds",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, folds),
      .argument = "N",
      .help = "learn from all folds but one, and judge that one",
      .minimum = 2,
      .maximum = 100,
      .plan = true },
    { .name = "outlier",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, outlier),
      .argument = "SCORE",
      .help = "a row is an outlier from this isolation score on",
      .minimum = 0,
      .maximum = 1,
      .plan = true },
    { .name = "far",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, far_away),
      .argument = "TIMES",
      .help = "or with a value so many times as far from the median as the column's last percent",
      .minimum = 1,
      .maximum = 1e9,
      .plan = true },
    { .name = "top",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, top),
      .argument = "N",
      .help = "tell N findings of a kind; 0: all",
      .minimum = 0,
      .maximum = INT64_MAX / 2 },
    { .name = "json",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, json),
      .help = "write one JSON object instead of text" },
    { .name = "mark",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, mark),
      .help = "write no report, but the rows, with columns that say what was found",
      .plan = true },
    { .name = "without",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, without),
      .argument = "NAME,...",
      .help = "write no report, but the rows without those found: split, near, groups, labels, outliers",
      .plan = true },
    { .name = "fail-over",
      .kind = WEIR_OPTION_REPEAT,
      .offset = offsetof(struct options, fail_over),
      .argument = "NAME=COUNT",
      .help = "exit with status 1 when there are more findings (or more than P%); may be repeated" },
    { .name = "memory",
      .kind = WEIR_OPTION_SIZE,
      .offset = offsetof(struct options, memory),
      .argument = "SIZE",
      .help = "rows held in memory; more go to $TMPDIR",
      .minimum = 1 << 20,
      .maximum = 0x1p50 },
    WEIR_OPTIONS_END
};

/* The number of limits that do not hold. */
static int hold_limits(const struct weir_run *run, const struct weir_audit *audit, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_buffer why = { 0 };
    int failed = 0;
    for (size_t i = 0; i < options->fail_over.count; i++) {
        struct weir_audit_limit limit;
        if (weir_audit_limit_parse(options->fail_over.items[i], &limit, error))
            return -1;
        if (weir_audit_limit_holds(audit, &limit, &why))
            continue;
        failed++;
        weir_warn(run, "%s", why.bytes ? why.bytes : "");
        weir_buffer_release(&why);
    }
    return failed;
}

static int read_checks(const struct weir_strings *texts, struct weir_audit_options *how, struct weir_error *error)
{
    for (size_t i = 0; i < texts->count; i++) {
        int check = weir_audit_check_parse(texts->items[i]);
        if (check < 0)
            return weir_fail(error, WEIR_USAGE,
                             "option '--checks': '%s' is none of split, columns, labels and outliers", texts->items[i]);
        how->checks[check] = true;
    }
    return 0;
}

static int read_without(const struct weir_strings *texts, struct weir_audit_options *how, struct weir_error *error)
{
    for (size_t i = 0; i < texts->count; i++) {
        int finding = weir_audit_finding_parse(texts->items[i], strlen(texts->items[i]));
        if (finding < 0 || finding >= WEIR_AUDIT_ROW_FINDINGS)
            return weir_fail(error, WEIR_USAGE,
                             "option '--without': '%s' is none of split, near, groups, labels and outliers",
                             texts->items[i]);
        how->without[finding] = true;
    }
    return 0;
}

static bool writes_rows(const struct options *options)
{
    return options->mark || options->without.count;
}

static int make_options(const struct weir_run *run, struct weir_audit_options *how, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_audit_limit limit;
    *how = (struct weir_audit_options){ .near = (const char *const *)options->near.items,
                                        .near_count = options->near.count,
                                        .threshold = options->threshold,
                                        .against = options->against,
                                        .folds = (int)options->folds,
                                        .gives_away = options->gives_away,
                                        .outlier = options->outlier,
                                        .far_away = options->far_away,
                                        .memory = options->memory,
                                        .top = options->top,
                                        .seed = run->seed,
                                        .no_values = run->no_values,
                                        .mark = options->mark };
    for (size_t i = 0; i < options->fail_over.count; i++)
        if (weir_audit_limit_parse(options->fail_over.items[i], &limit, error))
            return -1;
    if (writes_rows(options) && options->json)
        return weir_fail(error, WEIR_USAGE, "--json is not for --mark and --without: rows are written, or a report");
    if (read_checks(&options->checks, how, error) || read_without(&options->without, how, error))
        return -1;
    if (options->checks.count && !how->checks[WEIR_AUDIT_SPLIT] && (how->against || how->near_count))
        return weir_fail(error, WEIR_USAGE, "%s is for the check split, which --checks leaves out",
                         how->against ? "--against" : "--near");
    return 0;
}

/* The other side, which is read behind the rows. */
static int read_against(void *context, struct weir_audit *audit, struct weir_error *error)
{
    struct weir_run *run = context;
    const struct options *options = run->options;
    struct table_input other = { 0 };
    struct weir_batch batch = { 0 };
    int got = -1;
    if (!options->against)
        return 0;
    if (table_open(&other, run, options->against, NULL, error))
        return -1;
    if (weir_audit_against_begin(audit, weir_input_schema(other.input), error) == 0)
        while ((got = weir_input_next(other.input, &batch, error)) > 0)
            if (weir_audit_against_add(audit, &batch, error)) {
                got = -1;
                break;
            }
    weir_batch_release(&batch);
    if (table_close(&other, got ? NULL : error))
        got = -1;
    return got;
}

static int read_rows(struct weir_input *input, struct weir_run *run, struct weir_audit *audit, struct weir_error *error)
{
    struct weir_progress *progress = weir_progress_new(run, "rows", -1);
    struct weir_batch batch = { 0 };
    int got;
    while ((got = weir_input_next(input, &batch, error)) > 0) {
        if (weir_audit_add(audit, &batch, error)) {
            got = -1;
            break;
        }
        weir_input_step(input, progress, NULL);
    }
    weir_batch_release(&batch);
    weir_progress_free(progress);
    return got;
}

/* ---- A report ----------------------------------------------------------------------------------------------- */

static int write_report(struct weir_run *run, const struct weir_audit *audit, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_buffer text = { 0 };
    if (options->json)
        weir_audit_json(audit, &text);
    else
        weir_audit_text(audit, &text);
    int result = weir_buffer_check(&text, error);
    if (result == 0)
        result = weir_bytes_write(run, text.bytes, text.size, error);
    weir_buffer_release(&text);
    return result;
}

static int report(struct weir_run *run, const struct weir_audit_options *how, struct weir_error *error)
{
    struct weir_input *input = NULL;
    struct weir_audit *audit = NULL;
    struct weir_buffer summary = { 0 };
    int result = -1;
    if (weir_input_open(&input, run, &(struct weir_input_options){ 0 }, error))
        return -1;
    if (weir_audit_new(&audit, weir_input_schema(input), how, error) || read_rows(input, run, audit, error) ||
        read_against(run, audit, error) || weir_audit_finish(audit, error) || write_report(run, audit, error))
        goto cleanup;
    weir_audit_summary(audit, &summary);
    weir_note(run, "%" PRId64 " rows in: %s", weir_input_rows(input), summary.bytes ? summary.bytes : "");
    result = hold_limits(run, audit, error);
cleanup:
    weir_buffer_release(&summary);
    weir_audit_free(audit);
    if (weir_input_close(input, result < 0 ? NULL : error))
        result = -1;
    return result;
}

/* ---- Or the rows -------------------------------------------------------------------------------------------- */

static json_t *make_step(const struct weir_run *run)
{
    struct weir_buffer text = { 0 };
    weir_options_json(table, run->options, &run->given, &text);
    json_t *step = text.failed ? NULL : json_loadb(text.bytes, text.size, 0, NULL);
    weir_buffer_release(&text);
    return step;
}

static int write_rows(struct weir_run *run, const struct weir_audit_options *how, struct weir_error *error)
{
    struct weir_audit_filter audit = {
        .options = how, .step = make_step(run), .context = run, .read_against = read_against
    };
    struct weir_filter filter;
    weir_audit_filter(&filter, &audit);
    int result = weir_filter_run(run, &filter, error);
    if (result == 0)
        result = hold_limits(run, audit.audit, error);
    weir_audit_filter_release(&audit);
    return result;
}

static int run_audit(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_audit_options how;
    run->streams = writes_rows(options);
    if (make_options(run, &how, error))
        return -1;
    int result = writes_rows(options) ? write_rows(run, &how, error) : report(run, &how, error);
    return result > 0 ? WEIR_CHECK_FAILED : result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = { .name = "audit",
                                                 .purpose = "find what is wrong with rows before a model learns them",
                                                 .operands = "[FILE...]",
                                                 .options = table,
                                                 .options_size = sizeof(struct options),
                                                 .defaults = &defaults,
                                                 .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_TAKES_SEED,
                                                 .run = run_audit };
    return weir_program_main(&program, argc, argv);
}
