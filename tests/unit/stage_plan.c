/* The plan: written and read again, matched against a model's, told to a person, and hostile texts refused. */
#include "stage/blob.h"
#include "stage_sample.h"

static void append(struct weir_plan *plan, const char *name, enum weir_replay replay, const char *options,
                   const char *state)
{
    CHECK(weir_plan_append_step(plan, name, 1, replay, json_loads(options, 0, NULL), json_loads(state, 0, NULL),
                                NULL) == 0);
}

static void parse(struct weir_plan *plan, const char *text)
{
    struct weir_error error = { 0 };
    if (!CHECK(weir_plan_from_text(plan, text, strlen(text), &error) == 0))
        fprintf(stderr, "    %s\n", error.text);
}

static void test_round_trip(void)
{
    struct weir_plan plan = { 0 }, back = { 0 };
    struct weir_schema schema = { 0 };
    struct weir_buffer first = { 0 }, second = { 0 };
    weir_schema_add(&schema, "a", WEIR_INT64);
    CHECK(weir_metadata_set(&schema.metadata, "mine", "kept") == 0);
    CHECK(weir_metadata_set(&schema.metadata, "weir:blob:99", "AAAA") == 0);
    append(&plan, "load", WEIR_REPLAY_APPLY, "{\"label\": [\"churned\"]}", "{\"columns\": []}");
    append(&plan, "normalize", WEIR_REPLAY_APPLY, "{}", "{\"columns\": [], \"x\": 0.1}");
    CHECK(weir_plan_to_schema(&plan, &schema, NULL) == 0);
    CHECK_TEXT(weir_metadata_get(&schema.metadata, "weir:plan"),
               "[{\"stage\":\"load\",\"version\":1,\"options\":{\"label\":[\"churned\"]},\"state\":{\"columns\":[]},"
               "\"replay\":\"apply\"},{\"stage\":\"normalize\",\"version\":1,\"options\":{},\"state\":{\"columns\":[],"
               "\"x\":0.10000000000000001},\"replay\":\"apply\"}]");
    CHECK(weir_metadata_get(&schema.metadata, "weir:blob:99") == NULL);
    CHECK_TEXT(weir_metadata_get(&schema.metadata, "mine"), "kept");
    CHECK(weir_plan_from_schema(&back, &schema, NULL) == 0);
    CHECK(weir_plan_to_text(&plan, &first, NULL) == 0 && weir_plan_to_text(&back, &second, NULL) == 0);
    CHECK_TEXT(second.bytes, first.bytes);
    struct weir_plan none = { 0 };
    CHECK(weir_plan_to_schema(&none, &schema, NULL) == 0);
    CHECK(weir_metadata_get(&schema.metadata, "weir:plan") == NULL);
    CHECK(weir_plan_from_schema(&none, &schema, NULL) == 0 && none.count == 0);
    weir_buffer_release(&first);
    weir_buffer_release(&second);
    weir_plan_release(&plan);
    weir_plan_release(&back);
    weir_schema_release(&schema);
}

/* A state of more than 4 KiB as JSON becomes a blob, travels as base64, and is the same state behind. */
static void test_long_state(void)
{
    struct weir_plan plan = { 0 }, back = { 0 };
    struct weir_schema schema = { 0 };
    json_t *columns = json_array();
    for (int i = 0; i < 500; i++)
        json_array_append_new(columns, json_pack("{s:s+, s:f}", "name", "column", i % 2 ? "a" : "b", "x", i / 7.0));
    json_t *state = json_pack("{s:o}", "columns", columns);
    CHECK(weir_plan_append_step(&plan, "load", 1, WEIR_REPLAY_APPLY, json_object(), json_incref(state), NULL) == 0);
    CHECK(weir_is_blob_reference(plan.steps[0].state) && plan.blobs.count == 1);
    CHECK(weir_plan_to_schema(&plan, &schema, NULL) == 0);
    CHECK(weir_metadata_get(&schema.metadata, "weir:blob:0") != NULL);
    CHECK(strlen(weir_metadata_get(&schema.metadata, "weir:plan")) < 200);
    CHECK(weir_plan_from_schema(&back, &schema, NULL) == 0);
    json_t *read = weir_plan_step_state(&back, 0, NULL);
    CHECK(read && json_equal(read, state));
    json_decref(read);
    /* the same state under another number of a blob is the same */
    size_t next = 99;
    plan.steps[0].name[0] = 'r'; /* "load" would not be compared */
    struct weir_plan shifted = { 0 };
    CHECK(weir_blobs_put(&shifted.blobs, 0, "x", 1, NULL) == 0);
    CHECK(weir_plan_append_step(&shifted, "road", 1, WEIR_REPLAY_APPLY, json_object(), json_incref(state), NULL) == 0);
    CHECK(weir_plan_match(&plan, &shifted, &next, NULL) == 0);
    CHECK_INT((long long)next, 1);
    shifted.blobs.items[1].bytes[40] ^= 1;
    CHECK(weir_plan_match(&plan, &shifted, &next, NULL) < 0);
    json_decref(state);
    weir_plan_release(&plan);
    weir_plan_release(&back);
    weir_plan_release(&shifted);
    weir_schema_release(&schema);
}

static void match(const char *model_text, const char *input_text, int64_t wanted, const char *message)
{
    struct weir_plan model = { 0 }, input = { 0 };
    struct weir_error error = { 0 };
    size_t next = 0;
    parse(&model, model_text);
    parse(&input, input_text);
    int result = weir_plan_match(&model, &input, &next, &error);
    if (wanted >= 0) {
        CHECK_INT(result, 0);
        CHECK_INT((long long)next, wanted);
    } else {
        CHECK(result < 0);
        CHECK_TEXT(error.text, message);
    }
    weir_plan_release(&model);
    weir_plan_release(&input);
}

static void test_match(void)
{
#define LOAD     "{\"stage\":\"load\",\"version\":1,\"replay\":\"apply\"}"
#define SHUFFLE  "{\"stage\":\"mixer\",\"version\":1,\"replay\":\"skip\"}"
#define CLEAN(n) "{\"stage\":\"clean\",\"version\":1,\"options\":{},\"state\":{\"n\":" #n "},\"replay\":\"flag\"}"
#define CLEAN_OPT                                                                                                      \
    "{\"stage\":\"clean\",\"version\":1,\"options\":{\"trim\":true},\"state\":{\"n\":1},\"replay\":\"flag\"}"
#define NORMALIZE "{\"stage\":\"normalize\",\"version\":1,\"state\":{\"n\":1},\"replay\":\"apply\"}"
    static const char model[] = "[" LOAD "," CLEAN(1) "," SHUFFLE "," NORMALIZE "]";
    match(model, "[]", 1, NULL);
    match(model, "[" LOAD "]", 1, NULL);
    match(model, "[" SHUFFLE "," LOAD "]", 1, NULL);
    match(model, "[" LOAD "," CLEAN(1) "]", 3, NULL);
    match(model, "[" LOAD "," CLEAN(1) "," NORMALIZE "," SHUFFLE "]", 4, NULL);
    match("[]", "[" LOAD "," SHUFFLE "]", 0, NULL);
    match(model, "[" LOAD "," CLEAN(2) "]", -1,
          "the input has been through 'clean' (step 1 of its plan) fitted on other data than the model; give the raw "
          "rows, or use clean --state");
    match(model, "[" CLEAN_OPT "]", -1,
          "the input has been through 'clean' (step 0 of its plan) with other options than the model's; give the raw "
          "rows, or use clean --state");
    match(model, "[" NORMALIZE "]", -1,
          "the input has been through 'normalize' (step 0 of its plan) where the model's plan has 'clean' (step 1); "
          "give the raw rows");
    match(model, "[" CLEAN(1) "," NORMALIZE "," NORMALIZE "]", -1,
          "the input has been through 'normalize' (step 2 of its plan), which the model's plan does not have; give the "
          "rows as they were before it");
}

static void test_describe(void)
{
    struct weir_plan plan = { 0 };
    struct weir_buffer text = { 0 };
    append(&plan, "load", WEIR_REPLAY_APPLY, "{\"label\": [\"churned\"], \"no-header\": true, \"no\": false}", "{}");
    append(&plan, "pick", WEIR_REPLAY_APPLY, "{\"operands\": [\"a b\", \"it's\"], \"rows\": 5, \"share\": 0.1}", "{}");
    append(&plan, "clean", WEIR_REPLAY_FLAG, "{\"missing\": [\"a,b=mean\", \"x=constant=\\u001b[2J\"]}",
           "{\"columns\":[]}");
    weir_plan_describe(&plan, &text);
    CHECK_TEXT(text.bytes, "load --label churned --no-header | pick 'a b' 'it'\\''s' --rows 5 --share 0.1 | clean "
                           "--missing 'a\\\\,b=mean,x=constant=\\x1b[2J'");
    weir_buffer_release(&text);
    weir_plan_release(&plan);
}

static void refuse(const char *text, const char *message)
{
    struct weir_plan plan = { 0 };
    struct weir_error error = { 0 };
    CHECK(weir_plan_from_text(&plan, text, strlen(text), &error) < 0);
    CHECK_INT(error.status, WEIR_BAD_DATA);
    if (!CHECK(strstr(error.text, message) != NULL))
        fprintf(stderr, "    says '%s', wanted '%s'\n", error.text, message);
    CHECK(plan.count == 0 && plan.steps == NULL);
}

/* A plan that can be read, whose step is no stage. */
static void refuse_stage(const char *text, const char *message)
{
    struct weir_plan plan = { 0 };
    struct weir_stage *stage = NULL;
    struct weir_error error = { 0 };
    parse(&plan, text);
    CHECK(weir_plan_stage(&plan, 0, &stage, &error) < 0 && !stage);
    CHECK_INT(error.status, WEIR_BAD_DATA);
    if (!CHECK(strstr(error.text, message) != NULL))
        fprintf(stderr, "    says '%s', wanted '%s'\n", error.text, message);
    weir_plan_release(&plan);
}

static void test_hostile(void)
{
#define STEP(rest) "[{\"stage\":\"normalize\",\"version\":1,\"replay\":\"apply\"" rest "}]"
    refuse("", "the plan: no JSON");
    refuse("{}", "the plan is no JSON array");
    refuse("[1]", "step 0 of the plan: it is no JSON object");
    refuse("[{\"stage\":\"a\",\"stage\":\"a\"}]", "duplicate");
    refuse("[{\"stage\":\"../etc\",\"version\":1,\"replay\":\"apply\"}]", "its 'stage' is no name of a stage");
    refuse("[{\"stage\":\"Clean\",\"version\":1,\"replay\":\"apply\"}]", "its 'stage' is no name of a stage");
    refuse("[{\"stage\":\"clean\",\"version\":0,\"replay\":\"flag\"}]", "its 'version' is no version");
    refuse("[{\"stage\":\"clean\",\"version\":99,\"replay\":\"flag\"}]",
           "'clean' has version 99, and this Weir knows versions up to 2");
    refuse("[{\"stage\":\"clean\",\"version\":1,\"replay\":\"apply\"}]",
           "'clean' says replay 'apply', and the stage is of replay 'flag'");
    refuse("[{\"stage\":\"clean\",\"version\":1,\"replay\":\"run\"}]", "its 'replay' is none of apply, skip, flag");
    refuse(STEP(",\"options\":[]"), "its 'options' are no JSON object");
    refuse(STEP(",\"state\":7"), "its 'state' is no JSON object");
    struct weir_buffer deep = { 0 };
    weir_buffer_string(&deep, "[{\"stage\":\"load\",\"version\":1,\"replay\":\"apply\",\"state\":{\"a\":");
    for (int i = 0; i < 1000; i++)
        weir_buffer_string(&deep, "[");
    for (int i = 0; i < 1000; i++)
        weir_buffer_string(&deep, "]");
    weir_buffer_string(&deep, "}}]");
    refuse(deep.bytes, "the plan: nested deeper than 32");
    weir_buffer_clear(&deep);
    weir_buffer_string(&deep, "[");
    for (int i = 0; i < 1001; i++)
        weir_buffer_format(&deep, "%s{\"stage\":\"load\",\"version\":1,\"replay\":\"apply\"}", i ? "," : "");
    weir_buffer_string(&deep, "]");
    refuse(deep.bytes, "a plan of more than 1000 steps");
    weir_buffer_release(&deep);

    refuse_stage("[{\"stage\":\"exec\",\"version\":1,\"replay\":\"apply\"}]",
                 "step 0 of the plan: no stage 'exec' is known to this version of Weir");
    refuse_stage(STEP(",\"options\":{\"path\":\"/etc/passwd\"}"), "'normalize' has no option 'path'");
    refuse_stage(STEP(""), "its 'columns' are no array");
    refuse_stage(STEP(",\"state\":{\"blob\":3}"), "blob 3 of the plan is not there");
    refuse_stage(STEP(",\"state\":{\"blob\":-1}"), "blob -1 of the plan is not there");
    refuse_stage(STEP(",\"state\":{\"columns\":[{}]}"), "column 0 has no name");
    refuse_stage(STEP(",\"state\":{\"columns\":[{\"name\":\"a\"},{\"name\":\"a\"}]}"), "column 'a' stands there twice");
    refuse_stage(STEP(",\"state\":{\"columns\":[{\"name\":\"a\\u001b[2J\",\"type\":\"int64\"}]}"),
                 "column 'a\\x1b[2J': its 'method' is no text");
    refuse_stage(STEP(",\"state\":{\"columns\":[{\"name\":\"a\",\"type\":\"utf8\",\"method\":\"zscore\",\"center\":1,"
                      "\"deviation\":1}]}"),
                 "column 'a': its type is no number");
    refuse_stage("[{\"stage\":\"clean\",\"version\":1,\"replay\":\"flag\",\"state\":{\"columns\":[{\"name\":\"a\","
                 "\"type\":\"uint8\",\"fill\":300}]}}]",
                 "column 'a': its 'fill' is no value of its type");
    refuse_stage("[{\"stage\":\"clean\",\"version\":1,\"replay\":\"flag\",\"state\":{\"columns\":[{\"name\":\"a\","
                 "\"type\":\"utf8\",\"fill\":3}]}}]",
                 "column 'a': its 'fill' is no value of its type");
    refuse_stage("[{\"stage\":\"encode\",\"version\":1,\"replay\":\"apply\",\"state\":{\"columns\":[{\"name\":\"a\","
                 "\"type\":\"utf8\",\"form\":\"category\",\"values\":[\"x\",\"x\"],\"missing\":false}]}}]",
                 "category 1 stands there twice");
    refuse_stage("[{\"stage\":\"encode\",\"version\":1,\"replay\":\"apply\",\"state\":{\"columns\":[{\"name\":\"a\","
                 "\"type\":\"date32\",\"form\":\"number\",\"center\":0,\"deviation\":0}]}}]",
                 "its 'deviation' is not above 0");
}

static void refuse_blob(const char *key, const char *value, const char *message)
{
    struct weir_plan plan = { 0 };
    struct weir_schema schema = { 0 };
    struct weir_error error = { 0 };
    weir_metadata_set(&schema.metadata, "weir:plan", "[]");
    weir_metadata_set(&schema.metadata, key, value);
    CHECK(weir_plan_from_schema(&plan, &schema, &error) < 0);
    CHECK_TEXT(error.text, message);
    weir_schema_release(&schema);
}

static void test_base64(void)
{
    static const char *const pairs[][2] = {
        { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foobar", "Zm9vYmFy" }
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct weir_buffer text = { 0 }, back = { 0 };
        weir_base64_encode(pairs[i][0], strlen(pairs[i][0]), &text);
        CHECK_TEXT(text.bytes, pairs[i][1]);
        CHECK(weir_base64_decode(text.bytes, text.size, &back, NULL) == 0);
        CHECK_TEXT(back.bytes, pairs[i][0]);
        weir_buffer_release(&text);
        weir_buffer_release(&back);
    }
    refuse_blob("weir:blob:0", "abc", "weir:blob:0: a blob is no base64: its length is not a multiple of four");
    refuse_blob("weir:blob:0", "ab=c", "weir:blob:0: a blob is no base64: byte 2 is none of its digits");
    refuse_blob("weir:blob:0", "Zh==", "weir:blob:0: a blob is no base64: stray bits at its end");
    refuse_blob("weir:blob:1000000000000", "Zg==", "the plan has a blob whose number is none from 0 to 9999");
    refuse_blob("weir:blob:-1", "Zg==", "the plan has a blob whose number is none from 0 to 9999");
    refuse_blob("weir:blob:", "Zg==", "the plan has a blob whose number is none from 0 to 9999");
}

/* A stream that no `load` has written: step 0 says what load would have; a plan that is there stays as it is. */
static void test_continue(void)
{
    struct weir_schema schema = { 0 };
    struct weir_plan plan = { 0 }, again = { 0 };
    struct weir_buffer text = { 0 };
    struct weir_error error = { 0 };
    weir_schema_add(&schema, "age", WEIR_INT64);
    weir_schema_add(&schema, "nothing", WEIR_NULL);
    weir_schema_add(&schema, "won", WEIR_BOOL)->role = WEIR_LABEL;
    CHECK(weir_plan_continue(&plan, &schema, &error) == 0);
    CHECK(weir_plan_to_text(&plan, &text, &error) == 0);
    const char *expected =
        "[{\"stage\":\"load\",\"version\":1,\"options\":{},\"state\":{\"format\":\"arrow\",\"columns\":["
        "{\"name\":\"age\",\"type\":\"int64\"},{\"name\":\"won\",\"type\":\"bool\",\"role\":\"label\"}]},"
        "\"replay\":\"apply\"}]";
    CHECK_TEXT(text.bytes, expected);
    CHECK(weir_plan_append_step(&plan, "shuffle", 1, WEIR_REPLAY_SKIP, json_object(), json_null(), &error) == 0);
    CHECK(weir_plan_to_schema(&plan, &schema, &error) == 0);
    CHECK(weir_plan_continue(&again, &schema, &error) == 0);
    CHECK_INT(again.count, 2);
    weir_buffer_release(&text);
    weir_plan_release(&plan);
    weir_plan_release(&again);
    weir_schema_release(&schema);
}

int main(void)
{
    test_continue();
    test_round_trip();
    test_long_state();
    test_match();
    test_describe();
    test_hostile();
    test_base64();
    return check_result();
}
