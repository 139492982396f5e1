/* The words of the network language: what a layer reads its options from, and writes them with. */
#ifndef WEIR_NN_WORDS_H
#define WEIR_NN_WORDS_H

#include "nn/layer.h"

/* A word of the notation: a run of characters other than blanks, '|', '(' and ')', or one of these three. */
struct weir_word {
    const char *text;
    int length; /* 0 at the end of the notation */
};

struct weir_words {
    const char *notation;
    struct weir_word now;
    const struct weir_layer_kind *kind; /* whose options are being read: for messages */
};

/* Stands at the first word; the notation is borrowed. */
void weir_words_begin(struct weir_words *words, const char *notation);
bool weir_word_is(const struct weir_words *words, const char *text);
void weir_word_next(struct weir_words *words);
/* True, and the word is behind us, when it is `text`. */
bool weir_word_take(struct weir_words *words, const char *text);
/* The word as a number from least to most, and the word is behind us. `what` names it in the message. */
int weir_word_integer(struct weir_words *words, const char *what, int64_t least, int64_t most, int64_t *out,
                      struct weir_error *error);
/* N or NxM (height by width). */
int weir_word_size(struct weir_words *words, const char *what, int64_t least, int64_t most, int64_t *height,
                   int64_t *width, struct weir_error *error);
/* low <= number < high */
int weir_word_number(struct weir_words *words, const char *what, double low, double high, double *out,
                     struct weir_error *error);
/* "network, character 12, 'conw': ..." */
int weir_word_fail(const struct weir_words *words, struct weir_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends the prefix and the shortest text of the number. */
void weir_describe_number(struct weir_buffer *out, const char *prefix, double number);
/* Appends N or NxM. */
void weir_describe_size(struct weir_buffer *out, int64_t height, int64_t width);

#endif
