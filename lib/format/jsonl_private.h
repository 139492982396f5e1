/* JSON lines inside: the parts that jsonl_head.c, jsonl_read.c, jsonl_record.c and jsonl_infer.c share.
 *
 * A row is an object; the objects stand on a line each, or in one array. Objects within are columns with dotted names,
 * arrays are lists. */
#ifndef WEIR_FORMAT_JSONL_PRIVATE_H
#define WEIR_FORMAT_JSONL_PRIVATE_H

#include "format/format.h"
#include "format/passage.h"
#include <jansson.h>

enum {
    WEIR_JSON_CHUNK = 1 << 20, /* text of one batch, unless a record is longer */
    WEIR_JSON_NESTING = 64,    /* objects within objects */
    WEIR_JSON_WHAT = 320       /* bytes of what is wrong with a record, in words */
};

/* How many bytes are whole lines, or whole elements of an array, each with its comma or the closing bracket; `most` of
 * them at most. *closed: set when the bracket was found. */
size_t weir_json_whole_lines(const char *text, size_t size, int64_t most);
size_t weir_json_whole_elements(const char *text, size_t size, int64_t most, bool *closed);

/* Objects one after the other. Starts as { text, end, array, first, false }. */
struct weir_json_records {
    const char *at, *end;
    bool array;  /* separated by commas, and a ] behind the last; otherwise each on its line */
    bool first;  /* nothing of the array has been read */
    bool closed; /* the ] has been read */
};
/* The next object, a new reference, and where it begins. A number that 64 bits do not hold is a string of its digits,
 * and a NUL in a key the sign U+2400. 1 got one, 0 the end, -1 it is no object: `what` [WEIR_JSON_WHAT] says why, -2
 * out of memory. */
int weir_json_record(struct weir_json_records *records, json_t **object, const char **begin, char *what);

/* Calls `visit` for each value of the object that is no object itself, with its dotted name, and for objects that
 * `whole` wants as they are. 0, or what visit returned, or -1 when objects are nested too deeply. */
struct weir_json_visitor {
    void *context;
    bool (*whole)(void *context, const char *name); /* NULL: never */
    int (*visit)(void *context, const char *name, const json_t *value);
    struct weir_buffer name; /* scratch, owned */
};
int weir_json_visit(struct weir_json_visitor *visitor, const json_t *object);

/* What the values under one name have been. */
struct weir_json_shape {
    unsigned seen;
    struct weir_json_shape *items; /* of arrays; owned */
};
int weir_json_observe(struct weir_json_shape *shape, const json_t *value); /* -1: out of memory */
/* The narrowest type: bool, int64, float64, utf8, lists of them; what goes not together is utf8 (its JSON); nothing but
 * null: null. */
int weir_json_conclude(const struct weir_json_shape *shape, struct weir_type *type); /* -1: out of memory */
void weir_json_shape_release(struct weir_json_shape *shape);

/* One operand being read: table->state. */
struct weir_jsonl_chunk;
struct weir_jsonl {
    struct weir_table *table;
    bool array;
    json_t *names; /* of the columns as opened, each with its number */
    struct weir_schema_index index;
    int64_t line; /* of the next record to be handed out, from 1 */
    struct weir_passages passages;
    bool began, closed; /* array: something of it, all of it has been cut into passages */
    int64_t most_rows;  /* of a chunk */
    size_t chunk_size;
    struct weir_lanes *lanes;
    struct weir_jsonl_chunk *chunks;
    int chunk_count;
};
/* jsonl_head.c: reads the first rows and settles names and types; the feed then stands at the first row. */
int weir_jsonl_open(struct weir_table *table, struct weir_error *error);

/* Writing (jsonl_write.c): members of struct weir_format. */
int weir_jsonl_create(struct weir_table_out *out, struct weir_error *error);
int weir_jsonl_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error);

#endif
