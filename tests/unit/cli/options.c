#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"

/* Runs the command with words from the test; the host is never asked. What it prints is not shown: the test's own
 * results go the same way. */
static int run(const char *const *words)
{
    static const struct cli_host host = {0};
    char *argv[16] = {(char *)"bindery"};
    int argc = 1, status, shown = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);

    while (words[argc - 1]) {
        argv[argc] = (char *)words[argc - 1];
        argc++;
    }
    fflush(stdout);
    assert_int_equal(dup2(nowhere, STDOUT_FILENO), STDOUT_FILENO);
    status = cli_run(&host, argc, argv);
    fflush(stdout);
    assert_int_equal(dup2(shown, STDOUT_FILENO), STDOUT_FILENO);
    close(shown);
    close(nowhere);
    return status;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

UNIT_TEST(cli_answers_wrong_use_with_status_2)
{
    assert_int_equal(RUN("nonsense"), CLI_USAGE);
    assert_int_equal(RUN("tls", "nonsense"), CLI_USAGE);
    assert_int_equal(RUN("report", "render"), CLI_USAGE);
    assert_int_equal(RUN("report", "render", "a.rdl", "b.rdl"), CLI_USAGE);
    assert_int_equal(RUN("report", "render", "a.rdl", "--nonsense"), CLI_USAGE);
    assert_int_equal(RUN("report", "render", "a.rdl", "--format"), CLI_USAGE);
    assert_int_equal(RUN("report", "check", "a.rdl", "--format", "PDF"), CLI_USAGE);
    assert_int_equal(RUN("report", "render", "a.rdl", "--time-limit", "soon"), CLI_USAGE);
    assert_int_equal(RUN("report", "render", "a.rdl", "-o", "/tmp/x.docx"), CLI_USAGE);
    assert_int_equal(RUN("version", "--json=yes"), CLI_USAGE);
    assert_int_equal(RUN("tls", "bind", "--app", "X", "--cert", "Y", "--port", "65536"), CLI_USAGE);
    assert_int_equal(RUN("cert", "create"), CLI_USAGE);
}

UNIT_TEST(cli_answers_a_missing_file_with_status_4)
{
    assert_int_equal(RUN("report", "render", "/no/such/file.rdl"), CLI_NOT_FOUND);
}

UNIT_TEST(cli_takes_options_anywhere)
{
    assert_int_equal(RUN("version"), CLI_DONE);
    assert_int_equal(RUN("--json", "version"), CLI_DONE);
    assert_int_equal(RUN("version", "--instance", "/x", "--json"), CLI_DONE);
    assert_int_equal(RUN("--help"), CLI_DONE);
    assert_int_equal(RUN("tls", "bind", "--help"), CLI_DONE);
}

UNIT_TEST(cli_every_command_says_what_it_does)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        assert_non_null(command->run);
        assert_true(strlen(command->summary) > 0);
        assert_true(command->least <= command->most);
        for (size_t j = 0; j < i; j++)
            assert_false(strcmp(command->word, cli_commands[j].word) == 0 &&
                         strcmp(command->action ? command->action : "", cli_commands[j].action ? cli_commands[j].action : "") == 0);
    }
}
