/* service/ops/data_source.h - a shared data source's definition, read from the two forms in use.
 *
 * Source:  .rds files of report projects (RptDataSource); DataSourceDefinition of the report server (.rsds).
 */
#ifndef SERVICE_OPS_DATA_SOURCE_H
#define SERVICE_OPS_DATA_SOURCE_H

#include "base/buf.h"

#define DATA_SOURCE_FILE_MAX ((size_t)1024 * 1024) /* bytes */

enum data_source_credentials {
    DATA_SOURCE_NONE,
    DATA_SOURCE_PROMPT,
    DATA_SOURCE_STORE,
    DATA_SOURCE_INTEGRATED,
};

struct data_source_definition {
    rs_text extension;      /* "SQL", "SQLITE", "XML" ... */
    rs_text connect_string;
    enum data_source_credentials credentials;
    bool windows_credentials, impersonate_user;
    rs_text prompt;
    bool enabled;
    rs_text user;     /* of DATA_SOURCE_STORE */
    rs_text password; /* as somebody sent it; never written */
    rs_text sealed;   /* as the catalog keeps it: store/secret, for data_source_context */
};

/* Either form. Fails with XML_*, and with SERVICE_DATA_SOURCE_INVALID where it is neither, or lacks its extension. */
RS_CHECKED rs_status data_source_parse(struct rs_job *job, rs_text content, struct data_source_definition *out);

/* The children of a DataSourceDefinition, in the namespace of `node`: in a file, or in a SOAP message. Fails with
 * SERVICE_DATA_SOURCE_INVALID. */
struct xml_node;
RS_CHECKED rs_status data_source_read(struct rs_job *job, const struct xml_node *node, struct data_source_definition *out);

/* As DataSourceDefinition, the order and spelling of the original's GetDataSourceContents; never a password. */
void data_source_write(rs_buf *out, const struct data_source_definition *definition);

/* The same with the sealed password: for the catalog alone. */
void data_source_write_kept(rs_buf *out, const struct data_source_definition *definition);

/* What a sealed password belongs to: it does not open for another server or user, so that who may change a connection
 * string cannot have the password sent elsewhere. */
rs_text data_source_context(struct rs_job *job, const struct data_source_definition *definition);

/* "None", "Prompt", "Store", "Integrated". */
const char *data_source_credentials_name(enum data_source_credentials credentials);

#endif
