/* The network language: text into layers, weir-network(5). */
#include "nn/internal.h"
#include "nn/words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a pipe of layers stands while it is read. */
struct pipe {
    struct weir_network *network;
    struct weir_buffer *text; /* the normal form */
    const char *prefix;       /* of the layers' paths */
    int depth;
    int value;          /* what the next layer gets */
    int last;           /* the layer that made it within this pipe, or -1 */
    int outermost_item; /* for messages */
};

/* The kind whose name is the word: one that the notation knows. */
static const struct weir_layer_kind *find_kind(const struct weir_words *words)
{
    for (const struct weir_layer_kind *const *kind = weir_layers; *kind; kind++)
        if ((*kind)->describe && weir_word_is(words, (*kind)->name))
            return *kind;
    return NULL;
}

static int fail_unknown(const struct weir_words *words, struct weir_error *error)
{
    struct weir_buffer names = { 0 };
    for (const struct weir_layer_kind *const *kind = weir_layers; *kind; kind++)
        if ((*kind)->describe)
            weir_buffer_format(&names, "%s, ", (*kind)->name);
    if (weir_word_is(words, "|") || weir_word_is(words, "(") || weir_word_is(words, ")") || words->now.length == 0)
        weir_word_fail(words, error, "a layer is missing here");
    else
        weir_word_fail(words, error, "is not a layer (%sresidual)", names.bytes ? names.bytes : "");
    weir_buffer_release(&names);
    return -1;
}

/* One more layer, with room for its options; it gets its input by `connect`. */
static struct weir_layer *new_layer(struct weir_network *network, const struct weir_layer_kind *kind, const char *path,
                                    struct weir_error *error)
{
    if (network->layer_count >= WEIR_NETWORK_MAX_LAYERS) {
        weir_fail(error, WEIR_USAGE, "network: more than %d layers", WEIR_NETWORK_MAX_LAYERS);
        return NULL;
    }
    if (weir_grow((void **)&network->layers, &network->layer_capacity, (size_t)network->layer_count + 1,
                  sizeof *network->layers)) {
        weir_fail_memory(error);
        return NULL;
    }
    struct weir_layer *layer = &network->layers[network->layer_count++];
    *layer =
        (struct weir_layer){ .kind = kind, .second = -1, .group_first = -1, .first_tensor = network->tensor_count };
    layer->options = weir_allocate_zero(1, kind->options_size);
    layer->path = weir_duplicate_string(path);
    if (!layer->options || !layer->path) {
        weir_fail_memory(error);
        return NULL;
    }
    return layer;
}

/* Raises the floats that a row takes in all values by those of the newest. */
static int add_floats(struct weir_network *network, const struct weir_value *value, struct weir_error *error)
{
    int64_t floats = value->lanes;
    bool fits = true;
    for (int i = 0; fits && i < value->shape.rank; i++) {
        int64_t size = value->shape.size[i];
        fits = size >= 1 && size <= WEIR_NETWORK_MAX_ROW;
        if (fits && i == value->shape.rank - 1)
            size = weir_value_groups(value);
        fits = fits && !__builtin_mul_overflow(floats, size, &floats) && floats <= WEIR_NETWORK_MAX_ROW;
    }
    network->row_floats += fits ? floats : 0;
    if (!fits || network->row_floats > WEIR_NETWORK_MAX_ROW)
        return weir_fail(error, WEIR_USAGE, "with its output, a row is larger than a network can hold");
    return 0;
}

/* Connects the newest layer: its output becomes the network's newest value. */
static int connect(struct pipe *pipe, int input, int64_t lanes, struct weir_error *error)
{
    struct weir_network *network = pipe->network;
    struct weir_layer *layer = &network->layers[network->layer_count - 1];
    if (weir_grow((void **)&network->values, &network->value_capacity, (size_t)network->value_count + 1,
                  sizeof *network->values))
        return weir_fail_memory(error);
    layer->input = input;
    layer->output = network->value_count;
    layer->item = pipe->outermost_item;
    struct weir_value *out = &network->values[layer->output];
    *out = network->values[input];
    if (lanes)
        out->lanes = lanes;
    if (layer->kind->infer && layer->kind->infer(layer, network, &network->values[input], out, error))
        return -1;
    for (int i = 0; i < layer->tensors; i++)
        out->needs_gradient |= !network->tensors[layer->first_tensor + i].is_state;
    network->value_count++;
    return add_floats(network, out, error);
}

static int reorder(struct pipe *pipe, int *value, int64_t lanes, struct weir_error *error)
{
    if (pipe->network->values[*value].lanes == lanes)
        return 0;
    if (!new_layer(pipe->network, &weir_layer_reorder, "", error) || connect(pipe, *value, lanes, error))
        return -1;
    *value = pipe->network->value_count - 1;
    return 0;
}

/* Puts a reorder below the newest layer, which is not connected yet. */
static int reorder_below(struct pipe *pipe, int *value, int64_t lanes, struct weir_error *error)
{
    struct weir_network *network = pipe->network;
    if (network->values[*value].lanes == lanes)
        return 0;
    struct weir_layer newest = network->layers[--network->layer_count];
    int result = reorder(pipe, value, lanes, error);
    if (weir_grow((void **)&network->layers, &network->layer_capacity, (size_t)network->layer_count + 1,
                  sizeof *network->layers)) {
        free(newest.options);
        free(newest.path);
        return weir_fail_memory(error);
    }
    newest.first_tensor = network->tensor_count;
    network->layers[network->layer_count++] = newest;
    return result;
}

/* The newest layer, whose options are known, into the pipe. */
static int attach(struct pipe *pipe, struct weir_error *error)
{
    struct weir_network *network = pipe->network;
    struct weir_layer *layer = &network->layers[network->layer_count - 1];
    const struct weir_layer_kind *kind = layer->kind;
    struct weir_buffer text = { 0 };
    kind->describe(layer, &text);
    int input = pipe->value, last = pipe->last;
    int64_t lanes = network->values[input].lanes;
    if (kind->on_plain)
        lanes = weir_value_channels(&network->values[input]);
    else if (kind->input_lanes)
        lanes = kind->input_lanes(layer, &network->values[input]);
    int result = weir_buffer_check(&text, error);
    if (result == 0)
        result = reorder_below(pipe, &input, lanes, error);
    if (result == 0 && connect(pipe, input, 0, error))
        result = weir_fail_in(error, "layer %d '%s'", pipe->outermost_item + 1, text.bytes);
    weir_buffer_append(pipe->text, text.bytes, text.size);
    weir_buffer_release(&text);
    if (result)
        return -1;
    layer = &network->layers[network->layer_count - 1];
    if (kind->masks_relu && last >= 0 && network->layers[last].gives_positive &&
        network->layers[last].output == layer->input)
        layer->masks_below = network->layers[last].relu_done = true;
    pipe->value = layer->output;
    pipe->last = network->layer_count - 1;
    return 0;
}

/* One layer from its name on. */
static int parse_layer(struct pipe *pipe, struct weir_words *words, const struct weir_layer_kind *kind,
                       const char *path, struct weir_error *error)
{
    struct weir_network *network = pipe->network;
    weir_word_next(words);
    if (kind == &weir_layer_relu && pipe->last >= 0) {
        struct weir_layer *below = &network->layers[pipe->last];
        if (below->kind->fuses_relu) {
            below->gives_positive = true;
            weir_buffer_string(pipe->text, "relu");
            return 0;
        }
    }
    struct weir_layer *layer = new_layer(network, kind, path, error);
    if (!layer)
        return -1;
    words->kind = kind;
    if (kind->parse && kind->parse(layer, words, error))
        return -1;
    return attach(pipe, error);
}

static int parse_pipe(struct pipe *pipe, struct weir_words *words, int first_item, struct weir_error *error);

/* The layer whose form is given as text, behind `value`. */
static int project(struct pipe *pipe, int *value, const char *path, const char *text, struct weir_error *error)
{
    struct weir_words words;
    struct weir_buffer unseen = { 0 };
    struct pipe side = *pipe;
    side.text = &unseen;
    side.value = *value;
    side.last = -1;
    weir_words_begin(&words, text);
    int result = parse_layer(&side, &words, find_kind(&words), path, error);
    *value = side.value;
    weir_buffer_release(&unseen);
    return result;
}

/* What brings `value` to the form of the body's output where they differ: a 1x1 convolution, or a dense layer, without
 * a bias (He et al. 2016, option B). */
static int shortcut(struct pipe *pipe, int *value, int body, const char *path, struct weir_error *error)
{
    const struct weir_shape *from = &pipe->network->values[*value].shape, *to = &pipe->network->values[body].shape;
    bool equal = from->rank == to->rank;
    for (int i = 0; equal && i < from->rank; i++)
        equal = from->size[i] == to->size[i];
    if (equal)
        return 0;
    char text[128];
    if (from->rank == 1 && to->rank == 1) {
        snprintf(text, sizeof text, "dense %lld nobias", (long long)to->size[0]);
        return project(pipe, value, path, text, error);
    }
    if (from->rank == 3 && to->rank == 3) {
        int64_t height = (from->size[0] + to->size[0] - 1) / to->size[0];
        int64_t width = (from->size[1] + to->size[1] - 1) / to->size[1];
        if ((from->size[0] + height - 1) / height == to->size[0] &&
            (from->size[1] + width - 1) / width == to->size[1]) {
            snprintf(text, sizeof text, "conv %lld 1x1 stride %lldx%lld nobias", (long long)to->size[2],
                     (long long)height, (long long)width);
            return project(pipe, value, path, text, error);
        }
    }
    return weir_fail(error, WEIR_USAGE,
                     "layer %d 'residual': the block's output can be neither added to its input nor to a projection of "
                     "it: their sizes do not fit",
                     pipe->outermost_item + 1);
}

static int parse_residual(struct pipe *pipe, struct weir_words *words, const char *path, struct weir_error *error)
{
    struct weir_network *network = pipe->network;
    if (pipe->depth >= WEIR_NETWORK_MAX_DEPTH)
        return weir_word_fail(words, error, "more than %d blocks within each other", WEIR_NETWORK_MAX_DEPTH);
    weir_word_next(words);
    if (!weir_word_take(words, "("))
        return weir_word_fail(words, error, "'(' is missing after 'residual'");
    weir_buffer_string(pipe->text, "residual ( ");
    struct weir_buffer prefix = { 0 };
    weir_buffer_format(&prefix, "%s.", path);
    int result = weir_buffer_check(&prefix, error);
    struct pipe body = *pipe;
    body.prefix = prefix.bytes;
    body.depth++;
    body.last = -1;
    if (result == 0)
        result = parse_pipe(&body, words, 0, error);
    if (result == 0 && !weir_word_take(words, ")"))
        result = weir_word_fail(words, error, "')' is missing at the end of the block");
    if (result == 0 && body.value == pipe->value)
        result = weir_word_fail(words, error, "the block has no layer");
    int side = pipe->value;
    weir_buffer_string(&prefix, "projection");
    if (result == 0)
        result = weir_buffer_check(&prefix, error);
    if (result == 0)
        result = shortcut(pipe, &side, body.value, prefix.bytes, error);
    weir_buffer_release(&prefix);
    if (result || reorder(pipe, &side, network->values[body.value].lanes, error) ||
        !new_layer(network, &weir_layer_sum, path, error) || connect(pipe, body.value, 0, error))
        return -1;
    struct weir_layer *sum = &network->layers[network->layer_count - 1];
    sum->second = side;
    network->values[sum->output].needs_gradient |= network->values[side].needs_gradient;
    weir_buffer_string(pipe->text, " )");
    pipe->value = sum->output;
    pipe->last = network->layer_count - 1;
    return 0;
}

/* A layer with its options, and the activations behind it. */
static int parse_item(struct pipe *pipe, struct weir_words *words, int item, struct weir_error *error)
{
    const struct weir_layer_kind *kind = find_kind(words);
    bool residual = weir_word_is(words, "residual");
    if (!kind && !residual)
        return fail_unknown(words, error);
    struct weir_buffer path = { 0 };
    weir_buffer_format(&path, "%s%d.%s", pipe->prefix, item, residual ? "residual" : kind->name);
    int result = weir_buffer_check(&path, error);
    if (result == 0)
        result = residual ? parse_residual(pipe, words, path.bytes, error)
                          : parse_layer(pipe, words, kind, path.bytes, error);
    while (result == 0 && words->now.length && !weir_word_is(words, "|") && !weir_word_is(words, ")")) {
        kind = find_kind(words);
        if (!kind || !kind->may_follow) {
            result = weir_word_fail(words, error,
                                    kind ? "stands in an item of its own: put '|' before it"
                                         : "is neither an option of this layer nor an activation");
            break;
        }
        weir_buffer_string(pipe->text, " ");
        result = parse_layer(pipe, words, kind, path.bytes, error);
    }
    weir_buffer_release(&path);
    return result;
}

static int end_item(struct pipe *pipe, int first_layer, size_t first_byte, struct weir_error *error)
{
    struct weir_network *network = pipe->network;
    if (weir_buffer_check(pipe->text, error))
        return -1;
    if (weir_grow((void **)&network->items, &network->item_capacity, (size_t)network->item_count + 1,
                  sizeof *network->items))
        return weir_fail_memory(error);
    char *text = weir_duplicate_bytes(pipe->text->bytes + first_byte, pipe->text->size - first_byte);
    if (!text)
        return weir_fail_memory(error);
    network->items[network->item_count++] =
        (struct weir_item){ text, first_layer, network->layer_count - first_layer, network->values[pipe->value].shape };
    return 0;
}

static int parse_pipe(struct pipe *pipe, struct weir_words *words, int first_item, struct weir_error *error)
{
    for (int item = first_item;; item++) {
        if (item)
            weir_buffer_string(pipe->text, " | ");
        if (pipe->depth == 0)
            pipe->outermost_item = item;
        int first_layer = pipe->network->layer_count;
        size_t first_byte = pipe->text->size;
        if (parse_item(pipe, words, item, error))
            return -1;
        if (pipe->depth == 0 && end_item(pipe, first_layer, first_byte, error))
            return -1;
        if (!weir_word_take(words, "|"))
            return 0;
    }
}

/* Whether the network gives `outputs` numbers by a dense layer, activations behind it or not. */
static bool gives(const struct weir_network *network, const struct pipe *pipe, int64_t outputs)
{
    int i = network->layer_count - 1;
    while (i >= 0 && network->layers[i].kind->may_follow)
        i--;
    const struct weir_value *last = &network->values[pipe->value];
    return i >= 0 && network->layers[i].kind == &weir_layer_dense && last->shape.rank == 1 &&
           last->shape.size[0] == outputs;
}

static int parse_text(struct pipe *pipe, const char *notation, struct weir_error *error)
{
    struct weir_words words;
    weir_words_begin(&words, notation);
    if (parse_pipe(pipe, &words, pipe->network->item_count, error))
        return -1;
    if (words.now.length)
        return weir_word_fail(&words, error, "has no '(' before it");
    return 0;
}

int weir_network_build(struct weir_network *network, const char *notation, int64_t outputs, struct weir_error *error)
{
    if (strlen(notation) > WEIR_NETWORK_MAX_TEXT)
        return weir_fail(error, WEIR_USAGE, "network: its notation is longer than %d bytes", WEIR_NETWORK_MAX_TEXT);
    struct weir_buffer text = { 0 };
    struct pipe pipe = { .network = network, .text = &text, .prefix = "", .last = -1 };
    char ending[64];
    snprintf(ending, sizeof ending, "dense %lld", (long long)outputs);
    int result = parse_text(&pipe, notation, error);
    if (result == 0 && outputs > 0 && !gives(network, &pipe, outputs)) {
        if (network->values[pipe.value].shape.rank != 1)
            result = parse_text(&pipe, "flatten", error);
        if (result == 0)
            result = parse_text(&pipe, ending, error);
    }
    /* The last value lies in the plain order, as a caller reads it. */
    if (result == 0)
        result = reorder(&pipe, &pipe.value, weir_value_channels(&network->values[pipe.value]), error);
    if (result == 0)
        result = weir_buffer_check(&text, error);
    if (result) {
        weir_buffer_release(&text);
        return -1;
    }
    network->notation = text.bytes;
    weir_network_mark_spares(network);
    weir_network_trim(network);
    weir_network_mark_groups(network);
    return 0;
}
