/* What a layer is, for those who write one (weir_layers in layer.c is the table).
 *
 * The notation becomes a list of layers, each from one value (or two) to one value; a residual block becomes its
 * layers and a sum. Three things hang on a layer, each made from the one before:
 *   the layer itself   options, places of its parameters; belongs to the network, the same for all threads
 *   its compiled form  kernels for a number of rows and weights packed for them; one for predicting, one for training
 *   its bound form     what one pass (the buffers of one shard or of one predicting thread) needs: masks, scratch
 * A layer with nothing to keep leaves the functions NULL.
 *
 * Rows of a pass: `capacity` have room, `rows` are there. A layer computes `rows` of them, or all (then the rows beyond
 * must be harmless: finite and, in gradients, zero). */
#ifndef WEIR_NN_LAYER_H
#define WEIR_NN_LAYER_H

#include "nn/network.h"
#include <stddef.h>

/* What flows between two layers. The shape is of what is computed: places that no later layer looks at are left out
 * (trim.c). One row lies as [groups][places][lanes] floats: groups = ceil(channels / lanes),
 * places = all sizes but the last (1 for a vector), channels = the last; lanes = channels is the plain order. Channels
 * beyond the last are zero. */
struct weir_value {
    struct weir_shape shape;
    int64_t lanes;
    bool needs_gradient; /* a layer before it learns */
    bool passing;        /* within a group: only a few rows of it are there at once */
};
static inline int64_t weir_value_channels(const struct weir_value *value)
{
    return value->shape.size[value->shape.rank - 1];
}
static inline int64_t weir_value_groups(const struct weir_value *value)
{
    return (weir_value_channels(value) + value->lanes - 1) / value->lanes;
}
int64_t weir_value_places(const struct weir_value *value);
int64_t weir_value_stride(const struct weir_value *value); /* floats a row takes */

struct weir_layer {
    const struct weir_layer_kind *kind;
    int input, second; /* indices of values; second is -1 except for a sum */
    int output;
    bool spare_input, spare_second; /* the value's gradient comes from several layers: this one's is added */
    bool gives_positive;            /* relu fused: the output is max(0, ...) */
    bool masks_below;               /* backward gives 0 where its input is not positive, so the relu below need not */
    bool relu_done;                 /* the layer above does masks_below */
    int group;                      /* number of layers of the group that begins here, or 0 */
    int group_first;                /* on the last layer of a group: its first; else -1 */
    void *options;                  /* kind->options_size bytes */
    char *path;                     /* "0.conv": what its tensors' names begin with */
    int item;                       /* which item of the notation, 0 based, on the outermost level */
    int first_tensor, tensors;      /* in weir_network_tensor */
    double operations;              /* multiplications a row, forward */
};

/* The buffers of one shard, or of one predicting thread. */
struct weir_pass {
    const struct weir_network *network;
    bool training; /* dropout on, batchnorm by the minibatch, gradients wanted */
    int64_t capacity, rows;
    int64_t first_row; /* of the minibatch */
    int64_t step;
    uint64_t seed;
    float **value;             /* of each value [capacity][stride] */
    float **gradient;          /* the same; NULL where not needed */
    float *spare;              /* room for one value's gradient */
    float *parameter_gradient; /* of the parameters from parameter_first on */
    int64_t parameter_first;
    struct weir_group **groups; /* of each layer that begins one; NULL in a pass that is part of a group */
    struct weir_pass *part;     /* that part of a group which runs; NULL without groups */
    void **bound;               /* of each layer: see weir_layer_bound */
    void *scratch;              /* 64-byte aligned, the largest that any layer asked for */
};

struct weir_compile {
    int64_t rows;
    bool training;
    bool bfloat16;  /* training only */
    size_t scratch; /* a layer raises it to the bytes it needs of weir_pass.scratch */
};

struct weir_words; /* the words of one item of the notation (words.h) */

struct weir_layer_kind {
    const char *name;
    size_t options_size;
    bool may_follow; /* may stand behind another layer on the same item: activations */
    bool on_plain;   /* wants its input in the plain order */
    bool fuses_relu; /* a relu behind it becomes part of it (gives_positive) */
    bool masks_relu; /* behind a relu it can do masks_below */
    /* A layer that widens (conv) and one behind it that narrows again without needing its input in backward (maxpool)
     * run as a group, a few rows at a time, so that what is between them stays in the cache. */
    bool widens, narrows;
    /* The first places of the input, along its height (dimension 0) or width (1), that the first `size` places of the
     * output are made from: at most all that the output's natural size takes. 0, or no function: all are needed. */
    int64_t (*reach)(const struct weir_layer *layer, int dimension, int64_t size);
    /* Reads its options. */
    int (*parse)(struct weir_layer *layer, struct weir_words *words, struct weir_error *error);
    /* Writes name and options in normal form. */
    void (*describe)(const struct weir_layer *layer, struct weir_buffer *out);
    /* The lanes that it wants its input in; NULL: any. */
    int64_t (*input_lanes)(const struct weir_layer *layer, const struct weir_value *in);
    /* Checks the input, sets the output's shape and lanes (they come in equal to the input's), adds its tensors. */
    int (*infer)(struct weir_layer *layer, struct weir_network *network, const struct weir_value *in,
                 struct weir_value *out, struct weir_error *error);
    void (*initialize)(const struct weir_layer *layer, struct weir_network *network, struct weir_random *random);
    int (*compile)(const struct weir_layer *layer, const struct weir_network *network, struct weir_compile *how,
                   void **compiled, struct weir_error *error);
    int (*pack)(const struct weir_layer *layer, void *compiled); /* the parameters changed; 0 or -1 */
    void (*discard)(void *compiled);
    int (*bind)(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass, void **bound,
                struct weir_error *error);
    void (*unbind)(void *bound);
    /* Each 0, or -1 when the library below fails. backward: from the output's gradient (which it may overwrite) to the
     * input's (where wanted) and the parameters'. */
    int (*forward)(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass);
    int (*backward)(const struct weir_layer *layer, const void *compiled, struct weir_pass *pass);
    /* Statistics over the whole minibatch: `gather` runs on each shard, `combine` once with all of them, then forward
     * on each shard; the same for backward. Training only. */
    void (*gather)(const struct weir_layer *layer, struct weir_pass *pass);
    void (*combine)(const struct weir_layer *layer, struct weir_pass **passes, int count);
    void (*gather_backward)(const struct weir_layer *layer, struct weir_pass *pass);
    void (*combine_backward)(const struct weir_layer *layer, struct weir_pass **passes, int count);
};

/* Ends with NULL. The first two are never written in the notation. */
extern const struct weir_layer_kind *const weir_layers[];
extern const struct weir_layer_kind weir_layer_reorder, weir_layer_sum, weir_layer_conv, weir_layer_maxpool,
    weir_layer_avgpool, weir_layer_globalpool, weir_layer_flatten, weir_layer_dense, weir_layer_dropout,
    weir_layer_batchnorm, weir_layer_layernorm, weir_layer_relu, weir_layer_gelu, weir_layer_tanh, weir_layer_sigmoid,
    weir_layer_softmax;

/* ---- For layers ------------------------------------------------------------------------------------------- */

const struct weir_value *weir_layer_input(const struct weir_layer *layer, const struct weir_network *network);
const struct weir_value *weir_layer_output(const struct weir_layer *layer, const struct weir_network *network);
/* Where backward puts the input's gradient; NULL when none is wanted. */
float *weir_layer_input_gradient(const struct weir_layer *layer, const struct weir_pass *pass);

/* An error unless the value is an image. 0 or -1. */
int weir_layer_check_image(const struct weir_value *in, struct weir_error *error);

/* What its bind made for this pass. */
void *weir_layer_bound(const struct weir_layer *layer, const struct weir_pass *pass);

/* Adds a tensor "PATH.name" to the network's parameters (or state). */
int weir_layer_add_tensor(struct weir_layer *layer, struct weir_network *network, const char *name, bool is_state,
                          int rank, const int64_t *shape, struct weir_error *error);
/* The layer's i-th tensor in the network's buffers, or in another buffer of the same form. */
float *weir_layer_parameter(const struct weir_layer *layer, const struct weir_network *network, int i);
float *weir_layer_gradient(const struct weir_layer *layer, const struct weir_pass *pass, int i);
void weir_initialize_uniform(float *tensor, int64_t count, double bound, struct weir_random *random);

/* Turns the gradient of max(0, z) into that of z, over the first `rows` of the pass, unless the layer above did. */
void weir_layer_relu_backward(const struct weir_layer *layer, const struct weir_pass *pass);
/* Rows beyond `rows` set to zero, for kernels that compute all. */
void weir_clear_rows(float *values, int64_t stride, int64_t rows, int64_t capacity);

#endif
