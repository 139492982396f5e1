#include "stage/derive.h"
#include "stage/features_bins_private.h"
#include "stage/options.h"
#include <math.h>

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
    int result = weir_json_dump_new(json_pack("{s:o}", "edges", weir_bins_edges(column)), WEIR_JSON_KEPT, &text, error);
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

int weir_bins_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
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
        if (!weir_bins_take(field, NULL))
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

void weir_bins_unbind(struct weir_binding *binding)
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
    float *y = weir_derive_lists(to, rows, size, sizeof *y, NULL);
    if (!y)
        return -1;
    memset(y, 0, to->children[0].values.size);
    for (int64_t row = 0; row < rows; row++)
        if (!isnan(x[row]))
            y[row * size + find_bin(column, x[row])] = 1;
    return 0;
}

int weir_bins_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
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

void weir_bins_summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct bins *self = binding->stage->state;
    size_t fewer = 0, wanted = self->given ? self->given_count : (size_t)self->bins - 1;
    for (size_t i = 0; i < self->count; i++)
        fewer += self->columns[i].count < wanted;
    weir_buffer_format(out, "%zu column%s to %zu bins", self->count, self->count == 1 ? "" : "s", wanted + 1);
    if (fewer > 0)
        weir_buffer_format(out, ", %zu of them to fewer, as they have fewer values", fewer);
}
