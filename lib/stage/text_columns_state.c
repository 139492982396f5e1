/* Columns of text: their state. */
#include "stage/options.h"
#include "stage/state.h"
#include "stage/text_columns.h"

static json_t *column_to_json(const struct weir_text_columns *columns, const struct weir_text_column *column,
                              struct weir_blobs *blobs, struct weir_error *error)
{
    json_t *json = weir_state_new_column(column->name, &column->type);
    if (!json || !columns->learns)
        return json;
    json_t *vocabulary = weir_vocabulary_save(&column->vocabulary, false, blobs, error);
    if (json_object_set_new(json, "documents", json_integer(column->vocabulary.documents)) == 0 &&
        json_object_set_new(json, "terms", json_integer((json_int_t)column->vocabulary.kept_count)) == 0 &&
        json_object_set_new(json, "vocabulary", vocabulary) == 0)
        return json;
    json_decref(json);
    return NULL;
}

int weir_text_columns_save(const struct weir_text_columns *columns, json_t **state, struct weir_blobs *blobs,
                           struct weir_error *error)
{
    struct weir_error why = { 0 };
    json_t *list = json_array();
    for (size_t i = 0; list && i < columns->count; i++)
        weir_state_append(&list, column_to_json(columns, &columns->items[i], blobs, &why));
    if (weir_state_of_columns(list, state, error) == 0)
        return 0;
    if (error && why.status)
        *error = why;
    return -1;
}

int weir_text_columns_save_merge(const struct weir_text_columns *columns, json_t **merge, struct weir_blobs *blobs,
                                 struct weir_error *error)
{
    struct weir_error why = { 0 };
    *merge = json_array();
    for (size_t i = 0; *merge && i < columns->count; i++)
        weir_state_append(merge, columns->learns
                                     ? weir_vocabulary_save(&columns->items[i].vocabulary, true, blobs, &why)
                                     : json_null());
    if (*merge)
        return 0;
    weir_fail_memory(error);
    if (error && why.status)
        *error = why;
    return -1;
}

static int restore_column(const struct weir_text_columns *columns, struct weir_text_column *column, const json_t *json,
                          const json_t *merge, const struct weir_blobs *blobs, struct weir_error *error)
{
    int64_t documents, terms;
    if (weir_state_name_and_type(json, &column->name, &column->type, error) < 0)
        return -1;
    if (!weir_is_text(&column->type) && !weir_is_term_list(&column->type))
        return weir_fail(error, WEIR_BAD_DATA, "its type holds no terms");
    column->merges = merge || !columns->learns;
    if (!columns->learns)
        return 0;
    int64_t least = merge ? 0 : 1;
    if (weir_state_integer(json, "documents", least, INT64_MAX / 2, &documents, error) < 0 ||
        weir_state_integer(json, "terms", least, WEIR_MOST_TERMS, &terms, error) < 0)
        return -1;
    struct weir_vocabulary *vocabulary = &column->vocabulary;
    int result = weir_vocabulary_restore(vocabulary, merge ? merge : json_object_get(json, "vocabulary"), blobs,
                                         documents, merge ? &columns->selection : NULL, error);
    if (result == 0 && vocabulary->kept_count != (size_t)terms)
        result = weir_fail(error, WEIR_BAD_DATA, "its vocabulary has %zu terms, not %lld", vocabulary->kept_count,
                           (long long)terms);
    return result;
}

int weir_text_columns_restore(struct weir_text_columns *columns, const json_t *state, const struct weir_blobs *blobs,
                              struct weir_error *error)
{
    const json_t *list, *merge;
    if (weir_state_columns_and_merge(state, &list, &merge, error) < 0)
        return -1;
    weir_text_columns_forget(columns);
    columns->items = weir_allocate_zero(json_array_size(list), sizeof *columns->items);
    if (!columns->items)
        return weir_fail_memory(error);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct weir_text_column *column = &columns->items[columns->count++];
        if (restore_column(columns, column, json_array_get(list, i), merge ? json_array_get(merge, i) : NULL, blobs,
                           error) < 0)
            return weir_fail_in(error, "column %s", column->name ? WEIR_SHOW(column->name) : "");
    }
    return 0;
}

int weir_text_columns_merge(struct weir_text_columns *into, const struct weir_stage *into_stage,
                            const struct weir_text_columns *from, const struct weir_stage *from_stage,
                            struct weir_error *error)
{
    if (weir_state_check_merge(into_stage, into->count, from_stage, from->count, error) < 0)
        return -1;
    for (size_t i = 0; i < into->count; i++) {
        struct weir_text_column *a = &into->items[i];
        const struct weir_text_column *b = &from->items[i];
        if (strcmp(a->name, b->name) != 0 || weir_is_text(&a->type) != weir_is_text(&b->type))
            return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(a->name));
        if (!a->merges || !b->merges)
            return weir_fail(error, WEIR_BAD_DATA, "a state without its part for merging cannot be merged");
        if (into->learns && (weir_vocabulary_merge(&a->vocabulary, &b->vocabulary, error) < 0 ||
                             weir_vocabulary_select(&a->vocabulary, &into->selection, error) < 0))
            return -1;
    }
    return 0;
}
