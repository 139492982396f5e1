#include "format/drain.h"
#include "base/descriptor.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { GATHERED = 1 << 18, OUTPUT = 1 << 18, GZIP_LEVEL = 6, ZSTD_LEVEL = 3 };

struct weir_drain {
    int descriptor;
    struct weir_buffer gathered;
    z_stream zlib;
    bool zlib_open;
    ZSTD_CCtx *zstd;
    char *output; /* OUTPUT bytes, for compressed ones */
};

int weir_drain_new(struct weir_drain **drain_out, int descriptor, const char *compression, struct weir_error *error)
{
    struct weir_drain *drain = *drain_out = weir_allocate_zero(1, sizeof *drain);
    if (!drain)
        return weir_fail_memory(error);
    drain->descriptor = descriptor;
    if (!compression)
        return 0;
    drain->output = weir_allocate(OUTPUT, 1);
    if (strcmp(compression, "gzip") == 0)
        drain->zlib_open = deflateInit2(&drain->zlib, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    else if ((drain->zstd = ZSTD_createCCtx())) {
        ZSTD_CCtx_setParameter(drain->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
        ZSTD_CCtx_setParameter(drain->zstd, ZSTD_c_checksumFlag, 1);
    }
    if (drain->output && (drain->zlib_open || drain->zstd))
        return 0;
    weir_drain_free(drain);
    *drain_out = NULL;
    return weir_fail_memory(error);
}

bool weir_drain_compresses(const struct weir_drain *drain)
{
    return drain->zlib_open || drain->zstd;
}

struct weir_buffer *weir_drain_buffer(struct weir_drain *drain)
{
    return &drain->gathered;
}

static int write_out(struct weir_drain *drain, const void *bytes, size_t size, struct weir_error *error)
{
    if (size && weir_write_full(drain->descriptor, bytes, size))
        return weir_fail_errno(error, WEIR_IO, "cannot write the output");
    return 0;
}

static int write_gzip(struct weir_drain *drain, bool last, struct weir_error *error)
{
    enum { MOST = 1 << 30 }; /* zlib's counters have 32 bits, and one row may be longer than they tell */
    z_stream *zlib = &drain->zlib;
    size_t left = drain->gathered.size;
    zlib->next_in = (Bytef *)drain->gathered.bytes;
    do {
        zlib->avail_in = left < MOST ? (uInt)left : MOST;
        left -= zlib->avail_in;
        do {
            zlib->next_out = (Bytef *)drain->output;
            zlib->avail_out = OUTPUT;
            deflate(zlib, last && left == 0 ? Z_FINISH : Z_NO_FLUSH);
            if (write_out(drain, drain->output, OUTPUT - zlib->avail_out, error))
                return -1;
        } while (zlib->avail_out == 0);
    } while (left);
    return 0;
}

static int write_zstd(struct weir_drain *drain, bool last, struct weir_error *error)
{
    ZSTD_inBuffer in = { drain->gathered.bytes, drain->gathered.size, 0 };
    size_t left;
    do {
        ZSTD_outBuffer out = { drain->output, OUTPUT, 0 };
        left = ZSTD_compressStream2(drain->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left))
            return weir_fail(error, WEIR_IO, "cannot compress the output: %s", ZSTD_getErrorName(left));
        if (write_out(drain, drain->output, out.pos, error))
            return -1;
    } while (last ? left > 0 : in.pos < in.size);
    return 0;
}

static int pass(struct weir_drain *drain, bool last, struct weir_error *error)
{
    if (weir_buffer_check(&drain->gathered, error))
        return -1;
    int code = drain->zlib_open ? write_gzip(drain, last, error)
               : drain->zstd    ? write_zstd(drain, last, error)
                                : write_out(drain, drain->gathered.bytes, drain->gathered.size, error);
    weir_buffer_clear(&drain->gathered);
    return code;
}

int weir_drain_pass(struct weir_drain *drain, struct weir_error *error)
{
    return drain->gathered.size < GATHERED && !drain->gathered.failed ? 0 : pass(drain, false, error);
}

int weir_drain_finish(struct weir_drain *drain, struct weir_error *error)
{
    return pass(drain, true, error);
}

void weir_drain_free(struct weir_drain *drain)
{
    if (!drain)
        return;
    weir_buffer_release(&drain->gathered);
    if (drain->zlib_open)
        deflateEnd(&drain->zlib);
    ZSTD_freeCCtx(drain->zstd);
    free(drain->output);
    free(drain);
}
