/* The operations that are here: what goes in, what comes out, what runs. */
#include "web/soap/endpoints.h"

static const struct soap_part nothing[] = {{NULL, SOAP_BOOLEAN}};

/* ---- ListSecureMethods, IsSSLRequired ------------------------------------------------------------ */

/* From level 1 on every method needs TLS; on level 0 none does. */
static rs_status list_secure_methods(struct soap_call *call)
{
    const char *name;

    xml_open(call->answer, "ListSecureMethodsResult");
    for (size_t i = 0; call->x->settings->secure_level > 0 && (name = soap_method(call->endpoint, i)) != NULL; i++)
        xml_write_element(call->answer, "string", rs_text_from(name));
    xml_close(call->answer);
    return RS_OK;
}

static const struct soap_part secure_methods[] = {{"ListSecureMethodsResult", SOAP_STRINGS}, {NULL, SOAP_BOOLEAN}};
const struct soap_operation soap_list_secure_methods = {"ListSecureMethods", nothing, secure_methods, list_secure_methods};

static rs_status is_ssl_required(struct soap_call *call)
{
    xml_write_element(call->answer, "IsSSLRequiredResult",
                      call->x->settings->secure_level > 0 ? RS_TEXT("true") : RS_TEXT("false"));
    return RS_OK;
}

static const struct soap_part required[] = {{"IsSSLRequiredResult", SOAP_BOOLEAN}, {NULL, SOAP_BOOLEAN}};
const struct soap_operation soap_is_ssl_required = {"IsSSLRequired", nothing, required, is_ssl_required};
