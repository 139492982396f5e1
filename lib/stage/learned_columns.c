#include "stage/learned_columns.h"
#include "stage/choose.h"
#include "stage/learn.h"
#include "stage/options.h"
#include "stage/state.h"

void weir_learned_columns_release(struct weir_learned_columns *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->names[i]);
        weir_type_release(&self->types[i]);
    }
    free(self->names);
    free(self->types);
    *self = (struct weir_learned_columns){ 0 };
}

static int reserve(struct weir_learned_columns *self, size_t count, struct weir_error *error)
{
    weir_learned_columns_release(self);
    self->names = weir_allocate_zero(count, sizeof *self->names);
    self->types = weir_allocate_zero(count, sizeof *self->types);
    return self->names && self->types ? 0 : weir_fail_memory(error);
}

int weir_learned_columns_learn(struct weir_learned_columns *self, const struct weir_schema *in, const json_t *columns,
                               weir_learned_columns_fit *fits, void *context, struct weir_error *error)
{
    int *chosen;
    size_t count;
    if (weir_choose_columns(in, columns, "features", fits, context, &chosen, &count, error) < 0)
        return -1;
    int result = reserve(self, count, error);
    while (result == 0 && self->count < count) {
        const struct weir_field *field = &in->fields[chosen[self->count]];
        size_t i = self->count++;
        self->names[i] = weir_duplicate_string(field->name);
        if (!self->names[i] || weir_type_copy(&self->types[i], &field->type) < 0)
            result = weir_fail_memory(error);
    }
    free(chosen);
    return result;
}

int weir_learned_columns_save(const struct weir_learned_columns *self, json_t **state, struct weir_error *error)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < self->count; i++)
        weir_state_append(&columns, weir_state_new_column(self->names[i], &self->types[i]));
    return weir_state_of_columns(columns, state, error);
}

int weir_learned_columns_restore(struct weir_learned_columns *self, const json_t *state, struct weir_error *error)
{
    const json_t *columns = weir_state_columns(state, error);
    if (!columns || reserve(self, json_array_size(columns), error) < 0)
        return -1;
    while (self->count < json_array_size(columns)) {
        size_t i = self->count++;
        if (weir_state_name_and_type(json_array_get(columns, i), &self->names[i], &self->types[i], error) < 0)
            return -1;
    }
    return 0;
}

int weir_learned_columns_merge(const struct weir_stage *into, const struct weir_learned_columns *self,
                               const struct weir_stage *from, const struct weir_learned_columns *other,
                               struct weir_error *error)
{
    if (weir_state_check_merge(into, self->count, from, other->count, error) < 0)
        return -1;
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->names[i], other->names[i]) != 0)
            return weir_fail(error, WEIR_BAD_DATA, "the states differ in column %s", WEIR_SHOW(self->names[i]));
    return 0;
}

int weir_learned_columns_find(const struct weir_learned_columns *self, const struct weir_schema *in,
                              weir_learned_columns_fit *fits, void *context, int *at, struct weir_error *error)
{
    struct weir_absent absent = { 0 };
    struct weir_schema_index index = { 0 };
    int result = weir_schema_index_init(&index, in) < 0 ? weir_fail_memory(error) : 0;
    for (size_t i = 0; result == 0 && i < self->count; i++) {
        at[i] = weir_schema_index_find(&index, self->names[i]);
        if (at[i] < 0)
            weir_absent_add(&absent, self->names[i]);
        else if (!fits(&in->fields[at[i]], context))
            result = weir_fail_type(error, "features", &in->fields[at[i]], &self->types[i]);
    }
    weir_schema_index_release(&index);
    if (result < 0)
        weir_buffer_release(&absent.names);
    return result < 0 ? -1 : weir_absent_fail(&absent, "features", error);
}
