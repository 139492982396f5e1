/* features: makes features of texts, images, numbers and rows over time. */
#include "stage_program.h"

struct options {
    const char *method, *into;
    struct weir_strings columns;
    struct stage_options stage;
};

static const struct options defaults = { 0 };

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
