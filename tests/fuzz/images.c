/* Features of images, and copies of images and texts, with hostile options, sizes and pixels:
 *
 *   byte 0      bits 0 and 1: channels - 1; bit 2: float pixels; bit 3: copies, else features
 *   1, 2        height and width less 1, modulo 40
 *   3           bytes of options: JSON of `features`, or numbers of `augment`
 *   then        options; the rest is pixels, over and over, and the text
 *
 * What comes out of all rows at once comes out of them one by one, and no number of it is none. */
#include "stage/augment.h"
#include "stage/stage.h"
#include "stream/utf8.h"
#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 3, COLUMNS = 2, MOST_SIDE = 40, HEAD = 4, MOST_TEXT = 100 };

static void add_text(struct weir_schema *schema, struct weir_column *column, const uint8_t *bytes, size_t size)
{
    struct weir_builder builder;
    struct weir_field *field = weir_schema_add(schema, "text", WEIR_UTF8);
    if (!field || weir_builder_init(&builder, &field->type) < 0)
        abort();
    for (size_t row = 0; row < ROWS; row++) {
        size_t length = size < MOST_TEXT ? size : MOST_TEXT;
        while (length > 0 && !weir_is_utf8((const char *)bytes, length))
            length--;
        weir_builder_text(&builder, row == 1 ? "zwei Wörter" : (const char *)bytes, row == 1 ? 12 : length);
    }
    if (weir_builder_finish(&builder, column, NULL) < 0)
        abort();
    weir_builder_release(&builder);
}

static void make_table(const uint8_t *data, const uint8_t *bytes, size_t size, struct weir_schema *schema,
                       struct weir_batch *table)
{
    int64_t shape[] = { 1 + data[1] % MOST_SIDE, 1 + data[2] % MOST_SIDE, 1 + (data[0] & 3) };
    int64_t values = shape[0] * shape[1] * shape[2];
    enum weir_kind kind = data[0] & 4 ? WEIR_FLOAT32 : WEIR_UINT8;
    struct weir_field *field = weir_schema_add(schema, "image", WEIR_NULL);
    if (!field || weir_batch_init(table, COLUMNS, ROWS) ||
        weir_field_make_tensor(field, kind, (int32_t)values, 3, shape) ||
        weir_column_add_children(&table->columns[0], 1))
        abort();
    struct weir_column *image = &table->columns[0], *pixels = &image->children[0];
    image->rows = ROWS;
    pixels->rows = ROWS * values;
    uint8_t *to = weir_slice_new(&pixels->values, (size_t)pixels->rows, (size_t)weir_kind_width(kind));
    if (!to)
        abort();
    for (size_t i = 0; i < pixels->values.size; i++)
        to[i] = size ? bytes[i % size] : 0;
    add_text(schema, &table->columns[1], bytes, size);
}

static uint64_t hash_rows(const struct weir_batch *batch, const struct weir_schema *schema, uint64_t digest)
{
    for (int64_t row = 0; row < batch->rows; row++)
        for (int i = 0; i < batch->count; i++)
            digest = weir_value_hash(&batch->columns[i], &schema->fields[i].type, row, digest);
    return digest;
}

static void check_numbers(const struct weir_batch *batch, const struct weir_schema *schema)
{
    int made = batch->count > COLUMNS ? batch->count - 1 : 0; /* --into: the image itself stays, with any numbers */
    const struct weir_column *column = &batch->columns[made];
    const struct weir_type *type = &schema->fields[made].type;
    if (type->kind != WEIR_FIXED_LIST || type->children[0].type.kind != WEIR_FLOAT32)
        return;
    const float *numbers = (const float *)(const void *)column->children[0].values.bytes;
    for (int64_t i = 0; i < column->children[0].rows; i++)
        if (!isfinite(numbers[i]))
            abort();
}

/* ---- Features ------------------------------------------------------------------------------------------------- */

static uint64_t apply(struct weir_binding *binding, const struct weir_batch *table, uint64_t digest)
{
    const char *why[ROWS] = { NULL };
    struct weir_reasons reasons = { .reasons = why, .rows = table->rows };
    struct weir_batch out = { 0 };
    if (binding->stage->kind->apply(binding, table, &out, &reasons, NULL) < 0 || out.rows != table->rows)
        abort();
    check_numbers(&out, &binding->out);
    digest = hash_rows(&out, &binding->out, digest);
    weir_batch_release(&out);
    return digest;
}

static void make_features(const char *options, const struct weir_schema *schema, const struct weir_batch *table)
{
    struct weir_stage *stage = NULL;
    struct weir_binding binding = { 0 };
    struct weir_batch row = { 0 };
    uint64_t digest = 0;
    if (weir_stage_new(&stage, "features", options, NULL) == 0 && stage->kind->learn_begin &&
        stage->kind->learn_begin(stage, schema, NULL) == 0) {
        if (weir_stage_bind(&binding, stage, schema, WEIR_AS_REPLAY, NULL) == 0) {
            for (int64_t i = 0; i < ROWS; i++) {
                if (weir_batch_slice(&row, table, schema, i, 1) < 0)
                    abort();
                digest = apply(&binding, &row, digest);
                weir_batch_release(&row);
            }
            if (apply(&binding, table, 0) != digest)
                abort();
        }
        weir_binding_release(&binding);
    }
    weir_stage_free(stage);
}

/* ---- Copies --------------------------------------------------------------------------------------------------- */

static struct weir_augment_options read_options(const uint8_t *options, size_t size)
{
    uint8_t o[12] = { 0 };
    memcpy(o, options, size < sizeof o ? size : sizeof o);
    return (struct weir_augment_options){ .copies = 1 + o[0] % 3,
                                          .replace = o[0] & 128,
                                          .flip_horizontal = o[1] & 1,
                                          .flip_vertical = o[1] & 2,
                                          .zero = o[1] & 4,
                                          .shift = o[2] % 2 ? o[2] * o[2] : 0,
                                          .rotate = o[3] % 181,
                                          .brightness = o[4] / 255.0,
                                          .contrast = o[5] / 255.0,
                                          .noise = o[6] / 255.0,
                                          .swap = o[7] / 255.0,
                                          .drop_words = o[8] / 255.0,
                                          .typo = o[9] / 255.0,
                                          .pad = o[10] % 64,
                                          .seed = o[11] };
}

/* A digest of what comes out when `most` rows come at a time. */
static uint64_t make_copies(const struct weir_augment_options *options, const char *crop,
                            const struct weir_schema *schema, const struct weir_batch *table, int64_t most)
{
    struct weir_filter filter;
    struct weir_schema out_schema = { 0 };
    struct weir_batch part = { 0 }, out = { 0 };
    json_t *step = crop ? json_pack("{s: s}", "crop", crop) : json_object();
    uint64_t digest = 0;
    int64_t rows = 0;
    int got = weir_augment_filter(&filter, options, step, NULL);
    bool good = got == 0 && filter.begin(filter.context, schema, &out_schema, NULL) == 0;
    for (int64_t first = 0; good && first < ROWS; first += most) {
        if (weir_batch_slice(&part, table, schema, first, most) < 0 ||
            filter.apply(filter.context, &part, &out, NULL) < 0)
            abort();
        while ((got = filter.more(filter.context, false, &out, NULL)) > 0) {
            digest = hash_rows(&out, &out_schema, digest);
            rows += out.rows;
            weir_batch_release(&out);
        }
        if (got < 0)
            abort();
        weir_batch_release(&part);
    }
    if (good && rows != ROWS * (options->copies + !options->replace))
        abort();
    weir_schema_release(&out_schema);
    weir_augment_filter_release(&filter);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD || size < (size_t)HEAD + data[3])
        return 0;
    struct weir_schema schema = { 0 };
    struct weir_batch table = { 0 };
    size_t length = data[3];
    const uint8_t *options = data + HEAD;
    make_table(data, options + length, size - HEAD - length, &schema, &table);
    if (data[0] & 8) {
        struct weir_augment_options how = read_options(options, length);
        char crop[16];
        snprintf(crop, sizeof crop, "%dx%d", 1 + (length ? options[length - 1] : 0), 1 + data[3] % 50);
        const char *given = length > 12 ? crop : NULL;
        uint64_t digest = make_copies(&how, given, &schema, &table, ROWS);
        if (make_copies(&how, given, &schema, &table, 1) != digest)
            abort();
    } else {
        char *text = strndup((const char *)options, length);
        if (!text)
            abort();
        make_features(text, &schema, &table);
        free(text);
    }
    weir_batch_release(&table);
    weir_schema_release(&schema);
    return 0;
}
