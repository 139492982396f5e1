/* Rules as anyone may write them, and patterns on texts made for them: up to a NUL the rules' JSON, behind it the texts
 * of column c, a line each. What is accepted judges a row the same whatever batch it stands in, and a replay keeps what
 * the filter lets through, and gives all else a reason. */
#include "rows.h"
#include "stage/clean.h"
#include "stream/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 5, TEXT = 2 };

/* Column c becomes the lines of the text, as long as there are some. */
static void put_texts(struct weir_batch *table, const char *text, size_t length)
{
    struct weir_type type = { .kind = WEIR_UTF8 };
    struct weir_builder builder;
    if (weir_builder_init(&builder, &type) < 0)
        abort();
    for (int row = 0; row < ROWS; row++) {
        const char *end = length > 0 ? memchr(text, '\n', length) : NULL;
        size_t line = end ? (size_t)(end - text) : length;
        if (weir_is_utf8(text, line))
            weir_builder_text(&builder, text, line);
        else
            weir_builder_null(&builder);
        text += line + (end != NULL);
        length -= line + (end != NULL);
    }
    weir_column_release(&table->columns[TEXT]);
    if (weir_builder_finish(&builder, &table->columns[TEXT], NULL) < 0)
        abort();
    weir_builder_release(&builder);
}

static void add_rows(const struct weir_schema *schema, const struct weir_batch *batch, uint64_t digests[ROWS],
                     int64_t *count)
{
    for (int64_t row = 0; row < batch->rows; row++) {
        uint64_t digest = 1;
        for (int i = 0; i < batch->count; i++)
            digest = weir_value_hash(&batch->columns[i], &schema->fields[i].type, row, digest);
        if (*count == ROWS)
            abort();
        digests[(*count)++] = digest;
    }
}

/* A digest of each row that comes out, in batches of `step` rows: their number, or -1. */
static int64_t filter(const struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table,
                      int64_t step, uint64_t digests[ROWS])
{
    struct weir_binding binding;
    struct weir_buffer report = { 0 };
    struct weir_error error = { 0 };
    int64_t count = 0;
    if (weir_stage_bind(&binding, stage, schema, WEIR_AS_FILTER, &error) < 0)
        return error.status == WEIR_BUG ? abort(), -1 : -1;
    for (int64_t first = 0; count >= 0 && first < ROWS; first += step) {
        struct weir_batch part = { 0 }, out = { 0 };
        if (weir_batch_slice(&part, table, schema, first, step) < 0)
            abort();
        if (stage->kind->apply(&binding, &part, &out, NULL, &error) < 0)
            count = -1;
        else
            add_rows(&binding.out, &out, digests, &count);
        weir_batch_release(&part);
        weir_batch_release(&out);
    }
    if (error.status == WEIR_BUG || weir_clean_rules_report(&binding, &report, &error) < 0)
        abort();
    weir_buffer_release(&report);
    weir_binding_release(&binding);
    return count;
}

static void check(const struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table)
{
    uint64_t whole[ROWS], single[ROWS], replayed[ROWS];
    const char *why[ROWS] = { NULL };
    struct weir_reasons reasons = { .reasons = why, .rows = ROWS };
    struct weir_binding binding;
    struct weir_batch out = { 0 };
    int64_t kept = filter(stage, schema, table, ROWS, whole), count = 0, at = 0;
    if (filter(stage, schema, table, 1, single) != kept ||
        (kept > 0 && memcmp(whole, single, (size_t)kept * sizeof *whole) != 0))
        abort();
    if (kept < 0 || weir_stage_bind(&binding, stage, schema, WEIR_AS_REPLAY, NULL) < 0)
        return;
    if (stage->kind->apply(&binding, table, &out, &reasons, NULL) < 0)
        abort();
    add_rows(&binding.out, &out, replayed, &count);
    for (int64_t row = 0; row < count; row++)
        if (!why[row] && (at == kept || replayed[row] != whole[at++]))
            abort();
    if (count != ROWS || at != kept)
        abort();
    weir_batch_release(&out);
    weir_binding_release(&binding);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_stage *stage = NULL;
    struct weir_error error = { 0 };
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    size_t length = end ? (size_t)(end - data) : size;
    json_t *rules = weir_clean_rules_parse((const char *)data, length, &error);
    if (!rules) {
        if (error.status != WEIR_BAD_DATA || !error.text[0])
            abort();
        return 0;
    }
    json_t *options = json_pack("{s:s, s:o}", "missing", "keep", "rules", rules);
    make_table(&schema, &table);
    if (end && size - length > 1)
        put_texts(&table, (const char *)end + 1, size - length - 1);
    if (weir_stage_new_json(&stage, "clean", options, &error) < 0)
        abort(); /* what the file's reader accepts the stage does */
    int more = stage->kind->learn_begin(stage, &schema, &error);
    while (more > 0) {
        more = stage->kind->learn(stage, &table, &error);
        if (more == 0)
            more = stage->kind->learn_end(stage, &error);
    }
    if (error.status == WEIR_BUG)
        abort();
    if (more == 0)
        check(stage, &schema, &table);
    weir_stage_free(stage);
    json_decref(options);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    return 0;
}
