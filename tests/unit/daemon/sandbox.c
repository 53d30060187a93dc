#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/sandbox.h"

/* What a process in the sandbox of `role` tried: one letter per thing that it could do. */
#define TRIES "oOwxtspfu"

static bool try_one(char what, int folder)
{
    char program[] = "/bin/true";
    char *const words[] = {program, NULL};
    int fd;

    switch (what) {
    case 'o': /* read a file of the system */
        return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
    case 'O': /* write one */
        return open("/etc/bindery-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
    case 'w': /* make a file without a name in its own folder */
        fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        return fd >= 0 && write(fd, "x", 1) == 1;
    case 'x': /* become another program */
        execv(words[0], words);
        return false;
    case 't': /* look into another process */
        return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 || ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
    case 's':
        return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0;
    case 'p': /* end another process */
        return kill(getppid(), 0) == 0;
    case 'f':
        fd = fork();
        if (fd == 0)
            _exit(0);
        return fd > 0;
    default: /* root again */
        return setuid(0) == 0;
    }
}

static void run_inside(enum sandbox_role role, const struct sandbox_account *account, int folder, bool reads_all, int report)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct sandbox_folder folders[] = {{folder, true}, {open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), false}};
    struct sandbox sandbox = {role, *account, folders, reads_all ? 2 : folder >= 0 ? 1 : 0};
    char could[sizeof TRIES] = "";
    size_t count = 0;

    rs_log_to(open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (sandbox_enter(job, &sandbox) != RS_OK) {
        if (write(report, "!", 1) < 0)
            _exit(2);
        _exit(1);
    }
    for (const char *each = TRIES; *each; each++)
        if (try_one(*each, folder))
            could[count++] = *each;
    if (write(report, could, count) < 0)
        _exit(2);
    _exit(0);
}

static const char *what_can(enum sandbox_role role, const struct sandbox_account *account, bool own_folder, bool reads_all)
{
    static char could[32];
    char path[] = "/tmp/bindery-unit-XXXXXX";
    int ends[2], status;
    int folder = -1;
    pid_t child;
    ssize_t got;

    assert_non_null(mkdtemp(path));
    if (own_folder) {
        folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (account->change)
            assert_int_equal(chown(path, account->user, account->group), 0);
    }
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    child = fork();
    if (child == 0)
        run_inside(role, account, folder, reads_all, ends[1]);
    close(ends[1]);
    got = read(ends[0], could, sizeof could - 1);
    could[got > 0 ? got : 0] = '\0';
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    close(ends[0]);
    if (folder >= 0)
        close(folder);
    rmdir(path);
    return could;
}

#ifdef __SANITIZE_ADDRESS__
#define SKIP_WHERE_NOT_POSSIBLE UNIT_SKIP("system calls are not filtered under the sanitizer")
#else
#define SKIP_WHERE_NOT_POSSIBLE                                                                \
    if (sandbox_landlock_version() == 0)                                                       \
    UNIT_SKIP("the system has no Landlock")
#endif

UNIT_TEST(sandbox_leaves_the_front_its_folders_and_sockets)
{
    const struct sandbox_account same = {.change = false};

    SKIP_WHERE_NOT_POSSIBLE;
    assert_string_equal(what_can(SANDBOX_FRONT, &same, true, false), "ws");
    assert_string_equal(what_can(SANDBOX_FRONT, &same, false, false), "s");
}

UNIT_TEST(sandbox_leaves_the_keys_nothing)
{
    const struct sandbox_account same = {.change = false};

    SKIP_WHERE_NOT_POSSIBLE;
    assert_string_equal(what_can(SANDBOX_KEYS, &same, true, false), "");
}

UNIT_TEST(sandbox_lets_a_worker_read_and_write_its_folder_but_start_nothing)
{
    const struct sandbox_account same = {.change = false};

    SKIP_WHERE_NOT_POSSIBLE;
    assert_string_equal(what_can(SANDBOX_WORKER, &same, true, true), "ows");
}

UNIT_TEST(sandbox_lets_those_who_ask_other_servers_make_sockets_but_start_nothing)
{
    const struct sandbox_account same = {.change = false};

    SKIP_WHERE_NOT_POSSIBLE;
    assert_string_equal(what_can(SANDBOX_OCSP, &same, false, false), "s");
    assert_string_equal(what_can(SANDBOX_ACME, &same, true, false), "ws");
}

UNIT_TEST(sandbox_gives_up_the_rights_of_root)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct sandbox_account account;

    SKIP_WHERE_NOT_POSSIBLE;
    if (geteuid() != 0)
        UNIT_SKIP("not root");
    assert_ok(job, sandbox_account_find(job, RS_TEXT("nobody"), NULL, &account));
    assert_true(account.change && account.user != 0);
    assert_string_equal(what_can(SANDBOX_FRONT, &account, true, false), "ws");
    assert_status(sandbox_account_find(job, RS_TEXT("root"), NULL, &account), DAEMON_SETTINGS);
    rs_job_forgive(job);
    assert_status(sandbox_account_find(job, RS_TEXT("nobody-has-this-name"), NULL, &account), DAEMON_SETTINGS);
}
