/* The kernels of maxpool for one kind of machine: included with TARGET, the attribute that lets the compiler use its
 * instructions, LANES, the channels that are taken at once, and NAME(x), the name of a function for that machine. (A
 * clone made by the compiler will not do: it takes vectors apart before it clones.) */

typedef float NAME(floats) __attribute__((vector_size(LANES * 4)));
typedef int32_t NAME(masks) __attribute__((vector_size(LANES * 4))); /* all bits or none */

#define FLOATS NAME(floats)
#define MASKS  NAME(masks)
#define INLINE TARGET static inline __attribute__((always_inline)) void

#define LOAD(vector, from, count) memcpy(&(vector), from, (size_t)(count) * sizeof(float))
#define STORE(to, vector, count)  memcpy(to, &(vector), (size_t)(count) * sizeof(float))
#define CHOOSE(mask, a, b)        ((FLOATS)(((mask) & (MASKS)(a)) | (~(mask) & (MASKS)(b))))

/* The largest of each window, and in `where` (NULL: not wanted) its place in the window, row by row: the first of
 * equals; with `positive` -1 where the largest is not above 0, so that the gradient stops there as at a relu below. */
INLINE NAME(maximum)(const struct pool *pool, const struct form *form, int64_t kernel_height, int64_t kernel_width,
                     int64_t first, int64_t count, bool positive, const float *restrict x, float *restrict y,
                     int32_t *restrict where)
{
    int64_t lanes = form->lanes, width = form->width;
    for (int64_t i = 0; i < form->output_height; i++) {
        int64_t top = i * pool->stride_height - pool->pad_height;
        for (int64_t j = 0; j < form->output_width; j++) {
            int64_t left = j * pool->stride_width - pool->pad_width, at = (i * form->output_width + j) * lanes + first;
            FLOATS largest = (FLOATS){ 0 } - __builtin_inff(), in = { 0 };
            MASKS place = { 0 }, here = { 0 }, one = here + 1;
            for (int64_t r = top; r < top + kernel_height; r++)
                for (int64_t c = left; c < left + kernel_width; c++, here += one) {
                    if ((pool->pad_height && (r < 0 || r >= form->height)) ||
                        (pool->pad_width && (c < 0 || c >= width)))
                        continue;
                    LOAD(in, x + (r * width + c) * lanes + first, count);
                    MASKS larger = (in > largest) | (in != in); /* which stays */
                    largest = CHOOSE(larger, in, largest);
                    place = (larger & here) | (~larger & place);
                }
            STORE(y + at, largest, count);
            if (!where)
                continue;
            if (positive)
                place |= ~(MASKS)(largest > (FLOATS){ 0 });
            STORE(where + at, place, count);
        }
    }
}

TARGET static void NAME(maximum_image)(const struct pool *pool, const struct form *form, bool positive, const float *x,
                                       float *y, int32_t *where)
{
    int64_t lanes = form->lanes, height = pool->kernel_height, width = pool->kernel_width;
    for (int64_t first = 0; first < lanes; first += LANES) {
        if (lanes - first < LANES)
            NAME(maximum)(pool, form, height, width, first, lanes - first, positive, x, y, where);
        else if (height == 2 && width == 2 && where)
            NAME(maximum)(pool, form, 2, 2, first, LANES, positive, x, y, where);
        else if (height == 2 && width == 2)
            NAME(maximum)(pool, form, 2, 2, first, LANES, positive, x, y, NULL);
        else
            NAME(maximum)(pool, form, height, width, first, LANES, positive, x, y, where);
    }
}

/* The gradient goes to the place that held the largest. `apart`: no place is in two windows, so that what is there is
 * set and not added to. */
INLINE NAME(maximum_gradient)(const struct pool *pool, const struct form *form, int64_t kernel_height,
                              int64_t kernel_width, bool apart, int64_t first, int64_t count,
                              const int32_t *restrict where, const float *restrict from, float *restrict to)
{
    int64_t lanes = form->lanes, width = form->width;
    for (int64_t i = 0; i < form->output_height; i++) {
        int64_t top = i * pool->stride_height - pool->pad_height;
        for (int64_t j = 0; j < form->output_width; j++) {
            int64_t left = j * pool->stride_width - pool->pad_width, at = (i * form->output_width + j) * lanes + first;
            FLOATS gradient = { 0 }, out = { 0 }, zero = { 0 };
            MASKS place = { 0 }, here = { 0 }, one = here + 1;
            LOAD(gradient, from + at, count);
            LOAD(place, where + at, count);
            for (int64_t r = top; r < top + kernel_height; r++)
                for (int64_t c = left; c < left + kernel_width; c++, here += one) {
                    if (!apart && (r < 0 || r >= form->height || c < 0 || c >= width))
                        continue;
                    float *into = to + (r * width + c) * lanes + first;
                    if (!apart)
                        LOAD(out, into, count);
                    MASKS taken = place == here;
                    out = apart ? CHOOSE(taken, gradient, zero) : out + CHOOSE(taken, gradient, zero);
                    STORE(into, out, count);
                }
        }
    }
}

TARGET static void NAME(maximum_gradient_image)(const struct pool *pool, const struct form *form, const int32_t *where,
                                                const float *from, float *to)
{
    int64_t height = pool->kernel_height, width = pool->kernel_width, lanes = form->lanes;
    bool apart = pool->stride_height == height && pool->stride_width == width && !pool->pad_height && !pool->pad_width;
    if (apart)
        clear_rim(form, pool, to);
    else
        memset(to, 0, (size_t)(form->height * form->width * lanes) * sizeof *to);
    for (int64_t first = 0; first < lanes; first += LANES) {
        if (lanes - first < LANES)
            NAME(maximum_gradient)(pool, form, height, width, apart, first, lanes - first, where, from, to);
        else if (apart && height == 2 && width == 2)
            NAME(maximum_gradient)(pool, form, 2, 2, true, first, LANES, where, from, to);
        else
            NAME(maximum_gradient)(pool, form, height, width, apart, first, LANES, where, from, to);
    }
}

#undef FLOATS
#undef MASKS
#undef INLINE
#undef LOAD
#undef STORE
#undef CHOOSE
#undef TARGET
#undef LANES
#undef NAME
