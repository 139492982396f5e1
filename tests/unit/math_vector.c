/* Whether an array is finite: one number that is not is found wherever it stands. Where its largest stands. */
#include "check.h"
#include "math/vector.h"
#include <float.h>

int main(void)
{
    const float odd[] = { INFINITY, -INFINITY, NAN, -NAN };
    const float fine[] = { 0, -0.0f, 1, -1, FLT_MAX, -FLT_MAX, FLT_MIN, FLT_TRUE_MIN };
    float x[70];
    for (int n = 0; n <= 70; n++) {
        for (int i = 0; i < n; i++)
            x[i] = fine[i % 8];
        CHECK(weir_vector_is_finite(x, n));
        for (int i = 0; i < n; i++) {
            float kept = x[i];
            x[i] = odd[i % 4];
            CHECK(!weir_vector_is_finite(x, n));
            CHECK(weir_vector_is_finite(x, i) && weir_vector_is_finite(x + i + 1, n - i - 1));
            x[i] = kept;
        }
    }
    CHECK_INT(weir_vector_largest((double[]){ -5 }, 1), 0);
    CHECK_INT(weir_vector_largest((double[]){ 1, 3, 2, 3 }, 4), 1);
    CHECK_INT(weir_vector_largest((double[]){ -3, -2, NAN, -1 }, 4), 3);
    CHECK_INT(weir_vector_largest((double[]){ NAN, 7 }, 2), 0);
    return check_result();
}
