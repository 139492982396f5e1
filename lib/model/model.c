#include "model/model.h"
#include "base/memory.h"
#include "model/network_model.h"
#include "model/regression_model.h"
#include <stdlib.h>
#include <string.h>

const struct weir_model_kind *const weir_model_kinds[] = { &weir_network_kind, &weir_regression_kind, NULL };

void weir_model_release(struct weir_model *model)
{
    if (model->kind)
        model->kind->release(model);
    free(model->form);
    free(model->label);
    weir_type_release(&model->label_type);
    for (int64_t i = 0; i < model->class_count; i++)
        free(model->classes[i]);
    free(model->classes);
    weir_features_release(&model->features);
    weir_plan_release(&model->plan);
    json_decref(model->training);
    *model = (struct weir_model){ 0 };
}

/* ---- Packing ---------------------------------------------------------------------------------------------- */

static json_t *label_json(const struct weir_model *model)
{
    struct weir_buffer type = { 0 };
    weir_type_describe(&model->label_type, &type);
    json_t *json = type.bytes ? json_pack("{s:s, s:s}", "name", model->label, "type", type.bytes) : NULL;
    weir_buffer_release(&type);
    return json;
}

static json_t *classes_json(const struct weir_model *model)
{
    json_t *list = json_array();
    for (int64_t i = 0; list && i < model->class_count; i++)
        if (json_array_append_new(list, json_string(model->classes[i]))) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

int weir_model_pack(const struct weir_model *model, struct weir_model_file *file, struct weir_error *error)
{
    if (weir_model_file_set(file, "weir:kind", model->kind->name) ||
        weir_model_file_set(file, "weir:form", model->form) ||
        weir_model_file_set(file, "weir:task", model->task == WEIR_CLASSIFY ? "classify" : "regress"))
        return weir_fail_memory(error);
    if (weir_model_file_set_json(file, "weir:label", label_json(model), error) ||
        weir_model_file_set_json(file, "weir:features", weir_features_to_json(&model->features), error) ||
        weir_model_file_set_json(file, "weir:training", json_incref(model->training), error))
        return -1;
    if (model->task == WEIR_CLASSIFY && weir_model_file_set_json(file, "weir:classes", classes_json(model), error))
        return -1;
    if (model->kind->pack(model, file, error))
        return -1;
    return weir_model_file_set_plan(file, &model->plan, error);
}

int weir_model_write(const struct weir_model *model, int descriptor, struct weir_error *error)
{
    struct weir_model_file file = { 0 };
    int result = weir_model_pack(model, &file, error);
    if (result == 0)
        result = weir_model_file_write(&file, descriptor, error);
    weir_model_file_release(&file);
    return result;
}

/* ---- Unpacking -------------------------------------------------------------------------------------------- */

static int damaged(const char *key, struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "the model's '%s' is missing or damaged", key);
}

static int unpack_label(struct weir_model *model, const struct weir_model_file *file, struct weir_error *error)
{
    json_t *label = weir_model_file_get_json(file, "weir:label", error);
    if (!label)
        return -1;
    const char *name = json_string_value(json_object_get(label, "name"));
    const char *type = json_string_value(json_object_get(label, "type"));
    int result = name && type ? weir_type_parse(type, &model->label_type, error) : damaged("weir:label", error);
    if (result == 0 && !(model->label = weir_duplicate_string(name)))
        result = weir_fail_memory(error);
    json_decref(label);
    return result;
}

static int unpack_classes(struct weir_model *model, const struct weir_model_file *file, struct weir_error *error)
{
    json_t *classes = weir_model_file_get_json(file, "weir:classes", error);
    if (!classes)
        return -1;
    size_t count = json_array_size(classes);
    int result = count >= 2 && count <= WEIR_MAX_CLASSES ? 0 : damaged("weir:classes", error);
    if (result == 0 && !(model->classes = weir_allocate_zero(count, sizeof *model->classes)))
        result = weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < count; i++) {
        const char *text = json_string_value(json_array_get(classes, i));
        if (!text)
            result = damaged("weir:classes", error);
        else if (!(model->classes[i] = weir_duplicate_string(text)))
            result = weir_fail_memory(error);
        else
            model->class_count++;
    }
    json_decref(classes);
    return result;
}

static int unpack_features(struct weir_model *model, const struct weir_model_file *file, struct weir_error *error)
{
    json_t *features = weir_model_file_get_json(file, "weir:features", error);
    int result = features ? weir_features_from_json(&model->features, features, error) : -1;
    json_decref(features);
    return result;
}

static int unpack_common(struct weir_model *model, const struct weir_model_file *file, struct weir_error *error)
{
    const char *form = weir_model_file_get(file, "weir:form");
    const char *task = weir_model_file_get(file, "weir:task");
    if (!form || !task || (strcmp(task, "classify") != 0 && strcmp(task, "regress") != 0))
        return damaged("weir:task", error);
    model->task = strcmp(task, "classify") == 0 ? WEIR_CLASSIFY : WEIR_REGRESS;
    if (!(model->form = weir_duplicate_string(form)))
        return weir_fail_memory(error);
    if (unpack_label(model, file, error) || unpack_features(model, file, error))
        return -1;
    if (model->features.sparse_count && !model->kind->sparse)
        return weir_fail(error, WEIR_BAD_DATA, "a model of the kind %s has no sparse features", model->kind->name);
    if (model->task == WEIR_CLASSIFY && unpack_classes(model, file, error))
        return -1;
    if (!(model->training = weir_model_file_get_json(file, "weir:training", error)))
        return -1;
    return json_is_object(model->training) ? 0 : damaged("weir:training", error);
}

int weir_model_unpack(struct weir_model *model, struct weir_model_file *file, struct weir_error *error)
{
    *model = (struct weir_model){ 0 };
    const char *name = weir_model_file_get(file, "weir:kind");
    const struct weir_model_kind *kind = NULL;
    for (int i = 0; name && weir_model_kinds[i]; i++)
        if (strcmp(weir_model_kinds[i]->name, name) == 0)
            kind = weir_model_kinds[i];
    if (!kind)
        return weir_fail(error, WEIR_BAD_DATA, "the model is of a kind that is not known here");
    model->kind = kind;
    int result = unpack_common(model, file, error);
    if (result == 0)
        result = kind->unpack(model, file, error);
    if (result) {
        weir_model_release(model);
        return result;
    }
    model->plan = file->plan;
    file->plan = (struct weir_plan){ 0 };
    memcpy(model->digest, file->digest, sizeof model->digest);
    return 0;
}

int weir_model_read(struct weir_model *model, const char *path, struct weir_error *error)
{
    struct weir_model_file file;
    *model = (struct weir_model){ 0 };
    if (weir_model_file_read(&file, path, error))
        return -1;
    int result = weir_model_unpack(model, &file, error);
    if (result)
        weir_fail_in(error, "'%s'", path);
    weir_model_file_release(&file);
    return result;
}
