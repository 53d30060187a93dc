#include "unit.h"

#include "daemon/config_frame.h"
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

/* ---- rows that change among many --------------------------------------------------------------- */

#define MANY 150

static unsigned next_number(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* Of a length of its own, and with one row of the file for each of its claims. */
static struct tables_binding row_of(struct rs_job *job, int64_t id, unsigned number)
{
    static const struct tables_certificate certificate = {{"AB12", 4}, {"CD", 2}};
    static const struct tables_claim claims[] = {{{"ReportServerWebService", 22}, 1, {"root", 4}},
                                                 {{"ReportServerWebApp", 18}, 1, {"root", 4}}};

    return (struct tables_binding){.id = id, .port = (uint16_t)(number % 60000), .host = rs_text_format(job, "h%u.<&>.example", number),
                                   .certificates = &certificate, .certificate_count = 1, .generation = 1,
                                   .claims = claims, .claim_count = 1 + number % 2};
}

static struct tables_snapshot *with_one(struct rs_job *job, const struct tables_snapshot *base, int64_t id, unsigned number)
{
    struct tables_binding row = row_of(job, id, number);
    struct tables_difference difference = {.put = {.revision = tables_snapshot_revision(base) + 1}};

    if (number % 3 == 0 && tables_binding_by_id(base, id)) {
        difference.dropped_bindings = &id;
        difference.dropped_binding_count = 1;
    } else {
        difference.put.bindings = &row;
        difference.put.binding_count = 1;
    }
    return tables_snapshot_with(base, &difference);
}

UNIT_TEST(representation_of_some_changes_is_that_of_all_rows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_snapshot *tables = snapshot_with(job, true);
    struct config_frame frame;
    struct config_filled last;
    unsigned seed = 7;

    assert_ok(job, config_frame_make(job, settings_default_file(job, RS_TEXT("{1}")), tables, &frame));
    for (int round = 0; round < 200; round++) {
        uint32_t *ends = RS_NEW_ARRAY(job, uint32_t, MANY), *again = RS_NEW_ARRAY(job, uint32_t, MANY);
        rs_text whole, refilled;
        struct tables_snapshot *after = tables_snapshot_ref(tables);
        for (unsigned changes = 1 + next_number(&seed) % 4; changes > 0; changes--) {
            struct tables_snapshot *next = with_one(job, after, 2 + next_number(&seed) % (MANY - 2), next_number(&seed));
            tables_snapshot_unref(after);
            after = next;
        }
        whole = config_frame_fill(job, &frame, after, NULL, ends);
        if (round > 0) {
            refilled = config_frame_fill(job, &frame, after, &last, again);
            assert_int_equal(refilled.size, whole.size);
            assert_memory_equal(refilled.bytes, whole.bytes, whole.size);
            assert_memory_equal(again, ends, tables_binding_count(after) * sizeof *ends);
        }
        tables_snapshot_unref(tables);
        tables = after;
        last = (struct config_filled){tables, ends, whole};
    }
    assert_true(tables_binding_count(tables) > 50);
    tables_snapshot_unref(tables);
}
