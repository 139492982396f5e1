/* features --method canny: 1 where an edge is, 0 elsewhere (math/image_canny.h). Floats: they are no pixels, which
 * `normalize` would divide by 255. */
#include "math/image_canny.h"
#include "stage/features.h"
#include "stage/features_image.h"
#include "stage/options.h"

static int read(const json_t *options, void *settings, struct weir_error *error)
{
    double sigma = 1, low = 0.1, high = 0.2;
    if (weir_option_number(options, "sigma", 0, 16, &sigma, error) < 0 ||
        weir_option_number(options, "low", 0, 16, &low, error) < 0 ||
        weir_option_number(options, "high", 0, 16, &high, error) < 0)
        return -1;
    if (low > high)
        return weir_fail(error, WEIR_USAGE, "--low %g is above --high %g", low, high);
    weir_canny_init(settings, sigma, low, high);
    return 0;
}

static int plan_edges(struct weir_image_plan *plan, struct weir_error *error)
{
    const struct weir_image *image = &plan->image;
    plan->rank = 2;
    plan->shape[0] = image->height;
    plan->shape[1] = image->width;
    plan->scratch = weir_image_canny_scratch(plan->settings, image);
    double *scratch = weir_allocate(plan->scratch, sizeof *scratch);
    plan->table = weir_allocate((size_t)(image->height * image->width), sizeof(double));
    if (scratch && plan->table)
        weir_canny_shares(plan->settings, image, scratch, plan->table);
    free(scratch);
    return scratch && plan->table ? 0 : weir_fail_memory(error);
}

static void work(const struct weir_image_plan *plan, const void *pixels, double *scratch, void *out)
{
    weir_image_canny(plan->settings, &plan->image, plan->table, pixels, scratch, out);
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const options[] = { "sigma", "low", "high", NULL };
    static const struct weir_image_method method = { options, sizeof(struct weir_canny), read, plan_edges, work };
    return weir_image_features_create(stage, &method, error);
}

const struct weir_stage_kind weir_features_canny_kind = WEIR_IMAGE_FEATURES_KIND(create);
