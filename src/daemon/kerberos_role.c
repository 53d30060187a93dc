#include "daemon/kerberos_role.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "daemon/paths.h"
#include "daemon/sandbox.h"
#include "net/kerberos/server.h"
#include "net/loop/loop.h"
#include "net/pki/keys.h"

rs_text kerberos_keytab(struct rs_job *job, const struct paths *paths)
{
    const char *named = getenv("KRB5_KTNAME");
    rs_text path = rs_text_from(named), kind;

    if (access(paths->keytab.bytes, F_OK) == 0)
        return paths->keytab;
    if (rs_text_starts(path, RS_TEXT("FILE:")))
        rs_text_cut(path, ':', &kind, &path);
    return path.size > 0 && access(path.bytes, F_OK) == 0 ? rs_text_copy(job, path) : (rs_text){NULL, 0};
}

/* That of the machine may be open to a group that services are in. */
static rs_status kerberos_keytab_check(struct rs_job *job, const struct paths *paths, rs_text keytab)
{
    mode_t shut = rs_text_equal(keytab, paths->keytab) ? 0077 : 0027;
    struct stat found;

    if (stat(rs_text_terminated(job, keytab), &found) != 0)
        return rs_fail(job, KERBEROS_KEYTAB, "the keytab \"%.*s\" cannot be read: %s", RS_TEXT_ARG(keytab), strerror(errno));
    if (found.st_mode & shut)
        return rs_fail(job, KERBEROS_KEYTAB, "the keytab \"%.*s\" is open to others, who could log on as anybody; close it with "
                       "`chmod %s %.*s`", RS_TEXT_ARG(keytab), shut == 0077 ? "600" : "640", RS_TEXT_ARG(keytab));
    return RS_OK;
}

/* The libraries load parts of themselves late, and look at the system's settings again. */
static rs_status enter_sandbox(struct rs_job *job, const char *folder)
{
    const char *const readable[] = {"/etc", "/usr", "/lib", "/lib64"};
    struct sandbox_folder folders[sizeof readable / sizeof readable[0] + 1];
    size_t count = 0;
    rs_status status;

    folders[count++] = (struct sandbox_folder){open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), true};
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++) {
        int fd = open(readable[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            folders[count++] = (struct sandbox_folder){fd, false};
    }
    status = sandbox_enter(job, &(struct sandbox){.role = SANDBOX_KERBEROS, .folders = folders, .folder_count = count});
    for (size_t i = 0; i < count; i++)
        close(folders[i].fd);
    return status;
}

rs_status kerberos_role_run(struct rs_job *job, const struct paths *paths, bool sandbox, int listen_fd)
{
    RS_OWNED_FD owned_listener = listen_fd;
    RS_OWNED(loop) loop = NULL;
    RS_OWNED(kerberos_acceptor) acceptor = NULL;
    RS_OWNED(kerberos_server) server = NULL;
    rs_text keytab = kerberos_keytab(job, paths);

    pki_keys_protect_process();
    RS_TRY(kerberos_keytab_check(job, paths, keytab));
    RS_TRY(rs_folder_make(job, paths->kerberos, 0700));
    RS_TRY(kerberos_acceptor_open(job, keytab, rs_text_format(job, "%.*s/accepted", RS_TEXT_ARG(paths->kerberos)), &acceptor));
    rs_log(RS_LOG_INFO, "tickets are taken for %.*s", RS_TEXT_ARG(kerberos_acceptor_names(job, acceptor)));
    RS_TRY(loop_create(job, &loop));
    RS_TRY(kerberos_server_create(job, loop, acceptor, listen_fd, &server));
    if (sandbox)
        RS_TRY(enter_sandbox(job, paths->kerberos.bytes));
    loop_run(loop);
    return RS_OK;
}
