/* Pictures: JPEG and PNG to bytes of one size. */
#ifndef WEIR_FORMAT_IMAGE_H
#define WEIR_FORMAT_IMAGE_H

#include "base/error.h"
#include <stddef.h>
#include <stdint.h>

enum {
    WEIR_IMAGE_PIXELS = 1 << 26,   /* that a picture may have */
    WEIR_IMAGE_SIDE = 65500,       /* pixels of one side */
    WEIR_IMAGE_MEMORY = 256 << 20, /* bytes that the decoding of one picture may take */
    WEIR_IMAGE_SCANS = 100,        /* of a progressive JPEG */
    WEIR_IMAGE_VALUES = 1 << 24,   /* bytes of one picture as it is wanted */
};

/* How a picture of another shape comes to the wanted one. */
enum weir_fit {
    WEIR_FIT_STRETCH, /* each direction by itself */
    WEIR_FIT_CROP,    /* the middle, as much as the shape takes in */
    WEIR_FIT_PAD      /* the whole in the middle, the rest black */
};
const char *weir_fit_name(enum weir_fit fit);
bool weir_fit_parse(const char *text, enum weir_fit *fit); /* false: it is none */

/* What a picture is made into: uint8 [height, width, 3], red, green and blue; gray: [height, width]. */
struct weir_image_reading {
    int width, height; /* 0: as it is */
    bool gray;         /* luma as in ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B */
    enum weir_fit fit;
    bool fit_given;
    bool exact; /* one of another size is refused */
};
/* "WIDTHxHEIGHT" into the two; false when it is none, or too large. */
bool weir_image_size_parse(const char *text, struct weir_image_reading *reading);

/* "JPEG" or "PNG" by the first bytes, which are then decoded; NULL: neither. */
const char *weir_image_sniff(const uint8_t *bytes, size_t size);
/* The name of another kind of picture ("GIF"), which is not decoded, or NULL. */
const char *weir_image_foreign(const uint8_t *bytes, size_t size);

/* Width and height as it is to be seen, from the header alone. Messages name no file. */
int weir_image_look(const uint8_t *bytes, size_t size, int *width, int *height, struct weir_error *error);

/* What decoding needs from one picture to the next; for one thread at a time. */
struct weir_image_decoder;
struct weir_image_decoder *weir_image_decoder_new(void);          /* NULL: out of memory */
void weir_image_decoder_free(struct weir_image_decoder *decoder); /* NULL is accepted */

/* Decodes into out[height * width * (gray ? 1 : 3)], turned as its EXIF orientation says. Shrinking averages over the
 * area that a pixel covers (JPEG: after scaled decoding to no less than the wanted size), enlarging interpolates
 * linearly. What is transparent lies on white. -1 with the message: damaged, cut, beyond a limit, not of the size. */
int weir_image_decode(struct weir_image_decoder *decoder, const struct weir_image_reading *reading,
                      const uint8_t *bytes, size_t size, uint8_t *out, struct weir_error *error);

#endif
