/* clean: a batch through the parts, and the rows that they have given a reason out of it. */
#include "stage/clean_report_private.h"

const struct weir_schema *weir_clean_chain_schema(const struct clean_chain *chain)
{
    return chain->count > 0 ? &chain->bindings[chain->count - 1].out : &chain->in;
}

int weir_clean_chain_begin(struct clean_chain *chain, const struct weir_schema *in, struct weir_error *error)
{
    *chain = (struct clean_chain){ .count = 0 };
    return weir_schema_copy(&chain->in, in) < 0 ? weir_fail_memory(error) : 0;
}

int weir_clean_chain_add(struct clean_chain *chain, const struct weir_stage *part, enum weir_mode mode,
                         struct weir_error *error)
{
    if (weir_stage_bind(&chain->bindings[chain->count], part, weir_clean_chain_schema(chain), mode, error) < 0)
        return -1;
    chain->count++;
    return 0;
}

static int begin_flags(struct clean_chain *chain, int64_t rows, struct weir_error *error)
{
    void *flags = chain->flagged.reasons;
    if (weir_grow(&flags, &chain->flagged_capacity, (size_t)rows, sizeof *chain->flagged.reasons) < 0)
        return weir_fail_memory(error);
    chain->flagged = (struct weir_reasons){ .reasons = flags, .rows = rows, .numbers = chain->numbers };
    for (int64_t row = 0; row < rows; row++)
        chain->flagged.reasons[row] = NULL;
    return 0;
}

static int number_rows(struct clean_chain *chain, int64_t rows, struct weir_error *error)
{
    void *numbers = chain->numbers;
    if (weir_grow(&numbers, &chain->numbers_capacity, (size_t)rows, sizeof *chain->numbers) < 0)
        return weir_fail_memory(error);
    chain->numbers = numbers;
    for (int64_t row = 0; row < rows; row++)
        chain->numbers[row] = chain->rows + row + 1;
    chain->rows += rows;
    return 0;
}

/* Leaves out of *batch the rows that have a reason. */
static int drop_flagged(struct clean_chain *chain, const struct weir_schema *schema, struct weir_batch *batch,
                        struct weir_error *error)
{
    void *index = chain->kept;
    if (weir_grow(&index, &chain->kept_capacity, (size_t)batch->rows, sizeof *chain->kept) < 0)
        return weir_fail_memory(error);
    chain->kept = index;
    int64_t kept = 0;
    for (int64_t row = 0; row < batch->rows; row++)
        if (!chain->flagged.reasons[row])
            chain->kept[kept++] = row;
    if (kept == batch->rows)
        return 0;
    for (int64_t row = 0; row < kept; row++)
        chain->numbers[row] = chain->numbers[chain->kept[row]];
    struct weir_batch all = *batch;
    *batch = (struct weir_batch){ 0 };
    int result = weir_batch_take(batch, &all, schema, chain->kept, kept, error);
    weir_batch_release(&all);
    return result;
}

static int apply_part(struct clean_chain *chain, int i, const struct weir_batch *in, struct weir_batch *out,
                      struct weir_reasons *reasons, struct weir_error *error)
{
    struct weir_binding *binding = &chain->bindings[i];
    int result = reasons ? 0 : begin_flags(chain, in->rows, error);
    if (result == 0)
        result = binding->stage->kind->apply(binding, in, out, reasons ? reasons : &chain->flagged, error);
    if (result == 0 && !reasons && chain->report)
        result = weir_clean_report_step(chain->report, i, in, out, &chain->flagged, error);
    if (result == 0 && !reasons)
        result = drop_flagged(chain, &binding->out, out, error);
    return result;
}

int weir_clean_chain_apply(struct clean_chain *chain, const struct weir_batch *in, struct weir_batch *out,
                           struct weir_reasons *reasons, struct weir_error *error)
{
    int result = reasons ? 0 : number_rows(chain, in->rows, error);
    if (result == 0 && chain->count == 0 && weir_batch_share(out, in) < 0)
        result = weir_fail_memory(error);
    for (int i = 0; result == 0 && i < chain->count; i++) {
        struct weir_batch then = { 0 };
        result = apply_part(chain, i, i == 0 ? in : out, &then, reasons, error);
        weir_batch_release(out);
        *out = then;
    }
    if (result == 0 && chain->report)
        result = weir_clean_report_done(chain->report, in, out, error);
    return result;
}

void weir_clean_chain_release(struct clean_chain *chain)
{
    for (int i = 0; i < chain->count; i++)
        weir_binding_release(&chain->bindings[i]);
    weir_schema_release(&chain->in);
    free(chain->flagged.reasons);
    free(chain->kept);
    free(chain->numbers);
    *chain = (struct clean_chain){ .count = 0 };
}
