/* A catalog in a folder of its own, gone at the end of the test. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "store/catalog/catalog.h"

struct scratch {
    char folder[64];
    char path[96];
    struct rs_job *job;
    struct catalog *catalog;
};

static inline struct scratch scratch_open(void)
{
    struct scratch s = {.folder = "/tmp/catalog-test-XXXXXX"};

    assert_non_null(mkdtemp(s.folder));
    snprintf(s.path, sizeof s.path, "%s/catalog.db", s.folder);
    s.job = rs_job_create(NULL);
    assert_ok(s.job, catalog_open(s.job, rs_text_from(s.path), &s.catalog));
    return s;
}

static inline void scratch_close(struct scratch *s)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[128];

    catalog_close(s->catalog);
    rs_job_destroy(s->job);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", s->path, ends[i]);
        unlink(path);
    }
    rmdir(s->folder);
}

#define SCRATCH(s) __attribute__((cleanup(scratch_close))) struct scratch s = scratch_open()

/* Create and expect it to work. */
static inline struct catalog_item *scratch_item(struct scratch *s, const char *path, enum catalog_kind kind,
                                                const char *content)
{
    struct catalog_item *item = NULL;
    struct catalog_new wanted = {.path = rs_text_from(path), .kind = kind, .content = rs_text_from(content),
                                 .by = RS_TEXT("tester")};

    assert_ok(s->job, catalog_create(s->job, s->catalog, &wanted, &item, NULL));
    return item;
}

static inline struct catalog_item *scratch_find(struct scratch *s, const char *path)
{
    struct catalog_item *item = NULL;

    assert_ok(s->job, catalog_find(s->job, s->catalog, rs_text_from(path), &item));
    return item;
}

#endif
