#include "eval/learning.h"
#include "base/json.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[WEIR_LEARNING_FIGURES] = { "loss", "validation_loss", "accuracy", "validation_accuracy",
                                                          "learning_rate" };

void weir_learning_release(struct weir_learning *learning)
{
    free(learning->epochs);
    for (int i = 0; i < WEIR_LEARNING_FIGURES; i++)
        free(learning->figures[i]);
    *learning = (struct weir_learning){ 0 };
}

static int make_room(struct weir_learning *learning, struct weir_error *error)
{
    if (learning->count < learning->capacity)
        return 0;
    if (learning->count >= WEIR_LEARNING_EPOCHS)
        return weir_fail(error, WEIR_BAD_DATA, "more than %d epochs", WEIR_LEARNING_EPOCHS);
    size_t capacity = learning->capacity ? learning->capacity * 2 : 64;
    double **arrays[WEIR_LEARNING_FIGURES + 1] = { &learning->epochs };
    for (int i = 0; i < WEIR_LEARNING_FIGURES; i++)
        arrays[i + 1] = &learning->figures[i];
    for (int i = 0; i <= WEIR_LEARNING_FIGURES; i++) {
        double *bigger = weir_reallocate(*arrays[i], capacity, sizeof *bigger);
        if (!bigger)
            return weir_fail_memory(error);
        *arrays[i] = bigger;
    }
    learning->capacity = capacity;
    return 0;
}

static int read_entry(struct weir_learning *learning, const json_t *entry, struct weir_error *error)
{
    const json_t *epoch = json_object_get(entry, "epoch");
    if (!epoch)
        return weir_fail(error, WEIR_BAD_DATA,
                         "no \"epoch\" in a JSON object: only what `train --log` writes can be drawn");
    double number = json_number_value(epoch);
    if (!json_is_number(epoch) || !(number >= 0 && number <= 0x1p53))
        return weir_fail(error, WEIR_BAD_DATA, "\"epoch\" is no number of an epoch");
    while (learning->count && learning->epochs[learning->count - 1] >= number)
        learning->count--;
    if (make_room(learning, error))
        return -1;
    learning->epochs[learning->count] = number;
    for (int i = 0; i < WEIR_LEARNING_FIGURES; i++) {
        const json_t *figure = json_object_get(entry, names[i]);
        if (figure && !json_is_number(figure))
            return weir_fail(error, WEIR_BAD_DATA, "\"%s\" is no number", names[i]);
        learning->figures[i][learning->count] = figure ? json_number_value(figure) : NAN;
    }
    learning->count++;
    return 0;
}

static int read_line(struct weir_learning *learning, const char *line, size_t length, struct weir_error *error)
{
    if (length > WEIR_LEARNING_LINE)
        return weir_fail(error, WEIR_BAD_DATA, "longer than %d bytes", WEIR_LEARNING_LINE);
    json_t *entry = weir_json_parse(line, length, JSON_REJECT_DUPLICATES, error);
    if (!entry)
        return -1;
    int result = read_entry(learning, entry, error);
    json_decref(entry);
    return result;
}

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return false;
    return true;
}

int weir_learning_read(struct weir_learning *learning, const char *bytes, size_t size, struct weir_error *error)
{
    *learning = (struct weir_learning){ 0 };
    size_t number = 0;
    for (size_t first = 0, end; first < size; first = end + 1) {
        const char *newline = memchr(bytes + first, '\n', size - first);
        end = newline ? (size_t)(newline - bytes) : size;
        number++;
        if (is_blank(bytes + first, end - first))
            continue;
        if (read_line(learning, bytes + first, end - first, error) == 0)
            continue;
        if (newline || learning->count == 0 || (error && error->status == WEIR_NO_MEMORY))
            return weir_fail_in(error, "line %zu", number);
        learning->cut = true;
    }
    return learning->count ? 0
                           : weir_fail(error, WEIR_BAD_DATA, "no epoch in it: `train --log` writes a line for each");
}
