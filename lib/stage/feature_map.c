#include "stage/feature_map.h"
#include "base/thread.h"
#include "math/affine.h"
#include "stage/derive.h"

enum { CHUNK_NUMBERS = 1 << 14 };

struct weir_feature_mapping {
    const struct weir_feature_map *map;
    struct weir_feature_bound bound;
    struct weir_derived derived;
    int at; /* of the new column */
    struct weir_pool *pool;
    int64_t chunk; /* rows that are done in one go */
    float *x;      /* [threads][chunk][width] */
    uint8_t *faults;
    size_t fault_capacity;
    /* of the batch at hand: */
    const struct weir_batch *in;
    float *y;
};

void weir_feature_map_release(struct weir_feature_map *map)
{
    weir_feature_columns_release(&map->columns);
    free(map->center);
    free(map->matrix);
    map->center = NULL;
    map->matrix = NULL;
}

int weir_feature_map_bind(struct weir_feature_mapping **mapping, const struct weir_feature_map *map,
                          struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_feature_mapping *self = *mapping = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    self->map = map;
    if (weir_feature_columns_bind(&self->bound, &map->columns, in, error) < 0)
        return -1;
    self->at = weir_derive_gather(&self->derived, &binding->out, in, self->bound.index, map->columns.count, map->into,
                                  map->name, error);
    if (self->at < 0)
        return -1;
    if (binding->mode != WEIR_AS_REPLAY && !(self->pool = weir_pool_new(0)))
        return weir_fail_memory(error);
    int threads = self->pool ? weir_pool_threads(self->pool) : 1;
    self->chunk = map->columns.width < CHUNK_NUMBERS ? CHUNK_NUMBERS / map->columns.width : 1;
    self->x = weir_allocate_aligned((size_t)(threads * self->chunk * map->columns.width), sizeof *self->x);
    if (!self->x ||
        weir_field_make_tensor(&binding->out.fields[self->at], WEIR_FLOAT32, (int32_t)map->outputs, 0, NULL) < 0)
        return weir_fail_memory(error);
    return 0;
}

void weir_feature_map_unbind(struct weir_feature_mapping *self)
{
    if (!self)
        return;
    weir_feature_bound_release(&self->bound);
    weir_derived_release(&self->derived);
    weir_pool_free(self->pool);
    free(self->x);
    free(self->faults);
    free(self);
}

void weir_feature_map_summary(const struct weir_feature_mapping *self, struct weir_buffer *out)
{
    weir_feature_summary(&self->bound, out);
}

static void map_chunk(void *context, int index, int thread)
{
    struct weir_feature_mapping *self = context;
    const struct weir_feature_map *map = self->map;
    int64_t first = index * self->chunk, rows = self->in->rows - first, width = map->columns.width;
    if (rows > self->chunk)
        rows = self->chunk;
    float *x = self->x + thread * self->chunk * width, *y = self->y + first * map->outputs;
    int64_t bad = weir_feature_rows(&self->bound, self->in, map->center, first, rows, x, self->faults + first);
    weir_affine(x, rows, width, map->matrix, NULL, map->outputs, y);
    for (int64_t r = 0; bad > 0 && r < rows; r++)
        if (self->faults[first + r] != WEIR_FEATURE_WHOLE)
            memset(y + r * map->outputs, 0, (size_t)map->outputs * sizeof *y);
}

/* Sums of large numbers that leave float32's range are no numbers for whoever reads them: an error, or a reason of the
 * row's. */
static int check_range(struct weir_feature_mapping *self, struct weir_reasons *reasons, struct weir_error *error)
{
    int64_t outputs = self->map->outputs;
    if (weir_vector_is_finite(self->y, self->in->rows * outputs))
        return 0;
    if (!reasons)
        return weir_fail(error, WEIR_BAD_DATA,
                         "the numbers are too large: what becomes of them is out of float32's range; "
                         "normalize, put in front, scales them");
    for (int64_t row = 0; row < self->in->rows; row++) {
        float *y = self->y + row * outputs;
        if (weir_vector_is_finite(y, outputs))
            continue;
        weir_give_reason(reasons, row, "what becomes of its numbers is out of float32's range");
        self->faults[row] = WEIR_FEATURE_INFINITE;
        memset(y, 0, (size_t)outputs * sizeof *y);
    }
    return 0;
}

int weir_feature_map_apply(struct weir_feature_mapping *self, const struct weir_batch *in, struct weir_batch *out,
                           struct weir_reasons *reasons, struct weir_error *error)
{
    int chunks = (int)((in->rows + self->chunk - 1) / self->chunk);
    if (weir_derive_share(&self->derived, in, out, error) < 0)
        return -1;
    struct weir_column *column = &out->columns[self->at];
    self->in = in;
    self->y = weir_derive_lists(column, in->rows, self->map->outputs, sizeof *self->y, NULL);
    if (!self->y || weir_grow((void **)&self->faults, &self->fault_capacity, (size_t)in->rows + 1, 1) < 0)
        return weir_fail_memory(error);
    if (self->pool)
        weir_pool_run(self->pool, chunks, map_chunk, self);
    for (int i = 0; !self->pool && i < chunks; i++)
        map_chunk(self, i, 0);
    if (weir_feature_judge(&self->bound, in, self->faults, reasons, error) < 0 || check_range(self, reasons, error) < 0)
        return -1;
    return weir_feature_nulls(column, self->faults, in->rows) < 0 ? weir_fail_memory(error) : 0;
}
