/* A table in memory whose rows are found by key, and, as of a time, by the last row at or before it.
 *
 * A key is one or more columns: whole numbers, text, bool, dates or times. A row that lacks one of them has no key, and
 * is never found and never finds. One key has one row in the table, or one row at each time: many rows of the stream
 * may find it. */
#ifndef WEIR_STAGE_JOIN_H
#define WEIR_STAGE_JOIN_H

#include "stream/batch.h"

/* What a key that stands in several rows of the table (at the same time) means. */
enum weir_join_keep { WEIR_JOIN_UNIQUE, WEIR_JOIN_FIRST, WEIR_JOIN_LAST };

/* What a lookup gives where there is no row: both are nulls to weir_column_take. */
enum { WEIR_JOIN_NOTHING = -1, WEIR_JOIN_NO_KEY = -2 };

/* The columns of one side. */
struct weir_join_side {
    const struct weir_schema *schema;
    const int *keys; /* [count] columns of the schema */
    int count;
    int time; /* the column of the time, -1: none */
};

/* Whether the keys of both sides can be compared, the table's having been checked: "the key 'id' is int64 in the stream
 * and utf8 in the table; ...". */
int weir_join_check(const struct weir_join_side *stream, const struct weir_join_side *table, struct weir_error *error);

/* The same of the table alone: whether its keys can be keys. */
int weir_join_check_table(const struct weir_join_side *table, struct weir_error *error);

/* Chooses the hash function, so that nobody who has not seen it can make keys that meet in one slot. */
struct weir_join_secret {
    uint64_t multiply, add, text; /* the first is odd */
};
int weir_join_draw(struct weir_join_secret *secret, struct weir_error *error);

/* hash[rows]: equal keys, equal hash, on either side; missing[rows]: 1 where there is no key. */
void weir_join_hash(const struct weir_join_side *side, const struct weir_batch *batch,
                    const struct weir_join_secret *secret, uint64_t *hash, uint8_t *missing);

/* How far back a row may lie: 90 (in the units of the time's column, days for dates), or 15s 30m 12h 7d 2w. */
struct weir_join_reach {
    bool limited;
    int64_t units; /* of whole numbers */
    double number; /* of floating-point numbers */
};
int weir_join_reach_parse(struct weir_join_reach *reach, const char *text, const struct weir_field *time,
                          struct weir_error *error);

struct weir_join_options {
    enum weir_join_keep keep;
    const int64_t *numbers; /* [rows] of the table's rows, for messages; NULL: 0, 1, 2 ... */
    bool no_values;         /* keys stay out of messages */
};

struct weir_join;
/* The side's schema and the batch are borrowed and must outlive the join. -1: a key stands in the table twice, out of
 * memory. */
int weir_join_new(struct weir_join **join, const struct weir_join_side *table, const struct weir_batch *rows,
                  const struct weir_join_options *options, struct weir_error *error);
/* index[batch->rows]: for each row of the stream its row in the table, or WEIR_JOIN_NOTHING or WEIR_JOIN_NO_KEY. With
 * a time, the last row of the same key that is not later and within reach (which may be NULL). Any number of threads
 * may look up. */
int weir_join_find(const struct weir_join *join, const struct weir_join_side *stream, const struct weir_batch *batch,
                   const struct weir_join_reach *reach, int64_t *index, struct weir_error *error);
/* Rows of the table that no lookup can find, since they have no key (or no time). */
int64_t weir_join_keyless(const struct weir_join *join);
void weir_join_free(struct weir_join *join); /* NULL is accepted */

#endif
