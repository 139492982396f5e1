/* weir: run a program of Weir by its name, whatever prefix it was installed with; list the programs; complete words. */
#include "base/descriptor.h"
#include "cli/child.h"
#include "cli/stream_io.h"
#include "cli/text.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char program_names[] = WEIR_PROGRAMS; /* "clean load ..." */

struct options {
    const char *completion;
    char **arguments; /* of main */
};

static const char *const shells[] = { "bash", NULL };

static const struct weir_option table[] = { { .name = "completion",
                                              .kind = WEIR_OPTION_CHOICE,
                                              .offset = offsetof(struct options, completion),
                                              .argument = "SHELL",
                                              .help = "print a script that completes the options of all programs",
                                              .choices = shells },
                                            WEIR_OPTIONS_END };

/* Where the programs are and how their files begin: "/usr/bin/", "w-". */
struct place {
    char *folder, *prefix;
    struct weir_strings names;
};

static void place_release(struct place *place)
{
    free(place->folder);
    free(place->prefix);
    weir_strings_release(&place->names);
}

static char *path_of(const struct place *place, const char *prefix, const char *name)
{
    struct weir_buffer path = { 0 };
    weir_buffer_format(&path, "%s%s%s", place->folder, prefix, name);
    if (!path.failed)
        return path.bytes;
    weir_buffer_release(&path);
    return NULL;
}

/* How many of the programs are there with the prefix. */
static size_t count_present(const struct place *place, const char *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < place->names.count; i++) {
        char *path = path_of(place, prefix, place->names.items[i]);
        count += path && access(path, X_OK) == 0;
        free(path);
    }
    return count;
}

/* No prefix when all programs are there without; else the prefix of a file that ends in the first program's name and
 * with which the most are there. */
static int find_prefix(struct place *place, struct weir_error *error)
{
    const char *first = place->names.items[0];
    size_t best = count_present(place, "");
    place->prefix = weir_duplicate_string("");
    if (best == place->names.count)
        return place->prefix ? 0 : weir_fail_memory(error);
    DIR *folder = opendir(place->folder);
    for (struct dirent *entry; folder && place->prefix && (entry = readdir(folder));) {
        size_t length = strlen(entry->d_name), tail = strlen(first);
        if (length <= tail || strcmp(entry->d_name + length - tail, first) != 0)
            continue;
        char *prefix = weir_duplicate_bytes(entry->d_name, length - tail);
        size_t present = prefix ? count_present(place, prefix) : 0;
        if (present > best) {
            best = present;
            free(place->prefix);
            place->prefix = prefix;
        } else {
            free(prefix);
        }
    }
    if (folder)
        closedir(folder);
    return place->prefix ? 0 : weir_fail_memory(error);
}

static int find_place(struct place *place, struct weir_error *error)
{
    char *self = realpath("/proc/self/exe", NULL);
    if (!self)
        return weir_fail_errno(error, WEIR_IO, "cannot find the folder of the program 'weir'");
    place->folder = weir_duplicate_bytes(self, (size_t)(strrchr(self, '/') + 1 - self));
    free(self);
    int result = place->folder ? 0 : -1;
    for (const char *name = program_names; result == 0 && *name; name += strspn(name, " ")) {
        size_t length = strcspn(name, " ");
        result = weir_strings_add(&place->names, name, length);
        name += length;
    }
    return result < 0 ? weir_fail_memory(error) : find_prefix(place, error);
}

/* Becomes the program. */
static int become(const struct place *place, const char *name, char **arguments, struct weir_error *error)
{
    if (!weir_strings_contain(&place->names, name)) {
        struct weir_nearest nearest = { .wanted = name };
        struct weir_buffer advice = { 0 };
        for (size_t i = 0; i < place->names.count; i++)
            weir_nearest_offer(&nearest, place->names.items[i]);
        weir_nearest_advice(&nearest, "", &advice);
        weir_fail(error, WEIR_USAGE, "no program is called '%s'%s", name, advice.bytes ? advice.bytes : "");
        weir_buffer_release(&advice);
        return -1;
    }
    char *path = path_of(place, place->prefix, name);
    if (!path)
        return weir_fail_memory(error);
    execv(path, arguments);
    weir_fail_errno(error, WEIR_IO, "cannot run '%s'", path);
    free(path);
    return -1;
}

/* What `NAME --help` prints. */
static int read_help(const struct place *place, const char *name, struct weir_buffer *out, struct weir_error *error)
{
    struct weir_child child;
    char *path = path_of(place, place->prefix, name), *arguments[] = { path, (char[]){ "--help" }, NULL };
    if (!path)
        return weir_fail_memory(error);
    int result = weir_child_start(&child, path, arguments, NULL, 0, error), status = -1;
    if (result == 0) {
        ssize_t got = 0;
        while (weir_buffer_reserve(out, 4096) == 0 &&
               (got = weir_read_some(child.descriptor, out->bytes + out->size, 4096)) > 0)
            out->size += (size_t)got;
        weir_buffer_byte(out, 0);
        result = got < 0 ? weir_fail_errno(error, WEIR_IO, "'%s'", path) : weir_buffer_check(out, error);
        bool whole = weir_child_wait(&child, &status) && status == 0;
        if (result == 0 && !whole)
            result = weir_fail(error, WEIR_IO, "'%s --help' failed", path);
    }
    free(path);
    return result;
}

/* A line a program: its name and the second line of its help. */
static int list(const struct place *place, struct weir_buffer *out, struct weir_error *error)
{
    for (size_t i = 0; i < place->names.count; i++) {
        struct weir_buffer help = { 0 };
        if (read_help(place, place->names.items[i], &help, error) < 0) {
            weir_buffer_release(&help);
            return -1;
        }
        const char *purpose = strchr(help.bytes, '\n');
        purpose = purpose ? purpose + 1 : "";
        weir_buffer_format(out, "%-12s%.*s\n", place->names.items[i], (int)strcspn(purpose, "\n"), purpose);
        weir_buffer_release(&help);
    }
    return weir_buffer_check(out, error);
}

/* The words of one program: its options in one case, and for each option with choices the choices in another. A line of
 * the help is `  -m, --method NAME  text: one, two (one)`. */
static void complete_program(const char *name, const char *help, struct weir_buffer *options,
                             struct weir_buffer *choices)
{
    weir_buffer_format(options, "    %s) words='", name);
    for (const char *line = help; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        int length = (int)strcspn(line, "\n");
        const char *option = strncmp(line, "  ", 2) == 0 ? memmem(line, (size_t)length, "--", 2) : NULL;
        if (!option || option - line > 6)
            continue;
        int option_length = (int)strcspn(option, " \n");
        weir_buffer_format(options, "%.*s ", option_length, option);
        const char *from = memmem(line, (size_t)length, "(one of ", 8);
        if (!from)
            continue;
        from += 8;
        weir_buffer_format(choices, "    %s:%.*s) words='", name, option_length, option);
        for (; *from != ')' && *from != '\n' && *from; from++)
            if (*from != ',')
                weir_buffer_byte(choices, (uint8_t)*from);
        weir_buffer_string(choices, "' ;;\n");
    }
    weir_buffer_string(options, "' ;;\n");
}

static int complete_bash(const struct place *place, struct weir_buffer *out, struct weir_error *error)
{
    struct weir_buffer options = { 0 }, choices = { 0 };
    int result = 0;
    for (size_t i = 0; i < place->names.count && result == 0; i++) {
        struct weir_buffer help = { 0 };
        result = read_help(place, place->names.items[i], &help, error);
        if (result == 0)
            complete_program(place->names.items[i], help.bytes, &options, &choices);
        weir_buffer_release(&help);
    }
    weir_buffer_format(out,
                       "# bash completion for Weir; made by `weir --completion bash`\n"
                       "_weir() {\n"
                       "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=\n"
                       "    local program=${COMP_WORDS[0]##*/}\n"
                       "    program=${program#%s}\n"
                       "    if [ \"$program\" = weir ]; then\n"
                       "        if [ \"$COMP_CWORD\" = 1 ]; then\n"
                       "            mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$current\")\n"
                       "            return\n"
                       "        fi\n"
                       "        program=${COMP_WORDS[1]}\n"
                       "    fi\n"
                       "    case $program:$previous in\n",
                       place->prefix, program_names);
    weir_buffer_append(out, choices.bytes, choices.size);
    weir_buffer_string(out, "    esac\n"
                            "    [ -n \"$words\" ] || case $program in\n");
    weir_buffer_append(out, options.bytes, options.size);
    weir_buffer_string(out, "    esac\n"
                            "    case $current:$words in\n"
                            "    -*:* | *:[!-]*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\") ;;\n"
                            "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
                            "    esac\n"
                            "}\n"
                            "complete -o filenames -F _weir weir");
    for (size_t i = 0; i < place->names.count; i++)
        weir_buffer_format(out, " %s%s", place->prefix, place->names.items[i]);
    weir_buffer_byte(out, '\n');
    if (options.failed || choices.failed)
        out->failed = true;
    weir_buffer_release(&options);
    weir_buffer_release(&choices);
    return result < 0 ? -1 : weir_buffer_check(out, error);
}

static int run(struct weir_run *run, struct weir_error *error)
{
    const struct options *options = run->options;
    struct place place = { 0 };
    struct weir_buffer text = { 0 };
    int result = find_place(&place, error);
    if (result == 0 && run->operands.count > 0)
        result = become(&place, run->operands.items[0], options->arguments, error);
    else if (result == 0)
        result = options->completion ? complete_bash(&place, &text, error) : list(&place, &text, error);
    if (result == 0 && weir_write_full(STDOUT_FILENO, text.bytes, text.size) < 0)
        result = weir_fail_errno(error, WEIR_IO, "standard output");
    weir_buffer_release(&text);
    place_release(&place);
    return result;
}

int main(int argc, char **argv)
{
    /* What follows the name of a program is that program's. */
    struct options defaults = { .arguments = argv + 1 };
    const struct weir_program program = {
        .name = "weir",
        .purpose = "run a program of Weir by its name; without a name, list the programs",
        .operands = "[NAME [ARGUMENT...]]",
        .options = table,
        .options_size = sizeof defaults,
        .defaults = &defaults,
        .run = run,
    };
    bool named = argc > 1 && argv[1][0] != '-';
    return weir_program_main(&program, named ? 2 : argc, argv);
}
