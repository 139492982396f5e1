/* Buckets: the rows whose keys agree in a band, for bands of MinHash sketches. */
#include "math/sort.h"
#include "stage/near_private.h"
#include <stdlib.h>

/* Of a bucket with more kept rows than MOST_KEPT, the first so many are candidates: texts of one template, all alike
 * but below the threshold, would otherwise take time that grows with their square. */
enum { MOST_KEPT = 256 };

/* What stood in one band's sorted keys: the buckets with two rows or more. */
struct band {
    uint32_t *members; /* places, bucket after bucket */
    size_t count, capacity;
    uint32_t *sizes; /* of the buckets */
    size_t buckets, sizes_capacity;
};

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
    const struct weir_near *near;
    const uint32_t *keys;
    struct band *bands; /* [count] */
    size_t count;
};

/* One band: rows with the same key lie together once they are sorted by it. */
static int sort_band(void *context, size_t index, int thread, struct weir_error *error)
{
    (void)thread;
    const struct sorting *sorting = context;
    const struct weir_near *near = sorting->near;
    size_t rows = near->store.rows, count = 0;
    int result = -1;
    uint64_t *keyed = weir_allocate(rows, sizeof *keyed), *scratch = weir_allocate(rows, sizeof *scratch);
    if (!keyed || !scratch)
        goto cleanup;
    for (size_t place = 0; place < rows; place++) {
        size_t row = near->order[place];
        if (weir_near_store_present(&near->store, row))
            keyed[count++] = (uint64_t)sorting->keys[row * sorting->count + index] << 32 | place;
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
static int join_bands(struct near_buckets *all, const struct sorting *sorting, struct weir_error *error)
{
    struct band *bands = sorting->bands;
    size_t rows = sorting->near->store.rows, members = 0, buckets = 0, at = 0, bucket = 0, k = 0;
    for (size_t b = 0; b < sorting->count; b++) {
        members += bands[b].count;
        buckets += bands[b].buckets;
    }
    if (buckets > UINT32_MAX)
        return weir_fail(error, WEIR_BAD_DATA, "too many rows to compare");
    uint64_t *scratch = weir_allocate(members, sizeof *scratch);
    all->members = weir_allocate(members, sizeof *all->members);
    all->belongs = weir_allocate(members, sizeof *all->belongs);
    all->starts = weir_allocate(buckets, sizeof *all->starts);
    all->kept = weir_allocate_zero(buckets, sizeof *all->kept);
    all->first = weir_allocate(rows + 1, sizeof *all->first);
    if (!scratch || !all->members || !all->belongs || !all->starts || !all->kept || !all->first) {
        free(scratch);
        return weir_fail_memory(error);
    }
    for (size_t b = 0; b < sorting->count; b++) {
        const uint32_t *from = bands[b].members;
        for (size_t i = 0; i < bands[b].buckets; i++, bucket++) {
            all->starts[bucket] = at;
            for (uint32_t m = 0; m < bands[b].sizes[i]; m++, at++) {
                all->members[at] = *from;
                all->belongs[at] = (uint64_t)*from++ << 32 | bucket;
            }
        }
        free(bands[b].members);
        free(bands[b].sizes);
        bands[b] = (struct band){ 0 };
    }
    weir_sort_keys(all->belongs, scratch, members);
    free(scratch);
    for (size_t place = 0; place <= rows; place++) {
        while (k < members && all->belongs[k] >> 32 < place)
            k++;
        all->first[place] = k;
    }
    return 0;
}

int weir_near_buckets_make(struct near_buckets *buckets, struct weir_near *near, uint32_t **keys, int bands,
                           struct weir_error *error)
{
    struct sorting sorting = { near, *keys, NULL, (size_t)bands };
    sorting.bands = weir_allocate_zero(sorting.count, sizeof *sorting.bands);
    if (!sorting.bands)
        return weir_fail_memory(error);
    int result = weir_near_run(near, sorting.count, sort_band, &sorting, error);
    free(*keys); /* they have done their work, and joining takes memory */
    *keys = NULL;
    if (result == 0)
        result = join_bands(buckets, &sorting, error);
    for (int b = 0; b < bands; b++) {
        free(sorting.bands[b].members);
        free(sorting.bands[b].sizes);
    }
    free(sorting.bands);
    return result;
}

int weir_near_buckets_gather(const struct near_buckets *all, uint32_t place, uint32_t from, uint32_t to,
                             struct near_places *scratch, size_t *count)
{
    size_t found = 0, unique = 0;
    for (uint64_t k = all->first[place]; k < all->first[place + 1]; k++) {
        uint32_t bucket = (uint32_t)all->belongs[k], kept = all->kept[bucket];
        const uint32_t *members = all->members + all->starts[bucket];
        void *places = scratch->places;
        if (kept > MOST_KEPT)
            kept = MOST_KEPT;
        while (kept > 0 && members[kept - 1] >= to)
            kept--;
        if (weir_grow(&places, &scratch->capacity, 2 * (found + kept), sizeof *scratch->places) < 0)
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

void weir_near_buckets_keep(struct near_buckets *all, uint32_t place)
{
    for (uint64_t k = all->first[place]; k < all->first[place + 1]; k++) {
        uint32_t bucket = (uint32_t)all->belongs[k];
        all->members[all->starts[bucket] + all->kept[bucket]++] = place;
    }
}

void weir_near_buckets_release(struct near_buckets *all)
{
    free(all->members);
    free(all->starts);
    free(all->kept);
    free(all->belongs);
    free(all->first);
    *all = (struct near_buckets){ 0 };
}
