#include "stage/learn.h"
#include "math/clones.h"
#include "stage/blob.h"
#include "stage/options.h"
#include <float.h>
#include <math.h>

enum { SKETCH_BUDGET = 64 << 20, SKETCH_LEAST = 256 };

/* ---- Quantiles ---------------------------------------------------------------------------------------------- */

int weir_quantile_limit(size_t columns)
{
    size_t limit = WEIR_QUANTILES_EXACT;
    /* a guess of three quartiles is the largest of collectors: five arrays */
    while (limit > SKETCH_LEAST && columns > SKETCH_BUDGET / (limit * 5 * sizeof(double)))
        limit /= 2;
    return (int)limit;
}

int weir_quantile_learner_begin(struct weir_quantile_learner *learner, const double *wanted, int count, int limit,
                                bool sketch, struct weir_error *error)
{
    weir_quantile_learner_release(learner);
    learner->count = count;
    learner->limit = limit;
    for (int i = 0; i < count; i++)
        learner->wanted[i] = wanted[i];
    if (sketch)
        learner->sketch = weir_quantiles_new(limit);
    else
        learner->guess = weir_quantile_guess_new(wanted, count, limit);
    return learner->sketch || learner->guess ? 0 : weir_fail_memory(error);
}

int weir_quantile_learner_add(struct weir_quantile_learner *learner, const double *values, size_t count,
                              struct weir_error *error)
{
    if (learner->finished)
        return 0;
    if (learner->guess)
        return weir_quantile_guess_add(learner->guess, values, count) < 0 ? weir_fail_memory(error) : 0;
    if (!learner->refinements[0])
        return weir_quantiles_add(learner->sketch, values, count) < 0 ? weir_fail_memory(error) : 0;
    for (int i = 0; i < learner->count; i++)
        if (!learner->exact[i] && weir_refinement_add(learner->refinements[i], values, count) < 0)
            return weir_fail_memory(error);
    return 0;
}

/* The guess was right, or the sketch begins. */
static int end_guess(struct weir_quantile_learner *learner, struct weir_error *error)
{
    bool empty = weir_quantile_guess_count(learner->guess) == 0;
    learner->known = weir_quantile_guess_values(learner->guess, learner->values);
    weir_quantile_guess_free(learner->guess);
    learner->guess = NULL;
    if (empty || learner->known)
        return 0;
    learner->sketch = weir_quantiles_new(learner->limit);
    return learner->sketch ? 1 : weir_fail_memory(error);
}

static int begin_refinements(struct weir_quantile_learner *learner, struct weir_error *error)
{
    for (int i = 0; i < learner->count; i++) {
        learner->refinements[i] = weir_refinement_new(learner->sketch, learner->wanted[i], learner->limit);
        if (!learner->refinements[i])
            return weir_fail_memory(error);
    }
    return 1;
}

int weir_quantile_learner_settle(struct weir_quantile_learner *learner, struct weir_error *error)
{
    learner->known = weir_quantiles_count(learner->sketch) > 0;
    for (int i = 0; learner->known && i < learner->count; i++)
        if (weir_quantiles_value(learner->sketch, learner->wanted[i], &learner->values[i]) < 0)
            return weir_fail_memory(error);
    return 0;
}

static int end_pass(struct weir_quantile_learner *learner, struct weir_error *error)
{
    if (learner->guess)
        return end_guess(learner, error);
    if (!learner->refinements[0]) {
        if (weir_quantiles_count(learner->sketch) == 0 || weir_quantiles_are_exact(learner->sketch))
            return weir_quantile_learner_settle(learner, error);
        return begin_refinements(learner, error);
    }
    int more = 0;
    for (int i = 0; i < learner->count; i++) {
        struct weir_refinement *refinement = learner->refinements[i];
        if (learner->exact[i])
            continue;
        if (weir_refinement_is_exact(refinement)) {
            if (weir_refinement_value(refinement, &learner->values[i], error) < 0)
                return -1;
            learner->exact[i] = true;
        } else {
            if (weir_refinement_narrow(refinement) < 0)
                return weir_fail_memory(error);
            more = 1;
        }
    }
    learner->known = !more;
    return more;
}

int weir_quantile_learner_end(struct weir_quantile_learner *learner, struct weir_error *error)
{
    int more = learner->finished ? 0 : end_pass(learner, error);
    learner->finished = more == 0;
    return more;
}

void weir_quantile_learner_release(struct weir_quantile_learner *learner)
{
    weir_quantile_guess_free(learner->guess);
    weir_quantiles_free(learner->sketch);
    for (int i = 0; i < WEIR_MAX_QUANTILES; i++)
        weir_refinement_free(learner->refinements[i]);
    *learner = (struct weir_quantile_learner){ 0 };
}

/* ---- States ------------------------------------------------------------------------------------------------- */

json_t *weir_quantiles_to_blob(struct weir_quantiles *sketch, struct weir_blobs *blobs, struct weir_error *error)
{
    double *state = NULL;
    size_t length = 0;
    if (weir_quantiles_save(sketch, &state, &length, error) < 0)
        return NULL;
    json_t *json = weir_blobs_add(blobs, state, length * sizeof *state);
    free(state);
    if (!json)
        weir_fail_memory(error);
    return json;
}

int weir_quantiles_from_blob(struct weir_quantiles **sketch, const json_t *json, const struct weir_blobs *blobs,
                             struct weir_error *error)
{
    *sketch = NULL;
    const struct weir_buffer *blob = weir_blobs_find(blobs, json, error);
    if (!blob)
        return -1;
    size_t length = blob->size / sizeof(double);
    double *state = weir_allocate(length, sizeof *state);
    if (!state)
        return weir_fail_memory(error);
    if (length > 0)
        memcpy(state, blob->bytes, length * sizeof *state);
    int result = weir_quantiles_load(sketch, state, length, error);
    free(state);
    return result;
}

/* Seven numbers; a count that is no finite number cannot stand in JSON, and such statistics are refused. */
json_t *weir_statistics_to_json(const struct weir_statistics *statistics, struct weir_error *error)
{
    double state[WEIR_STATISTICS_STATE];
    weir_statistics_save(statistics, state);
    json_t *array = json_array();
    for (int i = 0; array && i < WEIR_STATISTICS_STATE; i++)
        if (json_array_append_new(array, json_real(state[i])) < 0) {
            json_decref(array);
            array = NULL;
        }
    if (!array)
        weir_fail(error, WEIR_BAD_DATA, "the numbers are too large to be summed up");
    return array;
}

int weir_statistics_from_json(struct weir_statistics *statistics, const json_t *json, struct weir_error *error)
{
    double state[WEIR_STATISTICS_STATE];
    if (!json_is_array(json) || json_array_size(json) != WEIR_STATISTICS_STATE)
        return weir_fail(error, WEIR_BAD_DATA, "its statistics are no list of %d numbers", WEIR_STATISTICS_STATE);
    for (size_t i = 0; i < WEIR_STATISTICS_STATE; i++) {
        if (!json_is_number(json_array_get(json, i)))
            return weir_fail(error, WEIR_BAD_DATA, "its statistics are no list of numbers");
        state[i] = json_number_value(json_array_get(json, i));
    }
    return weir_statistics_load(statistics, state, WEIR_STATISTICS_STATE, error);
}

/* ---- Numbers of a batch ------------------------------------------------------------------------------------- */

int weir_scratch_reserve(struct weir_scratch *scratch, int64_t count, struct weir_error *error)
{
    if ((size_t)count <= scratch->capacity && scratch->numbers)
        return 0;
    free(scratch->numbers);
    scratch->numbers = weir_allocate_aligned((size_t)count, sizeof *scratch->numbers);
    scratch->capacity = scratch->numbers ? (size_t)count : 0;
    return scratch->numbers ? 0 : weir_fail_memory(error);
}

/* Makes NaN of what is not finite; how many of the numbers are NaN then. */
WEIR_CLONES static int64_t drop_infinite(double *numbers, int64_t count)
{
    int64_t bad = 0;
    for (int64_t i = 0; i < count; i++) {
        bool finite = fabs(numbers[i]) <= DBL_MAX;
        numbers[i] = finite ? numbers[i] : (double)NAN;
        bad += !finite;
    }
    return bad;
}

int weir_scratch_numbers(struct weir_scratch *scratch, const struct weir_column *column, enum weir_kind kind,
                         int64_t *missing, struct weir_error *error)
{
    if (weir_scratch_reserve(scratch, column->rows, error) < 0 ||
        weir_numbers(column, kind, scratch->numbers, error) < 0)
        return -1;
    *missing = column->null_count;
    if (!weir_kind_is_float(kind))
        return 0;
    *missing = drop_infinite(scratch->numbers, column->rows);
    return 0;
}

const double *weir_scratch_view(struct weir_scratch *scratch, const struct weir_column *column, enum weir_kind kind,
                                struct weir_error *error)
{
    if (column->rows == 0)
        return (const double *)(const void *)weir_no_bytes;
    if (kind == WEIR_FLOAT64 && column->null_count == 0)
        return (const double *)(const void *)column->values.bytes;
    if (weir_scratch_reserve(scratch, column->rows, error) < 0 ||
        weir_numbers(column, kind, scratch->numbers, error) < 0)
        return NULL;
    return scratch->numbers;
}

void weir_scratch_release(struct weir_scratch *scratch)
{
    free(scratch->numbers);
    *scratch = (struct weir_scratch){ 0 };
}

/* ---- Messages ----------------------------------------------------------------------------------------------- */

void weir_absent_add(struct weir_absent *absent, const char *name)
{
    enum { SHOWN = 10 };
    if (absent->count++ < SHOWN)
        weir_buffer_format(&absent->names, "%s%s", absent->count > 1 ? ", " : "", WEIR_SHOW(name));
    else if (absent->count == SHOWN + 1)
        weir_buffer_string(&absent->names, ", ...");
}

int weir_absent_fail(struct weir_absent *absent, const char *stage, struct weir_error *error)
{
    int result = 0;
    if (absent->count > 0)
        result = weir_fail(error, WEIR_BAD_DATA, "no column%s %s here, which '%s' learned from",
                           absent->count > 1 ? "s" : "", absent->names.bytes ? absent->names.bytes : "", stage);
    weir_buffer_release(&absent->names);
    return result;
}

int weir_fail_type(struct weir_error *error, const char *stage, const struct weir_field *field,
                   const struct weir_type *learned)
{
    struct weir_buffer now = { 0 }, then = { 0 };
    weir_type_describe(&field->type, &now);
    weir_type_describe(learned, &then);
    weir_fail(error, WEIR_BAD_DATA, "column %s is %s here and was %s when '%s' learned", WEIR_SHOW(field->name),
              now.bytes ? now.bytes : "", then.bytes ? then.bytes : "", stage);
    weir_buffer_release(&now);
    weir_buffer_release(&then);
    return -1;
}
