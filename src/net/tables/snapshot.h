/* net/tables/snapshot.h - the tables of the HTTPS service at one revision: read-only, shared, counted.
 *
 * Whoever serves requests holds one snapshot and swaps it for the next by a pointer; a connection may keep the
 * one it started with. All texts live as long as the snapshot. Any thread may read, ref and unref.
 */
#ifndef NET_TABLES_SNAPSHOT_H
#define NET_TABLES_SNAPSHOT_H

#include "net/tables/place.h"
#include "net/tables/policy.h"
#include "net/tables/prefix.h"

struct tables_snapshot;

enum tables_application_kind {
    TABLES_REPORT_SERVER, /* has one virtual directory below which all of its URLs end */
    TABLES_OTHER,         /* shares the port; its URLs have any path */
};

struct tables_application {
    rs_text name; /* "ReportServerWebService" */
    enum tables_application_kind kind;
    rs_text directory; /* virtual directory of TABLES_REPORT_SERVER, else empty */
    rs_text target;    /* where it is (net/tables/target.h); empty: this instance serves it itself */
    struct tables_policy policy;
};

struct tables_reservation {
    int64_t id;            /* never used again */
    rs_text application;   /* the canonical name */
    struct tables_prefix prefix;
    rs_text url;           /* the prefix, written */
    rs_text url_string;    /* the same without its path: the original's UrlString */
    rs_text account;       /* owner, as text; may be empty */
    rs_text acl;           /* SDDL, kept as it came; may be empty */
    int64_t created_ms;    /* UTC */
    rs_text created_by;
};

struct tables_claim {
    rs_text application;
    int64_t created_ms;
    rs_text created_by;
};

/* Thumbprints of a certificate, upper-case hexadecimal. */
struct tables_certificate {
    rs_text sha1;
    rs_text sha256;
    rs_text slot; /* of a row: it shows whatever that slot holds; empty: this certificate */
};

/* A name that rows bind to instead of a certificate: what is put there moves them all at once. */
struct tables_slot {
    rs_text name;
    rs_text sha1;
    rs_text sha256;
    rs_text source; /* what fills it: "folder /etc/...", "acme"; empty: somebody, by hand */
    int64_t changed_ms; /* UTC */
};

/* A folder of certificates that is watched, and the slot that its newest one goes to. */
struct tables_folder {
    rs_text path;
    rs_text slot; /* empty: each folder in it has a slot of its own name */
};

/* What is shown at one place: a certificate, or one each of several kinds (ECDSA beside RSA), between which a handshake
 * chooses by what the client can. */
struct tables_binding {
    int64_t id;                    /* never used again */
    struct tables_address address; /* TABLES_ANY = both families */
    uint16_t port;
    rs_text host;                  /* SNI name in lower case, "*.example" for one label; empty = any name */
    const struct tables_certificate *certificates; /* at least one; of different kinds of keys */
    size_t certificate_count;
    uint64_t generation;           /* unique over all rows and times; a new one whenever the certificate changes */
    const struct tables_claim *claims; /* at least one */
    size_t claim_count;
    struct tables_policy policy;
};

static inline struct tables_place tables_binding_place(const struct tables_binding *row)
{
    return (struct tables_place){row->address, row->port, row->host};
}

/* One of the row's certificates has this SHA-256 thumbprint (either case). */
bool tables_binding_shows(const struct tables_binding *row, rs_text sha256);

/* A socket that must listen for the tables to be served. Where a wildcard row and rows of single addresses
 * share a port, one wildcard listener takes them all. */
struct tables_listener {
    struct tables_address address;
    uint16_t port;
    bool tls;
};

/* What a snapshot is made from; the rows are copied. `listeners` is worked out. */
struct tables_rows {
    int64_t revision;
    const struct tables_application *applications;
    size_t application_count;
    const struct tables_reservation *reservations; /* id, application, prefix, account...: url is worked out */
    size_t reservation_count;
    const struct tables_binding *bindings;
    size_t binding_count;
    const struct tables_slot *slots;
    size_t slot_count;
    const struct tables_folder *folders;
    size_t folder_count;
};

/* One reference is the caller's. */
struct tables_snapshot *tables_snapshot_create(const struct tables_rows *rows);

/* What one snapshot has other than another. */
struct tables_difference {
    struct tables_rows put; /* rows that are new, or stand instead of those with their ids; and where `sides` says so, all
                             * applications, slots and folders as they are from then on */
    bool sides;
    const int64_t *dropped_reservations; /* ids */
    size_t dropped_reservation_count;
    const int64_t *dropped_bindings;
    size_t dropped_binding_count;
};
/* The snapshot that `base` becomes; `base` stays as it is, and both share what is the same. */
struct tables_snapshot *tables_snapshot_with(const struct tables_snapshot *base, const struct tables_difference *difference);
/* What makes `before` into `after`: quick where one came from the other by tables_snapshot_with. Rows are borrowed from
 * `after`, the rest lives as long as the job. */
void tables_snapshot_compare(struct rs_job *job, const struct tables_snapshot *before, const struct tables_snapshot *after,
                             struct tables_difference *out);

struct tables_snapshot *tables_snapshot_ref(struct tables_snapshot *snapshot);
void tables_snapshot_unref(struct tables_snapshot *snapshot); /* accepts NULL */
RS_OWNED_BY(tables_snapshot, tables_snapshot_unref)

/* Goes up by one with every change. */
int64_t tables_snapshot_revision(const struct tables_snapshot *snapshot);

/* Rows in the order of their making; 0 <= index < count. */
size_t tables_application_count(const struct tables_snapshot *snapshot);
const struct tables_application *tables_application(const struct tables_snapshot *snapshot,
                                                    size_t index);
size_t tables_reservation_count(const struct tables_snapshot *snapshot);
const struct tables_reservation *tables_reservation(const struct tables_snapshot *snapshot,
                                                    size_t index);
size_t tables_binding_count(const struct tables_snapshot *snapshot);
const struct tables_binding *tables_binding(const struct tables_snapshot *snapshot, size_t index);
size_t tables_listener_count(const struct tables_snapshot *snapshot);
const struct tables_listener *tables_listener(const struct tables_snapshot *snapshot, size_t index);
size_t tables_slot_count(const struct tables_snapshot *snapshot); /* in the order of their names */
const struct tables_slot *tables_slot(const struct tables_snapshot *snapshot, size_t index);
size_t tables_folder_count(const struct tables_snapshot *snapshot); /* in the order of their paths */
const struct tables_folder *tables_folder(const struct tables_snapshot *snapshot, size_t index);

/* By name, without regard to case; NULL: none. */
const struct tables_slot *tables_slot_find(const struct tables_snapshot *snapshot, rs_text name);
const struct tables_folder *tables_folder_find(const struct tables_snapshot *snapshot, rs_text path);
/* The certificate of the row that follows this slot, or NULL. */
const struct tables_certificate *tables_binding_follows(const struct tables_binding *row, rs_text slot);

/* By name, without regard to case; "ReportManager" is the old name of ReportServerWebApp. NULL: none. */
const struct tables_application *tables_application_find(const struct tables_snapshot *snapshot,
                                                         rs_text name);
/* The row of exactly this place, or NULL. */
const struct tables_binding *tables_binding_find(const struct tables_snapshot *snapshot,
                                                 const struct tables_place *place);
const struct tables_binding *tables_binding_by_id(const struct tables_snapshot *snapshot, int64_t id); /* or NULL */
const struct tables_claim *tables_claim_find(const struct tables_binding *binding,
                                             rs_text application);

#endif
