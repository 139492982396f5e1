/* clean: what was collected while learning, out into a file, back, and folded with another's. */
#include "stage/clean_values_private.h"
#include "stage/state.h"

json_t *weir_clean_values_learner_save(const struct clean_column *column, struct weir_blobs *blobs,
                                       struct weir_error *error)
{
    const struct clean_learner *learner = column->learner;
    json_t *json = json_object();
    if (!json || !learner)
        return json;
    int failed = json_object_set_new(json, "rows", json_integer(column->rows));
    failed |= json_object_set_new(json, "missing", json_integer(column->missing));
    failed |= json_object_set_new(json, "seen", json_boolean(learner->seen));
    failed |= json_object_set_new(json, "differs", json_boolean(learner->differs));
    if (column->class == CLEAN_TEXT && learner->seen && !learner->differs)
        failed |= json_object_set_new(
            json, "first",
            json_stringn(learner->first_text.bytes ? learner->first_text.bytes : "", learner->first_text.size));
    else if (column->class != CLEAN_TEXT)
        failed |= json_object_set_new(json, "first", json_real(learner->first));
    if (column->class == CLEAN_BOOL) {
        failed |= json_object_set_new(json, "trues", json_integer(learner->trues));
        failed |= json_object_set_new(json, "falses", json_integer(learner->falses));
    } else if (column->rule == CLEAN_MEAN) {
        failed |= json_object_set_new(json, "statistics", weir_statistics_to_json(&learner->statistics, error));
    } else if (column->rule == CLEAN_MEDIAN) {
        failed |=
            json_object_set_new(json, "quantiles", weir_quantiles_to_blob(learner->quantiles.sketch, blobs, error));
    } else if (column->rule == CLEAN_MODE) {
        failed |= json_object_set_new(json, "counts", weir_counts_to_json(&learner->counts));
    }
    if (failed) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static int restore_collected(struct clean_column *column, const json_t *json, const struct weir_blobs *blobs,
                             struct weir_error *error)
{
    struct clean_learner *learner = column->learner;
    if (column->class == CLEAN_BOOL) {
        if (weir_state_integer(json, "trues", 0, column->rows, &learner->trues, error) < 0)
            return -1;
        return weir_state_integer(json, "falses", 0, column->rows, &learner->falses, error);
    }
    if (column->rule == CLEAN_MEAN)
        return weir_statistics_from_json(&learner->statistics, json_object_get(json, "statistics"), error);
    if (column->rule == CLEAN_MODE)
        return weir_counts_from_json(&learner->counts, json_object_get(json, "counts"), error);
    if (column->rule != CLEAN_MEDIAN)
        return 0;
    struct weir_quantiles *sketch;
    if (weir_quantiles_from_blob(&sketch, json_object_get(json, "quantiles"), blobs, error) < 0)
        return -1;
    weir_quantile_learner_release(&learner->quantiles);
    learner->quantiles.sketch = sketch;
    learner->quantiles.count = 1;
    learner->quantiles.wanted[0] = 0.5;
    return 0;
}

int weir_clean_values_learner_restore(const struct clean_settings *settings, struct clean_column *column,
                                      const json_t *json, const struct weir_blobs *blobs, struct weir_error *error)
{
    if (!weir_clean_values_learns(settings, column) || json_object_size(json) == 0)
        return 0;
    struct clean_learner *learner = weir_allocate_zero(1, sizeof *learner);
    if (!learner)
        return weir_fail_memory(error);
    weir_clean_values_learner_free(column->learner);
    column->learner = learner;
    learner->phase = CLEAN_LEARN_DONE;
    const json_t *first = json_object_get(json, "first");
    if (weir_state_integer(json, "rows", 0, INT64_MAX / 4, &column->rows, error) < 0 ||
        weir_state_integer(json, "missing", 0, column->rows, &column->missing, error) < 0)
        return -1;
    learner->seen = json_is_true(json_object_get(json, "seen"));
    learner->differs = json_is_true(json_object_get(json, "differs"));
    learner->first = json_number_value(first);
    if (json_is_string(first))
        weir_buffer_append(&learner->first_text, json_string_value(first), json_string_length(first));
    if (weir_buffer_check(&learner->first_text, error) < 0)
        return -1;
    return restore_collected(column, json, blobs, error);
}

static bool firsts_differ(const struct clean_column *a, const struct clean_column *b)
{
    const struct clean_learner *x = a->learner, *y = b->learner;
    if (!x->seen || !y->seen)
        return false;
    if (a->class == CLEAN_TEXT)
        return x->first_text.size != y->first_text.size ||
               (x->first_text.size > 0 && memcmp(x->first_text.bytes, y->first_text.bytes, x->first_text.size) != 0);
    if (a->class == CLEAN_BOOL)
        return (x->trues > 0) != (y->trues > 0);
    return x->first != y->first;
}

int weir_clean_values_learner_merge(const struct clean_settings *settings, struct clean_column *into,
                                    const struct clean_column *from, struct weir_error *error)
{
    struct clean_learner *x = into->learner;
    const struct clean_learner *y = from->learner;
    if (!weir_clean_values_learns(settings, into))
        return 0;
    if (settings->outliers != CLEAN_NO_OUTLIERS)
        return weir_fail(error, WEIR_BAD_DATA,
                         "states with --outliers cannot be merged: each cut its own rows at its own bounds");
    if (!x || !y)
        return weir_fail(error, WEIR_BAD_DATA, "a state without its part for merging cannot be merged");
    x->differs = x->differs || y->differs || firsts_differ(into, from);
    if (!x->seen) {
        x->first = y->first;
        weir_buffer_clear(&x->first_text);
        weir_buffer_append(&x->first_text, y->first_text.bytes, y->first_text.size);
        if (weir_buffer_check(&x->first_text, error) < 0)
            return -1;
    }
    x->seen |= y->seen;
    /* of the rows are all that is counted beside them */
    if (__builtin_add_overflow(into->rows, from->rows, &into->rows))
        return weir_fail(error, WEIR_BAD_DATA, "the states are of more rows than can be counted");
    x->trues += y->trues;
    x->falses += y->falses;
    into->missing += from->missing;
    struct weir_statistics statistics = y->statistics;
    weir_statistics_merge(&x->statistics, &statistics);
    if (weir_counts_merge(&x->counts, &y->counts) < 0)
        return weir_fail_memory(error);
    if (x->quantiles.sketch && y->quantiles.sketch &&
        (weir_quantiles_merge(x->quantiles.sketch, y->quantiles.sketch, error) < 0 ||
         weir_quantile_learner_settle(&x->quantiles, error) < 0))
        return -1;
    return weir_clean_values_settle(settings, into, error);
}
