/* PKCS#12 archives and PKCS#7 messages. */
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "net/pki/loader.h"

static rs_status archive_check_mac(struct loader *l, PKCS12 *archive)
{
    const ASN1_INTEGER *iterations = NULL;
    int64_t count = 1;

    if (!PKCS12_mac_present(archive))
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive has no integrity check");
    PKCS12_get0_mac(NULL, NULL, NULL, &iterations, archive);
    if (iterations && (!ASN1_INTEGER_get_int64(&count, iterations) || count < 1 || count > PKI_MAC_ITERATIONS_MAX))
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive asks for more than %d rounds of hashing",
                       PKI_MAC_ITERATIONS_MAX);
    return RS_OK;
}

static rs_status archive_failed(struct loader *l)
{
    unsigned long error = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(error);
    bool old = ERR_GET_REASON(error) == ERR_R_UNSUPPORTED || (reason && strstr(reason, "unsupported"));
    bool mac = ERR_GET_LIB(error) == ERR_LIB_PKCS12 && ERR_GET_REASON(error) == PKCS12_R_MAC_VERIFY_FAILURE;

    ERR_clear_error();
    if (mac) {
        l->out->password = l->password ? PKI_PASSWORD_WRONG : PKI_PASSWORD_MISSING;
        return rs_fail(l->job, PKI_FILE_INVALID, l->password ? "the password does not open the PKCS#12 archive"
                                                             : "the PKCS#12 archive has a password");
    }
    if (old)
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive is encrypted with an algorithm that is too old: write "
                       "it anew with `openssl pkcs12 -legacy -in OLD -nodes | openssl pkcs12 -export -out NEW`");
    return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive is damaged%s%s", reason ? ": " : "", reason ? reason : "");
}

rs_status loader_archive(struct loader *l, PKCS12 *archive)
{
    STACK_OF(X509) *others = NULL;
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    rs_status status = RS_OK;
    int length = 0;
    const unsigned char *alias;

    RS_TRY(archive_check_mac(l, archive));
    ERR_clear_error();
    if (PKCS12_parse(archive, l->password ? l->password : "", &key, &certificate, &others) != 1)
        return archive_failed(l);
    l->out->sealed = l->password && l->password[0];
    if (key)
        status = loader_add_key(l, key);
    if (certificate) {
        alias = X509_alias_get0(certificate, &length);
        if (alias && length > 0 && rs_text_is_utf8(rs_text_of((const char *)alias, (size_t)length)))
            l->out->friendly_name = rs_text_copy(l->job, rs_text_of((const char *)alias, (size_t)length));
        if (status == RS_OK)
            status = loader_add_certificate(l, certificate);
        else
            X509_free(certificate);
    }
    while (sk_X509_num(others) > 0) {
        X509 *other = sk_X509_shift(others);
        if (status == RS_OK)
            status = loader_add_certificate(l, other);
        else
            X509_free(other);
    }
    sk_X509_free(others);
    if (status == RS_OK && l->certificates.count == 0 && l->keys.count == 0)
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#12 archive is empty");
    return status;
}

rs_status loader_bag(struct loader *l, PKCS7 *message)
{
    const STACK_OF(X509) *certificates = NULL;

    if (PKCS7_type_is_signed(message) && message->d.sign)
        certificates = message->d.sign->cert;
    if (sk_X509_num(certificates) < 1)
        return rs_fail(l->job, PKI_FILE_INVALID, "the PKCS#7 message holds no certificate");
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        X509 *certificate = sk_X509_value(certificates, i);
        X509_up_ref(certificate);
        RS_TRY(loader_add_certificate(l, certificate));
    }
    return RS_OK;
}
