#include "stage/dedup.h"
#include "base/random.h"
#include "math/sort.h"
#include "stage/dedup_private.h"
#include "stage/plan.h"

#define DUPLICATE_OF "duplicate_of"
#define CLUSTER      "cluster"

enum pass { DECIDE, COLLECT_IDS, APPLY };

struct dedup {
    struct weir_dedup_options options;
    json_t *step;              /* owned until it is in the plan */
    struct weir_schema schema; /* of the input */
    int *columns;              /* [column_count] that make rows equal */
    int column_count;
    int best, id; /* columns, or -1 */
    struct weir_memory memory;
    struct weir_fingerprint *fingerprint;
    struct weir_near *near; /* NULL: rows must be equal */
    struct weir_pool *pool; /* for it */
    int64_t *ranks;         /* near: of the rows of this run, when not the first of them is preferred */
    size_t ranks_capacity;
    int64_t *instead; /* near: [rows of this run] the row kept instead of each; -1: itself */
    struct weir_index index;
    enum pass pass;
    int64_t first, rows; /* the number of this run's first row; rows read in this pass */
    struct scratch {
        struct weir_hash128 *hashes;
        int64_t *before; /* the row that stands for a row; -1: itself */
        int64_t *index;
        size_t capacity;
    } scratch;                   /* of one batch */
    int64_t duplicates, earlier; /* of rows in earlier runs */
};

/* Whether each row's fate is known when it comes. */
static bool streams(const struct weir_dedup_options *options)
{
    return options->keep == WEIR_KEEP_FIRST && options->near_count == 0;
}

/* ---- what is compared ---- */

static int add_column(struct dedup *self, const char *name, struct weir_error *error)
{
    int column = weir_schema_require(&self->schema, name, error);
    if (column < 0)
        return weir_fail_in(error, "--by");
    for (int i = 0; i < self->column_count; i++)
        if (self->columns[i] == column)
            return weir_fail(error, WEIR_USAGE, "--by names the column '%s' twice", name);
    self->columns[self->column_count++] = column;
    return 0;
}

static int choose_columns(struct dedup *self, struct weir_error *error)
{
    self->columns = weir_allocate((size_t)self->schema.count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    if (self->options.near_count) {
        self->pool = weir_pool_new(0);
        return self->pool ? weir_dedup_near(&self->near, &self->options, &self->schema, self->pool, self->columns,
                                            &self->column_count, error)
                          : weir_fail_memory(error);
    }
    for (size_t i = 0; i < self->options.by_count; i++)
        if (add_column(self, self->options.by[i], error) < 0)
            return -1;
    if (self->options.by_count)
        return 0;
    for (int c = 0; c < self->schema.count; c++)
        if (self->schema.fields[c].role != WEIR_ID)
            self->columns[self->column_count++] = c;
    if (self->column_count == 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "every column is an id, and rows are compared by the others: name columns with --by");
    return 0;
}

static bool has_order(enum weir_kind kind)
{
    return weir_kind_is_number(kind) || (kind >= WEIR_DATE32 && kind <= WEIR_DURATION);
}

static int choose_best(struct dedup *self, struct weir_error *error)
{
    self->best = -1;
    if (self->options.keep != WEIR_KEEP_BEST)
        return 0;
    self->best = weir_schema_require(&self->schema, self->options.best, error);
    if (self->best < 0)
        return weir_fail_in(error, "--keep");
    if (!has_order(self->schema.fields[self->best].type.kind))
        return weir_fail(error, WEIR_BAD_DATA,
                         "--keep: the best of the column '%s' is asked for, which holds no numbers "
                         "and no times",
                         self->options.best);
    return 0;
}

static int choose_id(struct dedup *self, struct weir_error *error)
{
    self->id = weir_schema_role(&self->schema, WEIR_ID, 0);
    if (self->id >= 0 && !weir_ids_fit(&self->schema.fields[self->id].type))
        self->id = -1;
    if ((!self->options.mark && !self->options.index) || self->id < 0)
        return 0;
    const struct weir_type *type = &self->schema.fields[self->id].type;
    if (!self->memory.has_ids && weir_ids_init(&self->memory.ids, type) < 0)
        return weir_fail_memory(error);
    self->memory.has_ids = true;
    return 0;
}

/* ---- what earlier runs have left ---- */

/* The columns in the order in which the index has them; they must be the same. */
static int follow_columns(struct dedup *self, struct weir_error *error)
{
    const struct weir_memory *memory = &self->memory;
    for (int i = 0; i < self->column_count; i++) {
        int k = i;
        while (i < memory->column_count && k < self->column_count &&
               strcmp(self->schema.fields[self->columns[k]].name, memory->columns[i]) != 0)
            k++;
        if (i >= memory->column_count || k == self->column_count)
            break;
        int column = self->columns[k];
        self->columns[k] = self->columns[i];
        self->columns[i] = column;
        if (i + 1 == self->column_count && self->column_count == memory->column_count)
            return 0;
    }
    struct weir_buffer names = { 0 };
    for (int i = 0; i < memory->column_count; i++) {
        weir_buffer_string(&names, i ? ", " : "");
        weir_buffer_escaped(&names, memory->columns[i], strlen(memory->columns[i]));
    }
    weir_fail(error, WEIR_BAD_DATA,
              "'%s' remembers rows by the columns %.600s, and these are compared by others "
              "(--by names them)",
              self->options.index, names.bytes ? names.bytes : "");
    weir_buffer_release(&names);
    return -1;
}

static int follow_ids(struct dedup *self, struct weir_error *error)
{
    const struct weir_memory *memory = &self->memory;
    const struct weir_type *type = self->id >= 0 ? &self->schema.fields[self->id].type : NULL;
    struct weir_buffer here = { 0 }, there = { 0 };
    if (type && type->kind == WEIR_DICTIONARY)
        type = &type->children[0].type;
    if (memory->has_ids == (type != NULL) && (!type || weir_type_equal(type, &memory->ids.type)))
        return 0;
    weir_buffer_string(&here, type ? "ids of type " : "no ids");
    weir_buffer_string(&there, memory->has_ids ? "ids of type " : "no ids");
    if (type)
        weir_type_describe(type, &here);
    if (memory->has_ids)
        weir_type_describe(&memory->ids.type, &there);
    weir_fail(error, WEIR_BAD_DATA, "'%s' remembers rows with %s, and these have %s", self->options.index, there.bytes,
              here.bytes);
    weir_buffer_release(&here);
    weir_buffer_release(&there);
    return -1;
}

static int new_memory(struct dedup *self, enum weir_seen_holds holds, struct weir_error *error)
{
    struct weir_memory *memory = &self->memory;
    if (weir_random_secret(memory->key, sizeof memory->key, error) < 0)
        return -1;
    memory->columns = weir_allocate_zero((size_t)self->column_count, sizeof *memory->columns);
    if (!memory->columns)
        return weir_fail_memory(error);
    for (; memory->column_count < self->column_count; memory->column_count++) {
        const char *name = self->schema.fields[self->columns[memory->column_count]].name;
        if (!(memory->columns[memory->column_count] = weir_duplicate_string(name)))
            return weir_fail_memory(error);
    }
    return weir_seen_init(&memory->seen, holds, error);
}

/* Everything that is to be known before the first row. */
static int prepare(struct dedup *self, const struct weir_schema *in, struct weir_error *error)
{
    const struct weir_dedup_options *options = &self->options;
    enum weir_seen_holds holds = options->keep == WEIR_KEEP_BEST                                      ? WEIR_SEEN_RANKED
                                 : options->keep == WEIR_KEEP_LAST || options->mark || options->index ? WEIR_SEEN_ROWS
                                                                                                      : WEIR_SEEN_ONLY;
    if (weir_schema_copy(&self->schema, in) < 0)
        return weir_fail_memory(error);
    if (choose_columns(self, error) < 0 || choose_best(self, error) < 0)
        return -1;
    if (self->index.size) {
        if (weir_index_read(&self->index, &self->memory, holds, self->near, error) < 0 ||
            follow_columns(self, error) < 0 || choose_id(self, error) < 0 || follow_ids(self, error) < 0)
            return -1;
    } else if (new_memory(self, holds, error) < 0 || choose_id(self, error) < 0) {
        return -1;
    }
    self->first = self->memory.rows;
    if (self->near)
        return 0;
    return weir_fingerprint_new(&self->fingerprint, &self->schema, self->columns, self->column_count, self->memory.key,
                                error);
}

/* ---- one batch ---- */

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

/* Smaller for what is better, of any kind that has an order. */
static int64_t rank_of(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    const int64_t worst = INT64_MAX, sign = INT64_MIN;
    if (!weir_valid(column, row))
        return worst;
    if (weir_kind_is_float(kind)) {
        double value = weir_number(column, kind, row);
        return value != value ? worst : ~((int64_t)weir_key(value) ^ sign);
    }
    if (kind == WEIR_UINT64)
        return ~(((const int64_t *)(const void *)column->values.bytes)[row] ^ sign);
    if (weir_kind_width(kind) == 8)
        return ~((const int64_t *)(const void *)column->values.bytes)[row];
    return ~(int64_t)weir_number(column, kind, row);
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
    return prepare(self, in, error) < 0 ? -1 : 1;
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

/* duplicate_of and cluster: ids pass through whatever follows, and rows of one cluster stay together. */
static int add_marks(struct dedup *self, struct weir_schema *out, struct weir_error *error)
{
    const char *names[] = { DUPLICATE_OF, CLUSTER };
    struct weir_field *field;
    for (int i = 0; i < 2; i++)
        if (weir_schema_find(out, names[i]) >= 0)
            return weir_fail(error, WEIR_BAD_DATA, "--mark: there is a column '%s' already", names[i]);
    bool grouped = weir_schema_role(out, WEIR_GROUP, 0) >= 0;
    if (!(field = weir_schema_add(out, DUPLICATE_OF, WEIR_INT64)))
        return weir_fail_memory(error);
    field->role = WEIR_ID;
    if (self->memory.has_ids) {
        weir_type_release(&field->type);
        if (weir_type_copy(&field->type, &self->memory.ids.type) < 0)
            return weir_fail_memory(error);
    }
    if (!(field = weir_schema_add(out, CLUSTER, WEIR_INT64)))
        return weir_fail_memory(error);
    field->role = grouped ? WEIR_FEATURE : WEIR_GROUP;
    return 0;
}

static int begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    struct dedup *self = context;
    json_t *step = self->step;
    if (streams(&self->options) && prepare(self, in, error) < 0)
        return -1;
    self->pass = APPLY;
    if (weir_schema_copy(out, in) < 0)
        return weir_fail_memory(error);
    if (self->options.mark && add_marks(self, out, error) < 0)
        return -1;
    self->step = NULL;
    return weir_plan_record(out, "dedup", step, error);
}

/* The batch with two columns more. */
static int mark(struct dedup *self, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    const int64_t *before = self->scratch.before;
    struct weir_type number = { .kind = WEIR_INT64 };
    struct weir_builder builder = { 0 };
    int result = -1;
    if (weir_batch_init(out, in->count + 2, in->rows) < 0)
        goto no_memory;
    for (int c = 0; c < in->count; c++)
        if (weir_column_share(&out->columns[c], &in->columns[c]) < 0)
            goto no_memory;
    struct weir_column *cluster = &out->columns[in->count + 1];
    int64_t *clusters = weir_slice_new(&cluster->values, (size_t)in->rows, sizeof *clusters);
    if (!clusters || weir_builder_init(&builder, self->memory.has_ids ? &self->memory.ids.type : &number) < 0)
        goto no_memory;
    cluster->rows = in->rows;
    for (int64_t r = 0; r < in->rows; r++) {
        clusters[r] = (before[r] < 0 ? self->first + self->rows + r : before[r]) + 1;
        if (before[r] < 0)
            weir_builder_null(&builder);
        else if (self->memory.has_ids)
            weir_ids_put(&self->memory.ids, before[r], &builder);
        else
            weir_builder_int64(&builder, before[r] + 1);
    }
    result = weir_builder_finish(&builder, &out->columns[in->count], error);
    goto cleanup;
no_memory:
    weir_fail_memory(error);
cleanup:
    weir_builder_release(&builder);
    return result;
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
    int result = self->options.mark ? mark(self, in, out, error) : drop(self, in, out, error);
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
