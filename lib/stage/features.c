#include "stage/features.h"
#include "stage/kinds.h"
#include "stage/options.h"

const struct weir_stage_kind *const weir_features_members[] = {
    &weir_features_tfidf_kind,
    &weir_features_counts_kind,
    &weir_features_hash_kind,
    &weir_features_hog_kind,
    &weir_features_lbp_kind,
    &weir_features_glcm_kind,
    &weir_features_sobel_kind,
    &weir_features_canny_kind,
    &weir_features_hu_kind,
    &weir_features_colour_kind,
    NULL,
};
const char *const weir_features_methods[] = {
    "tfidf", "counts", "hash", "hog", "lbp", "glcm", "sobel", "canny", "hu", "colour", NULL,
};

static const struct weir_stage_kind *choose(const json_t *options, struct weir_error *error)
{
    int method;
    if (weir_option_choice(options, "method", weir_features_methods, -1, &method, error) < 0)
        return NULL;
    if (method >= 0)
        return weir_features_members[method];
    weir_fail(error, WEIR_USAGE, "--method is needed: what features to make");
    return NULL;
}

const struct weir_stage_kind weir_features_kind = { .name = "features", .choose = choose };
