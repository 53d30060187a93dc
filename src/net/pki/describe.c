#include "net/pki/describe.h"

#include <arpa/inet.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "net/keys/scheme.h"

#define SECURITY_BITS_MIN 112 /* RSA 2048, SHA-224: what TLS libraries still take */

static const struct {
    const char *name;
    enum pki_severity severity;
    const char *sentence;
} reasons[PKI_REASON_COUNT] = {
#define PKI_REASON(code, name, severity, sentence) {name, severity, sentence},
#include "net/pki/reasons.def"
#undef PKI_REASON
};

const char *pki_reason_name(enum pki_reason_code code)
{
    return reasons[code].name;
}

void pki_reason_add(struct rs_job *job, struct pki_reason_vec *out, enum pki_reason_code code, rs_text sentence)
{
    if (sentence.size == 0)
        sentence = rs_text_from(reasons[code].sentence);
    rs_vec_push(job, out, (struct pki_reason){code, reasons[code].severity, sentence});
}

/* ---- thumbprints --------------------------------------------------------------------------- */

bool pki_thumbprint_parse(rs_text t, char out[65])
{
    size_t used = 0;

    for (size_t i = 0; i < t.size; i++) {
        char c = rs_upper(t.bytes[i]);
        if (rs_is_digit(c) || (c >= 'A' && c <= 'F')) {
            if (used == 64)
                return false;
            out[used++] = c;
        } else if (rs_is_alpha(c)) {
            return false; /* separators and marks may be dropped, letters may not */
        }
    }
    out[used] = '\0';
    return used == 40 || used == 64;
}

rs_text pki_hexadecimal(struct rs_job *job, const unsigned char *bytes, size_t size)
{
    char *text = rs_alloc(job, 2 * size + 1);

    for (size_t i = 0; i < size; i++) {
        text[2 * i] = "0123456789ABCDEF"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789ABCDEF"[bytes[i] & 15];
    }
    return rs_text_of(text, 2 * size);
}

static rs_text describe_thumbprint(struct rs_job *job, X509 *certificate, const EVP_MD *hash)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    X509_digest(certificate, hash, bytes, &size);
    return pki_hexadecimal(job, bytes, size);
}

bool pki_digest_of_key(EVP_PKEY *key, struct pki_digest *out)
{
    struct keys_id id;

    if (!keys_id_of(key, &id))
        return false;
    memcpy(out->bytes, id.bytes, sizeof out->bytes);
    return true;
}

bool pki_digest_of_certificate(X509 *certificate, struct pki_digest *out)
{
    return pki_digest_of_key(X509_get0_pubkey(certificate), out);
}

/* ---- what it says -------------------------------------------------------------------------- */

static rs_text describe_bio(struct rs_job *job, BIO *bio)
{
    char *bytes;
    long size = BIO_get_mem_data(bio, &bytes);
    rs_text text = rs_text_of(bytes, size > 0 ? (size_t)size : 0);

    return rs_text_is_utf8(text) ? rs_text_copy(job, text) : RS_TEXT("?");
}

static rs_text describe_name(struct rs_job *job, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    rs_text text;

    X509_NAME_print_ex(bio, name, 0, (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | XN_FLAG_SEP_CPLUS_SPC);
    text = describe_bio(job, bio);
    BIO_free(bio);
    return text;
}

static rs_text describe_common_name(struct rs_job *job, const X509_NAME *name)
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    int size = at < 0 ? -1 : ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    rs_text text = size > 0 ? rs_text_copy(job, rs_text_of((char *)utf8, (size_t)size)) : rs_text_of(NULL, 0);

    OPENSSL_free(utf8);
    ERR_clear_error();
    return text;
}

static int64_t describe_time(const ASN1_TIME *time, int64_t otherwise)
{
    struct tm tm;

    return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : otherwise;
}

/* Those that all versions of TLS have, as they are called elsewhere; NULL: another curve. */
static const char *describe_curve(const char *group)
{
    static const struct {
        const char *group, *shown;
    } curves[] = {{"prime256v1", "P-256"}, {"secp384r1", "P-384"}, {"secp521r1", "P-521"}};

    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (strcmp(group, curves[i].group) == 0)
            return curves[i].shown;
    return NULL;
}

static rs_text describe_key_type(struct rs_job *job, EVP_PKEY *key)
{
    char group[64] = "";
    size_t size = 0;

    if (!key)
        return RS_TEXT("unknown");
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return rs_text_format(job, "%s %d", EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? "RSA" : "RSA-PSS",
                              EVP_PKEY_get_bits(key));
    case EVP_PKEY_EC:
        EVP_PKEY_get_group_name(key, group, sizeof group, &size);
        return rs_text_format(job, "ECDSA %s", describe_curve(group) ? describe_curve(group) : group);
    case EVP_PKEY_ED25519:
        return RS_TEXT("Ed25519");
    case EVP_PKEY_ED448:
        return RS_TEXT("Ed448");
    default:
        return rs_text_format(job, "%s", OBJ_nid2sn(EVP_PKEY_get_base_id(key)));
    }
}

/* A DNS name: visible ASCII without odd bytes, so that it can be shown and compared. */
static bool describe_dns(struct rs_job *job, const ASN1_IA5STRING *name, struct pki_name *out)
{
    const unsigned char *bytes = ASN1_STRING_get0_data(name);
    int size = ASN1_STRING_length(name);

    for (int i = 0; i < size; i++)
        if (bytes[i] <= 0x20 || bytes[i] >= 0x7f)
            return false;
    *out = (struct pki_name){PKI_DNS, rs_text_lower(job, rs_text_of((const char *)bytes, (size_t)size))};
    return size > 0;
}

static bool describe_address(struct rs_job *job, const ASN1_OCTET_STRING *address, struct pki_name *out)
{
    char text[INET6_ADDRSTRLEN];
    int size = ASN1_STRING_length(address);

    if (size != 4 && size != 16)
        return false;
    inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text, sizeof text);
    *out = (struct pki_name){PKI_ADDRESS, rs_text_copy(job, rs_text_from(text))};
    return true;
}

/* Takes `list` over. */
static void describe_names(struct rs_job *job, GENERAL_NAMES *list, const struct pki_name **out, size_t *count)
{
    RS_VEC(struct pki_name) names = {0};

    for (int i = 0; i < sk_GENERAL_NAME_num(list) && names.count < PKI_NAMES_MAX; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);
        struct pki_name read;
        if ((name->type == GEN_DNS && describe_dns(job, name->d.dNSName, &read)) ||
            (name->type == GEN_IPADD && describe_address(job, name->d.iPAddress, &read)))
            rs_vec_push(job, &names, read);
    }
    GENERAL_NAMES_free(list);
    ERR_clear_error();
    *out = names.items;
    *count = names.count;
}

void pki_describe_request(struct rs_job *job, X509_REQ *request, struct pki_pending *out)
{
    STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);

    out->subject = describe_name(job, X509_REQ_get_subject_name(request));
    describe_names(job, X509V3_get_d2i(extensions, NID_subject_alt_name, NULL, NULL), &out->names, &out->name_count);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

static rs_text describe_serial(struct rs_job *job, X509 *certificate)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
    int size = ASN1_STRING_length(serial);

    return pki_hexadecimal(job, ASN1_STRING_get0_data(serial), size > 0 && size <= 64 ? (size_t)size : 0);
}

rs_text pki_issuer_name(struct rs_job *job, X509 *certificate)
{
    return describe_name(job, X509_get_issuer_name(certificate));
}

bool pki_is_authority(X509 *certificate)
{
    return X509_check_ca(certificate) > 0;
}

bool pki_is_self_signed(X509 *certificate)
{
    return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0 &&
           X509_check_issued(certificate, certificate) == X509_V_OK;
}

void pki_describe_validity(X509 *certificate, int64_t *not_before_ms, int64_t *not_after_ms)
{
    *not_before_ms = describe_time(X509_get0_notBefore(certificate), INT64_MAX);
    *not_after_ms = describe_time(X509_get0_notAfter(certificate), INT64_MIN);
}

void pki_describe(struct rs_job *job, X509 *certificate, struct pki_entry *out)
{
    int signature = X509_get_signature_nid(certificate);

    out->certificate = certificate;
    out->sha1 = describe_thumbprint(job, certificate, EVP_sha1());
    out->sha256 = describe_thumbprint(job, certificate, EVP_sha256());
    out->subject = describe_name(job, X509_get_subject_name(certificate));
    out->common_name = describe_common_name(job, X509_get_subject_name(certificate));
    out->issuer = describe_name(job, X509_get_issuer_name(certificate));
    out->serial = describe_serial(job, certificate);
    out->key_type = describe_key_type(job, X509_get0_pubkey(certificate));
    out->signature = rs_text_from(signature == NID_undef ? "unknown" : OBJ_nid2ln(signature));
    pki_describe_validity(certificate, &out->not_before_ms, &out->not_after_ms);
    out->self_signed = pki_is_self_signed(certificate);
    describe_names(job, X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL), &out->names, &out->name_count);
    ERR_clear_error();
}

/* ---- what speaks against it ---------------------------------------------------------------- */

static rs_text judge_when(struct rs_job *job, const char *what, int64_t at_ms)
{
    char stamp[RS_CLOCK_STAMP_SIZE];

    if (at_ms == INT64_MIN || at_ms == INT64_MAX)
        return rs_text_of(NULL, 0);
    rs_clock_stamp(at_ms, stamp);
    return rs_text_format(job, "%s %.10s", what, stamp);
}

static void judge_usage(struct rs_job *job, const struct pki_entry *entry, struct pki_reason_vec *out)
{
    uint32_t extended = X509_get_extended_key_usage(entry->certificate);
    uint32_t usage = X509_get_key_usage(entry->certificate);

    if (extended != UINT32_MAX && !(extended & (XKU_SSL_SERVER | XKU_ANYEKU)))
        pki_reason_add(job, out, PKI_NO_SERVER_AUTH, rs_text_of(NULL, 0));
    if (usage != UINT32_MAX && !(usage & KU_DIGITAL_SIGNATURE) && !pki_is_authority(entry->certificate))
        pki_reason_add(job, out, PKI_BAD_KEY_USAGE, rs_text_of(NULL, 0));
    if (!pki_is_authority(entry->certificate))
        return;
    /* `openssl req -x509` marks every self-signed certificate so: most clients take it all the same */
    if (entry->self_signed && entry->name_count > 0 && (usage == UINT32_MAX || (usage & KU_DIGITAL_SIGNATURE)))
        pki_reason_add(job, out, PKI_SELF_SIGNED_CA, RS_TEXT("it is self-signed and marked as an authority: some clients "
                                                             "refuse that in a server's certificate"));
    else
        pki_reason_add(job, out, PKI_IS_CA, rs_text_of(NULL, 0));
}

/* What net/keys signs with, and clients read. */
static bool judge_kind(EVP_PKEY *key)
{
    char group[64] = "";
    size_t size;

    switch (key ? EVP_PKEY_get_base_id(key) : NID_undef) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
        return true;
    case EVP_PKEY_EC:
        return EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 && describe_curve(group);
    default:
        return false;
    }
}

static void judge_strength(struct rs_job *job, const struct pki_entry *entry, struct pki_reason_vec *out)
{
    EVP_PKEY *key = X509_get0_pubkey(entry->certificate);
    bool served = judge_kind(key);
    int bits = 0;

    if (!served || EVP_PKEY_get_security_bits(key) < SECURITY_BITS_MIN)
        pki_reason_add(job, out, PKI_WEAK_KEY, rs_text_format(job, "its key, %.*s, is %s: use ECDSA P-256 or RSA 2048 "
                       "and more", RS_TEXT_ARG(entry->key_type), served ? "too weak" : "of a kind that is not served"));
    else if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"))
        pki_reason_add(job, out, PKI_RARE_KEY, rs_text_format(job, "its key, %.*s, is of a kind that browsers do not take: use "
                       "ECDSA P-256, or bind one with such a key beside it", RS_TEXT_ARG(entry->key_type)));
    if (!entry->self_signed && X509_get_signature_info(entry->certificate, NULL, NULL, &bits, NULL) == 1 &&
        bits < SECURITY_BITS_MIN)
        pki_reason_add(job, out, PKI_WEAK_SIGNATURE, rs_text_format(job, "it is signed with %.*s, which is too weak",
                                                                    RS_TEXT_ARG(entry->signature)));
}

void pki_judge(struct rs_job *job, const struct pki_entry *entry, int64_t now_ms, struct pki_reason_vec *out)
{
    if (now_ms > entry->not_after_ms)
        pki_reason_add(job, out, PKI_EXPIRED, judge_when(job, "it expired on", entry->not_after_ms));
    if (now_ms < entry->not_before_ms)
        pki_reason_add(job, out, PKI_NOT_YET_VALID, judge_when(job, "it is not valid before", entry->not_before_ms));
    judge_usage(job, entry, out);
    judge_strength(job, entry, out);
    if (entry->name_count == 0)
        pki_reason_add(job, out, PKI_NO_NAMES, RS_TEXT("it has no subject alternative name: clients look at nothing else"));
    ERR_clear_error();
}
