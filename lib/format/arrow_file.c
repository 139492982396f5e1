/* Arrow's file format (https://arrow.apache.org/docs/format/Columnar.html): "ARROW1", two zeros, the messages of a
 * stream, a footer, its length and "ARROW1" again. The footer is a flatbuffer with the schema and the places of the
 * dictionaries and batches; what it says counts, as for other readers: Polars 2.1 writes the first message without its
 * frame, and dictionaries behind the batches that need them. */
#include "base/bytes.h"
#include "base/descriptor.h"
#include "format/arrow_private.h"
#include "stream/arrow.h"
#include "stream/flatbuffer.h"
#include "stream/frame.h"
#include <stdlib.h>
#include <unistd.h>

enum { HEAD = 8, TAIL = 10 };
enum { BETWEEN = 64 }; /* at most, between the last message and the footer: the mark of the end, and padding */
enum { FOOTER_VERSION, FOOTER_SCHEMA, FOOTER_DICTIONARIES, FOOTER_BATCHES };
enum { BLOCK_SIZE = 24, BLOCK_WORDS = 3 }; /* where a message stands, the size of its metadata, of its body */
enum { MESSAGE_IS_SCHEMA = 1 };

void weir_arrow_file_release(struct weir_arrow_file *file)
{
    weir_buffer_release(&file->schema);
    free(file->pieces);
    *file = (struct weir_arrow_file){ 0 };
}

static int fail_damaged(struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "it begins as an Arrow file, and its footer is missing or damaged");
}

/* Appends the blocks of one slot. Together they may take *left bytes, so that none is there twice. */
static int add_pieces(struct weir_arrow_file *file, const struct weir_flat_vector *blocks, int64_t end, int64_t *left,
                      struct weir_error *error)
{
    for (size_t i = 0; i < blocks->count; i++) {
        int64_t at = weir_flat_i64(blocks, i * BLOCK_WORDS);
        int64_t metadata =
            (int32_t)weir_flat_i64(blocks, i * BLOCK_WORDS + 1); /* behind it are four bytes of padding */
        int64_t body = weir_flat_i64(blocks, i * BLOCK_WORDS + 2);
        if (at < HEAD || at > end || metadata < 0 || body < 0 || body > *left || metadata > *left - body ||
            metadata + body > end - at)
            return fail_damaged(error);
        *left -= metadata + body;
        file->pieces[file->count++] = (struct weir_piece){ at, metadata + body };
    }
    return 0;
}

/* Where the message of the schema ends, behind the first magic. Without its frame it takes no more than the footer,
 * which has the schema too. */
static int64_t end_of_schema(int descriptor, int64_t footer)
{
    uint8_t frame[8];
    bool framed =
        weir_read_at(descriptor, frame, sizeof frame, HEAD) == sizeof frame && weir_load_u32(frame) == 0xffffffff;
    return HEAD + (framed ? (int64_t)sizeof frame + weir_load_u32(frame + 4) : footer);
}

/* A file behind another, as `cat` puts it, has a footer that names messages of the first file's: neither file would be
 * read. What the footer names, or the schema when that is nothing, must reach up to it. */
static int check_whole(const struct weir_arrow_file *file, int descriptor, int64_t footer, int64_t end,
                       struct weir_error *error)
{
    int64_t last = end_of_schema(descriptor, footer);
    for (size_t i = 0; i < file->count; i++)
        if (file->pieces[i].at + file->pieces[i].size > last)
            last = file->pieces[i].at + file->pieces[i].size;
    if (end - last <= BETWEEN)
        return 0;
    return weir_fail(error, WEIR_BAD_DATA,
                     "it holds more than its footer names: files of this format do not follow one another; `load FILE "
                     "FILE` reads both");
}

/* A message in front of the footer's own bytes, whose header is the schema in them. */
static int make_schema(struct weir_arrow_file *file, const struct weir_flat_table *footer, size_t schema,
                       struct weir_error *error)
{
    const struct weir_flat *flat = footer->flat;
    const struct weir_flat_slot slots[MESSAGE_SLOTS] = {
        [MESSAGE_VERSION] = { 2, weir_flat_integer(footer, FOOTER_VERSION, 2, 0) },
        [MESSAGE_HEADER_TYPE] = { 1, MESSAGE_IS_SCHEMA },
        [MESSAGE_HEADER] = { 4, 0 },
    };
    struct weir_flat_builder builder = { 0 };
    struct weir_buffer *message = &builder.buffer;
    weir_flat_begin(&builder);
    size_t table = weir_flat_add_table(&builder, slots, MESSAGE_SLOTS);
    weir_flat_link(&builder, 0, table);
    weir_buffer_zero(message, (8 - message->size % 8) % 8);
    weir_flat_link(&builder, weir_flat_slot(&builder, table, MESSAGE_HEADER), message->size + schema);
    weir_buffer_append(message, flat->bytes, flat->size);
    weir_buffer_zero(message, (8 - message->size % 8) % 8);
    uint8_t frame[8] = { 0xff, 0xff, 0xff, 0xff };
    weir_store_u32(frame + 4, (uint32_t)message->size);
    weir_buffer_append(&file->schema, frame, sizeof frame);
    weir_buffer_append(&file->schema, message->bytes, message->size);
    int result = message->failed ? weir_fail_memory(error) : weir_buffer_check(&file->schema, error);
    weir_buffer_release(message);
    return result;
}

static int read_footer(struct weir_arrow_file *file, const uint8_t *bytes, size_t size, int64_t end,
                       struct weir_error *error)
{
    struct weir_flat flat = { .bytes = bytes, .size = size };
    struct weir_flat_table footer = weir_flat_root(&flat), schema = weir_flat_child(&footer, FOOTER_SCHEMA);
    struct weir_flat_vector dictionaries = weir_flat_vector(&footer, FOOTER_DICTIONARIES, BLOCK_SIZE);
    struct weir_flat_vector batches = weir_flat_vector(&footer, FOOTER_BATCHES, BLOCK_SIZE);
    int64_t left = end - HEAD;
    if (flat.damaged || !schema.flat)
        return fail_damaged(error);
    file->pieces = weir_allocate(dictionaries.count + batches.count, sizeof *file->pieces);
    if (!file->pieces)
        return weir_fail_memory(error);
    if (add_pieces(file, &dictionaries, end, &left, error) || add_pieces(file, &batches, end, &left, error))
        return -1;
    return make_schema(file, &footer, schema.at, error);
}

int weir_arrow_file_read(struct weir_arrow_file *file, int descriptor, struct weir_error *error)
{
    uint8_t tail[TAIL];
    int64_t whole = lseek(descriptor, 0, SEEK_END), size = -1;
    *file = (struct weir_arrow_file){ 0 };
    if (whole >= HEAD + TAIL && weir_read_at(descriptor, tail, TAIL, whole - TAIL) == TAIL &&
        memcmp(tail + 4, "ARROW1", 6) == 0)
        size = weir_load_i32(tail);
    int64_t end = whole - TAIL - size;
    if (size < 0 || end < HEAD)
        return fail_damaged(error);
    if (size > WEIR_MAX_METADATA / 2)
        return weir_fail(error, WEIR_BAD_DATA, "its footer is longer than %d bytes", WEIR_MAX_METADATA / 2);
    uint8_t *bytes = weir_allocate((size_t)size, 1);
    ssize_t got = bytes ? weir_read_at(descriptor, bytes, (size_t)size, end) : -1;
    int result = -1;
    if (!bytes)
        weir_fail_memory(error);
    else if (got < 0)
        weir_fail_errno(error, WEIR_IO, "cannot read its footer");
    else if (got < size)
        fail_damaged(error);
    else
        result = read_footer(file, bytes, (size_t)size, end, error);
    if (result == 0)
        result = check_whole(file, descriptor, size, end, error);
    free(bytes);
    return result;
}
