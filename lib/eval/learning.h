/* What `train --log` wrote, and its picture. */
#ifndef WEIR_EVAL_LEARNING_H
#define WEIR_EVAL_LEARNING_H

#include "eval/plot.h"

enum weir_learning_figure {
    WEIR_LEARNING_LOSS,
    WEIR_LEARNING_VALIDATION_LOSS,
    WEIR_LEARNING_ACCURACY,
    WEIR_LEARNING_VALIDATION_ACCURACY,
    WEIR_LEARNING_RATE,
    WEIR_LEARNING_FIGURES
};
enum { WEIR_LEARNING_BYTES = 64 << 20, WEIR_LEARNING_LINE = 64 << 10, WEIR_LEARNING_EPOCHS = 1 << 20 };

struct weir_learning {
    double *epochs;                         /* [count], ascending */
    double *figures[WEIR_LEARNING_FIGURES]; /* [count]; NaN: not told */
    size_t count, capacity;
    bool cut; /* the last line is not complete, and was left out: training still writes it, or was ended */
};
/* A line of JSON for each epoch. An epoch that comes again, as after --resume, takes the place of the one before and
 * of all behind it. To be released, on failure too. */
int weir_learning_read(struct weir_learning *learning, const char *bytes, size_t size, struct weir_error *error);
void weir_learning_release(struct weir_learning *learning);

/* Loss, accuracy and learning rate over the epochs, a chart for each that was told; the epoch of the lowest loss in
 * validation is marked. */
int weir_plot_learning(struct weir_drawing *drawing, const struct weir_learning *learning,
                       const struct weir_plot_style *style, struct weir_error *error);

#endif
