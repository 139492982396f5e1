#include "stream/schema.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/nearest.h"
#include <stdlib.h>
#include <string.h>

/* ---- metadata ---- */

const char *weir_metadata_get(const struct weir_metadata *metadata, const char *key)
{
    for (size_t i = 0; i < metadata->count; i++)
        if (strcmp(metadata->pairs[i].key, key) == 0)
            return metadata->pairs[i].value;
    return NULL;
}

/* Every pair of the key; the key may be one of theirs. */
static void remove_key(struct weir_metadata *metadata, const char *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < metadata->count; i++) {
        struct weir_pair pair = metadata->pairs[i];
        if (strcmp(pair.key, key) == 0)
            continue;
        metadata->pairs[i] = metadata->pairs[kept];
        metadata->pairs[kept++] = pair;
    }
    while (metadata->count > kept) {
        metadata->count--;
        free(metadata->pairs[metadata->count].key);
        free(metadata->pairs[metadata->count].value);
    }
}

int weir_metadata_set(struct weir_metadata *metadata, const char *key, const char *value)
{
    size_t i = 0;
    if (!value) {
        remove_key(metadata, key);
        return 0;
    }
    while (i < metadata->count && strcmp(metadata->pairs[i].key, key) != 0)
        i++;
    char *value_copy = weir_duplicate_string(value);
    if (!value_copy)
        return -1;
    if (i < metadata->count) {
        free(metadata->pairs[i].value);
        metadata->pairs[i].value = value_copy;
        return 0;
    }
    char *key_copy = weir_duplicate_string(key);
    void *pairs = metadata->pairs;
    if (!key_copy || weir_grow(&pairs, &metadata->capacity, metadata->count + 1, sizeof *metadata->pairs)) {
        free(key_copy);
        free(value_copy);
        return -1;
    }
    metadata->pairs = pairs;
    metadata->pairs[metadata->count++] = (struct weir_pair){ key_copy, value_copy };
    return 0;
}

void weir_metadata_release(struct weir_metadata *metadata)
{
    for (size_t i = 0; i < metadata->count; i++) {
        free(metadata->pairs[i].key);
        free(metadata->pairs[i].value);
    }
    free(metadata->pairs);
    *metadata = (struct weir_metadata){ 0 };
}

static int metadata_copy(struct weir_metadata *to, const struct weir_metadata *from)
{
    *to = (struct weir_metadata){ 0 };
    if (from->count == 0)
        return 0;
    to->pairs = weir_allocate_zero(from->count, sizeof *to->pairs);
    if (!to->pairs)
        return -1;
    to->capacity = from->count;
    for (; to->count < from->count; to->count++) {
        char *key = weir_duplicate_string(from->pairs[to->count].key);
        char *value = weir_duplicate_string(from->pairs[to->count].value);
        if (!key || !value) {
            free(key);
            free(value);
            weir_metadata_release(to);
            return -1;
        }
        to->pairs[to->count] = (struct weir_pair){ key, value };
    }
    return 0;
}

/* ---- fields ---- */

void weir_field_release(struct weir_field *field)
{
    free(field->name);
    weir_type_release(&field->type);
    weir_metadata_release(&field->metadata);
    *field = (struct weir_field){ 0 };
}

int weir_field_copy(struct weir_field *to, const struct weir_field *from)
{
    *to = (struct weir_field){ .role = from->role, .nullable = from->nullable };
    if (!(to->name = weir_duplicate_string(from->name)) || weir_type_copy(&to->type, &from->type) ||
        metadata_copy(&to->metadata, &from->metadata)) {
        weir_field_release(to);
        return -1;
    }
    return 0;
}

int weir_field_make_tensor(struct weir_field *field, enum weir_kind kind, int32_t list_size, int rank,
                           const int64_t *shape)
{
    struct weir_field *item = weir_allocate_zero(1, sizeof *item);
    char *name = weir_duplicate_string("item");
    if (!item || !name) {
        free(item);
        free(name);
        return -1;
    }
    *item = (struct weir_field){ .name = name, .type = { .kind = kind }, .nullable = rank == 0 };
    weir_type_release(&field->type);
    field->type = (struct weir_type){
        .kind = WEIR_FIXED_LIST, .list_size = list_size, .rank = rank, .children = item, .child_count = 1
    };
    for (int i = 0; i < rank && i < WEIR_MAX_RANK; i++)
        field->type.shape[i] = shape[i];
    return 0;
}

/* ---- the schema ---- */

void weir_schema_release(struct weir_schema *schema)
{
    for (int i = 0; i < schema->count; i++)
        weir_field_release(&schema->fields[i]);
    free(schema->fields);
    weir_metadata_release(&schema->metadata);
    *schema = (struct weir_schema){ 0 };
}

int weir_schema_copy(struct weir_schema *to, const struct weir_schema *from)
{
    *to = (struct weir_schema){ 0 };
    to->fields = weir_allocate_zero((size_t)from->count, sizeof *to->fields);
    if (!to->fields)
        return -1;
    to->capacity = from->count;
    for (; to->count < from->count; to->count++)
        if (weir_field_copy(&to->fields[to->count], &from->fields[to->count])) {
            weir_schema_release(to);
            return -1;
        }
    if (metadata_copy(&to->metadata, &from->metadata)) {
        weir_schema_release(to);
        return -1;
    }
    return 0;
}

int weir_schema_find(const struct weir_schema *schema, const char *name)
{
    for (int i = 0; i < schema->count; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return i;
    return -1;
}

int weir_schema_nearest(const struct weir_schema *schema, const char *name)
{
    struct weir_nearest nearest = { .wanted = name };
    int best = -1;
    for (int i = 0; i < schema->count; i++) {
        const char *before = nearest.name;
        weir_nearest_offer(&nearest, schema->fields[i].name);
        if (nearest.name != before)
            best = i;
    }
    return best;
}

int weir_schema_require(const struct weir_schema *schema, const char *name, struct weir_error *error)
{
    int index = weir_schema_find(schema, name);
    if (index >= 0)
        return index;
    int best = weir_schema_nearest(schema, name);
    if (best >= 0)
        return weir_fail(error, WEIR_BAD_DATA, "no column '%.200s' here; did you mean '%.200s'?", name,
                         schema->fields[best].name);
    return weir_fail(error, WEIR_BAD_DATA, "no column '%.200s' here", name);
}

int weir_schema_role(const struct weir_schema *schema, enum weir_role role, int from)
{
    for (int i = from; i < schema->count; i++)
        if (schema->fields[i].role == role)
            return i;
    return -1;
}

int weir_schema_check_refused(const struct weir_schema *schema, struct weir_error *error)
{
    for (int i = 0; i < schema->count; i++)
        if (schema->fields[i].type.refused)
            return weir_fail(
                error, WEIR_BAD_DATA,
                "column '%.200s': its type is %s, which no program here handles; pick --drop leaves it out",
                schema->fields[i].name, schema->fields[i].type.refused);
    return 0;
}

static struct weir_field *append(struct weir_schema *schema)
{
    if (schema->count == schema->capacity) {
        void *fields = schema->fields;
        size_t capacity = (size_t)schema->capacity;
        if (schema->count == INT32_MAX ||
            weir_grow(&fields, &capacity, (size_t)schema->count + 1, sizeof *schema->fields))
            return NULL;
        schema->fields = fields;
        schema->capacity = capacity > INT32_MAX ? INT32_MAX : (int)capacity;
    }
    return &schema->fields[schema->count];
}

struct weir_field *weir_schema_add(struct weir_schema *schema, const char *name, enum weir_kind kind)
{
    struct weir_field *field = append(schema);
    char *copy = field ? weir_duplicate_string(name) : NULL;
    if (!copy)
        return NULL;
    *field = (struct weir_field){ .name = copy, .type = { .kind = kind }, .nullable = true };
    schema->count++;
    return field;
}

struct weir_field *weir_schema_add_copy(struct weir_schema *schema, const struct weir_field *field)
{
    struct weir_field copy;
    if (weir_field_copy(&copy, field))
        return NULL;
    struct weir_field *to = append(schema);
    if (!to) {
        weir_field_release(&copy);
        return NULL;
    }
    *to = copy;
    schema->count++;
    return to;
}

void weir_schema_remove(struct weir_schema *schema, int index)
{
    weir_field_release(&schema->fields[index]);
    schema->count--;
    memmove(&schema->fields[index], &schema->fields[index + 1],
            (size_t)(schema->count - index) * sizeof *schema->fields);
}

/* ---- many columns found by name ---- */

int weir_schema_index_init(struct weir_schema_index *index, const struct weir_schema *schema)
{
    size_t size = 16;
    while (size < (size_t)schema->count * 2)
        size *= 2;
    *index = (struct weir_schema_index){ .schema = schema, .mask = size - 1 };
    index->slots = weir_allocate_zero(size, sizeof *index->slots);
    if (!index->slots)
        return -1;
    index->duplicate = -1;
    for (int i = 0; i < schema->count; i++) {
        const char *name = schema->fields[i].name;
        size_t at = (size_t)weir_hash(name, strlen(name), 0) & index->mask;
        while (index->slots[at] && strcmp(schema->fields[index->slots[at] - 1].name, name) != 0)
            at = (at + 1) & index->mask;
        if (!index->slots[at])
            index->slots[at] = i + 1;
        else if (index->duplicate < 0)
            index->duplicate = i;
    }
    return 0;
}

int weir_schema_index_find(const struct weir_schema_index *index, const char *name)
{
    size_t at = (size_t)weir_hash(name, strlen(name), 0) & index->mask;
    for (; index->slots[at]; at = (at + 1) & index->mask)
        if (strcmp(index->schema->fields[index->slots[at] - 1].name, name) == 0)
            return index->slots[at] - 1;
    return -1;
}

void weir_schema_index_release(struct weir_schema_index *index)
{
    free(index->slots);
    *index = (struct weir_schema_index){ 0 };
}

/* ---- whether two streams may follow each other ---- */

static bool travels(const char *key)
{
    return strcmp(key, "weir:plan") == 0 || strncmp(key, "weir:blob:", 10) == 0;
}

static bool plans_agree(const struct weir_metadata *first, const struct weir_metadata *second)
{
    size_t in_first = 0, in_second = 0;
    for (size_t i = 0; i < second->count; i++)
        in_second += travels(second->pairs[i].key);
    for (size_t i = 0; i < first->count; i++) {
        if (!travels(first->pairs[i].key))
            continue;
        in_first++;
        const char *other = weir_metadata_get(second, first->pairs[i].key);
        if (!other || strcmp(other, first->pairs[i].value) != 0)
            return false;
    }
    return in_first == in_second;
}

static bool classes_agree(const struct weir_metadata *first, const struct weir_metadata *second)
{
    const char *a = weir_metadata_get(first, "weir:classes"), *b = weir_metadata_get(second, "weir:classes");
    return a && b ? strcmp(a, b) == 0 : !a && !b;
}

static bool fields_differ(int column, const struct weir_field *first, const struct weir_field *second,
                          struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    weir_buffer_format(&text, "column %d is '%.100s' (", column + 1, first->name);
    weir_type_describe(&first->type, &text);
    if (first->role != second->role)
        weir_buffer_format(&text, ", %s", weir_role_name(first->role));
    weir_buffer_format(&text, ") in the first stream and '%.100s' (", second->name);
    weir_type_describe(&second->type, &text);
    if (first->role != second->role)
        weir_buffer_format(&text, ", %s", weir_role_name(second->role));
    weir_buffer_string(&text, ") in the second");
    weir_fail(error, WEIR_BAD_DATA, "%s", text.failed ? "the columns differ" : text.bytes);
    weir_buffer_release(&text);
    return false;
}

bool weir_schema_agree(const struct weir_schema *first, const struct weir_schema *second, struct weir_error *error)
{
    for (int i = 0; i < first->count && i < second->count; i++) {
        const struct weir_field *a = &first->fields[i], *b = &second->fields[i];
        if (strcmp(a->name, b->name) != 0 || a->role != b->role || !weir_type_equal(&a->type, &b->type))
            return fields_differ(i, a, b, error);
        if (!classes_agree(&a->metadata, &b->metadata)) {
            weir_fail(error, WEIR_BAD_DATA, "column '%s' has other classes (weir:classes) in the second stream",
                      a->name);
            return false;
        }
    }
    if (first->count != second->count) {
        weir_fail(error, WEIR_BAD_DATA, "the first stream has %d columns and the second %d", first->count,
                  second->count);
        return false;
    }
    if (!plans_agree(&first->metadata, &second->metadata)) {
        weir_fail(error, WEIR_BAD_DATA, "the first stream and the second went through different stages");
        return false;
    }
    return true;
}
