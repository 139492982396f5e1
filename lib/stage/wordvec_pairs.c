#include "base/random.h"
#include "stage/wordvec_private.h"

int weir_pairs_init(struct weir_pairs *pairs, const struct weir_word_options *options,
                    const struct weir_lexicon *lexicon, struct weir_error *error)
{
    /* One word alone has no other to be told from. */
    *pairs = (struct weir_pairs){ .targets = lexicon->count > 1 ? 1 + options->negative : 1 };
    pairs->ids = weir_allocate(WEIR_WORD_CHUNK, sizeof *pairs->ids);
    pairs->places = weir_allocate(WEIR_WORD_CHUNK, sizeof *pairs->places);
    return pairs->ids && pairs->places ? 0 : weir_fail_memory(error);
}

void weir_pairs_release(struct weir_pairs *pairs)
{
    free(pairs->numbers);
    free(pairs->ids);
    free(pairs->places);
    *pairs = (struct weir_pairs){ 0 };
}

static uint32_t below(struct weir_random *random, uint32_t bound)
{
    return (uint32_t)((uint64_t)weir_random_u32(random) * bound >> 32);
}

/* A word drawn by the alias table (A. Walker, "An efficient method for generating discrete random variables with
 * general distributions", 1977). */
static uint32_t draw(const struct weir_lexicon *lexicon, struct weir_random *random)
{
    uint32_t place = below(random, lexicon->count);
    return weir_random_u32(random) <= lexicon->share[place] ? place : lexicon->other[place];
}

/* The word that is there, and others. Where one word is nearly all of the text, its neighbour stands in for those that
 * hardly ever come. */
static void put_targets(struct weir_pairs *pairs, const struct weir_lexicon *lexicon, uint32_t word,
                        struct weir_random *random)
{
    enum { TRIES = 64 };
    uint32_t *out = pairs->numbers + pairs->count;
    out[0] = word;
    for (int t = 1; t < pairs->targets; t++) {
        int tries = 0;
        do
            out[t] = tries++ < TRIES ? draw(lexicon, random) : (word + 1) % lexicon->count;
        while (out[t] == word);
    }
    pairs->count += (size_t)pairs->targets;
}

/* The words ids[first .. last) are within the window of ids[at], which is among them. */
static void put_window(struct weir_pairs *pairs, const struct weir_lexicon *lexicon, bool cbow, size_t first, size_t at,
                       size_t last, struct weir_random *random)
{
    uint32_t around = (uint32_t)(last - first - 1);
    uint32_t *head = pairs->numbers + pairs->count;
    head[WEIR_PAIRS_PLACE] = pairs->places[at];
    head[WEIR_PAIRS_WORDS] = cbow ? around : 1;
    head[WEIR_PAIRS_STEPS] = cbow ? 1 : around;
    pairs->count += WEIR_PAIRS_HEAD;
    if (!cbow)
        pairs->numbers[pairs->count++] = pairs->ids[at];
    for (size_t i = first; cbow && i < last; i++)
        if (i != at)
            pairs->numbers[pairs->count++] = pairs->ids[i];
    if (cbow)
        put_targets(pairs, lexicon, pairs->ids[at], random);
    for (size_t i = first; !cbow && i < last; i++)
        if (i != at)
            put_targets(pairs, lexicon, pairs->ids[i], random);
}

/* The kept words ids[first .. last) are one text. */
static int put_text(struct weir_pairs *pairs, const struct weir_word_options *options,
                    const struct weir_lexicon *lexicon, size_t first, size_t last, struct weir_random *random)
{
    size_t window = (size_t)options->window;
    size_t most =
        WEIR_PAIRS_HEAD + 1 + 2 * window * (size_t)(options->cbow ? 1 : pairs->targets) + (size_t)pairs->targets;
    for (size_t at = first; at < last; at++) {
        size_t reach = 1 + below(random, (uint32_t)window);
        size_t begin = at - first > reach ? at - reach : first, end = last - at > reach + 1 ? at + reach + 1 : last;
        if (end - begin < 2)
            continue;
        if (weir_grow((void **)&pairs->numbers, &pairs->capacity, pairs->count + most, sizeof *pairs->numbers) < 0)
            return -1;
        put_window(pairs, lexicon, options->cbow, begin, at, end, random);
    }
    return 0;
}

int weir_pairs_draw(struct weir_pairs *pairs, const struct weir_word_options *options,
                    const struct weir_lexicon *lexicon, const uint32_t *tokens, size_t count, uint64_t stream,
                    struct weir_error *error)
{
    struct weir_random random;
    weir_random_init(&random, options->seed, stream);
    pairs->count = 0;
    size_t kept = 0, text = 0;
    for (size_t i = 0; i <= count; i++) {
        if (i == count || tokens[i] == WEIR_TEXT_END) {
            if (put_text(pairs, options, lexicon, text, kept, &random) < 0)
                return weir_fail_memory(error);
            text = kept;
            continue;
        }
        uint32_t word = lexicon->rank[tokens[i]];
        if (word == WEIR_TEXT_END ||
            (lexicon->keep[word] != UINT32_MAX && weir_random_u32(&random) >= lexicon->keep[word]))
            continue;
        pairs->ids[kept] = word;
        pairs->places[kept++] = (uint32_t)i;
    }
    return 0;
}
