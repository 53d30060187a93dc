#include "service/auth/protection.h"

#include "base/buf.h"

#define PREFIX RS_TEXT("tls-server-end-point:")

static bool asks_for_channel(const struct auth_protection *protection)
{
    return protection->level == AUTH_PROTECTION_REQUIRE && protection->scenario != AUTH_PROTECTION_ANY;
}

static int digit(char c)
{
    return rs_is_digit(c) ? c - '0' : rs_lower(c) - 'a' + 10;
}

/* `digest` in hexadecimal, as the HTTPS service wrote it. */
static rs_text bindings_of(struct rs_job *job, rs_text digest)
{
    rs_buf out = rs_buf_in(job);

    rs_buf_add(&out, PREFIX);
    for (size_t i = 0; i + 1 < digest.size; i += 2)
        rs_buf_add_byte(&out, (char)(digit(digest.bytes[i]) << 4 | digit(digest.bytes[i + 1])));
    return rs_buf_text(&out);
}

bool protection_channel(struct rs_job *job, const struct auth_protection *protection, const struct auth_attempt *attempt,
                        rs_text *channel, rs_text *why)
{
    rs_text digest = attempt->channel;

    *channel = (rs_text){NULL, 0};
    if (protection->level == AUTH_PROTECTION_OFF)
        return true;
    if (attempt->through_proxy && protection->scenario == AUTH_PROTECTION_ANY)
        digest = (rs_text){NULL, 0};
    else if (attempt->through_proxy && protection->scenario == AUTH_PROTECTION_PROXY && protection->proxy_channel.size > 0)
        digest = protection->proxy_channel;
    if (digest.size > 0)
        *channel = bindings_of(job, digest);
    else if (asks_for_channel(protection)) {
        *why = attempt->through_proxy ? RS_TEXT("extended protection is required, and the certificate that the proxy shows to clients "
                                                "is not known: name it in Bindery/ProxyCertificateFile")
                                      : RS_TEXT("extended protection is required, and the connection has no TLS to be bound to");
        return false;
    }
    return true;
}

/* "reports.example.org" of "HTTP/reports.example.org@EXAMPLE.ORG"; a port may stand behind it. */
static rs_text host_of(rs_text service)
{
    rs_text kind, host, rest;

    rs_text_cut(service, '/', &kind, &host);
    rs_text_cut(host, '@', &host, &rest);
    rs_text_cut(host, '/', &host, &rest);
    rs_text_cut(host, ':', &host, &rest);
    return host;
}

bool protection_permits(struct rs_job *job, const struct auth_protection *protection, const struct auth_attempt *attempt,
                        rs_text service, bool bound, rs_text *why)
{
    if (protection->level == AUTH_PROTECTION_OFF)
        return true;
    if (asks_for_channel(protection) && !bound) {
        *why = RS_TEXT("extended protection is required, and the token is not bound to the connection");
        return false;
    }
    if (protection->scenario == AUTH_PROTECTION_DIRECT || !protection->has_host ||
        protection->has_host(protection->data, attempt->application, host_of(service)))
        return true;
    *why = rs_text_format(job, "it is for %.*s, and no URL of %.*s has that host", RS_TEXT_ARG(service),
                          RS_TEXT_ARG(attempt->application));
    return false;
}
