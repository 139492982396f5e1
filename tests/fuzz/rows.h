/* A small table of the columns a to f, for the targets that put stages to rows. */
#ifndef WEIR_TESTS_FUZZ_ROWS_H
#define WEIR_TESTS_FUZZ_ROWS_H

#include "stream/batch.h"
#include <stdlib.h>

static void make_table(struct weir_schema *schema, struct weir_batch *table)
{
    static const enum weir_kind kinds[] = { WEIR_INT64, WEIR_FLOAT64, WEIR_UTF8, WEIR_BOOL, WEIR_DATE32, WEIR_UINT8 };
    enum { COLUMNS = sizeof kinds / sizeof *kinds, ROWS = 5 };
    if (weir_batch_init(table, COLUMNS, ROWS) < 0)
        abort();
    for (int i = 0; i < COLUMNS; i++) {
        const char name[2] = { (char)('a' + i), 0 };
        struct weir_builder builder;
        struct weir_field *field = weir_schema_add(schema, name, kinds[i]);
        if (!field || weir_builder_init(&builder, &field->type) < 0)
            abort();
        for (int row = 0; row < ROWS; row++) {
            if (row == 3)
                weir_builder_null(&builder);
            else if (kinds[i] == WEIR_FLOAT64)
                weir_builder_double(&builder, row / 3.0);
            else if (kinds[i] == WEIR_UTF8)
                weir_builder_text(&builder, " x", (size_t)(row % 3));
            else
                weir_builder_int64(&builder, row % 2);
        }
        if (weir_builder_finish(&builder, &table->columns[i], NULL) < 0)
            abort();
        weir_builder_release(&builder);
    }
}

#endif
