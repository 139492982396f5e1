/* dedup: drop or mark the rows that repeat others. */
#include "stage/dedup.h"
#include "cli/stream_io.h"

struct options {
    struct weir_strings by;
    const char *keep, *index;
    bool mark;
};

static const struct options defaults = { .keep = "first" };

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

static int run(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_dedup_options how = { .by = (const char *const *)options->by.items,
                                      .by_count = options->by.count,
                                      .mark = options->mark,
                                      .index = options->index };
    struct weir_filter filter = { 0 };
    struct weir_buffer text = { 0 };
    int result = -1;
    if (parse_keep(&how, options->keep, error) < 0)
        return -1;
    weir_options_json(table, options, &run->given, &text);
    json_t *step = text.failed ? NULL : json_loadb(text.bytes, text.size, 0, NULL);
    if (weir_dedup_filter(&filter, &how, step, error) == 0 && weir_filter_run(run, &filter, error) == 0)
        result = weir_dedup_commit(&filter, error);
    weir_dedup_filter_release(&filter);
    weir_buffer_release(&text);
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
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
