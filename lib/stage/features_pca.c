/* Principal components: the directions in which rows differ most (K. Pearson, 1901; H. Hotelling, 1933).
 *
 *     C = covariance of the columns = sum_k variance_k v_k v_k'
 *     y_k = v_k . (x - mean), whitened: y_k / sqrt(variance_k)
 *
 * One pass sums the products of deviations from the mean of the first rows; then C's eigenvectors are the components.
 */
#include "math/covariance.h"
#include "math/symmetric_eigen.h"
#include "stage/feature_map.h"
#include "stage/features.h"
#include "stage/options.h"
#include "stage/state.h"
#include <stdatomic.h>

/* Some width^2 doubles are needed: here they come to 2 GiB. A variance below SMALLEST times the greatest is what
 * rounding left of none. */
enum { MOST_NUMBERS = 8192, CHUNK_NUMBERS = 1 << 14 };
static const double SMALLEST = 2e-6;

struct pca {
    int64_t wanted;
    bool whiten;
    const json_t *chosen; /* borrowed from the options */
    struct weir_feature_map map;
    double *variances; /* [map.outputs] */
    double total;      /* of all variances */
    int64_t rows;      /* that were learned from */
    /* while learning, and in states that merge: */
    struct weir_covariance covariance;
    /* while learning: */
    struct weir_feature_bound bound;
    struct weir_gram *gram;
    struct weir_pool *pool;
    double *center; /* [width] what the gram's rows are deviations from */
    bool centered;
    float *x; /* [threads][chunk][width] */
    uint8_t *faults;
    size_t fault_capacity;
    int64_t chunk;
    const struct weir_batch *batch; /* at hand, of which rows from `first` on are laid into the gram */
    int64_t first, count;
    atomic_bool faulty; /* some of them have a fault */
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column", "into", "components", "whiten", NULL };
    struct pca *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->map.name = "pca";
    self->wanted = 2;
    if (weir_option_known(stage, known, error) < 0 ||
        weir_option_list(stage->options, "column", &self->chosen, error) < 0 ||
        weir_option_text(stage->options, "into", NULL, &self->map.into, error) < 0 ||
        weir_option_integer(stage->options, "components", 1, MOST_NUMBERS, &self->wanted, error) < 0 ||
        weir_option_flag(stage->options, "whiten", &self->whiten, error) < 0)
        return -1;
    return 0;
}

static void release_learning(struct pca *self)
{
    weir_feature_bound_release(&self->bound);
    weir_gram_free(self->gram);
    weir_pool_free(self->pool);
    free(self->center);
    free(self->x);
    free(self->faults);
    self->gram = NULL;
    self->pool = NULL;
    self->center = NULL;
    self->x = NULL;
    self->faults = NULL;
    self->fault_capacity = 0;
    self->centered = false;
}

static void release(struct pca *self)
{
    release_learning(self);
    weir_feature_map_release(&self->map);
    weir_covariance_release(&self->covariance);
    free(self->variances);
    self->variances = NULL;
}

static void destroy(struct weir_stage *stage)
{
    struct pca *self = stage->state;
    if (!self)
        return;
    release(self);
    free(self);
}

/* ---- Learning ----------------------------------------------------------------------------------------------- */

static int fail_wanted(const struct pca *self, struct weir_error *error)
{
    int64_t width = self->map.columns.width;
    return weir_fail(error, WEIR_USAGE,
                     "--components %lld: the columns make %lld number%s a row, and no more components",
                     (long long)self->wanted, (long long)width, width == 1 ? "" : "s");
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct pca *self = stage->state;
    release(self);
    self->rows = 0;
    if (weir_feature_columns_choose(&self->map.columns, in, self->chosen, MOST_NUMBERS, error) < 0)
        return -1;
    if (self->wanted > self->map.columns.width)
        return fail_wanted(self, error);
    if (weir_feature_columns_bind(&self->bound, &self->map.columns, in, error) < 0)
        return -1;
    int64_t width = self->map.columns.width;
    self->chunk = width < CHUNK_NUMBERS ? CHUNK_NUMBERS / width : 1;
    self->gram = weir_gram_new(width);
    self->pool = weir_pool_new(0);
    self->center = weir_allocate_zero((size_t)width, sizeof *self->center);
    if (self->pool)
        self->x = weir_allocate_aligned((size_t)(weir_pool_threads(self->pool) * self->chunk * width), sizeof *self->x);
    if (!self->gram || !self->x || !self->center || weir_covariance_init(&self->covariance, width) < 0)
        return weir_fail_memory(error);
    return 1;
}

/* What the gram has goes into the covariance. A run of numbers beyond 1e18 has products whose sum no float has. */
static int take(struct pca *self, struct weir_error *error)
{
    size_t width = (size_t)self->map.columns.width;
    double *scratch = weir_allocate(width + 1, width * sizeof *scratch);
    if (!scratch)
        return weir_fail_memory(error);
    weir_covariance_take(&self->covariance, self->gram, self->center, scratch, self->pool);
    free(scratch);
    const struct weir_covariance *sums = &self->covariance;
    for (size_t i = 0; i < width * width; i++)
        if (!isfinite(sums->products[i]) || !isfinite(sums->mean[i % width]))
            return weir_fail(error, WEIR_BAD_DATA,
                             "the numbers are too large: their products are out of float32's range; normalize, put in "
                             "front, scales them");
    return 0;
}

/* The first row is the center of the first run, whose mean is that of all others: once the run is full. */
static int recenter(struct pca *self, struct weir_error *error)
{
    if (take(self, error) < 0)
        return -1;
    memcpy(self->center, self->covariance.mean, (size_t)self->map.columns.width * sizeof *self->center);
    return 0;
}

/* The first row that is whole is the center, as floats have it: true when the row is that. */
static bool find_center(struct pca *self, int64_t row)
{
    weir_feature_rows(&self->bound, self->batch, NULL, row, 1, self->x, self->faults + row);
    if (self->faults[row] != WEIR_FEATURE_WHOLE)
        return false;
    for (int64_t i = 0; i < self->map.columns.width; i++)
        self->center[i] = (double)self->x[i];
    return true;
}

/* One after the other, without those that have a fault; within the first run, or not at all. */
static int learn_rows(struct pca *self, int64_t first, int64_t rows, struct weir_error *error)
{
    int64_t width = self->map.columns.width, whole = 0;
    uint8_t *faults = self->faults + first;
    weir_feature_rows(&self->bound, self->batch, self->center, first, rows, self->x, faults);
    for (int64_t r = 0; r < rows; r++)
        if (faults[r] == WEIR_FEATURE_WHOLE)
            memmove(self->x + whole++ * width, self->x + r * width, (size_t)width * sizeof *self->x);
    weir_gram_add(self->gram, self->x, whole, self->pool);
    self->rows += whole;
    return whole > 0 && self->rows == WEIR_GRAM_RUN ? recenter(self, error) : 0;
}

static void place_chunk(void *context, int index, int thread)
{
    struct pca *self = context;
    int64_t place = index * self->chunk, rows = self->count - place;
    rows = rows < self->chunk ? rows : self->chunk;
    float *x = self->x + thread * self->chunk * self->map.columns.width;
    if (weir_feature_rows(&self->bound, self->batch, self->center, self->first + place, rows, x,
                          self->faults + self->first + place) > 0)
        atomic_store(&self->faulty, true);
    else
        weir_gram_place(self->gram, place, x, rows);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct pca *self = stage->state;
    if (weir_grow((void **)&self->faults, &self->fault_capacity, (size_t)batch->rows + 1, 1) < 0)
        return weir_fail_memory(error);
    self->batch = batch;
    self->first = 0;
    while (!self->centered && self->first < batch->rows)
        if (find_center(self, self->first))
            self->centered = true;
        else
            self->first++;
    for (; self->first < batch->rows; self->first += self->count) {
        int64_t left = batch->rows - self->first, begun = WEIR_GRAM_RUN - self->rows;
        int64_t most = begun <= 0 ? weir_gram_room(self->gram) : begun < self->chunk ? begun : self->chunk;
        self->count = left < most ? left : most;
        atomic_store(&self->faulty, begun > 0);
        if (begun <= 0)
            weir_pool_run(self->pool, (int)((self->count + self->chunk - 1) / self->chunk), place_chunk, self);
        if (!atomic_load(&self->faulty)) {
            weir_gram_accept(self->gram, self->count, self->pool);
            self->rows += self->count;
            continue;
        }
        for (int64_t done = 0; done < self->count; done += self->chunk) {
            int64_t rows = self->count - done < self->chunk ? self->count - done : self->chunk;
            if (learn_rows(self, self->first + done, rows, error) < 0)
                return -1;
        }
    }
    return weir_feature_judge(&self->bound, batch, self->faults, NULL, error);
}

/* Components from the covariance. */
static int settle(struct pca *self, struct weir_error *error)
{
    int64_t width = self->map.columns.width, wanted = self->wanted;
    size_t size = (size_t)width * (size_t)width;
    int result = -1;
    double *matrix = weir_allocate(size, sizeof *matrix);
    double *vectors = weir_allocate((size_t)wanted, (size_t)width * sizeof *vectors);
    free(self->variances);
    free(self->map.center);
    free(self->map.matrix);
    self->variances = weir_allocate((size_t)wanted, sizeof *self->variances);
    self->map.center = weir_allocate((size_t)width, sizeof *self->map.center);
    self->map.matrix = weir_allocate((size_t)wanted, (size_t)width * sizeof *self->map.matrix);
    if (!matrix || !vectors || !self->variances || !self->map.center || !self->map.matrix) {
        weir_fail_memory(error);
        goto cleanup;
    }
    weir_covariance_values(&self->covariance, matrix);
    self->total = 0;
    for (int64_t i = 0; i < width; i++)
        self->total += matrix[i * width + i];
    if (weir_symmetric_eigen(matrix, width, wanted, self->variances, vectors, self->pool, error) < 0)
        goto cleanup;
    memcpy(self->map.center, self->covariance.mean, (size_t)width * sizeof *self->map.center);
    for (int64_t k = 0; k < wanted; k++) {
        double variance = self->variances[k] > 0 ? self->variances[k] : 0, factor = 1;
        self->variances[k] = variance;
        if (self->whiten)
            factor = variance > SMALLEST * self->variances[0] ? 1 / sqrt(variance) : 0;
        for (int64_t i = 0; i < width; i++)
            self->map.matrix[k * width + i] = (float)(factor * vectors[k * width + i]);
    }
    self->map.outputs = wanted;
    self->rows = self->covariance.count;
    result = 0;
cleanup:
    free(matrix);
    free(vectors);
    return result;
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct pca *self = stage->state;
    if (self->rows == 0)
        return weir_fail(error, WEIR_BAD_DATA, "no row without a missing value to learn components from");
    if (take(self, error) < 0 || settle(self, error) < 0)
        return -1;
    release_learning(self);
    if (!stage->keep_merge)
        weir_covariance_release(&self->covariance);
    return 0;
}

/* ---- State -------------------------------------------------------------------------------------------------- */

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    const struct pca *self = stage->state;
    size_t width = (size_t)self->map.columns.width, outputs = (size_t)self->map.outputs;
    json_t *variances = json_array();
    for (size_t k = 0; variances && k < outputs; k++)
        weir_state_append(&variances, json_real(self->variances[k]));
    *state = json_pack("{s:o, s:I, s:o, s:f, s:o, s:o}", "columns", weir_feature_columns_to_json(&self->map.columns),
                       "rows", (json_int_t)self->rows, "variances", variances, "total", self->total, "mean",
                       weir_blobs_add(blobs, self->map.center, width * sizeof(double)), "components",
                       weir_blobs_add(blobs, self->map.matrix, outputs * width * sizeof(float)));
    return *state ? 0 : weir_fail_memory(error);
}

static int save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                      struct weir_error *error)
{
    const struct pca *self = stage->state;
    size_t size = (size_t)(self->covariance.width * self->covariance.width);
    *merge = json_pack("{s:o}", "products", weir_blobs_add(blobs, self->covariance.products, size * sizeof(double)));
    return *merge ? 0 : weir_fail_memory(error);
}

/* The numbers of a blob, `count` of `size` bytes each, all finite: memory for the caller, or NULL with the message. */
static void *read_blob(const json_t *state, const char *key, size_t count, size_t size, const struct weir_blobs *blobs,
                       struct weir_error *error)
{
    const struct weir_buffer *blob = weir_blobs_find(blobs, json_object_get(state, key), error);
    if (!blob) {
        weir_fail_in(error, "its '%s'", key);
        return NULL;
    }
    if (blob->size != count * size) {
        weir_fail(error, WEIR_BAD_DATA, "its '%s' are not the %zu numbers of its columns", key, count);
        return NULL;
    }
    void *numbers = weir_allocate(count, size);
    if (!numbers) {
        weir_fail_memory(error);
        return NULL;
    }
    memcpy(numbers, blob->bytes, count * size);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(size == sizeof(float) ? (double)((float *)numbers)[i] : ((double *)numbers)[i])) {
            weir_fail(error, WEIR_BAD_DATA, "its '%s' hold a number that is not finite", key);
            free(numbers);
            return NULL;
        }
    return numbers;
}

static int restore_merge(struct pca *self, const json_t *merge, const struct weir_blobs *blobs,
                         struct weir_error *error)
{
    size_t width = (size_t)self->map.columns.width;
    if (weir_covariance_init(&self->covariance, (int64_t)width) < 0)
        return weir_fail_memory(error);
    self->covariance.count = self->rows;
    memcpy(self->covariance.mean, self->map.center, width * sizeof(double));
    free(self->covariance.products);
    self->covariance.products = read_blob(merge, "products", width * width, sizeof(double), blobs, error);
    return self->covariance.products ? 0 : -1;
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    struct pca *self = stage->state;
    release(self);
    const json_t *variances = json_object_get(state, "variances"), *merge = json_object_get(state, "merge");
    if (weir_feature_columns_from_json(&self->map.columns, state, MOST_NUMBERS, error) < 0 ||
        weir_state_integer(state, "rows", 1, INT64_C(1) << 53, &self->rows, error) < 0 ||
        weir_state_number(state, "total", &self->total, error) < 0)
        return -1;
    if (self->wanted > self->map.columns.width)
        return weir_fail(error, WEIR_BAD_DATA, "its columns make fewer numbers a row than there are components");
    size_t width = (size_t)self->map.columns.width, outputs = (size_t)self->wanted;
    if (json_array_size(variances) != outputs)
        return weir_fail(error, WEIR_BAD_DATA, "its 'variances' are not those of %zu components", outputs);
    self->variances = weir_allocate(outputs, sizeof *self->variances);
    if (!self->variances)
        return weir_fail_memory(error);
    for (size_t k = 0; k < outputs; k++) {
        const json_t *variance = json_array_get(variances, k);
        if (!json_is_number(variance) || !isfinite(json_number_value(variance)))
            return weir_fail(error, WEIR_BAD_DATA, "its 'variances' hold what is no number");
        self->variances[k] = json_number_value(variance);
    }
    self->map.center = read_blob(state, "mean", width, sizeof(double), blobs, error);
    if (!self->map.center)
        return -1;
    self->map.matrix = read_blob(state, "components", outputs * width, sizeof(float), blobs, error);
    if (!self->map.matrix)
        return -1;
    self->map.outputs = self->wanted;
    return merge ? restore_merge(self, merge, blobs, error) : 0;
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct pca *into = stage->state;
    const struct pca *from = other->state;
    if (weir_state_check_merge(stage, into->map.columns.count, other, from->map.columns.count, error) < 0 ||
        weir_feature_columns_check_merge(&into->map.columns, &from->map.columns, error) < 0)
        return -1;
    if (!into->covariance.products || !from->covariance.products)
        return weir_fail(error, WEIR_BAD_DATA, "a state without its part for merging cannot be merged");
    weir_covariance_merge(&into->covariance, &from->covariance);
    return settle(into, error);
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct pca *self = binding->stage->state;
    struct weir_feature_mapping *mapping = NULL;
    int result = weir_feature_map_bind(&mapping, &self->map, binding, in, error);
    binding->state = mapping;
    return result;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    return weir_feature_map_apply(binding->state, in, out, reasons, error);
}

static void unbind(struct weir_binding *binding)
{
    weir_feature_map_unbind(binding->state);
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct pca *self = binding->stage->state;
    double kept = 0;
    for (int64_t k = 0; k < self->map.outputs; k++)
        kept += self->variances[k];
    weir_feature_map_summary(binding->state, out);
    weir_buffer_format(out, ", %lld component%s", (long long)self->map.outputs, self->map.outputs == 1 ? "" : "s");
    if (self->total > 0)
        weir_buffer_format(out, " with %.1f %% of their variance", 100 * kept / self->total);
    else
        weir_buffer_string(out, "; all rows are equal, or nearly");
}

const struct weir_stage_kind weir_features_pca_kind = {
    .name = "features",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .merge = merge,
    .save = save,
    .save_merge = save_merge,
    .restore = restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
