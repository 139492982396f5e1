#include "math/clones.h"
#include "stage/derive.h"
#include "stage/normalize_private.h"
#include "stage/options.h"
#include <float.h>
#include <math.h>

/* One column of the input that is changed. */
struct work {
    const struct weir_normalize_column *column;
    int at;                /* in the input and in the output */
    enum weir_kind number; /* of the value, or of the tensor's values */
    char *reason;          /* "'age' is not a finite number" */
};

struct applying {
    struct work *works;
    size_t count;
    struct weir_scratch scratch, lengths;
    bool unit_scalars;
    int64_t rows;           /* of the batches before this one, for messages */
    int64_t became_missing; /* NaN that were not marked as missing */
};

static bool is_scalar(const struct work *work)
{
    return work->column->type.kind != WEIR_FIXED_LIST;
}

/* ---- Binding ------------------------------------------------------------------------------------------------ */

static int bind_field(struct work *work, struct weir_field *field, struct weir_error *error)
{
    const struct weir_type *learned = &work->column->type;
    if (is_scalar(work)) {
        work->number = field->type.kind;
        if (!weir_kind_is_integer(work->number) && !weir_kind_is_float(work->number))
            return weir_fail_type(error, "normalize", field, learned);
        weir_type_release(&field->type);
        field->type = (struct weir_type){ .kind = WEIR_FLOAT32 };
    } else {
        if (field->type.kind != WEIR_FIXED_LIST || field->type.list_size != learned->list_size)
            return weir_fail_type(error, "normalize", field, learned);
        work->number = field->type.children[0].type.kind;
        if (!weir_kind_is_integer(work->number) && !weir_kind_is_float(work->number))
            return weir_fail_type(error, "normalize", field, learned);
        field->type.children[0].type.kind = WEIR_FLOAT32;
    }
    struct weir_buffer reason = { 0 };
    weir_buffer_format(&reason, "%s is not a finite number", WEIR_SHOW(work->column->name));
    work->reason = reason.bytes;
    return weir_buffer_check(&reason, error);
}

int weir_normalize_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct weir_normalize *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    applying->works = weir_allocate_zero(self->count, sizeof *applying->works);
    if (!applying->works)
        return weir_fail_memory(error);
    struct weir_absent absent = { 0 };
    struct weir_schema_index index = { 0 };
    int result = weir_schema_index_init(&index, in) < 0 ? weir_fail_memory(error) : 0;
    for (size_t i = 0; result == 0 && i < self->count; i++) {
        int at = weir_schema_index_find(&index, self->columns[i].name);
        if (at < 0) {
            weir_absent_add(&absent, self->columns[i].name);
            continue;
        }
        struct work *work = &applying->works[applying->count++];
        work->column = &self->columns[i];
        work->at = at;
        result = bind_field(work, &binding->out.fields[at], error);
        applying->unit_scalars |= work->column->method == WEIR_NORMALIZE_UNIT && is_scalar(work);
    }
    weir_schema_index_release(&index);
    if (result < 0)
        weir_buffer_release(&absent.names);
    return result < 0 ? -1 : weir_absent_fail(&absent, "normalize", error);
}

void weir_normalize_unbind(struct weir_binding *binding)
{
    struct applying *applying = binding->state;
    if (!applying)
        return;
    for (size_t i = 0; i < applying->count; i++)
        free(applying->works[i].reason);
    free(applying->works);
    weir_scratch_release(&applying->scratch);
    weir_scratch_release(&applying->lengths);
    free(applying);
}

void weir_normalize_summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct weir_normalize *self = binding->stage->state;
    const struct applying *applying = binding->state;
    size_t constant = 0, empty = 0;
    for (size_t i = 0; i < self->count; i++) {
        constant += self->columns[i].deviation == 0 && !self->columns[i].empty;
        empty += self->columns[i].empty;
    }
    weir_buffer_format(out, "%zu column%s", applying->count, applying->count == 1 ? "" : "s");
    if (constant > 0)
        weir_buffer_format(out, ", %zu of them constant", constant);
    if (empty > 0)
        weir_buffer_format(out, ", %zu without a number", empty);
    if (applying->became_missing > 0)
        weir_buffer_format(out, ", %lld NaN became missing", (long long)applying->became_missing);
}

/* ---- Kernels: out[i] = (x[i] - center) / deviation; what is no number becomes 0 and is counted ---------------- */

/* Compared by their bits, as whole numbers: of a condition on the numbers the compiler makes a branch, and no vectors.
 */
WEIR_CLONES static int64_t shift_and_divide(const double *x, int64_t count, double center, double deviation, float *out)
{
    const double most = FLT_MAX;
    int64_t bad = 0, most_bits;
    memcpy(&most_bits, &most, sizeof most_bits);
    for (int64_t i = 0; i < count; i++) {
        double y = (x[i] - center) / deviation;
        int64_t bits;
        memcpy(&bits, &y, sizeof bits);
        int64_t good = -(int64_t)((bits & INT64_MAX) <= most_bits); /* all bits or none */
        bits &= good;
        memcpy(&y, &bits, sizeof y);
        out[i] = (float)y;
        bad += 1 + good;
    }
    return bad;
}

/* A constant column: 0 for every number. */
static int64_t zero(const double *x, int64_t count, float *out)
{
    int64_t bad = 0;
    for (int64_t i = 0; i < count; i++) {
        out[i] = 0;
        bad += !(fabs(x[i]) <= DBL_MAX);
    }
    return bad;
}

static int64_t divide_bytes(const uint8_t *x, int64_t count, float divisor, float *out)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = (float)x[i] / divisor;
    return 0;
}

static int64_t divide_by_lengths(const double *x, const double *squares, int64_t count, float *out)
{
    int64_t bad = 0;
    for (int64_t i = 0; i < count; i++) {
        double length = sqrt(squares[i]), y = length > 0 ? x[i] / length : x[i];
        bool good = fabs(y) <= FLT_MAX;
        out[i] = good ? (float)y : 0;
        bad += !good;
    }
    return bad;
}

/* ---- Columns ------------------------------------------------------------------------------------------------ */

/* Whether the kernels make a number of x, which stands in that row. */
static bool gives_number(const struct applying *applying, const struct weir_normalize_column *column, int64_t row,
                         double x)
{
    if (column->method == WEIR_NORMALIZE_UNIT) {
        double length = sqrt(applying->lengths.numbers[row]);
        return fabs(length > 0 ? x / length : x) <= (double)FLT_MAX;
    }
    if (column->deviation == 0)
        return fabs(x) <= DBL_MAX;
    return fabs((x - column->center) / column->deviation) <= (double)FLT_MAX;
}

/* Some of the numbers are none, and not all of them are marked as missing: NaN is marked now, an infinity (or a number
 * that leaves float32's range) is an error or the reason of its row. */
static int mark(struct applying *applying, const struct work *work, const struct weir_column *in, const double *x,
                struct weir_column *out, struct weir_reasons *reasons, struct weir_error *error)
{
    uint8_t *bits = weir_slice_new(&out->validity, (size_t)((in->rows + 7) / 8), 1);
    if (!bits)
        return weir_fail_memory(error);
    memset(bits, 0, out->validity.size);
    out->null_count = 0;
    const struct weir_normalize_column *column = work->column;
    for (int64_t row = 0; row < in->rows; row++) {
        bool present = weir_valid(in, row), number = !isnan(x[row]);
        if (present && gives_number(applying, column, row, x[row])) {
            weir_bit_set(bits, row);
            continue;
        }
        out->null_count++;
        applying->became_missing += present && !number;
        if (!present || !number)
            continue;
        if (!reasons)
            return weir_fail(error, WEIR_BAD_DATA,
                             "column %s, row %lld: a number that is infinite or out of float32's range; clean, put in "
                             "front, takes infinite ones as missing",
                             WEIR_SHOW(column->name), (long long)(applying->rows + row + 1));
        weir_give_reason(reasons, row, work->reason);
    }
    return 0;
}

static int apply_scalar(struct applying *applying, const struct work *work, const struct weir_column *in,
                        struct weir_column *out, struct weir_reasons *reasons, struct weir_error *error)
{
    const struct weir_normalize_column *column = work->column;
    const double *x = weir_scratch_view(&applying->scratch, in, work->number, error);
    if (!x)
        return -1;
    float *y = weir_slice_new(&out->values, (size_t)in->rows, sizeof *y);
    if (!y)
        return weir_fail_memory(error);
    int64_t bad;
    if (column->method == WEIR_NORMALIZE_UNIT)
        bad = divide_by_lengths(x, applying->lengths.numbers, in->rows, y);
    else if (column->deviation == 0)
        bad = zero(x, in->rows, y);
    else
        bad = shift_and_divide(x, in->rows, column->center, column->deviation, y);
    out->rows = in->rows;
    if (bad != in->null_count)
        return mark(applying, work, in, x, out, reasons, error);
    out->null_count = in->null_count;
    if (in->null_count > 0)
        out->validity = weir_slice_share(&in->validity);
    return 0;
}

/* A tensor is one thing: it is missing as a whole, and a NaN or an infinity in it makes it worthless. */
static int apply_tensor(struct applying *applying, const struct work *work, const struct weir_column *in,
                        struct weir_column *out, struct weir_reasons *reasons, struct weir_error *error)
{
    const struct weir_normalize_column *column = work->column;
    int64_t size = column->type.list_size;
    float *y = weir_derive_lists(out, in->rows, size, sizeof *y, in);
    if (!y)
        return weir_fail_memory(error);
    if (work->number == WEIR_UINT8 && column->method == WEIR_NORMALIZE_SCALE && in->children[0].null_count == 0 &&
        (double)(float)column->deviation == column->deviation) {
        divide_bytes(in->children[0].values.bytes, in->rows * size, (float)column->deviation, y);
        return 0;
    }
    struct weir_type number = { .kind = work->number };
    for (int64_t row = 0; row < in->rows && size > 0; row++) {
        struct weir_column part = { 0 };
        if (weir_column_slice(&part, &in->children[0], &number, row * size, size) < 0)
            return weir_fail_memory(error);
        int result = weir_scratch_reserve(&applying->scratch, size, error);
        if (result == 0)
            result = weir_numbers(&part, work->number, applying->scratch.numbers, error);
        weir_column_release(&part);
        if (result < 0)
            return -1;
        const double *x = applying->scratch.numbers;
        float *y_row = y + row * size;
        int64_t bad;
        if (column->method == WEIR_NORMALIZE_UNIT) {
            double squares = 0;
            for (int64_t i = 0; i < size; i++)
                squares += x[i] * x[i];
            double length = sqrt(squares);
            bad = shift_and_divide(x, size, 0, length > 0 ? length : 1, y_row);
        } else if (column->deviation == 0) {
            bad = zero(x, size, y_row);
        } else {
            bad = shift_and_divide(x, size, column->center, column->deviation, y_row);
        }
        if (bad == 0 || !weir_valid(in, row))
            continue;
        if (!reasons)
            return weir_fail(error, WEIR_BAD_DATA,
                             "column %s, row %lld: the tensor holds a value that is missing or not a finite number",
                             WEIR_SHOW(column->name), (long long)(applying->rows + row + 1));
        weir_give_reason(reasons, row, work->reason);
    }
    return 0;
}

static int measure_lengths(struct applying *applying, const struct weir_batch *in, struct weir_error *error)
{
    if (weir_scratch_reserve(&applying->lengths, in->rows, error) < 0 ||
        weir_scratch_reserve(&applying->scratch, in->rows, error) < 0)
        return -1;
    double *squares = applying->lengths.numbers, *x = applying->scratch.numbers;
    for (int64_t row = 0; row < in->rows; row++)
        squares[row] = 0;
    for (size_t i = 0; i < applying->count; i++) {
        const struct work *work = &applying->works[i];
        if (work->column->method != WEIR_NORMALIZE_UNIT || !is_scalar(work))
            continue;
        if (weir_numbers(&in->columns[work->at], work->number, x, error) < 0)
            return -1;
        for (int64_t row = 0; row < in->rows; row++)
            squares[row] += isnan(x[row]) ? 0 : x[row] * x[row];
    }
    return 0;
}

int weir_normalize_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                         struct weir_reasons *reasons, struct weir_error *error)
{
    struct applying *applying = binding->state;
    if (weir_batch_share(out, in) < 0)
        return weir_fail_memory(error);
    if (applying->unit_scalars && measure_lengths(applying, in, error) < 0)
        return -1;
    for (size_t i = 0; i < applying->count; i++) {
        const struct work *work = &applying->works[i];
        struct weir_column *to = &out->columns[work->at];
        weir_column_release(to);
        int result = is_scalar(work) ? apply_scalar(applying, work, &in->columns[work->at], to, reasons, error)
                                     : apply_tensor(applying, work, &in->columns[work->at], to, reasons, error);
        if (result < 0)
            return -1;
    }
    applying->rows += in->rows;
    return 0;
}
