#include "net/pki/hosts.h"

#include <arpa/inet.h>

#include "net/pki/files.h"

static bool host_is_name(rs_text host)
{
    size_t label = 0;

    if (rs_text_starts(host, RS_TEXT("*.")))
        host = rs_text_from_offset(host, 2);
    if (host.size == 0 || host.size > 253)
        return false;
    for (size_t i = 0; i <= host.size; i++) {
        char c = i < host.size ? host.bytes[i] : '.';
        if (c == '.') {
            if (label == 0 || label > 63 || host.bytes[i - 1] == '-' || host.bytes[i - label] == '-')
                return false;
            label = 0;
        } else if (rs_is_alpha(c) || rs_is_digit(c) || c == '-' || c == '_') {
            label++;
        } else {
            return false;
        }
    }
    return true;
}

static GENERAL_NAME *host_general_name(rs_text host, const char *terminated)
{
    unsigned char bytes[16];
    GENERAL_NAME *name = GENERAL_NAME_new();
    size_t size = inet_pton(AF_INET, terminated, bytes) == 1 ? 4 : inet_pton(AF_INET6, terminated, bytes) == 1 ? 16 : 0;
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

rs_status pki_hosts_read(struct rs_job *job, const rs_text *hosts, size_t count, GENERAL_NAMES **out, rs_text *first)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();

    rs_job_at_end(job, host_end_names, names);
    if (count == 0 || count > PKI_HOSTS_MAX)
        return rs_fail(job, RS_INVALID, "a certificate is for 1 to %d hosts", PKI_HOSTS_MAX);
    for (size_t i = 0; i < count; i++) {
        rs_text host = hosts[i];
        unsigned char bytes[16];
        GENERAL_NAME *name;
        if (host.size > 2 && host.bytes[0] == '[' && host.bytes[host.size - 1] == ']')
            host = rs_text_slice(host, 1, host.size - 2);
        host = rs_text_lower(job, host);
        if (inet_pton(AF_INET, host.bytes, bytes) != 1 && inet_pton(AF_INET6, host.bytes, bytes) != 1 && !host_is_name(host))
            return rs_fail(job, RS_INVALID, "\"%.*s\" is neither a host name nor an IP address", RS_TEXT_ARG(hosts[i]));
        name = host_general_name(host, host.bytes);
        if (!name || !sk_GENERAL_NAME_push(names, name)) {
            GENERAL_NAME_free(name);
            return pki_failed(job, "make a certificate");
        }
        if (i == 0)
            *first = host;
    }
    *out = names;
    return RS_OK;
}
