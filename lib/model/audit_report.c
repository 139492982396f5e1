#include "math/confident.h"
#include "math/sort.h"
#include "model/audit_private.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A matrix of more classes is not for reading. */
enum { MOST_SHOWN_CLASSES = 20 };

/* ---- What both forms need ----------------------------------------------------------------------------------- */

double weir_audit_quality(const struct weir_audit *audit, int64_t row)
{
    const struct weir_audit_labels *labels = &audit->labels;
    return weir_confident_quality(labels->probability + row * labels->classes, labels->classes, labels->label[row]);
}

int64_t *weir_audit_rank_labels(const struct weir_audit *audit, int64_t *count)
{
    struct weir_keyed *items = weir_allocate((size_t)audit->labels.found, 2 * sizeof *items);
    int64_t *rows = weir_allocate((size_t)audit->labels.found, sizeof *rows), found = 0;
    if (items && rows) {
        for (int64_t row = 0; row < audit->rows.count; row++)
            if (audit->labels.suspect[row] >= 0)
                items[found++] = (struct weir_keyed){ weir_key(weir_audit_quality(audit, row)), (uint64_t)row };
        weir_sort_keyed(items, items + found, (size_t)found);
        *count = 0;
        while (*count < found && weir_audit_within(audit, *count)) {
            rows[*count] = (int64_t)items[*count].item;
            ++*count;
        }
    } else {
        free(rows);
        rows = NULL;
    }
    free(items);
    return rows;
}

int64_t weir_audit_own_number(const struct weir_audit_split *split, int64_t row)
{
    return (row < split->rows ? row : row - split->rows) + 1;
}

int weir_audit_place(const struct weir_audit_split *split, int64_t row)
{
    int place = 0;
    while (place < split->side_count - 1 && split->order[place] != split->sides[row])
        place++;
    return place;
}

/* ---- Pieces of text ----------------------------------------------------------------------------------------- */

static void put_name(const struct weir_audit *audit, const struct weir_audit_source *source, struct weir_buffer *out)
{
    const char *name = audit->schema->fields[source->column].name;
    weir_buffer_escaped(out, name, strlen(name));
}

static void put_share(struct weir_buffer *out, int64_t count, int64_t of)
{
    if (of > 0)
        weir_buffer_format(out, " (%.2f %%)", 100 * (double)count / (double)of);
}

static void put_number(struct weir_buffer *out, double value)
{
    if (isnan(value))
        weir_buffer_format(out, "%12s", "-");
    else
        weir_buffer_format(out, "%12.4f", fabs(value) < 0.00005 ? 0 : value); /* no -0.0000 */
}

/* How many, where that was sought. */
static void put_count(struct weir_buffer *out, bool sought, int64_t count)
{
    if (sought)
        weir_buffer_format(out, "%12" PRId64, count);
    else
        weir_buffer_format(out, "%12s", "-");
}

static void put_more(struct weir_buffer *out, int64_t more, const char *where)
{
    if (more > 0)
        weir_buffer_format(out, "and %" PRId64 " more (%s)\n", more, where);
}

/* Behind the rows that were told of those found. */
static void put_more_rows(const struct weir_audit *audit, struct weir_buffer *out, int64_t found)
{
    put_more(out, audit->options.top ? found - audit->options.top : 0, "--top 0 tells all, --mark marks them");
}

static void put_class(const struct weir_audit *audit, int class, struct weir_buffer *out)
{
    if (audit->options.no_values)
        weir_buffer_format(out, "class %d", class + 1);
    else
        weir_buffer_escaped(out, audit->labels.names[class], strlen(audit->labels.names[class]));
}

/* The other side has the name of its file, which is no value; the rows audited have none. */
static void put_side(const struct weir_audit *audit, int place, struct weir_buffer *out)
{
    const struct weir_audit_split *split = &audit->split;
    size_t length;
    const char *name = weir_audit_side_name(split, split->order[place], &length);
    if (split->split < 0 && length == 0)
        weir_buffer_string(out, "(the rows audited)");
    else if (split->split >= 0 && audit->options.no_values)
        weir_buffer_format(out, "side %d", place + 1);
    else
        weir_buffer_escaped(out, name, length);
}

/* ---- The checks --------------------------------------------------------------------------------------------- */

static void text_of_pairs(const struct weir_audit *audit, const int64_t *at, const char *what, struct weir_buffer *out)
{
    const struct weir_audit_split *split = &audit->split;
    int64_t found = 0;
    for (int64_t row = 0; row < split->count; row++) {
        if (at[row] < 0 || !weir_audit_within(audit, found++))
            continue;
        if (found == 1)
            weir_buffer_format(out, "\n%12s   %s\n", "row", what);
        weir_buffer_format(out, "%12" PRId64 "   row %" PRId64 " of ", weir_audit_own_number(split, row),
                           weir_audit_own_number(split, at[row]));
        put_side(audit, weir_audit_place(split, at[row]), out);
        weir_buffer_byte(out, '\n');
    }
    put_more_rows(audit, out, found);
}

static void text_of_split(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_split *split = &audit->split;
    weir_buffer_format(out, "split: %" PRId64 " of %" PRId64 " rows", split->all.same, split->all.rows);
    put_share(out, split->all.same, split->all.rows);
    weir_buffer_string(out, " stand on an earlier side as well");
    if (split->near) {
        weir_buffer_format(out, ", %" PRId64 " more nearly", split->all.alike);
        put_share(out, split->all.alike, split->all.rows);
        weir_buffer_format(out, " (%s)", split->near_how.bytes);
    }
    if (split->group >= 0) {
        weir_buffer_format(out, "; %" PRId64 " have a group that does", split->all.grouped);
        put_share(out, split->all.grouped, split->all.rows);
    }
    weir_buffer_format(out, "\n\n%12s%12s%12s%12s   side\n", "rows", "same", "nearly", "same group");
    for (int i = 0; i < split->side_count; i++) {
        const struct weir_audit_side *side = &split->by_side[split->order[i]];
        put_count(out, true, side->rows);
        put_count(out, i > 0, side->same);
        put_count(out, i > 0 && split->near, side->alike);
        put_count(out, i > 0 && split->group >= 0, side->grouped);
        weir_buffer_string(out, "   ");
        put_side(audit, i, out);
        weir_buffer_byte(out, '\n');
    }
    text_of_pairs(audit, split->same, "the same as", out);
    text_of_pairs(audit, split->alike, "nearly the same as", out);
}

static void put_remark(const struct weir_audit *audit, const struct weir_audit_column *column, struct weir_buffer *out)
{
    const struct weir_audit_source *source = column->source;
    if (source->missing == audit->rows.count)
        weir_buffer_string(out, ": has no value at all");
    else if (column->renamed)
        weir_buffer_string(out, ": is the label under other names");
    else if (column->by_missing && !(column->explains >= audit->options.gives_away))
        weir_buffer_string(out, ": where it is missing tells the label");
    else if (column->gives_away)
        weir_buffer_string(out, ": gives the label away");
    if (!source->feature)
        weir_buffer_format(out, " (%s)", weir_role_name(audit->schema->fields[source->column].role));
}

static void text_of_columns(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_columns *columns = &audit->columns;
    weir_buffer_format(out, "columns: %" PRId64 " of %" PRId64 " give%s the label '", columns->found, columns->count,
                       columns->found == 1 ? "s" : "");
    weir_buffer_escaped(out, audit->label.name, strlen(audit->label.name));
    weir_buffer_format(out, "' away (they explain %g of it or more)\n\n", audit->options.gives_away);
    weir_buffer_format(out, "%12s%12s%12s%12s   column\n", "explains", "accuracy", "auc", "by missing");
    if (audit->class_of) {
        put_number(out, 0);
        put_number(out, columns->base_accuracy);
        put_number(out, audit->classes.class_count == 2 ? 0.5 : NAN);
        weir_buffer_format(out, "%12s   (the most frequent class)\n", "-");
    }
    int64_t told = 0;
    for (; told < columns->count; told++) {
        const struct weir_audit_column *column = &columns->items[told];
        if (!weir_audit_within(audit, told) && !column->gives_away)
            break;
        put_number(out, column->explains);
        put_number(out, column->accuracy);
        put_number(out, column->auc);
        put_number(out, column->missing_explains);
        weir_buffer_string(out, "   ");
        put_name(audit, column->source, out);
        put_remark(audit, column, out);
        weir_buffer_byte(out, '\n');
    }
    put_more(out, columns->count - told, "--top 0 tells all");
}

static void text_of_joint(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_labels *labels = &audit->labels;
    if (labels->classes > MOST_SHOWN_CLASSES)
        return;
    weir_buffer_string(out, "\nestimated: a row for each label, how many of its rows are of each class, in the same "
                            "order\n");
    for (int i = 0; i < labels->classes; i++) {
        for (int j = 0; j < labels->classes; j++)
            weir_buffer_format(out, "%10" PRId64, labels->joint[i * labels->classes + j]);
        weir_buffer_string(out, "   ");
        put_class(audit, i, out);
        weir_buffer_byte(out, '\n');
    }
}

static void text_of_labels(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_labels *labels = &audit->labels;
    weir_buffer_format(out, "labels: %" PRId64 " of %" PRId64, labels->found, labels->judged);
    put_share(out, labels->found, labels->judged);
    weir_buffer_string(out, " are contradicted; an estimated ");
    weir_buffer_format(out, "%" PRId64, labels->wrong);
    put_share(out, labels->wrong, labels->judged);
    weir_buffer_string(out, " are wrong\n        by ");
    if (labels->probability_name) {
        weir_buffer_string(out, "the column '");
        weir_buffer_escaped(out, labels->probability_name, strlen(labels->probability_name));
        weir_buffer_byte(out, '\'');
    } else {
        weir_buffer_format(out, "%d folds of %s regression", audit->options.folds,
                           labels->classes == 2 ? "logistic" : "softmax");
    }
    weir_buffer_format(out, ", which has %.4f of the labels\n", labels->accuracy);
    text_of_joint(audit, out);
    int64_t count = 0, *rows = weir_audit_rank_labels(audit, &count);
    out->failed |= !rows;
    if (rows && count)
        weir_buffer_format(out, "\n%12s%12s   label, and what the data says\n", "row", "quality");
    for (int64_t i = 0; rows && i < count; i++) {
        weir_buffer_format(out, "%12" PRId64 "%12.4f   ", rows[i] + 1, weir_audit_quality(audit, rows[i]));
        put_class(audit, labels->label[rows[i]], out);
        weir_buffer_string(out, ", ");
        put_class(audit, labels->suspect[rows[i]], out);
        weir_buffer_byte(out, '\n');
    }
    free(rows);
    put_more_rows(audit, out, labels->found);
}

static void text_of_outliers(const struct weir_audit *audit, struct weir_buffer *out)
{
    const struct weir_audit_outliers *outliers = &audit->outliers;
    weir_buffer_format(out, "outliers: %" PRId64 " of %" PRId64 " rows", outliers->found, audit->rows.count);
    put_share(out, outliers->found, audit->rows.count);
    weir_buffer_format(out,
                       ": %" PRId64
                       " with a value %g times as far out as the last percent, the others with a score of %g or more\n",
                       outliers->far_found, audit->options.far_away, audit->options.outlier);
    if (outliers->listed)
        weir_buffer_format(out, "\n%12s%12s%12s   by the column\n", "row", "score", "times");
    for (int64_t i = 0; i < outliers->listed; i++) {
        const struct weir_audit_outlier *outlier = &outliers->items[i];
        weir_buffer_format(out, "%12" PRId64 "%12.4f", outlier->row + 1, (double)outliers->score[outlier->row]);
        if (isnan(outlier->times))
            weir_buffer_format(out, "%12s", "-");
        else
            weir_buffer_format(out, outlier->times < 1e8 ? "%12.1f" : "%12.3g", outlier->times);
        if (outlier->source) {
            weir_buffer_string(out, "   ");
            put_name(audit, outlier->source, out);
        }
        if (outlier->value && !audit->options.no_values) {
            weir_buffer_string(out, ": ");
            weir_buffer_escaped(out, outlier->value, outlier->length);
        }
        weir_buffer_byte(out, '\n');
    }
    put_more_rows(audit, out, outliers->found);
}

void weir_audit_text(const struct weir_audit *audit, struct weir_buffer *out)
{
    static void (*const texts[WEIR_AUDIT_CHECKS])(const struct weir_audit *, struct weir_buffer *) = {
        [WEIR_AUDIT_SPLIT] = text_of_split,
        [WEIR_AUDIT_COLUMNS] = text_of_columns,
        [WEIR_AUDIT_LABELS] = text_of_labels,
        [WEIR_AUDIT_OUTLIERS] = text_of_outliers,
    };
    weir_buffer_format(out, "audit of %" PRId64 " rows\n", audit->rows.count);
    if (audit->rows.aside.size)
        weir_buffer_format(out, "columns left aside for their types: %s\n", audit->rows.aside.bytes);
    for (int i = 0; i < WEIR_AUDIT_CHECKS; i++) {
        if (audit->done[i]) {
            weir_buffer_byte(out, '\n');
            texts[i](audit, out);
        } else if (audit->reason[i]) {
            weir_buffer_format(out, "\n%s: not checked: %s\n", weir_audit_check_name((enum weir_audit_check)i),
                               audit->reason[i]);
        }
    }
}

void weir_audit_summary(const struct weir_audit *audit, struct weir_buffer *out)
{
    int64_t count, of;
    for (int i = 0; i < WEIR_AUDIT_FINDINGS; i++)
        if (weir_audit_count(audit, (enum weir_audit_finding)i, &count, &of))
            weir_buffer_format(out, "%s%s %" PRId64, out->size ? ", " : "",
                               weir_audit_finding_name((enum weir_audit_finding)i), count);
}
