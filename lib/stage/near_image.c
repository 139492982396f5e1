/* Images that are nearly the same: perceptual hashes within a Hamming distance. Every pair is found: hashes that differ
 * in at most d bits differ in at most d / 4 of some quarter of theirs (Norouzi, Punjani and Fleet, "Fast search in
 * Hamming space with multi-index hashing", CVPR 2012). Where looking up all such quarters would take longer than going
 * through all that is kept, that is done. */
#include "math/perceptual.h"
#include "stage/near_private.h"
#include <stdlib.h>

/* LOOK: what it takes to look a quarter up, in comparisons of hashes. */
enum { BITS = 64, QUARTERS = 4, QUARTER = 16, VALUES = 1 << QUARTER, LOOK = 8, SHARE = 8 };

struct image_state {
    struct weir_perceptual perceptual;
    int64_t height, width;
    int channels, distance;
    uint64_t *hashes; /* [rows of the store] */
    size_t capacity;
    uint32_t *kept; /* [kept_count] places, ascending */
    size_t kept_count;
    uint32_t *members;                 /* [QUARTERS][rows] places by the value of a quarter; those kept stand first */
    uint32_t (*starts)[VALUES];        /* [QUARTERS] */
    uint32_t (*kept_of_value)[VALUES]; /* [QUARTERS] */
    uint16_t *masks;                   /* what a quarter may differ by */
    size_t mask_count;
};

static int image_begin(struct weir_near *near, struct weir_error *error)
{
    const struct weir_field *field = &near->schema->fields[near->columns[0]];
    const struct weir_type *type = &field->type;
    struct image_state *state = weir_allocate_zero(1, sizeof *state);
    if (!state)
        return weir_fail_memory(error);
    near->state = state;
    state->height = type->shape[0];
    state->width = type->shape[1];
    state->channels = type->rank == 3 ? (int)(type->shape[2] > 5 ? 5 : type->shape[2]) : 1;
    if (state->height < 1 || state->width < 1 || state->channels < 1 || state->channels > 4)
        return weir_fail(error, WEIR_BAD_DATA, "column '%s': images are [height, width] or [height, width, 1 to 4]",
                         field->name);
    while (state->distance < BITS && 1 - (state->distance + 1) / (double)BITS >= near->thresholds[0])
        state->distance++;
    state->masks = weir_allocate(VALUES, sizeof *state->masks);
    if (!state->masks)
        return weir_fail_memory(error);
    for (unsigned mask = 0; mask < VALUES; mask++)
        if (__builtin_popcount(mask) <= state->distance / QUARTERS)
            state->masks[state->mask_count++] = (uint16_t)mask;
    weir_perceptual_init(&state->perceptual);
    return 0;
}

static void image_describe(const struct weir_near *near, struct weir_buffer *out)
{
    const struct image_state *state = near->state;
    weir_buffer_format(out, "perceptual hashes of %d bits, at most %d different, threshold %g", BITS, state->distance,
                       near->thresholds[0]);
}

struct hashing {
    const struct image_state *state;
    const struct weir_column *column, *pixels;
    uint64_t *hashes;
    uint8_t *present;
};

static int hash_share(void *context, size_t index, int thread, struct weir_error *error)
{
    (void)thread, (void)error;
    struct hashing *hashing = context;
    const struct image_state *state = hashing->state;
    int64_t size = state->height * state->width * state->channels;
    int64_t first = (int64_t)index * SHARE;
    for (int64_t row = first; row < first + SHARE && row < hashing->column->rows; row++) {
        bool whole = weir_valid(hashing->column, row);
        for (int64_t i = row * size; whole && hashing->pixels->null_count > 0 && i < (row + 1) * size; i++)
            whole = weir_valid(hashing->pixels, i);
        hashing->hashes[row] = 0;
        hashing->present[row] =
            whole && weir_perceptual_hash(&state->perceptual, hashing->pixels->values.bytes + row * size, state->height,
                                          state->width, state->channels, &hashing->hashes[row]);
    }
    return 0;
}

static int image_take(struct weir_near *near, const struct weir_batch *batch, struct weir_error *error)
{
    const struct weir_column *column = &batch->columns[near->columns[0]];
    struct hashing hashing = { near->state, column, &column->children[0], NULL, NULL };
    int result = -1;
    hashing.hashes = weir_allocate((size_t)batch->rows, sizeof *hashing.hashes);
    hashing.present = weir_allocate((size_t)batch->rows, 1);
    if (!hashing.hashes || !hashing.present) {
        weir_fail_memory(error);
        goto cleanup;
    }
    if (weir_near_run(near, ((size_t)batch->rows + SHARE - 1) / SHARE, hash_share, &hashing, error) < 0)
        goto cleanup;
    for (int64_t row = 0; row < batch->rows; row++) {
        uint8_t bytes[8];
        weir_store_u64(bytes, hashing.hashes[row]);
        if (weir_near_store_add(&near->store, bytes, sizeof bytes, hashing.present[row], error) < 0)
            goto cleanup;
    }
    result = 0;
cleanup:
    free(hashing.hashes);
    free(hashing.present);
    return result;
}

static bool image_check(const struct weir_near *near, const uint8_t *bytes, size_t size)
{
    (void)near, (void)bytes;
    return size == 8;
}

static int image_sign(struct weir_near *near, size_t first, struct weir_error *error)
{
    struct image_state *state = near->state;
    struct weir_buffer scratch = { 0 };
    void *hashes = state->hashes;
    int result = -1;
    if (weir_grow(&hashes, &state->capacity, near->store.rows, sizeof *state->hashes) < 0)
        return weir_fail_memory(error);
    state->hashes = hashes;
    for (size_t row = first; row < near->store.rows; row++) {
        const uint8_t *bytes;
        size_t size;
        if (weir_near_store_get(&near->store, row, &scratch, &bytes, &size, error) < 0)
            goto cleanup;
        state->hashes[row] = weir_load_u64(bytes);
    }
    result = 0;
cleanup:
    weir_buffer_release(&scratch);
    return result;
}

static unsigned quarter_of(uint64_t hash, int quarter)
{
    return (unsigned)(hash >> quarter * QUARTER) & (VALUES - 1);
}

static int image_prepare(struct weir_near *near, struct weir_error *error)
{
    struct image_state *state = near->state;
    size_t rows = near->store.rows;
    state->kept = weir_allocate(rows, sizeof *state->kept);
    state->members = weir_allocate(rows, QUARTERS * sizeof *state->members);
    state->starts = weir_allocate_zero(QUARTERS, sizeof *state->starts);
    state->kept_of_value = weir_allocate_zero(QUARTERS, sizeof *state->kept_of_value);
    if (!state->kept || !state->members || !state->starts || !state->kept_of_value)
        return weir_fail_memory(error);
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
        uint32_t *starts = state->starts[quarter], sum = 0;
        for (size_t row = 0; row < rows; row++)
            starts[quarter_of(state->hashes[row], quarter)]++;
        for (int value = 0; value < VALUES; value++) {
            uint32_t count = starts[value];
            starts[value] = sum;
            sum += count;
        }
    }
    return 0;
}

static int distance_of(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b);
}

static int64_t scan(const struct weir_near *near, uint64_t hash, uint32_t from, uint32_t to)
{
    const struct image_state *state = near->state;
    size_t low = 0, high = state->kept_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (state->kept[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < state->kept_count && state->kept[low] < to; low++)
        if (distance_of(hash, state->hashes[near->order[state->kept[low]]]) <= state->distance)
            return state->kept[low];
    return -1;
}

static int64_t look_up(const struct weir_near *near, uint64_t hash, uint32_t from, uint32_t to)
{
    const struct image_state *state = near->state;
    uint32_t best = to;
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
        const uint32_t *members = state->members + (size_t)quarter * near->store.rows;
        for (size_t k = 0; k < state->mask_count; k++) {
            unsigned value = quarter_of(hash, quarter) ^ state->masks[k];
            const uint32_t *kept = members + state->starts[quarter][value];
            for (uint32_t i = 0; i < state->kept_of_value[quarter][value] && kept[i] < best; i++)
                if (kept[i] >= from && distance_of(hash, state->hashes[near->order[kept[i]]]) <= state->distance)
                    best = kept[i];
        }
    }
    return best < to ? (int64_t)best : -1;
}

static int64_t image_find(struct weir_near *near, uint32_t place, uint32_t from, uint32_t to, int thread,
                          struct weir_error *error)
{
    (void)thread, (void)error;
    const struct image_state *state = near->state;
    uint32_t row = near->order[place];
    if (!weir_near_store_present(&near->store, row))
        return -1;
    size_t span = to - from < state->kept_count ? to - from : state->kept_count;
    bool worth = QUARTERS * state->mask_count * (LOOK + state->kept_count / VALUES) < span;
    return worth ? look_up(near, state->hashes[row], from, to) : scan(near, state->hashes[row], from, to);
}

static void image_keep(struct weir_near *near, uint32_t place)
{
    struct image_state *state = near->state;
    uint64_t hash = state->hashes[near->order[place]];
    state->kept[state->kept_count++] = place;
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
        unsigned value = quarter_of(hash, quarter);
        uint32_t at = state->starts[quarter][value] + state->kept_of_value[quarter][value]++;
        state->members[(size_t)quarter * near->store.rows + at] = place;
    }
}

static void image_release(struct weir_near *near)
{
    struct image_state *state = near->state;
    if (!state)
        return;
    free(state->hashes);
    free(state->kept);
    free(state->members);
    free(state->starts);
    free(state->kept_of_value);
    free(state->masks);
    free(state);
}

const struct near_kind weir_near_image = {
    .begin = image_begin,
    .describe = image_describe,
    .take = image_take,
    .check = image_check,
    .sign = image_sign,
    .prepare = image_prepare,
    .find = image_find,
    .keep = image_keep,
    .release = image_release,
};
