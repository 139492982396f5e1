/* The terms that the largest weights belong to: features of texts leave their vocabulary in the plan. */
#include "model/describe_private.h"
#include "stage/features.h"
#include "stage/vocabulary.h"
#include <string.h>

static json_int_t width_of(const json_t *features, const char *column)
{
    size_t i;
    json_t *feature;
    json_array_foreach(features, i, feature)
    {
        const char *name = json_string_value(json_object_get(feature, "name"));
        if (name && strcmp(name, column) == 0)
            return json_integer_value(json_object_get(feature, "width"));
    }
    return 0;
}

/* The stage's vocabulary for a column that it made, so many places wide; NULL: it has none. */
static const struct weir_vocabulary *find_vocabulary(const struct weir_stage *stage, const char *column,
                                                     json_int_t width)
{
    const char *into = json_string_value(json_object_get(stage->options, "into")), *name;
    const struct weir_vocabulary *vocabulary;
    for (size_t i = 0; (vocabulary = weir_features_vocabulary(stage, i, &name)); i++)
        if (strcmp(into ? into : name, column) == 0 && (json_int_t)vocabulary->kept_count == width)
            return vocabulary;
    return NULL;
}

static int add_terms(const struct weir_stage *stage, json_t *largest, const json_t *features)
{
    size_t i;
    json_t *entry;
    json_array_foreach(largest, i, entry)
    {
        const char *column = json_string_value(json_object_get(entry, "column"));
        json_int_t place = json_integer_value(json_object_get(entry, "place"));
        const struct weir_vocabulary *vocabulary =
            column ? find_vocabulary(stage, column, width_of(features, column)) : NULL;
        if (!vocabulary || place >= (json_int_t)vocabulary->kept_count || json_object_get(entry, "term"))
            continue;
        size_t size;
        const char *term = weir_vocabulary_term(vocabulary, (size_t)place, &size);
        if (json_object_set_new(entry, "term", json_stringn(term, size)) < 0)
            return -1;
    }
    return 0;
}

/* A step that cannot be read names no terms: what else the file says is shown all the same. */
int weir_describe_terms(json_t *largest, const json_t *features, const struct weir_plan *plan)
{
    for (size_t step = plan->count; step-- > 0;) {
        struct weir_stage *stage = NULL;
        struct weir_error why = { 0 };
        if (strcmp(plan->steps[step].name, "features") != 0)
            continue;
        int result = weir_plan_stage(plan, step, &stage, &why);
        if (result == 0)
            result = add_terms(stage, largest, features);
        else if (why.status != WEIR_NO_MEMORY)
            result = 0;
        weir_stage_free(stage);
        if (result < 0)
            return -1;
    }
    return 0;
}
