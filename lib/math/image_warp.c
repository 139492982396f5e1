#include "math/image_warp.h"
#include <math.h>

void weir_warp_then(struct weir_warp *warp, const struct weir_warp *next)
{
    struct weir_warp a = *next, b = *warp;
    warp->xx = a.xx * b.xx + a.xy * b.yx;
    warp->xy = a.xx * b.xy + a.xy * b.yy;
    warp->x0 = a.xx * b.x0 + a.xy * b.y0 + a.x0;
    warp->yx = a.yx * b.xx + a.yy * b.yx;
    warp->yy = a.yx * b.xy + a.yy * b.yy;
    warp->y0 = a.yx * b.x0 + a.yy * b.y0 + a.y0;
}

static int64_t within(int64_t at, int64_t size)
{
    return at < 0 ? 0 : at < size ? at : size - 1;
}

/* The four pixels around a place, and how much of each is in it. */
struct four {
    int64_t at[4];
    double share[4];
};

static struct four around(const struct weir_image *image, const struct weir_warp *warp, double x, double y)
{
    double limit = 1 << 24; /* a place further away has the same pixels around it */
    x = fmin(fmax(x, -limit), limit);
    y = fmin(fmax(y, -limit), limit);
    int64_t left = (int64_t)floor(x), top = (int64_t)floor(y);
    double right_share = x - (double)left, low_share = y - (double)top;
    struct four four;
    for (int i = 0; i < 4; i++) {
        int64_t column = left + i % 2, row = top + i / 2;
        int64_t near_column = within(column, image->width), near_row = within(row, image->height);
        bool inside = near_column == column && near_row == row;
        four.at[i] = (near_row * image->width + near_column) * image->channels;
        four.share[i] = (i % 2 ? right_share : 1 - right_share) * (i / 2 ? low_share : 1 - low_share);
        if (warp->zero && !inside)
            four.share[i] = 0;
    }
    return four;
}

void weir_image_warp(const struct weir_image *image, const void *pixels, const struct weir_warp *warp, float *out)
{
    const uint8_t *bytes = pixels;
    const float *floats = pixels;
    for (int64_t y = 0; y < image->height; y++)
        for (int64_t x = 0; x < image->width; x++) {
            struct four four = around(image, warp, warp->xx * (double)x + warp->xy * (double)y + warp->x0,
                                      warp->yx * (double)x + warp->yy * (double)y + warp->y0);
            for (int c = 0; c < image->channels; c++) {
                double sum = 0;
                for (int i = 0; i < 4; i++)
                    sum +=
                        four.share[i] * (image->bytes ? (double)bytes[four.at[i] + c] : (double)floats[four.at[i] + c]);
                *out++ = (float)sum;
            }
        }
}
