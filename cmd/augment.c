/* augment: makes more rows to learn from out of those that there are. */
#include "stage/augment.h"
#include "cli/stream_io.h"
#include "stage/options.h"
#include "step.h"

struct options {
    struct weir_strings columns, flips;
    int64_t copies, pad, shift;
    double rotate, brightness, contrast, noise, swap, drop_words, typo;
    const char *crop, *fill;
    bool replace;
};

static const struct options defaults = { .copies = 1, .fill = "edge" };

static const char *const fills[] = { "edge", "zero", NULL };

#define NUMBER(long_name, member, placeholder, text, least, most)                                                      \
    {                                                                                                                  \
        .name = long_name, .kind = WEIR_OPTION_NUMBER, .offset = offsetof(struct options, member),                     \
        .argument = placeholder, .help = text, .minimum = least, .maximum = most, .plan = true                         \
    }
#define INTEGER(long_name, member, placeholder, text, least, most)                                                     \
    {                                                                                                                  \
        .name = long_name, .kind = WEIR_OPTION_INTEGER, .offset = offsetof(struct options, member),                    \
        .argument = placeholder, .help = text, .minimum = least, .maximum = most, .plan = true                         \
    }

static const struct weir_option table[] = {
    { .name = "column",
      .letter = 'c',
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, columns),
      .argument = "COLUMN,...",
      .help = "only these columns",
      .plan = true },
    INTEGER("copies", copies, "N", "rows that are made of each", 1, 1000),
    { .name = "replace",
      .kind = WEIR_OPTION_FLAG,
      .offset = offsetof(struct options, replace),
      .help = "only the rows that are made",
      .plan = true },
    { .name = "flip",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, flips),
      .argument = "DIRECTION,...",
      .help = "images: half of them mirrored: horizontal, vertical",
      .plan = true },
    { .name = "crop",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, crop),
      .argument = "WIDTHxHEIGHT",
      .help = "images: a part of this size, brought to the image's size",
      .plan = true },
    INTEGER("pad", pad, "PIXELS", "images: so much around them, to crop from", 0, 65535),
    INTEGER("shift", shift, "PIXELS", "images: by so much at most, in each direction", 1, 65535),
    NUMBER("rotate", rotate, "DEGREES", "images: by so much at most, either way", 0, 180),
    NUMBER("brightness", brightness, "SHARE", "images: so much of white at most is added or taken away", 0, 1),
    NUMBER("contrast", contrast, "SHARE", "images: so much more or less at most", 0, 1),
    NUMBER("noise", noise, "SHARE", "images: deviation of the noise, as a share of white", 0, 1),
    { .name = "fill",
      .kind = WEIR_OPTION_CHOICE,
      .offset = offsetof(struct options, fill),
      .argument = "WHAT",
      .help = "images: what lies beyond their edge",
      .choices = fills,
      .plan = true },
    NUMBER("swap", swap, "P", "texts: probability that a word and the next change places", 0, 1),
    NUMBER("drop-words", drop_words, "P", "texts: probability that a word is left out", 0, 1),
    NUMBER("typo", typo, "P", "texts: probability that a character is mistyped", 0, 1),
    WEIR_OPTIONS_END
};

static int read_flips(const struct weir_strings *flips, struct weir_augment_options *how, struct weir_error *error)
{
    for (size_t i = 0; i < flips->count; i++) {
        const char *flip = flips->items[i];
        bool horizontal = strcmp(flip, "horizontal") == 0;
        if (!horizontal && strcmp(flip, "vertical") != 0)
            return weir_fail(error, WEIR_USAGE, "option '--flip' takes horizontal and vertical, not %s",
                             WEIR_SHOW(flip));
        *(horizontal ? &how->flip_horizontal : &how->flip_vertical) = true;
    }
    return 0;
}

static int run(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct weir_augment_options how = { .copies = options->copies,
                                        .replace = options->replace,
                                        .pad = options->pad,
                                        .shift = options->shift,
                                        .rotate = options->rotate,
                                        .brightness = options->brightness,
                                        .contrast = options->contrast,
                                        .noise = options->noise,
                                        .zero = strcmp(options->fill, "zero") == 0,
                                        .swap = options->swap,
                                        .drop_words = options->drop_words,
                                        .typo = options->typo,
                                        .seed = run->seed };
    struct weir_filter filter = { 0 };
    if (read_flips(&options->flips, &how, error) < 0)
        return -1;
    if (options->pad > 0 && !options->crop)
        return weir_fail(error, WEIR_USAGE, "--pad is what --crop cuts from, which is not given");
    if (weir_strings_contain(&run->given, "fill") && !options->crop && options->shift == 0 && options->rotate == 0)
        return weir_fail(error, WEIR_USAGE, "--fill has no effect without --crop, --shift or --rotate");
    int result = weir_augment_filter(&filter, &how, step_with_seed(run), error);
    if (result == 0)
        result = weir_filter_run(run, &filter, error);
    weir_augment_filter_release(&filter);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "augment",
        .purpose = "make more rows to learn from out of those that there are",
        .operands = "[FILE...]",
        .options = table,
        .options_size = sizeof(struct options),
        .defaults = &defaults,
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_TAKES_SEED | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
