/* The network language: any text is refused with words, or gives a network whose normal form gives it again. Small ones
 * also learn and run. The text is tried as a schedule of the learning rate as well. The first byte chooses the input's
 * shape. */
#include "nn/internal.h"
#include "nn/optimizer.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void fill(void *context, int64_t first, int64_t count, float *x, int32_t *classes, float *targets,
                 float *weights)
{
    (void)first, (void)classes, (void)weights;
    const struct weir_network *network = context;
    for (int64_t i = 0; i < count * weir_shape_elements(weir_network_input(network)); i++)
        x[i] = (float)(i % 5);
    for (int64_t i = 0; i < count * weir_network_outputs(network); i++)
        targets[i] = 1;
}

static void learn(struct weir_network *network)
{
    struct weir_error error = { 0 };
    struct weir_pool *pool = weir_pool_new(1);
    struct weir_training_options options = { .loss = { .kind = WEIR_MSE }, .batch = 9 };
    struct weir_minibatch minibatch = { network, fill, 8, 8 };
    struct weir_training *training = NULL;
    double loss;
    int64_t correct;
    if (pool && weir_training_new(&training, network, pool, &options, &error) == 0)
        require(weir_training_gradient(training, &minibatch, 1, &loss, &correct, &error) == 0);
    weir_training_free(training);
    weir_pool_free(pool);
}

static void run(struct weir_network *network)
{
    struct weir_error error = { 0 };
    float x[64] = { 0.5f }, y[256];
    struct weir_workspace *workspace = weir_workspace_new();
    weir_network_initialize(network, 1);
    learn(network);
    if (workspace && weir_network_prepare(network, &error) == 0)
        require(weir_network_predict(network, workspace, x, 1, y, &error) == 0);
    weir_workspace_free(workspace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct weir_shape shapes[] = {
        { 1, { 6 } }, { 2, { 7, 5 } }, { 3, { 4, 4, 3 } }, { 4, { 2, 2, 2, 2 } }
    };
    if (size == 0)
        return 0;
    const struct weir_shape *shape = &shapes[data[0] % 4];
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = 0;
    struct weir_error error = { 0 };
    struct weir_network *network, *again;
    if (weir_network_parse(&network, text, shape, data[0] & 4 ? 3 : 0, &error) == 0) {
        int64_t parameters = weir_network_parameter_count(network);
        require(weir_network_parse(&again, weir_network_notation(network), shape, 0, &error) == 0);
        require(strcmp(weir_network_notation(again), weir_network_notation(network)) == 0);
        require(weir_network_parameter_count(again) == parameters);
        weir_network_free(again);
        bool small = parameters < 20000 && weir_network_outputs(network) <= 256 &&
                     weir_network_layer_count(network) < 5 && strlen(weir_network_notation(network)) < 120;
        for (int i = 0; i < network->value_count; i++)
            small = small && weir_value_stride(&network->values[i]) < 100000;
        weir_network_free(network);
        if (small && weir_network_new(&network, text, shape, data[0] & 4 ? 3 : 0, &error) == 0) {
            run(network);
            weir_network_free(network);
        }
    } else {
        require(error.text[0] != 0);
    }
    struct weir_schedule schedule;
    if (weir_schedule_parse(&schedule, text, &error) == 0) {
        double factor = weir_schedule_factor(&schedule, 3, 40, 10);
        require(factor >= 0);
    }
    free(text);
    return 0;
}
