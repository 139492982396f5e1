/* features --method hu: Hu's seven moments (math/image_moments.h); with the option "log" each h as -sign(h) log10 |h|,
 * and 0 as 0. */
#include "math/image_moments.h"
#include "stage/features.h"
#include "stage/features_image.h"
#include "stage/options.h"
#include <math.h>

struct settings {
    bool log;
};

static int read(const json_t *options, void *settings, struct weir_error *error)
{
    return weir_option_flag(options, "log", &((struct settings *)settings)->log, error);
}

static int plan_moments(struct weir_image_plan *plan, struct weir_error *error)
{
    (void)error;
    plan->shape[0] = WEIR_HU_MOMENTS;
    plan->scratch = (size_t)(plan->image.height * plan->image.width) / 2 + 1;
    return 0;
}

static void work(const struct weir_image_plan *plan, const void *pixels, double *scratch, void *out)
{
    const struct settings *settings = plan->settings;
    float *gray = (float *)scratch, *to = out;
    double moments[WEIR_HU_MOMENTS];
    weir_image_gray(&plan->image, pixels, gray, plan->image.width);
    weir_hu_moments(gray, plan->image.height, plan->image.width, moments);
    for (int i = 0; i < WEIR_HU_MOMENTS; i++) {
        double h = moments[i];
        if (settings->log && h != 0)
            h = h > 0 ? -log10(h) : log10(-h);
        to[i] = (float)h;
    }
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const options[] = { "log", NULL };
    static const struct weir_image_method method = { options, sizeof(struct settings), read, plan_moments, work };
    return weir_image_features_create(stage, &method, error);
}

const struct weir_stage_kind weir_features_hu_kind = WEIR_IMAGE_FEATURES_KIND(create);
