/* features --method hog: histograms of oriented gradients (math/image_hog.h). */
#include "math/image_hog.h"
#include "stage/features.h"
#include "stage/features_image.h"
#include "stage/options.h"

static int read(const json_t *options, void *settings, struct weir_error *error)
{
    static const char *const norms[] = { "l1", "l1-sqrt", "l2", "l2-hys", NULL };
    struct weir_hog *hog = settings;
    *hog = (struct weir_hog){ 8, 8, 2, 2, 9, WEIR_HOG_L2_HYS };
    int64_t orientations = hog->orientations;
    int norm;
    if (weir_option_size(options, "cell", &hog->cell_width, &hog->cell_height, error) < 0 ||
        weir_option_size(options, "block", &hog->block_width, &hog->block_height, error) < 0 ||
        weir_option_integer(options, "orientations", 1, WEIR_HOG_ORIENTATIONS, &orientations, error) < 0 ||
        weir_option_choice(options, "norm", norms, WEIR_HOG_L2_HYS, &norm, error) < 0)
        return -1;
    hog->orientations = (int)orientations;
    hog->norm = (enum weir_hog_norm)norm;
    return 0;
}

static int plan_blocks(struct weir_image_plan *plan, struct weir_error *error)
{
    const struct weir_hog *hog = plan->settings;
    int64_t across, down;
    weir_hog_blocks(hog, &plan->image, &across, &down);
    if (across < 1 || down < 1)
        return weir_fail(error, WEIR_BAD_DATA,
                         "images of %lldx%lld are smaller than a block of %lldx%lld cells of %lldx%lld pixels: take a "
                         "smaller --cell or --block, or load them larger (--size)",
                         (long long)plan->image.width, (long long)plan->image.height, (long long)hog->block_width,
                         (long long)hog->block_height, (long long)hog->cell_width, (long long)hog->cell_height);
    plan->shape[0] = across * down * hog->block_width * hog->block_height * hog->orientations;
    plan->scratch = weir_image_hog_scratch(hog, &plan->image);
    return 0;
}

static void work(const struct weir_image_plan *plan, const void *pixels, double *scratch, void *out)
{
    weir_image_hog(plan->settings, &plan->image, pixels, scratch, out);
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const options[] = { "cell", "block", "orientations", "norm", NULL };
    static const struct weir_image_method method = { options, sizeof(struct weir_hog), read, plan_blocks, work };
    return weir_image_features_create(stage, &method, error);
}

const struct weir_stage_kind weir_features_hog_kind = WEIR_IMAGE_FEATURES_KIND(create);
