/* clean, its values: columns of numbers, times, bools and tensors. */
#include "math/clones.h"
#include "stage/clean_values_private.h"
#include "stream/bits.h"
#include <float.h>
#include <math.h>

/* ---- Blocks and bitmaps --------------------------------------------------------------------------------------- */

static uint8_t *new_slice(struct weir_slice *slice, size_t size, struct weir_error *error)
{
    uint8_t *bytes = weir_slice_new(slice, size, 1);
    if (!bytes)
        weir_fail_memory(error);
    return bytes;
}

static int share(struct weir_column *out, const struct weir_column *in, struct weir_error *error)
{
    return weir_column_share(out, in) < 0 ? weir_fail_memory(error) : 0;
}

/* The output's bitmap: what is missing now. */
static int make_validity(struct weir_column *out, const uint8_t *missing, struct weir_error *error)
{
    int64_t count = 0;
    for (int64_t row = 0; row < out->rows; row++)
        count += missing[row];
    out->null_count = count;
    if (count == 0)
        return 0;
    size_t size = (size_t)((out->rows + 7) / 8);
    uint8_t *bits = new_slice(&out->validity, size, error);
    if (!bits)
        return -1;
    memset(bits, 0, size);
    for (int64_t row = 0; row < out->rows; row++)
        if (!missing[row])
            weir_bit_set(bits, row);
    return 0;
}

static void mark_nulls(const struct weir_column *in, uint8_t *missing)
{
    if (in->rows > 0)
        memset(missing, 0, (size_t)in->rows);
    if (in->validity.size == 0)
        return;
    for (int64_t first = 0; first < in->rows; first += 64)
        for (uint64_t unset = weir_bits_unset(in->validity.bytes, first, in->rows); unset; unset &= unset - 1)
            missing[first + __builtin_ctzll(unset)] = 1;
}

static void drop_missing(struct clean_applying *applying, struct clean_work *work, const uint8_t *missing, int64_t rows)
{
    for (int64_t row = 0; row < rows; row++)
        if (missing[row])
            work->counts.dropped_missing += weir_give_reason(applying->reasons, row, work->missing_reason);
}

/* ---- Numbers and times ------------------------------------------------------------------------------------------ */

WEIR_CLONES static bool all_finite(const struct weir_column *in, enum weir_kind kind)
{
    bool good = true;
    if (kind == WEIR_FLOAT64) { /* by their bits, as whole numbers, of which the compiler makes vectors */
        const double most = DBL_MAX;
        int64_t bad = 0, most_bits;
        memcpy(&most_bits, &most, sizeof most_bits);
        for (int64_t i = 0; i < in->rows; i++) {
            int64_t bits;
            memcpy(&bits, in->values.bytes + 8 * i, sizeof bits);
            bad |= -(int64_t)((bits & INT64_MAX) > most_bits);
        }
        good = bad == 0;
    } else if (kind == WEIR_FLOAT32) {
        const float *x = (const float *)(const void *)in->values.bytes;
        for (int64_t i = 0; i < in->rows; i++)
            good &= fabsf(x[i]) <= FLT_MAX;
    }
    return good;
}

/* One value of the output's type, as bytes. */
static size_t to_bytes(enum weir_kind kind, double real, int64_t integer, uint8_t bytes[8])
{
    float single = (float)real;
    if (kind == WEIR_FLOAT64)
        memcpy(bytes, &real, 8);
    else if (kind == WEIR_FLOAT32)
        memcpy(bytes, &single, 4);
    else
        weir_store_u64(bytes, (uint64_t)integer);
    return (size_t)weir_kind_width(kind);
}

/* Puts a number that was clipped at a bound into its place. */
static void store_clipped(uint8_t *values, enum weir_kind kind, int64_t row, double number)
{
    uint8_t bytes[8];
    double low, high;
    int64_t integer = 0;
    if (!weir_kind_is_float(kind)) {
        if (weir_kind_is_integer(kind)) {
            weir_clean_values_integer_range(kind, &low, &high);
            number = number < low ? low : number > high ? high : number;
        }
        integer = kind == WEIR_UINT64 && number >= 9223372036854775808.0
                      ? (int64_t)(uint64_t)(number < 18446744073709551615.0 ? number : 18446744073709549568.0)
                      : weir_clean_values_nearest(number);
    }
    size_t width = to_bytes(kind, number, integer, bytes);
    memcpy(values + (size_t)row * width, bytes, width);
}

/* A number for which a rule holds: taken away, clipped, or its row dropped. True when it is missing now. */
static bool apply_range(struct clean_applying *applying, struct clean_work *work, enum weir_kind kind, int64_t row,
                        double *number)
{
    const struct clean_column *column = work->column;
    enum clean_action action = applying->self->settings.bad_value;
    double before = *number;
    bool fine = weir_clean_values_number_fine(column, action, kind, number);
    if (fine && *number == before)
        return false;
    if (!fine && action == CLEAN_TO_DROP) {
        work->counts.dropped_bad += weir_give_reason(applying->reasons, row, work->bad_reason);
        return false;
    }
    *(column->ranged && !(before >= column->low && before <= column->high) ? &work->counts.out_of_range
                                                                           : &work->counts.not_allowed) += 1;
    return !fine;
}

static bool apply_outlier(struct clean_applying *applying, struct clean_work *work, int64_t row, double *number)
{
    const struct clean_column *column = work->column;
    switch (applying->self->settings.outlier_action) {
    case CLEAN_TO_DROP: /* rows of a replay are never judged by what training left out */
        if (!applying->replay)
            work->counts.dropped_outlier += weir_give_reason(applying->reasons, row, work->outlier_reason);
        return false;
    case CLEAN_TO_CLIP:
        work->counts.outliers++;
        *number = *number < column->lower ? column->lower : column->upper;
        return false;
    default:
        work->counts.outliers++;
        return true;
    }
}

static int apply_rules(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                       enum weir_kind out_kind, uint8_t *values, uint8_t *missing, struct weir_error *error)
{
    const struct clean_column *column = work->column;
    int64_t not_there;
    if (weir_scratch_numbers(&applying->scratch, in, work->type.kind, &not_there, error) < 0)
        return -1;
    double *numbers = applying->scratch.numbers;
    bool bounded = column->ranged || column->allowed.count > 0;
    for (int64_t row = 0; row < in->rows; row++) {
        double number = numbers[row];
        missing[row] = isnan(number);
        if (missing[row])
            continue;
        if (column->means_missing.count > 0 && weir_clean_values_is_among(&column->means_missing, number)) {
            missing[row] = 1;
            work->counts.meant_missing++;
            continue;
        }
        if (bounded)
            missing[row] = apply_range(applying, work, out_kind, row, &number);
        if (!missing[row] && (number < column->lower || number > column->upper))
            missing[row] = apply_outlier(applying, work, row, &number);
        if (number != numbers[row])
            store_clipped(values, out_kind, row, number);
    }
    return 0;
}

static void fill_missing(struct clean_work *work, enum weir_kind kind, uint8_t *values, const uint8_t *missing,
                         int64_t rows)
{
    const struct clean_column *column = work->column;
    bool real = weir_kind_is_float(column->type.kind);
    uint8_t bytes[8];
    size_t width = to_bytes(kind, real ? column->fill.real : (double)column->fill.integer,
                            real ? weir_clean_values_nearest(column->fill.real) : column->fill.integer, bytes);
    for (int64_t row = 0; row < rows;) {
        if (rows - row >= 8 && weir_load_u64(missing + row) == 0) {
            row += 8;
            continue;
        }
        if (missing[row]) {
            memcpy(values + (size_t)row * width, bytes, width);
            work->counts.filled++;
        }
        row++;
    }
}

static int copy_values(const struct clean_work *work, const struct weir_column *in, struct weir_column *out,
                       enum weir_kind kind, struct weir_error *error)
{
    size_t size = (size_t)in->rows * (size_t)weir_kind_width(kind);
    uint8_t *values = new_slice(&out->values, size, error);
    if (!values)
        return -1;
    out->rows = in->rows;
    if (kind != work->type.kind)
        return weir_numbers(in, work->type.kind, (double *)(void *)values, error);
    if (size > 0)
        memcpy(values, in->values.bytes, size);
    return 0;
}

int weir_clean_values_apply_number(struct clean_applying *applying, struct clean_work *work,
                                   const struct weir_column *in, struct weir_column *out, uint8_t *was_missing,
                                   struct weir_error *error)
{
    const struct clean_column *column = work->column;
    enum weir_kind kind = work->widened ? WEIR_FLOAT64 : work->type.kind;
    bool finite = all_finite(in, work->type.kind);
    bool rules = column->ranged || column->allowed.count > 0 || column->means_missing.count > 0 || column->outliers;
    if (in->null_count == 0 && finite && !rules && !work->widened)
        return share(out, in, error);
    uint8_t *missing = weir_allocate((size_t)in->rows, 1);
    if (!missing)
        return weir_fail_memory(error);
    int result = copy_values(work, in, out, kind, error);
    uint8_t *values = result == 0 ? out->values.block->bytes : NULL;
    if (result == 0 && (rules || !finite))
        result = apply_rules(applying, work, in, kind, values, missing, error);
    else
        mark_nulls(in, missing);
    if (was_missing && in->rows > 0)
        memcpy(was_missing, missing, (size_t)in->rows);
    if (result == 0 && column->rule != CLEAN_DROP && column->rule != CLEAN_KEEP && column->fill.known) {
        fill_missing(work, kind, values, missing, in->rows);
    } else if (result == 0) {
        if (column->rule == CLEAN_DROP)
            drop_missing(applying, work, missing, in->rows);
        result = make_validity(out, missing, error);
    }
    free(missing);
    return result;
}

/* ---- Bool and tensors ------------------------------------------------------------------------------------------- */

int weir_clean_values_apply_bool(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                                 struct weir_column *out, uint8_t *was_missing, struct weir_error *error)
{
    const struct clean_column *column = work->column;
    if (column->rule == CLEAN_DROP || column->rule == CLEAN_KEEP || !column->fill.known || in->null_count == 0)
        return weir_clean_values_apply_tensor(applying, work, in, out, was_missing, error);
    size_t size = (size_t)((in->rows + 7) / 8);
    uint8_t *bits = new_slice(&out->values, size, error);
    if (!bits)
        return -1;
    memset(bits, 0, size);
    out->rows = in->rows;
    for (int64_t row = 0; row < in->rows; row++) {
        bool present = weir_valid(in, row);
        if (present ? weir_bit(in->values.bytes, row) : (int)column->fill.integer)
            weir_bit_set(bits, row);
        work->counts.filled += !present;
        if (was_missing)
            was_missing[row] = !present;
    }
    return 0;
}

/* What cannot be filled: passed on, missing ones kept or their rows dropped. */
int weir_clean_values_apply_tensor(struct clean_applying *applying, struct clean_work *work,
                                   const struct weir_column *in, struct weir_column *out, uint8_t *was_missing,
                                   struct weir_error *error)
{
    bool nothing = work->type.kind == WEIR_NULL;
    for (int64_t row = 0; (nothing || in->null_count > 0) && row < in->rows; row++) {
        if (!nothing && weir_valid(in, row))
            continue;
        if (work->column->rule == CLEAN_DROP)
            work->counts.dropped_missing += weir_give_reason(applying->reasons, row, work->missing_reason);
        if (was_missing)
            was_missing[row] = 1;
    }
    return share(out, in, error);
}
