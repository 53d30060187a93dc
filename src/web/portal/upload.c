#include "web/portal/views.h"

#include "store/catalog/name.h"
#include "web/portal/page.h"
#include "web/url/text.h"

struct outcome {
    rs_text file_name;
    rs_status status;
    rs_text sentence; /* of a failure */
    struct service_warnings warnings;
};
RS_VEC_TYPE(struct outcome, outcomes);

static rs_text without_extension(rs_text name)
{
    size_t dot = name.size;

    while (dot > 0 && name.bytes[dot - 1] != '.')
        dot--;
    return dot > 1 ? rs_text_slice(name, 0, dot - 1) : name;
}

struct upload {
    struct exchange *x;
    rs_text folder;
    bool overwrite;
};

static rs_status create_report(struct rs_job *job, const struct upload *upload, const struct exchange_file *file,
                               struct outcome *outcome)
{
    struct service_create_report call = {
        .path = catalog_path_join(job, upload->folder, without_extension(file->file_name)),
        .content = file->content,
        .overwrite = upload->overwrite,
    };
    rs_status status = service_run(job, &upload->x->caller, &service_create_report, &call);

    outcome->warnings = call.warnings;
    return status;
}

static rs_status create_data_set(struct rs_job *job, const struct upload *upload, const struct exchange_file *file,
                                 struct outcome *outcome)
{
    struct service_create_report call = {
        .path = catalog_path_join(job, upload->folder, without_extension(file->file_name)),
        .content = file->content,
        .overwrite = upload->overwrite,
    };
    rs_status status = service_run(job, &upload->x->caller, &service_create_data_set, &call);

    outcome->warnings = call.warnings;
    return status;
}

static rs_status create_data_source(struct rs_job *job, const struct upload *upload, const struct exchange_file *file,
                                    struct outcome *outcome)
{
    struct service_create_data_source call = {
        .path = catalog_path_join(job, upload->folder, without_extension(file->file_name)),
        .content = file->content,
        .overwrite = upload->overwrite,
    };

    (void)outcome;
    return service_run(job, &upload->x->caller, &service_create_data_source, &call);
}

static rs_status create_resource(struct rs_job *job, const struct upload *upload, const struct exchange_file *file,
                                 struct outcome *outcome)
{
    struct service_create_resource call = {
        .path = catalog_path_join(job, upload->folder, file->file_name),
        .content = file->content,
        .overwrite = upload->overwrite,
    };

    (void)outcome;
    return service_run(job, &upload->x->caller, &service_create_resource, &call);
}

static const struct {
    const char *extension; /* NULL: all others */
    rs_status (*create)(struct rs_job *job, const struct upload *upload, const struct exchange_file *file,
                        struct outcome *outcome);
} kinds[] = {
    {".rdl", create_report},
    {".rsd", create_data_set},
    {".rds", create_data_source},
    {".rsds", create_data_source},
    {NULL, create_resource},
};

static bool ends_nocase(rs_text name, rs_text end)
{
    return name.size >= end.size && rs_text_equal_nocase(rs_text_from_offset(name, name.size - end.size), end);
}

static rs_status create_item(struct rs_job *job, const struct upload *upload, const struct exchange_file *file,
                             struct outcome *outcome)
{
    size_t kind = 0;

    while (kinds[kind].extension && !ends_nocase(file->file_name, rs_text_from(kinds[kind].extension)))
        kind++;
    RS_TRY(catalog_name_check(job, file->file_name));
    return kinds[kind].create(job, upload, file, outcome);
}

/* One file's failure is told beside it; the others still go in. Only what ends the request itself ends it. */
static rs_status upload_file(const struct upload *upload, const struct exchange_file *file, struct outcome *outcome)
{
    struct rs_job *job = upload->x->job;

    outcome->file_name = file->file_name;
    outcome->status = create_item(job, upload, file, outcome);
    if (outcome->status == RS_CANCELLED || outcome->status == RS_TIMEOUT)
        return outcome->status;
    if (outcome->status != RS_OK) {
        outcome->sentence = url_sentence(job, service_error_text(job, &upload->x->caller));
        rs_job_forgive(job);
    }
    return rs_job_checkpoint(job);
}

/* ---- the page that tells ------------------------------------------------------------------------- */

static void write_warnings(rs_buf *out, const struct service_warnings *warnings)
{
    rs_buf_printf(out, "<details><summary>%zu %s</summary><ul>", warnings->count,
                  warnings->count == 1 ? "warning" : "warnings");
    for (size_t i = 0; i < warnings->count; i++) {
        const struct service_warning *warning = &warnings->items[i];
        rs_buf_add_literal(out, "<li>");
        if (warning->object_name.size > 0) {
            portal_text(out, warning->object_name);
            rs_buf_add_literal(out, ": ");
        }
        portal_text(out, url_sentence(out->job, warning->message));
        if (warning->code.size > 0) {
            rs_buf_add_literal(out, " (");
            portal_text(out, warning->code);
            rs_buf_add_literal(out, ")");
        }
        rs_buf_add_literal(out, "</li>");
    }
    rs_buf_add_literal(out, "</ul></details>");
}

static void write_outcome(rs_buf *out, const struct outcome *outcome)
{
    bool good = outcome->status == RS_OK;

    rs_buf_printf(out, "<li class=\"%s\"><strong>", good ? "good" : "bad");
    portal_text(out, outcome->file_name);
    rs_buf_add_literal(out, "</strong> ");
    if (good) {
        rs_buf_add_literal(out, "was stored.");
    } else {
        portal_text(out, outcome->sentence);
        rs_buf_printf(out, " <span class=\"code\">(%s)</span>", rs_status_client_code(outcome->status));
    }
    if (outcome->warnings.count > 0)
        write_warnings(out, &outcome->warnings);
    rs_buf_add_literal(out, "</li>");
}

static rs_status tell(struct exchange *x, rs_text folder, const struct outcomes *outcomes, bool all_good)
{
    struct portal_page page = {.x = x, .title = RS_TEXT("Upload"), .path = folder};
    rs_buf out = rs_buf_in(x->job);

    portal_page_begin(&out, &page);
    rs_buf_printf(&out, "<div class=\"heading\"><h1>%s</h1></div><ul class=\"outcomes\">",
                  all_good ? "Uploaded, with warnings" : "Not everything could be stored");
    for (size_t i = 0; i < outcomes->count; i++)
        write_outcome(&out, &outcomes->items[i]);
    rs_buf_add_literal(&out, "</ul><p><a class=\"button primary\" href=\"");
    portal_address(&out, x, "browse", folder);
    rs_buf_add_literal(&out, "\">Back to the folder</a></p>");
    portal_page_end(&out, &page);
    return portal_page_send(&page, all_good ? 200 : 409, &out);
}

rs_status portal_upload(struct exchange *x)
{
    struct upload upload = {x, exchange_pair_value(&x->form, "path"),
                            exchange_pair_find(&x->form, "overwrite") != NULL};
    struct outcomes outcomes = {0};
    bool all_good = true, warned = false;

    for (size_t i = 0; i < x->files.count; i++) {
        struct outcome outcome = {0};
        if (x->files.items[i].file_name.size == 0)
            continue;
        RS_TRY(upload_file(&upload, &x->files.items[i], &outcome));
        all_good &= outcome.status == RS_OK;
        warned |= outcome.warnings.count > 0;
        rs_vec_push(x->job, &outcomes, outcome);
    }
    if (outcomes.count == 0)
        return rs_fail(x->job, RS_INVALID, "no file was chosen");
    if (all_good && !warned)
        return exchange_redirect(x, portal_location(x, "browse", upload.folder, "?done=uploaded"));
    return tell(x, upload.folder, &outcomes, all_good);
}
