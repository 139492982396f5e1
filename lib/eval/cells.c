#include "base/utf8.h"
#include "eval/cells_private.h"
#include "eval/place_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cell has 2 by 4 dots, as a character of braille has. */
enum { ACROSS = 2, DOWN = 4, MARKS = 4, DOT_WIDTH = WEIR_CELL_WIDTH / ACROSS, DOT_HEIGHT = WEIR_CELL_HEIGHT / DOWN };

struct cell {
    uint32_t code;         /* a character; 0: the dots */
    uint32_t marks[MARKS]; /* what combines with it; 0: no more */
    bool covered;          /* by the right half of the wide character before */
    uint8_t dots, solid;   /* bit row * 2 + column; of lines and marks, and of what is filled */
    bool has_ground, has_pixels, strong;
    enum weir_ink ink;
    uint32_t ground;       /* 0xRRGGBB */
    uint32_t above, below; /* pixels: of the upper and the lower half */
};

struct cells {
    const struct weir_drawing *drawing;
    int columns, rows;
    struct cell *items; /* [rows][columns] */
};

static struct cell *cell_at(const struct cells *cells, int column, int row)
{
    if (column < 0 || row < 0 || column >= cells->columns || row >= cells->rows)
        return NULL;
    return &cells->items[(size_t)row * (size_t)cells->columns + (size_t)column];
}

/* ---- Shapes --------------------------------------------------------------------------------------------------- */

static void set_dot(const struct cells *cells, int x, int y, enum weir_ink ink, bool solid)
{
    struct cell *cell = x < 0 || y < 0 ? NULL : cell_at(cells, x / ACROSS, y / DOWN);
    if (!cell)
        return;
    uint8_t bit = (uint8_t)(1u << (y % DOWN * ACROSS + x % ACROSS));
    cell->code = cell->marks[0] = 0;
    cell->dots = (uint8_t)(solid ? cell->dots & ~bit : cell->dots | bit);
    cell->solid |= solid ? bit : 0;
    cell->ink = ink;
}

/* The dot, or cell, of a size in which the place lies; what is at the far end lies in the last. */
static int dot_of(double place, int size, int dots)
{
    return weir_place_within(floor(place / size), -1, dots - 1);
}

static void put_line(const struct cells *cells, const struct weir_drawing_shape *shape)
{
    const struct weir_point *points = cells->drawing->points + shape->first;
    int along = 0;
    for (size_t i = 0; i + 1 < shape->count; i++) {
        int x = dot_of(points[i].x, DOT_WIDTH, cells->columns * ACROSS);
        int y = dot_of(points[i].y, DOT_HEIGHT, cells->rows * DOWN);
        int x1 = dot_of(points[i + 1].x, DOT_WIDTH, cells->columns * ACROSS);
        int y1 = dot_of(points[i + 1].y, DOT_HEIGHT, cells->rows * DOWN);
        int steps = abs(x1 - x) > abs(y1 - y) ? abs(x1 - x) : abs(y1 - y);
        for (int s = 0; s <= steps; s++, along++)
            if (shape->dash == 0 || along % 4 < 2)
                set_dot(cells, x + (int)lround((double)(x1 - x) * s / (steps ? steps : 1)),
                        y + (int)lround((double)(y1 - y) * s / (steps ? steps : 1)), shape->ink, false);
    }
}

static uint32_t blend(uint32_t ink, uint32_t ground, double share)
{
    uint32_t colour = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        double a = ink >> shift & 0xFF, b = ground >> shift & 0xFF;
        colour |= (uint32_t)(b + (a - b) * share + 0.5) << shift;
    }
    return colour;
}

/* What covers fully becomes blocks; what is a tint, the ground of the characters upon it. */
static void put_rect(const struct cells *cells, const struct weir_drawing_shape *shape)
{
    double right = shape->x + shape->width, bottom = shape->y + shape->height;
    if (shape->opacity < 1) {
        int first = weir_place_within(ceil(shape->x / WEIR_CELL_WIDTH - 0.5), 0, cells->columns);
        int end = weir_place_within(ceil(right / WEIR_CELL_WIDTH - 0.5), 0, cells->columns);
        int end_row = weir_place_within(ceil(bottom / WEIR_CELL_HEIGHT - 0.5), 0, cells->rows);
        for (int row = weir_place_within(ceil(shape->y / WEIR_CELL_HEIGHT - 0.5), 0, cells->rows); row < end_row; row++)
            for (int column = first; column < end; column++) {
                struct cell *cell = cell_at(cells, column, row);
                uint32_t before = cell->has_ground ? cell->ground : weir_ink_colour(WEIR_INK_GROUND, false);
                cell->ground = blend(weir_ink_colour(shape->ink, false), before, shape->opacity);
                cell->has_ground = true;
            }
        return;
    }
    int first = weir_place_within(ceil(shape->x / DOT_WIDTH - 0.5), 0, cells->columns * ACROSS);
    int end = weir_place_within(ceil(right / DOT_WIDTH - 0.5), 0, cells->columns * ACROSS);
    int above = weir_place_within(ceil(shape->y / DOT_HEIGHT - 0.5), 0, cells->rows * DOWN);
    int below = weir_place_within(ceil(bottom / DOT_HEIGHT - 0.5), 0, cells->rows * DOWN);
    if (below == above && shape->height > 0) /* a single row is seen beside a million */
        above--;
    for (int y = above; y < below; y++)
        for (int x = first; x < end; x++)
            set_dot(cells, x, y, shape->ink, true);
}

static void put_code(const struct cells *cells, int column, int row, uint32_t code, enum weir_ink ink, bool strong)
{
    struct cell *cell = cell_at(cells, column, row);
    if (!cell)
        return;
    if (cell->solid == 0xFF && !cell->has_ground) {
        cell->ground = weir_ink_colour(cell->ink, false);
        cell->has_ground = true;
    }
    cell->code = code;
    memset(cell->marks, 0, sizeof cell->marks);
    cell->ink = ink;
    cell->strong = strong;
}

/* What combines with the character before it; of more than have room the first. */
static void put_combining(const struct cells *cells, int column, int row, uint32_t code)
{
    struct cell *cell = cell_at(cells, column, row);
    if (!cell || !cell->code)
        return;
    for (int i = 0; i < MARKS; i++)
        if (!cell->marks[i]) {
            cell->marks[i] = code;
            return;
        }
}

static void put_marks(const struct cells *cells, const struct weir_drawing_shape *shape)
{
    static const uint32_t codes[] = { 0x25CF, 0x25A0, 0x25B2, 0x25C6 };
    for (size_t i = 0; i < shape->count; i++) {
        struct weir_point point = cells->drawing->points[shape->first + i];
        if (shape->width > 6)
            put_code(cells, dot_of(point.x, WEIR_CELL_WIDTH, cells->columns),
                     dot_of(point.y, WEIR_CELL_HEIGHT, cells->rows), codes[shape->mark], shape->ink, false);
        else
            set_dot(cells, dot_of(point.x, DOT_WIDTH, cells->columns * ACROSS),
                    dot_of(point.y, DOT_HEIGHT, cells->rows * DOWN), shape->ink, false);
    }
}

static void put_text(const struct cells *cells, const struct weir_drawing_shape *shape)
{
    const char *text = cells->drawing->bytes.bytes + shape->first;
    size_t bytes;
    double width = weir_drawing_text_width(cells->drawing, text, shape->count);
    double x = shape->x - (shape->anchor == WEIR_ANCHOR_MIDDLE ? width / 2
                           : shape->anchor == WEIR_ANCHOR_END  ? width
                                                               : 0);
    int column = weir_place_within(floor(x / WEIR_CELL_WIDTH + 0.5), 0, cells->columns);
    int row = weir_place_within(floor((shape->y - 1) / WEIR_CELL_HEIGHT), 0, cells->rows - 1), before = -1;
    for (size_t i = 0; i < shape->count; i += bytes) {
        uint32_t code = weir_utf8_next(text + i, &bytes);
        int columns = weir_utf8_columns(code);
        if (columns == 0) {
            put_combining(cells, before, row, code);
            continue;
        }
        put_code(cells, column, row, code, shape->ink, shape->strong);
        struct cell *covered = columns == 2 ? cell_at(cells, column + 1, row) : NULL;
        if (covered) {
            put_code(cells, column + 1, row, ' ', shape->ink, false);
            covered->covered = true;
        }
        before = column;
        column += columns;
    }
}

/* A pixel for each half of a cell. */
static void put_pixels(const struct cells *cells, const struct weir_drawing_shape *shape)
{
    const uint8_t *from = (const uint8_t *)cells->drawing->bytes.bytes + shape->first;
    int left = weir_place_within(shape->x / WEIR_CELL_WIDTH + 0.5, 0, cells->columns);
    int top = weir_place_within(shape->y / (WEIR_CELL_HEIGHT / 2) + 0.5, 0, cells->rows * 2);
    int columns = weir_place_within(shape->width / WEIR_CELL_WIDTH + 0.5, 0, cells->columns);
    int halves = weir_place_within(shape->height / (WEIR_CELL_HEIGHT / 2) + 0.5, 0, cells->rows * 2);
    for (int y = 0; y < halves; y++)
        for (int x = 0; x < columns; x++) {
            struct cell *cell = cell_at(cells, left + x, (top + y) / 2);
            if (!cell)
                continue;
            const uint8_t *rgb = from + ((size_t)(y * shape->rows / halves) * (size_t)shape->columns +
                                         (size_t)(x * shape->columns / columns)) *
                                            3;
            uint32_t colour = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
            if (!cell->has_pixels)
                cell->above = cell->below = colour;
            cell->has_pixels = true;
            *((top + y) % 2 ? &cell->below : &cell->above) = colour;
        }
}

static void put_shape(const struct cells *cells, const struct weir_drawing_shape *shape)
{
    switch (shape->kind) {
    case WEIR_SHAPE_RECT:
        put_rect(cells, shape);
        break;
    case WEIR_SHAPE_LINE:
        put_line(cells, shape);
        break;
    case WEIR_SHAPE_AREA: /* its outline is a line of its own */
        break;
    case WEIR_SHAPE_MARKS:
        put_marks(cells, shape);
        break;
    case WEIR_SHAPE_TEXT:
        put_text(cells, shape);
        break;
    case WEIR_SHAPE_PIXELS:
        put_pixels(cells, shape);
        break;
    }
}

/* ---- Characters ----------------------------------------------------------------------------------------------- */

/* Dots as one character: blocks for what is filled from below, else braille. */
static uint32_t code_of_dots(const struct cell *cell)
{
    static const uint8_t braille[] = { 0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80 };
    static const struct {
        uint8_t dots;
        uint32_t code;
    } blocks[] = { { 0xFF, 0x2588 }, { 0xFC, 0x2586 }, { 0xF0, 0x2584 }, { 0xC0, 0x2582 },
                   { 0x55, 0x258C }, { 0xAA, 0x2590 }, { 0x54, 0x2596 }, { 0xA8, 0x2597 } };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks && !cell->dots; i++)
        if (cell->solid == blocks[i].dots)
            return blocks[i].code;
    uint32_t code = 0x2800;
    for (int bit = 0; bit < 8; bit++)
        if ((cell->dots | cell->solid) >> bit & 1)
            code |= braille[bit];
    return code == 0x2800 ? ' ' : code;
}

/* Grey as a character, where there are no colours. */
static uint32_t code_of_grey(uint32_t above, uint32_t below)
{
    static const uint32_t codes[] = { ' ', 0x2591, 0x2592, 0x2593, 0x2588 };
    uint32_t sum = 0;
    for (int shift = 0; shift <= 16; shift += 8)
        sum += (above >> shift & 0xFF) + (below >> shift & 0xFF);
    return codes[sum / 6 * 5 / 256];
}

static void append_code(struct weir_buffer *out, uint32_t code)
{
    char bytes[4];
    weir_buffer_append(out, bytes, weir_utf8_encode(code, bytes));
}

static void append_colour(struct weir_buffer *out, uint32_t colour, int colours, bool ground)
{
    unsigned r = colour >> 16 & 0xFF, g = colour >> 8 & 0xFF, b = colour & 0xFF;
    if (colours > 256)
        weir_buffer_format(out, ";%d;2;%u;%u;%u", ground ? 48 : 38, r, g, b);
    else
        weir_buffer_format(out, ";%d;5;%u", ground ? 48 : 38,
                           16 + 36 * ((r * 5 + 127) / 255) + 6 * ((g * 5 + 127) / 255) + (b * 5 + 127) / 255);
}

/* The shade that is read on a light terminal and on a dark one. */
static uint32_t middle_shade(enum weir_ink ink)
{
    return blend(weir_ink_colour(ink, false), weir_ink_colour(ink, true), 0.5);
}

static void append_style(struct weir_buffer *out, const struct cell *cell, int colours)
{
    weir_buffer_string(out, "\x1b[0");
    if (cell->strong)
        weir_buffer_string(out, ";1");
    if (cell->has_pixels && !cell->code) {
        append_colour(out, cell->above, colours, false);
        append_colour(out, cell->below, colours, true);
    } else if (cell->has_ground) {
        append_colour(out, weir_ink_colour(cell->ink, false), colours, false);
        append_colour(out, cell->ground, colours, true);
    } else if (cell->ink != WEIR_INK_TEXT && cell->ink != WEIR_INK_GROUND)
        append_colour(out, middle_shade(cell->ink), colours, false);
    weir_buffer_byte(out, 'm');
}

static uint32_t code_of(const struct cell *cell, int colours)
{
    if (cell->code)
        return cell->code;
    if (cell->has_pixels)
        return colours ? 0x2580 : code_of_grey(cell->above, cell->below);
    return code_of_dots(cell);
}

static void append_row(const struct cells *cells, int row, int colours, struct weir_buffer *out)
{
    int end = cells->columns;
    struct weir_buffer before = { 0 }, style = { 0 };
    while (end > 0) {
        const struct cell *cell = cell_at(cells, end - 1, row);
        if (code_of(cell, colours) != ' ' || (colours && (cell->has_ground || cell->has_pixels)))
            break;
        end--;
    }
    for (int column = 0; column < end; column++) {
        const struct cell *cell = cell_at(cells, column, row);
        if (cell->covered && cell->code == ' ')
            continue;
        if (colours) {
            weir_buffer_clear(&style);
            append_style(&style, cell, colours);
            if (!style.failed && (before.size != style.size || memcmp(before.bytes, style.bytes, style.size) != 0)) {
                weir_buffer_append(out, style.bytes, style.size);
                weir_buffer_clear(&before);
                weir_buffer_append(&before, style.bytes, style.size);
            }
        }
        append_code(out, code_of(cell, colours));
        for (int i = 0; i < MARKS && cell->code && cell->marks[i]; i++)
            append_code(out, cell->marks[i]);
    }
    weir_buffer_string(out, colours && end ? "\x1b[0m\n" : "\n");
    out->failed |= before.failed || style.failed;
    weir_buffer_release(&before);
    weir_buffer_release(&style);
}

int weir_cells_write(const struct weir_drawing *drawing, int colours, struct weir_buffer *out, struct weir_error *error)
{
    struct cells cells = { .drawing = drawing,
                           .columns = (int)(drawing->width / WEIR_CELL_WIDTH),
                           .rows = (int)(drawing->height / WEIR_CELL_HEIGHT) };
    if (weir_drawing_check(drawing, error))
        return -1;
    cells.items = weir_allocate_zero((size_t)cells.columns * (size_t)cells.rows, sizeof *cells.items);
    if (!cells.items)
        return weir_fail_memory(error);
    for (size_t i = 0; i < (size_t)cells.columns * (size_t)cells.rows; i++)
        cells.items[i].ink = WEIR_INK_TEXT;
    for (size_t i = 0; i < drawing->shape_count; i++)
        put_shape(&cells, &drawing->shapes[i]);
    for (int row = 0; row < cells.rows; row++)
        append_row(&cells, row, colours, out);
    free(cells.items);
    return weir_buffer_check(out, error);
}
