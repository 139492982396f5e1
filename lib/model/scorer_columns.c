/* The columns that scoring adds: prediction, probability, reason, model, row_id. */
#include "base/hash.h"
#include "base/number.h"
#include "math/vector.h"
#include "model/scorer_private.h"
#include <stdlib.h>
#include <string.h>

/* ---- Schema ------------------------------------------------------------------------------------------------- */

static int refuse_taken(const struct weir_schema *in, const char *name, struct weir_error *error)
{
    if (weir_schema_find(in, name) < 0)
        return 0;
    return weir_fail(error, WEIR_BAD_DATA,
                     "the input has a column '%s' already, which score would add; drop it with pick --drop %s", name,
                     name);
}

static int add_prediction_field(struct weir_scorer *s, struct weir_error *error)
{
    const struct weir_model *model = s->model;
    enum weir_kind kind = model->label_type.kind;
    if (model->task == WEIR_REGRESS)
        kind = kind == WEIR_FLOAT32 ? WEIR_FLOAT32 : WEIR_FLOAT64;
    struct weir_field *field = weir_schema_add(&s->out, "prediction", kind == WEIR_DICTIONARY ? WEIR_UTF8 : kind);
    if (!field)
        return weir_fail_memory(error);
    if (model->task == WEIR_CLASSIFY && kind != WEIR_DICTIONARY &&
        weir_type_copy(&field->type, &model->label_type) != 0)
        return weir_fail_memory(error);
    field->role = WEIR_PREDICTION;
    return 0;
}

static int add_probability_field(struct weir_scorer *s, struct weir_error *error)
{
    const struct weir_model *model = s->model;
    struct weir_field *field = weir_schema_add(&s->out, "probability", WEIR_FLOAT64);
    if (!field || weir_field_make_tensor(field, WEIR_FLOAT64, (int32_t)model->class_count, 0, NULL) != 0)
        return weir_fail_memory(error);
    field->role = WEIR_PREDICTION;
    json_t *classes = json_array();
    int failed = !classes;
    for (int64_t i = 0; i < model->class_count && !failed; i++)
        failed = json_array_append_new(classes, json_string(model->classes[i]));
    struct weir_buffer text = { 0 };
    int result = failed ? weir_fail_memory(error) : weir_json_dump(classes, JSON_COMPACT, &text, error);
    if (result == 0 && weir_metadata_set(&field->metadata, "weir:classes", text.bytes) != 0)
        result = weir_fail_memory(error);
    weir_buffer_release(&text);
    json_decref(classes);
    return result;
}

static int add_text_field(struct weir_scorer *s, const char *name, enum weir_role role, struct weir_error *error)
{
    struct weir_field *field = weir_schema_add(&s->out, name, WEIR_UTF8);
    if (!field)
        return weir_fail_memory(error);
    field->role = role;
    return 0;
}

/* The input's plan goes on with a step that says which model scored it. */
static int note_in_plan(struct weir_scorer *s, struct weir_plan *plan, struct weir_error *error)
{
    json_t *options = json_object(), *state = json_pack("{s:s}", "model", s->model->digest);
    if (weir_plan_append_step(plan, "score", 1, WEIR_REPLAY_SKIP, options, state, error) != 0)
        return -1;
    return weir_plan_to_schema(plan, &s->out, error);
}

int weir_scorer_make_schema(struct weir_scorer *s, struct weir_plan *plan, struct weir_error *error)
{
    const struct weir_schema *in = &s->in;
    static const char *const added[] = { "prediction", "probability", "reason", "model" };
    for (size_t i = 0; i < sizeof added / sizeof *added; i++)
        if (refuse_taken(in, added[i], error) != 0)
            return -1;
    if (s->names && refuse_taken(in, "row_id", error) != 0)
        return -1;
    if (weir_schema_copy(&s->out, in) != 0)
        return weir_fail_memory(error);
    int label = s->model->label ? weir_schema_find(&s->out, s->model->label) : -1;
    if (label >= 0 && s->out.fields[label].role == WEIR_FEATURE)
        s->out.fields[label].role = WEIR_LABEL;
    if (add_prediction_field(s, error) != 0)
        return -1;
    if (s->model->task == WEIR_CLASSIFY && add_probability_field(s, error) != 0)
        return -1;
    if (add_text_field(s, "reason", WEIR_PREDICTION, error) != 0 ||
        add_text_field(s, "model", WEIR_PREDICTION, error) != 0)
        return -1;
    if (s->names && add_text_field(s, "row_id", WEIR_ID, error) != 0)
        return -1;
    return note_in_plan(s, plan, error);
}

/* ---- The columns that are added ----------------------------------------------------------------------------- */

static int fail_class(const char *text, struct weir_error *error)
{
    return weir_fail(error, WEIR_BAD_DATA, "the model's class '%s' is no value of its label's type", text);
}

/* The class as a value of the label's type. */
static int append_class(struct weir_builder *builder, const char *text, struct weir_error *error)
{
    enum weir_kind kind = builder->type.kind;
    size_t length = strlen(text);
    int64_t integer;
    uint64_t natural;
    double real;
    if (kind == WEIR_UTF8)
        weir_builder_text(builder, text, length);
    else if (kind == WEIR_BOOL)
        weir_builder_int64(builder, strcmp(text, "true") == 0);
    else if (weir_kind_is_float(kind) && weir_parse_double(text, length, &real))
        weir_builder_double(builder, real);
    else if (weir_kind_is_integer(kind) && weir_parse_int64(text, length, &integer))
        weir_builder_int64(builder, integer);
    else if (kind == WEIR_UINT64 && weir_parse_uint64(text, length, &natural))
        weir_builder_int64(builder, (int64_t)natural);
    else
        return fail_class(text, error);
    return 0;
}

/* A class that is none of the label's values, or one beyond its range, must not pass for another. */
static int check_classes(struct weir_scorer *s, struct weir_error *error)
{
    const struct weir_model *model = s->model;
    const struct weir_type *type = &s->prediction.type;
    struct weir_column values = { 0 };
    struct weir_buffer text = { 0 };
    int result = 0;
    for (int64_t k = 0; result == 0 && k < model->class_count; k++)
        result = append_class(&s->prediction, model->classes[k], error);
    if (result == 0)
        result = weir_builder_finish(&s->prediction, &values, error);
    bool exact = type->kind == WEIR_BOOL || weir_kind_is_integer(type->kind);
    for (int64_t k = 0; result == 0 && exact && k < model->class_count; k++) {
        weir_buffer_clear(&text);
        weir_value_text(&values, type, k, &text);
        result = weir_buffer_check(&text, error);
        if (result == 0 && strcmp(text.bytes, model->classes[k]) != 0)
            result = fail_class(model->classes[k], error);
    }
    weir_buffer_release(&text);
    weir_column_release(&values);
    return result;
}

static int build_prediction(struct weir_scorer *s, int64_t rows, struct weir_column *out, struct weir_error *error)
{
    struct weir_builder *builder = &s->prediction;
    int result = 0;
    for (int64_t row = 0; row < rows && result == 0; row++) {
        const double *values = s->values + row * s->width;
        if (s->reasons[row])
            weir_builder_null(builder);
        else if (s->model->task == WEIR_REGRESS)
            weir_builder_double(builder, values[0]);
        else
            result = append_class(builder, s->model->classes[weir_vector_largest(values, s->width)], error);
    }
    return result == 0 ? weir_builder_finish(builder, out, error) : result;
}

static int build_probability(struct weir_scorer *s, int64_t rows, struct weir_column *out, struct weir_error *error)
{
    struct weir_builder *builder = &s->probability;
    for (int64_t row = 0; row < rows; row++) {
        if (s->reasons[row]) {
            weir_builder_null(builder);
            continue;
        }
        weir_builder_fixed(&builder->children[0], s->values + row * s->width, s->width);
        weir_builder_close(builder);
    }
    return weir_builder_finish(builder, out, error);
}

typedef void row_text(struct weir_scorer *s, const struct weir_batch *in, int64_t row, struct weir_builder *builder);

/* A utf8 column of one text a row. */
static int build_texts(struct weir_scorer *s, row_text *text, const struct weir_batch *in, int64_t rows,
                       struct weir_column *out, struct weir_error *error)
{
    for (int64_t row = 0; row < rows; row++)
        text(s, in, row, &s->texts);
    return weir_builder_finish(&s->texts, out, error);
}

/* The same of a text that is the same in all rows: a part of `kept`, which is made again only to have more rows. */
static int repeat_text(struct weir_scorer *s, row_text *text, struct weir_column *kept, int64_t rows,
                       struct weir_column *out, struct weir_error *error)
{
    if (kept->rows < rows || kept->offsets.size == 0) {
        weir_column_release(kept);
        if (build_texts(s, text, NULL, rows, kept, error) != 0)
            return -1;
    }
    return weir_column_slice(out, kept, &s->texts.type, 0, rows) == 0 ? 0 : weir_fail_memory(error);
}

static void reason_text(struct weir_scorer *s, const struct weir_batch *in, int64_t row, struct weir_builder *builder)
{
    (void)in;
    if (s->reasons[row])
        weir_builder_text(builder, s->reasons[row], strlen(s->reasons[row]));
    else
        weir_builder_null(builder);
}

static void no_text(struct weir_scorer *s, const struct weir_batch *in, int64_t row, struct weir_builder *builder)
{
    (void)s, (void)in, (void)row;
    weir_builder_null(builder);
}

static bool any_reason(const struct weir_scorer *s, int64_t rows)
{
    for (int64_t row = 0; row < rows; row++)
        if (s->reasons[row])
            return true;
    return false;
}

static void digest_text(struct weir_scorer *s, const struct weir_batch *in, int64_t row, struct weir_builder *builder)
{
    (void)in, (void)row;
    weir_builder_text(builder, s->model->digest, strlen(s->model->digest));
}

static void row_id_text(struct weir_scorer *s, const struct weir_batch *in, int64_t row, struct weir_builder *builder)
{
    uint64_t hash = 0;
    char hex[17];
    for (int i = 0; i < in->count; i++) {
        int column = s->names[i];
        hash = weir_hash(s->in.fields[column].name, strlen(s->in.fields[column].name), hash);
        hash = weir_value_hash(&in->columns[column], &s->in.fields[column].type, row, hash);
    }
    weir_hash_hex(hash, hex);
    weir_builder_text(builder, hex, 16);
}

int weir_scorer_make_builders(struct weir_scorer *s, struct weir_error *error)
{
    const struct weir_type texts = { .kind = WEIR_UTF8 };
    const struct weir_field *added = &s->out.fields[s->in.count];
    if (weir_builder_init(&s->texts, &texts) != 0 || weir_builder_init(&s->prediction, &added[0].type) != 0 ||
        (s->model->task == WEIR_CLASSIFY && weir_builder_init(&s->probability, &added[1].type) != 0))
        return weir_fail_memory(error);
    return check_classes(s, error);
}

void weir_scorer_release_builders(struct weir_scorer *s)
{
    weir_builder_release(&s->texts);
    weir_builder_release(&s->prediction);
    weir_builder_release(&s->probability);
    weir_column_release(&s->digests);
    weir_column_release(&s->no_reasons);
}

int weir_scorer_build_columns(struct weir_scorer *s, const struct weir_batch *in, struct weir_batch *out,
                              struct weir_error *error)
{
    int at = in->count;
    for (int i = 0; i < in->count; i++)
        if (weir_column_share(&out->columns[i], &in->columns[i]) != 0)
            return weir_fail_memory(error);
    if (build_prediction(s, in->rows, &out->columns[at++], error) != 0)
        return -1;
    if (s->model->task == WEIR_CLASSIFY && build_probability(s, in->rows, &out->columns[at++], error) != 0)
        return -1;
    int result = any_reason(s, in->rows) ? build_texts(s, reason_text, in, in->rows, &out->columns[at], error)
                                         : repeat_text(s, no_text, &s->no_reasons, in->rows, &out->columns[at], error);
    if (result != 0 || repeat_text(s, digest_text, &s->digests, in->rows, &out->columns[at + 1], error) != 0)
        return -1;
    return s->names ? build_texts(s, row_id_text, in, in->rows, &out->columns[at + 2], error) : 0;
}
