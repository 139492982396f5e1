#include "math/dnnl.h"
#include "base/memory.h"
#include "math/plane_gradient.h"
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

/* From omp.h, which comes with gcc alone, while the library that oneDNN brings serves every compiler. */
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);

int64_t weir_image_lanes(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
        return 16;
    if (__builtin_cpu_supports("sse4.1"))
        return 8;
#endif
    return 1;
}

bool weir_has_bfloat16(void)
{
#if defined(__x86_64__)
    return weir_image_lanes() == 16 && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

/* One OpenMP thread while the library works for this thread; the caller's own setting comes back. */
static int one_thread(void)
{
    int before = omp_get_max_threads();
    if (before != 1)
        omp_set_num_threads(1);
    return before;
}

static void restore_threads(int before)
{
    if (before != 1)
        omp_set_num_threads(before);
}

int weir_multiply_matrices(bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k, const float *a,
                           const float *b, float beta, float *c)
{
    int before = one_thread();
    dnnl_status_t status = dnnl_sgemm(a_transposed ? 'T' : 'N', b_transposed ? 'T' : 'N', m, n, k, 1.0f, a,
                                      a_transposed ? m : k, b, b_transposed ? k : n, beta, c, n);
    restore_threads(before);
    return status == dnnl_success ? 0 : -1;
}

/* ---- Convolutions ----------------------------------------------------------------------------------------- */

enum { FORWARD, BACKWARD_WEIGHTS, BACKWARD_SOURCE, PASSES };

/* The images of the source or the output as they lie outside, as the kernels read them, and as the kernels make them:
 * all the same, but for kernels that multiply bfloat16, which read that and make floats, both in an order of their own.
 * The kernels see them by `form`; a reorder, which goes row by row, by `rows` where kernels see several rows as one. */
enum { OUTSIDE, READ, MADE, ORDERS };
struct images {
    dnnl_memory_desc_t form[ORDERS], rows[ORDERS];
};

struct weir_convolution {
    struct weir_convolution_shape shape;
    const float *bias;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_t pass[PASSES];
    struct images source, output;
    dnnl_memory_desc_t bias_form, plain_weights;
    dnnl_memory_desc_t weights[PASSES]; /* of BACKWARD_WEIGHTS: the gradient's */
    dnnl_memory_desc_t scratch[PASSES];
    /* Weights in the order of the kernels: those of BACKWARD_SOURCE only where they differ from FORWARD's. */
    dnnl_memory_t plain;
    dnnl_memory_t packed[PASSES];
    void *packed_bytes[PASSES];
    dnnl_primitive_t pack[PASSES];
    dnnl_primitive_t round_source, round_output; /* from outside to bfloat16; NULL in float */
    dnnl_primitive_t give_source, give_output;   /* what was made to outside; NULL where it is made there */
    dnnl_primitive_t unpack;                     /* weight gradient to plain; NULL when it is plain already */
};

static bool is_depthwise(const struct weir_convolution_shape *shape)
{
    return shape->groups > 1 && shape->groups == shape->channels && shape->groups == shape->outputs;
}

void weir_convolution_lanes(const struct weir_convolution_shape *shape, int64_t *source, int64_t *output)
{
    int64_t lanes = weir_image_lanes();
    *source = *output = lanes;
    if (shape->groups > 1 && !is_depthwise(shape) &&
        (shape->channels / shape->groups % lanes || shape->outputs / shape->groups % lanes))
        *source = *output = 1; /* only the kernel that goes by way of a matrix product takes it, and it wants planes */
    else if (shape->groups == 1 && shape->channels <= 3)
        *source = 1;
}

/* Whether a multiplication of 512 bits takes one step of one unit, and not two: since AVX-512, Intel's processors. */
static bool has_wide_units(void)
{
#if defined(__x86_64__)
    return weir_image_lanes() == 16 && __builtin_cpu_is("intel");
#else
    return false;
#endif
}

/* Winograd's where it was measured to win on AVX-512 machines with shards of 8 to 32 rows: many channels on both sides
 * and enough tiles of 4 x 4 outputs to fill the matrix products; to the source only where less than an eighth of the
 * tiles lies outside of it; to the weights only where units are narrow, because it saves multiplications alone, and
 * drives everything else out of the cache. */
static dnnl_alg_kind_t algorithm(const struct weir_convolution_shape *shape, int pass)
{
    bool fits = weir_image_lanes() == 16 && !shape->bfloat16 && shape->training && shape->groups == 1 &&
                shape->kernel_height == 3 && shape->kernel_width == 3 && shape->stride_height == 1 &&
                shape->stride_width == 1 && shape->channels % 16 == 0 && shape->outputs % 16 == 0 &&
                shape->channels >= 32 && shape->outputs >= 32;
    int64_t tiles = shape->rows * ((shape->output_height + 3) / 4) * ((shape->output_width + 3) / 4);
    if (pass == BACKWARD_WEIGHTS)
        fits = fits && !has_wide_units();
    if (pass == BACKWARD_SOURCE)
        fits = fits &&
               7 * ((shape->height + 3) / 4 * 4) * ((shape->width + 3) / 4 * 4) <= 8 * shape->height * shape->width;
    return fits && tiles >= 64 ? dnnl_convolution_winograd : dnnl_convolution_direct;
}

/* Whether the kernels multiply bfloat16. Up to three channels fill too little of their vectors (float takes a third of
 * the time, measured), and groups have no kernels that gain. */
static bool multiplies_bfloat16(const struct weir_convolution_shape *shape)
{
    return shape->bfloat16 && shape->groups == 1 && shape->channels > 3;
}

/* Whether this machine multiplies tiles of bfloat16 (AMX), and the library knows it. */
static bool has_tiles(void)
{
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_amx) == dnnl_cpu_isa_avx512_core_amx;
}

/* The order of bfloat16 images. Only channels that lie together fill tiles; kernels without tiles like blocks a little
 * better, but compute the zeros that fill them up. */
static dnnl_format_tag_t bfloat16_tag(const struct weir_convolution_shape *shape)
{
    return has_tiles() || shape->channels % 16 || shape->outputs % 16 ? dnnl_nhwc : dnnl_nChw16c;
}

/* The channels that the kernels are told of. They take fewer than a block's only from planes, and leave blocks to a
 * kernel a hundred times slower: they see the zeros behind the last channel as channels. */
static int64_t channels_told(const struct weir_convolution_shape *shape)
{
    int64_t source, output;
    weir_convolution_lanes(shape, &source, &output);
    return shape->groups == 1 && shape->channels < source && !shape->bfloat16 ? source : shape->channels;
}

/* Whether the weight gradient is ours, since the library has a plain loop alone. */
static bool has_plane_gradient(const struct weir_convolution_shape *shape)
{
    return weir_image_lanes() == WEIR_PLANE_LANES && shape->groups == 1 && shape->channels <= 2;
}

static dnnl_format_tag_t tag_of(int64_t lanes)
{
    return lanes == 16 ? dnnl_nChw16c : lanes == 8 ? dnnl_nChw8c : dnnl_nchw;
}

/* Rows that lie side by side in a line, as one wide image with zeros between them, which stand for the padding of both.
 * Places of the output between two rows see both: nobody reads them, and their gradient is zero. */
struct line {
    int64_t rows, pitch; /* from a row to the next */
    int64_t spare;       /* places of the source behind the last, so that the output has `pitch` for each row too */
};

/* A tile of the weights' gradient sums over 32 places of a line, and over nothing where the line is shorter. */
static struct line line_of(const struct weir_convolution_shape *shape)
{
    int64_t pad = shape->pad_left > shape->pad_right ? shape->pad_left : shape->pad_right;
    int64_t less = shape->kernel_width - 1 - shape->pad_left - shape->pad_right; /* places in the output */
    struct line line = { .rows = 1, .pitch = shape->width + pad, .spare = less > 0 ? less : 0 };
    int64_t more = less < 0 ? -less : 0;
    if (!has_tiles() || shape->stride_width != 1)
        return line;
    for (int64_t n = 2; n <= shape->rows && n * line.pitch + more <= 32; n++)
        line.rows = shape->rows % n == 0 ? n : line.rows;
    return line;
}

/* Images of `size`, rows first, that lie by `tag` and as floats outside, and in lines of `width` places inside. */
static int make_images(struct images *images, const struct weir_convolution_shape *shape, const dnnl_dims_t size,
                       dnnl_format_tag_t tag, const struct line *line, int64_t width)
{
    if (dnnl_memory_desc_init_by_tag(&images->form[OUTSIDE], 4, size, dnnl_f32, tag))
        return -1;
    for (int i = 0; i < ORDERS; i++)
        images->rows[i] = images->form[i] = images->form[OUTSIDE];
    if (!shape->bfloat16)
        return 0;
    int64_t channels = size[1], height = size[2];
    dnnl_dims_t lines = { size[0] / line->rows, channels, height, width };
    dnnl_dims_t rows = { size[0] / line->rows, line->rows, channels, height, size[3] };
    dnnl_dims_t steps = { height * width * channels, line->pitch * channels, 1, width * channels, channels };
    for (int i = READ; i < ORDERS; i++) {
        dnnl_data_type_t type = i == READ ? dnnl_bf16 : dnnl_f32;
        if (dnnl_memory_desc_init_by_tag(&images->form[i], 4, lines, type, bfloat16_tag(shape)))
            return -1;
        images->rows[i] = images->form[i];
        if (line->rows > 1 && dnnl_memory_desc_init_by_strides(&images->rows[i], 5, rows, type, steps))
            return -1;
    }
    return line->rows > 1 && dnnl_memory_desc_reshape(&images->rows[OUTSIDE], &images->form[OUTSIDE], 5, rows) ? -1 : 0;
}

static int make_forms(struct weir_convolution *c)
{
    const struct weir_convolution_shape *s = &c->shape;
    dnnl_dims_t source = { s->rows, channels_told(s), s->height, s->width };
    dnnl_dims_t output = { s->rows, s->outputs, s->output_height, s->output_width };
    int64_t source_lanes, output_lanes;
    weir_convolution_lanes(s, &source_lanes, &output_lanes);
    struct line line = line_of(s);
    int64_t source_width = s->width, output_width = s->output_width;
    if (line.rows > 1) {
        source_width = line.rows * line.pitch + line.spare;
        output_width = source_width + s->pad_left + s->pad_right - s->kernel_width + 1;
    }
    return make_images(&c->source, s, source, tag_of(source_lanes), &line, source_width) ||
                   make_images(&c->output, s, output, tag_of(output_lanes), &line, output_width)
               ? -1
               : 0;
}

/* Describes one pass with one algorithm; NULL in *made when the library has no such kernel. */
static void describe_pass(const struct weir_convolution *c, int pass, dnnl_alg_kind_t how,
                          const_dnnl_primitive_desc_t hint, dnnl_primitive_desc_t *made)
{
    const struct weir_convolution_shape *s = &c->shape;
    dnnl_dims_t stride = { s->stride_height, s->stride_width };
    dnnl_dims_t before = { s->pad_top, s->pad_left }, after = { s->pad_bottom, s->pad_right };
    dnnl_dims_t grouped = { s->groups, s->outputs / s->groups, channels_told(s) / s->groups, s->kernel_height,
                            s->kernel_width };
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
    dnnl_alg_kind_t how = algorithm(&c->shape, pass);
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
    if (channels_told(&c->shape) == c->shape.channels)
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
    return channels_told(&c->shape) > c->shape.channels ? make_reorder(c, &c->unpack, &weights, &c->plain_weights)
                                                        : make_copy(c, &c->unpack, &weights, &c->plain_weights);
}

static int make_all(struct weir_convolution *c, const float *weights)
{
    const struct weir_convolution_shape *shape = &c->shape;
    dnnl_dims_t grouped = { shape->groups, shape->outputs / shape->groups, shape->channels / shape->groups,
                            shape->kernel_height, shape->kernel_width };
    dnnl_dims_t outputs = { shape->outputs };
    if (dnnl_engine_create(&c->engine, dnnl_cpu, 0) ||
        dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags) || make_forms(c) ||
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
    if (!has_plane_gradient(shape) && (make_pass(c, BACKWARD_WEIGHTS) || make_unpacking(c)))
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
    int before = one_thread(), result = -1;
    *convolution = NULL;
    for (int bfloat16 = multiplies_bfloat16(shape); bfloat16 >= 0 && result; bfloat16--) {
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
    restore_threads(before);
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

/* Runs a primitive at one thread and waits. */
static int run(dnnl_primitive_t primitive, dnnl_stream_t stream, int count, const dnnl_exec_arg_t *arguments)
{
    int before = one_thread();
    dnnl_status_t status = dnnl_primitive_execute(primitive, stream, count, arguments);
    if (!status)
        status = dnnl_stream_wait(stream);
    restore_threads(before);
    return status ? -1 : 0;
}

int weir_convolution_pack(struct weir_convolution *convolution)
{
    for (int pass = 0; pass < PASSES; pass++) {
        if (!convolution->pack[pass])
            continue;
        dnnl_exec_arg_t arguments[] = { { DNNL_ARG_FROM, convolution->plain },
                                        { DNNL_ARG_TO, convolution->packed[pass] } };
        if (run(convolution->pack[pass], convolution->stream, 2, arguments))
            return -1;
    }
    return 0;
}

/* ---- Bindings --------------------------------------------------------------------------------------------- */

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
static dnnl_memory_t bind_read(struct weir_convolution_binding *b, const struct images *images, const float *outside,
                               dnnl_primitive_t round, void **copy, struct arguments *arguments)
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
static dnnl_memory_t bind_made(struct weir_convolution_binding *b, const struct images *images, float *outside,
                               dnnl_primitive_t give, void *scratch, struct arguments *arguments)
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
    int before = one_thread();
    int result = bind_all(b, buffers);
    restore_threads(before);
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
    return run(b->convolution->pass[pass], b->stream, b->pass[pass].count, b->pass[pass].list);
}

/* A reorder, where there is one. */
static int run_reorder(const struct weir_convolution_binding *b, dnnl_primitive_t reorder,
                       const struct arguments *arguments)
{
    return reorder ? run(reorder, b->stream, arguments->count, arguments->list) : 0;
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
    if (has_plane_gradient(shape)) {
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
