/* Lanes: numbered pieces of work, filled one after the other, worked on side by side by several threads, and handed out
 * in their order. What comes out does not depend on the number of threads. */
#ifndef WEIR_BASE_LANES_H
#define WEIR_BASE_LANES_H

#include "base/error.h"
#include <stddef.h>

struct weir_lanes;

struct weir_lanes_work {
    void *context;
    /* Puts the next input into the piece; called by one thread at a time, in order. 1 filled, 0 the end, -1 error. */
    int (*fill)(void *context, void *piece, struct weir_error *error);
    /* Works on a piece that was filled; called by several threads at once. What goes wrong is kept in the piece. NULL:
     * filling it ahead of the caller is all. */
    void (*work)(void *context, void *piece);
};

/* How many threads a reader takes when `asked` for so many (<= 0: one for each processor), and the pieces that keep one
 * of them busy. */
int weir_lanes_threads(int asked);
enum { WEIR_LANES_PIECES = 3 };

/* The pieces, `count` of `size` bytes one behind the other, are used in turn; they and the context outlive the lanes.
 * Threads start with the third piece: short inputs need none. */
int weir_lanes_new(struct weir_lanes **lanes, const struct weir_lanes_work *work, void *pieces, size_t size, int count,
                   int threads, struct weir_error *error);

/* The next piece in order, which is the caller's until the next call. 1 got one, 0 the end, -1 error of fill. */
int weir_lanes_next(struct weir_lanes *lanes, void **piece, struct weir_error *error);

void weir_lanes_free(struct weir_lanes *lanes); /* waits for the threads; NULL is accepted */

#endif
