/* Shrinking by the average over the area that a target pixel covers, enlarging by linear interpolation between the
 * pixels' centres; each direction by itself. */
#include "base/memory.h"
#include "format/image_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int reserve(struct weir_axis *axis, int places, int stride)
{
    size_t room;
    if (!weir_multiply((size_t)places, (size_t)stride, &room))
        return -1;
    if ((size_t)places > axis->places) {
        int *first = weir_reallocate(axis->first, (size_t)places, sizeof *first);
        axis->first = first ? first : axis->first;
        int *count = weir_reallocate(axis->count, (size_t)places, sizeof *count);
        axis->count = count ? count : axis->count;
        if (!first || !count)
            return -1;
        axis->places = (size_t)places;
    }
    if (room > axis->room) {
        float *weights = weir_reallocate(axis->weights, room, sizeof *weights);
        if (!weights)
            return -1;
        axis->weights = weights;
        axis->room = room;
    }
    axis->stride = stride;
    return 0;
}

/* The pixels that [from, to) covers, each with its share. */
static void cover(struct weir_axis *axis, int place, double from, double to, int source)
{
    float *weights = axis->weights + (size_t)place * (size_t)axis->stride;
    int first = (int)floor(from), last = (int)ceil(to) - 1;
    first = first < 0 ? 0 : first >= source ? source - 1 : first;
    last = last < first ? first : last >= source ? source - 1 : last;
    double sum = 0;
    for (int i = first; i <= last; i++)
        sum += fmax(fmin(to, i + 1.0) - fmax(from, i), 0);
    for (int i = first; i <= last; i++)
        weights[i - first] = sum > 0 ? (float)(fmax(fmin(to, i + 1.0) - fmax(from, i), 0) / sum) : i == first;
    axis->first[place] = first;
    axis->count[place] = last - first + 1;
}

/* The two pixels between whose centres `at` lies. */
static void interpolate(struct weir_axis *axis, int place, double at, int source)
{
    float *weights = axis->weights + (size_t)place * (size_t)axis->stride;
    at = fmin(fmax(at, 0), source - 1);
    int first = (int)at;
    axis->first[place] = first;
    axis->count[place] = at > first ? 2 : 1;
    weights[0] = (float)(1 - (at - first));
    weights[1] = (float)(at - first);
}

static int set_axis(struct weir_axis *axis, double begin, double extent, int source, int places)
{
    double step = extent / places;
    bool shrinks = step >= 1;
    if (reserve(axis, places, shrinks ? (int)ceil(step) + 2 : 2))
        return -1;
    for (int i = 0; i < places; i++)
        if (shrinks)
            cover(axis, i, begin + i * step, begin + (i + 1) * step, source);
        else
            interpolate(axis, i, begin + (i + 0.5) * step - 0.5, source);
    return 0;
}

int weir_resize_begin(struct weir_resize *resize, const struct weir_window *window, int source_width, int source_height,
                      int channels, int width, int height, uint8_t *out, struct weir_error *error)
{
    resize->channels = channels;
    resize->source_width = source_width;
    resize->source_height = source_height;
    resize->width = width;
    resize->height = height;
    resize->source_row = resize->row = 0;
    resize->out = out;
    resize->values = (size_t)source_width * (size_t)channels;
    if (set_axis(&resize->x, window->left, window->across, source_width, width) ||
        set_axis(&resize->y, window->top, window->down, source_height, height))
        return weir_fail_memory(error);
    if (resize->values > resize->allocated) {
        free(resize->sum);
        free(resize->previous);
        resize->sum = weir_allocate(resize->values, sizeof *resize->sum);
        resize->previous = weir_allocate(resize->values, 1);
        resize->allocated = resize->sum && resize->previous ? resize->values : 0;
        if (!resize->allocated)
            return weir_fail_memory(error);
    }
    return 0;
}

static void add_row(struct weir_resize *resize, const uint8_t *row, int source_row)
{
    float *restrict sum = resize->sum;
    int at = source_row - resize->y.first[resize->row];
    float weight = resize->y.weights[(size_t)resize->row * (size_t)resize->y.stride + (size_t)at];
    if (at == 0)
        for (size_t i = 0; i < resize->values; i++)
            sum[i] = weight * (float)row[i];
    else
        for (size_t i = 0; i < resize->values; i++)
            sum[i] += weight * (float)row[i];
}

static inline uint8_t to_byte(float value)
{
    int rounded = (int)(value + 0.5f);
    return (uint8_t)(rounded > 255 ? 255 : rounded);
}

static void finish_row(struct weir_resize *resize)
{
    const struct weir_axis *x = &resize->x;
    uint8_t *out = resize->out + (size_t)resize->row * (size_t)resize->width * (size_t)resize->channels;
    for (int i = 0; i < resize->width; i++) {
        const float *weights = x->weights + (size_t)i * (size_t)x->stride;
        const float *from = resize->sum + (size_t)x->first[i] * (size_t)resize->channels;
        float sum[3] = { 0 };
        if (resize->channels == 1) {
            for (int k = 0; k < x->count[i]; k++)
                sum[0] += weights[k] * from[k];
            *out++ = to_byte(sum[0]);
            continue;
        }
        for (int k = 0; k < x->count[i]; k++, from += 3) {
            sum[0] += weights[k] * from[0];
            sum[1] += weights[k] * from[1];
            sum[2] += weights[k] * from[2];
        }
        for (int c = 0; c < 3; c++)
            *out++ = to_byte(sum[c]);
    }
}

void weir_resize_row(struct weir_resize *resize, const uint8_t *row)
{
    const struct weir_axis *y = &resize->y;
    int here = resize->source_row++;
    while (resize->row < resize->height && y->first[resize->row] <= here) {
        int last = y->first[resize->row] + y->count[resize->row] - 1;
        if (y->first[resize->row] < here && last == here && y->count[resize->row] == 2)
            add_row(resize, resize->previous,
                    here - 1); /* the row before may have gone into another target row since */
        add_row(resize, row, here);
        if (last > here)
            break;
        finish_row(resize);
        resize->row++;
    }
    memcpy(resize->previous, row, resize->values);
}

void weir_resize_release(struct weir_resize *resize)
{
    free(resize->x.first);
    free(resize->x.count);
    free(resize->x.weights);
    free(resize->y.first);
    free(resize->y.count);
    free(resize->y.weights);
    free(resize->sum);
    free(resize->previous);
    *resize = (struct weir_resize){ 0 };
}
