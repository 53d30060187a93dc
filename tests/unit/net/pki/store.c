#include "fixture.h"

#include <poll.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/file.h"
#include "net/keys/decode.h"

/* A private authority with an intermediate, and certificates from it. */
static void make_authorities(struct fixture *f)
{
    run(f, "mkdir x && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x/root.key -out x/root.pem "
           "-subj '/O=Private/CN=Root' -days 30");
    run(f, "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x/inter.key -out x/inter.csr -subj /CN=Inter && "
           "printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign\\n' > x/inter.ext && "
           "openssl x509 -req -in x/inter.csr -CA x/root.pem -CAkey x/root.key -days 30 -extfile x/inter.ext -out x/inter.pem");
}

/* x/NAME.pem and x/NAME.key, issued by the intermediate. `days` may be negative: expired. */
static void issue(struct fixture *f, const char *name, const char *extensions, const char *newkey)
{
    run(f, rs_text_format(f->job, "openssl req -newkey %s -nodes -keyout x/%s.key -out x/%s.csr -subj '/CN=%s' && "
                          "printf 'subjectAltName=DNS:%s.example,IP:10.0.0.5,IP:::1\\n%s' > x/%s.ext && "
                          "openssl x509 -req -in x/%s.csr -CA x/inter.pem -CAkey x/inter.key -days 30 -extfile x/%s.ext -out x/%s.pem",
                          newkey, name, name, name, name, extensions, name, name, name, name).bytes);
}
#define EC "ec -pkeyopt ec_paramgen_curve:P-256"

UNIT_TEST_WITH_FIXTURE(store_describes_a_certificate_with_its_key_beside_it)
{
    const struct pki_entry *entry;
    char day[RS_CLOCK_STAMP_SIZE];
    rs_text hash;

    self_signed(f, "web", "-addext extendedKeyUsage=serverAuth");
    run(f, "openssl x509 -in web.crt -noout -fingerprint -sha1 | sed 's/.*=//' > sha1; "
           "openssl x509 -in web.crt -noout -fingerprint -sha256 | sed 's/.*=//;s/$/ \xe2\x80\x8e/' > sha256");
    scan(f);
    entry = entry_of(f, "web.crt");
    assert_int_equal(pki_store_count(f->store), 1);
    assert_text(entry->subject, "CN=web");
    assert_text(entry->common_name, "web");
    assert_text(entry->friendly_name, "web");
    assert_text(entry->key_type, "ECDSA P-256");
    assert_text(entry->signature, "ecdsa-with-SHA256");
    assert_true(rs_text_ends(entry->key_file, RS_TEXT("/web.key")));
    assert_int_equal(entry->name_count, 1);
    assert_text(entry->names[0].text, "web.example");
    assert_true(entry->self_signed && entry->usable);
    assert_text(reasons(f, entry), "self-signed-ca untrusted");
    rs_clock_stamp(rs_clock_utc_ms() + 30 * INT64_C(86400000), day);
    assert_true(entry->not_after_ms - rs_clock_utc_ms() <= 30 * INT64_C(86400000));
    assert_true(entry->not_after_ms - rs_clock_utc_ms() > 30 * INT64_C(86400000) - 600000);
    assert_ok(f->job, rs_file_read(f->job, rs_text_format(f->job, "%s/sha1", f->folder), 200, &hash));
    assert_ptr_equal(pki_store_find(f->store, hash), entry);
    assert_ok(f->job, rs_file_read(f->job, rs_text_format(f->job, "%s/sha256", f->folder), 200, &hash));
    assert_ptr_equal(pki_store_find(f->store, hash), entry);
    assert_ptr_equal(pki_store_find(f->store, rs_text_lower(f->job, entry->sha1)), entry);
    assert_null(pki_store_find(f->store, RS_TEXT("00")));
    assert_null(pki_store_find(f->store, RS_TEXT("0000000000000000000000000000000000000000")));
}

UNIT_TEST_WITH_FIXTURE(store_reads_pem_der_and_pkcs12)
{
    make_authorities(f);
    issue(f, "a", "extendedKeyUsage=serverAuth\\n", EC);
    issue(f, "b", "", "rsa:2048");
    issue(f, "c", "", EC);
    issue(f, "d", "", "ed25519");
    run(f, "cat x/a.key x/a.pem x/inter.pem x/root.pem > all.pem"); /* everything in one */
    run(f, "openssl x509 -in x/b.pem -outform DER -out der.cer && openssl rsa -in x/b.key -outform DER -out other-name.key");
    run(f, "printf 'gehei\\303\\237m\\n' > with.pass; openssl pkcs12 -export -in x/c.pem -inkey x/c.key -certfile x/inter.pem -name 'Sales portal' "
           "-passout file:with.pass -out with.p12 && chmod 644 with.p12");
    run(f, "openssl pkcs12 -export -in x/d.pem -inkey x/d.key -passout pass: -out without.PFX");
    scan(f);
    assert_int_equal(pki_store_broken_count(f->store), 0);
    assert_int_equal(pki_store_count(f->store), 4);
    assert_text(reasons(f, entry_of(f, "all.pem")), "untrusted");
    assert_int_equal(entry_of(f, "all.pem")->name_count, 3);
    assert_text(entry_of(f, "all.pem")->names[2].text, "::1");
    assert_int_equal(sk_X509_num(entry_of(f, "all.pem")->chain), 1); /* the root is not sent */
    assert_text(reasons(f, entry_of(f, "der.cer")), "untrusted");
    assert_text(entry_of(f, "der.cer")->key_type, "RSA 2048");
    assert_true(rs_text_ends(entry_of(f, "der.cer")->key_file, RS_TEXT("other-name.key")));
    assert_text(entry_of(f, "with.p12")->friendly_name, "Sales portal");
    assert_true(entry_of(f, "with.p12")->usable);
    assert_int_equal(sk_X509_num(entry_of(f, "with.p12")->chain), 1);
    assert_text(entry_of(f, "without.PFX")->key_type, "Ed25519");
    assert_true(entry_of(f, "without.PFX")->usable);
    assert_text(entry_of(f, "without.PFX")->friendly_name, "without");
}

UNIT_TEST_WITH_FIXTURE(store_gives_the_reasons_against_a_certificate)
{
    static const struct {
        const char *file, *reasons;
        bool usable;
    } wanted[] = {
        {"nokey.crt", "no-private-key chain-incomplete", false},
        {"wrong.crt", "key-mismatch chain-incomplete", false},
        {"damaged.crt", "key-unreadable chain-incomplete", false},
        {"exposed.crt", "key-exposed chain-incomplete", false},
        {"expired.crt", "expired chain-incomplete", false},
        {"future.crt", "not-yet-valid chain-incomplete", false},
        {"client.crt", "no-server-auth chain-incomplete", false},
        {"encipher.crt", "bad-key-usage chain-incomplete", false},
        {"weak.crt", "weak-key chain-incomplete", false},
        {"curve.crt", "weak-key chain-incomplete", false},
        {"pss.crt", "weak-key chain-incomplete", false},
        {"edwards.crt", "rare-key chain-incomplete", true},
        {"sha1.crt", "weak-signature chain-incomplete", false},
        {"inter.crt", "is-ca no-names chain-incomplete", false},
        {"nonames.crt", "no-names untrusted", false},
        {"good.crt", "chain-incomplete", true},
        {"anyusage.crt", "chain-incomplete", true},
    };

    make_authorities(f);
    issue(f, "good", "extendedKeyUsage=serverAuth,clientAuth\\nkeyUsage=digitalSignature\\n", EC);
    issue(f, "anyusage", "extendedKeyUsage=anyExtendedKeyUsage\\n", EC);
    issue(f, "nokey", "", EC);
    issue(f, "wrong", "", EC);
    issue(f, "damaged", "", EC);
    issue(f, "exposed", "", EC);
    issue(f, "client", "extendedKeyUsage=clientAuth\\n", EC);
    issue(f, "encipher", "keyUsage=keyEncipherment\\n", EC);
    issue(f, "weak", "", "rsa:1024");
    issue(f, "curve", "", "ec -pkeyopt ec_paramgen_curve:secp256k1");
    issue(f, "pss", "", "rsa-pss -pkeyopt rsa_keygen_bits:2048");
    issue(f, "edwards", "", "ed25519");
    for (const char *const *name = (const char *const[]){"good", "anyusage", "nokey", "wrong", "damaged", "exposed", "client",
                                                         "encipher", "weak", "curve", "pss", "edwards", NULL}; *name; name++)
        run(f, rs_text_format(f->job, "cp x/%s.pem %s.crt; cp x/%s.key %s.key", *name, *name, *name, *name).bytes);
    run(f, "rm nokey.key; cp x/root.key wrong.key; echo no key >> damaged.key; sed -i 3d damaged.key; chmod 640 exposed.key");
    run(f, "cp x/good.key expired.key; cp x/good.key future.key; cp x/good.key sha1.key; cp x/inter.pem inter.crt; cp x/inter.key inter.key");
    run(f, "mkdir ca2 && touch ca2/index && echo 01 > ca2/serial && printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=ca2/index\\nserial=ca2/serial\\n"
           "new_certs_dir=ca2\\ndefault_md=sha256\\npolicy=p\\nunique_subject=no\\n[p]\\ncommonName=supplied\\n' > ca2/conf");
    run(f, "openssl ca -batch -config ca2/conf -cert x/inter.pem -keyfile x/inter.key -in x/good.csr -extfile x/good.ext "
           "-startdate 20200101000000Z -enddate 20200201000000Z -notext -out expired.crt");
    run(f, "openssl ca -batch -config ca2/conf -cert x/inter.pem -keyfile x/inter.key -in x/good.csr -extfile x/good.ext "
           "-startdate 20450101000000Z -enddate 20450201000000Z -notext -out future.crt");
    run(f, "openssl ca -batch -config ca2/conf -md sha1 -cert x/inter.pem -keyfile x/inter.key -in x/good.csr -extfile x/good.ext "
           "-days 30 -notext -out sha1.crt");
    run(f, "printf '[req]\\ndistinguished_name=n\\n[n]\\n[e]\\nbasicConstraints=CA:FALSE\\n' > conf; openssl req -x509 -config conf -extensions e -newkey " EC
           " -nodes -keyout nonames.key -out nonames.crt -subj /CN=host -days 30");
    scan(f);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const struct pki_entry *entry = entry_of(f, wanted[i].file);
        if (!rs_text_equal(reasons(f, entry), rs_text_from(wanted[i].reasons)))
            fail_msg("%s: %.*s", wanted[i].file, RS_TEXT_ARG(reasons(f, entry)));
        assert_int_equal(entry->usable, wanted[i].usable);
    }
    assert_holds(entry_of(f, "exposed.crt")->reasons[0].sentence, "chmod 600 '");
    assert_holds(entry_of(f, "expired.crt")->reasons[0].sentence, "2020-02-01");
    assert_holds(entry_of(f, "nokey.crt")->reasons[0].sentence, "nokey.key");
    assert_holds(entry_of(f, "good.crt")->reasons[0].sentence, "CN=Root");
}

UNIT_TEST_WITH_FIXTURE(store_lists_broken_files_and_goes_on)
{
    self_signed(f, "good", "");
    self_signed(f, "p", "");
    run(f, "openssl pkcs12 -export -in p.crt -inkey p.key -passout pass:x -out closed.p12; cp closed.p12 wrong.p12; echo y > wrong.pass; "
           "cp closed.p12 open.p12; echo x > open.pass; chmod 644 open.pass; rm p.crt; mv p.key lonely.key");
    run(f, "openssl req -x509 -newkey " EC " -passout pass:x -keyout sealed.key -out sealed.crt -subj /CN=sealed -days 3 -addext subjectAltName=DNS:s.example");
    run(f, "cp sealed.crt opened.crt; cp sealed.key opened.key; echo x > opened.pass; openssl req -x509 -newkey " EC " -passout pass:x -keyout other.key "
           "-out other.crt -subj /CN=other -days 3 -addext subjectAltName=DNS:o.example");
    run(f, ": > empty.pem; echo text > text.crt; head -c 300 /dev/urandom > random.p12; mkfifo pipe.pem; mkdir folder.pem; ln -s nowhere gone.pem; "
           "head -c 1100000 /dev/zero > huge.der; sed '3s/./!/' good.crt > damaged.pem; echo hidden > .hidden.pem; echo x > note.txt; "
           "ln -s good.crt link.cer");
    scan(f);
    assert_holds(broken(f, "closed.p12"), "has a password");
    assert_holds(broken(f, "wrong.p12"), "does not open");
    assert_holds(broken(f, "open.p12"), "chmod 600");
    assert_holds(broken(f, "lonely.key"), "no certificate here");
    assert_holds(broken(f, "empty.pem"), "empty");
    assert_holds(broken(f, "text.crt"), "neither");
    assert_holds(broken(f, "random.p12"), "neither");
    assert_holds(broken(f, "pipe.pem"), "not a file");
    assert_holds(broken(f, "huge.der"), "larger");
    assert_holds(broken(f, "damaged.pem"), "damaged");
    assert_text(reasons(f, entry_of(f, "other.crt")), "key-unreadable self-signed-ca untrusted");
    assert_holds(entry_of(f, "other.crt")->reasons[0].sentence, "encrypted");
    assert_true(entry_of(f, "opened.crt")->usable);
    assert_true(rs_text_ends(entry_of(f, "sealed.crt")->key_file, RS_TEXT("opened.key"))); /* the same key, opened there */
    assert_true(entry_of(f, "link.cer")->usable);
    assert_int_equal(pki_store_broken_count(f->store), 12); /* and sealed.key, other.key */
    assert_int_equal(pki_store_count(f->store), 5);
}

UNIT_TEST_WITH_FIXTURE(store_shows_what_changes_and_reads_only_that)
{
    uint64_t version;
    struct pollfd poll_fd;

    self_signed(f, "one", "");
    scan(f);
    poll_fd = (struct pollfd){.fd = pki_store_watch_fd(f->store), .events = POLLIN};
    assert_true(poll_fd.fd >= 0);
    assert_int_equal(poll(&poll_fd, 1, 0), 0);
    assert_false(scan(f)); /* read again because the files are young, and found the same */
    version = pki_store_version(f->store);
    self_signed(f, "two", "");
    assert_int_equal(poll(&poll_fd, 1, 1000), 1);
    assert_true(scan(f));
    assert_int_equal(poll(&poll_fd, 1, 0), 0);
    assert_true(pki_store_version(f->store) > version);
    assert_int_equal(pki_store_count(f->store), 2);
    run(f, "chmod 644 two.key");
    assert_int_equal(poll(&poll_fd, 1, 1000), 1);
    assert_true(scan(f));
    assert_true(has_reason(entry_of(f, "two.crt"), PKI_KEY_EXPOSED));
    run(f, "chmod 600 two.key; rm one.crt one.key");
    assert_true(scan(f));
    assert_int_equal(pki_store_count(f->store), 1);
    assert_true(entry_of(f, "two.crt")->usable);
    run(f, "touch -d '1 hour ago' two.crt two.key; sleep 0.01");
    assert_false(scan(f));
    run(f, "openssl ecparam -name prime256v1 -genkey -noout -out two.key"); /* the same size, or nearly */
    assert_true(scan(f));
    assert_true(has_reason(entry_of(f, "two.crt"), PKI_KEY_MISMATCH));
}

UNIT_TEST_WITH_FIXTURE(store_judges_validity_by_the_present_time)
{
    run(f, "printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=x/index\\nserial=x/serial\\nnew_certs_dir=x\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' > conf; "
           "mkdir x; touch x/index; echo 01 > x/serial; openssl req -newkey " EC " -nodes -keyout s.key -out x/s.csr -subj /CN=s; "
           "printf 'subjectAltName=DNS:s.example\\n' > x/ext; "
           "openssl ca -selfsign -batch -config conf -keyfile s.key -in x/s.csr -extfile x/ext -startdate 20200101000000Z "
           "-enddate $(date -u -d '+3 seconds' +%Y%m%d%H%M%SZ) -notext -out s.crt");
    scan(f);
    assert_true(entry_of(f, "s.crt")->usable);
    sleep(4);
    assert_true(scan(f));
    assert_false(entry_of(f, "s.crt")->usable);
    assert_true(has_reason(entry_of(f, "s.crt"), PKI_EXPIRED));
    assert_false(scan(f));
}

UNIT_TEST_WITH_FIXTURE(store_reads_watched_folders_and_survives_without_them)
{
    rs_text watched[2] = {rs_text_format(f->job, "%s/more/", f->folder), rs_text_format(f->job, "%s/missing", f->folder)};
    struct pki_store_options options = {rs_text_format(f->job, "%s/own", f->folder), watched, 2};

    self_signed(f, "w", "");
    run(f, "mkdir more; mv w.* more");
    assert_ok(f->job, pki_store_open(f->job, &options, &f->store));
    assert_int_equal(pki_store_count(f->store), 1);
    assert_int_equal(pki_store_broken_count(f->store), 1);
    assert_holds(broken(f, "/missing"), "cannot be read");
    assert_false(scan(f));
    run(f, "test -d own/ca");
}

UNIT_TEST_WITH_FIXTURE(keys_are_opened_anew_each_time)
{
    const struct pki_entry *entry;
    rs_text sha256;
    EVP_PKEY *key = NULL;

    self_signed(f, "web", "");
    self_signed(f, "lost", "");
    run(f, "rm lost.key");
    scan(f);
    entry = entry_of(f, "web.crt");
    sha256 = rs_text_copy(f->job, entry->sha256);
    assert_ok(f->job, pki_keys_open(f->job, f->store, sha256, &key));
    assert_int_equal(X509_check_private_key(entry->certificate, key), 1);
    EVP_PKEY_free(key);
    assert_status(pki_keys_open(f->job, f->store, entry_of(f, "lost.crt")->sha256, &key), PKI_KEY_REFUSED);
    rs_job_forgive(f->job);
    assert_status(pki_keys_open(f->job, f->store, RS_TEXT("00"), &key), RS_NOT_FOUND);
    rs_job_forgive(f->job);
    run(f, "chmod 604 web.key");
    assert_status(pki_keys_open(f->job, f->store, sha256, &key), PKI_KEY_REFUSED);
    assert_holds(rs_job_message(f->job), "chmod 600");
    rs_job_forgive(f->job);
    assert_status(pki_keys_check(f->job, f->store, sha256), PKI_KEY_REFUSED);
    assert_holds(rs_job_message(f->job), "chmod 600");
    rs_job_forgive(f->job);
    run(f, "openssl ecparam -name prime256v1 -genkey -noout -out new && mv new web.key");
    assert_status(pki_keys_open(f->job, f->store, sha256, &key), PKI_KEY_REFUSED);
    assert_holds(rs_job_message(f->job), "any more");
    rs_job_forgive(f->job);
    run(f, "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out web.key && chmod 600 web.key");
    assert_status(pki_keys_check(f->job, f->store, sha256), PKI_KEY_REFUSED);
    assert_holds(rs_job_message(f->job), "any more");
}

/* The bytes that the process of the keys gets are a key that fits the certificate. */
static void assert_bytes_fit(struct fixture *f, const char *file)
{
    const struct pki_entry *entry = entry_of(f, file);
    EVP_PKEY *key;
    rs_text der;

    assert_ok(f->job, pki_keys_check(f->job, f->store, entry->sha256));
    assert_ok(f->job, pki_keys_bytes(f->job, f->store, entry->sha256, &der));
    key = keys_decode(der);
    assert_non_null(key);
    assert_int_equal(X509_check_private_key(entry->certificate, key), 1);
    EVP_PKEY_free(key);
}

UNIT_TEST_WITH_FIXTURE(store_gives_keys_as_bytes_from_files_of_every_kind)
{
    rs_text der;

    self_signed(f, "plain", "");
    self_signed(f, "old", "");
    run(f, "openssl ec -in old.key -out older 2>/dev/null && chmod 600 older && mv older old.key"); /* BEGIN EC PRIVATE KEY */
    self_signed(f, "both", "");
    run(f, "cat plain.key both.key > two && chmod 600 two && mv two both.key"); /* the second is the one */
    self_signed(f, "sealed", "");
    run(f, "openssl pkcs8 -topk8 -in sealed.key -out shut -passout pass:secret && chmod 600 shut && mv shut sealed.key");
    run(f, "printf secret > sealed.pass && chmod 600 sealed.pass");
    self_signed(f, "bag", "");
    run(f, "openssl pkcs12 -export -in bag.crt -inkey bag.key -out bag.p12 -passout pass: && chmod 600 bag.p12 && rm bag.crt bag.key");
    scan(f);
    assert_bytes_fit(f, "plain.crt");
    assert_bytes_fit(f, "old.crt");
    assert_bytes_fit(f, "both.crt");
    assert_bytes_fit(f, "sealed.crt");
    assert_bytes_fit(f, "bag.p12");
    run(f, "chmod 604 plain.key both.key");
    assert_status(pki_keys_bytes(f->job, f->store, entry_of(f, "plain.crt")->sha256, &der), PKI_KEY_REFUSED);
    assert_holds(rs_job_message(f->job), "chmod 600");
    rs_job_forgive(f->job);
    assert_status(pki_keys_bytes(f->job, f->store, RS_TEXT("00"), &der), RS_NOT_FOUND);
    rs_job_forgive(f->job);
}

UNIT_TEST_WITH_FIXTURE(store_scan_can_be_stopped_at_every_checkpoint)
{
    uint64_t checkpoints;

    self_signed(f, "one", "");
    self_signed(f, "two", "");
    scan(f);
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, pki_store_rescan(job, f->store, NULL));
        checkpoints = rs_job_checkpoints(job);
    }
    assert_true(checkpoints >= 4);
    self_signed(f, "three", "");
    for (uint64_t stop = 1; stop <= checkpoints; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, stop);
        assert_status(pki_store_rescan(job, f->store, NULL), RS_CANCELLED);
        assert_int_equal(pki_store_count(f->store), 2);
        assert_true(entry_of(f, "two.crt")->usable);
    }
    assert_true(scan(f));
    assert_int_equal(pki_store_count(f->store), 3);
}
