#include "stage/dedup.h"
#include "math/sort.h"
#include "stage/dedup_private.h"
#include "stage/plan.h"

/* Whether each row's fate is known when it comes. */
static bool streams(const struct weir_dedup_options *options)
{
    return options->keep == WEIR_KEEP_FIRST && options->near_count == 0;
}

static int make_room(struct scratch *scratch, int64_t rows, struct weir_error *error)
{
    if ((size_t)rows <= scratch->capacity)
        return 0;
    free(scratch->hashes);
    free(scratch->before);
    free(scratch->index);
    *scratch = (struct scratch){ weir_allocate((size_t)rows, sizeof *scratch->hashes),
                                 weir_allocate((size_t)rows, sizeof *scratch->before),
                                 weir_allocate((size_t)rows, sizeof *scratch->index), 0 };
    if (!scratch->hashes || !scratch->before || !scratch->index)
        return weir_fail_memory(error);
    scratch->capacity = (size_t)rows;
    return 0;
}

/* Smaller for what is better, of any kind that has an order. No value is as bad as none, for which the two greatest of
 * 64 bits are as good as each other. */
static int64_t rank_of(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    const int64_t worst = INT64_MAX, best = INT64_MIN, sign = INT64_MIN;
    int64_t order;
    if (!weir_valid(column, row))
        return worst;
    if (weir_kind_is_float(kind)) {
        double value = weir_number(column, kind, row);
        if (value != value)
            return worst;
        order = (int64_t)weir_key(value) ^ sign;
    } else if (kind == WEIR_UINT64) {
        order = ((const int64_t *)(const void *)column->values.bytes)[row] ^ sign;
    } else if (weir_kind_width(kind) == 8) {
        order = ((const int64_t *)(const void *)column->values.bytes)[row];
    } else {
        order = (int64_t)weir_number(column, kind, row);
    }
    return ~order == best ? best : ~order - 1;
}

static int add_ids(struct dedup *self, const struct weir_batch *batch, const int64_t *before, struct weir_error *error)
{
    const struct weir_column *column = &batch->columns[self->id];
    for (int64_t r = 0; r < batch->rows; r++)
        if (before[r] < 0 && weir_ids_add(&self->memory.ids, column, self->schema.fields[self->id].type.kind, r,
                                          self->first + self->rows + r) < 0)
            return weir_fail_memory(error);
    return 0;
}

static int changed(int64_t row, struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "row %lld was not the same when the input was read again",
                     (long long)row + 1);
}

/* scratch.before of a batch whose rows have all been seen: -1 for those that stand for themselves. */
static int look_up(struct dedup *self, int64_t rows, struct weir_error *error)
{
    int64_t *before = self->scratch.before, row = self->first + self->rows;
    if (rows > self->memory.rows - row)
        return changed(self->memory.rows - self->first, error);
    if (self->near) {
        memcpy(before, self->instead + self->rows, (size_t)rows * sizeof *before);
        return 0;
    }
    weir_seen_find(&self->memory.seen, self->scratch.hashes, rows, before);
    for (int64_t r = 0; r < rows; r++, row++) {
        if (before[r] < 0 || before[r] >= self->memory.rows)
            return changed(self->rows + r, error);
        if (before[r] == row)
            before[r] = -1;
    }
    return 0;
}

static int learn_begin(void *context, const struct weir_schema *in, struct weir_error *error)
{
    struct dedup *self = context;
    self->pass = DECIDE;
    return weir_dedup_prepare(self, in, error) < 0 ? -1 : 1;
}

/* How much each row of a batch is preferred: the smaller, the more. */
static void rank_rows(const struct dedup *self, const struct weir_batch *batch, int64_t *ranks)
{
    for (int64_t r = 0; r < batch->rows; r++)
        ranks[r] = self->best < 0 ? -(self->rows + r)
                                  : rank_of(&batch->columns[self->best], self->schema.fields[self->best].type.kind, r);
}

static int decide(struct dedup *self, const struct weir_batch *batch, struct weir_error *error)
{
    struct scratch *scratch = &self->scratch;
    if (self->best >= 0)
        rank_rows(self, batch, scratch->index);
    return weir_seen_replace(&self->memory.seen, scratch->hashes, self->best >= 0 ? scratch->index : NULL, batch->rows,
                             self->first + self->rows, self->first, error);
}

static int decide_near(struct dedup *self, const struct weir_batch *batch, struct weir_error *error)
{
    void *ranks = self->ranks;
    if (self->options.keep != WEIR_KEEP_FIRST) {
        if (weir_grow(&ranks, &self->ranks_capacity, (size_t)(self->rows + batch->rows), sizeof *self->ranks) < 0)
            return weir_fail_memory(error);
        self->ranks = ranks;
        rank_rows(self, batch, self->ranks + self->rows);
    }
    return weir_near_add(self->near, batch, error);
}

static int make_fingerprints(struct dedup *self, const struct weir_batch *batch, struct weir_error *error)
{
    if (make_room(&self->scratch, batch->rows, error) < 0)
        return -1;
    return self->near ? 0 : weir_fingerprint_rows(self->fingerprint, batch, self->scratch.hashes, error);
}

static int learn(void *context, const struct weir_batch *batch, struct weir_error *error)
{
    struct dedup *self = context;
    if (make_fingerprints(self, batch, error) < 0)
        return -1;
    if (self->pass == DECIDE) {
        if (self->near ? decide_near(self, batch, error) < 0 : decide(self, batch, error) < 0)
            return -1;
    } else if (look_up(self, batch->rows, error) < 0 || add_ids(self, batch, self->scratch.before, error) < 0) {
        return -1;
    }
    self->rows += batch->rows;
    return 0;
}

static int finish_near(struct dedup *self, struct weir_error *error)
{
    self->instead = weir_allocate((size_t)self->rows, sizeof *self->instead);
    if (!self->instead)
        return weir_fail_memory(error);
    int result = weir_near_finish(self->near, self->ranks, self->instead, error);
    free(self->ranks);
    self->ranks = NULL;
    return result;
}

static int learn_end(void *context, struct weir_error *error)
{
    struct dedup *self = context;
    if (self->pass == DECIDE) {
        if (self->near && finish_near(self, error) < 0)
            return -1;
        self->memory.rows = self->first + self->rows;
    }
    self->rows = 0;
    self->pass = self->pass == DECIDE && self->memory.has_ids ? COLLECT_IDS : APPLY;
    return self->pass == COLLECT_IDS;
}

static int begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    struct dedup *self = context;
    json_t *step = self->step;
    if (streams(&self->options) && weir_dedup_prepare(self, in, error) < 0)
        return -1;
    self->pass = APPLY;
    if (weir_schema_copy(out, in) < 0)
        return weir_fail_memory(error);
    if (self->options.mark && weir_dedup_add_marks(self, out, error) < 0)
        return -1;
    self->step = NULL;
    return weir_plan_record(out, "dedup", step, error);
}

static int drop(struct dedup *self, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    int64_t kept = 0;
    for (int64_t r = 0; r < in->rows; r++)
        if (self->scratch.before[r] < 0)
            self->scratch.index[kept++] = r;
    if (kept == in->rows)
        return weir_batch_share(out, in) < 0 ? weir_fail_memory(error) : 0;
    return weir_batch_take(out, in, &self->schema, self->scratch.index, kept, error);
}

static int apply(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    struct dedup *self = context;
    struct scratch *scratch = &self->scratch;
    if (make_fingerprints(self, in, error) < 0)
        return -1;
    if (streams(&self->options)) {
        self->memory.rows += in->rows;
        if (weir_seen_add(&self->memory.seen, scratch->hashes, in->rows, self->first + self->rows, scratch->before,
                          error) < 0 ||
            (self->memory.has_ids && add_ids(self, in, scratch->before, error) < 0))
            return -1;
    } else if (look_up(self, in->rows, error) < 0) {
        return -1;
    }
    for (int64_t r = 0; r < in->rows; r++) {
        self->duplicates += scratch->before[r] >= 0;
        self->earlier += scratch->before[r] >= 0 && scratch->before[r] < self->first;
    }
    int result = self->options.mark ? weir_dedup_mark(self, in, out, error) : drop(self, in, out, error);
    self->rows += in->rows;
    return result;
}

static int end(void *context, struct weir_error *error)
{
    struct dedup *self = context;
    return self->options.index ? weir_index_write(&self->index, &self->memory, self->near, error) : 0;
}

static void summary(void *context, struct weir_buffer *out)
{
    const struct dedup *self = context;
    if (self->options.mark)
        weir_buffer_format(out, "%lld marked", (long long)self->duplicates);
    if (self->options.index)
        weir_buffer_format(out, "%s%lld %s rows of earlier runs", self->options.mark ? ", " : "",
                           (long long)self->earlier, self->near ? "nearly equal to" : "equal to");
    if (self->near) {
        weir_buffer_string(out, out->size ? "; " : "");
        weir_near_describe(self->near, out);
    }
}

int weir_dedup_filter(struct weir_filter *filter, const struct weir_dedup_options *options, json_t *step,
                      struct weir_error *error)
{
    *filter = (struct weir_filter){ 0 };
    struct dedup *self = step ? weir_allocate_zero(1, sizeof *self) : NULL;
    if (!self) {
        json_decref(step);
        return weir_fail_memory(error);
    }
    self->options = *options;
    self->step = step;
    self->index.descriptor = -1;
    filter->context = self;
    if (options->index && weir_index_open(&self->index, options->index, error) < 0) {
        weir_dedup_filter_release(filter);
        return -1;
    }
    if (!streams(options)) {
        filter->learn_begin = learn_begin;
        filter->learn = learn;
        filter->learn_end = learn_end;
    }
    filter->begin = begin;
    filter->apply = apply;
    filter->end = end;
    filter->summary = summary;
    return 0;
}

int weir_dedup_commit(struct weir_filter *filter, struct weir_error *error)
{
    struct dedup *self = filter->context;
    return self->options.index ? weir_index_commit(&self->index, error) : 0;
}

void weir_dedup_filter_release(struct weir_filter *filter)
{
    struct dedup *self = filter->context;
    if (self) {
        weir_index_close(&self->index);
        weir_memory_release(&self->memory);
        weir_fingerprint_free(self->fingerprint);
        weir_near_free(self->near);
        weir_pool_free(self->pool);
        free(self->ranks);
        free(self->instead);
        weir_schema_release(&self->schema);
        json_decref(self->step);
        free(self->scratch.hashes);
        free(self->scratch.before);
        free(self->scratch.index);
        free(self->columns);
    }
    free(self);
    *filter = (struct weir_filter){ 0 };
}
