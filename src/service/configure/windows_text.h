/* service/configure/windows_text.h - what a Windows console wrote to a file, as UTF-8.
 *
 * UTF-16 of either order with or without a mark, UTF-8 with or without a mark, else an OEM code page. Which one a file has
 * cannot be told from it: bytes above 0x7F are read as code page 850. That is wrong for labels in other alphabets and does
 * not matter: nothing here depends on a label, and no code page of Windows has a blank, a colon or a digit as the second
 * byte of a character.
 */
#ifndef SERVICE_CONFIGURE_WINDOWS_TEXT_H
#define SERVICE_CONFIGURE_WINDOWS_TEXT_H

#include "base/job.h"

/* Valid UTF-8 in the job's memory, without mark; CR is left where it stands. Cannot fail: odd bytes become U+FFFD. */
rs_text windows_text(struct rs_job *job, rs_text bytes);

#endif
