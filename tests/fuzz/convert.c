/* Numbers, units, dates and times as people write them: any text, in every form. */
#include "stage/clean_convert_private.h"
#include "stream/utf8.h"
#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_number(const char *text, size_t size, bool comma)
{
    struct clean_number number = { 0 };
    if (!weir_clean_parse_number(text, size, comma, &number))
        return;
    if (!isfinite(number.value) ||
        (number.unit_length > 0 && (number.unit < text || number.unit + number.unit_length > text + size)))
        abort();
    static const char *const names[] = { "kg", "°C", "EUR|€" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct clean_unit *unit = weir_clean_unit_new(names[i], NULL);
        double value = number.value;
        if (unit)
            weir_clean_unit_convert(unit, number.unit, number.unit_length, &value);
        weir_clean_unit_free(unit);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    if (!weir_is_utf8(text, size))
        return 0;
    check_number(text, size, false);
    check_number(text, size, true);
    for (int form = CLEAN_YMD; form <= CLEAN_EXCEL; form++) {
        int64_t time;
        weir_clean_parse_time(text, size, (enum clean_time_form)form, &time);
    }
    return 0;
}
