/* What the methods of `features` for images share: a method says what it makes of one image, and the rest is done here.
 *
 * An image is a tensor column of uint8 or float32, [height, width] or [height, width, channels] (math/image.h). What is
 * made of it takes its column's place, or stands in a new column (option "into"). A null stays a null. A pixel that is
 * missing, NaN, infinite, or so large that what is made of it is no number, is an error, or, in a replay, the row's
 * reason. The images of a batch are divided among threads; none knows of another. Nothing is learned but which columns
 * there were. */
#ifndef WEIR_STAGE_FEATURES_IMAGE_H
#define WEIR_STAGE_FEATURES_IMAGE_H

#include "math/image.h"
#include "stage/stage.h"

/* What becomes of images of one size. */
struct weir_image_plan {
    const void *settings;
    struct weir_image image;
    enum weir_kind kind; /* uint8, uint32 or float32 */
    int rank;            /* 0: a fixed list of shape[0] */
    int64_t shape[3];
    size_t scratch; /* doubles that `work` is given */
    void *table;    /* what images of one size share; freed with free() */
};

struct weir_image_method {
    const char *const *options; /* beside method, column and into; NULL-ended */
    size_t settings_size;
    /* The options into *settings, which is zeros. NULL: there are none. */
    int (*read)(const json_t *options, void *settings, struct weir_error *error);
    /* settings and image are set: the rest, kind float32 and rank 0 unless it says otherwise. Images that are too small
     * are an error (WEIR_BAD_DATA) that names sizes, not the column. */
    int (*plan)(struct weir_image_plan *plan, struct weir_error *error);
    /* One image, out[shape]; by several threads at once, each with a scratch memory of its own. */
    void (*work)(const struct weir_image_plan *plan, const void *pixels, double *scratch, void *out);
};

/* The functions of a kind; a member's own `create` names its method. */
int weir_image_features_create(struct weir_stage *stage, const struct weir_image_method *method,
                               struct weir_error *error);
void weir_image_features_destroy(struct weir_stage *stage);
int weir_image_features_learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error);
int weir_image_features_learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error);
int weir_image_features_merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error);
int weir_image_features_save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs,
                             struct weir_error *error);
int weir_image_features_restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                                struct weir_error *error);
int weir_image_features_bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error);
int weir_image_features_apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                              struct weir_reasons *reasons, struct weir_error *error);
void weir_image_features_unbind(struct weir_binding *binding);

#define WEIR_IMAGE_FEATURES_KIND(own_create)                                                                           \
    {                                                                                                                  \
        .name = "features", .version = 1, .replay = WEIR_REPLAY_APPLY, .create = own_create,                           \
        .destroy = weir_image_features_destroy, .learn_begin = weir_image_features_learn_begin,                        \
        .learn = weir_image_features_learn, .merge = weir_image_features_merge, .save = weir_image_features_save,      \
        .restore = weir_image_features_restore, .bind = weir_image_features_bind, .apply = weir_image_features_apply,  \
        .unbind = weir_image_features_unbind                                                                           \
    }

#endif
