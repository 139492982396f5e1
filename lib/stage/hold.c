/* The rows lie in parts, in the order in which they came, numbered through; a bitmap says which are still wanted. A
 * part begins as what one batch of the input brought, which may be a single row; tidying joins neighbours to parts of
 * the usual size of a batch, without the rows dropped. Once the rows went to the file, parts are only gathered to be
 * appended to it: at most as many rows as came. */
#include "stage/hold_private.h"
#include "stage/spill_file.h"
#include "stream/bits.h"
#include <stdlib.h>
#include <string.h>

/* Tidying goes through all rows: it comes after so many small parts and one more for so many rows, or when so many more
 * rows are dropped than are left. */
enum { MOST_SMALL = 256, ROWS_A_SMALL = 4096, SOME_DROPPED = 4096 };

struct weir_hold {
    const struct weir_schema *schema;
    size_t memory;
    struct weir_batch *parts;
    size_t part_count, part_capacity;
    int64_t small;       /* parts below half the usual size since the last tidying */
    size_t bytes;        /* of the parts */
    int64_t rows, left;  /* numbers given; rows not dropped */
    uint8_t *wanted;     /* [rows] bits */
    size_t wanted_bytes; /* room */
    int64_t *index;      /* scratch */
    size_t index_capacity;
    bool spilling;
    struct weir_spill_file file;
    int64_t read; /* when finished: rows that came out, or were dropped */
    size_t next_part;
};

int weir_hold_new(struct weir_hold **out, const struct weir_schema *schema, int64_t memory, struct weir_error *error)
{
    struct weir_hold *hold = *out = weir_allocate_zero(1, sizeof *hold);
    if (!hold)
        return weir_fail_memory(error);
    hold->schema = schema;
    hold->memory = (size_t)memory;
    return 0;
}

void weir_hold_free(struct weir_hold *hold)
{
    if (!hold)
        return;
    for (size_t p = 0; p < hold->part_count; p++)
        weir_batch_release(&hold->parts[p]);
    free(hold->parts);
    free(hold->wanted);
    free(hold->index);
    weir_spill_file_release(&hold->file);
    free(hold);
}

int weir_hold_add(struct weir_hold *hold, const struct weir_batch *batch, const int64_t *index, int64_t count,
                  struct weir_error *error)
{
    void *parts = hold->parts, *wanted = hold->wanted;
    if (count == 0)
        return 0;
    if (weir_grow(&parts, &hold->part_capacity, hold->part_count + 1, sizeof *hold->parts) < 0)
        return weir_fail_memory(error);
    hold->parts = parts;
    if (weir_grow(&wanted, &hold->wanted_bytes, (size_t)(hold->rows + count) / 8 + 1, 1) < 0)
        return weir_fail_memory(error);
    hold->wanted = wanted;
    if (weir_batch_take(&hold->parts[hold->part_count], batch, hold->schema, index, count, error) < 0)
        return -1;
    size_t bytes = weir_batch_bytes(&hold->parts[hold->part_count++]);
    hold->bytes += bytes;
    hold->small += bytes < WEIR_BATCH_BYTES / 2;
    weir_bits_fill(hold->wanted, hold->rows, count, true);
    hold->rows += count;
    hold->left += count;
    return 0;
}

void weir_hold_drop(struct weir_hold *hold, int64_t number)
{
    weir_bit_clear(hold->wanted, number);
    hold->left--;
}

/* hold->index: those of rows first .. first + rows - 1 that are wanted, from 0 on; -1: out of memory. */
static int64_t find_wanted(struct weir_hold *hold, int64_t first, int64_t rows)
{
    void *index = hold->index;
    int64_t count = 0;
    if (weir_grow(&index, &hold->index_capacity, (size_t)rows, sizeof *hold->index) < 0)
        return -1;
    hold->index = index;
    for (int64_t r = 0; r < rows; r++)
        if (weir_bit(hold->wanted, first + r))
            hold->index[count++] = r;
    return count;
}

/* Of the rows of `from`, the first of which has the number `first`, those that are wanted; `to` is { 0 }. */
static int take_wanted(struct weir_hold *hold, struct weir_batch *to, const struct weir_batch *from, int64_t first,
                       struct weir_error *error)
{
    int64_t count = find_wanted(hold, first, from->rows);
    if (count < 0 || (count == from->rows && weir_batch_share(to, from) < 0))
        return weir_fail_memory(error);
    return count == from->rows ? 0 : weir_batch_take(to, from, hold->schema, hold->index, count, error);
}

/* The parts from `first` on that make up one of the usual size: the end of them, and their rows. */
static size_t group_end(const struct weir_hold *hold, size_t first, int64_t *rows)
{
    size_t end = first, bytes = 0;
    for (*rows = 0; end < hold->part_count && bytes < WEIR_BATCH_BYTES; end++) {
        bytes += weir_batch_bytes(&hold->parts[end]);
        *rows += hold->parts[end].rows;
    }
    return end;
}

/* One batch of some parts, which are then empty. */
static int join(struct weir_hold *hold, size_t first, size_t end, struct weir_batch *whole, struct weir_error *error)
{
    if (end - first == 1) {
        *whole = hold->parts[first];
        hold->parts[first] = (struct weir_batch){ 0 };
        return 0;
    }
    if (weir_batch_concatenate(whole, hold->parts + first, (int)(end - first), hold->schema, error) < 0)
        return -1;
    for (size_t p = first; p < end; p++)
        weir_batch_release(&hold->parts[p]);
    return 0;
}

/* A group becomes one part, without the rows dropped; a part by itself of which most rows are wanted stays as it is.
 * kept: bits of the rows that stay are set. */
static int compact_group(struct weir_hold *hold, size_t first, size_t end, int64_t number, int64_t rows, uint8_t *kept,
                         struct weir_batch *part, struct weir_error *error)
{
    struct weir_batch whole = { 0 };
    int64_t count = find_wanted(hold, number, rows);
    int result = count < 0 ? weir_fail_memory(error) : join(hold, first, end, &whole, error);
    if (result < 0)
        return -1;
    if (end - first == 1 && rows - count <= rows / 4) {
        weir_bits_fill(kept, number, rows, true);
        *part = whole;
        return 0;
    }
    for (int64_t i = 0; i < count; i++)
        weir_bit_set(kept, number + hold->index[i]);
    result = take_wanted(hold, part, &whole, number, error);
    weir_batch_release(&whole);
    return result;
}

/* The rows that stay are numbered anew: here and in the reservoir. before[i]: how many stay of those before 64 i. */
static void renumber(struct weir_hold *hold, struct weir_reservoir *reservoir, const uint8_t *kept, int64_t *before)
{
    int64_t count = 0;
    for (int64_t i = 0; i < (hold->rows + 63) / 64; i++) {
        before[i] = count;
        count += __builtin_popcountll(weir_load_u64(kept + i * 8));
    }
    for (size_t e = 0; e < reservoir->count; e++) {
        int64_t *number = &reservoir->entries[e].number;
        uint64_t below = ((uint64_t)1 << (*number & 63)) - 1;
        *number = before[*number / 64] + __builtin_popcountll(weir_load_u64(kept + *number / 64 * 8) & below);
    }
    int64_t next = 0;
    for (int64_t r = 0; r < hold->rows; r++) {
        if (!weir_bit(kept, r))
            continue;
        if (weir_bit(hold->wanted, r))
            weir_bit_set(hold->wanted, next++);
        else
            weir_bit_clear(hold->wanted, next++);
    }
    hold->rows = reservoir->entered = count;
}

static int compact(struct weir_hold *hold, struct weir_reservoir *reservoir, struct weir_error *error)
{
    size_t words = (size_t)(hold->rows + 63) / 64, made = 0;
    uint8_t *kept = weir_allocate_zero(words, sizeof(uint64_t));
    int64_t *before = weir_allocate(words, sizeof *before), number = 0, rows;
    int result = kept && before ? 0 : weir_fail_memory(error);
    for (size_t first = 0, end; result == 0 && first < hold->part_count; first = end, number += rows) {
        struct weir_batch part = { 0 };
        end = group_end(hold, first, &rows);
        result = compact_group(hold, first, end, number, rows, kept, &part, error);
        if (result == 0 && part.rows > 0)
            hold->parts[made++] = part;
        else
            weir_batch_release(&part);
    }
    if (result == 0) {
        renumber(hold, reservoir, kept, before);
        hold->part_count = made;
        hold->bytes = 0;
        hold->small = 0;
        for (size_t p = 0; p < made; p++)
            hold->bytes += weir_batch_bytes(&hold->parts[p]);
    }
    free(kept);
    free(before);
    return result;
}

/* Appends all parts to the file. */
static int spill(struct weir_hold *hold, struct weir_error *error)
{
    int64_t rows;
    int result = 0;
    for (size_t first = 0, end; result == 0 && first < hold->part_count; first = end) {
        struct weir_batch whole = { 0 };
        end = group_end(hold, first, &rows);
        result = join(hold, first, end, &whole, error);
        if (result == 0)
            result = weir_spill_file_write(&hold->file, hold->schema, &whole, error);
        weir_batch_release(&whole);
    }
    hold->part_count = hold->bytes = 0;
    hold->small = 0;
    return result;
}

int weir_hold_tidy(struct weir_hold *hold, struct weir_reservoir *reservoir, struct weir_error *error)
{
    bool many = hold->small >= MOST_SMALL + hold->left / ROWS_A_SMALL;
    if (hold->spilling)
        return hold->small >= MOST_SMALL || hold->bytes > WEIR_BATCH_BYTES ? spill(hold, error) : 0;
    if (!many && hold->rows - hold->left <= hold->left + SOME_DROPPED && hold->bytes <= hold->memory)
        return 0;
    bool full = hold->bytes > hold->memory;
    if (compact(hold, reservoir, error) < 0)
        return -1;
    /* What is left must be well below the memory, or tidying would be needed again and again. */
    hold->spilling = full && hold->bytes > hold->memory / 2;
    return hold->spilling ? spill(hold, error) : 0;
}

int weir_hold_finish(struct weir_hold *hold, struct weir_error *error)
{
    if (!hold->spilling)
        return 0;
    return spill(hold, error) < 0 ? -1 : weir_spill_file_rewind(&hold->file, error);
}

/* The next rows as they lie, wanted or not: of the file, or else a group of parts. */
static int next_rows(struct weir_hold *hold, struct weir_batch *batch, struct weir_error *error)
{
    int64_t rows;
    if (hold->spilling)
        return weir_spill_file_next(&hold->file, batch, error);
    if (hold->next_part == hold->part_count)
        return 0;
    size_t first = hold->next_part;
    hold->next_part = group_end(hold, first, &rows);
    return join(hold, first, hold->next_part, batch, error) < 0 ? -1 : 1;
}

int weir_hold_next(struct weir_hold *hold, struct weir_batch *batch, struct weir_error *error)
{
    struct weir_batch whole = { 0 };
    int got;
    while ((got = next_rows(hold, &whole, error)) > 0) {
        if (take_wanted(hold, batch, &whole, hold->read, error) < 0)
            got = -1;
        hold->read += whole.rows;
        weir_batch_release(&whole);
        if (got < 0 || batch->rows > 0)
            break;
        weir_batch_release(batch);
    }
    weir_batch_release(&whole);
    return got;
}
