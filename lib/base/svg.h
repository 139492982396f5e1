/* A drawing as SVG. It is well-formed XML by itself and within a page, asks for nothing outside, and has its colours
 * for a light and a dark ground, and for paper, in rules of style, each plain enough for readers that know no variables
 * or media. */
#ifndef WEIR_BASE_SVG_H
#define WEIR_BASE_SVG_H

#include "base/drawing.h"

/* The rules, once for each page or file: all begin with ".plot". */
void weir_svg_rules(struct weir_buffer *out);
/* The element, of the class "plot" and with the drawing's title, for a page that has the rules. */
int weir_svg_inline(const struct weir_drawing *drawing, struct weir_buffer *out, struct weir_error *error);
/* A whole file, with the rules and a ground. */
int weir_svg_file(const struct weir_drawing *drawing, struct weir_buffer *out, struct weir_error *error);

#endif
