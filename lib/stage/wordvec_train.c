/* How the threads share the work. By default one thread takes all steps, in the order of the texts, while the others
 * draw ahead of it what meets what: the same numbers come out whatever the number of threads. Hogwild (F. Niu and
 * others, "Hogwild!: a lock-free approach to parallelizing stochastic gradient descent", NIPS 2011): every thread draws
 * and steps through chunks of its own in the same matrices, and what one writes over another's is lost.
 *
 * A word goes in as the mean of its rows, and each row moves by the whole gradient. All words around one word go
 * through the same rows, so that the mean alone need move from step to step, and the rows once, by the sum. */
#include "base/lanes.h"
#include "base/random.h"
#include "base/thread.h"
#include "math/word_step.h"
#include "stage/wordvec_private.h"

enum { INIT_ROWS = 1 << 10, PIECES = 4 };
/* Streams of random numbers from here on are of the rows' first values, those below of chunks. */
#define INIT_STREAMS (UINT64_C(1) << 63)

struct training {
    const struct weir_word_options *options;
    const struct weir_tokens *tokens;
    struct weir_lexicon lexicon;
    struct weir_sigmoid sigmoid;
    int64_t width;   /* of a row in memory */
    float *in, *out; /* [row_count][width], [count][width] */
    int64_t chunks;  /* of an epoch */
    int64_t next;    /* to be drawn, of all epochs */
    struct walker *walkers;
    int walker_count;
};

/* What one thread steps with. */
struct walker {
    float *hidden, *gradient; /* [width] */
    uint32_t *rows;           /* of all words that go in */
    size_t rows_capacity;
    uint32_t *tokens; /* [WEIR_WORD_CHUNK] */
    struct weir_pairs pairs;
    struct weir_error error;
};

/* ---- One chunk -------------------------------------------------------------------------------------------------- */

static int draw_chunk(const struct training *self, int64_t number, uint32_t *tokens, struct weir_pairs *pairs,
                      struct weir_error *error)
{
    int64_t first = number % self->chunks * WEIR_WORD_CHUNK, left = self->tokens->count - first;
    size_t count = left < WEIR_WORD_CHUNK ? (size_t)left : WEIR_WORD_CHUNK;
    if (weir_tokens_read(self->tokens, first, count, tokens, error) < 0)
        return -1;
    return weir_pairs_draw(pairs, self->options, &self->lexicon, tokens, count, (uint64_t)number, error);
}

/* The rows of words[count]; those of one word are where they are. */
static const uint32_t *rows_of(const struct training *self, struct walker *walker, const uint32_t *words,
                               uint32_t count, size_t *row_count)
{
    const struct weir_lexicon *lexicon = &self->lexicon;
    *row_count = 0;
    for (uint32_t i = 0; i < count; i++)
        *row_count += lexicon->starts[words[i] + 1] - lexicon->starts[words[i]];
    if (count == 1)
        return lexicon->rows + lexicon->starts[words[0]];
    if (weir_grow((void **)&walker->rows, &walker->rows_capacity, *row_count, sizeof *walker->rows) < 0)
        return NULL;
    uint32_t *to = walker->rows;
    for (uint32_t i = 0; i < count; i++) {
        size_t size = lexicon->starts[words[i] + 1] - lexicon->starts[words[i]];
        memcpy(to, lexicon->rows + lexicon->starts[words[i]], size * sizeof *to);
        to += size;
    }
    return walker->rows;
}

/* Rows of the word that goes in next, and its first targets. */
struct coming {
    const uint32_t *rows, *targets;
    size_t left;
};

static struct coming coming_rows(const struct weir_lexicon *lexicon, const uint32_t *next, const uint32_t *end)
{
    if (next >= end)
        return (struct coming){ 0 };
    const uint32_t *word = next + WEIR_PAIRS_HEAD;
    size_t begin = lexicon->starts[*word];
    return (struct coming){ .rows = lexicon->rows + begin,
                            .left = lexicon->starts[*word + 1] - begin,
                            .targets = word + next[WEIR_PAIRS_WORDS] };
}

/* Asks for a part of them, so that all are on the way after `steps` of it. */
static void coming_fetch(const struct training *self, struct coming *coming, uint32_t steps)
{
    size_t part = (coming->left + steps - 1) / steps;
    weir_word_prefetch(self->in, coming->rows, (int64_t)part, self->width);
    coming->rows += part;
    coming->left -= part;
}

static int walk(const struct training *self, struct walker *walker, const struct weir_pairs *pairs, int64_t number,
                struct weir_error *error)
{
    const struct weir_lexicon *lexicon = &self->lexicon;
    const struct weir_word_options *options = self->options;
    const double all = (double)options->epochs * (double)self->tokens->count;
    const double done = (double)(number / self->chunks) * (double)self->tokens->count +
                        (double)(number % self->chunks) * WEIR_WORD_CHUNK;
    const uint32_t *at = pairs->numbers, *end = at + pairs->count;
    while (at < end) {
        float rate = (float)(options->rate * (1 - (done + at[WEIR_PAIRS_PLACE]) / all));
        uint32_t words = at[WEIR_PAIRS_WORDS], steps = at[WEIR_PAIRS_STEPS];
        const uint32_t *word = at + WEIR_PAIRS_HEAD, *targets = word + words;
        size_t count;
        const uint32_t *rows = rows_of(self, walker, word, words, &count);
        if (!rows)
            return weir_fail_memory(error);
        float gain = words == 1 ? lexicon->gain[word[0]] : 0;
        weir_word_mean(self->in, rows, (int64_t)count, self->width, walker->hidden);
        memset(walker->gradient, 0, (size_t)self->width * sizeof(float));
        const uint32_t *next = targets + (size_t)steps * (size_t)pairs->targets;
        struct coming coming = coming_rows(lexicon, next, end);
        for (uint32_t s = 0; s < steps; s++, targets += pairs->targets) {
            const uint32_t *then = s + 1 < steps ? targets + pairs->targets : coming.targets;
            if (then)
                weir_word_prefetch(self->out, then, pairs->targets, self->width);
            coming_fetch(self, &coming, steps - s);
            weir_word_step(&self->sigmoid, walker->hidden, walker->gradient, self->out, targets, pairs->targets, rate,
                           gain, self->width);
        }
        weir_word_add(self->in, rows, (int64_t)count, self->width, walker->gradient);
        at = targets;
    }
    return 0;
}

/* ---- In order --------------------------------------------------------------------------------------------------- */

struct piece {
    int64_t number;
    uint32_t *tokens; /* [WEIR_WORD_CHUNK] */
    struct weir_pairs pairs;
    struct weir_error error;
    bool failed;
};

struct ahead {
    struct training *self;
    struct piece pieces[PIECES];
};

static int take_number(void *context, void *item, struct weir_error *error)
{
    (void)error;
    struct training *self = ((struct ahead *)context)->self;
    struct piece *piece = item;
    if (self->next == self->chunks * self->options->epochs)
        return 0;
    piece->number = self->next++;
    return 1;
}

static void draw_piece(void *context, void *item)
{
    const struct training *self = ((struct ahead *)context)->self;
    struct piece *piece = item;
    piece->failed = draw_chunk(self, piece->number, piece->tokens, &piece->pairs, &piece->error) < 0;
}

static int walk_in_order(struct training *self, struct weir_error *error)
{
    struct ahead ahead = { .self = self };
    struct weir_lanes *lanes = NULL;
    const struct weir_lanes_work work = { .context = &ahead, .fill = take_number, .work = draw_piece };
    int result = 0;
    for (int i = 0; result == 0 && i < PIECES; i++) {
        result = weir_pairs_init(&ahead.pieces[i].pairs, self->options, &self->lexicon, error);
        ahead.pieces[i].tokens = weir_allocate(WEIR_WORD_CHUNK, sizeof(uint32_t));
        if (result == 0 && !ahead.pieces[i].tokens)
            result = weir_fail_memory(error);
    }
    if (result == 0)
        result =
            weir_lanes_new(&lanes, &work, ahead.pieces, sizeof *ahead.pieces, PIECES, weir_lanes_threads(0), error);
    int got = 0;
    void *item;
    while (result == 0 && (got = weir_lanes_next(lanes, &item, error)) > 0) {
        struct piece *piece = item;
        if (piece->failed) {
            if (error)
                *error = piece->error;
            result = -1;
        } else {
            result = walk(self, &self->walkers[0], &piece->pairs, piece->number, error);
        }
    }
    weir_lanes_free(lanes);
    for (int i = 0; i < PIECES; i++) {
        weir_pairs_release(&ahead.pieces[i].pairs);
        free(ahead.pieces[i].tokens);
    }
    return result < 0 || got < 0 ? -1 : 0;
}

/* ---- Hogwild ---------------------------------------------------------------------------------------------------- */

static void walk_one(void *context, int index, int thread)
{
    struct training *self = context;
    struct walker *walker = &self->walkers[thread];
    int64_t number = self->next + index;
    if (walker->error.status == WEIR_OK &&
        draw_chunk(self, number, walker->tokens, &walker->pairs, &walker->error) == 0)
        walk(self, walker, &walker->pairs, number, &walker->error);
}

static int walk_without_locks(struct training *self, struct weir_pool *pool, struct weir_error *error)
{
    enum { AT_ONCE = 1 << 20 };
    int64_t all = self->chunks * self->options->epochs;
    while (self->next < all) {
        int count = all - self->next < AT_ONCE ? (int)(all - self->next) : AT_ONCE;
        weir_pool_run(pool, count, walk_one, self);
        self->next += count;
        for (int i = 0; i < self->walker_count; i++)
            if (self->walkers[i].error.status != WEIR_OK) {
                if (error)
                    *error = self->walkers[i].error;
                return -1;
            }
    }
    return 0;
}

/* ---- All -------------------------------------------------------------------------------------------------------- */

/* Rows start as numbers drawn evenly from -1 / width .. 1 / width, the words' other rows as zeros. */
static void init_rows(void *context, int index, int thread)
{
    (void)thread;
    const struct training *self = context;
    int64_t first = (int64_t)index * INIT_ROWS, rows = self->lexicon.row_count;
    float scale = 1 / (float)self->options->width;
    for (int64_t row = first; row < rows && row < first + INIT_ROWS; row++) {
        struct weir_random random;
        weir_random_init(&random, self->options->seed, INIT_STREAMS + (uint64_t)row);
        for (int64_t j = 0; j < self->width; j++) {
            float drawn = (float)(weir_random_u32(&random) >> 8) * 0x1p-23F - 1;
            self->in[row * self->width + j] = j < self->options->width ? drawn * scale : 0;
        }
    }
}

static int prepare(struct training *self, int threads, struct weir_error *error)
{
    size_t width = ((size_t)self->options->width + WEIR_WORD_LANES - 1) / WEIR_WORD_LANES * WEIR_WORD_LANES, size;
    self->width = (int64_t)width;
    self->chunks = (self->tokens->count + WEIR_WORD_CHUNK - 1) / WEIR_WORD_CHUNK;
    weir_sigmoid_init(&self->sigmoid);
    self->in = weir_allocate_aligned(self->lexicon.row_count, width * sizeof(float));
    self->out = weir_allocate_aligned(self->lexicon.count, width * sizeof(float));
    self->walkers = weir_allocate_zero((size_t)threads, sizeof *self->walkers);
    if (!self->in || !self->out || !self->walkers || !weir_multiply(self->lexicon.count, width * sizeof(float), &size))
        return weir_fail_memory(error);
    memset(self->out, 0, size);
    for (; self->walker_count < threads; self->walker_count++) {
        struct walker *walker = &self->walkers[self->walker_count];
        walker->hidden = weir_allocate_aligned(width, sizeof(float));
        walker->gradient = weir_allocate_aligned(width, sizeof(float));
        walker->tokens = weir_allocate(WEIR_WORD_CHUNK, sizeof *walker->tokens);
        if (weir_pairs_init(&walker->pairs, self->options, &self->lexicon, error) < 0 || !walker->hidden ||
            !walker->gradient || !walker->tokens) {
            self->walker_count++;
            return weir_fail_memory(error);
        }
    }
    return 0;
}

static void release(struct training *self)
{
    for (int i = 0; i < self->walker_count; i++) {
        free(self->walkers[i].hidden);
        free(self->walkers[i].gradient);
        free(self->walkers[i].rows);
        free(self->walkers[i].tokens);
        weir_pairs_release(&self->walkers[i].pairs);
    }
    free(self->walkers);
    free(self->in);
    free(self->out);
    weir_lexicon_release(&self->lexicon);
}

/* ---- What comes out --------------------------------------------------------------------------------------------- */

struct gram_place {
    uint32_t number, row;
};

static int by_number(const void *a, const void *b)
{
    uint32_t x = ((const struct gram_place *)a)->number, y = ((const struct gram_place *)b)->number;
    return (x > y) - (x < y);
}

static int give_grams(const struct training *self, struct weir_word_vectors *out, struct weir_error *error)
{
    const struct weir_lexicon *lexicon = &self->lexicon;
    size_t count = lexicon->row_count - lexicon->count, width = (size_t)out->width;
    struct gram_place *places = weir_allocate(count, sizeof *places);
    out->gram_numbers = weir_allocate(count, sizeof *out->gram_numbers);
    out->gram_vectors = weir_allocate(count, width * sizeof(float));
    if (!places || !out->gram_numbers || !out->gram_vectors) {
        free(places);
        return weir_fail_memory(error);
    }
    for (size_t i = 0; i < count; i++)
        places[i] = (struct gram_place){ lexicon->gram_numbers[i], lexicon->count + (uint32_t)i };
    if (count > 0)
        qsort(places, count, sizeof *places, by_number);
    for (size_t i = 0; i < count; i++) {
        out->gram_numbers[i] = places[i].number;
        memcpy(out->gram_vectors + i * width, self->in + places[i].row * self->width, width * sizeof(float));
    }
    out->gram_count = count;
    out->grams = self->options->grams;
    free(places);
    return 0;
}

static int give_words(const struct training *self, const struct weir_vocabulary *seen, struct weir_word_vectors *out,
                      struct weir_error *error)
{
    const struct weir_lexicon *lexicon = &self->lexicon;
    out->width = self->options->width;
    size_t width = (size_t)out->width;
    out->vectors = weir_allocate(lexicon->count, width * sizeof(float));
    if (!out->vectors)
        return weir_fail_memory(error);
    if (weir_vocabulary_begin(&out->words, error) < 0)
        return -1;
    for (uint32_t i = 0; i < lexicon->count; i++) {
        const struct weir_vocabulary_term *term = &seen->terms[lexicon->order[i]];
        if (weir_vocabulary_append(&out->words, weir_vocabulary_bytes(seen, term), term->size, term->documents,
                                   term->occurrences, error) < 0)
            return -1;
        weir_word_mean(self->in, lexicon->rows + lexicon->starts[i],
                       (int64_t)(lexicon->starts[i + 1] - lexicon->starts[i]), self->width, self->walkers[0].hidden);
        memcpy(out->vectors + i * width, self->walkers[0].hidden, width * sizeof(float));
    }
    if (self->options->keep_grams && give_grams(self, out, error) < 0)
        return -1;
    if (weir_word_vectors_settle(out, error) == 0)
        return 0;
    if (!error || error->status != WEIR_BAD_DATA)
        return -1;
    return weir_fail(error, WEIR_BAD_DATA,
                     "the word vectors grew beyond all bounds while they were learned: choose a smaller "
                     "--learning-rate");
}

int weir_word_train(const struct weir_word_options *options, const struct weir_vocabulary *seen,
                    const struct weir_tokens *tokens, struct weir_word_vectors *out, struct weir_error *error)
{
    struct training self = { .options = options, .tokens = tokens };
    struct weir_pool *pool = weir_pool_new(0);
    int result = pool ? 0 : weir_fail_memory(error);
    if (result == 0)
        result = weir_lexicon_make(&self.lexicon, options, seen, error);
    if (result == 0)
        result = prepare(&self, options->hogwild ? weir_pool_threads(pool) : 1, error);
    if (result == 0) {
        weir_pool_run(pool, (int)((self.lexicon.row_count + INIT_ROWS - 1) / INIT_ROWS), init_rows, &self);
        result = options->hogwild ? walk_without_locks(&self, pool, error) : walk_in_order(&self, error);
    }
    if (result == 0)
        result = give_words(&self, seen, out, error);
    release(&self);
    weir_pool_free(pool);
    return result;
}
