/* Reading a stage's options (the JSON object that the plan stores), with messages for whoever wrote them.
 *
 * Options come from a program's table as text, true, or lists of text; a number may also stand as a JSON number. Errors
 * are WEIR_USAGE. */
#ifndef WEIR_STAGE_OPTIONS_H
#define WEIR_STAGE_OPTIONS_H

#include "stage/stage.h"

/* Every option must be one of `names` (NULL-ended). */
int weir_option_known(const struct weir_stage *stage, const char *const *names, struct weir_error *error);
/* The text, or `otherwise` when the option is not there; it lives as long as the options. */
int weir_option_text(const json_t *options, const char *name, const char *otherwise, const char **out,
                     struct weir_error *error);
/* As above; *out is the index in `choices` (NULL-ended). */
int weir_option_choice(const json_t *options, const char *name, const char *const *choices, int otherwise, int *out,
                       struct weir_error *error);
int weir_option_flag(const json_t *options, const char *name, bool *out, struct weir_error *error);
/* A number within minimum .. maximum; *out keeps its value when the option is not there. */
int weir_option_number(const json_t *options, const char *name, double minimum, double maximum, double *out,
                       struct weir_error *error);
/* The same of a whole number. */
int weir_option_integer(const json_t *options, const char *name, int64_t minimum, int64_t maximum, int64_t *out,
                        struct weir_error *error);
/* "WIDTHxHEIGHT", each 1 .. 65535; both keep their values when the option is not there. */
int weir_option_size(const json_t *options, const char *name, int64_t *width, int64_t *height,
                     struct weir_error *error);
/* A list of texts (one text is a list of one): a borrowed JSON array or string for weir_option_item; NULL: not there.
 */
int weir_option_list(const json_t *options, const char *name, const json_t **out, struct weir_error *error);
size_t weir_option_items(const json_t *list);
const char *weir_option_item(const json_t *list, size_t i);

/* A name or text from data, escaped for a message and cut when it is long: "'age'". */
struct weir_shown {
    char text[160];
};
struct weir_shown weir_show_text(const char *text, size_t length);
#define WEIR_SHOW(name) (weir_show_text((name), strlen(name)).text)

#endif
