#include "base/number.h"
#include "stage/pick.h"
#include "stage/plan.h"

struct pick_filter {
    struct weir_stage *stage;  /* NULL: all columns as they are */
    struct weir_filter inner;  /* of the stage */
    struct weir_schema schema; /* of the output, for slices */
    int64_t rows, done;        /* wanted (< 0: all), handed out */
};

static int learn_begin(void *context, const struct weir_schema *in, struct weir_error *error)
{
    struct pick_filter *self = context;
    return self->inner.learn_begin(self->inner.context, in, error);
}

static int record_rows(struct weir_schema *schema, int64_t rows, struct weir_error *error)
{
    char count[WEIR_NUMBER_SIZE];
    size_t length = weir_format_int64(rows, count);
    return weir_plan_record(schema, "pick", json_pack("{s:s%}", "rows", count, length), error);
}

static int begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    struct pick_filter *self = context;
    if (self->stage ? self->inner.begin(self->inner.context, in, out, error) < 0 : weir_schema_copy(out, in) < 0)
        return self->stage ? -1 : weir_fail_memory(error);
    if (self->rows >= 0 && record_rows(out, self->rows, error) < 0)
        return -1;
    return weir_schema_copy(&self->schema, out) < 0 ? weir_fail_memory(error) : 0;
}

static int apply(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    struct pick_filter *self = context;
    struct weir_batch picked = { 0 };
    int result = -1;
    if (self->stage ? self->inner.apply(self->inner.context, in, &picked, error) < 0
                    : weir_batch_share(&picked, in) < 0) {
        if (!self->stage)
            weir_fail_memory(error);
        goto cleanup;
    }
    if (self->rows < 0 || picked.rows <= self->rows - self->done) {
        *out = picked;
        picked = (struct weir_batch){ 0 };
    } else if (weir_batch_slice(out, &picked, &self->schema, 0, self->rows - self->done) < 0) {
        weir_fail_memory(error);
        goto cleanup;
    }
    self->done += out->rows;
    result = self->done == self->rows;
cleanup:
    weir_batch_release(&picked);
    return result;
}

int weir_pick_filter(struct weir_filter *filter, const char *options, int64_t rows, struct weir_error *error)
{
    *filter = (struct weir_filter){ 0 };
    struct pick_filter *self = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    self->rows = rows;
    filter->context = self;
    if (strcmp(options, "{}") != 0 && (weir_stage_new(&self->stage, "pick", options, error) < 0 ||
                                       weir_stage_filter(&self->inner, self->stage, false, error) < 0)) {
        weir_pick_filter_release(filter);
        return -1;
    }
    filter->learn_begin = self->stage ? learn_begin : NULL;
    filter->begin = begin;
    filter->apply = apply;
    return 0;
}

void weir_pick_filter_release(struct weir_filter *filter)
{
    struct pick_filter *self = filter->context;
    if (self) {
        weir_stage_filter_release(&self->inner);
        weir_stage_free(self->stage);
        weir_schema_release(&self->schema);
    }
    free(self);
    *filter = (struct weir_filter){ 0 };
}
