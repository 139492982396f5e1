/* What the files of the audit share: audit.c (the whole), audit_rows.c (what is kept of the rows), one file a check,
 * audit_report.c and audit_mark.c. */
#ifndef WEIR_MODEL_AUDIT_PRIVATE_H
#define WEIR_MODEL_AUDIT_PRIVATE_H

#include "base/hash.h"
#include "base/thread.h"
#include "model/audit.h"
#include "model/dataset.h"
#include "model/intern.h"
#include "model/label.h"
#include "stage/fingerprint.h"

/* ---- what is kept of the rows (audit_rows.c) ---- */

enum weir_audit_form {
    WEIR_AUDIT_NUMBER, /* a float, NaN where it is missing */
    WEIR_AUDIT_TIME,   /* likewise: the distance from the first one */
    WEIR_AUDIT_TEXT,   /* the number of the text as int32 */
    WEIR_AUDIT_TENSOR  /* floats or bytes, 0 where they are missing */
};
/* Fewer rows than these are no kind of their own. */
enum { WEIR_AUDIT_FEW = 5 };

/* Codes of texts that are none, and of those beyond the number that is told apart. */
enum { WEIR_AUDIT_MISSING = -1, WEIR_AUDIT_OTHER = -2, WEIR_AUDIT_MOST_TEXTS = 1 << 16 };

struct weir_audit_source {
    int column; /* in the schema */
    enum weir_audit_form form;
    bool feature; /* else an id or a time, which no model learns from */
    enum weir_storage storage;
    int64_t width;
    size_t offset; /* of its numbers in a record */
    size_t flag;   /* number, time: of the byte that is 1 where it is missing */
    struct weir_intern texts;
    int32_t *codes; /* a dictionary's entries in `texts`, for the batch at hand */
    size_t code_capacity;
    bool has_origin;
    int64_t origin;
    int64_t missing; /* rows */
    /* Known at the end: */
    float *sample; /* number, time: [sampled] of its values, ascending; all of them in up to 65536 rows */
    int64_t sampled;
    int64_t *counts;   /* text: [texts.count] rows */
    int64_t others;    /* rows with WEIR_AUDIT_OTHER */
    bool hardly_recur; /* most rows have a text that fewer than five rows have: names, free text */
};

struct weir_audit_rows {
    const struct weir_schema *schema;
    struct weir_dataset dataset;
    struct weir_audit_source *sources; /* [source_count] */
    size_t source_count;
    struct weir_buffer aside; /* columns of types that no check takes, for a person */
    int64_t count;
};

int weir_audit_rows_begin(struct weir_audit_rows *rows, const struct weir_schema *schema, size_t memory,
                          struct weir_error *error);
int weir_audit_rows_add(struct weir_audit_rows *rows, const struct weir_batch *batch, struct weir_error *error);
/* Samples and counts. */
int weir_audit_rows_finish(struct weir_audit_rows *rows, struct weir_pool *pool, struct weir_error *error);
/* From here on the records are x for a model: missing numbers are the median, with a number of their own that says so,
 * texts are slots. */
int weir_audit_rows_to_features(struct weir_audit_rows *rows, struct weir_error *error);
void weir_audit_rows_release(struct weir_audit_rows *rows);

static inline float weir_audit_float(const struct weir_audit_rows *rows, const struct weir_audit_source *source,
                                     int64_t row)
{
    float value;
    memcpy(&value, weir_dataset_record(&rows->dataset, row) + source->offset, sizeof value);
    return value;
}
static inline int32_t weir_audit_code(const struct weir_audit_rows *rows, const struct weir_audit_source *source,
                                      int64_t row)
{
    int32_t code;
    memcpy(&code, weir_dataset_record(&rows->dataset, row) + source->offset, sizeof code);
    return code;
}
/* The value at a share of the sample, 0 to 1; sampled > 0. */
static inline float weir_audit_quantile(const struct weir_audit_source *source, double share)
{
    return source->sample[(int64_t)(share * (double)(source->sampled - 1) + 0.5)];
}
/* The number of a value's text, of a column of any type; `scratch` is reused. out[column->rows]. */
int weir_audit_codes(struct weir_intern *texts, int32_t **codes, size_t *capacity, const struct weir_column *column,
                     const struct weir_type *type, size_t most, int32_t *out, struct weir_error *error);

/* ---- the checks ---- */

/* Sides are numbered in the order of `names`; a row without one is on none. */
enum { WEIR_AUDIT_NO_SIDE = 255, WEIR_AUDIT_MOST_SIDES = 255 };

struct weir_audit_stream { /* one of the two that are read */
    const struct weir_schema *schema;
    struct weir_fingerprint *rows, *groups; /* groups: NULL without such a column */
    int *near;                              /* columns that are compared for being nearly equal */
    int group;                              /* column, -1: none */
};
struct weir_audit_side {
    int64_t rows, same, alike, grouped; /* same: equal to one of an earlier side ... */
};
struct weir_audit_split {
    struct weir_audit_stream stream, against;
    int split;                  /* column of the stream, -1: none */
    int *columns, column_count; /* of the stream: the features */
    int group;
    uint8_t key[WEIR_FINGERPRINT_KEY];
    struct weir_near *near;         /* NULL: none */
    struct weir_schema near_schema; /* its columns, dictionaries as texts */
    struct weir_buffer near_how;
    struct weir_hash128 *hashes, *group_hashes; /* [count] */
    uint8_t *sides;                             /* [count] */
    size_t hash_capacity, group_capacity, side_capacity, entry_capacity;
    struct weir_intern names;
    int32_t *entries;                     /* the split column's dictionary, for the batch at hand */
    int64_t rows, count;                  /* of the stream; of both */
    bool other;                           /* the other stream is being read */
    int order[WEIR_AUDIT_MOST_SIDES + 1]; /* [side_count] sides that have rows, the first one first */
    int side_count;
    /* Known at the end, for each row: the earlier row that it repeats, -1: none. Rows of the other side have the
     * numbers from `rows` on. */
    int64_t *same, *alike;
    uint8_t *grouped; /* its group stands on an earlier side */
    struct weir_audit_side by_side[WEIR_AUDIT_MOST_SIDES + 1];
    struct weir_audit_side all; /* rows: those of all sides but the first */
};

struct weir_audit_column {
    const struct weir_audit_source *source;
    double explains;         /* share of the label's uncertainty, out of fold */
    double accuracy, auc;    /* NaN: not for this label */
    double missing_explains; /* what the missing values alone do; NaN: none or all are missing */
    bool renamed;            /* the label under other names */
    bool gives_away, by_missing;
};
struct weir_audit_columns {
    struct weir_audit_column *items; /* [count], the most telling first */
    int64_t count, found;
    double base_accuracy; /* NaN: numbers */
};

struct weir_audit_labels {
    const char *probability_name; /* a column of probabilities that came with the rows; NULL: folds */
    int probability_column;
    int classes;
    float *probability; /* [rows][classes] */
    size_t capacity;
    double *thresholds;
    int64_t *joint;
    int32_t *suspect; /* [rows]: class, or -1 */
    int32_t *label;   /* [rows]: class in the order of `probability`, -1: none */
    char **names;     /* [classes], borrowed or owned by `given` */
    char **given;
    int64_t found, judged, wrong; /* wrong: labels estimated to be wrong */
    double accuracy;
};

struct weir_audit_outlier {
    int64_t row;
    const struct weir_audit_source *source; /* the column that sets it apart the most; NULL: none does */
    double times;                           /* how far its value is beyond the bulk of the column's; NaN: a text */
    char *value;                            /* owned, not for times; NULL: none */
    size_t length;
};
struct weir_audit_outliers {
    float *score; /* [rows] */
    uint8_t *far; /* [rows] beyond a fence */
    int64_t found, far_found;
    int64_t width;
    struct weir_audit_outlier *items; /* [listed], what is told of them */
    int64_t listed;
};

struct weir_audit {
    struct weir_audit_options options;
    const struct weir_schema *schema;
    struct weir_pool *pool;
    struct weir_audit_rows rows;
    int label_column;
    struct weir_label label;
    struct weir_model classes; /* its classes alone */
    enum weir_task task;
    int32_t *class_of; /* [rows]: -1 without a label; NULL: numbers */
    double *target_of; /* [rows]; NaN without a label; NULL: classes */
    uint8_t *present;  /* [rows]: has a label */
    size_t present_capacity;
    int64_t labelled;
    uint64_t *groups; /* [rows]; NULL: no such column */
    size_t group_capacity;
    uint8_t *fold; /* [rows]: WEIR_AUDIT_NO_FOLD without a label */
    bool done[WEIR_AUDIT_CHECKS];
    char *reason[WEIR_AUDIT_CHECKS]; /* why one was not made; owned */
    struct weir_audit_split split;
    struct weir_audit_columns columns;
    struct weir_audit_labels labels;
    struct weir_audit_outliers outliers;
};
enum { WEIR_AUDIT_NO_FOLD = 255 };

/* A check that cannot be made: -1 when it was asked for, else 0, and the message becomes its reason. */
int weir_audit_cannot(struct weir_audit *audit, enum weir_audit_check check, struct weir_error *error);

bool weir_audit_found(const struct weir_audit *audit, enum weir_audit_finding finding, int64_t row);

int weir_audit_split_begin(struct weir_audit *audit, struct weir_error *error);
int weir_audit_split_add(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error);
int weir_audit_split_against(struct weir_audit *audit, const struct weir_schema *schema, struct weir_error *error);
int weir_audit_split_finish(struct weir_audit *audit, struct weir_error *error);
/* The name of a side: the split column's value, or what the other side is called. */
const char *weir_audit_side_name(const struct weir_audit_split *split, int side, size_t *length);
void weir_audit_split_release(struct weir_audit_split *split);

int weir_audit_folds(struct weir_audit *audit, struct weir_error *error);
int weir_audit_columns_find(struct weir_audit *audit, struct weir_error *error);

int weir_audit_labels_begin(struct weir_audit *audit, struct weir_error *error);
int weir_audit_labels_add(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error);
int weir_audit_labels_find(struct weir_audit *audit, struct weir_error *error);
void weir_audit_labels_release(struct weir_audit_labels *labels);

int weir_audit_outliers_find(struct weir_audit *audit, struct weir_error *error);
void weir_audit_outliers_release(struct weir_audit_outliers *outliers);

/* ---- what both forms of the report need (audit_report.c) ---- */

/* The rows whose labels are contradicted, the least trusted first, as they are told; *count of them. NULL: no memory.
 */
int64_t *weir_audit_rank_labels(const struct weir_audit *audit, int64_t *count);
double weir_audit_quality(const struct weir_audit *audit, int64_t row);
/* A row's number within its own stream, from 1. */
int64_t weir_audit_own_number(const struct weir_audit_split *split, int64_t row);
/* The place of a row's side in split->order. */
int weir_audit_place(const struct weir_audit_split *split, int64_t row);
/* Whether one more finding is to be told when so many are. */
static inline bool weir_audit_within(const struct weir_audit *audit, int64_t told)
{
    return audit->options.top == 0 || told < audit->options.top;
}

#endif
