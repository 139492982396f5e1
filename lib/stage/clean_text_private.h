/* What `clean` does to one text. */
#ifndef WEIR_STAGE_CLEAN_TEXT_PRIVATE_H
#define WEIR_STAGE_CLEAN_TEXT_PRIVATE_H

#include "stage/options.h"
#include <locale.h>

enum clean_case { CLEAN_AS_IT_IS, CLEAN_LOWER, CLEAN_UPPER };

/* The steps that the options ask for, in their order. */
struct clean_text_steps {
    bool trim;
    enum clean_case letters;
    locale_t locale; /* 0 when letters stay as they are */
};
int weir_clean_text_read(struct clean_text_steps *steps, const json_t *options, struct weir_error *error);
void weir_clean_text_release(struct clean_text_steps *steps);
/* The text behind the steps, which lives as long as `scratch` is not changed; false when nothing is left of it. A text
 * that no step changes is handed back as it is. scratch->failed: out of memory. */
bool weir_clean_text_value(const struct clean_text_steps *steps, struct weir_buffer *scratch, const char **bytes,
                           size_t *length);

#endif
