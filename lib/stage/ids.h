/* The ids of rows that were kept, by the rows' numbers. */
#ifndef WEIR_STAGE_IDS_H
#define WEIR_STAGE_IDS_H

#include "stream/batch.h"

/* Starts with weir_ids_init. A row whose id is null has none here. */
struct weir_ids {
    struct weir_type type; /* a copy; text of a dictionary is utf8 */
    size_t width;          /* of a value; 0: text */
    int64_t *rows;         /* [count], ascending */
    uint64_t *ends;        /* text: [count], where each value ends in `values` */
    size_t count, rows_capacity, ends_capacity;
    struct weir_buffer values;
};

/* True when ids of the type can be remembered: numbers, times, text. */
bool weir_ids_fit(const struct weir_type *type);
/* -1: out of memory. */
int weir_ids_init(struct weir_ids *ids, const struct weir_type *type);
void weir_ids_release(struct weir_ids *ids);

/* Remembers the id in the row `at` of the column as that of row `row`, which lies behind all that were added. */
int weir_ids_add(struct weir_ids *ids, const struct weir_column *column, enum weir_kind kind, int64_t at, int64_t row);
/* Appends the id of row `row` to a builder of the ids' type; null when it has none. */
void weir_ids_put(const struct weir_ids *ids, int64_t row, struct weir_builder *out);

#endif
