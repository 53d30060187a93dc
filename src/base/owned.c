#include "base/owned.h"

#include <unistd.h>

void rs_owned_end_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
