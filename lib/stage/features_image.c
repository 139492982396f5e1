#include "stage/features_image.h"
#include "base/thread.h"
#include "math/vector.h"
#include "stage/derive.h"
#include "stage/image_column.h"
#include "stage/learn.h"
#include "stage/learned_columns.h"
#include "stage/options.h"

/* Images are given to threads so many pixels at a time, and one thread does batches of fewer than MANY. */
enum { SHARE = 1 << 15, MANY = 1 << 17 };

struct image_features {
    const struct weir_image_method *method;
    void *settings;
    const json_t *columns_option;
    const char *into;
    struct weir_learned_columns columns;
};

static int check_options(const struct weir_stage *stage, const struct weir_image_method *method,
                         struct weir_error *error)
{
    enum { MOST = 16 };
    const char *known[MOST] = { "method", "column", "into" };
    for (int i = 0; method->options[i] && i + 4 < MOST; i++)
        known[i + 3] = method->options[i];
    return weir_option_known(stage, known, error);
}

int weir_image_features_create(struct weir_stage *stage, const struct weir_image_method *method,
                               struct weir_error *error)
{
    struct image_features *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->method = method;
    self->settings = weir_allocate_zero(1, method->settings_size);
    if (!self->settings)
        return weir_fail_memory(error);
    if (check_options(stage, method, error) < 0 ||
        weir_option_list(stage->options, "column", &self->columns_option, error) < 0 ||
        weir_option_text(stage->options, "into", NULL, &self->into, error) < 0)
        return -1;
    return method->read ? method->read(stage->options, self->settings, error) : 0;
}

void weir_image_features_destroy(struct weir_stage *stage)
{
    struct image_features *self = stage->state;
    if (!self)
        return;
    weir_learned_columns_release(&self->columns);
    free(self->settings);
    free(self);
}

/* ---- Which columns ---------------------------------------------------------------------------------------------- */

static bool fits(const struct weir_field *field, void *context)
{
    (void)context;
    return weir_image_column_fits(field);
}

int weir_image_features_learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct image_features *self = stage->state;
    if (weir_learned_columns_learn(&self->columns, in, self->columns_option, fits, NULL, error) < 0)
        return -1;
    if (self->columns.count == 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "no column holds images: tensors of uint8 or float32, [height, width] or [height, width, "
                         "channels]");
    if (self->columns.count > 1 && self->into)
        return weir_fail(error, WEIR_USAGE, "--into takes one column, and %zu hold images: name it with --column",
                         self->columns.count);
    return 0;
}

/* The schema said it all. */
int weir_image_features_learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    (void)stage, (void)batch, (void)error;
    return 0;
}

int weir_image_features_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    const struct image_features *self = stage->state, *from = other->state;
    const struct weir_learned_columns *columns = &self->columns;
    if (weir_learned_columns_merge(stage, columns, other, &from->columns, error) < 0)
        return -1;
    for (size_t i = 0; i < columns->count; i++)
        if (!weir_type_equal(&columns->types[i], &from->columns.types[i]))
            return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(columns->names[i]));
    return 0;
}

int weir_image_features_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                             struct weir_error *error)
{
    (void)blobs;
    const struct image_features *self = stage->state;
    return weir_learned_columns_save(&self->columns, state, error);
}

int weir_image_features_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                                struct weir_error *error)
{
    (void)blobs;
    struct image_features *self = stage->state;
    if (weir_learned_columns_restore(&self->columns, state, error) < 0)
        return -1;
    size_t count = self->columns.count;
    if (count == 0 || (count > 1 && self->into))
        return weir_fail(error, WEIR_BAD_DATA, "a state of 'features' with %zu columns of images", count);
    return 0;
}

/* ---- Binding ---------------------------------------------------------------------------------------------------- */

/* One column. */
struct work {
    const struct weir_image_method *method;
    int from, to; /* in the input and in the output */
    struct weir_image_plan plan;
    size_t in_size, out_size; /* bytes of an image, and of what becomes of it */
    char *name, *reason;      /* "'image' holds a pixel that is missing, no number or too large" */
};

struct applying {
    struct weir_derived derived;
    struct work *works;
    size_t count;
    bool alone;             /* one thread: whoever applies has threads of its own */
    struct weir_pool *pool; /* made when there is much to do */
    double *scratch;        /* [threads][scratch_size] */
    size_t scratch_size;
    int threads; /* for which there is scratch memory */
    uint8_t *good;
    size_t good_capacity;
    int64_t rows; /* of the batches before this one, for messages */
};

static int plan_work(struct work *work, const struct image_features *self, const struct weir_field *field,
                     struct weir_error *error)
{
    struct weir_image_plan *plan = &work->plan;
    work->method = self->method;
    plan->settings = self->settings;
    plan->kind = WEIR_FLOAT32;
    if (weir_image_column_form(&plan->image, field, error) < 0)
        return -1;
    if (self->method->plan(plan, error) < 0)
        return weir_fail_in(error, "column %s", WEIR_SHOW(field->name));
    struct weir_buffer reason = { 0 };
    weir_buffer_format(&reason, "%s holds a pixel that is missing, no number or too large", WEIR_SHOW(field->name));
    work->reason = reason.bytes;
    work->name = weir_duplicate_string(field->name);
    if (weir_buffer_check(&reason, error) < 0)
        return -1;
    return work->name ? 0 : weir_fail_memory(error);
}

static int give_type(struct weir_field *field, struct work *work, struct weir_error *error)
{
    const struct weir_image_plan *plan = &work->plan;
    int64_t count = 1;
    for (int i = 0; i < (plan->rank ? plan->rank : 1); i++)
        count *= plan->shape[i];
    if (count > INT32_MAX)
        return weir_fail(error, WEIR_USAGE, "%lld numbers of one image are too many", (long long)count);
    work->in_size = weir_image_column_size(&plan->image);
    work->out_size = (size_t)count * (size_t)weir_kind_width(plan->kind);
    return weir_field_make_tensor(field, plan->kind, (int32_t)count, plan->rank, plan->shape) < 0
               ? weir_fail_memory(error)
               : 0;
}

static int bind_columns(struct weir_binding *binding, struct applying *applying, const struct weir_schema *in,
                        struct weir_error *error)
{
    const struct image_features *self = binding->stage->state;
    const struct weir_learned_columns *columns = &self->columns;
    int *at = weir_allocate(columns->count, sizeof *at);
    if (!at)
        return weir_fail_memory(error);
    int result = weir_learned_columns_find(columns, in, fits, NULL, at, error);
    for (size_t i = 0; result == 0 && i < columns->count; i++) {
        struct work *work = &applying->works[applying->count++];
        work->from = at[i];
        if (!weir_type_equal(&in->fields[at[i]].type, &columns->types[i]))
            result = weir_fail_type(error, "features", &in->fields[at[i]], &columns->types[i]);
        else
            result = plan_work(work, self, &in->fields[at[i]], error);
    }
    free(at);
    return result;
}

static int place_columns(struct weir_binding *binding, struct applying *applying, const struct weir_schema *in,
                         struct weir_error *error)
{
    const struct image_features *self = binding->stage->state;
    struct weir_derived *derived = &applying->derived;
    if (self->into) {
        int to = weir_derive_replace(derived, &binding->out, in, applying->works[0].from, self->into, error);
        applying->works[0].to = to;
        return to < 0 ? -1 : give_type(&binding->out.fields[to], &applying->works[0], error);
    }
    int result = weir_derive_keep(derived, &binding->out, in, error);
    for (size_t i = 0; result == 0 && i < applying->count; i++) {
        struct work *work = &applying->works[i];
        work->to = work->from;
        derived->from[work->to] = -1;
        weir_metadata_release(&binding->out.fields[work->to].metadata);
        result = give_type(&binding->out.fields[work->to], work, error);
    }
    return result;
}

int weir_image_features_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct image_features *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    applying->alone = binding->mode == WEIR_AS_REPLAY;
    applying->works = weir_allocate_zero(self->columns.count, sizeof *applying->works);
    if (!applying->works)
        return weir_fail_memory(error);
    if (bind_columns(binding, applying, in, error) < 0 || place_columns(binding, applying, in, error) < 0)
        return -1;
    for (size_t i = 0; i < applying->count; i++)
        if (applying->works[i].plan.scratch > applying->scratch_size)
            applying->scratch_size = applying->works[i].plan.scratch;
    return 0;
}

void weir_image_features_unbind(struct weir_binding *binding)
{
    struct applying *applying = binding->state;
    if (!applying)
        return;
    for (size_t i = 0; i < applying->count; i++) {
        free(applying->works[i].plan.table);
        free(applying->works[i].name);
        free(applying->works[i].reason);
    }
    weir_derived_release(&applying->derived);
    weir_pool_free(applying->pool);
    free(applying->works);
    free(applying->scratch);
    free(applying->good);
    free(applying);
}

/* ---- Applying --------------------------------------------------------------------------------------------------- */

struct share {
    struct applying *applying;
    const struct work *work;
    const struct weir_column *in;
    uint8_t *out;
    int64_t rows; /* of one share */
};

static void work_share(void *context, int index, int thread)
{
    const struct share *share = context;
    const struct work *work = share->work;
    int64_t first = index * share->rows,
            end = first + share->rows < share->in->rows ? first + share->rows : share->in->rows;
    double *scratch = share->applying->scratch + (size_t)thread * share->applying->scratch_size;
    for (int64_t row = first; row < end; row++) {
        bool present = weir_valid(share->in, row);
        bool good = present && weir_image_column_whole(share->in, &work->plan.image, row);
        uint8_t *out = share->out + (size_t)row * work->out_size;
        if (good)
            work->method->work(&work->plan, weir_image_column_pixels(share->in, work->in_size, row), scratch, out);
        if (good && !work->plan.image.bytes && work->plan.kind == WEIR_FLOAT32)
            good = weir_vector_is_finite((const float *)(const void *)out, (int64_t)(work->out_size / sizeof(float)));
        share->applying->good[row] = good || !present;
        if (!good)
            memset(out, 0, work->out_size);
    }
}

/* Memory for the rows, and threads when there is enough for more than one. */
static int prepare(struct applying *applying, int64_t rows, int64_t pixels, struct weir_error *error)
{
    bool many = !applying->alone && rows * pixels >= MANY && weir_processors() > 1;
    if (many && !applying->pool && !(applying->pool = weir_pool_new(0)))
        return weir_fail_memory(error);
    int threads = many ? weir_pool_threads(applying->pool) : 1;
    void *good = applying->good;
    if (weir_grow(&good, &applying->good_capacity, (size_t)rows, 1) < 0)
        return weir_fail_memory(error);
    applying->good = good;
    if (threads <= applying->threads)
        return 0;
    size_t size = (applying->scratch_size + 7) / 8 * 8; /* so that threads share no line of the cache */
    free(applying->scratch);
    applying->scratch = NULL;
    if (size > SIZE_MAX / sizeof(double) / (size_t)threads ||
        !(applying->scratch = weir_allocate_aligned((size_t)threads * size, sizeof(double))))
        return weir_fail_memory(error);
    applying->scratch_size = size;
    applying->threads = threads;
    return 0;
}

static int apply_column(struct applying *applying, const struct work *work, const struct weir_column *in,
                        struct weir_column *out, struct weir_reasons *reasons, struct weir_error *error)
{
    int64_t pixels = work->plan.image.height * work->plan.image.width;
    struct share share = { applying, work, in, NULL, SHARE / pixels + 1 };
    size_t width = (size_t)weir_kind_width(work->plan.kind);
    if (prepare(applying, in->rows, pixels, error) < 0)
        return -1;
    share.out = weir_derive_lists(out, in->rows, (int64_t)(work->out_size / width), width, in);
    if (!share.out)
        return weir_fail_memory(error);
    int64_t shares = (in->rows + share.rows - 1) / share.rows;
    if (applying->threads > 1 && shares > 1)
        weir_pool_run(applying->pool, (int)shares, work_share, &share);
    else
        for (int i = 0; i < shares; i++)
            work_share(&share, i, 0);
    for (int64_t row = 0; row < in->rows; row++) {
        if (applying->good[row])
            continue;
        if (!reasons)
            return weir_fail(error, WEIR_BAD_DATA,
                             "column %s, row %lld: the image holds a pixel that is missing, no number or too large",
                             WEIR_SHOW(work->name), (long long)(applying->rows + row + 1));
        weir_give_reason(reasons, row, work->reason);
    }
    return 0;
}

int weir_image_features_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                              struct weir_reasons *reasons, struct weir_error *error)
{
    struct applying *applying = binding->state;
    if (weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    for (size_t i = 0; i < applying->count; i++) {
        const struct work *work = &applying->works[i];
        if (apply_column(applying, work, &in->columns[work->from], &out->columns[work->to], reasons, error) < 0)
            return -1;
    }
    applying->rows += in->rows;
    return 0;
}
