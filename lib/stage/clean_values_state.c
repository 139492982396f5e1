#include "stage/clean_values_private.h"
#include "stage/state.h"
#include <math.h>

static const char *const removal_names[] = { "", "no value", "constant" };

static json_t *fill_to_json(const struct clean_column *column)
{
    if (column->class == CLEAN_TEXT)
        return json_stringn(column->fill.text, column->fill.length);
    if (column->class == CLEAN_BOOL)
        return json_boolean(column->fill.integer);
    if (weir_kind_is_float(column->type.kind))
        return json_real(column->fill.real);
    return json_integer(column->fill.integer);
}

static json_t *column_to_json(const struct clean_column *column)
{
    json_t *json = weir_state_new_column(column->name, &column->type);
    int failed = !json;
    if (json && column->label)
        failed |= json_object_set_new(json, "role", json_string("label"));
    if (json && column->outliers) {
        /* an open bound is left out */
        if (isfinite(column->lower))
            failed |= json_object_set_new(json, "lower", json_real(column->lower));
        if (isfinite(column->upper))
            failed |= json_object_set_new(json, "upper", json_real(column->upper));
    }
    if (json && column->fill.known)
        failed |= json_object_set_new(json, "fill", fill_to_json(column));
    if (json && column->missing > 0)
        failed |= json_object_set_new(json, "missing", json_integer(column->missing));
    if (json && column->removal != CLEAN_KEPT)
        failed |= json_object_set_new(json, "removed", json_string(removal_names[column->removal]));
    if (!failed)
        return json;
    json_decref(json);
    return NULL;
}

int weir_clean_values_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                           struct weir_error *error)
{
    (void)blobs;
    const struct clean_values *self = stage->state;
    json_t *columns = json_array();
    for (size_t i = 0; columns && i < self->count; i++)
        weir_state_append(&columns, column_to_json(&self->columns[i]));
    return weir_state_of_columns(columns, state, error);
}

int weir_clean_values_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                                 struct weir_error *error)
{
    const struct clean_values *self = stage->state;
    *merge = json_array();
    for (size_t i = 0; *merge && i < self->count; i++)
        weir_state_append(merge, weir_clean_values_learner_save(&self->columns[i], blobs, error));
    return *merge ? 0 : weir_fail_memory(error);
}

static int restore_fill(struct clean_column *column, const json_t *json, struct weir_error *error)
{
    struct clean_fill *fill = &column->fill;
    double low, high;
    bool good = false;
    if (column->class == CLEAN_TEXT) {
        free(fill->text);
        fill->text = NULL;
        good = json_is_string(json);
        fill->length = json_string_length(json);
        if (good && !(fill->text = weir_duplicate_bytes(json_string_value(json), fill->length)))
            return weir_fail_memory(error);
    } else if (column->class == CLEAN_BOOL) {
        good = json_is_boolean(json);
        fill->integer = json_is_true(json);
    } else if (weir_kind_is_float(column->type.kind)) {
        good = json_is_number(json) && isfinite(json_number_value(json));
        fill->real = json_number_value(json);
    } else if (column->class == CLEAN_NUMBER || column->class == CLEAN_TIME) {
        weir_clean_values_integer_range(column->class == CLEAN_TIME && weir_kind_width(column->type.kind) == 4
                                            ? WEIR_INT32
                                        : column->class == CLEAN_TIME ? WEIR_INT64
                                                                      : column->type.kind,
                                        &low, &high);
        fill->integer = json_integer_value(json);
        good = json_is_integer(json) && (double)fill->integer >= low && (double)fill->integer <= high;
    }
    fill->known = good;
    return good ? 0 : weir_fail(error, WEIR_BAD_DATA, "its 'fill' is no value of its type");
}

static int restore_bound(const json_t *json, const char *key, double *out, struct weir_error *error)
{
    return json_object_get(json, key) ? weir_state_number(json, key, out, error) : 0;
}

static int restore_column(const struct clean_settings *settings, struct clean_column *column, const json_t *json,
                          struct weir_error *error)
{
    const char *removed = json_string_value(json_object_get(json, "removed"));
    const json_t *fill = json_object_get(json, "fill");
    const char *role = json_string_value(json_object_get(json, "role"));
    if (weir_state_name_and_type(json, &column->name, &column->type, error) < 0 ||
        weir_clean_values_resolve(settings, column, role && strcmp(role, "label") == 0 ? WEIR_LABEL : WEIR_FEATURE,
                                  error) < 0)
        return -1;
    column->outliers = column->outliers && !column->label;
    if (restore_bound(json, "lower", &column->lower, error) < 0 ||
        restore_bound(json, "upper", &column->upper, error) < 0)
        return -1;
    if (!(column->lower <= column->upper))
        return weir_fail(error, WEIR_BAD_DATA, "its 'lower' is above its 'upper'");
    if (json_object_get(json, "missing") &&
        weir_state_integer(json, "missing", 0, INT64_MAX / 4, &column->missing, error) < 0)
        return -1;
    for (int i = CLEAN_NO_VALUE; removed && i < CLEAN_REMOVAL_COUNT; i++)
        if (strcmp(removed, removal_names[i]) == 0)
            column->removal = (enum clean_removal)i;
    if (fill)
        return restore_fill(column, fill, error);
    bool needs = column->rule != CLEAN_DROP && column->rule != CLEAN_KEEP && column->removal == CLEAN_KEPT;
    bool uncounted = column->rule == CLEAN_MODE && column->class == CLEAN_TEXT; /* texts may be too long for that */
    if (needs && !uncounted && !column->label && !column->fill.known)
        return weir_fail(error, WEIR_BAD_DATA, "it has no 'fill'");
    return 0;
}

int weir_clean_values_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                              struct weir_error *error)
{
    struct clean_values *self = stage->state;
    const json_t *columns, *merge;
    if (weir_state_columns_and_merge(state, &columns, &merge, error) < 0)
        return -1;
    self->columns = weir_allocate_zero(json_array_size(columns), sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    for (size_t i = 0; i < json_array_size(columns); i++) {
        struct clean_column *column = &self->columns[self->count++];
        if (restore_column(&self->settings, column, json_array_get(columns, i), error) < 0 ||
            (merge &&
             weir_clean_values_learner_restore(&self->settings, column, json_array_get(merge, i), blobs, error) < 0))
            return weir_fail_in(error, "column %s", column->name ? WEIR_SHOW(column->name) : "");
    }
    return 0;
}

int weir_clean_values_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct clean_values *into = stage->state;
    const struct clean_values *from = other->state;
    if (weir_state_check_merge(stage, into->count, other, from->count, error) < 0)
        return -1;
    for (size_t i = 0; i < into->count; i++) {
        struct clean_column *a = &into->columns[i];
        const struct clean_column *b = &from->columns[i];
        if (strcmp(a->name, b->name) != 0 || !weir_type_equal(&a->type, &b->type) || a->label != b->label)
            return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(a->name));
        if (weir_clean_values_learner_merge(&into->settings, a, b, error) < 0)
            return -1;
    }
    return 0;
}
