/* A vocabulary: which of its terms are kept, and in which order. */
#include "math/sort.h"
#include "stage/options.h"
#include "stage/vocabulary.h"

int weir_selection_read(struct weir_selection *selection, const json_t *options, struct weir_error *error)
{
    const int64_t most = 1000000000000000;
    *selection = (struct weir_selection){ .least = 1, .most = 1 };
    return weir_option_integer(options, "min-documents", 1, most, &selection->least, error) < 0 ||
                   weir_option_number(options, "max-documents", 0, 1, &selection->most, error) < 0 ||
                   weir_option_integer(options, "max-features", 1, WEIR_MOST_TERMS, &selection->features, error) < 0
               ? -1
               : 0;
}

static int compare_terms(const struct weir_vocabulary *vocabulary, uint32_t a, uint32_t b)
{
    const struct weir_vocabulary_term *x = &vocabulary->terms[a], *y = &vocabulary->terms[b];
    size_t shared = x->size < y->size ? x->size : y->size;
    int order = memcmp(weir_vocabulary_bytes(vocabulary, x), weir_vocabulary_bytes(vocabulary, y), shared);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static int by_term(const void *a, const void *b, void *context)
{
    return compare_terms(context, (uint32_t)((const struct weir_keyed *)a)->item,
                         (uint32_t)((const struct weir_keyed *)b)->item);
}

/* The first eight bytes as a number whose order is theirs; a term that ends earlier comes before what continues it,
 * or ties with it. */
static uint64_t key_of(const struct weir_vocabulary *vocabulary, uint32_t code)
{
    const struct weir_vocabulary_term *term = &vocabulary->terms[code];
    const char *bytes = weir_vocabulary_bytes(vocabulary, term);
    uint64_t key = 0;
    for (uint32_t i = 0; i < 8; i++)
        key = key << 8 | (i < term->size ? (uint8_t)bytes[i] : 0);
    return key;
}

/* codes[count] by their terms' bytes. */
static int sort_terms(struct weir_vocabulary *vocabulary, uint32_t *codes, size_t count, struct weir_error *error)
{
    struct weir_keyed *items = weir_allocate(count, 2 * sizeof *items);
    if (!items)
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct weir_keyed){ key_of(vocabulary, codes[i]), codes[i] };
    weir_sort_keyed(items, items + count, count);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && items[end].key == items[first].key;)
            end++;
        if (end - first > 1)
            qsort_r(items + first, end - first, sizeof *items, by_term, vocabulary);
    }
    for (size_t i = 0; i < count; i++)
        codes[i] = (uint32_t)items[i].item;
    free(items);
    return 0;
}

static int by_occurrences(const void *a, const void *b, void *context)
{
    const struct weir_vocabulary *vocabulary = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int64_t p = vocabulary->terms[x].occurrences, q = vocabulary->terms[y].occurrences;
    return p != q ? (p < q) - (p > q) : compare_terms(vocabulary, x, y);
}

/* Room for all terms to be kept. */
static int reserve_kept(struct weir_vocabulary *vocabulary, struct weir_error *error)
{
    uint32_t *kept = weir_reallocate(vocabulary->kept, vocabulary->count + 1, sizeof *kept);
    if (!kept)
        return weir_fail_memory(error);
    vocabulary->kept = kept;
    uint32_t *place = weir_reallocate(vocabulary->place, vocabulary->count + 1, sizeof *place);
    if (!place)
        return weir_fail_memory(error);
    vocabulary->place = place;
    return 0;
}

int weir_vocabulary_keep_all(struct weir_vocabulary *vocabulary, struct weir_error *error)
{
    if (reserve_kept(vocabulary, error) < 0)
        return -1;
    for (size_t i = 0; i < vocabulary->count; i++)
        vocabulary->kept[i] = vocabulary->place[i] = (uint32_t)i;
    vocabulary->kept_count = vocabulary->count;
    return 0;
}

int weir_vocabulary_select(struct weir_vocabulary *vocabulary, const struct weir_selection *selection,
                           struct weir_error *error)
{
    double most = selection->most * (double)vocabulary->documents;
    if (reserve_kept(vocabulary, error) < 0)
        return -1;
    uint32_t *kept = vocabulary->kept, *place = vocabulary->place;
    size_t count = 0;
    for (size_t i = 0; i < vocabulary->count; i++) {
        int64_t documents = vocabulary->terms[i].documents;
        kept[count] = (uint32_t)i;
        count += documents >= selection->least && (double)documents <= most;
    }
    if (selection->features > 0 && count > (size_t)selection->features) {
        qsort_r(kept, count, sizeof *kept, by_occurrences, vocabulary);
        count = (size_t)selection->features;
    }
    if (sort_terms(vocabulary, kept, count, error) < 0)
        return -1;
    vocabulary->kept_count = count;
    for (size_t i = 0; i < vocabulary->count; i++)
        place[i] = WEIR_NO_TERM;
    for (size_t i = 0; i < count; i++)
        place[kept[i]] = (uint32_t)i;
    return 0;
}

int weir_vocabulary_check(const struct weir_vocabulary *vocabulary, const char *column, struct weir_error *error)
{
    if (vocabulary->kept_count > 0)
        return 0;
    return weir_fail(error, WEIR_BAD_DATA,
                     vocabulary->count == 0
                         ? "column %s: an empty vocabulary: its %lld texts hold no word, or stop words alone"
                         : "column %s: no term is left of its %lld texts: --min-documents is too high, or "
                           "--max-documents too low",
                     WEIR_SHOW(column), (long long)vocabulary->documents);
}
