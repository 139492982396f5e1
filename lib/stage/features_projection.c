/* Random projection: distances between rows are kept nearly, whatever the rows are (W. Johnson, J. Lindenstrauss,
 * 1984).
 *
 *     y_k = sum over places i of r_ik x_i,  k < components
 *
 *     gaussian     r ~ N(0, 1 / components)
 *     achlioptas   r = sqrt(s / components) times -1, 0 or 1 with probability 1 / 2s, 1 - 1 / s, 1 / 2s, s = 3
 *                  (D. Achlioptas, "Database-friendly random projections", 2003)
 *     sparse       the same with s = sqrt(width) (P. Li, T. Hastie, K. Church, "Very sparse random projections", 2006)
 *
 * Nothing is learned but the columns and their width: r follows from the seed. A sparse column is taken alone. */
#include "base/random.h"
#include "stage/choose.h"
#include "stage/derive.h"
#include "stage/feature_map.h"
#include "stage/features.h"
#include "stage/learn.h"
#include "stage/options.h"
#include "stage/state.h"
#include "stream/sparse.h"

/* Numbers of the matrix, which is in memory for dense columns; rows of it are kept at hand for sparse ones. */
enum { MOST_NUMBERS = 1 << 26, MOST_COMPONENTS = 1 << 16, CACHE_NUMBERS = 1 << 22 };

enum distribution { GAUSSIAN, ACHLIOPTAS, SPARSE };

struct projection {
    const json_t *chosen;
    int64_t seed, components;
    int distribution;
    struct weir_feature_map map; /* of dense columns */
    /* a sparse column: */
    char *name; /* NULL: the columns are dense */
    struct weir_type type;
    int64_t width;
};

/* r_ik of place i, for all k. */
static void make_row(const struct projection *self, int64_t place, float *r)
{
    struct weir_random random;
    weir_random_init(&random, (uint64_t)self->seed, (uint64_t)place);
    double width = (double)(self->name ? self->width : self->map.columns.width);
    double s = self->distribution == SPARSE ? sqrt(width) : 3, count = (double)self->components;
    float size = (float)sqrt((self->distribution == GAUSSIAN ? 1 : s) / count);
    for (int64_t k = 0; k < self->components; k++) {
        if (self->distribution == GAUSSIAN) {
            r[k] = size * (float)weir_random_normal(&random);
            continue;
        }
        double draw = s * weir_random_uniform(&random);
        r[k] = draw < 0.5 ? -size : draw < 1 ? size : 0;
    }
}

static int make_matrix(struct projection *self, struct weir_error *error)
{
    int64_t width = self->map.columns.width, count = self->components;
    self->map.outputs = count;
    float *row = weir_allocate((size_t)count, sizeof *row);
    self->map.matrix = weir_allocate((size_t)count, (size_t)width * sizeof *self->map.matrix);
    if (row && self->map.matrix)
        for (int64_t i = 0; i < width; i++) {
            make_row(self, i, row);
            for (int64_t k = 0; k < count; k++)
                self->map.matrix[k * width + i] = row[k];
        }
    free(row);
    return row && self->map.matrix ? 0 : weir_fail_memory(error);
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column", "into", "components", "distribution", "seed", NULL };
    static const char *const distributions[] = { "gaussian", "achlioptas", "sparse", NULL };
    struct projection *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->map.name = "projection";
    self->components = 64;
    const json_t *options = stage->options;
    return weir_option_known(stage, known, error) < 0 ||
                   weir_option_list(options, "column", &self->chosen, error) < 0 ||
                   weir_option_text(options, "into", NULL, &self->map.into, error) < 0 ||
                   weir_option_integer(options, "components", 1, MOST_COMPONENTS, &self->components, error) < 0 ||
                   weir_option_choice(options, "distribution", distributions, GAUSSIAN, &self->distribution, error) <
                       0 ||
                   weir_option_integer(options, "seed", 0, INT64_C(1) << 53, &self->seed, error) < 0
               ? -1
               : 0;
}

static void release(struct projection *self)
{
    weir_feature_map_release(&self->map);
    free(self->name);
    weir_type_release(&self->type);
    self->name = NULL;
}

static void destroy(struct weir_stage *stage)
{
    struct projection *self = stage->state;
    if (!self)
        return;
    release(self);
    free(self);
}

/* ---- Which columns ------------------------------------------------------------------------------------------ */

static bool is_sparse(const struct weir_field *field, void *context)
{
    (void)context;
    return weir_sparse_is(&field->type);
}

static bool fits(const struct weir_field *field, void *context)
{
    return is_sparse(field, context) || weir_feature_width(&field->type) > 0;
}

static int take_sparse(struct projection *self, const struct weir_field *field, struct weir_error *error)
{
    self->width = weir_sparse_width(field, error);
    if (self->width < 0)
        return -1;
    self->name = weir_duplicate_string(field->name);
    return self->name && weir_type_copy(&self->type, &field->type) == 0 ? 0 : weir_fail_memory(error);
}

/* Returns 0: the columns are known, and no row need be seen. */
static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct projection *self = stage->state;
    int *index;
    size_t count, sparse = 0;
    release(self);
    if (weir_choose_columns(in, self->chosen, "features", fits, NULL, &index, &count, error) < 0)
        return -1;
    int first = -1;
    for (size_t i = 0; i < count; i++)
        if (is_sparse(&in->fields[index[i]], NULL)) {
            sparse++;
            first = index[i];
        }
    free(index);
    if (sparse > 0 && count > 1)
        return weir_fail(error, WEIR_USAGE,
                         "column %s is sparse, and such a one is projected alone: name one, or the "
                         "others, with --column",
                         WEIR_SHOW(in->fields[first].name));
    if (sparse > 0)
        return take_sparse(self, &in->fields[first], error);
    if (weir_feature_columns_choose(&self->map.columns, in, self->chosen, MOST_NUMBERS / self->components, error) < 0)
        return -1;
    return make_matrix(self, error);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    (void)stage, (void)batch, (void)error;
    return 0;
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    (void)blobs;
    const struct projection *self = stage->state;
    if (!self->name)
        return weir_state_of_columns(weir_feature_columns_to_json(&self->map.columns), state, error);
    json_t *columns = json_array();
    weir_state_append(&columns, weir_state_new_column(self->name, &self->type));
    *state = json_pack("{s:o, s:I}", "columns", columns, "width", (json_int_t)self->width);
    return *state ? 0 : weir_fail_memory(error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    (void)blobs;
    struct projection *self = stage->state;
    release(self);
    if (!json_object_get(state, "width"))
        return weir_feature_columns_from_json(&self->map.columns, state, MOST_NUMBERS / self->components, error) < 0
                   ? -1
                   : make_matrix(self, error);
    const json_t *columns = weir_state_columns(state, error);
    if (!columns || weir_state_integer(state, "width", 1, INT64_C(1) << 32, &self->width, error) < 0)
        return -1;
    if (json_array_size(columns) != 1)
        return weir_fail(error, WEIR_BAD_DATA, "its 'columns' are not one");
    if (weir_state_name_and_type(json_array_get(columns, 0), &self->name, &self->type, error) < 0)
        return -1;
    if (!weir_sparse_is(&self->type))
        return weir_fail(error, WEIR_BAD_DATA, "column %s: its type is not that of sparse rows", WEIR_SHOW(self->name));
    return 0;
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    const struct projection *into = stage->state, *from = other->state;
    if (weir_state_check_merge(stage, into->map.columns.count, other, from->map.columns.count, error) < 0)
        return -1;
    if (!into->name && !from->name)
        return weir_feature_columns_check_merge(&into->map.columns, &from->map.columns, error);
    if (!into->name || !from->name || strcmp(into->name, from->name) != 0 || into->width != from->width)
        return weir_fail(error, WEIR_BAD_DATA, "the states are of different columns");
    return 0;
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

struct applying {
    const struct projection *self;
    struct weir_feature_mapping *mapping; /* of dense columns; NULL: a sparse one */
    struct weir_derived derived;
    struct weir_field field;
    int from, at;
    /* Rows of the matrix that were made: slot place % slots holds that of places[slot] - 1. */
    int64_t slots, *places;
    float *rows; /* [slots][components] */
    double *sums;
    int64_t before; /* rows of the batches before, for messages */
};

static int bind_sparse(struct applying *applying, struct weir_binding *binding, const struct weir_schema *in,
                       struct weir_error *error)
{
    const struct projection *self = applying->self;
    applying->from = weir_schema_find(in, self->name);
    if (applying->from < 0) {
        struct weir_absent absent = { 0 };
        weir_absent_add(&absent, self->name);
        return weir_absent_fail(&absent, "features", error);
    }
    const struct weir_field *field = &in->fields[applying->from];
    if (!weir_sparse_is(&field->type))
        return weir_fail_type(error, "features", field, &self->type);
    int64_t width = weir_sparse_width(field, error);
    if (width < 0)
        return -1;
    if (width != self->width)
        return weir_fail(error, WEIR_BAD_DATA, "column %s has %lld places a row here, and had %lld when it was chosen",
                         WEIR_SHOW(self->name), (long long)width, (long long)self->width);
    applying->at = weir_derive_gather(&applying->derived, &binding->out, in, &applying->from, 1, self->map.into,
                                      self->map.name, error);
    if (applying->at < 0)
        return -1;
    applying->slots = CACHE_NUMBERS / self->components;
    if (applying->slots > width)
        applying->slots = width;
    size_t slots = (size_t)applying->slots, components = (size_t)self->components;
    applying->places = weir_allocate_zero(slots, sizeof *applying->places);
    applying->rows = weir_allocate(slots, components * sizeof *applying->rows);
    applying->sums = weir_allocate(components, sizeof *applying->sums);
    if (!applying->places || !applying->rows || !applying->sums || weir_field_copy(&applying->field, field) < 0 ||
        weir_field_make_tensor(&binding->out.fields[applying->at], WEIR_FLOAT32, (int32_t)components, 0, NULL) < 0)
        return weir_fail_memory(error);
    return 0;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    applying->self = binding->stage->state;
    if (applying->self->name)
        return bind_sparse(applying, binding, in, error);
    return weir_feature_map_bind(&applying->mapping, &applying->self->map, binding, in, error);
}

static void unbind(struct weir_binding *binding)
{
    struct applying *applying = binding->state;
    if (!applying)
        return;
    weir_feature_map_unbind(applying->mapping);
    weir_derived_release(&applying->derived);
    weir_field_release(&applying->field);
    free(applying->places);
    free(applying->rows);
    free(applying->sums);
    free(applying);
}

static const float *row_of(struct applying *applying, int64_t place)
{
    int64_t slot = place % applying->slots;
    float *row = applying->rows + slot * applying->self->components;
    if (applying->places[slot] != place + 1) {
        make_row(applying->self, place, row);
        applying->places[slot] = place + 1;
    }
    return row;
}

/* y[components] of one row. */
static void project(struct applying *applying, const struct weir_sparse *sparse, int64_t row, float *y)
{
    int64_t count = applying->self->components;
    memset(applying->sums, 0, (size_t)count * sizeof *applying->sums);
    for (int64_t i = sparse->offsets[row]; i < sparse->offsets[row + 1]; i++) {
        const float *r = row_of(applying, sparse->index[i]);
        for (int64_t k = 0; k < count; k++)
            applying->sums[k] += (double)sparse->value[i] * (double)r[k];
    }
    for (int64_t k = 0; k < count; k++)
        y[k] = (float)applying->sums[k];
}

static int apply_sparse(struct applying *applying, const struct weir_batch *in, struct weir_batch *out,
                        struct weir_reasons *reasons, struct weir_error *error)
{
    const struct projection *self = applying->self;
    const struct weir_column *column = &in->columns[applying->from];
    int64_t count = self->components;
    struct weir_sparse sparse;
    if (weir_sparse_open(&sparse, &applying->field, column, self->width, error) < 0 ||
        weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    float *y = weir_derive_lists(&out->columns[applying->at], in->rows, count, sizeof *y, column);
    if (!y)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < in->rows; row++, y += count) {
        project(applying, &sparse, row, y);
        if (weir_vector_is_finite(y, count))
            continue;
        if (!reasons)
            return weir_fail(error, WEIR_BAD_DATA,
                             "column %s, row %lld: its numbers are too large: what becomes of them is out of float32's "
                             "range",
                             WEIR_SHOW(self->name), (long long)(applying->before + row + 1));
        weir_give_reason(reasons, row, "what becomes of its numbers is out of float32's range");
        memset(y, 0, (size_t)count * sizeof *y);
    }
    applying->before += in->rows;
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    struct applying *applying = binding->state;
    return applying->mapping ? weir_feature_map_apply(applying->mapping, in, out, reasons, error)
                             : apply_sparse(applying, in, out, reasons, error);
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct applying *applying = binding->state;
    const struct projection *self = applying->self;
    if (applying->mapping)
        weir_feature_map_summary(applying->mapping, out);
    else
        weir_buffer_format(out, "1 column of %lld places a row", (long long)self->width);
    weir_buffer_format(out, ", projected to %lld", (long long)self->components);
}

const struct weir_stage_kind weir_features_projection_kind = {
    .name = "features",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .merge = merge,
    .save = save,
    .restore = restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
