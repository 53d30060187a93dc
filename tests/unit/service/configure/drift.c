/* What a configuration file says, compared with what is so. */
#include "fixture.h"

#include "net/tables/change.h"
#include "service/configure/drift.h"

#define HASH "9F3C0A6E51B7D2845C1F00AA93DE7712C4B8E605"

static const struct tables_snapshot *tables(struct fixture *f)
{
    static const rs_text both[] = {RS_TEXT(SERVICE), RS_TEXT(PORTAL)};
    static const struct tables_certificate certificate = {RS_TEXT(HASH), RS_TEXT("AA")};
    static const struct tables_change changes[] = {
        {.kind = TABLES_RESERVE, .application = RS_TEXT(SERVICE), .url = RS_TEXT("https://+:8443"), .account = RS_TEXT("svc")},
        {.kind = TABLES_BIND, .applications = both, .application_count = 2, .place = {.port = 8443},
         .certificates = &certificate, .certificate_count = 1},
    };
    const struct tables_actor actor = {RS_TEXT("alice"), RS_TEXT("a test")};
    struct tables_snapshot *out;

    for (size_t i = 0; i < 2; i++) {
        assert_ok(f->job, tables_apply(f->job, f->instance.db, &actor, &changes[i], &out));
        rs_job_at_end(f->job, (void (*)(void *))tables_snapshot_unref, out);
    }
    return out;
}

static struct config_drift drift_of(struct fixture *f, const char *file, int64_t shown)
{
    struct config_drift drift;

    config_drift_find(f->job, tables(f), rs_text_from(file), shown, &drift);
    return drift;
}

static bool has_line(struct fixture *f, const struct config_drift *drift, const char *what)
{
    const rs_text *lines;
    size_t count;

    config_drift_lines(f->job, drift, &lines, &count);
    for (size_t i = 0; i < count; i++)
        if (rs_text_find(lines[i], rs_text_from(what)) >= 0)
            return true;
    return false;
}

#define APPLICATIONS_OF_FILE                                                                                                    \
    "<Application><Name>" SERVICE "</Name><VirtualDirectory>ReportServer</VirtualDirectory><URLs><URL>"                          \
    "<UrlString>HTTPS://+:8443</UrlString><AccountName>svc</AccountName></URL></URLs></Application>\n"                           \
    "<Application><Name>ReportManager</Name><VirtualDirectory>Reports</VirtualDirectory><URLs/></Application>\n"

UNIT_TEST_WITH_FIXTURE(row_15_drift_compares_by_meaning)
{
    struct config_drift drift = drift_of(f, "<configuration><URLRESERVATIONS>" APPLICATIONS_OF_FILE "</URLRESERVATIONS>"
                                         "<SSLCertificateConfiguration><Bindings>"
                                         "<Binding port='8443' IPAddress='::' ApplicationName='" PORTAL "' CertificateHash='"
                                         "9f 3c 0a 6e 51 b7 d2 84 5c 1f 00 aa 93 de 77 12 c4 b8 e6 05'/>\n"
                                         "<Binding><Port>8443</Port><IpAddress>0.0.0.0</IpAddress><Name>" SERVICE "</Name>"
                                         "<CertificateHash>" HASH "</CertificateHash></Binding>"
                                         "</Bindings></SSLCertificateConfiguration></configuration>", 0);

    assert_int_equal(drift.state, CONFIG_IN_STEP);
    assert_int_equal(drift.in_file.count, 5);
}

UNIT_TEST_WITH_FIXTURE(row_15_drift_names_rows_and_lines)
{
    struct config_drift drift = drift_of(f, "<Configuration><URLReservations>\n" APPLICATIONS_OF_FILE
                                         "<Application><Name>Nobody</Name></Application>\n</URLReservations>\n"
                                         "<SSLCertificateConfiguration><Bindings>\n<Binding><Application>" SERVICE
                                         "</Application><CertificateHash>12</CertificateHash><IPAddress>10.0.0.300</IPAddress>"
                                         "<Port>8443</Port></Binding></Bindings></SSLCertificateConfiguration></Configuration>", 0);

    assert_int_equal(drift.state, CONFIG_EDITED);
    assert_int_equal(drift.only_in_tables.count, 2);
    assert_true(has_line(f, &drift, "- certificate " HASH " at 0.0.0.0:8443 for " PORTAL));
    assert_true(has_line(f, &drift, "+ line 4: virtual directory  of Nobody: there is no application \"Nobody\""));
    assert_true(has_line(f, &drift, "+ line 7: certificate 12 at 10.0.0.300:8443 for " SERVICE ": \"12\" is not"));
}

UNIT_TEST_WITH_FIXTURE(row_15_drift_tells_a_file_that_is_behind_from_one_that_was_edited)
{
    const char *file = "<Configuration><URLReservations>" APPLICATIONS_OF_FILE "</URLReservations></Configuration>";
    static const rs_text both[] = {RS_TEXT(SERVICE), RS_TEXT(PORTAL)};
    const struct tables_change unbind = {.kind = TABLES_UNBIND, .applications = both, .application_count = 2, .place = {.port = 8443}};
    const struct tables_actor actor = {RS_TEXT("alice"), RS_TEXT("a test")};
    const struct tables_snapshot *bound = tables(f);
    RS_OWNED(tables_snapshot) unbound = NULL;
    struct config_drift drift;

    assert_ok(f->job, tables_apply(f->job, f->instance.db, &actor, &unbind, &unbound));
    config_drift_find(f->job, bound, rs_text_from(file), config_shown(f->job, unbound), &drift);
    assert_int_equal(drift.state, CONFIG_BEHIND);
    config_drift_find(f->job, bound, rs_text_from(file), config_shown(f->job, bound), &drift);
    assert_int_equal(drift.state, CONFIG_EDITED);
    config_drift_find(f->job, unbound, rs_text_from(file), config_shown(f->job, bound), &drift);
    assert_int_equal(drift.state, CONFIG_IN_STEP);
}

UNIT_TEST_WITH_FIXTURE(row_15_drift_of_a_file_that_cannot_be_read)
{
    struct config_drift drift = drift_of(f, "<Configuration>\n<URL", 0);

    assert_int_equal(drift.state, CONFIG_UNREADABLE);
    assert_true(rs_text_find(drift.message, RS_TEXT("line 2")) >= 0);
    assert_int_equal(drift_of(f, "<html/>", 0).state, CONFIG_UNREADABLE);
    assert_int_equal(rs_job_status(f->job), RS_OK);
}
