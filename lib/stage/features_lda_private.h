/* The inside of features --method lda: what its files share. */
#ifndef WEIR_STAGE_FEATURES_LDA_PRIVATE_H
#define WEIR_STAGE_FEATURES_LDA_PRIVATE_H

#include "base/thread.h"
#include "math/topics.h"
#include "stage/derive.h"
#include "stream/sparse.h"

/* So many numbers of lambda, topics times terms, stand in a plan at most. */
enum { LDA_MOST_NUMBERS = 1 << 25, LDA_MOST_TOPICS = 4096, LDA_SHOWN_WORDS = 10 };

/* A greater one is none: sums of lambda stay within float32's range, whatever the documents. */
#define LDA_MOST_COUNT 1e9f

/* Documents that are gathered; grows, and is used again. */
struct lda_documents {
    int64_t count, *offsets; /* [count + 1] */
    uint32_t *word;
    float *value;
    size_t offset_capacity, word_capacity, value_capacity;
};

enum lda_phase { LDA_COUNTING, LDA_LEARNING, LDA_JUDGING };

struct lda {
    struct weir_topics_options how; /* how.words: the width of the column's rows */
    int64_t passes, batch, shown;
    double held_out; /* the share of documents that is not learned from */
    const json_t *chosen;
    const char *into;
    char *name; /* of the column */
    struct weir_type type;
    struct weir_topics *topics; /* settled, once learned or restored */
    int64_t documents, held;    /* learned from, held out: with a word in them */
    double perplexity;          /* of those that were held out; NaN: there is none */
    json_t *words;              /* of each topic the most likely terms, [[text, ...], ...] */
    /* while learning: */
    enum lda_phase phase;
    int index;                /* of the column */
    struct weir_field field;  /* a copy */
    struct weir_stage *terms; /* the stage that made the column, from the plan: it knows the words. NULL: unknown */
    const struct weir_vocabulary *vocabulary; /* its own; NULL: unknown */
    struct weir_pool *pool;
    int64_t row, pass; /* of the pass, and how many are over */
    struct lda_documents gathered;
    double bound, values; /* sums over the documents that were held out */
};

void weir_lda_release(struct lda *self); /* all but the options */
void weir_lda_documents_release(struct lda_documents *documents);
/* Appends a row's entries, as far as they are not 0: 1 it has some, 0 none, -1 the message (`row` of the column is
 * named from 1 on). */
int weir_lda_append(struct lda_documents *documents, const struct weir_sparse *sparse, int64_t row, const char *column,
                    int64_t named, struct weir_error *error);
/* Makes the documents empty. -1: out of memory. */
int weir_lda_clear(struct lda_documents *documents);
struct weir_topics_documents weir_lda_view(const struct lda_documents *documents);

/* features_lda_learn.c */
int weir_lda_learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error);
int weir_lda_learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error);
int weir_lda_learn_end(struct weir_stage *stage, struct weir_error *error);
void weir_lda_release_learning(struct lda *self);

/* features_lda_state.c */
int weir_lda_name_words(struct lda *self, struct weir_error *error);
int weir_lda_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error);
int weir_lda_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                     struct weir_error *error);

#endif
