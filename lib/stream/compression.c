#include "stream/compression.h"

#include "base/bytes.h"
#include <lz4frame.h>
#include <zstd.h>

void weir_decompressor_release(struct weir_decompressor *decompressor)
{
    LZ4F_freeDecompressionContext(decompressor->lz4);
    ZSTD_freeDCtx(decompressor->zstd);
    *decompressor = (struct weir_decompressor){ 0 };
}

static int fail_damaged(struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "a compressed buffer is damaged");
}

/* liblz4 asks for memory once it knows how large a frame's blocks are; the numbers of its errors are not public. */
static int fail_lz4(size_t code, struct weir_error *error)
{
    bool no_memory = LZ4F_isError(code) && strcmp(LZ4F_getErrorName(code), "ERROR_allocation_failed") == 0;
    return no_memory ? weir_fail_memory(error) : fail_damaged(error);
}

static int decompress_lz4(struct weir_decompressor *decompressor, const uint8_t *bytes, size_t length, uint8_t *out,
                          size_t size, struct weir_error *error)
{
    LZ4F_dctx *context = decompressor->lz4;
    if (!context) {
        if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
            return weir_fail_memory(error);
        decompressor->lz4 = context;
    }
    LZ4F_resetDecompressionContext(context);
    size_t taken = 0, given = 0, hint;
    do {
        size_t in = length - taken, room = size - given;
        hint = LZ4F_decompress(context, out + given, &room, bytes + taken, &in, NULL);
        if (LZ4F_isError(hint) || (in == 0 && room == 0))
            return fail_lz4(hint, error);
        taken += in;
        given += room;
    } while (hint != 0);
    return given == size && taken == length ? 0 : fail_damaged(error);
}

static int decompress_zstd(struct weir_decompressor *decompressor, const uint8_t *bytes, size_t length, uint8_t *out,
                           size_t size, struct weir_error *error)
{
    if (!decompressor->zstd && !(decompressor->zstd = ZSTD_createDCtx()))
        return weir_fail_memory(error);
    size_t given = ZSTD_decompressDCtx(decompressor->zstd, out, size, bytes, length);
    return !ZSTD_isError(given) && given == size ? 0 : fail_damaged(error);
}

int weir_decompress(struct weir_decompressor *decompressor, int codec, const uint8_t *bytes, size_t length,
                    uint8_t *out, size_t size, struct weir_error *error)
{
    return codec == 0 ? decompress_lz4(decompressor, bytes, length, out, size, error)
                      : decompress_zstd(decompressor, bytes, length, out, size, error);
}

int weir_compress(enum weir_compression compression, const void *bytes, size_t size, struct weir_buffer *out,
                  struct weir_error *error)
{
    enum { ZSTD_LEVEL = 1 };
    LZ4F_preferences_t preferences = { .frameInfo = { .contentSize = size } };
    bool lz4 = compression == WEIR_LZ4;
    size_t bound = lz4 ? LZ4F_compressFrameBound(size, &preferences) : ZSTD_compressBound(size);
    uint8_t length[8];
    weir_store_u64(length, size);
    weir_buffer_append(out, length, sizeof length);
    if (weir_buffer_reserve(out, bound))
        return weir_fail_memory(error);
    char *to = out->bytes + out->size;
    size_t used = lz4 ? LZ4F_compressFrame(to, bound, bytes, size, &preferences)
                      : ZSTD_compress(to, bound, bytes, size, ZSTD_LEVEL);
    if (lz4 ? LZ4F_isError(used) : ZSTD_isError(used))
        return weir_fail_memory(error);
    out->size += used;
    out->bytes[out->size] = '\0';
    return 0;
}
