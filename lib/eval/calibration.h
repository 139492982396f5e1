/* How far probabilities can be taken at their word. */
#ifndef WEIR_EVAL_CALIBRATION_H
#define WEIR_EVAL_CALIBRATION_H

#include <stdint.h>

struct weir_calibration {
    double log_loss; /* mean of -log p(label), p held within [2^-52, 1 - 2^-52] as scikit-learn does */
    double brier;    /* two classes: mean of (p(second) - [label is second])^2; more: mean of the sum over classes */
    /* Expected calibration error (C. Guo et al., "On calibration of modern neural networks", 2017): rows in 15 bins
     * of equal width by the probability of their prediction; the mean, over rows, of |accuracy - confidence| of their
     * bin. */
    double error;
};
enum { WEIR_CALIBRATION_BINS = 15 };

/* probability[rows][width]; a label that is none of the `width` classes has probability 0. NaN without rows. */
struct weir_calibration weir_calibration_measure(const double *probability, int64_t rows, int width,
                                                 const int32_t *label, const int32_t *predicted, const uint32_t *times);

/* One bin of a reliability diagram, over the probabilities above `bin / 15` up to `(bin + 1) / 15`. */
struct weir_calibration_bin {
    double rows, probability, right; /* how many; sums of the probabilities, and of the rows for which it held */
};
/* bins[15]. Two classes: the probability of the second, which held where the label is the second, as in scikit-learn's
 * calibration_curve; more: that of the prediction, which held where it is the label. */
void weir_calibration_diagram(const double *probability, int64_t rows, int width, const int32_t *label,
                              const int32_t *predicted, struct weir_calibration_bin *bins);

#endif
