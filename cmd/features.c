/* features: makes features of texts, images, numbers and rows over time. */
#include "text_options.h"
#include "wordvec_options.h"

struct options {
    const char *method, *into;
    struct weir_strings columns;
    struct text_options text;
    struct wordvec_options wordvec;
    int64_t width;
    bool binary, sublinear;
    const char *idf, *norm;
    struct weir_strings statistics, by;
    const char *window, *time, *prefix;
    bool tumbling, before;
    int64_t min_rows, ddof;
    struct stage_options stage;
};

static const struct options defaults = { .text = TEXT_DEFAULTS, .idf = "smooth", .width = 1 << 18, .min_rows = 1 };
static const struct options defaults = { .text = TEXT_DEFAULTS, .wordvec = WORDVEC_DEFAULTS, .idf = "smooth" };

static const struct weir_option options[] = {
    { .name = "method",
      .letter = 'm',
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, method),
      .argument = "METHOD",
      .help = "what features to make",
      .plan = true },
    { .name = "column",
      .letter = 'c',
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, columns),
      .argument = "COLUMN,...",
      .help = "of these columns",
      .plan = true },
    { .name = "into",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, into),
      .argument = "NAME",
      .help = "put them into a new column, and keep the old ones",
      .plan = true },
    TEXT_OPTIONS(struct options),
    { .name = "binary",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, binary),
      .help = "tfidf, counts, hash: 1 for a term that is there, however often",
      .plan = true },
    { .name = "sublinear",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, sublinear),
      .help = "tfidf, counts, hash: 1 + ln(count) for a count",
      .plan = true },
    { .name = "idf",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, idf),
      .argument = "smooth|plain|none",
      .help = "tfidf: how rare terms weigh more",
      .plan = true },
    { .name = "norm",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, norm),
      .argument = "l2|l1|none",
      .help = "tfidf, counts, hash: what length each row gets",
      .plan = true },
    { .name = "width",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, width),
      .argument = "N",
      .help = "hash: places of a row; wordvec: numbers of a vector",
      .minimum = 1,
      .maximum = 1 << 30,
      .plan = true },
    { .name = "statistics",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, statistics),
      .argument = "NAME,...",
      .help = "row, window: these (mean,deviation,minimum,maximum)",
      .plan = true },
    { .name = "ddof",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, ddof),
      .argument = "N",
      .help = "row, window: 0, a population's deviation, skewness and kurtosis; 1, a sample's (0)",
      .minimum = 0,
      .maximum = 1,
      .plan = true },
    { .name = "prefix",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, prefix),
      .argument = "TEXT",
      .help = "row, window: begin the names of the new columns so (row; window: nothing)",
      .plan = true },
    { .name = "window",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, window),
      .argument = "LENGTH",
      .help = "window: the last so many rows, or what lies within 90s, 30m, 12h, 7d or 2w",
      .plan = true },
    { .name = "tumbling",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, tumbling),
      .help = "window: windows one behind the other, each row's as far as it has come",
      .plan = true },
    { .name = "by",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, by),
      .argument = "COLUMN,...",
      .help = "window: rows that are equal in these columns are one series (those with the role group)",
      .plan = true },
    { .name = "time",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, time),
      .argument = "COLUMN",
      .help = "window: when a row was (the column with the role time)",
      .plan = true },
    { .name = "before",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, before),
      .help = "window: leave the row itself out of its window",
      .plan = true },
    { .name = "min-rows",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, min_rows),
      .argument = "N",
      .help = "window: nothing of fewer values than these (1)",
      .minimum = 1,
      .maximum = 1000000,
      .plan = true },
    WORDVEC_OPTIONS(struct options),
    STAGE_OPTIONS(struct options),
    WEIR_OPTIONS_END,
};

static int begin(struct weir_run *run, struct weir_stage *stage, struct weir_error *error)
{
    return wordvec_begin(&((struct options *)run->options)->wordvec, stage, error);
}

static int finish(struct weir_run *run, const struct weir_binding *binding, struct weir_error *error)
{
    return wordvec_finish(run, &((struct options *)run->options)->wordvec, binding->stage, error);
}

static int run(struct weir_run *run, struct weir_error *error)
{
    struct options *given = run->options;
    if (wordvec_check(run, &given->wordvec, &given->stage, error) < 0)
        return -1;
    given->stage.begin = begin;
    given->stage.finish = finish;
    return text_program_run(run, &given->text, &given->stage, error);
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "features",
        .purpose = "make features of texts, images, numbers and rows over time",
        .operands = "[FILE...]",
        .options = options,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
