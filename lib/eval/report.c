#include "eval/report.h"
#include "base/number.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHOWN_CLASSES = 20 };

/* A value of a column, -1: missing, and its rows[count]. */
static int measure_slice(struct weir_report *report, const struct weir_predictions *predictions,
                         const struct weir_slicing *column, int32_t value, const uint32_t *rows, int64_t count,
                         const struct weir_bootstrap *bootstrap, struct weir_error *error)
{
    struct weir_predictions part;
    if (weir_predictions_slice(&part, predictions, rows, count, error))
        return -1;
    struct weir_report_slice *slice = &report->slices[report->slice_count++];
    slice->column = column->name;
    slice->value = value < 0 ? NULL : column->values.names[value];
    slice->value_length = value < 0 ? 0 : column->values.lengths[value];
    int result = weir_metrics_measure(&slice->metrics, &part, bootstrap, error);
    slice->metrics.classes = &predictions->classes; /* not those of `part`, which end here */
    weir_predictions_release(&part, true);
    return result;
}

/* order[rows]: the rows of one value after those of the other, what is missing last; ends[values + 1]: of each. */
static void order_rows(const struct weir_slicing *column, int64_t rows, uint32_t *order, int64_t *ends)
{
    int32_t values = column->values.count;
    int64_t begin = 0;
    memset(ends, 0, ((size_t)values + 1) * sizeof *ends);
    for (int64_t row = 0; row < rows; row++)
        ends[column->slices[row] < 0 ? values : column->slices[row]]++;
    for (int32_t value = 0; value <= values; value++) {
        int64_t count = ends[value];
        ends[value] = begin;
        begin += count;
    }
    for (int64_t row = 0; row < rows; row++)
        order[ends[column->slices[row] < 0 ? values : column->slices[row]]++] = (uint32_t)row;
}

static int measure_column(struct weir_report *report, const struct weir_predictions *predictions,
                          const struct weir_slicing *column, const struct weir_bootstrap *bootstrap,
                          struct weir_error *error)
{
    int32_t values = column->values.count;
    uint32_t *order = weir_allocate((size_t)predictions->rows, sizeof *order);
    int64_t *ends = weir_allocate((size_t)values + 1, sizeof *ends);
    int result = order && ends ? 0 : weir_fail_memory(error);
    if (result == 0)
        order_rows(column, predictions->rows, order, ends);
    for (int32_t value = 0; value <= values && result == 0; value++) {
        int64_t begin = value ? ends[value - 1] : 0;
        if (ends[value] > begin)
            result = measure_slice(report, predictions, column, value < values ? value : -1, order + begin,
                                   ends[value] - begin, bootstrap, error);
    }
    free(order);
    free(ends);
    return result;
}

int weir_report_measure(struct weir_report *report, const struct weir_predictions *predictions,
                        const struct weir_bootstrap *bootstrap, struct weir_error *error)
{
    *report = (struct weir_report){ 0 };
    size_t most = 0;
    for (int i = 0; i < predictions->slicing_count; i++)
        most += (size_t)predictions->slicings[i].values.count + 1;
    report->slices = weir_allocate_zero(most, sizeof *report->slices);
    if (!report->slices)
        return weir_fail_memory(error);
    if (weir_metrics_measure(&report->whole, predictions, bootstrap, error))
        return -1;
    for (int i = 0; i < predictions->slicing_count; i++)
        if (measure_column(report, predictions, &predictions->slicings[i], bootstrap, error))
            return -1;
    return 0;
}

void weir_report_release(struct weir_report *report)
{
    weir_metrics_release(&report->whole);
    for (size_t i = 0; i < report->slice_count; i++)
        weir_metrics_release(&report->slices[i].metrics);
    free(report->slices);
    *report = (struct weir_report){ 0 };
}

static int first_metric(const struct weir_metrics *metrics)
{
    return metrics->numbers ? WEIR_METRIC_FIRST_OF_NUMBERS : 0;
}

static int end_of_metrics(const struct weir_metrics *metrics)
{
    return metrics->numbers ? WEIR_METRIC_COUNT : WEIR_METRIC_FIRST_OF_NUMBERS;
}

/* --- text --- */

/* A value in `width` columns: shares with four places, errors with six digits, what is not defined as a dash. */
static void put_value(struct weir_buffer *out, const struct weir_metrics *metrics, double value, int width)
{
    if (isnan(value))
        weir_buffer_format(out, "%*s", width, "-");
    else if (metrics->numbers)
        weir_buffer_format(out, "%*.6g", width, value);
    else
        weir_buffer_format(out, "%*.4f", width, value);
}

static void text_of_metrics(const struct weir_metrics *metrics, struct weir_buffer *out)
{
    weir_buffer_format(out, "%-20s%12s%12s", "", "value", "baseline");
    if (metrics->confidence > 0)
        weir_buffer_format(out, "   %g %% interval", metrics->confidence * 100);
    weir_buffer_byte(out, '\n');
    for (int i = first_metric(metrics); i < end_of_metrics(metrics); i++) {
        if (isnan(metrics->value[i]) && isnan(metrics->baseline[i]))
            continue;
        weir_buffer_format(out, "%-20s", weir_metric_name((enum weir_metric)i));
        put_value(out, metrics, metrics->value[i], 12);
        put_value(out, metrics, metrics->baseline[i], 12);
        if (!isnan(metrics->low[i])) {
            put_value(out, metrics, metrics->low[i], 12);
            weir_buffer_string(out, " to ");
            put_value(out, metrics, metrics->high[i], 0);
        }
        weir_buffer_byte(out, '\n');
    }
}

static bool occurs(const struct weir_class_counts *counts)
{
    return counts->support > 0 || counts->predicted > 0;
}

static void put_name(struct weir_buffer *out, const char *name, size_t length)
{
    if (length)
        weir_buffer_escaped(out, name, length);
    else
        weir_buffer_string(out, "(empty)");
}

static void text_of_classes(const struct weir_metrics *metrics, struct weir_buffer *out)
{
    const struct weir_classes *classes = metrics->classes;
    weir_buffer_format(out, "\n%12s%12s%12s%12s   class\n", "precision", "recall", "f1", "rows");
    int shown = 0, left = 0;
    for (int c = 0; c < classes->count; c++) {
        if (!occurs(&metrics->counts[c]))
            continue;
        if (shown == MOST_SHOWN_CLASSES) {
            left++;
            continue;
        }
        shown++;
        struct weir_class_score score = weir_class_score(&metrics->counts[c]);
        weir_buffer_format(out, "%12.4f%12.4f%12.4f%12.0f   ", score.precision, score.recall, score.f1,
                           metrics->counts[c].support);
        put_name(out, classes->names[c], classes->lengths[c]);
        weir_buffer_byte(out, '\n');
    }
    if (left)
        weir_buffer_format(out, "and %d classes more (--json has all)\n", left);
    if (!metrics->confusion || classes->count > MOST_SHOWN_CLASSES)
        return;
    weir_buffer_string(out, "\nconfusion: a row for each label, its predictions in the same order\n");
    for (int label = 0; label < classes->count; label++) {
        for (int predicted = 0; predicted < classes->count; predicted++)
            weir_buffer_format(out, "%8" PRId64, metrics->confusion[label * classes->count + predicted]);
        weir_buffer_string(out, "   ");
        put_name(out, classes->names[label], classes->lengths[label]);
        weir_buffer_byte(out, '\n');
    }
}

static void text_of_slices(const struct weir_report *report, struct weir_buffer *out)
{
    static const enum weir_metric of_classes[] = { WEIR_METRIC_ACCURACY, WEIR_METRIC_F1, WEIR_METRIC_AUC,
                                                   WEIR_METRIC_LOG_LOSS };
    static const enum weir_metric of_numbers[] = { WEIR_METRIC_RMSE, WEIR_METRIC_MAE, WEIR_METRIC_R2 };
    const enum weir_metric *shown = report->whole.numbers ? of_numbers : of_classes;
    size_t count =
        report->whole.numbers ? sizeof of_numbers / sizeof *of_numbers : sizeof of_classes / sizeof *of_classes;
    for (size_t i = 0; i < report->slice_count; i++) {
        const struct weir_report_slice *slice = &report->slices[i];
        if (i == 0 || strcmp(slice->column, slice[-1].column) != 0) {
            weir_buffer_format(out, "\n%12s", "rows");
            for (size_t m = 0; m < count; m++)
                weir_buffer_format(out, "%12s", weir_metric_name(shown[m]));
            weir_buffer_string(out, "   ");
            weir_buffer_escaped(out, slice->column, strlen(slice->column));
            weir_buffer_byte(out, '\n');
        }
        weir_buffer_format(out, "%12" PRId64, slice->metrics.rows);
        for (size_t m = 0; m < count; m++)
            put_value(out, &slice->metrics, slice->metrics.value[shown[m]], 12);
        weir_buffer_string(out, "   ");
        if (slice->value)
            put_name(out, slice->value, slice->value_length);
        else
            weir_buffer_string(out, "(missing)");
        weir_buffer_byte(out, '\n');
    }
}

void weir_report_text(const struct weir_report *report, struct weir_buffer *out)
{
    const struct weir_metrics *whole = &report->whole;
    weir_buffer_format(out, "%s of %" PRId64 " rows", whole->numbers ? "regression" : "classification", whole->rows);
    if (whole->rows != whole->read)
        weir_buffer_format(out, " (of %" PRId64 " read: %" PRId64 " without a label, %" PRId64 " without a prediction)",
                           whole->read, whole->unlabelled, whole->unpredicted);
    weir_buffer_string(out, "\n\n");
    text_of_metrics(whole, out);
    if (!whole->numbers)
        text_of_classes(whole, out);
    text_of_slices(report, out);
}

/* --- JSON --- */

static void put_number(struct weir_buffer *out, double value)
{
    char text[WEIR_NUMBER_SIZE];
    if (!isfinite(value))
        weir_buffer_string(out, "null");
    else
        weir_buffer_append(out, text, weir_format_double(value, text));
}

static void put_named(struct weir_buffer *out, const char *prefix, const char *name, double value)
{
    weir_buffer_format(out, ", \"%s%s\": ", prefix, name);
    put_number(out, value);
}

static void json_of_classes(const struct weir_metrics *metrics, struct weir_buffer *out)
{
    const struct weir_classes *classes = metrics->classes;
    weir_buffer_string(out, ", \"classes\": [");
    for (int c = 0; c < classes->count; c++) {
        weir_buffer_string(out, c ? ", " : "");
        weir_buffer_json_string(out, classes->names[c], classes->lengths[c]);
    }
    weir_buffer_string(out, "], \"per_class\": [");
    for (int c = 0; c < classes->count; c++) {
        struct weir_class_score score = weir_class_score(&metrics->counts[c]);
        weir_buffer_string(out, c ? ", {\"class\": " : "{\"class\": ");
        weir_buffer_json_string(out, classes->names[c], classes->lengths[c]);
        put_named(out, "", "precision", score.precision);
        put_named(out, "", "recall", score.recall);
        put_named(out, "", "f1", score.f1);
        put_named(out, "", "rows", metrics->counts[c].support);
        weir_buffer_byte(out, '}');
    }
    weir_buffer_string(out, "]");
    if (!metrics->confusion)
        return;
    weir_buffer_string(out, ", \"confusion\": [");
    for (int64_t label = 0; label < classes->count; label++) {
        weir_buffer_string(out, label ? ", [" : "[");
        for (int64_t predicted = 0; predicted < classes->count; predicted++)
            weir_buffer_format(out, predicted ? ", %" PRId64 : "%" PRId64,
                               metrics->confusion[label * classes->count + predicted]);
        weir_buffer_byte(out, ']');
    }
    weir_buffer_byte(out, ']');
}

static void json_of_intervals(const struct weir_metrics *metrics, struct weir_buffer *out)
{
    put_named(out, "", "confidence", metrics->confidence);
    weir_buffer_string(out, ", \"intervals\": {");
    const char *between = "";
    for (int i = first_metric(metrics); i < end_of_metrics(metrics); i++) {
        if (isnan(metrics->low[i]))
            continue;
        weir_buffer_format(out, "%s\"%s\": [", between, weir_metric_name((enum weir_metric)i));
        put_number(out, metrics->low[i]);
        weir_buffer_string(out, ", ");
        put_number(out, metrics->high[i]);
        weir_buffer_byte(out, ']');
        between = ", ";
    }
    weir_buffer_byte(out, '}');
}

/* The members behind the first, which the caller has written. */
static void json_of_metrics(const struct weir_metrics *metrics, struct weir_buffer *out)
{
    for (int i = first_metric(metrics); i < end_of_metrics(metrics); i++)
        put_named(out, "", weir_metric_name((enum weir_metric)i), metrics->value[i]);
    for (int i = first_metric(metrics); i < end_of_metrics(metrics); i++)
        put_named(out, "baseline_", weir_metric_name((enum weir_metric)i), metrics->baseline[i]);
    if (metrics->confidence > 0)
        json_of_intervals(metrics, out);
    if (!metrics->numbers)
        json_of_classes(metrics, out);
}

static void json_of_slices(const struct weir_report *report, struct weir_buffer *out)
{
    weir_buffer_string(out, ", \"by\": {");
    for (size_t i = 0; i < report->slice_count; i++) {
        const struct weir_report_slice *slice = &report->slices[i];
        if (i == 0 || strcmp(slice->column, slice[-1].column) != 0) {
            weir_buffer_string(out, i ? "], " : "");
            weir_buffer_json_string(out, slice->column, strlen(slice->column));
            weir_buffer_string(out, ": [");
        } else
            weir_buffer_string(out, ", ");
        weir_buffer_string(out, "{\"value\": ");
        if (slice->value)
            weir_buffer_json_string(out, slice->value, slice->value_length);
        else
            weir_buffer_string(out, "null");
        put_named(out, "", "rows", (double)slice->metrics.rows);
        json_of_metrics(&slice->metrics, out);
        weir_buffer_byte(out, '}');
    }
    weir_buffer_string(out, report->slice_count ? "]}" : "}");
}

void weir_report_json(const struct weir_report *report, struct weir_buffer *out)
{
    const struct weir_metrics *whole = &report->whole;
    weir_buffer_format(out, "{\"task\": \"%s\"", whole->numbers ? "regression" : "classification");
    put_named(out, "", "rows", (double)whole->read);
    put_named(out, "", "coverage", weir_metrics_coverage(whole));
    put_named(out, "", "unlabelled", (double)whole->unlabelled);
    put_named(out, "", "unpredicted", (double)whole->unpredicted);
    json_of_metrics(whole, out);
    if (report->slice_count)
        json_of_slices(report, out);
    weir_buffer_string(out, "}\n");
}
