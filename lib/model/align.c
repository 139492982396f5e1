#include "model/align.h"
#include "base/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct conversion {
    bool needed;
    struct weir_type to;
    char *reason; /* "'age' is not a whole number" */
};

struct weir_alignment {
    struct weir_schema in, out;
    struct conversion *conversions; /* [out.count] */
};

static bool is_text(enum weir_kind kind)
{
    return kind == WEIR_UTF8;
}

static bool is_text_dictionary(const struct weir_type *type)
{
    return type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8;
}

/* Whether every or some value of the one type may become the other without changing its meaning. */
static bool convertible(const struct weir_type *from, const struct weir_type *to)
{
    if (from->kind == WEIR_NULL)
        return true;
    if (is_text_dictionary(from))
        return is_text(to->kind);
    bool plain_number = weir_kind_is_number(to->kind) && to->kind != WEIR_FLOAT16;
    if (weir_kind_is_number(from->kind) && from->kind != WEIR_FLOAT16)
        return plain_number || (is_text(to->kind) && weir_kind_is_integer(from->kind));
    if (from->kind == WEIR_DATE32)
        return is_text(to->kind);
    if (is_text(from->kind))
        return plain_number || to->kind == WEIR_DATE32 || (to->kind == WEIR_TIMESTAMP && to->unit == WEIR_MICRO);
    return false;
}

static const char *what_it_is_not(enum weir_kind kind)
{
    if (kind == WEIR_BOOL)
        return "true or false";
    if (kind == WEIR_DATE32)
        return "a date";
    if (kind == WEIR_TIMESTAMP)
        return "a date and time";
    return weir_kind_is_float(kind) ? "a number" : "a whole number of its type";
}

static int plan_conversion(struct conversion *conversion, struct weir_field *field, const char *wanted,
                           struct weir_error *error)
{
    struct weir_type to = { 0 };
    if (weir_type_parse(wanted, &to, error) != 0)
        return weir_fail_in(error, "the model's plan, column '%s'", field->name);
    if (weir_type_equal(&field->type, &to) || (is_text_dictionary(&to) && is_text(field->type.kind))) {
        weir_type_release(&to);
        return 0;
    }
    if (!convertible(&field->type, &to)) {
        struct weir_buffer is = { 0 };
        weir_type_describe(&field->type, &is);
        weir_fail(
            error, WEIR_BAD_DATA,
            "column '%s' is %s here and was %s in training; give the raw file, which is then read as in training, "
            "or use load --like MODEL",
            field->name, is.bytes ? is.bytes : "of another type", wanted);
        weir_buffer_release(&is);
        weir_type_release(&to);
        return -1;
    }
    struct weir_buffer reason = { 0 };
    weir_buffer_format(&reason, "'%s' is not %s", field->name, what_it_is_not(to.kind));
    weir_type_release(&field->type);
    if (reason.failed || weir_type_copy(&field->type, &to) != 0) {
        weir_buffer_release(&reason);
        weir_type_release(&to);
        return weir_fail_memory(error);
    }
    field->nullable = true;
    conversion->needed = true;
    conversion->to = to;
    conversion->reason = reason.bytes;
    return 0;
}

static int plan_conversions(struct weir_alignment *a, const struct weir_plan *model, struct weir_error *error)
{
    if (model->count == 0 || strcmp(model->steps[0].name, "load") != 0)
        return 0;
    json_t *state = weir_plan_step_state(model, 0, error);
    if (!state)
        return -1;
    const json_t *columns = json_object_get(state, "columns"), *column;
    struct weir_schema_index index;
    size_t i;
    int result = 0;
    if (weir_schema_index_init(&index, &a->in)) {
        json_decref(state);
        return weir_fail_memory(error);
    }
    json_array_foreach(columns, i, column)
    {
        const char *name = json_string_value(json_object_get(column, "name"));
        const char *type = json_string_value(json_object_get(column, "type"));
        const char *role = json_string_value(json_object_get(column, "role"));
        int at = name ? weir_schema_index_find(&index, name) : -1;
        if (at < 0 || !type || (role && strcmp(role, "label") == 0))
            continue;
        if (result == 0 && a->out.fields[at].role != WEIR_LABEL && !a->conversions[at].needed)
            result = plan_conversion(&a->conversions[at], &a->out.fields[at], type, error);
    }
    weir_schema_index_release(&index);
    json_decref(state);
    return result;
}

int weir_alignment_new(struct weir_alignment **alignment, const struct weir_plan *model, const struct weir_schema *in,
                       struct weir_error *error)
{
    struct weir_alignment *a = weir_allocate_zero(1, sizeof *a);
    if (!a)
        return weir_fail_memory(error);
    a->conversions = weir_allocate_zero((size_t)in->count, sizeof *a->conversions);
    if (!a->conversions || weir_schema_copy(&a->in, in) != 0 || weir_schema_copy(&a->out, in) != 0) {
        weir_alignment_free(a);
        return weir_fail_memory(error);
    }
    if (plan_conversions(a, model, error) != 0) {
        weir_alignment_free(a);
        return -1;
    }
    *alignment = a;
    return 0;
}

const struct weir_schema *weir_alignment_schema(const struct weir_alignment *alignment)
{
    return &alignment->out;
}

static void integer_range(enum weir_kind kind, int64_t *low, uint64_t *high)
{
    int bits = 8 * weir_kind_width(kind);
    if (kind == WEIR_BOOL)
        *low = 0, *high = 1;
    else if (kind >= WEIR_UINT8 && kind <= WEIR_UINT64)
        *low = 0, *high = UINT64_MAX >> (64 - bits);
    else
        *low = -(int64_t)(UINT64_MAX >> (65 - bits)) - 1, *high = UINT64_MAX >> (65 - bits);
}

/* A value on its way from one type to another: a whole number (with uint64 above int64's range held apart) or a
 * floating-point one. */
struct value {
    bool whole;
    int64_t integer;
    uint64_t above; /* when above INT64_MAX */
    double real;
};

static struct value read_number(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    struct value v = { 0 };
    const uint8_t *p = column->values.bytes;
    if (weir_kind_is_float(kind)) {
        v.real = weir_number(column, kind, row);
        return v;
    }
    v.whole = true;
    if (kind == WEIR_UINT64) {
        uint64_t u = weir_load_u64(p + 8 * row);
        if (u > INT64_MAX)
            v.above = u;
        else
            v.integer = (int64_t)u;
    } else if (kind == WEIR_INT64) {
        v.integer = weir_load_i64(p + 8 * row);
    } else {
        v.integer = (int64_t)weir_number(column, kind, row);
    }
    return v;
}

static bool append_number(struct weir_builder *builder, enum weir_kind to, struct value v)
{
    if (weir_kind_is_float(to)) {
        if (v.whole && v.above == 0)
            v.real = (double)v.integer;
        else if (v.whole)
            v.real = (double)v.above;
        weir_builder_double(builder, v.real);
        return true;
    }
    int64_t low;
    uint64_t high;
    integer_range(to, &low, &high);
    if (!v.whole) {
        if (!(v.real == trunc(v.real)) || !(fabs(v.real) <= 9007199254740992.0))
            return false;
        v.integer = (int64_t)v.real;
    }
    if (v.above > high || (v.above == 0 && (v.integer < low || (v.integer > 0 && (uint64_t)v.integer > high))))
        return false;
    weir_builder_int64(builder, v.above ? (int64_t)v.above : v.integer);
    return true;
}

static bool append_parsed(struct weir_builder *builder, const struct weir_type *to, const char *text, size_t length)
{
    struct value v = { 0 };
    int32_t days;
    bool zoned;
    if (to->kind == WEIR_BOOL) {
        bool yes = length == 4 && strncasecmp(text, "true", 4) == 0;
        if (!yes && !(length == 5 && strncasecmp(text, "false", 5) == 0))
            return false;
        weir_builder_int64(builder, yes);
        return true;
    }
    if (to->kind == WEIR_DATE32) {
        if (!weir_parse_date(text, length, &days))
            return false;
        weir_builder_int64(builder, days);
        return true;
    }
    if (to->kind == WEIR_TIMESTAMP) {
        if (!weir_parse_timestamp(text, length, &v.integer, &zoned))
            return false;
        weir_builder_int64(builder, v.integer);
        return true;
    }
    if (weir_kind_is_float(to->kind)) {
        if (!weir_parse_double(text, length, &v.real))
            return false;
    } else {
        v.whole = true;
        uint64_t u;
        if (!weir_parse_int64(text, length, &v.integer)) {
            if (!weir_parse_uint64(text, length, &u))
                return false;
            v.above = u;
        }
    }
    return append_number(builder, to->kind, v);
}

/* One present value; false when it has no equal in the other type. */
static bool append_converted(struct weir_builder *builder, const struct weir_type *to, const struct weir_column *column,
                             const struct weir_type *from, int64_t row, struct weir_buffer *text)
{
    if (is_text(to->kind)) {
        weir_buffer_clear(text);
        weir_value_text(column, from, row, text);
        weir_builder_text(builder, text->bytes ? text->bytes : "", text->size);
        return true;
    }
    if (is_text(from->kind)) {
        size_t length;
        const char *bytes = weir_text(column, row, &length);
        while (length > 0 && (*bytes == ' ' || *bytes == '\t'))
            bytes++, length--;
        while (length > 0 && (bytes[length - 1] == ' ' || bytes[length - 1] == '\t'))
            length--;
        return append_parsed(builder, to, bytes, length);
    }
    return append_number(builder, to->kind, read_number(column, from->kind, row));
}

static int convert(const struct conversion *conversion, const struct weir_type *from, const struct weir_column *in,
                   struct weir_column *out, struct weir_reasons *reasons, struct weir_error *error)
{
    struct weir_builder builder;
    struct weir_buffer text = { 0 };
    if (weir_builder_init(&builder, &conversion->to) != 0)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < in->rows; row++) {
        if (from->kind == WEIR_NULL || !weir_valid(in, row)) {
            weir_builder_null(&builder);
        } else if (!append_converted(&builder, &conversion->to, in, from, row, &text)) {
            weir_builder_null(&builder);
            if (reasons && !reasons->reasons[row])
                reasons->reasons[row] = conversion->reason;
        }
    }
    int result = weir_buffer_check(&text, error);
    if (result == 0)
        result = weir_builder_finish(&builder, out, error);
    weir_buffer_release(&text);
    weir_builder_release(&builder);
    return result;
}

bool weir_alignment_needed(const struct weir_alignment *alignment)
{
    for (int i = 0; i < alignment->out.count; i++)
        if (alignment->conversions[i].needed)
            return true;
    return false;
}

int weir_alignment_apply(const struct weir_alignment *alignment, const struct weir_batch *in, struct weir_batch *out,
                         struct weir_reasons *reasons, struct weir_error *error)
{
    if (weir_batch_init(out, in->count, in->rows) != 0)
        return weir_fail_memory(error);
    for (int i = 0; i < in->count; i++) {
        const struct conversion *conversion = &alignment->conversions[i];
        if (conversion->needed) {
            if (convert(conversion, &alignment->in.fields[i].type, &in->columns[i], &out->columns[i], reasons, error) !=
                0)
                return -1;
        } else if (weir_column_share(&out->columns[i], &in->columns[i]) != 0) {
            return weir_fail_memory(error);
        }
    }
    return 0;
}

void weir_alignment_free(struct weir_alignment *alignment)
{
    if (!alignment)
        return;
    for (int i = 0; alignment->conversions && i < alignment->out.count; i++) {
        weir_type_release(&alignment->conversions[i].to);
        free(alignment->conversions[i].reason);
    }
    free(alignment->conversions);
    weir_schema_release(&alignment->in);
    weir_schema_release(&alignment->out);
    free(alignment);
}
