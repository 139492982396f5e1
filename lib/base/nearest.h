/* Names that are nearly right: for "did you mean". */
#ifndef WEIR_BASE_NEAREST_H
#define WEIR_BASE_NEAREST_H

/* The candidate nearest to what was asked for: start with { .wanted = name }, offer every candidate, then read `name`
 * (NULL: none is near), which is the candidate's own pointer. Letter case does not count; names that differ in more
 * than a third of their letters are not near. */
struct weir_nearest {
    const char *wanted;
    const char *name;
    int distance;
};
void weir_nearest_offer(struct weir_nearest *nearest, const char *candidate);

#endif
