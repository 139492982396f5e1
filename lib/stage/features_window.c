/* features --method window: statistics of the rows of a series up to the one at hand, and its lags and differences.
 * Nothing that it makes depends on a later row, nor on how rows are batched: what a later row may look back at is kept
 * of each series. */
#include "base/number.h"
#include "stage/features.h"
#include "stage/features_window_private.h"
#include "stage/moment.h"
#include "stage/options.h"
#include <math.h>

enum { LONGEST_WINDOW = 1000000 };

/* ---- The options --------------------------------------------------------------------------------------------- */

/* ROWS, or NUMBER and s, m, h, d or w. */
static int read_window(struct window_features *self, struct weir_error *error)
{
    const char *text = self->window;
    size_t length = strlen(text);
    double number;
    if (weir_parse_int64(text, length, &self->rows) && self->rows >= 1 && self->rows <= LONGEST_WINDOW)
        return 0;
    self->rows = 0;
    self->unit = length > 0 ? weir_span_seconds(text[length - 1]) : 0;
    if (self->unit > 0 && weir_parse_double(text, length - 1, &number) && number > 0 && isfinite(number)) {
        self->seconds = number * self->unit;
        return 0;
    }
    return weir_fail(
        error, WEIR_USAGE,
        "option '--window' takes a number of rows from 1 to %d, or a span of time such as 90s, 30m, 12h, 7d "
        "or 2w, not %s",
        LONGEST_WINDOW, WEIR_SHOW(text));
}

static int check_window(struct window_features *self, struct weir_error *error)
{
    bool needed = self->tumbling;
    for (size_t i = 0; i < self->statistics.count; i++) {
        const struct weir_statistic_item *item = &self->statistics.items[i];
        int64_t reach = item->steps + (item->kind == WEIR_DIFFERENCE && self->before);
        needed |= item->steps == 0;
        self->reach = reach > self->reach ? reach : self->reach;
    }
    if (self->window && read_window(self, error) < 0)
        return -1;
    if (self->window && self->rows > 0 && self->least > (double)self->rows)
        return weir_fail(error, WEIR_USAGE, "--min-rows %.0f is more than a window of %lld rows has", self->least,
                         (long long)self->rows);
    if (self->window)
        return 0;
    if (needed)
        return weir_fail(error, WEIR_USAGE, "--window is needed: a number of rows, or a span of time such as 7d");
    self->rows = 1;
    return 0;
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column", "statistics", "window", "tumbling", "by",
                                         "time",   "before", "min-rows",   "ddof",   "prefix",   NULL };
    const json_t *options = stage->options;
    int64_t ddof = 0, least = 1;
    struct window_features *self = stage->state = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    if (weir_option_known(stage, known, error) < 0 ||
        weir_option_list(options, "column", &self->columns_option, error) < 0 ||
        weir_option_list(options, "by", &self->by, error) < 0 ||
        weir_option_text(options, "time", NULL, &self->time, error) < 0 ||
        weir_option_text(options, "prefix", NULL, &self->prefix, error) < 0 ||
        weir_option_text(options, "window", NULL, &self->window, error) < 0 ||
        weir_option_flag(options, "tumbling", &self->tumbling, error) < 0 ||
        weir_option_flag(options, "before", &self->before, error) < 0 ||
        weir_option_integer(options, "min-rows", 1, LONGEST_WINDOW, &least, error) < 0 ||
        weir_option_integer(options, "ddof", 0, 1, &ddof, error) < 0 ||
        weir_statistic_list_read(&self->statistics, stage, true, error) < 0)
        return -1;
    self->ddof = (int)ddof;
    self->least = (double)least;
    return check_window(self, error);
}

static void destroy(struct weir_stage *stage)
{
    struct window_features *self = stage->state;
    if (!self)
        return;
    weir_statistic_list_release(&self->statistics);
    weir_learned_columns_release(&self->columns);
    free(self);
}

/* ---- The columns --------------------------------------------------------------------------------------------- */

/* Numbers, but not those that say which series and when, unless they are named. */
static bool fits(const struct weir_field *field, void *context)
{
    const struct window_features *self = context;
    if (!weir_kind_is_integer(field->type.kind) && !weir_kind_is_float(field->type.kind))
        return false;
    bool chosen = !self || self->columns_option;
    for (size_t i = 0; !chosen && i < weir_option_items(self->by); i++)
        if (strcmp(weir_option_item(self->by, i), field->name) == 0)
            return false;
    return chosen || !self->time || strcmp(self->time, field->name) != 0;
}

static int learn_begin(struct weir_stage *stage, const struct weir_schema *in, struct weir_error *error)
{
    struct window_features *self = stage->state;
    if (weir_learned_columns_learn(&self->columns, in, self->columns_option, fits, self, error) < 0)
        return -1;
    return self->columns.count > 0 ? 0 : weir_fail(error, WEIR_USAGE, "there is no column of numbers to take");
}

static int learn(struct weir_stage *stage, const struct weir_batch *batch, struct weir_error *error)
{
    (void)stage, (void)batch, (void)error;
    return 0;
}

static int merge(struct weir_stage *stage, const struct weir_stage *other, struct weir_error *error)
{
    const struct window_features *self = stage->state, *from = other->state;
    return weir_learned_columns_merge(stage, &self->columns, other, &from->columns, error);
}

static int save(const struct weir_stage *stage, json_t **state, struct weir_blobs *blobs, struct weir_error *error)
{
    const struct window_features *self = stage->state;
    (void)blobs;
    return weir_learned_columns_save(&self->columns, state, error);
}

static int restore(struct weir_stage *stage, const json_t *state, const struct weir_blobs *blobs,
                   struct weir_error *error)
{
    struct window_features *self = stage->state;
    (void)blobs;
    return weir_learned_columns_restore(&self->columns, state, error);
}

/* ---- Binding ------------------------------------------------------------------------------------------------- */

static int bind_span(struct window_binding *bound, struct weir_error *error)
{
    const struct window_features *self = bound->self;
    bound->unit = 1;
    if (self->rows > 0)
        return 0;
    if (bound->series.time < 0)
        return weir_fail(error, WEIR_USAGE,
                         "--window %s needs a time: name the column by --time, or give it the role time", self->window);
    const struct weir_field *field = &bound->in.fields[bound->series.time];
    double units = weir_units_a_second(&field->type), span = self->seconds * units;
    if (units == 0)
        return weir_fail(error, WEIR_USAGE,
                         "--window %s: the column %s is a plain number; give a number of rows, or make a time of it by "
                         "clean --times",
                         self->window, WEIR_SHOW(field->name));
    if (!(span <= 0x1p62))
        return weir_fail(error, WEIR_USAGE, "--window %s is longer than the times in %s can be apart", self->window,
                         WEIR_SHOW(field->name));
    if (self->tumbling && span != floor(span))
        return weir_fail(error, WEIR_USAGE, "--window %s --tumbling: the column %s does not count so finely",
                         self->window, WEIR_SHOW(field->name));
    bound->span = (int64_t)ceil(span);
    bound->unit = self->unit * units;
    return 0;
}

static int add_columns(struct window_binding *bound, struct weir_schema *out, struct weir_error *error)
{
    const struct window_features *self = bound->self;
    for (size_t c = 0; c < self->columns.count; c++)
        for (size_t i = 0; i < self->statistics.count; i++) {
            const struct weir_statistic_item *item = &self->statistics.items[i];
            struct weir_buffer name = { 0 };
            weir_buffer_format(&name, "%s%s%s_%s", self->prefix ? self->prefix : "", self->prefix ? "_" : "",
                               self->columns.names[c], item->name);
            if (item->steps == 0)
                weir_buffer_format(&name, "_%s", self->window);
            int result = weir_buffer_check(&name, error);
            if (result == 0)
                result = weir_derive_add(&bound->derived, out, name.bytes, weir_statistic_kind(item), error);
            weir_buffer_release(&name);
            if (result < 0)
                return -1;
        }
    return 0;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct window_features *self = binding->stage->state;
    size_t count = self->columns.count;
    struct window_binding *bound = binding->state = weir_allocate_zero(1, sizeof *bound);
    if (!bound || weir_schema_copy(&bound->in, in) < 0)
        return weir_fail_memory(error);
    bound->self = self;
    bound->at = weir_allocate(count, sizeof *bound->at);
    bound->kinds = weir_allocate(count, sizeof *bound->kinds);
    bound->numbers = weir_allocate_zero(count, sizeof *bound->numbers);
    bound->values = weir_allocate_zero(count * self->statistics.count, sizeof *bound->values);
    bound->views = weir_allocate_zero(count, sizeof *bound->views);
    if (!bound->at || !bound->kinds || !bound->numbers || !bound->values || !bound->views)
        return weir_fail_memory(error);
    if (weir_learned_columns_find(&self->columns, in, fits, NULL, bound->at, error) < 0 ||
        weir_series_bind(&bound->series, &bound->in, self->by, "--by", self->time, "--time", error) < 0 ||
        bind_span(bound, error) < 0 || weir_derive_keep(&bound->derived, &binding->out, in, error) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        bound->kinds[i] = in->fields[bound->at[i]].type.kind;
    bound->parts = 1 + (self->statistics.quantiles > 0);
    return add_columns(bound, &binding->out, error);
}

static void unbind(struct weir_binding *binding)
{
    struct window_binding *bound = binding->state;
    if (!bound)
        return;
    weir_pool_free(bound->pool);
    for (int i = 0; i < bound->threads; i++)
        free(bound->scratches[i].memory);
    free(bound->scratches);
    free(bound->errors);
    for (size_t i = 0; i < bound->pasts_count; i++) {
        free(bound->pasts[i]->values);
        free(bound->pasts[i]);
    }
    for (size_t i = 0; bound->views && i < bound->self->columns.count; i++)
        weir_scratch_release(&bound->views[i]);
    free(bound->pasts);
    free(bound->views);
    free(bound->numbers);
    free(bound->values);
    free(bound->at);
    free(bound->kinds);
    free(bound->segments);
    free(bound->order);
    free(bound->segment_of);
    free(bound->first);
    free(bound->end);
    free(bound->shards);
    weir_series_release(&bound->series);
    weir_derived_release(&bound->derived);
    weir_schema_release(&bound->in);
    free(bound);
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct window_binding *bound = binding->state;
    weir_buffer_format(out, "%zu series", bound->series.count);
    if (bound->timeless > 0)
        weir_buffer_format(out, ", %lld row%s without a time", (long long)bound->timeless,
                           bound->timeless == 1 ? "" : "s");
}

const struct weir_stage_kind weir_features_window_kind = {
    .name = "features",
    .version = 1,
    .replay = WEIR_REPLAY_APPLY,
    .create = create,
    .destroy = destroy,
    .learn_begin = learn_begin,
    .learn = learn,
    .merge = merge,
    .save = save,
    .restore = restore,
    .bind = bind,
    .apply = weir_window_apply,
    .unbind = unbind,
    .summary = summary,
};
