/* A service over a catalog in a file of its own, and two callers. */
#ifndef WORLD_H
#define WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#include "service/ops/ops.h"

struct world {
    char folder[64];
    struct rs_job *job;
    struct service *service;
    struct service_caller admin, reader;
};

static inline struct world world_open(void)
{
    struct world w = {.folder = "/tmp/ops-test-XXXXXX"};
    struct service_settings settings;

    assert_non_null(mkdtemp(w.folder));
    w.job = rs_job_create(NULL);
    service_settings_default(&settings);
    settings.catalog_path = rs_text_format(w.job, "%s/catalog.db", w.folder);
    settings.key_path = rs_text_format(w.job, "%s/catalog.key", w.folder);
    settings.data_folder = rs_text_from(w.folder);
    assert_ok(w.job, service_open(w.job, &settings, &w.service));
    w.admin = (struct service_caller){w.service, {RS_TEXT("root"), AUTH_ADMINISTRATOR}, RS_TEXT("en-US"),
                                      RS_TEXT("https://h/ReportServer"), false};
    w.reader = w.admin;
    w.reader.user = (struct auth_user){RS_TEXT("reader"), AUTH_READER};
    return w;
}

static inline void world_close(struct world *w)
{
    char command[128];

    service_close(w->service);
    rs_job_destroy(w->job);
    snprintf(command, sizeof command, "rm -r %s", w->folder);
    assert_int_equal(system(command), 0);
}

#define WORLD(w) __attribute__((cleanup(world_close))) struct world w = world_open()

/* Run in a job of its own: its status. Results do not outlive it. */
static inline rs_status try_run(const struct service_caller *caller, const struct service_op *op, void *call)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    return service_run(job, caller, op, call);
}

#endif
