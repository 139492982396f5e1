#include "nn/internal.h"
#include <stdlib.h>
#include <string.h>

int64_t weir_network_predict_rows(const struct weir_network *network)
{
    int64_t rows = WEIR_NETWORK_MAX_ROW / network->row_floats;
    return rows < 1 ? 1 : rows < 16 ? rows : 16;
}

int weir_network_prepare(struct weir_network *network, struct weir_error *error)
{
    if (!network->predicting &&
        weir_compiled_new(&network->predicting, network, weir_network_predict_rows(network), false, false, error))
        return -1;
    for (int i = 0; i < network->layer_count; i++) {
        const struct weir_layer *layer = &network->layers[i];
        if (layer->kind->pack && layer->kind->pack(layer, network->predicting->layer[i]))
            return weir_fail_memory(error);
    }
    return 0;
}

struct weir_workspace {
    struct weir_pass *pass; /* made by the first prediction */
};

struct weir_workspace *weir_workspace_new(void)
{
    return weir_allocate_zero(1, sizeof(struct weir_workspace));
}

void weir_workspace_free(struct weir_workspace *workspace)
{
    if (workspace)
        weir_pass_free(workspace->pass);
    free(workspace);
}

int weir_network_predict(const struct weir_network *network, struct weir_workspace *workspace, const float *x,
                         int64_t rows, float *y, struct weir_error *error)
{
    if (!network->predicting)
        return weir_fail(error, WEIR_BUG, "the network was not prepared for predicting");
    if (!workspace->pass && weir_pass_new(&workspace->pass, network->predicting, NULL, error))
        return -1;
    struct weir_pass *pass = workspace->pass;
    int64_t inputs = weir_shape_elements(&network->input), outputs = weir_network_outputs(network);
    const float *result = pass->value[network->layers[network->layer_count - 1].output];
    for (int64_t first = 0; first < rows; first += pass->rows) {
        pass->rows = rows - first < pass->capacity ? rows - first : pass->capacity;
        weir_network_trim_rows(network, x + first * inputs, pass->rows, pass->value[0]);
        if (weir_pass_forward(pass, network->predicting, 0, network->layer_count))
            return weir_fail_memory(error);
        memcpy(y + first * outputs, result, (size_t)(pass->rows * outputs) * sizeof *y);
    }
    return 0;
}
