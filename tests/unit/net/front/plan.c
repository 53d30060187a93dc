#include "unit.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "net/front/plan_inside.h"

static struct tls_binding *make_binding(struct rs_job *job, uint64_t generation)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    struct tls_identity identity = {.certificate = certificate, .key = key};
    struct tls_binding *binding;

    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 60);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    assert_ok(job, tls_binding_create(job, &identity, generation, &binding));
    X509_free(certificate);
    EVP_PKEY_free(key);
    return binding;
}

UNIT_TEST(plan_finds_contexts_by_generation_and_keeps_them_alive)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const struct tables_claim claim = {.application = {"one", 3}};
    static const uint64_t generations[] = {30, 10, 20};
    struct tables_binding rows[3] = {0};
    struct tls_binding *contexts[3] = {0};
    RS_OWNED(tables_snapshot) tables = NULL;
    RS_OWNED(front_plan) plan = NULL;

    for (size_t i = 0; i < 3; i++) {
        rows[i] = (struct tables_binding){.id = (int64_t)i + 1, .port = (uint16_t)(8000 + i), .host = RS_TEXT(""), .generation = generations[i],
                                          .claims = &claim, .claim_count = 1};
        if (i != 1) /* the second cannot be used */
            contexts[i] = make_binding(job, generations[i]);
    }
    tables = tables_snapshot_create(&(struct tables_rows){.bindings = rows, .binding_count = 3});
    plan = front_plan_create(&(struct front_plan_parts){.tables = tables, .contexts = contexts});
    for (size_t i = 0; i < 3; i++)
        tls_binding_unref(contexts[i]);
    assert_int_equal(tls_binding_generation(front_plan_context(plan, 30)), 30);
    assert_int_equal(tls_binding_generation(front_plan_context(plan, 20)), 20);
    assert_null(front_plan_context(plan, 10));
    assert_null(front_plan_context(plan, 40));
    assert_ptr_equal(front_plan_tables(plan), tables);
}

UNIT_TEST(plan_owns_its_sockets_until_they_are_taken)
{
    RS_OWNED(tables_snapshot) tables = tables_snapshot_create(&(struct tables_rows){0});
    struct front_socket sockets[2] = {{.port = 80}, {.port = 81}};
    struct front_plan *plan;
    const struct front_socket *found;
    int taken;

    for (size_t i = 0; i < 2; i++)
        sockets[i].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    plan = front_plan_create(&(struct front_plan_parts){.tables = tables, .sockets = sockets, .socket_count = 2});
    found = front_plan_socket(plan, &sockets[1].address, 81);
    assert_non_null(found);
    assert_null(front_plan_socket(plan, &sockets[1].address, 82));
    taken = front_plan_take_socket(plan, found);
    assert_int_equal(taken, sockets[1].fd);
    assert_null(front_plan_socket(plan, &sockets[1].address, 81));
    front_plan_unref(plan);
    assert_int_equal(fcntl(sockets[0].fd, F_GETFD), -1); /* closed with the plan */
    assert_int_not_equal(fcntl(taken, F_GETFD), -1);
    close(taken);
}
