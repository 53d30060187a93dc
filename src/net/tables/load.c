#include "net/tables/load.h"

/* All rows, or with `only` those of one id: two literals, prepared once each. */
#define SELECT_ROWS(only, statement, select, column, order)                                    \
    sql_prepare(job, db, (statement), (only) ? select " WHERE " column " = ?" order : select order, (only) ? "i" : "", (only))

RS_VEC_TYPE(struct tables_application, application_vec);
RS_VEC_TYPE(struct tables_reservation, reservation_vec);
RS_VEC_TYPE(struct tables_binding, binding_vec);
RS_VEC_TYPE(struct tables_slot, slot_vec);
RS_VEC_TYPE(struct tables_folder, folder_vec);
RS_VEC_TYPE(struct policy_value, policy_vec);

/* A row "owner, name, value". One that this version does not know may be what keeps others out: nothing is served
 * without it. */
static rs_status load_setting(struct rs_job *job, struct tables_db *db, sql_statement statement, enum policy_scope scope,
                                 struct policy_vec *values)
{
    rs_text name = sql_text(job, statement, 1);
    enum policy_id id;

    if (!policy_find(scope, name, &id))
        return rs_fail(job, TABLES_DB_NEWER, "\"%s\" holds the setting \"%.*s\", which this version does not know",
                       db->path, RS_TEXT_ARG(name));
    rs_vec_push(job, values, (struct policy_value){id, sql_text(job, statement, 2)});
    return RS_OK;
}

static struct tables_policy load_policy(const struct policy_vec *values, size_t at, size_t count)
{
    return (struct tables_policy){count ? values->items + at : NULL, count};
}

/* In the order of the applications, as `applications` is. */
static rs_status load_application_settings(struct rs_job *job, struct tables_db *db, struct application_vec *applications)
{
    SQL_STATEMENT statement = NULL;
    struct policy_vec values = {0};
    size_t application = 0;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement,
                       "SELECT a.name, s.name, s.value FROM application_setting s JOIN application a ON a.name = s.application"
                       " ORDER BY a.id, s.name", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        while (!rs_text_equal(applications->items[application].name, sql_text(job, statement, 0)))
            application++;
        RS_TRY(load_setting(job, db, statement, POLICY_APPLICATION, &values));
        applications->items[application].policy.count++;
    }
    for (size_t i = 0, at = 0; i < applications->count; i++) {
        size_t count = applications->items[i].policy.count;
        applications->items[i].policy = load_policy(&values, at, count);
        at += count;
    }
    return RS_OK;
}

static rs_status load_applications(struct rs_job *job, struct tables_db *db, struct application_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, "SELECT name, kind, directory, target FROM application ORDER BY id", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            return load_application_settings(job, db, out);
        rs_vec_push(job, out, (struct tables_application){
            .name = sql_text(job, statement, 0),
            .kind = sqlite3_column_int(statement, 1) == TABLES_REPORT_SERVER ? TABLES_REPORT_SERVER : TABLES_OTHER,
            .directory = sql_text(job, statement, 2),
            .target = sql_text(job, statement, 3)});
    }
}

static rs_status load_reservations(struct rs_job *job, struct tables_db *db, int64_t only, struct reservation_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(SELECT_ROWS(only, &statement,
                       "SELECT r.id, a.name, r.url, r.account, r.acl, r.created_ms, r.created_by"
                       " FROM reservation r JOIN application a ON a.name = r.application", "r.id", " ORDER BY r.id"));
    for (;;) {
        struct tables_reservation *to;
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            return RS_OK;
        to = rs_vec_add(job, out);
        to->id = sqlite3_column_int64(statement, 0);
        to->application = sql_text(job, statement, 1);
        if (tables_prefix_parse(job, sql_text(job, statement, 2), &to->prefix) != RS_OK) {
            rs_text why = rs_text_copy(job, rs_job_message(job));
            rs_job_forgive(job);
            return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" holds a URL that is none: %.*s", db->path, RS_TEXT_ARG(why));
        }
        to->account = sql_text(job, statement, 3);
        to->acl = sql_text(job, statement, 4);
        to->created_ms = sqlite3_column_int64(statement, 5);
        to->created_by = sql_text(job, statement, 6);
    }
}

/* The parts of all rows are read in one sweep each: `bindings` and the queries are in the same order. This steps on to
 * the row that the part of now belongs to. */
static rs_status part_owner(struct rs_job *job, const struct tables_db *db, sql_statement statement, const char *part,
                               const struct binding_vec *bindings, size_t *binding)
{
    RS_TRY(rs_job_checkpoint(job));
    while (*binding < bindings->count && bindings->items[*binding].id != sqlite3_column_int64(statement, 0))
        (*binding)++;
    if (*binding == bindings->count)
        return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" holds a %s of a binding that is not there", db->path, part);
    return RS_OK;
}

static rs_status load_certificates(struct rs_job *job, struct tables_db *db, int64_t only, struct binding_vec *bindings)
{
    SQL_STATEMENT statement = NULL;
    RS_VEC(struct tables_certificate) certificates = {0};
    size_t binding = 0, at = 0;
    bool row;

    RS_TRY(SELECT_ROWS(only, &statement, "SELECT binding, sha1, sha256, slot FROM binding_certificate", "binding",
                       " ORDER BY binding, position"));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        RS_TRY(part_owner(job, db, statement, "certificate", bindings, &binding));
        rs_vec_push(job, &certificates, (struct tables_certificate){
            sql_text(job, statement, 1), sql_text(job, statement, 2), sql_text(job, statement, 3)});
        bindings->items[binding].certificate_count++;
    }
    for (size_t i = 0; i < bindings->count; i++) {
        struct tables_binding *to = &bindings->items[i];
        if (to->certificate_count == 0)
            return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" holds a binding without a certificate", db->path);
        to->certificates = certificates.items + at;
        at += to->certificate_count;
    }
    return RS_OK;
}

static rs_status load_claims(struct rs_job *job, struct tables_db *db, int64_t only, struct binding_vec *bindings)
{
    SQL_STATEMENT statement = NULL;
    RS_VEC(struct tables_claim) claims = {0};
    size_t binding = 0;
    bool row;

    RS_TRY(SELECT_ROWS(only, &statement,
                       "SELECT c.binding, a.name, c.created_ms, c.created_by FROM claim c"
                       " JOIN application a ON a.name = c.application", "c.binding",
                       " ORDER BY c.binding, c.created_ms, a.id"));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        RS_TRY(part_owner(job, db, statement, "claim", bindings, &binding));
        rs_vec_push(job, &claims, (struct tables_claim){sql_text(job, statement, 1), sqlite3_column_int64(statement, 2),
                                                        sql_text(job, statement, 3)});
        bindings->items[binding].claim_count++;
    }
    for (size_t i = 0, at = 0; i < bindings->count; i++) {
        bindings->items[i].claims = claims.count ? claims.items + at : NULL;
        at += bindings->items[i].claim_count;
    }
    return RS_OK;
}

/* Likewise. */
static rs_status load_binding_settings(struct rs_job *job, struct tables_db *db, int64_t only, struct binding_vec *bindings)
{
    SQL_STATEMENT statement = NULL;
    struct policy_vec values = {0};
    size_t binding = 0;
    bool row;

    RS_TRY(SELECT_ROWS(only, &statement, "SELECT binding, name, value FROM binding_setting", "binding",
                       " ORDER BY binding, name"));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        RS_TRY(part_owner(job, db, statement, "setting", bindings, &binding));
        RS_TRY(load_setting(job, db, statement, POLICY_ROW, &values));
        bindings->items[binding].policy.count++;
    }
    for (size_t i = 0, at = 0; i < bindings->count; i++) {
        size_t count = bindings->items[i].policy.count;
        bindings->items[i].policy = load_policy(&values, at, count);
        at += count;
    }
    return RS_OK;
}

static rs_status load_bindings(struct rs_job *job, struct tables_db *db, int64_t only, struct binding_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(SELECT_ROWS(only, &statement, "SELECT id, address, port, host, generation FROM binding", "id", " ORDER BY id"));
    for (;;) {
        struct tables_binding *to;
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            break;
        to = rs_vec_add(job, out);
        to->id = sqlite3_column_int64(statement, 0);
        if (!tables_address_parse(sql_text(job, statement, 1), &to->address) ||
            sqlite3_column_int64(statement, 2) < 1 || sqlite3_column_int64(statement, 2) > 65535)
            return rs_fail(job, TABLES_DB_BROKEN, "\"%s\" holds a binding of \"%.*s\", port %d, which is no address",
                           db->path, RS_TEXT_ARG(sql_text(job, statement, 1)), sqlite3_column_int(statement, 2));
        to->port = (uint16_t)sqlite3_column_int(statement, 2);
        to->host = sql_text(job, statement, 3);
        to->generation = (uint64_t)sqlite3_column_int64(statement, 4);
    }
    RS_TRY(load_certificates(job, db, only, out));
    RS_TRY(load_claims(job, db, only, out));
    return load_binding_settings(job, db, only, out);
}

static rs_status load_slots(struct rs_job *job, struct tables_db *db, struct slot_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, "SELECT name, sha1, sha256, source, changed_ms FROM slot ORDER BY name", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            return RS_OK;
        rs_vec_push(job, out, (struct tables_slot){sql_text(job, statement, 0), sql_text(job, statement, 1),
                                                   sql_text(job, statement, 2), sql_text(job, statement, 3),
                                                   sqlite3_column_int64(statement, 4)});
    }
}

static rs_status load_folders(struct rs_job *job, struct tables_db *db, struct folder_vec *out)
{
    SQL_STATEMENT statement = NULL;
    bool row;

    RS_TRY(sql_prepare(job, db, &statement, "SELECT path, slot FROM watched_folder ORDER BY path", ""));
    for (;;) {
        RS_TRY(sql_step(job, db, statement, &row));
        if (!row)
            return RS_OK;
        rs_vec_push(job, out, (struct tables_folder){sql_text(job, statement, 0), sql_text(job, statement, 1)});
    }
}

/* Applications, slots and folders: all of them. */
static rs_status load_sides(struct rs_job *job, struct tables_db *db, struct tables_rows *rows)
{
    struct application_vec applications = {0};
    struct slot_vec slots = {0};
    struct folder_vec folders = {0};

    RS_TRY(load_applications(job, db, &applications));
    RS_TRY(load_slots(job, db, &slots));
    RS_TRY(load_folders(job, db, &folders));
    rows->applications = applications.items;
    rows->application_count = applications.count;
    rows->slots = slots.items;
    rows->slot_count = slots.count;
    rows->folders = folders.items;
    rows->folder_count = folders.count;
    return RS_OK;
}

rs_status load_all(struct rs_job *job, struct tables_db *db, struct tables_snapshot **out)
{
    struct tables_rows rows = {0};
    struct reservation_vec reservations = {0};
    struct binding_vec bindings = {0};

    RS_TRY(tables_db_revision(job, db, &rows.revision));
    RS_TRY(load_sides(job, db, &rows));
    RS_TRY(load_reservations(job, db, 0, &reservations));
    RS_TRY(load_bindings(job, db, 0, &bindings));
    rows.reservations = reservations.items;
    rows.reservation_count = reservations.count;
    rows.bindings = bindings.items;
    rows.binding_count = bindings.count;
    *out = tables_snapshot_create(&rows);
    return RS_OK;
}

static bool is_repeated(const struct touched_vec *ids, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (ids->items[i] == ids->items[index])
            return true;
    return false;
}

rs_status load_touched(struct rs_job *job, struct tables_db *db, const struct tables_snapshot *base,
                       const struct touched *touched, struct tables_snapshot **out)
{
    struct tables_difference difference = {.sides = touched->sides};
    struct reservation_vec reservations = {0};
    struct binding_vec bindings = {0};
    struct touched_vec dropped_reservations = {0}, dropped_bindings = {0};

    RS_TRY(tables_db_revision(job, db, &difference.put.revision));
    if (touched->sides)
        RS_TRY(load_sides(job, db, &difference.put));
    for (size_t i = 0; i < touched->reservations.count; i++) {
        size_t before = reservations.count;
        if (is_repeated(&touched->reservations, i))
            continue;
        RS_TRY(load_reservations(job, db, touched->reservations.items[i], &reservations));
        if (reservations.count == before)
            rs_vec_push(job, &dropped_reservations, touched->reservations.items[i]);
    }
    for (size_t i = 0; i < touched->bindings.count; i++) {
        struct binding_vec one = {0};
        if (is_repeated(&touched->bindings, i))
            continue;
        RS_TRY(load_bindings(job, db, touched->bindings.items[i], &one));
        if (one.count > 0)
            rs_vec_push(job, &bindings, one.items[0]);
        else
            rs_vec_push(job, &dropped_bindings, touched->bindings.items[i]);
    }
    difference.put.reservations = reservations.items;
    difference.put.reservation_count = reservations.count;
    difference.put.bindings = bindings.items;
    difference.put.binding_count = bindings.count;
    difference.dropped_reservations = dropped_reservations.items;
    difference.dropped_reservation_count = dropped_reservations.count;
    difference.dropped_bindings = dropped_bindings.items;
    difference.dropped_binding_count = dropped_bindings.count;
    *out = tables_snapshot_with(base, &difference);
    return RS_OK;
}
