/* features: makes features of texts, images, numbers and rows over time. */
#include "stage/features.h"
#include "image_options.h"
#include "text_options.h"
#include "wordvec_options.h"

struct options {
    const char *method, *into;
    struct weir_strings columns;
    struct text_options text;
    struct wordvec_options wordvec;
    struct image_options image;
    int64_t width, seed;
    bool binary, sublinear;
    const char *idf, *norm;
    struct weir_strings statistics, by;
    const char *window, *time, *prefix;
    bool tumbling, before;
    int64_t min_rows, ddof;
    int64_t components, degree, bins;
    const char *distribution;
    struct weir_strings edges;
    bool whiten, interactions_only, equal_width, one_hot;
    int64_t topics, passes, batch, top_words;
    double offset, decay, alpha, eta, held_out;
    struct stage_options stage;
};

static const struct options defaults = { .text = TEXT_DEFAULTS,
                                         .wordvec = WORDVEC_DEFAULTS,
                                         .image = IMAGE_DEFAULTS,
                                         .idf = "smooth",
                                         .min_rows = 1,
                                         .topics = 20,
                                         .passes = 10,
                                         .batch = 256,
                                         .top_words = 10,
                                         .offset = 10,
                                         .decay = 0.7,
                                         .held_out = 0.05,
                                         .distribution = "gaussian",
                                         .degree = 2 };

static const struct weir_option options[] = {
    { .name = "method",
      .letter = 'm',
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, method),
      .argument = "METHOD",
      .help = "what features to make",
      .plan = true },
    { .name = "column",
      .letter = 'c',
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, columns),
      .argument = "COLUMN,...",
      .help = "of these columns",
      .plan = true },
    { .name = "into",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, into),
      .argument = "NAME",
      .help = "put them into a new column, and keep the old ones",
      .plan = true },
    TEXT_OPTIONS(struct options),
    { .name = "binary",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, binary),
      .help = "tfidf, counts, hash: 1 for a term that is there, however often",
      .plan = true },
    { .name = "sublinear",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, sublinear),
      .help = "tfidf, counts, hash: 1 + ln(count) for a count",
      .plan = true },
    { .name = "idf",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, idf),
      .argument = "smooth|plain|none",
      .help = "tfidf: how rare terms weigh more",
      .plan = true },
    { .name = "norm",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, norm),
      .argument = "NORM",
      .help =
          "tfidf, counts, hash: what length each row gets: l2, l1 or none; hog: each block: l1, l1-sqrt, l2, l2-hys",
      .plan = true },
    { .name = "width",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, width),
      .argument = "N",
      .help = "hash: places of a row; wordvec: numbers of a vector",
      .minimum = 1,
      .maximum = 1 << 30,
      .plan = true },
    { .name = "statistics",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, statistics),
      .argument = "NAME,...",
      .help = "row, window: these (mean,deviation,minimum,maximum)",
      .plan = true },
    { .name = "ddof",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, ddof),
      .argument = "N",
      .help = "row, window: 0, a population's deviation, skewness and kurtosis; 1, a sample's",
      .minimum = 0,
      .maximum = 1,
      .plan = true },
    { .name = "prefix",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, prefix),
      .argument = "TEXT",
      .help = "row, window: begin the names of the new columns so (row; window: nothing)",
      .plan = true },
    { .name = "window",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, window),
      .argument = "LENGTH",
      .help =
          "window: the last so many rows, or what lies within 90s, 30m, 12h, 7d or 2w; wordvec: words to each side, 5",
      .plan = true },
    { .name = "tumbling",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, tumbling),
      .help = "window: windows one behind the other, each row's as far as it has come",
      .plan = true },
    { .name = "by",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, by),
      .argument = "COLUMN,...",
      .help = "window: rows that are equal in these columns are one series (those with the role group)",
      .plan = true },
    { .name = "time",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, time),
      .argument = "COLUMN",
      .help = "window: when a row was (the column with the role time)",
      .plan = true },
    { .name = "before",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, before),
      .help = "window: leave the row itself out of its window",
      .plan = true },
    { .name = "min-rows",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, min_rows),
      .argument = "N",
      .help = "window: nothing of fewer values than these",
      .minimum = 1,
      .maximum = 1000000,
      .plan = true },
    WORDVEC_OPTIONS(struct options),
    { .name = "components",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, components),
      .argument = "N",
      .help = "pca, projection: how many numbers come out; 2 and 64 when left out",
      .minimum = 1,
      .maximum = 1 << 16,
      .plan = true },
    { .name = "whiten",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, whiten),
      .help = "pca: bring each component to variance 1",
      .plan = true },
    { .name = "topics",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, topics),
      .argument = "N",
      .help = "lda: how many topics",
      .minimum = 2,
      .maximum = 4096,
      .plan = true },
    { .name = "passes",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, passes),
      .argument = "N",
      .help = "lda: how often all documents are learned from",
      .minimum = 1,
      .maximum = 10000,
      .plan = true },
    { .name = "batch",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, batch),
      .argument = "N",
      .help = "lda: documents of a step",
      .minimum = 1,
      .maximum = 1 << 20,
      .plan = true },
    { .name = "offset",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, offset),
      .argument = "NUMBER",
      .help = "lda: the larger, the less the first steps weigh",
      .minimum = 1,
      .maximum = 1e6,
      .plan = true },
    { .name = "decay",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, decay),
      .argument = "NUMBER",
      .help = "lda: the larger, the sooner later steps weigh less",
      .minimum = 0.5,
      .maximum = 1,
      .plan = true },
    { .name = "alpha",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, alpha),
      .argument = "NUMBER",
      .help = "lda: prior of a document's topics; 1 / topics when left out",
      .minimum = 1e-3,
      .maximum = 1e3,
      .plan = true },
    { .name = "eta",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, eta),
      .argument = "NUMBER",
      .help = "lda: prior of a topic's terms; 1 / topics when left out",
      .minimum = 1e-3,
      .maximum = 1e3,
      .plan = true },
    { .name = "held-out",
      .kind = WEIR_OPTION_NUMBER,
      .offset = offsetof(struct options, held_out),
      .argument = "SHARE",
      .help = "lda: share of the documents that perplexity is measured on",
      .minimum = 0,
      .maximum = 0.9,
      .plan = true },
    { .name = "top-words",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, top_words),
      .argument = "N",
      .help = "lda: terms of each topic that are named and kept",
      .minimum = 1,
      .maximum = 1000,
      .plan = true },
    { .name = "seed",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, seed),
      .argument = "N",
      .help = "wordvec, lda, projection: another number, other random ones",
      .minimum = 0,
      .maximum = 0x1p53,
      .plan = true },
    { .name = "distribution",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, distribution),
      .argument = "gaussian|achlioptas|sparse",
      .help = "projection: what the random numbers are",
      .plan = true },
    { .name = "degree",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, degree),
      .argument = "N",
      .help = "polynomial: products of up to N factors",
      .minimum = 2,
      .maximum = 16,
      .plan = true },
    { .name = "interactions-only",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, interactions_only),
      .help = "polynomial: no column times itself",
      .plan = true },
    { .name = "bins",
      .kind = WEIR_OPTION_INTEGER,
      .offset = offsetof(struct options, bins),
      .argument = "N",
      .help = "bins: how many, of equally many rows (10); colour: parts of a channel's range",
      .minimum = 1,
      .maximum = 1000,
      .plan = true },
    { .name = "equal-width",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, equal_width),
      .help = "bins: all of the same width",
      .plan = true },
    { .name = "edges",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, edges),
      .argument = "NUMBER,...",
      .help = "bins: where each but the first begins",
      .plan = true },
    { .name = "one-hot",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, one_hot),
      .help = "bins: a place for each bin, 1 at its own, instead of its number",
      .plan = true },
    IMAGE_OPTIONS(struct options),
    STAGE_OPTIONS(struct options),
    WEIR_OPTIONS_END,
};

static int begin(struct weir_run *run, struct weir_stage *stage, struct weir_error *error)
{
    return wordvec_begin(&((struct options *)run->options)->wordvec, stage, error);
}

static int show_topics(struct weir_run *run, const struct weir_stage *stage, struct weir_error *error)
{
    const json_t *topics = weir_features_topics(stage);
    for (size_t k = 0; k < json_array_size(topics); k++) {
        const json_t *words = json_array_get(topics, k);
        struct weir_buffer line = { 0 };
        for (size_t i = 0; i < json_array_size(words); i++) {
            const json_t *word = json_array_get(words, i);
            weir_buffer_byte(&line, ' ');
            weir_buffer_escaped(&line, json_string_value(word), json_string_length(word));
        }
        if (weir_buffer_check(&line, error) < 0)
            return -1;
        weir_note(run, "topic %zu:%s", k, line.bytes ? line.bytes : "");
        weir_buffer_release(&line);
    }
    return 0;
}

static int finish(struct weir_run *run, const struct weir_binding *binding, struct weir_error *error)
{
    if (wordvec_finish(run, &((struct options *)run->options)->wordvec, binding->stage, error) < 0)
        return -1;
    return show_topics(run, binding->stage, error);
}

static int run(struct weir_run *run, struct weir_error *error)
{
    struct options *given = run->options;
    if (wordvec_check(run, &given->wordvec, &given->stage, error) < 0)
        return -1;
    given->stage.begin = begin;
    given->stage.finish = finish;
    return text_program_run(run, &given->text, &given->stage, error);
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "features",
        .purpose = "make features of texts, images, numbers and rows over time",
        .operands = "[FILE...]",
        .options = options,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
