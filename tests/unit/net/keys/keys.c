#include "unit.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/async.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "net/keys/client.h"
#include "net/keys/decode.h"
#include "net/keys/server.h"
#include "net/keys/wire.h"
#include "net/loop/loop.h"

/* ---- names of keys ------------------------------------------------------------------------------------- */

UNIT_TEST(keys_are_named_after_their_public_half_as_certificates_write_it)
{
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_EC_gen("P-521"), EVP_RSA_gen(2048),
                        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_PKEY_Q_keygen(NULL, NULL, "ED448")};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        unsigned char *der = NULL, expected[32];
        int size = i2d_PUBKEY(keys[i], &der);
        struct keys_id id;
        assert_true(size > 0);
        assert_int_equal(EVP_Digest(der, (size_t)size, expected, NULL, EVP_sha256(), NULL), 1);
        assert_true(keys_id_of(keys[i], &id));
        assert_memory_equal(id.bytes, expected, sizeof expected);
        OPENSSL_free(der);
        EVP_PKEY_free(keys[i]);
    }
}

/* In PKCS#8. */
static rs_text written(EVP_PKEY *key, unsigned char **der)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int size = i2d_PKCS8_PRIV_KEY_INFO(info, der);

    PKCS8_PRIV_KEY_INFO_free(info);
    assert_true(size > 0);
    return rs_text_of((char *)*der, (size_t)size);
}

UNIT_TEST(keys_of_curves_say_in_their_bytes_whose_they_are)
{
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_EC_gen("P-521"), EVP_RSA_gen(2048),
                        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        unsigned char *der = NULL;
        rs_text bytes = written(keys[i], &der);
        struct keys_id id, expected;
        assert_true(keys_id_of(keys[i], &expected));
        if (i < 3) {
            assert_true(keys_id_in(bytes, &id));
            assert_memory_equal(&id, &expected, sizeof id);
        } else {
            assert_false(keys_id_in(bytes, &id));
        }
        for (size_t size = 0; size < bytes.size; size++)
            assert_false(keys_id_in(rs_text_of(bytes.bytes, size), &id));
        OPENSSL_free(der);
        EVP_PKEY_free(keys[i]);
    }
}

UNIT_TEST(keys_without_their_public_half_do_not_say_whose_they_are)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    struct keys_id id;

    assert_int_equal(EVP_PKEY_set_int_param(key, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 0), 1);
    assert_false(keys_id_in(written(key, &der), &id));
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

/* ---- what may be signed ------------------------------------------------------------------------------ */

static rs_text certificate_verify(struct rs_job *job, size_t digest)
{
    static const char context[] = "TLS 1.3, server CertificateVerify";
    char *bytes = rs_alloc(job, 64 + sizeof context + digest);

    memset(bytes, ' ', 64);
    memcpy(bytes + 64, context, sizeof context);
    memset(bytes + 64 + sizeof context, 0x5A, digest);
    return rs_text_of(bytes, 64 + sizeof context + digest);
}

static rs_text key_exchange(struct rs_job *job, unsigned group, size_t point, size_t said)
{
    unsigned char *bytes = rs_alloc(job, 64 + 4 + point);

    memset(bytes, 0xA5, 64);
    bytes[64] = 3;
    bytes[65] = (unsigned char)(group >> 8);
    bytes[66] = (unsigned char)group;
    bytes[67] = (unsigned char)said;
    return rs_text_of((char *)bytes, 64 + 4 + point);
}

UNIT_TEST(keys_sign_what_handshakes_need_and_nothing_else)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct keys_scheme *ecdsa = keys_scheme_by_code(0x0403), *pkcs1 = keys_scheme_by_code(0x0401);
    rs_text client_side = certificate_verify(job, 32);

    assert_true(keys_scheme_may_sign(ecdsa, certificate_verify(job, 32)));
    assert_true(keys_scheme_may_sign(ecdsa, certificate_verify(job, 48)));
    assert_false(keys_scheme_may_sign(ecdsa, certificate_verify(job, 47)));
    assert_false(keys_scheme_may_sign(pkcs1, certificate_verify(job, 32))); /* RFC 8446: PSS only */
    memcpy((char *)(uintptr_t)client_side.bytes + 64 + 9, "client", 6);
    assert_false(keys_scheme_may_sign(ecdsa, client_side));
    assert_true(keys_scheme_may_sign(pkcs1, key_exchange(job, 29, 32, 32)));
    assert_true(keys_scheme_may_sign(ecdsa, key_exchange(job, 23, 65, 65)));
    assert_false(keys_scheme_may_sign(ecdsa, key_exchange(job, 23, 66, 65)));
    assert_false(keys_scheme_may_sign(ecdsa, key_exchange(job, 23, 65, 64)));
    assert_false(keys_scheme_may_sign(ecdsa, key_exchange(job, 999, 32, 32)));
    assert_false(keys_scheme_may_sign(ecdsa, RS_TEXT("")));
    assert_false(keys_scheme_may_sign(ecdsa, RS_TEXT("tbsCertificate")));
    assert_null(keys_scheme_by_code(0x0201)); /* SHA-1 */
}

/* ---- a client, a server, one loop --------------------------------------------------------------------- */

struct pair {
    struct rs_job *job;
    struct loop *loop;
    struct keys_server *server;
    struct keys_client *client;
    EVP_PKEY *wanted; /* what `missing` brings; NULL: refuses */
    bool brings_nothing; /* nor refuses: who asks waits */
    unsigned missing;
};

static void load(struct pair *pair, EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int size = i2d_PrivateKey(key, &der);
    struct keys_id id;

    assert_true(size > 0 && keys_id_of(key, &id));
    assert_ok(pair->job, keys_server_load(pair->job, pair->server, &id, rs_text_of((char *)der, (size_t)size)));
    OPENSSL_clear_free(der, (size_t)size);
}

static void bring(void *data)
{
    struct pair *pair = data;
    struct keys_id id;

    if (pair->wanted) {
        load(pair, pair->wanted);
        return;
    }
    assert_true(keys_id_of(pair->wanted, &id));
}

static void missing(void *data, const struct keys_id *key)
{
    struct pair *pair = data;

    pair->missing++;
    if (pair->brings_nothing)
        return;
    if (pair->wanted)
        loop_post(pair->loop, bring, pair);
    else
        keys_server_refuse(pair->server, key);
}

static void connect_pair(struct pair *pair)
{
    int ends[2];

    assert_ok(pair->job, keys_socket_pair(pair->job, ends));
    keys_server_attach(pair->server, ends[0]);
    keys_client_connect(pair->client, ends[1]);
}

static void set_up(struct pair *pair, struct rs_job *job, bool asks)
{
    struct keys_server_hooks hooks = {missing, pair};

    *pair = (struct pair){.job = job};
    assert_ok(job, loop_create(job, &pair->loop));
    assert_ok(job, keys_server_create(job, pair->loop, asks ? &hooks : NULL, &pair->server));
    assert_ok(job, keys_client_create(job, pair->loop, &pair->client));
    connect_pair(pair);
}

static void tear_down(struct pair *pair)
{
    keys_client_destroy(pair->client);
    keys_server_destroy(pair->server);
    loop_destroy(pair->loop);
}

/* One signature in an OpenSSL job, as libssl asks for it. */
struct task {
    EVP_PKEY *key;
    const char *digest;
    bool pss;
    rs_text bytes;
    unsigned char signature[KEYS_SIGNATURE_MAX];
    size_t size;
};

static int sign_in_job(void *data)
{
    struct task *task = *(struct task **)data;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    int done = EVP_DigestSignInit_ex(context, &parameters, task->digest, NULL, NULL, task->key, NULL) == 1;

    if (done && task->pss)
        done = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
    task->size = sizeof task->signature;
    done = done && EVP_DigestSign(context, task->signature, &task->size, (const unsigned char *)task->bytes.bytes,
                                  task->bytes.size) == 1;
    EVP_MD_CTX_free(context);
    return done;
}

struct run {
    struct keys_wait wait;
    struct task *task;
    ASYNC_JOB *job;
    ASYNC_WAIT_CTX *context;
    int state, result;
    unsigned pauses;
};

static int wake_run(void *data)
{
    struct run *run = data;

    return keys_wake(NULL, &run->wait);
}

static void step(void *data)
{
    struct run *run = data;

    run->state = ASYNC_start_job(&run->job, run->context, &run->result, sign_in_job, &run->task, sizeof run->task);
    run->pauses += run->state == ASYNC_PAUSE;
}

static void start(struct run *run, struct task *task)
{
    *run = (struct run){.task = task, .context = ASYNC_WAIT_CTX_new()};
    run->wait = (struct keys_wait){step, run, false};
    ASYNC_WAIT_CTX_set_callback(run->context, wake_run, run);
    step(run);
}

static void finish(struct pair *pair, struct run *run)
{
    for (int turn = 0; turn < 1000 && run->state == ASYNC_PAUSE; turn++) {
        loop_turn(pair->loop);
        if (run->state == ASYNC_PAUSE)
            poll(NULL, 0, 1);
    }
    assert_int_equal(run->state, ASYNC_FINISH);
    ASYNC_WAIT_CTX_free(run->context);
}

static bool verifies(const struct task *task, EVP_PKEY *key)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *parameters = NULL;
    bool good = EVP_DigestVerifyInit_ex(context, &parameters, task->digest, NULL, NULL, key, NULL) == 1;

    if (good && task->pss) {
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
    }
    good = good && EVP_DigestVerify(context, task->signature, task->size, (const unsigned char *)task->bytes.bytes,
                                    task->bytes.size) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

UNIT_TEST(keys_sign_elsewhere_with_every_kind_of_key)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct {
        EVP_PKEY *key;
        const char *digest;
        bool pss;
    } kinds[] = {
        {EVP_EC_gen("P-256"), "SHA256", false},          {EVP_EC_gen("P-384"), "SHA384", false},
        {EVP_RSA_gen(2048), "SHA256", true},             {EVP_RSA_gen(2048), "SHA512", false},
        {EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, false}, {EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), NULL, false},
    };
    struct pair pair;

    set_up(&pair, job, false);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct task task = {.digest = kinds[i].digest, .pss = kinds[i].pss, .bytes = key_exchange(job, 29, 32, 32)};
        struct run run;
        BIGNUM *number = NULL;

        assert_ok(job, keys_remote_create(job, kinds[i].key, keys_client_signer(pair.client), &task.key));
        assert_int_equal(EVP_PKEY_eq(task.key, kinds[i].key), 1);
        assert_int_equal(EVP_PKEY_get_size(task.key), EVP_PKEY_get_size(kinds[i].key));
        assert_int_equal(EVP_PKEY_get_bn_param(task.key, "d", &number), 0);
        assert_int_equal(i2d_PrivateKey(task.key, NULL) > 0, 0);
        start(&run, &task); /* it is not there yet */
        assert_int_equal(run.state, ASYNC_PAUSE);
        finish(&pair, &run);
        assert_int_equal(run.result, 0);

        load(&pair, kinds[i].key);
        start(&run, &task);
        finish(&pair, &run);
        assert_int_equal(run.result, 1);
        assert_true(verifies(&task, kinds[i].key));
        task.bytes = RS_TEXT("a certificate that somebody would like to have");
        start(&run, &task);
        finish(&pair, &run);
        assert_int_equal(run.result, 0);
        EVP_PKEY_free(task.key);
        EVP_PKEY_free(kinds[i].key);
    }
    assert_int_equal(keys_server_signatures(pair.server), sizeof kinds / sizeof kinds[0]);
    assert_int_equal(keys_client_waiting(pair.client), 0);
    tear_down(&pair);
}

/* What is private stands in OpenSSL's secure heap: a key that something still refers to is seen there. */
UNIT_TEST(keys_that_have_signed_are_wiped_when_they_are_forgotten)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct task task = {.digest = "SHA256", .bytes = key_exchange(job, 29, 32, 32)};
    struct run run;
    struct pair pair;
    EVP_PKEY *key;
    size_t before, with_key;

    assert_true(CRYPTO_secure_malloc_init(1 << 20, 16) != 0);
    key = EVP_EC_gen("P-256"); /* random numbers have their place there now */
    set_up(&pair, job, false);
    assert_ok(job, keys_remote_create(job, key, keys_client_signer(pair.client), &task.key));
    before = CRYPTO_secure_used();
    load(&pair, key);
    with_key = CRYPTO_secure_used();
    assert_true(with_key > before);
    for (int time = 0; time < 2; time++) {
        start(&run, &task);
        finish(&pair, &run);
        assert_int_equal(run.result, 1);
        assert_true(verifies(&task, key));
    }
    keys_server_retain(pair.server, NULL, 0);
    assert_true(CRYPTO_secure_used() <= before);
    EVP_PKEY_free(task.key);
    EVP_PKEY_free(key);
    tear_down(&pair);
}

UNIT_TEST(keys_that_are_missing_are_brought_while_requests_wait)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    struct task tasks[2] = {{.digest = "SHA256", .bytes = certificate_verify(job, 32)},
                            {.digest = "SHA256", .bytes = certificate_verify(job, 32)}};
    struct run runs[2];
    struct pair pair;

    set_up(&pair, job, true);
    for (size_t i = 0; i < 2; i++)
        assert_ok(job, keys_remote_create(job, key, keys_client_signer(pair.client), &tasks[i].key));
    pair.wanted = key;
    for (size_t i = 0; i < 2; i++)
        start(&runs[i], &tasks[i]);
    assert_int_equal(keys_client_waiting(pair.client), 2);
    for (size_t i = 0; i < 2; i++) {
        finish(&pair, &runs[i]);
        assert_int_equal(runs[i].result, 1);
        assert_true(verifies(&tasks[i], key));
    }
    assert_int_equal(pair.missing, 1);

    keys_server_retain(pair.server, NULL, 0); /* forgotten, and nobody brings it again */
    assert_int_equal(keys_server_count(pair.server), 0);
    pair.wanted = NULL;
    start(&runs[0], &tasks[0]);
    finish(&pair, &runs[0]);
    assert_int_equal(runs[0].result, 0);
    for (size_t i = 0; i < 2; i++)
        EVP_PKEY_free(tasks[i].key);
    EVP_PKEY_free(key);
    tear_down(&pair);
}

UNIT_TEST(keys_that_are_other_ones_than_was_said_are_refused_and_nobody_waits)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
    struct task task = {.digest = "SHA256", .bytes = certificate_verify(job, 32)};
    unsigned char *der = NULL;
    int size = i2d_PrivateKey(other, &der);
    struct keys_id id;
    struct run run;
    struct pair pair;

    set_up(&pair, job, true);
    pair.brings_nothing = true;
    assert_ok(job, keys_remote_create(job, key, keys_client_signer(pair.client), &task.key));
    start(&run, &task);
    for (int turn = 0; turn < 5; turn++)
        loop_turn(pair.loop);
    assert_int_equal(run.state, ASYNC_PAUSE);
    assert_true(keys_id_of(key, &id));
    assert_status(keys_server_load(job, pair.server, &id, rs_text_of((char *)der, (size_t)size)), PKI_KEY_REFUSED);
    rs_job_forgive(job);
    assert_int_equal(keys_server_count(pair.server), 0);
    finish(&pair, &run);
    assert_int_equal(run.result, 0);
    OPENSSL_clear_free(der, (size_t)size);
    EVP_PKEY_free(task.key);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    tear_down(&pair);
}

UNIT_TEST(keys_wait_for_the_next_process_when_one_is_gone)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    struct task task = {.digest = "SHA256", .bytes = certificate_verify(job, 48)};
    struct task *alone = &task;
    struct run run, given_up;
    struct pair pair;

    set_up(&pair, job, false);
    assert_ok(job, keys_remote_create(job, key, keys_client_signer(pair.client), &task.key));
    keys_server_destroy(pair.server);
    assert_ok(job, keys_server_create(job, pair.loop, NULL, &pair.server));
    load(&pair, key);
    start(&run, &task);
    start(&given_up, &task);
    for (int turn = 0; turn < 5; turn++)
        loop_turn(pair.loop);
    assert_int_equal(run.state, ASYNC_PAUSE); /* not refused */
    assert_int_equal(sign_in_job(&alone), 0);  /* who cannot pause is */
    given_up.wait.abandoned = true;            /* as when its connection is closed */
    step(&given_up);
    assert_int_equal(given_up.state, ASYNC_FINISH);
    assert_int_equal(given_up.result, 0);
    ASYNC_WAIT_CTX_free(given_up.context);
    assert_int_equal(keys_client_waiting(pair.client), 1);
    connect_pair(&pair);
    finish(&pair, &run);
    assert_int_equal(run.result, 1);
    assert_true(verifies(&task, key));
    EVP_PKEY_free(task.key);
    EVP_PKEY_free(key);
    tear_down(&pair);
}

UNIT_TEST(keys_do_not_change_what_openssl_does_with_other_keys)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256"), *remote, *after;
    EVP_KEYMGMT *found;
    struct pair pair;

    set_up(&pair, job, false);
    assert_ok(job, keys_remote_create(job, key, keys_client_signer(pair.client), &remote));
    found = EVP_KEYMGMT_fetch(NULL, "RSA", NULL);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(found)), "default");
    EVP_KEYMGMT_free(found);
    after = EVP_RSA_gen(1024);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(after)), "default");
    EVP_PKEY_free(after);
    EVP_PKEY_free(remote);
    EVP_PKEY_free(key);
    tear_down(&pair);
}

UNIT_TEST(keys_answer_broken_requests_without_harm)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct keys_request request = {.number = 7, .scheme = 0x0403, .size = 200};
    struct keys_reply reply;
    struct pair pair;
    int ends[2];

    set_up(&pair, job, false);
    assert_ok(job, keys_socket_pair(job, ends));
    keys_server_attach(pair.server, ends[0]);
    assert_int_equal(send(ends[1], &request, KEYS_REQUEST_HEAD + 10, 0), KEYS_REQUEST_HEAD + 10); /* says 200 */
    loop_turn(pair.loop);
    assert_int_equal(recv(ends[1], &reply, sizeof reply, 0), KEYS_REPLY_HEAD);
    assert_int_equal(reply.number, 7);
    assert_int_equal(reply.outcome, KEYS_REFUSED);
    assert_int_equal(send(ends[1], "x", 1, 0), 1); /* no request at all: let go */
    loop_turn(pair.loop);
    assert_int_equal(recv(ends[1], &reply, sizeof reply, 0), 0);
    close(ends[1]);
    tear_down(&pair);
}
