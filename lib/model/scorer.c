#include "model/scorer.h"

#include "base/hash.h"
#include "base/number.h"
#include "model/align.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Rows that one task gathers and predicts: large enough for the kernels, small enough to stay in the cache. */
enum { TILE_ROWS = 128 };

struct weir_scorer {
    const struct weir_model *model;
    struct weir_pool *pool;
    struct weir_schema out;
    struct weir_alignment *alignment;
    struct weir_replayer *replayer;
    size_t replayed;
    int *index; /* of the features in the replayed schema */
    int *names; /* row_id: the input's columns in the order of their names; NULL when not wanted */
    int input_count;
    struct weir_schema in;
    int threads;
    void **scratches; /* [threads] */
    float **features; /* [threads][TILE_ROWS * width] */
    const char **reasons;
    double *values;
    int64_t capacity; /* rows that reasons and values have room for */
    int64_t width;    /* values a row */
    int64_t unscored;
};

struct tile_job {
    struct weir_scorer *scorer;
    const struct weir_batch *batch;
    struct weir_error *errors; /* [threads] */
};

/* ---- Schema ------------------------------------------------------------------------------------------------- */

static int refuse_taken(const struct weir_schema *in, const char *name, struct weir_error *error)
{
    if (weir_schema_find(in, name) < 0)
        return 0;
    return weir_fail(error, WEIR_BAD_DATA,
                     "the input has a column '%s' already, which score would add; drop it with pick --drop %s", name,
                     name);
}

static int add_prediction_field(struct weir_scorer *s, struct weir_error *error)
{
    const struct weir_model *model = s->model;
    enum weir_kind kind = model->label_type.kind;
    if (model->task == WEIR_REGRESS)
        kind = kind == WEIR_FLOAT32 ? WEIR_FLOAT32 : WEIR_FLOAT64;
    struct weir_field *field = weir_schema_add(&s->out, "prediction", kind == WEIR_DICTIONARY ? WEIR_UTF8 : kind);
    if (!field)
        return weir_fail_memory(error);
    if (model->task == WEIR_CLASSIFY && kind != WEIR_DICTIONARY &&
        weir_type_copy(&field->type, &model->label_type) != 0)
        return weir_fail_memory(error);
    field->role = WEIR_PREDICTION;
    return 0;
}

static int add_probability_field(struct weir_scorer *s, struct weir_error *error)
{
    const struct weir_model *model = s->model;
    struct weir_field *field = weir_schema_add(&s->out, "probability", WEIR_FLOAT64);
    if (!field || weir_field_make_tensor(field, WEIR_FLOAT64, (int32_t)model->class_count, 0, NULL) != 0)
        return weir_fail_memory(error);
    field->role = WEIR_PREDICTION;
    json_t *classes = json_array();
    for (int64_t i = 0; i < model->class_count; i++)
        json_array_append_new(classes, json_string(model->classes[i]));
    char *text = json_dumps(classes, JSON_COMPACT);
    int result = text ? weir_metadata_set(&field->metadata, "weir:classes", text) : -1;
    free(text);
    json_decref(classes);
    return result == 0 ? 0 : weir_fail_memory(error);
}

static int add_text_field(struct weir_scorer *s, const char *name, enum weir_role role, struct weir_error *error)
{
    struct weir_field *field = weir_schema_add(&s->out, name, WEIR_UTF8);
    if (!field)
        return weir_fail_memory(error);
    field->role = role;
    return 0;
}

/* The input's plan goes on with a step that says which model scored it. */
static int note_in_plan(struct weir_scorer *s, struct weir_plan *plan, struct weir_error *error)
{
    json_t *options = json_object(), *state = json_pack("{s:s}", "model", s->model->digest);
    if (weir_plan_append_step(plan, "score", 1, WEIR_REPLAY_SKIP, options, state, error) != 0)
        return -1;
    return weir_plan_to_schema(plan, &s->out, error);
}

static int make_schema(struct weir_scorer *s, const struct weir_schema *in, struct weir_plan *plan,
                       struct weir_error *error)
{
    static const char *const added[] = { "prediction", "probability", "reason", "model" };
    for (size_t i = 0; i < sizeof added / sizeof *added; i++)
        if (refuse_taken(in, added[i], error) != 0)
            return -1;
    if (s->names && refuse_taken(in, "row_id", error) != 0)
        return -1;
    if (weir_schema_copy(&s->out, in) != 0)
        return weir_fail_memory(error);
    int label = s->model->label ? weir_schema_find(&s->out, s->model->label) : -1;
    if (label >= 0 && s->out.fields[label].role == WEIR_FEATURE)
        s->out.fields[label].role = WEIR_LABEL;
    if (add_prediction_field(s, error) != 0)
        return -1;
    if (s->model->task == WEIR_CLASSIFY && add_probability_field(s, error) != 0)
        return -1;
    if (add_text_field(s, "reason", WEIR_PREDICTION, error) != 0 ||
        add_text_field(s, "model", WEIR_PREDICTION, error) != 0)
        return -1;
    if (s->names && add_text_field(s, "row_id", WEIR_ID, error) != 0)
        return -1;
    return note_in_plan(s, plan, error);
}

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

static int make_scratch(struct weir_scorer *s, struct weir_error *error)
{
    size_t floats;
    s->threads = s->pool ? weir_pool_threads(s->pool) : 1;
    s->scratches = weir_allocate_zero((size_t)s->threads, sizeof *s->scratches);
    s->features = weir_allocate_zero((size_t)s->threads, sizeof *s->features);
    if (!s->scratches || !s->features || !weir_multiply((size_t)TILE_ROWS, (size_t)s->model->features.width, &floats))
        return weir_fail_memory(error);
    for (int t = 0; t < s->threads; t++) {
        s->scratches[t] = s->model->kind->scratch_new(s->model);
        s->features[t] = weir_allocate_aligned(floats, sizeof(float));
        if (!s->scratches[t] || !s->features[t])
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
    const struct weir_schema *aligned = weir_alignment_schema(s->alignment);
    if (weir_replayer_new(&s->replayer, &model->plan, next, aligned, error) != 0)
        return -1;
    s->index = weir_allocate(model->features.count, sizeof *s->index);
    if (!s->index)
        return weir_fail_memory(error);
    if (weir_features_bind(&model->features, weir_replayer_schema(s->replayer), s->index, error) != 0)
        return -1;
    s->width = model->task == WEIR_CLASSIFY ? model->class_count : 1;
    if (make_schema(s, in, plan, error) != 0)
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
            free(s->features[t]);
    }
    free(s->scratches);
    free(s->features);
    free(s->reasons);
    free(s->values);
    free(s->index);
    free(s->names);
    weir_replayer_free(s->replayer);
    weir_alignment_free(s->alignment);
    weir_schema_release(&s->in);
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

static void predict_tile(void *context, int tile, int thread)
{
    struct tile_job *job = context;
    struct weir_scorer *s = job->scorer;
    struct weir_error *error = &job->errors[thread];
    int64_t first = (int64_t)tile * TILE_ROWS, left = job->batch->rows - first;
    int64_t rows = left < TILE_ROWS ? left : TILE_ROWS;
    if (error->status != WEIR_OK)
        return;
    struct weir_reasons reasons = { s->reasons, job->batch->rows };
    if (weir_features_gather(&s->model->features, s->index, weir_replayer_schema(s->replayer), job->batch, first, rows,
                             s->features[thread], &reasons, error) != 0)
        return;
    s->model->kind->predict(s->model, s->scratches[thread], s->features[thread], rows, s->values + first * s->width,
                            error);
}

static int predict(struct weir_scorer *s, const struct weir_batch *batch, struct weir_error *error)
{
    int tiles = (int)((batch->rows + TILE_ROWS - 1) / TILE_ROWS);
    struct weir_error *errors = weir_allocate_zero((size_t)s->threads, sizeof *errors);
    if (!errors)
        return weir_fail_memory(error);
    struct tile_job job = { s, batch, errors };
    if (s->pool && tiles > 1)
        weir_pool_run(s->pool, tiles, predict_tile, &job);
    else
        for (int tile = 0; tile < tiles; tile++)
            predict_tile(&job, tile, 0);
    int result = 0;
    for (int t = 0; t < s->threads && result == 0; t++)
        if (errors[t].status != WEIR_OK) {
            if (error)
                *error = errors[t];
            result = -1;
        }
    free(errors);
    return result;
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
    memset(s->reasons, 0, (size_t)rows * sizeof *s->reasons);
    return 0;
}

/* ---- The columns that are added ----------------------------------------------------------------------------- */

/* The class as a value of the label's type. */
static int append_class(struct weir_builder *builder, const char *text, struct weir_error *error)
{
    enum weir_kind kind = builder->type.kind;
    size_t length = strlen(text);
    int64_t integer;
    uint64_t natural;
    double real;
    int32_t days;
    bool zoned;
    if (kind == WEIR_UTF8 || kind == WEIR_BINARY)
        weir_builder_text(builder, text, length);
    else if (kind == WEIR_BOOL)
        weir_builder_int64(builder, strcmp(text, "true") == 0);
    else if (kind == WEIR_DATE32 && weir_parse_date(text, length, &days))
        weir_builder_int64(builder, days);
    else if (kind == WEIR_TIMESTAMP && weir_parse_timestamp(text, length, &integer, &zoned))
        weir_builder_int64(builder, integer);
    else if (weir_kind_is_float(kind) && weir_parse_double(text, length, &real))
        weir_builder_double(builder, real);
    else if (weir_kind_is_integer(kind) && weir_parse_int64(text, length, &integer))
        weir_builder_int64(builder, integer);
    else if (kind == WEIR_UINT64 && weir_parse_uint64(text, length, &natural))
        weir_builder_int64(builder, (int64_t)natural);
    else
        return weir_fail(error, WEIR_BAD_DATA, "the model's class '%s' is no value of its label's type", text);
    return 0;
}

static int64_t largest(const double *values, int64_t count)
{
    int64_t best = 0;
    for (int64_t i = 1; i < count; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

static int build_prediction(struct weir_scorer *s, int64_t rows, struct weir_column *out, struct weir_error *error)
{
    struct weir_builder builder;
    if (weir_builder_init(&builder, &s->out.fields[s->in.count].type) != 0)
        return weir_fail_memory(error);
    int result = 0;
    for (int64_t row = 0; row < rows && result == 0; row++) {
        const double *values = s->values + row * s->width;
        if (s->reasons[row])
            weir_builder_null(&builder);
        else if (s->model->task == WEIR_REGRESS)
            weir_builder_double(&builder, values[0]);
        else
            result = append_class(&builder, s->model->classes[largest(values, s->width)], error);
    }
    if (result == 0)
        result = weir_builder_finish(&builder, out, error);
    weir_builder_release(&builder);
    return result;
}

static int build_probability(struct weir_scorer *s, int64_t rows, struct weir_column *out, struct weir_error *error)
{
    struct weir_builder builder;
    if (weir_builder_init(&builder, &s->out.fields[s->in.count + 1].type) != 0)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < rows; row++) {
        if (s->reasons[row]) {
            weir_builder_null(&builder);
            continue;
        }
        weir_builder_fixed(&builder.children[0], s->values + row * s->width, s->width);
        weir_builder_close(&builder);
    }
    int result = weir_builder_finish(&builder, out, error);
    weir_builder_release(&builder);
    return result;
}

/* A utf8 column of one text a row: the reasons, the digest or the ids. */
static int build_texts(int64_t rows,
                       void (*text)(struct weir_scorer *, const struct weir_batch *, int64_t, struct weir_builder *),
                       struct weir_scorer *s, const struct weir_batch *in, struct weir_column *out,
                       struct weir_error *error)
{
    struct weir_builder builder;
    struct weir_type type = { .kind = WEIR_UTF8 };
    if (weir_builder_init(&builder, &type) != 0)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < rows; row++)
        text(s, in, row, &builder);
    int result = weir_builder_finish(&builder, out, error);
    weir_builder_release(&builder);
    return result;
}

static void reason_text(struct weir_scorer *s, const struct weir_batch *in, int64_t row, struct weir_builder *builder)
{
    (void)in;
    if (s->reasons[row])
        weir_builder_text(builder, s->reasons[row], strlen(s->reasons[row]));
    else
        weir_builder_null(builder);
}

static void digest_text(struct weir_scorer *s, const struct weir_batch *in, int64_t row, struct weir_builder *builder)
{
    (void)in, (void)row;
    weir_builder_text(builder, s->model->digest, strlen(s->model->digest));
}

static void row_id_text(struct weir_scorer *s, const struct weir_batch *in, int64_t row, struct weir_builder *builder)
{
    uint64_t hash = 0;
    char hex[17];
    for (int i = 0; i < in->count; i++) {
        int column = s->names[i];
        hash = weir_hash(s->in.fields[column].name, strlen(s->in.fields[column].name), hash);
        hash = weir_value_hash(&in->columns[column], &s->in.fields[column].type, row, hash);
    }
    weir_hash_hex(hash, hex);
    weir_builder_text(builder, hex, 16);
}

static int build_columns(struct weir_scorer *s, const struct weir_batch *in, struct weir_batch *out,
                         struct weir_error *error)
{
    int at = in->count;
    for (int i = 0; i < in->count; i++)
        if (weir_column_share(&out->columns[i], &in->columns[i]) != 0)
            return weir_fail_memory(error);
    if (build_prediction(s, in->rows, &out->columns[at++], error) != 0)
        return -1;
    if (s->model->task == WEIR_CLASSIFY && build_probability(s, in->rows, &out->columns[at++], error) != 0)
        return -1;
    if (build_texts(in->rows, reason_text, s, in, &out->columns[at++], error) != 0 ||
        build_texts(in->rows, digest_text, s, in, &out->columns[at++], error) != 0)
        return -1;
    return s->names ? build_texts(in->rows, row_id_text, s, in, &out->columns[at], error) : 0;
}

int weir_scorer_apply(struct weir_scorer *s, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_error *error)
{
    struct weir_batch aligned = { 0 }, ready = { 0 };
    int result = make_room(s, in->rows, error);
    struct weir_reasons reasons = { s->reasons, in->rows };
    if (result == 0)
        result = weir_alignment_apply(s->alignment, in, &aligned, &reasons, error);
    if (result == 0)
        result = weir_replayer_apply(s->replayer, &aligned, &ready, &reasons, error);
    if (result == 0 && ready.rows != in->rows)
        result = weir_fail(error, WEIR_BUG, "a replayed step changed the number of rows");
    if (result == 0)
        result = predict(s, &ready, error);
    if (result == 0 && weir_batch_init(out, s->out.count, in->rows) != 0)
        result = weir_fail_memory(error);
    if (result == 0)
        result = build_columns(s, in, out, error);
    for (int64_t row = 0; row < in->rows && result == 0; row++)
        s->unscored += s->reasons[row] != NULL;
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
