/* features --method glcm: properties of the co-occurrence of grey levels (math/image_cooccurrence.h), of each distance
 * and angle. */
#include "base/number.h"
#include "math/image_cooccurrence.h"
#include "stage/features.h"
#include "stage/features_image.h"
#include "stage/options.h"
#include <math.h>

enum { MOST = 16 };

struct settings {
    int64_t levels;
    double distances[MOST], angles[MOST];
    size_t distance_count, angle_count;
};

static int read_numbers(const json_t *options, const char *name, double minimum, double maximum, double *numbers,
                        size_t *count, struct weir_error *error)
{
    const json_t *list;
    if (weir_option_list(options, name, &list, error) < 0)
        return -1;
    if (!list)
        return 0;
    *count = weir_option_items(list);
    if (*count < 1 || *count > MOST)
        return weir_fail(error, WEIR_USAGE, "option '--%s' takes 1 to %d numbers, not %zu", name, MOST, *count);
    for (size_t i = 0; i < *count; i++) {
        const char *text = weir_option_item(list, i);
        if (!weir_parse_double(text, strlen(text), &numbers[i]) || !(numbers[i] >= minimum && numbers[i] <= maximum))
            return weir_fail(error, WEIR_USAGE, "option '--%s' takes 1 to %d numbers from %g to %g, not %s", name, MOST,
                             minimum, maximum, WEIR_SHOW(text));
    }
    return 0;
}

static int read(const json_t *options, void *out, struct weir_error *error)
{
    struct settings *settings = out;
    *settings = (struct settings){ 32, { 1 }, { 0, 45, 90, 135 }, 1, 4 };
    if (weir_option_integer(options, "levels", 2, WEIR_COOCCURRENCE_LEVELS, &settings->levels, error) < 0 ||
        read_numbers(options, "distances", 1, 65535, settings->distances, &settings->distance_count, error) < 0 ||
        read_numbers(options, "angles", -360, 360, settings->angles, &settings->angle_count, error) < 0)
        return -1;
    return 0;
}

static int plan_properties(struct weir_image_plan *plan, struct weir_error *error)
{
    const struct settings *settings = plan->settings;
    const struct weir_image *image = &plan->image;
    for (size_t d = 0; d < settings->distance_count; d++)
        for (size_t a = 0; a < settings->angle_count; a++) {
            int64_t rows, columns;
            weir_cooccurrence_offset(settings->distances[d], settings->angles[a], &rows, &columns);
            if (llabs(rows) >= image->height || llabs(columns) >= image->width)
                return weir_fail(error, WEIR_BAD_DATA,
                                 "no two pixels of an image of %lldx%lld are %g apart at %g degrees: take smaller "
                                 "--distances",
                                 (long long)image->width, (long long)image->height, settings->distances[d],
                                 settings->angles[a]);
        }
    plan->shape[0] = (int64_t)(settings->distance_count * settings->angle_count) * WEIR_COOCCURRENCE_PROPERTIES;
    size_t pixels = (size_t)(image->height * image->width);
    plan->scratch = pixels / 2 + 1 + pixels / 8 + 1 + (size_t)(settings->levels * settings->levels) / 2 + 1;
    return 0;
}

static void work(const struct weir_image_plan *plan, const void *pixels, double *scratch, void *out)
{
    const struct settings *settings = plan->settings;
    int64_t height = plan->image.height, width = plan->image.width, levels = settings->levels;
    uint32_t *counts = (uint32_t *)(void *)scratch;
    float *gray = (float *)(scratch + levels * levels / 2 + 1), *to = out;
    uint8_t *image = (uint8_t *)(scratch + levels * levels / 2 + 1 + height * width / 2 + 1);
    weir_image_levels(&plan->image, pixels, (int)levels, gray, image);
    for (size_t d = 0; d < settings->distance_count; d++)
        for (size_t a = 0; a < settings->angle_count; a++, to += WEIR_COOCCURRENCE_PROPERTIES) {
            int64_t rows, columns;
            weir_cooccurrence_offset(settings->distances[d], settings->angles[a], &rows, &columns);
            weir_cooccurrence(image, height, width, (int)levels, rows, columns, counts, to);
        }
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const options[] = { "levels", "distances", "angles", NULL };
    static const struct weir_image_method method = { options, sizeof(struct settings), read, plan_properties, work };
    return weir_image_features_create(stage, &method, error);
}

const struct weir_stage_kind weir_features_glcm_kind = WEIR_IMAGE_FEATURES_KIND(create);
