/* clean, its values: what the closing line says of them. */
#include "base/number.h"
#include "stage/clean_report_private.h"
#include "stage/clean_values_private.h"

enum { COLUMNS_SHOWN = 6 };

static void say(struct weir_buffer *out, const struct clean_applying *applying, const char *what,
                int64_t (*count)(const struct clean_work *),
                void (*detail)(const struct clean_work *, struct weir_buffer *))
{
    struct clean_tally tally = { 0 };
    for (size_t i = 0; i < applying->count; i++) {
        const struct clean_work *work = &applying->works[i];
        if (weir_clean_tally_add(&tally, work->column->name, count(work)) && detail)
            detail(work, &tally.list);
    }
    weir_clean_tally_end(&tally, what, out);
}

static int64_t filled(const struct clean_work *work)
{
    return work->counts.filled;
}
static int64_t no_label(const struct clean_work *work)
{
    return work->column->label ? work->counts.dropped_missing : 0;
}
static int64_t dropped_missing(const struct clean_work *work)
{
    return work->column->label ? 0 : work->counts.dropped_missing;
}
static int64_t dropped_bad(const struct clean_work *work)
{
    return work->counts.dropped_bad;
}
static int64_t dropped_outlier(const struct clean_work *work)
{
    return work->counts.dropped_outlier;
}
static int64_t out_of_range(const struct clean_work *work)
{
    return work->counts.out_of_range;
}
static int64_t meant_missing(const struct clean_work *work)
{
    return work->counts.meant_missing;
}
static int64_t not_allowed(const struct clean_work *work)
{
    return work->counts.not_allowed;
}
static int64_t outliers(const struct clean_work *work)
{
    return work->counts.outliers;
}

/* ": median 28"; values of the data themselves (a mode) are not told. */
static void say_rule(const struct clean_work *work, struct weir_buffer *out)
{
    const struct clean_column *column = work->column;
    char number[WEIR_NUMBER_SIZE];
    weir_buffer_format(out, ": %s", weir_clean_values_rule_name(column->rule));
    if (column->class != CLEAN_NUMBER || (column->rule != CLEAN_MEAN && column->rule != CLEAN_MEDIAN))
        return;
    weir_buffer_byte(out, ' ');
    if (weir_kind_is_float(column->type.kind))
        weir_buffer_append(out, number, weir_format_double(column->fill.real, number));
    else
        weir_buffer_append(out, number, weir_format_int64(column->fill.integer, number));
}

const char *weir_clean_values_fill_rule(const struct weir_binding *binding, const char *column)
{
    const struct clean_applying *applying = binding->state;
    for (size_t i = 0; i < applying->count; i++) {
        const struct clean_column *learned = applying->works[i].column;
        if (strcmp(learned->name, column) == 0)
            return weir_clean_values_rule_name(learned->rule);
    }
    return NULL;
}

void weir_clean_values_summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    static const char *const actions[] = { "set to missing", "dropped", "clipped" };
    const struct clean_applying *applying = binding->state;
    const struct clean_settings *settings = &applying->self->settings;
    struct weir_buffer what = { 0 };
    say(out, applying, "no label", no_label, NULL);
    say(out, applying, "dropped as missing", dropped_missing, NULL);
    say(out, applying, "dropped as out of range or not allowed", dropped_bad, NULL);
    say(out, applying, "dropped as outliers", dropped_outlier, NULL);
    say(out, applying, "meant missing", meant_missing, NULL);
    say(out, applying, "not allowed, set to missing", not_allowed, NULL);
    weir_buffer_format(&what, "out of range, %s", actions[settings->bad_value]);
    say(out, applying, what.bytes ? what.bytes : "out of range", out_of_range, NULL);
    weir_buffer_clear(&what);
    weir_buffer_format(&what, "outliers %s", actions[settings->outlier_action]);
    say(out, applying, what.bytes ? what.bytes : "outliers", outliers, NULL);
    say(out, applying, "filled", filled, say_rule);
    weir_buffer_release(&what);
    for (int why = CLEAN_NO_VALUE; why < CLEAN_REMOVAL_COUNT; why++) {
        int columns = 0;
        for (size_t i = 0; i < applying->count; i++) {
            const struct clean_column *column = applying->works[i].column;
            if ((int)column->removal != why)
                continue;
            if (columns++ == 0)
                weir_buffer_format(out, "%s%s", out->size > 0 ? ", " : "",
                                   why == CLEAN_NO_VALUE ? "columns left out, without any value: "
                                                         : "columns left out, constant: ");
            if (columns <= COLUMNS_SHOWN)
                weir_buffer_format(out, "%s%s", columns > 1 ? ", " : "", WEIR_SHOW(column->name));
        }
        if (columns > COLUMNS_SHOWN)
            weir_buffer_format(out, " and %d more", columns - COLUMNS_SHOWN);
    }
}
