/* IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist): two zero bytes, the type, the number of dimensions, each
 * dimension as a big-endian uint32, then the values, big-endian, row after row. One dimension gives the column `label`
 * (or `value` when it holds fractions), more give the column `image`, a tensor. */
#include "base/bytes.h"
#include "format/format.h"
#include <stdlib.h>
#include <string.h>

enum { HEADER = 4 };

struct idx_type {
    uint8_t code;
    enum weir_kind kind;
    int width;
};

static const struct idx_type idx_types[] = {
    { 0x08, WEIR_UINT8, 1 }, { 0x09, WEIR_INT8, 1 },    { 0x0b, WEIR_INT16, 2 },
    { 0x0c, WEIR_INT32, 4 }, { 0x0d, WEIR_FLOAT32, 4 }, { 0x0e, WEIR_FLOAT64, 8 },
};

/* One IDX file: its header, and where its reading stands. */
struct idx_file {
    struct weir_feed *feed;
    const struct idx_type *type;
    int rank;
    int64_t shape[WEIR_MAX_RANK]; /* of one item: without the first dimension */
    int64_t items;
    size_t item_bytes;
};

struct idx {
    struct idx_file images, labels; /* labels.feed NULL: none */
    int64_t done;
    int64_t batch_items;
    int *wanted; /* 0: images, 1: labels */
    int wanted_count;
    uint8_t *scratch; /* labels as stored */
};

static const struct idx_type *find_type(uint8_t code)
{
    for (size_t i = 0; i < sizeof idx_types / sizeof *idx_types; i++)
        if (idx_types[i].code == code)
            return &idx_types[i];
    return NULL;
}

static bool idx_sniff(const uint8_t *head, size_t size)
{
    return size >= HEADER && head[0] == 0 && head[1] == 0 && find_type(head[2]) && head[3] >= 1 &&
           head[3] <= WEIR_MAX_RANK;
}

static int read_header(struct idx_file *file, struct weir_feed *feed, struct weir_error *error)
{
    const char *name = weir_feed_name(feed);
    uint8_t head[HEADER], dimensions[4 * WEIR_MAX_RANK];
    ssize_t got = weir_feed_read(feed, head, HEADER, error);
    if (got < 0)
        return -1;
    if (!idx_sniff(head, (size_t)got))
        return weir_fail(error, WEIR_BAD_DATA, "%s: it is no IDX file", name);
    file->feed = feed;
    file->type = find_type(head[2]);
    file->rank = head[3] - 1;
    ssize_t wanted = 4 * head[3];
    got = weir_feed_read(feed, dimensions, (size_t)wanted, error);
    if (got < 0)
        return -1;
    if (got < wanted)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it is cut within its header", name);
    file->items = weir_load_u32_big(dimensions);
    file->item_bytes = (size_t)file->type->width;
    for (int i = 0; i < file->rank; i++) {
        file->shape[i] = weir_load_u32_big(dimensions + 4 * (i + 1));
        if (file->shape[i] == 0 || !weir_multiply(file->item_bytes, (size_t)file->shape[i], &file->item_bytes) ||
            file->item_bytes > WEIR_RECORD_LIMIT)
            return weir_fail(error, WEIR_BAD_DATA, "%s: its header claims an item of no bytes or more than %d", name,
                             WEIR_RECORD_LIMIT);
    }
    return 0;
}

static int idx_open(struct weir_table *table, struct weir_error *error)
{
    struct idx *idx = table->state = weir_allocate_zero(1, sizeof *idx);
    if (!idx)
        return weir_fail_memory(error);
    struct idx_file *images = &idx->images, *labels = &idx->labels;
    if (read_header(images, table->feed, error) ||
        (table->options->labels && read_header(labels, table->options->labels, error)))
        return -1;
    const char *name = weir_feed_name(table->feed);
    if (labels->feed && (labels->rank || weir_kind_is_float(labels->type->kind)))
        return weir_fail(error, WEIR_BAD_DATA, "%s: it does not hold labels (one whole number an item)",
                         weir_feed_name(labels->feed));
    if (labels->feed && images->rank == 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it does not hold images, and --labels was given", name);
    if (labels->feed && labels->items != images->items)
        return weir_fail(error, WEIR_BAD_DATA, "%s: %lld images, and %lld labels in %s", name, (long long)images->items,
                         (long long)labels->items, weir_feed_name(labels->feed));
    idx->batch_items = WEIR_BATCH_BYTES / (int64_t)images->item_bytes;
    if (idx->batch_items < 1)
        idx->batch_items = 1;
    bool real = weir_kind_is_float(images->type->kind);
    struct weir_field *field = weir_schema_add(&table->schema,
                                               images->rank ? "image"
                                               : real       ? "value"
                                                            : "label",
                                               real ? WEIR_FLOAT64 : WEIR_INT64);
    if (!field || (images->rank && weir_field_make_tensor(field, images->type->kind,
                                                          (int32_t)(images->item_bytes / (size_t)images->type->width),
                                                          images->rank, images->shape)))
        return weir_fail_memory(error);
    if (labels->feed && !(field = weir_schema_add(&table->schema, "label", WEIR_INT64)))
        return weir_fail_memory(error);
    for (int i = 0; i < table->schema.count; i++)
        table->schema.fields[i].nullable = false;
    return weir_known_check(table, error);
}

static int idx_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct idx *idx = table->state;
    idx->wanted_count = table->schema.count;
    idx->wanted = weir_allocate((size_t)idx->wanted_count, sizeof *wanted);
    idx->scratch = weir_allocate((size_t)idx->batch_items, 8);
    if (!idx->wanted || !idx->scratch)
        return weir_fail_memory(error);
    memcpy(idx->wanted, wanted, (size_t)idx->wanted_count * sizeof *wanted);
    return 0;
}

static int read_items(const struct idx_file *file, uint8_t *bytes, int64_t items, int64_t done,
                      struct weir_error *error)
{
    size_t wanted = (size_t)items * file->item_bytes;
    ssize_t got = weir_feed_read(file->feed, bytes, wanted, error);
    if (got < 0)
        return -1;
    if ((size_t)got < wanted)
        return weir_fail(error, WEIR_BAD_DATA, "%s: its header claims %lld items, and it ends within item %lld",
                         weir_feed_name(file->feed), (long long)file->items,
                         (long long)(done + got / (ssize_t)file->item_bytes + 1));
    return 0;
}

static int check_end(const struct idx_file *file, struct weir_error *error)
{
    uint8_t byte;
    ssize_t got = weir_feed_read(file->feed, &byte, 1, error);
    if (got > 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: bytes follow the %lld items that its header claims",
                         weir_feed_name(file->feed), (long long)file->items);
    return (int)got;
}

/* Big-endian values to the machine's. */
static void swap(uint8_t *bytes, size_t count, int width)
{
    for (size_t i = 0; i < count; i++, bytes += width)
        for (int a = 0, b = width - 1; a < b; a++, b--) {
            uint8_t byte = bytes[a];
            bytes[a] = bytes[b];
            bytes[b] = byte;
        }
}

/* A single number, swapped already, as int64 (or as float64, bit by bit). */
static int64_t widen(const uint8_t *bytes, enum weir_kind kind)
{
    double real;
    int64_t bits;
    switch (kind) {
    case WEIR_UINT8:
        return bytes[0];
    case WEIR_INT8:
        return (int8_t)bytes[0];
    case WEIR_INT16:
        return weir_load_i16(bytes);
    case WEIR_INT32:
        return weir_load_i32(bytes);
    case WEIR_FLOAT32:
        real = weir_load_f32(bytes);
        break;
    default:
        real = weir_load_f64(bytes);
    }
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

/* One number an item: a column of int64 or float64. */
static int read_numbers(struct idx *idx, const struct idx_file *file, int64_t items, struct weir_column *column,
                        struct weir_error *error)
{
    if (read_items(file, idx->scratch, items, idx->done, error))
        return -1;
    swap(idx->scratch, (size_t)items, file->type->width);
    *column = (struct weir_column){ .rows = items };
    int64_t *values = weir_slice_new(&column->values, (size_t)items, sizeof *values);
    if (!values)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < items; i++)
        values[i] = widen(idx->scratch + i * file->type->width, file->type->kind);
    return 0;
}

static int read_tensors(struct idx *idx, const struct idx_file *file, int64_t items, struct weir_column *column,
                        struct weir_error *error)
{
    size_t size = (size_t)items * file->item_bytes;
    if (weir_column_add_children(column, 1))
        return weir_fail_memory(error);
    uint8_t *bytes = weir_slice_new(&column->children[0].values, size, 1);
    if (!bytes)
        return weir_fail_memory(error);
    if (read_items(file, bytes, items, idx->done, error))
        return -1;
    swap(bytes, size / (size_t)file->type->width, file->type->width);
    column->rows = items;
    column->children[0].rows = (int64_t)(size / (size_t)file->type->width);
    return 0;
}

static int idx_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct idx *idx = table->state;
    int64_t items = idx->images.items - idx->done;
    if (items == 0) {
        if (check_end(&idx->images, error) || (idx->labels.feed && check_end(&idx->labels, error)))
            return -1;
        return 0;
    }
    if (items > idx->batch_items)
        items = idx->batch_items;
    struct weir_column columns[2] = { 0 };
    int code = idx->images.rank ? read_tensors(idx, &idx->images, items, &columns[0], error)
                                : read_numbers(idx, &idx->images, items, &columns[0], error);
    if (code == 0 && idx->labels.feed)
        code = read_numbers(idx, &idx->labels, items, &columns[1], error);
    weir_batch_release(batch);
    if (code == 0 && weir_batch_init(batch, idx->wanted_count, items))
        code = weir_fail_memory(error);
    for (int i = 0; i < idx->wanted_count && code == 0; i++) {
        batch->columns[i] = columns[idx->wanted[i]];
        columns[idx->wanted[i]] = (struct weir_column){ 0 };
    }
    weir_column_release(&columns[0]);
    weir_column_release(&columns[1]);
    if (code)
        return -1;
    idx->done += items;
    table->rows_read += items;
    return 1;
}

static void idx_close(struct weir_table *table)
{
    struct idx *idx = table->state;
    if (!idx)
        return;
    free(idx->wanted);
    free(idx->scratch);
    free(idx);
}

const struct weir_format weir_format_idx = {
    .name = "idx",
    .sniff = idx_sniff,
    .open = idx_open,
    .start = idx_start,
    .next = idx_next,
    .close = idx_close,
};
