/* A slow, plain second opinion on networks: the notation read again, every layer by its formula in double, rows as
 * [height][width][channels]. */
#ifndef WEIR_TESTS_UNIT_NETWORK_REFERENCE_H
#define WEIR_TESTS_UNIT_NETWORK_REFERENCE_H

#include "nn/network.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reference_value {
    int rank;
    int64_t size[3]; /* a vector: {n}; an image: {h, w, c} */
    double *data;    /* [rows][elements] */
};

struct reference {
    int64_t rows;
    const double *parameters; /* all, in the network's order */
    const float *state;
    int64_t parameter, running; /* how many were used */
    bool training;
    const char *text;
};

static int64_t reference_elements(const struct reference_value *v)
{
    int64_t n = 1;
    for (int i = 0; i < v->rank; i++)
        n *= v->size[i];
    return n;
}

static struct reference_value reference_new(const struct reference *r, int rank, int64_t a, int64_t b, int64_t c)
{
    struct reference_value v = { rank, { a, b, c }, NULL };
    v.data = calloc((size_t)(r->rows * reference_elements(&v)), sizeof(double));
    if (!v.data)
        abort();
    return v;
}

static bool reference_word(struct reference *r, char word[32])
{
    int used = 0;
    if (sscanf(r->text, "%31s%n", word, &used) != 1)
        return false;
    r->text += used;
    return true;
}

static bool reference_take(struct reference *r, const char *what)
{
    const char *before = r->text;
    char word[32];
    if (reference_word(r, word) && strcmp(word, what) == 0)
        return true;
    r->text = before;
    return false;
}

static int64_t reference_number(struct reference *r)
{
    char word[32];
    return reference_word(r, word) ? strtoll(word, NULL, 10) : 0;
}

static void reference_size(struct reference *r, int64_t *height, int64_t *width)
{
    char word[32], *end;
    if (!reference_word(r, word))
        return;
    *height = *width = strtoll(word, &end, 10);
    if (*end == 'x')
        *width = strtoll(end + 1, NULL, 10);
}

struct reference_window {
    int64_t kernel[2], stride[2], pad[2], groups;
    bool same, bias;
};

static void reference_options(struct reference *r, struct reference_window *w)
{
    for (;;) {
        if (reference_take(r, "stride"))
            reference_size(r, &w->stride[0], &w->stride[1]);
        else if (reference_take(r, "pad")) {
            w->same = reference_take(r, "same");
            if (!w->same)
                reference_size(r, &w->pad[0], &w->pad[1]);
        } else if (reference_take(r, "groups"))
            w->groups = reference_number(r);
        else if (reference_take(r, "nobias"))
            w->bias = false;
        else
            return;
    }
}

static int64_t reference_output(const struct reference_window *w, int axis, int64_t size, int64_t *before)
{
    *before = w->pad[axis];
    if (!w->same)
        return (size + 2 * w->pad[axis] - w->kernel[axis]) / w->stride[axis] + 1;
    int64_t output = (size + w->stride[axis] - 1) / w->stride[axis];
    int64_t total = (output - 1) * w->stride[axis] + w->kernel[axis] - size;
    *before = total > 0 ? total / 2 : 0;
    return output;
}

static struct reference_value reference_conv(struct reference *r, struct reference_value x, int64_t outputs,
                                             struct reference_window w)
{
    int64_t top, left, inputs = x.size[2] / w.groups, share = outputs / w.groups;
    int64_t height = reference_output(&w, 0, x.size[0], &top), width = reference_output(&w, 1, x.size[1], &left);
    struct reference_value y = reference_new(r, 3, height, width, outputs);
    const double *weight = r->parameters + r->parameter;
    r->parameter += outputs * inputs * w.kernel[0] * w.kernel[1];
    const double *bias = r->parameters + r->parameter;
    r->parameter += w.bias ? outputs : 0;
    for (int64_t n = 0; n < r->rows; n++)
        for (int64_t i = 0; i < height; i++)
            for (int64_t j = 0; j < width; j++)
                for (int64_t o = 0; o < outputs; o++) {
                    double sum = w.bias ? bias[o] : 0;
                    for (int64_t a = 0; a < w.kernel[0]; a++)
                        for (int64_t b = 0; b < w.kernel[1]; b++) {
                            int64_t row = i * w.stride[0] - top + a, column = j * w.stride[1] - left + b;
                            if (row < 0 || row >= x.size[0] || column < 0 || column >= x.size[1])
                                continue;
                            const double *from =
                                x.data + ((n * x.size[0] + row) * x.size[1] + column) * x.size[2] + o / share * inputs;
                            const double *by = weight + (o * inputs * w.kernel[0] + a) * w.kernel[1] + b;
                            for (int64_t c = 0; c < inputs; c++)
                                sum += by[c * w.kernel[0] * w.kernel[1]] * from[c];
                        }
                    y.data[((n * height + i) * width + j) * outputs + o] = sum;
                }
    free(x.data);
    return y;
}

static struct reference_value reference_pool(struct reference *r, struct reference_value x, struct reference_window w,
                                             bool mean)
{
    int64_t top, left, channels = x.size[2];
    int64_t height = reference_output(&w, 0, x.size[0], &top), width = reference_output(&w, 1, x.size[1], &left);
    struct reference_value y = reference_new(r, 3, height, width, channels);
    for (int64_t n = 0; n < r->rows; n++)
        for (int64_t i = 0; i < height; i++)
            for (int64_t j = 0; j < width; j++)
                for (int64_t c = 0; c < channels; c++) {
                    double largest = -INFINITY, sum = 0;
                    for (int64_t a = 0; a < w.kernel[0]; a++)
                        for (int64_t b = 0; b < w.kernel[1]; b++) {
                            int64_t row = i * w.stride[0] - top + a, column = j * w.stride[1] - left + b;
                            if (row < 0 || row >= x.size[0] || column < 0 || column >= x.size[1])
                                continue;
                            double v = x.data[((n * x.size[0] + row) * x.size[1] + column) * channels + c];
                            sum += v;
                            largest = v > largest ? v : largest;
                        }
                    y.data[((n * height + i) * width + j) * channels + c] =
                        mean ? sum / (double)(w.kernel[0] * w.kernel[1]) : largest;
                }
    free(x.data);
    return y;
}

static struct reference_value reference_dense(struct reference *r, struct reference_value x, int64_t outputs, bool bias)
{
    struct reference_value y = reference_new(r, 1, outputs, 0, 0);
    const double *weight = r->parameters + r->parameter;
    r->parameter += outputs * x.size[0];
    for (int64_t n = 0; n < r->rows; n++)
        for (int64_t o = 0; o < outputs; o++) {
            double sum = bias ? r->parameters[r->parameter + o] : 0;
            for (int64_t i = 0; i < x.size[0]; i++)
                sum += weight[o * x.size[0] + i] * x.data[n * x.size[0] + i];
            y.data[n * outputs + o] = sum;
        }
    r->parameter += bias ? outputs : 0;
    free(x.data);
    return y;
}

/* batchnorm: over rows and places of a channel; layernorm: over the channels of a place. */
static void reference_norm(struct reference *r, struct reference_value *x, bool batch)
{
    int64_t channels = x->size[x->rank - 1], places = r->rows * reference_elements(x) / channels;
    const double *weight = r->parameters + r->parameter, *bias = weight + channels;
    r->parameter += 2 * channels;
    for (int64_t k = 0; k < (batch ? channels : places); k++) {
        int64_t count = batch ? places : channels, step = batch ? channels : 1, first = batch ? k : k * channels;
        double mean = 0, variance = 0;
        for (int64_t i = 0; i < count; i++)
            mean += x->data[first + i * step] / (double)count;
        for (int64_t i = 0; i < count; i++)
            variance += pow(x->data[first + i * step] - mean, 2) / (double)count;
        if (batch && !r->training) {
            mean = r->state[r->running + k];
            variance = r->state[r->running + channels + k];
        }
        for (int64_t i = 0; i < count; i++) {
            int64_t c = batch ? k : i;
            double *v = &x->data[first + i * step];
            *v = (*v - mean) / sqrt(variance + 1e-5) * weight[c] + bias[c];
        }
    }
    if (batch)
        r->running += 2 * channels;
}

static bool reference_activation(struct reference *r, struct reference_value *x)
{
    int64_t n = r->rows * reference_elements(x), last = x->size[x->rank - 1];
    if (reference_take(r, "relu")) {
        for (int64_t i = 0; i < n; i++)
            x->data[i] = x->data[i] > 0 ? x->data[i] : 0;
    } else if (reference_take(r, "gelu")) {
        for (int64_t i = 0; i < n; i++)
            x->data[i] *= 0.5 * (1 + erf(x->data[i] / sqrt(2)));
    } else if (reference_take(r, "tanh")) {
        for (int64_t i = 0; i < n; i++)
            x->data[i] = tanh(x->data[i]);
    } else if (reference_take(r, "sigmoid")) {
        for (int64_t i = 0; i < n; i++)
            x->data[i] = 1 / (1 + exp(-x->data[i]));
    } else if (reference_take(r, "softmax")) {
        for (int64_t k = 0; k < n; k += last) {
            double sum = 0;
            for (int64_t i = 0; i < last; i++)
                sum += exp(x->data[k + i]);
            for (int64_t i = 0; i < last; i++)
                x->data[k + i] = exp(x->data[k + i]) / sum;
        }
    } else {
        return false;
    }
    return true;
}

static struct reference_value reference_pipe(struct reference *r, struct reference_value x);

static struct reference_value reference_residual(struct reference *r, struct reference_value x)
{
    struct reference_value copy = x;
    int64_t bytes = r->rows * reference_elements(&x) * (int64_t)sizeof(double);
    copy.data = malloc((size_t)bytes);
    if (!copy.data)
        abort();
    memcpy(copy.data, x.data, (size_t)bytes);
    reference_take(r, "(");
    struct reference_value y = reference_pipe(r, x);
    reference_take(r, ")");
    if (y.rank == 1 && y.size[0] != copy.size[0])
        copy = reference_dense(r, copy, y.size[0], false);
    if (y.rank == 3 && memcmp(y.size, copy.size, sizeof y.size) != 0) {
        struct reference_window w = { .kernel = { 1, 1 },
                                      .stride = { (copy.size[0] + y.size[0] - 1) / y.size[0],
                                                  (copy.size[1] + y.size[1] - 1) / y.size[1] },
                                      .groups = 1 };
        copy = reference_conv(r, copy, y.size[2], w);
    }
    for (int64_t i = 0; i < r->rows * reference_elements(&y); i++)
        y.data[i] += copy.data[i];
    free(copy.data);
    return y;
}

static struct reference_value reference_pipe(struct reference *r, struct reference_value x)
{
    do {
        struct reference_window w = { .kernel = { 1, 1 }, .stride = { 1, 1 }, .groups = 1, .bias = true };
        if (reference_take(r, "conv")) {
            int64_t outputs = reference_number(r);
            reference_size(r, &w.kernel[0], &w.kernel[1]);
            reference_options(r, &w);
            x = reference_conv(r, x, outputs, w);
        } else if (reference_take(r, "dense")) {
            int64_t outputs = reference_number(r);
            reference_options(r, &w);
            x = reference_dense(r, x, outputs, w.bias);
        } else if (reference_take(r, "maxpool") || reference_take(r, "avgpool")) {
            bool mean = r->text[-7] == 'a';
            reference_size(r, &w.kernel[0], &w.kernel[1]);
            memcpy(w.stride, w.kernel, sizeof w.stride);
            reference_options(r, &w);
            x = reference_pool(r, x, w, mean);
        } else if (reference_take(r, "globalpool")) {
            w.kernel[0] = x.size[0];
            w.kernel[1] = x.size[1];
            x = reference_pool(r, x, w, true);
            x = (struct reference_value){ 1, { x.size[2] }, x.data };
        } else if (reference_take(r, "flatten")) {
            x = (struct reference_value){ 1, { reference_elements(&x) }, x.data };
        } else if (reference_take(r, "batchnorm")) {
            reference_norm(r, &x, true);
        } else if (reference_take(r, "layernorm")) {
            reference_norm(r, &x, false);
        } else if (reference_take(r, "residual")) {
            x = reference_residual(r, x);
        }
        while (reference_activation(r, &x))
            continue;
    } while (reference_take(r, "|"));
    return x;
}

/* The network's output, [rows][outputs], to be freed. */
static inline double *reference_run(const struct weir_network *network, const double *parameters, const float *state,
                                    const float *x, int64_t rows, bool training)
{
    const struct weir_shape *shape = weir_network_input(network);
    struct reference r = { rows, parameters, state, 0, 0, training, weir_network_notation(network) };
    struct reference_value in;
    if (shape->rank == 1)
        in = reference_new(&r, 1, shape->size[0], 0, 0);
    else
        in = reference_new(&r, 3, shape->size[0], shape->size[1], shape->rank == 3 ? shape->size[2] : 1);
    for (int64_t i = 0; i < rows * reference_elements(&in); i++)
        in.data[i] = x[i];
    return reference_pipe(&r, in).data;
}

/* The mean loss by its definition. */
static inline double reference_loss(const struct weir_loss *loss, int64_t rows, int64_t n, const double *y, bool is_p,
                                    const int32_t *classes, const float *targets, const float *weights)
{
    double sum = 0, weight = 0, s = loss->label_smoothing;
    for (int64_t r = 0; r < rows; r++, y += n) {
        double row = 0, total = 0;
        for (int64_t i = 0; i < n; i++)
            total += exp(y[i]);
        for (int64_t i = 0; i < n; i++) {
            double e = targets ? y[i] - targets[r * n + i] : 0;
            double delta = loss->huber_delta > 0 ? loss->huber_delta : 1;
            switch (loss->kind) {
            case WEIR_MSE:
                row += e * e / (double)n;
                break;
            case WEIR_MAE:
                row += fabs(e) / (double)n;
                break;
            case WEIR_HUBER:
                row += (fabs(e) <= delta ? 0.5 * e * e : delta * (fabs(e) - 0.5 * delta)) / (double)n;
                break;
            case WEIR_CROSS_ENTROPY:
                row -= ((i == classes[r] ? 1 - s : 0) + s / (double)n) * log(is_p ? y[i] : exp(y[i]) / total);
                break;
            case WEIR_BINARY_CROSS_ENTROPY: {
                double p = is_p ? y[i] : 1 / (1 + exp(-y[i])), t = classes[r] * (1 - s) + s / 2;
                row -= t * log(p) + (1 - t) * log(1 - p);
            }
            }
        }
        sum += weights[r] * row;
        weight += weights[r];
    }
    return sum / weight;
}

#endif
