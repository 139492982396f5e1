#include "format/image.h"
#include "base/memory.h"
#include "base/number.h"
#include "format/image_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const fit_names[] = { "stretch", "crop", "pad" };

const char *weir_fit_name(enum weir_fit fit)
{
    return fit_names[fit];
}

bool weir_fit_parse(const char *text, enum weir_fit *fit)
{
    for (int i = WEIR_FIT_STRETCH; i <= WEIR_FIT_PAD; i++)
        if (strcmp(text, fit_names[i]) == 0) {
            *fit = (enum weir_fit)i;
            return true;
        }
    return false;
}

bool weir_image_size_parse(const char *text, struct weir_image_reading *reading)
{
    const char *x = strchr(text, 'x');
    int64_t width, height;
    if (!x || !weir_parse_int64(text, (size_t)(x - text), &width) || !weir_parse_int64(x + 1, strlen(x + 1), &height) ||
        width < 1 || height < 1 || width > WEIR_IMAGE_SIDE || height > WEIR_IMAGE_SIDE ||
        width * height > WEIR_IMAGE_VALUES / 3)
        return false;
    reading->width = (int)width;
    reading->height = (int)height;
    return true;
}

struct magic {
    size_t at;
    const char *bytes;
    size_t size;
    const char *name;
};
#define BYTES(text) text, sizeof text - 1
static const struct magic ours[] = { { 0, BYTES("\xff\xd8\xff"), "JPEG" }, { 0, BYTES("\x89PNG\r\n\x1a\n"), "PNG" } };
static const struct magic foreign[] = {
    { 0, BYTES("GIF8"), "GIF" },
    { 8, BYTES("WEBP"), "WebP" },
    { 0, BYTES("II*\0"), "TIFF" },
    { 0, BYTES("MM\0*"), "TIFF" },
    { 4, BYTES("ftypheic"), "HEIC" },
    { 4, BYTES("ftypmif1"), "HEIC" },
    { 4, BYTES("ftypavif"), "AVIF" },
    { 0, BYTES("\xff\x0a"), "JPEG XL" },
    { 0, BYTES("\0\0\0\x0cJXL "), "JPEG XL" },
    { 4, BYTES("jP  \r\n\x87\n"), "JPEG 2000" },
};

static const char *find(const struct magic *magics, size_t count, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (size >= magics[i].at + magics[i].size && memcmp(bytes + magics[i].at, magics[i].bytes, magics[i].size) == 0)
            return magics[i].name;
    return NULL;
}

const char *weir_image_sniff(const uint8_t *bytes, size_t size)
{
    return find(ours, sizeof ours / sizeof *ours, bytes, size);
}

const char *weir_image_foreign(const uint8_t *bytes, size_t size)
{
    return find(foreign, sizeof foreign / sizeof *foreign, bytes, size);
}

struct weir_image_decoder *weir_image_decoder_new(void)
{
    return weir_allocate_zero(1, sizeof(struct weir_image_decoder));
}

void weir_image_decoder_free(struct weir_image_decoder *decoder)
{
    if (!decoder)
        return;
    weir_resize_release(&decoder->resize);
    free(decoder->turned);
    free(decoder->rows);
    free(decoder);
}

static uint8_t *at_least(uint8_t **bytes, size_t *size, size_t wanted)
{
    if (wanted > *size) {
        free(*bytes);
        *bytes = weir_allocate(wanted, 1);
        *size = *bytes ? wanted : 0;
    }
    return *bytes;
}

uint8_t *weir_decoder_rows(struct weir_image_decoder *decoder, size_t size)
{
    return at_least(&decoder->rows, &decoder->rows_size, size);
}

int weir_picture_check(const struct weir_picture *picture, struct weir_error *error)
{
    int width = picture->width, height = picture->height;
    if (width < 1 || height < 1)
        return weir_fail(error, WEIR_BAD_DATA, "it claims to be of no size");
    if (width > WEIR_IMAGE_SIDE || height > WEIR_IMAGE_SIDE || (int64_t)width * height > WEIR_IMAGE_PIXELS)
        return weir_fail(error, WEIR_BAD_DATA, "it claims %d x %d pixels, and at most %d are read", width, height,
                         WEIR_IMAGE_PIXELS);
    return 0;
}

int weir_picture_plan(struct weir_image_decoder *decoder, struct weir_error *error)
{
    struct weir_picture *picture = &decoder->picture;
    const struct weir_image_reading *reading = picture->reading;
    bool swaps = weir_orientation_swaps(picture->orientation);
    double width = picture->width, height = picture->height;
    int across = swaps ? reading->height : reading->width, down = swaps ? reading->width : reading->height;
    if (reading->exact && (picture->width != across || picture->height != down))
        return weir_fail(error, WEIR_BAD_DATA,
                         "it is %d x %d, not %d x %d as the first; --size would bring all to one size",
                         swaps ? picture->height : picture->width, swaps ? picture->width : picture->height,
                         reading->width, reading->height);
    picture->window = (struct weir_window){ 0, 0, width, height };
    picture->target_width = across;
    picture->target_height = down;
    if (reading->fit == WEIR_FIT_CROP) {
        double scale = fmin(width / across, height / down);
        picture->window.across = scale * across;
        picture->window.down = scale * down;
        picture->window.left = (width - picture->window.across) / 2;
        picture->window.top = (height - picture->window.down) / 2;
    } else if (reading->fit == WEIR_FIT_PAD) {
        double scale = fmin(across / width, down / height);
        picture->target_width = (int)fmin(fmax(floor(width * scale + 0.5), 1), across);
        picture->target_height = (int)fmin(fmax(floor(height * scale + 0.5), 1), down);
    }
    return 0;
}

/* Nothing is left to do behind the resizing. */
static bool goes_straight(const struct weir_picture *picture)
{
    return picture->orientation == 1 && picture->reading->fit != WEIR_FIT_PAD;
}

int weir_picture_begin(struct weir_image_decoder *decoder, int eighths, int scaled_width, int scaled_height,
                       struct weir_error *error)
{
    struct weir_picture *picture = &decoder->picture;
    int channels = picture->reading->gray ? 1 : 3, width = picture->target_width, height = picture->target_height;
    double scale = eighths / 8.0;
    struct weir_window window = { picture->window.left * scale, picture->window.top * scale,
                                  picture->window.across * scale, picture->window.down * scale };
    uint8_t *out = picture->out;
    if (!goes_straight(picture) &&
        !(out = at_least(&decoder->turned, &decoder->turned_size, (size_t)width * (size_t)height * (size_t)channels)))
        return weir_fail_memory(error);
    return weir_resize_begin(&decoder->resize, &window, scaled_width, scaled_height, channels, width, height, out,
                             error);
}

/* Turns the target and lays it into the middle. */
static void place(const struct weir_image_decoder *decoder)
{
    const struct weir_picture *picture = &decoder->picture;
    const struct weir_image_reading *reading = picture->reading;
    bool swaps = weir_orientation_swaps(picture->orientation);
    size_t channels = reading->gray ? 1 : 3, stride = (size_t)reading->width * channels;
    int across = swaps ? picture->target_height : picture->target_width;
    int down = swaps ? picture->target_width : picture->target_height;
    size_t left = (size_t)(reading->width - across) / 2, top = (size_t)(reading->height - down) / 2;
    if (across < reading->width || down < reading->height)
        memset(picture->out, 0, stride * (size_t)reading->height);
    weir_image_turn(picture->orientation, decoder->turned, picture->target_width, picture->target_height, (int)channels,
                    picture->out + top * stride + left * channels, stride);
}

static int read_picture(struct weir_image_decoder *decoder, bool whole, struct weir_error *error)
{
    const struct weir_picture *picture = &decoder->picture;
    const char *kind = weir_image_sniff(picture->bytes, picture->size);
    if (!kind) {
        const char *other = weir_image_foreign(picture->bytes, picture->size);
        return other ? weir_fail(error, WEIR_BAD_DATA, "it is %s; JPEG and PNG are read", other)
                     : weir_fail(error, WEIR_BAD_DATA, "it is neither JPEG nor PNG");
    }
    return kind[0] == 'J' ? weir_jpeg_read(decoder, whole, error) : weir_png_read(decoder, whole, error);
}

int weir_image_look(const uint8_t *bytes, size_t size, int *width, int *height, struct weir_error *error)
{
    struct weir_image_decoder decoder = { .picture = { .bytes = bytes, .size = size, .orientation = 1 } };
    int code = read_picture(&decoder, false, error);
    bool swaps = weir_orientation_swaps(decoder.picture.orientation);
    *width = swaps ? decoder.picture.height : decoder.picture.width;
    *height = swaps ? decoder.picture.width : decoder.picture.height;
    return code;
}

int weir_image_decode(struct weir_image_decoder *decoder, const struct weir_image_reading *reading,
                      const uint8_t *bytes, size_t size, uint8_t *out, struct weir_error *error)
{
    decoder->picture =
        (struct weir_picture){ .reading = reading, .bytes = bytes, .size = size, .out = out, .orientation = 1 };
    if (read_picture(decoder, true, error))
        return -1;
    if (!goes_straight(&decoder->picture))
        place(decoder);
    return 0;
}
