#include "base/descriptor.h"
#include "cli/spill_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes that the head may hold; of a piece that is not copied; of a block of copies, and gathered for the file. */
enum { HEAD = 32 << 20, WHOLE = 16 << 10, GATHER = 64 << 10 };

void weir_spill_init(struct weir_spill *spill)
{
    *spill = (struct weir_spill){ .descriptor = -1 };
}

/* ---- The head --------------------------------------------------------------------------------------------------- */

/* A new last slice, with a reference of its own. */
static int add_slice(struct weir_spill *spill, const struct weir_slice *slice, struct weir_error *error)
{
    void *slices = spill->head;
    if (weir_grow(&slices, &spill->head_capacity, spill->head_count + 1, sizeof *spill->head) < 0)
        return weir_fail_memory(error);
    spill->head = slices;
    spill->head[spill->head_count++] = weir_slice_share(slice);
    spill->held += sizeof *slice;
    return 0;
}

/* Small pieces lie one behind the other. */
static int add_copy(struct weir_spill *spill, const struct weir_slice *piece, struct weir_error *error)
{
    if (!spill->copies || GATHER - spill->copied < piece->size) {
        struct weir_block *block = weir_block_new(GATHER);
        if (!block)
            return weir_fail_memory(error);
        weir_block_unref(spill->copies);
        spill->copies = block;
        spill->copied = 0;
        spill->held += GATHER;
    }
    uint8_t *to = spill->copies->bytes + spill->copied;
    struct weir_slice *last = spill->head_count > 0 ? &spill->head[spill->head_count - 1] : NULL;
    memcpy(to, piece->bytes, piece->size);
    if (last && last->bytes + last->size == to && last->block == spill->copies)
        last->size += piece->size;
    else if (add_slice(spill, &(struct weir_slice){ spill->copies, to, piece->size }, error) < 0)
        return -1;
    spill->copied += piece->size;
    return 0;
}

static int add_to_head(struct weir_spill *spill, const struct weir_slice *piece, struct weir_error *error)
{
    if (piece->size < WHOLE)
        return add_copy(spill, piece, error);
    spill->held += piece->block->capacity;
    return add_slice(spill, piece, error);
}

/* A large piece that is in no block would have to be copied: that is the file's to do. */
static bool fits_head(const struct weir_spill *spill, const struct weir_slice *piece)
{
    if (piece->size < WHOLE)
        return spill->held <= HEAD - GATHER;
    return piece->block && piece->block->capacity <= HEAD && spill->held <= HEAD - piece->block->capacity;
}

/* ---- The file --------------------------------------------------------------------------------------------------- */

static int fail_write(struct weir_error *error)
{
    return weir_fail_errno(error, WEIR_IO,
                           "the input cannot be kept for a second reading in '%s' ($TMPDIR names another folder)",
                           weir_temporary_folder());
}

static int write_out(struct weir_spill *spill, const void *bytes, size_t size, struct weir_error *error)
{
    if (spill->descriptor < 0) {
        spill->descriptor = weir_temporary_file(error);
        if (spill->descriptor < 0)
            return -1;
    }
    return weir_write_full(spill->descriptor, bytes, size) < 0 ? fail_write(error) : 0;
}

static int flush(struct weir_spill *spill, struct weir_error *error)
{
    if (weir_buffer_check(&spill->gathered, error) < 0)
        return -1;
    if (spill->gathered.size > 0 && write_out(spill, spill->gathered.bytes, spill->gathered.size, error) < 0)
        return -1;
    weir_buffer_clear(&spill->gathered);
    return 0;
}

static int add_to_file(struct weir_spill *spill, const struct weir_slice *piece, struct weir_error *error)
{
    if (spill->gathered.size + piece->size > GATHER && flush(spill, error) < 0)
        return -1;
    if (piece->size > GATHER)
        return write_out(spill, piece->bytes, piece->size, error);
    weir_buffer_append(&spill->gathered, piece->bytes, piece->size);
    return 0;
}

/* ---- Keeping, and reading again --------------------------------------------------------------------------------- */

int weir_spill_copy(void *context, const struct weir_slice *piece, struct weir_error *error)
{
    struct weir_spill *spill = context;
    if (spill->off)
        return 0;
    spill->full = spill->full || !fits_head(spill, piece);
    if (spill->full)
        return add_to_file(spill, piece, error);
    spill->head_size += (int64_t)piece->size;
    return add_to_head(spill, piece, error);
}

int weir_spill_rewind(struct weir_spill *spill, struct weir_error *error)
{
    if (flush(spill, error) < 0)
        return -1;
    if (spill->descriptor >= 0 && lseek(spill->descriptor, 0, SEEK_SET) < 0)
        return weir_fail_errno(error, WEIR_IO, "a temporary file");
    return 0;
}

void weir_spill_drop(struct weir_spill *spill, int64_t bytes)
{
    enum { STEP = 4 << 20 };
    int kept = errno;
    bytes -= spill->head_size;
    if (spill->descriptor < 0 || bytes - spill->dropped < STEP)
        return;
    /* Not every file system can: then the file goes as a whole in the end. */
    fallocate(spill->descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, spill->dropped, bytes - spill->dropped);
    spill->dropped = bytes;
    errno = kept;
}

void weir_spill_forget(struct weir_spill *spill)
{
    weir_spill_release(spill);
    spill->off = true;
}

void weir_spill_release(struct weir_spill *spill)
{
    for (size_t i = 0; i < spill->head_count; i++)
        weir_block_unref(spill->head[i].block);
    free(spill->head);
    weir_block_unref(spill->copies);
    if (spill->descriptor >= 0)
        close(spill->descriptor);
    weir_buffer_release(&spill->gathered);
    weir_spill_init(spill);
}
