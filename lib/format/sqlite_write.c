/* Writing SQLite: rows become a table in one transaction, or nothing is changed. */
#include "base/descriptor.h"
#include "base/number.h"
#include "format/sqlite_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sqlite_out {
    sqlite3 *database;
    sqlite3_stmt *insert;
    bool created; /* the file, by us: it goes when nothing comes of it */
    bool committed;
    int64_t rows;
    struct weir_buffer scratch;
};

/* Affinities that keep the value, by names under which `load` knows the type again. */
static const char *declaration(const struct weir_type *type)
{
    if (type->kind == WEIR_DICTIONARY)
        type = &type->children[0].type;
    switch (type->kind) {
    case WEIR_BOOL:
        return "BOOLEAN";
    case WEIR_FLOAT16:
    case WEIR_FLOAT32:
    case WEIR_FLOAT64:
        return "REAL";
    case WEIR_DATE32:
    case WEIR_DATE64:
        return "DATE";
    case WEIR_TIMESTAMP:
        return "TIMESTAMP";
    case WEIR_BINARY:
        return "BLOB";
    default:
        return weir_kind_is_integer(type->kind) || type->kind == WEIR_DURATION ? "INTEGER" : "TEXT";
    }
}

static bool exists(struct weir_table_out *out, bool *there, struct weir_error *error)
{
    struct sqlite_out *sqlite = out->state;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite->database,
                                  "select 1 from sqlite_schema where type in ('table', 'view') "
                                  "and name = ?1 collate nocase",
                                  -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(statement, 1, out->relation, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    *there = code == SQLITE_ROW;
    bool right = code == SQLITE_ROW || code == SQLITE_DONE;
    if (!right)
        weir_sqlite_fail(sqlite->database, out->target, error);
    sqlite3_finalize(statement);
    return right;
}

static void append_create(const struct weir_table_out *out, struct weir_buffer *sql)
{
    weir_buffer_string(sql, "create table ");
    weir_sql_quote(sql, out->relation);
    for (int i = 0; i < out->schema.count; i++) {
        weir_buffer_string(sql, i ? ", " : " (");
        weir_sql_quote(sql, out->schema.fields[i].name);
        weir_buffer_byte(sql, ' ');
        weir_buffer_string(sql, declaration(&out->schema.fields[i].type));
    }
    weir_buffer_byte(sql, ')');
}

static void append_insert(const struct weir_table_out *out, struct weir_buffer *sql)
{
    weir_buffer_string(sql, "insert into ");
    weir_sql_quote(sql, out->relation);
    for (int i = 0; i < out->schema.count; i++) {
        weir_buffer_string(sql, i ? ", " : " (");
        weir_sql_quote(sql, out->schema.fields[i].name);
    }
    for (int i = 0; i < out->schema.count; i++)
        weir_buffer_string(sql, i ? ", ?" : ") values (?");
    weir_buffer_byte(sql, ')');
}

/* Makes the table, or clears it, as was asked. */
static int begin(struct weir_table_out *out, struct weir_buffer *sql, struct weir_error *error)
{
    struct sqlite_out *sqlite = out->state;
    bool there;
    if (weir_sqlite_execute(sqlite->database, out->target, "begin immediate", error) || !exists(out, &there, error))
        return -1;
    if (there && out->existing == WEIR_EXISTING_ERROR) {
        struct weir_buffer name = { 0 };
        weir_buffer_escaped(&name, out->relation, strlen(out->relation));
        int code = name.failed ? weir_fail_memory(error)
                               : weir_fail(error, WEIR_CANNOT_CREATE,
                                           "the table '%s' is there already; --append adds to it, --replace empties it "
                                           "first",
                                           name.bytes);
        weir_buffer_release(&name);
        return code;
    }
    if (!there)
        append_create(out, sql);
    else if (out->existing == WEIR_EXISTING_REPLACE) {
        weir_buffer_string(sql, "delete from ");
        weir_sql_quote(sql, out->relation);
    } else
        return 0;
    return weir_buffer_check(sql, error) ? -1 : weir_sqlite_execute(sqlite->database, out->target, sql->bytes, error);
}

int weir_sqlite_create(struct weir_table_out *out, struct weir_error *error)
{
    struct sqlite_out *sqlite = out->state = weir_allocate_zero(1, sizeof *sqlite);
    const char *file = out->target + strlen(WEIR_SQLITE_SCHEME);
    struct weir_buffer sql = { 0 };
    if (!sqlite)
        return weir_fail_memory(error);
    if (out->schema.count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "a stream of no columns makes no table");
    if (*file) {
        int descriptor = weir_open_at(AT_FDCWD, file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
        sqlite->created = descriptor >= 0;
        if (descriptor >= 0)
            close(descriptor);
        else if (errno != EEXIST)
            return weir_fail_errno(error, WEIR_CANNOT_CREATE, "cannot write '%s'", file);
    }
    if (weir_sqlite_open(&sqlite->database, out->target, SQLITE_OPEN_READWRITE, error))
        return -1;
    int code = begin(out, &sql, error);
    weir_buffer_clear(&sql);
    append_insert(out, &sql);
    if (code == 0)
        code = weir_buffer_check(&sql, error);
    if (code == 0 && sqlite3_prepare_v2(sqlite->database, sql.bytes, -1, &sqlite->insert, NULL))
        code = weir_sqlite_fail(sqlite->database, out->target, error);
    weir_buffer_release(&sql);
    return code;
}

/* A value that SQLite does not hold. */
static int refuse(const struct weir_table_out *out, int column, const char *what, struct weir_error *error)
{
    const struct sqlite_out *sqlite = out->state;
    struct weir_buffer name = { 0 };
    weir_buffer_escaped(&name, out->schema.fields[column].name, strlen(out->schema.fields[column].name));
    int code = name.failed ? weir_fail_memory(error)
                           : weir_fail(error, WEIR_BAD_DATA, "column '%s' %s in row %lld", name.bytes, what,
                                       (long long)sqlite->rows + 1);
    weir_buffer_release(&name);
    return code;
}

static int bind(struct weir_table_out *out, int at, const struct weir_column *column, const struct weir_type *type,
                int64_t row, struct weir_error *error)
{
    struct sqlite_out *sqlite = out->state;
    sqlite3_stmt *insert = sqlite->insert;
    const char *text;
    size_t length;
    int code;
    if (type->kind == WEIR_DICTIONARY && weir_valid(column, row))
        return bind(out, at, &column->children[0], &type->children[0].type, weir_codes(column)[row], error);
    if (type->kind == WEIR_NULL || !weir_valid(column, row))
        code = sqlite3_bind_null(insert, at + 1);
    else if (type->kind == WEIR_UTF8 || type->kind == WEIR_BINARY) {
        text = weir_text(column, row, &length);
        code = type->kind == WEIR_UTF8 ? sqlite3_bind_text64(insert, at + 1, text, length, SQLITE_STATIC, SQLITE_UTF8)
                                       : sqlite3_bind_blob64(insert, at + 1, text, length, SQLITE_STATIC);
    } else if (weir_kind_is_float(type->kind)) {
        double number = weir_number(column, type->kind, row);
        if (__builtin_isnan(number))
            return refuse(out, at, "is NaN, which SQLite does not hold,", error);
        code = sqlite3_bind_double(insert, at + 1, number);
    } else if (type->kind == WEIR_BOOL) {
        code = sqlite3_bind_int(insert, at + 1, weir_bit(column->values.bytes, row));
    } else if (type->kind == WEIR_INT64) {
        code = sqlite3_bind_int64(insert, at + 1, ((const int64_t *)(const void *)column->values.bytes)[row]);
    } else {
        int64_t integer;
        weir_buffer_clear(&sqlite->scratch);
        weir_value_text(column, type, row, &sqlite->scratch);
        text = sqlite->scratch.bytes ? sqlite->scratch.bytes : "";
        length = sqlite->scratch.size;
        if (weir_buffer_check(&sqlite->scratch, error))
            return -1;
        if (!weir_kind_is_integer(type->kind) && type->kind != WEIR_DURATION)
            code = sqlite3_bind_text64(insert, at + 1, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
        else if (weir_parse_int64(text, length, &integer))
            code = sqlite3_bind_int64(insert, at + 1, integer);
        else
            return refuse(out, at, "is larger than SQLite's integers", error);
    }
    return code ? weir_sqlite_fail(sqlite->database, out->target, error) : 0;
}

int weir_sqlite_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error)
{
    struct sqlite_out *sqlite = out->state;
    for (int64_t row = 0; row < batch->rows; row++) {
        for (int i = 0; i < batch->count; i++)
            if (bind(out, i, &batch->columns[i], &out->schema.fields[i].type, row, error))
                return -1;
        if (sqlite3_step(sqlite->insert) != SQLITE_DONE) {
            weir_sqlite_fail(sqlite->database, out->target, error);
            return weir_fail_in(error, "row %lld", (long long)sqlite->rows + 1);
        }
        sqlite3_reset(sqlite->insert);
        sqlite->rows++;
    }
    return 0;
}

int weir_sqlite_commit(struct weir_table_out *out, struct weir_error *error)
{
    struct sqlite_out *sqlite = out->state;
    if (weir_sqlite_execute(sqlite->database, out->target, "commit", error))
        return -1;
    sqlite->committed = true;
    return 0;
}

void weir_sqlite_destroy(struct weir_table_out *out)
{
    struct sqlite_out *sqlite = out->state;
    if (!sqlite)
        return;
    sqlite3_finalize(sqlite->insert);
    sqlite3_close(sqlite->database); /* which rolls back what was not committed */
    if (sqlite->created && !sqlite->committed)
        unlink(out->target + strlen(WEIR_SQLITE_SCHEME));
    weir_buffer_release(&sqlite->scratch);
    free(sqlite);
    out->state = NULL;
}
