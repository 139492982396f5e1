/* What dedup has to know before the first row: what is compared, what is best, and what earlier runs have left. */
#include "base/random.h"
#include "stage/dedup_private.h"

static int add_column(struct dedup *self, const char *name, struct weir_error *error)
{
    int column = weir_schema_require(&self->schema, name, error);
    if (column < 0)
        return weir_fail_in(error, "--by");
    for (int i = 0; i < self->column_count; i++)
        if (self->columns[i] == column)
            return weir_fail(error, WEIR_USAGE, "--by names the column '%s' twice", name);
    self->columns[self->column_count++] = column;
    return 0;
}

static int choose_columns(struct dedup *self, struct weir_error *error)
{
    self->columns = weir_allocate((size_t)self->schema.count, sizeof *self->columns);
    if (!self->columns)
        return weir_fail_memory(error);
    if (self->options.near_count) {
        self->pool = weir_pool_new(0);
        return self->pool ? weir_dedup_near(&self->near, &self->options, &self->schema, self->pool, self->columns,
                                            &self->column_count, error)
                          : weir_fail_memory(error);
    }
    for (size_t i = 0; i < self->options.by_count; i++)
        if (add_column(self, self->options.by[i], error) < 0)
            return -1;
    if (self->options.by_count)
        return 0;
    for (int c = 0; c < self->schema.count; c++)
        if (self->schema.fields[c].role != WEIR_ID)
            self->columns[self->column_count++] = c;
    if (self->column_count == 0)
        return weir_fail(error, WEIR_BAD_DATA,
                         "every column is an id, and rows are compared by the others: name columns with --by");
    return 0;
}

static bool has_order(enum weir_kind kind)
{
    return weir_kind_is_number(kind) || (kind >= WEIR_DATE32 && kind <= WEIR_DURATION);
}

static int choose_best(struct dedup *self, struct weir_error *error)
{
    self->best = -1;
    if (self->options.keep != WEIR_KEEP_BEST)
        return 0;
    self->best = weir_schema_require(&self->schema, self->options.best, error);
    if (self->best < 0)
        return weir_fail_in(error, "--keep");
    if (!has_order(self->schema.fields[self->best].type.kind))
        return weir_fail(error, WEIR_BAD_DATA,
                         "--keep: the best of the column '%s' is asked for, which holds no numbers "
                         "and no times",
                         self->options.best);
    return 0;
}

static int choose_id(struct dedup *self, struct weir_error *error)
{
    self->id = weir_schema_role(&self->schema, WEIR_ID, 0);
    if (self->id >= 0 && !weir_ids_fit(&self->schema.fields[self->id].type))
        self->id = -1;
    if ((!self->options.mark && !self->options.index) || self->id < 0)
        return 0;
    const struct weir_type *type = &self->schema.fields[self->id].type;
    if (!self->memory.has_ids && weir_ids_init(&self->memory.ids, type) < 0)
        return weir_fail_memory(error);
    self->memory.has_ids = true;
    return 0;
}

/* ---- what earlier runs have left ---- */

/* The columns in the order in which the index has them; they must be the same. */
static int follow_columns(struct dedup *self, struct weir_error *error)
{
    const struct weir_memory *memory = &self->memory;
    for (int i = 0; i < self->column_count; i++) {
        int k = i;
        while (i < memory->column_count && k < self->column_count &&
               strcmp(self->schema.fields[self->columns[k]].name, memory->columns[i]) != 0)
            k++;
        if (i >= memory->column_count || k == self->column_count)
            break;
        int column = self->columns[k];
        self->columns[k] = self->columns[i];
        self->columns[i] = column;
        if (i + 1 == self->column_count && self->column_count == memory->column_count)
            return 0;
    }
    struct weir_buffer names = { 0 };
    for (int i = 0; i < memory->column_count; i++) {
        weir_buffer_string(&names, i ? ", " : "");
        weir_buffer_escaped(&names, memory->columns[i], strlen(memory->columns[i]));
    }
    weir_fail(error, WEIR_BAD_DATA,
              "'%s' remembers rows by the columns %.600s, and these are compared by others "
              "(--by names them)",
              self->options.index, names.bytes ? names.bytes : "");
    weir_buffer_release(&names);
    return -1;
}

static int follow_ids(struct dedup *self, struct weir_error *error)
{
    const struct weir_memory *memory = &self->memory;
    const struct weir_type *type = self->id >= 0 ? &self->schema.fields[self->id].type : NULL;
    struct weir_buffer here = { 0 }, there = { 0 };
    if (type && type->kind == WEIR_DICTIONARY)
        type = &type->children[0].type;
    if (memory->has_ids == (type != NULL) && (!type || weir_type_equal(type, &memory->ids.type)))
        return 0;
    weir_buffer_string(&here, type ? "ids of type " : "no ids");
    weir_buffer_string(&there, memory->has_ids ? "ids of type " : "no ids");
    if (type)
        weir_type_describe(type, &here);
    if (memory->has_ids)
        weir_type_describe(&memory->ids.type, &there);
    weir_fail(error, WEIR_BAD_DATA, "'%s' remembers rows with %s, and these have %s", self->options.index, there.bytes,
              here.bytes);
    weir_buffer_release(&here);
    weir_buffer_release(&there);
    return -1;
}

static int new_memory(struct dedup *self, enum weir_seen_holds holds, struct weir_error *error)
{
    struct weir_memory *memory = &self->memory;
    if (weir_random_secret(memory->key, sizeof memory->key, error) < 0)
        return -1;
    memory->columns = weir_allocate_zero((size_t)self->column_count, sizeof *memory->columns);
    if (!memory->columns)
        return weir_fail_memory(error);
    for (; memory->column_count < self->column_count; memory->column_count++) {
        const char *name = self->schema.fields[self->columns[memory->column_count]].name;
        if (!(memory->columns[memory->column_count] = weir_duplicate_string(name)))
            return weir_fail_memory(error);
    }
    return weir_seen_init(&memory->seen, holds, error);
}

int weir_dedup_prepare(struct dedup *self, const struct weir_schema *in, struct weir_error *error)
{
    const struct weir_dedup_options *options = &self->options;
    enum weir_seen_holds holds = options->keep == WEIR_KEEP_BEST                                      ? WEIR_SEEN_RANKED
                                 : options->keep == WEIR_KEEP_LAST || options->mark || options->index ? WEIR_SEEN_ROWS
                                                                                                      : WEIR_SEEN_ONLY;
    if (weir_schema_copy(&self->schema, in) < 0)
        return weir_fail_memory(error);
    if (choose_columns(self, error) < 0 || choose_best(self, error) < 0)
        return -1;
    if (self->index.size) {
        if (weir_index_read(&self->index, &self->memory, holds, self->near, error) < 0 ||
            follow_columns(self, error) < 0 || choose_id(self, error) < 0 || follow_ids(self, error) < 0)
            return -1;
    } else if (new_memory(self, holds, error) < 0 || choose_id(self, error) < 0) {
        return -1;
    }
    self->first = self->memory.rows;
    if (self->near)
        return 0;
    return weir_fingerprint_new(&self->fingerprint, &self->schema, self->columns, self->column_count, self->memory.key,
                                error);
}
