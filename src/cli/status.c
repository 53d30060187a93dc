/* bindery status: one screen that tells whether all is well. */
#include "cli/server.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "cli/call.h"
#include "cli/configure.h"
#include "cli/table.h"
#include "format/json/json.h"

#define STATUS_POLL_MS 50
#define ROWS_SHOWN 20        /* of URLs and of bindings; the rest is counted */
#define EXPIRY_SHOWN_DAYS 30 /* from here on the days left are said in words */

const struct cli_option cli_status_options[] = {
    {"--wait", "SECONDS", "wait until the server answers, at most so long"},
    {0},
};

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

static long long number_of(const json_t *row, const char *name)
{
    return (long long)json_integer_value(json_object_get(row, name));
}

/* ---- what runs ----------------------------------------------------------------------------- */

/* "front, keys, 4 workers run"; then what does not, each in a line of its own. */
static void print_processes(struct cli *cli, const json_t *processes)
{
    const json_t *row;
    long long workers = 0, restarts = 0;
    size_t index;

    json_array_foreach(processes, index, row) {
        rs_text role = cli_member(cli->job, row, "role");
        bool runs = rs_text_equal(cli_member(cli->job, row, "state"), RS_TEXT("running"));
        restarts += number_of(row, "restarts");
        if (runs && rs_text_equal(role, RS_TEXT("worker")))
            workers++;
        else if (runs)
            printf("%.*s, ", RS_TEXT_ARG(role));
    }
    printf("%lld worker%s run; %lld restarts\n", workers, workers == 1 ? "" : "s", restarts);
    json_array_foreach(processes, index, row) {
        rs_text role = cli_member(cli->job, row, "role"), state = cli_member(cli->job, row, "state");
        if (!rs_text_equal(state, RS_TEXT("running")))
            printf("NOT RUNNING: %.*s %lld is %.*s after %lld restarts; the server's log tells why\n", RS_TEXT_ARG(role),
                   number_of(row, "number"), RS_TEXT_ARG(state), number_of(row, "restarts"));
    }
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
    const json_t *front = json_object_get(state, "front"), *row;
    size_t index;

    printf("running as process %lld: ", number_of(state, "process"));
    print_processes(cli, json_object_get(state, "processes"));
    json_array_foreach(json_object_get(state, "missing"), index, row) {
        rs_text reason = cli_member(cli->job, row, "reason");
        printf("NOT LISTENING: %.*s; it is tried again every few seconds\n", RS_TEXT_ARG(reason));
    }
    printf("%lld requests, %lld connections now, %lld handshakes (%lld resumed, %lld failed)\n", number_of(front, "requests"),
           number_of(front, "connections_now"), number_of(front, "handshakes_full") + number_of(front, "handshakes_resumed"),
           number_of(front, "handshakes_resumed"), number_of(front, "handshakes_failed"));
    print_health(cli, json_object_get(front, "applications"));
}

/* ---- what is configured -------------------------------------------------------------------- */

static void print_more(size_t count, const char *command)
{
    if (count > ROWS_SHOWN)
        printf("and %zu more: `%s`\n", count - ROWS_SHOWN, command);
}

static void print_urls(struct cli *cli, const json_t *rows)
{
    const json_t *row;
    size_t index;

    printf("\n");
    json_array_foreach(rows, index, row) {
        rs_text url = cli_member(cli->job, row, "url"), app = cli_member(cli->job, row, "application");
        if (index < ROWS_SHOWN)
            printf("%.*s -> %.*s\n", RS_TEXT_ARG(url), RS_TEXT_ARG(app));
    }
    print_more(json_array_size(rows), "bindery url list");
}

static void print_expiry(const json_t *row)
{
    const json_t *days = json_object_get(row, "days_left");

    if (days && json_integer_value(days) < 0)
        printf("    ITS CERTIFICATE HAS EXPIRED: clients refuse it\n");
    else if (days && json_integer_value(days) <= EXPIRY_SHOWN_DAYS)
        printf("    its certificate expires in %lld days\n", (long long)json_integer_value(days));
}

static void print_revoked(const json_t *row)
{
    const json_t *reason;
    size_t index;

    json_array_foreach(json_object_get(row, "reasons"), index, reason)
        if (strcmp(json_string_value(json_object_get(reason, "code")), "revoked") == 0)
            printf("    A CERTIFICATE HAS BEEN REVOKED: %s\n", json_string_value(json_object_get(reason, "message")));
}

/* Those that need somebody are always shown. */
static bool needs_somebody(const json_t *row)
{
    const json_t *days = json_object_get(row, "days_left");

    return json_is_false(json_object_get(row, "usable")) || (days && json_integer_value(days) <= EXPIRY_SHOWN_DAYS);
}

static void print_bindings(struct cli *cli, const json_t *rows)
{
    const json_t *row;
    size_t index;

    json_array_foreach(rows, index, row) {
        rs_text place = cli_member(cli->job, row, "row"), certificates = cli_member(cli->job, row, "certificates");
        if (index >= ROWS_SHOWN && !needs_somebody(row))
            continue;
        printf("%.*s: certificate %.*s", RS_TEXT_ARG(place), RS_TEXT_ARG(certificates));
        if (json_is_false(json_object_get(row, "usable")))
            printf(" (NOT USABLE: `bindery cert show` tells why)");
        else if (json_object_get(row, "days_left"))
            printf(", %lld days left", number_of(row, "days_left"));
        printf("\n");
        print_revoked(row);
        print_expiry(row);
    }
    print_more(json_array_size(rows), "bindery tls list");
}

static void print_last_change(struct cli *cli, const json_t *event)
{
    rs_text at = cli_member(cli->job, event, "at"), who = cli_member(cli->job, event, "who");
    rs_text tool = cli_member(cli->job, event, "tool"), what = cli_member(cli->job, event, "what");

    if (event)
        printf("\nlast change: %.*s, %.*s with %.*s: %.*s\n", RS_TEXT_ARG(at), RS_TEXT_ARG(who), RS_TEXT_ARG(tool), RS_TEXT_ARG(what));
}

static void print_accounts(struct cli *cli, const json_t *settings)
{
    rs_text server = cli_member(cli->job, settings, "SMTPServer"), from = cli_member(cli->job, settings, "SenderEmailAddress");
    rs_text account = cli_member(cli->job, settings, "UnattendedExecutionAccount");

    if (server.size > 0)
        printf("mail of %.*s goes to %.*s\n", RS_TEXT_ARG(from), RS_TEXT_ARG(server));
    if (account.size > 0)
        printf("data sources without credentials are read as %.*s\n", RS_TEXT_ARG(account));
}

/* URLs and bindings, with what is wrong with them; the last change; what was edited by hand. */
static rs_status print_configured(struct cli *cli, json_t *whole)
{
    json_t *urls, *bindings, *history, *drift, *event, *settings;
    rs_text root;

    RS_TRY(cli_call(cli, "ListReservedUrls", json_object(), &urls));
    RS_TRY(cli_call(cli, "ListSSLCertificateBindings", json_object(), &bindings));
    RS_TRY(cli_call(cli, "ListHistory", json_pack("{s:i}", "Limit", 1), &history));
    RS_TRY(cli_call(cli, "ListDrift", json_object(), &drift));
    settings = json_null(); /* of a file that cannot be read there are none, and DRIFT says why */
    if (strcmp(json_string_value(json_object_get(drift, "state")), "unreadable") != 0)
        RS_TRY(cli_call(cli, "GetConfigurationSetting", json_object(), &settings));
    event = json_array_get(json_object_get(history, "events"), 0);
    json_object_update(whole, urls);
    json_object_update(whole, bindings);
    json_object_set_new(whole, "last_change", event ? json_deep_copy(event) : json_null());
    json_object_set(whole, "drift", drift);
    json_object_set(whole, "settings", settings);
    if (cli->json)
        return RS_OK;
    print_urls(cli, json_object_get(urls, "reservations"));
    print_bindings(cli, json_object_get(bindings, "bindings"));
    root = cli_member(cli->job, settings, "EffectiveUrlRoot");
    if (root.size > 0)
        printf("links begin with %.*s\n", RS_TEXT_ARG(root));
    root = cli_member(cli->job, settings, "UrlRootWarning");
    if (root.size > 0)
        printf("    %.*s\n", RS_TEXT_ARG(root));
    print_accounts(cli, settings);
    print_last_change(cli, event);
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
