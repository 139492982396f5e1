/* Features of texts: how often each term of a vocabulary stands in a document (counts), and that weighted by how few
 * documents hold the term (tfidf; Sparck Jones, "A statistical interpretation of term specificity and its application
 * in retrieval", 1972, in the form that scikit-learn gives it):
 *
 *   w(t, d) = tf(t, d) * idf(t),  idf(t) = ln((1 + n) / (1 + df(t))) + 1 (smooth), ln(n / df(t)) + 1 (plain)
 *
 * for n documents, df(t) of which hold t; tf is the count, or 1 (binary), or 1 + ln(count) (sublinear). A row is then
 * divided by its l2 or l1 length. A document without terms is a row without entries. */
#include "stage/features.h"
#include "stage/options.h"
#include "stage/text_columns.h"
#include "stage/text_weights.h"

struct tfidf {
    struct weir_text_columns columns;
    struct weir_text_weights weights;
    double **idf; /* [columns][terms]; NULL: none */
};

struct applying {
    struct weir_derived derived;
    struct weir_text_place *places;
    struct weir_text_reader reader;
    struct weir_sparse_builder sparse;
    uint32_t *sorted;
    size_t sorted_capacity;
    int64_t empty; /* documents without a term */
};

static int create(struct weir_stage *stage, enum weir_text_norm norm, bool weighs, struct weir_error *error)
{
    static const char *const known[] = {
        "method", WEIR_TEXT_OPTIONS, WEIR_SELECTION_OPTIONS, WEIR_WEIGHT_OPTIONS, "idf", NULL
    };
    struct tfidf *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->columns.stage = "features";
    self->columns.learns = true;
    self->weights.norm = norm;
    if (weir_option_known(stage, known, error) < 0)
        return -1;
    if (!weighs && json_object_get(stage->options, "idf"))
        return weir_fail(error, WEIR_USAGE, "--idf is for --method tfidf");
    self->weights.idf = weighs ? WEIR_IDF_SMOOTH : WEIR_IDF_NONE;
    if (weir_text_weights_read(&self->weights, stage->options, error) < 0)
        return -1;
    return weir_text_columns_create(&self->columns, stage->options, error);
}

static int create_tfidf(struct weir_stage *stage, struct weir_error *error)
{
    return create(stage, WEIR_NORM_L2, true, error);
}

static int create_counts(struct weir_stage *stage, struct weir_error *error)
{
    return create(stage, WEIR_NORM_NONE, false, error);
}

static void forget_idf(struct tfidf *self)
{
    for (size_t i = 0; self->idf && i < self->columns.count; i++)
        free(self->idf[i]);
    free(self->idf);
    self->idf = NULL;
}

static void destroy(struct weir_stage *stage)
{
    struct tfidf *self = stage->state;
    if (!self)
        return;
    forget_idf(self);
    weir_text_columns_release(&self->columns);
    free(self);
}

/* After learning, restoring or merging. */
static int settle(struct tfidf *self, struct weir_error *error)
{
    forget_idf(self);
    if (self->weights.idf == WEIR_IDF_NONE)
        return 0;
    self->idf = weir_allocate_zero(self->columns.count, sizeof *self->idf);
    if (!self->idf)
        return weir_fail_memory(error);
    for (size_t i = 0; i < self->columns.count; i++) {
        self->idf[i] = weir_text_idf(&self->weights, &self->columns.items[i].vocabulary);
        if (!self->idf[i])
            return weir_fail_memory(error);
    }
    return 0;
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct tfidf *self = stage->state;
    forget_idf(self);
    return weir_text_columns_learn_begin(&self->columns, stage->options, in, error);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    return weir_text_columns_learn(&((struct tfidf *)stage->state)->columns, batch, error);
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct tfidf *self = stage->state;
    return weir_text_columns_learn_end(&self->columns, stage->keep_merge, error) < 0 ? -1 : settle(self, error);
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    struct tfidf *self = stage->state;
    const struct tfidf *from = other->state;
    forget_idf(self);
    if (weir_text_columns_merge(&self->columns, stage, &from->columns, other, error) < 0)
        return -1;
    return settle(self, error);
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    return weir_text_columns_save(&((const struct tfidf *)stage->state)->columns, state, blobs, error);
}

static int save_merge(const struct weir_stage *stage, json_t **merge_part, struct weir_blobs *blobs,
                      struct weir_error *error)
{
    return weir_text_columns_save_merge(&((const struct tfidf *)stage->state)->columns, merge_part, blobs, error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    struct tfidf *self = stage->state;
    forget_idf(self);
    return weir_text_columns_restore(&self->columns, state, blobs, error) < 0 ? -1 : settle(self, error);
}

/* ---- Applying ---------------------------------------------------------------------------------------------------- */

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct tfidf *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    if (weir_text_columns_bind(&self->columns, in, binding->mode, &binding->out, &applying->derived, &applying->places,
                               error) < 0)
        return -1;
    for (size_t i = 0; i < self->columns.count; i++)
        if (weir_field_make_sparse(&binding->out.fields[applying->places[i].to],
                                   (int64_t)self->columns.items[i].vocabulary.kept_count) < 0)
            return weir_fail_memory(error);
    return weir_text_reader_begin(&applying->reader, &self->columns, binding->mode, error);
}

static void unbind(struct weir_binding *binding)
{
    const struct tfidf *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (!applying)
        return;
    weir_text_places_free(applying->places, self->columns.count);
    weir_derived_release(&applying->derived);
    weir_text_reader_release(&applying->reader);
    weir_sparse_builder_release(&applying->sparse);
    free(applying->sorted);
    free(applying);
}

static int apply_column(const struct weir_binding *binding, size_t i, const struct weir_column *data,
                        struct weir_column *out, struct weir_error *error)
{
    const struct tfidf *self = binding->stage->state;
    struct applying *applying = binding->state;
    const double *idf = self->idf ? self->idf[i] : NULL;
    if (weir_sparse_builder_begin(&applying->sparse, data->rows, error) < 0)
        return -1;
    for (int64_t row = 0; row < data->rows; row++) {
        size_t count, unknown;
        if (weir_text_reader_codes(&applying->reader, &self->columns, i, &applying->places[i].type, data, row, &count,
                                   &unknown, error) < 0)
            return -1;
        if (weir_grow((void **)&applying->sorted, &applying->sorted_capacity, count + 1, sizeof *applying->sorted) < 0)
            return weir_fail_memory(error);
        weir_sort_codes(applying->reader.codes, applying->sorted, count);
        if (weir_text_weigh(&self->weights, idf, applying->sorted, count, &applying->sparse, error) < 0)
            return -1;
        applying->empty += count == 0 && weir_valid(data, row);
    }
    return weir_sparse_builder_finish(&applying->sparse, data, out, error);
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    (void)reasons;
    const struct tfidf *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    for (size_t i = 0; i < self->columns.count; i++)
        if (apply_column(binding, i, &in->columns[applying->places[i].from], &out->columns[applying->places[i].to],
                         error) < 0)
            return -1;
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct tfidf *self = binding->stage->state;
    const struct applying *applying = binding->state;
    for (size_t i = 0; i < self->columns.count; i++)
        weir_buffer_format(out, "%s%zu terms in %s", i ? ", " : "", self->columns.items[i].vocabulary.kept_count,
                           WEIR_SHOW(self->columns.items[i].name));
    if (applying->empty > 0)
        weir_buffer_format(out, ", %lld text%s without a term", (long long)applying->empty,
                           applying->empty == 1 ? "" : "s");
}

#define TEXT_KIND(make)                                                                                                \
    {                                                                                                                  \
        .name = "features", .version = 1, .replay = WEIR_REPLAY_APPLY, .create = (make), .destroy = destroy,           \
        .learn_begin = learn_begin, .learn = learn, .learn_end = learn_end, .merge = merge, .save = save,              \
        .save_merge = save_merge, .restore = restore, .bind = bind, .apply = apply, .unbind = unbind,                  \
        .summary = summary,                                                                                            \
    }
const struct weir_stage_kind weir_features_tfidf_kind = TEXT_KIND(create_tfidf);
const struct weir_stage_kind weir_features_counts_kind = TEXT_KIND(create_counts);

const struct weir_vocabulary *weir_features_vocabulary(const struct weir_stage *stage, size_t i, const char **column)
{
    if (stage->kind != &weir_features_tfidf_kind && stage->kind != &weir_features_counts_kind)
        return NULL;
    const struct tfidf *self = stage->state;
    if (i >= self->columns.count)
        return NULL;
    *column = self->columns.items[i].name;
    return &self->columns.items[i].vocabulary;
}
