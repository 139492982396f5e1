/* The inside of profiles. A column is taken in by profile_column.c and profile_label.c, a batch at a time; at the end
 * it becomes a struct profile_column, which is what is kept, joined and shown. */
#ifndef WEIR_EVAL_PROFILE_PRIVATE_H
#define WEIR_EVAL_PROFILE_PRIVATE_H

#include "eval/profile.h"
#include "math/frequent.h"
#include "math/histogram.h"
#include "math/hyperloglog.h"
#include "math/quantile_points.h"
#include "math/statistics.h"

/* ---- What is kept of a column ---------------------------------------------------------------------------------- */

/* A run of numbers: a column's own, the lengths of its texts or lists, the elements of its tensors. */
struct profile_measure {
    bool hidden; /* read from a file without values: only counts, mean and deviation are known */
    bool whole;  /* least and greatest are the extremes, in all digits; otherwise they are those of the statistics */
    int64_t nan, infinite, zeros, negative;
    int64_t least, greatest;
    struct weir_statistics statistics; /* of the finite numbers; finished */
    struct weir_histogram histogram;
    struct weir_quantile_points points; /* none of tensors and entries */
};

/* x or y of a group of rows: how many, their mean, the sum of squares about it. */
struct profile_moments {
    double count, mean, squares;
};
struct profile_line {
    double count, x, y, xx, yy, xy; /* means, and sums of products about them */
};

enum { PROFILE_CLASSES = 100, PROFILE_CATEGORIES = 256 };

/* What a column has to do with the label. */
struct profile_association {
    struct profile_line line;        /* numbers and a label of numbers */
    struct profile_moments *classes; /* [classes of the label] of the column's numbers; NULL: none */
    bool too_many;                   /* categories */
    int categories;
    uint64_t *keys;                  /* [categories] hashes, ascending */
    struct profile_moments *numbers; /* [categories] of the label's numbers; NULL: it has none */
    int64_t *counts;                 /* [categories][classes of the label]; NULL: none */
};

/* What of it there is follows from the column's type and role. */
enum {
    PROFILE_VALUES = 1,    /* numbers, moments, truth values; elements of tensors; values of sparse entries */
    PROFILE_LENGTHS = 2,   /* of texts, bytes, lists; entries of sparse rows */
    PROFILE_POINTS = 4,    /* quantiles of the values */
    PROFILE_TOP = 8,       /* the most frequent values */
    PROFILE_WHOLE = 16,    /* the values are whole numbers */
    PROFILE_MOMENT = 32,   /* the values are dates or times */
    PROFILE_CATEGORY = 64, /* texts, which may be associated with the label as categories */
    PROFILE_NUMBER = 128,  /* its values may be associated with the label as numbers */
};

struct profile_column {
    char *name;
    struct weir_type type;
    enum weir_role role;
    unsigned has;
    int64_t missing;
    struct weir_hyperloglog distinct;
    struct profile_measure values, lengths;
    struct weir_frequent_list top;
    struct profile_association label;
};

struct weir_profile {
    int64_t rows;
    bool hidden;
    int count;
    struct profile_column *columns; /* [count] */
    char *label;                    /* the name of the label's column; NULL: there is none */
    bool classes_known;             /* the label has up to PROFILE_CLASSES values, which are classes */
    bool label_numbers;             /* the label is numbers (it may be classes too) */
    int classes;
    uint64_t class_keys[PROFILE_CLASSES]; /* hashes, ascending */
};

struct weir_profile *weir_profile_new(int columns); /* all { 0 }; NULL: out of memory */

/* What a column of the type has. */
unsigned weir_profile_contents(const struct weir_type *type, enum weir_role role);
/* The type of the column's values: its own, or that of the values of a dictionary. */
const struct weir_type *weir_profile_value_type(const struct weir_type *type);

/* ---- A run of numbers on its way: profile_measure.c ------------------------------------------------------------ */

int weir_profile_measure_begin(struct profile_measure *measure, bool whole, bool points,
                               struct weir_quantiles **quantiles);
/* numbers[count]: NaN is left out; infinities are counted and become NaN. */
int weir_profile_measure_add(struct profile_measure *measure, struct weir_quantiles *quantiles, double *numbers,
                             int64_t count);
int weir_profile_measure_end(struct profile_measure *measure, struct weir_quantiles *quantiles);
int weir_profile_measure_merge(struct profile_measure *into, const struct profile_measure *from,
                               struct weir_error *error);
void weir_profile_measure_release(struct profile_measure *measure);

/* ---- A column on its way: profile_column.c --------------------------------------------------------------------- */

/* Of one thread. */
struct profile_scratch {
    int64_t capacity;
    double *numbers;
    uint64_t *keys;
    int32_t *groups;
};
void weir_profile_scratch_release(struct profile_scratch *scratch);

/* The label of the rows of a batch: profile_label.c. */
struct profile_labels {
    const struct weir_type *type; /* NULL: there is no label */
    int index;                    /* of its column */
    bool has_classes, has_numbers;
    int classes; /* more than PROFILE_CLASSES: too many, and there are none any more */
    uint64_t keys[PROFILE_CLASSES];
    int32_t *class_of; /* [rows] -1: none */
    double *numbers;   /* [rows] NaN: none */
    int64_t capacity;
};
void weir_profile_labels_begin(struct profile_labels *labels, const struct weir_schema *schema);
int weir_profile_labels_read(struct profile_labels *labels, const struct weir_batch *batch, struct weir_error *error);
void weir_profile_labels_release(struct profile_labels *labels);

/* The sums of one column and the label; NULL where a column has none. */
struct profile_sums;
struct profile_sums *weir_profile_sums_new(bool category); /* NULL: out of memory */
void weir_profile_sums_free(struct profile_sums *sums);    /* NULL is accepted */
/* numbers[rows], NaN: none; row: the number of the first of them in the stream. */
void weir_profile_sums_numbers(struct profile_sums *sums, const struct profile_labels *labels, const double *numbers,
                               int64_t rows, int64_t row);
/* The category of a hash: its number; -1: there are too many, or there is no memory, which *failed says. */
int32_t weir_profile_sums_category(struct profile_sums *sums, uint64_t hash, bool *failed);
/* groups[rows]: the rows' categories, -1: none. */
void weir_profile_sums_categories(struct profile_sums *sums, const struct profile_labels *labels, const int32_t *groups,
                                  int64_t rows, int64_t row);
/* class_order: the label's classes by their hashes. */
int weir_profile_sums_end(struct profile_sums *sums, const struct profile_labels *labels, const int *class_order,
                          struct profile_association *association);

struct profile_intake {
    struct profile_column *column;
    const struct weir_field *field;
    struct weir_quantiles *values, *lengths;
    struct weir_frequent frequent;
    struct profile_sums *sums; /* NULL: nothing to do with the label */
    int64_t rows;              /* so far */
    struct weir_error error;
    bool failed;
};
int weir_profile_intake_begin(struct profile_intake *intake, struct profile_column *column,
                              const struct weir_field *field, const struct profile_labels *labels,
                              struct weir_error *error);
int weir_profile_intake_add(struct profile_intake *intake, const struct weir_column *column,
                            const struct profile_labels *labels, struct profile_scratch *scratch,
                            struct weir_error *error);
int weir_profile_intake_end(struct profile_intake *intake, int64_t min_count, struct weir_error *error);
void weir_profile_intake_release(struct profile_intake *intake);

/* ---- Associations: profile_association.c ----------------------------------------------------------------------- */

void weir_profile_moments_join(struct profile_moments *into, const struct profile_moments *from);
void weir_profile_line_join(struct profile_line *into, const struct profile_line *from);
void weir_profile_association_release(struct profile_association *association);
/* Sums that are too large for a double are as none. */
void weir_profile_association_settle(struct profile_association *association, int classes);
/* Joins those of two columns; `classes` of the profiles are joined: into_class[c] and from_class[c] are where the
 * classes stand in the joined profile, which has `classes`. 0 or -1. */
struct profile_class_join {
    int classes;
    bool known;
    uint64_t keys[PROFILE_CLASSES];
    int into[PROFILE_CLASSES], from[PROFILE_CLASSES];
};
void weir_profile_join_classes(struct profile_class_join *join, const struct weir_profile *into,
                               const struct weir_profile *from);
int weir_profile_association_merge(struct profile_association *into, const struct profile_association *from,
                                   const struct weir_profile *into_profile, const struct weir_profile *from_profile,
                                   const struct profile_class_join *join);

/* The measures of association; NaN: not defined, or not known. */
struct profile_associations {
    double correlation, correlation_ratio, cramers_v;
};
struct profile_associations weir_profile_associate(const struct weir_profile *profile,
                                                   const struct profile_column *column);

/* ---- What is shown: profile_show.c ----------------------------------------------------------------------------- */

enum profile_figure {
    PROFILE_MINIMUM,
    PROFILE_Q01,
    PROFILE_Q05,
    PROFILE_Q25,
    PROFILE_MEDIAN,
    PROFILE_Q75,
    PROFILE_Q95,
    PROFILE_Q99,
    PROFILE_MAXIMUM,
    PROFILE_MEAN,
    PROFILE_DEVIATION,
    PROFILE_FIGURES
};
/* False: there is none. A figure of a whole measure's extremes is rounded to a double. */
bool weir_profile_figure(const struct profile_measure *measure, enum profile_figure which, double *value);
/* The least or the greatest in all its digits: false when it is known as a double alone. */
bool weir_profile_extreme(const struct profile_measure *measure, enum profile_figure which, int64_t *value);
/* The figure as the column's values are written; up to six digits of a number that is not whole. */
void weir_profile_figure_text(const struct profile_column *column, const struct profile_measure *measure,
                              enum profile_figure which, struct weir_buffer *out);
/* A number of the column's values, or of its lengths. */
void weir_profile_number_text(const struct profile_column *column, bool of_values, double number,
                              struct weir_buffer *out);
/* One of the most frequent values, as it is. */
void weir_profile_item_text(const struct profile_column *column, const struct weir_frequent_item *item,
                            struct weir_buffer *out);
/* The number of different values, rounded; no more than there are values. */
int64_t weir_profile_distinct(const struct weir_profile *profile, const struct profile_column *column);
/* The key of a whole number: keys have the order of the numbers. Once more, it is the number again. */
static inline uint64_t weir_profile_whole_key(enum weir_kind kind, int64_t number)
{
    return kind == WEIR_UINT64 ? (uint64_t)number : (uint64_t)number ^ (uint64_t)1 << 63;
}
double weir_profile_item_number(const struct profile_column *column, const struct weir_frequent_item *item);

#endif
