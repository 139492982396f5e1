/* features --method sobel: how strong the edge is at each pixel (math/image_gradient.h). */
#include "math/image_gradient.h"
#include "stage/features.h"
#include "stage/features_image.h"

static int plan_edges(struct weir_image_plan *plan, struct weir_error *error)
{
    (void)error;
    plan->rank = 2;
    plan->shape[0] = plan->image.height;
    plan->shape[1] = plan->image.width;
    plan->scratch = weir_image_sobel_scratch(&plan->image) / 2 + 1;
    return 0;
}

static void work(const struct weir_image_plan *plan, const void *pixels, double *scratch, void *out)
{
    weir_image_sobel(&plan->image, pixels, (float *)scratch, out);
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const options[] = { NULL };
    static const struct weir_image_method method = { options, 1, NULL, plan_edges, work };
    return weir_image_features_create(stage, &method, error);
}

const struct weir_stage_kind weir_features_sobel_kind = WEIR_IMAGE_FEATURES_KIND(create);
