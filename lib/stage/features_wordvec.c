/* Word vectors and, of them, vectors of documents: a text's vector is the mean of its words', each brought to length 1,
 *
 *   d = (1 / n) sum over its n words w that have a vector of v_w / |v_w|
 *
 * as fastText makes vectors of sentences. A text without such a word is a row of zeros. The vectors are learned from
 * the texts of all columns together, a row of the stream after the other (word_step.h has the formulas), or given. */
#include "base/number.h"
#include "stage/features.h"
#include "stage/options.h"
#include "stage/wordvec_private.h"

/* ---- Options ---------------------------------------------------------------------------------------------------- */

/* What says how vectors are learned, and has no meaning for those that are given. */
#define LEARNING_OPTIONS                                                                                               \
    "architecture", "width", "window", "negative", "epochs", "learning-rate", "min-count", "sample", "subwords",       \
        "buckets", "seed", "hogwild", "unknown"

/* "0", "N" or "N-M". */
static int read_subwords(struct weir_grams *grams, const json_t *options, struct weir_error *error)
{
    const char *text;
    if (weir_option_text(options, "subwords", "3-6", &text, error) < 0)
        return -1;
    const char *dash = strchr(text, '-');
    size_t first = dash ? (size_t)(dash - text) : strlen(text);
    const char *last = dash ? dash + 1 : text;
    int64_t from, to;
    bool read = weir_parse_int64(text, first, &from) && weir_parse_int64(last, strlen(last), &to);
    if (!read || (to != 0 && from < 1) || from > to || to > WEIR_MOST_GRAM || (dash && to == 0))
        return weir_fail(error, WEIR_USAGE,
                         "option '--subwords' takes N-M, from 1 to %d characters, or 0 (none), not %s", WEIR_MOST_GRAM,
                         WEIR_SHOW(text));
    grams->from = (int)from;
    grams->to = (int)to;
    return 0;
}

/* A whole number that fits an int. */
static int read_int(const json_t *options, const char *name, int minimum, int maximum, int *out,
                    struct weir_error *error)
{
    int64_t number = *out;
    if (weir_option_integer(options, name, minimum, maximum, &number, error) < 0)
        return -1;
    *out = (int)number;
    return 0;
}

static int read_options(struct weir_word_options *out, const json_t *options, struct weir_error *error)
{
    static const char *const architectures[] = { "skipgram", "cbow", NULL }, *const unknowns[] = { "skip", "subwords",
                                                                                                   NULL };
    int architecture, unknown, buckets = 2000000;
    int64_t seed = 0;
    *out = (struct weir_word_options){
        .width = 100, .window = 5, .negative = 5, .epochs = 5, .min_count = 5, .rate = 0.05, .sample = 1e-4
    };
    if (weir_option_choice(options, "architecture", architectures, 0, &architecture, error) < 0 ||
        weir_option_choice(options, "unknown", unknowns, 0, &unknown, error) < 0 ||
        weir_option_flag(options, "hogwild", &out->hogwild, error) < 0 ||
        read_int(options, "width", 1, WEIR_VECTOR_WIDTH, &out->width, error) < 0 ||
        read_int(options, "window", 1, 100, &out->window, error) < 0 ||
        read_int(options, "negative", 1, 50, &out->negative, error) < 0 ||
        read_int(options, "epochs", 1, 10000, &out->epochs, error) < 0 ||
        read_int(options, "buckets", 1, WEIR_MOST_BUCKETS, &buckets, error) < 0 ||
        weir_option_integer(options, "min-count", 1, 1000000000, &out->min_count, error) < 0 ||
        weir_option_integer(options, "max-features", 1, WEIR_MOST_TERMS, &out->most_words, error) < 0 ||
        weir_option_number(options, "learning-rate", 1e-9, 100, &out->rate, error) < 0 ||
        weir_option_number(options, "sample", 0, 1, &out->sample, error) < 0 ||
        read_subwords(&out->grams, options, error) < 0 ||
        weir_option_integer(options, "seed", 0, INT64_C(1) << 53, &seed, error) < 0)
        return -1;
    out->cbow = architecture == 1;
    out->keep_grams = unknown == 1;
    out->seed = (uint64_t)seed;
    out->grams.buckets = (uint32_t)buckets;
    if (out->keep_grams && out->grams.to == 0)
        return weir_fail(error, WEIR_USAGE, "--unknown subwords needs --subwords");
    return 0;
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", WEIR_TEXT_OPTIONS, "max-features", LEARNING_OPTIONS, NULL };
    struct weir_wordvec *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    stage->state = self;
    self->columns.stage = "features";
    if (weir_option_known(stage, known, error) < 0 || read_options(&self->options, stage->options, error) < 0)
        return -1;
    return weir_text_columns_create(&self->columns, stage->options, error);
}

static void forget_learning(struct weir_wordvec *self)
{
    weir_splitter_free(self->splitter);
    self->splitter = NULL;
    weir_vocabulary_release(&self->seen);
    weir_tokens_release(&self->tokens);
    free(self->codes);
    self->codes = NULL;
    self->codes_capacity = 0;
}

static void destroy(struct weir_stage *stage)
{
    struct weir_wordvec *self = stage->state;
    if (!self)
        return;
    forget_learning(self);
    weir_word_vectors_release(&self->vectors);
    weir_text_columns_release(&self->columns);
    free(self);
}

/* ---- Learning --------------------------------------------------------------------------------------------------- */

const struct weir_word_vectors *weir_wordvec_vectors(const struct weir_stage *stage)
{
    return stage->kind == &weir_features_wordvec_kind ? &((const struct weir_wordvec *)stage->state)->vectors : NULL;
}

int weir_wordvec_read(struct weir_stage *stage, int descriptor, const char *name, struct weir_error *error)
{
    static const char *const without[] = { LEARNING_OPTIONS, NULL };
    if (stage->kind != &weir_features_wordvec_kind)
        return weir_fail(error, WEIR_USAGE, "--vectors is for --method wordvec");
    for (size_t i = 0; without[i]; i++)
        if (json_object_get(stage->options, without[i]))
            return weir_fail(error, WEIR_USAGE, "--%s is for learning word vectors, and --vectors brings them",
                             without[i]);
    struct weir_wordvec *self = stage->state;
    weir_word_vectors_release(&self->vectors);
    self->given = true;
    return weir_word_vectors_read(&self->vectors, descriptor, name, self->options.most_words, error);
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_wordvec *self = stage->state;
    if (weir_text_columns_learn_begin(&self->columns, stage->options, in, error) < 0)
        return -1;
    if (self->given)
        return 0;
    forget_learning(self);
    weir_word_vectors_release(&self->vectors);
    return weir_vocabulary_begin(&self->seen, error) < 0 ||
                   weir_splitter_new(&self->splitter, self->columns.words, error) < 0
               ? -1
               : 1;
}

static int learn_text(struct weir_wordvec *self, const struct weir_terms *terms, struct weir_error *error)
{
    self->seen.documents++;
    if (weir_grow((void **)&self->codes, &self->codes_capacity, terms->count, sizeof *self->codes) < 0)
        return weir_fail_memory(error);
    if (weir_vocabulary_count(&self->seen, terms, self->codes, error) < 0)
        return -1;
    for (size_t i = 0; i < terms->count; i++)
        if (weir_tokens_add(&self->tokens, self->codes[i], error) < 0)
            return -1;
    return weir_tokens_add(&self->tokens, WEIR_TEXT_END, error);
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_wordvec *self = stage->state;
    const struct weir_text_columns *columns = &self->columns;
    for (int64_t row = 0; row < batch->rows; row++)
        for (size_t i = 0; i < columns->count; i++) {
            const struct weir_column *data = &batch->columns[columns->source[i]];
            struct weir_terms terms;
            if (!weir_valid(data, row))
                continue;
            if (weir_splitter_row(self->splitter, data, &columns->items[i].type, row, &terms, error) < 0 ||
                learn_text(self, &terms, error) < 0)
                return -1;
        }
    return 0;
}

static int learn_end(struct weir_stage *stage, struct weir_error *error)
{
    struct weir_wordvec *self = stage->state;
    int result = weir_tokens_close(&self->tokens, error);
    if (result == 0)
        result = weir_word_train(&self->options, &self->seen, &self->tokens, &self->vectors, error);
    forget_learning(self);
    return result;
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    (void)stage;
    (void)other;
    return weir_fail(error, WEIR_USAGE,
                     "word vectors do not merge: those of another run lie in a space of their own; learn them from all "
                     "texts at once");
}

/* ---- Applying --------------------------------------------------------------------------------------------------- */

struct applying {
    struct weir_derived derived;
    struct weir_text_place *places;
    struct weir_splitter *splitter;
    struct weir_word_lookup lookup;
    double *sum; /* [width] */
    int64_t texts, empty;
};

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct weir_wordvec *self = binding->stage->state;
    struct applying *applying = weir_allocate_zero(1, sizeof *applying);
    binding->state = applying;
    if (!applying)
        return weir_fail_memory(error);
    applying->sum = weir_allocate((size_t)self->vectors.width, sizeof *applying->sum);
    if (!applying->sum)
        return weir_fail_memory(error);
    if (weir_text_columns_bind(&self->columns, in, binding->mode, &binding->out, &applying->derived, &applying->places,
                               error) < 0)
        return -1;
    for (size_t i = 0; i < self->columns.count; i++)
        if (weir_field_make_tensor(&binding->out.fields[applying->places[i].to], WEIR_FLOAT32, self->vectors.width, 0,
                                   NULL) < 0)
            return weir_fail_memory(error);
    return weir_splitter_new(&applying->splitter, self->columns.words, error);
}

static void unbind(struct weir_binding *binding)
{
    const struct weir_wordvec *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (!applying)
        return;
    weir_text_places_free(applying->places, self->columns.count);
    weir_derived_release(&applying->derived);
    weir_splitter_free(applying->splitter);
    weir_word_lookup_release(&applying->lookup);
    free(applying->sum);
    free(applying);
}

static int make_row(const struct weir_word_vectors *vectors, struct applying *applying, const struct weir_terms *terms,
                    float *out, struct weir_error *error)
{
    size_t width = (size_t)vectors->width, words = 0;
    memset(applying->sum, 0, width * sizeof *applying->sum);
    for (size_t i = 0; i < terms->count; i++) {
        const float *vector;
        double inverse;
        if (weir_word_vector(vectors, &applying->lookup, terms->bytes + terms->items[i].at, terms->items[i].size,
                             &vector, &inverse, error) < 0)
            return -1;
        if (!vector || inverse == 0)
            continue;
        words++;
        for (size_t j = 0; j < width; j++)
            applying->sum[j] += (double)vector[j] * inverse;
    }
    applying->texts++;
    applying->empty += words == 0;
    for (size_t j = 0; words > 0 && j < width; j++)
        out[j] = (float)(applying->sum[j] / (double)words);
    return 0;
}

static int apply_column(const struct weir_binding *binding, const struct weir_text_place *place,
                        const struct weir_column *data, struct weir_column *out, struct weir_error *error)
{
    const struct weir_word_vectors *vectors = weir_wordvec_vectors(binding->stage);
    struct applying *applying = binding->state;
    int64_t width = vectors->width;
    float *values = weir_derive_lists(out, data->rows, width, sizeof *values, data);
    if (!values)
        return weir_fail_memory(error);
    memset(values, 0, out->children[0].values.size);
    for (int64_t row = 0; row < data->rows; row++) {
        struct weir_terms terms;
        if (!weir_valid(data, row))
            continue;
        if (weir_splitter_row(applying->splitter, data, &place->type, row, &terms, error) < 0 ||
            make_row(vectors, applying, &terms, values + row * width, error) < 0)
            return -1;
    }
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    (void)reasons;
    const struct weir_wordvec *self = binding->stage->state;
    struct applying *applying = binding->state;
    if (weir_derive_share(&applying->derived, in, out, error) < 0)
        return -1;
    for (size_t i = 0; i < self->columns.count; i++) {
        const struct weir_text_place *place = &applying->places[i];
        if (apply_column(binding, place, &in->columns[place->from], &out->columns[place->to], error) < 0)
            return -1;
    }
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct weir_wordvec *self = binding->stage->state;
    const struct applying *applying = binding->state;
    weir_buffer_format(out, "%zu words of width %d", self->vectors.words.count, self->vectors.width);
    if (self->vectors.gram_count > 0)
        weir_buffer_format(out, " and %zu n-grams", self->vectors.gram_count);
    if (applying->empty > 0)
        weir_buffer_format(out, ", %lld of %lld text%s without a word of them", (long long)applying->empty,
                           (long long)applying->texts, applying->texts == 1 ? "" : "s");
}

const struct weir_stage_kind weir_features_wordvec_kind = {
    .name = "features",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .learn_end = learn_end,
    .merge = merge,
    .save = weir_wordvec_save,
    .restore = weir_wordvec_restore,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
