#include "net/pki/verify.h"

#include <arpa/inet.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/pki/describe.h"
#include "net/pki/inside.h"
#include "net/pki/trust.h"

/* ---- names --------------------------------------------------------------------------------- */

static bool address_read(rs_text t, unsigned char out[17])
{
    char text[INET6_ADDRSTRLEN];

    if (t.size >= 2 && t.bytes[0] == '[' && t.bytes[t.size - 1] == ']')
        t = rs_text_slice(t, 1, t.size - 2);
    if (t.size == 0 || t.size >= sizeof text)
        return false;
    memcpy(text, t.bytes, t.size);
    text[t.size] = '\0';
    memset(out, 0, 17);
    out[16] = 4;
    if (inet_pton(AF_INET, text, out) == 1)
        return true;
    out[16] = 6;
    return inet_pton(AF_INET6, text, out) == 1;
}

/* "*" stands for the whole first label and no more, and only above two others: *.example.com, never *.com. */
static bool name_covers(rs_text pattern, rs_text host)
{
    ptrdiff_t dot;

    if (pattern.size > 1 && pattern.bytes[pattern.size - 1] == '.')
        pattern.size--;
    if (!rs_text_starts(pattern, RS_TEXT("*.")))
        return rs_text_equal_nocase(pattern, host);
    pattern = rs_text_from_offset(pattern, 1);
    dot = rs_text_find_byte(host, '.');
    return dot > 0 && rs_text_find_byte(rs_text_from_offset(pattern, 1), '.') > 0 &&
           rs_text_equal_nocase(pattern, rs_text_from_offset(host, (size_t)dot));
}

bool pki_entry_covers(const struct pki_entry *entry, rs_text host)
{
    unsigned char wanted[17], named[17];
    bool is_address = address_read(host, wanted);

    if (host.size > 1 && host.bytes[host.size - 1] == '.')
        host.size--;
    for (size_t i = 0; i < entry->name_count; i++) {
        const struct pki_name *name = &entry->names[i];
        if (is_address) {
            if (name->kind == PKI_ADDRESS && address_read(name->text, named) && memcmp(wanted, named, 17) == 0)
                return true;
        } else if (name->kind == PKI_DNS && name_covers(name->text, host)) {
            return true;
        }
    }
    return false;
}

/* ---- checks -------------------------------------------------------------------------------- */

struct verifier {
    struct rs_job *job;
    const struct pki_store *store;
    const struct pki_entry *entry;
    RS_VEC(struct pki_check) checks;
};

static void verdict_pass(struct verifier *v, const char *name, rs_text sentence)
{
    rs_vec_push(v->job, &v->checks, (struct pki_check){name, true, PKI_WARNING, sentence});
}

static void verdict_fail(struct verifier *v, const char *name, enum pki_severity severity, rs_text sentence)
{
    rs_vec_push(v->job, &v->checks, (struct pki_check){name, false, severity, sentence});
}

static bool reason_is_of_key(enum pki_reason_code code)
{
    return code == PKI_NO_PRIVATE_KEY || code == PKI_KEY_MISMATCH || code == PKI_KEY_UNREADABLE || code == PKI_KEY_EXPOSED;
}

static void check_key(struct verifier *v)
{
    RS_OWNED(rs_job) part = rs_job_create(NULL);

    for (size_t i = 0; i < v->entry->reason_count; i++)
        if (reason_is_of_key(v->entry->reasons[i].code)) {
            verdict_fail(v, "key", PKI_FATAL, v->entry->reasons[i].sentence);
            return;
        }
    if (pki_keys_check(part, v->store, v->entry->sha256) != RS_OK)
        verdict_fail(v, "key", PKI_FATAL, rs_text_copy(v->job, rs_job_message(part)));
    else
        verdict_pass(v, "key", RS_TEXT("the private key fits"));
}

static void check_validity(struct verifier *v)
{
    int64_t now_ms = rs_clock_utc_ms();
    char stamp[RS_CLOCK_STAMP_SIZE];
    bool early = now_ms < v->entry->not_before_ms, late = now_ms > v->entry->not_after_ms;

    rs_clock_stamp(early ? v->entry->not_before_ms : v->entry->not_after_ms, stamp);
    if (early)
        verdict_fail(v, "validity", PKI_FATAL, rs_text_format(v->job, "it is not valid before %.10s", stamp));
    else if (late)
        verdict_fail(v, "validity", PKI_FATAL, rs_text_format(v->job, "it expired on %.10s", stamp));
    else
        verdict_pass(v, "validity", rs_text_format(v->job, "it is valid until %.10s", stamp));
}

/* The reasons that lie in the certificate itself; key, validity and chain are looked at anew by other checks. */
static void check_usage(struct verifier *v)
{
    bool passed = true;

    for (size_t i = 0; i < v->entry->reason_count; i++) {
        const struct pki_reason *reason = &v->entry->reasons[i];
        if (reason_is_of_key(reason->code) || reason->code == PKI_EXPIRED || reason->code == PKI_NOT_YET_VALID ||
            reason->code == PKI_CHAIN_INCOMPLETE || reason->code == PKI_UNTRUSTED || reason->code == PKI_NO_NAMES)
            continue;
        verdict_fail(v, "usage", reason->severity, reason->sentence);
        passed = false;
    }
    if (passed)
        verdict_pass(v, "usage", RS_TEXT("it may be used by servers, and is strong enough"));
}

static rs_text check_listed_names(struct verifier *v)
{
    rs_buf names = rs_buf_in(v->job);

    for (size_t i = 0; i < v->entry->name_count && i < 10; i++)
        rs_buf_printf(&names, "%s%.*s", i ? ", " : "", RS_TEXT_ARG(v->entry->names[i].text));
    if (v->entry->name_count > 10)
        rs_buf_printf(&names, " and %zu more", v->entry->name_count - 10);
    return rs_buf_text(&names);
}

static void check_names(struct verifier *v, const rs_text *hosts, size_t host_count)
{
    bool passed = true;

    if (v->entry->name_count == 0) {
        verdict_fail(v, "names", PKI_FATAL, RS_TEXT("it has no subject alternative name: clients look at nothing else"));
        return;
    }
    for (size_t i = 0; i < host_count; i++) {
        if (pki_entry_covers(v->entry, hosts[i]))
            continue;
        verdict_fail(v, "names", PKI_FATAL, rs_text_format(v->job, "it does not cover the host %.*s, only %.*s",
                                                           RS_TEXT_ARG(hosts[i]), RS_TEXT_ARG(check_listed_names(v))));
        passed = false;
    }
    if (passed)
        verdict_pass(v, "names", rs_text_format(v->job, "it covers %.*s", RS_TEXT_ARG(check_listed_names(v))));
}

/* What a client would say. Errors that only mean "this machine does not know the issuer" are warnings: the
 * clients may. */
static bool check_is_trust_error(int error)
{
    switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
        return true;
    default:
        return false;
    }
}

static void check_chain(struct verifier *v)
{
    X509_STORE *trust = pki_trust_create(pki_store_authority(v->store));
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *chain = (STACK_OF(X509) *)(uintptr_t)v->entry->chain;
    int error;

    if (!trust || !context || X509_STORE_CTX_init(context, trust, v->entry->certificate, chain) != 1) {
        verdict_fail(v, "chain", PKI_FATAL, RS_TEXT("no memory to check its chain"));
    } else {
        X509_VERIFY_PARAM_set_purpose(X509_STORE_CTX_get0_param(context), X509_PURPOSE_SSL_SERVER);
        error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
        if (error == X509_V_OK)
            verdict_pass(v, "chain", rs_text_format(v->job, "this machine trusts its issuer, %.*s",
                                                    RS_TEXT_ARG(v->entry->issuer)));
        else if (check_is_trust_error(error))
            verdict_fail(v, "chain", PKI_WARNING, v->entry->self_signed
                ? RS_TEXT("it is self-signed: clients must be told to trust it")
                : rs_text_format(v->job, "this machine does not trust its issuer, %.*s (%s)", RS_TEXT_ARG(v->entry->issuer),
                                 X509_verify_cert_error_string(error)));
        else
            verdict_fail(v, "chain", PKI_FATAL, rs_text_format(v->job, "its chain does not hold: %s",
                                                               X509_verify_cert_error_string(error)));
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(trust);
    ERR_clear_error();
}

rs_status pki_verify(struct rs_job *job, const struct pki_store *store, const struct pki_entry *entry, const rs_text *hosts,
                     size_t host_count, const struct pki_verdict **out)
{
    struct verifier verifier = {.job = job, .store = store, .entry = entry};
    struct pki_verdict *verdict = RS_NEW(job, struct pki_verdict);
    rs_buf fatal = rs_buf_in(job);

    RS_TRY(rs_job_checkpoint(job));
    check_key(&verifier);
    check_validity(&verifier);
    check_usage(&verifier);
    check_names(&verifier, hosts, host_count);
    check_chain(&verifier);
    verdict->checks = verifier.checks.items;
    verdict->check_count = verifier.checks.count;
    for (size_t i = 0; i < verdict->check_count; i++)
        if (!verdict->checks[i].passed && verdict->checks[i].severity == PKI_FATAL)
            rs_buf_printf(&fatal, "%s%.*s", fatal.used ? "; " : "", RS_TEXT_ARG(verdict->checks[i].sentence));
    verdict->fit = fatal.used == 0;
    verdict->fatal = rs_buf_text(&fatal);
    *out = verdict;
    return RS_OK;
}
