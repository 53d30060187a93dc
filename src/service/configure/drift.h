/* service/configure/drift.h - what rsreportserver.config says about URLs and bindings, beside what is so.
 *
 * The tables are the truth, the file shows them. Where the two differ, it is one of these:
 *
 *     the file shows what it last was given       CONFIG_BEHIND: a stop kept it from being written; it is written again
 *     it shows something else                     CONFIG_EDITED: somebody changed it; only they can say what they meant
 *     it cannot be read                           CONFIG_UNREADABLE: most likely somebody is at it
 *
 * Rows are compared by meaning: order, white space, the case of a thumbprint and "::" for "0.0.0.0" make no difference.
 */
#ifndef SERVICE_CONFIGURE_DRIFT_H
#define SERVICE_CONFIGURE_DRIFT_H

#include "net/tables/place.h"
#include "net/tables/snapshot.h"
#include "service/configure/config_file.h"

enum config_row_kind { CONFIG_DIRECTORY, CONFIG_URL, CONFIG_BINDING };

struct config_row {
    enum config_row_kind kind;
    unsigned line;       /* in the file; 0: of the tables */
    rs_text text;        /* in words: rows with the same words are the same row */
    rs_text wrong;       /* why it cannot be taken; empty: it can */
    rs_text application; /* the canonical name */
    rs_text directory;
    rs_text url;         /* URL: as it was reserved, with path; or the UrlString of the file */
    rs_text account, acl;
    struct tables_place place;
    rs_text sha1;        /* upper case */
};
RS_VEC_TYPE(struct config_row, config_row_vec);

enum config_state { CONFIG_IN_STEP, CONFIG_BEHIND, CONFIG_EDITED, CONFIG_UNREADABLE };

struct config_drift {
    enum config_state state;
    struct config_row_vec in_file;        /* all rows of the file */
    struct config_row_vec only_in_file;   /* what the hand added */
    struct config_row_vec only_in_tables; /* what the hand took away */
    rs_text message;                      /* one sentence; empty in step */
};

/* Compare. `shown` is tables_db_shown. All texts live as long as the job. */
void config_drift_find(struct rs_job *job, const struct tables_snapshot *snapshot, rs_text bytes, int64_t shown,
                       struct config_drift *out);

/* "+ line 12: URL https://+:443 of ReportServerWebService", "- ...": one line per row, without line breaks. */
void config_drift_lines(struct rs_job *job, const struct config_drift *drift, const rs_text **out, size_t *count);

/* The number that stands for the rows as the file shows them once it shows `snapshot`; never 0. */
int64_t config_shown(struct rs_job *job, const struct tables_snapshot *snapshot);

/* What was worked out last, so that the next number costs what changed. Zeroed at first; give `tables` back in the end. */
struct config_sum {
    struct tables_snapshot *tables;
    uint64_t sum;
};
int64_t config_shown_next(struct rs_job *job, struct config_sum *known, struct tables_snapshot *snapshot);

#endif
