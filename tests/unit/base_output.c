/* lib/base/descriptor: files that appear complete or not at all. */
#include "base/descriptor.h"
#include "check.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static char *in_folder(const char *name)
{
    static char path[4][512];
    static int turn;
    char *out = path[turn++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static int entries(void)
{
    DIR *directory = opendir(folder);
    int count = 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2;
}

static void put(const char *name, const char *text)
{
    struct weir_output output;
    struct weir_error error = { 0 };
    if (!CHECK(weir_output_open(&output, in_folder(name), &error) == 0) ||
        !CHECK(weir_write_full(output.descriptor, text, strlen(text)) == 0) ||
        !CHECK(weir_output_commit(&output, &error) == 0))
        fprintf(stderr, "    %s\n", error.text);
}

static void check_content(const char *name, const char *expected)
{
    char *bytes = NULL;
    size_t size;
    struct weir_error error = { 0 };
    if (CHECK(weir_read_file(in_folder(name), 1000, &bytes, &size, &error) == 0)) {
        CHECK_TEXT(bytes, expected);
        CHECK_INT((long long)size, (long long)strlen(expected));
    }
    free(bytes);
}

static int mode_of(const char *name)
{
    struct stat status;
    return stat(in_folder(name), &status) ? -1 : (int)(status.st_mode & 07777);
}

static void test_replacing(void)
{
    struct weir_output output;
    umask(027);
    put("new", "first");
    CHECK_INT(mode_of("new"), 0640);
    check_content("new", "first");
    chmod(in_folder("new"), 0604);
    put("new", "second");
    CHECK_INT(mode_of("new"), 0604);
    CHECK_INT(entries(), 1);

    /* Until the commit the old one stands, and an abandoned one leaves nothing. */
    CHECK(weir_output_open(&output, in_folder("new"), NULL) == 0);
    CHECK(weir_write_full(output.descriptor, "third", 5) == 0);
    check_content("new", "second");
    CHECK_INT(entries(), 2);
    weir_output_abandon(&output);
    CHECK_INT(entries(), 1);
    check_content("new", "second");
    weir_output_abandon(&output); /* twice does no harm */

    /* A file that may not be written may not be replaced (root may write all). */
    if (geteuid() != 0) {
        chmod(in_folder("new"), 0400);
        CHECK(weir_output_open(&output, in_folder("new"), NULL) == -1);
        chmod(in_folder("new"), 0600);
    }
    struct weir_error error = { 0 };
    CHECK(weir_output_open(&output, in_folder("no/such"), &error) == -1);
    CHECK_INT(error.status, WEIR_CANNOT_CREATE);
    CHECK(strstr(error.text, "No such file or directory") != NULL);
    CHECK(weir_output_open(&output, folder, &error) == -1);
    CHECK(strstr(error.text, "Is a directory") != NULL);
    CHECK(weir_output_open(&output, "", &error) == -1);
    CHECK_TEXT(error.text, "'': No such file or directory");
    CHECK(weir_output_open(&output, in_folder("absent/"), &error) == -1);
    CHECK(strstr(error.text, "Is a directory") != NULL);
    CHECK_INT(entries(), 1);
}

static void test_links(void)
{
    struct stat status;
    mkdir(in_folder("deep"), 0700);
    CHECK(symlink("deep/target", in_folder("link")) == 0);
    CHECK(symlink("link", in_folder("again")) == 0);
    put("again", "through"); /* two links, to a file that is not there yet */
    check_content("deep/target", "through");
    put("link", "once more");
    check_content("deep/target", "once more");
    CHECK(lstat(in_folder("link"), &status) == 0 && S_ISLNK(status.st_mode));
    CHECK(symlink("loop", in_folder("loop")) == 0);
    struct weir_output output;
    struct weir_error error = { 0 };
    CHECK(weir_output_open(&output, in_folder("loop"), &error) == -1);
    char name[256];
    memset(name, 'n', 255);
    name[255] = 0;
    put(name, "the longest name");
    unlink(in_folder(name));
    unlink(in_folder("loop"));
    unlink(in_folder("link"));
    unlink(in_folder("again"));
    unlink(in_folder("deep/target"));
    rmdir(in_folder("deep"));
}

static void test_directly(void)
{
    struct weir_output output;
    CHECK(weir_output_open(&output, "/dev/null", NULL) == 0);
    CHECK(output.temporary == NULL);
    CHECK(weir_write_full(output.descriptor, "x", 1) == 0);
    CHECK(weir_output_commit(&output, NULL) == 0);
    struct stat status;
    CHECK(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
    struct weir_error error = { 0 };
    if (weir_output_open(&output, "/dev/full", NULL) == 0) {
        CHECK(weir_write_full(output.descriptor, "x", 1) == -1 && errno == ENOSPC);
        weir_output_abandon(&output);
    }
    CHECK(mkfifo(in_folder("fifo"), 0600) == 0);
    int reader = open(in_folder("fifo"), O_RDONLY | O_NONBLOCK);
    put("fifo", "through the pipe");
    char text[32] = { 0 };
    CHECK_INT(weir_read_full(reader, text, sizeof text - 1), 16);
    CHECK_TEXT(text, "through the pipe");
    close(reader);
    CHECK(stat(in_folder("fifo"), &status) == 0 && S_ISFIFO(status.st_mode));
    unlink(in_folder("fifo"));
    CHECK(weir_read_file("/nonexistent", 10, &(char *){ NULL }, &(size_t){ 0 }, &error) == -1);
    CHECK_INT(error.status, WEIR_NO_INPUT);
    put("ten", "0123456789");
    CHECK(weir_read_file(in_folder("ten"), 9, &(char *){ NULL }, &(size_t){ 0 }, &error) == -1);
    CHECK(strstr(error.text, "is larger than 9 bytes") != NULL);
    unlink(in_folder("ten"));
}

static void on_signal(int number)
{
    (void)number;
    weir_output_abandon_all();
    _exit(7);
}

/* A signal takes away what is unfinished, and nothing else. */
static void test_signal(void)
{
    put("done", "kept");
    pid_t child = fork();
    if (child == 0) {
        struct weir_output open_one, other, done;
        signal(SIGTERM, on_signal);
        weir_output_open(&open_one, in_folder("a"), NULL);
        weir_output_open(&other, in_folder("b"), NULL);
        weir_output_open(&done, in_folder("c"), NULL);
        weir_output_commit(&done, NULL);
        raise(SIGTERM);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK_INT(entries(), 3); /* new, done, c */
    check_content("c", "");

    /* After a removal in the same process the commit fails, and what it would replace stays. */
    struct weir_output output;
    struct weir_error error = { 0 };
    CHECK(weir_output_open(&output, in_folder("done"), NULL) == 0);
    weir_output_abandon_all();
    CHECK(weir_output_commit(&output, &error) == -1);
    check_content("done", "kept");
    CHECK_INT(entries(), 3);
}

static void test_many(void)
{
    enum { MANY = 300 };
    struct weir_output outputs[MANY];
    struct weir_error error = { 0 };
    int opened = 0;
    char name[16];
    while (opened < MANY) {
        snprintf(name, sizeof name, "m%d", opened);
        if (weir_output_open(&outputs[opened], in_folder(name), &error))
            break;
        opened++;
    }
    CHECK(opened >= 256 && opened < MANY); /* partition's most */
    CHECK(strstr(error.text, "files are being written") != NULL);
    for (int i = 0; i < opened; i++)
        weir_output_abandon(&outputs[i]);
    CHECK_INT(entries(), 3);
    put("new", "slots come back");
}

static void test_temporary(void)
{
    struct stat status;
    struct weir_error error = { 0 };
    setenv("TMPDIR", folder, 1);
    int before = entries(), descriptor = weir_temporary_file(&error);
    CHECK(descriptor >= 0 && fstat(descriptor, &status) == 0);
    CHECK(status.st_nlink == 0 && (status.st_mode & 0777) == 0600);
    CHECK_INT(entries(), before);
    CHECK(weir_write_full(descriptor, "abc", 3) == 0);
    close(descriptor);
    setenv("TMPDIR", "/nonexistent", 1);
    CHECK(weir_temporary_file(&error) == -1);
    CHECK_INT(error.status, WEIR_CANNOT_CREATE);
    CHECK(strstr(error.text, "'/nonexistent'") != NULL);
}

int main(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/weir-output-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(folder))
        return 1;
    test_replacing();
    test_links();
    test_directly();
    test_signal();
    test_many();
    test_temporary();
    unlink(in_folder("new"));
    unlink(in_folder("done"));
    unlink(in_folder("c"));
    CHECK_INT(rmdir(folder), 0);
    return check_result();
}
