/* The rule, as load(1) states it: a column has the narrowest type that every value read so far has. */
#include "base/number.h"
#include "format/csv_private.h"
#include "format/text.h"
#include <string.h>

enum {
    NOT_BOOL = 1,
    NOT_INT64 = 2,
    NOT_FLOAT64 = 4,
    NOT_DATE = 8,
    NOT_TIMESTAMP = 16,
    NOT_LOCAL = 32, /* a time with a zone was seen */
    NOT_ZONED = 64, /* a time without one was seen */
};

void weir_csv_observe(struct weir_csv_evidence *evidence, const struct weir_csv_field *field)
{
    const char *text = field->text;
    size_t length = field->length;
    int64_t integer;
    int32_t days;
    double number;
    bool zoned, boolean;
    evidence->values++;
    unsigned denied = evidence->denied;
    if (!(denied & NOT_BOOL) && !weir_text_bool(text, length, &boolean))
        denied |= NOT_BOOL;
    if ((~denied & (NOT_INT64 | NOT_FLOAT64)) && weir_text_is_code(text, length))
        denied |= NOT_INT64 | NOT_FLOAT64;
    if (!(denied & NOT_INT64) && !weir_parse_int64(text, length, &integer)) {
        denied |= NOT_INT64;
        if (weir_text_is_whole(text, length)) /* too large for int64: as a float64 it would lose digits */
            denied |= NOT_FLOAT64;
    }
    if ((denied & NOT_INT64) && !(denied & NOT_FLOAT64) && !weir_parse_double(text, length, &number))
        denied |= NOT_FLOAT64;
    if (!(denied & NOT_DATE) && !weir_parse_date(text, length, &days))
        denied |= NOT_DATE;
    if (!(denied & NOT_TIMESTAMP)) {
        if (!weir_parse_timestamp(text, length, &integer, &zoned))
            denied |= NOT_TIMESTAMP;
        else
            denied |= zoned ? NOT_LOCAL : NOT_ZONED;
    }
    evidence->denied = denied;
}

enum weir_kind weir_csv_conclude(const struct weir_csv_evidence *evidence, bool *zoned)
{
    unsigned denied = evidence->denied;
    *zoned = !(denied & NOT_ZONED);
    if (evidence->values == 0)
        return WEIR_NULL;
    if (!(denied & NOT_BOOL))
        return WEIR_BOOL;
    if (!(denied & NOT_INT64))
        return WEIR_INT64;
    if (!(denied & NOT_FLOAT64))
        return WEIR_FLOAT64;
    if (!(denied & NOT_DATE))
        return WEIR_DATE32;
    if (!(denied & NOT_TIMESTAMP) && (denied & (NOT_LOCAL | NOT_ZONED)) != (NOT_LOCAL | NOT_ZONED))
        return WEIR_TIMESTAMP;
    return WEIR_UTF8;
}
