/* How a stream lays out its columns, beside the schema that says how they are held in memory; and its dictionaries. */
#ifndef WEIR_STREAM_WIRE_H
#define WEIR_STREAM_WIRE_H

#include "stream/batch.h"
#include "stream/compression.h"
#include "stream/frame.h"

enum { WEIR_MAX_FIELDS = 1000000 }; /* of a schema, children counted */

enum weir_wire_form {
    WEIR_FORM_PLAIN,        /* as in memory */
    WEIR_FORM_LARGE,        /* offsets are int64 */
    WEIR_FORM_VIEW,         /* text or binary as views of 16 bytes */
    WEIR_FORM_FIXED_BINARY, /* `width` bytes a row */
};

/* One column, or one child of one: beside a struct weir_type, which says what it becomes. */
struct weir_wire {
    enum weir_wire_form form;
    int32_t width;
    int buffers;                /* that a message has of it, besides those of its children and of the bytes of views */
    struct weir_wire *children; /* owned; of a coded column: those of its values */
    int child_count;
    bool coded;       /* dictionary-encoded: what stands in a batch are codes */
    bool keep_codes;  /* a WEIR_DICTIONARY in memory; otherwise its values take the codes' place */
    bool code_signed; /* of code_width bytes */
    int code_width;
    size_t dictionary; /* index into weir_decoder.dictionaries */
    int64_t id;
};

struct weir_dictionary {
    int64_t id;
    const struct weir_wire *wire; /* of the column that has it; its form and children are the values' */
    const struct weir_type *type; /* of the values; NULL: it is not read */
    struct weir_column values;
    bool received;
};

struct weir_decoder {
    struct weir_schema schema;
    struct weir_wire *wires;              /* [schema.count] */
    struct weir_dictionary *dictionaries; /* sorted by id */
    size_t dictionary_count;
    struct weir_block *zeros; /* the bitmap of columns in which all is missing, and offsets of empty ones */
    struct weir_decompressor decompressor;
};

void weir_decoder_release(struct weir_decoder *decoder);

/* Fills an empty decoder from a schema message; accept_refused as in weir_reader_options. */
int weir_decode_schema(struct weir_decoder *decoder, struct weir_frame *frame, bool accept_refused,
                       struct weir_error *error);
/* A record batch as a batch ({ 0 }), its columns slices of the frame's body where they can be. source: for memory. */
int weir_decode_batch(struct weir_decoder *decoder, struct weir_frame *frame, struct weir_source *source,
                      struct weir_batch *batch, struct weir_error *error);
/* A dictionary batch: taken into the decoder. */
int weir_decode_dictionary(struct weir_decoder *decoder, struct weir_frame *frame, struct weir_source *source,
                           struct weir_error *error);

#endif
