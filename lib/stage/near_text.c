/* Texts that are nearly the same: MinHash and bands find candidates, odd sketches pass over those that are surely too
 * different, the sets of their shingles decide. Shingles are compared by 64 bits of hash, under a seed: two different
 * ones are taken for the same with a chance of 2^-63.
 *
 * A pair at the threshold is found with a chance of 0.95 or more by the formula of math/minhash.h (0.986 at 0.8), one
 * above it more often; the sketches miss fewer than one in 10^5. Beside the texts a row takes 4 bytes a band and 76;
 * while the bands are sorted, 16 a thread, and 20 for each bucket that it shares with another. A text takes some 60
 * times its bytes while it is looked at. */
#include "base/hash.h"
#include "math/minhash.h"
#include "math/odd_sketch.h"
#include "math/sort.h"
#include "stage/near_private.h"
#include <stdlib.h>

/* Of candidates that the sketches leave, the MOST_COMPARED least different are compared: of texts of one template, all
 * alike but below the threshold, there may be thousands. SHARE: rows a task. */
enum { MOST_COMPARED = 16, SHARE = 32 };

/* One text's set of shingles as a table to look into. */
struct shingle_set {
    uint64_t *slots; /* 0: free */
    uint32_t *found; /* the number of the text that found it last */
    size_t mask, capacity, size;
    uint32_t number;
};

struct text_scratch {
    struct weir_buffer bytes;
    struct near_shingle_scratch shingles;
    struct shingle_set set;
    uint32_t *items;
    size_t items_capacity;
    struct near_places candidates;
    bool ready;                                       /* the set is that of the text that is looked at */
    struct weir_odd_sketch sketches[WEIR_ODD_LEVELS]; /* of that set, by levels: those that `sketched` has a bit for */
    uint32_t sketched;
};

struct text_state {
    struct near_shingles shingles;
    struct weir_minhash minhash;
    int bands, rows;
    uint32_t *keys;  /* [rows of the store][bands] */
    uint32_t *sizes; /* [rows of the store] how many different shingles; 0: null */
    size_t keys_capacity, sizes_capacity;
    struct text_scratch *scratch;     /* [threads] */
    struct weir_odd_sketch *sketches; /* [rows of the store], each of the level that its size asks for */
    size_t sketches_capacity;
    struct weir_odd_limits limits;
    double different; /* the part of both texts' shingles that only one has, at the threshold */
    struct near_buckets buckets;
};

/* Texts of `size` shingles are told best at this level from what lies below the threshold. */
static int level_of(const struct text_state *state, size_t size)
{
    return weir_odd_level(2 * (double)size * state->different);
}

static int text_begin(struct weir_near *near, struct weir_error *error)
{
    struct text_state *state = weir_allocate_zero(1, sizeof *state);
    if (!state)
        return weir_fail_memory(error);
    near->state = state;
    if (near->options.size < 1 || near->options.size > 64)
        return weir_fail(error, WEIR_USAGE, "shingles are of 1 to 64 %s, not %d",
                         near->options.unit == WEIR_NEAR_WORDS ? "words" : "characters", near->options.size);
    if (weir_minhash_bands(near->thresholds[0], &state->bands, &state->rows) < 0)
        return weir_fail(error, WEIR_USAGE, "texts need a threshold of at least 0.024, not %g", near->thresholds[0]);
    state->shingles = (struct near_shingles){ near->options.unit, near->options.size, near->options.seed };
    weir_minhash_init(&state->minhash, near->options.seed);
    weir_odd_limits_init(&state->limits);
    state->different = (1 - near->thresholds[0]) / (1 + near->thresholds[0]);
    state->scratch = weir_allocate_zero((size_t)near->threads, sizeof *state->scratch);
    return state->scratch ? 0 : weir_fail_memory(error);
}

static void text_describe(const struct weir_near *near, struct weir_buffer *out)
{
    const struct text_state *state = near->state;
    weir_buffer_format(out, "%d bands of %d rows, threshold %g, %d %s", state->bands, state->rows, near->thresholds[0],
                       near->options.size, near->options.unit == WEIR_NEAR_WORDS ? "words" : "characters");
}

static int text_take(struct weir_near *near, const struct weir_batch *batch, struct weir_error *error)
{
    const struct weir_column *column = &batch->columns[near->columns[0]];
    bool coded = near->schema->fields[near->columns[0]].type.kind == WEIR_DICTIONARY;
    const struct weir_column *texts = coded ? &column->children[0] : column;
    for (int64_t row = 0; row < batch->rows; row++) {
        const char *text = NULL;
        size_t size = 0;
        int64_t at = row;
        bool present = weir_valid(column, row);
        if (present && coded) {
            at = weir_codes(column)[row];
            present = weir_valid(texts, at);
        }
        if (present)
            text = weir_text(texts, at, &size);
        if (weir_near_store_add(&near->store, text, size, present, error) < 0)
            return -1;
    }
    return 0;
}

/* The text's shingles as a set; the scratch's hashes are then each once. -1: out of memory. */
static int make_set(struct text_scratch *scratch)
{
    struct shingle_set *set = &scratch->set;
    struct near_shingle_scratch *shingles = &scratch->shingles;
    size_t size = 16, kept = 0;
    while (size < 2 * shingles->count)
        size *= 2;
    if (size > set->capacity) {
        free(set->slots);
        free(set->found);
        set->slots = weir_allocate(size, sizeof *set->slots);
        set->found = weir_allocate(size, sizeof *set->found);
        set->capacity = set->slots && set->found ? size : 0;
        if (set->capacity == 0)
            return -1;
    }
    memset(set->slots, 0, size * sizeof *set->slots);
    memset(set->found, 0, size * sizeof *set->found);
    set->mask = size - 1;
    set->number = 0;
    for (size_t i = 0; i < shingles->count; i++) {
        uint64_t hash = shingles->hashes[i];
        size_t slot = hash >> 8 & set->mask;
        while (set->slots[slot] && set->slots[slot] != hash)
            slot = (slot + 1) & set->mask;
        if (!set->slots[slot]) {
            set->slots[slot] = hash;
            shingles->hashes[kept++] = hash;
        }
    }
    set->size = shingles->count = kept;
    return 0;
}

struct signing {
    struct weir_near *near;
    size_t first;
};

static int sign_row(struct weir_near *near, size_t row, struct text_scratch *scratch, struct weir_error *error)
{
    struct text_state *state = near->state;
    uint32_t sketch[WEIR_MINHASH_VALUES];
    const uint8_t *bytes;
    size_t size;
    void *items = scratch->items;
    state->sizes[row] = 0;
    if (!weir_near_store_present(&near->store, row))
        return 0;
    if (weir_near_store_get(&near->store, row, &scratch->bytes, &bytes, &size, error) < 0)
        return -1;
    if (weir_near_shingle(&state->shingles, bytes, size, &scratch->shingles) < 0 || make_set(scratch) < 0 ||
        weir_grow(&items, &scratch->items_capacity, scratch->shingles.count, sizeof *scratch->items) < 0)
        return weir_fail_memory(error);
    scratch->items = items;
    for (size_t i = 0; i < scratch->shingles.count; i++)
        scratch->items[i] = (uint32_t)(scratch->shingles.hashes[i] >> 32);
    weir_minhash_sketch(&state->minhash, scratch->items, scratch->shingles.count, sketch);
    for (int band = 0; band < state->bands; band++)
        state->keys[row * (size_t)state->bands + (size_t)band] =
            (uint32_t)weir_hash(sketch + band * state->rows, (size_t)state->rows * sizeof *sketch, (uint64_t)band);
    state->sizes[row] = (uint32_t)scratch->set.size;
    weir_odd_sketch(scratch->shingles.hashes, scratch->set.size, level_of(state, scratch->set.size),
                    &state->sketches[row]);
    return 0;
}

static int sign_share(void *context, size_t index, int thread, struct weir_error *error)
{
    const struct signing *signing = context;
    struct weir_near *near = signing->near;
    struct text_state *state = near->state;
    size_t first = signing->first + index * SHARE;
    for (size_t row = first; row < first + SHARE && row < near->store.rows; row++)
        if (sign_row(near, row, &state->scratch[thread], error) < 0)
            return -1;
    return 0;
}

static int text_sign(struct weir_near *near, size_t first, struct weir_error *error)
{
    struct text_state *state = near->state;
    struct signing signing = { near, first };
    void *keys = state->keys, *sizes = state->sizes, *sketches = state->sketches;
    if (weir_grow(&keys, &state->keys_capacity, near->store.rows, (size_t)state->bands * sizeof *state->keys) < 0)
        return weir_fail_memory(error);
    state->keys = keys;
    if (weir_grow(&sizes, &state->sizes_capacity, near->store.rows, sizeof *state->sizes) < 0)
        return weir_fail_memory(error);
    state->sizes = sizes;
    if (weir_grow(&sketches, &state->sketches_capacity, near->store.rows, sizeof *state->sketches) < 0)
        return weir_fail_memory(error);
    state->sketches = sketches;
    return weir_near_run(near, (near->store.rows - first + SHARE - 1) / SHARE, sign_share, &signing, error);
}

static int text_prepare(struct weir_near *near, struct weir_error *error)
{
    struct text_state *state = near->state;
    state->keys_capacity = 0;
    return weir_near_buckets_make(&state->buckets, near, &state->keys, state->bands, error);
}

/* Whether the Jaccard similarity of the scratch's set and the row's, which has `other` shingles, is at least the
 * threshold. It is given up as soon as what is left cannot reach it. 1: yes; 0: no; -1 with the message. */
static int alike(const struct weir_near *near, struct text_scratch *scratch, size_t row, size_t other,
                 struct weir_error *error)
{
    const struct text_state *state = near->state;
    struct shingle_set *set = &scratch->set;
    double threshold = near->thresholds[0], sum = (double)(set->size + other);
    const uint8_t *bytes;
    size_t size, both = 0;
    if (weir_near_store_get(&near->store, row, &scratch->bytes, &bytes, &size, error) < 0)
        return -1;
    if (weir_near_shingle(&state->shingles, bytes, size, &scratch->shingles) < 0)
        return weir_fail_memory(error);
    size_t left = scratch->shingles.count, needed = (size_t)(threshold * sum / (1 + threshold) * (1 - 1e-9));
    set->number++;
    for (size_t i = 0; left > 0 && both + left >= needed; i++, left--) {
        uint64_t hash = scratch->shingles.hashes[i];
        size_t slot = hash >> 8 & set->mask;
        while (set->slots[slot] && set->slots[slot] != hash)
            slot = (slot + 1) & set->mask;
        if (set->slots[slot] && set->found[slot] != set->number) {
            set->found[slot] = set->number;
            both++;
        }
    }
    return (double)both >= threshold * (sum - (double)both);
}

/* The text of the row as the scratch's set, with the set's sketches still to be made. */
static int make_ready(struct weir_near *near, size_t row, struct text_scratch *scratch, struct weir_error *error)
{
    const struct text_state *state = near->state;
    const uint8_t *bytes;
    size_t length;
    if (scratch->ready)
        return 0;
    if (weir_near_store_get(&near->store, row, &scratch->bytes, &bytes, &length, error) < 0)
        return -1;
    if (weir_near_shingle(&state->shingles, bytes, length, &scratch->shingles) < 0 || make_set(scratch) < 0)
        return weir_fail_memory(error);
    scratch->ready = true;
    scratch->sketched = 0;
    return 0;
}

/* The row's sketch of the level: its own, or made from its set. NULL: with the message. */
static const struct weir_odd_sketch *sketch_of(struct weir_near *near, size_t row, int level,
                                               struct text_scratch *scratch, struct weir_error *error)
{
    const struct text_state *state = near->state;
    if (level == level_of(state, state->sizes[row]))
        return &state->sketches[row];
    if (make_ready(near, row, scratch, error) < 0)
        return NULL;
    if (!(scratch->sketched >> level & 1))
        weir_odd_sketch(scratch->shingles.hashes, scratch->shingles.count, level, &scratch->sketches[level]);
    scratch->sketched |= (uint32_t)1 << level;
    return &scratch->sketches[level];
}

/* Of the candidates, those that may be alike by their sizes and sketches, MOST_COMPARED at most, in the order of
 * places. */
static int64_t sift(struct weir_near *near, size_t row, size_t count, struct text_scratch *scratch,
                    struct weir_error *error)
{
    const struct text_state *state = near->state;
    uint64_t *places = scratch->candidates.places;
    size_t size = state->sizes[row], left = 0;
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t other_row = near->order[places[i]];
        size_t other = state->sizes[other_row], less = size < other ? size : other, more = size < other ? other : size;
        if ((double)less < near->thresholds[0] * (double)more)
            continue;
        int level = level_of(state, other);
        const struct weir_odd_sketch *sketch = sketch_of(near, row, level, scratch, error);
        if (!sketch)
            return -1;
        double different = state->different * (double)(size + other) * (1 + 1e-9);
        int difference = weir_odd_difference(sketch, &state->sketches[other_row]);
        int limit = weir_odd_limit(&state->limits, different, level);
        if (difference <= limit)
            places[left++] = (uint64_t)(difference * WEIR_ODD_BITS / (limit + 1)) << 32 | places[i];
    }
    if (left > MOST_COMPARED) {
        weir_sort_keys(places, places + left, left);
        left = MOST_COMPARED;
    }
    for (size_t i = 0; i < left; i++)
        places[i] = (uint32_t)places[i];
    weir_sort_keys(places, places + left, left);
    return (int64_t)left;
}

static int64_t text_find(struct weir_near *near, uint32_t place, uint32_t from, uint32_t to, int thread,
                         struct weir_error *error)
{
    struct text_state *state = near->state;
    struct text_scratch *scratch = &state->scratch[thread];
    size_t row = near->order[place], count;
    if (!weir_near_store_present(&near->store, row))
        return -1;
    if (weir_near_buckets_gather(&state->buckets, place, from, to, &scratch->candidates, &count) < 0) {
        weir_fail_memory(error);
        return -2;
    }
    scratch->ready = false;
    int64_t left = sift(near, row, count, scratch, error);
    if (left < 0 || (left > 0 && make_ready(near, row, scratch, error) < 0))
        return -2;
    for (int64_t i = 0; i < left; i++) {
        uint32_t other_row = near->order[scratch->candidates.places[i]];
        int same = alike(near, scratch, other_row, state->sizes[other_row], error);
        if (same < 0)
            return -2;
        if (same)
            return (int64_t)scratch->candidates.places[i];
    }
    return -1;
}

static void text_keep(struct weir_near *near, uint32_t place)
{
    struct text_state *state = near->state;
    weir_near_buckets_keep(&state->buckets, place);
}

static void text_release(struct weir_near *near)
{
    struct text_state *state = near->state;
    if (!state)
        return;
    for (int thread = 0; state->scratch && thread < near->threads; thread++) {
        struct text_scratch *scratch = &state->scratch[thread];
        weir_buffer_release(&scratch->bytes);
        weir_near_shingle_release(&scratch->shingles);
        free(scratch->set.slots);
        free(scratch->set.found);
        free(scratch->items);
        free(scratch->candidates.places);
    }
    free(state->scratch);
    free(state->keys);
    free(state->sizes);
    free(state->sketches);
    weir_near_buckets_release(&state->buckets);
    free(state);
}

const struct near_kind weir_near_text = {
    .begin = text_begin,
    .describe = text_describe,
    .take = text_take,
    .sign = text_sign,
    .prepare = text_prepare,
    .find = text_find,
    .keep = text_keep,
    .release = text_release,
};
