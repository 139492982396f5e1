/* Within augment: one image, one text. */
#ifndef WEIR_STAGE_AUGMENT_PRIVATE_H
#define WEIR_STAGE_AUGMENT_PRIVATE_H

#include "base/random.h"
#include "math/image.h"
#include "stage/augment.h"

bool weir_augment_changes_images(const struct weir_augment_options *options);
bool weir_augment_changes_texts(const struct weir_augment_options *options);

/* -1 with the message: the images are smaller than what is cut from them. */
int weir_augment_image_check(const struct weir_augment_options *options, const struct weir_image *image,
                             struct weir_error *error);
/* pixels to out, both [height][width][channels] of the image's type; scratch: as many floats. */
void weir_augment_image(const struct weir_augment_options *options, const struct weir_image *image, const void *pixels,
                        struct weir_random *random, float *scratch, void *out);

/* What a text needs from one to the next. Starts as { 0 }. */
struct weir_augment_words {
    struct weir_augment_word *items;
    size_t count, capacity;
    struct weir_words *rules; /* of scripts without spaces, and what cuts by them; made when first needed */
    struct weir_splitter *splitter;
    struct weir_buffer text;
};
void weir_augment_words_release(struct weir_augment_words *words);
/* The text, of valid UTF-8, into words->text. -1: out of memory, or a library is not there. */
int weir_augment_text(const struct weir_augment_options *options, const char *text, size_t length,
                      struct weir_random *random, struct weir_augment_words *words, struct weir_error *error);

#endif
