#include "net/tables/policy_check.h"

#include "base/buf.h"
#include "net/tables/policy.h"

rs_status policy_check_any(struct rs_job *job, rs_text value, rs_text *out)
{
    (void)job;
    *out = value;
    return RS_OK;
}

/* RFC 9110, 5.6.2. */
static bool is_token(rs_text name)
{
    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.bytes[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && !memchr("!#$%&'*+-.^_`~", c, sizeof "!#$%&'*+-.^_`~" - 1))
            return false;
    }
    return name.size > 0;
}

static bool is_value(rs_text value)
{
    for (size_t i = 0; i < value.size; i++)
        if ((value.bytes[i] < ' ' || value.bytes[i] > '~') && value.bytes[i] != '\t')
            return false;
    return value.size > 0;
}

/* Fields by which messages are told apart, and those that say what only the service knows. */
static bool is_reserved(rs_text name)
{
    static const char *const names[] = {"Connection", "Content-Length", "Date", "Keep-Alive", "Strict-Transport-Security", "TE",
                                        "Trailer", "Transfer-Encoding", "Upgrade", "X-Request-Id"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (rs_text_equal_nocase(name, rs_text_from(names[i])))
            return true;
    return rs_text_starts_nocase(name, RS_TEXT("Bindery-"));
}

rs_status policy_check_headers(struct rs_job *job, rs_text value, rs_text *out)
{
    rs_buf canonical = rs_buf_in(job);
    rs_text rest = value, name, text;
    size_t count = 0;

    while (policy_next_header(&rest, &name, &text)) {
        if (++count > POLICY_HEADERS_MAX)
            return rs_fail(job, RS_INVALID, "has more than %d fields", POLICY_HEADERS_MAX);
        if (!is_token(name))
            return rs_fail(job, RS_INVALID, "has \"%.*s\" where the name of a field must stand", RS_TEXT_ARG(name));
        if (is_reserved(name))
            return rs_fail(job, RS_INVALID, "may not say %.*s: the service does", RS_TEXT_ARG(name));
        if (!is_value(text))
            return rs_fail(job, RS_INVALID, "has no value of visible ASCII characters for %.*s", RS_TEXT_ARG(name));
        rs_buf_printf(&canonical, "%s%.*s: %.*s", count > 1 ? " | " : "", RS_TEXT_ARG(name), RS_TEXT_ARG(text));
    }
    *out = rs_buf_text(&canonical);
    return RS_OK;
}
/* ---- lists of TLS ------------------------------------------------------------------------------------ */

/* Forward secrecy and authenticated encryption: no other cipher is offered, whatever a list says. */
static const char *const ciphers[] = {
    "TLS_AES_128_GCM_SHA256",        "TLS_AES_256_GCM_SHA384",        "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-GCM-SHA256",   "ECDHE-RSA-AES256-GCM-SHA384",   "ECDHE-RSA-CHACHA20-POLY1305",
    NULL,
};
static const char *const groups[] = {"X25519", "X448", "P-256", "P-384", "P-521", NULL};

static const char *find(const char *const *known, rs_text name)
{
    for (; *known; known++)
        if (rs_text_equal_nocase(rs_text_from(*known), name))
            return *known;
    return NULL;
}

/* In their own spelling, each once, in the order that was typed. */
static rs_status check_list(struct rs_job *job, rs_text value, const char *const *known, rs_text *out)
{
    rs_buf list = rs_buf_in(job);
    rs_text rest = value, name;
    bool seen[16] = {false};

    while (rest.size > 0) {
        const char *found;
        size_t index = 0;
        rs_text_cut(rest, ':', &name, &rest);
        name = rs_text_trim(name);
        found = find(known, name);
        if (!found) {
            rs_buf may = rs_buf_in(job);
            for (; *known; known++)
                rs_buf_printf(&may, "%s%s", may.used > 0 ? " " : "", *known);
            rs_text all = rs_buf_text(&may);
            return rs_fail(job, RS_INVALID, "\"%.*s\" is none of %.*s", RS_TEXT_ARG(name), RS_TEXT_ARG(all));
        }
        while (known[index] != found)
            index++;
        if (seen[index])
            return rs_fail(job, RS_INVALID, "\"%s\" stands there twice", found);
        seen[index] = true;
        rs_buf_printf(&list, "%s%s", list.used > 0 ? ":" : "", found);
    }
    *out = rs_buf_text(&list);
    return RS_OK;
}

rs_status policy_check_ciphers(struct rs_job *job, rs_text value, rs_text *out)
{
    return check_list(job, value, ciphers, out);
}

rs_status policy_check_groups(struct rs_job *job, rs_text value, rs_text *out)
{
    return check_list(job, value, groups, out);
}
