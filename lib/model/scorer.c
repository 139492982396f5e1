#include "model/scorer_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tile_job {
    struct weir_scorer *scorer;
    const struct weir_batch *batch;
};

static int compare_names(const void *a, const void *b, void *context)
{
    const struct weir_schema *in = context;
    return strcmp(in->fields[*(const int *)a].name, in->fields[*(const int *)b].name);
}

static int order_names(struct weir_scorer *s, const struct weir_schema *in, struct weir_error *error)
{
    s->names = weir_allocate((size_t)in->count, sizeof *s->names);
    if (!s->names)
        return weir_fail_memory(error);
    for (int i = 0; i < in->count; i++)
        s->names[i] = i;
    qsort_r(s->names, (size_t)in->count, sizeof *s->names, compare_names, (void *)in);
    return 0;
}

/* ---- Making and freeing ------------------------------------------------------------------------------------- */

static int64_t tile_rows(int64_t width)
{
    int64_t rows = TILE_FLOATS / (width > 0 ? width : 1) / MIN_TILE_ROWS * MIN_TILE_ROWS;
    return rows < MIN_TILE_ROWS ? MIN_TILE_ROWS : rows > MAX_TILE_ROWS ? MAX_TILE_ROWS : rows;
}

static int make_scratch(struct weir_scorer *s, struct weir_error *error)
{
    s->tile_rows = s->model->kind->sparse ? MAX_TILE_ROWS : tile_rows(s->model->features.width);
    s->threads = s->pool ? weir_pool_threads(s->pool) : 1;
    s->scratches = weir_allocate_zero((size_t)s->threads, sizeof *s->scratches);
    s->features = weir_allocate_zero((size_t)s->threads, sizeof *s->features);
    s->failures = weir_allocate_zero((size_t)s->threads, sizeof *s->failures);
    if (!s->scratches || !s->features || !s->failures)
        return weir_fail_memory(error);
    for (int t = 0; t < s->threads; t++) {
        s->scratches[t] = s->model->kind->scratch_new(s->model);
        s->features[t].sparse = s->model->kind->sparse;
        if (!s->scratches[t])
            return weir_fail_memory(error);
    }
    return 0;
}

static int prepare(struct weir_scorer *s, const struct weir_schema *in, const struct weir_scorer_options *options,
                   struct weir_plan *plan, struct weir_error *error)
{
    const struct weir_model *model = s->model;
    size_t next;
    if (weir_schema_copy(&s->in, in) != 0)
        return weir_fail_memory(error);
    s->load_reason = weir_schema_find(in, "load_reason");
    if (s->load_reason >= 0 && in->fields[s->load_reason].type.kind != WEIR_UTF8)
        s->load_reason = -1;
    if (s->load_reason >= 0)
        weir_schema_remove(&s->in, s->load_reason);
    in = &s->in;
    if (options && options->row_id && weir_schema_role(in, WEIR_ID, 0) < 0 && order_names(s, in, error) != 0)
        return -1;
    if (weir_plan_from_schema(plan, in, error) != 0 || weir_plan_match(&model->plan, plan, &next, error) != 0)
        return -1;
    bool raw = true;
    for (size_t i = 0; i < model->plan.count; i++) {
        bool replayed = weir_plan_step_replayed(&model->plan.steps[i]);
        raw = raw && !(replayed && i < next);
        s->replayed += replayed && i >= next;
    }
    struct weir_plan none = { 0 };
    if (weir_alignment_new(&s->alignment, raw ? &model->plan : &none, in, error) != 0)
        return -1;
    s->converts = weir_alignment_needed(s->alignment);
    const struct weir_schema *aligned = weir_alignment_schema(s->alignment);
    if (weir_replayer_new(&s->replayer, &model->plan, next, aligned, error) != 0)
        return -1;
    s->index = weir_allocate(model->features.count, sizeof *s->index);
    if (!s->index)
        return weir_fail_memory(error);
    if (weir_features_bind(&model->features, weir_replayer_schema(s->replayer), s->index, error) != 0)
        return -1;
    s->width = model->task == WEIR_CLASSIFY ? model->class_count : 1;
    if (weir_scorer_make_schema(s, plan, error) != 0 || weir_scorer_make_builders(s, error) != 0)
        return -1;
    return make_scratch(s, error);
}

int weir_scorer_new(struct weir_scorer **scorer, const struct weir_model *model, const struct weir_schema *in,
                    const struct weir_scorer_options *options, struct weir_pool *pool, struct weir_error *error)
{
    struct weir_scorer *s = weir_allocate_zero(1, sizeof *s);
    if (!s)
        return weir_fail_memory(error);
    s->model = model;
    s->pool = pool;
    struct weir_plan plan = { 0 };
    int result = prepare(s, in, options, &plan, error);
    weir_plan_release(&plan);
    if (result != 0) {
        weir_scorer_free(s);
        return -1;
    }
    *scorer = s;
    return 0;
}

void weir_scorer_free(struct weir_scorer *s)
{
    if (!s)
        return;
    for (int t = 0; t < s->threads; t++) {
        if (s->scratches && s->scratches[t])
            s->model->kind->scratch_free(s->scratches[t]);
        if (s->features)
            weir_feature_rows_release(&s->features[t]);
    }
    free(s->scratches);
    free(s->features);
    free(s->failures);
    free(s->reasons);
    free(s->values);
    free(s->index);
    free(s->names);
    weir_scorer_release_builders(s);
    weir_replayer_free(s->replayer);
    weir_alignment_free(s->alignment);
    weir_schema_release(&s->in);
    weir_buffer_release(&s->told);
    weir_schema_release(&s->out);
    free(s);
}

const struct weir_schema *weir_scorer_schema(const struct weir_scorer *scorer)
{
    return &scorer->out;
}

void weir_scorer_summary(const struct weir_scorer *s, struct weir_buffer *out)
{
    struct weir_buffer steps = { 0 };
    weir_buffer_format(out, "plan: %zu step%s replayed", s->replayed, s->replayed == 1 ? "" : "s");
    if (s->unscored > 0)
        weir_buffer_format(out, ", %" PRId64 " without a prediction: see the column 'reason'", s->unscored);
    weir_replayer_summary(s->replayer, &steps);
    if (steps.size > 0)
        weir_buffer_format(out, "; %s", steps.bytes);
    weir_buffer_release(&steps);
}

/* ---- Predicting --------------------------------------------------------------------------------------------- */

/* Rows whose values are not finite, or not when they become a float32 prediction. A stream has no NaN for what is
 * missing. */
static void flag_infinite(struct weir_scorer *s, int64_t first, int64_t rows)
{
    bool narrow = s->out.fields[s->in.count].type.kind == WEIR_FLOAT32;
    for (int64_t row = first; row < first + rows; row++)
        for (int64_t i = 0; i < s->width; i++) {
            double value = s->values[row * s->width + i];
            if (!isfinite(narrow ? (float)value : value) && !s->reasons[row])
                s->reasons[row] = "what the model computes for it is not a finite number";
        }
}

static void predict_tile(void *context, int tile, int thread)
{
    struct tile_job *job = context;
    struct weir_scorer *s = job->scorer;
    struct weir_error *error = &s->failures[thread].error;
    int64_t first = tile * s->tile_rows, left = job->batch->rows - first;
    int64_t rows = left < s->tile_rows ? left : s->tile_rows;
    if (error->status != WEIR_OK)
        return;
    s->failures[thread].tile = tile; /* stands, when this one fails */
    struct weir_reasons reasons = { .reasons = s->reasons + first, .rows = rows };
    struct weir_feature_rows *features = &s->features[thread];
    weir_feature_rows_clear(features);
    if (weir_feature_rows_add(features, &s->model->features, s->index, weir_replayer_schema(s->replayer), job->batch,
                              first, rows, first, &reasons, error) != 0)
        return;
    if (s->model->kind->predict(s->model, s->scratches[thread], features, s->values + first * s->width, error) == 0)
        flag_infinite(s, first, rows);
}

static int predict(struct weir_scorer *s, const struct weir_batch *batch, struct weir_error *error)
{
    int tiles = (int)((batch->rows + s->tile_rows - 1) / s->tile_rows);
    struct tile_job job = { s, batch };
    for (int t = 0; t < s->threads; t++)
        s->failures[t].error.status = WEIR_OK;
    if (s->pool && tiles > 1)
        weir_pool_run(s->pool, tiles, predict_tile, &job);
    else
        for (int tile = 0; tile < tiles; tile++)
            predict_tile(&job, tile, 0);
    /* Tiles are taken in order, so that the first that fails is met whatever the threads. */
    const struct weir_tile_failure *first = NULL;
    for (int t = 0; t < s->threads; t++)
        if (s->failures[t].error.status != WEIR_OK && (!first || s->failures[t].tile < first->tile))
            first = &s->failures[t];
    if (first && error)
        *error = first->error;
    return first ? -1 : 0;
}

static int make_room(struct weir_scorer *s, int64_t rows, struct weir_error *error)
{
    if (rows > s->capacity) {
        free(s->reasons);
        free(s->values);
        s->capacity = 0;
        size_t numbers;
        bool fits = weir_multiply((size_t)rows, (size_t)s->width, &numbers);
        s->reasons = weir_allocate((size_t)rows, sizeof *s->reasons);
        s->values = fits ? weir_allocate(numbers, sizeof *s->values) : NULL;
        if (!s->reasons || !s->values)
            return weir_fail_memory(error);
        s->capacity = rows;
    }
    if (rows > 0)
        memset(s->reasons, 0, (size_t)rows * sizeof *s->reasons);
    return 0;
}

/* The input without its column load_reason, whose texts become the first reasons. */
static int take_told(struct weir_scorer *s, const struct weir_batch *in, struct weir_batch *rows,
                     struct weir_error *error)
{
    if (weir_batch_init(rows, in->count - 1, in->rows) != 0)
        return weir_fail_memory(error);
    for (int i = 0; i < rows->count; i++)
        if (weir_column_share(&rows->columns[i], &in->columns[i + (i >= s->load_reason)]) != 0)
            return weir_fail_memory(error);
    const struct weir_column *told = &in->columns[s->load_reason];
    weir_buffer_clear(&s->told);
    for (int pass = 0; pass < 2; pass++) { /* all texts first: the buffer may move while it grows */
        size_t at = 0, length;
        for (int64_t row = 0; row < in->rows; row++) {
            if (!weir_valid(told, row))
                continue;
            const char *text = weir_text(told, row, &length);
            if (pass == 1)
                s->reasons[row] = s->told.bytes + at;
            else
                weir_buffer_append(&s->told, text, length), weir_buffer_byte(&s->told, 0);
            at += length + 1;
        }
        if (weir_buffer_check(&s->told, error) != 0)
            return -1;
    }
    return 0;
}

int weir_scorer_apply(struct weir_scorer *s, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_error *error)
{
    struct weir_batch told = { 0 }, aligned = { 0 }, ready = { 0 };
    const struct weir_batch *rows = s->load_reason < 0 ? in : &told, *raw = s->converts ? &aligned : rows;
    struct weir_reasons reasons;
    int result = make_room(s, in->rows, error);
    if (result == 0 && rows != in)
        result = take_told(s, in, &told, error);
    reasons = (struct weir_reasons){ .reasons = s->reasons, .rows = in->rows };
    if (result == 0 && raw != rows)
        result = weir_alignment_apply(s->alignment, rows, &aligned, &reasons, error);
    if (result == 0)
        result = weir_replayer_apply(s->replayer, raw, &ready, &reasons, error);
    if (result == 0 && ready.rows != in->rows)
        result = weir_fail(error, WEIR_BUG, "a replayed step changed the number of rows");
    if (result == 0)
        result = predict(s, &ready, error);
    if (result == 0 && weir_batch_init(out, s->out.count, in->rows) != 0)
        result = weir_fail_memory(error);
    if (result == 0)
        result = weir_scorer_build_columns(s, rows, out, error);
    for (int64_t row = 0; row < in->rows && result == 0; row++)
        s->unscored += s->reasons[row] != NULL;
    weir_batch_release(&told);
    weir_batch_release(&aligned);
    weir_batch_release(&ready);
    return result;
}

/* ---- As a filter -------------------------------------------------------------------------------------------- */

static int filter_begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    struct weir_scorer_filter *f = context;
    if (weir_scorer_new(&f->scorer, f->model, in, &f->options, f->pool, error) != 0)
        return -1;
    return weir_schema_copy(out, weir_scorer_schema(f->scorer)) == 0 ? 0 : weir_fail_memory(error);
}

static int filter_apply(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    struct weir_scorer_filter *f = context;
    return weir_scorer_apply(f->scorer, in, out, error);
}

static void filter_summary(void *context, struct weir_buffer *out)
{
    const struct weir_scorer_filter *f = context;
    if (f->scorer)
        weir_scorer_summary(f->scorer, out);
}

void weir_scorer_filter(struct weir_filter *filter, struct weir_scorer_filter *context)
{
    *filter = (struct weir_filter){
        .context = context, .begin = filter_begin, .apply = filter_apply, .summary = filter_summary
    };
}

void weir_scorer_filter_release(struct weir_scorer_filter *context)
{
    weir_scorer_free(context->scorer);
    context->scorer = NULL;
}
