/* features: makes features of texts, images, numbers and rows over time. */
#include "image_options.h"
#include "text_options.h"

struct options {
    const char *method, *into;
    struct weir_strings columns;
    struct text_options text;
    struct image_options image;
    int64_t width;
    bool binary, sublinear;
    const char *idf, *norm;
    struct stage_options stage;
};

static const struct options defaults = {
    .text = TEXT_DEFAULTS, .image = IMAGE_DEFAULTS, .idf = "smooth", .width = 1 << 18
};

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
      .help = "hash: places of a row",
      .minimum = 1,
      .maximum = 1 << 30,
      .plan = true },
    IMAGE_OPTIONS(struct options),
    STAGE_OPTIONS(struct options),
    WEIR_OPTIONS_END,
};

static int run(struct weir_run *run, struct weir_error *error)
{
    struct options *given = run->options;
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
