/* The sums of a column and the label. They are taken of x - a, a being near the mean, over blocks of 4,096 rows counted
 * from the first of the stream, whatever the batches, and joined by T. Chan, G. Golub and R. LeVeque, "Updating
 * formulae and a pairwise algorithm for computing sample variances", 1979. */
#include "base/hash.h"
#include "eval/profile_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096, SLOTS = 2 * PROFILE_CATEGORIES };

/* ---- The label of each row ------------------------------------------------------------------------------------ */

void weir_profile_labels_begin(struct profile_labels *labels, const struct weir_schema *schema)
{
    *labels = (struct profile_labels){ .index = weir_schema_role(schema, WEIR_LABEL, 0) };
    if (labels->index < 0)
        return;
    const struct weir_type *type = &schema->fields[labels->index].type, *value = weir_profile_value_type(type);
    labels->type = type;
    labels->has_classes = value->kind == WEIR_UTF8 || value->kind == WEIR_BOOL || weir_kind_is_integer(value->kind);
    labels->has_numbers = type->kind != WEIR_DICTIONARY && value->kind != WEIR_BOOL && weir_kind_is_number(value->kind);
}

void weir_profile_labels_release(struct profile_labels *labels)
{
    free(labels->class_of);
    free(labels->numbers);
    *labels = (struct profile_labels){ 0 };
}

static int32_t class_of_key(struct profile_labels *labels, uint64_t key)
{
    for (int c = 0; c < labels->classes && c < PROFILE_CLASSES; c++)
        if (labels->keys[c] == key)
            return c;
    if (labels->classes < PROFILE_CLASSES)
        labels->keys[labels->classes] = key;
    return labels->classes++;
}

/* The key of a label's value: the same as that of the column's categories. */
static uint64_t class_key(const struct weir_column *column, const struct weir_type *type, int64_t row)
{
    if (type->kind != WEIR_UTF8)
        return weir_mix((uint64_t)weir_integer(column, type->kind, row));
    size_t length;
    const char *text = weir_text(column, row, &length);
    return weir_hash(text, length, 0);
}

static void read_classes(struct profile_labels *labels, const struct weir_column *column)
{
    const struct weir_type *value = weir_profile_value_type(labels->type);
    uint64_t last = 0;
    int32_t last_class = -1; /* labels often stand in runs */
    for (int64_t row = 0; row < column->rows && labels->classes <= PROFILE_CLASSES; row++) {
        labels->class_of[row] = -1;
        if (!weir_valid(column, row))
            continue;
        const struct weir_column *values = column;
        int64_t at = row;
        if (labels->type->kind == WEIR_DICTIONARY) {
            values = &column->children[0];
            at = weir_codes(column)[row];
            if (!weir_valid(values, at))
                continue;
        }
        uint64_t key = class_key(values, value, at);
        if (last_class < 0 || key != last)
            last_class = class_of_key(labels, key);
        last = key;
        labels->class_of[row] = last_class;
    }
}

int weir_profile_labels_read(struct profile_labels *labels, const struct weir_batch *batch, struct weir_error *error)
{
    if (!labels->type)
        return 0;
    const struct weir_column *column = &batch->columns[labels->index];
    if (column->rows > labels->capacity) {
        free(labels->class_of);
        free(labels->numbers);
        labels->class_of = weir_allocate((size_t)column->rows, sizeof *labels->class_of);
        labels->numbers = weir_allocate((size_t)column->rows, sizeof *labels->numbers);
        labels->capacity = labels->class_of && labels->numbers ? column->rows : 0;
        if (!labels->capacity)
            return weir_fail_memory(error);
    }
    if (labels->has_classes && labels->classes <= PROFILE_CLASSES)
        read_classes(labels, column);
    if (!labels->has_numbers)
        return 0;
    if (weir_numbers(column, labels->type->kind, labels->numbers, error))
        return -1;
    for (int64_t row = 0; row < column->rows; row++)
        labels->numbers[row] = isfinite(labels->numbers[row]) ? labels->numbers[row] : (double)NAN;
    return 0;
}

static bool classes_live(const struct profile_labels *labels)
{
    return labels->has_classes && labels->classes <= PROFILE_CLASSES;
}

/* ---- Sums ----------------------------------------------------------------------------------------------------- */

/* Of one block, of x - a. */
struct block {
    double count, sum, squares;
};
struct profile_sums {
    bool category;
    bool begun;  /* the places a stand */
    double x, y; /* a of the numbers and of the label */
    struct {
        double count, x, y, xx, yy, xy;
    } block;
    struct profile_line line;
    struct block class_blocks[PROFILE_CLASSES + 1]; /* the first takes what has none */
    struct profile_moments classes[PROFILE_CLASSES];
    bool too_many;
    int categories;
    uint64_t keys[PROFILE_CATEGORIES];
    int16_t slots[SLOTS]; /* a category's number + 1 by its key */
    struct block category_blocks[PROFILE_CATEGORIES];
    struct profile_moments numbers[PROFILE_CATEGORIES];
    int64_t *counts[PROFILE_CATEGORIES]; /* [PROFILE_CLASSES] of a category */
};

struct profile_sums *weir_profile_sums_new(bool category)
{
    struct profile_sums *sums = weir_allocate_zero(1, sizeof *sums);
    if (sums)
        sums->category = category;
    return sums;
}

void weir_profile_sums_free(struct profile_sums *sums)
{
    if (!sums)
        return;
    for (int i = 0; i < PROFILE_CATEGORIES; i++)
        free(sums->counts[i]);
    free(sums);
}

static void fold_block(struct profile_moments *into, struct block *block, double a)
{
    if (block->count == 0)
        return;
    double squares = block->squares - block->sum * block->sum / block->count;
    struct profile_moments moments = { block->count, a + block->sum / block->count, squares > 0 ? squares : 0 };
    weir_profile_moments_join(into, &moments);
    *block = (struct block){ 0 };
}

static double mean_of(const struct profile_moments *groups, int count, double otherwise)
{
    double rows = 0, sum = 0;
    for (int i = 0; i < count; i++)
        rows += groups[i].count;
    for (int i = 0; i < count; i++)
        sum += groups[i].mean * (groups[i].count / rows);
    return rows > 0 && isfinite(sum) ? sum : otherwise;
}

/* At the end of a block: what was summed up joins the rest, and the places a move to the means. */
static void fold(struct profile_sums *sums)
{
    double n = sums->block.count;
    if (n > 0) {
        double dx = sums->block.x / n, dy = sums->block.y / n;
        struct profile_line line = { n,
                                     sums->x + dx,
                                     sums->y + dy,
                                     fmax(sums->block.xx - dx * sums->block.x, 0),
                                     fmax(sums->block.yy - dy * sums->block.y, 0),
                                     sums->block.xy - dx * sums->block.y };
        weir_profile_line_join(&sums->line, &line);
        sums->block.count = sums->block.x = sums->block.y = sums->block.xx = sums->block.yy = sums->block.xy = 0;
    }
    sums->class_blocks[0] = (struct block){ 0 };
    for (int c = 0; c < PROFILE_CLASSES; c++)
        fold_block(&sums->classes[c], &sums->class_blocks[c + 1], sums->x);
    for (int i = 0; i < sums->categories; i++)
        fold_block(&sums->numbers[i], &sums->category_blocks[i], sums->y);
    if (!sums->begun)
        return;
    if (sums->category) {
        sums->y = mean_of(sums->numbers, sums->categories, sums->y);
        return;
    }
    sums->x = mean_of(sums->classes, PROFILE_CLASSES, sums->line.count > 0 ? sums->line.x : sums->x);
    sums->y = sums->line.count > 0 ? sums->line.y : sums->y;
}

static void begin_numbers(struct profile_sums *sums, const struct profile_labels *labels, const double *numbers,
                          int64_t rows)
{
    for (int64_t i = 0; i < rows && !sums->begun; i++) {
        if (isnan(numbers[i]) || (labels->has_numbers && isnan(labels->numbers[i])) ||
            (!labels->has_numbers && labels->class_of[i] < 0))
            continue;
        sums->x = numbers[i];
        sums->y = labels->has_numbers ? labels->numbers[i] : 0;
        sums->begun = true;
    }
}

static void add_classes(struct profile_sums *sums, const int32_t *class_of, const double *numbers, int64_t rows)
{
    double a = sums->x;
    for (int64_t i = 0; i < rows; i++) {
        bool there = numbers[i] == numbers[i];
        double x = there ? numbers[i] - a : 0;
        struct block *block = &sums->class_blocks[there ? class_of[i] + 1 : 0];
        block->count += 1;
        block->sum += x;
        block->squares += x * x;
    }
}

static void add_line(struct profile_sums *sums, const double *labels, const double *numbers, int64_t rows)
{
    double n = sums->block.count, sx = sums->block.x, sy = sums->block.y;
    double xx = sums->block.xx, yy = sums->block.yy, xy = sums->block.xy;
    for (int64_t i = 0; i < rows; i++) {
        double x = numbers[i] - sums->x, y = labels[i] - sums->y;
        bool there = x == x && y == y;
        x = there ? x : 0;
        y = there ? y : 0;
        n += there;
        sx += x;
        sy += y;
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    sums->block.count = n;
    sums->block.x = sx;
    sums->block.y = sy;
    sums->block.xx = xx;
    sums->block.yy = yy;
    sums->block.xy = xy;
}

/* How many of the rows from `row` of the stream on belong to the same block. */
static int64_t rows_of_block(int64_t row, int64_t rows)
{
    int64_t left = BLOCK - row % BLOCK;
    return rows < left ? rows : left;
}

void weir_profile_sums_numbers(struct profile_sums *sums, const struct profile_labels *labels, const double *numbers,
                               int64_t rows, int64_t row)
{
    for (int64_t first = 0, count; first < rows; first += count, row += count) {
        count = rows_of_block(row, rows - first);
        if (!sums->begun) {
            struct profile_labels rest = *labels;
            rest.class_of = labels->class_of ? labels->class_of + first : NULL;
            rest.numbers = labels->numbers ? labels->numbers + first : NULL;
            begin_numbers(sums, &rest, numbers + first, count);
        }
        if (classes_live(labels))
            add_classes(sums, labels->class_of + first, numbers + first, count);
        if (labels->has_numbers)
            add_line(sums, labels->numbers + first, numbers + first, count);
        if ((row + count) % BLOCK == 0)
            fold(sums);
    }
}

int32_t weir_profile_sums_category(struct profile_sums *sums, uint64_t hash, bool *failed)
{
    if (sums->too_many)
        return -1;
    size_t slot = hash % SLOTS;
    while (sums->slots[slot] && sums->keys[sums->slots[slot] - 1] != hash)
        slot = (slot + 1) % SLOTS;
    if (sums->slots[slot])
        return sums->slots[slot] - 1;
    if (sums->categories == PROFILE_CATEGORIES) {
        sums->too_many = true;
        return -1;
    }
    int64_t *counts = weir_allocate_zero(PROFILE_CLASSES, sizeof *counts);
    if (!counts) {
        *failed = true;
        return -1;
    }
    sums->counts[sums->categories] = counts;
    sums->keys[sums->categories] = hash;
    sums->slots[slot] = (int16_t)++sums->categories;
    return sums->categories - 1;
}

void weir_profile_sums_categories(struct profile_sums *sums, const struct profile_labels *labels, const int32_t *groups,
                                  int64_t rows, int64_t row)
{
    if (sums->too_many)
        return;
    for (int64_t i = 0; i < rows; i++) {
        int32_t group = groups[i];
        if (group >= 0 && classes_live(labels) && labels->class_of[i] >= 0)
            sums->counts[group][labels->class_of[i]]++;
        if (group >= 0 && labels->has_numbers && labels->numbers[i] == labels->numbers[i]) {
            if (!sums->begun)
                sums->y = labels->numbers[i];
            sums->begun = true;
            double y = labels->numbers[i] - sums->y;
            struct block *block = &sums->category_blocks[group];
            block->count += 1;
            block->sum += y;
            block->squares += y * y;
        }
        if ((row + i + 1) % BLOCK == 0)
            fold(sums);
    }
}

/* ---- The end -------------------------------------------------------------------------------------------------- */

static int end_categories(struct profile_sums *sums, const struct profile_labels *labels, const int *class_order,
                          struct profile_association *association)
{
    int count = sums->categories, order[PROFILE_CATEGORIES];
    association->too_many = sums->too_many;
    if (sums->too_many)
        return 0;
    association->keys = weir_allocate((size_t)count, sizeof *association->keys);
    if (labels->has_numbers)
        association->numbers = weir_allocate((size_t)count, sizeof *association->numbers);
    if (classes_live(labels))
        association->counts = weir_allocate((size_t)(count * labels->classes), sizeof *association->counts);
    if (!association->keys || (labels->has_numbers && !association->numbers) ||
        (classes_live(labels) && !association->counts))
        return -1;
    association->categories = count;
    for (int i = 0; i < count; i++) {
        int at = i;
        for (; at > 0 && sums->keys[order[at - 1]] > sums->keys[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int i = 0; i < count; i++) {
        association->keys[i] = sums->keys[order[i]];
        if (association->numbers)
            association->numbers[i] = sums->numbers[order[i]];
        for (int c = 0; association->counts && c < labels->classes; c++)
            association->counts[i * labels->classes + c] = sums->counts[order[i]][class_order[c]];
    }
    return 0;
}

int weir_profile_sums_end(struct profile_sums *sums, const struct profile_labels *labels, const int *class_order,
                          struct profile_association *association)
{
    int classes = classes_live(labels) ? labels->classes : 0;
    fold(sums);
    if (sums->category && end_categories(sums, labels, class_order, association))
        return -1;
    if (!sums->category && classes_live(labels)) {
        association->classes = weir_allocate((size_t)classes, sizeof *association->classes);
        if (!association->classes)
            return -1;
        for (int c = 0; c < classes; c++)
            association->classes[c] = sums->classes[class_order[c]];
    }
    association->line = sums->line;
    weir_profile_association_settle(association, classes);
    return 0;
}
