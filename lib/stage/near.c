#include "stage/near.h"
#include "stage/near_private.h"
#include <stdlib.h>

/* Rows are gone through in blocks: those of a block are compared with what is kept before it on all threads, then with
 * what is kept in it one after the other. The first place wins either way, so that blocks do not show in the outcome
 * (which rows are candidates is the kind's affair, and may depend on these numbers, never on threads). */
enum { BLOCK = 4096, SHARE = 32 };

static const struct near_kind *const kinds[] = {
    [WEIR_NEAR_TEXT] = &weir_near_text,
    [WEIR_NEAR_RECORD] = &weir_near_record,
    [WEIR_NEAR_IMAGE] = &weir_near_image,
};

struct running {
    int (*task)(void *context, size_t index, int thread, struct weir_error *error);
    void *context;
    size_t first;
    size_t *failed; /* [threads] the least index that failed; SIZE_MAX: none */
    struct weir_error *errors;
};

static void run_task(void *context, int index, int thread)
{
    struct running *running = context;
    struct weir_error error = { 0 };
    size_t number = running->first + (size_t)index;
    if (running->task(running->context, number, thread, &error) < 0 && number < running->failed[thread]) {
        running->failed[thread] = number;
        running->errors[thread] = error;
    }
}

int weir_near_run(const struct weir_near *near, size_t count,
                  int (*task)(void *context, size_t index, int thread, struct weir_error *error), void *context,
                  struct weir_error *error)
{
    enum { AT_ONCE = 1 << 30 };
    int worst = 0, result = 0;
    struct running running = { task, context, 0, NULL, NULL };
    if (near->threads == 1 || count <= 1) {
        for (size_t i = 0; i < count; i++)
            if (task(context, i, 0, error) < 0)
                return -1;
        return 0;
    }
    running.failed = weir_allocate((size_t)near->threads, sizeof *running.failed);
    running.errors = weir_allocate_zero((size_t)near->threads, sizeof *running.errors);
    if (!running.failed || !running.errors) {
        result = weir_fail_memory(error);
        goto cleanup;
    }
    for (int i = 0; i < near->threads; i++)
        running.failed[i] = SIZE_MAX;
    for (; running.first < count; running.first += AT_ONCE) {
        size_t left = count - running.first;
        weir_pool_run(near->options.pool, left < AT_ONCE ? (int)left : AT_ONCE, run_task, &running);
    }
    for (int i = 1; i < near->threads; i++)
        if (running.failed[i] < running.failed[worst])
            worst = i;
    if (running.failed[worst] != SIZE_MAX) {
        if (error)
            *error = running.errors[worst];
        result = -1;
    }
cleanup:
    free(running.failed);
    free(running.errors);
    return result;
}

static const struct weir_type *value_type(const struct weir_type *type)
{
    return type->kind == WEIR_DICTIONARY ? &type->children[0].type : type;
}

int weir_near_kind_of(const struct weir_schema *schema, const int *columns, int count, enum weir_near_kind *kind,
                      struct weir_error *error)
{
    for (int i = 0; i < count; i++) {
        const struct weir_field *field = &schema->fields[columns[i]];
        const struct weir_type *type = value_type(&field->type);
        bool image = type->kind == WEIR_FIXED_LIST && type->rank >= 2 && type->rank <= 3 &&
                     type->children[0].type.kind == WEIR_UINT8;
        bool nested = type->kind == WEIR_FIXED_LIST || type->kind == WEIR_LIST || type->kind == WEIR_STRUCT;
        struct weir_buffer text = { 0 };
        if (count == 1 && type->kind == WEIR_UTF8) {
            *kind = WEIR_NEAR_TEXT;
            return 0;
        }
        if (count == 1 && image) {
            *kind = WEIR_NEAR_IMAGE;
            return 0;
        }
        if (count > 1 && !nested)
            continue;
        weir_type_describe(&field->type, &text);
        weir_fail(error, WEIR_BAD_DATA,
                  count == 1 ? "column '%s' (%s) holds neither text nor images (tensors of uint8)"
                             : "column '%s' (%s) cannot be compared together with others",
                  field->name, text.failed ? "?" : text.bytes);
        weir_buffer_release(&text);
        return -1;
    }
    *kind = WEIR_NEAR_RECORD;
    return 0;
}

int weir_near_new(struct weir_near **out, const struct weir_schema *schema, const int *columns, int count,
                  const struct weir_near_options *options, struct weir_error *error)
{
    struct weir_near *near = weir_allocate_zero(1, sizeof *near);
    if (!near)
        return weir_fail_memory(error);
    near->schema = schema;
    near->count = count;
    near->options = *options;
    near->threads = options->pool ? weir_pool_threads(options->pool) : 1;
    near->store.memory = options->memory > 0 ? (size_t)options->memory : 0;
    near->columns = weir_allocate((size_t)count, sizeof *near->columns);
    near->thresholds = weir_allocate((size_t)count, sizeof *near->thresholds);
    near->kind = kinds[options->kind];
    if (!near->columns || !near->thresholds) {
        weir_fail_memory(error);
        goto failed;
    }
    memcpy(near->columns, columns, (size_t)count * sizeof *columns);
    for (int i = 0; i < count; i++) {
        near->thresholds[i] = options->thresholds[i];
        if (!(near->thresholds[i] > 0 && near->thresholds[i] <= 1)) {
            weir_fail(error, WEIR_USAGE, "a threshold lies above 0 and is at most 1: %g", near->thresholds[i]);
            goto failed;
        }
    }
    near->options.thresholds = near->thresholds;
    if (near->kind->begin(near, error) < 0)
        goto failed;
    *out = near;
    return 0;
failed:
    weir_near_free(near);
    return -1;
}

int weir_near_add(struct weir_near *near, const struct weir_batch *batch, struct weir_error *error)
{
    size_t first = near->store.rows;
    if (near->kind->take(near, batch, error) < 0)
        return -1;
    return near->kind->sign ? near->kind->sign(near, first, error) : 0;
}

void weir_near_describe(const struct weir_near *near, struct weir_buffer *out)
{
    near->kind->describe(near, out);
}

struct ranked {
    int64_t rank;
    uint32_t row;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static int make_order(struct weir_near *near, const int64_t *rank, struct weir_error *error)
{
    size_t rows = near->store.rows, earlier = near->earlier;
    near->order = weir_allocate(rows, sizeof *near->order);
    near->kept = weir_allocate_zero(rows / 8 + 1, 1);
    if (!near->order || !near->kept)
        return weir_fail_memory(error);
    for (size_t i = 0; i < rows; i++)
        near->order[i] = (uint32_t)i;
    if (!rank)
        return 0;
    struct ranked *ranked = weir_allocate(rows - earlier, sizeof *ranked);
    if (!ranked)
        return weir_fail_memory(error);
    for (size_t i = 0; i < rows - earlier; i++)
        ranked[i] = (struct ranked){ rank[i], (uint32_t)(earlier + i) };
    qsort(ranked, rows - earlier, sizeof *ranked, by_rank);
    for (size_t i = 0; i < rows - earlier; i++)
        near->order[earlier + i] = ranked[i].row;
    free(ranked);
    return 0;
}

static int64_t number_of(const struct weir_near *near, size_t row)
{
    return row < near->earlier ? near->numbers[row] : near->before + (int64_t)(row - near->earlier);
}

struct finding {
    struct weir_near *near;
    size_t begin, end; /* the block */
    int64_t *match;    /* [end - begin] */
};

static int find_share(void *context, size_t index, int thread, struct weir_error *error)
{
    struct finding *finding = context;
    size_t first = finding->begin + index * SHARE;
    for (size_t place = first; place < first + SHARE && place < finding->end; place++) {
        int64_t match =
            finding->near->kind->find(finding->near, (uint32_t)place, 0, (uint32_t)finding->begin, thread, error);
        if (match < -1)
            return -1;
        finding->match[place - finding->begin] = match;
    }
    return 0;
}

static void keep(struct weir_near *near, size_t place)
{
    weir_bit_set(near->kept, (int64_t)place);
    if (weir_near_store_present(&near->store, near->order[place]))
        near->kind->keep(near, (uint32_t)place);
}

int weir_near_finish(struct weir_near *near, const int64_t *rank, int64_t *duplicate_of, struct weir_error *error)
{
    int64_t match[BLOCK];
    struct finding finding = { near, 0, 0, match };
    size_t rows = near->store.rows;
    if (make_order(near, rank, error) < 0 || near->kind->prepare(near, error) < 0)
        return -1;
    for (size_t place = 0; place < near->earlier; place++)
        keep(near, place);
    for (size_t begin = near->earlier; begin < rows; begin = finding.end) {
        finding.begin = begin;
        finding.end = rows - begin < BLOCK ? rows : begin + BLOCK;
        size_t shares = (finding.end - begin + SHARE - 1) / SHARE;
        if (weir_near_run(near, shares, find_share, &finding, error) < 0)
            return -1;
        for (size_t place = begin; place < finding.end; place++) {
            int64_t found = match[place - begin];
            if (found < 0)
                found = near->kind->find(near, (uint32_t)place, (uint32_t)begin, (uint32_t)place, 0, error);
            if (found < -1)
                return -1;
            if (found < 0)
                keep(near, place);
            duplicate_of[near->order[place] - near->earlier] = found < 0 ? -1 : number_of(near, near->order[found]);
        }
    }
    return 0;
}

/* What is saved: HEAD_SIZE bytes of numbers (below), the thresholds as float64, one for each column, then for each row
 * that is kept, in the order of places, its number and the size of its bytes as two uint64 and the bytes. */
static const char MAGIC[8] = "weirnear";
enum { VERSION = 1, HEAD_SIZE = 48, ROW_SIZE = 16 };

/* Everything that decides whether rows saved can be compared with those of this run. */
static int make_head(const struct weir_near *near, uint64_t rows, struct weir_buffer *out, struct weir_error *error)
{
    uint8_t head[HEAD_SIZE] = { 0 };
    memcpy(head, MAGIC, sizeof MAGIC);
    weir_store_u32(head + 8, VERSION);
    weir_store_u32(head + 12, (uint32_t)near->options.kind);
    weir_store_u32(head + 16, near->options.kind == WEIR_NEAR_TEXT ? (uint32_t)near->options.unit : 0);
    weir_store_u32(head + 20, near->options.kind == WEIR_NEAR_TEXT ? (uint32_t)near->options.size : 0);
    weir_store_u64(head + 24, near->options.kind == WEIR_NEAR_TEXT ? near->options.seed : 0);
    weir_store_u32(head + 32, (uint32_t)near->count);
    weir_store_u64(head + 40, rows);
    weir_buffer_append(out, head, sizeof head);
    for (int i = 0; i < near->count; i++) {
        uint8_t bytes[8];
        uint64_t bits;
        memcpy(&bits, &near->thresholds[i], sizeof bits);
        weir_store_u64(bytes, bits);
        weir_buffer_append(out, bytes, sizeof bytes);
    }
    return weir_buffer_check(out, error);
}

int weir_near_save(const struct weir_near *near,
                   int (*write)(void *context, const void *bytes, size_t size, struct weir_error *error), void *context,
                   struct weir_error *error)
{
    struct weir_buffer head = { 0 }, scratch = { 0 };
    uint64_t kept = 0;
    int result = -1;
    for (size_t place = 0; place < near->store.rows; place++)
        kept += weir_bit(near->kept, (int64_t)place) && weir_near_store_present(&near->store, near->order[place]);
    if (make_head(near, kept, &head, error) < 0 || write(context, head.bytes, head.size, error) < 0)
        goto cleanup;
    for (size_t place = 0; place < near->store.rows; place++) {
        size_t row = near->order[place], size;
        const uint8_t *bytes;
        uint8_t numbers[ROW_SIZE];
        if (!weir_bit(near->kept, (int64_t)place) || !weir_near_store_present(&near->store, row))
            continue;
        if (weir_near_store_get(&near->store, row, &scratch, &bytes, &size, error) < 0)
            goto cleanup;
        weir_store_u64(numbers, (uint64_t)number_of(near, row));
        weir_store_u64(numbers + 8, size);
        if (write(context, numbers, sizeof numbers, error) < 0 || (size > 0 && write(context, bytes, size, error) < 0))
            goto cleanup;
    }
    result = 0;
cleanup:
    weir_buffer_release(&head);
    weir_buffer_release(&scratch);
    return result;
}

static const char *difference(const uint8_t *saved, const uint8_t *wanted, size_t size)
{
    if (memcmp(saved, wanted, 8) != 0)
        return "is none of near-duplicates";
    if (memcmp(saved + 8, wanted + 8, 4) != 0)
        return "is of another version";
    if (memcmp(saved + 12, wanted + 12, 4) != 0)
        return "was made of columns of another kind";
    if (memcmp(saved + 16, wanted + 16, 8) != 0)
        return "was made with other shingles";
    if (memcmp(saved + 24, wanted + 24, 8) != 0)
        return "was made with another seed";
    if (memcmp(saved + 32, wanted + 32, 4) != 0)
        return "was made of another number of columns";
    if (weir_load_u32(saved + 36) != 0)
        return "is damaged";
    return size > HEAD_SIZE && memcmp(saved + HEAD_SIZE, wanted + HEAD_SIZE, size - HEAD_SIZE) != 0
               ? "was made with another threshold"
               : NULL;
}

/* One row of the saved: its number and its bytes come in. */
static int restore_row(struct weir_near *near, int64_t rows, uint64_t *left, struct weir_buffer *bytes,
                       int (*read)(void *context, void *bytes, size_t size, struct weir_error *error), void *context,
                       struct weir_error *error)
{
    uint8_t head[ROW_SIZE];
    void *numbers = near->numbers;
    if (*left < ROW_SIZE)
        return weir_fail(error, WEIR_BAD_DATA, "the index is cut short");
    if (read(context, head, sizeof head, error) < 0)
        return -1;
    *left -= ROW_SIZE;
    uint64_t number = weir_load_u64(head), size = weir_load_u64(head + 8);
    if (size > *left || number >= (uint64_t)rows)
        return weir_fail(error, WEIR_BAD_DATA, "the index is damaged: row %zu", near->earlier);
    weir_buffer_clear(bytes);
    if (weir_buffer_reserve(bytes, (size_t)size + ROW_SIZE) < 0)
        return weir_fail_memory(error);
    if (size > 0 && read(context, bytes->bytes, (size_t)size, error) < 0)
        return -1;
    *left -= size;
    if (near->kind->check && !near->kind->check(near, (const uint8_t *)bytes->bytes, (size_t)size))
        return weir_fail(error, WEIR_BAD_DATA, "the index is damaged: row %zu", near->earlier);
    if (weir_grow(&numbers, &near->numbers_capacity, near->earlier + 1, sizeof *near->numbers) < 0)
        return weir_fail_memory(error);
    near->numbers = numbers;
    near->numbers[near->earlier] = (int64_t)number;
    if (weir_near_store_add(&near->store, bytes->bytes, (size_t)size, true, error) < 0)
        return -1;
    near->earlier++;
    return 0;
}

int weir_near_restore(struct weir_near *near, int64_t rows, uint64_t size,
                      int (*read)(void *context, void *bytes, size_t size, struct weir_error *error), void *context,
                      struct weir_error *error)
{
    struct weir_buffer wanted = { 0 }, bytes = { 0 };
    uint8_t head[HEAD_SIZE];
    uint64_t left = size;
    int result = -1;
    if (make_head(near, 0, &wanted, error) < 0)
        goto cleanup;
    if (left < wanted.size) {
        weir_fail(error, WEIR_BAD_DATA, "the index is cut short");
        goto cleanup;
    }
    if (weir_buffer_reserve(&bytes, wanted.size) < 0) {
        weir_fail_memory(error);
        goto cleanup;
    }
    if (read(context, bytes.bytes, wanted.size, error) < 0)
        goto cleanup;
    left -= wanted.size;
    memcpy(head, bytes.bytes, sizeof head);
    const char *what = difference((const uint8_t *)bytes.bytes, (const uint8_t *)wanted.bytes, wanted.size);
    if (what) {
        weir_fail(error, WEIR_BAD_DATA, "the index %s", what);
        goto cleanup;
    }
    uint64_t count = weir_load_u64(head + 40);
    if (count > left / ROW_SIZE) {
        weir_fail(error, WEIR_BAD_DATA, "the index is cut short");
        goto cleanup;
    }
    for (uint64_t i = 0; i < count; i++)
        if (restore_row(near, rows, &left, &bytes, read, context, error) < 0)
            goto cleanup;
    if (left > 0) {
        weir_fail(error, WEIR_BAD_DATA, "the index is longer than its rows");
        goto cleanup;
    }
    near->before = rows;
    result = near->kind->sign ? near->kind->sign(near, 0, error) : 0;
cleanup:
    weir_buffer_release(&wanted);
    weir_buffer_release(&bytes);
    return result;
}

void weir_near_free(struct weir_near *near)
{
    if (!near)
        return;
    near->kind->release(near);
    weir_near_store_release(&near->store);
    free(near->columns);
    free(near->thresholds);
    free(near->numbers);
    free(near->order);
    free(near->kept);
    free(near);
}
