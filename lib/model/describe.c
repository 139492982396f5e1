#include "model/describe_private.h"

/* The metadata `key` as it stands (text) or as the JSON in it; left out when it is not there. */
static int add_text(json_t *json, const char *name, const struct weir_model_file *file, const char *key)
{
    const char *text = weir_model_file_get(file, key);
    return text ? json_object_set_new(json, name, json_string(text)) : 0;
}

static int add_json(json_t *json, const char *name, const struct weir_model_file *file, const char *key,
                    struct weir_error *error)
{
    if (!weir_model_file_get(file, key))
        return 0;
    json_t *value = weir_model_file_get_json(file, key, error);
    if (!value)
        return -1;
    return json_object_set_new(json, name, value) < 0 ? weir_fail_memory(error) : 0;
}

/* The weights of a regression, which is a model without layers; NULL: there are none. */
static const struct weir_tensor *find_weights(const struct weir_model_file *file)
{
    const struct weir_tensor *tensor = weir_model_file_tensor(file, "weight");
    bool is_matrix = tensor && tensor->type == WEIR_TENSOR_F32 && tensor->rank == 2 && tensor->shape[1] > 0;
    return is_matrix && !weir_model_file_get(file, "weir:layers") ? tensor : NULL;
}

static int add_weights(json_t *json, const struct weir_model_file *file)
{
    const struct weir_tensor *tensor = find_weights(file);
    if (!tensor)
        return 0;
    json_t *weights = weir_describe_weights(tensor, json);
    if (json_object_set_new(json, "weights", weights) < 0)
        return -1;
    return weir_describe_terms(json_object_get(weights, "largest"), json_object_get(json, "features"), &file->plan);
}

/* The sum over the layers, or a regression's weights and their biases; -1 when a hostile file says what no sum can be.
 */
static json_int_t count_parameters(const json_t *json, const struct weir_model_file *file)
{
    const struct weir_tensor *weights = find_weights(file);
    json_int_t count = 0, of_output;
    if (weights && (__builtin_add_overflow(weights->shape[1], 1, &of_output) ||
                    __builtin_mul_overflow(weights->shape[0], of_output, &count)))
        return -1;
    size_t i;
    json_t *layer;
    json_array_foreach(json_object_get(json, "layers"), i, layer)
    {
        json_int_t more = json_integer_value(json_object_get(layer, "parameters"));
        if (more < 0 || __builtin_add_overflow(count, more, &count))
            return -1;
    }
    return count;
}

static json_t *tensors_json(const struct weir_model_file *file)
{
    json_t *tensors = json_array();
    bool complete = tensors != NULL;
    for (size_t i = 0; complete && i < file->tensor_count; i++) {
        const struct weir_tensor *tensor = &file->tensors[i];
        json_t *shape = json_array();
        complete = shape != NULL;
        for (int d = 0; d < tensor->rank; d++)
            complete &= json_array_append_new(shape, json_integer(tensor->shape[d])) == 0;
        json_t *entry = json_pack("{s:s, s:s, s:o}", "name", tensor->name, "type", weir_tensor_type_name(tensor->type),
                                  "shape", shape);
        complete &= entry && json_array_append_new(tensors, entry) == 0;
    }
    if (complete)
        return tensors;
    json_decref(tensors);
    return NULL;
}

json_t *weir_model_file_describe(const struct weir_model_file *file, struct weir_error *error)
{
    struct weir_buffer pipeline = { 0 };
    json_t *plan = NULL, *json = json_pack("{s:s}", "kind", "model");
    if (!json)
        goto out_of_memory;
    if (add_text(json, "model", file, "weir:kind") || add_text(json, "form", file, "weir:form") ||
        add_text(json, "task", file, "weir:task") || add_text(json, "network", file, "weir:network"))
        goto out_of_memory;
    if (add_json(json, "label", file, "weir:label", error) < 0 ||
        add_json(json, "classes", file, "weir:classes", error) < 0 ||
        add_json(json, "features", file, "weir:features", error) < 0 ||
        add_json(json, "layers", file, "weir:layers", error) < 0 ||
        add_json(json, "training", file, "weir:training", error) < 0)
        goto failed;
    if (add_weights(json, file) < 0)
        goto out_of_memory;
    plan = weir_plan_json(&file->plan, error);
    if (!plan)
        goto failed;
    weir_plan_describe(&file->plan, &pipeline);
    if (pipeline.failed || json_object_set_new(json, "parameters", json_integer(count_parameters(json, file))) < 0 ||
        json_object_set_new(json, "bytes", json_integer((json_int_t)file->memory_size)) < 0 ||
        json_object_set_new(json, "digest", json_string(file->digest)) < 0 ||
        json_object_set_new(json, "pipeline", json_string(pipeline.bytes ? pipeline.bytes : "")) < 0 ||
        json_object_set(json, "plan", plan) < 0 || json_object_set_new(json, "tensors", tensors_json(file)) < 0)
        goto out_of_memory;
    json_decref(plan);
    weir_buffer_release(&pipeline);
    return json;
out_of_memory:
    weir_fail_memory(error);
failed:
    json_decref(plan);
    json_decref(json);
    weir_buffer_release(&pipeline);
    return NULL;
}
