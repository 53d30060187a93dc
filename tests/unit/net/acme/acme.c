#include "unit.h"

#include <openssl/evp.h>

#include "format/json/json.h"
#include "net/acme/answer.h"
#include "net/acme/challenge.h"
#include "net/acme/jws.h"
#include "net/acme/schedule.h"
#include "net/pki/kinds.h"

#define DAY INT64_C(86400000)

static int64_t renew_at(int64_t life_ms, const struct acme_suggestion *suggestion, uint64_t random)
{
    return acme_renew_at(0, life_ms, suggestion ? suggestion : &(struct acme_suggestion){0}, random);
}

UNIT_TEST(acme_renews_after_two_thirds_and_within_the_authoritys_window)
{
    for (uint64_t random = 0; random < 100000000000; random += 7777777777) {
        int64_t at = renew_at(90 * DAY, NULL, random);
        assert_true(at > 55 * DAY && at <= 60 * DAY);
        at = renew_at(90 * DAY, &(struct acme_suggestion){true, 10 * DAY, 12 * DAY, 0}, random);
        assert_true(at >= 10 * DAY && at <= 12 * DAY);
    }
    assert_true(renew_at(90 * DAY, &(struct acme_suggestion){true, 95 * DAY, 96 * DAY, 0}, 1) == 89 * DAY); /* a window too late is not believed */
    assert_true(renew_at(DAY, &(struct acme_suggestion){true, 2 * DAY, 3 * DAY, 0}, 1) == DAY - DAY / 10);
    assert_true(acme_renew_at(5, 5, &(struct acme_suggestion){0}, 1) == 5);
}

UNIT_TEST(acme_follows_who_always_suggests_now_once_a_day)
{
    const struct acme_suggestion now = {true, -DAY, 0, 0}, again = {true, 20 * DAY - 7, 20 * DAY, 20 * DAY},
                                 later = {true, 30 * DAY, 31 * DAY, 20 * DAY}, late = {true, 59 * DAY, 59 * DAY, 59 * DAY + DAY / 2};

    assert_true(renew_at(90 * DAY, &now, 1) <= 0); /* the first time at once */
    assert_true(renew_at(90 * DAY, &again, 1) == 20 * DAY + ACME_EARLY_AGAIN_MS);
    assert_true(renew_at(90 * DAY, &later, 1) >= 30 * DAY && renew_at(90 * DAY, &later, 1) <= 31 * DAY);
    assert_true(renew_at(90 * DAY, &late, 0) == 60 * DAY); /* its own time comes before the day is over */
    assert_true(renew_at(DAY, &(struct acme_suggestion){true, 0, 0, 1}, 0) == DAY / 3 * 2);
}

UNIT_TEST(acme_waits_longer_after_each_failure_and_as_long_as_it_is_told)
{
    int64_t last = 0;

    for (unsigned failures = 1; failures < 100; failures++) {
        int64_t wait = acme_retry_in_ms(failures, -1, 0);
        assert_true(wait >= last && wait <= 6 * 3600000);
        assert_true(acme_retry_in_ms(failures, -1, 12345678901) < wait + wait / 5);
        last = wait;
    }
    assert_true(last == 6 * 3600000);
    assert_true(acme_retry_in_ms(1, 7200000, 0) == 7200000);
}

static rs_status order(struct rs_job *job, const char *text, struct acme_order *out)
{
    return acme_order_parse(job, rs_text_from(text), out);
}

UNIT_TEST(acme_answers_are_not_believed_blindly)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct acme_authorization authorization;
    struct acme_problem problem;
    struct acme_order out;
    int64_t time;

    assert_ok(job, order(job, "{\"status\": \"ready\", \"finalize\": \"https://a/f\", \"authorizations\": [\"https://a/1\"]}", &out));
    assert_int_equal(out.state, ACME_READY);
    assert_text(out.certificate, "");
    assert_status(order(job, "{\"finalize\": \"http://a/f\", \"authorizations\": []}", &out), ACME_ANSWER);
    rs_job_forgive(job);
    assert_status(order(job, "{\"finalize\": \"https://u@a/f\", \"authorizations\": []}", &out), ACME_ANSWER);
    rs_job_forgive(job);
    assert_status(order(job, "{\"finalize\": \"https://a/f\", \"authorizations\": [7]}", &out), ACME_ANSWER);
    rs_job_forgive(job);
    assert_status(order(job, "[]", &out), ACME_ANSWER);
    rs_job_forgive(job);
    assert_status(acme_authorization_parse(job, RS_TEXT("{\"challenges\": [{\"type\": \"http-01\", \"url\": \"https://a/1\", "
                                                        "\"token\": \"../../etc\"}]}"), &authorization), ACME_ANSWER);
    rs_job_forgive(job);
    acme_problem_parse(job, RS_TEXT("{\"type\": \"urn:ietf:params:acme:error:badNonce\", \"detail\": \"a\\nb\"}"), &problem);
    assert_text(problem.type, "badNonce");
    assert_text(problem.detail, "a b");
    acme_problem_parse(job, RS_TEXT("<html>"), &problem);
    assert_text(problem.type, "");
    assert_true(acme_time_parse(RS_TEXT("1970-01-02T00:00:00.75+01:00"), &time) && time == DAY - 3600000);
    assert_false(acme_time_parse(RS_TEXT("1970-13-02T00:00:00Z"), &time));
    assert_false(acme_time_parse(RS_TEXT("1970-01-02 00:00:00Z"), &time));
}

/* RFC 7638 wants the members in one order; RFC 7515 two numbers of 32 bytes each as the signature. */
UNIT_TEST(acme_signs_as_the_standard_says)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct acme_proof proof;
    rs_text text, thumbprint, bytes;
    EVP_PKEY *key;
    json_t *jws;

    assert_ok(job, pki_key_make(job, PKI_ECDSA_P256, &key));
    assert_ok(job, jws_public_key(job, key, &text));
    assert_true(rs_text_starts(text, RS_TEXT("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"")));
    assert_ok(job, jws_thumbprint(job, key, &thumbprint));
    assert_int_equal(thumbprint.size, 43);
    assert_ok(job, jws_sign(job, key, RS_TEXT("https://a/account"), RS_TEXT("nonce"), RS_TEXT("https://a/order"), RS_TEXT("{}"), &text));
    assert_ok(job, json_parse(job, text, 0, &jws));
    assert_ok(job, jws_base64url_parse(job, json_to_text(json_object_get(jws, "signature")), &bytes));
    assert_int_equal(bytes.size, 64);
    assert_ok(job, jws_base64url_parse(job, json_to_text(json_object_get(jws, "protected")), &bytes));
    assert_true(rs_text_find(bytes, RS_TEXT("\"kid\":\"https://a/account\"")) > 0);
    assert_ok(job, acme_proof_make(job, ACME_HTTP_01, RS_TEXT("a.example"), RS_TEXT("token"), key, &proof));
    assert_true(rs_text_starts(proof.key_authorization, RS_TEXT("token.")) && rs_text_ends(proof.key_authorization, thumbprint));
    assert_ok(job, acme_proof_make(job, ACME_TLS_ALPN_01, RS_TEXT("a.example"), RS_TEXT("token"), key, &proof));
    assert_true(rs_text_starts(proof.certificate_pem, RS_TEXT("-----BEGIN CERTIFICATE-----")));
    assert_status(acme_proof_make(job, ACME_TLS_ALPN_01, RS_TEXT("127.0.0.1"), RS_TEXT("token"), key, &proof), RS_UNSUPPORTED);
}
