/* A training in words for a person: while it runs, and when it is over. */
#ifndef WEIR_MODEL_TRAIN_TEXT_H
#define WEIR_MODEL_TRAIN_TEXT_H

#include "model/train.h"

/* Appends "epoch 3 of 10 loss 0.31 accuracy 0.89". */
void weir_train_progress_text(const struct weir_trainer_report *report, struct weir_buffer *out);

/* Who is told of a training that is over. */
struct weir_train_listener {
    void *context;
    void (*say)(void *context, bool warning, const char *text); /* one line; what came from data is escaped */
    bool (*given)(void *context, const char *option);           /* whether the user gave this option of train */
};
/* What was left out, what had no part, what was chosen, and how well it went: a few lines. */
void weir_train_tell(const struct weir_training_data *data, const struct weir_model *model,
                     const struct weir_train_summary *summary, const struct weir_train_listener *to);

#endif
