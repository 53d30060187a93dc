#include "service/configure/sddl.h"

#include "base/buf.h"

/* SIDs of services are made of their names: S-1-5-80 and the SHA-1 of the name in capitals. */
static const struct trustee {
    const char *sid, *alias, *name;
    enum sddl_owner owner;
} trustees[] = {
    {"S-1-5-80-2885764129-887777008-271615777-1616004480-2722851051", "", "NT SERVICE\\ReportServer", SDDL_REPORTING_SERVICES},
    {"S-1-5-80-4050220999-2730734961-1537482082-519850261-379003301", "", "NT SERVICE\\SQLServerReportingServices",
     SDDL_REPORTING_SERVICES},
    {"S-1-5-80-1730998386-2757299892-37364343-1607169425-3512908663", "", "NT SERVICE\\PowerBIReportServer",
     SDDL_REPORTING_SERVICES},
    {"S-1-5-20", "NS", "NT AUTHORITY\\NETWORK SERVICE", SDDL_SYSTEM},
    {"S-1-5-19", "LS", "NT AUTHORITY\\LOCAL SERVICE", SDDL_SYSTEM},
    {"S-1-5-18", "SY", "NT AUTHORITY\\SYSTEM", SDDL_SYSTEM},
    {"S-1-5-32-544", "BA", "BUILTIN\\Administrators", SDDL_SYSTEM},
    {"S-1-5-32-545", "BU", "BUILTIN\\Users", SDDL_SYSTEM},
    {"S-1-5-32-568", "IS", "BUILTIN\\IIS_IUSRS", SDDL_SYSTEM},
    {"S-1-5-11", "AU", "NT AUTHORITY\\Authenticated Users", SDDL_SYSTEM},
    {"S-1-5-4", "IU", "NT AUTHORITY\\INTERACTIVE", SDDL_SYSTEM},
    {"S-1-1-0", "WD", "Everyone", SDDL_SYSTEM},
};

static void name_trustee(struct sddl_grant *grant)
{
    grant->name = grant->sid;
    for (size_t i = 0; i < sizeof trustees / sizeof trustees[0]; i++)
        if (rs_text_equal_nocase(grant->sid, rs_text_from(trustees[i].sid)) ||
            (trustees[i].alias[0] && rs_text_equal_nocase(grant->sid, rs_text_from(trustees[i].alias)))) {
            grant->name = rs_text_from(trustees[i].name);
            grant->owner = trustees[i].owner;
        }
}

/* GX listens, GW delegates, GA both; or the same bits as a number. */
static void read_rights(rs_text rights, struct sddl_grant *grant)
{
    uint64_t bits = 0;

    if (rs_text_starts_nocase(rights, RS_TEXT("0x")))
        (void)rs_parse_hex64(rs_text_from_offset(rights, 2), &bits);
    for (size_t i = 0; bits == 0 && i + 1 < rights.size; i += 2) {
        rs_text right = rs_text_slice(rights, i, 2);
        grant->listen = grant->listen || rs_text_equal_nocase(right, RS_TEXT("GX")) || rs_text_equal_nocase(right, RS_TEXT("GA"));
        grant->delegate = grant->delegate || rs_text_equal_nocase(right, RS_TEXT("GW")) || rs_text_equal_nocase(right, RS_TEXT("GA"));
    }
    if (bits != 0) {
        grant->listen = (bits & 0x30000000) != 0; /* GENERIC_EXECUTE, GENERIC_ALL */
        grant->delegate = (bits & 0x50000000) != 0; /* GENERIC_WRITE, GENERIC_ALL */
    }
}

/* "A;;GX;;;NS" */
static bool read_ace(rs_text ace, struct sddl_grant *grant)
{
    rs_text fields[6], rest = ace;

    *grant = (struct sddl_grant){0};
    for (size_t i = 0; i < 6; i++)
        if (!rs_text_cut(rest, ';', &fields[i], &rest) && i < 5)
            return false;
    grant->denied = rs_text_equal_nocase(fields[0], RS_TEXT("D"));
    grant->sid = rs_text_trim(fields[5]);
    read_rights(rs_text_trim(fields[2]), grant);
    name_trustee(grant);
    return grant->sid.size > 0;
}

bool sddl_parse(rs_text text, struct sddl *out)
{
    ptrdiff_t at = rs_text_find(text, RS_TEXT("D:"));
    rs_text rest = at < 0 ? RS_TEXT("") : rs_text_from_offset(text, (size_t)at + 2);

    *out = (struct sddl){0};
    for (;;) {
        ptrdiff_t open = rs_text_find_byte(rest, '('), close = rs_text_find_byte(rest, ')');
        ptrdiff_t audit = rs_text_find(rest, RS_TEXT("S:"));
        if (open < 0 || close < open || (audit >= 0 && audit < open))
            return out->count > 0;
        if (out->count == SDDL_GRANTS_MAX)
            out->more = true;
        else if (read_ace(rs_text_slice(rest, (size_t)open + 1, (size_t)(close - open - 1)), &out->grants[out->count]))
            out->count++;
        rest = rs_text_from_offset(rest, (size_t)close + 1);
    }
}

rs_text sddl_words(struct rs_job *job, const struct sddl *sddl)
{
    rs_buf out = rs_buf_in(job);

    for (size_t i = 0; i < sddl->count; i++) {
        const struct sddl_grant *grant = &sddl->grants[i];
        rs_buf_printf(&out, "%s%.*s may%s%s", i ? "; " : "", RS_TEXT_ARG(grant->name), grant->denied ? " not" : "",
                      grant->listen && grant->delegate ? " listen and delegate"
                      : grant->listen                  ? " listen"
                      : grant->delegate                ? " delegate"
                                                       : " do nothing with it");
    }
    if (sddl->more)
        rs_buf_add_literal(&out, "; and more");
    return rs_buf_text(&out);
}

bool sddl_of_reporting_services(const struct sddl *sddl)
{
    for (size_t i = 0; i < sddl->count; i++)
        if (sddl->grants[i].owner == SDDL_REPORTING_SERVICES && sddl->grants[i].listen && !sddl->grants[i].denied)
            return true;
    return false;
}
