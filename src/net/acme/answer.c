#include "net/acme/answer.h"

#include <time.h>

#include "base/buf.h"
#include "format/json/json.h"
#include "net/fetch/fetch.h"

#define ANSWER_DETAIL_MAX 2000 /* bytes of a problem that are shown */
#define ANSWER_PARTS_MAX 20    /* of its parts */

/* ---- pieces -------------------------------------------------------------------------------- */

static rs_status answer_object(struct rs_job *job, rs_text bytes, const char *what, json_t **out)
{
    RS_OWNED(rs_job) reading = rs_job_create(&(struct rs_job_options){.within = job});
    json_t *value;

    if (json_parse(reading, bytes, ACME_ANSWER_MAX, &value) != RS_OK) {
        rs_text why = rs_job_message(reading);
        return rs_fail(job, ACME_ANSWER, "the ACME server's %s cannot be read: %.*s", what, RS_TEXT_ARG(why));
    }
    if (!json_is_object(value))
        return rs_fail(job, ACME_ANSWER, "the ACME server's %s is not a JSON object", what);
    *out = json_keep(job, json_incref(value));
    return RS_OK;
}

/* Without control characters: it may be logged and shown. */
static rs_text answer_text(struct rs_job *job, const json_t *value)
{
    rs_text text = rs_text_slice(json_to_text(value), 0, ANSWER_DETAIL_MAX);
    char *copy = rs_text_terminated(job, text);

    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7f)
            copy[i] = ' ';
    return rs_text_of(copy, text.size);
}

bool acme_url_is_good(rs_text url)
{
    return fetch_url_is_good(url, true);
}

static rs_status answer_url(struct rs_job *job, const json_t *object, const char *name, bool required, const char *what,
                            rs_text *out)
{
    const json_t *value = json_object_get(object, name);

    *out = RS_TEXT("");
    if (!value && !required)
        return RS_OK;
    if (!json_is_string(value) || !acme_url_is_good(json_to_text(value)))
        return rs_fail(job, ACME_ANSWER, "the ACME server's %s has no good address \"%s\"", what, name);
    *out = rs_text_copy(job, json_to_text(value));
    return RS_OK;
}

static enum acme_state answer_state(const json_t *object)
{
    static const char *const names[] = {"pending", "processing", "ready", "valid", "invalid"};
    rs_text text = json_to_text(json_object_get(object, "status"));

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (rs_text_equal(text, rs_text_from(names[i])))
            return (enum acme_state)i;
    return ACME_OTHER;
}

/* ---- problems ------------------------------------------------------------------------------ */

static void problem_read(struct rs_job *job, const json_t *object, struct acme_problem *out)
{
    static const char prefix[] = "urn:ietf:params:acme:error:";
    rs_text type = answer_text(job, json_object_get(object, "type"));
    rs_buf detail = rs_buf_in(job);
    const json_t *part, *parts = json_object_get(object, "subproblems");
    size_t index;

    if (rs_text_starts(type, RS_TEXT("urn:ietf:params:acme:error:")))
        type = rs_text_from_offset(type, sizeof prefix - 1);
    out->type = type;
    rs_buf_add(&detail, answer_text(job, json_object_get(object, "detail")));
    json_array_foreach(parts, index, part) {
        rs_text host = answer_text(job, json_object_get(json_object_get(part, "identifier"), "value"));
        rs_text more = answer_text(job, json_object_get(part, "detail"));
        if (index == ANSWER_PARTS_MAX || detail.used > ANSWER_DETAIL_MAX)
            break;
        rs_buf_printf(&detail, "; %.*s: %.*s", RS_TEXT_ARG(host), RS_TEXT_ARG(more));
    }
    out->detail = rs_buf_text(&detail);
}

void acme_problem_parse(struct rs_job *job, rs_text bytes, struct acme_problem *out)
{
    RS_OWNED(rs_job) reading = rs_job_create(&(struct rs_job_options){.within = job});
    json_t *object;

    *out = (struct acme_problem){RS_TEXT(""), RS_TEXT("")};
    if (answer_object(reading, bytes, "problem", &object) == RS_OK)
        problem_read(job, object, out);
}

static void problem_of(struct rs_job *job, const json_t *object, struct acme_problem *out)
{
    const json_t *error = json_object_get(object, "error");

    *out = (struct acme_problem){RS_TEXT(""), RS_TEXT("")};
    if (json_is_object(error))
        problem_read(job, error, out);
}

/* ---- resources ----------------------------------------------------------------------------- */

rs_status acme_directory_parse(struct rs_job *job, rs_text bytes, struct acme_directory *out)
{
    const json_t *meta;
    json_t *object;

    RS_TRY(answer_object(job, bytes, "directory", &object));
    RS_TRY(answer_url(job, object, "newNonce", true, "directory", &out->new_nonce));
    RS_TRY(answer_url(job, object, "newAccount", true, "directory", &out->new_account));
    RS_TRY(answer_url(job, object, "newOrder", true, "directory", &out->new_order));
    RS_TRY(answer_url(job, object, "revokeCert", false, "directory", &out->revoke));
    RS_TRY(answer_url(job, object, "renewalInfo", false, "directory", &out->renewal_info));
    meta = json_object_get(object, "meta");
    out->terms = answer_text(job, json_object_get(meta, "termsOfService"));
    out->external_account_required = json_is_true(json_object_get(meta, "externalAccountRequired"));
    return RS_OK;
}

static bool token_is_good(rs_text token)
{
    for (size_t i = 0; i < token.size; i++)
        if (!rs_is_alpha(token.bytes[i]) && !rs_is_digit(token.bytes[i]) && token.bytes[i] != '-' && token.bytes[i] != '_')
            return false;
    return token.size > 0 && token.size <= ACME_TOKEN_MAX;
}

static rs_status challenge_read(struct rs_job *job, const json_t *object, struct acme_challenge *out)
{
    rs_text token = json_to_text(json_object_get(object, "token"));

    RS_TRY(answer_url(job, object, "url", true, "challenge", &out->url));
    out->type = answer_text(job, json_object_get(object, "type"));
    if (!token_is_good(token))
        return rs_fail(job, ACME_ANSWER, "the ACME server's challenge has a token of other characters than it may have");
    out->token = rs_text_copy(job, token);
    out->state = answer_state(object);
    problem_of(job, object, &out->problem);
    return RS_OK;
}

rs_status acme_authorization_parse(struct rs_job *job, rs_text bytes, struct acme_authorization *out)
{
    const json_t *list, *item;
    struct acme_challenge *challenges;
    json_t *object;
    size_t index;

    RS_TRY(answer_object(job, bytes, "authorization", &object));
    list = json_object_get(object, "challenges");
    if (!json_is_array(list) || json_array_size(list) > ACME_CHALLENGES_MAX)
        return rs_fail(job, ACME_ANSWER, "the ACME server's authorization has no list of challenges, or one of more than %d",
                       ACME_CHALLENGES_MAX);
    out->host = answer_text(job, json_object_get(json_object_get(object, "identifier"), "value"));
    out->state = answer_state(object);
    challenges = RS_NEW_ARRAY(job, struct acme_challenge, json_array_size(list));
    out->challenge_count = 0;
    json_array_foreach(list, index, item)
        if (json_is_string(json_object_get(item, "token"))) /* other kinds have other members */
            RS_TRY(challenge_read(job, item, &challenges[out->challenge_count++]));
    out->challenges = challenges;
    return RS_OK;
}

rs_status acme_order_parse(struct rs_job *job, rs_text bytes, struct acme_order *out)
{
    const json_t *list, *item;
    rs_text *authorizations;
    json_t *object;
    size_t index;

    RS_TRY(answer_object(job, bytes, "order", &object));
    out->state = answer_state(object);
    RS_TRY(answer_url(job, object, "finalize", true, "order", &out->finalize));
    RS_TRY(answer_url(job, object, "certificate", false, "order", &out->certificate));
    problem_of(job, object, &out->problem);
    list = json_object_get(object, "authorizations");
    if (!json_is_array(list) || json_array_size(list) > ACME_AUTHORIZATIONS_MAX)
        return rs_fail(job, ACME_ANSWER, "the ACME server's order has no list of authorizations, or one of more than %d",
                       ACME_AUTHORIZATIONS_MAX);
    authorizations = RS_NEW_ARRAY(job, rs_text, json_array_size(list));
    json_array_foreach(list, index, item) {
        if (!json_is_string(item) || !acme_url_is_good(json_to_text(item)))
            return rs_fail(job, ACME_ANSWER, "the ACME server's order has an authorization without a good address");
        authorizations[index] = rs_text_copy(job, json_to_text(item));
    }
    out->authorizations = authorizations;
    out->authorization_count = json_array_size(list);
    return RS_OK;
}

/* ---- times --------------------------------------------------------------------------------- */

static bool digits(rs_text text, size_t from, size_t count, int *out)
{
    uint64_t number;

    if (from + count > text.size || !rs_parse_uint64(rs_text_slice(text, from, count), &number))
        return false;
    *out = (int)number;
    return true;
}

static bool offset_parse(rs_text text, int64_t *ms)
{
    int hours, minutes;

    *ms = 0;
    if (text.size == 1 && (text.bytes[0] == 'Z' || text.bytes[0] == 'z'))
        return true;
    if (text.size != 6 || (text.bytes[0] != '+' && text.bytes[0] != '-') || text.bytes[3] != ':' ||
        !digits(text, 1, 2, &hours) || !digits(text, 4, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ms = (text.bytes[0] == '-' ? -1 : 1) * (int64_t)(hours * 60 + minutes) * 60000;
    return true;
}

bool acme_time_parse(rs_text text, int64_t *utc_ms)
{
    struct tm tm = {0};
    int64_t offset;
    size_t at = 19;

    if (!digits(text, 0, 4, &tm.tm_year) || !digits(text, 5, 2, &tm.tm_mon) || !digits(text, 8, 2, &tm.tm_mday) ||
        !digits(text, 11, 2, &tm.tm_hour) || !digits(text, 14, 2, &tm.tm_min) || !digits(text, 17, 2, &tm.tm_sec) ||
        text.bytes[4] != '-' || text.bytes[7] != '-' || rs_upper(text.bytes[10]) != 'T' || text.bytes[13] != ':' ||
        text.bytes[16] != ':')
        return false;
    if (tm.tm_year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
        tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    if (at < text.size && text.bytes[at] == '.')
        for (at++; at < text.size && rs_is_digit(text.bytes[at]);)
            at++;
    if (!offset_parse(rs_text_from_offset(text, at), &offset))
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *utc_ms = (int64_t)timegm(&tm) * 1000 - offset;
    return true;
}

rs_status acme_window_parse(struct rs_job *job, rs_text bytes, struct acme_window *out)
{
    const json_t *window;
    json_t *object;

    RS_TRY(answer_object(job, bytes, "renewal information", &object));
    window = json_object_get(object, "suggestedWindow");
    if (!acme_time_parse(json_to_text(json_object_get(window, "start")), &out->start_ms) ||
        !acme_time_parse(json_to_text(json_object_get(window, "end")), &out->end_ms) || out->end_ms < out->start_ms)
        return rs_fail(job, ACME_ANSWER, "the ACME server's renewal information has no good window");
    return RS_OK;
}
