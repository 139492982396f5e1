#include "stage/derive.h"
#include "stage/options.h"

void weir_derived_release(struct weir_derived *derived)
{
    free(derived->from);
    *derived = (struct weir_derived){ 0 };
}

/* Room for `more` columns behind those of the schema. */
static int reserve(struct weir_derived *derived, int more, struct weir_error *error)
{
    int *from = weir_reallocate(derived->from, (size_t)derived->count + (size_t)more, sizeof *from);
    if (!from)
        return weir_fail_memory(error);
    derived->from = from;
    return 0;
}

int weir_derive_add(struct weir_derived *derived, struct weir_schema *out, const char *name, enum weir_kind kind,
                    struct weir_error *error)
{
    if (weir_schema_find(out, name) >= 0)
        return weir_fail(error, WEIR_USAGE, "a column %s is there already", WEIR_SHOW(name));
    if (reserve(derived, 1, error) < 0)
        return -1;
    if (!weir_schema_add(out, name, kind))
        return weir_fail_memory(error);
    derived->from[derived->count] = -1;
    return derived->count++;
}

int weir_derive_keep(struct weir_derived *derived, struct weir_schema *out, const struct weir_schema *in,
                     struct weir_error *error)
{
    if (reserve(derived, in->count, error) < 0)
        return -1;
    if (weir_schema_copy(out, in) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < in->count; i++)
        derived->from[derived->count++] = i;
    return 0;
}

int weir_derive_replace(struct weir_derived *derived, struct weir_schema *out, const struct weir_schema *in, int source,
                        const char *into, struct weir_error *error)
{
    if (weir_derive_keep(derived, out, in, error) < 0)
        return -1;
    if (into)
        return weir_derive_add(derived, out, into, WEIR_NULL, error);
    weir_metadata_release(&out->fields[source].metadata);
    derived->from[source] = -1;
    return source;
}

static bool is_among(int column, const int *sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sources[i] == column)
            return true;
    return false;
}

int weir_derive_gather(struct weir_derived *derived, struct weir_schema *out, const struct weir_schema *in,
                       const int *sources, size_t count, const char *into, const char *name, struct weir_error *error)
{
    if (weir_derive_keep(derived, out, in, error) < 0)
        return -1;
    for (int i = in->count - 1; !into && i >= 0; i--) {
        if (!is_among(i, sources, count))
            continue;
        weir_schema_remove(out, i);
        memmove(derived->from + i, derived->from + i + 1, (size_t)(--derived->count - i) * sizeof *derived->from);
    }
    return weir_derive_add(derived, out, into ? into : name, WEIR_NULL, error);
}

int weir_derive_share(const struct weir_derived *derived, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_error *error)
{
    if (weir_batch_init(out, derived->count, in->rows) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < derived->count; i++)
        if (derived->from[i] >= 0 && weir_column_share(&out->columns[i], &in->columns[derived->from[i]]) < 0)
            return weir_fail_memory(error);
    return 0;
}

void *weir_derive_lists(struct weir_column *column, int64_t rows, int64_t width, size_t size,
                        const struct weir_column *of)
{
    size_t count;
    if (!weir_multiply((size_t)rows, (size_t)width, &count) || weir_column_add_children(column, 1) < 0)
        return NULL;
    column->rows = rows;
    column->children[0].rows = (int64_t)count;
    if (of && of->null_count > 0) {
        column->null_count = of->null_count;
        column->validity = weir_slice_share(&of->validity);
    }
    return weir_slice_new(&column->children[0].values, count, size);
}
