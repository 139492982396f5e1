/* Eigenvalues and eigenvectors of a symmetric matrix: Householder reflections to a tridiagonal one, then QL steps with
 * implicit shifts (G. Golub, C. Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3), all in double. */
#ifndef WEIR_MATH_SYMMETRIC_EIGEN_H
#define WEIR_MATH_SYMMETRIC_EIGEN_H

#include "base/error.h"
#include "base/thread.h"
#include <stdint.h>

/* The `wanted` greatest eigenvalues of matrix[n][n], which is destroyed: values[wanted] descending, vectors[wanted][n]
 * of length 1, each with the sign that makes the first of its largest magnitudes positive. Memory: about 8 n^2 bytes
 * more. The same bits for any number of threads; pool may be NULL. -1: out of memory, or numbers or eigenvalues
 * that are not finite (WEIR_BAD_DATA). */
int weir_symmetric_eigen(double *matrix, int64_t n, int64_t wanted, double *values, double *vectors,
                         struct weir_pool *pool, struct weir_error *error);

#endif
