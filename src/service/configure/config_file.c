#include "service/configure/config_file.h"

#include "format/xml/parse.h"

RS_VEC_TYPE(struct config_application, application_vec);
RS_VEC_TYPE(struct config_binding, binding_vec);

static bool is_named(const struct xml_node *node, rs_text name)
{
    return rs_text_equal_nocase(node->name, name);
}

static const struct xml_node *child_of(const struct xml_node *node, rs_text name)
{
    xml_each_child(child, node)
        if (is_named(child, name))
            return child;
    return NULL;
}

/* The first of `names` (with '|' between them) that `node` has, as an element or an attribute. */
static rs_text value_of(const struct xml_node *node, const char *names)
{
    rs_text rest = rs_text_from(names), name;

    while (rest.size > 0) {
        const struct xml_node *child;
        rs_text_cut(rest, '|', &name, &rest);
        child = child_of(node, name);
        if (child)
            return rs_text_trim(child->text);
        for (size_t i = 0; i < node->attribute_count; i++)
            if (rs_text_equal_nocase(node->attributes[i].name, name))
                return rs_text_trim(node->attributes[i].value);
    }
    return RS_TEXT("");
}

rs_text config_file_value(const struct xml_node *node, const char *path, unsigned *line)
{
    rs_text rest = rs_text_from(path), name;

    while (node && rest.size > 0) {
        rs_text_cut(rest, '/', &name, &rest);
        node = child_of(node, name);
    }
    if (line)
        *line = node ? node->line : 0;
    return node ? rs_text_trim(node->text) : RS_TEXT("");
}

rs_text config_file_key(const struct config_file *file, const char *key, unsigned *line)
{
    xml_each_child(child, file->root)
        if (is_named(child, RS_TEXT("Add")) && rs_text_equal_nocase(value_of(child, "Key"), rs_text_from(key))) {
            if (line)
                *line = child->line;
            return value_of(child, "Value");
        }
    return RS_TEXT("");
}

/* Where the value stands that people look for first; else the row. */
static unsigned line_of(const struct xml_node *row, rs_text name)
{
    const struct xml_node *child = child_of(row, name);

    return child ? child->line : row->line;
}

static rs_status too_many(struct rs_job *job, const struct xml_node *at)
{
    return rs_fail(job, RS_OVER_LIMIT, "line %u: there are more than %d rows of URLs and bindings", at->line,
                   CONFIG_FILE_ROWS_MAX);
}

/* An application that has no URL yet has no URL element, or one without content. */
static rs_status read_application(struct rs_job *job, const struct xml_node *node, struct application_vec *out, size_t *rows)
{
    RS_VEC(struct config_url) urls = {0};
    const struct xml_node *list = child_of(node, RS_TEXT("URLs"));

    if (list)
        xml_each_child(child, list) {
            rs_text url = value_of(child, "UrlString");
            if (!is_named(child, RS_TEXT("URL")) || url.size == 0)
                continue;
            if (++*rows > CONFIG_FILE_ROWS_MAX)
                return too_many(job, child);
            rs_vec_push(job, &urls, (struct config_url){url, value_of(child, "AccountSid"), value_of(child, "AccountName"),
                                                        line_of(child, RS_TEXT("UrlString"))});
        }
    if (++*rows > CONFIG_FILE_ROWS_MAX)
        return too_many(job, node);
    rs_vec_push(job, out, (struct config_application){value_of(node, "Name|Application"), value_of(node, "VirtualDirectory"),
                                                      urls.items, urls.count,
                                                      line_of(node, RS_TEXT("VirtualDirectory"))});
    return RS_OK;
}

/* Binding elements stand below SSLCertificateConfiguration/Bindings; a file without the level between them is read too. */
static rs_status read_bindings(struct rs_job *job, const struct xml_node *node, struct binding_vec *out, size_t *rows)
{
    xml_each_child(child, node) {
        if (is_named(child, RS_TEXT("Bindings")))
            RS_TRY(read_bindings(job, child, out, rows));
        if (!is_named(child, RS_TEXT("Binding")))
            continue;
        if (++*rows > CONFIG_FILE_ROWS_MAX)
            return too_many(job, child);
        rs_vec_push(job, out, (struct config_binding){
            .application = value_of(child, "Application|ApplicationName|Name"),
            .hash = value_of(child, "CertificateHash|CertHash|Hash"),
            .address = value_of(child, "IPAddress|Address"),
            .port = value_of(child, "Port"),
            .host = value_of(child, "HostName|Host"),
            .line = child->line,
        });
    }
    return RS_OK;
}

rs_status config_file_read(struct rs_job *job, rs_text bytes, struct config_file *out)
{
    const struct xml_options limits = {.size_max = CONFIG_FILE_MAX};
    struct xml_document *document;
    struct application_vec applications = {0};
    struct binding_vec bindings = {0};
    const struct xml_node *section;
    size_t rows = 0;

    RS_TRY(xml_parse(job, bytes, &limits, &document));
    if (!is_named(document->root, RS_TEXT("Configuration")))
        return rs_fail(job, RS_INVALID, "line %u: the root element is %.*s; that of a rsreportserver.config is Configuration",
                       document->root->line, RS_TEXT_ARG(document->root->name));
    section = child_of(document->root, RS_TEXT("URLReservations"));
    if (section)
        xml_each_child(child, section)
            if (is_named(child, RS_TEXT("Application")))
                RS_TRY(read_application(job, child, &applications, &rows));
    section = child_of(document->root, RS_TEXT("SSLCertificateConfiguration"));
    if (section)
        RS_TRY(read_bindings(job, section, &bindings, &rows));
    *out = (struct config_file){applications.items, applications.count, bindings.items, bindings.count, document->root};
    return RS_OK;
}
