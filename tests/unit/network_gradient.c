/* Every layer and loss: the network's loss equals the plain reference's, its gradient the reference's central
 * differences, its prediction the reference's output. */
#include "check.h"
#include "network_reference.h"

struct data {
    int64_t rows, inputs, outputs;
    float *x, *targets, *weights;
    int32_t *classes;
};

static struct data make_data(int64_t rows, int64_t inputs, int64_t outputs, int classes, uint64_t seed)
{
    struct data d = { rows,
                      inputs,
                      outputs,
                      malloc((size_t)(rows * inputs) * 4),
                      malloc((size_t)(rows * outputs) * 4),
                      malloc((size_t)rows * 4),
                      malloc((size_t)rows * 4) };
    struct weir_random random;
    weir_random_init(&random, seed, 0);
    for (int64_t i = 0; i < rows * inputs; i++)
        d.x[i] = (float)weir_random_normal(&random);
    for (int64_t i = 0; i < rows * outputs; i++)
        d.targets[i] = (float)weir_random_normal(&random);
    for (int64_t i = 0; i < rows; i++) {
        d.weights[i] = (float)(0.5 + weir_random_uniform(&random));
        d.classes[i] = (int32_t)weir_random_below(&random, (uint64_t)classes);
    }
    return d;
}

static void free_data(struct data *d)
{
    free(d->x);
    free(d->targets);
    free(d->weights);
    free(d->classes);
}

static void fill(void *context, int64_t first, int64_t count, float *x, int32_t *classes, float *targets,
                 float *weights)
{
    const struct data *d = context;
    memcpy(x, d->x + first * d->inputs, (size_t)(count * d->inputs) * sizeof *x);
    memcpy(targets, d->targets + first * d->outputs, (size_t)(count * d->outputs) * sizeof *x);
    memcpy(classes, d->classes + first, (size_t)count * sizeof *classes);
    memcpy(weights, d->weights + first, (size_t)count * sizeof *weights);
}

struct network_case {
    const char *notation;
    struct weir_shape shape;
    int64_t outputs, rows, batch; /* batch: announced, rows: come */
    struct weir_loss loss;
};

static double loss_of(const struct weir_network *network, const struct network_case *c, const struct data *d,
                      const double *parameters)
{
    bool is_p = weir_network_ends_in_softmax(network) || weir_network_ends_in_sigmoid(network);
    double *y =
        reference_run(network, parameters, weir_network_state((struct weir_network *)network), d->x, c->rows, true);
    double loss = reference_loss(&c->loss, c->rows, c->outputs, y, is_p, d->classes, d->targets, d->weights);
    free(y);
    return loss;
}

enum { PROBES = 24 };

static void check_gradient(struct weir_network *network, const struct network_case *c, const struct data *d,
                           const float *gradient)
{
    int64_t count = weir_network_parameter_count(network);
    double *p = malloc((size_t)count * sizeof *p), largest = 0;
    for (int64_t i = 0; i < count; i++) {
        p[i] = weir_network_parameters(network)[i];
        largest = fabs(gradient[i]) > largest ? fabs(gradient[i]) : largest;
    }
    CHECK(largest > 0);
    struct weir_random random;
    weir_random_init(&random, 5, 5);
    int wrong = 0;
    /* Each tensor's first and some others. */
    for (int t = 0; t < weir_network_tensor_count(network); t++) {
        const struct weir_network_tensor *tensor = weir_network_tensor(network, t);
        int64_t probes = tensor->count < 12 ? tensor->count : count < 2000 ? PROBES : 6;
        for (int64_t k = 0; k < probes && !tensor->is_state; k++) {
            int64_t i = tensor->offset +
                        (k < 4 && k < tensor->count ? k : (int64_t)weir_random_below(&random, (uint64_t)tensor->count));
            double old = p[i], step = 1e-5;
            p[i] = old + step;
            double above = loss_of(network, c, d, p);
            p[i] = old - step;
            double below = loss_of(network, c, d, p);
            p[i] = old;
            double expected = (above - below) / (2 * step);
            if (!(fabs(expected - gradient[i]) <= 2e-5 * largest + 1e-4 * fabs(expected)) && wrong++ < 3)
                fprintf(stderr, "%s: gradient of %s[%lld] is %.9g, expected %.9g\n", c->notation, tensor->name,
                        (long long)(i - tensor->offset), gradient[i], expected);
        }
    }
    CHECK_INT(wrong, 0);
    free(p);
}

static void check_prediction(struct weir_network *network, const struct network_case *c, const struct data *d)
{
    struct weir_error error = { 0 };
    int64_t count = weir_network_parameter_count(network);
    double *p = malloc((size_t)count * sizeof *p);
    for (int64_t i = 0; i < count; i++)
        p[i] = weir_network_parameters(network)[i];
    float *y = malloc((size_t)(c->rows * c->outputs) * sizeof *y);
    struct weir_workspace *workspace = weir_workspace_new();
    CHECK_INT(weir_network_prepare(network, &error), 0);
    CHECK_INT(weir_network_predict(network, workspace, d->x, c->rows, y, &error), 0);
    double *expected = reference_run(network, p, weir_network_state(network), d->x, c->rows, false);
    double difference = 0, largest = 0;
    for (int64_t i = 0; i < c->rows * c->outputs; i++) {
        largest = fmax(largest, fabs(expected[i]));
        difference = fmax(difference, fabs(expected[i] - y[i]));
    }
    if (!CHECK(difference <= 2e-5 * (1 + largest)))
        fprintf(stderr, "%s: predictions differ by %g\n", c->notation, difference);
    weir_workspace_free(workspace);
    free(expected);
    free(y);
    free(p);
}

static void check_case(const struct network_case *c, struct weir_pool *pool)
{
    struct weir_error error = { 0 };
    struct weir_network *network;
    struct weir_training *training;
    if (!CHECK_INT(weir_network_new(&network, c->notation, &c->shape, c->outputs, &error), 0)) {
        fprintf(stderr, "%s: %s\n", c->notation, error.text);
        return;
    }
    weir_network_initialize(network, 3);
    /* Norms away from ones and zeros. */
    struct weir_random random;
    weir_random_init(&random, 9, 9);
    for (int64_t i = 0; i < weir_network_parameter_count(network); i++)
        weir_network_parameters(network)[i] += (float)(0.02 * weir_random_normal(&random));
    struct data d =
        make_data(c->rows, weir_shape_elements(&c->shape), c->outputs, c->outputs > 1 ? (int)c->outputs : 2, 11);
    struct weir_training_options options = { .loss = c->loss, .batch = c->batch ? c->batch : c->rows, .seed = 1 };
    if (!CHECK_INT(weir_training_new(&training, network, pool, &options, &error), 0))
        fprintf(stderr, "%s: %s\n", c->notation, error.text);
    double weight_sum = 0, loss = 0;
    int64_t correct = 0;
    for (int64_t r = 0; r < c->rows; r++)
        weight_sum += d.weights[r];
    struct weir_minibatch minibatch = { &d, fill, c->rows, weight_sum };
    /* Twice: what the first left in the buffers must not matter. */
    for (int i = 0; i < 2; i++)
        CHECK_INT(weir_training_gradient(training, &minibatch, 0, &loss, &correct, &error), 0);
    double *p = malloc((size_t)weir_network_parameter_count(network) * sizeof *p);
    for (int64_t i = 0; i < weir_network_parameter_count(network); i++)
        p[i] = weir_network_parameters(network)[i];
    double expected = loss_of(network, c, &d, p);
    if (!CHECK_NEAR(loss, expected, 1e-5 * (1 + fabs(expected))))
        fprintf(stderr, "%s\n", c->notation);
    check_gradient(network, c, &d, weir_training_gradients(training));
    check_prediction(network, c, &d);
    free(p);
    free_data(&d);
    weir_training_free(training);
    weir_network_free(network);
}

#define CE                                                                                                             \
    {                                                                                                                  \
        .kind = WEIR_CROSS_ENTROPY                                                                                     \
    }
#define MSE                                                                                                            \
    {                                                                                                                  \
        .kind = WEIR_MSE                                                                                               \
    }

static const struct network_case cases[] = {
    { "dense 3", { 1, { 5 } }, 3, 7, 0, CE },
    { "dense 6 tanh | dense 3 softmax", { 1, { 5 } }, 3, 7, 0, CE },
    { "dense 6 tanh | dense 3 softmax", { 1, { 5 } }, 3, 7, 0, MSE },
    { "dense 6 nobias relu | dense 3", { 1, { 5 } }, 3, 9, 0, { WEIR_CROSS_ENTROPY, 0, 0.1 } },
    { "dense 5 gelu | dense 4 sigmoid | dense 2", { 1, { 5 } }, 2, 7, 0, MSE },
    { "dense 4 relu | dense 2", { 1, { 5 } }, 2, 7, 0, { WEIR_MAE, 0, 0 } },
    { "dense 4 relu | dense 2", { 1, { 5 } }, 2, 7, 0, { WEIR_HUBER, 0, 0 } },
    { "dense 4 relu | dense 2", { 1, { 5 } }, 2, 7, 0, { WEIR_HUBER, 0.3, 0 } },
    { "dense 4 tanh | dense 1", { 1, { 5 } }, 1, 7, 0, { WEIR_BINARY_CROSS_ENTROPY, 0, 0 } },
    { "dense 4 tanh | dense 1 sigmoid", { 1, { 5 } }, 1, 7, 0, { WEIR_BINARY_CROSS_ENTROPY, 0, 0.2 } },
    { "dense 4 tanh | dense 1 sigmoid", { 1, { 5 } }, 1, 7, 0, MSE },
    { "relu | dense 8 | layernorm tanh | dense 3", { 1, { 5 } }, 3, 7, 9, CE },
    { "dense 8 | batchnorm relu | dense 6 | batchnorm | dense 3", { 1, { 5 } }, 3, 9, 12, CE },
    { "dense 90 relu | batchnorm | dense 90 tanh | dense 3", { 1, { 60 } }, 3, 90, 96, CE }, /* several shards */
    { "residual ( dense 5 tanh | dense 5 ) relu | dense 3", { 1, { 5 } }, 3, 7, 0, CE },
    { "dense 5 | residual ( dense 7 tanh | residual ( dense 7 | tanh ) ) | dense 3", { 1, { 4 } }, 3, 7, 0, CE },
    /* a block of the input, whose gradient nobody wants, before one that is smaller */
    { "residual ( dense 60 tanh ) | dense 4 | residual ( dense 4 tanh ) | dense 3", { 1, { 60 } }, 3, 12, 0, CE },
    { "residual ( layernorm ) | dense 4 | residual ( dense 4 tanh ) | dense 3", { 1, { 60 } }, 3, 12, 0, CE },
    { "residual ( batchnorm ) | dense 4 | residual ( dense 4 tanh ) | dense 3", { 1, { 60 } }, 3, 12, 0, CE },
    { "conv 4 3x3 relu | flatten | dense 3", { 2, { 7, 6 } }, 3, 5, 0, CE },
    { "conv 5 3x2 stride 2x1 pad 1 | tanh | conv 3 2 | flatten | dense 3", { 3, { 7, 6, 2 } }, 3, 5, 0, CE },
    { "conv 18 3x3 pad same relu | conv 20 4x4 pad same gelu | globalpool | dense 3", { 3, { 7, 6, 5 } }, 3, 5, 0, CE },
    { "conv 6 3x3 stride 2 pad same nobias sigmoid | flatten | dense 3", { 3, { 7, 8, 3 } }, 3, 5, 0, CE },
    { "conv 6 3x3 groups 2 tanh | conv 6 1x1 groups 6 | flatten | dense 3", { 3, { 5, 5, 4 } }, 3, 5, 0, CE },
    { "conv 32 3x3 groups 2 relu | conv 32 3x3 groups 32 | globalpool | dense 3", { 3, { 7, 7, 32 } }, 3, 5, 0, CE },
    { "conv 20 3x3 relu | maxpool 2 | flatten | dense 3", { 3, { 9, 9, 3 } }, 3, 5, 0, CE },
    { "conv 20 3x3 | maxpool 3 stride 2 pad 1 relu | flatten | dense 3", { 3, { 9, 9, 3 } }, 3, 5, 0, CE },
    { "maxpool 2x3 | conv 4 2x2 relu | maxpool 2 stride 1 | flatten | dense 3", { 3, { 9, 9, 3 } }, 3, 5, 0, CE },
    { "conv 20 3x3 | avgpool 3 stride 2 pad 1 relu | avgpool 2 | flatten | dense 3", { 3, { 9, 9, 3 } }, 3, 5, 0, CE },
    { "conv 9 3x3 | batchnorm relu | conv 17 3x3 | batchnorm relu | globalpool | dense 3",
      { 3, { 7, 7, 3 } },
      3,
      6,
      8,
      CE },
    { "conv 9 3x3 | layernorm gelu | conv 8 3x3 softmax | flatten | dense 3", { 3, { 7, 7, 3 } }, 3, 6, 8, CE },
    { "conv 9 3x3 | sigmoid | conv 5 3x3 tanh | flatten | layernorm | dense 3", { 3, { 7, 7, 1 } }, 3, 6, 8, CE },
    { "conv 8 3x3 pad same relu | residual ( conv 8 3x3 pad same | batchnorm relu | conv 8 3x3 pad same ) relu | "
      "globalpool | dense 3",
      { 3, { 6, 6, 3 } },
      3,
      6,
      0,
      CE },
    { "residual ( conv 20 3x3 stride 2 pad 1 relu | conv 20 3x3 pad 1 ) relu | residual ( maxpool 3 stride 1 pad 1 ) | "
      "globalpool | dense 3",
      { 3, { 7, 6, 3 } },
      3,
      6,
      0,
      CE },
    { "conv 32 3x3 relu | conv 32 3x3 relu | maxpool 2 | flatten | dense 3", { 3, { 12, 12, 1 } }, 3, 16, 0, CE },
    { "conv 32 3x3 pad same | conv 48 3x3 pad same relu | avgpool 4 | flatten | dense 3",
      { 3, { 6, 6, 1 } },
      3,
      33,
      40,
      CE },
    /* places that no window reaches, down to the input */
    { "conv 32 3x3 relu | conv 32 3x3 relu | maxpool 2 | flatten | dense 3", { 3, { 11, 11, 1 } }, 3, 16, 0, CE },
    { "conv 6 3x3 relu | maxpool 2 | conv 6 3x3 relu | maxpool 2 | flatten | dense 3",
      { 2, { 16, 18 } },
      3,
      20,
      32,
      CE },
    { "conv 5 3x2 stride 2x1 gelu | avgpool 2x3 relu | maxpool 2 | flatten | dense 3",
      { 3, { 12, 15, 3 } },
      3,
      5,
      0,
      CE },
    { "maxpool 4 | conv 4 1x1 | maxpool 2 stride 1 pad 1 | flatten | dense 3", { 3, { 11, 10, 2 } }, 3, 5, 0, CE },
};

int main(void)
{
    struct weir_pool *pool = weir_pool_new(2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(&cases[i], pool);
    weir_pool_free(pool);
    return check_result();
}
