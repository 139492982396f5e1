#include "math/image_moments.h"
#include <math.h>

enum { ORDERS = 4 };

static void central_moments(const float *gray, int64_t height, int64_t width, double u[ORDERS][ORDERS])
{
    double sum = 0, down = 0, right = 0;
    for (int64_t y = 0; y < height; y++) {
        double row = 0, row_right = 0;
        for (int64_t x = 0; x < width; x++) {
            row += (double)gray[y * width + x];
            row_right += (double)gray[y * width + x] * (double)x;
        }
        sum += row;
        down += row * (double)y;
        right += row_right;
    }
    u[0][0] = sum;
    if (sum == 0)
        return;
    for (int64_t y = 0; y < height; y++) {
        double line[ORDERS] = { 0 }, power = 1;
        for (int64_t x = 0; x < width; x++) {
            double away = (double)x - right / sum, value = (double)gray[y * width + x];
            for (int q = 0; q < ORDERS; q++, value *= away)
                line[q] += value;
        }
        for (int p = 0; p < ORDERS; p++, power *= (double)y - down / sum)
            for (int q = 0; p + q < ORDERS; q++)
                u[p][q] += p + q > 0 ? line[q] * power : 0;
    }
}

void weir_hu_moments(const float *gray, int64_t height, int64_t width, double out[WEIR_HU_MOMENTS])
{
    double n[ORDERS][ORDERS] = { { 0 } };
    central_moments(gray, height, width, n);
    double sum = n[0][0];
    for (int p = 0; p < ORDERS; p++)
        for (int q = 0; p + q < ORDERS; q++)
            n[p][q] = p + q > 1 && sum > 0 ? n[p][q] / pow(sum, 1 + (p + q) / 2.0) : 0;
    double a = n[3][0] + n[1][2], b = n[2][1] + n[0][3], c = n[3][0] - 3 * n[1][2], d = 3 * n[2][1] - n[0][3];
    double e = n[2][0] - n[0][2];
    out[0] = n[2][0] + n[0][2];
    out[1] = e * e + 4 * n[1][1] * n[1][1];
    out[2] = c * c + d * d;
    out[3] = a * a + b * b;
    out[4] = c * a * (a * a - 3 * b * b) + d * b * (3 * a * a - b * b);
    out[5] = e * (a * a - b * b) + 4 * n[1][1] * a * b;
    out[6] = d * a * (a * a - 3 * b * b) - c * b * (3 * a * a - b * b);
    for (int i = 0; i < WEIR_HU_MOMENTS; i++)
        out[i] = isfinite(out[i]) ? out[i] : 0;
}
