/* report/data/connect.h - connection strings: Key=Value pairs.
 *
 * Source:  ADO.NET connection string syntax: pairs are separated by ';', values may be quoted with " or ' (a doubled
 *          quote stands for itself), a doubled '=' in a key for one; keys compare without case; the last one wins. ODBC's
 *          {values} keep their braces.
 */
#ifndef REPORT_DATA_CONNECT_H
#define REPORT_DATA_CONNECT_H

#include "base/job.h"

#define DATA_CONNECT_MAX ((size_t)64 * 1024) /* bytes */

struct data_setting {
    rs_text key, value;
};

struct data_settings {
    struct data_setting *items;
    size_t count;
};

/* Keys and values are in the job's memory. Fails with DATA_CONNECT_STRING; the message gives the 1-based column. */
RS_CHECKED rs_status data_connect_parse(struct rs_job *job, rs_text text, struct data_settings *out);

/* The last value under `key`; false where there is none. */
bool data_setting(const struct data_settings *settings, rs_text key, rs_text *out);

#endif
