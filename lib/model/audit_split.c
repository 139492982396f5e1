/* The same, or nearly the same, on both sides of a split: by fingerprints of the features (stage/fingerprint.h), by the
 * search for near-duplicates (stage/near.h), and by groups.
 *
 * Sides have an order: the other side that was named (against) or the one called train comes first, all others as they
 * come. A finding is a row that stands on an earlier side as well. */
#include "base/memory.h"
#include "model/audit_private.h"
#include "stage/augment.h"
#include "stage/seen.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void stream_release(struct weir_audit_stream *stream)
{
    weir_fingerprint_free(stream->rows);
    weir_fingerprint_free(stream->groups);
    free(stream->near);
}

void weir_audit_split_release(struct weir_audit_split *split)
{
    stream_release(&split->stream);
    stream_release(&split->against);
    free(split->columns);
    weir_near_free(split->near);
    weir_schema_release(&split->near_schema);
    weir_buffer_release(&split->near_how);
    weir_intern_release(&split->names);
    free(split->hashes);
    free(split->group_hashes);
    free(split->sides);
    free(split->entries);
    free(split->same);
    free(split->alike);
    free(split->grouped);
}

const char *weir_audit_side_name(const struct weir_audit_split *split, int side, size_t *length)
{
    return weir_intern_text(&split->names, (size_t)side, length);
}

/* ---- What is compared --------------------------------------------------------------------------------------- */

/* The column that nearly equal rows are sought by when none is named: a text or an image that is the only feature. */
static int only_feature(const struct weir_audit_split *split, const struct weir_schema *schema)
{
    if (split->column_count != 1)
        return -1;
    const struct weir_type *type = &schema->fields[split->columns[0]].type;
    enum weir_near_kind kind;
    return weir_near_kind_of(schema, split->columns, 1, &kind, NULL) == 0 &&
                   (kind == WEIR_NEAR_IMAGE || type->kind == WEIR_UTF8)
               ? split->columns[0]
               : -1;
}

static int begin_near(struct weir_audit *audit, int *columns, double *thresholds, struct weir_error *error)
{
    struct weir_audit_split *split = &audit->split;
    const struct weir_audit_options *options = &audit->options;
    size_t count = options->near_count;
    struct weir_near_options how = { .thresholds = thresholds,
                                     .unit = WEIR_NEAR_CHARACTERS,
                                     .size = 5,
                                     .memory = options->memory,
                                     .seed = options->seed,
                                     .pool = audit->pool };
    if (count) {
        if (weir_near_columns(audit->schema, options->near, count, options->threshold, columns, thresholds, error))
            return -1;
    } else {
        columns[0] = only_feature(split, audit->schema);
        if (columns[0] < 0)
            return 0;
        thresholds[0] = options->threshold;
        count = 1;
    }
    split->stream.near = weir_allocate(count, sizeof *split->stream.near);
    if (!split->stream.near)
        return weir_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        struct weir_field *field = weir_schema_add_copy(&split->near_schema, &audit->schema->fields[columns[i]]);
        if (!field)
            return weir_fail_memory(error);
        if (field->type.kind == WEIR_DICTIONARY) {
            weir_type_release(&field->type);
            if (weir_type_copy(&field->type, &audit->schema->fields[columns[i]].type.children[0].type))
                return weir_fail_memory(error);
        }
        split->stream.near[i] = columns[i];
        columns[i] = (int)i;
    }
    if (weir_near_kind_of(&split->near_schema, columns, (int)count, &how.kind, error) ||
        weir_near_new(&split->near, &split->near_schema, columns, (int)count, &how, error))
        return -1;
    weir_near_describe(split->near, &split->near_how);
    return weir_buffer_check(&split->near_how, error);
}

/* A column of bools with that role says which rows were made of others, where another says on which side they are, or
 * where it is augment's. */
static int split_column(const struct weir_schema *schema)
{
    int bools = -1;
    for (int i = weir_schema_role(schema, WEIR_SPLIT, 0); i >= 0; i = weir_schema_role(schema, WEIR_SPLIT, i + 1)) {
        if (schema->fields[i].type.kind != WEIR_BOOL)
            return i;
        if (bools < 0 && i != weir_made_column(schema))
            bools = i;
    }
    return bools;
}

/* augment's numbers of rows are those of one stream, and say nothing of another. */
static int group_column(const struct weir_schema *schema, bool against)
{
    int group = weir_schema_role(schema, WEIR_GROUP, 0);
    bool made = group >= 0 && strcmp(schema->fields[group].name, WEIR_ORIGIN) == 0 && weir_made_column(schema) >= 0;
    return made && against ? -1 : group;
}

int weir_audit_split_begin(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_audit_split *split = &audit->split;
    const struct weir_schema *schema = split->stream.schema = audit->schema;
    split->split = split_column(schema);
    split->group = split->stream.group = group_column(schema, audit->options.against != NULL);
    if (audit->options.against && split->split >= 0)
        return weir_fail(error, WEIR_USAGE,
                         "--against names the other side of a split, and the column '%s' has the role split already",
                         schema->fields[split->split].name);
    if (!audit->options.against && split->split < 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "there is one side only: --against FILE names the other, or a column has the role split");
    split->columns = weir_allocate((size_t)schema->count, sizeof *split->columns);
    if (!split->columns)
        return weir_fail_memory(error);
    for (int c = 0; c < schema->count; c++)
        if (schema->fields[c].role == WEIR_FEATURE)
            split->columns[split->column_count++] = c;
    if (split->column_count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "no column is a feature to compare rows by");
    if (getrandom(split->key, sizeof split->key, 0) != (ssize_t)sizeof split->key)
        return weir_fail_errno(error, WEIR_IO, "no random key");
    if (weir_fingerprint_new(&split->stream.rows, schema, split->columns, split->column_count, split->key, error) ||
        (split->group >= 0 && weir_fingerprint_new(&split->stream.groups, schema, &split->group, 1, split->key, error)))
        return -1;
    size_t most = audit->options.near_count ? audit->options.near_count : 1;
    int *columns = weir_allocate(most, sizeof *columns);
    double *thresholds = weir_allocate(most, sizeof *thresholds);
    int result = columns && thresholds ? begin_near(audit, columns, thresholds, error) : weir_fail_memory(error);
    free(columns);
    free(thresholds);
    if (result == 0 && audit->options.against &&
        (weir_intern_add(&split->names, audit->options.against, strlen(audit->options.against)) < 0 ||
         weir_intern_add(&split->names, "", 0) < 0))
        return weir_fail_memory(error);
    return result;
}

/* The other stream's column of that name. */
static int find_other(const struct weir_schema_index *names, const char *name, const char *file, int *column,
                      struct weir_error *error)
{
    *column = weir_schema_index_find(names, name);
    if (*column >= 0)
        return 0;
    weir_schema_require(names->schema, name, error); /* says which may be meant */
    return weir_fail_in(error, "%s", file);
}

int weir_audit_split_against(struct weir_audit *audit, const struct weir_schema *schema, struct weir_error *error)
{
    struct weir_audit_split *split = &audit->split;
    struct weir_audit_stream *other = &split->against;
    const char *file = audit->options.against;
    struct weir_schema_index names = { 0 };
    int *columns = weir_allocate((size_t)split->column_count, sizeof *columns), result = 0;
    other->schema = schema;
    other->near = weir_allocate((size_t)split->near_schema.count, sizeof *other->near);
    if (!columns || !other->near || weir_schema_index_init(&names, schema))
        result = weir_fail_memory(error);
    for (int i = 0; result == 0 && i < split->column_count; i++)
        result = find_other(&names, audit->schema->fields[split->columns[i]].name, file, &columns[i], error);
    for (int i = 0; result == 0 && i < split->near_schema.count; i++) {
        const struct weir_field *field = &split->near_schema.fields[i];
        result = find_other(&names, field->name, file, &other->near[i], error);
        if (result)
            break;
        const struct weir_type *type = &schema->fields[other->near[i]].type;
        type = type->kind == WEIR_DICTIONARY ? &type->children[0].type : type;
        if (!weir_type_equal(type, &field->type))
            result = weir_fail(error, WEIR_BAD_DATA, "%s: column '%s' is of another type than in the rows audited",
                               file, field->name);
    }
    if (result == 0)
        result = weir_fingerprint_new(&other->rows, schema, columns, split->column_count, split->key, error);
    if (result == 0 && split->group >= 0)
        result = find_other(&names, audit->schema->fields[split->group].name, file, &other->group, error);
    if (result == 0 && split->group >= 0)
        result = weir_fingerprint_new(&other->groups, schema, &other->group, 1, split->key, error);
    split->other = true;
    weir_schema_index_release(&names);
    free(columns);
    return result;
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

static int add_near(struct weir_audit_split *split, const struct weir_audit_stream *stream,
                    const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_batch chosen = { 0 };
    int result = weir_batch_init(&chosen, split->near_schema.count, batch->rows) ? weir_fail_memory(error) : 0;
    for (int i = 0; result == 0 && i < split->near_schema.count; i++) {
        const struct weir_column *column = &batch->columns[stream->near[i]];
        const struct weir_type *type = &stream->schema->fields[stream->near[i]].type;
        if (type->kind == WEIR_DICTIONARY)
            result = weir_column_decode(&chosen.columns[i], column, type, error);
        else if (weir_column_share(&chosen.columns[i], column))
            result = weir_fail_memory(error);
    }
    if (result == 0)
        result = weir_near_add(split->near, &chosen, error);
    weir_batch_release(&chosen);
    return result;
}

/* A missing group is none: 0 stands for it. */
static void clear_missing(const struct weir_column *column, struct weir_hash128 *hashes)
{
    for (int64_t r = 0; column->null_count && r < column->rows; r++)
        if (!weir_valid(column, r))
            hashes[r] = (struct weir_hash128){ 0, 0 };
}

static int add_sides(struct weir_audit_split *split, const struct weir_batch *batch, struct weir_error *error)
{
    uint8_t *sides = split->sides + split->count;
    if (split->split < 0) { /* the other stream is the first side */
        memset(sides, split->other ? 0 : 1, (size_t)batch->rows);
        return 0;
    }
    int32_t *codes = weir_allocate((size_t)batch->rows, sizeof *codes);
    if (!codes)
        return weir_fail_memory(error);
    const struct weir_field *field = &split->stream.schema->fields[split->split];
    int result = weir_audit_codes(&split->names, &split->entries, &split->entry_capacity, &batch->columns[split->split],
                                  &field->type, WEIR_AUDIT_MOST_SIDES, codes, error);
    for (int64_t r = 0; result == 0 && r < batch->rows; r++) {
        if (codes[r] == WEIR_AUDIT_OTHER)
            result = weir_fail(error, WEIR_BAD_DATA, "column '%s', the split, has more than %d different values",
                               field->name, WEIR_AUDIT_MOST_SIDES);
        sides[r] = codes[r] < 0 ? WEIR_AUDIT_NO_SIDE : (uint8_t)codes[r];
    }
    free(codes);
    return result;
}

int weir_audit_split_add(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error)
{
    struct weir_audit_split *split = &audit->split;
    const struct weir_audit_stream *stream = split->other ? &split->against : &split->stream;
    size_t needed = (size_t)(split->count + batch->rows);
    void *hashes = split->hashes, *groups = split->group_hashes, *sides = split->sides;
    if (weir_grow(&hashes, &split->hash_capacity, needed, sizeof *split->hashes))
        return weir_fail_memory(error);
    split->hashes = hashes;
    if (split->group >= 0 && weir_grow(&groups, &split->group_capacity, needed, sizeof *split->group_hashes))
        return weir_fail_memory(error);
    split->group_hashes = groups;
    if (weir_grow(&sides, &split->side_capacity, needed, 1))
        return weir_fail_memory(error);
    split->sides = sides;
    if (weir_fingerprint_rows(stream->rows, batch, split->hashes + split->count, error) ||
        (stream->groups && weir_fingerprint_rows(stream->groups, batch, split->group_hashes + split->count, error)) ||
        add_sides(split, batch, error) || (split->near && add_near(split, stream, batch, error)))
        return -1;
    if (stream->groups)
        clear_missing(&batch->columns[stream->group], split->group_hashes + split->count);
    split->count += batch->rows;
    if (!split->other)
        split->rows = split->count;
    return 0;
}

/* ---- The end ------------------------------------------------------------------------------------------------ */

static bool is_train(const struct weir_audit_split *split, int side)
{
    size_t length;
    const char *name = weir_audit_side_name(split, side, &length);
    return split->split >= 0 &&
           ((length == 5 && memcmp(name, "train", 5) == 0) || (length == 8 && memcmp(name, "training", 8) == 0));
}

/* order[]: of the sides that have rows the one called train first, all others as they came; its length. */
static int order_sides(struct weir_audit_split *split)
{
    int count = 0;
    for (int64_t row = 0; row < split->count; row++)
        split->by_side[split->sides[row]].rows++;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < (int)split->names.count; i++)
            if (split->by_side[i].rows && is_train(split, i) == (pass == 0))
                split->order[count++] = i;
    return count;
}

/* same[count]: for each row the row of an earlier side that has its fingerprint, -1: none. */
static int find_same(const struct weir_audit_split *split, int side_count, const struct weir_hash128 *hashes,
                     int64_t *same, struct weir_error *error)
{
    enum { AT_ONCE = 1024 };
    struct weir_hash128 some[AT_ONCE];
    int64_t rows[AT_ONCE], found[AT_ONCE];
    struct weir_seen seen;
    int result = weir_seen_init(&seen, WEIR_SEEN_ROWS, error);
    for (int i = 0; result == 0 && i < side_count; i++)
        for (int pass = 0; result == 0 && pass < 2; pass++) { /* all rows of a side look, then all are looked for */
            int64_t count = 0;
            for (int64_t row = 0; result == 0 && row <= split->count; row++) {
                if (row < split->count && split->sides[row] == split->order[i]) {
                    some[count] = hashes[row];
                    rows[count++] = row;
                }
                if (count == 0 || (count < AT_ONCE && row < split->count))
                    continue;
                if (pass == 0)
                    weir_seen_find(&seen, some, count, found);
                for (int64_t k = 0; k < count && result == 0; k++)
                    if (pass == 0)
                        same[rows[k]] = found[k];
                    else if (i + 1 < side_count)
                        result = weir_seen_add(&seen, &some[k], 1, rows[k], &found[k], error);
                count = 0;
            }
        }
    weir_seen_release(&seen);
    return result;
}

static int find_alike(struct weir_audit_split *split, int side_count, struct weir_error *error)
{
    int64_t place[WEIR_AUDIT_MOST_SIDES + 1], *rank = weir_allocate((size_t)split->count, sizeof *rank);
    if (!rank)
        return weir_fail_memory(error);
    place[WEIR_AUDIT_NO_SIDE] = side_count; /* rows on no side are looked at last, and found nowhere */
    for (int i = 0; i < side_count; i++)
        place[split->order[i]] = i;
    for (int64_t row = 0; row < split->count; row++)
        rank[row] = place[split->sides[row]];
    int result = weir_near_finish(split->near, rank, split->alike, error);
    for (int64_t row = 0; result == 0 && row < split->count; row++)
        if (split->alike[row] >= 0 && (split->same[row] >= 0 || split->sides[row] == WEIR_AUDIT_NO_SIDE ||
                                       split->sides[row] == split->sides[split->alike[row]]))
            split->alike[row] = -1;
    free(rank);
    return result;
}

static int find_groups(struct weir_audit_split *split, int side_count, struct weir_error *error)
{
    int64_t *same = weir_allocate((size_t)split->count, sizeof *same);
    if (!same)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < split->count; row++)
        same[row] = -1;
    int result = find_same(split, side_count, split->group_hashes, same, error);
    for (int64_t row = 0; result == 0 && row < split->count; row++)
        split->grouped[row] = same[row] >= 0 && (split->group_hashes[row].low | split->group_hashes[row].high) != 0;
    free(same);
    return result;
}

static void count_sides(struct weir_audit_split *split)
{
    for (int64_t row = 0; row < split->count; row++) {
        struct weir_audit_side *side = &split->by_side[split->sides[row]];
        bool later = split->sides[row] != WEIR_AUDIT_NO_SIDE && split->sides[row] != split->order[0];
        side->same += split->same[row] >= 0;
        side->alike += split->alike[row] >= 0;
        side->grouped += split->grouped[row];
        split->all.rows += later;
        split->all.same += split->same[row] >= 0;
        split->all.alike += split->alike[row] >= 0;
        split->all.grouped += split->grouped[row];
    }
}

int weir_audit_split_finish(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_audit_split *split = &audit->split;
    int side_count = split->side_count = order_sides(split);
    if (side_count < 2 && split->split < 0)
        return weir_fail(error, WEIR_BAD_DATA, "%s: it has no row to compare with", audit->options.against);
    if (side_count < 2)
        return weir_fail(error, WEIR_BAD_DATA, "column '%s', the split, has %s: there is no other side",
                         audit->schema->fields[split->split].name, side_count ? "one value only" : "no value");
    split->same = weir_allocate((size_t)split->count, sizeof *split->same);
    split->alike = weir_allocate((size_t)split->count, sizeof *split->alike);
    split->grouped = weir_allocate_zero((size_t)split->count, 1);
    if (!split->same || !split->alike || !split->grouped)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < split->count; row++)
        split->same[row] = split->alike[row] = -1;
    if (find_same(split, side_count, split->hashes, split->same, error) ||
        (split->near && find_alike(split, side_count, error)) ||
        (split->group >= 0 && find_groups(split, side_count, error)))
        return -1;
    count_sides(split);
    return 0;
}
