/* The model file: what was written is read again; cut anywhere, or any bit changed, it is refused (or, in blanks that
 * pad, read as the same). */
#include "model/model_file.h"
#include "check.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static char *written(size_t *size)
{
    struct weir_model_file file = { 0 };
    struct weir_plan plan = { 0 };
    struct weir_error error = { 0 };
    const float floats[6] = { 1, 2, 3, 4, 5, 6.5f };
    const double doubles[2] = { 0.1, -2 };
    const uint8_t bytes[3] = { 7, 8, 9 };
    const int64_t matrix[2] = { 2, 3 }, two = 2, three = 3, none = 0;
    const char *text = "[{\"stage\":\"load\",\"version\":1,\"options\":{},\"state\":{},\"replay\":\"apply\"}]";
    CHECK(weir_plan_from_text(&plan, text, strlen(text), &error) == 0);
    json_decref(weir_blobs_add(&plan.blobs, "a blob", 6));
    CHECK(weir_model_file_set(&file, "weir:kind", "test \"\n\xc3\xa9") == 0);
    CHECK(weir_model_file_set_plan(&file, &plan, &error) == 0);
    CHECK(weir_model_file_add(&file, "bytes", WEIR_TENSOR_U8, 1, &three, bytes, sizeof bytes) == 0);
    CHECK(weir_model_file_add(&file, "floats", WEIR_TENSOR_F32, 2, matrix, floats, sizeof floats) == 0);
    CHECK(weir_model_file_add(&file, "empty", WEIR_TENSOR_F32, 1, &none, NULL, 0) == 0);
    CHECK(weir_model_file_add(&file, "doubles", WEIR_TENSOR_F64, 1, &two, doubles, sizeof doubles) == 0);
    CHECK(weir_model_file_add(&file, "wrong", WEIR_TENSOR_F64, 1, &three, doubles, sizeof doubles) != 0);
    int descriptor = memfd_create("model", 0);
    CHECK(weir_model_file_write(&file, descriptor, &error) == 0);
    off_t end = lseek(descriptor, 0, SEEK_CUR);
    char *memory = malloc((size_t)end);
    CHECK(pread(descriptor, memory, (size_t)end, 0) == end);
    close(descriptor);
    weir_model_file_release(&file);
    weir_plan_release(&plan);
    *size = (size_t)end;
    return memory;
}

static int parse(const char *bytes, size_t size, struct weir_model_file *file, struct weir_error *error)
{
    char *copy = malloc(size + 1);
    memcpy(copy, bytes, size);
    *error = (struct weir_error){ 0 };
    return weir_model_file_parse(file, copy, size, error);
}

static void check_content(const struct weir_model_file *file)
{
    const struct weir_tensor *tensor = weir_model_file_tensor(file, "floats");
    CHECK_TEXT(weir_model_file_get(file, "weir:kind"), "test \"\n\xc3\xa9");
    CHECK(weir_model_file_get(file, "weir:none") == NULL);
    CHECK(tensor && tensor->rank == 2 && tensor->shape[0] == 2 && tensor->shape[1] == 3 && tensor->size == 24);
    CHECK(tensor && ((const float *)tensor->bytes)[5] == 6.5f);
    CHECK(tensor && (uintptr_t)tensor->bytes % sizeof(float) == 0);
    tensor = weir_model_file_tensor(file, "doubles");
    CHECK(tensor && tensor->type == WEIR_TENSOR_F64 && ((const double *)tensor->bytes)[0] == 0.1);
    tensor = weir_model_file_tensor(file, "empty");
    CHECK(tensor && tensor->size == 0);
    CHECK_INT((long long)file->plan.count, 1);
    CHECK_INT((long long)file->plan.blobs.count, 1);
    CHECK(file->plan.blobs.items[0].size == 6 && memcmp(file->plan.blobs.items[0].bytes, "a blob", 6) == 0);
    CHECK_INT((long long)strlen(file->digest), 32);
}

static void check_damage(const char *bytes, size_t size)
{
    struct weir_model_file file;
    struct weir_error error;
    int accepted = 0;
    for (size_t cut = 0; cut < size; cut++)
        if (parse(bytes, cut, &file, &error) == 0) {
            CHECK(!"a cut file was read");
            weir_model_file_release(&file);
        }
    char *damaged = malloc(size + 1);
    for (size_t bit = 0; bit < size * 8; bit++) {
        memcpy(damaged, bytes, size);
        damaged[bit / 8] ^= (char)(1 << bit % 8);
        if (parse(damaged, size, &file, &error) == 0) {
            accepted++;
            check_content(&file); /* a blank that became another blank */
            weir_model_file_release(&file);
        } else {
            CHECK(error.text[0] != 0 && error.status == WEIR_BAD_DATA);
        }
    }
    CHECK(accepted < 40);
    memcpy(damaged, bytes, size);
    damaged[size] = 0;
    CHECK(parse(damaged, size + 1, &file, &error) != 0);
    CHECK(strstr(error.text, "left over") != NULL);
    free(damaged);
}

static void check_sniffing(const char *bytes, size_t size)
{
    CHECK(weir_model_file_sniff(bytes, size));
    CHECK(!weir_model_file_sniff(bytes, 8));
    CHECK(!weir_model_file_sniff("age,city\n1,{}\n", 14));
    CHECK(!weir_model_file_sniff("\xff\xff\xff\xff\0\4\0\0{", 9));
}

/* A file of another program's: its own words. */
static void check_strangers(void)
{
    static const char *const headers[] = { "{}", "[]", "{\"__metadata__\":{}}", "{\"__metadata__\":{\"a\":1}}",
                                           "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}" };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct weir_model_file file;
        struct weir_error error;
        char bytes[100] = { (char)strlen(headers[i]) };
        memcpy(bytes + 8, headers[i], strlen(headers[i]));
        CHECK(parse(bytes, 8 + strlen(headers[i]), &file, &error) != 0);
        CHECK(error.status == WEIR_BAD_DATA);
    }
}

int main(void)
{
    size_t size, again_size;
    char *bytes = written(&size), *again = written(&again_size);
    struct weir_model_file file;
    struct weir_error error;
    CHECK(size == again_size && memcmp(bytes, again, size) == 0);
    CHECK(parse(bytes, size, &file, &error) == 0);
    check_content(&file);
    weir_model_file_release(&file);
    check_damage(bytes, size);
    check_sniffing(bytes, size);
    check_strangers();
    CHECK(weir_model_file_read(&file, "/nonexistent/model", &error) != 0 && error.status == WEIR_NO_INPUT);
    free(bytes);
    free(again);
    return check_result();
}
