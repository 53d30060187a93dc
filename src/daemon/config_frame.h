/* daemon/config_frame.h - rsreportserver.config with a place left open for the rows of bindings.
 *
 * Ten thousand of those rows change one at a time, the rest of the file hardly ever: it is parsed once, and the rows are
 * written into it as text, as the parser would have written them. Rows that stay the same are copied from the file as it was.
 */
#ifndef DAEMON_CONFIG_FRAME_H
#define DAEMON_CONFIG_FRAME_H

#include "base/job.h"

struct tables_snapshot;

/* Texts live as long as the job it was made in. */
struct config_frame {
    rs_text before, after;
    bool has_rows;       /* there is a place for them */
    rs_text prefix;      /* of names of elements: "x:" or nothing */
    rs_text row_break, field_break, end_break; /* white space before a row, before a field of it, and before its end */
};

/* From the bytes of a configuration file, with the URLs of `snapshot`. Fails where they are none. */
RS_CHECKED rs_status config_frame_make(struct rs_job *job, rs_text bytes, const struct tables_snapshot *snapshot,
                                       struct config_frame *out);
/* Whether a frame made with `one` is right for `other` too. */
bool config_frame_fits(struct rs_job *job, const struct tables_snapshot *one, const struct tables_snapshot *other);

/* A file that was filled before, in the same frame. */
struct config_filled {
    const struct tables_snapshot *tables;
    const uint32_t *ends; /* of each of their bindings, in bytes of: */
    rs_text bytes;
};
/* The whole file with the bindings of `snapshot`; what it has in common with `last` (NULL: nothing) is copied from there. `ends` has
 * room for all its bindings. */
rs_text config_frame_fill(struct rs_job *job, const struct config_frame *frame, const struct tables_snapshot *snapshot,
                          const struct config_filled *last, uint32_t *ends);

#endif
