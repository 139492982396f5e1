/* Within lib/format: from the decoders' rows to the wanted picture. */
#ifndef WEIR_FORMAT_IMAGE_PRIVATE_H
#define WEIR_FORMAT_IMAGE_PRIVATE_H

#include "base/luma.h"
#include "format/image.h"

/* ---- Shrinking and enlarging (image_resize.c) ---- */

/* One direction: target place i is the sum of weights[i * stride + k] * source[first[i] + k], k < count[i]. */
struct weir_axis {
    int *first, *count;
    float *weights;
    int stride;
    size_t places, room; /* allocated */
};

/* Takes rows of a picture from above to below, and writes those of the target as soon as they are complete. */
struct weir_resize {
    struct weir_axis x, y;
    int channels, source_width, source_height, width, height;
    int source_row, row;
    size_t values, allocated; /* of a source row; of sum and previous */
    float *sum;
    uint8_t *previous; /* source row before this one */
    uint8_t *out;
};

/* The source's part that begins at (left, top) and has the extent (across, down), in pixels of the source, becomes
 * out[height][width][channels]. */
struct weir_window {
    double left, top, across, down;
};
int weir_resize_begin(struct weir_resize *resize, const struct weir_window *window, int source_width, int source_height,
                      int channels, int width, int height, uint8_t *out, struct weir_error *error);
void weir_resize_row(struct weir_resize *resize, const uint8_t *row);
void weir_resize_release(struct weir_resize *resize);

/* ---- Turning (image_orientation.c) ---- */

/* The orientation, 1 to 8, that a block of TIFF as in EXIF tells; 1 when it tells none. */
int weir_exif_orientation(const uint8_t *bytes, size_t size);
/* from[height][width][channels] as stored, turned, into to at row stride `stride` bytes. */
void weir_image_turn(int orientation, const uint8_t *from, int width, int height, int channels, uint8_t *to,
                     size_t stride);
static inline bool weir_orientation_swaps(int orientation)
{
    return orientation >= 5;
}

/* ---- One picture under way (image.c) ---- */

struct weir_picture {
    const struct weir_image_reading *reading;
    const uint8_t *bytes;
    size_t size;
    uint8_t *out;
    /* from the header, by the decoder */
    int width, height, orientation;
    /* where it goes, as stored: not turned yet */
    struct weir_window window; /* of the picture in full size */
    int target_width, target_height;
};

struct weir_image_decoder {
    struct weir_resize resize;
    struct weir_picture picture;
    uint8_t *turned; /* the target before it is turned or padded */
    size_t turned_size;
    uint8_t *rows; /* of the file's decoder: converted rows */
    size_t rows_size;
};

/* Width, height and orientation are known: checks the limits. */
int weir_picture_check(const struct weir_picture *picture, struct weir_error *error);
/* Settles window and target. The rows that follow are those of the picture at `eighths` of its size, in channels of
 * the reading. */
int weir_picture_plan(struct weir_image_decoder *decoder, struct weir_error *error);
int weir_picture_begin(struct weir_image_decoder *decoder, int eighths, int scaled_width, int scaled_height,
                       struct weir_error *error);
/* At least `size` bytes of scratch memory, or NULL. */
uint8_t *weir_decoder_rows(struct weir_image_decoder *decoder, size_t size);

/* With `whole` false only the header is read. Both leave nothing behind. */
int weir_jpeg_read(struct weir_image_decoder *decoder, bool whole, struct weir_error *error);
int weir_png_read(struct weir_image_decoder *decoder, bool whole, struct weir_error *error);

#endif
