#include "service/ops/data_source.h"

#include "format/xml/parse.h"
#include "format/xml/write.h"

#define NAMESPACE "http://schemas.microsoft.com/sqlserver/reporting/2006/03/reportdatasource"

static const char *const credentials_names[] = {
    [DATA_SOURCE_NONE] = "None",
    [DATA_SOURCE_PROMPT] = "Prompt",
    [DATA_SOURCE_STORE] = "Store",
    [DATA_SOURCE_INTEGRATED] = "Integrated",
};

const char *data_source_credentials_name(enum data_source_credentials credentials)
{
    return credentials_names[credentials];
}

static rs_text child_trimmed(const struct xml_node *node, const char *name)
{
    return rs_text_trim(xml_child_text(node, name));
}

/* Files say true, True and 1. */
static bool child_is_true(const struct xml_node *node, const char *name, bool otherwise)
{
    rs_text t = child_trimmed(node, name);

    if (t.size == 0)
        return otherwise;
    return rs_text_equal_nocase(t, RS_TEXT("true")) || rs_text_equal(t, RS_TEXT("1"));
}

static rs_status parse_credentials(struct rs_job *job, rs_text word, enum data_source_credentials *out)
{
    if (word.size == 0) {
        *out = DATA_SOURCE_NONE;
        return RS_OK;
    }
    for (size_t i = 0; i < sizeof credentials_names / sizeof credentials_names[0]; i++)
        if (rs_text_equal_nocase(word, rs_text_from(credentials_names[i]))) {
            *out = (enum data_source_credentials)i;
            return RS_OK;
        }
    return rs_fail(job, SERVICE_DATA_SOURCE_INVALID,
                   "CredentialRetrieval is \"%.*s\"; it may be Prompt, Store, Integrated or None",
                   RS_TEXT_ARG(rs_text_slice(word, 0, 40)));
}

/* RptDataSource/ConnectionProperties */
static rs_status parse_rds(struct rs_job *job, const struct xml_node *root, struct data_source_definition *out)
{
    const struct xml_node *properties = xml_child(root, "ConnectionProperties");

    if (!properties)
        return rs_fail(job, SERVICE_DATA_SOURCE_INVALID, "the data source has no ConnectionProperties");
    *out = (struct data_source_definition){
        .extension = child_trimmed(properties, "Extension"),
        .connect_string = child_trimmed(properties, "ConnectString"),
        .prompt = child_trimmed(properties, "Prompt"),
        .enabled = true,
    };
    if (child_is_true(properties, "IntegratedSecurity", false))
        out->credentials = DATA_SOURCE_INTEGRATED;
    else if (out->prompt.size > 0)
        out->credentials = DATA_SOURCE_PROMPT;
    return RS_OK;
}

static rs_status parse_definition(struct rs_job *job, const struct xml_node *root,
                                  struct data_source_definition *out)
{
    *out = (struct data_source_definition){
        .extension = child_trimmed(root, "Extension"),
        .connect_string = child_trimmed(root, "ConnectString"),
        .windows_credentials = child_is_true(root, "WindowsCredentials", false),
        .impersonate_user = child_is_true(root, "ImpersonateUser", false),
        .prompt = child_trimmed(root, "Prompt"),
        .enabled = child_is_true(root, "Enabled", true),
        .user = child_trimmed(root, "UserName"),
        .password = xml_child_text(root, "Password"),
        .sealed = child_trimmed(root, "SealedPassword"),
    };
    return parse_credentials(job, child_trimmed(root, "CredentialRetrieval"), &out->credentials);
}

static rs_status check_extension(struct rs_job *job, const struct data_source_definition *definition)
{
    if (definition->extension.size > 0)
        return RS_OK;
    return rs_fail(job, SERVICE_DATA_SOURCE_INVALID, "the data source names no Extension, such as SQL, SQLITE or XML");
}

rs_status data_source_read(struct rs_job *job, const struct xml_node *node, struct data_source_definition *out)
{
    RS_TRY(parse_definition(job, node, out));
    return check_extension(job, out);
}

rs_status data_source_parse(struct rs_job *job, rs_text content, struct data_source_definition *out)
{
    const struct xml_options options = {.size_max = DATA_SOURCE_FILE_MAX, .tolerant = true};
    struct xml_document *document;

    RS_TRY(xml_parse(job, content, &options, &document));
    if (xml_is(document->root, "RptDataSource"))
        RS_TRY(parse_rds(job, document->root, out));
    else if (xml_is(document->root, "DataSourceDefinition"))
        RS_TRY(parse_definition(job, document->root, out));
    else
        return rs_fail(job, SERVICE_DATA_SOURCE_INVALID,
                       "a data source file has the root element RptDataSource or DataSourceDefinition, not %.*s",
                       RS_TEXT_ARG(rs_text_slice(document->root->name, 0, 80)));
    return check_extension(job, out);
}

static rs_text truth(bool value)
{
    return value ? RS_TEXT("True") : RS_TEXT("False");
}

rs_text data_source_context(struct rs_job *job, const struct data_source_definition *definition)
{
    return rs_text_format(job, "data source %zu %zu %zu:%.*s%.*s%.*s", definition->extension.size, definition->connect_string.size,
                          definition->user.size, RS_TEXT_ARG(definition->extension), RS_TEXT_ARG(definition->connect_string),
                          RS_TEXT_ARG(definition->user));
}

static void write_definition(rs_buf *out, const struct data_source_definition *definition, bool is_kept)
{
    struct xml_writer w = xml_writer_to(out, 2);

    xml_declare(&w, RS_TEXT("utf-8"));
    xml_open(&w, "DataSourceDefinition");
    xml_write_attribute(&w, "xmlns", RS_TEXT(NAMESPACE));
    xml_write_element(&w, "Extension", definition->extension);
    xml_write_element(&w, "ConnectString", definition->connect_string);
    xml_write_element(&w, "CredentialRetrieval", rs_text_from(credentials_names[definition->credentials]));
    xml_write_element(&w, "WindowsCredentials", truth(definition->windows_credentials));
    xml_write_element(&w, "ImpersonateUser", truth(definition->impersonate_user));
    if (definition->user.size)
        xml_write_element(&w, "UserName", definition->user);
    if (is_kept && definition->sealed.size)
        xml_write_element(&w, "SealedPassword", definition->sealed);
    xml_write_element(&w, "Prompt", definition->prompt);
    xml_write_element(&w, "Enabled", truth(definition->enabled));
    xml_close(&w);
}

void data_source_write(rs_buf *out, const struct data_source_definition *definition)
{
    write_definition(out, definition, false);
}

void data_source_write_kept(rs_buf *out, const struct data_source_definition *definition)
{
    write_definition(out, definition, true);
}
