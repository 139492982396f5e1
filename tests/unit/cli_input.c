/* The input: looked at without being consumed, read twice when it cannot seek, several operands as one stream. */
#include "base/descriptor.h"
#include "check.h"
#include "cli/operand_private.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct weir_program program = { .name = "test", .purpose = "a test" };

/* Writes `rows` rows of one column "n", a few a batch, and closes. */
struct producer {
    int descriptor;
    int64_t rows;
    pthread_t thread;
};

static void *produce(void *context)
{
    struct producer *producer = context;
    struct weir_schema schema = { 0 };
    struct weir_writer *writer = NULL;
    struct weir_builder builder;
    struct weir_error error = { 0 };
    bool complete = weir_schema_add(&schema, "n", WEIR_INT64) && weir_schema_add(&schema, "m", WEIR_INT64) &&
                    weir_builder_init(&builder, &schema.fields[0].type) == 0 &&
                    weir_writer_open(&writer, producer->descriptor, &schema, NULL, &error) == 0;
    for (int64_t r = 0; complete && r < producer->rows;) {
        struct weir_batch batch = { 0 };
        int64_t rows = producer->rows - r < 1000 ? producer->rows - r : 1000;
        complete = weir_batch_init(&batch, 2, rows) == 0;
        for (int64_t i = 0; i < rows; i++)
            weir_builder_int64(&builder, r + i);
        complete = complete && weir_builder_finish(&builder, &batch.columns[0], &error) == 0 &&
                   weir_column_share(&batch.columns[1], &batch.columns[0]) == 0 &&
                   weir_writer_write(writer, &batch, &error) == 0;
        weir_batch_release(&batch);
        r += rows;
    }
    if (!complete || weir_writer_finish(writer, &error) < 0)
        fprintf(stderr, "producer: %s\n", error.text);
    weir_writer_free(writer);
    weir_builder_release(&builder);
    weir_schema_release(&schema);
    close(producer->descriptor);
    return NULL;
}

/* The rows must be 0 .. rows - 1, in order; how many times over. */
static void read_all(struct weir_input *input, int64_t rows, int columns)
{
    struct weir_batch batch = { 0 };
    struct weir_error error = { 0 };
    int64_t seen = 0;
    bool right = true;
    int got;
    while ((got = weir_input_next(input, &batch, &error)) > 0) {
        const int64_t *numbers = (const int64_t *)(const void *)batch.columns[0].values.bytes;
        for (int64_t r = 0; r < batch.rows; r++)
            right &= numbers[r] == seen++ % rows;
        right &= batch.count == columns;
    }
    CHECK_TEXT(error.text, "");
    CHECK_INT(got, 0);
    CHECK(right);
    CHECK_INT(seen % rows, 0);
    CHECK_INT(weir_input_rows(input), seen);
    weir_batch_release(&batch);
}

static int start(struct producer *producer, int64_t rows, bool socket)
{
    int ends[2];
    CHECK_INT(socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends), 0);
    *producer = (struct producer){ .descriptor = ends[1], .rows = rows };
    CHECK_INT(pthread_create(&producer->thread, NULL, produce, producer), 0);
    return ends[0];
}

static int open_operands(struct weir_input **input, struct weir_run *run, bool rewindable, struct weir_error *error)
{
    struct weir_input_options options = { .rewindable = rewindable };
    return weir_input_open(input, run, &options, error);
}

static void add_descriptor(struct weir_run *run, int descriptor)
{
    char name[32];
    snprintf(name, sizeof name, "/dev/fd/%d", descriptor);
    CHECK_INT(weir_strings_add(&run->operands, name, strlen(name)), 0);
}

/* A pipe and a socket are read three times, a file too; the sizes go beyond what is held in memory before a file is
 * made. */
static void test_reading_again(void)
{
    static const int64_t sizes[] = { 1, 100, 10000, 3000000 };
    for (int form = 0; form < 3; form++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            int64_t rows = sizes[s];
            struct weir_run run = { .program = &program };
            struct weir_input *input = NULL;
            struct weir_error error = { 0 };
            struct producer producer;
            int descriptor;
            if (form == 2) {
                descriptor = weir_temporary_file(&error);
                producer = (struct producer){ .descriptor = dup(descriptor), .rows = rows };
                CHECK_INT(pwrite(descriptor, "skipped", 7, 0), 7); /* it is read from where it stands */
                CHECK_INT(lseek(descriptor, 7, SEEK_SET), 7);
                produce(&producer);
                CHECK_INT(lseek(descriptor, 7, SEEK_SET), 7);
            } else {
                descriptor = start(&producer, rows, form == 1);
            }
            add_descriptor(&run, descriptor);
            if (CHECK(open_operands(&input, &run, true, &error) == 0)) {
                CHECK_INT(weir_input_schema(input)->count, 2);
                for (int pass = 0; pass < 3; pass++) {
                    read_all(input, rows, 2);
                    CHECK_INT(weir_input_rewind(input, &error), 0);
                }
            } else {
                fprintf(stderr, "%s\n", error.text);
            }
            CHECK_INT(weir_input_close(input, &error), 0);
            if (form != 2)
                pthread_join(producer.thread, NULL);
            close(descriptor);
            weir_strings_release(&run.operands);
        }
    }
}

/* Several operands are one stream; roles and dropped columns; what is forgotten cannot be read again. */
static void test_operands(void)
{
    struct weir_run run = { .program = &program };
    struct weir_input *input = NULL;
    struct weir_error error = { 0 };
    struct producer producers[2];
    int descriptors[2];
    for (int i = 0; i < 2; i++) {
        descriptors[i] = start(&producers[i], 5000, false);
        add_descriptor(&run, descriptors[i]);
    }
    CHECK_INT(weir_strings_add(&run.labels, "n", 1), 0);
    CHECK_INT(weir_strings_add(&run.drops, "m", 1), 0);
    CHECK_INT(weir_strings_add(&run.drops, "m", 1), 0);
    CHECK_INT(open_operands(&input, &run, true, &error), 0);
    weir_input_forget(input);
    CHECK_INT(weir_input_schema(input)->count, 1);
    CHECK_INT(weir_input_schema(input)->fields[0].role, WEIR_LABEL);
    CHECK_INT(weir_input_size(input), -1);
    read_all(input, 5000, 1);
    CHECK_INT(weir_input_rows(input), 10000);
    CHECK_INT(weir_input_rewind(input, &error), -1);
    CHECK_INT(weir_input_close(input, &error), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(producers[i].thread, NULL);
        close(descriptors[i]);
    }
    weir_strings_release(&run.operands);
    weir_strings_release(&run.labels);
    weir_strings_release(&run.drops);
}

static void test_errors(void)
{
    static const struct {
        const char *operands[3];
        enum weir_status status;
        const char *text;
    } cases[] = {
        { { "/no/such/file" }, WEIR_NO_INPUT, "cannot read '/no/such/file': No such file or directory" },
        { { "/dev/fd/1000000" }, WEIR_NO_INPUT, "cannot read '/dev/fd/1000000': Bad file descriptor" },
        { { "/dev/null" }, WEIR_NO_INPUT, "/dev/null: no input at all" },
        { { "-", "/dev/stdin" }, WEIR_USAGE, "standard input ('/dev/stdin') is named twice" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct weir_run run = { .program = &program };
        struct weir_input *input = NULL;
        struct weir_error error = { 0 };
        for (int o = 0; cases[i].operands[o]; o++)
            CHECK_INT(weir_strings_add(&run.operands, cases[i].operands[o], strlen(cases[i].operands[o])), 0);
        CHECK_INT(open_operands(&input, &run, false, &error), -1);
        CHECK_INT(error.status, cases[i].status);
        CHECK_TEXT(error.text, cases[i].text);
        weir_strings_release(&run.operands);
    }
}

/* What is looked at stays to be read. */
static void test_peeking(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        enum weir_operand_form form;
    } cases[] = {
        { "", 0, WEIR_OPERAND_EMPTY },          { "\xFF\xFF\xFF\xFF rest", 9, WEIR_OPERAND_ARROW },
        { "\xFF\xFF", 2, WEIR_OPERAND_ARROW },  { "a", 1, WEIR_OPERAND_OTHER },
        { "\xFF\xFEx", 3, WEIR_OPERAND_OTHER }, { "a,b\n1,2\n", 8, WEIR_OPERAND_OTHER },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int socket = 0; socket < 2; socket++) {
            int ends[2];
            char bytes[16];
            enum weir_operand_form form;
            struct weir_error error = { 0 };
            CHECK_INT(socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends), 0);
            CHECK_INT(write(ends[1], cases[i].bytes, cases[i].size), (long long)cases[i].size);
            close(ends[1]);
            CHECK_INT(weir_operand_form(ends[0], "x", &form, &error), 0);
            CHECK_INT(form, cases[i].form);
            CHECK_INT(weir_operand_peek(ends[0], bytes, sizeof bytes), (long long)cases[i].size);
            CHECK_INT(read(ends[0], bytes, sizeof bytes), (long long)cases[i].size);
            CHECK(memcmp(bytes, cases[i].bytes, cases[i].size) == 0);
            close(ends[0]);
        }
    }
}

int main(void)
{
    test_reading_again();
    test_operands();
    test_errors();
    test_peeking();
    return check_result();
}
