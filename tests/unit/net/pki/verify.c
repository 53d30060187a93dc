#include "fixture.h"

#include "net/pki/create.h"
#include "net/pki/verify.h"

UNIT_TEST(verify_matches_names_as_clients_do)
{
    static const struct pki_name names[] = {{PKI_DNS, {"reports.example.com", 19}}, {PKI_DNS, {"*.sales.example.com", 19}},
                                            {PKI_DNS, {"*.com", 5}}, {PKI_DNS, {"10.0.0.7", 8}}, {PKI_DNS, {"*", 1}},
                                            {PKI_ADDRESS, {"10.0.0.5", 8}}, {PKI_ADDRESS, {"2001:db8::1", 11}}};
    static const struct {
        const char *host;
        bool covered;
    } cases[] = {
        {"reports.example.com", true}, {"REPORTS.Example.com.", true}, {"a.sales.example.com", true},
        {"xn--a.sales.example.com", true}, {"sales.example.com", false}, {"a.b.sales.example.com", false},
        {".sales.example.com", false}, {"example.com", false}, {"x.reports.example.com", false},
        {"10.0.0.5", true}, {"10.0.0.7", false}, {"[2001:db8:0::1]", true}, {"2001:DB8::1", true}, {"::1", false}, {"host", false},
    };
    struct pki_entry entry = {.names = names, .name_count = 7};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (pki_entry_covers(&entry, rs_text_from(cases[i].host)) != cases[i].covered)
            fail_msg("%s", cases[i].host);
}

/* "name" or "name!" or "name?": passed, fatal, warning. */
static rs_text verify(struct fixture *f, const char *file, const char *host, bool *fit)
{
    rs_text hosts[1] = {rs_text_from(host)}, all = RS_TEXT("");
    const struct pki_verdict *verdict;

    assert_ok(f->job, pki_verify(f->job, f->store, entry_of(f, file), hosts, host ? 1 : 0, &verdict));
    for (size_t i = 0; i < verdict->check_count; i++)
        all = rs_text_format(f->job, "%.*s%s%s%s", RS_TEXT_ARG(all), i ? " " : "", verdict->checks[i].name,
                             verdict->checks[i].passed ? "" : verdict->checks[i].severity == PKI_FATAL ? "!" : "?");
    *fit = verdict->fit;
    assert_true(verdict->fit == (verdict->fatal.size == 0));
    return all;
}

UNIT_TEST_WITH_FIXTURE(verify_runs_every_check)
{
    struct pki_created made;
    rs_text host = RS_TEXT("local.example.com");
    bool fit;

    assert_ok(f->job, pki_create(f->job, &(struct pki_create){.folder = rs_text_from(f->folder), .hosts = &host, .host_count = 1}, &made));
    self_signed(f, "self", "-addext basicConstraints=critical,CA:FALSE");
    self_signed(f, "client", "-addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=clientAuth");
    run(f, "cp self.crt lost.crt; cp self.key x; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout gone.key -out gone.crt "
           "-subj /CN=gone -days 3 -addext subjectAltName=DNS:gone.example; rm gone.key");
    scan(f);
    assert_text(verify(f, "local.example.com.crt", "local.example.com", &fit), "key validity usage names chain");
    assert_true(fit);
    assert_text(verify(f, "local.example.com.crt", NULL, &fit), "key validity usage names chain");
    assert_text(verify(f, "local.example.com.crt", "other.example.com", &fit), "key validity usage names! chain");
    assert_false(fit);
    assert_holds(verify(f, "self.crt", "self.example", &fit), "names chain?");
    assert_true(fit);
    assert_holds(verify(f, "client.crt", "client.example", &fit), "usage!");
    assert_false(fit);
    assert_holds(verify(f, "gone.crt", "gone.example", &fit), "key!");
    assert_false(fit);
}

UNIT_TEST_WITH_FIXTURE(verify_sees_a_chain_with_a_forged_signature)
{
    bool fit;
    struct pki_created made;
    rs_text host = RS_TEXT("h.example.com");

    assert_ok(f->job, pki_create(f->job, &(struct pki_create){.folder = rs_text_from(f->folder), .hosts = &host, .host_count = 1}, &made));
    /* the same names and identifiers, another key: an authority that never issued it */
    run(f, "openssl x509 -in h.example.com.crt -outform DER -out forged.der && size=$(stat -c %s forged.der) && "
           "printf '\\1\\2\\3\\4' | dd of=forged.der bs=1 seek=$((size - 4)) conv=notrunc && cp h.example.com.key forged.key && rm h.example.com.crt");
    scan(f);
    assert_holds(verify(f, "forged.der", "h.example.com", &fit), "chain!");
    assert_false(fit);
}
