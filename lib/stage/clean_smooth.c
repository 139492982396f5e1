/* The part `smooth` of clean: noisy columns of numbers through a filter, each group of rows a series of its own. */
#include "base/number.h"
#include "base/random.h"
#include "math/smooth.h"
#include "stage/clean_private.h"
#include "stage/fingerprint.h"
#include "stage/learn.h"
#include "stage/options.h"
#include "stage/seen.h"
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

struct smooth_series {
    double last_time; /* NAN: none yet */
    unsigned char states[];
};

struct smooth_binding {
    struct weir_schema in;
    struct smooth_work *works;
    size_t count, series_size;
    int *group; /* [group_count] columns */
    int group_count, time;
    struct weir_fingerprint *fingerprint; /* of the group's columns; NULL: all rows are one series */
    struct weir_seen seen;                /* fingerprint to series */
    struct smooth_series **series;
    size_t series_count, series_capacity;
    struct weir_hash128 *hashes;
    size_t hashes_capacity;
    int64_t *series_of; /* [rows] */
    size_t series_of_capacity;
    int64_t rows; /* before the batch at hand */
    struct weir_scratch numbers, times;
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
        (struct smooth_work){ .filter = filter, .at = at, .kind = type->kind, .offset = bound->series_size };
    bound->series_size += sizeof(struct smooth_state) + 2 * (size_t)filter->window * sizeof(double);
    if (!real)
        out->fields[at].type.kind = WEIR_FLOAT64;
    return 0;
}

static int bind_group(struct smooth_binding *bound, const struct smooth *self, struct weir_error *error)
{
    const struct weir_schema *in = &bound->in;
    uint8_t key[WEIR_FINGERPRINT_KEY];
    bound->group = weir_allocate((size_t)in->count, sizeof *bound->group);
    if (!bound->group)
        return weir_fail_memory(error);
    for (size_t i = 0; i < weir_option_items(self->by) && bound->group_count < in->count; i++) {
        int at = weir_schema_require(in, weir_option_item(self->by, i), error);
        if (at < 0) {
            if (error)
                error->status = WEIR_USAGE;
            return weir_fail_in(error, "option '--smooth-by'");
        }
        bound->group[bound->group_count++] = at;
    }
    for (int at = self->by ? -1 : weir_schema_role(in, WEIR_GROUP, 0); at >= 0;
         at = weir_schema_role(in, WEIR_GROUP, at + 1))
        bound->group[bound->group_count++] = at;
    if (bound->group_count == 0)
        return 0;
    if (weir_random_secret(key, sizeof key, error) < 0)
        return -1;
    return weir_seen_init(&bound->seen, WEIR_SEEN_ROWS, error) < 0
               ? -1
               : weir_fingerprint_new(&bound->fingerprint, in, bound->group, bound->group_count, key, error);
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
    bound->time = weir_schema_role(in, WEIR_TIME, 0);
    if (bound->time >= 0 && weir_kind_width(in->fields[bound->time].type.kind) == 0)
        bound->time = -1;
    return bind_group(bound, self, error);
}

static void unbind(struct weir_binding *binding)
{
    struct smooth_binding *bound = binding->state;
    if (!bound)
        return;
    for (size_t i = 0; i < bound->series_count; i++)
        free(bound->series[i]);
    free(bound->series);
    free(bound->works);
    free(bound->group);
    free(bound->hashes);
    free(bound->series_of);
    weir_fingerprint_free(bound->fingerprint);
    weir_seen_release(&bound->seen);
    weir_scratch_release(&bound->numbers);
    weir_scratch_release(&bound->times);
    weir_schema_release(&bound->in);
    free(bound);
}

/* ---- Which series a row belongs to -------------------------------------------------------------------------- */

static int new_series(struct smooth_binding *bound, struct weir_error *error)
{
    if (weir_grow((void **)&bound->series, &bound->series_capacity, bound->series_count + 1, sizeof *bound->series) < 0)
        return weir_fail_memory(error);
    struct smooth_series *series = weir_allocate_zero(1, sizeof *series + bound->series_size);
    if (!series)
        return weir_fail_memory(error);
    series->last_time = (double)NAN;
    bound->series[bound->series_count++] = series;
    return 0;
}

static int find_series(struct smooth_binding *bound, const struct weir_batch *in, const struct weir_reasons *reasons,
                       struct weir_error *error)
{
    if (weir_grow((void **)&bound->hashes, &bound->hashes_capacity, (size_t)in->rows, sizeof *bound->hashes) < 0 ||
        weir_grow((void **)&bound->series_of, &bound->series_of_capacity, (size_t)in->rows, sizeof *bound->series_of) <
            0)
        return weir_fail_memory(error);
    if (bound->fingerprint && weir_fingerprint_rows(bound->fingerprint, in, bound->hashes, error) < 0)
        return -1;
    for (int64_t row = 0; row < in->rows; row++) {
        int64_t found = bound->series_count > 0 ? 0 : -1;
        if (reasons->reasons[row])
            continue;
        if (bound->fingerprint &&
            weir_seen_add(&bound->seen, &bound->hashes[row], 1, (int64_t)bound->series_count, &found, error) < 0)
            return -1;
        bound->series_of[row] = found >= 0 ? found : (int64_t)bound->series_count;
        if (found < 0 && new_series(bound, error) < 0)
            return -1;
    }
    return 0;
}

/* Within a series time stands still or goes on. */
static int check_times(struct smooth_binding *bound, const struct weir_batch *in, const struct weir_reasons *reasons,
                       struct weir_error *error)
{
    if (bound->time < 0)
        return 0;
    const struct weir_field *field = &bound->in.fields[bound->time];
    int64_t missing;
    if (weir_scratch_numbers(&bound->times, &in->columns[bound->time], field->type.kind, &missing, error) < 0)
        return -1;
    for (int64_t row = 0; row < in->rows; row++) {
        double time = bound->times.numbers[row];
        if (reasons->reasons[row] || isnan(time))
            continue;
        struct smooth_series *series = bound->series[bound->series_of[row]];
        if (time < series->last_time)
            return weir_fail(error, WEIR_BAD_DATA,
                             "row %lld: the time in %s goes backwards, and --smooth takes rows in their order; sort "
                             "them by time first",
                             weir_clean_row_number(reasons, bound->rows, row), WEIR_SHOW(field->name));
        series->last_time = time;
    }
    return 0;
}

/* ---- Applying ----------------------------------------------------------------------------------------------- */

static double smooth_row(struct smooth_binding *bound, struct smooth_work *work, int64_t row, double value)
{
    const struct smooth_filter *filter = work->filter;
    void *memory = bound->series[bound->series_of[row]]->states + work->offset;
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
    if (find_series(bound, in, reasons, error) < 0 || check_times(bound, in, reasons, error) < 0)
        return -1;
    if (weir_batch_share(out, in) < 0)
        return weir_fail_memory(error);
    for (size_t i = 0; i < bound->count; i++) {
        struct smooth_work *work = &bound->works[i];
        weir_column_release(&out->columns[work->at]);
        if (smooth_column(bound, work, &in->columns[work->at], &out->columns[work->at], reasons, error) < 0)
            return -1;
    }
    bound->rows += in->rows;
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
