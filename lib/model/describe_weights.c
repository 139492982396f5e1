/* What there is to say about the weights of a regression, from its tensor alone. */
#include "model/describe_private.h"
#include <math.h>
#include <string.h>

enum { LARGEST = 10 };

struct large {
    int64_t output, place;
    float weight;
};

static float weight_at(const struct weir_tensor *tensor, int64_t i)
{
    float weight;
    memcpy(&weight, (const char *)tensor->bytes + (size_t)i * sizeof weight, sizeof weight);
    return weight;
}

/* No model has a weight that is not finite: a hostile one's stands in front. */
static float size_of(float weight)
{
    return isnan(weight) ? INFINITY : fabsf(weight);
}

/* The largest weights by their size, in that order; the first of equal ones comes first. Returns how many. */
static int find_largest(const struct weir_tensor *tensor, struct large large[LARGEST], int64_t *nonzero)
{
    int64_t width = tensor->shape[1], all = tensor->shape[0] * width;
    int count = 0;
    *nonzero = 0;
    for (int64_t i = 0; i < all; i++) {
        float weight = weight_at(tensor, i);
        if (weight == 0)
            continue;
        ++*nonzero;
        int at = count;
        while (at > 0 && size_of(weight) > size_of(large[at - 1].weight))
            at--;
        if (at == LARGEST)
            continue;
        count += count < LARGEST;
        memmove(large + at + 1, large + at, (size_t)(count - at - 1) * sizeof *large);
        large[at] = (struct large){ i / width, i % width, weight };
    }
    return count;
}

/* The column that a place belongs to, and the place's number within it; NULL when a hostile file has none. */
static const char *find_column(const json_t *features, int64_t place, int64_t *within)
{
    size_t i;
    json_t *column;
    json_array_foreach(features, i, column)
    {
        int64_t width = json_integer_value(json_object_get(column, "width"));
        if (width < 0)
            return NULL;
        if (place < width) {
            *within = place;
            return json_string_value(json_object_get(column, "name"));
        }
        place -= width;
    }
    return NULL;
}

static json_t *large_json(const struct large *large, int64_t outputs, const json_t *json)
{
    int64_t within = large->place;
    const char *column = find_column(json_object_get(json, "features"), large->place, &within);
    json_t *weight = isfinite(large->weight) ? json_real((double)large->weight) : json_null();
    json_t *entry = json_pack("{s:I, s:o}", "place", (json_int_t)within, "weight", weight);
    const json_t *classes = json_object_get(json, "classes");
    const json_t *class = json_array_get(classes, (size_t)(outputs == 1 ? 1 : large->output));
    if (entry && ((column && json_object_set_new(entry, "column", json_string(column)) < 0) ||
                  (class && json_object_set(entry, "class", (json_t *)(uintptr_t) class) < 0))) {
        json_decref(entry);
        return NULL;
    }
    return entry;
}

json_t *weir_describe_weights(const struct weir_tensor *tensor, const json_t *json)
{
    struct large large[LARGEST];
    int64_t nonzero;
    int count = find_largest(tensor, large, &nonzero);
    json_t *list = json_array();
    for (int i = 0; list && i < count; i++)
        if (json_array_append_new(list, large_json(&large[i], tensor->shape[0], json)) < 0) {
            json_decref(list);
            list = NULL;
        }
    return list ? json_pack("{s:I, s:I, s:I, s:o}", "outputs", (json_int_t)tensor->shape[0], "width",
                            (json_int_t)tensor->shape[1], "nonzero", (json_int_t)nonzero, "largest", list)
                : NULL;
}
