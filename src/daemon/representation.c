#include "daemon/representation.h"

#include "base/buf.h"
#include "base/file.h"
#include "daemon/settings.h"
#include "format/xml/edit.h"
#include "net/tables/snapshot.h"

static void add_text(struct rs_job *job, struct xml_edit_node *parent, const char *name, rs_text text)
{
    xml_edit_set_text(job, xml_edit_add(job, parent, name), text);
}

/* The section of this name, emptied; made as the last child where it is missing. */
static struct xml_edit_node *section(struct rs_job *job, struct xml_edit_node *root, const char *name)
{
    struct xml_edit_node *node = xml_edit_first(root, name);

    if (!node)
        return xml_edit_add(job, root, name);
    xml_edit_clear(node);
    return node;
}

static void write_reservations(struct rs_job *job, struct xml_edit_node *root,
                               const struct tables_snapshot *snapshot)
{
    struct xml_edit_node *rows = section(job, root, "URLReservations");

    for (size_t i = 0; i < tables_application_count(snapshot); i++) {
        const struct tables_application *application = tables_application(snapshot, i);
        struct xml_edit_node *row = xml_edit_add(job, rows, "Application");
        struct xml_edit_node *urls;

        add_text(job, row, "Name", application->name);
        add_text(job, row, "VirtualDirectory", application->directory);
        urls = xml_edit_add(job, row, "URLs");
        for (size_t j = 0; j < tables_reservation_count(snapshot); j++) {
            const struct tables_reservation *reservation = tables_reservation(snapshot, j);
            struct xml_edit_node *url;
            if (!rs_text_equal_nocase(reservation->application, application->name))
                continue;
            url = xml_edit_add(job, urls, "URL");
            add_text(job, url, "UrlString", application->kind == TABLES_REPORT_SERVER ? reservation->url_string
                                                                                     : reservation->url);
            add_text(job, url, "AccountSid", reservation->acl);
            add_text(job, url, "AccountName", reservation->account);
        }
    }
}

/* One row per application that claims a binding, as the original has it. */
static void write_bindings(struct rs_job *job, struct xml_edit_node *root,
                           const struct tables_snapshot *snapshot)
{
    struct xml_edit_node *rows;

    if (tables_binding_count(snapshot) == 0) {
        struct xml_edit_node *old = xml_edit_first(root, "SSLCertificateConfiguration");
        if (old)
            xml_edit_remove(old);
        return;
    }
    rows = xml_edit_add(job, section(job, root, "SSLCertificateConfiguration"), "Bindings");
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        const struct tables_binding *binding = tables_binding(snapshot, i);
        char address[TABLES_ADDRESS_WRITTEN_MAX];

        tables_address_write(&binding->address, address);
        for (size_t j = 0; j < binding->claim_count; j++) {
            struct xml_edit_node *row = xml_edit_add(job, rows, "Binding");
            add_text(job, row, "Application", binding->claims[j].application);
            add_text(job, row, "CertificateHash", rs_text_lower(job, binding->sha1));
            add_text(job, row, "IPAddress", rs_text_from(address));
            add_text(job, row, "Port", rs_text_format(job, "%u", binding->port));
            if (binding->host.size > 0)
                add_text(job, row, "HostName", binding->host);
        }
    }
}

rs_status representation_update(struct rs_job *job, rs_text bytes,
                                const struct tables_snapshot *snapshot, rs_text *out, bool *changed)
{
    struct xml_edit *edit;

    RS_TRY(xml_edit_parse(job, bytes, NULL, &edit));
    write_reservations(job, xml_edit_root(edit), snapshot);
    write_bindings(job, xml_edit_root(edit), snapshot);
    RS_TRY(xml_edit_write(job, edit, out));
    *changed = !rs_text_equal(*out, bytes);
    return RS_OK;
}

rs_status representation_write(struct rs_job *job, rs_text path,
                               const struct tables_snapshot *snapshot)
{
    rs_text bytes, updated;
    bool changed;

    RS_TRY(rs_file_read(job, path, SETTINGS_FILE_MAX, &bytes));
    RS_TRY(representation_update(job, bytes, snapshot, &updated, &changed));
    return changed ? rs_file_replace(job, path, updated, 0640) : RS_OK;
}
