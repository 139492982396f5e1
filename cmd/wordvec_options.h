/* The options of `features --method wordvec`, and the files of word vectors that they name. */
#ifndef WEIR_CMD_WORDVEC_OPTIONS_H
#define WEIR_CMD_WORDVEC_OPTIONS_H

#include "cli/message.h"
#include "stage/word_vectors.h"
#include "stage_program.h"
#include <fcntl.h>
#include <unistd.h>

/* Part of a program's struct options, as `struct wordvec_options wordvec;`. */
struct wordvec_options {
    const char *architecture, *subwords, *unknown, *vectors, *save_vectors;
    int64_t negative, epochs, min_count, buckets;
    double learning_rate, sample;
    bool hogwild;
    struct weir_strings nearest;
};

#define WORDVEC_DEFAULTS                                                                                               \
    {                                                                                                                  \
        .architecture = "skipgram", .subwords = "3-6", .unknown = "skip", .negative = 5, .epochs = 5, .min_count = 5,  \
        .buckets = 2000000, .learning_rate = 0.05, .sample = 1e-4                                                      \
    }

/* The rows of a program's option table for it. */
#define WORDVEC_OPTIONS(type)                                                                                          \
    { .name = "architecture",                                                                                          \
      .kind = WEIR_OPTION_TEXT,                                                                                        \
      .offset = offsetof(type, wordvec.architecture),                                                                  \
      .argument = "skipgram|cbow",                                                                                     \
      .help = "wordvec: foretell the words around one, or one of those around it",                                     \
      .plan = true },                                                                                                  \
        { .name = "negative",                                                                                          \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, wordvec.negative),                                                                  \
          .argument = "N",                                                                                             \
          .help = "wordvec: words drawn for each that is there",                                                       \
          .minimum = 1,                                                                                                \
          .maximum = 50,                                                                                               \
          .plan = true },                                                                                              \
        { .name = "epochs",                                                                                            \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, wordvec.epochs),                                                                    \
          .argument = "N",                                                                                             \
          .help = "wordvec: passes over the texts",                                                                    \
          .minimum = 1,                                                                                                \
          .maximum = 10000,                                                                                            \
          .plan = true },                                                                                              \
        { .name = "learning-rate",                                                                                     \
          .kind = WEIR_OPTION_NUMBER,                                                                                  \
          .offset = offsetof(type, wordvec.learning_rate),                                                             \
          .argument = "NUMBER",                                                                                        \
          .help = "wordvec: length of the first step; the last is 0",                                                  \
          .minimum = 1e-9,                                                                                             \
          .maximum = 100,                                                                                              \
          .plan = true },                                                                                              \
        { .name = "min-count",                                                                                         \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, wordvec.min_count),                                                                 \
          .argument = "N",                                                                                             \
          .help = "wordvec: drop words that stand in the texts fewer times",                                           \
          .minimum = 1,                                                                                                \
          .maximum = 1e9,                                                                                              \
          .plan = true },                                                                                              \
        { .name = "sample",                                                                                            \
          .kind = WEIR_OPTION_NUMBER,                                                                                  \
          .offset = offsetof(type, wordvec.sample),                                                                    \
          .argument = "SHARE",                                                                                         \
          .help = "wordvec: pass over some of the words that are a larger share of all; 0: none",                      \
          .minimum = 0,                                                                                                \
          .maximum = 1,                                                                                                \
          .plan = true },                                                                                              \
        { .name = "subwords",                                                                                          \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, wordvec.subwords),                                                                  \
          .argument = "N-M",                                                                                           \
          .help = "wordvec: a word is also its runs of N to M characters; 0: it is not",                               \
          .plan = true },                                                                                              \
        { .name = "buckets",                                                                                           \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, wordvec.buckets),                                                                   \
          .argument = "N",                                                                                             \
          .help = "wordvec: vectors that the runs of characters share by their hash",                                  \
          .minimum = 1,                                                                                                \
          .maximum = WEIR_MOST_BUCKETS,                                                                                \
          .plan = true },                                                                                              \
        { .name = "unknown",                                                                                           \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, wordvec.unknown),                                                                   \
          .argument = "skip|subwords",                                                                                 \
          .help = "wordvec: pass over words that were not learned, or make them of their runs",                        \
          .plan = true },                                                                                              \
        { .name = "hogwild",                                                                                           \
          .kind = WEIR_OPTION_FLAG,                                                                                    \
          .offset = offsetof(type, wordvec.hogwild),                                                                   \
          .help = "wordvec: all threads learn at once; a seed is no longer one result",                                \
          .plan = true },                                                                                              \
        { .name = "vectors",                                                                                           \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, wordvec.vectors),                                                                   \
          .argument = "FILE",                                                                                          \
          .help = "wordvec: learn nothing; take the words' vectors of a file of word2vec, fastText or GloVe" },        \
        { .name = "save-vectors",                                                                                      \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, wordvec.save_vectors),                                                              \
          .argument = "FILE",                                                                                          \
          .help = "wordvec: write the words' vectors to FILE, as word2vec does" },                                     \
    {                                                                                                                  \
        .name = "nearest", .kind = WEIR_OPTION_LIST, .offset = offsetof(type, wordvec.nearest),                        \
        .argument = "WORD,...", .help = "wordvec: tell the ten words nearest to each on standard error"                \
    }

/* Before the stage is made. */
static inline int wordvec_check(const struct weir_run *run, const struct wordvec_options *options,
                                const struct stage_options *stage, struct weir_error *error)
{
    if (options->vectors && (stage->state || stage->merge))
        return weir_fail(error, WEIR_USAGE, "--vectors cannot stand beside --%s: the state holds vectors",
                         stage->merge ? "merge" : "state");
    if (stage->merge && (options->save_vectors || options->nearest.count > 0))
        return weir_fail(error, WEIR_USAGE, "--%s cannot stand beside --merge, which reads no stream",
                         options->save_vectors ? "save-vectors" : "nearest");
    const struct weir_named_file files[] = { { "save-vectors", options->save_vectors },
                                             { "save-state", stage->save_state } };
    return weir_run_check_files(run, "the stream", files, sizeof files / sizeof *files, error);
}

/* When the stage is made. */
static inline int wordvec_begin(const struct wordvec_options *options, struct weir_stage *stage,
                                struct weir_error *error)
{
    const char *asked = options->vectors             ? "vectors"
                        : options->save_vectors      ? "save-vectors"
                        : options->nearest.count > 0 ? "nearest"
                                                     : NULL;
    if (asked && !weir_wordvec_vectors(stage))
        return weir_fail(error, WEIR_USAGE, "--%s is for --method wordvec", asked);
    if (!options->vectors)
        return 0;
    int descriptor = open(options->vectors, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return weir_fail_errno(error, WEIR_NO_INPUT, "cannot open '%s'", options->vectors);
    int result = weir_wordvec_read(stage, descriptor, options->vectors, error);
    close(descriptor);
    return result;
}

static inline int wordvec_write(const struct weir_word_vectors *vectors, const char *path, struct weir_error *error)
{
    struct weir_output output;
    if (weir_output_open(&output, path, error) < 0)
        return -1;
    if (weir_word_vectors_write(vectors, output.descriptor, error) < 0) {
        weir_output_abandon(&output);
        return weir_fail_in(error, "%s", path);
    }
    return weir_output_commit(&output, error);
}

/* "NAME: king: queen 0.81, prince 0.77" */
static inline int wordvec_tell_nearest(const struct weir_run *run, const struct weir_word_vectors *vectors,
                                       const char *word, struct weir_error *error)
{
    enum { TOLD = 10 };
    uint32_t index[TOLD];
    double cosine[TOLD];
    size_t count, length;
    if (weir_word_vectors_nearest(vectors, word, strlen(word), TOLD, index, cosine, &count, error) < 0)
        return -1;
    struct weir_buffer text = { 0 };
    weir_buffer_format(&text, "%s:%s", word, count ? "" : " it has no vector");
    for (size_t i = 0; i < count; i++) {
        const char *near = weir_word_of(vectors, index[i], &length);
        weir_buffer_format(&text, "%s %.*s %.2f", i ? "," : "", (int)length, near, cosine[i]);
    }
    int result = weir_buffer_check(&text, error);
    if (result == 0)
        weir_message(run->program->name, text.bytes);
    weir_buffer_release(&text);
    return result;
}

/* When the output is complete. */
static inline int wordvec_finish(const struct weir_run *run, const struct wordvec_options *options,
                                 const struct weir_stage *stage, struct weir_error *error)
{
    const struct weir_word_vectors *vectors = weir_wordvec_vectors(stage);
    if (!vectors)
        return 0;
    if (options->save_vectors && wordvec_write(vectors, options->save_vectors, error) < 0)
        return -1;
    for (size_t i = 0; i < options->nearest.count; i++)
        if (wordvec_tell_nearest(run, vectors, options->nearest.items[i], error) < 0)
            return -1;
    return 0;
}

#endif
