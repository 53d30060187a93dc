/* The front's certificates: in a file until they are asked for, by thumbprint. */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "daemon/certificates.h"
#include "daemon/thumbprints.h"
#include "net/tables/snapshot.h"
#include "net/tls/tls.h"

#define MANY 300
#define SIZE 20000 /* bytes of what stands for a certificate: so few of them outgrow the waste a shelf may have */

/* "00...012A" for 298. */
static rs_text name_of(struct rs_job *job, unsigned number)
{
    return rs_text_format(job, "%064X", number);
}

static char filling_of(unsigned number)
{
    return (char)('a' + number % 26);
}

static rs_text bytes_of(struct rs_job *job, unsigned number)
{
    return rs_text_of(memset(rs_alloc(job, SIZE), filling_of(number), SIZE), SIZE);
}

static void give(struct rs_job *job, struct certificates *certificates, unsigned from, unsigned to)
{
    rs_buf body = rs_buf_in(job);

    for (unsigned i = from; i < to; i++) {
        channel_put_text(&body, name_of(job, i));
        channel_put_number(&body, 2);
        channel_put_text(&body, bytes_of(job, i));
        channel_put_text(&body, RS_TEXT("issuer"));
    }
    assert_ok(job, certificates_take(job, certificates, &(struct channel_reader){.rest = rs_buf_text(&body)}));
}

/* The chain as it was given. */
static void check(struct rs_job *job, const struct certificates *certificates, unsigned number)
{
    struct tls_chain *chain = certificates_find(certificates, name_of(job, number));
    struct channel_reader reader;

    assert_non_null(chain);
    reader = (struct channel_reader){.rest = tls_chain_bytes(job, chain)};
    assert_true(rs_text_equal(channel_take_text(&reader), bytes_of(job, number)));
    assert_text(channel_take_text(&reader), "issuer");
    assert_int_equal(reader.rest.size, 0);
    assert_false(reader.broken);
}

/* Rows that show every `step`th of them. */
static struct tables_snapshot *rows_of(struct rs_job *job, unsigned step)
{
    static struct tables_binding rows[MANY];
    size_t count = 0;

    for (unsigned i = 0; i < MANY; i += step) {
        struct tables_certificate *certificate = RS_NEW(job, struct tables_certificate);
        certificate->sha256 = name_of(job, i);
        rows[count++] = (struct tables_binding){.id = i + 1, .port = 443, .host = name_of(job, i), .certificates = certificate,
                                                .certificate_count = 1};
    }
    return tables_snapshot_create(&(struct tables_rows){.bindings = rows, .binding_count = count});
}

static void keep(struct rs_job *job, struct certificates *certificates, unsigned step)
{
    RS_OWNED(tables_snapshot) rows = rows_of(job, step);

    certificates_keep(certificates, rows);
}

UNIT_TEST(certificates_lie_in_a_file_that_gives_back_what_no_row_shows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED_FD folder = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
    RS_OWNED(certificates) certificates = certificates_create(folder);
    struct tls_chain *held;

    give(job, certificates, 0, MANY / 2);
    give(job, certificates, MANY / 2, MANY);
    for (unsigned i = 0; i < MANY; i++)
        check(job, certificates, i);
    held = tls_chain_ref(certificates_find(certificates, name_of(job, 1)));
    keep(job, certificates, 1);
    check(job, certificates, MANY - 1);
    keep(job, certificates, 7);
    for (unsigned i = 0; i < MANY; i++)
        if (i % 7 == 0)
            check(job, certificates, i);
        else
            assert_null(certificates_find(certificates, name_of(job, i)));
    assert_int_equal(tls_chain_bytes(job, held).bytes[8], filling_of(1)); /* on the shelf of before */
    tls_chain_unref(held);
    give(job, certificates, 1, 2);
    check(job, certificates, 1);
}

UNIT_TEST(certificates_stay_in_memory_where_no_file_can_be_made)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(certificates) certificates = certificates_create(-1);

    give(job, certificates, 0, 10);
    give(job, certificates, 10, 20);
    for (unsigned i = 0; i < 20; i++)
        check(job, certificates, i);
    keep(job, certificates, 3);
    check(job, certificates, 18);
    assert_null(certificates_find(certificates, name_of(job, 19)));
}

UNIT_TEST(certificates_of_a_message_that_is_not_whole_are_refused)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED_FD folder = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
    RS_OWNED(certificates) certificates = certificates_create(folder);
    rs_buf body = rs_buf_in(job);

    channel_put_text(&body, name_of(job, 1));
    channel_put_number(&body, 1);
    channel_put_text(&body, bytes_of(job, 1));
    for (size_t size = body.used - 1; size > body.used - 10; size--)
        assert_status(certificates_take(job, certificates, &(struct channel_reader){.rest = rs_text_of(body.bytes, size)}), RS_INVALID);
    assert_null(certificates_find(certificates, name_of(job, 1)));
}

UNIT_TEST(thumbprints_are_read_and_written)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text digits = RS_TEXT("00112233445566778899AABBCCDDEEFF0123456789ABCDEFFEDCBA9876543210");
    struct thumbprint name = thumbprint_of(digits), lower = thumbprint_of(rs_text_lower(job, digits));
    struct thumbprint none = {{0}}, bad = thumbprint_of(RS_TEXT("0g")), longer = thumbprint_of(rs_text_format(job, "%s00", digits.bytes));

    assert_int_equal(name.bytes[1], 0x11);
    assert_int_equal(name.bytes[31], 0x10);
    assert_text(thumbprint_text(job, &name), digits.bytes);
    assert_memory_equal(&name, &lower, sizeof name);
    assert_memory_equal(&bad, &none, sizeof none);
    assert_memory_equal(&longer, &none, sizeof none);
}
