/* What is none of the formats, told by its first bytes: better than to read it as text and complain of that. */
#include "format/format.h"
#include "format/unpacker.h"
#include <string.h>
#include <strings.h>

struct stranger {
    size_t at; /* where the bytes stand */
    const char *bytes;
    size_t size;
    const char *what; /* what it is, and what to do */
};

#define BYTES(text) text, sizeof text - 1
static const struct stranger strangers[] = {
    { 0, BYTES("PK\3\4"), "this is a zip archive, as .xlsx and .npz files are: unpack it, or save the sheet as CSV" },
    { 257, BYTES("ustar"), "this is a tar archive; `tar -xOf` writes what it holds" },
    { 0, BYTES("7z\xbc\xaf\x27\x1c"), "this is a 7z archive: unpack it" },
    { 0, BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "this is an Office file: save the sheet as CSV" },
    { 0, BYTES("PAR1"), "this is Parquet; pyarrow, Polars and DuckDB make an Arrow stream or CSV of it" },
    { 0, BYTES("Obj\1"), "this is Avro: write its rows as JSON lines" },
    { 0, BYTES("\x89HDF\r\n\x1a\n"), "this is HDF5: write its tables as CSV or npy" },
    { 0, BYTES("SQLite format 3"), "this is an SQLite database: `load sqlite:FILE --table NAME` reads it" },
    { 0, BYTES("%PDF"), "this is a PDF, and no table" },
    { 0, BYTES("\x89PNG\r\n\x1a\n"), "this is a picture, and no table" },
    { 0, BYTES("\xff\xd8\xff"), "this is a picture, and no table" },
    { 0, BYTES("\x80\2}"), "this is a pickle of Python: write CSV or Arrow instead" },
    { 0, BYTES("\x80\3"), "this is a pickle of Python: write CSV or Arrow instead" },
    { 0, BYTES("\x80\4\x95"), "this is a pickle of Python: write CSV or Arrow instead" },
    { 0, BYTES("\x80\5\x95"), "this is a pickle of Python: write CSV or Arrow instead" },
    { 0, BYTES("<!doctype"), "this is a page of HTML, perhaps what a server answered instead of the file" },
    { 0, BYTES("<html"), "this is a page of HTML, perhaps what a server answered instead of the file" },
    { 0, BYTES("<?xml"), "this is XML: write its rows as CSV or JSON lines" },
    { 0, BYTES("version https://git-lfs"), "this is a pointer of Git LFS; `git lfs pull` fetches the file" },
};

const char *weir_format_wide_text(const uint8_t *head, size_t size)
{
    if (size >= 4 && (memcmp(head, "\xff\xfe\0\0", 4) == 0 || memcmp(head, "\0\0\xfe\xff", 4) == 0))
        return "this is UTF-32 text; `iconv -f utf-32 -t utf-8` makes it readable";
    if (size >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0))
        return "this is UTF-16 text; `iconv -f utf-16 -t utf-8` makes it readable";
    if (size < 4)
        return NULL;
    if (head[0] && !head[1] && head[2] && !head[3])
        return "this is UTF-16 text; `iconv -f utf-16le -t utf-8` makes it readable";
    if (!head[0] && head[1] && !head[2] && head[3])
        return "this is UTF-16 text; `iconv -f utf-16be -t utf-8` makes it readable";
    return NULL;
}

/* A block of zeros ends a tar archive, and stands alone in one that holds nothing. */
static bool is_zeros(const uint8_t *head, size_t size)
{
    enum { BLOCK = 512 };
    return size >= BLOCK && head[0] == 0 && memcmp(head, head + 1, BLOCK - 1) == 0;
}

/* The length of a header below 4 GiB, then the header. */
static bool is_safetensors(const uint8_t *head, size_t size)
{
    return size > 8 && memcmp(head + 4, "\0\0\0\0", 4) == 0 && head[8] == '{';
}

const char *weir_format_stranger(const uint8_t *head, size_t size)
{
    if (is_safetensors(head, size))
        return "this is a model (a safetensors file), and rows are wanted";
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        const struct stranger *stranger = &strangers[i];
        if (size < stranger->at + stranger->size)
            continue;
        const char *bytes = (const char *)head + stranger->at;
        bool markup = stranger->bytes[0] == '<'; /* in any case of the letters */
        if (markup ? strncasecmp(bytes, stranger->bytes, stranger->size) == 0
                   : memcmp(bytes, stranger->bytes, stranger->size) == 0)
            return stranger->what;
    }
    if (weir_unpacker_sniff(head, size))
        return "it is compressed twice: unpack it once";
    if (is_zeros(head, size))
        return "it begins with zeros: a tar archive that holds nothing, or a file that was never filled";
    return weir_format_wide_text(head, size);
}
