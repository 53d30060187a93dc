/* bindery init, serve, status. */
#include "cli/server.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "cli/call.h"
#include "cli/configure.h"
#include "cli/table.h"
#include "format/json/json.h"

#define STATUS_POLL_MS 50

const struct cli_option cli_init_options[] = {
    {"--instance-name", "NAME", "its name beside other instances: virtual directories ReportServer_NAME and Reports_NAME"},
    {0},
};

const struct cli_option cli_serve_options[] = {
    {"--single", NULL, "one process, for a debugger"},
    {"--role", "NAME", "what this process is: given by the server to the processes it starts"},
    {0},
};

const struct cli_option cli_status_options[] = {
    {"--wait", "SECONDS", "wait until the server answers, at most so long"},
    {0},
};

rs_status cli_server_init(struct cli *cli)
{
    bool was_there;

    RS_TRY(cli->host->init(cli->job, cli->instance, cli_value(cli, "--instance-name", RS_TEXT("")), &was_there));
    if (cli->json) {
        json_t *result = json_pack("{s:o, s:b}", "instance", json_from_text(cli->instance), "created", !was_there);
        cli_print_json(result);
        json_decref(result);
    } else {
        printf("%.*s %s\n", RS_TEXT_ARG(cli->instance), was_there ? "is an instance already; nothing was lost" : "is a new instance");
    }
    return RS_OK;
}

rs_status cli_server_serve(struct cli *cli)
{
    return cli->host->serve(cli->job, cli->instance, cli_value(cli, "--role", RS_TEXT("")), cli_has(cli, "--single"));
}

static bool wait_for_server(struct cli *cli, int64_t seconds)
{
    int64_t until_ms = rs_clock_steady_ms() + seconds * 1000;
    const struct timespec pause = {.tv_nsec = STATUS_POLL_MS * 1000000L};

    while (!cli->host->is_running(cli->job, cli->instance)) {
        if (rs_clock_steady_ms() >= until_ms)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

static void print_health(struct cli *cli, const json_t *applications)
{
    static const char *const headings[] = {"APPLICATION", "STATE", "CONNECTIONS", "WAITING", "REQUESTS", "FAILURES",
                                           "LAST FAILURE", "", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    const json_t *row;
    size_t index;

    json_array_foreach(applications, index, row)
        cli_table_row(&table, cli_member(cli->job, row, "application"), cli_member(cli->job, row, "state"),
                      cli_member(cli->job, row, "connections"), cli_member(cli->job, row, "waiting"),
                      cli_member(cli->job, row, "requests"), cli_member(cli->job, row, "failures"),
                      cli_member(cli->job, row, "last_failure_at"), cli_member(cli->job, row, "last_failure"));
    printf("\n");
    cli_table_print(&table, "");
}

static void print_state(struct cli *cli, const json_t *state)
{
    static const char *const headings[] = {"PROCESS", "ROLE", "STATE", "RESTARTS", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    const json_t *front = json_object_get(state, "front"), *row;
    rs_text text = cli_member(cli->job, state, "process");
    size_t index;

    printf("running as process %.*s\n\n", RS_TEXT_ARG(text));
    json_array_foreach(json_object_get(state, "processes"), index, row)
        cli_table_row(&table, cli_member(cli->job, row, "process"), cli_member(cli->job, row, "role"),
                      cli_member(cli->job, row, "state"), cli_member(cli->job, row, "restarts"));
    cli_table_print(&table, "");
    json_array_foreach(json_object_get(state, "missing"), index, row) {
        rs_text reason = cli_member(cli->job, row, "reason");
        printf("\nNOT LISTENING: %.*s; it is tried again every few seconds\n", RS_TEXT_ARG(reason));
    }
    print_health(cli, json_object_get(front, "applications"));
    printf("\n%lld requests, %lld connections now, %lld handshakes (%lld resumed, %lld failed)\n",
           (long long)json_integer_value(json_object_get(front, "requests")),
           (long long)json_integer_value(json_object_get(front, "connections_now")),
           (long long)json_integer_value(json_object_get(front, "handshakes_full")) +
               (long long)json_integer_value(json_object_get(front, "handshakes_resumed")),
           (long long)json_integer_value(json_object_get(front, "handshakes_resumed")),
           (long long)json_integer_value(json_object_get(front, "handshakes_failed")));
}

#define EXPIRY_SHOWN_DAYS 30

static void print_expiry(const json_t *row)
{
    const json_t *days = json_object_get(row, "days_left");

    if (days && json_integer_value(days) < 0)
        printf("    ITS CERTIFICATE HAS EXPIRED: clients refuse it\n");
    else if (days && json_integer_value(days) <= EXPIRY_SHOWN_DAYS)
        printf("    its certificate expires in %lld days\n", (long long)json_integer_value(days));
}

/* What is configured, running or not: URLs and bindings, with what is wrong with them. */
static rs_status print_configured(struct cli *cli, json_t *whole)
{
    json_t *urls, *bindings, *drift, *row;
    size_t index;

    RS_TRY(cli_call(cli, "ListReservedUrls", json_object(), &urls));
    RS_TRY(cli_call(cli, "ListSSLCertificateBindings", json_object(), &bindings));
    json_object_update(whole, urls);
    json_object_update(whole, bindings);
    RS_TRY(cli_call(cli, "ListDrift", json_object(), &drift));
    json_object_set(whole, "drift", drift);
    if (cli->json)
        return RS_OK;
    printf("\n");
    json_array_foreach(json_object_get(urls, "reservations"), index, row) {
        rs_text url = cli_member(cli->job, row, "url"), app = cli_member(cli->job, row, "application");
        printf("%.*s -> %.*s\n", RS_TEXT_ARG(url), RS_TEXT_ARG(app));
    }
    json_array_foreach(json_object_get(bindings, "bindings"), index, row) {
        rs_text place = cli_member(cli->job, row, "row"), certificates = cli_member(cli->job, row, "certificates");
        printf("%.*s: certificate %.*s%s\n", RS_TEXT_ARG(place), RS_TEXT_ARG(certificates),
               json_is_false(json_object_get(row, "usable")) ? " (NOT USABLE: `bindery cert show` tells why)" : "");
        print_expiry(row);
    }
    if (strcmp(json_string_value(json_object_get(drift, "state")), "in step") != 0) {
        printf("\nDRIFT: %s\n", json_string_value(json_object_get(drift, "message")));
        cli_print_drift(drift);
    }
    return RS_OK;
}

rs_status cli_server_status(struct cli *cli)
{
    json_t *state, *whole;
    int64_t seconds;
    bool running;

    RS_TRY(cli_number(cli, "--wait", 0, 3600, 0, &seconds));
    running = wait_for_server(cli, seconds);
    if (running)
        RS_TRY(cli_call(cli, "GetServiceState", json_object(), &state));
    else
        state = json_keep(cli->job, json_pack("{s:b}", "running", false));
    whole = json_keep(cli->job, json_deep_copy(state));
    if (!cli->json && running)
        print_state(cli, state);
    else if (!cli->json)
        printf("the server does not run; `bindery serve` starts it\n");
    RS_TRY(print_configured(cli, whole));
    if (cli->json)
        cli_print_json(whole);
    if (!running && cli_has(cli, "--wait"))
        cli->exit = CLI_FAILED;
    return RS_OK;
}
