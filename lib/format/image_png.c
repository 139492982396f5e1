/* PNG by libpng. Its errors are jumps, and all of them land here. */
#include "base/memory.h"
#include "format/image_private.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNKS_KEPT = 64, CHUNK_BYTES = 8 << 20 };

struct png_reading {
    png_structp libpng;
    png_infop info;
    struct weir_image_decoder *decoder;
    struct weir_error *error;
    size_t at;
    uint8_t *image; /* interlaced: the whole of it */
    bool no_memory; /* libpng has asked for some, and there was none */
    jmp_buf failed;
};

static void fail(png_structp libpng, png_const_charp text)
{
    struct png_reading *reading = png_get_error_ptr(libpng);
    if (reading->no_memory)
        weir_fail_memory(reading->error);
    else
        weir_fail(reading->error, WEIR_BAD_DATA, "its PNG data is cut or damaged: %s", text);
    longjmp(reading->failed, 1);
}

static png_voidp allocate(png_structp libpng, png_alloc_size_t size)
{
    struct png_reading *reading = png_get_mem_ptr(libpng);
    void *bytes = weir_allocate(size, 1);
    reading->no_memory |= !bytes;
    return bytes;
}

static void release(png_structp libpng, png_voidp bytes)
{
    (void)libpng;
    free(bytes);
}

static void ignore(png_structp libpng, png_const_charp text)
{
    (void)libpng;
    (void)text;
}

static void give_bytes(png_structp libpng, png_bytep bytes, size_t size)
{
    struct png_reading *reading = png_get_io_ptr(libpng);
    const struct weir_picture *picture = &reading->decoder->picture;
    if (size > picture->size - reading->at)
        png_error(libpng, "it ends too early");
    memcpy(bytes, picture->bytes + reading->at, size);
    reading->at += size;
}

static uint8_t over_white(unsigned value, unsigned alpha)
{
    return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

/* A row as libpng gives it (gray or RGB, with or without alpha) in the channels that are wanted. */
static void convert(const uint8_t *from, int from_channels, uint8_t *to, int width, bool gray)
{
    bool color = from_channels >= 3, alpha = from_channels % 2 == 0;
    for (int i = 0; i < width; i++, from += from_channels) {
        uint8_t rgb[3];
        unsigned opacity = alpha ? from[from_channels - 1] : 255;
        for (int c = 0; c < 3; c++)
            rgb[c] = over_white(from[color ? c : 0], opacity);
        if (gray)
            *to++ = color ? weir_luma(rgb) : rgb[0];
        else
            for (int c = 0; c < 3; c++)
                *to++ = rgb[c];
    }
}

static int orientation_of(struct png_reading *reading)
{
    png_uint_32 size = 0;
    png_bytep bytes = NULL;
    return png_get_eXIf_1(reading->libpng, reading->info, &size, &bytes) ? weir_exif_orientation(bytes, size) : 1;
}

static void read_rows(struct png_reading *reading)
{
    png_structp libpng = reading->libpng;
    struct weir_image_decoder *decoder = reading->decoder;
    const struct weir_picture *picture = &decoder->picture;
    png_set_expand(libpng); /* palettes, fewer than 8 bits, transparency by colour */
    png_set_scale_16(libpng);
    bool interlaced = png_set_interlace_handling(libpng) > 1;
    png_read_update_info(libpng, reading->info);
    size_t row_bytes = png_get_rowbytes(libpng, reading->info);
    int channels = png_get_channels(libpng, reading->info), width = picture->width;
    size_t whole;
    if (interlaced && (!weir_multiply(row_bytes, (size_t)picture->height, &whole) || whole > WEIR_IMAGE_MEMORY)) {
        weir_fail(reading->error, WEIR_BAD_DATA, "decoding it would take more than %d MiB", WEIR_IMAGE_MEMORY >> 20);
        longjmp(reading->failed, 1);
    }
    uint8_t *row = weir_decoder_rows(decoder, row_bytes + (size_t)width * 3);
    reading->image = interlaced ? weir_allocate_zero((size_t)picture->height, row_bytes) : NULL;
    if (!row || (interlaced && !reading->image)) {
        weir_fail_memory(reading->error);
        longjmp(reading->failed, 1);
    }
    /* Each pass but the last only fills in its pixels. */
    for (int pass = interlaced ? 7 : 0; pass > 0; pass--)
        for (int y = 0; y < picture->height; y++)
            png_read_row(libpng, reading->image + (size_t)y * row_bytes, NULL);
    if (weir_picture_begin(decoder, 8, width, picture->height, reading->error))
        longjmp(reading->failed, 1);
    for (int y = 0; y < picture->height; y++) {
        const uint8_t *from = interlaced ? reading->image + (size_t)y * row_bytes : row;
        if (!interlaced)
            png_read_row(libpng, row, NULL);
        convert(from, channels, row + row_bytes, width, picture->reading->gray);
        weir_resize_row(&decoder->resize, row + row_bytes);
    }
    png_read_end(libpng, NULL);
}

/* All that may jump: nothing of its own is changed between the setjmp and the jump. */
static int attempt(struct png_reading *reading, bool whole)
{
    struct weir_picture *picture = &reading->decoder->picture;
    if (setjmp(reading->failed))
        return -1;
    reading->libpng =
        png_create_read_struct_2(PNG_LIBPNG_VER_STRING, reading, fail, ignore, reading, allocate, release);
    reading->info = reading->libpng ? png_create_info_struct(reading->libpng) : NULL;
    if (!reading->info)
        return weir_fail_memory(reading->error);
    png_set_user_limits(reading->libpng, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* weir_picture_check says it better */
    png_set_chunk_malloc_max(reading->libpng, CHUNK_BYTES);
    png_set_chunk_cache_max(reading->libpng, CHUNKS_KEPT);
    png_set_read_fn(reading->libpng, reading, give_bytes);
    png_read_info(reading->libpng, reading->info);
    picture->width = (int)png_get_image_width(reading->libpng, reading->info);
    picture->height = (int)png_get_image_height(reading->libpng, reading->info);
    picture->orientation = orientation_of(reading);
    if (weir_picture_check(picture, reading->error) || (whole && weir_picture_plan(reading->decoder, reading->error)))
        return -1;
    if (whole)
        read_rows(reading);
    return 0;
}

int weir_png_read(struct weir_image_decoder *decoder, bool whole, struct weir_error *error)
{
    struct png_reading reading = { .decoder = decoder, .error = error };
    int code = attempt(&reading, whole);
    png_destroy_read_struct(&reading.libpng, &reading.info, NULL);
    free(reading.image);
    return code;
}
