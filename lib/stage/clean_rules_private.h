/* The inside of the part `rules` of the stage `clean`, shared by its files: checks that a person wrote (weir-rules(5)).
 *
 * A rule is read from the options (clean_rules_read.c) and put to each column that it names (clean_rules_bind.c): that
 * is a check. For each batch the checks work in their order: a check judges its column into a mask of a byte a row
 * (clean_rules_judge.c, clean_rules_compare.c), and what the rule says is done where the mask is set (clean_rules.c,
 * clean_rules_change.c). */
#ifndef WEIR_STAGE_CLEAN_RULES_PRIVATE_H
#define WEIR_STAGE_CLEAN_RULES_PRIVATE_H

#include "stage/clean_pattern_private.h"
#include "stage/clean_private.h"
#include "stage/counts.h"
#include "stage/options.h"

enum { RULES_MOST = 1000, RULES_MOST_STOPPED = 100 };

enum rules_form { RULES_ANY_FORM, RULES_INTEGER, RULES_NUMBER, RULES_BOOLEAN, RULES_TEXT, RULES_DATE, RULES_TIMESTAMP };
enum rules_action { RULES_NULL, RULES_DROP, RULES_CLIP, RULES_SET, RULES_FLAG, RULES_FAIL };
enum rules_relation { RULES_EQUAL, RULES_UNEQUAL, RULES_LESS, RULES_AT_MOST, RULES_MORE, RULES_AT_LEAST };

/* What a rule says; texts and JSON are borrowed from the stage's options. */
struct rules_rule {
    int place; /* from 1 on */
    const char *name;
    char *label;           /* "rule 'adult'", or "rule 3" when it has no name */
    const json_t *columns; /* a text or an array of them; NULL: a comparison */
    bool present, optional;
    enum rules_form form;
    const json_t *range, *length, *allowed, *forbidden;
    struct clean_pattern *pattern;
    const char *left, *right; /* of a comparison; right NULL: with `constant` */
    enum rules_relation relation;
    const json_t *constant;
    enum rules_action action;
    const json_t *value; /* RULES_SET */
    const char *flag;    /* RULES_FLAG: the column */
};

struct rules {
    struct rules_rule *rules;
    size_t count;
    const json_t *required;
    char **labels; /* what the state holds: the columns that the rules name and that were labels */
    size_t label_count;
};

/* clean_rules_read.c: {"rules": [...], "required": [...]}; errors are WEIR_USAGE. What was read is released in any
 * case. */
int weir_clean_rules_read(struct rules *self, const json_t *json, struct weir_error *error);
void weir_clean_rules_release(struct rules *self);
const char *weir_clean_rules_action_name(enum rules_action action);
/* The columns of a rule: those that it judges, or the sides of a comparison. NULL behind the last. */
const char *weir_clean_rules_column(const struct rules_rule *rule, size_t i);

/* What values can be compared with one another. */
enum rules_group {
    RULES_NUMBERS,
    RULES_BOOLS,
    RULES_TEXTS,
    RULES_MOMENTS,
    RULES_CLOCKS,
    RULES_DURATIONS,
    RULES_OTHERS
};
enum rules_group weir_clean_rules_group(const struct weir_type *type);

/* A list of allowed or forbidden values, as the column's kind has them. */
struct rules_set {
    bool given;
    int64_t *integers; /* ascending; of uint64 the same bits */
    double *reals;     /* ascending */
    size_t count;
    struct weir_counts texts;
};

/* One side of a comparison. */
struct rules_side {
    int at; /* column; -1: a constant */
    enum weir_kind kind;
    bool real;
    int64_t scale; /* nanoseconds in a unit of time, 1 otherwise */
    int64_t integer;
    double number;
    const char *text;
    size_t length;
};

/* A rule put to one column of a schema. */
struct rules_check {
    const struct rules_rule *rule;
    size_t of; /* the rule's index */
    int at;
    const char *column;           /* its name, borrowed from the binding's schema */
    const struct weir_type *type; /* likewise */
    enum rules_group group;
    struct weir_type judged; /* as which values are judged: text may be read as another type */
    bool ranged;
    int64_t low, high; /* of uint64 the same bits */
    double real_low, real_high;
    int64_t shortest, longest; /* characters */
    struct rules_set allowed, forbidden;
    struct clean_matcher *matcher;
    struct rules_side left, right;
    int flag; /* index of the flag among rules_binding's, or -1 */
    char *reason;
    int64_t set_integer;
    double set_real;
    struct weir_builder builder; /* of a text column that gets a value; a dictionary grows from batch to batch */
};

/* What was counted of a rule. */
struct rules_count {
    int64_t broken;  /* values (rows, where the action is `drop`) to which the action was done */
    int64_t stopped; /* of them: too long or too hard for the pattern */
    int64_t hard;    /* of these: on which the pattern was stopped */
};

struct rules_binding {
    const struct rules *self;
    enum weir_mode mode;
    struct weir_schema in;
    struct rules_check *checks;
    size_t count;
    const char **flags; /* columns that are added, borrowed */
    size_t flag_count;
    uint8_t **flag_bits;        /* of the batch at hand, [flag_count] */
    struct rules_count *counts; /* [self->count] */
    int64_t rows;               /* of the batches before this one */
    uint8_t *mask, *verdicts;   /* a byte a row; a byte a value of a dictionary */
    size_t mask_capacity, verdict_capacity;
};

/* clean_rules.c: {"rows": ..., "rules": [...]}, a new reference. NULL: out of memory. */
json_t *weir_clean_rules_counts_json(const struct weir_binding *binding);

/* clean_rules_bind.c */
int weir_clean_rules_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
void weir_clean_rules_unbind(struct weir_binding *binding);

/* clean_rules_limit.c: what a rule says in the terms of a column's type. Errors are WEIR_BAD_DATA. */
int weir_clean_rules_limit(struct rules_check *check, struct weir_error *error);
int weir_clean_rules_set_value(struct rules_check *check, struct weir_error *error);
void weir_clean_rules_release_limit(struct rules_check *check);
bool weir_clean_rules_holds(const struct rules_set *set, bool real, int64_t integer, double number);

/* clean_rules_judge.c: mask[column->rows]: 1 where the rule is broken. */
int weir_clean_rules_judge(struct rules_binding *bound, struct rules_check *check, const struct weir_column *column,
                           uint8_t *mask, struct weir_error *error);

/* clean_rules_compare.c */
int weir_clean_rules_bind_comparison(struct rules_check *check, const struct weir_schema *in, struct weir_error *error);
void weir_clean_rules_compare(const struct rules_check *check, const struct weir_batch *batch, uint8_t *mask);

/* clean_rules_change.c: what stands where the mask is set becomes missing, a bound or a value; *column is replaced. */
int weir_clean_rules_change(struct rules_check *check, struct weir_column *column, const uint8_t *mask,
                            struct weir_error *error);

#endif
