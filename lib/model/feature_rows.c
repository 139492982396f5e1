#include "model/feature_rows.h"
#include "base/memory.h"
#include "stream/sparse.h"
#include <stdlib.h>
#include <string.h>

/* What is being added: rows first .. first + count - 1 of the batch. */
struct addition {
    const struct weir_feature_list *features;
    const int *index;
    const struct weir_schema *schema;
    const struct weir_batch *batch;
    int64_t first, count, number;
    struct weir_reasons *reasons;
};

void weir_feature_rows_clear(struct weir_feature_rows *rows)
{
    rows->rows = 0;
}

void weir_feature_rows_release(struct weir_feature_rows *rows)
{
    free(rows->x);
    free(rows->entries);
    free(rows->offsets);
    *rows = (struct weir_feature_rows){ .sparse = rows->sparse };
}

/* A fault of the row r of the addition: its reason, or the error. */
static int refuse(const struct addition *a, int64_t r, const char *text, const char *before, struct weir_error *error)
{
    if (!a->reasons)
        return weir_fail(error, WEIR_BAD_DATA, "row %lld: %s: put `clean` in front%s", (long long)(a->number + r + 1),
                         text, before);
    weir_give_reason(a->reasons, r, text);
    return 0;
}

/* What is wrong with the value of that row, or NULL. x: the value's numbers. */
static const char *fault(const struct weir_feature_column *column, const struct weir_column *values,
                         const struct weir_type *type, int64_t row, const float *x)
{
    if (weir_feature_missing(values, type, row))
        return column->missing;
    return weir_feature_is_finite(x, column->width) ? NULL : column->not_finite;
}

/* x[r * stride + i] of a dense column, faults told. */
static int read_dense(const struct addition *a, size_t c, float *x, int64_t stride, struct weir_error *error)
{
    const struct weir_feature_column *column = &a->features->columns[c];
    const struct weir_type *type = &a->schema->fields[a->index[c]].type;
    const struct weir_column *values = &a->batch->columns[a->index[c]];
    weir_feature_floats(values, type, a->first, a->count, x, stride);
    for (int64_t r = 0; r < a->count; r++) {
        const char *text = fault(column, values, type, a->first + r, x + r * stride);
        if (text && refuse(a, r, text, "", error))
            return -1;
    }
    return 0;
}

static int add_dense(struct weir_feature_rows *to, const struct addition *a, struct weir_error *error)
{
    int64_t stride = a->features->width, offset = 0;
    size_t needed;
    if (!weir_multiply((size_t)(to->rows + a->count), (size_t)stride, &needed) ||
        weir_grow((void **)&to->x, &to->x_capacity, needed, sizeof *to->x))
        return weir_fail_memory(error);
    float *x = to->x + to->rows * stride;
    for (size_t c = 0; c < a->features->count; c++) {
        if (read_dense(a, c, x + offset, stride, error))
            return -1;
        offset += a->features->columns[c].width;
    }
    for (int64_t r = 0; a->reasons && r < a->count; r++)
        if (a->reasons->reasons[r])
            memset(x + r * stride, 0, (size_t)stride * sizeof *x);
    to->rows += a->count;
    return 0;
}

/* ---- Entries ---------------------------------------------------------------------------------------------- */

/* The columns of an addition, each as it is read: a sparse one where it stands, the numbers of a dense one copied. */
struct source {
    struct weir_sparse sparse;
    const struct weir_column *column;
    float *x; /* NULL: sparse */
};

static int open_source(const struct addition *a, size_t c, struct source *source, size_t *entries,
                       struct weir_error *error)
{
    const struct weir_feature_column *column = &a->features->columns[c];
    const struct weir_field *field = &a->schema->fields[a->index[c]];
    source->column = &a->batch->columns[a->index[c]];
    if (!column->sparse) {
        size_t numbers = (size_t)a->count * (size_t)column->width;
        source->x = weir_allocate(numbers, sizeof *source->x);
        *entries += numbers;
        return source->x ? read_dense(a, c, source->x, column->width, error) : weir_fail_memory(error);
    }
    if (a->count == 0)
        return 0;
    if (weir_sparse_view(&source->sparse, field, source->column, error) ||
        weir_sparse_check(&source->sparse, field, column->width, a->first, a->count, error))
        return -1;
    *entries += (size_t)(source->sparse.offsets[a->first + a->count] - source->sparse.offsets[a->first]);
    for (int64_t r = 0; source->column->null_count && r < a->count; r++)
        if (!weir_valid(source->column, a->first + r) && refuse(a, r, column->missing, " of `features`", error))
            return -1;
    return 0;
}

/* The entries of row r of one column, behind those that stand at `out`; returns their end. */
static struct weir_entry *put_entries(const struct addition *a, size_t c, const struct source *source, int64_t r,
                                      uint32_t offset, struct weir_entry *out)
{
    int64_t width = a->features->columns[c].width;
    if (source->x) {
        const float *x = source->x + r * width;
        for (int64_t i = 0; i < width; i++)
            if (x[i] != 0)
                *out++ = (struct weir_entry){ offset + (uint32_t)i, x[i] };
        return out;
    }
    const struct weir_sparse *sparse = &source->sparse;
    for (int32_t i = sparse->offsets[a->first + r]; i < sparse->offsets[a->first + r + 1]; i++)
        *out++ = (struct weir_entry){ offset + sparse->index[i], sparse->value[i] };
    return out;
}

static int add_sources(struct weir_feature_rows *to, const struct addition *a, struct source *sources,
                       struct weir_error *error)
{
    size_t entries = 0, used = to->rows ? (size_t)to->offsets[to->rows] : 0;
    for (size_t c = 0; c < a->features->count; c++)
        if (open_source(a, c, &sources[c], &entries, error))
            return -1;
    if (weir_grow((void **)&to->entries, &to->entry_capacity, used + entries, sizeof *to->entries) ||
        weir_grow((void **)&to->offsets, &to->offset_capacity, (size_t)(to->rows + a->count + 1), sizeof *to->offsets))
        return weir_fail_memory(error);
    struct weir_entry *out = to->entries + used;
    to->offsets[to->rows] = (int64_t)used;
    for (int64_t r = 0; r < a->count; r++) {
        int64_t offset = 0;
        bool faulty = a->reasons && a->reasons->reasons[r];
        for (size_t c = 0; c < a->features->count && !faulty; c++) {
            out = put_entries(a, c, &sources[c], r, (uint32_t)offset, out);
            offset += a->features->columns[c].width;
        }
        to->offsets[++to->rows] = out - to->entries;
    }
    return 0;
}

static int add_entries(struct weir_feature_rows *to, const struct addition *a, struct weir_error *error)
{
    struct source *sources = weir_allocate_zero(a->features->count, sizeof *sources);
    int result = sources ? add_sources(to, a, sources, error) : weir_fail_memory(error);
    for (size_t c = 0; sources && c < a->features->count; c++)
        free(sources[c].x);
    free(sources);
    return result;
}

int weir_feature_rows_add(struct weir_feature_rows *to, const struct weir_feature_list *features, const int *index,
                          const struct weir_schema *schema, const struct weir_batch *batch, int64_t first,
                          int64_t count, int64_t number, struct weir_reasons *reasons, struct weir_error *error)
{
    struct addition a = { features, index, schema, batch, first, count, number, reasons };
    return to->sparse ? add_entries(to, &a, error) : add_dense(to, &a, error);
}
