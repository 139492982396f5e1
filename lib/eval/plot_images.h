/* A grid of the pictures of a stream's first rows, with their labels and predictions. */
#ifndef WEIR_EVAL_PLOT_IMAGES_H
#define WEIR_EVAL_PLOT_IMAGES_H

#include "eval/plot.h"

/* Bytes of pixels that one grid may hold. */
enum { WEIR_IMAGES_BYTES = 64 << 20 };

/* Memory: 3 bytes a pixel. */
struct weir_images;
/* column: a tensor [height, width], [height, width, 1] or [height, width, 3] of numbers; NULL: the first such. Rows
 * after the first `most` are not looked at. */
int weir_images_begin(struct weir_images **images, const struct weir_schema *schema, const char *column, int64_t most,
                      struct weir_error *error);
int weir_images_add(struct weir_images *images, const struct weir_batch *batch, struct weir_error *error);
bool weir_images_full(const struct weir_images *images);
int weir_images_draw(struct weir_images *images, struct weir_drawing *drawing, const struct weir_plot_style *style,
                     struct weir_error *error);
void weir_images_free(struct weir_images *images); /* NULL is accepted */

#endif
