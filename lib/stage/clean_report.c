/* clean's report: watching the parts at work. */
#include "stage/clean_report_private.h"
#include "stage/kinds.h"

/* Columns whose values are looked at as a whole; what was changed in the others is counted all the same. */
enum { MOST_NUMBERS = 256, MOST_TEXTS = 64 };

/* ---- Begin and end ---------------------------------------------------------------------------------------------- */

int weir_clean_report_begin(struct weir_clean_report **report, struct weir_stage *stage, bool no_values,
                            struct weir_error *error)
{
    struct weir_clean_report *made = *report = weir_allocate_zero(1, sizeof *made);
    if (!made)
        return weir_fail_memory(error);
    made->no_values = no_values;
    weir_clean_watch(stage, made);
    return 0;
}

static void release_cells(struct clean_cells *cells)
{
    if (!cells)
        return;
    for (int fate = 0; fate < CLEAN_FATE_COUNT; fate++) {
        if (cells->examples[fate])
            weir_clean_examples_release(cells->examples[fate]);
        free(cells->examples[fate]);
    }
    free(cells->fill.bytes);
    free(cells);
}

static void release_step(struct clean_step *step)
{
    for (int i = 0; step->cells && i < step->count; i++)
        release_cells(step->cells[i]);
    for (int i = 0; i < step->drop_count; i++) {
        free(step->drops[i].reason);
        weir_clean_examples_release(&step->drops[i].examples);
    }
    free(step->cells);
    free(step->source);
}

void weir_clean_report_free(struct weir_clean_report *report)
{
    if (!report)
        return;
    for (int i = 0; i < report->step_count; i++)
        release_step(&report->steps[i]);
    for (int i = 0; i < report->passage_count; i++) {
        weir_clean_shape_release(&report->passages[i].before);
        weir_clean_shape_release(&report->passages[i].after);
    }
    free(report->passages);
    weir_scratch_release(&report->scratch);
    free(report);
}

/* ---- Binding ---------------------------------------------------------------------------------------------------- */

static int bind_step(struct clean_step *step, const struct weir_schema *before, const struct weir_schema *after)
{
    struct weir_schema_index index = { 0 };
    step->before = before;
    step->after = after;
    step->count = after->count;
    step->source = weir_allocate((size_t)after->count, sizeof *step->source);
    step->cells = weir_allocate_zero((size_t)after->count, sizeof(struct clean_cells *));
    if (!step->source || !step->cells || weir_schema_index_init(&index, before) < 0)
        return -1;
    for (int i = 0; i < after->count; i++)
        step->source[i] = weir_schema_index_find(&index, after->fields[i].name);
    weir_schema_index_release(&index);
    return 0;
}

/* Whether a column is among the first of its kind, and counted there. */
static bool is_watched(const struct weir_field *field, int counts[])
{
    enum clean_shape_kind kind = weir_clean_shape_kind(field);
    int most = kind == CLEAN_NUMBERS ? MOST_NUMBERS : kind == CLEAN_TEXTS ? MOST_TEXTS : 0;
    return counts[kind]++ < most;
}

static int bind_passage(struct clean_passage *passage, const struct weir_field *before, const struct weir_field *after,
                        bool no_values, int limit)
{
    if (!(no_values && weir_clean_shape_kind(before) == CLEAN_TEXTS) &&
        weir_clean_shape_begin(&passage->before, before, limit) < 0)
        return -1;
    passage->forked = !weir_type_equal(&before->type, &after->type);
    passage->after.type = &after->type;
    if (!passage->forked || (no_values && weir_clean_shape_kind(after) == CLEAN_TEXTS))
        return 0;
    return weir_clean_shape_begin(&passage->after, after, limit);
}

static int bind_passages(struct weir_clean_report *report, const struct weir_schema *in, const struct weir_schema *out)
{
    int before[CLEAN_TEXTS + 1] = { 0 }, after[CLEAN_TEXTS + 1] = { 0 };
    struct weir_schema_index index = { 0 };
    report->passages = weir_allocate_zero((size_t)out->count, sizeof *report->passages);
    if (!report->passages || weir_schema_index_init(&index, in) < 0)
        return -1;
    int numbers = out->count < MOST_NUMBERS ? out->count : MOST_NUMBERS;
    /* a collector is one array, and a column has two; the limit is reckoned for five */
    int limit = weir_quantile_limit((size_t)(numbers * 2 + 4) / 5), result = 0;
    for (int i = 0; result == 0 && i < out->count; i++) {
        int from = weir_schema_index_find(&index, out->fields[i].name);
        if (from < 0 || !is_watched(&in->fields[from], before) || !is_watched(&out->fields[i], after))
            continue;
        struct clean_passage *passage = &report->passages[report->passage_count++];
        *passage = (struct clean_passage){ .from = from, .to = i };
        result = bind_passage(passage, &in->fields[from], &out->fields[i], report->no_values, limit);
    }
    weir_schema_index_release(&index);
    return result;
}

int weir_clean_report_bind(struct weir_clean_report *report, struct clean_chain *chain, struct weir_error *error)
{
    const struct weir_schema *before = &chain->in;
    if (report->chain)
        return 0;
    report->chain = chain;
    chain->report = report;
    report->step_count = chain->count;
    for (int i = 0; i < chain->count; before = &chain->bindings[i++].out)
        if (bind_step(&report->steps[i], before, &chain->bindings[i].out) < 0)
            return weir_fail_memory(error);
    return bind_passages(report, &chain->in, before) < 0 ? weir_fail_memory(error) : 0;
}

/* ---- A batch ---------------------------------------------------------------------------------------------------- */

int weir_clean_report_done(struct weir_clean_report *report, const struct weir_batch *in, const struct weir_batch *out,
                           struct weir_error *error)
{
    report->rows_in += in->rows;
    report->rows_out += out->rows;
    for (int i = 0; i < report->passage_count; i++) {
        struct clean_passage *passage = &report->passages[i];
        const struct weir_column *before = &in->columns[passage->from], *after = &out->columns[passage->to];
        if (!passage->forked && !weir_clean_shares(before, after)) {
            if (weir_clean_shape_copy(&passage->after, &passage->before, error) < 0)
                return -1;
            passage->forked = true;
        }
        if (weir_clean_shape_add(&passage->before, before, &report->scratch, error) < 0 ||
            (passage->forked && weir_clean_shape_add(&passage->after, after, &report->scratch, error) < 0))
            return -1;
    }
    return 0;
}

/* ---- A step: its cells ------------------------------------------------------------------------------------------ */

static int take_cell(struct weir_clean_report *report, struct clean_sides *sides, int64_t row, int fate,
                     struct clean_excerpt pair[2])
{
    if (report->no_values)
        return 0;
    for (int i = 0; i < 2; i++) {
        weir_buffer_clear(&sides->texts[i]);
        weir_buffer_string(&sides->texts[i], "");
        weir_value_text(sides->columns[i], sides->types[i], row, &sides->texts[i]);
        if (sides->texts[i].failed)
            return -1;
    }
    return weir_clean_excerpt_pair(pair, fate == CLEAN_FILLED ? NULL : &sides->texts[0],
                                   fate == CLEAN_EMPTIED ? NULL : &sides->texts[1],
                                   !weir_clean_is_text(sides->types[0]) || !weir_clean_is_text(sides->types[1]));
}

static int take_examples(struct weir_clean_report *report, struct clean_cells *cells, struct clean_sides *sides,
                         int fate, int64_t first, uint64_t rows)
{
    struct clean_taken taken[64];
    if (!cells->examples[fate]) {
        cells->examples[fate] = weir_allocate_zero(1, sizeof *cells->examples[fate]);
        if (!cells->examples[fate])
            return -1;
    }
    int count = weir_clean_examples_offer(cells->examples[fate], rows, taken);
    for (int i = 0; i < count; i++) {
        taken[i].example->row = report->numbers[first + taken[i].bit];
        if (take_cell(report, sides, first + taken[i].bit, fate, taken[i].example->values) < 0)
            return -1;
    }
    return count;
}

/* Whether all missing values became the same one, and which. */
static int take_fills(struct weir_clean_report *report, struct clean_cells *cells, struct clean_sides *sides,
                      int64_t first, uint64_t rows)
{
    for (; rows && !cells->fills_differ; rows &= rows - 1) {
        int64_t row = first + __builtin_ctzll(rows);
        uint64_t hash = weir_value_hash(sides->columns[1], sides->types[1], row, 0);
        if (cells->has_fill) {
            cells->fills_differ = hash != cells->fill_hash;
            continue;
        }
        struct clean_excerpt pair[2] = { 0 };
        cells->has_fill = true;
        cells->fill_hash = hash;
        if (take_cell(report, sides, row, CLEAN_FILLED, pair) < 0)
            return -1;
        cells->fill = pair[1];
    }
    return 0;
}

static int watch_fates(struct weir_clean_report *report, struct clean_step *step, int column, struct clean_sides *sides,
                       int64_t first, const uint64_t fates[CLEAN_FATE_COUNT])
{
    struct clean_cells *cells = step->cells[column];
    if (!(fates[CLEAN_CHANGED] | fates[CLEAN_EMPTIED] | fates[CLEAN_FILLED]))
        return 0;
    if (!cells && !(cells = step->cells[column] = weir_allocate_zero(1, sizeof *cells)))
        return -1;
    if (take_fills(report, cells, sides, first, fates[CLEAN_FILLED]) < 0)
        return -1;
    for (int fate = 0; fate < CLEAN_FATE_COUNT; fate++) {
        cells->counts[fate] += __builtin_popcountll(fates[fate]);
        if (fates[fate] && take_examples(report, cells, sides, fate, first, fates[fate]) < 0)
            return -1;
    }
    return 0;
}

/* Bits of the rows from `first` on that stay. */
static uint64_t staying(const struct weir_reasons *reasons, int64_t first)
{
    uint64_t bits = 0;
    for (int64_t row = first; row < reasons->rows && row < first + 64; row++)
        bits |= (uint64_t)!reasons->reasons[row] << (row - first);
    return bits;
}

static int watch_column(struct weir_clean_report *report, struct clean_step *step, int column,
                        const struct weir_column *before, const struct weir_column *after,
                        const struct weir_reasons *reasons)
{
    struct clean_sides sides = { .columns = { before, after },
                                 .types = { &step->before->fields[step->source[column]].type,
                                            &step->after->fields[column].type } };
    int result = weir_clean_sides_begin(&sides);
    for (int64_t first = 0; result == 0 && first < before->rows; first += 64) {
        uint64_t stay = staying(reasons, first);
        struct clean_fates all = weir_clean_compare(&sides, first);
        const uint64_t fates[CLEAN_FATE_COUNT] = { [CLEAN_CHANGED] = all.changed & stay,
                                                   [CLEAN_EMPTIED] = all.emptied & stay,
                                                   [CLEAN_FILLED] = all.filled & stay };
        result = watch_fates(report, step, column, &sides, first, fates);
    }
    if (sides.texts[0].failed || sides.texts[1].failed)
        result = -1;
    weir_clean_sides_end(&sides);
    return result;
}

/* ---- A step: the rows it drops ---------------------------------------------------------------------------------- */

/* The columns that are shown of a dropped row: the one that the reason names, ids and labels, the first others. */
static void choose_columns(struct clean_drops *drops, const struct weir_schema *schema)
{
    int named = -1;
    size_t longest = 0;
    for (int i = 0; i < schema->count; i++) {
        struct weir_shown name = weir_show_text(schema->fields[i].name, strlen(schema->fields[i].name));
        size_t length = strlen(name.text);
        if (length > longest && strncmp(drops->reason, name.text, length) == 0) {
            named = i;
            longest = length;
        }
    }
    if (named >= 0)
        drops->columns[drops->column_count++] = named;
    for (int others = 0; others < 2; others++)
        for (int i = 0; i < schema->count && drops->column_count < CLEAN_EXAMPLE_VALUES; i++) {
            enum weir_role role = schema->fields[i].role;
            if (i != named && (others ? role != WEIR_ID && role != WEIR_LABEL : role == WEIR_ID || role == WEIR_LABEL))
                drops->columns[drops->column_count++] = i;
        }
}

/* NULL with *failed: out of memory; without: more reasons than are kept. */
static struct clean_drops *find_drops(struct clean_step *step, const char *reason, bool *failed)
{
    *failed = false;
    for (int i = 0; i < step->drop_count; i++)
        if (step->drops[i].given == reason)
            return &step->drops[i];
    for (int i = 0; i < step->drop_count; i++)
        if (strcmp(step->drops[i].reason, reason) == 0)
            return &step->drops[i];
    if (step->drop_count == CLEAN_MOST_REASONS)
        return NULL;
    struct clean_drops *drops = &step->drops[step->drop_count];
    *drops = (struct clean_drops){ .given = reason, .reason = weir_duplicate_string(reason) };
    *failed = !drops->reason;
    if (*failed)
        return NULL;
    step->drop_count++;
    choose_columns(drops, step->before);
    return drops;
}

static int take_row(struct weir_clean_report *report, const struct clean_step *step, const struct clean_drops *drops,
                    const struct weir_batch *batch, int64_t row, struct clean_example *example)
{
    example->row = report->numbers[row];
    for (int i = 0; !report->no_values && i < drops->column_count; i++) {
        int at = drops->columns[i];
        struct weir_buffer text = { 0 };
        struct clean_excerpt pair[2] = { 0 };
        bool present = weir_valid(&batch->columns[at], row);
        weir_buffer_string(&text, "");
        weir_value_text(&batch->columns[at], &step->before->fields[at].type, row, &text);
        int result = text.failed ? -1 : weir_clean_excerpt_pair(pair, present ? &text : NULL, NULL, true);
        weir_buffer_release(&text);
        example->values[i] = pair[0];
        if (result < 0)
            return -1;
    }
    return 0;
}

static int watch_drop(struct weir_clean_report *report, struct clean_step *step, const struct weir_batch *before,
                      int64_t row, const char *reason)
{
    bool failed;
    struct clean_taken taken[64];
    struct clean_drops *drops = find_drops(step, reason, &failed);
    step->dropped++;
    if (!drops) {
        step->drops_unnamed++;
        return failed ? -1 : 0;
    }
    drops->rows++;
    int count = weir_clean_examples_offer(&drops->examples, 1, taken);
    return count > 0 ? take_row(report, step, drops, before, row, taken[0].example) : count;
}

int weir_clean_report_step(struct weir_clean_report *report, int i, const struct weir_batch *before,
                           const struct weir_batch *after, const struct weir_reasons *reasons, struct weir_error *error)
{
    struct clean_step *step = &report->steps[i];
    report->numbers = reasons->numbers;
    for (int column = 0; column < after->count; column++) {
        int from = step->source[column];
        if (from < 0 || weir_clean_shares(&before->columns[from], &after->columns[column]))
            continue;
        if (watch_column(report, step, column, &before->columns[from], &after->columns[column], reasons) < 0)
            return weir_fail_memory(error);
    }
    for (int64_t row = 0; row < before->rows; row++)
        if (reasons->reasons[row] && watch_drop(report, step, before, row, reasons->reasons[row]) < 0)
            return weir_fail_memory(error);
    return 0;
}
