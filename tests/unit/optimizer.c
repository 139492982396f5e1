/* Every optimizer by its formula in double, clipping, restoring, and the schedules. */
#include "nn/optimizer.h"
#include "base/random.h"
#include "check.h"
#include "math/subnormal.h"
#include <stdlib.h>

enum { COUNT = 40000, STEPS = 12 }; /* several tiles, the last not full */

static void formula(const struct weir_optimizer_options *o, int t, double lr, double g, double *p, double *a, double *b)
{
    if (o->kind != WEIR_ADAMW)
        g += o->weight_decay * *p;
    switch (o->kind) {
    case WEIR_GD:
    case WEIR_SGD:
        *p -= lr * g;
        break;
    case WEIR_MOMENTUM:
        *a = o->momentum * *a + g;
        *p -= lr * *a;
        break;
    case WEIR_NESTEROV:
        *a = o->momentum * *a + g;
        *p -= lr * (g + o->momentum * *a);
        break;
    case WEIR_RMSPROP:
        *a = o->alpha * *a + (1 - o->alpha) * g * g;
        *p -= lr * g / (sqrt(*a) + o->epsilon);
        break;
    case WEIR_ADAMW:
        *p -= lr * o->weight_decay * *p;
        /* fall through */
    case WEIR_ADAM:
        *a = o->beta1 * *a + (1 - o->beta1) * g;
        *b = o->beta2 * *b + (1 - o->beta2) * g * g;
        *p -= lr * (*a / (1 - pow(o->beta1, t))) / (sqrt(*b / (1 - pow(o->beta2, t))) + o->epsilon);
    }
}

static void draw(float *x, uint64_t stream)
{
    struct weir_random random;
    weir_random_init(&random, 1, stream);
    for (int i = 0; i < COUNT; i++)
        x[i] = (float)weir_random_normal(&random);
}

static void check_kind(enum weir_optimizer_kind kind, double decay, double clip, struct weir_pool *pool)
{
    struct weir_error error = { 0 };
    struct weir_optimizer_options options = weir_optimizer_defaults(kind);
    options.weight_decay = decay;
    options.clip = clip;
    struct weir_optimizer *optimizer;
    CHECK_INT(weir_optimizer_new(&optimizer, &options, COUNT, &error), 0);
    static float p[COUNT], g[COUNT];
    static double expected[COUNT], a[COUNT], b[COUNT];
    draw(p, 0);
    for (int i = 0; i < COUNT; i++)
        expected[i] = p[i], a[i] = b[i] = 0;
    for (int t = 1; t <= STEPS; t++) {
        draw(g, (uint64_t)t);
        double sum = 0, norm = 0, scale = t > 6 ? 0.5 : 1;
        for (int i = 0; i < COUNT; i++)
            sum += (double)g[i] * g[i];
        double factor = clip > 0 && sqrt(sum) > clip ? clip / sqrt(sum) : 1;
        for (int i = 0; i < COUNT; i++)
            formula(&options, t, options.learning_rate * scale, factor * g[i], &expected[i], &a[i], &b[i]);
        CHECK_INT(weir_optimizer_step(optimizer, pool, p, g, scale, &norm, &error), 0);
        CHECK_NEAR(norm, sqrt(sum), 1e-9 * sqrt(sum));
    }
    double difference = 0;
    for (int i = 0; i < COUNT; i++)
        difference = fmax(difference, fabs(p[i] - expected[i]));
    if (!CHECK(difference < 5e-6))
        fprintf(stderr, "%s with decay %g, clip %g: differs by %g\n", weir_optimizer_name(kind), decay, clip,
                difference);
    CHECK_INT(weir_optimizer_steps(optimizer), STEPS);
    weir_optimizer_free(optimizer);
}

/* A step, saved and restored, goes on with the same bits. */
static void check_restore(enum weir_optimizer_kind kind, struct weir_pool *pool)
{
    struct weir_error error = { 0 };
    struct weir_optimizer_options options = weir_optimizer_defaults(kind);
    struct weir_optimizer *one, *two;
    CHECK_INT(weir_optimizer_new(&one, &options, COUNT, &error), 0);
    CHECK_INT(weir_optimizer_new(&two, &options, COUNT, &error), 0);
    static float p[COUNT], q[COUNT], g[COUNT];
    draw(p, 0);
    for (int t = 1; t <= 3; t++) {
        draw(g, (uint64_t)t);
        CHECK_INT(weir_optimizer_step(one, pool, p, g, 1, NULL, &error), 0);
    }
    memcpy(q, p, sizeof q);
    weir_optimizer_set_steps(two, weir_optimizer_steps(one));
    for (int i = 0; i < weir_optimizer_buffer_count(one); i++)
        memcpy(weir_optimizer_buffer(two, i), weir_optimizer_buffer(one, i), sizeof p);
    for (int t = 4; t <= 6; t++) {
        draw(g, (uint64_t)t);
        CHECK_INT(weir_optimizer_step(one, pool, p, g, 1, NULL, &error), 0);
        draw(g, (uint64_t)t);
        CHECK_INT(weir_optimizer_step(two, pool, q, g, 1, NULL, &error), 0);
    }
    CHECK(memcmp(p, q, sizeof p) == 0);
    /* What is not finite is refused, and nothing changes. */
    static const float bad[] = { NAN, INFINITY, -INFINITY };
    for (int i = 0; i < 3; i++) {
        draw(g, 7);
        g[COUNT - 5] = bad[i];
        CHECK_INT(weir_optimizer_step(two, pool, q, g, 1, NULL, &error), -1);
        CHECK_TEXT(error.text, "the gradient is not finite");
        CHECK(memcmp(p, q, sizeof p) == 0);
        CHECK_INT(weir_optimizer_steps(two), 6);
    }
    weir_optimizer_free(one);
    weir_optimizer_free(two);
}

static void check_schedule(const char *notation, int64_t step, int64_t total, int64_t epoch, double expected)
{
    struct weir_error error = { 0 };
    struct weir_schedule schedule;
    if (!CHECK_INT(weir_schedule_parse(&schedule, notation, &error), 0))
        fprintf(stderr, "%s\n", error.text);
    CHECK_NEAR(weir_schedule_factor(&schedule, step, total, epoch), expected, 1e-12);
}

static void check_refused(const char *notation, const char *message)
{
    struct weir_error error = { 0 };
    struct weir_schedule schedule;
    CHECK_INT(weir_schedule_parse(&schedule, notation, &error), -1);
    CHECK_TEXT(error.text, message);
}

static void check_schedules(void)
{
    check_schedule("constant", 0, 100, 10, 1);
    check_schedule("constant", 99, 100, 10, 1);
    check_schedule("constant, warmup 4", 0, 100, 10, 0.25);
    check_schedule("constant,warmup 4", 3, 100, 10, 1);
    check_schedule("constant warmup 4", 4, 100, 10, 1);
    check_schedule("step 2 0.1", 19, 100, 10, 1);
    check_schedule("step 2 0.1", 20, 100, 10, 0.1);
    check_schedule(" step  3 0.5 ", 95, 100, 10, 0.125);
    check_schedule("cosine", 0, 100, 10, 1);
    check_schedule("cosine", 50, 100, 10, 0.5);
    check_schedule("cosine", 25, 100, 10, 0.5 * (1 + sqrt(0.5)));
    check_schedule("cosine", 100, 100, 10, 0);
    check_schedule("cosine, warmup 20", 9, 120, 10, 0.5);
    check_schedule("cosine, warmup 20", 20, 120, 10, 1);
    check_schedule("cosine, warmup 20", 70, 120, 10, 0.5);
    check_schedule("cosine, warmup 200", 9, 120, 10, 0.05);
    check_refused("", "schedule '': it is 'constant', 'step EPOCHS FACTOR' or 'cosine', each with ', warmup STEPS' "
                      "behind it");
    check_refused("linear", "schedule 'linear': it is 'constant', 'step EPOCHS FACTOR' or 'cosine', each with ', "
                            "warmup STEPS' behind it");
    check_refused("step", "schedule 'step': after 'step', a number of epochs from 1 on");
    check_refused("step 0 0.1", "schedule 'step 0 0.1': after 'step', a number of epochs from 1 on");
    check_refused("step 3 -1", "schedule 'step 3 -1': after the epochs, a factor above 0");
    check_refused("step 3 nan", "schedule 'step 3 nan': after the epochs, a factor above 0");
    check_refused("cosine, warmup x", "schedule 'cosine, warmup x': after 'warmup', a number of steps");
    check_refused("cosine, warmup 3 4", "schedule 'cosine, warmup 3 4': it is 'constant', 'step EPOCHS FACTOR' or "
                                        "'cosine', each with ', warmup STEPS' behind it");
}

/* No epsilon, and parameters that nothing in the data moves: 0 / 0 is no step. */
static void check_still(enum weir_optimizer_kind kind, struct weir_pool *pool)
{
    struct weir_error error = { 0 };
    struct weir_optimizer_options options = weir_optimizer_defaults(kind);
    options.epsilon = 0;
    struct weir_optimizer *optimizer;
    CHECK_INT(weir_optimizer_new(&optimizer, &options, COUNT, &error), 0);
    static float p[COUNT], before[COUNT], g[COUNT];
    draw(p, 2);
    memcpy(before, p, sizeof p);
    memset(g, 0, sizeof g);
    for (int i = COUNT / 2; i < COUNT; i++)
        g[i] = 0.5F;
    CHECK_INT(weir_optimizer_step(optimizer, pool, p, g, 1, NULL, &error), 0);
    CHECK(memcmp(p, before, COUNT / 2 * sizeof *p) == 0);
    for (int i = COUNT / 2; i < COUNT; i++)
        if (!CHECK(p[i] < before[i]))
            break;
    weir_optimizer_free(optimizer);
}

/* Whether the calls of subnormal.h do anything here: not on every processor, and not under valgrind. */
static bool takes_subnormals_for_zero(void)
{
    volatile float small = 1e-30F;
    uint64_t before = weir_subnormal_off();
    bool zero = small * 1e-10F == 0;
    weir_subnormal_restore(before);
    return zero;
}

/* Once the gradient stays 0, the moments shrink to 0: they would stay at a subnormal number, and be slow. */
static void check_subnormal(enum weir_optimizer_kind kind, struct weir_pool *pool)
{
    struct weir_error error = { 0 };
    struct weir_optimizer_options options = weir_optimizer_defaults(kind);
    options.alpha = options.beta2 = 0.9;
    struct weir_optimizer *optimizer;
    CHECK_INT(weir_optimizer_new(&optimizer, &options, COUNT, &error), 0);
    static float p[COUNT], g[COUNT];
    draw(p, 2);
    draw(g, 3);
    for (int step = 0; step < 1100; step++) {
        CHECK_INT(weir_optimizer_step(optimizer, pool, p, g, 1, NULL, &error), 0);
        memset(g, 0, sizeof g);
    }
    int left = 0;
    for (int b = 0; b < weir_optimizer_buffer_count(optimizer); b++)
        for (int i = 0; i < COUNT; i++)
            left += weir_optimizer_buffer(optimizer, b)[i] != 0;
    if (takes_subnormals_for_zero())
        CHECK_INT(left, 0);
    weir_optimizer_free(optimizer);
}

int main(void)
{
    struct weir_pool *pool = weir_pool_new(2);
    for (int kind = WEIR_GD; kind <= WEIR_ADAMW; kind++) {
        enum weir_optimizer_kind same;
        CHECK(weir_optimizer_parse(weir_optimizer_name((enum weir_optimizer_kind)kind), &same) && (int)same == kind);
        check_kind((enum weir_optimizer_kind)kind, 0, 0, pool);
        check_kind((enum weir_optimizer_kind)kind, 0.05, 0, pool);
        check_kind((enum weir_optimizer_kind)kind, 0.01, 20, pool);
        check_restore((enum weir_optimizer_kind)kind, pool);
        check_still((enum weir_optimizer_kind)kind, pool);
#if defined(__SSE__) || defined(__aarch64__)
        check_subnormal((enum weir_optimizer_kind)kind, pool);
#endif
    }
    enum weir_optimizer_kind kind;
    CHECK(!weir_optimizer_parse("adamax", &kind));
    check_schedules();
    weir_pool_free(pool);
    return check_result();
}
