#include "format/format.h"
#include "format/drain.h"
#include "format/text.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern const struct weir_format weir_format_arrow, weir_format_npy, weir_format_idx, weir_format_files,
    weir_format_jsonl, weir_format_csv, weir_format_tsv, weir_format_sqlite, weir_format_postgresql;

/* Adding a format is one file and one row here. */
const struct weir_format *const weir_formats[] = {
    &weir_format_sqlite, &weir_format_postgresql, &weir_format_arrow, &weir_format_npy, &weir_format_idx,
    &weir_format_files,  &weir_format_jsonl,      &weir_format_csv,   &weir_format_tsv, NULL,
};

const struct weir_format *weir_format_find(const char *name)
{
    for (const struct weir_format *const *format = weir_formats; *format; format++)
        if (strcmp((*format)->name, name) == 0)
            return *format;
    return NULL;
}

static bool ends_with(const char *path, size_t length, const char *ending)
{
    size_t size = strlen(ending);
    return length > size && strncasecmp(path + length - size, ending, size) == 0;
}

const struct weir_format *weir_format_by_ending(const char *path, const char **compression)
{
    size_t length = strlen(path);
    *compression = NULL;
    if (ends_with(path, length, ".gz")) {
        *compression = "gzip";
        length -= 3;
    } else if (ends_with(path, length, ".zst")) {
        *compression = "zstd";
        length -= 4;
    }
    for (const struct weir_format *const *format = weir_formats; *format; format++)
        for (const char *const *ending = (*format)->endings; ending && *ending; ending++)
            if ((*format)->create && ends_with(path, length, *ending))
                return *format;
    return NULL;
}

const struct weir_format *weir_format_by_scheme(const char *operand)
{
    for (const struct weir_format *const *format = weir_formats; *format; format++)
        for (const char *const *scheme = (*format)->schemes; scheme && *scheme; scheme++)
            if (strncmp(operand, *scheme, strlen(*scheme)) == 0)
                return *format;
    return NULL;
}

static const struct weir_format *sniff(const uint8_t *head, size_t size)
{
    for (const struct weir_format *const *format = weir_formats; *format; format++)
        if ((*format)->sniff && (*format)->sniff(head, size))
            return *format;
    return NULL;
}

struct weir_known *weir_known_add(struct weir_known_list *list, const char *name)
{
    if (weir_grow((void **)&list->items, &list->capacity, list->count + 1, sizeof *list->items))
        return NULL;
    struct weir_known *known = &list->items[list->count];
    *known = (struct weir_known){ .name = weir_duplicate_string(name) };
    if (!known->name)
        return NULL;
    list->count++;
    return known;
}

void weir_known_release(struct weir_known_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        weir_type_release(&list->items[i].type);
    }
    free(list->items);
    *list = (struct weir_known_list){ 0 };
}

enum { NAMED = 8 /* columns in a message; there are "others" beside them */ };

/* "'a', 'b'" and so on, as far as they are named. */
static void name_them(struct weir_buffer *out, const char *name, size_t number)
{
    if (number < NAMED) {
        weir_buffer_string(out, number ? ", '" : "'");
        weir_buffer_escaped(out, name, strlen(name));
        weir_buffer_byte(out, '\'');
    }
}

/* A column that is called almost so. */
static void advise(const struct weir_table *table, const struct weir_known *absent, struct weir_buffer *out)
{
    int nearest = weir_schema_nearest(&table->schema, absent->name);
    if (nearest < 0)
        return;
    const char *name = table->schema.fields[nearest].name;
    weir_buffer_string(out, absent->like ? "; `pick --rename '" : "; did you mean '");
    weir_buffer_escaped(out, name, strlen(name));
    if (absent->like) {
        weir_buffer_byte(out, '=');
        weir_buffer_escaped(out, absent->name, strlen(absent->name));
    }
    weir_buffer_string(out, absent->like ? "'` in front would call one so" : "'?");
}

int weir_known_match(const struct weir_table *table, struct weir_known **known, struct weir_error *error)
{
    struct weir_schema_index index;
    if (weir_schema_index_init(&index, &table->schema))
        return weir_fail_memory(error);
    const char *file = weir_feed_name(table->feed);
    struct weir_buffer names = { 0 };
    size_t missing = 0, found = 0;
    const struct weir_known *absent = NULL; /* the first one */
    int code = 0;
    if (index.duplicate >= 0) {
        const char *name = table->schema.fields[index.duplicate].name;
        weir_buffer_escaped(&names, name, strlen(name));
        code = weir_fail(error, WEIR_BAD_DATA, "%s: two columns are named '%s'; %s would name them anew", file,
                         names.failed ? "" : names.bytes, table->source ? "AS in a query" : "--columns");
    }
    const struct weir_known_list *list = table->options->known;
    for (size_t i = 0; code == 0 && list && i < list->count; i++) {
        int column = weir_schema_index_find(&index, list->items[i].name);
        if (column >= 0) {
            known[column] = &list->items[i];
            found++;
        } else if (list->items[i].required) {
            absent = absent ? absent : &list->items[i];
            name_them(&names, list->items[i].name, missing++);
        }
    }
    if (missing) {
        weir_buffer_string(&names, missing > NAMED ? " and others" : "");
        if (missing == 1)
            advise(table, absent, &names);
        else if (found == 0 && table->header)
            weir_buffer_string(&names, ": does its first line hold the names?");
        code = names.failed ? weir_fail_memory(error)
                            : weir_fail(error, WEIR_BAD_DATA, "%s: it has no column%s %s", file, missing > 1 ? "s" : "",
                                        names.bytes);
    }
    weir_buffer_release(&names);
    weir_schema_index_release(&index);
    return code;
}

int weir_format_refuse_type(const struct weir_table *table, const struct weir_field *field,
                            const struct weir_type *wanted, enum weir_status status, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    weir_buffer_escaped(&text, field->name, strlen(field->name));
    weir_buffer_string(&text, "' is ");
    weir_type_describe(&field->type, &text);
    weir_buffer_string(&text, " and not ");
    weir_type_describe(wanted, &text);
    if (text.failed)
        weir_fail_memory(error);
    else
        weir_fail(error, status, "%s: column '%s; types are converted in text alone", weir_feed_name(table->feed),
                  text.bytes);
    weir_buffer_release(&text);
    return -1;
}

int weir_known_check(const struct weir_table *table, struct weir_error *error)
{
    int count = table->schema.count;
    struct weir_known **known = weir_allocate_zero((size_t)count, sizeof *known);
    int code = known ? weir_known_match(table, known, error) : weir_fail_memory(error);
    for (int i = 0; i < count && code == 0; i++) {
        const struct weir_field *field = &table->schema.fields[i];
        if (known[i] && known[i]->given && !known[i]->like && !weir_type_equal(&known[i]->type, &field->type))
            code = weir_format_refuse_type(table, field, &known[i]->type, WEIR_USAGE, error);
    }
    free(known);
    return code;
}

int weir_format_drop(struct weir_batch *batch, const struct weir_schema *schema, const uint8_t *marks, int64_t *dropped,
                     struct weir_error *error)
{
    int64_t *index = weir_allocate((size_t)batch->rows, sizeof *index), kept = 0;
    if (!index)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < batch->rows; row++)
        if (!marks[row])
            index[kept++] = row;
    struct weir_batch taken = { 0 };
    int code = 0;
    *dropped += batch->rows - kept;
    if (kept < batch->rows) {
        code = weir_batch_take(&taken, batch, schema, index, kept, error);
        weir_batch_release(batch);
        *batch = taken;
    }
    free(index);
    return code;
}

/* Options that say how another format is to be read: nobody gives them for nothing. */
static int check_options(const struct weir_table *table, struct weir_error *error)
{
    const struct weir_format_options *options = table->options;
    const char *option = NULL, *with = NULL;
    if (options->labels && table->format != &weir_format_idx)
        option = "--labels", with = "IDX images";
    else if (table->format == &weir_format_files)
        return 0;
    else if (options->label_from && !options->like_label_from)
        option = "--label-from", with = "pictures and texts";
    else if (options->of_pictures)
        option = options->of_pictures, with = "pictures";
    return option ? weir_fail(error, WEIR_USAGE, "%s goes with %s, and %s is %s", option, with,
                              weir_feed_name(table->feed), table->format->name)
                  : 0;
}

int weir_table_open(struct weir_table **table_out, struct weir_feed *feed, const struct weir_format_options *options,
                    struct weir_error *error)
{
    struct weir_table *table = *table_out = weir_allocate_zero(1, sizeof *table);
    if (!table) {
        weir_feed_free(feed);
        return weir_fail_memory(error);
    }
    table->feed = feed;
    table->options = options;
    const uint8_t *head;
    size_t size;
    if (weir_feed_peek(feed, 4096, &head, &size, error))
        goto failed;
    bool folder = weir_feed_folder(feed) >= 0;
    if (size == 0 && !folder && strcmp(weir_feed_name(feed), "standard input") == 0) {
        weir_fail(error, WEIR_NO_INPUT, "standard input: no input at all");
        goto failed;
    }
    table->format = folder            ? &weir_format_files
                    : options->format ? weir_format_find(options->format)
                                      : sniff(head, size);
    if (!table->format || !table->format->open) {
        weir_fail(error, WEIR_BAD_DATA, "%s: no format can read this", weir_feed_name(feed));
        goto failed;
    }
    const char *stranger = table->format->text ? weir_format_stranger(head, size) : NULL;
    if (stranger) {
        weir_fail(error, WEIR_BAD_DATA, "%s: %s", weir_feed_name(feed), stranger);
        goto failed;
    }
    if (check_options(table, error))
        goto failed;
    if (table->format->open(table, error))
        goto failed;
    return 0;
failed:
    weir_table_free(table);
    *table_out = NULL;
    return -1;
}

/* For messages: the file, or of an address, which may hold what is nobody's business, only what it is. */
static const char *source_name(const struct weir_format *format, const char *source)
{
    return strstr(source, "://") ? format->name : strchr(source, ':') + 1;
}

int weir_table_open_source(struct weir_table **table_out, const struct weir_format *format, const char *source,
                           const struct weir_format_options *options, struct weir_error *error)
{
    struct weir_table *table = *table_out = weir_allocate_zero(1, sizeof *table);
    if (!table)
        return weir_fail_memory(error);
    table->format = format;
    table->options = options;
    table->source = source;
    int code = weir_feed_open_memory(&table->feed, "", 0, source_name(format, source), error);
    if (code == 0 && !options->query && !options->relation)
        code = weir_fail(error, WEIR_USAGE, "%s: what is to be read? --table NAME or --query 'select ...' says it",
                         weir_feed_name(table->feed));
    if (code == 0 && options->query && options->relation)
        code = weir_fail(error, WEIR_USAGE, "%s: --table and --query exclude each other", weir_feed_name(table->feed));
    if (code == 0 && options->relation && !*options->relation)
        code = weir_fail(error, WEIR_USAGE, "option '--table' takes the name of a table, and it is empty");
    if (code == 0)
        code = check_options(table, error);
    if (code == 0)
        code = format->open(table, error);
    if (code == 0)
        return 0;
    weir_table_free(table);
    *table_out = NULL;
    return -1;
}

int weir_table_start(struct weir_table *table, const struct weir_schema *schema, struct weir_error *error)
{
    struct weir_schema_index index;
    if (weir_schema_index_init(&index, &table->schema))
        return weir_fail_memory(error);
    int code = 0;
    table->started = true;
    int *wanted = weir_allocate((size_t)schema->count, sizeof *wanted);
    struct weir_schema settled = { 0 };
    if (!wanted || weir_schema_copy(&settled, schema))
        code = weir_fail_memory(error);
    for (int i = 0; i < schema->count && code == 0; i++) {
        wanted[i] = weir_schema_index_find(&index, schema->fields[i].name);
        if (wanted[i] < 0)
            code = weir_fail(error, WEIR_BUG, "%s: a column was settled that it does not have",
                             weir_feed_name(table->feed));
    }
    weir_schema_index_release(&index);
    for (int i = 0; i < schema->count && code == 0 && table->format->text; i++)
        if (!weir_text_can_read(&schema->fields[i].type)) {
            struct weir_buffer text = { 0 };
            weir_buffer_escaped(&text, schema->fields[i].name, strlen(schema->fields[i].name));
            weir_buffer_string(&text, "': type ");
            weir_type_describe(&schema->fields[i].type, &text);
            code = weir_fail(error, WEIR_BAD_DATA, "%s: column '%s cannot be read from text",
                             weir_feed_name(table->feed), text.failed ? "" : text.bytes);
            weir_buffer_release(&text);
        }
    if (code == 0) {
        weir_schema_release(&table->schema);
        table->schema = settled;
        settled = (struct weir_schema){ 0 };
        table->contradictions = weir_allocate_zero((size_t)schema->count, sizeof *table->contradictions);
        code = table->contradictions ? table->format->start(table, wanted, error) : weir_fail_memory(error);
    }
    weir_schema_release(&settled);
    free(wanted);
    return code;
}

int weir_table_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    return table->format->next(table, batch, error);
}

void weir_table_free(struct weir_table *table)
{
    if (!table)
        return;
    if (table->feed)
        weir_feed_stop(table->feed);
    if (table->format && table->format->close)
        table->format->close(table);
    weir_feed_free(table->feed);
    weir_schema_release(&table->schema);
    free(table->contradictions);
    free(table->flags);
    weir_buffer_release(&table->flag_words);
    free(table);
}

int weir_table_out_open(struct weir_table_out *out, const struct weir_schema *schema, const char *compression,
                        struct weir_error *error)
{
    if (weir_schema_copy(&out->schema, schema))
        return weir_fail_memory(error);
    if (!out->format->schemes && weir_drain_new(&out->drain, out->descriptor, compression, error))
        return -1;
    return out->format->create(out, error);
}

int weir_table_out_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error)
{
    return out->format->write(out, batch, error);
}

int weir_table_out_finish(struct weir_table_out *out, struct weir_error *error)
{
    if (out->format->finish && out->format->finish(out, error))
        return -1;
    return out->drain ? weir_drain_finish(out->drain, error) : 0;
}

int weir_table_out_commit(struct weir_table_out *out, struct weir_error *error)
{
    return out->format->commit ? out->format->commit(out, error) : 0;
}

void weir_table_out_release(struct weir_table_out *out)
{
    if (out->format && out->format->destroy)
        out->format->destroy(out);
    weir_drain_free(out->drain);
    weir_schema_release(&out->schema);
    *out = (struct weir_table_out){ 0 };
}
