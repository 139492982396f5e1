/* The kind `network`: a network and the loss it was trained with. Linear, logistic and softmax regression on dense
 * columns are networks of one dense layer.
 *
 * What a row gets from the network's outputs y:
 *   cross-entropy         softmax(y), one probability a class
 *   binary-cross-entropy  p = sigmoid(y), [1 - p, p]
 *   others, classes       the shares of what is positive in y (one output for two classes: y = p clipped to 0 .. 1);
 *                         when nothing is positive, of how far each lies above the least; the largest stays the largest
 *   others, values        y * target_scale + target_offset (training runs on standardized targets) */
#ifndef WEIR_MODEL_NETWORK_MODEL_H
#define WEIR_MODEL_NETWORK_MODEL_H

#include "model/model.h"
#include "nn/network.h"

struct weir_network_model {
    struct weir_network *network; /* owned */
    struct weir_loss loss;
    double target_offset, target_scale; /* 0 and 1 for classes */
};

extern const struct weir_model_kind weir_network_kind;

/* What rows of the features look like to a network: the tensor's shape when it is the only column, else [width]. */
void weir_network_model_shape(const struct weir_feature_list *features, struct weir_shape *shape);

/* Copies the network's tensors out of a file, after a check of their shapes. */
int weir_network_model_load(struct weir_network *network, const struct weir_model_file *file, struct weir_error *error);

#endif
