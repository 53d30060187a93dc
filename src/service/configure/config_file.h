/* service/configure/config_file.h - the rows of URLs and bindings in a rsreportserver.config: ours, or the original's.
 *
 * Read tolerantly, as files of every version have them: names without regard to case, values as elements or attributes,
 * in any order, `Application`, `ApplicationName` or `Name` of a binding. Nothing is judged here: a row keeps the words it
 * has in the file, and its line.
 *
 * Source:  RsReportServer.config Configuration File, URLReservations; SSLCertificateConfiguration as files in use have it.
 */
#ifndef SERVICE_CONFIGURE_CONFIG_FILE_H
#define SERVICE_CONFIGURE_CONFIG_FILE_H

#include "base/vec.h"

#define CONFIG_FILE_MAX ((size_t)16 * 1024 * 1024) /* bytes: ten thousand bindings are 3 MiB */
#define CONFIG_FILE_ROWS_MAX 100000

struct xml_node;

struct config_url {
    rs_text url_string; /* "https://+:443" */
    rs_text sid, account;
    unsigned line;
};

struct config_application {
    rs_text name, directory;
    const struct config_url *urls;
    size_t url_count;
    unsigned line;
};

struct config_binding {
    rs_text application, hash, address, port;
    rs_text host; /* of SNI: ours alone; else empty */
    unsigned line;
};

struct config_file {
    const struct config_application *applications;
    size_t application_count;
    const struct config_binding *bindings;
    size_t binding_count;
    const struct xml_node *root; /* for what else is in the file */
};

/* All texts live as long as the job. Fails like xml_parse, and with RS_INVALID where the root element is not
 * Configuration. */
RS_CHECKED rs_status config_file_read(struct rs_job *job, rs_text bytes, struct config_file *out);

/* The value at a path of elements below `node`, trimmed, names without regard to case; empty where there is none.
 * `line` may be NULL. */
rs_text config_file_value(const struct xml_node *node, const char *path, unsigned *line);
/* The value of <Add Key="key" Value="..."/> below Configuration; empty where there is none. */
rs_text config_file_key(const struct config_file *file, const char *key, unsigned *line);

#endif
