/* Distinct texts and their numbers, in the order in which they were first seen. */
#ifndef WEIR_MODEL_INTERN_H
#define WEIR_MODEL_INTERN_H

#include "stream/batch.h"

struct weir_intern {
    struct weir_buffer text; /* all texts, one after the other */
    size_t *ends;            /* [count] */
    size_t count, ends_capacity;
    uint32_t *table; /* number + 1; 0: free */
    size_t table_size;
};

/* The text's number, or -1 when out of memory. Starts as { 0 }. */
int32_t weir_intern_add(struct weir_intern *intern, const char *text, size_t length);
int32_t weir_intern_find(const struct weir_intern *intern, const char *text, size_t length); /* -1: not there */
const char *weir_intern_text(const struct weir_intern *intern, size_t number, size_t *length);
/* A dictionary's entries, for a batch whose rows are codes: (*codes)[entry], -1 for a null, is the number of its text.
 * *codes grows to hold them, and is the caller's. 0, or -1 when out of memory. */
int weir_intern_entries(struct weir_intern *intern, const struct weir_column *entries, int32_t **codes,
                        size_t *capacity);
void weir_intern_release(struct weir_intern *intern);

#endif
