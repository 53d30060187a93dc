/* Tokens from the network: none of them is accepted, with a key that nobody knows. */
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/kerberos/acceptor.h"

static struct kerberos_acceptor *acceptor;

static void write_keytab(const char *path)
{
    char name[64];
    krb5_context krb5;
    krb5_keytab keytab;
    krb5_keytab_entry entry = {.vno = 1};

    snprintf(name, sizeof name, "FILE:%s", path);
    if (krb5_init_context(&krb5) || krb5_kt_resolve(krb5, name, &keytab) ||
        krb5_parse_name(krb5, "HTTP/localhost@EXAMPLE.TEST", &entry.principal) ||
        krb5_c_make_random_key(krb5, ENCTYPE_AES256_CTS_HMAC_SHA1_96, &entry.key) || krb5_kt_add_entry(krb5, keytab, &entry))
        abort();
    krb5_kt_free_entry(krb5, &entry);
    krb5_kt_close(krb5, keytab);
    krb5_free_context(krb5);
}

static void close_acceptor(void)
{
    kerberos_acceptor_close(acceptor);
}

static void open_acceptor(void)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char path[] = "/tmp/fuzz-keytab-XXXXXX";
    int fd = mkstemp(path);

    if (fd < 0)
        abort();
    close(fd);
    unlink(path);
    write_keytab(path);
    if (kerberos_acceptor_open(job, rs_text_from(path), (rs_text){NULL, 0}, &acceptor) != RS_OK)
        abort();
    unlink(path);
    atexit(close_acceptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct kerberos_context *context = NULL;
    struct kerberos_verdict verdict;

    if (!acceptor)
        open_acceptor();
    if (size == 0)
        return 0;
    kerberos_accept(job, acceptor, &context, rs_text_of((const char *)data, size), RS_TEXT("tls-server-end-point:x"), &verdict);
    if (verdict.outcome == KERBEROS_ACCEPTED || (verdict.outcome == KERBEROS_MORE) != (context != NULL))
        abort();
    if (verdict.outcome == KERBEROS_REFUSED && verdict.why.size == 0)
        abort();
    kerberos_context_destroy(context);
    return 0;
}
