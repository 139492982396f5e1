/* Unit tests: a main that runs its checks and returns check_result(). A check that fails says where, and the rest goes
 * on. */
#ifndef WEIR_TESTS_UNIT_CHECK_H
#define WEIR_TESTS_UNIT_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int check_failures, check_count;

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
/* Both values are shown when they differ. */
#define CHECK_INT(actual, expected)  check_int((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_NEAR(actual, expected, tolerance)                                                                        \
    check_near((actual), (expected), (tolerance), #actual, __FILE__, __LINE__)

static inline bool check_that(bool holds, const char *condition, const char *file, int line)
{
    check_count++;
    if (!holds) {
        check_failures++;
        fprintf(stderr, "%s:%d: %s\n", file, line, condition);
    }
    return holds;
}

static inline bool check_int(long long actual, long long expected, const char *what, const char *file, int line)
{
    if (!check_that(actual == expected, what, file, line))
        fprintf(stderr, "    is %lld, expected %lld\n", actual, expected);
    return actual == expected;
}

static inline bool check_text(const char *actual, const char *expected, const char *what, const char *file, int line)
{
    bool same = actual && strcmp(actual, expected) == 0;
    if (!check_that(same, what, file, line))
        fprintf(stderr, "    is '%s', expected '%s'\n", actual ? actual : "(null)", expected);
    return same;
}

/* NaN is never near. */
static inline bool check_near(double actual, double expected, double tolerance, const char *what, const char *file,
                              int line)
{
    bool near = fabs(actual - expected) <= tolerance;
    if (!check_that(near, what, file, line))
        fprintf(stderr, "    is %.17g, expected %.17g within %g\n", actual, expected, tolerance);
    return near;
}

static inline int check_result(void)
{
    fprintf(stderr, "%d checks, %d failed\n", check_count, check_failures);
    return check_failures != 0;
}

#endif
