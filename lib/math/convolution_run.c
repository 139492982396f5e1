/* Convolutions run: a binding has what one thread's runs need, made once. */
#include "base/memory.h"
#include "math/convolution_private.h"
#include "math/plane_gradient.h"
#include <stdlib.h>
#include <string.h>

/* A binding's scratch begins with what the kernels make before it is brought outside; then comes the kernels' own. */
static size_t made_size(const struct weir_convolution *c)
{
    size_t output = c->give_output ? dnnl_memory_desc_get_size(&c->output.form[MADE]) : 0;
    size_t source = c->give_source ? dnnl_memory_desc_get_size(&c->source.form[MADE]) : 0;
    return ((output > source ? output : source) + 63) / 64 * 64;
}

size_t weir_convolution_scratch(const struct weir_convolution *convolution)
{
    size_t most = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        size_t size = convolution->pass[pass] ? dnnl_memory_desc_get_size(&convolution->scratch[pass]) : 0;
        most = size > most ? size : most;
    }
    return made_size(convolution) + most;
}

enum { MEMORIES = 24 };

struct weir_convolution_binding {
    const struct weir_convolution *convolution;
    struct weir_convolution_buffers buffers;
    dnnl_stream_t stream;
    dnnl_memory_t memory[MEMORIES]; /* all that must be destroyed */
    int memories;
    void *weight_gradient;           /* in the order of the kernel; NULL when that is plain */
    void *read_source, *read_output; /* rounded; NULL in float */
    struct arguments {
        dnnl_exec_arg_t list[5];
        int count;
    } pass[PASSES], round_source, round_output, give_source, give_output, unpack;
};

/* Memory over borrowed bytes, or NULL. */
static dnnl_memory_t view(struct weir_convolution_binding *b, const dnnl_memory_desc_t *form, const void *bytes)
{
    dnnl_memory_t made = NULL;
    if (dnnl_memory_create(&made, form, b->convolution->engine, (void *)bytes))
        return NULL;
    b->memory[b->memories++] = made;
    return made;
}

static int argument(struct arguments *arguments, int name, dnnl_memory_t memory)
{
    if (!memory)
        return -1;
    arguments->list[arguments->count++] = (dnnl_exec_arg_t){ name, memory };
    return 0;
}

static int bind_scratch(struct weir_convolution_binding *b, int pass, void *scratch)
{
    const dnnl_memory_desc_t *form = &b->convolution->scratch[pass];
    if (dnnl_memory_desc_get_size(form) == 0)
        return 0;
    return argument(&b->pass[pass], DNNL_ARG_SCRATCHPAD,
                    view(b, form, (unsigned char *)scratch + made_size(b->convolution)));
}

static int bind_weight_gradient(struct weir_convolution_binding *b, const struct weir_convolution_buffers *buffers)
{
    const struct weir_convolution *c = b->convolution;
    dnnl_memory_t plain = view(b, &c->plain_weights, buffers->weight_gradient);
    if (!c->unpack)
        return argument(&b->pass[BACKWARD_WEIGHTS], DNNL_ARG_DIFF_WEIGHTS, plain);
    size_t size = dnnl_memory_desc_get_size(&c->weights[BACKWARD_WEIGHTS]);
    b->weight_gradient = weir_allocate_aligned(size, 1);
    if (!b->weight_gradient)
        return -1;
    memset(b->weight_gradient, 0, size);
    dnnl_memory_t packed = view(b, &c->weights[BACKWARD_WEIGHTS], b->weight_gradient);
    return argument(&b->pass[BACKWARD_WEIGHTS], DNNL_ARG_DIFF_WEIGHTS, packed) ||
                   argument(&b->unpack, DNNL_ARG_FROM, packed) || argument(&b->unpack, DNNL_ARG_TO, plain)
               ? -1
               : 0;
}

static int bind_copy(struct arguments *arguments, dnnl_memory_t from, dnnl_memory_t to)
{
    return argument(arguments, DNNL_ARG_FROM, from) || argument(arguments, DNNL_ARG_TO, to) ? -1 : 0;
}

/* What the kernels read: a copy that `arguments` rounds, or the floats outside. */
static dnnl_memory_t bind_read(struct weir_convolution_binding *b, const struct convolution_images *images,
                               const float *outside, dnnl_primitive_t round, void **copy, struct arguments *arguments)
{
    if (!round)
        return view(b, &images->form[OUTSIDE], outside);
    size_t size = dnnl_memory_desc_get_size(&images->form[READ]);
    *copy = weir_allocate_aligned(size, 1);
    if (!*copy)
        return NULL;
    memset(*copy, 0, size);
    if (bind_copy(arguments, view(b, &images->rows[OUTSIDE], outside), view(b, &images->rows[READ], *copy)))
        return NULL;
    return view(b, &images->form[READ], *copy);
}

/* Where the kernels put what they make: in the scratch, from where `arguments` brings it outside, or right there. */
static dnnl_memory_t bind_made(struct weir_convolution_binding *b, const struct convolution_images *images,
                               float *outside, dnnl_primitive_t give, void *scratch, struct arguments *arguments)
{
    if (!give)
        return view(b, &images->form[OUTSIDE], outside);
    if (bind_copy(arguments, view(b, &images->rows[MADE], scratch), view(b, &images->rows[OUTSIDE], outside)))
        return NULL;
    return view(b, &images->form[MADE], scratch);
}

static int bind_all(struct weir_convolution_binding *b, const struct weir_convolution_buffers *buffers)
{
    const struct weir_convolution *c = b->convolution;
    if (dnnl_stream_create(&b->stream, c->engine, dnnl_stream_default_flags))
        return -1;
    dnnl_memory_t source =
        bind_read(b, &c->source, buffers->source, c->round_source, &b->read_source, &b->round_source);
    dnnl_memory_t output = bind_made(b, &c->output, buffers->output, c->give_output, buffers->scratch, &b->give_output);
    if (argument(&b->pass[FORWARD], DNNL_ARG_SRC, source) ||
        argument(&b->pass[FORWARD], DNNL_ARG_WEIGHTS, c->packed[FORWARD]) ||
        argument(&b->pass[FORWARD], DNNL_ARG_DST, output) || bind_scratch(b, FORWARD, buffers->scratch))
        return -1;
    if (c->shape.bias && argument(&b->pass[FORWARD], DNNL_ARG_BIAS, view(b, &c->bias_form, c->bias)))
        return -1;
    if (!c->shape.training)
        return 0;
    dnnl_memory_t gradient =
        bind_read(b, &c->output, buffers->output_gradient, c->round_output, &b->read_output, &b->round_output);
    if (c->pass[BACKWARD_WEIGHTS] &&
        (argument(&b->pass[BACKWARD_WEIGHTS], DNNL_ARG_SRC, source) ||
         argument(&b->pass[BACKWARD_WEIGHTS], DNNL_ARG_DIFF_DST, gradient) || bind_weight_gradient(b, buffers) ||
         bind_scratch(b, BACKWARD_WEIGHTS, buffers->scratch)))
        return -1;
    if (c->pass[BACKWARD_WEIGHTS] && c->shape.bias &&
        argument(&b->pass[BACKWARD_WEIGHTS], DNNL_ARG_DIFF_BIAS, view(b, &c->bias_form, buffers->bias_gradient)))
        return -1;
    if (!c->shape.source_gradient)
        return 0;
    dnnl_memory_t weights = c->packed[BACKWARD_SOURCE] ? c->packed[BACKWARD_SOURCE] : c->packed[FORWARD];
    dnnl_memory_t source_gradient =
        bind_made(b, &c->source, buffers->source_gradient, c->give_source, buffers->scratch, &b->give_source);
    return argument(&b->pass[BACKWARD_SOURCE], DNNL_ARG_DIFF_DST, gradient) ||
                   argument(&b->pass[BACKWARD_SOURCE], DNNL_ARG_WEIGHTS, weights) ||
                   argument(&b->pass[BACKWARD_SOURCE], DNNL_ARG_DIFF_SRC, source_gradient) ||
                   bind_scratch(b, BACKWARD_SOURCE, buffers->scratch)
               ? -1
               : 0;
}

int weir_convolution_bind(struct weir_convolution_binding **binding, const struct weir_convolution *convolution,
                          const struct weir_convolution_buffers *buffers, struct weir_error *error)
{
    struct weir_convolution_binding *b = weir_allocate_zero(1, sizeof *b);
    *binding = b;
    if (!b)
        return weir_fail_memory(error);
    b->convolution = convolution;
    b->buffers = *buffers;
    int before = weir_dnnl_one_thread();
    int result = bind_all(b, buffers);
    weir_dnnl_restore_threads(before);
    if (result == 0)
        return 0;
    weir_convolution_unbind(b);
    *binding = NULL;
    return weir_fail_memory(error);
}

void weir_convolution_unbind(struct weir_convolution_binding *binding)
{
    if (!binding)
        return;
    for (int i = 0; i < binding->memories; i++)
        dnnl_memory_destroy(binding->memory[i]);
    dnnl_stream_destroy(binding->stream);
    free(binding->weight_gradient);
    free(binding->read_source);
    free(binding->read_output);
    free(binding);
}

static int run_pass(const struct weir_convolution_binding *b, int pass)
{
    return weir_dnnl_run(b->convolution->pass[pass], b->stream, b->pass[pass].count, b->pass[pass].list);
}

/* A reorder, where there is one. */
static int run_reorder(const struct weir_convolution_binding *b, dnnl_primitive_t reorder,
                       const struct arguments *arguments)
{
    return reorder ? weir_dnnl_run(reorder, b->stream, arguments->count, arguments->list) : 0;
}

int weir_convolution_forward(const struct weir_convolution_binding *binding)
{
    return run_reorder(binding, binding->convolution->round_source, &binding->round_source) ||
                   run_pass(binding, FORWARD) ||
                   run_reorder(binding, binding->convolution->give_output, &binding->give_output)
               ? -1
               : 0;
}

/* The rounded source is still there from the forward pass. */
int weir_convolution_backward_weights(const struct weir_convolution_binding *binding)
{
    const struct weir_convolution_shape *shape = &binding->convolution->shape;
    const struct weir_convolution_buffers *buffers = &binding->buffers;
    if (weir_convolution_has_plane_gradient(shape)) {
        weir_plane_gradient(shape, buffers->source, buffers->output_gradient, buffers->weight_gradient,
                            shape->bias ? buffers->bias_gradient : NULL);
        return 0;
    }
    return run_reorder(binding, binding->convolution->round_output, &binding->round_output) ||
                   run_pass(binding, BACKWARD_WEIGHTS) ||
                   run_reorder(binding, binding->convolution->unpack, &binding->unpack)
               ? -1
               : 0;
}

int weir_convolution_backward_source(const struct weir_convolution_binding *binding)
{
    return run_pass(binding, BACKWARD_SOURCE) ||
                   run_reorder(binding, binding->convolution->give_source, &binding->give_source)
               ? -1
               : 0;
}
