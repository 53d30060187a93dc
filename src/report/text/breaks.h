/* report/text/breaks.h - where a line may end.
 *
 * Source:  Unicode UAX 14, through ICU; printable ASCII by its pair rules, here.
 */
#ifndef REPORT_TEXT_BREAKS_H
#define REPORT_TEXT_BREAKS_H

#include "base/job.h"

/* may_break[i] is set to 1 where a new line may begin with byte i of `text`, 0 elsewhere; `text.size` entries. */
void text_breaks(struct rs_job *job, rs_text text, uint8_t *may_break);

/* The two ways of the above, for tests. The first is for letters, digits and common punctuation of ASCII only: false
 * where it does not know, and `may_break` is then unfinished. */
bool text_breaks_ascii(rs_text text, uint8_t *may_break);
void text_breaks_icu(struct rs_job *job, rs_text text, uint8_t *may_break);

#endif
