/* Within lib/stage: the stage `enrich`. */
#ifndef WEIR_STAGE_ENRICH_PRIVATE_H
#define WEIR_STAGE_ENRICH_PRIVATE_H

#include "stage/enrich.h"
#include "stage/join.h"

enum enrich_how { ENRICH_LEFT, ENRICH_INNER, ENRICH_ANTI };

struct enrich {
    /* Borrowed from the options. */
    const json_t *on;
    const char *as_of, *within, *prefix, *name;
    int how;
    enum weir_join_keep keep;
    /* The table, once it is known. */
    bool known;
    struct weir_schema schema;
    bool present; /* its rows are here */
    bool given;   /* beside the plan, and not within it */
    struct weir_batch rows;
    struct weir_join_side side;
    int *keys;       /* of the side */
    char **left;     /* [on] the names in the stream */
    char *left_time; /* NULL: none */
    struct weir_join *join;
    bool no_values;
    const int64_t
        *numbers; /* of the table's rows, for messages; borrowed while the table is given. NULL: 0, 1, 2 ... */
};

struct enrich_tally {
    int64_t matched, unmatched, no_key; /* rows of the stream; the last are among the unmatched */
    int64_t keyless;                    /* rows of the table */
};

/* Where things are for one schema of the stream. */
struct enrich_binding {
    struct weir_schema in; /* names and types of the stream */
    struct weir_join_side side;
    int *keys;
    struct weir_join_reach reach;
    int *added; /* columns of the table that come into the stream */
    int added_count;
    struct enrich_tally tally;
    void *index; /* int64_t[capacity] */
    size_t capacity;
};

void weir_enrich_forget_table(struct enrich *self);
/* Whether the table goes into the plan. */
bool weir_enrich_is_whole(const struct enrich *self);

int weir_enrich_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                     struct weir_error *error);
int weir_enrich_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                        struct weir_error *error);
int weir_enrich_supply(struct weir_stage *stage, const struct weir_named_tables *tables, struct weir_error *error);

/* Adds what was counted through the binding; says it. */
void weir_enrich_count(const struct weir_binding *binding, struct enrich_tally *tally);
void weir_enrich_tell(const struct enrich_tally *tally, struct weir_buffer *out);

#endif
