/* Choosing, dropping, renaming and reordering columns, setting their roles, and keeping the first rows. */
#ifndef WEIR_STAGE_PICK_H
#define WEIR_STAGE_PICK_H

#include "stage/stage.h"

/* A filter for the program `pick`: the stage `pick` with these options (JSON as weir_options_json makes it, with the
 * patterns of columns under "operands"; "{}": all columns as they are, and the plan gets no step), then the first
 * `rows` rows (< 0: all), which the plan records as a step that is not replayed. */
int weir_pick_filter(struct weir_filter *filter, const char *options, int64_t rows, struct weir_error *error);
void weir_pick_filter_release(struct weir_filter *filter);

#endif
