#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

rs_status cli_output(struct cli *cli, rs_status (*write)(struct cli *cli, int fd, void *data), void *data)
{
    rs_text output = cli_value(cli, "--output", RS_TEXT("-"));
    char *path = rs_text_terminated(cli->job, output);
    char *beside = (char *)rs_text_format(cli->job, "%s.%ld.new", path, (long)getpid()).bytes;
    RS_OWNED_FD fd = -1;
    rs_status status;

    if (output.size == 0 || rs_text_equal(output, RS_TEXT("-")))
        return write(cli, STDOUT_FILENO, data);
    RS_TRY(rs_file_in_place(cli->job, output, &fd));
    if (fd >= 0)
        return write(cli, fd, data);
    fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return rs_fail(cli->job, RS_IO, "cannot create \"%s\": %s", beside, strerror(errno));
    status = write(cli, fd, data);
    if (status == RS_OK && rename(beside, path) != 0)
        status = rs_fail(cli->job, RS_IO, "cannot replace \"%s\": %s", path, strerror(errno));
    if (status != RS_OK)
        unlink(beside);
    return status;
}
