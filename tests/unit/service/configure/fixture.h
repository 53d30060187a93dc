/* tests/unit/service/configure/fixture.h - an instance in a folder of its own, and calls written in a few words.
 */
#ifndef CONFIGURE_FIXTURE_H
#define CONFIGURE_FIXTURE_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "format/json/json.h"
#include "net/pki/store.h"
#include "net/tables/db.h"
#include "service/configure/configure.h"

#define SERVICE "ReportServerWebService"
#define PORTAL "ReportServerWebApp"

struct fixture {
    struct rs_job *job;
    char folder[64];
    struct configure_instance instance;
    struct server *server; /* of live.c */
    struct configure_group *group; /* that calls are made in; NULL: each by itself */
};

static inline void fixture_open(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->job = rs_job_create(NULL);
    snprintf(f->folder, sizeof f->folder, "/tmp/configure-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->instance.certificate_folder = rs_text_format(f->job, "%s/certs", f->folder);
    assert_ok(f->job, tables_db_open(f->job, rs_text_format(f->job, "%s/https.db", f->folder), &f->instance.db));
    assert_ok(f->job, pki_store_open(f->job, &(struct pki_store_options){.folder = f->instance.certificate_folder},
                                     &f->instance.store));
    f->instance.data = f;
}

static inline void fixture_close(struct fixture *f)
{
    tables_db_close(f->instance.db);
    pki_store_close(f->instance.store);
    assert_int_equal(system(rs_text_format(f->job, "rm -rf %s", f->folder).bytes), 0);
    rs_job_destroy(f->job);
}

static inline rs_status try_call(struct fixture *f, struct rs_job *job, const char *operation, const char *arguments,
                                 json_t **out)
{
    const struct configure_caller caller = {.who = RS_TEXT("alice"), .tool = RS_TEXT("a test"), .group = f->group};
    json_t *parsed;

    assert_ok(job, json_parse(job, rs_text_from(arguments), 0, &parsed));
    return configure_call(job, &f->instance, rs_text_from(operation), parsed, &caller, out);
}

/* The result lives as long as the fixture. */
__attribute__((format(printf, 3, 4))) static inline const json_t *call(struct fixture *f, const char *operation,
                                                                       const char *arguments, ...)
{
    RS_OWNED(rs_job) own = rs_job_create(NULL);
    struct rs_job *job = f->group ? f->job : own; /* of a call in a group: as long as the group */
    va_list list;
    json_t *out = NULL;
    rs_text text;

    va_start(list, arguments);
    text = rs_text_vformat(job, arguments, list);
    va_end(list);
    if (try_call(f, job, operation, text.bytes, &out) != RS_OK)
        fail_msg("%s %s: %.*s", operation, text.bytes, RS_TEXT_ARG(rs_job_error(job)));
    return json_keep(f->job, out);
}

/* It is refused with `status` and an error that holds `why`; the tables are as before. */
__attribute__((format(printf, 5, 6))) static inline void refuse(struct fixture *f, rs_status status, const char *why,
                                                                const char *operation, const char *arguments, ...)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    int64_t before, after;
    va_list list;
    json_t *out = NULL;
    rs_text text;
    rs_status got;

    va_start(list, arguments);
    text = rs_text_vformat(job, arguments, list);
    va_end(list);
    assert_ok(job, tables_db_revision(job, f->instance.db, &before));
    got = try_call(f, job, operation, text.bytes, &out);
    if (got != status || rs_text_find(rs_job_error(job), rs_text_from(why)) < 0)
        fail_msg("%s %s: %s, \"%.*s\", not %s with \"%s\"", operation, text.bytes, rs_status_name(got),
                 RS_TEXT_ARG(rs_job_error(job)), rs_status_name(status), why);
    rs_job_forgive(job);
    assert_ok(job, tables_db_revision(job, f->instance.db, &after));
    assert_int_equal(before, after);
}

/* A member by a path of names and numbers: "bindings.0.port". */
static inline const json_t *at(const json_t *value, const char *path)
{
    rs_text rest = rs_text_from(path), name;
    char terminated[64];

    while (rest.size > 0 && value) {
        rs_text_cut(rest, '.', &name, &rest);
        snprintf(terminated, sizeof terminated, "%.*s", RS_TEXT_ARG(name));
        value = json_is_array(value) ? json_array_get(value, (size_t)strtoul(terminated, NULL, 10))
                                     : json_object_get(value, terminated);
    }
    return value;
}
#define assert_json_text(value, path, expected) assert_text(json_to_text(at(value, path)), expected)
#define assert_json_number(value, path, expected) assert_int_equal(json_integer_value(at(value, path)), expected)
#define assert_json_size(value, path, expected) assert_int_equal(json_array_size(at(value, path)), expected)

/* The message of the first check of a stage: "" where there is none. `ok` tells how it ended. */
static inline rs_text check_of(const json_t *result, const char *stage, bool *ok)
{
    size_t index;
    json_t *check;

    json_array_foreach(json_object_get(result, "checks"), index, check) {
        if (strcmp(json_string_value(json_object_get(check, "stage")), stage) != 0)
            continue;
        *ok = json_is_true(json_object_get(check, "ok"));
        return json_to_text(json_object_get(check, "message"));
    }
    *ok = false;
    return RS_TEXT("");
}

static inline const char *create(struct fixture *f, const char *host)
{
    return json_string_value(at(call(f, "CreateCertificate", "{\"Hosts\": [\"%s\", \"127.0.0.1\"]}", host), "thumbprint"));
}

unsigned free_port(void);

#endif
