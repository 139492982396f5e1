/* Keys: what may be one, their hashes and their equality, whatever width or dictionary they come in. */
#include "base/hash.h"
#include "base/random.h"
#include "stage/join_private.h"
#include "stage/moment.h"
#include "stage/options.h"

/* Kinds that are compared with each other. */
enum family { NO_KEY, WHOLE, WHOLE_64, TEXT, OTHER };

static enum weir_kind plain_kind(const struct weir_type *type)
{
    return type->kind == WEIR_DICTIONARY ? type->children[0].type.kind : type->kind;
}

static enum family family_of(const struct weir_type *type)
{
    enum weir_kind kind = plain_kind(type);
    if (kind == WEIR_UINT64)
        return WHOLE_64;
    if (weir_kind_is_integer(kind))
        return type->kind == WEIR_DICTIONARY ? NO_KEY : WHOLE;
    if (kind == WEIR_UTF8 || kind == WEIR_BINARY)
        return TEXT;
    if (type->kind == WEIR_DICTIONARY)
        return NO_KEY;
    switch (kind) {
    case WEIR_BOOL:
    case WEIR_DATE32:
    case WEIR_DATE64:
    case WEIR_TIME32:
    case WEIR_TIME64:
    case WEIR_TIMESTAMP:
    case WEIR_DURATION:
        return OTHER;
    default:
        return NO_KEY;
    }
}

static bool comparable(const struct weir_type *a, const struct weir_type *b)
{
    enum family family = family_of(a);
    if (family != family_of(b))
        return false;
    return family == TEXT ? plain_kind(a) == plain_kind(b) : family == OTHER ? weir_type_equal(a, b) : true;
}

static int fail_types(const char *what, const struct weir_field *stream, const struct weir_field *table,
                      struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    const char *advice = "load --types gives both one type";
    weir_type_describe(&stream->type, &text);
    weir_buffer_string(&text, " in the stream and ");
    weir_type_describe(&table->type, &text);
    if (family_of(&stream->type) == TEXT && family_of(&table->type) == WHOLE)
        advice = "load --types COLUMN=utf8 reads the table's as text";
    else if (family_of(&stream->type) == WHOLE && family_of(&table->type) == TEXT)
        advice = "load --types COLUMN=utf8 reads the stream's as text";
    weir_fail(error, WEIR_BAD_DATA, "the %s %s is %s in the table; %s", what, WEIR_SHOW(stream->name),
              text.failed ? "another" : text.bytes, advice);
    weir_buffer_release(&text);
    return -1;
}

static int check_key(const struct weir_field *field, const char *where, struct weir_error *error)
{
    if (family_of(&field->type) != NO_KEY)
        return 0;
    struct weir_buffer type = { 0 };
    weir_type_describe(&field->type, &type);
    weir_fail(error, WEIR_BAD_DATA,
              "the key %s is %s in the %s: a key is whole numbers, text, bool, dates or times (load --types)",
              WEIR_SHOW(field->name), type.failed ? "another type" : type.bytes, where);
    weir_buffer_release(&type);
    return -1;
}

int weir_join_check_table(const struct weir_join_side *table, struct weir_error *error)
{
    for (int i = 0; i < table->count; i++)
        if (check_key(&table->schema->fields[table->keys[i]], "table", error) < 0)
            return -1;
    const struct weir_field *time = table->time < 0 ? NULL : &table->schema->fields[table->time];
    if (time && !weir_is_moment(&time->type))
        return weir_fail(error, WEIR_BAD_DATA, "--as-of: the column %s of the table is no time and no number",
                         WEIR_SHOW(time->name));
    return 0;
}

int weir_join_check(const struct weir_join_side *stream, const struct weir_join_side *table, struct weir_error *error)
{
    for (int i = 0; i < stream->count; i++) {
        const struct weir_field *left = &stream->schema->fields[stream->keys[i]];
        const struct weir_field *right = &table->schema->fields[table->keys[i]];
        if (check_key(left, "stream", error) < 0)
            return -1;
        if (!comparable(&left->type, &right->type))
            return fail_types("key", left, right, error);
    }
    if (stream->time < 0)
        return 0;
    const struct weir_field *left = &stream->schema->fields[stream->time];
    const struct weir_field *right = &table->schema->fields[table->time];
    if (!weir_is_moment(&left->type))
        return weir_fail(error, WEIR_BAD_DATA, "--as-of %s: the column is no time and no number",
                         WEIR_SHOW(left->name));
    bool floats = weir_kind_is_float(left->type.kind) && weir_kind_is_float(right->type.kind);
    if (!floats && !comparable(&left->type, &right->type))
        return fail_types("time", left, right, error);
    return 0;
}

/* Every step can be undone (Stafford's variant 13 of the mixer of SplittableRandom), so that the hash of one whole
 * number stands for it, whatever the secret. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

bool weir_join_exact(const struct weir_join_side *side)
{
    return side->count == 1 && family_of(&side->schema->fields[side->keys[0]].type) != TEXT;
}

static const char *text_of(const struct weir_column *column, const struct weir_type *type, int64_t row, size_t *length)
{
    if (type->kind == WEIR_DICTIONARY)
        return weir_text(&column->children[0], weir_codes(column)[row], length);
    return weir_text(column, row, length);
}

static bool present(const struct weir_column *column, const struct weir_type *type, int64_t row)
{
    return weir_valid(column, row) &&
           (type->kind != WEIR_DICTIONARY || weir_valid(&column->children[0], weir_codes(column)[row]));
}

int weir_join_draw(struct weir_join_secret *secret, struct weir_error *error)
{
    if (weir_random_secret(secret, sizeof *secret, error) < 0)
        return -1;
    secret->multiply |= 1;
    return 0;
}

void weir_join_hash(const struct weir_join_side *side, const struct weir_batch *batch,
                    const struct weir_join_secret *secret, uint64_t *hash, uint8_t *missing)
{
    memset(hash, 0, (size_t)batch->rows * sizeof *hash);
    memset(missing, 0, (size_t)batch->rows);
    for (int k = 0; k < side->count; k++) {
        const struct weir_column *column = &batch->columns[side->keys[k]];
        const struct weir_type *type = &side->schema->fields[side->keys[k]].type;
        bool text = family_of(type) == TEXT;
        for (int64_t row = 0; row < batch->rows; row++) {
            size_t length;
            if (!present(column, type, row)) {
                missing[row] = 1;
            } else if (text) {
                const char *bytes = text_of(column, type, row, &length);
                hash[row] = weir_hash(bytes, length, hash[row] + secret->text);
            } else {
                uint64_t number = (uint64_t)weir_integer(column, type->kind, row);
                hash[row] = mix((hash[row] + number) * secret->multiply + secret->add);
            }
        }
    }
}

bool weir_join_equal(const struct weir_join_side *a, const struct weir_batch *in_a, int64_t row_a,
                     const struct weir_join_side *b, const struct weir_batch *in_b, int64_t row_b)
{
    for (int k = 0; k < a->count; k++) {
        const struct weir_column *left = &in_a->columns[a->keys[k]], *right = &in_b->columns[b->keys[k]];
        const struct weir_type *left_type = &a->schema->fields[a->keys[k]].type;
        const struct weir_type *right_type = &b->schema->fields[b->keys[k]].type;
        if (family_of(left_type) == TEXT) {
            size_t left_length, right_length;
            const char *left_text = text_of(left, left_type, row_a, &left_length);
            const char *right_text = text_of(right, right_type, row_b, &right_length);
            if (left_length != right_length || (left_length && memcmp(left_text, right_text, left_length) != 0))
                return false;
        } else if (weir_integer(left, left_type->kind, row_a) != weir_integer(right, right_type->kind, row_b)) {
            return false;
        }
    }
    return true;
}

static void show_key(const struct weir_join_side *side, const struct weir_batch *batch, int64_t row,
                     struct weir_buffer *out)
{
    struct weir_buffer value = { 0 };
    for (int k = 0; k < side->count; k++) {
        weir_buffer_clear(&value);
        weir_value_text(&batch->columns[side->keys[k]], &side->schema->fields[side->keys[k]].type, row, &value);
        weir_buffer_string(out, k ? ", " : "");
        weir_buffer_string(out, weir_show_text(value.bytes ? value.bytes : "", value.size).text);
    }
    weir_buffer_release(&value);
}

int weir_join_fail_twice(const struct weir_join *join, int64_t first, int64_t second,
                         const struct weir_join_options *options, struct weir_error *error)
{
    struct weir_buffer key = { 0 };
    if (!options->no_values) {
        weir_buffer_byte(&key, ' ');
        show_key(&join->side, join->rows, first, &key);
    }
    long long a = (options->numbers ? options->numbers[first] : first) + 1;
    long long b = (options->numbers ? options->numbers[second] : second) + 1;
    weir_fail(error, WEIR_BAD_DATA,
              "a key of the table is not unique:%s stands in its rows %lld and %lld%s; --keep first or --keep last "
              "says which one counts",
              key.bytes ? key.bytes : " one", a, b, join->side.time >= 0 ? " with the same time" : "");
    weir_buffer_release(&key);
    return -1;
}
