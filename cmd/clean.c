/* clean: puts the values of a stream right: fills, drops, marks, checks, smooths. */
#include "stage/clean.h"
#include "stage/clean_report.h"
#include "stage_program.h"

struct options {
    struct weir_strings missing, ranges, allowed, means_missing, outlier_columns, text_columns, smooth, smooth_by,
        numbers, units, dates, times;
    bool flag_missing, keep_unlabelled, drop_controls, squeeze, trim, drop_constant;
    const char *rules, *counts, *report;
    const char *bad_value, *outliers, *outlier_action, *html, *unicode, *urls, *emails, *letters;
    double outlier_factor;
    int64_t repeats;
    struct stage_options stage;
    struct reporting *reporting; /* --report, while it is made */
};

static const char *const bad_values[] = { "null", "drop", "clip", NULL };
static const char *const outlier_methods[] = { "iqr", "zscore", "mad", NULL };
static const char *const outlier_actions[] = { "clip", "null", "drop", NULL };
static const char *const html_kinds[] = { "text", "entities", NULL };
static const char *const unicode_forms[] = { "nfc", "nfkc", NULL };
static const char *const cases[] = { "lower", "upper", "fold", NULL };

static const struct weir_option options[] = {
    { .name = "missing",
      .letter = 'm',
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, missing),
      .argument = "[COLUMN=]RULE,...",
      .help = "drop, mean, median, mode, constant=VALUE, category or keep",
      .plan = true },
    { .name = "flag-missing",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, flag_missing),
      .help = "add a column NAME_missing for each column where values are missing",
      .plan = true },
    { .name = "keep-unlabelled",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, keep_unlabelled),
      .help = "keep rows without a label",
      .plan = true },
    { .name = "range",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, ranges),
      .argument = "COLUMN=LOW..HIGH,...",
      .help = "values outside are bad",
      .plan = true },
    { .name = "allow",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, allowed),
      .argument = "COLUMN=A|B|C,...",
      .help = "all other values are bad",
      .plan = true },
    { .name = "means-missing",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, means_missing),
      .argument = "COLUMN=A|B|C,...",
      .help = "these values stand for missing ones",
      .plan = true },
    { .name = "bad-value",
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, bad_value),
      .argument = "ACTION",
      .help = "what happens to a bad value (drop: to its row; clip: to the range)",
      .choices = bad_values,
      .plan = true },
    { .name = "outliers",
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, outliers),
      .argument = "METHOD",
      .help = "look for outliers by this rule",
      .choices = outlier_methods,
      .plan = true },
    { .name = "outlier-factor",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, outlier_factor),
      .argument = "NUMBER",
      .help = "how far out: 1.5 (iqr), 3 (zscore) or 3.5 (mad) when not given",
      .minimum = 0,
      .maximum = 1e6,
      .plan = true },
    { .name = "outlier-action",
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, outlier_action),
      .argument = "ACTION",
      .help = "what happens to an outlier (drop: to its row)",
      .choices = outlier_actions,
      .plan = true },
    { .name = "outlier-columns",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, outlier_columns),
      .argument = "COLUMN,...",
      .help = "look for outliers only there",
      .plan = true },
    { .name = "html",
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, html),
      .argument = "KIND",
      .help = "the text of HTML: without its tags (text), or its entities alone decoded",
      .choices = html_kinds,
      .plan = true },
    { .name = "unicode",
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, unicode),
      .argument = "FORM",
      .help = "the normal form of text",
      .choices = unicode_forms,
      .plan = true },
    { .name = "drop-controls",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, drop_controls),
      .help = "take control characters and unseen format characters out of text",
      .plan = true },
    { .name = "urls",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, urls),
      .argument = "RULE",
      .help = "addresses of the web in text: remove, token (<url>) or constant=TEXT",
      .plan = true },
    { .name = "emails",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, emails),
      .argument = "RULE",
      .help = "addresses of mail in text: remove, token (<email>) or constant=TEXT",
      .plan = true },
    { .name = "repeats",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, repeats),
      .argument = "N",
      .help = "leave at most so many of the same character side by side in text",
      .minimum = 1,
      .maximum = 1000,
      .plan = true },
    { .name = "squeeze",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, squeeze),
      .help = "make every run of white space in text one blank",
      .plan = true },
    { .name = "case",
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, letters),
      .argument = "CASE",
      .help = "change the letters of text",
      .choices = cases,
      .plan = true },
    { .name = "trim",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, trim),
      .help = "take white space off both ends of text; what is left empty is missing",
      .plan = true },
    { .name = "text-columns",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, text_columns),
      .argument = "COLUMN,...",
      .help = "treat text only there",
      .plan = true },
    { .name = "numbers",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, numbers),
      .argument = "COLUMN[=point|comma],...",
      .help = "make numbers of text such as 1,234.5 (comma: 1.234,5)",
      .plan = true },
    { .name = "units",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, units),
      .argument = "COLUMN=UNIT,...",
      .help = "make numbers in this unit of text such as 12 km",
      .plan = true },
    { .name = "dates",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, dates),
      .argument = "COLUMN[=FORM],...",
      .help = "make dates of text; FORM: ymd, dmy, mdy, unix, unix-ms or excel",
      .plan = true },
    { .name = "times",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, times),
      .argument = "COLUMN[=FORM],...",
      .help = "make dates with a time of text",
      .plan = true },
    { .name = "drop-constant",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, drop_constant),
      .help = "leave out columns that have one value only",
      .plan = true },
    { .name = "rules",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, rules),
      .argument = "FILE",
      .help = "check the rules in FILE (JSON, see weir-rules(5)) and do what they say",
      .plan = true },
    { .name = "counts",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, counts),
      .argument = "FILE",
      .help = "write to FILE, in JSON, how often each rule was broken" },
    { .name = "smooth",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, smooth),
      .argument = "COLUMN=FILTER,...",
      .help = "smooth a series by median:WINDOW or exponential:ALPHA",
      .plan = true },
    { .name = "smooth-by",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, smooth_by),
      .argument = "COLUMN,...",
      .help = "rows that are equal in these columns are one series (without it: in those with the role group)",
      .plan = true },
    { .name = "report",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, report),
      .argument = "FILE",
      .help = "write a page about what was changed, with examples, to FILE (HTML)" },
    STAGE_OPTIONS(struct options),
    WEIR_OPTIONS_END,
};

enum { RULES_LIMIT = 1 << 20 };

/* {"rules": what stands in the file}, for the plan holds the rules and not their path. */
static json_t *read_rules(const char *path, struct weir_error *error)
{
    char *text = NULL;
    size_t size;
    if (weir_read_file(path, RULES_LIMIT, &text, &size, error) < 0)
        return NULL;
    json_t *rules = weir_clean_rules_parse(text, size, error);
    free(text);
    if (!rules) {
        weir_fail_in(error, "%s", path);
        return NULL;
    }
    json_t *given = json_pack("{s:o}", "rules", rules);
    if (!given)
        weir_fail_memory(error);
    return given;
}

static int write_counts(struct weir_run *run, const struct weir_binding *binding, struct weir_error *error)
{
    const struct options *given = run->options;
    struct weir_buffer text = { 0 };
    int result = weir_clean_rules_report(binding, &text, error);
    weir_buffer_byte(&text, '\n');
    if (result == 0 && (result = weir_buffer_check(&text, error)) == 0)
        result = stage_write_file(given->counts, &text, error);
    weir_buffer_release(&text);
    return result;
}

/* The page appears when the stream is complete; its file is opened before, so that a path that cannot be written is
 * told before the work. */
struct reporting {
    struct weir_clean_report *report;
    struct weir_output output;
    bool open;
};

static int begin_report(struct weir_run *run, struct weir_stage *stage, struct weir_error *error)
{
    const struct options *given = run->options;
    struct reporting *reporting = given->reporting;
    if (weir_clean_report_begin(&reporting->report, stage, run->no_values, error) < 0 ||
        weir_output_open(&reporting->output, given->report, error) < 0)
        return -1;
    reporting->open = true;
    return 0;
}

static int write_page(struct weir_run *run, struct weir_error *error)
{
    const struct options *given = run->options;
    struct reporting *reporting = given->reporting;
    struct weir_buffer page = { 0 };
    int result = weir_clean_report_page(reporting->report, &page, error);
    if (result == 0) {
        reporting->open = false;
        result = stage_write_output(&reporting->output, given->report, &page, error);
    }
    weir_buffer_release(&page);
    return result;
}

static void end_report(struct reporting *reporting)
{
    if (reporting->open)
        weir_output_abandon(&reporting->output);
    weir_clean_report_free(reporting->report);
}

static int finish(struct weir_run *run, const struct weir_binding *binding, struct weir_error *error)
{
    const struct options *given = run->options;
    if (given->counts && write_counts(run, binding, error) < 0)
        return -1;
    return given->report ? write_page(run, error) : 0;
}

static int check_files(const struct weir_run *run, struct weir_error *error)
{
    const struct options *given = run->options;
    const struct weir_named_file files[] = { { "report", given->report },
                                             { "counts", given->counts },
                                             { "save-state", given->stage.save_state } };
    if (given->report && given->stage.merge)
        return weir_fail(error, WEIR_USAGE, "--report cannot stand beside --merge, which reads no stream");
    return weir_run_check_files(run, "the stream", files, sizeof files / sizeof *files, error);
}

static int run(struct weir_run *run, struct weir_error *error)
{
    struct options *given = run->options;
    struct stage_options stage = given->stage;
    struct reporting reporting = { 0 };
    json_t *rules = NULL;
    if (given->counts && !given->rules && !given->stage.state)
        return weir_fail(error, WEIR_USAGE, "--counts needs --rules");
    if (check_files(run, error) < 0)
        return -1;
    given->reporting = &reporting;
    stage.begin = given->report ? begin_report : NULL;
    stage.finish = finish;
    if (given->rules && !(rules = read_rules(given->rules, error)))
        return -1;
    stage.files = rules;
    int result = stage_program_run(run, &stage, error);
    json_decref(rules);
    end_report(&reporting);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "clean",
        .purpose = "put values right: text, numbers, dates, what is missing, bad or noisy",
        .operands = "[FILE...]",
        .options = options,
        .options_size = sizeof(struct options),
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
