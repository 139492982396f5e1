/* Reading PostgreSQL: the rows of one query, by COPY (query) TO STDOUT (FORMAT binary)
 * (https://www.postgresql.org/docs/current/sql-copy.html), in a transaction that can change nothing. */
#include "format/postgresql_private.h"
#include "stream/utf8.h"
#include <stdlib.h>
#include <string.h>

struct reader {
    struct weir_postgresql database;
    struct weir_buffer query;
    struct weir_pg_copy copy;
    struct weir_rows rows;
    bool ended;
};

/* The query without the semicolons behind it, since it will stand in brackets. */
static int make_query(struct reader *reader, const struct weir_format_options *options, struct weir_error *error)
{
    weir_buffer_string(&reader->query, options->query ? options->query : "select * from ");
    if (options->relation)
        weir_postgresql_relation(&reader->query, options->relation);
    if (weir_buffer_check(&reader->query, error))
        return -1;
    while (options->query && reader->query.size && strchr("; \t\r\n", reader->query.bytes[reader->query.size - 1]))
        reader->query.bytes[--reader->query.size] = 0;
    return 0;
}

/* Enumerations, and what extensions make that is sent as text: their numbers differ from database to database. */
static int is_sent_as_text(struct weir_postgresql *database, Oid oid, bool *yes, struct weir_error *error)
{
    char number[16];
    const char *const values[] = { number };
    snprintf(number, sizeof number, "%u", oid);
    PGresult *result = weir_postgresql_ask(
        database,
        "select 1 from pg_catalog.pg_type where oid = $1::oid and typsend::oid in (select oid from pg_catalog.pg_proc "
        "where proname in ('enum_send', 'textsend', 'varcharsend', 'bpcharsend', 'namesend', 'charsend', 'xml_send'))",
        1, values, PGRES_TUPLES_OK, error);
    if (!result)
        return -1;
    *yes = database->pq.ntuples(result) > 0;
    database->pq.clear(result);
    return 0;
}

static int type_name(struct weir_postgresql *database, Oid oid, struct weir_buffer *name, struct weir_error *error)
{
    char number[16];
    const char *const values[] = { number };
    snprintf(number, sizeof number, "%u", oid);
    PGresult *result = weir_postgresql_ask(database, "select pg_catalog.format_type($1::oid, null)", 1, values,
                                           PGRES_TUPLES_OK, error);
    if (!result)
        return -1;
    const char *text = database->pq.ntuples(result) ? database->pq.getvalue(result, 0, 0) : "of no type";
    weir_buffer_escaped(name, text, strlen(text));
    database->pq.clear(result);
    return weir_buffer_check(name, error);
}

static int find_column(struct weir_table *table, int at, const char *name, Oid oid, struct weir_error *error)
{
    struct reader *reader = table->state;
    struct weir_pg_column *column = &reader->copy.columns[at];
    struct weir_type native = { 0 };
    column->type = weir_pg_type_find(oid, &column->array);
    bool text = false;
    if (!weir_is_utf8(name, strlen(name)))
        return weir_fail(error, WEIR_BAD_DATA, "postgresql: the name of column %d is not UTF-8", at + 1);
    if (!column->type && is_sent_as_text(&reader->database, oid, &text, error))
        return -1;
    if (text)
        column->type = &weir_pg_text;
    if (!column->type) {
        struct weir_buffer shown = { 0 };
        weir_buffer_escaped(&shown, name, strlen(name));
        weir_buffer_string(&shown, "' is ");
        int code = type_name(&reader->database, oid, &shown, error);
        if (code == 0)
            code =
                weir_fail(error, WEIR_BAD_DATA,
                          "postgresql: column '%s, which is not read; a cast in the query (::text) helps", shown.bytes);
        weir_buffer_release(&shown);
        return code;
    }
    struct weir_field *field = weir_schema_add(&table->schema, name, WEIR_NULL);
    if (!field || weir_pg_type_native(column->type, column->array, &native))
        return weir_fail_memory(error);
    int code = weir_builder_init(&column->native, &native) ? weir_fail_memory(error) : 0;
    if (column->type->form == WEIR_PG_NUMERIC) /* until --types or --like asks for one */
        weir_type_release(&native);
    else
        field->type = native;
    return code;
}

/* Names and types, without running the query. */
static int describe(struct weir_table *table, struct weir_error *error)
{
    struct reader *reader = table->state;
    const struct weir_libpq *pq = &reader->database.pq;
    PGconn *connection = reader->database.connection;
    PGresult *result = pq->prepare(connection, "", reader->query.bytes, 0, NULL);
    int code = 0;
    if (pq->resultStatus(result) == PGRES_COMMAND_OK) {
        pq->clear(result);
        result = pq->describePrepared(connection, "");
    }
    if (pq->resultStatus(result) != PGRES_COMMAND_OK)
        code = weir_postgresql_fail(&reader->database, result, error);
    int count = code == 0 ? pq->nfields(result) : 0;
    if (code == 0 && count == 0)
        code = weir_fail(error, WEIR_USAGE, "postgresql: the query gives no rows; a SELECT is wanted");
    if (code == 0) {
        reader->copy.columns = weir_allocate_zero((size_t)count, sizeof *reader->copy.columns);
        reader->copy.count = reader->copy.columns ? count : 0;
        code = reader->copy.columns ? 0 : weir_fail_memory(error);
    }
    for (int i = 0; i < count && code == 0; i++)
        code = find_column(table, i, pq->fname(result, i), pq->ftype(result, i), error);
    pq->clear(result);
    return code;
}

static int check_numeric(const struct weir_table *table, struct weir_error *error)
{
    for (int i = 0; i < table->schema.count; i++) {
        const struct weir_field *field = &table->schema.fields[i];
        if (field->type.kind != WEIR_NULL)
            continue;
        struct weir_buffer name = { 0 };
        weir_buffer_escaped(&name, field->name, strlen(field->name));
        int code = name.failed ? weir_fail_memory(error)
                               : weir_fail(error, WEIR_BAD_DATA,
                                           "postgresql: column '%s' is numeric, which can have more digits than a "
                                           "float64; --types %s=float64 rounds it, utf8 keeps it",
                                           name.bytes, name.bytes);
        weir_buffer_release(&name);
        return code;
    }
    return 0;
}

int weir_postgresql_read_open(struct weir_table *table, struct weir_error *error)
{
    struct reader *reader = table->state = weir_allocate_zero(1, sizeof *reader);
    if (!reader)
        return weir_fail_memory(error);
    reader->database.no_values = table->options->no_values;
    if (make_query(reader, table->options, error) ||
        weir_postgresql_open(&reader->database, table->source, WEIR_NO_INPUT, error) ||
        weir_postgresql_execute(&reader->database, "begin read only", error) || describe(table, error) ||
        weir_rows_settle(table, error))
        return -1;
    return check_numeric(table, error);
}

int weir_postgresql_read_start(struct weir_table *table, const int *wanted, struct weir_error *error)
{
    struct reader *reader = table->state;
    if (weir_rows_init(&reader->rows, table, error))
        return -1;
    weir_pg_copy_start(&reader->copy, &reader->rows, wanted);
    struct weir_buffer sql = { 0 };
    weir_buffer_string(&sql, "copy (");
    weir_buffer_append(&sql, reader->query.bytes, reader->query.size);
    weir_buffer_string(&sql, "\n) to stdout (format binary)"); /* a comment may end the query */
    PGresult *result = weir_buffer_check(&sql, error)
                           ? NULL
                           : weir_postgresql_ask(&reader->database, sql.bytes, 0, NULL, PGRES_COPY_OUT, error);
    weir_buffer_release(&sql);
    reader->database.pq.clear(result);
    return result ? 0 : -1;
}

/* All rows have come, and the server must say so too. */
static int end(struct reader *reader, struct weir_error *error)
{
    const struct weir_libpq *pq = &reader->database.pq;
    PGresult *result = pq->getResult(reader->database.connection);
    int code = 0;
    if (pq->resultStatus(result) != PGRES_COMMAND_OK)
        code = weir_postgresql_fail(&reader->database, result, error);
    else if (!reader->copy.ended)
        code = weir_fail(error, WEIR_BAD_DATA, "postgresql: what the server sent is cut");
    pq->clear(result);
    reader->ended = true;
    return code;
}

int weir_postgresql_read_next(struct weir_table *table, struct weir_batch *batch, struct weir_error *error)
{
    struct reader *reader = table->state;
    const struct weir_libpq *pq = &reader->database.pq;
    while (!reader->ended && !weir_rows_full(&reader->rows)) {
        char *bytes = NULL;
        reader->database.rows = table->rows_read + reader->rows.rows;
        int size = pq->getCopyData(reader->database.connection, &bytes, 0);
        int code = size > 0     ? weir_pg_copy_message(&reader->copy, &reader->rows, bytes, (size_t)size, error)
                   : size == -1 ? end(reader, error)
                                : weir_postgresql_fail(&reader->database, NULL, error);
        pq->freemem(bytes);
        if (code)
            return -1;
    }
    return weir_rows_finish(&reader->rows, batch, error);
}

void weir_postgresql_read_close(struct weir_table *table)
{
    struct reader *reader = table->state;
    if (!reader)
        return;
    weir_postgresql_close(&reader->database);
    weir_rows_release(&reader->rows);
    weir_pg_copy_release(&reader->copy);
    weir_buffer_release(&reader->query);
    free(reader);
}
