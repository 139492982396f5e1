/* The options --numbers, --units, --dates and --times of clean. */
#include "stage/clean_convert_private.h"
#include "stage/clean_private.h"
#include "stage/options.h"
#include <string.h>

static struct clean_conversion *add(struct clean_conversions *self, const char *name, size_t length,
                                    enum clean_target target, struct weir_error *error)
{
    for (size_t i = 0; i < self->count; i++)
        if (strlen(self->items[i].name) == length && memcmp(self->items[i].name, name, length) == 0) {
            if (target == CLEAN_TO_NUMBER && self->items[i].target == CLEAN_TO_NUMBER)
                return &self->items[i];
            weir_fail(error, WEIR_USAGE,
                      "column %s cannot become two things: --numbers, --units, --dates and --times "
                      "name it once",
                      WEIR_SHOW(self->items[i].name));
            return NULL;
        }
    char *copy = weir_duplicate_bytes(name, length);
    if (!copy || weir_grow((void **)&self->items, &self->capacity, self->count + 1, sizeof *self->items) < 0) {
        free(copy);
        weir_fail_memory(error);
        return NULL;
    }
    struct clean_conversion *conversion = &self->items[self->count++];
    *conversion = (struct clean_conversion){ .name = copy, .target = target };
    return conversion;
}

/* COLUMN or COLUMN=point or COLUMN=comma */
static int read_number(struct clean_conversions *self, const char *text, struct weir_error *error)
{
    const char *sign = strrchr(text, '=');
    bool comma = sign && strcmp(sign, "=comma") == 0;
    bool named = comma || (sign && strcmp(sign, "=point") == 0);
    struct clean_conversion *conversion =
        add(self, text, named ? (size_t)(sign - text) : strlen(text), CLEAN_TO_NUMBER, error);
    if (conversion)
        conversion->comma = comma;
    return conversion ? 0 : -1;
}

/* COLUMN=UNIT or COLUMN=UNIT|NAME|NAME */
static int read_unit(struct clean_conversions *self, const char *text, struct weir_error *error)
{
    const char *sign = strrchr(text, '=');
    if (!sign || sign == text || !sign[1])
        return weir_fail(error, WEIR_USAGE, "option '--units': %s is not COLUMN=UNIT", WEIR_SHOW(text));
    struct clean_conversion *conversion = add(self, text, (size_t)(sign - text), CLEAN_TO_NUMBER, error);
    if (!conversion)
        return -1;
    weir_clean_unit_free(conversion->unit);
    conversion->unit = weir_clean_unit_new(sign + 1, error);
    return conversion->unit ? 0 : weir_fail_in(error, "option '--units'");
}

/* COLUMN or COLUMN=FORM */
static int read_time(struct clean_conversions *self, const char *text, enum clean_target target,
                     struct weir_error *error)
{
    const char *sign = strrchr(text, '=');
    enum clean_time_form form = CLEAN_YMD;
    bool named = sign && sign > text && weir_clean_time_form_find(sign + 1, &form);
    struct clean_conversion *conversion = add(self, text, named ? (size_t)(sign - text) : strlen(text), target, error);
    if (conversion)
        conversion->form = form;
    return conversion ? 0 : -1;
}

static int read_list(struct clean_conversions *self, const json_t *options, const char *option,
                     struct weir_error *error)
{
    const json_t *list;
    if (weir_option_list(options, option, &list, error) < 0)
        return -1;
    for (size_t i = 0; i < weir_option_items(list); i++) {
        const char *text = weir_option_item(list, i);
        int result = strcmp(option, "numbers") == 0 ? read_number(self, text, error)
                     : strcmp(option, "units") == 0 ? read_unit(self, text, error)
                     : strcmp(option, "dates") == 0 ? read_time(self, text, CLEAN_TO_DATE, error)
                                                    : read_time(self, text, CLEAN_TO_TIME, error);
        if (result < 0)
            return -1;
    }
    return 0;
}

int weir_clean_conversions_read(struct clean_conversions *out, const json_t *options, struct weir_error *error)
{
    static const char *const lists[] = { "numbers", "units", "dates", "times" };
    const char *bad_value;
    if (weir_option_text(options, "bad-value", "null", &bad_value, error) < 0)
        return -1;
    out->drops = strcmp(bad_value, "drop") == 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (read_list(out, options, lists[i], error) < 0)
            return -1;
    return 0;
}

void weir_clean_conversions_release(struct clean_conversions *conversions)
{
    for (size_t i = 0; i < conversions->count; i++) {
        free(conversions->items[i].name);
        weir_clean_unit_free(conversions->items[i].unit);
    }
    free(conversions->items);
    *conversions = (struct clean_conversions){ 0 };
}

int weir_clean_conversion_lost(const struct clean_conversion *conversion, const struct weir_schema *in,
                               struct weir_error *error)
{
    static const char *const options[] = { "numbers", "dates", "times" };
    const char *sign = strrchr(conversion->name, '=');
    char *column = sign ? weir_duplicate_bytes(conversion->name, (size_t)(sign - conversion->name)) : NULL;
    if (sign && !column)
        return weir_fail_memory(error);
    bool formed = column && weir_schema_find(in, column) >= 0;
    free(column);
    if (!formed)
        return weir_clean_require(in, conversion->name, error);
    return weir_fail(error, WEIR_USAGE, "option '--%s': %s is none of %s", options[conversion->target],
                     WEIR_SHOW(sign + 1),
                     conversion->target == CLEAN_TO_NUMBER ? "point, comma" : "ymd, dmy, mdy, unix, unix-ms, excel");
}
