/* logarithm: adds, for each column that is named, the natural logarithm of 1 + its value as the column NAME_log.
 *   cc -O2 logarithm.c $(pkg-config --cflags --libs weir) -o logarithm
 *   load customers.csv | logarithm months monthly_bill | show
 *
 * Options, messages, -o and the error that travels down the pipe come with weir_program_main. The plan does not know
 * this step: rows to be scored go through it as well (load new.csv | logarithm months | score MODEL). */
#include "cli/stream_io.h"
#include <math.h>
#include <stdio.h>

struct logarithm {
    const struct weir_strings *names;
    struct weir_schema in; /* a copy: apply needs the columns' types */
};

static int begin(void *context, const struct weir_schema *in, struct weir_schema *out, struct weir_error *error)
{
    struct logarithm *self = context;
    if (weir_schema_copy(&self->in, in) || weir_schema_copy(out, in))
        return weir_fail_memory(error);
    for (size_t i = 0; i < self->names->count; i++) {
        int column = weir_schema_require(in, self->names->items[i], error);
        if (column < 0)
            return -1;
        char name[256];
        snprintf(name, sizeof name, "%s_log", self->names->items[i]);
        if (!weir_kind_is_number(in->fields[column].type.kind) || weir_schema_find(out, name) >= 0)
            return weir_fail(error, WEIR_BAD_DATA, "'%s' holds no numbers, or '%s' is there", self->names->items[i],
                             name);
        if (!weir_schema_add(out, name, WEIR_FLOAT64))
            return weir_fail_memory(error);
    }
    return 0;
}

static int apply(void *context, const struct weir_batch *in, struct weir_batch *out, struct weir_error *error)
{
    const struct logarithm *self = context;
    struct weir_builder builder;
    if (weir_builder_init(&builder, &(struct weir_type){ .kind = WEIR_FLOAT64 }))
        return weir_fail_memory(error);
    int result = weir_batch_init(out, in->count + (int)self->names->count, in->rows) ? weir_fail_memory(error) : 0;
    for (int i = 0; i < in->count && result == 0; i++)
        result = weir_column_share(&out->columns[i], &in->columns[i]) ? weir_fail_memory(error) : 0;
    for (int i = in->count; i < out->count && result == 0; i++) {
        int from = weir_schema_find(&self->in, self->names->items[i - in->count]);
        const struct weir_column *column = &in->columns[from];
        for (int64_t row = 0; row < in->rows; row++) {
            double value = weir_number(column, self->in.fields[from].type.kind, row);
            bool known = weir_valid(column, row) && value > -1;
            known ? weir_builder_double(&builder, log1p(value)) : weir_builder_null(&builder);
        }
        result = weir_builder_finish(&builder, &out->columns[i], error);
    }
    weir_builder_release(&builder);
    return result;
}

static int run(struct weir_run *run, struct weir_error *error)
{
    struct logarithm self = { .names = &run->operands };
    struct weir_filter filter = { &self, .begin = begin, .apply = apply };
    const struct weir_input_options input = { .first_operand = run->operands.count }; /* the others are columns */
    int result = weir_filter_run_input(run, &filter, &input, error);
    weir_schema_release(&self.in);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "logarithm",
        .purpose = "add the logarithm of 1 + the value for each column that is named",
        .operands = "COLUMN...",
        .takes = WEIR_TAKES_OUTPUT | WEIR_TAKES_ROLES | WEIR_WRITES_STREAM,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
