/* report/draw/tape.h - devices between layout and the one that writes: a tape that remembers what was drawn and plays
 * it again in parts, for content that is wider than a page; and one that draws nothing, for pages nobody asked for.
 */
#ifndef REPORT_DRAW_TAPE_H
#define REPORT_DRAW_TAPE_H

#include "report/draw/device.h"

/* Only drawing is remembered: pages and documents are made by whoever plays the tape. Texts and pictures are
 * copied. The device ends with the job. */
RS_CHECKED rs_status tape_create(struct rs_job *job, struct draw_device **out);

/* Draw on `device` what stands at least partly between from_x and to_x, moved by shift_x. `first`: outline entries are
 * told too. `any` is true where something was drawn. */
RS_CHECKED rs_status tape_play(struct rs_job *job, struct draw_device *tape, struct draw_device *device, double from_x,
                               double to_x, double shift_x, bool first, bool *any);
void tape_clear(struct draw_device *tape);

/* Where the rightmost thing on the tape ends. */
double tape_width(const struct draw_device *tape);

/* Draws nothing; one for the whole process. */
struct draw_device *nowhere_device(void);

#endif
