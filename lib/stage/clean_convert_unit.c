/* Units: value in the base unit of its kind = factor * value + offset. The factors are those of the SI brochure (BIPM,
 * 9th edition) and, for inch, pound and what follows from them, of the agreement of 1959; all are exact. */
#include "base/memory.h"
#include "stage/clean_convert_private.h"
#include <stdlib.h>
#include <string.h>

enum kind { LENGTH, MASS, VOLUME, TIME, TEMPERATURE, DATA, SHARE, AREA, SPEED };

static const struct known {
    const char *name;
    enum kind kind;
    double factor, offset;
} table[] = {
    { "nm", LENGTH, 1e-9, 0 },
    { "µm", LENGTH, 1e-6, 0 },
    { "μm", LENGTH, 1e-6, 0 },
    { "mm", LENGTH, 1e-3, 0 },
    { "cm", LENGTH, 1e-2, 0 },
    { "dm", LENGTH, 1e-1, 0 },
    { "m", LENGTH, 1, 0 },
    { "km", LENGTH, 1e3, 0 },
    { "in", LENGTH, 0.0254, 0 },
    { "\"", LENGTH, 0.0254, 0 },
    { "ft", LENGTH, 0.3048, 0 },
    { "'", LENGTH, 0.3048, 0 },
    { "yd", LENGTH, 0.9144, 0 },
    { "mi", LENGTH, 1609.344, 0 },
    { "nmi", LENGTH, 1852, 0 },
    { "µg", MASS, 1e-9, 0 },
    { "μg", MASS, 1e-9, 0 },
    { "mg", MASS, 1e-6, 0 },
    { "g", MASS, 1e-3, 0 },
    { "kg", MASS, 1, 0 },
    { "t", MASS, 1e3, 0 },
    { "oz", MASS, 0.028349523125, 0 },
    { "lb", MASS, 0.45359237, 0 },
    { "lbs", MASS, 0.45359237, 0 },
    { "ml", VOLUME, 1e-3, 0 },
    { "mL", VOLUME, 1e-3, 0 },
    { "cl", VOLUME, 1e-2, 0 },
    { "cL", VOLUME, 1e-2, 0 },
    { "dl", VOLUME, 1e-1, 0 },
    { "dL", VOLUME, 1e-1, 0 },
    { "l", VOLUME, 1, 0 },
    { "L", VOLUME, 1, 0 },
    { "hl", VOLUME, 100, 0 },
    { "hL", VOLUME, 100, 0 },
    { "m³", VOLUME, 1000, 0 },
    { "m3", VOLUME, 1000, 0 },
    { "ns", TIME, 1e-9, 0 },
    { "µs", TIME, 1e-6, 0 },
    { "μs", TIME, 1e-6, 0 },
    { "us", TIME, 1e-6, 0 },
    { "ms", TIME, 1e-3, 0 },
    { "s", TIME, 1, 0 },
    { "sec", TIME, 1, 0 },
    { "min", TIME, 60, 0 },
    { "h", TIME, 3600, 0 },
    { "hr", TIME, 3600, 0 },
    { "d", TIME, 86400, 0 },
    { "K", TEMPERATURE, 1, 0 },
    { "°C", TEMPERATURE, 1, 273.15 },
    { "℃", TEMPERATURE, 1, 273.15 },
    { "°F", TEMPERATURE, 5.0 / 9, 459.67 * 5 / 9 },
    { "℉", TEMPERATURE, 5.0 / 9, 459.67 * 5 / 9 },
    { "B", DATA, 1, 0 },
    { "kB", DATA, 1e3, 0 },
    { "KB", DATA, 1e3, 0 },
    { "MB", DATA, 1e6, 0 },
    { "GB", DATA, 1e9, 0 },
    { "TB", DATA, 1e12, 0 },
    { "PB", DATA, 1e15, 0 },
    { "KiB", DATA, 0x1p10, 0 },
    { "MiB", DATA, 0x1p20, 0 },
    { "GiB", DATA, 0x1p30, 0 },
    { "TiB", DATA, 0x1p40, 0 },
    { "PiB", DATA, 0x1p50, 0 },
    { "%", SHARE, 1e-2, 0 },
    { "‰", SHARE, 1e-3, 0 },
    { "ppm", SHARE, 1e-6, 0 },
    { "mm²", AREA, 1e-6, 0 },
    { "mm2", AREA, 1e-6, 0 },
    { "cm²", AREA, 1e-4, 0 },
    { "cm2", AREA, 1e-4, 0 },
    { "m²", AREA, 1, 0 },
    { "m2", AREA, 1, 0 },
    { "ha", AREA, 1e4, 0 },
    { "km²", AREA, 1e6, 0 },
    { "km2", AREA, 1e6, 0 },
    { "ft²", AREA, 0.09290304, 0 },
    { "ft2", AREA, 0.09290304, 0 },
    { "acre", AREA, 4046.8564224, 0 },
    { "m/s", SPEED, 1, 0 },
    { "km/h", SPEED, 1 / 3.6, 0 },
    { "mph", SPEED, 0.44704, 0 },
    { "kn", SPEED, 1852 / 3600.0, 0 },
};

struct clean_unit {
    char *names; /* separated by '|' */
    const struct known *known;
};

static const struct known *find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}

static size_t name_length(const char *names)
{
    return strcspn(names, "|");
}

struct clean_unit *weir_clean_unit_new(const char *names, struct weir_error *error)
{
    for (const char *name = names;; name += name_length(name) + 1) {
        if (name_length(name) == 0) {
            weir_fail(error, WEIR_USAGE, "a unit has no name");
            return NULL;
        }
        if (name[name_length(name)] == 0)
            break;
    }
    struct clean_unit *unit = weir_allocate_zero(1, sizeof *unit);
    if (!unit || !(unit->names = weir_duplicate_string(names))) {
        free(unit);
        weir_fail_memory(error);
        return NULL;
    }
    unit->known = find(unit->names, name_length(unit->names));
    return unit;
}

void weir_clean_unit_free(struct clean_unit *unit)
{
    if (!unit)
        return;
    free(unit->names);
    free(unit);
}

bool weir_clean_unit_convert(const struct clean_unit *unit, const char *name, size_t length, double *value)
{
    if (length == 0)
        return true;
    for (const char *own = unit->names;; own += name_length(own) + 1) {
        if (name_length(own) == length && memcmp(own, name, length) == 0)
            return true;
        if (own[name_length(own)] == 0)
            break;
    }
    const struct known *from = unit->known ? find(name, length) : NULL;
    if (!from || from->kind != unit->known->kind)
        return false;
    if (from->factor != unit->known->factor || from->offset != unit->known->offset)
        *value = (*value * from->factor + from->offset - unit->known->offset) / unit->known->factor;
    return true;
}
