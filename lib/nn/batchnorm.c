/* batchnorm (Ioffe and Szegedy 2015): y = weight (x - mean) / sqrt(variance + 1e-5) + bias, channel by channel, with
 * mean and variance (of the population) over all rows and places of the minibatch in training, and the running ones in
 * predicting. Running: 0.9 of the old and 0.1 of the new, the variance's new being the sample's (n / (n - 1)).
 *
 * The sums of the shards are combined in double, in the order of the shards (Chan, Golub and LeVeque 1979). */
#include "math/clones.h"
#include "nn/internal.h"
#include "nn/words.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double EPSILON = 1e-5, MOMENTUM = 0.1;
enum { WEIGHT, BIAS, MEAN, VARIANCE };

static void describe(const struct weir_layer *layer, struct weir_buffer *out)
{
    (void)layer;
    weir_buffer_string(out, "batchnorm");
}

static int infer(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error)
{
    (void)out;
    int64_t channels = weir_value_channels(in);
    layer->operations = 8 * (double)weir_shape_elements(&in->shape);
    return weir_layer_add_tensor(layer, network, "weight", false, 1, &channels, error) ||
                   weir_layer_add_tensor(layer, network, "bias", false, 1, &channels, error) ||
                   weir_layer_add_tensor(layer, network, "mean", true, 1, &channels, error) ||
                   weir_layer_add_tensor(layer, network, "variance", true, 1, &channels, error)
               ? -1
               : 0;
}

static void initialize(const struct weir_layer *layer, struct weir_network *network, struct weir_random *random)
{
    (void)random;
    int64_t channels = weir_value_channels(weir_layer_input(layer, network));
    for (int64_t c = 0; c < channels; c++) {
        weir_layer_parameter(layer, network, WEIGHT)[c] = 1;
        weir_layer_parameter(layer, network, BIAS)[c] = 0;
        weir_layer_parameter(layer, network, MEAN)[c] = 0;
        weir_layer_parameter(layer, network, VARIANCE)[c] = 1;
    }
}

/* Of one channel: first this shard's, after `combine` the minibatch's. */
struct channel {
    double count, mean, squares; /* squares: sum of (x - mean)^2 */
    double gradient, product;    /* sums of dy and of dy (x - mean) / deviation */
};

struct bound {
    struct channel *channel;
    double *sum, *second; /* of each lane, while rows are read */
    /* y = (x - centre) factor + shift; backward dx = factor (dy - mean - (x - centre) slope). */
    float *centre, *scale, *factor, *shift, *mean, *slope;
    float floats[];
};

static void unbind(void *bound)
{
    struct bound *all = bound;
    if (!all)
        return;
    free(all->channel);
    free(all->sum);
    free(all->second);
    free(all);
}

static int bind(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass, void **bound,
                struct weir_error *error)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    size_t channels = (size_t)(weir_value_groups(in) * in->lanes);
    struct bound *all = weir_allocate_zero(1, sizeof *all + 6 * channels * sizeof(float));
    *bound = all;
    if (!all)
        return weir_fail_memory(error);
    float **each[] = { &all->centre, &all->scale, &all->factor, &all->shift, &all->mean, &all->slope };
    for (size_t i = 0; i < 6; i++)
        *each[i] = all->floats + i * channels;
    all->channel = weir_allocate_zero(channels, sizeof *all->channel);
    all->sum = weir_allocate_zero((size_t)in->lanes, sizeof *all->sum);
    all->second = weir_allocate_zero((size_t)in->lanes, sizeof *all->second);
    return all->channel && all->sum && all->second ? 0 : weir_fail_memory(error);
}

static struct channel *channel_of(const struct weir_layer *layer, const struct weir_pass *pass, int64_t c)
{
    return ((struct bound *)weir_layer_bound(layer, pass))->channel + c;
}

/* Where row r of channel group g begins. */
static int64_t start(const struct weir_value *in, int64_t r, int64_t g)
{
    return r * weir_value_stride(in) + g * weir_value_places(in) * in->lanes;
}

/* sum[l] += x - centre, or its square, over the places of one group. */
WEIR_CLONES static void add_places(const float *restrict x, const double *restrict centre, double *restrict sum,
                                   int64_t places, int64_t lanes, bool square)
{
    for (int64_t p = 0; p < places; p++)
        for (int64_t l = 0; l < lanes; l++) {
            double d = x[p * lanes + l] - centre[l];
            sum[l] += square ? d * d : d;
        }
}

static void gather(const struct weir_layer *layer, struct weir_pass *pass)
{
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t places = weir_value_places(in), lanes = in->lanes;
    struct bound *all = weir_layer_bound(layer, pass);
    double count = (double)(pass->rows * places);
    for (int64_t g = 0; g < weir_value_groups(in); g++) {
        struct channel *channel = all->channel + g * lanes;
        double *sum = all->sum, *mean = all->second;
        for (int64_t l = 0; l < lanes; l++)
            mean[l] = 0;
        for (int twice = 0; twice < 2; twice++) {
            memset(sum, 0, (size_t)lanes * sizeof *sum);
            for (int64_t r = 0; r < pass->rows; r++)
                add_places(pass->value[layer->input] + start(in, r, g), mean, sum, places, lanes, twice);
            for (int64_t l = 0; l < lanes; l++)
                if (twice)
                    channel[l] = (struct channel){ .count = count, .mean = mean[l], .squares = sum[l] };
                else
                    mean[l] = sum[l] / count;
        }
    }
}

static void combine(const struct weir_layer *layer, struct weir_pass **passes, int count)
{
    const struct weir_network *network = passes[0]->network;
    int64_t channels = weir_value_channels(weir_layer_input(layer, network));
    float *running_mean = weir_layer_parameter(layer, network, MEAN);
    float *running_variance = weir_layer_parameter(layer, network, VARIANCE);
    for (int64_t c = 0; c < channels; c++) {
        struct channel total = { 0 };
        for (int i = 0; i < count; i++) {
            const struct channel *part = channel_of(layer, passes[i], c);
            double n = total.count + part->count, shift = part->mean - total.mean;
            total.squares += part->squares + shift * shift * total.count * part->count / n;
            total.mean += shift * part->count / n;
            total.count = n;
        }
        for (int i = 0; i < count; i++)
            *channel_of(layer, passes[i], c) = total;
        double variance = total.squares / total.count;
        double sample = total.count > 1 ? total.squares / (total.count - 1) : variance;
        running_mean[c] = (float)((1 - MOMENTUM) * running_mean[c] + MOMENTUM * total.mean);
        running_variance[c] = (float)((1 - MOMENTUM) * running_variance[c] + MOMENTUM * sample);
    }
}

/* y = (x - centre) factor + shift */
WEIR_CLONES static void scale_places(const float *restrict x, float *restrict y, const float *restrict centre,
                                     const float *restrict factor, const float *restrict shift, int64_t places,
                                     int64_t lanes)
{
    for (int64_t p = 0; p < places; p++)
        for (int64_t l = 0; l < lanes; l++)
            y[p * lanes + l] = (x[p * lanes + l] - centre[l]) * factor[l] + shift[l];
}

/* Channels beyond the last have factor and shift 0, and stay 0. */
static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t channels = weir_value_channels(in), places = weir_value_places(in), lanes = in->lanes;
    const float *weight = weir_layer_parameter(layer, pass->network, WEIGHT);
    const float *bias = weir_layer_parameter(layer, pass->network, BIAS);
    struct bound *all = weir_layer_bound(layer, pass);
    for (int64_t c = 0; c < channels; c++) {
        double mean, variance;
        if (pass->training) {
            mean = all->channel[c].mean;
            variance = all->channel[c].squares / all->channel[c].count;
        } else {
            mean = weir_layer_parameter(layer, pass->network, MEAN)[c];
            variance = weir_layer_parameter(layer, pass->network, VARIANCE)[c];
        }
        all->centre[c] = (float)mean;
        all->scale[c] = (float)(1 / sqrt(variance + EPSILON));
        all->factor[c] = all->scale[c] * weight[c];
        all->shift[c] = bias[c];
    }
    for (int64_t r = 0; r < pass->rows; r++)
        for (int64_t g = 0; g < weir_value_groups(in); g++)
            scale_places(pass->value[layer->input] + start(in, r, g), pass->value[layer->output] + start(in, r, g),
                         all->centre + g * lanes, all->factor + g * lanes, all->shift + g * lanes, places, lanes);
    return 0;
}

/* gradient[l] += dy, product[l] += dy (x - centre) over the places of one group. */
WEIR_CLONES static void add_gradients(const float *restrict x, const float *restrict from, const float *restrict centre,
                                      double *restrict gradient, double *restrict product, int64_t places,
                                      int64_t lanes)
{
    for (int64_t p = 0; p < places; p++)
        for (int64_t l = 0; l < lanes; l++) {
            gradient[l] += from[p * lanes + l];
            product[l] += (double)from[p * lanes + l] * (x[p * lanes + l] - centre[l]);
        }
}

static void gather_backward(const struct weir_layer *layer, struct weir_pass *pass)
{
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t channels = weir_value_channels(in), places = weir_value_places(in), lanes = in->lanes;
    struct bound *all = weir_layer_bound(layer, pass);
    for (int64_t g = 0; g < weir_value_groups(in); g++) {
        memset(all->sum, 0, (size_t)lanes * sizeof *all->sum);
        memset(all->second, 0, (size_t)lanes * sizeof *all->second);
        for (int64_t r = 0; r < pass->rows; r++)
            add_gradients(pass->value[layer->input] + start(in, r, g), pass->gradient[layer->output] + start(in, r, g),
                          all->centre + g * lanes, all->sum, all->second, places, lanes);
        for (int64_t l = 0; l < lanes && g * lanes + l < channels; l++) {
            int64_t c = g * lanes + l;
            all->channel[c].gradient = all->sum[l];
            all->channel[c].product = all->second[l] * all->scale[c];
            weir_layer_gradient(layer, pass, WEIGHT)[c] = (float)all->channel[c].product;
            weir_layer_gradient(layer, pass, BIAS)[c] = (float)all->channel[c].gradient;
        }
    }
}

static void combine_backward(const struct weir_layer *layer, struct weir_pass **passes, int count)
{
    int64_t channels = weir_value_channels(weir_layer_input(layer, passes[0]->network));
    for (int64_t c = 0; c < channels; c++) {
        double gradient = 0, product = 0;
        for (int i = 0; i < count; i++) {
            gradient += channel_of(layer, passes[i], c)->gradient;
            product += channel_of(layer, passes[i], c)->product;
        }
        for (int i = 0; i < count; i++) {
            channel_of(layer, passes[i], c)->gradient = gradient;
            channel_of(layer, passes[i], c)->product = product;
        }
    }
}

WEIR_CLONES static void gradient_places(const struct bound *all, const float *restrict x, const float *restrict from,
                                        float *restrict to, int64_t first, int64_t places, int64_t lanes)
{
    const float *restrict centre = all->centre + first, *restrict factor = all->factor + first;
    const float *restrict mean = all->mean + first, *restrict slope = all->slope + first;
    for (int64_t p = 0; p < places; p++)
        for (int64_t l = 0; l < lanes; l++)
            to[p * lanes + l] = factor[l] * (from[p * lanes + l] - mean[l] - (x[p * lanes + l] - centre[l]) * slope[l]);
}

/* With n = (x - mean) scale: dx = weight scale (dy - mean of dy - n mean of (dy n)). */
static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t channels = weir_value_channels(in), places = weir_value_places(in), lanes = in->lanes;
    struct bound *all = weir_layer_bound(layer, pass);
    float *to = weir_layer_input_gradient(layer, pass);
    if (!to)
        return 0;
    for (int64_t c = 0; c < channels; c++) {
        all->mean[c] = (float)(all->channel[c].gradient / all->channel[c].count);
        all->slope[c] = (float)(all->channel[c].product / all->channel[c].count * all->scale[c]);
    }
    for (int64_t r = 0; r < pass->rows; r++)
        for (int64_t g = 0; g < weir_value_groups(in); g++)
            gradient_places(all, pass->value[layer->input] + start(in, r, g),
                            pass->gradient[layer->output] + start(in, r, g), to + start(in, r, g), g * lanes, places,
                            lanes);
    return 0;
}

const struct weir_layer_kind weir_layer_batchnorm = {
    .name = "batchnorm",
    .describe = describe,
    .infer = infer,
    .initialize = initialize,
    .bind = bind,
    .unbind = unbind,
    .forward = forward,
    .backward = backward,
    .gather = gather,
    .combine = combine,
    .gather_backward = gather_backward,
    .combine_backward = combine_backward,
};
