/* The network language: normal forms, tensors, shapes, and what is refused with which words. */
#include "check.h"
#include "nn/internal.h"
#include <malloc.h>
#include <stdlib.h>

static const struct weir_shape image = { 3, { 28, 28, 1 } }, flat = { 2, { 28, 28 } }, vector = { 1, { 10 } };

static void check_normal(const char *notation, struct weir_shape shape, int64_t outputs, const char *expected)
{
    struct weir_error error = { 0 };
    struct weir_network *network, *again;
    if (!CHECK_INT(weir_network_new(&network, notation, &shape, outputs, &error), 0)) {
        fprintf(stderr, "%s: %s\n", notation, error.text);
        return;
    }
    CHECK_TEXT(weir_network_notation(network), expected);
    if (outputs)
        CHECK_INT(weir_network_outputs(network), outputs);
    if (CHECK_INT(weir_network_new(&again, expected, &shape, outputs, &error), 0)) {
        CHECK_TEXT(weir_network_notation(again), expected);
        CHECK_INT(weir_network_parameter_count(again), weir_network_parameter_count(network));
        weir_network_free(again);
    }
    weir_network_free(network);
}

static void check_refused(const char *notation, struct weir_shape shape, const char *message)
{
    struct weir_error error = { 0 };
    struct weir_network *network = (void *)1;
    CHECK_INT(weir_network_new(&network, notation, &shape, 0, &error), -1);
    CHECK(network == NULL);
    CHECK_TEXT(error.text, message);
    CHECK_INT(error.status, WEIR_USAGE);
}

static void check_tensor(const struct weir_network *network, int i, const char *name, int rank, const int64_t *shape,
                         int64_t offset, bool is_state)
{
    const struct weir_network_tensor *tensor = weir_network_tensor(network, i);
    CHECK_TEXT(tensor->name, name);
    CHECK_INT(tensor->rank, rank);
    for (int k = 0; k < rank; k++)
        CHECK_INT(tensor->shape[k], shape[k]);
    CHECK_INT(tensor->offset, offset);
    CHECK_INT(tensor->is_state, is_state);
}

static void check_tensors(void)
{
    struct weir_error error = { 0 };
    struct weir_network *network;
    CHECK_INT(weir_network_new(&network,
                               "conv 4 3x2 groups 1 relu | batchnorm | residual ( conv 6 1x1 nobias | relu ) | flatten",
                               &flat, 10, &error),
              0);
    CHECK_INT(weir_network_tensor_count(network), 10);
    check_tensor(network, 0, "0.conv.weight", 4, (int64_t[]){ 4, 1, 3, 2 }, 0, false);
    check_tensor(network, 1, "0.conv.bias", 1, (int64_t[]){ 4 }, 24, false);
    check_tensor(network, 2, "1.batchnorm.weight", 1, (int64_t[]){ 4 }, 28, false);
    check_tensor(network, 3, "1.batchnorm.bias", 1, (int64_t[]){ 4 }, 32, false);
    check_tensor(network, 4, "1.batchnorm.mean", 1, (int64_t[]){ 4 }, 0, true);
    check_tensor(network, 5, "1.batchnorm.variance", 1, (int64_t[]){ 4 }, 4, true);
    check_tensor(network, 6, "2.residual.0.conv.weight", 4, (int64_t[]){ 6, 4, 1, 1 }, 36, false);
    check_tensor(network, 7, "2.residual.projection.weight", 4, (int64_t[]){ 6, 4, 1, 1 }, 60, false);
    check_tensor(network, 8, "4.dense.weight", 2, (int64_t[]){ 10, 26 * 27 * 6 }, 84, false);
    CHECK_INT(weir_network_parameter_count(network), 84 + 10 * 26 * 27 * 6 + 10);
    CHECK_INT(weir_network_state_count(network), 8);
    CHECK_INT(weir_network_layer_count(network), 5);
    struct weir_buffer name = { 0 };
    struct weir_shape shape;
    int64_t parameters;
    weir_network_layer_describe(network, 0, &name, &shape, &parameters);
    CHECK_TEXT(name.bytes, "conv 4 3x2 relu");
    CHECK_INT(shape.rank, 3);
    CHECK_INT(shape.size[0], 26);
    CHECK_INT(shape.size[1], 27);
    CHECK_INT(shape.size[2], 4);
    CHECK_INT(parameters, 28);
    weir_buffer_clear(&name);
    weir_network_layer_describe(network, 2, &name, &shape, &parameters);
    CHECK_TEXT(name.bytes, "residual ( conv 6 1x1 nobias | relu )");
    CHECK_INT(parameters, 48);
    weir_buffer_release(&name);
    CHECK_INT(weir_network_input(network)->rank, 2);
    weir_network_free(network);
}

/* Bounds of the first parameters, and that they differ. */
static void check_initialization(void)
{
    struct weir_error error = { 0 };
    struct weir_network *network;
    CHECK_INT(weir_network_new(&network, "conv 8 5x5 | batchnorm | flatten | dense 10", &image, 10, &error), 0);
    weir_network_initialize(network, 1);
    static const double bounds[] = { 0.2, 0.2 };
    double most = 0, sum = 0;
    for (int t = 0; t < 2; t++) {
        const struct weir_network_tensor *tensor = weir_network_tensor(network, t);
        for (int64_t i = 0; i < tensor->count; i++) {
            double v = weir_network_parameters(network)[tensor->offset + i];
            CHECK(fabs(v) <= bounds[t]);
            most = fmax(most, fabs(v));
            sum += v;
        }
    }
    CHECK(most > 0.18);
    CHECK_NEAR(sum / 208, 0, 0.03);
    CHECK(weir_network_parameters(network)[weir_network_tensor(network, 2)->offset] == 1);
    CHECK(weir_network_parameters(network)[weir_network_tensor(network, 3)->offset] == 0);
    CHECK(weir_network_state(network)[0] == 0 && weir_network_state(network)[8] == 1);
    weir_network_free(network);
}

static void check_hostile(void)
{
    struct weir_error error = { 0 };
    struct weir_network *network;
    size_t size = 70000;
    char *text = malloc(size + 1);
    memset(text, ' ', size);
    text[size] = 0;
    check_refused(text, vector, "network: its notation is longer than 65536 bytes");
    text[0] = 0;
    for (int i = 0; i < 5000; i++)
        memcpy(text + 7 * i, " relu |", 8);
    check_refused(text, vector, "network: more than 4096 layers");
    for (int i = 0; i < 100; i++)
        memcpy(text + 11 * i, "residual ( ", 12);
    check_refused(text, vector, "network, character 177, 'residual': more than 16 blocks within each other");
    free(text);
    struct weir_shape photo = { 2, { 4096, 4096 } };
    check_refused("gelu | gelu | gelu | gelu", photo,
                  "layer 4 'gelu': with its output, a row is larger than a network can hold");
    struct weir_shape none = { 0, { 0 } }, empty = { 1, { 0 } }, large = { 2, { INT64_MAX / 2, 4 } };
    CHECK_INT(weir_network_new(&network, "dense 1", &none, 0, &error), -1);
    CHECK_INT(weir_network_new(&network, "dense 1", &empty, 0, &error), -1);
    CHECK_INT(weir_network_new(&network, "dense 1", &large, 0, &error), -1);
}

/* Bytes that a network of so many convolutions with their pooling takes to predict a row. */
static size_t bytes_of(int pairs)
{
    static const char pair[] = "conv 8 1x1 | maxpool 1 | ";
    struct weir_error error = { 0 };
    struct weir_shape small = { 3, { 2, 2, 8 } };
    struct weir_network *network;
    struct weir_buffer notation = { 0 };
    float x[32] = { 0 }, y[2];
    for (int i = 0; i < pairs; i++)
        weir_buffer_string(&notation, pair);
    weir_buffer_string(&notation, "flatten | dense 2");
    CHECK_INT(weir_network_new(&network, notation.bytes, &small, 0, &error), 0);
    struct mallinfo2 before = mallinfo2();
    struct weir_workspace *workspace = weir_workspace_new();
    CHECK_INT(weir_network_prepare(network, &error), 0);
    CHECK_INT(weir_network_predict(network, workspace, x, 1, y, &error), 0);
    struct mallinfo2 after = mallinfo2();
    weir_workspace_free(workspace);
    weir_network_free(network);
    weir_buffer_release(&notation);
    return after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
}

static void check_predict_rows(const char *notation, struct weir_shape shape, int64_t expected)
{
    struct weir_error error = { 0 };
    struct weir_network *network;
    CHECK_INT(weir_network_parse(&network, notation, &shape, 0, &error), 0);
    CHECK_INT(weir_network_predict_rows(network), expected);
    weir_network_free(network);
}

/* Twice the layers, twice the memory. A sanitizer's allocator tells of none. */
static void check_memory(void)
{
    size_t some = bytes_of(150), twice = bytes_of(300);
    if (!CHECK(twice <= 3 * some))
        fprintf(stderr, "%zu bytes of 150 convolutions, %zu of 300\n", some, twice);
    struct weir_shape photo = { 2, { 4096, 4096 } };
    check_predict_rows("dense 3", vector, 16);
    check_predict_rows("maxpool 2", photo, 3);
    check_predict_rows("gelu", photo, 2);
    check_predict_rows("gelu | gelu | gelu", photo, 1);
}

#define LAYERS                                                                                                         \
    "conv, maxpool, avgpool, globalpool, flatten, dense, dropout, batchnorm, layernorm, relu, gelu, tanh, sigmoid, "   \
    "softmax, residual"

int main(void)
{
    check_normal("conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense 10",
                 image, 10,
                 "conv 32 3x3 relu | maxpool 2 | conv 64 3x3 relu | maxpool 2 | flatten | dense 64 relu | dense 10");
    check_normal("  conv  32 3\trelu|maxpool 2x2 stride 2", flat, 10,
                 "conv 32 3x3 relu | maxpool 2 | flatten | dense 10");
    check_normal("dense 64 relu", vector, 1, "dense 64 relu | dense 1");
    check_normal("dense 64 relu | dense 1", vector, 1, "dense 64 relu | dense 1");
    check_normal("dense 64 | dense 2 softmax", vector, 2, "dense 64 | dense 2 softmax");
    check_normal("dense 64 | dense 2 | softmax", vector, 2, "dense 64 | dense 2 | softmax");
    check_normal("dropout 0.50 | dense 7 nobias tanh", vector, 0, "dropout 0.5 | dense 7 nobias tanh");
    check_normal("conv 8 3x3 pad 1 stride 2 nobias groups 1 gelu", image, 0, "conv 8 3x3 stride 2 pad 1 nobias gelu");
    check_normal("conv 8 3x5 pad same | avgpool 3 stride 2x1 pad 1 | globalpool", image, 0,
                 "conv 8 3x5 pad same | avgpool 3 stride 2x1 pad 1 | globalpool");
    check_normal("residual(conv 4 3x3 pad same relu|conv 4 3x3 pad same)relu|flatten", image, 3,
                 "residual ( conv 4 3x3 pad same relu | conv 4 3x3 pad same ) relu | flatten | dense 3");
    check_normal("dense 10 | residual ( dense 5 | residual ( batchnorm ) ) | layernorm sigmoid", vector, 0,
                 "dense 10 | residual ( dense 5 | residual ( batchnorm ) ) | layernorm sigmoid");

    check_refused("", vector, "network, at its end (character 1): a layer is missing here");
    check_refused("dense 3 |", vector, "network, at its end (character 10): a layer is missing here");
    check_refused("dense 3 || dense 3", vector, "network, character 10, '|': a layer is missing here");
    check_refused("conw 3", vector, "network, character 1, 'conw': is not a layer (" LAYERS ")");
    check_refused("reorder", vector, "network, character 1, 'reorder': is not a layer (" LAYERS ")");
    check_refused("dense 3\x1b[1m", vector,
                  "network, character 7, '3\\x1b[1m': the number of outputs of 'dense' is a whole number from 1 to "
                  "67108864");
    check_refused("dense", vector,
                  "network, at its end (character 6): the number of outputs of 'dense' is a whole number from 1 to "
                  "67108864");
    check_refused("dense 0", vector,
                  "network, character 7, '0': the number of outputs of 'dense' is a whole number from 1 to 67108864");
    check_refused("dense 3 stride 2", vector,
                  "network, character 9, 'stride': is neither an option of this layer nor an activation");
    check_refused("dense 3 dense 4", vector,
                  "network, character 9, 'dense': stands in an item of its own: put '|' before it");
    check_refused("conv 3 3y3", image,
                  "network, character 8, '3y3': the kernel's size of 'conv' is N or HEIGHTxWIDTH, each from 1 to 1024");
    check_refused("dropout 1", vector,
                  "network, character 9, '1': the share to drop of 'dropout' is a number from 0 to below 1");
    check_refused("dropout nan", vector,
                  "network, character 9, 'nan': the share to drop of 'dropout' is a number from 0 to below 1");
    check_refused("dense 3 )", vector, "network, character 9, ')': has no '(' before it");
    check_refused("residual ( dense 3", vector,
                  "network, at its end (character 19): ')' is missing at the end of the block");
    check_refused("residual dense 3", vector, "network, character 10, 'dense': '(' is missing after 'residual'");
    check_refused("residual ( )", vector, "network, character 12, ')': a layer is missing here");
    check_refused(
        "dense 3 | conv 4 3x3", vector,
        "layer 2 'conv 4 3x3': it takes an image [height, width, channels], and the input has 1 dimension here");
    check_refused("dense 3", image,
                  "layer 1 'dense 3': it takes a vector, and the input is an image here: put 'flatten' before it");
    check_refused("maxpool 9 | conv 64 5x5", image,
                  "layer 2 'conv 64 5x5': the image is 3x3 here, smaller than the kernel");
    check_refused("conv 6 3x3 | conv 9 3x3 groups 2", image,
                  "layer 2 'conv 9 3x3 groups 2': 2 groups do not divide 6 input channels and 9 outputs evenly");
    check_refused("maxpool 3 pad 2", image, "layer 1 'maxpool 3 pad 2': the padding is more than half the window");
    check_refused("residual ( flatten | dense 4 )", image,
                  "layer 1 'residual': the block's output can be neither added to its input nor to a projection of it: "
                  "their sizes do not fit");
    check_refused("dense 60000000 | dense 60000000", vector,
                  "layer 2 'dense 60000000': more parameters than a network can have");
    check_hostile();
    check_memory();
    check_tensors();
    check_initialization();
    return check_result();
}
