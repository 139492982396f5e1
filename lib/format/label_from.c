#include "format/label_from.h"
#include "format/format.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char mark[] = "{label}";

struct key {
    const char *bytes; /* of the table's column */
    size_t length;
    int64_t row;
};

struct weir_label_from {
    char *text; /* "folder" or the pattern; NULL: a table */
    bool folder;
    struct weir_batch table; /* columns: path, label */
    struct weir_schema schema;
    struct key *keys; /* sorted */
    size_t key_count;
    struct stat file;
};

bool weir_label_from_is_table(const char *text)
{
    return strcmp(text, "folder") != 0 && !strstr(text, mark);
}

/* ---- Table ---- */

static int compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_keys(const void *a, const void *b)
{
    const struct key *first = a, *second = b;
    return compare(first->bytes, first->length, second->bytes, second->length);
}

static int find_column(const struct weir_schema *schema, const char *const *names, int otherwise)
{
    for (; *names; names++)
        for (int i = 0; i < schema->count; i++)
            if (strcasecmp(schema->fields[i].name, *names) == 0)
                return i;
    return otherwise;
}

/* Settles which two columns are read. */
static int choose_columns(struct weir_label_from *from, struct weir_table *table, struct weir_error *error)
{
    static const char *const paths[] = { "path", "file", "filename", "image", NULL };
    static const char *const labels[] = { "label", "target", "class", "y", NULL };
    struct weir_schema *schema = &table->schema;
    const char *name = weir_feed_name(table->feed);
    if (schema->count < 2)
        return weir_fail(error, WEIR_BAD_DATA, "%s: a table of paths and labels has two columns, and it has %d", name,
                         schema->count);
    int path = find_column(schema, paths, 0), label = find_column(schema, labels, path == 1 ? 0 : 1);
    if (path == label)
        path = label == 0;
    struct weir_field *of_path = weir_schema_add_copy(&from->schema, &schema->fields[path]);
    if (!of_path || !weir_schema_add_copy(&from->schema, &schema->fields[label]))
        return weir_fail_memory(error);
    of_path = &from->schema.fields[0];
    enum weir_kind kind = of_path->type.kind;
    if (table->format->text && kind != WEIR_UTF8) { /* names that look like numbers */
        weir_type_release(&of_path->type);
        of_path->type.kind = WEIR_UTF8;
    } else if (kind != WEIR_UTF8)
        return weir_fail(error, WEIR_BAD_DATA, "%s: its column '%s' should hold paths, and it does not hold text", name,
                         of_path->name);
    if (from->schema.fields[1].type.kind == WEIR_NULL && table->format->text)
        from->schema.fields[1].type.kind = WEIR_UTF8;
    return weir_table_start(table, &from->schema, error);
}

static int read_rows(struct weir_label_from *from, struct weir_table *table, struct weir_error *error)
{
    struct weir_batch *parts = NULL;
    size_t count = 0, capacity = 0;
    int code;
    for (;;) {
        if (weir_grow((void **)&parts, &capacity, count + 1, sizeof *parts)) {
            code = weir_fail_memory(error);
            break;
        }
        parts[count] = (struct weir_batch){ 0 };
        if ((code = weir_table_next(table, &parts[count], error)) <= 0)
            break;
        count++;
    }
    if (code == 0)
        code = weir_batch_concatenate(&from->table, parts, (int)count, &from->schema, error);
    for (size_t i = 0; i < count; i++)
        weir_batch_release(&parts[i]);
    free(parts);
    return code;
}

static int sort_keys(struct weir_label_from *from, const char *name, bool no_values, struct weir_error *error)
{
    const struct weir_column *paths = &from->table.columns[0];
    from->keys = weir_allocate((size_t)paths->rows, sizeof *from->keys);
    if (!from->keys)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < paths->rows; row++) {
        if (!weir_valid(paths, row))
            continue;
        struct key *key = &from->keys[from->key_count++];
        key->bytes = weir_text(paths, row, &key->length);
        key->row = row;
        if (key->length > 2 && key->bytes[0] == '.' && key->bytes[1] == '/') {
            key->bytes += 2;
            key->length -= 2;
        }
    }
    if (from->key_count)
        qsort(from->keys, from->key_count, sizeof *from->keys, compare_keys);
    for (size_t i = 1; i < from->key_count; i++)
        if (compare_keys(&from->keys[i - 1], &from->keys[i]) == 0) {
            struct weir_buffer shown = { 0 };
            weir_buffer_escaped(&shown, from->keys[i].bytes, from->keys[i].length);
            weir_fail(error, WEIR_BAD_DATA, "%s: %s%s%s has two labels", name, no_values ? "" : "'",
                      no_values                      ? "a file"
                      : shown.failed || !shown.bytes ? ""
                                                     : shown.bytes,
                      no_values ? "" : "'");
            weir_buffer_release(&shown);
            return -1;
        }
    return 0;
}

static int read_table(struct weir_label_from *from, int descriptor, const char *path,
                      const struct weir_format_options *options, struct weir_error *error)
{
    const struct weir_format_options plain = { .no_values = options->no_values, .threads = options->threads };
    struct weir_table *table;
    struct weir_feed *feed;
    fstat(descriptor, &from->file);
    if (weir_feed_open(&feed, descriptor, path, error) || weir_table_open(&table, feed, &plain, error))
        return -1;
    int code = choose_columns(from, table, error);
    if (code == 0)
        code = read_rows(from, table, error);
    if (code == 0)
        code = sort_keys(from, weir_feed_name(table->feed), options->no_values, error);
    weir_table_free(table);
    return code;
}

static const struct key *find_key(const struct weir_label_from *from, const char *path, size_t length)
{
    const struct key wanted = { path, length, 0 };
    return from->key_count ? bsearch(&wanted, from->keys, from->key_count, sizeof *from->keys, compare_keys) : NULL;
}

/* The file's name within its path. */
static const char *name_of(const char *path, size_t *length)
{
    const char *slash = memrchr(path, '/', *length);
    if (!slash)
        return path;
    *length -= (size_t)(slash + 1 - path);
    return slash + 1;
}

int64_t weir_label_from_row(const struct weir_label_from *from, const char *path, size_t length)
{
    for (int part = 0; part < 2; part++) { /* the path, then the name; as it is, then without its ending */
        const struct key *key = find_key(from, path, length);
        const char *dot = key ? NULL : memrchr(path, '.', length);
        if (dot && !memchr(dot, '/', length - (size_t)(dot - path)))
            key = find_key(from, path, (size_t)(dot - path));
        if (key)
            return key->row;
        path = name_of(path, &length);
    }
    return -1;
}

/* ---- Folder and pattern ---- */

static bool folder_of(const char *path, size_t length, const char **label, size_t *label_length)
{
    const char *slash = memrchr(path, '/', length);
    if (!slash || slash == path)
        return false;
    *label_length = (size_t)(slash - path);
    *label = name_of(path, label_length);
    return *label_length > 0;
}

/* A pattern is pieces of plain text with a star or {label} between them. Each of these takes as little as it can, from
 * left to right; the last piece stands at the end. */
static bool match(const char *pattern, const char *name, size_t length, const char **label, size_t *label_length)
{
    const char *end = name + length, *begin = NULL; /* where an open star or {label} began */
    bool open_label = false;
    for (;;) {
        const char *star = strchr(pattern, '*'), *brace = strstr(pattern, mark);
        const char *stop = star && (!brace || star < brace) ? star : brace;
        size_t piece = stop ? (size_t)(stop - pattern) : strlen(pattern);
        const char *found = name;
        if (!begin) /* at the very front */
            found = (size_t)(end - name) >= piece && memcmp(name, pattern, piece) == 0 ? name : NULL;
        else if (!stop)
            found = (size_t)(end - name) >= piece && memcmp(end - piece, pattern, piece) == 0 ? end - piece : NULL;
        else if (piece) /* a label is never empty */
            found = memmem(name + open_label,
                           (size_t)(end - name) >= open_label ? (size_t)(end - name) - open_label : 0, pattern, piece);
        if (!found)
            return false;
        if (begin && open_label) {
            *label = begin;
            *label_length = (size_t)(found - begin);
        }
        name = found + piece;
        if (!stop)
            return (begin || name == end) && *label_length > 0;
        begin = name;
        open_label = stop == brace;
        pattern = stop + (open_label ? sizeof mark - 1 : 1);
    }
}

bool weir_label_from_find(const struct weir_label_from *from, const char *path, size_t length, const char **label,
                          size_t *label_length)
{
    *label_length = 0;
    if (from->folder)
        return folder_of(path, length, label, label_length);
    if (!strchr(from->text, '/'))
        path = name_of(path, &length);
    return match(from->text, path, length, label, label_length);
}

/* ---- Making ---- */

/* {label} stands once, and not beside a star: what either takes would be anyone's guess. */
static int check_pattern(const char *text, struct weir_error *error)
{
    const char *at = strstr(text, mark), *behind = at + sizeof mark - 1;
    if (strstr(behind, mark) || *behind == '*' || (at > text && at[-1] == '*'))
        return weir_fail(error, WEIR_USAGE, "a pattern has '%s' once, and no star beside it: '%s'", mark, text);
    return 0;
}

int weir_label_from_new(struct weir_label_from **from_out, const char *text, int table,
                        const struct weir_format_options *options, struct weir_error *error)
{
    struct weir_label_from *from = *from_out = weir_allocate_zero(1, sizeof *from);
    int code = 0;
    if (!from) {
        if (table >= 0)
            close(table);
        return weir_fail_memory(error);
    }
    if (table >= 0)
        code = read_table(from, table, text, options, error);
    else {
        from->folder = strcmp(text, "folder") == 0;
        from->text = weir_duplicate_string(text);
        code = !from->text ? weir_fail_memory(error) : from->folder ? 0 : check_pattern(text, error);
    }
    if (code) {
        weir_label_from_free(from);
        *from_out = NULL;
    }
    return code;
}

void weir_label_from_free(struct weir_label_from *from)
{
    if (!from)
        return;
    free(from->text);
    free(from->keys);
    weir_batch_release(&from->table);
    weir_schema_release(&from->schema);
    free(from);
}

const char *weir_label_from_text(const struct weir_label_from *from)
{
    return from->text;
}

const struct stat *weir_label_from_file(const struct weir_label_from *from)
{
    return from->text ? NULL : &from->file;
}

const struct weir_column *weir_label_from_column(const struct weir_label_from *from, const struct weir_type **type)
{
    if (from->text)
        return NULL;
    *type = &from->schema.fields[1].type;
    return &from->table.columns[1];
}
