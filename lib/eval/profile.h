/* The profile of a stream: what stands in each of its columns, learned in one pass and constant memory, kept in a small
 * file (weir-profile(5)), joined with the profiles of other rows, and shown as text or as a page. */
#ifndef WEIR_EVAL_PROFILE_H
#define WEIR_EVAL_PROFILE_H

#include "base/buffer.h"
#include "stream/batch.h"

struct weir_profile;
struct weir_profile_pass;

enum { WEIR_PROFILE_MIN_COUNT = 5 };

/* The pass over a stream of the schema, which is borrowed; with up to so many threads (<= 0: one a processor), each of
 * which takes whole columns: the result is the same for any number, and however the rows are cut into batches. To be
 * freed on failure too. */
int weir_profile_begin(struct weir_profile_pass **pass, const struct weir_schema *schema, int threads,
                       struct weir_error *error);
int weir_profile_add(struct weir_profile_pass *pass, const struct weir_batch *batch, struct weir_error *error);
/* min_count: values that occurred less often are not among the most frequent that are kept. The pass is done with.
 * *profile: to be freed by the caller. */
int weir_profile_end(struct weir_profile_pass *pass, int64_t min_count, struct weir_profile **profile,
                     struct weir_error *error);
void weir_profile_pass_free(struct weir_profile_pass *pass); /* NULL is accepted */
void weir_profile_free(struct weir_profile *profile);        /* NULL is accepted */

int64_t weir_profile_rows(const struct weir_profile *profile);
int weir_profile_columns(const struct weir_profile *profile);

/* `into` becomes the profile of the rows of both, whose columns must have the same names (in any order) and types. On
 * failure (WEIR_BAD_DATA, or out of memory) `into` can only be freed. */
int weir_profile_merge(struct weir_profile *into, const struct weir_profile *from, struct weir_error *error);

/* How the text of a profile's file begins: 16 bytes. */
#define WEIR_PROFILE_MAGIC "{\"weir:profile\":"
/* The file's text, appended. no_values: without numbers and texts that stand in the rows. */
void weir_profile_write(const struct weir_profile *profile, bool no_values, struct weir_buffer *out);
/* Back; everything is checked. What weir_profile_write writes of it is the same text. */
int weir_profile_read(struct weir_profile **profile, const char *text, size_t length, struct weir_error *error);

/* For people: lines of text with small histograms, safe for a terminal; `top`: how many of the most frequent values are
 * shown. */
void weir_profile_text(const struct weir_profile *profile, int top, bool no_values, struct weir_buffer *out);
/* A page (base/html.h). */
void weir_profile_page(const struct weir_profile *profile, int top, bool no_values, struct weir_buffer *out);

#endif
