/* Loading: operands of any format become one stream. */
#ifndef WEIR_FORMAT_LOAD_H
#define WEIR_FORMAT_LOAD_H

#include "format/format.h"
#include <jansson.h>

struct weir_load_options {
    struct weir_format_options format; /* format.labels is set by weir_load_open */
    struct weir_texts operands;        /* none: standard input */
    const char *labels;                /* --labels: an operand */
    const char *label_from;            /* --label-from: folder, a pattern, or an operand, a table */
    /* Opens an operand: its descriptor, or -1 with the message. */
    int (*open_operand)(const char *operand, struct weir_error *error);
    struct weir_texts label, id, weight, drop; /* columns by role, and those to be left out */
    bool unite; /* operands may have other columns than the first: what one has not is null in its rows */
};

struct weir_load;

/* Opens the operands and settles the schema: names (from the first operand; the others have the same in any order, or
 * bring more with `unite`), types, roles. `options` outlives the load. */
int weir_load_open(struct weir_load **load, const struct weir_load_options *options, struct weir_error *error);
/* The types of all batches to come, with the roles and, from Arrow streams, the metadata. Owned by the load. */
const struct weir_schema *weir_load_schema(const struct weir_load *load);
int weir_load_next(struct weir_load *load, struct weir_batch *batch, struct weir_error *error); /* 1, 0, -1 */
void weir_load_free(struct weir_load *load);                                                    /* NULL is accepted */

/* What is needed to read such text again the same way, for step 0 of the plan: {"format": "csv", "delimiter": ",",
 * "quote": "\"" (or "none"), "header": false, "names": [...] (without a header: those of all fields), "missing": [...],
 * "columns": [{"name", "type", "role", "given"}...]}. A new reference; NULL: out of memory. */
json_t *weir_load_state(const struct weir_load *load);

/* What --like refers to. Starts as { 0 }; kept as long as the load runs. */
struct weir_load_reference {
    struct weir_known_list known; /* required: all but labels, weights and ids */
    char **missing, **names;      /* owned */
    size_t missing_count, name_count;
    char *label_from; /* owned: how files had their labels, or NULL */
};
/* Takes from such a state, which anyone may have written, the columns into `reference`, and how to read them into
 * `options`, as far as these do not say so themselves. */
int weir_load_like(struct weir_load_reference *reference, const json_t *state, struct weir_format_options *options,
                   struct weir_error *error);
/* The same from a schema alone: names, types and roles. */
int weir_load_like_schema(struct weir_load_reference *reference, const struct weir_schema *schema,
                          struct weir_error *error);
void weir_load_reference_release(struct weir_load_reference *reference);

/* True when the names come from the first record of a CSV text. */
bool weir_load_has_header(const struct weir_load *load);
/* Rows of the operands so far, those that were dropped among them. */
int64_t weir_load_rows_read(const struct weir_load *load);
int64_t weir_load_rows_dropped(const struct weir_load *load);
/* Bytes of the operands as stored: read so far, and in all (-1: not known). */
int64_t weir_load_position(const struct weir_load *load);
int64_t weir_load_size(const struct weir_load *load);
/* What --bad let through: "3 values against their type made null (2 in 'age', 1 in 'fare')"; nothing when there was
 * nothing. */
void weir_load_summary(const struct weir_load *load, struct weir_buffer *out);

#endif
