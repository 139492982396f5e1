#include "model/train_text.h"
#include <math.h>

static void append_figure(struct weir_buffer *out, const char *name, double value)
{
    if (!isnan(value))
        weir_buffer_format(out, "%s%s %.4g", out->size ? " " : "", name, value);
}

void weir_train_progress_text(const struct weir_trainer_report *report, struct weir_buffer *out)
{
    weir_buffer_format(out, "epoch %lld of %lld", (long long)report->epoch, (long long)report->epochs);
    append_figure(out, "loss", report->loss);
    append_figure(out, "accuracy", report->accuracy);
    append_figure(out, "validation loss", report->validation_loss);
}

/* ---- When it is over -------------------------------------------------------------------------------------- */

/* The line that is being put together goes to the listener. */
static void tell(const struct weir_train_listener *to, bool warning, struct weir_buffer *line)
{
    to->say(to->context, warning, line->failed ? "out of memory" : line->bytes);
    weir_buffer_release(line);
}

/* Options that were given and had no part in how it was learned. */
static void warn_of_idle(const struct weir_train_summary *summary, const struct weir_train_listener *to)
{
    static const char *const of_minibatches[] = { "lr",           "batch",    "momentum", "beta1",
                                                  "beta2",        "alpha",    "epsilon",  "clip",
                                                  "weight-decay", "schedule", "patience", "precision" };
    enum { OF_STREAMS = 2 }; /* the first ones have their part where a stream is learned from while it is read */
    size_t count = sizeof of_minibatches / sizeof of_minibatches[0];
    struct weir_buffer line = { 0 };
    if (!summary->exact && !summary->streamed && to->given(to->context, "l2")) {
        weir_buffer_string(&line, "--l2 has no part in learning by minibatches: take --weight-decay");
        tell(to, true, &line);
    }
    for (size_t i = summary->streamed ? OF_STREAMS : 0; (summary->exact || summary->streamed) && i < count; i++) {
        if (!to->given(to->context, of_minibatches[i]))
            continue;
        weir_buffer_format(&line, "--%s has no part in %s", of_minibatches[i],
                           summary->streamed ? "learning from a stream while it is read"
                                             : "a regression that is solved to the end: give --optimizer as well");
        tell(to, true, &line);
    }
}

/* Rows that had no part. */
static void tell_left_out(const struct weir_training_data *data, bool streamed, const struct weir_train_listener *to)
{
    struct weir_buffer line = { 0 };
    if (data->unlabelled) {
        weir_buffer_format(&line, "%lld rows without a label were left out", (long long)data->unlabelled);
        tell(to, false, &line);
    }
    if (streamed && data->validation_count) {
        weir_buffer_format(&line, "%lld rows for validation or test were left out: measure with `score` and `metrics`",
                           (long long)data->validation_count);
        tell(to, false, &line);
    }
    if (data->left_out) {
        weir_buffer_format(&line, "%lld made rows were left out, as the rows that they were made of are for validation",
                           (long long)data->left_out);
        tell(to, false, &line);
    }
}

/* "loss 0.31 accuracy 0.89; validation of 120 rows: loss 0.35 accuracy 0.87; best of 10 epochs: 8" */
static void append_result(const struct weir_training_data *data, const struct weir_model *model,
                          const struct weir_train_summary *summary, struct weir_buffer *out)
{
    const struct weir_trainer_result *result = &summary->result;
    append_figure(out, "loss", result->loss);
    append_figure(out, "accuracy", result->accuracy);
    if (summary->loss == WEIR_MSE && model->task == WEIR_REGRESS)
        append_figure(out, "rmse", sqrt(result->loss));
    if (!isnan(result->validation_loss)) {
        weir_buffer_format(out, "; validation of %lld rows:", (long long)data->validation_count);
        append_figure(out, "loss", result->validation_loss);
        append_figure(out, "accuracy", result->validation_accuracy);
    }
    if (result->best_epoch)
        weir_buffer_format(out, "; best of %lld epochs: %lld", (long long)result->epochs,
                           (long long)result->best_epoch);
}

void weir_train_tell(const struct weir_training_data *data, const struct weir_model *model,
                     const struct weir_train_summary *summary, const struct weir_train_listener *to)
{
    const struct weir_trainer_result *result = &summary->result;
    struct weir_buffer line = { 0 }, figures = { 0 };
    if (data->encoded.size) {
        weir_buffer_format(&line, "encoded: %s", data->encoded.bytes);
        tell(to, false, &line);
    }
    tell_left_out(data, summary->streamed, to);
    if (summary->exact && !summary->converged && !result->interrupted) {
        weir_buffer_format(
            &line, "%lld iterations were not enough to converge: give more with --epochs, or put `normalize` in front",
            (long long)result->epochs);
        tell(to, true, &line);
    }
    warn_of_idle(summary, to);
    to->say(to->context, false, summary->chosen.bytes);
    append_result(data, model, summary, &figures);
    weir_buffer_format(&line, "%lld rows of %lld numbers, %s; plan: %zu %s", (long long)data->train_count,
                       (long long)model->features.width, figures.bytes ? figures.bytes : "", model->plan.count,
                       model->plan.count == 1 ? "step" : "steps");
    tell(to, false, &line);
    weir_buffer_release(&figures);
}
