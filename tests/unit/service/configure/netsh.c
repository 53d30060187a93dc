/* The same three bindings, two reservations and one address, as Windows of several versions and languages lists them. */
#include "unit.h"

#include <stdlib.h>

#include "base/file.h"
#include "service/configure/netsh.h"
#include "service/configure/sddl.h"
#include "service/configure/windows_text.h"

#define HASH "9F3C0A6E51B7D2845C1F00AA93DE7712C4B8E605"

static struct netsh read_listing(struct rs_job *job, const char *name)
{
    const char *root = getenv("BINDERY_SOURCE");
    struct netsh netsh;
    rs_text bytes;

    assert_ok(job, rs_file_read(job, rs_text_format(job, "%s/tests/fuzz/corpus/netsh/%s", root ? root : ".", name), 1 << 20, &bytes));
    assert_ok(job, netsh_read(job, windows_text(job, bytes), &netsh));
    return netsh;
}

UNIT_TEST(row_26_listings_of_every_language_say_the_same)
{
    static const char *const names[] = {"english-2022.txt", "english-2012.txt", "german.txt", "french.txt", "portuguese.txt",
                                        "russian.txt", "japanese.txt", "chinese.txt", "turkish.txt", "httpcfg.txt"};
    static const char *const endpoints[] = {"0.0.0.0:443", "[::]:443", "reports.example:8443"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct netsh netsh = read_listing(job, names[i]);
        struct sddl sddl;
        if (netsh.bindings.count != 3 || netsh.urls.count != 2 || netsh.addresses.count != 1)
            fail_msg("%s: %zu bindings, %zu URLs, %zu addresses", names[i], netsh.bindings.count, netsh.urls.count,
                     netsh.addresses.count);
        for (size_t k = 0; k < 3; k++) {
            const struct netsh_binding *row = &netsh.bindings.items[k];
            assert_text(row->endpoint, endpoints[k]);
            assert_text(row->store, "MY");
            if (!row->asks_clients_is_told || row->asks_clients != (k == 2))
                fail_msg("%s: row %zu asks clients: %d, told %d", names[i], k, row->asks_clients, row->asks_clients_is_told);
        }
        assert_text(netsh.bindings.items[0].hash, HASH);
        assert_text(netsh.bindings.items[0].guid, "{1d40ebc7-1983-4ac5-82aa-1e17a7ae9a0e}");
        assert_text(netsh.bindings.items[2].guid, "{4dc3e181-e14b-4a21-b022-59fc669b0914}");
        assert_text(netsh.urls.items[0].url, "https://+:443/ReportServer/");
        assert_true(sddl_parse(netsh.urls.items[0].sddl, &sddl) && sddl_of_reporting_services(&sddl));
        assert_true(sddl_parse(netsh.urls.items[1].sddl, &sddl) && !sddl_of_reporting_services(&sddl));
        assert_text(sddl_words(job, &sddl), "Everyone may listen; NT AUTHORITY\\NETWORK SERVICE may listen and delegate");
        assert_text(netsh.addresses.items[0].text, "10.0.0.5");
    }
}

UNIT_TEST(row_26_newer_switches_that_stand_out_are_named)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct netsh netsh = read_listing(job, "english-2022.txt");

    assert_int_equal(netsh.bindings.items[0].odd_count, 1);
    assert_true(rs_text_starts(netsh.bindings.items[0].odd[0], RS_TEXT("Disable OCSP Stapling")));
}

UNIT_TEST(row_26_rows_without_certificate_and_other_listings)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct netsh netsh = read_listing(job, "other.txt");

    assert_int_equal(netsh.bindings.count, 3);
    assert_text(netsh.bindings.items[0].endpoint, "443");
    assert_text(netsh.bindings.items[0].hash, "");
    assert_text(netsh.bindings.items[1].endpoint, "*:444");
    assert_text(netsh.bindings.items[1].hash, "");
    assert_text(netsh.bindings.items[2].hash, HASH);
    assert_false(netsh.bindings.items[2].asks_clients_is_told);
}

UNIT_TEST(row_26_descriptors_are_read)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct sddl sddl;

    assert_true(sddl_parse(RS_TEXT("D:P(A;;0x20000000;;;BA)(D;;GW;;;S-1-5-21-1-2-3-1001)S:(AU;;GX;;;WD)"), &sddl));
    assert_text(sddl_words(job, &sddl), "BUILTIN\\Administrators may listen; S-1-5-21-1-2-3-1001 may not delegate");
    assert_true(sddl_parse(RS_TEXT("D:(A;;GX;;;S-1-5-80-2885764129-887777008-271615777-1616004480-2722851051)"), &sddl));
    assert_true(sddl_of_reporting_services(&sddl));
    assert_false(sddl_parse(RS_TEXT("D:(A;;GX)"), &sddl));
    assert_false(sddl_parse(RS_TEXT("nothing"), &sddl));
}
