#include "unit.h"

#include "daemon/representation.h"
#include "daemon/settings.h"
#include "net/tables/snapshot.h"

static struct tables_snapshot *snapshot_with(struct rs_job *job, bool bound)
{
    static const struct tables_application applications[] = {
        {RS_TEXT("ReportServerWebService"), TABLES_REPORT_SERVER, RS_TEXT("ReportServer")},
        {RS_TEXT("ReportServerWebApp"), TABLES_REPORT_SERVER, RS_TEXT("Reports")},
    };
    struct tables_claim claims[] = {{RS_TEXT("ReportServerWebService"), 1, RS_TEXT("root")},
                                    {RS_TEXT("ReportServerWebApp"), 1, RS_TEXT("root")}};
    struct tables_reservation reservation = {.id = 1, .application = RS_TEXT("ReportServerWebService")};
    static const struct tables_certificate certificate = {{"AB12", 4}, {"CD", 2}};
    struct tables_binding binding = {.id = 1, .port = 443, .certificates = &certificate, .certificate_count = 1, .generation = 1, .claims = claims,
                                     .claim_count = 2};

    assert_ok(job, tables_prefix_parse(job, RS_TEXT("https://+:443/ReportServer/"), &reservation.prefix));
    return tables_snapshot_create(&(struct tables_rows){
        .revision = 1,
        .applications = applications,
        .application_count = 2,
        .reservations = &reservation,
        .reservation_count = 1,
        .bindings = &binding,
        .binding_count = bound,
    });
}

static bool says(rs_text text, const char *what)
{
    return rs_text_find(text, rs_text_from(what)) >= 0;
}

UNIT_TEST(representation_has_the_shape_of_the_original)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) tables = snapshot_with(job, true);
    rs_text out;
    bool changed;

    assert_ok(job, representation_update(job, settings_default_file(job, RS_TEXT("{1}")), tables, &out, &changed));
    assert_true(changed);
    assert_true(says(out, "<Name>ReportServerWebService</Name>"));
    assert_true(says(out, "<VirtualDirectory>ReportServer</VirtualDirectory>"));
    assert_true(says(out, "<UrlString>https://+:443</UrlString>"));
    assert_true(says(out, "<CertificateHash>ab12</CertificateHash>"));
    assert_true(says(out, "<IPAddress>0.0.0.0</IPAddress>"));
    assert_true(says(out, "<Application>ReportServerWebApp</Application>"));
}

UNIT_TEST(representation_keeps_comments_and_unknown_elements)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) tables = snapshot_with(job, true);
    rs_text out;
    bool changed;

    assert_ok(job, representation_update(job, RS_TEXT("<Configuration>\n  <!-- ours -->\n  <Dsn>secret</Dsn>\n"
                                                      "  <URLReservations><Application><Name>Old</Name></Application>"
                                                      "</URLReservations>\n  <Unknown a=\"1\"/>\n</Configuration>\n"),
                                         tables, &out, &changed));
    assert_true(says(out, "<!-- ours -->"));
    assert_true(says(out, "<Dsn>secret</Dsn>"));
    assert_true(says(out, "<Unknown a=\"1\"/>"));
    assert_false(says(out, "<Name>Old</Name>"));
}

UNIT_TEST(representation_of_the_same_tables_changes_nothing)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) bound = snapshot_with(job, true);
    RS_OWNED(tables_snapshot) unbound = snapshot_with(job, false);
    rs_text first, second;
    bool changed;

    assert_ok(job, representation_update(job, settings_default_file(job, RS_TEXT("{1}")), bound, &first, &changed));
    assert_ok(job, representation_update(job, first, bound, &second, &changed));
    assert_false(changed);
    assert_ok(job, representation_update(job, first, unbound, &second, &changed));
    assert_true(changed);
    assert_false(says(second, "SSLCertificateConfiguration"));
}
