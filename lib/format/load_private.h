/* Within lib/format: the load itself, for load.c, load_merge.c, like.c, flag.c and union.c. */
#ifndef WEIR_FORMAT_LOAD_PRIVATE_H
#define WEIR_FORMAT_LOAD_PRIVATE_H

#include "format/label_from.h"
#include "format/load.h"

struct operand {
    const char *name;         /* borrowed */
    struct weir_table *table; /* NULL: closed, and opened again in its turn */
    int64_t size;
};

struct weir_load {
    const struct weir_load_options *options;
    struct weir_format_options format;
    struct weir_feed *labels;
    struct weir_label_from *label_from;
    struct operand *operands;
    size_t count, current;
    struct weir_schema schema;
    json_t *names; /* of all fields, when the text has no header */
    const struct weir_format *first_format;
    struct weir_csv_marks marks; /* of the first operand */
    bool own_roles;
    int64_t rows_read, dropped, ragged, links, passed_over, *contradictions; /* of the operands that are done */
    int64_t position;
    int *places; /* --union: [columns of the current table] which of ours each is; NULL: all, in their order */
};

/* load_merge.c: takes the columns of an operand behind the first into load->schema, or says what does not agree. */
int weir_load_merge(struct weir_load *load, const struct weir_table *table, struct weir_error *error);

/* flag.c, for --bad flag: the schema gets a column load_reason at its end, each batch its values, from what its table
 * says. */
int weir_load_add_reason_field(struct weir_load *load, struct weir_error *error);
int weir_load_add_reasons(const struct weir_load *load, const struct weir_table *table, struct weir_batch *batch,
                          struct weir_error *error);

/* union.c: a stream that has only been loaded is raw, and this load becomes its plan's beginning. */
int weir_load_begin_anew(struct weir_schema *schema, struct weir_error *error);
/* A column that the operands before have not; a table begins with those of our columns that it has; its batches get
 * the others. */
int weir_load_add_column(struct weir_load *load, const struct weir_field *field, struct weir_error *error);
int weir_load_union_start(struct weir_load *load, struct weir_table *table, struct weir_error *error);
int weir_load_spread(const struct weir_load *load, struct weir_batch *batch, struct weir_error *error);

#endif
