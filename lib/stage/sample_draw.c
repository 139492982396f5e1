/* Rows drawn in one pass, with equal chances or by weight. */
#include "stage/options.h"
#include "stage/sample_private.h"
#include <float.h>
#include <stdlib.h>

static int choose_weight(struct weir_draw *draw, struct weir_error *error)
{
    const struct weir_schema *schema = draw->schema;
    draw->weight = weir_schema_role(schema, WEIR_WEIGHT, 0);
    if (draw->weight < 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "--method weighted: no column with the role weight here (--weight names one)");
    int second = weir_schema_role(schema, WEIR_WEIGHT, draw->weight + 1);
    if (second >= 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "--method weighted: the columns %s and %s both have the role weight (--weight names one)",
                         WEIR_SHOW(schema->fields[draw->weight].name), WEIR_SHOW(schema->fields[second].name));
    if (!weir_kind_is_number(schema->fields[draw->weight].type.kind))
        return weir_fail(error, WEIR_BAD_DATA, "--method weighted: the weights in the column %s are no numbers",
                         WEIR_SHOW(schema->fields[draw->weight].name));
    return 0;
}

int weir_draw_begin(struct weir_draw *draw, const struct weir_schema *schema, int64_t wanted,
                    const struct weir_sample_options *options, struct weir_error *error)
{
    *draw = (struct weir_draw){ .schema = schema, .weight = -1 };
    weir_reservoir_init(&draw->reservoir, wanted, options->seed);
    if (options->method == WEIR_SAMPLE_WEIGHTED && choose_weight(draw, error) < 0)
        return -1;
    return weir_hold_new(&draw->hold, schema, options->memory, error);
}

void weir_draw_release(struct weir_draw *draw)
{
    weir_reservoir_release(&draw->reservoir);
    weir_hold_free(draw->hold);
    weir_scratch_release(&draw->scratch);
    free(draw->changes);
    free(draw->index);
    *draw = (struct weir_draw){ 0 };
}

static bool is_weight(double value)
{
    return value >= 0 && value <= DBL_MAX;
}

static int fail_weight(const struct weir_draw *draw, const struct weir_column *column, int64_t row,
                       struct weir_error *error)
{
    const struct weir_field *field = &draw->schema->fields[draw->weight];
    struct weir_buffer value = { 0 };
    if (weir_valid(column, row))
        weir_value_text(column, &field->type, row, &value);
    weir_fail(error, WEIR_BAD_DATA, "row %lld: the weight in the column %s is %s%.60s: weights are numbers from 0 on",
              (long long)(draw->rows + row + 1), WEIR_SHOW(field->name), value.bytes ? "" : "missing",
              value.bytes ? value.bytes : "");
    weir_buffer_release(&value);
    return -1;
}

/* The weights of the rows, every one of which is good; NULL: the message. */
static const double *weights_of(struct weir_draw *draw, const struct weir_batch *batch, struct weir_error *error)
{
    const struct weir_column *column = &batch->columns[draw->weight];
    const double *weights =
        weir_scratch_view(&draw->scratch, column, draw->schema->fields[draw->weight].type.kind, error);
    for (int64_t r = 0; weights && r < batch->rows; r++) {
        if (!is_weight(weights[r])) {
            fail_weight(draw, column, r, error);
            return NULL;
        }
    }
    return weights;
}

static int make_room(struct weir_draw *draw, size_t rows, struct weir_error *error)
{
    void *changes = draw->changes, *index = draw->index;
    if (weir_grow(&changes, &draw->change_capacity, rows, sizeof *draw->changes) < 0)
        return weir_fail_memory(error);
    draw->changes = changes;
    if (weir_grow(&index, &draw->index_capacity, rows, sizeof *draw->index) < 0)
        return weir_fail_memory(error);
    draw->index = index;
    return 0;
}

int weir_draw_add(struct weir_draw *draw, const struct weir_batch *batch, struct weir_error *error)
{
    const double *weights = NULL;
    if (make_room(draw, (size_t)batch->rows, error) < 0 ||
        (draw->weight >= 0 && !(weights = weights_of(draw, batch, error))))
        return -1;
    draw->rows += batch->rows;
    int64_t count = weir_reservoir_offer(&draw->reservoir, weights, batch->rows, draw->changes);
    if (count < 0)
        return weir_fail_memory(error);
    for (int64_t i = 0; i < count; i++)
        draw->index[i] = draw->changes[i].row;
    if (weir_hold_add(draw->hold, batch, draw->index, count, error) < 0)
        return -1;
    for (int64_t i = 0; i < count; i++)
        if (draw->changes[i].evicted >= 0)
            weir_hold_drop(draw->hold, draw->changes[i].evicted);
    return weir_hold_tidy(draw->hold, &draw->reservoir, error);
}

int weir_draw_next(struct weir_draw *draw, struct weir_batch *out, struct weir_error *error)
{
    if (!draw->finished) {
        draw->finished = true;
        if (draw->rows > 0 && draw->reservoir.wanted > 0 && draw->reservoir.count == 0)
            return weir_fail(error, WEIR_BAD_DATA, "every weight in the column %s is 0: no row can be chosen",
                             WEIR_SHOW(draw->schema->fields[draw->weight].name));
        if (weir_hold_finish(draw->hold, error) < 0)
            return -1;
    }
    return weir_hold_next(draw->hold, out, error);
}
