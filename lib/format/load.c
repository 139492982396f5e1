#include "format/load.h"
#include "format/load_private.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int open_feed(const struct weir_load *load, const char *name, struct weir_feed **feed, struct weir_error *error)
{
    int descriptor = load->options->open_operand(name, error);
    return descriptor < 0 ? -1 : weir_feed_open(feed, descriptor, name, error);
}

static bool names_database(const struct weir_load *load)
{
    for (size_t i = 0; i < load->count; i++)
        if (weir_format_by_scheme(load->operands[i].name))
            return true;
    return false;
}

static int open_table(struct weir_load *load, struct operand *operand, struct weir_error *error)
{
    struct weir_feed *feed;
    const struct weir_format *database = weir_format_by_scheme(operand->name);
    if (database) {
        operand->size = -1;
        return weir_table_open_source(&operand->table, database, operand->name, &load->format, error);
    }
    if ((load->format.query || load->format.relation) && !names_database(load))
        return weir_fail(error, WEIR_USAGE, "--query and --table go with a database, and '%s' is a file",
                         operand->name);
    if (open_feed(load, operand->name, &feed, error))
        return -1;
    operand->size = weir_feed_size(feed);
    return weir_table_open(&operand->table, feed, &load->format, error);
}

/* Without a header, columns are told by their place: all names are needed to read such text again. */
static int keep_names(struct weir_load *load, const struct weir_table *table)
{
    if (table->header || !table->marks.delimiter)
        return 0;
    load->names = json_array();
    for (int i = 0; i < table->schema.count; i++)
        if (json_array_append_new(load->names, json_string(table->schema.fields[i].name)))
            return -1;
    return 0;
}

static int open_operands(struct weir_load *load, struct weir_error *error)
{
    for (size_t i = 0; i < load->count; i++) {
        struct operand *operand = &load->operands[i];
        if (open_table(load, operand, error))
            return -1;
        struct weir_table *table = operand->table;
        if (load->options->unite && weir_load_begin_anew(&table->schema, error))
            return weir_fail_in(error, "%s", operand->name);
        if (i == 0) {
            load->first_format = table->format;
            load->marks = table->marks;
            load->own_roles = table->own_roles;
            if (weir_schema_copy(&load->schema, &table->schema) || keep_names(load, table))
                return weir_fail_memory(error);
        } else if (weir_load_merge(load, table, error))
            return -1;
        /* Files are opened again in their turn, so that a thousand of them need one descriptor. */
        if (load->count > 1 && weir_feed_rereadable(table->feed)) {
            weir_table_free(table);
            operand->table = NULL;
        }
    }
    return 0;
}

static int set_role(struct weir_schema *schema, const struct weir_texts *names, enum weir_role role,
                    struct weir_error *error)
{
    if (names->count == 0)
        return 0;
    for (int i = 0; i < schema->count; i++)
        if (schema->fields[i].role == role)
            schema->fields[i].role = WEIR_FEATURE;
    for (size_t i = 0; i < names->count; i++) {
        int at = weir_schema_require(schema, names->items[i], error);
        if (at < 0)
            return -1;
        schema->fields[at].role = role;
    }
    return 0;
}

/* The naming rule, for columns of no role: the label is the column named label, else target, else class, else y; an id
 * is a column named id or ending in _id. */
static void roles_by_name(struct weir_schema *schema, bool label, bool id)
{
    static const char *const labels[] = { "label", "target", "class", "y" };
    bool found = !label || weir_schema_role(schema, WEIR_LABEL, 0) >= 0;
    for (size_t i = 0; i < sizeof labels / sizeof *labels && !found; i++)
        for (int j = 0; j < schema->count && !found; j++)
            if (schema->fields[j].role == WEIR_FEATURE && strcasecmp(schema->fields[j].name, labels[i]) == 0) {
                schema->fields[j].role = WEIR_LABEL;
                found = true;
            }
    for (int i = 0; i < schema->count && id; i++) {
        const char *name = schema->fields[i].name;
        size_t length = strlen(name);
        if (schema->fields[i].role == WEIR_FEATURE &&
            (strcasecmp(name, "id") == 0 || (length > 3 && strcasecmp(name + length - 3, "_id") == 0)))
            schema->fields[i].role = WEIR_ID;
    }
}

/* The roles that --like knows; *like: it knows some column. */
static int take_roles(struct weir_load *load, bool *like, struct weir_error *error)
{
    const struct weir_known_list *known = load->format.known;
    struct weir_schema_index index;
    if (weir_schema_index_init(&index, &load->schema))
        return weir_fail_memory(error);
    for (size_t i = 0; known && i < known->count; i++) {
        int at = weir_schema_index_find(&index, known->items[i].name);
        *like |= known->items[i].like;
        if (at >= 0 && known->items[i].like)
            load->schema.fields[at].role = known->items[i].role;
    }
    weir_schema_index_release(&index);
    return 0;
}

static int settle_roles(struct weir_load *load, struct weir_error *error)
{
    const struct weir_load_options *options = load->options;
    struct weir_schema *schema = &load->schema;
    bool like = false;
    if (take_roles(load, &like, error))
        return -1;
    for (size_t i = 0; i < options->drop.count; i++) {
        int at = weir_schema_require(schema, options->drop.items[i], error);
        if (at < 0)
            return -1;
        weir_schema_remove(schema, at);
    }
    if (set_role(schema, &options->label, WEIR_LABEL, error) || set_role(schema, &options->id, WEIR_ID, error) ||
        set_role(schema, &options->weight, WEIR_WEIGHT, error))
        return -1;
    if (!load->own_roles && !like)
        roles_by_name(schema, options->label.count == 0, options->id.count == 0);
    return 0;
}

static int open_label_from(struct weir_load *load, struct weir_error *error)
{
    const struct weir_load_options *options = load->options;
    int table = -1;
    if (weir_label_from_is_table(options->label_from) &&
        (table = options->open_operand(options->label_from, error)) < 0)
        return weir_fail_in(error, "option '--label-from'");
    if (weir_label_from_new(&load->label_from, options->label_from, table, &load->format, error))
        return -1;
    load->format.label_from = load->label_from;
    return 0;
}

int weir_load_open(struct weir_load **load_out, const struct weir_load_options *options, struct weir_error *error)
{
    static char *const standard_input = "-";
    struct weir_load *load = *load_out = weir_allocate_zero(1, sizeof *load);
    if (!load)
        return weir_fail_memory(error);
    load->options = options;
    load->format = options->format;
    struct weir_texts names = options->operands;
    if (names.count == 0)
        names = (struct weir_texts){ &standard_input, 1 };
    load->operands = weir_allocate_zero(names.count, sizeof *load->operands);
    if (!load->operands) {
        weir_fail_memory(error);
        goto failed;
    }
    load->count = names.count;
    for (size_t i = 0; i < names.count; i++)
        load->operands[i].name = names.items[i];
    if (options->labels) {
        if (load->count > 1) {
            weir_fail(error, WEIR_USAGE, "--labels goes with one file of images, and there are %zu operands",
                      load->count);
            goto failed;
        }
        if (open_feed(load, options->labels, &load->labels, error))
            goto failed;
        load->format.labels = load->labels;
    }
    if (options->label_from && open_label_from(load, error))
        goto failed;
    if (open_operands(load, error))
        goto failed;
    for (int i = 0; i < load->schema.count; i++)
        if (load->schema.fields[i].type.kind == WEIR_NULL && load->first_format->text)
            load->schema.fields[i].type.kind = WEIR_UTF8;
    if (settle_roles(load, error))
        goto failed;
    if (weir_schema_check_refused(&load->schema, error)) {
        weir_fail_in(error, "%s", strcmp(names.items[0], "-") == 0 ? "standard input" : names.items[0]);
        goto failed;
    }
    if (load->format.bad == WEIR_BAD_FLAG && weir_load_add_reason_field(load, error))
        goto failed;
    load->contradictions = weir_allocate_zero((size_t)load->schema.count, sizeof *load->contradictions);
    if (!load->contradictions) {
        weir_fail_memory(error);
        goto failed;
    }
    return 0;
failed:
    weir_load_free(load);
    *load_out = NULL;
    return -1;
}

const struct weir_schema *weir_load_schema(const struct weir_load *load)
{
    return &load->schema;
}

static int begin_table(struct weir_load *load, struct operand *operand, struct weir_error *error)
{
    if (!operand->table && open_table(load, operand, error))
        return -1;
    if (load->options->unite && !operand->table->started)
        return weir_load_union_start(load, operand->table, error);
    struct weir_schema wanted = load->schema; /* borrowed, without the column that is not in the table */
    wanted.count -= load->format.bad == WEIR_BAD_FLAG;
    return operand->table->started ? 0 : weir_table_start(operand->table, &wanted, error);
}

static void end_table(struct weir_load *load, struct operand *operand)
{
    struct weir_table *table = operand->table;
    load->rows_read += table->rows_read;
    load->dropped += table->rows_dropped;
    load->ragged += table->ragged;
    load->links += table->links;
    load->passed_over += table->passed_over;
    for (int i = 0; i < table->schema.count; i++)
        load->contradictions[load->places ? load->places[i] : i] += table->contradictions[i];
    load->position += weir_feed_position(table->feed);
    weir_table_free(table);
    operand->table = NULL;
}

int weir_load_next(struct weir_load *load, struct weir_batch *batch, struct weir_error *error)
{
    while (load->current < load->count) {
        struct operand *operand = &load->operands[load->current];
        if (begin_table(load, operand, error))
            return -1;
        int code = weir_table_next(operand->table, batch, error);
        if (code > 0 && load->places && weir_load_spread(load, batch, error))
            return -1;
        if (code > 0 && load->format.bad == WEIR_BAD_FLAG)
            return weir_load_add_reasons(load, operand->table, batch, error) ? -1 : 1;
        if (code)
            return code;
        end_table(load, operand);
        load->current++;
    }
    return 0;
}

void weir_load_free(struct weir_load *load)
{
    if (!load)
        return;
    for (size_t i = 0; i < load->count; i++)
        weir_table_free(load->operands[i].table);
    free(load->operands);
    weir_feed_free(load->labels);
    weir_label_from_free(load->label_from);
    weir_schema_release(&load->schema);
    free(load->contradictions);
    free(load->places);
    json_decref(load->names);
    free(load);
}

static const struct weir_table *running(const struct weir_load *load)
{
    return load->current < load->count ? load->operands[load->current].table : NULL;
}

bool weir_load_has_header(const struct weir_load *load)
{
    return load->marks.delimiter != 0 && !load->names && load->format.names.count == 0;
}

int64_t weir_load_rows_read(const struct weir_load *load)
{
    const struct weir_table *table = running(load);
    return load->rows_read + (table ? table->rows_read : 0);
}

int64_t weir_load_rows_dropped(const struct weir_load *load)
{
    const struct weir_table *table = running(load);
    return load->dropped + (table ? table->rows_dropped : 0);
}

int64_t weir_load_position(const struct weir_load *load)
{
    const struct weir_table *table = running(load);
    return load->position + (table ? weir_feed_position(table->feed) : 0);
}

int64_t weir_load_size(const struct weir_load *load)
{
    int64_t size = 0;
    for (size_t i = 0; i < load->count; i++) {
        if (load->operands[i].size < 0)
            return -1;
        size += load->operands[i].size;
    }
    return size;
}

void weir_load_summary(const struct weir_load *load, struct weir_buffer *out)
{
    enum { NAMED = 8 };
    bool drop = load->format.bad == WEIR_BAD_DROP;
    int64_t values = 0;
    int columns = 0;
    for (int i = 0; i < load->schema.count; i++)
        values += load->contradictions[i];
    if (load->ragged)
        weir_buffer_format(out, "%lld row%s with too few or too many fields %s", (long long)load->ragged,
                           load->ragged == 1 ? "" : "s", drop ? "dropped" : "filled up or cut");
    if (load->links || load->passed_over)
        weir_buffer_format(out, "%s%lld file%s and %lld link%s passed over", out->size ? "; " : "",
                           (long long)load->passed_over, load->passed_over == 1 ? "" : "s", (long long)load->links,
                           load->links == 1 ? "" : "s");
    if (!values)
        return;
    weir_buffer_format(out, "%s%lld value%s against %s type %s (", out->size ? "; " : "", (long long)values,
                       values == 1 ? "" : "s", values == 1 ? "its" : "their",
                       drop ? "dropped their rows" : "made null");
    for (int i = 0; i < load->schema.count && columns <= NAMED; i++) {
        if (!load->contradictions[i])
            continue;
        if (columns == NAMED)
            weir_buffer_string(out, ", ...");
        else {
            weir_buffer_format(out, "%s%lld in '", columns ? ", " : "", (long long)load->contradictions[i]);
            weir_buffer_escaped(out, load->schema.fields[i].name, strlen(load->schema.fields[i].name));
            weir_buffer_byte(out, '\'');
        }
        columns++;
    }
    weir_buffer_byte(out, ')');
}
