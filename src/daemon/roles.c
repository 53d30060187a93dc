#include "daemon/roles.h"

#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/acme_role.h"
#include "daemon/child.h"
#include "daemon/directories.h"
#include "daemon/front_role.h"
#include "daemon/kerberos.h"
#include "daemon/kerberos_role.h"
#include "daemon/keys_role.h"
#include "daemon/ocsp_role.h"
#include "daemon/parent_state.h"
#include "daemon/paths.h"
#include "daemon/sandbox.h"
#include "daemon/settings.h"
#include "daemon/wiping.h"
#include "net/pki/keys.h"
#include "net/pki/load.h"
#include "net/tls/tls.h"
#include "web/exchange/serve.h"
#include "web/portal/portal.h"
#include "web/soap/soap.h"
#include "web/url/url.h"

#define PROXY_CERTIFICATE_MAX ((size_t)1024 * 1024)
#define WORKER_CACHE_BYTES ((size_t)64 * 1024 * 1024) /* published reports that one worker keeps */
#define WORKER_SPARE_BYTES ((size_t)1024 * 1024 * 1024) /* beside the jobs' memory: libraries, caches, stacks */
#define WORKER_GRACE_MS 15000 /* past a request's time: then the worker hangs where its deadline is not seen */
#define WORKER_REQUESTS_MAX 10000 /* then a fresh process takes its place */

static volatile sig_atomic_t worker_told_to_stop;

static void on_stop(int number)
{
    (void)number;
    worker_told_to_stop = 1;
}

/* Signals of the terminal are the parent's to act on. A worker ends when its request is answered, and with the parent;
 * the front and the keys are asked on their channels alone, which close with the parent: so nothing but SIGKILL cuts a request off. Do
 * not die of a client that hangs up. */
static void prepare_process(const char *role, enum rs_log_level level)
{
    sigset_t none;
    struct sigaction stop = {.sa_handler = on_stop}; /* without SA_RESTART: waiting calls end */

    rs_log_as(role);
    rs_log_level(level);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (strcmp(role, "worker") != 0) {
        signal(SIGTERM, SIG_IGN);
        return;
    }
    sigaction(SIGTERM, &stop, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static rs_status read_settings(struct rs_job *job, const struct paths *paths, struct daemon_settings *out)
{
    return settings_read_file(job, paths->config, out);
}

static rs_status run_front(struct rs_job *job, const struct paths *paths, const struct daemon_settings *settings,
                           const struct sandbox_account *account, int fd)
{
    return front_role_run(job,
                          &(struct front_role_settings){
                              .run_folder = paths->run,
                              .tmp_folder = paths->tmp,
                              .log_folder = paths->log,
                              .log_json = settings->log_json,
                              .request_body_bytes = settings->request_body_bytes,
                              .trusted_proxies = settings->trusted_proxies,
                              .forwarded_field = settings->forwarded_field,
                              .peer_connections = settings->peer_connections,
                              .account = account,
                          },
                          fd);
}

/* Passwords too where nothing else could be offered: a configuration of Windows names only what it has no keytab for here. */
static unsigned methods_of(const struct paths *paths, const struct daemon_settings *settings)
{
    unsigned tickets = kerberos_is_on(paths, settings) ? AUTH_NEGOTIATE : 0;

    unsigned forms = settings->forms ? AUTH_FORMS : 0;

    return tickets | forms | (settings->basic || !(tickets | forms) ? AUTH_BASIC : 0);
}

static void exchange_settings_of(struct rs_job *job, const struct paths *paths, const struct daemon_settings *settings,
                                 struct exchange_settings *out)
{
    exchange_settings_default(out);
    out->service.catalog_path = paths_database(job, paths, settings->database);
    out->service.catalog_wait_ms = settings->database_wait_ms;
    out->service.key_path = paths->catalog_key;
    out->service.unattended_user = settings->unattended_user;
    out->service.data_folder = paths->data;
    out->service.data_hosts = settings->data_hosts;
    out->service.cache_bytes = WORKER_CACHE_BYTES;
    out->service.auth.methods = methods_of(paths, settings);
    out->service.auth.forms_ms = settings->forms_ms;
    out->service.auth.attempts_path = paths->attempts;
    if (settings->forms) {
        out->logon_takes = portal_logon_takes;
        out->logon = portal_logon;
        out->plain_cookie = settings->plain_cookie;
    }
    out->service.auth.realm = settings->realm;
    out->service.auth.keep_for_connection = settings->keep_logons;
    out->service.auth.protection.level = (enum auth_protection_level)settings->protection_level;
    out->service.auth.protection.scenario = (enum auth_protection_scenario)settings->protection_scenario;
    out->service.auth.kerberos_socket = paths->kerberos_socket;
    out->service.auth.kerberos_realm = settings->kerberos_realm;
    out->service.auth.allow_plain_http = settings->passwords_over_http;
    out->url_root = settings->url_root;
    out->secure_level = settings->secure_level;
    out->body_max = settings->request_body_bytes;
    out->memory_max = settings->worker_memory_bytes;
    out->request_ms = settings->worker_time_ms;
}

/* What clients of trusted proxies are bound to, in hexadecimal. */
static rs_status proxy_channel(struct rs_job *job, const struct daemon_settings *settings, rs_text *out)
{
    unsigned char digest[TLS_END_POINT_MAX];
    rs_text path = settings->proxy_certificate_file;
    rs_buf written = rs_buf_in(job);
    struct pki_contents contents;
    rs_text bytes;
    size_t size;

    *out = (rs_text){NULL, 0};
    if (path.size == 0)
        return RS_OK;
    RS_TRY(rs_file_read(job, path, PROXY_CERTIFICATE_MAX, &bytes));
    RS_TRY(pki_load(job, bytes, NULL, &contents));
    if (contents.certificate_count == 0)
        return rs_fail(job, DAEMON_SETTINGS, "Bindery/ProxyCertificateFile: there is no certificate in \"%.*s\"", RS_TEXT_ARG(path));
    size = tls_end_point(contents.certificates[0], digest);
    for (size_t i = 0; i < size; i++)
        rs_buf_printf(&written, "%02x", digest[i]);
    *out = rs_buf_text(&written);
    return RS_OK;
}

static rs_status run_worker(struct rs_job *job, const struct paths *paths, const struct daemon_settings *settings,
                            int fd, const volatile sig_atomic_t *stop, bool single)
{
    static const struct exchange_face *const faces[] = {&soap_face, &url_face, &portal_face};
    RS_OWNED(directories) directories = NULL;
    struct exchange_settings exchange;

    exchange_settings_of(job, paths, settings, &exchange);
    RS_TRY(directories_open(job, paths, settings->hostname, &directories));
    exchange.service.auth.protection.has_host = directories_have_host;
    exchange.service.auth.protection.data = directories;
    RS_TRY(proxy_channel(job, settings, &exchange.service.auth.protection.proxy_channel));
    exchange.directories_now = directories_now;
    exchange.directories_data = directories;
    exchange.requests_max = single ? 0 : WORKER_REQUESTS_MAX;
    exchange.hang_s = single ? 0 : (unsigned)((settings->worker_time_ms + WORKER_GRACE_MS) / 1000);
    return exchange_serve(job, fd, &exchange, faces, sizeof faces / sizeof faces[0], stop);
}

/* A worker that outgrows its jobs' limit by far is ended by the kernel; the parent starts another. */
static void limit_worker(const struct daemon_settings *settings)
{
#ifdef __SANITIZE_ADDRESS__
    (void)settings; /* its shadow memory counts too */
#else
    rlim_t bytes = settings->worker_memory_bytes + WORKER_SPARE_BYTES;
    struct rlimit limit = {bytes, bytes};

    setrlimit(RLIMIT_DATA, &limit);
#endif
}

/* A worker reads what its libraries read (fonts, drivers, the system's settings) and writes in the instance alone. It stays
 * who it is, the owner of the database, but without capabilities. */
static rs_status sandbox_worker(struct rs_job *job, const struct paths *paths, const struct daemon_settings *settings)
{
    rs_text database = paths_database(job, paths, settings->database);
    char *database_folder = rs_text_terminated(job, database);
    const char *const writable[] = {paths->instance.bytes, "/tmp", "/var/tmp", "/dev", dirname(database_folder)};
    struct sandbox_folder folders[sizeof writable / sizeof writable[0] + 1];
    size_t count = 0;
    rs_status status;

    folders[count++] = (struct sandbox_folder){open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), false};
    for (size_t i = 0; i < sizeof writable / sizeof writable[0]; i++) {
        int fd = open(writable[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            folders[count++] = (struct sandbox_folder){fd, true};
    }
    status = sandbox_enter(job, &(struct sandbox){.role = SANDBOX_WORKER, .folders = folders, .folder_count = count});
    for (size_t i = 0; i < count; i++)
        close(folders[i].fd);
    return status;
}

/* Who talks to servers elsewhere reads where these are and whom to trust (the system's settings, libraries, authorities), and
 * nothing of the instance but a folder of its own. */
static rs_status sandbox_outward(struct rs_job *job, enum sandbox_role role, const struct sandbox_account *account,
                                 const char *own_folder)
{
    static const char *const readable[] = {"/etc", "/usr", "/lib", "/lib64", "/run", "/var/lib/ca-certificates"};
    struct sandbox_folder folders[sizeof readable / sizeof readable[0] + 1];
    size_t count = 0;
    rs_status status;

    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++) {
        int fd = open(readable[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            folders[count++] = (struct sandbox_folder){fd, false};
    }
    if (own_folder) {
        int fd = open(own_folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            folders[count++] = (struct sandbox_folder){fd, true};
    }
    status = sandbox_enter(job, &(struct sandbox){.role = role, .account = *account, .folders = folders, .folder_count = count});
    for (size_t i = 0; i < count; i++)
        close(folders[i].fd);
    return status;
}

rs_status roles_run(struct rs_job *job, const struct paths *paths, rs_text role)
{
    struct daemon_settings settings;
    struct sandbox_account account;

    RS_TRY(read_settings(job, paths, &settings));
    if (rs_text_equal(role, RS_TEXT("front"))) {
        prepare_process("front", settings.log_level);
        RS_TRY(sandbox_account_find(job, settings.run_as, NULL, &account));
        return run_front(job, paths, &settings, &account, CHILD_FD);
    }
    if (rs_text_equal(role, RS_TEXT("keys"))) {
        prepare_process("keys", settings.log_level);
        RS_TRY(sandbox_account_find(job, settings.run_as, "nobody", &account));
        return keys_role_run(job, &account, CHILD_FD);
    }
    if (rs_text_equal(role, RS_TEXT("acme"))) {
        prepare_process("acme", settings.log_level);
        pki_keys_protect_process(); /* it makes keys */
        wiping_begin();
        signal(SIGTERM, SIG_DFL); /* whatever it does is begun again */
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        RS_TRY(sandbox_outward(job, SANDBOX_ACME, &(struct sandbox_account){.change = false}, paths->acme.bytes));
        return acme_role_run(job, paths->acme, CHILD_FD);
    }
    if (rs_text_equal(role, RS_TEXT("ocsp"))) {
        prepare_process("ocsp", settings.log_level);
        signal(SIGTERM, SIG_DFL); /* the parent knows what it has learned */
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        RS_TRY(sandbox_account_find(job, settings.run_as, "nobody", &account));
        RS_TRY(sandbox_outward(job, SANDBOX_OCSP, &account, NULL));
        return ocsp_role_run(job, CHILD_FD);
    }
    if (rs_text_equal(role, RS_TEXT("kerberos"))) {
        prepare_process("kerberos", settings.log_level);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        return kerberos_role_run(job, paths, true, CHILD_FD);
    }
    if (rs_text_equal(role, RS_TEXT("worker"))) {
        prepare_process("worker", settings.log_level);
        limit_worker(&settings);
        RS_TRY(sandbox_worker(job, paths, &settings));
        return run_worker(job, paths, &settings, CHILD_FD, &worker_told_to_stop, false);
    }
    return rs_fail(job, RS_INVALID, "there is no role \"%.*s\"", RS_TEXT_ARG(role));
}

static void log_end(const char *role, rs_status status, struct rs_job *job)
{
    if (status != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "the %s ended: %.*s", role, RS_TEXT_ARG(why));
    }
}

void roles_front_thread(void *data, int fd)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    log_end("front", run_front(job, parent->paths, &parent->settings, NULL, fd), job);
}

void roles_keys_thread(void *data, int fd)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    (void)data;
    log_end("keys", keys_role_run(job, NULL, fd), job);
}

void roles_kerberos_thread(void *data, int fd)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    log_end("process of the keytab", kerberos_role_run(job, parent->paths, false, fd), job);
}

void roles_acme_thread(void *data, int fd)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    log_end("acme", acme_role_run(job, parent->paths->acme, fd), job);
}

void roles_ocsp_thread(void *data, int fd)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    (void)data;
    log_end("ocsp", ocsp_role_run(job, fd), job);
}

void roles_worker_thread(void *data, int fd)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    log_end("worker", run_worker(job, parent->paths, &parent->settings, fd, &parent->worker_stop, true), job);
    close(fd);
}
