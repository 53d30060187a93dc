/* daemon/sandbox.h - what a process of the server may still do once it has what it needs.
 *
 * Source:  seccomp(2), landlock(7), prctl(2), capabilities(7).
 *
 * In this order: another account where the server was started as root; no new privileges, so that no program could give
 * some; no capabilities; Landlock, so that only the folders named can be opened; a list of system calls (sandbox.def).
 * A system call that is not on the list fails with EPERM and is named in the log, once.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include <sys/types.h>

#include "base/job.h"

/* Those from the worker on may start threads. */
enum sandbox_role { SANDBOX_FRONT, SANDBOX_KEYS, SANDBOX_KERBEROS, SANDBOX_WORKER, SANDBOX_OCSP, SANDBOX_ACME };

/* Who children without files of their own run as. */
struct sandbox_account {
    bool change; /* false: stay who we are */
    uid_t user;
    gid_t group;
};

/* A folder, by a descriptor of it, in which files may be read, and where `write` says so made, written and removed too. */
struct sandbox_folder {
    int fd;
    bool write;
};

struct sandbox {
    enum sandbox_role role;
    struct sandbox_account account;
    const struct sandbox_folder *folders; /* nothing outside them can be opened */
    size_t folder_count;
};

/* The account of `name`; where that is empty the account "bindery", where there is none `otherwise` (may be NULL: no change).
 * Nothing is changed where this process is not root. Fails with DAEMON_SETTINGS where `name` is no account, or is
 * root's. */
RS_CHECKED rs_status sandbox_account_find(struct rs_job *job, rs_text name, const char *otherwise,
                                          struct sandbox_account *out);

/* There is no way back. Fails with RS_FAILED where the account cannot be changed or the list of system calls not be set;
 * a kernel without Landlock is told in the log, and nothing else depends on it. */
RS_CHECKED rs_status sandbox_enter(struct rs_job *job, const struct sandbox *sandbox);

/* What this kernel offers: 0 without Landlock, else the version of its interface. */
int sandbox_landlock_version(void);

#endif
