/* UrlPrefix strings and request paths: what is parsed writes itself back to an equal value, and routing by
 * it agrees with its explanation. */
#include <stdlib.h>

#include "net/tables/route.h"

static void check_route(struct rs_job *job, const struct tables_prefix *prefix, rs_text text)
{
    struct tables_application application = {RS_TEXT("A"), TABLES_OTHER, {0}};
    struct tables_reservation reservation = {.id = 1, .application = RS_TEXT("A"), .prefix = *prefix};
    struct tables_rows rows = {.applications = &application, .application_count = 1,
                               .reservations = &reservation, .reservation_count = 1};
    RS_OWNED(tables_snapshot) snapshot = tables_snapshot_create(&rows);
    rs_text written = tables_prefix_write(job, prefix);
    rs_text path = rs_text_from_offset(written, tables_prefix_origin(job, prefix).size);
    struct tables_request own = {prefix->scheme, prefix->port, prefix->host, prefix->address, path};
    struct tables_request other = {prefix->scheme, prefix->port, prefix->host, prefix->address, text};
    enum tables_route_end end;

    if (tables_route(snapshot, &own, &end) == NULL || end != TABLES_ROUTED)
        abort(); /* a reservation takes the request for itself */
    if (tables_route(snapshot, &other, &end) != tables_explain(job, snapshot, &other)->row)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text text = rs_text_of((const char *)data, size), path = rs_text_of(NULL, 0);
    struct tables_prefix prefix, again;
    bool has_path;

    rs_text_cut(text, '\n', &text, &path); /* a second line is a request's path */
    if (tables_prefix_parse_loose(job, text, &prefix, &has_path) == RS_OK) {
        if (tables_prefix_parse(job, tables_prefix_write(job, &prefix), &again) != RS_OK ||
            !tables_prefix_equal(&prefix, &again) || !rs_text_equal(prefix.path, again.path))
            abort();
        check_route(job, &prefix, path);
    }
    rs_job_forgive(job);
    if (tables_prefix_compose(job, RS_TEXT("https://+:443"), text, &prefix) == RS_OK)
        check_route(job, &prefix, path);
    return 0;
}
