#include "math/matrix_product.h"
#include "math/dnnl_private.h"

int weir_multiply_matrices(bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k, const float *a,
                           const float *b, float beta, float *c)
{
    int before = weir_dnnl_one_thread();
    dnnl_status_t status = dnnl_sgemm(a_transposed ? 'T' : 'N', b_transposed ? 'T' : 'N', m, n, k, 1.0f, a,
                                      a_transposed ? m : k, b, b_transposed ? k : n, beta, c, n);
    weir_dnnl_restore_threads(before);
    return status == dnnl_success ? 0 : -1;
}
