#include "fixture.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>

#include "net/pki/create.h"

static rs_status create(struct fixture *f, const char *const *hosts, enum pki_key_kind kind, const char *name,
                        struct pki_created *out)
{
    rs_text list[8];
    struct pki_create wish = {.folder = rs_text_from(f->folder), .hosts = list, .key_kind = kind,
                              .name = rs_text_from(name)};

    while (hosts[wish.host_count]) {
        list[wish.host_count] = rs_text_from(hosts[wish.host_count]);
        wish.host_count++;
    }
    return pki_create(f->job, &wish, out);
}

static unsigned mode_of(rs_text path)
{
    struct stat info;

    assert_int_equal(stat(path.bytes, &info), 0);
    return info.st_mode & 07777;
}

UNIT_TEST_WITH_FIXTURE(create_makes_a_certificate_that_openssl_trusts)
{
    static const char *const hosts[] = {"Reports.example.com", "*.sales.example.com", "localhost", "127.0.0.1", "[::1]",
                                        "LOCALHOST.", "reports.example.com", "0::1", NULL}; /* the last three again */
    struct pki_created made;
    const struct pki_entry *entry;

    umask(0);
    assert_ok(f->job, create(f, hosts, PKI_ECDSA_P256, NULL, &made));
    umask(022);
    run(f, "openssl verify -x509_strict -purpose sslserver -CAfile ca/ca.crt -verify_hostname reports.example.com reports.example.com.crt");
    run(f, "openssl verify -CAfile ca/ca.crt -verify_hostname a.sales.example.com reports.example.com.crt");
    run(f, "openssl verify -CAfile ca/ca.crt -verify_ip ::1 reports.example.com.crt");
    run(f, "! openssl verify -CAfile ca/ca.crt -verify_hostname other.example.com reports.example.com.crt");
    assert_int_equal(mode_of(made.key_file), 0600);
    assert_int_equal(mode_of(made.certificate_file), 0644);
    assert_int_equal(mode_of(made.authority_file), 0644);
    assert_int_equal(mode_of(rs_text_format(f->job, "%s/ca/ca.key", f->folder)), 0600);
    scan(f);
    entry = pki_store_find(f->store, made.sha1);
    assert_non_null(entry);
    assert_text(reasons(f, entry), "");
    assert_text(entry->sha256, rs_text_terminated(f->job, made.sha256));
    assert_int_equal(entry->name_count, 5);
    assert_int_equal((entry->not_after_ms - entry->not_before_ms) / 86400000, PKI_VALIDITY_DAYS_MAX);
    assert_int_equal(entry->serial.size, 32);
    run(f, "openssl x509 -in reports.example.com.crt -noout -text > text; grep -q 'TLS Web Server Authentication' text; "
           "grep -q 'CA:FALSE' text; openssl x509 -in ca/ca.crt -noout -text | grep -q pathlen:0");
}

UNIT_TEST_WITH_FIXTURE(create_uses_one_authority_and_free_names)
{
    static const char *const hosts[] = {"h", NULL}, *const address[] = {"::1", NULL}, *const wild[] = {"*.example.com", NULL};
    struct pki_created made;

    assert_ok(f->job, create(f, hosts, PKI_RSA_2048, NULL, &made));
    assert_ok(f->job, create(f, hosts, PKI_ECDSA_P384, NULL, &made));
    assert_true(rs_text_ends(made.certificate_file, RS_TEXT("/h-2.crt")));
    assert_ok(f->job, create(f, address, PKI_ECDSA_P256, NULL, &made));
    assert_true(rs_text_ends(made.certificate_file, RS_TEXT("/__1.crt")));
    assert_ok(f->job, create(f, wild, PKI_ECDSA_P256, NULL, &made));
    assert_true(rs_text_ends(made.certificate_file, RS_TEXT("/_.example.com.crt")));
    assert_ok(f->job, create(f, hosts, PKI_ECDSA_P256, "mine", &made));
    assert_status(create(f, hosts, PKI_ECDSA_P256, "mine", &made), RS_CONFLICT);
    rs_job_forgive(f->job);
    scan(f);
    assert_int_equal(pki_store_count(f->store), 5);
    assert_int_equal(pki_store_broken_count(f->store), 0);
    for (size_t i = 0; i < 5; i++)
        assert_text(reasons(f, pki_store_entry(f->store, i)), "");
    assert_text(entry_of(f, "/h.crt")->key_type, "RSA 2048");
    assert_text(entry_of(f, "/h-2.crt")->key_type, "ECDSA P-384");
    run(f, "openssl verify -CAfile ca/ca.crt h.crt h-2.crt mine.crt");
}

UNIT_TEST_WITH_FIXTURE(create_refuses_what_is_no_host_name_or_too_long)
{
    static const char *const wrong[][2] = {{"", NULL}, {"a b", NULL}, {"-a", NULL}, {"a..b", NULL}, {"*", NULL}, {"a.*.b", NULL},
                                           {"1::2::3", NULL}, {"http://x", NULL}, {"a/b", NULL}, {"10.0.0.256", NULL}, {"*.10.0.0.1", NULL},
                                           {"0.0.0.0", NULL}, {"::", NULL}, {"fe80::1%lo", NULL}, {"\u00e4.example", NULL}};
    static const char *const names[] = {"../x", ".hidden", "a/b", "a b", "-x"};
    static const char *const host[] = {"h", NULL}, *const none[] = {NULL};
    struct pki_created made;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_status(create(f, wrong[i], PKI_ECDSA_P256, NULL, &made), RS_INVALID);
        rs_job_forgive(f->job);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_status(create(f, host, PKI_ECDSA_P256, names[i], &made), RS_INVALID);
        rs_job_forgive(f->job);
    }
    assert_status(create(f, none, PKI_ECDSA_P256, NULL, &made), RS_INVALID);
    rs_job_forgive(f->job);
    rs_text h = RS_TEXT("h");
    struct pki_create wish = {.folder = rs_text_from(f->folder), .hosts = &h, .host_count = 1, .validity_days = 398};
    assert_status(pki_create(f->job, &wish, &made), RS_INVALID);
    rs_job_forgive(f->job);
    enum pki_key_kind kind;
    assert_true(pki_key_kind_parse(RS_TEXT("RSA-3072"), &kind) && kind == PKI_RSA_3072);
    assert_false(pki_key_kind_parse(RS_TEXT("rsa-1024"), &kind));
}

UNIT_TEST_WITH_FIXTURE(create_says_what_is_wrong_with_the_authority)
{
    static const char *const host[] = {"h", NULL};
    struct pki_created made;

    assert_ok(f->job, create(f, host, PKI_ECDSA_P256, NULL, &made));
    run(f, "chmod 644 ca/ca.key");
    assert_status(create(f, host, PKI_ECDSA_P256, NULL, &made), PKI_KEY_REFUSED);
    assert_holds(rs_job_message(f->job), "chmod 600");
    rs_job_forgive(f->job);
    run(f, "chmod 600 ca/ca.key; cp ca/ca.crt was.crt; touch index; echo 01 > serial; printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\n"
           "serial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' > conf; "
           "openssl req -new -key ca/ca.key -subj /CN=later -out later.csr && openssl ca -batch -selfsign -config conf -keyfile ca/ca.key "
           "-in later.csr -startdate 20450101000000Z -enddate 20460101000000Z -notext -out ca/ca.crt");
    assert_status(create(f, host, PKI_ECDSA_P256, NULL, &made), PKI_NOT_FIT);
    assert_holds(rs_job_message(f->job), "clock");
    rs_job_forgive(f->job);
    run(f, "mv was.crt ca/ca.crt");
    run(f, "cp h.key ca/ca.key; chmod 600 ca/ca.key");
    assert_status(create(f, host, PKI_ECDSA_P256, NULL, &made), PKI_FILE_INVALID);
    assert_holds(rs_job_error(f->job), "move that folder away");
    rs_job_forgive(f->job);
    run(f, "rm ca/ca.key");
    assert_status(create(f, host, PKI_ECDSA_P256, NULL, &made), RS_NOT_FOUND);
    rs_job_forgive(f->job);
    run(f, "rm -r ca; ! ls h-2.*");
    assert_ok(f->job, create(f, host, PKI_ECDSA_P256, NULL, &made));
}

/* In a child: the size limit holds for the process. */
UNIT_TEST(create_leaves_nothing_behind_on_a_full_disk)
{
    struct fixture f;
    int status;
    pid_t child;

    fixture_open(&f);
    child = fork();
    if (child == 0) {
        static const char *const host[] = {"h", NULL};
        struct pki_created made;
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){300, 300}); /* room for an EC key, not for a certificate */
        _exit(create(&f, host, PKI_ECDSA_P256, NULL, &made) == RS_IO ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    run(&f, "! ls *.crt *.key ca/*.crt ca/*.key *.new ca/*.new");
    fixture_close(&f);
}
