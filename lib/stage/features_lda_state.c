#include "base/number.h"
#include "stage/features_lda_private.h"
#include "stage/options.h"
#include "stage/state.h"
#include "stage/vocabulary.h"
#include <math.h>

static json_t *name_word(const struct lda *self, int64_t word)
{
    char number[WEIR_NUMBER_SIZE];
    size_t size;
    if (self->vocabulary) {
        const char *term = weir_vocabulary_term(self->vocabulary, (size_t)word, &size);
        return json_stringn(term, size);
    }
    size = weir_format_int64(word, number);
    return json_stringn(number, size);
}

/* The words of topic k with the greatest lambda, of equal ones the first; best: [shown] */
static json_t *name_topic(const struct lda *self, const float *lambda, int64_t k, int64_t *best)
{
    int64_t count = 0, topics = self->how.topics;
    for (int64_t w = 0; w < self->how.words; w++) {
        float value = lambda[w * topics + k];
        if (count == self->shown && !(value > lambda[best[count - 1] * topics + k]))
            continue;
        int64_t at = count < self->shown ? count++ : count - 1;
        for (; at > 0 && value > lambda[best[at - 1] * topics + k]; at--)
            best[at] = best[at - 1];
        best[at] = w;
    }
    json_t *words = json_array();
    for (int64_t i = 0; words && i < count; i++)
        weir_state_append(&words, name_word(self, best[i]));
    return words;
}

static float *get_lambda(const struct lda *self)
{
    float *lambda = weir_allocate((size_t)self->how.words, (size_t)self->how.topics * sizeof *lambda);
    if (lambda)
        weir_topics_get(self->topics, lambda);
    return lambda;
}

int weir_lda_name_words(struct lda *self, struct weir_error *error)
{
    float *lambda = get_lambda(self);
    int64_t *best = weir_allocate((size_t)self->shown, sizeof *best);
    json_decref(self->words);
    self->words = lambda && best ? json_array() : NULL;
    for (int64_t k = 0; self->words && k < self->how.topics; k++)
        weir_state_append(&self->words, name_topic(self, lambda, k, best));
    free(lambda);
    free(best);
    return self->words ? 0 : weir_fail_memory(error);
}

int weir_lda_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    const struct lda *self = stage->state;
    float *lambda = get_lambda(self);
    json_t *columns = json_array(), *blob = NULL;
    if (lambda)
        blob = weir_blobs_add(blobs, lambda, (size_t)(self->how.words * self->how.topics) * sizeof *lambda);
    free(lambda);
    weir_state_append(&columns, weir_state_new_column(self->name, &self->type));
    *state = json_pack("{s:o, s:I, s:I, s:I, s:o, s:O, s:o}", "columns", columns, "width", (json_int_t)self->how.words,
                       "documents", (json_int_t)self->documents, "held", (json_int_t)self->held, "perplexity",
                       isnan(self->perplexity) ? json_null() : json_real(self->perplexity), "words", self->words,
                       "lambda", blob);
    return *state ? 0 : weir_fail_memory(error);
}

static int restore_words(struct lda *self, const json_t *state, struct weir_error *error)
{
    const json_t *words = json_object_get(state, "words");
    bool good = json_array_size(words) == (size_t)self->how.topics;
    for (size_t k = 0; good && k < json_array_size(words); k++) {
        const json_t *topic = json_array_get(words, k);
        good = json_is_array(topic);
        for (size_t i = 0; good && i < json_array_size(topic); i++)
            good = json_is_string(json_array_get(topic, i));
    }
    if (!good)
        return weir_fail(error, WEIR_BAD_DATA, "its 'words' are not lists of texts, one a topic");
    self->words = weir_json_deep_copy(words);
    return self->words ? 0 : weir_fail_memory(error);
}

static int restore_lambda(struct lda *self, const json_t *state, const struct weir_blobs *blobs,
                          struct weir_error *error)
{
    const struct weir_buffer *blob = weir_blobs_find(blobs, json_object_get(state, "lambda"), error);
    size_t count = (size_t)(self->how.words * self->how.topics);
    if (!blob)
        return weir_fail_in(error, "its 'lambda'");
    if (blob->size != count * sizeof(float))
        return weir_fail(error, WEIR_BAD_DATA, "its 'lambda' are not the numbers of its topics and terms");
    float *lambda = weir_allocate(count, sizeof *lambda);
    if (!lambda)
        return weir_fail_memory(error);
    memcpy(lambda, blob->bytes, blob->size);
    int result = 0;
    for (size_t i = 0; result == 0 && i < count; i++)
        if (!(isfinite(lambda[i]) && lambda[i] > 0))
            result = weir_fail(error, WEIR_BAD_DATA, "its 'lambda' hold what is no number above 0");
    self->topics = result == 0 ? weir_topics_new(&self->how) : NULL;
    if (self->topics)
        weir_topics_set(self->topics, lambda);
    free(lambda);
    if (result < 0)
        return -1;
    return self->topics && weir_topics_settle(self->topics, NULL) == 0 ? 0 : weir_fail_memory(error);
}

int weir_lda_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                     struct weir_error *error)
{
    struct lda *self = stage->state;
    const int64_t most = INT64_C(1) << 53;
    weir_lda_release(self);
    const json_t *columns = weir_state_columns(state, error), *perplexity = json_object_get(state, "perplexity");
    if (!columns)
        return -1;
    if (json_array_size(columns) != 1)
        return weir_fail(error, WEIR_BAD_DATA, "its 'columns' are not one");
    if (weir_state_name_and_type(json_array_get(columns, 0), &self->name, &self->type, error) < 0)
        return -1;
    if (!weir_sparse_is(&self->type))
        return weir_fail(error, WEIR_BAD_DATA, "column %s: its type is not that of sparse rows", WEIR_SHOW(self->name));
    if (weir_state_integer(state, "width", 1, LDA_MOST_NUMBERS / self->how.topics, &self->how.words, error) < 0 ||
        weir_state_integer(state, "documents", 1, most, &self->documents, error) < 0 ||
        weir_state_integer(state, "held", 0, most, &self->held, error) < 0 || restore_words(self, state, error) < 0)
        return -1;
    self->perplexity = json_is_number(perplexity) ? json_number_value(perplexity) : (double)NAN;
    return restore_lambda(self, state, blobs, error);
}
