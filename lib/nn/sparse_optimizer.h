/* Optimizers of one layer of weights [places][outputs], whose steps touch only the places that rows name.
 *
 * What is made small is the sum of the rows' losses, and l1 |w| + l2 / 2 w^2 for each weight, once. For a weight w
 * whose gradient, summed over the rows of a minibatch, is g, after t rows in all:
 *
 *   sgd      w -= rate g / B, B being the rows of the minibatch; then the penalty's share 1 / t, at that rate
 *   adagrad  G += g^2; w -= r g with r = rate / (1e-6 + sqrt(G)); then the penalty's share B / t at the rate r
 *            (Duchi, Hazan and Singer, JMLR 12, 2011: composite mirror descent)
 *   ftrl     s = (sqrt(G + g^2) - sqrt(G)) / rate; z += g - s w; G += g^2; and w, whenever it is needed, is
 *            0 where |z| <= l1, else -(z - sign(z) l1) / ((1 + sqrt(G)) / rate + l2)
 *            (McMahan and others, KDD 2013, algorithm 1)
 *
 * A share s of the penalty at the rate r makes w shrink to w / (1 + r s l2), and then by r s l1 towards 0, where it
 * stays: a true zero. Of sgd and adagrad a place takes the shares that fell due since it was touched last when it is
 * touched again (sums of them are kept, so that it is one step), and all places do at the end. In pass e over the same
 * rows t stays their number, and the penalty of ftrl counts e times, as the losses do. The last place is the bias,
 * which has no penalty. */
#ifndef WEIR_NN_SPARSE_OPTIMIZER_H
#define WEIR_NN_SPARSE_OPTIMIZER_H

#include "base/error.h"
#include "math/sparse_product.h"
#include <stdbool.h>

enum weir_sparse_optimizer_kind { WEIR_SPARSE_SGD, WEIR_SPARSE_ADAGRAD, WEIR_SPARSE_FTRL };
bool weir_sparse_optimizer_parse(const char *name, enum weir_sparse_optimizer_kind *out);
const char *weir_sparse_optimizer_name(enum weir_sparse_optimizer_kind kind);
/* The usual rate: sgd 0.5, adagrad 0.5, ftrl 1; of sgd 0.1 where the loss is a square, whose slope grows four times as
 * fast as that of a logistic loss at its steepest. */
double weir_sparse_optimizer_rate(enum weir_sparse_optimizer_kind kind, bool is_square);

struct weir_sparse_optimizer_options {
    enum weir_sparse_optimizer_kind kind;
    double rate, l1, l2;
};

struct weir_sparse_optimizer;
/* All weights are 0; outputs may become more. `places` without the bias. */
int weir_sparse_optimizer_new(struct weir_sparse_optimizer **optimizer,
                              const struct weir_sparse_optimizer_options *options, int64_t places, int64_t outputs,
                              struct weir_error *error);
void weir_sparse_optimizer_free(struct weir_sparse_optimizer *optimizer); /* NULL is accepted */
int64_t weir_sparse_optimizer_outputs(const struct weir_sparse_optimizer *optimizer);
/* More outputs. from[k]: the old output whose weights the new one k has, negated where from[k] is -1 - output; beyond
 * the old count: none. Between minibatches only. */
int weir_sparse_optimizer_expand(struct weir_sparse_optimizer *optimizer, int64_t outputs, const int32_t *from,
                                 struct weir_error *error);

/* z[outputs] of a row. */
void weir_sparse_optimizer_score(struct weir_sparse_optimizer *optimizer, const struct weir_entry *entries,
                                 int64_t count, double *z);
/* The row's part of the minibatch's gradient: derivative[k] of its loss by z[k]. -1: out of memory. */
int weir_sparse_optimizer_add(struct weir_sparse_optimizer *optimizer, const struct weir_entry *entries, int64_t count,
                              const double *derivative);
/* Ends a minibatch of so many rows. */
void weir_sparse_optimizer_step(struct weir_sparse_optimizer *optimizer, int64_t rows);
/* Another pass over the same rows begins. */
void weir_sparse_optimizer_next_pass(struct weir_sparse_optimizer *optimizer);
/* All shares of the penalty are taken: the weights may be read. */
void weir_sparse_optimizer_finish(struct weir_sparse_optimizer *optimizer);
float weir_sparse_optimizer_weight(const struct weir_sparse_optimizer *optimizer, int64_t place, int64_t output);

#endif
