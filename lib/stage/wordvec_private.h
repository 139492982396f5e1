/* Within lib/stage: the inside of `features --method wordvec`, shared by its files. */
#ifndef WEIR_STAGE_WORDVEC_PRIVATE_H
#define WEIR_STAGE_WORDVEC_PRIVATE_H

#include "stage/text_columns.h"
#include "stage/word_vectors.h"

/* ---- wordvec_tokens.c: the texts as numbers, in memory or, when they are many, in a temporary file ---- */

/* Stands between two texts. */
#define WEIR_TEXT_END UINT32_MAX

/* Starts as { 0 }. */
struct weir_tokens {
    uint32_t *ids; /* those that are not in the file yet */
    size_t held, capacity;
    int64_t count; /* of all */
    bool spilled;
    int descriptor;
};
int weir_tokens_add(struct weir_tokens *tokens, uint32_t id, struct weir_error *error);
/* Nothing more is added. */
int weir_tokens_close(struct weir_tokens *tokens, struct weir_error *error);
/* out[count] = those from `first` on, which are there; from any thread. */
int weir_tokens_read(const struct weir_tokens *tokens, int64_t first, size_t count, uint32_t *out,
                     struct weir_error *error);
void weir_tokens_release(struct weir_tokens *tokens);

/* ---- wordvec_lexicon.c: which words are learned, and what they are made of ---- */

struct weir_word_options {
    bool cbow, hogwild, keep_grams;
    int width, window, negative, epochs;
    int64_t min_count, most_words; /* most_words 0: all */
    double rate, sample;
    struct weir_grams grams;
    uint64_t seed;
};

/* What the texts' words become. Starts as { 0 }. Words stand by how often they occurred, ties by their bytes; a row of
 * the input matrix is of a word, or behind all words of an n-gram. */
struct weir_lexicon {
    uint32_t count, row_count;
    uint32_t *rank;  /* [terms seen]: the word, or WEIR_TEXT_END when it is too rare */
    uint32_t *order; /* [count]: the seen word */
    uint32_t *keep;  /* [count]: kept in a text when a number of 32 bits is below; UINT32_MAX: always */
    size_t *starts;  /* [count + 1]: of its rows in `rows`, the word's own first */
    uint32_t *rows;
    float *gain;            /* [count]: how far the mean of its rows moves when each moves by 1 */
    uint32_t *gram_numbers; /* [row_count - count], of the n-grams' rows */
    uint32_t *other;        /* [count], with `share` the alias table that negative samples are drawn by */
    uint32_t *share;        /* the word itself when a number of 32 bits is not above, `other` when it is */
};
/* Words that are too many for the state are an error. */
int weir_lexicon_make(struct weir_lexicon *lexicon, const struct weir_word_options *options,
                      const struct weir_vocabulary *seen, struct weir_error *error);
void weir_lexicon_release(struct weir_lexicon *lexicon);

/* ---- wordvec_pairs.c: which rows meet which, drawn ahead ---- */

/* Tokens that are drawn for in one go; windows end with it. */
enum { WEIR_WORD_CHUNK = 1 << 13 };

/* A run of numbers: for each place of a window the token's place in the chunk, the number of words that go in (i), of
 * steps (s); the i words; then s times the word that is there and the negative samples. Starts as { 0 }. */
struct weir_pairs {
    uint32_t *numbers;
    size_t count, capacity;
    uint32_t *ids, *places; /* [WEIR_WORD_CHUNK]: the words that are kept, and where they stood */
    int targets;            /* of a step: the word that is there and its negative samples */
};
enum { WEIR_PAIRS_PLACE, WEIR_PAIRS_WORDS, WEIR_PAIRS_STEPS, WEIR_PAIRS_HEAD };
int weir_pairs_init(struct weir_pairs *pairs, const struct weir_word_options *options,
                    const struct weir_lexicon *lexicon, struct weir_error *error);
/* Of the chunk tokens[count], which is the stream'th of all epochs. */
int weir_pairs_draw(struct weir_pairs *pairs, const struct weir_word_options *options,
                    const struct weir_lexicon *lexicon, const uint32_t *tokens, size_t count, uint64_t stream,
                    struct weir_error *error);
void weir_pairs_release(struct weir_pairs *pairs);

/* ---- wordvec_train.c ---- */

/* The words, and their vectors learned from the tokens; `out` is { 0 }. */
int weir_word_train(const struct weir_word_options *options, const struct weir_vocabulary *seen,
                    const struct weir_tokens *tokens, struct weir_word_vectors *out, struct weir_error *error);

/* ---- The stage, and wordvec_state.c ---- */

struct weir_wordvec {
    struct weir_text_columns columns;
    struct weir_word_options options;
    struct weir_word_vectors vectors;
    bool given; /* the vectors: nothing is learned but which columns there are */
    /* while learning */
    struct weir_splitter *splitter;
    struct weir_vocabulary seen;
    struct weir_tokens tokens;
    uint32_t *codes; /* of the text at hand */
    size_t codes_capacity;
};

int weir_wordvec_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                      struct weir_error *error);
int weir_wordvec_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                         struct weir_error *error);

#endif
