/* A vocabulary: the terms of many documents, in how many documents each stood and how often; learned, selected,
 * numbered, looked up, and kept in a plan.
 *
 * Memory: about 100 bytes a term, and its text when that is longer than 32. At most WEIR_MOST_TERMS different terms of
 * WEIR_MOST_TERM_BYTES in all are learned, and a plan holds WEIR_MOST_VOCABULARY bytes: more is an error that says what
 * to do. */
#ifndef WEIR_STAGE_VOCABULARY_H
#define WEIR_STAGE_VOCABULARY_H

#include "stage/stage.h"
#include "stage/words.h"

enum { WEIR_MOST_TERMS = 1 << 25, WEIR_MOST_TERM_BYTES = 1 << 30, WEIR_MOST_VOCABULARY = 128 << 20 };

enum { WEIR_TERM_HEAD = 32 };
struct weir_vocabulary_term { /* 64 bytes: most terms take one line of cache */
    uint32_t at, size;
    int64_t documents, occurrences;
    int64_t last;              /* the document that it was last seen in, counted from 1 */
    char head[WEIR_TERM_HEAD]; /* the bytes of a term that is no longer, and zeros; others stand at `at` of all bytes */
};

/* Starts as { 0 }. */
struct weir_vocabulary {
    struct weir_vocabulary_term *terms; /* [count], by the code of a term: the order in which they came */
    size_t count, capacity;
    char *bytes;
    size_t size, bytes_capacity;
    uint64_t *slots; /* half a hash and a code + 1; 0: free */
    size_t mask;
    uint64_t secret[2];
    int64_t documents;
    /* After selection: the kept terms by their bytes, which is their order as text too. */
    uint32_t *kept;  /* [kept_count] codes */
    uint32_t *place; /* [count] in `kept`, or WEIR_NO_TERM */
    size_t kept_count;
};
#define WEIR_NO_TERM UINT32_MAX
enum { WEIR_TERMS_AHEAD = 16 };

void weir_vocabulary_release(struct weir_vocabulary *vocabulary); /* back to { 0 } */

/* What is hashed nobody can foresee. -1 with the message. */
int weir_vocabulary_begin(struct weir_vocabulary *vocabulary, struct weir_error *error);
/* Counts the terms of one document, which are new or not; codes[terms->count] gets their codes (NULL: nothing). The
 * caller has raised `documents`. -1 with the message. */
int weir_vocabulary_count(struct weir_vocabulary *vocabulary, const struct weir_terms *terms, uint32_t *codes,
                          struct weir_error *error);
/* Adds to the counts of a term, new or not, that do not come from a document at hand. -1 with the message. */
int weir_vocabulary_append(struct weir_vocabulary *vocabulary, const char *bytes, size_t size, int64_t documents,
                           int64_t occurrences, struct weir_error *error);
/* Room for so many terms in all. -1: out of memory. */
int weir_vocabulary_reserve(struct weir_vocabulary *vocabulary, size_t count, struct weir_error *error);
/* A term that is known to be new. It is found only when weir_vocabulary_index has been called. -1 with the message. */
int weir_vocabulary_append_new(struct weir_vocabulary *vocabulary, const char *bytes, size_t size, int64_t documents,
                               int64_t occurrences, struct weir_error *error);
int weir_vocabulary_index(struct weir_vocabulary *vocabulary, struct weir_error *error);
/* places[terms->count]: those of the terms among the kept ones, or WEIR_NO_TERM. */
void weir_vocabulary_find(const struct weir_vocabulary *vocabulary, const struct weir_terms *terms, uint32_t *places);

/* The code of a term, or WEIR_NO_TERM. */
uint32_t weir_vocabulary_code(const struct weir_vocabulary *vocabulary, const char *bytes, size_t size);

/* Which terms are kept: of at least `least` documents and at most the share `most` of them, and of these the
 * `features` (0: all) that occur most often, ties by term. */
struct weir_selection {
    int64_t least;
    double most;
    int64_t features;
};
#define WEIR_SELECTION_OPTIONS "min-documents", "max-documents", "max-features"
int weir_selection_read(struct weir_selection *selection, const json_t *options, struct weir_error *error);
/* Selects and numbers them; it may be that none is left. -1: out of memory. */
int weir_vocabulary_select(struct weir_vocabulary *vocabulary, const struct weir_selection *selection,
                           struct weir_error *error);
/* All of them, which stand in the order of their bytes. -1: out of memory. */
int weir_vocabulary_keep_all(struct weir_vocabulary *vocabulary, struct weir_error *error);
/* -1 with the message, which names `column`: none is kept. */
int weir_vocabulary_check(const struct weir_vocabulary *vocabulary, const char *column, struct weir_error *error);

static inline const char *weir_vocabulary_bytes(const struct weir_vocabulary *vocabulary,
                                                const struct weir_vocabulary_term *term)
{
    return term->size <= WEIR_TERM_HEAD ? term->head : vocabulary->bytes + term->at;
}
/* Term i of those kept: its bytes and their number. */
static inline const char *weir_vocabulary_term(const struct weir_vocabulary *vocabulary, size_t i, size_t *size)
{
    const struct weir_vocabulary_term *term = &vocabulary->terms[vocabulary->kept[i]];
    *size = term->size;
    return weir_vocabulary_bytes(vocabulary, term);
}
/* In how many documents it stood. Asked for one after the other: those that come next are fetched ahead. */
static inline int64_t weir_vocabulary_term_documents(const struct weir_vocabulary *vocabulary, size_t i)
{
    if (i + WEIR_TERMS_AHEAD < vocabulary->kept_count)
        __builtin_prefetch(&vocabulary->terms[vocabulary->kept[i + WEIR_TERMS_AHEAD]]);
    return vocabulary->terms[vocabulary->kept[i]].documents;
}

/* The kept terms (or `all`) with their counts as a blob: for each, ascending, how many bytes it shares with the one
 * before, how many follow, these, in how many documents and how often it stood, numbers as LEB128. */
json_t *weir_vocabulary_save(const struct weir_vocabulary *vocabulary, bool all, struct weir_blobs *blobs,
                             struct weir_error *error);
/* Into an empty vocabulary of so many documents, selected; NULL: all are kept. It may be that none is. Hostile input:
 * WEIR_BAD_DATA. */
int weir_vocabulary_restore(struct weir_vocabulary *vocabulary, const json_t *json, const struct weir_blobs *blobs,
                            int64_t documents, const struct weir_selection *selection, struct weir_error *error);
/* Adds the other's terms and counts; to be selected anew. */
int weir_vocabulary_merge(struct weir_vocabulary *vocabulary, const struct weir_vocabulary *other,
                          struct weir_error *error);

#endif
