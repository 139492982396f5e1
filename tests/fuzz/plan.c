/* The plan under hostile bytes: the text is a plan (and a state's file); each step's stage is made and put to a schema
 * and some rows, as score would. Blobs come behind a NUL byte. */
#include "stage/plan.h"
#include "rows.h"
#include "stage/blob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_plan(const struct weir_plan *plan, const struct weir_schema *schema, const struct weir_batch *table)
{
    struct weir_replayer *replayer = NULL;
    struct weir_error error = { 0 };
    const char *why[5] = { NULL };
    struct weir_reasons reasons = { .reasons = why, .rows = 5 };
    if (weir_replayer_new(&replayer, plan, 0, schema, &error) == 0) {
        struct weir_batch out = { 0 };
        if (weir_replayer_apply(replayer, table, &out, &reasons, &error) == 0 && out.rows != table->rows)
            abort();
        weir_batch_release(&out);
    }
    if (error.status == WEIR_BUG)
        abort();
    weir_replayer_free(replayer);
    for (size_t i = 0; i < plan->count; i++) {
        struct weir_stage *stage = NULL;
        struct weir_binding binding;
        if (weir_plan_stage(plan, i, &stage, &error) < 0)
            continue;
        if (weir_stage_bind(&binding, stage, schema, WEIR_AS_FILTER, &error) == 0) {
            struct weir_batch out = { 0 };
            struct weir_buffer said = { 0 };
            stage->kind->apply(&binding, table, &out, NULL, &error);
            if (stage->kind->summary)
                stage->kind->summary(&binding, &said);
            weir_buffer_release(&said);
            weir_batch_release(&out);
            weir_binding_release(&binding);
        }
        weir_stage_free(stage);
    }
}

static void use_state(const char *text, size_t size)
{
    static const char *const names[] = { "clean", "normalize", "encode", "tokenize", "features" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct weir_stage *stage = NULL, *other = NULL;
        struct weir_buffer out = { 0 };
        if (weir_stage_restore_text(&stage, names[i], text, size, NULL) == 0 &&
            weir_stage_restore_text(&other, names[i], text, size, NULL) == 0 &&
            stage->kind->merge(stage, other, NULL) == 0)
            weir_stage_save_text(stage, &out, NULL);
        weir_buffer_release(&out);
        weir_stage_free(stage);
        weir_stage_free(other);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t length = size > 0 ? strnlen(text, size) : 0;
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_plan plan = { 0 };
    make_table(&schema, &table);
    if (weir_plan_from_text(&plan, text, length, NULL) == 0) {
        struct weir_buffer out = { 0 };
        struct weir_plan copy = { 0 };
        size_t next;
        if (length < size)
            weir_blobs_put(&plan.blobs, 0, text + length + 1, size - length - 1, NULL);
        use_plan(&plan, &schema, &table);
        weir_plan_describe(&plan, &out);
        if (weir_plan_to_schema(&plan, &schema, NULL) == 0 && weir_plan_from_schema(&copy, &schema, NULL) == 0) {
            struct weir_buffer before = { 0 }, after = { 0 };
            if (weir_plan_to_text(&plan, &before, NULL) == 0 && weir_plan_to_text(&copy, &after, NULL) == 0 &&
                (before.size != after.size || memcmp(before.bytes, after.bytes, before.size) != 0))
                abort(); /* what was written is what is read */
            weir_plan_match(&plan, &copy, &next, NULL);
            weir_buffer_release(&before);
            weir_buffer_release(&after);
        }
        weir_plan_release(&copy);
        weir_buffer_release(&out);
    }
    use_state(text, length);
    weir_plan_release(&plan);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    return 0;
}
