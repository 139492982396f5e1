/* The rules of clean against a plain reference that works on one row after the other, on its values as text; ranges of
 * every kind of number at its ends; comparisons of moments in every unit; and what a pattern may cost. */
#include "stage/clean.h"
#include "stage_sample.h"

/* ---- Rows against the reference --------------------------------------------------------------------------------- */

enum judge { RANGE, ALLOWED, FORBIDDEN, LENGTH, BEGINS_UPPER, BELOW, PRESENT };
enum act { MAKE_NULL, DROP, CLIP, SET, FLAG };
struct plain_rule {
    const char *json;
    enum judge judge;
    int column, other;
    double low, high;
    const char *texts[2]; /* as JSON */
    enum act act;
    const char *value; /* as JSON */
};
static const struct plain_rule plain_rules[] = {
    { "{\"column\": \"whole\", \"range\": [-500, 2000.5], \"action\": \"clip\"}",
      RANGE,
      1,
      0,
      -500,
      2000,
      { 0 },
      CLIP,
      0 },
    { "{\"column\": \"real\", \"range\": [0.5, 6], \"action\": \"clip\"}", RANGE, 2, 0, 0.5, 6, { 0 }, CLIP, 0 },
    { "{\"column\": \"small\", \"range\": [null, 180]}", RANGE, 3, 0, -1e9, 180, { 0 }, MAKE_NULL, 0 },
    { "{\"column\": \"city\", \"forbidden\": [\"rare\", \" Rome\"], \"action\": {\"set\": \"Lima \"}}",
      FORBIDDEN,
      5,
      0,
      0,
      0,
      { "\"rare\"", "\" Rome\"" },
      SET,
      "\"Lima \"" },
    { "{\"column\": \"city\", \"length\": [1, 7], \"action\": {\"flag\": \"odd\"}}",
      LENGTH,
      5,
      0,
      1,
      7,
      { 0 },
      FLAG,
      0 },
    { "{\"column\": \"city\", \"pattern\": \"^\\\\p{Lu}\"}", BEGINS_UPPER, 5, 0, 0, 0, { 0 }, MAKE_NULL, 0 },
    { "{\"compare\": [\"small\", \"<\", \"whole\"], \"action\": {\"flag\": \"odd\"}}",
      BELOW,
      3,
      1,
      0,
      0,
      { 0 },
      FLAG,
      0 },
    { "{\"compare\": [\"real\", \"<\", \"whole\"], \"action\": {\"set\": -1}}", BELOW, 2, 1, 0, 0, { 0 }, SET, "-1" },
    { "{\"column\": \"label\", \"allowed\": [\"yes\"], \"action\": \"drop\"}",
      ALLOWED,
      7,
      0,
      0,
      0,
      { "\"yes\"", "" },
      DROP,
      0 },
    { "{\"column\": \"flag\", \"allowed\": [true], \"action\": {\"set\": true}}",
      ALLOWED,
      4,
      0,
      0,
      0,
      { "true", "" },
      SET,
      "true" },
    { "{\"column\": \"real\", \"present\": true, \"action\": {\"set\": 2.25}}",
      PRESENT,
      2,
      0,
      0,
      0,
      { 0 },
      SET,
      "2.25" },
    { "{\"column\": \"city\", \"present\": true, \"action\": {\"set\": \"\"}}",
      PRESENT,
      5,
      0,
      0,
      0,
      { 0 },
      SET,
      "\"\"" },
    { "{\"column\": \"day\", \"present\": true, \"action\": \"drop\"}", PRESENT, 6, 0, 0, 0, { 0 }, DROP, 0 },
};
enum { RULES = sizeof plain_rules / sizeof *plain_rules, CELL = 64 };

static bool is_missing(const char *cell)
{
    return strcmp(cell, "null") == 0 || strcmp(cell, "\"nan\"") == 0;
}

static int characters(const char *cell)
{
    int count = 0;
    for (const char *at = cell + 1; at[1]; at++)
        count += (*at & 0xC0) != 0x80;
    return count;
}

static bool breaks(const struct plain_rule *rule, char cells[SAMPLE_COLUMNS][CELL])
{
    const char *cell = cells[rule->column];
    double number = strtod(cell, NULL);
    bool listed = rule->texts[0] && (strcmp(cell, rule->texts[0]) == 0 || strcmp(cell, rule->texts[1]) == 0);
    if (rule->judge == PRESENT || is_missing(cell))
        return rule->judge == PRESENT && is_missing(cell);
    switch (rule->judge) {
    case RANGE:
        return number < rule->low || number > rule->high;
    case ALLOWED:
        return !listed;
    case FORBIDDEN:
        return listed;
    case LENGTH:
        return characters(cell) < rule->low || characters(cell) > rule->high;
    case BEGINS_UPPER: /* of the sample's cities */
        return !((cell[1] >= 'A' && cell[1] <= 'Z') || (unsigned char)cell[1] == 0xC3);
    default:
        return !is_missing(cells[rule->other]) && !(number < strtod(cells[rule->other], NULL));
    }
}

/* One row's line, as sample_apply writes it; nothing when it is dropped. */
static void plain_row(char cells[SAMPLE_COLUMNS][CELL], long long counts[RULES], struct weir_buffer *out)
{
    bool flag = false;
    for (int i = 0; i < RULES; i++) {
        const struct plain_rule *rule = &plain_rules[i];
        char *cell = cells[rule->column];
        if (!breaks(rule, cells))
            continue;
        counts[i]++;
        if (rule->act == DROP)
            return;
        flag |= rule->act == FLAG;
        if (rule->act == MAKE_NULL)
            strcpy(cell, "null");
        else if (rule->act == SET)
            strcpy(cell, rule->value);
        else if (rule->act == CLIP)
            snprintf(cell, CELL, "%g", strtod(cell, NULL) < rule->low ? rule->low : rule->high);
    }
    for (int c = 0; c < SAMPLE_COLUMNS; c++)
        weir_buffer_format(out, "%s ", is_missing(cells[c]) ? "null" : cells[c]);
    weir_buffer_string(out, flag ? "true\n" : "false\n");
}

static void plain_rows(const struct weir_schema *schema, const struct weir_batch *table, long long counts[RULES],
                       struct weir_buffer *out)
{
    for (int64_t row = 0; row < table->rows; row++) {
        char cells[SAMPLE_COLUMNS][CELL];
        for (int c = 0; c < SAMPLE_COLUMNS; c++) {
            struct weir_buffer cell = { 0 };
            weir_value_json(&table->columns[c], &schema->fields[c].type, row, &cell);
            snprintf(cells[c], CELL, "%s", cell.bytes);
            weir_buffer_release(&cell);
        }
        plain_row(cells, counts, out);
    }
}

static void check_counts(const struct weir_binding *binding, const long long counts[RULES], long long rows)
{
    struct weir_buffer text = { 0 };
    CHECK(weir_clean_rules_report(binding, &text, NULL) == 0);
    json_t *json = json_loads(text.bytes, 0, NULL), *rules = json_object_get(json, "rules");
    CHECK_INT(json_integer_value(json_object_get(json, "rows")), rows);
    for (int i = 0; i < RULES; i++)
        if (!CHECK_INT(json_integer_value(json_object_get(json_array_get(rules, (size_t)i), "broken")), counts[i]))
            fprintf(stderr, "    rule %d\n", i + 1);
    json_decref(json);
    weir_buffer_release(&text);
}

static void test_rows(bool coded, int64_t size)
{
    enum { ROWS = 2000 };
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    struct weir_buffer options = { 0 }, wanted = { 0 }, got = { 0 };
    struct weir_binding binding;
    long long counts[RULES] = { 0 };
    sample_table(&schema, &table, ROWS, 11, coded);
    weir_buffer_string(&options, "{\"missing\": \"keep\", \"keep-unlabelled\": true, \"rules\": {\"rules\": [");
    for (int i = 0; i < RULES; i++)
        weir_buffer_format(&options, "%s%s", i > 0 ? ", " : "", plain_rules[i].json);
    weir_buffer_string(&options, "]}}");
    struct weir_stage *stage = sample_stage("clean", options.bytes);
    CHECK(sample_learn(stage, &schema, &table, ROWS, NULL) == 0);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_FILTER, NULL) == 0);
    CHECK(sample_apply(&binding, &schema, &table, size, &got, NULL) == 0);
    plain_rows(&schema, &table, counts, &wanted);
    check_counts(&binding, counts, ROWS);
    for (int i = 0; i < RULES; i++)
        CHECK(counts[i] > 0);
    size_t same = 0;
    while (same < got.size && same < wanted.size && got.bytes[same] == wanted.bytes[same])
        same++;
    if (!CHECK(same == got.size && same == wanted.size))
        fprintf(stderr, "    from byte %zu: is %.100s, expected %.100s\n", same, got.bytes + same, wanted.bytes + same);
    weir_binding_release(&binding);
    weir_stage_free(stage);
    weir_batch_release(&table);
    weir_schema_release(&schema);
    weir_buffer_release(&options);
    weir_buffer_release(&wanted);
    weir_buffer_release(&got);
}

/* ---- Columns of one's own ---------------------------------------------------------------------------------------- */

struct columns {
    struct weir_schema schema;
    struct weir_batch batch, out;
};

static void add_column(struct columns *columns, const char *type, const char *name)
{
    struct weir_field *field = weir_schema_add(&columns->schema, name, WEIR_INT64);
    CHECK(weir_type_parse(type, &field->type, NULL) == 0);
}

/* The rules put to the columns; what comes out is in columns->out. */
static int put(struct columns *columns, const char *rules, struct weir_error *error)
{
    struct weir_buffer options = { 0 };
    struct weir_binding binding = { 0 };
    weir_buffer_format(&options, "{\"missing\": \"keep\", \"rules\": {\"rules\": [%s]}}", rules);
    struct weir_stage *stage = sample_stage("clean", options.bytes);
    int result = sample_learn(stage, &columns->schema, &columns->batch, 1000, error);
    if (result == 0)
        result = weir_stage_bind(&binding, stage, &columns->schema, WEIR_AS_FILTER, error);
    if (result == 0)
        result = stage->kind->apply(&binding, &columns->batch, &columns->out, NULL, error);
    weir_binding_release(&binding);
    weir_stage_free(stage);
    weir_buffer_release(&options);
    return result;
}

static void release(struct columns *columns)
{
    weir_batch_release(&columns->batch);
    weir_batch_release(&columns->out);
    weir_schema_release(&columns->schema);
}

static __float128 exact(const struct weir_column *column, enum weir_kind kind, int64_t row)
{
    if (kind == WEIR_FLOAT32 || kind == WEIR_FLOAT64)
        return (__float128)weir_number(column, kind, row);
    int64_t integer = weir_integer(column, kind, row);
    return kind == WEIR_UINT64 ? (__float128)(uint64_t)integer : (__float128)integer;
}

/* Not by strtold: valgrind has no more than 64 bits for what it gives. */
static __float128 exact_end(const char *text, double open)
{
    if (strcmp(text, "null") == 0)
        return open;
    return strpbrk(text, ".e") ? (__float128)strtod(text, NULL) : (__float128)strtoll(text, NULL, 10);
}

static void test_range(const char *type, const char *low, const char *high, bool clip)
{
    static const int64_t values[] = {
        INT64_MIN, INT64_MIN + 1,   -129,          -128,     -1, 0, 1, 7, 8, 127, 128, 255, 256, 40000,
        1LL << 31, (1LL << 53) + 1, INT64_MAX - 1, INT64_MAX
    };
    enum { VALUES = sizeof values / sizeof *values };
    struct columns columns = { 0 };
    struct weir_builder builder;
    struct weir_error error = { 0 };
    struct weir_buffer rule = { 0 };
    add_column(&columns, type, "x");
    const struct weir_type *own = &columns.schema.fields[0].type;
    weir_builder_init(&builder, own);
    for (int i = 0; i < VALUES; i++) {
        if (own->kind == WEIR_FLOAT32 || own->kind == WEIR_FLOAT64)
            weir_builder_double(&builder, (double)values[i] / 3);
        else
            weir_builder_int64(&builder, values[i]);
    }
    weir_batch_init(&columns.batch, 1, VALUES);
    CHECK(weir_builder_finish(&builder, &columns.batch.columns[0], NULL) == 0);
    weir_builder_release(&builder);
    weir_buffer_format(&rule, "{\"column\": \"x\", \"range\": [%s, %s]%s}", low, high,
                       clip ? ", \"action\": \"clip\"" : "");
    if (put(&columns, rule.bytes, &error) < 0) {
        CHECK(clip && strstr(error.text, "clipping to that range"));
    } else {
        __float128 from = exact_end(low, -INFINITY), to = exact_end(high, INFINITY);
        if (own->kind == WEIR_FLOAT32 || own->kind == WEIR_FLOAT64) {
            from = (double)from; /* weir-rules(5): as float64 */
            to = (double)to;
        }
        for (int row = 0; row < VALUES; row++) {
            __float128 x = exact(&columns.batch.columns[0], own->kind, row);
            bool fine = x >= from && x <= to;
            bool there = weir_valid(&columns.out.columns[0], row);
            __float128 now = exact(&columns.out.columns[0], own->kind, row);
            bool holds = fine ? there && now == x : clip ? there && now >= from && now <= to : !there;
            if (!CHECK(holds))
                fprintf(stderr, "    %s: %g in %s .. %s%s\n", type, (double)x, low, high, clip ? ", clipped" : "");
        }
    }
    weir_buffer_release(&rule);
    release(&columns);
}

/* Each moment as what it is in every unit that can hold it, compared with each other in every unit. */
static void test_moments(void)
{
    static const char *const types[] = {
        "date32", "date64", "timestamp[s]", "timestamp[ms]", "timestamp[us, UTC]", "timestamp[ns]"
    };
    static const int64_t per_day[] = { 1, 86400000, 86400, 86400000, 86400000000, 86400000000000 };
    enum { UNITS = 6, DAYS = 5 };
    for (int a = 0; a < UNITS; a++)
        for (int b = 0; b < UNITS; b++) {
            struct columns columns = { 0 };
            add_column(&columns, types[a], "a");
            add_column(&columns, types[b], "b");
            weir_batch_init(&columns.batch, 2, DAYS * DAYS);
            for (int side = 0; side < 2; side++) {
                struct weir_builder builder;
                weir_builder_init(&builder, &columns.schema.fields[side].type);
                for (int row = 0; row < DAYS * DAYS; row++)
                    weir_builder_int64(&builder,
                                       (side ? row % DAYS - 2 : row / DAYS - 2) * 100 * per_day[side ? b : a]);
                CHECK(weir_builder_finish(&builder, &columns.batch.columns[side], NULL) == 0);
                weir_builder_release(&builder);
            }
            CHECK(put(&columns, "{\"compare\": [\"a\", \"<=\", \"b\"]}", NULL) == 0);
            for (int row = 0; row < DAYS * DAYS; row++)
                CHECK(weir_valid(&columns.out.columns[0], row) == (row / DAYS <= row % DAYS));
            release(&columns);
        }
}

/* Each of these takes longer than anyone can wait, if nothing stops it. */
static void test_hard_patterns(void)
{
    static const char *const patterns[] = { "^(a+)+$", "^(a|aa)+$", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$",
                                            "(.*)\\\\1{9}b" };
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct columns columns = { 0 };
        struct weir_builder builder;
        struct weir_error error = { 0 };
        char text[1001], rule[200];
        memset(text, 'a', 1000);
        text[1000] = '!';
        add_column(&columns, "utf8", "x");
        weir_builder_init(&builder, &columns.schema.fields[0].type);
        weir_builder_text(&builder, text, 1001);
        weir_batch_init(&columns.batch, 1, 1);
        CHECK(weir_builder_finish(&builder, &columns.batch.columns[0], NULL) == 0);
        weir_builder_release(&builder);
        snprintf(rule, sizeof rule, "{\"column\": \"x\", \"pattern\": \"%s\"}", patterns[i]);
        CHECK(put(&columns, rule, &error) == 0);
        CHECK_INT(columns.out.columns[0].null_count, 1);
        release(&columns);
    }
}

int main(void)
{
    static const int64_t sizes[] = { 2000, 1, 7, 129 };
    for (int coded = 0; coded < 2; coded++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            test_rows(coded, sizes[i]);
    static const char *const types[] = { "int8",   "int16",  "int32",  "int64",   "uint8",
                                         "uint16", "uint32", "uint64", "float32", "float64" };
    static const char *const ends[] = { "null",
                                        "-9223372036854775808",
                                        "-128.5",
                                        "-1",
                                        "0.1",
                                        "7",
                                        "127",
                                        "300",
                                        "9007199254740993",
                                        "9223372036854775807",
                                        "1e19" };
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t low = 0; low < sizeof ends / sizeof *ends; low++)
            for (size_t high = low; high < sizeof ends / sizeof *ends; high++)
                for (int clip = 0; clip < 2 && low + high > 0; clip++)
                    test_range(types[t], ends[low], high == 0 ? "7" : ends[high], clip);
    test_moments();
    test_hard_patterns();
    return check_result();
}
