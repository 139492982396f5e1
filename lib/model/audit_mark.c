/* The rows of an audit as they come out: with what was found of each, without those of which something was found. */
#include "base/memory.h"
#include "model/audit_private.h"
#include "stage/plan.h"
#include <stdlib.h>
#include <string.h>

enum { SUSPECT, QUALITY, SUGGESTED, SCORE, MARKS };
static const struct {
    const char *name;
    enum weir_kind kind;
} marks[MARKS] = {
    [SUSPECT] = { "suspect", WEIR_UTF8 },
    [QUALITY] = { "label_quality", WEIR_FLOAT64 },
    [SUGGESTED] = { "label_suggested", WEIR_UTF8 },
    [SCORE] = { "outlier_score", WEIR_FLOAT64 },
};

int weir_audit_out_schema(const struct weir_audit *audit, const struct weir_schema *in, struct weir_schema *out,
                          json_t *step, struct weir_error *error)
{
    int result = weir_schema_copy(out, in) ? weir_fail_memory(error) : 0;
    for (int i = 0; result == 0 && audit->options.mark && i < MARKS; i++) {
        struct weir_field *field = NULL;
        if (weir_schema_find(in, marks[i].name) >= 0)
            result = weir_fail(error, WEIR_BAD_DATA, "--mark: there is a column '%s' already", marks[i].name);
        else if (!(field = weir_schema_add(out, marks[i].name, marks[i].kind)))
            result = weir_fail_memory(error);
        else
            field->role = WEIR_PREDICTION; /* no model learns from it */
    }
    if (result) {
        json_decref(step);
        return -1;
    }
    return weir_plan_record(out, "audit", step, error);
}

static void put_suspect(const struct weir_audit *audit, int64_t row, struct weir_builder *out)
{
    char text[64]; /* room for all names */
    size_t length = 0;
    for (int i = 0; i < WEIR_AUDIT_ROW_FINDINGS; i++) {
        const char *name = weir_audit_finding_name((enum weir_audit_finding)i);
        if (!weir_audit_found(audit, (enum weir_audit_finding)i, row))
            continue;
        if (length)
            text[length++] = ' ';
        memcpy(text + length, name, strlen(name));
        length += strlen(name);
    }
    if (length)
        weir_builder_text(out, text, length);
    else
        weir_builder_null(out);
}

static void put_mark(const struct weir_audit *audit, int mark, int64_t row, struct weir_builder *out)
{
    const struct weir_audit_labels *labels = &audit->labels;
    bool judged = audit->done[WEIR_AUDIT_LABELS] && labels->label[row] >= 0;
    if (mark == SUSPECT)
        put_suspect(audit, row, out);
    else if (mark == QUALITY && judged)
        weir_builder_double(out, weir_audit_quality(audit, row));
    else if (mark == SUGGESTED && judged && labels->suspect[row] >= 0)
        weir_builder_text(out, labels->names[labels->suspect[row]], strlen(labels->names[labels->suspect[row]]));
    else if (mark == SCORE && audit->done[WEIR_AUDIT_OUTLIERS])
        weir_builder_double(out, (double)audit->outliers.score[row]);
    else
        weir_builder_null(out);
}

static bool stays(const struct weir_audit *audit, int64_t row)
{
    for (int i = 0; i < WEIR_AUDIT_ROW_FINDINGS; i++)
        if (audit->options.without[i] && weir_audit_found(audit, (enum weir_audit_finding)i, row))
            return false;
    return true;
}

/* The rows index[count] of the batch, and the marks of each. */
static int make_out(const struct weir_audit *audit, const struct weir_batch *kept, int64_t first, const int64_t *index,
                    struct weir_batch *out, struct weir_error *error)
{
    int added = audit->options.mark ? MARKS : 0;
    int result = weir_batch_init(out, kept->count + added, kept->rows) ? weir_fail_memory(error) : 0;
    for (int c = 0; result == 0 && c < kept->count; c++)
        if (weir_column_share(&out->columns[c], &kept->columns[c]))
            result = weir_fail_memory(error);
    for (int i = 0; result == 0 && i < added; i++) {
        const struct weir_type type = { .kind = marks[i].kind };
        struct weir_builder builder;
        if (weir_builder_init(&builder, &type))
            return weir_fail_memory(error);
        for (int64_t r = 0; r < kept->rows; r++)
            put_mark(audit, i, first + index[r], &builder);
        result = weir_builder_finish(&builder, &out->columns[kept->count + i], error);
        weir_builder_release(&builder);
    }
    return result;
}

int weir_audit_out(const struct weir_audit *audit, const struct weir_batch *in, int64_t first, struct weir_batch *out,
                   struct weir_error *error)
{
    struct weir_batch kept = { 0 };
    int64_t count = 0, *index = weir_allocate((size_t)in->rows, sizeof *index);
    if (!index)
        return weir_fail_memory(error);
    if (in->rows > audit->rows.count - first) {
        free(index);
        return weir_fail(error, WEIR_BAD_DATA, "there are more rows when the input is read again");
    }
    for (int64_t r = 0; r < in->rows; r++)
        if (stays(audit, first + r))
            index[count++] = r;
    int result = count == in->rows ? (weir_batch_share(&kept, in) ? weir_fail_memory(error) : 0)
                                   : weir_batch_take(&kept, in, audit->schema, index, count, error);
    if (result == 0)
        result = make_out(audit, &kept, first, index, out, error);
    weir_batch_release(&kept);
    free(index);
    return result;
}
