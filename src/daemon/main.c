#include <malloc.h>

#include "cli/cli.h"
#include "daemon/host.h"

/* Work takes memory and gives it back for each row, page or request. glibc hands that straight to the system and asks for
 * it again: a fifth of the time of a long table went into page faults. */
#define KEPT_BYTES (16 * 1024 * 1024)
#define MAPPED_FROM_BYTES (4 * 1024 * 1024) /* larger blocks are mapped, and go back at once */

int main(int argc, char **argv)
{
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
    return cli_run(&daemon_host, argc, argv);
}
