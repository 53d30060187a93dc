/* web/soap/endpoints.h - which endpoints there are, what their contracts have, and what of it is here.
 */
#ifndef WEB_SOAP_ENDPOINTS_H
#define WEB_SOAP_ENDPOINTS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/vec.h"
#include "web/soap/types.h"

struct soap_call; /* web/soap/call.h */

struct soap_operation {
    const char *name;                       /* NULL ends a list */
    const struct soap_part *takes, *gives;  /* in the order of the contract */
    rs_status (*run)(struct soap_call *call);
    const struct soap_type *header;         /* of the request, beside the endpoint's; NULL: none */
};

struct soap_endpoint {
    const char *path;       /* "/ReportService2010.asmx" */
    const char *name_space;
    const char *service;    /* "ReportingService2010" */
    unsigned contract;      /* its bit in methods.def; 0: of SharePoint mode, every method is refused */
    const struct soap_operation *operations;
    const struct soap_type *item; /* what it calls an item of the catalog; NULL: it has none */
    const struct soap_type *header; /* of every request; NULL: none */
};

extern const struct soap_endpoint soap_endpoints[];
extern const size_t soap_endpoint_count;

const struct soap_endpoint *soap_endpoint_find(rs_text path); /* without regard to case; NULL: none */
const struct soap_operation *soap_operation_find(const struct soap_endpoint *endpoint, rs_text name); /* NULL: none */

/* The methods of an endpoint's contract, here or not; 0 <= index, NULL behind the last. */
const char *soap_method(const struct soap_endpoint *endpoint, size_t index);
bool soap_method_is_known(const struct soap_endpoint *endpoint, rs_text name);

/* The rows: contract_2010.c, contract_2005.c, contract_execution.c. */
extern const struct soap_operation soap_operations_2010[], soap_operations_2005[], soap_operations_execution[];
extern const struct soap_type soap_item_2010, soap_item_2005;

/* Every type of the contract's own that the operations use, each once, those of headers too. */
RS_VEC_TYPE(const struct soap_type *, soap_types);
void soap_types_of(struct rs_job *job, const struct soap_endpoint *endpoint, struct soap_types *out);

/* A WSDL of what is here, with `address` as the place of the service. */
void soap_wsdl_write(rs_buf *out, const struct soap_endpoint *endpoint, rs_text address);

#endif
