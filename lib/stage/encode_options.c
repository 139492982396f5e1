/* The options of `encode`, and what they say of one column. */
#include "stage/choose.h"
#include "stage/encode_private.h"
#include "stage/options.h"

static const char *const method_names[WEIR_ENCODE_FORMS] = {
    [WEIR_ENCODE_CATEGORY] = "onehot", [WEIR_ENCODE_ORDINAL] = "ordinal", [WEIR_ENCODE_FREQUENCY] = "frequency",
    [WEIR_ENCODE_HASH] = "hash",       [WEIR_ENCODE_TARGET] = "target",   [WEIR_ENCODE_CYCLIC] = "cyclic",
};

static enum weir_encode_form find_method(const char *text)
{
    for (int form = 0; form < WEIR_ENCODE_FORMS; form++)
        if (method_names[form] && strcmp(method_names[form], text) == 0)
            return (enum weir_encode_form)form;
    return WEIR_ENCODE_NOT;
}

/* METHOD, or COLUMN=METHOD (the column's name may hold '=' itself): then *length is that of the name, otherwise 0. */
static enum weir_encode_form read_method(const char *item, size_t *length)
{
    const char *sign = strrchr(item, '=');
    *length = sign ? (size_t)(sign - item) : 0;
    return *length ? find_method(sign + 1) : find_method(item);
}

static int check_lists(const struct weir_encode *self, struct weir_error *error)
{
    size_t length;
    int part;
    for (size_t i = 0; i < weir_option_items(self->methods); i++)
        if (read_method(weir_option_item(self->methods, i), &length) == WEIR_ENCODE_NOT)
            return weir_fail(error, WEIR_USAGE,
                             "option '--method' takes onehot, ordinal, frequency, hash, target or cyclic, or COLUMN= "
                             "and one of them, not %s",
                             WEIR_SHOW(weir_option_item(self->methods, i)));
    for (size_t i = 0; i < weir_option_items(self->parts); i++)
        if (!weir_encode_part_find(weir_option_item(self->parts, i), &part))
            return weir_fail(error, WEIR_USAGE, "option '--parts' takes hour, weekday, day, month and yearday, not %s",
                             WEIR_SHOW(weir_option_item(self->parts, i)));
    return 0;
}

int weir_encode_read_options(struct weir_encode *self, const struct weir_stage *stage, struct weir_error *error)
{
    static const char *const known[] = { "method", "column",    "min-count", "max-categories", "order",
                                         "width",  "smoothing", "folds",     "parts",          NULL };
    const json_t *options = stage->options;
    int64_t width = 32, folds = 5;
    self->min_count = 5;
    self->smoothing = 10;
    self->label.source = -1;
    if (weir_option_known(stage, known, error) < 0 || weir_option_list(options, "method", &self->methods, error) < 0 ||
        weir_option_list(options, "column", &self->columns, error) < 0 ||
        weir_option_list(options, "order", &self->order, error) < 0 ||
        weir_option_list(options, "parts", &self->parts, error) < 0 ||
        weir_option_integer(options, "min-count", 1, 1000000000, &self->min_count, error) < 0 ||
        weir_option_integer(options, "max-categories", 1, WEIR_COUNTS_VALUES / 2, &self->max_categories, error) < 0 ||
        weir_option_integer(options, "width", 1, WEIR_ENCODE_LARGEST, &width, error) < 0 ||
        weir_option_number(options, "smoothing", 0, 1e9, &self->smoothing, error) < 0 ||
        weir_option_integer(options, "folds", 2, 100, &folds, error) < 0)
        return -1;
    self->hash_width = (int)width;
    self->folds = (int)folds;
    return check_lists(self, error);
}

bool weir_encode_is_text(const struct weir_type *type)
{
    return type->kind == WEIR_UTF8 || (type->kind == WEIR_DICTIONARY && type->children[0].type.kind == WEIR_UTF8);
}

bool weir_encode_is_time(const struct weir_type *type)
{
    return type->kind >= WEIR_DATE32 && type->kind <= WEIR_DURATION;
}

bool weir_encode_is_number(const struct weir_type *type)
{
    return weir_kind_is_integer(type->kind) || type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64;
}

bool weir_encode_is_category(const struct weir_type *type)
{
    return weir_encode_is_text(type) || type->kind == WEIR_BOOL || weir_encode_is_number(type);
}

/* ---- What they say of one column -------------------------------------------------------------------------------- */

/* The method that is meant for the column, WEIR_ENCODE_NOT when none is. *named: it is named, by any option. */
static enum weir_encode_form method_of(const struct weir_encode *self, const char *name, bool *named)
{
    enum weir_encode_form general = WEIR_ENCODE_NOT, own = WEIR_ENCODE_NOT;
    for (size_t i = 0; i < weir_option_items(self->methods); i++) {
        const char *item = weir_option_item(self->methods, i);
        size_t length;
        enum weir_encode_form method = read_method(item, &length);
        if (length == 0)
            general = method;
        else if (length == strlen(name) && memcmp(item, name, length) == 0)
            own = method;
    }
    *named = own != WEIR_ENCODE_NOT;
    for (size_t i = 0; i < weir_option_items(self->columns); i++)
        *named |= strcmp(weir_option_item(self->columns, i), name) == 0;
    return own != WEIR_ENCODE_NOT ? own : general;
}

enum weir_encode_form weir_encode_planned(const struct weir_encode *self, const char *name,
                                          const struct weir_type *type)
{
    bool named, text = weir_encode_is_text(type), time = weir_encode_is_time(type);
    enum weir_encode_form method = method_of(self, name, &named);
    if (method == WEIR_ENCODE_CYCLIC)
        return time && type->kind != WEIR_DURATION ? method : WEIR_ENCODE_NOT;
    if (method == WEIR_ENCODE_NOT && (time || type->kind == WEIR_BOOL))
        return WEIR_ENCODE_NUMBER;
    if (!text && !(named && weir_encode_is_category(type)))
        return WEIR_ENCODE_NOT;
    return method == WEIR_ENCODE_NOT ? WEIR_ENCODE_CATEGORY : method;
}

static bool fits(const struct weir_field *field, void *context)
{
    return weir_encode_planned(context, field->name, &field->type) != WEIR_ENCODE_NOT;
}

int weir_encode_choose(const struct weir_encode *self, const struct weir_schema *in, int **chosen, size_t *count,
                       struct weir_error *error)
{
    json_t *names = json_array();
    bool general = !self->methods;
    for (size_t i = 0; names && i < weir_option_items(self->columns); i++)
        if (json_array_append_new(names, json_string(weir_option_item(self->columns, i))) < 0)
            goto memory;
    for (size_t i = 0; names && i < weir_option_items(self->methods); i++) {
        const char *item = weir_option_item(self->methods, i);
        size_t length;
        read_method(item, &length);
        general |= length == 0;
        if (length > 0 && json_array_append_new(names, json_stringn(item, length)) < 0)
            goto memory;
    }
    if (!names)
        goto memory;
    /* What is named must be there and fit; without --column, a method for all columns takes in the others too. */
    int result = weir_choose_columns(in, names, "encode", fits, (void *)(uintptr_t)self, chosen, count, error);
    if (result == 0 && !self->columns && general) {
        free(*chosen);
        result = weir_choose_columns(in, NULL, "encode", fits, (void *)(uintptr_t)self, chosen, count, error);
    }
    json_decref(names);
    return result;
memory:
    json_decref(names);
    *chosen = NULL;
    return weir_fail_memory(error);
}

int weir_encode_given_order(const struct weir_encode *self, struct weir_encode_column *column, bool *given,
                            struct weir_error *error)
{
    bool ours = true; /* an item that begins with the name of another column turns to that column's list */
    *given = false;
    for (size_t i = 0; i < weir_option_items(self->order); i++) {
        const char *item = weir_option_item(self->order, i);
        for (size_t c = 0; c < self->count; c++) {
            const char *name = self->encoded[c].name;
            size_t size = strlen(name);
            if (self->encoded[c].form == WEIR_ENCODE_ORDINAL && strncmp(item, name, size) == 0 && item[size] == '=') {
                ours = &self->encoded[c] == column;
                item += size + 1;
                break;
            }
        }
        if (!ours)
            continue;
        size_t before = column->categories.count;
        if (weir_counts_add(&column->categories, item, strlen(item), 1) < 0)
            return weir_fail_memory(error);
        if (column->categories.count == before)
            return weir_fail(error, WEIR_USAGE, "option '--order' has %s twice for column %s", WEIR_SHOW(item),
                             WEIR_SHOW(column->name));
        *given = true;
    }
    return 0;
}
