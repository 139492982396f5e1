/* What all plots have in common. */
#include "eval/plot.h"

struct weir_chart weir_plot_chart(struct weir_drawing *drawing, const struct weir_plot_style *style, const char *title)
{
    const char *given = style->title ? style->title : title;
    double margin = drawing->cells ? 0 : drawing->size * 0.8;
    weir_drawing_title(drawing, given[0] ? given : title);
    return (struct weir_chart){ .drawing = drawing,
                                .left = margin,
                                .top = margin,
                                .width = drawing->width - 2 * margin,
                                .height = drawing->height - 2 * margin,
                                .title = given[0] ? given : NULL };
}

const char *weir_plot_name(const struct weir_classes *classes, int32_t class, size_t *length)
{
    *length = classes->lengths[class];
    if (*length)
        return classes->names[class];
    *length = 7;
    return "(empty)";
}
