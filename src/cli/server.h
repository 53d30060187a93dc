/* cli/server.h - the commands about the instance itself: init, serve, status (server.c) and its accounts (user.c).
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "cli/cli.h"

extern const struct cli_option serve_options[], status_options[], user_add_options[], user_password_options[], user_role_options[];

rs_status server_init(struct cli *cli);
rs_status server_serve(struct cli *cli);
rs_status server_status(struct cli *cli);
rs_status user_list(struct cli *cli);
rs_status user_add(struct cli *cli);
rs_status user_password(struct cli *cli);
rs_status user_role(struct cli *cli);
rs_status user_remove(struct cli *cli);

#endif
