/* An audit of rows to learn from: what would make a model look better than it is, or learn what is wrong.
 *
 *   split     rows whose features are equal, or nearly so, to those of a row on an earlier side of a split, and rows
 *             whose group stands there
 *   columns   columns that alone tell the label, or whose missing values do
 *   labels    rows whose label is contradicted by the probabilities of a model that has not seen them
 *   outliers  rows far from the others
 *
 * One pass over the rows, which are kept in narrow form: 4 bytes for each number or category (1 for the elements of a
 * uint8 tensor), past `memory` bytes in a temporary file that is mapped. Beside them stay in memory, for each row: 34
 * to 83 bytes for the split, 14 for the label, 56 and 4 for each class while labels are judged, 5 for the outliers.
 * The outcome depends on the rows, the options and the seed alone. */
#ifndef WEIR_MODEL_AUDIT_H
#define WEIR_MODEL_AUDIT_H

#include "base/json.h"
#include "stage/near.h"
#include "stream/filter.h"

enum weir_audit_check {
    WEIR_AUDIT_SPLIT,
    WEIR_AUDIT_COLUMNS,
    WEIR_AUDIT_LABELS,
    WEIR_AUDIT_OUTLIERS,
    WEIR_AUDIT_CHECKS /* how many there are */
};
const char *weir_audit_check_name(enum weir_audit_check check);
int weir_audit_check_parse(const char *name); /* -1: none of them */

/* What can be found. */
enum weir_audit_finding {
    WEIR_AUDIT_SAME,
    WEIR_AUDIT_NEAR,
    WEIR_AUDIT_GROUP,
    WEIR_AUDIT_LABEL,
    WEIR_AUDIT_OUTLIER,
    WEIR_AUDIT_ROW_FINDINGS, /* what comes before is found of rows */
    WEIR_AUDIT_COLUMN = WEIR_AUDIT_ROW_FINDINGS,
    WEIR_AUDIT_FINDINGS
};
/* "split", "near", "groups", "labels", "outliers", "columns". */
const char *weir_audit_finding_name(enum weir_audit_finding finding);
/* -1: [length] bytes that are none of the names. */
int weir_audit_finding_parse(const char *name, size_t length);

struct weir_audit_options {
    /* The checks asked for; none: every one that the stream has what it takes for. One that was asked for and cannot
     * be done is an error, any other says so in the report. */
    bool checks[WEIR_AUDIT_CHECKS];
    const char *const *near; /* [near_count] COLUMN or COLUMN=THRESHOLD; none: a text or an image that is the only
                                feature */
    size_t near_count;
    double threshold;    /* of near columns without one of their own */
    const char *against; /* the name of the other side, which weir_audit_against reads; NULL: by the column `split` */
    int folds;           /* 2 .. 100 */
    double gives_away;   /* share of the label's uncertainty from which on a column gives it away */
    double outlier;      /* isolation score from which on a row is an outlier */
    double far_away;     /* or how many times as far from the median as the column's first or last percent */
    int64_t memory, top; /* top: findings shown of a kind; 0: all */
    uint64_t seed;
    bool no_values;                              /* cell values stay out of the report */
    bool mark, without[WEIR_AUDIT_ROW_FINDINGS]; /* of the rows that come out */
};

struct weir_audit;
/* The schema must outlive it, as must the texts of the options. */
int weir_audit_new(struct weir_audit **audit, const struct weir_schema *schema,
                   const struct weir_audit_options *options, struct weir_error *error);
int weir_audit_add(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error);
/* The other side, after all rows: begin tells its schema, which must outlive the audit and have the features by name.
 */
int weir_audit_against_begin(struct weir_audit *audit, const struct weir_schema *schema, struct weir_error *error);
int weir_audit_against_add(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error);
int weir_audit_finish(struct weir_audit *audit, struct weir_error *error);
void weir_audit_free(struct weir_audit *audit); /* NULL is accepted */

/* A report as text for a person, or as one JSON object. */
void weir_audit_text(const struct weir_audit *audit, struct weir_buffer *out);
void weir_audit_json(const struct weir_audit *audit, struct weir_buffer *out);
/* The closing line: "32561 rows in, split 24, columns 1, ..." without the rows. */
void weir_audit_summary(const struct weir_audit *audit, struct weir_buffer *out);

/* How many findings, among how many rows or columns. False: that was not looked for. */
bool weir_audit_count(const struct weir_audit *audit, enum weir_audit_finding finding, int64_t *count, int64_t *of);

/* What may be found at most. */
struct weir_audit_limit {
    enum weir_audit_finding finding;
    double bound; /* a count, or percent */
    bool percent;
};
/* NAME=COUNT or NAME=SHARE%, as the option --fail-over takes it. 0 or -1. */
int weir_audit_limit_parse(const char *text, struct weir_audit_limit *limit, struct weir_error *error);
/* Whether it holds; what was not looked for holds none. False: `why` says so. */
bool weir_audit_limit_holds(const struct weir_audit *audit, const struct weir_audit_limit *limit,
                            struct weir_buffer *why);

/* The rows as they come out once the audit is finished: with options.mark with the columns suspect, label_quality,
 * label_suggested and outlier_score, and without those of which options.without was found. */
int weir_audit_out_schema(const struct weir_audit *audit, const struct weir_schema *in, struct weir_schema *out,
                          json_t *step, struct weir_error *error);
/* The batch whose first row is `first` of the rows that were added. */
int weir_audit_out(const struct weir_audit *audit, const struct weir_batch *in, int64_t first, struct weir_batch *out,
                   struct weir_error *error);

/* The audit as a filter for a pipe: its rows come out so. The first members are the caller's, who may look at `audit`
 * after the run. */
struct weir_audit_filter {
    const struct weir_audit_options *options;
    json_t *step; /* of the plan: the options; taken over */
    void *context;
    int (*read_against)(void *context, struct weir_audit *audit, struct weir_error *error); /* behind the last row */
    struct weir_audit *audit;
    struct weir_schema schema;
    int64_t rows; /* that came out */
};
void weir_audit_filter(struct weir_filter *filter, struct weir_audit_filter *context);
void weir_audit_filter_release(struct weir_audit_filter *context);

#endif
