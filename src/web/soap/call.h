/* web/soap/call.h - one call: its arguments and results, by their places in the rows of its operation.
 *
 * The contracts name the same thing differently ("Item" of 2005 is "ItemPath" of 2010): by place, one function serves both.
 */
#ifndef WEB_SOAP_CALL_H
#define WEB_SOAP_CALL_H

#include "service/ops/ops.h"
#include "web/exchange/exchange.h"
#include "web/soap/endpoints.h"
#include "web/soap/envelope.h"

struct soap_call {
    struct exchange *x;
    const struct soap_endpoint *endpoint;
    const struct soap_operation *operation;
    const struct soap_message *message;
    struct xml_writer *answer; /* inside the element of the response */
};

/* ---- arguments ----------------------------------------------------------------------------------- */

/* Its element; NULL where it was not sent, or as xsi:nil. */
const struct xml_node *soap_argument(const struct soap_call *call, size_t place);
/* The child of an argument's element, the same way. */
const struct xml_node *soap_child(const struct xml_node *node, const char *name);

/* Fail with SOAP_MISSING where it was not sent (a text that is empty was sent), and with SOAP_MISTYPED. */
RS_CHECKED rs_status soap_text(const struct soap_call *call, size_t place, rs_text *out);
RS_CHECKED rs_status soap_bytes(const struct soap_call *call, size_t place, rs_text *out);
/* The same, but false where it was not sent, as generated clients do. */
RS_CHECKED rs_status soap_flag(const struct soap_call *call, size_t place, bool *out);
/* "true", "1" and the spelling of .NET's own texts, "True". */
RS_CHECKED rs_status soap_boolean_parse(struct rs_job *job, const char *name, rs_text text, bool *out);

/* The path of an item that is to be: the folder at `parent`, the name at `name`. Fails with CATALOG_NAME_INVALID. */
RS_CHECKED rs_status soap_new_path(const struct soap_call *call, size_t parent, size_t name, rs_text *out);

/* ---- results ------------------------------------------------------------------------------------- */

/* How the contract calls it; NULL where it has none: the answer of 2005 to what 2010 tells more of. */
const char *soap_result(const struct soap_call *call, size_t place);

rs_text soap_boolean_text(bool value); /* of XML Schema */
void soap_give(const struct soap_call *call, size_t place, rs_text text); /* where the contract has it */
/* In pieces: the answer has begun then, and nothing may fail behind it. */
RS_CHECKED rs_status soap_give_bytes(const struct soap_call *call, size_t place, rs_text bytes);

/* The operation of the service, for who asks. */
RS_CHECKED rs_status soap_run(const struct soap_call *call, const struct service_op *op, void *arguments);

#endif
