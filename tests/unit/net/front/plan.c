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

struct maker {
    struct rs_job *job;
    unsigned made;
};

/* The row on port 8001 cannot be used. */
static struct tls_binding *make(void *data, const struct tables_binding *row)
{
    struct maker *maker = data;

    maker->made++;
    return row->port == 8001 ? NULL : make_binding(maker->job, row->generation);
}

UNIT_TEST(plan_makes_a_context_when_a_row_is_met_and_keeps_it_while_the_row_is_the_same)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const struct tables_claim claim = {.application = {"one", 3}};
    static const uint64_t generations[] = {30, 10, 20};
    struct tables_binding rows[3] = {0};
    struct maker maker = {job, 0};
    RS_OWNED(front_contexts) contexts = front_contexts_create(make, &maker);
    RS_OWNED(tables_snapshot) tables = NULL;
    struct tls_binding *first;
    RS_OWNED(front_plan) plan = NULL;

    for (size_t i = 0; i < 3; i++) {
        rows[i] = (struct tables_binding){.id = (int64_t)i + 1, .port = (uint16_t)(8000 + i), .host = RS_TEXT(""), .generation = generations[i],
                                          .claims = &claim, .claim_count = 1};
    }
    tables = tables_snapshot_create(&(struct tables_rows){.bindings = rows, .binding_count = 3});
    plan = front_plan_create(&(struct front_plan_parts){.tables = tables, .contexts = contexts});
    assert_int_equal(maker.made, 0);
    first = front_plan_context(plan, tables_binding(tables, 0));
    assert_int_equal(tls_binding_generation(first), 30);
    assert_ptr_equal(front_plan_context(plan, tables_binding(tables, 0)), first);
    assert_null(front_plan_context(plan, tables_binding(tables, 1)));
    assert_int_equal(tls_binding_generation(front_plan_context(plan, tables_binding(tables, 2))), 20);
    assert_int_equal(maker.made, 3);
    rows[0].generation = 40; /* another certificate in that place */
    assert_int_equal(tls_binding_generation(front_contexts_find(contexts, &rows[0])), 40);
    front_contexts_keep(contexts, tables); /* the row of 40 is in no table */
    assert_int_equal(tls_binding_generation(front_contexts_find(contexts, tables_binding(tables, 0))), 30);
    assert_int_equal(maker.made, 5);
    front_contexts_drop(contexts, rows[2].id);
    assert_non_null(front_contexts_find(contexts, &rows[2]));
    assert_int_equal(maker.made, 6);
    for (int64_t id = 1; id < 500; id++) {
        rows[0].id = id;
        assert_non_null(front_contexts_find(contexts, &rows[0]));
    }
    front_contexts_keep(contexts, tables);
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
