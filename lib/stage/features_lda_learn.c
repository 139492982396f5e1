#include "base/random.h"
#include "stage/choose.h"
#include "stage/features.h"
#include "stage/features_lda_private.h"
#include "stage/options.h"
#include "stage/plan.h"
#include "stage/vocabulary.h"
#include <math.h>

void weir_lda_release_learning(struct lda *self)
{
    weir_field_release(&self->field);
    self->field = (struct weir_field){ 0 };
    weir_stage_free(self->terms);
    weir_pool_free(self->pool);
    weir_lda_documents_release(&self->gathered);
    self->terms = NULL;
    self->vocabulary = NULL;
    self->pool = NULL;
}

/* ---- The column --------------------------------------------------------------------------------------------- */

static bool is_sparse(const struct weir_field *field, void *context)
{
    (void)context;
    return weir_sparse_is(&field->type);
}

static int choose(struct lda *self, const struct weir_schema *in, struct weir_error *error)
{
    int *index;
    size_t count;
    if (weir_choose_columns(in, self->chosen, "features --method lda", is_sparse, NULL, &index, &count, error) < 0)
        return -1;
    self->index = count == 1 ? index[0] : -1;
    free(index);
    if (count == 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "no column of sparse counts here: make one with features --method counts");
    if (count > 1)
        return weir_fail(error, WEIR_USAGE,
                         "several columns are sparse, and topics are learned from one: name it with "
                         "--column");
    const struct weir_field *field = &in->fields[self->index];
    self->how.words = weir_sparse_width(field, error);
    if (self->how.words < 0)
        return -1;
    if (self->how.words > LDA_MOST_NUMBERS / self->how.topics)
        return weir_fail(
            error, WEIR_BAD_DATA,
            "column %s has %lld places a row: %lld topics of so many are more than %d numbers; fewer terms "
            "are left by counts --max-features",
            WEIR_SHOW(field->name), (long long)self->how.words, (long long)self->how.topics, LDA_MOST_NUMBERS);
    self->name = weir_duplicate_string(field->name);
    if (!self->name || weir_type_copy(&self->type, &field->type) < 0 || weir_field_copy(&self->field, field) < 0)
        return weir_fail_memory(error);
    return 0;
}

/* The last step of the plan that made the column of terms, if there is one. */
static int find_words(struct lda *self, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_plan plan = { 0 };
    int result = weir_plan_from_schema(&plan, in, error);
    for (size_t i = plan.count; result == 0 && !self->vocabulary && i-- > 0;) {
        if (strcmp(plan.steps[i].name, "features") != 0)
            continue;
        struct weir_stage *stage = NULL;
        const struct weir_vocabulary *vocabulary;
        const char *column;
        result = weir_plan_stage(&plan, i, &stage, error);
        const char *into = stage ? json_string_value(json_object_get(stage->options, "into")) : NULL;
        for (size_t c = 0; stage && (vocabulary = weir_features_vocabulary(stage, c, &column)); c++)
            if (strcmp(into ? into : column, self->name) == 0 && (int64_t)vocabulary->kept_count == self->how.words)
                self->vocabulary = vocabulary;
        if (self->vocabulary)
            self->terms = stage;
        else
            weir_stage_free(stage);
    }
    weir_plan_release(&plan);
    return result;
}

int weir_lda_learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct lda *self = stage->state;
    weir_lda_release(self);
    self->phase = LDA_COUNTING;
    self->documents = self->held = self->row = self->pass = 0;
    self->bound = self->values = 0;
    if (choose(self, in, error) < 0 || find_words(self, in, error) < 0)
        return -1;
    self->pool = weir_pool_new(0);
    self->topics = weir_topics_new(&self->how);
    if (!self->pool || !self->topics || weir_lda_clear(&self->gathered) < 0)
        return weir_fail_memory(error);
    weir_topics_begin(self->topics);
    return 1;
}

/* ---- Rows --------------------------------------------------------------------------------------------------- */

/* By the number of the row alone; the streams of the same seed below 2^32 are the words'. */
static bool is_held_out(const struct lda *self, int64_t row)
{
    struct weir_random random;
    weir_random_init(&random, self->how.seed, (UINT64_C(1) << 40) + (uint64_t)row);
    return weir_random_uniform(&random) < self->held_out;
}

static int learn_gathered(struct lda *self, struct weir_error *error)
{
    struct weir_topics_documents documents = weir_lda_view(&self->gathered);
    if (weir_topics_learn(self->topics, &documents, (double)self->documents, self->pool) < 0 ||
        weir_lda_clear(&self->gathered) < 0)
        return weir_fail_memory(error);
    return 0;
}

static int judge_gathered(struct lda *self, struct weir_error *error)
{
    struct weir_topics_documents documents = weir_lda_view(&self->gathered);
    size_t count = (size_t)documents.count;
    float *shares = weir_allocate(count, (size_t)self->how.topics * sizeof *shares);
    double *bounds = weir_allocate(count, sizeof *bounds);
    int result =
        shares && bounds && weir_topics_judge(self->topics, &documents, shares, bounds, self->pool) == 0 ? 0 : -1;
    for (size_t d = 0; result == 0 && d < count; d++)
        self->bound += bounds[d];
    for (int64_t e = 0; result == 0 && e < documents.offsets[count]; e++)
        self->values += (double)documents.value[e];
    free(shares);
    free(bounds);
    return result == 0 && weir_lda_clear(&self->gathered) == 0 ? 0 : weir_fail_memory(error);
}

static int take_gathered(struct lda *self, struct weir_error *error)
{
    return self->phase == LDA_LEARNING  ? learn_gathered(self, error)
           : self->phase == LDA_JUDGING ? judge_gathered(self, error)
                                        : 0;
}

static int learn_row(struct lda *self, const struct weir_sparse *sparse, int64_t row, struct weir_error *error)
{
    bool held = is_held_out(self, self->row);
    if (self->phase != LDA_COUNTING && held != (self->phase == LDA_JUDGING))
        return 0;
    int some = weir_lda_append(&self->gathered, sparse, row, self->name, self->row + 1, error);
    if (some < 0)
        return -1;
    if (some == 0) {
        self->gathered.count--;
        return 0;
    }
    if (self->phase == LDA_COUNTING) {
        self->documents += !held;
        self->held += held;
        return weir_lda_clear(&self->gathered) < 0 ? weir_fail_memory(error) : 0;
    }
    return self->gathered.count == self->batch ? take_gathered(self, error) : 0;
}

int weir_lda_learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct lda *self = stage->state;
    struct weir_sparse sparse;
    if (weir_sparse_open(&sparse, &self->field, &batch->columns[self->index], self->how.words, error) < 0)
        return -1;
    for (int64_t row = 0; row < batch->rows; row++, self->row++)
        if (learn_row(self, &sparse, row, error) < 0)
            return -1;
    return 0;
}

/* Lambda is rounded as a state keeps it, so that what is restored does the same to the bit. */
static int settle(struct lda *self, struct weir_error *error)
{
    float *lambda = weir_allocate((size_t)self->how.words, (size_t)self->how.topics * sizeof *lambda);
    if (!lambda)
        return weir_fail_memory(error);
    weir_topics_get(self->topics, lambda);
    weir_topics_set(self->topics, lambda);
    free(lambda);
    return weir_topics_settle(self->topics, self->pool) < 0 ? weir_fail_memory(error) : 0;
}

int weir_lda_learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct lda *self = stage->state;
    if (take_gathered(self, error) < 0)
        return -1;
    self->row = 0;
    if (self->phase == LDA_COUNTING) {
        if (self->documents == 0 && self->held > 0)
            return weir_fail(error, WEIR_BAD_DATA,
                             "column %s: all documents with a word in them (%lld) are held out: choose a smaller "
                             "--held-out, or 0",
                             WEIR_SHOW(self->name), (long long)self->held);
        if (self->documents == 0)
            return weir_fail(error, WEIR_BAD_DATA, "column %s: no document with a word in it to learn topics from",
                             WEIR_SHOW(self->name));
        self->phase = LDA_LEARNING;
        return 1;
    }
    if (self->phase == LDA_LEARNING && ++self->pass < self->passes)
        return 1;
    if (self->phase == LDA_LEARNING) {
        if (settle(self, error) < 0)
            return -1;
        self->phase = LDA_JUDGING;
        if (self->held > 0)
            return 1;
    }
    self->perplexity = self->held > 0 ? exp(-self->bound / self->values) : (double)NAN;
    if (!isnan(self->perplexity) && !isfinite(self->perplexity))
        self->perplexity = (double)NAN;
    if (weir_lda_name_words(self, error) < 0)
        return -1;
    weir_lda_release_learning(self);
    return 0;
}
