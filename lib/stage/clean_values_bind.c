/* clean, its values: the rules put to the columns of a schema, and a batch through them. */
#include "stage/clean_values_private.h"
#include <float.h>
#include <math.h>

/* ---- Binding ------------------------------------------------------------------------------------------------ */

static bool compatible(const struct clean_column *column, const struct weir_type *now)
{
    enum clean_class class = weir_clean_values_class_of(now);
    if (column->class == CLEAN_NOTHING || column->class == CLEAN_OTHER)
        return true;
    if (class != column->class)
        return false;
    return class != CLEAN_TIME || (now->kind == column->type.kind && now->unit == column->type.unit);
}

static char *make_reason(const char *name, const char *what)
{
    struct weir_buffer text = { 0 };
    weir_buffer_format(&text, "%s %s", WEIR_SHOW(name), what);
    if (text.failed)
        weir_buffer_release(&text);
    return text.bytes;
}

/* A column whose fill it cannot hold, since it was learned as one of another type. */
static bool must_widen(const struct clean_work *work)
{
    const struct clean_column *column = work->column;
    if (column->class != CLEAN_NUMBER || !column->fill.known)
        return false;
    double low, high, fill = weir_kind_is_float(column->type.kind) ? column->fill.real : (double)column->fill.integer;
    if (!weir_kind_is_integer(work->type.kind))
        return work->type.kind == WEIR_FLOAT32 && fabs(fill) > (double)FLT_MAX;
    weir_clean_values_integer_range(work->type.kind, &low, &high);
    return fill != nearbyint(fill) || fill < low || fill > high;
}

static int bind_work(struct clean_applying *applying, const struct clean_column *column, int from,
                     struct weir_error *error)
{
    struct clean_work *work = &applying->works[applying->count];
    const struct weir_field *field = &applying->in.fields[from];
    *work = (struct clean_work){ .column = column, .type = field->type, .from = from, .to = -1, .flag = -1 };
    applying->count++;
    applying->target[from] = -1;
    if (column->removal != CLEAN_KEPT)
        return 0;
    if (!compatible(column, &field->type))
        return weir_fail_type(error, "clean", field, &column->type);
    work->widened = must_widen(work);
    work->missing_reason = make_reason(column->name, "is missing");
    work->bad_reason = make_reason(column->name, column->ranged ? "is out of range" : "is no allowed value");
    work->outlier_reason = make_reason(column->name, "is an outlier");
    if (!work->missing_reason || !work->bad_reason || !work->outlier_reason)
        return weir_fail_memory(error);
    bool coded = field->type.kind == WEIR_DICTIONARY && column->class == CLEAN_TEXT;
    return coded && weir_builder_init(&work->dictionary, &field->type) < 0 ? weir_fail_memory(error) : 0;
}

static int find_columns(struct clean_applying *applying, enum weir_mode mode, struct weir_error *error)
{
    const struct clean_values *self = applying->self;
    struct weir_schema_index index = { 0 };
    struct weir_absent absent = { 0 };
    int result = weir_schema_index_init(&index, &applying->in) < 0 ? weir_fail_memory(error) : 0;
    for (size_t i = 0; result == 0 && i < self->count; i++) {
        const struct clean_column *column = &self->columns[i];
        int at = weir_schema_index_find(&index, column->name);
        if (at >= 0)
            result = mode == WEIR_AS_REPLAY && column->label ? 0 : bind_work(applying, column, at, error);
        else if (column->removal == CLEAN_KEPT && !column->label)
            weir_absent_add(&absent, column->name);
    }
    weir_schema_index_release(&index);
    if (result < 0)
        weir_buffer_release(&absent.names);
    return result < 0 ? -1 : weir_absent_fail(&absent, "clean", error);
}

/* `index` is of the columns before the first flag: no two flags have one name. */
static int add_flags(struct clean_applying *applying, const struct weir_schema_index *index, struct weir_schema *out,
                     struct weir_error *error)
{
    for (size_t i = 0; i < applying->count; i++) {
        struct clean_work *work = &applying->works[i];
        struct weir_buffer name = { 0 };
        if (work->to < 0 || work->column->missing == 0 || work->column->label)
            continue;
        weir_buffer_format(&name, "%s_missing", work->column->name);
        int result = weir_buffer_check(&name, error);
        if (result == 0 && weir_schema_index_find(index, name.bytes) >= 0)
            result = weir_fail(error, WEIR_BAD_DATA, "--flag-missing would add a column %s, and there is one already",
                               WEIR_SHOW(name.bytes));
        else if (result == 0 && !weir_schema_add(out, name.bytes, WEIR_BOOL))
            result = weir_fail_memory(error);
        weir_buffer_release(&name);
        if (result < 0)
            return -1;
        work->flag = out->count - 1;
    }
    return 0;
}

/* The columns that stay, into `out`, which has none yet. */
static int place_columns(struct clean_applying *applying, struct weir_schema *out, struct weir_error *error)
{
    const struct weir_schema *in = &applying->in;
    struct clean_work **work_of = weir_allocate_zero((size_t)in->count, sizeof *work_of);
    int result = work_of ? 0 : weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < applying->count; i++)
        work_of[applying->works[i].from] = &applying->works[i];
    for (int i = 0; result == 0 && i < in->count; i++) {
        struct clean_work *work = work_of[i];
        if (work && work->column->removal != CLEAN_KEPT)
            continue;
        *(work ? &work->to : &applying->target[i]) = out->count;
        struct weir_field *field = weir_schema_add_copy(out, &in->fields[i]);
        if (!field)
            result = weir_fail_memory(error);
        else if (work && work->widened)
            field->type.kind = WEIR_FLOAT64;
    }
    free(work_of);
    return result;
}

int weir_clean_values_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    struct clean_applying *applying = weir_allocate_zero(1, sizeof *applying);
    struct weir_schema metadata = { .metadata = in->metadata }; /* the columns are added one by one */
    binding->state = applying;
    if (!applying || weir_schema_copy(&applying->in, in) < 0 || weir_schema_copy(&binding->out, &metadata) < 0)
        return weir_fail_memory(error);
    applying->self = binding->stage->state;
    applying->replay = binding->mode == WEIR_AS_REPLAY;
    applying->works = weir_allocate_zero(applying->self->count, sizeof *applying->works);
    applying->target = weir_allocate((size_t)in->count, sizeof *applying->target);
    if (!applying->works || !applying->target)
        return weir_fail_memory(error);
    if (find_columns(applying, binding->mode, error) < 0 || place_columns(applying, &binding->out, error) < 0)
        return -1;
    if (!applying->self->settings.flag_missing)
        return 0;
    struct weir_schema_index index;
    if (weir_schema_index_init(&index, &binding->out) < 0)
        return weir_fail_memory(error);
    int result = add_flags(applying, &index, &binding->out, error);
    weir_schema_index_release(&index);
    return result;
}

void weir_clean_values_unbind(struct weir_binding *binding)
{
    struct clean_applying *applying = binding->state;
    if (!applying)
        return;
    for (size_t i = 0; i < applying->count; i++) {
        free(applying->works[i].missing_reason);
        free(applying->works[i].bad_reason);
        free(applying->works[i].outlier_reason);
        weir_builder_release(&applying->works[i].dictionary);
    }
    weir_schema_release(&applying->in);
    free(applying->works);
    free(applying->target);
    weir_scratch_release(&applying->scratch);
    free(applying);
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

static int make_flag(const uint8_t *was_missing, int64_t rows, struct weir_column *out, struct weir_error *error)
{
    *out = (struct weir_column){ .rows = rows };
    uint8_t *bits = weir_slice_new(&out->values, (size_t)((rows + 7) / 8), 1);
    if (!bits)
        return weir_fail_memory(error);
    memset(bits, 0, out->values.size);
    for (int64_t row = 0; row < rows; row++)
        if (was_missing[row])
            weir_bit_set(bits, row);
    return 0;
}

static int apply_work(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                      struct weir_batch *out, struct weir_error *error)
{
    typedef int apply_column(struct clean_applying *, struct clean_work *, const struct weir_column *,
                             struct weir_column *, uint8_t *, struct weir_error *);
    static apply_column *const by_class[] = { weir_clean_values_apply_number, weir_clean_values_apply_bool,
                                              weir_clean_values_apply_text,   weir_clean_values_apply_number,
                                              weir_clean_values_apply_tensor, weir_clean_values_apply_tensor };
    struct weir_column *to = &out->columns[work->to];
    if (work->column->class == CLEAN_OTHER)
        return weir_column_share(to, in) < 0 ? weir_fail_memory(error) : 0;
    uint8_t *was_missing = NULL;
    if (work->flag >= 0) {
        was_missing = weir_allocate_zero((size_t)in->rows, 1);
        if (!was_missing)
            return weir_fail_memory(error);
    }
    int result = by_class[work->column->class](applying, work, in, to, was_missing, error);
    if (result == 0 && was_missing)
        result = make_flag(was_missing, in->rows, &out->columns[work->flag], error);
    free(was_missing);
    return result;
}

int weir_clean_values_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                            struct weir_reasons *reasons, struct weir_error *error)
{
    struct clean_applying *applying = binding->state;
    applying->reasons = reasons;
    if (weir_batch_init(out, binding->out.count, in->rows) < 0)
        return weir_fail_memory(error);
    for (int i = 0; i < in->count; i++)
        if (applying->target[i] >= 0 && weir_column_share(&out->columns[applying->target[i]], &in->columns[i]) < 0)
            return weir_fail_memory(error);
    for (size_t i = 0; i < applying->count; i++) {
        struct clean_work *work = &applying->works[i];
        if (work->to >= 0 && apply_work(applying, work, &in->columns[work->from], out, error) < 0)
            return -1;
    }
    return 0;
}
