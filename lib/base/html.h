/* Pages for people, as one file of HTML: no script, no font, no picture and no address of its own, so that it can be
 * sent, kept and printed. It is well-formed XML too. What a page says is put into a buffer with the functions of
 * base/buffer.h where it is markup of ours, and with those below where it is data. */
#ifndef WEIR_BASE_HTML_H
#define WEIR_BASE_HTML_H

#include "base/buffer.h"

/* The head, its style (light and dark, wide and narrow, paper), and the first heading, which is the title. */
void weir_html_begin(struct weir_buffer *out, const char *title);
/* The same, and more rules of style behind those of every page ("svg.plot{...}"). */
void weir_html_begin_styled(struct weir_buffer *out, const char *title, const char *rules);
void weir_html_end(struct weir_buffer *out);

/* Text from data. Markup is escaped; characters that do not show or turn the direction of the text, and bytes that are
 * no UTF-8, become marks such as \n and U+202E. */
void weir_html_text(struct weir_buffer *out, const char *text, size_t length);
/* The same of a cell's value: blanks are marks as well where they are easily overlooked, which is at an end, beside
 * another, or when they are none of the keyboard's. `before` and `after` are what stands beside the text when it is
 * part of a value ('\0': nothing). */
void weir_html_value(struct weir_buffer *out, const char *text, size_t length, char before, char after);
/* Text with those marks as plain words, not yet escaped, and blanks at an end or beside another as U+2423: for a place
 * where no markup can stand. Joiners between two characters beyond ASCII stay, as do odd blanks. Valid UTF-8. */
void weir_html_plain(struct weir_buffer *out, const char *text, size_t length);
/* What that has made, with markup escaped. */
void weir_html_escaped(struct weir_buffer *out, const char *plain, size_t length);
/* Text of at most `most` bytes; of a longer one the beginning, and how long it is. */
void weir_html_short(struct weir_buffer *out, const char *text, size_t length, size_t most);
/* What weir_html_short says behind text that was cut; nothing when all is shown. */
void weir_html_cut(struct weir_buffer *out, size_t length, size_t shown);
/* 1020000 as 1,020,000 */
void weir_html_count(struct weir_buffer *out, int64_t count);
/* "1 row", "2,000 rows": the count and its word; a plural is the word and an s. */
void weir_html_counted(struct weir_buffer *out, int64_t count, const char *word);

/* A cell of a table that holds a count. */
void weir_html_count_cell(struct weir_buffer *out, int64_t count);
/* A tile, of a list of the class "tiles": a name of ours and a count. */
void weir_html_tile(struct weir_buffer *out, const char *name, int64_t count);

/* The largest beginning of the text within `most` bytes that ends between two characters. */
size_t weir_html_fit(const char *text, size_t length, size_t most);

/* A histogram as an inline picture; bars[i] stands over the i-th of `count` equal parts of the axis. */
struct weir_html_bars {
    const int64_t *bars;
    int count;
    const char *title;      /* what a screen reader says of the picture */
    const char *low, *high; /* what stands at the axis' ends; NULL: nothing */
    bool small;             /* as high as a line of text */
};
void weir_html_bars(struct weir_buffer *out, const struct weir_html_bars *chart);
/* A bar as long as a share (0 to 1) of its place, as an inline picture that goes with a number beside it; the title is
 * ours. */
void weir_html_share(struct weir_buffer *out, double share, const char *title);

#endif
