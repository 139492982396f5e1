/* Sparse rows of counted terms: sorting what was found, counting, weighing, dividing by a length. */
#ifndef WEIR_STAGE_TEXT_WEIGHTS_H
#define WEIR_STAGE_TEXT_WEIGHTS_H

#include "stage/vocabulary.h"
#include "stream/sparse.h"

#define WEIR_WEIGHT_OPTIONS "binary", "sublinear", "norm"

enum weir_text_norm { WEIR_NORM_NONE, WEIR_NORM_L1, WEIR_NORM_L2 };
enum weir_idf { WEIR_IDF_NONE, WEIR_IDF_SMOOTH, WEIR_IDF_PLAIN };

enum { WEIR_LOGARITHMS = 64 };
struct weir_text_weights {
    bool binary, sublinear;
    enum weir_text_norm norm;
    enum weir_idf idf;
    double logarithms[WEIR_LOGARITHMS]; /* 1 + ln(count) */
};
/* Reads WEIR_WEIGHT_OPTIONS, and "idf" when `idf` is set; what is not given stays as it was. */
int weir_text_weights_read(struct weir_text_weights *weights, const json_t *options, struct weir_error *error);
/* [kept_count], which the caller frees; NULL: out of memory. */
double *weir_text_idf(const struct weir_text_weights *weights, const struct weir_vocabulary *vocabulary);
/* What a count of 1 or more weighs, without idf. */
double weir_text_weight(const struct weir_text_weights *weights, double count);

/* The rows of one column and batch, growing entry by entry. Starts as { 0 }. */
struct weir_sparse_builder {
    struct weir_slice offsets;
    int32_t *ends; /* [rows + 1], in `offsets` */
    int64_t rows;
    uint32_t *index;
    float *value;
    double *weights; /* of the row at hand */
    size_t count, index_capacity, value_capacity, weights_capacity;
};
int weir_sparse_builder_begin(struct weir_sparse_builder *builder, int64_t rows, struct weir_error *error);
/* Closes a row of index[count], ascending, and their weights, divided by their length. */
int weir_sparse_builder_row(struct weir_sparse_builder *builder, enum weir_text_norm norm, const uint32_t *index,
                            const double *weights, size_t count, struct weir_error *error);
/* The column; its nulls are those of `of`. */
int weir_sparse_builder_finish(struct weir_sparse_builder *builder, const struct weir_column *of,
                               struct weir_column *out, struct weir_error *error);
void weir_sparse_builder_release(struct weir_sparse_builder *builder);

/* codes[count] in ascending order into sorted[count]; `codes` is used up. */
void weir_sort_codes(uint32_t *codes, uint32_t *sorted, size_t count);

/* Closes a row of sorted codes, equal ones counted, weighed by idf[code] (NULL: 1). */
int weir_text_weigh(const struct weir_text_weights *weights, const double *idf, uint32_t *sorted, size_t count,
                    struct weir_sparse_builder *builder, struct weir_error *error);

#endif
