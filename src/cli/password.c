#include "cli/password.h"

#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"

bool cli_has_terminal(void)
{
    return isatty(STDIN_FILENO);
}

static void warn_where_others_read(struct cli *cli, rs_text path)
{
    struct stat info;

    if (stat(rs_text_terminated(cli->job, path), &info) == 0 && (info.st_mode & 077) != 0)
        fprintf(stderr, "bindery: others may read the password in \"%.*s\"; chmod 600 it\n", RS_TEXT_ARG(path));
}

rs_status cli_password_read(struct cli *cli, rs_text path, rs_text *out)
{
    rs_text whole, rest;

    if (rs_text_equal(path, RS_TEXT("-"))) {
        RS_TRY(rs_file_read_fd(cli->job, STDIN_FILENO, RS_TEXT("standard input"), CLI_PASSWORD_MAX + 2, &whole));
    } else {
        RS_TRY(rs_file_read(cli->job, path, CLI_PASSWORD_MAX + 2, &whole));
        warn_where_others_read(cli, path);
    }
    rs_text_cut(rs_text_without_mark(whole), '\n', out, &rest);
    if (rs_text_ends(*out, RS_TEXT("\r")))
        out->size--;
    return RS_OK;
}

rs_status cli_password_ask(struct cli *cli, const char *question, rs_text *out)
{
    struct termios before, quiet;
    char line[CLI_PASSWORD_MAX + 2];
    char *got;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return cli_usage(cli, "there is no terminal to ask for a password; use --password-file");
    quiet = before;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet); /* before the question: who is quick is not shown either */
    fprintf(stderr, "%s", question);
    got = fgets(line, sizeof line, stdin);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fprintf(stderr, "\n");
    if (!got)
        return rs_fail(cli->job, RS_INVALID, "no password was given");
    *out = rs_text_copy(cli->job, rs_text_from(line));
    sodium_memzero(line, sizeof line);
    if (rs_text_ends(*out, RS_TEXT("\n")))
        out->size--;
    return RS_OK;
}

/* The same for a new one: asked for twice. */
static rs_status cli_password_ask_twice(struct cli *cli, rs_text *out)
{
    rs_text again;

    RS_TRY(cli_password_ask(cli, "Password: ", out));
    RS_TRY(cli_password_ask(cli, "The same again: ", &again));
    if (!rs_text_equal(*out, again))
        return rs_fail(cli->job, RS_INVALID, "the two passwords differ");
    return RS_OK;
}

rs_status cli_password_new(struct cli *cli, rs_text *out)
{
    rs_text path = cli_value(cli, "--password-file", RS_TEXT(""));

    return path.size > 0 ? cli_password_read(cli, path, out) : cli_password_ask_twice(cli, out);
}
