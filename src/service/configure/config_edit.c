#include "service/configure/config_edit.h"

#include "base/buf.h"
#include "format/json/json.h"
#include "format/xml/parse.h"

rs_status config_edit_read(struct call *call, struct config_edit *out)
{
    const struct configure_instance *instance = call->instance;

    *out = (struct config_edit){.edit = NULL};
    if (!instance->read_config)
        return rs_fail(call->job, RS_NOT_FOUND, "this instance has no rsreportserver.config");
    RS_TRY(instance->read_config(call->job, instance->data, &out->bytes));
    if (config_file_read(call->job, out->bytes, &out->file) == RS_OK)
        return RS_OK;
    rs_within(call->job, "rsreportserver.config cannot be read");
    return rs_job_status(call->job);
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

/* "Extension@Name=Report Server Email": the element and what its attribute says. False: the name alone. */
static bool part_split(rs_text part, rs_text *name, rs_text *attribute, rs_text *value)
{
    rs_text condition;

    return rs_text_cut(part, '@', name, &condition) && rs_text_cut(condition, '=', attribute, value);
}

static bool is_wanted(const struct xml_node *node, rs_text part)
{
    rs_text name, attribute, value;

    if (!part_split(part, &name, &attribute, &value))
        return rs_text_equal_nocase(node->name, name);
    for (size_t i = 0; i < node->attribute_count; i++)
        if (rs_text_equal_nocase(node->attributes[i].name, attribute) && rs_text_equal_nocase(node->attributes[i].value, value))
            return rs_text_equal_nocase(node->name, name);
    return false;
}

rs_text config_edit_value(const struct config_edit *settings, const char *path)
{
    const struct xml_node *node = settings->file.root;
    rs_text rest = rs_text_from(path), part;

    while (node && rest.size > 0) {
        const struct xml_node *found = NULL;
        rs_text_cut(rest, '/', &part, &rest);
        xml_each_child(child, node)
            if (!found && is_wanted(child, part))
                found = child;
        node = found;
    }
    return node ? rs_text_trim(node->text) : RS_TEXT("");
}

rs_text config_edit_attribute(const struct config_edit *settings, const char *element, const char *attribute)
{
    xml_each_child(child, settings->file.root)
        for (size_t i = 0; rs_text_equal_nocase(child->name, rs_text_from(element)) && i < child->attribute_count; i++)
            if (rs_text_equal_nocase(child->attributes[i].name, rs_text_from(attribute)))
                return rs_text_trim(child->attributes[i].value);
    return RS_TEXT("");
}

unsigned config_edit_level(const struct config_edit *settings)
{
    uint64_t number;

    return rs_parse_uint64(config_file_key(&settings->file, CONFIG_LEVEL_KEY, NULL), &number) && number <= CONFIG_LEVEL_MAX
               ? (unsigned)number : 0;
}

static void record(struct call *call, struct config_edit *settings, const char *path, rs_text before, rs_text after)
{
    json_t *steps = json_object_get(call->result, "steps");

    put_text(settings->before, path, before);
    put_text(settings->after, path, after);
    if (after.size == 0)
        add_text(steps, rs_text_format(call->job, "clear %s", path));
    else
        add_text(steps, rs_text_format(call->job, "set %s to %.*s", path, RS_TEXT_ARG(after)));
}

/* The child that a part of a path means; made where it is missing. */
static struct xml_edit_node *child_at(struct rs_job *job, struct xml_edit_node *node, rs_text part)
{
    rs_text name, attribute, value;
    bool has_condition = part_split(part, &name, &attribute, &value);
    const char *element = rs_text_terminated(job, name);
    struct xml_edit_node *child = xml_edit_first(node, element);

    while (has_condition && child &&
           !rs_text_equal_nocase(xml_edit_attribute(job, child, rs_text_terminated(job, attribute)), value))
        child = xml_edit_next(child, element);
    if (child)
        return child;
    child = xml_edit_add(job, node, element);
    if (has_condition)
        xml_edit_set_attribute(job, child, rs_text_terminated(job, attribute), value);
    return child;
}

void config_edit_set(struct call *call, struct config_edit *settings, const char *path, rs_text value)
{
    struct xml_edit_node *node = xml_edit_root(settings->edit);
    rs_text was = config_edit_value(settings, path), rest = rs_text_from(path), part;

    if (rs_text_equal(was, value))
        return;
    while (rest.size > 0) {
        rs_text_cut(rest, '/', &part, &rest);
        node = child_at(call->job, node, part);
    }
    xml_edit_set_text(call->job, node, value);
    record(call, settings, path, was, value);
}

rs_status config_edit_seal(struct call *call, struct config_edit *settings, const char *name, rs_text text)
{
    const struct configure_instance *instance = call->instance;
    rs_text was;

    if (!instance->secrets)
        return rs_fail(call->job, RS_UNSUPPORTED, "this instance has no report server database, where passwords are kept sealed");
    RS_TRY(instance->secrets->secret(call->job, instance->data, rs_text_from(name), &was));
    if (rs_text_equal(was, text))
        return RS_OK;
    settings->has_secret = true;
    settings->secret_name = rs_text_from(name);
    settings->secret = text;
    put_text(settings->before, name, RS_TEXT("(secret)"));
    put_text(settings->after, name, RS_TEXT("(secret)"));
    add_text(json_object_get(call->result, "steps"),
             rs_text_format(call->job, text.size > 0 ? "seal the password of %s" : "remove the password of %s", name));
    return RS_OK;
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
    record(call, settings, key, was, value);
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
    if (settings->has_secret)
        RS_TRY(instance->secrets->set_secret(call->job, instance->data, settings->secret_name, settings->secret));
    RS_TRY(xml_edit_write(call->job, settings->edit, &bytes));
    RS_TRY(instance->replace_config(call->job, instance->data, bytes));
    json_array_foreach(steps, index, step)
        rs_buf_printf(&what, "%s%s", index > 0 ? ", " : "", json_string_value(step));
    RS_TRY(call_note(call, rs_buf_text(&what), "settings", settings->before, settings->after));
    return instance->reload ? instance->reload(call->job, instance->data) : RS_OK;
}

void config_edit_set_attribute(struct call *call, struct config_edit *settings, const char *element, const char *attribute,
                               rs_text value, bool secret)
{
    rs_text was = config_edit_attribute(settings, element, attribute);
    const char *path = rs_text_format(call->job, "%s/@%s", element, attribute).bytes;

    if (rs_text_equal(was, value))
        return;
    xml_edit_set_attribute(call->job, child_at(call->job, xml_edit_root(settings->edit), rs_text_from(element)), attribute, value);
    record(call, settings, path, secret ? RS_TEXT("(secret)") : was, secret ? RS_TEXT("(secret)") : value);
}
