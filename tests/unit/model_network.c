/* The kind `network`: a model goes into a file and comes back as the same, and a notation that claims more than the
 * file holds is refused before any memory is taken for it, as are classes that the label cannot have. */
#include "check.h"
#include "model/network_model.h"
#include "model/scorer.h"
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

/* Classes that are no values of the label's type are refused before a row is scored. */
static void check_classes(struct weir_model *model)
{
    static const struct {
        enum weir_kind kind;
        const char *first, *second, *refused;
    } cases[] = {
        { WEIR_UTF8, "", "b", NULL },
        { WEIR_BOOL, "false", "true", NULL },
        { WEIR_BOOL, "false", "yes", "yes" },
        { WEIR_INT8, "-128", "127", NULL },
        { WEIR_INT8, "0", "300", "300" },
        { WEIR_UINT8, "-1", "3", "-1" },
        { WEIR_UINT64, "0", "18446744073709551615", NULL },
        { WEIR_INT64, "0", "18446744073709551615", "18446744073709551615" },
        { WEIR_FLOAT32, "0.1", "1e+30", NULL },
        { WEIR_FLOAT64, "0.1", "x", "x" },
        { WEIR_DATE32, "2024-01-01", "2024-01-02", "2024-01-01" },
    };
    struct weir_network_model *state = model->state;
    struct weir_schema schema = { 0 };
    for (size_t i = 0; i < model->features.count; i++)
        weir_schema_add(&schema, model->features.columns[i].name, WEIR_FLOAT32);
    model->task = WEIR_CLASSIFY;
    state->loss.kind = WEIR_BINARY_CROSS_ENTROPY;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *classes[] = { (char *)(uintptr_t)cases[i].first, (char *)(uintptr_t)cases[i].second }, wanted[100];
        struct weir_scorer *scorer = NULL;
        struct weir_error error = { 0 };
        model->label_type.kind = cases[i].kind;
        model->classes = classes;
        model->class_count = 2;
        CHECK_INT(weir_scorer_new(&scorer, model, &schema, NULL, NULL, &error), cases[i].refused ? -1 : 0);
        snprintf(wanted, sizeof wanted, "the model's class '%s' is no value of its label's type",
                 cases[i].refused ? cases[i].refused : "");
        CHECK_TEXT(error.text, cases[i].refused ? wanted : "");
        weir_scorer_free(scorer);
    }
    model->classes = NULL;
    model->class_count = 0;
    weir_schema_release(&schema);
}

/* A stream may begin with a batch that has no row. */
static void check_no_rows(const struct weir_model *model)
{
    struct weir_scorer *scorer = NULL;
    struct weir_schema schema = { 0 };
    struct weir_batch in = { 0 }, out = { 0 };
    struct weir_error error = { 0 };
    const struct weir_type type = { .kind = WEIR_FLOAT32 };
    CHECK_INT(weir_batch_init(&in, WIDTH, 0), 0);
    for (int i = 0; i < WIDTH; i++) {
        struct weir_builder builder;
        weir_schema_add(&schema, model->features.columns[i].name, WEIR_FLOAT32);
        CHECK_INT(weir_builder_init(&builder, &type), 0);
        CHECK_INT(weir_builder_finish(&builder, &in.columns[i], &error), 0);
        weir_builder_release(&builder);
    }
    CHECK_INT(weir_scorer_new(&scorer, model, &schema, NULL, NULL, &error), 0);
    CHECK_INT(weir_scorer_apply(scorer, &in, &out, &error), 0);
    CHECK_INT(out.rows, 0);
    weir_scorer_free(scorer);
    weir_batch_release(&in);
    weir_batch_release(&out);
    weir_schema_release(&schema);
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
    check_no_rows(&model);
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
    check_classes(&model);
    weir_model_release(&model);
    return check_result();
}
