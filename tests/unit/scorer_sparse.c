/* Sparse rows that are damaged in several places: what is told is the first, whatever the threads. */
#include "check.h"
#include "model/regression_model.h"
#include "model/scorer.h"
#include "stream/sparse.h"

enum { TILE = 128, ROWS = 12 * TILE, WIDTH = 2000, TRIALS = 40 };

static void make_model(struct weir_model *model, const struct weir_schema *schema)
{
    struct weir_error error = { 0 };
    const struct weir_loss loss = { .kind = WEIR_MSE };
    *model = (struct weir_model){ .kind = &weir_regression_kind,
                                  .task = WEIR_REGRESS,
                                  .form = strdup("linear"),
                                  .label = strdup("y"),
                                  .label_type = { .kind = WEIR_FLOAT64 },
                                  .training = json_object() };
    CHECK_INT(weir_features_from_schema(&model->features, schema, &error), 0);
    CHECK_INT(weir_regression_model_new(model, loss, WIDTH, 1, &error), 0);
}

/* Rows name every place, so that a tile of them takes its time, and several threads come to the last row of theirs at
 * once: from the third tile on it names a place beyond the width. */
static void make_batch(struct weir_batch *batch, const struct weir_type *type)
{
    struct weir_error error = { 0 };
    struct weir_builder rows;
    CHECK_INT(weir_builder_init(&rows, type), 0);
    for (int r = 0; r < ROWS; r++) {
        int beyond = r >= 2 * TILE && r % TILE == TILE - 1;
        for (int place = beyond; place < WIDTH + beyond; place++) {
            struct weir_builder *entry = &rows.children[0];
            weir_builder_int64(&entry->children[0], place);
            weir_builder_double(&entry->children[1], 1);
            weir_builder_close(entry);
        }
        weir_builder_close(&rows);
    }
    CHECK_INT(weir_batch_init(batch, 1, ROWS), 0);
    CHECK_INT(weir_builder_finish(&rows, &batch->columns[0], &error), 0);
    weir_builder_release(&rows);
}

int main(void)
{
    struct weir_schema schema = { 0 };
    struct weir_batch batch = { 0 };
    struct weir_model model;
    struct weir_field *field = weir_schema_add(&schema, "words", WEIR_NULL);
    CHECK(field && weir_field_make_sparse(field, WIDTH) == 0);
    make_model(&model, &schema);
    make_batch(&batch, &schema.fields[0].type);
    struct weir_pool *pool = weir_pool_new(0);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct weir_scorer *scorer = NULL;
        struct weir_batch out = { 0 };
        struct weir_error error = { 0 };
        CHECK_INT(weir_scorer_new(&scorer, &model, &schema, NULL, pool, &error), 0);
        CHECK_INT(weir_scorer_apply(scorer, &batch, &out, &error), -1);
        CHECK_TEXT(error.text, "column 'words': row 384 of its batch has an index beyond its weir:width");
        weir_batch_release(&out);
        weir_scorer_free(scorer);
    }
    weir_pool_free(pool);
    weir_batch_release(&batch);
    weir_schema_release(&schema);
    weir_model_release(&model);
    return check_result();
}
