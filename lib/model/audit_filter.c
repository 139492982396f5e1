/* The audit as a filter: all rows are read first, then they come out with what was found. */
#include "model/audit_private.h"

static int learn_begin(void *context, const struct weir_schema *in, struct weir_error *error)
{
    struct weir_audit_filter *self = context;
    if (weir_schema_copy(&self->schema, in))
        return weir_fail_memory(error);
    return weir_audit_new(&self->audit, &self->schema, self->options, error) ? -1 : 1;
}

static int learn(void *context, const struct weir_batch *batch, struct weir_error *error)
{
    return weir_audit_add(((struct weir_audit_filter *)context)->audit, batch, error);
}

static int learn_end(void *context, struct weir_error *error)
{
    struct weir_audit_filter *self = context;
    return self->read_against(self->context, self->audit, error) || weir_audit_finish(self->audit, error) ? -1 : 0;
}

static int begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    const struct weir_audit_filter *self = context;
    return weir_audit_out_schema(self->audit, in, out, json_incref(self->step), error);
}

static int apply(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    struct weir_audit_filter *self = context;
    int result = weir_audit_out(self->audit, in, self->rows, out, error);
    self->rows += in->rows;
    return result;
}

static void summarize(void *context, struct weir_buffer *out)
{
    weir_audit_summary(((struct weir_audit_filter *)context)->audit, out);
}

void weir_audit_filter(struct weir_filter *filter, struct weir_audit_filter *context)
{
    *filter = (struct weir_filter){ .context = context,
                                    .learn_begin = learn_begin,
                                    .learn = learn,
                                    .learn_end = learn_end,
                                    .begin = begin,
                                    .apply = apply,
                                    .summary = summarize };
}

void weir_audit_filter_release(struct weir_audit_filter *context)
{
    weir_audit_free(context->audit);
    weir_schema_release(&context->schema);
    json_decref(context->step);
    *context = (struct weir_audit_filter){ 0 };
}
