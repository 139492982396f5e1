/* Words and their vectors: learned by `features --method wordvec`, or read from a file of word2vec, fastText or GloVe.
 */
#ifndef WEIR_STAGE_WORD_VECTORS_H
#define WEIR_STAGE_WORD_VECTORS_H

#include "stage/vocabulary.h"

enum {
    WEIR_WORD_BYTES = 1024, /* a longer word is none */
    WEIR_MOST_GRAM = 20,    /* characters of an n-gram */
    WEIR_MOST_BUCKETS = 100000000,
    WEIR_VECTOR_WIDTH = 4096,       /* numbers of a vector, at most */
    WEIR_VECTORS_BYTES = 128 << 20, /* of words and vectors together: they travel in a plan */
};

/* ---- word_grams.c: the n-grams of words ---- */

struct weir_grams {
    int from, to;     /* characters; to 0: none */
    uint32_t buckets; /* an n-gram's number is its hash modulo so many */
};
struct weir_gram_list {
    uint32_t *numbers;
    size_t count, capacity;
    struct weir_buffer word;
};
/* The numbers of all n-grams of "<word>", one after the other: every run of from .. to characters, the marks < and >
 * counted, but no mark alone; FNV-1a in 32 bits over its bytes taken as signed, as fastText has it. -1: out of memory.
 */
int weir_grams_of(const struct weir_grams *grams, const char *word, size_t length, struct weir_gram_list *list);
void weir_gram_list_release(struct weir_gram_list *list);

/* ---- Vectors ---- */

/* Starts as { 0 }. */
struct weir_word_vectors {
    struct weir_vocabulary words; /* the most frequent first */
    int width;
    float *vectors;  /* [words][width] */
    double *inverse; /* [words]: 1 / the vector's length, 0 of a vector of zeros */
    /* n-grams, for words that were not learned; none: such a word has no vector */
    struct weir_grams grams;
    uint32_t *gram_numbers; /* [gram_count], ascending */
    float *gram_vectors;    /* [gram_count][width] */
    size_t gram_count;
};
static inline const char *weir_word_of(const struct weir_word_vectors *vectors, size_t i, size_t *size)
{
    *size = vectors->words.terms[i].size;
    return weir_vocabulary_bytes(&vectors->words, &vectors->words.terms[i]);
}
void weir_word_vectors_release(struct weir_word_vectors *vectors);

/* -1 with a message (WEIR_USAGE) that ends in "choose `remedy`" when so many words of `bytes` together, and so many
 * n-grams, of that width are more than WEIR_VECTORS_BYTES. */
int weir_word_vectors_check(size_t words, size_t bytes, size_t grams, int width, const char *remedy,
                            struct weir_error *error);
/* Fills `inverse` once words and vectors stand; numbers that are not finite are an error. */
int weir_word_vectors_settle(struct weir_word_vectors *vectors, struct weir_error *error);

/* Text of a file of vectors: a line a word, the word and then its numbers, blanks or tabs between; the first line may
 * say how many words there are and their width (`2000000 300`), as word2vec and fastText write it, or be a word's
 * already, as GloVe's. At most `most` words are read (0: all); of a word that stands there again the first line holds.
 * `name` is what messages call the file, with the line. `out` is { 0 } and ready for use. */
int weir_word_vectors_read(struct weir_word_vectors *out, int descriptor, const char *name, int64_t most,
                           struct weir_error *error);
/* The same form, with the first line; numbers are the shortest that read back as the same. White space within a word
 * becomes `_`. -1: `descriptor` cannot be written to, or no memory. */
int weir_word_vectors_write(const struct weir_word_vectors *vectors, int descriptor, struct weir_error *error);

/* The vectors of a stage that is fitted, or NULL: it is another. They live as long as the stage. */
const struct weir_word_vectors *weir_wordvec_vectors(const struct weir_stage *stage);
/* Reads those of a file for a stage that has not begun to learn, which then learns nothing but which columns there are.
 */
int weir_wordvec_read(struct weir_stage *stage, int descriptor, const char *name, struct weir_error *error);

/* The vector of one word, and 1 / its length: the word's own, or of one that was not learned the mean of those of its
 * n-grams that were, which stands in `made` [width] until the next call. *vector NULL: it has none. */
struct weir_word_lookup {
    struct weir_gram_list list;
    float *made;
};
int weir_word_vector(const struct weir_word_vectors *vectors, struct weir_word_lookup *lookup, const char *word,
                     size_t length, const float **vector, double *inverse, struct weir_error *error);
void weir_word_lookup_release(struct weir_word_lookup *lookup);

/* The words nearest to `word` by the cosine of the angle, the nearest first: index[*count], at most `wanted`, and their
 * cosines. The word itself is left out. *count 0: it has no vector. */
int weir_word_vectors_nearest(const struct weir_word_vectors *vectors, const char *word, size_t length, size_t wanted,
                              uint32_t *index, double *cosine, size_t *count, struct weir_error *error);

#endif
