/* A small network trained as PyTorch trained it (tests/golden/network.py): the same losses, the same outputs. */
#include "check.h"
#include "nn/network.h"
#include "nn/optimizer.h"
#include <stdlib.h>

enum { ROWS = 8, STEPS = 6, INPUTS = 9 * 8 * 2 };

struct golden {
    enum weir_loss_kind loss;
    double delta, smoothing;
    int outputs;
    enum weir_optimizer_kind optimizer;
    double learning_rate, weight_decay, clip;
    double losses[STEPS], outputs_of_two[6];
};
#include "../golden/network.h"

static const char *const notation =
    "conv 6 3x3 pad 1 nobias | batchnorm relu | maxpool 3 stride 2 pad 1 | "
    "residual ( conv 8 3x3 stride 2 pad 1 relu | conv 8 3x3 pad same ) relu | conv 8 3x2 groups 2 gelu | "
    "avgpool 2 stride 1 pad 1 | flatten | layernorm | dense 5 tanh";

static float x[ROWS * INPUTS];

static void fill(void *context, int64_t first, int64_t count, float *rows, int32_t *classes, float *targets,
                 float *weights)
{
    const struct golden *golden = context;
    (void)weights;
    memcpy(rows, x + first * INPUTS, (size_t)count * INPUTS * sizeof *x);
    for (int64_t r = 0; r < count; r++) {
        classes[r] = (int32_t)((first + r) % 3);
        if (golden->loss == WEIR_BINARY_CROSS_ENTROPY)
            classes[r] = classes[r] > 0;
        for (int j = 0; j < golden->outputs; j++)
            targets[r * golden->outputs + j] = (float)sin((double)(first + r + j));
    }
}

static void check_golden(const struct golden *golden, struct weir_pool *pool)
{
    struct weir_error error = { 0 };
    struct weir_shape shape = { 3, { 9, 8, 2 } };
    struct weir_network *network;
    struct weir_training *training;
    struct weir_optimizer *optimizer;
    if (!CHECK_INT(weir_network_new(&network, notation, &shape, golden->outputs, &error), 0)) {
        fprintf(stderr, "%s\n", error.text);
        return;
    }
    float *p = weir_network_parameters(network);
    weir_network_initialize(network, 1);
    for (int64_t i = 0; i < weir_network_parameter_count(network); i++)
        p[i] = (float)(0.3 * sin(0.7 * (double)i + 0.1));
    for (int t = 0; t < weir_network_tensor_count(network); t++) {
        const struct weir_network_tensor *tensor = weir_network_tensor(network, t);
        if (strstr(tensor->name, "norm.weight"))
            for (int64_t i = 0; i < tensor->count; i++)
                p[tensor->offset + i] += 1;
    }
    struct weir_training_options options = { .loss = { golden->loss, golden->delta, golden->smoothing },
                                             .batch = ROWS,
                                             .seed = 1 };
    struct weir_optimizer_options how = weir_optimizer_defaults(golden->optimizer);
    how.learning_rate = golden->learning_rate;
    how.weight_decay = golden->weight_decay;
    how.clip = golden->clip;
    CHECK_INT(weir_training_new(&training, network, pool, &options, &error), 0);
    CHECK_INT(weir_optimizer_new(&optimizer, &how, weir_network_parameter_count(network), &error), 0);
    struct weir_minibatch minibatch = { (void *)golden, fill, ROWS, ROWS };
    for (int step = 0; step < STEPS; step++) {
        double loss;
        int64_t correct;
        CHECK_INT(weir_training_gradient(training, &minibatch, step, &loss, &correct, &error), 0);
        CHECK_NEAR(loss, golden->losses[step], 2e-4 * (1 + golden->losses[step]));
        CHECK_INT(weir_optimizer_step(optimizer, pool, p, weir_training_gradients(training), 1, NULL, &error), 0);
    }
    float y[6];
    struct weir_workspace *workspace = weir_workspace_new();
    CHECK_INT(weir_network_prepare(network, &error), 0);
    CHECK_INT(weir_network_predict(network, workspace, x, 2, y, &error), 0);
    for (int i = 0; i < 2 * golden->outputs; i++)
        CHECK_NEAR(y[i], golden->outputs_of_two[i], 2e-3);
    weir_workspace_free(workspace);
    weir_optimizer_free(optimizer);
    weir_training_free(training);
    weir_network_free(network);
}

int main(void)
{
    struct weir_pool *pool = weir_pool_new(2);
    for (int i = 0; i < ROWS * INPUTS; i++)
        x[i] = (float)cos(0.3 * i);
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        fprintf(stderr, "%s, %s\n", weir_loss_name(goldens[i].loss), weir_optimizer_name(goldens[i].optimizer));
        check_golden(&goldens[i], pool);
    }
    weir_pool_free(pool);
    return check_result();
}
