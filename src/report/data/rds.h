/* report/data/rds.h - a shared data source file (.rds): which provider, and how it is connected.
 *
 * Two shapes are met: RptDataSource of the designers (ConnectionProperties with Extension and ConnectString) and
 * DataSourceDefinition of the report server's own interface.
 */
#ifndef REPORT_DATA_RDS_H
#define REPORT_DATA_RDS_H

#include "base/job.h"

#define DATA_RDS_MAX ((size_t)256 * 1024) /* bytes of a file */

struct data_rds {
    rs_text name;           /* may be empty */
    rs_text provider;       /* Extension: "SQL", "SQLITE", ... */
    rs_text connect_string;
    bool integrated_security;
    bool enabled;           /* DataSourceDefinition/Enabled; true where absent */
    rs_text prompt;
};

/* Texts live in the job. Fails with XML_MALFORMED, XML_FORBIDDEN or DATA_SOURCE_INVALID. */
RS_CHECKED rs_status data_rds_read(struct rs_job *job, rs_text bytes, struct data_rds *out);

#endif
