/* clean, its values: columns of text, plain or in a dictionary. */
#include "stage/clean_values_private.h"

/* What is no allowed value is missing from then on, or drops its row; true when it is missing now. */
static bool settle(struct clean_applying *applying, struct clean_work *work, enum clean_outcome outcome, int64_t row)
{
    if (outcome == CLEAN_STAYS)
        return false;
    if (outcome == CLEAN_MEANT_MISSING) {
        work->counts.meant_missing++;
        return true;
    }
    if (applying->self->settings.bad_value == CLEAN_TO_DROP) {
        work->counts.dropped_bad += weir_give_reason(applying->reasons, row, work->bad_reason);
        return false;
    }
    work->counts.not_allowed++;
    return true;
}

static bool has_fill(const struct clean_column *column)
{
    return column->fill.known && column->rule != CLEAN_DROP && column->rule != CLEAN_KEEP;
}

static void note_missing(struct clean_applying *applying, struct clean_work *work, int64_t row, uint8_t *was_missing)
{
    if (was_missing)
        was_missing[row] = 1;
    if (work->column->rule == CLEAN_DROP)
        work->counts.dropped_missing += weir_give_reason(applying->reasons, row, work->missing_reason);
    else if (has_fill(work->column))
        work->counts.filled++;
}

/* ---- Plain text ---------------------------------------------------------------------------------------------------
 */

static int rebuild(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                   struct weir_builder *builder, uint8_t *was_missing)
{
    const struct clean_column *column = work->column;
    const char *fill = has_fill(column) ? column->fill.text : NULL;
    for (int64_t row = 0; row < in->rows; row++) {
        bool missing = !weir_valid(in, row);
        size_t length = 0;
        const char *bytes = missing ? NULL : weir_text(in, row, &length);
        if (!missing)
            missing = settle(applying, work, weir_clean_values_judge_text(column, bytes, length), row);
        if (!missing) {
            weir_builder_text(builder, bytes, length);
            continue;
        }
        note_missing(applying, work, row, was_missing);
        if (fill)
            weir_builder_text(builder, fill, column->fill.length);
        else
            weir_builder_null(builder);
    }
    return builder->values.failed || builder->offsets.failed ? -1 : 0;
}

static int apply_plain(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                       struct weir_column *out, uint8_t *was_missing, struct weir_error *error)
{
    const struct clean_column *column = work->column;
    if (column->allowed.count == 0 && column->means_missing.count == 0 && (in->null_count == 0 || !has_fill(column)))
        return weir_clean_values_apply_tensor(applying, work, in, out, was_missing, error);
    struct weir_type type = { .kind = WEIR_UTF8 };
    struct weir_builder builder;
    if (weir_builder_init(&builder, &type) < 0)
        return weir_fail_memory(error);
    weir_buffer_reserve(&builder.offsets, ((size_t)in->rows + 1) * sizeof(int32_t));
    if (in->rows > 0) {
        const int32_t *offsets = weir_offsets(in);
        weir_buffer_reserve(&builder.values, (size_t)(offsets[in->rows] - offsets[0]));
    }
    int result = rebuild(applying, work, in, &builder, was_missing) < 0 ? weir_fail_memory(error)
                                                                        : weir_builder_finish(&builder, out, error);
    weir_builder_release(&builder);
    return result;
}

/* ---- Dictionaries -------------------------------------------------------------------------------------------------
 */

/* For each value of the input's dictionary: its code in the output's (NO_CODE: it is missing), and what the rules say
 * of it.
 */
enum { NO_CODE = -1 };
struct mapping {
    int32_t *code;
    uint8_t *outcome;
};

static int map_values(struct clean_work *work, const struct weir_column *values, bool drop, struct mapping *mapping,
                      struct weir_error *error)
{
    mapping->code = weir_allocate((size_t)values->rows, sizeof *mapping->code);
    mapping->outcome = weir_allocate_zero((size_t)values->rows, 1);
    if (!mapping->code || !mapping->outcome)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < values->rows; i++) {
        size_t length;
        mapping->code[i] = NO_CODE;
        if (!weir_valid(values, i))
            continue;
        const char *bytes = weir_text(values, i, &length);
        enum clean_outcome outcome = weir_clean_values_judge_text(work->column, bytes, length);
        mapping->outcome[i] = (uint8_t)outcome;
        if (outcome == CLEAN_STAYS || (outcome == CLEAN_NOT_ALLOWED && drop))
            mapping->code[i] = (int32_t)weir_builder_code(&work->dictionary, bytes, length);
    }
    return 0;
}

static void map_rows(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                     const struct mapping *mapping, uint8_t *was_missing)
{
    const char *fill = has_fill(work->column) ? work->column->fill.text : NULL;
    const int32_t *codes = weir_codes(in);
    for (int64_t row = 0; row < in->rows; row++) {
        bool missing = !weir_valid(in, row) ||
                       settle(applying, work, (enum clean_outcome)mapping->outcome[codes[row]], row) ||
                       mapping->code[codes[row]] == NO_CODE;
        if (!missing) {
            weir_builder_int64(&work->dictionary, mapping->code[codes[row]]);
            continue;
        }
        note_missing(applying, work, row, was_missing);
        if (fill)
            weir_builder_text(&work->dictionary, fill, work->column->fill.length);
        else
            weir_builder_null(&work->dictionary);
    }
}

static int apply_dictionary(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                            struct weir_column *out, uint8_t *was_missing, struct weir_error *error)
{
    struct mapping mapping = { 0 };
    bool drop = applying->self->settings.bad_value == CLEAN_TO_DROP;
    int result = map_values(work, &in->children[0], drop, &mapping, error);
    if (result == 0) {
        map_rows(applying, work, in, &mapping, was_missing);
        result = weir_builder_finish(&work->dictionary, out, error);
    }
    free(mapping.code);
    free(mapping.outcome);
    return result;
}

int weir_clean_values_apply_text(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                                 struct weir_column *out, uint8_t *was_missing, struct weir_error *error)
{
    if (work->type.kind == WEIR_DICTIONARY)
        return apply_dictionary(applying, work, in, out, was_missing, error);
    return apply_plain(applying, work, in, out, was_missing, error);
}
