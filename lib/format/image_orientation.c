/* The orientation of EXIF (CIPA DC-008, tag 0x0112): how a stored picture is to be turned to be seen. */
#include "base/bytes.h"
#include "format/image_private.h"
#include <string.h>

enum { TIFF_HEADER = 8, ENTRY = 12, ORIENTATION = 0x0112, SHORT = 3 };

static uint32_t load16(const uint8_t *bytes, bool big)
{
    return big ? weir_load_u16_big(bytes) : weir_load_u16(bytes);
}

static uint32_t load32(const uint8_t *bytes, bool big)
{
    return big ? weir_load_u32_big(bytes) : weir_load_u32(bytes);
}

int weir_exif_orientation(const uint8_t *bytes, size_t size)
{
    if (size < TIFF_HEADER || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
        return 1;
    bool big = bytes[0] == 'M';
    size_t at = load32(bytes + 4, big);
    if (at > size || size - at < 2)
        return 1;
    uint32_t entries = load16(bytes + at, big);
    for (at += 2; entries && size - at >= ENTRY; entries--, at += ENTRY)
        if (load16(bytes + at, big) == ORIENTATION && load16(bytes + at + 2, big) == SHORT) {
            uint32_t value = load16(bytes + at + 8, big);
            return value >= 1 && value <= 8 ? (int)value : 1;
        }
    return 1;
}

void weir_image_turn(int orientation, const uint8_t *from, int width, int height, int channels, uint8_t *to,
                     size_t stride)
{
    bool swaps = weir_orientation_swaps(orientation);
    int across = swaps ? height : width, down = swaps ? width : height;
    /* mirrored in the stored picture's own directions: left and right, above and below */
    bool mirror_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool mirror_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    for (int y = 0; y < down; y++) {
        uint8_t *row = to + (size_t)y * stride;
        for (int x = 0; x < across; x++) {
            int column = swaps ? y : x, line = swaps ? x : y;
            column = mirror_x ? width - 1 - column : column;
            line = mirror_y ? height - 1 - line : line;
            const uint8_t *pixel = from + ((size_t)line * (size_t)width + (size_t)column) * (size_t)channels;
            for (int c = 0; c < channels; c++)
                *row++ = pixel[c];
        }
    }
}
