/* Reading SQLite: the rows of one query, stepped through. A column's type follows from what its table declares (the
 * affinity of https://www.sqlite.org/datatype3.html), which SQLite does not hold values to: each is checked. Where that
 * says nothing (an expression; numeric affinity, under which dates and booleans are declared) the first rows decide. */
#include "base/number.h"
#include "format/rows.h"
#include "format/sqlite_private.h"
#include "stream/utf8.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct sqlite {
    sqlite3 *database;
    sqlite3_stmt *statement;
    int columns;
    sqlite3_value **sample; /* the rows that types were inferred from, to be read first: [sampled * columns] */
    size_t capacity;
    int64_t sampled, taken;
    int64_t stepped; /* rows that SQLite has given */
    bool ended;
    int *wanted;
    struct weir_rows rows;
};

/* What the values of a column have been so far. */
struct seen {
    bool integer, fraction, text, blob;
    bool no_bool, no_date, no_time, zoned, unzoned;
};

/* Nothing but reading: no other file, no setting, no function that loads code. */
static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *trigger)
{
    (void)context, (void)first, (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return strcasecmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    default:
        return SQLITE_DENY;
    }
}

static int prepare(struct weir_table *table, const char *sql, struct weir_error *error)
{
    struct sqlite *sqlite = table->state;
    const char *file = weir_feed_name(table->feed), *rest;
    sqlite3_stmt *more = NULL;
    sqlite3_set_authorizer(sqlite->database, authorize, NULL);
    int code = sqlite3_prepare_v2(sqlite->database, sql, -1, &sqlite->statement, &rest);
    if ((code & 0xff) == SQLITE_AUTH)
        return weir_fail(error, WEIR_USAGE, "%s: the query does more than read (%s); a SELECT is wanted", file,
                         sqlite3_errmsg(sqlite->database));
    if (code) {
        weir_sqlite_fail(sqlite->database, table->source, error);
        if (error && error->status == WEIR_BAD_DATA && (code & 0xff) != SQLITE_CORRUPT &&
            (code & 0xff) != SQLITE_NOTADB)
            error->status = WEIR_USAGE;
        return -1;
    }
    while (code == 0 && !more && *rest) /* comments give no statement */
        code = sqlite3_prepare_v2(sqlite->database, rest, -1, &more, &rest);
    sqlite3_finalize(more);
    if (code || more)
        return weir_fail(error, WEIR_USAGE, "%s: --query takes one statement, and there are several", file);
    sqlite->columns = sqlite->statement ? sqlite3_column_count(sqlite->statement) : 0;
    if (sqlite->columns == 0 || !sqlite3_stmt_readonly(sqlite->statement))
        return weir_fail(error, WEIR_USAGE, "%s: the query gives no rows; a SELECT is wanted", file);
    if (sqlite3_bind_parameter_count(sqlite->statement))
        return weir_fail(error, WEIR_USAGE, "%s: the query has parameters, for which there are no values", file);
    return 0;
}

/* The row at which the statement stands: 1, 0 at the end, -1. */
static int step(struct weir_table *table, struct weir_error *error)
{
    struct sqlite *sqlite = table->state;
    if (sqlite->ended)
        return 0;
    int code = sqlite3_step(sqlite->statement);
    if (code == SQLITE_ROW) {
        sqlite->stepped++;
        return 1;
    }
    sqlite->ended = true;
    return code == SQLITE_DONE ? 0 : weir_sqlite_fail_after(sqlite->database, table->source, sqlite->stepped, error);
}

/* True when `declared` holds the word, in any case of the letters. */
static bool says(const char *declared, const char *word)
{
    return declared && strcasestr(declared, word);
}

/* The rules of affinity, in their order; WEIR_NULL: the first rows decide. */
static enum weir_kind declared_kind(const char *declared)
{
    if (says(declared, "INT"))
        return WEIR_INT64;
    if (says(declared, "CHAR") || says(declared, "CLOB") || says(declared, "TEXT"))
        return WEIR_UTF8;
    if (says(declared, "BLOB"))
        return WEIR_BINARY;
    if (says(declared, "REAL") || says(declared, "FLOA") || says(declared, "DOUB"))
        return WEIR_FLOAT64;
    return WEIR_NULL;
}

static void see(struct seen *seen, sqlite3_value *value)
{
    int64_t integer;
    int32_t days;
    bool zoned;
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        integer = sqlite3_value_int64(value);
        seen->integer = true;
        seen->no_bool |= integer != 0 && integer != 1;
        break;
    case SQLITE_FLOAT:
        seen->fraction = true;
        break;
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_value_text(value);
        size_t length = (size_t)sqlite3_value_bytes(value);
        seen->text = true;
        seen->no_date |= !text || !weir_parse_date(text, length, &days);
        if (text && weir_parse_timestamp(text, length, &integer, &zoned))
            *(zoned ? &seen->zoned : &seen->unzoned) = true;
        else
            seen->no_time = true;
        break;
    }
    case SQLITE_BLOB:
        seen->blob = true;
        break;
    default:
        break;
    }
}

/* The type of a column whose declaration leaves it open. */
static int infer(struct weir_type *type, const char *declared, const struct seen *seen)
{
    bool number = seen->integer || seen->fraction, date = says(declared, "DATE"), time = says(declared, "TIME");
    bool none = !number && !seen->text && !seen->blob;
    type->kind = WEIR_UTF8;
    if (seen->blob)
        type->kind = number || seen->text ? WEIR_UTF8 : WEIR_BINARY;
    else if (says(declared, "BOOL") && !seen->text && !seen->fraction && !seen->no_bool)
        type->kind = WEIR_BOOL;
    else if (none && !date && !time)
        type->kind = says(declared, "NUM") || says(declared, "DEC") ? WEIR_FLOAT64 : WEIR_UTF8;
    else if (number && !seen->text)
        type->kind = seen->fraction || says(declared, "DEC") ? WEIR_FLOAT64 : WEIR_INT64;
    else if (date && !time && !seen->no_date && !number)
        type->kind = WEIR_DATE32;
    else if ((date || time) && !seen->no_time && !(seen->zoned && seen->unzoned) && !number) {
        type->kind = WEIR_TIMESTAMP;
        type->unit = WEIR_MICRO;
        if (seen->zoned && !(type->zone = weir_duplicate_string("UTC")))
            return -1;
    }
    return 0;
}

static int keep_sample(struct sqlite *sqlite, struct seen *seen, size_t *bytes)
{
    size_t first = (size_t)sqlite->sampled * (size_t)sqlite->columns;
    if (weir_grow((void **)&sqlite->sample, &sqlite->capacity, first + (size_t)sqlite->columns, sizeof(void *)))
        return -1;
    sqlite->sampled++;
    memset(sqlite->sample + first, 0, (size_t)sqlite->columns * sizeof(void *));
    for (int i = 0; i < sqlite->columns; i++) {
        sqlite3_value *value = sqlite3_value_dup(sqlite3_column_value(sqlite->statement, i));
        if (!value)
            return -1;
        sqlite->sample[first + (size_t)i] = value;
        *bytes += 64 + (sqlite3_value_type(value) >= SQLITE_TEXT ? (size_t)sqlite3_value_bytes(value) : 0);
        see(&seen[i], value);
    }
    return 0;
}

/* Fills in the types that are still WEIR_NULL. */
static int infer_types(struct weir_table *table, struct weir_error *error)
{
    struct sqlite *sqlite = table->state;
    bool open = false;
    for (int i = 0; i < sqlite->columns; i++)
        open |= table->schema.fields[i].type.kind == WEIR_NULL;
    if (!open)
        return 0;
    struct seen *seen = weir_allocate_zero((size_t)sqlite->columns, sizeof *seen);
    size_t bytes = 0;
    int code = seen ? 1 : weir_fail_memory(error);
    while (code > 0 && sqlite->sampled < WEIR_INFER_ROWS && bytes < WEIR_INFER_BYTES)
        if ((code = step(table, error)) > 0 && keep_sample(sqlite, seen, &bytes))
            code = weir_fail_memory(error);
    for (int i = 0; i < sqlite->columns && code >= 0; i++) {
        struct weir_type *type = &table->schema.fields[i].type;
        if (type->kind == WEIR_NULL && infer(type, sqlite3_column_decltype(sqlite->statement, i), &seen[i]))
            code = weir_fail_memory(error);
    }
    free(seen);
    return code < 0 ? -1 : 0;
}

static int find_columns(struct weir_table *table, struct weir_error *error)
{
    struct sqlite *sqlite = table->state;
    for (int i = 0; i < sqlite->columns; i++) {
        const char *name = sqlite3_column_name(sqlite->statement, i);
        if (!name)
            return weir_fail_memory(error);
        if (!weir_is_utf8(name, strlen(name)))
            return weir_fail(error, WEIR_BAD_DATA, "%s: the name of column %d is not UTF-8",
                             weir_feed_name(table->feed), i + 1);
        if (!weir_schema_add(&table->schema, name, declared_kind(sqlite3_column_decltype(sqlite->statement, i))))
            return weir_fail_memory(error);
    }
    return weir_rows_settle(table, error);
}

int weir_sqlite_read_open(struct weir_table *table, struct weir_error *error)
{
    struct sqlite *sqlite = table->state = weir_allocate_zero(1, sizeof *sqlite);
    const char *file = table->source + strlen(WEIR_SQLITE_SCHEME);
    struct weir_buffer sql = { 0 };
    struct stat status;
    if (!sqlite)
        return weir_fail_memory(error);
    if (*file && stat(file, &status) < 0)
        return weir_fail_errno(error, WEIR_NO_INPUT, "cannot read '%s'", weir_feed_name(table->feed));
    if (*file && !S_ISREG(status.st_mode))
        return weir_fail(error, WEIR_NO_INPUT, "cannot read '%s': a database is a regular file",
                         weir_feed_name(table->feed));
    if (weir_sqlite_open(&sqlite->database, table->source, SQLITE_OPEN_READONLY, error))
        return -1;
    weir_buffer_string(&sql, table->options->query ? table->options->query : "select * from ");
    if (table->options->relation)
        weir_sql_quote(&sql, table->options->relation);
    int code = weir_buffer_check(&sql, error);
    if (code == 0)
        code = prepare(table, sql.bytes, error);
    weir_buffer_release(&sql);
    if (code == 0)
        code = find_columns(table, error);
    return code == 0 ? infer_types(table, error) : -1;
}

int weir_sqlite_read_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct sqlite *sqlite = table->state;
    size_t count = (size_t)table->schema.count;
    sqlite->wanted = weir_allocate(count, sizeof *wanted);
    if (!sqlite->wanted)
        return weir_fail_memory(error);
    memcpy(sqlite->wanted, wanted, count * sizeof *wanted);
    return weir_rows_init(&sqlite->rows, table, error);
}

static int add_blob(struct weir_rows *rows, int column, sqlite3_value *value, struct weir_error *error)
{
    enum { SHOWN = 16 };
    const uint8_t *bytes = sqlite3_value_blob(value);
    size_t length = (size_t)sqlite3_value_bytes(value);
    if (!bytes && length)
        return weir_fail_memory(error);
    if (rows->builders[column].type.kind == WEIR_BINARY) {
        weir_builder_text(&rows->builders[column], (const char *)bytes, length);
        rows->bytes += length;
        return 0;
    }
    struct weir_buffer shown = { 0 };
    for (size_t i = 0; i < length && i < SHOWN; i++)
        weir_buffer_format(&shown, "%02x", bytes[i]);
    weir_buffer_string(&shown, length > SHOWN ? "..." : "");
    int code = shown.failed ? weir_fail_memory(error)
                            : weir_rows_refuse(rows, column, shown.bytes, shown.size, "is a blob, not a value", error);
    weir_buffer_release(&shown);
    return code;
}

static int add_value(struct weir_rows *rows, int column, sqlite3_value *value, struct weir_error *error)
{
    struct weir_builder *builder = &rows->builders[column];
    enum weir_kind kind = builder->type.kind;
    char number[WEIR_NUMBER_SIZE];
    int64_t integer;
    double fraction;
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
        weir_builder_null(builder);
        return 0;
    case SQLITE_INTEGER:
        integer = sqlite3_value_int64(value);
        if (kind == WEIR_INT64 || (kind == WEIR_BOOL && (integer == 0 || integer == 1)))
            weir_builder_int64(builder, integer);
        else if (kind == WEIR_FLOAT64)
            weir_builder_double(builder, (double)integer);
        else
            return weir_rows_text(rows, column, number, weir_format_int64(integer, number), error);
        return 0;
    case SQLITE_FLOAT:
        fraction = sqlite3_value_double(value);
        if (kind != WEIR_FLOAT64)
            return weir_rows_text(rows, column, number, weir_format_double(fraction, number), error);
        weir_builder_double(builder, fraction);
        return 0;
    case SQLITE_BLOB:
        return add_blob(rows, column, value, error);
    default: {
        const char *text = (const char *)sqlite3_value_text(value);
        size_t length = (size_t)sqlite3_value_bytes(value);
        if (!text)
            return weir_fail_memory(error);
        return kind == WEIR_BINARY ? weir_rows_refuse(rows, column, text, length, "is text, not a blob", error)
                                   : weir_rows_text(rows, column, text, length, error);
    }
    }
}

int weir_sqlite_read_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct sqlite *sqlite = table->state;
    struct weir_rows *rows = &sqlite->rows;
    while (!weir_rows_full(rows)) {
        sqlite3_value **kept = NULL;
        if (sqlite->taken < sqlite->sampled) {
            kept = sqlite->sample + sqlite->taken++ * sqlite->columns;
        } else {
            int code = step(table, error);
            if (code < 0)
                return -1;
            if (code == 0)
                break;
        }
        for (int i = 0; i < rows->count; i++) {
            int column = sqlite->wanted[i];
            sqlite3_value *value = kept ? kept[column] : sqlite3_column_value(sqlite->statement, column);
            if (add_value(rows, i, value, error))
                return -1;
        }
        for (int i = 0; kept && i < sqlite->columns; i++) {
            sqlite3_value_free(kept[i]);
            kept[i] = NULL;
        }
        weir_rows_end(rows);
    }
    return weir_rows_finish(rows, batch, error);
}

void weir_sqlite_read_close(struct weir_table *table)
{
    struct sqlite *sqlite = table->state;
    if (!sqlite)
        return;
    for (int64_t i = 0; i < sqlite->sampled * sqlite->columns; i++)
        sqlite3_value_free(sqlite->sample[i]);
    free(sqlite->sample);
    free(sqlite->wanted);
    weir_rows_release(&sqlite->rows);
    sqlite3_finalize(sqlite->statement);
    sqlite3_close(sqlite->database);
    free(sqlite);
}
