/* npy, the format of NumPy's save (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): a magic, a
 * version, the header (the text of a Python dictionary), the values.
 *
 * Reading: one dimension gives the column `value`, two give the columns column1 ... columnN, more a column of tensors,
 * `value`. Writing: one column of numbers, or several of one type as a matrix. */
#ifndef WEIR_FORMAT_NPY_PRIVATE_H
#define WEIR_FORMAT_NPY_PRIVATE_H

#include "format/format.h"

/* Writing (npy_write.c): members of struct weir_format. */
int weir_npy_create(struct weir_table_out *out, struct weir_error *error);
int weir_npy_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error);
int weir_npy_finish(struct weir_table_out *out, struct weir_error *error);
void weir_npy_destroy(struct weir_table_out *out);

#endif
