/* cli/output.h - what a command writes with --output: whole, or not at all.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli/cli.h"

/* Have `write` fill the file of --output: beside it, renamed over it when it is whole, gone where it failed. Standard output where
 * there is no such option, or where it is "-". Fails with RS_IO, or as `write` did. */
RS_CHECKED rs_status cli_output(struct cli *cli, rs_status (*write)(struct cli *cli, int fd, void *data), void *data);

#endif
