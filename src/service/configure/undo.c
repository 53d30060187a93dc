/* UndoChange: an entry of the history taken back, by changes like any other.
 *
 * The rows that the entry was about must be as it left them: where a later change touched them, that one is named. What
 * is undone becomes an entry itself, so that it can be undone too.
 */
#include "base/buf.h"
#include "base/vec.h"
#include "format/json/json.h"
#include "net/tables/history.h"
#include "service/configure/inside.h"

#define UNDO_DEPTH 10000 /* entries that are looked at: all that are kept */

RS_VEC_TYPE(struct tables_change, change_vec);

struct part {
    const json_t *before, *after; /* null: not there */
};

struct undo {
    struct call *call;
    const struct tables_snapshot *now;
    const struct tables_event *events; /* the newest first */
    size_t index;                      /* of the one that is undone */
    RS_VEC(struct part) parts;         /* what it was about, each once */
    struct change_vec first, then, last; /* applications come before what they claim, and go after it */
};

/* ---- reading the history --------------------------------------------------------------------- */

static rs_text member(const json_t *object, const char *name)
{
    return json_to_text(json_object_get(object, name));
}

/* The same but for its generation. */
static bool is_same(const json_t *a, const json_t *b)
{
    json_t *one = json_deep_copy(a), *other = json_deep_copy(b);
    bool same;

    json_object_del(one, "generation");
    json_object_del(other, "generation");
    same = json_equal(one, other);
    json_decref(one);
    json_decref(other);
    return same;
}

static bool place_of(const json_t *row, struct tables_place *out)
{
    json_int_t port = json_integer_value(json_object_get(row, "port"));

    out->port = (uint16_t)port;
    out->host = member(row, "host");
    return port >= 1 && port <= 65535 && tables_address_parse(member(row, "address"), &out->address);
}

/* Both are about the same application or the same place. */
static bool is_about(const json_t *a, const json_t *b)
{
    struct tables_place one, other;

    if (json_is_string(json_object_get(a, "application")))
        return rs_text_equal_nocase(member(a, "application"), member(b, "application"));
    return place_of(a, &one) && place_of(b, &other) && one.port == other.port &&
           tables_address_equal(&one.address, &other.address) && rs_text_equal(one.host, other.host);
}

/* Somewhere in `value`, an array or a row. */
static bool mentions(const json_t *value, const json_t *row)
{
    const json_t *item;
    size_t index;

    if (json_is_object(value) && json_object_get(value, "rows")) /* slots, and the rows that follow them */
        value = json_object_get(value, "rows");
    if (!json_is_array(value))
        return json_is_object(value) && is_about(value, row);
    json_array_foreach(value, index, item)
        if (mentions(item, row))
            return true;
    return false;
}

static rs_status event_rows(struct call *call, rs_text text, json_t **out)
{
    return json_parse(call->job, text, 0, out);
}

/* The oldest of the later entries that touched the row. */
static rs_status refuse(struct undo *u, const json_t *row)
{
    for (size_t i = u->index; i-- > 0;) {
        json_t *before, *after;
        RS_TRY(event_rows(u->call, u->events[i].before, &before));
        RS_TRY(event_rows(u->call, u->events[i].after, &after));
        if (mentions(before, row) || mentions(after, row))
            return rs_fail(u->call->job, RS_CONFLICT, "entry %lld cannot be undone: entry %lld (%.*s) changed the same rows "
                           "after it; undo that one first", (long long)u->events[u->index].revision,
                           (long long)u->events[i].revision, RS_TEXT_ARG(u->events[i].what));
    }
    return rs_fail(u->call->job, RS_CONFLICT, "entry %lld cannot be undone: its rows are not as it left them",
                   (long long)u->events[u->index].revision);
}

/* ---- the changes that undo ------------------------------------------------------------------- */

static struct tables_change *add(struct undo *u, struct change_vec *to, enum tables_change_kind kind)
{
    struct tables_change *change = rs_vec_add(u->call->job, to);

    *change = (struct tables_change){.kind = kind, .of_many = true};
    return change;
}

static void texts_of(struct undo *u, const json_t *array, const json_t *without, const rs_text **out, size_t *count)
{
    rs_text *texts = RS_NEW_ARRAY(u->call->job, rs_text, json_array_size(array));
    const json_t *item, *other;
    size_t index, inner;

    *count = 0;
    json_array_foreach(array, index, item) {
        bool left_out = false;
        json_array_foreach(without, inner, other)
            left_out = left_out || json_equal(item, other);
        if (!left_out)
            texts[(*count)++] = json_to_text(item);
    }
    *out = texts;
}

/* From the settings `from` to `to`; none differ: false. */
static bool settings_of(struct undo *u, const json_t *from, const json_t *to, const struct tables_setting **out, size_t *count)
{
    struct tables_setting *settings =
        RS_NEW_ARRAY(u->call->job, struct tables_setting, json_object_size(from) + json_object_size(to));
    const char *name;
    json_t *value;

    *count = 0;
    json_object_foreach((json_t *)(uintptr_t)to, name, value)
        if (!json_equal(value, json_object_get(from, name)))
            settings[(*count)++] = (struct tables_setting){rs_text_from(name), json_to_text(value), false};
    json_object_foreach((json_t *)(uintptr_t)from, name, value)
        if (!json_object_get(to, name))
            settings[(*count)++] = (struct tables_setting){.name = rs_text_from(name), .unset = true};
    *out = settings;
    return *count > 0;
}

static void certificates_of(struct undo *u, const json_t *array, struct tables_change *change)
{
    struct tables_certificate *certificates = RS_NEW_ARRAY(u->call->job, struct tables_certificate, json_array_size(array));
    const json_t *item;
    size_t index;

    json_array_foreach(array, index, item)
        certificates[index] = (struct tables_certificate){member(item, "sha1"), member(item, "sha256"), member(item, "slot")};
    change->certificates = certificates;
    change->certificate_count = json_array_size(array);
}

/* The row from `after` back to `before`. */
static rs_status undo_row(struct undo *u, const json_t *before, const json_t *after, const struct tables_place *place)
{
    const json_t *claims = json_object_get(before, "claims"), *settings = json_object_get(before, "settings");
    struct tables_change *change;
    struct tables_change unbind = {.kind = TABLES_UNBIND, .place = *place, .of_many = true};
    struct tables_change set = {.kind = TABLES_SET_ROW, .place = *place, .of_many = true};

    if (json_is_object(before) && (!json_equal(claims, json_object_get(after, "claims")) ||
                                   !json_equal(json_object_get(before, "certificates"), json_object_get(after, "certificates")))) {
        change = add(u, &u->then, TABLES_BIND);
        change->place = *place;
        change->replace = true;
        texts_of(u, claims, NULL, &change->applications, &change->application_count);
        certificates_of(u, json_object_get(before, "certificates"), change);
    }
    texts_of(u, json_object_get(after, "claims"), claims, &unbind.applications, &unbind.application_count);
    if (unbind.application_count > 0)
        rs_vec_push(u->call->job, &u->then, unbind);
    if (json_is_object(before) &&
        settings_of(u, json_object_get(after, "settings"), settings, &set.settings, &set.setting_count))
        rs_vec_push(u->call->job, &u->then, set);
    return RS_OK;
}

/* The URL of `urls` with this member, or NULL. */
static const json_t *find_url(const json_t *urls, const char *name, const json_t *value)
{
    const json_t *url;
    size_t index;

    json_array_foreach(urls, index, url)
        if (json_equal(json_object_get(url, name), value))
            return url;
    return NULL;
}

/* Where the virtual directory moved, URLs are the same by what stands before it. */
static void undo_urls(struct undo *u, rs_text name, const json_t *before, const json_t *after)
{
    const json_t *old = json_object_get(before, "urls"), *new = json_object_get(after, "urls"), *url;
    rs_text directory = member(before, "directory");
    bool moved = json_is_object(before) && json_is_object(after) && !rs_text_equal(directory, member(after, "directory"));
    const char *key = moved ? "url_string" : "url";
    struct tables_change *change;
    size_t index;

    json_array_foreach(new, index, url)
        if (!find_url(old, key, json_object_get(url, key))) {
            change = add(u, &u->then, TABLES_REMOVE);
            change->application = name;
            change->url = member(url, "url");
        }
    if (moved) {
        change = add(u, &u->then, TABLES_SET_DIRECTORY);
        change->application = name;
        change->directory = directory;
    }
    json_array_foreach(old, index, url)
        if (!find_url(new, key, json_object_get(url, key))) {
            change = add(u, &u->then, TABLES_RESERVE);
            change->application = name;
            change->url = member(url, directory.size > 0 ? "url_string" : "url");
            change->account = member(url, "account");
            change->acl = member(url, "acl");
        }
}

static rs_status undo_application(struct undo *u, const json_t *before, const json_t *after, rs_text name)
{
    struct tables_change set = {.kind = TABLES_SET_APPLICATION, .application = name, .of_many = true};
    struct tables_change *change;

    if (json_is_object(before) && !json_equal(json_object_get(before, "target"), json_object_get(after, "target"))) {
        change = add(u, &u->first, TABLES_ADD_APPLICATION);
        change->application = name;
        change->target = member(before, "target");
        change->directory = member(before, "directory");
    }
    undo_urls(u, name, before, after);
    if (json_is_object(before) && settings_of(u, json_object_get(after, "settings"), json_object_get(before, "settings"),
                                              &set.settings, &set.setting_count))
        rs_vec_push(u->call->job, &u->then, set);
    if (!json_is_object(before))
        add(u, &u->last, TABLES_REMOVE_APPLICATION)->application = name;
    return RS_OK;
}

/* A slot that somebody filled by hand gets back what it held; one that a folder or ACME fills would lose it again. */
static rs_status undo_slot(struct undo *u, const json_t *before, const json_t *after)
{
    const json_t *was = json_object_get(before, "slots"), *is = json_object_get(after, "slots");
    const json_t *old = json_array_get(was, 0), *new = json_array_get(is, 0);
    const struct tables_slot *slot = tables_slot_find(u->now, member(new, "slot"));
    struct tables_change *change;

    if (json_array_size(was) + json_array_size(is) + json_array_size(json_object_get(before, "folders")) +
        json_array_size(json_object_get(after, "folders")) == 0)
        return rs_fail(u->call->job, RS_CONFLICT, "entry %lld unbound a certificate wherever it was bound, which is not "
                       "undone: bind the one that should be there with `bindery tls bind`",
                       (long long)u->events[u->index].revision);
    if (json_array_size(was) != 1 || json_array_size(is) != 1 || member(new, "source").size > 0)
        return rs_fail(u->call->job, RS_CONFLICT, "entry %lld made, removed or watched a slot, or a folder or ACME filled it, "
                       "which is not undone: put the certificate that should be there into the slot with `bindery cert slot`",
                       (long long)u->events[u->index].revision);
    if (!slot || !rs_text_equal_nocase(slot->sha256, member(new, "sha256")))
        return rs_fail(u->call->job, RS_CONFLICT, "entry %lld cannot be undone: the slot %s does not hold any more what it put "
                       "there", (long long)u->events[u->index].revision, json_string_value(json_object_get(new, "slot")));
    change = add(u, &u->then, TABLES_SET_SLOT);
    change->slot = slot->name;
    change->source = member(old, "source");
    change->rows_max = tables_binding_count(u->now);
    change->replace = true;
    certificates_of(u, was, change);
    return RS_OK;
}

/* Settings of rsreportserver.config, keys, databases, accounts: commands of their own set them. */
static rs_status refuse_others(struct undo *u, const json_t *before)
{
    const json_t *settings = json_object_get(before, "settings"), *value;
    rs_buf were = rs_buf_in(u->call->job);
    const char *name;

    json_object_foreach((json_t *)(uintptr_t)settings, name, value)
        rs_buf_printf(&were, "%s%s was \"%s\"", were.used > 0 ? ", " : "", name, json_string_value(value));
    return rs_fail(u->call->job, RS_CONFLICT, "entry %lld (%.*s) is about what is no URL and no binding, which is not undone here"
                   "%s%.*s. Set it back with the command that set it", (long long)u->events[u->index].revision,
                   RS_TEXT_ARG(u->events[u->index].what), were.used > 0 ? ": " : "", RS_TEXT_ARG(rs_buf_text(&were)));
}

static rs_status undo_one(struct undo *u, const json_t *before, const json_t *after)
{
    const json_t *either = json_is_object(before) ? before : after;
    rs_text name = member(either, "application");
    struct tables_place place;
    json_t *now;

    if (name.size == 0 && !json_object_get(either, "port") && !json_object_get(either, "slots"))
        return refuse_others(u, before);
    if (json_object_get(either, "slots"))
        return undo_slot(u, before, after);
    if (name.size == 0 && !place_of(either, &place))
        return rs_fail(u->call->job, RS_CONFLICT, "entry %lld was written by another version and cannot be undone",
                       (long long)u->events[u->index].revision);
    now = name.size > 0 ? tables_history_application(u->now, name) : tables_history_place(u->now, &place);
    json_keep(u->call->job, now);
    if (is_same(now, before))
        return RS_OK;
    if (!is_same(now, after))
        return refuse(u, either);
    return name.size > 0 ? undo_application(u, before, after, name) : undo_row(u, before, after, &place);
}

/* Several parts of an entry may be about the same row: it was what it was before the first, and is what it was after the
 * last of them. */
static void collect(struct undo *u, const json_t *before, const json_t *after)
{
    const json_t *either = json_is_object(before) ? before : after;

    for (size_t i = 0; json_is_array(before) && i < json_array_size(before); i++)
        collect(u, json_array_get(before, i), json_array_get(after, i));
    if (!json_is_object(either))
        return;
    for (size_t i = 0; i < u->parts.count; i++) {
        struct part *part = &u->parts.items[i];
        if (!is_about(json_is_object(part->before) ? part->before : part->after, either))
            continue;
        part->after = after;
        return;
    }
    rs_vec_push(u->call->job, &u->parts, (struct part){before, after});
}

/* ---- the operation ----------------------------------------------------------------------------- */

static rs_status find_event(struct undo *u)
{
    json_int_t revision;
    size_t count;

    RS_TRY(tables_db_history(u->call->job, u->call->instance->db, UNDO_DEPTH, &u->events, &count));
    if (count == 0)
        return rs_fail(u->call->job, RS_NOT_FOUND, "nothing was changed yet: there is nothing to undo");
    if (!call_number(u->call, "Revision", &revision))
        return RS_OK;
    while (u->index < count && u->events[u->index].revision != revision)
        u->index++;
    if (u->index == count)
        return rs_fail(u->call->job, RS_NOT_FOUND, "the history has no entry %lld; `bindery tls history` shows those there are",
                       (long long)revision);
    return RS_OK;
}

static void append(struct undo *u, struct change_vec *to, const struct change_vec *from)
{
    for (size_t i = 0; i < from->count; i++)
        rs_vec_push(u->call->job, to, from->items[i]);
}

rs_status undo_change(struct call *call)
{
    struct undo u = {.call = call};
    const struct tables_event *event;
    struct change_vec all = {0};
    json_t *before, *after;

    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &u.now));
    RS_TRY(find_event(&u));
    event = &u.events[u.index];
    RS_TRY(event_rows(call, event->before, &before));
    RS_TRY(event_rows(call, event->after, &after));
    collect(&u, before, after);
    for (size_t i = u.parts.count; i-- > 0;) /* the last one first */
        RS_TRY(undo_one(&u, u.parts.items[i].before, u.parts.items[i].after));
    append(&u, &all, &u.first);
    append(&u, &all, &u.then);
    append(&u, &all, &u.last);
    return change_run_all(call, all.items, all.count,
                          rs_text_format(call->job, "undo %lld (%.*s)", (long long)event->revision, RS_TEXT_ARG(event->what)),
                          change_check_any, change_verify_any);
}
