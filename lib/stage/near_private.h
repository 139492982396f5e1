/* The inside of near.h: what the kinds share. A row is kept as bytes of its kind's making, which are also what an index
 * holds of it. `place` is where a row stands in the order of preference; rows of earlier runs have the first places. */
#ifndef WEIR_STAGE_NEAR_PRIVATE_H
#define WEIR_STAGE_NEAR_PRIVATE_H

#include "stage/near.h"

#define WEIR_NEAR_ROWS (INT64_C(0xFFFFFFF0)) /* rows and places are counted in 32 bits */

/* Rows as bytes; what is more than `memory` lies in a temporary file. */
struct near_store {
    uint8_t *bytes; /* those after the spilled */
    size_t held, capacity, memory;
    uint64_t spilled; /* bytes in the file; 0: there is none */
    int file;
    uint64_t *ends; /* [rows] where each ends, times two, and 1 when it is present (no null) */
    size_t rows, ends_capacity;
};
int weir_near_store_add(struct near_store *store, const void *bytes, size_t size, bool present,
                        struct weir_error *error);
/* *bytes: [size] and 16 more that may be read, until the next addition or the next use of the scratch. Several threads
 * may read at once. */
int weir_near_store_get(const struct near_store *store, size_t row, struct weir_buffer *scratch, const uint8_t **bytes,
                        size_t *size, struct weir_error *error);
static inline bool weir_near_store_present(const struct near_store *store, size_t row)
{
    return store->ends[row] & 1;
}
void weir_near_store_release(struct near_store *store); /* back to { 0 } */

struct weir_near {
    const struct near_kind *kind;
    const struct weir_schema *schema;
    int *columns; /* [count] */
    double *thresholds;
    int count;
    struct weir_near_options options; /* its thresholds are ours */
    int threads;
    struct near_store store;
    void *state;      /* the kind's */
    size_t earlier;   /* rows of the store that come from earlier runs */
    int64_t *numbers; /* [earlier] their numbers */
    size_t numbers_capacity;
    int64_t before;  /* the number of this run's first row */
    uint32_t *order; /* [rows] the row at each place; after weir_near_finish */
    uint8_t *kept;   /* a bit a place */
};

struct near_kind {
    /* Whether the options are good for the columns, and makes the state. */
    int (*begin)(struct weir_near *near, struct weir_error *error);
    void (*describe)(const struct weir_near *near, struct weir_buffer *out);
    /* Adds the rows of the batch to the store. */
    int (*take)(struct weir_near *near, const struct weir_batch *batch, struct weir_error *error);
    /* Whether the bytes of a row could have come from `take`. NULL: any. */
    bool (*check)(const struct weir_near *near, const uint8_t *bytes, size_t size);
    /* Prepares what is made for each row by itself, from row `first` of the store on. NULL: nothing. */
    int (*sign)(struct weir_near *near, size_t first, struct weir_error *error);
    /* near->order is known: prepares to find. */
    int (*prepare)(struct weir_near *near, struct weir_error *error);
    /* The first place in [from, to) of a row that is kept and near the one at `place`, or -1; -2 with the message. Of
     * several threads at once, `thread` names the scratch memory. */
    int64_t (*find)(struct weir_near *near, uint32_t place, uint32_t from, uint32_t to, int thread,
                    struct weir_error *error);
    /* The row at `place` is kept: later ones are compared with it. Called in the order of places. */
    void (*keep)(struct weir_near *near, uint32_t place);
    void (*release)(struct weir_near *near);
};
extern const struct near_kind weir_near_text, weir_near_record, weir_near_image;

/* task(context, index, thread) for all indices below count, on the pool or without one. A task that fails returns -1:
 * the message is then that of the first which did. */
int weir_near_run(const struct weir_near *near, size_t count,
                  int (*task)(void *context, size_t index, int thread, struct weir_error *error), void *context,
                  struct weir_error *error);

/* The buckets that rows are in, one for each band in which the keys of two rows or more agree. */
struct near_buckets {
    uint32_t *members; /* of all buckets: the first kept[b] are those of kept rows, in the order of places */
    uint64_t *starts;  /* [buckets] where each bucket's members begin */
    uint32_t *kept;    /* [buckets] */
    uint64_t *belongs; /* place << 32 | bucket, sorted: what each row is in */
    uint64_t *first;   /* [rows + 1] where a place's begin */
};
struct near_places {
    uint64_t *places; /* what weir_near_buckets_gather leaves, and as many to sort with */
    size_t capacity;
};
/* keys: [rows of the store][bands]; freed. buckets: { 0 }. */
int weir_near_buckets_make(struct near_buckets *buckets, struct weir_near *near, uint32_t **keys, int bands,
                           struct weir_error *error);
/* The kept rows in [from, to) that share a bucket with the one at `place`, in the order of places, each once; of a
 * bucket with many only the first are looked at. -1: out of memory. */
int weir_near_buckets_gather(const struct near_buckets *buckets, uint32_t place, uint32_t from, uint32_t to,
                             struct near_places *places, size_t *count);
void weir_near_buckets_keep(struct near_buckets *buckets, uint32_t place);
void weir_near_buckets_release(struct near_buckets *buckets); /* back to { 0 } */

/* The shingles of texts. */
struct near_shingles {
    enum weir_near_unit unit;
    int size;
    uint64_t seed;
};
struct near_shingle_scratch {
    struct weir_buffer text; /* words with single blanks between them */
    size_t *starts;
    size_t starts_capacity;
    uint64_t *hashes; /* what weir_near_shingle leaves */
    size_t hashes_capacity, count;
};
/* The hashes of all shingles of the text, in their order, none of them 0, repeated ones again. bytes: [size], with 16
 * more that may be read. -1: out of memory. */
int weir_near_shingle(const struct near_shingles *shingles, const uint8_t *bytes, size_t size,
                      struct near_shingle_scratch *scratch);
void weir_near_shingle_release(struct near_shingle_scratch *scratch);

#endif
