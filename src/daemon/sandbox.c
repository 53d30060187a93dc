#include "daemon/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/log.h"

/* ---- the account ------------------------------------------------------------------------------------- */

static bool account_of(const char *name, struct sandbox_account *out)
{
    char room[4096];
    struct passwd account, *found = NULL;

    if (getpwnam_r(name, &account, room, sizeof room, &found) != 0 || !found)
        return false;
    *out = (struct sandbox_account){true, account.pw_uid, account.pw_gid};
    return true;
}

rs_status sandbox_account_find(struct rs_job *job, rs_text name, const char *otherwise, struct sandbox_account *out)
{
    *out = (struct sandbox_account){.change = false};
    if (geteuid() != 0)
        return RS_OK;
    if (name.size == 0) {
        if (!account_of("bindery", out) && otherwise)
            account_of(otherwise, out);
        return RS_OK;
    }
    if (!account_of(rs_text_terminated(job, name), out))
        return rs_fail(job, DAEMON_SETTINGS, "Bindery/RunAs: there is no account \"%.*s\"",
                       RS_TEXT_ARG(name));
    if (out->user == 0)
        return rs_fail(job, DAEMON_SETTINGS, "Bindery/RunAs: \"%.*s\" is root; name an account without rights",
                       RS_TEXT_ARG(name));
    return RS_OK;
}

static rs_status become(struct rs_job *job, const struct sandbox_account *account)
{
    if (!account->change)
        return RS_OK;
    if (setgroups(0, NULL) != 0 || setresgid(account->group, account->group, account->group) != 0 ||
        setresuid(account->user, account->user, account->user) != 0)
        return rs_fail(job, RS_FAILED, "cannot become the account %u: %s", (unsigned)account->user, strerror(errno));
    if (setuid(0) == 0)
        return rs_fail(job, RS_FAILED, "the rights of root were not given up");
    return RS_OK;
}

/* So that no program could be given them either. Only root may, and only root needs to. */
static void empty_bounding_set(void)
{
    for (unsigned long each = 0; each < 64; each++)
        if (prctl(PR_CAPBSET_DROP, each, 0, 0, 0) != 0)
            break; /* not allowed; or the last that this kernel knows */
}

/* Root without capabilities is the owner of its files, and no more. */
static rs_status drop_capabilities(struct rs_job *job)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};

    if (syscall(SYS_capset, &header, none) != 0)
        return rs_fail(job, RS_FAILED, "capabilities cannot be given up: %s", strerror(errno));
    return RS_OK;
}

/* ---- files ------------------------------------------------------------------------------------------- */

/* What the interface's first version knows, and what later ones added. */
#define FILES_OF_VERSION_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define FILES_REFER (1ULL << 13)    /* version 2 */
#define FILES_TRUNCATE (1ULL << 14) /* version 3 */
#define FILES_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FILES_WRITE                                                                            \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR)

int sandbox_landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return version > 0 ? (int)version : 0;
}

static rs_status close_files(struct rs_job *job, const struct sandbox *sandbox)
{
    int version = sandbox_landlock_version();
    struct landlock_ruleset_attr all = {.handled_access_fs = FILES_OF_VERSION_1 | (version >= 2 ? FILES_REFER : 0) |
                                                             (version >= 3 ? FILES_TRUNCATE : 0)};
    RS_OWNED_FD rules = -1;

    if (version == 0) {
        rs_log(RS_LOG_WARNING, "this kernel has no Landlock: files are closed to this process by its account and its list of "
                               "system calls alone");
        return RS_OK;
    }
    rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all.handled_access_fs, 0);
    for (size_t i = 0; rules >= 0 && i < sandbox->folder_count; i++) {
        struct landlock_path_beneath_attr folder = {
            .allowed_access = FILES_READ | (sandbox->folders[i].write ? FILES_WRITE | (version >= 3 ? FILES_TRUNCATE : 0) : 0),
            .parent_fd = sandbox->folders[i].fd,
        };
        if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &folder, 0) != 0)
            return rs_fail(job, RS_FAILED, "Landlock does not take a folder: %s", strerror(errno));
    }
    if (rules < 0 || syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        return rs_fail(job, RS_FAILED, "Landlock cannot be switched on: %s", strerror(errno));
    return RS_OK;
}

/* ---- system calls ------------------------------------------------------------------------------------ */

enum { F = 1 << SANDBOX_FRONT, K = 1 << SANDBOX_KEYS, W = 1 << SANDBOX_WORKER, O = 1 << SANDBOX_OCSP, A = 1 << SANDBOX_ACME,
       T = 1 << SANDBOX_KERBEROS };

static const struct {
    const char *name;
    unsigned roles;
} calls[] = {
#define SANDBOX_CALL(name, roles) {#name, roles},
#include "daemon/sandbox.def"
#undef SANDBOX_CALL
};

#define CALLS_NUMBERED 1024
static const char *call_names[CALLS_NUMBERED]; /* of the kernel's numbers: a signal handler cannot look them up */
static volatile sig_atomic_t call_told[CALLS_NUMBERED];
static const char *role_name;

/* The call that was not on the list failed with EPERM: as far as the program is concerned nothing else happened. */
static void on_forbidden(int number, siginfo_t *info, void *data)
{
    ucontext_t *context = data;
    unsigned call = (unsigned)info->si_syscall;
    char line[160];
    int size;

    (void)number;
#if defined __x86_64__
    context->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined __aarch64__
    context->uc_mcontext.regs[0] = (unsigned long long)-EPERM;
#else
    (void)context;
#endif
    if (call < CALLS_NUMBERED && call_told[call])
        return;
    size = snprintf(line, sizeof line, "error %s[%d] the sandbox refuses the system call %s (%u)\n", role_name, (int)getpid(),
                    call < CALLS_NUMBERED && call_names[call] ? call_names[call] : "of this number", call);
    if (call < CALLS_NUMBERED)
        call_told[call] = 1;
    if (write(STDERR_FILENO, line, (size_t)size) < 0)
        return;
#if !defined __x86_64__ && !defined __aarch64__
    _exit(1);
#endif
}

static void catch_forbidden(void)
{
    struct sigaction action = {.sa_sigaction = on_forbidden, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigset_t only;

    for (int number = 0; number < CALLS_NUMBERED; number++)
        if (!call_names[number])
            call_names[number] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    sigaction(SIGSYS, &action, NULL);
    sigemptyset(&only);
    sigaddset(&only, SIGSYS);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
}

/* Threads, not processes: the flags of clone can be looked at, those of clone3 cannot; glibc takes clone where it fails. */
static int forbid_processes(scmp_filter_ctx filter)
{
    int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

    return error ? error
                 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                    SCMP_A0(SCMP_CMP_MASKED_EQ, 0x00010000 /* CLONE_THREAD */, 0x00010000));
}

static int fill_filter(scmp_filter_ctx filter, enum sandbox_role role)
{
    int error = role >= SANDBOX_WORKER ? forbid_processes(filter) : 0;

    for (size_t i = 0; !error && i < sizeof calls / sizeof calls[0]; i++) {
        int number = seccomp_syscall_resolve_name(calls[i].name);
        if (!(calls[i].roles & 1u << role) || number == __NR_SCMP_ERROR)
            continue; /* or a call that this kind of machine does not have */
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
    }
    if (!error)
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!error)
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree: a third of the cost of a list */
    return error ? error : seccomp_load(filter);
}

static rs_status close_calls(struct rs_job *job, enum sandbox_role role)
{
#ifdef __SANITIZE_ADDRESS__
    (void)job, (void)role; /* at its end the sanitizer looks into the process from another one */
    return RS_OK;
#else
    static const char *const names[] = {"front", "keys", "kerberos", "worker", "ocsp", "acme"};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    int error;

    role_name = names[role];
    catch_forbidden();
    error = filter ? fill_filter(filter, role) : -ENOMEM;
    seccomp_release(filter);
    return error ? rs_fail(job, RS_FAILED, "the list of system calls cannot be set: %s", strerror(-error)) : RS_OK;
#endif
}

rs_status sandbox_enter(struct rs_job *job, const struct sandbox *sandbox)
{
    empty_bounding_set();
    RS_TRY(become(job, &sandbox->account));
    RS_TRY(drop_capabilities(job));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return rs_fail(job, RS_FAILED, "new privileges cannot be ruled out: %s", strerror(errno));
    RS_TRY(close_files(job, sandbox));
    return close_calls(job, sandbox->role);
}
