/* cli/report_place.h - where the items of `bindery report list, get, publish, remove` are: in an instance of this machine, or on a
 * report server elsewhere.
 */
#ifndef CLI_REPORT_PLACE_H
#define CLI_REPORT_PLACE_H

#include "cli/cli.h"
#include "service/ops/ops.h"

struct report_entry {
    rs_text path, kind; /* "Report" */
    int64_t size;       /* bytes; 0 of a folder */
    rs_text modified;   /* 2026-11-22T09:30:00.000Z */
    rs_text modified_by;
};
RS_VEC_TYPE(struct report_entry, report_entries);

struct report_file {
    enum catalog_kind kind; /* report, data set, data source or resource */
    rs_text folder, name;   /* "/" or "/Sales", "Orders" */
    rs_text path;           /* both */
    rs_text content;
    bool overwrite;
    rs_text user, password; /* to be stored with a data source; empty: those of the content */
};

struct report_place {
    struct cli *cli;
    void *data;
    rs_status (*list)(struct report_place *place, rs_text path, bool deep, struct report_entries *out);
    rs_status (*read)(struct report_place *place, rs_text path, rs_text *out);
    rs_status (*exists)(struct report_place *place, rs_text path, bool *out);
    rs_status (*make_folder)(struct report_place *place, rs_text folder, rs_text name);
    rs_status (*publish)(struct report_place *place, const struct report_file *file, bool *replaced, struct service_warnings *warnings);
    rs_status (*remove)(struct report_place *place, rs_text path);
};

/* Live as long as the job. Failures are those of the operations of service/ops, whichever of the two it is. */
RS_CHECKED rs_status report_place_here(struct cli *cli, struct report_place *out);
RS_CHECKED rs_status report_place_elsewhere(struct cli *cli, struct report_place *out); /* of --server */

#endif
