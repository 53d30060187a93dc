/* web/soap/endpoints.h - which endpoints there are, what their contracts have, and what of it is here.
 */
#ifndef WEB_SOAP_ENDPOINTS_H
#define WEB_SOAP_ENDPOINTS_H

#include "web/exchange/exchange.h"
#include "web/soap/envelope.h"

enum soap_type { SOAP_BOOLEAN, SOAP_STRINGS };

struct soap_part {
    const char *name; /* NULL ends a list */
    enum soap_type type;
};

struct soap_call {
    struct exchange *x;
    const struct soap_endpoint *endpoint;
    const struct xml_node *arguments; /* NULL: none were sent */
    struct xml_writer *answer;        /* inside the element of the response */
};

struct soap_operation {
    const char *name;
    const struct soap_part *takes, *gives; /* in the order of the contract */
    rs_status (*run)(struct soap_call *call);
};

struct soap_endpoint {
    const char *path;       /* "/ReportService2010.asmx" */
    const char *name_space;
    const char *service;    /* "ReportingService2010" */
    unsigned contract;      /* its bit in methods.def; 0: of SharePoint mode, every method is refused */
    const struct soap_operation *const *operations; /* with NULL at the end */
};

extern const struct soap_endpoint soap_endpoints[];
extern const size_t soap_endpoint_count;

const struct soap_endpoint *soap_endpoint_find(rs_text path); /* without regard to case; NULL: none */
const struct soap_operation *soap_operation_find(const struct soap_endpoint *endpoint, rs_text name); /* NULL: none */

/* The methods of an endpoint's contract, here or not; 0 <= index, NULL behind the last. */
const char *soap_method(const struct soap_endpoint *endpoint, size_t index);
bool soap_method_is_known(const struct soap_endpoint *endpoint, rs_text name);

/* operations.c */
extern const struct soap_operation soap_list_secure_methods, soap_is_ssl_required;

/* A WSDL of what is here, with `address` as the place of the service. */
void soap_wsdl_write(rs_buf *out, const struct soap_endpoint *endpoint, rs_text address);

#endif
