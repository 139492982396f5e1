/* What a convolution is made of: the library's kernels for its passes, and the reorders between their order and ours.
 */
#include "base/memory.h"
#include "math/convolution_private.h"
#include <stdlib.h>
#include <string.h>

/* Describes one pass with one algorithm; NULL in *made when the library has no such kernel. */
static void describe_pass(const struct weir_convolution *c, int pass, dnnl_alg_kind_t how,
                          const_dnnl_primitive_desc_t hint, dnnl_primitive_desc_t *made)
{
    const struct weir_convolution_shape *s = &c->shape;
    dnnl_dims_t stride = { s->stride_height, s->stride_width };
    dnnl_dims_t before = { s->pad_top, s->pad_left }, after = { s->pad_bottom, s->pad_right };
    dnnl_dims_t grouped = { s->groups, s->outputs / s->groups, weir_convolution_channels(s) / s->groups,
                            s->kernel_height, s->kernel_width };
    dnnl_memory_desc_t weights;
    dnnl_convolution_desc_t form;
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_post_ops_t after_it = NULL;
    const dnnl_memory_desc_t *bias = s->bias ? &c->bias_form : NULL;
    dnnl_data_type_t type = s->bfloat16 && pass != BACKWARD_WEIGHTS ? dnnl_bf16 : dnnl_f32;
    *made = NULL;
    if (dnnl_memory_desc_init_by_tag(&weights, s->groups > 1 ? 5 : 4, s->groups > 1 ? grouped : grouped + 1, type,
                                     dnnl_format_tag_any) ||
        dnnl_primitive_attr_create(&attributes) ||
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user))
        goto done;
    dnnl_status_t status = dnnl_success;
    if (pass == FORWARD) {
        status = dnnl_convolution_forward_desc_init(&form, s->training ? dnnl_forward_training : dnnl_forward_inference,
                                                    how, &c->source.form[READ], &weights, bias, &c->output.form[MADE],
                                                    stride, before, after);
        if (!status && s->relu) {
            if (dnnl_post_ops_create(&after_it) ||
                dnnl_post_ops_append_eltwise(after_it, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f) ||
                dnnl_primitive_attr_set_post_ops(attributes, after_it))
                goto done;
        }
    } else if (pass == BACKWARD_WEIGHTS) {
        status = dnnl_convolution_backward_weights_desc_init(&form, how, &c->source.form[READ], &weights, bias,
                                                             &c->output.form[READ], stride, before, after);
    } else {
        status = dnnl_convolution_backward_data_desc_init(&form, how, &c->source.form[MADE], &weights,
                                                          &c->output.form[READ], stride, before, after);
    }
    if (status || dnnl_primitive_desc_create(made, &form, attributes, c->engine, hint))
        *made = NULL;
done:
    dnnl_post_ops_destroy(after_it);
    dnnl_primitive_attr_destroy(attributes);
}

/* The backward passes are described beside a forward one of the same algorithm. */
static int make_pass(struct weir_convolution *c, int pass)
{
    bool winograd = weir_convolution_takes_winograd(&c->shape, pass);
    dnnl_alg_kind_t how = winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
    dnnl_primitive_desc_t forward = NULL, made = NULL;
    for (;;) {
        describe_pass(c, FORWARD, how, NULL, &forward);
        if (pass == FORWARD)
            made = forward, forward = NULL;
        else if (forward)
            describe_pass(c, pass, how, forward, &made);
        dnnl_primitive_desc_destroy(forward);
        if (made || how == dnnl_convolution_direct)
            break;
        how = dnnl_convolution_direct;
    }
    if (!made)
        return -1;
    dnnl_status_t status = dnnl_primitive_create(&c->pass[pass], made);
    if (!status) {
        dnnl_query_t what = pass == BACKWARD_WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md;
        c->weights[pass] = *dnnl_primitive_desc_query_md(made, what, 0);
        c->scratch[pass] = *dnnl_primitive_desc_query_md(made, dnnl_query_scratchpad_md, 0);
    }
    dnnl_primitive_desc_destroy(made);
    return status ? -1 : 0;
}

static int make_reorder(struct weir_convolution *c, dnnl_primitive_t *made, const dnnl_memory_desc_t *from,
                        const dnnl_memory_desc_t *to)
{
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t form = NULL;
    int result = -1;
    if (!dnnl_primitive_attr_create(&attributes) &&
        !dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) &&
        !dnnl_reorder_primitive_desc_create(&form, from, c->engine, to, c->engine, attributes) &&
        dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(form, dnnl_query_scratchpad_md, 0)) == 0 &&
        !dnnl_primitive_create(made, form))
        result = 0;
    dnnl_primitive_desc_destroy(form);
    dnnl_primitive_attr_destroy(attributes);
    return result;
}

/* A reorder where the two differ. */
static int make_copy(struct weir_convolution *c, dnnl_primitive_t *made, const dnnl_memory_desc_t *from,
                     const dnnl_memory_desc_t *to)
{
    return dnnl_memory_desc_equal(from, to) ? 0 : make_reorder(c, made, from, to);
}

/* The weights of a pass to who brings them into the kernels' order or out of it. Channels that only the kernels are
 * told of are padding where they lie in blocks; where they do not they are gaps, which the library's reorders would
 * copy if they were called padding. */
static dnnl_memory_desc_t real_weights(const struct weir_convolution *c, int pass)
{
    dnnl_memory_desc_t weights = c->weights[pass];
    if (weir_convolution_channels(&c->shape) == c->shape.channels)
        return weights;
    weights.dims[1] = c->shape.channels;
    if (weights.format_desc.blocking.inner_nblks == 0)
        weights.padded_dims[1] = c->shape.channels;
    return weights;
}

static int make_packed(struct weir_convolution *c, int pass)
{
    size_t size = dnnl_memory_desc_get_size(&c->weights[pass]);
    dnnl_memory_desc_t weights = real_weights(c, pass);
    c->packed_bytes[pass] = weir_allocate_aligned(size, 1);
    if (!c->packed_bytes[pass])
        return -1;
    memset(c->packed_bytes[pass], 0, size);
    if (dnnl_memory_create(&c->packed[pass], &c->weights[pass], c->engine, c->packed_bytes[pass]))
        return -1;
    return make_reorder(c, &c->pack[pass], &c->plain_weights, &weights);
}

/* The two may be the same to a reorder and yet not to the kernel, which has more channels: those of one output. */
static int make_unpacking(struct weir_convolution *c)
{
    dnnl_memory_desc_t weights = real_weights(c, BACKWARD_WEIGHTS);
    if (weir_convolution_channels(&c->shape) > c->shape.channels)
        return make_reorder(c, &c->unpack, &weights, &c->plain_weights);
    return make_copy(c, &c->unpack, &weights, &c->plain_weights);
}

static int make_all(struct weir_convolution *c, const float *weights)
{
    const struct weir_convolution_shape *shape = &c->shape;
    dnnl_dims_t grouped = { shape->groups, shape->outputs / shape->groups, shape->channels / shape->groups,
                            shape->kernel_height, shape->kernel_width };
    dnnl_dims_t outputs = { shape->outputs };
    if (dnnl_engine_create(&c->engine, dnnl_cpu, 0) ||
        dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags) || weir_convolution_lay_out(c) ||
        dnnl_memory_desc_init_by_tag(&c->bias_form, 1, outputs, dnnl_f32, dnnl_x) ||
        dnnl_memory_desc_init_by_tag(&c->plain_weights, shape->groups > 1 ? 5 : 4,
                                     shape->groups > 1 ? grouped : grouped + 1, dnnl_f32,
                                     shape->groups > 1 ? dnnl_goihw : dnnl_oihw) ||
        dnnl_memory_create(&c->plain, &c->plain_weights, c->engine, (void *)weights))
        return -1;
    if (make_pass(c, FORWARD) || make_packed(c, FORWARD))
        return -1;
    if (make_copy(c, &c->round_source, &c->source.rows[OUTSIDE], &c->source.rows[READ]) ||
        make_copy(c, &c->give_output, &c->output.rows[MADE], &c->output.rows[OUTSIDE]))
        return -1;
    if (!shape->training)
        return 0;
    if (!weir_convolution_has_plane_gradient(shape) && (make_pass(c, BACKWARD_WEIGHTS) || make_unpacking(c)))
        return -1;
    if (make_copy(c, &c->round_output, &c->output.rows[OUTSIDE], &c->output.rows[READ]))
        return -1;
    if (!shape->source_gradient)
        return 0;
    if (make_pass(c, BACKWARD_SOURCE) || make_copy(c, &c->give_source, &c->source.rows[MADE], &c->source.rows[OUTSIDE]))
        return -1;
    if (dnnl_memory_desc_equal(&c->weights[BACKWARD_SOURCE], &c->weights[FORWARD]))
        return 0;
    return make_packed(c, BACKWARD_SOURCE);
}

int weir_convolution_new(struct weir_convolution **convolution, const struct weir_convolution_shape *shape,
                         const float *weights, const float *bias, struct weir_error *error)
{
    int before = weir_dnnl_one_thread(), result = -1;
    *convolution = NULL;
    for (int bfloat16 = weir_convolution_in_bfloat16(shape); bfloat16 >= 0 && result; bfloat16--) {
        struct weir_convolution *c = weir_allocate_zero(1, sizeof *c);
        if (!c)
            break;
        c->shape = *shape;
        c->shape.bfloat16 = bfloat16;
        c->bias = bias;
        result = make_all(c, weights);
        if (result)
            weir_convolution_free(c);
        else
            *convolution = c;
    }
    weir_dnnl_restore_threads(before);
    if (result)
        weir_fail(error, WEIR_NO_MEMORY, "oneDNN: no kernel, or not enough memory, for this convolution");
    return result;
}

void weir_convolution_free(struct weir_convolution *convolution)
{
    if (!convolution)
        return;
    for (int pass = 0; pass < PASSES; pass++) {
        dnnl_primitive_destroy(convolution->pass[pass]);
        dnnl_primitive_destroy(convolution->pack[pass]);
        dnnl_memory_destroy(convolution->packed[pass]);
        free(convolution->packed_bytes[pass]);
    }
    dnnl_primitive_destroy(convolution->round_source);
    dnnl_primitive_destroy(convolution->round_output);
    dnnl_primitive_destroy(convolution->give_source);
    dnnl_primitive_destroy(convolution->give_output);
    dnnl_primitive_destroy(convolution->unpack);
    dnnl_memory_destroy(convolution->plain);
    dnnl_stream_destroy(convolution->stream);
    dnnl_engine_destroy(convolution->engine);
    free(convolution);
}

int weir_convolution_pack(struct weir_convolution *convolution)
{
    for (int pass = 0; pass < PASSES; pass++) {
        if (!convolution->pack[pass])
            continue;
        dnnl_exec_arg_t arguments[] = { { DNNL_ARG_FROM, convolution->plain },
                                        { DNNL_ARG_TO, convolution->packed[pass] } };
        if (weir_dnnl_run(convolution->pack[pass], convolution->stream, 2, arguments))
            return -1;
    }
    return 0;
}
