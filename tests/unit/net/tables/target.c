#include "unit.h"

#include "net/tables/target.h"

UNIT_TEST(target_is_a_socket_or_a_port_of_this_machine)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_target target;

    assert_ok(job, tables_target_parse(job, RS_TEXT("unix:/run/a.sock"), &target));
    assert_text(target.path, "/run/a.sock");
    assert_text(tables_target_write(job, &target), "unix:/run/a.sock");
    assert_ok(job, tables_target_parse(job, RS_TEXT("HTTP://localhost:8080/"), &target));
    assert_int_equal(target.port, 8080);
    assert_int_equal(target.path.size, 0);
    assert_text(tables_target_write(job, &target), "http://127.0.0.1:8080");
}

UNIT_TEST(target_elsewhere_is_refused)
{
    static const char *const wrong[] = {"",          "unix:",  "unix:a",          "unix:/a\nb",          "http://127.0.0.1",
                                        "http://127.0.0.1:", "http://127.0.0.1:x", "http://127.0.0.1:65536",
                                        "http://127.0.0.2:1", "https://127.0.0.1:1", "http://127.0.0.1:1/path"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct tables_target target;
        if (tables_target_parse(job, rs_text_from(wrong[i]), &target) != RS_INVALID)
            fail_msg("\"%s\" was taken", wrong[i]);
    }
}
