/* score: predict with a model, from a stream or file by file from a folder. */
#include "base/descriptor.h"
#include "cli/inbox.h"
#include "cli/stream_io.h"
#include "model/model_file.h"
#include "model/scorer.h"

#include <stddef.h>
#include <unistd.h>

struct options {
    const char *in, *out;
    int64_t settle;
    bool row_id;
};

static const struct options defaults = { .settle = 10 };

static const struct weir_option table[] = {
    { "row-id", 0, WEIR_OPTION_FLAG, offsetof(struct options, row_id), NULL,
      "add a column row_id, made from the row's content, when there is no id", 0, 0, NULL, false },
    { "in", 0, WEIR_OPTION_TEXT, offsetof(struct options, in), "DIR", "score each new file of this folder once", 0, 0,
      NULL, false },
    { "out", 0, WEIR_OPTION_TEXT, offsetof(struct options, out), "DIR", "with --in: where the results appear", 0, 0,
      NULL, false },
    { "settle", 0, WEIR_OPTION_INTEGER, offsetof(struct options, settle), "SECONDS",
      "with --in: leave files that changed less than this long ago", 0, 86400, NULL, false },
    WEIR_OPTIONS_END,
};

struct job {
    struct weir_run *run;
    struct weir_scorer_filter scorer;
};

static int score_stream(struct job *job, struct weir_run *run, struct weir_error *error)
{
    struct weir_filter filter;
    const struct weir_input_options input = { .first_operand = 1, .like = run->operands.items[0] };
    weir_scorer_filter(&filter, &job->scorer);
    int result = weir_filter_run_input(run, &filter, &input, error);
    weir_scorer_filter_release(&job->scorer);
    return result;
}

static int score_file(void *context, const char *input_path, const char *output_path, struct weir_error *error)
{
    struct job *job = context;
    char *operands[] = { job->run->operands.items[0], (char *)input_path };
    struct weir_run run = *job->run;
    run.operands = (struct weir_strings){ operands, 2, 2 };
    run.output = output_path;
    run.quiet = true;
    run.sink = NULL;
    int result = score_stream(job, &run, error);
    if (result != 0)
        weir_sink_fail(run.sink, error);
    return result;
}

/* A first operand that is no model at all may be the rows. */
static int advise_order(const char *operand, struct weir_error *error)
{
    unsigned char head[16];
    struct weir_error refused = *error;
    int descriptor = refused.status == WEIR_BAD_DATA ? weir_operand_open(operand, NULL) : -1;
    if (descriptor < 0)
        return -1;
    ssize_t got = weir_read_at(descriptor, head, sizeof head, 0);
    close(descriptor);
    if (got > 0 && !weir_model_file_sniff(head, (size_t)got))
        weir_fail(error, refused.status, "%s; the model comes first: score MODEL [FILE...]", refused.text);
    return -1;
}

static int run_score(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_model model = { 0 };
    struct job job = { .run = run };
    if (run->operands.count == 0)
        return weir_fail(error, WEIR_USAGE, "no model given: score MODEL [FILE...]");
    if (!options->in != !options->out)
        return weir_fail(error, WEIR_USAGE, "--in and --out go together");
    if (options->in && (run->operands.count > 1 || run->output))
        return weir_fail(error, WEIR_USAGE, "with --in the only operand is the model, and -o is not used");
    if (weir_model_read(&model, run->operands.items[0], error) != 0)
        return advise_order(run->operands.items[0], error);
    struct weir_pool *pool = weir_pool_new(0);
    job.scorer = (struct weir_scorer_filter){ .model = &model, .options = { options->row_id }, .pool = pool };
    const struct weir_inbox_options inbox = { options->in, options->out, options->settle, &job, score_file };
    int result = options->in ? weir_inbox_run(run, &inbox, error) : score_stream(&job, run, error);
    weir_pool_free(pool);
    weir_model_release(&model);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "score",
        .purpose = "predict with a model, replaying its plan on raw or prepared rows",
        .operands = "MODEL [FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run_score,
    };
    return weir_program_main(&program, argc, argv);
}
