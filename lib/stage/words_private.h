/* Within lib/stage: what the files of words.h share. */
#ifndef WEIR_STAGE_WORDS_PRIVATE_H
#define WEIR_STAGE_WORDS_PRIVATE_H

#include "stage/words.h"

enum words_rule { WORDS_DEFAULT, WORDS_PLAIN, WORDS_ICU };

/* Stop words, in a table that is looked into by bytes. */
struct words_set {
    struct weir_buffer bytes;
    struct weir_term *terms;
    size_t count, capacity;
    uint32_t *slots; /* index + 1, 0: free */
    size_t mask;
};

struct weir_words {
    enum words_rule rule;
    bool keep_case;
    size_t min_length, dictionary_length; /* the latter where a dictionary cuts */
    size_t ngram_from, ngram_to;
    char *stem; /* the language; NULL: words stay whole */
    struct words_set stop;
};

/* What a character is, and its lower case; WORDS_KNOWN: it has been looked up. */
enum {
    WORDS_LETTER = 1 << 21, /* a word character by itself */
    WORDS_MARK = 1 << 22,   /* one when it follows another */
    WORDS_DICTIONARY = 1 << 23,
    WORDS_CASED = 1 << 24,
    WORDS_CASELESS = 1 << 25, /* case-ignorable: not seen where a final sigma is looked for */
    WORDS_KNOWN = 1 << 26,
    WORDS_GOES_ON = 1 << 27, /* a letter that goes on a run and has nothing to do with its neighbours */
    WORDS_LOWER = WORDS_LETTER - 1,
};
uint32_t weir_words_class(uint32_t character);
/* Those whose lower case is not one character by itself. */
enum { WORDS_SIGMA = 0x3A3, WORDS_DOTTED_I = 0x130 };

struct words_icu;
struct words_stemmer;

struct weir_splitter {
    const struct weir_words *words;
    char *bytes; /* [capacity]: the text in lower case, then stems, then n-grams; WORDS_PADDING more can be read */
    size_t size, capacity;
    struct weir_term *terms;
    size_t count, terms_capacity;
    uint32_t *classes; /* [0x10000], filled as characters come */
    struct words_icu *icu;
    struct words_stemmer *stemmer;
};
enum { WORDS_PADDING = 64 };

/* Room for `more` bytes behind those that are there, and for `more` terms. */
int weir_splitter_reserve(struct weir_splitter *splitter, size_t more, struct weir_error *error);
int weir_splitter_reserve_terms(struct weir_splitter *splitter, size_t more, struct weir_error *error);

/* words_icu.c: the words of bytes[at .. at + size) become terms: all pieces (`dictionary`), or those of letters,
 * numbers and ideographs that are long enough. */
int weir_words_icu_split(struct weir_splitter *splitter, size_t at, size_t size, bool dictionary,
                         struct weir_error *error);
void weir_words_icu_free(struct words_icu *icu);

/* words_stem.c: `check` says whether the library knows the language. */
int weir_words_stem_check(const char *language, struct weir_error *error);
int weir_words_stem(struct weir_splitter *splitter, struct weir_error *error);
void weir_words_stemmer_free(struct words_stemmer *stemmer);

/* words_stop.c */
const char *weir_words_stop_list(const char *language);                        /* words with blanks between, or NULL */
void weir_words_stop_names(struct weir_buffer *out);                           /* "danish, dutch, ..." */
int weir_words_set_add(struct words_set *set, const char *bytes, size_t size); /* -1: out of memory */
bool weir_words_set_has(const struct words_set *set, const char *bytes, size_t size);
void weir_words_set_release(struct words_set *set);

#endif
