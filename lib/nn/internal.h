/* The inside of a network, shared by the files of this room that build and run it. */
#ifndef WEIR_NN_INTERNAL_H
#define WEIR_NN_INTERNAL_H

#include "nn/layer.h"

/* Limits that keep a hostile notation from asking for more than a network could use. */
enum {
    WEIR_NETWORK_MAX_TEXT = 65536,
    WEIR_NETWORK_MAX_LAYERS = 4096,
    WEIR_NETWORK_MAX_DEPTH = 16, /* residual blocks within each other */
};
#define WEIR_NETWORK_MAX_FLOATS (INT64_C(1) << 34) /* of parameters */
#define WEIR_NETWORK_MAX_ROW    (INT64_C(1) << 26) /* of one row, in all layers together */

/* The compiled forms of all layers for a number of rows. */
struct weir_compiled {
    const struct weir_network *network;
    int64_t rows;
    bool training;
    size_t scratch;
    void **layer;
};
int weir_compiled_new(struct weir_compiled **compiled, const struct weir_network *network, int64_t rows, bool training,
                      bool bfloat16, struct weir_error *error);
void weir_compiled_free(struct weir_compiled *compiled);

struct weir_network {
    char *notation;
    struct weir_value *values; /* values[0] is the input */
    int value_count;
    struct weir_shape input; /* as the caller gave it */
    size_t value_capacity;
    int64_t row_floats; /* of all values together */
    struct weir_layer *layers;
    int layer_count;
    size_t layer_capacity;
    struct weir_network_tensor *tensors;
    int tensor_count;
    size_t tensor_capacity;
    struct weir_item { /* of the outermost level */
        char *text;
        int first_layer, layers;
        struct weir_shape output; /* as the notation has it */
    } * items;
    int item_count;
    size_t item_capacity;
    int64_t parameter_count, state_count;
    float *parameters, *state;
    void *parameter_block, *state_block; /* what they lie in */
    struct weir_compiled *predicting;    /* made by the first weir_network_prepare */
};

/* Builds layers from the notation; on failure the network is left for weir_network_free. */
int weir_network_build(struct weir_network *network, const char *notation, int64_t outputs, struct weir_error *error);

/* Marks the layers whose input's gradient comes from others as well, and those that run as a group (marks.c). */
void weir_network_mark_spares(struct weir_network *network);
void weir_network_mark_groups(struct weir_network *network);

/* Leaves out the places at the ends of images that no layer looks at (trim.c). */
void weir_network_trim(struct weir_network *network);
/* The part of `rows` rows that the first layers look at: from x, rows as the caller has them, to the network's value 0.
 * Where all is looked at they may be the same. */
bool weir_network_is_trimmed(const struct weir_network *network);
void weir_network_trim_rows(const struct weir_network *network, const float *x, int64_t rows, float *value);

/* Buffers for up to compiled->rows rows. With training also gradients; parameter_gradient is borrowed. */
int weir_pass_new(struct weir_pass **pass, const struct weir_compiled *compiled, float *parameter_gradient,
                  struct weir_error *error);
void weir_pass_free(struct weir_pass *pass);
/* Layers first .. end - 1 forward; end - 1 .. first backward. 0 or -1. */
int weir_pass_forward(struct weir_pass *pass, const struct weir_compiled *compiled, int first, int end);
int weir_pass_backward(struct weir_pass *pass, const struct weir_compiled *compiled, int first, int end);

/* Rows that are predicted together, at most: 16, or as many as take the memory of one row of the largest network. What
 * a row gets does not depend on their number. */
int64_t weir_network_predict_rows(const struct weir_network *network);

/* ---- Losses (loss.c) -------------------------------------------------------------------------------------- */

struct weir_loss_rows {
    int64_t rows, outputs;
    const float *y;         /* [rows][outputs]: what the loss is of */
    const int32_t *classes; /* [rows], or NULL */
    const float *targets;   /* [rows][outputs], or NULL */
    const float *weights;   /* [rows] */
};
/* Sum over rows of weight * loss; *correct is raised by the rows whose largest output is their class; gradient (may be
 * NULL) [rows][outputs] of that sum times scale. The loss is the inner one: of what comes before a final softmax or
 * sigmoid, for the cross-entropies. */
double weir_loss_evaluate(const struct weir_loss *loss, const struct weir_loss_rows *rows, double scale,
                          float *gradient, int64_t *correct);
/* The number of layers whose output the loss takes: all, or all but the last. */
int weir_loss_layers(const struct weir_network *network, enum weir_loss_kind loss);
/* Whether the loss and the network fit each other; 0 or -1 with the message. */
int weir_loss_check(const struct weir_network *network, const struct weir_loss *loss, struct weir_error *error);

#endif
