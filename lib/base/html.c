#include "base/html.h"
#include "base/number.h"
#include "base/utf8.h"
#include <string.h>

/* ---- The frame ------------------------------------------------------------------------------------------------ */

/* The colours reach a contrast of 4.5 to 1 against their ground in either scheme (WCAG 2.1, 1.4.3). */
static const char style[] =
    ":root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--quiet:#57606a;--line:#d5dae0;--band:#f3f5f8;"
    "--bar:#3566b8;--old:#fbe0dd;--old-text:#8c1d13;--new:#d9f2dd;--new-text:#10592a;--mark:#f6e3a6;"
    "--mark-text:#5a4200}\n"
    "@media (prefers-color-scheme:dark){:root{--ground:#14171b;--text:#e4e8ec;--quiet:#a0a9b3;--line:#3a424b;"
    "--band:#1e2329;--bar:#7fa8ee;--old:#4d201c;--old-text:#ffc9c3;--new:#173d24;--new-text:#b2efc2;--mark:#4b3d12;"
    "--mark-text:#ffe59a}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,'Segoe UI',"
    "'Noto Sans',sans-serif;overflow-wrap:anywhere}\n"
    "main{max-width:70rem;margin:0 auto;padding:1.25rem}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:.2em 0 .6em}\n"
    "h2{font-size:1.3rem;line-height:1.3;margin:2em 0 .5em;padding-top:.6em;border-top:1px solid var(--line)}\n"
    "h3{font-size:1.05rem;margin:1.6em 0 .4em}\n"
    "p,ul,dl{margin:.5em 0}\nul{padding-left:1.3em}\n"
    "code,bdi,samp{font-family:ui-monospace,'DejaVu Sans Mono',Consolas,monospace;font-size:.9em}\n"
    "bdi{white-space:pre-wrap}\n"
    "a{color:inherit}\n"
    ".quiet{color:var(--quiet)}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.6rem;padding:0;margin:1em 0}\n"
    ".tiles div{background:var(--band);border:1px solid var(--line);border-radius:.4rem;padding:.5rem .8rem}\n"
    ".tiles dt{color:var(--quiet);font-size:.85rem}\n"
    ".tiles dd{margin:0;font-size:1.4rem;font-weight:600;font-variant-numeric:tabular-nums}\n"
    "table{border-collapse:collapse;width:100%;margin:.8em 0}\n"
    "table:not(.wide){max-width:44rem}\n"
    "caption{text-align:left;color:var(--quiet);font-size:.9rem;padding:.2em 0}\n"
    "th,td{text-align:left;vertical-align:top;padding:.35em .7em .35em 0;border-bottom:1px solid var(--line)}\n"
    "thead th{font-size:.85rem;color:var(--quiet);font-weight:600;overflow-wrap:normal}\n"
    "table.wide{table-layout:fixed}table.wide th:first-child{width:16%}table.wide th.n{width:9%}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}.none{color:var(--quiet)}\n"
    "td ul{list-style:none;padding:0;margin:0}\ntd li{padding:.1em 0}\n"
    "del,ins{text-decoration:none;border-radius:.2em;padding:0 .1em}\n"
    "del{background:var(--old);color:var(--old-text);text-decoration:line-through}\n"
    "ins{background:var(--new);color:var(--new-text);border-bottom:2px solid}\n"
    "i.mark{font-style:normal;font-size:.85em;background:var(--mark);color:var(--mark-text);border-radius:.2em;"
    "padding:0 .15em;margin:0 .05em;text-decoration:none}\n"
    ".pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}\n"
    "figure{margin:0}\nfigcaption{font-size:.9rem;color:var(--quiet)}\n"
    "svg{display:block;width:100%;height:6.5rem}\n"
    "svg.small{height:1.5rem;max-width:14rem}\n"
    "svg.share{height:.8rem;min-width:4rem;margin:.35em 0}\n"
    "svg rect{fill:var(--bar)}\nsvg line{stroke:var(--line)}\n"
    ".axis{display:flex;justify-content:space-between;gap:1em;font-size:.85rem;color:var(--quiet)}\n"
    "@media (max-width:44rem){main{padding:.9rem}.pair{grid-template-columns:1fr}"
    "table.wide thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    "table.wide,table.wide caption,table.wide tbody,table.wide tr,table.wide th,table.wide td{display:block}"
    "table.wide tr{border-bottom:1px solid var(--line);padding:.5em 0}"
    "table.wide th,table.wide td,table.wide th:first-child{width:auto;border:0;padding:.1em 0;text-align:left}"
    "table.wide td.n{display:inline-block;margin-right:1.2em}table.wide td.none{display:none}"
    "table.wide td[data-name]::before{content:attr(data-name) ': ';color:var(--quiet);font-size:.85rem}}\n"
    "@media print{:root{--ground:#fff;--text:#000;--quiet:#444;--line:#aaa;--band:#fff;--bar:#333;--old:#fff;"
    "--old-text:#000;--new:#fff;--new-text:#000;--mark:#fff;--mark-text:#000}"
    "main{max-width:none;padding:0}body{font-size:10pt}h2,h3,caption,thead{break-after:avoid}"
    "tr,figure,.tiles{break-inside:avoid}i.mark{border:1px solid}}\n";

void weir_html_begin(struct weir_buffer *out, const char *title)
{
    weir_html_begin_styled(out, title, "");
}

void weir_html_begin_styled(struct weir_buffer *out, const char *title, const char *rules)
{
    weir_buffer_string(out, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
                            "<meta charset=\"utf-8\"/>\n"
                            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                            "'unsafe-inline'\"/>\n<title>");
    weir_html_text(out, title, strlen(title));
    weir_buffer_string(out, "</title>\n<style>\n");
    weir_buffer_string(out, style);
    weir_buffer_string(out, rules);
    weir_buffer_string(out, "</style>\n</head>\n<body>\n<main>\n<h1>");
    weir_html_text(out, title, strlen(title));
    weir_buffer_string(out, "</h1>\n");
}

void weir_html_end(struct weir_buffer *out)
{
    weir_buffer_string(out, "</main>\n</body>\n</html>\n");
}

/* ---- Text ----------------------------------------------------------------------------------------------------- */

/* Does not show, turns the direction of what stands beside it, or may not stand in a page. */
static bool is_hidden(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x034F || code == 0x061C ||
           code == 0x115F || code == 0x1160 || (code >= 0x17B4 && code <= 0x17B5) ||
           (code >= 0x180B && code <= 0x180F) || (code >= 0x200B && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0x3164 ||
           code == 0xFEFF || code == 0xFFA0 || (code >= 0xFFF0 && code <= 0xFFFB) || (code & 0xFFFE) == 0xFFFE ||
           (code >= 0xFDD0 && code <= 0xFDEF) || (code >= 0xE0000 && code <= 0xE0FFF);
}

/* A blank that is none of the keyboard's. */
static bool is_odd_blank(uint32_t code)
{
    return code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x202F || code == 0x205F ||
           code == 0x3000;
}

static void append_mark_name(struct weir_buffer *out, uint32_t code)
{
    if (code == '\n' || code == '\r' || code == '\t')
        weir_buffer_string(out, code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t");
    else if (code == ' ')
        weir_buffer_string(out, "\xE2\x90\xA3"); /* U+2423, the open box */
    else
        weir_buffer_format(out, "U+%04X", (unsigned)code);
}

static void append_mark(struct weir_buffer *out, uint32_t code)
{
    weir_buffer_string(out, "<i class=\"mark\">");
    append_mark_name(out, code);
    weir_buffer_string(out, "</i>");
}

static const char *entity(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void append_text(struct weir_buffer *out, const char *text, size_t length, bool blanks, char before, char after)
{
    size_t plain = 0, i = 0; /* where the run of harmless characters began */
    while (i < length) {
        uint32_t code = 0;
        size_t width = weir_utf8_decode(text + i, length - i, &code);
        char left = i > 0 ? text[i - 1] : before, right = i + 1 < length ? text[i + 1] : after;
        bool marked =
            width == 0 || is_hidden(code) ||
            (blanks && (is_odd_blank(code) || (code == ' ' && (!left || !right || left == ' ' || right == ' '))));
        const char *escape = marked ? NULL : entity(code);
        if (!marked && !escape) {
            i += width;
            continue;
        }
        weir_buffer_append(out, text + plain, i - plain);
        if (escape)
            weir_buffer_string(out, escape);
        else if (width)
            append_mark(out, code);
        else
            weir_buffer_format(out, "<i class=\"mark\">\\x%02x</i>", (unsigned)(unsigned char)text[i]);
        i += width ? width : 1;
        plain = i;
    }
    weir_buffer_append(out, text + plain, length - plain);
}

void weir_html_text(struct weir_buffer *out, const char *text, size_t length)
{
    append_text(out, text, length, false, 0, 0);
}

void weir_html_value(struct weir_buffer *out, const char *text, size_t length, char before, char after)
{
    append_text(out, text, length, true, before, after);
}

/* Within a word of Persia, of India or of pictures, joiners are part of how it is written. */
static bool is_joining(const char *text, size_t length, size_t at, size_t width, uint32_t code)
{
    return (code == 0x200C || code == 0x200D) && at > 0 && (uint8_t)text[at - 1] >= 0x80 && at + width < length &&
           (uint8_t)text[at + width] >= 0x80;
}

void weir_html_plain(struct weir_buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        size_t width = weir_utf8_decode(text + i, length - i, &code);
        bool blank = code == ' ' && (i == 0 || i + 1 == length || text[i - 1] == ' ' || text[i + 1] == ' ');
        if (width == 0)
            weir_buffer_format(out, "\\x%02x", (unsigned)(unsigned char)text[i]);
        else if (blank || (is_hidden(code) && !is_joining(text, length, i, width, code)))
            append_mark_name(out, code);
        else
            weir_buffer_append(out, text + i, width);
        i += width ? width : 1;
    }
}

void weir_html_escaped(struct weir_buffer *out, const char *plain, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *escape = entity((uint8_t)plain[i]);
        if (escape)
            weir_buffer_string(out, escape);
        else
            weir_buffer_byte(out, (uint8_t)plain[i]);
    }
}

size_t weir_html_fit(const char *text, size_t length, size_t most)
{
    if (length <= most)
        return length;
    while (most > 0 && weir_utf8_continues((uint8_t)text[most]))
        most--;
    return most;
}

void weir_html_short(struct weir_buffer *out, const char *text, size_t length, size_t most)
{
    size_t fits = weir_html_fit(text, length, most);
    weir_html_text(out, text, fits);
    weir_html_cut(out, length, fits);
}

void weir_html_cut(struct weir_buffer *out, size_t length, size_t shown)
{
    if (shown == length)
        return;
    weir_buffer_string(out, "\xE2\x80\xA6 <span class=\"quiet\">(cut: ");
    weir_html_counted(out, (int64_t)length, "byte");
    weir_buffer_string(out, ")</span>");
}

void weir_html_count(struct weir_buffer *out, int64_t count)
{
    char digits[WEIR_NUMBER_SIZE];
    size_t length = weir_format_int64(count, digits);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
            weir_buffer_byte(out, ',');
        weir_buffer_byte(out, (uint8_t)digits[i]);
    }
}

void weir_html_counted(struct weir_buffer *out, int64_t count, const char *word)
{
    weir_html_count(out, count);
    weir_buffer_format(out, " %s%s", word, count == 1 ? "" : "s");
}

void weir_html_count_cell(struct weir_buffer *out, int64_t count)
{
    weir_buffer_string(out, "<td class=\"n\">");
    weir_html_count(out, count);
    weir_buffer_string(out, "</td>");
}

void weir_html_tile(struct weir_buffer *out, const char *name, int64_t count)
{
    weir_buffer_format(out, "<div><dt>%s</dt><dd>", name);
    weir_html_count(out, count);
    weir_buffer_string(out, "</dd></div>\n");
}

/* ---- Histograms ----------------------------------------------------------------------------------------------- */

void weir_html_bars(struct weir_buffer *out, const struct weir_html_bars *chart)
{
    enum { WIDTH = 10, GAP = 1, HEIGHT = 100, LEAST = 1 };
    int64_t most = 1;
    for (int i = 0; i < chart->count; i++)
        if (chart->bars[i] > most)
            most = chart->bars[i];
    weir_buffer_format(out, "<svg%s viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\"><title>",
                       chart->small ? " class=\"small\"" : "", chart->count * WIDTH, HEIGHT + 1);
    weir_html_text(out, chart->title, strlen(chart->title));
    weir_buffer_string(out, "</title>");
    for (int i = 0; i < chart->count; i++) {
        if (chart->bars[i] <= 0)
            continue;
        int height = (int)((double)chart->bars[i] / (double)most * HEIGHT + 0.5);
        if (height < LEAST)
            height = LEAST; /* a single value is seen beside a million */
        weir_buffer_format(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", i * WIDTH, HEIGHT - height,
                           WIDTH - GAP, height);
    }
    weir_buffer_format(out, "<line x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/></svg>\n", chart->count * WIDTH, HEIGHT,
                       HEIGHT);
    if (!chart->low || !chart->high)
        return;
    weir_buffer_string(out, "<div class=\"axis\"><span>");
    weir_html_text(out, chart->low, strlen(chart->low));
    weir_buffer_string(out, "</span><span>");
    weir_html_text(out, chart->high, strlen(chart->high));
    weir_buffer_string(out, "</span></div>\n");
}

void weir_html_share(struct weir_buffer *out, double share, const char *title)
{
    double length = share > 0 ? (share < 1 ? share * 100 : 100) : 0;
    weir_buffer_format(out,
                       "<svg class=\"share\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" role=\"img\"><title>%s"
                       "</title><rect x=\"0\" y=\"0\" width=\"%.2f\" height=\"10\"/></svg>",
                       title, length);
}
