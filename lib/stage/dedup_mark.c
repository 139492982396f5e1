/* What dedup adds with --mark. */
#include "stage/dedup_private.h"

#define DUPLICATE_OF "duplicate_of"
#define CLUSTER      "cluster"

/* Rows of one cluster stay together; beside a group, of which a model takes one alone, it is an id as duplicate_of is:
 * ids pass through whatever follows, and no model learns from them. */
int weir_dedup_add_marks(const struct dedup *self, struct weir_schema *out, struct weir_error *error)
{
    const char *names[] = { DUPLICATE_OF, CLUSTER };
    struct weir_field *field;
    for (int i = 0; i < 2; i++)
        if (weir_schema_find(out, names[i]) >= 0)
            return weir_fail(error, WEIR_BAD_DATA, "--mark: there is a column '%s' already", names[i]);
    bool grouped = weir_schema_role(out, WEIR_GROUP, 0) >= 0;
    if (!(field = weir_schema_add(out, DUPLICATE_OF, WEIR_INT64)))
        return weir_fail_memory(error);
    field->role = WEIR_ID;
    if (self->memory.has_ids) {
        weir_type_release(&field->type);
        if (weir_type_copy(&field->type, &self->memory.ids.type) < 0)
            return weir_fail_memory(error);
    }
    if (!(field = weir_schema_add(out, CLUSTER, WEIR_INT64)))
        return weir_fail_memory(error);
    field->role = grouped ? WEIR_ID : WEIR_GROUP;
    return 0;
}

int weir_dedup_mark(const struct dedup *self, const struct weir_batch *in, struct weir_batch *out,
                    struct weir_error *error)
{
    const int64_t *before = self->scratch.before;
    struct weir_type number = { .kind = WEIR_INT64 };
    struct weir_builder builder = { 0 };
    int result = -1;
    if (weir_batch_init(out, in->count + 2, in->rows) < 0)
        goto no_memory;
    for (int c = 0; c < in->count; c++)
        if (weir_column_share(&out->columns[c], &in->columns[c]) < 0)
            goto no_memory;
    struct weir_column *cluster = &out->columns[in->count + 1];
    int64_t *clusters = weir_slice_new(&cluster->values, (size_t)in->rows, sizeof *clusters);
    if (!clusters || weir_builder_init(&builder, self->memory.has_ids ? &self->memory.ids.type : &number) < 0)
        goto no_memory;
    cluster->rows = in->rows;
    for (int64_t r = 0; r < in->rows; r++) {
        clusters[r] = (before[r] < 0 ? self->first + self->rows + r : before[r]) + 1;
        if (before[r] < 0)
            weir_builder_null(&builder);
        else if (self->memory.has_ids)
            weir_ids_put(&self->memory.ids, before[r], &builder);
        else
            weir_builder_int64(&builder, before[r] + 1);
    }
    result = weir_builder_finish(&builder, &out->columns[in->count], error);
    goto cleanup;
no_memory:
    weir_fail_memory(error);
cleanup:
    weir_builder_release(&builder);
    return result;
}
