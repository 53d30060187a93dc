/* report/text/list.h - the numbers and markers of list paragraphs.
 *
 * Source:  [MS-RDL] Paragraph.ListStyle, ListLevel.
 */
#ifndef REPORT_TEXT_LIST_H
#define REPORT_TEXT_LIST_H

#include "report/text/block.h"

#define TEXT_LIST_INDENT_PT 30.0 /* per level */
#define TEXT_LIST_LEVELS_MAX 16u /* deeper ones are counted as the last */
#define TEXT_LIST_MARKERS 3u     /* they come again on deeper levels */

/* Of the paragraphs of a text so far, by level. Begins zeroed. */
struct text_list_numbers {
    unsigned of[TEXT_LIST_LEVELS_MAX];
};

/* Count the next paragraph of a text, whether it is of a list or not. Its number, where it is numbered. */
unsigned text_list_count(struct text_list_numbers *numbers, enum text_list list, unsigned level);

/* "1.", "i.", "a." and again, by level; bullets change in the same way. In the job's memory. */
rs_text text_list_marker(struct rs_job *job, enum text_list list, unsigned level, unsigned number);

#endif
