/* report/rdl/read.h - bytes of a report definition into the model, whatever its schema version. A shared data set (.rsd)
 * becomes a report of one data set that shows nothing (rdl_report.is_shared_data_set).
 *
 * Source:  [MS-RDL]; the schemas 2003/10 to 2016/01.
 */
#ifndef REPORT_RDL_READ_H
#define REPORT_RDL_READ_H

#include "base/buf.h"

struct rdl_report;

/* Limits of a definition. A file that crosses one is refused with RDL_OVER_LIMIT and the name of the limit. */
#define RDL_SIZE_MAX ((size_t)64 * 1024 * 1024)     /* bytes */
#define RDL_DEPTH_MAX 160u                          /* XML elements inside each other */
#define RDL_COLUMNS_MAX 2000u                       /* of one data region, after conversion */
#define RDL_ROWS_MAX 5000u
#define RDL_CELLS_MAX ((size_t)400 * 1000)          /* rows * columns of one data region; and corner cells */
#define RDL_ALL_CELLS_MAX ((size_t)4 * 1000 * 1000) /* of all data regions together */
#define RDL_HEADER_LEVELS_MAX 200u                  /* of one hierarchy: different places where headers end */
#define RDL_PARAMETERS_MAX 2000u                    /* report parameters; cells of their grid */
#define RDL_DATA_SETS_MAX 2000u                     /* data sets; data sources */
#define RDL_FIELDS_MAX 20000u                       /* of one data set */
#define RDL_ITEMS_MAX 200000u                       /* report items, copies for subtotals included */
#define RDL_EXPRS_MAX 4000000u                      /* values that may be expressions */
#define RDL_MEMBER_DEPTH_MAX 60u                    /* members of one hierarchy inside each other */
#define RDL_LENGTH_MAX_PT (160.0 * 72)              /* 160 inches: every size, position and page */
#define RDL_NOTES_MAX 1000u                         /* further ones are dropped */

/* Read, convert upward and check a definition.
 *
 * out    written only on success; everything in it lives as long as the job and borrows nothing from `bytes`.
 *
 * Fails with XML_MALFORMED, XML_FORBIDDEN, RDL_INVALID or RDL_OVER_LIMIT; the message begins with the line, where the
 * job's `where` names report item and property. What need not stop the report is in (*out)->notes. */
RS_CHECKED rs_status rdl_read(struct rs_job *job, rs_text bytes, struct rdl_report **out);

/* The model as text, one element per line, defaults left out: for tests and for looking at conversions. */
void rdl_dump(const struct rdl_report *report, rs_buf *out);

#endif
