/* normalize: brings the numbers of a stream to a common scale. */
#include "stage_program.h"

struct options {
    const char *method;
    struct weir_strings columns;
    struct stage_options stage;
};

static const struct weir_option options[] = {
    { .name = "method",
      .letter = 'm',
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, method),
      .argument = "METHOD",
      .help = "zscore, minmax, robust, maxabs, unit or scale=NUMBER",
      .plan = true },
    { .name = "columns",
      .letter = 'c',
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, columns),
      .argument = "COLUMN,...",
      .help = "only these columns",
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
        .name = "normalize",
        .purpose = "bring the numbers of a stream to a common scale",
        .operands = "[FILE...]",
        .options = options,
        .options_size = sizeof(struct options),
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
