/* Drawings as pixels, as characters and as what terminals take: coverage against a plain count of samples, sixels and
 * base64 decoded again. */
#include "check.h"
#include "eval/cells_private.h"
#include "eval/raster_private.h"
#include "eval/rendering.h"
#include "eval/sixel_private.h"
#include <stdlib.h>

/* ---- Pixels ----------------------------------------------------------------------------------------------------- */

static uint8_t *raster(const struct weir_drawing *drawing, int width, int height)
{
    uint8_t *rgb = NULL;
    CHECK_INT(weir_raster(drawing, false, width, height, &rgb, NULL), 0);
    return rgb;
}

/* How dark the picture is where ink of the text's lies on white: the sum over pixels of its share. */
static double covered(const uint8_t *rgb, int pixels)
{
    double ink = weir_ink_colour(WEIR_INK_TEXT, false) >> 16 & 0xFF, sum = 0;
    for (int i = 0; i < pixels; i++)
        sum += (255.0 - rgb[3 * i]) / (255 - ink);
    return sum;
}

static void test_areas(void)
{
    struct weir_drawing drawing;
    weir_drawing_init(&drawing, 40, 40, false);
    weir_drawing_rect(&drawing, WEIR_INK_TEXT, 3, 4, 10.5, 6.25);
    uint8_t *rgb = raster(&drawing, 40, 40);
    CHECK_NEAR(covered(rgb, 1600), 10.5 * 6.25, 0.5);
    CHECK_INT(rgb[3 * (4 * 40 + 3)], weir_ink_colour(WEIR_INK_TEXT, false) >> 16 & 0xFF);
    CHECK_INT(rgb[3 * (4 * 40 + 2)], 255);
    free(rgb);
    weir_drawing_release(&drawing);

    weir_drawing_init(&drawing, 40, 40, false);
    weir_drawing_marks(&drawing, WEIR_INK_TEXT, WEIR_MARK_DISC, 20, (struct weir_point[]){ { 20, 20 } }, 1);
    rgb = raster(&drawing, 40, 40);
    CHECK_NEAR(covered(rgb, 1600), 3.14159265 * 100, 8);
    free(rgb);
    rgb = raster(&drawing, 80, 80); /* twice as large */
    CHECK_NEAR(covered(rgb, 6400), 3.14159265 * 400, 24);
    free(rgb);
    weir_drawing_release(&drawing);

    /* What crosses itself or is filled twice is filled once. */
    weir_drawing_init(&drawing, 40, 40, false);
    weir_drawing_line(&drawing, WEIR_INK_TEXT, 4, (struct weir_point[]){ { 5, 20 }, { 35, 20 }, { 5, 20 } }, 3);
    rgb = raster(&drawing, 40, 40);
    CHECK_NEAR(covered(rgb, 1600), 30 * 4 + 6, 3); /* half a round end */
    free(rgb);
    weir_drawing_release(&drawing);

    weir_drawing_init(&drawing, 40, 40, false);
    weir_drawing_area(&drawing, WEIR_INK_TEXT, (struct weir_point[]){ { 0, 0 }, { 40, 0 }, { 0, 40 } }, 3)->opacity =
        0.5;
    rgb = raster(&drawing, 40, 40);
    CHECK_NEAR(covered(rgb, 1600), 400, 10);
    free(rgb);
    weir_drawing_release(&drawing);
}

/* Nothing that lies beyond, is no number or is huge writes outside the picture. */
static void test_beyond(void)
{
    static const double places[] = { -1e300, -5, 0, 39.9, 45, 1e9, 1e300, INFINITY, NAN };
    const int count = sizeof places / sizeof *places;
    for (int a = 0; a < count; a++)
        for (int b = 0; b < count; b++) {
            struct weir_drawing drawing;
            weir_drawing_init(&drawing, 40, 40, false);
            struct weir_point points[] = { { places[a], places[b] }, { places[b], 3 }, { 7, places[a] } };
            weir_drawing_rect(&drawing, WEIR_INK_TEXT, places[a], places[b], 9, 9);
            weir_drawing_line(&drawing, WEIR_INK_TEXT, 2, points, 3);
            weir_drawing_area(&drawing, WEIR_INK_TEXT, points, 3);
            weir_drawing_marks(&drawing, WEIR_INK_TEXT, WEIR_MARK_TRIANGLE, 5, points, 3);
            weir_drawing_text(&drawing, WEIR_INK_TEXT, places[a], places[b], WEIR_ANCHOR_MIDDLE, 100, "Ab", 2);
            weir_drawing_pixels(&drawing, places[a], places[b], 9, 9, (const uint8_t[]){ 1, 2, 3 }, 1, 1);
            free(raster(&drawing, 40, 40));
            struct weir_buffer text = { 0 };
            drawing.cells = true;
            CHECK_INT(weir_cells_write(&drawing, 256, &text, NULL), 0);
            weir_buffer_release(&text);
            weir_drawing_release(&drawing);
        }
}

/* Every letter of ASCII has strokes, none like another's, and all within the grid. */
static void test_letters(void)
{
    int advance;
    for (uint32_t a = '!'; a <= '~'; a++) {
        const char *strokes = weir_letter_strokes(a, &advance);
        CHECK(advance >= 2 && advance <= 6);
        for (const char *at = strokes; *at; at += *at == ' ' ? 1 : 2)
            CHECK(*at == ' ' || (at[0] >= '0' && at[0] <= '4' && at[1] >= '0' && at[1] <= '8'));
        for (uint32_t b = '!'; b < a; b++)
            CHECK(strcmp(strokes, weir_letter_strokes(b, &advance)) != 0);
    }
    CHECK(weir_letter_strokes(0xC9, &advance) == weir_letter_strokes('E', &advance));
    CHECK_TEXT(weir_letter_strokes(0x4E2D, &advance), "0040460600");
    CHECK_TEXT(weir_letter_strokes(0x0301, &advance), "");
    CHECK_INT(advance, 0);
    CHECK(strcmp(weir_letter_strokes(0x2423, &advance), "0040460600") != 0);
}

/* ---- Characters ---------------------------------------------------------------------------------------------------
 */

static void cells_are(const struct weir_drawing *drawing, int colours, const char *wanted)
{
    struct weir_buffer out = { 0 };
    CHECK_INT(weir_cells_write(drawing, colours, &out, NULL), 0);
    CHECK_TEXT(out.bytes, wanted);
    weir_buffer_release(&out);
}

static void test_cells(void)
{
    struct weir_drawing drawing;
    weir_drawing_init(&drawing, 5 * WEIR_CELL_WIDTH, 2 * WEIR_CELL_HEIGHT, true);
    cells_are(&drawing, 0, "\n\n");
    weir_drawing_text(&drawing, WEIR_INK_TEXT, 16, 12, WEIR_ANCHOR_END, 100, "ab", 2);
    weir_drawing_text(&drawing, WEIR_INK_TEXT, 16, 12, WEIR_ANCHOR_START, 100,
                      "\xE4\xBD\xA0"
                      "c",
                      4);
    cells_are(&drawing, 0,
              "ab\xE4\xBD\xA0"
              "c\n\n");
    /* Marks stand in the cell of their letter, the fifth finds no room, and go with it. */
    weir_drawing_text(&drawing, WEIR_INK_TEXT, 0, 28, WEIR_ANCHOR_START, 100,
                      "a\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85"
                      "b\xCC\x81",
                      14);
    cells_are(&drawing, 0,
              "ab\xE4\xBD\xA0"
              "c\na\xCC\x81\xCC\x82\xCC\x83\xCC\x84"
              "b\xCC\x81\n");
    weir_drawing_text(&drawing, WEIR_INK_TEXT, 0, 28, WEIR_ANCHOR_START, 100, "    ", 4);
    weir_drawing_text(&drawing, WEIR_INK_TEXT, 0, 28, WEIR_ANCHOR_START, 100, "\xCC\x81", 2); /* without a letter */
    cells_are(&drawing, 0,
              "ab\xE4\xBD\xA0"
              "c\n\xE2\x90\xA3\xE2\x90\xA3\xE2\x90\xA3\xE2\x90\xA3\n");
    weir_drawing_release(&drawing);
    weir_drawing_init(&drawing, 5 * WEIR_CELL_WIDTH, 2 * WEIR_CELL_HEIGHT, true);
    weir_drawing_text(&drawing, WEIR_INK_TEXT, 0, 12, WEIR_ANCHOR_START, 100,
                      "ab\xE4\xBD\xA0"
                      "c",
                      6);
    weir_drawing_rect(&drawing, WEIR_INK_SERIES, 8, 24, 8, 8);          /* the lower half of a cell */
    weir_drawing_rect(&drawing, WEIR_INK_SERIES, 16, 16, 8, 16);        /* a whole one */
    weir_drawing_segment(&drawing, WEIR_INK_SERIES, 1, 24, 16, 24, 31); /* a column of dots */
    cells_are(&drawing, 0,
              "ab\xE4\xBD\xA0"
              "c\n \xE2\x96\x84\xE2\x96\x88\xE2\xA1\x87\n");
    weir_drawing_release(&drawing);
    weir_drawing_init(&drawing, WEIR_CELL_WIDTH, WEIR_CELL_HEIGHT, true);
    weir_drawing_pixels(&drawing, 0, 0, 8, 16, (const uint8_t[]){ 255, 255, 255, 0, 0, 0 }, 1, 2);
    cells_are(&drawing, 1 << 24, "\x1b[0;38;2;255;255;255;48;2;0;0;0m\xE2\x96\x80\x1b[0m\n");
    cells_are(&drawing, 256, "\x1b[0;38;5;231;48;5;16m\xE2\x96\x80\x1b[0m\n");
    cells_are(&drawing, 0, "\xE2\x96\x92\n");
    weir_drawing_release(&drawing);
}

/* ---- Terminals ----------------------------------------------------------------------------------------------------
 */

/* Reads sixels again; -1: not so many columns and rows. */
static int read_sixels(const char *text, int columns, int rows, uint8_t *rgb)
{
    int palette[256][3], colour = 0, x = 0, band = 0, wide, high;
    if (sscanf(text, "\x1bPq\"1;1;%d;%d", &wide, &high) != 2 || wide != columns || high != rows)
        return -1;
    for (const char *at = strchr(text, '#'); *at != '\x1b';) {
        int number, r, g, b, used = 0, repeat = 1;
        if (sscanf(at, "#%d;2;%d;%d;%d%n", &number, &r, &g, &b, &used) == 4) {
            palette[number][0] = r;
            palette[number][1] = g;
            palette[number][2] = b;
            at += used;
        } else if (sscanf(at, "#%d%n", &colour, &used) == 1) {
            at += used;
        } else if (*at == '$') {
            x = 0;
            at++;
        } else if (*at == '-') {
            x = 0;
            band++;
            at++;
        } else {
            if (sscanf(at, "!%d%n", &repeat, &used) == 1)
                at += used;
            int mask = *at++ - '?';
            for (; repeat > 0; repeat--, x++)
                for (int y = 0; y < 6; y++)
                    if (mask >> y & 1) {
                        if (x >= columns || band * 6 + y >= rows)
                            return -1;
                        for (int c = 0; c < 3; c++)
                            rgb[((band * 6 + y) * columns + x) * 3 + c] = (uint8_t)(palette[colour][c] * 255 / 100);
                    }
        }
    }
    return 0;
}

static void test_sixel(void)
{
    enum { COLUMNS = 37, ROWS = 20 };
    uint8_t rgb[COLUMNS * ROWS * 3], back[COLUMNS * ROWS * 3];
    for (int colours = 1; colours <= 2; colours++) {
        struct weir_buffer out = { 0 };
        memset(back, 77, sizeof back);
        for (int i = 0; i < COLUMNS * ROWS; i++) { /* few colours, then more than there is room for */
            rgb[3 * i] = (uint8_t)(colours == 1 ? i / 5 % 3 * 100 : i % 251);
            rgb[3 * i + 1] = (uint8_t)(colours == 1 ? 0 : i / 3 % 256);
            rgb[3 * i + 2] = 20;
        }
        CHECK_INT(weir_sixel_write(rgb, COLUMNS, ROWS, &out, NULL), 0);
        CHECK_INT(read_sixels(out.bytes, COLUMNS, ROWS, back), 0);
        int worst = 0;
        for (size_t i = 0; i < sizeof rgb; i++)
            worst = abs(rgb[i] - back[i]) > worst ? abs(rgb[i] - back[i]) : worst;
        CHECK(worst <= (colours == 1 ? 3 : 66));
        weir_buffer_release(&out);
    }
}

static void test_protocols(void)
{
    struct weir_drawing drawing;
    struct weir_buffer out = { 0 };
    struct weir_rendering rendering = { .format = WEIR_RENDER_KITTY, .width = 200, .height = 100 };
    weir_drawing_init(&drawing, 200, 100, false);
    for (int i = 0; i < 40; i++)
        weir_drawing_segment(&drawing, weir_ink_of_series(i), 3, i * 5, 0, 200 - i * 7, 100);
    CHECK_INT(weir_render(&drawing, &rendering, &out, NULL), 0);
    int pieces = 0, last = 0;
    for (const char *at = out.bytes; (at = strstr(at, "\x1b_G")); at++, pieces++) {
        const char *end = strstr(at, "\x1b\\");
        if (CHECK(end && end - strchr(at, ';') - 1 <= 4096))
            last += strncmp(strchr(at, ';') - 3, "m=0", 3) == 0;
    }
    CHECK(pieces > 1);
    CHECK_INT(last, 1);
    CHECK(strstr(out.bytes, "\x1b_Gf=100,a=T,q=2,m=1;iVBORw0KGgo") == out.bytes);
    weir_buffer_clear(&out);
    rendering.format = WEIR_RENDER_ITERM2;
    CHECK_INT(weir_render(&drawing, &rendering, &out, NULL), 0);
    CHECK(strncmp(out.bytes, "\x1b]1337;File=inline=1;size=", 26) == 0);
    CHECK(strstr(out.bytes, ";width=200px;height=100px:iVBORw0KGgo"));
    weir_buffer_release(&out);
    weir_drawing_release(&drawing);
    CHECK_INT(weir_render_of_path("a.PNG"), WEIR_RENDER_PNG);
    CHECK_INT(weir_render_of_path("a.b/c"), WEIR_RENDER_SVG);
    CHECK_INT(weir_render_of_path(NULL), WEIR_RENDER_SVG);
}

static void test_size(void)
{
    struct weir_render_window none = { 0 }, window = { 100, 30, 1000, 600 };
    struct weir_rendering rendering = { .format = WEIR_RENDER_SVG };
    weir_rendering_size(&rendering, 0, 0, 0.5, &none);
    CHECK(rendering.width == 720 && rendering.height == 360);
    weir_rendering_size(&rendering, 300, 0, 0.5, &window);
    CHECK(rendering.width == 300);
    rendering.format = WEIR_RENDER_SIXEL;
    weir_rendering_size(&rendering, 0, 0, 0.66, &window);
    CHECK(rendering.width == 900 && rendering.height <= 480);
    rendering.format = WEIR_RENDER_TEXT;
    weir_rendering_size(&rendering, 0, 0, 0.66, &window);
    CHECK(rendering.width == 99 * WEIR_CELL_WIDTH && rendering.height == 28 * WEIR_CELL_HEIGHT);
}

int main(void)
{
    test_areas();
    test_beyond();
    test_letters();
    test_cells();
    test_sixel();
    test_protocols();
    test_size();
    return check_result();
}
