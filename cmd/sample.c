/* sample: choose some rows of a stream by chance. */
#include "stage/sample.h"
#include "cli/stream_io.h"
#include "step.h"

struct options {
    int64_t rows, at_least, memory;
    double fraction;
    const char *method;
    struct weir_strings by;
    bool oversample;
};

static const struct options defaults = { .rows = -1, .fraction = -1, .method = "reservoir", .memory = 256 << 20 };

static const char *const methods[] = { "reservoir", "weighted", "stratified", "balance", NULL };

static const struct weir_option table[] = {
    { .name = "rows",
      .letter = 'n',
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, rows),
      .argument = "N",
      .help = "choose N rows, or all when there are fewer",
      .minimum = 0,
      .maximum = 0x1p53,
      .plan = true },
    { .name = "fraction",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, fraction),
      .argument = "F",
      .help = "choose this share of the rows, from 0 to 1",
      .minimum = 0,
      .maximum = 1,
      .plan = true },
    { .name = "method",
      .letter = 'm',
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, method),
      .argument = "METHOD",
      .help = "equal chances, chances by weight, the shares of the classes, or as many of each",
      .choices = methods,
      .plan = true },
    { .name = "by",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, by),
      .argument = "COLUMN,...",
      .help = "the columns whose values are the classes (without it: the label)",
      .plan = true },
    { .name = "at-least",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, at_least),
      .argument = "N",
      .help = "stratified: N rows of each class, or all that it has, however small its share",
      .minimum = 0,
      .maximum = 0x1p53,
      .plan = true },
    { .name = "oversample",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, oversample),
      .help = "balance: repeat rows of rare classes, in place of leaving out those of others",
      .plan = true },
    { .name = "memory",
      .kind = WEIR_OPTION_SIZE,
      .offset = offsetof(struct options, memory),
      .argument = "SIZE",
      .help = "hold rows in about so much memory; what is more goes to $TMPDIR",
      .minimum = 1 << 20,
      .maximum = 0x1p50 },
    WEIR_OPTIONS_END
};

static enum weir_sample_method method_of(const char *name)
{
    int method = 0;
    while (strcmp(methods[method], name) != 0)
        method++;
    return (enum weir_sample_method)method;
}

static int check(const struct options *options, enum weir_sample_method method, struct weir_error *error)
{
    bool classes = method == WEIR_SAMPLE_STRATIFIED || method == WEIR_SAMPLE_BALANCE;
    if (options->rows >= 0 && options->fraction >= 0)
        return weir_fail(error, WEIR_USAGE, "--rows and --fraction exclude each other");
    if (method == WEIR_SAMPLE_BALANCE && options->fraction >= 0)
        return weir_fail(error, WEIR_USAGE,
                         "--method balance takes --rows, or as many as its classes have, and no "
                         "--fraction");
    if (method != WEIR_SAMPLE_BALANCE && options->rows < 0 && options->fraction < 0)
        return weir_fail(error, WEIR_USAGE, "how many rows? --rows N or --fraction F says it");
    if (options->by.count && !classes)
        return weir_fail(error, WEIR_USAGE, "--by goes with --method stratified or balance");
    if (options->at_least > 0 && method != WEIR_SAMPLE_STRATIFIED)
        return weir_fail(error, WEIR_USAGE, "--at-least goes with --method stratified");
    if (options->oversample && method != WEIR_SAMPLE_BALANCE)
        return weir_fail(error, WEIR_USAGE, "--oversample goes with --method balance");
    return 0;
}

static int run(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_sample_options how = { .method = method_of(options->method),
                                       .rows = options->rows,
                                       .fraction = options->fraction,
                                       .by = (const char *const *)options->by.items,
                                       .by_count = options->by.count,
                                       .at_least = options->at_least,
                                       .oversample = options->oversample,
                                       .memory = options->memory,
                                       .seed = run->seed };
    struct weir_filter filter = { 0 };
    if (check(options, how.method, error) < 0)
        return -1;
    int result = weir_sample_filter(&filter, &how, step_with_seed(run), error);
    if (result == 0)
        result = weir_filter_run(run, &filter, error);
    weir_sample_filter_release(&filter);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "sample",
        .purpose = "choose some rows of a stream by chance",
        .operands = "[FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_TAKES_SEED | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
