#include "eval/rendering.h"
#include "base/base64.h"
#include "base/png.h"
#include "base/svg.h"
#include "eval/cells_private.h"
#include "eval/raster_private.h"
#include "eval/sixel_private.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const weir_render_names[] = { "auto", "svg", "png", "text", "sixel", "kitty", "iterm2", NULL };

enum weir_render_format weir_render_parse(const char *name)
{
    int format = 0;
    while (weir_render_names[format] && strcmp(weir_render_names[format], name) != 0)
        format++;
    return weir_render_names[format] ? (enum weir_render_format)format : WEIR_RENDER_AUTO;
}

enum weir_render_format weir_render_of_path(const char *path)
{
    const char *ending = path ? strrchr(path, '.') : NULL;
    return !ending                           ? WEIR_RENDER_SVG
           : strcasecmp(ending, ".png") == 0 ? WEIR_RENDER_PNG
           : strcasecmp(ending, ".txt") == 0 ? WEIR_RENDER_TEXT
                                             : WEIR_RENDER_SVG;
}

static int between(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

void weir_rendering_size(struct weir_rendering *rendering, int width, int height, double shape,
                         const struct weir_render_window *window)
{
    if (rendering->format == WEIR_RENDER_TEXT) {
        int across = width ? width / WEIR_CELL_WIDTH : window->columns ? between(window->columns - 1, 20, 120) : 79;
        int down = window->rows ? between(window->rows - 2, 10, 40) : 22;
        if (height)
            down = height / WEIR_CELL_HEIGHT;
        else if (shape > 0.8)
            down = (int)(down * shape * 1.5); /* it is scrolled through */
        rendering->width = across * WEIR_CELL_WIDTH;
        rendering->height = down * WEIR_CELL_HEIGHT;
        return;
    }
    rendering->width = width ? width : window->width ? between(window->width, 320, 900) : WEIR_RENDER_WIDTH;
    int natural = (int)(rendering->width * shape);
    rendering->height = height ? height : window->height ? between(window->height * 4 / 5, 240, natural) : natural;
}

static int append_kitty(const struct weir_buffer *png, struct weir_buffer *out)
{
    enum { PIECE = 4096 };
    struct weir_buffer text = { 0 };
    weir_base64_encode(png->bytes, png->size, &text);
    /* q=2: the terminal is to answer nothing, which would be read as typed. */
    for (size_t first = 0; first < text.size && !text.failed; first += PIECE) {
        size_t size = text.size - first < PIECE ? text.size - first : PIECE;
        weir_buffer_format(out, "\x1b_G%sm=%d;", first ? "" : "f=100,a=T,q=2,", first + size < text.size);
        weir_buffer_append(out, text.bytes + first, size);
        weir_buffer_string(out, "\x1b\\");
    }
    weir_buffer_byte(out, '\n');
    int failed = text.failed ? -1 : 0;
    weir_buffer_release(&text);
    return failed;
}

static void append_iterm2(const struct weir_buffer *png, const struct weir_rendering *rendering,
                          struct weir_buffer *out)
{
    weir_buffer_format(out, "\x1b]1337;File=inline=1;size=%zu;width=%dpx;height=%dpx:", png->size, rendering->width,
                       rendering->height);
    weir_base64_encode(png->bytes, png->size, out);
    weir_buffer_string(out, "\a\n");
}

static int render_pixels(const struct weir_drawing *drawing, const struct weir_rendering *rendering,
                         struct weir_buffer *out, struct weir_error *error)
{
    uint8_t *rgb = NULL;
    struct weir_buffer png = { 0 };
    int width = rendering->width, height = rendering->height;
    if (weir_raster(drawing, rendering->dark, width, height, &rgb, error))
        return -1;
    int result = rendering->format == WEIR_RENDER_SIXEL ? weir_sixel_write(rgb, width, height, out, error)
                 : rendering->format == WEIR_RENDER_PNG ? weir_png_write(rgb, width, height, out, error)
                                                        : weir_png_write(rgb, width, height, &png, error);
    if (result == 0 && rendering->format == WEIR_RENDER_KITTY && append_kitty(&png, out))
        result = weir_fail_memory(error);
    if (result == 0 && rendering->format == WEIR_RENDER_ITERM2)
        append_iterm2(&png, rendering, out);
    free(rgb);
    weir_buffer_release(&png);
    return result ? result : weir_buffer_check(out, error);
}

int weir_render(const struct weir_drawing *drawing, const struct weir_rendering *rendering, struct weir_buffer *out,
                struct weir_error *error)
{
    switch (rendering->format) {
    case WEIR_RENDER_AUTO:
    case WEIR_RENDER_SVG:
        return weir_svg_file(drawing, out, error);
    case WEIR_RENDER_TEXT:
        return weir_cells_write(drawing, rendering->colours, out, error);
    default:
        return render_pixels(drawing, rendering, out, error);
    }
}
