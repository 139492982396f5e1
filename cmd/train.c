/* train: learn a model from a stream, and write it with the plan that led to it. */
#include "model/train.h"
#include "base/number.h"
#include "cli/stream_io.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
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
static const char *const optimizers[] = {
    "gd", "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lbfgs", NULL
};
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
    FILE *log;
    int64_t rows; /* of one epoch */
    struct timespec start;
    atomic_int *interrupted;
};

static void append_figure(struct weir_buffer *out, const char *name, double value)
{
    if (!isnan(value))
        weir_buffer_format(out, "%s%s %.4g", out->size ? " " : "", name, value);
}

static void write_log(struct watch *watch, const struct weir_trainer_report *report)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - watch->start.tv_sec) + (double)(now.tv_nsec - watch->start.tv_nsec) * 1e-9;
    double share = report->steps ? (double)report->step / (double)report->steps : 1;
    const struct {
        const char *name;
        double value;
    } figures[] = { { "loss", report->loss },
                    { "accuracy", report->accuracy },
                    { "validation_loss", report->validation_loss },
                    { "validation_accuracy", report->validation_accuracy },
                    { "learning_rate", report->learning_rate },
                    { "seconds", seconds },
                    { "rows_per_second", seconds > 0 ? (double)report->rows / seconds : NAN },
                    { "eta_seconds", share > 0 ? seconds * (1 - share) / share : NAN } };
    fprintf(watch->log, "{\"epoch\":%lld,\"step\":%lld", (long long)report->epoch, (long long)report->step);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        char number[WEIR_NUMBER_SIZE];
        if (isfinite(figures[i].value))
            fprintf(watch->log, ",\"%s\":%.*s", figures[i].name, (int)weir_format_double(figures[i].value, number),
                    number);
    }
    fputs("}\n", watch->log);
    fflush(watch->log);
}

static void on_report(void *context, const struct weir_trainer_report *report)
{
    struct watch *watch = context;
    weir_buffer_clear(&watch->text);
    weir_buffer_format(&watch->text, "epoch %lld of %lld", (long long)report->epoch, (long long)report->epochs);
    append_figure(&watch->text, "loss", report->loss);
    append_figure(&watch->text, "accuracy", report->accuracy);
    append_figure(&watch->text, "validation loss", report->validation_loss);
    weir_progress_share(watch->progress, report->steps ? (double)report->step / (double)report->steps : -1);
    weir_progress_step(watch->progress, report->rows, watch->text.bytes);
    if (report->epoch_end && watch->log)
        write_log(watch, report);
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

static int read_rows(struct weir_run *run, struct weir_training_data *data, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_input *input = NULL;
    struct weir_batch batch = { 0 };
    const struct weir_input_options input_options = { 0 };
    if (weir_input_open(&input, run, &input_options, error))
        return -1;
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
    struct weir_error closing = { 0 };
    if (weir_input_close(input, &closing) && got == 0) {
        *error = closing;
        got = -1;
    }
    if (got == 0)
        got = weir_training_data_divide(data, options->validation, run->seed, error);
    return got;
}

static int write_model(const struct weir_model *model, struct weir_bytes_out *out, struct weir_error *error)
{
    struct weir_model_file file = { 0 };
    int result = weir_model_pack(model, &file, error);
    if (result == 0)
        result = weir_model_file_write(&file, out->descriptor, error);
    weir_model_file_release(&file);
    return result;
}

/* Options that were given and had no part in how it was learned. */
static void warn_of_idle(const struct weir_run *run, bool exact)
{
    static const char *const of_minibatches[] = { "lr",           "batch",    "momentum", "beta1",
                                                  "beta2",        "alpha",    "epsilon",  "clip",
                                                  "weight-decay", "schedule", "patience", "precision" };
    if (!exact && weir_strings_contain(&run->given, "l2"))
        weir_warn(run, "--l2 has no part in learning by minibatches: take --weight-decay");
    for (size_t i = 0; exact && i < sizeof of_minibatches / sizeof of_minibatches[0]; i++)
        if (weir_strings_contain(&run->given, of_minibatches[i]))
            weir_warn(run, "--%s has no part in a regression that is solved to the end: give --optimizer as well",
                      of_minibatches[i]);
}

static void summarize(const struct weir_run *run, const struct weir_training_data *data, const struct weir_model *model,
                      const struct weir_train_summary *summary)
{
    const struct weir_trainer_result *result = &summary->result;
    struct weir_buffer line = { 0 };
    if (data->encoded.size)
        weir_note(run, "encoded: %s", data->encoded.bytes);
    if (data->unlabelled)
        weir_note(run, "%lld rows without a label were left out", (long long)data->unlabelled);
    append_figure(&line, "loss", result->loss);
    append_figure(&line, "accuracy", result->accuracy);
    if (summary->loss == WEIR_MSE && model->task == WEIR_REGRESS)
        append_figure(&line, "rmse", sqrt(result->loss));
    if (data->left_out)
        weir_note(run, "%lld made rows were left out, as the rows that they were made of are for validation",
                  (long long)data->left_out);
    if (!isnan(result->validation_loss)) {
        weir_buffer_format(&line, "; validation of %lld rows:", (long long)data->validation_count);
        append_figure(&line, "loss", result->validation_loss);
        append_figure(&line, "accuracy", result->validation_accuracy);
    }
    if (result->best_epoch)
        weir_buffer_format(&line, "; best of %lld epochs: %lld", (long long)result->epochs,
                           (long long)result->best_epoch);
    if (summary->exact && !summary->converged && !result->interrupted)
        weir_warn(run,
                  "%lld iterations were not enough to converge: give more with --epochs, or put `normalize` in front",
                  (long long)result->epochs);
    warn_of_idle(run, summary->exact);
    weir_note(run, "%s", summary->chosen.bytes);
    weir_note(run, "%lld rows of %lld numbers, %s; plan: %zu %s", (long long)data->train_count,
              (long long)model->features.width, line.bytes ? line.bytes : "", model->plan.count,
              model->plan.count == 1 ? "step" : "steps");
    weir_buffer_release(&line);
}

static int fit(struct weir_run *run, struct weir_training_data *data, struct weir_pool *pool, struct watch *watch,
               struct weir_model *model, struct weir_train_summary *summary, struct weir_error *error)
{
    struct options *options = run->options;
    const struct weir_trainer_events events = { watch, on_report, on_stop };
    clock_gettime(CLOCK_MONOTONIC, &watch->start);
    watch->progress = weir_progress_new(run, "rows", -1);
    int result = weir_train_fit(&options->train, data, &events, pool, model, summary, error);
    weir_progress_free(watch->progress);
    watch->progress = NULL;
    return result;
}

/* Rows in, model out; `out` is open. */
static int learn(struct weir_run *run, struct watch *watch, struct weir_bytes_out *out, struct weir_error *error)
{
    struct weir_training_data data = { .dataset.descriptor = -1 };
    struct weir_model model = { 0 };
    struct weir_train_summary summary = { 0 };
    struct weir_pool *pool = NULL;
    int result = read_rows(run, &data, error);
    if (result == 0 && !(pool = weir_pool_new(0)))
        result = weir_fail_memory(error);
    if (result == 0) {
        weir_program_on_interrupt(watch->interrupted);
        result = fit(run, &data, pool, watch, &model, &summary, error);
    }
    if (result == 0)
        result = write_model(&model, out, error);
    if (result == 0)
        result = weir_bytes_finish(out, error);
    weir_program_on_interrupt(NULL);
    if (result == 0)
        summarize(run, &data, &model, &summary);
    if (result == 0 && summary.result.interrupted)
        result = weir_fail(error, WEIR_INTERRUPTED, "interrupted: the model so far was written, marked as incomplete");
    weir_pool_free(pool);
    weir_train_summary_release(&summary);
    weir_model_release(&model);
    weir_training_data_release(&data);
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
    if (read_checkpoint_every(options, error) || weir_train_check(&options->train, error))
        return -1;
    begin_anew(run, options);
    if (options->log && !(watch.log = fopen(options->log, options->train.resume ? "ae" : "we")))
        return weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", options->log);
    int result = weir_bytes_open(&out, run, error);
    if (result == 0) {
        result = learn(run, &watch, &out, error);
        weir_bytes_abandon(&out);
    }
    if (watch.log && fclose(watch.log) && result == 0)
        result = weir_fail_errno(error, WEIR_IO, "'%s'", options->log);
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
