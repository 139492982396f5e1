/* The inside of topics.h: one document's share of topics, which learning and judging have in common. */
#ifndef WEIR_MATH_TOPICS_PRIVATE_H
#define WEIR_MATH_TOPICS_PRIVATE_H

#include "math/topics.h"
#include <stddef.h>

enum { TOPIC_LANES = 8, ENTRY_LANES = 16 };

struct weir_topics {
    struct weir_topics_options options;
    int64_t stride;     /* topics rounded up to TOPIC_LANES; what stands behind the last topic is 0 */
    float *counts;      /* [words][stride]: lambda = base + scale counts */
    double base, scale; /* base: eta while learning; 0 of a lambda that was set */
    double *sums;       /* [stride] of counts over all words */
    float *factors;     /* [stride] 1 / exp(psi(sum of lambda_k)), a sum of at least WEIR_TOPICS_SMALL, of a topic that
                           no word is left in; 0 behind the last topic */
    int64_t steps;
    int32_t *local; /* [words] the place among those of a minibatch, or -1 */
    float *beta;    /* [words][stride] exp(E[ln beta]), once settled */
    struct topics_work *work;
};

/* A document as the inference takes it. entries: n rounded up to ENTRY_LANES. */
struct topics_document {
    int64_t count, entries;
    int64_t *row; /* [count] where the word's beta begins */
    float *value; /* [entries], zeros behind the last */
    float *beta;  /* [topics][entries], zeros behind the last */
    float *norm;  /* [entries] sum over topics of theta beta */
    float *ratio; /* [entries] value / norm */
    float *sum;   /* [stride] */
    float raised; /* the logarithm of what theta, and so norm, is too great by */
    void *memory; /* of them all */
    size_t capacity;
};
/* Room for a document of `count` words. -1: out of memory. */
int weir_topics_reserve(struct topics_document *document, int64_t count, int64_t topics, int64_t stride);
void weir_topics_document_release(struct topics_document *document);
/* gamma[stride] and theta[stride], exp(psi(gamma) + raised), by equation 5 for the document whose rows and values are
 * set; beta: where the rows stand. norm and ratio are left as theta makes them. */
void weir_topics_infer(const struct weir_topics_options *options, int64_t stride, const float *beta,
                       struct topics_document *document, float *gamma, float *theta);

/* exp(psi(0.1)) is 3e-5; that of a tenth of it is 0 in float32. */
#define WEIR_TOPICS_SMALL 0.1f

/* How far exp(psi) of numbers whose greatest is so small is raised, lest they all vanish in float32: many topics share
 * few words. phi does not change by a factor of all topics. */
float weir_topics_raise(float greatest);
/* Of x[stride], numbers above 0; those behind the last topic are not the greatest. */
float weir_topics_greatest(const float *x, int64_t stride);

/* out = exp(E[ln beta]) of a word's counts, raised. */
void weir_topics_expect(const struct weir_topics *topics, const float *counts, float *out);
/* factors anew, from sums and scale. */
void weir_topics_sum_up(struct weir_topics *topics);

#endif
