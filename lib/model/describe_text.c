/* The description of a model file as text for a person. */
#include "base/text_table.h"
#include "model/describe.h"
#include <string.h>

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

static int64_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

/* A value of the training record or a list of classes, on one line. */
static void append_value(struct weir_buffer *out, const json_t *value)
{
    if (json_is_string(value))
        weir_buffer_string(out, json_string_value(value));
    else if (value && weir_json_dump(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6), out, NULL) < 0)
        out->failed = true;
}

/* A row for each value; "options.batch" for what lies deeper; of a list of objects (epochs) its length and its last. */
static void add_pairs(struct weir_text_table *pairs, const char *prefix, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        struct weir_buffer name = { 0 }, shown = { 0 };
        size_t length = json_array_size(value);
        weir_buffer_format(&name, "%s%s%s", prefix, *prefix ? "." : "", key);
        if (json_is_object(value) && strlen(prefix) < 64) {
            add_pairs(pairs, name.bytes ? name.bytes : "", value);
        } else {
            if (length)
                weir_buffer_format(&shown, "%zu: ", length);
            append_value(&shown, length ? json_array_get(value, length - 1) : value);
            weir_text_table_cell(pairs, name.bytes ? name.bytes : "");
            weir_text_table_cell(pairs, shown.bytes ? shown.bytes : "");
        }
        pairs->failed |= name.failed || shown.failed;
        weir_buffer_release(&name);
        weir_buffer_release(&shown);
    }
}

static void append_training(struct weir_buffer *out, json_t *training)
{
    struct weir_text_table pairs;
    if (json_object_size(training) == 0)
        return;
    weir_buffer_string(out, "\ntraining\n");
    weir_text_table_init(&pairs, 2, 0);
    add_pairs(&pairs, "", training);
    weir_text_table_append(&pairs, 2, out);
}

static void append_layers(struct weir_buffer *out, const json_t *json)
{
    struct weir_text_table layers;
    size_t i;
    json_t *layer;
    if (json_array_size(json_object_get(json, "layers")) == 0)
        return;
    weir_buffer_byte(out, '\n');
    weir_text_table_init(&layers, 3, 1 << 2);
    weir_text_table_cell(&layers, "layer");
    weir_text_table_cell(&layers, "output");
    weir_text_table_cell(&layers, "parameters");
    json_array_foreach(json_object_get(json, "layers"), i, layer)
    {
        struct weir_buffer output = { 0 };
        append_value(&output, json_object_get(layer, "output"));
        weir_text_table_cell(&layers, text_of(layer, "layer"));
        weir_text_table_cell(&layers, output.bytes ? output.bytes : "");
        weir_text_table_number(&layers, number_of(layer, "parameters"));
        layers.failed |= output.failed;
        weir_buffer_release(&output);
    }
    weir_text_table_append(&layers, 0, out);
}

static void append_weights(struct weir_buffer *out, const json_t *weights)
{
    struct weir_text_table largest;
    const json_t *list = json_object_get(weights, "largest");
    size_t i;
    json_t *weight;
    if (!weights)
        return;
    weir_buffer_format(out, "\n%lld of %lld weights are not 0, %lld wide\n", (long long)number_of(weights, "nonzero"),
                       (long long)(number_of(weights, "outputs") * number_of(weights, "width")),
                       (long long)number_of(weights, "width"));
    if (json_array_size(list) == 0)
        return;
    bool terms = false;
    json_array_foreach(list, i, weight) terms |= json_object_get(weight, "term") != NULL;
    weir_text_table_init(&largest, terms ? 5 : 4, 1 << 1 | 1 << 3);
    weir_text_table_cell(&largest, "column");
    weir_text_table_cell(&largest, "place");
    weir_text_table_cell(&largest, "class");
    weir_text_table_cell(&largest, "weight");
    if (terms)
        weir_text_table_cell(&largest, "term");
    json_array_foreach(list, i, weight)
    {
        struct weir_buffer number = { 0 };
        if (json_is_null(json_object_get(weight, "weight")))
            weir_buffer_string(&number, "not finite");
        else
            weir_buffer_format(&number, "%.5g", json_number_value(json_object_get(weight, "weight")));
        weir_text_table_cell(&largest, text_of(weight, "column"));
        weir_text_table_number(&largest, number_of(weight, "place"));
        weir_text_table_cell(&largest, text_of(weight, "class"));
        weir_text_table_cell(&largest, number.bytes ? number.bytes : "");
        if (terms)
            weir_text_table_cell(&largest, text_of(weight, "term"));
        largest.failed |= number.failed;
        weir_buffer_release(&number);
    }
    weir_text_table_append(&largest, 2, out);
}

static void append_features(struct weir_buffer *out, const json_t *json)
{
    struct weir_text_table features;
    size_t i;
    json_t *feature;
    weir_buffer_byte(out, '\n');
    weir_text_table_init(&features, 3, 1 << 2);
    weir_text_table_cell(&features, "feature");
    weir_text_table_cell(&features, "type");
    weir_text_table_cell(&features, "numbers");
    json_array_foreach(json_object_get(json, "features"), i, feature)
    {
        weir_text_table_cell(&features, text_of(feature, "name"));
        weir_text_table_cell(&features, text_of(feature, "type"));
        weir_text_table_number(&features, number_of(feature, "width"));
    }
    weir_text_table_append(&features, 0, out);
}

void weir_model_file_text(json_t *json, struct weir_buffer *out)
{
    struct weir_text_table facts;
    struct weir_buffer text = { 0 };
    const json_t *label = json_object_get(json, "label");
    const json_t *classes = json_object_get(json, "classes");
    weir_text_table_init(&facts, 2, 0);
    weir_text_table_cell(&facts, "model");
    weir_buffer_format(&text, "%s (%s), %s", text_of(json, "form"), text_of(json, "model"), text_of(json, "task"));
    weir_text_table_cell(&facts, text.bytes ? text.bytes : "");
    weir_text_table_cell(&facts, "label");
    weir_buffer_clear(&text);
    weir_buffer_format(&text, "%s (%s)", text_of(label, "name"), text_of(label, "type"));
    weir_text_table_cell(&facts, text.bytes ? text.bytes : "");
    if (classes) {
        weir_buffer_clear(&text);
        append_value(&text, classes);
        weir_text_table_cell(&facts, "classes");
        weir_text_table_cell(&facts, text.bytes ? text.bytes : "");
    }
    if (json_object_get(json, "network")) {
        weir_text_table_cell(&facts, "network");
        weir_text_table_cell(&facts, text_of(json, "network"));
    }
    weir_text_table_cell(&facts, "size");
    weir_buffer_clear(&text);
    weir_append_size(&text, number_of(json, "bytes"));
    weir_buffer_format(&text, ", %lld parameters", (long long)number_of(json, "parameters"));
    weir_text_table_cell(&facts, text.bytes ? text.bytes : "");
    weir_text_table_cell(&facts, "digest");
    weir_text_table_cell(&facts, text_of(json, "digest"));
    weir_text_table_cell(&facts, "plan");
    weir_text_table_cell(&facts, *text_of(json, "pipeline") ? text_of(json, "pipeline") : "none");
    weir_text_table_append(&facts, 0, out);
    out->failed |= text.failed;
    weir_buffer_release(&text);
    append_layers(out, json);
    append_weights(out, json_object_get(json, "weights"));
    append_features(out, json);
    append_training(out, json_object_get(json, "training"));
}
