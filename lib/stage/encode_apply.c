#include "stage/derive.h"
#include "stage/encode_private.h"
#include "stage/options.h"
#include "stage/plan_json.h"
#include <float.h>
#include <math.h>

/* One column that is encoded. */
struct work {
    const struct weir_encode_column *column;
    struct weir_type type; /* as it is in the input; borrowed from `in` */
    int from, to;          /* index in the input and in the output; to is -1 when it is removed */
    int64_t unknown;       /* values that learning had not kept */
};

struct applying {
    struct weir_schema in;
    struct work *works;
    size_t count;
    int *target; /* [in.count]: index in the output of a column that is passed on, or -1 */
    struct weir_scratch scratch;
    int32_t *codes;
    size_t codes_capacity;
    int64_t rows; /* that went by */
};

/* ---- Binding ------------------------------------------------------------------------------------------------ */

/* Dates and timestamps are moments; a time of day and a duration each something else. */
static bool same_time(enum weir_kind a, enum weir_kind b)
{
    bool time_a = a == WEIR_TIME32 || a == WEIR_TIME64, time_b = b == WEIR_TIME32 || b == WEIR_TIME64;
    return time_a == time_b && (a == WEIR_DURATION) == (b == WEIR_DURATION);
}

static bool compatible(const struct weir_type *now, const struct weir_type *learned)
{
    if (now->kind == WEIR_NULL)
        return true;
    if (weir_encode_is_text(learned))
        return weir_encode_is_text(now);
    if (weir_encode_is_number(learned))
        return weir_encode_is_number(now);
    if (weir_encode_is_time(learned))
        return weir_encode_is_time(now) && same_time(now->kind, learned->kind);
    return now->kind == learned->kind;
}

static bool is_vector(const struct weir_encode_column *column)
{
    return column->form == WEIR_ENCODE_CATEGORY || column->form == WEIR_ENCODE_HASH ||
           column->form == WEIR_ENCODE_CYCLIC || (column->form == WEIR_ENCODE_TARGET && column->width > 1);
}

static int encode_field(const struct weir_encode_column *column, struct weir_field *field, struct weir_error *error)
{
    if (!is_vector(column)) {
        weir_type_release(&field->type);
        field->type = (struct weir_type){ .kind = WEIR_FLOAT32 };
        return 0;
    }
    json_t *slots = weir_encode_slots_json(column);
    struct weir_buffer text = { 0 };
    int result = slots ? weir_json_dump_new(slots, WEIR_JSON_KEPT, &text, error) : weir_fail_memory(error);
    if (result == 0 && (weir_field_make_tensor(field, WEIR_FLOAT32, column->width, 0, NULL) < 0 ||
                        weir_metadata_set(&field->metadata, "weir:categories", text.bytes) < 0))
        result = weir_fail_memory(error);
    weir_buffer_release(&text);
    return result;
}

static int find_columns(const struct weir_encode *self, struct applying *applying, struct weir_error *error)
{
    struct weir_schema_index index = { 0 };
    struct weir_absent absent = { 0 };
    int result = weir_schema_index_init(&index, &applying->in) < 0 ? weir_fail_memory(error) : 0;
    for (size_t i = 0; result == 0 && i < self->count; i++) {
        const struct weir_encode_column *column = &self->encoded[i];
        int at = weir_schema_index_find(&index, column->name);
        if (at < 0) {
            if (column->form != WEIR_ENCODE_REMOVED)
                weir_absent_add(&absent, column->name);
            continue;
        }
        struct weir_field *field = &applying->in.fields[at];
        if (column->form != WEIR_ENCODE_REMOVED && !compatible(&field->type, &column->type))
            result = weir_fail_type(error, "encode", field, &column->type);
        applying->works[applying->count++] = (struct work){ column, field->type, at, -1, 0 };
        applying->target[at] = -1;
    }
    weir_schema_index_release(&index);
    if (result < 0)
        weir_buffer_release(&absent.names);
    return result < 0 ? -1 : weir_absent_fail(&absent, "encode", error);
}

int weir_encode_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct weir_encode *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying || weir_schema_copy(&applying->in, in) < 0 || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    applying->works = weir_allocate_zero(self->count, sizeof *applying->works);
    applying->target = weir_allocate((size_t)in->count, sizeof *applying->target);
    int *work_of = weir_allocate((size_t)in->count, sizeof *work_of);
    if (!applying->works || !applying->target || !work_of) {
        free(work_of);
        return weir_fail_memory(error);
    }
    for (int i = 0; i < in->count; i++)
        applying->target[i] = work_of[i] = -1;
    int result = find_columns(self, applying, error);
    for (size_t i = 0; i < applying->count; i++)
        work_of[applying->works[i].from] = (int)i;
    int kept = 0;
    for (int i = 0; result == 0 && i < in->count; i++) {
        struct work *work = work_of[i] >= 0 ? &applying->works[work_of[i]] : NULL;
        if (work && work->column->form == WEIR_ENCODE_REMOVED) {
            weir_schema_remove(&binding->out, kept);
            continue;
        }
        if (work) {
            work->to = kept;
            result = encode_field(work->column, &binding->out.fields[kept], error);
        } else {
            applying->target[i] = kept;
        }
        kept++;
    }
    free(work_of);
    return result;
}

void weir_encode_unbind(struct weir_binding *binding)
{
    struct applying *applying = binding->state;
    if (!applying)
        return;
    weir_schema_release(&applying->in);
    weir_scratch_release(&applying->scratch);
    free(applying->works);
    free(applying->target);
    free(applying->codes);
    free(applying);
}

/* "12 values unknown (9 in 'city', 3 in 'plan')" */
static void summarize_unknown(const struct weir_binding *binding, struct weir_buffer *out)
{
    enum { SHOWN = 5 };
    const struct applying *applying = binding->state;
    int64_t unknown = 0;
    int shown = 0;
    for (size_t i = 0; i < applying->count; i++)
        unknown += applying->works[i].unknown;
    if (unknown == 0)
        return;
    weir_buffer_format(out, ", %lld value%s %s (", (long long)unknown, unknown == 1 ? "" : "s",
                       binding->mode == WEIR_AS_LEARNED ? "pooled as rare" : "unknown");
    for (size_t i = 0; i < applying->count; i++)
        if (applying->works[i].unknown > 0 && ++shown <= SHOWN)
            weir_buffer_format(out, "%s%lld in %s", shown > 1 ? ", " : "", (long long)applying->works[i].unknown,
                               WEIR_SHOW(applying->works[i].column->name));
    weir_buffer_string(out, shown > SHOWN ? " and more)" : ")");
}

void weir_encode_summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    enum { SHOWN = 5 };
    const struct applying *applying = binding->state;
    int removed = 0;
    weir_buffer_format(out, "%zu column%s", applying->count, applying->count == 1 ? "" : "s");
    for (size_t i = 0; i < applying->count; i++) {
        const struct weir_encode_column *column = applying->works[i].column;
        if (column->form == WEIR_ENCODE_REMOVED && removed++ < SHOWN)
            weir_buffer_format(out, "%s%s", removed == 1 ? ", left out as constant: " : " ", WEIR_SHOW(column->name));
    }
    if (removed > SHOWN)
        weir_buffer_format(out, " and %d more", removed - SHOWN);
    summarize_unknown(binding, out);
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

/* What is no finite float32 becomes 0. */
static float narrow(double x)
{
    return fabs(x) <= FLT_MAX ? (float)x : 0;
}

/* out[rows][width], zeros, of one number (float32) or more (a fixed list). */
static float *new_column(struct weir_column *out, const struct weir_encode_column *column, int64_t rows,
                         struct weir_error *error)
{
    bool lists = is_vector(column);
    out->rows = rows;
    float *floats = lists ? weir_derive_lists(out, rows, column->width, sizeof *floats, NULL)
                          : weir_slice_new(&out->values, (size_t)rows, sizeof *floats);
    if (floats)
        memset(floats, 0, lists ? out->children[0].values.size : out->values.size);
    else
        weir_fail_memory(error);
    return floats;
}

/* The rows that are missing in the input are missing in the output. */
static int keep_missing(struct weir_column *out, const struct weir_column *in, const struct weir_type *type,
                        struct weir_error *error)
{
    out->null_count = in->null_count;
    if (type->kind != WEIR_NULL) {
        if (in->null_count > 0)
            out->validity = weir_slice_share(&in->validity);
        return 0;
    }
    uint8_t *bits = weir_slice_new(&out->validity, (size_t)((in->rows + 7) / 8), 1);
    if (!bits)
        return weir_fail_memory(error);
    memset(bits, 0, out->validity.size);
    out->null_count = in->rows;
    return 0;
}

static int find_codes(struct applying *applying, struct work *work, const struct weir_column *in,
                      struct weir_error *error)
{
    void *codes = applying->codes;
    if (weir_grow(&codes, &applying->codes_capacity, (size_t)in->rows, sizeof *applying->codes) < 0)
        return weir_fail_memory(error);
    applying->codes = codes;
    return weir_encode_column_codes(work->column, in, &work->type, applying->codes, &work->unknown, error);
}

static int apply_category(struct applying *applying, struct work *work, const struct weir_column *in,
                          struct weir_column *out, struct weir_error *error)
{
    int64_t width = work->column->width;
    if (find_codes(applying, work, in, error) < 0)
        return -1;
    float *slots = new_column(out, work->column, in->rows, error);
    if (!slots)
        return -1;
    for (int64_t row = 0; row < in->rows; row++)
        slots[row * width + applying->codes[row]] = 1;
    return 0;
}

/* What was missing in an ordinal column, also behind a dictionary's code. */
static int drop_missing(const struct applying *applying, const struct work *work, struct weir_column *out,
                        struct weir_error *error)
{
    const int32_t *codes = applying->codes, missing = work->column->missing;
    for (int64_t row = 0; row < out->rows; row++)
        out->null_count += codes[row] == missing;
    if (out->null_count == 0)
        return 0;
    uint8_t *bits = weir_slice_new(&out->validity, (size_t)((out->rows + 7) / 8), 1);
    if (!bits)
        return weir_fail_memory(error);
    memset(bits, 0, out->validity.size);
    for (int64_t row = 0; row < out->rows; row++)
        if (codes[row] != missing)
            weir_bit_set(bits, row);
    return 0;
}

/* Codes become what the table says; the rows that a target column was learned from get what the other folds say. */
static int apply_table(const struct weir_binding *binding, struct work *work, const struct weir_column *in,
                       struct weir_column *out, struct weir_error *error)
{
    struct applying *applying = binding->state;
    const struct weir_encode_column *column = work->column;
    size_t width = (size_t)column->width, size = (size_t)weir_encode_codes_of(column) * width;
    bool by_fold = binding->mode == WEIR_AS_LEARNED && column->fold_tables;
    if (find_codes(applying, work, in, error) < 0)
        return -1;
    float *values = new_column(out, column, in->rows, error);
    if (!values)
        return -1;
    for (int64_t row = 0; row < in->rows; row++) {
        const double *table = column->table;
        if (by_fold)
            table = column->fold_tables + (size_t)((applying->rows + row) % column->sums.folds) * size;
        for (size_t i = 0; i < width; i++)
            values[(size_t)row * width + i] = narrow(table[(size_t)applying->codes[row] * width + i]);
    }
    return column->form == WEIR_ENCODE_ORDINAL ? drop_missing(applying, work, out, error) : 0;
}

static int apply_hash(struct work *work, const struct weir_column *in, struct weir_column *out,
                      struct weir_error *error)
{
    int width = work->column->width;
    struct weir_encode_texts texts;
    float *slots = new_column(out, work->column, in->rows, error);
    if (!slots || weir_encode_texts_open(&texts, in, &work->type, error) < 0)
        return -1;
    for (int64_t row = 0; row < in->rows; row++) {
        size_t length;
        float sign;
        const char *text = weir_encode_text(&texts, row, &length);
        if (text) {
            int64_t slot = weir_encode_hash_slot(text, length, width, &sign);
            slots[row * width + slot] = sign;
        }
    }
    weir_encode_texts_close(&texts);
    return 0;
}

static int apply_cyclic(struct work *work, const struct weir_column *in, struct weir_column *out,
                        struct weir_error *error)
{
    float *slots = new_column(out, work->column, in->rows, error);
    if (!slots || weir_encode_cyclic(work->column, in, &work->type, slots, error) < 0)
        return -1;
    return keep_missing(out, in, &work->type, error);
}

static int apply_number(struct applying *applying, struct work *work, const struct weir_column *in,
                        struct weir_column *out, struct weir_error *error)
{
    if (work->type.kind == WEIR_BOOL || work->type.kind == WEIR_NULL) {
        if (weir_scratch_reserve(&applying->scratch, in->rows, error) < 0 ||
            weir_numbers(in, work->type.kind, applying->scratch.numbers, error) < 0)
            return -1;
    } else if (weir_encode_days(&applying->scratch, in, &work->type, error) < 0) {
        return -1;
    }
    float *values = new_column(out, work->column, in->rows, error);
    if (!values)
        return -1;
    const double *x = applying->scratch.numbers;
    double center = work->column->center, deviation = work->column->deviation;
    for (int64_t row = 0; row < in->rows; row++)
        values[row] = narrow((x[row] - center) / deviation);
    return keep_missing(out, in, &work->type, error);
}

static int apply_work(const struct weir_binding *binding, struct work *work, const struct weir_column *in,
                      struct weir_column *out, struct weir_error *error)
{
    switch (work->column->form) {
    case WEIR_ENCODE_CATEGORY:
        return apply_category(binding->state, work, in, out, error);
    case WEIR_ENCODE_HASH:
        return apply_hash(work, in, out, error);
    case WEIR_ENCODE_CYCLIC:
        return apply_cyclic(work, in, out, error);
    case WEIR_ENCODE_NUMBER:
        return apply_number(binding->state, work, in, out, error);
    default:
        return apply_table(binding, work, in, out, error);
    }
}

int weir_encode_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_reasons *reasons, struct weir_error *error)
{
    (void)reasons;
    struct applying *applying = binding->state;
    if (weir_batch_init(out, binding->out.count, in->rows) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < in->count; i++)
        if (applying->target[i] >= 0 && weir_column_share(&out->columns[applying->target[i]], &in->columns[i]) < 0)
            return weir_fail_memory(error);
    for (size_t i = 0; i < applying->count; i++) {
        struct work *work = &applying->works[i];
        if (work->to < 0)
            continue;
        if (apply_work(binding, work, &in->columns[work->from], &out->columns[work->to], error) < 0)
            return -1;
    }
    applying->rows += in->rows;
    return 0;
}
