#include "service/ops/published.h"

#include <stdlib.h>

#include "base/log.h"

struct entry {
    int64_t number, content_revision; /* of the item */
    size_t bytes;                     /* of its definition */
    struct publish_report *report;
    uint64_t used;                    /* when last; grows */
};

struct published {
    size_t bytes_max, bytes;
    size_t count;
    uint64_t clock;
    struct entry entries[PUBLISHED_REPORTS_MAX];
};

struct published *published_create(size_t bytes_max)
{
    struct published *published = calloc(1, sizeof *published);

    if (!published)
        rs_log_abort("service/ops: no memory");
    published->bytes_max = bytes_max;
    return published;
}

static void drop(struct published *published, size_t index)
{
    struct entry *entry = &published->entries[index];

    publish_unref(entry->report);
    published->bytes -= entry->bytes;
    *entry = published->entries[--published->count];
}

void published_destroy(struct published *published)
{
    if (!published)
        return;
    while (published->count > 0)
        drop(published, published->count - 1);
    free(published);
}

size_t published_count(const struct published *published)
{
    return published->count;
}

static size_t oldest(const struct published *published)
{
    size_t found = 0;

    for (size_t i = 1; i < published->count; i++)
        if (published->entries[i].used < published->entries[found].used)
            found = i;
    return found;
}

static struct publish_report *find(struct published *published, const struct catalog_item *item)
{
    for (size_t i = 0; i < published->count; i++) {
        struct entry *entry = &published->entries[i];
        if (entry->number != item->number)
            continue;
        if (entry->content_revision != item->content_revision) {
            drop(published, i);
            return NULL;
        }
        entry->used = ++published->clock;
        return entry->report;
    }
    return NULL;
}

static void keep(struct published *published, const struct catalog_item *item, size_t bytes,
                 struct publish_report *report)
{
    if (bytes > published->bytes_max)
        return;
    while (published->count == PUBLISHED_REPORTS_MAX || published->bytes + bytes > published->bytes_max)
        drop(published, oldest(published));
    published->entries[published->count++] = (struct entry){item->number, item->content_revision, bytes,
                                                            publish_ref(report), ++published->clock};
    published->bytes += bytes;
}

static void unref(void *report)
{
    publish_unref(report);
}

rs_status published_open(struct rs_job *job, struct published *published, struct catalog *catalog,
                         const struct catalog_item *item, const struct publish_report **out)
{
    const struct publish_options options = {.collect = true};
    struct publish_report *report = find(published, item);
    rs_text content;

    if (report) {
        publish_ref(report);
    } else {
        RS_TRY(catalog_content(job, catalog, item, &content));
        RS_TRY(publish_open(job, content, &options, &report));
        keep(published, item, content.size, report);
    }
    rs_job_at_end(job, unref, report);
    *out = report;
    return RS_OK;
}
