/* The log of a training: a line of JSON for each epoch. */
#ifndef WEIR_MODEL_TRAINING_LOG_H
#define WEIR_MODEL_TRAINING_LOG_H

#include "model/trainer.h"
#include <time.h>

struct weir_training_log {
    int descriptor;        /* -1: none is kept */
    int reason;            /* errno of the first line that could not be written */
    struct timespec start; /* seconds are counted from here */
};

/* Opens the file at `path`, whose lines stay when `append`; NULL: no log, and all that follows does nothing. 0 or -1.
 */
int weir_training_log_open(struct weir_training_log *log, const char *path, bool append, struct weir_error *error);
/* Learning begins now. */
void weir_training_log_start(struct weir_training_log *log);
/* The line of an epoch that has ended. It stands in the file when this returns; what fails is told at the end. */
void weir_training_log_add(struct weir_training_log *log, const struct weir_trainer_report *report);
/* 0, or -1 when a line is missing. */
int weir_training_log_close(struct weir_training_log *log, const char *path, struct weir_error *error);

#endif
