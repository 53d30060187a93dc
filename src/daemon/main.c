#include "cli/cli.h"
#include "daemon/host.h"

int main(int argc, char **argv)
{
    return cli_run(&daemon_host, argc, argv);
}
