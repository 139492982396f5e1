/* features --method colour: histograms of the channels, or of all of them together (math/image_colour.h). */
#include "math/image_colour.h"
#include "stage/features.h"
#include "stage/features_image.h"
#include "stage/options.h"

enum { JOINT_BINS = 32 };

struct settings {
    int64_t bins;
    bool joint;
};

static int read(const json_t *options, void *out, struct weir_error *error)
{
    struct settings *settings = out;
    if (weir_option_flag(options, "joint", &settings->joint, error) < 0)
        return -1;
    settings->bins = settings->joint ? 4 : 16;
    return weir_option_integer(options, "bins", 1, settings->joint ? JOINT_BINS : WEIR_COLOUR_BINS, &settings->bins,
                               error);
}

static int plan_histograms(struct weir_image_plan *plan, struct weir_error *error)
{
    (void)error;
    const struct settings *settings = plan->settings;
    int channels = weir_colour_channels(&plan->image);
    plan->shape[0] = settings->bins * (settings->joint ? 1 : channels);
    for (int c = 1; settings->joint && c < channels; c++)
        plan->shape[0] *= settings->bins;
    return 0;
}

static void work(const struct weir_image_plan *plan, const void *pixels, double *scratch, void *out)
{
    (void)scratch;
    const struct settings *settings = plan->settings;
    if (settings->joint)
        weir_colour_joint(&plan->image, pixels, (int)settings->bins, out);
    else
        weir_colour_histograms(&plan->image, pixels, (int)settings->bins, out);
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const options[] = { "bins", "joint", NULL };
    static const struct weir_image_method method = { options, sizeof(struct settings), read, plan_histograms, work };
    return weir_image_features_create(stage, &method, error);
}

const struct weir_stage_kind weir_features_colour_kind = WEIR_IMAGE_FEATURES_KIND(create);
