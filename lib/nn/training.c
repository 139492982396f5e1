#include "math/convolution.h"
#include "math/subnormal.h"
#include "math/vector.h"
#include "nn/training_private.h"
#include <stdlib.h>
#include <string.h>

enum {
    SHARD_ROWS = 16, /* below this the kernels lose more than another thread gains */
    TILE = 16384     /* parameters whose gradients are summed in one go */
};
/* Gradients of all shards take at most this many floats (two shards are always allowed), and a shard has at least so
 * many multiplications forward: some tens of microseconds of work. */
static const double MAX_GRADIENTS = 0x1p26, MIN_OPERATIONS = 0x1p18;

/* The number of shards is a rule over the batch, the parameters and the work alone: sums of gradients have one order
 * whatever the machine. */
static int shards_of(const struct weir_network *network, int64_t batch)
{
    double operations = 0;
    for (int i = 0; i < network->layer_count; i++)
        operations += network->layers[i].operations;
    int64_t shards = batch / SHARD_ROWS;
    shards = shards < 1 ? 1 : shards > WEIR_TRAINING_SHARDS ? WEIR_TRAINING_SHARDS : shards;
    while (shards > 2 && (double)shards * (double)network->parameter_count > MAX_GRADIENTS)
        shards--;
    while (shards > 1 && operations * (double)batch / (double)shards < MIN_OPERATIONS)
        shards--;
    return (int)shards;
}

int weir_given_allocate(struct weir_given *given, int64_t rows, const struct weir_network *network,
                        struct weir_error *error)
{
    size_t count, inputs;
    if (!weir_multiply((size_t)rows, (size_t)weir_network_outputs(network), &count) ||
        !weir_multiply((size_t)rows, (size_t)weir_shape_elements(&network->input), &inputs))
        return weir_fail_memory(error);
    if (weir_network_is_trimmed(network)) {
        given->x = weir_allocate_zero(inputs, sizeof *given->x);
        if (!given->x)
            return weir_fail_memory(error);
    }
    given->classes = weir_allocate_zero((size_t)rows, sizeof *given->classes);
    given->weights = weir_allocate_zero((size_t)rows, sizeof *given->weights);
    given->targets = weir_allocate_zero(count, sizeof *given->targets);
    return given->classes && given->weights && given->targets ? 0 : weir_fail_memory(error);
}

static void free_given(struct weir_given *given)
{
    free(given->x);
    free(given->classes);
    free(given->targets);
    free(given->weights);
}

static int find_stops(struct weir_training *training, struct weir_error *error)
{
    const struct weir_network *network = training->network;
    training->packing = weir_allocate((size_t)network->layer_count, sizeof *training->packing);
    training->stops = weir_allocate((size_t)network->layer_count, sizeof *training->stops);
    if (!training->packing || !training->stops)
        return weir_fail_memory(error);
    for (int i = 0; i < network->layer_count; i++) {
        if (network->layers[i].kind->pack)
            training->packing[training->packings++] = i;
        if (network->layers[i].kind->gather && i < training->layers)
            training->stops[training->stop_count++] = i;
    }
    return 0;
}

/* Zeros. */
static float *new_gradients(const struct weir_network *network)
{
    float *gradients = weir_allocate_aligned((size_t)network->parameter_count, sizeof *gradients);
    if (gradients)
        memset(gradients, 0, (size_t)network->parameter_count * sizeof *gradients);
    return gradients;
}

static int make_shard(struct weir_training *training, int index, struct weir_error *error)
{
    struct weir_training_shard *shard = &training->shard[index];
    if (index > 0 && !(shard->gradients = new_gradients(training->network)))
        return weir_fail_memory(error);
    if (weir_given_allocate(&shard->given, training->shard_rows, training->network, error) ||
        weir_pass_new(&shard->pass, training->compiled, index ? shard->gradients : training->gradients, error))
        return -1;
    shard->pass->seed = training->options.seed;
    return 0;
}

int weir_training_new(struct weir_training **training, struct weir_network *network, struct weir_pool *pool,
                      const struct weir_training_options *options, struct weir_error *error)
{
    *training = NULL;
    if (options->batch < 1)
        return weir_fail(error, WEIR_USAGE, "a minibatch of no rows");
    if (options->bfloat16 && !weir_has_bfloat16())
        return weir_fail(error, WEIR_USAGE, "this processor has no bfloat16 instructions (AVX512-BF16)");
    if (weir_loss_check(network, &options->loss, error))
        return -1;
    struct weir_training *made = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->network = network;
    made->pool = pool;
    made->options = *options;
    made->layers = weir_loss_layers(network, options->loss.kind);
    made->shards = shards_of(network, options->batch);
    made->shard_rows = (options->batch + made->shards - 1) / made->shards;
    made->gradients = new_gradients(network);
    made->evaluators = weir_allocate_zero((size_t)weir_pool_threads(pool), sizeof *made->evaluators);
    int result = made->gradients && made->evaluators ? 0 : weir_fail_memory(error);
    if (result == 0)
        result = find_stops(made, error);
    if (result == 0)
        result = weir_compiled_new(&made->compiled, network, made->shard_rows, true, options->bfloat16, error);
    for (int i = 0; result == 0 && i < made->shards; i++)
        result = make_shard(made, i, error);
    if (result) {
        weir_training_free(made);
        return -1;
    }
    *training = made;
    return 0;
}

void weir_training_free(struct weir_training *training)
{
    if (!training)
        return;
    for (int i = 0; i < training->shards; i++) {
        weir_pass_free(training->shard[i].pass);
        free_given(&training->shard[i].given);
        free(training->shard[i].gradients);
    }
    for (int i = 0; training->evaluators && i < weir_pool_threads(training->pool); i++) {
        weir_pass_free(training->evaluators[i].pass);
        free_given(&training->evaluators[i].given);
    }
    weir_compiled_free(training->compiled);
    free(training->evaluators);
    free(training->partial);
    free(training->packing);
    free(training->stops);
    free(training->gradients);
    free(training);
}

float *weir_training_gradients(struct weir_training *training)
{
    return training->gradients;
}

/* ---- A step ----------------------------------------------------------------------------------------------- */

struct step {
    struct weir_training *training;
    const struct weir_minibatch *minibatch;
    int64_t number;
    int shards;      /* that have rows */
    bool fill;       /* the first part: rows are read */
    int first, end;  /* layers forward */
    int gather;      /* then this layer's statistics, or -1 */
    bool loss;       /* then the loss */
    int last, begin; /* then layers last - 1 .. begin backward */
    int gather_back; /* then this layer's statistics, or -1 */
    bool failed;     /* of packing */
};

static void pack_task(void *context, int index, int thread)
{
    (void)thread;
    struct step *step = context;
    const struct weir_training *training = step->training;
    int i = training->packing[index];
    const struct weir_layer *layer = &training->network->layers[i];
    if (layer->kind->pack(layer, training->compiled->layer[i]))
        __atomic_store_n(&step->failed, true, __ATOMIC_RELAXED);
}

void weir_given_fill(const struct weir_minibatch *minibatch, struct weir_pass *pass, struct weir_given *given)
{
    for (int64_t r = 0; r < pass->rows; r++)
        given->weights[r] = 1;
    float *x = given->x ? given->x : pass->value[0];
    minibatch->fill(minibatch->context, pass->first_row, pass->rows, x, given->classes, given->targets, given->weights);
    weir_network_trim_rows(pass->network, x, pass->rows, pass->value[0]);
}

double weir_training_loss(const struct weir_training *training, struct weir_pass *pass, const struct weir_given *given,
                          double scale, bool gradient, int64_t *correct)
{
    int value = training->network->layers[training->layers - 1].output;
    struct weir_loss_rows rows = {
        .rows = pass->rows,
        .outputs = weir_network_outputs(training->network),
        .y = pass->value[value],
        .classes = given->classes,
        .targets = given->targets,
        .weights = given->weights,
    };
    return weir_loss_evaluate(&training->options.loss, &rows, scale, gradient ? pass->gradient[value] : NULL, correct);
}

static void run_shard(const struct step *step, int index)
{
    struct weir_training *training = step->training;
    struct weir_training_shard *shard = &training->shard[index];
    struct weir_pass *pass = shard->pass;
    const struct weir_layer *layers = training->network->layers;
    if (step->fill) {
        pass->first_row = index * training->shard_rows;
        int64_t left = step->minibatch->rows - pass->first_row;
        pass->rows = left < training->shard_rows ? left : training->shard_rows;
        pass->step = step->number;
        shard->failed = false;
        weir_given_fill(step->minibatch, pass, &shard->given);
    }
    if (shard->failed)
        return;
    if (weir_pass_forward(pass, training->compiled, step->first, step->end)) {
        shard->failed = true;
        return;
    }
    if (step->gather >= 0)
        layers[step->gather].kind->gather(&layers[step->gather], pass);
    if (step->loss) {
        double sum = step->minibatch->weight_sum;
        shard->correct = 0;
        shard->loss = weir_training_loss(training, pass, &shard->given, sum > 0 ? 1 / sum : 0, true, &shard->correct);
    }
    if (weir_pass_backward(pass, training->compiled, step->begin, step->last)) {
        shard->failed = true;
        return;
    }
    if (step->gather_back >= 0)
        layers[step->gather_back].kind->gather_backward(&layers[step->gather_back], pass);
}

static void shard_task(void *context, int index, int thread)
{
    (void)thread;
    uint64_t before = weir_subnormal_off();
    run_shard(context, index);
    weir_subnormal_restore(before);
}

static void reduce_task(void *context, int index, int thread)
{
    (void)thread;
    const struct step *step = context;
    struct weir_training *training = step->training;
    int64_t first = (int64_t)index * TILE, left = training->network->parameter_count - first;
    for (int i = 1; i < step->shards; i++)
        weir_vector_add(training->shard[i].gradients + first, training->gradients + first, left < TILE ? left : TILE);
}

/* All shards up to the layer whose statistics they share, then these, then on: forward, and back the same way. */
static void run_shards(struct step *step)
{
    struct weir_training *training = step->training;
    const struct weir_layer *layers = training->network->layers;
    struct weir_pass *passes[WEIR_TRAINING_SHARDS];
    for (int i = 0; i < step->shards; i++)
        passes[i] = training->shard[i].pass;
    int stops = training->stop_count;
    step->gather_back = -1;
    step->fill = true;
    step->first = 0;
    for (int i = 0; i < stops; i++) {
        step->gather = step->end = training->stops[i];
        step->loss = false;
        step->begin = step->last = 0;
        weir_pool_run(training->pool, step->shards, shard_task, step);
        layers[step->gather].kind->combine(&layers[step->gather], passes, step->shards);
        step->first = step->end;
        step->fill = false;
    }
    step->gather = -1;
    step->end = training->layers;
    step->loss = true;
    step->last = training->layers;
    for (int i = stops; i >= 0; i--) {
        step->gather_back = i ? training->stops[i - 1] : -1;
        step->begin = i ? training->stops[i - 1] + 1 : 0;
        weir_pool_run(training->pool, step->shards, shard_task, step);
        if (step->gather_back >= 0)
            layers[step->gather_back].kind->combine_backward(&layers[step->gather_back], passes, step->shards);
        step->first = step->end;
        step->fill = step->loss = false;
        step->last = step->begin;
    }
}

int weir_training_gradient(struct weir_training *training, const struct weir_minibatch *minibatch, int64_t step,
                           double *loss, int64_t *correct, struct weir_error *error)
{
    if (minibatch->rows < 1 || minibatch->rows > training->options.batch)
        return weir_fail(error, WEIR_BUG, "a minibatch of %lld rows, where %lld were announced",
                         (long long)minibatch->rows, (long long)training->options.batch);
    struct step work = { .training = training, .minibatch = minibatch, .number = step };
    work.shards = (int)((minibatch->rows + training->shard_rows - 1) / training->shard_rows);
    weir_pool_run(training->pool, training->packings, pack_task, &work);
    if (work.failed)
        return weir_fail_memory(error);
    run_shards(&work);
    if (work.shards > 1)
        weir_pool_run(training->pool, (int)((training->network->parameter_count + TILE - 1) / TILE), reduce_task,
                      &work);
    double sum = 0;
    int64_t right = 0;
    for (int i = 0; i < work.shards; i++) {
        if (training->shard[i].failed)
            return weir_fail_memory(error);
        sum += training->shard[i].loss;
        right += training->shard[i].correct;
    }
    *loss = minibatch->weight_sum > 0 ? sum / minibatch->weight_sum : 0;
    if (weir_loss_takes_classes(training->options.loss.kind))
        *correct = right;
    return 0;
}
