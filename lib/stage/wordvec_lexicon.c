#include "stage/options.h"
#include "stage/wordvec_private.h"
#include <math.h>

void weir_lexicon_release(struct weir_lexicon *lexicon)
{
    free(lexicon->rank);
    free(lexicon->order);
    free(lexicon->keep);
    free(lexicon->starts);
    free(lexicon->rows);
    free(lexicon->gain);
    free(lexicon->gram_numbers);
    free(lexicon->other);
    free(lexicon->share);
    *lexicon = (struct weir_lexicon){ 0 };
}

/* ---- Which words ------------------------------------------------------------------------------------------------ */

static int by_count(const void *a, const void *b, void *context)
{
    const struct weir_vocabulary *seen = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const struct weir_vocabulary_term *p = &seen->terms[x], *q = &seen->terms[y];
    if (p->occurrences != q->occurrences)
        return p->occurrences > q->occurrences ? -1 : 1;
    int order =
        memcmp(weir_vocabulary_bytes(seen, p), weir_vocabulary_bytes(seen, q), p->size < q->size ? p->size : q->size);
    return order ? order : (p->size > q->size) - (p->size < q->size);
}

static int choose_words(struct weir_lexicon *self, const struct weir_word_options *options,
                        const struct weir_vocabulary *seen, struct weir_error *error)
{
    size_t words = seen->count;
    self->rank = weir_allocate(words, sizeof *self->rank);
    self->order = weir_allocate(words, sizeof *self->order);
    if (!self->rank || !self->order)
        return weir_fail_memory(error);
    for (size_t i = 0; i < words; i++) {
        self->rank[i] = WEIR_TEXT_END;
        if (seen->terms[i].occurrences >= options->min_count && seen->terms[i].size > 0 &&
            seen->terms[i].size <= WEIR_WORD_BYTES)
            self->order[self->count++] = (uint32_t)i;
    }
    qsort_r(self->order, self->count, sizeof *self->order, by_count, (void *)(uintptr_t)seen);
    if (options->most_words > 0 && self->count > options->most_words)
        self->count = (uint32_t)options->most_words;
    for (uint32_t i = 0; i < self->count; i++)
        self->rank[self->order[i]] = i;
    if (self->count > 0)
        return 0;
    if (words == 0)
        return weir_fail(error, WEIR_BAD_DATA, "no word stands in the texts to be learned from");
    return weir_fail(error, WEIR_BAD_DATA,
                     "none of the %zu different words of the texts stands there %lld times or more: choose a smaller "
                     "--min-count",
                     words, (long long)options->min_count);
}

/* ---- How they are drawn ----------------------------------------------------------------------------------------- */

/* A word of which there are more than the share `sample` is kept in a text with the probability
 * sqrt(sample / f) + sample / f, f being its own share of all words. */
static int set_keep(struct weir_lexicon *self, double sample, const struct weir_vocabulary *seen,
                    struct weir_error *error)
{
    int64_t total = 0;
    for (size_t i = 0; i < seen->count; i++)
        total += seen->terms[i].occurrences;
    self->keep = weir_allocate(self->count, sizeof *self->keep);
    if (!self->keep)
        return weir_fail_memory(error);
    for (uint32_t i = 0; i < self->count; i++) {
        double ratio = sample * (double)total / (double)seen->terms[self->order[i]].occurrences,
               chance = sqrt(ratio) + ratio;
        self->keep[i] = sample == 0 || chance >= 1 ? UINT32_MAX : (uint32_t)(chance * 0x1p32);
    }
    return 0;
}

/* M. Vose, "A linear algorithm for generating random numbers with a given distribution", 1991; the weights are the
 * square roots of the counts. */
static int set_alias(struct weir_lexicon *self, const struct weir_vocabulary *seen, struct weir_error *error)
{
    uint32_t count = self->count, small = 0, large = count;
    self->other = weir_allocate(count, sizeof *self->other);
    self->share = weir_allocate(count, sizeof *self->share);
    double *weight = weir_allocate(count, sizeof *weight), sum = 0;
    uint32_t *stack = weir_allocate(count, sizeof *stack); /* the small from below, the large from above */
    int result = self->other && self->share && weight && stack ? 0 : weir_fail_memory(error);
    for (uint32_t i = 0; result == 0 && i < count; i++)
        sum += weight[i] = sqrt((double)seen->terms[self->order[i]].occurrences);
    for (uint32_t i = 0; result == 0 && i < count; i++) {
        weight[i] *= count / sum;
        self->other[i] = i;
        self->share[i] = UINT32_MAX;
        stack[weight[i] < 1 ? small++ : --large] = i;
    }
    while (result == 0 && small > 0 && large < count) {
        uint32_t low = stack[--small], high = stack[large];
        self->share[low] = (uint32_t)(weight[low] * 0xFFFFFFFFp0);
        self->other[low] = high;
        weight[high] -= 1 - weight[low];
        if (weight[high] < 1) {
            large++;
            stack[small++] = high;
        }
    }
    free(weight);
    free(stack);
    return result;
}

/* ---- What they are made of -------------------------------------------------------------------------------------- */

/* Rows of n-grams by their number, in the order in which the words first have them. */
struct making {
    struct weir_gram_list list;
    uint32_t *row_of; /* [buckets]: row + 1, 0: none yet */
    size_t rows_capacity, numbers_capacity;
    size_t used; /* of the lexicon's `rows` */
};

static int add_row(struct weir_lexicon *self, struct making *making, uint32_t row)
{
    if (weir_grow((void **)&self->rows, &making->rows_capacity, making->used + 1, sizeof *self->rows) < 0)
        return -1;
    self->rows[making->used++] = row;
    return 0;
}

static int add_gram(struct weir_lexicon *self, struct making *making, uint32_t number)
{
    uint32_t *row = &making->row_of[number];
    if (*row == 0) {
        size_t grams = self->row_count - self->count;
        if (weir_grow((void **)&self->gram_numbers, &making->numbers_capacity, grams + 1, sizeof *self->gram_numbers) <
            0)
            return -1;
        self->gram_numbers[grams] = number;
        *row = ++self->row_count;
    }
    return add_row(self, making, *row - 1);
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* What the mean of a word's rows gains when each moves by 1: a row that stands n times among them moves n times as far
 * and counts n times. `numbers` are those of the n-grams, and are sorted. */
static float gain_of(uint32_t *numbers, size_t count)
{
    double squares = 1; /* the word's own row */
    if (count > 0)
        qsort(numbers, count, sizeof *numbers, ascending);
    for (size_t i = 0, same; i < count; i += same) {
        for (same = 1; i + same < count && numbers[i + same] == numbers[i];)
            same++;
        squares += (double)same * (double)same;
    }
    return (float)(squares / (double)(count + 1));
}

static int add_word(struct weir_lexicon *self, struct making *making, const struct weir_grams *grams,
                    const struct weir_vocabulary *seen, uint32_t word)
{
    const struct weir_vocabulary_term *term = &seen->terms[self->order[word]];
    if (add_row(self, making, word) < 0 ||
        weir_grams_of(grams, weir_vocabulary_bytes(seen, term), term->size, &making->list) < 0)
        return -1;
    for (size_t i = 0; i < making->list.count; i++)
        if (add_gram(self, making, making->list.numbers[i]) < 0)
            return -1;
    self->starts[word + 1] = making->used;
    self->gain[word] = gain_of(making->list.numbers, making->list.count);
    return 0;
}

static int set_rows(struct weir_lexicon *self, const struct weir_grams *grams, const struct weir_vocabulary *seen,
                    struct weir_error *error)
{
    struct making making = { .row_of = weir_allocate_zero(grams->to > 0 ? grams->buckets : 0, sizeof(uint32_t)) };
    self->starts = weir_allocate_zero((size_t)self->count + 1, sizeof *self->starts);
    self->gain = weir_allocate(self->count, sizeof *self->gain);
    self->row_count = self->count;
    int result = making.row_of && self->starts && self->gain ? 0 : weir_fail_memory(error);
    for (uint32_t word = 0; result == 0 && word < self->count; word++)
        if (add_word(self, &making, grams, seen, word) < 0)
            result = weir_fail_memory(error);
    weir_gram_list_release(&making.list);
    free(making.row_of);
    return result;
}

int weir_lexicon_make(struct weir_lexicon *lexicon, const struct weir_word_options *options,
                      const struct weir_vocabulary *seen, struct weir_error *error)
{
    if (choose_words(lexicon, options, seen, error) < 0 || set_keep(lexicon, options->sample, seen, error) < 0 ||
        set_alias(lexicon, seen, error) < 0 || set_rows(lexicon, &options->grams, seen, error) < 0)
        return -1;
    size_t bytes = 0;
    for (uint32_t i = 0; i < lexicon->count; i++)
        bytes += seen->terms[lexicon->order[i]].size;
    size_t grams = options->keep_grams ? lexicon->row_count - lexicon->count : 0;
    return weir_word_vectors_check(lexicon->count, bytes, grams, options->width,
                                   grams ? "--unknown skip, --max-features, a larger --min-count or a smaller --width"
                                         : "--max-features, a larger --min-count or a smaller --width",
                                   error);
}
