#include "cli/stream_io.h"

struct running {
    struct weir_run *run;
    const struct weir_filter *filter;
    struct weir_input *input;
    struct weir_progress *progress;
    struct weir_error *error;
};

static int learn(struct running *running)
{
    const struct weir_filter *filter = running->filter;
    int more = filter->learn_begin
                   ? filter->learn_begin(filter->context, weir_input_schema(running->input), running->error)
                   : 0;
    while (more > 0) {
        struct weir_batch batch = { 0 };
        int got;
        while ((got = weir_input_next(running->input, &batch, running->error)) > 0) {
            got = filter->learn(filter->context, &batch, running->error);
            if (got < 0)
                break;
            weir_input_step(running->input, running->progress, "learning");
        }
        weir_batch_release(&batch);
        if (got < 0)
            return -1;
        more = filter->learn_end ? filter->learn_end(filter->context, running->error) : 0;
        if (more >= 0 && weir_input_rewind(running->input, running->error) < 0)
            return -1;
    }
    if (more == 0)
        weir_input_forget(running->input);
    return more;
}

/* 1: the filter wants no more; 0: the input's clean end. */
static int apply(struct running *running, struct weir_sink *sink)
{
    const struct weir_filter *filter = running->filter;
    struct weir_batch in = { 0 };
    int got, last = 0;
    while (!last && (got = weir_input_next(running->input, &in, running->error)) > 0) {
        struct weir_batch out = { 0 };
        last = filter->apply(filter->context, &in, &out, running->error);
        if (last >= 0 && out.rows > 0 && weir_sink_write(sink, &out, running->error) < 0)
            last = -1;
        weir_batch_release(&out);
        weir_input_step(running->input, running->progress, NULL);
    }
    weir_batch_release(&in);
    return last ? last : got;
}

int weir_filter_run(struct weir_run *run, const struct weir_filter *filter, struct weir_error *error)
{
    return weir_filter_run_input(run, filter, &(struct weir_input_options){ 0 }, error);
}

int weir_filter_run_input(struct weir_run *run, const struct weir_filter *filter,
                          const struct weir_input_options *input_options, struct weir_error *error)
{
    struct running running = { .run = run, .filter = filter, .error = error };
    struct weir_input_options options = *input_options;
    options.rewindable = filter->learn_begin != NULL;
    struct weir_schema schema = { 0 };
    struct weir_sink *sink = NULL;
    struct weir_buffer details = { 0 };
    int64_t rows_in = 0, rows_out = 0;
    int last, result = -1;

    if (weir_input_open(&running.input, run, &options, error) < 0)
        return -1;
    running.progress = weir_progress_new(run, "rows", -1);
    if (learn(&running) < 0)
        goto cleanup;
    if (filter->begin(filter->context, weir_input_schema(running.input), &schema, error) < 0)
        goto cleanup;
    if (weir_sink_open(&sink, run, &schema, error) < 0)
        goto cleanup;
    last = apply(&running, sink);
    if (last < 0)
        goto cleanup;
    rows_in = weir_input_rows(running.input);
    rows_out = weir_sink_rows(sink);
    if (last == 0) { /* a load that failed at its very end is told before the stream is called complete */
        int closed = weir_input_close(running.input, error);
        running.input = NULL;
        if (closed < 0)
            goto cleanup;
    }
    weir_progress_free(running.progress);
    running.progress = NULL;
    if (filter->end && filter->end(filter->context, error) < 0)
        goto cleanup;
    if (weir_sink_finish(sink, error) < 0)
        goto cleanup;
    if (last > 0)
        weir_input_leave(running.input);
    if (filter->summary)
        filter->summary(filter->context, &details);
    weir_summary(run, rows_in, rows_out, details.failed ? NULL : details.bytes);
    result = 0;
cleanup:
    weir_progress_free(running.progress);
    weir_input_close(running.input, NULL);
    weir_schema_release(&schema);
    weir_buffer_release(&details);
    return result;
}
