/* SQLite: what reading and writing share. A file comes from anyone: its schema is not trusted, and nothing in it may
 * call for more than a record's bytes, another file or an extension. */
#include "format/sqlite_private.h"
#include <inttypes.h>
#include <string.h>

void weir_sql_quote(struct weir_buffer *out, const char *name)
{
    weir_buffer_byte(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            weir_buffer_byte(out, '"');
        weir_buffer_byte(out, (uint8_t)*name);
    }
    weir_buffer_byte(out, '"');
}

static enum weir_status status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return WEIR_TRY_AGAIN;
    case SQLITE_NOMEM:
        return WEIR_NO_MEMORY;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return WEIR_NO_INPUT;
    case SQLITE_READONLY:
        return WEIR_CANNOT_CREATE;
    case SQLITE_IOERR:
    case SQLITE_FULL:
        return WEIR_IO;
    default:
        return WEIR_BAD_DATA;
    }
}

int weir_sqlite_fail(sqlite3 *database, const char *source, struct weir_error *error)
{
    return weir_sqlite_fail_after(database, source, 0, error);
}

int weir_sqlite_fail_after(sqlite3 *database, const char *source, int64_t rows, struct weir_error *error)
{
    const char *file = source + strlen(WEIR_SQLITE_SCHEME), *said = sqlite3_errmsg(database);
    struct weir_buffer text = { 0 };
    weir_buffer_escaped(&text, file, strlen(file));
    weir_buffer_string(&text, ": ");
    if (rows)
        weir_buffer_format(&text, "after row %" PRId64 ": ", rows);
    weir_buffer_escaped(&text, said, strlen(said));
    int code = text.failed ? weir_fail_memory(error)
                           : weir_fail(error, status_of(sqlite3_errcode(database)), "%s", text.bytes);
    weir_buffer_release(&text);
    return code;
}

int weir_sqlite_execute(sqlite3 *database, const char *source, const char *sql, struct weir_error *error)
{
    return sqlite3_exec(database, sql, NULL, NULL, NULL) ? weir_sqlite_fail(database, source, error) : 0;
}

int weir_sqlite_open(sqlite3 **database, const char *source, int flags, struct weir_error *error)
{
    const char *file = source + strlen(WEIR_SQLITE_SCHEME);
    struct weir_buffer path = { 0 };
    *database = NULL;
    if (!*file)
        return weir_fail(error, WEIR_USAGE, "'sqlite:' wants the name of a file behind it");
    weir_buffer_string(&path, *file == '/' ? "" : "./"); /* no name has a meaning of its own: file:, :memory: */
    weir_buffer_string(&path, file);
    if (weir_buffer_check(&path, error)) {
        weir_buffer_release(&path);
        return -1;
    }
    int code = sqlite3_open_v2(path.bytes, database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    weir_buffer_release(&path);
    if (!*database)
        return weir_fail_memory(error);
    if (code)
        return weir_sqlite_fail(*database, source, error);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_limit(*database, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(*database, SQLITE_LIMIT_LENGTH, WEIR_RECORD_LIMIT);
    sqlite3_busy_timeout(*database, WEIR_SQLITE_WAIT);
    return weir_sqlite_execute(*database, source, "pragma cell_size_check = on", error);
}

static const char *const schemes[] = { WEIR_SQLITE_SCHEME, NULL };

const struct weir_format weir_format_sqlite = {
    .name = "sqlite",
    .schemes = schemes,
    .open = weir_sqlite_read_open,
    .start = weir_sqlite_read_start,
    .next = weir_sqlite_read_next,
    .close = weir_sqlite_read_close,
    .create = weir_sqlite_create,
    .write = weir_sqlite_write,
    .commit = weir_sqlite_commit,
    .destroy = weir_sqlite_destroy,
};
