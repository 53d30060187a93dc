#include "daemon/expiry.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/pki/store.h"
#include "net/tables/snapshot.h"

#define EXPIRY_PERIOD_MS INT64_C(86400000)

static void look_at(const struct pki_store *store, const struct tables_binding *row, const struct tables_certificate *shown)
{
    RS_OWNED(rs_job) job = NULL;
    struct tables_place place = tables_binding_place(row);
    struct pki_outline outline;
    rs_text written;
    int64_t days = pki_store_outline(store, shown->sha256, &outline) ? pki_days_until(outline.not_after_ms, rs_clock_utc_ms())
                                                                     : EXPIRY_WARN_DAYS + 1;

    if (days > EXPIRY_WARN_DAYS)
        return;
    job = rs_job_create(NULL);
    written = tables_place_write(job, &place);
    if (days < 0)
        rs_log(RS_LOG_ERROR, "the certificate %.*s of %.*s has expired: clients refuse it", RS_TEXT_ARG(shown->sha1),
               RS_TEXT_ARG(written));
    else
        rs_log(RS_LOG_WARNING, "the certificate %.*s of %.*s expires in %lld days", RS_TEXT_ARG(shown->sha1),
               RS_TEXT_ARG(written), (long long)days);
}

void expiry_tick(int64_t *due_ms, const struct pki_store *store, const struct tables_snapshot *tables, int64_t now_ms)
{
    if (now_ms < *due_ms)
        return;
    *due_ms = now_ms + EXPIRY_PERIOD_MS;
    for (size_t i = 0; i < tables_binding_count(tables); i++)
        for (size_t k = 0; k < tables_binding(tables, i)->certificate_count; k++)
            look_at(store, tables_binding(tables, i), &tables_binding(tables, i)->certificates[k]);
}
