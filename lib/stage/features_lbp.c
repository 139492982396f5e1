/* features --method lbp: the shares of the local binary patterns (math/image_lbp.h), or the pattern at each pixel. */
#include "math/image_lbp.h"
#include "stage/features.h"
#include "stage/features_image.h"
#include "stage/options.h"

enum { HISTOGRAM_POINTS = 12, LANES = 4 };

struct settings {
    struct weir_lbp lbp;
    bool codes;
};

static int read(const json_t *options, void *out, struct weir_error *error)
{
    static const char *const patterns[] = { "default", "ror", "uniform", NULL };
    struct settings *settings = out;
    int64_t points = 8;
    double radius = 1;
    int pattern;
    if (weir_option_integer(options, "points", 1, WEIR_LBP_POINTS, &points, error) < 0 ||
        weir_option_number(options, "radius", 0.1, WEIR_LBP_RADIUS, &radius, error) < 0 ||
        weir_option_choice(options, "pattern", patterns, WEIR_LBP_UNIFORM, &pattern, error) < 0 ||
        weir_option_flag(options, "codes", &settings->codes, error) < 0)
        return -1;
    if (!settings->codes && pattern != WEIR_LBP_UNIFORM && points > HISTOGRAM_POINTS)
        return weir_fail(
            error, WEIR_USAGE,
            "a histogram of the patterns '%s' takes at most %d --points: take --pattern uniform or --codes",
            patterns[pattern], HISTOGRAM_POINTS);
    weir_lbp_init(&settings->lbp, (int)points, radius, (enum weir_lbp_pattern)pattern);
    return 0;
}

static int plan_patterns(struct weir_image_plan *plan, struct weir_error *error)
{
    (void)error;
    const struct settings *settings = plan->settings;
    const struct weir_image *image = &plan->image;
    int64_t codes = weir_lbp_codes(&settings->lbp), pixels = image->height * image->width;
    size_t scratch = weir_image_lbp_scratch(&settings->lbp, image),
           counts = settings->codes ? 0 : LANES * (size_t)codes / 2;
    plan->scratch =
        (size_t)pixels / 2 + 1 + (scratch > counts ? scratch : counts); /* the codes; the pattern, then counts */
    if (!settings->codes) {
        plan->shape[0] = codes;
        return 0;
    }
    plan->kind = codes <= 256 ? WEIR_UINT8 : WEIR_UINT32;
    plan->rank = 2;
    plan->shape[0] = image->height;
    plan->shape[1] = image->width;
    return 0;
}

/* Four counts of each code, so that none waits for the one before where codes repeat. */
static void count_shares(const uint32_t *codes, int64_t count, int64_t kinds, uint32_t *counts, float *shares)
{
    memset(counts, 0, (size_t)(LANES * kinds) * sizeof *counts);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int64_t lane = 0; lane < LANES; lane++)
            counts[lane * kinds + codes[i + lane]]++;
    for (; i < count; i++)
        counts[codes[i]]++;
    for (int64_t code = 0; code < kinds; code++) {
        uint32_t sum = 0;
        for (int64_t lane = 0; lane < LANES; lane++)
            sum += counts[lane * kinds + code];
        shares[code] = (float)(sum / (double)count);
    }
}

static void work(const struct weir_image_plan *plan, const void *pixels, double *scratch, void *out)
{
    const struct settings *settings = plan->settings;
    int64_t count = plan->image.height * plan->image.width;
    uint32_t *codes = plan->kind == WEIR_UINT32 ? out : (uint32_t *)(void *)scratch;
    double *rest = scratch + count / 2 + 1;
    weir_image_lbp(&settings->lbp, &plan->image, pixels, rest, codes);
    uint8_t *bytes = out;
    if (plan->kind == WEIR_FLOAT32)
        count_shares(codes, count, plan->shape[0], (uint32_t *)(void *)rest, out);
    for (int64_t i = 0; plan->kind == WEIR_UINT8 && i < count; i++)
        bytes[i] = (uint8_t)codes[i];
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const options[] = { "points", "radius", "pattern", "codes", NULL };
    static const struct weir_image_method method = { options, sizeof(struct settings), read, plan_patterns, work };
    return weir_image_features_create(stage, &method, error);
}

const struct weir_stage_kind weir_features_lbp_kind = WEIR_IMAGE_FEATURES_KIND(create);
