/* The pass over a stream: each thread takes whole columns of a batch. */
#include "eval/profile.h"
#include "base/thread.h"
#include "eval/profile_private.h"
#include <stdlib.h>
#include <string.h>

struct weir_profile_pass {
    struct weir_profile *profile;
    struct profile_intake *intakes; /* [count] */
    int count;
    struct profile_labels labels;
    struct weir_pool *pool;
    struct profile_scratch *scratch; /* [threads] */
    const struct weir_batch *batch;
};

static void release_column(struct profile_column *column)
{
    free(column->name);
    weir_type_release(&column->type);
    weir_hyperloglog_release(&column->distinct);
    weir_profile_measure_release(&column->values);
    weir_profile_measure_release(&column->lengths);
    weir_frequent_list_release(&column->top);
    weir_profile_association_release(&column->label);
}

void weir_profile_free(struct weir_profile *profile)
{
    if (!profile)
        return;
    for (int i = 0; i < profile->count; i++)
        release_column(&profile->columns[i]);
    free(profile->columns);
    free(profile->label);
    free(profile);
}

struct weir_profile *weir_profile_new(int columns)
{
    struct weir_profile *profile = weir_allocate_zero(1, sizeof *profile);
    if (!profile)
        return NULL;
    profile->columns = weir_allocate_zero((size_t)columns, sizeof *profile->columns);
    if (!profile->columns) {
        free(profile);
        return NULL;
    }
    profile->count = columns;
    return profile;
}

int weir_profile_begin(struct weir_profile_pass **pass, const struct weir_schema *schema, int threads,
                       struct weir_error *error)
{
    struct weir_profile_pass *begun = *pass = weir_allocate_zero(1, sizeof *begun);
    if (!begun)
        return weir_fail_memory(error);
    begun->pool = weir_pool_new(threads);
    begun->profile = weir_profile_new(schema->count);
    begun->intakes = weir_allocate_zero((size_t)schema->count, sizeof *begun->intakes);
    begun->count = begun->intakes ? schema->count : 0;
    if (begun->pool)
        begun->scratch = weir_allocate_zero((size_t)weir_pool_threads(begun->pool), sizeof *begun->scratch);
    if (!begun->pool || !begun->profile || !begun->intakes || !begun->scratch)
        return weir_fail_memory(error);
    weir_profile_labels_begin(&begun->labels, schema);
    if (begun->labels.type) {
        begun->profile->label = weir_duplicate_string(schema->fields[begun->labels.index].name);
        if (!begun->profile->label)
            return weir_fail_memory(error);
    }
    for (int i = 0; i < schema->count; i++)
        if (weir_profile_intake_begin(&begun->intakes[i], &begun->profile->columns[i], &schema->fields[i],
                                      &begun->labels, error))
            return -1;
    return 0;
}

static void take_column(void *context, int index, int thread)
{
    struct weir_profile_pass *pass = context;
    struct profile_intake *intake = &pass->intakes[index];
    intake->failed = weir_profile_intake_add(intake, &pass->batch->columns[index], &pass->labels,
                                             &pass->scratch[thread], &intake->error) < 0;
}

int weir_profile_add(struct weir_profile_pass *pass, const struct weir_batch *batch, struct weir_error *error)
{
    if (weir_profile_labels_read(&pass->labels, batch, error))
        return -1;
    pass->batch = batch;
    pass->profile->rows += batch->rows;
    weir_pool_run(pass->pool, batch->count, take_column, pass);
    for (int i = 0; i < batch->count; i++)
        if (pass->intakes[i].failed) {
            *error = pass->intakes[i].error;
            return -1;
        }
    return 0;
}

/* The label's classes by their hashes. */
static void order_classes(const struct profile_labels *labels, struct weir_profile *profile, int *order)
{
    profile->label_numbers = labels->type && labels->has_numbers;
    profile->classes_known = labels->type && labels->has_classes && labels->classes <= PROFILE_CLASSES;
    profile->classes = profile->classes_known ? labels->classes : 0;
    for (int c = 0; c < profile->classes; c++) {
        int at = c;
        for (; at > 0 && labels->keys[order[at - 1]] > labels->keys[c]; at--)
            order[at] = order[at - 1];
        order[at] = c;
    }
    for (int c = 0; c < profile->classes; c++)
        profile->class_keys[c] = labels->keys[order[c]];
}

int weir_profile_end(struct weir_profile_pass *pass, int64_t min_count, struct weir_profile **profile,
                     struct weir_error *error)
{
    int order[PROFILE_CLASSES];
    order_classes(&pass->labels, pass->profile, order);
    for (int i = 0; i < pass->count; i++) {
        struct profile_intake *intake = &pass->intakes[i];
        if (weir_profile_intake_end(intake, min_count, error))
            return -1;
        if (intake->sums && weir_profile_sums_end(intake->sums, &pass->labels, order, &intake->column->label))
            return weir_fail_memory(error);
    }
    *profile = pass->profile;
    pass->profile = NULL;
    return 0;
}

void weir_profile_pass_free(struct weir_profile_pass *pass)
{
    if (!pass)
        return;
    for (int i = 0; i < pass->count; i++)
        weir_profile_intake_release(&pass->intakes[i]);
    for (int i = 0; pass->scratch && i < weir_pool_threads(pass->pool); i++)
        weir_profile_scratch_release(&pass->scratch[i]);
    weir_profile_labels_release(&pass->labels);
    weir_profile_free(pass->profile);
    weir_pool_free(pass->pool);
    free(pass->intakes);
    free(pass->scratch);
    free(pass);
}

int64_t weir_profile_rows(const struct weir_profile *profile)
{
    return profile->rows;
}

int weir_profile_columns(const struct weir_profile *profile)
{
    return profile->count;
}
