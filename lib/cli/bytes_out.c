#include "base/descriptor.h"
#include "cli/stream_io.h"
#include <stdlib.h>
#include <unistd.h>

struct weir_bytes_out_private {
    struct weir_output output;
};

int weir_bytes_open(struct weir_bytes_out *out, struct weir_run *run, struct weir_error *error)
{
    *out = (struct weir_bytes_out){ .descriptor = STDOUT_FILENO };
    if (!run->output)
        return 0;
    out->private_part = weir_allocate_zero(1, sizeof *out->private_part);
    if (!out->private_part)
        return weir_fail_memory(error);
    if (weir_output_open(&out->private_part->output, run->output, error) < 0) {
        free(out->private_part);
        out->private_part = NULL;
        return -1;
    }
    out->descriptor = out->private_part->output.descriptor;
    return 0;
}

int weir_bytes_finish(struct weir_bytes_out *out, struct weir_error *error)
{
    int result = out->private_part ? weir_output_commit(&out->private_part->output, error) : 0;
    free(out->private_part);
    out->private_part = NULL;
    return result;
}

void weir_bytes_abandon(struct weir_bytes_out *out)
{
    if (out->private_part)
        weir_output_abandon(&out->private_part->output);
    free(out->private_part);
    out->private_part = NULL;
}

int weir_bytes_write(struct weir_run *run, const void *bytes, size_t size, struct weir_error *error)
{
    struct weir_bytes_out out;
    if (weir_bytes_open(&out, run, error) < 0)
        return -1;
    if (weir_write_full(out.descriptor, bytes, size) == 0)
        return weir_bytes_finish(&out, error);
    weir_fail_errno(error, WEIR_IO, "'%s'", run->output ? run->output : "standard output");
    weir_bytes_abandon(&out);
    return -1;
}
