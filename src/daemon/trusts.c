#include "daemon/trusts.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#include "base/file.h"
#include "base/log.h"
#include "daemon/front_role.h"
#include "daemon/paths.h"
#include "net/pki/load.h"
#include "net/tables/snapshot.h"
#include "net/tls/tls.h"

#define SEND_MS 10000
#define LOOK_MS 2000                             /* between two looks at the files */
#define AUTHORITIES_MAX ((size_t)1024 * 1024)    /* bytes of a file of authorities */
#define REVOKED_MAX ((size_t)16 * 1024 * 1024)   /* bytes of a file of revoked certificates */
#define SECRET_LEAST 32                          /* bytes of a file that tickets' keys come from */
#define SECRET_MOST 4096

/* What tells that a file is another one. */
struct stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct given {
    uint64_t generation;
    struct stamp authorities, revoked;
};
RS_VEC_TYPE(struct given, given_vec);

struct trusts {
    struct rs_job *memory;
    struct given_vec given;
    int64_t look_ms;
};

static bool asks(const struct tables_binding *row)
{
    return !rs_text_equal(policy_text(&row->policy, POLICY_ROW_CLIENTS), RS_TEXT("off"));
}

static rs_text path_of(struct rs_job *job, const struct parent *parent, rs_text path)
{
    return path.size == 0 || path.bytes[0] == '/'
               ? path
               : rs_text_format(job, "%.*s/%.*s", RS_TEXT_ARG(parent->paths->instance), RS_TEXT_ARG(path));
}

static struct stamp stamp_of(struct rs_job *job, rs_text path)
{
    struct stat info;

    if (path.size == 0 || stat(rs_text_terminated(job, path), &info) != 0)
        return (struct stamp){0};
    return (struct stamp){info.st_dev, info.st_ino, info.st_size, info.st_mtim};
}

static bool same(const struct stamp *one, const struct stamp *other)
{
    return one->device == other->device && one->inode == other->inode && one->size == other->size &&
           one->changed.tv_sec == other->changed.tv_sec && one->changed.tv_nsec == other->changed.tv_nsec;
}

/* Both files of a row, read and tried. */
static rs_status read_row(struct rs_job *job, const struct parent *parent, const struct tables_binding *row, rs_text *authorities,
                          rs_text *revoked, struct given *given)
{
    rs_text ca = path_of(job, parent, policy_text(&row->policy, POLICY_ROW_CLIENT_CA));
    rs_text crl = path_of(job, parent, policy_text(&row->policy, POLICY_ROW_CLIENT_CRL));
    RS_OWNED(tls_trust) trust = NULL;

    *revoked = rs_text_of(NULL, 0);
    if (ca.size == 0)
        return rs_fail(job, DAEMON_SETTINGS, "clients are asked for certificates, but client-ca names no file with who may vouch for them");
    *given = (struct given){row->generation, stamp_of(job, ca), stamp_of(job, crl)};
    RS_TRY(rs_file_read(job, ca, AUTHORITIES_MAX, authorities));
    if (crl.size > 0)
        RS_TRY(rs_file_read(job, crl, REVOKED_MAX, revoked));
    if (tls_trust_create(job, *authorities, *revoked, &trust) != RS_OK) {
        rs_within(job, "client-ca \"%.*s\"%s%.*s", RS_TEXT_ARG(ca), crl.size > 0 ? ", client-crl " : "", RS_TEXT_ARG(crl));
        return rs_job_status(job);
    }
    return RS_OK;
}

/* Rows of `tables` that `base` does not have in the same generation. */
static rs_status each_new_row(struct rs_job *job, struct parent *parent, const struct tables_snapshot *base,
                              const struct tables_snapshot *tables,
                              rs_status (*visit)(struct rs_job *job, struct parent *parent, const struct tables_binding *row))
{
    RS_OWNED(tables_snapshot) nothing = base ? NULL : tables_snapshot_create(&(struct tables_rows){0});
    struct tables_difference difference;

    tables_snapshot_compare(job, base ? base : nothing, tables, &difference);
    for (size_t i = 0; i < difference.put.binding_count; i++) {
        const struct tables_binding *row = &difference.put.bindings[i];
        const struct tables_binding *was = base && asks(row) ? tables_binding_by_id(base, row->id) : NULL;
        if (asks(row) && !(was && was->generation == row->generation))
            RS_TRY(visit(job, parent, row));
    }
    return RS_OK;
}

static rs_status check_row(struct rs_job *job, struct parent *parent, const struct tables_binding *row)
{
    struct given given;
    rs_text authorities, revoked;

    return read_row(job, parent, row, &authorities, &revoked, &given);
}

rs_status trusts_check(struct rs_job *job, struct parent *parent, const struct tables_snapshot *tables)
{
    return each_new_row(job, parent, parent->tables, tables, check_row);
}

static struct trusts *trusts_of(struct parent *parent)
{
    if (!parent->trusts) {
        parent->trusts = calloc(1, sizeof *parent->trusts);
        if (!parent->trusts)
            rs_log_abort("no memory for the authorities of clients");
        parent->trusts->memory = rs_job_create(NULL);
    }
    return parent->trusts;
}

void trusts_forget(struct parent *parent)
{
    if (!parent->trusts)
        return;
    rs_job_destroy(parent->trusts->memory);
    free(parent->trusts);
    parent->trusts = NULL;
}

static struct given *find(const struct trusts *trusts, uint64_t generation)
{
    for (size_t i = 0; i < trusts->given.count; i++)
        if (trusts->given.items[i].generation == generation)
            return &trusts->given.items[i];
    return NULL;
}

/* Fails where the channel does; files that cannot be read are told in the log. */
static rs_status give_row(struct rs_job *job, struct parent *parent, const struct tables_binding *row)
{
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    struct trusts *trusts = trusts_of(parent);
    struct given given = {.generation = row->generation}, *before = find(trusts, row->generation);
    rs_text authorities, revoked;
    rs_buf body = rs_buf_in(reading);
    rs_status status = read_row(reading, parent, row, &authorities, &revoked, &given);

    if (before)
        *before = given;
    else
        rs_vec_push(trusts->memory, &trusts->given, given);
    if (status != RS_OK) {
        rs_text why = rs_job_error(reading);
        rs_log(RS_LOG_ERROR, "%.*s", RS_TEXT_ARG(why));
        return RS_OK;
    }
    channel_put_number(&body, row->generation);
    channel_put_text(&body, authorities);
    channel_put_text(&body, revoked);
    return channel_send(job, parent->front_channel,
                        &(struct channel_message){.kind = FRONT_TRUST, .body = rs_buf_text(&body)}, SEND_MS);
}

static rs_status give_new_row(struct rs_job *job, struct parent *parent, const struct tables_binding *row)
{
    return find(trusts_of(parent), row->generation) ? RS_OK : give_row(job, parent, row);
}

rs_status trusts_give(struct rs_job *job, struct parent *parent, const struct tables_snapshot *base,
                      const struct tables_snapshot *tables)
{
    return each_new_row(job, parent, base, tables, give_new_row);
}

void trusts_look(struct parent *parent, int64_t now_ms)
{
    RS_OWNED(rs_job) job = NULL;

    if (!parent->trusts || now_ms < parent->trusts->look_ms || parent->front_channel < 0)
        return;
    job = rs_job_create(NULL);
    parent->trusts->look_ms = now_ms + LOOK_MS;
    for (size_t i = 0; i < tables_binding_count(parent->tables); i++) {
        const struct tables_binding *row = tables_binding(parent->tables, i);
        const struct given *given = asks(row) ? find(parent->trusts, row->generation) : NULL;
        if (!given)
            continue;
        struct stamp authorities = stamp_of(job, path_of(job, parent, policy_text(&row->policy, POLICY_ROW_CLIENT_CA)));
        struct stamp revoked = stamp_of(job, path_of(job, parent, policy_text(&row->policy, POLICY_ROW_CLIENT_CRL)));
        if (same(&authorities, &given->authorities) && same(&revoked, &given->revoked))
            continue;
        rs_log(RS_LOG_INFO, "authorities of clients, or what they took back, changed");
        if (give_row(job, parent, row) != RS_OK)
            return; /* the front is gone; the next one is given everything */
    }
}

rs_status trusts_share_tickets(struct rs_job *job, struct parent *parent)
{
    rs_text path = path_of(job, parent, parent->settings.ticket_key_file), exposed;
    struct pki_file file = {0};
    rs_status status;

    if (path.size == 0)
        return RS_OK;
    RS_TRY(pki_file_read(job, path, SECRET_MOST, &file));
    exposed = pki_file_exposed(job, path, &file);
    if (exposed.size > 0)
        status = rs_fail(job, DAEMON_SETTINGS, "Bindery/TicketKeyFile: %.*s", RS_TEXT_ARG(exposed));
    else if (file.bytes.size < SECRET_LEAST)
        status = rs_fail(job, DAEMON_SETTINGS, "Bindery/TicketKeyFile: \"%.*s\" has %zu bytes; %d random ones are the least: "
                         "openssl rand -out '%.*s' 48", RS_TEXT_ARG(path), file.bytes.size, SECRET_LEAST, RS_TEXT_ARG(path));
    else
        status = channel_send(job, parent->front_channel,
                              &(struct channel_message){.kind = FRONT_TICKETS, .body = file.bytes}, SEND_MS);
    pki_wipe(file.bytes);
    return status;
}
