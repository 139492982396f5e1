/* The limit of the Fashion-MNIST network: oneDNN's kernels of one training step and nothing else. Two threads, each
 * with a shard of 16 rows at one OpenMP thread, run each kernel on its own; a convolution counts with the better of the
 * direct and Winograd's algorithm, the dense layers with dnnl_sgemm. What lies between the kernels (pooling, the loss,
 * the optimizer, rows coming in) counts nothing.
 *   kernels [bf16]    prints each kernel, and last the seconds of an epoch: 60,000 rows in minibatches of 32 */
#include <dnnl.h>
#include <stdio.h>
#if DNNL_VERSION_MAJOR != 2
int main(void)
{
    fprintf(stderr, "kernels: written for oneDNN 2.x\n");
    return 69;
}
#else
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS = 2, SHARD = 16, STEPS = 60000 / (THREADS * SHARD), WARM_UP = 5, RUNS = 200, MAX_ARGUMENTS = 5 };

enum pass { FORWARD, WEIGHTS, DATA };
static const char *const pass_names[] = { "forward", "weights", "data" };

struct convolution {
    dnnl_dim_t channels, size, outputs;
    int passes; /* the first layer needs no gradient of its input */
};
static const struct convolution convolutions[] = { { 1, 28, 32, 2 }, { 32, 13, 64, 3 } };

struct product {
    dnnl_dim_t m, n, k;
};
/* dense 64 on 1,600: forward, weights, data; the last layer of ten is left out */
static const struct product products[] = { { SHARD, 64, 1600 }, { 1600, 64, SHARD }, { SHARD, 1600, 64 } };

static dnnl_data_type_t type = dnnl_f32;
static dnnl_engine_t engine;
static pthread_barrier_t barrier;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void check(dnnl_status_t status)
{
    if (status == dnnl_success)
        return;
    fprintf(stderr, "kernels: oneDNN's error %d\n", (int)status);
    exit(70);
}

static void *zeros(size_t size)
{
    void *bytes = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!bytes)
        check(dnnl_out_of_memory);
    return memset(bytes, 0, size);
}

/* A kernel of one thread: a primitive with its arguments, or a product. */
struct kernel {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arguments[MAX_ARGUMENTS];
    void *bytes[MAX_ARGUMENTS];
    int count;
    struct product product;
};

/* What a pass takes, in oneDNN's words: which description of the primitive, and which argument it is. */
static const struct argument {
    dnnl_query_t query;
    int which, index;
} arguments_of[][MAX_ARGUMENTS] = {
    [FORWARD] = { { dnnl_query_src_md, 0, DNNL_ARG_SRC },
                  { dnnl_query_weights_md, 0, DNNL_ARG_WEIGHTS },
                  { dnnl_query_weights_md, 1, DNNL_ARG_BIAS },
                  { dnnl_query_dst_md, 0, DNNL_ARG_DST },
                  { dnnl_query_scratchpad_md, 0, DNNL_ARG_SCRATCHPAD } },
    [WEIGHTS] = { { dnnl_query_src_md, 0, DNNL_ARG_SRC },
                  { dnnl_query_diff_weights_md, 0, DNNL_ARG_DIFF_WEIGHTS },
                  { dnnl_query_diff_weights_md, 1, DNNL_ARG_DIFF_BIAS },
                  { dnnl_query_diff_dst_md, 0, DNNL_ARG_DIFF_DST },
                  { dnnl_query_scratchpad_md, 0, DNNL_ARG_SCRATCHPAD } },
    [DATA] = { { dnnl_query_diff_src_md, 0, DNNL_ARG_DIFF_SRC },
               { dnnl_query_weights_md, 0, DNNL_ARG_WEIGHTS },
               { dnnl_query_diff_dst_md, 0, DNNL_ARG_DIFF_DST },
               { dnnl_query_scratchpad_md, 0, DNNL_ARG_SCRATCHPAD } },
};

static void add_arguments(struct kernel *kernel, const_dnnl_primitive_desc_t made, enum pass pass)
{
    for (int i = 0; i < MAX_ARGUMENTS && arguments_of[pass][i].index; i++) {
        const struct argument *argument = &arguments_of[pass][i];
        const dnnl_memory_desc_t *shape = dnnl_primitive_desc_query_md(made, argument->query, argument->which);
        kernel->bytes[i] = zeros(dnnl_memory_desc_get_size(shape));
        dnnl_memory_t memory;
        check(dnnl_memory_create(&memory, shape, engine, kernel->bytes[i]));
        kernel->arguments[kernel->count++] = (dnnl_exec_arg_t){ argument->index, memory };
    }
}

static dnnl_memory_desc_t described(dnnl_data_type_t of, int count, const dnnl_dims_t sizes, dnnl_format_tag_t tag)
{
    dnnl_memory_desc_t shape;
    check(dnnl_memory_desc_init_by_tag(&shape, count, sizes, of, tag));
    return shape;
}

/* false when oneDNN has no such kernel */
static bool make_convolution(struct kernel *kernel, const struct convolution *c, enum pass pass, dnnl_alg_kind_t how)
{
    const dnnl_format_tag_t any = dnnl_format_tag_any;
    const dnnl_dim_t places = c->size - 2;
    const dnnl_dims_t stride = { 1, 1 }, pad = { 0, 0 };
    dnnl_memory_desc_t x = described(type, 4, (dnnl_dims_t){ SHARD, c->channels, c->size, c->size }, any);
    dnnl_memory_desc_t w = described(type, 4, (dnnl_dims_t){ c->outputs, c->channels, 3, 3 }, any);
    dnnl_memory_desc_t b = described(dnnl_f32, 1, (dnnl_dims_t){ c->outputs }, dnnl_x);
    dnnl_memory_desc_t y = described(type, 4, (dnnl_dims_t){ SHARD, c->outputs, places, places }, any);
    dnnl_primitive_attr_t attributes;
    check(dnnl_primitive_attr_create(&attributes));
    check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user));
    dnnl_convolution_desc_t wanted;
    dnnl_primitive_desc_t forward = NULL, backward = NULL;
    check(dnnl_convolution_forward_desc_init(&wanted, dnnl_forward_training, how, &x, &w, &b, &y, stride, pad, pad));
    bool there = dnnl_primitive_desc_create(&forward, &wanted, attributes, engine, NULL) == dnnl_success;
    if (there && pass != FORWARD) {
        check(pass == WEIGHTS
                  ? dnnl_convolution_backward_weights_desc_init(&wanted, how, &x, &w, &b, &y, stride, pad, pad)
                  : dnnl_convolution_backward_data_desc_init(&wanted, how, &x, &w, &y, stride, pad, pad));
        there = dnnl_primitive_desc_create(&backward, &wanted, attributes, engine, forward) == dnnl_success;
    }
    if (there) {
        const_dnnl_primitive_desc_t made = pass == FORWARD ? forward : backward;
        check(dnnl_primitive_create(&kernel->primitive, made));
        add_arguments(kernel, made, pass);
    }
    dnnl_primitive_desc_destroy(backward);
    dnnl_primitive_desc_destroy(forward);
    dnnl_primitive_attr_destroy(attributes);
    return there;
}

static void make_product(struct kernel *kernel, struct product product)
{
    kernel->product = product;
    kernel->bytes[0] = zeros((size_t)(product.m * product.k) * sizeof(float));
    kernel->bytes[1] = zeros((size_t)(product.k * product.n) * sizeof(float));
    kernel->bytes[2] = zeros((size_t)(product.m * product.n) * sizeof(float));
}

static void run(struct kernel *kernel, dnnl_stream_t stream)
{
    const struct product *p = &kernel->product;
    if (kernel->primitive) {
        check(dnnl_primitive_execute(kernel->primitive, stream, kernel->count, kernel->arguments));
        check(dnnl_stream_wait(stream));
    } else {
        check(dnnl_sgemm('N', 'N', p->m, p->n, p->k, 1, kernel->bytes[0], p->k, kernel->bytes[1], p->n, 0,
                         kernel->bytes[2], p->n));
    }
}

static void release(struct kernel *kernel)
{
    for (int i = 0; i < kernel->count; i++)
        dnnl_memory_destroy(kernel->arguments[i].memory);
    for (int i = 0; i < MAX_ARGUMENTS; i++)
        free(kernel->bytes[i]);
    if (kernel->primitive)
        dnnl_primitive_destroy(kernel->primitive);
}

/* One measurement: which kernel, and the seconds of a run on each thread. */
struct measurement {
    const struct convolution *convolution; /* or NULL: */
    struct product product;
    enum pass pass;
    dnnl_alg_kind_t how;
    bool there;
    double seconds[THREADS];
};

struct worker {
    struct measurement *measurement;
    int thread;
};

static void *measure(void *context)
{
    struct worker *worker = context;
    struct measurement *m = worker->measurement;
    struct kernel kernel = { 0 };
    dnnl_stream_t stream;
    omp_set_num_threads(1);
    check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
    bool there = true;
    if (m->convolution)
        there = make_convolution(&kernel, m->convolution, m->pass, m->how);
    else
        make_product(&kernel, m->product);
    if (worker->thread == 0)
        m->there = there;
    for (int i = 0; there && i < WARM_UP; i++)
        run(&kernel, stream);
    pthread_barrier_wait(&barrier);
    double begun = now();
    for (int i = 0; there && i < RUNS; i++)
        run(&kernel, stream);
    m->seconds[worker->thread] = (now() - begun) / RUNS;
    dnnl_stream_destroy(stream);
    release(&kernel);
    return NULL;
}

/* Seconds of a run, of the slower thread; infinite when there is no such kernel. */
static double seconds_of(struct measurement *measurement)
{
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    double slowest = 0;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){ measurement, i };
        if (pthread_create(&threads[i], NULL, measure, &workers[i]) != 0)
            check(dnnl_out_of_memory);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        slowest = fmax(slowest, measurement->seconds[i]);
    }
    return measurement->there ? slowest : INFINITY;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "bf16") == 0)
        type = dnnl_bf16;
    check(dnnl_engine_create(&engine, dnnl_cpu, 0));
    pthread_barrier_init(&barrier, NULL, THREADS);
    double step = 0;
    for (size_t c = 0; c < sizeof convolutions / sizeof *convolutions; c++)
        for (int pass = 0; pass < convolutions[c].passes; pass++) {
            struct measurement m = { .convolution = &convolutions[c], .pass = (enum pass)pass };
            m.how = dnnl_convolution_direct;
            double direct = seconds_of(&m);
            m.how = dnnl_convolution_winograd;
            double winograd = seconds_of(&m);
            printf("convolution %zu %-8s direct %.1f us, Winograd %.1f us\n", c + 1, pass_names[pass], direct * 1e6,
                   winograd * 1e6);
            step += fmin(direct, winograd);
        }
    for (size_t p = 0; p < sizeof products / sizeof *products; p++) {
        struct measurement m = { .product = products[p] };
        double product = seconds_of(&m);
        printf("product %td x %td x %td %.1f us\n", products[p].m, products[p].n, products[p].k, product * 1e6);
        step += product;
    }
    if (!isfinite(step))
        return 69;
    printf("an epoch, seconds: %.4f\n", step * STEPS);
    return 0;
}
#endif
