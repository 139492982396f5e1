/* train: learn a model from a stream, and write it with the plan that led to it. */
#include "model/train.h"
#include "base/number.h"
#include "cli/stream_io.h"
#include "model/train_text.h"
#include "model/training_log.h"
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct options {
    struct weir_train_options train;
    const char *precision, *checkpoint_every, *log;
    double validation;
    int64_t memory;
};

static const struct options defaults = {
    .train = { .learning_rate = NAN,
               .momentum = NAN,
               .beta1 = NAN,
               .beta2 = NAN,
               .alpha = NAN,
               .epsilon = NAN,
               .weight_decay = NAN,
               .clip = NAN,
               .l1 = NAN,
               .l2 = NAN,
               .label_smoothing = NAN,
               .huber_delta = NAN },
    .precision = "float32",
    .checkpoint_every = "1",
    .memory = (int64_t)4 << 30,
};

static const char *const models[] = { "linear", "logistic", NULL };
static const char *const tasks[] = { "classify", "regress", NULL };
static const char *const losses[] = { "mse", "mae", "huber", "cross-entropy", "binary-cross-entropy", NULL };
static const char *const optimizers[] = { "gd",    "sgd",     "momentum", "nesterov", "rmsprop", "adam",
                                          "adamw", "adagrad", "ftrl",     "lbfgs",    NULL };
static const char *const precisions[] = { "float32", "bf16", NULL };

#define OPTION(member) offsetof(struct options, member)
#define CHOICE(name, member, argument, help, choices)                                                                  \
    {                                                                                                                  \
        name, 0, WEIR_OPTION_CHOICE, OPTION(member), argument, help, 0, 0, choices, false                              \
    }
#define TEXT(name, member, argument, help)                                                                             \
    {                                                                                                                  \
        name, 0, WEIR_OPTION_TEXT, OPTION(member), argument, help, 0, 0, NULL, false                                   \
    }
#define NUMBER(name, member, argument, help, least, most)                                                              \
    {                                                                                                                  \
        name, 0, WEIR_OPTION_NUMBER, OPTION(member), argument, help, least, most, NULL, false                          \
    }
#define INTEGER(name, member, argument, help, least, most)                                                             \
    {                                                                                                                  \
        name, 0, WEIR_OPTION_INTEGER, OPTION(member), argument, help, least, most, NULL, false                         \
    }

static const struct weir_option table[] = {
    CHOICE("model", train.form, "MODEL", "regression without hidden layers", models),
    TEXT("net", train.net, "NOTATION", "a network: layers in a pipe, 'dense 64 relu | dense 2'"),
    CHOICE("task", train.task, "TASK", "what the label is, when its type misleads", tasks),
    CHOICE("loss", train.loss, "LOSS", "what is made small", losses),
    CHOICE("optimizer", train.optimizer, "NAME", "how", optimizers),
    NUMBER("lr", train.learning_rate, "RATE", "learning rate", 1e-12, 1e6),
    INTEGER("batch", train.batch, "ROWS", "rows a minibatch", 1, 1e9),
    INTEGER("epochs", train.epochs, "N", "passes over the rows, or iterations of lbfgs", 1, 1e9),
    NUMBER("momentum", train.momentum, "M", "of momentum and nesterov", 0, 1),
    NUMBER("beta1", train.beta1, "B", "of adam and adamw: decay of the mean", 0, 1),
    NUMBER("beta2", train.beta2, "B", "of adam and adamw: decay of the square", 0, 1),
    NUMBER("alpha", train.alpha, "A", "of rmsprop: decay of the square", 0, 1),
    NUMBER("epsilon", train.epsilon, "E", "of rmsprop, adam and adamw: added to the root", 0, 1),
    NUMBER("weight-decay", train.weight_decay, "W", "share of the parameters in the gradient (adamw: in the step)", 0,
           1e6),
    NUMBER("clip", train.clip, "NORM", "largest norm of a gradient", 0, 1e30),
    TEXT("schedule", train.schedule, "SCHEDULE",
         "of the learning rate: constant, 'step N FACTOR', cosine; ', warmup N'"),
    NUMBER("l2", train.l2, "L", "penalty of linear and logistic regression", 0, 1e30),
    NUMBER("l1", train.l1, "L", "of adagrad, ftrl, and sgd on sparse columns: penalty that makes weights 0", 0, 1e30),
    NUMBER("huber-delta", train.huber_delta, "D", "where huber turns from square to line", 1e-12, 1e30),
    NUMBER("label-smoothing", train.label_smoothing, "S", "share of a class that is spread over all", 0, 1),
    TEXT("class-weights", train.class_weights, "WEIGHTS", "balanced, or CLASS=WEIGHT,..."),
    NUMBER("validation", validation, "SHARE", "share of the rows that is kept back to validate with", 0, 0.99),
    INTEGER("patience", train.patience, "N", "epochs without a better validation loss before it stops", 1, 1e9),
    TEXT("checkpoint", train.checkpoint, "FILE", "keep all that is needed to go on in FILE"),
    TEXT("checkpoint-every", checkpoint_every, "N[steps]", "epochs, or minibatches, between checkpoints"),
    TEXT("resume", train.resume, "FILE", "go on from a checkpoint"),
    TEXT("log", log, "FILE", "a JSON line for each epoch"),
    CHOICE("precision", precision, "TYPE", "in which layers compute", precisions),
    { "memory", 0, WEIR_OPTION_SIZE, OPTION(memory), "SIZE", "rows held in memory; more go to $TMPDIR", 1 << 20, 0x1p50,
      NULL, false },
    WEIR_OPTIONS_END,
};

/* ---- While it runs ---------------------------------------------------------------------------------------- */

struct watch {
    struct weir_progress *progress;
    struct weir_buffer text;
    struct weir_training_log log;
    atomic_int *interrupted;
};

static void on_report(void *context, const struct weir_trainer_report *report)
{
    struct watch *watch = context;
    weir_buffer_clear(&watch->text);
    weir_train_progress_text(report, &watch->text);
    weir_progress_share(watch->progress, report->steps ? (double)report->step / (double)report->steps : -1);
    weir_progress_step(watch->progress, report->rows, watch->text.bytes);
    if (report->epoch_end)
        weir_training_log_add(&watch->log, report);
}

static bool on_stop(void *context)
{
    return atomic_load(((struct watch *)context)->interrupted) != 0;
}

/* ---- Steps of a run --------------------------------------------------------------------------------------- */

static int read_checkpoint_every(struct options *options, struct weir_error *error)
{
    const char *text = options->checkpoint_every;
    size_t digits = strspn(text, "0123456789");
    const char *unit = text + digits + strspn(text + digits, " ");
    options->train.checkpoint_steps = strcmp(unit, "steps") == 0;
    if (!weir_parse_int64(text, digits, &options->train.checkpoint_every) || options->train.checkpoint_every < 1 ||
        (*unit && !options->train.checkpoint_steps && strcmp(unit, "epochs") != 0))
        return weir_fail(error, WEIR_USAGE,
                         "option '--checkpoint-every' takes a number of epochs, or 'N steps', not '%s'", text);
    return 0;
}

/* A checkpoint that is yet to be written is where a first run begins. */
static void begin_anew(const struct weir_run *run, struct options *options)
{
    struct weir_train_options *train = &options->train;
    if (!train->resume || !train->checkpoint || strcmp(train->resume, train->checkpoint) != 0 ||
        access(train->resume, F_OK) == 0)
        return;
    weir_note(run, "'%s' is not there yet: training begins at the start", train->resume);
    train->resume = NULL;
}

/* All rows of an open input, kept. */
static int keep_rows(struct weir_run *run, struct weir_input *input, struct weir_training_data *data,
                     struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_batch batch = { 0 };
    struct weir_progress *progress = weir_progress_new(run, "rows", -1);
    int got = weir_training_data_begin(data, weir_input_schema(input), (size_t)options->memory, error) ? -1 : 1;
    while (got > 0 && (got = weir_input_next(input, &batch, error)) > 0) {
        if (weir_training_data_add(data, &batch, error))
            got = -1;
        weir_progress_step(progress, weir_input_rows(input), "reading");
    }
    if (got == 0 && weir_training_data_finish(data, error))
        got = -1;
    weir_progress_free(progress);
    weir_batch_release(&batch);
    return got == 0 ? weir_training_data_divide(data, options->validation, run->seed, error) : got;
}

static int close_input(struct weir_input *input, int result, struct weir_error *error)
{
    struct weir_error closing = { 0 };
    if (weir_input_close(input, &closing) && result == 0) {
        *error = closing;
        return -1;
    }
    return result;
}

static void on_say(void *context, bool warning, const char *text)
{
    if (warning)
        weir_warn(context, "%s", text);
    else
        weir_note(context, "%s", text);
}

static bool on_given(void *context, const char *option)
{
    return weir_strings_contain(&((const struct weir_run *)context)->given, option);
}

static int fit(struct weir_run *run, struct weir_training_data *data, struct weir_pool *pool, struct watch *watch,
               struct weir_model *model, struct weir_train_summary *summary, struct weir_error *error)
{
    struct options *options = run->options;
    const struct weir_trainer_events events = { watch, on_report, on_stop };
    weir_training_log_start(&watch->log);
    watch->progress = weir_progress_new(run, "rows", -1);
    int result = weir_train_fit(&options->train, data, &events, pool, model, summary, error);
    weir_progress_free(watch->progress);
    watch->progress = NULL;
    return result;
}

/* One pass over the input, learned from while it is read: 1 to go on, 0 interrupted, -1. */
static int learn_pass(struct weir_run *run, struct weir_input *input, struct watch *watch,
                      struct weir_train_stream *stream, struct weir_error *error)
{
    struct weir_batch batch = { 0 };
    struct weir_trainer_report report;
    int got = 1;
    watch->progress = weir_progress_new(run, "rows", -1);
    while (got > 0 && !on_stop(watch) && (got = weir_input_next(input, &batch, error)) > 0) {
        if (weir_train_stream_add(stream, &batch, error))
            got = -1;
        weir_train_stream_report(stream, &report);
        report.steps = 0; /* how many rows there will be is not known */
        on_report(watch, &report);
    }
    weir_progress_free(watch->progress);
    watch->progress = NULL;
    weir_batch_release(&batch);
    return got < 0 ? -1 : got == 0;
}

static int learn_stream(struct weir_run *run, struct weir_input *input, struct watch *watch,
                        struct weir_train_stream *stream, struct weir_model *model, struct weir_train_summary *summary,
                        struct weir_error *error)
{
    const struct options *options = run->options;
    const struct weir_trainer_events events = { watch, on_report, on_stop };
    int more = 1, result = 0;
    if (options->validation > 0)
        return weir_fail(error, WEIR_USAGE,
                         "--validation needs rows that are kept, and --optimizer %s keeps none: put `partition` in "
                         "front, and measure with `score` and `metrics`",
                         options->train.optimizer);
    weir_training_log_start(&watch->log);
    while (result == 0 && more > 0) {
        more = learn_pass(run, input, watch, stream, error);
        if (more > 0)
            more = weir_train_stream_end_pass(stream, &events, error);
        else if (more == 0)
            break;
        if (more > 0)
            result = weir_input_rewind(input, error);
    }
    if (more < 0 || result < 0)
        return -1;
    return weir_train_stream_finish(stream, on_stop(watch), model, summary, error);
}

/* What becomes of the rows of one run. */
struct lesson {
    struct weir_training_data data;   /* kept, or */
    struct weir_train_stream *stream; /* read by */
    struct weir_model model;
    struct weir_train_summary summary;
    struct weir_pool *pool;
};

static int learn_kept(struct weir_run *run, struct weir_input *input, struct watch *watch, struct lesson *lesson,
                      struct weir_error *error)
{
    int result = keep_rows(run, input, &lesson->data, error);
    result = close_input(input, result, error);
    if (result == 0 && !(lesson->pool = weir_pool_new(0)))
        result = weir_fail_memory(error);
    if (result)
        return -1;
    weir_program_on_interrupt(watch->interrupted);
    return fit(run, &lesson->data, lesson->pool, watch, &lesson->model, &lesson->summary, error);
}

static int learn_read(struct weir_run *run, struct weir_input *input, struct watch *watch, struct lesson *lesson,
                      struct weir_error *error)
{
    const struct options *options = run->options;
    int result = weir_train_stream_begin(&lesson->stream, &options->train, weir_input_schema(input), error);
    weir_program_on_interrupt(watch->interrupted);
    if (result == 0)
        result = learn_stream(run, input, watch, lesson->stream, &lesson->model, &lesson->summary, error);
    return close_input(input, result, error);
}

/* Rows in, model out; `out` is open. */
static int learn(struct weir_run *run, struct watch *watch, struct weir_bytes_out *out, struct weir_error *error)
{
    const struct weir_train_options *options = &((const struct options *)run->options)->train;
    const bool may_stream = options->optimizer && !options->net && options->epochs > 1;
    const struct weir_input_options input_options = { .rewindable = may_stream };
    struct lesson lesson = { .data = { .dataset.descriptor = -1, .entries.descriptor = -1 } };
    struct weir_input *input = NULL;
    if (weir_input_open(&input, run, &input_options, error))
        return -1;
    bool streams = weir_train_streams(options, weir_input_schema(input));
    if (!streams && may_stream)
        weir_input_forget(input);
    int result =
        streams ? learn_read(run, input, watch, &lesson, error) : learn_kept(run, input, watch, &lesson, error);
    if (result == 0)
        result = weir_model_write(&lesson.model, out->descriptor, error);
    if (result == 0)
        result = weir_bytes_finish(out, error);
    weir_program_on_interrupt(NULL);
    if (result == 0)
        weir_train_tell(streams ? weir_train_stream_data(lesson.stream) : &lesson.data, &lesson.model, &lesson.summary,
                        &(struct weir_train_listener){ run, on_say, on_given });
    if (result == 0 && lesson.summary.result.interrupted)
        result = weir_fail(error, WEIR_INTERRUPTED, "interrupted: the model so far was written, marked as incomplete");
    weir_pool_free(lesson.pool);
    weir_train_summary_release(&lesson.summary);
    weir_model_release(&lesson.model);
    weir_training_data_release(&lesson.data);
    weir_train_stream_free(lesson.stream);
    return result;
}

static int run_train(struct weir_run *run, struct weir_error *error)
{
    struct options *options = run->options;
    atomic_int interrupted = 0;
    struct watch watch = { .interrupted = &interrupted };
    struct weir_bytes_out out;
    options->train.seed = run->seed;
    options->train.bfloat16 = strcmp(options->precision, "bf16") == 0;
    const struct weir_named_file files[] = { { "checkpoint", options->train.checkpoint }, { "log", options->log } };
    if (read_checkpoint_every(options, error) || weir_train_check(&options->train, error) ||
        weir_run_check_files(run, "the model", files, sizeof files / sizeof *files, error))
        return -1;
    begin_anew(run, options);
    if (weir_training_log_open(&watch.log, options->log, options->train.resume, error))
        return -1;
    int result = weir_bytes_open(&out, run, error);
    if (result == 0) {
        result = learn(run, &watch, &out, error);
        weir_bytes_abandon(&out);
    }
    if (weir_training_log_close(&watch.log, options->log, result == 0 ? error : NULL))
        result = -1;
    weir_buffer_release(&watch.text);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "train",
        .purpose = "learn a model from rows, and write it with the plan that prepared them",
        .operands = "[FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_TAKES_SEED | WEIR_WRITES_BINARY,
        .run = run_train,
    };
    return weir_program_main(&program, argc, argv);
}
