/* Learning from a stream while it is read, stopped in the middle of a pass: the model's record counts the rows of a
 * whole pass once one was made, and its losses are those of rows that were learned from. */
#include "check.h"
#include "model/train.h"

enum { ROWS = 40, MORE = 10 };

static void make_batch(struct weir_batch *batch, int64_t rows)
{
    const struct weir_type number = { .kind = WEIR_FLOAT64 }, text = { .kind = WEIR_UTF8 };
    struct weir_builder x, y;
    struct weir_error error = { 0 };
    CHECK(weir_builder_init(&x, &number) == 0 && weir_builder_init(&y, &text) == 0);
    for (int64_t r = 0; r < rows; r++) {
        weir_builder_double(&x, (double)(r % 7) - 3);
        if (r == 5)
            weir_builder_null(&y);
        else
            weir_builder_text(&y, r % 7 > 3 ? "p" : "q", 1);
    }
    CHECK(weir_batch_init(batch, 2, rows) == 0);
    CHECK_INT(weir_builder_finish(&x, &batch->columns[0], &error), 0);
    CHECK_INT(weir_builder_finish(&y, &batch->columns[1], &error), 0);
    weir_builder_release(&x);
    weir_builder_release(&y);
}

static json_int_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

/* Stopped after `passes` whole passes and a batch of `more` rows of the next (0: none). */
static void check_stopped(const struct weir_schema *schema, int passes, int64_t more, json_int_t rows, json_int_t left)
{
    const struct weir_train_options options = {
        .optimizer = "ftrl", .epochs = 9, .learning_rate = NAN, .l1 = NAN, .l2 = NAN, .label_smoothing = NAN
    };
    const struct weir_trainer_events events = { 0 };
    struct weir_error error = { 0 };
    struct weir_train_stream *stream = NULL;
    struct weir_model model;
    struct weir_train_summary summary;
    struct weir_batch batch = { 0 };
    CHECK_INT(weir_train_stream_begin(&stream, &options, schema, &error), 0);
    for (int pass = 0; pass < passes; pass++) {
        make_batch(&batch, ROWS);
        CHECK_INT(weir_train_stream_add(stream, &batch, &error), 0);
        CHECK_INT(weir_train_stream_end_pass(stream, &events, &error), 1);
        weir_batch_release(&batch);
    }
    if (more) {
        make_batch(&batch, more);
        CHECK_INT(weir_train_stream_add(stream, &batch, &error), 0);
        weir_batch_release(&batch);
    }
    CHECK_INT(weir_train_stream_finish(stream, true, &model, &summary, &error), 0);
    CHECK_INT(number_of(model.training, "rows"), rows);
    CHECK_INT(number_of(model.training, "unlabelled_rows"), left);
    CHECK_INT((long long)json_array_size(json_object_get(model.training, "epochs")), passes);
    CHECK(json_is_false(json_object_get(model.training, "complete")));
    CHECK(summary.result.loss > 0 && summary.result.loss < 1);
    CHECK(summary.result.accuracy > 0 && summary.result.accuracy <= 1);
    weir_train_summary_release(&summary);
    weir_model_release(&model);
    weir_train_stream_free(stream);
}

int main(void)
{
    struct weir_schema schema = { 0 };
    CHECK(weir_schema_add(&schema, "x", WEIR_FLOAT64) != NULL);
    struct weir_field *label = weir_schema_add(&schema, "y", WEIR_UTF8);
    label->role = WEIR_LABEL;
    check_stopped(&schema, 0, MORE, MORE - 1, 1);
    check_stopped(&schema, 1, 0, ROWS - 1, 1);
    check_stopped(&schema, 1, MORE, ROWS - 1, 1);
    check_stopped(&schema, 3, MORE, ROWS - 1, 1);
    weir_schema_release(&schema);
    return check_result();
}
