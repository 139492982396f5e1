/* The same bits whatever the threads, however busy they are, and however rows are grouped for predicting. */
#include "check.h"
#include "math/convolution.h"
#include "nn/network.h"
#include "nn/optimizer.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { ROWS = 1000, SIDE = 12, INPUTS = SIDE * SIDE, OUTPUTS = 3, BATCH = 64, STEPS = 6 };

static const char *const notations[] = {
    "conv 32 3x3 relu | maxpool 2 | conv 32 3x3 relu | flatten | dense 20 relu | dropout 0.3 | dense 3",
    "conv 16 3x3 | batchnorm relu | residual ( conv 24 3x3 pad same relu | conv 16 3x3 pad same ) | globalpool | dense "
    "3",
    "flatten | dense 100 gelu | layernorm | dense 90 tanh | dense 3 softmax",
};
enum { NETWORKS = sizeof notations / sizeof *notations };

struct rows {
    const float *x;
    int64_t first;
};

static void fill(void *context, int64_t first, int64_t count, float *x, int32_t *classes, float *targets,
                 float *weights)
{
    (void)targets, (void)weights;
    const struct rows *rows = context;
    memcpy(x, rows->x + (rows->first + first) * INPUTS, (size_t)count * INPUTS * sizeof *x);
    for (int64_t r = 0; r < count; r++)
        classes[r] = (int32_t)((rows->first + first + r) % OUTPUTS);
}

static float *make_rows(void)
{
    float *x = malloc(ROWS * INPUTS * sizeof *x);
    struct weir_random random;
    weir_random_init(&random, 2, 2);
    for (int i = 0; x && i < ROWS * INPUTS; i++)
        x[i] = (float)weir_random_uniform(&random);
    return x;
}

static struct weir_network *make_network(const char *notation)
{
    struct weir_error error = { 0 };
    struct weir_network *network = NULL;
    struct weir_shape shape = { 2, { SIDE, SIDE } };
    if (!CHECK_INT(weir_network_new(&network, notation, &shape, OUTPUTS, &error), 0))
        fprintf(stderr, "%s\n", error.text);
    weir_network_initialize(network, 4);
    return network;
}

/* A few steps, the last of fewer rows; the sum of the losses. */
static double train(struct weir_network *network, struct weir_pool *pool, const float *x)
{
    struct weir_error error = { 0 };
    struct weir_training *training;
    struct weir_optimizer *optimizer;
    struct weir_training_options options = { .loss = { .kind = WEIR_CROSS_ENTROPY }, .batch = BATCH, .seed = 8 };
    struct weir_optimizer_options adam = weir_optimizer_defaults(WEIR_ADAM);
    CHECK_INT(weir_training_new(&training, network, pool, &options, &error), 0);
    CHECK_INT(weir_optimizer_new(&optimizer, &adam, weir_network_parameter_count(network), &error), 0);
    double sum = 0, loss, norm;
    int64_t correct = 0;
    for (int step = 0; step < STEPS; step++) {
        struct rows rows = { x, step * BATCH };
        int64_t count = step == STEPS - 1 ? 23 : BATCH;
        struct weir_minibatch minibatch = { &rows, fill, count, (double)count };
        CHECK_INT(weir_training_gradient(training, &minibatch, step, &loss, &correct, &error), 0);
        CHECK(correct >= 0 && correct <= count);
        CHECK_INT(weir_optimizer_step(optimizer, pool, weir_network_parameters(network),
                                      weir_training_gradients(training), 1, &norm, &error),
                  0);
        sum += loss + norm;
    }
    struct rows all = { x, 0 };
    struct weir_minibatch minibatch = { &all, fill, ROWS, ROWS };
    CHECK_INT(weir_training_evaluate(training, &minibatch, &loss, &correct, &error), 0);
    weir_optimizer_free(optimizer);
    weir_training_free(training);
    return sum + loss + (double)correct;
}

static atomic_bool stop;

static void *burn(void *unused)
{
    volatile double x = 1;
    while (!atomic_load(&stop))
        x = x * 1.0000001 + 1e-9;
    return unused;
}

static void check_threads(const float *x)
{
    for (int n = 0; n < NETWORKS; n++) {
        struct weir_network *first = NULL;
        double sum = 0;
        for (int run = 0; run < 4; run++) {
            pthread_t burners[2];
            bool busy = run == 3;
            atomic_store(&stop, false);
            for (int i = 0; busy && i < 2; i++)
                pthread_create(&burners[i], NULL, burn, NULL);
            struct weir_pool *pool = weir_pool_new(busy ? 8 : run + 1);
            struct weir_network *network = make_network(notations[n]);
            double result = train(network, pool, x);
            atomic_store(&stop, true);
            for (int i = 0; busy && i < 2; i++)
                pthread_join(burners[i], NULL);
            weir_pool_free(pool);
            if (!first) {
                first = network;
                sum = result;
                continue;
            }
            CHECK(sum == result);
            CHECK(memcmp(weir_network_parameters(first), weir_network_parameters(network),
                         (size_t)weir_network_parameter_count(first) * sizeof(float)) == 0);
            CHECK(memcmp(weir_network_state(first), weir_network_state(network),
                         (size_t)weir_network_state_count(first) * sizeof(float)) == 0);
            weir_network_free(network);
        }
        weir_network_free(first);
    }
}

static void check_batches(const float *x)
{
    static const int batches[] = { 1, 2, 3, 7, 16, 33, ROWS };
    struct weir_error error = { 0 };
    for (int n = 0; n < NETWORKS; n++) {
        struct weir_network *network = make_network(notations[n]);
        CHECK_INT(weir_network_prepare(network, &error), 0);
        static float expected[ROWS * OUTPUTS], y[ROWS * OUTPUTS];
        struct weir_workspace *one = weir_workspace_new();
        CHECK_INT(weir_network_predict(network, one, x, ROWS, expected, &error), 0);
        for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
            struct weir_workspace *workspace = weir_workspace_new();
            memset(y, 0, sizeof y);
            for (int row = 0; row < ROWS; row += batches[b]) {
                int count = ROWS - row < batches[b] ? ROWS - row : batches[b];
                CHECK_INT(weir_network_predict(network, workspace, x + row * INPUTS, count, y + row * OUTPUTS, &error),
                          0);
            }
            if (!CHECK(memcmp(y, expected, sizeof y) == 0))
                fprintf(stderr, "%s: rows by %d give other bits\n", notations[n], batches[b]);
            weir_workspace_free(workspace);
        }
        weir_workspace_free(one);
        weir_network_free(network);
    }
}

struct scorer {
    const struct weir_network *network;
    const float *x, *expected;
    bool same;
};

static void *score(void *argument)
{
    struct scorer *scorer = argument;
    struct weir_error error = { 0 };
    float y[5 * OUTPUTS];
    struct weir_workspace *workspace = weir_workspace_new();
    scorer->same = workspace != NULL;
    for (int row = 0; row < 200 && scorer->same; row += 5)
        scorer->same = weir_network_predict(scorer->network, workspace, scorer->x + row * INPUTS, 5, y, &error) == 0 &&
                       memcmp(y, scorer->expected + row * OUTPUTS, sizeof y) == 0;
    weir_workspace_free(workspace);
    return NULL;
}

static void check_servers(const float *x)
{
    struct weir_error error = { 0 };
    struct weir_network *network = make_network(notations[1]);
    CHECK_INT(weir_network_prepare(network, &error), 0);
    static float expected[200 * OUTPUTS];
    struct weir_workspace *workspace = weir_workspace_new();
    CHECK_INT(weir_network_predict(network, workspace, x, 200, expected, &error), 0);
    pthread_t threads[4];
    struct scorer scorers[4];
    for (int i = 0; i < 4; i++) {
        scorers[i] = (struct scorer){ network, x, expected, false };
        pthread_create(&threads[i], NULL, score, &scorers[i]);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        CHECK(scorers[i].same);
    }
    weir_workspace_free(workspace);
    weir_network_free(network);
}

/* A step has its mask, and the same one again. */
static void check_dropout(const float *x)
{
    struct weir_error error = { 0 };
    struct weir_network *network = make_network("flatten | dropout 0.25 | dense 3");
    struct weir_pool *pool = weir_pool_new(1);
    struct weir_training_options options = { .loss = { .kind = WEIR_CROSS_ENTROPY }, .batch = BATCH, .seed = 8 };
    struct weir_training *training;
    CHECK_INT(weir_training_new(&training, network, pool, &options, &error), 0);
    struct rows rows = { x, 0 };
    struct weir_minibatch minibatch = { &rows, fill, BATCH, BATCH };
    double losses[4];
    static const int64_t steps[4] = { 1, 2, 1, 3 };
    int64_t correct;
    for (int i = 0; i < 4; i++)
        CHECK_INT(weir_training_gradient(training, &minibatch, steps[i], &losses[i], &correct, &error), 0);
    CHECK(losses[0] == losses[2]);
    CHECK(losses[0] != losses[1] && losses[1] != losses[3] && losses[0] != losses[3]);
    weir_training_free(training);
    weir_pool_free(pool);
    weir_network_free(network);
}

/* The gradient in bfloat16 is that in float but for what rounding explains, and the same bits at 1 and 2 threads.
 * `apart`: how far the two may be, as a part of the gradient's length. */
static void check_bfloat16(const float *x, const char *notation, double apart)
{
    struct weir_error error = { 0 };
    struct weir_network *network = make_network(notation);
    int64_t count = weir_network_parameter_count(network), correct;
    float *gradients[3];
    for (int run = 0; run < 3; run++) {
        struct weir_pool *pool = weir_pool_new(run == 1 ? 1 : 2);
        struct weir_training_options options = {
            .loss = { .kind = WEIR_CROSS_ENTROPY }, .batch = BATCH, .seed = 8, .bfloat16 = run > 0
        };
        struct weir_training *training;
        gradients[run] = calloc((size_t)count, sizeof(float));
        if (weir_training_new(&training, network, pool, &options, &error) == 0) {
            struct rows rows = { x, 0 };
            struct weir_minibatch minibatch = { &rows, fill, BATCH - 5, BATCH - 5 };
            double loss;
            CHECK_INT(weir_training_gradient(training, &minibatch, 3, &loss, &correct, &error), 0);
            memcpy(gradients[run], weir_training_gradients(training), (size_t)count * sizeof(float));
            weir_training_free(training);
        } else {
            CHECK_TEXT(error.text, "this processor has no bfloat16 instructions (AVX512-BF16)");
            memcpy(gradients[run], gradients[0], (size_t)count * sizeof(float));
        }
        weir_pool_free(pool);
    }
    double size = 0, difference = 0;
    for (int64_t i = 0; i < count; i++) {
        size += (double)gradients[0][i] * gradients[0][i];
        difference += pow((double)gradients[0][i] - gradients[1][i], 2);
    }
    CHECK(difference <= apart * apart * size);
    CHECK(!weir_has_bfloat16() || difference > 0);
    CHECK(memcmp(gradients[1], gradients[2], (size_t)count * sizeof(float)) == 0);
    for (int run = 0; run < 3; run++)
        free(gradients[run]);
    weir_network_free(network);
}

int main(void)
{
    float *x = make_rows();
    if (!x)
        return 1;
    check_threads(x);
    check_batches(x);
    check_servers(x);
    check_dropout(x);
    check_bfloat16(x, "conv 32 3x3 relu | maxpool 2 | conv 32 3x3 tanh | flatten | dense 20 tanh | dense 3", 0.01);
    /* A relu stops the whole gradient of a sum that rounding brings below 0. */
    check_bfloat16(x, notations[0], 0.07);
    free(x);
    return check_result();
}
