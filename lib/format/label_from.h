/* Labels that a file's path tells: the folder that it stands in, a part of its name, or a table of paths and labels. */
#ifndef WEIR_FORMAT_LABEL_FROM_H
#define WEIR_FORMAT_LABEL_FROM_H

#include "format/feed.h"
#include "stream/batch.h"
#include <sys/stat.h>

struct weir_label_from;
struct weir_format_options;

/* Whether the text names a table: it is neither "folder" nor a pattern (with "{label}" in it). */
bool weir_label_from_is_table(const char *text);
/* `table`: the open descriptor of the table, taken over, also on failure; -1 when the text names none. Its column path
 * (else file, filename, image, else the first) holds paths or file names, with or without ending; its column label
 * (else target, class, y, else the second) the labels. Read whole. */
int weir_label_from_new(struct weir_label_from **from, const char *text, int table,
                        const struct weir_format_options *options, struct weir_error *error);
void weir_label_from_free(struct weir_label_from *from); /* NULL is accepted */

/* The text it was made from, unless that names a table: for the plan. */
const char *weir_label_from_text(const struct weir_label_from *from); /* NULL: a table */
/* Which file the table is; NULL: there is none. */
const struct stat *weir_label_from_file(const struct weir_label_from *from);
/* The table's column of labels and its type; NULL: labels are texts. */
const struct weir_column *weir_label_from_column(const struct weir_label_from *from, const struct weir_type **type);
/* Where the path's label stands in that column; -1: nowhere. */
int64_t weir_label_from_row(const struct weir_label_from *from, const char *path, size_t length);
/* The path's label as a part of the path; false: it has none. */
bool weir_label_from_find(const struct weir_label_from *from, const char *path, size_t length, const char **label,
                          size_t *label_length);

#endif
