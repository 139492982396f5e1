/* Batches in a temporary file, written once and then read back in order. */
#ifndef WEIR_STAGE_SPILL_FILE_H
#define WEIR_STAGE_SPILL_FILE_H

#include "stream/reader.h"
#include "stream/writer.h"

/* Starts as { 0 }: a file of no rows, which takes no descriptor. */
struct weir_spill_file {
    bool open;
    int descriptor;
    struct weir_writer *writer;
    struct weir_reader *reader;
};

int weir_spill_file_write(struct weir_spill_file *file, const struct weir_schema *schema,
                          const struct weir_batch *batch, struct weir_error *error);
/* Nothing more is written; reading begins. */
int weir_spill_file_rewind(struct weir_spill_file *file, struct weir_error *error);
int weir_spill_file_next(struct weir_spill_file *file, struct weir_batch *batch,
                         struct weir_error *error); /* 1, 0, -1 */
/* All of it as one batch, instead of the two above. */
int weir_spill_file_read_all(struct weir_spill_file *file, const struct weir_schema *schema, struct weir_batch *whole,
                             struct weir_error *error);
void weir_spill_file_release(struct weir_spill_file *file); /* back to { 0 } */

#endif
