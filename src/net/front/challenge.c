#include "net/front/challenge.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "net/front/client.h"
#include "net/front/engine.h"
#include "net/front/exchange.h"
#include "net/front/protocol.h"
#include "net/http/write.h"

#define CHALLENGE_PATH "/.well-known/acme-challenge/"

struct challenge {
    rs_text token, answer, host;
    struct tls_binding *binding; /* or NULL */
};

struct front_challenges {
    struct rs_job *memory; /* of this and everything in it */
    struct challenge *items;
    size_t count;
};

void challenges_destroy(struct front_challenges *challenges)
{
    if (!challenges)
        return;
    for (size_t i = 0; i < challenges->count; i++)
        tls_binding_unref(challenges->items[i].binding);
    rs_job_destroy(challenges->memory);
}

static rs_status make_binding(struct rs_job *job, const struct front_challenge *item, struct tls_binding **out)
{
    BIO *shown = BIO_new_mem_buf(item->certificate_pem.bytes, (int)item->certificate_pem.size);
    BIO *kept = BIO_new_mem_buf(item->key_pem.bytes, (int)item->key_pem.size);
    struct tls_identity identity = {.certificate = shown ? PEM_read_bio_X509(shown, NULL, NULL, NULL) : NULL,
                                    .key = kept ? PEM_read_bio_PrivateKey(kept, NULL, NULL, NULL) : NULL};
    rs_status status;

    if (identity.certificate && identity.key)
        status = tls_binding_create(job, &identity, 0, out);
    else
        status = rs_fail(job, TLS_IDENTITY, "the certificate of a challenge cannot be read");
    if (status == RS_OK)
        tls_binding_proves(*out);
    X509_free(identity.certificate);
    EVP_PKEY_free(identity.key);
    BIO_free(shown);
    BIO_free(kept);
    ERR_clear_error();
    return status;
}

rs_status front_challenge(struct rs_job *job, struct front *front, const struct front_challenge *items, size_t count)
{
    struct rs_job *memory = rs_job_create(NULL);
    struct front_challenges *made = RS_NEW(memory, struct front_challenges);

    made->memory = memory;
    made->items = RS_NEW_ARRAY(memory, struct challenge, count);
    for (; made->count < count; made->count++) {
        const struct front_challenge *item = &items[made->count];
        struct challenge *to = &made->items[made->count];
        *to = (struct challenge){rs_text_copy(memory, item->token), rs_text_copy(memory, item->answer),
                                 rs_text_copy(memory, item->host), NULL};
        if (item->certificate_pem.size > 0 && make_binding(job, item, &to->binding) != RS_OK) {
            challenges_destroy(made);
            return rs_job_status(job);
        }
    }
    challenges_destroy(front->challenges);
    front->challenges = made;
    return RS_OK;
}

static const rs_text *find_answer(const struct front_challenges *challenges, rs_text path)
{
    if (!challenges || !rs_text_starts(path, RS_TEXT(CHALLENGE_PATH)))
        return NULL;
    path = rs_text_from_offset(path, sizeof CHALLENGE_PATH - 1);
    for (size_t i = 0; i < challenges->count; i++)
        if (challenges->items[i].token.size > 0 && rs_text_equal(challenges->items[i].token, path))
            return &challenges->items[i].answer;
    return NULL;
}

bool challenges_take(struct front_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    const rs_text *proof = exchange->client->secure ? NULL : find_answer(exchange->front->challenges, request->path);
    struct front_reply *reply = &exchange->front->reply;

    if (!proof || (request->method != HTTP_GET && request->method != HTTP_HEAD) || request->body != HTTP_BODY_NONE)
        return false;
    reply_init(reply, 200);
    reply_add(reply, HTTP_DATE, http_date_now());
    reply_add(reply, HTTP_CONTENT_TYPE, RS_TEXT("application/octet-stream"));
    reply->has_length = true;
    reply->length = proof->size;
    reply->body = request->method == HTTP_HEAD ? HTTP_BODY_NONE : HTTP_BODY_COUNTED;
    exchange->status = 200;
    exchange->sent = request->method == HTTP_HEAD ? 0 : proof->size;
    exchange->head_sent = true;
    if (exchange->client->protocol->respond(exchange, reply, rs_text_slice(*proof, 0, exchange->sent), true))
        exchange->client->protocol->response_done(exchange);
    return true;
}

struct tls_binding *challenges_binding(const struct front_challenges *challenges, rs_text host)
{
    for (size_t i = 0; challenges && i < challenges->count; i++)
        if (challenges->items[i].binding && rs_text_equal_nocase(challenges->items[i].host, host))
            return challenges->items[i].binding;
    return NULL;
}
