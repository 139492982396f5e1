/* Within lib/stage: the parts of dedup, and the file of --index.
 *
 *   8 bytes   "weirseen"
 *   4 bytes   length of the header (little-endian, as everything)
 *             the header, JSON: {"weir:index": 1, "near": false, "columns": [...], "key": 32 hexadecimal digits,
 *             "rows": rows of all runs, "kept": N, "ids": {"type", "count", "bytes"} or null}
 *   24 N      low and high half of the fingerprint of a row that was kept, and its number
 *             ids: their rows' numbers, 8 bytes each, ascending; text: where each ends, 8 bytes each; the values
 *             near: what weir_near_save has written
 *   16 bytes  XXH3 in 128 bits of all this, low half first
 *
 * It is read while a lock is held, replaced as a whole, and hostile until checked. */
#ifndef WEIR_STAGE_DEDUP_PRIVATE_H
#define WEIR_STAGE_DEDUP_PRIVATE_H

#include "base/descriptor.h"
#include "base/hash.h"
#include "stage/dedup.h"
#include "stage/fingerprint.h"
#include "stage/ids.h"
#include "stage/seen.h"

/* Starts with weir_index_open. */
struct weir_index {
    const char *path;  /* borrowed */
    int descriptor;    /* locked; -1: none */
    bool made;         /* the file was not there: it is removed unless the run ends well */
    uint64_t size, at; /* of what is read; size 0: a new index */
    struct weir_hasher *hasher;
    struct weir_output output;
    bool writing;
    struct weir_buffer pending; /* to be written */
};

/* What an index remembers. */
struct weir_memory {
    uint8_t key[WEIR_FINGERPRINT_KEY];
    char **columns; /* [column_count], in the order in which they make fingerprints; owned */
    int column_count;
    int64_t rows;          /* of all runs */
    struct weir_seen seen; /* with rows */
    bool has_ids;
    struct weir_ids ids;
};

void weir_memory_release(struct weir_memory *memory);

int weir_index_open(struct weir_index *index, const char *path, struct weir_error *error);
/* What the file of an index that is not new remembers, into `memory` ({ 0 }) and `near` (NULL when rows must be equal);
 * holds: what `seen` has room for, rows at least. */
int weir_index_read(struct weir_index *index, struct weir_memory *memory, enum weir_seen_holds holds,
                    struct weir_near *near, struct weir_error *error);
/* Writes the index beside the old one. */
int weir_index_write(struct weir_index *index, const struct weir_memory *memory, const struct weir_near *near,
                     struct weir_error *error);
/* Puts it in its place. */
int weir_index_commit(struct weir_index *index, struct weir_error *error);
void weir_index_close(struct weir_index *index);

enum pass { DECIDE, COLLECT_IDS, APPLY };

struct dedup {
    struct weir_dedup_options options;
    json_t *step;              /* owned until it is in the plan */
    struct weir_schema schema; /* of the input */
    int *columns;              /* [column_count] that make rows equal */
    int column_count;
    int best, id; /* columns, or -1 */
    struct weir_memory memory;
    struct weir_fingerprint *fingerprint;
    struct weir_near *near; /* NULL: rows must be equal */
    struct weir_pool *pool; /* for it */
    int64_t *ranks;         /* near: of the rows of this run, when not the first of them is preferred */
    size_t ranks_capacity;
    int64_t *instead; /* near: [rows of this run] the row kept instead of each; -1: itself */
    struct weir_index index;
    enum pass pass;
    int64_t first, rows; /* the number of this run's first row; rows read in this pass */
    struct scratch {
        struct weir_hash128 *hashes;
        int64_t *before; /* the row that stands for a row; -1: itself */
        int64_t *index;
        size_t capacity;
    } scratch;                   /* of one batch */
    int64_t duplicates, earlier; /* of rows in earlier runs */
};

/* All that is to be known before the first row of a stream of this schema. */
int weir_dedup_prepare(struct dedup *self, const struct weir_schema *in, struct weir_error *error);
/* The columns duplicate_of and cluster: into the schema, and behind those of a batch, by scratch.before. */
int weir_dedup_add_marks(const struct dedup *self, struct weir_schema *out, struct weir_error *error);
int weir_dedup_mark(const struct dedup *self, const struct weir_batch *in, struct weir_batch *out,
                    struct weir_error *error);

/* The search that the options ask for, on a schema that must outlive it; columns[columns of the schema] gets the
 * *column_count that are compared. */
int weir_dedup_near(struct weir_near **near, const struct weir_dedup_options *options, const struct weir_schema *schema,
                    struct weir_pool *pool, int *columns, int *column_count, struct weir_error *error);

#endif
