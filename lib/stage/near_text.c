/* Texts that are nearly the same: MinHash and bands find candidates, the sets of their shingles decide. Shingles are
 * compared by 64 bits of hash, under a seed: two different ones are taken for the same with a chance of 2^-63.
 *
 * A pair at the threshold is found with a chance of 0.95 or more by the formula of math/minhash.h (0.986 at 0.8), one
 * above it more often. Beside the texts a row takes 4 bytes a band and 12; while the bands are sorted, 16 a thread, and
 * 20 for each bucket that it shares with another. A text takes some 60 times its bytes while it is looked at. */
#include "base/hash.h"
#include "math/minhash.h"
#include "math/sort.h"
#include "stage/near_private.h"
#include <stdlib.h>

/* Of a bucket with more kept rows than MOST_KEPT, the first so many are compared: texts of one template, all alike but
 * below the threshold, would otherwise take time that grows with their square. SHARE: rows a task. */
enum { MOST_KEPT = 256, SHARE = 32 };

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
    uint64_t *places; /* candidates, and as many to sort with */
    size_t places_capacity;
};

/* What stood in one band's sorted keys: the buckets with two rows or more. */
struct band {
    uint32_t *members; /* places, bucket after bucket */
    size_t count, capacity;
    uint32_t *sizes; /* of the buckets */
    size_t buckets, sizes_capacity;
};

struct text_state {
    struct near_shingles shingles;
    struct weir_minhash minhash;
    int bands, rows;
    uint32_t *keys;  /* [rows of the store][bands] */
    uint32_t *sizes; /* [rows of the store] how many different shingles; 0: null */
    size_t keys_capacity, sizes_capacity;
    struct text_scratch *scratch; /* [threads] */
    uint32_t *members;            /* of all buckets: the first kept[b] are those of kept rows, in the order of places */
    uint64_t *starts;             /* [buckets] where each bucket's members begin */
    uint32_t *kept;               /* [buckets] */
    uint64_t *belongs;            /* place << 32 | bucket, sorted: what each row is in */
    uint64_t *first;              /* [rows + 1] where a place's begin */
};

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
    void *keys = state->keys, *sizes = state->sizes;
    if (weir_grow(&keys, &state->keys_capacity, near->store.rows, (size_t)state->bands * sizeof *state->keys) < 0)
        return weir_fail_memory(error);
    state->keys = keys;
    if (weir_grow(&sizes, &state->sizes_capacity, near->store.rows, sizeof *state->sizes) < 0)
        return weir_fail_memory(error);
    state->sizes = sizes;
    return weir_near_run(near, (near->store.rows - first + SHARE - 1) / SHARE, sign_share, &signing, error);
}

static int add_bucket(struct band *band, const uint64_t *keyed, size_t count)
{
    void *members = band->members, *sizes = band->sizes;
    if (weir_grow(&members, &band->capacity, band->count + count, sizeof *band->members) < 0)
        return -1;
    band->members = members;
    if (weir_grow(&sizes, &band->sizes_capacity, band->buckets + 1, sizeof *band->sizes) < 0)
        return -1;
    band->sizes = sizes;
    for (size_t i = 0; i < count; i++)
        band->members[band->count + i] = (uint32_t)keyed[i];
    band->count += count;
    band->sizes[band->buckets++] = (uint32_t)count;
    return 0;
}

struct sorting {
    struct weir_near *near;
    struct band *bands;
};

/* One band: rows with the same key lie together once they are sorted by it. */
static int sort_band(void *context, size_t index, int thread, struct weir_error *error)
{
    (void)thread;
    const struct sorting *sorting = context;
    const struct weir_near *near = sorting->near;
    const struct text_state *state = near->state;
    size_t rows = near->store.rows, count = 0;
    int result = -1;
    uint64_t *keyed = weir_allocate(rows, sizeof *keyed), *scratch = weir_allocate(rows, sizeof *scratch);
    if (!keyed || !scratch)
        goto cleanup;
    for (size_t place = 0; place < rows; place++) {
        size_t row = near->order[place];
        if (state->sizes[row] > 0)
            keyed[count++] = (uint64_t)state->keys[row * (size_t)state->bands + index] << 32 | place;
    }
    weir_sort_keys(keyed, scratch, count);
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin + 1; end < count && keyed[end] >> 32 == keyed[begin] >> 32;)
            end++;
        /* Rows of earlier runs are kept among themselves. */
        if (end - begin > 1 && (uint32_t)keyed[end - 1] >= near->earlier &&
            add_bucket(&sorting->bands[index], keyed + begin, end - begin) < 0)
            goto cleanup;
    }
    result = 0;
cleanup:
    free(keyed);
    free(scratch);
    return result < 0 ? weir_fail_memory(error) : 0;
}

/* The bands' buckets one after the other, and for each row the buckets that it is in. */
static int join_bands(struct weir_near *near, struct band *bands, struct weir_error *error)
{
    struct text_state *state = near->state;
    size_t rows = near->store.rows, members = 0, buckets = 0, at = 0, bucket = 0, k = 0;
    for (int b = 0; b < state->bands; b++) {
        members += bands[b].count;
        buckets += bands[b].buckets;
    }
    if (buckets > UINT32_MAX)
        return weir_fail(error, WEIR_BAD_DATA, "too many rows to compare");
    uint64_t *scratch = weir_allocate(members, sizeof *scratch);
    state->members = weir_allocate(members, sizeof *state->members);
    state->belongs = weir_allocate(members, sizeof *state->belongs);
    state->starts = weir_allocate(buckets, sizeof *state->starts);
    state->kept = weir_allocate_zero(buckets, sizeof *state->kept);
    state->first = weir_allocate(rows + 1, sizeof *state->first);
    if (!scratch || !state->members || !state->belongs || !state->starts || !state->kept || !state->first) {
        free(scratch);
        return weir_fail_memory(error);
    }
    for (int b = 0; b < state->bands; b++) {
        const uint32_t *from = bands[b].members;
        for (size_t i = 0; i < bands[b].buckets; i++, bucket++) {
            state->starts[bucket] = at;
            for (uint32_t m = 0; m < bands[b].sizes[i]; m++, at++) {
                state->members[at] = *from;
                state->belongs[at] = (uint64_t)*from++ << 32 | bucket;
            }
        }
        free(bands[b].members);
        free(bands[b].sizes);
        bands[b] = (struct band){ 0 };
    }
    weir_sort_keys(state->belongs, scratch, members);
    free(scratch);
    for (size_t place = 0; place <= rows; place++) {
        while (k < members && state->belongs[k] >> 32 < place)
            k++;
        state->first[place] = k;
    }
    return 0;
}

static int text_prepare(struct weir_near *near, struct weir_error *error)
{
    struct text_state *state = near->state;
    struct sorting sorting = { near, weir_allocate_zero((size_t)state->bands, sizeof *sorting.bands) };
    if (!sorting.bands)
        return weir_fail_memory(error);
    int result = weir_near_run(near, (size_t)state->bands, sort_band, &sorting, error);
    free(state->keys); /* they have done their work */
    state->keys = NULL;
    state->keys_capacity = 0;
    if (result == 0)
        result = join_bands(near, sorting.bands, error);
    for (int b = 0; b < state->bands; b++) {
        free(sorting.bands[b].members);
        free(sorting.bands[b].sizes);
    }
    free(sorting.bands);
    return result;
}

/* The kept rows that share a bucket with the one at `place`, in the order of places, each once. */
static int gather(const struct text_state *state, uint32_t place, uint32_t from, uint32_t to,
                  struct text_scratch *scratch, size_t *count)
{
    size_t found = 0, unique = 0;
    for (uint64_t k = state->first[place]; k < state->first[place + 1]; k++) {
        uint32_t bucket = (uint32_t)state->belongs[k], kept = state->kept[bucket];
        const uint32_t *members = state->members + state->starts[bucket];
        void *places = scratch->places;
        if (kept > MOST_KEPT)
            kept = MOST_KEPT;
        while (kept > 0 && members[kept - 1] >= to)
            kept--;
        if (weir_grow(&places, &scratch->places_capacity, 2 * (found + kept), sizeof *scratch->places) < 0)
            return -1;
        scratch->places = places;
        while (kept > 0 && members[kept - 1] >= from)
            scratch->places[found++] = members[--kept];
    }
    if (found > 0)
        weir_sort_keys(scratch->places, scratch->places + found, found);
    for (size_t i = 0; i < found; i++)
        if (i == 0 || scratch->places[i] != scratch->places[i - 1])
            scratch->places[unique++] = scratch->places[i];
    *count = unique;
    return 0;
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

static int64_t text_find(struct weir_near *near, uint32_t place, uint32_t from, uint32_t to, int thread,
                         struct weir_error *error)
{
    struct text_state *state = near->state;
    struct text_scratch *scratch = &state->scratch[thread];
    size_t row = near->order[place], count, size = state->sizes[row];
    const uint8_t *bytes;
    size_t length;
    bool ready = false;
    if (state->first[place] == state->first[place + 1])
        return -1;
    if (gather(state, place, from, to, scratch, &count) < 0) {
        weir_fail_memory(error);
        return -2;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t other_row = near->order[scratch->places[i]];
        size_t other = state->sizes[other_row], less = size < other ? size : other, more = size < other ? other : size;
        if ((double)less < near->thresholds[0] * (double)more)
            continue;
        if (!ready) {
            if (weir_near_store_get(&near->store, row, &scratch->bytes, &bytes, &length, error) < 0)
                return -2;
            if (weir_near_shingle(&state->shingles, bytes, length, &scratch->shingles) < 0 || make_set(scratch) < 0) {
                weir_fail_memory(error);
                return -2;
            }
            ready = true;
        }
        int same = alike(near, scratch, other_row, other, error);
        if (same < 0)
            return -2;
        if (same)
            return (int64_t)scratch->places[i];
    }
    return -1;
}

static void text_keep(struct weir_near *near, uint32_t place)
{
    struct text_state *state = near->state;
    for (uint64_t k = state->first[place]; k < state->first[place + 1]; k++) {
        uint32_t bucket = (uint32_t)state->belongs[k];
        state->members[state->starts[bucket] + state->kept[bucket]++] = place;
    }
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
        free(scratch->places);
    }
    free(state->scratch);
    free(state->keys);
    free(state->sizes);
    free(state->members);
    free(state->starts);
    free(state->kept);
    free(state->belongs);
    free(state->first);
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
