/* Features of texts without a vocabulary (Weinberger et al., "Feature hashing for large scale multitask learning", ICML
 * 2009): with h the 64-bit XXH3 of a term's bytes, its count is added at the place h mod width with the sign 1 when
 * the top bit of h is 0 and -1 otherwise. What cancels out is no entry. Nothing is learned but which columns there
 * were. */
#include "base/hash.h"
#include "math/clones.h"
#include "math/sort.h"
#include "stage/features.h"
#include "stage/options.h"
#include "stage/text_columns.h"
#include "stage/text_weights.h"

enum { DEFAULT_WIDTH = 1 << 18, MOST_WIDTH = 1 << 30, FEW = 64 };

struct hashing {
    struct weir_text_columns columns;
    struct weir_text_weights weights;
    uint32_t width;
};

struct applying {
    struct weir_derived derived;
    struct weir_text_place *places;
    struct weir_splitter *splitter;
    struct weir_sparse_builder sparse;
    uint64_t *keys, *sorted; /* of a row's terms: the place, and the upper half of the hash */
    uint32_t *index;
    double *values;
    size_t keys_capacity, sorted_capacity, index_capacity, values_capacity;
    int64_t empty;
};

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "width", WEIR_TEXT_OPTIONS, WEIR_WEIGHT_OPTIONS, NULL };
    struct hashing *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->columns.stage = "features";
    self->weights.norm = WEIR_NORM_L2;
    int64_t width = DEFAULT_WIDTH;
    if (weir_option_known(stage, known, error) < 0 ||
        weir_option_integer(stage->options, "width", 1, MOST_WIDTH, &width, error) < 0 ||
        weir_text_weights_read(&self->weights, stage->options, error) < 0)
        return -1;
    self->width = (uint32_t)width;
    return weir_text_columns_create(&self->columns, stage->options, error);
}

static void destroy(struct weir_stage *stage)
{
    struct hashing *self = stage->state;
    if (!self)
        return;
    weir_text_columns_release(&self->columns);
    free(self);
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    return weir_text_columns_learn_begin(&((struct hashing *)stage->state)->columns, stage->options, in, error);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    return weir_text_columns_learn(&((struct hashing *)stage->state)->columns, batch, error);
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    return weir_text_columns_learn_end(&((struct hashing *)stage->state)->columns, stage->keep_merge, error);
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct hashing *self = stage->state;
    const struct hashing *from = other->state;
    return weir_text_columns_merge(&self->columns, stage, &from->columns, other, error);
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    return weir_text_columns_save(&((const struct hashing *)stage->state)->columns, state, blobs, error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    return weir_text_columns_restore(&((struct hashing *)stage->state)->columns, state, blobs, error);
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct hashing *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    if (weir_text_columns_bind(&self->columns, in, binding->mode, &binding->out, &applying->derived, &applying->places,
                               error) < 0)
        return -1;
    for (size_t i = 0; i < self->columns.count; i++)
        if (weir_field_make_sparse(&binding->out.fields[applying->places[i].to], self->width) < 0)
            return weir_fail_memory(error);
    return weir_splitter_new(&applying->splitter, self->columns.words, error);
}

static void unbind(struct weir_binding *binding)
{
    const struct hashing *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (!applying)
        return;
    weir_text_places_free(applying->places, self->columns.count);
    weir_derived_release(&applying->derived);
    weir_splitter_free(applying->splitter);
    weir_sparse_builder_release(&applying->sparse);
    free(applying->keys);
    free(applying->sorted);
    free(applying->index);
    free(applying->values);
    free(applying);
}

static int reserve(struct applying *applying, size_t count, struct weir_error *error)
{
    if (weir_grow((void **)&applying->keys, &applying->keys_capacity, count, sizeof *applying->keys) < 0 ||
        weir_grow((void **)&applying->sorted, &applying->sorted_capacity, count, sizeof *applying->sorted) < 0 ||
        weir_grow((void **)&applying->index, &applying->index_capacity, count, sizeof *applying->index) < 0 ||
        weir_grow((void **)&applying->values, &applying->values_capacity, count, sizeof *applying->values) < 0)
        return weir_fail_memory(error);
    return 0;
}

/* As sort_few of text_weights.c, and by radix where there are many. */
WEIR_CLONES static void sort_few(const uint64_t *keys, uint64_t *sorted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t key = keys[i], smaller = 0;
        for (size_t j = 0; j < i; j++)
            smaller += keys[j] <= key;
        for (size_t j = i + 1; j < count; j++)
            smaller += keys[j] < key;
        sorted[smaller] = key;
    }
}

static const uint64_t *sort_keys(struct applying *applying, size_t count)
{
    if (count > FEW) {
        weir_sort_keys(applying->keys, applying->sorted, count);
        return applying->keys;
    }
    sort_few(applying->keys, applying->sorted, count);
    return applying->sorted;
}

/* Terms are told apart by their place and the upper half of their hash; those that share both, of which there are none
 * in any text that was not made for it, count as one. */
static int hash_row(const struct hashing *self, struct applying *applying, const struct weir_terms *terms,
                    struct weir_error *error)
{
    if (reserve(applying, terms->count + 1, error) < 0)
        return -1;
    uint64_t mask = self->width - 1;
    bool masked = (self->width & mask) == 0;
    for (size_t i = 0; i < terms->count; i++) {
        uint64_t hash = weir_hash(terms->bytes + terms->items[i].at, terms->items[i].size, 0);
        applying->keys[i] = (masked ? hash & mask : hash % self->width) << 32 | hash >> 32;
    }
    const uint64_t *keys = sort_keys(applying, terms->count);
    size_t places = 0;
    for (size_t i = 0; i < terms->count;) {
        uint64_t place = keys[i] >> 32;
        double sum = 0;
        while (i < terms->count && keys[i] >> 32 == place) {
            uint64_t key = keys[i];
            size_t first = i;
            while (i < terms->count && keys[i] == key)
                i++;
            double weight = weir_text_weight(&self->weights, (double)(i - first));
            sum += key >> 31 & 1 ? -weight : weight;
        }
        applying->index[places] = (uint32_t)place;
        applying->values[places] = sum;
        places += sum != 0;
    }
    return weir_sparse_builder_row(&applying->sparse, self->weights.norm, applying->index, applying->values, places,
                                   error);
}

static int apply_column(const struct weir_binding *binding, const struct weir_text_place *place,
                        const struct weir_column *data, struct weir_column *out, struct weir_error *error)
{
    const struct hashing *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (weir_sparse_builder_begin(&applying->sparse, data->rows, error) < 0)
        return -1;
    for (int64_t row = 0; row < data->rows; row++) {
        struct weir_terms terms = { 0 };
        bool valid = weir_valid(data, row);
        if (valid && weir_splitter_row(applying->splitter, data, &place->type, row, &terms, error) < 0)
            return -1;
        if (hash_row(self, applying, &terms, error) < 0)
            return -1;
        applying->empty += valid && terms.count == 0;
    }
    return weir_sparse_builder_finish(&applying->sparse, data, out, error);
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    (void)reasons;
    const struct hashing *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    for (size_t i = 0; i < self->columns.count; i++) {
        const struct weir_text_place *place = &applying->places[i];
        if (apply_column(binding, place, &in->columns[place->from], &out->columns[place->to], error) < 0)
            return -1;
    }
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct hashing *self = binding->stage->state;
    const struct applying *applying = binding->state;
    weir_buffer_format(out, "%zu column%s of width %u", self->columns.count, self->columns.count == 1 ? "" : "s",
                       self->width);
    if (applying->empty > 0)
        weir_buffer_format(out, ", %lld text%s without a term", (long long)applying->empty,
                           applying->empty == 1 ? "" : "s");
}

const struct weir_stage_kind weir_features_hash_kind = {
    .name = "features",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .merge = merge,
    .save = save,
    .restore = restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
