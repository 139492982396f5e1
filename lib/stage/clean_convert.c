/* The part `convert` of clean: columns of text that hold numbers, dates or times become such columns. */
#include "stage/clean_convert_private.h"
#include "stage/clean_private.h"
#include "stage/options.h"
#include <math.h>

struct convert_work {
    const struct clean_conversion *conversion;
    int at;                /* index in the schema */
    struct weir_type from; /* borrowed from the schema of the binding */
    struct weir_builder builder;
    char *reason;
    int64_t converted, refused;
};
struct convert_binding {
    struct weir_schema in;
    struct convert_work *works;
    size_t count;
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    struct clean_conversions *self = stage->state = weir_allocate_zero(1, sizeof *self);
    return self ? weir_clean_conversions_read(self, stage->options, error) : weir_fail_memory(error);
}

static void destroy(struct weir_stage *stage)
{
    if (!stage->state)
        return;
    weir_clean_conversions_release(stage->state);
    free(stage->state);
}

/* ---- Binding ------------------------------------------------------------------------------------------------ */

static const enum weir_kind kinds[CLEAN_TARGETS] = { WEIR_FLOAT64, WEIR_DATE32, WEIR_TIMESTAMP };
static const char *const names[CLEAN_TARGETS] = { "number", "date", "time" };

static bool is_moment(enum weir_kind kind)
{
    return kind == WEIR_DATE32 || kind == WEIR_DATE64 || kind == WEIR_TIMESTAMP;
}

/* A column that is already what it should become. */
static bool is_already(const struct clean_conversion *conversion, const struct weir_type *type)
{
    bool number = weir_kind_is_integer(type->kind) || weir_kind_is_float(type->kind);
    switch (conversion->target) {
    case CLEAN_TO_NUMBER:
        return number;
    case CLEAN_TO_DATE:
        return type->kind == WEIR_DATE32 || type->kind == WEIR_DATE64;
    default:
        return type->kind == WEIR_TIMESTAMP;
    }
}

static bool can_convert(const struct clean_conversion *conversion, const struct weir_type *type)
{
    bool number = weir_kind_is_integer(type->kind) || type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64;
    return weir_clean_is_text(type) || type->kind == WEIR_NULL ||
           (conversion->target != CLEAN_TO_NUMBER && (number || is_moment(type->kind)));
}

static int fail_convert(const struct clean_conversion *conversion, const struct weir_type *type,
                        struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    weir_type_describe(type, &text);
    const char *described = text.bytes ? text.bytes : "";
    if (is_already(conversion, type))
        weir_fail(error, WEIR_USAGE,
                  "column %s is %s: its points were read as decimal signs, and 'comma' says that they are none; have "
                  "it read as text (load --types %.200s=utf8)",
                  WEIR_SHOW(conversion->name), described, conversion->name);
    else
        weir_fail(error, WEIR_USAGE, "column %s is %s, of which no %s can be made", WEIR_SHOW(conversion->name),
                  described, names[conversion->target]);
    weir_buffer_release(&text);
    return -1;
}

static int bind_conversion(struct weir_binding *binding, const struct clean_conversion *conversion,
                           struct weir_error *error)
{
    struct convert_binding *bound = binding->state;
    if (binding->mode == WEIR_AS_REPLAY && weir_schema_find(&bound->in, conversion->name) < 0)
        return 0; /* a label; of a feature the part `values` says that it is not there */
    if (weir_schema_find(&bound->in, conversion->name) < 0)
        return weir_clean_conversion_lost(conversion, &bound->in, error);
    int at = weir_clean_require(&bound->in, conversion->name, error);
    if (at < 0)
        return -1;
    const struct weir_type *type = &bound->in.fields[at].type;
    if (is_already(conversion, type) && conversion->comma && weir_kind_is_float(type->kind) &&
        binding->mode != WEIR_AS_REPLAY)
        return fail_convert(conversion, type, error);
    if (is_already(conversion, type))
        return 0;
    if (!can_convert(conversion, type))
        return fail_convert(conversion, type, error);
    struct convert_work *work = &bound->works[bound->count];
    struct weir_type to = { .kind = kinds[conversion->target] };
    if (to.kind == WEIR_TIMESTAMP)
        to.unit = WEIR_MICRO;
    struct weir_buffer reason = { 0 };
    struct weir_type *out = &binding->out.fields[at].type;
    *work = (struct convert_work){ .conversion = conversion, .at = at, .from = *type };
    if (weir_builder_init(&work->builder, &to) < 0)
        return weir_fail_memory(error);
    bound->count++;
    weir_buffer_format(&reason, "%s is no %s", WEIR_SHOW(conversion->name), names[conversion->target]);
    work->reason = reason.bytes;
    if (weir_buffer_check(&reason, error) < 0)
        return -1;
    weir_type_release(out);
    return weir_type_copy(out, &to) < 0 ? weir_fail_memory(error) : 0;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct clean_conversions *self = binding->stage->state;
    struct convert_binding *bound = binding->state = weir_allocate_zero(1, sizeof *bound);
    if (!bound || weir_schema_copy(&bound->in, in) < 0 || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    bound->works = weir_allocate_zero(self->count, sizeof *bound->works);
    if (!bound->works)
        return weir_fail_memory(error);
    for (size_t i = 0; i < self->count; i++)
        if (bind_conversion(binding, &self->items[i], error) < 0)
            return -1;
    return 0;
}

static void unbind(struct weir_binding *binding)
{
    struct convert_binding *bound = binding->state;
    if (!bound)
        return;
    for (size_t i = 0; i < bound->count; i++) {
        weir_builder_release(&bound->works[i].builder);
        free(bound->works[i].reason);
    }
    free(bound->works);
    weir_schema_release(&bound->in);
    free(bound);
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

/* What a value becomes: the bits of a double, days or microseconds. */
enum outcome { EMPTY, REFUSED, CONVERTED };
union converted {
    double number;
    int64_t count;
};

static enum outcome of_time(bool good, const struct clean_conversion *conversion, union converted *out)
{
    static const int64_t day = 86400000000;
    if (!good || conversion->target == CLEAN_TO_TIME)
        return good ? CONVERTED : REFUSED;
    if (out->count % day != 0) /* a date that would lose its time */
        return REFUSED;
    out->count /= day;
    return CONVERTED;
}

static enum outcome convert_text(const struct clean_conversion *conversion, const char *text, size_t length,
                                 union converted *out)
{
    struct clean_reader trimmed = weir_clean_trimmed(text, length);
    struct clean_number number;
    if (trimmed.at == trimmed.end)
        return EMPTY;
    if (conversion->target != CLEAN_TO_NUMBER)
        return of_time(weir_clean_parse_time(text, length, conversion->form, &out->count), conversion, out);
    if (!weir_clean_parse_number(text, length, conversion->comma, &number))
        return REFUSED;
    bool good = conversion->unit
                    ? weir_clean_unit_convert(conversion->unit, number.unit, number.unit_length, &number.value)
                    : number.unit_length == 0;
    out->number = number.value;
    return good && isfinite(number.value) ? CONVERTED : REFUSED;
}

static void put(struct convert_work *work, enum outcome outcome, union converted value)
{
    if (outcome != CONVERTED)
        weir_builder_null(&work->builder);
    else if (work->conversion->target == CLEAN_TO_NUMBER)
        weir_builder_double(&work->builder, value.number);
    else
        weir_builder_int64(&work->builder, value.count);
}

static void settle(const struct clean_conversions *self, struct convert_work *work, enum outcome outcome, int64_t row,
                   struct weir_reasons *reasons)
{
    work->converted += outcome == CONVERTED;
    if (outcome == REFUSED)
        work->refused += !self->drops || weir_give_reason(reasons, row, work->reason);
}

/* A missing value is EMPTY. Each value of a dictionary is read once. */
static int convert_dictionary(const struct clean_conversions *self, struct convert_work *work,
                              const struct weir_column *in, struct weir_reasons *reasons, struct weir_error *error)
{
    struct value {
        union converted converted;
        enum outcome outcome;
    };
    const struct weir_column *values = &in->children[0];
    const int32_t *codes = weir_codes(in);
    struct value *read = weir_allocate_zero((size_t)values->rows, sizeof *read), empty = { .outcome = EMPTY };
    if (!read)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < values->rows; i++) {
        size_t length = 0;
        const char *text = weir_valid(values, i) ? weir_text(values, i, &length) : NULL;
        if (text)
            read[i].outcome = convert_text(work->conversion, text, length, &read[i].converted);
    }
    for (int64_t row = 0; row < in->rows; row++) {
        const struct value *value = weir_valid(in, row) ? &read[codes[row]] : &empty;
        put(work, value->outcome, value->converted);
        settle(self, work, value->outcome, row, reasons);
    }
    free(read);
    return 0;
}

static enum outcome convert_value(const struct convert_work *work, const struct weir_column *in, int64_t row,
                                  union converted *out)
{
    const struct clean_conversion *conversion = work->conversion;
    enum weir_kind kind = work->from.kind;
    if (!weir_valid(in, row))
        return EMPTY;
    if (kind == WEIR_UTF8) {
        size_t length = 0;
        const char *text = weir_text(in, row, &length);
        return convert_text(conversion, text, length, out);
    }
    if (is_moment(kind))
        return of_time(weir_clean_midnight(&work->from, weir_integer(in, kind, row), &out->count), conversion, out);
    double number = weir_number(in, kind, row);
    if (!isfinite(number)) /* as missing as it is to the other parts */
        return EMPTY;
    return of_time(weir_clean_number_time(number, conversion->form, &out->count), conversion, out);
}

static void convert_rows(const struct clean_conversions *self, struct convert_work *work, const struct weir_column *in,
                         struct weir_reasons *reasons)
{
    for (int64_t row = 0; row < in->rows; row++) {
        union converted value = { .count = 0 };
        enum outcome outcome = convert_value(work, in, row, &value);
        put(work, outcome, value);
        settle(self, work, outcome, row, reasons);
    }
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    const struct clean_conversions *self = binding->stage->state;
    struct convert_binding *bound = binding->state;
    if (weir_batch_share(out, in) < 0)
        return weir_fail_memory(error);
    for (size_t i = 0; i < bound->count; i++) {
        struct convert_work *work = &bound->works[i];
        const struct weir_column *column = &in->columns[work->at];
        int result = 0;
        if (work->from.kind == WEIR_DICTIONARY)
            result = convert_dictionary(self, work, column, reasons, error);
        else
            convert_rows(self, work, column, reasons);
        weir_column_release(&out->columns[work->at]);
        if (result < 0 || weir_builder_finish(&work->builder, &out->columns[work->at], error) < 0)
            return -1;
    }
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct clean_conversions *self = binding->stage->state;
    const struct convert_binding *bound = binding->state;
    for (int target = 0; target < CLEAN_TARGETS; target++) {
        struct clean_tally converted = { 0 }, refused = { 0 };
        struct weir_buffer made = { 0 }, bad = { 0 };
        for (size_t i = 0; i < bound->count; i++) {
            const struct convert_work *work = &bound->works[i];
            if ((int)work->conversion->target != target)
                continue;
            weir_clean_tally_add(&converted, work->conversion->name, work->converted);
            weir_clean_tally_add(&refused, work->conversion->name, work->refused);
        }
        weir_buffer_format(&made, "made %ss", names[target]);
        weir_buffer_format(&bad, "no %s, %s", names[target], self->drops ? "dropped" : "set to missing");
        weir_clean_tally_end(&converted, made.bytes ? made.bytes : "", out);
        weir_clean_tally_end(&refused, bad.bytes ? bad.bytes : "", out);
        weir_buffer_release(&made);
        weir_buffer_release(&bad);
    }
}

const struct weir_stage_kind weir_clean_convert_kind = {
    .name = "clean",
    .version = 1,
    .replay = WEIR_REPLAY_FLAG,
    .create = create,
    .destroy = destroy,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
