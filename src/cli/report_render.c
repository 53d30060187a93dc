/* bindery report render FILE: a report definition and its data in, a file of a format out. Needs no instance. With --server the
 * same is asked of a report server (report_server.c). */
#include "cli/report.h"

#include <stdio.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/data_source.h"
#include "cli/now.h"
#include "cli/other_report.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/report_server.h"
#include "report/publish/publish.h"
#include "report/rdl/read.h"
#include "report/render/run.h"

const struct cli_option cli_report_render_options[] = {
    {"--format", "NAME", "PDF, HTML5, IMAGE, CSV, ...; else by the ending of the output file, else PDF"},
    {"--output", "FILE", "where to write (-o); - or nothing: standard output"},
    {"--parameter", "NAME=VALUE", "a parameter (-p); repeated for several values; NAME alone: null"},
    {"--device-info", "NAME=VALUE", "device information of the renderer, as rc:NAME=VALUE"},
    {"--sort", "ITEM[=Descending]", "sort by a text box that has an interactive sort; the first given decides"},
    {"--user", "NAME", "of the data sources, in place of what their connection strings say; with --server, of the account there"},
    {"--password-file", "FILE", "its password is the first line of this file; - is standard input"},
    {"--server", "URL", "let this report server do it: [https://]HOST[:PORT]/ReportServer; the report is a path there"},
    CLI_REMOTE_OPTIONS,
    {"--sample-data", NULL, "generated rows in place of every data set"},
    {"--language", "NAME", "the user's language, for formats: en-US"},
    {"--time-limit", "SECONDS", "give up after this long"},
    {"--memory-limit", "MIB", "give up past this much memory"},
    {0},
};

#define PROBLEMS_TOLD 20u /* lines; report check gives all */

struct file_sink {
    int fd;
};

static rs_status sink_write(struct rs_job *job, void *data, rs_text bytes)
{
    const struct file_sink *sink = data;

    return rs_write_all(job, sink->fd, bytes);
}

/* Parameters in the order given; values of one name are joined. */
static rs_status collect_parameters(struct cli *cli, struct compute_options *options)
{
    struct compute_input *inputs = RS_NEW_ARRAY(cli->job, struct compute_input, cli->given.count);
    size_t count = 0;

    for (size_t i = 0; i < cli->given.count; i++) {
        rs_text name, value;
        struct compute_input *input = NULL;
        rs_text *values;
        if (strcmp(cli->given.items[i].option->name, "--parameter") != 0)
            continue;
        bool has_value = rs_text_cut(cli->given.items[i].value, '=', &name, &value);
        for (size_t j = 0; j < count && !input; j++)
            if (rs_text_equal(inputs[j].name, name))
                input = &inputs[j];
        if (!input) {
            input = &inputs[count++];
            input->name = name;
        }
        if (!has_value) {
            input->is_null = true;
            continue;
        }
        if (input->is_null)
            return cli_usage(cli, "the parameter \"%.*s\" is given both null and a value", RS_TEXT_ARG(name));
        values = RS_NEW_ARRAY(cli->job, rs_text, input->count + 1);
        if (input->count)
            memcpy(values, input->values, input->count * sizeof *values);
        values[input->count++] = value;
        input->values = values;
    }
    options->inputs = inputs;
    options->input_count = count;
    return RS_OK;
}

static rs_status collect_sorts(struct cli *cli, struct compute_options *options)
{
    struct compute_sort *sorts = RS_NEW_ARRAY(cli->job, struct compute_sort, cli->given.count);

    for (size_t i = 0; i < cli->given.count; i++) {
        rs_text direction;
        struct compute_sort *sort = &sorts[options->sort_count];
        if (strcmp(cli->given.items[i].option->name, "--sort") != 0)
            continue;
        if (!rs_text_cut(cli->given.items[i].value, '=', &sort->item, &direction))
            direction = RS_TEXT("Ascending");
        sort->descending = rs_text_equal_nocase(direction, RS_TEXT("Descending"));
        if (!sort->descending && !rs_text_equal_nocase(direction, RS_TEXT("Ascending")))
            return cli_usage(cli, "--sort is \"%.*s\"; a direction is Ascending or Descending",
                             RS_TEXT_ARG(cli->given.items[i].value));
        options->sort_count++;
    }
    options->sorts = sorts;
    return RS_OK;
}

static rs_status collect_device_info(struct cli *cli, struct render_device_info *info)
{
    struct render_setting *items = RS_NEW_ARRAY(cli->job, struct render_setting, cli->given.count);

    for (size_t i = 0; i < cli->given.count; i++) {
        struct render_setting *item = &items[info->count];
        if (strcmp(cli->given.items[i].option->name, "--device-info") != 0)
            continue;
        if (!rs_text_cut(cli->given.items[i].value, '=', &item->name, &item->value))
            return cli_usage(cli, "--device-info is \"%.*s\"; it must be NAME=VALUE",
                             RS_TEXT_ARG(cli->given.items[i].value));
        info->count++;
    }
    info->items = items;
    return RS_OK;
}

/* Endings that are not the extension of a format: what writes them. */
static const struct {
    const char *ending, *output_format;
} picture_endings[] = {
    {"tif", "TIFF"}, {"tiff", "TIFF"}, {"png", "PNG"}, {"jpg", "JPEG"}, {"jpeg", "JPEG"}, {"bmp", "BMP"}, {"gif", "GIF"},
};

static bool find_picture(struct cli *cli, rs_text ending, struct render_request *request)
{
    struct render_setting *items = RS_NEW_ARRAY(cli->job, struct render_setting, request->info.count + 1);

    for (size_t i = 0; i < sizeof picture_endings / sizeof *picture_endings; i++) {
        if (!rs_text_equal_nocase(ending, rs_text_from(picture_endings[i].ending)))
            continue;
        items[0] = (struct render_setting){RS_TEXT("OutputFormat"), rs_text_from(picture_endings[i].output_format)};
        for (size_t k = 0; k < request->info.count; k++) /* what is given wins */
            items[k + 1] = request->info.items[k];
        request->format = RS_TEXT("IMAGE");
        request->info.items = items;
        request->info.count++;
        return true;
    }
    return false;
}

/* By --format, by the ending of the output file, or PDF. */
static rs_status choose_format(struct cli *cli, struct render_request *request)
{
    rs_text output = cli_value(cli, "--output", RS_TEXT("")), ending = RS_TEXT("");

    request->format = cli_value(cli, "--format", RS_TEXT("PDF"));
    for (size_t i = 0; i < output.size; i++)
        if (output.bytes[i] == '.' || output.bytes[i] == '/')
            ending = output.bytes[i] == '.' ? rs_text_from_offset(output, i + 1) : RS_TEXT("");
    if (cli_has(cli, "--format") || ending.size == 0 || find_picture(cli, ending, request))
        return RS_OK;
    for (size_t i = 0; i < render_format_count; i++)
        if (rs_text_equal_nocase(ending, rs_text_from(render_formats[i]->extension ? render_formats[i]->extension : ""))) {
            request->format = rs_text_from(render_formats[i]->name);
            return RS_OK;
        }
    return cli_usage(cli, "no format writes files that end in \".%.*s\"; name one with --format: PDF, HTML5, IMAGE, CSV",
                     RS_TEXT_ARG(ending));
}

static rs_text file_name(rs_text path)
{
    for (size_t i = path.size; i > 0; i--)
        if (path.bytes[i - 1] == '/')
            return rs_text_from_offset(path, i);
    return path;
}

struct rendering {
    const struct publish_report *report;
    const struct render_request *request;
};

static rs_status render_to(struct cli *cli, int fd, void *data)
{
    const struct rendering *rendering = data;
    struct file_sink sink = {fd};

    return render_report(cli->job, rendering->report, rendering->request, &(struct render_sink){&sink, sink_write, NULL, NULL},
                         NULL);
}

/* What does not show as the original would show it; the rest is rendered. */
static void tell_problems(const struct publish_report *report, rs_text path)
{
    size_t told = 0, more = 0;

    for (size_t i = 0; i < report->problems.count; i++) {
        if (report->problems.items[i].severity == PUBLISH_WARNING)
            continue;
        if (told++ < PROBLEMS_TOLD)
            cli_report_print_problem(stderr, path, &report->problems.items[i]);
        else
            more++;
    }
    if (more)
        fprintf(stderr, "%.*s: %zu more; all are listed by: bindery report check\n", RS_TEXT_ARG(path), more);
}

rs_status cli_report_render(struct cli *cli)
{
    struct rs_job *job = cli->job;
    rs_text path = cli->arguments.items[0];
    rs_text name = file_name(path);
    RS_OWNED(publish_report) report = NULL;
    struct render_request request = {0};
    struct cli_data_source_folder folder = {.folder = rs_text_slice(path, 0, path.size - name.size)};
    rs_text bytes;
    int64_t mib;

    RS_TRY(cli_time_limit(cli));
    RS_TRY(cli_number(cli, "--memory-limit", 16, 1 << 20, 0, &mib));
    if (mib)
        rs_job_set_memory_limit(job, (size_t)mib << 20);
    RS_TRY(collect_parameters(cli, &request.options));
    RS_TRY(collect_sorts(cli, &request.options));
    RS_TRY(collect_device_info(cli, &request.info));
    RS_TRY(choose_format(cli, &request));
    if (cli_has(cli, "--server"))
        return cli_report_server_render(cli, &request);
    RS_TRY(cli_remote_unused(cli));
    if (folder.folder.size == 0)
        folder.folder = RS_TEXT("./");
    request.options.base_folder = folder.folder;
    request.options.user = cli_value(cli, "--user", RS_TEXT(""));
    RS_TRY(cli_report_credentials(cli, &request.options.password));
    request.options.any_file = true; /* whoever runs the command may read what they can read */
    request.options.sample_data = cli_has(cli, "--sample-data");
    request.options.resolve = cli_data_source_resolve;
    request.options.resolve_data = &folder;
    request.options.find_report = cli_other_report_find;
    request.options.find_report_data = &folder;
    request.options.find_data_set = cli_data_set_find;
    request.options.globals.report_name =
        rs_text_ends(name, RS_TEXT(".rdl")) ? rs_text_slice(name, 0, name.size - 4) : name;
    request.options.globals.report_folder = RS_TEXT("/");
    request.options.globals.user_id = cli_user(job);
    request.options.globals.user_language = cli_value(cli, "--language", RS_TEXT("en-US"));
    request.options.globals.execution_time = cli_now();
    RS_TRY(rs_file_read(job, path, RDL_SIZE_MAX, &bytes));
    struct publish_options publish = {.collect = true, .memory_limit = (size_t)mib << 20};
    if (publish_open(job, bytes, &publish, &report) != RS_OK) {
        rs_within(job, "\"%.*s\"", RS_TEXT_ARG(path));
        return rs_job_status(job);
    }
    tell_problems(report, path);
    return cli_output(cli, render_to, &(struct rendering){report, &request});
}
