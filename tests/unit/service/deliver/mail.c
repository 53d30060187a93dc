#include "unit.h"

#include "service/deliver/mail.h"

static rs_text written(struct rs_job *job, const char *subject, const char *text)
{
    struct deliver_mail mail = {RS_TEXT("a@example.com"), RS_TEXT("b@example.com"), rs_text_from(subject), rs_text_from(text)};
    rs_text out;

    assert_ok(job, deliver_mail_write(job, &mail, &out));
    return out;
}

static bool has(rs_text message, const char *part)
{
    return rs_text_find(message, rs_text_from(part)) >= 0;
}

UNIT_TEST(a_message_has_its_headers_and_a_body_in_base64)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text message = written(job, "Sales", "all is well");

    assert_true(rs_text_starts(message, RS_TEXT("From: <a@example.com>\r\nTo: <b@example.com>\r\nSubject: Sales\r\nDate: ")));
    assert_true(has(message, "\r\nContent-Transfer-Encoding: base64\r\n"));
    assert_true(rs_text_ends(message, RS_TEXT("\r\n\r\nYWxsIGlzIHdlbGw=\r\n")));
}

UNIT_TEST(subjects_cannot_add_headers_and_keep_their_letters)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text message = written(job, "x\r\nBcc: c@example.com", "");

    assert_false(has(message, "Bcc"));
    assert_true(has(message, "Subject: =?utf-8?B?eA0KQmNjOiBjQGV4YW1wbGUuY29t?=\r\n"));
    message = written(job, "\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84"
                           "\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84", "");
    assert_true(has(message, "?=\r\n =?utf-8?B?")); /* two words; the second begins with a whole letter */
    assert_true(has(message, "w4TDhMOE"));
}

UNIT_TEST(addresses_are_plain_or_refused)
{
    static const char *const bad[] = {"", "a", "@", "a@", "@b", "a b@c", "a@b@c", "a@b\r\n", "<a@b>", "a@b,c@d", "-a@b", "\xC3\x84@b"};
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_ok(job, deliver_address_check(job, RS_TEXT("first.last+tag@mail.example.com")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        RS_OWNED(rs_job) one = rs_job_create(NULL);
        assert_status(deliver_address_check(one, rs_text_from(bad[i])), RS_INVALID);
    }
}
