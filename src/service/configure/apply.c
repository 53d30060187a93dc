/* ListDrift, ApplyConfigurationFile: what was edited by hand in rsreportserver.config, and its two ways out. */
#include "base/buf.h"
#include "service/configure/drift.h"
#include "service/configure/inside.h"

static const char *const state_names[] = {[CONFIG_IN_STEP] = "in step", [CONFIG_BEHIND] = "behind",
                                          [CONFIG_EDITED] = "edited", [CONFIG_UNREADABLE] = "unreadable"};

static rs_status find_drift(struct call *call, struct config_drift *out)
{
    const struct tables_snapshot *snapshot;
    int64_t shown;
    rs_text bytes;

    if (!call->instance->read_config)
        return rs_fail(call->job, RS_NOT_FOUND, "this instance has no rsreportserver.config");
    RS_TRY(call->instance->read_config(call->job, call->instance->data, &bytes));
    RS_TRY(call_tables(call, &snapshot));
    RS_TRY(tables_db_shown(call->job, call->instance->db, &shown));
    config_drift_find(call->job, snapshot, bytes, shown, out);
    return RS_OK;
}

static void put_rows(json_t *out, const struct config_row_vec *rows, rs_text sign)
{
    for (size_t i = 0; i < rows->count; i++) {
        json_t *row = add_object(out);
        put_text(row, "sign", sign);
        put_number(row, "line", rows->items[i].line);
        put_text(row, "text", rows->items[i].text);
        put_text(row, "wrong", rows->items[i].wrong);
    }
}

static void put_drift(struct call *call, const struct config_drift *drift)
{
    const rs_text *lines;
    json_t *rows;
    size_t count;

    put_text(call->result, "state", rs_text_from(state_names[drift->state]));
    put_text(call->result, "message", drift->message);
    config_drift_lines(call->job, drift, &lines, &count);
    put_texts(call->result, "lines", lines, count);
    rows = put_array(call->result, "rows");
    put_rows(rows, &drift->only_in_tables, RS_TEXT("-"));
    put_rows(rows, &drift->only_in_file, RS_TEXT("+"));
}

rs_status list_drift(struct call *call)
{
    struct config_drift drift;

    RS_TRY(find_drift(call, &drift));
    put_drift(call, &drift);
    return RS_OK;
}

/* ---- adopting ------------------------------------------------------------------------------ */

RS_VEC_TYPE(struct tables_certificate, certificate_vec);

struct adoption {
    struct call *call;
    const struct config_drift *drift;
    RS_VEC(struct tables_change) changes;
    rs_buf wrong; /* every line that cannot be adopted */
};

static bool same_place(const struct config_row *a, const struct config_row *b)
{
    return a->place.port == b->place.port && tables_address_equal(&a->place.address, &b->place.address) &&
           rs_text_equal(a->place.host, b->place.host);
}

__attribute__((format(printf, 3, 4))) static void is_wrong(struct adoption *a, unsigned line, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    rs_buf_printf(&a->wrong, "%sline %u: ", a->wrong.used ? "; " : "", line);
    rs_buf_add(&a->wrong, rs_text_vformat(a->call->job, format, list));
    va_end(list);
}

static struct tables_change *add_change(struct adoption *a, enum tables_change_kind kind, const struct config_row *row)
{
    struct tables_change *change = rs_vec_add(a->call->job, &a->changes);

    *change = (struct tables_change){.kind = kind, .application = row->application, .of_many = true};
    if (row->line > 0)
        change->where = rs_text_format(a->call->job, "line %u", row->line);
    return change;
}

/* The applications that the file lists for the place of `row`, with this certificate. */
static void claimants(struct adoption *a, const struct config_row *row, struct tables_change *change)
{
    const struct config_row_vec *all = &a->drift->in_file;
    RS_VEC(rs_text) names = {0};

    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].kind == CONFIG_BINDING && same_place(&all->items[i], row) &&
            rs_text_equal(all->items[i].sha1, row->sha1))
            rs_vec_push(a->call->job, &names, all->items[i].application);
    change->applications = names.items;
    change->application_count = names.count;
}

static bool is_bound(const struct adoption *a, const struct config_row *row)
{
    for (size_t i = 0; i < a->changes.count; i++) {
        const struct tables_change *change = &a->changes.items[i];
        struct config_row other = {.place = change->place};
        if (change->kind == TABLES_BIND && same_place(&other, row))
            return true;
    }
    return false;
}

/* A row of the file that is good, of this place. */
static bool is_of_place(const struct config_row *candidate, const struct config_row *row)
{
    return candidate->kind == CONFIG_BINDING && candidate->wrong.size == 0 && same_place(candidate, row);
}

static const struct config_row *find_row(const struct config_row_vec *rows, const struct config_row *place, rs_text application,
                                         rs_text sha1)
{
    for (size_t i = 0; i < rows->count; i++)
        if (is_of_place(&rows->items[i], place) && rs_text_equal(rows->items[i].application, application) &&
            (sha1.size == 0 || rs_text_equal(rows->items[i].sha1, sha1)))
            return &rows->items[i];
    return NULL;
}

/* Every application that the file lists for a place has the same certificates there: they are the row's. False where a
 * line says otherwise. */
static bool certificates_of_place(struct adoption *a, const struct config_row *row, struct certificate_vec *out)
{
    const struct config_row_vec *all = &a->drift->in_file;

    for (size_t i = 0; i < all->count; i++) {
        const struct config_row *other = &all->items[i];
        const struct pki_entry *entry;
        if (!is_of_place(other, row))
            continue;
        if (!find_row(all, row, row->application, other->sha1)) {
            is_wrong(a, row->line, "one place shows the same certificates for everyone, and line %u gives another one for it",
                     other->line);
            return false;
        }
        if (!rs_text_equal(other->application, row->application))
            continue;
        entry = pki_store_find(a->call->instance->store, other->sha1);
        if (!entry) {
            is_wrong(a, other->line, "there is no certificate %.*s in the store; `bindery cert list` shows those there are",
                     RS_TEXT_ARG(other->sha1));
            return false;
        }
        rs_vec_push(a->call->job, out, (struct tables_certificate){.sha1 = entry->sha1, .sha256 = entry->sha256});
    }
    return true;
}

static void adopt_binding(struct adoption *a, const struct config_row *row)
{
    struct certificate_vec certificates = {0};
    struct tables_change *change;

    if (is_bound(a, row) || !certificates_of_place(a, row, &certificates))
        return;
    change = add_change(a, TABLES_BIND, row);
    claimants(a, row, change);
    change->place = row->place;
    change->certificates = certificates.items;
    change->certificate_count = certificates.count;
}

/* What the file has no more; but for certificates that it replaces. */
static void adopt_removals(struct adoption *a)
{
    const struct config_row_vec *gone = &a->drift->only_in_tables;

    for (size_t i = 0; i < gone->count; i++)
        if (gone->items[i].kind == CONFIG_URL)
            add_change(a, TABLES_REMOVE, &gone->items[i])->url = gone->items[i].url;
    for (size_t i = 0; i < gone->count; i++) {
        struct config_row *row = &gone->items[i];
        struct tables_change *change;
        const struct config_row *left;
        if (row->kind != CONFIG_BINDING)
            continue;
        left = find_row(&a->drift->in_file, row, row->application, RS_TEXT(""));
        if (left) { /* it still claims the place, with another certificate or with less of them */
            adopt_binding(a, left);
            continue;
        }
        change = add_change(a, TABLES_UNBIND, row);
        change->applications = &row->application;
        change->application_count = 1;
        change->place = row->place;
    }
}

static void adopt_additions(struct adoption *a)
{
    const struct config_row_vec *new = &a->drift->only_in_file;

    for (size_t i = 0; i < new->count; i++)
        if (new->items[i].wrong.size > 0)
            is_wrong(a, new->items[i].line, "%.*s", RS_TEXT_ARG(new->items[i].wrong));
        else if (new->items[i].kind == CONFIG_DIRECTORY)
            add_change(a, TABLES_SET_DIRECTORY, &new->items[i])->directory = new->items[i].directory;
    for (size_t i = 0; i < new->count; i++) {
        const struct config_row *row = &new->items[i];
        if (row->kind == CONFIG_URL && row->wrong.size == 0) {
            struct tables_change *change = add_change(a, TABLES_RESERVE, row);
            change->url = row->url;
            change->account = row->account;
            change->acl = row->acl;
        }
    }
    for (size_t i = 0; i < new->count; i++)
        if (new->items[i].kind == CONFIG_BINDING && new->items[i].wrong.size == 0)
            adopt_binding(a, &new->items[i]);
}

static rs_status represent_over(struct call *call)
{
    const struct tables_snapshot *snapshot;

    RS_TRY(call_tables(call, &snapshot));
    return call->instance->represent_over(call->job, call->instance->data, (struct tables_snapshot *)(uintptr_t)snapshot);
}

static rs_status adopt(struct call *call, const struct config_drift *drift)
{
    struct adoption adoption = {.call = call, .drift = drift, .wrong = rs_buf_in(call->job)};
    rs_text wrong;

    RS_TRY(call_rescan(call));
    adopt_removals(&adoption);
    adopt_additions(&adoption);
    wrong = rs_buf_text(&adoption.wrong);
    if (wrong.size > 0)
        return rs_fail(call->job, RS_INVALID, "rsreportserver.config cannot be adopted: %.*s", RS_TEXT_ARG(wrong));
    call->adopts = true;
    RS_TRY(change_run_all(call, adoption.changes.items, adoption.changes.count, RS_TEXT("adopt rsreportserver.config"),
                          change_check_any, change_verify_any));
    return call_flag(call, "DryRun") ? RS_OK : represent_over(call);
}

static rs_status discard(struct call *call, const struct config_drift *drift)
{
    bool dry_run = call_flag(call, "DryRun");
    json_t *steps = put_array(call->result, "steps");

    put_flag(call->result, "changed", drift->state != CONFIG_IN_STEP && !dry_run);
    put_flag(call->result, "dry_run", dry_run);
    put_text(call->result, "what", RS_TEXT("write rsreportserver.config"));
    put_array(call->result, "warnings");
    if (drift->state == CONFIG_IN_STEP)
        return RS_OK;
    add_text(steps, RS_TEXT("write the rows of URLs and bindings into rsreportserver.config as they are"));
    return dry_run ? RS_OK : represent_over(call);
}

rs_status apply_configuration_file(struct call *call)
{
    struct config_drift drift;

    RS_TRY(find_drift(call, &drift));
    if (drift.state == CONFIG_UNREADABLE)
        return rs_fail(call->job, RS_INVALID, "%.*s; mend it first: other settings in it would be lost",
                       RS_TEXT_ARG(drift.message));
    put_drift(call, &drift);
    /* A file that is only behind holds what was so before: adopting it would undo the last change. */
    return call_flag(call, "Discard") || drift.state != CONFIG_EDITED ? discard(call, &drift) : adopt(call, &drift);
}
