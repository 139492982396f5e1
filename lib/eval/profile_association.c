/* What a column has to do with the label, from sums that join.
 *
 * correlation: of numbers x and a label of numbers y, Pearson's sum (x - mx)(y - my) / sqrt(sum (x - mx)^2 sum (y -
 * my)^2). correlation ratio: of numbers in groups, the root of the share of their sum of squares that lies between the
 * groups' means (K. Pearson, "On the general theory of skew correlation and non-linear regression", 1905): of a
 * column's numbers by the label's classes, or of a label of numbers by the column's categories. Cramer's V: of
 * categories and classes, sqrt(chi^2 / (n min(r - 1, c - 1))) of their table of r rows and c columns, those that are
 * empty left out (H. Cramer, "Mathematical methods of statistics", 1946, 21.9). Rows in which either is missing are
 * left out. */
#include "eval/profile_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void weir_profile_moments_join(struct profile_moments *into, const struct profile_moments *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0) {
        *into = *from;
        return;
    }
    double share = from->count / (into->count + from->count), difference = from->mean - into->mean;
    into->squares += from->squares + difference * difference * into->count * share;
    into->mean += difference * share;
    into->count += from->count;
}

void weir_profile_line_join(struct profile_line *into, const struct profile_line *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0) {
        *into = *from;
        return;
    }
    double share = from->count / (into->count + from->count), x = from->x - into->x, y = from->y - into->y;
    into->xx += from->xx + x * x * into->count * share;
    into->yy += from->yy + y * y * into->count * share;
    into->xy += from->xy + x * y * into->count * share;
    into->x += x * share;
    into->y += y * share;
    into->count += from->count;
}

void weir_profile_association_release(struct profile_association *association)
{
    free(association->classes);
    free(association->keys);
    free(association->numbers);
    free(association->counts);
    *association = (struct profile_association){ .categories = 0 };
}

static bool are_finite(const struct profile_moments *moments, int count)
{
    double sum = 0;
    for (int i = 0; moments && i < count; i++)
        sum += fabs(moments[i].mean) + moments[i].squares;
    return isfinite(sum);
}

void weir_profile_association_settle(struct profile_association *association, int classes)
{
    const struct profile_line *line = &association->line;
    if (!isfinite(fabs(line->x) + fabs(line->y) + line->xx + line->yy + fabs(line->xy)))
        association->line = (struct profile_line){ 0 };
    if (!are_finite(association->classes, classes))
        memset(association->classes, 0, (size_t)classes * sizeof *association->classes);
    if (!are_finite(association->numbers, association->categories))
        memset(association->numbers, 0, (size_t)association->categories * sizeof *association->numbers);
}

/* ---- Measures --------------------------------------------------------------------------------------------------- */

static double ratio(const struct profile_moments *groups, int count)
{
    struct profile_moments whole = { 0 };
    double within = 0;
    for (int i = 0; i < count; i++) {
        weir_profile_moments_join(&whole, &groups[i]);
        within += groups[i].count > 0 ? groups[i].squares : 0;
    }
    double share = (whole.squares - within) / whole.squares;
    if (!(whole.squares > 0) || !isfinite(share))
        return (double)NAN;
    return share <= 0 ? 0 : share >= 1 ? 1 : sqrt(share);
}

static double correlation(const struct profile_line *line)
{
    double r = line->xy / (sqrt(line->xx) * sqrt(line->yy));
    if (!(line->xx > 0) || !(line->yy > 0) || !isfinite(r))
        return (double)NAN;
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

static double cramers_v(const int64_t *counts, int rows, int columns)
{
    double of_row[PROFILE_CATEGORIES] = { 0 }, of_column[PROFILE_CLASSES] = { 0 }, n = 0, sum = 0;
    int used_rows = 0, used_columns = 0;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            of_row[r] += (double)counts[r * columns + c];
            of_column[c] += (double)counts[r * columns + c];
        }
    for (int r = 0; r < rows; r++) {
        used_rows += of_row[r] > 0;
        n += of_row[r];
        for (int c = 0; of_row[r] > 0 && c < columns; c++) {
            double count = (double)counts[r * columns + c];
            sum += count > 0 ? count / of_row[r] * (count / of_column[c]) : 0;
        }
    }
    for (int c = 0; c < columns; c++)
        used_columns += of_column[c] > 0;
    int least = used_rows < used_columns ? used_rows : used_columns; /* chi^2 = n (sum - 1) */
    if (!(n > 0) || least < 2)
        return (double)NAN;
    return sum <= 1 ? 0 : fmin(1, sqrt((sum - 1) / (least - 1)));
}

struct profile_associations weir_profile_associate(const struct weir_profile *profile,
                                                   const struct profile_column *column)
{
    const struct profile_association *label = &column->label;
    struct profile_associations found = { (double)NAN, (double)NAN, (double)NAN };
    if (profile->label_numbers && (column->has & PROFILE_NUMBER))
        found.correlation = correlation(&label->line);
    if (profile->classes_known && label->classes)
        found.correlation_ratio = ratio(label->classes, profile->classes);
    if (profile->classes_known && label->counts)
        found.cramers_v = cramers_v(label->counts, label->categories, profile->classes);
    else if (profile->label_numbers && label->numbers)
        found.correlation_ratio = ratio(label->numbers, label->categories);
    return found;
}

/* ---- Joining two profiles ---------------------------------------------------------------------------------------- */

/* The union of two ascending runs of keys, at most `most` of them: how many there are. */
static int join_keys(const uint64_t *a, int a_count, const uint64_t *b, int b_count, uint64_t *keys, int *a_at,
                     int *b_at, int most)
{
    int i = 0, j = 0, count = 0;
    while (i < a_count || j < b_count) {
        bool from_a = i < a_count && (j == b_count || a[i] <= b[j]);
        bool from_b = j < b_count && (i == a_count || b[j] <= a[i]);
        uint64_t key = from_a ? a[i] : b[j];
        if (from_a)
            a_at[i++] = count;
        if (from_b)
            b_at[j++] = count;
        if (count < most)
            keys[count] = key;
        count++;
    }
    return count;
}

void weir_profile_join_classes(struct profile_class_join *join, const struct weir_profile *into,
                               const struct weir_profile *from)
{
    *join = (struct profile_class_join){ .known = into->classes_known && from->classes_known };
    if (join->known)
        join->classes = join_keys(into->class_keys, into->classes, from->class_keys, from->classes, join->keys,
                                  join->into, join->from, PROFILE_CLASSES);
    if (join->classes > PROFILE_CLASSES) {
        join->known = false;
        join->classes = 0;
    }
}

static int join_class_moments(struct profile_association *into, const struct profile_association *from,
                              const struct weir_profile *into_profile, const struct weir_profile *from_profile,
                              const struct profile_class_join *join)
{
    struct profile_moments *classes = NULL;
    if (join->known && into->classes && from->classes) {
        classes = weir_allocate_zero((size_t)join->classes, sizeof *classes);
        if (!classes)
            return -1;
        for (int c = 0; c < into_profile->classes; c++)
            weir_profile_moments_join(&classes[join->into[c]], &into->classes[c]);
        for (int c = 0; c < from_profile->classes; c++)
            weir_profile_moments_join(&classes[join->from[c]], &from->classes[c]);
    }
    free(into->classes);
    into->classes = classes;
    return 0;
}

/* The tables of both, each category's row at its place in the joined one. */
static void add_table(int64_t *counts, int classes, const struct profile_association *from, int from_classes,
                      const int *category_at, const int *class_at)
{
    for (int i = 0; i < from->categories; i++)
        for (int c = 0; c < from_classes; c++)
            counts[category_at[i] * classes + class_at[c]] += from->counts[i * from_classes + c];
}

static int join_categories(struct profile_association *into, const struct profile_association *from,
                           const struct weir_profile *into_profile, const struct weir_profile *from_profile,
                           const struct profile_class_join *join)
{
    uint64_t keys[PROFILE_CATEGORIES];
    int into_at[PROFILE_CATEGORIES], from_at[PROFILE_CATEGORIES];
    struct profile_association joined = { .line = into->line, .classes = into->classes };
    int count = join_keys(into->keys, into->categories, from->keys, from->categories, keys, into_at, from_at,
                          PROFILE_CATEGORIES);
    joined.too_many = into->too_many || from->too_many || count > PROFILE_CATEGORIES;
    bool numbers = !joined.too_many && into->numbers && from->numbers;
    bool counts = !joined.too_many && join->known && into->counts && from->counts;
    if (!joined.too_many) {
        joined.categories = count;
        joined.keys = weir_allocate((size_t)count, sizeof *keys);
        joined.numbers = numbers ? weir_allocate_zero((size_t)count, sizeof *joined.numbers) : NULL;
        joined.counts = counts ? weir_allocate_zero((size_t)(count * join->classes), sizeof *joined.counts) : NULL;
        if (!joined.keys || (numbers && !joined.numbers) || (counts && !joined.counts)) {
            free(joined.keys);
            free(joined.numbers);
            free(joined.counts);
            return -1;
        }
        if (count)
            memcpy(joined.keys, keys, (size_t)count * sizeof *keys);
    }
    for (int i = 0; numbers && i < into->categories; i++)
        weir_profile_moments_join(&joined.numbers[into_at[i]], &into->numbers[i]);
    for (int i = 0; numbers && i < from->categories; i++)
        weir_profile_moments_join(&joined.numbers[from_at[i]], &from->numbers[i]);
    if (counts) {
        add_table(joined.counts, join->classes, into, into_profile->classes, into_at, join->into);
        add_table(joined.counts, join->classes, from, from_profile->classes, from_at, join->from);
    }
    into->classes = NULL;
    weir_profile_association_release(into);
    *into = joined;
    return 0;
}

int weir_profile_association_merge(struct profile_association *into, const struct profile_association *from,
                                   const struct weir_profile *into_profile, const struct weir_profile *from_profile,
                                   const struct profile_class_join *join)
{
    weir_profile_line_join(&into->line, &from->line);
    if (join_class_moments(into, from, into_profile, from_profile, join))
        return -1;
    if (join_categories(into, from, into_profile, from_profile, join))
        return -1;
    weir_profile_association_settle(into, join->classes);
    return 0;
}
