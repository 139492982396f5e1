/* Networks: layers in a pipe, "conv 32 3x3 relu | maxpool 2 | flatten | dense 10".
 *
 * A network is made from its notation and the shape of one input row. All parameters lie in one buffer, all gradients
 * in another, what is kept but not learned (running means of batchnorm) in a third, so that an optimizer step, a
 * checkpoint and a clip are one pass. A network's form and parameters are read by many threads at once when it
 * predicts; each thread brings a workspace of its own.
 *
 * Rows are split into fixed shards by their number, the parameters and the work of a row alone, never by the number of
 * threads; gradients of shards are summed in one order. Data is float32, sums that become a result are double. Layout
 * of a row at the borders: as the column has it, images [height, width] or [height, width, channels]; conv and pool
 * layers may hold another order between them. */
#ifndef WEIR_NN_NETWORK_H
#define WEIR_NN_NETWORK_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/random.h"
#include "base/thread.h"
#include <stdint.h>

enum { WEIR_MAX_DIMENSIONS = 8 };

struct weir_shape { /* of one row */
    int rank;
    int64_t size[WEIR_MAX_DIMENSIONS];
};
int64_t weir_shape_elements(const struct weir_shape *shape);

struct weir_network;

/* Parses the notation (weir-network(5)) for rows of the shape `input`; [height, width] is an image of one channel.
 * outputs > 0: the last layer must give that many numbers a row; when the last layer (activations aside) is no `dense`
 * of that width, a `dense OUTPUTS` is added (after a flatten where needed), and weir_network_notation shows it. Errors
 * name the layer, its place and the shapes: "layer 3 'conv 64 5x5': the image is 3x3 here, smaller than the kernel".
 * Parameters and state begin as zeros. 0 or -1. */
int weir_network_new(struct weir_network **network, const char *notation, const struct weir_shape *input,
                     int64_t outputs, struct weir_error *error);
/* weir_network_new in two steps, for a notation that another may have written: parse gives the layers and the forms of
 * the tensors, which can be asked for; the buffers of parameters and state, which may be large, come with allocate. */
int weir_network_parse(struct weir_network **network, const char *notation, const struct weir_shape *input,
                       int64_t outputs, struct weir_error *error);
int weir_network_allocate(struct weir_network *network, struct weir_error *error);
void weir_network_free(struct weir_network *network); /* NULL is accepted */

/* The whole notation in its normal form; it parses to the same network. Owned by the network. */
const char *weir_network_notation(const struct weir_network *network);
const struct weir_shape *weir_network_input(const struct weir_network *network);
int64_t weir_network_outputs(const struct weir_network *network); /* numbers a row */
/* True when the last layer is `softmax` or `sigmoid`: outputs are probabilities already, and the loss takes the layer's
 * input instead (fused). */
bool weir_network_ends_in_softmax(const struct weir_network *network);
bool weir_network_ends_in_sigmoid(const struct weir_network *network);

int64_t weir_network_parameter_count(const struct weir_network *network);
float *weir_network_parameters(struct weir_network *network); /* [parameter_count] */
int64_t weir_network_state_count(const struct weir_network *network);
float *weir_network_state(struct weir_network *network); /* [state_count] running statistics */

/* The tensors within parameters and state, in order, for the model file and for show: names such as "0.conv.weight"
 * [out, in / groups, height, width], "0.conv.bias" [out], "6.dense.weight" [out, in] (in the order of the flattened row
 * [height, width, channels]), "2.batchnorm.mean" (state). */
struct weir_network_tensor {
    const char *name;
    int rank;
    int64_t shape[4];
    int64_t offset; /* in floats, in its buffer */
    int64_t count;
    bool is_state;
};
int weir_network_tensor_count(const struct weir_network *network);
const struct weir_network_tensor *weir_network_tensor(const struct weir_network *network, int i);

/* One line a layer, for show: name with options, output shape, parameters. */
int weir_network_layer_count(const struct weir_network *network);
void weir_network_layer_describe(const struct weir_network *network, int i, struct weir_buffer *name,
                                 struct weir_shape *output, int64_t *parameters);

/* He's initialization in PyTorch's default form for dense and conv (uniform within 1 / sqrt(fan in)), ones and zeros
 * for norms. */
void weir_network_initialize(struct weir_network *network, uint64_t seed);

/* ---- Predicting ------------------------------------------------------------------------------------------- */

/* Call after the parameters changed and before predicting: packs weights for the kernels. */
int weir_network_prepare(struct weir_network *network, struct weir_error *error);

struct weir_workspace; /* scratch of one thread, for a few rows at a time; its buffers come with the first prediction */
struct weir_workspace *weir_workspace_new(void); /* NULL when out of memory */
void weir_workspace_free(struct weir_workspace *workspace);

/* y[rows][outputs] from x[rows][input]: the last layer's output (probabilities only when the notation ends in softmax
 * or sigmoid). A row's result does not depend on the other rows nor on how many they are, to the bit. One thread;
 * several may predict at once with workspaces of their own. */
int weir_network_predict(const struct weir_network *network, struct weir_workspace *workspace, const float *x,
                         int64_t rows, float *y, struct weir_error *error);

/* ---- Losses ----------------------------------------------------------------------------------------------- */

enum weir_loss_kind {
    WEIR_MSE,                 /* mean over rows and outputs of (y - t)^2 */
    WEIR_MAE,                 /* |y - t| */
    WEIR_HUBER,               /* 0.5 e^2 for |e| <= delta, else delta (|e| - 0.5 delta) */
    WEIR_CROSS_ENTROPY,       /* softmax within; target: a class; label smoothing */
    WEIR_BINARY_CROSS_ENTROPY /* sigmoid within; one output; target: class 0 or 1 */
};
struct weir_loss {
    enum weir_loss_kind kind;
    double huber_delta;     /* 1 when 0 */
    double label_smoothing; /* 0 .. 1 */
};
/* "mse", "mae", "huber", "cross-entropy", "binary-cross-entropy". */
const char *weir_loss_name(enum weir_loss_kind kind);
/* False: there is no loss of that name. */
bool weir_loss_parse(const char *name, enum weir_loss_kind *out);
/* The cross-entropies, whose targets are classes; those of the others are numbers. */
bool weir_loss_takes_classes(enum weir_loss_kind kind);
/* Turns outputs into what a user gets: probabilities for the cross-entropies, values as they are for the others.
 * classes: 2 for binary with one output (writes [1-p, p]). y[rows][outputs] -> p[rows][classes or outputs], in double
 * for the exponentials. */
void weir_loss_probabilities(const struct weir_network *network, enum weir_loss_kind loss, const float *y, int64_t rows,
                             double *p);

/* ---- Training --------------------------------------------------------------------------------------------- */

/* Where a minibatch comes from: fills count rows beginning at position `first` of the minibatch. Called by several
 * threads for different rows at once. x[count][input]. For classes: classes[count] (0 based). Otherwise
 * targets[count][outputs] (MSE on classes: the source gives one-hot rows). weights[count] (1 when there are none, class
 * weights multiplied in). */
struct weir_minibatch {
    void *context;
    void (*fill)(void *context, int64_t first, int64_t count, float *x, int32_t *classes, float *targets,
                 float *weights);
    int64_t rows;
    double weight_sum; /* of all its rows: the loss is the weighted sum divided by this */
};

struct weir_training; /* gradients and workspaces of all shards */
struct weir_training_options {
    struct weir_loss loss;
    int64_t batch; /* rows of the largest minibatch */
    uint64_t seed; /* dropout */
    bool bfloat16; /* convolutions of more than three channels multiply in bfloat16 and sum in float, with weights and
                    * gradients in float; an error where the machine has no instructions for it */
};
int weir_training_new(struct weir_training **training, struct weir_network *network, struct weir_pool *pool,
                      const struct weir_training_options *options, struct weir_error *error);
void weir_training_free(struct weir_training *training);

/* Forward, loss, backward over one minibatch with the network's present parameters: gradient (the training's own
 * buffer, [parameter_count]) of the mean loss, *loss the mean loss, *correct the number of rows whose largest output is
 * their class (cross-entropies; else untouched). step numbers the minibatch (for dropout: the same step gives the same
 * masks). Updates batchnorm's running state. */
int weir_training_gradient(struct weir_training *training, const struct weir_minibatch *minibatch, int64_t step,
                           double *loss, int64_t *correct, struct weir_error *error);
float *weir_training_gradients(struct weir_training *training);

/* Loss and correct over rows without learning (dropout off, running statistics of batchnorm). */
int weir_training_evaluate(struct weir_training *training, const struct weir_minibatch *minibatch, double *loss,
                           int64_t *correct, struct weir_error *error);

#endif
