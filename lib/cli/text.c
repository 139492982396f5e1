#include "cli/text.h"

void weir_nearest_advice(const struct weir_nearest *nearest, const char *prefix, struct weir_buffer *out)
{
    if (nearest->name)
        weir_buffer_format(out, "; did you mean '%s%s'?", prefix, nearest->name);
}
