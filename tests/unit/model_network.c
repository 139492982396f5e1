/* The kind `network`: a model goes into a file and comes back as the same, and a notation that claims more than the
 * file holds is refused before any memory is taken for it. */
#include "check.h"
#include "model/network_model.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WIDTH = 250 };

static void make(struct weir_model *model)
{
    struct weir_error error = { 0 };
    *model = (struct weir_model){ .kind = &weir_network_kind,
                                  .task = WEIR_REGRESS,
                                  .form = strdup("network"),
                                  .label = strdup("y"),
                                  .label_type = { .kind = WEIR_FLOAT64 },
                                  .training = json_object() };
    struct weir_schema schema = { 0 };
    for (int i = 0; i < WIDTH; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        weir_schema_add(&schema, name, WEIR_FLOAT32);
    }
    CHECK_INT(weir_features_from_schema(&model->features, &schema, &error), 0);
    weir_schema_release(&schema);
    struct weir_network_model *state = model->state = calloc(1, sizeof *state);
    *state = (struct weir_network_model){ .loss = { .kind = WEIR_MSE }, .target_offset = 3, .target_scale = 0.5 };
    struct weir_shape shape = { 1, { WIDTH } };
    if (CHECK_INT(weir_network_new(&state->network, "dense 3 tanh | batchnorm | dense 1", &shape, 0, &error), 0))
        weir_network_initialize(state->network, 1);
    CHECK_INT(weir_network_prepare(state->network, &error), 0);
}

/* The file's bytes, read back; notation: what it says its network is, NULL: the truth. */
static int round_trip(const struct weir_model *model, const char *notation, struct weir_model *back,
                      struct weir_error *error)
{
    struct weir_model_file file = { 0 };
    int descriptor = memfd_create("model", 0);
    CHECK_INT(weir_model_pack(model, &file, error), 0);
    if (notation)
        CHECK_INT(weir_model_file_set(&file, "weir:network", notation), 0);
    CHECK_INT(weir_model_file_write(&file, descriptor, error), 0);
    weir_model_file_release(&file);
    off_t size = lseek(descriptor, 0, SEEK_CUR);
    char *bytes = malloc((size_t)size);
    CHECK(pread(descriptor, bytes, (size_t)size, 0) == size);
    close(descriptor);
    *error = (struct weir_error){ 0 };
    if (!CHECK_INT(weir_model_file_parse(&file, bytes, (size_t)size, error), 0))
        return -1;
    int result = weir_model_unpack(back, &file, error);
    weir_model_file_release(&file);
    return result;
}

static double predict(const struct weir_model *model)
{
    struct weir_error error = { 0 };
    float x[WIDTH];
    double y = 0;
    for (int i = 0; i < WIDTH; i++)
        x[i] = (float)(i % 7) - 3;
    struct weir_feature_rows rows = { .rows = 1, .x = x };
    void *scratch = model->kind->scratch_new(model);
    CHECK_INT(model->kind->predict(model, scratch, &rows, &y, &error), 0);
    model->kind->scratch_free(scratch);
    return y;
}

static void check_refused(const struct weir_model *model, const char *notation, const char *message)
{
    struct weir_error error = { 0 };
    struct weir_model back;
    CHECK_INT(round_trip(model, notation, &back, &error), -1);
    CHECK_TEXT(error.text, message);
}

int main(void)
{
    struct weir_error error = { 0 };
    struct weir_model model, back;
    make(&model);
    if (CHECK_INT(round_trip(&model, NULL, &back, &error), 0)) {
        CHECK(predict(&model) == predict(&back));
        weir_model_release(&back);
    }
    check_refused(&model, "dense 67000000 | dense 1",
                  "the model's tensor '0.dense.weight' has another shape than its layer");
    check_refused(&model, "dense 3 tanh | batchnorm | dense 30000000 | batchnorm | dense 1",
                  "the model's tensor '2.dense.weight' has another shape than its layer");
    check_refused(&model, "dense 3 tanh | batchnorm | dense 1 | dense 1", "the model has no tensor '3.dense.weight'");
    check_refused(&model, "dense 3 tanh | batchnorm | dense 2",
                  "the model's network does not give what its label needs");
    check_refused(
        &model, "dense 3 tanh | batchnorm | dense",
        "the model's network: network, at its end (character 33): the number of outputs of 'dense' is a whole "
        "number from 1 to 67108864");
    weir_model_release(&model);
    return check_result();
}
