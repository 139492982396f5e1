/* The option "statistics" of features: which numbers are made of a row or of a window. */
#ifndef WEIR_STAGE_FEATURES_STATISTICS_H
#define WEIR_STAGE_FEATURES_STATISTICS_H

#include "stage/stage.h"

enum weir_statistic {
    WEIR_COUNT,   /* of the values that are there */
    WEIR_MISSING, /* of those that are not */
    WEIR_SUM,
    WEIR_MEAN,
    WEIR_DEVIATION,
    WEIR_SKEWNESS,
    WEIR_KURTOSIS,
    WEIR_MINIMUM,
    WEIR_MAXIMUM,
    WEIR_RANGE,
    WEIR_MEDIAN,
    WEIR_QUANTILE,
    WEIR_SLOPE,
    WEIR_LAG,
    WEIR_DIFFERENCE,
};

struct weir_statistic_item {
    enum weir_statistic kind;
    const char *name; /* as it was written, borrowed from the options */
    double quantile;  /* of median and quantile */
    int64_t steps;    /* of lag and difference */
};

struct weir_statistic_list {
    struct weir_statistic_item *items; /* owned */
    size_t count;
    size_t quantiles; /* how many of them are median or quantile */
};

enum { WEIR_LONGEST_LAG = 1000000 };

/* Without the option: mean, deviation, minimum and maximum. `series`: slope, lags and differences are taken too. */
int weir_statistic_list_read(struct weir_statistic_list *list, const struct weir_stage *stage, bool series,
                             struct weir_error *error);
/* The type of its column: int64 of count and missing, float64 of all others. */
enum weir_kind weir_statistic_kind(const struct weir_statistic_item *item);
bool weir_statistic_list_has(const struct weir_statistic_list *list, enum weir_statistic kind);
void weir_statistic_list_release(struct weir_statistic_list *list);

/* The column of a statistic: *values are `rows` doubles for the caller to fill, what is not defined or beyond all
 * doubles with a number that is not finite. Sealing makes nulls of those, and whole numbers of counts. `column` is { 0
 * }. */
int weir_statistic_begin(struct weir_column *column, int64_t rows, double **values, struct weir_error *error);
int weir_statistic_seal(struct weir_column *column, double *values, const struct weir_statistic_item *item,
                        struct weir_error *error);

#endif
