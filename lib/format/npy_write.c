/* The header says how many rows there are, and they are counted while they are written: into a file the header is
 * written last, in the room left for it; on the way to a pipe the values wait in a temporary file. */
#include "base/bytes.h"
#include "base/descriptor.h"
#include "format/drain.h"
#include "format/npy_private.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct npy_out {
    int descriptor; /* where the values go: the output, or a temporary file */
    bool temporary;
    off_t begin; /* of the header in the output */
    size_t header_size;
    enum weir_kind kind;
    int width;
    int64_t rows, row_values; /* row_values: of one column */
    struct weir_buffer buffer;
};

static const char *type_name(enum weir_kind kind)
{
    switch (kind) {
    case WEIR_BOOL:
        return "|b1";
    case WEIR_INT8:
        return "|i1";
    case WEIR_INT16:
        return "<i2";
    case WEIR_INT32:
        return "<i4";
    case WEIR_INT64:
        return "<i8";
    case WEIR_UINT8:
        return "|u1";
    case WEIR_UINT16:
        return "<u2";
    case WEIR_UINT32:
        return "<u4";
    case WEIR_UINT64:
        return "<u8";
    case WEIR_FLOAT16:
        return "<f2";
    case WEIR_FLOAT32:
        return "<f4";
    case WEIR_FLOAT64:
        return "<f8";
    default:
        return NULL;
    }
}

static int refuse(const struct weir_field *field, const char *why, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    weir_buffer_escaped(&text, field->name, strlen(field->name));
    weir_buffer_string(&text, "' (");
    weir_type_describe(&field->type, &text);
    weir_fail(error, WEIR_BAD_DATA, "column '%s) %s", text.failed ? "" : text.bytes, why);
    weir_buffer_release(&text);
    return -1;
}

/* The kind of the values: all columns must have the same. */
static int settle_kind(struct npy_out *npy, const struct weir_schema *schema, struct weir_error *error)
{
    if (schema->count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "npy needs a column, and there is none");
    npy->row_values = 1;
    for (int i = 0; i < schema->count; i++) {
        const struct weir_field *field = &schema->fields[i];
        bool list = field->type.kind == WEIR_FIXED_LIST;
        enum weir_kind kind = list ? field->type.children[0].type.kind : field->type.kind;
        if (!type_name(kind) || (list && kind == WEIR_BOOL))
            return refuse(field, "holds no numbers; npy holds nothing else (pick chooses columns)", error);
        if (list && schema->count > 1)
            return refuse(field, "has a shape of its own: npy takes it alone (pick chooses columns)", error);
        if (i && kind != npy->kind)
            return refuse(field, "is not of the first column's type; npy has one type (pick chooses columns)", error);
        npy->kind = kind;
        if (list)
            npy->row_values = field->type.list_size;
    }
    npy->width = npy->kind == WEIR_BOOL ? 1 : npy->kind == WEIR_FLOAT16 ? 2 : weir_kind_width(npy->kind);
    return 0;
}

/* The header for so many rows, filled with blanks to a multiple of 64 bytes with room for any number of rows. */
static void make_header(const struct npy_out *npy, const struct weir_schema *schema, struct weir_buffer *out)
{
    const struct weir_type *type = &schema->fields[0].type;
    weir_buffer_append(out, "\x93NUMPY\1\0\0\0", 10);
    weir_buffer_format(out, "{'descr': '%s', 'fortran_order': False, 'shape': (%lld,", type_name(npy->kind),
                       (long long)npy->rows);
    if (type->kind != WEIR_FIXED_LIST) {
        if (schema->count > 1)
            weir_buffer_format(out, " %d", schema->count);
    } else if (type->rank == 0)
        weir_buffer_format(out, " %d", (int)type->list_size);
    for (int i = 0; i < type->rank; i++)
        weir_buffer_format(out, "%s %lld", i ? "," : "", (long long)type->shape[i]);
    weir_buffer_string(out, "), }");
    size_t size = npy->header_size ? npy->header_size : (out->size + 20 + 1 + 63) / 64 * 64;
    while (out->size + 1 < size && !out->failed)
        weir_buffer_byte(out, ' ');
    weir_buffer_byte(out, '\n');
    if (!out->failed)
        weir_store_u16(out->bytes + 8, (uint16_t)(out->size - 10));
}

int weir_npy_create(struct weir_table_out *out, struct weir_error *error)
{
    struct npy_out *npy = out->state = weir_allocate_zero(1, sizeof *npy);
    if (!npy)
        return weir_fail_memory(error);
    npy->descriptor = out->descriptor;
    if (weir_drain_compresses(out->drain))
        return weir_fail(error, WEIR_USAGE, "npy is not compressed here; leave the second ending out");
    if (settle_kind(npy, &out->schema, error))
        return -1;
    npy->begin = lseek(out->descriptor, 0, SEEK_CUR);
    int flags = fcntl(out->descriptor, F_GETFL);
    if (npy->begin < 0 || flags < 0 || (flags & O_APPEND)) {
        npy->descriptor = weir_temporary_file(error);
        if (npy->descriptor < 0) {
            npy->descriptor = out->descriptor;
            return -1;
        }
        npy->temporary = true;
    }
    struct weir_buffer header = { 0 };
    make_header(npy, &out->schema, &header);
    npy->header_size = header.size;
    if (!npy->temporary)
        weir_buffer_append(&npy->buffer, header.bytes, header.size);
    npy->buffer.failed |= header.failed;
    weir_buffer_release(&header);
    return weir_buffer_check(&npy->buffer, error);
}

static int pass(struct npy_out *npy, struct weir_error *error)
{
    if (weir_buffer_check(&npy->buffer, error))
        return -1;
    if (npy->buffer.size && weir_write_full(npy->descriptor, npy->buffer.bytes, npy->buffer.size))
        return weir_fail_errno(error, WEIR_IO, "cannot write the output");
    weir_buffer_clear(&npy->buffer);
    return 0;
}

/* A missing value has no place in npy. */
static int check_present(const struct weir_column *column, const struct weir_field *field, int64_t before,
                         struct weir_error *error)
{
    const struct weir_column *values = field->type.kind == WEIR_FIXED_LIST ? &column->children[0] : column;
    int64_t per = field->type.kind == WEIR_FIXED_LIST ? field->type.list_size : 1;
    for (int64_t i = 0; column->null_count && i < column->rows; i++)
        if (!weir_valid(column, i)) {
            char why[96];
            snprintf(why, sizeof why, "is missing in row %lld; npy has no missing values", (long long)(before + i + 1));
            return refuse(field, why, error);
        }
    for (int64_t i = 0; values != column && values->null_count && i < column->rows * per; i++)
        if (!weir_valid(values, i))
            return refuse(field, "holds a missing value; npy has none", error);
    return 0;
}

int weir_npy_write(struct weir_table_out *out, const struct weir_batch *batch, struct weir_error *error)
{
    enum { GATHERED = 1 << 18 };
    struct npy_out *npy = out->state;
    size_t width = (size_t)npy->width, row_bytes = width * (size_t)npy->row_values;
    for (int i = 0; i < batch->count; i++)
        if (check_present(&batch->columns[i], &out->schema.fields[i], npy->rows, error))
            return -1;
    for (int64_t row = 0; row < batch->rows; row++) {
        for (int i = 0; i < batch->count; i++) {
            const struct weir_column *column = &batch->columns[i];
            if (npy->kind == WEIR_BOOL) {
                weir_drain_byte(&npy->buffer, (char)weir_bit(column->values.bytes, row));
                continue;
            }
            const struct weir_column *values = column->child_count ? &column->children[0] : column;
            weir_drain_append(&npy->buffer, (const char *)values->values.bytes + (size_t)row * row_bytes, row_bytes);
        }
        if ((npy->buffer.size >= GATHERED || npy->buffer.failed) && pass(npy, error))
            return -1;
    }
    npy->rows += batch->rows;
    return 0;
}

/* The values that waited go out behind the header. */
static int copy_out(struct npy_out *npy, int descriptor, struct weir_error *error)
{
    enum { SIZE = 1 << 18 };
    if (lseek(npy->descriptor, 0, SEEK_SET) < 0 || weir_buffer_reserve(&npy->buffer, SIZE))
        return weir_fail_errno(error, WEIR_IO, "cannot read the temporary file");
    ssize_t got;
    while ((got = weir_read_full(npy->descriptor, npy->buffer.bytes, SIZE)) > 0)
        if (weir_write_full(descriptor, npy->buffer.bytes, (size_t)got))
            return weir_fail_errno(error, WEIR_IO, "cannot write the output");
    return got < 0 ? weir_fail_errno(error, WEIR_IO, "cannot read the temporary file") : 0;
}

int weir_npy_finish(struct weir_table_out *out, struct weir_error *error)
{
    struct npy_out *npy = out->state;
    struct weir_buffer header = { 0 };
    make_header(npy, &out->schema, &header);
    int code = weir_buffer_check(&header, error);
    if (code == 0)
        code = pass(npy, error);
    if (code == 0 && npy->temporary) {
        if (weir_write_full(out->descriptor, header.bytes, header.size))
            code = weir_fail_errno(error, WEIR_IO, "cannot write the output");
        else
            code = copy_out(npy, out->descriptor, error);
    } else if (code == 0 && weir_write_at(out->descriptor, header.bytes, header.size, npy->begin))
        code = weir_fail_errno(error, WEIR_IO, "cannot write the output");
    weir_buffer_release(&header);
    return code;
}

void weir_npy_destroy(struct weir_table_out *out)
{
    struct npy_out *npy = out->state;
    if (!npy)
        return;
    if (npy->temporary)
        close(npy->descriptor);
    weir_buffer_release(&npy->buffer);
    free(npy);
    out->state = NULL;
}
