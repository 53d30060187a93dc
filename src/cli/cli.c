#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLI_INSTANCE "/var/lib/bindery"

static const struct cli_option common_options[] = {
    {"--instance", "DIR", "the folder of the instance; else $BINDERY_INSTANCE, else " CLI_INSTANCE},
    {"--json", NULL, "print JSON"},
    {"--help", NULL, "show this"},
    {0},
};

/* ---- help --------------------------------------------------------------------------------------- */

static void print_options(FILE *to, const struct cli_option *options)
{
    for (; options && options->name; options++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", options->name, options->placeholder ? " " : "",
                 options->placeholder ? options->placeholder : "");
        fprintf(to, "  %-28s %s\n", left, options->help);
    }
}

static const struct cli_option dry_run_option[] = {
    {"--dry-run", NULL, "show what would be done, and do nothing"},
    {0},
};

static void print_command(FILE *to, const struct cli_command *command)
{
    fprintf(to, "usage: bindery %s%s%s%s%s [option...]\n  %s\n", command->word, command->action ? " " : "",
            command->action ? command->action : "", command->arguments[0] ? " " : "", command->arguments,
            command->summary);
    if (command->options || command->effect == CLI_PLANS)
        fprintf(to, "\noptions:\n");
    print_options(to, command->options);
    if (command->effect == CLI_PLANS)
        print_options(to, dry_run_option);
    fprintf(to, "\nof every command:\n");
    print_options(to, common_options);
}

static void print_all(FILE *to)
{
    fprintf(to, "bindery: a report server for RDL reports\n\nusage: bindery COMMAND [option...]; bindery COMMAND --help "
                "tells more\n\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        char left[64];
        snprintf(left, sizeof left, "%s%s%s%s%s", command->word, command->action ? " " : "",
                 command->action ? command->action : "", command->arguments[0] ? " " : "", command->arguments);
        fprintf(to, "  %-30s %s\n", left, command->summary);
    }
    fprintf(to, "\nof every command:\n");
    print_options(to, common_options);
    fprintf(to, "\nexit status: 0 done, 1 failed, 2 usage, 3 refused because something else depends on it, 4 not found\n");
}

/* ---- reading the command line --------------------------------------------------------------------- */

rs_status cli_usage(struct cli *cli, const char *format, ...)
{
    va_list arguments;
    rs_text message;

    va_start(arguments, format);
    message = rs_text_vformat(cli->job, format, arguments);
    va_end(arguments);
    return rs_fail(cli->job, CLI_USAGE_ERROR, "%.*s", RS_TEXT_ARG(message));
}

static const struct cli_option *option_find(const struct cli_option *options, rs_text name)
{
    for (; options && options->name; options++)
        if (rs_text_equal(rs_text_from(options->name), name))
            return options;
    return NULL;
}

/* The command of the first words that are no options; those words are taken out of `arguments`. */
static rs_status command_find(struct cli *cli)
{
    rs_text word = cli->arguments.count > 0 ? cli->arguments.items[0] : RS_TEXT("");
    rs_text action = cli->arguments.count > 1 ? cli->arguments.items[1] : RS_TEXT("");
    bool word_known = false;
    size_t used = 0;

    for (size_t i = 0; i < cli_command_count && !cli->command; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (!rs_text_equal(rs_text_from(command->word), word))
            continue;
        word_known = true;
        if (command->action && !rs_text_equal(rs_text_from(command->action), action))
            continue;
        cli->command = command;
        used = command->action ? 2 : 1;
    }
    if (!cli->command && word_known)
        return cli_usage(cli, "\"bindery %.*s\" has no action \"%.*s\"; \"bindery --help\" lists them",
                         RS_TEXT_ARG(word), RS_TEXT_ARG(action));
    if (!cli->command)
        return cli_usage(cli, "there is no command \"%.*s\"; \"bindery --help\" lists them", RS_TEXT_ARG(word));
    cli->arguments.items += used;
    cli->arguments.count -= used;
    return RS_OK;
}

/* -p and -o are short for --parameter and --output, -? for --help. */
static rs_text long_name(rs_text name)
{
    static const char *const shorts[][2] = {{"-p", "--parameter"}, {"-o", "--output"}, {"-h", "--help"}, {"-f", "--format"}};

    for (size_t i = 0; i < sizeof shorts / sizeof shorts[0]; i++)
        if (rs_text_equal(name, rs_text_from(shorts[i][0])))
            return rs_text_from(shorts[i][1]);
    return name;
}

/* The option called `name`: of any command while the command is not known yet (`bindery --x COMMAND`). */
static const struct cli_option *option_of_any(rs_text name)
{
    const struct cli_option *found = option_find(common_options, name);

    if (!found)
        found = option_find(dry_run_option, name);

    for (size_t i = 0; i < cli_command_count && !found; i++)
        found = option_find(cli_commands[i].options, name);
    return found;
}

static rs_status read_arguments(struct cli *cli, int argc, char **argv)
{
    bool only_arguments = false;

    for (int i = 1; i < argc; i++) {
        rs_text text = rs_text_from(argv[i]);
        rs_text name, value;
        const struct cli_option *option;

        if (only_arguments || text.size < 2 || text.bytes[0] != '-') {
            rs_vec_push(cli->job, &cli->arguments, text);
            continue;
        }
        if (rs_text_equal(text, RS_TEXT("--"))) {
            only_arguments = true;
            continue;
        }
        bool has_value = rs_text_cut(text, '=', &name, &value);
        name = long_name(name);
        option = option_of_any(name);
        if (!option)
            return cli_usage(cli, "there is no option \"%.*s\"", RS_TEXT_ARG(name));
        if (!option->placeholder && has_value)
            return cli_usage(cli, "the option %s takes no value", option->name);
        if (option->placeholder && !has_value) {
            if (i + 1 == argc)
                return cli_usage(cli, "the option %s needs a value: %s", option->name, option->placeholder);
            value = rs_text_from(argv[++i]);
        }
        rs_vec_push(cli->job, &cli->given, (struct cli_given){option, value});
    }
    return RS_OK;
}

/* Every option belongs to the command, and there are as many arguments as it takes. */
static rs_status check_use(struct cli *cli)
{
    const struct cli_command *command = cli->command;

    for (size_t i = 0; i < cli->given.count; i++) {
        rs_text name = rs_text_from(cli->given.items[i].option->name);
        if (option_find(dry_run_option, name) && command->effect == CLI_CHANGES)
            return cli_usage(cli, "this command cannot show what it would do; it does it without --dry-run");
        if (option_find(dry_run_option, name))
            continue;
        if (!option_find(common_options, name) && !option_find(command->options, name))
            return cli_usage(cli, "the command has no option \"%.*s\"", RS_TEXT_ARG(name));
    }
    if (cli->arguments.count < command->least)
        return cli_usage(cli, "%s is missing", command->arguments);
    if (cli->arguments.count > command->most)
        return cli_usage(cli, "\"%.*s\" is one argument too many",
                         RS_TEXT_ARG(cli->arguments.items[command->most]));
    return RS_OK;
}

static rs_status cli_dispatch(struct cli *cli, int argc, char **argv)
{
    const char *instance = getenv("BINDERY_INSTANCE");

    RS_TRY(read_arguments(cli, argc, argv));
    if (cli->arguments.count == 0) {
        print_all(cli_has(cli, "--help") ? stdout : stderr);
        cli->exit = cli_has(cli, "--help") ? CLI_DONE : CLI_USAGE;
        return RS_OK;
    }
    RS_TRY(command_find(cli));
    if (cli_has(cli, "--help")) {
        print_command(stdout, cli->command);
        return RS_OK;
    }
    RS_TRY(check_use(cli));
    cli->instance = cli_value(cli, "--instance", rs_text_from(instance && instance[0] ? instance : CLI_INSTANCE));
    cli->json = cli_has(cli, "--json");
    cli->dry_run = cli->command->effect == CLI_PLANS && cli_has(cli, "--dry-run");
    return cli->command->run(cli);
}

/* ---- what a command asks ------------------------------------------------------------------------- */

bool cli_has(const struct cli *cli, const char *option)
{
    for (size_t i = 0; i < cli->given.count; i++)
        if (strcmp(cli->given.items[i].option->name, option) == 0)
            return true;
    return false;
}

rs_text cli_value(const struct cli *cli, const char *option, rs_text otherwise)
{
    for (size_t i = cli->given.count; i > 0; i--)
        if (strcmp(cli->given.items[i - 1].option->name, option) == 0)
            return cli->given.items[i - 1].value;
    return otherwise;
}

rs_status cli_need(struct cli *cli, const char *option, rs_text *out)
{
    if (!cli_has(cli, option))
        return cli_usage(cli, "the option %s is missing", option);
    *out = cli_value(cli, option, RS_TEXT(""));
    return RS_OK;
}

rs_status cli_number(struct cli *cli, const char *option, int64_t least, int64_t most, int64_t otherwise, int64_t *out)
{
    rs_text value = cli_value(cli, option, RS_TEXT(""));

    *out = otherwise;
    if (!cli_has(cli, option))
        return RS_OK;
    if (!rs_parse_int64(value, out) || *out < least || *out > most)
        return cli_usage(cli, "%s is \"%.*s\"; it may be a number from %lld to %lld", option, RS_TEXT_ARG(value),
                         (long long)least, (long long)most);
    return RS_OK;
}

/* ---- the end ------------------------------------------------------------------------------------- */

static enum cli_exit exit_of(rs_status status)
{
    switch (rs_status_http(status)) {
    case 404:
        return CLI_NOT_FOUND;
    case 409:
        return CLI_REFUSED;
    default:
        return status == CLI_USAGE_ERROR ? CLI_USAGE : CLI_FAILED;
    }
}

/* "bindery: ..." on standard error, whatever standard output holds. */
static void print_error(struct cli *cli, rs_status status)
{
    rs_text error = rs_job_error(cli->job);

    fprintf(stderr, "bindery: %.*s\n", RS_TEXT_ARG(error));
    if (status == CLI_USAGE_ERROR && cli->command)
        fprintf(stderr, "\"bindery %s%s%s --help\" tells how it is used\n", cli->command->word,
                cli->command->action ? " " : "", cli->command->action ? cli->command->action : "");
}

int cli_run(const struct cli_host *host, int argc, char **argv)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct cli cli = {.job = job, .host = host};
    rs_status status = cli_dispatch(&cli, argc, argv);

    if (status != RS_OK) {
        print_error(&cli, status);
        return (int)exit_of(status);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "bindery: cannot write to standard output\n");
        return CLI_FAILED;
    }
    return (int)cli.exit;
}
