#include "stage/text_weights.h"
#include "math/clones.h"
#include "stage/options.h"
#include <math.h>

int weir_text_weights_read(struct weir_text_weights *weights, const json_t *options, struct weir_error *error)
{
    static const char *const norms[] = { "none", "l1", "l2", NULL };
    static const char *const idfs[] = { "none", "smooth", "plain", NULL };
    int norm = weights->norm, idf = weights->idf;
    if (weir_option_flag(options, "binary", &weights->binary, error) < 0 ||
        weir_option_flag(options, "sublinear", &weights->sublinear, error) < 0 ||
        weir_option_choice(options, "norm", norms, norm, &norm, error) < 0 ||
        (idf && weir_option_choice(options, "idf", idfs, idf, &idf, error) < 0))
        return -1;
    weights->norm = (enum weir_text_norm)norm;
    weights->idf = (enum weir_idf)idf;
    for (int i = 1; i < WEIR_LOGARITHMS; i++)
        weights->logarithms[i] = 1 + log(i);
    return 0;
}

static double idf_of(const struct weir_text_weights *weights, double n, double documents)
{
    return 1 + (weights->idf == WEIR_IDF_SMOOTH ? log((1 + n) / (1 + documents)) : log(n / documents));
}

/* Most terms stand in few documents. */
double *weir_text_idf(const struct weir_text_weights *weights, const struct weir_vocabulary *vocabulary)
{
    double *idf = weir_allocate(vocabulary->kept_count, sizeof *idf), n = (double)vocabulary->documents;
    double few[WEIR_LOGARITHMS] = { 0 };
    for (int i = 1; i < WEIR_LOGARITHMS; i++)
        few[i] = idf_of(weights, n, i);
    for (size_t i = 0; idf && i < vocabulary->kept_count; i++) {
        int64_t documents = weir_vocabulary_term_documents(vocabulary, i);
        idf[i] = documents < WEIR_LOGARITHMS ? few[documents] : idf_of(weights, n, (double)documents);
    }
    return idf;
}

double weir_text_weight(const struct weir_text_weights *weights, double count)
{
    if (weights->binary)
        return 1;
    if (!weights->sublinear)
        return count;
    return count < WEIR_LOGARITHMS && count == floor(count) ? weights->logarithms[(int)count] : 1 + log(count);
}

/* ---- Sparse rows ------------------------------------------------------------------------------------------------- */

int weir_sparse_builder_begin(struct weir_sparse_builder *builder, int64_t rows, struct weir_error *error)
{
    weir_block_unref(builder->offsets.block);
    builder->offsets = (struct weir_slice){ 0 };
    builder->ends = weir_slice_new(&builder->offsets, (size_t)rows + 1, sizeof *builder->ends);
    if (!builder->ends)
        return weir_fail_memory(error);
    builder->ends[0] = 0;
    builder->rows = 0;
    builder->count = 0;
    return 0;
}

static int reserve(struct weir_sparse_builder *builder, size_t more, struct weir_error *error)
{
    if (builder->count + more > INT32_MAX)
        return weir_column_fail_size(error);
    if (weir_grow((void **)&builder->index, &builder->index_capacity, builder->count + more, sizeof *builder->index) <
            0 ||
        weir_grow((void **)&builder->value, &builder->value_capacity, builder->count + more, sizeof *builder->value) <
            0)
        return weir_fail_memory(error);
    return 0;
}

int weir_sparse_builder_row(struct weir_sparse_builder *builder, enum weir_text_norm norm, const uint32_t *index,
                            const double *weights, size_t count, struct weir_error *error)
{
    if (reserve(builder, count + 1, error) < 0)
        return -1;
    double length = 0;
    for (size_t i = 0; norm != WEIR_NORM_NONE && i < count; i++)
        length += norm == WEIR_NORM_L2 ? weights[i] * weights[i] : fabs(weights[i]);
    if (norm == WEIR_NORM_L2)
        length = sqrt(length);
    double scale = length > 0 ? 1 / length : 1;
    uint32_t *to_index = builder->index + builder->count;
    float *to_value = builder->value + builder->count;
    for (size_t i = 0; i < count; i++) {
        to_index[i] = index[i];
        to_value[i] = (float)(weights[i] * scale);
    }
    builder->count += count;
    builder->ends[++builder->rows] = (int32_t)builder->count;
    return 0;
}

int weir_sparse_builder_finish(struct weir_sparse_builder *builder, const struct weir_column *of,
                               struct weir_column *out, struct weir_error *error)
{
    struct weir_slice index = { 0 }, value = { 0 }, validity = { 0 }, offsets = builder->offsets;
    uint32_t *to_index = weir_slice_new(&index, builder->count, sizeof *to_index);
    float *to_value = to_index ? weir_slice_new(&value, builder->count, sizeof *to_value) : NULL;
    if (!to_value) {
        weir_block_unref(index.block);
        return weir_fail_memory(error);
    }
    if (builder->count > 0) {
        memcpy(to_index, builder->index, index.size);
        memcpy(to_value, builder->value, value.size);
    }
    if (of->null_count > 0)
        validity = weir_slice_share(&of->validity);
    builder->offsets = (struct weir_slice){ 0 };
    return weir_sparse_column(out, builder->rows, validity, of->null_count, offsets, index, value, error);
}

void weir_sparse_builder_release(struct weir_sparse_builder *builder)
{
    weir_block_unref(builder->offsets.block);
    free(builder->index);
    free(builder->value);
    free(builder->weights);
    *builder = (struct weir_sparse_builder){ 0 };
}

/* ---- Sorting ----------------------------------------------------------------------------------------------------- */

enum { FEW = 64, DIGITS = 256 };

/* Each goes to the place that the number of smaller ones gives, equal ones in their order: no step depends on the one
 * before, so that many are done at once. */
WEIR_CLONES static void sort_few(const uint32_t *codes, uint32_t *sorted, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t code = codes[i], smaller = 0;
        for (uint32_t j = 0; j < i; j++)
            smaller += codes[j] <= code;
        for (uint32_t j = i + 1; j < count; j++)
            smaller += codes[j] < code;
        sorted[smaller] = code;
    }
}

void weir_sort_codes(uint32_t *codes, uint32_t *sorted, size_t count)
{
    if (count <= FEW) {
        sort_few(codes, sorted, (uint32_t)count);
        return;
    }
    uint32_t all = 0;
    for (size_t i = 0; i < count; i++)
        all |= codes[i];
    uint32_t *from = codes, *to = sorted;
    for (unsigned shift = 0; shift < 32 && all >> shift; shift += 8) {
        size_t places[DIGITS + 1] = { 0 };
        for (size_t i = 0; i < count; i++)
            places[(from[i] >> shift & (DIGITS - 1)) + 1]++;
        for (size_t digit = 0; digit < DIGITS; digit++)
            places[digit + 1] += places[digit];
        for (size_t i = 0; i < count; i++)
            to[places[from[i] >> shift & (DIGITS - 1)]++] = from[i];
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != sorted)
        memcpy(sorted, from, count * sizeof *sorted);
}

int weir_text_weigh(const struct weir_text_weights *weights, const double *idf, uint32_t *sorted, size_t count,
                    struct weir_sparse_builder *builder, struct weir_error *error)
{
    if (weir_grow((void **)&builder->weights, &builder->weights_capacity, count + 1, sizeof *builder->weights) < 0)
        return weir_fail_memory(error);
    size_t distinct = 0;
    for (size_t i = 0, end; i < count; i = end) {
        uint32_t code = sorted[i];
        for (end = i + 1; end < count && sorted[end] == code;)
            end++;
        sorted[distinct] = code;
        builder->weights[distinct++] = weir_text_weight(weights, (double)(end - i)) * (idf ? idf[code] : 1);
    }
    return weir_sparse_builder_row(builder, weights->norm, sorted, builder->weights, distinct, error);
}
