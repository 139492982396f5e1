/* oneDNN's C API (2.x), as the files of this room that call it share it: nobody else includes it.
 *
 * Every primitive is made and run at one OpenMP thread: the threads are the caller's. */
#ifndef WEIR_MATH_DNNL_PRIVATE_H
#define WEIR_MATH_DNNL_PRIVATE_H

#include <oneapi/dnnl/dnnl.h>

/* From omp.h, which comes with gcc alone, while the library that oneDNN brings serves every compiler. */
int omp_get_max_threads(void);
void omp_set_num_threads(int threads);

/* One OpenMP thread while the library works for this thread; the caller's own setting comes back. */
static inline int weir_dnnl_one_thread(void)
{
    int before = omp_get_max_threads();
    if (before != 1)
        omp_set_num_threads(1);
    return before;
}

static inline void weir_dnnl_restore_threads(int before)
{
    if (before != 1)
        omp_set_num_threads(before);
}

/* Runs a primitive at one thread and waits. 0 or -1. */
static inline int weir_dnnl_run(dnnl_primitive_t primitive, dnnl_stream_t stream, int count,
                                const dnnl_exec_arg_t *arguments)
{
    int before = weir_dnnl_one_thread();
    dnnl_status_t status = dnnl_primitive_execute(primitive, stream, count, arguments);
    if (!status)
        status = dnnl_stream_wait(stream);
    weir_dnnl_restore_threads(before);
    return status ? -1 : 0;
}

#endif
