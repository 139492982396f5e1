/* What near-duplicates remember, hostile: the first byte chooses the kind, the rest is an index. What can be restored
 * is compared with rows, in memory and from a file, with the same outcome, and can be saved. */
#include "stage/near.h"
#include "rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EARLIER = 1000, IMAGE = 8 };

struct source {
    const uint8_t *bytes;
    size_t left;
};

static int get(void *context, void *bytes, size_t size, struct weir_error *error)
{
    struct source *source = context;
    (void)error;
    if (size > source->left)
        abort(); /* more was asked for than there is */
    memcpy(bytes, source->bytes, size);
    source->bytes += size;
    source->left -= size;
    return 0;
}

static int put(void *context, const void *bytes, size_t size, struct weir_error *error)
{
    weir_buffer_append(context, bytes, size);
    return weir_buffer_check(context, error);
}

static void add_images(struct weir_schema *schema, struct weir_batch *table)
{
    const int64_t shape[] = { IMAGE, IMAGE }, values = table->rows * IMAGE * IMAGE;
    struct weir_field *field = weir_schema_add(schema, "g", WEIR_UINT8);
    struct weir_column *columns = realloc(table->columns, (size_t)(table->count + 1) * sizeof *columns);
    struct weir_block *block = weir_block_new((size_t)values);
    if (!field || weir_field_make_tensor(field, WEIR_UINT8, IMAGE * IMAGE, 2, shape) || !columns || !block)
        abort();
    for (int64_t i = 0; i < values; i++)
        block->bytes[i] = (uint8_t)(i / IMAGE * i);
    table->columns = columns;
    columns[table->count] = (struct weir_column){ .rows = table->rows };
    if (weir_column_add_children(&columns[table->count], 1))
        abort();
    columns[table->count].children[0] =
        (struct weir_column){ .rows = values, .values = { block, block->bytes, (size_t)values } };
    table->count++;
}

/* duplicate_of of the table's rows behind what the index holds; false: it is refused. */
static bool compare(const struct weir_schema *schema, const struct weir_batch *table, uint8_t choice, const void *index,
                    size_t size, int64_t *duplicate_of, struct weir_buffer *saved)
{
    static const int columns[][3] = { { 2 }, { 1, 2, 4 }, { 6 }, { 2 } };
    static const double thresholds[] = { 0.5, 0.9, 1 };
    static const enum weir_near_kind kinds[] = { WEIR_NEAR_TEXT, WEIR_NEAR_RECORD, WEIR_NEAR_IMAGE, WEIR_NEAR_TEXT };
    struct weir_near_options options = { .kind = kinds[choice & 3],
                                         .thresholds = thresholds,
                                         .unit = choice & 1 ? WEIR_NEAR_WORDS : WEIR_NEAR_CHARACTERS,
                                         .size = 2,
                                         .memory = choice & 4 ? 0 : 1 << 20 };
    struct source source = { index, size };
    struct weir_error error = { 0 };
    struct weir_near *near = NULL;
    if (weir_near_new(&near, schema, columns[choice & 3], (choice & 3) == 1 ? 3 : 1, &options, &error))
        abort();
    bool restored = weir_near_restore(near, EARLIER, size, get, &source, &error) == 0;
    if (!restored && (error.status == WEIR_BUG || !error.text[0]))
        abort();
    if (restored) {
        if (weir_near_add(near, table, &error) || weir_near_finish(near, NULL, duplicate_of, &error) ||
            (saved && weir_near_save(near, put, saved, &error)))
            abort();
        for (int64_t row = 0; row < table->rows; row++)
            if (duplicate_of[row] < -1 || duplicate_of[row] >= EARLIER + row)
                abort();
    }
    weir_near_free(near);
    return restored;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_buffer saved = { 0 };
    int64_t told[16], again[16];
    if (size == 0)
        return 0;
    make_table(&schema, &table);
    add_images(&schema, &table);
    if (compare(&schema, &table, data[0], data + 1, size - 1, told, &saved)) {
        if (!compare(&schema, &table, data[0] ^ 4, data + 1, size - 1, again, NULL) ||
            memcmp(told, again, (size_t)table.rows * sizeof *told) != 0)
            abort();
    }
    weir_buffer_release(&saved);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    return 0;
}
