/* The schema: the columns' names, types and roles, and what other metadata travels with a stream. */
#ifndef WEIR_STREAM_SCHEMA_H
#define WEIR_STREAM_SCHEMA_H

#include "stream/type.h"

struct weir_pair {
    char *key, *value; /* owned, UTF-8 */
};

struct weir_metadata {
    struct weir_pair *pairs;
    size_t count, capacity;
};

struct weir_field {
    char *name; /* owned, UTF-8; unique within a schema */
    struct weir_type type;
    enum weir_role role; /* travels as the key weir:role */
    bool nullable;
    struct weir_metadata metadata; /* all other keys; extension keys of tensors are made from the type */
};

struct weir_schema {
    struct weir_field *fields;
    int count;
    int capacity;
    struct weir_metadata metadata; /* weir:plan and weir:blob:N among them */
};

void weir_schema_release(struct weir_schema *schema); /* back to { 0 } */
int weir_schema_copy(struct weir_schema *to,
                     const struct weir_schema *from); /* deep, `to` is { 0 }; -1: out of memory */

/* Index of the column, or -1. */
int weir_schema_find(const struct weir_schema *schema, const char *name);
/* The same, with "no column 'agee' here; did you mean 'age'?" in `error` when there is none. */
int weir_schema_require(const struct weir_schema *schema, const char *name, struct weir_error *error);
/* Index of the column whose name is the nearest and not far off, or -1. */
int weir_schema_nearest(const struct weir_schema *schema, const char *name);
/* First column with the role, or -1; from: where to begin (0). */
int weir_schema_role(const struct weir_schema *schema, enum weir_role role, int from);

/* A column of a type that nothing here handles (weir_type.refused) is an error that names both. */
int weir_schema_check_refused(const struct weir_schema *schema, struct weir_error *error);

/* Appends a column of the name and simple kind (no children), nullable, feature. It may be edited through the pointer
 * returned, which lives until the next addition. NULL: out of memory. */
struct weir_field *weir_schema_add(struct weir_schema *schema, const char *name, enum weir_kind kind);
/* Appends a deep copy of `field`. NULL: out of memory. */
struct weir_field *weir_schema_add_copy(struct weir_schema *schema, const struct weir_field *field);
void weir_schema_remove(struct weir_schema *schema, int index);
void weir_field_release(struct weir_field *field);
int weir_field_copy(struct weir_field *to, const struct weir_field *from);
/* Makes `field`'s type a tensor (or, with rank 0, a fixed list of list_size) of a simple kind. -1: out of memory. */
int weir_field_make_tensor(struct weir_field *field, enum weir_kind kind, int32_t list_size, int rank,
                           const int64_t *shape);

/* Finding many columns by name: a table made once for a schema that does not change meanwhile (it is borrowed). */
struct weir_schema_index {
    const struct weir_schema *schema;
    int *slots;
    size_t mask;
    int duplicate; /* a column whose name stood before it already, or -1 */
};
int weir_schema_index_init(struct weir_schema_index *index, const struct weir_schema *schema); /* -1: out of memory */
int weir_schema_index_find(const struct weir_schema_index *index, const char *name);           /* column or -1 */
void weir_schema_index_release(struct weir_schema_index *index);

/* The first value of the key (others write one twice); NULL: not there. */
const char *weir_metadata_get(const struct weir_metadata *metadata, const char *key);
/* Sets the first value, or with NULL removes every one. -1: out of memory. */
int weir_metadata_set(struct weir_metadata *metadata, const char *key, const char *value);
void weir_metadata_release(struct weir_metadata *metadata);

/* True when names, types, roles, their order, the fields' weir:classes (whose probabilities a list has) and the
 * metadata keys weir:plan and weir:blob:* agree. Otherwise false, and `error` (may be NULL) says what differs: "column
 * 3 is 'age' (int64) in the first stream and 'aeg' (int64) in the second". */
bool weir_schema_agree(const struct weir_schema *first, const struct weir_schema *second, struct weir_error *error);

#endif
