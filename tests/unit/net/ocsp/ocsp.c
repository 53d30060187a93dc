#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/ocsp/record.h"
#include "net/ocsp/schedule.h"
#include "world.h"

#define HOUR INT64_C(3600000)
#define GOOD V_OCSP_CERTSTATUS_GOOD

/* ---- the question -------------------------------------------------------------------------------- */

UNIT_TEST(ocsp_finds_the_first_responder_that_can_be_asked_and_who_must_be_stapled)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct world world;

    world_make(job, &world);
    assert_text(ocsp_responder(job, world.leaf), WORLD_RESPONDER);
    assert_text(ocsp_responder(job, world.sibling), "");
    assert_true(ocsp_must_staple(world.leaf));
    assert_false(ocsp_must_staple(world.sibling));
}

UNIT_TEST(ocsp_asks_for_the_certificate_by_its_issuer_and_number)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct world world;
    const unsigned char *at;
    OCSP_REQUEST *request;
    OCSP_CERTID *wanted;
    rs_text question;

    world_make(job, &world);
    assert_ok(job, ocsp_question(job, world.leaf, world.issuer, &question));
    at = (const unsigned char *)question.bytes;
    request = d2i_OCSP_REQUEST(NULL, &at, (long)question.size);
    assert_int_equal(OCSP_request_onereq_count(request), 1);
    wanted = OCSP_cert_to_id(NULL, world.leaf, world.issuer);
    assert_int_equal(OCSP_id_cmp(OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0)), wanted), 0);
    OCSP_CERTID_free(wanted);
    OCSP_REQUEST_free(request);
}

/* ---- the answer ---------------------------------------------------------------------------------- */

static rs_status read_answer(struct rs_job *job, const struct world *world, rs_text der, struct ocsp_answer *out)
{
    return ocsp_answer_read(job, world->leaf, world->issuer, der, rs_clock_utc_ms(), out);
}

UNIT_TEST(ocsp_reads_good_revoked_and_unknown)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    int64_t now = rs_clock_utc_ms();
    struct ocsp_answer answer;
    struct world world;

    world_make(job, &world);
    assert_ok(job, read_answer(job, &world, world_answer(job, &world, world.leaf, world.issuer, world.key, GOOD, -60, 3600), &answer));
    assert_int_equal(answer.state, OCSP_STATE_GOOD);
    assert_true(answer.this_ms <= now - 59000 && answer.next_ms > now + HOUR - 60000 && answer.next_ms < now + HOUR + 60000);
    assert_ok(job, read_answer(job, &world, world_answer(job, &world, world.leaf, world.issuer, world.key, V_OCSP_CERTSTATUS_REVOKED,
                                                         -60, 3600), &answer));
    assert_int_equal(answer.state, OCSP_STATE_REVOKED);
    assert_text(answer.reason, "keyCompromise");
    assert_true(answer.revoked_ms < now && answer.revoked_ms > now - 120000);
    assert_ok(job, read_answer(job, &world, world_answer(job, &world, world.leaf, world.issuer, world.key, V_OCSP_CERTSTATUS_UNKNOWN,
                                                         -60, 3600), &answer));
    assert_int_equal(answer.state, OCSP_STATE_UNKNOWN);
    /* without an end: an hour */
    assert_ok(job, read_answer(job, &world, world_answer(job, &world, world.leaf, world.issuer, world.key, GOOD, -60, 0), &answer));
    assert_true(answer.next_ms >= now + HOUR && answer.next_ms < now + HOUR + 60000);
}

UNIT_TEST(ocsp_believes_the_issuer_and_whom_it_named_for_this_and_nobody_else)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct ocsp_answer answer;
    struct world world;

    world_make(job, &world);
    assert_ok(job, read_answer(job, &world, world_answer(job, &world, world.leaf, world.delegate, world.key, GOOD, -60, 60), &answer));
    assert_status(read_answer(job, &world, world_answer(job, &world, world.leaf, world.no_delegate, world.key, GOOD, -60, 60), &answer),
                  OCSP_ANSWER);
    rs_job_forgive(job);
    assert_status(read_answer(job, &world, world_answer(job, &world, world.leaf, world.stranger, world.other_key, GOOD, -60, 60), &answer),
                  OCSP_ANSWER);
    rs_job_forgive(job);
    assert_status(read_answer(job, &world, world_answer(job, &world, world.sibling, world.issuer, world.key, GOOD, -60, 60), &answer),
                  OCSP_ANSWER);
    assert_non_null(strstr(rs_text_terminated(job, rs_job_error(job)), "not of this certificate"));
}

UNIT_TEST(ocsp_believes_nothing_that_is_out_of_date_damaged_or_changed)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct ocsp_answer answer;
    struct world world;
    rs_text good, bytes;
    char *changed;

    world_make(job, &world);
    assert_status(read_answer(job, &world, world_answer(job, &world, world.leaf, world.issuer, world.key, GOOD, -120, -60), &answer),
                  OCSP_ANSWER);
    rs_job_forgive(job);
    assert_status(read_answer(job, &world, world_answer(job, &world, world.leaf, world.issuer, world.key, GOOD, 3600, 7200), &answer),
                  OCSP_ANSWER);
    rs_job_forgive(job);
    assert_ok(job, read_answer(job, &world, world_answer(job, &world, world.leaf, world.issuer, world.key, GOOD, 60, 7200), &answer));
    good = world_answer(job, &world, world.leaf, world.issuer, world.key, GOOD, -60, 60);
    changed = rs_alloc(job, good.size + 1);
    for (size_t i = 0; i < good.size; i++) {
        RS_OWNED(rs_job) one = rs_job_create(NULL);
        memcpy(changed, good.bytes, good.size);
        changed[i] ^= 1;
        bytes = rs_text_of(changed, good.size);
        if (read_answer(one, &world, bytes, &answer) == RS_OK) /* only a byte that the signature does not cover: a copy of an
                                                                  algorithm's name, or the certificates that come along */
            assert_true(i > good.size / 4);
        assert_status(read_answer(one, &world, rs_text_slice(good, 0, i), &answer), OCSP_ANSWER);
    }
    memcpy(changed, good.bytes, good.size);
    changed[good.size] = 0;
    assert_status(read_answer(job, &world, rs_text_of(changed, good.size + 1), &answer), OCSP_ANSWER);
    rs_job_forgive(job);
    assert_status(read_answer(job, &world, RS_TEXT("0\003\n\001\003"), &answer), OCSP_ANSWER);
    assert_non_null(strstr(rs_text_terminated(job, rs_job_error(job)), "trylater"));
}

/* ---- when ---------------------------------------------------------------------------------------- */

UNIT_TEST(ocsp_is_asked_again_after_half_of_an_answers_life_and_once_a_day)
{
    const int64_t now = 1000 * HOUR;

    for (uint64_t random = 0; random < 100000000000; random += 7777777777) {
        int64_t at = ocsp_ask_at(now - HOUR, now + HOUR, now - HOUR, random);
        assert_true(at >= now - HOUR / 5 && at <= now + HOUR / 5);
        at = ocsp_ask_at(now, now + 168 * HOUR, now, random);
        assert_true(at > now + 19 * HOUR && at <= now + 24 * HOUR);
    }
    assert_true(ocsp_ask_at(now, now + 1000, now, 0) == now + 3000); /* not at every moment, whatever it says */
    assert_true(ocsp_ask_at(now - 10 * HOUR, now + HOUR, now, 0) == now + 3000);
    assert_true(ocsp_ask_at(now, now, now, 0) == now + 3000);
    assert_true(ocsp_retry_in_ms(1, -1, 0) == 10000 && ocsp_retry_in_ms(50, -1, 0) == HOUR && ocsp_retry_in_ms(1, 2 * HOUR, 0) == 2 * HOUR);
}

/* ---- what is remembered -------------------------------------------------------------------------- */

#define NAME "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

static bool keep_none(void *data, rs_text sha256)
{
    *(int *)data += rs_text_equal(sha256, RS_TEXT(NAME));
    return false;
}

UNIT_TEST(ocsp_remembers_an_answer_and_forgets_it_with_its_certificate)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char path[] = "/tmp/bindery-unit-XXXXXX";
    rs_text folder = rs_text_format(job, "%s/ocsp", mkdtemp(path));
    struct ocsp_record record = {.answer = {OCSP_STATE_REVOKED, 1, 2000, 3, RS_TEXT("keyCompromise")}, .der = RS_TEXT("\1\2\3"),
                                 .responder = RS_TEXT(WORLD_RESPONDER), .error = RS_TEXT("not \"now\""), .failures = 7, .asked_ms = 8,
                                 .ask_ms = 9}, read;
    int asked = 0;
    bool found;

    assert_ok(job, ocsp_record_read(job, folder, RS_TEXT(NAME), &read, &found));
    assert_false(found);
    assert_ok(job, ocsp_records_sweep(job, folder, keep_none, &asked));
    assert_ok(job, ocsp_record_write(job, folder, RS_TEXT(NAME), &record));
    assert_ok(job, ocsp_record_read(job, folder, RS_TEXT(NAME), &read, &found));
    assert_true(found && read.answer.state == OCSP_STATE_REVOKED && read.answer.this_ms == 1 && read.answer.next_ms == 2000 &&
                read.answer.revoked_ms == 3 && read.failures == 7 && read.asked_ms == 8 && read.ask_ms == 9);
    assert_text(read.answer.reason, "keyCompromise");
    assert_text(read.der, "\1\2\3");
    assert_text(read.error, "not \"now\"");
    assert_true(ocsp_record_can_be_shown(&read, 1999));
    assert_false(ocsp_record_can_be_shown(&read, 2000));
    read.answer.state = OCSP_STATE_UNKNOWN;
    assert_false(ocsp_record_can_be_shown(&read, 1));
    assert_ok(job, ocsp_records_sweep(job, folder, keep_none, &asked));
    assert_int_equal(asked, 1);
    assert_ok(job, ocsp_record_read(job, folder, RS_TEXT(NAME), &read, &found));
    assert_false(found);
    rmdir(folder.bytes);
    rmdir(path);
}
