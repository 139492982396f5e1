#include "stage/sample.h"
#include "stage/plan.h"
#include "stage/sample_private.h"
#include <math.h>
#include <stdlib.h>

struct sample {
    struct weir_sample_options options;
    json_t *step;              /* owned until it is in the plan */
    struct weir_schema schema; /* of the input */
    struct weir_draw draw;
    struct weir_quotas quotas;
    int64_t wanted, counted, chosen;
};

/* Rows are drawn in one pass; else counted, and taken in a second. */
static bool draws(const struct weir_sample_options *options)
{
    return options->method == WEIR_SAMPLE_WEIGHTED || (options->method == WEIR_SAMPLE_RESERVOIR && options->rows >= 0);
}

static bool counts(const struct weir_sample_options *options)
{
    return !draws(options) || options->rows < 0;
}

static int prepare(struct sample *self, const struct weir_schema *in, struct weir_error *error)
{
    self->wanted = self->options.rows;
    if (weir_schema_copy(&self->schema, in) < 0)
        return weir_fail_memory(error);
    return draws(&self->options) ? weir_draw_begin(&self->draw, &self->schema, self->wanted, &self->options, error)
                                 : weir_quotas_begin(&self->quotas, &self->schema, &self->options, error);
}

static int learn_begin(void *context, const struct weir_schema *in, struct weir_error *error)
{
    return prepare(context, in, error) < 0 ? -1 : 1;
}

static int learn(void *context, const struct weir_batch *batch, struct weir_error *error)
{
    struct sample *self = context;
    self->counted += batch->rows;
    return draws(&self->options) ? 0 : weir_quotas_count(&self->quotas, batch, error);
}

static int learn_end(void *context, struct weir_error *error)
{
    struct sample *self = context;
    if (self->options.rows < 0 && self->options.method != WEIR_SAMPLE_BALANCE)
        self->wanted = (int64_t)floor(self->options.fraction * (double)self->counted + 0.5);
    if (!draws(&self->options))
        return weir_quotas_settle(&self->quotas, self->wanted, error);
    self->draw.reservoir.wanted = self->wanted;
    return 0;
}

static int begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    struct sample *self = context;
    json_t *step = self->step;
    if (!counts(&self->options) && prepare(self, in, error) < 0)
        return -1;
    if (weir_schema_copy(out, in) < 0)
        return weir_fail_memory(error);
    if (!draws(&self->options) && weir_quotas_columns(&self->quotas, out, error) < 0)
        return -1;
    self->step = NULL;
    return weir_plan_record(out, "sample", step, error);
}

/* All that comes out does so by `more`. */
static int apply(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    struct sample *self = context;
    (void)out;
    return draws(&self->options) ? weir_draw_add(&self->draw, in, error) : weir_quotas_take(&self->quotas, in, error);
}

static int more(void *context, bool ended, struct weir_batch *out, struct weir_error *error)
{
    struct sample *self = context;
    int got = 0;
    if (!draws(&self->options))
        got = weir_quotas_next(&self->quotas, out, error);
    else if (ended)
        got = weir_draw_next(&self->draw, out, error);
    self->chosen += got > 0 ? out->rows : 0;
    return got;
}

static int end(void *context, struct weir_error *error)
{
    const struct sample *self = context;
    if (draws(&self->options) || self->quotas.taken == self->counted)
        return 0;
    return weir_fail(error, WEIR_BAD_DATA, "there were %lld rows, and %lld when the input was read again",
                     (long long)self->counted, (long long)self->quotas.taken);
}

static void summary(void *context, struct weir_buffer *out)
{
    const struct sample *self = context;
    if (!draws(&self->options))
        weir_quotas_describe(&self->quotas, out);
    if (self->chosen < self->wanted)
        weir_buffer_format(out, "%s%lld were asked for", out->size ? ", " : "", (long long)self->wanted);
}

int weir_sample_filter(struct weir_filter *filter, const struct weir_sample_options *options, json_t *step,
                       struct weir_error *error)
{
    *filter = (struct weir_filter){ 0 };
    struct sample *self = step ? weir_allocate_zero(1, sizeof *self) : NULL;
    if (!self) {
        json_decref(step);
        return weir_fail_memory(error);
    }
    self->options = *options;
    self->step = step;
    filter->context = self;
    if (counts(options)) {
        filter->learn_begin = learn_begin;
        filter->learn = learn;
        filter->learn_end = learn_end;
    }
    filter->begin = begin;
    filter->apply = apply;
    filter->more = more;
    filter->end = end;
    filter->summary = summary;
    return 0;
}

void weir_sample_filter_release(struct weir_filter *filter)
{
    struct sample *self = filter->context;
    if (self) {
        weir_draw_release(&self->draw);
        weir_quotas_release(&self->quotas);
        weir_schema_release(&self->schema);
        json_decref(self->step);
    }
    free(self);
    *filter = (struct weir_filter){ 0 };
}
