/* cli/cli.h - the command `bindery`: one word for the thing, one for the action.
 *
 * Exit codes are stable: see enum cli_exit. With --json what a command prints is one JSON document. Errors go to standard
 * error and say what is wrong and what mends it.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/vec.h"
#include "cli/host.h"

enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_REFUSED = 3,   /* something else depends on it */
    CLI_NOT_FOUND = 4,
};

struct cli_option {
    const char *name;        /* "--app" */
    const char *placeholder; /* "NAME"; NULL: takes no value */
    const char *help;
};

struct cli;

enum cli_effect {
    CLI_READS,   /* changes nothing: --dry-run makes no difference */
    CLI_PLANS,   /* changes something, and shows what with --dry-run */
    CLI_CHANGES, /* changes something, and cannot show what beforehand: --dry-run is refused */
};

struct cli_command {
    const char *word, *action;  /* "tls", "bind"; action NULL: the word alone */
    const char *arguments;      /* "FILE..."; "" where it takes none */
    const char *summary;
    unsigned least, most;       /* arguments */
    const struct cli_option *options; /* ends with a row without name; may be NULL */
    rs_status (*run)(struct cli *cli);
    enum cli_effect effect;
};

struct cli_given {
    const struct cli_option *option;
    rs_text value;
};

struct cli {
    struct rs_job *job;
    const struct cli_host *host;
    const struct cli_command *command;
    rs_text instance; /* --instance, $BINDERY_INSTANCE, or /var/lib/bindery */
    bool json;
    bool dry_run; /* of a command that plans */
    RS_VEC(struct cli_given) given;
    RS_VEC(rs_text) arguments;
    enum cli_exit exit; /* where a command ends with RS_OK but not with 0 (verify, check) */
};

/* Run the command in `argv`; the result is the exit status of the program. */
int cli_run(const struct cli_host *host, int argc, char **argv);

/* The last value given for an option, or `otherwise`; whether it was given. */
rs_text cli_value(const struct cli *cli, const char *option, rs_text otherwise);
bool cli_has(const struct cli *cli, const char *option);
/* The same, where the command cannot do without it: fails with CLI_USAGE_ERROR. */
RS_CHECKED rs_status cli_need(struct cli *cli, const char *option, rs_text *out);
/* A number; fails with CLI_USAGE_ERROR where the value is none or out of range. */
RS_CHECKED rs_status cli_number(struct cli *cli, const char *option, int64_t least, int64_t most, int64_t otherwise,
                                int64_t *out);

/* A command that was used wrongly: exit status 2, and the command's own usage is shown. */
rs_status cli_usage(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The table of all commands (commands.c). */
extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;

#endif
