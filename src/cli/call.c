#include "cli/call.h"

#include <stdio.h>

#include "base/buf.h"
#include "format/json/json.h"

rs_status cli_call(struct cli *cli, const char *operation, json_t *arguments, json_t **out)
{
    const struct cli_command *command = cli->command;
    rs_text tool = rs_text_format(cli->job, "bindery %s%s%s", command->word, command->action ? " " : "",
                                  command->action ? command->action : "");
    rs_status status;

    if (cli->dry_run)
        json_object_set_new(arguments, "DryRun", json_true());
    status = cli->host->call(cli->job, cli->instance, tool, operation, arguments, out);
    json_decref(arguments);
    if (status == RS_OK)
        json_keep(cli->job, *out);
    return status;
}

json_t *cli_values(const struct cli *cli, const char *option)
{
    json_t *array = json_array();

    for (size_t i = 0; i < cli->given.count; i++)
        if (strcmp(cli->given.items[i].option->name, option) == 0)
            json_array_append_new(array, json_from_text(cli->given.items[i].value));
    if (json_array_size(array) == 1) {
        json_t *one = json_incref(json_array_get(array, 0));
        json_decref(array);
        return one;
    }
    if (json_array_size(array) > 1)
        return array;
    json_decref(array);
    return NULL;
}

void cli_print_json(const json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
}

static void add_value(rs_buf *buf, const json_t *value)
{
    if (json_is_string(value))
        rs_buf_add(buf, json_to_text(value));
    else if (json_is_integer(value))
        rs_buf_add_int(buf, json_integer_value(value));
    else if (json_is_boolean(value))
        rs_buf_add(buf, json_is_true(value) ? RS_TEXT("yes") : RS_TEXT("no"));
}

rs_text cli_member(struct rs_job *job, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    rs_buf buf = rs_buf_in(job);
    size_t index;
    const json_t *item;

    if (!json_is_array(value)) {
        add_value(&buf, value);
        return rs_buf_text(&buf);
    }
    json_array_foreach(value, index, item) {
        if (index > 0)
            rs_buf_add_byte(&buf, ' ');
        add_value(&buf, item);
    }
    return rs_buf_text(&buf);
}

void cli_print_change(struct cli *cli, const json_t *result)
{
    const json_t *item;
    size_t index;

    if (cli->json) {
        cli_print_json(result);
        return;
    }
    json_array_foreach(json_object_get(result, "checks"), index, item) {
        rs_text stage = cli_member(cli->job, item, "stage"), message = cli_member(cli->job, item, "message");
        printf("%s  %.*s: %.*s\n", json_is_true(json_object_get(item, "ok")) ? "ok  " : "note", RS_TEXT_ARG(stage),
               RS_TEXT_ARG(message));
    }
    json_array_foreach(json_object_get(result, "warnings"), index, item)
        printf("note  %s\n", json_string_value(item));
    if (json_array_size(json_object_get(result, "steps")) == 0)
        printf("nothing to do: it is so already\n");
    json_array_foreach(json_object_get(result, "steps"), index, item)
        printf("%s%s\n", cli->dry_run ? "would " : "", json_string_value(item));
}
