#include "base/svg.h"
#include "base/base64.h"
#include "base/html.h"
#include "base/number.h"
#include <math.h>
#include <string.h>

/* ---- Colours -------------------------------------------------------------------------------------------------- */

/* What is filled with an ink is of the class f and its number, what is drawn with it of s and its number. */
static void append_inks(struct weir_buffer *out, bool dark)
{
    for (int ink = 0; ink < WEIR_INK_COUNT; ink++) {
        unsigned colour = weir_ink_colour((enum weir_ink)ink, dark);
        weir_buffer_format(out, ".plot .f%d{fill:#%06x}.plot .s%d{stroke:#%06x}", ink, colour, ink, colour);
    }
}

void weir_svg_rules(struct weir_buffer *out)
{
    weir_buffer_string(out, ".plot{display:block;width:100%;height:auto;max-width:60rem}\n"
                            ".plot text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans','DejaVu Sans',"
                            "sans-serif;font-variant-numeric:tabular-nums;white-space:pre}.plot .b{font-weight:600}"
                            ".plot image{image-rendering:pixelated}\n"
                            ".plot polyline,.plot .m{fill:none;stroke-linejoin:round;stroke-linecap:round}\n"
                            ".plot .d1{stroke-dasharray:7 4}.plot .d2{stroke-dasharray:1 4}"
                            ".plot .d3{stroke-dasharray:9 4 1 4}\n");
    append_inks(out, false);
    weir_buffer_string(out, "\n@media (prefers-color-scheme:dark){");
    append_inks(out, true);
    weir_buffer_string(out, "}\n@media print{");
    append_inks(out, false);
    weir_buffer_string(out, "}\n");
}

/* ---- Shapes --------------------------------------------------------------------------------------------------- */

/* Hundredths of a pixel; what is not finite has no place. */
static void append_length(struct weir_buffer *out, double value)
{
    char text[WEIR_NUMBER_SIZE];
    double rounded = isfinite(value) ? round(value * 100) / 100 + 0.0 : 0;
    weir_buffer_append(out, text, weir_format_double(rounded, text));
}

static void append_attribute(struct weir_buffer *out, const char *name, double value)
{
    weir_buffer_format(out, " %s=\"", name);
    append_length(out, value);
    weir_buffer_byte(out, '"');
}

static void append_place(struct weir_buffer *out, double x, double y)
{
    append_length(out, x);
    weir_buffer_byte(out, ' ');
    append_length(out, y);
}

static void append_box(struct weir_buffer *out, const struct weir_drawing_shape *shape)
{
    append_attribute(out, "x", shape->x);
    append_attribute(out, "y", shape->y);
    append_attribute(out, "width", shape->width);
    append_attribute(out, "height", shape->height);
}

/* The end of a start tag, the note, and the end tag. */
static void close_shape(struct weir_buffer *out, const struct weir_drawing *drawing,
                        const struct weir_drawing_shape *shape, const char *tag)
{
    if (shape->note_count == 0) {
        weir_buffer_string(out, "/>\n");
        return;
    }
    weir_buffer_string(out, "><title>");
    weir_html_escaped(out, drawing->bytes.bytes + shape->note, shape->note_count);
    weir_buffer_format(out, "</title></%s>\n", tag);
}

static void append_points(struct weir_buffer *out, const struct weir_drawing *drawing,
                          const struct weir_drawing_shape *shape)
{
    weir_buffer_string(out, " points=\"");
    for (size_t i = 0; i < shape->count; i++) {
        const struct weir_point *point = &drawing->points[shape->first + i];
        weir_buffer_string(out, i ? " " : "");
        append_place(out, point->x, point->y);
    }
    weir_buffer_byte(out, '"');
}

/* Marks are one path: a disc is a line of no length with round ends, the others are outlines. */
static void append_marks(struct weir_buffer *out, const struct weir_drawing *drawing,
                         const struct weir_drawing_shape *shape)
{
    double r = shape->width / 2;
    if (shape->mark == WEIR_MARK_DISC) {
        weir_buffer_format(out, "<path class=\"m s%d\"", (int)shape->ink);
        append_attribute(out, "stroke-width", shape->width);
        if (shape->opacity < 1)
            append_attribute(out, "stroke-opacity", shape->opacity);
    } else {
        weir_buffer_format(out, "<path class=\"f%d\"", (int)shape->ink);
        if (shape->opacity < 1)
            append_attribute(out, "fill-opacity", shape->opacity);
    }
    weir_buffer_string(out, " d=\"");
    for (size_t i = 0; i < shape->count; i++) {
        double x = drawing->points[shape->first + i].x, y = drawing->points[shape->first + i].y;
        weir_buffer_byte(out, 'M');
        switch (shape->mark) {
        case WEIR_MARK_DISC:
            append_place(out, x, y);
            weir_buffer_string(out, "h0");
            break;
        case WEIR_MARK_SQUARE:
            append_place(out, x - r * 0.9, y - r * 0.9);
            weir_buffer_byte(out, 'h');
            append_length(out, r * 1.8);
            weir_buffer_byte(out, 'v');
            append_length(out, r * 1.8);
            weir_buffer_byte(out, 'h');
            append_length(out, -r * 1.8);
            weir_buffer_byte(out, 'z');
            break;
        case WEIR_MARK_TRIANGLE:
            append_place(out, x, y - r * 1.15);
            weir_buffer_byte(out, 'l');
            append_place(out, r * 1.15, r * 2);
            weir_buffer_byte(out, 'h');
            append_length(out, -r * 2.3);
            weir_buffer_byte(out, 'z');
            break;
        default:
            append_place(out, x, y - r * 1.25);
            weir_buffer_byte(out, 'l');
            append_place(out, r * 1.25, r * 1.25);
            weir_buffer_byte(out, ' ');
            append_place(out, -r * 1.25, r * 1.25);
            weir_buffer_byte(out, ' ');
            append_place(out, -r * 1.25, -r * 1.25);
            weir_buffer_byte(out, 'z');
        }
    }
    weir_buffer_byte(out, '"');
    close_shape(out, drawing, shape, "path");
}

static void append_text(struct weir_buffer *out, const struct weir_drawing *drawing,
                        const struct weir_drawing_shape *shape)
{
    static const char *const anchors[] = { "", " text-anchor=\"middle\"", " text-anchor=\"end\"" };
    weir_buffer_format(out, "<text class=\"f%d%s\"%s", (int)shape->ink, shape->strong ? " b" : "",
                       anchors[shape->anchor]);
    append_attribute(out, "font-size", shape->height);
    append_attribute(out, "x", shape->x);
    append_attribute(out, "y", shape->y);
    if (shape->turned) {
        weir_buffer_string(out, " transform=\"rotate(-90 ");
        append_place(out, shape->x, shape->y);
        weir_buffer_string(out, ")\"");
    }
    weir_buffer_byte(out, '>');
    weir_html_escaped(out, drawing->bytes.bytes + shape->first, shape->count);
    if (shape->note_count) {
        weir_buffer_string(out, "<title>");
        weir_html_escaped(out, drawing->bytes.bytes + shape->note, shape->note_count);
        weir_buffer_string(out, "</title>");
    }
    weir_buffer_string(out, "</text>\n");
}

static void append_shape(struct weir_buffer *out, const struct weir_drawing *drawing,
                         const struct weir_drawing_shape *shape)
{
    switch (shape->kind) {
    case WEIR_SHAPE_RECT:
        weir_buffer_format(out, "<rect class=\"f%d\"", (int)shape->ink);
        append_box(out, shape);
        if (shape->opacity < 1)
            append_attribute(out, "fill-opacity", shape->opacity);
        close_shape(out, drawing, shape, "rect");
        break;
    case WEIR_SHAPE_LINE:
        weir_buffer_format(out, "<polyline class=\"s%d", (int)shape->ink);
        if (shape->dash)
            weir_buffer_format(out, " d%d", shape->dash);
        weir_buffer_byte(out, '"');
        append_attribute(out, "stroke-width", shape->width);
        append_points(out, drawing, shape);
        close_shape(out, drawing, shape, "polyline");
        break;
    case WEIR_SHAPE_AREA:
        weir_buffer_format(out, "<polygon class=\"f%d\"", (int)shape->ink);
        if (shape->opacity < 1)
            append_attribute(out, "fill-opacity", shape->opacity);
        append_points(out, drawing, shape);
        close_shape(out, drawing, shape, "polygon");
        break;
    case WEIR_SHAPE_MARKS:
        append_marks(out, drawing, shape);
        break;
    case WEIR_SHAPE_TEXT:
        append_text(out, drawing, shape);
        break;
    case WEIR_SHAPE_PIXELS:
        weir_buffer_string(out, "<image preserveAspectRatio=\"none\"");
        append_box(out, shape);
        weir_buffer_string(out, " href=\"data:image/png;base64,");
        weir_base64_encode(drawing->bytes.bytes + shape->png, shape->png_count, out);
        weir_buffer_byte(out, '"');
        close_shape(out, drawing, shape, "image");
        break;
    }
}

static int append_drawing(const struct weir_drawing *drawing, bool file, struct weir_buffer *out,
                          struct weir_error *error)
{
    if (weir_drawing_check(drawing, error))
        return -1;
    weir_buffer_string(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\"");
    if (file) {
        append_attribute(out, "width", drawing->width);
        append_attribute(out, "height", drawing->height);
    }
    weir_buffer_string(out, " viewBox=\"0 0 ");
    append_place(out, drawing->width, drawing->height);
    weir_buffer_string(out, "\"><title>");
    weir_html_escaped(out, drawing->title.bytes ? drawing->title.bytes : "plot",
                      drawing->title.bytes ? drawing->title.size : 4);
    weir_buffer_string(out, "</title>\n");
    if (file) {
        weir_buffer_string(out, "<style>\n");
        weir_svg_rules(out);
        weir_buffer_string(out, "</style>\n<rect class=\"f0\" width=\"100%\" height=\"100%\"/>\n");
    }
    for (size_t i = 0; i < drawing->shape_count; i++)
        append_shape(out, drawing, &drawing->shapes[i]);
    weir_buffer_string(out, "</svg>\n");
    return weir_buffer_check(out, error);
}

int weir_svg_inline(const struct weir_drawing *drawing, struct weir_buffer *out, struct weir_error *error)
{
    return append_drawing(drawing, false, out, error);
}

int weir_svg_file(const struct weir_drawing *drawing, struct weir_buffer *out, struct weir_error *error)
{
    weir_buffer_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    return append_drawing(drawing, true, out, error);
}
