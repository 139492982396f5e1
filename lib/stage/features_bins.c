/* Numbers to the interval that they lie in: bin b holds edge_b <= x < edge_(b + 1), the first all below, the last all
 * above. Edges are given, or of equal width between the least and the greatest number, or quantiles, so that bins hold
 * equally many rows; those are exact, by a second pass where the rows are many. Edges that coincide, as of a column
 * with few values, are one. */
#include "base/number.h"
#include "stage/choose.h"
#include "stage/derive.h"
#include "stage/features.h"
#include "stage/learn.h"
#include "stage/options.h"
#include "stage/state.h"
#include <math.h>

enum { MOST_BINS = 1000 };

struct bins_column {
    char *name;
    struct weir_type type;
    double *edges; /* [count], ascending */
    size_t count;
    /* while learning, and in states that merge: */
    struct weir_quantiles *sketch;        /* NULL: equal width */
    struct weir_refinement **refinements; /* [bins - 1] of the second pass; NULL: not yet */
    double minimum, maximum;              /* of finite numbers; minimum > maximum: there is none */
};

struct bins {
    const json_t *chosen;
    const char *into;
    int64_t bins;
    bool equal_width, one_hot;
    double *given; /* [given_count] edges of all columns; NULL: they are learned */
    size_t given_count;
    struct bins_column *columns;
    size_t count;
    int *source; /* while learning */
    struct weir_scratch scratch;
};

/* ---- Options ------------------------------------------------------------------------------------------------ */

static int read_edges(struct bins *self, const json_t *list, struct weir_error *error)
{
    size_t count = weir_option_items(list);
    self->given = weir_allocate(count, sizeof *self->given);
    if (!self->given)
        return weir_fail_memory(error);
    for (; self->given_count < count; self->given_count++) {
        const char *text = weir_option_item(list, self->given_count);
        double *edge = &self->given[self->given_count];
        if (!weir_parse_double(text, strlen(text), edge) || !isfinite(*edge))
            return weir_fail(error, WEIR_USAGE, "option '--edges' takes finite numbers, not %s", WEIR_SHOW(text));
        if (self->given_count > 0 && !(*edge > edge[-1]))
            return weir_fail(error, WEIR_USAGE, "option '--edges' takes numbers that ascend, and %s does not",
                             WEIR_SHOW(text));
    }
    if (count > MOST_BINS - 1)
        return weir_fail(error, WEIR_USAGE, "option '--edges' takes %d numbers at most", MOST_BINS - 1);
    return 0;
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column", "into", "bins", "equal-width", "edges", "one-hot", NULL };
    struct bins *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->bins = 10;
    const json_t *options = stage->options, *edges;
    if (weir_option_known(stage, known, error) < 0 || weir_option_list(options, "column", &self->chosen, error) < 0 ||
        weir_option_text(options, "into", NULL, &self->into, error) < 0 ||
        weir_option_integer(options, "bins", 2, MOST_BINS, &self->bins, error) < 0 ||
        weir_option_flag(options, "equal-width", &self->equal_width, error) < 0 ||
        weir_option_flag(options, "one-hot", &self->one_hot, error) < 0 ||
        weir_option_list(options, "edges", &edges, error) < 0)
        return -1;
    if (edges && (json_object_get(options, "bins") || self->equal_width))
        return weir_fail(error, WEIR_USAGE,
                         "--edges says where the bins are: --bins and --equal-width cannot stand "
                         "beside it");
    return edges ? read_edges(self, edges, error) : 0;
}

static void free_refinements(struct bins_column *column, int64_t bins)
{
    for (int64_t i = 0; column->refinements && i < bins - 1; i++)
        weir_refinement_free(column->refinements[i]);
    free(column->refinements);
    column->refinements = NULL;
}

static void release(struct bins *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct bins_column *column = &self->columns[i];
        free(column->name);
        weir_type_release(&column->type);
        free(column->edges);
        weir_quantiles_free(column->sketch);
        free_refinements(column, self->bins);
    }
    free(self->columns);
    free(self->source);
    self->columns = NULL;
    self->source = NULL;
    self->count = 0;
}

static void destroy(struct weir_stage *stage)
{
    struct bins *self = stage->state;
    if (!self)
        return;
    release(self);
    weir_scratch_release(&self->scratch);
    free(self->given);
    free(self);
}

/* ---- Edges -------------------------------------------------------------------------------------------------- */

/* Takes edges[count], ascending, as far as they part numbers: no two alike, none at or below the least. */
static int set_edges(struct bins_column *column, const double *edges, size_t count, struct weir_error *error)
{
    free(column->edges);
    column->count = 0;
    column->edges = weir_allocate(count, sizeof *column->edges);
    if (!column->edges)
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        double before = column->count > 0 ? column->edges[column->count - 1] : column->minimum;
        if (edges[i] > before)
            column->edges[column->count++] = edges[i];
    }
    return 0;
}

/* From what was found so far: of a column without a number there is no edge. */
static int settle(const struct bins *self, struct bins_column *column, struct weir_error *error)
{
    double edges[MOST_BINS] = { 0 };
    size_t count = column->minimum <= column->maximum ? (size_t)self->bins - 1 : 0;
    for (size_t i = 0; i < count; i++) {
        double share = (double)(i + 1) / (double)self->bins;
        if (self->equal_width)
            edges[i] = column->minimum * (1 - share) + column->maximum * share;
        else if (column->refinements) {
            if (weir_refinement_value(column->refinements[i], &edges[i], error) < 0)
                return -1;
        } else if (weir_quantiles_value(column->sketch, share, &edges[i]) < 0)
            return weir_fail_memory(error);
    }
    return set_edges(column, edges, count, error);
}

/* ---- Learning ----------------------------------------------------------------------------------------------- */

static bool is_number(const struct weir_field *field, void *context)
{
    (void)context;
    enum weir_kind kind = field->type.kind;
    return kind != WEIR_FLOAT16 && (weir_kind_is_integer(kind) || weir_kind_is_float(kind));
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct bins *self = stage->state;
    size_t count;
    release(self);
    if (weir_choose_columns(in, self->chosen, "features", is_number, NULL, &self->source, &count, error) < 0)
        return -1;
    if (count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "no column of numbers here to make features of");
    if (self->into && count > 1)
        return weir_fail(error, WEIR_USAGE,
                         "--into names one new column, and %zu become bins: choose one with --column", count);
    self->columns = weir_allocate_zero(count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    while (self->count < count) {
        struct bins_column *column = &self->columns[self->count];
        const struct weir_field *field = &in->fields[self->source[self->count++]];
        column->name = weir_duplicate_string(field->name);
        column->minimum = (double)INFINITY;
        column->maximum = -(double)INFINITY;
        if (!column->name || weir_type_copy(&column->type, &field->type) < 0)
            return weir_fail_memory(error);
        if (self->given) {
            column->minimum = -(double)INFINITY;
            if (set_edges(column, self->given, self->given_count, error) < 0)
                return -1;
        } else if (!self->equal_width && !(column->sketch = weir_quantiles_new(weir_quantile_limit(count)))) {
            return weir_fail_memory(error);
        }
    }
    return self->given ? 0 : 1;
}

static int learn_numbers(const struct bins *self, struct bins_column *column, const double *x, int64_t rows,
                         struct weir_error *error)
{
    if (column->refinements) {
        for (int64_t i = 0; i < self->bins - 1; i++)
            if (!weir_refinement_is_exact(column->refinements[i]) &&
                weir_refinement_add(column->refinements[i], x, (size_t)rows) < 0)
                return weir_fail_memory(error);
        return 0;
    }
    for (int64_t row = 0; row < rows; row++) {
        column->minimum = x[row] < column->minimum ? x[row] : column->minimum;
        column->maximum = x[row] > column->maximum ? x[row] : column->maximum;
    }
    if (column->sketch && weir_quantiles_add(column->sketch, x, (size_t)rows) < 0)
        return weir_fail_memory(error);
    return 0;
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct bins *self = stage->state;
    for (size_t i = 0; i < self->count; i++) {
        struct bins_column *column = &self->columns[i];
        int64_t missing;
        if (weir_scratch_numbers(&self->scratch, &batch->columns[self->source[i]], column->type.kind, &missing, error) <
                0 ||
            learn_numbers(self, column, self->scratch.numbers, batch->rows, error) < 0)
            return -1;
    }
    return 0;
}

static int begin_refinements(const struct bins *self, struct bins_column *column, struct weir_error *error)
{
    column->refinements = weir_allocate_zero((size_t)self->bins - 1, sizeof(struct weir_refinement *));
    for (int64_t i = 0; column->refinements && i < self->bins - 1; i++) {
        column->refinements[i] = weir_refinement_new(column->sketch, (double)(i + 1) / (double)self->bins);
        if (!column->refinements[i])
            return weir_fail_memory(error);
    }
    return column->refinements ? 1 : weir_fail_memory(error);
}

/* 1: another pass makes the quantiles exact. */
static int end_column(const struct bins *self, struct bins_column *column, struct weir_error *error)
{
    if (column->sketch && column->minimum <= column->maximum) {
        if (!column->refinements && !weir_quantiles_are_exact(column->sketch))
            return begin_refinements(self, column, error);
        int more = 0;
        for (int64_t i = 0; column->refinements && i < self->bins - 1; i++) {
            if (weir_refinement_is_exact(column->refinements[i]))
                continue;
            if (weir_refinement_narrow(column->refinements[i]) < 0)
                return weir_fail_memory(error);
            more = 1;
        }
        if (more)
            return 1;
    }
    return settle(self, column, error);
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct bins *self = stage->state;
    int more = 0;
    for (size_t i = 0; i < self->count; i++) {
        int result = end_column(self, &self->columns[i], error);
        if (result < 0)
            return -1;
        more |= result;
    }
    for (size_t i = 0; !more && i < self->count; i++)
        free_refinements(&self->columns[i], self->bins);
    return more;
}

/* ---- State -------------------------------------------------------------------------------------------------- */

static json_t *edges_to_json(const struct bins_column *column)
{
    json_t *edges = json_array();
    for (size_t i = 0; edges && i < column->count; i++)
        weir_state_append(&edges, json_real(column->edges[i]));
    return edges;
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    (void)blobs;
    const struct bins *self = stage->state;
    json_t *columns = json_array();
    for (size_t i = 0; columns && i < self->count; i++) {
        json_t *column = weir_state_new_column(self->columns[i].name, &self->columns[i].type);
        if (column && json_object_set_new(column, "edges", edges_to_json(&self->columns[i])) < 0) {
            json_decref(column);
            column = NULL;
        }
        weir_state_append(&columns, column);
    }
    return weir_state_of_columns(columns, state, error);
}

/* {"minimum": ..., "maximum": ..., "quantiles": ...}; {} of a column without a number, or of given edges. */
static json_t *merge_to_json(const struct bins_column *column, struct weir_blobs *blobs, struct weir_error *error)
{
    if (!(column->minimum <= column->maximum && isfinite(column->minimum)))
        return json_object();
    json_t *json = json_pack("{s:f, s:f}", "minimum", column->minimum, "maximum", column->maximum);
    if (!json || !column->sketch)
        return json;
    json_t *sketch = weir_quantiles_to_blob(column->sketch, blobs, error);
    if (sketch && json_object_set_new(json, "quantiles", sketch) == 0)
        return json;
    json_decref(json);
    return NULL;
}

static int save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                      struct weir_error *error)
{
    const struct bins *self = stage->state;
    *merge = json_array();
    for (size_t i = 0; *merge && i < self->count; i++)
        weir_state_append(merge, merge_to_json(&self->columns[i], blobs, error));
    return *merge ? 0 : weir_fail_memory(error);
}

static int restore_column(struct bins_column *column, const json_t *json, struct weir_error *error)
{
    const json_t *edges = json_object_get(json, "edges");
    if (weir_state_name_and_type(json, &column->name, &column->type, error) < 0)
        return -1;
    struct weir_field field = { .type = column->type };
    if (!is_number(&field, NULL))
        return weir_fail(error, WEIR_BAD_DATA, "its type is no number");
    if (!json_is_array(edges) || json_array_size(edges) > MOST_BINS - 1)
        return weir_fail(error, WEIR_BAD_DATA, "its 'edges' are no list of %d numbers at most", MOST_BINS - 1);
    column->edges = weir_allocate(json_array_size(edges), sizeof *column->edges);
    if (!column->edges)
        return weir_fail_memory(error);
    for (; column->count < json_array_size(edges); column->count++) {
        const json_t *edge = json_array_get(edges, column->count);
        double number = json_number_value(edge);
        if (!json_is_number(edge) || !isfinite(number) ||
            (column->count > 0 && !(number > column->edges[column->count - 1])))
            return weir_fail(error, WEIR_BAD_DATA, "its 'edges' do not ascend");
        column->edges[column->count] = number;
    }
    return 0;
}

static int restore_merge(const struct bins *self, struct bins_column *column, const json_t *json, size_t count,
                         const struct weir_blobs *blobs, struct weir_error *error)
{
    column->minimum = (double)INFINITY;
    column->maximum = -(double)INFINITY;
    bool empty = json_object_size(json) == 0;
    if (!empty && (weir_state_number(json, "minimum", &column->minimum, error) < 0 ||
                   weir_state_number(json, "maximum", &column->maximum, error) < 0))
        return -1;
    if (self->equal_width || self->given)
        return 0;
    if (!empty)
        return weir_quantiles_from_blob(&column->sketch, json_object_get(json, "quantiles"), blobs, error);
    column->sketch = weir_quantiles_new(weir_quantile_limit(count));
    return column->sketch ? 0 : weir_fail_memory(error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    struct bins *self = stage->state;
    const json_t *columns, *merge;
    release(self);
    if (weir_state_columns_and_merge(state, &columns, &merge, error) < 0)
        return -1;
    size_t count = json_array_size(columns);
    self->columns = weir_allocate_zero(count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    while (self->count < count) {
        struct bins_column *column = &self->columns[self->count];
        const json_t *json = json_array_get(columns, self->count), *more = json_array_get(merge, self->count);
        self->count++;
        if (restore_column(column, json, error) < 0 ||
            (merge && restore_merge(self, column, more, count, blobs, error) < 0))
            return weir_fail_in(error, "column %s", column->name ? WEIR_SHOW(column->name) : "");
    }
    return 0;
}

static int merge_column(const struct bins *self, struct bins_column *into, const struct bins_column *from,
                        struct weir_error *error)
{
    if (strcmp(into->name, from->name) != 0 || !weir_type_equal(&into->type, &from->type))
        return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(into->name));
    if (self->given)
        return 0;
    if (!self->equal_width && (!into->sketch || !from->sketch))
        return weir_fail(error, WEIR_BAD_DATA, "a state without its part for merging cannot be merged");
    if (!self->equal_width && weir_quantiles_merge(into->sketch, from->sketch, error) < 0)
        return -1;
    into->minimum = fmin(into->minimum, from->minimum);
    into->maximum = fmax(into->maximum, from->maximum);
    return settle(self, into, error);
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct bins *into = stage->state;
    const struct bins *from = other->state;
    if (weir_state_check_merge(stage, into->count, other, from->count, error) < 0)
        return -1;
    for (size_t i = 0; i < into->count; i++)
        if (merge_column(into, &into->columns[i], &from->columns[i], error) < 0)
            return -1;
    return 0;
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

struct place {
    int from, to;
    enum weir_kind kind;
};
struct applying {
    const struct bins *self;
    struct weir_derived derived;
    struct place *places; /* [columns] */
    struct weir_scratch scratch;
};

/* Where a column's bins go: normalize and encode leave what has categories alone. */
static int make_field(const struct bins *self, const struct bins_column *column, struct weir_field *field,
                      struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    int result = weir_json_dump_new(json_pack("{s:o}", "edges", edges_to_json(column)), WEIR_JSON_KEPT, &text, error);
    if (result == 0 && weir_metadata_set(&field->metadata, "weir:categories", text.bytes) < 0)
        result = weir_fail_memory(error);
    weir_buffer_release(&text);
    if (result < 0)
        return -1;
    if (self->one_hot)
        return weir_field_make_tensor(field, WEIR_FLOAT32, (int32_t)column->count + 1, 0, NULL) < 0
                   ? weir_fail_memory(error)
                   : 0;
    weir_type_release(&field->type);
    field->type = (struct weir_type){ .kind = WEIR_INT32 };
    return 0;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct bins *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    struct weir_absent absent = { 0 };
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    applying->self = self;
    applying->places = weir_allocate_zero(self->count, sizeof *applying->places);
    if (!applying->places)
        return weir_fail_memory(error);
    if (weir_derive_keep(&applying->derived, &binding->out, in, error) < 0)
        return -1;
    int result = 0;
    for (size_t i = 0; result == 0 && i < self->count; i++) {
        const struct bins_column *column = &self->columns[i];
        struct place *place = &applying->places[i];
        place->from = place->to = weir_schema_find(in, column->name);
        if (place->from < 0) {
            weir_absent_add(&absent, column->name);
            continue;
        }
        const struct weir_field *field = &in->fields[place->from];
        place->kind = field->type.kind;
        if (!is_number(field, NULL))
            result = weir_fail_type(error, "features", field, &column->type);
        else if (self->into)
            place->to = weir_derive_add(&applying->derived, &binding->out, self->into, WEIR_INT32, error);
        applying->derived.from[place->from] = self->into ? place->from : -1;
        if (result == 0)
            result = place->to < 0 ? -1 : make_field(self, column, &binding->out.fields[place->to], error);
    }
    if (result < 0)
        weir_buffer_release(&absent.names);
    return result < 0 ? -1 : weir_absent_fail(&absent, "features", error);
}

static void unbind(struct weir_binding *binding)
{
    struct applying *applying = binding->state;
    if (!applying)
        return;
    weir_derived_release(&applying->derived);
    weir_scratch_release(&applying->scratch);
    free(applying->places);
    free(applying);
}

/* How many edges are at or below x. */
static int32_t find_bin(const struct bins_column *column, double x)
{
    size_t low = 0, high = column->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (column->edges[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return (int32_t)low;
}

static int mark_missing(struct weir_column *to, const double *x, int64_t rows)
{
    for (int64_t row = 0; row < rows; row++)
        to->null_count += isnan(x[row]);
    if (to->null_count == 0)
        return 0;
    uint8_t *bits = weir_slice_new(&to->validity, (size_t)((rows + 7) / 8), 1);
    if (!bits)
        return -1;
    memset(bits, 0, to->validity.size);
    for (int64_t row = 0; row < rows; row++)
        if (!isnan(x[row]))
            weir_bit_set(bits, row);
    return 0;
}

static int fill(const struct bins *self, const struct bins_column *column, const double *x, int64_t rows,
                struct weir_column *to)
{
    to->rows = rows;
    if (mark_missing(to, x, rows) < 0)
        return -1;
    if (!self->one_hot) {
        int32_t *y = weir_slice_new(&to->values, (size_t)rows, sizeof *y);
        for (int64_t row = 0; y && row < rows; row++)
            y[row] = isnan(x[row]) ? 0 : find_bin(column, x[row]);
        return y ? 0 : -1;
    }
    int64_t size = (int64_t)column->count + 1;
    if (weir_column_add_children(to, 1) < 0)
        return -1;
    to->children[0].rows = rows * size;
    float *y = weir_slice_new(&to->children[0].values, (size_t)(rows * size), sizeof *y);
    if (!y)
        return -1;
    memset(y, 0, (size_t)(rows * size) * sizeof *y);
    for (int64_t row = 0; row < rows; row++)
        if (!isnan(x[row]))
            y[row * size + find_bin(column, x[row])] = 1;
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    (void)reasons;
    struct applying *applying = binding->state;
    const struct bins *self = applying->self;
    if (weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    for (size_t i = 0; i < self->count; i++) {
        const struct place *place = &applying->places[i];
        const double *x = weir_scratch_view(&applying->scratch, &in->columns[place->from], place->kind, error);
        if (!x)
            return -1;
        if (fill(self, &self->columns[i], x, in->rows, &out->columns[place->to]) < 0)
            return weir_fail_memory(error);
    }
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct bins *self = binding->stage->state;
    size_t fewer = 0, wanted = self->given ? self->given_count : (size_t)self->bins - 1;
    for (size_t i = 0; i < self->count; i++)
        fewer += self->columns[i].count < wanted;
    weir_buffer_format(out, "%zu column%s to %zu bins", self->count, self->count == 1 ? "" : "s", wanted + 1);
    if (fewer > 0)
        weir_buffer_format(out, ", %zu of them to fewer, as they have fewer values", fewer);
}

const struct weir_stage_kind weir_features_bins_kind = {
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
