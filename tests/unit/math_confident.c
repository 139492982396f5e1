/* Confident learning beside its definition, row by row, without sorting. */
#include "base/random.h"
#include "check.h"
#include "math/confident.h"
#include <stdlib.h>

enum { MOST_ROWS = 500, MOST = 6 };

struct sample {
    int rows, classes;
    int32_t label[MOST_ROWS];
    float p[MOST_ROWS * MOST];
};

static void make(struct sample *sample, int rows, int classes, int used, struct weir_random *random)
{
    sample->rows = rows;
    sample->classes = classes;
    for (int r = 0; r < rows; r++) {
        float *p = sample->p + r * classes, sum = 0;
        for (int k = 0; k < classes; k++)
            sum += p[k] = (float)exp(1.5 * weir_random_normal(random));
        for (int k = 0; k < classes; k++)
            p[k] /= sum;
        bool left_out = weir_random_below(random, 11) == 0;
        sample->label[r] = left_out ? -1 : (int32_t)weir_random_below(random, (uint64_t)used);
    }
}

static int top_class(const float *p, int classes)
{
    int best = 0;
    for (int k = 1; k < classes; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

/* C_ij by the definition, in doubles. */
static double confident_count(const struct sample *sample, const double *t, int i, int j)
{
    double count = 0;
    for (int r = 0; r < sample->rows; r++) {
        const float *p = sample->p + r * sample->classes;
        int reached = 0, last = -1;
        for (int k = 0; k < sample->classes; k++)
            if ((double)p[k] >= t[k] - 1e-6) {
                reached++;
                last = k;
            }
        int class = reached > 1 ? top_class(p, sample->classes) : last;
        count += sample->label[r] == i && reached && class == j;
    }
    return count;
}

static void check_sample(const struct sample *sample)
{
    int k = sample->classes;
    double t[MOST], plain[MOST];
    int64_t joint[MOST * MOST];
    int32_t suspect[MOST_ROWS];
    struct weir_error error = { 0 };
    CHECK_INT(weir_confident_find(sample->label, sample->p, sample->rows, k, t, joint, suspect, &error), 0);
    for (int j = 0; j < k; j++) {
        double sum = 0;
        int count = 0;
        for (int r = 0; r < sample->rows; r++)
            if (sample->label[r] == j) {
                sum += (double)sample->p[r * k + j];
                count++;
            }
        plain[j] = count ? sum / count : NAN;
        CHECK(count ? fabs(t[j] - plain[j]) < 1e-12 : isnan(t[j]));
    }
    for (int i = 0; i < k; i++) {
        double counted[MOST], sum = 0;
        int64_t support = 0, whole = 0;
        for (int j = 0; j < k; j++) {
            counted[j] = confident_count(sample, plain, i, j);
            whole += joint[i * k + j];
        }
        if (counted[i] == 0)
            counted[i] = 1;
        for (int j = 0; j < k; j++)
            sum += counted[j];
        for (int r = 0; r < sample->rows; r++)
            support += sample->label[r] == i;
        CHECK_INT(whole, support);
        for (int j = 0; support && j < k; j++)
            CHECK(fabs((double)joint[i * k + j] - counted[j] / sum * (double)support) < 1);
    }
    /* A row is suspect when fewer than Q_ij rows of its label have a larger margin, and is no row's own best guess. */
    int found = 0;
    for (int r = 0; r < sample->rows; r++) {
        const float *p = sample->p + r * k;
        int i = sample->label[r], says = -1;
        for (int j = 0; i >= 0 && j < k; j++) {
            int64_t larger = 0;
            for (int other = 0; other < sample->rows; other++) {
                const float *q = sample->p + other * k;
                larger += sample->label[other] == i && (double)q[j] - (double)q[i] > (double)p[j] - (double)p[i];
            }
            if (j != i && larger < joint[i * k + j] && top_class(p, k) != i && (says < 0 || p[j] > p[says]))
                says = j;
        }
        CHECK_INT(suspect[r], says);
        found += says >= 0;
    }
    CHECK(found > 0);
}

int main(void)
{
    struct weir_random random;
    struct sample *sample = malloc(sizeof *sample);
    weir_random_init(&random, 3, 0);
    for (int round = 0; round < 8; round++) {
        make(sample, MOST_ROWS, 2 + round % 5, 2 + round % 5, &random);
        check_sample(sample);
    }
    make(sample, 300, 4, 3, &random); /* a class that no row has */
    check_sample(sample);
    for (int r = 0; r < sample->rows; r++) /* many equal margins */
        for (int k = 0; k < sample->classes; k++)
            sample->p[r * sample->classes + k] = k == r % 3 ? 0.5f : 0.5f / 3;
    check_sample(sample);
    const float p[] = { 0.5f, 0.25f, 0.25f };
    CHECK_NEAR(weir_confident_quality(p, 3, 0), 0.625, 0);
    CHECK_NEAR(weir_confident_quality(p, 3, 2), 0.375, 0);
    free(sample);
    return check_result();
}
