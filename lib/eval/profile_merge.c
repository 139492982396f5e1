/* The profile of all rows from those of some. */
#include "eval/classes.h"
#include "eval/profile_private.h"
#include <stdlib.h>
#include <string.h>

/* Where the columns of a profile stand, by their names; found when the first is not where it was expected. */
struct places {
    struct weir_classes names;
    int *columns; /* [names]: the first column of each */
};

static int find_places(struct places *places, const struct weir_profile *profile)
{
    places->columns = weir_allocate((size_t)profile->count, sizeof *places->columns);
    for (int i = 0; places->columns && i < profile->count; i++) {
        int before = places->names.count;
        int32_t name = weir_classes_add(&places->names, profile->columns[i].name, strlen(profile->columns[i].name));
        if (name < 0)
            return -1;
        if (name == before)
            places->columns[name] = i;
    }
    return places->columns ? 0 : -1;
}

static int find_column(struct places *places, const struct weir_profile *profile, const char *name, int near,
                       struct weir_error *error)
{
    if (near < profile->count && strcmp(profile->columns[near].name, name) == 0)
        return near;
    if (!places->columns && find_places(places, profile))
        return weir_fail_memory(error);
    int before = places->names.count;
    int32_t found = weir_classes_add(&places->names, name, strlen(name));
    if (found < 0)
        return weir_fail_memory(error);
    return found < before ? places->columns[found]
                          : weir_fail(error, WEIR_BAD_DATA, "column '%s' is not in the second profile", name);
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

static int merge_columns(struct weir_profile *into, const struct weir_profile *from,
                         const struct profile_class_join *join, struct weir_error *error)
{
    struct places places = { 0 };
    int result = 0;
    for (int i = 0; i < into->count && result == 0; i++) {
        struct profile_column *column = &into->columns[i];
        int at = find_column(&places, from, column->name, i, error);
        result = at < 0 ? -1 : merge_column(column, &from->columns[at], error);
        if (result == 0 && weir_profile_association_merge(&column->label, &from->columns[at].label, into, from, join))
            result = weir_fail_memory(error);
    }
    weir_classes_release(&places.names);
    free(places.columns);
    return result;
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
    if (merge_columns(into, from, &join, error))
        return -1;
    into->rows += from->rows;
    into->hidden |= from->hidden;
    into->label_numbers &= from->label_numbers;
    into->classes_known = join.known;
    into->classes = join.classes;
    memcpy(into->class_keys, join.keys, sizeof join.keys);
    return 0;
}
