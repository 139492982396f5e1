/* clean's report: which cells of a column a part changed. */
#include "stage/clean_report_private.h"
#include "stream/bits.h"

static bool same_slice(const struct weir_slice *a, const struct weir_slice *b)
{
    return a->size == b->size && (a->bytes == b->bytes || a->size == 0);
}

bool weir_clean_shares(const struct weir_column *before, const struct weir_column *after)
{
    bool same = before->rows == after->rows && before->null_count == after->null_count &&
                before->child_count == after->child_count && same_slice(&before->validity, &after->validity) &&
                same_slice(&before->offsets, &after->offsets) && same_slice(&before->values, &after->values);
    for (int i = 0; same && i < before->child_count; i++)
        same = weir_clean_shares(&before->children[i], &after->children[i]);
    return same;
}

static bool is_dictionary_of_text(const struct weir_type *type)
{
    return type->kind == WEIR_DICTIONARY && weir_clean_is_text(type);
}

int weir_clean_sides_begin(struct clean_sides *sides)
{
    enum { UNKNOWN = -1 };
    sides->same_code = NULL;
    if (!is_dictionary_of_text(sides->types[0]) || !is_dictionary_of_text(sides->types[1]))
        return 0;
    int64_t codes = sides->columns[0]->children[0].rows;
    sides->same_code = weir_allocate((size_t)codes, sizeof *sides->same_code);
    if (!sides->same_code)
        return -1;
    for (int64_t i = 0; i < codes; i++)
        sides->same_code[i] = UNKNOWN;
    return 0;
}

void weir_clean_sides_end(struct clean_sides *sides)
{
    free(sides->same_code);
    weir_buffer_release(&sides->texts[0]);
    weir_buffer_release(&sides->texts[1]);
    *sides = (struct clean_sides){ 0 };
}

/* The text of a cell of text; false: of a dictionary's value that is missing. */
static bool text_of(const struct weir_column *column, const struct weir_type *type, int64_t row, const char **bytes,
                    size_t *length)
{
    if (type->kind == WEIR_DICTIONARY) {
        row = weir_codes(column)[row];
        column = &column->children[0];
    }
    bool present = weir_valid(column, row);
    *length = 0;
    *bytes = present ? weir_text(column, row, length) : NULL;
    return present;
}

static bool texts_differ(struct clean_sides *sides, int64_t row)
{
    const char *bytes[2];
    size_t lengths[2];
    if (sides->same_code && sides->same_code[weir_codes(sides->columns[0])[row]] == weir_codes(sides->columns[1])[row])
        return false;
    bool present[2];
    for (int i = 0; i < 2; i++)
        present[i] = text_of(sides->columns[i], sides->types[i], row, &bytes[i], &lengths[i]);
    if (present[0] != present[1] || lengths[0] != lengths[1] ||
        (lengths[0] > 0 && memcmp(bytes[0], bytes[1], lengths[0]) != 0))
        return true;
    if (sides->same_code)
        sides->same_code[weir_codes(sides->columns[0])[row]] = weir_codes(sides->columns[1])[row];
    return false;
}

/* Of two types a cell is the same when it reads the same. */
static bool readings_differ(struct clean_sides *sides, int64_t row)
{
    for (int i = 0; i < 2; i++) {
        weir_buffer_clear(&sides->texts[i]);
        weir_value_text(sides->columns[i], sides->types[i], row, &sides->texts[i]);
    }
    const struct weir_buffer *before = &sides->texts[0], *after = &sides->texts[1];
    return before->size != after->size || (before->size > 0 && memcmp(before->bytes, after->bytes, before->size) != 0);
}

static bool is_wide_number(enum weir_kind kind)
{
    return weir_kind_is_integer(kind) || weir_kind_is_float(kind);
}

/* Whether a cell that is there before and after is another. */
static bool differs(struct clean_sides *sides, int64_t row)
{
    const struct weir_type *before = sides->types[0], *after = sides->types[1];
    if (weir_clean_is_text(before) && weir_clean_is_text(after))
        return texts_differ(sides, row);
    if (before->kind == after->kind)
        return weir_value_hash(sides->columns[0], before, row, 0) != weir_value_hash(sides->columns[1], after, row, 0);
    if (is_wide_number(before->kind) && is_wide_number(after->kind))
        return weir_number(sides->columns[0], before->kind, row) != weir_number(sides->columns[1], after->kind, row);
    return readings_differ(sides, row);
}

static uint64_t nulls(const struct weir_column *column, int64_t first)
{
    return column->validity.size ? weir_bits_unset(column->validity.bytes, first, column->rows) : 0;
}

/* Rows of one kind of fixed width whose bytes are all the same need no second look. */
static bool same_bytes(const struct clean_sides *sides, int64_t first, int64_t rows)
{
    size_t width = (size_t)weir_kind_width(sides->types[0]->kind);
    if (width == 0 || sides->types[0]->kind != sides->types[1]->kind || sides->types[0]->kind == WEIR_DICTIONARY)
        return false;
    return memcmp(sides->columns[0]->values.bytes + (size_t)first * width,
                  sides->columns[1]->values.bytes + (size_t)first * width, (size_t)rows * width) == 0;
}

struct clean_fates weir_clean_compare(struct clean_sides *sides, int64_t first)
{
    int64_t rows = sides->columns[0]->rows - first;
    rows = rows < 64 ? rows : 64;
    uint64_t all = rows < 64 ? ((uint64_t)1 << rows) - 1 : UINT64_MAX;
    uint64_t before = nulls(sides->columns[0], first) & all, after = nulls(sides->columns[1], first) & all;
    struct clean_fates fates = { .emptied = after & ~before, .filled = before & ~after };
    if (same_bytes(sides, first, rows))
        return fates;
    for (uint64_t both = all & ~before & ~after; both; both &= both - 1)
        if (differs(sides, first + __builtin_ctzll(both)))
            fates.changed |= both & -both;
    return fates;
}
