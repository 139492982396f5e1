#include "base/descriptor.h"
#include "stage/wordvec_private.h"
#include <unistd.h>

/* 64 MiB of them stay in memory. */
enum { HELD = 1 << 24 };

static int spill(struct weir_tokens *tokens, struct weir_error *error)
{
    if (!tokens->spilled) {
        tokens->descriptor = weir_temporary_file(error);
        if (tokens->descriptor < 0)
            return -1;
        tokens->spilled = true;
    }
    if (weir_write_full(tokens->descriptor, tokens->ids, tokens->held * sizeof *tokens->ids) < 0)
        return weir_fail_errno(error, WEIR_IO, "a temporary file in '%s' ($TMPDIR names another folder): cannot write",
                               weir_temporary_folder());
    tokens->held = 0;
    return 0;
}

int weir_tokens_add(struct weir_tokens *tokens, uint32_t id, struct weir_error *error)
{
    if (tokens->held == HELD && spill(tokens, error) < 0)
        return -1;
    if (weir_grow((void **)&tokens->ids, &tokens->capacity, tokens->held + 1, sizeof *tokens->ids) < 0)
        return weir_fail_memory(error);
    tokens->ids[tokens->held++] = id;
    tokens->count++;
    return 0;
}

int weir_tokens_close(struct weir_tokens *tokens, struct weir_error *error)
{
    if (!tokens->spilled)
        return 0;
    int result = spill(tokens, error);
    free(tokens->ids);
    tokens->ids = NULL;
    tokens->capacity = 0;
    return result;
}

int weir_tokens_read(const struct weir_tokens *tokens, int64_t first, size_t count, uint32_t *out,
                     struct weir_error *error)
{
    if (!tokens->spilled) {
        memcpy(out, tokens->ids + first, count * sizeof *out);
        return 0;
    }
    ssize_t size = (ssize_t)(count * sizeof *out);
    if (weir_read_at(tokens->descriptor, out, (size_t)size, (off_t)first * (off_t)sizeof *out) != size)
        return weir_fail_errno(error, WEIR_IO, "cannot read from a temporary file");
    return 0;
}

void weir_tokens_release(struct weir_tokens *tokens)
{
    free(tokens->ids);
    if (tokens->spilled)
        close(tokens->descriptor);
    *tokens = (struct weir_tokens){ 0 };
}
