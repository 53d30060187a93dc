#include "daemon/plan_message.h"

#include "net/tables/snapshot.h"

static void put_address(rs_buf *buf, const struct tables_address *address)
{
    channel_put_number(buf, address->family);
    channel_put_text(buf, rs_text_of((const char *)address->bytes, sizeof address->bytes));
}

static struct tables_address take_address(struct channel_reader *reader)
{
    struct tables_address address = {.family = (enum tables_family)channel_take_number(reader)};
    rs_text bytes = channel_take_text(reader);

    if (bytes.size == sizeof address.bytes)
        memcpy(address.bytes, bytes.bytes, bytes.size);
    else
        reader->broken = true;
    return address;
}

static void put_policy(rs_buf *buf, const struct tables_policy *policy)
{
    channel_put_number(buf, policy->count);
    for (size_t i = 0; i < policy->count; i++) {
        channel_put_number(buf, policy->values[i].id);
        channel_put_text(buf, policy->values[i].text);
    }
}

static struct tables_policy take_policy(struct rs_job *job, struct channel_reader *reader)
{
    size_t count = channel_take_count(reader);
    struct policy_value *values = RS_NEW_ARRAY(job, struct policy_value, count);

    for (size_t i = 0; i < count; i++) {
        uint64_t id = channel_take_number(reader);
        reader->broken = reader->broken || id >= POLICY_COUNT;
        values[i] = (struct policy_value){(enum policy_id)id, channel_take_text(reader)};
    }
    return (struct tables_policy){values, count};
}

static void put_certificates(rs_buf *buf, const struct tables_binding *row)
{
    channel_put_number(buf, row->certificate_count);
    for (size_t i = 0; i < row->certificate_count; i++)
        channel_put_text(buf, row->certificates[i].sha256);
}

static void take_certificates(struct rs_job *job, struct channel_reader *reader, struct tables_binding *row)
{
    size_t count = channel_take_count(reader);
    struct tables_certificate *certificates = RS_NEW_ARRAY(job, struct tables_certificate, count);

    for (size_t i = 0; i < count; i++)
        certificates[i].sha256 = channel_take_text(reader);
    reader->broken = reader->broken || count == 0;
    row->certificates = certificates;
    row->certificate_count = count;
}

static void put_applications(rs_buf *buf, const struct tables_rows *rows)
{
    channel_put_number(buf, rows->application_count);
    for (size_t i = 0; i < rows->application_count; i++) {
        const struct tables_application *application = &rows->applications[i];
        channel_put_text(buf, application->name);
        channel_put_number(buf, application->kind);
        channel_put_text(buf, application->directory);
        channel_put_text(buf, application->target);
        put_policy(buf, &application->policy);
    }
}

static void put_reservations(rs_buf *buf, const struct tables_rows *rows)
{
    channel_put_number(buf, rows->reservation_count);
    for (size_t i = 0; i < rows->reservation_count; i++) {
        const struct tables_reservation *row = &rows->reservations[i];
        channel_put_number(buf, (uint64_t)row->id);
        channel_put_text(buf, row->application);
        channel_put_text(buf, row->url);
    }
}

static void put_bindings(rs_buf *buf, const struct tables_rows *rows)
{
    channel_put_number(buf, rows->binding_count);
    for (size_t i = 0; i < rows->binding_count; i++) {
        const struct tables_binding *row = &rows->bindings[i];
        channel_put_number(buf, (uint64_t)row->id);
        put_address(buf, &row->address);
        channel_put_number(buf, row->port);
        channel_put_text(buf, row->host);
        put_certificates(buf, row);
        channel_put_number(buf, row->generation);
        put_policy(buf, &row->policy);
    }
}

static void put_ids(rs_buf *buf, const int64_t *ids, size_t count)
{
    channel_put_number(buf, count);
    for (size_t i = 0; i < count; i++)
        channel_put_number(buf, (uint64_t)ids[i]);
}

static void take_ids(struct rs_job *job, struct channel_reader *reader, const int64_t **out, size_t *count)
{
    int64_t *ids;

    *count = channel_take_count(reader);
    *out = ids = RS_NEW_ARRAY(job, int64_t, *count);
    for (size_t i = 0; i < *count; i++)
        ids[i] = (int64_t)channel_take_number(reader);
}

/* Slots and folders are the parent's business, and so is of rows who claims them, made them and may change them. */
static void put_tables(rs_buf *buf, const struct plan_contents *contents)
{
    RS_OWNED(tables_snapshot) nothing = contents->base ? NULL : tables_snapshot_create(&(struct tables_rows){0});
    struct tables_difference difference;

    tables_snapshot_compare(buf->job, contents->base ? contents->base : nothing, contents->tables, &difference);
    channel_put_number(buf, contents->serial);
    channel_put_number(buf, contents->base ? contents->base_serial : 0);
    channel_put_number(buf, (uint64_t)difference.put.revision);
    channel_put_number(buf, difference.sides);
    if (difference.sides)
        put_applications(buf, &difference.put);
    put_reservations(buf, &difference.put);
    put_bindings(buf, &difference.put);
    put_ids(buf, difference.dropped_reservations, difference.dropped_reservation_count);
    put_ids(buf, difference.dropped_bindings, difference.dropped_binding_count);
}

static void take_applications(struct rs_job *job, struct channel_reader *reader, struct tables_rows *rows)
{
    struct tables_application *items;

    rows->application_count = channel_take_count(reader);
    rows->applications = items = RS_NEW_ARRAY(job, struct tables_application, rows->application_count);
    for (size_t i = 0; i < rows->application_count; i++) {
        items[i].name = channel_take_text(reader);
        items[i].kind = (enum tables_application_kind)channel_take_number(reader);
        items[i].directory = channel_take_text(reader);
        items[i].target = channel_take_text(reader);
        items[i].policy = take_policy(job, reader);
    }
}

static rs_status take_reservations(struct rs_job *job, struct channel_reader *reader, struct tables_rows *rows)
{
    struct tables_reservation *items;

    rows->reservation_count = channel_take_count(reader);
    rows->reservations = items = RS_NEW_ARRAY(job, struct tables_reservation, rows->reservation_count);
    for (size_t i = 0; i < rows->reservation_count && !reader->broken; i++) {
        items[i].id = (int64_t)channel_take_number(reader);
        items[i].application = channel_take_text(reader);
        RS_TRY(tables_prefix_parse(job, channel_take_text(reader), &items[i].prefix));
    }
    return RS_OK;
}

static void take_bindings(struct rs_job *job, struct channel_reader *reader, struct tables_rows *rows)
{
    struct tables_binding *items;

    rows->binding_count = channel_take_count(reader);
    rows->bindings = items = RS_NEW_ARRAY(job, struct tables_binding, rows->binding_count);
    for (size_t i = 0; i < rows->binding_count; i++) {
        items[i].id = (int64_t)channel_take_number(reader);
        items[i].address = take_address(reader);
        items[i].port = (uint16_t)channel_take_number(reader);
        items[i].host = channel_take_text(reader);
        take_certificates(job, reader, &items[i]);
        items[i].generation = channel_take_number(reader);
        items[i].policy = take_policy(job, reader);
    }
}

void plan_message_write(rs_buf *buf, const struct plan_contents *contents)
{
    put_tables(buf, contents);
    channel_put_number(buf, contents->application_count);
    for (size_t i = 0; i < contents->application_count; i++) {
        const struct front_application *application = &contents->applications[i];
        channel_put_text(buf, application->name);
        channel_put_text(buf, application->socket_path);
        channel_put_number(buf, application->port);
        channel_put_number(buf, application->state);
        channel_put_number(buf, application->connections_max);
        channel_put_number(buf, application->needs_tls);
    }
    channel_put_number(buf, contents->socket_count);
    for (size_t i = 0; i < contents->socket_count; i++) {
        put_address(buf, &contents->sockets[i].address);
        channel_put_number(buf, contents->sockets[i].port);
    }
}

static rs_status take_tables(struct rs_job *job, struct channel_reader *reader, struct plan_contents *out)
{
    struct tables_difference *difference = &out->difference;
    uint64_t base_serial;

    *difference = (struct tables_difference){0};
    out->serial = channel_take_number(reader);
    base_serial = channel_take_number(reader);
    if (base_serial == 0)
        out->base = NULL;
    else if (!out->base || base_serial != out->base_serial)
        return rs_fail(job, RS_INVALID, "the plan that came from the parent follows another one than is served here");
    difference->put.revision = (int64_t)channel_take_number(reader);
    difference->sides = channel_take_number(reader) != 0;
    if (difference->sides)
        take_applications(job, reader, &difference->put);
    RS_TRY(take_reservations(job, reader, &difference->put));
    take_bindings(job, reader, &difference->put);
    take_ids(job, reader, &difference->dropped_reservations, &difference->dropped_reservation_count);
    take_ids(job, reader, &difference->dropped_bindings, &difference->dropped_binding_count);
    return RS_OK;
}

rs_status plan_message_read(struct rs_job *job, rs_text body, const int *fds, size_t fd_count,
                            struct plan_contents *out)
{
    struct channel_reader reader = {.rest = body};
    struct front_application *applications;
    struct front_socket *sockets;

    RS_TRY(take_tables(job, &reader, out));
    out->application_count = channel_take_count(&reader);
    out->applications = applications = RS_NEW_ARRAY(job, struct front_application, out->application_count);
    for (size_t i = 0; i < out->application_count; i++) {
        applications[i].name = channel_take_text(&reader);
        applications[i].socket_path = channel_take_text(&reader);
        applications[i].port = (uint16_t)channel_take_number(&reader);
        applications[i].state = (enum front_application_state)channel_take_number(&reader);
        applications[i].connections_max = channel_take_number(&reader);
        applications[i].needs_tls = channel_take_number(&reader) != 0;
    }
    out->socket_count = channel_take_count(&reader);
    if (reader.broken || out->socket_count != fd_count)
        return rs_fail(job, RS_INVALID, "the plan that came from the parent is not whole");
    out->sockets = sockets = RS_NEW_ARRAY(job, struct front_socket, out->socket_count);
    for (size_t i = 0; i < out->socket_count; i++) {
        sockets[i].address = take_address(&reader);
        sockets[i].port = (uint16_t)channel_take_number(&reader);
        sockets[i].fd = fds[i];
    }
    if (reader.broken || reader.rest.size > 0)
        return rs_fail(job, RS_INVALID, "the plan that came from the parent is not whole");
    out->tables = out->base ? tables_snapshot_with(out->base, &out->difference) : tables_snapshot_create(&out->difference.put);
    return RS_OK;
}
