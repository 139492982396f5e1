/* The report of an audit for a program. */
#include "base/number.h"
#include "model/audit_private.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_key(struct weir_buffer *out, const char *name)
{
    weir_buffer_format(out, ", \"%s\": ", name);
}

static void put_count(struct weir_buffer *out, const char *name, int64_t count)
{
    put_key(out, name);
    weir_buffer_format(out, "%" PRId64, count);
}

static void put_value(struct weir_buffer *out, double value)
{
    char text[WEIR_NUMBER_SIZE];
    if (isfinite(value))
        weir_buffer_append(out, text, weir_format_double(value, text));
    else
        weir_buffer_string(out, "null");
}

static void put_number(struct weir_buffer *out, const char *name, double value)
{
    put_key(out, name);
    put_value(out, value);
}

static void put_truth(struct weir_buffer *out, const char *name, bool value)
{
    put_key(out, name);
    weir_buffer_string(out, value ? "true" : "false");
}

/* A text that comes from a cell. */
static void put_cell(const struct weir_audit *audit, struct weir_buffer *out, const char *text, size_t length)
{
    if (text && !audit->options.no_values)
        weir_buffer_json_string(out, text, length);
    else
        weir_buffer_string(out, "null");
}

static void put_column(const struct weir_audit *audit, struct weir_buffer *out, const struct weir_audit_source *source)
{
    const char *name = source ? audit->schema->fields[source->column].name : NULL;
    if (name)
        weir_buffer_json_string(out, name, strlen(name));
    else
        weir_buffer_string(out, "null");
}

/* The name of the other side's file is no cell. */
static void put_side(const struct weir_audit *audit, struct weir_buffer *out, int place)
{
    const struct weir_audit_split *split = &audit->split;
    size_t length;
    const char *name = weir_audit_side_name(split, split->order[place], &length);
    if (split->split >= 0)
        put_cell(audit, out, name, length);
    else if (length)
        weir_buffer_json_string(out, name, length);
    else
        weir_buffer_string(out, "null");
}

static void json_of_pairs(const struct weir_audit *audit, const char *name, const int64_t *at, struct weir_buffer *out)
{
    const struct weir_audit_split *split = &audit->split;
    int64_t found = 0;
    put_key(out, name);
    weir_buffer_byte(out, '[');
    for (int64_t row = 0; row < split->count; row++) {
        if (at[row] < 0 || !weir_audit_within(audit, found++))
            continue;
        weir_buffer_format(out, "%s{\"row\": %" PRId64 ", \"as\": %" PRId64 ", \"side\": ", found > 1 ? ", " : "",
                           weir_audit_own_number(split, row), weir_audit_own_number(split, at[row]));
        put_side(audit, out, weir_audit_place(split, at[row]));
        weir_buffer_byte(out, '}');
    }
    weir_buffer_byte(out, ']');
}

static void json_of_split(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_split *split = &audit->split;
    weir_buffer_format(out, "{\"checked\": %" PRId64, split->all.rows);
    put_count(out, "same", split->all.same);
    if (split->near)
        put_count(out, "near", split->all.alike);
    if (split->group >= 0)
        put_count(out, "groups", split->all.grouped);
    put_key(out, "sides");
    for (int i = 0; i < split->side_count; i++) {
        const struct weir_audit_side *side = &split->by_side[split->order[i]];
        weir_buffer_string(out, i ? ", {\"side\": " : "[{\"side\": ");
        put_side(audit, out, i);
        put_count(out, "rows", side->rows);
        put_count(out, "same", side->same);
        if (split->near)
            put_count(out, "near", side->alike);
        if (split->group >= 0)
            put_count(out, "groups", side->grouped);
        weir_buffer_byte(out, '}');
    }
    weir_buffer_byte(out, ']');
    json_of_pairs(audit, "same_rows", split->same, out);
    if (split->near)
        json_of_pairs(audit, "near_rows", split->alike, out);
    weir_buffer_byte(out, '}');
}

static void json_of_columns(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_columns *columns = &audit->columns;
    weir_buffer_string(out, "{\"label\": ");
    weir_buffer_json_string(out, audit->label.name, strlen(audit->label.name));
    put_count(out, "found", columns->found);
    put_number(out, "baseline_accuracy", columns->base_accuracy);
    put_key(out, "columns");
    weir_buffer_byte(out, '[');
    for (int64_t i = 0; i < columns->count; i++) {
        const struct weir_audit_column *column = &columns->items[i];
        weir_buffer_string(out, i ? ", {\"column\": " : "{\"column\": ");
        put_column(audit, out, column->source);
        put_truth(out, "gives_away", column->gives_away);
        put_truth(out, "renamed", column->renamed);
        put_number(out, "explains", column->explains);
        put_number(out, "accuracy", column->accuracy);
        put_number(out, "auc", column->auc);
        put_count(out, "missing", column->source->missing);
        put_number(out, "missing_explains", column->missing_explains);
        weir_buffer_byte(out, '}');
    }
    weir_buffer_string(out, "]}");
}

static void json_of_suspects(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_labels *labels = &audit->labels;
    int64_t count = 0, *rows = weir_audit_rank_labels(audit, &count);
    out->failed |= !rows;
    put_key(out, "rows");
    weir_buffer_byte(out, '[');
    for (int64_t i = 0; rows && i < count; i++) {
        const char *label = labels->names[labels->label[rows[i]]], *says = labels->names[labels->suspect[rows[i]]];
        weir_buffer_format(out, "%s{\"row\": %" PRId64, i ? ", " : "", rows[i] + 1);
        put_number(out, "quality", weir_audit_quality(audit, rows[i]));
        put_key(out, "label");
        put_cell(audit, out, label, strlen(label));
        put_key(out, "suggested");
        put_cell(audit, out, says, strlen(says));
        weir_buffer_byte(out, '}');
    }
    weir_buffer_byte(out, ']');
    free(rows);
}

static void json_of_labels(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_labels *labels = &audit->labels;
    int64_t classes = labels->classes;
    weir_buffer_format(out, "{\"judged\": %" PRId64, labels->judged);
    put_count(out, "found", labels->found);
    put_count(out, "wrong", labels->wrong);
    put_number(out, "accuracy", labels->accuracy);
    put_key(out, "classes");
    for (int64_t i = 0; i < classes; i++) {
        weir_buffer_string(out, i ? ", " : "[");
        put_cell(audit, out, labels->names[i], strlen(labels->names[i]));
    }
    weir_buffer_byte(out, ']');
    put_key(out, "thresholds");
    for (int64_t i = 0; i < classes; i++) {
        weir_buffer_string(out, i ? ", " : "[");
        put_value(out, labels->thresholds[i]);
    }
    weir_buffer_byte(out, ']');
    put_key(out, "joint");
    for (int64_t i = 0; i < classes * classes; i++) {
        weir_buffer_string(out, i == 0 ? "[[" : i % classes ? ", " : "], [");
        weir_buffer_format(out, "%" PRId64, labels->joint[i]);
    }
    weir_buffer_string(out, "]]");
    json_of_suspects(audit, out);
    weir_buffer_byte(out, '}');
}

static void json_of_outliers(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_outliers *outliers = &audit->outliers;
    weir_buffer_format(out, "{\"found\": %" PRId64, outliers->found);
    put_count(out, "far", outliers->far_found);
    put_key(out, "rows");
    weir_buffer_byte(out, '[');
    for (int64_t i = 0; i < outliers->listed; i++) {
        const struct weir_audit_outlier *outlier = &outliers->items[i];
        weir_buffer_format(out, "%s{\"row\": %" PRId64, i ? ", " : "", outlier->row + 1);
        put_number(out, "score", (double)outliers->score[outlier->row]);
        put_truth(out, "far", outliers->far[outlier->row]);
        put_key(out, "column");
        put_column(audit, out, outlier->source);
        put_key(out, "value");
        put_cell(audit, out, outlier->value, outlier->length);
        put_number(out, "times", outlier->times);
        weir_buffer_byte(out, '}');
    }
    weir_buffer_string(out, "]}");
}

void weir_audit_json(const struct weir_audit *audit, struct weir_buffer *out)
{
    static void (*const objects[WEIR_AUDIT_CHECKS])(const struct weir_audit *, struct weir_buffer *) = {
        [WEIR_AUDIT_SPLIT] = json_of_split,
        [WEIR_AUDIT_COLUMNS] = json_of_columns,
        [WEIR_AUDIT_LABELS] = json_of_labels,
        [WEIR_AUDIT_OUTLIERS] = json_of_outliers,
    };
    weir_buffer_format(out, "{\"rows\": %" PRId64, audit->rows.count);
    for (int i = 0; i < WEIR_AUDIT_CHECKS; i++) {
        put_key(out, weir_audit_check_name((enum weir_audit_check)i));
        if (audit->done[i])
            objects[i](audit, out);
        else
            weir_buffer_string(out, "null");
    }
    put_key(out, "not_checked");
    const char *between = "{";
    for (int i = 0; i < WEIR_AUDIT_CHECKS; i++)
        if (audit->reason[i]) {
            weir_buffer_format(out, "%s\"%s\": ", between, weir_audit_check_name((enum weir_audit_check)i));
            weir_buffer_json_string(out, audit->reason[i], strlen(audit->reason[i]));
            between = ", ";
        }
    weir_buffer_string(out, *between == '{' ? "{}}\n" : "}}\n");
}
