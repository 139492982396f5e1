/* batchnorm (Ioffe and Szegedy 2015): y = weight (x - mean) / sqrt(variance + 1e-5) + bias, channel by channel, with
 * mean and variance (of the population) over all rows and places of the minibatch in training, and the running ones in
 * predicting. Running: 0.9 of the old and 0.1 of the new, the variance's new being the sample's (n / (n - 1)).
 *
 * The sums of the shards are combined in double, in the order of the shards (Chan, Golub and LeVeque 1979). */
#include "nn/internal.h"
#include "nn/notation.h"
#include <math.h>
#include <stdlib.h>

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
    double sum[2];               /* while a row is read */
    float scale, centre;         /* y = (x - centre) scale weight + bias */
};

static int bind(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass, void **bound,
                struct weir_error *error)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    *bound = weir_allocate_zero((size_t)(weir_value_groups(in) * in->lanes), sizeof(struct channel));
    return *bound ? 0 : weir_fail_memory(error);
}

/* Where row r of channel group g begins. */
static int64_t start(const struct weir_value *in, int64_t r, int64_t g)
{
    return r * weir_value_stride(in) + g * weir_value_places(in) * in->lanes;
}

static void gather(const struct weir_layer *layer, struct weir_pass *pass)
{
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t places = weir_value_places(in), lanes = in->lanes;
    struct channel *all = weir_layer_bound(layer, pass);
    double count = (double)(pass->rows * places);
    for (int64_t g = 0; g < weir_value_groups(in); g++) {
        struct channel *channel = all + g * lanes;
        for (int64_t l = 0; l < lanes; l++)
            channel[l] = (struct channel){ .count = count };
        for (int pass_of_two = 0; pass_of_two < 2 && pass->rows; pass_of_two++) {
            for (int64_t r = 0; r < pass->rows; r++) {
                const float *x = pass->value[layer->input] + start(in, r, g);
                for (int64_t p = 0; p < places; p++)
                    for (int64_t l = 0; l < lanes; l++) {
                        double d = x[p * lanes + l] - channel[l].mean;
                        channel[l].sum[pass_of_two] += pass_of_two ? d * d : d;
                    }
            }
            for (int64_t l = 0; l < lanes; l++)
                if (pass_of_two)
                    channel[l].squares = channel[l].sum[1];
                else
                    channel[l].mean = channel[l].sum[0] / count;
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
            const struct channel *part = (const struct channel *)weir_layer_bound(layer, passes[i]) + c;
            double n = total.count + part->count, shift = part->mean - total.mean;
            if (!(n > 0))
                continue;
            total.squares += part->squares + shift * shift * total.count * part->count / n;
            total.mean += shift * part->count / n;
            total.count = n;
        }
        double variance = total.squares / total.count;
        total.centre = (float)total.mean;
        total.scale = (float)(1 / sqrt(variance + EPSILON));
        for (int i = 0; i < count; i++)
            ((struct channel *)weir_layer_bound(layer, passes[i]))[c] = total;
        double sample = total.count > 1 ? total.squares / (total.count - 1) : variance;
        running_mean[c] = (float)((1 - MOMENTUM) * running_mean[c] + MOMENTUM * total.mean);
        running_variance[c] = (float)((1 - MOMENTUM) * running_variance[c] + MOMENTUM * sample);
    }
}

static int forward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t channels = weir_value_channels(in), places = weir_value_places(in), lanes = in->lanes;
    const float *weight = weir_layer_parameter(layer, pass->network, WEIGHT);
    const float *bias = weir_layer_parameter(layer, pass->network, BIAS);
    struct channel *all = weir_layer_bound(layer, pass);
    if (!pass->training)
        for (int64_t c = 0; c < channels; c++) {
            all[c].centre = weir_layer_parameter(layer, pass->network, MEAN)[c];
            all[c].scale = (float)(1 / sqrt((double)weir_layer_parameter(layer, pass->network, VARIANCE)[c] + EPSILON));
        }
    for (int64_t r = 0; r < pass->rows; r++)
        for (int64_t g = 0; g < weir_value_groups(in); g++) {
            const float *x = pass->value[layer->input] + start(in, r, g);
            float *y = pass->value[layer->output] + start(in, r, g);
            for (int64_t l = 0; l < lanes; l++) {
                int64_t c = g * lanes + l;
                float centre = all[c].centre, scale = c < channels ? all[c].scale * weight[c] : 0;
                float shift = c < channels ? bias[c] : 0;
                for (int64_t p = 0; p < places; p++)
                    y[p * lanes + l] = (x[p * lanes + l] - centre) * scale + shift;
            }
        }
    return 0;
}

static void gather_backward(const struct weir_layer *layer, struct weir_pass *pass)
{
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t channels = weir_value_channels(in), places = weir_value_places(in), lanes = in->lanes;
    struct channel *all = weir_layer_bound(layer, pass);
    for (int64_t c = 0; c < channels; c++) {
        struct channel *channel = all + c;
        double gradient = 0, product = 0;
        for (int64_t r = 0; r < pass->rows; r++) {
            int64_t at = start(in, r, c / lanes) + c % lanes;
            const float *x = pass->value[layer->input] + at, *from = pass->gradient[layer->output] + at;
            for (int64_t p = 0; p < places; p++) {
                gradient += from[p * lanes];
                product += (double)from[p * lanes] * (x[p * lanes] - channel->centre);
            }
        }
        channel->gradient = gradient;
        channel->product = product * channel->scale;
        weir_layer_gradient(layer, pass, WEIGHT)[c] = (float)channel->product;
        weir_layer_gradient(layer, pass, BIAS)[c] = (float)gradient;
    }
}

static void combine_backward(const struct weir_layer *layer, struct weir_pass **passes, int count)
{
    int64_t channels = weir_value_channels(weir_layer_input(layer, passes[0]->network));
    for (int64_t c = 0; c < channels; c++) {
        double gradient = 0, product = 0;
        for (int i = 0; i < count; i++) {
            const struct channel *part = (const struct channel *)weir_layer_bound(layer, passes[i]) + c;
            gradient += part->gradient;
            product += part->product;
        }
        for (int i = 0; i < count; i++) {
            struct channel *part = (struct channel *)weir_layer_bound(layer, passes[i]) + c;
            part->gradient = gradient;
            part->product = product;
        }
    }
}

/* With n = (x - mean) scale: dx = weight scale (dy - mean of dy - n mean of (dy n)). */
static int backward(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass)
{
    (void)compiled;
    const struct weir_value *in = weir_layer_input(layer, pass->network);
    int64_t channels = weir_value_channels(in), places = weir_value_places(in), lanes = in->lanes;
    const float *weight = weir_layer_parameter(layer, pass->network, WEIGHT);
    const struct channel *all = weir_layer_bound(layer, pass);
    float *into = weir_layer_input_gradient(layer, pass);
    if (!into)
        return 0;
    for (int64_t r = 0; r < pass->rows; r++)
        for (int64_t c = 0; c < weir_value_groups(in) * lanes; c++) {
            int64_t at = start(in, r, c / lanes) + c % lanes;
            const float *x = pass->value[layer->input] + at, *from = pass->gradient[layer->output] + at;
            float *to = into + at;
            float scale = all[c].scale, centre = all[c].centre, factor = c < channels ? scale * weight[c] : 0;
            float mean = c < channels ? (float)(all[c].gradient / all[c].count) : 0;
            float slope = c < channels ? (float)(all[c].product / all[c].count) : 0;
            for (int64_t p = 0; p < places; p++)
                to[p * lanes] = factor * (from[p * lanes] - mean - (x[p * lanes] - centre) * scale * slope);
        }
    return 0;
}

const struct weir_layer_kind weir_layer_batchnorm = {
    .name = "batchnorm",
    .describe = describe,
    .infer = infer,
    .initialize = initialize,
    .bind = bind,
    .unbind = free,
    .forward = forward,
    .backward = backward,
    .gather = gather,
    .combine = combine,
    .gather_backward = gather_backward,
    .combine_backward = combine_backward,
};
