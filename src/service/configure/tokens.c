/* CreateApiToken, ListApiTokens, RevokeApiToken: who may use the configuration API from elsewhere.
 *
 * A token is 32 random bytes, shown once. INSTANCE/api-tokens.json keeps its SHA-256: a hash without salt and stretching is
 * enough for what nobody can guess.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "format/escape/hex.h"
#include "format/json/json.h"
#include "service/configure/inside.h"

#define TOKENS_MAX 1000
#define TOKEN_BYTES 32
#define TOKEN_PREFIX "bindery_"
#define TOKEN_NAME_MAX 64
#define TOKEN_DAYS_DEFAULT 365
#define TOKEN_DAYS_MAX 3650
#define DAY_MS INT64_C(86400000)
#define FILE_MAX ((size_t)1024 * 1024)

static rs_text tokens_path(struct rs_job *job, const struct configure_instance *instance)
{
    return rs_text_format(job, "%.*s/api-tokens.json", RS_TEXT_ARG(instance->folder));
}

static rs_status tokens_read(struct rs_job *job, const struct configure_instance *instance, json_t **out)
{
    rs_text path = tokens_path(job, instance), bytes;
    rs_status status = rs_file_read(job, path, FILE_MAX, &bytes);

    if (status == RS_NOT_FOUND) {
        rs_job_forgive(job);
        *out = json_keep(job, json_array());
        return RS_OK;
    }
    RS_TRY(status);
    RS_TRY(json_parse(job, bytes, FILE_MAX, out));
    return json_is_array(*out) ? RS_OK : rs_fail(job, RS_INVALID, "\"%.*s\" is damaged: revoke all tokens by removing it",
                                                 RS_TEXT_ARG(path));
}

static rs_status tokens_write(struct rs_job *job, const struct configure_instance *instance, const json_t *tokens)
{
    return rs_file_replace(job, tokens_path(job, instance), json_write(job, tokens, JSON_INDENTED), 0600);
}

static rs_text hash_of(struct rs_job *job, rs_text token)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    rs_buf out = rs_buf_in(job);

    if (EVP_Digest(token.bytes, token.size, digest, &size, EVP_sha256(), NULL) == 1)
        escape_hex_write(&out, rs_text_of((const char *)digest, size), ESCAPE_HEX_LOWER);
    return rs_buf_text(&out);
}

/* Every hash is compared, whole: the time tells nothing about which one came close. */
rs_status configure_token_holder(struct rs_job *job, const struct configure_instance *instance, rs_text token, rs_text *out)
{
    rs_text hash = hash_of(job, token);
    json_t *tokens, *row;
    size_t index;

    *out = RS_TEXT("");
    RS_TRY(tokens_read(job, instance, &tokens));
    json_array_foreach(tokens, index, row) {
        rs_text kept = json_to_text(json_object_get(row, "sha256"));
        bool same = kept.size == hash.size && hash.size > 0 && CRYPTO_memcmp(kept.bytes, hash.bytes, hash.size) == 0;
        if (same && json_integer_value(json_object_get(row, "expires_ms")) > rs_clock_utc_ms())
            *out = rs_text_copy(job, json_to_text(json_object_get(row, "name")));
    }
    return RS_OK;
}

static rs_status check_name(struct call *call, rs_text name)
{
    bool good = name.size > 0 && name.size <= TOKEN_NAME_MAX;

    for (size_t i = 0; i < name.size && good; i++)
        good = rs_is_alpha(name.bytes[i]) || rs_is_digit(name.bytes[i]) || strchr("-_.", name.bytes[i]);
    return good ? RS_OK : rs_fail(call->job, RS_INVALID, "the name of a token is 1 to %d letters, digits, - _ and .", TOKEN_NAME_MAX);
}

static size_t token_named(const json_t *tokens, rs_text name)
{
    size_t index;
    const json_t *row;

    json_array_foreach(tokens, index, row)
        if (rs_text_equal(json_to_text(json_object_get(row, "name")), name))
            return index;
    return SIZE_MAX;
}

rs_status create_api_token(struct call *call)
{
    unsigned char bytes[TOKEN_BYTES];
    rs_text name = call_text(call, "Name"), token;
    rs_buf text = rs_buf_in(call->job);
    json_int_t days;
    json_t *tokens;

    RS_TRY(check_name(call, name));
    if (!call_number(call, "Days", &days))
        days = TOKEN_DAYS_DEFAULT;
    if (days < 1 || days > TOKEN_DAYS_MAX)
        return rs_fail(call->job, RS_INVALID, "a token is good for 1 to %d days", TOKEN_DAYS_MAX);
    RS_TRY(tokens_read(call->job, call->instance, &tokens));
    if (token_named(tokens, name) != SIZE_MAX)
        return rs_fail(call->job, RS_CONFLICT, "there is a token \"%.*s\" already; revoke it first, or give another name",
                       RS_TEXT_ARG(name));
    if (json_array_size(tokens) >= TOKENS_MAX)
        return rs_fail(call->job, RS_OVER_LIMIT, "there are %d tokens already; revoke some", TOKENS_MAX);
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return rs_fail(call->job, RS_FAILED, "the system gives no random numbers");
    rs_buf_add_literal(&text, TOKEN_PREFIX);
    escape_hex_write(&text, rs_text_of((const char *)bytes, sizeof bytes), ESCAPE_HEX_LOWER);
    OPENSSL_cleanse(bytes, sizeof bytes);
    token = rs_buf_text(&text);
    json_array_append_new(tokens, json_pack("{s:o, s:o, s:I, s:I, s:o}", "name", json_from_text(name), "sha256",
                                            json_from_text(hash_of(call->job, token)), "created_ms", (json_int_t)rs_clock_utc_ms(),
                                            "expires_ms", (json_int_t)(rs_clock_utc_ms() + days * DAY_MS), "created_by",
                                            json_from_text(call->caller->who)));
    RS_TRY(tokens_write(call->job, call->instance, tokens));
    put_text(call->result, "name", name);
    put_text(call->result, "token", token);
    put_time(call->result, "expires", rs_clock_utc_ms() + days * DAY_MS);
    return RS_OK;
}

rs_status list_api_tokens(struct call *call)
{
    json_t *tokens, *row, *rows = put_array(call->result, "tokens");
    size_t index;

    RS_TRY(tokens_read(call->job, call->instance, &tokens));
    json_array_foreach(tokens, index, row) {
        int64_t expires_ms = json_integer_value(json_object_get(row, "expires_ms"));
        json_t *out = add_object(rows);
        put_text(out, "name", json_to_text(json_object_get(row, "name")));
        put_time(out, "created", json_integer_value(json_object_get(row, "created_ms")));
        put_text(out, "created_by", json_to_text(json_object_get(row, "created_by")));
        put_time(out, "expires", expires_ms);
        put_flag(out, "expired", expires_ms <= rs_clock_utc_ms());
    }
    return RS_OK;
}

rs_status revoke_api_token(struct call *call)
{
    rs_text name = call_text(call, "Name");
    json_t *tokens;
    size_t index;

    RS_TRY(tokens_read(call->job, call->instance, &tokens));
    index = token_named(tokens, name);
    if (index == SIZE_MAX)
        return rs_fail(call->job, RS_NOT_FOUND, "there is no token \"%.*s\"", RS_TEXT_ARG(name));
    json_array_remove(tokens, index);
    put_text(call->result, "name", name);
    return tokens_write(call->job, call->instance, tokens);
}
