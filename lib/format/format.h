/* Formats: what raw data comes in and goes out as. A format is one file and one row in weir_formats.
 *
 * Reading one operand: the format's `open` looks at the first rows and fills table->schema (names and inferred types);
 * the caller settles the columns it wants (weir_table_start); then `next` gives batches until the end. */
#ifndef WEIR_FORMAT_FORMAT_H
#define WEIR_FORMAT_FORMAT_H

#include "format/feed.h"
#include "format/image.h"
#include "stream/batch.h"
#include <string.h>

enum {
    WEIR_INFER_ROWS = 10000,      /* types are inferred from so many first rows ... */
    WEIR_INFER_BYTES = 16 << 20,  /* ... or from the rows within so many bytes, whichever is less */
    WEIR_RECORD_LIMIT = 64 << 20, /* bytes of one CSV record or JSON line */
    WEIR_COLUMN_LIMIT = 1000000   /* columns of one operand */
};

/* What becomes of a value that contradicts its column's type, of text that is not UTF-8, of a ragged row. */
enum weir_bad {
    WEIR_BAD_ERROR, /* an error with file, line and column */
    WEIR_BAD_NULL,  /* null; a ragged row is filled up with nulls or cut */
    WEIR_BAD_DROP,  /* the row is left out */
    WEIR_BAD_FLAG,  /* as null, and the table says which rows: weir_table.flags */
};

/* A column whose type is given and not inferred. */
struct weir_known {
    char *name;
    struct weir_type type;
    enum weir_role role;
    bool given;    /* by --types: 007 and +5 are read as numbers, since the user says so */
    bool like;     /* by --like: the role too is known */
    bool required; /* must be there */
};
struct weir_known_list {
    struct weir_known *items;
    size_t count, capacity;
};
struct weir_known *weir_known_add(struct weir_known_list *list, const char *name); /* NULL: out of memory */
void weir_known_release(struct weir_known_list *list);

/* Some texts; borrowed. */
struct weir_texts {
    char *const *items;
    size_t count;
};

/* True when the text is one of those that mean a missing value. */
static inline bool weir_is_missing(const struct weir_texts *missing, const char *text, size_t length)
{
    for (size_t i = 0; i < missing->count; i++)
        if (strlen(missing->items[i]) == length && memcmp(missing->items[i], text, length) == 0)
            return true;
    return false;
}

/* The bytes of CSV that have a meaning beside the newline. */
struct weir_csv_marks {
    char delimiter;
    char quote; /* 0: there is no quoting */
};

struct weir_label_from;

/* How raw data is to be read. Borrowed by the tables for their whole life. */
struct weir_format_options {
    const char *format; /* name in weir_formats; NULL: by content */
    char delimiter;     /* 0: guessed */
    char quote;         /* 0: '"' */
    bool unquoted;      /* no byte is a quote */
    bool no_header;
    bool like_form; /* delimiter, quote and header are those of --like: they give way to a header that has its names */
    struct weir_texts names;   /* the columns' names; they take the place of the header's */
    struct weir_texts missing; /* texts beside the empty field that mean a missing value */
    enum weir_bad bad;
    const struct weir_known_list *known;
    struct weir_feed *labels;                 /* IDX: the labels that go with images; NULL: none. Not owned */
    struct weir_image_reading image;          /* files: what pictures are made into */
    const char *of_pictures;                  /* the option that asked for that ("--size"); NULL: none did */
    const struct weir_label_from *label_from; /* files: where labels come from; NULL: nowhere. Not owned */
    bool like_label_from;                     /* it is what --like says: other formats pass it over */
    const char *query, *relation;             /* databases: what is read of one: a query, or a table. One of the two */
    bool no_values;                           /* cell values stay out of messages */
    size_t chunk; /* bytes of text for one batch; 0: about 1 MiB. Changes batches, and nothing else */
    int threads;  /* 0: one for each processor */
};

struct weir_table;
struct weir_table_out;

struct weir_format {
    const char *name;
    const char *const *endings; /* ".csv", NULL-ended; for output */
    const char *const *schemes; /* "sqlite:", NULL-ended: a database, whose operands begin so. NULL: files */
    bool text;                  /* types are inferred from text, and int64 may widen to float64 */
    /* True when the first bytes look like this format; the table is asked in its order, the last row takes all. */
    bool (*sniff)(const uint8_t *head, size_t size); /* NULL: never by content */
    /* Reading: fills table->schema; sets table->state and what else it knows of the table. */
    int (*open)(struct weir_table *table, struct weir_error *error);
    /* table->schema has been settled: same columns or fewer, in any order, wanted[i] their index as opened. */
    int (*start)(struct weir_table *table, const int *wanted, struct weir_error *error);
    int (*next)(struct weir_table *table, struct weir_batch *batch, struct weir_error *error); /* 1, 0, -1 */
    void (*close)(struct weir_table *table);
    /* Writing. */
    int (*create)(struct weir_table_out *out, struct weir_error *error);
    int (*write)(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error);
    int (*finish)(struct weir_table_out *out, struct weir_error *error); /* NULL: nothing is left to do */
    int (*commit)(struct weir_table_out *out, struct weir_error *error); /* databases: now others see the rows */
    void (*destroy)(struct weir_table_out *out);
};

extern const struct weir_format *const weir_formats[]; /* NULL-ended */
const struct weir_format *weir_format_find(const char *name);
/* By the ending of a file's name; NULL: unknown. *compression: "gzip" or "zstd" when .gz or .zst stands behind it, else
 * NULL. */
const struct weir_format *weir_format_by_ending(const char *path, const char **compression);

/* The database that an operand names by how it begins, or NULL: it is a file. */
const struct weir_format *weir_format_by_scheme(const char *operand);

/* What data is that no format reads (archives, Parquet, UTF-16, a model ...), and what to do with it, in words; NULL:
 * nothing is known against it. */
const char *weir_format_stranger(const uint8_t *head, size_t size);
/* The same of text of two or four bytes a character, by the mark in front, or by the NULs in its ASCII. */
const char *weir_format_wide_text(const uint8_t *head, size_t size);

/* One ASCII character that is neither the quote '"' nor a blank, or "tab" or "\t". -1: none of these. */
int weir_delimiter_parse(const char *text, char *delimiter);
/* One ASCII character that is no blank, or "none", into quote and unquoted. -1: neither. */
int weir_quote_parse(const char *text, struct weir_format_options *options);

/* One operand being read. */
struct weir_table {
    const struct weir_format *format;
    const struct weir_format_options *options;
    struct weir_feed *feed; /* owned */
    const char *source;     /* databases: the operand; borrowed. The feed then has a name for messages and no byte */
    struct weir_schema schema;
    bool own_roles;              /* Arrow: the stream said which columns are labels and ids */
    bool header;                 /* CSV: the first record had the names */
    struct weir_csv_marks marks; /* CSV: as given or guessed; other formats: no delimiter */
    bool started;
    void *state;                /* of the format */
    int64_t rows_read;          /* rows of the operand that have been read so far, the dropped ones among them */
    int64_t rows_dropped;       /* by --bad drop */
    int64_t links, passed_over; /* files: links, and what was neither picture nor text; known at the end */
    int64_t ragged;             /* rows with too few or too many fields, under --bad null or drop */
    /* Under --bad flag, for each row of the batch last handed out: 0, or 1 + the column whose value is against its
     * type, or -1 when the record is damaged as a whole. NULL: all rows are right. Owned. */
    int32_t *flags;
    /* What is wrong with the flagged rows, in words: for each of them in their order a text and a NUL. Empty: the flag
     * says it all. */
    struct weir_buffer flag_words;
    int64_t *contradictions; /* [schema.count]: values against their type, under --bad null or drop */
};

/* Takes `feed` over, also on failure. */
int weir_table_open(struct weir_table **table, struct weir_feed *feed, const struct weir_format_options *options,
                    struct weir_error *error);
/* The same of a database, which `source` names; borrowed for the table's life. */
int weir_table_open_source(struct weir_table **table, const struct weir_format *format, const char *source,
                           const struct weir_format_options *options, struct weir_error *error);
/* Settles names' order and types: `schema` holds columns that the table has. */
int weir_table_start(struct weir_table *table, const struct weir_schema *schema, struct weir_error *error);
int weir_table_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error); /* 1, 0, -1 */
void weir_table_free(struct weir_table *table); /* NULL is accepted */

/* For formats: the known column for each of table->schema, or NULL where the type is to be inferred: known[count]. An
 * error names duplicate columns, and required ones that are missing. */
int weir_known_match(const struct weir_table *table, struct weir_known **known, struct weir_error *error);
/* The same for a format whose columns have types of their own: --types may not say another. */
int weir_known_check(const struct weir_table *table, struct weir_error *error);
/* "x.npy: column 'value' is int64 and not utf8; types are converted in text alone", of a column that is not of the type
 * wanted. Returns -1. */
int weir_format_refuse_type(const struct weir_table *table, const struct weir_field *field,
                            const struct weir_type *wanted, enum weir_status status, struct weir_error *error);

/* For formats, --bad drop: leaves out the rows that are marked, marks[batch->rows]; *dropped grows by their number. */
int weir_format_drop(struct weir_batch *batch, const struct weir_schema *schema, const uint8_t *marks, int64_t *dropped,
                     struct weir_error *error);

/* What becomes of a database's table that is there already. */
enum weir_existing { WEIR_EXISTING_ERROR, WEIR_EXISTING_APPEND, WEIR_EXISTING_REPLACE };

/* One output being written. */
struct weir_table_out {
    const struct weir_format *format;
    int descriptor;                /* the caller's */
    struct weir_schema schema;     /* a copy */
    char delimiter;                /* CSV */
    struct weir_texts missing;     /* texts that would be read as missing: quoted in CSV */
    struct weir_drain *drain;      /* to the descriptor: buffered and, if wanted, compressed; NULL for a database */
    const char *target, *relation; /* databases: the operand and the table's name; borrowed */
    enum weir_existing existing;
    bool no_values; /* databases: cell values stay out of messages */
    void *state;
};
/* `out` holds format, descriptor, delimiter and missing, of a database target, relation, existing and no_values
 * instead; compression: NULL, "gzip" or "zstd". */
int weir_table_out_open(struct weir_table_out *out, const struct weir_schema *schema, const char *compression,
                        struct weir_error *error);
int weir_table_out_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error);
int weir_table_out_finish(struct weir_table_out *out, struct weir_error *error);
/* Files: nothing. A database keeps the rows that were finished from now on, and without this call none of them. */
int weir_table_out_commit(struct weir_table_out *out, struct weir_error *error);
void weir_table_out_release(struct weir_table_out *out);

#endif
