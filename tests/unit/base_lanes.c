/* Lanes hand pieces out in order, end where fill ends, tell its error behind what came before, and can be left early.
 */
#include "base/lanes.h"
#include "check.h"
#include <stdlib.h>

enum { PIECES = 5 };

struct piece {
    int number, square;
};

struct source {
    int next, count;
    bool fails;
};

static int fill(void *context, void *piece, struct weir_error *error)
{
    struct source *source = context;
    if (source->next == source->count)
        return source->fails ? weir_fail(error, WEIR_BAD_DATA, "the end is bad") : 0;
    ((struct piece *)piece)->number = source->next++;
    return 1;
}

static void work(void *context, void *piece)
{
    struct piece *p = piece;
    (void)context;
    volatile int spin = (p->number * 7919) % 20000; /* pieces take different times */
    while (spin > 0)
        spin--;
    p->square = p->number * p->number;
}

static void run(int count, int threads, bool fails, int leave_after)
{
    struct piece pieces[PIECES];
    struct source source = { 0, count, fails };
    const struct weir_lanes_work lanes_work = { &source, fill, work };
    struct weir_lanes *lanes;
    struct weir_error error = { 0 };
    void *piece;
    int code, got = 0;
    CHECK_INT(weir_lanes_new(&lanes, &lanes_work, pieces, sizeof *pieces, PIECES, threads, &error), 0);
    while (got != leave_after && (code = weir_lanes_next(lanes, &piece, &error)) > 0) {
        struct piece *p = piece;
        CHECK_INT(p->number, got);
        CHECK_INT(p->square, got * got);
        got++;
    }
    if (leave_after < 0) {
        CHECK_INT(got, count);
        CHECK_INT(code, fails ? -1 : 0);
        CHECK_TEXT(error.text, fails ? "the end is bad" : "");
        CHECK_INT(weir_lanes_next(lanes, &piece, &error), fails ? -1 : 0); /* and stays at the end */
    }
    weir_lanes_free(lanes);
}

int main(void)
{
    for (int threads = 1; threads <= 4; threads++)
        for (int count = 0; count < 40; count += count < 8 ? 1 : 13) {
            run(count, threads, false, -1);
            run(count, threads, true, -1);
            run(count, threads, false, count / 2);
        }
    return check_result();
}
