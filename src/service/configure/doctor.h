/* service/configure/doctor.h - what is wrong with an instance, and what mends it: for this folder only.
 *
 * A check looks at one thing and reports findings. What can be mended without a decision of somebody's is given as a
 * function, which runs where that was asked for; the rest has a sentence that says what to do.
 */
#ifndef SERVICE_CONFIGURE_DOCTOR_H
#define SERVICE_CONFIGURE_DOCTOR_H

#include "service/configure/inside.h"

struct doctor {
    struct call *call;
    const struct tables_snapshot *snapshot;
    const json_t *live; /* GetServiceState of a running server; or NULL */
    json_t *findings;
    size_t errors, warnings; /* that are left */
};

enum doctor_severity { DOCTOR_ERROR, DOCTOR_WARNING, DOCTOR_NOTE };

struct finding {
    enum doctor_severity severity;
    const char *code; /* "drift", "expired": stable */
    rs_text subject;  /* a URL, a place, a file */
    rs_text message;
    rs_text mend;     /* what to do, or what `mender` does */
    rs_status (*mender)(struct call *call, struct doctor *doctor, const void *what); /* NULL: somebody has to decide */
    const void *what;
};

/* Report it; mended first where that was asked for and can be. */
void doctor_report(struct doctor *doctor, struct finding finding);

/* rsreportserver.config, databases, folders, keys, space, clock. */
RS_CHECKED rs_status doctor_files(struct doctor *doctor);
/* Whether this node is as the profile of its neighbours says (node.c). */
RS_CHECKED rs_status doctor_node(struct doctor *doctor);
/* Rows and certificates, listeners, applications, processes, the report server database. */
RS_CHECKED rs_status doctor_service(struct doctor *doctor);

#endif
