#include "stage/series.h"
#include "base/random.h"
#include "stage/moment.h"
#include "stage/options.h"

static int require(const struct weir_schema *in, const char *name, const char *option, struct weir_error *error)
{
    int at = weir_schema_require(in, name, error);
    if (at >= 0)
        return at;
    if (error)
        error->status = WEIR_USAGE;
    return weir_fail_in(error, "option '%s'", option);
}

static int bind_time(struct weir_series *series, const char *time, const char *time_name, struct weir_error *error)
{
    const struct weir_schema *in = series->in;
    series->time = time ? require(in, time, time_name, error) : weir_schema_role(in, WEIR_TIME, 0);
    if (series->time < 0)
        return time ? -1 : 0;
    const struct weir_field *field = &in->fields[series->time];
    if (weir_is_moment(&field->type))
        return 0;
    series->time = -1;
    if (!time)
        return 0;
    struct weir_buffer type = { 0 };
    weir_type_describe(&field->type, &type);
    weir_fail(error, WEIR_USAGE, "option '%s': column %s is %s, and no time; clean --times makes one of text",
              time_name, WEIR_SHOW(field->name), type.failed ? "another type" : type.bytes);
    weir_buffer_release(&type);
    return -1;
}

int weir_series_bind(struct weir_series *series, const struct weir_schema *in, const json_t *by, const char *by_name,
                     const char *time, const char *time_name, struct weir_error *error)
{
    uint8_t key[WEIR_FINGERPRINT_KEY];
    series->in = in;
    series->group = weir_allocate((size_t)in->count, sizeof *series->group);
    if (!series->group)
        return weir_fail_memory(error);
    if (bind_time(series, time, time_name, error) < 0)
        return -1;
    for (size_t i = 0; i < weir_option_items(by) && series->group_count < in->count; i++) {
        int at = require(in, weir_option_item(by, i), by_name, error);
        if (at < 0)
            return -1;
        series->group[series->group_count++] = at;
    }
    for (int at = by ? -1 : weir_schema_role(in, WEIR_GROUP, 0); at >= 0; at = weir_schema_role(in, WEIR_GROUP, at + 1))
        series->group[series->group_count++] = at;
    if (series->group_count == 0)
        return 0;
    if (weir_random_secret(key, sizeof key, error) < 0)
        return -1;
    return weir_seen_init(&series->seen, WEIR_SEEN_ROWS, error) < 0
               ? -1
               : weir_fingerprint_new(&series->fingerprint, in, series->group, series->group_count, key, error);
}

void weir_series_release(struct weir_series *series)
{
    free(series->group);
    free(series->hashes);
    free(series->of);
    free(series->times);
    free(series->last);
    free(series->begun);
    weir_fingerprint_free(series->fingerprint);
    weir_seen_release(&series->seen);
    *series = (struct weir_series){ 0 };
}

static int add(struct weir_series *series, struct weir_error *error)
{
    size_t count = series->count + 1;
    if (series->time >= 0 &&
        (weir_grow((void **)&series->last, &series->last_capacity, count, sizeof *series->last) < 0 ||
         weir_grow((void **)&series->begun, &series->begun_capacity, count, sizeof *series->begun) < 0))
        return weir_fail_memory(error);
    if (series->time >= 0)
        series->begun[series->count] = false;
    series->count = count;
    return 0;
}

static bool same_hash(struct weir_hash128 a, struct weir_hash128 b)
{
    return a.low == b.low && a.high == b.high;
}

int weir_series_find(struct weir_series *series, const struct weir_batch *in, const struct weir_reasons *reasons,
                     struct weir_error *error)
{
    size_t rows = (size_t)in->rows;
    if (weir_grow((void **)&series->hashes, &series->hashes_capacity, rows, sizeof *series->hashes) < 0 ||
        weir_grow((void **)&series->of, &series->of_capacity, rows, sizeof *series->of) < 0)
        return weir_fail_memory(error);
    if (series->fingerprint && weir_fingerprint_rows(series->fingerprint, in, series->hashes, error) < 0)
        return -1;
    int64_t previous = -1;
    for (int64_t row = 0; row < in->rows; row++) {
        int64_t found = series->count > 0 ? 0 : -1;
        series->of[row] = -1;
        if (reasons && reasons->reasons[row])
            continue;
        if (series->fingerprint && previous >= 0 && same_hash(series->hashes[row], series->hashes[previous]))
            found = series->of[previous];
        else if (series->fingerprint &&
                 weir_seen_add(&series->seen, &series->hashes[row], 1, (int64_t)series->count, &found, error) < 0)
            return -1;
        series->of[row] = found >= 0 ? found : (int64_t)series->count;
        if (found < 0 && add(series, error) < 0)
            return -1;
        previous = row;
    }
    series->before += in->rows;
    return 0;
}

int weir_series_check_times(struct weir_series *series, const struct weir_batch *in, const struct weir_reasons *reasons,
                            const char *who, struct weir_error *error)
{
    if (series->time < 0)
        return 0;
    const struct weir_field *field = &series->in->fields[series->time];
    const struct weir_column *column = &in->columns[series->time];
    if (weir_grow((void **)&series->times, &series->times_capacity, (size_t)in->rows, sizeof *series->times) < 0)
        return weir_fail_memory(error);
    for (int64_t row = 0; row < in->rows; row++) {
        int64_t at = series->of[row];
        if (at < 0 || !weir_has_moment(column, field->type.kind, row))
            continue;
        int64_t time = series->times[row] = weir_moment(column, field->type.kind, row);
        if (series->begun[at] && time < series->last[at]) {
            int64_t number = reasons && reasons->numbers ? reasons->numbers[row] : series->before - in->rows + row + 1;
            return weir_fail(error, WEIR_BAD_DATA,
                             "row %lld: the time in %s goes backwards, and %s takes rows in their order; sort them by "
                             "time first",
                             (long long)number, WEIR_SHOW(field->name), who);
        }
        series->begun[at] = true;
        series->last[at] = time;
    }
    return 0;
}
