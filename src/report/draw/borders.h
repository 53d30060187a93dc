/* report/draw/borders.h - lines of a table, gathered and joined before they are drawn.
 *
 * Cells tell their edges one by one; most of these continue one another or are told twice. Joined, a page of a table
 * takes some tens of lines in place of thousands.
 */
#ifndef REPORT_DRAW_BORDERS_H
#define REPORT_DRAW_BORDERS_H

#include "report/draw/device.h"

struct draw_borders;

/* Lives and grows in the job's memory, which must not be reset while it is used; emptied by draw_borders_flush. */
struct draw_borders *draw_borders_create(struct rs_job *job);

/* A horizontal or vertical line. Of two different lines in one place the later is drawn over the earlier. */
void draw_borders_add(struct draw_borders *borders, double x1_pt, double y1_pt, double x2_pt, double y2_pt,
                      const struct draw_pen *pen);

/* Draw what was gathered, in the order in which each line was first told. */
RS_CHECKED rs_status draw_borders_flush(struct rs_job *job, struct draw_borders *borders, struct draw_device *device);

#endif
