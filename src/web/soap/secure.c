/* ListSecureMethods, IsSSLRequired: from level 1 on every method needs TLS; on level 0 none does. */
#include "web/soap/operations.h"

rs_status soap_list_secure_methods(struct soap_call *call)
{
    const char *name;

    xml_open(call->answer, soap_result(call, 0));
    for (size_t i = 0; call->x->settings->secure_level > 0 && (name = soap_method(call->endpoint, i)) != NULL; i++)
        xml_write_element(call->answer, "string", rs_text_from(name));
    xml_close(call->answer);
    return RS_OK;
}

rs_status soap_is_ssl_required(struct soap_call *call)
{
    soap_give(call, 0, soap_boolean_text(call->x->settings->secure_level > 0));
    return RS_OK;
}
