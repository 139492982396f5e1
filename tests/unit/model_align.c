/* Alignment: values of other types become those of training where nothing is lost, and a reason where they cannot. */
#include "check.h"
#include "model/align.h"

#include <stdlib.h>
#include <string.h>

static struct weir_plan plan_of(const char *columns)
{
    struct weir_plan plan = { 0 };
    struct weir_error error = { 0 };
    struct weir_buffer text = { 0 };
    weir_buffer_format(&text,
                       "[{\"stage\":\"load\",\"version\":1,\"options\":{},\"state\":{\"columns\":[%s]},\"replay\":"
                       "\"apply\"}]",
                       columns);
    CHECK(weir_plan_from_text(&plan, text.bytes, text.size, &error) == 0);
    weir_buffer_release(&text);
    return plan;
}

/* One column of texts or of doubles, as `type`, aligned by the plan; the values as text, parted by blanks, "-" for a
 * missing one, "!" for one with a reason. */
static void aligned(const char *type, const char *wanted, const char *const *texts, const double *numbers, int rows,
                    const char *expected)
{
    struct weir_buffer columns = { 0 }, got = { 0 };
    weir_buffer_format(&columns, "{\"name\":\"a\",\"type\":\"%s\",\"role\":\"feature\"}", wanted);
    struct weir_plan plan = plan_of(columns.bytes);
    struct weir_error error = { 0 };
    struct weir_schema schema = { 0 };
    struct weir_builder builder;
    struct weir_batch in = { 0 }, out = { 0 };
    struct weir_alignment *alignment = NULL;
    const char *reasons[8] = { 0 };
    struct weir_field *field = weir_schema_add(&schema, "a", WEIR_NULL);
    CHECK(weir_type_parse(type, &field->type, &error) == 0);
    CHECK(weir_builder_init(&builder, &field->type) == 0);
    for (int i = 0; i < rows; i++) {
        if (texts && !texts[i])
            weir_builder_null(&builder);
        else if (texts)
            weir_builder_text(&builder, texts[i], strlen(texts[i]));
        else if (weir_kind_is_float(field->type.kind))
            weir_builder_double(&builder, numbers[i]);
        else
            weir_builder_int64(&builder, (int64_t)numbers[i]);
    }
    CHECK(weir_batch_init(&in, 1, rows) == 0);
    CHECK(weir_builder_finish(&builder, &in.columns[0], &error) == 0);
    CHECK(weir_alignment_new(&alignment, &plan, &schema, &error) == 0);
    struct weir_reasons why = { .reasons = reasons, .rows = rows };
    CHECK(weir_alignment_apply(alignment, &in, &out, &why, &error) == 0);
    const struct weir_type *now = &weir_alignment_schema(alignment)->fields[0].type;
    for (int i = 0; i < rows; i++) {
        if (i > 0)
            weir_buffer_byte(&got, ' ');
        if (reasons[i])
            weir_buffer_byte(&got, '!');
        else if (!weir_valid(&out.columns[0], i))
            weir_buffer_byte(&got, '-');
        else
            weir_value_text(&out.columns[0], now, i, &got);
    }
    if (strcmp(got.bytes, expected) != 0)
        fprintf(stderr, "%s to %s: '%s', not '%s'\n", type, wanted, got.bytes, expected);
    CHECK(strcmp(got.bytes, expected) == 0);
    weir_alignment_free(alignment);
    weir_batch_release(&in);
    weir_batch_release(&out);
    weir_builder_release(&builder);
    weir_schema_release(&schema);
    weir_plan_release(&plan);
    weir_buffer_release(&columns);
    weir_buffer_release(&got);
}

static void refused(const char *type, const char *wanted)
{
    struct weir_buffer columns = { 0 };
    weir_buffer_format(&columns, "{\"name\":\"a\",\"type\":\"%s\"}", wanted);
    struct weir_plan plan = plan_of(columns.bytes);
    struct weir_error error = { 0 };
    struct weir_schema schema = { 0 };
    struct weir_alignment *alignment = NULL;
    struct weir_field *field = weir_schema_add(&schema, "a", WEIR_NULL);
    CHECK(weir_type_parse(type, &field->type, &error) == 0);
    CHECK(weir_alignment_new(&alignment, &plan, &schema, &error) < 0);
    CHECK(error.status == WEIR_BAD_DATA && strstr(error.text, "column 'a' is ") && strstr(error.text, wanted));
    weir_schema_release(&schema);
    weir_plan_release(&plan);
    weir_buffer_release(&columns);
}

int main(void)
{
    const double whole[] = { 0, 1, -5, 300 }, real[] = { 1, 2.5, -3, 1e300 };
    aligned("int64", "float64", NULL, whole, 4, "0 1 -5 300");
    aligned("int64", "int64", NULL, whole, 4, "0 1 -5 300");
    aligned("int64", "uint8", NULL, whole, 4, "0 1 ! !");
    aligned("int64", "bool", NULL, whole, 4, "false true ! !");
    aligned("int64", "utf8", NULL, whole, 4, "0 1 -5 300");
    aligned("float64", "int64", NULL, real, 4, "1 ! -3 !");
    aligned("bool", "int64", NULL, whole, 2, "0 1");
    aligned("date32", "utf8", NULL, whole, 2, "1970-01-01 1970-01-02");
    const char *const texts[] = { " 12 ", NULL, "1.5", "x" }, *const dates[] = { "2026-02-28", "2026-02-30" };
    aligned("utf8", "int64", texts, NULL, 4, "12 - ! !");
    aligned("utf8", "float64", texts, NULL, 4, "12 - 1.5 !");
    aligned("utf8", "date32", dates, NULL, 2, "2026-02-28 !");
    const char *const truths[] = { "TRUE", "false", "1" };
    aligned("utf8", "bool", truths, NULL, 3, "true false !");
    const char *const large[] = { "18446744073709551615", "9223372036854775808", "-1" };
    aligned("utf8", "uint64", large, NULL, 3, "18446744073709551615 9223372036854775808 !");
    aligned("utf8", "int64", large, NULL, 3, "! ! -1");
    refused("float64", "utf8");
    refused("bool", "utf8");
    refused("timestamp[us]", "int64");
    refused("list<int64>", "float64");
    return check_result();
}
