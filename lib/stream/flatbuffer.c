#include "stream/flatbuffer.h"

#include "base/bytes.h"

/* ---- reading ---- */

static bool within(struct weir_flat *flat, size_t at, size_t size)
{
    if (at <= flat->size && size <= flat->size - at)
        return true;
    flat->damaged = true;
    return false;
}

static struct weir_flat_table table_at(struct weir_flat *flat, size_t at)
{
    struct weir_flat_table none = { 0 }, table = { .flat = flat, .at = at };
    if (!within(flat, at, 4))
        return none;
    int64_t vtable = (int64_t)at - weir_load_i32(flat->bytes + at);
    if (vtable < 0 || !within(flat, (size_t)vtable, 4)) {
        flat->damaged = true;
        return none;
    }
    table.vtable = (size_t)vtable;
    table.vtable_size = weir_load_u16(flat->bytes + vtable);
    table.size = weir_load_u16(flat->bytes + vtable + 2);
    if (table.vtable_size < 4 || table.size < 4 || !within(flat, table.vtable, table.vtable_size) ||
        !within(flat, at, table.size)) {
        flat->damaged = true;
        return none;
    }
    return table;
}

/* Follows the pointer at `at`; 0 when it leads nowhere. */
static size_t follow(struct weir_flat *flat, size_t at)
{
    if (!within(flat, at, 4))
        return 0;
    size_t distance = weir_load_u32(flat->bytes + at);
    if (distance == 0 || !within(flat, at, distance)) {
        flat->damaged = true;
        return 0;
    }
    return at + distance;
}

/* Position of a field of `width` bytes; 0 when it was left out. */
static size_t field_at(const struct weir_flat_table *table, int slot, size_t width)
{
    size_t entry = 4 + 2 * (size_t)slot;
    if (!table->flat || entry + 2 > table->vtable_size)
        return 0;
    size_t offset = weir_load_u16(table->flat->bytes + table->vtable + entry);
    if (offset == 0)
        return 0;
    if (offset < 4 || offset + width > table->size) {
        table->flat->damaged = true;
        return 0;
    }
    return table->at + offset;
}

struct weir_flat_table weir_flat_root(struct weir_flat *flat)
{
    size_t at = follow(flat, 0);
    return at ? table_at(flat, at) : (struct weir_flat_table){ 0 };
}

int64_t weir_flat_integer(const struct weir_flat_table *table, int slot, int width, int64_t otherwise)
{
    size_t at = field_at(table, slot, (size_t)width);
    if (!at)
        return otherwise;
    const uint8_t *bytes = table->flat->bytes + at;
    switch (width) {
    case 1:
        return (int8_t)*bytes;
    case 2:
        return weir_load_i16(bytes);
    case 4:
        return weir_load_i32(bytes);
    default:
        return weir_load_i64(bytes);
    }
}

bool weir_flat_bool(const struct weir_flat_table *table, int slot)
{
    return weir_flat_integer(table, slot, 1, 0) != 0;
}

struct weir_flat_table weir_flat_child(const struct weir_flat_table *table, int slot)
{
    size_t at = field_at(table, slot, 4);
    size_t target = at ? follow(table->flat, at) : 0;
    return target ? table_at(table->flat, target) : (struct weir_flat_table){ 0 };
}

struct weir_flat_vector weir_flat_vector(const struct weir_flat_table *table, int slot, size_t element_size)
{
    struct weir_flat_vector none = { 0 };
    size_t at = field_at(table, slot, 4);
    size_t target = at ? follow(table->flat, at) : 0;
    if (!target || !within(table->flat, target, 4))
        return none;
    size_t count = weir_load_u32(table->flat->bytes + target);
    if (!within(table->flat, target + 4, count * element_size))
        return none;
    return (struct weir_flat_vector){ table->flat, target + 4, count };
}

struct weir_flat_table weir_flat_element(const struct weir_flat_vector *vector, size_t index)
{
    size_t target = follow(vector->flat, vector->at + index * 4);
    return target ? table_at(vector->flat, target) : (struct weir_flat_table){ 0 };
}

int64_t weir_flat_i64(const struct weir_flat_vector *vector, size_t word)
{
    return weir_load_i64(vector->flat->bytes + vector->at + word * 8);
}

void weir_flat_text(const struct weir_flat_table *table, int slot, const char **bytes, size_t *length)
{
    struct weir_flat_vector text = weir_flat_vector(table, slot, 1);
    *bytes = text.flat ? (const char *)text.flat->bytes + text.at : NULL;
    *length = text.count;
}

/* ---- building ---- */

static void align(struct weir_buffer *buffer, size_t to, size_t ahead)
{
    weir_buffer_zero(buffer, (to - (buffer->size + ahead) % to) % to);
}

void weir_flat_begin(struct weir_flat_builder *builder)
{
    weir_buffer_clear(&builder->buffer);
    weir_buffer_zero(&builder->buffer, 4);
}

size_t weir_flat_add_table(struct weir_flat_builder *builder, const struct weir_flat_slot *slots, int count)
{
    struct weir_buffer *buffer = &builder->buffer;
    size_t vtable_size = 4 + 2 * (size_t)count;
    align(buffer, 8, vtable_size + 4); /* so that a field of 8 bytes may follow the table's first 4 */
    size_t vtable = buffer->size, table = vtable + vtable_size;
    weir_buffer_zero(buffer, vtable_size + 4);
    for (int width = 8; width >= 1; width /= 2)
        for (int i = 0; i < count; i++) {
            if (slots[i].width != width)
                continue;
            uint8_t bytes[8];
            weir_store_u64(bytes, (uint64_t)slots[i].value);
            if (!buffer->failed)
                weir_store_u16(buffer->bytes + vtable + 4 + 2 * i, (uint16_t)(buffer->size - table));
            weir_buffer_append(buffer, bytes, (size_t)width);
        }
    if (buffer->failed)
        return 0;
    weir_store_u16(buffer->bytes + vtable, (uint16_t)vtable_size);
    weir_store_u16(buffer->bytes + vtable + 2, (uint16_t)(buffer->size - table));
    weir_store_u32(buffer->bytes + table, (uint32_t)(table - vtable));
    return table;
}

size_t weir_flat_slot(const struct weir_flat_builder *builder, size_t table, int slot)
{
    const struct weir_buffer *buffer = &builder->buffer;
    if (buffer->failed)
        return 0;
    size_t vtable = table - weir_load_u32(buffer->bytes + table);
    return table + weir_load_u16(buffer->bytes + vtable + 4 + 2 * slot);
}

size_t weir_flat_add_text(struct weir_flat_builder *builder, const char *text, size_t length)
{
    align(&builder->buffer, 4, 0);
    size_t at = builder->buffer.size;
    uint8_t count[4];
    weir_store_u32(count, (uint32_t)length);
    weir_buffer_append(&builder->buffer, count, 4);
    weir_buffer_append(&builder->buffer, text, length);
    weir_buffer_byte(&builder->buffer, 0);
    return at;
}

size_t weir_flat_add_vector(struct weir_flat_builder *builder, size_t count, size_t element_size)
{
    align(&builder->buffer, 8, 4);
    size_t at = builder->buffer.size;
    weir_buffer_zero(&builder->buffer, 4 + count * element_size);
    if (!builder->buffer.failed)
        weir_store_u32(builder->buffer.bytes + at, (uint32_t)count);
    return at;
}

void weir_flat_link(struct weir_flat_builder *builder, size_t field, size_t target)
{
    if (!builder->buffer.failed)
        weir_store_u32(builder->buffer.bytes + field, (uint32_t)(target - field));
}

void weir_flat_put_i64(struct weir_flat_builder *builder, size_t at, int64_t value)
{
    if (!builder->buffer.failed)
        weir_store_u64(builder->buffer.bytes + at, (uint64_t)value);
}
