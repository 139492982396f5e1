/* encode: turns text, dates and times into numbers. */
#include "stage_program.h"

struct options {
    struct weir_strings methods, columns, order, parts;
    int64_t min_count, max_categories, width, folds;
    double smoothing;
    struct stage_options stage;
};

static const struct options defaults = { .min_count = 5, .width = 32, .folds = 5, .smoothing = 10 };

static const struct weir_option options[] = {
    { .name = "method",
      .letter = 'm',
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, methods),
      .argument = "[COLUMN=]METHOD,...",
      .help = "onehot, ordinal, frequency, hash, target or cyclic",
      .plan = true },
    { .name = "column",
      .letter = 'c',
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, columns),
      .argument = "COLUMN,...",
      .help = "only these columns",
      .plan = true },
    { .name = "min-count",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, min_count),
      .argument = "N",
      .help = "values seen fewer times pool into one",
      .minimum = 1,
      .maximum = 1e9,
      .plan = true },
    { .name = "max-categories",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, max_categories),
      .argument = "N",
      .help = "keep the N most frequent values of a column",
      .minimum = 1,
      .maximum = 8192,
      .plan = true },
    { .name = "order",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, order),
      .argument = "[COLUMN=]VALUE,...",
      .help = "ordinal: the values in their order",
      .plan = true },
    { .name = "width",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, width),
      .argument = "N",
      .help = "hash: numbers that a column becomes",
      .minimum = 1,
      .maximum = 4096,
      .plan = true },
    { .name = "smoothing",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, smoothing),
      .argument = "NUMBER",
      .help = "target: rows that the mean of all rows counts as",
      .minimum = 0,
      .maximum = 1e9,
      .plan = true },
    { .name = "folds",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, folds),
      .argument = "N",
      .help = "target: parts of the rows, each encoded by the others",
      .minimum = 2,
      .maximum = 100,
      .plan = true },
    { .name = "parts",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, parts),
      .argument = "PART,...",
      .help = "cyclic: of hour, weekday, day, month, yearday; all when left out",
      .plan = true },
    STAGE_OPTIONS(struct options),
    WEIR_OPTIONS_END,
};

static int run(struct weir_run *run, struct weir_error *error)
{
    return stage_program_run(run, &((struct options *)run->options)->stage, error);
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "encode",
        .purpose = "turn text, dates and times into numbers",
        .operands = "[FILE...]",
        .options = options,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
