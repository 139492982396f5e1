/* partition: divide the rows of a stream among files. */
#include "stage/partition.h"
#include "base/number.h"
#include "cli/stream_io.h"
#include "stage/augment.h"
#include "stage/plan.h"
#include "step.h"

struct options {
    struct weir_strings by, stratify;
    const char *fold;
};

static const struct weir_option table[] = {
    { .name = "by",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, by),
      .argument = "COLUMN,...",
      .help = "rows with the same key go to the same file, in every run with the seed",
      .plan = true },
    { .name = "stratify",
      .kind = WEIR_OPTION_LIST,
      .offset = offsetof(struct options, stratify),
      .argument = "COLUMN,...",
      .help = "keep the shares within each class as exact as whole rows allow",
      .plan = true },
    { .name = "fold",
      .kind = WEIR_OPTION_TEXT,
      .offset = offsetof(struct options, fold),
      .argument = "I/K",
      .help = "divide into K equal folds: fold I goes to FILE=fold, the others to FILE=rest",
      .plan = true },
    WEIR_OPTIONS_END
};

/* Where the rows go: parts of the division, files, and which part goes to which file. */
struct division {
    char *paths[WEIR_MOST_PARTS];
    double shares[WEIR_MOST_PARTS];
    bool held_out[WEIR_MOST_PARTS]; /* parts that take no made rows */
    uint16_t file_of[WEIR_MOST_PARTS + 1];
    int parts, files;
    bool even; /* no share is the largest, so that no part is held out */
};

static void division_release(struct division *division)
{
    for (int i = 0; i < division->files; i++)
        free(division->paths[i]);
}

static int add_file(struct division *division, const char *path, size_t length, struct weir_error *error)
{
    if (division->files == WEIR_MOST_PARTS)
        return weir_fail(error, WEIR_USAGE, "more than %d files", WEIR_MOST_PARTS);
    char *copy = weir_duplicate_bytes(path, length);
    if (!copy)
        return weir_fail_memory(error);
    for (int i = 0; i < division->files; i++) {
        if (strcmp(division->paths[i], copy) == 0) {
            weir_fail(error, WEIR_USAGE, "the file '%s' is named twice", copy);
            free(copy);
            return -1;
        }
    }
    division->paths[division->files++] = copy;
    return 0;
}

/* What is learned from is the largest part; of equal ones none is held out. */
static void find_held_out(struct division *division)
{
    int largest = 0, equal = 0;
    for (int i = 1; i < division->parts; i++)
        largest = division->shares[i] > division->shares[largest] ? i : largest;
    for (int i = 0; i < division->parts; i++)
        equal += division->shares[i] >= division->shares[largest];
    division->even = equal > 1;
    for (int i = 0; i < division->parts; i++)
        division->held_out[i] = !division->even && i != largest;
}

static int parse_shares(struct division *division, const struct weir_strings *operands, struct weir_error *error)
{
    double sum = 0;
    for (size_t i = 0; i < operands->count; i++) {
        const char *operand = operands->items[i], *sign = strrchr(operand, '=');
        double share;
        if (!sign || sign == operand || !weir_parse_double(sign + 1, strlen(sign + 1), &share) ||
            !(share > 0 && share <= 1))
            return weir_fail(error, WEIR_USAGE, "'%s' is not FILE=SHARE with a share above 0 and at most 1", operand);
        if (add_file(division, operand, (size_t)(sign - operand), error) < 0)
            return -1;
        division->shares[i] = share;
        division->file_of[i] = (uint16_t)i;
        sum += share;
    }
    if (!(sum <= 1 + 1e-9))
        return weir_fail(error, WEIR_USAGE, "the shares sum to %g, more than 1", sum);
    if (division->files == 0)
        return weir_fail(error, WEIR_USAGE, "no file is named: partition train.arrows=0.8 test.arrows=0.2");
    division->parts = division->files;
    division->file_of[division->parts] = (uint16_t)division->files;
    find_held_out(division);
    return 0;
}

static int parse_fold(struct division *division, const char *fold, const struct weir_strings *operands,
                      struct weir_error *error)
{
    const char *slash = strchr(fold, '/');
    int64_t which, of;
    int rest = -1, held = -1;
    if (!slash || !weir_parse_int64(fold, (size_t)(slash - fold), &which) ||
        !weir_parse_int64(slash + 1, strlen(slash + 1), &of) || of < 2 || of > WEIR_MOST_PARTS || which < 1 ||
        which > of)
        return weir_fail(error, WEIR_USAGE, "option '--fold' takes I/K, 1 <= I <= K, 2 <= K <= %d, not '%s'",
                         WEIR_MOST_PARTS, fold);
    for (size_t i = 0; i < operands->count; i++) {
        const char *operand = operands->items[i], *sign = strrchr(operand, '=');
        int *place = sign && strcmp(sign, "=rest") == 0 ? &rest : sign && strcmp(sign, "=fold") == 0 ? &held : NULL;
        if (!place || *place >= 0 || sign == operand)
            return weir_fail(error, WEIR_USAGE, "'%s': --fold takes one FILE=rest and one FILE=fold, or one of them",
                             operand);
        *place = division->files;
        if (add_file(division, operand, (size_t)(sign - operand), error) < 0)
            return -1;
    }
    if (division->files == 0)
        return weir_fail(error, WEIR_USAGE, "no file is named: partition --fold %s train.arrows=rest test.arrows=fold",
                         fold);
    division->parts = (int)of;
    for (int p = 0; p < division->parts; p++) {
        int file = p == which - 1 ? held : rest;
        division->shares[p] = 1 / (double)of;
        division->held_out[p] = p == which - 1;
        division->file_of[p] = (uint16_t)(file >= 0 ? file : division->files);
    }
    division->file_of[division->parts] = (uint16_t)division->files;
    return 0;
}

/* The columns that decide, and how: --by, --stratify, or the columns with the role group. */
static int choose_columns(struct weir_partition_options *how, int *columns, const struct weir_run *run,
                          const struct weir_schema *schema, struct weir_error *error)
{
    const struct options *options = run->options;
    const struct weir_strings *names = options->by.count ? &options->by : &options->stratify;
    int group = weir_schema_role(schema, WEIR_GROUP, 0);
    if (options->by.count && options->stratify.count)
        return weir_fail(error, WEIR_USAGE, "--by and --stratify exclude each other: a key goes where its hash says");
    if (options->stratify.count && group >= 0)
        return weir_fail(error, WEIR_USAGE,
                         "--stratify would divide groups: the column '%s' has the role group (pick --role %s=feature "
                         "takes it away)",
                         schema->fields[group].name, schema->fields[group].name);
    how->columns = columns;
    how->by = options->by.count ? WEIR_BY_KEY : options->stratify.count ? WEIR_BY_CLASS : WEIR_BY_ROW;
    for (size_t i = 0; i < names->count && how->column_count < schema->count; i++) {
        int column = weir_schema_require(schema, names->items[i], error);
        if (column < 0)
            return weir_fail_in(error, options->by.count ? "--by" : "--stratify");
        columns[how->column_count++] = column;
    }
    for (; how->by != WEIR_BY_CLASS && !options->by.count && group >= 0;
         group = weir_schema_role(schema, WEIR_GROUP, group + 1)) {
        weir_note(run, "rows of one group stay together: by the column '%s'", schema->fields[group].name);
        how->by = WEIR_BY_KEY;
        columns[how->column_count++] = group;
    }
    return 0;
}

static int divide(struct weir_run *run, struct weir_input *input, struct weir_partition *partition,
                  struct weir_parts *parts, const struct division *division, struct weir_error *error)
{
    struct weir_progress *progress = weir_progress_new(run, "rows", -1);
    struct weir_batch batch = { 0 };
    void *part = NULL;
    size_t capacity = 0;
    int got;
    while ((got = weir_input_next(input, &batch, error)) > 0) {
        if (weir_grow(&part, &capacity, (size_t)batch.rows, sizeof(uint16_t)) < 0) {
            got = weir_fail_memory(error);
            break;
        }
        got = weir_partition_rows(partition, &batch, part, error);
        for (int64_t r = 0; got == 0 && r < batch.rows; r++)
            ((uint16_t *)part)[r] = division->file_of[((uint16_t *)part)[r]];
        if (got < 0 || weir_parts_write(parts, &batch, part, error) < 0) {
            got = -1;
            break;
        }
        weir_input_step(input, progress, NULL);
    }
    weir_batch_release(&batch);
    weir_progress_free(progress);
    free(part);
    return got;
}

static void summarize(const struct weir_run *run, const struct division *division, const struct weir_parts *parts,
                      int64_t rows, int64_t left_out)
{
    struct weir_buffer details = { 0 };
    int64_t written = 0;
    for (int i = 0; i < division->files; i++) {
        weir_buffer_format(&details, "%s%s %lld", i ? ", " : "", division->paths[i],
                           (long long)weir_parts_rows(parts, i));
        written += weir_parts_rows(parts, i);
    }
    if (left_out > 0)
        weir_note(run, "%lld made rows were left out, as the rows that they were made of are held out",
                  (long long)left_out);
    weir_summary(run, rows, written, details.bytes);
    weir_buffer_release(&details);
}

static int run(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct division division = { .files = 0 };
    struct weir_input_options input_options = { .first_operand = run->operands.count };
    struct weir_partition_options how = { .seed = run->seed };
    struct weir_input *input = NULL;
    struct weir_partition *partition = NULL;
    struct weir_parts *parts = NULL;
    struct weir_schema schema = { 0 };
    int *columns = NULL, result = -1;

    for (size_t i = 0; i < run->operands.count; i++)
        run->streams |= strncmp(run->operands.items[i], "-=", 2) == 0;
    if (options->fold ? parse_fold(&division, options->fold, &run->operands, error) < 0
                      : parse_shares(&division, &run->operands, error) < 0)
        goto cleanup;
    if (weir_input_open(&input, run, &input_options, error) < 0)
        goto cleanup;
    columns = weir_allocate((size_t)weir_input_schema(input)->count, sizeof *columns);
    if (!columns || weir_schema_copy(&schema, weir_input_schema(input)) < 0) {
        weir_fail_memory(error);
        goto cleanup;
    }
    how.shares = division.shares;
    how.parts = division.parts;
    how.held_out = division.held_out;
    if (division.even && weir_made_column(&schema) >= 0)
        weir_warn(run, "made rows go to every file, as no share is the largest: partition first, then augment what is "
                       "to be learned from");
    if (choose_columns(&how, columns, run, &schema, error) < 0 ||
        weir_partition_new(&partition, weir_input_schema(input), &how, error) < 0 ||
        weir_plan_record(&schema, "partition", step_with_seed(run), error) < 0 ||
        weir_parts_open(&parts, run, (const char *const *)division.paths, division.files, &schema, error) < 0 ||
        divide(run, input, partition, parts, &division, error) < 0 || weir_parts_finish(parts, error) < 0)
        goto cleanup;
    summarize(run, &division, parts, weir_input_rows(input), weir_partition_left_out(partition));
    result = 0;
cleanup:
    weir_parts_free(parts, error);
    weir_partition_free(partition);
    weir_schema_release(&schema);
    weir_input_close(input, NULL);
    division_release(&division);
    free(columns);
    return result;
}

int main(int argc, char **argv)
{
    static const struct weir_program program = {
        .name = "partition",
        .purpose = "divide the rows of a stream among files, by chance or by a key",
        .operands = "FILE=SHARE...",
        .options = table,
        .options_size = sizeof(struct options),
        .takes = WEIR_TAKES_ROLES | WEIR_TAKES_SEED,
        .run = run,
    };
    return weir_program_main(&program, argc, argv);
}
