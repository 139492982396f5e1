/* What the programs share that make terms of texts: their options, and stop words from a file. */
#ifndef WEIR_CMD_TEXT_OPTIONS_H
#define WEIR_CMD_TEXT_OPTIONS_H

#include "stage/vocabulary.h"
#include "stage/words.h"
#include "stage_program.h"

/* Part of a program's struct options, as `struct text_options text;`. */
struct text_options {
    const char *words, *ngrams, *stop_words, *stem;
    bool keep_case;
    int64_t min_length, min_documents, max_features;
    double max_documents;
};

#define TEXT_DEFAULTS                                                                                                  \
    {                                                                                                                  \
        .words = "default", .ngrams = "1", .min_documents = 1, .max_documents = 1                                      \
    }

/* The rows of a program's option table for it. */
#define TEXT_OPTIONS(type)                                                                                             \
    { .name = "words",                                                                                                 \
      .kind = WEIR_OPTION_TEXT,                                                                                        \
      .offset = offsetof(type, text.words),                                                                            \
      .argument = "default|plain|icu",                                                                                 \
      .help = "what a word is",                                                                                        \
      .plan = true },                                                                                                  \
        { .name = "min-length",                                                                                        \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, text.min_length),                                                                   \
          .argument = "N",                                                                                             \
          .help = "drop words of fewer characters",                                                                    \
          .minimum = 1,                                                                                                \
          .maximum = WEIR_MOST_MIN_LENGTH,                                                                             \
          .plan = true },                                                                                              \
        { .name = "keep-case",                                                                                         \
          .kind = WEIR_OPTION_FLAG,                                                                                    \
          .offset = offsetof(type, text.keep_case),                                                                    \
          .help = "leave capitals as they are",                                                                        \
          .plan = true },                                                                                              \
        { .name = "stop-words",                                                                                        \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, text.stop_words),                                                                   \
          .argument = "LANGUAGE|FILE",                                                                                 \
          .help = "drop the function words of a language, or those in a file",                                         \
          .plan = true },                                                                                              \
        { .name = "stem",                                                                                              \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, text.stem),                                                                         \
          .argument = "LANGUAGE",                                                                                      \
          .help = "cut words to their stems",                                                                          \
          .plan = true },                                                                                              \
        { .name = "ngrams",                                                                                            \
          .kind = WEIR_OPTION_TEXT,                                                                                    \
          .offset = offsetof(type, text.ngrams),                                                                       \
          .argument = "N[-M]",                                                                                         \
          .help = "terms of N to M words",                                                                             \
          .plan = true },                                                                                              \
        { .name = "min-documents",                                                                                     \
          .kind = WEIR_OPTION_INTEGER,                                                                                 \
          .offset = offsetof(type, text.min_documents),                                                                \
          .argument = "N",                                                                                             \
          .help = "drop terms that fewer texts hold",                                                                  \
          .minimum = 1,                                                                                                \
          .maximum = 1e15,                                                                                             \
          .plan = true },                                                                                              \
        { .name = "max-documents",                                                                                     \
          .kind = WEIR_OPTION_NUMBER,                                                                                  \
          .offset = offsetof(type, text.max_documents),                                                                \
          .argument = "SHARE",                                                                                         \
          .help = "drop terms that a larger share of the texts holds",                                                 \
          .minimum = 0,                                                                                                \
          .maximum = 1,                                                                                                \
          .plan = true },                                                                                              \
    {                                                                                                                  \
        .name = "max-features", .kind = WEIR_OPTION_INTEGER, .offset = offsetof(type, text.max_features),              \
        .argument = "N", .help = "keep the N terms that occur most often", .minimum = 1, .maximum = WEIR_MOST_TERMS,   \
        .plan = true                                                                                                   \
    }

/* stage_program_run, with the words of a file in the place of its name. */
static inline int text_program_run(struct weir_run *run, const struct text_options *text, struct stage_options *stage,
                                   struct weir_error *error)
{
    json_t *words = NULL, *files = NULL;
    if (text->stop_words && weir_words_read_stop_words(text->stop_words, &words, error) < 0)
        return -1;
    if (words) {
        files = json_pack("{s:o}", "stop-words", words);
        if (!files)
            return weir_fail_memory(error);
    }
    stage->files = files;
    int result = stage_program_run(run, stage, error);
    stage->files = NULL;
    json_decref(files);
    return result;
}

#endif
