/* JSON that is parsed, copied and dumped whole, or not at all. */
#include "base/json.h"
#include "check.h"
#include <stdlib.h>
#include <string.h>

static long left = -1; /* allocations that jansson is still given; < 0: all */

static void *allocate(size_t size)
{
    if (left == 0)
        return NULL;
    left -= left > 0;
    return malloc(size);
}

/* The N-th is refused, and those after it are given again. */
static void *refuse_one(size_t size)
{
    return left >= 0 && left-- == 0 ? NULL : malloc(size);
}

static json_t *example(void)
{
    return json_pack("{s:[i, f, s], s:{s:n, s:b}, s:s}", "numbers, and a long text as well", 1, 0.1,
                     "a text of more than a few letters", "object", "nothing", "true", 1, "u", "\xc3\xa9\"\n");
}

static void test_dump(void)
{
    struct weir_error error = { 0 };
    struct weir_buffer out = { 0 };
    json_t *json = json_pack("{s:f, s:[i]}", "b", 0.1, "a", 7);
    weir_buffer_string(&out, "json: ");
    CHECK(weir_json_dump(json, WEIR_JSON_KEPT, &out, &error) == 0);
    CHECK_TEXT(out.bytes, "json: {\"b\":0.10000000000000001,\"a\":[7]}");
    weir_buffer_clear(&out);
    CHECK(weir_json_dump_new(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(3), &out, &error) == 0);
    CHECK_TEXT(out.bytes, "{\"a\":[7],\"b\":0.1}");
    CHECK(weir_json_dump(NULL, WEIR_JSON_KEPT, &out, &error) == -1 && error.status == WEIR_NO_MEMORY);
    json = json_object();
    out.failed = true;
    error = (struct weir_error){ 0 };
    CHECK(weir_json_dump_new(json, WEIR_JSON_KEPT, &out, &error) == -1 && error.status == WEIR_NO_MEMORY);
    weir_buffer_release(&out);
}

/* With each allocation refused in turn, alone or with all behind it: nothing, or the whole. */
static void test_copy(void)
{
    json_t *(*const copies[])(const json_t *) = { weir_json_copy, weir_json_deep_copy };
    void *(*const allocators[])(size_t) = { allocate, refuse_one };
    json_t *json = example();
    for (int c = 0; c < 2; c++)
        for (int a = 0; a < 2; a++) {
            int refused = 0;
            json_set_alloc_funcs(allocators[a], free);
            for (long n = 0; n < 100; n++) {
                left = n;
                json_t *copy = copies[c](json);
                left = -1;
                CHECK(!copy || json_equal(copy, json));
                refused += !copy;
                json_decref(copy);
            }
            CHECK(refused > 0 && refused < 100);
            json_set_alloc_funcs(malloc, free);
        }
    CHECK(weir_json_copy(NULL) == NULL && weir_json_deep_copy(NULL) == NULL);
    json_decref(json);
}

static void test_parse(void)
{
    struct weir_error error = { 0 };
    json_t *json = weir_json_parse("{\"a\": 1}, 2", 8, JSON_REJECT_DUPLICATES, &error);
    CHECK(json_integer_value(json_object_get(json, "a")) == 1);
    json_decref(json);
    CHECK(weir_json_parse("[1, \x1b", 5, 0, &error) == NULL && error.status == WEIR_BAD_DATA);
    CHECK_TEXT(error.text, "no JSON at byte 5: invalid token near '\\x1b'");
    json_set_alloc_funcs(allocate, free);
    left = 0;
    CHECK(weir_json_parse("[1]", 3, 0, &error) == NULL && error.status == WEIR_NO_MEMORY);
    left = -1;
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    test_dump();
    test_copy();
    test_parse();
    return check_result();
}
