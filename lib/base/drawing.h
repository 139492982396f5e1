/* A drawing: a list of simple shapes on a rectangle, from which a file of SVG, the pixels of a picture or the
 * characters of a terminal are made. x goes to the right and y down, in pixels; what is drawn later lies above. Colours
 * are inks, which have one shade for a light ground and one for a dark. */
#ifndef WEIR_BASE_DRAWING_H
#define WEIR_BASE_DRAWING_H

#include "base/buffer.h"

enum weir_ink {
    WEIR_INK_GROUND,
    WEIR_INK_TEXT,
    WEIR_INK_QUIET,  /* text and lines of less weight */
    WEIR_INK_GRID,   /* lines behind the data */
    WEIR_INK_SERIES, /* this and those behind it tell series apart, also for people who confuse colours */
    WEIR_INK_COUNT = WEIR_INK_SERIES + 8
};
enum { WEIR_SERIES_INKS = WEIR_INK_COUNT - WEIR_INK_SERIES };
/* 0xRRGGBB */
uint32_t weir_ink_colour(enum weir_ink ink, bool dark);
/* The ink of the i-th series, and again from the first. */
enum weir_ink weir_ink_of_series(int i);

enum weir_shape_kind {
    WEIR_SHAPE_RECT,   /* filled */
    WEIR_SHAPE_LINE,   /* through points; `width` is the stroke's */
    WEIR_SHAPE_AREA,   /* filled, the points its corners */
    WEIR_SHAPE_MARKS,  /* a mark around each point, `width` wide */
    WEIR_SHAPE_TEXT,   /* at x, the base line at y; `height` is the size of the letters */
    WEIR_SHAPE_PIXELS, /* a picture of `columns` and `rows`, red, green and blue a byte each, in the rectangle */
};
enum weir_anchor { WEIR_ANCHOR_START, WEIR_ANCHOR_MIDDLE, WEIR_ANCHOR_END };
enum weir_mark { WEIR_MARK_DISC, WEIR_MARK_SQUARE, WEIR_MARK_TRIANGLE, WEIR_MARK_DIAMOND, WEIR_MARK_COUNT };

struct weir_point {
    double x, y;
};
struct weir_drawing_shape {
    enum weir_shape_kind kind;
    enum weir_ink ink;
    double x, y, width, height;
    double opacity;          /* 0 to 1 */
    size_t first, count;     /* of the points, or of the bytes: text, pixels */
    size_t note, note_count; /* bytes: what is said of the shape when one points at it; none: 0 */
    size_t png, png_count;   /* bytes: the pixels as a file */
    int columns, rows;       /* pixels */
    int dash;                /* line: 0 solid, else one of three patterns */
    enum weir_mark mark;
    enum weir_anchor anchor;
    bool strong, turned; /* text: heavy; upwards, turned by a quarter */
};

/* Starts with weir_drawing_init. `failed` is sticky, as in a buffer. */
struct weir_drawing {
    double width, height;
    double size; /* of letters */
    bool cells;  /* for a terminal's characters, WEIR_CELL_WIDTH by WEIR_CELL_HEIGHT each */
    struct weir_buffer title, bytes;
    struct weir_drawing_shape *shapes;
    struct weir_point *points;
    size_t shape_count, shape_capacity, point_count, point_capacity;
    struct weir_drawing_shape spare; /* what is written to once nothing can be appended any more */
    bool failed;
};
enum { WEIR_CELL_WIDTH = 8, WEIR_CELL_HEIGHT = 16, WEIR_DRAWING_LETTERS = 13 /* `size`, unless cells */ };

void weir_drawing_init(struct weir_drawing *drawing, double width, double height, bool cells);
void weir_drawing_release(struct weir_drawing *drawing);
/* 0, or -1 with the message when anything found no memory. */
int weir_drawing_check(const struct weir_drawing *drawing, struct weir_error *error);

/* What the drawing is called, for who cannot see it. Text from data, as in all below: what does not show or turns the
 * direction of text becomes a mark. */
void weir_drawing_title(struct weir_drawing *drawing, const char *text);

/* Each appends a shape: the pointer, good until the next, is for what is not among the arguments; never NULL. */
struct weir_drawing_shape *weir_drawing_append(struct weir_drawing *drawing, struct weir_drawing_shape shape);
struct weir_drawing_shape *weir_drawing_rect(struct weir_drawing *drawing, enum weir_ink ink, double x, double y,
                                             double width, double height);
struct weir_drawing_shape *weir_drawing_line(struct weir_drawing *drawing, enum weir_ink ink, double width,
                                             const struct weir_point *points, size_t count);
struct weir_drawing_shape *weir_drawing_segment(struct weir_drawing *drawing, enum weir_ink ink, double width,
                                                double x0, double y0, double x1, double y1);
struct weir_drawing_shape *weir_drawing_area(struct weir_drawing *drawing, enum weir_ink ink,
                                             const struct weir_point *points, size_t count);
struct weir_drawing_shape *weir_drawing_marks(struct weir_drawing *drawing, enum weir_ink ink, enum weir_mark mark,
                                              double width, const struct weir_point *points, size_t count);
/* Of a text that is wider than `most` the beginning, and dots. */
struct weir_drawing_shape *weir_drawing_text(struct weir_drawing *drawing, enum weir_ink ink, double x, double y,
                                             enum weir_anchor anchor, double most, const char *text, size_t length);
/* rgb[rows][columns][3], copied. */
struct weir_drawing_shape *weir_drawing_pixels(struct weir_drawing *drawing, double x, double y, double width,
                                               double height, const uint8_t *rgb, int columns, int rows);
/* What is said of the last shape. */
void weir_drawing_note(struct weir_drawing *drawing, const char *text, size_t length);

/* About how wide the text will be, drawn with letters of the size; exact in cells. */
double weir_drawing_text_width(const struct weir_drawing *drawing, const char *text, size_t length);

#endif
