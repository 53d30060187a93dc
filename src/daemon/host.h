/* daemon/host.h - what the command line asks of the program it is part of.
 */
#ifndef DAEMON_HOST_H
#define DAEMON_HOST_H

#include "cli/host.h"

extern const struct cli_host daemon_host;

#endif
