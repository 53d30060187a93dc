/* cli/configure.h - the commands about URLs, bindings and certificates: url.c, tls.c, cert.c.
 */
#ifndef CLI_CONFIGURE_H
#define CLI_CONFIGURE_H

#include "cli/cli.h"

extern const struct cli_option url_change_options[], url_explain_options[], tls_bind_options[], tls_unbind_options[],
    tls_verify_options[], tls_history_options[], cert_create_options[];

rs_status url_list(struct cli *cli);
rs_status url_reserve(struct cli *cli);
rs_status url_remove(struct cli *cli);
rs_status url_directory(struct cli *cli);
rs_status url_explain(struct cli *cli);
rs_status tls_list(struct cli *cli);
rs_status tls_bind(struct cli *cli);
rs_status tls_unbind(struct cli *cli);
rs_status tls_verify(struct cli *cli);
rs_status tls_history(struct cli *cli);
rs_status cert_list(struct cli *cli);
rs_status cert_show(struct cli *cli);
rs_status cert_create(struct cli *cli);

#endif
