/* Which of many values are worth an ink of their own. */
#ifndef WEIR_EVAL_FREQUENT_H
#define WEIR_EVAL_FREQUENT_H

#include <stdint.h>

/* The values with the most rows, of equals those with the smaller numbers, at most `most` of them: chosen[most]
 * ascending, how many. rows[values]. */
int weir_choose_frequent(const int64_t *rows, int32_t values, int most, int32_t *chosen);

#endif
