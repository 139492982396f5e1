/* Compressed buffers: an int64 with the size before compression (-1: not compressed), then one LZ4 or Zstandard frame.
 */
#ifndef WEIR_STREAM_COMPRESSION_H
#define WEIR_STREAM_COMPRESSION_H

#include "base/buffer.h"
#include "stream/writer.h"

struct weir_decompressor {
    void *lz4, *zstd; /* made when first needed */
};
void weir_decompressor_release(struct weir_decompressor *decompressor);

/* Fills out[size] from the frame bytes[length], which must give just that many. codec as in Arrow: 0 LZ4, 1 Zstandard.
 */
int weir_decompress(struct weir_decompressor *decompressor, int codec, const uint8_t *bytes, size_t length,
                    uint8_t *out, size_t size, struct weir_error *error);

/* Appends the compressed form of bytes[size], its int64 in front. */
int weir_compress(enum weir_compression compression, const void *bytes, size_t size, struct weir_buffer *out,
                  struct weir_error *error);

#endif
