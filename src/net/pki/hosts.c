#include "net/pki/hosts.h"

#include <arpa/inet.h>

#include "base/host.h"
#include "net/pki/files.h"

/* How many bytes of `out` the address takes; 0: it is none. */
static size_t host_address(rs_text terminated, unsigned char out[16])
{
    return inet_pton(AF_INET, terminated.bytes, out) == 1 ? 4 : inet_pton(AF_INET6, terminated.bytes, out) == 1 ? 16 : 0;
}

static GENERAL_NAME *host_general_name(rs_text host)
{
    unsigned char bytes[16];
    GENERAL_NAME *name = GENERAL_NAME_new();
    size_t size = host_address(host, bytes);
    ASN1_STRING *value = size ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();

    if (!name || !value || ASN1_STRING_set(value, size ? (const void *)bytes : host.bytes, (int)(size ? size : host.size)) != 1) {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(name);
        return NULL;
    }
    GENERAL_NAME_set0_value(name, size ? GEN_IPADD : GEN_DNS, value);
    return name;
}

static void host_end_names(void *names)
{
    GENERAL_NAMES_free(names);
}

/* In lower case, without brackets and the root's dot. */
static rs_status host_read(struct rs_job *job, rs_text given, rs_text *out)
{
    static const unsigned char unspecified[16];
    unsigned char bytes[16];
    rs_text host = given;
    const char *wrong;
    size_t size;

    if (host.size > 2 && host.bytes[0] == '[' && host.bytes[host.size - 1] == ']')
        host = rs_text_slice(host, 1, host.size - 2);
    else if (host.size > 1 && host.bytes[host.size - 1] == '.')
        host.size--;
    *out = host = rs_text_lower(job, host);
    size = host_address(host, bytes);
    if (size > 0 && memcmp(bytes, unspecified, size) == 0)
        return rs_fail(job, RS_INVALID, "\"%.*s\" is no address that a client could use", RS_TEXT_ARG(given));
    wrong = size > 0 ? NULL : rs_host_wrong(rs_text_from_offset(host, rs_text_starts(host, RS_TEXT("*.")) ? 2 : 0));
    if (wrong)
        return rs_fail(job, RS_INVALID, "\"%.*s\" %s", RS_TEXT_ARG(given), wrong);
    return RS_OK;
}

static bool host_is_among(const GENERAL_NAMES *names, const GENERAL_NAME *name)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(names, i), (GENERAL_NAME *)(uintptr_t)name) == 0)
            return true;
    return false;
}

rs_status pki_hosts_read(struct rs_job *job, const rs_text *hosts, size_t count, GENERAL_NAMES **out, rs_text *first)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();

    rs_job_at_end(job, host_end_names, names);
    if (count == 0 || count > PKI_HOSTS_MAX)
        return rs_fail(job, RS_INVALID, "a certificate is for 1 to %d hosts", PKI_HOSTS_MAX);
    for (size_t i = 0; i < count; i++) {
        rs_text host;
        GENERAL_NAME *name;
        RS_TRY(host_read(job, hosts[i], &host));
        if (i == 0)
            *first = host;
        name = host_general_name(host);
        if (!name)
            return pki_failed(job, "make a certificate");
        if (host_is_among(names, name) || !sk_GENERAL_NAME_push(names, name))
            GENERAL_NAME_free(name);
    }
    *out = names;
    return RS_OK;
}
