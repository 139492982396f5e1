/* Text to terms: words by one of three rules, lower-cased, without stop words, stemmed, in n-grams.
 *
 *   default   runs of word characters: letters and numbers of any script, the underscore, and the marks that follow
 *             them. Of a run in a script without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) the words that
 *             ICU's dictionaries find.
 *   plain     runs of letters, numbers and underscores alone: what \w is in Python's re, and so scikit-learn's rule.
 *             A mark ends a run; scripts without spaces are not cut.
 *   icu       words of Unicode's standard annex #29, with ICU's dictionaries.
 *
 * A word has `min-length` characters or more (2 when not given; 1 where a dictionary cuts). The order of work: lower
 * case, words, stop words, stems, n-grams. */
#ifndef WEIR_STAGE_WORDS_H
#define WEIR_STAGE_WORDS_H

#include "base/json.h"
#include "stream/batch.h"

/* The options of a stage that says which terms there are, for its table of known ones. */
#define WEIR_WORDS_OPTIONS "words", "ngrams", "stop-words", "stem", "keep-case", "min-length"

enum { WEIR_MOST_NGRAM = 10, WEIR_MOST_MIN_LENGTH = 1000 };

/* The rules; they do not change once made, and any number of threads may use them. */
struct weir_words;
/* From a stage's options: -1 with the message (WEIR_USAGE). */
int weir_words_new(struct weir_words **words, const json_t *options, struct weir_error *error);
void weir_words_free(struct weir_words *words); /* NULL is accepted */
/* The option of WEIR_WORDS_OPTIONS that is given, or NULL: none is. */
const char *weir_words_given(const json_t *options);

/* What --stop-words says: the name of a language whose list is known gives *list NULL; anything else is the name of a
 * file of words, and *list is the JSON array of its lines. -1 with the message. */
int weir_words_read_stop_words(const char *value, json_t **list, struct weir_error *error);

/* A term: bytes[size] at bytes + at of what holds them. */
struct weir_term {
    size_t at, size;
};
/* The terms of one row; borrowed. Of each at least eight bytes can be read, however short it is. */
struct weir_terms {
    const char *bytes;
    const struct weir_term *items;
    size_t count;
};

/* The memory of one thread that makes terms. */
struct weir_splitter;
int weir_splitter_new(struct weir_splitter **splitter, const struct weir_words *words, struct weir_error *error);
void weir_splitter_free(struct weir_splitter *splitter); /* NULL is accepted */
/* The terms of valid UTF-8, good until the next call. -1: out of memory, or a library is not there. */
int weir_splitter_split(struct weir_splitter *splitter, const char *text, size_t length, struct weir_terms *terms,
                        struct weir_error *error);

/* Valid UTF-8 that holds a script without spaces, in pieces that are all of it, words as ICU's dictionaries find them
 * and what stands between; of any other text no piece. Good until the next call. -1 as above. */
int weir_splitter_cut(struct weir_splitter *splitter, const char *text, size_t length, struct weir_terms *pieces,
                      struct weir_error *error);

/* Columns that hold terms: utf8, dictionary<utf8>, which are split, and list<utf8>, whose items are terms as they are
 * (a null item is none). */
bool weir_is_text(const struct weir_type *type);
bool weir_is_term_list(const struct weir_type *type);
/* The terms of one row that is present. */
int weir_splitter_row(struct weir_splitter *splitter, const struct weir_column *column, const struct weir_type *type,
                      int64_t row, struct weir_terms *terms, struct weir_error *error);

#endif
