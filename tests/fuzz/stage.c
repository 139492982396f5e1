/* The stages under hostile options: the first byte chooses the stage, the rest is its options as JSON. What can be made
 * learns from rows, and what was learned is saved, read back, merged and applied: the copy must do what the first did.
 */
#include "stage/stage.h"
#include "rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int learn(struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table)
{
    enum { PASSES = 100 };
    struct weir_error error = { 0 };
    int more = stage->kind->learn_begin ? stage->kind->learn_begin(stage, schema, &error) : 0;
    for (int pass = 0; more > 0; pass++) {
        if (pass == PASSES)
            abort(); /* learning ends */
        more = stage->kind->learn(stage, table, &error);
        if (more == 0)
            more = stage->kind->learn_end(stage, &error);
    }
    if (error.status == WEIR_BUG || (more < 0 && !error.text[0]))
        abort();
    return more;
}

/* A digest of what the stage makes of the rows; 0: it does not take them. */
static uint64_t apply(const struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table,
                      enum weir_mode mode)
{
    const char *why[5] = { NULL };
    struct weir_reasons reasons = { .reasons = why, .rows = 5 };
    struct weir_binding binding;
    struct weir_batch out = { 0 };
    struct weir_buffer said = { 0 };
    struct weir_error error = { 0 };
    uint64_t digest = 0;
    if (weir_stage_bind(&binding, stage, schema, mode, &error))
        return 0;
    if (stage->kind->apply(&binding, table, &out, mode == WEIR_AS_REPLAY ? &reasons : NULL, &error) == 0) {
        digest = (uint64_t)out.rows * 31 + 1;
        for (int i = 0; i < out.count; i++)
            for (int64_t row = 0; row < out.rows; row++)
                digest = weir_value_hash(&out.columns[i], &binding.out.fields[i].type, row, digest) | 1;
        if (mode == WEIR_AS_REPLAY && out.rows != table->rows)
            abort();
    }
    if (error.status == WEIR_BUG)
        abort();
    if (stage->kind->summary)
        stage->kind->summary(&binding, &said);
    weir_buffer_release(&said);
    weir_batch_release(&out);
    weir_binding_release(&binding);
    return digest;
}

static void check_copy(const struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table)
{
    struct weir_stage *copy = NULL;
    struct weir_buffer text = { 0 };
    struct weir_error error = { 0 };
    if (weir_stage_save_text(stage, &text, &error) ||
        weir_stage_restore_text(&copy, stage->kind->name, text.bytes, text.size, &error))
        abort(); /* what was learned can be kept */
    if (apply(copy, schema, table, WEIR_AS_FILTER) != apply(stage, schema, table, WEIR_AS_FILTER) ||
        apply(copy, schema, table, WEIR_AS_REPLAY) != apply(stage, schema, table, WEIR_AS_REPLAY))
        abort();
    if (copy->kind->merge && copy->kind->merge(copy, stage, &error) == 0)
        apply(copy, schema, table, WEIR_AS_FILTER);
    weir_stage_free(copy);
    weir_buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_stage *stage = NULL;
    size_t kinds = 0;
    while (weir_stage_kinds[kinds])
        kinds++;
    char *text = size > 1 ? malloc(size) : NULL;
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = 0;
    make_table(&schema, &table);
    if (data[0] & 16)
        schema.fields[3].role = WEIR_LABEL;
    if (weir_stage_new(&stage, weir_stage_kinds[data[0] % kinds]->name, text, NULL) == 0) {
        stage->keep_merge = data[0] & 8;
        if (learn(stage, &schema, &table) == 0)
            check_copy(stage, &schema, &table);
        weir_stage_free(stage);
    }
    weir_batch_release(&table);
    weir_schema_release(&schema);
    free(text);
    return 0;
}
