/* The part `convert` of clean: columns of text that hold numbers, dates or times become such columns. */
#include "stage/clean_convert_private.h"
#include "stage/clean_private.h"
#include "stage/options.h"
#include <math.h>
#include <string.h>

enum target { TO_NUMBER, TO_DATE, TO_TIME, TARGETS };

struct conversion {
    char *name; /* of the column */
    enum target target;
    bool comma;
    struct clean_unit *unit; /* NULL: numbers without one */
    enum clean_time_form form;
};

struct convert {
    struct conversion *conversions;
    size_t count, capacity;
    bool drops; /* the row of a value that cannot be converted */
};

struct convert_work {
    const struct conversion *conversion;
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

/* ---- The options -------------------------------------------------------------------------------------------- */

static struct conversion *add(struct convert *self, const char *name, size_t length, enum target target,
                              struct weir_error *error)
{
    for (size_t i = 0; i < self->count; i++)
        if (strlen(self->conversions[i].name) == length && memcmp(self->conversions[i].name, name, length) == 0) {
            if (target == TO_NUMBER && self->conversions[i].target == TO_NUMBER)
                return &self->conversions[i];
            weir_fail(error, WEIR_USAGE,
                      "column %s cannot become two things: --numbers, --units, --dates and --times "
                      "name it once",
                      WEIR_SHOW(self->conversions[i].name));
            return NULL;
        }
    char *copy = weir_duplicate_bytes(name, length);
    if (!copy ||
        weir_grow((void **)&self->conversions, &self->capacity, self->count + 1, sizeof *self->conversions) < 0) {
        free(copy);
        weir_fail_memory(error);
        return NULL;
    }
    struct conversion *conversion = &self->conversions[self->count++];
    *conversion = (struct conversion){ .name = copy, .target = target };
    return conversion;
}

/* COLUMN or COLUMN=point or COLUMN=comma */
static int read_number(struct convert *self, const char *text, struct weir_error *error)
{
    const char *sign = strrchr(text, '=');
    bool comma = sign && strcmp(sign, "=comma") == 0;
    bool named = comma || (sign && strcmp(sign, "=point") == 0);
    struct conversion *conversion = add(self, text, named ? (size_t)(sign - text) : strlen(text), TO_NUMBER, error);
    if (conversion)
        conversion->comma = comma;
    return conversion ? 0 : -1;
}

/* COLUMN=UNIT or COLUMN=UNIT|NAME|NAME */
static int read_unit(struct convert *self, const char *text, struct weir_error *error)
{
    const char *sign = strrchr(text, '=');
    if (!sign || sign == text || !sign[1])
        return weir_fail(error, WEIR_USAGE, "option '--units': %s is not COLUMN=UNIT", WEIR_SHOW(text));
    struct conversion *conversion = add(self, text, (size_t)(sign - text), TO_NUMBER, error);
    if (!conversion)
        return -1;
    weir_clean_unit_free(conversion->unit);
    conversion->unit = weir_clean_unit_new(sign + 1, error);
    return conversion->unit ? 0 : weir_fail_in(error, "option '--units'");
}

/* COLUMN or COLUMN=FORM */
static int read_time(struct convert *self, const char *text, enum target target, struct weir_error *error)
{
    const char *sign = strrchr(text, '=');
    enum clean_time_form form = CLEAN_YMD;
    bool named = sign && sign > text && weir_clean_time_form_find(sign + 1, &form);
    struct conversion *conversion = add(self, text, named ? (size_t)(sign - text) : strlen(text), target, error);
    if (conversion)
        conversion->form = form;
    return conversion ? 0 : -1;
}

static int read_list(struct convert *self, const json_t *options, const char *option, struct weir_error *error)
{
    const json_t *list;
    if (weir_option_list(options, option, &list, error) < 0)
        return -1;
    for (size_t i = 0; i < weir_option_items(list); i++) {
        const char *text = weir_option_item(list, i);
        int result = strcmp(option, "numbers") == 0 ? read_number(self, text, error)
                     : strcmp(option, "units") == 0 ? read_unit(self, text, error)
                     : strcmp(option, "dates") == 0 ? read_time(self, text, TO_DATE, error)
                                                    : read_time(self, text, TO_TIME, error);
        if (result < 0)
            return -1;
    }
    return 0;
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const lists[] = { "numbers", "units", "dates", "times" };
    const char *bad_value;
    struct convert *self = stage->state = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    if (weir_option_text(stage->options, "bad-value", "null", &bad_value, error) < 0)
        return -1;
    self->drops = strcmp(bad_value, "drop") == 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (read_list(self, stage->options, lists[i], error) < 0)
            return -1;
    return 0;
}

static void destroy(struct weir_stage *stage)
{
    struct convert *self = stage->state;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++) {
        free(self->conversions[i].name);
        weir_clean_unit_free(self->conversions[i].unit);
    }
    free(self->conversions);
    free(self);
}

/* ---- Binding ------------------------------------------------------------------------------------------------ */

static const enum weir_kind kinds[TARGETS] = { WEIR_FLOAT64, WEIR_DATE32, WEIR_TIMESTAMP };
static const char *const names[TARGETS] = { "number", "date", "time" };

/* A column that is already what it should become. */
static bool is_already(const struct conversion *conversion, const struct weir_type *type)
{
    bool number = weir_kind_is_integer(type->kind) || weir_kind_is_float(type->kind);
    switch (conversion->target) {
    case TO_NUMBER:
        return number;
    case TO_DATE:
        return type->kind == WEIR_DATE32 || type->kind == WEIR_DATE64;
    default:
        return type->kind == WEIR_TIMESTAMP;
    }
}

static bool can_convert(const struct conversion *conversion, const struct weir_type *type)
{
    bool counts = conversion->target != TO_NUMBER && conversion->form > CLEAN_MDY;
    return weir_clean_is_text(type) || type->kind == WEIR_NULL ||
           (counts && (weir_kind_is_integer(type->kind) || type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64));
}

static int bind_conversion(struct weir_binding *binding, const struct conversion *conversion, struct weir_error *error)
{
    struct convert_binding *bound = binding->state;
    if (binding->mode == WEIR_AS_REPLAY && weir_schema_find(&bound->in, conversion->name) < 0)
        return 0; /* a label; of a feature the part `values` says that it is not there */
    int at = weir_clean_require(&bound->in, conversion->name, error);
    if (at < 0)
        return -1;
    const struct weir_type *type = &bound->in.fields[at].type;
    if (is_already(conversion, type))
        return 0;
    if (!can_convert(conversion, type)) {
        struct weir_buffer text = { 0 };
        weir_type_describe(type, &text);
        weir_fail(error, WEIR_USAGE, "column %s is %s, of which no %s can be made", WEIR_SHOW(conversion->name),
                  text.bytes ? text.bytes : "", names[conversion->target]);
        weir_buffer_release(&text);
        return -1;
    }
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
    const struct convert *self = binding->stage->state;
    struct convert_binding *bound = binding->state = weir_allocate_zero(1, sizeof *bound);
    if (!bound || weir_schema_copy(&bound->in, in) < 0 || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    bound->works = weir_allocate_zero(self->count, sizeof *bound->works);
    if (!bound->works)
        return weir_fail_memory(error);
    for (size_t i = 0; i < self->count; i++)
        if (bind_conversion(binding, &self->conversions[i], error) < 0)
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

static enum outcome of_time(bool good, const struct conversion *conversion, union converted *out)
{
    static const int64_t day = 86400000000;
    if (!good || conversion->target == TO_TIME)
        return good ? CONVERTED : REFUSED;
    if (out->count % day != 0) /* a date that would lose its time */
        return REFUSED;
    out->count /= day;
    return CONVERTED;
}

static enum outcome convert_text(const struct conversion *conversion, const char *text, size_t length,
                                 union converted *out)
{
    struct clean_reader trimmed = weir_clean_trimmed(text, length);
    struct clean_number number;
    if (trimmed.at == trimmed.end)
        return EMPTY;
    if (conversion->target != TO_NUMBER)
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
    else if (work->conversion->target == TO_NUMBER)
        weir_builder_double(&work->builder, value.number);
    else
        weir_builder_int64(&work->builder, value.count);
}

static void settle(const struct convert *self, struct convert_work *work, enum outcome outcome, int64_t row,
                   struct weir_reasons *reasons)
{
    work->converted += outcome == CONVERTED;
    if (outcome == REFUSED)
        work->refused += !self->drops || weir_give_reason(reasons, row, work->reason);
}

/* A missing value is EMPTY. Each value of a dictionary is read once. */
static int convert_dictionary(const struct convert *self, struct convert_work *work, const struct weir_column *in,
                              struct weir_reasons *reasons, struct weir_error *error)
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

static void convert_rows(const struct convert *self, struct convert_work *work, const struct weir_column *in,
                         struct weir_reasons *reasons)
{
    enum weir_kind kind = work->from.kind;
    for (int64_t row = 0; row < in->rows; row++) {
        union converted value = { .count = 0 };
        enum outcome outcome = EMPTY;
        size_t length = 0;
        if (weir_valid(in, row) && kind == WEIR_UTF8) {
            const char *text = weir_text(in, row, &length);
            outcome = convert_text(work->conversion, text, length, &value);
        } else if (weir_valid(in, row)) {
            double number = weir_number(in, kind, row);
            outcome =
                of_time(weir_clean_number_time(number, work->conversion->form, &value.count), work->conversion, &value);
        }
        put(work, outcome, value);
        settle(self, work, outcome, row, reasons);
    }
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    const struct convert *self = binding->stage->state;
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
    const struct convert *self = binding->stage->state;
    const struct convert_binding *bound = binding->state;
    for (int target = 0; target < TARGETS; target++) {
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
