/* net/tables/plan.h - a plan with the row edits behind its sentences: for this folder only.
 */
#ifndef NET_TABLES_PLAN_H
#define NET_TABLES_PLAN_H

#include "base/vec.h"
#include "net/tables/change.h"

#define TABLES_RESERVATIONS_MAX 100000
#define TABLES_BINDINGS_MAX 100000
#define TABLES_APPLICATIONS_MAX 1000

enum edit_kind {
    EDIT_ADD_RESERVATION,  /* application, prefix */
    EDIT_MOVE_RESERVATION, /* id, prefix */
    EDIT_DROP_RESERVATION, /* id */
    EDIT_SET_DIRECTORY,    /* application, text */
    EDIT_ADD_BINDING,      /* the place and certificate of the change */
    EDIT_SET_CERTIFICATE,  /* id; the certificate of the change; a new generation */
    EDIT_ADD_CLAIM,        /* id, or 0 for the binding just added; application */
    EDIT_DROP_CLAIM,       /* id, application */
    EDIT_DROP_BINDING,     /* id */
    EDIT_NEW_GENERATION,   /* id */
    EDIT_SET_POLICY,       /* id of a binding, or application; setting, text */
    EDIT_UNSET_POLICY,     /* the same without text */
    EDIT_ADD_APPLICATION,  /* application, text: where it is; directory and kind of the change */
    EDIT_SET_TARGET,       /* application, text */
    EDIT_DROP_APPLICATION, /* application */
    EDIT_SET_SLOT,         /* the slot, certificate and source of the change */
    EDIT_DROP_SLOT,        /* text: its name */
    EDIT_FOLLOW_SLOT,      /* id: it shows the certificate of the change where it follows its slot; a new generation */
    EDIT_LEAVE_SLOT,       /* id: it keeps what it shows, and does not follow the slot of the change any more */
    EDIT_DROP_CERTIFICATE, /* id: the certificate of the change, of several; a new generation */
    EDIT_WATCH,            /* path and slot of the change */
    EDIT_UNWATCH,          /* path of the change */
};

struct edit {
    enum edit_kind kind;
    int64_t id;
    rs_text application;
    rs_text text;
    enum policy_id setting;
    struct tables_prefix prefix;
};
RS_VEC_TYPE(struct edit, edit_vec);
RS_VEC_TYPE(rs_text, line_vec);

struct plan {
    struct tables_plan shown; /* first: what callers see */
    struct edit_vec edits;
    struct line_vec steps;
    struct line_vec warnings;
    /* what the history shows: all rows of this application, or of this place */
    rs_text application;
    bool of_place;
    bool of_slots; /* or of all slots and folders, and of the rows that the change moves */
};

/* Everything a planner needs at hand. */
struct planner {
    struct rs_job *job;
    const struct tables_snapshot *snapshot;
    const struct tables_change *change;
    struct plan *plan;
};

typedef rs_status plan_change(struct planner *p);
plan_change plan_reserve, plan_remove, plan_directory;    /* plan_url.c */
plan_change plan_bind, plan_unbind;                       /* plan_binding.c */
plan_change plan_add_application, plan_remove_application; /* plan_application.c */
plan_change plan_set_slot, plan_drop_slot, plan_forget, plan_watch, plan_unwatch; /* plan_slot.c */
plan_change plan_set_row, plan_set_application;           /* plan_policy.c */

/* An edit, and the sentence it shows; an empty sentence shows nothing. */
void plan_step(struct planner *p, rs_text step, struct edit edit);
#define plan_warn(p, ...) rs_vec_push((p)->job, &(p)->plan->warnings, rs_text_format((p)->job, __VA_ARGS__))

/* Fails with RS_NOT_FOUND, and names the ones there are. */
RS_CHECKED rs_status plan_application(struct planner *p, rs_text name, const struct tables_application **out);
/* The virtual directory is nobody else's. Fails with RS_CONFLICT, and names whose it is. */
RS_CHECKED rs_status plan_check_directory_free(struct planner *p, const struct tables_application *mine, rs_text directory);
rs_text plan_steps(struct planner *p); /* all of them so far: "a; b" */
rs_text plan_place(struct planner *p, const struct tables_binding *row);
rs_text plan_claimants(struct planner *p, const struct tables_binding *row); /* "A and B" */
/* Their SHA-1 thumbprints: "A and B". */
rs_text plan_certificates(struct planner *p, const struct tables_certificate *certificates, size_t count);

/* What the history keeps of the plan's change in `snapshot`, before or after it (history.c). */
rs_text history_rows(struct rs_job *job, const struct tables_snapshot *snapshot, const struct plan *plan,
                     const struct tables_change *change);

RS_CHECKED rs_status plan_make(struct rs_job *job, const struct tables_snapshot *snapshot,
                               const struct tables_change *change, struct plan **out);

#endif
