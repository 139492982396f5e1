#include "eval/sixel_private.h"
#include <stdlib.h>
#include <string.h>

enum { COLOURS = 256, BAND = 6, SLOTS = 1024 };

struct palette {
    int bits; /* of each of red, green and blue */
    uint32_t colours[COLOURS];
    int count;
    int16_t slots[SLOTS]; /* table of colours, -1: empty */
};

static uint32_t colour_at(const uint8_t *rgb, int bits)
{
    uint8_t mask = (uint8_t)(0xFF << (8 - bits));
    return (uint32_t)(rgb[0] & mask) << 16 | (uint32_t)(rgb[1] & mask) << 8 | (rgb[2] & mask);
}

/* The colour's number, a new one when it is new; -1: there are too many. */
static int find_colour(struct palette *palette, uint32_t colour)
{
    uint32_t slot = (colour * 0x9E3779B1u) >> 22;
    for (; palette->slots[slot] >= 0; slot = (slot + 1) % SLOTS)
        if (palette->colours[palette->slots[slot]] == colour)
            return palette->slots[slot];
    if (palette->count == COLOURS)
        return -1;
    palette->slots[slot] = (int16_t)palette->count;
    palette->colours[palette->count] = colour;
    return palette->count++;
}

/* Numbers for all pixels, with as many bits as 256 colours allow (two always do). */
static void make_palette(struct palette *palette, const uint8_t *rgb, size_t pixels, uint8_t *numbers)
{
    for (palette->bits = 8; palette->bits >= 2; palette->bits--) {
        size_t i = 0;
        palette->count = 0;
        memset(palette->slots, 0xFF, sizeof palette->slots);
        for (; i < pixels; i++) {
            int number = find_colour(palette, colour_at(rgb + i * 3, palette->bits));
            if (number < 0)
                break;
            numbers[i] = (uint8_t)number;
        }
        if (i == pixels)
            return;
    }
}

/* One colour of a band of six rows: a character for each column, runs of equal ones counted. */
static void append_band(const uint8_t *numbers, int columns, int rows, int number, struct weir_buffer *out)
{
    weir_buffer_format(out, "#%d", number);
    for (int x = 0, end; x < columns; x = end) {
        int mask = -1;
        for (end = x; end < columns; end++) {
            int here = 0;
            for (int y = 0; y < rows; y++)
                here |= (numbers[(size_t)y * (size_t)columns + (size_t)end] == number) << y;
            if (mask >= 0 && here != mask)
                break;
            mask = here;
        }
        if (end - x > 3)
            weir_buffer_format(out, "!%d%c", end - x, '?' + mask);
        else
            for (int i = x; i < end; i++)
                weir_buffer_byte(out, (uint8_t)('?' + mask));
    }
    weir_buffer_byte(out, '$');
}

int weir_sixel_write(const uint8_t *rgb, int columns, int rows, struct weir_buffer *out, struct weir_error *error)
{
    struct palette palette;
    size_t pixels = (size_t)columns * (size_t)rows;
    uint8_t *numbers = weir_allocate(pixels, 1);
    if (!numbers)
        return weir_fail_memory(error);
    make_palette(&palette, rgb, pixels, numbers);
    weir_buffer_format(out, "\x1bPq\"1;1;%d;%d", columns, rows);
    for (int i = 0; i < palette.count; i++) {
        unsigned colour = palette.colours[i];
        weir_buffer_format(out, "#%d;2;%u;%u;%u", i, ((colour >> 16 & 0xFF) * 100 + 127) / 255,
                           ((colour >> 8 & 0xFF) * 100 + 127) / 255, ((colour & 0xFF) * 100 + 127) / 255);
    }
    for (int y = 0; y < rows; y += BAND) {
        const uint8_t *band = numbers + (size_t)y * (size_t)columns;
        int high = rows - y < BAND ? rows - y : BAND;
        bool used[COLOURS] = { false };
        for (size_t i = 0; i < (size_t)high * (size_t)columns; i++)
            used[band[i]] = true;
        for (int number = 0; number < palette.count; number++)
            if (used[number])
                append_band(band, columns, high, number, out);
        weir_buffer_byte(out, '-');
    }
    weir_buffer_string(out, "\x1b\\\n");
    free(numbers);
    return weir_buffer_check(out, error);
}
