/* SetWindowsServiceIdentity: another account for the service, with all that follows: every file of the instance belongs to it,
 * and it can open them; the unit of systemd names it.
 *
 * Done as root, while no server runs: what the old account would write meanwhile would be its own. Root walks a folder that the
 * old account can write to, so nothing is followed: entries are opened without following links and changed through what was
 * opened; a file with a second name (a hard link) is refused.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "format/json/json.h"
#include "service/configure/config_edit.h"

#define DEPTH_MAX 32
#define ENTRIES_MAX 1000000
#define UNIT_MAX ((size_t)64 * 1024)
#define WHY_MAX 512
#define DROP_IN_FOLDER "/etc/systemd/system/bindery.service.d"

struct account {
    uid_t user;
    gid_t group;
    rs_text user_name, group_name;
};

struct entry {
    rs_text path; /* below the instance's folder; "" is that itself */
    uid_t user;
    gid_t group;
};

struct move {
    struct call *call;
    struct account to;
    dev_t device;
    RS_VEC(struct entry) done; /* what was changed, to be changed back */
    size_t seen, differing;
    bool looks; /* only counts */
};

/* ---- the account --------------------------------------------------------------------------------- */

static rs_status find_account(struct call *call, rs_text name, struct account *out)
{
    rs_text user, group;
    bool has_group = rs_text_cut(name, ':', &user, &group);
    struct passwd entry, *found = NULL;
    struct group row, *found_group = NULL;
    char room[16384];

    if (getpwnam_r(rs_text_terminated(call->job, user), &entry, room, sizeof room, &found) != 0 || !found)
        return rs_fail(call->job, RS_NOT_FOUND, "there is no account \"%.*s\" on this machine; `useradd --system %.*s` makes one",
                       RS_TEXT_ARG(rs_text_slice(user, 0, 64)), RS_TEXT_ARG(rs_text_slice(user, 0, 64)));
    *out = (struct account){.user = entry.pw_uid, .group = entry.pw_gid, .user_name = rs_text_copy(call->job, user)};
    if (has_group && (getgrnam_r(rs_text_terminated(call->job, group), &row, room, sizeof room, &found_group) != 0 || !found_group))
        return rs_fail(call->job, RS_NOT_FOUND, "there is no group \"%.*s\" on this machine", RS_TEXT_ARG(rs_text_slice(group, 0, 64)));
    if (!has_group && (getgrgid_r(out->group, &row, room, sizeof room, &found_group) != 0 || !found_group))
        return rs_fail(call->job, RS_NOT_FOUND, "the group of \"%.*s\" has no name; say USER:GROUP", RS_TEXT_ARG(user));
    out->group = row.gr_gid;
    out->group_name = rs_text_copy(call->job, rs_text_from(row.gr_name));
    return RS_OK;
}

/* ---- every file ---------------------------------------------------------------------------------- */

static rs_status refuse(struct move *m, rs_text path, const char *why)
{
    return rs_fail(m->call->job, RS_DENIED, "\"%.*s/%.*s\" %s", RS_TEXT_ARG(m->call->instance->folder), RS_TEXT_ARG(path), why);
}

/* One that was opened, or (fd < 0) is changed by its name: a socket or a link itself. */
static rs_status give(struct move *m, int folder, const char *name, int fd, const struct stat *info, rs_text path)
{
    int failed;

    if (++m->seen > ENTRIES_MAX)
        return rs_fail(m->call->job, RS_OVER_LIMIT, "the folder has more than %d entries", ENTRIES_MAX);
    if (info->st_uid == m->to.user && info->st_gid == m->to.group)
        return RS_OK;
    m->differing++;
    if (m->looks)
        return RS_OK;
    failed = fd >= 0 ? fchown(fd, m->to.user, m->to.group) : fchownat(folder, name, m->to.user, m->to.group, AT_SYMLINK_NOFOLLOW);
    if (failed)
        return refuse(m, path, rs_text_format(m->call->job, "cannot be given to another account: %s", strerror(errno)).bytes);
    rs_vec_push(m->call->job, &m->done, (struct entry){path, info->st_uid, info->st_gid});
    return RS_OK;
}

static rs_status walk(struct move *m, int folder, rs_text path, int depth);

static rs_status walk_entry(struct move *m, int folder, const char *name, rs_text path, int depth)
{
    struct stat before, info;

    RS_TRY(rs_job_checkpoint(m->call->job));
    if (fstatat(folder, name, &before, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? RS_OK : refuse(m, path, strerror(errno));
    if (before.st_dev != m->device)
        return refuse(m, path, "is on another file system: give it to the account by hand first");
    if (!S_ISREG(before.st_mode) && !S_ISDIR(before.st_mode))
        return give(m, folder, name, -1, &before, path);
    RS_OWNED_FD fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0)
        return refuse(m, path, strerror(errno));
    if (info.st_ino != before.st_ino || info.st_dev != before.st_dev)
        return refuse(m, path, "changes while it is looked at: is something still running?");
    if (S_ISREG(info.st_mode) && info.st_nlink > 1)
        return refuse(m, path, "has more than one name (a hard link): look what it is, and remove the other");
    if (S_ISDIR(info.st_mode))
        RS_TRY(walk(m, fd, path, depth + 1));
    return give(m, folder, name, fd, &info, path);
}

static rs_status walk(struct move *m, int folder, rs_text path, int depth)
{
    int again = dup(folder);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    rs_status status = RS_OK;
    struct dirent *entry;

    if (!list) {
        if (again >= 0)
            close(again);
        return refuse(m, path, "cannot be listed");
    }
    if (depth > DEPTH_MAX)
        status = refuse(m, path, "lies too deep");
    while (status == RS_OK && (entry = readdir(list)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = walk_entry(m, folder, entry->d_name,
                                path.size > 0 ? rs_text_format(m->call->job, "%.*s/%s", RS_TEXT_ARG(path), entry->d_name)
                                              : rs_text_copy(m->call->job, rs_text_from(entry->d_name)), depth);
    closedir(list);
    return status;
}

/* The folder last: until then its owner is the old one. */
static rs_status give_all(struct move *m)
{
    const char *name = rs_text_terminated(m->call->job, m->call->instance->folder);
    RS_OWNED_FD fd = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat info;

    if (fd < 0 || fstat(fd, &info) != 0)
        return rs_fail(m->call->job, RS_IO, "cannot open \"%s\": %s", name, strerror(errno));
    m->device = info.st_dev;
    m->seen = m->differing = 0;
    RS_TRY(walk(m, fd, (rs_text){0}, 0));
    return give(m, fd, ".", fd, &info, (rs_text){0});
}

/* As it was; a failure here is told with the first one. */
static void take_back(struct move *m)
{
    const char *name = rs_text_terminated(m->call->job, m->call->instance->folder);
    RS_OWNED_FD folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    size_t failed = 0;

    for (size_t i = m->done.count; i-- > 0;) {
        const struct entry *entry = &m->done.items[i];
        const char *path = entry->path.size > 0 ? rs_text_terminated(m->call->job, entry->path) : ".";
        failed += fchownat(folder, path, entry->user, entry->group, AT_SYMLINK_NOFOLLOW) != 0;
    }
    if (failed > 0)
        rs_within(m->call->job, "%zu files could not be given back", failed);
    rs_within(m->call->job, "nothing was changed");
}

/* ---- can it open them ---------------------------------------------------------------------------- */

/* In a process that is that account: the first thing that it cannot open goes to `out`. */
static void try_all(struct move *m, const struct account *account, int out)
{
    const char *folder = rs_text_terminated(m->call->job, m->call->instance->folder);
    char why[WHY_MAX] = "";

    if (initgroups(rs_text_terminated(m->call->job, account->user_name), account->group) != 0 || setgid(account->group) != 0 ||
        setuid(account->user) != 0) {
        snprintf(why, sizeof why, "this process cannot become that account: %s", strerror(errno));
    } else if (chdir(folder) != 0) {
        snprintf(why, sizeof why, "it cannot get to \"%s\": %s", folder, strerror(errno));
    }
    for (size_t i = 0; i < m->done.count && !why[0]; i++) {
        const char *path = m->done.items[i].path.size > 0 ? m->done.items[i].path.bytes : ".";
        struct stat info;
        int fd;
        if (lstat(path, &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
            continue;
        fd = open(path, (S_ISREG(info.st_mode) && (info.st_mode & S_IWUSR) ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            snprintf(why, sizeof why, "it cannot open \"%s\": %s", path, strerror(errno));
        else
            close(fd);
    }
    if (!why[0] && access(".", W_OK) != 0)
        snprintf(why, sizeof why, "it cannot write in \"%s\"", folder);
    (void)!write(out, why, strlen(why));
}

static rs_status verify(struct move *m)
{
    char why[WHY_MAX];
    int pipes[2], status;
    ssize_t size;
    pid_t child;

    if (pipe2(pipes, O_CLOEXEC) != 0)
        return rs_fail(m->call->job, RS_IO, "no pipe: %s", strerror(errno));
    child = fork();
    if (child == 0) {
        try_all(m, &m->to, pipes[1]);
        _exit(0);
    }
    close(pipes[1]);
    size = read(pipes[0], why, sizeof why);
    close(pipes[0]);
    if (child < 0 || waitpid(child, &status, 0) != child || size < 0 || !WIFEXITED(status))
        return rs_fail(m->call->job, RS_IO, "it could not be tried whether the account can open everything");
    if (size > 0)
        return rs_fail(m->call->job, RS_DENIED, "the account %.*s cannot be used: %.*s", RS_TEXT_ARG(m->to.user_name), (int)size, why);
    return RS_OK;
}

/* ---- systemd ------------------------------------------------------------------------------------- */

/* Whether the installed unit serves this instance. */
static bool unit_serves(struct call *call)
{
    static const char *const places[] = {"/etc/systemd/system/bindery.service", "/usr/local/lib/systemd/system/bindery.service",
                                         "/usr/lib/systemd/system/bindery.service", "/lib/systemd/system/bindery.service"};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = call->job});
        rs_text text;
        if (rs_file_read(part, rs_text_from(places[i]), UNIT_MAX, &text) == RS_OK)
            return rs_text_find(text, rs_text_format(part, "--instance %.*s ", RS_TEXT_ARG(call->instance->folder))) >= 0;
    }
    return false;
}

static rs_status write_drop_in(struct call *call, const struct account *account)
{
    rs_text text = rs_text_format(call->job, "# Made by `bindery account service`.\n[Service]\nUser=%.*s\nGroup=%.*s\n",
                                  RS_TEXT_ARG(account->user_name), RS_TEXT_ARG(account->group_name));
    json_t *warnings = json_object_get(call->result, "warnings");

    put_text(call->result, "drop_in", text);
    if (!unit_serves(call)) {
        add_text(warnings, rs_text_format(call->job, "no unit of systemd serves this instance: start the server as %.*s; for a unit, "
                                          "\"drop_in\" of --json is what to put below it", RS_TEXT_ARG(account->user_name)));
        return RS_OK;
    }
    add_text(warnings, RS_TEXT("`systemctl daemon-reload && systemctl start bindery` starts the server as the new account"));
    add_text(json_object_get(call->result, "steps"), RS_TEXT("write " DROP_IN_FOLDER "/account.conf"));
    if (call_flag(call, "DryRun"))
        return RS_OK;
    RS_TRY(rs_folder_make(call->job, RS_TEXT(DROP_IN_FOLDER), 0755));
    return rs_file_replace(call->job, RS_TEXT(DROP_IN_FOLDER "/account.conf"), text, 0644);
}

/* ---- the operation ------------------------------------------------------------------------------- */

/* What settings name outside of the folder. */
static void warn_of_outside(struct call *call, const struct account *account)
{
    static const char *const paths[] = {"Bindery/Database", "Bindery/TicketKeyFile"};
    struct config_edit config;

    if (config_edit_read(call, &config) != RS_OK) {
        rs_job_forgive(call->job);
        return;
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        rs_text path = config_edit_value(&config, paths[i]);
        if (path.size > 0 && path.bytes[0] == '/' && !rs_text_starts(path, call->instance->folder))
            add_text(json_object_get(call->result, "warnings"),
                     rs_text_format(call->job, "%s is outside of the instance: give \"%.*s\" to %.*s too", paths[i], RS_TEXT_ARG(path),
                                    RS_TEXT_ARG(account->user_name)));
    }
}

static rs_status change_owner(struct move *m)
{
    rs_status status = give_all(m);

    if (status == RS_OK)
        status = verify(m);
    if (status == RS_OK)
        status = write_drop_in(m->call, &m->to);
    if (status != RS_OK)
        take_back(m);
    return status;
}

rs_status set_service_identity(struct call *call)
{
    rs_text name = call_flag(call, "UseBuiltInAccount") && call_text(call, "Account").size == 0 ? RS_TEXT("bindery")
                                                                                               : call_text(call, "Account");
    struct move move = {.call = call, .looks = true};
    json_t *steps = put_array(call->result, "steps"), *none = json_keep(call->job, json_null());
    bool dry_run = call_flag(call, "DryRun");
    rs_text step;

    put_array(call->result, "warnings");
    put_flag(call->result, "dry_run", dry_run);
    if (call_text(call, "Password").size > 0)
        return rs_fail(call->job, RS_UNSUPPORTED, "the service is started by the system as an account of the machine: there is no password "
                       "to give");
    if (call->instance->live_state)
        return rs_fail(call->job, RS_CONFLICT, "the server runs, and what it writes would be the old account's: stop it first "
                       "(`systemctl stop bindery`), and do this as root");
    RS_TRY(find_account(call, name, &move.to));
    RS_TRY(give_all(&move));
    put_flag(call->result, "changed", move.differing > 0 && !dry_run);
    if (move.differing == 0)
        return RS_OK;
    step = rs_text_format(call->job, "give %zu of %zu files to %.*s:%.*s", move.differing, move.seen, RS_TEXT_ARG(move.to.user_name),
                          RS_TEXT_ARG(move.to.group_name));
    add_text(steps, step);
    warn_of_outside(call, &move.to);
    if (dry_run)
        return write_drop_in(call, &move.to);
    if (geteuid() != 0)
        return rs_fail(call->job, RS_DENIED, "only root can give files to another account: sudo");
    move.looks = false;
    RS_TRY(change_owner(&move));
    RS_TRY(call_note(call, step, "account", none, none));
    return give_all(&move); /* what the entry in the history made */
}
