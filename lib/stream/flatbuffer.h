/* Flatbuffers, as much of them as Arrow's metadata needs: a reader that checks every step, and a builder.
 * (https://flatbuffers.dev/internals/) */
#ifndef WEIR_STREAM_FLATBUFFER_H
#define WEIR_STREAM_FLATBUFFER_H

#include "base/buffer.h"

/* ---- reading ----
 * Nothing is read outside bytes[size]. A step that would leave it sets `damaged` and gives the default, so that a
 * decoder reads on and looks at `damaged` once before it believes what it read. */
struct weir_flat {
    const uint8_t *bytes;
    size_t size;
    bool damaged;
};

/* A table; with `flat` NULL one that is not there, whose fields all have their defaults. */
struct weir_flat_table {
    struct weir_flat *flat;
    size_t at, vtable;
    size_t size, vtable_size;
};

/* `count` elements from `at` on. */
struct weir_flat_vector {
    struct weir_flat *flat;
    size_t at, count;
};

struct weir_flat_table weir_flat_root(struct weir_flat *flat);
/* A signed integer of `width` bytes (1, 2, 4, 8), or the default where the field was left out. */
int64_t weir_flat_integer(const struct weir_flat_table *table, int slot, int width, int64_t otherwise);
bool weir_flat_bool(const struct weir_flat_table *table, int slot);
struct weir_flat_table weir_flat_child(const struct weir_flat_table *table, int slot);
struct weir_flat_vector weir_flat_vector(const struct weir_flat_table *table, int slot, size_t element_size);
struct weir_flat_table weir_flat_element(const struct weir_flat_vector *vector, size_t index); /* a vector of tables */
int64_t weir_flat_i64(const struct weir_flat_vector *vector, size_t word); /* the vector as 8-byte words */
/* A text; *bytes stays NULL when it is not there. Neither UTF-8 nor the absence of NUL is promised. */
void weir_flat_text(const struct weir_flat_table *table, int slot, const char **bytes, size_t *length);

/* ---- building ----
 * Written from front to back: a table first, what it points to afterwards; weir_flat_link joins them. Positions are
 * offsets from the start. After a failed allocation every call does nothing (buffer.failed). */
struct weir_flat_builder {
    struct weir_buffer buffer;
};

/* One field of a table to be: `width` bytes (0: left out) with `value`; a field that will point has width 4. */
struct weir_flat_slot {
    int width;
    int64_t value;
};

void weir_flat_begin(struct weir_flat_builder *builder); /* empties it; the root is linked from position 0 */
size_t weir_flat_add_table(struct weir_flat_builder *builder, const struct weir_flat_slot *slots, int count);
size_t weir_flat_slot(const struct weir_flat_builder *builder, size_t table, int slot); /* where that field stands */
size_t weir_flat_add_text(struct weir_flat_builder *builder, const char *text, size_t length);
/* A vector of zeros whose elements begin at a multiple of 8; the elements start 4 bytes after its position. */
size_t weir_flat_add_vector(struct weir_flat_builder *builder, size_t count, size_t element_size);
void weir_flat_link(struct weir_flat_builder *builder, size_t field, size_t target);
void weir_flat_put_i64(struct weir_flat_builder *builder, size_t at, int64_t value);

#endif
