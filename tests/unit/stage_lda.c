/* Topics as a stage: which documents are held out and what their perplexity is, counts at the edge of what is taken,
 * and rows that are none in a replay. */
#include "base/random.h"
#include "check.h"
#include "math/topics.h"
#include "stage/plan.h"
#include "stream/sparse.h"
#include <stdlib.h>

enum { ROWS = 200, WORDS = 40, TOPICS = 3, ENTRIES = 6 };

/* Row r has the words r % 3, r % 3 + 3 ..., which are a topic, in another order of frequency each. */
struct corpus {
    int32_t offsets[ROWS + 1];
    uint32_t index[ROWS * ENTRIES];
    float value[ROWS * ENTRIES];
};

static void draw(struct corpus *corpus)
{
    struct weir_random random;
    weir_random_init(&random, 11, 0);
    *corpus = (struct corpus){ 0 };
    for (int row = 0; row < ROWS; row++) {
        int32_t at = corpus->offsets[row];
        for (int i = 0; i < ENTRIES; i++, at++) {
            corpus->index[at] = (uint32_t)(row % 3 + 6 * i) + (weir_random_below(&random, 2) ? 0 : 3);
            corpus->value[at] = (float)(1 + weir_random_below(&random, 4));
        }
        corpus->offsets[row + 1] = at;
    }
}

static struct weir_slice slice_of(const void *bytes, size_t size)
{
    struct weir_slice slice = { 0 };
    void *to = weir_slice_new(&slice, size, 1);
    if (CHECK(to != NULL))
        memcpy(to, bytes, size);
    return slice;
}

static void make_batch(const struct corpus *corpus, struct weir_batch *batch)
{
    CHECK(weir_batch_init(batch, 1, ROWS) == 0);
    CHECK(weir_sparse_column(
              &batch->columns[0], ROWS, (struct weir_slice){ 0 }, 0, slice_of(corpus->offsets, sizeof corpus->offsets),
              slice_of(corpus->index, sizeof corpus->index), slice_of(corpus->value, sizeof corpus->value), NULL) == 0);
}

static void make_schema(struct weir_schema *schema)
{
    weir_schema_add(schema, "text", WEIR_UTF8);
    CHECK(weir_field_make_sparse(&schema->fields[0], WORDS) == 0);
}

static struct weir_stage *new_stage(void)
{
    struct weir_error error = { 0 };
    struct weir_stage *stage = NULL;
    if (!CHECK(weir_stage_new(&stage, "features",
                              "{\"method\": \"lda\", \"topics\": 3, \"passes\": 4, \"batch\": 16, \"alpha\": 0.4, "
                              "\"held-out\": 0.3, \"seed\": 5}",
                              &error) == 0))
        fprintf(stderr, "    %s\n", error.text);
    return stage;
}

/* Of the whole corpus: 0, or -1 with the message. */
static int learn(struct weir_stage *stage, const struct corpus *corpus, struct weir_error *error)
{
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    make_schema(&schema);
    make_batch(corpus, &batch);
    int more = stage->kind->learn_begin(stage, &schema, error);
    while (more > 0)
        more = stage->kind->learn(stage, &batch, error) < 0 ? -1 : stage->kind->learn_end(stage, error);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
    return more;
}

struct learned {
    json_t *state;
    float lambda[WORDS * TOPICS];
};

static struct learned learned_of(const struct weir_stage *stage)
{
    struct learned learned = { 0 };
    struct weir_blobs blobs = { 0 };
    struct weir_error error = { 0 };
    CHECK(stage->kind->save(stage, &learned.state, &blobs, &error) == 0);
    const struct weir_buffer *blob = weir_blobs_find(&blobs, json_object_get(learned.state, "lambda"), &error);
    if (CHECK(blob && blob->size == sizeof learned.lambda))
        memcpy(learned.lambda, blob->bytes, blob->size);
    weir_blobs_release(&blobs);
    return learned;
}

/* The rows that are held out, by the numbers drawn for them: the perplexity is of these, and what stands in them does
 * not matter to what is learned. */
static void test_held_out(void)
{
    struct corpus corpus;
    struct weir_error error = { 0 };
    struct weir_stage *stage = new_stage(), *other = new_stage();
    draw(&corpus);
    CHECK(learn(stage, &corpus, &error) == 0);
    struct learned learned = learned_of(stage);

    const struct weir_topics_options how = { TOPICS, WORDS, 0.4, 1.0 / TOPICS, 10, 0.7, 100, 1e-3, 5 };
    struct weir_topics *topics = weir_topics_new(&how);
    weir_topics_set(topics, learned.lambda);
    CHECK(weir_topics_settle(topics, NULL) == 0);
    double bound = 0, values = 0;
    int held = 0;
    for (int row = 0; row < ROWS; row++) {
        struct weir_random random;
        weir_random_init(&random, 5, (UINT64_C(1) << 40) + (uint64_t)row);
        if (weir_random_uniform(&random) >= 0.3)
            continue;
        int32_t from = corpus.offsets[row];
        const int64_t offsets[] = { 0, ENTRIES };
        const struct weir_topics_documents document = { 1, offsets, corpus.index + from, corpus.value + from };
        float shares[TOPICS];
        double one;
        CHECK(weir_topics_judge(topics, &document, shares, &one, NULL) == 0);
        bound += one;
        held++;
        for (int i = 0; i < ENTRIES; i++) {
            values += (double)corpus.value[from + i];
            corpus.value[from + i] = 9; /* for the other one */
        }
    }
    weir_topics_free(topics);
    CHECK(held > 40 && held < 80);
    CHECK_INT(json_integer_value(json_object_get(learned.state, "held")), held);
    CHECK_INT(json_integer_value(json_object_get(learned.state, "documents")), ROWS - held);
    double perplexity = json_number_value(json_object_get(learned.state, "perplexity"));
    CHECK_NEAR(perplexity, exp(-bound / values), 1e-9 * perplexity);
    CHECK(perplexity > 12 && perplexity < 25); /* of twelve words a topic */

    CHECK(learn(other, &corpus, &error) == 0);
    struct learned again = learned_of(other);
    CHECK(memcmp(again.lambda, learned.lambda, sizeof learned.lambda) == 0);
    CHECK(json_number_value(json_object_get(again.state, "perplexity")) != perplexity);
    json_decref(learned.state);
    json_decref(again.state);
    weir_stage_free(stage);
    weir_stage_free(other);
}

/* The shares of all rows, as a replay gives them, and the reason of row 7. */
static void apply(const struct weir_stage *stage, const struct corpus *corpus, float shares[ROWS * TOPICS],
                  const char *wanted)
{
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 }, out = { 0 };
    struct weir_binding binding = { 0 };
    struct weir_error error = { 0 };
    const char *given[ROWS] = { 0 };
    struct weir_reasons reasons = { .reasons = given, .rows = ROWS };
    make_schema(&schema);
    make_batch(corpus, &batch);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_REPLAY, &error) == 0);
    CHECK(stage->kind->apply(&binding, &batch, &out, &reasons, &error) == 0);
    memcpy(shares, out.columns[0].children[0].values.bytes, ROWS * TOPICS * sizeof *shares);
    for (int row = 0; row < ROWS; row++)
        CHECK(row == 7 && wanted ? given[row] && strcmp(given[row], wanted) == 0 : !given[row]);
    weir_batch_release(&out);
    weir_binding_release(&binding);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
}

/* The greatest counts leave all numbers finite, and a greater one is refused; in a replay it gives the row a reason. */
static void test_counts(void)
{
    static const struct {
        float value;
        const char *message;
    } refused[] = {
        { 1.5e9f, "column 'text', row 8: a count above 10^9; topics are learned from counts of terms" },
        { 3e38f, "column 'text', row 8: a count above 10^9; topics are learned from counts of terms" },
        { -1, "column 'text', row 8: a count below 0; topics are learned from counts of terms" },
    };
    static float shares[ROWS * TOPICS];
    struct corpus corpus, plain;
    struct weir_error error = { 0 };
    struct weir_stage *stage = new_stage();
    draw(&plain);
    corpus = plain;
    for (int i = 0; i < ROWS * ENTRIES; i++)
        corpus.value[i] = i % 2 ? 1e9f : 1e-30f;
    CHECK(learn(stage, &corpus, &error) == 0);
    apply(stage, &corpus, shares, NULL);
    for (int i = 0; i < ROWS * TOPICS; i++)
        CHECK(shares[i] > 0 && shares[i] <= 1);
    struct learned learned = learned_of(stage);
    for (int i = 0; i < WORDS * TOPICS; i++)
        CHECK(learned.lambda[i] > 0 && isfinite(learned.lambda[i]));
    json_decref(learned.state);

    CHECK(learn(stage, &plain, &error) == 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        corpus = plain;
        corpus.value[7 * ENTRIES + 2] = refused[i].value;
        apply(stage, &corpus, shares, "'text' has a count below 0 or above 10^9");
        for (int k = 0; k < TOPICS; k++)
            CHECK_NEAR((double)shares[7 * TOPICS + k], 1.0 / TOPICS, 1e-7);
        struct weir_stage *other = new_stage();
        CHECK(learn(other, &corpus, &error) < 0);
        CHECK_TEXT(error.text, refused[i].message);
        weir_stage_free(other);
    }
    weir_stage_free(stage);
}

int main(void)
{
    test_held_out();
    test_counts();
    return check_result();
}
