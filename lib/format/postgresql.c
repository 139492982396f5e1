/* PostgreSQL: what reading and writing share, and libpq, which is opened only here. */
#include "base/library.h"
#include "base/number.h"
#include "format/postgresql_private.h"
#include "format/sqlite_private.h"
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int open_library(struct weir_libpq *pq, struct weir_error *error)
{
    void *library = weir_library_open("libpq.so.5");
    if (!library && errno == ENOMEM)
        return weir_fail_memory(error);
    if (!library)
        return weir_fail(error, WEIR_NO_INPUT,
                         "PostgreSQL takes its library libpq.so.5, which is not there: apt-get install libpq5");
    bool all = true;
#define FIND(name)                                                                                                     \
    {                                                                                                                  \
        void *found = dlsym(library, "PQ" #name);                                                                      \
        memcpy(&pq->name, &found, sizeof found);                                                                       \
        all &= found != NULL;                                                                                          \
    }
    WEIR_LIBPQ(FIND)
#undef FIND
    return all ? 0 : weir_fail(error, WEIR_NO_INPUT, "the library libpq.so.5 lacks a function: it is too old");
}

static void ignore_notice(void *context, const char *message)
{
    (void)context, (void)message;
}

/* What the address says, without following it. libpq's own words about it are not passed on: they quote it. */
static int check_address(const struct weir_libpq *pq, const char *address, struct weir_error *error)
{
    char *message = NULL;
    PQconninfoOption *options = pq->conninfoParse(address, &message);
    pq->freemem(message);
    if (!options)
        return weir_fail(error, WEIR_USAGE,
                         "the address is none of PostgreSQL's: postgresql://[user@][host][:port]/database[?...]");
    int code = 0;
    for (const PQconninfoOption *option = options; option->keyword && code == 0; option++)
        if (option->val && *option->val && strstr(option->keyword, "password"))
            code = weir_fail(error, WEIR_USAGE,
                             "a password in an address is seen by all who can list processes: put it into the file "
                             "~/.pgpass, or into PGPASSWORD, and leave it out");
    pq->conninfoFree(options);
    return code;
}

int weir_postgresql_open(struct weir_postgresql *database, const char *address, enum weir_status unreachable,
                         struct weir_error *error)
{
    struct weir_libpq *pq = &database->pq;
    const char *const names[] = { "dbname", "fallback_application_name", "client_encoding", NULL };
    const char *const values[] = { address, "weir", "UTF8", NULL };
    if (open_library(pq, error) || check_address(pq, address, error))
        return -1;
    database->connection = pq->connectdbParams(names, values, 1);
    if (!database->connection)
        return weir_fail_memory(error);
    pq->setNoticeProcessor(database->connection, ignore_notice, NULL);
    if (pq->status(database->connection) != CONNECTION_OK) {
        bool password = pq->connectionNeedsPassword(database->connection);
        if (password)
            weir_fail(error, unreachable,
                      "postgresql: the server wants a password: put it into the file ~/.pgpass, or into PGPASSWORD");
        else
            weir_postgresql_fail(database, NULL, error);
        if (error && error->status != WEIR_NO_MEMORY)
            error->status = unreachable;
        return -1;
    }
    return weir_postgresql_execute(database, "set timezone = 'UTC'", error);
}

void weir_postgresql_close(struct weir_postgresql *database)
{
    if (database->connection)
        database->pq.finish(database->connection);
    database->connection = NULL;
}

/* By the first two characters of SQLSTATE; the server may also be gone, and then there is none. */
static enum weir_status status_of(const char *state)
{
    static const struct {
        const char *class;
        enum weir_status status;
    } classes[] = {
        { "22", WEIR_BAD_DATA }, { "23", WEIR_BAD_DATA }, { "25", WEIR_USAGE },     { "40", WEIR_TRY_AGAIN },
        { "42", WEIR_USAGE },    { "0A", WEIR_USAGE },    { "55", WEIR_TRY_AGAIN },
    };
    for (size_t i = 0; state && i < sizeof classes / sizeof *classes; i++)
        if (strncmp(state, classes[i].class, 2) == 0)
            return classes[i].status;
    return WEIR_IO;
}

/* The row that COPY was at: "COPY t, line 3, column a: ..." */
static void append_row(struct weir_buffer *text, const char *context)
{
    static const char word[] = ", line ";
    const char *line = context && strncmp(context, "COPY ", 5) == 0 ? strstr(context, word) : NULL;
    if (!line)
        return;
    line += sizeof word - 1;
    size_t digits = strspn(line, "0123456789");
    weir_buffer_string(text, "row ");
    weir_buffer_append(text, line, digits);
    weir_buffer_string(text, ": ");
}

/* What libpq says in several lines, as one. */
static void append_line(struct weir_buffer *text, const char *said)
{
    static const char blanks[] = " \t\r\n";
    const char *before = "";
    for (said += strspn(said, blanks); *said; said += strspn(said, blanks)) {
        size_t length = strcspn(said, blanks);
        weir_buffer_string(text, before);
        weir_buffer_escaped(text, said, length);
        before = " ";
        said += length;
    }
}

int weir_postgresql_fail(struct weir_postgresql *database, const PGresult *result, struct weir_error *error)
{
    const struct weir_libpq *pq = &database->pq;
    const char *said = result ? pq->resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *state = result ? pq->resultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    enum weir_status status = status_of(state);
    struct weir_buffer text = { 0 };
    weir_buffer_string(&text, "postgresql: ");
    if (database->rows)
        weir_buffer_format(&text, "after row %" PRId64 ": ", database->rows);
    if (result)
        append_row(&text, pq->resultErrorField(result, PG_DIAG_CONTEXT));
    if (said && database->no_values && status == WEIR_BAD_DATA) {
        weir_buffer_format(&text, "the server refuses a value (SQLSTATE %s)", state);
    } else {
        if (!said)
            said = pq->errorMessage(database->connection);
        append_line(&text, said);
    }
    int code = text.failed ? weir_fail_memory(error) : weir_fail(error, status, "%s", text.bytes);
    weir_buffer_release(&text);
    return code;
}

PGresult *weir_postgresql_ask(struct weir_postgresql *database, const char *sql, int count, const char *const *values,
                              ExecStatusType wanted, struct weir_error *error)
{
    const struct weir_libpq *pq = &database->pq;
    PGresult *result = pq->execParams(database->connection, sql, count, NULL, values, NULL, NULL, 0);
    if (pq->resultStatus(result) == wanted)
        return result;
    weir_postgresql_fail(database, result, error);
    pq->clear(result);
    return NULL;
}

int weir_postgresql_execute(struct weir_postgresql *database, const char *sql, struct weir_error *error)
{
    PGresult *result = weir_postgresql_ask(database, sql, 0, NULL, PGRES_COMMAND_OK, error);
    database->pq.clear(result);
    return result ? 0 : -1;
}

void weir_postgresql_relation(struct weir_buffer *out, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot) {
        struct weir_buffer schema = { 0 };
        weir_buffer_append(&schema, name, (size_t)(dot - name));
        weir_buffer_byte(&schema, 0);
        if (schema.failed)
            out->failed = true;
        else
            weir_sql_quote(out, schema.bytes);
        weir_buffer_release(&schema);
        weir_buffer_byte(out, '.');
        name = dot + 1;
    }
    weir_sql_quote(out, name);
}

static const char *const schemes[] = { "postgresql://", "postgres://", NULL };

const struct weir_format weir_format_postgresql = {
    .name = "postgresql",
    .schemes = schemes,
    .open = weir_postgresql_read_open,
    .start = weir_postgresql_read_start,
    .next = weir_postgresql_read_next,
    .close = weir_postgresql_read_close,
    .create = weir_postgresql_create,
    .write = weir_postgresql_write,
    .finish = weir_postgresql_finish,
    .commit = weir_postgresql_commit,
    .destroy = weir_postgresql_destroy,
};
