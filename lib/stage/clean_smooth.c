/* The part `smooth` of clean: noisy columns of numbers through a filter, each group of rows a series of its own. */
#include "base/number.h"
#include "math/smooth.h"
#include "stage/clean_private.h"
#include "stage/learn.h"
#include "stage/options.h"
#include "stage/series.h"
#include <math.h>

enum { LONGEST_WINDOW = 1001 };

struct smooth_filter {
    char *name; /* of the column */
    int window; /* of the median; 0: exponential */
    double alpha;
};

struct smooth {
    struct smooth_filter *filters;
    size_t count, capacity;
    const json_t *by; /* borrowed from the options; NULL: the columns with the role group */
};

/* One column of one series; behind it, for a median, 2 * window doubles. */
struct smooth_state {
    struct weir_sliding_median median;
    bool begun;
    double level;
};

struct smooth_work {
    const struct smooth_filter *filter;
    int at; /* index in the schema */
    enum weir_kind kind;
    size_t offset; /* of its state within a series */
    int64_t changed;
};

struct smooth_binding {
    struct weir_schema in;
    struct smooth_work *works;
    size_t count, states_size;
    struct weir_series series;
    unsigned char **states; /* of each series, states_size bytes */
    size_t states_count, states_capacity;
    struct weir_scratch numbers;
};

/* ---- The options -------------------------------------------------------------------------------------------- */

/* COLUMN=median:WINDOW or COLUMN=exponential:ALPHA */
static int read_filter(struct smooth *self, const char *text, struct weir_error *error)
{
    static const char median[] = "median:", exponential[] = "exponential:";
    const char *sign = strrchr(text, '=');
    int64_t window = 0;
    double alpha = 0;
    bool good = false;
    if (sign && sign > text && strncmp(sign + 1, median, sizeof median - 1) == 0) {
        const char *number = sign + sizeof median;
        good = weir_parse_int64(number, strlen(number), &window) && window >= 2 && window <= LONGEST_WINDOW;
    } else if (sign && sign > text && strncmp(sign + 1, exponential, sizeof exponential - 1) == 0) {
        const char *number = sign + sizeof exponential;
        good = weir_parse_double(number, strlen(number), &alpha) && alpha > 0 && alpha < 1;
    }
    if (!good)
        return weir_fail(error, WEIR_USAGE,
                         "option '--smooth': %s is neither COLUMN=median:WINDOW with 2 <= WINDOW <= %d nor "
                         "COLUMN=exponential:ALPHA with 0 < ALPHA < 1",
                         WEIR_SHOW(text), LONGEST_WINDOW);
    size_t length = (size_t)(sign - text);
    for (size_t i = 0; i < self->count; i++)
        if (strlen(self->filters[i].name) == length && memcmp(self->filters[i].name, text, length) == 0)
            return weir_fail(error, WEIR_USAGE, "option '--smooth': column %s is named twice",
                             WEIR_SHOW(self->filters[i].name));
    if (weir_grow((void **)&self->filters, &self->capacity, self->count + 1, sizeof *self->filters) < 0)
        return weir_fail_memory(error);
    char *name = weir_duplicate_bytes(text, length);
    if (!name)
        return weir_fail_memory(error);
    self->filters[self->count++] = (struct smooth_filter){ name, (int)window, alpha };
    return 0;
}

static int create(struct weir_stage *stage, struct weir_error *error)
{
    const json_t *list;
    struct smooth *self = stage->state = weir_allocate_zero(1, sizeof *self);
    if (!self)
        return weir_fail_memory(error);
    if (weir_option_list(stage->options, "smooth", &list, error) < 0 ||
        weir_option_list(stage->options, "smooth-by", &self->by, error) < 0)
        return -1;
    for (size_t i = 0; i < weir_option_items(list); i++)
        if (read_filter(self, weir_option_item(list, i), error) < 0)
            return -1;
    return self->count > 0 ? 0 : weir_fail(error, WEIR_USAGE, "--smooth-by needs --smooth");
}

static void destroy(struct weir_stage *stage)
{
    struct smooth *self = stage->state;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++)
        free(self->filters[i].name);
    free(self->filters);
    free(self);
}

/* ---- Binding ------------------------------------------------------------------------------------------------ */

static int bind_filter(struct smooth_binding *bound, const struct smooth_filter *filter, struct weir_schema *out,
                       struct weir_error *error)
{
    int at = weir_clean_require(&bound->in, filter->name, error);
    if (at < 0)
        return weir_fail_in(error, "option '--smooth'");
    if (bound->in.fields[at].role == WEIR_LABEL)
        return weir_fail(error, WEIR_USAGE, "option '--smooth': column %s is the label", WEIR_SHOW(filter->name));
    const struct weir_type *type = &bound->in.fields[at].type;
    bool real = type->kind == WEIR_FLOAT32 || type->kind == WEIR_FLOAT64;
    if (!real && !weir_kind_is_integer(type->kind)) {
        struct weir_buffer text = { 0 };
        weir_type_describe(type, &text);
        weir_fail(error, WEIR_USAGE, "option '--smooth': column %s is %s, and only numbers can be smoothed",
                  WEIR_SHOW(filter->name), text.bytes ? text.bytes : "");
        weir_buffer_release(&text);
        return -1;
    }
    bound->works[bound->count++] =
        (struct smooth_work){ .filter = filter, .at = at, .kind = type->kind, .offset = bound->states_size };
    bound->states_size += sizeof(struct smooth_state) + 2 * (size_t)filter->window * sizeof(double);
    if (!real)
        out->fields[at].type.kind = WEIR_FLOAT64;
    return 0;
}

static int bind(struct weir_binding *binding, const struct weir_schema *in, struct weir_error *error)
{
    const struct smooth *self = binding->stage->state;
    struct smooth_binding *bound = binding->state = weir_allocate_zero(1, sizeof *bound);
    if (!bound || weir_schema_copy(&bound->in, in) < 0 || weir_schema_copy(&binding->out, in) < 0)
        return weir_fail_memory(error);
    bound->works = weir_allocate_zero(self->count, sizeof *bound->works);
    if (!bound->works)
        return weir_fail_memory(error);
    for (size_t i = 0; i < self->count; i++)
        if (bind_filter(bound, &self->filters[i], &binding->out, error) < 0)
            return -1;
    return weir_series_bind(&bound->series, &bound->in, self->by, "--smooth-by", NULL, NULL, error);
}

static void unbind(struct weir_binding *binding)
{
    struct smooth_binding *bound = binding->state;
    if (!bound)
        return;
    for (size_t i = 0; i < bound->states_count; i++)
        free(bound->states[i]);
    free(bound->states);
    free(bound->works);
    weir_series_release(&bound->series);
    weir_scratch_release(&bound->numbers);
    weir_schema_release(&bound->in);
    free(bound);
}

/* States for the series that are new. */
static int add_states(struct smooth_binding *bound, struct weir_error *error)
{
    size_t count = bound->series.count;
    if (weir_grow((void **)&bound->states, &bound->states_capacity, count, sizeof *bound->states) < 0)
        return weir_fail_memory(error);
    while (bound->states_count < count) {
        unsigned char *states = weir_allocate_zero(1, bound->states_size);
        if (!states)
            return weir_fail_memory(error);
        bound->states[bound->states_count++] = states;
    }
    return 0;
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

static double smooth_row(struct smooth_binding *bound, struct smooth_work *work, int64_t row, double value)
{
    const struct smooth_filter *filter = work->filter;
    void *memory = bound->states[bound->series.of[row]] + work->offset;
    struct smooth_state *state = memory;
    if (filter->window > 0) {
        double median = weir_sliding_median_add(&state->median, (double *)(void *)(state + 1), filter->window, value);
        work->changed += median != value;
        return median;
    }
    state->level = state->begun ? weir_exponential(state->level, value, filter->alpha) : value;
    state->begun = true;
    work->changed += state->level != value;
    return state->level;
}

static int smooth_column(struct smooth_binding *bound, struct smooth_work *work, const struct weir_column *in,
                         struct weir_column *out, const struct weir_reasons *reasons, struct weir_error *error)
{
    int64_t missing;
    if (weir_scratch_numbers(&bound->numbers, in, work->kind, &missing, error) < 0)
        return -1;
    double *numbers = bound->numbers.numbers;
    for (int64_t row = 0; row < in->rows; row++) {
        if (isnan(numbers[row]))
            numbers[row] = weir_valid(in, row) ? weir_number(in, work->kind, row) : 0;
        else if (!reasons->reasons[row])
            numbers[row] = smooth_row(bound, work, row, numbers[row]);
    }
    *out = (struct weir_column){ .rows = in->rows, .null_count = in->null_count };
    out->validity = weir_slice_share(&in->validity);
    bool single = work->kind == WEIR_FLOAT32;
    void *values = weir_slice_new(&out->values, (size_t)in->rows, single ? sizeof(float) : sizeof(double));
    if (!values)
        return weir_fail_memory(error);
    for (int64_t row = 0; single && row < in->rows; row++)
        ((float *)values)[row] = (float)numbers[row];
    if (!single && in->rows > 0)
        memcpy(values, numbers, (size_t)in->rows * sizeof *numbers);
    return 0;
}

static int apply(struct weir_binding *binding, const struct weir_batch *in, struct weir_batch *out,
                 struct weir_reasons *reasons, struct weir_error *error)
{
    struct smooth_binding *bound = binding->state;
    if (weir_series_find(&bound->series, in, reasons, error) < 0 || add_states(bound, error) < 0 ||
        weir_series_check_times(&bound->series, in, reasons, "--smooth", error) < 0)
        return -1;
    if (weir_batch_share(out, in) < 0)
        return weir_fail_memory(error);
    for (size_t i = 0; i < bound->count; i++) {
        struct smooth_work *work = &bound->works[i];
        weir_column_release(&out->columns[work->at]);
        if (smooth_column(bound, work, &in->columns[work->at], &out->columns[work->at], reasons, error) < 0)
            return -1;
    }
    return 0;
}

static void summary(const struct weir_binding *binding, struct weir_buffer *out)
{
    const struct smooth_binding *bound = binding->state;
    struct clean_tally tally = { 0 };
    for (size_t i = 0; i < bound->count; i++)
        weir_clean_tally_add(&tally, bound->works[i].filter->name, bound->works[i].changed);
    weir_clean_tally_end(&tally, "smoothed", out);
}

const struct weir_stage_kind weir_clean_smooth_kind = {
    .name = "clean",
    .version = 1,
    .replay = WEIR_REPLAY_FLAG,
    .create = create,
    .destroy = destroy,
    .bind = bind,
    .apply = apply,
    .unbind = unbind,
    .summary = summary,
};
