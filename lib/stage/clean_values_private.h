/* The inside of the part `values` of the stage `clean`: the one that learns, shared by its files.
 *
 * Order of the rules, for each value: values that mean missing; allowed values and range; outliers; missing values. A
 * value that a rule takes away is missing for the rules behind it. */
#ifndef WEIR_STAGE_CLEAN_VALUES_PRIVATE_H
#define WEIR_STAGE_CLEAN_VALUES_PRIVATE_H

#include "stage/clean_private.h"
#include "stage/counts.h"
#include "stage/learn.h"
#include "stage/options.h"

enum clean_class {
    CLEAN_NUMBER, /* integers, float32, float64 */
    CLEAN_BOOL,
    CLEAN_TEXT,    /* utf8, dictionary<utf8> */
    CLEAN_TIME,    /* dates, times, timestamps, durations: whole numbers in their own unit */
    CLEAN_TENSOR,  /* fixed lists and tensors: missing as a whole */
    CLEAN_NOTHING, /* the null type: no value at all */
    CLEAN_OTHER    /* passed on untouched */
};

enum clean_rule {
    CLEAN_DROP, /* the row */
    CLEAN_MEAN,
    CLEAN_MEDIAN,
    CLEAN_MODE,
    CLEAN_CONSTANT,
    CLEAN_CATEGORY, /* the text `missing` */
    CLEAN_KEEP,
    CLEAN_RULE_COUNT
};

enum clean_action { CLEAN_TO_NULL, CLEAN_TO_DROP, CLEAN_TO_CLIP };
enum clean_outliers { CLEAN_NO_OUTLIERS, CLEAN_IQR, CLEAN_ZSCORE, CLEAN_MAD };

/* One item of --missing, --range, --allow or --means-missing: a column (NULL: all) and what stands behind it. */
struct clean_item {
    char *name;
    enum clean_rule rule;
    char *value; /* a constant's text; "0..120"; "free|pro|team" */
};
struct clean_items {
    struct clean_item *items;
    size_t count, capacity;
};

struct clean_settings {
    struct clean_items missing, ranges, allowed, means_missing;
    enum clean_action bad_value, outlier_action;
    enum clean_outliers outliers;
    double outlier_factor;
    const json_t *outlier_columns; /* borrowed from the stage's options */
    bool flag_missing, drop_constant, keep_unlabelled;
};

/* What a missing value becomes; which member holds depends on the column's class. */
struct clean_fill {
    bool known;
    double real;     /* float32, float64 */
    int64_t integer; /* integers, bool, times */
    char *text;      /* [length] */
    size_t length;
};

/* Some values of a column: texts, or numbers and times. */
struct clean_set {
    struct weir_counts texts;
    double *numbers;
    size_t count;
};

/* Why a column is left out of the output. */
enum clean_removal { CLEAN_KEPT, CLEAN_NO_VALUE, CLEAN_IS_CONSTANT, CLEAN_REMOVAL_COUNT };

struct clean_learner;

struct clean_column {
    char *name;
    struct weir_type type; /* as learned */
    enum clean_class class;
    bool label;
    enum clean_rule rule;
    struct clean_fill fill;
    bool ranged;
    double low, high;         /* of the range, infinite where it is open */
    struct clean_set allowed; /* empty: everything is */
    struct clean_set means_missing;
    bool outliers;
    double lower, upper; /* values outside are outliers */
    enum clean_removal removal;
    int64_t rows, missing;         /* that learning saw, behind all rules but the last */
    struct clean_learner *learner; /* what is collected; NULL: nothing */
};

struct clean_values {
    struct clean_settings settings;
    struct clean_column *columns;
    size_t count;
    int *source; /* while learning: index in the schema of columns[i] */
    struct weir_scratch scratch;
};

/* clean_values_options.c, clean_values_column.c */
int weir_clean_values_read_settings(struct clean_settings *settings, const struct weir_stage *stage,
                                    struct weir_error *error);
void weir_clean_values_release_settings(struct clean_settings *settings);
enum clean_class weir_clean_values_class_of(const struct weir_type *type);
const char *weir_clean_values_rule_name(enum clean_rule rule);
/* Fills in class, rule, constant, range, allowed values and outliers of a column whose name, type and role are known.
 */
int weir_clean_values_resolve(const struct clean_settings *settings, struct clean_column *column, enum weir_role role,
                              struct weir_error *error);
/* True when the settings name the column, so that it is treated whatever its role. */
bool weir_clean_values_is_named(const struct clean_settings *settings, const char *name);
/* Every column that the settings name must be in the schema, and may be changed. */
int weir_clean_values_check_names(const struct clean_settings *settings, const struct weir_schema *in,
                                  struct weir_error *error);
void weir_clean_values_release_column(struct clean_column *column);

/* What a column goes through while learning; each phase takes a pass, or more where quantiles are made exact. */
enum clean_phase {
    CLEAN_LEARN_BOUNDS,     /* outliers: quartiles, mean and deviation, or the median */
    CLEAN_LEARN_DEVIATIONS, /* outliers by MAD: the median of |x - median| */
    CLEAN_LEARN_FILL,
    CLEAN_LEARN_DONE
};

struct clean_learner {
    enum clean_phase phase;
    bool again;  /* a further pass of the same phase: counts stand already */
    int limit;   /* of the collectors of quantiles */
    bool sketch; /* states are to be merged */
    struct weir_statistics statistics;
    struct weir_quantile_learner quantiles;
    struct weir_counts counts; /* of values as text */
    int64_t trues, falses;
    double center;
    bool seen, differs; /* a value; two different ones */
    double first;
    struct weir_buffer first_text;
};

/* clean_values_learn.c */
bool weir_clean_values_learns(const struct clean_settings *settings, const struct clean_column *column);
int weir_clean_values_learner_begin(const struct clean_settings *settings, struct clean_column *column, int limit,
                                    bool sketch, struct weir_error *error);
int weir_clean_values_learner_add(struct clean_values *self, struct clean_column *column,
                                  const struct weir_column *data, struct weir_error *error);
/* 1: another pass; 0: done; -1. */
int weir_clean_values_learner_end(const struct clean_settings *settings, struct clean_column *column,
                                  struct weir_error *error);
/* The fill, and whether the column stays, from what was collected. */
int weir_clean_values_settle(const struct clean_settings *settings, struct clean_column *column,
                             struct weir_error *error);
void weir_clean_values_learner_free(struct clean_learner *learner);

/* clean_values_merge.c */
int weir_clean_values_learner_merge(const struct clean_settings *settings, struct clean_column *into,
                                    const struct clean_column *from, struct weir_error *error);
json_t *weir_clean_values_learner_save(const struct clean_column *column, struct weir_blobs *blobs,
                                       struct weir_error *error);
int weir_clean_values_learner_restore(const struct clean_settings *settings, struct clean_column *column,
                                      const json_t *json, const struct weir_blobs *blobs, struct weir_error *error);

/* clean_values_state.c */
int weir_clean_values_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                           struct weir_error *error);
int weir_clean_values_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                                 struct weir_error *error);
int weir_clean_values_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                              struct weir_error *error);
int weir_clean_values_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error);

/* clean_values_rules.c: the rules for one value. */
enum clean_outcome { CLEAN_STAYS, CLEAN_MEANT_MISSING, CLEAN_NOT_ALLOWED };
enum clean_outcome weir_clean_values_judge_text(const struct clean_column *column, const char *bytes, size_t length);
bool weir_clean_values_is_among(const struct clean_set *set, double number);
/* Whether the number lies within the range and is allowed; a clipped one is put into *number, as a column of `kind`
 * holds it, and is fine. */
bool weir_clean_values_number_fine(const struct clean_column *column, enum clean_action action, enum weir_kind kind,
                                   double *number);
/* The integer nearest to a real number, halves to the even one, within int64. */
int64_t weir_clean_values_nearest(double real);
void weir_clean_values_integer_range(enum weir_kind kind, double *low, double *high);

/* clean_values_bind.c and behind: what applying needs. */
struct clean_counts {
    int64_t filled, meant_missing, not_allowed, out_of_range, outliers;
    int64_t dropped_missing, dropped_bad, dropped_outlier;
};
struct clean_work {
    const struct clean_column *column;
    struct weir_type type; /* as it is in the input; borrowed */
    int from, to, flag; /* indices: in the input; in the output (-1: removed); of its was-missing column (-1: none) */
    bool widened;       /* numbers become float64, because their own type cannot hold the fill */
    struct clean_counts counts;
    char *missing_reason, *bad_reason, *outlier_reason;
    struct weir_builder dictionary; /* of a dictionary: grows from batch to batch, so that codes stay */
};
struct clean_applying {
    const struct clean_values *self;
    struct weir_schema in;
    struct clean_work *works;
    size_t count;
    int *target;                  /* [in.count]: index in the output of a column that is passed on, or -1 */
    bool replay;                  /* rows are never judged by what training left out */
    struct weir_reasons *reasons; /* of the batch at hand */
    struct weir_scratch scratch;
};

/* Each makes the output's column of one input column. was_missing (may be NULL) receives one byte a row. */
int weir_clean_values_apply_number(struct clean_applying *applying, struct clean_work *work,
                                   const struct weir_column *in, struct weir_column *out, uint8_t *was_missing,
                                   struct weir_error *error);
int weir_clean_values_apply_bool(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                                 struct weir_column *out, uint8_t *was_missing, struct weir_error *error);
int weir_clean_values_apply_text(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                                 struct weir_column *out, uint8_t *was_missing, struct weir_error *error);
int weir_clean_values_apply_tensor(struct clean_applying *applying, struct clean_work *work,
                                   const struct weir_column *in, struct weir_column *out, uint8_t *was_missing,
                                   struct weir_error *error);

int weir_clean_values_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
int weir_clean_values_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                            struct weir_reasons *reasons, struct weir_error *error);
void weir_clean_values_unbind(struct weir_binding *binding);

/* clean_values_summary.c */
void weir_clean_values_summary(const struct weir_binding *binding, struct weir_buffer *out);

#endif
