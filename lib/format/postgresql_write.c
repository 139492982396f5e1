/* Writing PostgreSQL: rows become a table by COPY ... FROM STDIN in one transaction, or nothing is changed. The text
 * form of COPY is read by the server with each column's own input function, so that a table that is there may have
 * columns of any type. */
#include "base/number.h"
#include "format/postgresql_private.h"
#include "format/sqlite_private.h"
#include <stdlib.h>
#include <string.h>

enum { GATHERED = 1 << 18, NAME_LIMIT = 63 };

struct writer {
    struct weir_postgresql database;
    struct weir_buffer relation, text, scratch, item;
    bool *arrays; /* [schema.count]: the table's column is an array */
    int64_t rows;
};

static const struct weir_type *plain(const struct weir_type *type)
{
    return type->kind == WEIR_DICTIONARY ? &type->children[0].type : type;
}

/* A list whose items are no lists or structs: an array. */
static bool is_array(const struct weir_type *type)
{
    return (type->kind == WEIR_LIST || type->kind == WEIR_FIXED_LIST) &&
           plain(&type->children[0].type)->child_count == 0 && type->children[0].type.kind != WEIR_NULL;
}

static const char *declaration(const struct weir_type *type)
{
    type = plain(type);
    switch (type->kind) {
    case WEIR_BOOL:
        return "boolean";
    case WEIR_INT8:
    case WEIR_UINT8:
    case WEIR_INT16:
        return "smallint";
    case WEIR_UINT16:
    case WEIR_INT32:
        return "integer";
    case WEIR_UINT32:
    case WEIR_INT64:
    case WEIR_DURATION:
        return "bigint";
    case WEIR_UINT64:
        return "numeric(20)";
    case WEIR_FLOAT16:
    case WEIR_FLOAT32:
        return "real";
    case WEIR_FLOAT64:
        return "double precision";
    case WEIR_DATE32:
    case WEIR_DATE64:
        return "date";
    case WEIR_TIME32:
    case WEIR_TIME64:
        return "time";
    case WEIR_TIMESTAMP:
        return type->zone ? "timestamptz" : "timestamp";
    case WEIR_BINARY:
        return "bytea";
    case WEIR_LIST:
    case WEIR_FIXED_LIST:
    case WEIR_STRUCT:
        return "json";
    default:
        return "text";
    }
}

static int complain(const char *format, const char *name, struct weir_error *error)
{
    struct weir_buffer shown = { 0 };
    weir_buffer_escaped(&shown, name, strlen(name));
    int code = shown.failed ? weir_fail_memory(error) : weir_fail(error, WEIR_CANNOT_CREATE, format, shown.bytes);
    weir_buffer_release(&shown);
    return code;
}

static int execute(struct writer *writer, struct weir_buffer *sql, struct weir_error *error)
{
    int code = weir_buffer_check(sql, error) ? -1 : weir_postgresql_execute(&writer->database, sql->bytes, error);
    weir_buffer_clear(sql);
    return code;
}

/* Makes the table, or empties it, as was asked. */
static int make_table(struct weir_table_out *out, struct weir_buffer *sql, struct weir_error *error)
{
    struct writer *writer = out->state;
    const struct weir_libpq *pq = &writer->database.pq;
    const char *const values[] = { writer->relation.bytes };
    PGresult *result =
        weir_postgresql_ask(&writer->database, "select pg_catalog.to_regclass($1)", 1, values, PGRES_TUPLES_OK, error);
    if (!result)
        return -1;
    bool there = !pq->getisnull(result, 0, 0);
    pq->clear(result);
    if (there && out->existing == WEIR_EXISTING_ERROR)
        return complain("the table '%s' is there already; --append adds to it, --replace empties it first",
                        out->relation, error);
    if (there && out->existing == WEIR_EXISTING_REPLACE) {
        weir_buffer_string(sql, "delete from ");
        weir_buffer_string(sql, writer->relation.bytes);
        return execute(writer, sql, error);
    }
    if (there)
        return 0;
    weir_buffer_string(sql, "create table ");
    weir_buffer_string(sql, writer->relation.bytes);
    for (int i = 0; i < out->schema.count; i++) {
        const struct weir_field *field = &out->schema.fields[i];
        bool array = is_array(&field->type);
        weir_buffer_string(sql, i ? ", " : " (");
        weir_sql_quote(sql, field->name);
        weir_buffer_byte(sql, ' ');
        weir_buffer_string(sql, declaration(array ? &field->type.children[0].type : &field->type));
        weir_buffer_string(sql, array ? "[]" : "");
    }
    weir_buffer_byte(sql, ')');
    return execute(writer, sql, error);
}

/* Which of the table's columns are arrays, and that all of ours are there. */
static int find_columns(struct weir_table_out *out, struct weir_error *error)
{
    struct writer *writer = out->state;
    const struct weir_libpq *pq = &writer->database.pq;
    const char *const values[] = { writer->relation.bytes };
    int count = out->schema.count, code = 0;
    struct weir_schema_index index;
    writer->arrays = weir_allocate_zero((size_t)count, sizeof *writer->arrays);
    bool *found = weir_allocate_zero((size_t)count, sizeof *found);
    if (!writer->arrays || !found || weir_schema_index_init(&index, &out->schema)) {
        free(found);
        return weir_fail_memory(error);
    }
    PGresult *result = weir_postgresql_ask(
        &writer->database,
        "select a.attname, t.typcategory = 'A' from pg_catalog.pg_attribute a join pg_catalog.pg_type t on "
        "t.oid = a.atttypid where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped",
        1, values, PGRES_TUPLES_OK, error);
    code = result ? 0 : -1;
    for (int row = 0; code == 0 && row < pq->ntuples(result); row++) {
        int column = weir_schema_index_find(&index, pq->getvalue(result, row, 0));
        if (column < 0)
            continue;
        found[column] = true;
        writer->arrays[column] = pq->getvalue(result, row, 1)[0] == 't';
    }
    for (int i = 0; i < count && code == 0; i++)
        if (!found[i])
            code = complain("the table has no column '%s'; `pick` leaves columns out and renames them",
                            out->schema.fields[i].name, error);
    pq->clear(result);
    weir_schema_index_release(&index);
    free(found);
    return code;
}

static int start_copy(struct weir_table_out *out, struct weir_buffer *sql, struct weir_error *error)
{
    struct writer *writer = out->state;
    weir_buffer_string(sql, "copy ");
    weir_buffer_string(sql, writer->relation.bytes);
    for (int i = 0; i < out->schema.count; i++) {
        weir_buffer_string(sql, i ? ", " : " (");
        weir_sql_quote(sql, out->schema.fields[i].name);
    }
    weir_buffer_string(sql, ") from stdin");
    if (weir_buffer_check(sql, error))
        return -1;
    PGresult *result = weir_postgresql_ask(&writer->database, sql->bytes, 0, NULL, PGRES_COPY_IN, error);
    writer->database.pq.clear(result);
    return result ? 0 : -1;
}

int weir_postgresql_create(struct weir_table_out *out, struct weir_error *error)
{
    struct writer *writer = out->state = weir_allocate_zero(1, sizeof *writer);
    struct weir_buffer sql = { 0 };
    if (!writer)
        return weir_fail_memory(error);
    if (out->schema.count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "a stream of no columns makes no table");
    for (int i = 0; i < out->schema.count; i++)
        if (strlen(out->schema.fields[i].name) > NAME_LIMIT)
            return complain("the column's name '%s' is too long: PostgreSQL cuts names after 63 bytes",
                            out->schema.fields[i].name, error);
    writer->database.no_values = out->no_values;
    weir_postgresql_relation(&writer->relation, out->relation);
    if (weir_buffer_check(&writer->relation, error) ||
        weir_postgresql_open(&writer->database, out->target, WEIR_CANNOT_CREATE, error) ||
        weir_postgresql_execute(&writer->database, "begin", error))
        return -1;
    int code = make_table(out, &sql, error);
    if (code == 0)
        code = find_columns(out, error);
    if (code == 0)
        code = start_copy(out, &sql, error);
    weir_buffer_release(&sql);
    return code;
}

/* Text of COPY: a backslash in front of what would end a field or a row. */
static void append_escaped(struct weir_buffer *out, const char *text, size_t length)
{
    const char *end = text + length;
    for (const char *p = text; p < end; p++) {
        char letter = *p == '\\' ? '\\' : *p == '\n' ? 'n' : *p == '\r' ? 'r' : *p == '\t' ? 't' : 0;
        if (!letter)
            continue;
        weir_buffer_append(out, text, (size_t)(p - text));
        weir_buffer_byte(out, '\\');
        weir_buffer_byte(out, (uint8_t)letter);
        text = p + 1;
    }
    weir_buffer_append(out, text, (size_t)(end - text));
}

/* One value as the server's input function reads it, not yet escaped for COPY. */
static void append_text(struct weir_buffer *out, const struct weir_column *column, const struct weir_type *type,
                        int64_t row)
{
    if (type->kind == WEIR_BINARY)
        weir_buffer_string(out, "\\x");
    weir_value_text(column, type, row, out);
}

/* {1,NULL,"a\"b"}, of the list's items. */
static void append_array(struct writer *writer, const struct weir_column *column, const struct weir_type *type,
                         int64_t row)
{
    struct weir_buffer *out = &writer->scratch, *item = &writer->item;
    const struct weir_column *items = &column->children[0];
    const struct weir_type *item_type = &type->children[0].type;
    int64_t first = row * type->list_size, last = first + type->list_size;
    if (type->kind == WEIR_LIST) {
        first = weir_offsets(column)[row];
        last = weir_offsets(column)[row + 1];
    }
    weir_buffer_byte(out, '{');
    for (int64_t i = first; i < last; i++) {
        weir_buffer_string(out, i > first ? "," : "");
        if (!weir_valid(items, i)) {
            weir_buffer_string(out, "NULL");
            continue;
        }
        weir_buffer_clear(item);
        append_text(item, items, item_type, i);
        out->failed |= item->failed;
        weir_buffer_byte(out, '"');
        for (size_t j = 0; j < item->size; j++) {
            if (item->bytes[j] == '"' || item->bytes[j] == '\\')
                weir_buffer_byte(out, '\\');
            weir_buffer_byte(out, (uint8_t)item->bytes[j]);
        }
        weir_buffer_byte(out, '"');
    }
    weir_buffer_byte(out, '}');
}

static void append_value(struct writer *writer, const struct weir_column *column, const struct weir_type *type,
                         int64_t row, bool array)
{
    struct weir_buffer *out = &writer->text;
    size_t length;
    if (type->kind == WEIR_DICTIONARY && weir_valid(column, row)) {
        append_value(writer, &column->children[0], &type->children[0].type, weir_codes(column)[row], array);
        return;
    }
    if (type->kind == WEIR_NULL || !weir_valid(column, row)) {
        weir_buffer_string(out, "\\N");
        return;
    }
    if (weir_buffer_reserve(out, WEIR_NUMBER_SIZE))
        return;
    char *at = out->bytes + out->size;
    switch (type->kind) {
    case WEIR_INT64:
        out->size += weir_format_int64(((const int64_t *)(const void *)column->values.bytes)[row], at);
        break;
    case WEIR_FLOAT64:
        out->size += weir_format_double(((const double *)(const void *)column->values.bytes)[row], at);
        break;
    case WEIR_UTF8: {
        const char *text = weir_text(column, row, &length);
        append_escaped(out, text, length);
        break;
    }
    default:
        weir_buffer_clear(&writer->scratch);
        if (array && is_array(type))
            append_array(writer, column, type, row);
        else
            append_text(&writer->scratch, column, type, row);
        out->failed |= writer->scratch.failed;
        append_escaped(out, writer->scratch.bytes ? writer->scratch.bytes : "", writer->scratch.size);
    }
}

static int send(struct writer *writer, struct weir_error *error)
{
    const struct weir_libpq *pq = &writer->database.pq;
    if (weir_buffer_check(&writer->text, error))
        return -1;
    if (pq->putCopyData(writer->database.connection, writer->text.bytes ? writer->text.bytes : "",
                        (int)writer->text.size) != 1) {
        /* What the server said before it went is better than that it went. */
        PGresult *result = pq->getResult(writer->database.connection);
        int code = weir_postgresql_fail(&writer->database, result, error);
        pq->clear(result);
        return code;
    }
    weir_buffer_clear(&writer->text);
    return 0;
}

/* Why the server would keep another value than this, which it is told as text; NULL: it would not. */
static const char *why_not_kept(const struct weir_type *type, int64_t value)
{
    enum { FIRST_DAY = -719162, LAST_DAY = 2932896 }; /* 0001-01-01 and 9999-12-31: others are written as numbers */
    static const int64_t ticks_in_second[] = { 1, 1000, 1000000, 1000000000 };
    bool moment = type->kind == WEIR_TIMESTAMP;
    if ((moment || type->kind == WEIR_TIME64) && type->unit == WEIR_NANO && value % 1000)
        return "column '%s' has nanoseconds, and PostgreSQL keeps microseconds";
    int64_t day = type->kind == WEIR_DATE32   ? 1
                  : type->kind == WEIR_DATE64 ? 86400000
                  : moment                    ? 86400 * ticks_in_second[type->unit]
                                              : 0;
    if (day == 0)
        return NULL;
    int64_t days = value / day - (value % day < 0);
    return days < FIRST_DAY || days > LAST_DAY ? "column '%s' has a date that is not of the years 1 to 9999" : NULL;
}

/* The same of all values, or of the items that they are arrays of. */
static const char *find_not_kept(const struct weir_column *column, const struct weir_type *type, int64_t first,
                                 int64_t rows)
{
    if (is_array(type)) {
        int64_t begin = first * type->list_size, end = (first + rows) * type->list_size;
        if (type->kind == WEIR_LIST) {
            begin = weir_offsets(column)[first];
            end = weir_offsets(column)[first + rows];
        }
        return find_not_kept(&column->children[0], &type->children[0].type, begin, end - begin);
    }
    const struct weir_type *of_values = plain(type);
    if (of_values->kind != WEIR_DATE32 && of_values->kind != WEIR_DATE64 && of_values->kind != WEIR_TIMESTAMP &&
        of_values->kind != WEIR_TIME64)
        return NULL;
    const struct weir_column *values = type == of_values ? column : &column->children[0];
    const char *why = NULL;
    for (int64_t row = first; row < first + rows && !why; row++) {
        if (!weir_valid(column, row))
            continue;
        int64_t at = type == of_values ? row : weir_codes(column)[row];
        if (weir_valid(values, at))
            why = why_not_kept(of_values, weir_integer(values, of_values->kind, at));
    }
    return why;
}

static int check_kept(const struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error)
{
    for (int i = 0; i < batch->count; i++) {
        const struct weir_field *field = &out->schema.fields[i];
        const char *why = find_not_kept(&batch->columns[i], &field->type, 0, batch->rows);
        if (why)
            return complain(why, field->name, error);
    }
    return 0;
}

int weir_postgresql_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error)
{
    struct writer *writer = out->state;
    if (check_kept(out, batch, error))
        return -1;
    for (int64_t row = 0; row < batch->rows; row++) {
        for (int i = 0; i < batch->count; i++) {
            if (i)
                weir_buffer_byte(&writer->text, '\t');
            append_value(writer, &batch->columns[i], &out->schema.fields[i].type, row, writer->arrays[i]);
        }
        weir_buffer_byte(&writer->text, '\n');
        if ((writer->text.size >= GATHERED || writer->text.failed) && send(writer, error))
            return -1;
    }
    writer->rows += batch->rows;
    return 0;
}

int weir_postgresql_finish(struct weir_table_out *out, struct weir_error *error)
{
    struct writer *writer = out->state;
    const struct weir_libpq *pq = &writer->database.pq;
    if (send(writer, error))
        return -1;
    if (pq->putCopyEnd(writer->database.connection, NULL) != 1)
        return weir_postgresql_fail(&writer->database, NULL, error);
    PGresult *result = pq->getResult(writer->database.connection);
    int code =
        pq->resultStatus(result) == PGRES_COMMAND_OK ? 0 : weir_postgresql_fail(&writer->database, result, error);
    pq->clear(result);
    while ((result = pq->getResult(writer->database.connection))) /* until the command is over */
        pq->clear(result);
    return code;
}

int weir_postgresql_commit(struct weir_table_out *out, struct weir_error *error)
{
    struct writer *writer = out->state;
    struct weir_postgresql *database = &writer->database;
    PGresult *result = weir_postgresql_ask(database, "commit", 0, NULL, PGRES_COMMAND_OK, error);
    bool kept = result && strcmp(database->pq.cmdStatus(result), "COMMIT") == 0;
    database->pq.clear(result);
    if (!result && database->pq.status(database->connection) != CONNECTION_OK)
        return weir_fail_in(error, "the connection broke at the end, and whether the rows are there is not known");
    if (result && !kept)
        return weir_fail(error, WEIR_BUG, "postgresql: the server rolled back what was to be kept");
    return kept ? 0 : -1;
}

void weir_postgresql_destroy(struct weir_table_out *out)
{
    struct writer *writer = out->state;
    if (!writer)
        return;
    weir_postgresql_close(&writer->database); /* upon which the server forgets what was not committed */
    weir_buffer_release(&writer->relation);
    weir_buffer_release(&writer->text);
    weir_buffer_release(&writer->scratch);
    weir_buffer_release(&writer->item);
    free(writer->arrays);
    free(writer);
    out->state = NULL;
}
