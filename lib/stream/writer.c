#include "stream/writer.h"

#include "stream/encode.h"
#include "stream/pipe.h"
#include "stream/utf8.h"
#include <stdlib.h>

/* What readers of this stream hold as dictionary number i. */
struct sent {
    const struct weir_type *type; /* of the values */
    struct weir_column values;
    bool sent;
};

struct weir_writer {
    struct weir_sender sender;
    struct weir_encoder encoder;
    struct weir_schema schema;
    struct sent *dictionaries;
    size_t dictionary_count;
    int64_t rows;
    bool started, finished;
};

/* ---- opening ---- */

static int count_dictionaries(const struct weir_type *type, size_t *count, bool within)
{
    if (type->kind == WEIR_DICTIONARY) {
        if (within)
            return -1;
        (*count)++;
        within = true;
    }
    for (int i = 0; i < type->child_count; i++)
        if (count_dictionaries(&type->children[i].type, count, within))
            return -1;
    return 0;
}

static void collect_dictionaries(struct weir_writer *writer, const struct weir_type *type)
{
    if (type->kind == WEIR_DICTIONARY)
        writer->dictionaries[writer->dictionary_count++].type = &type->children[0].type;
    for (int i = 0; i < type->child_count; i++)
        collect_dictionaries(writer, &type->children[i].type);
}

int weir_writer_open(struct weir_writer **out, int descriptor, const struct weir_schema *schema,
                     const struct weir_writer_options *options, struct weir_error *error)
{
    size_t dictionaries = 0;
    *out = NULL;
    if (weir_schema_check_refused(schema, error))
        return -1;
    for (int i = 0; i < schema->count; i++)
        if (count_dictionaries(&schema->fields[i].type, &dictionaries, false))
            return weir_fail(error, WEIR_BAD_DATA, "column '%.200s': a dictionary within a dictionary is not written",
                             schema->fields[i].name);
    struct weir_writer *writer = weir_allocate_zero(1, sizeof *writer);
    if (!writer)
        return weir_fail_memory(error);
    writer->dictionaries = weir_allocate_zero(dictionaries, sizeof *writer->dictionaries);
    if (!writer->dictionaries || weir_sender_init(&writer->sender, descriptor) ||
        weir_schema_copy(&writer->schema, schema)) {
        weir_writer_free(writer);
        return weir_fail_memory(error);
    }
    for (int i = 0; i < schema->count; i++)
        collect_dictionaries(writer, &writer->schema.fields[i].type);
    writer->encoder.compression = options ? options->compression : WEIR_UNCOMPRESSED;
    writer->encoder.parts = &writer->sender.parts;
    *out = writer;
    return 0;
}

int weir_writer_start(struct weir_writer *writer, struct weir_error *error)
{
    if (writer->started)
        return 0;
    writer->started = true;
    weir_pipe_enlarge(writer->sender.descriptor);
    weir_sender_begin(&writer->sender, WEIR_HEADER_SCHEMA, NULL, NULL);
    return weir_sender_send(&writer->sender, weir_encode_schema(&writer->sender.metadata, &writer->schema), NULL,
                            error);
}

/* ---- dictionaries ---- */

static bool same_bytes(const struct weir_slice *a, const struct weir_slice *b)
{
    return a->size == b->size && (a->bytes == b->bytes || a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

static bool same_values(const struct weir_column *a, const struct weir_column *b)
{
    bool same = a->rows == b->rows && a->null_count == b->null_count && a->child_count == b->child_count &&
                same_bytes(&a->offsets, &b->offsets) && same_bytes(&a->values, &b->values) &&
                same_bytes(&a->validity, &b->validity);
    for (int i = 0; same && i < a->child_count; i++)
        same = same_values(&a->children[i], &b->children[i]);
    return same;
}

/* values NULL: an empty dictionary, for a stream that ends before it had one. */
static int send_dictionary(struct weir_writer *writer, size_t number, const struct weir_column *values,
                           struct weir_error *error)
{
    struct sent *dictionary = &writer->dictionaries[number];
    if (dictionary->sent && (!values || same_values(&dictionary->values, values)))
        return 0;
    writer->encoder.error = error;
    weir_sender_begin(&writer->sender, WEIR_HEADER_DICTIONARY, NULL, NULL);
    int result = weir_encode_column(&writer->encoder, dictionary->type, values);
    if (result == 0) {
        size_t table = weir_encode_dictionary(&writer->encoder, &writer->sender.metadata, (int64_t)number,
                                              values ? values->rows : 0);
        result = weir_sender_send(&writer->sender, table, NULL, error);
    }
    weir_encoder_clear(&writer->encoder);
    if (result)
        return -1;
    dictionary->sent = true;
    weir_column_release(&dictionary->values);
    if (values && weir_column_share(&dictionary->values, values))
        return weir_fail_memory(error);
    return 0;
}

/* Every dictionary within a column that readers do not hold yet. */
static int send_dictionaries(struct weir_writer *writer, const struct weir_type *type, const struct weir_column *column,
                             size_t *number, struct weir_error *error)
{
    if (type->kind == WEIR_DICTIONARY) {
        if (column && column->child_count != 1)
            return weir_fail(error, WEIR_BUG, "a batch is not what its type says");
        return send_dictionary(writer, (*number)++, column ? &column->children[0] : NULL, error);
    }
    if (column && column->child_count != type->child_count)
        return weir_fail(error, WEIR_BUG, "a batch is not what its type says");
    for (int i = 0; i < type->child_count; i++)
        if (send_dictionaries(writer, &type->children[i].type, column ? &column->children[i] : NULL, number, error))
            return -1;
    return 0;
}

/* ---- batches ---- */

/* batch NULL: one without rows, which carries a key. */
static int send_batch(struct weir_writer *writer, const struct weir_batch *batch, const char *key, const char *value,
                      struct weir_error *error)
{
    const struct weir_schema *schema = &writer->schema;
    size_t number = 0;
    int result = 0;
    for (int i = 0; i < schema->count && writer->dictionary_count; i++)
        if (send_dictionaries(writer, &schema->fields[i].type, batch ? &batch->columns[i] : NULL, &number, error))
            return -1;
    writer->encoder.error = error;
    weir_sender_begin(&writer->sender, WEIR_HEADER_RECORDS, key, value);
    for (int i = 0; i < schema->count && result == 0; i++) {
        if (batch && batch->columns[i].rows != batch->rows)
            result = weir_fail(error, WEIR_BUG, "a batch is not what its type says");
        else
            result = weir_encode_column(&writer->encoder, &schema->fields[i].type, batch ? &batch->columns[i] : NULL);
        if (result)
            weir_fail_in(error, "column '%.200s'", schema->fields[i].name);
    }
    if (result == 0) {
        size_t table = weir_encode_batch(&writer->encoder, &writer->sender.metadata, batch ? batch->rows : 0);
        result = weir_sender_send(&writer->sender, table, batch ? batch->message : NULL, error);
    }
    weir_encoder_clear(&writer->encoder);
    return result;
}

/* Rows for one message: all of them, unless they are far more than a batch should hold. */
static int64_t rows_at_once(const struct weir_writer *writer, const struct weir_batch *batch)
{
    size_t bytes = 0;
    for (int i = 0; i < batch->count; i++)
        bytes += weir_encoded_size(&writer->schema.fields[i].type, &batch->columns[i]);
    if (bytes <= 4 * (size_t)WEIR_BATCH_BYTES)
        return batch->rows;
    int64_t rows = batch->rows / (int64_t)(bytes / WEIR_BATCH_BYTES);
    return (rows / 64 + 1) * 64; /* so that slices of bitmaps begin at a byte */
}

int weir_writer_write(struct weir_writer *writer, const struct weir_batch *batch, struct weir_error *error)
{
    if (batch->count != writer->schema.count)
        return weir_fail(error, WEIR_BUG, "a batch of %d columns for a stream of %d", batch->count,
                         writer->schema.count);
    if (weir_writer_start(writer, error))
        return -1;
    int64_t step = rows_at_once(writer, batch);
    if (step >= batch->rows) {
        if (send_batch(writer, batch, NULL, NULL, error))
            return -1;
        writer->rows += batch->rows;
        return 0;
    }
    for (int64_t first = 0; first < batch->rows; first += step) {
        struct weir_batch part;
        int64_t rows = batch->rows - first < step ? batch->rows - first : step;
        if (weir_batch_slice(&part, batch, &writer->schema, first, rows))
            return weir_fail_memory(error);
        int result = send_batch(writer, &part, NULL, NULL, error);
        weir_batch_release(&part);
        if (result)
            return -1;
        writer->rows += rows;
    }
    return 0;
}

/* ---- the end ---- */

int weir_writer_finish(struct weir_writer *writer, struct weir_error *error)
{
    char hex[WEIR_DIGITS + 1];
    struct weir_buffer mark = { 0 };
    if (writer->finished)
        return 0;
    if (weir_writer_start(writer, error))
        return -1;
    size_t number = 0;
    for (int i = 0; i < writer->schema.count && writer->dictionary_count; i++)
        if (send_dictionaries(writer, &writer->schema.fields[i].type, NULL, &number, error))
            return -1;
    weir_hash_hex(weir_hasher_digest(writer->sender.stream), hex);
    weir_buffer_format(&mark, "rows=%lld xxh3=%s", (long long)writer->rows, hex);
    int result = weir_buffer_check(&mark, error);
    if (result == 0)
        result = send_batch(writer, NULL, "weir:end", mark.bytes, error);
    if (result == 0)
        result = weir_sender_end(&writer->sender, error);
    weir_buffer_release(&mark);
    writer->finished = result == 0;
    return result;
}

void weir_writer_free(struct weir_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->dictionary_count; i++)
        weir_column_release(&writer->dictionaries[i].values);
    free(writer->dictionaries);
    weir_encoder_release(&writer->encoder);
    weir_sender_release(&writer->sender);
    weir_schema_release(&writer->schema);
    free(writer);
}

/* A schema of no columns with the message in its metadata. */
static void send_failed_schema(struct weir_sender *sender, const char *value)
{
    struct weir_schema schema = { 0 };
    if (weir_metadata_set(&schema.metadata, "weir:error", value) == 0) {
        weir_sender_begin(sender, WEIR_HEADER_SCHEMA, NULL, NULL);
        weir_sender_send(sender, weir_encode_schema(&sender->metadata, &schema), NULL, NULL);
    }
    weir_schema_release(&schema);
}

/* A claim of 1,024 bytes of metadata, and fewer: what every reader of Arrow takes for an error. */
static void send_cut_message(struct weir_sender *sender, const struct weir_buffer *value)
{
    static const uint8_t CLAIM[8] = { 0xff, 0xff, 0xff, 0xff, 0, 4, 0, 0 };
    enum { MOST = 1000 };
    weir_sender_raw(sender, CLAIM, sizeof CLAIM, NULL);
    weir_sender_raw(sender, value->bytes, value->size < MOST ? value->size : MOST, NULL);
}

void weir_writer_fail(struct weir_writer *writer, int descriptor, const char *stage, const char *message)
{
    struct weir_buffer value = { 0 };
    struct weir_sender fresh = { 0 };
    struct weir_sender *sender = writer ? &writer->sender : &fresh;
    if ((writer && writer->finished) || (!writer && weir_sender_init(&fresh, descriptor)))
        return;
    weir_buffer_format(&value, "%s: ", stage);
    if (weir_is_utf8(message, strlen(message)))
        weir_buffer_string(&value, message);
    else
        weir_buffer_escaped(&value, message, strlen(message));
    if (!value.failed) {
        if (!writer || !writer->started)
            send_failed_schema(sender, value.bytes);
        else
            send_batch(writer, NULL, "weir:error", value.bytes, NULL);
        send_cut_message(sender, &value);
    }
    if (writer)
        writer->started = writer->finished = true;
    weir_buffer_release(&value);
    weir_sender_release(&fresh);
}
