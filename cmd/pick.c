/* pick: choose, rename and reorder columns, set their roles, keep the first rows. */
#include "stage/pick.h"
#include "cli/stream_io.h"

struct options {
    struct weir_strings drop, rename, role;
    int64_t rows;
};

static const struct options defaults = { .rows = -1 };

static const struct weir_option table[] = {
    { .name = "drop",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, drop),
      .argument = "COLUMN,...",
      .help = "leave these columns out (patterns too)",
      .plan = true },
    { .name = "rename",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, rename),
      .argument = "OLD=NEW,...",
      .help = "give columns another name",
      .plan = true },
    { .name = "role",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, role),
      .argument = "COLUMN=ROLE,...",
      .help = "feature, label, id, weight, time, group, split or prediction; by the new name",
      .plan = true },
    { .name = "rows",
      .letter = 'n',
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, rows),
      .argument = "N",
      .help = "keep the first N rows and read no further",
      .maximum = 9.2e18 },
    WEIR_OPTIONS_END
};

static int run(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_input_options input = { .first_operand = run->operands.count, .accept_refused = true };
    struct weir_buffer json = { 0 };
    struct weir_filter filter = { 0 };
    int result = -1;
    if (weir_options_json_operands(table, options, &run->given, &run->operands, &json) < 0)
        weir_fail_memory(error);
    else if (weir_pick_filter(&filter, json.bytes, options->rows, error) == 0)
        result = weir_filter_run_input(run, &filter, &input, error);
    weir_pick_filter_release(&filter);
    weir_buffer_release(&json);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "pick",
        .purpose = "choose, drop, rename and reorder columns, set their roles, keep the first rows",
        .operands = "[COLUMN...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
