/* Rows made of others: images turned, shifted and changed, texts with words exchanged, left out and mistyped.
 *
 * Each row is followed by its copies (or gives way to them). A column "augmented" (bool, role split) says which rows
 * were made, and where there is no column with the role group, "origin" (int64, role group) is the number, from 0, of
 * the row of the input that a row comes from: `train` never validates with a made row, and never learns from the copies
 * of a row that it validates with. Rows that a text column with the role split says are not for training have no
 * copies.
 *
 * What becomes of a copy depends on the seed, the row's number and the copy's alone. */
#ifndef WEIR_STAGE_AUGMENT_H
#define WEIR_STAGE_AUGMENT_H

#include "base/json.h"
#include "stream/filter.h"

#define WEIR_AUGMENTED "augmented"
#define WEIR_ORIGIN    "origin"

/* The column "augmented" where it is that mark, or -1. */
int weir_made_column(const struct weir_schema *schema);

struct weir_augment_options {
    int64_t copies;
    bool replace; /* only the copies come out */
    /* images; white is 255 in bytes, 1 in floats */
    bool flip_horizontal, flip_vertical;  /* each in half of the copies */
    int64_t crop_width, crop_height, pad; /* pixels; crop: as the step's "crop" says */
    int64_t shift;                        /* pixels, at most, in each direction */
    double rotate;                        /* degrees, at most, in each direction */
    double brightness;                    /* a share of white, at most, is added or taken away */
    double contrast;                      /* the distance from the mean is multiplied by 1 - contrast .. 1 + contrast */
    double noise;                         /* deviation, as a share of white */
    bool zero;                            /* 0 beyond the edge; else the nearest pixel */
    /* texts: probabilities */
    double swap, drop_words, typo;
    uint64_t seed;
};

/* A filter for the program `augment`. step: what the plan records (a step that is not replayed); stolen. Its "column"
 * lists the columns that copies change; without it all that fit are. */
int weir_augment_filter(struct weir_filter *filter, const struct weir_augment_options *options, json_t *step,
                        struct weir_error *error);
void weir_augment_filter_release(struct weir_filter *filter);

#endif
