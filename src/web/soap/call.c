#include "web/soap/call.h"

#include "format/escape/base64.h"
#include "store/catalog/name.h"

#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define PIECE ((size_t)48 * 1024) /* bytes that become 64 KiB; divisible by 3 */

/* ---- arguments ----------------------------------------------------------------------------------- */

static bool is_nil(const struct xml_node *node)
{
    const struct xml_attribute *nil = xml_attribute_in(node, RS_TEXT(XSI), "nil");

    return nil && (rs_text_equal(nil->value, RS_TEXT("true")) || rs_text_equal(nil->value, RS_TEXT("1")));
}

const struct xml_node *soap_child(const struct xml_node *node, const char *name)
{
    const struct xml_node *child = xml_child(node, name);

    return child && !is_nil(child) ? child : NULL;
}

const struct xml_node *soap_argument(const struct soap_call *call, size_t place)
{
    const struct soap_part *takes = call->operation->takes;

    for (size_t i = 0; i <= place; i++)
        if (!takes[i].name)
            return NULL; /* the other contract has it */
    return call->message->content ? soap_child(call->message->content, takes[place].name) : NULL;
}

rs_status soap_text(const struct soap_call *call, size_t place, rs_text *out)
{
    const struct xml_node *node = soap_argument(call, place);

    if (!node)
        return rs_fail(call->x->job, SOAP_MISSING, "the required parameter '%s' is missing", call->operation->takes[place].name);
    *out = node->text;
    return RS_OK;
}

rs_status soap_bytes(const struct soap_call *call, size_t place, rs_text *out)
{
    struct rs_job *job = call->x->job;
    rs_text base64;

    RS_TRY(soap_text(call, place, &base64));
    if (escape_base64_parse(job, base64, out) == RS_OK)
        return RS_OK;
    if (rs_job_status(job) == RS_INVALID) {
        rs_text message = rs_text_copy(job, rs_job_message(job));
        rs_job_forgive(job);
        return rs_fail(job, SOAP_MISTYPED, "the value of parameter '%s' is not base64Binary: %.*s",
                       call->operation->takes[place].name, RS_TEXT_ARG(message));
    }
    return rs_job_status(job);
}

rs_status soap_boolean_parse(struct rs_job *job, const char *name, rs_text text, bool *out)
{
    text = rs_text_trim(text);
    *out = rs_text_equal_nocase(text, RS_TEXT("true")) || rs_text_equal(text, RS_TEXT("1"));
    if (*out || rs_text_equal_nocase(text, RS_TEXT("false")) || rs_text_equal(text, RS_TEXT("0")))
        return RS_OK;
    return rs_fail(job, SOAP_MISTYPED, "the value of '%s' is \"%.*s\"; it may be true or false", name,
                   RS_TEXT_ARG(rs_text_slice(text, 0, 40)));
}

rs_status soap_flag(const struct soap_call *call, size_t place, bool *out)
{
    const struct xml_node *node = soap_argument(call, place);

    *out = false;
    return node ? soap_boolean_parse(call->x->job, call->operation->takes[place].name, node->text, out) : RS_OK;
}

rs_status soap_new_path(const struct soap_call *call, size_t parent, size_t name, rs_text *out)
{
    rs_text folder, own;

    RS_TRY(soap_text(call, parent, &folder));
    RS_TRY(soap_text(call, name, &own));
    RS_TRY(catalog_name_check(call->x->job, own)); /* a slash in it would make it a path */
    RS_TRY(catalog_path_check(call->x->job, folder));
    *out = catalog_path_join(call->x->job, folder, own);
    return RS_OK;
}

/* ---- results ------------------------------------------------------------------------------------- */

const char *soap_result(const struct soap_call *call, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (!call->operation->gives[i].name)
            return NULL;
    return call->operation->gives[place].name;
}

rs_text soap_boolean_text(bool value)
{
    return value ? RS_TEXT("true") : RS_TEXT("false");
}

void soap_give(const struct soap_call *call, size_t place, rs_text text)
{
    if (soap_result(call, place))
        xml_write_element(call->answer, soap_result(call, place), text);
}

static rs_status flush(const struct soap_call *call)
{
    RS_TRY(exchange_write(call->x, rs_buf_text(call->answer->buf)));
    rs_buf_clear(call->answer->buf);
    return RS_OK;
}

rs_status soap_give_bytes(const struct soap_call *call, size_t place, rs_text bytes)
{
    rs_buf piece = rs_buf_in(call->x->job);

    xml_open(call->answer, soap_result(call, place));
    for (size_t at = 0; at < bytes.size; at += PIECE) {
        if (at > 0)
            RS_TRY(flush(call));
        rs_buf_clear(&piece);
        escape_base64_write(&piece, rs_text_slice(bytes, at, PIECE));
        xml_write_text(call->answer, rs_buf_text(&piece));
    }
    xml_close(call->answer);
    return RS_OK;
}

rs_status soap_run(const struct soap_call *call, const struct service_op *op, void *arguments)
{
    return service_run(call->x->job, &call->x->caller, op, arguments);
}
