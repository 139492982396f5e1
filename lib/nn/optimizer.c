#include "nn/optimizer.h"
#include "base/memory.h"
#include "math/clones.h"
#include "math/subnormal.h"
#include "math/vector.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 16384 }; /* parameters of one task */

static const struct {
    enum weir_optimizer_kind kind;
    const char *name;
    double learning_rate;
    int buffers;
} kinds[] = {
    { WEIR_GD, "gd", 0.1, 0 },
    { WEIR_SGD, "sgd", 0.01, 0 },
    { WEIR_MOMENTUM, "momentum", 0.01, 1 },
    { WEIR_NESTEROV, "nesterov", 0.01, 1 },
    { WEIR_RMSPROP, "rmsprop", 0.001, 1 },
    { WEIR_ADAM, "adam", 0.001, 2 },
    { WEIR_ADAMW, "adamw", 0.001, 2 },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

bool weir_optimizer_parse(const char *name, enum weir_optimizer_kind *out)
{
    for (int i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *out = kinds[i].kind;
            return true;
        }
    return false;
}

const char *weir_optimizer_name(enum weir_optimizer_kind kind)
{
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "?";
}

struct weir_optimizer_options weir_optimizer_defaults(enum weir_optimizer_kind kind)
{
    struct weir_optimizer_options options = {
        .kind = kind, .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.999, .alpha = 0.99, .epsilon = 1e-8
    };
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].kind == kind)
            options.learning_rate = kinds[i].learning_rate;
    return options;
}

struct weir_optimizer {
    struct weir_optimizer_options options;
    int64_t count, steps;
    int buffers;
    float *buffer[2];
    double *partial; /* sum of squares of each tile */
};

static int64_t tiles_of(const struct weir_optimizer *optimizer)
{
    return (optimizer->count + TILE - 1) / TILE;
}

int weir_optimizer_new(struct weir_optimizer **optimizer, const struct weir_optimizer_options *options, int64_t count,
                       struct weir_error *error)
{
    *optimizer = NULL;
    if (!(options->learning_rate >= 0 && options->learning_rate < INFINITY))
        return weir_fail(error, WEIR_USAGE, "the learning rate is a number from 0 on");
    if (!(options->beta1 >= 0 && options->beta1 < 1) || !(options->beta2 >= 0 && options->beta2 < 1))
        return weir_fail(error, WEIR_USAGE, "the betas of adam are numbers from 0 to below 1");
    struct weir_optimizer *made = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->options = *options;
    made->count = count;
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].kind == options->kind)
            made->buffers = kinds[i].buffers;
    bool good = true;
    for (int i = 0; i < made->buffers; i++) {
        made->buffer[i] = weir_allocate_aligned((size_t)count, sizeof(float));
        good = good && made->buffer[i];
        if (made->buffer[i])
            memset(made->buffer[i], 0, (size_t)count * sizeof(float));
    }
    made->partial = weir_allocate_zero((size_t)tiles_of(made), sizeof *made->partial);
    if (!good || !made->partial) {
        weir_optimizer_free(made);
        return weir_fail_memory(error);
    }
    *optimizer = made;
    return 0;
}

void weir_optimizer_free(struct weir_optimizer *optimizer)
{
    if (!optimizer)
        return;
    free(optimizer->buffer[0]);
    free(optimizer->buffer[1]);
    free(optimizer->partial);
    free(optimizer);
}

/* ---- One tile --------------------------------------------------------------------------------------------- */

struct update {
    const struct weir_optimizer *optimizer;
    float *parameters, *gradient;
    float clip; /* factor on the gradient */
    /* In the formulas' letters, computed in double and rounded once. */
    float rate, decay, shrink, momentum, beta1, beta2, rest1, rest2, scale2, epsilon, alpha, rest;
};

WEIR_CLONES static void update_plain(const struct update *u, float *restrict p, const float *restrict g, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        p[i] -= u->rate * (g[i] + u->decay * p[i]);
}

WEIR_CLONES static void update_momentum(const struct update *u, float *restrict p, const float *restrict g,
                                        float *restrict v, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        v[i] = u->momentum * v[i] + (g[i] + u->decay * p[i]);
        p[i] -= u->rate * v[i];
    }
}

WEIR_CLONES static void update_nesterov(const struct update *u, float *restrict p, const float *restrict g,
                                        float *restrict v, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float d = g[i] + u->decay * p[i];
        v[i] = u->momentum * v[i] + d;
        p[i] -= u->rate * (d + u->momentum * v[i]);
    }
}

WEIR_CLONES static void update_rmsprop(const struct update *u, float *restrict p, const float *restrict g,
                                       float *restrict s, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float d = g[i] + u->decay * p[i];
        s[i] = u->alpha * s[i] + u->rest * d * d;
        p[i] -= u->rate * d / (__builtin_sqrtf(s[i]) + u->epsilon);
    }
}

/* rate = lr / (1 - b1^t), scale2 = 1 / sqrt(1 - b2^t); shrink = 1 - lr weight_decay for adamw, else 1. */
WEIR_CLONES static void update_adam(const struct update *u, float *restrict p, const float *restrict g,
                                    float *restrict m, float *restrict v, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float d = g[i] + u->decay * p[i];
        m[i] = u->beta1 * m[i] + u->rest1 * d;
        v[i] = u->beta2 * v[i] + u->rest2 * d * d;
        p[i] = u->shrink * p[i] - u->rate * m[i] / (__builtin_sqrtf(v[i]) * u->scale2 + u->epsilon);
    }
}

static int64_t tile_size(const struct weir_optimizer *optimizer, int64_t first)
{
    return optimizer->count - first < TILE ? optimizer->count - first : TILE;
}

static void update_task(void *context, int index, int thread)
{
    (void)thread;
    const struct update *u = context;
    int64_t first = (int64_t)index * TILE, n = tile_size(u->optimizer, first);
    float *p = u->parameters + first, *g = u->gradient + first;
    float *a = u->optimizer->buffer[0] ? u->optimizer->buffer[0] + first : NULL;
    float *b = u->optimizer->buffer[1] ? u->optimizer->buffer[1] + first : NULL;
    uint64_t before = weir_subnormal_off();
    if (u->clip < 1)
        weir_vector_scale(g, u->clip, n);
    switch (u->optimizer->options.kind) {
    case WEIR_GD:
    case WEIR_SGD:
        update_plain(u, p, g, n);
        break;
    case WEIR_MOMENTUM:
        update_momentum(u, p, g, a, n);
        break;
    case WEIR_NESTEROV:
        update_nesterov(u, p, g, a, n);
        break;
    case WEIR_RMSPROP:
        update_rmsprop(u, p, g, a, n);
        break;
    case WEIR_ADAM:
    case WEIR_ADAMW:
        update_adam(u, p, g, a, b, n);
        break;
    }
    weir_subnormal_restore(before);
}

static void norm_task(void *context, int index, int thread)
{
    (void)thread;
    const struct update *u = context;
    int64_t first = (int64_t)index * TILE;
    u->optimizer->partial[index] = weir_vector_square_sum(u->gradient + first, tile_size(u->optimizer, first));
}

int weir_optimizer_step(struct weir_optimizer *optimizer, struct weir_pool *pool, float *parameters, float *gradient,
                        double scale, double *norm, struct weir_error *error)
{
    const struct weir_optimizer_options *o = &optimizer->options;
    struct update u = { .optimizer = optimizer, .parameters = parameters, .gradient = gradient, .clip = 1 };
    int tiles = (int)tiles_of(optimizer);
    weir_pool_run(pool, tiles, norm_task, &u);
    double sum = 0;
    for (int i = 0; i < tiles; i++)
        sum += optimizer->partial[i];
    double length = sqrt(sum);
    if (norm)
        *norm = length;
    if (!isfinite(length))
        return weir_fail(error, WEIR_BAD_DATA, "the gradient is not finite");
    if (o->clip > 0 && length > o->clip)
        u.clip = (float)(o->clip / length);
    double t = (double)++optimizer->steps, rate = o->learning_rate * scale;
    bool adam = o->kind == WEIR_ADAM || o->kind == WEIR_ADAMW;
    u.rate = (float)(adam ? rate / (1 - pow(o->beta1, t)) : rate);
    u.decay = o->kind == WEIR_ADAMW ? 0 : (float)o->weight_decay;
    u.shrink = o->kind == WEIR_ADAMW ? (float)(1 - rate * o->weight_decay) : 1;
    u.momentum = (float)o->momentum;
    u.beta1 = (float)o->beta1;
    u.beta2 = (float)o->beta2;
    u.rest1 = (float)(1 - o->beta1);
    u.rest2 = (float)(1 - o->beta2);
    u.scale2 = (float)(1 / sqrt(1 - pow(o->beta2, t)));
    u.epsilon = o->epsilon > (double)FLT_MIN ? (float)o->epsilon : FLT_MIN;
    u.alpha = (float)o->alpha;
    u.rest = (float)(1 - o->alpha);
    weir_pool_run(pool, tiles, update_task, &u);
    return 0;
}

int64_t weir_optimizer_steps(const struct weir_optimizer *optimizer)
{
    return optimizer->steps;
}

void weir_optimizer_set_steps(struct weir_optimizer *optimizer, int64_t steps)
{
    optimizer->steps = steps;
}

int weir_optimizer_buffer_count(const struct weir_optimizer *optimizer)
{
    return optimizer->buffers;
}

float *weir_optimizer_buffer(struct weir_optimizer *optimizer, int i)
{
    return optimizer->buffer[i];
}
