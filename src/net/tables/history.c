/* What the history keeps of a change: the rows that it is about, as JSON, before and after. */
#include "net/tables/history.h"

#include "format/json/json.h"
#include "net/tables/inside.h"
#include "net/tables/plan.h"

static json_t *history_policy(const struct tables_policy *policy)
{
    json_t *settings = json_object();

    for (size_t i = 0; i < policy->count; i++)
        json_object_set_new(settings, policy_setting(policy->values[i].id)->name, json_from_text(policy->values[i].text));
    return settings;
}

static json_t *history_certificates(const struct tables_binding *row)
{
    json_t *certificates = json_array();

    for (size_t i = 0; i < row->certificate_count; i++)
        json_array_append_new(certificates, json_pack("{s:o, s:o, s:o}", "sha1", json_from_text(row->certificates[i].sha1),
                                                      "sha256", json_from_text(row->certificates[i].sha256), "slot",
                                                      json_from_text(row->certificates[i].slot)));
    return certificates;
}

/* In the order of their texts: the same rows are the same JSON. */
static void history_insert(json_t *array, const char *member, json_t *item)
{
    rs_text text = json_to_text(member ? json_object_get(item, member) : item);
    size_t at = 0;

    while (at < json_array_size(array)) {
        const json_t *other = json_array_get(array, at);
        if (rs_text_compare(json_to_text(member ? json_object_get(other, member) : other), text) > 0)
            break;
        at++;
    }
    json_array_insert_new(array, at, item);
}

static json_t *history_binding(const struct tables_binding *row)
{
    char address[TABLES_ADDRESS_WRITTEN_MAX];
    json_t *claims = json_array();

    if (!row) {
        json_decref(claims);
        return json_null();
    }
    tables_address_write(&row->address, address);
    for (size_t i = 0; i < row->claim_count; i++)
        history_insert(claims, NULL, json_from_text(row->claims[i].application));
    return json_pack("{s:s, s:i, s:o, s:o, s:I, s:o, s:o}", "address", address, "port", row->port, "host",
                     json_from_text(row->host), "certificates", history_certificates(row), "generation",
                     (json_int_t)row->generation, "claims", claims, "settings", history_policy(&row->policy));
}

json_t *tables_history_place(const struct tables_snapshot *snapshot, const struct tables_place *place)
{
    return history_binding(tables_binding_find(snapshot, place));
}

json_t *tables_history_application(const struct tables_snapshot *snapshot, rs_text name)
{
    const struct tables_application *application = tables_application_find(snapshot, name);
    json_t *urls = json_array();

    if (!application) {
        json_decref(urls);
        return json_null();
    }
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++) {
        const struct tables_reservation *row = tables_reservation(snapshot, i);
        if (rs_text_equal(row->application, name))
            history_insert(urls, "url", json_pack("{s:o, s:o, s:o, s:o}", "url", json_from_text(row->url), "url_string",
                                                  json_from_text(row->url_string), "account", json_from_text(row->account),
                                                  "acl", json_from_text(row->acl)));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "application", json_from_text(name), "directory",
                     json_from_text(application->directory), "target", json_from_text(application->target), "urls", urls,
                     "settings", history_policy(&application->policy));
}

/* An application that goes with its claims: it, and each row that it claimed. */
static json_t *history_removal(const struct tables_snapshot *snapshot, const struct plan *plan)
{
    json_t *all = json_array();

    json_array_append_new(all, tables_history_application(snapshot, plan->application));
    for (size_t i = 0; i < plan->edits.count; i++)
        if (plan->edits.items[i].kind == EDIT_DROP_CLAIM)
            json_array_append_new(all, history_binding(list_find(&snapshot->bindings, plan->edits.items[i].id)));
    return all;
}

static bool edits_touch(const struct plan *plan, int64_t id)
{
    for (size_t i = 0; i < plan->edits.count; i++)
        if (plan->edits.items[i].id == id)
            return true;
    return false;
}

/* The slots that the change names or moves, the folder, and every row that its edits touch. */
static json_t *history_slots(const struct tables_snapshot *snapshot, const struct plan *plan,
                             const struct tables_change *change)
{
    json_t *slots = json_array(), *rows = json_array(), *folders = json_array();

    for (size_t i = 0; i < tables_slot_count(snapshot); i++) {
        const struct tables_slot *slot = tables_slot(snapshot, i);
        if (rs_text_equal_nocase(slot->name, change->slot) ||
            (change->kind == TABLES_FORGET && rs_text_equal_nocase(slot->sha256, change->certificates[0].sha256)))
            json_array_append_new(slots, json_pack("{s:o, s:o, s:o, s:o}", "slot", json_from_text(slot->name), "sha1",
                                                   json_from_text(slot->sha1), "sha256", json_from_text(slot->sha256),
                                                   "source", json_from_text(slot->source)));
    }
    for (size_t i = 0; i < tables_folder_count(snapshot); i++) {
        const struct tables_folder *folder = tables_folder(snapshot, i);
        if (change->path.size > 0 && rs_text_equal(folder->path, change->path))
            json_array_append_new(folders, json_pack("{s:o, s:o}", "path", json_from_text(folder->path), "slot",
                                                     json_from_text(folder->slot)));
    }
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        if (edits_touch(plan, tables_binding(snapshot, i)->id))
            json_array_append_new(rows, history_binding(tables_binding(snapshot, i)));
    return json_pack("{s:o, s:o, s:o}", "slots", slots, "folders", folders, "rows", rows);
}

rs_text history_rows(struct rs_job *job, const struct tables_snapshot *snapshot, const struct plan *plan,
                            const struct tables_change *change)
{
    json_t *value = plan->of_slots   ? history_slots(snapshot, plan, change)
                    : plan->of_place ? tables_history_place(snapshot, &change->place)
                    : change->kind == TABLES_REMOVE_APPLICATION
                        ? history_removal(snapshot, plan)
                        : tables_history_application(snapshot, plan->application);

    return json_write(job, json_keep(job, value), JSON_COMPACT_LINE);
}
