/* bindery report check FILE...: reads, converts and compiles each definition, and says what is wrong where. */
#include "cli/report.h"

#include <jansson.h>
#include <stdio.h>

#include "base/file.h"
#include "cli/cli.h"
#include "report/publish/publish.h"
#include "report/rdl/read.h"

const struct cli_option cli_report_check_options[] = {
    {"--quiet", NULL, "name only files that failed"},
    {0},
};

static const char *const severity_words[] = {
    [PUBLISH_ERROR] = "error", [PUBLISH_UNSUPPORTED] = "not supported", [PUBLISH_WARNING] = "warning"};

void cli_report_print_problem(FILE *out, rs_text path, const struct publish_problem *problem)
{
    fprintf(out, "%.*s:%u: %s: %.*s%s%.*s%s%.*s%s%.*s%s\n", RS_TEXT_ARG(path), problem->line,
           severity_words[problem->severity], RS_TEXT_ARG(problem->where),
           problem->where.size && problem->property.size ? ", " : "", RS_TEXT_ARG(problem->property),
           problem->where.size || problem->property.size ? ": " : "", RS_TEXT_ARG(problem->message),
           problem->code.size ? " (" : "", RS_TEXT_ARG(problem->code), problem->code.size ? ")" : "");
}

static json_t *json_text(rs_text text)
{
    return json_stringn(text.bytes ? text.bytes : "", text.size);
}

static json_t *problem_json(const struct publish_problem *problem)
{
    return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o}", "severity", severity_words[problem->severity], "line",
                     (int)problem->line, "where", json_text(problem->where), "property", json_text(problem->property),
                     "code", json_text(problem->code), "message", json_text(problem->message));
}

/* One file; what is wrong with the file itself (missing, too large) counts as a problem of it. */
static rs_status check_file(struct rs_job *job, rs_text path, struct publish_check_result *out)
{
    rs_text bytes;

    if (rs_file_read(job, path, RDL_SIZE_MAX, &bytes) == RS_OK)
        return publish_check(job, bytes, out);
    *out = (struct publish_check_result){.error_count = 1};
    out->problems.items = RS_NEW(job, struct publish_problem);
    out->problems.count = 1;
    out->problems.items[0] = (struct publish_problem){
        .severity = PUBLISH_ERROR, .message = rs_text_copy(job, rs_job_message(job))};
    rs_job_forgive(job);
    return RS_OK;
}

rs_status cli_report_check(struct cli *cli)
{
    json_t *files = json_array();
    bool quiet = cli_has(cli, "--quiet");
    size_t ok = 0;

    for (size_t i = 0; i < cli->arguments.count; i++) {
        RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = (size_t)2 << 30});
        rs_text path = cli->arguments.items[i];
        struct publish_check_result result;
        rs_status status = check_file(job, path, &result);

        if (status != RS_OK) {
            json_decref(files);
            rs_within(job, "\"%.*s\"", RS_TEXT_ARG(path));
            return rs_job_adopt(cli->job, job);
        }
        ok += result.ok;
        if (cli->json) {
            json_t *problems = json_array();
            for (size_t j = 0; j < result.problems.count; j++)
                json_array_append_new(problems, problem_json(&result.problems.items[j]));
            json_array_append_new(files, json_pack("{s:o, s:b, s:o}", "file", json_text(path), "ok", result.ok,
                                                   "problems", problems));
            continue;
        }
        for (size_t j = 0; j < result.problems.count; j++)
            if (!quiet || !result.ok)
                cli_report_print_problem(stdout, path, &result.problems.items[j]);
        if (!quiet || !result.ok)
            printf("%.*s: %s\n", RS_TEXT_ARG(path), result.ok ? "ok" : "failed");
    }
    if (cli->json) {
        json_t *all = json_pack("{s:i, s:i, s:i, s:o}", "checked", (int)cli->arguments.count, "ok", (int)ok, "failed",
                                (int)(cli->arguments.count - ok), "files", files);
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    } else {
        json_decref(files);
        printf("checked %zu, ok %zu, failed %zu\n", cli->arguments.count, ok, cli->arguments.count - ok);
    }
    cli->exit = ok == cli->arguments.count ? CLI_DONE : CLI_FAILED;
    return RS_OK;
}
