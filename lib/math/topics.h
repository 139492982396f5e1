/* Topics of documents: latent Dirichlet allocation by online variational Bayes (M. Hoffman, D. Blei, F. Bach, "Online
 * learning for latent Dirichlet allocation", NIPS 2010; equation and algorithm numbers are theirs).
 *
 * A document d has shares theta_d ~ Dirichlet(alpha) of K topics, a topic k shares beta_k ~ Dirichlet(eta) of all
 * words. The posteriors are approximated by Dirichlet(gamma_d) and Dirichlet(lambda_k):
 *
 *     gamma_dk = alpha + sum over words w of n_dw phi_dwk,  phi_dwk ~ exp(E[ln theta_dk] + E[ln beta_kw])      (5)
 *     lambda_kw = (1 - rho_t) lambda_kw + rho_t (eta + D / S sum over the S documents of n_dw phi_dwk),
 *     rho_t = (offset + t)^-decay, t = 1, 2 ...                                                     (algorithm 2)
 *
 * The work falls on the words that a minibatch has, however many there are in all. Nothing depends on the number of
 * threads. */
#ifndef WEIR_MATH_TOPICS_H
#define WEIR_MATH_TOPICS_H

#include "base/error.h"
#include "base/thread.h"
#include <stdint.h>

struct weir_topics_options {
    int64_t topics, words; /* K and how many words there are */
    double alpha, eta;
    double offset, decay;
    int64_t iterations; /* of equation 5, at most */
    double tolerance;   /* it ends when gamma changes by less, on average */
    uint64_t seed;
};

/* Documents, one behind the other: document d has the entries offsets[d] .. offsets[d + 1] - 1, of words below
 * options.words, each once, and values above 0. */
struct weir_topics_documents {
    int64_t count;
    const int64_t *offsets;
    const uint32_t *word;
    const float *value;
};

struct weir_topics;

/* Memory: 4 words times K bytes (8 after weir_topics_settle), K rounded up to 8, and 4 words. NULL: out of memory. */
struct weir_topics *weir_topics_new(const struct weir_topics_options *options);
void weir_topics_free(struct weir_topics *topics); /* NULL is accepted */

/* lambda begins as eta and a number around 1, as of a Gamma(100, 1/100) distribution (E. Wilson, M. Hilferty, 1931). */
void weir_topics_begin(struct weir_topics *topics);

/* A step of algorithm 2 with a minibatch out of so many documents in all. -1: out of memory. */
int weir_topics_learn(struct weir_topics *topics, const struct weir_topics_documents *documents, double all,
                      struct weir_pool *pool);

/* lambda as lambda[words][K], and back: what is set is what is got. */
void weir_topics_get(const struct weir_topics *topics, float *lambda);
void weir_topics_set(struct weir_topics *topics, const float *lambda);

/* Learning is over: documents can be judged, by several threads at once. -1: out of memory. */
int weir_topics_settle(struct weir_topics *topics, struct weir_pool *pool);
/* shares[count][K], E[theta] (an empty document: all equal), and, unless NULL, bounds[count]: the lower bound of the
 * document's log probability, E_q[ln p(n, theta, z)] - E_q[ln q(theta, z)], of which the perplexity is made:
 * exp(-(sum of bounds) / (sum of all values)). One thread, NULL, or a pool. -1: out of memory. */
int weir_topics_judge(const struct weir_topics *topics, const struct weir_topics_documents *documents, float *shares,
                      double *bounds, struct weir_pool *pool);

#endif
