/* What changes of slots, of a certificate everywhere, and of watched folders do. */
#include "net/tables/plan.h"

#include "base/buf.h"

rs_status tables_slot_check(struct rs_job *job, rs_text name)
{
    bool good = name.size > 0 && name.size <= TABLES_SLOT_NAME_MAX && name.bytes[0] != '.' && name.bytes[0] != '-';

    for (size_t i = 0; good && i < name.size; i++)
        good = rs_is_alpha(name.bytes[i]) || rs_is_digit(name.bytes[i]) || strchr("._-@+", name.bytes[i]);
    return good ? RS_OK
                : rs_fail(job, RS_INVALID, "\"%.*s\" is not a name for a slot: use letters, digits, dots, hyphens and "
                          "underscores, at most %d", RS_TEXT_ARG(name), TABLES_SLOT_NAME_MAX);
}

static rs_status plan_check_one_certificate(struct planner *p)
{
    if (p->change->certificate_count != 1 || p->change->certificates[0].sha256.size == 0)
        return rs_fail(p->job, RS_INVALID, "no certificate is named");
    return RS_OK;
}

/* ---- slots --------------------------------------------------------------------------------- */

/* What another source fills would come back with its next certificate. */
static rs_status plan_check_source(struct planner *p, const struct tables_slot *slot)
{
    if (!slot || p->change->replace || slot->source.size == 0 || rs_text_equal(slot->source, p->change->source))
        return RS_OK;
    return rs_fail(p->job, RS_CONFLICT, "the slot \"%.*s\" is filled by %.*s, whose next certificate would take its place "
                   "again: end that first, or add --force", RS_TEXT_ARG(slot->name), RS_TEXT_ARG(slot->source));
}

static void plan_move_rows(struct planner *p, rs_text slot)
{
    for (size_t i = 0; i < tables_binding_count(p->snapshot); i++) {
        const struct tables_binding *row = tables_binding(p->snapshot, i);
        const struct tables_certificate *now = tables_binding_follows(row, slot);
        if (!now || rs_text_equal_nocase(now->sha256, p->change->certificates[0].sha256))
            continue;
        plan_step(p, rs_text_format(p->job, "move %.*s from %.*s to %.*s", RS_TEXT_ARG(plan_place(p, row)),
                                    RS_TEXT_ARG(now->sha1), RS_TEXT_ARG(p->change->certificates[0].sha1)),
                  (struct edit){.kind = EDIT_FOLLOW_SLOT, .id = row->id});
    }
}

rs_status plan_set_slot(struct planner *p)
{
    const struct tables_slot *slot = tables_slot_find(p->snapshot, p->change->slot);
    rs_text name = slot ? slot->name : p->change->slot, certificate;

    p->plan->of_slots = true;
    RS_TRY(tables_slot_check(p->job, p->change->slot));
    RS_TRY(plan_check_one_certificate(p));
    RS_TRY(plan_check_source(p, slot));
    certificate = p->change->certificates[0].sha1;
    p->plan->shown.what = rs_text_format(p->job, "put %.*s into the slot %.*s", RS_TEXT_ARG(certificate), RS_TEXT_ARG(name));
    if (slot && rs_text_equal_nocase(slot->sha256, p->change->certificates[0].sha256) &&
        rs_text_equal(slot->source, p->change->source))
        return RS_OK;
    if (!slot && tables_slot_count(p->snapshot) >= TABLES_SLOTS_MAX)
        return rs_fail(p->job, RS_OVER_LIMIT, "there are %d slots already: no more can be made", TABLES_SLOTS_MAX);
    plan_step(p, p->plan->shown.what, (struct edit){.kind = EDIT_SET_SLOT});
    plan_move_rows(p, name);
    return RS_OK;
}

static rs_text plan_followers(struct planner *p, rs_text slot)
{
    rs_buf rows = rs_buf_in(p->job);

    for (size_t i = 0; i < tables_binding_count(p->snapshot); i++)
        if (tables_binding_follows(tables_binding(p->snapshot, i), slot)) {
            rs_text place = plan_place(p, tables_binding(p->snapshot, i));
            rs_buf_printf(&rows, "%s%.*s", rows.used ? " and " : "", RS_TEXT_ARG(place));
        }
    return rs_buf_text(&rows);
}

/* Rows keep what they show, and follow nothing any more. */
static void plan_leave_slot(struct planner *p, rs_text slot)
{
    for (size_t i = 0; i < tables_binding_count(p->snapshot); i++) {
        const struct tables_binding *row = tables_binding(p->snapshot, i);
        if (!tables_binding_follows(row, slot))
            continue;
        plan_step(p, rs_text_format(p->job, "let %.*s keep its certificate without the slot", RS_TEXT_ARG(plan_place(p, row))),
                  (struct edit){.kind = EDIT_LEAVE_SLOT, .id = row->id, .text = slot});
    }
}

rs_status plan_drop_slot(struct planner *p)
{
    const struct tables_slot *slot = tables_slot_find(p->snapshot, p->change->slot);
    rs_text rows;

    p->plan->of_slots = true;
    p->plan->shown.what = rs_text_format(p->job, "remove the slot %.*s", RS_TEXT_ARG(p->change->slot));
    if (!slot)
        return RS_OK;
    rows = plan_followers(p, slot->name);
    if (rows.size > 0 && !p->change->replace)
        return rs_fail(p->job, RS_CONFLICT, "the slot \"%.*s\" is followed by %.*s: bind another certificate there first, or "
                       "add --force, and they keep the certificate they have", RS_TEXT_ARG(slot->name), RS_TEXT_ARG(rows));
    plan_leave_slot(p, slot->name);
    plan_step(p, p->plan->shown.what, (struct edit){.kind = EDIT_DROP_SLOT, .text = slot->name});
    return RS_OK;
}

/* ---- a certificate, everywhere --------------------------------------------------------------- */

static void plan_forget_row(struct planner *p, const struct tables_binding *row)
{
    rs_text place = plan_place(p, row);

    if (row->certificate_count > 1) {
        plan_step(p, rs_text_format(p->job, "take the certificate from %.*s, which keeps its other one", RS_TEXT_ARG(place)),
                  (struct edit){.kind = EDIT_DROP_CERTIFICATE, .id = row->id});
        return;
    }
    plan_step(p, rs_text_format(p->job, "unbind %.*s, which %.*s claimed", RS_TEXT_ARG(place), RS_TEXT_ARG(plan_claimants(p, row))),
              (struct edit){.kind = EDIT_DROP_BINDING, .id = row->id});
    for (size_t i = 0; i < tables_reservation_count(p->snapshot); i++) {
        const struct tables_reservation *url = tables_reservation(p->snapshot, i);
        if (url->prefix.scheme == TABLES_HTTPS && url->prefix.port == row->port && tables_claim_find(row, url->application))
            plan_warn(p, "%.*s has no certificate at %.*s any more", RS_TEXT_ARG(url->url), RS_TEXT_ARG(place));
    }
}

rs_status plan_forget(struct planner *p)
{
    const struct tables_certificate *certificate = p->change->certificates;

    p->plan->of_slots = true;
    RS_TRY(plan_check_one_certificate(p));
    p->plan->shown.what = rs_text_format(p->job, "unbind %.*s everywhere", RS_TEXT_ARG(certificate->sha1));
    for (size_t i = 0; i < tables_binding_count(p->snapshot); i++)
        if (tables_binding_shows(tables_binding(p->snapshot, i), certificate->sha256))
            plan_forget_row(p, tables_binding(p->snapshot, i));
    for (size_t i = 0; i < tables_slot_count(p->snapshot); i++) {
        const struct tables_slot *slot = tables_slot(p->snapshot, i);
        if (rs_text_equal_nocase(slot->sha256, certificate->sha256))
            plan_step(p, rs_text_format(p->job, "remove the slot %.*s", RS_TEXT_ARG(slot->name)),
                      (struct edit){.kind = EDIT_DROP_SLOT, .text = slot->name});
    }
    return RS_OK;
}

/* ---- folders ------------------------------------------------------------------------------- */

rs_status plan_watch(struct planner *p)
{
    const struct tables_folder *folder = tables_folder_find(p->snapshot, p->change->path);

    p->plan->of_slots = true;
    if (p->change->path.size < 2 || p->change->path.bytes[0] != '/')
        return rs_fail(p->job, RS_INVALID, "\"%.*s\" is not the whole path of a folder", RS_TEXT_ARG(p->change->path));
    if (p->change->slot.size > 0)
        RS_TRY(tables_slot_check(p->job, p->change->slot));
    p->plan->shown.what = rs_text_format(p->job, "watch %.*s", RS_TEXT_ARG(p->change->path));
    if (folder && rs_text_equal_nocase(folder->slot, p->change->slot))
        return RS_OK;
    if (!folder && tables_folder_count(p->snapshot) >= TABLES_FOLDERS_MAX)
        return rs_fail(p->job, RS_OVER_LIMIT, "%d folders are watched already: no more can be", TABLES_FOLDERS_MAX);
    plan_step(p, p->change->slot.size > 0
                     ? rs_text_format(p->job, "watch %.*s for the slot %.*s", RS_TEXT_ARG(p->change->path), RS_TEXT_ARG(p->change->slot))
                     : rs_text_format(p->job, "watch the folders in %.*s, each for a slot of its name", RS_TEXT_ARG(p->change->path)),
              (struct edit){.kind = EDIT_WATCH});
    return RS_OK;
}

rs_status plan_unwatch(struct planner *p)
{
    p->plan->of_slots = true;
    p->plan->shown.what = rs_text_format(p->job, "watch %.*s no longer", RS_TEXT_ARG(p->change->path));
    if (tables_folder_find(p->snapshot, p->change->path))
        plan_step(p, p->plan->shown.what, (struct edit){.kind = EDIT_UNWATCH});
    return RS_OK;
}
