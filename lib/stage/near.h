/* Near-duplicates: rows that are alike without being equal.
 *
 * A row is a duplicate only of a row that is kept, with which its own similarity was computed and is at least the
 * threshold. The rows are gone through in an order of preference, and each is compared with those kept before it: so no
 * chain of small differences joins rows that are far apart, and every pair told is a true one. How candidates are
 * found, and how often a true pair may be missed, is said by the kind that does it.
 *
 *   text     one column of utf8 (or dictionary<utf8>): the Jaccard similarity of the sets of shingles (runs of `size`
 *            characters or words; a text shorter than one shingle is one shingle)
 *   record   several columns: every column alike by its own threshold
 *   image    one column of uint8 tensors: 1 - d / 64, d the Hamming distance of their perceptual hashes of 64 bits
 *            (math/perceptual.h; an image that has none is like nothing)
 *
 * A null is like nothing, in any kind. Rows are numbered in the order of their arrival, from 0; rows of earlier runs
 * (weir_near_restore) come before those of this one and keep their numbers. The outcome depends on the rows, the
 * options and the seed alone: not on batches, and not on how many threads the pool has. */
#ifndef WEIR_STAGE_NEAR_H
#define WEIR_STAGE_NEAR_H

#include "base/thread.h"
#include "stream/batch.h"

enum weir_near_kind { WEIR_NEAR_TEXT, WEIR_NEAR_RECORD, WEIR_NEAR_IMAGE };
enum weir_near_unit { WEIR_NEAR_CHARACTERS, WEIR_NEAR_WORDS };

struct weir_near_options {
    enum weir_near_kind kind;
    const double *thresholds; /* one for each column, above 0 and at most 1; copied */
    enum weir_near_unit unit; /* text: what shingles are made of, and how many of them make one */
    int size;                 /* 1 .. 64 */
    int64_t memory;           /* text: about how many bytes may be held; what is more goes to temporary files */
    uint64_t seed;            /* of the hash functions */
    struct weir_pool *pool;   /* borrowed; NULL: the caller's thread alone */
};

struct weir_near;

/* The kind that the columns' types ask for. -1: there is none, and the message names the column (WEIR_BAD_DATA). */
int weir_near_kind_of(const struct weir_schema *schema, const int *columns, int count, enum weir_near_kind *kind,
                      struct weir_error *error);

/* What --near names, each text COLUMN or COLUMN=T (unless a column has the whole as its name): columns[text_count] and
 * thresholds[text_count], `threshold` where there is no T. */
int weir_near_columns(const struct weir_schema *schema, const char *const *texts, size_t text_count, double threshold,
                      int *columns, double *thresholds, struct weir_error *error);

/* columns[count] of the schema, which must outlive it; the rest is copied. */
int weir_near_new(struct weir_near **near, const struct weir_schema *schema, const int *columns, int count,
                  const struct weir_near_options *options, struct weir_error *error);
/* The next rows. It keeps what it needs of them, not the batch. */
int weir_near_add(struct weir_near *near, const struct weir_batch *batch, struct weir_error *error);
/* Once, after all rows of this run. rank: [rows of this run], the row with the smaller number is preferred, and of
 * equal ones the earlier; NULL: the order of arrival. Rows of earlier runs stand before all of this one. Sets
 * duplicate_of[rows of this run] to the number of the kept row that the row was compared with, of several the first in
 * the order of preference; -1: the row is kept. */
int weir_near_finish(struct weir_near *near, const int64_t *rank, int64_t *duplicate_of, struct weir_error *error);
/* What was chosen, for a person: "16 bands of 8 rows, threshold 0.8, 5 characters". Appended; good after weir_near_new.
 */
void weir_near_describe(const struct weir_near *near, struct weir_buffer *out);

/* What later runs need to compare with the rows kept so far, those of earlier runs among them: after
 * weir_near_finish. `write` gets the bytes piece by piece. */
int weir_near_save(const struct weir_near *near,
                   int (*write)(void *context, const void *bytes, size_t size, struct weir_error *error), void *context,
                   struct weir_error *error);
/* The way back, before the first row: `read` gives exactly `size` bytes or fails, and `size` bytes are there in all.
 * They are hostile until checked, and nothing is allocated by a claim that the size does not bear out. `rows`: how many
 * rows all earlier runs had (numbers of kept rows are below it, and the first row of this run gets it as its number).
 * -1 with WEIR_BAD_DATA also when they were saved with other options or columns of another kind: the message says
 * which. */
int weir_near_restore(struct weir_near *near, int64_t rows, uint64_t size,
                      int (*read)(void *context, void *bytes, size_t size, struct weir_error *error), void *context,
                      struct weir_error *error);
void weir_near_free(struct weir_near *near); /* NULL is accepted */

#endif
