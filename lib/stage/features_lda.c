/* Topics of documents (math/topics.h): rows of term counts become the shares of topics that they speak of.
 *
 * A first pass counts the documents, `passes` learn, and a last one judges those that were held out. */
#include "stage/features.h"
#include "stage/features_lda_private.h"
#include "stage/learn.h"
#include "stage/options.h"
#include "stage/state.h"
#include <math.h>

struct applying {
    const struct lda *self;
    struct weir_derived derived;
    int from, at;            /* the column, in the input and in the output */
    struct weir_field field; /* as it is there */
    int64_t rows, empty;     /* so far; of these without a word */
    struct lda_documents documents;
    struct weir_pool *pool;
    char *reason;
};

/* ---- Documents ---------------------------------------------------------------------------------------------- */

void weir_lda_documents_release(struct lda_documents *documents)
{
    free(documents->offsets);
    free(documents->word);
    free(documents->value);
    *documents = (struct lda_documents){ 0 };
}

int weir_lda_clear(struct lda_documents *documents)
{
    documents->count = 0;
    if (weir_grow((void **)&documents->offsets, &documents->offset_capacity, 1, sizeof *documents->offsets) < 0)
        return -1;
    documents->offsets[0] = 0;
    return 0;
}

int weir_lda_append(struct lda_documents *documents, const struct weir_sparse *sparse, int64_t row, const char *column,
                    int64_t named, struct weir_error *error)
{
    int64_t first = sparse->offsets[row], count = sparse->offsets[row + 1] - first;
    int64_t at = documents->offsets[documents->count];
    size_t needed = (size_t)(at + count);
    if (weir_grow((void **)&documents->offsets, &documents->offset_capacity, (size_t)documents->count + 2,
                  sizeof *documents->offsets) < 0 ||
        weir_grow((void **)&documents->word, &documents->word_capacity, needed + 1, sizeof *documents->word) < 0 ||
        weir_grow((void **)&documents->value, &documents->value_capacity, needed + 1, sizeof *documents->value) < 0)
        return weir_fail_memory(error);
    for (int64_t i = first; i < first + count; i++) {
        if (!(sparse->value[i] >= 0 && sparse->value[i] <= LDA_MOST_COUNT))
            return weir_fail(error, WEIR_BAD_DATA,
                             "column %s, row %lld: a count %s; topics are learned from counts of terms",
                             WEIR_SHOW(column), (long long)named, sparse->value[i] < 0 ? "below 0" : "above 10^9");
        documents->word[at] = sparse->index[i];
        documents->value[at] = sparse->value[i];
        at += sparse->value[i] > 0;
    }
    bool some = at > documents->offsets[documents->count];
    documents->offsets[++documents->count] = at;
    return some;
}

struct weir_topics_documents weir_lda_view(const struct lda_documents *documents)
{
    return (struct weir_topics_documents){ documents->count, documents->offsets, documents->word, documents->value };
}

/* ---- Options ------------------------------------------------------------------------------------------------ */

static int read_priors(struct lda *self, const json_t *options, struct weir_error *error)
{
    self->how.alpha = self->how.eta = 1 / (double)self->how.topics;
    return weir_option_number(options, "alpha", 1e-3, 1e3, &self->how.alpha, error) < 0 ||
                   weir_option_number(options, "eta", 1e-3, 1e3, &self->how.eta, error) < 0
               ? -1
               : 0;
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column", "into", "topics", "passes",   "batch",     "offset",
                                         "decay",  "alpha",  "eta",  "seed",   "held-out", "top-words", NULL };
    struct lda *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    const json_t *options = stage->options;
    self->how =
        (struct weir_topics_options){ .topics = 20, .offset = 10, .decay = 0.7, .iterations = 100, .tolerance = 1e-3 };
    self->passes = 10;
    self->batch = 256;
    self->held_out = 0.05;
    self->shown = LDA_SHOWN_WORDS;
    self->perplexity = (double)NAN;
    int64_t seed = 0;
    if (weir_option_known(stage, known, error) < 0 || weir_option_list(options, "column", &self->chosen, error) < 0 ||
        weir_option_text(options, "into", NULL, &self->into, error) < 0 ||
        weir_option_integer(options, "topics", 2, LDA_MOST_TOPICS, &self->how.topics, error) < 0 ||
        weir_option_integer(options, "passes", 1, 10000, &self->passes, error) < 0 ||
        weir_option_integer(options, "batch", 1, 1 << 20, &self->batch, error) < 0 ||
        weir_option_number(options, "offset", 1, 1e6, &self->how.offset, error) < 0 ||
        weir_option_number(options, "decay", 0.5, 1, &self->how.decay, error) < 0 ||
        weir_option_integer(options, "seed", 0, INT64_C(1) << 53, &seed, error) < 0 ||
        weir_option_number(options, "held-out", 0, 0.9, &self->held_out, error) < 0 ||
        weir_option_integer(options, "top-words", 1, 1000, &self->shown, error) < 0 ||
        read_priors(self, options, error) < 0)
        return -1;
    self->how.seed = (uint64_t)seed;
    return 0;
}

void weir_lda_release(struct lda *self)
{
    weir_lda_release_learning(self);
    free(self->name);
    weir_type_release(&self->type);
    weir_topics_free(self->topics);
    json_decref(self->words);
    self->name = NULL;
    self->topics = NULL;
    self->words = NULL;
}

static void destroy(struct weir_stage *stage)
{
    struct lda *self = stage->state;
    if (!self)
        return;
    weir_lda_release(self);
    free(self);
}

/* Topics of one run are not those of another in the same order, or at all. */
static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    (void)stage, (void)other;
    return weir_fail(error, WEIR_USAGE,
                     "topics that were learned apart do not merge: learn them from all rows, one file after the other");
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

static int bind_column(struct applying *applying, struct weir_binding *binding, const struct weir_schema *in,
                       struct weir_error *error)
{
    const struct lda *self = applying->self;
    const struct weir_field *field = &in->fields[applying->from];
    if (!weir_sparse_is(&field->type))
        return weir_fail_type(error, "features", field, &self->type);
    int64_t width = weir_sparse_width(field, error);
    if (width < 0)
        return -1;
    if (width != self->how.words)
        return weir_fail(error, WEIR_BAD_DATA,
                         "column %s has %lld places a row here, and the topics were learned of %lld",
                         WEIR_SHOW(self->name), (long long)width, (long long)self->how.words);
    applying->at = weir_derive_replace(&applying->derived, &binding->out, in, applying->from, self->into, error);
    if (applying->at < 0)
        return -1;
    struct weir_field *out = &binding->out.fields[applying->at];
    struct weir_buffer text = { 0 };
    int result = weir_json_dump(self->words, WEIR_JSON_KEPT, &text, error);
    if (result == 0 && (weir_field_copy(&applying->field, field) < 0 ||
                        weir_field_make_tensor(out, WEIR_FLOAT32, (int32_t)self->how.topics, 0, NULL) < 0 ||
                        weir_metadata_set(&out->metadata, "weir:topics", text.bytes) < 0))
        result = weir_fail_memory(error);
    weir_buffer_release(&text);
    return result;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct lda *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    applying->self = self;
    applying->from = weir_schema_find(in, self->name);
    if (applying->from < 0) {
        struct weir_absent absent = { 0 };
        weir_absent_add(&absent, self->name);
        return weir_absent_fail(&absent, "features", error);
    }
    struct weir_buffer reason = { 0 };
    weir_buffer_format(&reason, "%s has a count below 0 or above 10^9", WEIR_SHOW(self->name));
    applying->reason = reason.bytes;
    if (reason.failed)
        return weir_fail_memory(error);
    if (binding->mode != WEIR_AS_REPLAY && !(applying->pool = weir_pool_new(0)))
        return weir_fail_memory(error);
    return bind_column(applying, binding, in, error);
}

static void unbind(struct weir_binding *binding)
{
    struct applying *applying = binding->state;
    if (!applying)
        return;
    weir_derived_release(&applying->derived);
    weir_field_release(&applying->field);
    weir_lda_documents_release(&applying->documents);
    weir_pool_free(applying->pool);
    free(applying->reason);
    free(applying);
}

/* A row with a count below 0 or above 10^9 is an error, or in a replay has a reason and is as if it were empty. */
static int gather(struct applying *applying, const struct weir_column *column, struct weir_reasons *reasons,
                  struct weir_error *error)
{
    const struct lda *self = applying->self;
    struct weir_sparse sparse;
    if (weir_sparse_open(&sparse, &applying->field, column, self->how.words, error) < 0)
        return -1;
    if (weir_lda_clear(&applying->documents) < 0)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < column->rows; row++) {
        struct weir_error bad = { 0 };
        int64_t end = applying->documents.offsets[applying->documents.count];
        int some = weir_lda_append(&applying->documents, &sparse, row, self->name, applying->rows + row + 1, &bad);
        if (some < 0 && (!reasons || bad.status != WEIR_BAD_DATA)) {
            if (error)
                *error = bad;
            return -1;
        }
        if (some < 0) {
            weir_give_reason(reasons, row, applying->reason);
            applying->documents.offsets[++applying->documents.count] = end;
        }
        applying->empty += some == 0 && weir_valid(column, row);
    }
    applying->rows += column->rows;
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    struct applying *applying = binding->state;
    const struct lda *self = applying->self;
    const struct weir_column *column = &in->columns[applying->from];
    if (gather(applying, column, reasons, error) < 0 || weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    float *shares = weir_derive_lists(&out->columns[applying->at], in->rows, self->how.topics, sizeof *shares, column);
    struct weir_topics_documents documents = weir_lda_view(&applying->documents);
    if (!shares || weir_topics_judge(self->topics, &documents, shares, NULL, applying->pool) < 0)
        return weir_fail_memory(error);
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct applying *applying = binding->state;
    const struct lda *self = applying->self;
    weir_buffer_format(out, "%lld topics of %lld terms, from %lld documents", (long long)self->how.topics,
                       (long long)self->how.words, (long long)self->documents);
    if (!isnan(self->perplexity))
        weir_buffer_format(out, ", perplexity %.1f on %lld held out", self->perplexity, (long long)self->held);
    if (applying->empty > 0)
        weir_buffer_format(out, ", %lld document%s without a word", (long long)applying->empty,
                           applying->empty == 1 ? "" : "s");
}

const json_t *weir_features_topics(const struct weir_stage *stage)
{
    return stage->kind == &weir_features_lda_kind ? ((const struct lda *)stage->state)->words : NULL;
}

const struct weir_stage_kind weir_features_lda_kind = {
    .name = "features",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = weir_lda_learn_begin,
    .learn = weir_lda_learn,
    .learn_end = weir_lda_learn_end,
    .merge = merge,
    .save = weir_lda_save,
    .restore = weir_lda_restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
