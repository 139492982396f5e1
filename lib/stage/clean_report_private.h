/* The inside of clean's report.
 *
 * A column that a part did not touch shares its memory with the column before, which is seen by comparing addresses, so
 * that only columns that were made anew are compared, 64 rows at a time. Nothing that is kept depends on how the rows
 * were batched. */
#ifndef WEIR_STAGE_CLEAN_REPORT_PRIVATE_H
#define WEIR_STAGE_CLEAN_REPORT_PRIVATE_H

#include "base/html.h"
#include "math/histogram.h"
#include "math/reservoir.h"
#include "stage/clean_private.h"
#include "stage/clean_report.h"
#include "stage/counts.h"
#include "stage/learn.h"
#include "stage/options.h"

/* ---- clean_report_example.c: some of many ---------------------------------------------------------------------- */

/* A part of a value's text: bytes[length], from byte `from` on of a text of `whole` bytes. Between `first` and `last`,
 * which are places in `bytes`, lies what differs from the other of a pair. */
struct clean_excerpt {
    char *bytes; /* NULL: missing */
    size_t from, length, whole;
    size_t first, last;
};
/* The first ones, and others drawn from all behind them with equal chances. */
enum { CLEAN_FIRST_EXAMPLES = 3, CLEAN_DRAWN_EXAMPLES = 3, CLEAN_EXAMPLE_VALUES = 5 };
enum { CLEAN_MOST_EXAMPLES = CLEAN_FIRST_EXAMPLES + CLEAN_DRAWN_EXAMPLES };
struct clean_example {
    int64_t row;                                       /* of the input, from 1 */
    int64_t number;                                    /* within the reservoir */
    struct clean_excerpt values[CLEAN_EXAMPLE_VALUES]; /* a cell: before and after; a row: some of its columns */
};
struct clean_examples {
    struct clean_example items[CLEAN_MOST_EXAMPLES];
    int count;
    bool begun;
    struct weir_reservoir reservoir;
};
/* A row that became an example, whose values are to be filled in. */
struct clean_taken {
    int bit;
    struct clean_example *example;
};
/* Offers the rows whose bits are set: how many are taken; -1: out of memory. */
int weir_clean_examples_offer(struct clean_examples *examples, uint64_t rows, struct clean_taken taken[64]);
void weir_clean_examples_sort(struct clean_examples *examples); /* by row, when all were offered */
void weir_clean_examples_release(struct clean_examples *examples);
/* The excerpts of two texts that show where they first differ; NULL: missing. whole: no part of a value is the same
 * when the value is another, as of numbers. -1: out of memory. */
int weir_clean_excerpt_pair(struct clean_excerpt pair[2], const struct weir_buffer *before,
                            const struct weir_buffer *after, bool whole);

/* ---- clean_report_compare.c: two columns ----------------------------------------------------------------------- */

/* A column before and after a part. */
struct clean_sides {
    const struct weir_column *columns[2];
    const struct weir_type *types[2];
    int32_t *same_code; /* of a code before, a code after that has the same text; -1: none is known */
    struct weir_buffer texts[2];
};
bool weir_clean_shares(const struct weir_column *before, const struct weir_column *after);
/* What became of the 64 rows from `first` on, a bit each. */
struct clean_fates {
    uint64_t changed, emptied, filled;
};
struct clean_fates weir_clean_compare(struct clean_sides *sides, int64_t first);
int weir_clean_sides_begin(struct clean_sides *sides); /* columns and types stand; -1: out of memory */
void weir_clean_sides_end(struct clean_sides *sides);

/* ---- clean_report_shape.c: what values a column has ------------------------------------------------------------ */

enum clean_shape_kind { CLEAN_NO_SHAPE, CLEAN_NUMBERS, CLEAN_TEXTS };
struct clean_shape {
    enum clean_shape_kind kind;
    const struct weir_type *type; /* borrowed */
    int64_t rows, missing;
    struct weir_statistics statistics;
    struct weir_histogram histogram;
    struct weir_quantiles *quantiles;
    struct weir_counts counts;
    bool too_many; /* different texts to be counted */
};
enum clean_shape_kind weir_clean_shape_kind(const struct weir_field *field);
int weir_clean_shape_begin(struct clean_shape *shape, const struct weir_field *field, int limit);
int weir_clean_shape_add(struct clean_shape *shape, const struct weir_column *column, struct weir_scratch *scratch,
                         struct weir_error *error);
int weir_clean_shape_copy(struct clean_shape *to, const struct clean_shape *from, struct weir_error *error);
void weir_clean_shape_release(struct clean_shape *shape);

/* ---- clean_report.c: the watch --------------------------------------------------------------------------------- */

enum { CLEAN_CHANGED, CLEAN_EMPTIED, CLEAN_FILLED, CLEAN_FATE_COUNT };

/* What a part did to one column. */
struct clean_cells {
    int64_t counts[CLEAN_FATE_COUNT];
    struct clean_examples *examples[CLEAN_FATE_COUNT]; /* NULL: none */
    struct clean_excerpt fill;                         /* what the first missing value became */
    uint64_t fill_hash;
    bool has_fill, fills_differ;
};
/* Rows that a part dropped for one reason. */
enum { CLEAN_MOST_REASONS = 64 };
struct clean_drops {
    const char *given; /* as the part gave it, to find it again quickly */
    char *reason;
    int64_t rows;
    int columns[CLEAN_EXAMPLE_VALUES], column_count; /* of the schema before; shown in the examples */
    struct clean_examples examples;
};
struct clean_step {
    const struct weir_schema *before, *after; /* borrowed from the chain */
    int count;                                /* columns after */
    int *source;                              /* [count]: index in `before`, or -1: the part added it */
    struct clean_cells **cells;               /* [count]; NULL: nothing was done */
    struct clean_drops drops[CLEAN_MOST_REASONS];
    int drop_count;
    int64_t dropped, drops_unnamed; /* rows; those of more reasons than are kept */
};
/* A column of the input and what became of it. */
struct clean_passage {
    int from, to; /* indices in the input's and in the output's schema */
    bool forked;  /* it differs: `after` stands for itself; before that `before` stands for both */
    struct clean_shape before, after;
};
struct weir_clean_report {
    bool no_values;
    const struct clean_chain *chain; /* NULL: nothing is bound yet */
    struct clean_step steps[CLEAN_MOST_PARTS];
    int step_count;
    struct clean_passage *passages; /* [passage_count]: the columns that come out */
    int passage_count;
    int64_t rows_in, rows_out;
    const int64_t *numbers; /* of the rows of the step at hand, in the input; the chain's */
    struct weir_scratch scratch;
};
/* Each returns -1 with the message when it is out of memory. Only the first chain that is bound is watched. */
int weir_clean_report_bind(struct weir_clean_report *report, struct clean_chain *chain, struct weir_error *error);
/* Called by the chain: step i made `after` of `before`, and gave rows reasons for which they are dropped next. */
int weir_clean_report_step(struct weir_clean_report *report, int i, const struct weir_batch *before,
                           const struct weir_batch *after, const struct weir_reasons *reasons,
                           struct weir_error *error);
int weir_clean_report_done(struct weir_clean_report *report, const struct weir_batch *in, const struct weir_batch *out,
                           struct weir_error *error);

/* clean.c */
void weir_clean_watch(struct weir_stage *stage, struct weir_clean_report *report);
/* The name of the part that stands at this place of a chain, and its options that were given as a command has them. */
const char *weir_clean_part_name(const struct weir_stage *part);
int weir_clean_part_options(const struct weir_stage *part, struct weir_buffer *out, struct weir_error *error);
/* clean_values_summary.c: the rule ("median") for the column's missing values; NULL: it has none. */
const char *weir_clean_values_fill_rule(const struct weir_binding *binding, const char *column);

/* clean_report_step.c, clean_report_columns.c: parts of the page */
enum { CLEAN_NAME_BYTES = 80 }; /* of a longer name the beginning is shown */
int weir_clean_report_append_step(struct weir_buffer *out, struct weir_clean_report *report, int i,
                                  struct weir_error *error);
void weir_clean_report_excerpt(struct weir_buffer *out, const struct clean_excerpt *excerpt);
void weir_clean_report_columns(struct weir_buffer *out, struct weir_clean_report *report);

#endif
