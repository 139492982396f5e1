/* The model file under hostile bytes: as they come, and once more with a digest that fits, so that what lies behind the
 * digest is reached: the plan, the features, the network, rows scored. */
#include "model/model.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "model/checkpoint.h"
#include "model/describe.h"
#include "model/network_model.h"
#include "model/regression_model.h"
#include "model/scorer.h"
#include "nn/internal.h"
#include "stream/sparse.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 14 }; /* numbers of a row, in all layers together, that are still computed */

static void add_value(struct weir_builder *builder, const struct weir_type *type, int64_t row)
{
    static const char *const texts[] = { "", "1", "x", "0.5" };
    if (row == 0)
        weir_builder_null(builder);
    else if (type->kind == WEIR_UTF8 || type->kind == WEIR_DICTIONARY)
        weir_builder_text(builder, texts[row % 4], strlen(texts[row % 4]));
    else if (weir_kind_is_float(type->kind))
        weir_builder_double(builder, (double)row / 3);
    else if (weir_kind_is_number(type->kind) || type->kind == WEIR_BOOL)
        weir_builder_int64(builder, row % 2);
    else if (type->kind == WEIR_FIXED_LIST) {
        for (int32_t i = 0; i < type->list_size; i++)
            add_value(&builder->children[0], &type->children[0].type, row);
        weir_builder_close(builder);
    } else
        weir_builder_null(builder);
}

/* Some entries of a sparse row, from the first place to the last. */
static void add_sparse(struct weir_builder *builder, int64_t width, int64_t row)
{
    for (int64_t i = 0; i < row && i < width; i++) {
        struct weir_builder *entry = &builder->children[0];
        weir_builder_int64(&entry->children[0], i + 1 == row ? width - 1 : i);
        weir_builder_double(&entry->children[1], (double)row / 3);
        weir_builder_close(entry);
    }
    weir_builder_close(builder);
}

/* The columns' rows, then those rows scored. */
static void score(const struct weir_model *model, const struct weir_schema *schema)
{
    enum { ROWS = 5 };
    struct weir_batch in = { 0 }, out = { 0 };
    struct weir_error error = { 0 };
    struct weir_scorer *scorer = NULL;
    struct weir_scorer_options options = { .row_id = true };
    if (weir_batch_init(&in, schema->count, ROWS))
        abort();
    for (int i = 0; i < schema->count; i++) {
        const struct weir_type *type = &schema->fields[i].type;
        struct weir_builder builder;
        if (weir_builder_init(&builder, type))
            abort();
        int64_t width = weir_sparse_is(type) ? weir_sparse_width(&schema->fields[i], NULL) : 0;
        for (int64_t row = 0; row < ROWS; row++)
            if (row && width > 0)
                add_sparse(&builder, width, row);
            else
                add_value(&builder, type, row);
        if (weir_builder_finish(&builder, &in.columns[i], NULL))
            abort();
        weir_builder_release(&builder);
    }
    if (weir_scorer_new(&scorer, model, schema, &options, NULL, &error) == 0) {
        if (weir_scorer_apply(scorer, &in, &out, &error) == 0 && out.rows != ROWS)
            abort(); /* one row out for each row in */
        weir_scorer_free(scorer);
    }
    if (error.status == WEIR_BUG)
        abort();
    weir_batch_release(&in);
    weir_batch_release(&out);
}

/* Scores the features' own columns, and the columns of the plan's first step as text. */
static void score_both(const struct weir_model *model)
{
    struct weir_schema schema = { 0 };
    const struct weir_network_model *network = model->kind == &weir_network_kind ? model->state : NULL;
    if ((network && network->network->row_floats > LARGEST) || model->class_count > LARGEST)
        return;
    for (size_t i = 0; i < model->features.count; i++) {
        const struct weir_feature_column *column = &model->features.columns[i];
        struct weir_field *field = weir_schema_add(&schema, column->name, WEIR_NULL);
        if (!field || (column->sparse ? weir_field_make_sparse(field, column->width)
                                      : weir_type_copy(&field->type, &column->type)))
            abort();
    }
    score(model, &schema);
    weir_schema_release(&schema);
    const json_t *first = model->plan.count ? model->plan.steps[0].state : NULL, *column;
    size_t i;
    json_array_foreach(json_object_get(first, "columns"), i, column)
    {
        const char *name = json_string_value(json_object_get(column, "name"));
        if (name && i < 64 && !weir_schema_add(&schema, name, WEIR_UTF8))
            abort();
    }
    score(model, &schema);
    weir_schema_release(&schema);
}

/* What a run would go on from; the fingerprint is taken to be that of the run. */
static void resume(struct weir_model *model, const char *text, const char *bytes, size_t size)
{
    json_t *said = json_loads(text, 0, NULL);
    const char *fingerprint = json_string_value(json_object_get(said, "fingerprint"));
    struct weir_network *network = ((struct weir_network_model *)model->state)->network;
    size_t parameters = (size_t)network->parameter_count, states = (size_t)network->state_count;
    struct weir_optimizer_options options = weir_optimizer_defaults(WEIR_ADAM);
    struct weir_optimizer *optimizer;
    struct weir_training_state state = { .best_parameters = malloc(parameters * sizeof(float) + 1),
                                         .best_state = malloc(states * sizeof(float) + 1) };
    int descriptor = memfd_create("checkpoint", 0);
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    if (!state.best_parameters || !state.best_state || write(descriptor, bytes, size) != (ssize_t)size ||
        weir_optimizer_new(&optimizer, &options, (int64_t)parameters, NULL))
        abort();
    weir_checkpoint_read(path, model, &state, optimizer, fingerprint ? fingerprint : "", NULL);
    weir_optimizer_free(optimizer);
    close(descriptor);
    json_decref(state.history);
    free(state.best_parameters);
    free(state.best_state);
    json_decref(said);
}

static void use(char *bytes, size_t size)
{
    struct weir_model_file file;
    struct weir_model model;
    struct weir_error error = { 0 };
    if (weir_model_file_parse(&file, bytes, size, &error)) {
        if (!error.text[0] || !error.status)
            abort(); /* every failure says why */
        return;
    }
    json_decref(weir_model_file_describe(&file, &error));
    if (weir_model_unpack(&model, &file, &error) == 0) {
        score_both(&model);
        const char *resumed = weir_model_file_get(&file, "weir:resume");
        if (resumed && model.kind == &weir_network_kind)
            resume(&model, resumed, bytes, size);
        weir_model_release(&model);
    }
    weir_model_file_release(&file);
}

/* The same file with the digest that it should have; the tensors are taken to lie as they stand. */
static char *with_digest(const uint8_t *data, size_t size, size_t *out_size)
{
    uint64_t length = size >= 8 ? weir_load_u64(data) : UINT64_MAX;
    if (size < 8 || length > size - 8)
        return NULL;
    json_t *header = json_loadb((const char *)data + 8, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    json_t *metadata = json_incref(json_object_get(header, "__metadata__"));
    char *first = NULL, *second = NULL, *whole = NULL, *out = NULL;
    if (!json_is_object(metadata))
        goto done;
    json_object_del(metadata, "weir:digest");
    json_object_del(header, "__metadata__");
    first = json_dumps(metadata, JSON_COMPACT | JSON_SORT_KEYS);
    second = json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
    struct weir_hasher *hasher = weir_hasher_new();
    char digest[33];
    if (!first || !second || !hasher)
        abort();
    weir_hasher_add(hasher, first, strlen(first));
    weir_hasher_add(hasher, second, strlen(second));
    weir_hasher_add(hasher, data + 8 + length, size - 8 - (size_t)length);
    weir_hash128_hex(weir_hasher_digest128(hasher), digest);
    weir_hasher_free(hasher);
    json_object_set_new(metadata, "weir:digest", json_string(digest));
    json_object_set(header, "__metadata__", metadata);
    whole = json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
    size_t text = strlen(whole), tensors = size - 8 - (size_t)length;
    *out_size = 8 + text + tensors;
    out = malloc(*out_size + 1);
    if (!out)
        abort();
    weir_store_u64(out, text);
    memcpy(out + 8, whole, text);
    memcpy(out + 8 + text, data + 8 + length, tensors);
done:
    json_decref(metadata);
    json_decref(header);
    free(first);
    free(second);
    free(whole);
    return out;
}

/* ---- Mutation: a text of the metadata, or the tensors, changed within a file that stays one ------------------- */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak)); /* of libFuzzer */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

static json_t *mutate_text(const char *text, size_t length)
{
    size_t most = length + 64;
    char *copy = malloc(most);
    if (!copy)
        abort();
    memcpy(copy, text, length);
    json_t *made = json_stringn(copy, LLVMFuzzerMutate((uint8_t *)copy, length, most));
    free(copy);
    return made; /* NULL: no longer UTF-8 */
}

static void mutate_metadata(json_t *metadata, unsigned choice)
{
    void *at = json_object_iter(metadata);
    for (size_t skip = choice % (json_object_size(metadata) | 1); at && skip > 0; skip--)
        at = json_object_iter_next(metadata, at);
    const json_t *old = at ? json_object_iter_value(at) : NULL;
    json_t *made = json_is_string(old) ? mutate_text(json_string_value(old), json_string_length(old)) : NULL;
    if (made)
        json_object_iter_set_new(metadata, at, made);
}

static json_t *mutate_header(json_t *header)
{
    char *text = json_dumps(header, JSON_COMPACT);
    json_t *made = mutate_text(text, strlen(text));
    json_t *parsed = made ? json_loads(json_string_value(made), JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_decref(made);
    free(text);
    if (!json_is_object(parsed)) {
        json_decref(parsed);
        return header;
    }
    json_decref(header);
    return parsed;
}

/* The tensors that the notation asks for, when they are small; returns their bytes, or -1: the old ones stay. */
static int64_t fit_tensors(const json_t *metadata, json_t *header)
{
    const char *notation = json_string_value(json_object_get(metadata, "weir:network"));
    const char *input = json_string_value(json_object_get(metadata, "weir:input"));
    json_t *list = input ? json_loads(input, 0, NULL) : NULL;
    struct weir_shape shape = { .rank = (int)json_array_size(list) };
    struct weir_network *network;
    int64_t size = 0;
    for (int i = 0; i < shape.rank && i < WEIR_MAX_DIMENSIONS; i++)
        shape.size[i] = json_integer_value(json_array_get(list, (size_t)i));
    json_decref(list);
    if (!notation || weir_network_parse(&network, notation, &shape, 0, NULL))
        return -1;
    if (network->parameter_count + network->state_count > 1000) {
        weir_network_free(network);
        return -1;
    }
    json_object_clear(header);
    for (int i = 0; i < network->tensor_count; i++) {
        const struct weir_network_tensor *tensor = &network->tensors[i];
        json_t *sizes = json_array();
        for (int d = 0; d < tensor->rank; d++)
            json_array_append_new(sizes, json_integer(tensor->shape[d]));
        int64_t begin = size;
        size += tensor->count * (int64_t)sizeof(float);
        json_object_set_new(header, tensor->name,
                            json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", sizes, "data_offsets",
                                      (json_int_t)begin, (json_int_t)size));
    }
    weir_network_free(network);
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    uint64_t length = size >= 8 ? weir_load_u64(data) : UINT64_MAX;
    json_t *header = NULL, *metadata;
    if (seed % 8 && size >= 8 && length <= size - 8)
        header = json_loadb((const char *)data + 8, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    metadata = json_incref(json_object_get(header, "__metadata__"));
    if (!json_is_object(metadata)) {
        json_decref(metadata);
        json_decref(header);
        return LLVMFuzzerMutate(data, size, most);
    }
    size_t bytes = size - 8 - (size_t)length, wanted = bytes;
    uint8_t *tensors = calloc(bytes + 4096, 1);
    if (!tensors)
        abort();
    memcpy(tensors, data + 8 + length, bytes);
    json_object_del(header, "__metadata__");
    if (seed % 8 == 1)
        header = mutate_header(header);
    else
        mutate_metadata(metadata, seed / 8);
    int64_t fitted = seed % 8 > 4 ? fit_tensors(metadata, header) : -1;
    if (fitted >= 0)
        wanted = (size_t)fitted;
    json_object_set(header, "__metadata__", metadata);
    char *text = json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
    size_t text_size = strlen(text), out = 8 + text_size + wanted;
    if (out <= most) {
        weir_store_u64(data, text_size);
        memcpy(data + 8, text, text_size);
        memcpy(data + 8 + text_size, tensors, wanted);
    } else {
        out = LLVMFuzzerMutate(data, size, most);
    }
    free(text);
    free(tensors);
    json_decref(metadata);
    json_decref(header);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t fixed_size = 0;
    char *fixed = with_digest(data, size, &fixed_size);
    char *copy = malloc(size + 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    use(copy, size);
    if (fixed)
        use(fixed, fixed_size);
    return 0;
}
