#include "service/configure/config_edit.h"

#include "base/buf.h"
#include "format/json/json.h"

rs_status config_edit_read(struct call *call, struct config_edit *out)
{
    const struct configure_instance *instance = call->instance;

    *out = (struct config_edit){.edit = NULL};
    if (!instance->read_config)
        return rs_fail(call->job, RS_NOT_FOUND, "this instance has no rsreportserver.config");
    RS_TRY(instance->read_config(call->job, instance->data, &out->bytes));
    return config_file_read(call->job, out->bytes, &out->file);
}

rs_status config_edit_open(struct call *call, struct config_edit *out)
{
    RS_TRY(config_edit_read(call, out));
    RS_TRY(xml_edit_parse(call->job, out->bytes, NULL, &out->edit));
    out->before = json_keep(call->job, json_object());
    out->after = json_keep(call->job, json_object());
    put_array(call->result, "steps");
    put_array(call->result, "warnings");
    return RS_OK;
}

rs_text config_edit_value(const struct config_edit *settings, const char *path)
{
    return config_file_value(settings->file.root, path, NULL);
}

unsigned config_edit_level(const struct config_edit *settings)
{
    uint64_t number;

    return rs_parse_uint64(config_file_key(&settings->file, CONFIG_LEVEL_KEY, NULL), &number) && number <= CONFIG_LEVEL_MAX
               ? (unsigned)number : 0;
}

/* `secret`: it is told that the value is another one, not which. */
static void record(struct call *call, struct config_edit *settings, const char *path, rs_text before, rs_text after, bool secret)
{
    json_t *steps = json_object_get(call->result, "steps");

    put_text(settings->before, path, secret ? RS_TEXT("(secret)") : before);
    put_text(settings->after, path, secret ? RS_TEXT("(secret)") : after);
    if (after.size == 0)
        add_text(steps, rs_text_format(call->job, "clear %s", path));
    else if (secret)
        add_text(steps, rs_text_format(call->job, "set %s", path));
    else
        add_text(steps, rs_text_format(call->job, "set %s to %.*s", path, RS_TEXT_ARG(after)));
}

static void set(struct call *call, struct config_edit *settings, const char *path, rs_text value, bool secret)
{
    struct xml_edit_node *node = xml_edit_find(xml_edit_root(settings->edit), path);
    rs_text was = node ? rs_text_trim(xml_edit_text(call->job, node)) : RS_TEXT("");
    rs_text rest = rs_text_from(path), name;

    if (rs_text_equal(was, value))
        return;
    for (node = xml_edit_root(settings->edit); rest.size > 0;) {
        struct xml_edit_node *child;
        rs_text_cut(rest, '/', &name, &rest);
        child = xml_edit_first(node, rs_text_terminated(call->job, name));
        node = child ? child : xml_edit_add(call->job, node, rs_text_terminated(call->job, name));
    }
    xml_edit_set_text(call->job, node, value);
    record(call, settings, path, was, value, secret);
}

void config_edit_set(struct call *call, struct config_edit *settings, const char *path, rs_text value)
{
    set(call, settings, path, value, false);
}

void config_edit_set_secret(struct call *call, struct config_edit *settings, const char *path, rs_text value)
{
    set(call, settings, path, value, true);
}

void config_edit_set_key(struct call *call, struct config_edit *settings, const char *key, rs_text value)
{
    struct xml_edit_node *root = xml_edit_root(settings->edit), *node = xml_edit_first(root, "Add");
    rs_text was;

    while (node && !rs_text_equal_nocase(xml_edit_attribute(call->job, node, "Key"), rs_text_from(key)))
        node = xml_edit_next(node, "Add");
    was = node ? xml_edit_attribute(call->job, node, "Value") : RS_TEXT("");
    if (rs_text_equal(was, value))
        return;
    if (!node) {
        node = xml_edit_add(call->job, root, "Add");
        xml_edit_set_attribute(call->job, node, "Key", rs_text_from(key));
    }
    xml_edit_set_attribute(call->job, node, "Value", value);
    record(call, settings, key, was, value, false);
}

rs_status config_edit_write(struct call *call, struct config_edit *settings)
{
    const struct configure_instance *instance = call->instance;
    const json_t *steps = json_object_get(call->result, "steps"), *step;
    bool dry_run = call_flag(call, "DryRun");
    rs_buf what = rs_buf_in(call->job);
    size_t index;
    rs_text bytes;

    put_flag(call->result, "changed", json_array_size(steps) > 0 && !dry_run);
    put_flag(call->result, "dry_run", dry_run);
    if (json_array_size(steps) == 0 || dry_run)
        return RS_OK;
    RS_TRY(xml_edit_write(call->job, settings->edit, &bytes));
    RS_TRY(instance->replace_config(call->job, instance->data, bytes));
    json_array_foreach(steps, index, step)
        rs_buf_printf(&what, "%s%s", index > 0 ? ", " : "", json_string_value(step));
    RS_TRY(call_note(call, rs_buf_text(&what), "settings", settings->before, settings->after));
    return instance->reload ? instance->reload(call->job, instance->data) : RS_OK;
}
