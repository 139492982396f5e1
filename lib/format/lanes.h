/* Lanes: numbered pieces of work, filled one after the other, worked on side by side by several threads, and handed out
 * in their order. What comes out does not depend on the number of threads. */
#ifndef WEIR_FORMAT_LANES_H
#define WEIR_FORMAT_LANES_H

#include "base/error.h"

struct weir_lanes;

struct weir_lanes_work {
    void *context;
    /* Puts the next input into the piece; called by one thread at a time, in order. 1 filled, 0 the end, -1 error. */
    int (*fill)(void *context, void *piece, struct weir_error *error);
    /* Works on a piece that was filled; called by several threads at once. What goes wrong is kept in the piece. */
    void (*work)(void *context, void *piece);
};

/* pieces[count] are used in turn; they and the context outlive the lanes. threads <= 0: one for each processor. Threads
 * start with the third piece: short inputs need none. */
int weir_lanes_new(struct weir_lanes **lanes, const struct weir_lanes_work *work, void *const *pieces, int count,
                   int threads, struct weir_error *error);

/* The next piece in order, which is the caller's until the next call. 1 got one, 0 the end, -1 error of fill. */
int weir_lanes_next(struct weir_lanes *lanes, void **piece, struct weir_error *error);

void weir_lanes_free(struct weir_lanes *lanes); /* waits for the threads; NULL is accepted */

#endif
