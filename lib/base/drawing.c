#include "base/drawing.h"
#include "base/html.h"
#include "base/utf8.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Inks ----------------------------------------------------------------------------------------------------- */

/* Those of the series differ in lightness as well as in hue, so that they stay apart for people who confuse red and
 * green, and reach a contrast of 3 to 1 against their ground (WCAG 2.1, 1.4.11); text reaches 4.5 to 1. */
static const uint32_t colours[WEIR_INK_COUNT][2] = {
    [WEIR_INK_GROUND] = { 0xFFFFFF, 0x14171B },     [WEIR_INK_TEXT] = { 0x1B1F24, 0xE4E8EC },
    [WEIR_INK_QUIET] = { 0x57606A, 0xA0A9B3 },      [WEIR_INK_GRID] = { 0xD5DAE0, 0x3A424B },
    [WEIR_INK_SERIES] = { 0x0E60B2, 0x6D90F8 },     [WEIR_INK_SERIES + 1] = { 0xE15C0B, 0xF4A14D },
    [WEIR_INK_SERIES + 2] = { 0x2E2D6B, 0xE7E1FF }, [WEIR_INK_SERIES + 3] = { 0x1D838F, 0x36CEAD },
    [WEIR_INK_SERIES + 4] = { 0x8E1D55, 0xD1629D }, [WEIR_INK_SERIES + 5] = { 0x8B5012, 0xEADA47 },
    [WEIR_INK_SERIES + 6] = { 0x6F8A7C, 0x8F9478 }, [WEIR_INK_SERIES + 7] = { 0xB47FCF, 0xAE96DF },
};

uint32_t weir_ink_colour(enum weir_ink ink, bool dark)
{
    return colours[ink][dark];
}

enum weir_ink weir_ink_of_series(int i)
{
    return (enum weir_ink)(WEIR_INK_SERIES + i % WEIR_SERIES_INKS);
}

/* ---- The list ------------------------------------------------------------------------------------------------- */

void weir_drawing_init(struct weir_drawing *drawing, double width, double height, bool cells)
{
    *drawing = (struct weir_drawing){ .width = width, .height = height, .cells = cells };
    drawing->size = cells ? WEIR_CELL_HEIGHT : WEIR_DRAWING_LETTERS;
}

void weir_drawing_release(struct weir_drawing *drawing)
{
    weir_buffer_release(&drawing->title);
    weir_buffer_release(&drawing->bytes);
    free(drawing->shapes);
    free(drawing->points);
    *drawing = (struct weir_drawing){ 0 };
}

int weir_drawing_check(const struct weir_drawing *drawing, struct weir_error *error)
{
    return drawing->failed || drawing->bytes.failed || drawing->title.failed ? weir_fail_memory(error) : 0;
}

void weir_drawing_title(struct weir_drawing *drawing, const char *text)
{
    weir_buffer_clear(&drawing->title);
    weir_html_plain(&drawing->title, text, strlen(text));
}

/* Room for `needed` elements in *array. */
static int make_room(struct weir_drawing *drawing, void *array, size_t *capacity, size_t needed, size_t size)
{
    void *old;
    memcpy(&old, array, sizeof old);
    if (drawing->failed || weir_grow(&old, capacity, needed, size)) {
        drawing->failed = true;
        return -1;
    }
    memcpy(array, &old, sizeof old);
    return 0;
}

struct weir_drawing_shape *weir_drawing_append(struct weir_drawing *drawing, struct weir_drawing_shape shape)
{
    struct weir_drawing_shape *place = &drawing->spare;
    if (!make_room(drawing, &drawing->shapes, &drawing->shape_capacity, drawing->shape_count + 1, sizeof shape))
        place = &drawing->shapes[drawing->shape_count++];
    *place = shape;
    place->opacity = 1;
    return place;
}

static struct weir_drawing_shape *append_points(struct weir_drawing *drawing, struct weir_drawing_shape shape,
                                                const struct weir_point *points, size_t count)
{
    shape.first = drawing->point_count;
    if (!make_room(drawing, &drawing->points, &drawing->point_capacity, drawing->point_count + count, sizeof *points)) {
        shape.count = count;
        if (count)
            memcpy(drawing->points + drawing->point_count, points, count * sizeof *points);
        drawing->point_count += count;
    }
    return weir_drawing_append(drawing, shape);
}

struct weir_drawing_shape *weir_drawing_rect(struct weir_drawing *drawing, enum weir_ink ink, double x, double y,
                                             double width, double height)
{
    return weir_drawing_append(
        drawing, (struct weir_drawing_shape){
                     .kind = WEIR_SHAPE_RECT, .ink = ink, .x = x, .y = y, .width = width, .height = height });
}

struct weir_drawing_shape *weir_drawing_line(struct weir_drawing *drawing, enum weir_ink ink, double width,
                                             const struct weir_point *points, size_t count)
{
    return append_points(drawing, (struct weir_drawing_shape){ .kind = WEIR_SHAPE_LINE, .ink = ink, .width = width },
                         points, count);
}

struct weir_drawing_shape *weir_drawing_segment(struct weir_drawing *drawing, enum weir_ink ink, double width,
                                                double x0, double y0, double x1, double y1)
{
    return weir_drawing_line(drawing, ink, width, (const struct weir_point[]){ { x0, y0 }, { x1, y1 } }, 2);
}

struct weir_drawing_shape *weir_drawing_area(struct weir_drawing *drawing, enum weir_ink ink,
                                             const struct weir_point *points, size_t count)
{
    return append_points(drawing, (struct weir_drawing_shape){ .kind = WEIR_SHAPE_AREA, .ink = ink }, points, count);
}

struct weir_drawing_shape *weir_drawing_marks(struct weir_drawing *drawing, enum weir_ink ink, enum weir_mark mark,
                                              double width, const struct weir_point *points, size_t count)
{
    return append_points(
        drawing, (struct weir_drawing_shape){ .kind = WEIR_SHAPE_MARKS, .ink = ink, .mark = mark, .width = width },
        points, count);
}

void weir_drawing_note(struct weir_drawing *drawing, const char *text, size_t length)
{
    if (drawing->failed || drawing->shape_count == 0)
        return;
    struct weir_drawing_shape *last = &drawing->shapes[drawing->shape_count - 1];
    last->note = drawing->bytes.size;
    weir_html_plain(&drawing->bytes, text, length);
    last->note_count = drawing->bytes.size - last->note;
}

/* ---- Text ----------------------------------------------------------------------------------------------------- */

/* Letters of the common faces without serifs, as shares of their size; a little more than they are, so that what is
 * laid out by this has room. */
static double advance(const struct weir_drawing *drawing, uint32_t code)
{
    if (drawing->cells)
        return weir_utf8_columns(code) * WEIR_CELL_WIDTH;
    double share = code >= 0x80                              ? 0.62 * weir_utf8_columns(code)
                   : strchr(" .,:;!'|()[]iljtfI", (int)code) ? 0.34
                   : strchr("mwMW@%", (int)code)             ? 0.92
                   : code >= 'A' && code <= 'Z'              ? 0.70
                                                             : 0.58;
    return share * drawing->size;
}

static double measure(const struct weir_drawing *drawing, const char *text, size_t length, double most, size_t *fits)
{
    double width = 0;
    *fits = length;
    for (size_t i = 0; i < length;) {
        uint32_t code = '?';
        size_t bytes = weir_utf8_decode(text + i, length - i, &code);
        double more = advance(drawing, code);
        if (width + more > most) {
            *fits = i;
            return width;
        }
        width += more;
        i += bytes ? bytes : 1;
    }
    return width;
}

double weir_drawing_text_width(const struct weir_drawing *drawing, const char *text, size_t length)
{
    struct weir_buffer plain = { 0 };
    size_t fits;
    weir_html_plain(&plain, text, length);
    double width = plain.failed ? measure(drawing, text, length, INFINITY, &fits)
                                : measure(drawing, plain.bytes, plain.size, INFINITY, &fits);
    weir_buffer_release(&plain);
    return width;
}

struct weir_drawing_shape *weir_drawing_text(struct weir_drawing *drawing, enum weir_ink ink, double x, double y,
                                             enum weir_anchor anchor, double most, const char *text, size_t length)
{
    struct weir_buffer *bytes = &drawing->bytes;
    struct weir_drawing_shape shape = { .kind = WEIR_SHAPE_TEXT,
                                        .ink = ink,
                                        .x = x,
                                        .y = y,
                                        .height = drawing->size,
                                        .anchor = anchor,
                                        .first = bytes->size };
    size_t fits;
    weir_html_plain(bytes, text, length < 4096 ? length : weir_html_fit(text, length, 4096));
    if (!bytes->failed && bytes->size > shape.first) {
        const char *plain = bytes->bytes + shape.first;
        size_t whole = bytes->size - shape.first;
        measure(drawing, plain, whole, most, &fits);
        if (fits < whole) {
            measure(drawing, plain, whole, most - advance(drawing, 0x2026), &fits);
            bytes->size = shape.first + fits;
            weir_buffer_string(bytes, "\xE2\x80\xA6");
        }
    }
    shape.count = bytes->size - shape.first;
    return weir_drawing_append(drawing, shape);
}
