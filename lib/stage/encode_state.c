#include "stage/encode_private.h"
#include "stage/options.h"
#include "stage/state.h"

static const char *const form_names[WEIR_ENCODE_FORMS] = { "",          "removed", "category", "number", "ordinal",
                                                           "frequency", "hash",    "target",   "cyclic" };

static bool has_categories(enum weir_encode_form form)
{
    return form == WEIR_ENCODE_CATEGORY || form == WEIR_ENCODE_ORDINAL || form == WEIR_ENCODE_FREQUENCY ||
           form == WEIR_ENCODE_TARGET;
}

void weir_encode_release_columns(struct weir_encode *self)
{
    for (size_t i = 0; i < self->count; i++) {
        struct weir_encode_column *column = &self->encoded[i];
        free(column->name);
        weir_type_release(&column->type);
        weir_counts_release(&column->categories);
        weir_counts_release(&column->classes);
        weir_counts_release(&column->counts);
        free(column->table);
        free(column->fold_tables);
        free(column->sums.cells);
    }
    free(self->encoded);
    free(self->source);
    self->encoded = NULL;
    self->source = NULL;
    self->count = 0;
}

/* ---- Out ------------------------------------------------------------------------------------------------------ */

/* An array of texts; NULL: out of memory. */
static json_t *values_json(const struct weir_counts *counts)
{
    json_t *values = json_array();
    for (size_t i = 0; values && i < counts->count; i++)
        weir_state_append(&values, json_stringn(weir_counts_value(counts, i), counts->items[i].size));
    return values;
}

/* Sets a new reference, which may be NULL: then it failed. */
static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

json_t *weir_encode_slots_json(const struct weir_encode_column *column)
{
    json_t *json = json_object();
    bool done = json != NULL;
    if (column->form == WEIR_ENCODE_CATEGORY) {
        done = done && set(json, "values", values_json(&column->categories)) &&
               set(json, "other", json_integer(column->other)) &&
               (column->missing < 0 || set(json, "missing", json_integer(column->missing)));
    } else if (column->form == WEIR_ENCODE_HASH) {
        done = done && set(json, "hash", json_string("xxh3-64"));
    } else {
        bool cyclic = column->form == WEIR_ENCODE_CYCLIC;
        done = done && set(json, "slots", cyclic ? weir_encode_cyclic_slots(column) : values_json(&column->classes));
    }
    if (!done) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *table_to_json(const struct weir_encode_column *column)
{
    json_t *table = json_array();
    size_t size = (size_t)weir_encode_codes_of(column) * (size_t)column->width;
    for (size_t i = 0; table && i < size; i++)
        weir_state_append(&table, json_real(column->table[i]));
    return table;
}

static json_t *column_to_json(const struct weir_encode_column *column)
{
    json_t *json = weir_state_new_column(column->name, &column->type);
    bool done = json && set(json, "form", json_string(form_names[column->form]));
    if (has_categories(column->form))
        done = done && set(json, "values", values_json(&column->categories)) &&
               (column->form == WEIR_ENCODE_ORDINAL || set(json, "missing", json_boolean(column->missing >= 0)));
    if (column->form == WEIR_ENCODE_FREQUENCY || column->form == WEIR_ENCODE_TARGET)
        done = done && set(json, "table", table_to_json(column));
    if (column->form == WEIR_ENCODE_TARGET && column->classes.count > 0)
        done = done && set(json, "classes", values_json(&column->classes));
    if (column->form == WEIR_ENCODE_NUMBER)
        done = done && set(json, "center", json_real(column->center)) &&
               set(json, "deviation", json_real(column->deviation));
    if (!done) {
        json_decref(json);
        return NULL;
    }
    return json;
}

int weir_encode_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    (void)blobs;
    const struct weir_encode *self = stage->state;
    json_t *columns = json_array();
    for (size_t i = 0; columns && i < self->count; i++)
        weir_state_append(&columns, column_to_json(&self->encoded[i]));
    return weir_state_of_columns(columns, state, error);
}

/* What merging a column needs: nothing for hash and cyclic, statistics for numbers, counts for categories. */
static json_t *merge_to_json(const struct weir_encode *self, const struct weir_encode_column *column,
                             struct weir_blobs *blobs, struct weir_error *error)
{
    json_t *json = json_pack("{s:I, s:I}", "rows", (json_int_t)column->rows, "nulls", (json_int_t)column->nulls);
    enum weir_encode_form planned = weir_encode_planned(self, column->name, &column->type);
    bool done = json != NULL;
    if (has_categories(planned))
        done = done && set(json, "counts", weir_counts_to_json(&column->counts));
    if (planned == WEIR_ENCODE_NUMBER)
        done = done && set(json, "statistics", weir_statistics_to_json(&column->statistics, error));
    if (planned == WEIR_ENCODE_TARGET)
        done = done && set(json, "classes", values_json(&column->classes)) &&
               set(json, "numbers", json_boolean(column->classes_are_numbers)) &&
               set(json, "sums", weir_encode_save_sums(column, blobs));
    if (!done) {
        json_decref(json);
        return NULL;
    }
    return json;
}

int weir_encode_save_merge(const struct weir_stage *stage, json_t **merge, struct weir_blobs *blobs,
                           struct weir_error *error)
{
    const struct weir_encode *self = stage->state;
    *merge = json_array();
    for (size_t i = 0; *merge && i < self->count; i++)
        weir_state_append(merge, merge_to_json(self, &self->encoded[i], blobs, error));
    return *merge ? 0 : weir_fail_memory(error);
}

/* ---- In ------------------------------------------------------------------------------------------------------- */

static int restore_texts(struct weir_counts *texts, const json_t *values, const char *key, size_t most,
                         struct weir_error *error)
{
    if (!json_is_array(values) || json_array_size(values) > most)
        return weir_fail(error, WEIR_BAD_DATA, "its '%s' are no list of categories", key);
    weir_counts_release(texts);
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *value = json_array_get(values, i);
        if (!json_is_string(value))
            return weir_fail(error, WEIR_BAD_DATA, "category %zu is no text", i);
        if (weir_counts_add(texts, json_string_value(value), json_string_length(value), 1) < 0)
            return weir_fail_memory(error);
        if (texts->count != i + 1)
            return weir_fail(error, WEIR_BAD_DATA, "category %zu stands there twice or is too long", i);
    }
    return 0;
}

static int restore_table(struct weir_encode_column *column, const json_t *json, struct weir_error *error)
{
    const json_t *table = json_object_get(json, "table");
    size_t size = (size_t)weir_encode_codes_of(column) * (size_t)column->width;
    if (!json_is_array(table) || json_array_size(table) != size)
        return weir_fail(error, WEIR_BAD_DATA, "its 'table' is no list of %zu numbers", size);
    column->table = weir_allocate(size, sizeof *column->table);
    if (!column->table)
        return weir_fail_memory(error);
    for (size_t i = 0; i < size; i++) {
        if (!json_is_number(json_array_get(table, i)))
            return weir_fail(error, WEIR_BAD_DATA, "its 'table' is no list of numbers");
        column->table[i] = json_number_value(json_array_get(table, i));
    }
    return 0;
}

static int restore_categories(struct weir_encode_column *column, const json_t *json, struct weir_error *error)
{
    const json_t *missing = json_object_get(json, "missing"), *classes = json_object_get(json, "classes");
    if (restore_texts(&column->categories, json_object_get(json, "values"), "values", WEIR_COUNTS_VALUES / 2, error))
        return -1;
    if (column->form == WEIR_ENCODE_ORDINAL)
        return weir_encode_settle_ordinal(column, error);
    if (!json_is_boolean(missing))
        return weir_fail(error, WEIR_BAD_DATA, "its 'missing' is neither true nor false");
    weir_encode_lay_out(column, json_is_true(missing));
    if (column->form == WEIR_ENCODE_CATEGORY)
        return 0;
    if (column->form == WEIR_ENCODE_TARGET && classes) {
        if (restore_texts(&column->classes, classes, "classes", WEIR_ENCODE_CLASSES, error) < 0)
            return -1;
        if (column->classes.count < 2)
            return weir_fail(error, WEIR_BAD_DATA, "its 'classes' are fewer than two");
        column->width = column->classes.count == 2 ? 1 : (int)column->classes.count;
    }
    return restore_table(column, json, error);
}

static int restore_column(const struct weir_encode *self, struct weir_encode_column *column, const json_t *json,
                          struct weir_error *error)
{
    const char *form;
    if (weir_state_name_and_type(json, &column->name, &column->type, error) < 0 ||
        weir_state_text(json, "form", &form, error) < 0)
        return -1;
    for (int i = WEIR_ENCODE_REMOVED; i < WEIR_ENCODE_FORMS; i++)
        if (strcmp(form, form_names[i]) == 0)
            column->form = (enum weir_encode_form)i;
    enum weir_encode_form planned = weir_encode_planned(self, column->name, &column->type);
    if (planned == WEIR_ENCODE_NOT || (column->form != planned && column->form != WEIR_ENCODE_REMOVED))
        return weir_fail(error, WEIR_BAD_DATA, "its 'form' does not fit its 'type' and the options");
    if (has_categories(column->form))
        return restore_categories(column, json, error);
    if (column->form == WEIR_ENCODE_HASH || column->form == WEIR_ENCODE_CYCLIC) {
        if (weir_encode_settle(self, column, error) < 0)
            return -1;
        return column->width > 0 ? 0 : weir_fail(error, WEIR_BAD_DATA, "it has none of the parts");
    }
    column->width = 1;
    if (column->form == WEIR_ENCODE_REMOVED)
        return 0;
    if (weir_state_number(json, "center", &column->center, error) < 0 ||
        weir_state_number(json, "deviation", &column->deviation, error) < 0)
        return -1;
    return column->deviation > 0 ? 0 : weir_fail(error, WEIR_BAD_DATA, "its 'deviation' is not above 0");
}

static int restore_merge(const struct weir_encode *self, struct weir_encode_column *column, const json_t *json,
                         const struct weir_blobs *blobs, struct weir_error *error)
{
    if (weir_state_integer(json, "rows", 0, INT64_MAX / 4, &column->rows, error) < 0 ||
        weir_state_integer(json, "nulls", 0, column->rows, &column->nulls, error) < 0)
        return -1;
    column->learned = true;
    enum weir_encode_form planned = weir_encode_planned(self, column->name, &column->type);
    if (planned == WEIR_ENCODE_NUMBER)
        return weir_statistics_from_json(&column->statistics, json_object_get(json, "statistics"), error);
    if (!has_categories(planned))
        return 0;
    if (weir_counts_from_json(&column->counts, json_object_get(json, "counts"), error) < 0)
        return -1;
    if (planned != WEIR_ENCODE_TARGET)
        return 0;
    column->classes_are_numbers = json_is_true(json_object_get(json, "numbers"));
    if (restore_texts(&column->classes, json_object_get(json, "classes"), "classes", WEIR_ENCODE_CLASSES, error) < 0)
        return -1;
    if (column->classes.count == 1 || (column->form == WEIR_ENCODE_TARGET &&
                                       column->width != (column->classes.count > 2 ? (int)column->classes.count : 1)))
        return weir_fail(error, WEIR_BAD_DATA, "its 'classes' do not fit its 'table'");
    return weir_encode_restore_sums(column, json_object_get(json, "sums"), blobs, error);
}

int weir_encode_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                        struct weir_error *error)
{
    struct weir_encode *self = stage->state;
    const json_t *columns, *merge;
    if (weir_state_columns_and_merge(state, &columns, &merge, error) < 0)
        return -1;
    weir_encode_release_columns(self);
    self->encoded = weir_allocate_zero(json_array_size(columns), sizeof *self->encoded);
    if (!self->encoded)
        return weir_fail_memory(error);
    for (size_t i = 0; i < json_array_size(columns); i++) {
        struct weir_encode_column *column = &self->encoded[self->count++];
        if (restore_column(self, column, json_array_get(columns, i), error) < 0 ||
            (merge && restore_merge(self, column, json_array_get(merge, i), blobs, error) < 0))
            return weir_fail_in(error, "column %s", column->name ? WEIR_SHOW(column->name) : "");
    }
    return 0;
}

static int merge_column(const struct weir_encode *self, struct weir_encode_column *into,
                        const struct weir_encode_column *from, struct weir_error *error)
{
    struct weir_statistics statistics = from->statistics;
    weir_statistics_merge(&into->statistics, &statistics);
    if (__builtin_add_overflow(into->rows, from->rows, &into->rows))
        return weir_fail(error, WEIR_BAD_DATA, "column %s: more rows than can be counted", WEIR_SHOW(into->name));
    into->nulls += from->nulls; /* fewer */
    if (weir_encode_planned(self, into->name, &into->type) == WEIR_ENCODE_TARGET) {
        if (weir_encode_merge_sums(into, from, error) < 0)
            return -1;
    } else if (weir_counts_merge(&into->counts, &from->counts) < 0) {
        return weir_fail_memory(error);
    }
    return weir_encode_settle(self, into, error);
}

int weir_encode_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct weir_encode *into = stage->state;
    const struct weir_encode *from = other->state;
    if (weir_state_check_merge(stage, into->count, other, from->count, error) < 0)
        return -1;
    for (size_t i = 0; i < into->count; i++) {
        struct weir_encode_column *a = &into->encoded[i];
        const struct weir_encode_column *b = &from->encoded[i];
        if (strcmp(a->name, b->name) != 0 ||
            weir_encode_planned(into, a->name, &a->type) != weir_encode_planned(from, b->name, &b->type))
            return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(a->name));
        if (!a->learned || !b->learned)
            return weir_fail(error, WEIR_BAD_DATA, "a state without its part for merging cannot be merged");
        if (merge_column(into, a, b, error) < 0)
            return -1;
    }
    return 0;
}
