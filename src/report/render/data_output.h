/* report/render/data_output.h - what of a report is data: asked by every renderer of kind RENDER_DATA.
 *
 * Source:  [MS-RDL] DataElementOutput of report items, TablixMember, TablixCell and Group; exporting to CSV and XML: what
 *          is hidden and cannot be shown by a toggle is left out, whatever a toggle shows or hides is not.
 */
#ifndef REPORT_RENDER_DATA_OUTPUT_H
#define REPORT_RENDER_DATA_OUTPUT_H

#include "report/compute/compute.h"

/* Known before anything is computed. Auto leaves out labels: text boxes whose text is constant. `item` may be NULL. */
bool data_item_is_written(const struct publish_report *report, const struct rdl_item *item);
bool data_member_is_written(const struct publish_report *report, const struct rdl_member *member);

/* Text boxes outside details are written with the first record, or around the rows: totals over these are asked for behind
 * them only where no text box that is written has any. */
enum compute_walk data_walk(const struct publish_report *report);

/* Hidden in this place; false where a toggle item could show it. */
RS_CHECKED rs_status data_is_hidden(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                                    const struct rdl_visibility *visibility, bool *out);
/* The same for an instance of a member that data_member_is_written lets through. */
RS_CHECKED rs_status data_member_is_hidden(struct rs_job *job, struct compute_run *run, struct compute_tablix *tablix,
                                           struct compute_place place, bool *out);

/* A node of the last level of its hierarchy. */
static inline bool data_is_leaf(const struct compute_node *node)
{
    return node->member && node->member->members.count == 0;
}

#endif
