/* The values that occur most in a run, in constant memory: the summary of J. Misra and D. Gries, "Finding repeated
 * elements", 1982, with 1,024 counters, lowered many at a time (D. Anderson and others, "A high-performance algorithm
 * for identifying frequent items in data streams", 2017): when the counters are all taken, the median of the counts is
 * taken off each, and those that reach nothing are free again.
 *
 * A count is low by at most `slack`, the sum of what was taken off, and a value that is not there occurred at most so
 * often. As each time half of the counters or more lose all of it, slack <= 2 n / 1,024 for n values, and 0 as long as
 * no more than 1,024 different ones have come. What is kept depends on the order of the values, never on how they were
 * cut into calls. */
#ifndef WEIR_MATH_FREQUENT_H
#define WEIR_MATH_FREQUENT_H

#include "base/buffer.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEIR_FREQUENT_COUNTERS = 1024,
    WEIR_FREQUENT_TEXT = 256, /* bytes of a text; longer ones are passed over, and counted as such */
};

struct weir_frequent_item {
    uint64_t key;
    int64_t count;
    const char *text; /* NULL: a number, which is the key; borrowed until the next addition */
    uint32_t size;
};

/* Starts as { 0 }, for either numbers or texts. */
struct weir_frequent {
    uint64_t *keys;  /* [slots] */
    int64_t *counts; /* [slots]; 0: free */
    uint32_t *texts; /* [slots] where in `bytes` its size and bytes stand; NULL: numbers */
    uint32_t count, slots;
    struct weir_buffer bytes;
    int64_t slack, longer; /* longer: values passed over for their length */
};

void weir_frequent_release(struct weir_frequent *frequent); /* back to { 0 } */

/* keys[count]: numbers as 64 bits, whatever they mean. 0, or -1 when out of memory. */
int weir_frequent_add_numbers(struct weir_frequent *frequent, const uint64_t *keys, size_t count);
int weir_frequent_add_number(struct weir_frequent *frequent, uint64_t key, int64_t times);
/* hash: of the text, always by the same function. */
int weir_frequent_add_text(struct weir_frequent *frequent, uint64_t hash, const char *text, size_t size, int64_t times);

/* ---- The end of a run: a short list that can be kept ---------------------------------------------------------- */

enum { WEIR_FREQUENT_LIST = 64 };

/* Starts as { 0 }: of no value. The most frequent first, of equal ones by text or key. */
struct weir_frequent_list {
    struct weir_frequent_item items[WEIR_FREQUENT_LIST]; /* texts lie in `bytes`, or are borrowed until they do */
    size_t count;
    int64_t slack;  /* how much any of these counts is low at most */
    int64_t rest;   /* how often any value that is not here occurred at most */
    int64_t longer; /* texts that were passed over for their length */
    char *bytes;
};

void weir_frequent_list_release(struct weir_frequent_list *list); /* back to { 0 } */
/* The values with a count of `least` or more. `list` is overwritten. 0, or -1 when out of memory. */
int weir_frequent_list_take(struct weir_frequent_list *list, const struct weir_frequent *frequent, int64_t least);
/* `into` becomes the list of both runs: counts add up, and so does what is not known of them (P. Agarwal and others,
 * "Mergeable summaries", 2012). 0 or -1. */
int weir_frequent_list_merge(struct weir_frequent_list *into, const struct weir_frequent_list *from);
/* Puts items that were filled in from elsewhere in order, and makes their texts the list's own. 0 or -1. */
int weir_frequent_list_settle(struct weir_frequent_list *list);

#endif
