/* The inside of the stage `encode`, shared by its files. */
#ifndef WEIR_STAGE_ENCODE_PRIVATE_H
#define WEIR_STAGE_ENCODE_PRIVATE_H

#include "stage/counts.h"
#include "stage/encode.h"
#include "stage/learn.h"

enum {
    WEIR_ENCODE_PARTS = 5,         /* hour, weekday, day, month, yearday */
    WEIR_ENCODE_CLASSES = 100,     /* of a label, at most */
    WEIR_ENCODE_CELLS = 1 << 23,   /* doubles that learning one target column may take */
    WEIR_ENCODE_LARGEST = 1 << 12, /* slots of hash */
};

/* Rows of numbers, one for each code and one for missing values, as learning a target column needs them: how many rows
 * had a label, and the sum of the label, or the rows of each class. */
struct weir_encode_sums {
    double *cells;   /* [folds][values][1 + outputs] */
    size_t values;   /* those of the column's counts, then all that they do not hold, then a missing one */
    int64_t outputs; /* 1, or the number of classes */
    int folds;
};

struct weir_encode_column {
    char *name;
    struct weir_type type; /* as learned */
    enum weir_encode_form form;
    int width; /* numbers a row */
    /* categories: the values kept, in order; their index is their code, then come two more */
    struct weir_counts categories;
    int other, missing; /* missing is -1 when learning saw none */
    /* ordinal, frequency, target: what a code becomes, [codes][width]; NaN: a missing value */
    double *table;
    double *fold_tables;        /* target, while the rows that were learned from go by: [folds][codes][width] */
    struct weir_counts classes; /* target: the label's classes in order; none: it is a number */
    bool classes_are_numbers;   /* and their order is that of numbers */
    /* number: (days - center) / deviation; bool: 0 and 1 */
    double center, deviation;
    int parts[WEIR_ENCODE_PARTS], part_count; /* cyclic */
    /* while learning, and in states that merge */
    bool learned;
    struct weir_counts counts;
    int64_t rows, nulls;
    struct weir_statistics statistics;
    struct weir_encode_sums sums;
};

/* The label, while the means of it are learned. */
struct weir_encode_label {
    int source; /* its column in the schema, or -1 */
    struct weir_type type;
    bool numeric; /* its mean is meant; otherwise the shares of its classes */
    struct weir_counts classes;
    double *values; /* of the batch at hand: the number, or the class; NaN: missing */
    size_t capacity;
};

struct weir_encode {
    const json_t *methods, *columns, *order, *parts; /* borrowed from the stage's options; NULL: not given */
    int64_t min_count, max_categories;               /* max_categories 0: what the form has by itself */
    int hash_width, folds;
    double smoothing;
    struct weir_encode_column *encoded;
    size_t count;
    int *source; /* while learning: index in the schema of encoded[i] */
    struct weir_encode_label label;
    bool second_pass;
    int64_t learned_rows; /* of the pass at hand */
    struct weir_scratch scratch;
};

/* encode_options.c */
int weir_encode_read_options(struct weir_encode *self, const struct weir_stage *stage, struct weir_error *error);
/* The form that the options give a column of that name and type; WEIR_ENCODE_NOT: none. */
enum weir_encode_form weir_encode_planned(const struct weir_encode *self, const char *name,
                                          const struct weir_type *type);
/* As weir_choose_columns, by the options. */
int weir_encode_choose(const struct weir_encode *self, const struct weir_schema *in, int **chosen, size_t *count,
                       struct weir_error *error);
/* The values that --order gives the column, appended to its categories; *given tells whether there are any. */
int weir_encode_given_order(const struct weir_encode *self, struct weir_encode_column *column, bool *given,
                            struct weir_error *error);
bool weir_encode_is_text(const struct weir_type *type);
bool weir_encode_is_time(const struct weir_type *type);
bool weir_encode_is_number(const struct weir_type *type);
/* Types whose values can be categories: text, bool, numbers. */
bool weir_encode_is_category(const struct weir_type *type);

/* encode.c */
/* Codes and what they become, or center and deviation, from what was learned. */
int weir_encode_settle(const struct weir_encode *self, struct weir_encode_column *column, struct weir_error *error);
/* `other`, `missing` and the width from the categories that are there; 1 + the greatest code. */
void weir_encode_lay_out(struct weir_encode_column *column, bool missing);
int weir_encode_codes_of(const struct weir_encode_column *column);
/* The layout and the table of an ordinal column's categories. */
int weir_encode_settle_ordinal(struct weir_encode_column *column, struct weir_error *error);
/* The values as days, missing ones as NaN. */
int weir_encode_days(struct weir_scratch *scratch, const struct weir_column *column, const struct weir_type *type,
                     struct weir_error *error);

/* encode_codes.c: the texts of a column, row by row, whatever its type. */
struct weir_encode_texts {
    const struct weir_column *rows, *values;
    const int32_t *codes; /* of a dictionary, or NULL */
    struct weir_column made;
};
int weir_encode_texts_open(struct weir_encode_texts *texts, const struct weir_column *column,
                           const struct weir_type *type, struct weir_error *error);
void weir_encode_texts_close(struct weir_encode_texts *texts);
/* NULL: missing. */
static inline const char *weir_encode_text(const struct weir_encode_texts *texts, int64_t row, size_t *length)
{
    if (!weir_valid(texts->rows, row))
        return NULL;
    if (texts->codes) {
        row = texts->codes[row];
        if (!weir_valid(texts->values, row))
            return NULL;
    }
    return weir_text(texts->values, row, length);
}
/* codes[row] of a column with categories; what is missing is `missing` (or `other` when learning saw none). */
int weir_encode_column_codes(const struct weir_encode_column *encoding, const struct weir_column *column,
                             const struct weir_type *type, int32_t *codes, int64_t *unknown, struct weir_error *error);
/* Sorts indices of counts by value: whole numbers by size. */
void weir_encode_sort(const struct weir_counts *counts, const struct weir_type *type, uint32_t *index, size_t count);
/* The slot of a text in a hashed column, *sign is 1 or -1. */
int64_t weir_encode_hash_slot(const char *text, size_t length, int width, float *sign);

/* encode_cyclic.c */
bool weir_encode_part_find(const char *name, int *part);
/* The parts that are wanted (NULL: all) and that the type has. */
void weir_encode_lay_out_parts(struct weir_encode_column *column, const json_t *wanted);
int weir_encode_cyclic(const struct weir_encode_column *encoding, const struct weir_column *column,
                       const struct weir_type *type, float *out, struct weir_error *error);
json_t *weir_encode_cyclic_slots(const struct weir_encode_column *column);

/* encode_target.c */
int weir_encode_find_label(struct weir_encode *self, const struct weir_schema *in, struct weir_error *error);
/* Reads the batch's labels; in the first pass their classes are found. */
int weir_encode_read_labels(struct weir_encode *self, const struct weir_batch *batch, struct weir_error *error);
int weir_encode_settle_label(struct weir_encode *self, struct weir_error *error);
void weir_encode_release_label(struct weir_encode_label *label);
int weir_encode_begin_sums(const struct weir_encode *self, struct weir_encode_column *column, struct weir_error *error);
int weir_encode_learn_target(struct weir_encode *self, struct weir_encode_column *column,
                             const struct weir_column *data, struct weir_error *error);
/* The tables from the sums; code[i] is the code of value i of the counts, and `other` of all that are not kept. */
int weir_encode_settle_target(const struct weir_encode *self, struct weir_encode_column *column, const int32_t *code,
                              struct weir_error *error);
json_t *weir_encode_save_sums(const struct weir_encode_column *column, struct weir_blobs *blobs);
int weir_encode_restore_sums(struct weir_encode_column *column, const json_t *json, const struct weir_blobs *blobs,
                             struct weir_error *error);
/* Folds `from` into `into`, counts and sums. */
int weir_encode_merge_sums(struct weir_encode_column *into, const struct weir_encode_column *from,
                           struct weir_error *error);

/* encode_state.c */
void weir_encode_release_columns(struct weir_encode *self);
int weir_encode_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                     struct weir_error *error);
int weir_encode_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                           struct weir_error *error);
int weir_encode_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                        struct weir_error *error);
int weir_encode_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error);
/* What weir:categories says of a column of several numbers. */
json_t *weir_encode_slots_json(const struct weir_encode_column *column);

/* encode_apply.c */
int weir_encode_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
int weir_encode_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_reasons *reasons, struct weir_error *error);
void weir_encode_unbind(struct weir_binding *binding);
void weir_encode_summary(const struct weir_binding *binding, struct weir_buffer *out);

#endif
