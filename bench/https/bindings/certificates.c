/* Self-made certificates for the measurements: COUNT files of PEM, one key in all of them.
 *
 *     certificates FOLDER COUNT FIRST PREFIX        names PREFIX<number>.rows.example from FIRST on
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static EVP_PKEY *key_of(const char *folder)
{
    char path[4096];
    EVP_PKEY *key = NULL;
    FILE *file;

    snprintf(path, sizeof path, "%s.key", folder);
    file = fopen(path, "r");
    if (file)
        key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    if (!key) {
        key = EVP_EC_gen("P-256");
        file = fopen(path, "w");
        if (!key || !file || !PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL))
            abort();
    }
    fclose(file);
    return key;
}

static void write_one(const char *folder, const char *prefix, long number, EVP_PKEY *key)
{
    char path[4096], name[200], names[220];
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_EXTENSION *extension;
    FILE *file;

    snprintf(name, sizeof name, "%s%ld.rows.example", prefix, number);
    snprintf(names, sizeof names, "DNS:%s", name);
    snprintf(path, sizeof path, "%s/%s%ld.pem", folder, prefix, number);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), number + 1000);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 90 * 86400L);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    if (!X509_sign(certificate, key, EVP_sha256()) || !(file = fopen(path, "w")))
        abort();
    fchmod(fileno(file), 0600);
    PEM_write_X509(file, certificate);
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    X509_free(certificate);
}

int main(int argc, char **argv)
{
    EVP_PKEY *key;

    if (argc != 5)
        return 2;
    mkdir(argv[1], 0700);
    key = key_of(argv[1]);
    for (long i = 0, first = atol(argv[3]); i < atol(argv[2]); i++)
        write_one(argv[1], argv[4], first + i, key);
    EVP_PKEY_free(key);
    return 0;
}
