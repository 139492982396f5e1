/* clean: the rules put to the columns of a schema, and a batch through them. */
#include "base/number.h"
#include "stage/clean_private.h"
#include <math.h>

/* ---- Binding ------------------------------------------------------------------------------------------------ */

static bool compatible(const struct clean_column *column, const struct weir_type *now)
{
    enum clean_class class = weir_clean_class_of(now);
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

/* A column learned as float64 whose fill has a fraction, met as whole numbers. */
static bool must_widen(const struct clean_work *work)
{
    const struct clean_column *column = work->column;
    if (column->class != CLEAN_NUMBER || !column->fill.known || !weir_kind_is_integer(work->type.kind))
        return false;
    double low, high, fill = weir_kind_is_float(column->type.kind) ? column->fill.real : (double)column->fill.integer;
    weir_clean_integer_range(work->type.kind, &low, &high);
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
    return work->missing_reason && work->bad_reason ? 0 : weir_fail_memory(error);
}

static int find_columns(struct clean_applying *applying, enum weir_mode mode, struct weir_error *error)
{
    const struct clean *self = applying->self;
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

int weir_clean_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    struct clean_applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying || weir_schema_copy(&applying->in, in) < 0 || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    applying->self = binding->stage->state;
    applying->rows.replay = binding->mode == WEIR_AS_REPLAY;
    applying->works = weir_allocate_zero(applying->self->count, sizeof *applying->works);
    applying->target = weir_allocate((size_t)in->count, sizeof *applying->target);
    struct clean_work **work_of = weir_allocate_zero((size_t)in->count, sizeof *work_of);
    if (!applying->works || !applying->target || !work_of) {
        free(work_of);
        return weir_fail_memory(error);
    }
    for (int i = 0; i < in->count; i++)
        applying->target[i] = i;
    int result = weir_clean_text_begin(&applying->text, &applying->self->settings, error);
    if (result == 0)
        result = find_columns(applying, binding->mode, error);
    for (size_t i = 0; i < applying->count; i++)
        work_of[applying->works[i].from] = &applying->works[i];
    int kept = 0;
    for (int i = 0; result == 0 && i < in->count; i++) {
        struct clean_work *work = work_of[i];
        if (work && work->column->removal != CLEAN_KEPT) {
            weir_schema_remove(&binding->out, kept);
            continue;
        }
        if (work) {
            work->to = kept;
            if (work->widened)
                binding->out.fields[kept].type.kind = WEIR_FLOAT64;
        } else {
            applying->target[i] = kept;
        }
        kept++;
    }
    free(work_of);
    if (result < 0 || !applying->self->settings.flag_missing)
        return result;
    struct weir_schema_index index;
    if (weir_schema_index_init(&index, &binding->out) < 0)
        return weir_fail_memory(error);
    result = add_flags(applying, &index, &binding->out, error);
    weir_schema_index_release(&index);
    return result;
}

void weir_clean_unbind(struct weir_binding *binding)
{
    struct clean_applying *applying = binding->state;
    if (!applying)
        return;
    for (size_t i = 0; i < applying->count; i++) {
        free(applying->works[i].missing_reason);
        free(applying->works[i].bad_reason);
        weir_clean_dictionary_release(&applying->works[i].dictionary);
    }
    weir_schema_release(&applying->in);
    free(applying->works);
    free(applying->target);
    free(applying->rows.drop);
    free(applying->index);
    weir_scratch_release(&applying->scratch);
    weir_clean_text_release(&applying->text);
    free(applying);
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

void weir_clean_drop_row(struct clean_rows *rows, int64_t row, const char *reason, int64_t *counter)
{
    if (rows->replay) {
        if (rows->reasons && !rows->reasons->reasons[row]) {
            rows->reasons->reasons[row] = reason;
            (*counter)++;
        }
    } else if (!rows->drop[row]) {
        rows->drop[row] = 1;
        rows->dropped++;
        (*counter)++;
    }
}

static int begin_rows(struct clean_rows *rows, int64_t count, struct weir_reasons *reasons, struct weir_error *error)
{
    void *drop = rows->drop;
    if (weir_grow(&drop, &rows->capacity, (size_t)count, 1) < 0)
        return weir_fail_memory(error);
    rows->drop = drop;
    rows->rows = count;
    rows->dropped = 0;
    rows->reasons = reasons;
    if (count > 0)
        memset(rows->drop, 0, (size_t)count);
    return 0;
}

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
    static apply_column *const by_class[] = {
        weir_clean_apply_number, weir_clean_apply_bool,   weir_clean_apply_text,
        weir_clean_apply_number, weir_clean_apply_tensor, weir_clean_apply_tensor
    };
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

static int take_rows(struct clean_applying *applying, const struct weir_schema *schema, struct weir_batch *out,
                     struct weir_error *error)
{
    const struct clean_rows *rows = &applying->rows;
    void *index = applying->index;
    if (weir_grow(&index, &applying->index_capacity, (size_t)rows->rows, sizeof *applying->index) < 0)
        return weir_fail_memory(error);
    applying->index = index;
    int64_t kept = 0;
    for (int64_t row = 0; row < rows->rows; row++)
        if (!rows->drop[row])
            applying->index[kept++] = row;
    struct weir_batch all = *out;
    *out = (struct weir_batch){ 0 };
    int result = weir_batch_take(out, &all, schema, applying->index, kept, error);
    weir_batch_release(&all);
    return result;
}

int weir_clean_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                     struct weir_reasons *reasons, struct weir_error *error)
{
    struct clean_applying *applying = binding->state;
    if (begin_rows(&applying->rows, in->rows, reasons, error) < 0)
        return -1;
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
    return applying->rows.dropped > 0 ? take_rows(applying, &binding->out, out, error) : 0;
}

/* ---- The closing line --------------------------------------------------------------------------------------- */

enum { COLUMNS_SHOWN = 6 };

static void say(struct weir_buffer *out, const struct clean_applying *applying, const char *what,
                int64_t (*count)(const struct clean_work *),
                void (*detail)(const struct clean_work *, struct weir_buffer *))
{
    int64_t total = 0;
    int columns = 0;
    for (size_t i = 0; i < applying->count; i++)
        total += count(&applying->works[i]);
    if (total == 0)
        return;
    weir_buffer_format(out, "%s%s %lld (", out->size > 0 ? ", " : "", what, (long long)total);
    for (size_t i = 0; i < applying->count; i++) {
        const struct clean_work *work = &applying->works[i];
        if (count(work) == 0)
            continue;
        if (columns++ >= COLUMNS_SHOWN)
            continue;
        weir_buffer_format(out, "%s%lld in %s", columns > 1 ? ", " : "", (long long)count(work),
                           WEIR_SHOW(work->column->name));
        if (detail)
            detail(work, out);
    }
    if (columns > COLUMNS_SHOWN)
        weir_buffer_format(out, ", and in %d more columns", columns - COLUMNS_SHOWN);
    weir_buffer_byte(out, ')');
}

static int64_t filled(const struct clean_work *work)
{
    return work->counts.filled;
}
static int64_t no_label(const struct clean_work *work)
{
    return work->column->label ? work->counts.dropped_missing : 0;
}
static int64_t dropped_missing(const struct clean_work *work)
{
    return work->column->label ? 0 : work->counts.dropped_missing;
}
static int64_t dropped_bad(const struct clean_work *work)
{
    return work->counts.dropped_bad;
}
static int64_t dropped_outlier(const struct clean_work *work)
{
    return work->counts.dropped_outlier;
}
static int64_t out_of_range(const struct clean_work *work)
{
    return work->counts.out_of_range;
}
static int64_t not_allowed(const struct clean_work *work)
{
    return work->counts.not_allowed;
}
static int64_t outliers(const struct clean_work *work)
{
    return work->counts.outliers;
}
static int64_t emptied(const struct clean_work *work)
{
    return work->counts.emptied;
}

/* ": median 28"; values of the data themselves (a mode) are not told. */
static void say_rule(const struct clean_work *work, struct weir_buffer *out)
{
    const struct clean_column *column = work->column;
    char number[WEIR_NUMBER_SIZE];
    weir_buffer_format(out, ": %s", weir_clean_rule_name(column->rule));
    if (column->class != CLEAN_NUMBER || (column->rule != CLEAN_MEAN && column->rule != CLEAN_MEDIAN))
        return;
    weir_buffer_byte(out, ' ');
    if (weir_kind_is_float(column->type.kind))
        weir_buffer_append(out, number, weir_format_double(column->fill.real, number));
    else
        weir_buffer_append(out, number, weir_format_int64(column->fill.integer, number));
}

void weir_clean_summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    static const char *const actions[] = { "set to missing", "dropped", "clipped" };
    const struct clean_applying *applying = binding->state;
    const struct clean_settings *settings = &applying->self->settings;
    struct weir_buffer what = { 0 };
    say(out, applying, "no label", no_label, NULL);
    say(out, applying, "dropped as missing", dropped_missing, NULL);
    say(out, applying, "dropped as out of range or not allowed", dropped_bad, NULL);
    say(out, applying, "dropped as outliers", dropped_outlier, NULL);
    say(out, applying, "trimmed to nothing", emptied, NULL);
    say(out, applying, "not allowed, set to missing", not_allowed, NULL);
    weir_buffer_format(&what, "out of range, %s", actions[settings->bad_value]);
    say(out, applying, what.bytes ? what.bytes : "out of range", out_of_range, NULL);
    weir_buffer_clear(&what);
    weir_buffer_format(&what, "outliers %s", actions[settings->outlier_action]);
    say(out, applying, what.bytes ? what.bytes : "outliers", outliers, NULL);
    say(out, applying, "filled", filled, say_rule);
    weir_buffer_release(&what);
    for (int why = CLEAN_NO_VALUE; why < CLEAN_REMOVAL_COUNT; why++) {
        int columns = 0;
        for (size_t i = 0; i < applying->count; i++) {
            const struct clean_column *column = applying->works[i].column;
            if ((int)column->removal != why)
                continue;
            if (columns++ == 0)
                weir_buffer_format(out, "%s%s", out->size > 0 ? ", " : "",
                                   why == CLEAN_NO_VALUE ? "columns left out, without any value: "
                                                         : "columns left out, constant: ");
            if (columns <= COLUMNS_SHOWN)
                weir_buffer_format(out, "%s%s", columns > 1 ? ", " : "", WEIR_SHOW(column->name));
        }
        if (columns > COLUMNS_SHOWN)
            weir_buffer_format(out, " and %d more", columns - COLUMNS_SHOWN);
    }
}
