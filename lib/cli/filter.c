#include "base/lanes.h"
#include "cli/stream_io.h"

/* One that is worked on, one that is made ready meanwhile: more would only hold more memory where batches are large. */
enum { PIECES = 2 };

/* A filter that makes much of a row (one-hot codes) is given so few rows at once that about so much comes out; how much
 * it makes of one, its first rows tell. How many those are, the types of what comes out say. */
enum { MOST_OUT = 4 * WEIR_BATCH_BYTES, FIRST_ROWS = 8192, FIRST_OUT = 16 * MOST_OUT, FEWEST_ROWS = 64 };

/* A batch, and how far the input had been read behind it. */
struct piece {
    struct weir_batch batch, out; /* out: what the filter made of it, in the last pass */
    int64_t rows, bytes;
    int last; /* the filter wants no more */
};

struct running {
    const struct weir_filter *filter;
    struct weir_input *input;
    bool applies_ahead;       /* the filter is applied as the pieces are made ready; not one that gives `more` */
    struct weir_batch whole;  /* of which `left` rows are still to be given to the filter */
    int64_t left, most;       /* most: so many rows at once */
    int64_t first_rows;       /* `most` as it begins */
    bool rewound;             /* the input is files now, which let nobody wait */
    struct weir_lanes *ahead; /* a thread that makes the pieces ready; NULL: there is none */
    struct piece pieces[PIECES];
    int64_t rows; /* that were applied */
    struct weir_progress *progress;
    struct weir_error *error;
};

/* ---- Pieces, and making them ready ahead ------------------------------------------------------------------------ */

static int apply_piece(struct running *running, struct piece *piece, struct weir_error *error)
{
    const struct weir_filter *filter = running->filter;
    piece->last = filter->apply(filter->context, &piece->batch, &piece->out, error);
    int64_t rows = piece->batch.rows, bytes = (int64_t)weir_batch_bytes(&piece->out);
    if (rows > 0) {
        int64_t most = rows * MOST_OUT / (bytes + 1) / FEWEST_ROWS * FEWEST_ROWS; /* so that bitmaps are shared */
        running->most = most > FEWEST_ROWS ? most : FEWEST_ROWS;
    }
    return piece->last < 0 ? -1 : 1;
}

/* The next batch, or so many rows of it. */
static int next_rows(struct running *running, struct weir_batch *batch, struct weir_error *error)
{
    if (running->left == 0) {
        int got = weir_input_next(running->input, batch, error);
        if (got <= 0 || !running->applies_ahead || batch->rows <= running->most)
            return got;
        weir_batch_release(&running->whole);
        running->whole = *batch;
        running->left = batch->rows;
        *batch = (struct weir_batch){ 0 };
    }
    weir_batch_release(batch);
    int64_t first = running->whole.rows - running->left;
    int64_t rows = running->left < running->most ? running->left : running->most;
    running->left -= rows;
    if (weir_batch_slice(batch, &running->whole, weir_input_schema(running->input), first, rows) < 0)
        return weir_fail_memory(error);
    return 1;
}

/* The next rows, and what becomes of them. */
static int fill_piece(void *context, void *to, struct weir_error *error)
{
    struct running *running = context;
    struct piece *piece = to;
    int got = next_rows(running, &piece->batch, error);
    if (got <= 0)
        return got;
    piece->rows = weir_input_rows(running->input);
    piece->bytes = weir_input_bytes(running->input);
    piece->last = 0;
    return running->applies_ahead ? apply_piece(running, piece, error) : 1;
}

/* What comes from a pipe goes out before more is waited for: only while learning, when nothing goes out, is it read
 * ahead. */
static int begin_pass(struct running *running, bool learning)
{
    const struct weir_lanes_work work = { .context = running, .fill = fill_piece };
    running->applies_ahead = !learning && !running->filter->more;
    running->most = running->first_rows;
    if (!running->rewound && !learning)
        return 0;
    return weir_lanes_new(&running->ahead, &work, running->pieces, sizeof *running->pieces, PIECES, 1, running->error);
}

/* As weir_reader_next; the piece is good until the next call. */
static int next_piece(struct running *running, struct piece **piece)
{
    void *next = &running->pieces[0];
    int got = running->ahead ? weir_lanes_next(running->ahead, &next, running->error)
                             : fill_piece(running, next, running->error);
    *piece = next;
    return got;
}

/* got < 0: the pass failed. */
static void end_pass(struct running *running, int got)
{
    if (got < 0)
        weir_input_stop(running->input);
    weir_lanes_free(running->ahead);
    running->ahead = NULL;
    weir_batch_release(&running->whole);
    running->left = 0;
    for (int i = 0; i < PIECES; i++) {
        weir_batch_release(&running->pieces[i].batch);
        weir_batch_release(&running->pieces[i].out);
    }
}

static void step(struct running *running, const struct piece *piece, const char *extra)
{
    weir_input_step_at(running->input, piece->rows, piece->bytes, running->progress, extra);
}

/* ---- The passes ------------------------------------------------------------------------------------------------- */

static int learn_pass(struct running *running)
{
    const struct weir_filter *filter = running->filter;
    struct piece *piece;
    int got = begin_pass(running, true);
    while (got >= 0 && (got = next_piece(running, &piece)) > 0) {
        got = filter->learn(filter->context, &piece->batch, running->error);
        if (got >= 0)
            step(running, piece, "learning");
    }
    end_pass(running, got);
    return got;
}

static int learn(struct running *running)
{
    const struct weir_filter *filter = running->filter;
    int more = filter->learn_begin
                   ? filter->learn_begin(filter->context, weir_input_schema(running->input), running->error)
                   : 0;
    while (more > 0) {
        if (learn_pass(running) < 0)
            return -1;
        more = filter->learn_end ? filter->learn_end(filter->context, running->error) : 0;
        if (more >= 0 && weir_input_rewind(running->input, running->error) < 0)
            return -1;
        running->rewound = true;
    }
    if (more == 0)
        weir_input_forget(running->input);
    return more;
}

static int write_more(struct running *running, struct weir_sink *sink, bool ended)
{
    const struct weir_filter *filter = running->filter;
    int got = filter->more != NULL;
    while (got > 0) {
        struct weir_batch out = { 0 };
        got = filter->more(filter->context, ended, &out, running->error);
        if (got > 0 && weir_sink_write(sink, &out, running->error) < 0)
            got = -1;
        weir_batch_release(&out);
    }
    return got;
}

/* 1: the filter wants no more; 0: the input's clean end. */
static int apply(struct running *running, struct weir_sink *sink)
{
    struct piece *piece;
    int got = begin_pass(running, false), last = 0;
    while (!last && got >= 0 && (got = next_piece(running, &piece)) > 0) {
        if (!running->applies_ahead)
            apply_piece(running, piece, running->error);
        last = piece->last;
        if (last >= 0 && piece->out.rows > 0 && weir_sink_write(sink, &piece->out, running->error) < 0)
            last = -1;
        weir_batch_release(&piece->out);
        if (last >= 0 && write_more(running, sink, false) < 0)
            last = -1;
        running->rows += piece->batch.rows;
        step(running, piece, NULL);
    }
    end_pass(running, last ? last : got);
    return last ? last : got;
}

int weir_filter_run(struct weir_run *run, const struct weir_filter *filter, struct weir_error *error)
{
    return weir_filter_run_input(run, filter, &(struct weir_input_options){ 0 }, error);
}

/* Bytes of a row, as far as its columns' types say. */
static int64_t row_bytes(const struct weir_schema *schema)
{
    int64_t bytes = 0;
    for (int i = 0; i < schema->count; i++) {
        const struct weir_type *type = &schema->fields[i].type;
        bytes += type->kind == WEIR_FIXED_LIST ? type->list_size * (int64_t)weir_kind_width(type->children[0].type.kind)
                                               : weir_kind_width(type->kind);
    }
    return bytes;
}

static int64_t choose_first_rows(const struct weir_schema *out)
{
    int64_t rows = FIRST_OUT / (row_bytes(out) + 1) / FEWEST_ROWS * FEWEST_ROWS;
    return rows > FIRST_ROWS ? FIRST_ROWS : rows > FEWEST_ROWS ? rows : FEWEST_ROWS;
}

int weir_filter_run_input(struct weir_run *run, const struct weir_filter *filter,
                          const struct weir_input_options *input_options, struct weir_error *error)
{
    struct running running = { .filter = filter, .error = error };
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
    running.first_rows = choose_first_rows(&schema);
    last = apply(&running, sink);
    if (last < 0)
        goto cleanup;
    rows_in = running.rows;
    if (last == 0) { /* a load that failed at its very end is told before the stream is called complete */
        int closed = weir_input_close(running.input, error);
        running.input = NULL;
        if (closed < 0)
            goto cleanup;
    }
    weir_progress_free(running.progress);
    running.progress = NULL;
    if (write_more(&running, sink, true) < 0)
        goto cleanup;
    rows_out = weir_sink_rows(sink);
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
