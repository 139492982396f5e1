/* The inside of the stage `clean`: its parts, one behind the other, each with the options that are its own.
 *
 * A part is a stage like any other (stage/stage.h), only that it stands in no plan by itself; to add one is a file and
 * a row in the table of clean.c. Its stage->options are all of clean's. A part never drops a row: it gives the row a
 * reason, and `clean` drops the rows that have one, or, in a replay, passes the reasons on. A part that learns without
 * reading any row does so in `learn_begin`, which returns 0; what it learned is the member of clean's state that has
 * its name. Only `values` reads rows; its state is clean's own. */
#ifndef WEIR_STAGE_CLEAN_PRIVATE_H
#define WEIR_STAGE_CLEAN_PRIVATE_H

#include "stage/stage.h"

/* In the order in which they work. */
extern const struct weir_stage_kind weir_clean_text_kind, weir_clean_convert_kind, weir_clean_rules_kind,
    weir_clean_values_kind, weir_clean_smooth_kind;

/* Whether `clean` changes a column that no option names: features and the label. */
bool weir_clean_treats(const struct weir_field *field);
/* utf8, or a dictionary of it. */
bool weir_clean_is_text(const struct weir_type *type);
/* The index of a column that an option names; -1 with a WEIR_USAGE message when it is not there, or is an id or a
 * prediction, which `clean` never changes. */
int weir_clean_require(const struct weir_schema *in, const char *name, struct weir_error *error);

/* For a message: the number, from 1, that the row of a batch has in the input. before: rows of earlier batches. */
long long weir_clean_row_number(const struct weir_reasons *reasons, int64_t before, int64_t row);

/* clean_tally.c: "filled 5 (3 in 'age', 2 in 'city')" for the closing line. Starts as { 0 }. */
struct clean_tally {
    int64_t total;
    int columns;
    struct weir_buffer list;
};
/* True when the column is named, so that more about it may be appended to tally->list; the first few are. */
bool weir_clean_tally_add(struct clean_tally *tally, const char *column, int64_t count);
/* Appends the whole to *out, behind a comma when something stands there; nothing when nothing was counted. */
void weir_clean_tally_end(struct clean_tally *tally, const char *what, struct weir_buffer *out);

/* clean_literal.c: a value as a person writes it for a column of whole numbers (in int64), a bool ("true"), a date, a
 * timestamp (UTC), a time ("08:30", "08:30:15.5", or in its unit) or a duration (in its unit). What the unit cannot
 * hold is rounded down, or up. */
bool weir_clean_read_integer(const struct weir_type *type, const char *text, size_t length, bool up, int64_t *out);
/* The end of a range as a column of the kind holds it, to the next such number above (`up`) or below: a whole one, or
 * one of float32, which may be infinite. */
double weir_clean_end_within(enum weir_kind kind, double end, bool up);

/* clean_chain.c: some parts bound to a schema, each to what the one before it gives. */
enum { CLEAN_MOST_PARTS = 8 };
struct weir_clean_report;
struct clean_chain {
    struct weir_binding bindings[CLEAN_MOST_PARTS];
    int count;
    struct weir_schema in;
    struct weir_reasons flagged; /* rows of the batch at hand that will be dropped; not of a replay */
    size_t flagged_capacity;
    int64_t *kept;
    size_t kept_capacity;
    int64_t *numbers; /* in the input, of the rows of the batch at hand */
    size_t numbers_capacity;
    int64_t rows;                     /* of the batches before */
    struct weir_clean_report *report; /* what watches; NULL: nothing does */
};
const struct weir_schema *weir_clean_chain_schema(const struct clean_chain *chain); /* behind the last part */
int weir_clean_chain_begin(struct clean_chain *chain, const struct weir_schema *in, struct weir_error *error);
/* Binds one more part behind the others. */
int weir_clean_chain_add(struct clean_chain *chain, const struct weir_stage *part, enum weir_mode mode,
                         struct weir_error *error);
/* reasons NULL: a row that a part gives a reason is gone for the parts behind it. */
int weir_clean_chain_apply(struct clean_chain *chain, const struct weir_batch *in, struct weir_batch *out,
                           struct weir_reasons *reasons, struct weir_error *error);
void weir_clean_chain_release(struct clean_chain *chain);

#endif
