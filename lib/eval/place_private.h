/* Within lib/eval: places of a drawing on a grid of pixels or cells. */
#ifndef WEIR_EVAL_PLACE_PRIVATE_H
#define WEIR_EVAL_PLACE_PRIVATE_H

/* A place as a whole number from low to high, whatever it is. */
static inline int weir_place_within(double place, int low, int high)
{
    return place >= high ? high : place > low ? (int)place : low;
}

#endif
