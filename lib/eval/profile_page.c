#include "eval/profile_private.h"
#include "base/html.h"
void weir_profile_page(const struct weir_profile *profile, int top, bool no_values, struct weir_buffer *out)
{
    (void)profile; (void)top; (void)no_values;
    weir_html_begin(out, "x");
    weir_html_end(out);
}
