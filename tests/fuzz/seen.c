/* The file of dedup --index under hostile bytes: as they come, and once more with a digest that fits; for rows that
 * must be equal, and for texts that are nearly so. What is read is used: every fingerprint must be found as it stands
 * there, every id be one, and texts are compared with those that the file claims. */
#include "base/bytes.h"
#include "stage/dedup_private.h"
#include "stream/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_ids(const struct weir_memory *memory)
{
    struct weir_builder builder;
    struct weir_column column = { 0 };
    if (weir_builder_init(&builder, &memory->ids.type))
        abort();
    for (size_t i = 0; i < memory->ids.count; i++) {
        weir_ids_put(&memory->ids, memory->ids.rows[i], &builder);
        weir_ids_put(&memory->ids, memory->ids.rows[i] + 1, &builder);
    }
    if (weir_builder_finish(&builder, &column, NULL) == 0) {
        for (int64_t r = 0; r < column.rows; r += 2) {
            size_t length;
            if (!weir_valid(&column, r))
                abort();
            if (memory->ids.type.kind == WEIR_UTF8) {
                const char *text = weir_text(&column, r, &length);
                if (!weir_is_utf8(text, length))
                    abort();
            }
        }
    }
    weir_column_release(&column);
    weir_builder_release(&builder);
}

static void use(const struct weir_memory *memory)
{
    size_t place = 0;
    struct weir_hash128 hash;
    int64_t row, found;
    while (weir_seen_next(&memory->seen, &place, &hash, &row)) {
        weir_seen_find(&memory->seen, &hash, 1, &found);
        if (found != row || row < 0 || row >= memory->rows)
            abort();
    }
    if (memory->has_ids)
        use_ids(memory);
}

/* Texts like those of the corpus. */
static void compare(struct weir_near *near, const struct weir_schema *schema, int64_t rows)
{
    static const char *const texts[] = { "The weir holds the river back", "The weir holds the river back!", "low", "" };
    enum { COUNT = sizeof texts / sizeof *texts };
    struct weir_builder builder;
    struct weir_batch batch = { 0 };
    struct weir_error error = { 0 };
    int64_t instead[COUNT];
    if (weir_builder_init(&builder, &schema->fields[0].type) || weir_batch_init(&batch, 1, COUNT))
        abort();
    for (int i = 0; i < COUNT; i++)
        weir_builder_text(&builder, texts[i], strlen(texts[i]));
    if (weir_builder_finish(&builder, &batch.columns[0], NULL))
        abort();
    if (weir_near_add(near, &batch, &error) == 0 && weir_near_finish(near, NULL, instead, &error) == 0) {
        for (int i = 0; i < COUNT; i++)
            if (instead[i] < -1 || instead[i] >= rows + i)
                abort();
    } else if (error.status == WEIR_BUG || !error.text[0]) {
        abort();
    }
    weir_builder_release(&builder);
    weir_batch_release(&batch);
}

static void try(const void *bytes, size_t size, bool nearly)
{
    const double threshold = 0.8;
    const int column = 0;
    struct weir_near_options how = { WEIR_NEAR_TEXT, &threshold, WEIR_NEAR_CHARACTERS, 5, 1 << 20, 0, NULL };
    struct weir_near *near = NULL;
    struct weir_schema schema = { 0 };
    struct weir_error error = { 0 };
    struct weir_index index;
    struct weir_memory memory = { 0 };
    char path[40];
    int descriptor = memfd_create("index", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    if (write(descriptor, bytes, size) != (ssize_t)size || weir_index_open(&index, path, &error) < 0)
        abort();
    if (index.size != size || !weir_schema_add(&schema, "text", WEIR_UTF8))
        abort();
    if (nearly && weir_near_new(&near, &schema, &column, 1, &how, &error) < 0)
        abort();
    if (size && weir_index_read(&index, &memory, size % 2 ? WEIR_SEEN_ROWS : WEIR_SEEN_RANKED, near, &error) == 0) {
        use(&memory);
        if (near)
            compare(near, &schema, memory.rows);
    } else if (size && (!error.text[0] || error.status == WEIR_BUG)) {
        abort();
    }
    weir_near_free(near);
    weir_schema_release(&schema);
    weir_memory_release(&memory);
    weir_index_close(&index);
    close(descriptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_buffer whole = { 0 };
    struct weir_hash128 digest = weir_hash128(data, size);
    try(data, size, size % 2);
    weir_buffer_append(&whole, data, size);
    weir_buffer_zero(&whole, 16);
    weir_store_u64(whole.bytes + size, digest.low);
    weir_store_u64(whole.bytes + size + 8, digest.high);
    try(whole.bytes, whole.size, false);
    try(whole.bytes, whole.size, true);
    weir_buffer_release(&whole);
    return 0;
}
