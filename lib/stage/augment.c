#include "base/thread.h"
#include "stage/augment_private.h"
#include "stage/choose.h"
#include "stage/image_column.h"
#include "stage/options.h"
#include "stage/plan.h"
#include <stdlib.h>

/* FEW: rows of a batch that come out at once, at least. MANY: numbers of images that are worth a second thread. */
enum { FEW = 16, MANY = 1 << 15 };

/* A column that copies change. */
struct work {
    int column;
    bool is_image;
    struct weir_image image;
    size_t size; /* bytes of an image */
};

struct augment {
    struct weir_augment_options options;
    json_t *step;              /* owned until it is in the plan */
    struct weir_schema schema; /* of the input */
    struct work *works;
    size_t count;
    int split, augmented; /* columns of the input, or -1: a text of the role split; what an earlier run has marked */
    bool origin;          /* a column is added for it */
    struct weir_augment_words words;
    struct weir_builder text;
    struct weir_pool *pool; /* NULL: one thread */
    float *scratch;         /* [threads][largest image] */
    size_t scratch_size;
    /* the batch at hand; NULL: none. `row` and `copy` (0: the row itself) come out next. */
    const struct weir_batch *batch;
    int64_t row, copy;
    int64_t rows; /* of the batches before it */
    /* of the slice that comes out: [count] */
    int64_t *source, *copies;
    size_t source_capacity, copies_capacity;
};

/* ---- Which columns ---------------------------------------------------------------------------------------------- */

static bool fits(const struct weir_field *field, void *context)
{
    const struct weir_augment_options *options = context;
    return (weir_augment_changes_images(options) && weir_image_column_fits(field)) ||
           (weir_augment_changes_texts(options) && field->type.kind == WEIR_UTF8);
}

static int add_work(struct augment *self, int column, struct weir_error *error)
{
    const struct weir_field *field = &self->schema.fields[column];
    struct work *work = &self->works[self->count++];
    *work = (struct work){ .column = column, .is_image = field->type.kind == WEIR_FIXED_LIST };
    if (!work->is_image)
        return 0;
    if (weir_image_column_form(&work->image, field, error) < 0)
        return -1;
    if (weir_augment_image_check(&self->options, &work->image, error) < 0)
        return weir_fail_in(error, "column %s", WEIR_SHOW(field->name));
    work->size = weir_image_column_size(&work->image);
    size_t values = (size_t)(work->image.height * work->image.width * work->image.channels);
    self->scratch_size = values > self->scratch_size ? values : self->scratch_size;
    return 0;
}

static int choose_columns(struct augment *self, struct weir_error *error)
{
    int *chosen;
    size_t count, images = 0;
    const json_t *columns;
    if (weir_option_list(self->step, "column", &columns, error) < 0 ||
        weir_choose_columns(&self->schema, columns, "augment", fits, &self->options, &chosen, &count, error) < 0)
        return -1;
    self->works = weir_allocate_zero(count, sizeof *self->works);
    int result = self->works ? 0 : weir_fail_memory(error);
    for (size_t i = 0; result == 0 && i < count; i++) {
        result = add_work(self, chosen[i], error);
        images += self->works[i].is_image;
    }
    free(chosen);
    if (result == 0 && images == 0 && weir_augment_changes_images(&self->options))
        result =
            weir_fail(error, WEIR_BAD_DATA,
                      "no column holds images, which are to be changed: tensors of uint8 or float32, [height, width] "
                      "or [height, width, channels]");
    if (result == 0 && images == count && weir_augment_changes_texts(&self->options))
        result = weir_fail(error, WEIR_BAD_DATA, "no column holds texts, which are to be changed");
    return result;
}

int weir_made_column(const struct weir_schema *schema)
{
    int column = weir_schema_find(schema, WEIR_AUGMENTED);
    bool marks =
        column >= 0 && schema->fields[column].role == WEIR_SPLIT && schema->fields[column].type.kind == WEIR_BOOL;
    return marks ? column : -1;
}

static int choose_marks(struct augment *self, struct weir_error *error)
{
    self->split = -1;
    self->augmented = weir_made_column(&self->schema);
    if (self->augmented < 0 && weir_schema_find(&self->schema, WEIR_AUGMENTED) >= 0)
        return weir_fail(error, WEIR_USAGE, "a column '" WEIR_AUGMENTED "' is there already");
    for (int i = 0; self->split < 0 && i < self->schema.count; i++) {
        const struct weir_field *field = &self->schema.fields[i];
        if (field->role == WEIR_SPLIT && field->type.kind != WEIR_BOOL)
            self->split = i;
    }
    self->origin = weir_schema_role(&self->schema, WEIR_GROUP, 0) < 0;
    if (self->origin && weir_schema_find(&self->schema, WEIR_ORIGIN) >= 0)
        return weir_fail(error, WEIR_USAGE, "a column '" WEIR_ORIGIN "' is there already");
    return 0;
}

static int add_marks(const struct augment *self, struct weir_schema *out, struct weir_error *error)
{
    struct weir_field *field;
    if (self->augmented < 0) {
        if (!(field = weir_schema_add(out, WEIR_AUGMENTED, WEIR_BOOL)))
            return weir_fail_memory(error);
        field->role = WEIR_SPLIT;
    }
    if (self->origin) {
        if (!(field = weir_schema_add(out, WEIR_ORIGIN, WEIR_INT64)))
            return weir_fail_memory(error);
        field->role = WEIR_GROUP;
    }
    return 0;
}

static int make_scratch(struct augment *self, struct weir_error *error)
{
    int threads = 1;
    if (self->scratch_size == 0)
        return 0;
    if (weir_processors() > 1) {
        if (!(self->pool = weir_pool_new(0)))
            return weir_fail_memory(error);
        threads = weir_pool_threads(self->pool);
    }
    self->scratch_size = (self->scratch_size + 15) / 16 * 16; /* so that threads share no line of the cache */
    self->scratch = weir_allocate_aligned(self->scratch_size * (size_t)threads, sizeof *self->scratch);
    return self->scratch ? 0 : weir_fail_memory(error);
}

static int begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    struct augment *self = context;
    json_t *step = self->step;
    if (!weir_augment_changes_images(&self->options) && !weir_augment_changes_texts(&self->options))
        return weir_fail(
            error, WEIR_USAGE,
            "nothing is to be changed: images by --flip, --crop, --shift, --rotate, --brightness, --contrast "
            "or --noise, texts by --swap, --drop-words or --typo");
    if (weir_schema_copy(&self->schema, in) < 0)
        return weir_fail_memory(error);
    if (choose_columns(self, error) < 0 || choose_marks(self, error) < 0 || make_scratch(self, error) < 0)
        return -1;
    if (weir_builder_init(&self->text, &(struct weir_type){ .kind = WEIR_UTF8 }) < 0 || weir_schema_copy(out, in) < 0)
        return weir_fail_memory(error);
    if (add_marks(self, out, error) < 0)
        return -1;
    self->step = NULL;
    return weir_plan_record(out, "augment", step, error);
}

/* ---- A slice ---------------------------------------------------------------------------------------------------- */

static bool is_for_training(const struct augment *self, int64_t row, struct weir_buffer *text)
{
    if (self->split < 0)
        return true;
    weir_buffer_clear(text);
    weir_value_text(&self->batch->columns[self->split], &self->schema.fields[self->split].type, row, text);
    return text->bytes && (strcmp(text->bytes, "train") == 0 || strcmp(text->bytes, "training") == 0);
}

/* The rows that come out next, `most` at most: where each comes from, and which copy it is, 0 for the row itself. */
static int64_t next_rows(struct augment *self, int64_t most)
{
    int64_t count = 0;
    struct weir_buffer *text = &self->words.text;
    while (count < most && self->row < self->batch->rows) {
        if (self->copy > self->options.copies || (self->copy > 0 && !is_for_training(self, self->row, text))) {
            self->row++;
            self->copy = 0;
            continue;
        }
        if (self->copy > 0 || !self->options.replace) {
            self->source[count] = self->row;
            self->copies[count++] = self->copy;
        }
        self->copy++;
    }
    return count;
}

/* Of a row, a copy and a column its own sequence. */
static struct weir_random random_for(const struct augment *self, int64_t at, int column)
{
    struct weir_random random;
    weir_random_init(&random, self->options.seed, (uint64_t)(self->rows + self->source[at]));
    random.counter = (uint64_t)self->copies[at] << 44 | (uint64_t)column << 32;
    return random;
}

struct images {
    const struct augment *self;
    const struct work *work;
    const struct weir_column *in;
    uint8_t *out;
};

static void change_image(void *context, int index, int thread)
{
    const struct images *images = context;
    const struct augment *self = images->self;
    const struct work *work = images->work;
    int64_t row = self->source[index];
    if (self->copies[index] == 0 || !weir_valid(images->in, row) ||
        !weir_image_column_whole(images->in, &work->image, row))
        return;
    struct weir_random random = random_for(self, index, work->column);
    weir_augment_image(&self->options, &work->image, weir_image_column_pixels(images->in, work->size, row), &random,
                       self->scratch + (size_t)thread * self->scratch_size, images->out + (size_t)index * work->size);
}

/* The images are copied, and those of copies then written anew. */
static int put_images(struct augment *self, const struct work *work, int64_t count, struct weir_column *out,
                      struct weir_error *error)
{
    const struct weir_column *in = &self->batch->columns[work->column];
    if (weir_column_take(out, in, &self->schema.fields[work->column].type, self->source, count, error) < 0)
        return -1;
    struct images images = { self, work, in, (uint8_t *)(uintptr_t)out->children[0].values.bytes };
    if (self->pool && count * (int64_t)(work->size) >= MANY)
        weir_pool_run(self->pool, (int)count, change_image, &images);
    else
        for (int i = 0; i < count; i++)
            change_image(&images, i, 0);
    return 0;
}

static int put_texts(struct augment *self, const struct work *work, int64_t count, struct weir_column *out,
                     struct weir_error *error)
{
    const struct weir_column *in = &self->batch->columns[work->column];
    for (int64_t i = 0; i < count; i++) {
        size_t length;
        if (!weir_valid(in, self->source[i])) {
            weir_builder_null(&self->text);
            continue;
        }
        const char *text = weir_text(in, self->source[i], &length);
        if (self->copies[i] > 0) {
            struct weir_random random = random_for(self, i, work->column);
            if (weir_augment_text(&self->options, text, length, &random, &self->words, error) < 0)
                return -1;
            text = self->words.text.bytes ? self->words.text.bytes : "";
            length = self->words.text.size;
        }
        weir_builder_text(&self->text, text, length);
    }
    return weir_builder_finish(&self->text, out, error);
}

static int put_augmented(const struct augment *self, int64_t count, struct weir_column *out, struct weir_error *error)
{
    const struct weir_column *before = self->augmented >= 0 ? &self->batch->columns[self->augmented] : NULL;
    uint8_t *bits = weir_slice_new(&out->values, (size_t)(count + 7) / 8, 1);
    if (!bits)
        return weir_fail_memory(error);
    memset(bits, 0, out->values.size);
    out->rows = count;
    for (int64_t i = 0; i < count; i++)
        if (self->copies[i] > 0 ||
            (before && weir_valid(before, self->source[i]) && weir_bit(before->values.bytes, self->source[i])))
            weir_bit_set(bits, i);
    return 0;
}

static int put_origin(const struct augment *self, int64_t count, struct weir_column *out, struct weir_error *error)
{
    int64_t *origin = weir_slice_new(&out->values, (size_t)count, sizeof *origin);
    if (!origin)
        return weir_fail_memory(error);
    out->rows = count;
    for (int64_t i = 0; i < count; i++)
        origin[i] = self->rows + self->source[i];
    return 0;
}

static int put_columns(struct augment *self, int64_t count, struct weir_batch *out, struct weir_error *error)
{
    const struct weir_batch *in = self->batch;
    if (weir_batch_init(out, in->count + (self->augmented < 0) + self->origin, count) < 0)
        return weir_fail_memory(error);
    size_t next = 0;
    for (int i = 0; i < in->count; i++) {
        const struct work *work = next < self->count && self->works[next].column == i ? &self->works[next++] : NULL;
        struct weir_column *column = &out->columns[i];
        int result = work && work->is_image ? put_images(self, work, count, column, error)
                     : work                 ? put_texts(self, work, count, column, error)
                     : i == self->augmented ? put_augmented(self, count, column, error)
                                            : weir_column_take(column, &in->columns[i], &self->schema.fields[i].type,
                                                               self->source, count, error);
        if (result < 0)
            return -1;
    }
    int at = in->count;
    if (self->augmented < 0 && put_augmented(self, count, &out->columns[at++], error) < 0)
        return -1;
    return self->origin ? put_origin(self, count, &out->columns[at], error) : 0;
}

/* ---- The filter ------------------------------------------------------------------------------------------------- */

/* All that comes out does so by `more`. */
static int apply(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    (void)out, (void)error;
    struct augment *self = context;
    self->batch = in;
    self->row = self->copy = 0;
    return 0;
}

static int more(void *context, bool ended, struct weir_batch *out, struct weir_error *error)
{
    (void)ended;
    struct augment *self = context;
    if (!self->batch)
        return 0;
    int64_t rows = self->batch->rows, bytes = (int64_t)weir_batch_bytes(self->batch);
    int64_t most = rows > 0 ? rows * WEIR_BATCH_BYTES / (bytes + 1) + FEW : 0;
    void *source = self->source, *copies = self->copies;
    int grown = weir_grow(&source, &self->source_capacity, (size_t)most, sizeof *self->source);
    self->source = source;
    grown |= weir_grow(&copies, &self->copies_capacity, (size_t)most, sizeof *self->copies);
    self->copies = copies;
    if (grown < 0)
        return weir_fail_memory(error);
    int64_t count = next_rows(self, most);
    if (count == 0) {
        self->rows += rows;
        self->batch = NULL;
        return 0;
    }
    return put_columns(self, count, out, error) < 0 ? -1 : 1;
}

int weir_augment_filter(struct weir_filter *filter, const struct weir_augment_options *options, json_t *step,
                        struct weir_error *error)
{
    *filter = (struct weir_filter){ 0 };
    struct augment *self = step ? weir_allocate_zero(1, sizeof *self) : NULL;
    if (!self) {
        json_decref(step);
        return weir_fail_memory(error);
    }
    self->options = *options;
    self->step = step;
    filter->context = self;
    if (weir_option_size(step, "crop", &self->options.crop_width, &self->options.crop_height, error) < 0)
        return -1;
    filter->begin = begin;
    filter->apply = apply;
    filter->more = more;
    return 0;
}

void weir_augment_filter_release(struct weir_filter *filter)
{
    struct augment *self = filter->context;
    if (self) {
        weir_augment_words_release(&self->words);
        weir_builder_release(&self->text);
        weir_pool_free(self->pool);
        weir_schema_release(&self->schema);
        json_decref(self->step);
        free(self->works);
        free(self->scratch);
        free(self->source);
        free(self->copies);
    }
    free(self);
    *filter = (struct weir_filter){ 0 };
}
