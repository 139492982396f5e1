/* Columns of text or of terms, as stages take them that make terms into numbers: which they are, their vocabularies,
 * and their state. `tokenize` and `features` with the methods counts, tfidf and hash are made of it. */
#ifndef WEIR_STAGE_TEXT_COLUMNS_H
#define WEIR_STAGE_TEXT_COLUMNS_H

#include "stage/derive.h"
#include "stage/vocabulary.h"
#include "stage/words.h"

#define WEIR_TEXT_OPTIONS "column", "into", WEIR_WORDS_OPTIONS

/* What learning found in the rows, term by term, so that applying to the same rows need not split them again: the
 * first rows, as far as it stays within WEIR_REMEMBERED_BYTES for all columns. */
struct weir_remembered {
    uint32_t *codes; /* of the terms of all rows, one row behind the other */
    size_t code_count, code_capacity;
    uint32_t *counts; /* [rows] terms of a row */
    size_t rows, row_capacity;
};
enum { WEIR_REMEMBERED_BYTES = 128 << 20 };

struct weir_text_column {
    char *name;
    struct weir_type type;
    struct weir_vocabulary vocabulary;
    struct weir_remembered remembered;
    bool merges; /* the vocabulary holds all terms, not the selected ones alone */
};

struct weir_text_columns {
    const char *stage;   /* whose: a literal */
    const json_t *names; /* the option column, borrowed */
    const char *into;    /* borrowed; NULL: in the place of the old ones */
    bool learns;         /* vocabularies */
    struct weir_selection selection;
    struct weir_words *words;
    struct weir_text_column *items;
    size_t count;
    int *source;                    /* [count], while learning */
    struct weir_splitter *splitter; /* while learning */
    size_t remembered;              /* bytes */
    bool full;                      /* nothing more is remembered */
};

/* Reads the options of WEIR_TEXT_OPTIONS, and those of WEIR_SELECTION_OPTIONS when it learns. Starts as { 0 }, with
 * `stage` and `learns` set. */
int weir_text_columns_create(struct weir_text_columns *columns, const json_t *options, struct weir_error *error);
void weir_text_columns_release(struct weir_text_columns *columns);
/* Which columns there are, and what was learned of them; the options stay. */
void weir_text_columns_forget(struct weir_text_columns *columns);

/* As those of struct weir_stage_kind. */
int weir_text_columns_learn_begin(struct weir_text_columns *columns, const json_t *options,
                                  const struct weir_schema *in, struct weir_error *error);
int weir_text_columns_learn(struct weir_text_columns *columns, const struct weir_batch *batch,
                            struct weir_error *error);
/* to_merge: the state is kept for merging, and it is no error that it has no term; then the rows that it was learned
 * from have none, in a width of 0, which no reader takes. */
int weir_text_columns_learn_end(struct weir_text_columns *columns, bool to_merge, struct weir_error *error);
int weir_text_columns_save(const struct weir_text_columns *columns, json_t **state, struct weir_blobs *blobs,
                           struct weir_error *error);
int weir_text_columns_save_merge(const struct weir_text_columns *columns, json_t **merge, struct weir_blobs *blobs,
                                 struct weir_error *error);
int weir_text_columns_restore(struct weir_text_columns *columns, const json_t *state, const struct weir_blobs *blobs,
                              struct weir_error *error);
int weir_text_columns_merge(struct weir_text_columns *into, const struct weir_stage *into_stage,
                            const struct weir_text_columns *from, const struct weir_stage *from_stage,
                            struct weir_error *error);

/* Where a column is found and what stands for it: arrays of `count`, which the caller frees. */
struct weir_text_place {
    int from, to;
    struct weir_type type; /* of the column that is read */
};
int weir_text_columns_bind(const struct weir_text_columns *columns, const struct weir_schema *in, enum weir_mode mode,
                           struct weir_schema *out, struct weir_derived *derived, struct weir_text_place **places,
                           struct weir_error *error);
void weir_text_places_free(struct weir_text_place *places, size_t count);

/* Reads rows as places in the vocabularies: what one binding has of its own. Starts as { 0 }. */
struct weir_text_reader {
    struct weir_splitter *splitter;
    uint32_t *codes; /* of the row at hand */
    size_t capacity;
    size_t *rows, *at; /* [columns] how far what learning remembered has been used, in rows and codes */
    bool learned;      /* the rows are those that were learned from */
};
int weir_text_reader_begin(struct weir_text_reader *reader, const struct weir_text_columns *columns,
                           enum weir_mode mode, struct weir_error *error);
/* codes[*count] of the terms of a row of column i, in their order, those that are not kept left out and counted in
 * *unknown. A null row has none. Of the rows of a column each is to be asked for once and in order. */
int weir_text_reader_codes(struct weir_text_reader *reader, const struct weir_text_columns *columns, size_t i,
                           const struct weir_type *type, const struct weir_column *data, int64_t row, size_t *count,
                           size_t *unknown, struct weir_error *error);
void weir_text_reader_release(struct weir_text_reader *reader);

#endif
