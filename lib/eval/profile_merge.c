/* The profile of all rows from those of some. */
#include "eval/profile_private.h"
#include <string.h>

static int find_column(const struct weir_profile *profile, const char *name, int near)
{
    if (near < profile->count && strcmp(profile->columns[near].name, name) == 0)
        return near;
    for (int i = 0; i < profile->count; i++)
        if (strcmp(profile->columns[i].name, name) == 0)
            return i;
    return -1;
}

static int merge_column(struct profile_column *into, const struct profile_column *from, struct weir_error *error)
{
    if (!weir_type_equal(&into->type, &from->type) || into->has != from->has)
        return weir_fail(error, WEIR_BAD_DATA, "column '%s' has another type or role in the second profile",
                         into->name);
    into->missing += from->missing;
    if (weir_hyperloglog_merge(&into->distinct, &from->distinct) || weir_frequent_list_merge(&into->top, &from->top))
        return weir_fail_memory(error);
    if (weir_profile_measure_merge(&into->values, &from->values, error) ||
        weir_profile_measure_merge(&into->lengths, &from->lengths, error))
        return -1;
    return 0;
}

static bool same_label(const struct weir_profile *a, const struct weir_profile *b)
{
    return a->label && b->label ? strcmp(a->label, b->label) == 0 : !a->label && !b->label;
}

int weir_profile_merge(struct weir_profile *into, const struct weir_profile *from, struct weir_error *error)
{
    struct profile_class_join join;
    if (into->count != from->count)
        return weir_fail(error, WEIR_BAD_DATA, "a profile of %d columns and one of %d cannot be merged", into->count,
                         from->count);
    if (!same_label(into, from))
        return weir_fail(error, WEIR_BAD_DATA, "the profiles have not the same label");
    if (into->rows > ((int64_t)1 << 53) - from->rows)
        return weir_fail(error, WEIR_BAD_DATA, "more than 2^53 rows");
    weir_profile_join_classes(&join, into, from);
    for (int i = 0; i < into->count; i++) {
        struct profile_column *column = &into->columns[i];
        int at = find_column(from, column->name, i);
        if (at < 0)
            return weir_fail(error, WEIR_BAD_DATA, "column '%s' is not in the second profile", column->name);
        if (merge_column(column, &from->columns[at], error))
            return -1;
        if (weir_profile_association_merge(&column->label, &from->columns[at].label, into, from, &join))
            return weir_fail_memory(error);
    }
    into->rows += from->rows;
    into->hidden |= from->hidden;
    into->label_numbers &= from->label_numbers;
    into->classes_known = join.known;
    into->classes = join.classes;
    memcpy(into->class_keys, join.keys, sizeof join.keys);
    return 0;
}
