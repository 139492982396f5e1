/* What the program `clean` asks of its stage beyond the contract of stages. */
#ifndef WEIR_STAGE_CLEAN_H
#define WEIR_STAGE_CLEAN_H

#include "stage/stage.h"

/* The rules in the text of a file, checked as far as they can be without columns: a new reference, for the stage's
 * option "rules". NULL with the message (WEIR_BAD_DATA): "no JSON at line 3, column 7: ...", "rule 2 ('adult'): ...".
 */
json_t *weir_clean_rules_parse(const char *text, size_t length, struct weir_error *error);

/* What the rules of a binding of `clean` have counted so far, appended as JSON:
 *
 *   {"rows": 800, "rules": [{"rule": 1, "name": "adult", "columns": ["age"], "action": "null", "broken": 12,
 *                            "stopped": 0}, ...]} */
int weir_clean_rules_report(const struct weir_binding *binding, struct weir_buffer *out, struct weir_error *error);

#endif
