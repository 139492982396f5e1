/* clean, its rules: which values of a column break one. */
#include "base/number.h"
#include "math/clones.h"
#include "stage/clean_rules_private.h"
#include "stream/bits.h"
#include <float.h>
#include <math.h>

/* ---- Numbers and times ------------------------------------------------------------------------------------------ */

/* outside_KIND: mask[rows] |= x[row] lies outside low .. high. */
#define OUTSIDE(name, type, wide)                                                                                      \
    WEIR_CLONES static void outside_##name(const void *values, int64_t rows, wide low, wide high, uint8_t *mask)       \
    {                                                                                                                  \
        const type *x = values;                                                                                        \
        for (int64_t row = 0; row < rows; row++)                                                                       \
            mask[row] |= ((wide)x[row] < low) | ((wide)x[row] > high);                                                 \
    }
OUTSIDE(int8, int8_t, int64_t)
OUTSIDE(int16, int16_t, int64_t)
OUTSIDE(int32, int32_t, int64_t)
OUTSIDE(int64, int64_t, int64_t)
OUTSIDE(uint8, uint8_t, int64_t)
OUTSIDE(uint16, uint16_t, int64_t)
OUTSIDE(uint32, uint32_t, int64_t)
OUTSIDE(uint64, uint64_t, uint64_t)
OUTSIDE(float32, float, double)
OUTSIDE(float64, double, double)

static void judge_range(const struct rules_check *check, const struct weir_column *column, uint8_t *mask)
{
    const void *values = column->values.bytes;
    int64_t rows = column->rows, low = check->low, high = check->high;
    switch (check->judged.kind) {
    case WEIR_INT8:
        outside_int8(values, rows, low, high, mask);
        return;
    case WEIR_INT16:
        outside_int16(values, rows, low, high, mask);
        return;
    case WEIR_INT32:
    case WEIR_DATE32:
    case WEIR_TIME32:
        outside_int32(values, rows, low, high, mask);
        return;
    case WEIR_UINT8:
        outside_uint8(values, rows, low, high, mask);
        return;
    case WEIR_UINT16:
        outside_uint16(values, rows, low, high, mask);
        return;
    case WEIR_UINT32:
        outside_uint32(values, rows, low, high, mask);
        return;
    case WEIR_UINT64:
        outside_uint64(values, rows, (uint64_t)low, (uint64_t)high, mask);
        return;
    case WEIR_FLOAT32:
        outside_float32(values, rows, check->real_low, check->real_high, mask);
        return;
    case WEIR_FLOAT64:
        outside_float64(values, rows, check->real_low, check->real_high, mask);
        return;
    default:
        outside_int64(values, rows, low, high, mask);
        return;
    }
}

static bool is_listed_wrongly(const struct rules_check *check, bool real, int64_t integer, double number)
{
    return (check->allowed.given && !weir_clean_rules_holds(&check->allowed, real, integer, number)) ||
           (check->forbidden.given && weir_clean_rules_holds(&check->forbidden, real, integer, number));
}

/* A fraction where the rule wants whole numbers, a value that is not allowed. */
static void judge_each(const struct rules_check *check, const struct weir_column *column, uint8_t *mask)
{
    enum weir_kind kind = check->judged.kind;
    bool real = kind == WEIR_FLOAT32 || kind == WEIR_FLOAT64, whole = real && check->rule->form == RULES_INTEGER;
    if (!whole && !check->allowed.given && !check->forbidden.given)
        return;
    for (int64_t row = 0; row < column->rows; row++) {
        double number = real ? weir_number(column, kind, row) : 0;
        int64_t integer = real ? 0 : weir_integer(column, kind, row);
        mask[row] |= (whole && number != trunc(number)) || is_listed_wrongly(check, real, integer, number);
    }
}

/* NaN and infinite numbers count as missing. */
static void judge_unreal(const struct weir_column *column, enum weir_kind kind, bool present, uint8_t *mask)
{
    if (kind == WEIR_FLOAT64) {
        const double *x = (const double *)(const void *)column->values.bytes;
        for (int64_t row = 0; row < column->rows; row++)
            mask[row] = fabs(x[row]) <= DBL_MAX ? mask[row] : present;
    } else if (kind == WEIR_FLOAT32) {
        const float *x = (const float *)(const void *)column->values.bytes;
        for (int64_t row = 0; row < column->rows; row++)
            mask[row] = fabsf(x[row]) <= FLT_MAX ? mask[row] : present;
    }
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

static int64_t characters(const char *bytes, size_t length)
{
    int64_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    return count;
}

/* A text read as the type that the rule names; false: it has not that form. */
static bool read_as(const struct weir_type *type, const char *bytes, size_t length, int64_t *integer, double *real)
{
    uint64_t large;
    if (type->kind == WEIR_FLOAT64)
        return weir_parse_double(bytes, length, real) && isfinite(*real);
    if (type->kind != WEIR_INT64)
        return weir_clean_read_integer(type, bytes, length, false, integer);
    if (weir_parse_int64(bytes, length, integer))
        return true;
    *integer = INT64_MAX; /* above every end of a range that is not open */
    return weir_parse_uint64(bytes, length, &large);
}

enum verdict { FINE, BROKEN, TOO_LONG, STOPPED, NO_MEMORY };

static enum verdict judge_text(const struct rules_check *check, const char *bytes, size_t length)
{
    if (check->judged.kind != WEIR_UTF8) {
        bool real = check->judged.kind == WEIR_FLOAT64;
        int64_t integer = 0;
        double number = 0;
        if (!read_as(&check->judged, bytes, length, &integer, &number) ||
            (check->ranged && (real ? !(number >= check->real_low && number <= check->real_high)
                                    : !(integer >= check->low && integer <= check->high))) ||
            is_listed_wrongly(check, real, integer, number))
            return BROKEN;
    } else if ((check->allowed.given && weir_counts_find(&check->allowed.texts, bytes, length) < 0) ||
               (check->forbidden.given && weir_counts_find(&check->forbidden.texts, bytes, length) >= 0)) {
        return BROKEN;
    }
    if (check->rule->length) {
        int64_t count = characters(bytes, length);
        if (count < check->shortest || count > check->longest)
            return BROKEN;
    }
    if (!check->matcher)
        return FINE;
    static const enum verdict verdicts[] = { [CLEAN_NOT_FOUND] = BROKEN,
                                             [CLEAN_FOUND] = FINE,
                                             [CLEAN_TOO_LONG] = TOO_LONG,
                                             [CLEAN_STOPPED] = STOPPED,
                                             [CLEAN_NO_MEMORY] = NO_MEMORY };
    return verdicts[weir_clean_matcher_search(check->matcher, bytes, length)];
}

static bool judges_text(const struct rules_check *check)
{
    return check->judged.kind != WEIR_UTF8 || check->allowed.given || check->forbidden.given || check->rule->length ||
           check->matcher;
}

/* The values of a dictionary once each; the rows take over what their value was found to be. */
static int judge_texts(struct rules_binding *bound, const struct rules_check *check, const struct weir_column *column,
                       uint8_t *mask, struct weir_error *error)
{
    bool coded = check->type->kind == WEIR_DICTIONARY, memory = true;
    const struct weir_column *texts = coded ? &column->children[0] : column;
    uint8_t *verdicts = mask;
    if (coded) {
        void *grown = bound->verdicts;
        if (weir_grow(&grown, &bound->verdict_capacity, (size_t)texts->rows, 1) < 0)
            return weir_fail_memory(error);
        verdicts = bound->verdicts = grown;
    }
    for (int64_t i = 0; i < texts->rows; i++) {
        size_t length = 0;
        const char *bytes = weir_valid(texts, i) ? weir_text(texts, i, &length) : NULL;
        verdicts[i] = bytes ? judge_text(check, bytes, length) : FINE;
        memory &= verdicts[i] != NO_MEMORY;
    }
    for (int64_t row = 0; coded && row < column->rows; row++)
        mask[row] = weir_valid(column, row) ? verdicts[weir_codes(column)[row]] : FINE;
    return memory ? 0 : weir_fail_memory(error);
}

static int count_stopped(struct rules_binding *bound, const struct rules_check *check, int64_t rows, uint8_t *mask,
                         struct weir_error *error)
{
    struct rules_count *count = &bound->counts[check->of];
    for (int64_t row = 0; row < rows; row++) {
        count->stopped += mask[row] >= TOO_LONG;
        count->hard += mask[row] == STOPPED;
        mask[row] = mask[row] != FINE;
    }
    /* a replay has to give every row a result; each of them is bounded */
    if (count->hard < RULES_MOST_STOPPED || bound->mode == WEIR_AS_REPLAY)
        return 0;
    return weir_fail(error, WEIR_BAD_DATA,
                     "%s: its pattern was stopped on %d values, after %d steps or more each: write it without repeats "
                     "within repeats",
                     check->rule->label, RULES_MOST_STOPPED, CLEAN_MOST_STEPS);
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

static void judge_missing(const struct rules_check *check, const struct weir_column *column, uint8_t *mask)
{
    bool present = check->rule->present;
    if (check->type->kind == WEIR_NULL) {
        memset(mask, present, (size_t)column->rows);
        return;
    }
    if (check->type->kind == WEIR_DICTIONARY && column->children[0].null_count > 0)
        for (int64_t row = 0; row < column->rows; row++)
            if (weir_valid(column, row) && !weir_valid(&column->children[0], weir_codes(column)[row]))
                mask[row] = present;
    if (column->validity.size == 0)
        return;
    for (int64_t first = 0; first < column->rows; first += 64)
        for (uint64_t unset = weir_bits_unset(column->validity.bytes, first, column->rows); unset; unset &= unset - 1)
            mask[first + __builtin_ctzll(unset)] = present;
}

int weir_clean_rules_judge(struct rules_binding *bound, struct rules_check *check, const struct weir_column *column,
                           uint8_t *mask, struct weir_error *error)
{
    if (column->rows == 0)
        return 0;
    memset(mask, FINE, (size_t)column->rows);
    if (check->group == RULES_TEXTS) {
        if (judges_text(check) && (judge_texts(bound, check, column, mask, error) < 0 ||
                                   count_stopped(bound, check, column->rows, mask, error) < 0))
            return -1;
    } else {
        if (check->ranged)
            judge_range(check, column, mask);
        judge_each(check, column, mask);
        judge_unreal(column, check->judged.kind, check->rule->present, mask);
    }
    judge_missing(check, column, mask);
    return 0;
}
