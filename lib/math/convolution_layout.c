/* How the images of a convolution lie for its kernels. */
#include "math/convolution_private.h"

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
static int make_images(struct convolution_images *images, const struct weir_convolution_shape *shape,
                       const dnnl_dims_t size, dnnl_format_tag_t tag, const struct line *line, int64_t width)
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

int weir_convolution_lay_out(struct weir_convolution *c)
{
    const struct weir_convolution_shape *s = &c->shape;
    dnnl_dims_t source = { s->rows, weir_convolution_channels(s), s->height, s->width };
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
