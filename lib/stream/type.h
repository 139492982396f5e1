/* The types of columns, as Arrow has them, brought down to those that Weir holds in memory.
 *
 * In memory there is one form for each thing: large and view variants of text, binary and list become the plain ones
 * when they are read (offsets are int32), dictionary codes become int32, decimal, map, union and the like are refused
 * by name, or passed over (weir_type.refused). */
#ifndef WEIR_STREAM_TYPE_H
#define WEIR_STREAM_TYPE_H

#include "base/buffer.h"
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum weir_kind {
    WEIR_NULL, /* every value is missing; no buffers */
    WEIR_BOOL, /* a bitmap */
    WEIR_INT8,
    WEIR_INT16,
    WEIR_INT32,
    WEIR_INT64,
    WEIR_UINT8,
    WEIR_UINT16,
    WEIR_UINT32,
    WEIR_UINT64,
    WEIR_FLOAT16, /* raw bits, passed through */
    WEIR_FLOAT32,
    WEIR_FLOAT64,
    WEIR_DATE32,     /* int32 days */
    WEIR_DATE64,     /* int64 milliseconds */
    WEIR_TIME32,     /* int32, unit second or milli */
    WEIR_TIME64,     /* int64, unit micro or nano */
    WEIR_TIMESTAMP,  /* int64 since 1970-01-01 in `unit`; UTC when a zone is set */
    WEIR_DURATION,   /* int64 in `unit` */
    WEIR_UTF8,       /* int32 offsets, bytes */
    WEIR_BINARY,     /* int32 offsets, bytes */
    WEIR_LIST,       /* int32 offsets, one child */
    WEIR_FIXED_LIST, /* list_size values of one child a row; with rank > 0 a tensor of that shape */
    WEIR_STRUCT,     /* children */
    WEIR_DICTIONARY, /* int32 codes into one child's values (the dictionary, of its own length) */
    WEIR_KIND_COUNT
};

enum weir_unit { WEIR_SECOND, WEIR_MILLI, WEIR_MICRO, WEIR_NANO };

enum { WEIR_MAX_RANK = 8, WEIR_MAX_NESTING = 16 };

struct weir_field;

struct weir_type {
    enum weir_kind kind;
    enum weir_unit unit;          /* time kinds */
    char *zone;                   /* timestamp: time zone or NULL; owned */
    int32_t list_size;            /* fixed list */
    int rank;                     /* tensor: number of dimensions, 0 when it is a plain fixed list */
    int64_t shape[WEIR_MAX_RANK]; /* tensor: its product is list_size; images are [height, width] or [height, width,
                                     channels] */
    bool ordered;                 /* dictionary */
    struct weir_field *children;  /* list, fixed list, struct, dictionary (children[0]: the values' field); owned */
    int child_count;
    const char *refused; /* null: the type was another, which nothing here handles, and so it is called ("decimal"): a
                            literal; the values were passed over. NULL: it is what it is */
};

enum weir_role {
    WEIR_FEATURE, /* the one that is meant when none is named */
    WEIR_LABEL,
    WEIR_ID,
    WEIR_WEIGHT,
    WEIR_TIME,
    WEIR_GROUP,
    WEIR_SPLIT,
    WEIR_PREDICTION,
    WEIR_ROLE_COUNT
};

/* "feature", "label" ... ; weir_role_parse: false when the text is no role. */
const char *weir_role_name(enum weir_role role);
bool weir_role_parse(const char *text, enum weir_role *out);

/* Bytes of one value: 1, 2, 4 or 8 for numbers and times, 4 for dictionary codes, 0 for all others (bool included). */
int weir_kind_width(enum weir_kind kind);
bool weir_kind_is_integer(enum weir_kind kind); /* int8 .. uint64 */
bool weir_kind_is_float(enum weir_kind kind);   /* float16 .. float64 */
bool weir_kind_is_number(enum weir_kind kind);  /* either, or bool */

/* The type's name as the user writes and reads it: "int64", "utf8", "timestamp[us, UTC]", "list<int64>",
 * "tensor<uint8>[28, 28]", "fixed_list<float32>[4]", "dictionary<utf8>", "struct<a: int64>". Appended to `out`. */
void weir_type_describe(const struct weir_type *type, struct weir_buffer *out);

/* Reads such a name; `type` is then released with weir_type_release. 0, or -1: "'int9' is not a type"
 * (WEIR_BAD_DATA), or out of memory. */
int weir_type_parse(const char *text, struct weir_type *type, struct weir_error *error);

void weir_type_release(struct weir_type *type);                         /* back to { 0 } */
int weir_type_copy(struct weir_type *to, const struct weir_type *from); /* deep; -1: out of memory */
/* By kind and all that goes with it; children by type, and those of a struct by name. */
bool weir_type_equal(const struct weir_type *a, const struct weir_type *b);

#endif
