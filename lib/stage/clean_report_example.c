/* clean's report: a few examples of many. */
#include "base/utf8.h"
#include "stage/clean_report_private.h"

static void release_values(struct clean_example *example)
{
    for (int i = 0; i < CLEAN_EXAMPLE_VALUES; i++) {
        free(example->values[i].bytes);
        example->values[i] = (struct clean_excerpt){ 0 };
    }
}

void weir_clean_examples_release(struct clean_examples *examples)
{
    for (int i = 0; i < examples->count; i++)
        release_values(&examples->items[i]);
    weir_reservoir_release(&examples->reservoir);
    *examples = (struct clean_examples){ 0 };
}

/* The place of a row that enters the reservoir. */
static struct clean_example *place(struct clean_examples *examples, const struct weir_reservoir_change *change,
                                   int64_t number)
{
    struct clean_example *example = NULL;
    for (int i = CLEAN_FIRST_EXAMPLES; change->evicted >= 0 && i < examples->count; i++)
        if (examples->items[i].number == change->evicted)
            example = &examples->items[i];
    if (!example)
        example = &examples->items[examples->count++];
    release_values(example);
    example->number = number;
    return example;
}

static struct clean_taken *find_taken(struct clean_taken *taken, int count, const struct clean_example *example)
{
    for (int i = 0; i < count; i++)
        if (taken[i].example == example)
            return &taken[i];
    return &taken[count];
}

int weir_clean_examples_offer(struct clean_examples *examples, uint64_t rows, struct clean_taken taken[64])
{
    int count = 0;
    while (rows && examples->count < CLEAN_FIRST_EXAMPLES) {
        struct clean_example *example = &examples->items[examples->count++];
        example->number = -1;
        taken[count++] = (struct clean_taken){ __builtin_ctzll(rows), example };
        rows &= rows - 1;
    }
    if (!rows)
        return count;
    if (!examples->begun)
        weir_reservoir_init(&examples->reservoir, CLEAN_DRAWN_EXAMPLES, 0);
    examples->begun = true;
    struct weir_reservoir_change changes[64];
    int64_t number = examples->reservoir.entered;
    int64_t made = weir_reservoir_offer(&examples->reservoir, NULL, __builtin_popcountll(rows), changes);
    int64_t at = 0; /* among the rows offered */
    for (int64_t i = 0; i < made; i++) {
        for (; at < changes[i].row; at++)
            rows &= rows - 1;
        struct clean_example *example = place(examples, &changes[i], number++);
        struct clean_taken *into = find_taken(taken, count, example); /* one that leaves again at once is no example */
        *into = (struct clean_taken){ __builtin_ctzll(rows), example };
        count += into == &taken[count];
    }
    return made < 0 ? -1 : count;
}

void weir_clean_examples_sort(struct clean_examples *examples)
{
    for (int i = 1; i < examples->count; i++) {
        struct clean_example moving = examples->items[i];
        int j = i;
        for (; j > 0 && examples->items[j - 1].row > moving.row; j--)
            examples->items[j] = examples->items[j - 1];
        examples->items[j] = moving;
    }
}

/* ---- Excerpts -----------------------------------------------------------------------------------------------------
 */

enum { EXCERPT_BYTES = 120, CONTEXT_BYTES = 30 };

static bool continues(const struct weir_buffer *text, size_t at)
{
    return at < text->size && weir_utf8_continues((uint8_t)text->bytes[at]);
}

/* How many bytes two texts have in common at the beginning and, behind that, at the end, in whole characters. */
static void common_ends(const struct weir_buffer *a, const struct weir_buffer *b, size_t *beginning, size_t *end)
{
    size_t least = a->size < b->size ? a->size : b->size, head = 0, tail = 0;
    while (head < least && a->bytes[head] == b->bytes[head])
        head++;
    while (head > 0 && (continues(a, head) || continues(b, head)))
        head--;
    while (tail < least - head && a->bytes[a->size - tail - 1] == b->bytes[b->size - tail - 1])
        tail++;
    while (tail > 0 && (continues(a, a->size - tail) || continues(b, b->size - tail)))
        tail--;
    *beginning = head;
    *end = tail;
}

/* What lies between `head` and the last `tail` bytes of the text differs. */
static int cut(struct clean_excerpt *excerpt, const struct weir_buffer *text, size_t head, size_t tail)
{
    size_t from = text->size <= EXCERPT_BYTES || head <= CONTEXT_BYTES ? 0 : head - CONTEXT_BYTES;
    while (from > 0 && continues(text, from))
        from--;
    size_t length = weir_html_fit(text->bytes + from, text->size - from, EXCERPT_BYTES);
    size_t first = head - from, last = text->size - tail - from;
    char *bytes = weir_duplicate_bytes(text->bytes + from, length);
    if (!bytes)
        return -1;
    *excerpt = (struct clean_excerpt){ bytes, from, length, text->size, first, last < length ? last : length };
    return 0;
}

int weir_clean_excerpt_pair(struct clean_excerpt pair[2], const struct weir_buffer *before,
                            const struct weir_buffer *after, bool whole)
{
    size_t head = 0, tail = 0;
    if (before && after && !whole)
        common_ends(before, after, &head, &tail);
    if (before && cut(&pair[0], before, head, tail) < 0)
        return -1;
    return after ? cut(&pair[1], after, head, tail) : 0;
}
