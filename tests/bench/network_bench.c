/* The engine alone: epochs of a network over an MNIST-like set, then its test set scored.
 *   network_bench DIRECTORY [EPOCHS [BATCH [THREADS [NOTATION [bf16]]]]]
 * DIRECTORY holds the four IDX files, gzipped. Prints, a line each: epoch_s, loss, accuracy, score_s, one_row_us. */
#include "nn/network.h"
#include "nn/optimizer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

static const char *const NOTATION =
    "conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense 10";

struct set {
    uint8_t *images, *labels;
    int64_t rows, size;
    const int64_t *order;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint8_t *read_file(const char *directory, const char *name, int64_t header, int64_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    gzFile file = gzopen(path, "rb");
    uint8_t *bytes = malloc((size_t)(header + size));
    if (!file || !bytes || gzread(file, bytes, (unsigned)(header + size)) != header + size) {
        fprintf(stderr, "network_bench: cannot read '%s'\n", path);
        exit(66);
    }
    gzclose(file);
    memmove(bytes, bytes + header, (size_t)size);
    return bytes;
}

static struct set read_set(const char *directory, const char *name, int64_t rows)
{
    char images[64], labels[64];
    snprintf(images, sizeof images, "%s-images-idx3-ubyte.gz", name);
    snprintf(labels, sizeof labels, "%s-labels-idx1-ubyte.gz", name);
    return (struct set){ read_file(directory, images, 16, rows * 784), read_file(directory, labels, 8, rows), rows, 784,
                         NULL };
}

struct rows {
    const struct set *set;
    int64_t first;
};

static void fill(void *context, int64_t first, int64_t count, float *x, int32_t *classes, float *targets,
                 float *weights)
{
    (void)targets, (void)weights;
    const struct rows *rows = context;
    for (int64_t r = 0; r < count; r++) {
        int64_t row = rows->first + first + r;
        if (rows->set->order)
            row = rows->set->order[row];
        const uint8_t *from = rows->set->images + row * 784;
        for (int64_t i = 0; i < 784; i++)
            x[r * 784 + i] = (float)from[i] * (1 / 255.0f);
        classes[r] = rows->set->labels[row];
    }
}

static int check(int result, const struct weir_error *error)
{
    if (result == 0)
        return 0;
    fprintf(stderr, "network_bench: %s\n", error->text);
    exit(70);
}

static void train(struct weir_training *training, struct weir_network *network, struct weir_optimizer *optimizer,
                  struct weir_pool *pool, struct set *set, int64_t batch, int epoch)
{
    struct weir_error error = { 0 };
    int64_t *order = malloc((size_t)set->rows * sizeof *order);
    struct weir_random random;
    if (!order)
        exit(71);
    weir_random_init(&random, 1, (uint64_t)epoch);
    for (int64_t i = 0; i < set->rows; i++)
        order[i] = i;
    for (int64_t i = set->rows - 1; i > 0; i--) {
        int64_t j = (int64_t)weir_random_below(&random, (uint64_t)i + 1), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    set->order = order;
    double sum = 0;
    for (int64_t first = 0; first < set->rows; first += batch) {
        struct rows rows = { set, first };
        int64_t count = set->rows - first < batch ? set->rows - first : batch, correct;
        struct weir_minibatch minibatch = { &rows, fill, count, (double)count };
        double loss;
        check(weir_training_gradient(training, &minibatch, first / batch, &loss, &correct, &error), &error);
        check(weir_optimizer_step(optimizer, pool, weir_network_parameters(network), weir_training_gradients(training),
                                  1, NULL, &error),
              &error);
        sum += loss * (double)count;
    }
    printf("loss %.4f\n", sum / (double)set->rows);
    set->order = NULL;
    free(order);
}

static void score(struct weir_network *network, const struct set *set)
{
    struct weir_error error = { 0 };
    float *x = malloc((size_t)(set->rows * 784) * sizeof *x), *y = malloc((size_t)(set->rows * 10) * sizeof *y);
    if (!x || !y)
        exit(71);
    for (int64_t i = 0; i < set->rows * 784; i++)
        x[i] = (float)set->images[i] * (1 / 255.0f);
    check(weir_network_prepare(network, &error), &error);
    struct weir_workspace *workspace = weir_workspace_new();
    check(weir_network_predict(network, workspace, x, 1, y, &error), &error);
    double start = now();
    check(weir_network_predict(network, workspace, x, set->rows, y, &error), &error);
    printf("score_s %.3f\n", now() - start);
    start = now();
    for (int i = 0; i < 1000; i++)
        check(weir_network_predict(network, workspace, x + i * 784, 1, y, &error), &error);
    printf("one_row_us %.1f\n", (now() - start) * 1e3);
    weir_workspace_free(workspace);
    free(x);
    free(y);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: network_bench DIRECTORY [EPOCHS [BATCH [THREADS [NOTATION [bf16]]]]]\n");
        return 64;
    }
    int epochs = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;
    int64_t batch = argc > 3 ? strtol(argv[3], NULL, 10) : 32;
    int threads = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;
    struct set set = read_set(argv[1], "train", 60000), test = read_set(argv[1], "t10k", 10000);
    struct weir_error error = { 0 };
    struct weir_pool *pool = weir_pool_new(threads);
    struct weir_network *network;
    struct weir_shape shape = { 2, { 28, 28 } };
    check(weir_network_new(&network, argc > 5 ? argv[5] : NOTATION, &shape, 10, &error), &error);
    weir_network_initialize(network, 1);
    struct weir_training_options options = { .loss = { .kind = WEIR_CROSS_ENTROPY },
                                             .batch = batch,
                                             .seed = 1,
                                             .bfloat16 = argc > 6 && strcmp(argv[6], "bf16") == 0 };
    struct weir_training *training;
    check(weir_training_new(&training, network, pool, &options, &error), &error);
    struct weir_optimizer_options adam = weir_optimizer_defaults(WEIR_ADAM);
    struct weir_optimizer *optimizer;
    check(weir_optimizer_new(&optimizer, &adam, weir_network_parameter_count(network), &error), &error);
    for (int epoch = 0; epoch < epochs; epoch++) {
        double start = now();
        train(training, network, optimizer, pool, &set, batch, epoch);
        printf("epoch_s %.3f\n", now() - start);
        struct rows rows = { &test, 0 };
        struct weir_minibatch all = { &rows, fill, test.rows, (double)test.rows };
        double loss;
        int64_t correct;
        check(weir_training_evaluate(training, &all, &loss, &correct, &error), &error);
        printf("accuracy %.4f\n", (double)correct / (double)test.rows);
        fflush(stdout);
    }
    score(network, &test);
    weir_optimizer_free(optimizer);
    weir_training_free(training);
    weir_network_free(network);
    weir_pool_free(pool);
    free(set.images);
    free(set.labels);
    free(test.images);
    free(test.labels);
    return 0;
}
