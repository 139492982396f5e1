/* Rows far from the others, by two measures.
 *
 * All columns together: the isolation forest (math/isolation.h), in which a text counts as -log2 of the share of rows
 * that have it (nothing where most texts are rare), and a missing value as the column's median. From a score of 0.6 on
 * rows are "potential anomalies" (Liu, Ting and Zhou, figure 2).
 *
 * One column alone, which the forest dilutes when there are many: a fence on each side of the median, as J. W. Tukey,
 * "Exploratory data analysis", 1977, puts them, but from the first and the last percent in place of the quartiles and
 * each side for itself, so that skewed columns and those with few values do not have every tail for outliers:
 *
 *   x > m + k (q99 - m)   or   x < m - k (m - q1),   k = 5 unless told; no fence where the quantile is m itself. */
#include "base/memory.h"
#include "base/number.h"
#include "base/random.h"
#include "math/isolation.h"
#include "math/sort.h"
#include "model/audit_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = WEIR_ISOLATION_BLOCK, SHARDS = 64 };

struct outliers {
    struct weir_audit *audit;
    struct weir_isolation *forest;
    int64_t width;
    float **rarity;  /* [sources] of a text: [texts] -log2 of its share */
    float *common;   /* [sources] what a missing value counts as */
    float *uncommon; /* [sources] what a text that was not told apart counts as */
    int sample;
    int64_t *trees; /* [trees][sample] rows */
    int *failed;
};

/* How far a number is from the median, in distances of the first or last percent from it. */
static double distance_beyond(const struct weir_audit_source *source, float value)
{
    if (isnan(value) || source->sampled == 0)
        return NAN;
    double middle = (double)weir_audit_quantile(source, 0.5), distance = (double)value - middle;
    double bulk = (double)weir_audit_quantile(source, distance < 0 ? 0.01 : 0.99) - middle;
    return bulk != 0 ? distance / bulk : NAN;
}

/* Number k of a column in a record, `missing` where it is NaN. */
static float number_at(const struct weir_audit_source *source, const uint8_t *from, int64_t k, float missing)
{
    float value;
    if (source->storage == WEIR_STORE_UINT8)
        return (float)from[k];
    if (source->storage == WEIR_STORE_INT8)
        return (float)(int8_t)from[k];
    memcpy(&value, from + (size_t)k * sizeof value, sizeof value);
    return isnan(value) ? missing : value;
}

/* x[width][stride] of the rows named. */
static void gather(const struct outliers *self, const int64_t *rows, int64_t count, int64_t stride, float *x)
{
    const struct weir_audit_rows *all = &self->audit->rows;
    int64_t at = 0;
    for (size_t i = 0; i < all->source_count; i++) {
        const struct weir_audit_source *source = &all->sources[i];
        if (!source->feature)
            continue;
        for (int64_t r = 0; r < count; r++) {
            float *to = x + at * stride + r;
            const uint8_t *from = weir_dataset_record(&all->dataset, rows[r]) + source->offset;
            if (source->form == WEIR_AUDIT_TEXT) {
                int32_t code = weir_audit_code(all, source, rows[r]);
                *to = code >= 0                    ? self->rarity[i][code]
                      : code == WEIR_AUDIT_MISSING ? self->common[i]
                                                   : self->uncommon[i];
                continue;
            }
            for (int64_t k = 0; k < source->width; k++)
                to[k * stride] = number_at(source, from, k, self->common[i]);
        }
        at += source->width;
    }
}

/* What texts count as: the most frequent one is what a missing value counts as. */
static int weigh_texts(struct outliers *self, size_t i)
{
    const struct weir_audit_source *source = &self->audit->rows.sources[i];
    double present = (double)(self->audit->rows.count - source->missing);
    int64_t most = 1;
    self->rarity[i] = weir_allocate(source->texts.count, sizeof **self->rarity);
    if (!self->rarity[i])
        return -1;
    if (source->hardly_recur) {
        memset(self->rarity[i], 0, source->texts.count * sizeof **self->rarity);
        return 0;
    }
    for (size_t t = 0; t < source->texts.count; t++) {
        double rows = (double)source->counts[t];
        self->rarity[i][t] = rows > 0 ? (float)log2(present / rows) : 0;
        most = source->counts[t] > most ? source->counts[t] : most;
    }
    self->common[i] = present > 0 ? (float)log2(present / (double)most) : 0;
    self->uncommon[i] = present > 0 ? (float)log2(present) : 0;
    return 0;
}

static int prepare(struct outliers *self, struct weir_error *error)
{
    const struct weir_audit_rows *rows = &self->audit->rows;
    self->rarity = weir_allocate_zero(rows->source_count, sizeof *self->rarity);
    self->common = weir_allocate_zero(rows->source_count, sizeof *self->common);
    self->uncommon = weir_allocate_zero(rows->source_count, sizeof *self->uncommon);
    if (!self->rarity || !self->common || !self->uncommon)
        return weir_fail_memory(error);
    for (size_t i = 0; i < rows->source_count; i++) {
        const struct weir_audit_source *source = &rows->sources[i];
        if (!source->feature)
            continue;
        self->width += source->width;
        if (source->form == WEIR_AUDIT_TEXT && weigh_texts(self, i))
            return weir_fail_memory(error);
        if (source->sampled)
            self->common[i] = weir_audit_quantile(source, 0.5);
    }
    return self->width ? 0 : weir_fail(error, WEIR_BAD_DATA, "no column is a feature with numbers or texts");
}

/* Different rows for each tree: Floyd's choice (J. Bentley, "Programming pearls: a sample of brilliance", CACM 30,
 * 1987). */
static void choose_rows(struct outliers *self)
{
    for (int t = 0; t < WEIR_ISOLATION_TREES; t++) {
        struct weir_random random;
        int64_t *chosen = self->trees + (int64_t)t * self->sample, rows = self->audit->rows.count;
        weir_random_init(&random, self->audit->options.seed, (uint64_t)(WEIR_ISOLATION_TREES + t));
        for (int i = 0; i < self->sample; i++) {
            int64_t last = rows - self->sample + i;
            chosen[i] = (int64_t)weir_random_below(&random, (uint64_t)last + 1);
            for (int k = 0; k < i; k++)
                if (chosen[k] == chosen[i]) {
                    chosen[i] = last;
                    break;
                }
        }
    }
}

static void grow_tree(void *context, int tree, int thread)
{
    (void)thread;
    struct outliers *self = context;
    float *x = weir_allocate((size_t)self->sample, (size_t)self->width * sizeof *x);
    self->failed[tree] = !x;
    if (!x)
        return;
    gather(self, self->trees + (int64_t)tree * self->sample, self->sample, self->sample, x);
    weir_isolation_grow(self->forest, tree, x);
    free(x);
}

static void mark_beyond(struct weir_audit *audit, const struct weir_audit_source *source, int64_t first, int64_t count)
{
    double middle = (double)weir_audit_quantile(source, 0.5), times = audit->options.far_away;
    double below = times * (middle - (double)weir_audit_quantile(source, 0.01));
    double above = times * ((double)weir_audit_quantile(source, 0.99) - middle);
    double low = below > 0 ? middle - below : -INFINITY, high = above > 0 ? middle + above : INFINITY;
    for (int64_t row = first; row < first + count; row++) {
        double value = (double)weir_audit_float(&audit->rows, source, row);
        audit->outliers.far[row] |= value < low || value > high;
    }
}

static void score_shard(void *context, int shard, int thread)
{
    (void)thread;
    struct outliers *self = context;
    struct weir_audit *audit = self->audit;
    int64_t rows = audit->rows.count, end = rows * (shard + 1) / SHARDS, index[BLOCK];
    float *x = weir_allocate_zero((size_t)self->width, BLOCK * sizeof *x);
    self->failed[shard] = !x;
    for (int64_t row = rows * shard / SHARDS, count = 0; x && row < end; row += count) {
        count = end - row < BLOCK ? end - row : BLOCK;
        for (int64_t r = 0; r < count; r++)
            index[r] = row + r;
        gather(self, index, count, BLOCK, x);
        weir_isolation_scores(self->forest, x, (int)count, audit->outliers.score + row);
        for (size_t i = 0; i < audit->rows.source_count; i++)
            if (audit->rows.sources[i].feature && audit->rows.sources[i].sampled)
                mark_beyond(audit, &audit->rows.sources[i], row, count);
    }
    free(x);
}

static int any_failed(const struct outliers *self, int count, struct weir_error *error)
{
    for (int i = 0; i < count; i++)
        if (self->failed[i])
            return weir_fail_memory(error);
    return 0;
}

static int find(struct outliers *self, struct weir_error *error)
{
    struct weir_audit *audit = self->audit;
    struct weir_audit_outliers *outliers = &audit->outliers;
    size_t rows = (size_t)audit->rows.count;
    self->sample = (int)(rows < WEIR_ISOLATION_SAMPLE ? rows : WEIR_ISOLATION_SAMPLE);
    self->trees = weir_allocate((size_t)self->sample, WEIR_ISOLATION_TREES * sizeof *self->trees);
    self->failed =
        weir_allocate_zero((int)WEIR_ISOLATION_TREES > (int)SHARDS ? WEIR_ISOLATION_TREES : SHARDS, sizeof(int));
    outliers->score = weir_allocate(rows, sizeof *outliers->score);
    outliers->far = weir_allocate_zero(rows, 1);
    if (!self->trees || !self->failed || !outliers->score || !outliers->far)
        return weir_fail_memory(error);
    if (weir_isolation_new(&self->forest, self->width, self->sample, audit->options.seed, error))
        return -1;
    choose_rows(self);
    weir_pool_run(audit->pool, WEIR_ISOLATION_TREES, grow_tree, self);
    if (any_failed(self, WEIR_ISOLATION_TREES, error))
        return -1;
    weir_pool_run(audit->pool, SHARDS, score_shard, self);
    if (any_failed(self, SHARDS, error))
        return -1;
    for (size_t row = 0; row < rows; row++) {
        outliers->found += (double)outliers->score[row] >= audit->options.outlier || outliers->far[row];
        outliers->far_found += outliers->far[row];
    }
    return 0;
}

/* ---- What is told of them ----------------------------------------------------------------------------------- */

/* The share of rows that are as far out as this value, or that have this text. */
static double share_beyond(const struct weir_audit *audit, const struct weir_audit_source *source, int64_t row)
{
    if (source->form == WEIR_AUDIT_TEXT) {
        int32_t code = weir_audit_code(&audit->rows, source, row);
        return code >= 0 ? (double)source->counts[code] / (double)audit->rows.count : 1;
    }
    float value = weir_audit_float(&audit->rows, source, row);
    int64_t low = 0, high = 0;
    for (int64_t first = 0, end = source->sampled; first < end;) { /* low: how many are below */
        int64_t middle = (first + end) / 2;
        if (source->sample[middle] < value)
            first = low = middle + 1;
        else
            end = middle;
    }
    for (int64_t first = low, end = high = source->sampled; first < end;) { /* high: how many are not above */
        int64_t middle = (first + end) / 2;
        if (source->sample[middle] <= value)
            first = middle + 1;
        else
            end = high = middle;
    }
    int64_t beyond = source->sampled - low < high ? source->sampled - low : high;
    return (double)beyond / (double)source->sampled;
}

/* The column that sets a row apart the most, NULL: none does; *times: as distance_beyond (NaN: a text). */
static const struct weir_audit_source *telling_column(const struct weir_audit *audit, int64_t row, double *times)
{
    const struct weir_audit_source *found = NULL;
    double least = 0.25;
    *times = NAN;
    for (size_t i = 0; i < audit->rows.source_count; i++) {
        const struct weir_audit_source *source = &audit->rows.sources[i];
        bool text = source->form == WEIR_AUDIT_TEXT;
        if (!source->feature || source->form == WEIR_AUDIT_TENSOR || source->hardly_recur ||
            (!text && source->sampled == 0))
            continue;
        float value = text ? 0 : weir_audit_float(&audit->rows, source, row);
        if (isnan(value))
            continue;
        double beyond = text ? NAN : distance_beyond(source, value), share = share_beyond(audit, source, row);
        bool farther = beyond > audit->options.far_away && !(*times >= beyond);
        if (farther || (share < least && !(*times > audit->options.far_away))) {
            found = source;
            least = share;
            *times = beyond;
        }
    }
    return found;
}

static int describe(const struct weir_audit *audit, struct weir_audit_outlier *outlier, struct weir_error *error)
{
    struct weir_buffer text = { 0 };
    double times;
    const struct weir_audit_source *source = outlier->source = telling_column(audit, outlier->row, &times);
    outlier->times = times;
    if (!source || source->form == WEIR_AUDIT_TIME)
        return 0;
    if (source->form == WEIR_AUDIT_TEXT) {
        size_t length;
        int32_t code = weir_audit_code(&audit->rows, source, outlier->row);
        const char *value = weir_intern_text(&source->texts, (size_t)code, &length);
        weir_buffer_append(&text, value, length);
    } else {
        char number[WEIR_NUMBER_SIZE];
        weir_buffer_append(&text, number,
                           weir_format_float(weir_audit_float(&audit->rows, source, outlier->row), number));
    }
    outlier->value = text.bytes;
    outlier->length = text.size;
    return weir_buffer_check(&text, error);
}

/* The rows beyond a fence first, then by their scores. */
static int list_outliers(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_audit_outliers *outliers = &audit->outliers;
    int64_t top = audit->options.top, count = 0;
    struct weir_keyed *items = weir_allocate((size_t)outliers->found, 2 * sizeof *items);
    outliers->listed = top && top < outliers->found ? top : outliers->found;
    outliers->items = weir_allocate_zero((size_t)outliers->listed, sizeof *outliers->items);
    if (!items || !outliers->items) {
        outliers->listed = 0;
        free(items);
        return weir_fail_memory(error);
    }
    for (int64_t row = 0; row < audit->rows.count; row++) {
        double score = (double)outliers->score[row];
        if (score >= audit->options.outlier || outliers->far[row])
            items[count++] = (struct weir_keyed){ weir_key(-score - outliers->far[row]), (uint64_t)row };
    }
    weir_sort_keyed(items, items + count, (size_t)count);
    int result = 0;
    for (int64_t i = 0; result == 0 && i < outliers->listed; i++) {
        outliers->items[i].row = (int64_t)items[i].item;
        result = describe(audit, &outliers->items[i], error);
    }
    free(items);
    return result;
}

int weir_audit_outliers_find(struct weir_audit *audit, struct weir_error *error)
{
    struct outliers self = { .audit = audit };
    int result = prepare(&self, error);
    if (result == 0)
        result = find(&self, error);
    if (result == 0)
        result = list_outliers(audit, error);
    audit->outliers.width = self.width;
    for (size_t i = 0; self.rarity && i < audit->rows.source_count; i++)
        free(self.rarity[i]);
    free(self.rarity);
    free(self.common);
    free(self.uncommon);
    free(self.trees);
    free(self.failed);
    weir_isolation_free(self.forest);
    return result;
}

void weir_audit_outliers_release(struct weir_audit_outliers *outliers)
{
    for (int64_t i = 0; i < outliers->listed; i++)
        free(outliers->items[i].value);
    free(outliers->items);
    free(outliers->score);
    free(outliers->far);
}
