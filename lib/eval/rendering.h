/* A drawing as the bytes that are wanted: SVG, PNG, characters, or what a terminal makes a picture of. */
#ifndef WEIR_EVAL_RENDERING_H
#define WEIR_EVAL_RENDERING_H

#include "base/drawing.h"

enum weir_render_format {
    WEIR_RENDER_AUTO,
    WEIR_RENDER_SVG,
    WEIR_RENDER_PNG,
    WEIR_RENDER_TEXT,  /* Unicode: blocks, and the dots of braille */
    WEIR_RENDER_SIXEL, /* as DEC's terminals have it */
    WEIR_RENDER_KITTY, /* a PNG as the terminals kitty and iTerm2 take it */
    WEIR_RENDER_ITERM2
};
extern const char *const weir_render_names[]; /* in that order, NULL at the end */
enum weir_render_format weir_render_parse(const char *name);
/* By the ending of a file's name; NULL, or another ending: SVG. */
enum weir_render_format weir_render_of_path(const char *path);

enum { WEIR_RENDER_WIDTH = 720 }; /* in pixels, when neither option nor window says */

struct weir_rendering {
    enum weir_render_format format;
    bool dark;         /* pixels: for a dark ground */
    int colours;       /* text: 0, 256 or 1 << 24 */
    int width, height; /* of the drawing */
};
struct weir_render_window {
    int columns, rows, width, height; /* width and height in pixels; all 0: there is none */
};
/* What is asked for (0: nothing) within what a window has; shape: height to width where both are free. */
void weir_rendering_size(struct weir_rendering *rendering, int width, int height, double shape,
                         const struct weir_render_window *window);

int weir_render(const struct weir_drawing *drawing, const struct weir_rendering *rendering, struct weir_buffer *out,
                struct weir_error *error);

#endif
