#include "stage/features.h"
#include "stage/kinds.h"
#include "stage/options.h"

static const struct member {
    const char *method;
    const struct weir_stage_kind *kind;
} members[] = {
    { "tfidf", &weir_features_tfidf_kind },
    { "counts", &weir_features_counts_kind },
    { "hash", &weir_features_hash_kind },
    { "wordvec", &weir_features_wordvec_kind },
    { "lda", &weir_features_lda_kind },
    { "hog", &weir_features_hog_kind },
    { "lbp", &weir_features_lbp_kind },
    { "glcm", &weir_features_glcm_kind },
    { "sobel", &weir_features_sobel_kind },
    { "canny", &weir_features_canny_kind },
    { "hu", &weir_features_hu_kind },
    { "colour", &weir_features_colour_kind },
    { "pca", &weir_features_pca_kind },
    { "projection", &weir_features_projection_kind },
    { "polynomial", &weir_features_polynomial_kind },
    { "bins", &weir_features_bins_kind },
    { "row", &weir_features_row_kind },
    { "window", &weir_features_window_kind },
};
enum { MEMBERS = sizeof members / sizeof *members };

const struct weir_stage_kind *weir_features_member(size_t i)
{
    return i < MEMBERS ? members[i].kind : NULL;
}

const char *weir_features_method(size_t i)
{
    return i < MEMBERS ? members[i].method : NULL;
}

static const struct weir_stage_kind *choose(const json_t *options, struct weir_error *error)
{
    const char *methods[MEMBERS + 1] = { NULL };
    int method;
    for (int i = 0; i < MEMBERS; i++)
        methods[i] = members[i].method;
    if (weir_option_choice(options, "method", methods, -1, &method, error) < 0)
        return NULL;
    if (method >= 0)
        return members[method].kind;
    weir_fail(error, WEIR_USAGE, "--method is needed: what features to make");
    return NULL;
}

const struct weir_stage_kind weir_features_kind = { .name = "features", .choose = choose };
