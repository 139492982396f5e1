/* dedup: drop or mark the rows that repeat others. */
#include "stage/dedup.h"
#include "cli/stream_io.h"

struct options {
    struct weir_strings by, near;
    const char *keep, *index;
    double threshold;
    int64_t shingle, memory;
    bool words, mark;
};

static const struct options defaults = { .keep = "first", .threshold = 0.8, .shingle = 5, .memory = (int64_t)1 << 30 };

static const struct weir_option table[] = {
    { .name = "by",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, by),
      .argument = "COLUMN,...",
      .help = "rows that are equal in these columns are duplicates (without it: in all but the ids)",
      .plan = true },
    { .name = "keep",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, keep),
      .argument = "WHICH",
      .help = "which of them stays: first, last, or best=COLUMN, the greatest value of a column",
      .plan = true },
    { .name = "near",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, near),
      .argument = "COLUMN[=T],...",
      .help = "rows that are nearly equal here are duplicates: in a text, an image, or several columns",
      .plan = true },
    { .name = "threshold",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, threshold),
      .argument = "T",
      .help = "how alike they are at least, where a column has no threshold of its own",
      .minimum = 0.001,
      .maximum = 1,
      .plan = true },
    { .name = "shingle",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, shingle),
      .argument = "N",
      .help = "compare texts by their runs of N characters",
      .minimum = 1,
      .maximum = 64,
      .plan = true },
    { .name = "words",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, words),
      .help = "or of N words",
      .plan = true },
    { .name = "memory",
      .kind = WEIR_OPTION_SIZE,
      .offset = offsetof(struct options, memory),
      .argument = "SIZE",
      .help = "use about so much memory for what is compared by --near; more goes to $TMPDIR",
      .minimum = 1 << 20,
      .maximum = 0x1p50 },
    { .name = "mark",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, mark),
      .help = "drop nothing, add the columns duplicate_of and cluster",
      .plan = true },
    { .name = "index",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, index),
      .argument = "FILE",
      .help = "remember rows in FILE, and take those that it remembers for duplicates too" },
    WEIR_OPTIONS_END
};

static int parse_keep(struct weir_dedup_options *how, const char *keep, struct weir_error *error)
{
    if (strcmp(keep, "first") == 0)
        how->keep = WEIR_KEEP_FIRST;
    else if (strcmp(keep, "last") == 0)
        how->keep = WEIR_KEEP_LAST;
    else if (strncmp(keep, "best=", 5) == 0 && keep[5])
        how->keep = WEIR_KEEP_BEST, how->best = keep + 5;
    else
        return weir_fail(error, WEIR_USAGE, "option '--keep' takes first, last or best=COLUMN, not '%s'", keep);
    return 0;
}

/* Without --near rows are compared for being equal, and who says how alike they are meant another thing. */
static int check_near_alone(const struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    static const char *const names[] = { "threshold", "shingle", "words" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!options->near.count && weir_strings_contain(&run->given, names[i]))
            return weir_fail(error, WEIR_USAGE, "--%s goes with --near COLUMN: without it rows are equal or not",
                             names[i]);
    return 0;
}

static int run(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_dedup_options how = { .by = (const char *const *)options->by.items,
                                      .by_count = options->by.count,
                                      .near = (const char *const *)options->near.items,
                                      .near_count = options->near.count,
                                      .threshold = options->threshold,
                                      .unit = options->words ? WEIR_NEAR_WORDS : WEIR_NEAR_CHARACTERS,
                                      .size = (int)options->shingle,
                                      .shingled = options->words || weir_strings_contain(&run->given, "shingle"),
                                      .memory = options->memory,
                                      .seed = run->seed,
                                      .mark = options->mark,
                                      .index = options->index };
    struct weir_filter filter = { 0 };
    int result = -1;
    if (parse_keep(&how, options->keep, error) < 0)
        return -1;
    if (options->by.count && options->near.count)
        return weir_fail(error, WEIR_USAGE, "--by and --near exclude each other: rows are equal there, or nearly so");
    if (weir_run_check_files(run, "the stream", &(struct weir_named_file){ "index", options->index }, 1, error) < 0)
        return -1;
    if (check_near_alone(run, error) < 0)
        return -1;
    json_t *step = weir_options_value(table, options, &run->given);
    if (weir_dedup_filter(&filter, &how, step, error) == 0 && weir_filter_run(run, &filter, error) == 0)
        result = weir_dedup_commit(&filter, error);
    weir_dedup_filter_release(&filter);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "dedup",
        .purpose = "drop or mark the rows that repeat others",
        .operands = "[FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_TAKES_SEED | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
