#include "nn/internal.h"
#include <math.h>
#include <string.h>

static const struct {
    enum weir_loss_kind kind;
    const char *name;
} names[] = {
    { WEIR_MSE, "mse" },
    { WEIR_MAE, "mae" },
    { WEIR_HUBER, "huber" },
    { WEIR_CROSS_ENTROPY, "cross-entropy" },
    { WEIR_BINARY_CROSS_ENTROPY, "binary-cross-entropy" },
};

const char *weir_loss_name(enum weir_loss_kind kind)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].kind == kind)
            return names[i].name;
    return "?";
}

bool weir_loss_parse(const char *name, enum weir_loss_kind *out)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0) {
            *out = names[i].kind;
            return true;
        }
    return false;
}

bool weir_loss_takes_classes(enum weir_loss_kind kind)
{
    return kind == WEIR_CROSS_ENTROPY || kind == WEIR_BINARY_CROSS_ENTROPY;
}

/* Whether the last layer is the loss's own, which the loss then takes over. */
static bool is_fused(const struct weir_network *network, enum weir_loss_kind loss)
{
    return (loss == WEIR_CROSS_ENTROPY && weir_network_ends_in_softmax(network)) ||
           (loss == WEIR_BINARY_CROSS_ENTROPY && weir_network_ends_in_sigmoid(network));
}

int weir_loss_layers(const struct weir_network *network, enum weir_loss_kind loss)
{
    return network->layer_count - (is_fused(network, loss) ? 1 : 0);
}

int weir_loss_check(const struct weir_network *network, const struct weir_loss *loss, struct weir_error *error)
{
    const char *name = weir_loss_name(loss->kind);
    if (loss->kind == WEIR_BINARY_CROSS_ENTROPY && weir_network_outputs(network) != 1)
        return weir_fail(error, WEIR_USAGE, "the loss '%s' needs a network of one output, and this one has %lld", name,
                         (long long)weir_network_outputs(network));
    if (loss->kind == WEIR_CROSS_ENTROPY && weir_network_outputs(network) < 2)
        return weir_fail(error, WEIR_USAGE, "the loss '%s' needs an output for each class, and this network has one",
                         name);
    if ((loss->kind == WEIR_CROSS_ENTROPY && weir_network_ends_in_sigmoid(network)) ||
        (loss->kind == WEIR_BINARY_CROSS_ENTROPY && weir_network_ends_in_softmax(network)))
        return weir_fail(error, WEIR_USAGE, "the loss '%s' does not go with a network that ends in '%s'", name,
                         loss->kind == WEIR_CROSS_ENTROPY ? "sigmoid" : "softmax");
    if (!(loss->label_smoothing >= 0 && loss->label_smoothing < 1))
        return weir_fail(error, WEIR_USAGE, "label smoothing is a number from 0 to below 1");
    if (!(loss->huber_delta >= 0 && loss->huber_delta < INFINITY))
        return weir_fail(error, WEIR_USAGE, "the delta of the loss 'huber' is a number above 0");
    return 0;
}

/* ---- One row: its loss; gradient d loss / d y, times scale ------------------------------------------------- */

static double row_errors(const struct weir_loss *loss, int64_t n, const float *y, const float *target, double scale,
                         float *gradient)
{
    double sum = 0, delta = loss->huber_delta > 0 ? loss->huber_delta : 1;
    for (int64_t i = 0; i < n; i++) {
        double e = (double)y[i] - target[i], size = fabs(e), slope;
        if (loss->kind == WEIR_MSE) {
            sum += e * e;
            slope = 2 * e;
        } else if (loss->kind == WEIR_MAE) {
            sum += size;
            slope = e > 0 ? 1 : e < 0 ? -1 : e;
        } else if (size <= delta) {
            sum += 0.5 * e * e;
            slope = e;
        } else {
            sum += delta * (size - 0.5 * delta);
            slope = e > 0 ? delta : e < 0 ? -delta : e;
        }
        if (gradient)
            gradient[i] = (float)(slope / (double)n * scale);
    }
    return sum / (double)n;
}

/* With s the smoothing: (1 - s) * -log p[class] + s / n * sum of -log p. */
static double row_classes(const struct weir_loss *loss, int64_t n, const float *y, int32_t class, double scale,
                          float *gradient)
{
    double largest = y[0], sum = 0, spread = 0, smoothing = loss->label_smoothing;
    for (int64_t i = 1; i < n; i++)
        largest = y[i] > largest ? y[i] : largest;
    for (int64_t i = 0; i < n; i++)
        sum += exp(y[i] - largest);
    double logarithm = log(sum) + largest;
    for (int64_t i = 0; i < n; i++) {
        spread += logarithm - y[i];
        double target = (i == class ? 1 - smoothing : 0) + smoothing / (double)n;
        if (gradient)
            gradient[i] = (float)((exp(y[i] - logarithm) - target) * scale);
    }
    return (1 - smoothing) * (logarithm - y[class]) + smoothing / (double)n * spread;
}

/* -t log p - (1 - t) log(1 - p) = max(y, 0) - t y + log(1 + exp(-|y|)), with t moved by half the smoothing. */
static double row_binary(const struct weir_loss *loss, double y, int32_t class, double scale, float *gradient)
{
    double target = (class ? 1 : 0) * (1 - loss->label_smoothing) + loss->label_smoothing / 2;
    double small = exp(-fabs(y));
    if (gradient)
        *gradient = (float)(((y >= 0 ? 1 / (1 + small) : small / (1 + small)) - target) * scale);
    return (y > 0 ? y : y == y ? 0 : y) - target * y + log1p(small);
}

double weir_loss_evaluate(const struct weir_loss *loss, const struct weir_loss_rows *rows, double scale,
                          float *gradient, int64_t *correct)
{
    double sum = 0;
    int64_t n = rows->outputs;
    for (int64_t r = 0; r < rows->rows; r++) {
        const float *y = rows->y + r * n;
        float *to = gradient ? gradient + r * n : NULL;
        double weight = rows->weights[r], row;
        if (loss->kind == WEIR_CROSS_ENTROPY) {
            row = row_classes(loss, n, y, rows->classes[r], weight * scale, to);
            int64_t best = 0;
            for (int64_t i = 1; i < n; i++)
                best = y[i] > y[best] ? i : best;
            *correct += best == rows->classes[r];
        } else if (loss->kind == WEIR_BINARY_CROSS_ENTROPY) {
            row = row_binary(loss, y[0], rows->classes[r], weight * scale, to);
            *correct += (y[0] > 0) == (rows->classes[r] == 1);
        } else {
            row = row_errors(loss, n, y, rows->targets + r * n, weight * scale, to);
        }
        sum += weight * row;
    }
    return sum;
}

void weir_loss_probabilities(const struct weir_network *network, enum weir_loss_kind loss, const float *y, int64_t rows,
                             double *p)
{
    int64_t n = weir_network_outputs(network);
    bool fused = is_fused(network, loss);
    for (int64_t r = 0; r < rows; r++) {
        const float *from = y + r * n;
        if (loss == WEIR_BINARY_CROSS_ENTROPY) {
            double small = exp(-fabs((double)from[0])), positive = from[0] >= 0 ? 1 / (1 + small) : small / (1 + small);
            if (fused)
                positive = from[0];
            else if (!(from[0] == from[0]))
                positive = from[0];
            p[2 * r] = 1 - positive;
            p[2 * r + 1] = positive;
            continue;
        }
        double largest = from[0], sum = 0;
        for (int64_t i = 1; i < n; i++)
            largest = from[i] > largest ? from[i] : largest;
        for (int64_t i = 0; i < n; i++) {
            p[r * n + i] = loss == WEIR_CROSS_ENTROPY && !fused ? exp(from[i] - largest) : from[i];
            sum += p[r * n + i];
        }
        if (loss == WEIR_CROSS_ENTROPY && !fused)
            for (int64_t i = 0; i < n; i++)
                p[r * n + i] /= sum;
    }
}
