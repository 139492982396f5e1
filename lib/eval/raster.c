#include "base/utf8.h"
#include "eval/place_private.h"
#include "eval/raster_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 4, DISC = 20, FAR = 1 << 20 };

/* Each pixel has 4 by 4 samples, a bit each: what is filled twice is filled once. */
struct raster {
    const struct weir_drawing *drawing;
    bool dark;
    int width, height;
    double scale_x, scale_y;
    uint16_t *samples; /* [height][width]: of the shape under way */
    uint8_t *rgb;
    int left, top, right, bottom; /* where it has any */
    struct crossing {
        double x;
        int turn;
    } * crossings;
    size_t crossing_room;
    bool failed;
};

/* ---- Polygons ------------------------------------------------------------------------------------------------- */

static int compare_crossings(const void *left, const void *right)
{
    const struct crossing *a = left, *b = right;
    return (a->x > b->x) - (a->x < b->x);
}

/* The samples of one row of them between two places, in samples. */
static void fill_span(struct raster *raster, int row, double from, double to)
{
    int first = weir_place_within(ceil(from - 0.5), 0, raster->width * SAMPLES);
    int last = weir_place_within(ceil(to - 0.5), 0, raster->width * SAMPLES) - 1, y = row / SAMPLES;
    if (last < first)
        return;
    for (int x = first; x <= last; x++)
        raster->samples[(size_t)y * (size_t)raster->width + (size_t)(x / SAMPLES)] |=
            (uint16_t)(1u << (row % SAMPLES * SAMPLES + x % SAMPLES));
    raster->left = first / SAMPLES < raster->left ? first / SAMPLES : raster->left;
    raster->right = last / SAMPLES > raster->right ? last / SAMPLES : raster->right;
    raster->top = y < raster->top ? y : raster->top;
    raster->bottom = y > raster->bottom ? y : raster->bottom;
}

/* Corners in pixels; what winds around a sample at all takes it in. */
static void fill_polygon(struct raster *raster, const struct weir_point *corners, size_t count)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(corners[i].x) || !isfinite(corners[i].y))
            return;
        low = fmin(low, corners[i].y);
        high = fmax(high, corners[i].y);
    }
    int first = weir_place_within(ceil(low * SAMPLES - 0.5), 0, raster->height * SAMPLES);
    int last = weir_place_within(ceil(high * SAMPLES - 0.5), 0, raster->height * SAMPLES) - 1;
    void *room = raster->crossings;
    if (weir_grow(&room, &raster->crossing_room, count, sizeof *raster->crossings)) {
        raster->failed = true;
        return;
    }
    raster->crossings = room;
    for (int row = first; row <= last; row++) {
        double y = (row + 0.5) / SAMPLES;
        size_t found = 0;
        for (size_t i = 0; i < count; i++) {
            const struct weir_point *a = &corners[i], *b = &corners[i + 1 < count ? i + 1 : 0];
            if ((a->y <= y) == (b->y <= y))
                continue;
            double x = a->x + (y - a->y) / (b->y - a->y) * (b->x - a->x);
            raster->crossings[found++] = (struct crossing){ x * SAMPLES, a->y <= y ? 1 : -1 };
        }
        qsort(raster->crossings, found, sizeof *raster->crossings, compare_crossings);
        int winding = 0;
        for (size_t i = 0; i + 1 < found; i++) {
            winding += raster->crossings[i].turn;
            if (winding != 0)
                fill_span(raster, row, raster->crossings[i].x, raster->crossings[i + 1].x);
        }
    }
}

static void fill_disc(struct raster *raster, double x, double y, double radius)
{
    struct weir_point corners[DISC];
    for (int i = 0; i < DISC; i++)
        corners[i] = (struct weir_point){ x + radius * cos(2 * 3.14159265358979 * i / DISC),
                                          y + radius * sin(2 * 3.14159265358979 * i / DISC) };
    fill_polygon(raster, corners, DISC);
}

static void fill_segment(struct raster *raster, struct weir_point a, struct weir_point b, double width)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy);
    if (!(length > 0))
        return;
    double across = width / 2 / length;
    fill_polygon(raster,
                 (const struct weir_point[]){ { a.x - dy * across, a.y + dx * across },
                                              { b.x - dy * across, b.y + dx * across },
                                              { b.x + dy * across, b.y - dx * across },
                                              { a.x + dy * across, a.y - dx * across } },
                 4);
}

/* Lays the ink over what is there, where the shape has samples, and forgets them. */
static void pour(struct raster *raster, uint32_t colour, double opacity)
{
    for (int y = raster->top; y <= raster->bottom; y++)
        for (int x = raster->left; x <= raster->right; x++) {
            uint16_t *samples = &raster->samples[(size_t)y * (size_t)raster->width + (size_t)x];
            if (!*samples)
                continue;
            double share = __builtin_popcount(*samples) / 16.0 * opacity;
            uint8_t *to = raster->rgb + ((size_t)y * (size_t)raster->width + (size_t)x) * 3;
            for (int c = 0; c < 3; c++) {
                double ink = colour >> (16 - 8 * c) & 0xFF;
                to[c] = (uint8_t)(to[c] + (ink - to[c]) * share + 0.5);
            }
            *samples = 0;
        }
    raster->left = raster->top = INT32_MAX;
    raster->right = raster->bottom = -1;
}

/* ---- Shapes --------------------------------------------------------------------------------------------------- */

static struct weir_point place(const struct raster *raster, struct weir_point point)
{
    return (struct weir_point){ point.x * raster->scale_x, point.y * raster->scale_y };
}

static void raster_rect(struct raster *raster, double x, double y, double width, double height)
{
    double x0 = x * raster->scale_x, y0 = y * raster->scale_y, x1 = x0 + width * raster->scale_x,
           y1 = y0 + height * raster->scale_y;
    fill_polygon(raster, (const struct weir_point[]){ { x0, y0 }, { x1, y0 }, { x1, y1 }, { x0, y1 } }, 4);
}

/* One segment of a dashed line; *along: how far the line has come. */
static void raster_dashes(struct raster *raster, struct weir_point a, struct weir_point b, double width, int dash,
                          double *along)
{
    static const double patterns[][4] = { { 7, 4, 7, 4 }, { 2, 3, 2, 3 }, { 9, 4, 2, 4 } };
    const double *pattern = patterns[dash - 1];
    double length = hypot(b.x - a.x, b.y - a.y), whole = pattern[0] + pattern[1] + pattern[2] + pattern[3];
    for (double at = 0; at < length;) {
        double phase = fmod(*along, whole);
        int part = 0;
        while (part < 3 && phase >= pattern[part])
            phase -= pattern[part++];
        double next = fmin(at + fmax(pattern[part] - phase, 0.01), length);
        if (part % 2 == 0)
            fill_segment(
                raster, (struct weir_point){ a.x + (b.x - a.x) * at / length, a.y + (b.y - a.y) * at / length },
                (struct weir_point){ a.x + (b.x - a.x) * next / length, a.y + (b.y - a.y) * next / length }, width);
        *along += next - at;
        at = next;
    }
}

static void raster_line(struct raster *raster, const struct weir_drawing_shape *shape)
{
    const struct weir_point *points = raster->drawing->points + shape->first;
    double width = fmax(shape->width * (raster->scale_x + raster->scale_y) / 2, 1), along = 0;
    for (size_t i = 0; i + 1 < shape->count; i++) {
        struct weir_point a = place(raster, points[i]), b = place(raster, points[i + 1]);
        /* One that is longer than any picture would take for ever. */
        if (shape->dash && fabs(a.x) + fabs(a.y) + fabs(b.x) + fabs(b.y) < 1e6) {
            raster_dashes(raster, a, b, width, shape->dash, &along);
            continue;
        }
        fill_segment(raster, a, b, width);
        if (i > 0 && width > 1)
            fill_disc(raster, a.x, a.y, width / 2);
    }
}

static void raster_marks(struct raster *raster, const struct weir_drawing_shape *shape)
{
    double r = shape->width / 2 * (raster->scale_x + raster->scale_y) / 2;
    for (size_t i = 0; i < shape->count; i++) {
        struct weir_point p = place(raster, raster->drawing->points[shape->first + i]);
        switch (shape->mark) {
        case WEIR_MARK_SQUARE:
            fill_segment(raster, (struct weir_point){ p.x - r * 0.9, p.y }, (struct weir_point){ p.x + r * 0.9, p.y },
                         r * 1.8);
            break;
        case WEIR_MARK_TRIANGLE:
            fill_polygon(raster,
                         (const struct weir_point[]){ { p.x, p.y - r * 1.15 },
                                                      { p.x + r * 1.15, p.y + r * 0.85 },
                                                      { p.x - r * 1.15, p.y + r * 0.85 } },
                         3);
            break;
        case WEIR_MARK_DIAMOND:
            fill_polygon(raster,
                         (const struct weir_point[]){ { p.x, p.y - r * 1.25 },
                                                      { p.x + r * 1.25, p.y },
                                                      { p.x, p.y + r * 1.25 },
                                                      { p.x - r * 1.25, p.y } },
                         4);
            break;
        default:
            fill_disc(raster, p.x, p.y, r);
        }
    }
}

static void raster_area(struct raster *raster, const struct weir_drawing_shape *shape)
{
    struct weir_point *corners = weir_allocate(shape->count, sizeof *corners);
    if (!corners) {
        raster->failed = true;
        return;
    }
    for (size_t i = 0; i < shape->count; i++)
        corners[i] = place(raster, raster->drawing->points[shape->first + i]);
    fill_polygon(raster, corners, shape->count);
    free(corners);
}

/* ---- Text ----------------------------------------------------------------------------------------------------- */

enum { BASE = 6 }; /* row of the base line */

struct writing {
    double x, y, across, down; /* the begin of the base line, and the size of a letter's column and row */
    double width;              /* of a stroke */
    bool turned;
};

static struct weir_point letter_place(const struct writing *writing, double column, double row)
{
    double x = column * writing->across, y = (row - BASE) * writing->down;
    return writing->turned ? (struct weir_point){ writing->x + y, writing->y - x }
                           : (struct weir_point){ writing->x + x, writing->y + y };
}

static void raster_letter(struct raster *raster, const struct writing *writing, const char *strokes, double column)
{
    struct weir_point before = { 0 };
    bool begun = false;
    for (const char *at = strokes; *at; at += at[0] == ' ' ? 1 : 2) {
        if (at[0] == ' ') {
            begun = false;
            continue;
        }
        struct weir_point here = letter_place(writing, column + (at[0] - '0'), at[1] - '0');
        if (begun)
            fill_segment(raster, before, here, writing->width);
        fill_disc(raster, here.x, here.y, writing->width / 2);
        before = here;
        begun = true;
    }
}

static double text_columns(const char *text, size_t length)
{
    double columns = 0;
    for (size_t i = 0, width; i < length; i += width) {
        int advance;
        weir_letter_strokes(weir_utf8_next(text + i, &width), &advance);
        columns += advance;
    }
    return columns;
}

static void raster_text(struct raster *raster, const struct weir_drawing_shape *shape)
{
    const char *text = raster->drawing->bytes.bytes + shape->first;
    double size = shape->height * raster->scale_y;
    struct writing writing = { .x = shape->x * raster->scale_x,
                               .y = shape->y * raster->scale_y,
                               .across = size * 0.096,
                               .down = size * 0.118,
                               .width = fmax(size * (shape->strong ? 0.13 : 0.09), 1),
                               .turned = shape->turned };
    double column = 0, columns = text_columns(text, shape->count);
    column -= shape->anchor == WEIR_ANCHOR_MIDDLE ? columns / 2 : shape->anchor == WEIR_ANCHOR_END ? columns : 0;
    for (size_t i = 0, width; i < shape->count; i += width) {
        int advance;
        const char *strokes = weir_letter_strokes(weir_utf8_next(text + i, &width), &advance);
        raster_letter(raster, &writing, strokes, column);
        column += advance;
    }
}

/* ---- Pictures within ------------------------------------------------------------------------------------------ */

static void raster_pixels(struct raster *raster, const struct weir_drawing_shape *shape)
{
    const uint8_t *from = (const uint8_t *)raster->drawing->bytes.bytes + shape->first;
    int left = weir_place_within(shape->x * raster->scale_x + 0.5, -FAR, FAR);
    int top = weir_place_within(shape->y * raster->scale_y + 0.5, -FAR, FAR);
    int right = weir_place_within((shape->x + shape->width) * raster->scale_x + 0.5, -FAR, FAR);
    int bottom = weir_place_within((shape->y + shape->height) * raster->scale_y + 0.5, -FAR, FAR);
    for (int y = top < 0 ? 0 : top; y < bottom && y < raster->height; y++)
        for (int x = left < 0 ? 0 : left; x < right && x < raster->width; x++) {
            size_t row = (size_t)((int64_t)(y - top) * shape->rows / (bottom - top));
            size_t column = (size_t)((int64_t)(x - left) * shape->columns / (right - left));
            memcpy(raster->rgb + ((size_t)y * (size_t)raster->width + (size_t)x) * 3,
                   from + (row * (size_t)shape->columns + column) * 3, 3);
        }
}

static void raster_shape(struct raster *raster, const struct weir_drawing_shape *shape)
{
    switch (shape->kind) {
    case WEIR_SHAPE_RECT:
        raster_rect(raster, shape->x, shape->y, shape->width, shape->height);
        break;
    case WEIR_SHAPE_LINE:
        raster_line(raster, shape);
        break;
    case WEIR_SHAPE_AREA:
        raster_area(raster, shape);
        break;
    case WEIR_SHAPE_MARKS:
        raster_marks(raster, shape);
        break;
    case WEIR_SHAPE_TEXT:
        raster_text(raster, shape);
        break;
    case WEIR_SHAPE_PIXELS:
        raster_pixels(raster, shape);
        break;
    }
    pour(raster, weir_ink_colour(shape->ink, raster->dark), shape->opacity);
}

int weir_raster(const struct weir_drawing *drawing, bool dark, int width, int height, uint8_t **rgb,
                struct weir_error *error)
{
    size_t pixels = (size_t)width * (size_t)height;
    uint32_t ground = weir_ink_colour(WEIR_INK_GROUND, dark);
    struct raster raster = { .drawing = drawing,
                             .dark = dark,
                             .width = width,
                             .height = height,
                             .scale_x = width / drawing->width,
                             .scale_y = height / drawing->height,
                             .samples = weir_allocate_zero(pixels, sizeof *raster.samples),
                             .rgb = weir_allocate(pixels, 3),
                             .left = INT32_MAX,
                             .top = INT32_MAX,
                             .right = -1,
                             .bottom = -1 };
    raster.failed = !raster.samples || !raster.rgb || drawing->failed || drawing->bytes.failed;
    for (size_t i = 0; i < pixels && !raster.failed; i++)
        for (size_t c = 0; c < 3; c++)
            raster.rgb[i * 3 + c] = (uint8_t)(ground >> (16 - 8 * c));
    for (size_t i = 0; i < drawing->shape_count && !raster.failed; i++)
        raster_shape(&raster, &drawing->shapes[i]);
    free(raster.samples);
    free(raster.crossings);
    if (raster.failed) {
        free(raster.rgb);
        return weir_fail_memory(error);
    }
    *rgb = raster.rgb;
    return 0;
}
