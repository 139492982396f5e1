#include "base/memory.h"
#include "model/audit_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const check_names[WEIR_AUDIT_CHECKS] = { "split", "columns", "labels", "outliers" };

const char *weir_audit_check_name(enum weir_audit_check check)
{
    return check_names[check];
}

int weir_audit_check_parse(const char *name)
{
    for (int i = 0; i < WEIR_AUDIT_CHECKS; i++)
        if (strcmp(check_names[i], name) == 0)
            return i;
    return -1;
}

/* The check by which a row is found. */
static enum weir_audit_check check_of(enum weir_audit_finding finding)
{
    return finding == WEIR_AUDIT_LABEL     ? WEIR_AUDIT_LABELS
           : finding == WEIR_AUDIT_OUTLIER ? WEIR_AUDIT_OUTLIERS
                                           : WEIR_AUDIT_SPLIT;
}

static bool was_asked(const struct weir_audit *audit, enum weir_audit_check check)
{
    const struct weir_audit_options *options = &audit->options;
    for (int i = 0; i < WEIR_AUDIT_ROW_FINDINGS; i++)
        if (options->without[i] && check_of((enum weir_audit_finding)i) == check)
            return true;
    return options->checks[check] || (check == WEIR_AUDIT_SPLIT && (options->against || options->near_count));
}

/* Rows of which nothing was looked for must not pass for rows of which nothing was found. */
static int check_without(const struct weir_audit *audit, struct weir_error *error)
{
    for (int i = 0; i < WEIR_AUDIT_ROW_FINDINGS; i++) {
        int64_t count, of;
        enum weir_audit_finding finding = (enum weir_audit_finding)i;
        if (audit->options.without[i] && !weir_audit_count(audit, finding, &count, &of))
            return weir_fail(error, WEIR_BAD_DATA, "--without %s: %s", weir_audit_finding_name(finding),
                             finding == WEIR_AUDIT_GROUP ? "no column has the role group"
                                                         : "no columns are compared so (--near COLUMN)");
    }
    return 0;
}

int weir_audit_cannot(struct weir_audit *audit, enum weir_audit_check check, struct weir_error *error)
{
    audit->done[check] = false;
    if (was_asked(audit, check) || error->status != WEIR_BAD_DATA)
        return -1;
    free(audit->reason[check]);
    audit->reason[check] = weir_duplicate_string(error->text);
    if (!audit->reason[check])
        return weir_fail_memory(error);
    *error = (struct weir_error){ 0 };
    return 0;
}

/* The same for both checks that need the label. */
static int cannot_by_label(struct weir_audit *audit, struct weir_error *error)
{
    struct weir_error again = *error;
    if (audit->done[WEIR_AUDIT_COLUMNS] && weir_audit_cannot(audit, WEIR_AUDIT_COLUMNS, error))
        return -1;
    if (!audit->done[WEIR_AUDIT_LABELS])
        return 0;
    *error = again;
    return weir_audit_cannot(audit, WEIR_AUDIT_LABELS, error);
}

static bool needs_label(const struct weir_audit *audit)
{
    return audit->done[WEIR_AUDIT_COLUMNS] || audit->done[WEIR_AUDIT_LABELS];
}

static bool needs_rows(const struct weir_audit *audit)
{
    return needs_label(audit) || audit->done[WEIR_AUDIT_OUTLIERS];
}

void weir_audit_free(struct weir_audit *audit)
{
    if (!audit)
        return;
    weir_audit_split_release(&audit->split);
    free(audit->columns.items);
    weir_audit_labels_release(&audit->labels);
    weir_audit_outliers_release(&audit->outliers);
    weir_audit_rows_release(&audit->rows);
    weir_label_release(&audit->label);
    /* Only the classes are there; weir_model_release would link the networks. */
    for (int64_t i = 0; i < audit->classes.class_count; i++)
        free(audit->classes.classes[i]);
    free(audit->classes.classes);
    weir_pool_free(audit->pool);
    for (int i = 0; i < WEIR_AUDIT_CHECKS; i++)
        free(audit->reason[i]);
    free(audit->class_of);
    free(audit->target_of);
    free(audit->present);
    free(audit->groups);
    free(audit->fold);
    free(audit);
}

/* ---- Beginning ---------------------------------------------------------------------------------------------- */

static int begin_label(struct weir_audit *audit, struct weir_error *error)
{
    audit->label_column = weir_schema_role(audit->schema, WEIR_LABEL, 0);
    if (audit->label_column < 0) {
        weir_fail(error, WEIR_BAD_DATA, "no column is the label: --label COLUMN names it");
        return cannot_by_label(audit, error);
    }
    if (weir_label_init(&audit->label, &audit->schema->fields[audit->label_column], error))
        return error->status == WEIR_BAD_DATA ? cannot_by_label(audit, error) : -1;
    if (audit->done[WEIR_AUDIT_LABELS] && weir_audit_labels_begin(audit, error))
        return weir_audit_cannot(audit, WEIR_AUDIT_LABELS, error);
    return 0;
}

static int begin(struct weir_audit *audit, struct weir_error *error)
{
    bool any = false;
    for (int i = 0; i < WEIR_AUDIT_CHECKS; i++)
        any |= audit->options.checks[i];
    for (int i = 0; i < WEIR_AUDIT_CHECKS; i++)
        audit->done[i] = any ? audit->options.checks[i] : true;
    audit->rows.dataset.descriptor = -1;
    audit->split.split = audit->split.group = audit->label_column = -1;
    for (int i = 0; i < WEIR_AUDIT_ROW_FINDINGS; i++) {
        enum weir_audit_check check = check_of((enum weir_audit_finding)i);
        if (audit->options.without[i] && !audit->done[check])
            return weir_fail(error, WEIR_USAGE, "--without %s is for the check %s, which --checks leaves out",
                             weir_audit_finding_name((enum weir_audit_finding)i), weir_audit_check_name(check));
    }
    audit->pool = weir_pool_new(0);
    if (!audit->pool)
        return weir_fail_memory(error);
    if (audit->done[WEIR_AUDIT_SPLIT] && weir_audit_split_begin(audit, error) &&
        weir_audit_cannot(audit, WEIR_AUDIT_SPLIT, error))
        return -1;
    if (needs_label(audit) && begin_label(audit, error))
        return -1;
    return needs_rows(audit) ? weir_audit_rows_begin(&audit->rows, audit->schema, (size_t)audit->options.memory, error)
                             : 0;
}

int weir_audit_new(struct weir_audit **out, const struct weir_schema *schema, const struct weir_audit_options *options,
                   struct weir_error *error)
{
    struct weir_audit *audit = weir_allocate_zero(1, sizeof *audit);
    if (!audit)
        return weir_fail_memory(error);
    audit->options = *options;
    audit->schema = schema;
    if (begin(audit, error)) {
        weir_audit_free(audit);
        return -1;
    }
    *out = audit;
    return 0;
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

static int add_label(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error)
{
    int64_t first = audit->rows.count;
    int group = weir_schema_role(audit->schema, WEIR_GROUP, 0);
    size_t needed = (size_t)(first + batch->rows);
    void *present = audit->present, *groups = audit->groups;
    if (weir_grow(&present, &audit->present_capacity, needed, 1))
        return weir_fail_memory(error);
    audit->present = present;
    if (group >= 0 && weir_grow(&groups, &audit->group_capacity, needed, sizeof *audit->groups))
        return weir_fail_memory(error);
    audit->groups = groups;
    for (int64_t r = 0; group >= 0 && r < batch->rows; r++)
        audit->groups[first + r] = weir_value_hash(&batch->columns[group], &audit->schema->fields[group].type, r, 0);
    return weir_label_add(&audit->label, &batch->columns[audit->label_column],
                          &audit->schema->fields[audit->label_column].type, first, audit->present + first, error);
}

int weir_audit_add(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error)
{
    if (audit->done[WEIR_AUDIT_SPLIT] && weir_audit_split_add(audit, batch, error))
        return -1;
    if (needs_label(audit) && add_label(audit, batch, error))
        return -1;
    if (audit->done[WEIR_AUDIT_LABELS] && weir_audit_labels_add(audit, batch, error))
        return -1;
    if (needs_rows(audit))
        return weir_audit_rows_add(&audit->rows, batch, error);
    audit->rows.count += batch->rows;
    return 0;
}

int weir_audit_against_begin(struct weir_audit *audit, const struct weir_schema *schema, struct weir_error *error)
{
    return audit->done[WEIR_AUDIT_SPLIT] ? weir_audit_split_against(audit, schema, error) : 0;
}

int weir_audit_against_add(struct weir_audit *audit, const struct weir_batch *batch, struct weir_error *error)
{
    return audit->done[WEIR_AUDIT_SPLIT] ? weir_audit_split_add(audit, batch, error) : 0;
}

/* ---- The end ------------------------------------------------------------------------------------------------ */

/* By row, from what only the rows with a label have. */
static int spread_label(struct weir_audit *audit, struct weir_error *error)
{
    int32_t *classes = NULL;
    double *targets = NULL;
    size_t rows = (size_t)audit->rows.count, at = 0;
    audit->labelled = (int64_t)audit->label.rows;
    if (audit->labelled == 0)
        return weir_fail(error, WEIR_BAD_DATA, "none of the %zu rows has a label", rows);
    audit->task = weir_label_task(&audit->label);
    if (audit->task == WEIR_CLASSIFY ? weir_label_classes(&audit->label, &audit->classes, &classes, error)
                                     : weir_label_targets(&audit->label, &targets, error))
        return -1;
    if (classes)
        audit->class_of = weir_allocate(rows, sizeof *audit->class_of);
    else
        audit->target_of = weir_allocate(rows, sizeof *audit->target_of);
    int result = audit->class_of || audit->target_of ? 0 : weir_fail_memory(error);
    for (size_t row = 0; result == 0 && row < rows; row++) {
        bool there = audit->present[row];
        if (classes)
            audit->class_of[row] = there ? classes[at] : -1;
        else
            audit->target_of[row] = there ? targets[at] : NAN;
        at += there;
    }
    free(classes);
    free(targets);
    return result;
}

static int finish_label(struct weir_audit *audit, struct weir_error *error)
{
    if (spread_label(audit, error) || weir_audit_folds(audit, error))
        return cannot_by_label(audit, error);
    if (audit->done[WEIR_AUDIT_LABELS] && audit->task == WEIR_REGRESS) {
        weir_fail(error, WEIR_BAD_DATA, "the label '%s' is a number, and only classes are judged", audit->label.name);
        return weir_audit_cannot(audit, WEIR_AUDIT_LABELS, error);
    }
    return 0;
}

int weir_audit_finish(struct weir_audit *audit, struct weir_error *error)
{
    static const struct {
        enum weir_audit_check check;
        int (*find)(struct weir_audit *audit, struct weir_error *error);
    } checks[] = {
        { WEIR_AUDIT_SPLIT, weir_audit_split_finish },
        { WEIR_AUDIT_COLUMNS, weir_audit_columns_find },
        { WEIR_AUDIT_OUTLIERS, weir_audit_outliers_find },
        { WEIR_AUDIT_LABELS, weir_audit_labels_find }, /* the last: it changes the rows that are kept */
    };
    if (audit->rows.count == 0)
        return weir_fail(error, WEIR_BAD_DATA, "there is no row to audit");
    if (needs_rows(audit) && weir_audit_rows_finish(&audit->rows, audit->pool, error))
        return -1;
    if (needs_label(audit) && finish_label(audit, error))
        return -1;
    bool any = false;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        enum weir_audit_check check = checks[i].check;
        if (audit->done[check] && checks[i].find(audit, error) && weir_audit_cannot(audit, check, error))
            return -1;
        any |= audit->done[check];
    }
    if (!any)
        return weir_fail(error, WEIR_BAD_DATA, "no check can be made: %s", audit->reason[WEIR_AUDIT_OUTLIERS]);
    return check_without(audit, error);
}

static const char *const finding_names[WEIR_AUDIT_FINDINGS] = { "split",  "near",     "groups",
                                                                "labels", "outliers", "columns" };

const char *weir_audit_finding_name(enum weir_audit_finding finding)
{
    return finding_names[finding];
}

int weir_audit_finding_parse(const char *name, size_t length)
{
    for (int i = 0; i < WEIR_AUDIT_FINDINGS; i++)
        if (strlen(finding_names[i]) == length && memcmp(finding_names[i], name, length) == 0)
            return i;
    return -1;
}

bool weir_audit_count(const struct weir_audit *audit, enum weir_audit_finding finding, int64_t *count, int64_t *of)
{
    const struct weir_audit_split *split = &audit->split;
    switch (finding) {
    case WEIR_AUDIT_SAME:
    case WEIR_AUDIT_NEAR:
    case WEIR_AUDIT_GROUP:
        *count = finding == WEIR_AUDIT_SAME   ? split->all.same
                 : finding == WEIR_AUDIT_NEAR ? split->all.alike
                                              : split->all.grouped;
        *of = split->all.rows;
        return audit->done[WEIR_AUDIT_SPLIT] && (finding != WEIR_AUDIT_NEAR || split->near) &&
               (finding != WEIR_AUDIT_GROUP || split->group >= 0);
    case WEIR_AUDIT_LABEL:
        *count = audit->labels.found;
        *of = audit->labels.judged;
        return audit->done[WEIR_AUDIT_LABELS];
    case WEIR_AUDIT_OUTLIER:
        *count = audit->outliers.found;
        *of = audit->rows.count;
        return audit->done[WEIR_AUDIT_OUTLIERS];
    default:
        *count = audit->columns.found;
        *of = audit->columns.count;
        return audit->done[WEIR_AUDIT_COLUMNS];
    }
}

bool weir_audit_found(const struct weir_audit *audit, enum weir_audit_finding finding, int64_t row)
{
    int64_t count, of;
    if (!weir_audit_count(audit, finding, &count, &of))
        return false;
    switch (finding) {
    case WEIR_AUDIT_SAME:
        return audit->split.same[row] >= 0;
    case WEIR_AUDIT_NEAR:
        return audit->split.alike[row] >= 0;
    case WEIR_AUDIT_GROUP:
        return audit->split.grouped[row];
    case WEIR_AUDIT_LABEL:
        return audit->labels.suspect[row] >= 0;
    case WEIR_AUDIT_OUTLIER:
        return (double)audit->outliers.score[row] >= audit->options.outlier || audit->outliers.far[row];
    default:
        return false;
    }
}
