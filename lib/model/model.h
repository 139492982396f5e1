/* A model: what was learned, with all that is needed to use it on raw rows. One kind of model is one file and one row
 * in weir_model_kinds; networks, and linear, logistic and softmax regression on dense columns, are one kind (`network`)
 * whose form differs. */
#ifndef WEIR_MODEL_MODEL_H
#define WEIR_MODEL_MODEL_H

#include "model/feature_rows.h"
#include "model/model_file.h"

enum weir_task { WEIR_CLASSIFY, WEIR_REGRESS };

/* Classes that a model tells apart, at most: more is an id that was taken for a label, or a hostile file. */
enum { WEIR_MAX_CLASSES = 100000 };

struct weir_model_kind;
struct weir_model {
    const struct weir_model_kind *kind;
    enum weir_task task;
    char *form;                  /* what the user asked for: "linear", "logistic", "network" */
    char *label;                 /* name of the label column */
    struct weir_type label_type; /* prediction has this type */
    char **classes;              /* classify: class_count values as text, in the order of values; owned */
    int64_t class_count;
    struct weir_feature_list features; /* the columns that it reads, by name and type, after the plan */
    struct weir_plan plan;
    json_t *training; /* the record: data digest, seed, options, losses, complete; owned */
    char digest[33];  /* of the file it came from */
    void *state;      /* of the kind */
};

/* What one row gets. */
struct weir_prediction {
    int64_t rows;
    int64_t width;  /* classes, or 1 (regression) */
    double *values; /* [rows][width]: probabilities in the order of the classes, or the value */
};

struct weir_model_kind {
    const char *name; /* "network" */
    bool sparse;      /* reads rows as entries; else they are dense */
    int (*pack)(const struct weir_model *model, struct weir_model_file *file, struct weir_error *error);
    int (*unpack)(struct weir_model *model, const struct weir_model_file *file, struct weir_error *error);
    /* values[rows][width] from rows of the features. A row's values do not depend on the others, to the bit. `scratch`
     * is a thread's own, made by scratch_new. */
    void *(*scratch_new)(const struct weir_model *model);
    void (*scratch_free)(void *scratch);
    int (*predict)(const struct weir_model *model, void *scratch, const struct weir_feature_rows *rows, double *values,
                   struct weir_error *error);
    void (*release)(struct weir_model *model);
};
extern const struct weir_model_kind *const weir_model_kinds[]; /* NULL-ended */

/* Reads, checks and prepares for predicting. `model` is overwritten; on failure it is { 0 }. */
int weir_model_read(struct weir_model *model, const char *path, struct weir_error *error);
/* Fills `file` ({ 0 }) for weir_model_file_write; tensors point into `model`. */
int weir_model_pack(const struct weir_model *model, struct weir_model_file *file, struct weir_error *error);
/* The file, written in one go. 0 or -1. */
int weir_model_write(const struct weir_model *model, int descriptor, struct weir_error *error);
/* Takes the plan out of `file`; the file may be released afterwards. */
int weir_model_unpack(struct weir_model *model, struct weir_model_file *file, struct weir_error *error);
void weir_model_release(struct weir_model *model);

#endif
