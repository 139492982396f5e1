/* shuffle: put the rows of a stream into a random order. */
#include "stage/shuffle.h"
#include "cli/stream_io.h"
#include "stage/plan.h"
#include "step.h"

struct options {
    int64_t memory;
};

static const struct options defaults = { .memory = 256 << 20 };

static const struct weir_option table[] = { { .name = "memory",
                                              .kind = WEIR_OPTION_SIZE,
                                              .offset = offsetof(struct options, memory),
                                              .argument = "SIZE",
                                              .help = "use about so much memory; what is more goes to $TMPDIR",
                                              .minimum = 1 << 20,
                                              .maximum = 0x1p50 },
                                            WEIR_OPTIONS_END };

static int emit(void *sink, const struct weir_batch *batch, struct weir_error *error)
{
    return weir_sink_write(sink, batch, error);
}

static int read_all(struct weir_run *run, struct weir_input *input, struct weir_shuffle *shuffle,
                    struct weir_error *error)
{
    struct weir_progress *progress = weir_progress_new(run, "rows", -1);
    struct weir_batch batch = { 0 };
    int got;
    while ((got = weir_input_next(input, &batch, error)) > 0) {
        got = weir_shuffle_add(shuffle, &batch, error);
        if (got < 0)
            break;
        weir_input_step(input, progress, NULL);
    }
    weir_batch_release(&batch);
    weir_progress_free(progress);
    return got;
}

static int run(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_input_options input_options = { .first_operand = 0 };
    struct weir_input *input = NULL;
    struct weir_shuffle *shuffle = NULL;
    struct weir_sink *sink = NULL;
    struct weir_schema schema = { 0 };
    int result = -1;

    if (weir_input_open(&input, run, &input_options, error) < 0)
        return -1;
    if (weir_schema_copy(&schema, weir_input_schema(input)) < 0) {
        weir_fail_memory(error);
        goto cleanup;
    }
    if (weir_plan_record(&schema, "shuffle", step_with_seed(run), error) < 0 ||
        weir_shuffle_new(&shuffle, weir_input_schema(input), run->seed, options->memory, error) < 0 ||
        weir_sink_open(&sink, run, &schema, error) < 0 || read_all(run, input, shuffle, error) < 0 ||
        weir_shuffle_finish(shuffle, emit, sink, error) < 0 || weir_sink_finish(sink, error) < 0)
        goto cleanup;
    weir_summary(run, weir_input_rows(input), weir_input_rows(input), NULL);
    result = 0;
cleanup:
    weir_shuffle_free(shuffle);
    weir_schema_release(&schema);
    weir_input_close(input, NULL);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "shuffle",
        .purpose = "put the rows of a stream into a random order",
        .operands = "[FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_TAKES_SEED | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
