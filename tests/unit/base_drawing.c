/* Drawings: inks that can be told apart by everybody, texts that stay in their place, and what becomes of them in
 * SVG. */
#include "base/svg.h"
#include "check.h"

/* ---- Inks, by published formulas --------------------------------------------------------------------------------- */

static void linear(uint32_t colour, double rgb[3])
{
    for (int c = 0; c < 3; c++) {
        double part = (colour >> (16 - 8 * c) & 0xFF) / 255.0;
        rgb[c] = part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
    }
}

/* WCAG 2.1: (lighter + 0.05) / (darker + 0.05) of the relative luminances. */
static double contrast(uint32_t a, uint32_t b)
{
    double light[2], rgb[3];
    for (int i = 0; i < 2; i++) {
        linear(i ? b : a, rgb);
        light[i] = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2] + 0.05;
    }
    return light[0] > light[1] ? light[0] / light[1] : light[1] / light[0];
}

/* What people without the long-wave or the middle-wave cones see (F. Vienot, H. Brettel and J. Mollon, "Digital video
 * colourmaps for checking the legibility of displays by dichromats", 1999), as CIE L*a*b*. sight 0: everybody else. */
static void seen(uint32_t colour, int sight, double lab[3])
{
    double rgb[3], xyz[3], f[3];
    linear(colour, rgb);
    if (sight == 1) {
        rgb[0] = rgb[1] = 0.11238 * rgb[0] + 0.88762 * rgb[1];
    } else if (sight == 2) {
        rgb[0] = rgb[1] = 0.29275 * rgb[0] + 0.70725 * rgb[1];
    }
    xyz[0] = (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505;
    xyz[1] = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
    xyz[2] = (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089;
    for (int i = 0; i < 3; i++)
        f[i] = xyz[i] > 0.008856 ? cbrt(xyz[i]) : 7.787 * xyz[i] + 16.0 / 116;
    lab[0] = 116 * f[1] - 16;
    lab[1] = 500 * (f[0] - f[1]);
    lab[2] = 200 * (f[1] - f[2]);
}

static double distance(uint32_t a, uint32_t b, int sight)
{
    double first[3], second[3];
    seen(a, sight, first);
    seen(b, sight, second);
    return sqrt(pow(first[0] - second[0], 2) + pow(first[1] - second[1], 2) + pow(first[2] - second[2], 2));
}

static void test_inks(void)
{
    for (int dark = 0; dark < 2; dark++) {
        uint32_t ground = weir_ink_colour(WEIR_INK_GROUND, dark);
        CHECK(contrast(weir_ink_colour(WEIR_INK_TEXT, dark), ground) >= 7);
        CHECK(contrast(weir_ink_colour(WEIR_INK_QUIET, dark), ground) >= 4.5);
        for (int i = 0; i < WEIR_SERIES_INKS; i++) {
            uint32_t ink = weir_ink_colour(weir_ink_of_series(i), dark);
            if (!CHECK(contrast(ink, ground) >= 3))
                fprintf(stderr, "    series %d, dark %d: %.2f\n", i, dark, contrast(ink, ground));
            for (int j = 0; j < i; j++)
                for (int sight = 0; sight < 3; sight++) {
                    double apart = distance(ink, weir_ink_colour(weir_ink_of_series(j), dark), sight);
                    if (!CHECK(apart >= 16))
                        fprintf(stderr, "    series %d and %d, dark %d, sight %d: %.1f\n", j, i, dark, sight, apart);
                }
        }
    }
    CHECK_INT(weir_ink_of_series(WEIR_SERIES_INKS), WEIR_INK_SERIES);
}

/* ---- Text ------------------------------------------------------------------------------------------------------- */

static void text_is(const char *text, size_t length, double most, const char *wanted)
{
    struct weir_drawing drawing;
    weir_drawing_init(&drawing, 100, 100, true); /* 8 a character */
    struct weir_drawing_shape *shape =
        weir_drawing_text(&drawing, WEIR_INK_TEXT, 0, 0, WEIR_ANCHOR_START, most, text, length);
    weir_buffer_byte(&drawing.bytes, 0);
    CHECK_TEXT(drawing.bytes.bytes + shape->first, wanted);
    weir_drawing_release(&drawing);
}

static void test_text(void)
{
    text_is("abc", 3, 24, "abc");
    text_is("abcd", 4, 24, "ab\xE2\x80\xA6");
    text_is("\xE4\xBD\xA0\xE5\xA5\xBD", 6, 24, "\xE4\xBD\xA0\xE2\x80\xA6"); /* two columns each */
    text_is("a\nb\x1b\xE2\x80\xAE", 7, INFINITY, "a\\nbU+001BU+202E");
    text_is("\xFF", 1, INFINITY, "\\xff");
    text_is("", 0, 10, "");
    text_is(" a  b", 5, INFINITY,
            "\xE2\x90\xA3"
            "a\xE2\x90\xA3\xE2\x90\xA3"
            "b");
    text_is("no ", 3, 32, "no\xE2\x90\xA3");
    text_is("\xE0\xB8\xAA\xE0\xB8\xB5", 6, 8, "\xE0\xB8\xAA\xE0\xB8\xB5");          /* a vowel above takes no place */
    text_is("\xD9\x85\xE2\x80\x8C\xD8\xAE", 7, 16, "\xD9\x85\xE2\x80\x8C\xD8\xAE"); /* Persian with its joiner */
    text_is("a\xE2\x80\x8D"
            "b",
            5, INFINITY, "aU+200Db");
}

/* What is laid out by a width is drawn so wide. */
static void test_width(void)
{
    static const char *const texts[] = { "plain", "esc\x1b[31m", " \xE2\x80\xAE", "\xFF", "\xE0\xB8\xAA\xE0\xB8\xB5" };
    for (int cells = 0; cells < 2; cells++)
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            struct weir_drawing drawing;
            weir_drawing_init(&drawing, 100, 100, cells);
            double width = weir_drawing_text_width(&drawing, texts[i], strlen(texts[i]));
            size_t whole = weir_drawing_text(&drawing, WEIR_INK_TEXT, 0, 0, WEIR_ANCHOR_START, INFINITY, texts[i],
                                             strlen(texts[i]))
                               ->count;
            CHECK_INT((long long)weir_drawing_text(&drawing, WEIR_INK_TEXT, 0, 0, WEIR_ANCHOR_START, width + 0.01,
                                                   texts[i], strlen(texts[i]))
                          ->count,
                      (long long)whole);
            CHECK(weir_drawing_text(&drawing, WEIR_INK_TEXT, 0, 0, WEIR_ANCHOR_START, width - 0.01, texts[i],
                                    strlen(texts[i]))
                      ->count != whole);
            weir_drawing_release(&drawing);
        }
}

/* ---- SVG -------------------------------------------------------------------------------------------------------- */

static bool svg_has(const struct weir_drawing *drawing, const char *part)
{
    struct weir_buffer out = { 0 };
    CHECK_INT(weir_svg_inline(drawing, &out, NULL), 0);
    bool has = out.bytes && strstr(out.bytes, part);
    if (!has)
        fprintf(stderr, "    no '%s' in:\n%s\n", part, out.bytes ? out.bytes : "");
    weir_buffer_release(&out);
    return has;
}

static void test_svg(void)
{
    struct weir_drawing drawing;
    weir_drawing_init(&drawing, 100, 50, false);
    weir_drawing_title(&drawing, "<&\">\x1b");
    CHECK(svg_has(&drawing, "viewBox=\"0 0 100 50\"><title>&lt;&amp;&quot;&gt;U+001B</title>"));
    weir_drawing_rect(&drawing, WEIR_INK_SERIES, 1.005, -0.001, 1e300 * 1e300, 2)->opacity = 0.5;
    weir_drawing_note(&drawing, "a<b", 3);
    CHECK(svg_has(&drawing, "<rect class=\"f4\" x=\"1\" y=\"0\" width=\"0\" height=\"2\" fill-opacity=\"0.5\">"
                            "<title>a&lt;b</title></rect>") ||
          svg_has(&drawing, "x=\"1.01\""));
    weir_drawing_segment(&drawing, WEIR_INK_GRID, 1, 0, 0, 10, 0.125)->dash = 2;
    CHECK(svg_has(&drawing, "<polyline class=\"s3 d2\" stroke-width=\"1\" points=\"0 0 10 0.13\"/>"));
    weir_drawing_text(&drawing, WEIR_INK_TEXT, 5, 6, WEIR_ANCHOR_END, 50, "x&y", 3)->strong = true;
    CHECK(
        svg_has(&drawing, "<text class=\"f1 b\" text-anchor=\"end\" font-size=\"13\" x=\"5\" y=\"6\">x&amp;y</text>"));
    weir_drawing_marks(&drawing, WEIR_INK_SERIES, WEIR_MARK_DISC, 4, (struct weir_point[]){ { 1, 2 }, { 3, 4 } }, 2);
    CHECK(svg_has(&drawing, "<path class=\"m s4\" stroke-width=\"4\" d=\"M1 2h0M3 4h0\"/>"));
    weir_drawing_text(&drawing, WEIR_INK_TEXT, 5, 6, WEIR_ANCHOR_START, 50, "\xD9\x85\xE2\x80\x8C\xD8\xAE", 7);
    CHECK(svg_has(&drawing, ">\xD9\x85\xE2\x80\x8C\xD8\xAE</text>")); /* no markup of a page */
    weir_drawing_pixels(&drawing, 0, 0, 8, 8, (const uint8_t[]){ 1, 2, 3 }, 1, 1);
    CHECK(svg_has(&drawing, "href=\"data:image/png;base64,iVBORw0KGgo"));
    weir_drawing_release(&drawing);
}

int main(void)
{
    test_inks();
    test_text();
    test_width();
    test_svg();
    return check_result();
}
