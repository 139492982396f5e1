/* clean: columns of text, plain or in a dictionary. */
#include "base/hash.h"
#include "stage/clean_private.h"

enum { GONE = -1, MAX_DICTIONARY = 1 << 24 };

/* ---- One text through the rules -----------------------------------------------------------------------------------
 */

enum outcome { TEXT_STAYS, TEXT_EMPTIED, TEXT_NOT_ALLOWED };

static enum outcome judge(struct clean_applying *applying, const struct clean_column *column, const char **bytes,
                          size_t *length)
{
    if (!weir_clean_text_value(&applying->text, bytes, length))
        return TEXT_EMPTIED;
    return weir_clean_text_allowed(column, *bytes, *length) ? TEXT_STAYS : TEXT_NOT_ALLOWED;
}

/* Counts what happened to `row`; true when its value is missing now. */
static bool settle_row(struct clean_applying *applying, struct clean_work *work, enum outcome outcome, int64_t row)
{
    if (outcome == TEXT_EMPTIED) {
        work->counts.emptied++;
        return true;
    }
    if (outcome == TEXT_STAYS)
        return false;
    if (applying->self->settings.bad_value == CLEAN_TO_DROP) {
        weir_clean_drop_row(&applying->rows, row, work->bad_reason, &work->counts.dropped_bad);
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
        weir_clean_drop_row(&applying->rows, row, work->missing_reason, &work->counts.dropped_missing);
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
    size_t fill_length = fill ? strlen(fill) : 0;
    for (int64_t row = 0; row < in->rows; row++) {
        bool missing = !weir_valid(in, row);
        size_t length = 0;
        const char *bytes = missing ? NULL : weir_text(in, row, &length);
        if (!missing)
            missing = settle_row(applying, work, judge(applying, column, &bytes, &length), row);
        if (!missing) {
            weir_builder_text(builder, bytes, length);
            continue;
        }
        note_missing(applying, work, row, was_missing);
        if (fill)
            weir_builder_text(builder, fill, fill_length);
        else
            weir_builder_null(builder);
    }
    return builder->values.failed || builder->offsets.failed ? -1 : 0;
}

static int apply_plain(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                       struct weir_column *out, uint8_t *was_missing, struct weir_error *error)
{
    const struct clean_column *column = work->column;
    bool rules = weir_clean_text_changes(&applying->text) || column->allowed_count > 0;
    if (!rules && (in->null_count == 0 || !has_fill(column)))
        return weir_clean_apply_tensor(applying, work, in, out, was_missing, error);
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

void weir_clean_dictionary_release(struct clean_dictionary *dictionary)
{
    weir_buffer_release(&dictionary->offsets);
    weir_buffer_release(&dictionary->bytes);
    free(dictionary->slots);
    weir_column_release(&dictionary->built);
    *dictionary = (struct clean_dictionary){ 0 };
}

static const char *dictionary_value(const struct clean_dictionary *dictionary, uint32_t i, size_t *length)
{
    const int32_t *offsets = (const int32_t *)(const void *)dictionary->offsets.bytes;
    *length = (size_t)(offsets[i + 1] - offsets[i]);
    return dictionary->bytes.bytes + offsets[i];
}

static size_t find_slot(const struct clean_dictionary *dictionary, const char *bytes, size_t length)
{
    size_t mask = dictionary->slot_count - 1, at = weir_hash(bytes, length, 0) & mask;
    for (; dictionary->slots[at]; at = (at + 1) & mask) {
        size_t size;
        const char *value = dictionary_value(dictionary, dictionary->slots[at] - 1, &size);
        if (size == length && (length == 0 || memcmp(value, bytes, length) == 0))
            break;
    }
    return at;
}

static int widen_dictionary(struct clean_dictionary *dictionary)
{
    size_t count = dictionary->slot_count ? dictionary->slot_count * 2 : 64;
    uint32_t *slots = weir_allocate_zero(count, sizeof *slots);
    if (!slots)
        return -1;
    free(dictionary->slots);
    dictionary->slots = slots;
    dictionary->slot_count = count;
    for (int32_t i = 0; i < dictionary->count; i++) {
        size_t length;
        const char *value = dictionary_value(dictionary, (uint32_t)i, &length);
        slots[find_slot(dictionary, value, length)] = (uint32_t)i + 1;
    }
    return 0;
}

/* The code of a text, which becomes a new value when it was none; codes never change. */
static int intern(struct clean_dictionary *dictionary, const char *bytes, size_t length, int32_t *code,
                  struct weir_error *error)
{
    if ((size_t)dictionary->count * 2 >= dictionary->slot_count && widen_dictionary(dictionary) < 0)
        return weir_fail_memory(error);
    size_t at = find_slot(dictionary, bytes, length);
    if (dictionary->slots[at]) {
        *code = (int32_t)dictionary->slots[at] - 1;
        return 0;
    }
    if (dictionary->count >= MAX_DICTIONARY || dictionary->bytes.size + length > INT32_MAX)
        return weir_fail(error, WEIR_BAD_DATA, "a dictionary of more values than a column can have");
    int32_t zero = 0, end = (int32_t)(dictionary->bytes.size + length);
    if (dictionary->offsets.size == 0)
        weir_buffer_append(&dictionary->offsets, &zero, sizeof zero);
    weir_buffer_append(&dictionary->bytes, bytes, length);
    weir_buffer_append(&dictionary->offsets, &end, sizeof end);
    if (dictionary->bytes.failed || dictionary->offsets.failed)
        return weir_fail_memory(error);
    *code = dictionary->count++;
    dictionary->slots[at] = (uint32_t)dictionary->count;
    return 0;
}

static int build_dictionary(struct clean_dictionary *dictionary, struct weir_error *error)
{
    if (dictionary->built_count == dictionary->count && dictionary->built.offsets.block)
        return 0;
    struct weir_type type = { .kind = WEIR_UTF8 };
    struct weir_builder builder;
    if (weir_builder_init(&builder, &type) < 0)
        return weir_fail_memory(error);
    for (int32_t i = 0; i < dictionary->count; i++) {
        size_t length;
        const char *value = dictionary_value(dictionary, (uint32_t)i, &length);
        weir_builder_text(&builder, value, length);
    }
    weir_column_release(&dictionary->built);
    int result = weir_builder_finish(&builder, &dictionary->built, error);
    weir_builder_release(&builder);
    dictionary->built_count = dictionary->count;
    return result;
}

/* For each value of the input's dictionary: its code in the output's, and what the rules say of it. */
struct mapping {
    int32_t *code;
    uint8_t *outcome;
};

static int map_values(struct clean_applying *applying, struct clean_work *work, const struct weir_column *values,
                      struct mapping *mapping, struct weir_error *error)
{
    mapping->code = weir_allocate((size_t)values->rows, sizeof *mapping->code);
    mapping->outcome = weir_allocate_zero((size_t)values->rows, 1);
    if (!mapping->code || !mapping->outcome)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < values->rows; i++) {
        size_t length;
        mapping->code[i] = GONE;
        if (!weir_valid(values, i))
            continue;
        const char *bytes = weir_text(values, i, &length);
        enum outcome outcome = judge(applying, work->column, &bytes, &length);
        mapping->outcome[i] = (uint8_t)outcome;
        bool stays = outcome == TEXT_STAYS ||
                     (outcome == TEXT_NOT_ALLOWED && applying->self->settings.bad_value == CLEAN_TO_DROP);
        if (stays && intern(&work->dictionary, bytes, length, &mapping->code[i], error) < 0)
            return -1;
    }
    return 0;
}

static int map_rows(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                    const struct mapping *mapping, struct weir_column *out, uint8_t *was_missing,
                    struct weir_error *error)
{
    const struct clean_column *column = work->column;
    const int32_t *codes = weir_codes(in);
    int32_t fill = GONE, *to = weir_slice_new(&out->values, (size_t)in->rows, sizeof *to);
    uint8_t *bits = weir_slice_new(&out->validity, (size_t)((in->rows + 7) / 8), 1);
    if (!to || !bits)
        return weir_fail_memory(error);
    memset(bits, 0xFF, out->validity.size);
    out->rows = in->rows;
    for (int64_t row = 0; row < in->rows; row++) {
        bool missing = !weir_valid(in, row);
        if (!missing)
            missing = settle_row(applying, work, (enum outcome)mapping->outcome[codes[row]], row) ||
                      mapping->code[codes[row]] == GONE;
        if (!missing) {
            to[row] = mapping->code[codes[row]];
            continue;
        }
        note_missing(applying, work, row, was_missing);
        if (has_fill(column) && fill == GONE &&
            intern(&work->dictionary, column->fill.text, strlen(column->fill.text), &fill, error) < 0)
            return -1;
        to[row] = fill == GONE ? 0 : fill;
        if (fill == GONE) {
            weir_bit_clear(bits, row);
            out->null_count++;
        }
    }
    if (out->null_count == 0) {
        weir_block_unref(out->validity.block);
        out->validity = (struct weir_slice){ 0 };
    }
    return 0;
}

static int apply_dictionary(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                            struct weir_column *out, uint8_t *was_missing, struct weir_error *error)
{
    struct mapping mapping = { 0 };
    int result = map_values(applying, work, &in->children[0], &mapping, error);
    if (result == 0)
        result = map_rows(applying, work, in, &mapping, out, was_missing, error);
    if (result == 0)
        result = build_dictionary(&work->dictionary, error);
    if (result == 0) {
        if (weir_column_add_children(out, 1) < 0 || weir_column_share(&out->children[0], &work->dictionary.built) < 0)
            result = weir_fail_memory(error);
    }
    free(mapping.code);
    free(mapping.outcome);
    return result;
}

int weir_clean_apply_text(struct clean_applying *applying, struct clean_work *work, const struct weir_column *in,
                          struct weir_column *out, uint8_t *was_missing, struct weir_error *error)
{
    if (work->type.kind == WEIR_DICTIONARY)
        return apply_dictionary(applying, work, in, out, was_missing, error);
    return apply_plain(applying, work, in, out, was_missing, error);
}
