/* Every stage that learns: the same whatever the batches, from a state as from learning, merged as from the whole,
 * replayed as applied; and what it learns against plain references. */
#include "stage/encode.h"
#include "stage_sample.h"

static const struct {
    const char *stage, *options;
} cases[] = {
    { "clean", "{}" },
    { "clean", "{\"missing\": [\"mean\", \"city=mode\"], \"flag-missing\": true, \"keep-unlabelled\": true}" },
    { "clean", "{\"missing\": [\"mode\"], \"trim\": true, \"case\": \"lower\", \"drop-constant\": true}" },
    { "clean", "{\"case\": \"fold\", \"unicode\": \"nfkc\", \"repeats\": 1, \"text-columns\": [\"city\"]}" },
    { "clean",
      "{\"html\": \"text\", \"urls\": \"token\", \"squeeze\": true, \"trim\": true, \"missing\": [\"keep\"]}" },
    { "clean", "{\"missing\": [\"drop\", \"whole=constant=-3\"], \"allow\": [\"city=Paris| Rome\"]}" },
    { "clean", "{\"range\": [\"real=0..\", \"day=2000-01-01..2001-01-01\"], \"bad-value\": \"clip\"}" },
    { "clean", "{\"range\": [\"real=0..\"], \"allow\": [\"city=Paris\"], \"bad-value\": \"drop\"}" },
    { "clean", "{\"outliers\": \"iqr\"}" },
    { "clean", "{\"outliers\": \"zscore\", \"outlier-factor\": \"2\", \"outlier-action\": \"null\"}" },
    { "clean", "{\"outliers\": \"mad\", \"outlier-action\": \"drop\", \"outlier-columns\": [\"whole\"]}" },
    { "clean", "{\"means-missing\": [\"city=Paris\", \"whole=1|2\"], \"missing\": [\"mean\", \"city=mode\"]}" },
    { "clean", "{\"smooth\": [\"real=median:4\", \"whole=exponential:0.25\"], \"smooth-by\": [\"city\"], "
               "\"keep-unlabelled\": true}" },
    { "clean", "{\"units\": [\"city=Paris|Rome\"], \"missing\": [\"keep\"], \"bad-value\": \"drop\"}" },
    { "clean", "{\"rules\": {\"rules\": [{\"column\": \"real\", \"range\": [0, 5], \"action\": \"clip\"},"
               "{\"column\": \"city\", \"pattern\": \"^\\\\S\", \"action\": {\"set\": \"elsewhere\"}},"
               "{\"column\": [\"whole\", \"small\"], \"range\": [null, 150], \"action\": \"drop\"},"
               "{\"compare\": [\"small\", \"<\", \"whole\"], \"action\": {\"flag\": \"odd\"}},"
               "{\"column\": \"day\", \"range\": [\"1999-12-01\", null], \"action\": {\"flag\": \"odd\"}},"
               "{\"column\": \"flag\", \"allowed\": [true]},"
               "{\"column\": \"label\", \"present\": true, \"action\": \"drop\"}]}}" },
    { "normalize", "{}" },
    { "normalize", "{\"method\": \"minmax\"}" },
    { "normalize", "{\"method\": \"robust\", \"columns\": [\"real\", \"small\"]}" },
    { "normalize", "{\"method\": \"maxabs\"}" },
    { "normalize", "{\"method\": \"unit\"}" },
    { "normalize", "{\"method\": \"scale=7\"}" },
    { "encode", "{}" },
    { "encode", "{\"min-count\": \"1\", \"max-categories\": \"2\"}" },
    { "encode", "{\"method\": \"ordinal\", \"min-count\": \"1\"}" },
    { "encode", "{\"method\": [\"small=ordinal\", \"city=ordinal\"], \"order\": [\"city=Paris\", \"\"]}" },
    { "encode", "{\"method\": [\"frequency\", \"whole=frequency\"], \"min-count\": \"2\"}" },
    { "encode", "{\"method\": [\"hash\", \"whole=hash\", \"flag=onehot\"], \"width\": \"3\"}" },
    { "encode", "{\"method\": [\"target\", \"small=target\"], \"min-count\": \"1\"}" },
    { "encode", "{\"method\": [\"cyclic\"], \"parts\": [\"weekday\", \"yearday\"]}" },
    { "encode", "{\"method\": [\"cyclic\", \"city=target\"], \"folds\": \"3\", \"smoothing\": \"0.5\"}" },
    { "tokenize", "{\"column\": \"city\"}" },
    { "tokenize", "{\"column\": \"city\", \"ids\": true, \"min-documents\": \"3\", \"into\": \"words\"}" },
    { "features", "{\"method\": \"tfidf\", \"column\": \"city\"}" },
    { "features", "{\"method\": \"tfidf\", \"column\": [\"city\"], \"into\": \"words\", \"sublinear\": true, "
                  "\"norm\": \"l1\", \"idf\": \"plain\", \"max-documents\": \"0.5\", \"stem\": \"english\"}" },
    { "features", "{\"method\": \"counts\", \"column\": \"city\", \"max-features\": \"2\", \"keep-case\": true}" },
    { "features", "{\"method\": \"hash\", \"column\": \"city\", \"width\": \"5\", \"ngrams\": \"1-2\"}" },
    { "features", "{\"method\": \"row\", \"statistics\": [\"count\", \"mean\", \"skewness\", \"median\"]}" },
    { "features", "{\"method\": \"window\", \"window\": \"24\", \"by\": [\"city\"]}" },
    { "features", "{\"method\": \"window\", \"window\": \"70\", \"column\": [\"real\"], \"before\": true, "
                  "\"statistics\": [\"kurtosis\", \"slope\", \"q0.9\", \"range\", \"lag80\", \"diff3\"]}" },
    { "features", "{\"method\": \"window\", \"window\": \"13\", \"column\": [\"whole\"], \"tumbling\": true, "
                  "\"min-rows\": \"3\", \"ddof\": \"1\", \"by\": [\"flag\"], \"statistics\": [\"sum\", \"median\"]}" },
    { "features", "{\"method\": \"projection\", \"components\": 5, \"seed\": 3}" },
    { "features", "{\"method\": \"projection\", \"column\": [\"real\", \"flag\"], \"into\": \"p\"}" },
    { "features", "{\"method\": \"polynomial\"}" },
    { "features", "{\"method\": \"polynomial\", \"degree\": 3, \"interactions-only\": true}" },
    { "features", "{\"method\": \"bins\", \"column\": [\"whole\", \"real\"], \"bins\": 4}" },
    { "features", "{\"method\": \"bins\", \"equal-width\": true, \"one-hot\": true}" },
    { "features",
      "{\"method\": \"bins\", \"edges\": [\"-1\", \"0\", \"2.5\"], \"column\": \"real\", \"into\": \"bin\"}" },
};

static void fit(struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table,
                int64_t size, bool keep_merge)
{
    stage->keep_merge = keep_merge;
    struct weir_error error = { 0 };
    if (!CHECK(sample_learn(stage, schema, table, size, &error) == 0))
        fprintf(stderr, "    %s: %s\n", stage->kind->name, error.text);
}

static void apply(const struct weir_stage *stage, const struct weir_schema *schema, const struct weir_batch *table,
                  int64_t size, struct weir_buffer *out)
{
    struct weir_error error = { 0 };
    struct weir_binding binding;
    if (!CHECK(weir_stage_bind(&binding, stage, schema, WEIR_AS_FILTER, &error) == 0)) {
        fprintf(stderr, "    %s: %s\n", stage->kind->name, error.text);
        return;
    }
    if (!CHECK(sample_apply(&binding, schema, table, size, out, &error) == 0))
        fprintf(stderr, "    %s: %s\n", stage->kind->name, error.text);
    weir_binding_release(&binding);
}

static void same(const struct weir_buffer *a, const struct weir_buffer *b, size_t i, const char *what)
{
    if (!CHECK(a->size > 0 && a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0))
        fprintf(stderr, "    case %zu (%s %s): %s\n", i, cases[i].stage, cases[i].options, what);
}

/* Learn on one table, use on another: in batches of any size, and from a state, the same bytes. */
static void test_batches_and_states(size_t i, bool coded)
{
    struct weir_schema schema = { 0 }, other_schema = { 0 };
    struct weir_batch table = { 0 }, other = { 0 };
    struct weir_buffer first = { 0 }, state = { 0 };
    sample_table(&schema, &table, 1000, 1, coded);
    sample_table(&other_schema, &other, 300, 2, coded);
    static const int64_t sizes[] = { 1000, 1, 7, 129 };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct weir_buffer out = { 0 }, text = { 0 }, restored_out = { 0 }, restored_text = { 0 };
        struct weir_stage *stage = sample_stage(cases[i].stage, cases[i].options), *restored = NULL;
        fit(stage, &schema, &table, sizes[s], true);
        apply(stage, &other_schema, &other, sizes[s], &out);
        CHECK(weir_stage_save_text(stage, &text, NULL) == 0);
        CHECK(weir_stage_restore_text(&restored, cases[i].stage, text.bytes, text.size, NULL) == 0);
        if (s == 0) {
            weir_buffer_append(&first, out.bytes, out.size);
            weir_buffer_append(&state, text.bytes, text.size);
        }
        same(&first, &out, i, "another size of batches, other rows");
        same(&state, &text, i, "another size of batches, another state");
        if (restored) {
            apply(restored, &other_schema, &other, 50, &restored_out);
            same(&first, &restored_out, i, "restored from its state, other rows");
            CHECK(weir_stage_save_text(restored, &restored_text, NULL) == 0);
            same(&state, &restored_text, i, "a restored state is saved as another");
        }
        weir_buffer_release(&out);
        weir_buffer_release(&text);
        weir_buffer_release(&restored_out);
        weir_buffer_release(&restored_text);
        weir_stage_free(stage);
        weir_stage_free(restored);
    }
    weir_buffer_release(&first);
    weir_buffer_release(&state);
    weir_batch_release(&table);
    weir_batch_release(&other);
    weir_schema_release(&schema);
    weir_schema_release(&other_schema);
}

/* A replay gives the rows that the filter lets through the same values, and the others a reason. */
static void test_replay(size_t i)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, replayed = { 0 }, filtered = { 0 };
    struct weir_plan plan = { 0 };
    struct weir_replayer *replayer = NULL;
    struct weir_binding binding = { 0 };
    struct weir_error error = { 0 };
    sample_table(&schema, &table, 500, 3, false);
    const char **reasons = weir_allocate_zero(500, sizeof *reasons);
    struct weir_reasons why = { .reasons = reasons, .rows = 500 };
    struct weir_stage *stage = sample_stage(cases[i].stage, cases[i].options);
    fit(stage, &schema, &table, 100, false);
    CHECK(weir_plan_append(&plan, stage, &error) == 0);
    if (!CHECK(weir_replayer_new(&replayer, &plan, 0, &schema, &error) == 0) ||
        !CHECK(weir_replayer_apply(replayer, &table, &replayed, &why, &error) == 0) ||
        !CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_FILTER, &error) == 0) ||
        !CHECK(stage->kind->apply(&binding, &table, &filtered, NULL, &error) == 0)) {
        fprintf(stderr, "    %s\n", error.text);
        return;
    }
    CHECK_INT(replayed.rows, table.rows);
    const struct weir_schema *out = weir_replayer_schema(replayer);
    bool drops_outliers = strstr(cases[i].options, "\"outlier-action\": \"drop\"");
    int64_t at = 0;
    for (int64_t row = 0; row < replayed.rows && at < filtered.rows; row++) {
        if (weir_number(&replayed.columns[0], WEIR_INT64, row) != weir_number(&filtered.columns[0], WEIR_INT64, at)) {
            bool unlabelled = !weir_valid(&table.columns[7], row);
            if (!CHECK(reasons[row] || unlabelled || drops_outliers))
                fprintf(stderr, "    case %zu, row %lld: dropped without a reason\n", i, (long long)row);
            continue;
        }
        CHECK(!reasons[row]);
        for (int c = 0; c < out->count; c++) {
            if (out->fields[c].role == WEIR_LABEL)
                continue;
            struct weir_buffer a = { 0 }, b = { 0 };
            weir_value_json(&replayed.columns[c], &out->fields[c].type, row, &a);
            weir_value_json(&filtered.columns[c], &binding.out.fields[c].type, at, &b);
            if (!CHECK_TEXT(a.bytes, b.bytes))
                fprintf(stderr, "    case %zu, row %lld, column '%s'\n", i, (long long)row, out->fields[c].name);
            weir_buffer_release(&a);
            weir_buffer_release(&b);
        }
        at++;
    }
    CHECK_INT(at, filtered.rows);
    weir_binding_release(&binding);
    weir_replayer_free(replayer);
    weir_plan_release(&plan);
    weir_stage_free(stage);
    weir_batch_release(&replayed);
    weir_batch_release(&filtered);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    free(reasons);
}

/* States of two parts, folded, say what the state of the whole says: exactly, or in reals to 1e-12. */
static void near_json(const json_t *a, const json_t *b, size_t i)
{
    const char *key;
    json_t *value;
    if (json_is_object(a)) {
        CHECK_INT((long long)json_object_size(a), (long long)json_object_size(b));
        json_object_foreach((json_t *)(uintptr_t)a, key, value) near_json(value, json_object_get(b, key), i);
    } else if (json_is_array(a)) {
        CHECK_INT((long long)json_array_size(a), (long long)json_array_size(b));
        for (size_t j = 0; j < json_array_size(a); j++)
            near_json(json_array_get(a, j), json_array_get(b, j), i);
    } else if (json_is_real(a)) {
        double x = json_real_value(a), y = json_real_value(b);
        if (!CHECK_NEAR(x, y, 1e-12 * (1 + fabs(y))))
            fprintf(stderr, "    case %zu\n", i);
    } else if (!CHECK(json_equal(a, b))) {
        fprintf(stderr, "    case %zu (%s %s)\n", i, cases[i].stage, cases[i].options);
    }
}

static void test_merge(size_t i)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, parts[2] = { { 0 }, { 0 } };
    struct weir_stage *whole = sample_stage(cases[i].stage, cases[i].options), *stages[2];
    struct weir_error error = { 0 };
    sample_table(&schema, &table, 900, 4, false);
    weir_batch_slice(&parts[0], &table, &schema, 0, 350);
    weir_batch_slice(&parts[1], &table, &schema, 350, 550);
    fit(whole, &schema, &table, 64, true);
    for (int p = 0; p < 2; p++) {
        stages[p] = sample_stage(cases[i].stage, cases[i].options);
        fit(stages[p], &schema, &parts[p], 64, true);
    }
    int result = stages[0]->kind->merge(stages[0], stages[1], &error);
    if (strstr(cases[i].options, "outliers")) {
        CHECK(result < 0 && strstr(error.text, "--outliers"));
    } else if (CHECK(result == 0)) {
        json_t *a = NULL, *b = NULL;
        struct weir_blobs a_blobs = { 0 }, b_blobs = { 0 };
        CHECK(stages[0]->kind->save(stages[0], &a, &a_blobs, NULL) == 0);
        CHECK(whole->kind->save(whole, &b, &b_blobs, NULL) == 0);
        near_json(a, b, i);
        CHECK_INT((long long)a_blobs.count, (long long)b_blobs.count);
        for (size_t j = 0; j < a_blobs.count && j < b_blobs.count; j++)
            same(&a_blobs.items[j], &b_blobs.items[j], i, "a blob of two parts, folded, is another");
        weir_blobs_release(&a_blobs);
        weir_blobs_release(&b_blobs);
        json_decref(a);
        json_decref(b);
    }
    weir_stage_free(whole);
    for (int p = 0; p < 2; p++) {
        weir_stage_free(stages[p]);
        weir_batch_release(&parts[p]);
    }
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of more rows than are kept as they are, against sorting all of them; in rows that ascend, too, where no
 * guess from the first ones holds. */
static void test_median(bool ascend, bool keep_merge)
{
    enum { ROWS = 300000 };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    sample_table(&schema, &table, ROWS, 5, false);
    double *numbers = malloc(ROWS * sizeof *numbers);
    CHECK(weir_numbers(&table.columns[2], WEIR_FLOAT64, numbers, NULL) == 0);
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++)
        if (!isnan(numbers[i]))
            numbers[count++] = numbers[i];
    qsort(numbers, count, sizeof *numbers, ascending);
    double median = (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
    struct weir_stage *stage = sample_stage("clean", "{}");
    if (ascend) {
        struct weir_block *block = weir_block_new(count * sizeof *numbers);
        memcpy(block->bytes, numbers, count * sizeof *numbers);
        struct weir_column *real = &table.columns[2];
        weir_column_release(real);
        *real = (struct weir_column){ .rows = (int64_t)count };
        real->values = (struct weir_slice){ block, block->bytes, count * sizeof *numbers };
        table.rows = (int64_t)count;
        for (int i = 0; i < SAMPLE_COLUMNS; i++)
            table.columns[i].rows = (int64_t)count;
    }
    fit(stage, &schema, &table, 5000, keep_merge);
    json_t *state = NULL;
    CHECK(stage->kind->save(stage, &state, NULL, NULL) == 0);
    json_t *column = json_array_get(json_object_get(state, "columns"), 1);
    CHECK_TEXT(json_string_value(json_object_get(column, "name")), "real");
    CHECK(json_real_value(json_object_get(column, "fill")) == median);
    json_decref(state);
    weir_stage_free(stage);
    free(numbers);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* Codes and one-hot vectors say the same; what learning never saw is `other`, and is counted. */
static void test_codes(bool coded)
{
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 }, out = { 0 };
    struct weir_binding binding;
    enum { ROWS = 1000 };
    static int32_t codes[ROWS];
    sample_table(&schema, &table, ROWS, 6, coded);
    struct weir_stage *stage = sample_stage("encode", "{}");
    fit(stage, &schema, &table, ROWS, false);
    /* five frequent cities, other, missing */
    CHECK_INT(weir_encode_form(stage, "city", 0), WEIR_ENCODE_CATEGORY);
    CHECK_INT(weir_encode_width(stage, "city", 0), 7);
    CHECK_INT(weir_encode_width(stage, "flag", 0), 1);
    CHECK_INT(weir_encode_form(stage, "day", 0), WEIR_ENCODE_NUMBER);
    CHECK_INT(weir_encode_form(stage, "whole", 0), WEIR_ENCODE_NOT);
    int64_t unknown = 0;
    CHECK(weir_encode_codes(stage, "city", 3, &table.columns[5], &schema.fields[5].type, codes, &unknown, NULL) == 0);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_FILTER, NULL) == 0);
    CHECK(stage->kind->apply(&binding, &table, &out, NULL, NULL) == 0);
    int at = weir_schema_find(&binding.out, "city");
    CHECK_INT(binding.out.fields[at].type.list_size, 7);
    const float *slots = (const float *)(const void *)out.columns[at].children[0].values.bytes;
    int64_t rare = 0;
    for (int64_t row = 0; row < ROWS; row++) {
        size_t length = 0;
        const char *text = coded ? NULL : weir_text(&table.columns[5], row, &length);
        float sum = 0;
        for (int s = 0; s < 7; s++)
            sum += slots[row * 7 + s];
        CHECK(sum == 1 && slots[row * 7 + codes[row]] == 1);
        CHECK((codes[row] == 6) == !weir_valid(&table.columns[5], row));
        if (text && codes[row] == 5) {
            rare++;
            CHECK(length == 4 && memcmp(text, "rare", 4) == 0);
        }
    }
    CHECK(coded || unknown == rare);
    weir_binding_release(&binding);
    weir_batch_release(&out);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    weir_stage_free(stage);
}

/* More distinct texts than are counted: nothing is kept of names, and the column goes. */
static void test_names(void)
{
    enum { ROWS = 50000 };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_builder builder;
    struct weir_type type = { .kind = WEIR_UTF8 };
    weir_schema_add(&schema, "name", WEIR_UTF8);
    weir_schema_add(&schema, "mixed", WEIR_UTF8);
    weir_batch_init(&table, 2, ROWS);
    for (int column = 0; column < 2; column++) {
        weir_builder_init(&builder, &type);
        for (int row = 0; row < ROWS; row++) {
            char text[32];
            int length = snprintf(text, sizeof text, "name %d", row);
            if (column == 1 && row % 10 == 0)
                weir_builder_text(&builder, "often", 5);
            else
                weir_builder_text(&builder, text, (size_t)length);
        }
        CHECK(weir_builder_finish(&builder, &table.columns[column], NULL) == 0);
        weir_builder_release(&builder);
    }
    struct weir_stage *stage = sample_stage("encode", "{}");
    fit(stage, &schema, &table, 999, false);
    CHECK_INT(weir_encode_form(stage, "name", 0), WEIR_ENCODE_REMOVED);
    CHECK_INT(weir_encode_form(stage, "mixed", 0), WEIR_ENCODE_CATEGORY);
    CHECK_INT(weir_encode_width(stage, "mixed", 0), 2);
    json_t *state = NULL;
    CHECK(stage->kind->save(stage, &state, NULL, NULL) == 0);
    char *text = json_dumps(state, 0);
    CHECK(text && !strstr(text, "name 17"));
    free(text);
    json_decref(state);
    weir_stage_free(stage);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* A column of the null type goes under every rule that would fill it, and its state can be read again; a constant that
 * a column of 32 bits cannot hold is refused. */
static void test_clean_constants(void)
{
    static const char *const rules[] = { "mode", "category", "constant=5", "constant=abc" };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_error error = { 0 };
    weir_schema_add(&schema, "nothing", WEIR_NULL);
    weir_schema_add(&schema, "time", WEIR_TIME32);
    weir_batch_init(&table, 2, 1);
    table.columns[0] = (struct weir_column){ .rows = 1, .null_count = 1 };
    table.columns[1] = (struct weir_column){ .rows = 1 };
    memset(weir_slice_new(&table.columns[1].values, 1, sizeof(int32_t)), 0, sizeof(int32_t));
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char options[64];
        struct weir_buffer text = { 0 };
        struct weir_stage *restored = NULL;
        snprintf(options, sizeof options, "{\"missing\": \"nothing=%s\"}", rules[i]);
        struct weir_stage *stage = sample_stage("clean", options);
        fit(stage, &schema, &table, 1, false);
        CHECK(weir_stage_save_text(stage, &text, NULL) == 0);
        if (!CHECK(weir_stage_restore_text(&restored, "clean", text.bytes, text.size, &error) == 0))
            fprintf(stderr, "    %s: %s\n", rules[i], error.text);
        weir_buffer_release(&text);
        weir_stage_free(restored);
        weir_stage_free(stage);
    }
    struct weir_stage *stage = sample_stage("clean", "{\"missing\": \"time=constant=2147483648\"}");
    CHECK(sample_learn(stage, &schema, &table, 1, &error) < 0);
    CHECK_TEXT(error.text, "option '--missing': column 'time' is time32[s], for which '2147483648' is not possible");
    weir_stage_free(stage);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

/* What counts is whole, also in a plan, where no program's table has looked at it. */
static void test_whole_options(void)
{
    static const struct {
        const char *stage, *options;
    } none[] = {
        { "encode", "{\"min-count\": 2.5}" },
        { "encode", "{\"method\": [\"hash\"], \"width\": 8.5}" },
        { "features", "{\"method\": \"counts\", \"min-documents\": 1.5}" },
        { "features", "{\"method\": \"hash\", \"width\": 100.5}" },
        { "features", "{\"method\": \"pca\", \"components\": 2.5}" },
        { "features", "{\"method\": \"row\", \"ddof\": 0.5}" },
        { "features", "{\"method\": \"window\", \"window\": \"3\", \"min-rows\": 1.5}" },
        { "features", "{\"method\": \"wordvec\", \"epochs\": 1.5}" },
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct weir_stage *stage;
        struct weir_error error = { 0 };
        CHECK(weir_stage_new(&stage, none[i].stage, none[i].options, &error) < 0);
        if (!CHECK(strstr(error.text, "takes a whole number from ")))
            fprintf(stderr, "    %s: %s\n", none[i].options, error.text);
        weir_stage_free(stage);
    }
}

/* More texts than can be counted, as the codes of a dictionary: what is forgotten of them does not show how they were
 * batched. */
static void test_many_codes(void)
{
    enum { VALUES = 20000, ROWS = 60000 };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_builder builder;
    struct weir_random random;
    struct weir_buffer states[2] = { { 0 }, { 0 } };
    struct weir_field *field = weir_schema_add(&schema, "name", WEIR_UTF8);
    weir_type_release(&field->type);
    weir_type_parse("dictionary<utf8>", &field->type, NULL);
    weir_batch_init(&table, 1, ROWS);
    weir_builder_init(&builder, &field->type);
    weir_random_init(&random, 1, 1);
    for (int row = 0; row < ROWS; row++) {
        char text[32];
        int length = snprintf(text, sizeof text, "%d", (int)weir_random_below(&random, VALUES));
        weir_builder_text(&builder, text, (size_t)length);
    }
    CHECK(weir_builder_finish(&builder, &table.columns[0], NULL) == 0);
    weir_builder_release(&builder);
    for (int i = 0; i < 2; i++) {
        struct weir_stage *stage = sample_stage("clean", "{\"missing\": \"mode\"}");
        fit(stage, &schema, &table, i == 0 ? ROWS : 7000, true);
        CHECK(weir_stage_save_text(stage, &states[i], NULL) == 0);
        weir_stage_free(stage);
    }
    CHECK(states[0].size == states[1].size && memcmp(states[0].bytes, states[1].bytes, states[0].size) == 0);
    weir_buffer_release(&states[0]);
    weir_buffer_release(&states[1]);
    weir_batch_release(&table);
    weir_schema_release(&schema);
}

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_batches_and_states(i, false);
        test_batches_and_states(i, true);
        test_replay(i);
        test_merge(i);
    }
    test_median(false, false);
    test_median(true, false);
    test_median(false, true);
    test_median(true, true);
    test_codes(false);
    test_codes(true);
    test_names();
    test_clean_constants();
    test_whole_options();
    test_many_codes();
    return check_result();
}
