#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/json.h"
#include "stage/dedup_private.h"
#include "stream/utf8.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "weirseen"
enum { FORMAT = 1, MAGIC_SIZE = 8, DIGEST_SIZE = 16, ENTRY_SIZE = 24, HEADER_LIMIT = 1 << 24, PIECE = 1 << 16 };

void weir_memory_release(struct weir_memory *memory)
{
    for (int i = 0; i < memory->column_count; i++)
        free(memory->columns[i]);
    free(memory->columns);
    weir_seen_release(&memory->seen);
    weir_ids_release(&memory->ids);
    *memory = (struct weir_memory){ 0 };
}

/* ---- the file ---- */

/* Whether the file is the one that has the name now: another run may have put a new one there while we waited. */
static bool still_named(int descriptor, const char *path, struct stat *status)
{
    struct stat named;
    return fstat(descriptor, status) == 0 && stat(path, &named) == 0 && status->st_dev == named.st_dev &&
           status->st_ino == named.st_ino;
}

int weir_index_open(struct weir_index *index, const char *path, struct weir_error *error)
{
    struct stat status;
    *index = (struct weir_index){ .path = path, .descriptor = -1, .output.descriptor = -1 };
    for (int attempt = 0; attempt < 100; attempt++) {
        index->made = false;
        index->descriptor = weir_open_at(AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
        if (index->descriptor < 0 && errno == ENOENT) {
            index->descriptor = weir_open_at(AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL, 0666);
            index->made = index->descriptor >= 0;
            if (!index->made && errno == EEXIST)
                continue;
        }
        if (index->descriptor < 0)
            return weir_fail_errno(error, WEIR_CANNOT_CREATE, "'%s'", path);
        if (weir_lock(index->descriptor) != 0) {
            bool held = errno == EWOULDBLOCK;
            index->made = false;
            if (held)
                weir_fail(error, WEIR_TRY_AGAIN, "'%s' is in use by another run", path);
            else
                weir_fail_errno(error, WEIR_IO, "'%s' cannot be locked", path);
            return -1;
        }
        if (still_named(index->descriptor, path, &status))
            break;
        close(index->descriptor);
        index->descriptor = -1;
    }
    if (index->descriptor < 0)
        return weir_fail(error, WEIR_TRY_AGAIN, "'%s' is in use by another run", path);
    if (!S_ISREG(status.st_mode))
        return weir_fail(error, WEIR_CANNOT_CREATE, "'%s' is no regular file", path);
    index->size = (uint64_t)status.st_size;
    index->hasher = weir_hasher_new();
    return index->hasher ? 0 : weir_fail_memory(error);
}

void weir_index_close(struct weir_index *index)
{
    if (index->writing)
        weir_output_abandon(&index->output);
    if (index->made)
        unlink(index->path);
    if (index->descriptor >= 0)
        close(index->descriptor);
    weir_hasher_free(index->hasher);
    weir_buffer_release(&index->pending);
    *index = (struct weir_index){ .descriptor = -1 };
}

/* ---- reading ---- */

static int damaged(const struct weir_index *index, struct weir_error *error, const char *what)
{
    return weir_fail(error, WEIR_BAD_DATA, "'%s' is damaged, or no index of dedup: %s", index->path, what);
}

/* What is left but for the digest. */
static uint64_t left(const struct weir_index *index)
{
    return index->size - DIGEST_SIZE - index->at;
}

static int take(struct weir_index *index, void *bytes, uint64_t size, struct weir_error *error)
{
    if (size > left(index))
        return damaged(index, error, "it ends too early");
    ssize_t got = weir_read_full(index->descriptor, bytes, (size_t)size);
    if (got < 0)
        return weir_fail_errno(error, WEIR_IO, "'%s'", index->path);
    if ((uint64_t)got != size)
        return damaged(index, error, "it ends too early");
    weir_hasher_add(index->hasher, bytes, (size_t)size);
    index->at += size;
    return 0;
}

static bool whole_number(const json_t *object, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(object, key);
    *out = json_is_integer(value) ? (int64_t)json_integer_value(value) : -1;
    return *out >= 0 && *out <= INT64_MAX / 4;
}

static bool read_key(const json_t *header, uint8_t *key)
{
    const char *text = json_string_value(json_object_get(header, "key"));
    if (!text || strlen(text) != 2 * WEIR_FINGERPRINT_KEY)
        return false;
    for (int i = 0; i < 2 * WEIR_FINGERPRINT_KEY; i++) {
        const char *digit = strchr("0123456789abcdef", text[i]);
        if (!digit)
            return false;
        unsigned value = (unsigned)(digit - "0123456789abcdef");
        key[i / 2] = (uint8_t)(i % 2 ? key[i / 2] | value : value << 4);
    }
    return true;
}

static int read_columns(struct weir_memory *memory, const json_t *header)
{
    const json_t *columns = json_object_get(header, "columns");
    memory->columns = weir_allocate_zero(json_array_size(columns), sizeof *memory->columns);
    if (!memory->columns)
        return -1;
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const char *name = json_string_value(json_array_get(columns, i));
        if (!(memory->columns[i] = weir_duplicate_string(name ? name : "")))
            return -1;
        memory->column_count++;
    }
    return 0;
}

static int read_entries(struct weir_index *index, struct weir_memory *memory, int64_t kept, struct weir_error *error)
{
    enum { AT_ONCE = PIECE / ENTRY_SIZE };
    uint8_t bytes[AT_ONCE * ENTRY_SIZE];
    int64_t before;
    if ((uint64_t)kept > left(index) / ENTRY_SIZE)
        return damaged(index, error, "it ends too early");
    while (kept > 0) {
        int64_t count = kept < AT_ONCE ? kept : AT_ONCE;
        if (take(index, bytes, (uint64_t)count * ENTRY_SIZE, error) < 0)
            return -1;
        for (int64_t i = 0; i < count; i++) {
            const uint8_t *entry = bytes + i * ENTRY_SIZE;
            struct weir_hash128 hash = { weir_load_u64(entry), weir_load_u64(entry + 8) };
            uint64_t row = weir_load_u64(entry + 16);
            if (row >= (uint64_t)memory->rows)
                return damaged(index, error, "a row's number is too large");
            if (weir_seen_add(&memory->seen, &hash, 1, (int64_t)row, &before, error) < 0)
                return -1;
            if (before >= 0)
                return damaged(index, error, "a row is there twice");
        }
        kept -= count;
    }
    return 0;
}

static int take_words(struct weir_index *index, void *words, size_t count, struct weir_error *error)
{
    uint64_t *out = words;
    if (take(index, out, count * sizeof *out, error) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        out[i] = weir_load_u64(&out[i]);
    return 0;
}

static int read_ids(struct weir_index *index, struct weir_memory *memory, const json_t *header,
                    struct weir_error *error)
{
    struct weir_ids *ids = &memory->ids;
    struct weir_type type = { 0 };
    int64_t count, bytes;
    const char *name = json_string_value(json_object_get(header, "type"));
    if (!name || !whole_number(header, "count", &count) || !whole_number(header, "bytes", &bytes))
        return damaged(index, error, "its header is not complete");
    if (weir_type_parse(name, &type, error) < 0)
        return weir_fail_in(error, "'%s'", index->path);
    bool fit = weir_ids_fit(&type) && type.kind != WEIR_DICTIONARY;
    int result = fit ? weir_ids_init(ids, &type) : damaged(index, error, "it claims ids of a type that none have");
    weir_type_release(&type);
    if (result < 0)
        return fit ? weir_fail_memory(error) : -1;
    memory->has_ids = true;
    uint64_t each = ids->width ? sizeof *ids->rows + ids->width : sizeof *ids->rows + sizeof *ids->ends;
    if ((uint64_t)count > left(index) / each || (uint64_t)bytes > left(index) ||
        (ids->width && (uint64_t)bytes != (uint64_t)count * ids->width))
        return damaged(index, error, "it ends too early");
    ids->rows = weir_allocate((size_t)count, sizeof *ids->rows);
    ids->ends = ids->width ? NULL : weir_allocate((size_t)count, sizeof *ids->ends);
    ids->rows_capacity = (size_t)count;
    ids->ends_capacity = ids->ends ? (size_t)count : 0;
    weir_buffer_zero(&ids->values, (size_t)bytes);
    if (!ids->rows || (!ids->width && !ids->ends) || ids->values.failed)
        return weir_fail_memory(error);
    ids->count = (size_t)count;
    if (take_words(index, ids->rows, ids->count, error) < 0 ||
        (ids->ends && take_words(index, ids->ends, ids->count, error) < 0) ||
        take(index, ids->values.bytes, (uint64_t)bytes, error) < 0)
        return -1;
    for (size_t i = 0; i < ids->count; i++) {
        if (ids->rows[i] < 0 || ids->rows[i] >= memory->rows || (i && ids->rows[i] <= ids->rows[i - 1]))
            return damaged(index, error, "the ids' rows are in no order");
        if (!ids->ends)
            continue;
        uint64_t from = i ? ids->ends[i - 1] : 0;
        if (ids->ends[i] < from || ids->ends[i] > (uint64_t)bytes || ids->ends[i] - from > INT32_MAX)
            return damaged(index, error, "an id's length is wrong");
        if (ids->type.kind == WEIR_UTF8 && !weir_is_utf8(ids->values.bytes + from, (size_t)(ids->ends[i] - from)))
            return damaged(index, error, "an id is no text");
    }
    return 0;
}

static int take_some(void *context, void *bytes, size_t size, struct weir_error *error)
{
    return take(context, bytes, size, error);
}

static int read_near(struct weir_index *index, struct weir_near *near, int64_t rows, struct weir_error *error)
{
    if (weir_near_restore(near, rows, left(index), take_some, index, error) < 0)
        return weir_fail_in(error, "'%s'", index->path);
    return 0;
}

static int read_digest(struct weir_index *index, struct weir_error *error)
{
    uint8_t bytes[DIGEST_SIZE + 1];
    struct weir_hash128 digest = weir_hasher_digest128(index->hasher);
    if (left(index) > 0)
        return damaged(index, error, "there is more than its header says");
    ssize_t got = weir_read_full(index->descriptor, bytes, sizeof bytes);
    if (got < 0)
        return weir_fail_errno(error, WEIR_IO, "'%s'", index->path);
    if (got != DIGEST_SIZE || weir_load_u64(bytes) != digest.low || weir_load_u64(bytes + 8) != digest.high)
        return damaged(index, error, "its digest does not agree");
    return 0;
}

static json_t *read_header(struct weir_index *index, struct weir_error *error)
{
    uint8_t head[MAGIC_SIZE + 4];
    struct weir_buffer text = { 0 };
    if (index->size < sizeof head + DIGEST_SIZE) {
        damaged(index, error, "it is too short");
        return NULL;
    }
    if (take(index, head, sizeof head, error) < 0)
        return NULL;
    uint32_t length = weir_load_u32(head + MAGIC_SIZE);
    if (memcmp(head, MAGIC, MAGIC_SIZE) != 0 || length > HEADER_LIMIT || length > left(index)) {
        damaged(index, error, "it does not begin as one");
        return NULL;
    }
    weir_buffer_zero(&text, length);
    json_t *header = NULL;
    if (weir_buffer_check(&text, error) == 0 && take(index, text.bytes, length, error) == 0 &&
        !(header = weir_json_parse(text.bytes ? text.bytes : "", length, JSON_REJECT_DUPLICATES, error)))
        weir_fail_in(error, "'%s'", index->path);
    weir_buffer_release(&text);
    return header;
}

int weir_index_read(struct weir_index *index, struct weir_memory *memory, enum weir_seen_holds holds,
                    struct weir_near *near, struct weir_error *error)
{
    int64_t format, kept;
    int result = -1;
    json_t *header = read_header(index, error);
    if (!header)
        return -1;
    const json_t *ids = json_object_get(header, "ids"), *alike = json_object_get(header, "near");
    if (!whole_number(header, "weir:index", &format) || !whole_number(header, "rows", &memory->rows) ||
        !whole_number(header, "kept", &kept) || !json_is_boolean(alike) || !read_key(header, memory->key))
        damaged(index, error, "its header is not complete");
    else if (format != FORMAT)
        weir_fail(error, WEIR_BAD_DATA, "'%s' has version %lld, and this Weir knows %d", index->path, (long long)format,
                  FORMAT);
    else if (json_is_true(alike) != (near != NULL))
        weir_fail(error, WEIR_BAD_DATA, "'%s' remembers rows to find those that are %s, not those that are %s",
                  index->path, near ? "equal" : "nearly equal", near ? "nearly equal" : "equal");
    else if (read_columns(memory, header) < 0)
        weir_fail_memory(error);
    else if (weir_seen_init(&memory->seen, holds, error) == 0 && read_entries(index, memory, kept, error) == 0 &&
             (!json_is_object(ids) || read_ids(index, memory, ids, error) == 0) &&
             (!near || read_near(index, near, memory->rows, error) == 0))
        result = read_digest(index, error);
    json_decref(header);
    return result;
}

/* ---- writing ---- */

static int flush(struct weir_index *index, struct weir_error *error)
{
    if (weir_buffer_check(&index->pending, error) < 0)
        return -1;
    weir_hasher_add(index->hasher, index->pending.bytes, index->pending.size);
    if (index->pending.size && weir_write_full(index->output.descriptor, index->pending.bytes, index->pending.size) < 0)
        return weir_fail_errno(error, WEIR_IO, "'%s'", index->path);
    weir_buffer_clear(&index->pending);
    return 0;
}

static int put(struct weir_index *index, const void *bytes, size_t size, struct weir_error *error)
{
    weir_buffer_append(&index->pending, bytes, size);
    return index->pending.size < PIECE ? 0 : flush(index, error);
}

static int put_words(struct weir_index *index, const void *words, size_t count, struct weir_error *error)
{
    const uint64_t *in = words;
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[8];
        weir_store_u64(bytes, in[i]);
        if (put(index, bytes, sizeof bytes, error) < 0)
            return -1;
    }
    return 0;
}

static int put_some(void *context, const void *bytes, size_t size, struct weir_error *error)
{
    return put(context, bytes, size, error);
}

static json_t *make_header(const struct weir_memory *memory, bool near)
{
    char key[2 * WEIR_FINGERPRINT_KEY + 1];
    const struct weir_ids *ids = &memory->ids;
    struct weir_buffer type = { 0 };
    json_t *columns = json_array(), *header = NULL, *of_ids = NULL;
    bool failed = !columns;
    for (int i = 0; i < 2 * WEIR_FINGERPRINT_KEY; i++)
        key[i] = "0123456789abcdef"[memory->key[i / 2] >> (i % 2 ? 0 : 4) & 15];
    key[2 * WEIR_FINGERPRINT_KEY] = 0;
    for (int i = 0; i < memory->column_count; i++)
        failed |= json_array_append_new(columns, json_string(memory->columns[i])) < 0;
    weir_type_describe(&ids->type, &type);
    of_ids = memory->has_ids && !type.failed ? json_pack("{s:s, s:I, s:I}", "type", type.bytes, "count",
                                                         (json_int_t)ids->count, "bytes", (json_int_t)ids->values.size)
                                             : json_null();
    failed |= !of_ids || type.failed;
    if (!failed)
        header = json_pack("{s:i, s:b, s:O, s:s, s:I, s:I, s:O}", "weir:index", FORMAT, "near", near, "columns",
                           columns, "key", key, "rows", (json_int_t)memory->rows, "kept",
                           (json_int_t)memory->seen.count, "ids", of_ids);
    json_decref(columns);
    json_decref(of_ids);
    weir_buffer_release(&type);
    return header;
}

static int put_header(struct weir_index *index, const struct weir_memory *memory, bool near, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    uint8_t length[4];
    int result = weir_json_dump_new(make_header(memory, near), WEIR_JSON_KEPT, &text, error);
    if (result == 0 && text.size > HEADER_LIMIT)
        result = weir_fail(error, WEIR_BAD_DATA, "'%s': the columns' names are too long for an index", index->path);
    weir_store_u32(length, (uint32_t)text.size);
    if (result == 0)
        result = put(index, MAGIC, MAGIC_SIZE, error) < 0 || put(index, length, sizeof length, error) < 0
                     ? -1
                     : put(index, text.bytes, text.size, error);
    weir_buffer_release(&text);
    return result;
}

int weir_index_write(struct weir_index *index, const struct weir_memory *memory, const struct weir_near *near,
                     struct weir_error *error)
{
    const struct weir_ids *ids = &memory->ids;
    struct weir_hash128 hash;
    int64_t row;
    size_t place = 0;
    uint8_t digest[DIGEST_SIZE];
    if (weir_output_open(&index->output, index->path, error) < 0)
        return -1;
    index->writing = true;
    weir_hasher_reset(index->hasher);
    if (put_header(index, memory, near != NULL, error) < 0)
        return -1;
    while (weir_seen_next(&memory->seen, &place, &hash, &row)) {
        uint64_t entry[] = { hash.low, hash.high, (uint64_t)row };
        if (put_words(index, entry, 3, error) < 0)
            return -1;
    }
    if (memory->has_ids && (put_words(index, ids->rows, ids->count, error) < 0 ||
                            (!ids->width && put_words(index, ids->ends, ids->count, error) < 0) ||
                            put(index, ids->values.bytes ? ids->values.bytes : "", ids->values.size, error) < 0))
        return -1;
    if ((near && weir_near_save(near, put_some, index, error) < 0) || flush(index, error) < 0)
        return -1;
    struct weir_hash128 sum = weir_hasher_digest128(index->hasher);
    weir_store_u64(digest, sum.low);
    weir_store_u64(digest + 8, sum.high);
    return put(index, digest, sizeof digest, error) < 0 ? -1 : flush(index, error);
}

int weir_index_commit(struct weir_index *index, struct weir_error *error)
{
    index->writing = false;
    if (weir_output_commit(&index->output, error) < 0)
        return -1;
    index->made = false;
    return 0;
}
