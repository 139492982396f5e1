/* tokenize: turns texts into lists of their words. */
#include "text_options.h"

struct options {
    struct weir_strings columns;
    const char *into;
    struct text_options text;
    bool ids;
    struct stage_options stage;
};

static const struct options defaults = { .text = TEXT_DEFAULTS };

static const struct weir_option options[] = {
    { .name = "column",
      .letter = 'c',
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, columns),
      .argument = "COLUMN,...",
      .help = "only these columns",
      .plan = true },
    { .name = "into",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, into),
      .argument = "NAME",
      .help = "put the lists into a new column, and keep the old one",
      .plan = true },
    TEXT_OPTIONS(struct options),
    { .name = "ids",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, ids),
      .help = "numbers of terms in a vocabulary that is learned, not the terms",
      .plan = true },
    STAGE_OPTIONS(struct options),
    WEIR_OPTIONS_END,
};

static int run(struct weir_run *run, struct weir_error *error)
{
    struct options *given = run->options;
    return text_program_run(run, &given->text, &given->stage, error);
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "tokenize",
        .purpose = "turn texts into lists of their words",
        .operands = "[FILE...]",
        .options = options,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
