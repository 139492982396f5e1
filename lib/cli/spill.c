#include "cli/spill.h"
#include "base/descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { GATHER = 1 << 16 };

void weir_spill_init(struct weir_spill *spill)
{
    *spill = (struct weir_spill){ .descriptor = -1 };
}

static int fail_write(struct weir_error *error)
{
    const char *folder = getenv("TMPDIR");
    return weir_fail_errno(error, WEIR_IO,
                           "the input cannot be kept for a second reading in '%s' ($TMPDIR names another folder)",
                           folder && *folder ? folder : "/var/tmp");
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

int weir_spill_copy(void *context, const void *bytes, size_t size, struct weir_error *error)
{
    struct weir_spill *spill = context;
    if (spill->off)
        return 0;
    if (spill->gathered.size + size > GATHER && flush(spill, error) < 0)
        return -1;
    if (size > GATHER)
        return write_out(spill, bytes, size, error);
    weir_buffer_append(&spill->gathered, bytes, size);
    return 0;
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
    if (spill->descriptor >= 0)
        close(spill->descriptor);
    weir_buffer_release(&spill->gathered);
    weir_spill_init(spill);
}
