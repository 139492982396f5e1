/* Word vectors: n-grams as fastText numbers them, words and what is drawn for them as the formulas say, learning beside
 * a slow reference in double, and the stage whatever its batches. */
#include "base/random.h"
#include "check.h"
#include "math/word_step.h"
#include "stage/plan.h"
#include "stage/wordvec_private.h"
#include <stdlib.h>

/* ---- n-grams ----------------------------------------------------------------------------------------------------- */

static void test_grams(void)
{
    /* Of fastText 0.9.3 (Dictionary::getSubwords) with -minn 2 -maxn 4 -bucket 1000. */
    static const struct {
        const char *word;
        size_t count;
        uint32_t numbers[20];
    } known[] = {
        { "banana", 18, { 131, 126, 328, 708, 270, 821, 518, 141, 217, 112, 850, 953, 518, 141, 505, 112, 562, 806 } },
        { "a", 3, { 750, 600, 806 } },
        { "n\xC3\xA9", 6, { 655, 143, 91, 165, 737, 781 } },
        { "\xE6\xB0\xB4\xE8\xBB\x8A", 6, { 939, 20, 486, 170, 196, 188 } },
    };
    const struct weir_grams grams = { 2, 4, 1000 }, none = { 0, 0, 1000 };
    struct weir_gram_list list = { 0 };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        CHECK(weir_grams_of(&grams, known[i].word, strlen(known[i].word), &list) == 0);
        CHECK_INT((long long)list.count, (long long)known[i].count);
        for (size_t j = 0; j < list.count && j < known[i].count; j++)
            CHECK_INT(list.numbers[j], known[i].numbers[j]);
    }
    CHECK(weir_grams_of(&none, "word", 4, &list) == 0 && list.count == 0);
    weir_gram_list_release(&list);
}

/* ---- Texts ------------------------------------------------------------------------------------------------------- */

enum { GROUPS = 6, MEMBERS = 8 };
static const char *const syllables[] = { "ba", "ce", "di", "fo", "gu", "ly", "ma", "ne", "pi", "ro", "su", "ty" };

/* The word of a group, and one that stands everywhere. */
static void put_word(struct weir_buffer *out, uint64_t word)
{
    weir_buffer_string(out, syllables[word % 12]);
    weir_buffer_string(out, syllables[word / 12 % 12]);
    weir_buffer_string(out, syllables[(word * 7 + 3) % 12]);
}

/* Texts of words of one group and a few that all groups share. */
static void make_texts(struct weir_schema *schema, struct weir_batch *table, int64_t rows)
{
    struct weir_builder builder;
    struct weir_random random;
    struct weir_buffer text = { 0 };
    weir_random_init(&random, 5, 0);
    weir_schema_add(schema, "text", WEIR_UTF8);
    weir_builder_init(&builder, &schema->fields[0].type);
    for (int64_t row = 0; row < rows; row++) {
        uint64_t group = weir_random_below(&random, GROUPS), words = weir_random_below(&random, 30);
        weir_buffer_clear(&text);
        for (uint64_t i = 0; i < words; i++) {
            bool shared = weir_random_below(&random, 4) == 0;
            put_word(&text, shared ? 140 + weir_random_below(&random, 3)
                                   : group * MEMBERS + weir_random_below(&random, MEMBERS));
            weir_buffer_byte(&text, ' ');
        }
        if (row % 17 == 3)
            weir_builder_null(&builder);
        else
            weir_builder_text(&builder, text.bytes ? text.bytes : "", text.size);
    }
    CHECK(weir_batch_init(table, 1, rows) == 0 && weir_builder_finish(&builder, &table->columns[0], NULL) == 0);
    weir_builder_release(&builder);
    weir_buffer_release(&text);
}

/* The same words as the stage takes them: codes and marks. */
static void make_tokens(struct weir_vocabulary *seen, struct weir_tokens *tokens)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    make_texts(&schema, &table, 700);
    weir_vocabulary_begin(seen, NULL);
    for (int64_t row = 0; row < table.rows; row++) {
        size_t length = 0;
        const char *text = weir_valid(&table.columns[0], row) ? weir_text(&table.columns[0], row, &length) : NULL;
        for (size_t i = 0; text && i + 6 <= length; i += 7) {
            CHECK(weir_vocabulary_append(seen, text + i, 6, 1, 1, NULL) == 0);
            CHECK(weir_tokens_add(tokens, weir_vocabulary_code(seen, text + i, 6), NULL) == 0);
        }
        if (text)
            CHECK(weir_tokens_add(tokens, WEIR_TEXT_END, NULL) == 0);
    }
    CHECK(weir_tokens_close(tokens, NULL) == 0);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

static struct weir_word_options small_options(void)
{
    return (struct weir_word_options){ .width = 20,
                                       .window = 3,
                                       .negative = 4,
                                       .epochs = 3,
                                       .min_count = 5,
                                       .rate = 0.05,
                                       .sample = 0.01,
                                       .grams = { 2, 3, 50 },
                                       .seed = 7 };
}

/* ---- What is drawn ----------------------------------------------------------------------------------------------- */

static void test_lexicon(void)
{
    struct weir_vocabulary seen = { 0 };
    struct weir_tokens tokens = { 0 };
    struct weir_lexicon lexicon = { 0 };
    struct weir_error error = { 0 };
    struct weir_word_options options = small_options();
    make_tokens(&seen, &tokens);
    CHECK(weir_lexicon_make(&lexicon, &options, &seen, &error) == 0);
    CHECK_INT(lexicon.count, GROUPS * MEMBERS + 3);
    double total = 0, roots = 0, *chance = calloc(lexicon.count, sizeof *chance);
    for (uint32_t i = 0; i < lexicon.count; i++) {
        const struct weir_vocabulary_term *term = &seen.terms[lexicon.order[i]];
        CHECK(i == 0 || term->occurrences <= seen.terms[lexicon.order[i - 1]].occurrences);
        total += (double)term->occurrences;
        roots += sqrt((double)term->occurrences);
        chance[i] += ((double)lexicon.share[i] + 1) / 0x1p32 / lexicon.count;
        chance[lexicon.other[i]] += (1 - ((double)lexicon.share[i] + 1) / 0x1p32) / lexicon.count;
    }
    for (uint32_t i = 0; i < lexicon.count; i++) {
        double count = (double)seen.terms[lexicon.order[i]].occurrences, ratio = options.sample * total / count;
        double keep = sqrt(ratio) + ratio;
        CHECK_NEAR(chance[i], sqrt(count) / roots, 1e-8);
        CHECK_NEAR((double)lexicon.keep[i] / 0x1p32, keep < 1 ? keep : 1, 1e-8);
        /* The gain: what the mean of the word's rows gains when each gets 1 as often as it stands there. */
        double *rows = calloc(lexicon.row_count, sizeof *rows), sum = 0;
        for (size_t r = lexicon.starts[i]; r < lexicon.starts[i + 1]; r++)
            rows[lexicon.rows[r]] += 1;
        for (size_t r = lexicon.starts[i]; r < lexicon.starts[i + 1]; r++)
            sum += rows[lexicon.rows[r]];
        CHECK_NEAR((double)lexicon.gain[i], sum / (double)(lexicon.starts[i + 1] - lexicon.starts[i]), 1e-6);
        CHECK_INT(lexicon.rows[lexicon.starts[i]], i);
        free(rows);
    }
    CHECK(lexicon.row_count - lexicon.count <= 50);
    weir_lexicon_release(&lexicon);
    options.min_count = 1000000;
    CHECK(weir_lexicon_make(&lexicon, &options, &seen, &error) < 0);
    CHECK_TEXT(error.text, "none of the 51 different words of the texts stands there 1000000 times or more: choose a "
                           "smaller --min-count");
    weir_lexicon_release(&lexicon);
    options = small_options();
    options.most_words = 10;
    CHECK(weir_lexicon_make(&lexicon, &options, &seen, &error) == 0);
    CHECK_INT(lexicon.count, 10);
    weir_lexicon_release(&lexicon);
    weir_vocabulary_release(&seen);
    weir_tokens_release(&tokens);
    free(chance);
}

/* Windows stay within their text and reach 1 .. window words; what is drawn is never the word itself; words are passed
 * over as often as they should be. */
static void test_pairs(bool cbow)
{
    struct weir_vocabulary seen = { 0 };
    struct weir_tokens tokens = { 0 };
    struct weir_lexicon lexicon = { 0 };
    struct weir_pairs pairs = { 0 };
    struct weir_word_options options = small_options();
    options.cbow = cbow;
    options.sample = 0;
    make_tokens(&seen, &tokens);
    CHECK(weir_lexicon_make(&lexicon, &options, &seen, NULL) == 0);
    CHECK(weir_pairs_init(&pairs, &options, &lexicon, NULL) == 0);
    size_t count = tokens.count < WEIR_WORD_CHUNK ? (size_t)tokens.count : WEIR_WORD_CHUNK;
    CHECK(weir_pairs_draw(&pairs, &options, &lexicon, tokens.ids, count, 3, NULL) == 0);
    const uint32_t *at = pairs.numbers, *end = at + pairs.count;
    int64_t reach[4] = { 0 }, wrong = 0, places = 0;
    while (at < end) {
        uint32_t place = at[WEIR_PAIRS_PLACE], words = at[WEIR_PAIRS_WORDS], steps = at[WEIR_PAIRS_STEPS];
        const uint32_t *word = at + WEIR_PAIRS_HEAD, *targets = word + words;
        CHECK(cbow ? steps == 1 : words == 1);
        CHECK_INT(cbow ? targets[0] : word[0], lexicon.rank[tokens.ids[place]]);
        /* The words around, from the text itself. */
        uint32_t around = cbow ? words : steps, left = 0, right = 0;
        for (size_t i = place; i-- > 0 && tokens.ids[i] != WEIR_TEXT_END;)
            left++;
        for (size_t i = place + 1; i < count && tokens.ids[i] != WEIR_TEXT_END; i++)
            right++;
        uint32_t r = 1;
        while (r < 3 && (left < r ? left : r) + (right < r ? right : r) != around)
            r++;
        CHECK_INT((left < r ? left : r) + (right < r ? right : r), around);
        reach[r] += left >= 3 && right >= 3;
        uint32_t first = place - (left < r ? left : r), seen_at = 0;
        for (uint32_t i = first; seen_at < around; i++)
            if (i != place) {
                uint32_t is = cbow ? word[seen_at] : targets[seen_at * (uint32_t)pairs.targets];
                wrong += is != lexicon.rank[tokens.ids[i]];
                seen_at++;
            }
        for (uint32_t s = 0; s < steps; s++, targets += pairs.targets)
            for (int t = 1; t < pairs.targets; t++)
                wrong += targets[t] == targets[0] || targets[t] >= lexicon.count;
        places++;
        at = targets;
    }
    CHECK_INT(wrong, 0);
    CHECK(at == end && places > 3000);
    int64_t sum = reach[1] + reach[2] + reach[3];
    for (int r = 1; r <= 3; r++)
        CHECK_NEAR((double)reach[r] / (double)sum, 1.0 / 3, 0.04);
    weir_pairs_release(&pairs);
    weir_lexicon_release(&lexicon);
    weir_vocabulary_release(&seen);
    weir_tokens_release(&tokens);
}

/* ---- Learning beside a reference --------------------------------------------------------------------------------- */

static double plain_sigmoid(double x)
{
    return x <= -8 ? 0 : x >= 8 ? 1 : 1 / (1 + exp(-x));
}

/* One pair in double, as fastText has it: the mean of the rows anew, and each row moves by the whole gradient. */
static void plain_pair(double *in, double *out, const uint32_t *rows, size_t count, const uint32_t *targets,
                       int target_count, double rate, int width)
{
    double hidden[64] = { 0 }, gradient[64] = { 0 }, factor[WEIR_WORD_TARGETS];
    for (size_t i = 0; i < count; i++)
        for (int j = 0; j < width; j++)
            hidden[j] += in[rows[i] * (size_t)width + (size_t)j] / (double)count;
    for (int t = 0; t < target_count; t++) {
        double sum = 0;
        for (int j = 0; j < width; j++)
            sum += hidden[j] * out[targets[t] * (size_t)width + (size_t)j];
        factor[t] = rate * ((t == 0 ? 1 : 0) - plain_sigmoid(sum));
    }
    for (int t = 0; t < target_count; t++)
        for (int j = 0; j < width; j++) {
            gradient[j] += factor[t] * out[targets[t] * (size_t)width + (size_t)j];
            out[targets[t] * (size_t)width + (size_t)j] += factor[t] * hidden[j];
        }
    for (size_t i = 0; i < count; i++)
        for (int j = 0; j < width; j++)
            in[rows[i] * (size_t)width + (size_t)j] += gradient[j];
}

static void plain_chunk(const struct weir_word_options *options, const struct weir_lexicon *lexicon,
                        const struct weir_pairs *pairs, double done, double all, double *in, double *out)
{
    const uint32_t *at = pairs->numbers;
    uint32_t rows[400];
    while (at < pairs->numbers + pairs->count) {
        double rate = options->rate * (1 - (done + at[WEIR_PAIRS_PLACE]) / all);
        uint32_t words = at[WEIR_PAIRS_WORDS], steps = at[WEIR_PAIRS_STEPS];
        const uint32_t *word = at + WEIR_PAIRS_HEAD, *targets = word + words;
        size_t count = 0;
        for (uint32_t i = 0; i < words; i++)
            for (size_t r = lexicon->starts[word[i]]; r < lexicon->starts[word[i] + 1]; r++)
                rows[count++] = lexicon->rows[r];
        for (uint32_t s = 0; s < steps; s++, targets += pairs->targets)
            plain_pair(in, out, rows, count, targets, pairs->targets, rate, options->width);
        at = targets;
    }
}

static void test_learning(bool cbow, struct weir_grams grams)
{
    struct weir_vocabulary seen = { 0 };
    struct weir_tokens tokens = { 0 };
    struct weir_lexicon lexicon = { 0 };
    struct weir_pairs pairs = { 0 };
    struct weir_word_vectors vectors = { 0 };
    struct weir_error error = { 0 };
    struct weir_word_options options = small_options();
    options.cbow = cbow;
    options.grams = grams;
    options.keep_grams = grams.to > 0;
    make_tokens(&seen, &tokens);
    if (!CHECK(weir_word_train(&options, &seen, &tokens, &vectors, &error) == 0))
        fprintf(stderr, "    %s\n", error.text);
    CHECK(weir_lexicon_make(&lexicon, &options, &seen, NULL) == 0);
    CHECK(weir_pairs_init(&pairs, &options, &lexicon, NULL) == 0);
    size_t width = (size_t)options.width;
    double *in = calloc(lexicon.row_count * width, sizeof *in), *out = calloc(lexicon.count * width, sizeof *out);
    for (uint32_t row = 0; row < lexicon.row_count; row++) {
        struct weir_random random;
        weir_random_init(&random, options.seed, (UINT64_C(1) << 63) + row);
        for (size_t j = 0; j < width; j++)
            in[row * width + j] = ((double)(weir_random_u32(&random) >> 8) / 0x1p23 - 1) / (double)width;
    }
    uint64_t number = 0;
    for (int epoch = 0; epoch < options.epochs; epoch++)
        for (int64_t first = 0; first < tokens.count; first += WEIR_WORD_CHUNK) {
            size_t count = tokens.count - first < WEIR_WORD_CHUNK ? (size_t)(tokens.count - first) : WEIR_WORD_CHUNK;
            CHECK(weir_pairs_draw(&pairs, &options, &lexicon, tokens.ids + first, count, number++, NULL) == 0);
            plain_chunk(&options, &lexicon, &pairs, (double)(epoch * tokens.count + first),
                        (double)(options.epochs * tokens.count), in, out);
        }
    CHECK(number > 3); /* more than one chunk an epoch */
    CHECK_INT((long long)vectors.words.count, lexicon.count);
    double worst = 0, largest = 0;
    for (uint32_t w = 0; w < lexicon.count; w++)
        for (size_t j = 0; j < width; j++) {
            double mean = 0, rows = (double)(lexicon.starts[w + 1] - lexicon.starts[w]);
            for (size_t r = lexicon.starts[w]; r < lexicon.starts[w + 1]; r++)
                mean += in[lexicon.rows[r] * width + j] / rows;
            double off = fabs((double)vectors.vectors[w * width + j] - mean);
            worst = off <= worst ? worst : off;
            largest = fmax(largest, fabs(mean));
        }
    CHECK_NEAR(worst, 0, 2e-4);
    CHECK(largest > 0.3);
    for (size_t g = 0; g < vectors.gram_count; g++) {
        uint32_t row = lexicon.count;
        while (lexicon.gram_numbers[row - lexicon.count] != vectors.gram_numbers[g])
            row++;
        for (size_t j = 0; j < width; j++)
            CHECK_NEAR((double)vectors.gram_vectors[g * width + j], in[row * width + j],
                       5e-4 * (1 + fabs(in[row * width + j])));
    }
    free(in);
    free(out);
    weir_pairs_release(&pairs);
    weir_lexicon_release(&lexicon);
    weir_vocabulary_release(&seen);
    weir_tokens_release(&tokens);
    weir_word_vectors_release(&vectors);
}

/* ---- Many tokens ------------------------------------------------------------------------------------------------- */

static void test_spilled_tokens(void)
{
    enum { COUNT = (1 << 24) + 5000, PART = 5000 };
    struct weir_tokens tokens = { 0 };
    static uint32_t part[PART];
    int64_t wrong = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        wrong += weir_tokens_add(&tokens, i * 3, NULL) != 0;
    CHECK(tokens.spilled && weir_tokens_close(&tokens, NULL) == 0 && !tokens.ids);
    CHECK_INT(tokens.count, COUNT);
    static const int64_t places[] = { 0, (1 << 24) - PART / 2, COUNT - PART };
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        CHECK(weir_tokens_read(&tokens, places[p], PART, part, NULL) == 0);
        for (int64_t i = 0; i < PART; i++)
            wrong += part[i] != (uint32_t)(places[p] + i) * 3;
    }
    CHECK_INT(wrong, 0);
    struct weir_error error = { 0 };
    CHECK(weir_tokens_read(&tokens, COUNT - 1, 2, part, &error) < 0);
    weir_tokens_release(&tokens);
}

/* ---- The stage --------------------------------------------------------------------------------------------------- */

static struct weir_stage *new_stage(const char *more)
{
    struct weir_error error = { 0 };
    struct weir_stage *stage = NULL;
    struct weir_buffer options = { 0 };
    weir_buffer_format(&options, "{\"method\": \"wordvec\", \"width\": 16, \"sample\": 0%s}", more);
    if (!CHECK(weir_stage_new(&stage, "features", options.bytes, &error) == 0))
        fprintf(stderr, "    %s\n", error.text);
    weir_buffer_release(&options);
    return stage;
}

static void learn(struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table,
                  int64_t size)
{
    struct weir_error error = { 0 };
    CHECK_INT(stage->kind->learn_begin(stage, schema, &error), 1);
    for (int64_t first = 0; first < table->rows; first += size) {
        struct weir_batch part = { 0 };
        weir_batch_slice(&part, table, schema, first, table->rows - first < size ? table->rows - first : size);
        CHECK(stage->kind->learn(stage, &part, &error) == 0);
        weir_batch_release(&part);
    }
    if (!CHECK(stage->kind->learn_end(stage, &error) == 0))
        fprintf(stderr, "    %s\n", error.text);
}

static void test_stage(const char *more)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, out = { 0 };
    struct weir_stage *one = new_stage(more), *other = new_stage(more), *restored = NULL;
    struct weir_buffer first = { 0 }, second = { 0 }, third = { 0 };
    struct weir_error error = { 0 };
    struct weir_binding binding = { 0 };
    make_texts(&schema, &table, 400);
    learn(one, &schema, &table, table.rows);
    learn(other, &schema, &table, 7);
    CHECK(weir_stage_save_text(one, &first, NULL) == 0 && weir_stage_save_text(other, &second, NULL) == 0);
    CHECK(first.size == second.size && memcmp(first.bytes, second.bytes, first.size) == 0);
    if (!CHECK(weir_stage_restore_text(&restored, "features", first.bytes, first.size, &error) == 0)) {
        fprintf(stderr, "    %s\n", error.text);
        return;
    }
    CHECK(weir_stage_save_text(restored, &third, NULL) == 0);
    CHECK(first.size == third.size && memcmp(first.bytes, third.bytes, first.size) == 0);
    CHECK(one->kind->merge(one, other, &error) < 0 && strstr(error.text, "word vectors do not merge"));

    /* Each row is the mean of its words' vectors, brought to length 1. */
    const struct weir_word_vectors *vectors = weir_wordvec_vectors(restored);
    CHECK(weir_stage_bind(&binding, restored, &schema, WEIR_AS_FILTER, &error) == 0);
    CHECK(restored->kind->apply(&binding, &table, &out, NULL, &error) == 0);
    struct weir_word_lookup lookup = { 0 };
    for (int64_t row = 0; row < table.rows; row++) {
        double sum[16] = { 0 };
        size_t length = 0, words = 0;
        bool valid = weir_valid(&table.columns[0], row);
        const char *text = valid ? weir_text(&table.columns[0], row, &length) : "";
        for (size_t i = 0; i + 6 <= length; i += 7) {
            const float *vector;
            double inverse, square = 0;
            CHECK(weir_word_vector(vectors, &lookup, text + i, 6, &vector, &inverse, NULL) == 0);
            if (!vector)
                continue;
            words++;
            for (int j = 0; j < 16; j++)
                square += (double)vector[j] * (double)vector[j];
            for (int j = 0; j < 16; j++)
                sum[j] += (double)vector[j] / sqrt(square);
        }
        CHECK(weir_valid(&out.columns[0], row) == valid);
        const float *is = (const float *)(const void *)out.columns[0].children[0].values.bytes + row * 16;
        for (int j = 0; j < 16; j++)
            CHECK_NEAR((double)is[j], words ? sum[j] / (double)words : 0, 1e-6);
    }
    weir_word_lookup_release(&lookup);

    /* Words of one group are nearest to each other. */
    for (uint64_t word = 0; word < GROUPS * MEMBERS; word++) {
        struct weir_buffer text = { 0 }, wanted = { 0 };
        uint32_t index[MEMBERS - 1];
        double cosine[MEMBERS - 1];
        size_t count, length;
        put_word(&text, word);
        CHECK(weir_word_vectors_nearest(vectors, text.bytes, text.size, MEMBERS - 1, index, cosine, &count, NULL) == 0);
        CHECK_INT((long long)count, MEMBERS - 1);
        for (uint64_t i = 0; i < MEMBERS; i++) {
            put_word(&wanted, word / MEMBERS * MEMBERS + i);
            weir_buffer_byte(&wanted, ' ');
        }
        int found = 0;
        for (size_t i = 0; i < count; i++) {
            const char *near = weir_word_of(vectors, index[i], &length);
            CHECK(i == 0 || cosine[i] <= cosine[i - 1]);
            found += memmem(wanted.bytes, wanted.size, near, length) != NULL;
        }
        CHECK(found >= MEMBERS - 2);
        weir_buffer_release(&text);
        weir_buffer_release(&wanted);
    }
    weir_batch_release(&out);
    weir_binding_release(&binding);
    weir_stage_free(one);
    weir_stage_free(other);
    weir_stage_free(restored);
    weir_buffer_release(&first);
    weir_buffer_release(&second);
    weir_buffer_release(&third);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* A word that was not learned is the mean of the n-grams that were. */
static void test_unknown(void)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_stage *skips = new_stage(", \"epochs\": 20"),
                      *makes = new_stage(", \"epochs\": 20, \"unknown\": \"subwords\"");
    struct weir_word_lookup lookup = { 0 };
    struct weir_gram_list list = { 0 };
    const float *vector;
    double inverse, sum[16] = { 0 }, found = 0;
    const char word[] = "babacex";
    make_texts(&schema, &table, 400);
    learn(skips, &schema, &table, table.rows);
    learn(makes, &schema, &table, table.rows);
    CHECK(weir_word_vector(weir_wordvec_vectors(skips), &lookup, word, 7, &vector, &inverse, NULL) == 0 && !vector);
    const struct weir_word_vectors *vectors = weir_wordvec_vectors(makes);
    CHECK(weir_grams_of(&vectors->grams, word, 7, &list) == 0);
    for (size_t i = 0; i < list.count; i++)
        for (size_t g = 0; g < vectors->gram_count; g++)
            if (vectors->gram_numbers[g] == list.numbers[i]) {
                found++;
                for (int j = 0; j < 16; j++)
                    sum[j] += (double)vectors->gram_vectors[g * 16 + (size_t)j];
            }
    CHECK(found > 3);
    CHECK(weir_word_vector(vectors, &lookup, word, 7, &vector, &inverse, NULL) == 0);
    for (int j = 0; vector && j < 16; j++)
        CHECK_NEAR((double)vector[j], sum[j] / found, 1e-6);
    CHECK(vector != NULL);
    CHECK(weir_word_vector(vectors, &lookup, "zzz", 3, &vector, &inverse, NULL) == 0 && !vector);
    weir_gram_list_release(&list);
    weir_word_lookup_release(&lookup);
    weir_stage_free(skips);
    weir_stage_free(makes);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

int main(void)
{
    test_grams();
    test_lexicon();
    test_pairs(false);
    test_pairs(true);
    test_learning(false, (struct weir_grams){ 2, 3, 50 });
    test_learning(false, (struct weir_grams){ 0 });
    test_learning(true, (struct weir_grams){ 2, 3, 50 });
    test_spilled_tokens();
    test_stage(", \"epochs\": 20");
    test_stage(", \"subwords\": \"0\", \"negative\": 10, \"epochs\": 20");
    test_stage(", \"architecture\": \"cbow\", \"unknown\": \"subwords\", \"epochs\": 60");
    test_unknown();
    return check_result();
}
