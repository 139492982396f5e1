/* A number of rows of each class: counted first, taken when they are read again. */
#include "base/hash.h"
#include "base/random.h"
#include "math/apportion.h"
#include "stage/sample_private.h"
#include <stdlib.h>

#define CLUSTER "cluster"

static int add_column(struct weir_quotas *quotas, int column, struct weir_error *error)
{
    for (int i = 0; i < quotas->column_count; i++)
        if (quotas->columns[i] == column)
            return weir_fail(error, WEIR_USAGE, "--by names the column '%s' twice",
                             quotas->schema->fields[column].name);
    quotas->columns[quotas->column_count++] = column;
    return 0;
}

/* --by, or the label; none for a share of all rows, which are then one class. */
static int choose_columns(struct weir_quotas *quotas, struct weir_error *error)
{
    const struct weir_sample_options *options = quotas->options;
    quotas->columns = weir_allocate((size_t)quotas->schema->count, sizeof *quotas->columns);
    if (!quotas->columns)
        return weir_fail_memory(error);
    if (options->method == WEIR_SAMPLE_RESERVOIR)
        return 0;
    for (size_t i = 0; i < options->by_count; i++) {
        int column = weir_schema_require(quotas->schema, options->by[i], error);
        if (column < 0)
            return weir_fail_in(error, "--by");
        if (add_column(quotas, column, error) < 0)
            return -1;
    }
    if (options->by_count)
        return 0;
    int label = weir_schema_role(quotas->schema, WEIR_LABEL, 0);
    if (label < 0)
        return weir_fail(error, WEIR_BAD_DATA, "--method %s: no label column here (--label or --by names one)",
                         options->method == WEIR_SAMPLE_BALANCE ? "balance" : "stratified");
    return add_column(quotas, label, error);
}

int weir_quotas_begin(struct weir_quotas *quotas, const struct weir_schema *schema,
                      const struct weir_sample_options *options, struct weir_error *error)
{
    *quotas = (struct weir_quotas){ .schema = schema, .options = options };
    return choose_columns(quotas, error) < 0
               ? -1
               : weir_strata_init(&quotas->strata, schema, quotas->columns, quotas->column_count, error);
}

void weir_quotas_release(struct weir_quotas *quotas)
{
    weir_strata_release(&quotas->strata);
    free(quotas->columns);
    free(quotas->sizes);
    free(quotas->parts);
    free(quotas->quotas);
    free(quotas->times);
    free(quotas->index);
    *quotas = (struct weir_quotas){ 0 };
}

/* To balance classes, a row of which it is not known to which it belongs is of no use. */
static bool has_class(const struct weir_quotas *quotas, const struct weir_batch *batch, int64_t row)
{
    bool known = true;
    for (int i = 0; i < quotas->column_count && quotas->options->method == WEIR_SAMPLE_BALANCE; i++) {
        const struct weir_column *column = &batch->columns[quotas->columns[i]];
        known &= weir_valid(column, row);
        if (known && quotas->schema->fields[quotas->columns[i]].type.kind == WEIR_DICTIONARY)
            known = weir_valid(&column->children[0], weir_codes(column)[row]);
    }
    return known;
}

int weir_quotas_count(struct weir_quotas *quotas, const struct weir_batch *batch, struct weir_error *error)
{
    for (int64_t r = 0; r < batch->rows; r++) {
        quotas->rows++;
        if (!has_class(quotas, batch, r)) {
            quotas->classless++;
            continue;
        }
        size_t known = quotas->strata.count;
        int64_t stratum = weir_strata_add(&quotas->strata, weir_strata_hash(&quotas->strata, batch, r, 0), error);
        void *sizes = quotas->sizes;
        if (stratum < 0)
            return -1;
        if (weir_grow(&sizes, &quotas->size_capacity, known + 1, sizeof *quotas->sizes) < 0)
            return weir_fail_memory(error);
        quotas->sizes = sizes;
        if (quotas->strata.count > known)
            quotas->sizes[stratum] = 0;
        quotas->sizes[stratum]++;
    }
    return 0;
}

/* A sequence for each class, which no other stage with the seed draws from. */
static uint64_t stream_of(const struct weir_quotas *quotas, size_t stratum)
{
    static const char name[] = "quota";
    return weir_hash(&quotas->strata.hashes[stratum], sizeof *quotas->strata.hashes, weir_hash(name, sizeof name, 0));
}

static int64_t rows_of_least(const struct weir_quotas *quotas)
{
    int64_t rows = 0, least = quotas->options->at_least;
    for (size_t c = 0; c < quotas->strata.count; c++)
        rows += quotas->sizes[c] < least ? quotas->sizes[c] : least;
    return rows;
}

static int divide(struct weir_quotas *quotas, int64_t wanted, const uint64_t *ties, struct weir_error *error)
{
    const struct weir_sample_options *options = quotas->options;
    size_t count = quotas->strata.count;
    if (options->method == WEIR_SAMPLE_BALANCE)
        return weir_equalize(wanted, options->oversample, quotas->sizes, ties, count, quotas->parts) < 0
                   ? weir_fail_memory(error)
                   : 0;
    int64_t total = wanted < quotas->rows ? wanted : quotas->rows, least = rows_of_least(quotas);
    if (least > total)
        return weir_fail(error, WEIR_BAD_DATA,
                         "--at-least %lld of %zu classes are %lld rows, more than the %lld wanted",
                         (long long)options->at_least, count, (long long)least, (long long)total);
    return weir_apportion(total, options->at_least, quotas->sizes, ties, count, quotas->parts) < 0
               ? weir_fail_memory(error)
               : 0;
}

int weir_quotas_settle(struct weir_quotas *quotas, int64_t wanted, struct weir_error *error)
{
    size_t count = quotas->strata.count;
    uint64_t *ties = weir_allocate(count, sizeof *ties);
    quotas->parts = weir_allocate(count, sizeof *quotas->parts);
    quotas->quotas = weir_allocate(count, sizeof *quotas->quotas);
    quotas->asked = wanted;
    int result = ties && quotas->parts && quotas->quotas ? 0 : weir_fail_memory(error);
    for (size_t c = 0; result == 0 && c < count; c++) {
        struct weir_random random;
        weir_random_init(&random, quotas->options->seed, stream_of(quotas, c));
        ties[c] = weir_random_u64(&random);
    }
    if (result == 0)
        result = divide(quotas, wanted, ties, error);
    for (size_t c = 0; result == 0 && c < count; c++) {
        int64_t size = quotas->sizes[c], part = quotas->parts[c];
        quotas->quotas[c] = (struct weir_quota){ .rows = size, .take = part % size, .each = part / size };
    }
    free(ties);
    return result;
}

int weir_quotas_columns(struct weir_quotas *quotas, struct weir_schema *out, struct weir_error *error)
{
    if (!quotas->options->oversample || weir_schema_role(out, WEIR_GROUP, 0) >= 0)
        return 0;
    if (weir_schema_find(out, CLUSTER) >= 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "--oversample: there is a column '%s' already, and it has not the role group", CLUSTER);
    struct weir_field *field = weir_schema_add(out, CLUSTER, WEIR_INT64);
    if (!field)
        return weir_fail_memory(error);
    field->role = WEIR_GROUP;
    quotas->cluster = 1;
    return 0;
}

/* How often the next row of the class comes out. */
static int64_t times_of(const struct weir_quotas *quotas, size_t stratum)
{
    struct weir_quota *quota = &quotas->quotas[stratum];
    bool taken = quota->take == quota->rows;
    if (!taken && quota->take > 0) {
        /* The numbers of a row depend on the seed, its class and its number in that. */
        struct weir_random random;
        weir_random_init(&random, quotas->options->seed, stream_of(quotas, stratum));
        random.counter = (uint64_t)(quotas->sizes[stratum] - quota->rows + 1) << 16;
        taken = weir_random_below(&random, (uint64_t)quota->rows) < (uint64_t)quota->take;
    }
    quota->rows--;
    quota->take -= taken;
    return quota->each + taken;
}

int weir_quotas_take(struct weir_quotas *quotas, const struct weir_batch *batch, struct weir_error *error)
{
    void *times = quotas->times;
    if (weir_grow(&times, &quotas->times_capacity, (size_t)batch->rows, sizeof *quotas->times) < 0)
        return weir_fail_memory(error);
    quotas->times = times;
    quotas->batch = batch;
    quotas->next = 0;
    for (int64_t r = 0; r < batch->rows; r++) {
        quotas->times[r] = 0;
        if (!has_class(quotas, batch, r))
            continue;
        int64_t stratum = weir_strata_find(&quotas->strata, weir_strata_hash(&quotas->strata, batch, r, 0));
        if (stratum < 0 || quotas->quotas[stratum].rows == 0)
            return weir_fail(error, WEIR_BAD_DATA, "row %lld was not the same when the input was read again",
                             (long long)(quotas->taken + r + 1));
        quotas->times[r] = times_of(quotas, (size_t)stratum);
    }
    quotas->taken += batch->rows;
    return 0;
}

/* The rows of the batch that come next, as often as they come: not more of them than the batch has rows. */
static int64_t next_rows(struct weir_quotas *quotas)
{
    int64_t count = 0, rows = quotas->batch->rows;
    while (quotas->next < rows && count < rows) {
        if (quotas->times[quotas->next] == 0) {
            quotas->next++;
            continue;
        }
        quotas->times[quotas->next]--;
        quotas->index[count++] = quotas->next;
    }
    return count;
}

/* Behind the columns of the batch the number of the row, from 1 on, of which each is one of the repeats. */
static int add_cluster(const struct weir_quotas *quotas, struct weir_batch *out, struct weir_error *error)
{
    struct weir_column *columns = weir_reallocate(out->columns, (size_t)out->count + 1, sizeof *columns);
    if (!columns)
        return weir_fail_memory(error);
    out->columns = columns;
    struct weir_column *cluster = &columns[out->count++];
    *cluster = (struct weir_column){ .rows = out->rows };
    int64_t *numbers = weir_slice_new(&cluster->values, (size_t)out->rows, sizeof *numbers);
    if (!numbers)
        return weir_fail_memory(error);
    for (int64_t r = 0; r < out->rows; r++)
        numbers[r] = quotas->taken - quotas->batch->rows + quotas->index[r] + 1;
    return 0;
}

int weir_quotas_next(struct weir_quotas *quotas, struct weir_batch *out, struct weir_error *error)
{
    const struct weir_batch *batch = quotas->batch;
    void *index = quotas->index;
    if (!batch)
        return 0;
    if (weir_grow(&index, &quotas->index_capacity, (size_t)batch->rows, sizeof *quotas->index) < 0)
        return weir_fail_memory(error);
    quotas->index = index;
    int64_t count = next_rows(quotas);
    if (count == 0) {
        quotas->batch = NULL;
        return 0;
    }
    if (weir_batch_take(out, batch, quotas->schema, quotas->index, count, error) < 0)
        return -1;
    return quotas->cluster && add_cluster(quotas, out, error) < 0 ? -1 : 1;
}

void weir_quotas_describe(const struct weir_quotas *quotas, struct weir_buffer *out)
{
    size_t count = quotas->strata.count, empty = 0;
    int64_t least = INT64_MAX, most = 0, repeats = 0;
    for (size_t c = 0; c < count; c++) {
        int64_t part = quotas->parts[c], size = quotas->sizes[c];
        empty += part == 0;
        least = part < least ? part : least;
        most = part > most ? part : most;
        repeats += part > size ? part - size : 0;
    }
    if (quotas->options->method == WEIR_SAMPLE_STRATIFIED) {
        weir_buffer_format(out, "%zu class%s", count, count == 1 ? "" : "es");
        if (empty > 0)
            weir_buffer_format(out, ", %zu of them without a row", empty);
    } else if (quotas->options->method == WEIR_SAMPLE_BALANCE) {
        weir_buffer_format(out, "%zu class%s", count, count == 1 ? "" : "es");
        if (count > 0)
            weir_buffer_format(out, " of %lld", (long long)least);
        if (most > least)
            weir_buffer_format(out, " and %lld", (long long)most);
        if (repeats > 0)
            weir_buffer_format(out, ", %lld repeats", (long long)repeats);
        if (quotas->classless > 0)
            weir_buffer_format(out, ", %lld without a class left out", (long long)quotas->classless);
    }
}
