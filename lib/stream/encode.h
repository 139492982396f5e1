/* Building the headers of messages: a schema, a batch, a dictionary. */
#ifndef WEIR_STREAM_ENCODE_H
#define WEIR_STREAM_ENCODE_H

#include "stream/batch.h"
#include "stream/frame.h"
#include "stream/writer.h"

/* The Schema table in sender->metadata: its position. Dictionaries are numbered from 0 in the order of a walk through
 * the fields, parents before children. */
size_t weir_encode_schema(struct weir_flat_builder *builder, const struct weir_schema *schema);

/* One batch on its way: its nodes and buffers, and what must stay in memory until it is sent. */
struct weir_encoder {
    enum weir_compression compression;
    struct weir_body_parts *parts;
    struct weir_buffer nodes, buffers; /* pairs of int64 */
    struct weir_slice *kept;           /* memory made for this batch */
    size_t kept_count, kept_capacity;
    struct weir_column *columns; /* slices made for this batch */
    size_t column_count, column_capacity;
    struct weir_error *error;
};
void weir_encoder_clear(struct weir_encoder *encoder); /* ready for the next batch; lets go of what was kept */
void weir_encoder_release(struct weir_encoder *encoder);

/* Adds a column; NULL: one without rows. -1 with the message: out of memory, or the column is not what its type says.
 */
int weir_encode_column(struct weir_encoder *encoder, const struct weir_type *type, const struct weir_column *column);
/* The RecordBatch table of all columns added. */
size_t weir_encode_batch(struct weir_encoder *encoder, struct weir_flat_builder *builder, int64_t rows);
/* The DictionaryBatch table around one. */
size_t weir_encode_dictionary(struct weir_encoder *encoder, struct weir_flat_builder *builder, int64_t id,
                              int64_t rows);

/* About how many bytes the column's rows take in a message. */
size_t weir_encoded_size(const struct weir_type *type, const struct weir_column *column);

#endif
