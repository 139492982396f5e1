/* clean, its rules: in from the text of a file, and their counts out to one. */
#include "stage/clean.h"
#include "stage/clean_rules_private.h"

json_t *weir_clean_rules_parse(const char *text, size_t length, struct weir_error *error)
{
    struct rules checked = { 0 };
    json_t *json = weir_json_parse_lines(text, length, JSON_REJECT_DUPLICATES, error);
    if (!json)
        return NULL;
    int result = weir_clean_rules_read(&checked, json, error);
    weir_clean_rules_release(&checked);
    if (result == 0)
        return json;
    json_decref(json);
    if (error && error->status == WEIR_USAGE)
        error->status = WEIR_BAD_DATA;
    return NULL;
}

int weir_clean_rules_report(const struct weir_binding *binding, struct weir_buffer *out, struct weir_error *error)
{
    const struct clean_chain *chain = binding->state;
    json_t *counts = NULL;
    for (int i = 0; i < chain->count && !counts; i++)
        if (chain->bindings[i].stage->kind == &weir_clean_rules_kind) {
            counts = weir_clean_rules_counts_json(&chain->bindings[i]);
            if (!counts)
                return weir_fail_memory(error);
        }
    if (!counts)
        counts = json_pack("{s:[]}", "rules");
    return weir_json_dump_new(counts, JSON_INDENT(1), out, error);
}
