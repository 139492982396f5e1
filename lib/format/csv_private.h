/* CSV inside: what the files csv_NAME.c share.
 *
 * A text is read in chunks of whole records. A chunk is indexed (where each field begins), then each column is parsed
 * from its fields straight into the column's memory. Fields are separated by one byte; a field that begins with a quote
 * (blanks before it aside) ends at the next quote that is not doubled; a quote elsewhere is an ordinary byte, and where
 * there is no quoting each is. Records end with a newline outside quotes, before which a carriage return is left out.
 */
#ifndef WEIR_FORMAT_CSV_PRIVATE_H
#define WEIR_FORMAT_CSV_PRIVATE_H

#include "format/format.h"
#include "format/head.h"
#include "format/passage.h"

/* What a first line `sep=;` may name. */
#define WEIR_CSV_NAMED_SEPARATORS ",;\t|:/#~^!&*"

struct weir_csv_index {
    uint32_t *starts; /* [fields + 1]: where field i begins; it ends before the separator at starts[i + 1] - 1 */
    size_t capacity;
    size_t fields;
    int64_t rows;  /* records */
    int64_t lines; /* newlines, those within quotes among them */
    bool quotes;   /* there are quotes */
    bool plain;    /* every byte is ASCII */
    bool nul;      /* there is a NUL byte */
    bool ragged;   /* a record has another number of fields than asked for */
    bool open;     /* the last field's quote is not closed */
};

/* How many bytes of `text` are whole records. */
size_t weir_csv_whole(const char *text, size_t size, struct weir_csv_marks marks);
/* Indexes whole records of `columns` fields (0: any number). The text ends with a newline and is followed by
 * WEIR_TEXT_PADDING readable bytes. -1: out of memory. */
int weir_csv_index(struct weir_csv_index *index, const char *text, size_t size, struct weir_csv_marks marks,
                   int columns);
void weir_csv_index_release(struct weir_csv_index *index);
/* The end of the record that begins at `text`: a position behind its newline, or behind the text. *fields: how many. */
const char *weir_csv_record(const char *text, const char *end, struct weir_csv_marks marks, int64_t *fields);

/* A field, with blanks trimmed and quotes taken off. */
struct weir_csv_field {
    const char *text;
    size_t length;
    bool quoted;
    bool broken; /* text stands behind the closing quote, or it is not closed; or scratch->failed */
};
/* scratch holds the text when quotes within had to be halved, until it is used again. */
struct weir_csv_field weir_csv_field(const char *begin, const char *end, struct weir_csv_marks marks,
                                     struct weir_buffer *scratch);

/* What the values of one column have been so far. Starts as { 0 }. */
struct weir_csv_evidence {
    int64_t values;  /* not missing */
    unsigned denied; /* bits: kinds that some value is not */
};
void weir_csv_observe(struct weir_csv_evidence *evidence, const struct weir_csv_field *field);
/* The narrowest kind that fits: bool, int64, float64, date32, timestamp (*zoned tells which), utf8. Missing values
 * only: null, which weir_table_start will not see. */
enum weir_kind weir_csv_conclude(const struct weir_csv_evidence *evidence, bool *zoned);

/* A column to be parsed. */
struct weir_csv_column {
    int index; /* which field of the record */
    struct weir_type type;
    bool lenient; /* 007 and +5 are whole numbers */
};

enum weir_csv_wrong {
    WEIR_CSV_RIGHT,
    WEIR_CSV_VALUE,    /* against the type */
    WEIR_CSV_ENCODING, /* not UTF-8 */
    WEIR_CSV_NUL,      /* a NUL byte */
    WEIR_CSV_QUOTE,    /* text behind the closing quote */
    WEIR_CSV_OPEN,     /* the quote is not closed */
    WEIR_CSV_RAGGED,   /* too few or too many fields */
    WEIR_CSV_MEMORY
};

/* One chunk on its way. */
struct weir_csv_chunk {
    struct weir_passage text;
    struct weir_csv_index index;
    struct weir_buffer scratch, repaired;
    struct weir_batch batch;
    int64_t rows_read, dropped, ragged;
    int64_t *contradictions; /* [columns] */
    uint8_t *drop;           /* a byte a row, under --bad drop */
    int32_t *flags;          /* under --bad flag: as in weir_table; NULL until one is raised */
    /* The first that was wrong, under --bad error. */
    enum weir_csv_wrong wrong;
    int64_t wrong_row;
    int wrong_column; /* of the columns to be parsed */
};

/* What is the same for all chunks. */
struct weir_csv_layout {
    struct weir_csv_marks marks;
    int columns; /* fields of a record */
    struct weir_csv_column *wanted;
    int wanted_count;
    struct weir_texts missing;
    const struct weir_schema *schema; /* of the wanted columns */
    enum weir_bad bad;
};

/* Parses the wanted columns of an indexed chunk, whose records all have layout->columns fields, into chunk->batch. */
void weir_csv_parse(const struct weir_csv_layout *layout, struct weir_csv_chunk *chunk);

/* One CSV operand being read: table->state. */
struct weir_csv {
    struct weir_table *table;
    struct weir_csv_layout layout;
    char **names;              /* [layout.columns]: as in the file or by --columns */
    struct weir_known **known; /* [layout.columns]: NULL where the type is inferred */
    int64_t line;              /* of the next record to be handed out, from 1 */
    struct weir_passages passages;
    size_t chunk_size;
    struct weir_lanes *lanes;
    struct weir_csv_chunk *chunks;
    int chunk_count;
};

enum {
    WEIR_CSV_CHUNK = 1 << 20, /* text of one batch, unless a record is longer or there are very many columns */
    WEIR_CSV_CHUNK_MOST = 8 << 20,
};

/* csv_head.c: reads the first rows and settles delimiter, names and types; the feed then stands at the first row. */
int weir_csv_open(struct weir_table *table, struct weir_error *error);
/* Under --bad flag: notes the column (0 based), or with -1 the whole record, as the row's first fault. -1: out of
 * memory. */
int weir_csv_flag(struct weir_csv_chunk *chunk, int64_t row, int column);
/* csv_error.c: the error of a chunk in which something is wrong, with the line where it stands. Returns -1. */
int weir_csv_tell(struct weir_csv *csv, struct weir_csv_chunk *chunk, struct weir_error *error);

/* Writing (csv_write.c): members of struct weir_format. */
int weir_csv_create(struct weir_table_out *out, struct weir_error *error);
int weir_csv_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error);
void weir_csv_destroy(struct weir_table_out *out);

#endif
