/* What is said of a model file, of a hostile one too: weights that are no numbers, shapes that no product holds. */
#include "check.h"
#include "model/describe.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WIDTH = 12 };

/* The description of a file whose `weight` is of that shape; its `size` bytes of numbers. */
static json_t *describe(const int64_t shape[2], const float *weights, size_t size)
{
    struct weir_model_file file = { 0 };
    struct weir_error error = { 0 };
    int descriptor = memfd_create("model", 0);
    CHECK_INT(weir_model_file_set(&file, "weir:kind", "regression"), 0);
    CHECK_INT(weir_model_file_set(&file, "weir:features", "[{\"name\":\"x\",\"type\":\"float32\",\"width\":1}]"), 0);
    CHECK_INT(weir_model_file_add(&file, "weight", WEIR_TENSOR_F32, 2, shape, weights, size), 0);
    CHECK_INT(weir_model_file_write(&file, descriptor, &error), 0);
    weir_model_file_release(&file);
    off_t end = lseek(descriptor, 0, SEEK_CUR);
    char *bytes = malloc((size_t)end);
    CHECK(pread(descriptor, bytes, (size_t)end, 0) == end);
    close(descriptor);
    CHECK_INT(weir_model_file_parse(&file, bytes, (size_t)end, &error), 0);
    json_t *json = weir_model_file_describe(&file, &error);
    CHECK_TEXT(error.text, "");
    weir_model_file_release(&file);
    return json;
}

static void check_largest(void)
{
    const int64_t shape[2] = { 1, WIDTH };
    const float weights[WIDTH] = { 1, 0, -3, NAN, 2, -INFINITY, 0.5f, 8, -7, 6, 5, 4 };
    const json_int_t places[] = { 3, 5, 7, 8, 9, 10, 11, 2, 4, 0 };
    json_t *json = describe(shape, weights, sizeof weights), *of = json_object_get(json, "weights");
    const json_t *largest = json_object_get(of, "largest");
    CHECK_INT(json_integer_value(json_object_get(of, "nonzero")), WIDTH - 1);
    CHECK_INT((long long)json_array_size(largest), sizeof places / sizeof places[0]);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const json_t *entry = json_array_get(largest, i), *weight = json_object_get(entry, "weight");
        CHECK(json_is_null(weight) == (i < 2));
        if (i == 0 || i == 9) /* the first of two, and the one column that has a name */
            CHECK_INT(json_object_get(entry, "column") != NULL, i == 9);
        if (i >= 2)
            CHECK(json_real_value(weight) == (double)weights[places[i]]);
    }
    CHECK_INT(json_integer_value(json_object_get(json, "parameters")), WIDTH + 1);
    json_decref(json);
}

static void check_shapes(void)
{
    const int64_t shapes[][2] = { { 0, INT64_MAX }, { 0, 7 } };
    for (size_t i = 0; i < 2; i++) {
        json_t *json = describe(shapes[i], NULL, 0);
        CHECK_INT(json_integer_value(json_object_get(json, "parameters")), i ? 0 : -1);
        json_decref(json);
    }
}

int main(void)
{
    check_largest();
    check_shapes();
    return check_result();
}
