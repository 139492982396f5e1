/* A plan is data: whatever it says, nothing is opened, and what a program may be told on its command line (files,
 * folders, references) no step may. The places that hostile plans name are a FIFO, where opening would wait for ever.
 */
#include "check.h"
#include "format/load.h"
#include "stage/features.h"
#include "stage/kinds.h"
#include "stage/plan.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/weir-plan-XXXXXX", fifo[sizeof folder + 8];

static const char *const words[] = { "path",    "file",   "url",        "state",       "save-state", "merge",
                                     "like",    "labels", "in",         "out",         "output",     "table",
                                     "command", "exec",   "connection", "missing-file" };
enum { WORDS = sizeof words / sizeof *words };

/* Every option of every stage that names a place is unknown to the stage, or no list of what it takes. */
static void test_options(const struct weir_stage_kind *kind, const char *method, const char *word, const char *place)
{
    struct weir_plan plan = { 0 };
    struct weir_stage *stage = NULL;
    struct weir_error error = { 0 };
    json_t *options = json_pack("{s:s}", word, place), *state = json_pack("{s:[]}", "columns");
    if (method)
        json_object_set_new(options, "method", json_string(method));
    CHECK(weir_plan_append_step(&plan, kind->name, kind->version, kind->replay, options, state, &error) == 0);
    CHECK(weir_plan_stage(&plan, 0, &stage, &error) < 0 && !stage);
    CHECK_INT(error.status, WEIR_BAD_DATA);
    if (!CHECK(strstr(error.text, word) != NULL))
        fprintf(stderr, "    says '%s', wanted '%s'\n", error.text, word);
    weir_plan_release(&plan);
}

/* What the step `load` says beside the text's form is not heeded. */
static void test_load(const char *place)
{
    struct weir_load_reference reference = { 0 };
    struct weir_format_options options = { 0 };
    struct weir_error error = { 0 };
    json_t *state =
        json_pack("{s:[{s:s,s:s,s:s}],s:s}", "columns", "name", "a", "type", "int64", "path", place, "format", place);
    for (int i = 0; i < WORDS; i++)
        json_object_set_new(state, words[i], json_string(place));
    CHECK(weir_load_like(&reference, state, &options, &error) == 0);
    CHECK_INT(reference.known.count, 1);
    CHECK(!options.format && !options.labels && options.names.count == 0);
    weir_load_reference_release(&reference);
    json_decref(state);
}

/* Text that a plan of such a load came with is shown to a person as text. */
static void test_shown(void)
{
    struct weir_plan plan = { 0 };
    struct weir_buffer shown = { 0 };
    json_t *options = json_pack("{s:s}", "delimiter", "\033]0;owned\a$(reboot)\n`id`';x"),
           *state = json_pack("{s:[]}", "columns");
    CHECK(weir_plan_append_step(&plan, "load", 1, WEIR_REPLAY_APPLY, options, state, NULL) == 0);
    weir_plan_describe(&plan, &shown);
    CHECK_TEXT(shown.bytes, "load --delimiter '\\x1b]0;owned\\x07$(reboot)\\n`id`'\\'';x'");
    weir_buffer_release(&shown);
    weir_plan_release(&plan);
}

/* A pattern that takes for ever on a name made for it: a replay follows the names that were chosen, and matches none.
 */
static void test_pattern(void)
{
    struct weir_plan plan = { 0 };
    struct weir_stage *stage = NULL;
    struct weir_binding binding;
    struct weir_schema schema = { 0 };
    struct weir_error error = { 0 };
    char name[2001], pattern[201];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = 0;
    for (size_t i = 0; i < sizeof pattern - 2; i++)
        pattern[i] = "*a"[i % 2];
    memcpy(pattern + sizeof pattern - 2, "b", 2);
    json_t *options = json_pack("{s:[s]}", "operands", pattern);
    json_t *state = json_pack("{s:[{s:s,s:s,s:s}]}", "columns", "name", name, "as", "x", "role", "feature");
    CHECK(weir_schema_add(&schema, name, WEIR_INT64) != NULL);
    CHECK(weir_plan_append_step(&plan, "pick", 1, WEIR_REPLAY_APPLY, options, state, &error) == 0);
    CHECK(weir_plan_stage(&plan, 0, &stage, &error) == 0);
    CHECK(weir_stage_bind(&binding, stage, &schema, WEIR_AS_REPLAY, &error) == 0);
    CHECK_INT(binding.out.count, 1);
    weir_binding_release(&binding);
    weir_stage_free(stage);
    weir_schema_release(&schema);
    weir_plan_release(&plan);
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    CHECK(mkfifo(fifo, 0600) == 0);
    alarm(20); /* what never ends, ends so */
    const char *const places[] = { fifo, "file:///etc/passwd", "http://127.0.0.1:9/plan", "| id" };
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        for (const struct weir_stage_kind *const *kind = weir_stage_kinds; *kind; kind++)
            for (int i = 0; !(*kind)->choose && i < WORDS; i++)
                test_options(*kind, NULL, words[i], places[p]);
        for (size_t m = 0; weir_features_member(m); m++)
            for (int i = 0; i < WORDS; i++)
                test_options(weir_features_member(m), weir_features_method(m), words[i], places[p]);
        test_load(places[p]);
    }
    test_shown();
    test_pattern();
    unlink(fifo);
    rmdir(folder);
    return check_result();
}
