#include "unit.h"

#include "daemon/settings.h"

UNIT_TEST(settings_of_a_new_instance_are_the_defaults)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct daemon_settings settings, empty;
    rs_text file = settings_default_file(job, RS_TEXT("{1}"));

    assert_ok(job, settings_read(job, file, &settings));
    assert_ok(job, settings_read(job, RS_TEXT("<Configuration/>"), &empty));
    assert_text(settings.installation_id, "{1}");
    assert_text(empty.installation_id, "");
    assert_int_equal(settings.workers, empty.workers);
    assert_int_equal(settings.worker_memory_bytes, (size_t)1024 << 20);
    assert_int_equal(settings.worker_memory_bytes, empty.worker_memory_bytes);
    assert_int_equal(settings.worker_time_ms, 300000);
    assert_true(settings.web_service_enabled && settings.portal_enabled);
    assert_false(settings.passwords_over_http);
    assert_text(settings.realm, "Bindery");
    assert_int_equal(settings.log_level, RS_LOG_INFO);
}

UNIT_TEST(settings_read_what_is_set_and_leave_the_rest_alone)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct daemon_settings settings;

    assert_ok(job, settings_read(job, RS_TEXT("<Configuration><Dsn>AQAA</Dsn><Add Key='SecureConnectionLevel' Value='1'/>"
                                              "<Service><IsReportManagerEnabled> false </IsReportManagerEnabled></Service>"
                                              "<Bindery><WorkerProcesses>7</WorkerProcesses><LogLevel>Debug</LogLevel>"
                                              "</Bindery></Configuration>"),
                                 &settings));
    assert_int_equal(settings.workers, 7);
    assert_false(settings.portal_enabled);
    assert_int_equal(settings.log_level, RS_LOG_DEBUG);
}

UNIT_TEST(settings_name_the_line_and_what_may_stand_there)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct daemon_settings settings;

    assert_status(settings_read(job, RS_TEXT("<Configuration>\n<Bindery>\n<WorkerProcesses>0</WorkerProcesses>\n"
                                             "</Bindery></Configuration>"),
                                &settings),
                  DAEMON_SETTINGS);
    assert_text(rs_job_error(job), "line 3: Bindery/WorkerProcesses is \"0\"; it may be a number from 1 to 256");
    rs_job_forgive(job);
    assert_status(settings_read(job, RS_TEXT("<Configuration><Service><IsWebServiceEnabled>yes</IsWebServiceEnabled>"
                                             "</Service></Configuration>"),
                                &settings),
                  DAEMON_SETTINGS);
    rs_job_forgive(job);
    assert_status(settings_read(job, RS_TEXT("<Report/>"), &settings), DAEMON_SETTINGS);
    rs_job_forgive(job);
    assert_true(settings_read(job, RS_TEXT("<Configuration>"), &settings) != RS_OK);
}
