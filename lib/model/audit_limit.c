/* Limits on what an audit may find. */
#include "base/number.h"
#include "model/audit.h"
#include <inttypes.h>
#include <string.h>

int weir_audit_limit_parse(const char *text, struct weir_audit_limit *limit, struct weir_error *error)
{
    const char *equals = strchr(text, '=');
    size_t length = equals ? strlen(equals + 1) : 0;
    limit->percent = length > 1 && equals[length] == '%';
    if (!equals || !weir_parse_double(equals + 1, length - limit->percent, &limit->bound) || !(limit->bound >= 0))
        return weir_fail(error, WEIR_USAGE, "option '--fail-over' takes NAME=COUNT or NAME=SHARE%%, not '%s'", text);
    int finding = weir_audit_finding_parse(text, (size_t)(equals - text));
    if (finding < 0)
        return weir_fail(error, WEIR_USAGE,
                         "option '--fail-over': '%.*s' is none of split, near, groups, labels, outliers and columns",
                         (int)(equals - text), text);
    limit->finding = (enum weir_audit_finding)finding;
    return 0;
}

bool weir_audit_limit_holds(const struct weir_audit *audit, const struct weir_audit_limit *limit,
                            struct weir_buffer *why)
{
    int64_t count = 0, of = 0;
    bool checked = weir_audit_count(audit, limit->finding, &count, &of);
    double bound = limit->percent ? limit->bound / 100 * (double)of : limit->bound;
    const char *name = weir_audit_finding_name(limit->finding);
    if (checked && (double)count <= bound)
        return true;
    if (checked)
        weir_buffer_format(why, "%s: %" PRId64 " of %" PRId64 ", more than %.10g%s", name, count, of, limit->bound,
                           limit->percent ? " %" : "");
    else
        weir_buffer_format(why, "%s: was not looked for, and --fail-over asks for it", name);
    return false;
}
