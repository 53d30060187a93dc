/* cli/server.h - the commands about the instance itself: init, serve, status (server.c) and its accounts (user.c).
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "cli/cli.h"

extern const struct cli_option cli_init_options[], cli_serve_options[], cli_status_options[], cli_user_add_options[], cli_user_password_options[], cli_user_role_options[];

rs_status cli_server_init(struct cli *cli);
rs_status cli_server_serve(struct cli *cli);
rs_status cli_server_status(struct cli *cli);
rs_status cli_user_list(struct cli *cli);
rs_status cli_user_add(struct cli *cli);
rs_status cli_user_password(struct cli *cli);
rs_status cli_user_role(struct cli *cli);
rs_status cli_user_remove(struct cli *cli);

#endif
